// SPDX-License-Identifier: Apache-2.0
/*
 * Use of a key on the token: find its object, make sure that it is the key's, and let the
 * token do it.
 */
#include <stdatomic.h>
#include <string.h>

#include "providers/lib/der.h"
#include "providers/lib/rsa.h"
#include "providers/pkcs11/pkcs11.h"

/* PKCS #11 only reads what it is given, but does not say so; nothing has an address, too */
CK_BYTE *bytes_of(struct parsec_span span)
{
	static uint8_t nothing;

	return span.len ? (CK_BYTE *)(uintptr_t)span.data : &nothing;
}

static bool is_type_of(const struct parsec_key *key, CK_KEY_TYPE type)
{
	switch (public_type(key->type)) {
	case PARSEC_KEY_TYPE_RSA_PUBLIC_KEY:
		return type == CKK_RSA;
	case PARSEC_KEY_TYPE_ECC_PUBLIC_KEY:
		if (key->family != PARSEC_ECC_MONTGOMERY)
			return type == CKK_EC;
		/* What an older library has made may stay what it was to that one */
		return type == CKK_EC_EDWARDS || type == CKK_EC_MONTGOMERY;
	case PARSEC_KEY_TYPE_AES:
		return type == CKK_AES;
	default:
		return type == CKK_GENERIC_SECRET;
	}
}

/*
 * Is it on the curve that the key is on, by its name? Parameters that somebody has spelled out
 * can have the same point as their generator, and then anybody can sign for it. Of Montgomery
 * curves they can only be one of several names.
 */
static CK_RV check_curve(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
			 CK_OBJECT_HANDLE object, const struct parsec_key *key)
{
	const struct curve *curve = curve_find(key->family, key->bits);
	uint8_t found[sizeof(curve->oid)];
	struct parsec_out params = { found, sizeof(found), 0 };
	CK_RV rv;

	if (key->family == PARSEC_ECC_MONTGOMERY)
		return CKR_OK;
	rv = attribute_get(ctx, session, object, CKA_EC_PARAMS, &params);
	if (rv == CKR_OK && curve && params.len == curve->oid_len &&
	    !memcmp(found, curve->oid, params.len))
		return CKR_OK;
	return rv == CKR_OK || rv == CKR_LIE ? CKR_FOREIGN : rv;
}

/* The public object against what the key store has; somebody may have put another there */
static CK_RV check_public(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
			  CK_OBJECT_HANDLE object, struct parsec_key *key)
{
	const struct parsec_key_attributes attrs = { .type = key->type, .family = key->family,
						     .bits = key->bits };
	uint8_t found[PUBLIC_MAX];
	struct parsec_out token = { found, sizeof(found), 0 };
	CK_KEY_TYPE type;
	CK_RV rv = attribute_number(ctx, session, object, CKA_KEY_TYPE, &type);

	if (rv == CKR_OK && !is_type_of(key, type))
		rv = CKR_FOREIGN;
	if (rv == CKR_OK && type != CKK_RSA)
		rv = check_curve(ctx, session, object, key);
	if (rv == CKR_OK)
		rv = public_read(ctx, session, object, &attrs, &token);
	if (rv != CKR_OK && rv != CKR_LIE)
		return rv;
	return rv == CKR_OK && token.len == key->known_len &&
	       !memcmp(found, key->known, token.len) ? CKR_OK : CKR_FOREIGN;
}

/* A private RSA key has its modulus, too */
static CK_RV check_modulus(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
			   CK_OBJECT_HANDLE object, struct parsec_key *key)
{
	uint8_t found[MODULUS_MAX + 1];
	struct parsec_out out = { found, sizeof(found), 0 };
	CK_RV rv = attribute_get(ctx, session, object, CKA_MODULUS, &out);
	struct parsec_span modulus;
	struct rsa_public public;

	/* Not every token shows it */
	if (is_refusal(rv))
		return CKR_OK;
	if (rv != CKR_OK)
		return rv;
	modulus = der_stripped((struct parsec_span){ found, out.len });
	if (rsa_read_public((struct parsec_span){ key->known, key->known_len }, &public) &&
	    modulus.len == public.n.len && !memcmp(modulus.data, public.n.data, modulus.len))
		return CKR_OK;
	return CKR_FOREIGN;
}

static CK_RV check_own(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		       CK_OBJECT_HANDLE object, struct parsec_key *key)
{
	CK_KEY_TYPE type;
	CK_RV rv = attribute_number(ctx, session, object, CKA_KEY_TYPE, &type);

	if (rv == CKR_OK && !is_type_of(key, type))
		rv = CKR_FOREIGN;
	if (rv == CKR_OK && type == CKK_RSA)
		rv = check_modulus(ctx, session, object, key);
	return rv;
}

/* Said once for each connection: requests for such a key may be many */
static CK_RV foreign(struct parsec_provider_ctx *ctx)
{
	if (!atomic_exchange(&ctx->token.told_foreign, true))
		ctx->host->log(PARSEC_LOG_ERROR, "an object of the token has the id of a key but is "
			       "another one: somebody else has put it there; the key is not used");
	return CKR_FOREIGN;
}

/* Once for each object and connection */
static CK_RV check_half(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
			struct parsec_key *key, enum half half, CK_OBJECT_HANDLE object)
{
	CK_OBJECT_HANDLE *checked = half == OWN_HALF ? &key->checked.own : &key->checked.public;
	bool known;
	CK_RV rv;

