// SPDX-License-Identifier: Apache-2.0
/*
 * The module as such: loading and unloading, parameters, what it shows of itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include "device.h"
#include "fakehost.h"
#include "kselftest_harness.h"

#define TRACING	"/sys/kernel/debug/tracing"

FIXTURE(module) {
	struct host host;
	int fd;
};

FIXTURE_SETUP(module)
{
	ASSERT_EQ(0, module_reload(""));
	ASSERT_EQ(0, host_open(&self->host));
	ASSERT_EQ(0, host_register(&self->host, 0, 4, NULL));
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
}

/* The module is there and works, whatever the test did */
FIXTURE_TEARDOWN(module)
{
	close(self->fd);
	host_close(&self->host);
	if (!module_loaded())
		EXPECT_EQ(0, module_load(""));
}

static int answer_one(struct host *host)
{
	struct host_request *req;

	return host_receive(host, &req, SOON) ?: host_answer(host, req, 0);
}

TEST_F(module, unloading_with_the_device_open_is_refused)
{
	struct caller *caller;

	EXPECT_EQ(-EAGAIN, module_unload());
	caller = caller_start(&(struct ask){ .fd = self->fd, .opcode = 1 });
	EXPECT_EQ(0, answer_one(&self->host));
	EXPECT_EQ(0, caller_join(caller, SOON));
	close(self->fd);
	EXPECT_EQ(0, module_unload());
}

TEST_F(module, unloading_with_a_helper_connected_is_done_at_once)
{
	struct host_identity id;
	int64_t start;

	close(self->fd);
	start = clock_ms();
	EXPECT_EQ(0, module_unload());
	EXPECT_GT(slow_ms(1500), clock_ms() - start);
	EXPECT_FALSE(module_loaded());
	EXPECT_EQ(-1, access(DEVICE, F_OK));
	EXPECT_EQ(-ENOENT, host_identity(&self->host, 1, &id));
}

/* The next load knows nothing of a socket that was a worker before */
TEST_F(module, after_loading_again_a_host_has_to_register_again)
{
	struct host_identity id;
	struct host again;
	struct caller *caller;

	close(self->fd);
	ASSERT_EQ(0, module_unload());
	ASSERT_EQ(0, module_load(""));
	EXPECT_EQ(-ENOTCONN, caller_join(caller_start(&(struct ask){ .opcode = 1 }), SOON));
	ASSERT_EQ(0, host_open(&again));
	self->host.family = again.family;
	EXPECT_EQ(-EPERM, host_identity(&self->host, 1, &id));
	ASSERT_EQ(0, host_register(&self->host, 0, 1, NULL));
	caller = caller_start(&(struct ask){ .opcode = 1 });
	EXPECT_EQ(0, answer_one(&self->host));
	EXPECT_EQ(0, caller_join(caller, SOON));
	host_close(&again);
}

/* A request nobody waits for any more is in the host's hands, a timer may be running */
TEST_F(module, unloading_does_not_wait_for_what_is_left)
{
	struct caller *victim = caller_start(&(struct ask){ .opcode = 1 });
	struct host_request *req;
	struct host other;
	int64_t start;

	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	EXPECT_EQ(0, caller_kill(victim));
	ASSERT_EQ(0, host_open(&other));
	ASSERT_EQ(0, host_register(&other, 1, 1, NULL));
	host_close(&other);
	close(self->fd);
	start = clock_ms();
	EXPECT_EQ(0, module_unload());
	EXPECT_GT(slow_ms(1500), clock_ms() - start);
	/* Closing a socket that was a worker once is none of the module's business */
	host_close(&self->host);
	ASSERT_EQ(0, module_load(""));
	ASSERT_EQ(0, host_open(&self->host));
}

TEST_F(module, loading_and_unloading_can_be_repeated)
{
	struct caller *caller;

	close(self->fd);
	for (unsigned int i = 0; i < 10; i++) {
		host_close(&self->host);
		ASSERT_EQ(0, module_reload(""));
		ASSERT_EQ(0, host_open(&self->host));
		ASSERT_EQ(0, host_register(&self->host, 0, 1, NULL));
		caller = caller_start(&(struct ask){ .opcode = 1 });
		EXPECT_EQ(0, answer_one(&self->host));
		EXPECT_EQ(0, caller_join(caller, SOON));
	}
}

