// SPDX-License-Identifier: Apache-2.0
/*
 * Device nodes that stay, go, and are replaced; files stand in for them. What a host makes of
 * it whose provider does not reach its device.
 */
#include "kselftest_harness.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "helper/device_nodes.h"
#include "helper/log.h"
#include "helper/worker.h"
#include "selftests/unit/fake_kernel.h"
#include "selftests/unit/one_worker.h"
#include "selftests/unit/signer.h"

FIXTURE(nodes)
{
	char dir[32];
	char path[2][64];
	char *items[2];
	struct config_list list;
	struct device_nodes *nodes;
};

static bool make(const char *path)
{
	return close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) == 0;
}

FIXTURE_SETUP(nodes)
{
	log_init("test", PARSEC_LOG_ERROR, false);
	snprintf(self->dir, sizeof(self->dir), "/tmp/parsec-nodes.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	for (int i = 0; i < 2; i++) {
		snprintf(self->path[i], sizeof(self->path[i]), "%s/%d", self->dir, i);
		self->items[i] = self->path[i];
		ASSERT_TRUE(make(self->path[i]));
	}
	self->list = (struct config_list){ self->items, 2 };
	self->nodes = device_nodes_new(&self->list);
	ASSERT_NE(NULL, self->nodes);
}

FIXTURE_TEARDOWN(nodes)
{
	device_nodes_free(self->nodes);
	for (int i = 0; i < 2; i++)
		unlink(self->path[i]);
	rmdir(self->dir);
}

TEST_F(nodes, they_stay)
{
	EXPECT_EQ(NULL, device_nodes_missing(self->nodes));
	EXPECT_FALSE(device_nodes_changed(self->nodes));
}

TEST_F(nodes, one_goes)
{
	unlink(self->path[1]);
	EXPECT_TRUE(device_nodes_changed(self->nodes));
	EXPECT_EQ(NULL, device_nodes_missing(self->nodes));
}

TEST_F(nodes, one_is_replaced)
{
	char other[64];

	snprintf(other, sizeof(other), "%s/other", self->dir);
	ASSERT_TRUE(make(other));
	ASSERT_EQ(0, rename(other, self->path[0]));
	EXPECT_TRUE(device_nodes_changed(self->nodes));
}

TEST_F(nodes, one_was_missing)
{
	struct device_nodes *nodes;

	unlink(self->path[1]);
	nodes = device_nodes_new(&self->list);
	ASSERT_NE(NULL, nodes);
	EXPECT_STREQ(self->path[1], device_nodes_missing(nodes));
	EXPECT_FALSE(device_nodes_changed(nodes));
	EXPECT_TRUE(make(self->path[1]));
	EXPECT_TRUE(device_nodes_changed(nodes));
	device_nodes_free(nodes);
}

TEST_F(nodes, there_are_none)
{
	const struct config_list list = { 0 };
	struct device_nodes *nodes = device_nodes_new(&list);

	ASSERT_NE(NULL, nodes);
	EXPECT_EQ(NULL, device_nodes_missing(nodes));
	EXPECT_FALSE(device_nodes_changed(nodes));
	EXPECT_FALSE(device_nodes_changed(NULL));
	device_nodes_free(nodes);
}

/* A worker between a kernel that is a socket pair and a provider that reaches nothing */
FIXTURE(host)
{
	struct signer signer;
	struct parsec_provider provider;
	struct worker_pool pool;
	struct worker worker;
	int kernel;
	sigset_t stop;
	char path[96];
	char *items[1];
	struct config_list list;
	uint64_t last_id;
};

static enum parsec_status cannot_reach_it(struct parsec_provider_ctx *ctx, struct parsec_out *out)
{
	(void)ctx;
	(void)out;
	return PARSEC_PSA_ERROR_COMMUNICATION_FAILURE;
}

FIXTURE_SETUP(host)
{
	sigemptyset(&self->stop);
	sigaddset(&self->stop, SIGTERM);
	sigprocmask(SIG_BLOCK, &self->stop, NULL);
	self->provider = signer_provider;
	self->provider.random = cannot_reach_it;
	signer_open_with(&self->signer, &self->provider);
	snprintf(self->path, sizeof(self->path), "%s/device", self->signer.dir);
	self->items[0] = self->path;
	self->list = (struct config_list){ self->items, 1 };
	ASSERT_TRUE(make(self->path));
	self->signer.host.devices = device_nodes_new(&self->list);
	self->kernel = fake_kernel_adopt(&self->worker.nl, 64 * 1024);
	ASSERT_TRUE(one_worker_start(&self->pool, &self->worker, &self->signer.host));
}

FIXTURE_TEARDOWN(host)
{
	one_worker_stop(&self->pool);
	close(self->kernel);
	device_nodes_free(self->signer.host.devices);
	signer_close(&self->signer);
}

typedef FIXTURE_DATA(host) fixture;

/* The caller is answered, whatever becomes of the process */
static bool is_told(fixture *self)
{
	const struct fake_request req = {
		.id = ++self->last_id,
		.session = 1,
		.provider = SIGNER_ID,
		.opcode = PARSEC_OP_PSA_GENERATE_RANDOM,
		.body = (const uint8_t *)"\x08\x10",
		.len = 2,
		.chunk = PARSEC_NL_BODY_MAX,
	};
	struct host_message *reply;

	fake_kernel_request(self->kernel, &req);
	reply = fake_kernel_read(self->kernel);
	return reply && reply->cmd == PARSEC_CMD_REPLY && reply->id == self->last_id &&
	       reply->status == PARSEC_PSA_ERROR_COMMUNICATION_FAILURE;
}

TEST_F(host, goes_on_while_the_node_is_the_same)
{
	const struct timespec soon = { .tv_nsec = 100 * 1000 * 1000 };

	EXPECT_TRUE(is_told(self));
	EXPECT_TRUE(is_told(self));
	EXPECT_EQ(-1, sigtimedwait(&self->stop, NULL, &soon));
	EXPECT_EQ(0, self->pool.failure);
}

TEST_F(host, ends_when_the_node_is_gone)
{
	const struct timespec limit = { .tv_sec = 5 };

	unlink(self->path);
	EXPECT_TRUE(is_told(self));
	EXPECT_EQ(SIGTERM, sigtimedwait(&self->stop, NULL, &limit));
	/* It is not that the module were gone: the host is to be started again at once */
	EXPECT_LT(NETLINK_GONE, self->pool.failure);
}

TEST_HARNESS_MAIN
