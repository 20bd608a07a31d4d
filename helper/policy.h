/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a key may do and what a provider can do: every check of the contract
 * that needs neither a name nor a backend (contract, sections 8 to 10).
 */
#ifndef PARSEC_POLICY_H
#define PARSEC_POLICY_H

#include "providers/provider.h"

/**
 * policy_hash_size() - bytes of a digest
 * Return: 0 for PARSEC_HASH_NONE, PARSEC_HASH_ANY and unknown values.
 */
size_t policy_hash_size(uint8_t hash);

/**
 * policy_imply_usage() - add the usage flags that others imply
 *
 * sign_hash implies sign_message, verify_hash implies verify_message.
 */
uint32_t policy_imply_usage(uint32_t usage);

/**
 * policy_permits() - may this key be used so? (contract, section 10)
 * @attrs:	attributes of the key
 * @usage:	the one enum parsec_usage flag that the operation needs
 * @alg:	algorithm of the request
 *
 * Checks usage flag, permitted algorithm and key type, in this order.
 *
 * Return: PARSEC_SUCCESS or PARSEC_PSA_ERROR_NOT_PERMITTED.
 */
enum parsec_status policy_permits(const struct parsec_key_attributes *attrs,
				  uint32_t usage, const struct parsec_alg *alg);

/**
 * policy_input_length() - lengths that the contract fixes
 * @alg:	signature algorithm of the request
 * @hash_len:	bytes of hash to be signed or verified
 *
 * Return: PARSEC_SUCCESS or PARSEC_PSA_ERROR_INVALID_ARGUMENT.
 */
enum parsec_status policy_input_length(const struct parsec_alg *alg, size_t hash_len);

/** policy_deprecated() - is the key type or its algorithm deprecated? */
bool policy_deprecated(const struct parsec_key_attributes *attrs);

/**
 * policy_new_key() - may a key of these attributes be made at all?
 * @attrs:	attributes from the request
 * @generate:	generated, not imported
 *
 * Type against algorithm, and public key types at generate. What the provider can
 * do is policy_supported().
 *
 * Return: PARSEC_SUCCESS or PARSEC_PSA_ERROR_INVALID_ARGUMENT.
 */
enum parsec_status policy_new_key(const struct parsec_key_attributes *attrs,
				  bool generate);

/**
 * policy_supported() - does a capability row cover this key?
 * @caps:	what the provider can do
 * @attrs:	the key; bits 0 stands for any size
 * @can:	enum parsec_can bits that are needed, all in one row
 *
 * A policy of PARSEC_ALG_NONE is covered by every row of the type and size. A policy
 * of any hash is covered by a row that has hashes.
 *
 * Return: PARSEC_SUCCESS or PARSEC_PSA_ERROR_NOT_SUPPORTED.
 */
enum parsec_status policy_supported(const struct parsec_capabilities *caps,
				    const struct parsec_key_attributes *attrs,
				    uint32_t can);

#endif /* PARSEC_POLICY_H */
