// SPDX-License-Identifier: Apache-2.0
/*
 * The host's side of the netlink family: what it makes of the kernel's messages, and
 * what it sends.
 */
#include "kselftest_harness.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/log.h"
#include "selftests/unit/fake_kernel.h"

#define MAX_RESPONSE	(160 * 1024)

FIXTURE(netlink)
{
	struct netlink nl;
	struct netlink_request req;
	int kernel;
};

FIXTURE_SETUP(netlink)
{
	log_init("test", PARSEC_LOG_ERROR, false);
	self->kernel = fake_kernel_adopt(&self->nl, MAX_RESPONSE);
}

FIXTURE_TEARDOWN(netlink)
{
	netlink_close(&self->nl);
	close(self->kernel);
}

static const struct fake_request ping = { .id = 77, .session = 5, .provider = 1, .opcode = 4 };

TEST_F(netlink, request_arrives_as_it_was_sent)
{
	struct fake_request sent = ping;

	sent.deadline = 123456789;
	sent.body = "hello";
	sent.len = 5;
	fake_kernel_request(self->kernel, &sent);
	ASSERT_EQ(0, netlink_receive(&self->nl, &self->req, true));
	EXPECT_EQ(77, self->req.id);
	EXPECT_EQ(5, self->req.session);
	EXPECT_EQ(123456789, self->req.deadline);
	EXPECT_EQ(1, self->req.provider);
	EXPECT_EQ(4, self->req.opcode);
	ASSERT_EQ(5, self->req.body.len);
	EXPECT_EQ(0, memcmp("hello", self->req.body.data, 5));
}

TEST_F(netlink, request_without_body_has_an_empty_one)
{
	fake_kernel_request(self->kernel, &ping);
	ASSERT_EQ(0, netlink_receive(&self->nl, &self->req, true));
	EXPECT_EQ(0, self->req.body.len);
}

/* A body in pieces whose lengths need padding, or do not, is put together */
TEST_F(netlink, body_in_pieces_is_put_together)
{
	static const size_t chunks[] = { 1, 2, 3, 4, 5, 999, 1000, 61440 };
	static uint8_t body[100001];
	struct fake_request sent = ping;
	size_t i;

	for (i = 0; i < sizeof(body); i++)
		body[i] = (uint8_t)(i * 7 + (i >> 8));
	sent.body = body;
	for (i = 0; i < sizeof(chunks) / sizeof(*chunks); i++) {
		sent.chunk = chunks[i];
		sent.len = chunks[i] < 100 ? 1001 : sizeof(body);
		fake_kernel_request(self->kernel, &sent);
		ASSERT_EQ(0, netlink_receive(&self->nl, &self->req, true));
		ASSERT_EQ(sent.len, self->req.body.len);
		EXPECT_EQ(0, memcmp(body, self->req.body.data, sent.len));
		netlink_request_end(&self->nl, &self->req, 0);
	}
}

TEST_F(netlink, request_is_wiped_at_its_end)
{
	struct fake_request sent = ping;
	const uint8_t *data;

	sent.body = "secret";
	sent.len = 6;
	fake_kernel_request(self->kernel, &sent);
	ASSERT_EQ(0, netlink_receive(&self->nl, &self->req, true));
	data = self->req.body.data;
	memcpy(netlink_answer_room(&self->nl), "answer", 6);
	netlink_request_end(&self->nl, &self->req, 6);
	EXPECT_EQ(0, memcmp("\0\0\0\0\0\0", data, 6));
	EXPECT_EQ(0, memcmp("\0\0\0\0\0\0", netlink_answer_room(&self->nl), 6));
}

static bool is_anywhere(const struct buffer *buffer, uint8_t byte)
{
	return memchr(buffer->data, byte, buffer->size);
}

