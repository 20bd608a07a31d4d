// SPDX-License-Identifier: Apache-2.0
/*
 * GET_SESSION: what the kernel tells a host about who opened a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include "device.h"
#include "fakehost.h"
#include "kselftest_harness.h"

#define GROUP	"/sys/fs/cgroup/parsec-test-session"
#define COPY	"/dev/shm/parsec-use-fd"
#define BIT(n)	(1U << (n))

FIXTURE(session) {
	struct host host;
	struct host_identity id;
};

FIXTURE_SETUP(session)
{
	ASSERT_EQ(0, module_reload(""));
	ASSERT_EQ(0, host_open(&self->host));
	ASSERT_EQ(0, host_register(&self->host, 0, 1, NULL));
}

FIXTURE_TEARDOWN(session)
{
	host_close(&self->host);
	rmdir(GROUP);
	unlink(COPY);
}

/** struct opener - a process that opens the device and waits to be looked at */
struct opener {
	pid_t pid;
	uint64_t session;
};

/* @prepare runs before the open; ->session stays 0 when it failed */
static struct opener opener_start(int (*prepare)(void))
{
	struct opener opener = { 0 };
	struct parsec_info info = { 0 };
	int out[2];

	if (pipe(out))
		abort();
	opener.pid = fork();
	if (opener.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(out[1], STDOUT_FILENO);
		close_range(STDERR_FILENO + 1, ~0U, 0);
		if (prepare && prepare())
			_exit(1);
		if (device_info(device_open(), &info))
			_exit(1);
		if (write(STDOUT_FILENO, &info.session, sizeof(info.session)) < 0)
			_exit(1);
		pause();
		_exit(0);
	}
	close(out[1]);
	if (read(out[0], &opener.session, sizeof(opener.session)) < 0)
		opener.session = 0;
	close(out[0]);
	return opener;
}

static void opener_end(struct opener *opener)
{
	kill(opener->pid, SIGKILL);
	waitpid(opener->pid, NULL, 0);
}

static uint64_t inode_of(pid_t pid, const char *name)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return stat(path, &st) ? 0 : st.st_ino;
}

static int be_alice(void)
{
	return setresgid(BOB, BOB, BOB) || setresuid(ALICE, ALICE, ALICE);
}

TEST_F(session, user_and_group_are_the_effective_ones)
{
	struct opener opener = opener_start(be_alice);

	ASSERT_EQ(0, host_identity(&self->host, opener.session, &self->id));
	EXPECT_EQ(opener.session, self->id.session);
	EXPECT_EQ(ALICE, self->id.uid);
	EXPECT_EQ(BOB, self->id.gid);
	opener_end(&opener);
}

static int be_alice_effectively(void)
{
	return setegid(BOB) || seteuid(ALICE);
}

TEST_F(session, the_real_user_does_not_count)
{
	struct opener opener = opener_start(be_alice_effectively);

	ASSERT_EQ(0, host_identity(&self->host, opener.session, &self->id));
	EXPECT_EQ(ALICE, self->id.uid);
	EXPECT_EQ(BOB, self->id.gid);
	opener_end(&opener);
}

TEST_F(session, process_and_its_start_are_told)
{
	struct opener opener = opener_start(NULL);
	unsigned long long ticks;
	char path[64], stat[1024];

	ASSERT_EQ(0, host_identity(&self->host, opener.session, &self->id));
	EXPECT_EQ((uint32_t)opener.pid, self->id.pid);
	snprintf(path, sizeof(path), "/proc/%d/stat", opener.pid);
	ASSERT_LT(0, read_file(path, stat, sizeof(stat)));
	ASSERT_EQ(1, sscanf(strrchr(stat, ')') + 1,
			    " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d"
			    " %*d %*d %*d %*d %llu", &ticks));
	EXPECT_EQ(ticks, self->id.start_time / (1000000000ULL / (uint64_t)sysconf(_SC_CLK_TCK)));
	opener_end(&opener);
}

TEST_F(session, namespaces_are_told)
{
	struct opener opener = opener_start(NULL);

	ASSERT_EQ(0, host_identity(&self->host, opener.session, &self->id));
	EXPECT_EQ((uint32_t)(PARSEC_ID_INIT_USERNS | PARSEC_ID_INIT_PIDNS), self->id.flags);
	EXPECT_EQ(inode_of(opener.pid, "ns/user"), self->id.userns);
	EXPECT_EQ(inode_of(opener.pid, "ns/pid"), self->id.pidns);
	EXPECT_TRUE(self->id.seen & BIT(PARSEC_A_ID_USERNS_LEVEL));
	EXPECT_EQ(0, self->id.userns_level);
	EXPECT_EQ(0, self->id.userns_owner);
	opener_end(&opener);
}

static int be_in_a_user_namespace(void)
{
	return be_alice() || prctl(PR_SET_DUMPABLE, 1) || unshare(CLONE_NEWUSER | CLONE_NEWNS) ||
	       write_file("/proc/self/uid_map", "0 1001 1") < 0;
}

