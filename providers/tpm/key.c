// SPDX-License-Identifier: Apache-2.0
/*
 * Keys from creation to the end. The blob in the key store is the key, wrapped by the TPM, so
 * there is nothing to destroy.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "providers/lib/ecdsa.h"
#include "providers/lib/rsa.h"
#include "providers/tpm/tpm.h"

/* A key under construction; its authorisation value is fresh from the generator */
static struct parsec_key *new_key(const struct parsec_key_attributes *attrs)
{
	struct parsec_key *key = calloc(1, sizeof(*key));

	if (!key)
		return NULL;
	key->attrs = *attrs;
	key->field = (attrs->bits + 7) / 8;
	key->handle = ESYS_TR_NONE;
	key->auth.size = KEY_AUTH_SIZE;
	if (RAND_priv_bytes(key->auth.buffer, KEY_AUTH_SIZE) == 1)
		return key;
	free(key);
	return NULL;
}

static void free_key(struct parsec_key *key)
{
	OPENSSL_cleanse(key, sizeof(*key));
	free(key);
}

/* What the TPM hands out becomes a part of the key */
static void take(struct parsec_provider_ctx *ctx, struct parsec_key *key, TPM2B_PRIVATE *private)
{
	key->private = *private;
	key->parent = ctx->parent_name;
	Esys_Free(private);
}

static TSS2_RC create_step(struct parsec_provider_ctx *ctx, void *arg)
{
	struct parsec_key *key = arg;
	TPM2B_SENSITIVE_CREATE sensitive = { .sensitive.userAuth = key->auth };
	TPM2B_PUBLIC template = { 0 }, *public;
	const TPM2B_DATA outside = { 0 };
	const TPML_PCR_SELECTION pcrs = { 0 };
	TPM2B_PRIVATE *private;
	ESYS_TR session;
	TSS2_RC rc;

	/* The attributes are in the capability table */
	area_describe(&key->attrs, &template.publicArea);
	template.publicArea.objectAttributes |= TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
						TPMA_OBJECT_SENSITIVEDATAORIGIN;
	if (area_is_attesting(&key->attrs))
		area_make_attesting(&template.publicArea);
	/* The TPM needs a place to make it in */
	cache_reserve(ctx, 1, NULL);
	rc = session_for(ctx, TPMA_SESSION_DECRYPT, &session);
	if (!rc)
		rc = parent_use(ctx);
	if (!rc)
		rc = Esys_Create(ctx->esys, ctx->parent, session, ESYS_TR_NONE, ESYS_TR_NONE,
				 &sensitive, &template, &outside, &pcrs, &private, &public, NULL,
				 NULL, NULL);
	parent_leave(ctx);
	OPENSSL_cleanse(&sensitive, sizeof(sensitive));
	if (rc)
		return rc;
	key->public = *public;
	Esys_Free(public);
	take(ctx, key, private);
	return TSS2_RC_SUCCESS;
}

enum parsec_status key_create(struct parsec_provider_ctx *ctx,
			      const uint8_t id[PARSEC_BACKEND_ID_SIZE],
			      const struct parsec_key_attributes *attrs,
			      struct parsec_out *blob)
{
	struct parsec_key *key = new_key(attrs);
	enum parsec_status status;

	(void)id;
	if (!key)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	status = tpm_status(ctx, tpm_do(ctx, create_step, key), "generating a key");
	if (status == PARSEC_SUCCESS)
		status = parent_remember(ctx);
	if (status == PARSEC_SUCCESS)
		status = blob_write(key, blob);
	free_key(key);
	return status;
}

/* A private key on its way into the TPM */
struct arrival {
	struct parsec_key *key;
	TPMT_SENSITIVE sensitive;
	TPM2B_NAME name;
};

static TSS2_RC import_step(struct parsec_provider_ctx *ctx, void *arg)
{
	const TPMT_SYM_DEF_OBJECT none = { .algorithm = TPM2_ALG_NULL };
	struct arrival *arrival = arg;
	struct parsec_key *key = arrival->key;
	TPM2B_PRIVATE duplicate, *private;
	TPM2B_ENCRYPTED_SECRET seed;
	TSS2_RC rc;

	if (!wrap(ctx, &arrival->sensitive, &arrival->name, &duplicate, &seed))
		return TSS2_ESYS_RC_MEMORY;
	cache_reserve(ctx, 1, NULL);
	rc = parent_use(ctx);
	if (!rc)
		rc = Esys_Import(ctx->esys, ctx->parent, ESYS_TR_PASSWORD, ESYS_TR_NONE,
				 ESYS_TR_NONE, NULL, &key->public, &duplicate, &seed, &none,
				 &private);
	parent_leave(ctx);
	if (!rc)
		take(ctx, key, private);
	return rc;
}

static TSS2_RC load_step(struct parsec_provider_ctx *ctx, void *arg)
{
	return cache_use(ctx, arg);
}

