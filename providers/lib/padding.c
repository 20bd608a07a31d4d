// SPDX-License-Identifier: Apache-2.0
/*
 * The padding of PKCS#7, which providers take off themselves: a wrong one must take the time
 * that a right one takes, and must be told from a failure.
 */
#include "providers/lib/padding.h"

/**
 * padding_size() - bytes of padding at the end of a text
 * @last:	its last block, each byte of which is looked at, whatever is in it
 * @block:	bytes of a block
 *
 * Return: 0 for a wrong one.
 */
size_t padding_size(const uint8_t *last, size_t block)
{
	uint32_t pad = last[block - 1];
	/* a - b has its top bit set when a < b */
	uint32_t wrong = (pad - 1) >> 31 | ((uint32_t)block - pad) >> 31;

	for (size_t i = 0; i < block; i++) {
		uint32_t is_padding = -(((uint32_t)(block - 1 - i) - pad) >> 31);

		wrong |= is_padding & (last[i] ^ pad);
	}
	/* 1 for what is not 0, and thus a mask of no bits */
	return pad & (((wrong | -wrong) >> 31) - 1);
}