/* Pieces are moved together, so some of the body has been where it does not end up */
TEST_F(netlink, body_in_pieces_is_wiped_where_it_arrived)
{
	static uint8_t body[1000];
	struct fake_request sent = ping;

	memset(body, 0xb0, sizeof(body));
	sent.body = body;
	sent.len = sizeof(body);
	sent.chunk = 100;
	fake_kernel_request(self->kernel, &sent);
	ASSERT_EQ(0, netlink_receive(&self->nl, &self->req, true));
	ASSERT_EQ(sizeof(body), self->req.body.len);
	ASSERT_TRUE(is_anywhere(&self->nl.in[0], 0xb0));
	netlink_request_end(&self->nl, &self->req, 0);
	EXPECT_FALSE(is_anywhere(&self->nl.in[0], 0xb0));
	EXPECT_FALSE(is_anywhere(&self->nl.in[1], 0xb0));
}

TEST_F(netlink, message_with_a_piece_missing_is_an_error)
{
	uint8_t message[64] __attribute__((aligned(4))) = { 0 };
	struct nlmsghdr *nlh = (struct nlmsghdr *)message;

	/* A REQUEST without attributes */
	nlh->nlmsg_len = 20;
	nlh->nlmsg_type = FAKE_FAMILY;
	message[16] = PARSEC_CMD_REQUEST;
	fake_kernel_raw(self->kernel, message, 20);
	EXPECT_EQ(-EBADMSG, netlink_receive(&self->nl, &self->req, true));

	/* An attribute that reaches beyond the message */
	nlh->nlmsg_len = 28;
	message[20] = 12;
	message[22] = PARSEC_A_ID;
	fake_kernel_raw(self->kernel, message, 28);
	EXPECT_EQ(-EBADMSG, netlink_receive(&self->nl, &self->req, true));

	/* An attribute shorter than its header */
	message[20] = 3;
	fake_kernel_raw(self->kernel, message, 28);
	EXPECT_EQ(-EBADMSG, netlink_receive(&self->nl, &self->req, true));

	/* A number shorter than it should be */
	message[20] = 8;
	fake_kernel_raw(self->kernel, message, 28);
	EXPECT_EQ(-EBADMSG, netlink_receive(&self->nl, &self->req, true));

	/* A message that was cut */
	nlh->nlmsg_len = 64;
	fake_kernel_raw(self->kernel, message, 28);
	EXPECT_EQ(-EBADMSG, netlink_receive(&self->nl, &self->req, true));
}

TEST_F(netlink, stray_errors_are_passed_over)
{
	fake_kernel_ack(self->kernel, 0, -ENOENT);
	fake_kernel_ack(self->kernel, 99, 0);
	fake_kernel_farewell(self->kernel, FAKE_FAMILY + 1);
	fake_kernel_request(self->kernel, &ping);
	ASSERT_EQ(0, netlink_receive(&self->nl, &self->req, true));
	EXPECT_EQ(77, self->req.id);
}

TEST_F(netlink, farewell_of_the_family_is_noticed)
{
	fake_kernel_farewell(self->kernel, FAKE_FAMILY);
	EXPECT_EQ(-NETLINK_GONE, netlink_receive(&self->nl, &self->req, true));
}

TEST_F(netlink, nothing_there_does_not_wait)
{
	EXPECT_EQ(-EAGAIN, netlink_receive(&self->nl, &self->req, false));
}

TEST_F(netlink, waiting_ends_at_the_time_limit)
{
	netlink_set_timeout(&self->nl, 10);
	EXPECT_EQ(-EAGAIN, netlink_receive(&self->nl, &self->req, true));
}

TEST_F(netlink, reply_names_request_and_status)
{
	struct host_message *reply;

	self->req.id = UINT64_C(0x1122334455667788);
	ASSERT_EQ(0, netlink_reply(&self->nl, &self->req, 1140, 0, false));
	reply = fake_kernel_read(self->kernel);
	ASSERT_NE(NULL, reply);
	EXPECT_EQ(PARSEC_CMD_REPLY, reply->cmd);
	EXPECT_EQ(UINT64_C(0x1122334455667788), reply->id);
	EXPECT_EQ(1140, reply->status);
	EXPECT_EQ(0, reply->flags & NLM_F_ACK);
	EXPECT_EQ(0, reply->attrs & 1 << PARSEC_A_BODY);
}

