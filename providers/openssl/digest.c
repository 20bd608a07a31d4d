// SPDX-License-Identifier: Apache-2.0
/*
 * The hashes that go with keys. MD2 and MD4 are missing: OpenSSL's default provider
 * does not have them.
 */
#include "providers/openssl/openssl.h"

const struct digest digests[PARSEC_HASH_LAST + 1] = {
	[PARSEC_HASH_MD5]	= { "MD5", 16 },
	[PARSEC_HASH_RIPEMD160]	= { "RIPEMD160", 20 },
	[PARSEC_HASH_SHA_1]	= { "SHA1", 20 },
	[PARSEC_HASH_SHA_224]	= { "SHA2-224", 28 },
	[PARSEC_HASH_SHA_256]	= { "SHA2-256", 32 },
	[PARSEC_HASH_SHA_384]	= { "SHA2-384", 48 },
	[PARSEC_HASH_SHA_512]	= { "SHA2-512", 64 },
	[PARSEC_HASH_SHA_512_224] = { "SHA2-512/224", 28 },
	[PARSEC_HASH_SHA_512_256] = { "SHA2-512/256", 32 },
	[PARSEC_HASH_SHA3_224]	= { "SHA3-224", 28 },
	[PARSEC_HASH_SHA3_256]	= { "SHA3-256", 32 },
	[PARSEC_HASH_SHA3_384]	= { "SHA3-384", 48 },
	[PARSEC_HASH_SHA3_512]	= { "SHA3-512", 64 },
};
