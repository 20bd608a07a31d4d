// SPDX-License-Identifier: Apache-2.0
/*
 * Restarts, and many keys.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/provider-check/check.h"

static void restart(struct check *check)
{
	if (!fact(reopen(check), "it closes and opens again"))
		exit(tap_end());
}

/* A key of each row, made before a restart and used after it */
void check_restart(struct check *check)
{
	size_t count = check->plugin.caps.count;
	struct subject *subjects = calloc(count, sizeof(*subjects));
	struct material *known = calloc(count, sizeof(*known));
	bool *made = calloc(count, sizeof(*made));

	if (!subjects || !known || !made)
		abort();
	for (size_t i = 0; i < count; i++)
		made[i] = row_key(check, &check->plugin.caps.rows[i], &subjects[i], &known[i]);
	restart(check);
	for (size_t i = 0; i < count; i++) {
		const struct parsec_capability *row = &check->plugin.caps.rows[i];
		enum parsec_status status;
		bool good;

		if (!made[i])
			continue;
		status = subject_load(check, &subjects[i]);
		if (status)
			because("load: status %d", status);
		good = !status && exercise(check, &subjects[i], row, known[i].pkey);
		good = subject_destroy(check, &subjects[i]) == PARSEC_SUCCESS && good;
		fact(good, "%s: made before a restart and used after it",
		     name_of_key(row, row->bits[0]));
		material_free(&known[i]);
	}
	free(made);
	free(known);
	free(subjects);
}

/* The cheapest row that makes keys */
const struct parsec_capability *cheap_row(const struct check *check)
{
	static const uint8_t order[] = { PARSEC_KEY_TYPE_HMAC, PARSEC_KEY_TYPE_AES,
		PARSEC_KEY_TYPE_RAW_DATA, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 0 };

	for (size_t i = 0; i < ELEMENTS(order); i++) {
		for (size_t j = 0; j < check->plugin.caps.count; j++) {
			const struct parsec_capability *row = &check->plugin.caps.rows[j];

			if ((row->type == order[i] || !order[i]) &&
			    row->can & PARSEC_CAN_GENERATE)
				return row;
		}
	}
	return NULL;
}

/* Keys made before a restart work after it, and each can be destroyed, twice */
void check_many(struct check *check)
{
	const struct parsec_capability *row = cheap_row(check);
	size_t made = 0, used = 0, destroyed = 0;
	struct subject *subjects = calloc(check->keys + 1, sizeof(*subjects));

	if (!subjects)
		abort();
	if (!row) {
		free(subjects);
		return;
	}
	for (; made < check->keys; made++) {
		subject_init(&subjects[made], row, row->bits[0]);
		if (subject_create(check, &subjects[made]))
			break;
	}
	fact(made == check->keys, "%zu keys are made: %s", check->keys,
	     name_of_key(row, row->bits[0]));
	restart(check);
	row = cheap_row(check);
	for (size_t i = 0; i < made; i++) {
		if (subject_load(check, &subjects[i]) == PARSEC_SUCCESS)
			used += exercise(check, &subjects[i], row, NULL);
	}
	fact(used == made, "all of them are loaded and used after a restart");
	if (check->ops->list)
		fact(all_listed(check, subjects, made, true),
		     "all of them are listed, each of them once");
	for (size_t i = 0; i < made; i++)
		destroyed += subject_destroy(check, &subjects[i]) == PARSEC_SUCCESS;
	for (size_t i = 0; i < made; i++)
		destroyed += subject_destroy(check, &subjects[i]) == PARSEC_SUCCESS;
	fact(destroyed == 2 * made, "destroying them succeeds, and again when they are gone");
	if (check->ops->list)
		fact(all_listed(check, subjects, made, false), "none of them is listed then");
	free(subjects);
}
