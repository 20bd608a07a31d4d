// SPDX-License-Identifier: Apache-2.0
/*
 * Keys that only agree, as bytes in the formats of the contract (section 11.2):
 * Montgomery curves, little endian, and the groups of RFC 7919, big endian.
 */
#include <stdio.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "providers/lib/ec.h"
#include "providers/openssl/openssl.h"

#define X25519_SIZE	32
#define X448_SIZE	56
#define DH_BITS_MAX	8192

static const char *montgomery_name(uint32_t bits)
{
	return bits == 255 ? "X25519" : "X448";
}

EVP_PKEY *montgomery_generate(const struct parsec_provider_ctx *ctx, uint32_t bits)
{
	return EVP_PKEY_Q_keygen(ctx->lib, NULL, montgomery_name(bits));
}

bool montgomery_encode(const EVP_PKEY *pkey, bool pair, uint8_t *to, size_t len)
{
	return (pair ? EVP_PKEY_get_raw_private_key(pkey, to, &len) :
		       EVP_PKEY_get_raw_public_key(pkey, to, &len)) == 1;
}

/* NULL for what is no key; 0 in @bits is filled in */
EVP_PKEY *montgomery_decode(const struct parsec_provider_ctx *ctx, bool pair,
			    struct parsec_span data, uint32_t *bits)
{
	uint8_t scalar[X448_SIZE];
	EVP_PKEY *pkey;

	if (!*bits)
		*bits = data.len == X25519_SIZE ? 255 : 448;
	if (data.len != (*bits == 255 ? X25519_SIZE : X448_SIZE))
		return NULL;
	if (!pair)
		return EVP_PKEY_new_raw_public_key_ex(ctx->lib, montgomery_name(*bits), NULL,
						      data.data, data.len);

	for (size_t i = 0; i < data.len; i++)
		scalar[i] = data.data[i];
	ec_clamp(*bits, scalar);
	pkey = EVP_PKEY_new_raw_private_key_ex(ctx->lib, montgomery_name(*bits), NULL, scalar,
					       data.len);
	OPENSSL_cleanse(scalar, sizeof(scalar));
	return pkey;
}

static void group_name(uint32_t bits, char name[static 16])
{
	snprintf(name, 16, "ffdhe%u", bits);
}

EVP_PKEY *dh_generate(const struct parsec_provider_ctx *ctx, uint32_t bits)
{
	EVP_PKEY_CTX *generator = EVP_PKEY_CTX_new_from_name(ctx->lib, "DH", NULL);
	EVP_PKEY *pkey = NULL;
	char name[16];

	group_name(bits, name);
	if (generator && EVP_PKEY_keygen_init(generator) == 1 &&
	    EVP_PKEY_CTX_set_group_name(generator, name) == 1 &&
	    EVP_PKEY_generate(generator, &pkey) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(generator);
	return pkey;
}

/* y of x: keys come from their x alone, and y is needed only to be handed out */
static bool compute_public(const EVP_PKEY *pkey, uint8_t *to, size_t len)
{
	BIGNUM *p = NULL, *g = NULL, *x = BN_secure_new(), *y = BN_new();
	BN_CTX *scratch = BN_CTX_secure_new();
	bool done;

	done = x && y && scratch &&
	       EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_FFC_P, &p) == 1 &&
	       EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_FFC_G, &g) == 1 &&
	       EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_PRIV_KEY, &x) == 1;
	if (done)
		BN_set_flags(x, BN_FLG_CONSTTIME);
	done = done && BN_mod_exp_mont_consttime(y, g, x, p, scratch, NULL) == 1 &&
	       BN_bn2binpad(y, to, (int)len) == (int)len;
	BN_CTX_free(scratch);
	BN_free(p);
	BN_free(g);
	BN_clear_free(x);
	BN_free(y);
	return done;
}

bool dh_encode(const EVP_PKEY *pkey, bool pair, bool of_pair, uint8_t *to, size_t len)
{
	BIGNUM *number = NULL;
	bool done;

	if (of_pair && !pair)
		return compute_public(pkey, to, len);
	number = BN_secure_new();
	done = number &&
	       EVP_PKEY_get_bn_param(pkey, pair ? OSSL_PKEY_PARAM_PRIV_KEY :
						  OSSL_PKEY_PARAM_PUB_KEY, &number) == 1 &&
	       BN_bn2binpad(number, to, (int)len) == (int)len;
	BN_clear_free(number);
	return done;
}

/* Is 1 < @number < p - 1? Whether a public one is in the group is checked by others */
static bool is_in_range(const EVP_PKEY *pkey, const BIGNUM *number)
{
	BIGNUM *p = NULL;
	bool good;

	good = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_FFC_P, &p) == 1 &&
	       BN_sub_word(p, 1) == 1 && !BN_is_zero(number) && !BN_is_one(number) &&
	       BN_cmp(number, p) < 0;
	BN_free(p);
	return good;
}

/* NULL for what is no key; 0 in @bits is filled in */
EVP_PKEY *dh_decode(const struct parsec_provider_ctx *ctx, bool pair, struct parsec_span data,
		    uint32_t *bits)
{
	EVP_PKEY_CTX *builder;
	OSSL_PARAM *params = NULL;
	OSSL_PARAM_BLD *list;
	EVP_PKEY *pkey = NULL;
	BIGNUM *number;
	char name[16];
	bool done;

	if (!data.len || data.len > DH_BITS_MAX / 8 || (*bits && *bits != data.len * 8))
		return NULL;
	*bits = (uint32_t)data.len * 8;
	group_name(*bits, name);
	builder = EVP_PKEY_CTX_new_from_name(ctx->lib, "DH", NULL);
	list = OSSL_PARAM_BLD_new();
	number = pair ? BN_secure_new() : BN_new();
	done = builder && list && number &&
	       BN_bin2bn(data.data, (int)data.len, number) &&
	       OSSL_PARAM_BLD_push_utf8_string(list, OSSL_PKEY_PARAM_GROUP_NAME, name,
					       0) == 1 &&
	       OSSL_PARAM_BLD_push_BN(list, pair ? OSSL_PKEY_PARAM_PRIV_KEY :
						   OSSL_PKEY_PARAM_PUB_KEY, number) == 1 &&
	       (params = OSSL_PARAM_BLD_to_param(list)) &&
	       EVP_PKEY_fromdata_init(builder) == 1 &&
	       EVP_PKEY_fromdata(builder, &pkey,
				 pair ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) == 1 &&
	       is_in_range(pkey, number);
	if (!done) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	BN_clear_free(number);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(list);
	EVP_PKEY_CTX_free(builder);
	return pkey;
}
