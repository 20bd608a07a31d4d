// SPDX-License-Identifier: Apache-2.0
/*
 * Algorithms as protobuf messages and as struct parsec_alg. The numbers are the same
 * on both sides; what differs is that messages nest where the struct has members.
 */
#include "helper/contract/codec.h"

#define AEAD_TAG_DEFAULT	16

static enum parsec_status get_enum(uint32_t value, uint8_t last, uint8_t *to)
{
	if (!value || value > last)
		return PARSEC_INVALID_ENCODING;
	*to = (uint8_t)value;
	return PARSEC_SUCCESS;
}

enum parsec_status codec_get_hash(uint32_t value, uint8_t *hash)
{
	return get_enum(value, PARSEC_HASH_LAST, hash);
}

static enum parsec_status get_hashed(const PsaAlgorithm__Hashed *msg, uint8_t *hash)
{
	return codec_get_hash(msg->hash_alg, hash);
}

static enum parsec_status get_length(uint32_t value, uint32_t *to)
{
	/* In struct parsec_alg 0 stands for the full length */
	if (!value)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	*to = value;
	return PARSEC_SUCCESS;
}

static enum parsec_status get_mac_full(const PsaAlgorithm__Mac__FullLength *msg,
				       struct parsec_alg *alg)
{
	if (!msg || !msg->variant_case)
		return PARSEC_INVALID_ENCODING;
	alg->scheme = (uint8_t)msg->variant_case;
	if (alg->scheme == PARSEC_MAC_HMAC)
		return get_hashed(msg->hmac, &alg->hash);
	return PARSEC_SUCCESS;
}

enum parsec_status codec_get_mac(const PsaAlgorithm__Mac *msg, struct parsec_alg *alg)
{
	enum parsec_status status;

	*alg = (struct parsec_alg) { .kind = PARSEC_ALG_MAC };
	if (!msg)
		return PARSEC_INVALID_ENCODING;
	switch (msg->variant_case) {
	case PSA_ALGORITHM__MAC__VARIANT_FULL_LENGTH:
		return get_mac_full(msg->full_length, alg);
	case PSA_ALGORITHM__MAC__VARIANT_TRUNCATED:
		status = get_mac_full(msg->truncated->mac_alg, alg);
		if (status)
			return status;
		return get_length(msg->truncated->mac_length, &alg->length);
	default:
		return PARSEC_INVALID_ENCODING;
	}
}

enum parsec_status codec_get_aead(const PsaAlgorithm__Aead *msg, struct parsec_alg *alg)
{
	enum parsec_status status;

	*alg = (struct parsec_alg) { .kind = PARSEC_ALG_AEAD };
	if (!msg)
		return PARSEC_INVALID_ENCODING;
	switch (msg->variant_case) {
	case PSA_ALGORITHM__AEAD__VARIANT_AEAD_WITH_DEFAULT_LENGTH_TAG:
		return get_enum(msg->aead_with_default_length_tag,
				PARSEC_AEAD_CHACHA20_POLY1305, &alg->scheme);
	case PSA_ALGORITHM__AEAD__VARIANT_AEAD_WITH_SHORTENED_TAG:
		status = get_enum(msg->aead_with_shortened_tag->aead_alg,
				  PARSEC_AEAD_CHACHA20_POLY1305, &alg->scheme);
		if (status)
			return status;
		status = get_length(msg->aead_with_shortened_tag->tag_length,
				    &alg->length);
		if (alg->length == AEAD_TAG_DEFAULT)
			alg->length = 0;
		return status;
	default:
		return PARSEC_INVALID_ENCODING;
	}
}

static enum parsec_status
get_sign_hash(const PsaAlgorithm__AsymmetricSignature__Signing *msg, uint8_t *hash)
{
	if (!msg->hash_alg)
		return PARSEC_INVALID_ENCODING;
	switch (msg->hash_alg->variant_case) {
	case PSA_ALGORITHM__ASYMMETRIC_SIGNATURE__SIGN_HASH__VARIANT_ANY:
		*hash = PARSEC_HASH_ANY;
		return PARSEC_SUCCESS;
	case PSA_ALGORITHM__ASYMMETRIC_SIGNATURE__SIGN_HASH__VARIANT_SPECIFIC:
		return codec_get_hash(msg->hash_alg->specific, hash);
	default:
		return PARSEC_INVALID_ENCODING;
	}
}

enum parsec_status codec_get_signature(const PsaAlgorithm__AsymmetricSignature *msg,
				       struct parsec_alg *alg)
{
	*alg = (struct parsec_alg) { .kind = PARSEC_ALG_SIGNATURE };
	if (!msg || !msg->variant_case)
		return PARSEC_INVALID_ENCODING;
	alg->scheme = (uint8_t)msg->variant_case;
	if (alg->scheme == PARSEC_SIGN_RSA_PKCS1V15_RAW ||
	    alg->scheme == PARSEC_SIGN_ECDSA_ANY)
		return PARSEC_SUCCESS;
	return get_sign_hash(msg->ecdsa, &alg->hash);
}

