// SPDX-License-Identifier: Apache-2.0
/*
 * A host that lies: no reply but the right one, from the right socket, once, reaches a
 * caller, and none does harm.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include "device.h"
#include "fakehost.h"
#include "kselftest_harness.h"

/* One worker with one credit, one request at it and one caller waiting */
FIXTURE(reply) {
	struct host host;
	struct host_request *req;
	struct caller *caller;
};

FIXTURE_SETUP(reply)
{
	ASSERT_EQ(0, module_reload(""));
	ASSERT_EQ(0, host_open(&self->host));
	ASSERT_EQ(0, host_register(&self->host, 0, 1, NULL));
	self->caller = caller_start(&(struct ask){ .opcode = 0x10, .in = "abc", .in_len = 3,
						   .room = 16 });
	ASSERT_EQ(0, host_receive(&self->host, &self->req, SOON));
}

FIXTURE_TEARDOWN(reply)
{
	caller_kill(self->caller);
	host_close(&self->host);
}

/* The caller did not notice anything, and the right reply is still taken */
#define EXPECT_UNHARMED()							\
	do {									\
		EXPECT_EQ(0, self->caller->finished);				\
		EXPECT_EQ(0, host_reply(&self->host, self->req->id, 7, "xyz", 3)); \
		EXPECT_EQ(0, caller_join(self->caller, SOON));			\
		EXPECT_EQ(7, self->caller->op.status);				\
		EXPECT_EQ(3, self->caller->op.out_len);				\
		EXPECT_EQ(0, memcmp("xyz", self->caller->out, 3));		\
	} while (0)

TEST_F(reply, an_id_that_was_never_given_out_is_eperm)
{
	EXPECT_EQ(-EPERM, host_reply(&self->host, self->req->id + 1, 0, "no", 2));
	EXPECT_EQ(-EPERM, host_reply(&self->host, 0, 0, "no", 2));
	EXPECT_EQ(-EPERM, host_reply(&self->host, UINT64_MAX, 0, "no", 2));
	EXPECT_UNHARMED();
}

TEST_F(reply, a_second_reply_is_eperm)
{
	EXPECT_UNHARMED();
	EXPECT_EQ(-EPERM, host_reply(&self->host, self->req->id, 0, "no", 2));
}

TEST_F(reply, another_registered_socket_is_eperm)
{
	struct host other;

	ASSERT_EQ(0, host_open(&other));
	ASSERT_EQ(0, host_register(&other, 0, 1, NULL));
	EXPECT_EQ(-EPERM, host_reply(&other, self->req->id, 0, "no", 2));
	host_close(&other);
	ASSERT_EQ(0, host_open(&other));
	ASSERT_EQ(0, host_register(&other, 1, 1, NULL));
	EXPECT_EQ(-EPERM, host_reply(&other, self->req->id, 0, "no", 2));
	EXPECT_UNHARMED();
	host_close(&other);
}

TEST_F(reply, a_socket_that_did_not_register_is_eperm)
{
	struct host other;

	ASSERT_EQ(0, host_open(&other));
	EXPECT_EQ(-EPERM, host_reply(&other, self->req->id, 0, "no", 2));
	EXPECT_UNHARMED();
	host_close(&other);
}

/* The kernel sends back what it has refused, as it is by then */
TEST_F(reply, the_body_of_a_refused_reply_is_wiped)
{
	static const char secret[] = "an answer for nobody";
	const struct nlmsghdr *nlh = (struct nlmsghdr *)self->host.buf;
	const struct nlmsgerr *err = NLMSG_DATA(nlh);
	int off = 0;

	ASSERT_EQ(0, setsockopt(self->host.fd, SOL_NETLINK, NETLINK_CAP_ACK, &off, sizeof(off)));
	EXPECT_EQ(-EPERM, host_reply(&self->host, self->req->id + 1, 0, secret, sizeof(secret)));
	ASSERT_LT(sizeof(secret), err->msg.nlmsg_len);
	ASSERT_LE(NLMSG_LENGTH(sizeof(err->error)) + err->msg.nlmsg_len, nlh->nlmsg_len);
	EXPECT_EQ(NULL, memmem(nlh, nlh->nlmsg_len, secret, sizeof(secret)));
	EXPECT_UNHARMED();
}

/* Port ids can be chosen: having a worker's is not being the worker */
TEST_F(reply, the_port_id_of_a_former_worker_is_worth_nothing)
{
	uint32_t portid = host_portid(&self->host);
	uint64_t id = self->req->id;
	struct host_identity identity;

	ASSERT_NE(0, portid);
	host_close(&self->host);
	EXPECT_EQ(-EIO, caller_join(self->caller, SOON));
	ASSERT_EQ(0, host_open_at(&self->host, portid));
	ASSERT_EQ(portid, host_portid(&self->host));
	EXPECT_EQ(-EPERM, host_reply(&self->host, id, 0, "no", 2));
	EXPECT_EQ(-EPERM, host_identity(&self->host, 1, &identity));
}

