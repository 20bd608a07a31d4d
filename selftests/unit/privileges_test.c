// SPDX-License-Identifier: Apache-2.0
/*
 * Giving up privileges. Each test is a process of its own, so each can do it once.
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/privileges.h"
#include "kselftest_harness.h"

#define USER	"nobody"

/* The first thing in a test: leaving a fixture's set-up does not keep it from running */
#define NEED_ROOT() do { \
	if (geteuid()) \
		SKIP(return, "root is needed"); \
} while (0)

FIXTURE(directory) {
	char dir[40];
	char path[64];
	struct service_user user;
};

FIXTURE_SETUP(directory)
{
	if (geteuid())
		return;		/* NEED_ROOT() ends the test */
	strcpy(self->dir, "/tmp/privileges-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	snprintf(self->path, sizeof(self->path), "%s/a", self->dir);
	ASSERT_TRUE(user_lookup(USER, &self->user));
}

FIXTURE_TEARDOWN(directory)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf '%s'", self->dir);
	EXPECT_EQ(0, system(command));
}

FIXTURE(privileges) {
	struct service_user user;
};

FIXTURE_SETUP(privileges)
{
	if (geteuid())
		return;		/* NEED_ROOT() ends the test */
	ASSERT_TRUE(user_lookup(USER, &self->user));
}

FIXTURE_TEARDOWN(privileges)
{
}

/* A hexadecimal or decimal number of /proc/PID/status */
static uint64_t status_of(const char *pid, const char *name, int base)
{
	char path[32], line[256];
	uint64_t value = UINT64_MAX;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/status", pid);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)) && line[strlen(name)] == ':')
			value = strtoull(line + strlen(name) + 1, NULL, base);
	if (file)
		fclose(file);
	return value;
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) ? 0 : st.st_mode & 07777;
}

static uid_t owner_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) ? (uid_t)-1 : st.st_uid;
}

TEST(an_unknown_user_is_refused)
{
	struct service_user user;

	EXPECT_FALSE(user_lookup("no such user", &user));
}

TEST(root_is_no_user_of_the_service)
{
	struct service_user user;

	EXPECT_FALSE(user_lookup("root", &user));
}

TEST_F(privileges, a_user_is_found)
{
	NEED_ROOT();
	EXPECT_STREQ(USER, self->user.name);
	EXPECT_EQ(getpwnam(USER)->pw_uid, self->user.uid);
	EXPECT_EQ(getpwnam(USER)->pw_gid, self->user.gid);
}

TEST_F(directory, a_directory_is_made_for_the_user_below_parents_of_root)
{
	NEED_ROOT();
	umask(077);
	strcat(self->path, "/b");
	EXPECT_TRUE(directory_make(self->path, 0700, &self->user));
	EXPECT_EQ(self->user.uid, owner_of(self->path));
	EXPECT_EQ(0700, mode_of(self->path));
	*strrchr(self->path, '/') = '\0';
	EXPECT_EQ(0, owner_of(self->path));
	EXPECT_EQ(0755, mode_of(self->path));
}

TEST_F(directory, a_directory_of_the_user_is_taken_as_it_is)
{
	NEED_ROOT();
	EXPECT_TRUE(directory_make(self->path, 0750, &self->user));
	EXPECT_TRUE(directory_make(self->path, 0700, &self->user));
	EXPECT_EQ(0750, mode_of(self->path));
}

TEST_F(directory, a_directory_of_root_becomes_the_users)
{
	NEED_ROOT();
	strcat(self->path, "/");
	ASSERT_EQ(0, mkdir(self->path, 0755));
	EXPECT_TRUE(directory_make(self->path, 0700, &self->user));
	EXPECT_EQ(self->user.uid, owner_of(self->path));
}

TEST_F(directory, a_directory_of_somebody_else_is_refused)
{
	NEED_ROOT();
	ASSERT_EQ(0, mkdir(self->path, 0755));
	ASSERT_EQ(0, chown(self->path, 12345, 0));
	EXPECT_FALSE(directory_make(self->path, 0700, &self->user));
	EXPECT_EQ(12345, owner_of(self->path));
}

TEST_F(directory, a_directory_that_others_can_write_to_is_refused)
{
	NEED_ROOT();
	ASSERT_EQ(0, mkdir(self->path, 0755));
	ASSERT_EQ(0, chmod(self->path, 0775));
	EXPECT_FALSE(directory_make(self->path, 0700, &self->user));
	ASSERT_EQ(0, chmod(self->path, 0757));
	EXPECT_FALSE(directory_make(self->path, 0700, &self->user));
	EXPECT_EQ(0, owner_of(self->path));
}

TEST_F(directory, a_link_in_place_of_a_directory_is_refused)
{
	char target[64];

	NEED_ROOT();
	snprintf(target, sizeof(target), "%s/target", self->dir);
	ASSERT_EQ(0, mkdir(target, 0755));
	ASSERT_EQ(0, symlink(target, self->path));
	EXPECT_FALSE(directory_make(self->path, 0700, &self->user));
	EXPECT_EQ(0, owner_of(target));
}

TEST_F(directory, a_file_in_place_of_a_directory_is_refused)
{
	NEED_ROOT();
	close(open(self->path, O_CREAT | O_WRONLY, 0600));
	EXPECT_FALSE(directory_make(self->path, 0700, &self->user));
}