/* One more and one less than an attribute carries, and several of them */
TEST_F(netlink, reply_carries_bodies_of_all_sizes)
{
	static const size_t sizes[] = {
		1, 2, 3, 4, 5, 64, PARSEC_NL_BODY_MAX - 1, PARSEC_NL_BODY_MAX,
		PARSEC_NL_BODY_MAX + 1, 2 * PARSEC_NL_BODY_MAX,
		2 * PARSEC_NL_BODY_MAX + 3, MAX_RESPONSE,
	};
	size_t i, j;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		size_t chunks = (sizes[i] + PARSEC_NL_BODY_MAX - 1) / PARSEC_NL_BODY_MAX;
		uint8_t *room = netlink_answer_room(&self->nl);
		struct host_message *reply;

		for (j = 0; j < sizes[i]; j++)
			room[j] = (uint8_t)(j * 5 + (j >> 9));
		ASSERT_EQ(0, netlink_reply(&self->nl, &self->req, 0, sizes[i], false));
		reply = fake_kernel_read(self->kernel);
		ASSERT_NE(NULL, reply);
		EXPECT_EQ(chunks, reply->chunks);
		ASSERT_EQ(sizes[i], reply->body_len);
		EXPECT_EQ(0, memcmp(room, reply->body, sizes[i]));
	}
}

/* The kernel, as one thread: answers the next question */
struct kernel_thread {
	int fd;
	pthread_t thread;
	void (*answer)(int fd, struct host_message *message);
	bool asked;
};

static void *run_kernel(void *arg)
{
	struct kernel_thread *kernel = arg;
	struct host_message *message = fake_kernel_read(kernel->fd);

	kernel->asked = message;
	if (message)
		kernel->answer(kernel->fd, message);
	return NULL;
}

#define WITH_KERNEL(function) \
	struct kernel_thread kernel = { .fd = self->kernel, .answer = function }; \
	ASSERT_EQ(0, pthread_create(&kernel.thread, NULL, run_kernel, &kernel))

#define KERNEL_WAS_ASKED() \
	pthread_join(kernel.thread, NULL); \
	EXPECT_TRUE(kernel.asked)

static void acknowledge(int fd, struct host_message *message)
{
	fake_kernel_ack(fd, message->seq, message->flags & NLM_F_ACK ? 0 : -EPROTO);
}

static void say_nobody_waits(int fd, struct host_message *message)
{
	fake_kernel_ack(fd, message->seq, -ENOENT);
}

static void say_not_yours(int fd, struct host_message *message)
{
	fake_kernel_ack(fd, message->seq, -EPERM);
}

static void send_request_and_acknowledge(int fd, struct host_message *message)
{
	struct fake_request next = ping;

	fake_kernel_ack(fd, message->seq + 1, -EIO);	/* not the answer */
	next.id = 78;
	next.body = "next";
	next.len = 4;
	fake_kernel_request(fd, &next);
	fake_kernel_ack(fd, message->seq, -ENOENT);
}

static void unload(int fd, struct host_message *message)
{
	(void)message;
	fake_kernel_farewell(fd, FAKE_FAMILY);
}

TEST_F(netlink, confirmed_reply_waits_for_the_kernel)
{
	WITH_KERNEL(acknowledge);
	EXPECT_EQ(0, netlink_reply(&self->nl, &self->req, 0, 0, true));
	KERNEL_WAS_ASKED();
}

TEST_F(netlink, confirmed_reply_tells_that_nobody_waits)
{
	WITH_KERNEL(say_nobody_waits);
	EXPECT_EQ(-ENOENT, netlink_reply(&self->nl, &self->req, 0, 0, true));
	KERNEL_WAS_ASKED();
}

TEST_F(netlink, confirmed_reply_that_is_refused_reached_nobody)
{
	WITH_KERNEL(say_not_yours);
	EXPECT_EQ(-ENOENT, netlink_reply(&self->nl, &self->req, 0, 0, true));
	KERNEL_WAS_ASKED();
}

