// SPDX-License-Identifier: Apache-2.0
/*
 * Encryption with a symmetric key. The padding of CBC is done here: a wrong one must
 * not be told from a right one by the time it takes.
 */
#include <limits.h>
#include <stdatomic.h>
#include <string.h>

#include <openssl/err.h>

#include "providers/lib/padding.h"
#include "providers/openssl/openssl.h"

#define CHACHA20_NONCE	12

#define THREE(key_type, name, mode) \
	{ PARSEC_KEY_TYPE_##key_type, CIPHER_MODE_##mode, 128, name "-128-" #mode }, \
	{ PARSEC_KEY_TYPE_##key_type, CIPHER_MODE_##mode, 192, name "-192-" #mode }, \
	{ PARSEC_KEY_TYPE_##key_type, CIPHER_MODE_##mode, 256, name "-256-" #mode }
#define DES3(mode) \
	{ PARSEC_KEY_TYPE_DES, CIPHER_MODE_##mode, 192, "DES-EDE3-" #mode }

/* DES of all sizes is triple DES; an XTS key is two */
static const struct {
	uint8_t type;
	uint8_t mode;
	uint32_t bits;
	const char *name;
} methods[] = {
	THREE(AES, "AES", CBC),
	THREE(AES, "AES", CTR),
	THREE(AES, "AES", GCM),
	THREE(AES, "AES", CCM),
	THREE(AES, "AES", CFB),
	THREE(AES, "AES", OFB),
	THREE(AES, "AES", ECB),
	{ PARSEC_KEY_TYPE_AES, CIPHER_MODE_XTS, 256, "AES-128-XTS" },
	{ PARSEC_KEY_TYPE_AES, CIPHER_MODE_XTS, 512, "AES-256-XTS" },
	{ PARSEC_KEY_TYPE_CHACHA20, CIPHER_MODE_STREAM, 256, "ChaCha20" },
	{ PARSEC_KEY_TYPE_CHACHA20, CIPHER_MODE_POLY1305, 256, "ChaCha20-Poly1305" },
	THREE(CAMELLIA, "CAMELLIA", CBC),
	THREE(CAMELLIA, "CAMELLIA", CTR),
	THREE(CAMELLIA, "CAMELLIA", CFB),
	THREE(CAMELLIA, "CAMELLIA", OFB),
	THREE(CAMELLIA, "CAMELLIA", ECB),
	DES3(CBC),
	DES3(CFB),
	DES3(OFB),
	DES3(ECB),
};

_Static_assert(sizeof(methods) / sizeof(methods[0]) == CIPHER_METHODS,
	       "one slot for each method");

/**
 * cipher_method() - OpenSSL's implementation for a key; looked up by name once only
 * @mode:	enum cipher_mode
 *
 * Return: NULL when there is none or, with an error in the queue, when OpenSSL failed.
 */
const EVP_CIPHER *cipher_method(struct parsec_provider_ctx *ctx, const struct parsec_key *key,
				uint8_t mode)
{
	EVP_CIPHER *method, *none = NULL;
	size_t i;

	for (i = 0; i < CIPHER_METHODS; i++) {
		if (methods[i].type == key->type && methods[i].mode == mode &&
		    methods[i].bits == key->secret_room * 8)
			break;
	}
	if (i == CIPHER_METHODS)
		return NULL;
	method = atomic_load(&ctx->ciphers[i]);
	if (method)
		return method;
	method = EVP_CIPHER_fetch(ctx->lib, methods[i].name, NULL);
	if (!atomic_compare_exchange_strong(&ctx->ciphers[i], &none, method)) {
		/* Another thread was faster */
		EVP_CIPHER_free(method);
		return none;
	}
	return method;
}

static uint8_t mode_of(const struct parsec_alg *alg)
{
	static const uint8_t modes[] = {
		[PARSEC_CIPHER_STREAM_CIPHER]	= CIPHER_MODE_STREAM,
		[PARSEC_CIPHER_CTR]		= CIPHER_MODE_CTR,
		[PARSEC_CIPHER_CFB]		= CIPHER_MODE_CFB,
		[PARSEC_CIPHER_OFB]		= CIPHER_MODE_OFB,
		[PARSEC_CIPHER_XTS]		= CIPHER_MODE_XTS,
		[PARSEC_CIPHER_ECB_NO_PADDING]	= CIPHER_MODE_ECB,
		[PARSEC_CIPHER_CBC_NO_PADDING]	= CIPHER_MODE_CBC,
		[PARSEC_CIPHER_CBC_PKCS7]	= CIPHER_MODE_CBC,
	};

	if (alg->kind != PARSEC_ALG_CIPHER || alg->scheme >= sizeof(modes))
		return CIPHER_MODE_NONE;
	return modes[alg->scheme];
}

/*
 * Text through the cipher, then, of an encryption with padding, one block more. The
 * length has been checked, so nothing is left inside the cipher at the end.
 */
static enum parsec_status transform(struct parsec_provider_ctx *ctx,
				    const struct parsec_key *key, const EVP_CIPHER *method,
				    bool encrypt, bool pad, struct parsec_span iv,
				    struct parsec_span in, uint8_t *out)
{
	uint8_t last[EVP_MAX_BLOCK_LENGTH], counted[EVP_MAX_IV_LENGTH] = { 0 };
	size_t block = (size_t)EVP_CIPHER_get_block_size(method);
	size_t rest = pad ? in.len % block : 0, whole = in.len - rest;
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
	int len = 0, more = 0;
	bool done;

	/* ChaCha20 in OpenSSL wants the counter as well, which begins with 0 */
	if (key->type == PARSEC_KEY_TYPE_CHACHA20) {
		memcpy(counted + 4, iv.data, iv.len);
		iv.data = counted;
	}
	done = cipher &&
	       EVP_CipherInit_ex2(cipher, method, key->secret, iv.len ? iv.data : NULL,
				  encrypt, NULL) == 1 &&
	       EVP_CIPHER_CTX_set_padding(cipher, 0) == 1 &&
	       (!whole || EVP_CipherUpdate(cipher, out, &len, in.data, (int)whole) == 1);
	if (done && pad) {
		memset(last, (int)(block - rest), sizeof(last));
		if (rest)
			memcpy(last, in.data + whole, rest);
		done = EVP_CipherUpdate(cipher, out + len, &more, last, (int)block) == 1;
		OPENSSL_cleanse(last, sizeof(last));
	}
	EVP_CIPHER_CTX_free(cipher);
	if (done && (size_t)len + (size_t)more == whole + (pad ? block : 0))
		return PARSEC_SUCCESS;
	return openssl_status(ctx, "a cipher");
}

/* What the host has checked already and what nothing here would survive otherwise */
static enum parsec_status check(const EVP_CIPHER *method, const struct parsec_key *key,
				struct parsec_span iv, struct parsec_span in, bool pad)
{
	size_t iv_len = key->type == PARSEC_KEY_TYPE_CHACHA20 ?
				CHACHA20_NONCE : (size_t)EVP_CIPHER_get_iv_length(method);
	size_t block = (size_t)EVP_CIPHER_get_block_size(method);

	if (!in.len || in.len > INT_MAX - EVP_MAX_BLOCK_LENGTH || iv.len != iv_len)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	if (EVP_CIPHER_get_mode(method) == EVP_CIPH_XTS_MODE)
		return in.len < 16 ? PARSEC_PSA_ERROR_INVALID_ARGUMENT : PARSEC_SUCCESS;
	if (!pad && in.len % block)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	return PARSEC_SUCCESS;
}

enum parsec_status cipher_encrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				  const struct parsec_alg *alg, struct parsec_span iv,
				  struct parsec_span plaintext, struct parsec_out *ciphertext)
{
	bool pad = alg->scheme == PARSEC_CIPHER_CBC_PKCS7;
	const EVP_CIPHER *method;
	enum parsec_status status;
	size_t len, block;

	errors_clear();
	method = cipher_method(ctx, key, mode_of(alg));
	if (!method)
		return no_method(ctx);
	status = check(method, key, iv, plaintext, pad);
	if (status != PARSEC_SUCCESS)
		return status;
	block = (size_t)EVP_CIPHER_get_block_size(method);
	len = pad ? plaintext.len - plaintext.len % block + block : plaintext.len;
	if (len > ciphertext->size)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;

	status = transform(ctx, key, method, true, pad, iv, plaintext, ciphertext->data);
	if (status == PARSEC_SUCCESS)
		ciphertext->len = len;
	return status;
}

enum parsec_status cipher_decrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				  const struct parsec_alg *alg, struct parsec_span iv,
				  struct parsec_span ciphertext, struct parsec_out *plaintext)
{
	bool padded = alg->scheme == PARSEC_CIPHER_CBC_PKCS7;
	const EVP_CIPHER *method;
	enum parsec_status status;
	size_t pad = 0, block;

	errors_clear();
	method = cipher_method(ctx, key, mode_of(alg));
	if (!method)
		return no_method(ctx);
	status = check(method, key, iv, ciphertext, false);
	if (status != PARSEC_SUCCESS)
		return status;
	if (ciphertext.len > plaintext->size)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;

	status = transform(ctx, key, method, false, false, iv, ciphertext, plaintext->data);
	if (status == PARSEC_SUCCESS && padded) {
		block = (size_t)EVP_CIPHER_get_block_size(method);
		pad = padding_size(plaintext->data + ciphertext.len - block, block);
		if (!pad)
			status = PARSEC_PSA_ERROR_INVALID_PADDING;
	}
	if (status == PARSEC_SUCCESS)
		plaintext->len = ciphertext.len - pad;
	else
		OPENSSL_cleanse(plaintext->data, ciphertext.len);
	return status;
}
