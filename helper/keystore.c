// SPDX-License-Identifier: Apache-2.0
/*
 * Keys by name (keystore.h). A key is made as a pending row, then in the backend,
 * then live; it ends as a tombstone without a name, then in the backend, then
 * without a trace. Every step is on the disk before the next one begins, so at the
 * next start the row says what is still to be done (keystore_finish.c).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <uuid/uuid.h>

#include "helper/keystore_private.h"
#include "helper/log.h"

/* Sealed once into a new store: tells whether the master key is the right one */
#define SEAL_CHECK	"master_key_check"

/* Log that a row is not what was stored; its name only where the operator wants names */
static void log_corrupt(const struct keystore *store, const struct kim_row *row)
{
	if (log_details())
		log_error("%s: key \"%.*s\" of \"%.*s\" was changed from outside and cannot be "
			  "used; destroy it or restore keys.sqlite from a backup", store->name,
			  (int)row->key.name.len, (const char *)row->key.name.data,
			  (int)row->key.app.len, (const char *)row->key.app.data);
	else
		log_error("%s: a key was changed from outside and cannot be used; destroy it or "
			  "restore keys.sqlite from a backup", store->name);
}

/* A row that stands for the store itself: keys have names */
static const struct kim_row nobody = { .state = KIM_LIVE };

static enum parsec_status write_seal_check(struct keystore *store)
{
	uint8_t buffer[ROW_SEAL_OVERHEAD];
	struct parsec_out sealed = { buffer, sizeof(buffer), 0 };
	enum parsec_status status;

	status = row_seal(store->seal, &nobody, (struct parsec_span){ NULL, 0 }, &sealed);
	if (status != PARSEC_SUCCESS)
		return PARSEC_KEY_INFO_MANAGER_ERROR;
	return kim_set_note(store->kim, SEAL_CHECK,
			    (struct parsec_span){ sealed.data, sealed.len });
}

static enum parsec_status check_seal(struct keystore *store, const char *dir)
{
	uint8_t buffer[ROW_SEAL_OVERHEAD];
	struct kim_row row = nobody;
	struct parsec_out nothing = { NULL, 0, 0 };
	enum parsec_status status;

	status = kim_get_note(store->kim, SEAL_CHECK, buffer, sizeof(buffer),
			      &row.sealed.len);
	if (status == PARSEC_KEY_INFO_MANAGER_ERROR)
		return status;
	row.sealed.data = buffer;
	if (status == PARSEC_SUCCESS)
		status = row_unseal(store->seal, &row, &nothing);
	if (status != PARSEC_SUCCESS) {
		log_error("%s/master.key: is not the key that keys.sqlite was made with; restore "
			  "both from the same backup", dir);
		return PARSEC_KEY_INFO_MANAGER_ERROR;
	}
	return PARSEC_SUCCESS;
}

/*
 * A store without keys may get a new master key, whatever happened to the old one; one
 * with keys must have the one that it had.
 */
static enum parsec_status open_files(struct keystore *store, const char *dir)
{
	const char *uuid = store->plugin->uuid;
	enum parsec_status status;
	bool empty;

	status = kim_open(dir, uuid, store->name, &store->kim);
	if (status == PARSEC_SUCCESS)
		status = kim_is_empty(store->kim, &empty);
	if (status == PARSEC_SUCCESS)
		status = row_seal_open(dir, empty, uuid, store->name, &store->seal);
	if (status == PARSEC_SUCCESS)
		status = empty ? write_seal_check(store) : check_seal(store, dir);
	return status;
}

enum parsec_status keystore_open(struct plugin *plugin, const char *provider_name,
				 const char *dir, struct keystore **result)
{
	struct keystore *store = calloc(1, sizeof(*store));
	enum parsec_status status = PARSEC_KEY_INFO_MANAGER_ERROR;

	*result = NULL;
	if (!store)
		return status;
	pthread_mutex_init(&store->lock, NULL);
	store->plugin = plugin;
	store->backend_keeps = plugin->ops->exists;
	store->name = strdup(provider_name);
	store->cache = key_cache_open(KEYSTORE_LOADED_MAX, plugin);
	if (!store->name || !store->cache)
		log_error("%s: out of memory", provider_name);
	else
		status = open_files(store, dir);
	if (status == PARSEC_SUCCESS)
		status = keystore_sweep(store);
	if (status != PARSEC_SUCCESS) {
		keystore_close(store);
		return PARSEC_KEY_INFO_MANAGER_ERROR;
	}
	*result = store;
	return PARSEC_SUCCESS;
}

