// SPDX-License-Identifier: Apache-2.0
/*
 * Bodies of every size arrive whole, in both directions, and only where there is room.
 */
#include <errno.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <linux/sock_diag.h>
#include "device.h"
#include "fakehost.h"
#include "kselftest_harness.h"

#define MEBI (1024 * 1024)

FIXTURE(body) {
	int fd;
	struct host host;
	uint8_t *in;
};

FIXTURE_SETUP(body)
{
	ASSERT_EQ(0, module_reload(""));
	ASSERT_EQ(0, host_open(&self->host));
	ASSERT_EQ(0, host_register(&self->host, 0, 4, NULL));
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
	self->in = malloc(MEBI + 1);
	ASSERT_NE(NULL, self->in);
}

FIXTURE_TEARDOWN(body)
{
	host_close(&self->host);
}

static const size_t sizes[] = {
	0, 1, 2, 3, 4095, 4096, 4097, 32768, PARSEC_NL_BODY_MAX - 1, PARSEC_NL_BODY_MAX,
	PARSEC_NL_BODY_MAX + 1, 65535, 65536, 65537, 2 * PARSEC_NL_BODY_MAX,
	2 * PARSEC_NL_BODY_MAX + 1, 500001, MEBI - 1, MEBI,
};

TEST_F(body, requests_of_all_sizes_arrive_whole)
{
	struct host_request *req;
	struct caller *caller;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		pattern_fill(self->in, sizes[i], (uint32_t)i);
		caller = caller_start(&(struct ask){
			.fd = self->fd, .opcode = 1, .in = self->in,
			.in_len = (uint32_t)sizes[i],
		});
		ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
		ASSERT_EQ(sizes[i], req->len);
		EXPECT_TRUE(pattern_matches(req->body, req->len, (uint32_t)i));
		EXPECT_EQ(sizes[i] != 0, !!(req->seen & 1 << PARSEC_A_BODY));
		EXPECT_EQ(0, host_reply(&self->host, req->id, 0, NULL, 0));
		EXPECT_EQ(0, caller_join(caller, SOON));
		host_request_free(req);
		caller_free(caller);
	}
	EXPECT_EQ(0, self->host.overruns);
}

TEST_F(body, responses_of_all_sizes_arrive_whole)
{
	struct host_request *req;
	struct caller *caller;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		pattern_fill(self->in, sizes[i], (uint32_t)i);
		caller = caller_start(&(struct ask){
			.fd = self->fd, .opcode = 1, .room = (uint32_t)sizes[i],
		});
		ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
		EXPECT_EQ(0, host_reply(&self->host, req->id, 0, self->in, sizes[i]));
		ASSERT_EQ(0, caller_join(caller, SOON));
		ASSERT_EQ(sizes[i], caller->op.out_len);
		EXPECT_TRUE(pattern_matches(caller->out, sizes[i], (uint32_t)i));
		host_request_free(req);
		caller_free(caller);
	}
}

TEST_F(body, one_byte_more_than_a_mebibyte_is_emsgsize)
{
	struct parsec_op op = { .in = (uintptr_t)self->in, .in_len = MEBI + 1 };
	struct host_request *req;

	EXPECT_EQ(-EMSGSIZE, device_op(self->fd, 1, &op));
	EXPECT_EQ(-ETIMEDOUT, host_receive(&self->host, &req, NEVER));
}

TEST_F(body, a_response_above_the_limit_is_refused_and_ends_in_eio)
{
	struct host_request *req;
	struct caller *caller;

	EXPECT_EQ(MEBI, self->host.max_response);
	caller = caller_start(&(struct ask){ .fd = self->fd, .opcode = 1, .room = MEBI + 1 });
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	EXPECT_EQ(-EMSGSIZE, host_reply(&self->host, req->id, 0, self->in, MEBI + 1));
	EXPECT_EQ(-EIO, caller_join(caller, SOON));
}

/* However the host cuts a response */
TEST_F(body, pieces_of_a_response_are_joined_in_order)
{
	static const size_t pieces[] = { 1, 3, 4, 1000, 4097 };
	struct host_request *req;
	struct caller *caller;
	struct message msg;

	pattern_fill(self->in, 5000, 3);
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		caller = caller_start(&(struct ask){ .fd = self->fd, .opcode = 1, .room = 5000 });
		ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
		message_start(&msg, &self->host, PARSEC_CMD_REPLY);
		message_put_body(&msg, self->in, 2500, pieces[i]);
		message_put_u64(&msg, PARSEC_A_ID, req->id);
		message_put(&msg, PARSEC_A_BODY, NULL, 0);
		message_put_u16(&msg, PARSEC_A_STATUS, 0);
		message_put_body(&msg, self->in + 2500, 2500, pieces[i]);
		EXPECT_EQ(0, host_transact(&self->host, &msg));
		ASSERT_EQ(0, caller_join(caller, SOON));
		ASSERT_EQ(5000, caller->op.out_len);
		EXPECT_TRUE(pattern_matches(caller->out, 5000, 3));
	}
}

