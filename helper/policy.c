// SPDX-License-Identifier: Apache-2.0
/*
 * What a key may do and what a provider can do, as tables of the contract's sections
 * 8 to 10.
 */
#include "helper/policy.h"

#define BIT(n)		(UINT32_C(1) << (n))

static const uint8_t hash_sizes[] = {
	[PARSEC_HASH_MD2] = 16,
	[PARSEC_HASH_MD4] = 16,
	[PARSEC_HASH_MD5] = 16,
	[PARSEC_HASH_RIPEMD160] = 20,
	[PARSEC_HASH_SHA_1] = 20,
	[PARSEC_HASH_SHA_224] = 28,
	[PARSEC_HASH_SHA_256] = 32,
	[PARSEC_HASH_SHA_384] = 48,
	[PARSEC_HASH_SHA_512] = 64,
	[PARSEC_HASH_SHA_512_224] = 28,
	[PARSEC_HASH_SHA_512_256] = 32,
	[PARSEC_HASH_SHA3_224] = 28,
	[PARSEC_HASH_SHA3_256] = 32,
	[PARSEC_HASH_SHA3_384] = 48,
	[PARSEC_HASH_SHA3_512] = 64,
};

size_t policy_hash_size(uint8_t hash)
{
	return hash < sizeof(hash_sizes) ? hash_sizes[hash] : 0;
}

uint32_t policy_imply_usage(uint32_t usage)
{
	if (usage & PARSEC_USAGE_SIGN_HASH)
		usage |= PARSEC_USAGE_SIGN_MESSAGE;
	if (usage & PARSEC_USAGE_VERIFY_HASH)
		usage |= PARSEC_USAGE_VERIFY_MESSAGE;
	return usage;
}

#define BLOCK_MACS	(BIT(PARSEC_MAC_CBC_MAC) | BIT(PARSEC_MAC_CMAC))
#define BLOCK_CIPHERS	(BIT(PARSEC_CIPHER_CTR) | BIT(PARSEC_CIPHER_CFB) | \
			 BIT(PARSEC_CIPHER_OFB) | BIT(PARSEC_CIPHER_XTS) | \
			 BIT(PARSEC_CIPHER_ECB_NO_PADDING) | \
			 BIT(PARSEC_CIPHER_CBC_NO_PADDING) | BIT(PARSEC_CIPHER_CBC_PKCS7))
#define BLOCK_AEADS	(BIT(PARSEC_AEAD_CCM) | BIT(PARSEC_AEAD_GCM))
#define RSA_SIGNATURES	(BIT(PARSEC_SIGN_RSA_PKCS1V15) | \
			 BIT(PARSEC_SIGN_RSA_PKCS1V15_RAW) | BIT(PARSEC_SIGN_RSA_PSS))
#define RSA_ENCRYPTIONS	(BIT(PARSEC_CRYPT_RSA_PKCS1V15) | BIT(PARSEC_CRYPT_RSA_OAEP))
#define ECC_SIGNATURES	(BIT(PARSEC_SIGN_ECDSA) | BIT(PARSEC_SIGN_ECDSA_ANY) | \
			 BIT(PARSEC_SIGN_DETERMINISTIC_ECDSA))
#define ALL_KDFS	(BIT(PARSEC_KDF_HKDF) | BIT(PARSEC_KDF_TLS12_PRF) | \
			 BIT(PARSEC_KDF_TLS12_PSK_TO_MS))

#define RSA_SCHEMES { \
	[PARSEC_ALG_SIGNATURE] = RSA_SIGNATURES, \
	[PARSEC_ALG_ASYMMETRIC_ENCRYPTION] = RSA_ENCRYPTIONS, \
}
#define ECC_SCHEMES { \
	[PARSEC_ALG_SIGNATURE] = ECC_SIGNATURES, \
	[PARSEC_ALG_KEY_AGREEMENT] = BIT(PARSEC_AGREE_ECDH), \
}
#define DH_SCHEMES { [PARSEC_ALG_KEY_AGREEMENT] = BIT(PARSEC_AGREE_FFDH) }

