// SPDX-License-Identifier: Apache-2.0
/*
 * Attestation: what a verifier needs for a challenge, and the answer to one, which the TPM
 * gives only when the attested key and the attesting one are both in it. The attesting key is
 * the TPM's endorsement key, made of its default template, or a key of ours that was made to
 * do nothing else.
 */
#include <string.h>

#include <openssl/crypto.h>

#include <tss2/tss2_mu.h>

#include "providers/lib/rsa.h"
#include "providers/tpm/tpm.h"

/* The default endorsement key of the TCG's profile for them (template L-1): RSA, 2048 bits */
static const TPM2B_PUBLIC template = {
	.publicArea = {
		.type = TPM2_ALG_RSA,
		.nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
			TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_ADMINWITHPOLICY |
			TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT,
		/* To be used by who knows the authorisation of the hierarchy */
		.authPolicy = {
			.size = 32,
			.buffer = {
				0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8,
				0x1a, 0x90, 0xcc, 0x8d, 0x46, 0xa5, 0xd7, 0x24,
				0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52, 0x0b, 0x64,
				0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa,
			},
		},
		.parameters.rsaDetail = {
			.symmetric = {
				.algorithm = TPM2_ALG_AES,
				.keyBits.aes = 128,
				.mode.aes = TPM2_ALG_CFB,
			},
			.scheme.scheme = TPM2_ALG_NULL,
			.keyBits = 2048,
		},
		.unique.rsa.size = 256,
	},
};

/* What steps need, and what they bring; to be wiped */
struct activation {
	struct parsec_key *key;
	struct parsec_key *attesting;
	TPM2B_ID_OBJECT blob;
	TPM2B_ENCRYPTED_SECRET secret;
	TPM2B_DIGEST credential;
	bool asked;
};

static TSS2_RC set_endorsement(struct parsec_provider_ctx *ctx)
{
	TPM2B_AUTH auth = { .size = (UINT16)ctx->endorsement.len };
	TSS2_RC rc;

	memcpy(auth.buffer, ctx->endorsement.data, ctx->endorsement.len);
	rc = Esys_TR_SetAuth(ctx->esys, ESYS_TR_RH_ENDORSEMENT, &auth);
	OPENSSL_cleanse(&auth, sizeof(auth));
	return rc;
}

/* What shows that we know that value without sending it; where there is none, nothing needs to */
static TSS2_RC endorsement_session(struct parsec_provider_ctx *ctx, ESYS_TR *session)
{
	*session = ESYS_TR_PASSWORD;
	return ctx->endorsement.len ? session_for(ctx, 0, session) : TSS2_RC_SUCCESS;
}

/* To make an RSA key takes seconds: it is done once, and then loaded as it was saved here */
static void save_endorsement(struct parsec_provider_ctx *ctx, ESYS_TR handle)
{
	TPMS_CONTEXT *context;

	if (Esys_ContextSave(ctx->esys, handle, &context))
		return;
	ctx->endorsement_context = *context;
	Esys_Free(context);
}

static bool load_endorsement(struct parsec_provider_ctx *ctx, ESYS_TR *handle)
{
	TPMS_CONTEXT *context = &ctx->endorsement_context;

	if (!context->contextBlob.size)
		return false;
	if (!Esys_ContextLoad(ctx->esys, context, handle))
		return true;
	/* Of no use after a reset of the TPM */
	context->contextBlob.size = 0;
	*handle = ESYS_TR_NONE;
	return false;
}

