// SPDX-License-Identifier: Apache-2.0
/*
 * Public areas, and challenges for them (attest_provider.h).
 */
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "selftests/unit/attest_provider.h"

#define ALG_RSA		0x0001
#define ALG_SHA256	0x000b
#define ALG_NULL	0x0010
#define ALG_ECC		0x0023
#define CURVE_P256	0x0003
#define CURVE_P384	0x0004

#define FIXED_TPM	UINT32_C(0x00000002)
#define FIXED_PARENT	UINT32_C(0x00000010)
#define DATA_ORIGIN	UINT32_C(0x00000020)
#define USER_WITH_AUTH	UINT32_C(0x00000040)
#define SIGN		UINT32_C(0x00040000)

#define HASH_SIZE	32
/* Of any hash */
#define CREDENTIAL_MAX	64
#define AES_KEY_SIZE	16

static void put16(struct area *area, unsigned int value)
{
	area->bytes[area->len++] = (uint8_t)(value >> 8);
	area->bytes[area->len++] = (uint8_t)value;
}

static void put32(struct area *area, uint32_t value)
{
	put16(area, value >> 16);
	put16(area, value & 0xffff);
}

static void put_sized(struct area *area, const uint8_t *bytes, size_t len)
{
	put16(area, (unsigned int)len);
	memcpy(area->bytes + area->len, bytes, len);
	area->len += len;
}

static enum parsec_status put_modulus(struct area *area, struct parsec_span public)
{
	enum parsec_status status = PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	const uint8_t *der = public.data;
	EVP_PKEY *pkey = d2i_PublicKey(EVP_PKEY_RSA, NULL, &der, (long)public.len);
	BIGNUM *n = NULL;
	uint8_t bytes[512];

	if (pkey && EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &n) == 1) {
		int len = BN_bn2bin(n, bytes);

		put_sized(area, bytes, (size_t)len);
		status = PARSEC_SUCCESS;
	}
	BN_free(n);
	EVP_PKEY_free(pkey);
	return status;
}

enum parsec_status area_make(struct area *area, const struct parsec_key_attributes *attrs,
			     bool imported, struct parsec_span public)
{
	bool ecc = attrs->type == PARSEC_KEY_TYPE_ECC_KEY_PAIR;
	enum parsec_status status = PARSEC_SUCCESS;
	size_t half = public.len / 2;

	area->len = 0;
	put16(area, ecc ? ALG_ECC : ALG_RSA);
	put16(area, ALG_SHA256);
	put32(area, imported ? USER_WITH_AUTH | SIGN :
			       USER_WITH_AUTH | SIGN | FIXED_TPM | FIXED_PARENT | DATA_ORIGIN);
	put16(area, 0);
	put16(area, ALG_NULL);
	put16(area, ALG_NULL);
	if (ecc) {
		put16(area, attrs->bits == 256 ? CURVE_P256 : CURVE_P384);
		put16(area, ALG_NULL);
		put_sized(area, public.data + 1, half);
		put_sized(area, public.data + 1 + half, half);
	} else {
		put16(area, attrs->bits);
		put32(area, 0);
		status = put_modulus(area, public);
	}
	if (fault("other-key"))
		area->bytes[area->len - 1] ^= 1;
	if (fault("trailing"))
		put16(area, 0);
	area->name[0] = ALG_SHA256 >> 8;
	area->name[1] = ALG_SHA256 & 0xff;
	if (!status && EVP_Digest(area->bytes, area->len, area->name + 2, NULL, EVP_sha256(),
				  NULL) != 1)
		status = PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	if (fault("name"))
		area->name[2] ^= 1;
	return status;
}