/* Which schemes go with a key type: bits per kind of algorithm */
static const uint32_t schemes[][PARSEC_ALG_KEY_DERIVATION + 1] = {
	[PARSEC_KEY_TYPE_HMAC] = { [PARSEC_ALG_MAC] = BIT(PARSEC_MAC_HMAC) },
	[PARSEC_KEY_TYPE_DERIVE] = { [PARSEC_ALG_KEY_DERIVATION] = ALL_KDFS },
	[PARSEC_KEY_TYPE_AES] = {
		[PARSEC_ALG_MAC] = BLOCK_MACS,
		[PARSEC_ALG_CIPHER] = BLOCK_CIPHERS,
		[PARSEC_ALG_AEAD] = BLOCK_AEADS,
	},
	[PARSEC_KEY_TYPE_DES] = {
		[PARSEC_ALG_MAC] = BLOCK_MACS,
		[PARSEC_ALG_CIPHER] = BLOCK_CIPHERS,
	},
	[PARSEC_KEY_TYPE_CAMELLIA] = {
		[PARSEC_ALG_MAC] = BLOCK_MACS,
		[PARSEC_ALG_CIPHER] = BLOCK_CIPHERS,
		[PARSEC_ALG_AEAD] = BLOCK_AEADS,
	},
	[PARSEC_KEY_TYPE_ARC4] = {
		[PARSEC_ALG_CIPHER] = BIT(PARSEC_CIPHER_STREAM_CIPHER),
	},
	[PARSEC_KEY_TYPE_CHACHA20] = {
		[PARSEC_ALG_CIPHER] = BIT(PARSEC_CIPHER_STREAM_CIPHER),
		[PARSEC_ALG_AEAD] = BIT(PARSEC_AEAD_CHACHA20_POLY1305),
	},
	[PARSEC_KEY_TYPE_RSA_PUBLIC_KEY] = RSA_SCHEMES,
	[PARSEC_KEY_TYPE_RSA_KEY_PAIR] = RSA_SCHEMES,
	[PARSEC_KEY_TYPE_ECC_KEY_PAIR] = ECC_SCHEMES,
	[PARSEC_KEY_TYPE_ECC_PUBLIC_KEY] = ECC_SCHEMES,
	[PARSEC_KEY_TYPE_DH_KEY_PAIR] = DH_SCHEMES,
	[PARSEC_KEY_TYPE_DH_PUBLIC_KEY] = DH_SCHEMES,
};

static bool type_fits(uint8_t type, const struct parsec_alg *alg)
{
	if (type > PARSEC_KEY_TYPE_LAST || alg->kind > PARSEC_ALG_KEY_DERIVATION ||
	    alg->scheme >= 32)
		return false;
	return schemes[type][alg->kind] & BIT(alg->scheme);
}

static bool alg_permits(const struct parsec_alg *policy, const struct parsec_alg *alg)
{
	if (policy->kind == PARSEC_ALG_NONE || policy->kind == PARSEC_ALG_UNSET ||
	    policy->kind != alg->kind || policy->scheme != alg->scheme ||
	    alg->hash == PARSEC_HASH_ANY)
		return false;
	if (policy->hash != alg->hash &&
	    (policy->kind != PARSEC_ALG_SIGNATURE || policy->hash != PARSEC_HASH_ANY))
		return false;
	return policy->kdf == alg->kdf && policy->length == alg->length;
}

enum parsec_status policy_permits(const struct parsec_key_attributes *attrs,
				  uint32_t usage, const struct parsec_alg *alg)
{
	if ((attrs->usage & usage) != usage || !alg_permits(&attrs->alg, alg) ||
	    !type_fits(attrs->type, alg))
		return PARSEC_PSA_ERROR_NOT_PERMITTED;
	return PARSEC_SUCCESS;
}

