// SPDX-License-Identifier: Apache-2.0
/*
 * Metering, as a host sees it: limits that it sets, numbers that it asks for, a provider
 * that it takes over.
 */
#include "kselftest_harness.h"

#include <errno.h>
#include <linux/netlink.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "helper/log.h"
#include "helper/netlink_stats.h"
#include "selftests/unit/fake_kernel.h"

/* What the kernel was asked last */
static struct host_message asked;

/* What the host was told */
struct told {
	unsigned int modules, providers, accounts;
	struct parsec_stats_device module;
	struct parsec_stats_queue provider;
	struct parsec_stats_account account;
	char path[64];
};

FIXTURE(metering)
{
	struct netlink nl;
	int kernel;
	pthread_t thread;
	struct told told;
	struct netlink_stats_sink sink;
};

static void take_module(const struct parsec_stats_device *stats, void *arg)
{
	struct told *told = arg;

	told->modules++;
	told->module = *stats;
}

static void take_provider(const struct parsec_stats_queue *stats, void *arg)
{
	struct told *told = arg;

	told->providers++;
	told->provider = *stats;
}

static void take_account(const struct parsec_stats_account *stats, void *arg)
{
	struct told *told = arg;

	told->accounts++;
	told->account = *stats;
	snprintf(told->path, sizeof(told->path), "%s",
		 stats->cgroup_path ? stats->cgroup_path : "(none)");
}

FIXTURE_SETUP(metering)
{
	log_init("test", PARSEC_LOG_ERROR, false);
	self->kernel = fake_kernel_adopt(&self->nl, 1000);
	self->sink = (struct netlink_stats_sink){ take_module, take_provider, take_account,
						  &self->told };
	memset(&asked, 0, sizeof(asked));
}

FIXTURE_TEARDOWN(metering)
{
	netlink_close(&self->nl);
	close(self->kernel);
}

/* The kernel, as one thread that answers one question */
struct kernel {
	int fd;
	void (*answer)(int fd, uint32_t seq);
};

static struct kernel kernel;

static void *run_kernel(void *arg)
{
	struct host_message *message = fake_kernel_read(kernel.fd);

	(void)arg;
	if (message) {
		asked = *message;
		kernel.answer(kernel.fd, message->seq);
	}
	return NULL;
}

#define WITH_KERNEL(function) \
	kernel = (struct kernel){ self->kernel, function }; \
	ASSERT_EQ(0, pthread_create(&self->thread, NULL, run_kernel, NULL))

#define STAT(type, value) { type, sizeof(value), &(value) }

static void agree(int fd, uint32_t seq)
{
	fake_kernel_ack(fd, seq, 0);
}

static void say_closed(int fd, uint32_t seq)
{
	fake_kernel_ack(fd, seq, -ENOENT);
}

TEST_F(metering, limits_are_sent_as_they_are)
{
	const struct netlink_limits limits = { 7, 0, 65536 };

	WITH_KERNEL(agree);
	EXPECT_EQ(0, netlink_set_limits(&self->nl, 5, &limits));
	pthread_join(self->thread, NULL);
	EXPECT_EQ(PARSEC_CMD_SET_LIMITS, asked.cmd);
	EXPECT_NE(0, asked.flags & NLM_F_ACK);
	EXPECT_EQ(5, asked.session);
	EXPECT_EQ(1U << PARSEC_A_SESSION | 1U << PARSEC_A_MAX_WAITING |
		  1U << PARSEC_A_MAX_RUNNING | 1U << PARSEC_A_MAX_OPEN, asked.attrs);
	EXPECT_EQ(7, asked.max_waiting);
	EXPECT_EQ(0, asked.max_running);
	EXPECT_EQ(65536, asked.max_open);
}

TEST_F(metering, limits_that_are_the_modules_are_not_sent)
{
	const struct netlink_limits limits = { NETLINK_LIMIT_DEFAULT, 3,
					       NETLINK_LIMIT_DEFAULT };

	WITH_KERNEL(agree);
	EXPECT_EQ(0, netlink_set_limits(&self->nl, 5, &limits));
	pthread_join(self->thread, NULL);
	EXPECT_EQ(1U << PARSEC_A_SESSION | 1U << PARSEC_A_MAX_RUNNING, asked.attrs);
	EXPECT_EQ(3, asked.max_running);
}

TEST_F(metering, limits_of_a_closed_session_are_enoent)
{
	const struct netlink_limits limits = { 1, 1, 1 };

	WITH_KERNEL(say_closed);
	EXPECT_EQ(-ENOENT, netlink_set_limits(&self->nl, 5, &limits));
	pthread_join(self->thread, NULL);
}

