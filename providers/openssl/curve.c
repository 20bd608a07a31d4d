// SPDX-License-Identifier: Apache-2.0
/*
 * The Weierstrass curves, by the names of the contract and of OpenSSL. Missing are
 * curves whose order is longer than their field (secp224k1, secp160r2): the contract
 * gives both the same width.
 */
#include <openssl/objects.h>

#include "providers/openssl/openssl.h"

static const struct curve curves[] = {
	{ PARSEC_ECC_SECP_R1, 192, NID_X9_62_prime192v1 },
	{ PARSEC_ECC_SECP_R1, 224, NID_secp224r1 },
	{ PARSEC_ECC_SECP_R1, 256, NID_X9_62_prime256v1 },
	{ PARSEC_ECC_SECP_R1, 384, NID_secp384r1 },
	{ PARSEC_ECC_SECP_R1, 521, NID_secp521r1 },
	{ PARSEC_ECC_SECP_K1, 192, NID_secp192k1 },
	{ PARSEC_ECC_SECP_K1, 256, NID_secp256k1 },
	{ PARSEC_ECC_SECT_K1, 163, NID_sect163k1 },
	{ PARSEC_ECC_SECT_K1, 233, NID_sect233k1 },
	{ PARSEC_ECC_SECT_K1, 239, NID_sect239k1 },
	{ PARSEC_ECC_SECT_K1, 283, NID_sect283k1 },
	{ PARSEC_ECC_SECT_K1, 409, NID_sect409k1 },
	{ PARSEC_ECC_SECT_K1, 571, NID_sect571k1 },
	{ PARSEC_ECC_SECT_R1, 163, NID_sect163r1 },
	{ PARSEC_ECC_SECT_R1, 233, NID_sect233r1 },
	{ PARSEC_ECC_SECT_R1, 283, NID_sect283r1 },
	{ PARSEC_ECC_SECT_R1, 409, NID_sect409r1 },
	{ PARSEC_ECC_SECT_R1, 571, NID_sect571r1 },
	{ PARSEC_ECC_SECT_R2, 163, NID_sect163r2 },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 160, NID_brainpoolP160r1 },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 192, NID_brainpoolP192r1 },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 224, NID_brainpoolP224r1 },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 256, NID_brainpoolP256r1 },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 320, NID_brainpoolP320r1 },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 384, NID_brainpoolP384r1 },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 512, NID_brainpoolP512r1 },
};

/**
 * curve_find() - the curve of a key
 * @bits:	0: the only one of the family with @field
 * @field:	0: not known yet; else bytes of a coordinate or scalar
 *
 * Return: NULL for none, and when the field does not tell which of several it is.
 */
const struct curve *curve_find(uint8_t family, uint32_t bits, size_t field)
{
	const struct curve *found = NULL;

	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
		if (curves[i].family != family || (bits && curves[i].bits != bits) ||
		    (field && curve_field(&curves[i]) != field))
			continue;
		if (found)
			return NULL;
		found = &curves[i];
	}
	return found;
}

size_t curve_field(const struct curve *curve)
{
	return (curve->bits + 7) / 8;
}