TEST_F(body, too_little_room_is_eoverflow_with_length_and_status)
{
	static const uint32_t rooms[] = { 0, 1, 4096, 99999 };
	struct host_request *req;
	struct caller *caller;

	for (size_t i = 0; i < ARRAY_SIZE(rooms); i++) {
		caller = caller_start(&(struct ask){
			.fd = self->fd, .opcode = 1, .room = rooms[i],
		});
		ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
		EXPECT_EQ(0, host_reply(&self->host, req->id, 1138, self->in, 100000));
		EXPECT_EQ(-EOVERFLOW, caller_join(caller, SOON));
		EXPECT_EQ(100000, caller->op.out_len);
		EXPECT_EQ(1138, caller->op.status);
	}
}

TEST_F(body, too_little_room_is_not_written_beyond)
{
	uint8_t out[128];
	struct parsec_op op = { .out = (uintptr_t)out, .out_len = 10 };
	uint32_t size = 100;
	pid_t host;

	host_close(&self->host);
	host = host_start(0, 1, NULL);
	ASSERT_LT(0, host);
	op.in = (uintptr_t)&size;
	op.in_len = sizeof(size);
	memset(out, 0xaa, sizeof(out));
	EXPECT_EQ(-EOVERFLOW, device_op(self->fd, OP_SIZE, &op));
	EXPECT_EQ(100, op.out_len);
	for (size_t i = 10; i < sizeof(out); i++)
		ASSERT_EQ(0xaa, out[i]);
	op.out_len = sizeof(out);
	EXPECT_EQ(0, device_op(self->fd, OP_SIZE, &op));
	EXPECT_TRUE(pattern_matches(out, 100, 100));
	ASSERT_EQ(0, kill(host, SIGKILL));
	ASSERT_EQ(0, host_open(&self->host));
}

/* Memory of the caller that is not there at all yet, and file pages */
TEST_F(body, a_body_may_cross_pages_not_touched_before)
{
	struct host_request *req;
	struct caller *caller;
	uint8_t *fresh = mmap(NULL, MEBI, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	caller = caller_start(&(struct ask){
		.fd = self->fd, .opcode = 1, .in = fresh, .in_len = MEBI, .room = MEBI,
	});
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	ASSERT_EQ(MEBI, req->len);
	pattern_fill(req->body, req->len, 9);
	EXPECT_EQ(0, host_answer(&self->host, req, 0));
	ASSERT_EQ(0, caller_join(caller, SOON));
	EXPECT_TRUE(pattern_matches(caller->out, MEBI, 9));
}

/* Many large ones at a time: at most half of the buffer is filled with them */
TEST_F(body, large_bodies_never_fill_the_socket)
{
	uint32_t meminfo[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(meminfo);
	struct caller *callers[8];
	struct host_request *req;

	host_buffers(&self->host, 3 * MEBI);
	pattern_fill(self->in, MEBI, 4);
	for (size_t i = 0; i < ARRAY_SIZE(callers); i++)
		callers[i] = caller_start(&(struct ask){
			.fd = self->fd, .opcode = 1, .in = self->in, .in_len = MEBI,
			.room = MEBI,
		});
	for (size_t i = 0; i < ARRAY_SIZE(callers); i++)
		ASSERT_EQ(0, caller_settle(callers[i]));
	sleep_ms(50);
	ASSERT_EQ(0, getsockopt(self->host.fd, SOL_SOCKET, SO_MEMINFO, meminfo, &len));
	EXPECT_LT(MEBI, meminfo[SK_MEMINFO_RMEM_ALLOC]);
	EXPECT_GE(meminfo[SK_MEMINFO_RCVBUF] / 2, meminfo[SK_MEMINFO_RMEM_ALLOC]);
	for (size_t i = 0; i < ARRAY_SIZE(callers); i++) {
		ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
		ASSERT_EQ(MEBI, req->len);
		ASSERT_EQ(0, host_answer(&self->host, req, 0));
	}
	for (size_t i = 0; i < ARRAY_SIZE(callers); i++) {
		EXPECT_EQ(0, caller_join(callers[i], SOON));
		EXPECT_TRUE(pattern_matches(callers[i]->out, MEBI, 4));
	}
	EXPECT_EQ(0, self->host.overruns);
}

/* The buffer that a socket has by default is smaller than one large request */
TEST_F(body, a_large_body_reaches_a_socket_with_a_small_buffer)
{
	struct host_request *req;
	struct caller *caller;

	host_close(&self->host);
	ASSERT_EQ(0, host_open(&self->host));
	host_buffers(&self->host, 106496);
	ASSERT_EQ(0, host_register(&self->host, 0, 4, NULL));
	pattern_fill(self->in, MEBI, 5);
	for (int i = 0; i < 3; i++) {
		caller = caller_start(&(struct ask){
			.fd = self->fd, .opcode = 1, .in = self->in, .in_len = MEBI,
		});
		ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
		ASSERT_EQ(MEBI, req->len);
		EXPECT_TRUE(pattern_matches(req->body, MEBI, 5));
		EXPECT_EQ(0, host_reply(&self->host, req->id, 0, NULL, 0));
		EXPECT_EQ(0, caller_join(caller, SOON));
	}
}

TEST_HARNESS_MAIN
