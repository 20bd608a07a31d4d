// SPDX-License-Identifier: Apache-2.0
/*
 * How much an identity may have: requests at hosts, open files; what a host sets for it.
 * How much may wait is tested with the queue.
 */
#include <errno.h>
#include <signal.h>
#include "device.h"
#include "fakehost.h"
#include "kselftest_harness.h"

FIXTURE(limits) {
	struct host host;
	struct host other;
	struct host_request *req[8];
};

FIXTURE_SETUP(limits)
{
	ASSERT_EQ(0, module_reload("max_running=2 max_open=20"));
	ASSERT_EQ(0, host_open(&self->host));
	ASSERT_EQ(0, host_register(&self->host, 0, 8, NULL));
	ASSERT_EQ(0, host_open(&self->other));
	ASSERT_EQ(0, host_register(&self->other, 1, 8, NULL));
}

FIXTURE_TEARDOWN(limits)
{
	host_close(&self->host);
	host_close(&self->other);
}

/* A request of this user that is waiting in the kernel or at a worker */
static struct caller *settled(uid_t uid, uint8_t provider, unsigned int opcode)
{
	struct caller *caller = caller_start(&(struct ask){ .uid = uid, .provider = provider,
							    .opcode = opcode });

	caller_settle(caller);
	return caller;
}

#define EXPECT_NOTHING(host) \
	do { \
		struct host_request *unexpected; \
		EXPECT_EQ(-ETIMEDOUT, host_receive(host, &unexpected, NEVER)); \
	} while (0)

TEST_F(limits, who_has_enough_running_is_passed_over)
{
	struct caller *alice[4], *bob;

	for (unsigned int i = 0; i < 4; i++)
		alice[i] = settled(ALICE, 0, 0x10 + i);
	bob = settled(BOB, 0, 0x20);
	ASSERT_EQ(0, host_receive(&self->host, &self->req[0], SOON));
	ASSERT_EQ(0, host_receive(&self->host, &self->req[1], SOON));
	ASSERT_EQ(0, host_receive(&self->host, &self->req[2], SOON));
	EXPECT_EQ(0x10, self->req[0]->opcode);
	EXPECT_EQ(0x11, self->req[1]->opcode);
	EXPECT_EQ(0x20, self->req[2]->opcode);
	EXPECT_NOTHING(&self->host);

	/* Bob's answer does not help Alice; her own does, in her order */
	EXPECT_EQ(0, host_answer(&self->host, self->req[2], 0));
	EXPECT_EQ(0, caller_join(bob, SOON));
	EXPECT_NOTHING(&self->host);
	EXPECT_EQ(0, host_answer(&self->host, self->req[0], 0));
	ASSERT_EQ(0, host_receive(&self->host, &self->req[2], SOON));
	EXPECT_EQ(0x12, self->req[2]->opcode);
	EXPECT_NOTHING(&self->host);
	EXPECT_EQ(0, host_answer(&self->host, self->req[2], 0));
	ASSERT_EQ(0, host_receive(&self->host, &self->req[3], SOON));
	EXPECT_EQ(0x13, self->req[3]->opcode);
	EXPECT_EQ(0, host_answer(&self->host, self->req[1], 0));
	EXPECT_EQ(0, host_answer(&self->host, self->req[3], 0));
	for (unsigned int i = 0; i < 4; i++)
		EXPECT_EQ(0, caller_join(alice[i], SOON));
}

TEST_F(limits, all_providers_count_together)
{
	struct caller *alice[3];

	alice[0] = settled(ALICE, 0, 0x10);
	alice[1] = settled(ALICE, 0, 0x11);
	alice[2] = settled(ALICE, 1, 0x12);
	ASSERT_EQ(0, host_receive(&self->host, &self->req[0], SOON));
	ASSERT_EQ(0, host_receive(&self->host, &self->req[1], SOON));
	EXPECT_NOTHING(&self->other);

	/* An answer of one provider lets a request to another go */
	EXPECT_EQ(0, host_answer(&self->host, self->req[0], 0));
	ASSERT_EQ(0, host_receive(&self->other, &self->req[2], SOON));
	EXPECT_EQ(0x12, self->req[2]->opcode);
	EXPECT_EQ(0, host_answer(&self->other, self->req[2], 0));
	EXPECT_EQ(0, host_answer(&self->host, self->req[1], 0));
	for (unsigned int i = 0; i < 3; i++)
		EXPECT_EQ(0, caller_join(alice[i], SOON));
}

