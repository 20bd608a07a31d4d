/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers and expressions of libgcrypt, for the tests with key pairs.
 */
#ifndef UNIT_ORACLE_ASYMMETRIC_H
#define UNIT_ORACLE_ASYMMETRIC_H

#include "selftests/unit/oracle.h"

static const struct {
	uint8_t hash;
	size_t size;
	int md;
} hashes[] = {
	{ PARSEC_HASH_MD5, 16, GCRY_MD_MD5 },
	{ PARSEC_HASH_RIPEMD160, 20, GCRY_MD_RMD160 },
	{ PARSEC_HASH_SHA_1, 20, GCRY_MD_SHA1 },
	{ PARSEC_HASH_SHA_224, 28, GCRY_MD_SHA224 },
	{ PARSEC_HASH_SHA_256, 32, GCRY_MD_SHA256 },
	{ PARSEC_HASH_SHA_384, 48, GCRY_MD_SHA384 },
	{ PARSEC_HASH_SHA_512, 64, GCRY_MD_SHA512 },
	{ PARSEC_HASH_SHA_512_224, 28, GCRY_MD_SHA512_224 },
	{ PARSEC_HASH_SHA_512_256, 32, GCRY_MD_SHA512_256 },
	{ PARSEC_HASH_SHA3_224, 28, GCRY_MD_SHA3_224 },
	{ PARSEC_HASH_SHA3_256, 32, GCRY_MD_SHA3_256 },
	{ PARSEC_HASH_SHA3_384, 48, GCRY_MD_SHA3_384 },
	{ PARSEC_HASH_SHA3_512, 64, GCRY_MD_SHA3_512 },
};

#define HASHES	(sizeof(hashes) / sizeof(hashes[0]))

static inline gcry_mpi_t mpi_of(const uint8_t *data, size_t len)
{
	gcry_mpi_t mpi;

	if (gcry_mpi_scan(&mpi, GCRYMPI_FMT_USG, data, len, NULL))
		abort();
	return mpi;
}

/* A number, left-padded to @len bytes */
static inline void put_mpi(uint8_t *to, size_t len, gcry_mpi_t mpi)
{
	size_t size = (gcry_mpi_get_nbits(mpi) + 7) / 8;

	if (size > len)
		abort();
	memset(to, 0, len - size);
	if (gcry_mpi_print(GCRYMPI_FMT_USG, to + len - size, size, NULL, mpi))
		abort();
}

/* The number called @name in an answer, as @len bytes */
static inline void put_named(uint8_t *to, size_t len, gcry_sexp_t answer, const char *name)
{
	gcry_sexp_t part = gcry_sexp_find_token(answer, name, 0);
	gcry_mpi_t mpi = part ? gcry_sexp_nth_mpi(part, 1, GCRYMPI_FMT_USG) : NULL;

	if (!mpi)
		abort();
	put_mpi(to, len, mpi);
	gcry_mpi_release(mpi);
	gcry_sexp_release(part);
}

#define BUILD(sexp, ...) do { \
	if (gcry_sexp_build(sexp, NULL, __VA_ARGS__)) \
		abort(); \
} while (0)

#endif /* UNIT_ORACLE_ASYMMETRIC_H */
