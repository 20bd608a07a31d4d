// SPDX-License-Identifier: Apache-2.0
/*
 * Floods: identities that ask with 64 threads each for the slowest of all operations, and
 * a victim. Nothing is measured with a clock: an operation is as slow as the test likes,
 * and what counts is which requests were handed to workers before which.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "device.h"
#include "fakehost.h"
#include "kselftest_harness.h"

#define WORKERS		4
#define THREADS		64
#define FLOODS		16
#define VICTIM		900	/* uids; the floods' are above */
#define OP_VICTIM	0x10
#define OP_FLOOD	0x20

static struct host_stats stats;

/** struct worker - a socket with one credit, and the request in its hands */
struct worker {
	struct host host;
	struct host_request *req;
	unsigned int turn;	/* when that came */
};

FIXTURE(flood) {
	struct worker workers[WORKERS];
	unsigned int count;	/* of workers that are registered */
	unsigned int turns;	/* requests that came */
	pid_t pids[FLOODS + 1];
	unsigned int processes;
};

FIXTURE_SETUP(flood)
{
	ASSERT_EQ(0, module_reload(""));
}

typedef FIXTURE_DATA(flood) setting;

static void stop_all(setting *self)
{
	for (unsigned int i = 0; i < self->processes; i++) {
		kill(self->pids[i], SIGKILL);
		waitpid(self->pids[i], NULL, 0);
	}
	for (unsigned int i = 0; i < self->count; i++) {
		host_request_free(self->workers[i].req);
		host_close(&self->workers[i].host);
	}
	memset(self, 0, sizeof(*self));
}

FIXTURE_TEARDOWN(flood)
{
	stop_all(self);
}

static int start_workers(setting *self, unsigned int count)
{
	int ret = 0;

	for (; !ret && self->count < count; self->count++) {
		struct host *host = &self->workers[self->count].host;

		ret = host_open(host) ?: host_register(host, 0, 1, NULL);
	}
	return ret;
}

static void *ask_on(void *arg)
{
	int fd = device_open();

	for (;;) {
		struct parsec_op op = { 0 };

		device_op(fd, (unsigned int)(uintptr_t)arg, &op);
	}
	return NULL;
}

/* A process of this user whose threads ask for the operation, each again and again */
static void start_asking(setting *self, uid_t uid, unsigned int opcode, unsigned int threads)
{
	pthread_attr_t small;
	pthread_t thread;
	pid_t pid = fork();

	self->pids[self->processes++] = pid;
	if (pid)
		return;
	close_range(STDERR_FILENO + 1, ~0U, 0);
	if (become(uid))
		_exit(1);
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 64 * 1024);
	for (unsigned int i = 0; i < threads; i++)
		pthread_create(&thread, &small, ask_on, (void *)(uintptr_t)opcode);
	for (;;)
		pause();
}

/* Take what has been handed out: how many requests */
static unsigned int take(setting *self)
{
	unsigned int taken = 0;

	for (unsigned int i = 0; i < self->count; i++) {
		struct worker *worker = &self->workers[i];

		if (!worker->req && !host_receive(&worker->host, &worker->req, 0)) {
			worker->turn = ++self->turns;
			taken++;
		}
	}
	return taken;
}

/* The worker that has had a request of this opcode for longest; 0: any; or NULL */
static struct worker *oldest(setting *self, unsigned int opcode)
{
	struct worker *found = NULL;

	for (unsigned int i = 0; i < self->count; i++) {
		struct worker *worker = &self->workers[i];

		if (worker->req && (!opcode || worker->req->opcode == opcode) &&
		    (!found || worker->turn < found->turn))
			found = worker;
	}
	return found;
}

static unsigned int in_hands(setting *self, unsigned int opcode)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < self->count; i++)
		n += self->workers[i].req && self->workers[i].req->opcode == opcode;
	return n;
}

static int answer(struct worker *worker)
{
	int ret = host_answer(&worker->host, worker->req, 0);

	worker->req = NULL;
	return ret;
}

