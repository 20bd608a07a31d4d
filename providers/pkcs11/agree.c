// SPDX-License-Identifier: Apache-2.0
/*
 * Key agreement: the shared secret, as the curve gives it.
 */
#include <string.h>

#include "providers/pkcs11/pkcs11.h"

/**
 * struct agreement - with whom, and what has come of it
 * @peer:	public key
 * @field:	bytes of a coordinate
 * @secret:	room for it
 */
struct agreement {
	struct parsec_span peer;
	size_t field;
	struct parsec_out *secret;
};

/* The secret is an object of the session for a moment, as there is no other way to get it */
static CK_RV derive_point(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
			  CK_OBJECT_HANDLE object, struct parsec_span point, size_t field,
			  CK_OBJECT_HANDLE *secret)
{
	CK_ECDH1_DERIVE_PARAMS ecdh = { .kdf = CKD_NULL, .ulPublicDataLen = point.len,
					.pPublicData = bytes_of(point) };
	CK_MECHANISM mechanism = { CKM_ECDH1_DERIVE, &ecdh, sizeof(ecdh) };
	const CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	const CK_KEY_TYPE type = CKK_GENERIC_SECRET;
	struct template template = { .count = 0 };
	const CK_ULONG len = field;

	template_put(&template, CKA_CLASS, &class, sizeof(class));
	template_put(&template, CKA_KEY_TYPE, &type, sizeof(type));
	template_flag(&template, CKA_TOKEN, false);
	template_flag(&template, CKA_SENSITIVE, false);
	template_flag(&template, CKA_EXTRACTABLE, true);
	if (len)
		template_put(&template, CKA_VALUE_LEN, &len, sizeof(len));
	return cryptoki(ctx)->C_DeriveKey(session, &mechanism, object, template.list,
					  template.count, secret);
}

/*
 * Points go in as they are, but some tokens take them in an OCTET STRING only. Of a secret
 * with zeros in front SoftHSM has fewer bytes than the curve, and gives them only to who does
 * not say how many there should be.
 */
static CK_RV derive(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		    CK_OBJECT_HANDLE object, void *arg)
{
	struct agreement *agreement = arg;
	struct parsec_out *secret = agreement->secret;
	uint8_t wrapped[3 + 1 + 2 * FIELD_MAX];
	CK_OBJECT_HANDLE derived;
	CK_RV rv, end;

	rv = derive_point(ctx, session, object, agreement->peer, agreement->field, &derived);
	if (rv != CKR_OK && !is_lost(rv) && !is_stale(rv))
		rv = derive_point(ctx, session, object, agreement->peer, 0, &derived);
	if (rv != CKR_OK && !is_lost(rv) && !is_stale(rv))
		rv = derive_point(ctx, session, object, point_wrap(agreement->peer, wrapped),
				  agreement->field, &derived);
	if (rv != CKR_OK)
		return rv;
	rv = attribute_get(ctx, session, derived, CKA_VALUE, secret);
	end = cryptoki(ctx)->C_DestroyObject(session, derived);
	return rv == CKR_OK ? end : rv;
}

/* Is it a key of the same curve? The token need not look */
static enum parsec_status check_peer(struct parsec_provider_ctx *ctx,
				     const struct parsec_key *key, struct parsec_span peer)
{
	static const uint8_t id[PARSEC_BACKEND_ID_SIZE];
	struct parsec_key_attributes attrs = {
		.type = PARSEC_KEY_TYPE_ECC_PUBLIC_KEY, .family = key->family, .bits = key->bits,
		.alg = { .kind = PARSEC_ALG_NONE },
	};
	uint8_t room[PUBLIC_MAX];
	struct parsec_out blob = { room, sizeof(room), 0 };

	return openssl_provider.import(ctx->software, id, &attrs, peer, &blob);
}

/*
 * Everybody's secret with some points of Montgomery curves is 0, whatever the key: the software
 * provider knows them, with a key of no importance. Not every token looks.
 */
static enum parsec_status check_order(struct parsec_provider_ctx *ctx,
				      const struct parsec_key *key, struct parsec_span peer)
{
	static const uint8_t id[PARSEC_BACKEND_ID_SIZE];
	const struct parsec_alg ecdh = { .kind = PARSEC_ALG_KEY_AGREEMENT,
					 .scheme = PARSEC_AGREE_ECDH };
	struct parsec_key_attributes attrs = { .type = key->type, .family = key->family,
					       .bits = key->bits, .alg = ecdh };
	uint8_t scalar[FIELD_MAX] = { 0 }, room[PUBLIC_MAX];
	struct parsec_out blob = { room, sizeof(room), 0 }, secret = { scalar, FIELD_MAX, 0 };
	struct parsec_key *other;
	enum parsec_status status;

	status = openssl_provider.import(ctx->software, id, &attrs,
					 (struct parsec_span){ scalar, key->field }, &blob);
	if (status == PARSEC_SUCCESS) {
		const struct parsec_key_ref ref = { .blob = { room, blob.len } };

		status = openssl_provider.load(ctx->software, &ref, &attrs, &other);
	}
	if (status != PARSEC_SUCCESS)
		return status;
	status = openssl_provider.agree(ctx->software, other, &ecdh, peer, &secret);
	openssl_provider.unload(ctx->software, other);
	return status;
}

enum parsec_status key_agree(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			     const struct parsec_alg *alg, struct parsec_span peer,
			     struct parsec_out *secret)
{
	struct parsec_out value;
	struct agreement agreement = { .peer = peer, .field = key->field, .secret = &value };
	enum parsec_status status;
	CK_RV rv;

	if (alg->kind != PARSEC_ALG_KEY_AGREEMENT || alg->kdf ||
	    alg->scheme != PARSEC_AGREE_ECDH || key->type != PARSEC_KEY_TYPE_ECC_KEY_PAIR)
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (secret->size < key->field)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	status = check_peer(ctx, key, peer);
	if (status == PARSEC_SUCCESS && key->family == PARSEC_ECC_MONTGOMERY)
		status = check_order(ctx, key, peer);
	if (status != PARSEC_SUCCESS)
		return status;
	if (!scratch_get(&value, key->field))
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	rv = key_run(ctx, key, OWN_HALF, derive, &agreement);
	if (rv == CKR_OK && (!value.len || (key->family == PARSEC_ECC_MONTGOMERY &&
					    value.len != key->field)))
		rv = CKR_LIE;
	if (rv == CKR_OK && value.len < key->field) {
		/* A token may leave out zeros in front */
		memmove(value.data + key->field - value.len, value.data, value.len);
		memset(value.data, 0, key->field - value.len);
		value.len = key->field;
	}
	return scratch_give(&value, failed(ctx, "key agreement", rv), secret);
}