static int parameter(const char *name)
{
	char path[128], text[32];

	snprintf(path, sizeof(path), PARAMETERS "/%s", name);
	return read_file(path, text, sizeof(text)) > 0 ? atoi(text) : -1;
}

TEST_F(module, parameters_have_the_documented_defaults)
{
	EXPECT_EQ(PARSEC_BODY_MAX, parameter("max_request"));
	EXPECT_EQ(PARSEC_BODY_MAX, parameter("max_response"));
	EXPECT_EQ(1024, parameter("max_waiting"));
	EXPECT_EQ(0, parameter("max_running"));
	EXPECT_EQ(4096, parameter("max_open"));
	EXPECT_EQ(5000, parameter("grace_ms"));
}

TEST_F(module, parameters_are_described)
{
	char command[600];

	snprintf(command, sizeof(command),
		 "text=$(/sbin/modinfo -p %s); for p in %s/*; do echo \"$text\" | "
		 "grep -q \"^${p##*/}:.*default\" || exit 1; done",
		 module_path(), PARAMETERS);
	EXPECT_EQ(0, system(command));
	snprintf(command, sizeof(command),
		 "/sbin/modinfo -F alias %s | grep -qx 'net-pf-16-proto-16-family-parsec'",
		 module_path());
	EXPECT_EQ(0, system(command));
}

TEST_F(module, parameters_out_of_range_are_refused)
{
	static const char *const bad[] = {
		"max_request=0", "max_request=-1", "max_request=100000000", "max_request=x",
		"max_response=0", "max_response=100000000", "max_waiting=65537", "grace_ms=-1",
		"grace_ms=100000000", "max_waiting=-1", "max_running=65537", "max_open=65537",
	};

	close(self->fd);
	ASSERT_EQ(0, module_unload());
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_GT(0, module_load(bad[i]))
			TH_LOG("%s was accepted", bad[i]);
	}
	ASSERT_EQ(0, module_load(""));
	EXPECT_GT(0, write_file(PARAMETERS "/max_waiting", "65537"));
	EXPECT_GT(0, write_file(PARAMETERS "/grace_ms", "x"));
	/* Hosts were told the limits when they registered */
	EXPECT_EQ(0, system("test $(stat -c %a " PARAMETERS "/max_request) = 444"));
	EXPECT_EQ(0, system("test $(stat -c %a " PARAMETERS "/max_response) = 444"));
}

TEST_F(module, smaller_limits_hold)
{
	static uint8_t body[4097];
	struct host_request *req;
	struct parsec_info info;
	struct caller *caller;

	close(self->fd);
	host_close(&self->host);
	ASSERT_EQ(0, module_reload("max_request=2048 max_response=4096"));
	ASSERT_EQ(0, host_open(&self->host));
	ASSERT_EQ(0, host_register(&self->host, 0, 1, NULL));
	EXPECT_EQ(2048, self->host.max_request);
	EXPECT_EQ(4096, self->host.max_response);
	self->fd = device_open();
	ASSERT_EQ(0, device_info(self->fd, &info));
	EXPECT_EQ(2048, info.max_request);
	EXPECT_EQ(4096, info.max_response);

	caller = caller_start(&(struct ask){ .opcode = 1, .in = body, .in_len = 2049 });
	EXPECT_EQ(-EMSGSIZE, caller_join(caller, SOON));
	caller = caller_start(&(struct ask){ .opcode = 1, .in = body, .in_len = 2048,
					     .room = 8192 });
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	EXPECT_EQ(2048, req->len);
	EXPECT_EQ(0, host_reply(&self->host, req->id, 0, body, 4096));
	EXPECT_EQ(0, caller_join(caller, SOON));
	caller = caller_start(&(struct ask){ .opcode = 1, .room = 8192 });
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	EXPECT_EQ(-EMSGSIZE, host_reply(&self->host, req->id, 0, body, 4097));
	EXPECT_EQ(-EIO, caller_join(caller, SOON));
}

TEST_F(module, larger_limits_hold)
{
	size_t size = 3 * PARSEC_BODY_MAX;
	uint8_t *body = malloc(size);
	struct host_request *req;
	struct caller *caller;

	close(self->fd);
	host_close(&self->host);
	ASSERT_EQ(0, module_reload("max_request=4194304 max_response=4194304"));
	ASSERT_EQ(0, host_open(&self->host));
	ASSERT_EQ(0, host_register(&self->host, 0, 1, NULL));
	pattern_fill(body, size, 8);
	caller = caller_start(&(struct ask){
		.opcode = 1, .in = body, .in_len = (uint32_t)size, .room = (uint32_t)size,
	});
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	EXPECT_EQ(size, req->len);
	EXPECT_EQ(0, host_answer(&self->host, req, 0));
	EXPECT_EQ(0, caller_join(caller, SOON));
	EXPECT_EQ(size, caller->op.out_len);
	EXPECT_TRUE(pattern_matches(caller->out, size, 8));
}