/* An early request is kept while the answer is awaited */
static void send_all(int fd, uint32_t seq)
{
	static const struct fake_request early = { .id = 77, .session = 5, .opcode = 1 };
	const uint8_t id = 16;
	const uint32_t few = 3, uid = 1000;
	const uint64_t many = UINT64_C(1) << 40, more = 8;
	const struct fake_stat module[] = {
		STAT(PARSEC_A_STAT_SESSIONS, few), STAT(PARSEC_A_STAT_OPENED, many),
		STAT(PARSEC_A_STAT_REPLY_OVERSIZED, more),
		{ PARSEC_A_STAT_MAX + 1, 4, &few },	/* a later kernel's */
	};
	const struct fake_stat provider[] = {
		STAT(PARSEC_A_PSTAT_PROVIDER, id), STAT(PARSEC_A_PSTAT_CREDITS, few),
		STAT(PARSEC_A_PSTAT_RETURNED, many),
	};
	const struct fake_stat account[] = {
		STAT(PARSEC_A_ASTAT_UID, uid), STAT(PARSEC_A_ASTAT_USERNS, many),
		{ PARSEC_A_ASTAT_CGROUP_PATH, 6, "/some" }, STAT(PARSEC_A_ASTAT_MAX_OPEN, few),
	};
	const struct fake_stat other[] = { STAT(PARSEC_A_ASTAT_UID, few) };

	fake_kernel_request(fd, &early);
	fake_kernel_stats(fd, seq, PARSEC_A_MODULE_STATS, module, 4);
	fake_kernel_stats(fd, seq, PARSEC_A_PROVIDER_STATS, provider, 3);
	fake_kernel_stats(fd, seq, PARSEC_A_ACCOUNT_STATS, other, 1);
	fake_kernel_stats(fd, seq, PARSEC_A_ACCOUNT_STATS, account, 4);
	fake_kernel_done(fd, seq);
}

TEST_F(metering, statistics_are_the_kernels)
{
	struct netlink_request req;

	WITH_KERNEL(send_all);
	ASSERT_EQ(0, netlink_stats(&self->nl, &self->sink));
	pthread_join(self->thread, NULL);
	EXPECT_EQ(PARSEC_CMD_GET_STATS, asked.cmd);
	EXPECT_EQ(NLM_F_DUMP, asked.flags & NLM_F_DUMP);
	EXPECT_EQ(1, self->told.modules);
	EXPECT_EQ(3, self->told.module.sessions);
	EXPECT_EQ(UINT64_C(1) << 40, self->told.module.opened);
	EXPECT_EQ(8, self->told.module.reply_oversized);
	EXPECT_EQ(0, self->told.module.reply_incomplete);
	EXPECT_EQ(1, self->told.providers);
	EXPECT_EQ(16, self->told.provider.provider);
	EXPECT_EQ(3, self->told.provider.credits);
	EXPECT_EQ(UINT64_C(1) << 40, self->told.provider.returned);
	EXPECT_EQ(2, self->told.accounts);
	EXPECT_EQ(1000, self->told.account.uid);
	EXPECT_EQ(UINT64_C(1) << 40, self->told.account.userns);
	EXPECT_EQ(3, self->told.account.max_open);
	EXPECT_STREQ("/some", self->told.path);

	ASSERT_EQ(0, netlink_receive(&self->nl, &req, false));
	EXPECT_EQ(77, req.id);
}

TEST_F(metering, nobody_has_to_want_all_statistics)
{
	struct netlink_stats_sink sink = { .arg = &self->told };

	WITH_KERNEL(send_all);
	EXPECT_EQ(0, netlink_stats(&self->nl, &sink));
	pthread_join(self->thread, NULL);
}

static void refuse(int fd, uint32_t seq)
{
	fake_kernel_ack(fd, seq, -EPERM);
}

TEST_F(metering, statistics_may_be_refused)
{
	WITH_KERNEL(refuse);
	EXPECT_EQ(-EPERM, netlink_stats(&self->nl, &self->sink));
	pthread_join(self->thread, NULL);
	EXPECT_EQ(0, self->told.modules);
}

static void send_short_number(int fd, uint32_t seq)
{
	const uint32_t few = 3;
	const struct fake_stat module[] = { STAT(PARSEC_A_STAT_OPENED, few) };

	fake_kernel_stats(fd, seq, PARSEC_A_MODULE_STATS, module, 1);
	fake_kernel_done(fd, seq);
}

static void send_endless_path(int fd, uint32_t seq)
{
	const struct fake_stat account[] = { { PARSEC_A_ASTAT_CGROUP_PATH, 4, "/abc" } };

	fake_kernel_stats(fd, seq, PARSEC_A_ACCOUNT_STATS, account, 1);
	fake_kernel_done(fd, seq);
}

TEST_F(metering, statistics_of_another_size_are_an_error)
{
	WITH_KERNEL(send_short_number);
	EXPECT_EQ(-EBADMSG, netlink_stats(&self->nl, &self->sink));
	pthread_join(self->thread, NULL);
}

TEST_F(metering, a_path_without_end_is_an_error)
{
	WITH_KERNEL(send_endless_path);
	EXPECT_EQ(-EBADMSG, netlink_stats(&self->nl, &self->sink));
	pthread_join(self->thread, NULL);
	EXPECT_EQ(0, self->told.accounts);
}

TEST_HARNESS_MAIN
