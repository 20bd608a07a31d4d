// SPDX-License-Identifier: Apache-2.0
/*
 * Keys that are brought to the token. What they are is found out here, by the software
 * provider: a token may take anything.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "providers/lib/rsa.h"
#include "providers/pkcs11/pkcs11.h"

/**
 * struct importing - what is to become a key
 * @id:		backend id
 * @attrs:	what it is, with the real size
 * @data:	as it was given
 * @public:	its public part; empty for a secret key
 * @halves:	what has come of it
 */
struct importing {
	const uint8_t *id;
	const struct parsec_key_attributes *attrs;
	struct parsec_span data;
	struct parsec_span public;
	struct halves halves;
};

static bool is_ecc(uint8_t type)
{
	return public_type(type) == PARSEC_KEY_TYPE_ECC_PUBLIC_KEY;
}

/* The parts of the key itself that differ from type to type */
static bool put_own(struct template *template, const struct importing *importing,
		    const CK_OBJECT_CLASS *class, const CK_KEY_TYPE *type)
{
	const struct parsec_key_attributes *attrs = importing->attrs;
	const struct curve *curve = curve_find(attrs->family, attrs->bits);
	struct rsa_private key;

	template_put(template, CKA_CLASS, class, sizeof(*class));
	template_put(template, CKA_KEY_TYPE, type, sizeof(*type));
	if (*type != CKK_RSA) {
		if (is_ecc(attrs->type) && curve)
			template_put(template, CKA_EC_PARAMS, curve->oid, curve->oid_len);
		template_span(template, CKA_VALUE, importing->data);
		return !is_ecc(attrs->type) || curve;
	}
	if (!rsa_read_private(importing->data, &key))
		return false;
	template_span(template, CKA_MODULUS, key.public.n);
	template_span(template, CKA_PUBLIC_EXPONENT, key.public.e);
	template_span(template, CKA_PRIVATE_EXPONENT, key.d);
	template_span(template, CKA_PRIME_1, key.p);
	template_span(template, CKA_PRIME_2, key.q);
	template_span(template, CKA_EXPONENT_1, key.dp);
	template_span(template, CKA_EXPONENT_2, key.dq);
	template_span(template, CKA_COEFFICIENT, key.qinv);
	return true;
}

static CK_KEY_TYPE key_type(const struct parsec_provider_ctx *ctx,
			    const struct parsec_key_attributes *attrs)
{
	switch (public_type(attrs->type)) {
	case PARSEC_KEY_TYPE_RSA_PUBLIC_KEY:
		return CKK_RSA;
	case PARSEC_KEY_TYPE_ECC_PUBLIC_KEY:
		return curve_key_type(ctx, attrs->family);
	case PARSEC_KEY_TYPE_AES:
		return CKK_AES;
	default:
		return CKK_GENERIC_SECRET;
	}
}

static CK_RV create_own(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
			struct importing *importing, bool plain)
{
	const CK_OBJECT_CLASS class = is_pair(importing->attrs->type) ? CKO_PRIVATE_KEY :
									CKO_SECRET_KEY;
	const CK_KEY_TYPE type = key_type(ctx, importing->attrs);
	struct template template = { .count = 0 };

	template_identity(&template, importing->id);
	template_own(&template, importing->attrs, plain);
	if (!put_own(&template, importing, &class, &type))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	return cryptoki(ctx)->C_CreateObject(session, template.list, template.count,
					     &importing->halves.own);
}

/* A key comes in wrapped where it may not come in as it is */
static CK_RV unwrap_own(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
			struct importing *importing, bool plain)
{
	const CK_OBJECT_CLASS class = is_pair(importing->attrs->type) ? CKO_PRIVATE_KEY :
									CKO_SECRET_KEY;
	const CK_KEY_TYPE type = key_type(ctx, importing->attrs);
	struct template template = { .count = 0 };

	template_put(&template, CKA_CLASS, &class, sizeof(class));
	template_put(&template, CKA_KEY_TYPE, &type, sizeof(type));
	template_identity(&template, importing->id);
	template_own(&template, importing->attrs, plain);
	return unwrap_key(ctx, session, importing->attrs, importing->data, &template,
			  &importing->halves.own);
}

/* All ways, from the usual one to the one that any token should have */
static CK_RV import_own(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
			struct importing *importing)
{
	bool may_be_plain = !template_exports(importing->attrs);
	bool plain = may_be_plain && ctx->plain_templates;
	CK_RV rv = create_own(ctx, session, importing, plain);

	if (is_refusal(rv) && may_be_plain && !plain) {
		rv = create_own(ctx, session, importing, true);
		plain = rv == CKR_OK;
		if (plain)
			ctx->plain_templates = true;
	}
	if (is_refusal(rv))
		rv = unwrap_own(ctx, session, importing, plain);
	if (is_refusal(rv) && may_be_plain && !plain)
		rv = unwrap_own(ctx, session, importing, true);
	return rv;
}

static CK_RV create_public(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
			   struct importing *importing, bool raw)
{
	const struct parsec_key_attributes *attrs = importing->attrs;
	const struct curve *curve = curve_find(attrs->family, attrs->bits);
	const CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
	const CK_KEY_TYPE type = key_type(ctx, attrs);
	struct template template = { .count = 0 };
	uint8_t wrapped[3 + 1 + 2 * FIELD_MAX];
	struct parsec_span point = importing->public;
	struct rsa_public key;

