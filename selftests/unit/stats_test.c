// SPDX-License-Identifier: Apache-2.0
/*
 * What a host counts: by application, status and thread, for as many applications as have
 * room, and with threads that count while others read.
 */
#include "kselftest_harness.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/stats.h"
#include "selftests/unit/hex.h"

#define AUTH	3
#define THREADS	3

FIXTURE(stats)
{
	struct stats *stats;
};

FIXTURE_SETUP(stats)
{
	self->stats = stats_new(THREADS);
	ASSERT_NE(NULL, self->stats);
}

FIXTURE_TEARDOWN(stats)
{
	stats_free(self->stats);
}

typedef FIXTURE_DATA(stats) fixture;

static struct stats_app *app(fixture *self, const char *name)
{
	return stats_app_get(self->stats, AUTH, text(name));
}

static void perform(fixture *self, size_t thread, struct stats_app *app,
		    enum parsec_status status, uint64_t ns)
{
	stats_begin(stats_thread(self->stats, thread));
	if (app)
		stats_identified(stats_thread(self->stats, thread), app);
	stats_end(stats_thread(self->stats, thread), status, ns);
}

/* Rows, with copies of what is valid during the call only */
#define ROWS_MAX	(STATS_APPS_MAX + 8)

static struct {
	size_t count;
	struct parsec_stats_row rows[ROWS_MAX];
	char names[ROWS_MAX][32];
	uint32_t statuses[ROWS_MAX][STATS_STATUSES];
	uint64_t counts[ROWS_MAX][STATS_STATUSES];
	size_t wanted;
} seen;

static bool take(void *arg, const struct parsec_stats_row *row)
{
	size_t i = seen.count++;

	(void)arg;
	if (i >= ROWS_MAX)
		abort();
	seen.rows[i] = *row;
	snprintf(seen.names[i], sizeof(seen.names[i]), "%s", row->application);
	memcpy(seen.statuses[i], row->statuses, row->status_count * sizeof(*row->statuses));
	memcpy(seen.counts[i], row->counts, row->status_count * sizeof(*row->counts));
	return seen.count < seen.wanted;
}

static void read_all(fixture *self, const char *only)
{
	seen.count = 0;
	seen.wanted = ROWS_MAX;
	stats_read(self->stats, AUTH, text(only), take, NULL);
}

static const struct parsec_stats_row *row(enum parsec_callers callers, const char *name)
{
	for (size_t i = 0; i < seen.count; i++)
		if (seen.rows[i].callers == callers && !strcmp(seen.names[i], name))
			return &seen.rows[i];
	return NULL;
}

static uint64_t count_of(const struct parsec_stats_row *row, enum parsec_status status)
{
	size_t i = (size_t)(row - seen.rows), n;

	for (n = 0; n < row->status_count; n++)
		if (seen.statuses[i][n] == status)
			return seen.counts[i][n];
	return 0;
}

TEST_F(stats, nothing_is_counted_at_first)
{
	read_all(self, "");
	ASSERT_EQ(1, seen.count);
	EXPECT_EQ(PARSEC_CALLERS_ALL, seen.rows[0].callers);
	EXPECT_EQ(0, seen.rows[0].requests);
	EXPECT_EQ(0, seen.rows[0].status_count);
	EXPECT_EQ(0, seen.rows[0].p50_ns);
}

TEST_F(stats, threads_are_added_up)
{
	struct stats_app *alice = app(self, "1000"), *bob = app(self, "1001");
	const struct parsec_stats_row *found;
	size_t i;

	for (i = 0; i < THREADS; i++)
		perform(self, i, alice, PARSEC_SUCCESS, 100 * (i + 1));
	perform(self, 1, alice, PARSEC_PSA_ERROR_DOES_NOT_EXIST, 10);
	perform(self, 2, alice, PARSEC_PSA_ERROR_DOES_NOT_EXIST, 10);
	perform(self, 0, bob, PARSEC_ADMIN_OPERATION, 5000);
	perform(self, 0, NULL, PARSEC_OPCODE_DOES_NOT_EXIST, 3);
	read_all(self, "");
	EXPECT_EQ(4, seen.count);

	found = row(PARSEC_CALLERS_APPLICATION, "1000");
	ASSERT_NE(NULL, found);
	EXPECT_EQ(5, found->requests);
	EXPECT_EQ(2, found->errors);
	EXPECT_EQ(2, found->status_count);
	EXPECT_EQ(3, count_of(found, PARSEC_SUCCESS));
	EXPECT_EQ(2, count_of(found, PARSEC_PSA_ERROR_DOES_NOT_EXIST));
	EXPECT_EQ(620, found->total_ns);
	EXPECT_EQ(300, found->max_ns);
	EXPECT_EQ(300, found->p99_9_ns);
	EXPECT_LE(94, found->p50_ns);
	EXPECT_GE(107, found->p50_ns);

	found = row(PARSEC_CALLERS_APPLICATION, "1001");
	ASSERT_NE(NULL, found);
	EXPECT_EQ(1, found->errors);
	found = row(PARSEC_CALLERS_UNKNOWN, "");
	ASSERT_NE(NULL, found);
	EXPECT_EQ(1, count_of(found, PARSEC_OPCODE_DOES_NOT_EXIST));
	found = row(PARSEC_CALLERS_ALL, "");
	ASSERT_NE(NULL, found);
	EXPECT_EQ(7, found->requests);
	EXPECT_EQ(4, found->errors);
	EXPECT_EQ(5000, found->max_ns);
	stats_app_put(alice);
	stats_app_put(bob);
}

