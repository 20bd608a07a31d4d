// SPDX-License-Identifier: Apache-2.0
/*
 * The salt of PSS. The contract wants one as long as the hash (section 11.3). To a TPM any is
 * good when it verifies, and many of them take the longest one that there is room for when they
 * sign (TPM 2.0, Part 1, B.7); which, no list of the TPM says. So it is tried at the start.
 */
#include <errno.h>

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "providers/lib/rsa.h"
#include "providers/tpm/tpm.h"

#define TRY_BITS	2048
#define TRY_SIZE	(TRY_BITS / 8)

/*
 * The primes of the key that is used for it, which keeps nothing secret. To be loaded takes a TPM
 * no longer than to sign; to make one would take it seconds.
 */
static const char prime_p[] =
	"ff3f9ca442f2694b356c8c2cab8ceffa51c0b589b89334dd54455c343c44f508"
	"c261f98ab9a80ff0fe57fb866283201d6adbbc6617036c41cac217c113bc8888"
	"7a743039c77fc17f5a891ae20a08b76184dc090d8a930ef05209482d61687f93"
	"75e6f559d3af4ea4c225bca65e9294e1a5592aee7126b88a3a62a0022a910fb9";
static const char prime_q[] =
	"e943491935a04e22ac36e583f49ee97f23bdadd447532e25b8157c79b55a3116"
	"95bb60378e1f05135ee0deb078cfc64fa76c16bbabc00d4cbbd7ea0f25959dc1"
	"ad6e9adeb7f1c244a5deaf23c5e6e9bd48001c2ef3fa7975c5400bb30a28d322"
	"9236947019667a5bc0aaf222f5588d82cb7bc4dd7d8f47e1cd16143f9820787b";

/* What is tried, and what comes of it */
struct attempt {
	TPM2B_PUBLIC public;
	TPM2B_SENSITIVE sensitive;
	TPM2B_DIGEST digest;
	TPM2B_PUBLIC_KEY_RSA signature;
};

static EVP_PKEY *key_of(struct parsec_span modulus)
{
	static const uint8_t exponent[] = { 0x01, 0x00, 0x01 };
	const struct rsa_public rsa = { modulus, { exponent, sizeof(exponent) } };
	uint8_t der[MODULUS_MAX + 32];
	struct parsec_out out = { der, sizeof(der), 0 };
	const uint8_t *at = der;

	if (rsa_write_public(&rsa, &out))
		return NULL;
	return d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, (long)out.len);
}

/* OpenSSL has one answer for a wrong signature and for lack of memory */
static enum parsec_status failure(void)
{
	enum parsec_status status = errno == ENOMEM ? PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY :
						      PARSEC_PSA_ERROR_INVALID_SIGNATURE;
	unsigned long error;

	while ((error = ERR_get_error()))
		if (ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE)
			status = PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	return status;
}

/**
 * pss_check() - is it a PSS signature with a salt as long as the hash?
 * @modulus:	of the key
 * @hash:	that @digest was made with
 *
 * Return: PARSEC_SUCCESS, PARSEC_PSA_ERROR_INVALID_SIGNATURE or
 * PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY.
 */
enum parsec_status pss_check(struct parsec_span modulus, uint8_t hash, struct parsec_span digest,
			     struct parsec_span signature)
{
	EVP_PKEY *key = key_of(modulus);
	EVP_PKEY_CTX *ctx = key ? EVP_PKEY_CTX_new(key, NULL) : NULL;
	EVP_MD *md = EVP_MD_fetch(NULL, hash_name(hash), NULL);
	enum parsec_status status = PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;

	if (ctx && md && EVP_PKEY_verify_init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_signature_md(ctx, md) == 1 &&
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1) {
		ERR_clear_error();
		errno = 0;
		status = EVP_PKEY_verify(ctx, signature.data, signature.len, digest.data,
					 digest.len) == 1 ? PARSEC_SUCCESS : failure();
	}

	EVP_MD_free(md);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	return status;
}

