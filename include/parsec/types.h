/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys, algorithms and operations in the terms of PSA Crypto: the vocabulary
 * that applications, providers and the helper share. Numbers are those of the
 * Parsec contract's protobuf messages (sections 3, 8 and 9), so that turning
 * one into the other is a range check and no table.
 */
#ifndef PARSEC_TYPES_H
#define PARSEC_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(opcode, CONSTANT, ContractName): contract, section 3 */
#define PARSEC_OPCODE_LIST(X) \
	X(0x01, PING, Ping) \
	X(0x02, PSA_GENERATE_KEY, PsaGenerateKey) \
	X(0x03, PSA_DESTROY_KEY, PsaDestroyKey) \
	X(0x04, PSA_SIGN_HASH, PsaSignHash) \
	X(0x05, PSA_VERIFY_HASH, PsaVerifyHash) \
	X(0x06, PSA_IMPORT_KEY, PsaImportKey) \
	X(0x07, PSA_EXPORT_PUBLIC_KEY, PsaExportPublicKey) \
	X(0x08, LIST_PROVIDERS, ListProviders) \
	X(0x09, LIST_OPCODES, ListOpcodes) \
	X(0x0a, PSA_ASYMMETRIC_ENCRYPT, PsaAsymmetricEncrypt) \
	X(0x0b, PSA_ASYMMETRIC_DECRYPT, PsaAsymmetricDecrypt) \
	X(0x0c, PSA_EXPORT_KEY, PsaExportKey) \
	X(0x0d, PSA_GENERATE_RANDOM, PsaGenerateRandom) \
	X(0x0e, LIST_AUTHENTICATORS, ListAuthenticators) \
	X(0x0f, PSA_HASH_COMPUTE, PsaHashCompute) \
	X(0x10, PSA_HASH_COMPARE, PsaHashCompare) \
	X(0x11, PSA_AEAD_ENCRYPT, PsaAeadEncrypt) \
	X(0x12, PSA_AEAD_DECRYPT, PsaAeadDecrypt) \
	X(0x13, PSA_RAW_KEY_AGREEMENT, PsaRawKeyAgreement) \
	X(0x14, PSA_CIPHER_ENCRYPT, PsaCipherEncrypt) \
	X(0x15, PSA_CIPHER_DECRYPT, PsaCipherDecrypt) \
	X(0x16, PSA_MAC_COMPUTE, PsaMacCompute) \
	X(0x17, PSA_MAC_VERIFY, PsaMacVerify) \
	X(0x18, PSA_SIGN_MESSAGE, PsaSignMessage) \
	X(0x19, PSA_VERIFY_MESSAGE, PsaVerifyMessage) \
	X(0x1a, LIST_KEYS, ListKeys) \
	X(0x1b, LIST_CLIENTS, ListClients) \
	X(0x1c, DELETE_CLIENT, DeleteClient) \
	X(0x1e, ATTEST_KEY, AttestKey) \
	X(0x1f, PREPARE_KEY_ATTESTATION, PrepareKeyAttestation) \
	X(0x20, CAN_DO_CRYPTO, CanDoCrypto)

/*
 * X(opcode, CONSTANT, Name): operations of this service's own, which the contract does
 * not have. Core answers them; ListOpcodes does not name them.
 */
#define PARSEC_SERVICE_OPCODE_LIST(X) \
	X(0x70, WHO_AM_I, WhoAmI) \
	X(0x71, EXPLAIN, Explain) \
	X(0x72, GET_STATS, GetStats) \
	X(0x73, COMPARE_KEYS, CompareKeys)

/** enum parsec_opcode - operations of the contract, and the service's own */
enum parsec_opcode {
#define PARSEC_OPCODE_ENUM(number, constant, name) PARSEC_OP_##constant = number,
	PARSEC_OPCODE_LIST(PARSEC_OPCODE_ENUM)
	PARSEC_SERVICE_OPCODE_LIST(PARSEC_OPCODE_ENUM)
#undef PARSEC_OPCODE_ENUM
};

/* Provider ids with a fixed meaning; others are 16 and up (contract, section 0) */
enum parsec_provider_id {
	PARSEC_PROVIDER_CORE		= 0,
	PARSEC_PROVIDER_SOFTWARE	= 1,
	PARSEC_PROVIDER_PKCS11		= 2,
	PARSEC_PROVIDER_TPM		= 3,
	PARSEC_PROVIDER_OTHER_MIN	= 16,
	PARSEC_PROVIDER_MAX		= 255,
};