static int reply_as_alice(void *arg)
{
	struct host other;

	return become(ALICE) ?: host_open(&other) ?:
	       host_reply(&other, *(uint64_t *)arg, 0, "no", 2);
}

TEST_F(reply, an_ordinary_user_is_eperm)
{
	EXPECT_EQ(-EPERM, in_child(reply_as_alice, &self->req->id, -1));
	EXPECT_UNHARMED();
}

TEST_F(reply, a_request_not_sent_yet_cannot_be_answered)
{
	struct caller *queued = caller_start(&(struct ask){ .opcode = 0x10 });

	ASSERT_EQ(0, caller_settle(queued));
	for (uint64_t id = self->req->id + 1; id < self->req->id + 4; id++)
		EXPECT_EQ(-EPERM, host_reply(&self->host, id, 0, NULL, 0));
	EXPECT_EQ(0, queued->finished);
	EXPECT_UNHARMED();
	EXPECT_EQ(0, caller_kill(queued));
}

TEST_F(reply, id_and_status_are_mandatory)
{
	struct message msg;

	message_start(&msg, &self->host, PARSEC_CMD_REPLY);
	message_put_u16(&msg, PARSEC_A_STATUS, 0);
	EXPECT_EQ(-EINVAL, host_transact(&self->host, &msg));
	message_start(&msg, &self->host, PARSEC_CMD_REPLY);
	message_put_u64(&msg, PARSEC_A_ID, self->req->id);
	EXPECT_EQ(-EINVAL, host_transact(&self->host, &msg));
	message_start(&msg, &self->host, PARSEC_CMD_REPLY);
	EXPECT_EQ(-EINVAL, host_transact(&self->host, &msg));
	EXPECT_UNHARMED();
}

/* Sizes that are not the attribute's own */
TEST_F(reply, malformed_attributes_are_refused)
{
	struct message msg;

	message_start(&msg, &self->host, PARSEC_CMD_REPLY);
	message_put_u32(&msg, PARSEC_A_ID, (uint32_t)self->req->id);
	message_put_u16(&msg, PARSEC_A_STATUS, 0);
	EXPECT_GT(0, host_transact(&self->host, &msg));
	message_start(&msg, &self->host, PARSEC_CMD_REPLY);
	message_put_u64(&msg, PARSEC_A_ID, self->req->id);
	message_put_u8(&msg, PARSEC_A_STATUS, 0);
	EXPECT_GT(0, host_transact(&self->host, &msg));
	message_start(&msg, &self->host, PARSEC_CMD_REPLY);
	message_put_u64(&msg, PARSEC_A_ID, self->req->id);
	message_put_u32(&msg, PARSEC_A_STATUS, 0);
	EXPECT_GT(0, host_transact(&self->host, &msg));
	EXPECT_UNHARMED();
}

TEST_F(reply, an_attribute_longer_than_the_message_is_refused)
{
	struct message msg;
	uint16_t length = 5000;

	message_start(&msg, &self->host, PARSEC_CMD_REPLY);
	message_put_u64(&msg, PARSEC_A_ID, self->req->id);
	message_put_u16(&msg, PARSEC_A_STATUS, 0);
	message_put(&msg, PARSEC_A_BODY, "abcd", 4);
	memcpy(msg.data + msg.len - 8, &length, sizeof(length));
	EXPECT_GT(0, host_transact(&self->host, &msg));
	EXPECT_UNHARMED();
}

TEST_F(reply, garbage_is_refused)
{
	uint8_t noise[512];
	struct message msg;

	for (uint32_t seed = 1; seed <= 64; seed++) {
		message_start(&msg, &self->host, PARSEC_CMD_REPLY);
		pattern_fill(noise, sizeof(noise), seed);
		memcpy(msg.data + msg.len, noise, sizeof(noise));
		msg.len += sizeof(noise) - seed;
		EXPECT_GT(0, host_transact(&self->host, &msg));
	}
	EXPECT_UNHARMED();
}

TEST_F(reply, a_piece_of_body_above_the_limit_is_refused)
{
	static uint8_t big[PARSEC_NL_BODY_MAX + 1];
	struct message msg;

	message_start(&msg, &self->host, PARSEC_CMD_REPLY);
	message_put_u64(&msg, PARSEC_A_ID, self->req->id);
	message_put_u16(&msg, PARSEC_A_STATUS, 0);
	message_put_body(&msg, big, sizeof(big), sizeof(big));
	EXPECT_GT(0, host_transact(&self->host, &msg));
	EXPECT_UNHARMED();
}

