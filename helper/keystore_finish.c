// SPDX-License-Identifier: Apache-2.0
/*
 * Ending keys: removing what has lost its name from the backend, now, later or at
 * the next start (the argument is in Documentation/key-store.rst).
 *
 * A row that cannot be finished off, because the backend is away or the disk full,
 * is remembered and tried again after the next change that succeeded but not more
 * often than every half minute, when its name is asked for, and at every start.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>

#include "helper/keystore_private.h"
#include "helper/log.h"

/* Decrypt a row's blob, for the provider; to be wiped and freed */
static enum parsec_status open_blob(struct keystore *store, const struct kim_row *row,
				    struct parsec_out *blob)
{
	enum parsec_status status;

	memset(blob, 0, sizeof(*blob));
	/* Not yet live, so the provider's answer was not stored; a live row has one */
	if (!row->sealed.len)
		return row->state == KIM_LIVE ? PARSEC_PSA_ERROR_DATA_CORRUPT :
						PARSEC_SUCCESS;

	blob->size = row->sealed.len;
	blob->data = malloc(blob->size);
	if (!blob->data)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	status = row_unseal(store->seal, row, blob);
	if (status != PARSEC_SUCCESS) {
		free(blob->data);
		memset(blob, 0, sizeof(*blob));
	}
	return status;
}

/* Call destroy() or exists() for a row; @blob is wiped and freed */
static enum parsec_status ask_provider(struct keystore *store, const struct kim_row *row,
				       enum parsec_status (*ask)(struct parsec_provider_ctx *,
								 const struct parsec_key_ref *),
				       struct keystore_key *loaded, struct parsec_out *blob)
{
	pthread_mutex_t *lock = loaded ? &loaded->lock : NULL;
	struct parsec_key_ref ref = { .blob = { blob->data, blob->len } };
	enum parsec_status status;

	memcpy(ref.id, row->id, sizeof(ref.id));
	plugin_enter(store->plugin, lock);
	status = ask(store->plugin->ctx, &ref);
	plugin_leave(store->plugin, lock);

	OPENSSL_cleanse(blob->data, blob->size);
	free(blob->data);
	return status;
}

/**
 * keystore_exists() - does the backend have the key of a row?
 *
 * Return: what the provider's exists() says; PARSEC_PSA_ERROR_DATA_CORRUPT when the row was
 * changed from outside, PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY.
 */
enum parsec_status keystore_exists(struct keystore *store, const struct kim_row *row)
{
	struct parsec_out blob;
	enum parsec_status status = open_blob(store, row, &blob);

	if (status != PARSEC_SUCCESS)
		return status;
	return ask_provider(store, row, store->plugin->ops->exists, NULL, &blob);
}

/**
 * keystore_finish() - remove the backend key of a row that nobody uses, and the row
 * @row:	as it was read; in the database a tombstone by now, or pending
 * @loaded:	the key as it was loaded, or NULL; somebody may still be using it
 *
 * When it cannot be done now it is remembered. A row that was changed from outside
 * is removed without asking the backend: whose key its id is nobody can tell.
 *
 * Return: PARSEC_SUCCESS, what the provider says, PARSEC_PSA_ERROR_DATA_CORRUPT.
 */
enum parsec_status keystore_finish(struct keystore *store, const struct kim_row *row,
				   struct keystore_key *loaded)
{
	enum parsec_status status;
	struct parsec_out blob;

	status = open_blob(store, row, &blob);
	if (status == PARSEC_PSA_ERROR_DATA_CORRUPT) {
		log_error("%s: a key that is removed was changed from outside; its backend key, "
			  "if there is one, stays", store->name);
		kim_remove(store->kim, row->id);
		return status;
	}
	if (status == PARSEC_SUCCESS)
		status = ask_provider(store, row, store->plugin->ops->destroy, loaded, &blob);
	keystore_step("destroyed");
	if (status != PARSEC_SUCCESS) {
		log_warning("%s: a key cannot be removed from the backend (status %d); it will "
			    "be tried again", store->name, status);
		/* Free the name of a key that never was */
		if (row->state == KIM_PENDING)
			kim_bury(store->kim, row->id);
		keystore_remember(store, row->id);
		return status;
	}
	if (kim_remove(store->kim, row->id) == PARSEC_KEY_INFO_MANAGER_ERROR)
		keystore_remember(store, row->id);
	keystore_step("removed");
	return status;
}

static int64_t now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/** keystore_remember() - a row to be finished later */
void keystore_remember(struct keystore *store, const uint8_t id[PARSEC_BACKEND_ID_SIZE])
{
	pthread_mutex_lock(&store->lock);
	if (store->unfinished_count < KEYSTORE_UNFINISHED_MAX)
		memcpy(store->unfinished[store->unfinished_count++], id,
		       PARSEC_BACKEND_ID_SIZE);
	store->retry_at = now_seconds() + KEYSTORE_RETRY_SECONDS;
	pthread_mutex_unlock(&store->lock);
}