enum parsec_status codec_get_encryption(const PsaAlgorithm__AsymmetricEncryption *msg,
					struct parsec_alg *alg)
{
	*alg = (struct parsec_alg) { .kind = PARSEC_ALG_ASYMMETRIC_ENCRYPTION };
	if (!msg)
		return PARSEC_INVALID_ENCODING;
	alg->scheme = (uint8_t)msg->variant_case;
	switch (msg->variant_case) {
	case PSA_ALGORITHM__ASYMMETRIC_ENCRYPTION__VARIANT_RSA_PKCS1V15_CRYPT:
		return PARSEC_SUCCESS;
	case PSA_ALGORITHM__ASYMMETRIC_ENCRYPTION__VARIANT_RSA_OAEP:
		return get_hashed(msg->rsa_oaep, &alg->hash);
	default:
		return PARSEC_INVALID_ENCODING;
	}
}

enum parsec_status codec_get_cipher(uint32_t value, struct parsec_alg *alg)
{
	*alg = (struct parsec_alg) { .kind = PARSEC_ALG_CIPHER };
	return get_enum(value, PARSEC_CIPHER_CBC_PKCS7, &alg->scheme);
}

enum parsec_status codec_get_agreement(uint32_t value, struct parsec_alg *alg)
{
	*alg = (struct parsec_alg) { .kind = PARSEC_ALG_KEY_AGREEMENT };
	return get_enum(value, PARSEC_AGREE_ECDH, &alg->scheme);
}

static enum parsec_status get_kdf(const PsaAlgorithm__KeyDerivation *msg, uint8_t *kdf,
				  uint8_t *hash)
{
	if (!msg || !msg->variant_case)
		return PARSEC_INVALID_ENCODING;
	*kdf = (uint8_t)msg->variant_case;
	return get_hashed(msg->hkdf, hash);
}

static enum parsec_status get_agreement(const PsaAlgorithm__KeyAgreement *msg,
					struct parsec_alg *alg)
{
	enum parsec_status status;

	switch (msg->variant_case) {
	case PSA_ALGORITHM__KEY_AGREEMENT__VARIANT_RAW:
		return get_enum(msg->raw, PARSEC_AGREE_ECDH, &alg->scheme);
	case PSA_ALGORITHM__KEY_AGREEMENT__VARIANT_WITH_KEY_DERIVATION:
		status = get_enum(msg->with_key_derivation->ka_alg, PARSEC_AGREE_ECDH,
				  &alg->scheme);
		if (status)
			return status;
		return get_kdf(msg->with_key_derivation->kdf_alg, &alg->kdf, &alg->hash);
	default:
		return PARSEC_INVALID_ENCODING;
	}
}

enum parsec_status codec_get_algorithm(const PsaAlgorithm__Algorithm *msg,
				       struct parsec_alg *alg)
{
	*alg = (struct parsec_alg) { 0 };
	if (!msg)
		return PARSEC_INVALID_ENCODING;
	alg->kind = (uint8_t)msg->variant_case;
	switch (msg->variant_case) {
	case PSA_ALGORITHM__ALGORITHM__VARIANT_NONE:
		return PARSEC_SUCCESS;
	case PSA_ALGORITHM__ALGORITHM__VARIANT_HASH:
		return codec_get_hash(msg->hash, &alg->hash);
	case PSA_ALGORITHM__ALGORITHM__VARIANT_MAC:
		return codec_get_mac(msg->mac, alg);
	case PSA_ALGORITHM__ALGORITHM__VARIANT_CIPHER:
		return codec_get_cipher(msg->cipher, alg);
	case PSA_ALGORITHM__ALGORITHM__VARIANT_AEAD:
		return codec_get_aead(msg->aead, alg);
	case PSA_ALGORITHM__ALGORITHM__VARIANT_ASYMMETRIC_SIGNATURE:
		return codec_get_signature(msg->asymmetric_signature, alg);
	case PSA_ALGORITHM__ALGORITHM__VARIANT_ASYMMETRIC_ENCRYPTION:
		return codec_get_encryption(msg->asymmetric_encryption, alg);
	case PSA_ALGORITHM__ALGORITHM__VARIANT_KEY_AGREEMENT:
		return get_agreement(msg->key_agreement, alg);
	case PSA_ALGORITHM__ALGORITHM__VARIANT_KEY_DERIVATION:
		return get_kdf(msg->key_derivation, &alg->scheme, &alg->hash);
	default:
		return PARSEC_INVALID_ENCODING;
	}
}
