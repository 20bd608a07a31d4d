// SPDX-License-Identifier: Apache-2.0
/*
 * A private key from outside, wrapped for the parent of our keys, so that only the TPM can
 * read it on its way: what TPM 2.0 calls a duplicate with an outer wrapper (Part 1, 23.3).
 */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>

#include <tss2/tss2_mu.h>

#include "providers/lib/ecdsa.h"
#include "providers/tpm/tpm.h"

/* Of the parent: P-256, SHA-256 and AES-128 */
#define FIELD		32
#define HASH_SIZE	32
#define KEY_SIZE	16

/* KDFe: the seed, from the shared secret and both public keys */
static bool make_seed(const uint8_t *secret, const uint8_t *ephemeral_x, const uint8_t *parent_x,
		      uint8_t seed[HASH_SIZE])
{
	static const char use[] = "DUPLICATE";
	uint8_t input[4 + FIELD + sizeof(use) + 2 * FIELD] = { 0, 0, 0, 1 }, *at = input + 4;
	bool done;

	memcpy(at, secret, FIELD);
	memcpy(at + FIELD, use, sizeof(use));
	memcpy(at + FIELD + sizeof(use), ephemeral_x, FIELD);
	memcpy(at + FIELD + sizeof(use) + FIELD, parent_x, FIELD);
	done = EVP_Digest(input, sizeof(input), seed, NULL, EVP_sha256(), NULL) == 1;
	OPENSSL_cleanse(input, sizeof(input));
	return done;
}

/* KDFa, for one block of the hash: @label with its NUL, what it is about, and how many bits */
static bool derive(const uint8_t seed[HASH_SIZE], const char *label, const TPM2B_NAME *about,
		   uint32_t bits, uint8_t out[HASH_SIZE])
{
	uint8_t input[4 + 16 + sizeof(TPM2B_NAME) + 4] = { 0, 0, 0, 1 };
	size_t len = 4, label_len = strlen(label) + 1;
	unsigned int out_len;

	memcpy(input + len, label, label_len);
	len += label_len;
	if (about) {
		memcpy(input + len, about->name, about->size);
		len += about->size;
	}
	input[len++] = 0;
	input[len++] = 0;
	input[len++] = (uint8_t)(bits >> 8);
	input[len++] = (uint8_t)bits;
	return HMAC(EVP_sha256(), seed, HASH_SIZE, input, len, out, &out_len);
}

static EVP_PKEY *public_key(const uint8_t point[1 + 2 * FIELD])
{
	char curve[] = "prime256v1";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
						  (void *)(uintptr_t)point, 1 + 2 * FIELD),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *pkey = NULL;

	if (ctx && EVP_PKEY_fromdata_init(ctx) == 1)
		EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

static bool agree(EVP_PKEY *ephemeral, EVP_PKEY *parent, uint8_t secret[FIELD])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(ephemeral, NULL);
	size_t len = FIELD;
	bool done = ctx && EVP_PKEY_derive_init(ctx) == 1 &&
		    EVP_PKEY_derive_set_peer(ctx, parent) == 1 &&
		    EVP_PKEY_derive(ctx, secret, &len) == 1 && len == FIELD;

	EVP_PKEY_CTX_free(ctx);
	return done;
}

