// SPDX-License-Identifier: Apache-2.0
/*
 * The audit chain killed, and its disk full, at every system call that changes
 * something. Afterwards it is in order, no line that was acknowledged is missing, and
 * nothing looks as if somebody had tampered with it.
 */
#include "kselftest_harness.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper/log.h"
#include "selftests/unit/audit_dir.h"

#define KILLED	7
#define APPENDS	5
#define DEATHS	3

/* Three lines in a file, and at most two files: with five lines there is everything */
static const struct audit_limits small = { .file_size = 300, .files = 2, .sync = true };

/**
 * struct fault - what happens at which call
 * @kill_at:	call at which the process ends, 0 = none
 * @fail_at:	call that fails, 0 = none
 * @fail_on:	also all after it
 * @half:	a write does half of its work before
 * @no_room:	so many calls of fallocate() fail
 * @calls:	so far
 */
static struct fault {
	int kill_at;
	int fail_at;
	bool fail_on;
	bool half;
	int no_room;
	int calls;
} fault;

/* Return: false when this call is to fail */
static bool allowed(void)
{
	int call = ++fault.calls;

	if (call == fault.kill_at)
		_exit(KILLED);
	return !fault.fail_at || (fault.fail_on ? call < fault.fail_at : call != fault.fail_at);
}

/* Is the next call the one? */
static bool is_next(int at)
{
	return at && fault.calls + 1 == at;
}

static int full(int error)
{
	errno = error;
	return -1;
}

ssize_t __real_write(int fd, const void *data, size_t len);
ssize_t __wrap_write(int fd, const void *data, size_t len);

ssize_t __wrap_write(int fd, const void *data, size_t len)
{
	bool half = fault.half && (is_next(fault.kill_at) || is_next(fault.fail_at));

	if (half && __real_write(fd, data, len / 2) < 0)
		abort();
	if (allowed())
		return __real_write(fd, data, len);
	/* Half of it found room: the rest is tried again, and fails */
	return half ? (ssize_t)(len / 2) : full(ENOSPC);
}

ssize_t __real_pwrite(int fd, const void *data, size_t len, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *data, size_t len, off_t offset);

/* Never half: no death comes between two bytes of one page */
ssize_t __wrap_pwrite(int fd, const void *data, size_t len, off_t offset)
{
	return allowed() ? __real_pwrite(fd, data, len, offset) : full(ENOSPC);
}

#define WRAP(name, declaration, arguments, error) \
	int __real_##name declaration; \
	int __wrap_##name declaration; \
	int __wrap_##name declaration \
	{ \
		return allowed() ? __real_##name arguments : full(error); \
	}

/* The disk itself is not what is tested, and waiting for it takes long */
#define WRAP_SYNC(name) \
	int __wrap_##name(int fd); \
	int __wrap_##name(int fd) \
	{ \
		(void)fd; \
		return allowed() ? 0 : full(EIO); \
	}

WRAP_SYNC(fsync)
WRAP_SYNC(fdatasync)
WRAP(ftruncate, (int fd, off_t len), (fd, len), EIO)
WRAP(renameat, (int a, const char *b, int c, const char *d), (a, b, c, d), EIO)
WRAP(unlinkat, (int dir, const char *name, int flags), (dir, name, flags), EIO)
WRAP(openat, (int dir, const char *name, int flags, mode_t mode), (dir, name, flags, mode),
     ENOSPC)

int __real_fallocate(int fd, int mode, off_t from, off_t len);
int __wrap_fallocate(int fd, int mode, off_t from, off_t len);

int __wrap_fallocate(int fd, int mode, off_t from, off_t len)
{
	if (!allowed())
		return full(ENOSPC);
	if (fault.no_room) {
		fault.no_room--;
		return full(ENOSPC);
	}
	return __real_fallocate(fd, mode, from, len);
}

FIXTURE(crash)
{
	char base[64];
	char dir[64];
	unsigned int *done;	/* lines that were acknowledged; shared with children */
	bool held;
};

/* How many lines there are before, so that each is once next to a new file */
FIXTURE_VARIANT(crash)
{
	unsigned int lines;
	bool none;	/* not even an empty chain */
	bool held;	/* a promise is kept for something else all the time */
};

