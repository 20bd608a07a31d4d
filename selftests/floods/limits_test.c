// SPDX-License-Identifier: Apache-2.0
/*
 * How much the rules of the configuration let an identity have, as applications see it. The
 * provider's host is held meanwhile: how many wait and how many are at it is no matter of
 * time then.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "selftests/device/device.h"
#include "selftests/floods/crowd.h"
#include "selftests/floods/table.h"
#include "selftests/floods/watch.h"
#include "kselftest_harness.h"

#define CONFIG		"/etc/parsec/parsecd.conf"
/* Who is limited by parsecd.conf, how, and who is not */
#define LIMITED		3000
#define FREE		3001
#define MAX_WAITING	4
#define MAX_RUNNING	2
#define MAX_OPEN	16

FIXTURE(limits) {
	struct host eye;
	struct crowd *limited;
	struct crowd *free;
};

FIXTURE_SETUP(limits)
{
	ASSERT_EQ(0, host_open(&self->eye));
	ASSERT_TRUE(watch_await_idle(&self->eye));
}

FIXTURE_TEARDOWN(limits)
{
	watch_release();
	crowd_end(self->limited);
	crowd_end(self->free);
	host_close(&self->eye);
}

/* Each of so many threads signs once */
static struct crowd *signers(uid_t uid, unsigned int threads)
{
	return crowd_prepare(&(struct crowd_plan){
		.uid = uid, .task = CROWD_SIGN, .threads = threads, .files = 1, .calls = 1 });
}

