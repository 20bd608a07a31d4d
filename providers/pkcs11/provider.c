// SPDX-License-Identifier: Apache-2.0
/*
 * The PKCS #11 provider: keys in a token, which is used through the library of its maker.
 */
#include <stdlib.h>

#include "providers/pkcs11/pkcs11.h"

static void provider_close(struct parsec_provider_ctx *ctx)
{
	watch_enter(&ctx->watch);
	token_disconnect(ctx);
	if (ctx->module.call)
		cryptoki(ctx)->C_Finalize(NULL);
	watch_leave();
	watch_end(&ctx->watch);
	module_unload(ctx);
	objects_free(&ctx->objects);
	token_free(&ctx->token);
	if (ctx->software)
		openssl_provider.close(ctx->software);
	settings_free(&ctx->settings);
	free(ctx->rows);
	free(ctx);
}

static enum parsec_status connect_token(struct parsec_provider_ctx *ctx)
{
	CK_RV rv = module_start(ctx);

	if (rv == CKR_OK)
		rv = token_connect(ctx);
	/* Starting again would be of no use, and could lock the token */
	return ctx->token.pin_refused ? PARSEC_PSA_ERROR_INVALID_ARGUMENT :
					failed(ctx, "connecting to the token", rv);
}

/* Each step is undone by provider_close(), which gets along with those that were not taken */
static enum parsec_status start(struct parsec_provider_ctx *ctx)
{
	enum parsec_status status = openssl_provider.open(ctx->host, NULL, 0, &ctx->software);

	watch_enter(&ctx->watch);
	if (status == PARSEC_SUCCESS)
		status = module_load(ctx);
	if (status == PARSEC_SUCCESS)
		status = connect_token(ctx);
	watch_leave();
	return status == PARSEC_SUCCESS ? caps_read(ctx) : status;
}

static enum parsec_status provider_open(const struct parsec_provider_host *host,
					const struct parsec_option *options, size_t count,
					struct parsec_provider_ctx **result)
{
	struct parsec_provider_ctx *ctx = calloc(1, sizeof(*ctx));
	enum parsec_status status;

	if (!ctx)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	ctx->host = host;
	status = settings_read(host, options, count, &ctx->settings);
	token_init(&ctx->token);
	if (!watch_start(&ctx->watch, host, ctx->settings.call_timeout) ||
	    !objects_init(&ctx->objects))
		status = PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	if (status == PARSEC_SUCCESS)
		status = start(ctx);
	if (status != PARSEC_SUCCESS) {
		provider_close(ctx);
		return status;
	}
	*result = ctx;
	return PARSEC_SUCCESS;
}

__attribute__((visibility("default")))
const struct parsec_provider parsec_provider = {
	.abi		= PARSEC_PROVIDER_ABI,
	.uuid		= "db3b312c-ce03-4aa5-9d4b-475ad7ea08e4",
	.description	= "PKCS #11 provider: keys in a token",
	.vendor		= "OASIS Standard.",
	.version	= { 0, 1, 0 },

	.open		= provider_open,
	.close		= provider_close,
	.capabilities	= provider_capabilities,

	.create		= key_create,
	.import		= key_import,
	.destroy	= key_destroy,
	.exists		= key_exists,
	.list		= key_list,
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
