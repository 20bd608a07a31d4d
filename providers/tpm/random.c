// SPDX-License-Identifier: Apache-2.0
/*
 * Random bytes of the TPM, which hands out no more than the longest digest at a time.
 */
#include <string.h>

#include <openssl/crypto.h>

#include "providers/tpm/tpm.h"

static TSS2_RC get_random(struct parsec_provider_ctx *ctx, void *arg)
{
	struct parsec_out *out = arg;
	size_t want = out->size - out->len;
	TPM2B_DIGEST *bytes = NULL;
	ESYS_TR session;
	TSS2_RC rc;

	rc = session_for(ctx, TPMA_SESSION_ENCRYPT, &session);
	if (!rc)
		rc = Esys_GetRandom(ctx->esys, session, ESYS_TR_NONE, ESYS_TR_NONE,
				    want < sizeof(bytes->buffer) ? (UINT16)want :
				    (UINT16)sizeof(bytes->buffer), &bytes);
	if (rc)
		return rc;
	/* It may be less than was asked for */
	if (bytes->size && bytes->size <= want) {
		memcpy(out->data + out->len, bytes->buffer, bytes->size);
		out->len += bytes->size;
	} else {
		rc = TPM2_RC_FAILURE;
	}
	OPENSSL_cleanse(bytes, sizeof(*bytes));
	Esys_Free(bytes);
	return rc;
}

enum parsec_status random_bytes(struct parsec_provider_ctx *ctx, struct parsec_out *out)
{
	TSS2_RC rc = TSS2_RC_SUCCESS;

	out->len = 0;
	while (!rc && out->len < out->size)
		rc = tpm_do(ctx, get_random, out);
	return tpm_status(ctx, rc, "random bytes");
}
