// SPDX-License-Identifier: Apache-2.0
/*
 * Who pays for a request: the caller's memory cgroup. One that is at its limit gets ENOMEM;
 * nobody is killed for it.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/userfaultfd.h>
#include "device.h"
#include "fakehost.h"
#include "kselftest_harness.h"

#define GROUP	"/sys/fs/cgroup/parsec-memory"
#define LIMIT	(24U << 20)
#define SMALL	3900	/* with its headers still in one piece of a page */

/** struct shared - a process in the group and what became of its calls */
struct shared {
	unsigned int ready;	/* threads that are about to ask */
	unsigned int answered;
	unsigned int enomem;
	unsigned int other;
	int error;
	/* The process */
	unsigned int threads;
	unsigned int len;
};

static struct shared *shared;
/* A pipe: the threads ask when its end for writing is closed */
static int starter[2];
static uint8_t body[PARSEC_BODY_MAX];

FIXTURE(memory) {
	struct host host;
	struct caller *busy;
	struct host_request *hold;
	pid_t pid;
};

FIXTURE_SETUP(memory)
{
	ASSERT_EQ(0, module_reload("max_waiting=0"));
	ASSERT_EQ(0, host_open(&self->host));
	ASSERT_EQ(0, host_register(&self->host, 0, 1, NULL));
	/* What comes after this one waits */
	self->busy = caller_start(&(struct ask){ .opcode = 0x30 });
	ASSERT_EQ(0, host_receive(&self->host, &self->hold, SOON));
	rmdir(GROUP);
	ASSERT_EQ(0, mkdir(GROUP, 0755)) TH_LOG("%s", strerror(errno));
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_EQ(0, pipe2(starter, O_CLOEXEC));
	memset(body, 0x5a, sizeof(body));
}

FIXTURE_TEARDOWN(memory)
{
	if (self->pid > 0) {
		kill(self->pid, SIGKILL);
		waitpid(self->pid, NULL, 0);
	}
	host_close(&self->host);
	for (int i = 0; i < 500 && rmdir(GROUP) && errno == EBUSY; i++)
		sleep_ms(10);
}

