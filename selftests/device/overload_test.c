// SPDX-License-Identifier: Apache-2.0
/*
 * More than anybody should ask for: 10,000 open files, 1,000 threads. Nothing but errors of
 * the table, nothing lost, and afterwards it is as if nothing had been.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include "device.h"
#include "fakehost.h"
#include "kselftest_harness.h"

#define FILES		10000
#define THREADS		1000
#define CALLS		20	/* of each thread */
#define WAITING		200

static struct host_stats stats;
static int files[FILES];
static pthread_barrier_t all_there;

/** struct tally - what the threads' calls returned */
static struct {
	unsigned int answered;
	unsigned int refused;	/* EDQUOT */
	unsigned int other;
	int error;
} tally;

static void *ask(void *arg)
{
	unsigned int seed = (unsigned int)(uintptr_t)arg;

	pthread_barrier_wait(&all_there);
	for (unsigned int i = 0; i < CALLS; i++) {
		uint32_t value = (uint32_t)rand_r(&seed), back = 0;
		struct parsec_op op = {
			.in = (uintptr_t)&value, .in_len = sizeof(value),
			.out = (uintptr_t)&back, .out_len = sizeof(back),
		};
		int ret = device_op(files[value % FILES], OP_ECHO, &op);

		if (!ret && back == value) {
			__atomic_fetch_add(&tally.answered, 1, __ATOMIC_RELAXED);
		} else if (ret == -EDQUOT) {
			__atomic_fetch_add(&tally.refused, 1, __ATOMIC_RELAXED);
		} else {
			tally.error = ret;
			__atomic_fetch_add(&tally.other, 1, __ATOMIC_RELAXED);
		}
	}
	return NULL;
}

FIXTURE(overload) {
};

FIXTURE_SETUP(overload)
{
}

FIXTURE_TEARDOWN(overload)
{
}

TEST_F_TIMEOUT(overload, many_files_and_threads, 400)
{
	const struct rlimit limit = { FILES + 100, FILES + 100 };
	static pthread_t threads[THREADS];
	unsigned int opened = 0, sent;
	pthread_attr_t small;
	struct host eye;
	int64_t start;
	pid_t host;

	ASSERT_EQ(0, module_reload("max_open=10000 max_waiting=200"));
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	host = host_start(0, 1, NULL);
	ASSERT_LT(0, host);
	ASSERT_EQ(0, host_open(&eye));

	start = clock_ms();
	for (unsigned int i = 0; i < FILES; i++) {
		files[i] = device_open();
		opened += files[i] >= 0;
	}
	EXPECT_EQ(FILES, opened);
	EXPECT_EQ(-EDQUOT, device_open());
	TH_LOG("%u files opened in %lld ms", opened, (long long)(clock_ms() - start));

	ASSERT_EQ(0, pthread_barrier_init(&all_there, NULL, THREADS));
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 64 * 1024);
	start = clock_ms();
	for (unsigned int i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], &small, ask,
					    (void *)(uintptr_t)(i + 1)));
	for (unsigned int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	TH_LOG("%u answered, %u EDQUOT in %lld ms", tally.answered, tally.refused,
	       (long long)(clock_ms() - start));
	EXPECT_EQ(THREADS * CALLS, tally.answered + tally.refused);
	EXPECT_EQ(0, tally.other) TH_LOG("the last of them: %s", strerror(-tally.error));
	/* There is always room for as many as may wait */
	EXPECT_LE(WAITING, tally.answered);

	/* The module has seen the same, and has nothing left of it */
	ASSERT_EQ(0, host_stats(&eye, &stats));
	EXPECT_EQ(FILES, stats.module[PARSEC_A_STAT_SESSIONS]);
	EXPECT_EQ(tally.refused, stats.module[PARSEC_A_STAT_EDQUOT]);
	EXPECT_EQ(tally.answered, stats.provider[0][PARSEC_A_PSTAT_DONE]);
	EXPECT_EQ(tally.answered, stats.provider[0][PARSEC_A_PSTAT_SENT]);
	EXPECT_EQ(0, stats.provider[0][PARSEC_A_PSTAT_QUEUED]);
	EXPECT_EQ(0, stats.provider[0][PARSEC_A_PSTAT_IN_FLIGHT]);
	sent = tally.answered;

	/* It is as before */
	start = clock_ms();
	for (unsigned int i = 0; i < FILES; i++)
		close(files[i]);
	TH_LOG("closed in %lld ms", (long long)(clock_ms() - start));
	files[0] = device_open();
	EXPECT_EQ(0, device_ping(files[0]));
	ASSERT_EQ(0, host_stats(&eye, &stats));
	EXPECT_EQ(1, stats.module[PARSEC_A_STAT_SESSIONS]);
	EXPECT_EQ(sent + 1, stats.provider[0][PARSEC_A_PSTAT_DONE]);
	close(files[0]);
	kill(host, SIGKILL);
	waitpid(host, NULL, 0);
	host_close(&eye);
	EXPECT_EQ(0, module_reload(""));
}

TEST_HARNESS_MAIN
