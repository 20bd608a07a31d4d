// SPDX-License-Identifier: Apache-2.0
/*
 * Signatures over hashes and their verification, in the formats of the contract
 * (section 11.3).
 */
#include <string.h>

#include "providers/lib/ecdsa.h"
#include "providers/tpm/tpm.h"

/* What a step needs, and what it brings */
struct signing {
	struct parsec_key *key;
	TPM2B_DIGEST digest;
	TPMT_SIG_SCHEME scheme;
	TPMT_SIGNATURE signature;
};

/* The host asks only for what the capability table has; the lengths are the contract's */
static enum parsec_status prepare(struct signing *signing, struct parsec_key *key,
				  const struct parsec_alg *alg, struct parsec_span hash)
{
	static const TPM2_ALG_ID schemes[] = {
		[PARSEC_SIGN_RSA_PKCS1V15] = TPM2_ALG_RSASSA,
		[PARSEC_SIGN_RSA_PSS] = TPM2_ALG_RSAPSS,
		[PARSEC_SIGN_ECDSA] = TPM2_ALG_ECDSA,
	};
	size_t size = hash_size(alg->hash);

	if (alg->kind != PARSEC_ALG_SIGNATURE || is_symmetric(key->attrs.type) ||
	    alg->scheme >= sizeof(schemes) / sizeof(schemes[0]) || !schemes[alg->scheme] ||
	    (alg->scheme == PARSEC_SIGN_ECDSA) == is_rsa(key->attrs.type) || !size)
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (hash.len != size ||
	    (alg->scheme == PARSEC_SIGN_RSA_PSS && key->field < 2 * size + 2))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	signing->key = key;
	signing->scheme.scheme = schemes[alg->scheme];
	signing->scheme.details.any.hashAlg = hash_id(alg->hash);
	signing->digest.size = (UINT16)size;
	memcpy(signing->digest.buffer, hash.data, size);
	return PARSEC_SUCCESS;
}

static TSS2_RC sign_step(struct parsec_provider_ctx *ctx, void *arg)
{
	/* That the hash was not made by the TPM: only restricted keys would want that */
	const TPMT_TK_HASHCHECK elsewhere = { .tag = TPM2_ST_HASHCHECK,
					      .hierarchy = TPM2_RH_NULL };
	struct signing *signing = arg;
	TPMT_SIGNATURE *signature;
	ESYS_TR session;
	TSS2_RC rc;

	rc = cache_use(ctx, signing->key);
	if (!rc)
		rc = session_for(ctx, 0, &session);
	if (!rc)
		rc = Esys_Sign(ctx->esys, signing->key->handle, session, ESYS_TR_NONE,
			       ESYS_TR_NONE, &signing->digest, &signing->scheme, &elsewhere,
			       &signature);
	if (rc)
		return rc;
	signing->signature = *signature;
	Esys_Free(signature);
	return TSS2_RC_SUCCESS;
}

/* r and s, or the number, as wide as the contract wants them */
static bool put_signature(const struct signing *signing, uint8_t *to)
{
	const TPMU_SIGNATURE *from = &signing->signature.signature;
	size_t field = signing->key->field;

	if (signing->signature.sigAlg != signing->scheme.scheme)
		return false;
	/* PSS has it in the same place as PKCS#1 */
	if (is_rsa(signing->key->attrs.type))
		return number_pad((struct parsec_span){ from->rsassa.sig.buffer,
							from->rsassa.sig.size }, to, field);
	return number_pad((struct parsec_span){ from->ecdsa.signatureR.buffer,
						from->ecdsa.signatureR.size }, to, field) &&
	       number_pad((struct parsec_span){ from->ecdsa.signatureS.buffer,
						from->ecdsa.signatureS.size }, to + field, field);
}

enum parsec_status sign_hash(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			     const struct parsec_alg *alg, struct parsec_span hash,
			     struct parsec_out *signature)
{
	size_t size = is_rsa(key->attrs.type) ? key->field : 2 * key->field;
	struct signing signing = { 0 };
	enum parsec_status status = prepare(&signing, key, alg, hash);

	if (status != PARSEC_SUCCESS)
		return status;
	if (!is_pair(key->attrs.type))
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (signature->size < size)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	status = tpm_status(ctx, tpm_do(ctx, sign_step, &signing), "signing");
	if (status == PARSEC_SUCCESS && !put_signature(&signing, signature->data))
		status = PARSEC_PSA_ERROR_HARDWARE_FAILURE;
	if (status == PARSEC_SUCCESS)
		signature->len = size;
	return status;
}

static TSS2_RC verify_step(struct parsec_provider_ctx *ctx, void *arg)
{
	struct signing *signing = arg;
	TPMT_TK_VERIFIED *ticket;
	TSS2_RC rc = cache_use(ctx, signing->key);

	if (!rc)
		rc = Esys_VerifySignature(ctx->esys, signing->key->handle, ESYS_TR_NONE,
					  ESYS_TR_NONE, ESYS_TR_NONE, &signing->digest,
					  &signing->signature, &ticket);
	if (!rc)
		Esys_Free(ticket);
	return rc;
}

/* All structures of signatures begin with the hash */
static void take_signature(struct signing *signing, const uint8_t *data)
{
	TPMU_SIGNATURE *to = &signing->signature.signature;
	size_t field = signing->key->field;

	signing->signature.sigAlg = signing->scheme.scheme;
	if (is_rsa(signing->key->attrs.type)) {
		to->rsassa.hash = signing->scheme.details.any.hashAlg;
		to->rsassa.sig.size = (UINT16)field;
		memcpy(to->rsassa.sig.buffer, data, field);
		return;
	}
	to->ecdsa.hash = signing->scheme.details.any.hashAlg;
	to->ecdsa.signatureR.size = to->ecdsa.signatureS.size = (UINT16)field;
	memcpy(to->ecdsa.signatureR.buffer, data, field);
	memcpy(to->ecdsa.signatureS.buffer, data + field, field);
}

/* A TPM does not mind how long the salt of PSS is */
static enum parsec_status check_salt(const struct signing *signing, const struct parsec_alg *alg,
				     struct parsec_span hash, struct parsec_span signature)
{
	const TPM2B_PUBLIC_KEY_RSA *n = &signing->key->public.publicArea.unique.rsa;

	if (alg->scheme != PARSEC_SIGN_RSA_PSS)
		return PARSEC_SUCCESS;
	return pss_check((struct parsec_span){ n->buffer, n->size }, alg->hash, hash, signature);
}

enum parsec_status verify_hash(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			       const struct parsec_alg *alg, struct parsec_span hash,
			       struct parsec_span signature)
{
	size_t size = is_rsa(key->attrs.type) ? key->field : 2 * key->field;
	struct signing signing = { 0 };
	enum parsec_status status = prepare(&signing, key, alg, hash);
	TSS2_RC rc;

	if (status != PARSEC_SUCCESS)
		return status;
	if (signature.len != size)
		return PARSEC_PSA_ERROR_INVALID_SIGNATURE;
	take_signature(&signing, signature.data);
	rc = tpm_do(ctx, verify_step, &signing);
	status = tpm_status(ctx, rc, "verifying");
	if (status == PARSEC_SUCCESS)
		return check_salt(&signing, alg, hash, signature);
	/* A number beyond the modulus is a wrong signature like any other */
	return tpm_rc_blames_parameter(rc) ? PARSEC_PSA_ERROR_INVALID_SIGNATURE : status;
}
