// SPDX-License-Identifier: Apache-2.0
/*
 * Keys as bytes, in the formats of the contract (section 11.2): PKCS#1 for RSA,
 * the scalar and the uncompressed point for elliptic curves; group.c has the others.
 * Import, export and the blobs in the key store are all these.
 */
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/ec.h>
#include <openssl/encoder.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>

#include "providers/lib/ec.h"
#include "providers/openssl/openssl.h"

/* A 4096-bit private key has 2.4 kB */
#define RSA_ENCODING_MAX	4096
#define EC_FIELD_MAX		72

bool is_pair(uint8_t type)
{
	return type == PARSEC_KEY_TYPE_RSA_KEY_PAIR || type == PARSEC_KEY_TYPE_ECC_KEY_PAIR ||
	       type == PARSEC_KEY_TYPE_DH_KEY_PAIR;
}

/* Type of the public part of an asymmetric key */
uint8_t public_type(uint8_t type)
{
	switch (type) {
	case PARSEC_KEY_TYPE_RSA_KEY_PAIR:
		return PARSEC_KEY_TYPE_RSA_PUBLIC_KEY;
	case PARSEC_KEY_TYPE_ECC_KEY_PAIR:
		return PARSEC_KEY_TYPE_ECC_PUBLIC_KEY;
	case PARSEC_KEY_TYPE_DH_KEY_PAIR:
		return PARSEC_KEY_TYPE_DH_PUBLIC_KEY;
	default:
		return type;
	}
}

static bool is_dh(uint8_t type)
{
	return type == PARSEC_KEY_TYPE_DH_KEY_PAIR || type == PARSEC_KEY_TYPE_DH_PUBLIC_KEY;
}

static bool is_rsa(uint8_t type)
{
	return type == PARSEC_KEY_TYPE_RSA_KEY_PAIR || type == PARSEC_KEY_TYPE_RSA_PUBLIC_KEY;
}

static int selection(uint8_t type)
{
	return is_pair(type) ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
}

static enum parsec_status encode_rsa(const struct parsec_provider_ctx *ctx,
				     const EVP_PKEY *pkey, uint8_t type,
				     struct parsec_out *out)
{
	enum parsec_status status = PARSEC_SUCCESS;
	unsigned char *data = NULL;
	OSSL_ENCODER_CTX *encoder;
	size_t len = 0;

	encoder = OSSL_ENCODER_CTX_new_for_pkey(pkey, selection(type), "DER",
						"type-specific", NULL);
	if (!encoder || OSSL_ENCODER_to_data(encoder, &data, &len) != 1) {
		status = openssl_status(ctx, "encoding an RSA key");
	} else if (len > out->size) {
		status = PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	} else {
		memcpy(out->data, data, len);
		out->len = len;
	}
	OPENSSL_clear_free(data, len);
	OSSL_ENCODER_CTX_free(encoder);
	return status;
}

/* One number of an EC key, left-padded */
static bool put_number(const EVP_PKEY *pkey, const char *name, uint8_t *to, size_t len)
{
	BIGNUM *number = BN_secure_new();
	bool done;

	done = number && EVP_PKEY_get_bn_param(pkey, name, &number) == 1 &&
	       BN_bn2binpad(number, to, (int)len) == (int)len;
	BN_clear_free(number);
	return done;
}

static enum parsec_status encode_ec(const struct parsec_provider_ctx *ctx,
				    const EVP_PKEY *pkey, size_t field, uint8_t type,
				    struct parsec_out *out)
{
	size_t len = is_pair(type) ? field : 1 + 2 * field;
	bool done;

	if (len > out->size)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;

	if (is_pair(type)) {
		done = put_number(pkey, OSSL_PKEY_PARAM_PRIV_KEY, out->data, field);
	} else {
		out->data[0] = POINT_CONVERSION_UNCOMPRESSED;
		done = put_number(pkey, OSSL_PKEY_PARAM_EC_PUB_X, out->data + 1, field) &&
		       put_number(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, out->data + 1 + field,
				  field);
	}
	if (!done)
		return openssl_status(ctx, "encoding an EC key");
	out->len = len;
	return PARSEC_SUCCESS;
}

