/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the codec: algorithms and attributes as protobuf messages and as structs.
 *
 * Reading returns PARSEC_SUCCESS, PARSEC_INVALID_ENCODING for what is missing or not
 * known, or PARSEC_PSA_ERROR_INVALID_ARGUMENT for a tag or MAC of no bytes. Writing
 * fills in messages that the caller provides, which point to each other and to what
 * they were made of, and returns false for values that have no encoding.
 */
#ifndef PARSEC_CONTRACT_CODEC_H
#define PARSEC_CONTRACT_CODEC_H

#include <parsec/status.h>
#include <parsec/types.h>

#include "helper/contract/psa_algorithm.pb-c.h"
#include "helper/contract/psa_key_attributes.pb-c.h"

/* algorithm.c */

/** codec_get_hash() - a hash that is named, not any hash */
enum parsec_status codec_get_hash(uint32_t value, uint8_t *hash);
enum parsec_status codec_get_signature(const PsaAlgorithm__AsymmetricSignature *msg,
				       struct parsec_alg *alg);
enum parsec_status codec_get_mac(const PsaAlgorithm__Mac *msg, struct parsec_alg *alg);
enum parsec_status codec_get_cipher(uint32_t value, struct parsec_alg *alg);
enum parsec_status codec_get_aead(const PsaAlgorithm__Aead *msg, struct parsec_alg *alg);
enum parsec_status codec_get_encryption(const PsaAlgorithm__AsymmetricEncryption *msg,
					struct parsec_alg *alg);
/** codec_get_agreement() - key agreement without key derivation */
enum parsec_status codec_get_agreement(uint32_t value, struct parsec_alg *alg);
enum parsec_status codec_get_algorithm(const PsaAlgorithm__Algorithm *msg,
				       struct parsec_alg *alg);

struct codec_signature {
	PsaAlgorithm__AsymmetricSignature top;
	PsaAlgorithm__AsymmetricSignature__Signing signing;
	PsaAlgorithm__AsymmetricSignature__SignHash hash;
	PsaAlgorithm__Plain plain;
};

struct codec_algorithm {
	PsaAlgorithm__Algorithm top;
	PsaAlgorithm__Plain plain;
	PsaAlgorithm__Hashed hashed;
	union {
		struct {
			PsaAlgorithm__Mac mac;
			PsaAlgorithm__Mac__FullLength full;
			PsaAlgorithm__Mac__Truncated truncated;
		};
		struct {
			PsaAlgorithm__Aead aead;
			PsaAlgorithm__Aead__WithShortenedTag shortened;
		};
		struct codec_signature signature;
		PsaAlgorithm__AsymmetricEncryption encryption;
		struct {
			PsaAlgorithm__KeyAgreement agreement;
			PsaAlgorithm__KeyAgreement__WithKeyDerivation with_kdf;
			PsaAlgorithm__KeyDerivation kdf;
		};
	};
};

bool codec_put_signature(const struct parsec_alg *alg, struct codec_signature *msg);
bool codec_put_algorithm(const struct parsec_alg *alg, struct codec_algorithm *msg);

/* attributes.c */

/** codec_get_attributes() - usage that other usage implies is set */
enum parsec_status codec_get_attributes(const PsaKeyAttributes__KeyAttributes *msg,
					struct parsec_key_attributes *attrs);

struct codec_attributes {
	PsaKeyAttributes__KeyAttributes top;
	PsaKeyAttributes__KeyType type;
	PsaKeyAttributes__PlainType plain;
	PsaKeyAttributes__EccType ecc;
	PsaKeyAttributes__DhType dh;
	PsaKeyAttributes__KeyPolicy policy;
	PsaKeyAttributes__UsageFlags usage;
	struct codec_algorithm alg;
};

bool codec_put_attributes(const struct parsec_key_attributes *attrs,
			  struct codec_attributes *msg);

#endif /* PARSEC_CONTRACT_CODEC_H */