enum parsec_status policy_input_length(const struct parsec_alg *alg, size_t hash_len)
{
	/* Schemes without a hash sign what they are given */
	if (alg->hash && policy_hash_size(alg->hash) != hash_len)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	return PARSEC_SUCCESS;
}

static bool deprecated_hash(uint8_t hash)
{
	return hash == PARSEC_HASH_MD2 || hash == PARSEC_HASH_MD4 ||
	       hash == PARSEC_HASH_MD5 || hash == PARSEC_HASH_SHA_1;
}

static bool deprecated_curve(uint8_t family, uint32_t bits)
{
	switch (family) {
	case PARSEC_ECC_SECP_R2:
	case PARSEC_ECC_SECT_R2:
		return true;
	case PARSEC_ECC_SECT_K1:
	case PARSEC_ECC_SECT_R1:
		return bits == 163;
	case PARSEC_ECC_BRAINPOOL_P_R1:
		return bits == 160;
	default:
		return false;
	}
}

bool policy_deprecated(const struct parsec_key_attributes *attrs)
{
	if (deprecated_hash(attrs->alg.hash))
		return true;
	switch (attrs->type) {
	case PARSEC_KEY_TYPE_DES:
	case PARSEC_KEY_TYPE_ARC4:
		return true;
	case PARSEC_KEY_TYPE_ECC_KEY_PAIR:
	case PARSEC_KEY_TYPE_ECC_PUBLIC_KEY:
		return deprecated_curve(attrs->family, attrs->bits);
	default:
		return false;
	}
}

static bool is_public(uint8_t type)
{
	return type == PARSEC_KEY_TYPE_RSA_PUBLIC_KEY ||
	       type == PARSEC_KEY_TYPE_ECC_PUBLIC_KEY ||
	       type == PARSEC_KEY_TYPE_DH_PUBLIC_KEY;
}

enum parsec_status policy_new_key(const struct parsec_key_attributes *attrs,
				  bool generate)
{
	if (generate && (is_public(attrs->type) || !attrs->bits))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	if (attrs->alg.kind != PARSEC_ALG_NONE && !type_fits(attrs->type, &attrs->alg))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	return PARSEC_SUCCESS;
}

static bool row_has_bits(const struct parsec_capability *row, uint32_t bits)
{
	size_t i;

	if (!bits)
		return true;
	if (row->bits_step)
		return bits >= row->bits[0] && bits <= row->bits[1] &&
		       !((bits - row->bits[0]) % row->bits_step);
	for (i = 0; i < sizeof(row->bits) / sizeof(row->bits[0]) && row->bits[i]; i++)
		if (row->bits[i] == bits)
			return true;
	return false;
}

static bool row_has_alg(const struct parsec_capability *row, const struct parsec_alg *alg)
{
	if (alg->kind == PARSEC_ALG_NONE)
		return true;
	if (alg->kind != row->alg_kind || alg->scheme != row->scheme)
		return false;
	if (!alg->hash || alg->hash == PARSEC_HASH_ANY)
		return !alg->hash == !row->hashes;
	return alg->hash <= PARSEC_HASH_LAST && row->hashes & PARSEC_HASH_BIT(alg->hash);
}

enum parsec_status policy_supported(const struct parsec_capabilities *caps,
				    const struct parsec_key_attributes *attrs,
				    uint32_t can)
{
	size_t i;

	for (i = 0; i < caps->count; i++) {
		const struct parsec_capability *row = &caps->rows[i];

		if (row->type == attrs->type && row->family == attrs->family &&
		    row_has_bits(row, attrs->bits) && row_has_alg(row, &attrs->alg) &&
		    (row->can & can) == can)
			return PARSEC_SUCCESS;
	}
	return PARSEC_PSA_ERROR_NOT_SUPPORTED;
}
