// SPDX-License-Identifier: Apache-2.0
/*
 * Hosts that vanish: what becomes of requests in each state, and of those that come
 * while nobody is there.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <signal.h>
#include <sys/socket.h>
#include "device.h"
#include "fakehost.h"
#include "kselftest_harness.h"

#define GRACE	1000
#define REPLAY	0x20	/* an opcode that may run twice */
#define ONCE	0x21	/* one that may not */

/* Provider 3 is served by a worker with one credit; core is not there */
FIXTURE(host) {
	struct host host;
	int fd;
};

FIXTURE_SETUP(host)
{
	ASSERT_EQ(0, module_reload("grace_ms=1000"));
	ASSERT_EQ(0, host_open(&self->host));
	ASSERT_EQ(0, host_register(&self->host, 3, 1, replay_only(REPLAY)));
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(host)
{
	host_close(&self->host);
}

static struct caller *ask_3(unsigned int opcode)
{
	return caller_start(&(struct ask){
		.opcode = opcode, .provider = 3, .in = "body", .in_len = 4, .room = 16,
	});
}

static int reopen(struct host *host)
{
	host_close(host);
	return host_open(host) ?: host_register(host, 3, 1, replay_only(REPLAY));
}

TEST_F(host, death_with_a_request_that_may_not_run_twice_is_eio)
{
	struct host_request *req;
	struct caller *caller = ask_3(ONCE);

	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	host_close(&self->host);
	EXPECT_EQ(-EIO, caller_join(caller, SOON));
	EXPECT_GT(GRACE, caller->ms);
	ASSERT_EQ(0, host_open(&self->host));
}

TEST_F(host, death_with_a_request_that_may_run_twice_gives_it_to_the_next)
{
	struct host_request *req;
	struct caller *caller = ask_3(REPLAY);
	uint64_t first;

	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	first = req->id;
	ASSERT_EQ(0, reopen(&self->host));
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	EXPECT_EQ(REPLAY, req->opcode);
	EXPECT_EQ(3, req->provider);
	EXPECT_EQ(4, req->len);
	EXPECT_EQ(0, memcmp("body", req->body, 4));
	EXPECT_NE(first, req->id);
	EXPECT_EQ(-EPERM, host_reply(&self->host, first, 0, NULL, 0));
	EXPECT_EQ(0, host_answer(&self->host, req, 0));
	EXPECT_EQ(0, caller_join(caller, SOON));
	EXPECT_EQ(4, caller->op.out_len);
}

/* Is there this text among what the kernel has logged since @log was opened? */
static bool logged(int log, const char *text)
{
	char record[1024];
	ssize_t len;

	while ((len = read(log, record, sizeof(record) - 1)) > 0) {
		record[len] = '\0';
		if (strstr(record, text))
			return true;
	}
	return false;
}

TEST_F(host, second_death_with_a_request_is_eio_and_reported)
{
	struct host_request *req;
	struct caller *caller = ask_3(REPLAY);
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	ASSERT_LE(0, lseek(log, 0, SEEK_END));
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	ASSERT_EQ(0, reopen(&self->host));
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	ASSERT_EQ(0, reopen(&self->host));
	EXPECT_EQ(-EIO, caller_join(caller, SOON));
	EXPECT_EQ(-ETIMEDOUT, host_receive(&self->host, &req, NEVER));
	EXPECT_TRUE(logged(log, "two hosts of provider 3"));
}

TEST_F(host, death_gives_the_request_to_another_worker_at_once)
{
	struct host_request *req;
	struct host other;
	struct caller *caller = ask_3(REPLAY);

	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	ASSERT_EQ(0, host_open(&other));
	ASSERT_EQ(0, host_register(&other, 3, 1, replay_only(REPLAY)));
	host_close(&self->host);
	ASSERT_EQ(0, host_receive(&other, &req, SOON));
	EXPECT_EQ(0, host_answer(&other, req, 0));
	EXPECT_EQ(0, caller_join(caller, SOON));
	EXPECT_GT(GRACE, caller->ms);
	self->host = other;
}

/* The kernel keeps no copy: the body is read again from the caller */
TEST_F(host, a_large_request_is_complete_the_second_time)
{
	size_t size = PARSEC_BODY_MAX;
	struct host_request *req;
	struct caller *caller;
	uint8_t *body = malloc(size);

	pattern_fill(body, size, 6);
	caller = caller_start(&(struct ask){
		.opcode = REPLAY, .provider = 3, .in = body, .in_len = (uint32_t)size,
	});
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	ASSERT_EQ(0, reopen(&self->host));
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	ASSERT_EQ(size, req->len);
	EXPECT_TRUE(pattern_matches(req->body, size, 6));
	EXPECT_EQ(0, host_reply(&self->host, req->id, 0, NULL, 0));
	EXPECT_EQ(0, caller_join(caller, SOON));
}

TEST_F(host, death_with_a_request_queued_costs_it_nothing)
{
	struct host_request *req;
	struct caller *sent = ask_3(ONCE);
	struct caller *queued;

	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	queued = ask_3(ONCE + 1);
	ASSERT_EQ(0, caller_settle(queued));
	ASSERT_EQ(0, reopen(&self->host));
	EXPECT_EQ(-EIO, caller_join(sent, SOON));
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	EXPECT_EQ(ONCE + 1, req->opcode);
	/* It has not died with anyone yet */
	EXPECT_EQ(0, host_answer(&self->host, req, 0));
	EXPECT_EQ(0, caller_join(queued, SOON));
}

/* What still was in the socket's buffer has not been seen by anyone: whether it may
 * run twice does not matter
 */
TEST_F(host, death_before_a_request_was_received_costs_it_nothing)
{
	struct host_request *req;
	struct caller *caller = ask_3(ONCE);

	ASSERT_EQ(0, caller_settle(caller));
	sleep_ms(20);
	ASSERT_EQ(0, reopen(&self->host));
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	EXPECT_EQ(ONCE, req->opcode);
	EXPECT_EQ(0, host_answer(&self->host, req, 0));
	EXPECT_EQ(0, caller_join(caller, SOON));
}

/* What lies in a dead socket need not come from the kernel */
TEST_F(host, a_forged_message_in_the_socket_survives_its_death)
{
	struct sockaddr_nl to = {
		.nl_family = AF_NETLINK,
		.nl_pid = host_portid(&self->host),
	};
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };
	struct message msg;
	struct host forger;
	uint64_t number = 0;

	/* A socket that is connected to the kernel hears nobody else */
	ASSERT_EQ(0, connect(self->host.fd, &nobody, sizeof(nobody)));
	ASSERT_EQ(0, host_open(&forger));
	/* As long as a REQUEST, with no attribute that a REQUEST has */
	message_start(&msg, &forger, PARSEC_CMD_REQUEST);
	for (int i = 0; i < 16; i++)
		message_put_u64(&msg, PARSEC_A_IDENTITY, number);
	((struct nlmsghdr *)msg.data)->nlmsg_len = (uint32_t)msg.len;
	ASSERT_EQ((ssize_t)msg.len, sendto(forger.fd, msg.data, msg.len, 0,
					   (struct sockaddr *)&to, sizeof(to)));
	free(msg.data);
	host_close(&forger);
	EXPECT_EQ(0, reopen(&self->host));
}

