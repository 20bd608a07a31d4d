// SPDX-License-Identifier: Apache-2.0
/*
 * REGISTER: who may serve a provider, and with what.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include "device.h"
#include "fakehost.h"
#include "kselftest_harness.h"

FIXTURE(reg) {
	struct host host;
	int fd;
};

FIXTURE_SETUP(reg)
{
	ASSERT_EQ(0, module_reload(""));
	ASSERT_EQ(0, host_open(&self->host));
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(reg)
{
	host_close(&self->host);
}

/* REGISTER with attributes of the test's choice; 0 bytes: leave it out */
static int register_as(struct host *host, size_t provider_len, size_t credits_len,
		       size_t replay_len)
{
	static const uint8_t one[64] = { 1 };
	struct message msg;

	message_start(&msg, host, PARSEC_CMD_REGISTER);
	if (provider_len)
		message_put(&msg, PARSEC_A_PROVIDER, one, provider_len);
	if (credits_len)
		message_put(&msg, PARSEC_A_CREDITS, one, credits_len);
	if (replay_len)
		message_put(&msg, PARSEC_A_REPLAY, one, replay_len);
	return host_transact(host, &msg);
}

TEST_F(reg, the_answer_tells_the_limits)
{
	ASSERT_EQ(0, host_register(&self->host, 1, 1, replay_all));
	EXPECT_EQ(PARSEC_BODY_MAX, self->host.max_request);
	EXPECT_EQ(PARSEC_BODY_MAX, self->host.max_response);
}

TEST_F(reg, every_provider_id_can_be_served)
{
	struct host host;

	for (unsigned int id = 0; id <= 255; id += 15) {
		ASSERT_EQ(0, host_open(&host));
		EXPECT_EQ(0, host_register(&host, (uint8_t)id, 1, NULL));
		host_close(&host);
	}
}

TEST_F(reg, credits_are_1_to_64)
{
	struct host host;

	EXPECT_EQ(-EINVAL, host_register(&self->host, 1, 0, NULL));
	EXPECT_EQ(-EINVAL, host_register(&self->host, 1, PARSEC_NL_CREDITS_MAX + 1, NULL));
	EXPECT_EQ(-EINVAL, host_register(&self->host, 1, UINT32_MAX, NULL));
	EXPECT_EQ(0, host_register(&self->host, 1, PARSEC_NL_CREDITS_MAX, NULL));
	ASSERT_EQ(0, host_open(&host));
	EXPECT_EQ(0, host_register(&host, 1, 1, NULL));
	host_close(&host);
}

TEST_F(reg, provider_and_credits_are_mandatory)
{
	EXPECT_EQ(-EINVAL, register_as(&self->host, 0, 4, 0));
	EXPECT_EQ(-EINVAL, register_as(&self->host, 1, 0, 0));
	EXPECT_EQ(-EINVAL, register_as(&self->host, 0, 0, 0));
	EXPECT_EQ(0, register_as(&self->host, 1, 4, 0));
}

TEST_F(reg, attributes_have_their_exact_size)
{
	EXPECT_GT(0, register_as(&self->host, 4, 4, 0));
	EXPECT_GT(0, register_as(&self->host, 1, 1, 0));
	EXPECT_GT(0, register_as(&self->host, 1, 8, 0));
	EXPECT_GT(0, register_as(&self->host, 1, 4, PARSEC_NL_REPLAY_LEN - 1));
	EXPECT_GT(0, register_as(&self->host, 1, 4, PARSEC_NL_REPLAY_LEN + 1));
	EXPECT_EQ(0, register_as(&self->host, 1, 4, PARSEC_NL_REPLAY_LEN));
}

TEST_F(reg, an_unknown_attribute_is_refused)
{
	struct message msg;

	message_start(&msg, &self->host, PARSEC_CMD_REGISTER);
	message_put_u8(&msg, PARSEC_A_PROVIDER, 1);
	message_put_u32(&msg, PARSEC_A_CREDITS, 1);
	message_put_u32(&msg, PARSEC_A_MAX + 1, 1);
	EXPECT_GT(0, host_transact(&self->host, &msg));
	EXPECT_EQ(0, host_register(&self->host, 1, 1, NULL));
}

TEST_F(reg, an_unknown_command_is_refused)
{
	struct message msg;

	message_start(&msg, &self->host, PARSEC_CMD_MAX + 1);
	EXPECT_EQ(-EOPNOTSUPP, host_transact(&self->host, &msg));
	/* The kernel's own command */
	message_start(&msg, &self->host, PARSEC_CMD_REQUEST);
	EXPECT_EQ(-EOPNOTSUPP, host_transact(&self->host, &msg));
}

