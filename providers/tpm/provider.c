// SPDX-License-Identifier: Apache-2.0
/*
 * The TPM provider: keys of a TPM 2.0, wrapped by it and kept in the host's key store. The
 * table at the end is what it exports.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "providers/tpm/tpm.h"

/* Through the resource manager of the kernel, so that others can use the TPM as well */
#define TCTI_DEFAULT	"device:/dev/tpmrm0"

/* What a TPM takes as an authorisation value at most: as long as the longest digest */
#define AUTH_MAX	sizeof(((TPM2B_AUTH *)NULL)->buffer)

/**
 * struct settings - the provider's section of the configuration
 * @skip:	do without when there is no TPM at the start
 */
struct settings {
	bool skip;
};

static enum parsec_status read_auth(const struct parsec_provider_host *host,
				    const struct parsec_option *option, struct secret *auth)
{
	enum parsec_status status = option_secret(host, option, auth);

	if (status == PARSEC_SUCCESS && auth->len > AUTH_MAX)
		status = option_bad(host, option, "no TPM takes so long a value");
	/* A TPM keeps no zeros at the end, and a key of HMAC is made of what it keeps */
	while (status == PARSEC_SUCCESS && auth->len && !auth->data[auth->len - 1])
		auth->len--;
	return status;
}

static enum parsec_status read_option(struct parsec_provider_ctx *ctx,
				      const struct parsec_option *option, struct settings *settings)
{
	const struct parsec_provider_host *host = ctx->host;

	if (!strcmp(option->name, "tcti")) {
		free(ctx->tcti);
		ctx->tcti = strdup(option->value);
		return ctx->tcti ? PARSEC_SUCCESS : PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	}
	if (!strcmp(option->name, "owner_hierarchy_auth"))
		return read_auth(host, option, &ctx->owner);
	if (!strcmp(option->name, "endorsement_hierarchy_auth"))
		return read_auth(host, option, &ctx->endorsement);
	if (!strcmp(option->name, "skip_if_no_tpm"))
		return option_bool(host, option, &settings->skip);
	return option_unknown(host, option);
}

static enum parsec_status read_options(struct parsec_provider_ctx *ctx,
				       const struct parsec_option *options, size_t count,
				       struct settings *settings)
{
	enum parsec_status status = PARSEC_SUCCESS;

	ctx->tcti = strdup(TCTI_DEFAULT);
	if (!ctx->tcti)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	for (size_t i = 0; i < count && status == PARSEC_SUCCESS; i++)
		status = read_option(ctx, &options[i], settings);
	return status;
}

static TSS2_RC start_step(struct parsec_provider_ctx *ctx, void *arg)
{
	ESYS_TR session;
	TSS2_RC rc = caps_read(ctx);

	(void)arg;
	return rc ? rc : session_for(ctx, 0, &session);
}

static bool is_missing(TSS2_RC rc)
{
	return (rc & TSS2_RC_LAYER_MASK) == TSS2_TCTI_RC_LAYER;
}

/* One line that says what to do about it */
static void complain(const struct parsec_provider_ctx *ctx, TSS2_RC rc, bool skip)
{
	uint32_t base = tpm_rc_base(rc);

	if (is_missing(rc))
		ctx->host->log(skip ? PARSEC_LOG_INFO : PARSEC_LOG_ERROR,
			       "there is no TPM at %s", ctx->tcti);
	else if (base == TPM2_RC_BAD_AUTH || base == TPM2_RC_AUTH_FAIL)
		ctx->host->log(PARSEC_LOG_ERROR, "owner_hierarchy_auth: the TPM does not take it");
	else
		ctx->host->log(PARSEC_LOG_ERROR, "the TPM at %s cannot be used: its answer is 0x%x",
			       ctx->tcti, rc);
}

static void tpm_close(struct parsec_provider_ctx *ctx)
{
	link_close(ctx);
	secret_wipe(&ctx->owner);
	secret_wipe(&ctx->endorsement);
	free(ctx->rows);
	free(ctx->tcti);
	free(ctx);
}

static enum parsec_status start(struct parsec_provider_ctx *ctx, const struct settings *settings)
{
	enum parsec_status status;
	TSS2_RC rc = tpm_do(ctx, start_step, NULL);

	if (!rc)
		rc = pss_try(ctx);
	if (rc) {
		complain(ctx, rc, settings->skip);
		/* What is not supported is not tried again until the configuration is */
		return settings->skip && is_missing(rc) ? PARSEC_PSA_ERROR_NOT_SUPPORTED :
							  tpm_status(ctx, rc, "start");
	}
	status = parent_compare(ctx);
	return status == PARSEC_SUCCESS ? rows_make(ctx) : status;
}

static enum parsec_status tpm_open(const struct parsec_provider_host *host,
				   const struct parsec_option *options, size_t count,
				   struct parsec_provider_ctx **ctx)
{
	struct parsec_provider_ctx *opened = calloc(1, sizeof(*opened));
	struct settings settings = { .skip = false };
	enum parsec_status status;

	if (!opened)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	/* Its lines would be on standard error; what matters is said in the log of the service */
	setenv("TSS2_LOG", "all+none", 0);
	opened->host = host;
	opened->parent = opened->session = ESYS_TR_NONE;
	status = read_options(opened, options, count, &settings);
	if (status == PARSEC_SUCCESS)
		status = start(opened, &settings);
	if (status != PARSEC_SUCCESS) {
		tpm_close(opened);
		return status;
	}
	*ctx = opened;
	return PARSEC_SUCCESS;
}

__attribute__((visibility("default")))
const struct parsec_provider parsec_provider = {
	.abi		= PARSEC_PROVIDER_ABI,
	.uuid		= "99bf319e-d3a6-4568-85bb-11795bef8341",
	.description	= "TPM: keys that a TPM 2.0 wraps and never shows",
	.vendor		= "Trusted Computing Group (TCG)",
	.version	= { 0, 1, 0 },

	.open		= tpm_open,
	.close		= tpm_close,
	.capabilities	= provider_capabilities,

	.create		= key_create,
	.import		= key_import,
	.destroy	= key_destroy,
	.load		= key_load,
	.unload		= key_unload,
	.export_public	= key_export_public,

	.sign		= sign_hash,
	.verify		= verify_hash,
	.asymmetric_encrypt = asymmetric_encrypt,
	.asymmetric_decrypt = asymmetric_decrypt,
	.cipher_encrypt	= cipher_encrypt,
	.cipher_decrypt	= cipher_decrypt,
	.mac		= mac_compute,
	.agree		= key_agree,
	.attest_prepare	= attest_prepare,
	.attest_activate = attest_activate,
	.random		= random_bytes,
};
