// SPDX-License-Identifier: Apache-2.0
/*
 * Words for keys and algorithms, and OpenSSL's names for hashes and curves.
 */
#include <stdio.h>

#include "tools/provider-check/check.h"

static const char *const hashes[] = {
	[PARSEC_HASH_MD5] = "MD5",
	[PARSEC_HASH_RIPEMD160] = "RIPEMD160",
	[PARSEC_HASH_SHA_1] = "SHA1",
	[PARSEC_HASH_SHA_224] = "SHA2-224",
	[PARSEC_HASH_SHA_256] = "SHA2-256",
	[PARSEC_HASH_SHA_384] = "SHA2-384",
	[PARSEC_HASH_SHA_512] = "SHA2-512",
	[PARSEC_HASH_SHA_512_224] = "SHA2-512/224",
	[PARSEC_HASH_SHA_512_256] = "SHA2-512/256",
	[PARSEC_HASH_SHA3_224] = "SHA3-224",
	[PARSEC_HASH_SHA3_256] = "SHA3-256",
	[PARSEC_HASH_SHA3_384] = "SHA3-384",
	[PARSEC_HASH_SHA3_512] = "SHA3-512",
};

static const struct {
	uint8_t family;
	uint32_t bits;
	const char *name;
} curves[] = {
	{ PARSEC_ECC_SECP_R1, 192, "prime192v1" },
	{ PARSEC_ECC_SECP_R1, 224, "secp224r1" },
	{ PARSEC_ECC_SECP_R1, 256, "prime256v1" },
	{ PARSEC_ECC_SECP_R1, 384, "secp384r1" },
	{ PARSEC_ECC_SECP_R1, 521, "secp521r1" },
	{ PARSEC_ECC_SECP_K1, 192, "secp192k1" },
	{ PARSEC_ECC_SECP_K1, 256, "secp256k1" },
	{ PARSEC_ECC_SECT_K1, 163, "sect163k1" },
	{ PARSEC_ECC_SECT_R1, 163, "sect163r1" },
	{ PARSEC_ECC_SECT_R2, 163, "sect163r2" },
	{ PARSEC_ECC_SECT_K1, 233, "sect233k1" },
	{ PARSEC_ECC_SECT_K1, 239, "sect239k1" },
	{ PARSEC_ECC_SECT_K1, 283, "sect283k1" },
	{ PARSEC_ECC_SECT_K1, 409, "sect409k1" },
	{ PARSEC_ECC_SECT_K1, 571, "sect571k1" },
	{ PARSEC_ECC_SECT_R1, 233, "sect233r1" },
	{ PARSEC_ECC_SECT_R1, 283, "sect283r1" },
	{ PARSEC_ECC_SECT_R1, 409, "sect409r1" },
	{ PARSEC_ECC_SECT_R1, 571, "sect571r1" },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 160, "brainpoolP160r1" },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 192, "brainpoolP192r1" },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 224, "brainpoolP224r1" },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 256, "brainpoolP256r1" },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 320, "brainpoolP320r1" },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 384, "brainpoolP384r1" },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 512, "brainpoolP512r1" },
	{ PARSEC_ECC_MONTGOMERY, 255, "X25519" },
	{ PARSEC_ECC_MONTGOMERY, 448, "X448" },
};

const char *name_of_hash(uint8_t hash)
{
	return hash < ELEMENTS(hashes) ? hashes[hash] : NULL;
}

const char *curve_of(uint8_t family, uint32_t bits)
{
	for (size_t i = 0; i < ELEMENTS(curves); i++) {
		if (curves[i].family == family && curves[i].bits == bits)
			return curves[i].name;
	}
	return NULL;
}

bool is_pair(uint8_t type)
{
	return type == PARSEC_KEY_TYPE_RSA_KEY_PAIR || type == PARSEC_KEY_TYPE_ECC_KEY_PAIR ||
	       type == PARSEC_KEY_TYPE_DH_KEY_PAIR;
}

bool is_public(uint8_t type)
{
	return type == PARSEC_KEY_TYPE_RSA_PUBLIC_KEY ||
	       type == PARSEC_KEY_TYPE_ECC_PUBLIC_KEY || type == PARSEC_KEY_TYPE_DH_PUBLIC_KEY;
}