FIXTURE_VARIANT_ADD(crash, first_start) { .none = true };
FIXTURE_VARIANT_ADD(crash, no_lines) { .lines = 0 };
FIXTURE_VARIANT_ADD(crash, new_file_next) { .lines = 3 };
FIXTURE_VARIANT_ADD(crash, oldest_goes_next) { .lines = 6 };
FIXTURE_VARIANT_ADD(crash, new_file_next_held) { .lines = 3, .held = true };
FIXTURE_VARIANT_ADD(crash, oldest_goes_next_held) { .lines = 6, .held = true };

FIXTURE_SETUP(crash)
{
	int null = open("/dev/null", O_WRONLY);

	dup2(null, STDERR_FILENO);
	close(null);
	log_init("test", PARSEC_LOG_ERROR, false);
	audit_dir_make(self->base);
	audit_dir_make(self->dir);
	self->done = mmap(NULL, sizeof(*self->done), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->done);
	self->held = variant->held;
	if (!variant->none)
		audit_dir_append(self->base, &small, variant->lines);
}

FIXTURE_TEARDOWN(crash)
{
	fault = (struct fault){ 0 };
	audit_dir_remove(self->base);
	audit_dir_remove(self->dir);
}

typedef FIXTURE_DATA(crash) fixture;

static void begin_again(fixture *self)
{
	fault = (struct fault){ 0 };
	audit_dir_remove(self->dir);
	if (mkdir(self->dir, 0700))
		abort();
	audit_dir_copy(self->base, self->dir);
	*self->done = 0;
}

static const char members[] = "\"time\":\"now\",\"event\":\"create\"";

/* Start, write lines with and without a promise, end */
static int use(fixture *self)
{
	struct audit_finding finding;
	struct audit_chain *chain;
	int rc = audit_chain_open(self->dir, &small, &chain, &finding), failed = 0;

	if (rc)
		return rc;
	if (self->held && audit_chain_reserve(chain))
		failed = -ENOSPC;
	for (int i = 0; i < APPENDS; i++) {
		bool promised = i % 2 && !audit_chain_reserve(chain);

		rc = audit_chain_append(chain, members, sizeof(members) - 1);
		if (!rc)
			++*self->done;
		else
			failed = rc;
		if (promised)
			audit_chain_release(chain);
	}
	audit_chain_close(chain);
	return failed;
}

/*
 * Does the next start find nothing wrong, and are all lines there, and at most @more than
 * those? Says what is not so.
 */
static bool is_sound(fixture *self, unsigned int lines, unsigned int more)
{
	struct audit_finding finding;
	struct audit_chain *chain;
	struct audit_check check;
	const char *mac;
	uint64_t last;

	if (audit_chain_open(self->dir, &small, &chain, &finding)) {
		printf("# cannot be opened\n");
		return false;
	}
	last = audit_chain_last(chain, &mac);
	audit_chain_close(chain);
	audit_check(self->dir, &check);
	if (*finding.broken || last < lines || last > lines + more || check.broken ||
	    check.error || check.torn || check.last != last) {
		printf("# found \"%s\", \"%s\"; %d lines, not %u\n", finding.broken,
		       check.what, (int)last, lines);
		return false;
	}
	audit_dir_append(self->dir, &small, 1);
	return audit_dir_is_sound(self->dir);
}

/* Use it in a process of its own, which dies at a call. Return: its exit status */
static int use_and_die(fixture *self, int at, bool half)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		fault = (struct fault){ .kill_at = at, .half = half };
		_exit(use(self) ? 1 : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		abort();
	return WEXITSTATUS(status);
}

TEST_F_TIMEOUT(crash, death_at_any_call_leaves_the_chain_in_order, 300)
{
	int status, at;

	for (int half = 0; half < 2; half++) {
		for (at = 1;; at++) {
			begin_again(self);
			status = use_and_die(self, at, half);
			if (status != KILLED)
				break;
			ASSERT_TRUE(is_sound(self, variant->lines + *self->done, 1)) {
				TH_LOG("call %d, half %d", at, half);
			}
		}
		EXPECT_EQ(0, status);
		EXPECT_LT(20, at);
	}
}

/* A death while the traces of another death are removed */
TEST_F_TIMEOUT(crash, death_after_a_death_does_no_harm, 300)
{
	int status, at;

	for (at = 1;; at++) {
		begin_again(self);
		status = use_and_die(self, at, true);
		if (status != KILLED)
			break;
		for (int again = 1; again <= DEATHS; again++)
			use_and_die(self, again, false);
		ASSERT_TRUE(is_sound(self, variant->lines + *self->done, 1 + DEATHS)) {
			TH_LOG("call %d", at);
		}
	}
	EXPECT_EQ(0, status);
}

