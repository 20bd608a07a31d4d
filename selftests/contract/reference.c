// SPDX-License-Identifier: Apache-2.0
/*
 * OpenSSL in the test's own process.
 */
#include "selftests/contract/reference.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

#define ROOM	4096

static void *must(void *pointer)
{
	if (!pointer)
		abort();
	return pointer;
}

static uint8_t *room(void)
{
	return must(malloc(ROOM));
}

const EVP_MD *reference_md(uint8_t hash)
{
	static const char *const names[] = {
		[PARSEC_HASH_MD5] = "MD5",
		[PARSEC_HASH_RIPEMD160] = "RIPEMD160",
		[PARSEC_HASH_SHA_1] = "SHA1",
		[PARSEC_HASH_SHA_224] = "SHA224",
		[PARSEC_HASH_SHA_256] = "SHA256",
		[PARSEC_HASH_SHA_384] = "SHA384",
		[PARSEC_HASH_SHA_512] = "SHA512",
		[PARSEC_HASH_SHA_512_224] = "SHA512-224",
		[PARSEC_HASH_SHA_512_256] = "SHA512-256",
		[PARSEC_HASH_SHA3_224] = "SHA3-224",
		[PARSEC_HASH_SHA3_256] = "SHA3-256",
		[PARSEC_HASH_SHA3_384] = "SHA3-384",
		[PARSEC_HASH_SHA3_512] = "SHA3-512",
	};

	if (hash > PARSEC_HASH_LAST || !names[hash])
		return NULL;
	return EVP_get_digestbyname(names[hash]);
}

struct parsec_span reference_digest(uint8_t hash, struct parsec_span message)
{
	uint8_t *digest = room();
	unsigned int len = 0;

	if (!EVP_Digest(message.data, message.len, digest, &len, reference_md(hash), NULL))
		abort();
	return (struct parsec_span) { digest, len };
}

const char *reference_curve(uint32_t bits)
{
	switch (bits) {
	case 256:
		return "P-256";
	case 384:
		return "P-384";
	case 521:
		return "P-521";
	default:
		return NULL;
	}
}

EVP_PKEY *reference_ecc(uint32_t bits)
{
	return must(EVP_EC_gen(reference_curve(bits)));
}

EVP_PKEY *reference_rsa(uint32_t bits)
{
	return must(EVP_RSA_gen(bits));
}

static EVP_PKEY *from_params(OSSL_PARAM *params, const char *type, int selection)
{
	EVP_PKEY_CTX *ctx = must(EVP_PKEY_CTX_new_from_name(NULL, type, NULL));
	EVP_PKEY *key = NULL;

	if (EVP_PKEY_fromdata_init(ctx) <= 0 ||
	    EVP_PKEY_fromdata(ctx, &key, selection, params) <= 0)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static EVP_PKEY *ecc_from_public(uint32_t bits, struct parsec_span point)
{
	char *name = (char *)(uintptr_t)reference_curve(bits);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
						  (void *)(uintptr_t)point.data,
						  point.len),
		OSSL_PARAM_construct_end(),
	};

	return from_params(params, "EC", EVP_PKEY_PUBLIC_KEY);
}

EVP_PKEY *reference_from_public(uint32_t ecc_bits, struct parsec_span data)
{
	const unsigned char *at = data.data;
	EVP_PKEY *key;

	if (ecc_bits)
		return ecc_from_public(ecc_bits, data);
	key = d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, (long)data.len);
	return key && at == data.data + data.len ? key : NULL;
}

EVP_PKEY *reference_scalar(uint32_t bits, struct parsec_span scalar)
{
	EC_GROUP *group = must(EC_GROUP_new_by_curve_name(OBJ_sn2nid(
		bits == 256 ? SN_X9_62_prime256v1 : bits == 384 ? SN_secp384r1 :
								  SN_secp521r1)));
	EC_POINT *point = must(EC_POINT_new(group));
	BIGNUM *k = must(BN_bin2bn(scalar.data, (int)scalar.len, NULL));
	OSSL_PARAM_BLD *build = must(OSSL_PARAM_BLD_new());
	uint8_t *public = room();
	size_t len;
	EVP_PKEY *key;

	if (!EC_POINT_mul(group, point, k, NULL, NULL, NULL))
		abort();
	len = EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, public, ROOM,
				 NULL);
	OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME,
					reference_curve(bits), 0);
	OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, public, len);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, k);
	key = from_params(must(OSSL_PARAM_BLD_to_param(build)), "EC", EVP_PKEY_KEYPAIR);
	EC_POINT_free(point);
	EC_GROUP_free(group);
	return must(key);
}