TEST_F(netlink, confirmation_that_never_comes_is_not_taken_for_one)
{
	EXPECT_EQ(-ETIMEDOUT, netlink_reply(&self->nl, &self->req, 0, 0, true));
}

TEST_F(netlink, confirmed_reply_survives_unloading)
{
	WITH_KERNEL(unload);
	EXPECT_EQ(-NETLINK_GONE, netlink_reply(&self->nl, &self->req, 0, 0, true));
	KERNEL_WAS_ASKED();
}

/* There is nobody who would say it again */
TEST_F(netlink, unloading_is_remembered_by_whom_it_was_told)
{
	struct parsec_facts facts;

	{
		WITH_KERNEL(unload);
		EXPECT_EQ(-NETLINK_GONE, netlink_session(&self->nl, 5, &facts, NULL));
		KERNEL_WAS_ASKED();
	}
	EXPECT_EQ(-NETLINK_GONE, netlink_receive(&self->nl, &self->req, false));
}

/* A reply gives a credit back, so the next request comes before the acknowledgement */
TEST_F(netlink, request_before_the_acknowledgement_is_kept)
{
	struct fake_request first = ping;

	first.body = "first";
	first.len = 5;
	fake_kernel_request(self->kernel, &first);
	ASSERT_EQ(0, netlink_receive(&self->nl, &self->req, true));
	{
		WITH_KERNEL(send_request_and_acknowledge);
		EXPECT_EQ(-ENOENT, netlink_reply(&self->nl, &self->req, 0, 0, true));
		KERNEL_WAS_ASKED();
	}
	EXPECT_EQ(0, memcmp("first", self->req.body.data, 5));
	netlink_request_end(&self->nl, &self->req, 0);

	ASSERT_EQ(0, netlink_receive(&self->nl, &self->req, false));
	EXPECT_EQ(78, self->req.id);
	ASSERT_EQ(4, self->req.body.len);
	EXPECT_EQ(0, memcmp("next", self->req.body.data, 4));
	netlink_request_end(&self->nl, &self->req, 0);

	/* And the line works as before */
	fake_kernel_request(self->kernel, &first);
	ASSERT_EQ(0, netlink_receive(&self->nl, &self->req, true));
	EXPECT_EQ(77, self->req.id);
}

static void say_who(int fd, struct host_message *message)
{
	if (message->cmd == PARSEC_CMD_GET_SESSION && message->session == 5)
		fake_kernel_session(fd, message->seq, 5, 1000, PARSEC_ID_INIT_PIDNS,
				    "/user.slice");
}

static void say_who_without_cgroup(int fd, struct host_message *message)
{
	fake_kernel_session(fd, message->seq, 5, 0, PARSEC_ID_INIT_USERNS, NULL);
}

static void answer_without_identity(int fd, struct host_message *message)
{
	fake_kernel_registered(fd, message->seq, 0);
}

TEST_F(netlink, session_facts_are_the_kernels)
{
	struct parsec_facts facts;

	WITH_KERNEL(say_who);
	ASSERT_EQ(0, netlink_session(&self->nl, 5, &facts, NULL));
	KERNEL_WAS_ASKED();
	EXPECT_EQ(1000, facts.uid);
	EXPECT_TRUE(facts.init_pidns);
	EXPECT_FALSE(facts.init_userns);
	EXPECT_STREQ("/user.slice", facts.cgroup_path);
	/* What was not said is not known */
	EXPECT_EQ(PARSEC_ID_UNKNOWN, facts.gid);
	EXPECT_EQ(PARSEC_ID_UNKNOWN, facts.loginuid);
	EXPECT_EQ(PARSEC_ID_UNKNOWN, facts.userns_owner);
	EXPECT_EQ(0, facts.exe_ino);
	EXPECT_EQ(NULL, facts.exe);
}

static void say_all(int fd, struct host_message *message)
{
	fake_kernel_identity(fd, message->seq, 5, 1000);
}

