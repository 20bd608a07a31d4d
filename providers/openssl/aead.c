// SPDX-License-Identifier: Apache-2.0
/*
 * Authenticated encryption.
 */
#include <limits.h>

#include <openssl/err.h>

#include "providers/openssl/openssl.h"

#define TAG_MAX		16
/* The longest nonce that OpenSSL takes, for GCM */
#define NONCE_MAX	128
/* CCM: bytes of nonce and of length together */
#define CCM_BYTES	15

struct request {
	const EVP_CIPHER *method;
	bool ccm;
	size_t tag_len;
	struct parsec_span nonce, additional, text;
};

static uint8_t mode_of(const struct parsec_alg *alg)
{
	if (alg->kind != PARSEC_ALG_AEAD)
		return CIPHER_MODE_NONE;
	switch (alg->scheme) {
	case PARSEC_AEAD_CCM:
		return CIPHER_MODE_CCM;
	case PARSEC_AEAD_GCM:
		return CIPHER_MODE_GCM;
	case PARSEC_AEAD_CHACHA20_POLY1305:
		return CIPHER_MODE_POLY1305;
	default:
		return CIPHER_MODE_NONE;
	}
}

/* @req has the texts; the rest comes from here */
static enum parsec_status prepare(struct parsec_provider_ctx *ctx, const struct parsec_key *key,
				  const struct parsec_alg *alg, struct request *req)
{
	size_t nonce = req->nonce.len, len = req->text.len;

	req->method = cipher_method(ctx, key, mode_of(alg));
	if (!req->method)
		return no_method(ctx);
	req->ccm = alg->scheme == PARSEC_AEAD_CCM;
	req->tag_len = alg->length ? alg->length : TAG_MAX;
	if (!nonce || req->tag_len > TAG_MAX || len > INT_MAX - TAG_MAX ||
	    req->additional.len > INT_MAX)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	if (nonce > NONCE_MAX)
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	/* The longer the nonce, the fewer bytes are left to tell the length of the text */
	if (req->ccm && (nonce >= CCM_BYTES ||
			 (CCM_BYTES - nonce < 4 && len >> 8 * (CCM_BYTES - nonce))))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	return PARSEC_SUCCESS;
}

/* Key, nonce and additional data; @tag is what a decryption expects */
static bool start(EVP_CIPHER_CTX *cipher, const struct parsec_key *key,
		  const struct request *req, const uint8_t *tag)
{
	int encrypt = !tag, len;
	/* OpenSSL only reads it */
	void *expected = (void *)(uintptr_t)tag;

	if (EVP_CipherInit_ex2(cipher, req->method, NULL, NULL, encrypt, NULL) != 1 ||
	    EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_IVLEN, (int)req->nonce.len,
				NULL) != 1)
		return false;
	if ((tag || req->ccm) &&
	    EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, (int)req->tag_len,
				expected) != 1)
		return false;
	if (EVP_CipherInit_ex2(cipher, NULL, key->secret, req->nonce.data, encrypt, NULL) != 1)
		return false;
	/* CCM begins with the length of the text */
	if (req->ccm && EVP_CipherUpdate(cipher, NULL, &len, NULL, (int)req->text.len) != 1)
		return false;
	return !req->additional.len ||
	       EVP_CipherUpdate(cipher, NULL, &len, req->additional.data,
				(int)req->additional.len) == 1;
}

/* The text itself; true with the length that it must have */
static bool finish(EVP_CIPHER_CTX *cipher, const struct request *req, uint8_t *out)
{
	/* CCM decides about no text at all in the update, the others in the end */
	static const uint8_t nothing;
	uint8_t none[TAG_MAX] = { 0 };
	int len = 0, more = 0;

	if (req->text.len || req->ccm) {
		if (EVP_CipherUpdate(cipher, req->text.len ? out : none, &len,
				     req->text.len ? req->text.data : &nothing,
				     (int)req->text.len) != 1)
			return false;
	}
	if (EVP_CipherFinal_ex(cipher, none, &more) != 1)
		return false;
	return (size_t)len == req->text.len && !more;
}

enum parsec_status aead_encrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				const struct parsec_alg *alg, struct parsec_span nonce,
				struct parsec_span additional_data,
				struct parsec_span plaintext, struct parsec_out *ciphertext)
{
	struct request req = { .nonce = nonce, .additional = additional_data,
			       .text = plaintext };
	enum parsec_status status;
	EVP_CIPHER_CTX *cipher;

	errors_clear();
	status = prepare(ctx, key, alg, &req);
	if (status != PARSEC_SUCCESS)
		return status;
	if (ciphertext->size < plaintext.len + req.tag_len)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;

	cipher = EVP_CIPHER_CTX_new();
	if (cipher && start(cipher, key, &req, NULL) &&
	    finish(cipher, &req, ciphertext->data) &&
	    EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, (int)req.tag_len,
				ciphertext->data + plaintext.len) == 1)
		ciphertext->len = plaintext.len + req.tag_len;
	else
		status = openssl_status(ctx, "authenticated encryption");
	EVP_CIPHER_CTX_free(cipher);
	return status;
}

enum parsec_status aead_decrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				const struct parsec_alg *alg, struct parsec_span nonce,
				struct parsec_span additional_data,
				struct parsec_span ciphertext, struct parsec_out *plaintext)
{
	struct request req = { .nonce = nonce, .additional = additional_data };
	size_t tag_len = alg->length ? alg->length : TAG_MAX;
	enum parsec_status status;
	EVP_CIPHER_CTX *cipher;

	if (ciphertext.len < tag_len)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	req.text = (struct parsec_span){ ciphertext.data, ciphertext.len - tag_len };
	errors_clear();
	status = prepare(ctx, key, alg, &req);
	if (status != PARSEC_SUCCESS)
		return status;
	if (plaintext->size < req.text.len)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;

	cipher = EVP_CIPHER_CTX_new();
	if (!cipher || !start(cipher, key, &req, ciphertext.data + req.text.len)) {
		status = openssl_status(ctx, "preparing authenticated decryption");
	} else if (!finish(cipher, &req, plaintext->data)) {
		/* Nothing of a text that nobody wrote may be seen */
		OPENSSL_cleanse(plaintext->data, req.text.len);
		status = bad_input(ctx, "authenticated decryption",
				   PARSEC_PSA_ERROR_INVALID_SIGNATURE);
	} else {
		plaintext->len = req.text.len;
	}
	EVP_CIPHER_CTX_free(cipher);
	return status;
}