TEST_F(host, death_after_the_reply_does_not_matter)
{
	struct host_request *req;
	struct caller *caller = ask_3(ONCE);

	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	EXPECT_EQ(0, host_answer(&self->host, req, 0));
	host_close(&self->host);
	EXPECT_EQ(0, caller_join(caller, SOON));
	ASSERT_EQ(0, host_open(&self->host));
}

TEST_F(host, a_killed_process_is_noticed)
{
	struct caller *caller;
	pid_t pid;

	host_close(&self->host);
	pid = host_start(3, 1, NULL);
	ASSERT_LT(0, pid);
	caller = ask_3(OP_LOST);
	ASSERT_EQ(0, caller_settle(caller));
	sleep_ms(50);
	kill(pid, SIGKILL);
	EXPECT_EQ(-EIO, caller_join(caller, 500));
	pid = host_start(3, 1, NULL);
	ASSERT_LT(0, pid);
	caller = ask_3(OP_DIE);
	EXPECT_EQ(-EIO, caller_join(caller, SOON));
	ASSERT_EQ(0, host_open(&self->host));
}

TEST_F(host, nobody_back_within_the_grace_period_is_enotconn_in_time)
{
	struct caller *caller;

	host_close(&self->host);
	caller = ask_3(ONCE);
	EXPECT_EQ(-ENOTCONN, caller_join(caller, 2 * GRACE));
	EXPECT_LE(GRACE / 2, caller->ms);
	/* After it there is no need to wait any more */
	caller = ask_3(ONCE);
	EXPECT_EQ(-ENOTCONN, caller_join(caller, SOON));
	EXPECT_GT(GRACE, caller->ms);
	ASSERT_EQ(0, host_open(&self->host));
}

