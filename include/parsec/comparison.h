/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of keys against what backends keep. Shared by libparsec and the helper.
 */
#ifndef PARSEC_COMPARISON_H
#define PARSEC_COMPARISON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the id that a key has in a backend */
#define PARSEC_COMPARISON_ID_SIZE	16

/**
 * struct parsec_comparison_provider - a provider's keys
 * @id:		wire id
 * @name:	as configured
 * @status:	0, or the status with which they could not be compared:
 *		PARSEC_PSA_ERROR_NOT_SUPPORTED when it keeps nothing outside the key store
 * @lists:	its backend can be asked what it has; else @strangers is not known
 * @keys:	names that stand for a key
 * @missing:	of these: those whose key the backend does not have
 * @strangers:	keys of the backend that carry this service's mark and have no name
 * @unknown:	names and keys of which it cannot be told now
 */
struct parsec_comparison_provider {
	uint32_t id;
	const char *name;
	uint32_t status;
	bool lists;
	uint64_t keys;
	uint64_t missing;
	uint64_t strangers;
	uint64_t unknown;
};

/**
 * struct parsec_comparison_missing - a name without a key
 * @provider:	wire id
 * @application: whose it is
 * @key_name:	the name
 * @id:		that the key has had in the backend
 */
struct parsec_comparison_missing {
	uint32_t provider;
	const char *application;
	const char *key_name;
	uint8_t id[PARSEC_COMPARISON_ID_SIZE];
};

/**
 * struct parsec_comparison_stranger - a key without a name
 * @provider:	wire id
 * @id:		in the backend
 */
struct parsec_comparison_stranger {
	uint32_t provider;
	uint8_t id[PARSEC_COMPARISON_ID_SIZE];
};

/**
 * struct parsec_comparison - all providers
 * @providers:	@provider_count of them, without core, which has no keys
 * @missing:	with details: names, @missing_count of them. Of each provider there are as
 *		many as fit into its share of the answer; its numbers are about all
 * @strangers:	with details: keys, @stranger_count of them, likewise
 * @provider_count: see @providers
 * @missing_count: see @missing
 * @stranger_count: see @strangers
 */
struct parsec_comparison {
	const struct parsec_comparison_provider *providers;
	size_t provider_count;
	const struct parsec_comparison_missing *missing;
	size_t missing_count;
	const struct parsec_comparison_stranger *strangers;
	size_t stranger_count;
};

#endif /* PARSEC_COMPARISON_H */
