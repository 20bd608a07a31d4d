// SPDX-License-Identifier: Apache-2.0
/*
 * The ioctls: every member varied from a valid request, one at a time, every number
 * that is none, and the system calls that the device does not have.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "device.h"
#include "fakehost.h"
#include "kselftest_harness.h"

FIXTURE(ioctl) {
	int fd;
	pid_t host;
	uint8_t in[64];
	uint8_t out[64];
	struct parsec_op op;
};

/* A valid request: OP_ECHO of 64 bytes */
FIXTURE_SETUP(ioctl)
{
	ASSERT_EQ(0, module_reload(""));
	self->host = host_start(0, 4, NULL);
	ASSERT_LT(0, self->host);
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
	pattern_fill(self->in, sizeof(self->in), 2);
	self->op = (struct parsec_op){
		.in = (uintptr_t)self->in,
		.in_len = sizeof(self->in),
		.out = (uintptr_t)self->out,
		.out_len = sizeof(self->out),
	};
}

/* Whatever a test did wrong, the device goes on and no credit is lost */
FIXTURE_TEARDOWN(ioctl)
{
	struct parsec_op op = {
		.timeout_ms = 3000,
		.in = (uintptr_t)self->in,
		.in_len = sizeof(self->in),
		.out = (uintptr_t)self->out,
		.out_len = sizeof(self->out),
	};

	EXPECT_EQ(0, device_op(self->fd, OP_ECHO, &op));
	kill(self->host, SIGKILL);
}

