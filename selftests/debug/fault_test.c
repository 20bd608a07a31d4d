// SPDX-License-Identifier: Apache-2.0
/*
 * Each allocation and each copy from or to user memory fails once, in everything that an
 * application or a host can ask of the module: one documented error, no other effect.
 * What the kernel itself notices, and what is left in the end, is for the machine to see.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <linux/netlink.h>
#include "../device/device.h"
#include "../device/fakehost.h"
#include "fault.h"
#include "kselftest_harness.h"

#define SMALL	100
#define LARGE	300000
#define LIMIT	240	/* seconds for one test: there are hundreds of faults */

FIXTURE(fault) {
	struct host host;	/* a socket, not registered */
	pid_t echo;		/* a process that serves core */
	int fd;
	struct parsec_op op;
	unsigned int opcode;
	uint64_t session;
	uint8_t in[LARGE];
	uint8_t out[LARGE];

	/* Another thread that asks */
	pthread_t thread;
	int asked;
	struct host_request *req;

	/* What must not be */
	unsigned int wrong;
};

typedef FIXTURE_DATA(fault) fixture;

FIXTURE_SETUP(fault)
{
	memset(self, 0, sizeof(*self));
	self->host.fd = self->fd = -1;
	ASSERT_EQ(0, module_reload(""));
	pattern_fill(self->in, sizeof(self->in), 5);
	ASSERT_EQ(0, fault_start());
}

FIXTURE_TEARDOWN(fault)
{
	if (self->fd >= 0)
		close(self->fd);
	if (self->host.buf)
		host_close(&self->host);
	if (self->echo > 0) {
		kill(self->echo, SIGKILL);
		waitpid(self->echo, NULL, 0);
	}
}

static int start_echo(fixture *self)
{
	self->echo = host_start(0, 4, NULL);
	return self->echo > 0 ? 0 : self->echo;
}

static int nothing(void *arg)
{
	(void)arg;
	return 0;
}

/* open() */

static int call_open(void *arg)
{
	fixture *self = arg;

	self->fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	return self->fd < 0 ? -errno : 0;
}

static int settle_open(void *arg, int result)
{
	fixture *self = arg;

	/* An open file is a good one */
	if (!result && device_ping(self->fd))
		self->wrong++;
	if (!result)
		close(self->fd);
	self->fd = -1;
	return result;
}

/* close() */

static int prepare_close(void *arg)
{
	fixture *self = arg;
	struct parsec_info info;
	int ret;

	self->fd = device_open();
	ret = self->fd < 0 ? self->fd : device_info(self->fd, &info);
	self->session = info.session;
	return ret;
}

static int call_close(void *arg)
{
	fixture *self = arg;

	return close(self->fd) ? -errno : 0;
}

static int settle_close(void *arg, int result)
{
	struct host_identity id;
	fixture *self = arg;

	self->fd = -1;
	if (host_identity(&self->host, self->session, &id) != -ENOENT)
		self->wrong++;
	return result;
}

/* ioctl() */

static int call_info(void *arg)
{
	struct parsec_info *info;
	fixture *self = arg;

	info = (struct parsec_info *)self->out;
	return ioctl(self->fd, PARSEC_IOC_INFO, info) ? -errno : 0;
}

static int settle_result(void *arg, int result)
{
	(void)arg;
	return result;
}

static int prepare_op(void *arg)
{
	fixture *self = arg;

	self->op.status = 0xffff;
	self->op.in = (uintptr_t)self->in;
	self->op.out = (uintptr_t)self->out;
	self->op.out_len = sizeof(self->out);
	memset(self->out, 0, sizeof(self->out));
	return 0;
}

static int call_op(void *arg)
{
	fixture *self = arg;

	return ioctl(self->fd, PARSEC_IOC_OP(self->opcode), &self->op) ? -errno : 0;
}

static int settle_op(void *arg, int result)
{
	fixture *self = arg;

	if (!result && (self->op.status || self->op.out_len != self->op.in_len ||
			!pattern_matches(self->out, self->op.out_len, 5)))
		self->wrong++;
	return result;
}

static int settle_refused(void *arg, int result)
{
	(void)arg;
	return result == -ENOTCONN ? 0 : result;
}

/* ioctl() of one that has to wait, until its time is over; the account is a new one */

static int prepare_wait(void *arg)
{
	fixture *self = arg;

	self->fd = device_open();
	self->op.timeout_ms = 20;
	return self->fd < 0 ? self->fd : prepare_op(arg);
}

