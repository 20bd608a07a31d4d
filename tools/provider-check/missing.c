// SPDX-License-Identifier: Apache-2.0
/*
 * Keys that are not there, and blobs that are not what create() handed back: the host may
 * have died before it stored one, or a backend may have been emptied behind its back.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/provider-check/check.h"

static enum parsec_status key_exists(struct check *check, const struct subject *subject)
{
	struct subject copy = *subject;

	return subject_exists(check, &copy);
}

/* Loading it fails with a status, or gives a key whose uses come to an end */
static bool is_harmless(struct check *check, const struct subject *original, uint8_t *blob,
			size_t len, struct plan *plan, const char *what)
{
	struct subject subject = *original;
	enum parsec_status status;
	uint8_t out[ROOM];
	bool good;
	size_t got;

	subject.blob = blob;
	subject.blob_len = len;
	subject.key = NULL;
	status = subject_load(check, &subject);
	good = is_status(status);
	for (size_t i = 0; !status && i < plan->count; i++) {
		const struct step *step = &plan->steps[i];

		good &= is_status(run(check, &subject, step->primitive, &step->input, out, ROOM,
				      &got));
	}
	subject_unload(check, &subject);
	if (check->ops->exists)
		good &= is_status(subject_exists(check, &subject));
	if (!good)
		because("%s: load: status %d", what, status);
	return good;
}

/* Of a key and of another one of the same row */
static bool bad_blobs(struct check *check, const struct subject *key, const struct subject *other,
		      struct plan *plan)
{
	size_t len = key->blob_len;
	uint8_t *blob = malloc(PARSEC_BLOB_MAX + 1);
	struct subject wrong = *key;
	bool good = true;

	if (!blob)
		abort();
	for (size_t i = 0; i < 6 && len; i++) {
		size_t cut = i == 0 ? 0 : i == 1 ? 1 : i == 2 ? len / 2 : i == 3 ? len - 1 :
			     i == 4 ? len + 1 : PARSEC_BLOB_MAX;

		memset(blob, 0xa5, PARSEC_BLOB_MAX);
		memcpy(blob, key->blob, cut < len ? cut : len);
		good &= is_harmless(check, key, blob, cut, plan, "a blob of another length");
	}
	for (size_t i = 0; i < 3 && len; i++) {
		memset(blob, 0xff, len);
		if (i == 0)
			memset(blob, 0, len);
		if (i == 1)
			fill(check, blob, len);
		good &= is_harmless(check, key, blob, len, plan, "a foreign blob");
	}
	for (size_t at = 0; at < len; at += len / 16 + 1) {
		memcpy(blob, key->blob, len);
		blob[at] ^= 1;
		good &= is_harmless(check, key, blob, len, plan, "a changed blob");
	}
	good &= is_harmless(check, key, other->blob, other->blob_len, plan, "another key's blob");
	wrong.attrs.bits = key->attrs.bits + 8;
	good &= is_harmless(check, &wrong, key->blob, len, plan, "the blob of another size");
	free(blob);
	return good;
}

/* An id that no key has, and nothing else */
static bool never_was(struct check *check, const struct subject *like)
{
	struct subject never = *like;
	enum parsec_status status;
	bool good;

	fill(check, never.id, sizeof(never.id));
	never.blob = NULL;
	never.blob_len = 0;
	never.key = NULL;
	status = subject_load(check, &never);
	good = status && is_status(status);
	subject_unload(check, &never);
	if (!good)
		because("load of what never was: status %d", status);
	if (check->ops->exists) {
		status = subject_exists(check, &never);
		if (status != PARSEC_PSA_ERROR_DOES_NOT_EXIST)
			because("exists of what never was: status %d", status);
		good &= status == PARSEC_PSA_ERROR_DOES_NOT_EXIST;
	}
	status = subject_destroy(check, &never);
	if (status)
		because("destroy of what never was: status %d", status);
	return good && !status;
}

/* A backend that keeps keys knows which it has */
static bool came_and_went(struct check *check, struct subject *key)
{
	uint8_t *blob = malloc(key->blob_len + 1);
	struct subject gone;
	enum parsec_status before = key_exists(check, key), after, load, again;

	if (!blob)
		abort();
	if (key->blob_len)
		memcpy(blob, key->blob, key->blob_len);
	gone = *key;
	gone.blob = blob;
	gone.key = NULL;
	subject_destroy(check, key);
	after = key_exists(check, &gone);
	load = subject_load(check, &gone);
	subject_unload(check, &gone);
	/* The blob is freed here, not by the destroy */
	gone.blob = NULL;
	gone.blob_len = 0;
	again = subject_destroy(check, &gone);
	free(blob);
	if (!before && after == PARSEC_PSA_ERROR_DOES_NOT_EXIST && load && is_status(load) &&
	    !again)
		return true;
	because("exists %d, destroyed: exists %d, load %d, destroy %d", before, after, load,
		again);
	return false;
}

void check_missing(struct check *check)
{
	for (size_t i = 0; i < check->plugin.caps.count; i++) {
		const struct parsec_capability *row = &check->plugin.caps.rows[i];
		struct subject key, other;
		struct material known[2];
		struct plan *plan = NULL;

		if ((like_before(check, i) && !check->full) ||
		    !row_key(check, row, &key, &known[0]))
			continue;
		if (!subject_load(check, &key))
			plan = plan_make(check, &key, row, known[0].pkey);
		subject_unload(check, &key);
		if (plan && row_key(check, row, &other, &known[1])) {
			fact(never_was(check, &key), "%s: one that never was is not there",
			     name_of_key(row, row->bits[0]));
			fact(bad_blobs(check, &key, &other, plan),
			     "%s: wrong blobs do no harm", name_of_key(row, row->bits[0]));
			if (check->ops->exists)
				fact(came_and_went(check, &other),
				     "%s: exists until it is destroyed",
				     name_of_key(row, row->bits[0]));
			else
				subject_destroy(check, &other);
			material_free(&known[1]);
		}
		plan_free(plan);
		subject_destroy(check, &key);
		material_free(&known[0]);
	}
}
