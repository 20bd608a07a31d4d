// SPDX-License-Identifier: Apache-2.0
/*
 * Keys from creation to the end. They are objects of the token, a pair is two of them; their
 * CKA_ID is the backend id, 16 random bytes, so that each is found by the id alone.
 */
#include <stdlib.h>
#include <string.h>

#include "providers/pkcs11/pkcs11.h"

/* What a key is made of, and what has come of it */
struct making {
	const uint8_t *id;
	const struct parsec_key_attributes *attrs;
	struct parsec_out *blob;
	CK_MECHANISM mechanism;
	struct halves halves;
};

/**
 * make_free() - see that nothing on the token has the id of a new key
 * @again:	but for what an attempt before has left when the token was lost: it is removed
 *
 * The list has all that was there when the token was connected, and all that was made since.
 * Nobody else knows the id, 16 random bytes that were drawn for this key a moment ago, so a
 * search of the token, which takes longer the more is on it, would find nothing else.
 */
CK_RV make_free(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		const uint8_t id[PARSEC_BACKEND_ID_SIZE], bool again)
{
	struct halves halves;

	if (again)
		return objects_destroy(ctx, session, id);
	if (!objects_listed(&ctx->objects, id, &halves))
		return CKR_OK;
	ctx->host->log(PARSEC_LOG_ERROR, "an object of the token has the id that a new key was to "
		       "have");
	return CKR_ID_TAKEN;
}

static CK_RV generate_pair(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
			   struct making *making, bool plain)
{
	static const uint8_t exponent[] = { 1, 0, 1 };
	const struct parsec_key_attributes *attrs = making->attrs;
	const struct curve *curve = curve_find(attrs->family, attrs->bits);
	struct template own = { .count = 0 }, public = { .count = 0 };
	const CK_ULONG bits = attrs->bits;

	template_identity(&own, making->id);
	template_own(&own, attrs, plain);
	template_identity(&public, making->id);
	template_public(&public, attrs);
	if (attrs->type == PARSEC_KEY_TYPE_RSA_KEY_PAIR) {
		template_put(&public, CKA_MODULUS_BITS, &bits, sizeof(bits));
		template_put(&public, CKA_PUBLIC_EXPONENT, exponent, sizeof(exponent));
	} else if (curve) {
		template_put(&public, CKA_EC_PARAMS, curve->oid, curve->oid_len);
	}
	return cryptoki(ctx)->C_GenerateKeyPair(session, &making->mechanism, public.list,
						public.count, own.list, own.count,
						&making->halves.public, &making->halves.own);
}

static CK_RV generate_secret(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
			     struct making *making, bool plain)
{
	const CK_ULONG len = making->attrs->bits / 8;
	struct template template = { .count = 0 };

	template_identity(&template, making->id);
	template_own(&template, making->attrs, plain);
	template_put(&template, CKA_VALUE_LEN, &len, sizeof(len));
	return cryptoki(ctx)->C_GenerateKey(session, &making->mechanism, template.list,
					    template.count, &making->halves.own);
}

static CK_RV generate(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		      struct making *making, bool plain)
{
	making->halves = (struct halves){ 0 };
	return is_pair(making->attrs->type) ? generate_pair(ctx, session, making, plain) :
					      generate_secret(ctx, session, making, plain);
}

/*
 * Some tokens do not let others say whether a key can leave them; for one that must not, that
 * is as good.
 */
static CK_RV generate_somehow(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
			      struct making *making)
{
	bool may_be_plain = !template_exports(making->attrs);
	bool plain = may_be_plain && ctx->plain_templates;
	CK_RV rv = generate(ctx, session, making, plain);

	if (!is_refusal(rv) || plain || !may_be_plain)
		return rv;
	rv = generate(ctx, session, making, true);
	if (rv == CKR_OK)
		ctx->plain_templates = true;
	return rv;
}

/* What the key store is to keep. A public part that is no key is not taken over */
static CK_RV write_blob(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
			const struct making *making)
{
	uint8_t public[PUBLIC_MAX];
	struct parsec_out out = { public, sizeof(public), 0 };
	struct record record = { .type = making->attrs->type };
	struct parsec_key *key;
	enum parsec_status status;
	CK_RV rv = CKR_OK;

	if (is_pair(making->attrs->type)) {
		rv = public_read(ctx, session, making->halves.public, making->attrs, &out);
		record.public = (struct parsec_span){ public, out.len };
		if (rv != CKR_OK)
			return rv;
		status = public_load(ctx, making->attrs, record.public, &key);
		if (status != PARSEC_SUCCESS)
			return status == PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY ?
				       CKR_HOST_MEMORY : CKR_LIE;
		openssl_provider.unload(ctx->software, key);
	}
	return record_write(&record, making->blob) == PARSEC_SUCCESS ? rv : CKR_HOST_MEMORY;
}

static CK_RV make(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session, void *arg,
		  bool again)
{
	struct making *making = arg;
	CK_RV rv = make_free(ctx, session, making->id, again);

	if (rv == CKR_OK)
		rv = generate_somehow(ctx, session, making);
	if (rv != CKR_OK)
		return rv;
	objects_set(&ctx->objects, making->id, &making->halves);
	rv = write_blob(ctx, session, making);
	if (rv != CKR_OK)
		objects_destroy(ctx, session, making->id);
	return rv;
}