static int settle_wait(void *arg, int result)
{
	fixture *self = arg;

	close(self->fd);
	self->fd = -1;
	return result == -ETIMEDOUT ? 0 : result;
}

/* What a host says, and the kernel's verdict */

static int call_send(void *arg)
{
	fixture *self = arg;

	return send(self->host.fd, self->in, self->op.in_len, 0) < 0 ? -errno : 0;
}

/* Keep the message in memory of the test's own, for a single send() */
static void keep_message(fixture *self, struct message *msg)
{
	struct nlmsghdr nlh;

	memcpy(&nlh, msg->data, sizeof(nlh));
	nlh.nlmsg_len = (uint32_t)msg->len;
	nlh.nlmsg_flags |= NLM_F_ACK;
	memcpy(self->in, msg->data, msg->len);
	memcpy(self->in, &nlh, sizeof(nlh));
	self->op.in_len = (uint32_t)msg->len;
	free(msg->data);
}

/* The verdict can be lost too: the socket is told that something was */
static int verdict(fixture *self, int result)
{
	unsigned int overruns = self->host.overruns;
	char byte;

	if (result)
		return result;
	if (recv(self->host.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0)
		return -errno;
	result = host_verdict(&self->host);
	return self->host.overruns != overruns ? -ENOBUFS : result;
}

static int prepare_register(void *arg)
{
	fixture *self = arg;
	struct message msg;
	int ret = host_open(&self->host);

	message_start(&msg, &self->host, PARSEC_CMD_REGISTER);
	message_put_u8(&msg, PARSEC_A_PROVIDER, 7);
	message_put_u32(&msg, PARSEC_A_CREDITS, 1);
	keep_message(self, &msg);
	return ret;
}

static int settle_register(void *arg, int result)
{
	struct host_identity id;
	fixture *self = arg;
	int known;

	result = verdict(self, result);
	/* Either the socket serves, or it can try again */
	known = host_identity(&self->host, 0, &id);
	if (known == -EPERM)
		known = host_register(&self->host, 7, 1, NULL) ?: -ENOENT;
	if (known != -ENOENT || (!result && host_register(&self->host, 7, 1, NULL) != -EALREADY))
		self->wrong++;
	host_close(&self->host);
	return result;
}

static int prepare_get_session(void *arg)
{
	fixture *self = arg;
	struct message msg;

	message_start(&msg, &self->host, PARSEC_CMD_GET_SESSION);
	message_put_u64(&msg, PARSEC_A_SESSION, self->session);
	keep_message(self, &msg);
	return 0;
}

static int settle_get_session(void *arg, int result)
{
	struct host_identity id;
	fixture *self = arg;

	result = verdict(self, result);
	if (host_identity(&self->host, self->session, &id) || id.session != self->session)
		self->wrong++;
	return result;
}

static void *ask(void *arg)
{
	fixture *self = arg;
	struct parsec_op op = { .out = (uintptr_t)self->out, .out_len = sizeof(self->out) };

	self->asked = ioctl(self->fd, PARSEC_IOC_OP(1), &op) ? -errno : 0;
	if (!self->asked && op.out_len != SMALL)
		self->asked = -EPROTO;
	return NULL;
}

static int prepare_reply(void *arg)
{
	static const uint8_t body[SMALL];
	fixture *self = arg;
	struct message msg;
	int ret = pthread_create(&self->thread, NULL, ask, self);

	if (!ret)
		ret = host_receive(&self->host, &self->req, 10 * SOON);
	if (ret)
		return ret;
	message_start(&msg, &self->host, PARSEC_CMD_REPLY);
	message_put_u64(&msg, PARSEC_A_ID, self->req->id);
	message_put_u16(&msg, PARSEC_A_STATUS, 0);
	message_put_body(&msg, body, sizeof(body), sizeof(body));
	keep_message(self, &msg);
	return 0;
}

/* Whoever asked gets an answer, by the first try or by the second */
static int settle_reply(void *arg, int result)
{
	static const uint8_t body[SMALL];
	fixture *self = arg;
	int again;

	result = verdict(self, result);
	again = host_reply(&self->host, self->req->id, 0, body, sizeof(body));
	if (again != -EPERM && (again || !result))
		self->wrong++;
	host_request_free(self->req);
	pthread_join(self->thread, NULL);
	if (self->asked)
		self->wrong++;
	return result;
}

/* Inject, and tell how it was */
#define EACH_FAULT(least, ...)								\
	do {										\
		struct fault_call call = { __VA_ARGS__ };				\
		struct fault_count count;						\
		unsigned int nth;							\
		int ret = fault_each(&call, self, &count, &nth);			\
											\
		TH_LOG("%u allocations, %u of pages, %u copies failed, and with them %u calls",	\
		       count.slab, count.page, count.usercopy, count.failed);		\
		EXPECT_EQ(0, ret)							\
			TH_LOG("fault %u: %s", nth - 1, strerror(-ret));		\
		EXPECT_EQ(0, self->wrong);						\
		/* A page that a cache gets at one time only takes the place of another */	\
		EXPECT_LE(least, count.failed + count.page);				\
		EXPECT_LE(count.failed, count.slab + count.page + count.usercopy);	\
	} while (0)

static const int no_memory[] = { ENOMEM, EFAULT, 0 };
static const int no_buffer[] = { ENOMEM, EFAULT, ENOBUFS, 0 };
static const int never[] = { 0 };

/* Session, path buffer, path of the cgroup, account at least, and the name in user memory */
TEST_F_TIMEOUT(fault, open, LIMIT)
{
	ASSERT_EQ(0, start_echo(self));
	EACH_FAULT(5, nothing, call_open, settle_open, no_memory);
}

TEST_F_TIMEOUT(fault, close, LIMIT)
{
	ASSERT_EQ(0, host_open(&self->host));
	ASSERT_EQ(0, host_register(&self->host, 0, 4, NULL));
	EACH_FAULT(0, prepare_close, call_close, settle_close, never);
}

TEST_F_TIMEOUT(fault, info, LIMIT)
{
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
	EACH_FAULT(1, nothing, call_info, settle_result, no_memory);
}

/*
 * Request, message and its data; the structure, the body and the answer. Whether the two fields
 * of the answer can fail, and what else can be missing, is the kernel's affair
 */
TEST_F_TIMEOUT(fault, small_request, LIMIT)
{
	ASSERT_EQ(0, start_echo(self));
	self->fd = device_open();
	self->opcode = OP_ECHO;
	self->op.in_len = SMALL;
	EACH_FAULT(6, prepare_op, call_op, settle_op, no_memory);
}

TEST_F_TIMEOUT(fault, large_request, LIMIT)
{
	ASSERT_EQ(0, start_echo(self));
	self->fd = device_open();
	self->opcode = OP_ECHO;
	self->op.in_len = LARGE;
	EACH_FAULT(50, prepare_op, call_op, settle_op, no_memory);
}

TEST_F_TIMEOUT(fault, request_without_a_host, LIMIT)
{
	self->fd = device_open();
	self->opcode = OP_ECHO;
	self->op.in_len = SMALL;
	ASSERT_EQ(-ENOTCONN, device_op(self->fd, OP_ECHO, &(struct parsec_op){ 0 }));
	EACH_FAULT(4, prepare_op, call_op, settle_refused, no_memory);
}

TEST_F_TIMEOUT(fault, request_that_waits, LIMIT)
{
	struct caller *busy;

	ASSERT_EQ(0, host_open(&self->host));
	ASSERT_EQ(0, host_register(&self->host, 0, 1, NULL));
	busy = caller_start(&(struct ask){ .uid = ALICE, .opcode = 1 });
	ASSERT_EQ(0, host_receive(&self->host, &self->req, 10 * SOON));
	self->opcode = OP_ECHO;
	self->op.in_len = SMALL;
	EACH_FAULT(5, prepare_wait, call_op, settle_wait, no_memory);
	EXPECT_EQ(0, host_answer(&self->host, self->req, 0));
	EXPECT_EQ(0, caller_join(busy, 10 * SOON));
}

TEST_F_TIMEOUT(fault, register, LIMIT)
{
	EACH_FAULT(4, prepare_register, call_send, settle_register, no_buffer);
}

TEST_F_TIMEOUT(fault, get_session, LIMIT)
{
	ASSERT_EQ(0, host_open(&self->host));
	ASSERT_EQ(0, host_register(&self->host, 0, 4, NULL));
	ASSERT_EQ(0, prepare_close(self));
	EACH_FAULT(4, prepare_get_session, call_send, settle_get_session, no_buffer);
}

TEST_F_TIMEOUT(fault, reply, LIMIT)
{
	ASSERT_EQ(0, host_open(&self->host));
	ASSERT_EQ(0, host_register(&self->host, 0, 4, NULL));
	self->fd = device_open();
	EACH_FAULT(3, prepare_reply, call_send, settle_reply, no_buffer);
}

TEST_HARNESS_MAIN