/* A seed that only the parent can have, too, and what it needs for that */
static bool share_seed(const struct parsec_provider_ctx *ctx, uint8_t seed[HASH_SIZE],
		       TPM2B_ENCRYPTED_SECRET *encrypted)
{
	const TPMS_ECC_POINT *parent = &ctx->parent_point;
	uint8_t ours[1 + 2 * FIELD], theirs[1 + 2 * FIELD] = { 4 }, secret[FIELD];
	TPMS_ECC_POINT point = { .x.size = FIELD, .y.size = FIELD };
	EVP_PKEY *ephemeral = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "prime256v1");
	EVP_PKEY *peer = NULL;
	size_t len = 0;
	bool done;

	if (number_pad((struct parsec_span){ parent->x.buffer, parent->x.size }, theirs + 1,
		       FIELD) &&
	    number_pad((struct parsec_span){ parent->y.buffer, parent->y.size },
		       theirs + 1 + FIELD, FIELD))
		peer = public_key(theirs);
	done = ephemeral && peer &&
	       EVP_PKEY_get_octet_string_param(ephemeral, OSSL_PKEY_PARAM_PUB_KEY, ours,
					       sizeof(ours), &len) == 1 && len == sizeof(ours) &&
	       agree(ephemeral, peer, secret) && make_seed(secret, ours + 1, theirs + 1, seed);
	if (done) {
		memcpy(point.x.buffer, ours + 1, FIELD);
		memcpy(point.y.buffer, ours + 1 + FIELD, FIELD);
		len = 0;
		done = !Tss2_MU_TPMS_ECC_POINT_Marshal(&point, encrypted->secret,
						       sizeof(encrypted->secret), &len);
		encrypted->size = (UINT16)len;
	}
	OPENSSL_cleanse(secret, sizeof(secret));
	EVP_PKEY_free(peer);
	EVP_PKEY_free(ephemeral);
	return done;
}

/* In place */
static bool encrypt(const uint8_t seed[HASH_SIZE], const TPM2B_NAME *name, uint8_t *data,
		    size_t len)
{
	static const uint8_t iv[16];
	uint8_t key[HASH_SIZE];
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
	int out;
	bool done = cipher && derive(seed, "STORAGE", name, 8 * KEY_SIZE, key) &&
		    EVP_EncryptInit_ex(cipher, EVP_aes_128_cfb128(), NULL, key, iv) == 1 &&
		    EVP_EncryptUpdate(cipher, data, &out, data, (int)len) == 1;

	OPENSSL_cleanse(key, sizeof(key));
	EVP_CIPHER_CTX_free(cipher);
	return done;
}

/* Over the encrypted part and the name that is behind it */
static bool protect(const uint8_t seed[HASH_SIZE], const TPM2B_NAME *name, uint8_t *data,
		    size_t len, uint8_t mac[HASH_SIZE])
{
	uint8_t key[HASH_SIZE];
	unsigned int mac_len;
	bool done;

	memcpy(data + len, name->name, name->size);
	done = derive(seed, "INTEGRITY", NULL, 8 * HASH_SIZE, key) &&
	       HMAC(EVP_sha256(), key, sizeof(key), data, len + name->size, mac, &mac_len);
	OPENSSL_cleanse(key, sizeof(key));
	return done;
}

/**
 * wrap() - wrap a private key for the parent
 * @name:	of the key: the duplicate can become no other
 * @seed:	to be given to the TPM with @duplicate
 *
 * Return: false when OpenSSL has no memory for it.
 */
bool wrap(const struct parsec_provider_ctx *ctx, const TPMT_SENSITIVE *sensitive,
	  const TPM2B_NAME *name, TPM2B_PRIVATE *duplicate, TPM2B_ENCRYPTED_SECRET *seed)
{
	const size_t head = 2 + HASH_SIZE;
	uint8_t key[HASH_SIZE], *const data = duplicate->buffer + head;
	size_t room = sizeof(duplicate->buffer) - head - sizeof(name->name), len = 2;
	bool done;

	/* A size is in front of what is encrypted, and one in front of its HMAC */
	done = !Tss2_MU_TPMT_SENSITIVE_Marshal(sensitive, data, room, &len) &&
	       share_seed(ctx, key, seed);
	if (done) {
		data[0] = (uint8_t)((len - 2) >> 8);
		data[1] = (uint8_t)(len - 2);
		duplicate->buffer[0] = 0;
		duplicate->buffer[1] = HASH_SIZE;
		done = encrypt(key, name, data, len) &&
		       protect(key, name, data, len, duplicate->buffer + 2);
		duplicate->size = (UINT16)(head + len);
	}
	if (!done)
		OPENSSL_cleanse(duplicate, sizeof(*duplicate));
	OPENSSL_cleanse(key, sizeof(key));
	return done;
}