/* Not even asking for a verdict: a lie is as ineffective */
TEST_F(reply, a_lie_without_acknowledgement_does_nothing)
{
	struct message msg;

	message_start(&msg, &self->host, PARSEC_CMD_REPLY);
	message_put_u64(&msg, PARSEC_A_ID, self->req->id + 1);
	message_put_u16(&msg, PARSEC_A_STATUS, 0);
	EXPECT_EQ(0, host_send(&self->host, &msg));
	EXPECT_UNHARMED();
}

TEST_F(reply, when_the_caller_has_gone_it_is_enoent_once)
{
	EXPECT_EQ(0, caller_kill(self->caller));
	EXPECT_EQ(-ENOENT, host_reply(&self->host, self->req->id, 0, "abc", 3));
	EXPECT_EQ(-EPERM, host_reply(&self->host, self->req->id, 0, "abc", 3));
	self->caller = caller_start(&(struct ask){ .opcode = 0x10, .room = 16 });
	ASSERT_EQ(0, host_receive(&self->host, &self->req, SOON));
	EXPECT_UNHARMED();
}

/* Joins all groups there could be, and says what of the family comes, in messages */
static int listen_as_alice(void *arg)
{
	struct timeval brief = { .tv_usec = NEVER * 1000 };
	struct host_request *req;
	struct nlmsghdr nlh;
	struct host other;
	int heard = 0;

	if (become(ALICE) || host_open(&other))
		return -1;
	for (int group = 1; group <= 64; group++)
		setsockopt(other.fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group));
	setsockopt(other.fd, SOL_SOCKET, SO_RCVTIMEO, &brief, sizeof(brief));
	*(volatile int *)arg = 1;
	/* Until a request and a reply have passed by */
	while (*(volatile int *)arg == 1)
		sleep_ms(1);
	while (recv(other.fd, &nlh, sizeof(nlh), MSG_TRUNC) > 0)
		heard += nlh.nlmsg_type == other.family;
	return heard ?: host_receive(&other, &req, 0) == -ETIMEDOUT ? 0 : -2;
}

TEST_F(reply, who_joins_every_group_hears_nothing)
{
	volatile int *stage = mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = 0;
	pid_t pid = fork();

	if (!pid)
		_exit(listen_as_alice((void *)(uintptr_t)stage) ? 1 : 0);
	for (int i = 0; i < SOON && !*stage; i++)
		sleep_ms(1);
	EXPECT_EQ(1, *stage);
	EXPECT_UNHARMED();
	caller_free(self->caller);
	self->caller = caller_start(&(struct ask){ .opcode = 0x10, .in = "abc", .in_len = 3,
						   .room = 16 });
	ASSERT_EQ(0, host_receive(&self->host, &self->req, SOON));
	EXPECT_UNHARMED();
	*stage = 2;
	waitpid(pid, &status, 0);
	EXPECT_EQ(0, status);
}

/* What was refused must not count as an answer: the one credit stays in use */
TEST_F(reply, a_lie_gives_no_credit_back)
{
	struct caller *queued = caller_start(&(struct ask){ .opcode = 0x11 });
	struct host_request *req;

	ASSERT_EQ(0, caller_settle(queued));
	for (uint64_t i = 1; i < 10; i++)
		EXPECT_EQ(-EPERM, host_reply(&self->host, self->req->id + i, 0, NULL, 0));
	EXPECT_EQ(-ETIMEDOUT, host_receive(&self->host, &req, NEVER));
	EXPECT_UNHARMED();
	EXPECT_EQ(-EPERM, host_reply(&self->host, self->req->id, 0, NULL, 0));
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	EXPECT_EQ(0x11, req->opcode);
	EXPECT_EQ(0, host_answer(&self->host, req, 0));
	EXPECT_EQ(0, caller_join(queued, SOON));
}

/* ENOENT and EMSGSIZE do end a request */
TEST_F(reply, a_reply_that_came_too_late_gives_the_credit_back)
{
	struct caller *queued = caller_start(&(struct ask){ .opcode = 0x11 });
	static uint8_t big[PARSEC_BODY_MAX + 1];
	struct host_request *req;

	ASSERT_EQ(0, caller_settle(queued));
	EXPECT_EQ(-EMSGSIZE, host_reply(&self->host, self->req->id, 0, big, sizeof(big)));
	EXPECT_EQ(-EIO, caller_join(self->caller, SOON));
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	EXPECT_EQ(0, caller_kill(queued));
	queued = caller_start(&(struct ask){ .opcode = 0x12 });
	ASSERT_EQ(0, caller_settle(queued));
	EXPECT_EQ(-ENOENT, host_reply(&self->host, req->id, 0, NULL, 0));
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	EXPECT_EQ(0x12, req->opcode);
	EXPECT_EQ(0, host_answer(&self->host, req, 0));
	EXPECT_EQ(0, caller_join(queued, SOON));
}

TEST_HARNESS_MAIN
