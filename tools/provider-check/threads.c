// SPDX-License-Identifier: Apache-2.0
/*
 * Many threads, held to the concurrency that the provider has declared.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/provider-check/check.h"

#define THREADS		4
#define KEYS		2
#define ROUNDS		20

struct worker {
	pthread_t thread;
	struct check *check;
	const struct parsec_capability *row;
	struct subject *subject;
	struct plan *plan;
	int rounds;
	bool good;
};

static void *hammer(void *arg)
{
	struct worker *worker = arg;

	worker->good = true;
	for (int i = 0; i < worker->rounds; i++)
		worker->good &= plan_run(worker->check, worker->plan, worker->subject);
	return NULL;
}

/* Keys come and go meanwhile */
static void *churn(void *arg)
{
	struct worker *worker = arg;
	struct subject subject;

	worker->good = true;
	for (int i = 0; i < worker->rounds; i++) {
		subject_init(&subject, worker->row, worker->row->bits[0]);
		if (subject_create(worker->check, &subject)) {
			worker->good = false;
			continue;
		}
		worker->good &= !subject_load(worker->check, &subject);
		worker->good &= !subject_destroy(worker->check, &subject);
	}
	return NULL;
}

static bool all_together(struct worker *workers, size_t count)
{
	bool good = true;

	for (size_t i = 0; i < count; i++) {
		if (pthread_create(&workers[i].thread, NULL, workers[i].plan ? hammer : churn,
				   &workers[i]))
			abort();
	}
	for (size_t i = 0; i < count; i++) {
		pthread_join(workers[i].thread, NULL);
		good &= workers[i].good;
	}
	return good;
}

/* Two keys of a row and what they can be used for */
struct keys {
	struct subject subjects[KEYS];
	struct material known[KEYS];
	struct plan *plans[KEYS];
	size_t count;
};

static bool keys_make(struct check *check, const struct parsec_capability *row,
		      struct keys *keys)
{
	memset(keys, 0, sizeof(*keys));
	while (keys->count < KEYS) {
		size_t i = keys->count;

		if (!row_key(check, row, &keys->subjects[i], &keys->known[i]))
			return false;
		keys->count++;
		if (!subject_load(check, &keys->subjects[i]))
			keys->plans[i] = plan_make(check, &keys->subjects[i], row,
						   keys->known[i].pkey);
		if (!keys->plans[i])
			return false;
	}
	return true;
}

static bool keys_destroy(struct check *check, struct keys *keys)
{
	bool good = true;

	for (size_t i = 0; i < keys->count; i++) {
		plan_free(keys->plans[i]);
		material_free(&keys->known[i]);
		good &= !subject_destroy(check, &keys->subjects[i]);
	}
	return good;
}

static size_t workers_for(struct check *check, const struct parsec_capability *row, int rounds,
			  struct keys *keys, struct worker *workers)
{
	for (size_t i = 0; i < THREADS; i++)
		workers[i] = (struct worker){ .check = check, .row = row, .rounds = rounds,
			.subject = &keys->subjects[i % KEYS], .plan = keys->plans[i % KEYS] };
	return THREADS;
}

/* Two keys, each by two threads, through the gate, while a fifth makes and destroys more */
static bool row_threads(struct check *check, const struct parsec_capability *row,
			struct keys *keys)
{
	const int rounds = check->quick ? ROUNDS / 4 : ROUNDS;
	struct worker workers[THREADS + 1];
	bool good = keys_make(check, row, keys);
	size_t count;

	if (good) {
		count = workers_for(check, row, is_slow(row) ? ROUNDS / 4 : rounds, keys, workers);
		if (row->can & PARSEC_CAN_GENERATE && !is_slow(row))
			workers[count++] = (struct worker){ .check = check, .row = row,
							    .rounds = rounds };
		good = all_together(workers, count);
	}
	return keys_destroy(check, keys) && good;
}

void check_threads(struct check *check)
{
	static struct keys keys;

	for (size_t i = 0; i < check->plugin.caps.count; i++) {
		const struct parsec_capability *row = &check->plugin.caps.rows[i];

		if (like_before(check, i) && !check->full)
			continue;
		fact(row_threads(check, row, &keys), "%s: threads get the right results",
		     name_of_key(row, row->bits[0]));
	}
}

/* Calls at a time of four threads with two keys: in all, and of one key */
static const struct {
	const char *words;
	int all;
	int key;
} limits[] = {
	[PARSEC_CONCURRENCY_NONE] = { "one call at a time", 1, 1 },
	[PARSEC_CONCURRENCY_PER_KEY] = { "one call at a time for each key", KEYS, 1 },
	[PARSEC_CONCURRENCY_FULL] = { "any number of calls at a time", THREADS,
				      THREADS / KEYS },
};

/* As many calls as declared are let in together, and no more */
void check_gate(struct check *check)
{
	const int all = limits[check->plugin.caps.concurrency].all;
	const int key = limits[check->plugin.caps.concurrency].key;
	struct worker workers[THREADS];
	static struct keys keys;
	bool made = false, good = true;

	for (size_t i = 0; !made && i < check->plugin.caps.count; i++) {
		made = keys_make(check, &check->plugin.caps.rows[i], &keys) &&
		       keys.plans[0]->count;
		if (!made)
			keys_destroy(check, &keys);
	}
	if (!made)
		return;
	workers_for(check, NULL, 1, &keys, workers);
	check->census.meet = all;
	/* The results are for check_threads() */
	all_together(workers, THREADS);
	check->census.meet = 0;
	if (check->census.most != all)
		because("%d calls at a time", check->census.most);
	for (size_t i = 0; i < KEYS; i++) {
		if (keys.subjects[i].most > key)
			because("%d calls at a time with one key", keys.subjects[i].most);
		good &= keys.subjects[i].most <= key;
	}
	fact(good && check->census.most == all, "the host lets in what is declared: %s",
	     limits[check->plugin.caps.concurrency].words);
	keys_destroy(check, &keys);
}
