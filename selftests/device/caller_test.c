// SPDX-License-Identifier: Apache-2.0
/*
 * Callers that leave: killed or out of time, with their request in each state.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include "device.h"
#include "fakehost.h"
#include "kselftest_harness.h"

/* One worker with one credit */
FIXTURE(caller) {
	struct host host;
	int fd;
};

FIXTURE_SETUP(caller)
{
	ASSERT_EQ(0, module_reload("grace_ms=1000"));
	ASSERT_EQ(0, host_open(&self->host));
	ASSERT_EQ(0, host_register(&self->host, 0, 1, NULL));
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(caller)
{
	host_close(&self->host);
}

/* Start a request with this opcode and receive it: now it is in state sent */
static struct caller *send_one(struct host *host, unsigned int opcode, struct host_request **req)
{
	struct caller *caller = caller_start(&(struct ask){ .opcode = opcode, .room = 16 });

	return host_receive(host, req, SOON) || (*req)->opcode != opcode ? NULL : caller;
}

/* Start one that has to wait behind it */
static struct caller *queue_one(unsigned int opcode)
{
	struct caller *caller = caller_start(&(struct ask){ .opcode = opcode });

	return caller_settle(caller) ? NULL : caller;
}

TEST_F(caller, killed_while_queued_is_never_sent)
{
	struct host_request *first, *next;
	struct caller *one = send_one(&self->host, 0x11, &first);
	struct caller *victim = queue_one(0x12);
	struct caller *last = queue_one(0x13);

	ASSERT_TRUE(one && victim && last);
	EXPECT_EQ(0, caller_kill(victim));
	EXPECT_EQ(0, host_answer(&self->host, first, 0));
	ASSERT_EQ(0, host_receive(&self->host, &next, SOON));
	EXPECT_EQ(0x13, next->opcode);
	EXPECT_EQ(0, host_answer(&self->host, next, 0));
	EXPECT_EQ(0, caller_join(one, SOON));
	EXPECT_EQ(0, caller_join(last, SOON));
	EXPECT_EQ(-ETIMEDOUT, host_receive(&self->host, &next, NEVER));
}

TEST_F(caller, killed_while_sent_makes_the_reply_enoent)
{
	struct host_request *req;
	struct caller *victim = send_one(&self->host, 0x11, &req);

	ASSERT_TRUE(victim);
	EXPECT_EQ(0, caller_kill(victim));
	EXPECT_EQ(-ENOENT, host_answer(&self->host, req, 0));
	victim = send_one(&self->host, 0x12, &req);
	ASSERT_TRUE(victim);
	EXPECT_EQ(0, host_answer(&self->host, req, 0));
	EXPECT_EQ(0, caller_join(victim, SOON));
}

/* The host is busy with it until it says otherwise */
TEST_F(caller, killed_while_sent_keeps_the_credit_until_the_reply)
{
	struct host_request *req, *next;
	struct caller *victim = send_one(&self->host, 0x11, &req);
	struct caller *queued = queue_one(0x12);

	ASSERT_TRUE(victim && queued);
	EXPECT_EQ(0, caller_kill(victim));
	EXPECT_EQ(-ETIMEDOUT, host_receive(&self->host, &next, NEVER));
	EXPECT_EQ(-ENOENT, host_answer(&self->host, req, 0));
	ASSERT_EQ(0, host_receive(&self->host, &next, SOON));
	EXPECT_EQ(0, host_answer(&self->host, next, 0));
	EXPECT_EQ(0, caller_join(queued, SOON));
}

/* The reply and the signal race: whoever wins, the verdict is one of two */
TEST_F(caller, killed_while_done_leaves_nothing_behind)
{
	struct host_request *req;
	struct caller *victim;
	int ret;

	for (unsigned int round = 0; round < 40; round++) {
		victim = send_one(&self->host, 0x10, &req);
		ASSERT_TRUE(victim);
		if (round % 2)
			kill(victim->pid, SIGKILL);
		ret = host_answer(&self->host, req, 0);
		EXPECT_TRUE(ret == 0 || ret == -ENOENT);
		EXPECT_EQ(0, caller_kill(victim));
		caller_free(victim);
	}
	victim = send_one(&self->host, 0x11, &req);
	ASSERT_TRUE(victim);
	EXPECT_EQ(0, host_answer(&self->host, req, 0));
	EXPECT_EQ(0, caller_join(victim, SOON));
}

static void *ask_in_thread(void *fd)
{
	device_ping(*(int *)fd);
	return NULL;
}

static int exit_while_a_thread_waits(void *arg)
{
	pthread_t thread;
	int fd = device_open();

	(void)arg;
	pthread_create(&thread, NULL, ask_in_thread, &fd);
	sleep_ms(50);
	_exit(0);
}

TEST_F(caller, exit_of_another_thread_ends_the_wait)
{
	struct host_request *req;
	int64_t start = clock_ms();

	EXPECT_EQ(-EFAULT, in_child(exit_while_a_thread_waits, NULL, -1));
	EXPECT_GT(slow_ms(2000), clock_ms() - start);
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	EXPECT_EQ(-ENOENT, host_answer(&self->host, req, 0));
}

static void on_signal(int number)
{
	(void)number;
}

static int wait_through_signals(void *fd)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGUSR1, &action, NULL);
	return device_ping(*(int *)fd);
}

