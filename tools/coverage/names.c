// SPDX-License-Identifier: Apache-2.0
/*
 * What the numbers of a capability are called.
 */
#include "tools/coverage/names.h"

#include <stdio.h>
#include <stdlib.h>

#define ELEMENTS(array)	(sizeof(array) / sizeof(*(array)))

static const char *const types[] = {
	[PARSEC_KEY_TYPE_RAW_DATA]	 = "Raw data",
	[PARSEC_KEY_TYPE_HMAC]		 = "HMAC keys",
	[PARSEC_KEY_TYPE_DERIVE]	 = "Secrets to derive from",
	[PARSEC_KEY_TYPE_AES]		 = "AES keys",
	[PARSEC_KEY_TYPE_DES]		 = "DES keys",
	[PARSEC_KEY_TYPE_CAMELLIA]	 = "Camellia keys",
	[PARSEC_KEY_TYPE_ARC4]		 = "ARC4 keys",
	[PARSEC_KEY_TYPE_CHACHA20]	 = "ChaCha20 keys",
	[PARSEC_KEY_TYPE_RSA_PUBLIC_KEY] = "RSA public keys",
	[PARSEC_KEY_TYPE_RSA_KEY_PAIR]	 = "RSA key pairs",
	[PARSEC_KEY_TYPE_ECC_KEY_PAIR]	 = "Elliptic curve key pairs",
	[PARSEC_KEY_TYPE_ECC_PUBLIC_KEY] = "Elliptic curve public keys",
	[PARSEC_KEY_TYPE_DH_KEY_PAIR]	 = "Finite field key pairs",
	[PARSEC_KEY_TYPE_DH_PUBLIC_KEY]	 = "Finite field public keys",
};

static const char *const hashes[] = {
	[PARSEC_HASH_MD2]	  = "MD2",
	[PARSEC_HASH_MD4]	  = "MD4",
	[PARSEC_HASH_MD5]	  = "MD5",
	[PARSEC_HASH_RIPEMD160]	  = "RIPEMD-160",
	[PARSEC_HASH_SHA_1]	  = "SHA-1",
	[PARSEC_HASH_SHA_224]	  = "SHA-224",
	[PARSEC_HASH_SHA_256]	  = "SHA-256",
	[PARSEC_HASH_SHA_384]	  = "SHA-384",
	[PARSEC_HASH_SHA_512]	  = "SHA-512",
	[PARSEC_HASH_SHA_512_224] = "SHA-512/224",
	[PARSEC_HASH_SHA_512_256] = "SHA-512/256",
	[PARSEC_HASH_SHA3_224]	  = "SHA3-224",
	[PARSEC_HASH_SHA3_256]	  = "SHA3-256",
	[PARSEC_HASH_SHA3_384]	  = "SHA3-384",
	[PARSEC_HASH_SHA3_512]	  = "SHA3-512",
};

static const char *const curves[] = {
	[PARSEC_ECC_SECP_K1]	    = "secp-k1",
	[PARSEC_ECC_SECP_R1]	    = "secp-r1",
	[PARSEC_ECC_SECP_R2]	    = "secp-r2",
	[PARSEC_ECC_SECT_K1]	    = "sect-k1",
	[PARSEC_ECC_SECT_R1]	    = "sect-r1",
	[PARSEC_ECC_SECT_R2]	    = "sect-r2",
	[PARSEC_ECC_BRAINPOOL_P_R1] = "brainpool-p-r1",
	[PARSEC_ECC_FRP]	    = "frp",
	[PARSEC_ECC_MONTGOMERY]	    = "montgomery",
};

static const char *const macs[] = {
	[PARSEC_MAC_HMAC]    = "HMAC",
	[PARSEC_MAC_CBC_MAC] = "CBC-MAC",
	[PARSEC_MAC_CMAC]    = "CMAC",
};

static const char *const ciphers[] = {
	[PARSEC_CIPHER_STREAM_CIPHER]  = "stream cipher",
	[PARSEC_CIPHER_CTR]	       = "CTR",
	[PARSEC_CIPHER_CFB]	       = "CFB",
	[PARSEC_CIPHER_OFB]	       = "OFB",
	[PARSEC_CIPHER_XTS]	       = "XTS",
	[PARSEC_CIPHER_ECB_NO_PADDING] = "ECB",
	[PARSEC_CIPHER_CBC_NO_PADDING] = "CBC",
	[PARSEC_CIPHER_CBC_PKCS7]      = "CBC with PKCS #7",
};

