// SPDX-License-Identifier: Apache-2.0
/*
 * Authenticated encryption: AES-GCM and AES-CCM.
 */
#include "providers/pkcs11/pkcs11.h"

#define TAG	16

/**
 * struct request - what an operation is made of
 * @use:	the operation of the token
 * @gcm:	parameter of its mechanism, or
 * @ccm:	this one
 * @tag:	bytes of the tag
 */
struct request {
	struct use use;
	union {
		CK_GCM_PARAMS gcm;
		struct ccm_params ccm;
	};
	size_t tag;
};

static bool prepare(const struct parsec_key *key, const struct parsec_alg *alg,
		    struct parsec_span nonce, struct parsec_span additional_data,
		    struct request *request)
{
	CK_BYTE *aad = additional_data.len ? bytes_of(additional_data) : NULL;

	request->tag = alg->length ? alg->length : TAG;
	if (alg->scheme == PARSEC_AEAD_CCM) {
		request->ccm = (struct ccm_params){
			.pNonce = bytes_of(nonce), .ulNonceLen = nonce.len,
			.pAAD = aad, .ulAADLen = additional_data.len,
			.ulMACLen = request->tag,
		};
		request->use.mechanism = (CK_MECHANISM){ CKM_AES_CCM, &request->ccm,
							 sizeof(request->ccm) };
	} else {
		request->gcm = (CK_GCM_PARAMS){
			.pIv = bytes_of(nonce), .ulIvLen = nonce.len, .ulIvBits = 8 * nonce.len,
			.pAAD = aad, .ulAADLen = additional_data.len,
			.ulTagBits = 8 * request->tag,
		};
		request->use.mechanism = (CK_MECHANISM){ CKM_AES_GCM, &request->gcm,
							 sizeof(request->gcm) };
	}
	return key->type == PARSEC_KEY_TYPE_AES && alg->kind == PARSEC_ALG_AEAD &&
	       (alg->scheme == PARSEC_AEAD_GCM || alg->scheme == PARSEC_AEAD_CCM) &&
	       request->tag <= TAG;
}

/* CCM begins with the length of the text, so that is in its parameter, on both ways the same */
static void set_text(struct request *request, size_t len)
{
	if (request->use.mechanism.mechanism == CKM_AES_CCM)
		request->ccm.ulDataLen = len;
}

/* Nonces and tags of other lengths than the usual ones need not be possible */
static enum parsec_status status_of_use(const struct parsec_provider_ctx *ctx, const char *what,
					const struct use *use, CK_RV rv)
{
	enum parsec_status status = failed(ctx, what, rv);

	if (!use->begun && (rv == CKR_MECHANISM_PARAM_INVALID || rv == CKR_ARGUMENTS_BAD))
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	return status;
}

enum parsec_status aead_encrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				const struct parsec_alg *alg, struct parsec_span nonce,
				struct parsec_span additional_data,
				struct parsec_span plaintext, struct parsec_out *ciphertext)
{
	struct request request = { .use = { .work = WORK_ENCRYPT, .half = OWN_HALF,
					    .in = plaintext, .out = ciphertext } };
	size_t size;
	CK_RV rv;

	if (!prepare(key, alg, nonce, additional_data, &request))
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	set_text(&request, plaintext.len);
	size = plaintext.len + request.tag;
	if (ciphertext->size < size)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	rv = key_use(ctx, key, &request.use);
	if (rv == CKR_OK && ciphertext->len != size)
		rv = CKR_LIE;
	return status_of_use(ctx, "encrypting", &request.use, rv);
}

enum parsec_status aead_decrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				const struct parsec_alg *alg, struct parsec_span nonce,
				struct parsec_span additional_data,
				struct parsec_span ciphertext, struct parsec_out *plaintext)
{
	struct parsec_out text;
	struct request request = { .use = { .work = WORK_DECRYPT, .half = OWN_HALF,
					    .in = ciphertext, .out = &text } };
	enum parsec_status status;
	CK_RV rv;

	if (!prepare(key, alg, nonce, additional_data, &request))
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (ciphertext.len < request.tag)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	set_text(&request, ciphertext.len - request.tag);
	/* Some want room for what they do not write */
	if (!scratch_get(&text, ciphertext.len))
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	rv = key_use(ctx, key, &request.use);
	if (rv == CKR_OK && text.len != ciphertext.len - request.tag)
		rv = CKR_LIE;
	status = status_of_use(ctx, "decrypting", &request.use, rv);
	if (rv == CKR_ENCRYPTED_DATA_INVALID)
		status = PARSEC_PSA_ERROR_INVALID_SIGNATURE;
	return scratch_give(&text, status, plaintext);
}
