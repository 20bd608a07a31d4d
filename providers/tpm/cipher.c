// SPDX-License-Identifier: Apache-2.0
/*
 * Encryption with an AES key, as much at a time as goes into one command: what the TPM says to
 * go on with is the IV of the next. The padding of CBC is put on and taken off here.
 */
#include <string.h>

#include <openssl/crypto.h>

#include "providers/lib/padding.h"
#include "providers/tpm/tpm.h"

/**
 * struct crypting - what a step needs, and what it brings; to be wiped
 * @key:	an AES key
 * @mode:	of the TPM
 * @decrypt:	or encrypt
 * @iv:		of this command; then of the next one
 * @in:		a part of the text
 * @out:	the same the other way round
 */
struct crypting {
	struct parsec_key *key;
	TPM2_ALG_ID mode;
	bool decrypt;
	TPM2B_IV iv;
	TPM2B_MAX_BUFFER in;
	TPM2B_MAX_BUFFER out;
};

static TSS2_RC crypt_step(struct parsec_provider_ctx *ctx, void *arg)
{
	struct crypting *crypting = arg;
	TPM2B_MAX_BUFFER *out;
	ESYS_TR session;
	TPM2B_IV *iv;
	TSS2_RC rc;

	rc = cache_use(ctx, crypting->key);
	if (!rc)
		rc = session_for(ctx, TPMA_SESSION_DECRYPT | TPMA_SESSION_ENCRYPT, &session);
	if (!rc)
		rc = Esys_EncryptDecrypt2(ctx->esys, crypting->key->handle, session, ESYS_TR_NONE,
					  ESYS_TR_NONE, &crypting->in, crypting->decrypt,
					  crypting->mode, &crypting->iv, &out, &iv);
	if (rc)
		return rc;
	if (out->size == crypting->in.size && iv->size == crypting->iv.size) {
		crypting->out = *out;
		crypting->iv = *iv;
	} else {
		rc = TPM2_RC_FAILURE;
	}
	OPENSSL_cleanse(out, sizeof(*out));
	Esys_Free(out);
	Esys_Free(iv);
	return rc;
}

/* What the host has checked already and what a TPM need not survive */
static enum parsec_status prepare(struct crypting *crypting, struct parsec_key *key,
				  const struct parsec_alg *alg, struct parsec_span iv, size_t len)
{
	size_t iv_len = alg->scheme == PARSEC_CIPHER_ECB_NO_PADDING ? 0 : AES_BLOCK;

	if (key->attrs.type != PARSEC_KEY_TYPE_AES || alg->kind != PARSEC_ALG_CIPHER)
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	crypting->mode = mode_id(alg->scheme);
	if (crypting->mode == TPM2_ALG_NULL)
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (!len || iv.len != iv_len ||
	    (len % AES_BLOCK &&
	     (crypting->mode == TPM2_ALG_CBC || crypting->mode == TPM2_ALG_ECB)))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	crypting->key = key;
	crypting->iv.size = (UINT16)iv_len;
	if (iv_len)
		memcpy(crypting->iv.buffer, iv.data, iv_len);
	return PARSEC_SUCCESS;
}

/* The next part of @text, from @at on, and what there is to pad it with behind */
static void take_part(TPM2B_MAX_BUFFER *part, struct parsec_span text, size_t at, size_t padding)
{
	size_t from_text = at < text.len ? text.len - at : 0;

	if (from_text > part->size)
		from_text = part->size;
	if (from_text)
		memcpy(part->buffer, text.data + at, from_text);
	memset(part->buffer + from_text, (int)padding, part->size - from_text);
}

/* @text and its padding, whole; to @out, which has room */
static TSS2_RC crypt(struct parsec_provider_ctx *ctx, struct crypting *crypting,
		     struct parsec_span text, size_t padding, uint8_t *out)
{
	const size_t len = text.len + padding;
	TSS2_RC rc = TSS2_RC_SUCCESS;

	for (size_t at = 0; at < len && !rc; at += crypting->in.size) {
		crypting->in.size = ctx->abilities.buffer;
		if (len - at < crypting->in.size)
			crypting->in.size = (UINT16)(len - at);
		take_part(&crypting->in, text, at, padding);
		rc = tpm_do(ctx, crypt_step, crypting);
		if (!rc)
			memcpy(out + at, crypting->out.buffer, crypting->in.size);
	}
	return rc;
}

enum parsec_status cipher_encrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				  const struct parsec_alg *alg, struct parsec_span iv,
				  struct parsec_span plaintext, struct parsec_out *ciphertext)
{
	bool padded = alg->scheme == PARSEC_CIPHER_CBC_PKCS7;
	size_t padding = padded ? AES_BLOCK - plaintext.len % AES_BLOCK : 0;
	struct crypting crypting = { .decrypt = false };
	enum parsec_status status;

	if (!plaintext.len)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	status = prepare(&crypting, key, alg, iv, plaintext.len + padding);
	if (status != PARSEC_SUCCESS)
		return status;
	if (ciphertext->size < plaintext.len + padding)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	status = tpm_status(ctx, crypt(ctx, &crypting, plaintext, padding, ciphertext->data),
			    "encrypting");
	if (status == PARSEC_SUCCESS)
		ciphertext->len = plaintext.len + padding;
	OPENSSL_cleanse(&crypting, sizeof(crypting));
	return status;
}

enum parsec_status cipher_decrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				  const struct parsec_alg *alg, struct parsec_span iv,
				  struct parsec_span ciphertext, struct parsec_out *plaintext)
{
	bool padded = alg->scheme == PARSEC_CIPHER_CBC_PKCS7;
	struct crypting crypting = { .decrypt = true };
	enum parsec_status status;
	size_t padding = 0;

	status = prepare(&crypting, key, alg, iv, ciphertext.len);
	if (status != PARSEC_SUCCESS)
		return status;
	if (plaintext->size < ciphertext.len)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	status = tpm_status(ctx, crypt(ctx, &crypting, ciphertext, 0, plaintext->data),
			    "decrypting");
	if (status == PARSEC_SUCCESS && padded) {
		padding = padding_size(plaintext->data + ciphertext.len - AES_BLOCK, AES_BLOCK);
		if (!padding)
			status = PARSEC_PSA_ERROR_INVALID_PADDING;
	}
	if (status == PARSEC_SUCCESS)
		plaintext->len = ciphertext.len - padding;
	else
		OPENSSL_cleanse(plaintext->data, ciphertext.len);
	OPENSSL_cleanse(&crypting, sizeof(crypting));
	return status;
}