/* The key as the TPM wants it: the modulus and one of the primes */
static bool make_key(struct attempt *attempt)
{
	TPMT_SENSITIVE *sensitive = &attempt->sensitive.sensitiveArea;
	TPMT_PUBLIC *area = &attempt->public.publicArea;
	BIGNUM *p = NULL, *q = NULL, *n = BN_new();
	BN_CTX *ctx = BN_CTX_new();
	bool made = ctx && n && BN_hex2bn(&p, prime_p) && BN_hex2bn(&q, prime_q) &&
		    BN_mul(n, p, q, ctx) &&
		    BN_bn2binpad(n, area->unique.rsa.buffer, TRY_SIZE) == TRY_SIZE &&
		    BN_bn2binpad(p, sensitive->sensitive.rsa.buffer, TRY_SIZE / 2) == TRY_SIZE / 2;

	BN_free(p);
	BN_free(q);
	BN_free(n);
	BN_CTX_free(ctx);
	area->type = TPM2_ALG_RSA;
	area->nameAlg = TPM2_ALG_SHA256;
	area->objectAttributes = TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA |
				 TPMA_OBJECT_SIGN_ENCRYPT;
	area->parameters.rsaDetail.symmetric.algorithm = TPM2_ALG_NULL;
	area->parameters.rsaDetail.scheme.scheme = TPM2_ALG_NULL;
	area->parameters.rsaDetail.keyBits = TRY_BITS;
	area->unique.rsa.size = TRY_SIZE;
	sensitive->sensitiveType = TPM2_ALG_RSA;
	sensitive->sensitive.rsa.size = TRY_SIZE / 2;
	return made;
}

static TSS2_RC try_step(struct parsec_provider_ctx *ctx, void *arg)
{
	const TPMT_SIG_SCHEME pss = {
		.scheme = TPM2_ALG_RSAPSS, .details.rsapss.hashAlg = TPM2_ALG_SHA256,
	};
	const TPMT_TK_HASHCHECK elsewhere = { .tag = TPM2_ST_HASHCHECK,
					      .hierarchy = TPM2_RH_NULL };
	struct attempt *attempt = arg;
	TPMT_SIGNATURE *signature;
	ESYS_TR handle;
	TSS2_RC rc;

	cache_reserve(ctx, 1, NULL);
	rc = Esys_LoadExternal(ctx->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
			       &attempt->sensitive, &attempt->public, ESYS_TR_RH_NULL, &handle);
	if (rc)
		return rc;
	rc = Esys_Sign(ctx->esys, handle, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
		       &attempt->digest, &pss, &elsewhere, &signature);
	if (!rc) {
		attempt->signature = signature->signature.rsapss.sig;
		Esys_Free(signature);
	}
	tpm_flush(ctx, &handle);
	return rc;
}

/**
 * pss_try() - find out whether this TPM signs with the salt that the contract wants
 *
 * Return: what was wrong with the way to it. One that does not take the key does not sign so.
 */
TSS2_RC pss_try(struct parsec_provider_ctx *ctx)
{
	struct attempt attempt = { .digest.size = 32 };
	const TPM2B_PUBLIC_KEY_RSA *modulus = &attempt.public.publicArea.unique.rsa;
	enum parsec_status status = PARSEC_PSA_ERROR_NOT_SUPPORTED;
	TSS2_RC rc;

	if (!ctx->abilities.rsapss)
		return TSS2_RC_SUCCESS;
	if (!make_key(&attempt))
		return TSS2_ESYS_RC_MEMORY;
	rc = tpm_do(ctx, try_step, &attempt);
	if (rc && !tpm_rc_is_of_tpm(rc))
		return rc;
	if (!rc)
		status = pss_check(
			(struct parsec_span){ modulus->buffer, modulus->size }, PARSEC_HASH_SHA_256,
			(struct parsec_span){ attempt.digest.buffer, attempt.digest.size },
			(struct parsec_span){ attempt.signature.buffer, attempt.signature.size });
	if (status == PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY)
		return TSS2_ESYS_RC_MEMORY;
	ctx->abilities.pss_signs = status == PARSEC_SUCCESS;
	if (!ctx->abilities.pss_signs)
		ctx->host->log(PARSEC_LOG_INFO, "the TPM signs with another salt of PSS than one "
			       "as long as the hash: it is used to verify only");
	return TSS2_RC_SUCCESS;
}
