// SPDX-License-Identifier: Apache-2.0
/*
 * RSA encryption.
 */
#include <string.h>

#include "providers/lib/rsa.h"
#include "providers/pkcs11/pkcs11.h"

/* What PKCS #1 v1.5 needs at least around the message */
#define PKCS1_OVERHEAD	11

/**
 * struct request - what an operation is made of
 * @use:	the operation of the token
 * @oaep:	parameter of its mechanism
 * @overhead:	bytes that the padding needs around the message
 */
struct request {
	struct use use;
	CK_RSA_PKCS_OAEP_PARAMS oaep;
	size_t overhead;
};

/*
 * The host asks only for what the capability table has; checked again because a table here
 * is indexed by it. Labels are refused whoever would encrypt: what is encrypted here is for
 * the token to decrypt.
 */
static enum parsec_status prepare(const struct parsec_provider_ctx *ctx,
				  const struct parsec_key *key, const struct parsec_alg *alg,
				  struct parsec_span label, struct request *request)
{
	const struct hash *hash = alg->hash <= PARSEC_HASH_LAST ? &hashes[alg->hash] : hashes;

	if (alg->kind != PARSEC_ALG_ASYMMETRIC_ENCRYPTION ||
	    public_type(key->type) != PARSEC_KEY_TYPE_RSA_PUBLIC_KEY)
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (alg->scheme == PARSEC_CRYPT_RSA_PKCS1V15) {
		request->use.mechanism.mechanism = CKM_RSA_PKCS;
		request->overhead = PKCS1_OVERHEAD;
		return label.len ? PARSEC_PSA_ERROR_INVALID_ARGUMENT : PARSEC_SUCCESS;
	}
	request->overhead = 2 * (size_t)hash->size + 2;
	if (alg->scheme != PARSEC_CRYPT_RSA_OAEP || !hash->mgf ||
	    request->overhead > key->field || (label.len && !ctx->oaep_labels))
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	request->oaep = (CK_RSA_PKCS_OAEP_PARAMS){ hash->digest, hash->mgf, CKZ_DATA_SPECIFIED,
						   label.len ? bytes_of(label) : NULL,
						   label.len };
	request->use.mechanism = (CK_MECHANISM){ CKM_RSA_PKCS_OAEP, &request->oaep,
						 sizeof(request->oaep) };
	return PARSEC_SUCCESS;
}

enum parsec_status asymmetric_encrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				      const struct parsec_alg *alg, struct parsec_span label,
				      struct parsec_span plaintext,
				      struct parsec_out *ciphertext)
{
	struct request request = { .use = { .work = WORK_ENCRYPT, .half = PUBLIC_HALF,
					    .in = plaintext, .out = ciphertext } };
	enum parsec_status status = prepare(ctx, key, alg, label, &request);
	CK_RV rv = CKR_OBJECT_HANDLE_INVALID;

	if (status != PARSEC_SUCCESS)
		return status;
	if (plaintext.len > key->field - request.overhead)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	if (ciphertext->size < key->field)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	if (!ctx->settings.software_public)
		rv = key_use(ctx, key, &request.use);
	/* Also for a pair whose public half is missing on the token */
	if (is_stale(rv) && (ctx->settings.software_public || is_pair(key->type)))
		return openssl_provider.asymmetric_encrypt(ctx->software, key->public, alg, label,
							   plaintext, ciphertext);
	if (rv == CKR_OK && ciphertext->len != key->field)
		rv = CKR_LIE;
	return failed(ctx, "RSA encryption", rv);
}

/* A number that is no ciphertext of this key is the caller's to know */
static bool is_below_modulus(const struct parsec_key *key, struct parsec_span ciphertext)
{
	struct rsa_public public;

	return rsa_read_public((struct parsec_span){ key->known, key->known_len }, &public) &&
	       public.n.len == ciphertext.len &&
	       memcmp(ciphertext.data, public.n.data, public.n.len) < 0;
}

enum parsec_status asymmetric_decrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				      const struct parsec_alg *alg, struct parsec_span label,
				      struct parsec_span ciphertext,
				      struct parsec_out *plaintext)
{
	struct parsec_out text;
	struct request request = { .use = { .work = WORK_DECRYPT, .half = OWN_HALF,
					    .in = ciphertext, .out = &text } };
	enum parsec_status status = prepare(ctx, key, alg, label, &request);
	CK_RV rv;

	if (status == PARSEC_SUCCESS && !is_pair(key->type))
		status = PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (status != PARSEC_SUCCESS)
		return status;
	if (!is_below_modulus(key, ciphertext))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	if (!scratch_get(&text, key->field))
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	rv = key_use(ctx, key, &request.use);
	/* Nothing tells one wrong padding from another, not even a line in the log */
	status = rv == CKR_ENCRYPTED_DATA_INVALID ? PARSEC_PSA_ERROR_INVALID_PADDING :
						    failed(ctx, "RSA decryption", rv);
	return scratch_give(&text, status, plaintext);
}
