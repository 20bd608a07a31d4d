/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hashing, which the host does for every provider: messages to be signed, HashCompute,
 * HashCompare.
 */
#ifndef PARSEC_HASH_H
#define PARSEC_HASH_H

#include "providers/provider.h"

struct hash_context;

/**
 * hash_compute() - digest of some bytes
 * @context:	kept by the caller between calls, NULL at first; belongs to one thread
 * @hash:	enum parsec_hash
 * @digest:	policy_hash_size(@hash) bytes are stored
 *
 * Return: PARSEC_SUCCESS, PARSEC_PSA_ERROR_NOT_SUPPORTED for what OpenSSL does not have,
 * PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY, PARSEC_PSA_ERROR_GENERIC_ERROR.
 */
enum parsec_status hash_compute(struct hash_context **context, uint8_t hash,
				struct parsec_span input,
				uint8_t digest[PARSEC_HASH_SIZE_MAX]);

/** hash_context_free() - NULL is fine */
void hash_context_free(struct hash_context *context);

#endif /* PARSEC_HASH_H */
