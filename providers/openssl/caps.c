// SPDX-License-Identifier: Apache-2.0
/*
 * What the software provider can do: the only place that says it. Everything else
 * asks here, the host through capabilities().
 */
#include "providers/lib/capability.h"
#include "providers/openssl/openssl.h"

#define UP_TO_48_BYTES \
	(PARSEC_HASH_BIT(PARSEC_HASH_MD5) | \
	 PARSEC_HASH_BIT(PARSEC_HASH_RIPEMD160) | \
	 PARSEC_HASH_BIT(PARSEC_HASH_SHA_1) | \
	 PARSEC_HASH_BIT(PARSEC_HASH_SHA_224) | \
	 PARSEC_HASH_BIT(PARSEC_HASH_SHA_256) | \
	 PARSEC_HASH_BIT(PARSEC_HASH_SHA_384) | \
	 PARSEC_HASH_BIT(PARSEC_HASH_SHA_512_224) | \
	 PARSEC_HASH_BIT(PARSEC_HASH_SHA_512_256) | \
	 PARSEC_HASH_BIT(PARSEC_HASH_SHA3_224) | \
	 PARSEC_HASH_BIT(PARSEC_HASH_SHA3_256) | \
	 PARSEC_HASH_BIT(PARSEC_HASH_SHA3_384))
#define HASHES \
	(UP_TO_48_BYTES | \
	 PARSEC_HASH_BIT(PARSEC_HASH_SHA_512) | \
	 PARSEC_HASH_BIT(PARSEC_HASH_SHA3_512))

#define CAN_MAKE	(PARSEC_CAN_GENERATE | PARSEC_CAN_IMPORT | PARSEC_CAN_EXPORT)
#define CAN_MAC		(CAN_MAKE | PARSEC_CAN_SIGN | PARSEC_CAN_VERIFY)
#define CAN_CRYPT	(CAN_MAKE | PARSEC_CAN_ENCRYPT | PARSEC_CAN_DECRYPT)

#define PUBLIC		(PARSEC_CAN_IMPORT | PARSEC_CAN_EXPORT | PARSEC_CAN_EXPORT_PUBLIC)
#define PAIR		(PUBLIC | PARSEC_CAN_GENERATE)
#define VERIFY		(PUBLIC | PARSEC_CAN_VERIFY)
#define SIGN		(PAIR | PARSEC_CAN_VERIFY | PARSEC_CAN_SIGN)

/* Any whole number of bytes, up to the largest of PSA Crypto */
#define ANY_BYTES(key_type, kind, what_scheme, with, what) { \
	.type = PARSEC_KEY_TYPE_##key_type, .bits = { 8, 65528 }, .bits_step = 8, \
	.alg_kind = PARSEC_ALG_##kind, .scheme = what_scheme, .hashes = with, .can = what }

#define SYMMETRIC(key_type, kind, what_scheme, what, ...) { \
	.type = PARSEC_KEY_TYPE_##key_type, .bits = { __VA_ARGS__ }, \
	.alg_kind = PARSEC_ALG_##kind, .scheme = PARSEC_##kind##_##what_scheme, .can = what }

/* What each block cipher can do */
#define BLOCK(key_type, ...) \
	SYMMETRIC(key_type, CIPHER, CFB, CAN_CRYPT, __VA_ARGS__), \
	SYMMETRIC(key_type, CIPHER, OFB, CAN_CRYPT, __VA_ARGS__), \
	SYMMETRIC(key_type, CIPHER, ECB_NO_PADDING, CAN_CRYPT, __VA_ARGS__), \
	SYMMETRIC(key_type, CIPHER, CBC_NO_PADDING, CAN_CRYPT, __VA_ARGS__), \
	SYMMETRIC(key_type, CIPHER, CBC_PKCS7, CAN_CRYPT, __VA_ARGS__), \
	SYMMETRIC(key_type, MAC, CMAC, CAN_MAC, __VA_ARGS__), \
	SYMMETRIC(key_type, MAC, CBC_MAC, CAN_MAC, __VA_ARGS__)