static const char *const aeads[] = {
	[PARSEC_AEAD_CCM]	       = "CCM",
	[PARSEC_AEAD_GCM]	       = "GCM",
	[PARSEC_AEAD_CHACHA20_POLY1305] = "ChaCha20-Poly1305",
};

static const char *const signatures[] = {
	[PARSEC_SIGN_RSA_PKCS1V15]	  = "PKCS #1 v1.5 signature",
	[PARSEC_SIGN_RSA_PKCS1V15_RAW]	  = "PKCS #1 v1.5 raw",
	[PARSEC_SIGN_RSA_PSS]		  = "PSS",
	[PARSEC_SIGN_ECDSA]		  = "ECDSA",
	[PARSEC_SIGN_ECDSA_ANY]		  = "ECDSA any",
	[PARSEC_SIGN_DETERMINISTIC_ECDSA] = "deterministic ECDSA",
};

static const char *const encryptions[] = {
	[PARSEC_CRYPT_RSA_PKCS1V15] = "PKCS #1 v1.5 crypt",
	[PARSEC_CRYPT_RSA_OAEP]	    = "OAEP",
};

static const char *const agreements[] = {
	[PARSEC_AGREE_FFDH] = "FFDH",
	[PARSEC_AGREE_ECDH] = "ECDH",
};

static const char *const derivations[] = {
	[PARSEC_KDF_HKDF]	     = "HKDF",
	[PARSEC_KDF_TLS12_PRF]	     = "TLS 1.2 PRF",
	[PARSEC_KDF_TLS12_PSK_TO_MS] = "TLS 1.2 PSK to MS",
};

static _Noreturn void fail(unsigned int number)
{
	fprintf(stderr, "coverage: no name for %u\n", number);
	exit(EXIT_FAILURE);
}

static const char *find(const char *const *names, size_t count, unsigned int number)
{
	if (number >= count || !names[number])
		fail(number);
	return names[number];
}

#define FIND(names, number)	find(names, ELEMENTS(names), number)

const char *name_type(unsigned int type)
{
	return FIND(types, type);
}

const char *name_hash(unsigned int hash)
{
	return FIND(hashes, hash);
}

const char *name_alg(const struct parsec_capability *cap)
{
	switch (cap->alg_kind) {
	case PARSEC_ALG_NONE:
		return "none";
	case PARSEC_ALG_MAC:
		return FIND(macs, cap->scheme);
	case PARSEC_ALG_CIPHER:
		return FIND(ciphers, cap->scheme);
	case PARSEC_ALG_AEAD:
		return FIND(aeads, cap->scheme);
	case PARSEC_ALG_SIGNATURE:
		return FIND(signatures, cap->scheme);
	case PARSEC_ALG_ASYMMETRIC_ENCRYPTION:
		return FIND(encryptions, cap->scheme);
	case PARSEC_ALG_KEY_AGREEMENT:
		return FIND(agreements, cap->scheme);
	case PARSEC_ALG_KEY_DERIVATION:
		return FIND(derivations, cap->scheme);
	default:
		fail(cap->alg_kind);
	}
}

static bool is_ecc(const struct parsec_capability *cap)
{
	return cap->type == PARSEC_KEY_TYPE_ECC_KEY_PAIR ||
	       cap->type == PARSEC_KEY_TYPE_ECC_PUBLIC_KEY;
}

static int by_value(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void name_sizes(const struct parsec_capability *cap, char text[NAME_SIZES_MAX])
{
	uint32_t bits[ELEMENTS(cap->bits)];
	size_t count = 0;
	int len = 0;

	if (is_ecc(cap))
		len = snprintf(text, NAME_SIZES_MAX, "%s ", FIND(curves, cap->family));
	if (cap->bits_step) {
		snprintf(text + len, NAME_SIZES_MAX - (size_t)len, "%u to %u by %u", cap->bits[0],
			 cap->bits[1], cap->bits_step);
		return;
	}
	for (; count < ELEMENTS(bits) && cap->bits[count]; count++)
		bits[count] = cap->bits[count];
	qsort(bits, count, sizeof(*bits), by_value);
	for (size_t i = 0; i < count; i++)
		len += snprintf(text + len, NAME_SIZES_MAX - (size_t)len, "%s%u", i ? " " : "",
				bits[i]);
}
