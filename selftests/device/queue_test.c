// SPDX-License-Identifier: Apache-2.0
/*
 * Who is served when: credits, workers, fairness between identities and their limit.
 */
#include <errno.h>
#include <signal.h>
#include "device.h"
#include "fakehost.h"
#include "kselftest_harness.h"

FIXTURE(queue) {
	struct host host;
};

FIXTURE_SETUP(queue)
{
	ASSERT_EQ(0, module_reload("max_waiting=4 grace_ms=700"));
	ASSERT_EQ(0, host_open(&self->host));
}

FIXTURE_TEARDOWN(queue)
{
	host_close(&self->host);
}

/* A request of this user that is waiting in the kernel or at a worker */
static struct caller *settled(uid_t uid, unsigned int opcode)
{
	struct caller *caller = caller_start(&(struct ask){ .uid = uid, .opcode = opcode });

	caller_settle(caller);
	return caller;
}

TEST_F(queue, a_worker_gets_as_many_requests_as_it_has_credits)
{
	struct caller *callers[7];
	struct host_request *req[7];

	ASSERT_EQ(0, host_register(&self->host, 0, 3, NULL));
	for (size_t i = 0; i < ARRAY_SIZE(callers); i++)
		callers[i] = settled(0, 0x10);
	for (size_t i = 0; i < 3; i++)
		ASSERT_EQ(0, host_receive(&self->host, &req[i], SOON));
	EXPECT_EQ(-ETIMEDOUT, host_receive(&self->host, &req[3], NEVER));

	/* One reply, one request; out of order too */
	EXPECT_EQ(0, host_answer(&self->host, req[1], 0));
	ASSERT_EQ(0, host_receive(&self->host, &req[3], SOON));
	EXPECT_EQ(-ETIMEDOUT, host_receive(&self->host, &req[4], NEVER));
	EXPECT_EQ(0, host_answer(&self->host, req[3], 0));
	EXPECT_EQ(0, host_answer(&self->host, req[0], 0));
	ASSERT_EQ(0, host_receive(&self->host, &req[4], SOON));
	ASSERT_EQ(0, host_receive(&self->host, &req[5], SOON));
	EXPECT_EQ(-ETIMEDOUT, host_receive(&self->host, &req[6], NEVER));
	EXPECT_EQ(0, host_answer(&self->host, req[2], 0));
	EXPECT_EQ(0, host_answer(&self->host, req[4], 0));
	EXPECT_EQ(0, host_answer(&self->host, req[5], 0));
	ASSERT_EQ(0, host_receive(&self->host, &req[6], SOON));
	EXPECT_EQ(0, host_answer(&self->host, req[6], 0));
	for (size_t i = 0; i < ARRAY_SIZE(callers); i++)
		EXPECT_EQ(0, caller_join(callers[i], SOON));
}

/* They are wiped: all of them, and nothing beside them. Memory that was overrun shows in
 * the console sooner or later, or at once in a kernel that looks for it.
 */
TEST_F(queue, large_bodies_that_were_never_sent_are_freed)
{
	static uint8_t body[PARSEC_BODY_MAX];
	struct host_request *req;
	struct caller *busy;

	ASSERT_EQ(0, host_register(&self->host, 0, 1, NULL));
	busy = settled(0, 0x10);
	memset(body, 0xa5, sizeof(body));
	for (unsigned int i = 0; i < 24; i++) {
		struct caller *late = caller_start(&(struct ask){
			.opcode = 0x11, .timeout_ms = 20,
			.in = body, .in_len = sizeof(body) - i * 40000,
		});

		EXPECT_EQ(-ETIMEDOUT, caller_join(late, SOON));
	}
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	EXPECT_EQ(0, host_answer(&self->host, req, 0));
	EXPECT_EQ(0, caller_join(busy, SOON));
}

TEST_F(queue, a_worker_with_a_free_credit_is_found)
{
	struct host_request *req, *more;
	struct host other;
	struct caller *one, *two;

	ASSERT_EQ(0, host_register(&self->host, 0, 1, NULL));
	ASSERT_EQ(0, host_open(&other));
	ASSERT_EQ(0, host_register(&other, 0, 1, NULL));
	one = settled(0, 0x10);
	two = settled(0, 0x11);
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	ASSERT_EQ(0, host_receive(&other, &more, SOON));
	EXPECT_EQ(0, host_answer(&other, more, 0));
	EXPECT_EQ(0, host_answer(&self->host, req, 0));
	EXPECT_EQ(0, caller_join(one, SOON));
	EXPECT_EQ(0, caller_join(two, SOON));
	host_close(&other);
}

/* A worker that comes while requests wait is put to work at once */
TEST_F(queue, a_new_worker_takes_what_is_waiting)
{
	struct host_request *req, *more;
	struct host other;
	struct caller *one, *two;

	ASSERT_EQ(0, host_register(&self->host, 0, 1, NULL));
	one = settled(0, 0x10);
	two = settled(0, 0x11);
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	ASSERT_EQ(0, host_open(&other));
	ASSERT_EQ(0, host_register(&other, 0, 2, NULL));
	ASSERT_EQ(0, host_receive(&other, &more, SOON));
	EXPECT_EQ(0x11, more->opcode);
	EXPECT_EQ(0, host_answer(&other, more, 0));
	EXPECT_EQ(0, host_answer(&self->host, req, 0));
	EXPECT_EQ(0, caller_join(one, SOON));
	EXPECT_EQ(0, caller_join(two, SOON));
	host_close(&other);
}

