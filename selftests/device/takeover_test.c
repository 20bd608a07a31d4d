// SPDX-License-Identifier: Apache-2.0
/*
 * A process takes a provider over from another: nothing is lost, nothing runs twice,
 * and the old one gets nothing more.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include "device.h"
#include "fakehost.h"
#include "kselftest_harness.h"

FIXTURE(takeover) {
	struct host host;	/* this process's: the new one */
	int fd;
	pid_t old;
};

FIXTURE_SETUP(takeover)
{
	ASSERT_EQ(0, module_reload("grace_ms=300"));
	self->old = host_start(0, 4, replay_all);
	ASSERT_LT(0, self->old);
	ASSERT_EQ(0, host_open(&self->host));
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(takeover)
{
	host_close(&self->host);
	if (self->old > 0) {
		kill(self->old, SIGKILL);
		waitpid(self->old, NULL, 0);
	}
}

static void end_old(pid_t *old)
{
	kill(*old, SIGKILL);
	waitpid(*old, NULL, 0);
	*old = 0;
}

TEST_F(takeover, without_the_flag_it_is_ebusy)
{
	EXPECT_EQ(-EBUSY, host_register(&self->host, 0, 1, NULL));
	EXPECT_EQ(0, device_ping(self->fd));
}

TEST_F(takeover, requests_go_to_the_new_one)
{
	struct host_request *req;
	struct caller *caller;

	EXPECT_EQ(0, device_ping(self->fd));
	ASSERT_EQ(0, host_take_over(&self->host, 0, 1, NULL));
	for (unsigned int i = 0; i < 8; i++) {
		caller = caller_start(&(struct ask){ .opcode = 0x10 });
		ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
		EXPECT_EQ(0, host_answer(&self->host, req, 7));
		EXPECT_EQ(0, caller_join(caller, SOON));
		EXPECT_EQ(7, caller->op.status);
	}
	/* What is above its credits waits, although the old one has some */
	for (unsigned int i = 0; i < 2; i++) {
		caller = caller_start(&(struct ask){ .opcode = 0x10 });
		ASSERT_EQ(0, caller_settle(caller));
	}
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	sleep_ms(NEVER);
	EXPECT_EQ(0, caller->finished);
	EXPECT_EQ(0, host_answer(&self->host, req, 7));
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	EXPECT_EQ(0, host_answer(&self->host, req, 7));
	EXPECT_EQ(0, caller_join(caller, SOON));
}

/* What hangs in the old one takes nothing from those who have it there */
TEST_F(takeover, all_workers_of_the_new_one_are_free)
{
	struct caller *old[4], *callers[3];
	struct host_request *reqs[3];

	old[0] = caller_start(&(struct ask){ .uid = BOB, .opcode = OP_LOST });
	ASSERT_EQ(0, caller_settle(old[0]));
	for (unsigned int i = 1; i < 4; i++) {
		old[i] = caller_start(&(struct ask){ .uid = ALICE, .opcode = OP_LOST });
		ASSERT_EQ(0, caller_settle(old[i]));
	}
	ASSERT_EQ(0, host_take_over(&self->host, 0, 4, NULL));
	for (unsigned int i = 0; i < 3; i++) {
		callers[i] = caller_start(&(struct ask){ .uid = ALICE, .opcode = 0x10 });
		ASSERT_EQ(0, host_receive(&self->host, &reqs[i], SOON));
	}
	end_old(&self->old);
	for (unsigned int i = 0; i < 3; i++) {
		EXPECT_EQ(0, host_answer(&self->host, reqs[i], 0));
		EXPECT_EQ(0, caller_join(callers[i], SOON));
	}
	/* They may run twice, and now they do */
	for (unsigned int i = 0; i < 4; i++) {
		struct host_request *req;

		ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
		EXPECT_EQ(OP_LOST, req->opcode);
		EXPECT_EQ(0, host_answer(&self->host, req, 0));
	}
	for (unsigned int i = 0; i < 4; i++)
		EXPECT_EQ(0, caller_join(old[i], SOON));
}

/* Nobody to take it from: just a registration */
TEST_F(takeover, of_nobody)
{
	struct host more;

	ASSERT_EQ(0, host_take_over(&self->host, 7, 1, NULL));
	ASSERT_EQ(0, host_open(&more));
	ASSERT_EQ(0, host_take_over(&more, 7, 1, NULL));
	EXPECT_EQ(0, device_ping(self->fd));
	host_close(&more);
}

TEST_F(takeover, all_sockets_of_the_new_one_serve)
{
	struct host more;
	struct host_request *req, *second;
	struct caller *callers[2];

	ASSERT_EQ(0, host_take_over(&self->host, 0, 1, NULL));
	ASSERT_EQ(0, host_open(&more));
	ASSERT_EQ(0, host_take_over(&more, 0, 1, NULL));
	for (unsigned int i = 0; i < 2; i++)
		callers[i] = caller_start(&(struct ask){ .opcode = 0x10 });
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	ASSERT_EQ(0, host_receive(&more, &second, SOON));
	EXPECT_EQ(0, host_answer(&self->host, req, 0));
	EXPECT_EQ(0, host_answer(&more, second, 0));
	for (unsigned int i = 0; i < 2; i++)
		EXPECT_EQ(0, caller_join(callers[i], SOON));
	host_close(&more);
}

static int take_over_as_alice(void *arg)
{
	struct host host;

	(void)arg;
	return become(ALICE) ?: host_open(&host) ?: host_take_over(&host, 0, 1, NULL);
}

TEST_F(takeover, an_ordinary_user_is_eperm)
{
	EXPECT_EQ(-EPERM, in_child(take_over_as_alice, NULL, -1));
	EXPECT_EQ(0, device_ping(self->fd));
}

/* A registration that fails takes nothing over */
TEST_F(takeover, a_refused_one_leaves_the_old_one_alone)
{
	EXPECT_EQ(-EINVAL, host_take_over(&self->host, 0, 0, NULL));
	EXPECT_EQ(-EINVAL, host_take_over(&self->host, 0, PARSEC_NL_CREDITS_MAX + 1, NULL));
	EXPECT_EQ(0, device_ping(self->fd));
}

/* The old one in this process, so that it answers when it is told to; the new one in a
 * process of its own
 */
static int take_over_and_serve(void *arg)
{
	struct host host;
	int ret = host_open(&host) ?: host_take_over(&host, 0, 4, replay_all);

	*(volatile int *)arg = ret ? ret : 1;
	return ret ?: host_serve(&host, 0);
}

static pid_t start_new(volatile int *verdict)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close_range(STDERR_FILENO + 1, ~0U, 0);
		_exit(take_over_and_serve((void *)(uintptr_t)verdict) ? 1 : 0);
	}
	for (int i = 0; i < slow_ms(500) && !*verdict; i++)
		sleep_ms(10);
	return pid;
}