/* Counter, label with its NUL, context, bits: as much of the HMAC as is asked for */
static bool derive(struct parsec_span seed, const char *label, struct parsec_span context,
		   uint8_t *out, size_t len)
{
	uint8_t text[128] = { 0, 0, 0, 1 }, hmac[HASH_SIZE];
	size_t at = 4, label_len = strlen(label) + 1;

	memcpy(text + at, label, label_len);
	at += label_len;
	if (context.len)
		memcpy(text + at, context.data, context.len);
	at += context.len;
	memset(text + at, 0, 2);
	text[at + 2] = (uint8_t)(8 * len >> 8);
	text[at + 3] = (uint8_t)(8 * len);
	if (!HMAC(EVP_sha256(), seed.data, (int)seed.len, text, at + 4, hmac, NULL))
		return false;
	memcpy(out, hmac, len);
	OPENSSL_cleanse(hmac, sizeof(hmac));
	return true;
}

static bool decrypt(const uint8_t key[AES_KEY_SIZE], struct parsec_span encrypted, uint8_t *out)
{
	static const uint8_t iv[AES_KEY_SIZE];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int len;
	bool done = ctx && EVP_DecryptInit_ex(ctx, EVP_aes_128_cfb128(), NULL, key, iv) == 1 &&
		    EVP_DecryptUpdate(ctx, out, &len, encrypted.data, (int)encrypted.len) == 1;

	EVP_CIPHER_CTX_free(ctx);
	return done;
}

/* HMAC of what is encrypted and the name. Return: false when there is no memory */
static bool authenticate(const struct area *area, const uint8_t key[HASH_SIZE],
			 struct parsec_span encrypted, uint8_t hmac[HASH_SIZE])
{
	uint8_t text[256];

	memcpy(text, encrypted.data, encrypted.len);
	memcpy(text + encrypted.len, area->name, sizeof(area->name));
	return HMAC(EVP_sha256(), key, HASH_SIZE, text, encrypted.len + sizeof(area->name), hmac,
		    NULL);
}

/* TPM2B_DIGEST to its contents */
static enum parsec_status take_credential(const uint8_t *inner, size_t len,
					  struct parsec_out *credential)
{
	size_t claimed = (size_t)inner[0] << 8 | inner[1];

	if (fault("inner-length"))
		claimed = len - 2;
	if (claimed != len - 2 || (claimed > CREDENTIAL_MAX && !fault("long-credential")))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	if (claimed > credential->size && !fault("activate-room"))
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	memcpy(credential->data, inner + 2, claimed);
	credential->len = claimed;
	return PARSEC_SUCCESS;
}

enum parsec_status area_unwrap(const struct area *area, struct parsec_span seed,
			       struct parsec_span blob, struct parsec_out *credential)
{
	const size_t head = 2 + HASH_SIZE;
	const struct parsec_span none = { NULL, 0 };
	struct parsec_span encrypted, name;
	uint8_t storage[AES_KEY_SIZE], integrity[HASH_SIZE], hmac[HASH_SIZE], inner[128];
	enum parsec_status status = PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	bool same;

	if (seed.len != HASH_SIZE || blob.len < head + 2 || blob.len > head + sizeof(inner) ||
	    blob.data[0] || blob.data[1] != HASH_SIZE)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	encrypted = (struct parsec_span){ blob.data + head, blob.len - head };
	name = (struct parsec_span){ area->name, sizeof(area->name) };
	if (derive(seed, "STORAGE", name, storage, sizeof(storage)) &&
	    derive(seed, "INTEGRITY", none, integrity, sizeof(integrity)) &&
	    authenticate(area, integrity, encrypted, hmac) &&
	    decrypt(storage, encrypted, inner)) {
		same = !CRYPTO_memcmp(hmac, blob.data + 2, HASH_SIZE) || fault("integrity");
		status = fault("status") ? PARSEC_PSA_ERROR_INVALID_SIGNATURE :
					   PARSEC_PSA_ERROR_INVALID_ARGUMENT;
		if (same)
			status = take_credential(inner, encrypted.len, credential);
	}
	OPENSSL_cleanse(storage, sizeof(storage));
	OPENSSL_cleanse(integrity, sizeof(integrity));
	OPENSSL_cleanse(inner, sizeof(inner));
	return status;
}