TEST_F(queue, a_busy_provider_does_not_delay_another)
{
	struct host_request *req, *more;
	struct caller *one, *two;
	struct host other;

	ASSERT_EQ(0, host_register(&self->host, 0, 1, NULL));
	ASSERT_EQ(0, host_open(&other));
	ASSERT_EQ(0, host_register(&other, 1, 1, NULL));
	one = settled(0, 0x10);
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	two = caller_start(&(struct ask){ .opcode = 0x11, .provider = 1 });
	ASSERT_EQ(0, host_receive(&other, &more, SOON));
	EXPECT_EQ(0, host_answer(&other, more, 0));
	EXPECT_EQ(0, caller_join(two, SOON));
	EXPECT_EQ(0, host_answer(&self->host, req, 0));
	EXPECT_EQ(0, caller_join(one, SOON));
	host_close(&other);
}

/* Keep the one credit busy, then let Alice queue four and after her Bob: the opcodes
 * as they arrive
 */
static int order_of_service(struct host *host, uid_t first, uid_t second, char *order)
{
	struct caller *busy = settled(0, 0x30);
	struct host_request *hold, *req;

	if (host_receive(host, &hold, SOON))
		return -1;
	for (unsigned int i = 0; i < 4; i++)
		settled(first, 0x10);
	for (unsigned int i = 0; i < 4; i++)
		settled(second, 0x11);
	if (host_answer(host, hold, 0) || caller_join(busy, SOON))
		return -2;
	for (unsigned int i = 0; i < 8; i++) {
		if (host_receive(host, &req, SOON))
			return -3;
		*order++ = req->opcode == 0x10 ? 'a' : 'b';
		if (host_answer(host, req, 0))
			return -4;
	}
	*order = '\0';
	return 0;
}

TEST_F(queue, identities_take_turns)
{
	char order[9];

	ASSERT_EQ(0, host_register(&self->host, 0, 1, NULL));
	ASSERT_EQ(0, order_of_service(&self->host, ALICE, BOB, order));
	EXPECT_STREQ("abababab", order);
}

/* Open files are for free; they must not buy a second turn */
TEST_F(queue, files_of_one_identity_share_a_turn)
{
	char order[9];

	ASSERT_EQ(0, module_reload("max_waiting=8"));
	host_close(&self->host);
	ASSERT_EQ(0, host_open(&self->host));
	ASSERT_EQ(0, host_register(&self->host, 0, 1, NULL));
	ASSERT_EQ(0, order_of_service(&self->host, ALICE, ALICE, order));
	EXPECT_STREQ("aaaabbbb", order);
}

TEST_F(queue, one_identity_is_served_in_order)
{
	struct host_request *hold, *req;

	ASSERT_EQ(0, host_register(&self->host, 0, 1, NULL));
	settled(0, 0x30);
	ASSERT_EQ(0, host_receive(&self->host, &hold, SOON));
	for (unsigned int i = 0; i < 4; i++)
		settled(ALICE, 0x10 + i);
	EXPECT_EQ(0, host_answer(&self->host, hold, 0));
	for (unsigned int i = 0; i < 4; i++) {
		ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
		EXPECT_EQ(0x10 + i, req->opcode);
		EXPECT_EQ(0, host_answer(&self->host, req, 0));
	}
}

TEST_F(queue, more_than_an_identity_may_have_waiting_is_edquot)
{
	struct host_request *req;
	struct caller *waiting[4], *more;

	ASSERT_EQ(0, host_register(&self->host, 0, 1, NULL));
	settled(ALICE, 0x30);
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	for (unsigned int i = 0; i < 4; i++) {
		waiting[i] = settled(ALICE, 0x10);
		EXPECT_EQ(0, waiting[i]->finished);
	}
	more = caller_start(&(struct ask){ .uid = ALICE, .opcode = 0x11 });
	EXPECT_EQ(-EDQUOT, caller_join(more, SOON));

	/* Bob is not held responsible */
	more = settled(BOB, 0x12);
	EXPECT_EQ(0, more->finished);

	/* A place that was left can be taken */
	EXPECT_EQ(0, caller_kill(waiting[0]));
	waiting[0] = settled(ALICE, 0x10);
	EXPECT_EQ(0, waiting[0]->finished);

	/* And in the end all of them are served */
	EXPECT_EQ(0, host_answer(&self->host, req, 0));
	for (unsigned int i = 0; i < 5; i++) {
		ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
		EXPECT_EQ(0, host_answer(&self->host, req, 0));
	}
	for (unsigned int i = 0; i < 4; i++)
		EXPECT_EQ(0, caller_join(waiting[i], SOON));
	EXPECT_EQ(0, caller_join(more, SOON));
}

TEST_F(queue, the_limit_can_be_changed_while_loaded)
{
	struct host_request *req;

	ASSERT_EQ(0, host_register(&self->host, 0, 1, NULL));
	ASSERT_LT(0, write_file(PARAMETERS "/max_waiting", "1"));
	settled(ALICE, 0x30);
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	EXPECT_EQ(0, settled(ALICE, 0x10)->finished);
	EXPECT_EQ(-EDQUOT, caller_join(caller_start(&(struct ask){
		.uid = ALICE, .opcode = 0x11 }), SOON));
	ASSERT_LT(0, write_file(PARAMETERS "/max_waiting", "2"));
	EXPECT_EQ(0, settled(ALICE, 0x10)->finished);
}

/* Those who wait for a host to come back count too */
TEST_F(queue, the_limit_holds_in_the_grace_period)
{
	ASSERT_EQ(0, host_register(&self->host, 0, 1, NULL));
	host_close(&self->host);
	ASSERT_EQ(0, host_open(&self->host));
	for (unsigned int i = 0; i < 4; i++)
		EXPECT_EQ(0, settled(ALICE, 0x10)->finished);
	EXPECT_EQ(-EDQUOT, caller_join(caller_start(&(struct ask){
		.uid = ALICE, .opcode = 0x11 }), SOON));
}

TEST_HARNESS_MAIN