void keystore_close(struct keystore *store)
{
	if (!store)
		return;
	key_cache_close(store->cache);
	row_seal_close(store->seal);
	kim_close(store->kim);
	pthread_mutex_destroy(&store->lock);
	free(store->name);
	free(store);
}

struct keystore_swept keystore_swept(const struct keystore *store)
{
	return store->swept;
}

/* What a name stands for has changed; nobody must meet the old key any more */
static struct cached_key *forget(struct keystore *store, const struct key_identity *id)
{
	return key_cache_forget(store->cache, id);
}

static enum parsec_status reserve(struct keystore *store, const struct kim_row *row)
{
	enum parsec_status status = kim_reserve(store->kim, row, store->backend_keeps);

	/* The name may be held by a row that could not be removed */
	if (status == PARSEC_PSA_ERROR_ALREADY_EXISTS && keystore_retry(store, true))
		status = kim_reserve(store->kim, row, store->backend_keeps);
	return status;
}

/* Seal the blob and make the row live: from here on the key can be used */
static enum parsec_status commit(struct keystore *store, struct kim_row *row,
				 const struct parsec_out *blob)
{
	struct parsec_out sealed = { .size = blob->len + ROW_SEAL_OVERHEAD };
	enum parsec_status status;

	sealed.data = malloc(sealed.size);
	if (!sealed.data)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	status = row_seal(store->seal, row, (struct parsec_span){ blob->data, blob->len },
			  &sealed);
	if (status == PARSEC_SUCCESS) {
		row->sealed = (struct parsec_span){ sealed.data, sealed.len };
		status = kim_commit(store->kim, row);
		row->sealed = (struct parsec_span){ NULL, 0 };
	}
	free(sealed.data);
	return status == PARSEC_PSA_ERROR_DOES_NOT_EXIST ? PARSEC_KEY_INFO_MANAGER_ERROR :
							   status;
}

/*
 * A key that was made but not stored. The tombstone comes first: when a commit failed,
 * nobody knows whether it reached the disk.
 */
static void take_back(struct keystore *store, struct kim_row *row)
{
	if (kim_bury(store->kim, row->id) != PARSEC_SUCCESS) {
		keystore_remember(store, row->id);
		return;
	}
	keystore_step("buried");
	keystore_finish(store, row, NULL);
}

static enum parsec_status make_in_backend(struct keystore *store, struct kim_row *row,
					  const struct parsec_span *data,
					  struct parsec_out *blob)
{
	const struct parsec_provider *ops = store->plugin->ops;
	struct parsec_provider_ctx *ctx = store->plugin->ctx;
	enum parsec_status status;

	plugin_enter(store->plugin, NULL);
	if (data)
		status = ops->import(ctx, row->id, &row->attrs, *data, blob);
	else
		status = ops->create(ctx, row->id, &row->attrs, blob);
	plugin_leave(store->plugin, NULL);

	if (status == PARSEC_SUCCESS && (blob->len > blob->size || !row->attrs.bits)) {
		log_error("%s: the provider made a key without a size or with too large a blob; "
			  "install a corrected provider", store->name);
		status = PARSEC_PSA_ERROR_GENERIC_ERROR;
	}
	return status;
}

/* Create, or import when there is @data */
static enum parsec_status make(struct keystore *store, struct kim_row *row,
			       const struct parsec_span *data)
{
	struct parsec_out blob = { .size = PARSEC_BLOB_MAX };
	enum parsec_status status;

	blob.data = malloc(blob.size);
	if (!blob.data)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;

	status = reserve(store, row);
	if (status != PARSEC_SUCCESS)
		goto out;
	keystore_step("reserved");

	status = make_in_backend(store, row, data, &blob);
	keystore_step("made");
	if (status != PARSEC_SUCCESS) {
		keystore_finish(store, row, NULL);
		goto out;
	}

	status = commit(store, row, &blob);
	key_cache_put(store->cache, forget(store, &row->key));
	keystore_step("committed");
	if (status != PARSEC_SUCCESS)
		take_back(store, row);
	else
		keystore_retry(store, false);
out:
	OPENSSL_cleanse(blob.data, blob.size);
	free(blob.data);
	return status;
}