/* Root inside, an ordinary user outside: the outside is what counts */
TEST_F(session, ids_of_a_user_namespace_are_translated)
{
	struct opener opener = opener_start(be_in_a_user_namespace);

	ASSERT_EQ(0, host_identity(&self->host, opener.session, &self->id));
	EXPECT_EQ(ALICE, self->id.uid);
	EXPECT_EQ((uint32_t)PARSEC_ID_INIT_PIDNS, self->id.flags);
	EXPECT_EQ(inode_of(opener.pid, "ns/user"), self->id.userns);
	EXPECT_NE(inode_of(getpid(), "ns/user"), self->id.userns);
	EXPECT_EQ(1, self->id.userns_level);
	EXPECT_EQ(ALICE, self->id.userns_owner);
	opener_end(&opener);
}

static int be_in_a_mount_namespace(void)
{
	return unshare(CLONE_NEWNS);
}

/* A module cannot learn it from every kernel; a wrong one would be worse than none */
TEST_F(session, mount_namespace_is_right_if_told)
{
	struct opener opener = opener_start(be_in_a_mount_namespace);

	ASSERT_EQ(0, host_identity(&self->host, opener.session, &self->id));
	if (self->id.seen & BIT(PARSEC_A_ID_MNTNS))
		EXPECT_EQ(inode_of(opener.pid, "ns/mnt"), self->id.mntns);
	opener_end(&opener);
}

static int be_in_a_pid_namespace(void)
{
	pid_t pid;
	int status;

	if (unshare(CLONE_NEWPID))
		return 1;
	pid = fork();
	if (pid > 0) {
		waitpid(pid, &status, 0);
		_exit(0);
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid < 0;
}

TEST_F(session, pids_of_a_pid_namespace_are_translated)
{
	struct opener opener = opener_start(be_in_a_pid_namespace);

	ASSERT_EQ(0, host_identity(&self->host, opener.session, &self->id));
	EXPECT_EQ((uint32_t)PARSEC_ID_INIT_USERNS, self->id.flags);
	EXPECT_LT((uint32_t)opener.pid, self->id.pid);
	EXPECT_EQ(inode_of((pid_t)self->id.pid, "ns/pid"), self->id.pidns);
	EXPECT_NE(inode_of(getpid(), "ns/pid"), self->id.pidns);
	opener_end(&opener);
}

static int be_in_a_cgroup(void)
{
	return write_file(GROUP "/cgroup.procs", "0") < 0;
}

TEST_F(session, cgroup_is_told_by_number_and_path)
{
	struct opener opener;
	struct stat st;

	ASSERT_EQ(0, mkdir(GROUP, 0755));
	ASSERT_EQ(0, stat(GROUP, &st));
	opener = opener_start(be_in_a_cgroup);
	ASSERT_EQ(0, host_identity(&self->host, opener.session, &self->id));
	EXPECT_EQ(st.st_ino, self->id.cgroup);
	EXPECT_STREQ("/parsec-test-session", self->id.cgroup_path);
	opener_end(&opener);
}

/* A path relative to something else would be the opener's choice */
static int be_in_a_cgroup_namespace(void)
{
	return be_in_a_cgroup() || unshare(CLONE_NEWCGROUP);
}

TEST_F(session, cgroup_path_starts_at_the_root_of_the_hierarchy)
{
	struct opener opener;

	ASSERT_EQ(0, mkdir(GROUP, 0755));
	opener = opener_start(be_in_a_cgroup_namespace);
	ASSERT_EQ(0, host_identity(&self->host, opener.session, &self->id));
	EXPECT_STREQ("/parsec-test-session", self->id.cgroup_path);
	opener_end(&opener);
}

TEST_F(session, security_label_is_told)
{
	struct opener opener;
	char path[64], label[256];

	snprintf(path, sizeof(path), "/proc/%d/attr/current", getpid());
	ASSERT_LT(0, read_file(path, label, sizeof(label)))
		TH_LOG("no security module gives labels");
	label[strcspn(label, "\n")] = '\0';
	opener = opener_start(NULL);
	ASSERT_EQ(0, host_identity(&self->host, opener.session, &self->id));
	EXPECT_STREQ(label, self->id.lsm);
	opener_end(&opener);
}

static int set_loginuid(void)
{
	return write_file("/proc/self/loginuid", "1002") < 0;
}

TEST_F(session, login_user_is_told_when_there_is_one)
{
	struct opener opener = opener_start(NULL);

	ASSERT_EQ(0, host_identity(&self->host, opener.session, &self->id));
	EXPECT_FALSE(self->id.seen & BIT(PARSEC_A_ID_LOGINUID));
	opener_end(&opener);
	opener = opener_start(set_loginuid);
	ASSERT_EQ(0, host_identity(&self->host, opener.session, &self->id));
	EXPECT_EQ(BOB, self->id.loginuid);
	opener_end(&opener);
}

/* Run this program, which opens the device, and ask who that was */
static int identity_of(struct host *host, const char *program, struct host_identity *id)
{
	uint64_t session = 0;
	int out[2], ret;
	pid_t pid;

	if (pipe(out))
		return -errno;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(out[1], STDOUT_FILENO);
		execl(program, program, "hold", NULL);
		_exit(1);
	}
	close(out[1]);
	ret = read(out[0], &session, sizeof(session)) == sizeof(session) ?
	      host_identity(host, session, id) : -EIO;
	close(out[0]);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return ret;
}

