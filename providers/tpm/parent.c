// SPDX-License-Identifier: Apache-2.0
/*
 * The storage key that all keys of ours are wrapped with. The TPM makes the same one of its
 * owner's seed each time, until it is cleared. Its Name is remembered: when another one comes,
 * the TPM has been cleared or exchanged, and the keys from before are of no use with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "providers/tpm/tpm.h"

/* In the provider's directory */
#define NAME_FILE	"parent"

/* The template for storage keys that other software of TPMs uses as well: SRK, P-256 */
static const TPM2B_PUBLIC template = {
	.publicArea = {
		.type = TPM2_ALG_ECC,
		.nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
			TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |
			TPMA_OBJECT_NODA | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT,
		.parameters.eccDetail = {
			.symmetric = {
				.algorithm = TPM2_ALG_AES,
				.keyBits.aes = 128,
				.mode.aes = TPM2_ALG_CFB,
			},
			.scheme.scheme = TPM2_ALG_NULL,
			.curveID = TPM2_ECC_NIST_P256,
			.kdf.scheme = TPM2_ALG_NULL,
		},
		.unique.ecc = { .x.size = 32, .y.size = 32 },
	},
};

/* Authorisation of the owner, which is a part of what Esys keeps of the hierarchy */
static TSS2_RC set_owner(struct parsec_provider_ctx *ctx)
{
	TPM2B_AUTH auth = { .size = (UINT16)ctx->owner.len };
	TSS2_RC rc;

	memcpy(auth.buffer, ctx->owner.data, ctx->owner.len);
	rc = Esys_TR_SetAuth(ctx->esys, ESYS_TR_RH_OWNER, &auth);
	OPENSSL_cleanse(&auth, sizeof(auth));
	return rc;
}

static TSS2_RC take_name(struct parsec_provider_ctx *ctx)
{
	TPM2B_NAME *name = NULL;
	TSS2_RC rc = Esys_TR_GetName(ctx->esys, ctx->parent, &name);

	if (rc)
		return rc;
	if (ctx->parent_name.size &&
	    (name->size != ctx->parent_name.size ||
	     memcmp(name->name, ctx->parent_name.name, name->size)))
		ctx->host->log(PARSEC_LOG_ERROR, "the TPM was cleared or exchanged while it was "
			       "in use: keys from before cannot be used with it");
	/* With another owner's seed there is another endorsement key, too */
	ctx->endorsement_key.size = 0;
	ctx->parent_name = *name;
	Esys_Free(name);
	return TSS2_RC_SUCCESS;
}

/**
 * parent_leave() - the parent is not needed until the next parent_use()
 *
 * A resource manager loads and saves all that we have in the TPM with each command: what is
 * not there costs nothing.
 */
void parent_leave(struct parsec_provider_ctx *ctx)
{
	/* Where it could not be saved it stays */
	if (ctx->parent_context.contextBlob.size)
		tpm_flush(ctx, &ctx->parent);
}

/**
 * parent_use() - have the parent in the TPM, to be left by parent_leave()
 *
 * Return: TPM2_RC_REFERENCE_H0, as if it had been lost, when the TPM does not know it any more.
 */
TSS2_RC parent_use(struct parsec_provider_ctx *ctx)
{
	TSS2_RC rc;

	if (ctx->parent != ESYS_TR_NONE)
		return TSS2_RC_SUCCESS;
	rc = Esys_ContextLoad(ctx->esys, &ctx->parent_context, &ctx->parent);
	if (!rc)
		return TSS2_RC_SUCCESS;
	ctx->parent = ESYS_TR_NONE;
	/* It was reset or cleared, and then whatever else we had in it is gone as well */
	return tpm_rc_blames_parameter(rc) ? TPM2_RC_REFERENCE_H0 : rc;
}

static void save_parent(struct parsec_provider_ctx *ctx)
{
	TPMS_CONTEXT *context;

	ctx->parent_context.contextBlob.size = 0;
	if (Esys_ContextSave(ctx->esys, ctx->parent, &context))
		return;
	ctx->parent_context = *context;
	Esys_Free(context);
}

/* A storage key of a hierarchy, to be flushed; ESYS_TR_NONE after a failure */
static TSS2_RC create_primary(struct parsec_provider_ctx *ctx, ESYS_TR hierarchy,
			      ESYS_TR session, ESYS_TR *handle, TPM2B_PUBLIC **public)
{
	const TPM2B_SENSITIVE_CREATE sensitive = { 0 };
	const TPM2B_DATA outside = { 0 };
	const TPML_PCR_SELECTION pcrs = { 0 };
	TSS2_RC rc = Esys_CreatePrimary(ctx->esys, hierarchy, session, ESYS_TR_NONE,
					ESYS_TR_NONE, &sensitive, &template, &outside, &pcrs,
					handle, public, NULL, NULL, NULL);

	if (rc)
		*handle = ESYS_TR_NONE;
	return rc;
}