#define ASSERT_ACCOUNT(uid, attribute, value) \
	ASSERT_TRUE(watch_await_account(&self->eye, uid, PARSEC_A_ASTAT_##attribute, value)) \
		TH_LOG("%lu", watch_account(&self->eye, uid, PARSEC_A_ASTAT_##attribute))

TEST_F_TIMEOUT(limits, what_is_too_much_to_wait_is_edquot, 150)
{
	const unsigned int admitted = MAX_WAITING + MAX_RUNNING;
	bool good;

	self->limited = signers(LIMITED, admitted + 3);
	self->free = signers(FREE, admitted + 3);
	ASSERT_EQ(0, self->limited->trouble);
	ASSERT_EQ(0, self->free->trouble);
	ASSERT_TRUE(watch_hold());
	crowd_go(self->limited);
	ASSERT_ACCOUNT(LIMITED, REFUSED, 3);
	ASSERT_ACCOUNT(LIMITED, WAITING, MAX_WAITING);
	ASSERT_ACCOUNT(LIMITED, RUNNING, MAX_RUNNING);
	crowd_go(self->free);
	ASSERT_ACCOUNT(FREE, RUNNING, WORKERS - MAX_RUNNING);
	ASSERT_ACCOUNT(FREE, WAITING, admitted + 3 - (WORKERS - MAX_RUNNING));
	EXPECT_EQ(0, crowd_results(self->free));

	ASSERT_TRUE(watch_release());
	EXPECT_TRUE(crowd_join(self->limited, WAIT_MS));
	EXPECT_TRUE(crowd_join(self->free, WAIT_MS));
	EXPECT_EQ(3, self->limited->failed[EDQUOT]);
	EXPECT_EQ(admitted, self->limited->answered);
	EXPECT_EQ(admitted + 3, self->free->answered);
	good = self->limited->failed[EDQUOT] == 3 && self->limited->answered == admitted &&
	       self->free->answered == admitted + 3;
	table_row("requests that wait\t``max_waiting`` of its rule\t%s\tanswered",
		  good ? "``EDQUOT``, the others answered" : "WRONG");
}

TEST_F_TIMEOUT(limits, what_is_too_much_to_run_waits, 150)
{
	bool good;

	self->limited = signers(LIMITED, MAX_RUNNING + 2);
	self->free = signers(FREE, 1);
	ASSERT_EQ(0, self->limited->trouble);
	ASSERT_EQ(0, self->free->trouble);
	ASSERT_TRUE(watch_hold());
	crowd_go(self->limited);
	/* The host could have two more, and takes one of somebody else */
	ASSERT_ACCOUNT(LIMITED, WAITING, 2);
	ASSERT_ACCOUNT(LIMITED, RUNNING, MAX_RUNNING);
	crowd_go(self->free);
	ASSERT_ACCOUNT(FREE, RUNNING, 1);
	EXPECT_EQ(2, watch_account(&self->eye, LIMITED, PARSEC_A_ASTAT_WAITING));

	ASSERT_TRUE(watch_release());
	EXPECT_TRUE(crowd_join(self->limited, WAIT_MS));
	EXPECT_TRUE(crowd_join(self->free, WAIT_MS));
	EXPECT_EQ(MAX_RUNNING + 2, self->limited->answered);
	EXPECT_EQ(1, self->free->answered);
	good = self->limited->answered == MAX_RUNNING + 2 && self->free->answered == 1;
	table_row("requests at hosts\t``max_running`` of its rule\t%s\tanswered",
		  good ? "answered, one after the other" : "WRONG");
}

/* Files that a user can open */
static unsigned int opened(struct crowd **crowd, uid_t uid)
{
	*crowd = crowd_prepare(&(struct crowd_plan){
		.uid = uid, .task = CROWD_PING, .threads = 1, .calls = 1,
		.files = MAX_OPEN + 3 });
	return (*crowd)->trouble ? 0 : (*crowd)->opened;
}

TEST_F_TIMEOUT(limits, what_is_too_much_to_be_opened_is_edquot, 150)
{
	bool good;

	EXPECT_EQ(MAX_OPEN, opened(&self->limited, LIMITED));
	EXPECT_EQ(3, self->limited->not_opened[EDQUOT]);
	EXPECT_EQ(MAX_OPEN + 3, opened(&self->free, FREE));
	crowd_go(self->limited);
	EXPECT_TRUE(crowd_join(self->limited, WAIT_MS));
	EXPECT_EQ(1, self->limited->answered);
	good = self->limited->not_opened[EDQUOT] == 3 && self->limited->answered == 1 &&
	       self->free->opened == MAX_OPEN + 3;
	table_row("open files\t``max_open`` of its rule\t%s\tanswered",
		  good ? "``EDQUOT`` of open(2), the others usable" : "WRONG");
}

/* The configuration with other numbers for the limited one */
static bool change(const char *waiting, const char *open)
{
	const char *parsecd = getenv("FLOODS_PARSECD");
	char command[300];

	snprintf(command, sizeof(command),
		 "sed -i '/rule little/,/^$/{s/^max_waiting = .*/max_waiting = %s/; "
		 "s/^max_open = .*/max_open = %s/}' " CONFIG, waiting, open);
	return parsecd && !system(command) && !kill(atoi(parsecd), SIGHUP);
}

TEST_F_TIMEOUT(limits, a_reload_changes_them_for_files_that_are_open, 150)
{
	bool good;

	self->limited = crowd_prepare(&(struct crowd_plan){
		.uid = LIMITED, .task = CROWD_PING, .threads = 1, .files = 1 });
	ASSERT_EQ(0, self->limited->trouble);
	crowd_go(self->limited);
	ASSERT_ACCOUNT(LIMITED, MAX_WAITING, MAX_WAITING);
	ASSERT_ACCOUNT(LIMITED, MAX_OPEN, MAX_OPEN);
	ASSERT_TRUE(change("7", "20"));
	good = watch_await_account(&self->eye, LIMITED, PARSEC_A_ASTAT_MAX_WAITING, 7) &&
	       watch_await_account(&self->eye, LIMITED, PARSEC_A_ASTAT_MAX_OPEN, 20);
	EXPECT_TRUE(good);
	EXPECT_EQ(0, crowd_results(self->limited) - self->limited->answered);
	table_row("any of these\tanother rule, and SIGHUP\t%s\t--",
		  good ? "what that rule says, with files that are open too" : "WRONG");
	ASSERT_TRUE(change("4", "16"));
	ASSERT_ACCOUNT(LIMITED, MAX_WAITING, MAX_WAITING);
}

TEST_HARNESS_MAIN