uint8_t public_of(uint8_t type)
{
	switch (type) {
	case PARSEC_KEY_TYPE_RSA_KEY_PAIR:
		return PARSEC_KEY_TYPE_RSA_PUBLIC_KEY;
	case PARSEC_KEY_TYPE_ECC_KEY_PAIR:
		return PARSEC_KEY_TYPE_ECC_PUBLIC_KEY;
	case PARSEC_KEY_TYPE_DH_KEY_PAIR:
		return PARSEC_KEY_TYPE_DH_PUBLIC_KEY;
	default:
		return type;
	}
}

/* Bytes of a block of a cipher with blocks */
size_t block_size(uint8_t type)
{
	return type == PARSEC_KEY_TYPE_DES ? 8 : 16;
}

/* Bytes of the IV that the host makes for a cipher */
size_t iv_size(const struct parsec_key_attributes *attrs)
{
	if (attrs->alg.scheme == PARSEC_CIPHER_ECB_NO_PADDING)
		return 0;
	if (attrs->alg.scheme != PARSEC_CIPHER_STREAM_CIPHER)
		return block_size(attrs->type);
	return attrs->type == PARSEC_KEY_TYPE_CHACHA20 ? 12 : 0;
}

static const char *scheme_of(const struct parsec_capability *row)
{
	static const char *const schemes[][9] = {
		[PARSEC_ALG_NONE] = { "kept only" },
		[PARSEC_ALG_MAC] = { "", "HMAC", "CBC-MAC", "CMAC" },
		[PARSEC_ALG_CIPHER] = { "", "stream", "CTR", "CFB", "OFB", "XTS", "ECB", "CBC",
					"CBC-PKCS7" },
		[PARSEC_ALG_AEAD] = { "", "CCM", "GCM", "ChaCha20-Poly1305" },
		[PARSEC_ALG_SIGNATURE] = { "", "PKCS#1 v1.5", "PKCS#1 v1.5 raw", "PSS", "ECDSA",
					   "ECDSA any", "deterministic ECDSA" },
		[PARSEC_ALG_ASYMMETRIC_ENCRYPTION] = { "", "RSAES PKCS#1 v1.5", "OAEP" },
		[PARSEC_ALG_KEY_AGREEMENT] = { "", "FFDH", "ECDH" },
		[PARSEC_ALG_KEY_DERIVATION] = { "", "HKDF", "TLS 1.2 PRF", "TLS 1.2 PSK to MS" },
	};

	/* plugin_open() has made sure that there is such a scheme */
	return schemes[row->alg_kind][row->scheme];
}

/* Valid until the next call */
const char *name_of_key(const struct parsec_capability *row, uint32_t bits)
{
	static const char *const types[] = {
		"", "raw data", "HMAC key", "derivation key", "AES", "DES", "Camellia", "ARC4",
		"ChaCha20", "RSA public key", "RSA key pair", "ECC key pair", "ECC public key",
		"DH key pair", "DH public key",
	};
	static char name[128];
	const char *curve = curve_of(row->family, bits);
	char family[16];

	snprintf(family, sizeof(family), "family %u", row->family);
	snprintf(name, sizeof(name), "%s %u%s%s, %s", types[row->type], bits,
		 row->family ? " " : "", row->family ? curve ? curve : family : "",
		 scheme_of(row));
	return name;
}

const char *name_of_primitive(enum primitive primitive)
{
	static const char *const names[] = {
		[EXPORT] = "export",
		[EXPORT_PUBLIC] = "export_public",
		[SIGN] = "sign",
		[VERIFY] = "verify",
		[ASYMMETRIC_ENCRYPT] = "asymmetric_encrypt",
		[ASYMMETRIC_DECRYPT] = "asymmetric_decrypt",
		[CIPHER_ENCRYPT] = "cipher_encrypt",
		[CIPHER_DECRYPT] = "cipher_decrypt",
		[AEAD_ENCRYPT] = "aead_encrypt",
		[AEAD_DECRYPT] = "aead_decrypt",
		[MAC] = "mac",
		[AGREE] = "agree",
		[ATTEST_PREPARE] = "attest_prepare",
		[ATTEST_ACTIVATE] = "attest_activate",
	};

	return names[primitive];
}