/* The period begins with the death, not with the request */
TEST_F(host, the_grace_period_is_not_begun_again_by_a_request)
{
	struct caller *caller;

	host_close(&self->host);
	sleep_ms(GRACE / 2);
	caller = ask_3(ONCE);
	EXPECT_EQ(-ENOTCONN, caller_join(caller, 2 * GRACE));
	EXPECT_GT(GRACE, caller->ms);
	ASSERT_EQ(0, host_open(&self->host));
}

TEST_F(host, a_request_that_was_queued_ends_with_the_grace_period_too)
{
	struct host_request *req;
	struct caller *sent = ask_3(REPLAY);
	struct caller *queued;

	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	queued = ask_3(ONCE);
	ASSERT_EQ(0, caller_settle(queued));
	host_close(&self->host);
	EXPECT_EQ(-ENOTCONN, caller_join(queued, 2 * GRACE));
	/* So does one that could have run twice and waited for that */
	EXPECT_EQ(-ENOTCONN, caller_join(sent, SOON));
	ASSERT_EQ(0, host_open(&self->host));
}

TEST_F(host, a_host_back_within_the_grace_period_serves_what_waits)
{
	struct host_request *req;
	struct caller *callers[5];

	host_close(&self->host);
	for (size_t i = 0; i < ARRAY_SIZE(callers); i++)
		callers[i] = ask_3(ONCE);
	sleep_ms(GRACE / 2);
	ASSERT_EQ(0, host_open(&self->host));
	ASSERT_EQ(0, host_register(&self->host, 3, 1, NULL));
	for (size_t i = 0; i < ARRAY_SIZE(callers); i++) {
		ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
		EXPECT_EQ(0, host_answer(&self->host, req, 0));
	}
	for (size_t i = 0; i < ARRAY_SIZE(callers); i++)
		EXPECT_EQ(0, caller_join(callers[i], SOON));
	/* And the end of the period does not hit those who came in time */
	callers[0] = ask_3(ONCE);
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	sleep_ms(GRACE);
	EXPECT_EQ(0, callers[0]->finished);
	EXPECT_EQ(0, host_answer(&self->host, req, 0));
	EXPECT_EQ(0, caller_join(callers[0], SOON));
}

/* One worker less is not a death of the host */
TEST_F(host, the_last_worker_counts)
{
	struct host_request *req;
	struct caller *caller;
	struct host other;

	ASSERT_EQ(0, host_open(&other));
	ASSERT_EQ(0, host_register(&other, 3, 1, NULL));
	host_close(&other);
	sleep_ms(GRACE + 100);
	caller = ask_3(ONCE);
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	EXPECT_EQ(0, host_answer(&self->host, req, 0));
	EXPECT_EQ(0, caller_join(caller, SOON));
}

