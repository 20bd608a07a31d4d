// SPDX-License-Identifier: Apache-2.0
/*
 * Hosts that take longer to get ready than parsecd has patience for: a parsecd that has little.
 */
#include "kselftest_harness.h"

#include "selftests/unit/parsecd_fixture.h"

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
}
