// SPDX-License-Identifier: Apache-2.0
/*
 * What the numbers of the contract are called: hashes, algorithms, key types,
 * operations and providers.
 */
#include <ctype.h>
#include <string.h>

#include <openssl/evp.h>

#include "parsecctl.h"

/* Bytes of the longest name that hash_by_name() looks at */
#define HASH_NAME_MAX	16

/* As shown, and as OpenSSL knows them */
static const char * const hashes[] = {
	[PARSEC_HASH_MD2]	= "MD2",
	[PARSEC_HASH_MD4]	= "MD4",
	[PARSEC_HASH_MD5]	= "MD5",
	[PARSEC_HASH_RIPEMD160]	= "RIPEMD160",
	[PARSEC_HASH_SHA_1]	= "SHA-1",
	[PARSEC_HASH_SHA_224]	= "SHA-224",
	[PARSEC_HASH_SHA_256]	= "SHA-256",
	[PARSEC_HASH_SHA_384]	= "SHA-384",
	[PARSEC_HASH_SHA_512]	= "SHA-512",
	[PARSEC_HASH_SHA_512_224] = "SHA-512/224",
	[PARSEC_HASH_SHA_512_256] = "SHA-512/256",
	[PARSEC_HASH_SHA3_224]	= "SHA3-224",
	[PARSEC_HASH_SHA3_256]	= "SHA3-256",
	[PARSEC_HASH_SHA3_384]	= "SHA3-384",
	[PARSEC_HASH_SHA3_512]	= "SHA3-512",
};

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* "SHA-256", "sha256" and "Sha_256" are one name */
static void hash_normalise(const char *name, char normal[static HASH_NAME_MAX])
{
	size_t n = 0;

	for (; *name && n < HASH_NAME_MAX - 1; name++)
		if (isalnum((unsigned char)*name))
			normal[n++] = (char)tolower((unsigned char)*name);
	normal[n] = '\0';
}

/**
 * hash_by_name() - enum parsec_hash of a name however it is spelt, 0 for none
 */
uint8_t hash_by_name(const char *name)
{
	char wanted[HASH_NAME_MAX], have[HASH_NAME_MAX];
	size_t i;

	hash_normalise(name, wanted);
	for (i = 1; i < COUNT(hashes); i++) {
		hash_normalise(hashes[i], have);
		if (!strcmp(wanted, have))
			return (uint8_t)i;
	}
	return PARSEC_HASH_NONE;
}

const char *hash_name(uint8_t hash)
{
	if (hash == PARSEC_HASH_ANY)
		return "any hash";
	if (hash < COUNT(hashes) && hashes[hash])
		return hashes[hash];
	return "unknown hash";
}

/**
 * hash_fetch() - OpenSSL's implementation, NULL when it has none; EVP_MD_free() it
 */
EVP_MD *hash_fetch(uint8_t hash)
{
	if (hash >= COUNT(hashes) || !hashes[hash])
		return NULL;
	return EVP_MD_fetch(NULL, hashes[hash], NULL);
}

static const char * const schemes[][10] = {
	[PARSEC_ALG_NONE] = { "none" },
	[PARSEC_ALG_HASH] = { "hash" },
	[PARSEC_ALG_MAC] = {
		[PARSEC_MAC_HMAC] = "HMAC",
		[PARSEC_MAC_CBC_MAC] = "CBC-MAC",
		[PARSEC_MAC_CMAC] = "CMAC",
	},
	[PARSEC_ALG_CIPHER] = {
		[PARSEC_CIPHER_STREAM_CIPHER] = "stream cipher",
		[PARSEC_CIPHER_CTR] = "CTR",
		[PARSEC_CIPHER_CFB] = "CFB",
		[PARSEC_CIPHER_OFB] = "OFB",
		[PARSEC_CIPHER_XTS] = "XTS",
		[PARSEC_CIPHER_ECB_NO_PADDING] = "ECB",
		[PARSEC_CIPHER_CBC_NO_PADDING] = "CBC",
		[PARSEC_CIPHER_CBC_PKCS7] = "CBC-PKCS7",
	},
	[PARSEC_ALG_AEAD] = {
		[PARSEC_AEAD_CCM] = "CCM",
		[PARSEC_AEAD_GCM] = "GCM",
		[PARSEC_AEAD_CHACHA20_POLY1305] = "ChaCha20-Poly1305",
	},
	[PARSEC_ALG_SIGNATURE] = {
		[PARSEC_SIGN_RSA_PKCS1V15] = "RSA PKCS#1 v1.5",
		[PARSEC_SIGN_RSA_PKCS1V15_RAW] = "RSA PKCS#1 v1.5 raw",
		[PARSEC_SIGN_RSA_PSS] = "RSA-PSS",
		[PARSEC_SIGN_ECDSA] = "ECDSA",
		[PARSEC_SIGN_ECDSA_ANY] = "ECDSA any",
		[PARSEC_SIGN_DETERMINISTIC_ECDSA] = "deterministic ECDSA",
	},
	[PARSEC_ALG_ASYMMETRIC_ENCRYPTION] = {
		[PARSEC_CRYPT_RSA_PKCS1V15] = "RSAES PKCS#1 v1.5",
		[PARSEC_CRYPT_RSA_OAEP] = "RSA-OAEP",
	},
	[PARSEC_ALG_KEY_AGREEMENT] = {
		[PARSEC_AGREE_FFDH] = "FFDH",
		[PARSEC_AGREE_ECDH] = "ECDH",
	},
	[PARSEC_ALG_KEY_DERIVATION] = {
		[PARSEC_KDF_HKDF] = "HKDF",
		[PARSEC_KDF_TLS12_PRF] = "TLS 1.2 PRF",
		[PARSEC_KDF_TLS12_PSK_TO_MS] = "TLS 1.2 PSK-to-MS",
	},
};

