// SPDX-License-Identifier: Apache-2.0
/*
 * Encryption with an AES key. The padding of CBC is put on and taken off here: what tokens
 * say about a wrong one is not the same for all.
 */
#include <string.h>

#include "providers/lib/padding.h"
#include "providers/pkcs11/pkcs11.h"

#define BLOCK	16

/**
 * struct request - what a cipher is made of
 * @use:	the operation of the token
 * @counter:	parameter of CKM_AES_CTR
 */
struct request {
	struct use use;
	CK_AES_CTR_PARAMS counter;
};

static bool is_padded(const struct parsec_alg *alg)
{
	return alg->scheme == PARSEC_CIPHER_CBC_PKCS7;
}

/* What the host has checked already and what a token need not survive */
static enum parsec_status prepare(const struct parsec_key *key, const struct parsec_alg *alg,
				  struct parsec_span iv, size_t len, struct request *request)
{
	CK_MECHANISM *mechanism = &request->use.mechanism;

	if (key->type != PARSEC_KEY_TYPE_AES || alg->kind != PARSEC_ALG_CIPHER)
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (!len || iv.len != (alg->scheme == PARSEC_CIPHER_ECB_NO_PADDING ? 0 : BLOCK) ||
	    (alg->scheme != PARSEC_CIPHER_CTR && len % BLOCK))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	switch (alg->scheme) {
	case PARSEC_CIPHER_ECB_NO_PADDING:
		*mechanism = (CK_MECHANISM){ .mechanism = CKM_AES_ECB };
		break;
	case PARSEC_CIPHER_CBC_NO_PADDING:
	case PARSEC_CIPHER_CBC_PKCS7:
		*mechanism = (CK_MECHANISM){ CKM_AES_CBC, bytes_of(iv), iv.len };
		break;
	case PARSEC_CIPHER_CTR:
		request->counter.ulCounterBits = 8 * BLOCK;
		memcpy(request->counter.cb, iv.data, BLOCK);
		*mechanism = (CK_MECHANISM){ CKM_AES_CTR, &request->counter,
					     sizeof(request->counter) };
		break;
	default:
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	}
	return PARSEC_SUCCESS;
}

/* The text with its padding, in room of its own */
static bool pad(struct parsec_span text, struct parsec_out *padded)
{
	size_t more = BLOCK - text.len % BLOCK;

	if (!scratch_get(padded, text.len + more))
		return false;
	if (text.len)
		memcpy(padded->data, text.data, text.len);
	memset(padded->data + text.len, (int)more, more);
	padded->len = text.len + more;
	return true;
}

static enum parsec_status encrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				  const struct parsec_alg *alg, struct parsec_span iv,
				  struct parsec_span text, struct parsec_out *ciphertext)
{
	struct request request = { .use = { .work = WORK_ENCRYPT, .half = OWN_HALF, .in = text,
					    .out = ciphertext } };
	enum parsec_status status = prepare(key, alg, iv, text.len, &request);
	CK_RV rv;

	if (status != PARSEC_SUCCESS)
		return status;
	if (ciphertext->size < text.len)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	rv = key_use(ctx, key, &request.use);
	if (rv == CKR_OK && ciphertext->len != text.len)
		rv = CKR_LIE;
	return failed(ctx, "encrypting", rv);
}

enum parsec_status cipher_encrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				  const struct parsec_alg *alg, struct parsec_span iv,
				  struct parsec_span plaintext, struct parsec_out *ciphertext)
{
	struct parsec_out padded;
	enum parsec_status status;

	if (!plaintext.len)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	if (!is_padded(alg))
		return encrypt(ctx, key, alg, iv, plaintext, ciphertext);
	if (!pad(plaintext, &padded))
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	status = encrypt(ctx, key, alg, iv, (struct parsec_span){ padded.data, padded.len },
			 ciphertext);
	scratch_put(&padded);
	return status;
}

enum parsec_status cipher_decrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				  const struct parsec_alg *alg, struct parsec_span iv,
				  struct parsec_span ciphertext, struct parsec_out *plaintext)
{
	struct parsec_out text;
	struct request request = { .use = { .work = WORK_DECRYPT, .half = OWN_HALF,
					    .in = ciphertext, .out = &text } };
	enum parsec_status status = prepare(key, alg, iv, ciphertext.len, &request);
	CK_RV rv;

	if (status != PARSEC_SUCCESS)
		return status;
	if (!scratch_get(&text, ciphertext.len))
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	rv = key_use(ctx, key, &request.use);
	if (rv == CKR_OK && text.len != ciphertext.len)
		rv = CKR_LIE;
	status = failed(ctx, "decrypting", rv);
	if (status == PARSEC_SUCCESS && is_padded(alg)) {
		size_t padding = padding_size(text.data + text.len - BLOCK, BLOCK);

		text.len -= padding;
		if (!padding)
			status = PARSEC_PSA_ERROR_INVALID_PADDING;
	}
	return scratch_give(&text, status, plaintext);
}
