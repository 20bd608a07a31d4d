// SPDX-License-Identifier: Apache-2.0
/*
 * Symmetric keys: bytes without a structure, but for the parity of DES.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/rand.h>

#include "providers/openssl/openssl.h"

/* Triple DES with one key three times over is DES, K1 K2 K1 is its two-key form */
#define DES_KEY		8
#define DES_EXPANDED	24

bool is_secret(uint8_t type)
{
	switch (type) {
	case PARSEC_KEY_TYPE_RAW_DATA:
	case PARSEC_KEY_TYPE_HMAC:
	case PARSEC_KEY_TYPE_DERIVE:
	case PARSEC_KEY_TYPE_AES:
	case PARSEC_KEY_TYPE_DES:
	case PARSEC_KEY_TYPE_CAMELLIA:
	case PARSEC_KEY_TYPE_CHACHA20:
		return true;
	default:
		return false;
	}
}

static uint8_t with_parity(uint8_t byte)
{
	uint8_t key_bits = byte & 0xfe;

	return (uint8_t)(key_bits | !(__builtin_popcount(key_bits) & 1));
}

static bool has_parity(struct parsec_span data)
{
	uint8_t wrong = 0;

	for (size_t i = 0; i < data.len; i++)
		wrong |= data.data[i] ^ with_parity(data.data[i]);
	return !wrong;
}

enum parsec_status secret_create(struct parsec_provider_ctx *ctx,
				 const struct parsec_key_attributes *attrs,
				 struct parsec_out *blob)
{
	size_t len = attrs->bits / 8;

	if (len > blob->size)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	if (RAND_priv_bytes_ex(ctx->lib, blob->data, len, 0) != 1) {
		openssl_status(ctx, "generating a key");
		return PARSEC_PSA_ERROR_INSUFFICIENT_ENTROPY;
	}
	for (size_t i = 0; attrs->type == PARSEC_KEY_TYPE_DES && i < len; i++)
		blob->data[i] = with_parity(blob->data[i]);
	blob->len = len;
	return PARSEC_SUCCESS;
}

/* XTS with two equal keys is broken, so OpenSSL refuses to encrypt with them */
static bool halves_are_equal(const struct parsec_key_attributes *attrs,
			     struct parsec_span data)
{
	return attrs->alg.kind == PARSEC_ALG_CIPHER &&
	       attrs->alg.scheme == PARSEC_CIPHER_XTS &&
	       !CRYPTO_memcmp(data.data, data.data + data.len / 2, data.len / 2);
}

enum parsec_status secret_import(struct parsec_key_attributes *attrs, struct parsec_span data,
				 struct parsec_out *blob)
{
	const struct parsec_alg none = { .kind = PARSEC_ALG_NONE };
	uint32_t bits;

	if (!data.len || data.len > PARSEC_BLOB_MAX)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	bits = (uint32_t)data.len * 8;
	/* Nothing that the type could ever be, or not what the caller said it is */
	if ((attrs->bits && attrs->bits != bits) ||
	    !caps_cover(attrs->type, attrs->family, bits, &none, PARSEC_CAN_IMPORT))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	if (!caps_cover(attrs->type, attrs->family, bits, &attrs->alg, PARSEC_CAN_IMPORT))
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if ((attrs->type == PARSEC_KEY_TYPE_DES && !has_parity(data)) ||
	    halves_are_equal(attrs, data))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	if (data.len > blob->size)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;

	memcpy(blob->data, data.data, data.len);
	blob->len = data.len;
	attrs->bits = bits;
	return PARSEC_SUCCESS;
}

/* Keys for ciphers as OpenSSL takes them; the key itself is at the front */
enum parsec_status secret_load(struct parsec_key *key, struct parsec_span blob)
{
	bool des = key->type == PARSEC_KEY_TYPE_DES;

	if (!blob.len || blob.len * 8 != key->bits ||
	    (des && (blob.len % DES_KEY || blob.len > DES_EXPANDED)))
		return PARSEC_PSA_ERROR_DATA_INVALID;
	key->secret_room = des ? DES_EXPANDED : blob.len;
	key->secret = OPENSSL_malloc(key->secret_room);
	if (!key->secret)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	memcpy(key->secret, blob.data, blob.len);
	for (size_t i = blob.len; i < key->secret_room; i++)
		key->secret[i] = key->secret[i - blob.len];
	return PARSEC_SUCCESS;
}

enum parsec_status secret_export(const struct parsec_key *key, struct parsec_out *data)
{
	size_t len = key->bits / 8;

	if (len > data->size)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	memcpy(data->data, key->secret, len);
	data->len = len;
	return PARSEC_SUCCESS;
}
