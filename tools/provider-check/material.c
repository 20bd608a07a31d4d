// SPDX-License-Identifier: Apache-2.0
/*
 * Keys that are known here, because OpenSSL made them, to be imported into the provider.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "tools/provider-check/check.h"

/* Bytes that are the same in each run with the same seed (splitmix64) */
void fill(struct check *check, uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		/* Several threads may want some */
		uint64_t z = __atomic_add_fetch(&check->seed, 0x9e3779b97f4a7c15,
						__ATOMIC_RELAXED);

		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
		z = (z ^ z >> 27) * 0x94d049bb133111eb;
		bytes[i] = (uint8_t)(z >> 32);
	}
}

static bool secret(struct check *check, struct material *material, uint8_t type, uint32_t bits)
{
	if (bits % 8)
		return false;
	material->len = bits / 8;
	fill(check, material->bytes, material->len);
	for (size_t i = 0; type == PARSEC_KEY_TYPE_DES && i < material->len; i++) {
		uint8_t byte = material->bytes[i] & 0xfe;

		material->bytes[i] = (uint8_t)(byte | !(__builtin_popcount(byte) & 1));
	}
	return true;
}

/* Making one takes long: one of each size */
static EVP_PKEY *rsa_key(uint32_t bits)
{
	static struct {
		uint32_t bits;
		EVP_PKEY *pkey;
	} made[8];

	for (size_t i = 0; i < ELEMENTS(made); i++) {
		if (!made[i].bits) {
			made[i].bits = bits;
			made[i].pkey = EVP_RSA_gen(bits);
		}
		if (made[i].bits == bits) {
			if (made[i].pkey)
				EVP_PKEY_up_ref(made[i].pkey);
			return made[i].pkey;
		}
	}
	return EVP_RSA_gen(bits);
}

static EVP_PKEY *dh_key(uint32_t bits)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
	EVP_PKEY *pkey = NULL;
	char group[16];

	snprintf(group, sizeof(group), "ffdhe%u", bits);
	if (ctx && EVP_PKEY_keygen_init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_group_name(ctx, group) == 1)
		EVP_PKEY_keygen(ctx, &pkey);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

static EVP_PKEY *asymmetric(uint8_t type, uint8_t family, uint32_t bits)
{
	const char *curve;

	if (type == PARSEC_KEY_TYPE_RSA_KEY_PAIR || type == PARSEC_KEY_TYPE_RSA_PUBLIC_KEY)
		return rsa_key(bits);
	if (type == PARSEC_KEY_TYPE_DH_KEY_PAIR || type == PARSEC_KEY_TYPE_DH_PUBLIC_KEY)
		return dh_key(bits);
	curve = curve_of(family, bits);
	if (!curve)
		return NULL;
	if (family == PARSEC_ECC_MONTGOMERY)
		return EVP_PKEY_Q_keygen(NULL, NULL, curve);
	return EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve);
}

static bool private_number(const EVP_PKEY *pkey, size_t len, struct material *material)
{
	BIGNUM *number = NULL;
	bool done = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1 &&
		    BN_bn2binpad(number, material->bytes, (int)len) == (int)len;

	material->len = len;
	BN_clear_free(number);
	return done;
}

static bool montgomery_scalar(const EVP_PKEY *pkey, struct material *material)
{
	material->len = sizeof(material->bytes);
	if (EVP_PKEY_get_raw_private_key(pkey, material->bytes, &material->len) != 1)
		return false;
	if (material->len == 32) {
		material->bytes[0] &= 0xf8;
		material->bytes[31] = (material->bytes[31] & 0x7f) | 0x40;
	} else {
		material->bytes[0] &= 0xfc;
		material->bytes[55] |= 0x80;
	}
	return true;
}

