// SPDX-License-Identifier: Apache-2.0
/*
 * Symmetric keys from outside, which are their bytes, as the areas that a TPM knows.
 */
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "providers/tpm/tpm.h"

/* Of the hash that names our keys */
#define SEED_SIZE	32

#define INVALID		PARSEC_PSA_ERROR_INVALID_ARGUMENT

/* What the public area says of the key: a hash of it, behind a seed that hides it */
static bool make_unique(TPMT_SENSITIVE *sensitive, TPMT_PUBLIC *area)
{
	const TPM2B_SENSITIVE_DATA *bits = &sensitive->sensitive.bits;
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool done;

	sensitive->seedValue.size = area->unique.keyedHash.size = SEED_SIZE;
	done = md && RAND_priv_bytes(sensitive->seedValue.buffer, SEED_SIZE) == 1 &&
	       EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1 &&
	       EVP_DigestUpdate(md, sensitive->seedValue.buffer, SEED_SIZE) == 1 &&
	       EVP_DigestUpdate(md, bits->buffer, bits->size) == 1 &&
	       EVP_DigestFinal_ex(md, area->unique.keyedHash.buffer, NULL) == 1;
	EVP_MD_CTX_free(md);
	return done;
}

/* A key that is longer than a block HMAC replaces by its hash, which TPMs leave to others */
static bool take_hmac(uint8_t hash, struct parsec_span data, TPM2B_SENSITIVE_DATA *bits)
{
	size_t len = data.len;

	if (len <= hash_block(hash))
		memcpy(bits->buffer, data.data, len);
	else if (!EVP_Q_digest(NULL, hash_name(hash), NULL, data.data, data.len, bits->buffer,
			       &len))
		return false;
	bits->size = (UINT16)len;
	return true;
}

/**
 * secret_read() - a symmetric key from outside
 *
 * As material_read(), which is for all keys.
 */
enum parsec_status secret_read(struct parsec_key_attributes *attrs, struct parsec_span data,
			       TPMT_PUBLIC *area, TPMT_SENSITIVE *sensitive)
{
	bool hmac = attrs->type == PARSEC_KEY_TYPE_HMAC;
	/* An AES key is in the same place, with its length in front */
	TPM2B_SENSITIVE_DATA *bits = &sensitive->sensitive.bits;

	if (!hmac && data.len != 16 && data.len != 24 && data.len != 32)
		return INVALID;
	if (data.len > HMAC_KEY_MAX)
		return attrs->bits && attrs->bits / 8 != data.len ? INVALID :
								    PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (attrs->bits && attrs->bits != 8 * data.len)
		return INVALID;
	attrs->bits = 8 * (uint32_t)data.len;
	if (!area_describe(attrs, area) || (hmac && !hash_block(area_hash(attrs))))
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	sensitive->sensitiveType = area->type;
	if (hmac) {
		if (!take_hmac(area_hash(attrs), data, bits))
			return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	} else {
		memcpy(sensitive->sensitive.sym.buffer, data.data, data.len);
		sensitive->sensitive.sym.size = (UINT16)data.len;
	}
	return make_unique(sensitive, area) ? PARSEC_SUCCESS : PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
}
