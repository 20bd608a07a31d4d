// SPDX-License-Identifier: Apache-2.0
/*
 * RSA encryption.
 */
#include <errno.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/rsaerr.h>

#include "providers/openssl/openssl.h"

/* Bytes of the largest modulus in the capability table */
#define MODULUS_MAX		512
/* What PKCS#1 v1.5 needs at least around the message */
#define PKCS1_OVERHEAD		11

/* Later versions of OpenSSL answer wrong padding with a made-up message unless told not to */
#define IMPLICIT_REJECTION	"implicit-rejection"

static bool is_rsa(const struct parsec_key *key)
{
	return key->type == PARSEC_KEY_TYPE_RSA_KEY_PAIR ||
	       key->type == PARSEC_KEY_TYPE_RSA_PUBLIC_KEY;
}

/* Bytes that the padding of @alg needs around the message; 0: not supported */
static size_t overhead(const struct parsec_key *key, const struct parsec_alg *alg)
{
	if (alg->kind != PARSEC_ALG_ASYMMETRIC_ENCRYPTION || !is_rsa(key) ||
	    key->field > MODULUS_MAX)
		return 0;
	if (alg->scheme == PARSEC_CRYPT_RSA_PKCS1V15)
		return PKCS1_OVERHEAD;
	if (alg->scheme != PARSEC_CRYPT_RSA_OAEP || alg->hash > PARSEC_HASH_LAST ||
	    !digests[alg->hash].name || 2 * digests[alg->hash].size + 2 > key->field)
		return 0;
	return 2 * digests[alg->hash].size + 2;
}

static EVP_PKEY_CTX *prepare(const struct parsec_provider_ctx *ctx, const struct parsec_key *key,
			     const struct parsec_alg *alg, struct parsec_span label,
			     bool encrypt)
{
	EVP_PKEY *pkey = key_sound(key);
	EVP_PKEY_CTX *crypt = pkey ? EVP_PKEY_CTX_new_from_pkey(ctx->lib, pkey, NULL) : NULL;
	char pkcs1[] = "pkcs1", oaep[] = "oaep";
	/* OpenSSL's parameters are not const, but it only reads these */
	void *label_data = (void *)(uintptr_t)label.data;
	unsigned int implicit = 0;
	OSSL_PARAM params[5], *p = params;
	int done;

	if (alg->scheme == PARSEC_CRYPT_RSA_OAEP) {
		char *hash = (char *)(uintptr_t)digests[alg->hash].name;

		*p++ = OSSL_PARAM_construct_utf8_string(OSSL_ASYM_CIPHER_PARAM_PAD_MODE,
							oaep, 0);
		*p++ = OSSL_PARAM_construct_utf8_string(OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST,
							hash, 0);
		*p++ = OSSL_PARAM_construct_utf8_string(OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST,
							hash, 0);
		if (label.len)
			*p++ = OSSL_PARAM_construct_octet_string(
				OSSL_ASYM_CIPHER_PARAM_OAEP_LABEL, label_data, label.len);
	} else {
		*p++ = OSSL_PARAM_construct_utf8_string(OSSL_ASYM_CIPHER_PARAM_PAD_MODE,
							pkcs1, 0);
		*p++ = OSSL_PARAM_construct_uint(IMPLICIT_REJECTION, &implicit);
	}
	*p = OSSL_PARAM_construct_end();

	EVP_PKEY_free(pkey);
	if (crypt) {
		done = encrypt ? EVP_PKEY_encrypt_init_ex(crypt, params) :
				 EVP_PKEY_decrypt_init_ex(crypt, params);
		if (done == 1)
			return crypt;
	}
	EVP_PKEY_CTX_free(crypt);
	return NULL;
}

enum parsec_status asymmetric_encrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				      const struct parsec_alg *alg, struct parsec_span label,
				      struct parsec_span plaintext,
				      struct parsec_out *ciphertext)
{
	enum parsec_status status = PARSEC_SUCCESS;
	size_t around = overhead(key, alg), len = key->field;
	EVP_PKEY_CTX *crypt;

	if (!around)
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (plaintext.len > key->field - around ||
	    (label.len && alg->scheme != PARSEC_CRYPT_RSA_OAEP))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	if (ciphertext->size < key->field)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;

	errors_clear();
	crypt = prepare(ctx, key, alg, label, true);
	if (crypt && EVP_PKEY_encrypt(crypt, ciphertext->data, &len, plaintext.data,
				      plaintext.len) == 1)
		ciphertext->len = len;
	else
		status = openssl_status(ctx, "RSA encryption");
	EVP_PKEY_CTX_free(crypt);
	return status;
}

/*
 * What a failed decryption was. A number that is no ciphertext of this key is the
 * caller's to know; all else is the padding, and nothing tells one such failure from
 * another, not even a line in the log.
 */
static enum parsec_status failure(void)
{
	enum parsec_status status = errno == ENOMEM ? PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY :
						      PARSEC_PSA_ERROR_INVALID_PADDING;
	unsigned long error;

	while ((error = ERR_get_error())) {
		if (ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE)
			status = PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
		else if (ERR_GET_LIB(error) == ERR_LIB_RSA &&
			 ERR_GET_REASON(error) == RSA_R_DATA_TOO_LARGE_FOR_MODULUS)
			status = PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	}
	return status;
}

enum parsec_status asymmetric_decrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				      const struct parsec_alg *alg, struct parsec_span label,
				      struct parsec_span ciphertext,
				      struct parsec_out *plaintext)
{
	uint8_t text[MODULUS_MAX];
	enum parsec_status status;
	size_t len = sizeof(text);
	EVP_PKEY_CTX *crypt;
	int done;

	if (!overhead(key, alg) || key->type != PARSEC_KEY_TYPE_RSA_KEY_PAIR)
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (ciphertext.len != key->field ||
	    (label.len && alg->scheme != PARSEC_CRYPT_RSA_OAEP))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;

	errors_clear();
	crypt = prepare(ctx, key, alg, label, false);
	if (!crypt)
		return openssl_status(ctx, "preparing RSA decryption");
	done = EVP_PKEY_decrypt(crypt, text, &len, ciphertext.data, ciphertext.len);
	status = failure();
	if (done == 1) {
		status = len <= plaintext->size ? PARSEC_SUCCESS :
						  PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
		if (status == PARSEC_SUCCESS) {
			memcpy(plaintext->data, text, len);
			plaintext->len = len;
		}
	}
	key_failed(key, status);
	OPENSSL_cleanse(text, sizeof(text));
	EVP_PKEY_CTX_free(crypt);
	return status;
}