FIXTURE(old) {
	struct host host;	/* this process's: the old one */
	struct host_request *req;
	struct caller *caller;
	volatile int *verdict;
	pid_t new;
	int fd;
};

FIXTURE_SETUP(old)
{
	ASSERT_EQ(0, module_reload("grace_ms=300"));
	self->verdict = mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_EQ(0, host_open(&self->host));
	ASSERT_EQ(0, host_register(&self->host, 0, 2, replay_only(0x11)));
	self->fd = device_open();
}

FIXTURE_TEARDOWN(old)
{
	if (self->new > 0) {
		kill(self->new, SIGKILL);
		waitpid(self->new, NULL, 0);
	}
	host_close(&self->host);
}

#define ASK_OLD(opcode_) \
	do { \
		self->caller = caller_start(&(struct ask){ .opcode = (opcode_), .in = "abc", \
							   .in_len = 3, .room = 16 }); \
		ASSERT_EQ(0, host_receive(&self->host, &self->req, SOON)); \
	} while (0)

TEST_F(old, it_answers_what_it_has)
{
	struct host_identity identity;

	ASK_OLD(0x10);
	self->new = start_new(self->verdict);
	ASSERT_EQ(1, *self->verdict);
	EXPECT_EQ(0, device_ping(self->fd));
	EXPECT_EQ(0, self->caller->finished);
	/* It may still ask who that is */
	EXPECT_EQ(0, host_identity(&self->host, self->req->session, &identity));
	EXPECT_EQ(0, host_reply(&self->host, self->req->id, 9, "xyz", 3));
	EXPECT_EQ(0, caller_join(self->caller, SOON));
	EXPECT_EQ(9, self->caller->op.status);

	/* Its credit is back, and still it gets nothing */
	for (unsigned int i = 0; i < 16; i++)
		EXPECT_EQ(0, device_ping(self->fd));
	EXPECT_EQ(-ETIMEDOUT, host_receive(&self->host, &self->req, NEVER));
	/* Nor does the end of the new one bring it back */
	kill(self->new, SIGKILL);
	waitpid(self->new, NULL, 0);
	self->new = 0;
	EXPECT_EQ(-ENOTCONN, device_ping(self->fd));
	EXPECT_EQ(-EALREADY, host_register(&self->host, 0, 1, NULL));
}

