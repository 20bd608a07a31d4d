// SPDX-License-Identifier: Apache-2.0
/*
 * Key material from outside, in the formats of the contract (section 11.2), as the areas that
 * a TPM knows. What is read here belongs together; that a public point is on its curve is
 * left to the TPM.
 */
#include <string.h>

#include <openssl/bn.h>
#include <openssl/crypto.h>

#include "providers/lib/ec.h"
#include "providers/lib/ecdsa.h"
#include "providers/lib/rsa.h"
#include "providers/tpm/tpm.h"

/* The only public exponent that a TPM must have */
#define EXPONENT	65537

#define INVALID		PARSEC_PSA_ERROR_INVALID_ARGUMENT

/* The numbers of a private key, and some to compute with */
struct numbers {
	BIGNUM *n, *e, *d, *p, *q, *dp, *dq, *qinv;
	BIGNUM *one, *less, *product;
	BN_CTX *bn;
};

static BIGNUM *number(BN_CTX *bn, struct parsec_span span)
{
	BIGNUM *got = BN_CTX_get(bn);

	return got && BN_bin2bn(span.data, (int)span.len, got) ? got : NULL;
}

/* -1: no memory */
static int equal_if(int computed, const BIGNUM *a, const BIGNUM *b)
{
	return computed == 1 ? !BN_cmp(a, b) : -1;
}

/* Of one prime: it is one, @part is @d modulo it less 1, and @d is the inverse of @e there */
static int is_good_half(const struct numbers *of, const BIGNUM *prime, const BIGNUM *part)
{
	int good = BN_check_prime(prime, of->bn, NULL);

	if (good != 1)
		return good;
	if (!BN_sub(of->less, prime, of->one))
		return -1;
	good = equal_if(BN_mod(of->product, of->d, of->less, of->bn), of->product, part);
	if (good != 1)
		return good;
	return equal_if(BN_mod_mul(of->product, of->d, of->e, of->less, of->bn), of->product,
			of->one);
}

/*
 * Does the whole key belong together? A TPM takes one prime and makes the rest itself: what
 * it would not notice is a key that others do other things with.
 */
static enum parsec_status check_private(const struct rsa_private *key)
{
	BN_CTX *bn = BN_CTX_secure_new();
	struct numbers of = { .bn = bn };
	int good = -1;

	if (!bn)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	BN_CTX_start(bn);
	of.n = number(bn, key->public.n);
	of.e = number(bn, key->public.e);
	of.d = number(bn, key->d);
	of.p = number(bn, key->p);
	of.q = number(bn, key->q);
	of.dp = number(bn, key->dp);
	of.dq = number(bn, key->dq);
	of.qinv = number(bn, key->qinv);
	of.one = BN_CTX_get(bn);
	of.less = BN_CTX_get(bn);
	of.product = BN_CTX_get(bn);
	if (of.n && of.e && of.d && of.p && of.q && of.dp && of.dq && of.qinv && of.product &&
	    BN_set_word(of.one, 1))
		good = equal_if(BN_mul(of.product, of.p, of.q, bn), of.product, of.n);
	if (good == 1)
		good = is_good_half(&of, of.p, of.dp);
	if (good == 1)
		good = is_good_half(&of, of.q, of.dq);
	if (good == 1)
		good = equal_if(BN_mod_mul(of.product, of.q, of.qinv, of.p, bn), of.product,
				of.one);
	BN_CTX_end(bn);
	BN_CTX_free(bn);
	if (good < 0)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	return good ? PARSEC_SUCCESS : INVALID;
}

static bool is_exponent(struct parsec_span e)
{
	return e.len == 3 && e.data[0] == EXPONENT >> 16 && e.data[1] == (EXPONENT >> 8 & 0xff) &&
	       e.data[2] == (EXPONENT & 0xff);
}

