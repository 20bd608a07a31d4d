// SPDX-License-Identifier: Apache-2.0
/*
 * Memory of one decoded message. The arena itself is the first piece of its first
 * chunk, so that a small message costs one malloc() and one free().
 */
#include "helper/contract/arena.h"

#include <stdlib.h>
#include <string.h>

#define ALIGN		_Alignof(max_align_t)
#define CHUNK_MIN	4096

struct arena_chunk {
	struct arena_chunk *next;
	size_t size;
	size_t used;
	max_align_t data[];
};

static size_t round_up(size_t size)
{
	return (size + ALIGN - 1) & ~(ALIGN - 1);
}

static void *take(struct arena_chunk *chunk, size_t size)
{
	uint8_t *piece = (uint8_t *)chunk->data + chunk->used;

	chunk->used += size;
	return piece;
}

static struct arena_chunk *new_chunk(size_t size)
{
	struct arena_chunk *chunk = malloc(sizeof(*chunk) + size);

	if (!chunk)
		return NULL;
	chunk->next = NULL;
	chunk->size = size;
	chunk->used = 0;
	return chunk;
}

static void *protobuf_alloc(void *data, size_t size)
{
	return arena_alloc(data, size);
}

static void protobuf_free(void *data, void *piece)
{
	(void)data;
	(void)piece;
}

struct arena *arena_new(size_t first, size_t limit)
{
	const size_t own = round_up(sizeof(struct arena));
	struct arena_chunk *chunk = new_chunk(own + round_up(first));
	struct arena *arena;

	if (!chunk)
		return NULL;
	arena = take(chunk, own);
	*arena = (struct arena) {
		.allocator = { protobuf_alloc, protobuf_free, arena },
		.chunks = chunk,
		.left = limit,
	};
	return arena;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct arena_chunk *chunk = arena->chunks;
	size_t rounded = round_up(size);

	if (size > arena->left)
		goto refuse;
	if (rounded > chunk->size - chunk->used) {
		chunk = new_chunk(rounded > CHUNK_MIN ? rounded : CHUNK_MIN);
		if (!chunk)
			goto refuse;
		chunk->next = arena->chunks;
		arena->chunks = chunk;
	}
	arena->left -= rounded < arena->left ? rounded : arena->left;
	return take(chunk, rounded);

refuse:
	arena->refused = true;
	return NULL;
}

void arena_free(struct arena *arena)
{
	struct arena_chunk *chunk, *next;

	if (!arena)
		return;
	/* The arena is in the last chunk: nothing of it is read after that is wiped */
	for (chunk = arena->chunks; chunk; chunk = next) {
		next = chunk->next;
		explicit_bzero(chunk->data, chunk->used);
		free(chunk);
	}
}