/**
 * alg_text() - an algorithm in words: "ECDSA, SHA-256"
 */
void alg_text(const struct parsec_alg *alg, char *text, size_t size)
{
	const char *scheme = NULL;
	int n;

	if (alg->kind < COUNT(schemes) && alg->scheme < COUNT(schemes[0]))
		scheme = schemes[alg->kind][alg->scheme];
	n = snprintf(text, size, "%s", scheme ? scheme : "unknown");
	if (alg->hash && n > 0 && (size_t)n < size)
		n += snprintf(text + n, size - (size_t)n, ", %s", hash_name(alg->hash));
	if (alg->length && n > 0 && (size_t)n < size)
		snprintf(text + n, size - (size_t)n, ", %u bytes", alg->length);
}

static const char * const key_types[] = {
	[PARSEC_KEY_TYPE_RAW_DATA]	= "raw data",
	[PARSEC_KEY_TYPE_HMAC]		= "HMAC",
	[PARSEC_KEY_TYPE_DERIVE]	= "derivation",
	[PARSEC_KEY_TYPE_AES]		= "AES",
	[PARSEC_KEY_TYPE_DES]		= "DES",
	[PARSEC_KEY_TYPE_CAMELLIA]	= "Camellia",
	[PARSEC_KEY_TYPE_ARC4]		= "ARC4",
	[PARSEC_KEY_TYPE_CHACHA20]	= "ChaCha20",
	[PARSEC_KEY_TYPE_RSA_PUBLIC_KEY] = "RSA public",
	[PARSEC_KEY_TYPE_RSA_KEY_PAIR]	= "RSA pair",
	[PARSEC_KEY_TYPE_ECC_KEY_PAIR]	= "ECC pair",
	[PARSEC_KEY_TYPE_ECC_PUBLIC_KEY] = "ECC public",
	[PARSEC_KEY_TYPE_DH_KEY_PAIR]	= "DH pair",
	[PARSEC_KEY_TYPE_DH_PUBLIC_KEY]	= "DH public",
};

static const char * const ecc_families[] = {
	[PARSEC_ECC_SECP_K1]		= "secp-k1",
	[PARSEC_ECC_SECP_R1]		= "secp-r1",
	[PARSEC_ECC_SECP_R2]		= "secp-r2",
	[PARSEC_ECC_SECT_K1]		= "sect-k1",
	[PARSEC_ECC_SECT_R1]		= "sect-r1",
	[PARSEC_ECC_SECT_R2]		= "sect-r2",
	[PARSEC_ECC_BRAINPOOL_P_R1]	= "brainpool-p-r1",
	[PARSEC_ECC_FRP]		= "frp",
	[PARSEC_ECC_MONTGOMERY]		= "montgomery",
};

bool key_is_ecc(const struct parsec_key_attributes *attrs)
{
	return attrs->type == PARSEC_KEY_TYPE_ECC_KEY_PAIR ||
	       attrs->type == PARSEC_KEY_TYPE_ECC_PUBLIC_KEY;
}

bool key_is_rsa(const struct parsec_key_attributes *attrs)
{
	return attrs->type == PARSEC_KEY_TYPE_RSA_KEY_PAIR ||
	       attrs->type == PARSEC_KEY_TYPE_RSA_PUBLIC_KEY;
}

/**
 * key_type_text() - type and curve in words: "ECC pair secp-r1"
 */
void key_type_text(const struct parsec_key_attributes *attrs, char *text, size_t size)
{
	const char *type = attrs->type < COUNT(key_types) ? key_types[attrs->type] : NULL;
	const char *family = NULL;

	if (key_is_ecc(attrs) && attrs->family < COUNT(ecc_families))
		family = ecc_families[attrs->family];
	snprintf(text, size, "%s%s%s", type ? type : "unknown", family ? " " : "",
		 family ? family : "");
}

/**
 * natural_hash() - the hash that suits the strength of a key
 */
uint8_t natural_hash(const struct parsec_key_attributes *attrs)
{
	if (!key_is_ecc(attrs) || attrs->bits <= 256)
		return PARSEC_HASH_SHA_256;
	return attrs->bits <= 384 ? PARSEC_HASH_SHA_384 : PARSEC_HASH_SHA_512;
}

/**
 * usage_name() - name of usage flag number @bit, NULL past the last one
 */
const char *usage_name(unsigned int bit)
{
	static const char * const names[] = {
		"export", "copy", "cache", "encrypt", "decrypt", "sign-message",
		"verify-message", "sign-hash", "verify-hash", "derive",
	};

	return bit < COUNT(names) ? names[bit] : NULL;
}

static const struct {
	const char *name;
	uint8_t id;
} providers[] = {
	{ "core",	PARSEC_PROVIDER_CORE },
	{ "software",	PARSEC_PROVIDER_SOFTWARE },
	{ "openssl",	PARSEC_PROVIDER_SOFTWARE },
	{ "pkcs11",	PARSEC_PROVIDER_PKCS11 },
	{ "tpm",	PARSEC_PROVIDER_TPM },
};

/**
 * provider_by_name() - id of a provider's name, -1 for none
 */
int provider_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(providers); i++)
		if (!strcasecmp(name, providers[i].name))
			return providers[i].id;
	return -1;
}

/**
 * provider_name() - name of a provider with a fixed id, NULL of others
 */
const char *provider_name(uint32_t id)
{
	size_t i;

	for (i = 0; i < COUNT(providers); i++)
		if (id == providers[i].id)
			return providers[i].name;
	return NULL;
}
