// SPDX-License-Identifier: Apache-2.0
/*
 * From struct parsec_alg to protobuf messages.
 */
#include "helper/contract/codec.h"

static bool known(uint8_t value, uint8_t last)
{
	return value && value <= last;
}

static bool put_hashed(uint8_t hash, PsaAlgorithm__Hashed *msg)
{
	psa_algorithm__hashed__init(msg);
	msg->hash_alg = (PsaAlgorithm__Hash)hash;
	return known(hash, PARSEC_HASH_LAST);
}

bool codec_put_signature(const struct parsec_alg *alg, struct codec_signature *msg)
{
	psa_algorithm__asymmetric_signature__init(&msg->top);
	psa_algorithm__plain__init(&msg->plain);
	if (!known(alg->scheme, PARSEC_SIGN_DETERMINISTIC_ECDSA))
		return false;
	msg->top.variant_case =
		(PsaAlgorithm__AsymmetricSignature__VariantCase)alg->scheme;
	if (alg->scheme == PARSEC_SIGN_RSA_PKCS1V15_RAW ||
	    alg->scheme == PARSEC_SIGN_ECDSA_ANY) {
		msg->top.ecdsa_any = &msg->plain;
		return true;
	}
	psa_algorithm__asymmetric_signature__signing__init(&msg->signing);
	psa_algorithm__asymmetric_signature__sign_hash__init(&msg->hash);
	msg->top.ecdsa = &msg->signing;
	msg->signing.hash_alg = &msg->hash;
	if (alg->hash == PARSEC_HASH_ANY) {
		msg->hash.variant_case =
			PSA_ALGORITHM__ASYMMETRIC_SIGNATURE__SIGN_HASH__VARIANT_ANY;
		msg->hash.any = &msg->plain;
		return true;
	}
	msg->hash.variant_case =
		PSA_ALGORITHM__ASYMMETRIC_SIGNATURE__SIGN_HASH__VARIANT_SPECIFIC;
	msg->hash.specific = (PsaAlgorithm__Hash)alg->hash;
	return known(alg->hash, PARSEC_HASH_LAST);
}

static bool put_mac(const struct parsec_alg *alg, struct codec_algorithm *msg)
{
	psa_algorithm__mac__init(&msg->mac);
	psa_algorithm__mac__full_length__init(&msg->full);
	msg->top.mac = &msg->mac;
	if (!known(alg->scheme, PARSEC_MAC_CMAC))
		return false;
	msg->full.variant_case = (PsaAlgorithm__Mac__FullLength__VariantCase)alg->scheme;
	if (alg->scheme == PARSEC_MAC_HMAC) {
		msg->full.hmac = &msg->hashed;
		if (!put_hashed(alg->hash, &msg->hashed))
			return false;
	} else {
		msg->full.cmac = &msg->plain;
	}
	if (!alg->length) {
		msg->mac.variant_case = PSA_ALGORITHM__MAC__VARIANT_FULL_LENGTH;
		msg->mac.full_length = &msg->full;
		return true;
	}
	psa_algorithm__mac__truncated__init(&msg->truncated);
	msg->mac.variant_case = PSA_ALGORITHM__MAC__VARIANT_TRUNCATED;
	msg->mac.truncated = &msg->truncated;
	msg->truncated.mac_alg = &msg->full;
	msg->truncated.mac_length = alg->length;
	return true;
}

static bool put_aead(const struct parsec_alg *alg, struct codec_algorithm *msg)
{
	PsaAlgorithm__Aead__WithDefaultLengthTag scheme =
		(PsaAlgorithm__Aead__WithDefaultLengthTag)alg->scheme;

	psa_algorithm__aead__init(&msg->aead);
	msg->top.aead = &msg->aead;
	if (alg->length) {
		psa_algorithm__aead__with_shortened_tag__init(&msg->shortened);
		msg->aead.variant_case =
			PSA_ALGORITHM__AEAD__VARIANT_AEAD_WITH_SHORTENED_TAG;
		msg->aead.aead_with_shortened_tag = &msg->shortened;
		msg->shortened.aead_alg = scheme;
		msg->shortened.tag_length = alg->length;
	} else {
		msg->aead.variant_case =
			PSA_ALGORITHM__AEAD__VARIANT_AEAD_WITH_DEFAULT_LENGTH_TAG;
		msg->aead.aead_with_default_length_tag = scheme;
	}
	return known(alg->scheme, PARSEC_AEAD_CHACHA20_POLY1305);
}

