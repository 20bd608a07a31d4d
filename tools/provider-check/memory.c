// SPDX-License-Identifier: Apache-2.0
/*
 * The memory of this process, provider and OpenSSL included: what is allocated passes here,
 * so that an allocation can be made to fail, and that what is not freed can be counted.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "tools/provider-check/check.h"

#define SEEN	__attribute__((visibility("default")))

/* The functions that would have been called: of the C library, or of the sanitizer */
#ifdef __SANITIZE_ADDRESS__
#define REAL(name)	__interceptor_##name
#else
#define REAL(name)	__libc_##name
#endif

extern void *REAL(malloc)(size_t size);
extern void *REAL(calloc)(size_t count, size_t size);
extern void *REAL(realloc)(void *block, size_t size);
extern void *REAL(memalign)(size_t alignment, size_t size);
extern void REAL(free)(void *block);

static _Atomic long blocks;

/* How many more allocations of this thread succeed before one fails; 0: all of them do */
static _Thread_local unsigned long countdown;
static _Thread_local bool has_failed;

/* This thread is within a library that a backend comes as */
static _Thread_local bool in_backend;

/* From now on the @nth allocation of this thread fails; 0: none does */
void memory_fail(unsigned long nth)
{
	if (nth)
		has_failed = false;
	countdown = nth;
}

bool memory_has_failed(void)
{
	return has_failed;
}

/* Blocks that are in use. What a library gets from elsewhere is not counted */
long memory_blocks(void)
{
	return blocks;
}

/*
 * A backend that comes as a library, of somebody else's making, may say when it is entered
 * and left: what it does with memory, and without, is not the provider's business.
 */
SEEN void parsec_check_backend(bool inside);
SEEN void parsec_check_backend(bool inside)
{
	in_backend = inside;
}

static bool fails(void)
{
	if (in_backend || !countdown || --countdown)
		return false;
	has_failed = true;
	errno = ENOMEM;
	return true;
}

static void *counted(void *block)
{
	if (block && !in_backend)
		blocks++;
	return block;
}

SEEN void *malloc(size_t size)
{
	return fails() ? NULL : counted(REAL(malloc)(size));
}

SEEN void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : counted(REAL(calloc)(count, size));
}

SEEN void *realloc(void *block, size_t size)
{
	void *moved;

	if (!block)
		return malloc(size);
	if (fails())
		return NULL;
	moved = REAL(realloc)(block, size);
	/* Of no size is freed */
	if (!moved && !size && !in_backend)
		blocks--;
	return moved;
}

SEEN void *aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : counted(REAL(memalign)(alignment, size));
}

SEEN int posix_memalign(void **block, size_t alignment, size_t size)
{
	*block = aligned_alloc(alignment, size);
	return *block ? 0 : ENOMEM;
}

SEEN void free(void *block)
{
	if (block && !in_backend)
		blocks--;
	REAL(free)(block);
}