	pthread_mutex_lock(&ctx->objects.lock);
	known = key->generation == ctx->token.generation && *checked == object;
	pthread_mutex_unlock(&ctx->objects.lock);
	if (known)
		return CKR_OK;
	rv = half == OWN_HALF ? check_own(ctx, session, object, key) :
				check_public(ctx, session, object, key);
	if (rv != CKR_OK)
		return rv == CKR_FOREIGN ? foreign(ctx) : rv;
	pthread_mutex_lock(&ctx->objects.lock);
	if (key->generation != ctx->token.generation)
		key->checked = (struct halves){ 0 };
	key->generation = ctx->token.generation;
	*checked = object;
	pthread_mutex_unlock(&ctx->objects.lock);
	return CKR_OK;
}

/* What key_run() is to do with which object */
struct key_call {
	struct parsec_key *key;
	enum half half;
	key_fn fn;
	void *arg;
};

static CK_RV call_key(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		      const struct key_call *call, const struct halves *halves)
{
	CK_OBJECT_HANDLE object = call->half == OWN_HALF ? halves->own : halves->public;
	CK_RV rv;

	if (halves->doubled)
		return foreign(ctx);
	if (object == CK_INVALID_HANDLE)
		return CKR_OBJECT_HANDLE_INVALID;
	rv = check_half(ctx, session, call->key, call->half, object);
	return rv == CKR_OK && call->fn ? call->fn(ctx, session, object, call->arg) : rv;
}

static CK_RV run_key(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session, void *arg,
		     bool again)
{
	const struct key_call *call = arg;
	struct halves halves;
	CK_RV rv = objects_get(ctx, session, call->key->id, &halves);

	(void)again;
	if (rv == CKR_OK)
		rv = call_key(ctx, session, call, &halves);
	if (!is_stale(rv) && rv != CKR_FOREIGN)
		return rv;
	/* The list may be out of date */
	rv = objects_find(ctx, session, call->key->id, &halves);
	return rv == CKR_OK ? call_key(ctx, session, call, &halves) : rv;
}

/**
 * key_run() - do something with an object of a key
 * @fn:		NULL: only see that it is there, and the key's
 *
 * Return: what @fn returns; CKR_OBJECT_HANDLE_INVALID when the object is not there,
 * CKR_FOREIGN when it is another one.
 */
CK_RV key_run(struct parsec_provider_ctx *ctx, struct parsec_key *key, enum half half,
	      key_fn fn, void *arg)
{
	struct key_call call = { .key = key, .half = half, .fn = fn, .arg = arg };

	return session_run(ctx, run_key, &call);
}

static CK_RV begin(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		   CK_OBJECT_HANDLE object, struct use *use)
{
	switch (use->work) {
	case WORK_SIGN:
		return cryptoki(ctx)->C_SignInit(session, &use->mechanism, object);
	case WORK_VERIFY:
		return cryptoki(ctx)->C_VerifyInit(session, &use->mechanism, object);
	case WORK_ENCRYPT:
		return cryptoki(ctx)->C_EncryptInit(session, &use->mechanism, object);
	default:
		return cryptoki(ctx)->C_DecryptInit(session, &use->mechanism, object);
	}
}

/*
 * What tokens say of a wrong padding or tag, and of nothing else after they have taken
 * mechanism and key, unless they are gone.
 */
static bool is_wrong(CK_RV rv)
{
	switch (rv) {
	case CKR_DATA_INVALID:
	case CKR_DATA_LEN_RANGE:
	case CKR_ENCRYPTED_DATA_INVALID:
	case CKR_ENCRYPTED_DATA_LEN_RANGE:
	case CKR_FUNCTION_FAILED:
	case CKR_GENERAL_ERROR:
	case CKR_SIGNATURE_INVALID:
		return true;
	default:
		return false;
	}
}

/*
 * All that may be wrong is made one, so that it takes the same way from here. The token is
 * asked for of each of them: what takes longer would tell one from another.
 */
static CK_RV decrypted(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session, CK_RV rv)
{
	if (!is_wrong(rv))
		return rv;
	return token_is_there(ctx, session) ? CKR_ENCRYPTED_DATA_INVALID :
					      CKR_TOKEN_NOT_PRESENT;
}

static CK_RV work(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		  CK_OBJECT_HANDLE object, void *arg)
{
	struct use *use = arg;
	CK_BYTE *in = bytes_of(use->in);
	CK_ULONG len = use->out ? use->out->size : 0;
	CK_RV rv = begin(ctx, session, object, use);

	use->begun = rv == CKR_OK;
	if (rv != CKR_OK)
		return rv;
	if (use->work == WORK_VERIFY)
		return cryptoki(ctx)->C_Verify(session, in, use->in.len,
					       bytes_of(use->signature), use->signature.len);
	if (use->work == WORK_SIGN)
		rv = cryptoki(ctx)->C_Sign(session, in, use->in.len, use->out->data, &len);
	else if (use->work == WORK_ENCRYPT)
		rv = cryptoki(ctx)->C_Encrypt(session, in, use->in.len, use->out->data, &len);
	else
		rv = decrypted(ctx, session,
			       cryptoki(ctx)->C_Decrypt(session, in, use->in.len,
							use->out->data, &len));
	if (rv != CKR_OK)
		return rv;
	if (len > use->out->size)
		return CKR_LIE;
	use->out->len = len;
	return CKR_OK;
}

/* One operation of the token with a key */
CK_RV key_use(struct parsec_provider_ctx *ctx, struct parsec_key *key, struct use *use)
{
	return key_run(ctx, key, use->half, work, use);
}
