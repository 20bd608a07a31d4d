// SPDX-License-Identifier: Apache-2.0
/*
 * Keys from creation to the end. The blob in the key store is the key itself, so
 * there is nothing to destroy and nothing that could be left behind.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/objects.h>

#include "providers/openssl/openssl.h"

static EVP_PKEY *generate(const struct parsec_provider_ctx *ctx,
			  const struct parsec_key_attributes *attrs)
{
	const struct curve *curve;

	/* The public exponent is OpenSSL's default, 65537 */
	if (attrs->type == PARSEC_KEY_TYPE_RSA_KEY_PAIR)
		return EVP_PKEY_Q_keygen(ctx->lib, NULL, "RSA", (size_t)attrs->bits);
	if (attrs->type == PARSEC_KEY_TYPE_DH_KEY_PAIR)
		return dh_generate(ctx, attrs->bits);
	if (attrs->family == PARSEC_ECC_MONTGOMERY)
		return montgomery_generate(ctx, attrs->bits);
	curve = curve_find(attrs->family, attrs->bits, 0);
	return curve ? EVP_PKEY_Q_keygen(ctx->lib, NULL, "EC", OBJ_nid2sn(curve->nid)) : NULL;
}

enum parsec_status key_create(struct parsec_provider_ctx *ctx,
			      const uint8_t id[PARSEC_BACKEND_ID_SIZE],
			      const struct parsec_key_attributes *attrs,
			      struct parsec_out *blob)
{
	enum parsec_status status;
	EVP_PKEY *pkey;

	(void)id;
	errors_clear();
	if (is_secret(attrs->type))
		return secret_create(ctx, attrs, blob);
	pkey = generate(ctx, attrs);
	if (!pkey)
		return openssl_status(ctx, "generating a key");

	status = encode_key(ctx, pkey, attrs, attrs->type, blob);
	EVP_PKEY_free(pkey);
	return status;
}

/*
 * Is it a key that works? The parts of an RSA key must belong together: a signature
 * with parts that do not can give the key away. Public keys of other types must be in
 * their group; the pair of a scalar has been computed, and each number below 2^255 and
 * 2^448 is a key of the Montgomery curves.
 */
static enum parsec_status check_key(const struct parsec_provider_ctx *ctx, EVP_PKEY *pkey,
				    uint8_t type)
{
	EVP_PKEY_CTX *check = EVP_PKEY_CTX_new_from_pkey(ctx->lib, pkey, NULL);
	enum parsec_status status = PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	int good;

	if (!check)
		return openssl_status(ctx, "checking a key");

	good = EVP_PKEY_public_check(check);
	if (good == 1 && type == PARSEC_KEY_TYPE_RSA_KEY_PAIR)
		good = EVP_PKEY_pairwise_check(check);
	if (good == 1)
		status = PARSEC_SUCCESS;
	else if (openssl_status(ctx, "checking a key") ==
		 PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY)
		status = PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	EVP_PKEY_CTX_free(check);
	return status;
}

enum parsec_status key_import(struct parsec_provider_ctx *ctx,
			      const uint8_t id[PARSEC_BACKEND_ID_SIZE],
			      struct parsec_key_attributes *attrs, struct parsec_span data,
			      struct parsec_out *blob)
{
	bool check = attrs->type == PARSEC_KEY_TYPE_RSA_KEY_PAIR ||
		     (!is_pair(attrs->type) && attrs->family != PARSEC_ECC_MONTGOMERY);
	enum parsec_status status;
	uint32_t bits;
	EVP_PKEY *pkey;

	(void)id;
	errors_clear();
	if (is_secret(attrs->type))
		return secret_import(attrs, data, blob);
	status = decode_key(ctx, attrs, data, &pkey, &bits);
	if (status != PARSEC_SUCCESS)
		return status;

	if (!caps_cover(attrs->type, attrs->family, bits, &attrs->alg, PARSEC_CAN_IMPORT))
		status = PARSEC_PSA_ERROR_NOT_SUPPORTED;
	else if (check)
		status = check_key(ctx, pkey, attrs->type);
	if (status == PARSEC_SUCCESS) {
		attrs->bits = bits;
		status = encode_key(ctx, pkey, attrs, attrs->type, blob);
	}
	EVP_PKEY_free(pkey);
	return status;
}

enum parsec_status key_destroy(struct parsec_provider_ctx *ctx,
			       const struct parsec_key_ref *ref)
{
	(void)ctx;
	(void)ref;
	return PARSEC_SUCCESS;
}

enum parsec_status key_load(struct parsec_provider_ctx *ctx, const struct parsec_key_ref *ref,
			    const struct parsec_key_attributes *attrs,
			    struct parsec_key **key)
{
	struct parsec_key *loaded = calloc(1, sizeof(*loaded));
	enum parsec_status status;

	if (!loaded)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;

	errors_clear();
	loaded->type = attrs->type;
	loaded->family = attrs->family;
	loaded->bits = attrs->bits;
	if (is_secret(attrs->type))
		status = secret_load(loaded, ref->blob);
	else
		status = decode_key(ctx, attrs, ref->blob, &loaded->pkey, &loaded->bits);
	if (status != PARSEC_SUCCESS) {
		free(loaded);
		/* This provider wrote the blob, so it is not the caller's argument */
		return status == PARSEC_PSA_ERROR_INVALID_ARGUMENT ?
			       PARSEC_PSA_ERROR_DATA_INVALID : status;
	}
	loaded->field = (loaded->bits + 7) / 8;
	*key = loaded;
	return PARSEC_SUCCESS;
}

/*
 * OpenSSL's RSA key has numbers in it that are renewed with each use, to blind the next. A
 * lack of memory in between leaves them unfit for each other, and what is computed with
 * them is wrong. From then on each use gets a copy of its own, without such numbers.
 */
void key_failed(struct parsec_key *key, enum parsec_status status)
{
	if (status == PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY &&
	    key->type == PARSEC_KEY_TYPE_RSA_KEY_PAIR)
		atomic_store(&key->spoiled, true);
}

/* The key, to be freed; NULL when there is no memory for the copy */
EVP_PKEY *key_sound(const struct parsec_key *key)
{
	if (atomic_load(&key->spoiled))
		return EVP_PKEY_dup(key->pkey);
	EVP_PKEY_up_ref(key->pkey);
	return key->pkey;
}

void key_unload(struct parsec_provider_ctx *ctx, struct parsec_key *key)
{
	(void)ctx;
	for (size_t i = 0; i < IDLE_OPERATIONS; i++)
		operation_free(atomic_load(&key->idle[i]));
	mac_state_free(atomic_load(&key->mac));
	EVP_PKEY_free(key->pkey);
	OPENSSL_clear_free(key->secret, key->secret_room);
	free(key);
}

static enum parsec_status export_as(const struct parsec_provider_ctx *ctx,
				    const struct parsec_key *key, uint8_t type,
				    struct parsec_out *data)
{
	const struct parsec_key_attributes of = {
		.type = key->type, .family = key->family, .bits = key->bits,
	};

	errors_clear();
	return encode_key(ctx, key->pkey, &of, type, data);
}

enum parsec_status key_export_public(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				     struct parsec_out *data)
{
	if (!key->pkey)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	return export_as(ctx, key, public_type(key->type), data);
}

enum parsec_status key_export(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			      struct parsec_out *data)
{
	if (!key->pkey)
		return secret_export(key, data);
	return export_as(ctx, key, key->type, data);
}
