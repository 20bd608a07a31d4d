// SPDX-License-Identifier: Apache-2.0
/*
 * The fuzzer's applications: files opened, used, shared and closed by several threads at
 * once, with arguments that are sometimes right.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../device/device.h"
#include "fuzz_device.h"

#define FILES		6	/* of a process, used by all its threads */
#define ROOM		(128 * 1024)
#define GUARD		64
#define CANARY		0xc5

/** struct thread - one thread's own */
struct thread {
	uint64_t rnd;
	struct lane *lane;
	uint8_t *in;		/* ROOM bytes, then a page that cannot be touched */
	uint8_t *out;		/* the same */
	uint8_t *read_only;
};

/* Descriptors, or -1; any thread may close what another is using */
static int files[FILES];

static const int documented[] = {
	0, EINVAL, EFAULT, EPERM, ENOTCONN, EMSGSIZE, EOVERFLOW, EDQUOT, ETIMEDOUT, EIO, ENOMEM,
	ENOTTY,
	EBADF,	/* another thread was quicker */
};

static void judge(int error)
{
	for (size_t i = 0; i < sizeof(documented) / sizeof(documented[0]); i++) {
		if (documented[i] == error) {
			count(&shared->calls[error]);
			return;
		}
	}
	shared->undocumented_errno = error;
	count(&shared->undocumented);
}

static uint8_t *mapping(int protection)
{
	uint8_t *at = mmap(NULL, ROOM + 4096, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mprotect(at + ROOM, 4096, PROT_NONE);
	if (protection != (PROT_READ | PROT_WRITE))
		mprotect(at, ROOM, protection);
	return at;
}

static uint32_t length(uint64_t *rnd)
{
	static const uint32_t edges[] = {
		0, 1, 3, 4, 3000, 3600, 3700, 4096, 61440, 61441, 122880, ROOM,
		1024 * 1024, 1024 * 1024 + 1, 0x7fffffff, 0xffffffff,
	};

	switch (below(rnd, 4)) {
	case 0:
		return edges[below(rnd, sizeof(edges) / sizeof(edges[0]))];
	case 1:
		return below(rnd, ROOM);
	default:
		return below(rnd, 200);
	}
}

/* Mostly @good with @len bytes behind it; else it ends too early or is no address at all */
static uint64_t address(struct thread *t, uint8_t *good, uint32_t len)
{
	switch (below(&t->rnd, 24)) {
	case 0:
		return 0;
	case 1:
		return 0xffff888000000000ULL | any(&t->rnd);
	case 2:
		return (uintptr_t)good + ROOM;
	case 3:
		return (uintptr_t)good + ROOM - below(&t->rnd, 16);
	case 4:
		return (uintptr_t)t->read_only;
	case 5:
		return ((uint64_t)any(&t->rnd) << 32) | any(&t->rnd);
	default:
		return len <= ROOM ? (uintptr_t)good : (uintptr_t)good + below(&t->rnd, ROOM);
	}
}

static void make_op(struct thread *t, struct parsec_op *op)
{
	uint64_t *rnd = &t->rnd;

	memset(op, 0, sizeof(*op));
	op->provider = (uint8_t)(one_in(rnd, 30) ? any(rnd) : below(rnd, PROVIDERS));
	op->timeout_ms = one_in(rnd, 20) ? 0 : 1 + below(rnd, one_in(rnd, 4) ? 700 : 40);
	op->in_len = length(rnd);
	op->out_len = length(rnd);
	op->in = address(t, t->in, op->in_len);
	op->out = address(t, t->out, op->out_len);
	if (one_in(rnd, 25))
		op->flags = any(rnd);
	if (one_in(rnd, 25))
		op->reserved0 = (uint8_t)any(rnd);
	if (one_in(rnd, 25))
		op->reserved1 = any(rnd);
	/* Nothing in it is beyond being wrong */
	if (one_in(rnd, 25))
		((uint8_t *)op)[below(rnd, sizeof(*op))] ^= (uint8_t)(1U << below(rnd, 8));
}

static void enter(struct thread *t, uint32_t timeout_ms)
{
	t->lane->until = timeout_ms ? clock_ms() + timeout_ms : 0;
	__atomic_store_n(&t->lane->tid, (pid_t)syscall(SYS_gettid), __ATOMIC_RELEASE);
}

static void leave(struct thread *t)
{
	__atomic_store_n(&t->lane->tid, 0, __ATOMIC_RELEASE);
}

/* What lies behind the room that was offered is not the kernel's */
static void check_canary(struct thread *t, uint32_t room)
{
	for (unsigned int i = 0; room + i < ROOM && i < GUARD; i++)
		if (t->out[room + i] != CANARY)
			count(&shared->overwritten);
}

static void do_op(struct thread *t, int fd)
{
	unsigned int nr = one_in(&t->rnd, 20) ? below(&t->rnd, 256) : 1 + below(&t->rnd, 0x7f);
	struct parsec_op op;
	uint32_t room;
	void *arg = &op;
	bool whole;
	int ret;

	make_op(t, &op);
	room = op.out_len;
	whole = op.out == (uintptr_t)t->out && room < ROOM;
	if (whole)
		memset(t->out + room, CANARY, room + GUARD < ROOM ? GUARD : ROOM - room);
	if (one_in(&t->rnd, 30))
		arg = (void *)(uintptr_t)address(t, t->in + ROOM - 20, sizeof(op));
	enter(t, arg == &op ? op.timeout_ms : 0);
	ret = ioctl(fd, PARSEC_IOC_OP(nr), arg);
	ret = ret ? errno : 0;
	leave(t);
	judge(ret);
	if (whole)
		check_canary(t, room);
	if (!ret && arg == &op && op.out_len > room)
		count(&shared->overwritten);
}

static void do_any_ioctl(struct thread *t, int fd)
{
	unsigned long cmd = one_in(&t->rnd, 2) ? PARSEC_IOC_INFO : any(&t->rnd);
	void *arg = (void *)(uintptr_t)address(t, t->out, sizeof(struct parsec_info));

	enter(t, 0);
	judge(ioctl(fd, cmd, arg) ? errno : 0);
	leave(t);
}

/* With the descriptor and perhaps as somebody else; only system calls after fork() */
static void in_child_process(struct thread *t, int fd)
{
	uint32_t what = below(&t->rnd, 4), how = any(&t->rnd);
	bool other = how % 2 && geteuid() == 0;
	struct parsec_op op = { .timeout_ms = 5 };
	int status = 0;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		alarm(20);
		if (other && setresuid(ALICE, ALICE, ALICE))
			_exit(0);
		if (what == 0)
			execl("/bin/true", "true", NULL);
		if (what == 1)
			close(fd);
		status = ioctl(fd, PARSEC_IOC_OP(how / 2 % 4), &op) ? errno : 0;
		/* What the child inherited is not its own when it is somebody else */
		_exit(what != 1 && other && status != EPERM && status != ENOTTY &&
		      status != EBADF);
	}
	if (pid < 0)
		return;
	count(&shared->children);
	if (waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status)) {
		shared->undocumented_errno = 0;
		count(&shared->undocumented);
	}
}

