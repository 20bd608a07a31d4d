// SPDX-License-Identifier: Apache-2.0
/*
 * Key agreement: the shared secret is the X coordinate.
 */
#include <openssl/crypto.h>

#include "providers/lib/ecdsa.h"
#include "providers/tpm/tpm.h"

/* What a step needs, and what it brings; to be wiped */
struct agreement {
	struct parsec_key *key;
	TPM2B_ECC_POINT peer;
	TPM2B_ECC_PARAMETER x;
};

static TSS2_RC agree_step(struct parsec_provider_ctx *ctx, void *arg)
{
	struct agreement *agreement = arg;
	TPM2B_ECC_POINT *point;
	ESYS_TR session;
	TSS2_RC rc;

	rc = cache_use(ctx, agreement->key);
	if (!rc)
		rc = session_for(ctx, TPMA_SESSION_DECRYPT | TPMA_SESSION_ENCRYPT, &session);
	if (!rc)
		rc = Esys_ECDH_ZGen(ctx->esys, agreement->key->handle, session, ESYS_TR_NONE,
				    ESYS_TR_NONE, &agreement->peer, &point);
	if (rc)
		return rc;
	agreement->x = point->point.x;
	OPENSSL_cleanse(point, sizeof(*point));
	Esys_Free(point);
	return TSS2_RC_SUCCESS;
}

enum parsec_status key_agree(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			     const struct parsec_alg *alg, struct parsec_span peer,
			     struct parsec_out *secret)
{
	struct agreement agreement = { .key = key };
	enum parsec_status status;
	TSS2_RC rc;

	if (alg->kind != PARSEC_ALG_KEY_AGREEMENT || alg->kdf ||
	    alg->scheme != PARSEC_AGREE_ECDH || key->attrs.type != PARSEC_KEY_TYPE_ECC_KEY_PAIR)
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (secret->size < key->field)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	if (!material_point(peer, key->field, &agreement.peer.point))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	rc = tpm_do(ctx, agree_step, &agreement);
	status = tpm_status(ctx, rc, "key agreement");
	/* The peer's point is the only parameter */
	if (tpm_rc_blames_parameter(rc))
		status = PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	if (status == PARSEC_SUCCESS &&
	    !number_pad((struct parsec_span){ agreement.x.buffer, agreement.x.size },
			secret->data, key->field))
		status = PARSEC_PSA_ERROR_HARDWARE_FAILURE;
	if (status == PARSEC_SUCCESS)
		secret->len = key->field;
	OPENSSL_cleanse(&agreement, sizeof(agreement));
	return status;
}