/* A refused REGISTER leaves nothing behind that would take requests */
TEST_F(reg, a_refused_host_gets_no_requests)
{
	struct host_request *req;

	EXPECT_EQ(-EINVAL, host_register(&self->host, 0, 0, NULL));
	EXPECT_EQ(-ENOTCONN, device_ping(self->fd));
	EXPECT_EQ(-ETIMEDOUT, host_receive(&self->host, &req, NEVER));
}

TEST_F(reg, a_socket_registers_once)
{
	ASSERT_EQ(0, host_register(&self->host, 1, 1, NULL));
	EXPECT_EQ(-EALREADY, host_register(&self->host, 1, 1, NULL));
	EXPECT_EQ(-EALREADY, host_register(&self->host, 2, 1, NULL));
}

TEST_F(reg, one_process_serves_a_provider_with_many_sockets)
{
	struct host more[8];

	ASSERT_EQ(0, host_register(&self->host, 1, 1, NULL));
	for (size_t i = 0; i < ARRAY_SIZE(more); i++) {
		ASSERT_EQ(0, host_open(&more[i]));
		EXPECT_EQ(0, host_register(&more[i], 1, 1, NULL));
	}
	for (size_t i = 0; i < ARRAY_SIZE(more); i++)
		host_close(&more[i]);
}

TEST_F(reg, a_second_process_is_ebusy)
{
	pid_t other;

	ASSERT_EQ(0, host_register(&self->host, 1, 1, NULL));
	EXPECT_EQ(-EBUSY, host_start(1, 1, NULL));
	other = host_start(2, 1, NULL);
	EXPECT_LT(0, other);
	EXPECT_EQ(-EBUSY, host_start(2, 1, NULL));
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	other = host_start(2, 1, NULL);
	EXPECT_LT(0, other);
	kill(other, SIGKILL);
	host_close(&self->host);
	EXPECT_LT(0, host_start(1, 1, NULL));
	ASSERT_EQ(0, host_open(&self->host));
}

static int register_unprivileged(void *arg)
{
	struct host host;

	(void)arg;
	return become(ALICE) ?: host_open(&host) ?: host_register(&host, 1, 1, NULL);
}

TEST_F(reg, an_ordinary_user_is_eperm)
{
	EXPECT_EQ(-EPERM, in_child(register_unprivileged, NULL, -1));
}

static int register_as_root_of_a_namespace(void *arg)
{
	struct host host;

	(void)arg;
	if (become(ALICE) || prctl(PR_SET_DUMPABLE, 1) || unshare(CLONE_NEWUSER) ||
	    write_file("/proc/self/uid_map", "0 1001 1") < 0)
		return 1;
	return host_open(&host) ?: host_register(&host, 1, 1, NULL);
}

TEST_F(reg, root_of_a_user_namespace_is_eperm)
{
	EXPECT_EQ(-EPERM, in_child(register_as_root_of_a_namespace, NULL, -1));
}

/* Opened with privileges, used without: netlink looks at both */
static int register_after_dropping(void *arg)
{
	struct host host;

	(void)arg;
	return host_open(&host) ?: become(ALICE) ?: host_register(&host, 1, 1, NULL);
}

TEST_F(reg, a_socket_opened_as_root_does_not_help_an_ordinary_user)
{
	EXPECT_EQ(-EPERM, in_child(register_after_dropping, NULL, -1));
}

static int find_in_network_namespace(void *arg)
{
	struct host host;

	(void)arg;
	if (unshare(CLONE_NEWNET))
		return 1;
	return host_open(&host);
}

TEST_F(reg, the_family_is_not_there_in_another_network_namespace)
{
	EXPECT_EQ(-ENOENT, in_child(find_in_network_namespace, NULL, -1));
}

static int serve_without_privileges(void *arg)
{
	struct host host;
	int ret;

	(void)arg;
	ret = host_open(&host) ?: host_register(&host, 0, 1, NULL) ?: become(NOBODY) ?:
	      prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return ret ?: host_serve(&host, 3);
}

TEST_F(reg, a_registered_host_serves_without_privileges)
{
	int status = 0;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(self->host.fd);
		_exit(serve_without_privileges(NULL) ? 1 : 0);
	}
	for (int i = 0; i < slow_ms(200) && device_ping(self->fd) == -ENOTCONN; i++)
		sleep_ms(10);
	EXPECT_EQ(0, device_ping(self->fd));
	EXPECT_EQ(0, device_ping(self->fd));
	waitpid(pid, &status, 0);
	EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST_HARNESS_MAIN
