// SPDX-License-Identifier: Apache-2.0
/*
 * The interface's structs and numbers never change, and are the same for 32-bit and
 * 64-bit programs: this test is built as both.
 */
#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include "device.h"
#include "fakehost.h"
#include "kselftest_harness.h"

#define AT(type, member, offset, size)						\
	static_assert(offsetof(struct type, member) == (offset) &&		\
		      sizeof(((struct type *)0)->member) == (size), #type "." #member)

static_assert(sizeof(struct parsec_info) == 32, "struct parsec_info");
AT(parsec_info, abi, 0, 4);
AT(parsec_info, flags, 4, 4);
AT(parsec_info, max_request, 8, 4);
AT(parsec_info, max_response, 12, 4);
AT(parsec_info, session, 16, 8);
AT(parsec_info, reserved, 24, 8);

static_assert(sizeof(struct parsec_op) == 40, "struct parsec_op");
AT(parsec_op, provider, 0, 1);
AT(parsec_op, reserved0, 1, 1);
AT(parsec_op, status, 2, 2);
AT(parsec_op, flags, 4, 4);
AT(parsec_op, timeout_ms, 8, 4);
AT(parsec_op, in_len, 12, 4);
AT(parsec_op, in, 16, 8);
AT(parsec_op, out_len, 24, 4);
AT(parsec_op, reserved1, 28, 4);
AT(parsec_op, out, 32, 8);

static_assert(PARSEC_IOC_INFO == 0x8020d500, "PARSEC_IOC_INFO");
static_assert(PARSEC_IOC_OP(0x01) == 0xc028d501, "PARSEC_IOC_OP(0x01)");
static_assert(PARSEC_IOC_OP(0x7f) == 0xc028d57f, "PARSEC_IOC_OP(0x7f)");

FIXTURE(layout) {
	int fd;
	pid_t host;
};

FIXTURE_SETUP(layout)
{
	ASSERT_EQ(0, module_reload(""));
	self->host = host_start(0, 4, NULL);
	ASSERT_LT(0, self->host);
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(layout)
{
	kill(self->host, SIGKILL);
}

TEST_F(layout, info_fills_every_member)
{
	struct parsec_info info;

	memset(&info, 0x55, sizeof(info));
	ASSERT_EQ(0, device_info(self->fd, &info));
	EXPECT_EQ(PARSEC_ABI, info.abi);
	EXPECT_EQ((unsigned int)PARSEC_INFO_HELPER, info.flags);
	EXPECT_EQ(PARSEC_BODY_MAX, info.max_request);
	EXPECT_EQ(PARSEC_BODY_MAX, info.max_response);
	EXPECT_NE(0, info.session);
	EXPECT_NE(0x5555555555555555ULL, info.session);
	EXPECT_EQ(0, info.reserved);
}

TEST_F(layout, op_is_read_and_written_where_the_header_says)
{
	static const uint16_t status = 1140;
	struct {
		struct parsec_op op;
		uint8_t canary[16];
	} arg;
	struct host_facts facts;
	uint8_t intact[16];

	memset(&arg, 0, sizeof(arg));
	memset(arg.canary, 0xaa, sizeof(arg.canary));
	memset(intact, 0xaa, sizeof(intact));
	arg.op.provider = 7;
	arg.op.timeout_ms = 60000;
	arg.op.out_len = sizeof(facts);
	arg.op.out = (uintptr_t)&facts;
	ASSERT_EQ(0, device_op(self->fd, OP_FACTS, &arg.op));
	EXPECT_EQ(7, facts.provider);
	EXPECT_EQ(OP_FACTS, facts.opcode);
	EXPECT_NE(0, facts.deadline);
	EXPECT_EQ(sizeof(facts), arg.op.out_len);

	arg.op.in = (uintptr_t)&status;
	arg.op.in_len = sizeof(status);
	ASSERT_EQ(0, device_op(self->fd, OP_STATUS, &arg.op));
	EXPECT_EQ(1140, arg.op.status);
	EXPECT_EQ(0, arg.op.out_len);
	EXPECT_EQ(0, memcmp(intact, arg.canary, sizeof(intact)));
}

TEST_F(layout, bodies_go_both_ways)
{
	uint8_t in[300], out[300];
	struct parsec_op op = {
		.in = (uintptr_t)in,
		.in_len = sizeof(in),
		.out = (uintptr_t)out,
		.out_len = sizeof(out),
	};

	pattern_fill(in, sizeof(in), 1);
	memset(out, 0, sizeof(out));
	ASSERT_EQ(0, device_op(self->fd, OP_ECHO, &op));
	EXPECT_EQ(sizeof(in), op.out_len);
	EXPECT_EQ(0, memcmp(in, out, sizeof(in)));
}

/* A 32-bit program's pointer with something above it is a mistake, not an address */
TEST_F(layout, an_address_beyond_user_memory_is_efault)
{
	uint8_t byte = 1;
	struct parsec_op op = {
		.in = (uintptr_t)&byte | 1ULL << 63,
		.in_len = 1,
		.out = (uintptr_t)&byte,
		.out_len = 1,
	};

	EXPECT_EQ(-EFAULT, device_op(self->fd, OP_ECHO, &op));
	op.in = (uintptr_t)&byte;
	op.out |= 1ULL << 63;
	EXPECT_EQ(-EFAULT, device_op(self->fd, OP_ECHO, &op));
}

TEST_F(layout, large_bodies_go_both_ways)
{
	uint32_t size = PARSEC_BODY_MAX;
	uint8_t *in = malloc(size), *out = malloc(size);
	struct parsec_op op = {
		.in = (uintptr_t)in,
		.in_len = size,
		.out = (uintptr_t)out,
		.out_len = size,
	};

	pattern_fill(in, size, 11);
	memset(out, 0, size);
	ASSERT_EQ(0, device_op(self->fd, OP_ECHO, &op));
	EXPECT_EQ(size, op.out_len);
	EXPECT_EQ(0, memcmp(in, out, size));
}

/* Netlink delivers long messages wrongly to 32-bit programs */
TEST_F(layout, a_32_bit_program_can_call_but_not_serve)
{
	struct host host;

	ASSERT_EQ(0, host_open(&host));
	EXPECT_EQ(sizeof(long) == 4 ? -EOPNOTSUPP : 0, host_register(&host, 1, 1, NULL));
	host_close(&host);
}

TEST_HARNESS_MAIN
