// SPDX-License-Identifier: Apache-2.0
/*
 * Which keys are in the TPM: as many as there is room for beside their parent, those that
 * were used last.
 */
#include <string.h>

#include "providers/tpm/tpm.h"

/* Take a key off the list, wherever it is there */
static void unlink_key(struct parsec_provider_ctx *ctx, const struct parsec_key *key)
{
	struct parsec_key **at = &ctx->loaded;

	while (*at && *at != key)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = key->next;
	ctx->loaded_count--;
}

static void push_key(struct parsec_provider_ctx *ctx, struct parsec_key *key)
{
	key->next = ctx->loaded;
	ctx->loaded = key;
	ctx->loaded_count++;
}

static TSS2_RC load_into_tpm(struct parsec_provider_ctx *ctx, struct parsec_key *key)
{
	TSS2_RC rc;

	if (is_public(key->attrs.type))
		return Esys_LoadExternal(ctx->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
					 NULL, &key->public, ESYS_TR_RH_NULL, &key->handle);
	if (key->parent.size != ctx->parent_name.size ||
	    memcmp(key->parent.name, ctx->parent_name.name, key->parent.size))
		return TPM_RC_OTHER_TPM;
	rc = parent_use(ctx);
	if (!rc)
		rc = Esys_Load(ctx->esys, ctx->parent, ESYS_TR_PASSWORD, ESYS_TR_NONE,
			       ESYS_TR_NONE, &key->private, &key->public, &key->handle);
	parent_leave(ctx);
	return rc ? rc : Esys_TR_SetAuth(ctx->esys, key->handle, &key->auth);
}

/**
 * cache_use() - have a key in the TPM
 *
 * It stays there until room is needed or the link breaks. To be called in each step anew.
 */
TSS2_RC cache_use(struct parsec_provider_ctx *ctx, struct parsec_key *key)
{
	TSS2_RC rc;

	if (key->handle == ESYS_TR_NONE) {
		cache_reserve(ctx, 1, NULL);
		rc = load_into_tpm(ctx, key);
		if (rc) {
			if (key->handle != ESYS_TR_NONE)
				Esys_FlushContext(ctx->esys, key->handle);
			key->handle = ESYS_TR_NONE;
			return rc;
		}
	} else {
		unlink_key(ctx, key);
	}
	push_key(ctx, key);
	return TSS2_RC_SUCCESS;
}

/* The one that was used longest ago */
static struct parsec_key *oldest(const struct parsec_provider_ctx *ctx,
				 const struct parsec_key *keep)
{
	struct parsec_key *found = NULL;

	for (struct parsec_key *key = ctx->loaded; key; key = key->next) {
		if (key != keep)
			found = key;
	}
	return found;
}

/**
 * cache_reserve() - have room in the TPM, beside the parent
 * @slots:	for so many objects, or as many as there are
 * @keep:	a key that stays; may be NULL
 */
void cache_reserve(struct parsec_provider_ctx *ctx, unsigned int slots,
		   const struct parsec_key *keep)
{
	struct parsec_key *key;

	while (ctx->loaded_count + slots > OBJECT_SLOTS - 1) {
		key = oldest(ctx, keep);
		if (!key)
			return;
		cache_remove(ctx, key);
	}
}

/**
 * cache_remove() - take a key out of the TPM
 *
 * Return: whether it was there.
 */
bool cache_remove(struct parsec_provider_ctx *ctx, struct parsec_key *key)
{
	if (key->handle == ESYS_TR_NONE)
		return false;
	unlink_key(ctx, key);
	if (ctx->esys && Esys_FlushContext(ctx->esys, key->handle))
		Esys_TR_Close(ctx->esys, &key->handle);
	key->handle = ESYS_TR_NONE;
	return true;
}

/* The TPM has nothing of ours any more */
void cache_forget(struct parsec_provider_ctx *ctx)
{
	while (ctx->loaded) {
		ctx->loaded->handle = ESYS_TR_NONE;
		ctx->loaded = ctx->loaded->next;
	}
	ctx->loaded_count = 0;
}