#define ECC_OF(key_type, ecc_family, kind, ecc_scheme, with, what, ...) { \
	.type = PARSEC_KEY_TYPE_ECC_##key_type, .family = PARSEC_ECC_##ecc_family, \
	.bits = { __VA_ARGS__ }, .alg_kind = PARSEC_ALG_##kind, .scheme = ecc_scheme, \
	.hashes = with, .can = what }
#define ECC_SIGN(family, ecc_scheme, with, ...) \
	ECC_OF(KEY_PAIR, family, SIGNATURE, ecc_scheme, with, SIGN, __VA_ARGS__), \
	ECC_OF(PUBLIC_KEY, family, SIGNATURE, ecc_scheme, with, VERIFY, __VA_ARGS__)
#define ECC_AGREE(family, ...) \
	ECC_OF(KEY_PAIR, family, KEY_AGREEMENT, PARSEC_AGREE_ECDH, 0, \
	       PAIR | PARSEC_CAN_DERIVE, __VA_ARGS__), \
	ECC_OF(PUBLIC_KEY, family, KEY_AGREEMENT, PARSEC_AGREE_ECDH, 0, PUBLIC, __VA_ARGS__)
/* A family of curves that OpenSSL both signs and agrees with */
#define ECC(family, ...) \
	ECC_SIGN(family, PARSEC_SIGN_ECDSA, HASHES, __VA_ARGS__), \
	ECC_SIGN(family, PARSEC_SIGN_ECDSA_ANY, 0, __VA_ARGS__), \
	ECC_AGREE(family, __VA_ARGS__)

#define DH(key_type, what) { \
	.type = PARSEC_KEY_TYPE_DH_##key_type, .family = PARSEC_DH_RFC7919, \
	.bits = { 2048, 3072, 4096, 6144, 8192 }, .alg_kind = PARSEC_ALG_KEY_AGREEMENT, \
	.scheme = PARSEC_AGREE_FFDH, .can = what }

#define RSA_OF(key_type, kind, rsa_scheme, with, what, ...) { \
	.type = PARSEC_KEY_TYPE_RSA_##key_type, .bits = { __VA_ARGS__ }, \
	.alg_kind = PARSEC_ALG_##kind, .scheme = rsa_scheme, .hashes = with, .can = what }
#define RSA_SIGN(rsa_scheme, with, ...) \
	RSA_OF(KEY_PAIR, SIGNATURE, rsa_scheme, with, SIGN, __VA_ARGS__), \
	RSA_OF(PUBLIC_KEY, SIGNATURE, rsa_scheme, with, VERIFY, __VA_ARGS__)
#define RSA_CRYPT(rsa_scheme, with, ...) \
	RSA_OF(KEY_PAIR, ASYMMETRIC_ENCRYPTION, rsa_scheme, with, \
	       PAIR | PARSEC_CAN_ENCRYPT | PARSEC_CAN_DECRYPT, __VA_ARGS__), \
	RSA_OF(PUBLIC_KEY, ASYMMETRIC_ENCRYPTION, rsa_scheme, with, \
	       PUBLIC | PARSEC_CAN_ENCRYPT, __VA_ARGS__)

