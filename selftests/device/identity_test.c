// SPDX-License-Identifier: Apache-2.0
/*
 * An open file belongs to who opened it: who may use it, and who may not.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include "device.h"
#include "fakehost.h"
#include "kselftest_harness.h"

#define GROUP_A	"/sys/fs/cgroup/parsec-test-a"
#define GROUP_B	"/sys/fs/cgroup/parsec-test-b"
#define COPY	"/dev/shm/parsec-use-fd"

FIXTURE(identity) {
	int fd;
	pid_t host;
};

FIXTURE_SETUP(identity)
{
	ASSERT_EQ(0, module_reload(""));
	self->host = host_start(0, 4, NULL);
	ASSERT_LT(0, self->host);
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, device_ping(self->fd));
}

FIXTURE_TEARDOWN(identity)
{
	EXPECT_EQ(0, device_ping(self->fd));
	kill(self->host, SIGKILL);
	rmdir(GROUP_A);
	rmdir(GROUP_B);
	unlink(COPY);
}

static int ping(void *fd)
{
	return device_ping(*(int *)fd);
}

static int ping_as_alice(void *fd)
{
	int ret = become(ALICE);

	return ret ? ret : device_ping(*(int *)fd);
}

static int info_as_alice(void *fd)
{
	struct parsec_info info;
	int ret = become(ALICE);

	return ret ? ret : device_info(*(int *)fd, &info);
}

TEST_F(identity, a_child_has_its_parents_identity)
{
	EXPECT_EQ(0, in_child(ping, &self->fd, self->fd));
}

TEST_F(identity, a_descriptor_inherited_by_another_user_is_eperm)
{
	EXPECT_EQ(-EPERM, in_child(ping_as_alice, &self->fd, self->fd));
	EXPECT_EQ(-EPERM, in_child(info_as_alice, &self->fd, self->fd));
}

/* Send the descriptor through a socket to a process that @becomes someone else */
static int receive_and_ping(int socket)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { .iov_base = (char[1]){ 0 }, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.buf, .msg_controllen = sizeof(control.buf),
	};
	int fd;

	if (recvmsg(socket, &msg, 0) != 1 || !CMSG_FIRSTHDR(&msg))
		return -EBADMSG;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return device_ping(fd);
}

static void send_descriptor(int socket, int fd)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { .buf = { 0 } };
	struct iovec iov = { .iov_base = (char[1]){ 0 }, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.buf, .msg_controllen = sizeof(control.buf),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	sendmsg(socket, &msg, 0);
}

static int bob_receives(void *socket)
{
	int ret = become(BOB);

	return ret ? ret : receive_and_ping(*(int *)socket);
}

static int root_receives(void *socket)
{
	return receive_and_ping(*(int *)socket);
}

static int alice_opens_and_sends(void *socket)
{
	int fd, ret = become(ALICE);

	if (ret)
		return ret;
	fd = device_open();
	send_descriptor(*(int *)socket, fd);
	return device_ping(fd);
}