/* The endorsement key, to be flushed; @keep stays in the TPM beside it */
static TSS2_RC make_endorsement(struct parsec_provider_ctx *ctx, const struct parsec_key *keep,
				ESYS_TR *handle)
{
	const TPM2B_SENSITIVE_CREATE sensitive = { 0 };
	const TPM2B_DATA outside = { 0 };
	const TPML_PCR_SELECTION pcrs = { 0 };
	TPM2B_PUBLIC *public;
	ESYS_TR session;
	TSS2_RC rc = set_endorsement(ctx);

	*handle = ESYS_TR_NONE;
	cache_reserve(ctx, 1, keep);
	if (!rc && load_endorsement(ctx, handle))
		return TSS2_RC_SUCCESS;
	if (!rc)
		rc = endorsement_session(ctx, &session);
	if (!rc)
		rc = Esys_CreatePrimary(ctx->esys, ESYS_TR_RH_ENDORSEMENT, session, ESYS_TR_NONE,
					ESYS_TR_NONE, &sensitive, &template, &outside, &pcrs,
					handle, &public, NULL, NULL, NULL);
	if (rc) {
		*handle = ESYS_TR_NONE;
		return rc;
	}
	ctx->endorsement_key = public->publicArea.unique.rsa;
	Esys_Free(public);
	save_endorsement(ctx, *handle);
	return TSS2_RC_SUCCESS;
}

static TSS2_RC endorsement_step(struct parsec_provider_ctx *ctx, void *arg)
{
	ESYS_TR handle;
	TSS2_RC rc = make_endorsement(ctx, NULL, &handle);

	(void)arg;
	tpm_flush(ctx, &handle);
	return rc;
}

/* Can it be attested, and by that? */
static bool is_possible(const struct parsec_key *key, const struct parsec_key *attesting)
{
	const TPMA_OBJECT needed = TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT;

	if (!is_pair(key->attrs.type))
		return false;
	return !attesting || (attesting->attrs.type == PARSEC_KEY_TYPE_RSA_KEY_PAIR &&
			      (attesting->public.publicArea.objectAttributes & needed) == needed);
}

static enum parsec_status put_areas(struct parsec_key *key, struct parsec_out *name,
				    struct parsec_out *public)
{
	TPM2B_NAME its;
	size_t len = 0;

	if (Tss2_MU_TPMT_PUBLIC_Marshal(&key->public.publicArea, public->data, public->size, &len))
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	public->len = len;
	if (!area_name(&key->public.publicArea, &its))
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	if (its.size > name->size)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	memcpy(name->data, its.name, its.size);
	name->len = its.size;
	return PARSEC_SUCCESS;
}

enum parsec_status attest_prepare(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				  struct parsec_key *attesting, struct parsec_out *name,
				  struct parsec_out *public, struct parsec_out *attesting_public)
{
	static const uint8_t exponent[] = { 0x01, 0x00, 0x01 };
	const struct rsa_public endorsement = {
		.n = { ctx->endorsement_key.buffer, template.publicArea.unique.rsa.size },
		.e = { exponent, sizeof(exponent) },
	};
	enum parsec_status status;
	TSS2_RC rc;

	if (!is_possible(key, attesting))
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	status = put_areas(key, name, public);
	if (status != PARSEC_SUCCESS)
		return status;
	if (attesting)
		return key_export_public(ctx, attesting, attesting_public);
	if (!ctx->endorsement_key.size) {
		rc = tpm_do(ctx, endorsement_step, NULL);
		if (rc)
			return tpm_status(ctx, rc, "the endorsement key");
	}
	return rsa_write_public(&endorsement, attesting_public);
}

/* A session that shows that we may use the endorsement key */
static TSS2_RC show_endorsement(struct parsec_provider_ctx *ctx, ESYS_TR *session)
{
	ESYS_TR knowing;
	TSS2_RC rc = session_begin(ctx, TPM2_SE_POLICY, session);

	if (!rc)
		rc = endorsement_session(ctx, &knowing);
	if (rc)
		return rc;
	return Esys_PolicySecret(ctx->esys, ESYS_TR_RH_ENDORSEMENT, *session, knowing,
				 ESYS_TR_NONE, ESYS_TR_NONE, NULL, NULL, NULL, 0, NULL, NULL);
}