static int fdinfo(int fd, const char *key)
{
	char path[64], text[1024], line[64];
	const char *at;
	int value = -1;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	read_file(path, text, sizeof(text));
	snprintf(line, sizeof(line), "\n%s:", key);
	at = strstr(text, line);
	if (at)
		sscanf(at + strlen(line), "%d", &value);
	return value;
}

TEST_F(module, fdinfo_counts_requests)
{
	struct parsec_op bad = { .flags = 1 };
	struct caller *one, *two;
	struct parsec_info info;

	ASSERT_EQ(0, device_info(self->fd, &info));
	EXPECT_EQ((int)info.session, fdinfo(self->fd, "session"));
	EXPECT_EQ(0, fdinfo(self->fd, "done"));
	EXPECT_EQ(0, fdinfo(self->fd, "in_flight"));
	one = caller_start(&(struct ask){ .fd = self->fd, .opcode = 1 });
	two = caller_start(&(struct ask){ .fd = self->fd, .opcode = 1 });
	ASSERT_EQ(0, caller_settle(one));
	ASSERT_EQ(0, caller_settle(two));
	sleep_ms(20);
	EXPECT_EQ(2, fdinfo(self->fd, "in_flight"));
	EXPECT_EQ(0, fdinfo(self->fd, "done"));
	EXPECT_EQ(0, answer_one(&self->host));
	EXPECT_EQ(0, answer_one(&self->host));
	EXPECT_EQ(0, caller_join(one, SOON));
	EXPECT_EQ(0, caller_join(two, SOON));
	EXPECT_EQ(-EINVAL, device_op(self->fd, 1, &bad));
	EXPECT_EQ(0, fdinfo(self->fd, "in_flight"));
	EXPECT_EQ(2, fdinfo(self->fd, "done"));
}

/* The line of the trace with @event and @detail, or NULL */
static const char *traced(const char *trace, const char *event, const char *detail)
{
	while ((trace = strstr(trace, event))) {
		const char *found = strstr(trace, detail);

		if (found && found < strchrnul(trace, '\n'))
			return trace;
		trace++;
	}
	return NULL;
}

TEST_F(module, tracepoints_follow_a_request)
{
	static char trace[65536];
	struct host_request *req;
	struct caller *caller;
	char id[32];

	if (access(TRACING "/events/parsec", F_OK))
		ASSERT_EQ(0, system("mount -t tracefs tracefs " TRACING));
	ASSERT_LE(0, write_file(TRACING "/trace", "\n"));
	ASSERT_LT(0, write_file(TRACING "/events/parsec/enable", "1"));
	caller = caller_start(&(struct ask){ .opcode = 0x1f, .in = "12345", .in_len = 5 });
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	EXPECT_EQ(0, host_reply(&self->host, req->id, 1140, NULL, 0));
	EXPECT_EQ(0, caller_join(caller, SOON));
	snprintf(id, sizeof(id), "id=%llu ", (unsigned long long)req->id);

	caller = caller_start(&(struct ask){ .opcode = 0x1e, .timeout_ms = 20 });
	EXPECT_EQ(-ETIMEDOUT, caller_join(caller, SOON));
	ASSERT_LT(0, write_file(TRACING "/events/parsec/enable", "0"));
	ASSERT_LT(0, read_file(TRACING "/trace", trace, sizeof(trace)));

	EXPECT_NE(NULL, traced(trace, "request_submit: ", id));
	EXPECT_NE(NULL, traced(trace, "request_submit: ", "opcode=0x1f len=5"));
	EXPECT_NE(NULL, traced(trace, "request_send: ", id));
	EXPECT_NE(NULL, traced(trace, "request_done: ", id));
	EXPECT_NE(NULL, traced(trace, "request_done: ", "status=1140 len=0"));
	EXPECT_EQ(NULL, traced(trace, "request_abort: ", id));
	EXPECT_NE(NULL, traced(trace, "request_abort: ", "error=-110"));
}

TEST_HARNESS_MAIN