/* Longest name of a key in bytes, without a terminating NUL */
#define PARSEC_KEY_NAME_MAX	4096

/** enum parsec_hash - hash algorithms, enum Hash of the contract */
enum parsec_hash {
	PARSEC_HASH_NONE	= 0,
	PARSEC_HASH_MD2		= 1,
	PARSEC_HASH_MD4		= 2,
	PARSEC_HASH_MD5		= 3,
	PARSEC_HASH_RIPEMD160	= 4,
	PARSEC_HASH_SHA_1	= 5,
	PARSEC_HASH_SHA_224	= 6,
	PARSEC_HASH_SHA_256	= 7,
	PARSEC_HASH_SHA_384	= 8,
	PARSEC_HASH_SHA_512	= 9,
	PARSEC_HASH_SHA_512_224	= 10,
	PARSEC_HASH_SHA_512_256	= 11,
	PARSEC_HASH_SHA3_224	= 12,
	PARSEC_HASH_SHA3_256	= 13,
	PARSEC_HASH_SHA3_384	= 14,
	PARSEC_HASH_SHA3_512	= 15,
	PARSEC_HASH_LAST	= PARSEC_HASH_SHA3_512,
	/* Any hash: in the policy of a signing key only, never in a request */
	PARSEC_HASH_ANY		= 255,
};

/* Bytes of the longest digest */
#define PARSEC_HASH_SIZE_MAX	64

/** enum parsec_alg_kind - which member of the contract's Algorithm oneof */
enum parsec_alg_kind {
	PARSEC_ALG_UNSET		= 0,	/* no value: never valid */
	PARSEC_ALG_NONE			= 1,	/* policy that permits nothing */
	PARSEC_ALG_HASH			= 2,
	PARSEC_ALG_MAC			= 3,
	PARSEC_ALG_CIPHER		= 4,
	PARSEC_ALG_AEAD			= 5,
	PARSEC_ALG_SIGNATURE		= 6,
	PARSEC_ALG_ASYMMETRIC_ENCRYPTION = 7,
	PARSEC_ALG_KEY_AGREEMENT	= 8,
	PARSEC_ALG_KEY_DERIVATION	= 9,
};

enum parsec_mac {
	PARSEC_MAC_HMAC		= 1,
	PARSEC_MAC_CBC_MAC	= 2,
	PARSEC_MAC_CMAC		= 3,
};

enum parsec_cipher {
	PARSEC_CIPHER_STREAM_CIPHER	= 1,
	PARSEC_CIPHER_CTR		= 2,
	PARSEC_CIPHER_CFB		= 3,
	PARSEC_CIPHER_OFB		= 4,
	PARSEC_CIPHER_XTS		= 5,
	PARSEC_CIPHER_ECB_NO_PADDING	= 6,
	PARSEC_CIPHER_CBC_NO_PADDING	= 7,
	PARSEC_CIPHER_CBC_PKCS7		= 8,
};

enum parsec_aead {
	PARSEC_AEAD_CCM			= 1,
	PARSEC_AEAD_GCM			= 2,
	PARSEC_AEAD_CHACHA20_POLY1305	= 3,
};

enum parsec_signature {
	PARSEC_SIGN_RSA_PKCS1V15	= 1,
	PARSEC_SIGN_RSA_PKCS1V15_RAW	= 2,
	PARSEC_SIGN_RSA_PSS		= 3,
	PARSEC_SIGN_ECDSA		= 4,
	PARSEC_SIGN_ECDSA_ANY		= 5,
	PARSEC_SIGN_DETERMINISTIC_ECDSA	= 6,
};

enum parsec_asymmetric_encryption {
	PARSEC_CRYPT_RSA_PKCS1V15	= 1,
	PARSEC_CRYPT_RSA_OAEP		= 2,
};

enum parsec_key_agreement {
	PARSEC_AGREE_FFDH		= 1,
	PARSEC_AGREE_ECDH		= 2,
};

enum parsec_key_derivation {
	PARSEC_KDF_HKDF			= 1,
	PARSEC_KDF_TLS12_PRF		= 2,
	PARSEC_KDF_TLS12_PSK_TO_MS	= 3,
};

/**
 * struct parsec_alg - an algorithm (contract, section 8)
 * @kind:	enum parsec_alg_kind, says which enum @scheme is from
 * @scheme:	MAC, CIPHER, AEAD, SIGNATURE, ASYMMETRIC_ENCRYPTION,
 *		KEY_AGREEMENT, KEY_DERIVATION: the enum of that name; else 0
 * @hash:	enum parsec_hash, or 0 where the scheme has none
 * @kdf:	KEY_AGREEMENT with key derivation: enum parsec_key_derivation (its
 *		hash is @hash); else 0
 * @length:	truncated MAC, shortened AEAD tag: bytes; else 0
 *
 * Two equal algorithms are equal member by member. A tag "shortened" to the
 * default 16 bytes is the default one: @length is then 0.
 */