static CK_MECHANISM_TYPE generator(const struct parsec_provider_ctx *ctx,
				   const struct parsec_key_attributes *attrs)
{
	switch (attrs->type) {
	case PARSEC_KEY_TYPE_RSA_KEY_PAIR:
		return CKM_RSA_PKCS_KEY_PAIR_GEN;
	case PARSEC_KEY_TYPE_ECC_KEY_PAIR:
		return curve_mechanism(ctx, attrs->family);
	case PARSEC_KEY_TYPE_AES:
		return CKM_AES_KEY_GEN;
	default:
		return CKM_GENERIC_SECRET_KEY_GEN;
	}
}

enum parsec_status key_create(struct parsec_provider_ctx *ctx,
			      const uint8_t id[PARSEC_BACKEND_ID_SIZE],
			      const struct parsec_key_attributes *attrs,
			      struct parsec_out *blob)
{
	struct making making = { .id = id, .attrs = attrs, .blob = blob,
				 .mechanism = { .mechanism = generator(ctx, attrs) } };
	CK_RV rv;

	if (template_exports(attrs) && !ctx->settings.allow_export)
		return PARSEC_PSA_ERROR_NOT_PERMITTED;
	if (!note_token(ctx))
		return PARSEC_PSA_ERROR_STORAGE_FAILURE;
	rv = session_run(ctx, make, &making);
	if (is_refusal(rv)) {
		failed(ctx, "generating a key", rv);
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	}
	return failed(ctx, "generating a key", rv);
}

static CK_RV destroy(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session, void *arg,
		     bool again)
{
	const struct parsec_key_ref *ref = arg;

	(void)again;
	return objects_destroy(ctx, session, ref->id);
}

enum parsec_status key_destroy(struct parsec_provider_ctx *ctx,
			       const struct parsec_key_ref *ref)
{
	struct parsec_key_ref copy = *ref;

	return failed(ctx, "destroying a key", session_run(ctx, destroy, &copy));
}

/* What exists() is to look for */
struct search {
	const uint8_t *id;
	bool public;
	bool any;
	bool found;
};

static bool is_there(const struct search *search, const struct halves *halves)
{
	if (search->any)
		return halves->own || halves->public;
	return search->public ? halves->public : halves->own;
}

/* What the list has is asked for once more: others may have removed it meanwhile */
static CK_RV look(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session, void *arg,
		  bool again)
{
	struct search *search = arg;
	CK_OBJECT_CLASS class;
	struct halves halves;
	CK_RV rv = objects_get(ctx, session, search->id, &halves);

	(void)again;
	if (rv == CKR_OK && is_there(search, &halves)) {
		rv = attribute_number(ctx, session, search->public || !halves.own ?
				      halves.public : halves.own, CKA_CLASS, &class);
		search->found = rv == CKR_OK;
	}
	if (rv == CKR_OK || is_stale(rv)) {
		if (search->found)
			return rv;
		rv = objects_find(ctx, session, search->id, &halves);
		search->found = is_there(search, &halves);
	}
	return rv;
}

enum parsec_status key_exists(struct parsec_provider_ctx *ctx,
			      const struct parsec_key_ref *ref)
{
	struct record record = { 0 };
	bool known = record_read(ref->blob, &record);
	struct search search = { .id = ref->id, .any = !known,
				 .public = known && is_public(record.type) };
	CK_RV rv = session_run(ctx, look, &search);

	if (rv == CKR_OK && !search.found)
		return PARSEC_PSA_ERROR_DOES_NOT_EXIST;
	return failed(ctx, "looking for a key", rv);
}

enum parsec_status key_load(struct parsec_provider_ctx *ctx, const struct parsec_key_ref *ref,
			    const struct parsec_key_attributes *attrs,
			    struct parsec_key **key)
{
	bool asymmetric = is_pair(attrs->type) || is_public(attrs->type);
	enum parsec_status status = PARSEC_SUCCESS;
	struct parsec_key *loaded;
	struct record record;
	CK_RV rv;

	/* The store has kept it, so it is not the caller's argument */
	if (!record_read(ref->blob, &record) || record.type != attrs->type ||
	    !asymmetric != !record.public.len)
		return PARSEC_PSA_ERROR_DATA_INVALID;
	loaded = calloc(1, sizeof(*loaded) + record.public.len);
	if (!loaded)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	loaded->known_len = record.public.len;
	if (record.public.len)
		memcpy(loaded->known, record.public.data, record.public.len);
	memcpy(loaded->id, ref->id, sizeof(loaded->id));
	loaded->type = attrs->type;
	loaded->family = attrs->family;
	loaded->bits = attrs->bits;
	loaded->field = (attrs->bits + 7) / 8;
	if (asymmetric)
		status = public_load(ctx, attrs, record.public, &loaded->public);
	if (status == PARSEC_SUCCESS) {
		rv = key_run(ctx, loaded, is_public(attrs->type) ? PUBLIC_HALF : OWN_HALF, NULL,
			     NULL);
		status = is_stale(rv) ? PARSEC_PSA_ERROR_DOES_NOT_EXIST :
					failed(ctx, "loading a key", rv);
	}
	if (status != PARSEC_SUCCESS) {
		key_unload(ctx, loaded);
		return status;
	}
	*key = loaded;
	return PARSEC_SUCCESS;
}

void key_unload(struct parsec_provider_ctx *ctx, struct parsec_key *key)
{
	if (key->public)
		openssl_provider.unload(ctx->software, key->public);
	free(key);
}
