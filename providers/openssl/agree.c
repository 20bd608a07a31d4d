// SPDX-License-Identifier: Apache-2.0
/*
 * Key agreement: the shared secret, as the group gives it.
 */
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include "providers/openssl/openssl.h"

enum parsec_status key_agree(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			     const struct parsec_alg *alg, struct parsec_span peer,
			     struct parsec_out *secret)
{
	bool dh = key->type == PARSEC_KEY_TYPE_DH_KEY_PAIR;
	/* The peer's key must be of the very same group */
	struct parsec_key_attributes attrs = {
		.type = dh ? PARSEC_KEY_TYPE_DH_PUBLIC_KEY : PARSEC_KEY_TYPE_ECC_PUBLIC_KEY,
		.family = key->family, .bits = key->bits,
	};
	unsigned int pad = 1;
	OSSL_PARAM params[2] = { OSSL_PARAM_construct_end(), OSSL_PARAM_construct_end() };
	enum parsec_status status;
	size_t len = key->field;
	uint32_t bits;
	EVP_PKEY_CTX *agreement;
	EVP_PKEY *other;

	if (alg->kind != PARSEC_ALG_KEY_AGREEMENT || alg->kdf ||
	    alg->scheme != (dh ? PARSEC_AGREE_FFDH : PARSEC_AGREE_ECDH) ||
	    (!dh && key->type != PARSEC_KEY_TYPE_ECC_KEY_PAIR))
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (secret->size < len)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;

	errors_clear();
	status = decode_key(ctx, &attrs, peer, &other, &bits);
	if (status != PARSEC_SUCCESS)
		return status;
	if (dh)
		params[0] = OSSL_PARAM_construct_uint(OSSL_EXCHANGE_PARAM_PAD, &pad);
	agreement = EVP_PKEY_CTX_new_from_pkey(ctx->lib, key->pkey, NULL);
	if (!agreement || EVP_PKEY_derive_init_ex(agreement, params) != 1) {
		status = openssl_status(ctx, "preparing a key agreement");
	/* Here the peer's key is checked as well: on the curve, of the right order */
	} else if (EVP_PKEY_derive_set_peer_ex(agreement, other, 1) != 1 ||
		   EVP_PKEY_derive(agreement, secret->data, &len) != 1) {
		OPENSSL_cleanse(secret->data, key->field);
		status = bad_input(ctx, "key agreement", PARSEC_PSA_ERROR_INVALID_ARGUMENT);
	} else {
		secret->len = len;
	}
	EVP_PKEY_CTX_free(agreement);
	EVP_PKEY_free(other);
	return status;
}