#define LARGE(type)	((uint64_t)(type) << 32 | 1000)

TEST_F(netlink, session_has_all_facts_there_are)
{
	struct parsec_facts facts;

	WITH_KERNEL(say_all);
	ASSERT_EQ(0, netlink_session(&self->nl, 5, &facts, NULL));
	KERNEL_WAS_ASKED();
	EXPECT_EQ(1000 + PARSEC_A_ID_UID, facts.uid);
	EXPECT_EQ(1000 + PARSEC_A_ID_GID, facts.gid);
	EXPECT_EQ(1000 + PARSEC_A_ID_PID, facts.pid);
	EXPECT_EQ(1000 + PARSEC_A_ID_USERNS_OWNER, facts.userns_owner);
	EXPECT_EQ(1000 + PARSEC_A_ID_USERNS_LEVEL, facts.userns_level);
	EXPECT_EQ(1000 + PARSEC_A_ID_LOGINUID, facts.loginuid);
	EXPECT_EQ(LARGE(PARSEC_A_ID_START_TIME), facts.start_time);
	EXPECT_EQ(LARGE(PARSEC_A_ID_USERNS), facts.userns);
	EXPECT_EQ(LARGE(PARSEC_A_ID_PIDNS), facts.pidns);
	EXPECT_EQ(LARGE(PARSEC_A_ID_CGROUP), facts.cgroup);
	EXPECT_EQ(LARGE(PARSEC_A_ID_EXE_DEV), facts.exe_dev);
	EXPECT_EQ(LARGE(PARSEC_A_ID_EXE_INO), facts.exe_ino);
	EXPECT_STREQ("/c", facts.cgroup_path);
	EXPECT_STREQ("l", facts.lsm);
	EXPECT_STREQ("/e", facts.exe);
}

static void say_limits(int fd, struct host_message *message)
{
	fake_kernel_limited(fd, message->seq, 5, 1000,
			    &(struct fake_limits){ .waiting = 7, .open = 3 });
}

TEST_F(netlink, session_has_the_limits_that_were_set)
{
	struct netlink_limits limits;
	struct parsec_facts facts;

	WITH_KERNEL(say_limits);
	ASSERT_EQ(0, netlink_session(&self->nl, 5, &facts, &limits));
	KERNEL_WAS_ASKED();
	EXPECT_EQ(1000, facts.uid);
	EXPECT_EQ(7, limits.waiting);
	EXPECT_EQ(NETLINK_LIMIT_DEFAULT, limits.running);
	EXPECT_EQ(3, limits.open);
}

TEST_F(netlink, session_without_cgroup_has_none)
{
	struct parsec_facts facts;

	WITH_KERNEL(say_who_without_cgroup);
	ASSERT_EQ(0, netlink_session(&self->nl, 5, &facts, NULL));
	KERNEL_WAS_ASKED();
	EXPECT_EQ(NULL, facts.cgroup_path);
	EXPECT_TRUE(facts.init_userns);
	EXPECT_FALSE(facts.init_pidns);
}

TEST_F(netlink, session_that_is_closed_is_not_there)
{
	struct parsec_facts facts;

	WITH_KERNEL(say_nobody_waits);
	EXPECT_EQ(-ENOENT, netlink_session(&self->nl, 5, &facts, NULL));
	KERNEL_WAS_ASKED();
}

TEST_F(netlink, answer_without_identity_is_an_error)
{
	struct parsec_facts facts;

	WITH_KERNEL(answer_without_identity);
	EXPECT_EQ(-EBADMSG, netlink_session(&self->nl, 5, &facts, NULL));
	KERNEL_WAS_ASKED();
}

TEST_F(netlink, kernel_that_does_not_answer_is_not_waited_for_long)
{
	struct parsec_facts facts;

	EXPECT_EQ(-ETIMEDOUT, netlink_session(&self->nl, 5, &facts, NULL));
}

/* Registering, on a line of its own */