enum parsec_status keystore_create(struct keystore *store, const struct key_identity *id,
				   const struct parsec_key_attributes *attrs,
				   uint8_t backend_id[PARSEC_BACKEND_ID_SIZE])
{
	struct kim_row row = { .key = *id, .attrs = *attrs };

	if (!store->plugin->ops->create)
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	uuid_generate_random(row.id);
	memcpy(backend_id, row.id, sizeof(row.id));
	return make(store, &row, NULL);
}

enum parsec_status keystore_import(struct keystore *store, const struct key_identity *id,
				   struct parsec_key_attributes *attrs,
				   struct parsec_span data,
				   uint8_t backend_id[PARSEC_BACKEND_ID_SIZE])
{
	struct kim_row row = { .key = *id, .attrs = *attrs };
	enum parsec_status status;

	if (!store->plugin->ops->import)
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	uuid_generate_random(row.id);
	memcpy(backend_id, row.id, sizeof(row.id));
	status = make(store, &row, &data);
	if (status == PARSEC_SUCCESS)
		attrs->bits = row.attrs.bits;
	return status;
}

/* Take the name from a live row, then remove the key */
static enum parsec_status destroy_row(struct keystore *store, struct kim_row *row)
{
	struct cached_key *loaded;
	enum parsec_status status;

	status = kim_bury(store->kim, row->id);
	if (status == PARSEC_KEY_INFO_MANAGER_ERROR)
		return status;
	loaded = forget(store, &row->key);
	keystore_step("buried");
	/* Else somebody else was faster, and is at it */
	if (status == PARSEC_SUCCESS)
		status = keystore_finish(store, row, loaded ? &loaded->key : NULL);
	key_cache_put(store->cache, loaded);
	if (status == PARSEC_SUCCESS)
		keystore_retry(store, false);
	return status;
}

void keystore_undo(struct keystore *store, const struct key_identity *id,
		   const uint8_t backend_id[PARSEC_BACKEND_ID_SIZE])
{
	enum parsec_status status;
	struct kim_row row;

	status = kim_get(store->kim, id, &row);
	if (status == PARSEC_SUCCESS) {
		if (!memcmp(row.id, backend_id, sizeof(row.id)))
			status = destroy_row(store, &row);
		kim_row_free(&row);
	}
	/* The row is as it was, and nobody else is going to ask for its end */
	if (status == PARSEC_KEY_INFO_MANAGER_ERROR)
		keystore_remember(store, backend_id);
}

enum parsec_status keystore_destroy(struct keystore *store, const struct key_identity *id)
{
	enum parsec_status status;
	struct kim_row row;

	status = kim_get(store->kim, id, &row);
	if (status == PARSEC_SUCCESS) {
		status = destroy_row(store, &row);
		kim_row_free(&row);
	}
	return status;
}

/* Read, decrypt and load a key; not in the cache yet */
static enum parsec_status load(struct keystore *store, const struct key_identity *id,
			       struct cached_key **result)
{
	struct cached_key *key = NULL;
	struct parsec_key_ref ref;
	enum parsec_status status;
	struct parsec_out blob;
	struct kim_row row;

	if (!store->plugin->ops->load)
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	status = kim_get(store->kim, id, &row);
	if (status != PARSEC_SUCCESS)
		return status;

	blob = (struct parsec_out){ malloc(row.sealed.len + 1), row.sealed.len, 0 };
	key = cached_key_alloc(id);
	if (!blob.data || !key) {
		status = PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
		goto out;
	}
	status = row_unseal(store->seal, &row, &blob);
	if (status == PARSEC_PSA_ERROR_DATA_CORRUPT)
		log_corrupt(store, &row);
	if (status != PARSEC_SUCCESS)
		goto out;
	key->key.attrs = row.attrs;
	memcpy(ref.id, row.id, sizeof(ref.id));
	ref.blob = (struct parsec_span){ blob.data, blob.len };
	plugin_enter(store->plugin, NULL);
	status = store->plugin->ops->load(store->plugin->ctx, &ref, &key->key.attrs,
					  &key->key.key);
	plugin_leave(store->plugin, NULL);
out:
	if (blob.data)
		OPENSSL_cleanse(blob.data, blob.size);
	free(blob.data);
	kim_row_free(&row);
	if (status != PARSEC_SUCCESS) {
		if (key)
			key->key.key = NULL;
		cached_key_free(store->cache, key);
		return status;
	}
	*result = key;
	return PARSEC_SUCCESS;
}