struct parsec_alg {
	uint8_t kind;
	uint8_t scheme;
	uint8_t hash;
	uint8_t kdf;
	uint32_t length;
};

/** enum parsec_key_type - which member of the contract's KeyType oneof */
enum parsec_key_type {
	PARSEC_KEY_TYPE_NONE		= 0,
	PARSEC_KEY_TYPE_RAW_DATA	= 1,
	PARSEC_KEY_TYPE_HMAC		= 2,
	PARSEC_KEY_TYPE_DERIVE		= 3,
	PARSEC_KEY_TYPE_AES		= 4,
	PARSEC_KEY_TYPE_DES		= 5,
	PARSEC_KEY_TYPE_CAMELLIA	= 6,
	PARSEC_KEY_TYPE_ARC4		= 7,
	PARSEC_KEY_TYPE_CHACHA20	= 8,
	PARSEC_KEY_TYPE_RSA_PUBLIC_KEY	= 9,
	PARSEC_KEY_TYPE_RSA_KEY_PAIR	= 10,
	PARSEC_KEY_TYPE_ECC_KEY_PAIR	= 11,
	PARSEC_KEY_TYPE_ECC_PUBLIC_KEY	= 12,
	PARSEC_KEY_TYPE_DH_KEY_PAIR	= 13,
	PARSEC_KEY_TYPE_DH_PUBLIC_KEY	= 14,
	PARSEC_KEY_TYPE_LAST		= PARSEC_KEY_TYPE_DH_PUBLIC_KEY,
};

enum parsec_ecc_family {
	PARSEC_ECC_SECP_K1		= 1,
	PARSEC_ECC_SECP_R1		= 2,
	PARSEC_ECC_SECP_R2		= 3,
	PARSEC_ECC_SECT_K1		= 4,
	PARSEC_ECC_SECT_R1		= 5,
	PARSEC_ECC_SECT_R2		= 6,
	PARSEC_ECC_BRAINPOOL_P_R1	= 7,
	PARSEC_ECC_FRP			= 8,
	PARSEC_ECC_MONTGOMERY		= 9,
	PARSEC_ECC_LAST			= PARSEC_ECC_MONTGOMERY,
};

enum parsec_dh_family {
	PARSEC_DH_RFC7919		= 0,
};

/* Usage flags: bit n is field n + 1 of the contract's UsageFlags */
enum parsec_usage {
	PARSEC_USAGE_EXPORT		= 1 << 0,
	PARSEC_USAGE_COPY		= 1 << 1,
	PARSEC_USAGE_CACHE		= 1 << 2,
	PARSEC_USAGE_ENCRYPT		= 1 << 3,
	PARSEC_USAGE_DECRYPT		= 1 << 4,
	PARSEC_USAGE_SIGN_MESSAGE	= 1 << 5,
	PARSEC_USAGE_VERIFY_MESSAGE	= 1 << 6,
	PARSEC_USAGE_SIGN_HASH		= 1 << 7,
	PARSEC_USAGE_VERIFY_HASH	= 1 << 8,
	PARSEC_USAGE_DERIVE		= 1 << 9,
	PARSEC_USAGE_ALL		= (1 << 10) - 1,
};

/** enum parsec_check - what CanDoCrypto asks, CheckType of the contract */
enum parsec_check {
	PARSEC_CHECK_USE	= 1,
	PARSEC_CHECK_GENERATE	= 2,
	PARSEC_CHECK_IMPORT	= 3,
	PARSEC_CHECK_DERIVE	= 4,
};

/**
 * struct parsec_key_attributes - what a key is and what it may do
 * @type:	enum parsec_key_type
 * @family:	enum parsec_ecc_family or parsec_dh_family of ECC and DH keys, else 0
 * @reserved:	0
 * @bits:	size of the key in bits; 0 at import: as the data says
 * @usage:	enum parsec_usage flags
 * @alg:	the one algorithm that the policy permits
 */
struct parsec_key_attributes {
	uint8_t type;
	uint8_t family;
	uint16_t reserved;
	uint32_t bits;
	uint32_t usage;
	struct parsec_alg alg;
};

#endif /* PARSEC_TYPES_H */