static void *page(int protection)
{
	void *at = mmap(NULL, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

TEST_F(ioctl, a_valid_request_is_answered)
{
	self->op.status = 0x1234;
	ASSERT_EQ(0, device_op(self->fd, OP_ECHO, &self->op));
	EXPECT_EQ(0, self->op.status);
	EXPECT_EQ(sizeof(self->in), self->op.out_len);
	EXPECT_EQ(0, memcmp(self->in, self->out, sizeof(self->in)));
}

/* What cannot be told afterwards is not begun: the host was not asked */
TEST_F(ioctl, nothing_takes_place_without_room_for_the_result)
{
	struct parsec_op *op = page(PROT_READ | PROT_WRITE);

	ASSERT_NE(NULL, op);
	*op = self->op;
	ASSERT_EQ(0, mprotect(op, 4096, PROT_READ));
	EXPECT_EQ(-EFAULT, device_op(self->fd, OP_DIE, op));
	ASSERT_EQ(0, mprotect(op, 4096, PROT_READ | PROT_WRITE));
	EXPECT_EQ(0, device_op(self->fd, OP_ECHO, op));
	munmap(op, 4096);
}

TEST_F(ioctl, any_status_comes_back)
{
	static const uint16_t sample[] = { 0, 1, 22, 1132, 1153, 0x7fff, 0x8000, 0xffff };

	for (size_t i = 0; i < ARRAY_SIZE(sample); i++) {
		self->op.in = (uintptr_t)&sample[i];
		self->op.in_len = sizeof(sample[i]);
		self->op.out_len = sizeof(self->out);
		ASSERT_EQ(0, device_op(self->fd, OP_STATUS, &self->op));
		EXPECT_EQ(sample[i], self->op.status);
		EXPECT_EQ(0, self->op.out_len);
	}
}

TEST_F(ioctl, provider_and_opcode_and_pid_reach_the_host)
{
	struct host_facts facts;
	struct parsec_info info;

	ASSERT_EQ(0, device_info(self->fd, &info));
	self->op.provider = 255;
	self->op.out = (uintptr_t)&facts;
	ASSERT_EQ(0, device_op(self->fd, OP_FACTS, &self->op));
	EXPECT_EQ(255, facts.provider);
	EXPECT_EQ(OP_FACTS, facts.opcode);
	EXPECT_EQ((uint32_t)getpid(), facts.pid);
	EXPECT_EQ(info.session, facts.session);
	EXPECT_EQ(0, facts.deadline);
}

TEST_F(ioctl, reserved0_must_be_zero)
{
	for (unsigned int bit = 0; bit < 8; bit++) {
		self->op.reserved0 = (uint8_t)(1U << bit);
		EXPECT_EQ(-EINVAL, device_op(self->fd, OP_ECHO, &self->op));
	}
}

TEST_F(ioctl, flags_must_be_zero)
{
	for (unsigned int bit = 0; bit < 32; bit++) {
		self->op.flags = 1U << bit;
		EXPECT_EQ(-EINVAL, device_op(self->fd, OP_ECHO, &self->op));
	}
}

TEST_F(ioctl, reserved1_must_be_zero)
{
	for (unsigned int bit = 0; bit < 32; bit++) {
		self->op.reserved1 = 1U << bit;
		EXPECT_EQ(-EINVAL, device_op(self->fd, OP_ECHO, &self->op));
	}
}

/* What is wrong with the request itself is found before anyone is needed to answer it */
TEST_F(ioctl, a_malformed_request_is_refused_without_a_helper)
{
	kill(self->host, SIGKILL);
	waitpid(self->host, NULL, 0);
	self->op.flags = 1;
	EXPECT_EQ(-EINVAL, device_op(self->fd, OP_ECHO, &self->op));
	self->op.flags = 0;
	self->op.in_len = PARSEC_BODY_MAX + 1;
	EXPECT_EQ(-EMSGSIZE, device_op(self->fd, OP_ECHO, &self->op));
	self->host = host_start(0, 4, NULL);
	ASSERT_LT(0, self->host);
}

TEST_F(ioctl, argument_at_a_bad_address_is_efault)
{
	EXPECT_EQ(-EFAULT, device_op(self->fd, OP_ECHO, NULL));
	EXPECT_EQ(-EFAULT, device_op(self->fd, OP_ECHO, page(PROT_NONE)));
	EXPECT_EQ(-EFAULT, device_info(self->fd, NULL));
	EXPECT_EQ(-EFAULT, device_info(self->fd, page(PROT_READ)));
}

TEST_F(ioctl, argument_that_cannot_be_written_is_efault)
{
	struct parsec_op *op = page(PROT_READ | PROT_WRITE);

	ASSERT_NE(NULL, op);
	*op = self->op;
	ASSERT_EQ(0, mprotect(op, 4096, PROT_READ));
	EXPECT_EQ(-EFAULT, device_op(self->fd, OP_ECHO, op));
}

TEST_F(ioctl, request_body_at_a_bad_address_is_efault)
{
	char *two = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_EQ(0, munmap(two + 4096, 4096));
	self->op.in = 0;
	EXPECT_EQ(-EFAULT, device_op(self->fd, OP_ECHO, &self->op));
	self->op.in = (uintptr_t)page(PROT_NONE);
	EXPECT_EQ(-EFAULT, device_op(self->fd, OP_ECHO, &self->op));
	self->op.in = (uintptr_t)two + 4096 - sizeof(self->in) + 1;
	EXPECT_EQ(-EFAULT, device_op(self->fd, OP_ECHO, &self->op));
	self->op.in = (uintptr_t)two + 4096 - sizeof(self->in);
	EXPECT_EQ(0, device_op(self->fd, OP_ECHO, &self->op));
}

/* More often than anyone has credits or room in a queue */
TEST_F(ioctl, a_bad_address_costs_nothing_lasting)
{
	self->op.in = 0;
	for (unsigned int i = 0; i < 1000; i++)
		ASSERT_EQ(-EFAULT, device_op(self->fd, OP_ECHO, &self->op));
}

TEST_F(ioctl, an_empty_body_needs_no_address)
{
	self->op.in_len = 0;
	self->op.in = 0;
	self->op.out_len = 0;
	self->op.out = 0;
	EXPECT_EQ(0, device_op(self->fd, OP_ECHO, &self->op));
	EXPECT_EQ(0, self->op.out_len);
	self->op.in = 1;
	self->op.out = 1;
	EXPECT_EQ(0, device_op(self->fd, OP_ECHO, &self->op));
}

TEST_F(ioctl, response_body_at_a_bad_address_is_efault)
{
	self->op.out = 0;
	EXPECT_EQ(-EFAULT, device_op(self->fd, OP_ECHO, &self->op));
	self->op.out = (uintptr_t)page(PROT_READ);
	EXPECT_EQ(-EFAULT, device_op(self->fd, OP_ECHO, &self->op));
}

TEST_F(ioctl, in_len_above_the_limit_is_emsgsize)
{
	self->op.in_len = PARSEC_BODY_MAX + 1;
	EXPECT_EQ(-EMSGSIZE, device_op(self->fd, OP_ECHO, &self->op));
	self->op.in_len = UINT32_MAX;
	EXPECT_EQ(-EMSGSIZE, device_op(self->fd, OP_ECHO, &self->op));
}

TEST_F(ioctl, out_len_may_be_more_than_ever_comes)
{
	self->op.out_len = UINT32_MAX;
	EXPECT_EQ(0, device_op(self->fd, OP_ECHO, &self->op));
	EXPECT_EQ(sizeof(self->in), self->op.out_len);
}

TEST_F(ioctl, nothing_is_stored_beyond_the_answer)
{
	memset(self->out, 0xaa, sizeof(self->out));
	self->op.in_len = 5;
	ASSERT_EQ(0, device_op(self->fd, OP_ECHO, &self->op));
	EXPECT_EQ(5, self->op.out_len);
	for (size_t i = 5; i < sizeof(self->out); i++)
		ASSERT_EQ(0xaa, self->out[i]);
}

TEST_F(ioctl, every_opcode_of_the_range_is_carried)
{
	for (unsigned int opcode = 0x10; opcode <= PARSEC_OPCODE_MAX; opcode++) {
		self->op.out_len = sizeof(self->out);
		ASSERT_EQ(0, device_op(self->fd, opcode, &self->op));
	}
	EXPECT_EQ(0, device_op(self->fd, PARSEC_OPCODE_MIN, &self->op));
}

static int try(int fd, unsigned long number, void *arg)
{
	return ioctl(fd, number, arg) ? -errno : 0;
}

TEST_F(ioctl, numbers_outside_the_range_are_enotty)
{
	EXPECT_EQ(-ENOTTY, device_op(self->fd, 0x00, &self->op));
	for (unsigned int opcode = PARSEC_OPCODE_MAX + 1; opcode <= 0xff; opcode++)
		ASSERT_EQ(-ENOTTY, device_op(self->fd, opcode, &self->op));
}

TEST_F(ioctl, another_size_direction_or_magic_is_enotty)
{
	struct { uint8_t bytes[41]; } big = { 0 };
	struct { uint8_t bytes[32]; } small = { 0 };

	EXPECT_EQ(-ENOTTY, try(self->fd, _IOWR(PARSEC_IOC_MAGIC, OP_ECHO, typeof(big)), &big));
	EXPECT_EQ(-ENOTTY, try(self->fd, _IOWR(PARSEC_IOC_MAGIC, OP_ECHO, typeof(small)),
			       &small));
	EXPECT_EQ(-ENOTTY, try(self->fd, _IOR(PARSEC_IOC_MAGIC, OP_ECHO, struct parsec_op),
			       &self->op));
	EXPECT_EQ(-ENOTTY, try(self->fd, _IOW(PARSEC_IOC_MAGIC, OP_ECHO, struct parsec_op),
			       &self->op));
	EXPECT_EQ(-ENOTTY, try(self->fd, _IO(PARSEC_IOC_MAGIC, OP_ECHO), &self->op));
	EXPECT_EQ(-ENOTTY, try(self->fd, _IOWR(0xd6, OP_ECHO, struct parsec_op), &self->op));
	EXPECT_EQ(-ENOTTY, try(self->fd, _IOWR(PARSEC_IOC_MAGIC, 0, struct parsec_info), &big));
	EXPECT_EQ(-ENOTTY, try(self->fd, _IOR(PARSEC_IOC_MAGIC, 0, typeof(big)), &big));
}

TEST_F(ioctl, each_open_file_has_its_number)
{
	struct parsec_info one, two;
	int fd = device_open();

	ASSERT_EQ(0, device_info(self->fd, &one));
	ASSERT_EQ(0, device_info(fd, &two));
	EXPECT_NE(one.session, two.session);
	close(fd);
	fd = device_open();
	ASSERT_EQ(0, device_info(fd, &one));
	EXPECT_NE(one.session, two.session);
}

TEST_F(ioctl, info_says_whether_a_helper_is_connected)
{
	struct parsec_info info;

	ASSERT_EQ(0, device_info(self->fd, &info));
	EXPECT_EQ((unsigned int)PARSEC_INFO_HELPER, info.flags);
	kill(self->host, SIGKILL);
	waitpid(self->host, NULL, 0);
	ASSERT_EQ(0, device_info(self->fd, &info));
	EXPECT_EQ(0, info.flags);
	self->host = host_start(0, 4, NULL);
	ASSERT_LT(0, self->host);
}

TEST_F(ioctl, other_system_calls_are_refused)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	EXPECT_EQ(-1, read(self->fd, self->out, sizeof(self->out)));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, write(self->fd, self->in, sizeof(self->in)));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, lseek(self->fd, 1, SEEK_SET));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_SHARED, self->fd, 0));
	EXPECT_EQ(ENODEV, errno);
	EXPECT_EQ(-1, epoll_ctl(epoll, EPOLL_CTL_ADD, self->fd, &event));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(-1, fsync(self->fd));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, ftruncate(self->fd, 0));
	EXPECT_EQ(EINVAL, errno);
}

TEST_F(ioctl, anyone_may_open_the_node)
{
	struct stat st;

	ASSERT_EQ(0, stat(DEVICE, &st));
	EXPECT_TRUE(S_ISCHR(st.st_mode));
	EXPECT_EQ(0666, st.st_mode & 07777);
}

TEST_HARNESS_MAIN
