// SPDX-License-Identifier: Apache-2.0
/*
 * Random bytes, from OpenSSL's generator for values that must stay secret:
 * what an application asks for here is most often going to be one.
 */
#include <openssl/err.h>
#include <openssl/rand.h>

#include "providers/openssl/openssl.h"

enum parsec_status random_bytes(struct parsec_provider_ctx *ctx, struct parsec_out *out)
{
	errors_clear();
	if (RAND_priv_bytes_ex(ctx->lib, out->data, out->size, 0) != 1) {
		openssl_status(ctx, "random bytes");
		return PARSEC_PSA_ERROR_INSUFFICIENT_ENTROPY;
	}
	out->len = out->size;
	return PARSEC_SUCCESS;
}
