// SPDX-License-Identifier: Apache-2.0
/*
 * What list() says of keys that are there, and of those that are not.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/provider-check/check.h"

/* Looked for in a list */
struct wanted {
	const uint8_t *id;
	size_t times;
};

static enum parsec_status count_id(void *arg, const uint8_t id[PARSEC_BACKEND_ID_SIZE])
{
	struct wanted *wanted = arg;

	wanted->times += !memcmp(wanted->id, id, PARSEC_BACKEND_ID_SIZE);
	return PARSEC_SUCCESS;
}

/* @times: how often the id is in the list */
enum parsec_status times_listed(struct check *check, const uint8_t id[PARSEC_BACKEND_ID_SIZE],
				size_t *times)
{
	struct wanted wanted = { .id = id };
	enum parsec_status status = list_keys(check, count_id, &wanted);

	*times = wanted.times;
	return status;
}

/* Keys that are to be in a list, and how often each was */
struct many {
	const struct subject *subjects;
	size_t count;
	size_t *times;
};

static enum parsec_status count_one(void *arg, const uint8_t id[PARSEC_BACKEND_ID_SIZE])
{
	struct many *many = arg;

	for (size_t i = 0; i < many->count; i++)
		many->times[i] += !memcmp(many->subjects[i].id, id, PARSEC_BACKEND_ID_SIZE);
	return PARSEC_SUCCESS;
}

/* Of all keys one list only. @there: each of them is to be in it once, else none of them */
bool all_listed(struct check *check, const struct subject *subjects, size_t count, bool there)
{
	struct many many = { subjects, count, calloc(count + 1, sizeof(*many.times)) };
	enum parsec_status status;
	bool good;

	if (!many.times)
		abort();
	status = list_keys(check, count_one, &many);
	if (status)
		because("list: status %d", status);
	good = !status;
	for (size_t i = 0; good && i < count; i++) {
		good = many.times[i] == (there ? 1 : 0);
		if (!good)
			because("key %zu of %zu is listed %zu times", i, count, many.times[i]);
	}
	free(many.times);
	return good;
}

static bool listed_while_there(struct check *check, const struct parsec_capability *row)
{
	static struct material known;
	struct subject subject;
	bool good;

	if (!row_key(check, row, &subject, &known))
		return false;
	good = all_listed(check, &subject, 1, true);
	good &= subject_destroy(check, &subject) == PARSEC_SUCCESS;
	good &= all_listed(check, &subject, 1, false);
	material_free(&known);
	return good;
}

static enum parsec_status stop_there(void *arg, const uint8_t id[PARSEC_BACKEND_ID_SIZE])
{
	(void)id;
	++*(size_t *)arg;
	return PARSEC_PSA_ERROR_BAD_STATE;
}

/* Of two keys it says one only when it is told to stop there */
static bool stops(struct check *check, const struct parsec_capability *row)
{
	static struct material known[2];
	struct subject subjects[2];
	enum parsec_status status = PARSEC_SUCCESS;
	size_t made = 0, calls = 0;

	while (made < 2 && row_key(check, row, &subjects[made], &known[made]))
		made++;
	if (made == 2)
		status = list_keys(check, stop_there, &calls);
	for (size_t i = 0; i < made; i++) {
		subject_destroy(check, &subjects[i]);
		material_free(&known[i]);
	}
	if (status == PARSEC_PSA_ERROR_BAD_STATE && calls == 1)
		return true;
	because("%zu keys, of which it says %zu; status %d", made, calls, status);
	return false;
}

void check_list(struct check *check)
{
	const struct parsec_capability *cheap = cheap_row(check);

	if (!check->ops->list)
		return;
	for (size_t i = 0; i < check->plugin.caps.count; i++) {
		const struct parsec_capability *row = &check->plugin.caps.rows[i];

		if (!like_before(check, i) || check->full)
			fact(listed_while_there(check, row), "%s: listed until it is destroyed",
			     name_of_key(row, row->bits[0]));
	}
	if (cheap)
		fact(stops(check, cheap), "a list ends where it is to end");
}