/* Of a group of one number per key */
static enum parsec_status encode_number(const struct parsec_provider_ctx *ctx,
					const EVP_PKEY *pkey,
					const struct parsec_key_attributes *of, size_t field,
					uint8_t type, struct parsec_out *out)
{
	bool pair = is_pair(type), done;

	if (field > out->size)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	done = is_dh(type) ? dh_encode(pkey, pair, is_pair(of->type), out->data, field) :
			     montgomery_encode(pkey, pair, out->data, field);
	if (!done)
		return openssl_status(ctx, "encoding a key");
	out->len = field;
	return PARSEC_SUCCESS;
}

/**
 * encode_key() - key to bytes
 * @of:		what @pkey is; the size is the real one
 * @type:	what to encode: the pair or, also of a pair, the public key
 */
enum parsec_status encode_key(const struct parsec_provider_ctx *ctx, const EVP_PKEY *pkey,
			      const struct parsec_key_attributes *of, uint8_t type,
			      struct parsec_out *out)
{
	size_t field = (of->bits + 7) / 8;

	if (is_rsa(type))
		return encode_rsa(ctx, pkey, type, out);
	if (is_dh(type) || of->family == PARSEC_ECC_MONTGOMERY)
		return encode_number(ctx, pkey, of, field, type, out);
	return encode_ec(ctx, pkey, field, type, out);
}

/* Of more than two primes: such a key is PKCS#1 as well, but of version 1 */
static bool has_more_primes(const EVP_PKEY *pkey)
{
	BIGNUM *third = NULL;
	bool found = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_FACTOR3, &third) == 1;

	BN_clear_free(third);
	return found;
}

/* The decoder takes what is near enough to PKCS#1; only the encoding itself is right */
static bool is_canonical(const struct parsec_provider_ctx *ctx, const EVP_PKEY *pkey,
			 uint8_t type, struct parsec_span data)
{
	uint8_t buffer[RSA_ENCODING_MAX];
	struct parsec_out again = { buffer, sizeof(buffer), 0 };
	bool same;

	same = encode_rsa(ctx, pkey, type, &again) == PARSEC_SUCCESS &&
	       again.len == data.len && !CRYPTO_memcmp(buffer, data.data, data.len);
	OPENSSL_cleanse(buffer, sizeof(buffer));
	return same;
}

static enum parsec_status decode_rsa(const struct parsec_provider_ctx *ctx, uint8_t type,
				     struct parsec_span data, EVP_PKEY **pkey)
{
	const unsigned char *at = data.data;
	OSSL_DECODER_CTX *decoder;
	enum parsec_status status;
	size_t left = data.len;

	if (!data.len || data.len > RSA_ENCODING_MAX)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;

	decoder = OSSL_DECODER_CTX_new_for_pkey(pkey, "DER", "type-specific", "RSA",
						selection(type), ctx->lib, NULL);
	if (!decoder)
		return openssl_status(ctx, "decoding an RSA key");

	if (OSSL_DECODER_from_data(decoder, &at, &left) == 1 && !left &&
	    !has_more_primes(*pkey) && is_canonical(ctx, *pkey, type, data)) {
		status = PARSEC_SUCCESS;
	} else {
		/* Whatever OpenSSL calls it, the data is not a key */
		status = openssl_status(ctx, "decoding an RSA key");
		if (status != PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY)
			status = PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	}
	OSSL_DECODER_CTX_free(decoder);
	return status;
}

