// SPDX-License-Identifier: Apache-2.0
/*
 * The software provider: keys that OpenSSL makes and uses in this process, and that
 * live nowhere but in the host's encrypted key store.
 */
#include <stdlib.h>

#include "providers/openssl/openssl.h"

/* Hashes for which OpenSSL has a DigestInfo; MD5 and older are not signed with */
#define HASHES_UP_TO_48_BYTES \
	(PARSEC_HASH_BIT(PARSEC_HASH_SHA_1) | \
	 PARSEC_HASH_BIT(PARSEC_HASH_SHA_224) | \
	 PARSEC_HASH_BIT(PARSEC_HASH_SHA_256) | \
	 PARSEC_HASH_BIT(PARSEC_HASH_SHA_384) | \
	 PARSEC_HASH_BIT(PARSEC_HASH_SHA_512_224) | \
	 PARSEC_HASH_BIT(PARSEC_HASH_SHA_512_256) | \
	 PARSEC_HASH_BIT(PARSEC_HASH_SHA3_224) | \
	 PARSEC_HASH_BIT(PARSEC_HASH_SHA3_256) | \
	 PARSEC_HASH_BIT(PARSEC_HASH_SHA3_384))
#define HASHES \
	(HASHES_UP_TO_48_BYTES | \
	 PARSEC_HASH_BIT(PARSEC_HASH_SHA_512) | \
	 PARSEC_HASH_BIT(PARSEC_HASH_SHA3_512))

#define CAN_PUBLIC \
	(PARSEC_CAN_IMPORT | PARSEC_CAN_EXPORT | PARSEC_CAN_EXPORT_PUBLIC | PARSEC_CAN_VERIFY)
#define CAN_PAIR	(CAN_PUBLIC | PARSEC_CAN_GENERATE | PARSEC_CAN_SIGN)

#define ECC(key_type, what) { \
	.type = key_type, .family = PARSEC_ECC_SECP_R1, .bits = { 256, 384, 521 }, \
	.alg_kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_ECDSA, .hashes = HASHES, \
	.can = what }

#define RSA(key_type, rsa_scheme, with, what, ...) { \
	.type = key_type, .bits = { __VA_ARGS__ }, \
	.alg_kind = PARSEC_ALG_SIGNATURE, .scheme = rsa_scheme, .hashes = with, .can = what }

/* 1024 bits have no room for the hash and as long a salt of PSS with 64 bytes each */
static const struct parsec_capability rows[] = {
	ECC(PARSEC_KEY_TYPE_ECC_KEY_PAIR, CAN_PAIR),
	ECC(PARSEC_KEY_TYPE_ECC_PUBLIC_KEY, CAN_PUBLIC),
	RSA(PARSEC_KEY_TYPE_RSA_KEY_PAIR, PARSEC_SIGN_RSA_PKCS1V15, HASHES, CAN_PAIR,
	    1024, 2048, 3072, 4096),
	RSA(PARSEC_KEY_TYPE_RSA_PUBLIC_KEY, PARSEC_SIGN_RSA_PKCS1V15, HASHES, CAN_PUBLIC,
	    1024, 2048, 3072, 4096),
	RSA(PARSEC_KEY_TYPE_RSA_KEY_PAIR, PARSEC_SIGN_RSA_PSS, HASHES, CAN_PAIR,
	    2048, 3072, 4096),
	RSA(PARSEC_KEY_TYPE_RSA_PUBLIC_KEY, PARSEC_SIGN_RSA_PSS, HASHES, CAN_PUBLIC,
	    2048, 3072, 4096),
	RSA(PARSEC_KEY_TYPE_RSA_KEY_PAIR, PARSEC_SIGN_RSA_PSS, HASHES_UP_TO_48_BYTES, CAN_PAIR,
	    1024),
	RSA(PARSEC_KEY_TYPE_RSA_PUBLIC_KEY, PARSEC_SIGN_RSA_PSS, HASHES_UP_TO_48_BYTES,
	    CAN_PUBLIC, 1024),
};

static void provider_close(struct parsec_provider_ctx *ctx)
{
	if (ctx->algorithms)
		OSSL_PROVIDER_unload(ctx->algorithms);
	OSSL_LIB_CTX_free(ctx->lib);
	free(ctx);
}

static enum parsec_status provider_open(const struct parsec_provider_host *host,
					const struct parsec_option *options, size_t count,
					struct parsec_provider_ctx **result)
{
	struct parsec_provider_ctx *ctx;
	enum parsec_status status;

	if (count) {
		host->log(PARSEC_LOG_ERROR,
			  "line %u: %s: the OpenSSL provider has no such option; remove it",
			  options[0].line, options[0].name);
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	}

	ctx = calloc(1, sizeof(*ctx));
	if (!ctx)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	ctx->host = host;
	ctx->lib = OSSL_LIB_CTX_new();
	if (ctx->lib)
		ctx->algorithms = OSSL_PROVIDER_load(ctx->lib, "default");
	if (!ctx->algorithms) {
		status = openssl_status(ctx, "loading OpenSSL's default provider");
		host->log(PARSEC_LOG_ERROR,
			  "OpenSSL's default provider cannot be loaded; is libcrypto complete?");
		provider_close(ctx);
		return status;
	}
	*result = ctx;
	return PARSEC_SUCCESS;
}

static void provider_capabilities(struct parsec_provider_ctx *ctx,
				  struct parsec_capabilities *caps)
{
	(void)ctx;
	caps->rows = rows;
	caps->count = sizeof(rows) / sizeof(rows[0]);
	caps->concurrency = PARSEC_CONCURRENCY_FULL;
}

/* exists() is missing: the blob is the key */
__attribute__((visibility("default")))
const struct parsec_provider parsec_provider = {
	.abi		= PARSEC_PROVIDER_ABI,
	.uuid		= "df93d95d-8086-43a7-a5dd-dc5ef3412819",
	.description	= "Software provider: keys in OpenSSL, encrypted in the key store",
	.vendor		= "OpenSSL",
	.version	= { 0, 1, 0 },

	.open		= provider_open,
	.close		= provider_close,
	.capabilities	= provider_capabilities,

	.create		= key_create,
	.import		= key_import,
	.destroy	= key_destroy,
	.load		= key_load,
	.unload		= key_unload,
	.export_public	= key_export_public,
	.export		= key_export,
	.sign		= sign_hash,
	.verify		= verify_hash,
	.random		= random_bytes,
};