static void *ask(void *arg)
{
	struct parsec_op op = { .in = (uintptr_t)body, .in_len = shared->len };
	int fd = (int)(intptr_t)arg;
	char byte;
	int ret;

	__atomic_fetch_add(&shared->ready, 1, __ATOMIC_RELAXED);
	while (read(starter[0], &byte, 1) < 0 && errno == EINTR)
		;
	ret = device_op(fd, 0x10, &op);
	if (!ret) {
		__atomic_fetch_add(&shared->answered, 1, __ATOMIC_RELAXED);
	} else if (ret == -ENOMEM) {
		__atomic_fetch_add(&shared->enomem, 1, __ATOMIC_RELAXED);
	} else {
		shared->error = ret;
		__atomic_fetch_add(&shared->other, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* All that the process needs itself is there before anybody asks: a page that it had to
 * add later would be what its group is killed for
 */
static int run_group(struct host *host)
{
	pthread_attr_t small;
	pthread_t *threads;
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	host_close(host);	/* its large buffer would be locked too */
	starter[0] = dup2(starter[0], STDERR_FILENO + 1);
	close_range(STDERR_FILENO + 2, ~0U, 0);
	if (write_file(GROUP "/cgroup.procs", "0") < 0)
		return 2;
	fd = device_open();
	threads = calloc(shared->threads, sizeof(*threads));
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 32 * 1024);
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		return 3;
	for (unsigned int i = 0; i < shared->threads; i++)
		if (pthread_create(&threads[i], &small, ask, (void *)(intptr_t)fd))
			return 4;
	for (unsigned int i = 0; i < shared->threads; i++)
		pthread_join(threads[i], NULL);
	/* It can go on as if nothing had been, in the same group */
	shared->ready = 0;
	shared->len = 3;
	ask((void *)(intptr_t)fd);
	return 0;
}

static pid_t start_group(struct host *host, unsigned int threads, unsigned int len)
{
	pid_t pid;

	shared->threads = threads;
	shared->len = len;
	pid = fork();
	if (pid == 0)
		_exit(run_group(host));
	for (int i = 0; i < slow_ms(3000) &&
	     __atomic_load_n(&shared->ready, __ATOMIC_RELAXED) < threads; i++)
		sleep_ms(10);
	return pid;
}

static long group_number(const char *file, const char *key)
{
	char path[128], text[8192], *at = text;

	snprintf(path, sizeof(path), GROUP "/%s", file);
	if (read_file(path, text, sizeof(text)) < 0)
		return -1;
	if (key) {
		at = strstr(text, key);
		if (!at)
			return -1;
		at += strlen(key);
	}
	return atol(at);
}

/* Requests that wait or were refused */
static unsigned int settled(struct host *host)
{
	static struct host_stats stats;

	if (host_stats(host, &stats))
		return 0;
	return (unsigned int)stats.provider[0][PARSEC_A_PSTAT_QUEUED] + shared->enomem +
	       shared->other;
}

static bool wait_settled(struct host *host, unsigned int threads)
{
	int64_t until = clock_ms() + slow_ms(60000);

	while (settled(host) < threads && clock_ms() < until)
		sleep_ms(10);
	return settled(host) == threads;
}

/* Answer what waits: how many */
static unsigned int answer_all(struct host *host, struct host_request *hold)
{
	unsigned int n = 0;

	if (host_answer(host, hold, 0))
		return 0;
	while (!host_receive(host, &hold, SOON)) {
		n += !host_reply(host, hold->id, 0, NULL, 0) && hold->opcode == 0x10;
		host_request_free(hold);
	}
	return n;
}

TEST_F_TIMEOUT(memory, a_group_at_its_limit_gets_enomem_and_lives, 120)
{
	unsigned int threads = 64, waiting, answered;
	struct caller *other;
	char limit[32];
	int status;

	ASSERT_EQ(0, access(GROUP "/memory.max", F_OK))
		TH_LOG("this kernel has no memory controller");
	snprintf(limit, sizeof(limit), "%u", LIMIT);
	self->pid = start_group(&self->host, threads, PARSEC_BODY_MAX);
	ASSERT_EQ(threads, shared->ready);
	ASSERT_LT(0, write_file(GROUP "/memory.max", limit));
	close(starter[1]);
	ASSERT_TRUE(wait_settled(&self->host, threads))
		TH_LOG("%u settled, %u ENOMEM, %u others, %ld killed", settled(&self->host),
		       shared->enomem, shared->other,
		       group_number("memory.events", "oom_kill "));
	waiting = threads - shared->enomem;
	EXPECT_EQ(0, shared->other) TH_LOG("%s", strerror(-shared->error));
	EXPECT_LT(0, shared->enomem);
	EXPECT_LT(0, waiting);
	/* What waits is what it pays for */
	EXPECT_LE((long)waiting << 20, group_number("memory.current", NULL));
	EXPECT_GE(LIMIT, group_number("memory.current", NULL));
	EXPECT_EQ(0, group_number("memory.events", "oom_kill "));

	/* Nobody else notices */
	other = caller_start(&(struct ask){ .uid = BOB, .opcode = 0x11, .in = body,
					    .in_len = sizeof(body), .room = 16 });
	EXPECT_EQ(0, caller_settle(other));
	EXPECT_EQ(0, other->finished);

	/* And in the end all is well, within the group too */
	answered = answer_all(&self->host, self->hold);
	EXPECT_EQ(waiting + 1, answered);
	EXPECT_EQ(self->pid, waitpid(self->pid, &status, 0));
	self->pid = 0;
	EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	EXPECT_EQ(waiting + 1, shared->answered);
	EXPECT_EQ(threads - waiting, shared->enomem);
	EXPECT_EQ(0, group_number("memory.events", "oom_kill "));
	TH_LOG("%u waited, %u ENOMEM", waiting, shared->enomem);
}

TEST_F_TIMEOUT(memory, small_bodies_are_paid_for_too, 120)
{
	unsigned int threads = 512;
	long before, after;

	ASSERT_EQ(0, access(GROUP "/memory.max", F_OK))
		TH_LOG("this kernel has no memory controller");
	self->pid = start_group(&self->host, threads, SMALL);
	ASSERT_EQ(threads, shared->ready);
	before = group_number("memory.current", NULL);
	ASSERT_LT(0, before);
	close(starter[1]);
	ASSERT_TRUE(wait_settled(&self->host, threads));
	EXPECT_EQ(0, shared->enomem + shared->other);
	after = group_number("memory.current", NULL);
	/* Each processor may have charged some pages in advance */
	EXPECT_LE((long)threads * SMALL - 800 * 1024, after - before);
	TH_LOG("%ld bytes for %u requests, %ld before", after - before, threads, before);
	EXPECT_EQ(threads + 1, answer_all(&self->host, self->hold));
}

/* Memory that a thread waits for for ever when it touches it, the kernel on its behalf too: as
 * good as a mapping of a file system of its own. What the kernel needs to find that out is there
 */
static void *never_there(size_t size)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	range.range.start = (uintptr_t)at;
	range.range.len = size;
	if (at == MAP_FAILED)
		return NULL;
	madvise(at, size, MADV_NOHUGEPAGE);	/* fails if the kernel has no huge ones */
	for (size_t i = 0; i < size; i += PARSEC_BODY_MAX)
		((volatile uint8_t *)at)[i] = 1;
	if (madvise(at, size, MADV_DONTNEED) || fd < 0 || ioctl(fd, UFFDIO_API, &api) ||
	    ioctl(fd, UFFDIO_REGISTER, &range))
		return NULL;
	return at;
}

/* A page that it needs when its group is at the limit would be the end of the process */
static void *take_into(void *arg)
{
	struct parsec_op op = { .out = (uintptr_t)arg, .out_len = PARSEC_BODY_MAX };
	char stack[16 * 1024];
	int fd = device_open();
	int ret;

	explicit_bzero(stack, sizeof(stack));
	__atomic_fetch_add(&shared->ready, 1, __ATOMIC_RELAXED);
	ret = device_op(fd, 0x10, &op);
	if (ret == -ENOMEM)
		__atomic_fetch_add(&shared->enomem, 1, __ATOMIC_RELAXED);
	else
		__atomic_fetch_add(&shared->other, 1, __ATOMIC_RELAXED);
	pause();
	return NULL;
}

static int take_answers(struct host *host)
{
	pthread_attr_t small;
	pthread_t thread;
	uint8_t *at;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	host_close(host);
	if (write_file(GROUP "/cgroup.procs", "0") < 0 || mlockall(MCL_CURRENT))
		return 2;
	at = never_there((size_t)shared->threads * PARSEC_BODY_MAX);
	if (!at)
		return 3;
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 32 * 1024);
	for (unsigned int i = 0; i < shared->threads; i++)
		if (pthread_create(&thread, &small, take_into, at + (size_t)i * PARSEC_BODY_MAX))
			return 4;
	for (;;)
		pause();
}

