// SPDX-License-Identifier: Apache-2.0
/*
 * Hashes and curves by the numbers that the contract, the TPM and OpenSSL have for them.
 */
#include <openssl/objects.h>

#include "providers/tpm/tpm.h"

const struct curve curves[] = {
	{ 192, TPM2_ECC_NIST_P192, NID_X9_62_prime192v1 },
	{ 224, TPM2_ECC_NIST_P224, NID_secp224r1 },
	{ 256, TPM2_ECC_NIST_P256, NID_X9_62_prime256v1 },
	{ 384, TPM2_ECC_NIST_P384, NID_secp384r1 },
	{ 521, TPM2_ECC_NIST_P521, NID_secp521r1 },
};
const size_t curve_count = sizeof(curves) / sizeof(curves[0]);

static const struct {
	uint8_t hash;
	TPM2_ALG_ID id;
	size_t size;
} hashes[] = {
	{ PARSEC_HASH_SHA_1, TPM2_ALG_SHA1, 20 },
	{ PARSEC_HASH_SHA_256, TPM2_ALG_SHA256, 32 },
	{ PARSEC_HASH_SHA_384, TPM2_ALG_SHA384, 48 },
	{ PARSEC_HASH_SHA_512, TPM2_ALG_SHA512, 64 },
	{ PARSEC_HASH_SHA3_256, TPM2_ALG_SHA3_256, 32 },
	{ PARSEC_HASH_SHA3_384, TPM2_ALG_SHA3_384, 48 },
	{ PARSEC_HASH_SHA3_512, TPM2_ALG_SHA3_512, 64 },
};

/* NULL for none */
const struct curve *curve_of(uint32_t bits)
{
	for (size_t i = 0; i < curve_count; i++) {
		if (curves[i].bits == bits)
			return &curves[i];
	}
	return NULL;
}

/* NULL for none */
const struct curve *curve_of_id(TPM2_ECC_CURVE id)
{
	for (size_t i = 0; i < curve_count; i++) {
		if (curves[i].id == id)
			return &curves[i];
	}
	return NULL;
}

/* TPM2_ALG_NULL for none */
TPM2_ALG_ID hash_id(uint8_t hash)
{
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		if (hashes[i].hash == hash)
			return hashes[i].id;
	}
	return TPM2_ALG_NULL;
}

/* PARSEC_HASH_NONE for none */
uint8_t hash_of_id(TPM2_ALG_ID id)
{
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		if (hashes[i].id == id)
			return hashes[i].hash;
	}
	return PARSEC_HASH_NONE;
}

/* 0 for none */
size_t hash_size(uint8_t hash)
{
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		if (hashes[i].hash == hash)
			return hashes[i].size;
	}
	return 0;
}