/* Wait until so many requests of a user wait or are in hands */
static int wait_for_asked(setting *self, uid_t uid, unsigned int wanted)
{
	int64_t until = clock_ms() + 60000;

	while (clock_ms() < until) {
		const uint64_t *account;
		int ret = host_stats(&self->workers[0].host, &stats);

		if (ret)
			return ret;
		account = host_account(&stats, uid);
		if (account && account[PARSEC_A_ASTAT_WAITING] +
			       account[PARSEC_A_ASTAT_RUNNING] >= wanted)
			return 0;
		sleep_ms(1);
	}
	return -ETIME;
}

/*
 * Shares. All have more waiting than they can get; workers end their requests in the order
 * in which they came. How many of the victim's among so many?
 */
static int count_share(setting *self, unsigned int floods, unsigned int turns)
{
	int share = 0;

	if (start_workers(self, WORKERS))
		return -1;
	for (unsigned int i = 0; i < floods; i++) {
		start_asking(self, VICTIM + 1 + i, OP_FLOOD + i, THREADS);
		if (wait_for_asked(self, VICTIM + 1 + i, THREADS))
			return -2;
	}
	start_asking(self, VICTIM, OP_VICTIM, 2 * WORKERS);
	if (wait_for_asked(self, VICTIM, 2 * WORKERS))
		return -3;

	/* What was handed out before all were there does not count */
	take(self);
	self->turns = 0;
	while (self->turns < turns) {
		struct worker *worker = oldest(self, 0);
		unsigned int opcode = worker->req->opcode;

		/* A reply hands out the next request, and nothing else does */
		if (answer(worker) || take(self) != 1)
			return -4;
		share += worker->req->opcode == OP_VICTIM;
		/* Nobody may lose a turn because the machine is slow */
		if (opcode == OP_VICTIM && wait_for_asked(self, VICTIM, 2 * WORKERS))
			return -5;
	}
	return share;
}

#define EXPECT_FAIR(floods) \
	do { \
		int fair = 40; \
		int share = count_share(self, floods, ((floods) + 1) * fair); \
		EXPECT_LE(fair * 8 / 10, share) TH_LOG("%d of %d", share, fair); \
		EXPECT_GE(fair * 12 / 10, share) TH_LOG("%d of %d", share, fair); \
	} while (0)

TEST_F_TIMEOUT(flood, a_share_is_fair_with_1_flood, 120)
{
	EXPECT_FAIR(1);
}

TEST_F_TIMEOUT(flood, a_share_is_fair_with_4_floods, 120)
{
	EXPECT_FAIR(4);
}

TEST_F_TIMEOUT(flood, a_share_is_fair_with_16_floods, 240)
{
	EXPECT_FAIR(16);
}

/*
 * Latency. The victim asks again and again with one thread. The flood's operations are so
 * slow that none ends unless the victim cannot go on otherwise, or now and then. What is
 * noted for each of the victim's requests: how many of them had to end before it was
 * handed out.
 */
#define SAMPLES	200