TEST_F(stats, one_application_is_told_alone)
{
	struct stats_app *alice = app(self, "1000"), *bob = app(self, "100");

	perform(self, 0, alice, PARSEC_SUCCESS, 1);
	perform(self, 0, bob, PARSEC_SUCCESS, 1);
	perform(self, 0, NULL, PARSEC_SUCCESS, 1);
	read_all(self, "100");
	ASSERT_EQ(1, seen.count);
	EXPECT_STREQ("100", seen.names[0]);
	read_all(self, "10");
	EXPECT_EQ(0, seen.count);
	/* Nor one of that name that another authenticator vouches for */
	seen.count = 0;
	stats_read(self->stats, AUTH + 1, text("100"), take, NULL);
	EXPECT_EQ(0, seen.count);
	stats_app_put(alice);
	stats_app_put(bob);
}

TEST_F(stats, reading_ends_when_no_more_is_wanted)
{
	struct stats_app *alice = app(self, "1000");

	perform(self, 0, alice, PARSEC_SUCCESS, 1);
	perform(self, 0, NULL, PARSEC_SUCCESS, 1);
	seen.count = 0;
	seen.wanted = 2;
	stats_read(self->stats, AUTH, text(""), take, NULL);
	EXPECT_EQ(2, seen.count);
	stats_app_put(alice);
}

TEST_F(stats, requests_being_performed_are_seen)
{
	struct stats_app *alice = app(self, "1000");

	stats_begin(stats_thread(self->stats, 0));
	stats_identified(stats_thread(self->stats, 0), alice);
	stats_begin(stats_thread(self->stats, 2));
	read_all(self, "");
	ASSERT_NE(NULL, row(PARSEC_CALLERS_APPLICATION, "1000"));
	EXPECT_EQ(1, row(PARSEC_CALLERS_APPLICATION, "1000")->in_flight);
	EXPECT_EQ(0, row(PARSEC_CALLERS_APPLICATION, "1000")->requests);
	ASSERT_NE(NULL, row(PARSEC_CALLERS_UNKNOWN, ""));
	EXPECT_EQ(1, row(PARSEC_CALLERS_UNKNOWN, "")->in_flight);
	EXPECT_EQ(2, row(PARSEC_CALLERS_ALL, "")->in_flight);
	stats_end(stats_thread(self->stats, 0), PARSEC_SUCCESS, 1);
	stats_end(stats_thread(self->stats, 2), PARSEC_SUCCESS, 1);
	read_all(self, "");
	EXPECT_EQ(0, row(PARSEC_CALLERS_ALL, "")->in_flight);
	EXPECT_EQ(2, row(PARSEC_CALLERS_ALL, "")->requests);
	stats_app_put(alice);
}

TEST_F(stats, name_is_one_application_whoever_asks)
{
	struct stats_app *one = app(self, "same"), *two = app(self, "same");

	EXPECT_EQ(one, two);
	EXPECT_NE(one, stats_app_get(self->stats, AUTH + 1, text("same")));
	EXPECT_NE(one, app(self, ""));
	stats_app_put(NULL);
}

#define STATUS(number, constant, name, words)	number,
static const uint32_t statuses[] = { PARSEC_STATUS_LIST(STATUS) };

TEST_F(stats, each_status_is_counted_by_itself)
{
	const size_t count = sizeof(statuses) / sizeof(*statuses);
	size_t i;

	for (i = 0; i < count; i++)
		perform(self, 0, NULL, (enum parsec_status)statuses[i], 1);
	read_all(self, "");
	ASSERT_EQ(count, seen.rows[0].status_count);
	for (i = 0; i < count; i++)
		EXPECT_EQ(1, count_of(&seen.rows[0], (enum parsec_status)statuses[i]));
	/* What is none is a failure nobody has specified */
	perform(self, 0, NULL, (enum parsec_status)500, 1);
	perform(self, 0, NULL, (enum parsec_status)60000, 1);
	read_all(self, "");
	EXPECT_EQ(3, count_of(&seen.rows[0], PARSEC_PSA_ERROR_GENERIC_ERROR));
}