TEST_F(host, without_any_helper_ever_it_is_enotconn_at_once)
{
	struct parsec_info info;
	struct caller *caller;

	host_close(&self->host);
	close(self->fd);
	ASSERT_EQ(0, module_reload("grace_ms=5000"));
	self->fd = device_open();
	ASSERT_EQ(0, device_info(self->fd, &info));
	EXPECT_EQ(0, info.flags);
	caller = ask_3(ONCE);
	EXPECT_EQ(-ENOTCONN, caller_join(caller, SOON));
	EXPECT_GT(slow_ms(1000), caller->ms);
	EXPECT_EQ(-ENOTCONN, device_ping(self->fd));
	ASSERT_EQ(0, host_open(&self->host));
}

TEST_F(host, core_absent_is_enotconn_for_what_only_core_answers)
{
	EXPECT_EQ(-ENOTCONN, device_ping(self->fd));
}

FIXTURE(core) {
	struct host core;
	int fd;
};

FIXTURE_SETUP(core)
{
	ASSERT_EQ(0, module_reload("grace_ms=1000"));
	ASSERT_EQ(0, host_open(&self->core));
	ASSERT_EQ(0, host_register(&self->core, 0, 4, replay_only(REPLAY)));
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(core)
{
	host_close(&self->core);
}

TEST_F(core, answers_for_a_provider_without_a_host)
{
	static const uint8_t ids[] = { 1, 3, 16, 255 };
	struct host_request *req;
	struct caller *caller;

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		caller = caller_start(&(struct ask){ .opcode = ONCE, .provider = ids[i] });
		ASSERT_EQ(0, host_receive(&self->core, &req, SOON));
		EXPECT_EQ(ids[i], req->provider);
		EXPECT_EQ(0, host_answer(&self->core, req, 5));
		EXPECT_EQ(0, caller_join(caller, SOON));
		EXPECT_EQ(5, caller->op.status);
		EXPECT_GT(GRACE, caller->ms);
	}
}

TEST_F(core, does_not_get_what_another_host_serves)
{
	struct host_request *req;
	struct caller *caller;
	struct host other;

	ASSERT_EQ(0, host_open(&other));
	ASSERT_EQ(0, host_register(&other, 3, 1, NULL));
	caller = ask_3(ONCE);
	EXPECT_EQ(-ETIMEDOUT, host_receive(&self->core, &req, NEVER));
	ASSERT_EQ(0, host_receive(&other, &req, SOON));
	EXPECT_EQ(0, host_answer(&other, req, 0));
	EXPECT_EQ(0, caller_join(caller, SOON));
	host_close(&other);
}

/* First there is hope that the host comes back, then core answers (1145) */
TEST_F(core, answers_for_a_vanished_host_after_the_grace_period)
{
	struct host_request *req;
	struct caller *caller;
	struct host other;

	ASSERT_EQ(0, host_open(&other));
	ASSERT_EQ(0, host_register(&other, 3, 1, NULL));
	host_close(&other);
	caller = ask_3(ONCE);
	EXPECT_EQ(-ETIMEDOUT, host_receive(&self->core, &req, GRACE / 2));
	ASSERT_EQ(0, host_receive(&self->core, &req, GRACE));
	EXPECT_EQ(3, req->provider);
	EXPECT_EQ(0, memcmp("body", req->body, 4));
	EXPECT_EQ(0, host_answer(&self->core, req, 1145));
	EXPECT_EQ(0, caller_join(caller, SOON));
	EXPECT_EQ(1145, caller->op.status);
}

/* Workers come and go one by one: the process is what counts */
TEST_F(core, another_providers_death_does_not_touch_its_requests)
{
	struct host_request *req;
	struct caller *caller;
	struct host other;

	ASSERT_EQ(0, host_open(&other));
	ASSERT_EQ(0, host_register(&other, 3, 1, NULL));
	caller = caller_start(&(struct ask){ .opcode = ONCE });
	ASSERT_EQ(0, host_receive(&self->core, &req, SOON));
	host_close(&other);
	sleep_ms(50);
	EXPECT_EQ(0, caller->finished);
	EXPECT_EQ(0, host_answer(&self->core, req, 0));
	EXPECT_EQ(0, caller_join(caller, SOON));
}

TEST_HARNESS_MAIN
