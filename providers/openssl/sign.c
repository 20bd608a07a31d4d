// SPDX-License-Identifier: Apache-2.0
/*
 * Signatures over hashes and their verification, in the formats of the contract
 * (section 11.3).
 */
#include <stdatomic.h>
#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include "providers/lib/ecdsa.h"
#include "providers/openssl/openssl.h"

/* What PKCS#1 v1.5 needs at least around the message */
#define PKCS1_OVERHEAD		11

/**
 * struct operation - a set up signature or verification, to be used again and again
 * @what:	which one
 * @ctx:	OpenSSL's; used by one thread at a time
 */
struct operation {
	struct setup {
		bool verify;
		uint8_t scheme;
		uint8_t hash;
	} what;
	EVP_PKEY_CTX *ctx;
};

static bool is_ecc(const struct parsec_key *key)
{
	return (key->type == PARSEC_KEY_TYPE_ECC_KEY_PAIR ||
		key->type == PARSEC_KEY_TYPE_ECC_PUBLIC_KEY) &&
	       key->family != PARSEC_ECC_MONTGOMERY;
}

static bool is_rsa(const struct parsec_key *key)
{
	return key->type == PARSEC_KEY_TYPE_RSA_KEY_PAIR ||
	       key->type == PARSEC_KEY_TYPE_RSA_PUBLIC_KEY;
}

void operation_free(struct operation *op)
{
	if (!op)
		return;
	EVP_PKEY_CTX_free(op->ctx);
	free(op);
}

static bool operation_init(struct operation *op)
{
	char pkcs1[] = "pkcs1", pss[] = "pss", digest[] = "digest";
	OSSL_PARAM params[5], *p = params;
	/* OpenSSL's parameters are not const, but it only reads these */
	char *hash = (char *)(uintptr_t)digests[op->what.hash].name;

	if (op->what.scheme == PARSEC_SIGN_RSA_PKCS1V15) {
		*p++ = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, hash, 0);
		*p++ = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE,
							pkcs1, 0);
	} else if (op->what.scheme == PARSEC_SIGN_RSA_PKCS1V15_RAW) {
		*p++ = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE,
							pkcs1, 0);
	} else if (op->what.scheme == PARSEC_SIGN_RSA_PSS) {
		*p++ = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, hash, 0);
		*p++ = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE,
							pss, 0);
		*p++ = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST,
							hash, 0);
		*p++ = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN,
							digest, 0);
	}
	*p = OSSL_PARAM_construct_end();

	return op->what.verify ? EVP_PKEY_verify_init_ex(op->ctx, params) == 1 :
				 EVP_PKEY_sign_init_ex(op->ctx, params) == 1;
}

static void operation_put(struct parsec_key *key, struct operation *op)
{
	if (atomic_load(&key->spoiled)) {
		operation_free(op);
		return;
	}
	for (size_t i = 0; i < IDLE_OPERATIONS; i++) {
		struct operation *none = NULL;

		if (atomic_compare_exchange_strong(&key->idle[i], &none, op))
			return;
	}
	/* The last used is the likeliest to be used next */
	operation_free(atomic_exchange(&key->idle[0], op));
}

/* An idle operation or a new one */
static struct operation *operation_get(const struct parsec_provider_ctx *ctx,
				       struct parsec_key *key, struct setup what)
{
	struct operation *op;
	EVP_PKEY *pkey;

	for (size_t i = 0; i < IDLE_OPERATIONS && !atomic_load(&key->spoiled); i++) {
		op = atomic_exchange(&key->idle[i], NULL);
		if (!op)
			continue;
		if (op->what.verify == what.verify && op->what.scheme == what.scheme &&
		    op->what.hash == what.hash)
			return op;
		operation_put(key, op);
	}

	op = calloc(1, sizeof(*op));
	if (!op)
		return NULL;
	op->what = what;
	pkey = key_sound(key);
	op->ctx = pkey ? EVP_PKEY_CTX_new_from_pkey(ctx->lib, pkey, NULL) : NULL;
	EVP_PKEY_free(pkey);
	if (!op->ctx || !operation_init(op)) {
		operation_free(op);
		return NULL;
	}
	return op;
}