static void reopen(struct thread *t, int *file)
{
	int fd = -1, old;

	if (!one_in(&t->rnd, 4)) {
		fd = open(DEVICE, one_in(&t->rnd, 2) ? O_RDWR : O_RDONLY | O_CLOEXEC);
		if (fd >= 0)
			count(&shared->opens);
	} else if (one_in(&t->rnd, 2)) {
		fd = dup(files[below(&t->rnd, FILES)]);
	}
	old = __atomic_exchange_n(file, fd, __ATOMIC_ACQ_REL);
	if (old >= 0)
		close(old);
}

static void look_at(int fd)
{
	char path[64], text[1024];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	read_file(path, text, sizeof(text));
}

static void *thread_main(void *arg)
{
	struct thread *t = arg;

	t->in = mapping(PROT_READ | PROT_WRITE);
	t->out = mapping(PROT_READ | PROT_WRITE);
	t->read_only = mapping(PROT_READ);
	for (;;) {
		int *file = &files[below(&t->rnd, FILES)];
		int fd = __atomic_load_n(file, __ATOMIC_ACQUIRE);
		uint32_t what = below(&t->rnd, 100);

		if (what < 8 || fd < 0)
			reopen(t, file);
		else if (what < 80)
			do_op(t, fd);
		else if (what < 92)
			do_any_ioctl(t, fd);
		else if (what < 95)
			in_child_process(t, fd);
		else if (what < 98)
			look_at(fd);
		else
			madvise(one_in(&t->rnd, 2) ? t->in : t->out, ROOM, MADV_DONTNEED);
	}
	return NULL;
}

void app_run(unsigned int nr, uint64_t seed)
{
	static struct thread threads[THREADS];
	pthread_t thread;

	for (unsigned int i = 0; i < FILES; i++)
		files[i] = -1;
	/* Two of them are users, each with an account of its own */
	if (nr % 2)
		become(ALICE + nr / 2);
	for (unsigned int i = 0; i < THREADS; i++) {
		threads[i].rnd = seed * THREADS + i;
		threads[i].lane = &shared->lane[nr][i];
		if (pthread_create(&thread, NULL, thread_main, &threads[i]))
			_exit(1);
	}
	for (;;)
		pause();
}