static size_t order_bytes(EVP_PKEY *key)
{
	return (size_t)(EVP_PKEY_get_bits(key) + 7) / 8;
}

struct parsec_span reference_public(EVP_PKEY *key)
{
	uint8_t *data = room(), *at = data;
	size_t len = 0;
	int size;

	if (EVP_PKEY_is_a(key, "EC")) {
		if (!EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, data,
						     ROOM, &len))
			abort();
		return (struct parsec_span) { data, len };
	}
	size = i2d_PublicKey(key, &at);
	return (struct parsec_span) { data, (size_t)size };
}

struct parsec_span reference_private(EVP_PKEY *key)
{
	uint8_t *data = room(), *at = data;
	BIGNUM *scalar = NULL;
	int size;

	if (EVP_PKEY_is_a(key, "EC")) {
		if (!EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &scalar))
			abort();
		size = BN_bn2binpad(scalar, data, (int)order_bytes(key));
	} else {
		size = i2d_PrivateKey(key, &at);
	}
	return (struct parsec_span) { data, (size_t)size };
}

static EVP_PKEY_CTX *context(EVP_PKEY *key, uint8_t scheme, uint8_t hash, bool sign)
{
	EVP_PKEY_CTX *ctx = must(EVP_PKEY_CTX_new(key, NULL));
	bool ok = sign ? EVP_PKEY_sign_init(ctx) > 0 : EVP_PKEY_verify_init(ctx) > 0;

	if (ok && scheme == PARSEC_SIGN_RSA_PKCS1V15)
		ok = EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0;
	if (ok && scheme == PARSEC_SIGN_RSA_PSS)
		ok = EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 &&
		     EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) > 0;
	if (ok)
		ok = EVP_PKEY_CTX_set_signature_md(ctx, reference_md(hash)) > 0;
	if (!ok)
		abort();
	return ctx;
}

/* r and s, each as long as the order, from DER */
static struct parsec_span plain_from_der(struct parsec_span der, size_t width)
{
	const unsigned char *at = der.data;
	ECDSA_SIG *sig = must(d2i_ECDSA_SIG(NULL, &at, (long)der.len));
	uint8_t *plain = room();

	BN_bn2binpad(ECDSA_SIG_get0_r(sig), plain, (int)width);
	BN_bn2binpad(ECDSA_SIG_get0_s(sig), plain + width, (int)width);
	ECDSA_SIG_free(sig);
	return (struct parsec_span) { plain, 2 * width };
}

static struct parsec_span der_from_plain(struct parsec_span plain, size_t width)
{
	ECDSA_SIG *sig = must(ECDSA_SIG_new());
	uint8_t *der = room(), *at = der;
	int len;

	ECDSA_SIG_set0(sig, BN_bin2bn(plain.data, (int)width, NULL),
		       BN_bin2bn(plain.data + width, (int)width, NULL));
	len = i2d_ECDSA_SIG(sig, &at);
	ECDSA_SIG_free(sig);
	return (struct parsec_span) { der, (size_t)len };
}

struct parsec_span reference_sign(EVP_PKEY *key, uint8_t scheme, uint8_t hash,
				  struct parsec_span digest)
{
	EVP_PKEY_CTX *ctx = context(key, scheme, hash, true);
	uint8_t *data = room();
	size_t len = ROOM;

	if (EVP_PKEY_sign(ctx, data, &len, digest.data, digest.len) <= 0)
		abort();
	EVP_PKEY_CTX_free(ctx);
	if (EVP_PKEY_is_a(key, "EC"))
		return plain_from_der((struct parsec_span) { data, len }, order_bytes(key));
	return (struct parsec_span) { data, len };
}

bool reference_verify(EVP_PKEY *key, uint8_t scheme, uint8_t hash,
		      struct parsec_span digest, struct parsec_span signature)
{
	EVP_PKEY_CTX *ctx = context(key, scheme, hash, false);
	size_t width = order_bytes(key);
	bool valid = false;

	if (!EVP_PKEY_is_a(key, "EC")) {
		valid = signature.len == width;
	} else if (signature.len == 2 * width) {
		signature = der_from_plain(signature, width);
		valid = true;
	}
	valid = valid && EVP_PKEY_verify(ctx, signature.data, signature.len, digest.data,
					 digest.len) == 1;
	EVP_PKEY_CTX_free(ctx);
	return valid;
}
