// SPDX-License-Identifier: Apache-2.0
/*
 * Keys that are made for nobody: the caller is killed, or its time is over, while its
 * request is at the host. Afterwards the name is free.
 *
 * The host is stopped, so that nothing depends on who is faster: with the request in its
 * socket, or in the middle of making a key.
 */
#include "kselftest_harness.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/parsec.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "selftests/contract/reference.h"

#define NAME		"undone"
/* Bounds for waits that end much earlier; for a machine that has much else to do */
#define SECONDS		170
#define WAIT_MS		60000
/* Ticks of the host after which it is in the middle of making a key */
#define TICKS		3
#define ATTEMPTS	30

/* What the caller tells: its result, once there is one */
struct told {
	volatile bool done;
	volatile int result;
};

static struct told *told;

FIXTURE(undo)
{
	pid_t host;
	pid_t caller;
	struct parsec_span body;
};

FIXTURE_VARIANT(undo)
{
	unsigned int opcode;
	uint32_t timeout_ms;	/* 0: the caller is killed */
	bool middle;		/* stop the host there, else before it takes the request */
};

FIXTURE_VARIANT_ADD(undo, generate_killed) {
	.opcode = PARSEC_OP_PSA_GENERATE_KEY,
};
FIXTURE_VARIANT_ADD(undo, import_killed) {
	.opcode = PARSEC_OP_PSA_IMPORT_KEY,
};
FIXTURE_VARIANT_ADD(undo, generate_too_late) {
	.opcode = PARSEC_OP_PSA_GENERATE_KEY, .timeout_ms = 300,
};
FIXTURE_VARIANT_ADD(undo, import_too_late) {
	.opcode = PARSEC_OP_PSA_IMPORT_KEY, .timeout_ms = 300,
};
FIXTURE_VARIANT_ADD(undo, killed_in_the_middle) {
	.opcode = PARSEC_OP_PSA_GENERATE_KEY, .middle = true,
};
FIXTURE_VARIANT_ADD(undo, too_late_in_the_middle) {
	.opcode = PARSEC_OP_PSA_GENERATE_KEY, .timeout_ms = 3000, .middle = true,
};

/* A small file below /proc, as a string; empty when it is not there */
static const char *proc(pid_t pid, const char *file)
{
	static char content[4096];
	char path[300];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? 0 : read(fd, content, sizeof(content) - 1);
	if (fd >= 0)
		close(fd);
	if (len < 0)
		len = 0;
	content[len] = 0;
	return content;
}

/* Next number in a directory, or 0 */
static pid_t next_number(DIR *dir)
{
	struct dirent *entry;

	while ((entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]))
			return atoi(entry->d_name);
	return 0;
}

static bool is_host(pid_t pid)
{
	static const char option[] = "--provider\0software";
	char content[4096];

	memcpy(content, proc(pid, "cmdline"), sizeof(content));
	return strstr(content, "parsec-host") &&
	       memmem(content, sizeof(content), option, sizeof(option));
}

static pid_t find_host(void)
{
	DIR *dir = opendir("/proc");
	pid_t pid;

	while ((pid = next_number(dir)) && !is_host(pid))
		;
	closedir(dir);
	return pid;
}

/* Fields of a stat file behind the name, which may have anything in it */
static const char *stat_fields(const char *stat)
{
	const char *end = strrchr(stat, ')');

	return end ? end + 2 : "?";
}

/* Are all threads of the host in this state? */
static bool all_are(pid_t host, char state)
{
	char path[64], file[64];
	bool all = true;
	pid_t thread;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", host);
	dir = opendir(path);
	if (!dir)
		return false;
	while ((thread = next_number(dir))) {
		snprintf(file, sizeof(file), "task/%d/stat", thread);
		all = all && *stat_fields(proc(host, file)) == state;
	}
	closedir(dir);
	return all;
}

