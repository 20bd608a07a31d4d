// SPDX-License-Identifier: Apache-2.0
/*
 * RSA encryption.
 */
#include <string.h>

#include <openssl/crypto.h>

#include "providers/tpm/tpm.h"

/* What PKCS#1 v1.5 needs at least around the message */
#define PKCS1_OVERHEAD	11

/* What a step needs, and what it brings; to be wiped */
struct crypting {
	struct parsec_key *key;
	TPMT_RSA_DECRYPT scheme;
	TPM2B_DATA label;
	TPM2B_PUBLIC_KEY_RSA in;
	TPM2B_PUBLIC_KEY_RSA out;
};

/* Bytes that the padding of @alg needs around the message; 0: not supported */
static size_t overhead(const struct parsec_key *key, const struct parsec_alg *alg)
{
	size_t size = hash_size(alg->hash);

	if (alg->kind != PARSEC_ALG_ASYMMETRIC_ENCRYPTION || !is_rsa(key->attrs.type))
		return 0;
	if (alg->scheme == PARSEC_CRYPT_RSA_PKCS1V15)
		return PKCS1_OVERHEAD;
	if (alg->scheme != PARSEC_CRYPT_RSA_OAEP || !size || 2 * size + 2 > key->field)
		return 0;
	return 2 * size + 2;
}

/*
 * A label of a TPM ends with a zero, which is a part of it. One without, or with another zero
 * before, it cannot carry.
 */
static bool is_label(struct parsec_span label)
{
	return !label.len || (label.len <= sizeof(((TPM2B_DATA *)NULL)->buffer) &&
			      memchr(label.data, 0, label.len) == label.data + label.len - 1);
}

static enum parsec_status prepare(struct crypting *crypting, struct parsec_key *key,
				  const struct parsec_alg *alg, struct parsec_span label,
				  struct parsec_span in)
{
	bool oaep = alg->scheme == PARSEC_CRYPT_RSA_OAEP;

	if (label.len && !oaep)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	if (!is_label(label))
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	crypting->key = key;
	crypting->scheme.scheme = oaep ? TPM2_ALG_OAEP : TPM2_ALG_RSAES;
	crypting->scheme.details.oaep.hashAlg = hash_id(alg->hash);
	crypting->label.size = (UINT16)label.len;
	if (label.len)
		memcpy(crypting->label.buffer, label.data, label.len);
	crypting->in.size = (UINT16)in.len;
	if (in.len)
		memcpy(crypting->in.buffer, in.data, in.len);
	return PARSEC_SUCCESS;
}

static TSS2_RC encrypt_step(struct parsec_provider_ctx *ctx, void *arg)
{
	struct crypting *crypting = arg;
	TPM2B_PUBLIC_KEY_RSA *out;
	ESYS_TR session;
	TSS2_RC rc;

	rc = cache_use(ctx, crypting->key);
	if (!rc)
		rc = session_for(ctx, TPMA_SESSION_DECRYPT, &session);
	if (!rc)
		rc = Esys_RSA_Encrypt(ctx->esys, crypting->key->handle, session, ESYS_TR_NONE,
				      ESYS_TR_NONE, &crypting->in, &crypting->scheme,
				      &crypting->label, &out);
	if (rc)
		return rc;
	crypting->out = *out;
	Esys_Free(out);
	return TSS2_RC_SUCCESS;
}

enum parsec_status asymmetric_encrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				      const struct parsec_alg *alg, struct parsec_span label,
				      struct parsec_span plaintext,
				      struct parsec_out *ciphertext)
{
	size_t around = overhead(key, alg);
	struct crypting crypting = { 0 };
	enum parsec_status status;

	if (!around)
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (plaintext.len > key->field - around)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	if (ciphertext->size < key->field)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	status = prepare(&crypting, key, alg, label, plaintext);
	if (status == PARSEC_SUCCESS)
		status = tpm_status(ctx, tpm_do(ctx, encrypt_step, &crypting), "encrypting");
	if (status == PARSEC_SUCCESS && crypting.out.size != key->field)
		status = PARSEC_PSA_ERROR_HARDWARE_FAILURE;
	if (status == PARSEC_SUCCESS) {
		memcpy(ciphertext->data, crypting.out.buffer, key->field);
		ciphertext->len = key->field;
	}
	OPENSSL_cleanse(&crypting, sizeof(crypting));
	return status;
}

static TSS2_RC decrypt_step(struct parsec_provider_ctx *ctx, void *arg)
{
	struct crypting *crypting = arg;
	TPM2B_PUBLIC_KEY_RSA *out;
	ESYS_TR session;
	TSS2_RC rc;

	rc = cache_use(ctx, crypting->key);
	if (!rc)
		rc = session_for(ctx, TPMA_SESSION_ENCRYPT, &session);
	if (!rc)
		rc = Esys_RSA_Decrypt(ctx->esys, crypting->key->handle, session, ESYS_TR_NONE,
				      ESYS_TR_NONE, &crypting->in, &crypting->scheme,
				      &crypting->label, &out);
	if (rc)
		return rc;
	crypting->out = *out;
	OPENSSL_cleanse(out, sizeof(*out));
	Esys_Free(out);
	return TSS2_RC_SUCCESS;
}

/*
 * The TPM has one answer for whatever is wrong with the padding. There are two of them: some
 * say that they have failed, which they should not unless they have.
 */
static bool is_padding(struct parsec_provider_ctx *ctx, TSS2_RC rc)
{
	if (tpm_rc_base(rc) == TPM2_RC_FAILURE)
		return tpm_is_well(ctx);
	return tpm_rc_base(rc) == TPM2_RC_VALUE;
}

enum parsec_status asymmetric_decrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				      const struct parsec_alg *alg, struct parsec_span label,
				      struct parsec_span ciphertext,
				      struct parsec_out *plaintext)
{
	struct crypting crypting = { 0 };
	enum parsec_status status;
	TSS2_RC rc;

	if (!overhead(key, alg) || !is_pair(key->attrs.type))
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (ciphertext.len != key->field)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	status = prepare(&crypting, key, alg, label, ciphertext);
	if (status != PARSEC_SUCCESS)
		return status;
	rc = tpm_do(ctx, decrypt_step, &crypting);
	/* No line in the log tells one such failure from another */
	status = is_padding(ctx, rc) ? PARSEC_PSA_ERROR_INVALID_PADDING :
				       tpm_status(ctx, rc, "decrypting");
	if (status == PARSEC_SUCCESS && crypting.out.size > plaintext->size)
		status = PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	if (status == PARSEC_SUCCESS) {
		memcpy(plaintext->data, crypting.out.buffer, crypting.out.size);
		plaintext->len = crypting.out.size;
	}
	OPENSSL_cleanse(&crypting, sizeof(crypting));
	return status;
}
