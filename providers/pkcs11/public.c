// SPDX-License-Identifier: Apache-2.0
/*
 * Public keys: as the token has them, and in the software provider, which parses, checks and
 * uses those that are given from outside.
 */
#include <string.h>

#include "providers/lib/rsa.h"
#include "providers/pkcs11/pkcs11.h"

/* Head and form of a point, and two coordinates */
#define POINT_MAX	(3 + 1 + 2 * FIELD_MAX)

static CK_RV read_rsa(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		      CK_OBJECT_HANDLE object, uint32_t bits, struct parsec_out *public)
{
	uint8_t modulus[MODULUS_MAX + 1], exponent[MODULUS_MAX + 1];
	struct parsec_out n = { modulus, sizeof(modulus), 0 };
	struct parsec_out e = { exponent, sizeof(exponent), 0 };
	struct rsa_public key;
	CK_RV rv = attribute_get(ctx, session, object, CKA_MODULUS, &n);

	if (rv == CKR_OK)
		rv = attribute_get(ctx, session, object, CKA_PUBLIC_EXPONENT, &e);
	if (rv != CKR_OK)
		return rv;
	key.n = (struct parsec_span){ modulus, n.len };
	key.e = (struct parsec_span){ exponent, e.len };
	return rsa_bits(&key) == bits && rsa_bits(&(struct rsa_public){ .n = key.e }) &&
	       rsa_write_public(&key, public) == PARSEC_SUCCESS ? CKR_OK : CKR_LIE;
}

static CK_RV read_point(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
			CK_OBJECT_HANDLE object, uint8_t family, uint32_t bits,
			struct parsec_out *public)
{
	uint8_t value[POINT_MAX];
	struct parsec_out out = { value, sizeof(value), 0 };
	struct parsec_span point;
	CK_RV rv = attribute_get(ctx, session, object, CKA_EC_POINT, &out);

	if (rv != CKR_OK)
		return rv;
	if (!point_unwrap((struct parsec_span){ value, out.len }, family, (bits + 7) / 8,
			  &point) || point.len > public->size)
		return CKR_LIE;
	memcpy(public->data, point.data, point.len);
	public->len = point.len;
	return CKR_OK;
}

/**
 * public_read() - a public key of the token, in the format of the contract
 * @attrs:	of the key that it is the public part of
 * @public:	room for PUBLIC_MAX bytes
 *
 * Return: CKR_LIE for what can be no such key.
 */
CK_RV public_read(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		  CK_OBJECT_HANDLE object, const struct parsec_key_attributes *attrs,
		  struct parsec_out *public)
{
	if (public_type(attrs->type) == PARSEC_KEY_TYPE_RSA_PUBLIC_KEY)
		return read_rsa(ctx, session, object, attrs->bits, public);
	return read_point(ctx, session, object, attrs->family, attrs->bits, public);
}

/**
 * public_load() - make a public key ready in the software provider
 * @attrs:	of the key that it is the public part of
 * @public:	has been checked when the key was made; what is no key is refused all the same
 */
enum parsec_status public_load(struct parsec_provider_ctx *ctx,
			       const struct parsec_key_attributes *attrs,
			       struct parsec_span public, struct parsec_key **key)
{
	/* What the software provider keeps of a public key is the key itself */
	const struct parsec_key_ref ref = { .blob = public };
	struct parsec_key_attributes of = *attrs;

	of.type = public_type(attrs->type);
	return openssl_provider.load(ctx->software, &ref, &of, key);
}