/* The host goes through them for each request, so what is used most comes first */
static const struct parsec_capability rows[] = {
	/* Deterministic ECDSA is missing: OpenSSL 3.0 cannot be told which nonce to take */
	ECC(SECP_R1, 256, 384, 521, 192, 224),

	/* 1024 bits have no room for what PSS and OAEP need with a hash of 64 bytes */
	RSA_SIGN(PARSEC_SIGN_RSA_PKCS1V15, HASHES, 1024, 2048, 3072, 4096),
	RSA_SIGN(PARSEC_SIGN_RSA_PKCS1V15_RAW, 0, 1024, 2048, 3072, 4096),
	RSA_SIGN(PARSEC_SIGN_RSA_PSS, HASHES, 2048, 3072, 4096),
	RSA_SIGN(PARSEC_SIGN_RSA_PSS, UP_TO_48_BYTES, 1024),
	RSA_CRYPT(PARSEC_CRYPT_RSA_PKCS1V15, 0, 1024, 2048, 3072, 4096),
	RSA_CRYPT(PARSEC_CRYPT_RSA_OAEP, HASHES, 2048, 3072, 4096),
	RSA_CRYPT(PARSEC_CRYPT_RSA_OAEP, UP_TO_48_BYTES, 1024),

	BLOCK(AES, 128, 192, 256),
	SYMMETRIC(AES, CIPHER, CTR, CAN_CRYPT, 128, 192, 256),
	SYMMETRIC(AES, CIPHER, XTS, CAN_CRYPT, 256, 512),
	SYMMETRIC(AES, AEAD, CCM, CAN_CRYPT, 128, 192, 256),
	SYMMETRIC(AES, AEAD, GCM, CAN_CRYPT, 128, 192, 256),
	ANY_BYTES(HMAC, MAC, PARSEC_MAC_HMAC, HASHES, CAN_MAC),

	ECC(SECP_K1, 192, 256),
	ECC(SECT_K1, 163, 233, 239, 283, 409, 571),
	ECC(SECT_R1, 163, 233, 283, 409, 571),
	ECC(SECT_R2, 163),
	ECC(BRAINPOOL_P_R1, 160, 192, 224, 256, 320, 384, 512),
	ECC_AGREE(MONTGOMERY, 255, 448),
	DH(KEY_PAIR, PAIR | PARSEC_CAN_DERIVE),
	DH(PUBLIC_KEY, PUBLIC),

	BLOCK(CAMELLIA, 128, 192, 256),
	SYMMETRIC(CAMELLIA, CIPHER, CTR, CAN_CRYPT, 128, 192, 256),
	BLOCK(DES, 64, 128, 192),
	SYMMETRIC(CHACHA20, CIPHER, STREAM_CIPHER, CAN_CRYPT, 256),
	SYMMETRIC(CHACHA20, AEAD, CHACHA20_POLY1305, CAN_CRYPT, 256),

	/* Kept for their owner, who may have them back: no operation uses them */
	ANY_BYTES(RAW_DATA, NONE, 0, 0, CAN_MAKE),
	ANY_BYTES(DERIVE, KEY_DERIVATION, PARSEC_KDF_HKDF, HASHES, CAN_MAKE),
	ANY_BYTES(DERIVE, KEY_DERIVATION, PARSEC_KDF_TLS12_PRF, HASHES, CAN_MAKE),
	ANY_BYTES(DERIVE, KEY_DERIVATION, PARSEC_KDF_TLS12_PSK_TO_MS, HASHES, CAN_MAKE),
};

/**
 * caps_cover() - is it in the table?
 * @alg:	PARSEC_ALG_NONE is covered by each row of the key
 * @can:	all of these enum parsec_can bits
 *
 * For what the host cannot have checked because it did not know the size of the key.
 */
bool caps_cover(uint8_t type, uint8_t family, uint32_t bits, const struct parsec_alg *alg,
		uint32_t can)
{
	const struct parsec_key_attributes attrs = {
		.type = type, .family = family, .bits = bits, .alg = *alg,
	};

	return capability_covers(rows, sizeof(rows) / sizeof(rows[0]), &attrs, can);
}

void provider_capabilities(struct parsec_provider_ctx *ctx, struct parsec_capabilities *caps)
{
	(void)ctx;
	caps->rows = rows;
	caps->count = sizeof(rows) / sizeof(rows[0]);
	caps->concurrency = PARSEC_CONCURRENCY_FULL;
}
