// SPDX-License-Identifier: Apache-2.0
/*
 * A key in the key store: what the TPM needs to have it again. The host encrypts all of it.
 */
#include <tss2/tss2_mu.h>

#include "providers/tpm/tpm.h"

/* The first byte; another form would have another one */
#define WRAPPED_FORM	1
#define PUBLIC_FORM	2

/**
 * blob_write() - a key as a blob
 * @key:	with both areas, the authorisation value and the Name of the parent
 */
enum parsec_status blob_write(const struct parsec_key *key, struct parsec_out *blob)
{
	bool wrapped = !is_public(key->attrs.type);
	size_t len = 1;
	TSS2_RC rc;

	if (!blob->size)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	blob->data[0] = wrapped ? WRAPPED_FORM : PUBLIC_FORM;
	rc = Tss2_MU_TPM2B_PUBLIC_Marshal(&key->public, blob->data, blob->size, &len);
	if (!rc && wrapped)
		rc = Tss2_MU_TPM2B_PRIVATE_Marshal(&key->private, blob->data, blob->size, &len);
	if (!rc && wrapped)
		rc = Tss2_MU_TPM2B_NAME_Marshal(&key->parent, blob->data, blob->size, &len);
	if (!rc && wrapped)
		rc = Tss2_MU_TPM2B_AUTH_Marshal(&key->auth, blob->data, blob->size, &len);
	if (rc)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	blob->len = len;
	return PARSEC_SUCCESS;
}

/**
 * blob_read() - a blob as a key
 * @key:	its attributes are known
 *
 * Return: false for what blob_write() has not made of such a key.
 */
bool blob_read(struct parsec_span blob, struct parsec_key *key)
{
	bool wrapped = !is_public(key->attrs.type);
	size_t len = 1;

	if (!blob.len || blob.data[0] != (wrapped ? WRAPPED_FORM : PUBLIC_FORM) ||
	    Tss2_MU_TPM2B_PUBLIC_Unmarshal(blob.data, blob.len, &len, &key->public))
		return false;
	if (wrapped &&
	    (Tss2_MU_TPM2B_PRIVATE_Unmarshal(blob.data, blob.len, &len, &key->private) ||
	     Tss2_MU_TPM2B_NAME_Unmarshal(blob.data, blob.len, &len, &key->parent) ||
	     Tss2_MU_TPM2B_AUTH_Unmarshal(blob.data, blob.len, &len, &key->auth) ||
	     key->auth.size != KEY_AUTH_SIZE))
		return false;
	return len == blob.len && area_matches(&key->public.publicArea, &key->attrs);
}