TEST_F_TIMEOUT(crash, full_disk_loses_no_line_that_was_acknowledged, 300)
{
	int rc, at, calls;

	for (int how = 0; how < 4; how++) {
		for (at = 1;; at++) {
			begin_again(self);
			fault = (struct fault){ .fail_at = at, .half = how & 1,
						.fail_on = how & 2 };
			rc = use(self);
			calls = fault.calls;
			fault = (struct fault){ 0 };
			if (calls < at)
				break;
			/* What could not be removed again may be there */
			ASSERT_TRUE(is_sound(self, variant->lines + *self->done, 1)) {
				TH_LOG("call %d, how %d", at, how);
			}
			/* One failure is one line */
			if (!(how & 2) && *self->done)
				EXPECT_LE(APPENDS - 2, *self->done);
		}
		EXPECT_EQ(0, rc);
		EXPECT_LT(20, at);
	}
}

/* No blocks at all, and one more failure */
TEST_F_TIMEOUT(crash, full_disk_and_another_failure, 300)
{
	int at, calls;

	for (at = 1;; at++) {
		begin_again(self);
		fault = (struct fault){ .fail_at = at, .no_room = INT_MAX };
		use(self);
		calls = fault.calls;
		fault = (struct fault){ 0 };
		if (calls < at)
			break;
		ASSERT_TRUE(is_sound(self, variant->lines + *self->done, 1)) {
			TH_LOG("call %d", at);
		}
	}
	EXPECT_LT(20, at);
}

FIXTURE(promise)
{
	char dir[64];
	struct audit_chain *chain;
	struct audit_check check;
};

FIXTURE_SETUP(promise)
{
	struct audit_finding finding;

	audit_dir_make(self->dir);
	ASSERT_EQ(0, audit_chain_open(self->dir, &small, &self->chain, &finding));
}

FIXTURE_TEARDOWN(promise)
{
	fault = (struct fault){ 0 };
	audit_chain_close(self->chain);
	EXPECT_TRUE(audit_dir_is_sound(self->dir));
	audit_dir_remove(self->dir);
}

/* Return: false when one of them failed */
static bool append(FIXTURE_DATA(promise) *self, int lines)
{
	while (lines--)
		if (audit_chain_append(self->chain, members, sizeof(members) - 1))
			return false;
	audit_check(self->dir, &self->check);
	return !self->check.broken && !self->check.error;
}

TEST_F(promise, stays_in_the_old_file_while_the_disk_is_full)
{
	ASSERT_EQ(0, audit_chain_reserve(self->chain));
	ASSERT_TRUE(append(self, 3));
	fault = (struct fault){ .no_room = INT_MAX };
	ASSERT_TRUE(append(self, 3));
	EXPECT_EQ(1, self->check.files);
	EXPECT_EQ(6, self->check.last);
	EXPECT_GT(INT_MAX, fault.no_room);

	fault = (struct fault){ 0 };
	ASSERT_TRUE(append(self, 1));
	audit_chain_release(self->chain);
	EXPECT_EQ(2, self->check.files);
	EXPECT_EQ(7, self->check.last);
}

TEST_F(promise, has_its_blocks_in_the_new_file)
{
	struct stat st;
	char path[160];

	for (int i = 0; i < 3; i++)
		ASSERT_EQ(0, audit_chain_reserve(self->chain));
	ASSERT_TRUE(append(self, 4));
	ASSERT_EQ(2, self->check.files);
	snprintf(path, sizeof(path), "%s/%s", self->dir, audit_dir_file(self->dir, -1));
	ASSERT_EQ(0, stat(path, &st));
	EXPECT_LE(3 * AUDIT_LINE_MAX, st.st_blocks * 512);
	for (int i = 0; i < 3; i++)
		audit_chain_release(self->chain);
}

TEST_F(promise, gets_the_room_of_the_oldest_file)
{
	ASSERT_EQ(0, audit_chain_reserve(self->chain));
	ASSERT_TRUE(append(self, 6));
	ASSERT_EQ(2, self->check.files);
	fault = (struct fault){ .no_room = 1 };
	ASSERT_TRUE(append(self, 1));
	audit_chain_release(self->chain);
	EXPECT_EQ(2, self->check.files);
	EXPECT_EQ(4, self->check.first);
	EXPECT_EQ(7, self->check.last);
}

TEST_HARNESS_MAIN
