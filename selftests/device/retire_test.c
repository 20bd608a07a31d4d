// SPDX-License-Identifier: Apache-2.0
/*
 * RETIRE: a host that is about to go takes nothing more, and finishes what it has.
 */
#include <errno.h>
#include "device.h"
#include "fakehost.h"
#include "kselftest_harness.h"

#define GRACE_MS	slow_ms(600)

FIXTURE(retire) {
	struct host host;
	struct caller *caller;
	struct host_request *req;
};

/* A request at the host and, for its one credit, no other */
FIXTURE_SETUP(retire)
{
	char grace[32];

	snprintf(grace, sizeof(grace), "grace_ms=%d", GRACE_MS);
	ASSERT_EQ(0, module_reload(grace));
	ASSERT_EQ(0, host_open(&self->host));
	ASSERT_EQ(0, host_register(&self->host, 0, 1, NULL));
	self->caller = caller_start(&(struct ask){ .opcode = 0x10, .in = "abc", .in_len = 3,
						   .room = 16 });
	ASSERT_EQ(0, host_receive(&self->host, &self->req, SOON));
}

FIXTURE_TEARDOWN(retire)
{
	caller_kill(self->caller);
	host_close(&self->host);
}

/* It would get the next request with the verdict on its answer */
TEST_F(retire, it_answers_what_it_has_and_gets_nothing_more)
{
	struct caller *waits = caller_start(&(struct ask){ .opcode = 0x11, .room = 16 });
	struct host_identity identity;
	struct host_request *req;
	struct host next;

	ASSERT_EQ(0, caller_settle(waits));
	EXPECT_EQ(0, host_retire(&self->host));
	EXPECT_EQ(0, host_identity(&self->host, self->req->session, &identity));
	EXPECT_EQ(0, host_reply(&self->host, self->req->id, 7, "xyz", 3));
	EXPECT_EQ(0, caller_join(self->caller, SOON));
	EXPECT_EQ(7, self->caller->op.status);
	EXPECT_EQ(-ETIMEDOUT, host_receive(&self->host, &req, NEVER));
	EXPECT_EQ(0, waits->finished);

	ASSERT_EQ(0, host_open(&next));
	ASSERT_EQ(0, host_register(&next, 0, 1, NULL));
	ASSERT_EQ(0, host_receive(&next, &req, SOON));
	EXPECT_EQ(0x11, req->opcode);
	EXPECT_EQ(0, host_answer(&next, req, 5));
	EXPECT_EQ(0, caller_join(waits, SOON));
	EXPECT_EQ(5, waits->op.status);
	EXPECT_EQ(-ETIMEDOUT, host_receive(&self->host, &req, NEVER));
	host_close(&next);
}

TEST_F(retire, twice_is_no_other_than_once)
{
	struct host_stats stats;

	EXPECT_EQ(0, host_retire(&self->host));
	EXPECT_EQ(0, host_retire(&self->host));
	ASSERT_EQ(0, host_stats(&self->host, &stats));
	EXPECT_EQ(0, stats.provider[0][PARSEC_A_PSTAT_WORKERS]);
	EXPECT_EQ(1, stats.provider[0][PARSEC_A_PSTAT_RETIRED]);
	EXPECT_EQ(0, stats.provider[0][PARSEC_A_PSTAT_CREDITS]);
	EXPECT_EQ(1, stats.provider[0][PARSEC_A_PSTAT_IN_FLIGHT]);
	EXPECT_EQ(-EALREADY, host_register(&self->host, 0, 1, NULL));
	EXPECT_EQ(0, host_reply(&self->host, self->req->id, 7, NULL, 0));
	EXPECT_EQ(0, caller_join(self->caller, SOON));
}

/* Others of the process go on */
TEST_F(retire, the_rest_of_the_host_serves)
{
	struct host_request *req;
	struct caller *caller;
	struct host more;

	ASSERT_EQ(0, host_open(&more));
	ASSERT_EQ(0, host_register(&more, 0, 1, NULL));
	EXPECT_EQ(0, host_retire(&self->host));
	EXPECT_EQ(0, host_reply(&self->host, self->req->id, 7, NULL, 0));
	for (unsigned int i = 0; i < 4; i++) {
		caller = caller_start(&(struct ask){ .opcode = 0x11 });
		ASSERT_EQ(0, host_receive(&more, &req, SOON));
		EXPECT_EQ(0, host_answer(&more, req, 0));
		EXPECT_EQ(0, caller_join(caller, SOON));
	}
	host_close(&more);
}

