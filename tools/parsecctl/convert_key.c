// SPDX-License-Identifier: Apache-2.0
/*
 * Keys between the contract's formats and OpenSSL's, and so those of files.
 */
#include <string.h>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include "parsecctl.h"

static const struct curve {
	uint8_t family;
	uint16_t bits;
	const char *group;
} curves[] = {
	{ PARSEC_ECC_SECP_R1, 192, "prime192v1" },
	{ PARSEC_ECC_SECP_R1, 224, "secp224r1" },
	{ PARSEC_ECC_SECP_R1, 256, "prime256v1" },
	{ PARSEC_ECC_SECP_R1, 384, "secp384r1" },
	{ PARSEC_ECC_SECP_R1, 521, "secp521r1" },
	{ PARSEC_ECC_SECP_K1, 256, "secp256k1" },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 256, "brainpoolP256r1" },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 384, "brainpoolP384r1" },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 512, "brainpoolP512r1" },
	{ PARSEC_ECC_MONTGOMERY, 255, "X25519" },
	{ PARSEC_ECC_MONTGOMERY, 448, "X448" },
};

#define COUNT		(sizeof(curves) / sizeof(curves[0]))

static const struct curve *curve_of(const struct parsec_key_attributes *attrs)
{
	size_t i;

	for (i = 0; i < COUNT; i++)
		if (curves[i].family == attrs->family && curves[i].bits == attrs->bits)
			return &curves[i];
	return NULL;
}

/* A key of a Weierstrass curve; @scalar NULL: its public part only */
static EVP_PKEY *point_key(const struct curve *curve, const struct bytes *scalar,
			   const struct bytes *point)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	BIGNUM *number = scalar ? BN_secure_new() : NULL;
	OSSL_PARAM *params = NULL;
	EVP_PKEY *pkey = NULL;

	if (!build || !ctx || (scalar && !number) ||
	    !OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME,
					     curve->group, 0) ||
	    !OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point->data,
					      point->len))
		goto out;
	if (scalar && (!BN_bin2bn(scalar->data, (int)scalar->len, number) ||
		       !OSSL_PARAM_BLD_push_BN_pad(build, OSSL_PKEY_PARAM_PRIV_KEY, number,
						   scalar->len)))
		goto out;
	params = OSSL_PARAM_BLD_to_param(build);
	if (!params || EVP_PKEY_fromdata_init(ctx) <= 0 ||
	    EVP_PKEY_fromdata(ctx, &pkey, scalar ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
			      params) <= 0)
		pkey = NULL;
out:
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	BN_clear_free(number);
	return pkey;
}

/**
 * public_key() - what parsec_psa_export_public_key() gives, for OpenSSL
 * @attrs:	the key
 * @key:	its public part as the contract has it
 *
 * Return: the key, to be freed; NULL when OpenSSL has no such.
 */
EVP_PKEY *public_key(const struct parsec_key_attributes *attrs, const struct bytes *key)
{
	const unsigned char *der = key->data;
	const struct curve *curve;

	if (key_is_rsa(attrs))
		return d2i_PublicKey(EVP_PKEY_RSA, NULL, &der, (long)key->len);
	curve = key_is_ecc(attrs) ? curve_of(attrs) : NULL;
	if (!curve)
		return NULL;
	if (curve->family == PARSEC_ECC_MONTGOMERY)
		return EVP_PKEY_new_raw_public_key_ex(NULL, curve->group, NULL, key->data,
						      key->len);
	return point_key(curve, NULL, key);
}

/**
 * private_key_pem() - what parsec_psa_export_key() gives of a pair, as PKCS#8
 * @attrs:	the key
 * @key:	it, as the contract has it
 * @public:	its public part
 * @pem:	gets the text
 */
bool private_key_pem(const struct parsec_key_attributes *attrs, const struct bytes *key,
		     const struct bytes *public, struct bytes *pem)
{
	const struct curve *curve = key_is_ecc(attrs) ? curve_of(attrs) : NULL;
	const unsigned char *der = key->data;
	BIO *bio = BIO_new(BIO_s_secmem());
	EVP_PKEY *pkey = NULL;
	bool done;

	if (key_is_rsa(attrs))
		pkey = d2i_PrivateKey(EVP_PKEY_RSA, NULL, &der, (long)key->len);
	else if (curve && curve->family == PARSEC_ECC_MONTGOMERY)
		pkey = EVP_PKEY_new_raw_private_key_ex(NULL, curve->group, NULL, key->data,
						       key->len);
	else if (curve)
		pkey = point_key(curve, key, public);
	done = bio && pkey &&
	       PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) &&
	       bytes_add_bio(pem, bio);
	EVP_PKEY_free(pkey);
	BIO_free(bio);
	return done;
}

/* The first key in a file that has what @selection asks for */
static EVP_PKEY *decode(const struct bytes *file, int selection)
{
	BIO *bio = BIO_new_mem_buf(file->data, (int)file->len);
	OSSL_DECODER_CTX *ctx;
	EVP_PKEY *pkey = NULL;

	ctx = OSSL_DECODER_CTX_new_for_pkey(&pkey, NULL, NULL, NULL, selection, NULL, NULL);
	if (bio && ctx) {
		int before, now = -1;

		/* Each round reads one block of PEM: parameters may stand in front */
		do {
			before = now;
			if (OSSL_DECODER_from_bio(ctx, bio) && pkey)
				break;
			now = (int)BIO_tell(bio);
		} while (!BIO_eof(bio) && now > before);
	}
	OSSL_DECODER_CTX_free(ctx);
	BIO_free(bio);
	return pkey;
}