/* Ticks that a process has had */
static unsigned long ticks(pid_t pid)
{
	unsigned long user = 0, system = 0;

	sscanf(stat_fields(proc(pid, "stat")),
	       "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
	return user + system;
}

/* Bytes that wait in sockets of generic netlink */
static unsigned long queued(void)
{
	FILE *file = fopen("/proc/net/netlink", "r");
	unsigned long sum = 0, bytes;
	char line[256];
	int protocol;

	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%*s %d %*s %*s %lu", &protocol, &bytes) == 2 && protocol == 16)
			sum += bytes;
	fclose(file);
	return sum;
}

static bool is_queued(pid_t host)
{
	(void)host;
	return queued() > 0;
}

static bool is_stopped(pid_t host)
{
	return all_are(host, 'T');
}

/* It has taken what there was, and waits for more */
static bool is_idle(pid_t host)
{
	return !queued() && all_are(host, 'S');
}

static bool eventually(bool (*condition)(pid_t), pid_t pid)
{
	int i;

	for (i = 0; i < WAIT_MS; i++) {
		if (condition(pid))
			return true;
		usleep(1000);
	}
	return false;
}

static void call(unsigned int opcode, struct parsec_span body, uint32_t timeout_ms)
{
	int fd = open("/dev/parsec", O_RDWR | O_CLOEXEC);
	struct parsec_op op = {
		.provider = SOFTWARE,
		.timeout_ms = timeout_ms,
		.in_len = (uint32_t)body.len,
		.in = (uintptr_t)body.data,
	};

	told->result = ioctl(fd, PARSEC_IOC_OP(opcode), &op) ? -errno : op.status;
	told->done = true;
}

FIXTURE_SETUP(undo)
{
	struct parsec_span attrs = p256_attributes(ALL_SIGNING);

	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		    -1, 0);
	ASSERT_NE(MAP_FAILED, told);
	self->host = find_host();
	ASSERT_NE(0, self->host);
	destroy(NAME);

	/* A key that takes its time */
	if (variant->middle)
		attrs = attributes(key_type(PARSEC_KEY_TYPE_RSA_KEY_PAIR, 0), 3072, ALL_SIGNING,
				   signature_policy(PARSEC_SIGN_RSA_PSS, PARSEC_HASH_ANY));
	self->body = join(bytes(1, text(NAME)), bytes(2, attrs));
	if (variant->opcode == PARSEC_OP_PSA_IMPORT_KEY)
		self->body = join(self->body, bytes(3, reference_private(reference_ecc(256))));
}

FIXTURE_TEARDOWN(undo)
{
	kill(self->host, SIGCONT);
	destroy(NAME);
}

static void start_caller(FIXTURE_DATA(undo) *self, const FIXTURE_VARIANT(undo) *variant)
{
	told->done = false;
	self->caller = fork();
	if (self->caller)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	call(variant->opcode, self->body, variant->timeout_ms);
	_exit(0);
}

static bool stop_before(FIXTURE_DATA(undo) *self, const FIXTURE_VARIANT(undo) *variant)
{
	kill(self->host, SIGSTOP);
	if (!eventually(is_stopped, self->host))
		return false;
	start_caller(self, variant);
	return eventually(is_queued, self->host);
}

/* The host is stopped: has the caller had its answer before, or does it wait? */
static bool has_answer(FIXTURE_DATA(undo) *self)
{
	/* In ioctl(), and not to be woken by anybody who runs */
	while (!told->done && strncmp(proc(self->caller, "syscall"), "16 ", 3))
		usleep(1000);
	return told->done && told->result == PARSEC_SUCCESS;
}

/* The host works for the caller, and is then stopped. A key may be made before that */
static bool stop_in_the_middle(FIXTURE_DATA(undo) *self, const FIXTURE_VARIANT(undo) *variant)
{
	int attempt;

	for (attempt = 0; attempt < ATTEMPTS; attempt++) {
		unsigned long before;

		if (!eventually(is_idle, self->host))
			return false;
		before = ticks(self->host);
		start_caller(self, variant);
		while (!told->done && ticks(self->host) < before + TICKS)
			usleep(1000);
		kill(self->host, SIGSTOP);
		if (!eventually(is_stopped, self->host))
			return false;
		if (!has_answer(self))
			return true;
		kill(self->host, SIGCONT);
		if (waitpid(self->caller, NULL, 0) != self->caller || destroy(NAME))
			return false;
	}
	return false;
}

/* Does ListKeys have the name? */
static bool is_listed(void)
{
	struct parsec_span rest, entry, value;
	bool found = false;
	uint64_t n;

	if (ask(CORE, PARSEC_OP_LIST_KEYS, NOTHING))
		return true;
	rest = answer;
	while (next_field(&rest, &entry, &n) == 1)
		while (next_field(&entry, &value, &n))
			found = found || same(value, text(NAME));
	return found;
}

TEST_F_TIMEOUT(undo, name_is_free_afterwards, SECONDS)
{
	int status;

	ASSERT_TRUE(variant->middle ? stop_in_the_middle(self, variant) :
				      stop_before(self, variant));
	if (!variant->timeout_ms)
		kill(self->caller, SIGKILL);
	/* Neither waits for the host, which does nothing now */
	ASSERT_EQ(self->caller, waitpid(self->caller, &status, 0));
	ASSERT_EQ(!variant->timeout_ms, !!WIFSIGNALED(status));
	if (variant->timeout_ms) {
		ASSERT_EQ(-ETIMEDOUT, told->result);
	}

	ASSERT_EQ(0, kill(self->host, SIGCONT));
	ASSERT_TRUE(eventually(is_idle, self->host));
	EXPECT_FALSE(is_listed());
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST,
		  with_name(PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, NAME));
	ASSERT_EQ(PARSEC_SUCCESS, generate(NAME, p256_attributes(ALL_SIGNING)));
	EXPECT_EQ(PARSEC_SUCCESS, sign_hash(NAME, ecdsa_sha256(), filled(32, 7)));
	EXPECT_EQ(PARSEC_SUCCESS, destroy(NAME));
	/* It is the host that there was */
	EXPECT_EQ(self->host, find_host());
}

TEST_HARNESS_MAIN