enum parsec_status keystore_get(struct keystore *store, const struct key_identity *id,
				struct keystore_key **result)
{
	struct cached_key *key;
	enum parsec_status status;
	uint64_t epoch;

	/* Once more each time that some name has changed its meaning meanwhile */
	while (!(key = key_cache_get(store->cache, id, &epoch))) {
		status = load(store, id, &key);
		if (status != PARSEC_SUCCESS)
			return status;
		key = key_cache_add(store->cache, key, epoch);
		if (key)
			break;
	}
	*result = &key->key;
	return PARSEC_SUCCESS;
}

void keystore_put(struct keystore *store, struct keystore_key *key)
{
	/* It is the first member */
	key_cache_put(store->cache, (struct cached_key *)key);
}

/* Does the row authenticate? Listing shows nothing that cannot be vouched for */
static enum parsec_status check_row(struct keystore *store, const struct kim_row *row)
{
	struct parsec_out blob = { malloc(row->sealed.len + 1), row->sealed.len, 0 };
	enum parsec_status status;

	if (!blob.data)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	status = row_unseal(store->seal, row, &blob);
	OPENSSL_cleanse(blob.data, blob.size);
	free(blob.data);
	return status;
}

enum parsec_status keystore_list(struct keystore *store, const struct key_identity *id,
				 enum parsec_status (*each)(void *arg, struct parsec_span name,
					const struct parsec_key_attributes *attrs),
				 void *arg)
{
	struct kim_row row = { .key = { .auth_id = id->auth_id, .app = id->app } }, next;
	enum parsec_status status;

	while ((status = kim_list(store->kim, &row.key, &next)) == PARSEC_SUCCESS) {
		kim_row_free(&row);
		row = next;
		status = check_row(store, &row);
		if (status == PARSEC_PSA_ERROR_DATA_CORRUPT) {
			log_corrupt(store, &row);
			continue;
		}
		if (status == PARSEC_SUCCESS)
			status = each(arg, row.key.name, &row.attrs);
		if (status != PARSEC_SUCCESS)
			break;
	}
	kim_row_free(&row);
	return status == PARSEC_PSA_ERROR_DOES_NOT_EXIST ? PARSEC_SUCCESS : status;
}

enum parsec_status keystore_list_apps(struct keystore *store, uint32_t auth_id,
				      enum parsec_status (*each)(void *arg,
								 struct parsec_span app),
				      void *arg)
{
	struct kim_row row = { .key = { .auth_id = auth_id } }, next;
	enum parsec_status status;

	while ((status = kim_next_app(store->kim, &row.key, &next)) == PARSEC_SUCCESS) {
		kim_row_free(&row);
		row = next;
		status = each(arg, row.key.app);
		if (status != PARSEC_SUCCESS)
			break;
	}
	kim_row_free(&row);
	return status == PARSEC_PSA_ERROR_DOES_NOT_EXIST ? PARSEC_SUCCESS : status;
}

enum parsec_status keystore_destroy_all(struct keystore *store,
					const struct key_identity *id)
{
	enum parsec_status status, first = PARSEC_SUCCESS;
	struct kim_row row = { .key = { .auth_id = id->auth_id, .app = id->app } }, next;

	/* Also rows that were changed from outside: they are removed as well */
	while ((status = kim_list(store->kim, &row.key, &next)) == PARSEC_SUCCESS) {
		kim_row_free(&row);
		row = next;
		status = keystore_destroy(store, &row.key);
		if (first == PARSEC_SUCCESS && status != PARSEC_PSA_ERROR_DOES_NOT_EXIST)
			first = status;
	}
	kim_row_free(&row);
	if (first != PARSEC_SUCCESS || status == PARSEC_PSA_ERROR_DOES_NOT_EXIST)
		return first;
	return status;
}
