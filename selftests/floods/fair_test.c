// SPDX-License-Identifier: Apache-2.0
/*
 * Fairness of the whole service: identities that flood a provider with slow operations, and one
 * that wants signatures. To be run in a machine of one processor whose
 * clock counts instructions: what else the host does changes no result.
 */
#include <stdio.h>

#include "selftests/device/device.h"
#include "selftests/device/fakehost.h"
#include "selftests/floods/crowd.h"
#include "selftests/floods/table.h"
#include "selftests/floods/watch.h"
#include "kselftest_harness.h"

#define VICTIM		3000	/* users; the floods' are above */
#define FLOODS		16
#define THREADS		64
/* Signatures of which the 99th percentile is taken */
#define SIGNATURES	500
/* From one to the next. An application that did nothing but sign would want a processor of its
 * own, and have only its part of the one that there is
 */
#define PAUSE_US	2000
/* Requests that are served for each identity while shares are counted */
#define TURNS		40

FIXTURE(fair) {
	struct host eye;
	struct crowd *floods[FLOODS];
	struct crowd *victim;
};

typedef FIXTURE_DATA(fair) setting;

FIXTURE_SETUP(fair)
{
	ASSERT_EQ(0, host_open(&self->eye));
	ASSERT_TRUE(watch_await_idle(&self->eye));
}

static void end_all(setting *self)
{
	for (unsigned int i = 0; i < FLOODS; i++) {
		crowd_end(self->floods[i]);
		self->floods[i] = NULL;
	}
	crowd_end(self->victim);
	self->victim = NULL;
}

FIXTURE_TEARDOWN(fair)
{
	end_all(self);
	host_close(&self->eye);
}

/* Those of a user that wait or are at the host are so many, or will be */
static bool await_asked(setting *self, uid_t uid, unsigned int wanted)
{
	const int64_t end = clock_ms() + WAIT_MS;

	while (clock_ms() < end) {
		const uint64_t *of = host_account(watch_stats(&self->eye), uid);

		if (of && of[PARSEC_A_ASTAT_WAITING] + of[PARSEC_A_ASTAT_RUNNING] >= wanted)
			return true;
		sleep_ms(5);
	}
	return false;
}

/* Return: whether it has begun and all its threads have something to wait for */
static bool start(setting *self, struct crowd **crowd, const struct crowd_plan *plan)
{
	*crowd = crowd_prepare(plan);
	if ((*crowd)->trouble)
		return false;
	crowd_go(*crowd);
	return await_asked(self, plan->uid, plan->threads - plan->threads / 8);
}

/* 99 of 100 signatures take so many ns at most, while others make keys; 0: trouble */
static uint64_t percentile(setting *self, unsigned int threads)
{
	const struct crowd_plan flood = {
		.uid = VICTIM + 1, .task = CROWD_RSA_KEY, .threads = threads,
	};
	uint64_t ns = 0;

	self->victim = crowd_prepare(&(struct crowd_plan){
		.uid = VICTIM, .task = CROWD_SIGN, .threads = 1, .calls = SIGNATURES,
		.pause_us = PAUSE_US });
	if (self->victim->trouble || (threads && !start(self, &self->floods[0], &flood)))
		return 0;
	crowd_go(self->victim);
	if (crowd_join(self->victim, WAIT_MS) && self->victim->answered == SIGNATURES)
		ns = crowd_percentile(self->victim, 99);
	end_all(self);
	return watch_await_idle(&self->eye) ? ns : 0;
}

TEST_F_TIMEOUT(fair, more_threads_do_not_make_others_wait, 500)
{
	uint64_t alone = percentile(self, 0);
	uint64_t one = percentile(self, 1);
	uint64_t many = percentile(self, THREADS);

	ASSERT_NE(0, alone);
	ASSERT_NE(0, one);
	ASSERT_NE(0, many);
	TH_LOG("99 of 100 signatures: %lu us alone, %lu us with 1 thread, %lu us with %u",
	       alone / 1000, one / 1000, many / 1000, THREADS);
	EXPECT_LE(many, 2 * one) TH_LOG("%lu us, not %lu", many / 1000, one / 1000);
	table_row("one, %u threads, RSA keys\ttime of 99 of 100 signatures\t"
		  "2 times that with 1 thread\t%s", THREADS, many <= 2 * one ? "kept" : "BROKEN");
}

/* All of them have more waiting than they can get */
static bool start_all(setting *self, unsigned int floods)
{
	struct crowd_plan plan = { .uid = VICTIM, .task = CROWD_RSA_SIGN, .threads = THREADS };

	if (!start(self, &self->victim, &plan))
		return false;
	for (unsigned int i = 0; i < floods; i++) {
		plan.uid = VICTIM + 1 + i;
		if (!start(self, &self->floods[i], &plan))
			return false;
	}
	return true;
}

/* Answers that one of them has had */
static uint64_t served(const struct host_stats *stats, unsigned int user)
{
	const uint64_t *of = host_account(stats, VICTIM + user);

	return of ? of[PARSEC_A_ASTAT_DONE] : 0;
}

static uint64_t served_all(const struct host_stats *stats, unsigned int floods)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i <= floods; i++)
		sum += served(stats, i);
	return sum;
}

/* The victim's part of what is served, in percent of what is fair; -1: trouble */
static int share(setting *self, unsigned int floods)
{
	const struct host_stats *stats;
	uint64_t first, first_all, all;

	if (!start_all(self, floods))
		return -1;
	stats = watch_stats(&self->eye);
	first = served(stats, 0);
	first_all = served_all(stats, floods);
	do {
		sleep_ms(5);
		watch_stats(&self->eye);
		/* It always wants more than it gets, or this says nothing */
		if (!host_account(stats, VICTIM)[PARSEC_A_ASTAT_WAITING])
			return -1;
		all = served_all(stats, floods) - first_all;
	} while (all < (uint64_t)TURNS * (floods + 1));
	return (int)(100 * (served(stats, 0) - first) * (floods + 1) / all);
}

static void note_share(unsigned int floods, bool good)
{
	char who[40];

	snprintf(who, sizeof(who), floods == 1 ? "one" : "%u", floods);
	table_row("%s, %u threads each, RSA signatures\tshare of what is served\t"
		  "1 in %u, 20 %% more or less\t%s", who, THREADS, floods + 1,
		  good ? "kept" : "BROKEN");
}

#define EXPECT_FAIR(floods) \
	do { \
		int percent = share(self, floods); \
		TH_LOG("%d %% of what is fair", percent); \
		EXPECT_LE(80, percent); \
		EXPECT_GE(120, percent); \
		note_share(floods, percent >= 80 && percent <= 120); \
	} while (0)

TEST_F_TIMEOUT(fair, a_share_is_fair_with_1_flood, 300)
{
	EXPECT_FAIR(1);
}

TEST_F_TIMEOUT(fair, a_share_is_fair_with_4_floods, 300)
{
	EXPECT_FAIR(4);
}

TEST_F_TIMEOUT(fair, a_share_is_fair_with_16_floods, 300)
{
	EXPECT_FAIR(16);
}

TEST_HARNESS_MAIN
