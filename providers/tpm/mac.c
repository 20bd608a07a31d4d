// SPDX-License-Identifier: Apache-2.0
/*
 * MACs, whole: HMAC, and CMAC with AES. A message that does not go into one command makes a
 * sequence, which takes the place of a key in the TPM until it ends.
 */
#include <string.h>

#include <openssl/crypto.h>

#include "providers/tpm/tpm.h"

/**
 * struct authentication - what a step needs, and what it brings; to be wiped
 * @key:	for HMAC, or an AES key
 * @scheme:	the hash, or TPM2_ALG_CMAC: the TPM has one command for both
 * @input:	message
 * @part:	as much of it as goes into one command
 * @mac:	of the message
 */
struct authentication {
	struct parsec_key *key;
	TPM2_ALG_ID scheme;
	struct parsec_span input;
	TPM2B_MAX_BUFFER part;
	TPM2B_DIGEST mac;
};

/* Return: bytes of the part that begins at @at */
static size_t take_part(const struct parsec_provider_ctx *ctx, struct authentication *of,
			size_t at)
{
	size_t len = of->input.len - at;

	if (len > ctx->abilities.buffer)
		len = ctx->abilities.buffer;
	of->part.size = (UINT16)len;
	if (len)
		memcpy(of->part.buffer, of->input.data + at, len);
	return len;
}

static void take_mac(struct authentication *of, TPM2B_DIGEST *mac)
{
	of->mac = *mac;
	OPENSSL_cleanse(mac, sizeof(*mac));
	Esys_Free(mac);
}

static TSS2_RC in_one_command(struct parsec_provider_ctx *ctx, struct authentication *of)
{
	TPM2B_DIGEST *mac;
	ESYS_TR session;
	TSS2_RC rc = session_for(ctx, TPMA_SESSION_DECRYPT | TPMA_SESSION_ENCRYPT, &session);

	take_part(ctx, of, 0);
	if (!rc)
		rc = Esys_HMAC(ctx->esys, of->key->handle, session, ESYS_TR_NONE, ESYS_TR_NONE,
			       &of->part, of->scheme, &mac);
	if (!rc)
		take_mac(of, mac);
	return rc;
}

/* All of the message, which is not empty, into the sequence, and the MAC out of it */
static TSS2_RC feed(struct parsec_provider_ctx *ctx, struct authentication *of, ESYS_TR *sequence)
{
	TPMT_TK_HASHCHECK *ticket = NULL;
	TSS2_RC rc = TSS2_RC_SUCCESS;
	TPM2B_DIGEST *mac;
	ESYS_TR session;
	size_t at = 0;

	for (at += take_part(ctx, of, at); at < of->input.len; at += take_part(ctx, of, at)) {
		rc = session_for(ctx, TPMA_SESSION_DECRYPT, &session);
		if (!rc)
			rc = Esys_SequenceUpdate(ctx->esys, *sequence, session, ESYS_TR_NONE,
						 ESYS_TR_NONE, &of->part);
		if (rc)
			return rc;
	}
	rc = session_for(ctx, TPMA_SESSION_DECRYPT | TPMA_SESSION_ENCRYPT, &session);
	if (!rc)
		rc = Esys_SequenceComplete(ctx->esys, *sequence, session, ESYS_TR_NONE,
					   ESYS_TR_NONE, &of->part, ESYS_TR_RH_NULL, &mac,
					   &ticket);
	if (rc)
		return rc;
	/* With its end it is out of the TPM, and out of what Esys knows */
	*sequence = ESYS_TR_NONE;
	take_mac(of, mac);
	Esys_Free(ticket);
	return TSS2_RC_SUCCESS;
}

static TSS2_RC in_a_sequence(struct parsec_provider_ctx *ctx, struct authentication *of)
{
	/* Nobody else can name it: a TPM without a resource manager has one user */
	const TPM2B_AUTH auth = { 0 };
	ESYS_TR session, sequence;
	TSS2_RC rc;

	cache_reserve(ctx, 1, of->key);
	rc = session_for(ctx, 0, &session);
	if (!rc)
		rc = Esys_HMAC_Start(ctx->esys, of->key->handle, session, ESYS_TR_NONE,
				     ESYS_TR_NONE, &auth, of->scheme, &sequence);
	if (rc)
		return rc;
	rc = feed(ctx, of, &sequence);
	if (sequence != ESYS_TR_NONE && Esys_FlushContext(ctx->esys, sequence))
		Esys_TR_Close(ctx->esys, &sequence);
	return rc;
}

static TSS2_RC mac_step(struct parsec_provider_ctx *ctx, void *arg)
{
	struct authentication *of = arg;
	TSS2_RC rc = cache_use(ctx, of->key);

	if (rc)
		return rc;
	return of->input.len <= ctx->abilities.buffer ? in_one_command(ctx, of) :
							in_a_sequence(ctx, of);
}

enum parsec_status mac_compute(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			       const struct parsec_alg *alg, struct parsec_span input,
			       struct parsec_out *mac)
{
	struct authentication of = { .key = key, .input = input };
	bool hmac = alg->scheme == PARSEC_MAC_HMAC;
	size_t size = hmac ? hash_size(alg->hash) : AES_BLOCK;
	enum parsec_status status;

	if (alg->kind != PARSEC_ALG_MAC || !size ||
	    (!hmac && alg->scheme != PARSEC_MAC_CMAC) ||
	    key->attrs.type != (hmac ? PARSEC_KEY_TYPE_HMAC : PARSEC_KEY_TYPE_AES))
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (mac->size < size)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	of.scheme = hmac ? hash_id(alg->hash) : TPM2_ALG_CMAC;
	status = tpm_status(ctx, tpm_do(ctx, mac_step, &of), "a MAC");
	if (status == PARSEC_SUCCESS && of.mac.size != size)
		status = PARSEC_PSA_ERROR_HARDWARE_FAILURE;
	if (status == PARSEC_SUCCESS) {
		memcpy(mac->data, of.mac.buffer, size);
		mac->len = size;
	}
	OPENSSL_cleanse(&of, sizeof(of));
	return status;
}
