/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two providers with each other.
 */
#ifndef UNIT_CROSS_H
#define UNIT_CROSS_H

#include <limits.h>

#include "tools/provider-check/check.h"

#define KINDS	(PARSEC_ALG_KEY_DERIVATION + 1)

/**
 * struct side - a provider
 * @check:	how the kit has it
 * @name:	of its section
 * @state_dir:	its own
 */
struct side {
	struct check check;
	const char *name;
	char state_dir[PATH_MAX];
};

/**
 * struct meeting - a kind of key that two providers have in common
 * @here:	has the private key
 * @there:	has the public one, or the same secret
 * @row:	of @here
 * @attrs:	of the key, for any hash of those that the algorithm may have
 * @own:	the key of @here
 * @other:	the key of @there
 * @public:	public part of @own
 * @public_len:	of @public
 */
struct meeting {
	struct side *here;
	struct side *there;
	const struct parsec_capability *row;
	struct parsec_key_attributes attrs;
	struct subject own;
	struct subject other;
	uint8_t public[ROOM];
	size_t public_len;
};

/**
 * struct kind - what two providers can do with each other
 * @name:	for people
 * @here:	enum parsec_can bits that one needs of its key
 * @there:	and that the other needs
 * @always:	each two providers have some of it
 * @meet:	does it
 */
struct kind {
	const char *name;
	uint32_t here;
	uint32_t there;
	bool always;
	bool (*meet)(struct meeting *meeting);
};

/* By kind of algorithm; without a name where there is nothing to do with each other */
extern const struct kind kinds[KINDS];

/* cross.c */
bool failed(const struct side *side, const char *what, int status);
bool both_have(const struct meeting *meeting, const struct kind *kind, uint8_t hash);

#endif /* UNIT_CROSS_H */