TEST_F(identity, a_descriptor_passed_over_a_socket_works_for_the_same_user_only)
{
	int pair[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	EXPECT_EQ(0, in_child(alice_opens_and_sends, &pair[0], pair[0]));
	EXPECT_EQ(-EPERM, in_child(bob_receives, &pair[1], pair[1]));
	EXPECT_EQ(0, in_child(alice_opens_and_sends, &pair[0], pair[0]));
	EXPECT_EQ(-EPERM, in_child(root_receives, &pair[1], pair[1]));
	send_descriptor(pair[0], self->fd);
	EXPECT_EQ(0, in_child(root_receives, &pair[1], pair[1]));
}

static int drop_and_return(void *arg)
{
	int fd = device_open();

	(void)arg;
	if (device_ping(fd))
		return 1;
	if (seteuid(ALICE) || device_ping(fd) != -EPERM)
		return 2;
	if (seteuid(0) || device_ping(fd))
		return 3;
	/* The effective user decides, not the real and the saved one */
	if (setresuid(ALICE, 0, ALICE) || device_ping(fd))
		return 4;
	if (setresuid(ALICE, ALICE, ALICE) || device_ping(fd) != -EPERM)
		return 5;
	close(fd);
	fd = device_open();
	return device_ping(fd) ? 6 : 0;
}

TEST_F(identity, dropping_privileges_ends_the_use_of_a_file)
{
	EXPECT_EQ(0, in_child(drop_and_return, NULL, -1));
}

static int exec_use_fd(const char *program, int fd)
{
	char number[12];
	int status;
	pid_t pid;

	fcntl(fd, F_SETFD, 0);
	snprintf(number, sizeof(number), "%d", fd);
	pid = fork();
	if (pid == 0) {
		execl(program, program, number, NULL);
		_exit(99);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EFAULT;
}

static int exec_plain(void *fd)
{
	return exec_use_fd(USE_FD, *(int *)fd);
}

TEST_F(identity, a_program_executed_keeps_the_file)
{
	EXPECT_EQ(0, in_child(exec_plain, &self->fd, self->fd));
}

static int copy_program(uid_t owner, mode_t mode)
{
	static char buf[1 << 20];
	int from = open(USE_FD, O_RDONLY | O_CLOEXEC);
	int to = open(COPY, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	ssize_t len = read(from, buf, sizeof(buf));
	int ret = len > 0 && write(to, buf, (size_t)len) == len && !fchown(to, owner, owner) &&
		  !fchmod(to, mode) ? 0 : -errno;

	close(from);
	close(to);
	return ret;
}

static int exec_setuid(void *arg)
{
	int fd, ret = become(ALICE);

	(void)arg;
	if (ret)
		return ret;
	fd = device_open();
	if (device_ping(fd))
		return 1;
	return exec_use_fd(COPY, fd);
}

TEST_F(identity, a_setuid_program_cannot_be_handed_a_file)
{
	ASSERT_EQ(0, mount("tmpfs", "/dev/shm", NULL, MS_REMOUNT, NULL));
	ASSERT_EQ(0, copy_program(BOB, 0755));
	EXPECT_EQ(0, in_child(exec_setuid, NULL, -1));
	ASSERT_EQ(0, copy_program(BOB, 04755));
	EXPECT_EQ(-EPERM, in_child(exec_setuid, NULL, -1));
}

static int move_between_cgroups(void *arg)
{
	int fd;

	(void)arg;
	if (write_file(GROUP_A "/cgroup.procs", "0") < 0)
		return 1;
	fd = device_open();
	if (device_ping(fd))
		return 2;
	if (write_file(GROUP_B "/cgroup.procs", "0") < 0)
		return 3;
	if (device_ping(fd) != -EPERM)
		return 4;
	if (write_file(GROUP_A "/cgroup.procs", "0") < 0)
		return 5;
	if (device_ping(fd))
		return 6;
	return write_file("/sys/fs/cgroup/cgroup.procs", "0") < 0 ? 7 : 0;
}

TEST_F(identity, another_cgroup_is_eperm)
{
	ASSERT_EQ(0, mkdir(GROUP_A, 0755));
	ASSERT_EQ(0, mkdir(GROUP_B, 0755));
	EXPECT_EQ(0, in_child(move_between_cgroups, NULL, -1));
}

static int new_user_namespace(void *fd)
{
	if (unshare(CLONE_NEWUSER))
		return -errno;
	return device_ping(*(int *)fd);
}

static int new_user_namespace_mapped(void *fd)
{
	if (unshare(CLONE_NEWUSER))
		return -errno;
	if (write_file("/proc/self/uid_map", "0 0 1") < 0)
		return 1;
	return device_ping(*(int *)fd);
}

TEST_F(identity, another_user_namespace_is_eperm)
{
	EXPECT_EQ(-EPERM, in_child(new_user_namespace, &self->fd, self->fd));
	EXPECT_EQ(-EPERM, in_child(new_user_namespace_mapped, &self->fd, self->fd));
}

static int new_pid_namespace(void *fd)
{
	if (unshare(CLONE_NEWPID))
		return -errno;
	/* Only children will live in it */
	if (device_ping(*(int *)fd))
		return 1;
	return in_child(ping, fd, *(int *)fd);
}

TEST_F(identity, another_pid_namespace_is_eperm)
{
	EXPECT_EQ(-EPERM, in_child(new_pid_namespace, &self->fd, self->fd));
}

static int new_other_namespaces(void *fd)
{
	if (unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP))
		return -errno;
	return device_ping(*(int *)fd);
}

/* Services often give themselves these; they say nothing about who one is */
TEST_F(identity, other_namespaces_do_not_matter)
{
	EXPECT_EQ(0, in_child(new_other_namespaces, &self->fd, self->fd));
}

static int open_in_a_container(void *arg)
{
	int fd;

	(void)arg;
	if (unshare(CLONE_NEWUSER))
		return -errno;
	fd = device_open();
	return fd < 0 ? fd : device_ping(fd);
}

TEST_F(identity, a_container_may_open_the_device_itself)
{
	EXPECT_EQ(0, in_child(open_in_a_container, NULL, -1));
}

TEST_HARNESS_MAIN