static bool put_encryption(const struct parsec_alg *alg, struct codec_algorithm *msg)
{
	psa_algorithm__asymmetric_encryption__init(&msg->encryption);
	msg->top.asymmetric_encryption = &msg->encryption;
	if (!known(alg->scheme, PARSEC_CRYPT_RSA_OAEP))
		return false;
	msg->encryption.variant_case =
		(PsaAlgorithm__AsymmetricEncryption__VariantCase)alg->scheme;
	if (alg->scheme == PARSEC_CRYPT_RSA_OAEP) {
		msg->encryption.rsa_oaep = &msg->hashed;
		return put_hashed(alg->hash, &msg->hashed);
	}
	msg->encryption.rsa_pkcs1v15_crypt = &msg->plain;
	return true;
}

static bool put_kdf(uint8_t kdf, uint8_t hash, struct codec_algorithm *msg)
{
	psa_algorithm__key_derivation__init(&msg->kdf);
	msg->kdf.variant_case = (PsaAlgorithm__KeyDerivation__VariantCase)kdf;
	msg->kdf.hkdf = &msg->hashed;
	return known(kdf, PARSEC_KDF_TLS12_PSK_TO_MS) && put_hashed(hash, &msg->hashed);
}

static bool put_agreement(const struct parsec_alg *alg, struct codec_algorithm *msg)
{
	PsaAlgorithm__KeyAgreement__Raw raw =
		(PsaAlgorithm__KeyAgreement__Raw)alg->scheme;

	psa_algorithm__key_agreement__init(&msg->agreement);
	msg->top.key_agreement = &msg->agreement;
	if (!known(alg->scheme, PARSEC_AGREE_ECDH))
		return false;
	if (!alg->kdf) {
		msg->agreement.variant_case = PSA_ALGORITHM__KEY_AGREEMENT__VARIANT_RAW;
		msg->agreement.raw = raw;
		return true;
	}
	psa_algorithm__key_agreement__with_key_derivation__init(&msg->with_kdf);
	msg->agreement.variant_case =
		PSA_ALGORITHM__KEY_AGREEMENT__VARIANT_WITH_KEY_DERIVATION;
	msg->agreement.with_key_derivation = &msg->with_kdf;
	msg->with_kdf.ka_alg = raw;
	msg->with_kdf.kdf_alg = &msg->kdf;
	return put_kdf(alg->kdf, alg->hash, msg);
}

bool codec_put_algorithm(const struct parsec_alg *alg, struct codec_algorithm *msg)
{
	psa_algorithm__algorithm__init(&msg->top);
	psa_algorithm__plain__init(&msg->plain);
	msg->top.variant_case = (PsaAlgorithm__Algorithm__VariantCase)alg->kind;
	switch (alg->kind) {
	case PARSEC_ALG_NONE:
		msg->top.none = &msg->plain;
		return true;
	case PARSEC_ALG_HASH:
		msg->top.hash = (PsaAlgorithm__Hash)alg->hash;
		return known(alg->hash, PARSEC_HASH_LAST);
	case PARSEC_ALG_MAC:
		return put_mac(alg, msg);
	case PARSEC_ALG_CIPHER:
		msg->top.cipher = (PsaAlgorithm__Cipher)alg->scheme;
		return known(alg->scheme, PARSEC_CIPHER_CBC_PKCS7);
	case PARSEC_ALG_AEAD:
		return put_aead(alg, msg);
	case PARSEC_ALG_SIGNATURE:
		msg->top.asymmetric_signature = &msg->signature.top;
		return codec_put_signature(alg, &msg->signature);
	case PARSEC_ALG_ASYMMETRIC_ENCRYPTION:
		return put_encryption(alg, msg);
	case PARSEC_ALG_KEY_AGREEMENT:
		return put_agreement(alg, msg);
	case PARSEC_ALG_KEY_DERIVATION:
		msg->top.key_derivation = &msg->kdf;
		return put_kdf(alg->scheme, alg->hash, msg);
	default:
		return false;
	}
}