/* One remembered row, whatever became of it */
static void retry_one(struct keystore *store, const uint8_t id[PARSEC_BACKEND_ID_SIZE])
{
	enum parsec_status status;
	struct kim_row row;

	memset(&row, 0, sizeof(row));
	status = kim_find(store->kim, id, &row);
	if (status == PARSEC_PSA_ERROR_DOES_NOT_EXIST)
		return;
	if (status == PARSEC_SUCCESS && row.state != KIM_DYING) {
		status = kim_bury(store->kim, id);
		key_cache_put(store->cache, key_cache_forget(store->cache, &row.key));
	}
	if (status == PARSEC_SUCCESS)
		keystore_finish(store, &row, NULL);
	else
		keystore_remember(store, id);
	kim_row_free(&row);
}

/**
 * keystore_retry() - try again what is remembered
 * @now:	without waiting for the pause to end
 *
 * Return: true when something was tried.
 */
bool keystore_retry(struct keystore *store, bool now)
{
	uint8_t ids[KEYSTORE_UNFINISHED_MAX][PARSEC_BACKEND_ID_SIZE];
	size_t count = 0;

	/* Taken out, so that each is worked on by one thread */
	pthread_mutex_lock(&store->lock);
	if (store->unfinished_count && (now || now_seconds() >= store->retry_at)) {
		count = store->unfinished_count;
		memcpy(ids, store->unfinished, count * PARSEC_BACKEND_ID_SIZE);
		store->unfinished_count = 0;
	}
	pthread_mutex_unlock(&store->lock);

	for (size_t i = 0; i < count; i++)
		retry_one(store, ids[i]);
	return count;
}

/* Rows that a death left pending or dying */
static enum parsec_status sweep_unfinished(struct keystore *store)
{
	enum parsec_status status;
	struct kim_row row = { 0 };
	size_t count = 0;

	while ((status = kim_next(store->kim, false, row.position, &row)) == PARSEC_SUCCESS) {
		keystore_finish(store, &row, NULL);
		kim_row_free(&row);
		count++;
	}
	store->swept.finished = count;
	if (count)
		log_info("%s: finished %zu keys that were being made or removed when the helper "
			 "ended", store->name, count);
	return status == PARSEC_PSA_ERROR_DOES_NOT_EXIST ? PARSEC_SUCCESS : status;
}

/*
 * Live rows whose backend key is gone lose their name. Their ids are collected first,
 * so that a backend which fails halfway has been asked about everything before
 * anything is removed.
 */
static enum parsec_status collect_gone(struct keystore *store,
				       uint8_t (**gone)[PARSEC_BACKEND_ID_SIZE],
				       size_t *count)
{
	size_t size = 0, unknown = 0, corrupt = 0;
	struct kim_row row = { 0 };
	enum parsec_status status, answer;

	while ((status = kim_next(store->kim, true, row.position, &row)) == PARSEC_SUCCESS) {
		answer = keystore_exists(store, &row);
		if (answer == PARSEC_PSA_ERROR_DOES_NOT_EXIST && *count == size) {
			void *more = realloc(*gone, (size = 2 * size + 16) * sizeof(**gone));

			if (!more) {
				kim_row_free(&row);
				return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
			}
			*gone = more;
		}
		if (answer == PARSEC_PSA_ERROR_DOES_NOT_EXIST)
			memcpy((*gone)[(*count)++], row.id, sizeof(row.id));
		else if (answer == PARSEC_PSA_ERROR_DATA_CORRUPT)
			corrupt++;
		else if (answer != PARSEC_SUCCESS)
			unknown++;
		kim_row_free(&row);
	}
	store->swept.corrupt = corrupt;
	if (corrupt)
		log_error("%s: %zu keys were changed from outside and cannot be used",
			  store->name, corrupt);
	if (unknown)
		log_warning("%s: the backend cannot tell whether it has %zu keys; they stay",
			    store->name, unknown);
	return status == PARSEC_PSA_ERROR_DOES_NOT_EXIST ? PARSEC_SUCCESS : status;
}

static enum parsec_status sweep_live(struct keystore *store)
{
	uint8_t (*gone)[PARSEC_BACKEND_ID_SIZE] = NULL;
	enum parsec_status status;
	size_t count = 0;

	status = collect_gone(store, &gone, &count);
	for (size_t i = 0; status == PARSEC_SUCCESS && i < count; i++) {
		status = kim_bury(store->kim, gone[i]);
		if (status == PARSEC_SUCCESS)
			status = kim_remove(store->kim, gone[i]);
	}
	if (status == PARSEC_SUCCESS)
		store->swept.gone = count;
	if (count && status == PARSEC_SUCCESS)
		log_warning("%s: removed the names of %zu keys that the backend does not have",
			    store->name, count);
	free(gone);
	return status == PARSEC_SUCCESS ? status : PARSEC_KEY_INFO_MANAGER_ERROR;
}

/**
 * keystore_sweep() - finish what a death left, before anybody uses the store
 *
 * A backend that is away does not stop the start; a database that fails does.
 */
enum parsec_status keystore_sweep(struct keystore *store)
{
	enum parsec_status status = sweep_unfinished(store);

	if (status == PARSEC_SUCCESS && store->backend_keeps)
		status = sweep_live(store);
	return status;
}