/* A key of the point and, for a pair, the scalar */
static bool build_ec(const struct parsec_provider_ctx *ctx, const struct curve *curve,
		     const BIGNUM *scalar, const uint8_t *point, size_t len, EVP_PKEY **pkey)
{
	EVP_PKEY_CTX *builder = EVP_PKEY_CTX_new_from_name(ctx->lib, "EC", NULL);
	OSSL_PARAM_BLD *list = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	bool done;

	done = builder && list &&
	       OSSL_PARAM_BLD_push_utf8_string(list, OSSL_PKEY_PARAM_GROUP_NAME,
					       OBJ_nid2sn(curve->nid), 0) == 1 &&
	       OSSL_PARAM_BLD_push_octet_string(list, OSSL_PKEY_PARAM_PUB_KEY, point,
						len) == 1 &&
	       (!scalar || OSSL_PARAM_BLD_push_BN(list, OSSL_PKEY_PARAM_PRIV_KEY,
						  scalar) == 1) &&
	       (params = OSSL_PARAM_BLD_to_param(list)) &&
	       EVP_PKEY_fromdata_init(builder) == 1 &&
	       EVP_PKEY_fromdata(builder, pkey,
				 scalar ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
				 params) == 1;
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(list);
	EVP_PKEY_CTX_free(builder);
	return done;
}

static EVP_PKEY *decode_ec(const struct parsec_provider_ctx *ctx, uint8_t type, uint8_t family,
			   struct parsec_span data, uint32_t *bits)
{
	bool pair = is_pair(type), done = false;
	const struct curve *curve;
	uint8_t point[1 + 2 * EC_FIELD_MAX];
	EVP_PKEY *pkey = NULL;
	BIGNUM *scalar = NULL;
	size_t len;

	if (data.len > sizeof(point) || data.len < 2)
		return NULL;
	curve = curve_find(family, *bits, pair ? data.len : data.len / 2);
	if (!curve)
		return NULL;
	len = 1 + 2 * curve_field(curve);

	if (pair) {
		/* Secure: the copy on the way into the key is wiped as well */
		scalar = BN_secure_new();
		done = scalar && BN_bin2bn(data.data, (int)data.len, scalar) &&
		       ec_multiply(ctx->lib, curve->nid, scalar, point, len);
	} else if (data.len == len && data.data[0] == POINT_CONVERSION_UNCOMPRESSED) {
		memcpy(point, data.data, len);
		done = true;
	}
	if (done && build_ec(ctx, curve, scalar, point, len, &pkey))
		*bits = curve->bits;
	BN_clear_free(scalar);
	return pkey;
}

/**
 * decode_key() - bytes to key
 * @attrs:	its type; a size that is not 0 must be the one of @data
 * @bits:	real size
 *
 * Return: PARSEC_SUCCESS, PARSEC_PSA_ERROR_INVALID_ARGUMENT for what is not exactly one key
 * of this type and size, PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY.
 */
enum parsec_status decode_key(const struct parsec_provider_ctx *ctx,
			      const struct parsec_key_attributes *attrs,
			      struct parsec_span data, EVP_PKEY **pkey, uint32_t *bits)
{
	enum parsec_status status = PARSEC_SUCCESS;
	bool pair = is_pair(attrs->type);

	*pkey = NULL;
	*bits = attrs->bits;
	if (is_rsa(attrs->type)) {
		status = decode_rsa(ctx, attrs->type, data, pkey);
		if (status == PARSEC_SUCCESS)
			*bits = (uint32_t)EVP_PKEY_get_bits(*pkey);
	} else {
		if (is_dh(attrs->type))
			*pkey = dh_decode(ctx, pair, data, bits);
		else if (attrs->family == PARSEC_ECC_MONTGOMERY)
			*pkey = montgomery_decode(ctx, pair, data, bits);
		else
			*pkey = decode_ec(ctx, attrs->type, attrs->family, data, bits);
	}
	/* OpenSSL goes on without a size when there is no memory to find it out */
	if (status == PARSEC_SUCCESS && (!*pkey || EVP_PKEY_get_bits(*pkey) <= 0))
		status = bad_input(ctx, "decoding a key", PARSEC_PSA_ERROR_INVALID_ARGUMENT);
	if (status == PARSEC_SUCCESS && attrs->bits && attrs->bits != *bits)
		status = PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	if (status != PARSEC_SUCCESS) {
		EVP_PKEY_free(*pkey);
		*pkey = NULL;
	}
	return status;
}