/* Neither does one provider's traffic keep all that there is for itself */
TEST_F(limits, providers_take_turns_too)
{
	struct caller *alice[5];

	alice[0] = settled(ALICE, 1, 0x20);
	ASSERT_EQ(0, host_receive(&self->other, &self->req[0], SOON));
	for (unsigned int i = 1; i < 4; i++)
		alice[i] = settled(ALICE, 0, 0x10 + i);
	ASSERT_EQ(0, host_receive(&self->host, &self->req[1], SOON));
	alice[4] = settled(ALICE, 1, 0x21);
	EXPECT_NOTHING(&self->other);

	EXPECT_EQ(0, host_answer(&self->host, self->req[1], 0));
	ASSERT_EQ(0, host_receive(&self->other, &self->req[4], SOON));
	EXPECT_EQ(0x21, self->req[4]->opcode);
	EXPECT_NOTHING(&self->host);
	EXPECT_EQ(0, host_answer(&self->other, self->req[0], 0));
	ASSERT_EQ(0, host_receive(&self->host, &self->req[2], SOON));
	EXPECT_EQ(0, host_answer(&self->other, self->req[4], 0));
	ASSERT_EQ(0, host_receive(&self->host, &self->req[3], SOON));
	EXPECT_EQ(0, host_answer(&self->host, self->req[2], 0));
	EXPECT_EQ(0, host_answer(&self->host, self->req[3], 0));
	for (unsigned int i = 0; i < 5; i++)
		EXPECT_EQ(0, caller_join(alice[i], SOON));
}

/* Giving up at once buys nothing, and neither does closing the file */
TEST_F(limits, what_was_abandoned_runs_until_the_host_has_answered)
{
	struct caller *alice[3];

	alice[0] = settled(ALICE, 0, 0x10);
	alice[1] = settled(ALICE, 0, 0x11);
	ASSERT_EQ(0, host_receive(&self->host, &self->req[0], SOON));
	ASSERT_EQ(0, host_receive(&self->host, &self->req[1], SOON));
	EXPECT_EQ(0, caller_kill(alice[0]));
	EXPECT_EQ(0, caller_kill(alice[1]));
	alice[2] = settled(ALICE, 0, 0x12);
	EXPECT_NOTHING(&self->host);
	EXPECT_EQ(-ENOENT, host_answer(&self->host, self->req[0], 0));
	ASSERT_EQ(0, host_receive(&self->host, &self->req[2], SOON));
	EXPECT_EQ(-ENOENT, host_answer(&self->host, self->req[1], 0));
	EXPECT_EQ(0, host_answer(&self->host, self->req[2], 0));
	EXPECT_EQ(0, caller_join(alice[2], SOON));
}

TEST_F(limits, the_end_of_a_host_ends_what_runs_there)
{
	struct caller *alice[3];

	alice[0] = settled(ALICE, 0, 0x10);
	alice[1] = settled(ALICE, 0, 0x11);
	alice[2] = settled(ALICE, 1, 0x12);
	ASSERT_EQ(0, host_receive(&self->host, &self->req[0], SOON));
	ASSERT_EQ(0, host_receive(&self->host, &self->req[1], SOON));
	EXPECT_NOTHING(&self->other);
	host_close(&self->host);
	EXPECT_EQ(-EIO, caller_join(alice[0], SOON));
	EXPECT_EQ(-EIO, caller_join(alice[1], SOON));
	ASSERT_EQ(0, host_receive(&self->other, &self->req[2], SOON));
	EXPECT_EQ(0, host_answer(&self->other, self->req[2], 0));
	EXPECT_EQ(0, caller_join(alice[2], SOON));
	ASSERT_EQ(0, host_open(&self->host));
}