/* What is in the socket and not read yet is not lost with it */
TEST_F(retire, what_it_did_not_read_goes_to_the_next)
{
	struct host_request *req;
	struct caller *unread;
	struct message msg;
	struct host next;

	EXPECT_EQ(0, host_reply(&self->host, self->req->id, 0, NULL, 0));
	unread = caller_start(&(struct ask){ .opcode = 0x12 });
	ASSERT_EQ(0, caller_settle(unread));
	/* Without waiting for a verdict, which would read the request */
	message_start(&msg, &self->host, PARSEC_CMD_RETIRE);
	EXPECT_EQ(0, host_send(&self->host, &msg));
	host_close(&self->host);
	ASSERT_EQ(0, host_open(&next));
	ASSERT_EQ(0, host_register(&next, 0, 1, NULL));
	ASSERT_EQ(0, host_receive(&next, &req, SOON));
	EXPECT_EQ(0x12, req->opcode);
	EXPECT_EQ(0, host_answer(&next, req, 0));
	EXPECT_EQ(0, caller_join(unread, SOON));
	host_close(&next);
	ASSERT_EQ(0, host_open(&self->host));
}

/* The last one to retire leaves requests waiting, and not for ever */
TEST_F(retire, the_grace_period_begins)
{
	struct caller *waits;
	int64_t start;

	EXPECT_EQ(0, host_retire(&self->host));
	start = clock_ms();
	waits = caller_start(&(struct ask){ .opcode = 0x11 });
	EXPECT_EQ(-ENOTCONN, caller_join(waits, GRACE_MS + SOON));
	EXPECT_LE(GRACE_MS - 100, clock_ms() - start);
	EXPECT_EQ(0, host_reply(&self->host, self->req->id, 7, NULL, 0));
	EXPECT_EQ(0, caller_join(self->caller, SOON));
}

/* While it finishes, the next host may have to wait for what it holds */
TEST_F(retire, and_begins_again_when_it_ends)
{
	struct host_request *req;
	struct caller *waits;
	struct host next;

	EXPECT_EQ(0, host_retire(&self->host));
	waits = caller_start(&(struct ask){ .opcode = 0x11 });
	sleep_ms(GRACE_MS * 2 / 3);
	EXPECT_EQ(0, host_reply(&self->host, self->req->id, 7, NULL, 0));
	host_close(&self->host);
	sleep_ms(GRACE_MS * 2 / 3);
	ASSERT_EQ(0, host_open(&next));
	ASSERT_EQ(0, host_register(&next, 0, 1, NULL));
	ASSERT_EQ(0, host_receive(&next, &req, SOON));
	EXPECT_EQ(0, host_answer(&next, req, 0));
	EXPECT_EQ(0, caller_join(waits, SOON));
	host_close(&next);
	ASSERT_EQ(0, host_open(&self->host));
}

TEST_F(retire, one_that_dies_instead_of_answering_is_eio)
{
	EXPECT_EQ(0, host_retire(&self->host));
	host_close(&self->host);
	EXPECT_EQ(-EIO, caller_join(self->caller, SOON));
	ASSERT_EQ(0, host_open(&self->host));
}

TEST_F(retire, there_are_no_attributes)
{
	struct message msg;

	message_start(&msg, &self->host, PARSEC_CMD_RETIRE);
	message_put_u8(&msg, PARSEC_A_PROVIDER, 0);
	EXPECT_EQ(-EINVAL, host_transact(&self->host, &msg));
	EXPECT_EQ(0, host_reply(&self->host, self->req->id, 7, NULL, 0));
	/* It serves as before */
	caller_free(self->caller);
	self->caller = caller_start(&(struct ask){ .opcode = 0x11 });
	EXPECT_EQ(0, host_receive(&self->host, &self->req, SOON));
}

TEST_HARNESS_MAIN
