// SPDX-License-Identifier: Apache-2.0
/*
 * The audit chain killed, and its disk full, at every system call that changes
 * something. Afterwards it is in order, no line that was acknowledged is missing, and
 * nothing looks as if somebody had tampered with it.
 */
#include "kselftest_harness.h"

#include <errno.h>
#include <fcntl.h>
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
 * @calls:	so far
 */
static struct fault {
	int kill_at;
	int fail_at;
	bool fail_on;
	bool half;
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
WRAP(fallocate, (int fd, int mode, off_t from, off_t len), (fd, mode, from, len), ENOSPC)
WRAP(renameat, (int a, const char *b, int c, const char *d), (a, b, c, d), EIO)
WRAP(unlinkat, (int dir, const char *name, int flags), (dir, name, flags), EIO)
WRAP(openat, (int dir, const char *name, int flags, mode_t mode), (dir, name, flags, mode),
     ENOSPC)

FIXTURE(crash)
{
	char base[64];
	char dir[64];
	unsigned int *done;	/* lines that were acknowledged; shared with children */
};

/* How many lines there are before, so that each is once next to a new file */
FIXTURE_VARIANT(crash)
{
	unsigned int lines;
	bool none;	/* not even an empty chain */
};

FIXTURE_VARIANT_ADD(crash, first_start) { .none = true };
FIXTURE_VARIANT_ADD(crash, no_lines) { .lines = 0 };
FIXTURE_VARIANT_ADD(crash, new_file_next) { .lines = 3 };
FIXTURE_VARIANT_ADD(crash, oldest_goes_next) { .lines = 6 };

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

/* Start, write lines with and without a promise, end */
static int use(fixture *self)
{
	static const char members[] = "\"time\":\"now\",\"event\":\"create\"";
	struct audit_finding finding;
	struct audit_chain *chain;
	int rc = audit_chain_open(self->dir, &small, &chain, &finding), failed = 0;

	if (rc)
		return rc;
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

TEST_HARNESS_MAIN
