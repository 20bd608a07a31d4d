/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Large buffers that cost what is used of them: address space is taken at once,
 * memory when it is first written, and given back by trimming.
 */
#ifndef PARSEC_BUFFER_H
#define PARSEC_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a trimmed buffer keeps: enough for everything but large messages */
#define BUFFER_KEEP	(64 * 1024)

/**
 * struct buffer - a mapping of its own
 * @data:	@size bytes, page-aligned
 * @size:	bytes
 */
struct buffer {
	uint8_t *data;
	size_t size;
};

/** buffer_map() - Return: false when there is no room */
bool buffer_map(struct buffer *buffer, size_t size);

/** buffer_grow() - keeps the content; it may move. Return: false when there is no room */
bool buffer_grow(struct buffer *buffer, size_t size);

/** buffer_discard() - give back all memory; what was there is lost */
void buffer_discard(struct buffer *buffer);

/** buffer_trim() - give back the memory beyond BUFFER_KEEP; what was there is lost */
void buffer_trim(struct buffer *buffer);

/** buffer_unmap() - one that was never mapped is fine */
void buffer_unmap(struct buffer *buffer);

#endif /* PARSEC_BUFFER_H */