TEST_F(old, what_waited_goes_to_the_new_one)
{
	struct caller *more[6];

	ASK_OLD(0x10);
	for (unsigned int i = 0; i < 6; i++) {
		more[i] = caller_start(&(struct ask){ .opcode = 0x01, .in = "abc", .in_len = 3,
						      .room = 16 });
		ASSERT_EQ(0, caller_settle(more[i]));
	}
	self->new = start_new(self->verdict);
	ASSERT_EQ(1, *self->verdict);
	/* But for one that had been sent, all are served while the old one sleeps */
	for (unsigned int i = 1; i < 6; i++)
		EXPECT_EQ(0, caller_join(more[i], SOON));
	EXPECT_EQ(0, host_answer(&self->host, self->req, 0));
	EXPECT_EQ(0, caller_join(self->caller, SOON));
	ASSERT_EQ(0, host_receive(&self->host, &self->req, SOON));
	EXPECT_EQ(0, host_answer(&self->host, self->req, 0));
	EXPECT_EQ(0, caller_join(more[0], SOON));
}

/* What it had not read, or may run twice, goes to the new one when it dies */
TEST_F(old, its_death_costs_only_what_may_not_run_twice)
{
	struct caller *twice;
	struct host_request *req;

	ASK_OLD(0x10);
	twice = caller_start(&(struct ask){ .opcode = 0x11 });
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	self->new = start_new(self->verdict);
	ASSERT_EQ(1, *self->verdict);
	host_close(&self->host);
	EXPECT_EQ(0, caller_join(twice, SOON));
	EXPECT_EQ(-EIO, caller_join(self->caller, SOON));
	EXPECT_EQ(0, device_ping(self->fd));
	ASSERT_EQ(0, host_open(&self->host));
}

/* It was there a moment ago, but is not what one waits for */
TEST_F(old, after_both_have_gone_the_grace_period_is_that_of_the_new_one)
{
	self->new = start_new(self->verdict);
	ASSERT_EQ(1, *self->verdict);
	kill(self->new, SIGKILL);
	waitpid(self->new, NULL, 0);
	self->new = 0;
	EXPECT_EQ(-ENOTCONN, device_ping(self->fd));
	host_close(&self->host);
	/* At once: no second grace period */
	EXPECT_EQ(-ENOTCONN, device_ping(self->fd));
	ASSERT_EQ(0, host_open(&self->host));
}

/* Under load, over and over: no call fails */
struct load {
	unsigned int calls;
	unsigned int failed;
	int error;
	bool stop;
};

static void *ask_on(void *arg)
{
	struct load *load = arg;
	int fd = device_open();
	int ret;

	while (!__atomic_load_n(&load->stop, __ATOMIC_RELAXED)) {
		ret = device_ping(fd);
		__atomic_fetch_add(&load->calls, 1, __ATOMIC_RELAXED);
		if (ret) {
			load->error = ret;
			__atomic_fetch_add(&load->failed, 1, __ATOMIC_RELAXED);
		}
	}
	close(fd);
	return NULL;
}

TEST_F(takeover, no_call_is_lost_under_load)
{
	struct load load = { 0 };
	pthread_t threads[16];
	volatile int *verdict;
	pid_t new;

	verdict = mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(threads); i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, ask_on, &load));
	for (unsigned int i = 0; i < 10; i++) {
		unsigned int before = __atomic_load_n(&load.calls, __ATOMIC_RELAXED);

		*verdict = 0;
		new = start_new(verdict);
		EXPECT_EQ(1, *verdict);
		/* The old one answers what it has, and then waits in vain */
		for (int j = 0; j < slow_ms(500) &&
		     __atomic_load_n(&load.calls, __ATOMIC_RELAXED) < before + 100; j++)
			sleep_ms(10);
		end_old(&self->old);
		self->old = new;
	}
	__atomic_store_n(&load.stop, true, __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	EXPECT_LT(100, load.calls);
	EXPECT_EQ(0, load.failed) TH_LOG("%u of %u: %s", load.failed, load.calls,
					 strerror(-load.error));
}

TEST_HARNESS_MAIN