/* A request that is passed over can be given up, and the others go on */
TEST_F(limits, leaving_while_passed_over)
{
	struct caller *alice[4];

	for (unsigned int i = 0; i < 4; i++)
		alice[i] = settled(ALICE, 0, 0x10 + i);
	ASSERT_EQ(0, host_receive(&self->host, &self->req[0], SOON));
	ASSERT_EQ(0, host_receive(&self->host, &self->req[1], SOON));
	EXPECT_EQ(0, caller_kill(alice[2]));
	EXPECT_EQ(0, caller_kill(alice[3]));
	EXPECT_EQ(0, host_answer(&self->host, self->req[0], 0));
	EXPECT_EQ(0, host_answer(&self->host, self->req[1], 0));
	alice[2] = settled(ALICE, 0, 0x14);
	ASSERT_EQ(0, host_receive(&self->host, &self->req[2], SOON));
	EXPECT_EQ(0x14, self->req[2]->opcode);
	EXPECT_EQ(0, host_answer(&self->host, self->req[2], 0));
	EXPECT_EQ(0, caller_join(alice[2], SOON));
}

/* Those who were passed over when their last host went do not hang */
TEST_F(limits, passed_over_in_the_grace_period)
{
	struct caller *alice[3];

	ASSERT_LT(0, write_file(PARAMETERS "/grace_ms", "50"));
	for (unsigned int i = 0; i < 2; i++)
		alice[i] = settled(ALICE, 1, 0x10 + i);
	ASSERT_EQ(0, host_receive(&self->other, &self->req[0], SOON));
	ASSERT_EQ(0, host_receive(&self->other, &self->req[1], SOON));
	alice[2] = settled(ALICE, 0, 0x12);
	EXPECT_NOTHING(&self->host);
	host_close(&self->host);
	EXPECT_EQ(-ENOTCONN, caller_join(alice[2], SOON));
	EXPECT_EQ(0, host_answer(&self->other, self->req[0], 0));
	EXPECT_EQ(0, host_answer(&self->other, self->req[1], 0));
	ASSERT_EQ(0, host_open(&self->host));
}

TEST_F(limits, no_limit_is_0_and_can_be_set_while_loaded)
{
	struct caller *alice[6];

	ASSERT_LT(0, write_file(PARAMETERS "/max_running", "0"));
	for (unsigned int i = 0; i < 6; i++)
		alice[i] = settled(ALICE, 0, 0x10);
	for (unsigned int i = 0; i < 6; i++)
		ASSERT_EQ(0, host_receive(&self->host, &self->req[i], SOON));
	for (unsigned int i = 0; i < 6; i++)
		EXPECT_EQ(0, host_answer(&self->host, self->req[i], 0));
	for (unsigned int i = 0; i < 6; i++)
		EXPECT_EQ(0, caller_join(alice[i], SOON));
}

/* How many files this user can open, and what comes then */
static int open_until_refused(void *arg)
{
	int fds[64], error = 0;
	unsigned int n;

	if (become(*(uid_t *)arg))
		return -EINVAL;
	for (n = 0; n < 64; n++) {
		fds[n] = device_open();
		if (fds[n] < 0) {
			error = fds[n];
			break;
		}
	}
	if (!n || error != -EDQUOT)
		return error;
	/* A place that was left can be taken */
	close(fds[0]);
	fds[0] = device_open();
	return fds[0] < 0 ? fds[0] : device_open() == -EDQUOT ? (int)n : -EINVAL;
}

TEST_F(limits, open_files)
{
	uid_t alice = ALICE, bob = BOB;
	int fd = device_open();

	ASSERT_LE(0, fd);
	EXPECT_EQ(20, in_child(open_until_refused, &alice, -1));
	EXPECT_EQ(20, in_child(open_until_refused, &alice, -1));
	EXPECT_EQ(20, in_child(open_until_refused, &bob, -1));
	ASSERT_LT(0, write_file(PARAMETERS "/max_open", "0"));
	EXPECT_EQ(0, in_child(open_until_refused, &alice, -1));
}

/* One file counts once, however many descriptors and processes share it */
static int share(void *arg)
{
	int fds[40];

	(void)arg;
	fds[0] = device_open();
	for (unsigned int i = 1; i < 40; i++)
		fds[i] = dup(fds[0]);
	for (unsigned int i = 0; i < 19; i++)
		if (device_open() < 0)
			return -EDQUOT;
	return device_open() == -EDQUOT ? 0 : 1;
}

TEST_F(limits, descriptors_of_one_file_count_once)
{
	EXPECT_EQ(0, in_child(share, NULL, -1));
}