static enum parsec_status import_private(struct parsec_provider_ctx *ctx, struct parsec_key *key,
					 TPMT_SENSITIVE *sensitive)
{
	struct arrival arrival = { .key = key, .sensitive = *sensitive };
	TSS2_RC rc = TSS2_ESYS_RC_MEMORY;

	arrival.sensitive.authValue = key->auth;
	if (area_name(&key->public.publicArea, &arrival.name))
		rc = tpm_do(ctx, import_step, &arrival);
	OPENSSL_cleanse(&arrival, sizeof(arrival));
	return rc ? tpm_status(ctx, rc, "importing a key") : parent_remember(ctx);
}

/* Would the TPM take it? Only by loading a key it looks at the key */
static enum parsec_status try_key(struct parsec_provider_ctx *ctx, struct parsec_key *key)
{
	TSS2_RC rc = tpm_do(ctx, load_step, key);

	cache_remove(ctx, key);
	if (tpm_rc_blames_parameter(rc) && tpm_rc_base(rc) != TPM2_RC_KEY_SIZE &&
	    tpm_rc_base(rc) != TPM2_RC_CURVE) {
		tpm_status(ctx, rc, "importing a key");
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	}
	return tpm_status(ctx, rc, "importing a key");
}

enum parsec_status key_import(struct parsec_provider_ctx *ctx,
			      const uint8_t id[PARSEC_BACKEND_ID_SIZE],
			      struct parsec_key_attributes *attrs, struct parsec_span data,
			      struct parsec_out *blob)
{
	struct parsec_key_attributes real = *attrs;
	TPMT_SENSITIVE sensitive;
	enum parsec_status status;
	struct parsec_key *key;
	TPMT_PUBLIC area;

	(void)id;
	status = material_read(&real, data, &area, &sensitive);
	if (status == PARSEC_SUCCESS && !rows_cover(ctx, &real, PARSEC_CAN_IMPORT))
		status = PARSEC_PSA_ERROR_NOT_SUPPORTED;
	key = status == PARSEC_SUCCESS ? new_key(&real) : NULL;
	if (key) {
		key->public.publicArea = area;
		if (!is_public(real.type))
			status = import_private(ctx, key, &sensitive);
		if (status == PARSEC_SUCCESS)
			status = try_key(ctx, key);
		if (status == PARSEC_SUCCESS)
			status = blob_write(key, blob);
		free_key(key);
	} else if (status == PARSEC_SUCCESS) {
		status = PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	}
	OPENSSL_cleanse(&sensitive, sizeof(sensitive));
	if (status == PARSEC_SUCCESS)
		attrs->bits = real.bits;
	return status;
}

enum parsec_status key_destroy(struct parsec_provider_ctx *ctx,
			       const struct parsec_key_ref *ref)
{
	(void)ctx;
	(void)ref;
	return PARSEC_SUCCESS;
}

/* The TPM sees it when it is used for the first time */
enum parsec_status key_load(struct parsec_provider_ctx *ctx, const struct parsec_key_ref *ref,
			    const struct parsec_key_attributes *attrs,
			    struct parsec_key **key)
{
	struct parsec_key *loaded = calloc(1, sizeof(*loaded));

	(void)ctx;
	if (!loaded)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	loaded->attrs = *attrs;
	loaded->field = (attrs->bits + 7) / 8;
	loaded->handle = ESYS_TR_NONE;
	if (!blob_read(ref->blob, loaded)) {
		free_key(loaded);
		return PARSEC_PSA_ERROR_DATA_INVALID;
	}
	*key = loaded;
	return PARSEC_SUCCESS;
}

void key_unload(struct parsec_provider_ctx *ctx, struct parsec_key *key)
{
	cache_remove(ctx, key);
	free_key(key);
}

enum parsec_status key_export_public(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				     struct parsec_out *data)
{
	static const uint8_t exponent[] = { 0x01, 0x00, 0x01 };
	const TPMU_PUBLIC_ID *unique = &key->public.publicArea.unique;
	const struct rsa_public rsa = {
		.n = { unique->rsa.buffer, unique->rsa.size },
		.e = { exponent, sizeof(exponent) },
	};
	size_t field = key->field;

	(void)ctx;
	if (is_symmetric(key->attrs.type))
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (is_rsa(key->attrs.type))
		return rsa_write_public(&rsa, data);
	if (data->size < 1 + 2 * field)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	data->data[0] = 4;
	/* The area has been looked at: they fit */
	number_pad((struct parsec_span){ unique->ecc.x.buffer, unique->ecc.x.size },
		   data->data + 1, field);
	number_pad((struct parsec_span){ unique->ecc.y.buffer, unique->ecc.y.size },
		   data->data + 1 + field, field);
	data->len = 1 + 2 * field;
	return PARSEC_SUCCESS;
}