/*
 * What shows that we know the owner's authorisation value without sending it. There is no parent
 * yet to salt a session with; a key of the hierarchy that needs no authorisation takes its place,
 * so that nobody who listens can try values one after the other.
 */
static TSS2_RC begin_owner(struct parsec_provider_ctx *ctx, ESYS_TR *session)
{
	TPM2B_PUBLIC *public = NULL;
	ESYS_TR salt;
	TSS2_RC rc;

	*session = ESYS_TR_NONE;
	rc = create_primary(ctx, ESYS_TR_RH_NULL, ESYS_TR_PASSWORD, &salt, &public);
	if (rc)
		return rc;
	Esys_Free(public);
	rc = session_begin_with(ctx, salt, TPM2_SE_HMAC, session);
	tpm_flush(ctx, &salt);
	return rc;
}

/* Make the TPM make the parent again; with a new link, as soon as it is there */
TSS2_RC parent_create(struct parsec_provider_ctx *ctx)
{
	ESYS_TR session = ESYS_TR_NONE;
	TPM2B_PUBLIC *public = NULL;
	TSS2_RC rc = set_owner(ctx);

	if (!rc && ctx->owner.len)
		rc = begin_owner(ctx, &session);
	if (rc)
		return rc;
	rc = create_primary(ctx, ESYS_TR_RH_OWNER,
			    session == ESYS_TR_NONE ? ESYS_TR_PASSWORD : session, &ctx->parent,
			    &public);
	tpm_flush(ctx, &session);
	if (rc)
		return rc;
	ctx->parent_point = public->publicArea.unique.ecc;
	Esys_Free(public);
	rc = take_name(ctx);
	if (!rc)
		save_parent(ctx);
	parent_leave(ctx);
	return rc;
}

static bool path_of(const struct parsec_provider_ctx *ctx, const char *suffix,
		    char path[PATH_MAX])
{
	int len = snprintf(path, PATH_MAX, "%s/" NAME_FILE "%s", ctx->host->state_dir, suffix);

	return len > 0 && len < PATH_MAX;
}

/* Under another name first, so that there is all of it or nothing */
static enum parsec_status write_name(const struct parsec_provider_ctx *ctx)
{
	const TPM2B_NAME *name = &ctx->parent_name;
	char path[PATH_MAX], new[PATH_MAX];
	bool done;
	int fd;

	if (!path_of(ctx, "", path) || !path_of(ctx, ".new", new))
		return PARSEC_PSA_ERROR_STORAGE_FAILURE;
	fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	done = fd >= 0 && write(fd, name->name, name->size) == name->size && !fsync(fd);
	if (fd >= 0 && close(fd))
		done = false;
	if (done && !rename(new, path))
		return PARSEC_SUCCESS;
	ctx->host->log(PARSEC_LOG_ERROR, "%s: cannot remember the TPM: %m", path);
	return PARSEC_PSA_ERROR_STORAGE_FAILURE;
}

/**
 * parent_remember() - before the first key is made with a TPM: remember the TPM
 *
 * Return: PARSEC_SUCCESS, also when it or another one has been remembered before;
 * PARSEC_PSA_ERROR_STORAGE_FAILURE.
 */
enum parsec_status parent_remember(struct parsec_provider_ctx *ctx)
{
	enum parsec_status status = PARSEC_SUCCESS;

	if (!ctx->remembered)
		status = write_name(ctx);
	ctx->remembered = status == PARSEC_SUCCESS;
	return status;
}

/**
 * parent_compare() - is it the TPM that the first key was made with?
 *
 * Another one is no reason not to serve: new keys can be made with it, and the old ones say
 * what is the matter with them when they are used.
 *
 * Return: PARSEC_SUCCESS also for another one; PARSEC_PSA_ERROR_STORAGE_FAILURE.
 */
enum parsec_status parent_compare(struct parsec_provider_ctx *ctx)
{
	uint8_t name[sizeof(ctx->parent_name.name)];
	char path[PATH_MAX];
	ssize_t len;
	int fd;

	if (!path_of(ctx, "", path))
		return PARSEC_PSA_ERROR_STORAGE_FAILURE;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT)
		return PARSEC_SUCCESS;
	len = fd < 0 ? -1 : read(fd, name, sizeof(name));
	ctx->remembered = len >= 0;
	if (len < 0)
		ctx->host->log(PARSEC_LOG_ERROR, "%s: %m", path);
	else if (len != ctx->parent_name.size || memcmp(name, ctx->parent_name.name, (size_t)len))
		ctx->host->log(PARSEC_LOG_ERROR, "the TPM was cleared or exchanged: keys from "
			       "before cannot be used with it. Remove %s when that is meant to be",
			       path);
	if (fd >= 0)
		close(fd);
	return len < 0 ? PARSEC_PSA_ERROR_STORAGE_FAILURE : PARSEC_SUCCESS;
}
