// SPDX-License-Identifier: Apache-2.0
/*
 * Hosts that take longer to get ready than parsecd has patience for: a parsecd that has little.
 */
#include "kselftest_harness.h"

#include "helper/supervisor.h"
#include "selftests/unit/parsecd_fixture.h"

#define AGAIN_IN	" was killed by signal 9 (Killed), it starts again in "

/* The stand-in for a slow host takes 300 ms, and parsecd gives the first one 100 */
TEST_F(parsecd, a_host_that_is_killed_for_being_late_has_twice_the_time_then)
{
	configure(self, SOFTWARE);
	put(self, "software", "slow");
	run(self);
	EXPECT_TRUE(event_comes(self, "software ready", 1)) TH_LOG("%s", get(self, "log"));
	EXPECT_EQ(1, logged(self, "host software is not ready after 0.1 s, it is killed"));
	EXPECT_EQ(1, logged(self, "host software is not ready after 0.2 s, it is killed"));
	EXPECT_TRUE(event_comes(self, "core ready", 1));
	/* Longer than a host has to serve to be well again; but it has not served */
	EXPECT_EQ(1, logged(self, "software" AGAIN_IN "100 ms"));
	EXPECT_EQ(1, logged(self, "software" AGAIN_IN "200 ms"));
}

TEST_F(parsecd, a_host_that_has_served_for_a_while_is_well_again)
{
	pid_t process;
	int before;

	configure(self, SOFTWARE);
	put(self, "software", "die");
	run(self);
	ASSERT_TRUE(event_comes(self, "software start", 3)) TH_LOG("%s", get(self, "log"));
	put(self, "software", "inspect");
	ASSERT_TRUE(event_comes(self, "software ready", 1)) TH_LOG("%s", get(self, "log"));
	usleep(2 * SUPERVISOR_ALIVE * 1000);
	before = logged(self, "software" AGAIN_IN "100 ms");
	process = last_process(self, "software");
	ASSERT_LT(0, process);
	ASSERT_EQ(0, kill(process, SIGKILL));
	EXPECT_TRUE(comes(self, "log", "software" AGAIN_IN "100 ms", before + 1))
		TH_LOG("%s", get(self, "log"));
}