/* What a host sets */

/* Wait at the host, so that the session stays open */
#define WITH_ALICE() \
	struct caller *waiting = settled(ALICE, 1, 0x30); \
	uint64_t session = waiting->session; \
	struct host_request *hold; \
	ASSERT_EQ(0, host_receive(&self->other, &hold, SOON))

#define WITHOUT_ALICE() \
	do { \
		EXPECT_EQ(0, host_answer(&self->other, hold, 0)); \
		EXPECT_EQ(0, caller_join(waiting, SOON)); \
	} while (0)

TEST_F(limits, a_host_sets_how_many_run)
{
	struct caller *alice[3];

	WITH_ALICE();
	alice[0] = settled(ALICE, 0, 0x10);
	ASSERT_EQ(0, host_receive(&self->host, &self->req[0], SOON));
	alice[1] = settled(ALICE, 0, 0x11);
	EXPECT_NOTHING(&self->host);

	/* More: at once */
	EXPECT_EQ(0, host_set_limits(&self->host, session, LIMIT_DEFAULT, 3, LIMIT_DEFAULT));
	ASSERT_EQ(0, host_receive(&self->host, &self->req[1], SOON));

	/* Fewer: what runs goes on, and nothing follows until it is below */
	EXPECT_EQ(0, host_set_limits(&self->host, session, LIMIT_DEFAULT, 2, LIMIT_DEFAULT));
	alice[2] = settled(ALICE, 0, 0x12);
	EXPECT_EQ(0, host_answer(&self->host, self->req[0], 0));
	EXPECT_NOTHING(&self->host);
	EXPECT_EQ(0, host_answer(&self->host, self->req[1], 0));
	ASSERT_EQ(0, host_receive(&self->host, &self->req[2], SOON));
	EXPECT_EQ(0, host_answer(&self->host, self->req[2], 0));
	for (unsigned int i = 0; i < 3; i++)
		EXPECT_EQ(0, caller_join(alice[i], SOON));
	WITHOUT_ALICE();
}

TEST_F(limits, a_host_sets_how_many_wait)
{
	struct caller *alice[2];

	WITH_ALICE();
	EXPECT_EQ(0, host_set_limits(&self->host, session, 1, 1, LIMIT_DEFAULT));
	alice[0] = settled(ALICE, 0, 0x10);
	EXPECT_EQ(0, alice[0]->finished);
	alice[1] = settled(ALICE, 0, 0x11);
	EXPECT_EQ(-EDQUOT, caller_join(alice[1], SOON));
	/* 0: as many as it likes. What is absent is the module's again */
	EXPECT_EQ(0, host_set_limits(&self->host, session, 0, LIMIT_DEFAULT, LIMIT_DEFAULT));
	ASSERT_EQ(0, host_receive(&self->host, &self->req[0], SOON));
	alice[1] = settled(ALICE, 0, 0x12);
	EXPECT_EQ(0, alice[1]->finished);
	EXPECT_EQ(0, host_answer(&self->host, self->req[0], 0));
	ASSERT_EQ(0, host_receive(&self->host, &self->req[1], SOON));
	EXPECT_EQ(0, host_answer(&self->host, self->req[1], 0));
	WITHOUT_ALICE();
}

TEST_F(limits, a_host_sets_how_many_files_until_the_last_is_closed)
{
	uid_t alice = ALICE, bob = BOB;

	{
		WITH_ALICE();
		EXPECT_EQ(0, host_set_limits(&self->host, session, LIMIT_DEFAULT, LIMIT_DEFAULT,
					     5));
		EXPECT_EQ(4, in_child(open_until_refused, &alice, -1));
		EXPECT_EQ(20, in_child(open_until_refused, &bob, -1));
		WITHOUT_ALICE();
	}
	EXPECT_EQ(20, in_child(open_until_refused, &alice, -1));

	/* Also when the account lives on for a request that was abandoned */
	{
		WITH_ALICE();
		EXPECT_EQ(0, host_set_limits(&self->host, session, LIMIT_DEFAULT, LIMIT_DEFAULT,
					     5));
		EXPECT_EQ(0, caller_kill(waiting));
		EXPECT_EQ(20, in_child(open_until_refused, &alice, -1));
		EXPECT_EQ(-ENOENT, host_answer(&self->other, hold, 0));
	}
}

