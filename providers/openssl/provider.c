// SPDX-License-Identifier: Apache-2.0
/*
 * The software provider: keys that OpenSSL makes and uses in this process, and that
 * live nowhere but in the host's encrypted key store.
 */
#include <stdlib.h>

#include "providers/openssl/openssl.h"

static void provider_close(struct parsec_provider_ctx *ctx)
{
	for (size_t i = 0; i < CIPHER_METHODS; i++)
		EVP_CIPHER_free(ctx->ciphers[i]);
	for (size_t i = 0; i < MAC_METHODS; i++)
		EVP_MAC_free(ctx->macs[i]);
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
	.asymmetric_encrypt = asymmetric_encrypt,
	.asymmetric_decrypt = asymmetric_decrypt,
	.cipher_encrypt	= cipher_encrypt,
	.cipher_decrypt	= cipher_decrypt,
	.aead_encrypt	= aead_encrypt,
	.aead_decrypt	= aead_decrypt,
	.mac		= mac_compute,
	.agree		= key_agree,
	.random		= random_bytes,
};