/* The attesting key and the session for it, each to be flushed or ESYS_TR_NONE */
static TSS2_RC have_attesting(struct parsec_provider_ctx *ctx, struct activation *activation,
			      ESYS_TR *endorsement, ESYS_TR *session)
{
	TSS2_RC rc;

	if (activation->attesting) {
		rc = cache_use(ctx, activation->attesting);
		return rc ? rc : session_begin(ctx, TPM2_SE_HMAC, session);
	}
	rc = make_endorsement(ctx, activation->key, endorsement);
	return rc ? rc : show_endorsement(ctx, session);
}

static TSS2_RC activate(struct parsec_provider_ctx *ctx, struct activation *activation,
			ESYS_TR attesting, ESYS_TR attesting_session)
{
	TPM2B_DIGEST *credential;
	ESYS_TR session;
	TSS2_RC rc = session_for(ctx, TPMA_SESSION_ENCRYPT, &session);

	if (rc)
		return rc;
	activation->asked = true;
	rc = Esys_ActivateCredential(ctx->esys, activation->key->handle, attesting, session,
				     attesting_session, ESYS_TR_NONE, &activation->blob,
				     &activation->secret, &credential);
	if (rc)
		return rc;
	activation->credential = *credential;
	OPENSSL_cleanse(credential, sizeof(*credential));
	Esys_Free(credential);
	return TSS2_RC_SUCCESS;
}

static TSS2_RC activate_step(struct parsec_provider_ctx *ctx, void *arg)
{
	struct activation *activation = arg;
	ESYS_TR endorsement = ESYS_TR_NONE, session = ESYS_TR_NONE;
	TSS2_RC rc = cache_use(ctx, activation->key);

	activation->asked = false;
	if (!rc)
		rc = have_attesting(ctx, activation, &endorsement, &session);
	if (!rc)
		rc = activate(ctx, activation, activation->attesting ?
			      activation->attesting->handle : endorsement, session);
	tpm_flush(ctx, &session);
	tpm_flush(ctx, &endorsement);
	return rc;
}

/*
 * Whatever is wrong with a challenge is one thing: what a TPM says about a parameter, and what
 * some say when the secret does not decrypt, which is that they have failed.
 */
static bool is_refusal(struct parsec_provider_ctx *ctx, const struct activation *activation,
		       TSS2_RC rc)
{
	if (!activation->asked || !tpm_rc_is_of_tpm(rc))
		return false;
	switch (tpm_rc_base(rc)) {
	case TPM2_RC_INTEGRITY:
	case TPM2_RC_SIZE:
	case TPM2_RC_INSUFFICIENT:
	case TPM2_RC_VALUE:
		return true;
	case TPM2_RC_FAILURE:
		return tpm_is_well(ctx);
	default:
		return tpm_rc_blames_parameter(rc);
	}
}

enum parsec_status attest_activate(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				   struct parsec_key *attesting,
				   struct parsec_span credential_blob, struct parsec_span secret,
				   struct parsec_out *credential)
{
	struct activation activation = { .key = key, .attesting = attesting };
	enum parsec_status status;
	TSS2_RC rc;

	if (!is_possible(key, attesting))
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (credential_blob.len > sizeof(activation.blob.credential) ||
	    secret.len > sizeof(activation.secret.secret))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	activation.blob.size = (UINT16)credential_blob.len;
	memcpy(activation.blob.credential, credential_blob.data, credential_blob.len);
	activation.secret.size = (UINT16)secret.len;
	memcpy(activation.secret.secret, secret.data, secret.len);

	rc = tpm_do(ctx, activate_step, &activation);
	/* No line in the log tells one refusal from another */
	status = is_refusal(ctx, &activation, rc) ? PARSEC_PSA_ERROR_INVALID_ARGUMENT :
						    tpm_status(ctx, rc, "attesting a key");
	if (status == PARSEC_SUCCESS && activation.credential.size > credential->size)
		status = PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	if (status == PARSEC_SUCCESS) {
		memcpy(credential->data, activation.credential.buffer,
		       activation.credential.size);
		credential->len = activation.credential.size;
	}
	OPENSSL_cleanse(&activation, sizeof(activation));
	return status;
}