TEST_F(directory, a_directory_is_shared_with_a_group)
{
	struct stat st;

	NEED_ROOT();
	ASSERT_TRUE(directory_make(self->path, 0710, &self->user));
	EXPECT_TRUE(directory_share(self->path, 12345));
	ASSERT_EQ(0, stat(self->path, &st));
	EXPECT_EQ(self->user.uid, st.st_uid);
	EXPECT_EQ(12345, st.st_gid);
	EXPECT_EQ(0710, st.st_mode & 07777);
	EXPECT_FALSE(directory_share("/tmp/no such directory", 12345));
}

TEST_F(directory, the_root_directory_is_refused)
{
	NEED_ROOT();
	EXPECT_FALSE(directory_make("/", 0700, &self->user));
	EXPECT_EQ(0, owner_of("/"));
}

TEST_F(privileges, the_user_keeps_only_what_it_is_to_keep)
{
	uint64_t keep = CAPABILITY(CAP_CHOWN);
	struct rlimit limit;

	NEED_ROOT();
	ASSERT_TRUE(privileges_become(&self->user, keep));
	EXPECT_EQ(self->user.uid, getuid());
	EXPECT_EQ(self->user.uid, geteuid());
	EXPECT_EQ(self->user.gid, getegid());
	EXPECT_EQ(keep, status_of("self", "CapPrm", 16));
	EXPECT_EQ(keep, status_of("self", "CapEff", 16));
	EXPECT_EQ(0, status_of("self", "CapInh", 16));
	EXPECT_EQ(0, status_of("self", "CapBnd", 16));
	EXPECT_EQ(0, prctl(PR_GET_DUMPABLE));
	EXPECT_EQ(0, getrlimit(RLIMIT_CORE, &limit));
	EXPECT_EQ(0, limit.rlim_cur);
	EXPECT_EQ(0, limit.rlim_max);
	EXPECT_EQ(-1, setuid(0));
}

/* Where the limit can be lifted; where it cannot, allocations must go on working */
TEST(memory_is_locked_as_a_whole_or_not_at_all)
{
	struct rlimit limit;

	memory_limit_lift();
	ASSERT_EQ(0, getrlimit(RLIMIT_MEMLOCK, &limit));
	EXPECT_EQ(limit.rlim_cur == RLIM_INFINITY, memory_lock());
	EXPECT_EQ(limit.rlim_cur == RLIM_INFINITY, status_of("self", "VmLck", 10) > 0);
	limit.rlim_cur = 65536;
	ASSERT_EQ(0, setrlimit(RLIMIT_MEMLOCK, &limit));
	EXPECT_FALSE(memory_lock());
}

TEST_F(privileges, the_parents_death_still_ends_the_user)
{
	int number = 0;

	NEED_ROOT();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	ASSERT_TRUE(privileges_become(&self->user, 0));
	prctl(PR_GET_PDEATHSIG, &number);
	EXPECT_EQ(SIGKILL, number);
}

TEST_F(privileges, another_user_cannot_become_it)
{
	NEED_ROOT();
	ASSERT_EQ(0, setgid(12345));
	ASSERT_EQ(0, setuid(12345));
	EXPECT_FALSE(privileges_become(&self->user, 0));
}

TEST_F(privileges, the_user_itself_may_stay_it)
{
	NEED_ROOT();
	ASSERT_EQ(0, setgid(self->user.gid));
	ASSERT_EQ(0, setuid(self->user.uid));
	EXPECT_TRUE(privileges_become(&self->user, CAPABILITY(CAP_NET_ADMIN)));
	EXPECT_EQ(0, status_of("self", "CapEff", 16));
}

TEST_F(privileges, locked_in_nothing_is_left_and_nothing_comes_back)
{
	NEED_ROOT();
	ASSERT_TRUE(privileges_become(&self->user, CAPABILITY(CAP_CHOWN)));
	ASSERT_TRUE(privileges_lock());
	EXPECT_EQ(0, status_of("self", "CapPrm", 16));
	EXPECT_EQ(0, status_of("self", "CapEff", 16));
	EXPECT_EQ(1, status_of("self", "NoNewPrivs", 10));
	EXPECT_EQ(0, prctl(PR_GET_DUMPABLE));
}

TEST_F(privileges, a_limit_holds_for_children_that_stay_root)
{
	uint64_t permitted = CAPABILITY(CAP_CHOWN) | CAPABILITY(CAP_KILL);
	char line[256] = "";
	FILE *child;

	NEED_ROOT();
	ASSERT_TRUE(privileges_limit(permitted, CAPABILITY(CAP_KILL)));
	EXPECT_EQ(permitted, status_of("self", "CapPrm", 16));
	EXPECT_EQ(CAPABILITY(CAP_KILL), status_of("self", "CapEff", 16));
	EXPECT_EQ(permitted, status_of("self", "CapBnd", 16));
	EXPECT_EQ(1, status_of("self", "NoNewPrivs", 10));
	child = popen("grep CapEff /proc/self/status", "r");
	ASSERT_NE(NULL, child);
	EXPECT_NE(NULL, fgets(line, sizeof(line), child));
	pclose(child);
	EXPECT_EQ(permitted, strtoull(line + strlen("CapEff:"), NULL, 16)) TH_LOG("%s", line);
}

TEST_HARNESS_MAIN
