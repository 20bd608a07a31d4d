// SPDX-License-Identifier: Apache-2.0
/*
 * Random bytes out of the token.
 */
#include "providers/pkcs11/pkcs11.h"

/* Bytes at a time: tokens have small buffers */
#define PART	4096

static CK_RV fill(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session, void *arg,
		  bool again)
{
	struct parsec_out *out = arg;
	CK_RV rv = CKR_OK;

	(void)again;
	for (size_t at = 0; rv == CKR_OK && at < out->size; at += PART)
		rv = cryptoki(ctx)->C_GenerateRandom(session, out->data + at,
						     out->size - at < PART ?
						     out->size - at : PART);
	return rv;
}

enum parsec_status random_bytes(struct parsec_provider_ctx *ctx, struct parsec_out *out)
{
	CK_RV rv = session_run(ctx, fill, out);

	if (rv == CKR_OK)
		out->len = out->size;
	return failed(ctx, "random bytes", rv);
}