/* new_encode_dev() */
static uint64_t encoded(dev_t dev)
{
	return (minor(dev) & 0xff) | major(dev) << 8 | (minor(dev) & ~0xffU) << 12;
}

TEST_F(session, executable_is_told_by_path_and_inode)
{
	struct stat st;

	ASSERT_EQ(0, system("cp " USE_FD " " COPY));
	ASSERT_EQ(0, stat(COPY, &st));
	ASSERT_EQ(0, identity_of(&self->host, COPY, &self->id));
	EXPECT_STREQ(COPY, self->id.exe);
	EXPECT_EQ(st.st_ino, self->id.exe_ino);
	EXPECT_EQ(encoded(st.st_dev), self->id.exe_dev);
}

/* Below an overlay, such as this machine's root: files of several file systems, each with its
 * own numbers, that must not be taken for one another
 */
TEST_F(session, executable_on_a_file_system_of_many)
{
	struct stat st, root;

	ASSERT_EQ(0, stat(USE_FD, &st));
	ASSERT_EQ(0, stat("/", &root));
	ASSERT_NE(root.st_dev, st.st_dev);
	ASSERT_EQ(0, identity_of(&self->host, USE_FD, &self->id));
	EXPECT_EQ(st.st_ino, self->id.exe_ino);
	EXPECT_EQ(encoded(st.st_dev), self->id.exe_dev);
}

/* Opened as root, then an ordinary user in another cgroup: it stays root's file */
TEST_F(session, identity_is_that_of_the_open)
{
	struct parsec_info info;
	int fd = device_open();

	ASSERT_EQ(0, device_info(fd, &info));
	ASSERT_EQ(0, mkdir(GROUP, 0755));
	ASSERT_LT(0, write_file(GROUP "/cgroup.procs", "0"));
	ASSERT_EQ(0, seteuid(ALICE));
	EXPECT_EQ(0, host_identity(&self->host, info.session, &self->id));
	ASSERT_EQ(0, seteuid(0));
	ASSERT_LT(0, write_file("/sys/fs/cgroup/cgroup.procs", "0"));
	EXPECT_EQ(0, self->id.uid);
	EXPECT_STREQ("/", self->id.cgroup_path);
}

TEST_F(session, every_fact_of_an_ordinary_process_is_there)
{
	struct opener opener = opener_start(NULL);
	uint32_t want = 0;

	for (unsigned int n = PARSEC_A_ID_UID; n <= PARSEC_A_ID_EXE_INO; n++)
		if (n != PARSEC_A_ID_LSM && n != PARSEC_A_ID_MNTNS)
			want |= BIT(n);
	ASSERT_EQ(0, host_identity(&self->host, opener.session, &self->id));
	EXPECT_EQ(want, self->id.seen & want);
	opener_end(&opener);
}

TEST_F(session, a_closed_file_is_enoent)
{
	struct parsec_info info;
	int fd = device_open();

	ASSERT_EQ(0, device_info(fd, &info));
	EXPECT_EQ(0, host_identity(&self->host, info.session, &self->id));
	close(fd);
	EXPECT_EQ(-ENOENT, host_identity(&self->host, info.session, &self->id));
	EXPECT_EQ(-ENOENT, host_identity(&self->host, 0, &self->id));
	EXPECT_EQ(-ENOENT, host_identity(&self->host, info.session + 1, &self->id));
	EXPECT_EQ(-ENOENT, host_identity(&self->host, UINT64_MAX, &self->id));
}

TEST_F(session, the_number_is_mandatory)
{
	struct message msg;

	message_start(&msg, &self->host, PARSEC_CMD_GET_SESSION);
	EXPECT_EQ(-EINVAL, host_transact(&self->host, &msg));
}

TEST_F(session, only_registered_sockets_may_ask)
{
	struct host_identity id;
	struct parsec_info info;
	struct host other;
	int fd = device_open();

	ASSERT_EQ(0, device_info(fd, &info));
	ASSERT_EQ(0, host_open(&other));
	EXPECT_EQ(-EPERM, host_identity(&other, info.session, &id));
	ASSERT_EQ(0, host_register(&other, 1, 1, NULL));
	EXPECT_EQ(0, host_identity(&other, info.session, &id));
	host_close(&other);
}

/* The socket is the authority: the host can drop everything else */
static int ask_without_privileges(void *arg)
{
	struct host_identity id;
	struct parsec_info info;
	struct host host;
	int fd, ret;

	(void)arg;
	fd = device_open();
	ret = device_info(fd, &info) ?: host_open(&host) ?: host_register(&host, 3, 1, NULL) ?:
	      become(NOBODY) ?: prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (ret)
		return ret;
	return host_identity(&host, info.session, &id);
}

TEST_F(session, a_registered_socket_needs_no_privileges_any_more)
{
	EXPECT_EQ(0, in_child(ask_without_privileges, NULL, -1));
}

TEST_HARNESS_MAIN
