// SPDX-License-Identifier: Apache-2.0
/*
 * Hashes of the caller's data.
 */
#include <openssl/crypto.h>

#include "helper/ops.h"
#include "helper/policy.h"

enum parsec_status op_hash_compute(struct call *call)
{
	struct parsec_out digest = call_output(call);
	uint8_t hash = call->req.alg.hash;
	enum parsec_status status;

	if (policy_hash_size(hash) > digest.size)
		return PARSEC_RESPONSE_TOO_LARGE;
	status = hash_compute(&call->scratch->hash, hash, call->req.input, digest.data);
	if (!status)
		call->result.data = (struct parsec_span){ digest.data,
							  policy_hash_size(hash) };
	return status;
}

enum parsec_status op_hash_compare(struct call *call)
{
	uint8_t digest[PARSEC_HASH_SIZE_MAX];
	uint8_t hash = call->req.alg.hash;
	enum parsec_status status;

	if (call->req.reference.len != policy_hash_size(hash))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	status = hash_compute(&call->scratch->hash, hash, call->req.input, digest);
	if (status)
		return status;
	if (CRYPTO_memcmp(digest, call->req.reference.data, call->req.reference.len))
		return PARSEC_PSA_ERROR_INVALID_SIGNATURE;
	return PARSEC_SUCCESS;
}
