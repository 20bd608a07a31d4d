// SPDX-License-Identifier: Apache-2.0
/*
 * Hashes, curves and modes of AES by the numbers that the contract, the TPM and OpenSSL have for
 * them.
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

const uint16_t aes_bits[AES_SIZES] = { 128, 192, 256 };

static const struct hash {
	uint8_t hash;
	TPM2_ALG_ID id;
	size_t size;
	size_t block;
	const char *name;
} hashes[] = {
	{ PARSEC_HASH_SHA_1, TPM2_ALG_SHA1, 20, 64, "SHA1" },
	{ PARSEC_HASH_SHA_256, TPM2_ALG_SHA256, 32, 64, "SHA2-256" },
	{ PARSEC_HASH_SHA_384, TPM2_ALG_SHA384, 48, 128, "SHA2-384" },
	{ PARSEC_HASH_SHA_512, TPM2_ALG_SHA512, 64, 128, "SHA2-512" },
	{ PARSEC_HASH_SHA3_256, TPM2_ALG_SHA3_256, 32, 136, "SHA3-256" },
	{ PARSEC_HASH_SHA3_384, TPM2_ALG_SHA3_384, 48, 104, "SHA3-384" },
	{ PARSEC_HASH_SHA3_512, TPM2_ALG_SHA3_512, 64, 72, "SHA3-512" },
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

static const struct hash *find(uint8_t hash)
{
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		if (hashes[i].hash == hash)
			return &hashes[i];
	}
	return NULL;
}

/* TPM2_ALG_NULL for none */
TPM2_ALG_ID hash_id(uint8_t hash)
{
	const struct hash *found = find(hash);

	return found ? found->id : TPM2_ALG_NULL;
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

/* One with digests of so many bytes, the usual ones first; PARSEC_HASH_NONE for none */
uint8_t hash_of_size(size_t size)
{
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		if (hashes[i].size == size)
			return hashes[i].hash;
	}
	return PARSEC_HASH_NONE;
}

/* 0 for none */
size_t hash_size(uint8_t hash)
{
	const struct hash *found = find(hash);

	return found ? found->size : 0;
}

/* Bytes of a block of HMAC; 0 for none */
size_t hash_block(uint8_t hash)
{
	const struct hash *found = find(hash);

	return found ? found->block : 0;
}

/* What OpenSSL calls it; NULL for none */
const char *hash_name(uint8_t hash)
{
	const struct hash *found = find(hash);

	return found ? found->name : NULL;
}

/* TPM2_ALG_NULL for what no TPM has; the padding of CBC is ours to do */
TPM2_ALG_ID mode_id(uint8_t cipher)
{
	switch (cipher) {
	case PARSEC_CIPHER_CTR:
		return TPM2_ALG_CTR;
	case PARSEC_CIPHER_CFB:
		return TPM2_ALG_CFB;
	case PARSEC_CIPHER_OFB:
		return TPM2_ALG_OFB;
	case PARSEC_CIPHER_ECB_NO_PADDING:
		return TPM2_ALG_ECB;
	case PARSEC_CIPHER_CBC_NO_PADDING:
	case PARSEC_CIPHER_CBC_PKCS7:
		return TPM2_ALG_CBC;
	default:
		return TPM2_ALG_NULL;
	}
}