/* As many as there is room for, each with requests, and held */
static void fill(fixture *self, struct stats_app *apps[STATS_APPS_MAX])
{
	char name[16];

	for (int i = 0; i < STATS_APPS_MAX; i++) {
		snprintf(name, sizeof(name), "app-%d", i);
		apps[i] = app(self, name);
		perform(self, 0, apps[i], PARSEC_SUCCESS, 1000);
	}
}

TEST_F(stats, applications_beyond_the_last_are_the_others)
{
	struct stats_app *apps[STATS_APPS_MAX], *late, *later;

	fill(self, apps);
	late = app(self, "late");
	later = app(self, "later");
	EXPECT_EQ(late, later);
	perform(self, 0, late, PARSEC_SUCCESS, 1);
	perform(self, 1, later, PARSEC_SUCCESS, 1);
	read_all(self, "");
	EXPECT_EQ(STATS_APPS_MAX + 2, seen.count);
	ASSERT_NE(NULL, row(PARSEC_CALLERS_OTHERS, ""));
	EXPECT_EQ(2, row(PARSEC_CALLERS_OTHERS, "")->requests);
	EXPECT_EQ(STATS_APPS_MAX + 2, row(PARSEC_CALLERS_ALL, "")->requests);
	read_all(self, "late");
	EXPECT_EQ(0, seen.count);
}

TEST_F(stats, the_one_forgotten_longest_makes_room)
{
	struct stats_app *apps[STATS_APPS_MAX], *late;

	fill(self, apps);
	stats_app_put(apps[7]);
	stats_app_put(apps[5]);
	/* 5 was made before 7, but was heard of since */
	stats_app_put(app(self, "app-5"));
	late = app(self, "late");
	perform(self, 0, late, PARSEC_PSA_ERROR_NOT_PERMITTED, 5);
	read_all(self, "");
	EXPECT_EQ(NULL, row(PARSEC_CALLERS_APPLICATION, "app-7"));
	ASSERT_NE(NULL, row(PARSEC_CALLERS_APPLICATION, "app-5"));
	ASSERT_NE(NULL, row(PARSEC_CALLERS_APPLICATION, "late"));
	EXPECT_EQ(1, row(PARSEC_CALLERS_APPLICATION, "late")->requests);
	EXPECT_EQ(5, row(PARSEC_CALLERS_APPLICATION, "late")->max_ns);
	/* Nothing is lost of what the other had done */
	ASSERT_NE(NULL, row(PARSEC_CALLERS_OTHERS, ""));
	EXPECT_EQ(1, row(PARSEC_CALLERS_OTHERS, "")->requests);
	EXPECT_EQ(1000, row(PARSEC_CALLERS_OTHERS, "")->max_ns);
	EXPECT_EQ(STATS_APPS_MAX + 1, row(PARSEC_CALLERS_ALL, "")->requests);
	/* And it may come back */
	stats_app_put(app(self, "app-7"));
	read_all(self, "app-7");
	EXPECT_EQ(0, seen.count);
}

/* Threads that count, and come and go as applications, while somebody reads */
#define ROUNDS	20000

struct counter {
	fixture *self;
	size_t index;
	pthread_t thread;
};

static void *count(void *arg)
{
	const struct counter *counter = arg;
	char name[16];

	for (int i = 0; i < ROUNDS; i++) {
		struct stats_app *mine;

		snprintf(name, sizeof(name), "%d", i * 7 % 101);
		mine = app(counter->self, name);
		perform(counter->self, counter->index, mine, PARSEC_SUCCESS, (uint64_t)i);
		stats_app_put(mine);
	}
	return NULL;
}

TEST_F(stats, nothing_is_lost_between_threads)
{
	struct counter counters[THREADS];
	uint64_t last = 0;
	size_t i;

	for (i = 0; i < THREADS; i++) {
		counters[i] = (struct counter){ .self = self, .index = i };
		ASSERT_EQ(0, pthread_create(&counters[i].thread, NULL, count, &counters[i]));
	}
	do {
		read_all(self, "");
		ASSERT_LE(last, seen.rows[0].requests);
		last = seen.rows[0].requests;
	} while (last < THREADS * ROUNDS / 2);
	for (i = 0; i < THREADS; i++)
		pthread_join(counters[i].thread, NULL);
	read_all(self, "");
	EXPECT_EQ(THREADS * ROUNDS, seen.rows[0].requests);
	last = 0;
	for (i = 1; i < seen.count; i++)
		last += seen.rows[i].requests;
	EXPECT_EQ(THREADS * ROUNDS, last);
}

TEST_F(stats, a_host_says_since_when_it_counts)
{
	struct parsec_stats_provider provider = { 0 };

	stats_describe(self->stats, &provider);
	EXPECT_EQ(THREADS, provider.workers);
	EXPECT_LT(1700000000, provider.start_time);
}

TEST_HARNESS_MAIN
