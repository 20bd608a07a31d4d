// SPDX-License-Identifier: Apache-2.0
/*
 * Names and backend keys against each other, for whoever wants to know whether they agree.
 * Nothing is changed.
 *
 * The store and the backend cannot be looked at in one moment, and keys come and go. A row
 * is there before its key is made and until after it is destroyed, and ids are never used
 * again. So what seems to be missing is so if its row is still live afterwards, and what
 * seems to be a stranger is one if it is still there after no row was found.
 */
#include <stdlib.h>
#include <string.h>

#include "helper/clock.h"
#include "helper/keystore_private.h"

/**
 * struct comparing - a comparison under way
 * @store:	the store
 * @sink:	who is told
 * @end:	when to ask for nothing any more, clock_ns()
 * @result:	so far
 * @ids:	what the backend has
 * @id_count:	how many
 * @room:	for how many
 */
struct comparing {
	struct keystore *store;
	const struct keystore_compare_sink *sink;
	uint64_t end;
	struct keystore_comparison *result;
	uint8_t (*ids)[PARSEC_BACKEND_ID_SIZE];
	size_t id_count;
	size_t room;
};

static bool is_late(const struct comparing *comparing)
{
	return clock_ns() >= comparing->end;
}

/* Nobody has taken the name from the row meanwhile */
static enum parsec_status still_live(struct keystore *store, const struct kim_row *row,
				     bool *live)
{
	struct kim_row now;
	enum parsec_status status = kim_find(store->kim, row->id, &now);

	*live = status == PARSEC_SUCCESS && now.state == KIM_LIVE;
	if (status == PARSEC_SUCCESS)
		kim_row_free(&now);
	return status == PARSEC_PSA_ERROR_DOES_NOT_EXIST ? PARSEC_SUCCESS : status;
}

static enum parsec_status compare_row(const struct comparing *comparing,
				      const struct kim_row *row)
{
	struct keystore_comparison *result = comparing->result;
	enum parsec_status status = PARSEC_SUCCESS, answer;
	bool live = true;

	answer = is_late(comparing) ? PARSEC_PSA_ERROR_GENERIC_ERROR :
				      keystore_exists(comparing->store, row);
	if (answer == PARSEC_PSA_ERROR_DOES_NOT_EXIST)
		status = still_live(comparing->store, row, &live);
	if (status != PARSEC_SUCCESS || !live)
		return status;
	result->keys++;
	if (answer == PARSEC_PSA_ERROR_DOES_NOT_EXIST) {
		result->missing++;
		comparing->sink->missing(comparing->sink->arg, &row->key, row->id);
	} else if (answer != PARSEC_SUCCESS) {
		result->unknown++;
	}
	return PARSEC_SUCCESS;
}

static enum parsec_status compare_rows(const struct comparing *comparing)
{
	struct kim *kim = comparing->store->kim;
	struct kim_row row = { 0 };
	enum parsec_status status;

	while ((status = kim_next(kim, true, row.position, &row)) == PARSEC_SUCCESS) {
		status = compare_row(comparing, &row);
		kim_row_free(&row);
		if (status != PARSEC_SUCCESS)
			return status;
	}
	return status == PARSEC_PSA_ERROR_DOES_NOT_EXIST ? PARSEC_SUCCESS : status;
}

static enum parsec_status take_id(void *arg, const uint8_t id[PARSEC_BACKEND_ID_SIZE])
{
	struct comparing *comparing = arg;

	if (comparing->id_count == comparing->room) {
		size_t room = 2 * comparing->room + 256;
		void *more = realloc(comparing->ids, room * sizeof(*comparing->ids));

		if (!more)
			return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
		comparing->ids = more;
		comparing->room = room;
	}
	memcpy(comparing->ids[comparing->id_count++], id, PARSEC_BACKEND_ID_SIZE);
	return PARSEC_SUCCESS;
}

/* All of it before the first row is looked for: the provider is not called from within a call */
static enum parsec_status list_backend(struct comparing *comparing)
{
	struct plugin *plugin = comparing->store->plugin;
	enum parsec_status status;

	plugin_enter(plugin, NULL);
	status = plugin->ops->list(plugin->ctx, take_id, comparing);
	plugin_leave(plugin, NULL);
	return status;
}

/* A backend key that no row is about: is it still there? */
static void judge_stranger(const struct comparing *comparing,
			   const uint8_t id[PARSEC_BACKEND_ID_SIZE])
{
	struct keystore_comparison *result = comparing->result;
	struct kim_row row = { .state = KIM_PENDING };
	enum parsec_status answer;

	memcpy(row.id, id, sizeof(row.id));
	answer = is_late(comparing) ? PARSEC_PSA_ERROR_GENERIC_ERROR :
				      keystore_exists(comparing->store, &row);
	if (answer == PARSEC_SUCCESS) {
		result->strangers++;
		comparing->sink->stranger(comparing->sink->arg, id);
	} else if (answer != PARSEC_PSA_ERROR_DOES_NOT_EXIST) {
		result->unknown++;
	}
}

static enum parsec_status compare_ids(const struct comparing *comparing)
{
	enum parsec_status status = PARSEC_SUCCESS;
	struct kim_row row;

	for (size_t i = 0; status == PARSEC_SUCCESS && i < comparing->id_count; i++) {
		status = kim_find(comparing->store->kim, comparing->ids[i], &row);
		if (status == PARSEC_SUCCESS) {
			kim_row_free(&row);
		} else if (status == PARSEC_PSA_ERROR_DOES_NOT_EXIST) {
			judge_stranger(comparing, comparing->ids[i]);
			status = PARSEC_SUCCESS;
		}
	}
	return status;
}

enum parsec_status keystore_compare(struct keystore *store, unsigned int seconds,
				    const struct keystore_compare_sink *sink,
				    struct keystore_comparison *comparison)
{
	struct comparing comparing = {
		.store = store, .sink = sink, .result = comparison,
		.end = clock_ns() + seconds * UINT64_C(1000000000),
	};
	enum parsec_status status = PARSEC_SUCCESS;

	*comparison = (struct keystore_comparison){ .lists = store->plugin->ops->list };
	if (!store->backend_keeps)
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	/* First: a backend that is away is asked one thing, and not about each key */
	if (comparison->lists)
		status = list_backend(&comparing);
	if (status == PARSEC_SUCCESS)
		status = compare_rows(&comparing);
	if (status == PARSEC_SUCCESS)
		status = compare_ids(&comparing);
	free(comparing.ids);
	return status;
}
