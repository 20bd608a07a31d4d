// SPDX-License-Identifier: Apache-2.0
/*
 * What a table of capabilities says about a key. The host asks it before each call; providers
 * ask for what the host cannot have known, such as the size of a key that is imported.
 */
#include "providers/lib/capability.h"

static bool has_bits(const struct parsec_capability *row, uint32_t bits)
{
	if (row->bits_step)
		return bits >= row->bits[0] && bits <= row->bits[1] &&
		       !((bits - row->bits[0]) % row->bits_step);
	for (size_t i = 0; i < sizeof(row->bits) / sizeof(row->bits[0]) && row->bits[i]; i++) {
		if (row->bits[i] == bits)
			return true;
	}
	return false;
}

static bool has_alg(const struct parsec_capability *row, const struct parsec_alg *alg)
{
	if (alg->kind == PARSEC_ALG_NONE)
		return true;
	if (alg->kind != row->alg_kind || alg->scheme != row->scheme)
		return false;
	if (!alg->hash || alg->hash == PARSEC_HASH_ANY)
		return !alg->hash == !row->hashes;
	return alg->hash <= PARSEC_HASH_LAST && row->hashes & PARSEC_HASH_BIT(alg->hash);
}

/**
 * capability_covers() - is a key in the table?
 * @count:	of @rows
 * @attrs:	with the real size; PARSEC_ALG_NONE is covered by each row of the key
 * @can:	all of these enum parsec_can bits, in one row
 */
bool capability_covers(const struct parsec_capability *rows, size_t count,
		       const struct parsec_key_attributes *attrs, uint32_t can)
{
	for (size_t i = 0; i < count; i++) {
		if (rows[i].type == attrs->type && rows[i].family == attrs->family &&
		    has_bits(&rows[i], attrs->bits) && has_alg(&rows[i], &attrs->alg) &&
		    (rows[i].can & can) == can)
			return true;
	}
	return false;
}
