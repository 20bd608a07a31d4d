// SPDX-License-Identifier: Apache-2.0
/*
 * More than anybody should ask for, of the whole service: 10,000 open files and 1,000 threads,
 * and a machine that has no memory left. Errors of the table only, nothing lost, and it recovers
 * by itself.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

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
	pid_t hog;
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
	if (self->hog > 0) {
		kill(self->hog, SIGKILL);
		waitpid(self->hog, NULL, 0);
	}
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

/*
 * Page after page, until the kernel kills it for that: it before anybody else. It is soon there,
 * however many want the processors. All is one mapping, so that no lock of it is held while the
 * kernel takes it back.
 */
static void __attribute__((noreturn)) be_hog(void)
{
	const long page = sysconf(_SC_PAGESIZE);
	const size_t all = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)page;
	char *memory = mmap(NULL, all, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (memory == MAP_FAILED || setpriority(PRIO_PROCESS, 0, -20) ||
	    write_file("/proc/self/oom_score_adj", "1000") < 0)
		_exit(1);
	for (size_t at = 0; at < all; at += (size_t)page)
		*(volatile char *)(memory + at) = 1;
	_exit(2);
}

static pid_t start_hog(void)
{
	const pid_t pid = fork();

	if (!pid)
		be_hog();
	return pid;
}

/* Return: whether it was killed */
static bool await_hog(pid_t *hog)
{
	const int64_t end = clock_ms() + 3 * WAIT_MS;
	int status;

	while (waitpid(*hog, &status, WNOHANG) != *hog) {
		if (clock_ms() > end)
			return false;
		sleep_ms(5);
	}
	*hog = 0;
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

/* With memory of their own that is there: what has none left is who it is asked of */
static struct crowd *locked_prepare(uid_t uid, enum crowd_task task, unsigned int threads)
{
	return crowd_prepare(&(struct crowd_plan){ .uid = uid, .task = task, .threads = threads,
						   .bytes = 256 * 1024, .locked = true });
}

static bool is_answered_again(struct crowd *crowd)
{
	const unsigned int now = __atomic_load_n(&crowd->answered, __ATOMIC_RELAXED);

	return crowd_await(&crowd->answered, now + 2 * crowd->plan.threads, WAIT_MS);
}

TEST_F_TIMEOUT(overload, a_machine_without_memory, 300)
{
	const int allowed[] = { ENOMEM, 0 };
	const long killed = watch_killed();
	bool good;

	self->crowd = locked_prepare(CROWD, CROWD_MIX, 50);
	ASSERT_EQ(0, self->crowd->trouble);
	self->victim = locked_prepare(VICTIM, CROWD_SIGN, 1);
	ASSERT_EQ(0, self->victim->trouble);
	crowd_go(self->crowd);
	crowd_go(self->victim);
	ASSERT_TRUE(is_answered_again(self->victim));
	self->hog = start_hog();
	ASSERT_LT(0, self->hog);
	EXPECT_TRUE(await_hog(&self->hog));
	EXPECT_EQ(killed + 1, watch_killed());
	EXPECT_TRUE(is_answered_again(self->crowd));
	EXPECT_TRUE(is_answered_again(self->victim));
	EXPECT_TRUE(crowd_stop(self->crowd, WAIT_MS));
	EXPECT_TRUE(crowd_stop(self->victim, WAIT_MS));
	TH_LOG("%u answered, %u ENOMEM; %u of another", self->crowd->answered,
	       self->crowd->failed[ENOMEM], self->victim->answered);
	EXPECT_TRUE(crowd_only(self->crowd, allowed))
		TH_LOG("%u refused, status %d", self->crowd->refused, self->crowd->status);
	EXPECT_TRUE(crowd_only(self->victim, allowed));
	good = crowd_only(self->crowd, allowed) && crowd_only(self->victim, allowed) &&
	       watch_killed() == killed + 1;
	EXPECT_RECOVERED();
	table_row("memory, of all processes\tthat of the machine\t%s\tthe same",
		  good ? "answered, or ``ENOMEM``" : "WRONG");
}

TEST_HARNESS_MAIN
