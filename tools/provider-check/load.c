// SPDX-License-Identifier: Apache-2.0
/*
 * Many keys, many threads, and a restart in between.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/provider-check/check.h"

#define THREADS		4
#define ROUNDS		50

static uint32_t can_use(const struct parsec_capability *row)
{
	return row->can & (PARSEC_CAN_SIGN | PARSEC_CAN_EXPORT);
}

/* Something short that any key of the row can do */
static bool use(struct check *check, struct subject *subject)
{
	static const uint8_t bytes[PARSEC_HASH_SIZE_MAX] = "a message";
	struct input input = { .alg = subject->attrs.alg, .text = { bytes, 32 } };
	enum primitive primitive = EXPORT;
	uint8_t out[ROOM];
	size_t len = 0;

	if (subject->attrs.alg.kind == PARSEC_ALG_MAC)
		primitive = MAC;
	return run(check, subject, primitive, &input, out, sizeof(out), &len) ==
		       PARSEC_SUCCESS && len;
}

static bool make(struct check *check, const struct parsec_capability *row,
		 struct subject *subject)
{
	memset(subject, 0, sizeof(*subject));
	subject->attrs.type = row->type;
	subject->attrs.family = row->family;
	subject->attrs.bits = row->bits[0];
	subject->attrs.alg = alg_of(row);
	subject->attrs.usage = PARSEC_USAGE_ALL;
	return subject_create(check, subject) == PARSEC_SUCCESS;
}

/* Keys made before a restart work after it, and each can be destroyed, twice */
void check_many(struct check *check, const struct parsec_capability *row)
{
	size_t count = check->full ? 1000 : 200, made = 0, used = 0, destroyed = 0;
	struct subject *subjects = calloc(count, sizeof(*subjects));

	if (!subjects || !can_use(row)) {
		free(subjects);
		return;
	}
	while (made < count && make(check, row, &subjects[made]))
		made++;
	fact(made == count, "%zu keys are made: %s", count, name_of_key(row, row->bits[0]));
	if (!fact(reopen(check), "it closes and opens again")) {
		free(subjects);
		exit(tap_end());
	}
	for (size_t i = 0; i < made; i++) {
		if (subject_load(check, &subjects[i]) == PARSEC_SUCCESS)
			used += use(check, &subjects[i]);
	}
	fact(used == made, "keys made before a restart are loaded and used after it");
	for (size_t i = 0; i < made; i++)
		destroyed += subject_destroy(check, &subjects[i]) == PARSEC_SUCCESS;
	for (size_t i = 0; i < made; i++)
		destroyed += subject_destroy(check, &subjects[i]) == PARSEC_SUCCESS;
	fact(destroyed == 2 * made, "destroying them succeeds, and again when they are gone");
	free(subjects);
}

struct worker {
	pthread_t thread;
	struct check *check;
	struct subject *subject;
	const uint8_t *expected;
	size_t expected_len;
	bool failed;
};

static void *hammer(void *arg)
{
	static const uint8_t bytes[32] = "a message";
	struct worker *worker = arg;
	struct input input = { .alg = worker->subject->attrs.alg, .text = { bytes, 32 } };
	enum primitive primitive = worker->subject->attrs.alg.kind == PARSEC_ALG_MAC ?
					   MAC : EXPORT;
	uint8_t out[ROOM];
	size_t len;

	for (int i = 0; i < ROUNDS; i++) {
		if (run(worker->check, worker->subject, primitive, &input, out, sizeof(out),
			&len) != PARSEC_SUCCESS || len != worker->expected_len ||
		    memcmp(out, worker->expected, len))
			worker->failed = true;
	}
	return NULL;
}

/* Two keys, each by two threads, through the gate: each result is the one of one thread */
void check_threads(struct check *check, const struct parsec_capability *row)
{
	static const char *const words[] = { "one at a time", "one per key", "any number" };
	static const uint8_t bytes[32] = "a message";
	struct worker workers[THREADS] = { 0 };
	struct subject subjects[2];
	uint8_t expected[2][ROOM];
	size_t len[2];
	bool good = true;

	if (!can_use(row))
		return;
	for (int i = 0; i < 2; i++) {
		struct input input = { .alg = alg_of(row), .text = { bytes, 32 } };

		if (!make(check, row, &subjects[i]) ||
		    subject_load(check, &subjects[i]) != PARSEC_SUCCESS ||
		    run(check, &subjects[i], row->alg_kind == PARSEC_ALG_MAC ? MAC : EXPORT,
			&input, expected[i], ROOM, &len[i]) != PARSEC_SUCCESS) {
			fact(false, "a key for threads");
			return;
		}
	}
	for (int i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){ .check = check, .subject = &subjects[i % 2],
			.expected = expected[i % 2], .expected_len = len[i % 2] };
		if (pthread_create(&workers[i].thread, NULL, hammer, &workers[i]))
			abort();
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		good &= !workers[i].failed;
	}
	fact(good, "%d threads get the right results, as declared: %s", THREADS,
	     words[check->plugin.caps.concurrency]);
	subject_destroy(check, &subjects[0]);
	subject_destroy(check, &subjects[1]);
}
