// SPDX-License-Identifier: Apache-2.0
/*
 * A device that takes its time: while a TPM makes large keys, who asks nothing of it waits no
 * longer than when it is idle. To be run in a machine of one processor whose clock counts
 * instructions: the simulated TPM is outside of it, and takes none.
 */
#include <stdio.h>

#include "selftests/device/device.h"
#include "selftests/device/fakehost.h"
#include "selftests/floods/crowd.h"
#include "selftests/floods/table.h"
#include "selftests/floods/watch.h"
#include "kselftest_harness.h"

#define VICTIM		3000	/* user; those above are who makes keys, another one in each test */
#define TPM		3
/* One makes a key, the others wait for the TPM */
#define THREADS		4
/* Those that take the TPM longest */
#define KEY_BITS	3072
/*
 * One each 2 ms or so. When a key is done, its host and its caller want the one processor, too, and
 * a signature that falls into this waits for a time slice: of these 500 that are three or so with
 * large keys, but more where the TPM is faster. So the 99th percentile is not for signatures.
 */
#define CALLS		500
#define PAUSE_US	2000

FIXTURE(slow) {
	struct host eye;
	struct crowd *makers;
	struct crowd *victim;
};

typedef FIXTURE_DATA(slow) setting;

FIXTURE_SETUP(slow)
{
	ASSERT_EQ(0, host_open(&self->eye));
}

FIXTURE_TEARDOWN(slow)
{
	crowd_end(self->victim);
	crowd_end(self->makers);
	host_close(&self->eye);
}

static bool tpm_is_busy(setting *self)
{
	return watch_stats(&self->eye)->provider[TPM][PARSEC_A_PSTAT_IN_FLIGHT] > 0;
}

/* They begin to make keys */
static bool start_makers(setting *self, enum crowd_task beside)
{
	const int64_t end = clock_ms() + WAIT_MS;

	self->makers = crowd_prepare(&(struct crowd_plan){
		.uid = VICTIM + 1 + beside, .provider = TPM, .task = CROWD_RSA_KEY,
		.bits = KEY_BITS, .threads = THREADS });
	if (self->makers->trouble)
		return false;
	crowd_go(self->makers);
	while (!tpm_is_busy(self) && clock_ms() < end)
		sleep_ms(5);
	return tpm_is_busy(self);
}

/* So many of 100 calls take this many ns at most; 0: trouble */
static uint64_t percentile(setting *self, enum crowd_task task, unsigned int percent)
{
	uint64_t ns = 0;

	self->victim = crowd_prepare(&(struct crowd_plan){
		.uid = VICTIM, .task = task, .threads = 1, .calls = CALLS,
		.pause_us = PAUSE_US });
	if (self->victim->trouble)
		return 0;
	crowd_go(self->victim);
	if (crowd_join(self->victim, WAIT_MS) && self->victim->answered == CALLS)
		ns = crowd_percentile(self->victim, percent);
	crowd_end(self->victim);
	self->victim = NULL;
	return ns;
}

#define EXPECT_NO_DELAY(task, percent, what) \
	do { \
		uint64_t idle = percentile(self, task, percent), busy; \
		ASSERT_TRUE(start_makers(self, task)); \
		busy = percentile(self, task, percent); \
		/* All the while: a key takes much longer than from one answer to the next call */ \
		EXPECT_TRUE(tpm_is_busy(self)); \
		EXPECT_TRUE(crowd_stop(self->makers, WAIT_MS)); \
		EXPECT_GT(self->makers->answered, 0); \
		EXPECT_TRUE(crowd_only(self->makers, (const int[]){ 0 })); \
		ASSERT_NE(0, idle); \
		ASSERT_NE(0, busy); \
		TH_LOG("%u of 100: %lu us, while the TPM is idle %lu us", percent, busy / 1000, \
		       idle / 1000); \
		EXPECT_LE(busy, 2 * idle); \
		table_row("%u threads, RSA keys of a TPM\ttime of %u of 100 " what "\t" \
			  "2 times that of an idle TPM\t%s", THREADS, percent, \
			  busy <= 2 * idle ? "kept" : "BROKEN"); \
	} while (0)

TEST_F_TIMEOUT(slow, a_tpm_that_makes_keys_does_not_delay_ping, 300)
{
	EXPECT_NO_DELAY(CROWD_PING, 99, "pings");
}

TEST_F_TIMEOUT(slow, a_tpm_that_makes_keys_does_not_delay_signatures_in_software, 300)
{
	EXPECT_NO_DELAY(CROWD_SIGN, 95, "signatures in software");
}

TEST_HARNESS_MAIN
