/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests that compare the software provider with libgcrypt, which shares no line
 * with OpenSSL: random input that can be had again, and how much of it.
 *
 *   ORACLE_ROUNDS=50	that many times the usual number of rounds
 *   ORACLE_SEED=n	the input of a run that said "seed n"
 */
#ifndef UNIT_ORACLE_H
#define UNIT_ORACLE_H

#include <gcrypt.h>

#include "selftests/unit/openssl_symmetric.h"

static uint64_t oracle_state;

/* SplitMix64: what matters is that each bit of the input changes, not that nobody guesses it */
static inline uint64_t oracle_next(void)
{
	uint64_t z = oracle_state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static inline void oracle_begin(void)
{
	const char *seed = getenv("ORACLE_SEED");

	if (seed)
		oracle_state = strtoull(seed, NULL, 10);
	else
		RAND_bytes((unsigned char *)&oracle_state, sizeof(oracle_state));
	printf("# seed %llu\n", (unsigned long long)oracle_state);
	fflush(stdout);
	if (!gcry_check_version(GCRYPT_VERSION))
		abort();
	gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
}

static inline unsigned int oracle_rounds(unsigned int usual)
{
	const char *times = getenv("ORACLE_ROUNDS");

	return times ? usual * (unsigned int)strtoul(times, NULL, 10) : usual;
}

static inline size_t oracle_below(size_t limit)
{
	return oracle_next() % limit;
}

static inline void oracle_fill(struct bytes *bytes, size_t len)
{
	bytes->len = len;
	for (size_t i = 0; i < len; i++)
		bytes->data[i] = (uint8_t)oracle_next();
}

/* Most often short, at times around the sizes of blocks and buffers, seldom long */
static inline size_t oracle_length(void)
{
	switch (oracle_below(16)) {
	case 0:
		return oracle_below(3000);
	case 1:
		return 64 * (1 + oracle_below(4)) + oracle_below(3) - 1;
	default:
		return oracle_below(200);
	}
}

#endif /* UNIT_ORACLE_H */
