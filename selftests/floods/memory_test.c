// SPDX-License-Identifier: Apache-2.0
/*
 * Callers whose memory cgroup is at its limit, with messages as long as they can be: they get
 * ENOMEM, and nobody else notices.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "selftests/device/device.h"
#include "selftests/floods/crowd.h"
#include "selftests/floods/table.h"
#include "selftests/floods/watch.h"
#include "kselftest_harness.h"

#define GROUP		"/sys/fs/cgroup/floods"
#define GREEDY		3001
#define VICTIM		3003
#define THREADS		24
#define CALLS		10
/* With what is around it the body is one of 1 MiB */
#define BYTES		(1024 * 1024 - 64)
/* What they may have besides their own memory: some requests, not all */
#define MORE		(8L * 1024 * 1024)

FIXTURE(memory) {
	struct host eye;
	struct crowd *greedy;
	struct crowd *victim;
};

FIXTURE_SETUP(memory)
{
	ASSERT_EQ(0, host_open(&self->eye));
	ASSERT_TRUE(watch_await_idle(&self->eye));
	ASSERT_TRUE(!mkdir(GROUP, 0755) || errno == EEXIST);
}

FIXTURE_TEARDOWN(memory)
{
	watch_release();
	crowd_end(self->greedy);
	crowd_end(self->victim);
	host_close(&self->eye);
	for (int i = 0; i < 500 && rmdir(GROUP) && errno == EBUSY; i++)
		sleep_ms(10);
}

static bool limit_group(void)
{
	const long now = watch_number(GROUP "/memory.current", NULL);
	char text[32];

	snprintf(text, sizeof(text), "%ld", now + MORE);
	return now > 0 && write_file(GROUP "/memory.max", text) > 0;
}

TEST_F_TIMEOUT(memory, a_group_at_its_limit_gets_enomem_and_nobody_is_killed, 170)
{
	const int allowed[] = { ENOMEM, 0 }, none[] = { 0 };
	const long killed = watch_killed();
	struct crowd *after;
	bool good;

	self->victim = crowd_prepare(&(struct crowd_plan){
		.uid = VICTIM, .task = CROWD_SIGN, .threads = 2 });
	self->greedy = crowd_prepare(&(struct crowd_plan){
		.uid = GREEDY, .cgroup = GROUP, .task = CROWD_HASH, .threads = THREADS,
		.calls = CALLS, .bytes = BYTES, .locked = true });
	ASSERT_EQ(0, self->victim->trouble);
	ASSERT_EQ(0, self->greedy->trouble);
	ASSERT_TRUE(watch_await_idle(&self->eye));
	ASSERT_TRUE(limit_group());

	/* With the host held there are more at a time than there is memory for */
	ASSERT_TRUE(watch_hold());
	crowd_go(self->greedy);
	ASSERT_TRUE(crowd_await(&self->greedy->failed[ENOMEM], 1, WAIT_MS));
	crowd_go(self->victim);
	ASSERT_TRUE(watch_release());
	EXPECT_TRUE(crowd_join(self->greedy, WAIT_MS));
	ASSERT_TRUE(crowd_await(&self->victim->answered, 20, WAIT_MS));
	EXPECT_TRUE(crowd_stop(self->victim, WAIT_MS));
	TH_LOG("%u answered, %u ENOMEM; %u of another meanwhile", self->greedy->answered,
	       self->greedy->failed[ENOMEM], self->victim->answered);
	EXPECT_EQ(THREADS * CALLS, crowd_results(self->greedy));
	EXPECT_TRUE(crowd_only(self->greedy, allowed));
	EXPECT_LT(0, self->greedy->answered);
	EXPECT_TRUE(crowd_only(self->victim, none));
	EXPECT_EQ(0, watch_number(GROUP "/memory.events", "oom_kill "));
	EXPECT_EQ(killed, watch_killed());

	/* Once it asks for less it gets it, within the same limit */
	after = crowd_prepare(&(struct crowd_plan){ .uid = GREEDY, .cgroup = GROUP,
						    .task = CROWD_MIX, .threads = 1, .calls = 5 });
	EXPECT_EQ(0, after->trouble);
	crowd_go(after);
	EXPECT_TRUE(crowd_join(after, WAIT_MS));
	EXPECT_EQ(5, after->answered);
	good = crowd_only(self->greedy, allowed) && after->answered == 5 &&
	       watch_killed() == killed &&
	       crowd_only(self->victim, none);
	crowd_end(after);
	table_row("memory, with messages of 1 MiB\t``memory.max`` of its cgroup\t%s\tanswered",
		  good ? "``ENOMEM``, nobody killed" : "WRONG");
}

TEST_HARNESS_MAIN