/* So that the next host can tell whether they still hold */
TEST_F(limits, what_a_host_set_is_told)
{
	struct host_identity *id = malloc(sizeof(*id));

	ASSERT_NE(NULL, id);
	{
		WITH_ALICE();
		EXPECT_EQ(0, host_identity(&self->host, session, id));
		EXPECT_EQ(LIMIT_DEFAULT, id->max_waiting);
		EXPECT_EQ(LIMIT_DEFAULT, id->max_running);
		EXPECT_EQ(LIMIT_DEFAULT, id->max_open);
		EXPECT_EQ(0, host_set_limits(&self->other, session, 7, LIMIT_DEFAULT, 0));
		EXPECT_EQ(0, host_identity(&self->host, session, id));
		EXPECT_EQ(7, id->max_waiting);
		EXPECT_EQ(LIMIT_DEFAULT, id->max_running);
		EXPECT_EQ(0, id->max_open);
		EXPECT_EQ(ALICE, id->uid);
		WITHOUT_ALICE();
	}
	{
		WITH_ALICE();
		EXPECT_EQ(0, host_identity(&self->host, session, id));
		EXPECT_EQ(LIMIT_DEFAULT, id->max_waiting);
		WITHOUT_ALICE();
	}
	free(id);
}

static int set_as_alice(void *arg)
{
	struct host host;

	return become(ALICE) ?: host_open(&host) ?:
	       host_set_limits(&host, *(uint64_t *)arg, 1, 1, 1);
}

TEST_F(limits, only_a_registered_socket_sets_them)
{
	struct host stranger;

	WITH_ALICE();
	EXPECT_EQ(-EPERM, in_child(set_as_alice, &session, -1));
	ASSERT_EQ(0, host_open(&stranger));
	EXPECT_EQ(-EPERM, host_set_limits(&stranger, session, 1, 1, 1));
	/* Even the question whether it exists */
	EXPECT_EQ(-EPERM, host_set_limits(&stranger, session + 1000, 1, 1, 1));
	host_close(&stranger);
	WITHOUT_ALICE();
}

TEST_F(limits, bad_limits_change_nothing)
{
	uid_t alice = ALICE;
	struct message msg;

	WITH_ALICE();
	EXPECT_EQ(-ENOENT, host_set_limits(&self->host, session + 1000, 1, 1, 1));
	EXPECT_EQ(-ENOENT, host_set_limits(&self->host, 0, 1, 1, 1));
	EXPECT_EQ(-EINVAL, host_set_limits(&self->host, session, 1, 1, PARSEC_NL_LIMIT_MAX + 1));
	EXPECT_EQ(-EINVAL, host_set_limits(&self->host, session, 1, PARSEC_NL_LIMIT_MAX + 1, 1));
	EXPECT_EQ(-EINVAL, host_set_limits(&self->host, session, UINT32_MAX - 1, 1, 1));
	message_start(&msg, &self->host, PARSEC_CMD_SET_LIMITS);
	message_put_u32(&msg, PARSEC_A_MAX_OPEN, 1);
	EXPECT_EQ(-EINVAL, host_transact(&self->host, &msg));
	message_start(&msg, &self->host, PARSEC_CMD_SET_LIMITS);
	message_put_u64(&msg, PARSEC_A_SESSION, session);
	message_put_u16(&msg, PARSEC_A_MAX_OPEN, 1);
	EXPECT_GT(0, host_transact(&self->host, &msg));
	/* The attribute itself says "default" only by being absent */
	message_start(&msg, &self->host, PARSEC_CMD_SET_LIMITS);
	message_put_u64(&msg, PARSEC_A_SESSION, session);
	message_put_u32(&msg, PARSEC_A_MAX_OPEN, UINT32_MAX);
	EXPECT_EQ(-EINVAL, host_transact(&self->host, &msg));
	EXPECT_EQ(19, in_child(open_until_refused, &alice, -1));
	EXPECT_EQ(0, host_set_limits(&self->host, session, PARSEC_NL_LIMIT_MAX,
				     PARSEC_NL_LIMIT_MAX, PARSEC_NL_LIMIT_MAX));
	WITHOUT_ALICE();
}

TEST_HARNESS_MAIN