/*
 * The host asks only for what the capability table has; checked again because the
 * tables here are indexed by it. ECDSA needs no hash algorithm, just the bytes, of which
 * it takes as many as the order of the curve has; @hash is cut to them.
 */
static enum parsec_status check_request(const struct parsec_key *key,
					const struct parsec_alg *alg, struct parsec_span *hash,
					struct setup *what)
{
	bool rsa = alg->scheme <= PARSEC_SIGN_RSA_PSS;
	bool plain = alg->scheme == PARSEC_SIGN_RSA_PKCS1V15_RAW ||
		     alg->scheme == PARSEC_SIGN_ECDSA_ANY;

	if (alg->kind != PARSEC_ALG_SIGNATURE || !alg->scheme ||
	    alg->scheme > PARSEC_SIGN_ECDSA_ANY || (rsa ? !is_rsa(key) : !is_ecc(key)) ||
	    (!plain && (alg->hash > PARSEC_HASH_LAST || !digests[alg->hash].name)))
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (!plain && hash->len != digests[alg->hash].size)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	if (alg->scheme == PARSEC_SIGN_RSA_PKCS1V15_RAW &&
	    (!hash->len || hash->len > key->field - PKCS1_OVERHEAD))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	if (!rsa && hash->len > key->field)
		hash->len = key->field;

	what->scheme = rsa ? alg->scheme : (uint8_t)PARSEC_SIGN_ECDSA;
	what->hash = rsa && !plain ? alg->hash : (uint8_t)PARSEC_HASH_NONE;
	return PARSEC_SUCCESS;
}

enum parsec_status sign_hash(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			     const struct parsec_alg *alg, struct parsec_span hash,
			     struct parsec_out *signature)
{
	size_t size = is_ecc(key) ? 2 * key->field : key->field;
	struct setup what = { .verify = false };
	uint8_t der[ECDSA_DER_MAX];
	size_t der_len = sizeof(der), len = size;
	enum parsec_status status;
	struct operation *op;
	bool done;

	status = check_request(key, alg, &hash, &what);
	if (status != PARSEC_SUCCESS)
		return status;
	if (signature->size < size)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;

	errors_clear();
	op = operation_get(ctx, key, what);
	if (!op)
		return openssl_status(ctx, "preparing a signature");

	if (is_ecc(key))
		done = EVP_PKEY_sign(op->ctx, der, &der_len, hash.data, hash.len) == 1 &&
		       ecdsa_from_der((struct parsec_span){ der, der_len },
				      signature->data, key->field);
	else
		done = EVP_PKEY_sign(op->ctx, signature->data, &len, hash.data,
				     hash.len) == 1 && len == size;
	if (!done) {
		operation_free(op);
		status = openssl_status(ctx, "signing");
		key_failed(key, status);
		return status;
	}
	operation_put(key, op);
	signature->len = size;
	return PARSEC_SUCCESS;
}

enum parsec_status verify_hash(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			       const struct parsec_alg *alg, struct parsec_span hash,
			       struct parsec_span signature)
{
	size_t size = is_ecc(key) ? 2 * key->field : key->field;
	struct setup what = { .verify = true };
	uint8_t der[ECDSA_DER_MAX];
	enum parsec_status status;
	struct operation *op;

	status = check_request(key, alg, &hash, &what);
	if (status != PARSEC_SUCCESS)
		return status;
	if (signature.len != size)
		return PARSEC_PSA_ERROR_INVALID_SIGNATURE;
	errors_clear();
	if (is_ecc(key)) {
		signature.len = ecdsa_to_der(signature.data, key->field, der);
		signature.data = der;
	}

	op = operation_get(ctx, key, what);
	if (!op)
		return openssl_status(ctx, "preparing a verification");

	if (EVP_PKEY_verify(op->ctx, signature.data, signature.len, hash.data, hash.len) == 1) {
		status = PARSEC_SUCCESS;
	} else {
		/* OpenSSL does not always tell a wrong signature from a failure */
		status = openssl_status(ctx, "verifying");
		if (status != PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY)
			status = PARSEC_PSA_ERROR_INVALID_SIGNATURE;
	}
	operation_put(key, op);
	return status;
}
