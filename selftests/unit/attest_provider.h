/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the provider that attests, for tests: what a TPM calls a public area, and what it
 * does with a challenge for the key of one.
 */
#ifndef UNIT_ATTEST_PROVIDER_H
#define UNIT_ATTEST_PROVIDER_H

/* The software provider's table, which has another name in this library */
#define parsec_provider	openssl_provider
#include "providers/provider.h"
#undef parsec_provider

/* Bytes of the longest seed: what RSA-OAEP leaves room for in 4096 bits */
#define SEED_MAX	512

/* Is this what $FAULT wants to be wrong? */
bool fault(const char *name);

/**
 * struct area - a key as its verifier sees it
 * @bytes:	TPMT_PUBLIC
 * @len:	of @bytes
 * @name:	SHA-256 of it, behind the number of that hash
 */
struct area {
	uint8_t bytes[1024];
	size_t len;
	uint8_t name[2 + 32];
};

/** area_make() - @public is the key's public part in the format of the contract */
enum parsec_status area_make(struct area *area, const struct parsec_key_attributes *attrs,
			     bool imported, struct parsec_span public);

/** area_unwrap() - the credential in @blob, which is for this area and this seed */
enum parsec_status area_unwrap(const struct area *area, struct parsec_span seed,
			       struct parsec_span blob, struct parsec_out *credential);

#endif /* UNIT_ATTEST_PROVIDER_H */
