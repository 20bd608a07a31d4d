// SPDX-License-Identifier: Apache-2.0
/*
 * What the key store keeps of a key: which type it is and its public part. The store
 * encrypts and authenticates it, so what is said here counts more than what the token says.
 */
#include <string.h>

#include "providers/pkcs11/pkcs11.h"

#define VERSION	1
/* Version and type */
#define HEAD	2

bool is_pair(uint8_t type)
{
	return type == PARSEC_KEY_TYPE_RSA_KEY_PAIR || type == PARSEC_KEY_TYPE_ECC_KEY_PAIR;
}

bool is_public(uint8_t type)
{
	return type == PARSEC_KEY_TYPE_RSA_PUBLIC_KEY || type == PARSEC_KEY_TYPE_ECC_PUBLIC_KEY;
}

/* Type of the public part of an asymmetric key */
uint8_t public_type(uint8_t type)
{
	if (type == PARSEC_KEY_TYPE_RSA_KEY_PAIR)
		return PARSEC_KEY_TYPE_RSA_PUBLIC_KEY;
	return type == PARSEC_KEY_TYPE_ECC_KEY_PAIR ? PARSEC_KEY_TYPE_ECC_PUBLIC_KEY : type;
}

enum parsec_status record_write(const struct record *record, struct parsec_out *blob)
{
	if (blob->size < HEAD + record->public.len)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	blob->data[0] = VERSION;
	blob->data[1] = record->type;
	if (record->public.len)
		memcpy(blob->data + HEAD, record->public.data, record->public.len);
	blob->len = HEAD + record->public.len;
	return PARSEC_SUCCESS;
}

/* Return: false for what is no blob of this provider */
bool record_read(struct parsec_span blob, struct record *record)
{
	if (blob.len < HEAD || blob.data[0] != VERSION)
		return false;
	record->type = blob.data[1];
	record->public = (struct parsec_span){ blob.data + HEAD, blob.len - HEAD };
	return true;
}
