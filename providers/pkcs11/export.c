// SPDX-License-Identifier: Apache-2.0
/*
 * Keys that leave the token, in the formats of the contract (section 11.2).
 */
#include <string.h>

#include <openssl/crypto.h>

#include "providers/lib/ec.h"
#include "providers/lib/rsa.h"
#include "providers/pkcs11/pkcs11.h"

/**
 * struct exporting - where the bytes of a key go
 * @key:	which
 * @data:	where
 * @status:	of writing them
 */
struct exporting {
	const struct parsec_key *key;
	struct parsec_out *data;
	enum parsec_status status;
};

/* A number of the token, with zeros in front to @size, or without a change when that is 0 */
static CK_RV export_value(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
			  CK_OBJECT_HANDLE object, size_t size, struct parsec_out *data)
{
	CK_RV rv = attribute_get(ctx, session, object, CKA_VALUE, data);

	if (rv != CKR_OK || !size || data->len == size)
		return rv;
	if (!data->len || data->len > size)
		return CKR_LIE;
	memmove(data->data + size - data->len, data->data, data->len);
	memset(data->data, 0, size - data->len);
	data->len = size;
	return CKR_OK;
}

/* A scalar. Of a Montgomery curve it is little endian, so a token cannot have left out zeros */
static CK_RV export_scalar(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
			   CK_OBJECT_HANDLE object, const struct parsec_key *key,
			   struct parsec_out *data)
{
	CK_RV rv;

	if (key->family != PARSEC_ECC_MONTGOMERY)
		return export_value(ctx, session, object, key->field, data);
	rv = export_value(ctx, session, object, 0, data);
	if (rv != CKR_OK)
		return rv;
	if (data->len != key->field)
		return CKR_LIE;
	ec_clamp(key->bits, data->data);
	return CKR_OK;
}

/* Each number of the key may be as long as the modulus */
static CK_RV export_rsa(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
			CK_OBJECT_HANDLE object, struct exporting *exporting)
{
	static const CK_ATTRIBUTE_TYPE types[] = {
		CKA_MODULUS, CKA_PUBLIC_EXPONENT, CKA_PRIVATE_EXPONENT, CKA_PRIME_1, CKA_PRIME_2,
		CKA_EXPONENT_1, CKA_EXPONENT_2, CKA_COEFFICIENT,
	};
	uint8_t numbers[ELEMENTS(types)][MODULUS_MAX + 1] = { { 0 } };
	struct parsec_span spans[ELEMENTS(types)];
	struct rsa_private key;
	CK_RV rv = CKR_OK;

	for (size_t i = 0; rv == CKR_OK && i < ELEMENTS(types); i++) {
		struct parsec_out out = { numbers[i], sizeof(numbers[i]), 0 };

		rv = attribute_get(ctx, session, object, types[i], &out);
		spans[i] = (struct parsec_span){ numbers[i], out.len };
	}
	if (rv == CKR_OK) {
		key = (struct rsa_private){ { spans[0], spans[1] }, spans[2], spans[3], spans[4],
					    spans[5], spans[6], spans[7] };
		exporting->status = rsa_write_private(&key, exporting->data);
	}
	OPENSSL_cleanse(numbers, sizeof(numbers));
	return rv;
}

static CK_RV export_own(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
			CK_OBJECT_HANDLE object, void *arg)
{
	struct exporting *exporting = arg;
	const struct parsec_key *key = exporting->key;

	if (key->type == PARSEC_KEY_TYPE_RSA_KEY_PAIR)
		return export_rsa(ctx, session, object, exporting);
	if (key->type == PARSEC_KEY_TYPE_ECC_KEY_PAIR)
		return export_scalar(ctx, session, object, key, exporting->data);
	return export_value(ctx, session, object, 0, exporting->data);
}

enum parsec_status key_export_public(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				     struct parsec_out *data)
{
	(void)ctx;
	if (!key->public)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	if (data->size < key->known_len)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	memcpy(data->data, key->known, key->known_len);
	data->len = key->known_len;
	return PARSEC_SUCCESS;
}

enum parsec_status key_export(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			      struct parsec_out *data)
{
	struct exporting exporting = { key, data, PARSEC_SUCCESS };
	size_t needs = key->field;
	CK_RV rv;

	if (is_public(key->type))
		return key_export_public(ctx, key, data);
	if (!ctx->settings.allow_export)
		return PARSEC_PSA_ERROR_NOT_PERMITTED;
	if (key->type == PARSEC_KEY_TYPE_RSA_KEY_PAIR)
		needs = 0;
	if (data->size < needs)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	rv = key_run(ctx, key, OWN_HALF, export_own, &exporting);
	/* The token does not let it out, whatever was asked for when it was made */
	if (rv == CKR_ATTRIBUTE_SENSITIVE)
		return PARSEC_PSA_ERROR_NOT_PERMITTED;
	return rv == CKR_OK ? exporting.status : failed(ctx, "exporting a key", rv);
}