	template_put(&template, CKA_CLASS, &class, sizeof(class));
	template_put(&template, CKA_KEY_TYPE, &type, sizeof(type));
	template_identity(&template, importing->id);
	template_public(&template, attrs);
	if (type == CKK_RSA) {
		if (!rsa_read_public(importing->public, &key))
			return CKR_ATTRIBUTE_VALUE_INVALID;
		template_span(&template, CKA_MODULUS, key.n);
		template_span(&template, CKA_PUBLIC_EXPONENT, key.e);
	} else if (curve) {
		if (!raw)
			point = point_wrap(point, wrapped);
		template_put(&template, CKA_EC_PARAMS, curve->oid, curve->oid_len);
		template_span(&template, CKA_EC_POINT, point);
	}
	return cryptoki(ctx)->C_CreateObject(session, template.list, template.count,
					     &importing->halves.public);
}

/* Points are in an OCTET STRING, but some tokens take them without */
static CK_RV import_public(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
			   struct importing *importing)
{
	/* Learnt for each kind: a token may take what it then cannot use */
	_Atomic bool *known = importing->attrs->family == PARSEC_ECC_MONTGOMERY ?
			      &ctx->raw_montgomery : &ctx->raw_points;
	bool raw = *known;
	CK_RV rv = create_public(ctx, session, importing, raw);

	if (!is_refusal(rv) || !is_ecc(importing->attrs->type))
		return rv;
	rv = create_public(ctx, session, importing, !raw);
	if (rv == CKR_OK)
		*known = !raw;
	return rv;
}

static CK_RV import(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session, void *arg,
		    bool again)
{
	struct importing *importing = arg;
	CK_RV rv = make_free(ctx, session, importing->id, again);

	importing->halves = (struct halves){ 0 };
	if (rv == CKR_OK && !is_public(importing->attrs->type))
		rv = import_own(ctx, session, importing);
	if (rv == CKR_OK && importing->public.len) {
		rv = import_public(ctx, session, importing);
		if (rv != CKR_OK && importing->halves.own)
			cryptoki(ctx)->C_DestroyObject(session, importing->halves.own);
	}
	if (rv == CKR_OK)
		objects_set(&ctx->objects, importing->id, &importing->halves);
	return rv;
}

/* Symmetric keys have no structure, but sizes */
static enum parsec_status check_secret(const struct parsec_provider_ctx *ctx,
				       struct parsec_key_attributes *attrs,
				       struct parsec_span data)
{
	struct parsec_key_attributes kept = *attrs;

	if (!data.len || data.len > PARSEC_BLOB_MAX)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	kept.bits = (uint32_t)data.len * 8;
	kept.alg = (struct parsec_alg){ .kind = PARSEC_ALG_NONE };
	if ((attrs->bits && attrs->bits != kept.bits) ||
	    !caps_cover(ctx, &kept, PARSEC_CAN_IMPORT))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	attrs->bits = kept.bits;
	return PARSEC_SUCCESS;
}

/**
 * check_asymmetric() - is it a key, of which size, and what is its public part?
 * @attrs:	its size is set
 * @public:	out
 */
static enum parsec_status check_asymmetric(struct parsec_provider_ctx *ctx,
					   struct parsec_key_attributes *attrs,
					   struct parsec_span data, struct parsec_out *public)
{
	static const uint8_t id[PARSEC_BACKEND_ID_SIZE];
	struct parsec_out blob = { malloc(PARSEC_BLOB_MAX), PARSEC_BLOB_MAX, 0 };
	struct parsec_key *key = NULL;
	enum parsec_status status = PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;

	if (blob.data)
		status = openssl_provider.import(ctx->software, id, attrs, data, &blob);
	if (status == PARSEC_SUCCESS) {
		const struct parsec_key_ref ref = { .blob = { blob.data, blob.len } };

		status = openssl_provider.load(ctx->software, &ref, attrs, &key);
	}
	if (status == PARSEC_SUCCESS)
		status = openssl_provider.export_public(ctx->software, key, public);
	if (key)
		openssl_provider.unload(ctx->software, key);
	if (blob.data)
		OPENSSL_cleanse(blob.data, blob.len);
	free(blob.data);
	return status;
}

enum parsec_status key_import(struct parsec_provider_ctx *ctx,
			      const uint8_t id[PARSEC_BACKEND_ID_SIZE],
			      struct parsec_key_attributes *attrs, struct parsec_span data,
			      struct parsec_out *blob)
{
	bool asymmetric = is_pair(attrs->type) || is_public(attrs->type);
	struct importing importing = { .id = id, .attrs = attrs, .data = data };
	uint8_t room[PUBLIC_MAX];
	struct parsec_out public = { room, sizeof(room), 0 };
	struct parsec_key_attributes real = *attrs;
	struct record record = { .type = attrs->type };
	enum parsec_status status;
	CK_RV rv;

	if (!is_public(attrs->type) && template_exports(attrs) && !ctx->settings.allow_export)
		return PARSEC_PSA_ERROR_NOT_PERMITTED;
	status = asymmetric ? check_asymmetric(ctx, &real, data, &public) :
			      check_secret(ctx, &real, data);
	if (status != PARSEC_SUCCESS)
		return status;
	if (!caps_cover(ctx, &real, PARSEC_CAN_IMPORT))
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (!note_token(ctx))
		return PARSEC_PSA_ERROR_STORAGE_FAILURE;
	importing.attrs = &real;
	importing.public = (struct parsec_span){ room, public.len };
	record.public = importing.public;
	status = record_write(&record, blob);
	if (status != PARSEC_SUCCESS)
		return status;
	rv = session_run(ctx, import, &importing);
	status = failed(ctx, "importing a key", rv);
	if (rv == CKR_OK)
		*attrs = real;
	return is_refusal(rv) ? PARSEC_PSA_ERROR_NOT_SUPPORTED : status;
}