static enum parsec_status read_rsa(struct parsec_key_attributes *attrs, struct parsec_span data,
				   TPMT_PUBLIC *area, TPMT_SENSITIVE *sensitive)
{
	bool pair = is_pair(attrs->type);
	struct rsa_private private = { 0 };
	struct rsa_public *public = &private.public;
	enum parsec_status status;
	uint32_t bits;

	if (pair ? !rsa_read_private(data, &private) : !rsa_read_public(data, public))
		return INVALID;
	bits = rsa_bits(public);
	if (attrs->bits && attrs->bits != bits)
		return INVALID;
	attrs->bits = bits;
	if (bits % 16 || public->n.len > MODULUS_MAX || !is_exponent(public->e))
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (!area_describe(attrs, area))
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	area->unique.rsa.size = (UINT16)public->n.len;
	memcpy(area->unique.rsa.buffer, public->n.data, public->n.len);
	if (!pair)
		return PARSEC_SUCCESS;

	status = check_private(&private);
	/* A TPM knows only primes of equal lengths */
	if (status == PARSEC_SUCCESS && (private.p.len != public->n.len / 2 ||
					 private.q.len != private.p.len))
		status = PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (status != PARSEC_SUCCESS)
		return status;
	sensitive->sensitiveType = TPM2_ALG_RSA;
	sensitive->sensitive.rsa.size = (UINT16)private.p.len;
	memcpy(sensitive->sensitive.rsa.buffer, private.p.data, private.p.len);
	return PARSEC_SUCCESS;
}

/**
 * material_point() - an uncompressed point
 * @field:	bytes of a coordinate
 *
 * Return: false for what cannot be one. Whether it is on the curve the TPM knows.
 */
bool material_point(struct parsec_span data, size_t field, TPMS_ECC_POINT *point)
{
	if (data.len != 1 + 2 * field || data.data[0] != 4 || field > FIELD_MAX)
		return false;
	point->x.size = point->y.size = (UINT16)field;
	memcpy(point->x.buffer, data.data + 1, field);
	memcpy(point->y.buffer, data.data + 1 + field, field);
	return true;
}

/* The curve of this size, or when it is 0, the only one with coordinates of this length */
static const struct curve *curve_for(uint32_t bits, size_t field)
{
	for (size_t i = 0; i < curve_count; i++) {
		if ((curves[i].bits + 7) / 8 == field && (!bits || curves[i].bits == bits))
			return &curves[i];
	}
	return NULL;
}

static enum parsec_status read_ecc(struct parsec_key_attributes *attrs, struct parsec_span data,
				   TPMT_PUBLIC *area, TPMT_SENSITIVE *sensitive)
{
	bool pair = is_pair(attrs->type);
	size_t field = pair ? data.len : data.len / 2;
	const struct curve *curve = curve_for(attrs->bits, field);
	uint8_t point[1 + 2 * FIELD_MAX];
	enum parsec_status status;

	if (!curve)
		return INVALID;
	attrs->bits = curve->bits;
	if (!area_describe(attrs, area))
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (!pair)
		return material_point(data, field, &area->unique.ecc) ? PARSEC_SUCCESS : INVALID;

	status = ec_public(NULL, curve->nid, data, point, 1 + 2 * field);
	if (status != PARSEC_SUCCESS)
		return status;
	material_point((struct parsec_span){ point, 1 + 2 * field }, field, &area->unique.ecc);
	sensitive->sensitiveType = TPM2_ALG_ECC;
	sensitive->sensitive.ecc.size = (UINT16)field;
	memcpy(sensitive->sensitive.ecc.buffer, data.data, field);
	return PARSEC_SUCCESS;
}

/**
 * material_read() - a key from outside as the areas of a TPM
 * @attrs:	@attrs->bits may be 0; it is the real size afterwards
 * @area:	public area
 * @sensitive:	of what is not public: the private area, to be wiped; it has no authorisation
 *		value yet
 *
 * Return: PARSEC_SUCCESS; PARSEC_PSA_ERROR_INVALID_ARGUMENT for what is not exactly one key
 * of this type and size; PARSEC_PSA_ERROR_NOT_SUPPORTED for one that no TPM can have;
 * PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY.
 */
enum parsec_status material_read(struct parsec_key_attributes *attrs, struct parsec_span data,
				 TPMT_PUBLIC *area, TPMT_SENSITIVE *sensitive)
{
	*sensitive = (TPMT_SENSITIVE){ 0 };
	if (!data.len)
		return INVALID;
	if (is_symmetric(attrs->type))
		return secret_read(attrs, data, area, sensitive);
	return is_rsa(attrs->type) ? read_rsa(attrs, data, area, sensitive) :
				     read_ecc(attrs, data, area, sensitive);
}
