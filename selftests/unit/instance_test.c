// SPDX-License-Identifier: Apache-2.0
/*
 * One parsecd for a state directory: refused or replaced.
 */
#include "kselftest_harness.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper/instance.h"
#include "helper/log.h"

FIXTURE(instance)
{
	char dir[64];
	char state[80];
	pid_t other;
};

/* A process that has the claim, and ends when it is asked to */
FIXTURE_SETUP(instance)
{
	int ready[2];
	char byte = 0;

	log_init("test", PARSEC_LOG_ERROR, false);
	dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
	strcpy(self->dir, "/tmp/instance.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	snprintf(self->state, sizeof(self->state), "%s/state", self->dir);
	ASSERT_EQ(0, pipe(ready));
	self->other = fork();
	if (!self->other) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		byte = instance_claim(self->state, false) ? 'y' : 'n';
		if (write(ready[1], &byte, 1) == 1)
			pause();
		_exit(1);
	}
	ASSERT_EQ(1, read(ready[0], &byte, 1));
	ASSERT_EQ('y', byte);
}

FIXTURE_TEARDOWN(instance)
{
	char path[120];

	if (self->other) {
		kill(self->other, SIGKILL);
		waitpid(self->other, NULL, 0);
	}
	snprintf(path, sizeof(path), "%s/lock", self->state);
	unlink(path);
	rmdir(self->state);
	rmdir(self->dir);
}

TEST_F(instance, second_is_refused_and_the_first_stays)
{
	EXPECT_FALSE(instance_claim(self->state, false));
	EXPECT_EQ(0, waitpid(self->other, NULL, WNOHANG));
	/* As often as one likes */
	EXPECT_FALSE(instance_claim(self->state, false));
}

TEST_F(instance, second_replaces_the_first)
{
	int status = 0;

	EXPECT_TRUE(instance_claim(self->state, true));
	EXPECT_EQ(self->other, waitpid(self->other, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	self->other = 0;
}

/* There the kernel cannot say which process has the lock */
TEST_F(instance, one_in_another_pid_namespace_is_neither_joined_nor_replaced)
{
	int status = -1;
	pid_t child;

	if (unshare(CLONE_NEWPID) && unshare(CLONE_NEWUSER | CLONE_NEWPID))
		SKIP(return, "no pid namespaces here");
	child = fork();
	if (!child)
		_exit(instance_claim(self->state, false) + 2 * instance_claim(self->state, true));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status));
	EXPECT_EQ(0, waitpid(self->other, NULL, WNOHANG));
}

TEST_F(instance, nobody_is_left_of_one_that_was_killed)
{
	kill(self->other, SIGKILL);
	waitpid(self->other, NULL, 0);
	self->other = 0;
	EXPECT_TRUE(instance_claim(self->state, false));
}

TEST_F(instance, each_directory_has_its_own)
{
	char state[80];

	snprintf(state, sizeof(state), "%s/more", self->dir);
	EXPECT_TRUE(instance_claim(state, false));
	strcat(state, "/lock");
	EXPECT_EQ(0, unlink(state));
	*strrchr(state, '/') = 0;
	EXPECT_EQ(0, rmdir(state));
}

TEST_F(instance, no_claim_without_a_directory)
{
	char state[120];

	snprintf(state, sizeof(state), "%s/lock", self->state);
	EXPECT_FALSE(instance_claim(state, true));
	EXPECT_EQ(0, waitpid(self->other, NULL, WNOHANG));
}

/* A link to somewhere else is no lock */
TEST_F(instance, link_is_not_followed)
{
	char state[80], lock[120];

	snprintf(state, sizeof(state), "%s/link", self->dir);
	ASSERT_EQ(0, mkdir(state, 0755));
	snprintf(lock, sizeof(lock), "%s/lock", state);
	ASSERT_EQ(0, symlink("/tmp/elsewhere", lock));
	EXPECT_FALSE(instance_claim(state, true));
	unlink(lock);
	rmdir(state);
}

TEST_HARNESS_MAIN
