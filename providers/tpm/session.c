// SPDX-License-Identifier: Apache-2.0
/*
 * The session that proves to the TPM that we know a key's authorisation value, and that
 * encrypts what is secret on the way. It is salted with the parent of our keys, so that who
 * listens on the way learns nothing. To begin one costs as much as a signature: it is kept,
 * but not for ever.
 */
#include "providers/tpm/tpm.h"

#define SESSION_USES_MAX	4096

/**
 * session_begin_with() - a new session, salted and able to encrypt
 * @salt:	a key in the TPM that decrypts
 * @type:	TPM2_SE_HMAC or TPM2_SE_POLICY
 * @session:	to be flushed; ESYS_TR_NONE after a failure
 */
TSS2_RC session_begin_with(struct parsec_provider_ctx *ctx, ESYS_TR salt, TPM2_SE type,
			   ESYS_TR *session)
{
	const TPMT_SYM_DEF cipher = {
		.algorithm = TPM2_ALG_AES, .keyBits.aes = 128, .mode.aes = TPM2_ALG_CFB,
	};
	TSS2_RC rc = Esys_StartAuthSession(ctx->esys, salt, ESYS_TR_NONE, ESYS_TR_NONE,
					   ESYS_TR_NONE, ESYS_TR_NONE, NULL, type, &cipher,
					   TPM2_ALG_SHA256, session);

	if (rc) {
		*session = ESYS_TR_NONE;
		return rc;
	}
	/* Flushed by us, not by the command it is for: that one may fail */
	rc = Esys_TRSess_SetAttributes(ctx->esys, *session, TPMA_SESSION_CONTINUESESSION, 0xff);
	if (rc)
		tpm_flush(ctx, session);
	return rc;
}

/* The same, salted with the parent of our keys */
TSS2_RC session_begin(struct parsec_provider_ctx *ctx, TPM2_SE type, ESYS_TR *session)
{
	TSS2_RC rc = parent_use(ctx);

	*session = ESYS_TR_NONE;
	if (!rc)
		rc = session_begin_with(ctx, ctx->parent, type, session);
	parent_leave(ctx);
	return rc;
}

/**
 * session_for() - the session for one command
 * @attributes:	TPMA_SESSION_DECRYPT: the first parameter on the way to the TPM is secret;
 *		TPMA_SESSION_ENCRYPT: the first one of the answer is
 * @session:	not to be used for a second command
 */
TSS2_RC session_for(struct parsec_provider_ctx *ctx, TPMA_SESSION attributes, ESYS_TR *session)
{
	TSS2_RC rc = TSS2_RC_SUCCESS;

	if (ctx->session != ESYS_TR_NONE && ctx->session_uses >= SESSION_USES_MAX)
		session_drop(ctx);
	if (ctx->session == ESYS_TR_NONE) {
		rc = session_begin(ctx, TPM2_SE_HMAC, &ctx->session);
		ctx->session_uses = 0;
	}
	if (rc)
		return rc;
	ctx->session_uses++;
	*session = ctx->session;
	return Esys_TRSess_SetAttributes(ctx->esys, ctx->session,
					 attributes | TPMA_SESSION_CONTINUESESSION, 0xff);
}

void session_drop(struct parsec_provider_ctx *ctx)
{
	tpm_flush(ctx, &ctx->session);
}
