// SPDX-License-Identifier: Apache-2.0
/*
 * Large buffers that cost what is used of them.
 */
#include "helper/buffer.h"

#include <sys/mman.h>

bool buffer_map(struct buffer *buffer, size_t size)
{
	void *data = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (data == MAP_FAILED)
		return false;
	/* One huge page would be more than all requests of most workers ever need */
	madvise(data, size, MADV_NOHUGEPAGE);
	madvise(data, size, MADV_DONTDUMP);
	*buffer = (struct buffer){ .data = data, .size = size };
	return true;
}

bool buffer_grow(struct buffer *buffer, size_t size)
{
	void *data;

	if (size <= buffer->size)
		return true;
	data = mremap(buffer->data, buffer->size, size, MREMAP_MAYMOVE);
	if (data == MAP_FAILED)
		return false;
	*buffer = (struct buffer){ .data = data, .size = size };
	return true;
}

/* The memory of a host is locked, memory_lock(), which MADV_DONTNEED does not touch */
static void give_back(uint8_t *data, size_t size)
{
	if (madvise(data, size, MADV_DONTNEED_LOCKED))
		madvise(data, size, MADV_DONTNEED);
}

void buffer_discard(struct buffer *buffer)
{
	give_back(buffer->data, buffer->size);
}

void buffer_trim(struct buffer *buffer)
{
	if (buffer->size > BUFFER_KEEP)
		give_back(buffer->data + BUFFER_KEEP, buffer->size - BUFFER_KEEP);
}

void buffer_unmap(struct buffer *buffer)
{
	if (buffer->data)
		munmap(buffer->data, buffer->size);
	*buffer = (struct buffer){ 0 };
}