/* Only what kills interrupts: a half-done key operation cannot be restarted */
TEST_F(caller, a_handled_signal_does_not_end_the_wait)
{
	struct host_request *req;
	int status;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(wait_through_signals(&self->fd) ? 1 : 0);
	}
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	for (int i = 0; i < 5; i++) {
		EXPECT_EQ(0, kill(pid, SIGUSR1));
		sleep_ms(5);
	}
	EXPECT_EQ(0, host_answer(&self->host, req, 0));
	waitpid(pid, &status, 0);
	EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST_F(caller, out_of_time_while_queued_is_never_sent)
{
	struct host_request *first, *next;
	struct caller *one = send_one(&self->host, 0x11, &first);
	struct caller *late = caller_start(&(struct ask){ .opcode = 0x12, .timeout_ms = 100 });

	ASSERT_TRUE(one);
	EXPECT_EQ(-ETIMEDOUT, caller_join(late, SOON));
	EXPECT_LE(100, late->ms);
	EXPECT_GT(slow_ms(2000), late->ms);
	EXPECT_EQ(0, host_answer(&self->host, first, 0));
	EXPECT_EQ(0, caller_join(one, SOON));
	EXPECT_EQ(-ETIMEDOUT, host_receive(&self->host, &next, NEVER));
}

TEST_F(caller, out_of_time_while_sent_makes_the_reply_enoent)
{
	struct host_request *req;
	struct caller *late = caller_start(&(struct ask){ .opcode = 0x11, .timeout_ms = 100 });

	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	EXPECT_EQ(-ETIMEDOUT, caller_join(late, SOON));
	EXPECT_LE(100, late->ms);
	EXPECT_GT(slow_ms(2000), late->ms);
	EXPECT_EQ(-ENOENT, host_answer(&self->host, req, 0));
	late = send_one(&self->host, 0x12, &req);
	ASSERT_TRUE(late);
	EXPECT_EQ(0, host_answer(&self->host, req, 0));
	EXPECT_EQ(0, caller_join(late, SOON));
}

TEST_F(caller, out_of_time_while_no_host_is_there)
{
	struct caller *late;

	host_close(&self->host);
	late = caller_start(&(struct ask){ .opcode = 0x11, .timeout_ms = 100 });
	EXPECT_EQ(-ETIMEDOUT, caller_join(late, SOON));
	EXPECT_LE(100, late->ms);
	EXPECT_GT(slow_ms(2000), late->ms);
	ASSERT_EQ(0, host_open(&self->host));
}

TEST_F(caller, killed_while_no_host_is_there)
{
	struct host_request *req;
	struct caller *victim;

	host_close(&self->host);
	victim = queue_one(0x11);
	ASSERT_TRUE(victim);
	EXPECT_EQ(0, caller_kill(victim));
	ASSERT_EQ(0, host_open(&self->host));
	ASSERT_EQ(0, host_register(&self->host, 0, 1, NULL));
	EXPECT_EQ(-ETIMEDOUT, host_receive(&self->host, &req, NEVER));
}

TEST_F(caller, an_answer_in_time_beats_the_deadline)
{
	struct host_request *req;
	struct caller *caller = caller_start(&(struct ask){ .opcode = 1, .timeout_ms = 60000 });

	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	sleep_ms(120);
	EXPECT_EQ(0, host_answer(&self->host, req, 0));
	EXPECT_EQ(0, caller_join(caller, SOON));
}

TEST_F(caller, the_deadline_is_told_to_the_host)
{
	struct host_request *req;
	struct caller *caller;
	struct timespec now;
	uint64_t ns, want = 30000 * 1000000ULL;

	clock_gettime(CLOCK_MONOTONIC, &now);
	caller = caller_start(&(struct ask){ .opcode = 1, .timeout_ms = 30000 });
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	EXPECT_LE(ns + want, req->deadline);
	EXPECT_GE(ns + want + (uint64_t)slow_ms(1000) * 1000000, req->deadline);
	EXPECT_EQ(0, host_answer(&self->host, req, 0));
	EXPECT_EQ(0, caller_join(caller, SOON));
}

TEST_F(caller, no_timeout_is_no_deadline)
{
	struct host_request *req;
	struct caller *caller = send_one(&self->host, 0x11, &req);

	ASSERT_TRUE(caller);
	EXPECT_EQ(0, req->deadline);
	EXPECT_EQ(0, host_answer(&self->host, req, 0));
	EXPECT_EQ(0, caller_join(caller, SOON));
}

TEST_F(caller, the_longest_timeout_is_not_a_short_one)
{
	struct host_request *req;
	struct caller *caller;

	caller = caller_start(&(struct ask){ .opcode = 1, .timeout_ms = UINT32_MAX });
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	sleep_ms(100);
	EXPECT_EQ(0, caller->finished);
	EXPECT_EQ(0, host_answer(&self->host, req, 0));
	EXPECT_EQ(0, caller_join(caller, SOON));
}

/* The number of the session stays valid for whoever serves the request */
TEST_F(caller, the_last_close_waits_for_nobody)
{
	struct host_request *req;
	struct host_identity id;
	struct caller *victim = send_one(&self->host, 0x11, &req);

	ASSERT_TRUE(victim);
	EXPECT_EQ(0, host_identity(&self->host, req->session, &id));
	EXPECT_EQ(0, caller_kill(victim));
	EXPECT_EQ(-ENOENT, host_identity(&self->host, req->session, &id));
	EXPECT_EQ(-ENOENT, host_answer(&self->host, req, 0));
}

TEST_HARNESS_MAIN