static int by_size(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Return: the 99th percentile; @worst: the most that it ever was */
static int percentile(setting *self, unsigned int workers, unsigned int threads, int *worst)
{
	int waits[SAMPLES];

	if (start_workers(self, workers))
		return -1;
	start_asking(self, VICTIM + 1, OP_FLOOD, threads);
	if (wait_for_asked(self, VICTIM + 1, threads))
		return -2;
	take(self);
	start_asking(self, VICTIM, OP_VICTIM, 1);
	for (unsigned int i = 0; i < SAMPLES; i++) {
		waits[i] = 0;
		if (wait_for_asked(self, VICTIM, 1))
			return -3;
		/* It has asked: what it can get at once, it has got */
		take(self);
		while (!oldest(self, OP_VICTIM)) {
			waits[i]++;
			if (!oldest(self, OP_FLOOD) || answer(oldest(self, OP_FLOOD)))
				return -4;
			take(self);
		}
		if (i % 5 == 4 && oldest(self, OP_FLOOD) &&
		    (answer(oldest(self, OP_FLOOD)) || wait_for_asked(self, VICTIM + 1, threads)))
			return -5;
		take(self);
		if (answer(oldest(self, OP_VICTIM)))
			return -6;
	}
	qsort(waits, SAMPLES, sizeof(waits[0]), by_size);
	*worst = waits[SAMPLES - 1];
	return waits[SAMPLES * 99 / 100 - 1];
}

/* In operations, its own included */
TEST_F_TIMEOUT(flood, few_workers_and_one_flooding_thread, 120)
{
	int worst;

	EXPECT_EQ(0, percentile(self, WORKERS, 1, &worst));
	EXPECT_EQ(0, worst);
}

TEST_F_TIMEOUT(flood, few_workers_and_64_flooding_threads, 120)
{
	int worst, p99 = percentile(self, WORKERS, THREADS, &worst);

	/* With one thread it is 0, and an operation of its own: 1 */
	EXPECT_LE(0, p99);
	EXPECT_GE(2 * (0 + 1), p99 + 1);
	EXPECT_GE(1, worst);
	EXPECT_EQ(0, p99);
}

/* A single worker is never free, but then the victim is next */
TEST_F_TIMEOUT(flood, one_worker, 240)
{
	int worst[2];

	EXPECT_EQ(1, percentile(self, 1, 1, &worst[0]));
	stop_all(self);
	EXPECT_EQ(1, percentile(self, 1, THREADS, &worst[1]));
	EXPECT_EQ(1, worst[0]);
	EXPECT_EQ(1, worst[1]);
}

/* No worker is idle for somebody who is not there */
TEST_F_TIMEOUT(flood, who_is_alone_has_all_workers, 120)
{
	struct caller *victim;
	int64_t until;

	ASSERT_EQ(0, start_workers(self, WORKERS));
	start_asking(self, VICTIM + 1, OP_FLOOD, THREADS);
	ASSERT_EQ(0, wait_for_asked(self, VICTIM + 1, THREADS));
	take(self);
	EXPECT_EQ(WORKERS, in_hands(self, OP_FLOOD));

	/* Somebody comes, and goes again */
	victim = caller_start(&(struct ask){ .uid = VICTIM, .opcode = OP_VICTIM });
	ASSERT_EQ(0, wait_for_asked(self, VICTIM, 1));
	EXPECT_EQ(0, answer(oldest(self, OP_FLOOD)));
	EXPECT_EQ(1, take(self));
	ASSERT_NE(NULL, oldest(self, OP_VICTIM));
	EXPECT_EQ(0, answer(oldest(self, OP_VICTIM)));
	EXPECT_EQ(0, caller_join(victim, SOON));

	take(self);
	until = clock_ms() + 30000;
	while (in_hands(self, OP_FLOOD) < WORKERS && clock_ms() < until) {
		sleep_ms(200);
		if (oldest(self, OP_FLOOD))
			EXPECT_EQ(0, answer(oldest(self, OP_FLOOD)));
		take(self);
	}
	EXPECT_EQ(WORKERS, in_hands(self, OP_FLOOD));
}

/* Nor does it take an answer to find out that nobody else is there any more */
TEST_F_TIMEOUT(flood, who_is_alone_again_has_all_workers, 120)
{
	struct caller *victim;
	int64_t start, until;

	ASSERT_EQ(0, start_workers(self, WORKERS));
	victim = caller_start(&(struct ask){ .uid = VICTIM, .opcode = OP_VICTIM });
	ASSERT_EQ(0, wait_for_asked(self, VICTIM, 1));
	EXPECT_EQ(1, take(self));
	EXPECT_EQ(0, answer(oldest(self, OP_VICTIM)));
	EXPECT_EQ(0, caller_join(victim, SOON));

	/* It is kept for 5 s: on a busy machine they may be over before all have asked */
	start = clock_ms();
	start_asking(self, VICTIM + 1, OP_FLOOD, WORKERS + 1);
	ASSERT_EQ(0, wait_for_asked(self, VICTIM + 1, WORKERS + 1));
	take(self);
	until = clock_ms() + 30000;
	if (clock_ms() - start < 4500)
		EXPECT_EQ(WORKERS - 1, in_hands(self, OP_FLOOD));
	while (in_hands(self, OP_FLOOD) < WORKERS && clock_ms() < until) {
		sleep_ms(200);
		take(self);
	}
	EXPECT_EQ(WORKERS, in_hands(self, OP_FLOOD));
}

TEST_HARNESS_MAIN