static bool encode(struct material *material, uint8_t type, uint8_t family, uint32_t bits)
{
	uint8_t *at = material->bytes, *point = NULL;
	int len;

	switch (type) {
	case PARSEC_KEY_TYPE_RSA_KEY_PAIR:
		len = i2d_PrivateKey(material->pkey, NULL);
		if (len <= 0 || len > ROOM)
			return false;
		material->len = (size_t)i2d_PrivateKey(material->pkey, &at);
		return true;
	case PARSEC_KEY_TYPE_RSA_PUBLIC_KEY:
		material->len = (size_t)i2d_PublicKey(material->pkey, &at);
		return true;
	case PARSEC_KEY_TYPE_ECC_KEY_PAIR:
		if (family == PARSEC_ECC_MONTGOMERY)
			return montgomery_scalar(material->pkey, material);
		return private_number(material->pkey, (bits + 7) / 8, material);
	case PARSEC_KEY_TYPE_DH_KEY_PAIR:
		return private_number(material->pkey, bits / 8, material);
	default:
		material->len = EVP_PKEY_get1_encoded_public_key(material->pkey, &point);
		if (!material->len || material->len > ROOM)
			return false;
		memcpy(material->bytes, point, material->len);
		OPENSSL_free(point);
		return true;
	}
}

/**
 * material_make() - a new key
 *
 * Return: false when OpenSSL has no such keys.
 */
bool material_make(struct check *check, struct material *material, uint8_t type,
		   uint8_t family, uint32_t bits)
{
	memset(material, 0, sizeof(*material));
	if (!is_pair(type) && !is_public(type))
		return secret(check, material, type, bits);
	material->pkey = asymmetric(type, family, bits);
	if (material->pkey && encode(material, type, family, bits))
		return true;
	material_free(material);
	return false;
}

void material_free(struct material *material)
{
	EVP_PKEY_free(material->pkey);
	material->pkey = NULL;
}

bool is_private(const EVP_PKEY *pkey)
{
	BIGNUM *number = NULL;
	size_t len = 0;
	bool is = EVP_PKEY_get_bn_param(pkey, EVP_PKEY_get_base_id(pkey) == EVP_PKEY_RSA ?
						      OSSL_PKEY_PARAM_RSA_D :
						      OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1 ||
		  EVP_PKEY_get_raw_private_key(pkey, NULL, &len) == 1;

	BN_clear_free(number);
	return is;
}

static EVP_PKEY *from_point(const char *kind, char *group, const uint8_t *bytes,
			    size_t len)
{
	OSSL_PARAM named[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
	EVP_PKEY *pkey = NULL;

	if (!ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEY_PARAMETERS, named) != 1 ||
	    EVP_PKEY_set1_encoded_public_key(pkey, bytes, len) != 1) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

/**
 * material_public() - the public part, as the contract has it, as OpenSSL has it
 * Return: NULL when it is not one.
 */
EVP_PKEY *material_public(uint8_t type, uint8_t family, uint32_t bits,
			  const uint8_t *bytes, size_t len)
{
	const uint8_t *at = bytes;
	EVP_PKEY *pkey;
	char group[16];

	if (type == PARSEC_KEY_TYPE_RSA_KEY_PAIR || type == PARSEC_KEY_TYPE_RSA_PUBLIC_KEY) {
		pkey = d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, (long)len);
		if (pkey && (at != bytes + len || EVP_PKEY_get_bits(pkey) != (int)bits)) {
			EVP_PKEY_free(pkey);
			pkey = NULL;
		}
		return pkey;
	}
	if (type == PARSEC_KEY_TYPE_DH_KEY_PAIR || type == PARSEC_KEY_TYPE_DH_PUBLIC_KEY) {
		snprintf(group, sizeof(group), "ffdhe%u", bits);
		return len == bits / 8 ? from_point("DH", group, bytes, len) : NULL;
	}
	if (!curve_of(family, bits))
		return NULL;
	if (family == PARSEC_ECC_MONTGOMERY)
		return EVP_PKEY_new_raw_public_key_ex(NULL, curve_of(family, bits), NULL, bytes,
						      len);
	if (len != 2 * (((size_t)bits + 7) / 8) + 1 || bytes[0] != 4)
		return NULL;
	snprintf(group, sizeof(group), "%s", curve_of(family, bits));
	return from_point("EC", group, bytes, len);
}
