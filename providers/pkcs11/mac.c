// SPDX-License-Identifier: Apache-2.0
/*
 * MACs: HMAC, and CMAC with AES.
 */
#include "providers/pkcs11/pkcs11.h"

#define BLOCK	16

enum parsec_status mac_compute(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			       const struct parsec_alg *alg, struct parsec_span input,
			       struct parsec_out *mac)
{
	struct use use = { .work = WORK_SIGN, .half = OWN_HALF, .in = input, .out = mac };
	size_t size = BLOCK;
	CK_RV rv;

	if (alg->kind != PARSEC_ALG_MAC)
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (key->type == PARSEC_KEY_TYPE_HMAC && alg->scheme == PARSEC_MAC_HMAC &&
	    alg->hash <= PARSEC_HASH_LAST && hashes[alg->hash].hmac) {
		use.mechanism.mechanism = hashes[alg->hash].hmac;
		size = hashes[alg->hash].size;
	} else if (key->type == PARSEC_KEY_TYPE_AES && alg->scheme == PARSEC_MAC_CMAC) {
		use.mechanism.mechanism = CKM_AES_CMAC;
	} else {
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	}
	if (mac->size < size)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	rv = key_use(ctx, key, &use);
	if (rv == CKR_OK && mac->len != size)
		rv = CKR_LIE;
	return failed(ctx, "a MAC", rv);
}