/* An answer is paid for as long as its caller does not take it, and nobody else waits for that */
TEST_F_TIMEOUT(memory, answers_that_are_not_taken_are_paid_for, 120)
{
	long before, held, allowed = 8 << 20;
	unsigned int threads = 32;
	struct host_request *req;
	struct caller *other;
	char limit[32];
	int64_t until;

	ASSERT_EQ(0, access(GROUP "/memory.max", F_OK))
		TH_LOG("this kernel has no memory controller");
	shared->threads = threads;
	self->pid = fork();
	if (self->pid == 0)
		_exit(take_answers(&self->host));
	ASSERT_TRUE(wait_settled(&self->host, threads)) TH_LOG("%u", settled(&self->host));
	before = group_number("memory.current", NULL);
	ASSERT_LT(0, before);
	snprintf(limit, sizeof(limit), "%ld", before + allowed);
	ASSERT_LT(0, write_file(GROUP "/memory.max", limit));

	ASSERT_EQ(0, host_answer(&self->host, self->hold, 0));
	EXPECT_EQ(0, caller_join(self->busy, SOON));
	for (unsigned int i = 0; i < threads; i++) {
		ASSERT_EQ(0, host_receive(&self->host, &req, SOON)) TH_LOG("after %u", i);
		EXPECT_EQ(0, host_reply(&self->host, req->id, 0, body, PARSEC_BODY_MAX));
		host_request_free(req);
	}
	until = clock_ms() + SOON;
	do {
		sleep_ms(10);
		held = threads - __atomic_load_n(&shared->enomem, __ATOMIC_RELAXED);
	} while (held > allowed >> 20 && clock_ms() < until);
	EXPECT_EQ(0, shared->other);
	EXPECT_GE(allowed >> 20, held);
	EXPECT_LE(allowed / 2 >> 20, held);
	EXPECT_LE(before + (held << 20), group_number("memory.current", NULL) + 800 * 1024);
	EXPECT_EQ(0, group_number("memory.events", "oom_kill "));

	/* What became of the answers is nobody else's concern */
	other = caller_start(&(struct ask){ .uid = BOB, .opcode = 0x11 });
	ASSERT_EQ(0, host_receive(&self->host, &req, SOON));
	EXPECT_EQ(0, host_answer(&self->host, req, 0));
	EXPECT_EQ(0, caller_join(other, SOON));
	TH_LOG("%ld of %u answers held", held, threads);
}

TEST_HARNESS_MAIN
