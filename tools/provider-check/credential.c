// SPDX-License-Identifier: Apache-2.0
/*
 * A credential is encrypted and authenticated with keys that are derived from a random seed,
 * and the seed is encrypted for the attesting key. The name of the attested key goes into
 * both derivation and authentication: only where both keys are does it come out again.
 */
#include "tools/provider-check/credential.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#define HASH_SIZE	32
#define AES_KEY_SIZE	16
#define AES_BLOCK	16

static OSSL_PARAM bytes_param(const char *name, struct parsec_span span)
{
	return OSSL_PARAM_construct_octet_string(name, (void *)(uintptr_t)span.data, span.len);
}

/* OpenSSL's KBKDF does the same: counter, label, zero, context, length in bits */
bool kdfa(struct parsec_span key, const char *label, struct parsec_span context, uint8_t *out,
	  size_t len)
{
	const struct parsec_span text = { (const uint8_t *)label, strlen(label) };
	char mac[] = "HMAC", digest[] = "SHA2-256", mode[] = "counter";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MAC, mac, 0),
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MODE, mode, 0),
		bytes_param(OSSL_KDF_PARAM_KEY, key),
		bytes_param(OSSL_KDF_PARAM_SALT, text),
		bytes_param(OSSL_KDF_PARAM_INFO, context),
		OSSL_PARAM_construct_end(),
	};
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "KBKDF", NULL);
	EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	bool done = ctx && EVP_KDF_derive(ctx, out, len, params) == 1;

	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return done;
}

static bool encrypt_seed(const struct wrapping *wrapping, const uint8_t seed[HASH_SIZE],
			 struct challenge *challenge)
{
	const uint8_t *der = wrapping->attesting.data;
	EVP_PKEY *key = d2i_PublicKey(EVP_PKEY_RSA, NULL, &der, (long)wrapping->attesting.len);
	EVP_PKEY_CTX *ctx = key ? EVP_PKEY_CTX_new(key, NULL) : NULL;
	size_t label_len = strlen(wrapping->label) + 1;
	char *label = OPENSSL_memdup(wrapping->label, label_len);
	bool done = false;

	challenge->secret_len = sizeof(challenge->secret);
	if (ctx && label && EVP_PKEY_encrypt_init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) == 1 &&
	    EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) == 1 &&
	    EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, label, (int)label_len) == 1) {
		label = NULL;
		done = EVP_PKEY_encrypt(ctx, challenge->secret, &challenge->secret_len, seed,
					HASH_SIZE) == 1;
	}
	OPENSSL_free(label);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	return done;
}

static bool encrypt_inner(const uint8_t key[AES_KEY_SIZE], struct parsec_span inner,
			  uint8_t *out)
{
	static const uint8_t iv[AES_BLOCK];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int len = 0;
	bool done = ctx && EVP_EncryptInit_ex(ctx, EVP_aes_128_cfb128(), NULL, key, iv) == 1 &&
		    EVP_EncryptUpdate(ctx, out, &len, inner.data, (int)inner.len) == 1;

	EVP_CIPHER_CTX_free(ctx);
	return done && (size_t)len == inner.len;
}

/* HMAC of what is encrypted and the name */
static bool authenticate(const uint8_t key[HASH_SIZE], struct parsec_span encrypted,
			 struct parsec_span name, uint8_t hmac[HASH_SIZE])
{
	uint8_t text[sizeof(((struct challenge *)0)->blob) + CREDENTIAL_NAME_MAX];

	memcpy(text, encrypted.data, encrypted.len);
	memcpy(text + encrypted.len, name.data, name.len);
	return HMAC(EVP_sha256(), key, HASH_SIZE, text, encrypted.len + name.len, hmac, NULL);
}

/* Length and HMAC in front, which there is room for */
static bool make_blob(const struct wrapping *wrapping, const uint8_t seed[HASH_SIZE],
		      struct challenge *challenge)
{
	const struct parsec_span key = { seed, HASH_SIZE }, none = { NULL, 0 };
	struct parsec_span encrypted = { challenge->blob + 2 + HASH_SIZE, wrapping->inner.len };
	uint8_t storage[AES_KEY_SIZE], integrity[HASH_SIZE];
	bool done = kdfa(key, "STORAGE", wrapping->name, storage, sizeof(storage)) &&
		    kdfa(key, "INTEGRITY", none, integrity, sizeof(integrity)) &&
		    encrypt_inner(storage, wrapping->inner, challenge->blob + 2 + HASH_SIZE) &&
		    authenticate(integrity, encrypted, wrapping->name, challenge->blob + 2);

	challenge->blob[0] = 0;
	challenge->blob[1] = HASH_SIZE;
	challenge->blob_len = 2 + HASH_SIZE + encrypted.len;
	OPENSSL_cleanse(storage, sizeof(storage));
	OPENSSL_cleanse(integrity, sizeof(integrity));
	return done;
}

bool challenge_wrap(const struct wrapping *wrapping, struct challenge *challenge)
{
	uint8_t seed[HASH_SIZE];
	bool done;

	if (wrapping->inner.len > sizeof(challenge->blob) - 2 - HASH_SIZE ||
	    wrapping->name.len > CREDENTIAL_NAME_MAX)
		return false;
	done = RAND_bytes(seed, sizeof(seed)) == 1 && encrypt_seed(wrapping, seed, challenge) &&
	       make_blob(wrapping, seed, challenge);
	OPENSSL_cleanse(seed, sizeof(seed));
	return done;
}

bool challenge_make(struct parsec_span attesting, struct parsec_span name,
		    struct parsec_span credential, struct challenge *challenge)
{
	uint8_t inner[2 + CREDENTIAL_MAX] = { 0, (uint8_t)credential.len };
	const struct wrapping wrapping = {
		.attesting = attesting, .name = name, .label = CREDENTIAL_LABEL,
		.inner = { inner, 2 + credential.len },
	};
	bool done;

	if (!credential.len || credential.len > CREDENTIAL_MAX)
		return false;
	memcpy(inner + 2, credential.data, credential.len);
	done = challenge_wrap(&wrapping, challenge);
	OPENSSL_cleanse(inner, sizeof(inner));
	return done;
}
