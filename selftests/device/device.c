// SPDX-License-Identifier: Apache-2.0
/*
 * The applications' side of the device, for tests.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "device.h"

/* What all times are multiplied by on the debug kernel */
#define SLOWNESS 4

int slow_ms(int ms)
{
	static int factor;	/* 0: not known yet */
	struct utsname un;

	if (!factor)
		factor = !uname(&un) && strstr(un.release, "-debug-") ? SLOWNESS : 1;
	return factor * ms;
}

/*
 * Instead of the C library's, for the harness, which ends a test that takes too long with it: the
 * tests say how long that is without knowing the kernel.
 */
unsigned int alarm(unsigned int seconds)
{
	const struct itimerval timer = { .it_value.tv_sec = slow_ms((int)seconds) };
	struct itimerval before;

	if (setitimer(ITIMER_REAL, &timer, &before))
		return 0;
	return (unsigned int)before.it_value.tv_sec + (before.it_value.tv_usec > 0);
}

int64_t clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

void sleep_ms(unsigned int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&ts, NULL);
}

int read_file(const char *path, char *buf, size_t size)
{
	ssize_t len;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = read(fd, buf, size - 1);
	buf[len < 0 ? 0 : len] = '\0';
	close(fd);
	return len < 0 ? -errno : (int)len;
}

int write_file(const char *path, const char *text)
{
	ssize_t len;
	int fd;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = write(fd, text, strlen(text));
	if (len < 0)
		len = -errno;
	close(fd);
	return (int)len;
}

const char *module_path(void)
{
	static char path[512];
	struct utsname kernel;

	uname(&kernel);
	snprintf(path, sizeof(path), MODULE_DIR "/module-%s/parsec.ko", kernel.release);
	return path;
}

bool module_loaded(void)
{
	return access("/sys/module/parsec", F_OK) == 0;
}

int module_load(const char *params)
{
	int fd, ret;

	fd = open(module_path(), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = (int)syscall(SYS_finit_module, fd, params, 0);
	ret = ret ? -errno : 0;
	close(fd);
	return ret;
}

int module_unload(void)
{
	return syscall(SYS_delete_module, "parsec", O_NONBLOCK) ? -errno : 0;
}

int module_reload(const char *params)
{
	int64_t until = clock_ms() + slow_ms(5000);
	int ret = 0;

	while (module_loaded()) {
		ret = module_unload();
		if (!ret)
			break;
		if (clock_ms() > until)
			return ret;
		sleep_ms(2);
	}
	return module_load(params);
}

int device_open(void)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int device_info(int fd, struct parsec_info *info)
{
	return ioctl(fd, PARSEC_IOC_INFO, info) ? -errno : 0;
}

int device_op(int fd, unsigned int opcode, struct parsec_op *op)
{
	return ioctl(fd, PARSEC_IOC_OP(opcode), op) ? -errno : 0;
}

int device_ping(int fd)
{
	struct parsec_op op = { 0 };

	return device_op(fd, 0x01, &op);
}

int become(uid_t uid)
{
	if (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid))
		return -errno;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return 0;
}

/* Nothing of the test's own may live on in a child: sockets end when all copies do */
static int child_descriptors(int fd)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (fd > STDERR_FILENO) {
		dup2(fd, STDERR_FILENO + 1);
		close_range(STDERR_FILENO + 2, ~0U, 0);
		return STDERR_FILENO + 1;
	}
	close_range(STDERR_FILENO + 1, ~0U, 0);
	return -1;
}

static void caller_run(struct caller *caller, const struct ask *ask)
{
	int fd = child_descriptors(ask->fd);
	struct parsec_info info = { 0 };
	int64_t start;

	if (ask->uid && become(ask->uid))
		_exit(1);
	if (fd < 0)
		fd = device_open();
	caller->op = (struct parsec_op){
		.provider = ask->provider,
		.timeout_ms = ask->timeout_ms,
		.in_len = ask->in_len,
		.in = (uintptr_t)ask->in,
		.out_len = ask->room,
		.out = (uintptr_t)caller->out,
	};
	device_info(fd, &info);
	caller->session = info.session;
	start = clock_ms();
	caller->result = device_op(fd, ask->opcode, &caller->op);
	caller->ms = clock_ms() - start;
	caller->finished = 1;
	_exit(0);
}

struct caller *caller_start(const struct ask *ask)
{
	size_t size = sizeof(struct caller) + ask->room;
	struct caller *caller;
	pid_t pid;

	caller = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (caller == MAP_FAILED)
		abort();
	caller->size = size;
	caller->result = -EINPROGRESS;
	pid = fork();
	if (pid == 0)
		caller_run(caller, ask);
	caller->pid = pid;
	return caller;
}

int caller_settle(struct caller *caller)
{
	int64_t until = clock_ms() + slow_ms(5000);
	char path[64], text[64];
	int number;

	snprintf(path, sizeof(path), "/proc/%d/syscall", caller->pid);
	while (clock_ms() < until) {
		/* The numbers of ioctl() for 64-bit and 32-bit processes */
		if (read_file(path, text, sizeof(text)) > 0 && sscanf(text, "%d", &number) == 1 &&
		    number == (sizeof(long) == 8 ? 16 : 54))
			return 0;
		if (caller->finished)
			return -EALREADY;
		sleep_ms(1);
	}
	return -ETIME;
}

static int reap(pid_t pid, int ms, int *status)
{
	int64_t until = clock_ms() + ms;

	/* -1: it was reaped before */
	while (waitpid(pid, status, WNOHANG) == 0) {
		if (clock_ms() >= until)
			return -ETIME;
		sleep_ms(1);
	}
	return 0;
}

int caller_join(struct caller *caller, int ms)
{
	int ret;

	ret = reap(caller->pid, ms, NULL);
	return ret ? ret : caller->result;
}

int caller_kill(struct caller *caller)
{
	/* Its number could be another process's by now */
	if (!caller->finished)
		kill(caller->pid, SIGKILL);
	return reap(caller->pid, 1000, NULL);
}

void caller_free(struct caller *caller)
{
	munmap(caller, caller->size);
}

int in_child(int (*fn)(void *), void *arg, int keep_fd)
{
	volatile int *result;
	int status = 0, ret;
	pid_t pid;

	result = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*result = -EFAULT;
	pid = fork();
	if (pid == 0) {
		if (keep_fd != child_descriptors(keep_fd) && keep_fd >= 0)
			dup2(STDERR_FILENO + 1, keep_fd);
		*result = fn(arg);
		_exit(0);
	}
	ret = reap(pid, slow_ms(10000), &status);
	if (ret)
		kill(pid, SIGKILL);
	else
		ret = *result;
	munmap((void *)(uintptr_t)result, sizeof(*result));
	return ret;
}
