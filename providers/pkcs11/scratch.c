// SPDX-License-Identifier: Apache-2.0
/*
 * Room for what comes out of the token: it may be secret, and not be for the caller after
 * all.
 */
#include <string.h>

#include <openssl/crypto.h>

#include "providers/pkcs11/pkcs11.h"

/* Return: false without memory */
bool scratch_get(struct parsec_out *scratch, size_t size)
{
	*scratch = (struct parsec_out){ OPENSSL_zalloc(size + 1), size, 0 };
	return scratch->data;
}

void scratch_put(struct parsec_out *scratch)
{
	OPENSSL_clear_free(scratch->data, scratch->size + 1);
}

/**
 * scratch_give() - hand over what is in it if there is reason to, and free it
 * @status:	of what wrote into it
 *
 * Return: @status, or PARSEC_PSA_ERROR_BUFFER_TOO_SMALL.
 */
enum parsec_status scratch_give(struct parsec_out *scratch, enum parsec_status status,
				struct parsec_out *out)
{
	if (status == PARSEC_SUCCESS && scratch->len > out->size)
		status = PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	if (status == PARSEC_SUCCESS) {
		memcpy(out->data, scratch->data, scratch->len);
		out->len = scratch->len;
	}
	scratch_put(scratch);
	return status;
}
