// SPDX-License-Identifier: Apache-2.0
/*
 * The public key of a scalar.
 */
#include <errno.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>

#include "providers/lib/ec.h"

/**
 * ec_multiply() - public point of a scalar
 * @lib:	library context, NULL for the default one
 * @nid:	curve
 * @point:	uncompressed, @len bytes
 *
 * Return: false also when the scalar is 0 or not below the order.
 */
bool ec_multiply(OSSL_LIB_CTX *lib, int nid, const BIGNUM *scalar, uint8_t *point, size_t len)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name_ex(lib, NULL, nid);
	EC_POINT *public = group ? EC_POINT_new(group) : NULL;
	bool done;

	done = public && !BN_is_zero(scalar) &&
	       BN_cmp(scalar, EC_GROUP_get0_order(group)) < 0 &&
	       EC_POINT_mul(group, public, scalar, NULL, NULL, NULL) == 1 &&
	       EC_POINT_point2oct(group, public, POINT_CONVERSION_UNCOMPRESSED, point, len,
				  NULL) == len;
	EC_POINT_free(public);
	EC_GROUP_free(group);
	return done;
}

/**
 * ec_public() - the same of bytes
 *
 * Return: PARSEC_SUCCESS; PARSEC_PSA_ERROR_INVALID_ARGUMENT for a scalar that is no key;
 * PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY.
 */
enum parsec_status ec_public(OSSL_LIB_CTX *lib, int nid, struct parsec_span scalar,
			     uint8_t *point, size_t len)
{
	BIGNUM *number;
	bool done;

	ERR_clear_error();
	errno = 0;
	number = BN_secure_new();
	done = number && BN_bin2bn(scalar.data, (int)scalar.len, number) &&
	       ec_multiply(lib, nid, number, point, len);
	BN_clear_free(number);
	if (done)
		return PARSEC_SUCCESS;
	/* OpenSSL has nothing to say about a scalar that it was not asked to look at */
	return ERR_peek_error() || errno == ENOMEM ? PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY :
						     PARSEC_PSA_ERROR_INVALID_ARGUMENT;
}

/**
 * ec_clamp() - clamp the scalar of a Montgomery curve (RFC 7748, section 5)
 * @bits:	255 or 448
 * @scalar:	32 or 56 bytes, little endian
 *
 * The contract's scalars are clamped; those of others may be clamped only in use.
 */
void ec_clamp(uint32_t bits, uint8_t *scalar)
{
	if (bits == 255) {
		scalar[0] &= 0xf8;
		scalar[31] = (scalar[31] & 0x7f) | 0x40;
	} else {
		scalar[0] &= 0xfc;
		scalar[55] |= 0x80;
	}
}
