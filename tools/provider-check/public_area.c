// SPDX-License-Identifier: Apache-2.0
/*
 * The public area of a key, which its verifier takes for the key: is it this key, and does
 * it say the truth about where it is from? (TPM 2.0 Library, part 2, TPMT_PUBLIC)
 */
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>

#include "tools/provider-check/check.h"

/* enum TPM_ALG_ID and such, as far as it takes */
#define ALG_RSA		0x0001
#define ALG_KEYEDHASH	0x0008
#define ALG_NULL	0x0010
#define ALG_RSAES	0x0015
#define ALG_ECDAA	0x001a
#define ALG_ECC		0x0023
#define ALG_SYMCIPHER	0x0025
#define FIXED_TPM	UINT32_C(0x00000002)
#define DATA_ORIGIN	UINT32_C(0x00000020)

static const struct {
	unsigned int alg;
	const char *name;
} hashes[] = {
	{ 0x0004, "SHA1" }, { 0x000b, "SHA2-256" }, { 0x000c, "SHA2-384" },
	{ 0x000d, "SHA2-512" }, { 0x0012, "SM3" }, { 0x0027, "SHA3-256" },
	{ 0x0028, "SHA3-384" }, { 0x0029, "SHA3-512" },
};

/**
 * struct area - what is left to be read
 * @rest:	bytes
 * @good:	nothing was missing so far
 */
struct area {
	struct parsec_span rest;
	bool good;
};

static struct parsec_span take(struct area *area, size_t len)
{
	struct parsec_span taken = { area->rest.data, len };

	if (len > area->rest.len) {
		area->good = false;
		return (struct parsec_span){ NULL, 0 };
	}
	area->rest.data += len;
	area->rest.len -= len;
	return taken;
}

static uint32_t take_number(struct area *area, size_t len)
{
	struct parsec_span bytes = take(area, len);
	uint32_t number = 0;

	for (size_t i = 0; i < bytes.len; i++)
		number = number << 8 | bytes.data[i];
	return number;
}

static struct parsec_span take_sized(struct area *area)
{
	return take(area, take_number(area, 2));
}

/* An algorithm with what belongs to it, unless it is none */
static void skip_symmetric(struct area *area)
{
	if (take_number(area, 2) != ALG_NULL)
		take(area, 4);
}

static void skip_scheme(struct area *area)
{
	uint32_t scheme = take_number(area, 2);

	if (scheme != ALG_NULL && scheme != ALG_RSAES)
		take(area, scheme == ALG_ECDAA ? 4 : 2);
}

/* Is this number the key's? */
static bool is_number(EVP_PKEY *pkey, const char *name, struct parsec_span bytes)
{
	BIGNUM *own = NULL, *said = BN_bin2bn(bytes.data, (int)bytes.len, NULL);
	bool same = said && EVP_PKEY_get_bn_param(pkey, name, &own) == 1 && !BN_cmp(own, said);

	BN_free(own);
	BN_free(said);
	return same;
}

static bool is_rsa(struct area *area, const struct subject *subject, EVP_PKEY *pkey)
{
	uint32_t bits, exponent;

	skip_symmetric(area);
	skip_scheme(area);
	bits = take_number(area, 2);
	exponent = take_number(area, 4);
	return bits == subject->attrs.bits && (!exponent || exponent == 65537) &&
	       (!pkey || is_number(pkey, OSSL_PKEY_PARAM_RSA_N, take_sized(area)));
}

static bool is_ecc(struct area *area, EVP_PKEY *pkey)
{
	skip_symmetric(area);
	skip_scheme(area);
	take(area, 2);
	skip_scheme(area);
	return !pkey || (is_number(pkey, OSSL_PKEY_PARAM_EC_PUB_X, take_sized(area)) &&
			 is_number(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, take_sized(area)));
}

static uint32_t type_of(uint8_t type)
{
	switch (type) {
	case PARSEC_KEY_TYPE_RSA_KEY_PAIR:
		return ALG_RSA;
	case PARSEC_KEY_TYPE_ECC_KEY_PAIR:
		return ALG_ECC;
	case PARSEC_KEY_TYPE_HMAC:
		return ALG_KEYEDHASH;
	default:
		return ALG_SYMCIPHER;
	}
}

/* Two bytes for the algorithm, and the hash of the public area */
static bool is_named(const struct attestation *attestation, unsigned int alg)
{
	const struct parsec_span name = attestation->name;
	uint8_t hash[EVP_MAX_MD_SIZE];
	EVP_MD *md = NULL;
	size_t len = 0;
	bool done;

	for (size_t i = 0; i < ELEMENTS(hashes); i++) {
		if (hashes[i].alg == alg)
			md = EVP_MD_fetch(NULL, hashes[i].name, NULL);
	}
	if (!md || name.len < 2 || (name.data[0] << 8 | name.data[1]) != (int)alg) {
		EVP_MD_free(md);
		return false;
	}
	len = (size_t)EVP_MD_get_size(md);
	done = EVP_Digest(attestation->public.data, attestation->public.len, hash, NULL, md,
			  NULL) == 1;
	EVP_MD_free(md);
	return done && name.len == 2 + len && !memcmp(name.data + 2, hash, len);
}

/* A key that was made elsewhere does not pass for one that never left the backend */
static bool is_honest(uint32_t attributes, bool generated)
{
	if (generated)
		return attributes & DATA_ORIGIN;
	return !(attributes & (DATA_ORIGIN | FIXED_TPM));
}

static bool fails(const char *why)
{
	because("attest_prepare: %s", why);
	return false;
}

/**
 * public_area_is() - is it the public area of this key, and the name that of the area?
 * @generated:	by the provider, not imported
 * @pkey:	the key as OpenSSL has it, or NULL
 */
bool public_area_is(const struct attestation *attestation, const struct subject *subject,
		    bool generated, EVP_PKEY *pkey)
{
	struct area area = { attestation->public, true };
	uint32_t type = take_number(&area, 2), hash = take_number(&area, 2);
	uint32_t attributes = take_number(&area, 4);
	bool same = true;

	take_sized(&area);
	if (!area.good || type != type_of(subject->attrs.type))
		return fails("the public area is not that of such a key");
	if (type == ALG_RSA)
		same = is_rsa(&area, subject, pkey);
	else if (type == ALG_ECC)
		same = is_ecc(&area, pkey);
	if (!area.good || !same)
		return fails("the public area is another key's");
	if (pkey && (type == ALG_RSA || type == ALG_ECC) && area.rest.len)
		return fails("there is something behind the public area");
	if (!is_named(attestation, hash))
		return fails("the name is not the hash of the public area");
	return is_honest(attributes, generated) ||
	       fails("the attributes are not true about where the key is from");
}
