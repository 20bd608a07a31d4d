/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory of one decoded message: handed out in pieces, freed and wiped as a whole,
 * and never more than was agreed on, whatever the message says.
 */
#ifndef PARSEC_CONTRACT_ARENA_H
#define PARSEC_CONTRACT_ARENA_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct arena - see above
 * @allocator:	for protobuf-c; freeing a piece does nothing
 * @chunks:	the memory, newest first
 * @left:	bytes that may still be handed out
 * @refused:	a piece was refused: over the limit, or out of memory
 */
struct arena {
	ProtobufCAllocator allocator;
	struct arena_chunk *chunks;
	size_t left;
	bool refused;
};

/**
 * arena_new() - an empty arena
 * @first:	bytes that will be needed, as a guess; they cost one allocation
 * @limit:	bytes handed out at most
 *
 * Return: the arena, or NULL.
 */
struct arena *arena_new(size_t first, size_t limit);

/** arena_alloc() - a piece, aligned for anything; NULL sets @refused */
void *arena_alloc(struct arena *arena, size_t size);

/** arena_free() - wipe and free everything; NULL is fine */
void arena_free(struct arena *arena);

#endif /* PARSEC_CONTRACT_ARENA_H */
