/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the OpenSSL provider share.
 */
#ifndef PARSEC_OPENSSL_H
#define PARSEC_OPENSSL_H

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include "providers/provider.h"

/* Prepared operations that a key keeps: one for each of this many threads */
#define IDLE_OPERATIONS	2

/**
 * struct parsec_provider_ctx - the provider
 * @host:	what the host offers
 * @lib:	library context of its own: it has read no openssl.cnf, so that nothing
 *		on the machine but this library decides which algorithms there are,
 *		and keys that could be made yesterday can be used today
 * @algorithms:	OpenSSL's default provider in @lib
 */
struct parsec_provider_ctx {
	const struct parsec_provider_host *host;
	OSSL_LIB_CTX *lib;
	OSSL_PROVIDER *algorithms;
};

struct operation;	/* sign.c */

/**
 * struct parsec_key - a key, parsed once
 * @pkey:	OpenSSL's
 * @type:	enum parsec_key_type
 * @field:	EC: bytes of a coordinate or scalar; RSA: bytes of the modulus
 * @idle:	prepared sign and verify operations that nobody uses now. Setting one
 *		up costs an eighth of a P-256 signature, so they are taken from here
 *		and put back
 */
struct parsec_key {
	EVP_PKEY *pkey;
	uint8_t type;
	size_t field;
	struct operation *_Atomic idle[IDLE_OPERATIONS];
};

/* status.c */
enum parsec_status openssl_status_of(unsigned long error);
enum parsec_status openssl_status(const struct parsec_provider_ctx *ctx, const char *what);

/* key.c */
enum parsec_status key_create(struct parsec_provider_ctx *ctx,
			      const uint8_t id[PARSEC_BACKEND_ID_SIZE],
			      const struct parsec_key_attributes *attrs,
			      struct parsec_out *blob);
enum parsec_status key_import(struct parsec_provider_ctx *ctx,
			      const uint8_t id[PARSEC_BACKEND_ID_SIZE],
			      struct parsec_key_attributes *attrs, struct parsec_span data,
			      struct parsec_out *blob);
enum parsec_status key_destroy(struct parsec_provider_ctx *ctx,
			       const struct parsec_key_ref *ref);
enum parsec_status key_load(struct parsec_provider_ctx *ctx, const struct parsec_key_ref *ref,
			    const struct parsec_key_attributes *attrs,
			    struct parsec_key **key);
void key_unload(struct parsec_provider_ctx *ctx, struct parsec_key *key);
enum parsec_status key_export_public(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				     struct parsec_out *data);
enum parsec_status key_export(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			      struct parsec_out *data);

/* encoding.c */
enum parsec_status encode_key(const struct parsec_provider_ctx *ctx, const EVP_PKEY *pkey,
			      uint8_t type, struct parsec_out *out);
enum parsec_status decode_key(const struct parsec_provider_ctx *ctx,
			      const struct parsec_key_attributes *attrs,
			      struct parsec_span data, EVP_PKEY **pkey, uint32_t *bits);

/* sign.c */
enum parsec_status sign_hash(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			     const struct parsec_alg *alg, struct parsec_span hash,
			     struct parsec_out *signature);
enum parsec_status verify_hash(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			       const struct parsec_alg *alg, struct parsec_span hash,
			       struct parsec_span signature);
void operation_free(struct operation *op);

/* random.c */
enum parsec_status random_bytes(struct parsec_provider_ctx *ctx, struct parsec_out *out);

#endif /* PARSEC_OPENSSL_H */