static void check_register(int fd, struct host_message *message)
{
	bool right = message->cmd == PARSEC_CMD_REGISTER && message->provider == 16 &&
		     message->credits == NETLINK_CREDITS && message->replay[0] == 0xab &&
		     message->replay[PARSEC_NL_REPLAY_LEN - 1] == 0xcd;

	fake_kernel_request(fd, &ping);
	if (right)
		fake_kernel_registered(fd, message->seq, 1000);
}

/* A module that was loaded with larger limits, and has a request already */
static void offer_more(int fd, struct host_message *message)
{
	fake_kernel_request(fd, &ping);
	fake_kernel_registered(fd, message->seq, 4 * 1024 * 1024);
}

static void refuse(int fd, struct host_message *message)
{
	fake_kernel_ack(fd, message->seq, -EBUSY);
}

FIXTURE(line)
{
	struct netlink nl;
	int kernel;
};

FIXTURE_SETUP(line)
{
	const struct netlink_family family = { .id = FAKE_FAMILY };
	int host;

	log_init("test", PARSEC_LOG_ERROR, false);
	self->kernel = fake_kernel_open(&host);
	ASSERT_EQ(0, netlink_adopt(&self->nl, host, &family));
}

FIXTURE_TEARDOWN(line)
{
	netlink_close(&self->nl);
	close(self->kernel);
}

/* The kernel may send a request before it has answered that we are registered */
TEST_F(line, registering_says_who_we_are_and_keeps_an_early_request)
{
	const uint8_t replay[PARSEC_NL_REPLAY_LEN] = {
		[0] = 0xab, [PARSEC_NL_REPLAY_LEN - 1] = 0xcd };
	struct netlink_request req;

	WITH_KERNEL(check_register);
	ASSERT_EQ(0, netlink_register(&self->nl, 16, replay, false));
	KERNEL_WAS_ASKED();
	EXPECT_EQ(1000, self->nl.max_response);
	ASSERT_EQ(0, netlink_receive(&self->nl, &req, false));
	EXPECT_EQ(77, req.id);
}

/* In place of another process only when told so */
static void note_takeover(int fd, struct host_message *message)
{
	fake_kernel_registered(fd, message->seq, message->attrs & 1U << PARSEC_A_TAKEOVER ? 2000
											 : 3000);
}

TEST_F(line, registering_says_whether_to_take_over)
{
	const uint8_t replay[PARSEC_NL_REPLAY_LEN] = { 0 };

	for (unsigned int i = 0; i < 2; i++) {
		WITH_KERNEL(note_takeover);
		ASSERT_EQ(0, netlink_register(&self->nl, 16, replay, i));
		KERNEL_WAS_ASKED();
		EXPECT_EQ(i ? 2000 : 3000, self->nl.max_response);
	}
}

TEST_F(line, limits_of_the_module_are_taken_over)
{
	const uint8_t replay[PARSEC_NL_REPLAY_LEN] = { 0 };
	struct netlink_request req;

	if (geteuid())
		SKIP(return, "only root may have large socket buffers");
	WITH_KERNEL(offer_more);
	ASSERT_EQ(0, netlink_register(&self->nl, 16, replay, false));
	KERNEL_WAS_ASKED();
	EXPECT_EQ(4 * 1024 * 1024, self->nl.max_response);
	EXPECT_LT(4 * 1024 * 1024, self->nl.in[0].size);
	EXPECT_LT(4 * 1024 * 1024, self->nl.in[1].size);
	/* What came before they were known is still there */
	ASSERT_EQ(0, netlink_receive(&self->nl, &req, false));
	EXPECT_EQ(77, req.id);
}

TEST_F(line, refusal_to_register_is_handed_on)
{
	const uint8_t replay[PARSEC_NL_REPLAY_LEN] = { 0 };

	WITH_KERNEL(refuse);
	dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);	/* the line about it */
	EXPECT_EQ(-EBUSY, netlink_register(&self->nl, 16, replay, false));
	KERNEL_WAS_ASKED();
}

TEST_HARNESS_MAIN
