// SPDX-License-Identifier: Apache-2.0
/*
 * Signatures over hashes and their verification, in the formats of the contract
 * (section 11.3), which are those of PKCS #11 as well.
 */
#include <string.h>

#include "providers/pkcs11/pkcs11.h"

/* What PKCS #1 v1.5 needs at least around the message */
#define PKCS1_OVERHEAD	11

/**
 * struct request - what a signature is made of
 * @use:	the operation of the token
 * @pss:	parameter of its mechanism
 * @text:	what is signed, where that is not the hash alone
 */
struct request {
	struct use use;
	CK_RSA_PKCS_PSS_PARAMS pss;
	uint8_t text[sizeof(hashes->info) + PARSEC_HASH_SIZE_MAX];
};

static bool is_rsa(const struct parsec_key *key)
{
	return public_type(key->type) == PARSEC_KEY_TYPE_RSA_PUBLIC_KEY;
}

static void prepare_pkcs1(struct request *request, const struct hash *hash,
			  struct parsec_span digest)
{
	memcpy(request->text, hash->info, hash->info_len);
	memcpy(request->text + hash->info_len, digest.data, digest.len);
	request->use.in = (struct parsec_span){ request->text, hash->info_len + digest.len };
	request->use.mechanism.mechanism = CKM_RSA_PKCS;
}

static void prepare_pss(struct request *request, const struct hash *hash)
{
	request->pss = (CK_RSA_PKCS_PSS_PARAMS){ hash->digest, hash->mgf, hash->size };
	request->use.mechanism = (CK_MECHANISM){ CKM_RSA_PKCS_PSS, &request->pss,
						 sizeof(request->pss) };
}

/*
 * The host asks only for what the capability table has; checked again because a table here
 * is indexed by it. ECDSA takes as many bytes as the order of the curve has.
 */
static enum parsec_status prepare(const struct parsec_key *key, const struct parsec_alg *alg,
				  struct parsec_span digest, struct request *request)
{
	bool rsa = alg->scheme <= PARSEC_SIGN_RSA_PSS;
	bool plain = alg->scheme == PARSEC_SIGN_RSA_PKCS1V15_RAW ||
		     alg->scheme == PARSEC_SIGN_ECDSA_ANY;
	const struct hash *hash = alg->hash <= PARSEC_HASH_LAST ? &hashes[alg->hash] : hashes;

	if (alg->kind != PARSEC_ALG_SIGNATURE || !alg->scheme ||
	    alg->scheme > PARSEC_SIGN_ECDSA_ANY || rsa != is_rsa(key) || !key->public ||
	    (!plain && !hash->size))
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (!plain && digest.len != hash->size)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	request->use.in = digest;
	switch (alg->scheme) {
	case PARSEC_SIGN_RSA_PKCS1V15:
		prepare_pkcs1(request, hash, digest);
		break;
	case PARSEC_SIGN_RSA_PKCS1V15_RAW:
		if (!digest.len || digest.len > key->field - PKCS1_OVERHEAD)
			return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
		request->use.mechanism.mechanism = CKM_RSA_PKCS;
		break;
	case PARSEC_SIGN_RSA_PSS:
		prepare_pss(request, hash);
		break;
	default:
		if (digest.len > key->field)
			request->use.in.len = key->field;
		request->use.mechanism.mechanism = CKM_ECDSA;
	}
	return PARSEC_SUCCESS;
}

enum parsec_status sign_hash(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			     const struct parsec_alg *alg, struct parsec_span hash,
			     struct parsec_out *signature)
{
	struct request request = { .use = { .work = WORK_SIGN, .half = OWN_HALF,
					    .out = signature } };
	size_t size = is_rsa(key) ? key->field : 2 * key->field;
	enum parsec_status status = prepare(key, alg, hash, &request);
	CK_RV rv;

	if (status != PARSEC_SUCCESS)
		return status;
	if (signature->size < size)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	rv = key_use(ctx, key, &request.use);
	if (rv == CKR_OK && signature->len != size)
		rv = CKR_LIE;
	return failed(ctx, "signing", rv);
}

enum parsec_status verify_hash(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			       const struct parsec_alg *alg, struct parsec_span hash,
			       struct parsec_span signature)
{
	struct request request = { .use = { .work = WORK_VERIFY, .half = PUBLIC_HALF,
					    .signature = signature } };
	size_t size = is_rsa(key) ? key->field : 2 * key->field;
	enum parsec_status status = prepare(key, alg, hash, &request);
	CK_RV rv = CKR_OBJECT_HANDLE_INVALID;

	if (status != PARSEC_SUCCESS)
		return status;
	if (signature.len != size)
		return PARSEC_PSA_ERROR_INVALID_SIGNATURE;
	if (!ctx->settings.software_public)
		rv = key_use(ctx, key, &request.use);
	/* Also for a pair whose public half is missing on the token */
	if (is_stale(rv) && (ctx->settings.software_public || is_pair(key->type)))
		return openssl_provider.verify(ctx->software, key->public, alg, hash, signature);
	return failed(ctx, "verifying", rv);
}