static bool rsa_material(EVP_PKEY *pkey, struct parsec_key_attributes *attrs, bool pair,
			 struct bytes *key)
{
	unsigned char *der = NULL;
	int len = pair ? i2d_PrivateKey(pkey, &der) : i2d_PublicKey(pkey, &der);
	uint8_t *room = len > 0 ? bytes_room(key, (size_t)len) : NULL;

	if (room) {
		memcpy(room, der, (size_t)len);
		key->len += (size_t)len;
	}
	OPENSSL_clear_free(der, len > 0 ? (size_t)len : 0);
	attrs->type = pair ? PARSEC_KEY_TYPE_RSA_KEY_PAIR : PARSEC_KEY_TYPE_RSA_PUBLIC_KEY;
	return room;
}

/* The contract has Montgomery scalars with the bits that have no choice set */
static void clamp(uint8_t *scalar, size_t len)
{
	scalar[0] &= len == 32 ? 0xf8 : 0xfc;
	if (len == 32)
		scalar[31] &= 0x7f;
	scalar[len - 1] |= len == 32 ? 0x40 : 0x80;
}

static bool montgomery_material(EVP_PKEY *pkey, bool pair, struct bytes *key)
{
	size_t len = 64;
	uint8_t *room = bytes_room(key, len);

	if (!room || !(pair ? EVP_PKEY_get_raw_private_key(pkey, room, &len) :
			      EVP_PKEY_get_raw_public_key(pkey, room, &len)))
		return false;
	if (pair)
		clamp(room, len);
	key->len += len;
	return true;
}

static bool point_material(EVP_PKEY *pkey, size_t bits, bool pair, struct bytes *key)
{
	size_t width = (bits + 7) / 8, len = 2 * width + 1;
	uint8_t *room = bytes_room(key, len);
	BIGNUM *scalar = NULL;
	bool done;

	if (pair) {
		len = width;
		done = room && EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_PRIV_KEY, &scalar) &&
		       BN_bn2binpad(scalar, room, (int)width) == (int)width;
		BN_clear_free(scalar);
	} else {
		done = room &&
		       EVP_PKEY_set_utf8_string_param(pkey,
						      OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
						      "uncompressed") &&
		       EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY, room, len,
						       &len);
	}
	if (done)
		key->len += len;
	return done;
}

static bool ecc_material(EVP_PKEY *pkey, struct parsec_key_attributes *attrs, bool pair,
			 struct bytes *key)
{
	const struct curve *curve = NULL;
	char group[64] = "";
	size_t i;

	EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL);
	for (i = 0; i < COUNT; i++)
		if (curves[i].family == PARSEC_ECC_MONTGOMERY ?
		    EVP_PKEY_is_a(pkey, curves[i].group) : !strcmp(group, curves[i].group))
			curve = &curves[i];
	if (!curve)
		return false;
	attrs->type = pair ? PARSEC_KEY_TYPE_ECC_KEY_PAIR : PARSEC_KEY_TYPE_ECC_PUBLIC_KEY;
	attrs->family = curve->family;
	attrs->bits = curve->bits;
	if (curve->family == PARSEC_ECC_MONTGOMERY)
		return montgomery_material(pkey, pair, key);
	return point_material(pkey, curve->bits, pair, key);
}

static bool is_pair(EVP_PKEY *pkey)
{
	uint8_t raw[64];
	size_t len = sizeof(raw);
	BIGNUM *number = NULL;
	bool pair;

	pair = EVP_PKEY_get_bn_param(pkey, EVP_PKEY_is_a(pkey, "EC") ? OSSL_PKEY_PARAM_PRIV_KEY :
				     OSSL_PKEY_PARAM_RSA_D, &number) ||
	       (!EVP_PKEY_is_a(pkey, "EC") && EVP_PKEY_get_raw_private_key(pkey, raw, &len));
	BN_clear_free(number);
	OPENSSL_cleanse(raw, sizeof(raw));
	return pair;
}

/**
 * key_from_file() - a key out of PEM or DER, for the service
 * @file:	PKCS#8, SubjectPublicKeyInfo, PKCS#1 or SEC 1; not encrypted
 * @attrs:	its type, family and bits are set
 * @key:	gets the key as the contract has it
 */
bool key_from_file(const struct bytes *file, struct parsec_key_attributes *attrs,
		   struct bytes *key)
{
	EVP_PKEY *pkey = decode(file, EVP_PKEY_KEYPAIR);
	bool pair, done;

	if (!pkey)
		pkey = decode(file, EVP_PKEY_PUBLIC_KEY);
	if (!pkey)
		return false;
	pair = is_pair(pkey);
	if (EVP_PKEY_is_a(pkey, "RSA") || EVP_PKEY_is_a(pkey, "RSA-PSS")) {
		attrs->bits = (uint32_t)EVP_PKEY_get_bits(pkey);
		done = rsa_material(pkey, attrs, pair, key);
	} else {
		done = ecc_material(pkey, attrs, pair, key);
	}
	EVP_PKEY_free(pkey);
	return done;
}
