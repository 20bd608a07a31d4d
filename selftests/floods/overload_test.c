// SPDX-License-Identifier: Apache-2.0
/*
 * More than anybody should ask for, of the whole service: 10,000 open files and 1,000 threads.
 * Errors of the table only, nothing lost, and it recovers by itself.
 */
#include <errno.h>
#include <stdio.h>

#include "selftests/deaths/service.h"
#include "selftests/device/device.h"
#include "selftests/floods/crowd.h"
#include "selftests/floods/table.h"
#include "selftests/floods/watch.h"
#include "kselftest_harness.h"

#define CROWD		3002	/* whom parsecd.conf lets do all that */
#define VICTIM		3003
#define FILES		10000
#define THREADS		1000
#define CALLS		3
#define MAX_WAITING	200

FIXTURE(overload) {
	struct host eye;
	struct crowd *crowd;
	struct crowd *victim;
	pid_t host;
};

FIXTURE_SETUP(overload)
{
	ASSERT_EQ(0, host_open(&self->eye));
	ASSERT_TRUE(watch_await_idle(&self->eye));
	self->host = service_host("software");
	ASSERT_NE(0, self->host);
}

FIXTURE_TEARDOWN(overload)
{
	watch_release();
	crowd_end(self->crowd);
	crowd_end(self->victim);
	host_close(&self->eye);
}

/* All of this has been as if it had not been: counters, processes, the same caller again */
#define EXPECT_RECOVERED() \
	do { \
		struct crowd *after = crowd_prepare(&(struct crowd_plan){ \
			.uid = CROWD, .task = CROWD_MIX, .threads = 1, .calls = 10 }); \
		EXPECT_EQ(0, after->trouble); \
		crowd_go(after); \
		EXPECT_TRUE(crowd_join(after, WAIT_MS)); \
		EXPECT_EQ(10, after->answered); \
		crowd_end(after); \
		EXPECT_TRUE(watch_await_idle(&self->eye)); \
		EXPECT_EQ(0, watch_stats(&self->eye)->module[PARSEC_A_STAT_SESSIONS]); \
		EXPECT_EQ(0, watch_stats(&self->eye)->accounts); \
		EXPECT_EQ(self->host, service_host("software")); \
	} while (0)

static struct crowd *victim_prepare(void)
{
	return crowd_prepare(&(struct crowd_plan){
		.uid = VICTIM, .task = CROWD_SIGN, .threads = 1 });
}

TEST_F_TIMEOUT(overload, many_files_and_threads, 170)
{
	const int allowed[] = { EDQUOT, 0 }, none[] = { 0 };
	uint64_t done, edquot;
	int64_t start = clock_ms();
	bool good;

	self->crowd = crowd_prepare(&(struct crowd_plan){
		.uid = CROWD, .task = CROWD_MIX, .threads = THREADS, .files = FILES,
		.calls = CALLS, .bytes = 1000 });
	ASSERT_EQ(0, self->crowd->trouble) TH_LOG("%u opened", self->crowd->opened);
	EXPECT_EQ(FILES, self->crowd->opened);
	self->victim = victim_prepare();
	ASSERT_EQ(0, self->victim->trouble);
	TH_LOG("%u files, %u threads after %ld ms", self->crowd->opened, self->crowd->ready,
	       (long)(clock_ms() - start));
	done = watch_done(&self->eye);
	edquot = watch_stats(&self->eye)->module[PARSEC_A_STAT_EDQUOT];

	/* With the host held more want to wait than may */
	start = clock_ms();
	ASSERT_TRUE(watch_hold());
	crowd_go(self->crowd);
	ASSERT_TRUE(crowd_await(&self->crowd->failed[EDQUOT], 1, WAIT_MS));
	crowd_go(self->victim);
	ASSERT_TRUE(watch_release());
	EXPECT_TRUE(crowd_join(self->crowd, 2 * WAIT_MS));
	EXPECT_TRUE(crowd_stop(self->victim, WAIT_MS));
	TH_LOG("%u answered, %u EDQUOT in %ld ms", self->crowd->answered,
	       self->crowd->failed[EDQUOT], (long)(clock_ms() - start));
	EXPECT_EQ(THREADS * CALLS, crowd_results(self->crowd));
	EXPECT_TRUE(crowd_only(self->crowd, allowed));
	EXPECT_LE(MAX_WAITING, self->crowd->answered);
	EXPECT_LT(0, self->victim->answered);
	EXPECT_TRUE(crowd_only(self->victim, none));
	/* The module saw the same */
	EXPECT_EQ(self->crowd->answered + self->victim->answered, watch_done(&self->eye) - done);
	EXPECT_EQ(self->crowd->failed[EDQUOT],
		  watch_stats(&self->eye)->module[PARSEC_A_STAT_EDQUOT] - edquot);
	good = crowd_only(self->crowd, allowed) && self->crowd->opened == FILES &&
	       crowd_results(self->crowd) == THREADS * CALLS && crowd_only(self->victim, none);
	EXPECT_RECOVERED();
	table_row("10,000 files, 1,000 threads\t``max_waiting`` of its rule\t%s\tanswered",
		  good ? "``EDQUOT``, the others answered" : "WRONG");
}

TEST_HARNESS_MAIN
