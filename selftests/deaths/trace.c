// SPDX-License-Identifier: Apache-2.0
/*
 * Stopping a provider host at a point of a request's way through it.
 */
#include "selftests/deaths/trace.h"

#include <dirent.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/parsec_netlink.h>
#include <linux/netlink.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "selftests/device/device.h"

#define SYSCALL_STOP	(SIGTRAP | 0x80)

static int attach(struct trace *trace, pid_t tid)
{
	int status;

	if (trace->count == TRACE_THREADS_MAX)
		return -E2BIG;
	if (ptrace(PTRACE_SEIZE, tid, NULL, PTRACE_O_TRACESYSGOOD) ||
	    ptrace(PTRACE_INTERRUPT, tid, NULL, NULL))
		return -errno;
	if (waitpid(tid, &status, __WALL) != tid || !WIFSTOPPED(status))
		return -ESRCH;
	trace->threads[trace->count++] = (struct traced){ .tid = tid };
	return ptrace(PTRACE_SYSCALL, tid, NULL, NULL) ? -errno : 0;
}

int trace_begin(struct trace *trace, pid_t pid)
{
	struct dirent *entry;
	char path[64];
	int rc = 0;
	DIR *dir;

	*trace = (struct trace){ .wanted = POINTS };
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while (!rc && (entry = readdir(dir)))
		if (*entry->d_name != '.')
			rc = attach(trace, atoi(entry->d_name));
	closedir(dir);
	return rc;
}

static bool fetch(pid_t tid, uint64_t from, void *to, size_t len)
{
	struct iovec local = { to, len }, remote = { (void *)(uintptr_t)from, len };

	return process_vm_readv(tid, &local, 1, &remote, 1, 0) == (ssize_t)len;
}

/* The command of the generic netlink message in the buffer of a system call, or 0 */
static uint8_t command(const struct traced *thread)
{
	struct {
		struct nlmsghdr nlh;
		struct genlmsghdr genl;
	} head;
	uint64_t at = thread->buffer;
	struct msghdr msg;
	struct iovec iov;

	if (thread->nr == SYS_sendmsg) {
		if (!fetch(thread->tid, at, &msg, sizeof(msg)) ||
		    !fetch(thread->tid, (uintptr_t)msg.msg_iov, &iov, sizeof(iov)))
			return 0;
		at = (uintptr_t)iov.iov_base;
	}
	if (!fetch(thread->tid, at, &head, sizeof(head)) ||
	    head.nlh.nlmsg_type <= GENL_ID_CTRL)
		return 0;
	return head.genl.cmd;
}

static bool sends(const struct traced *thread)
{
	return (thread->nr == SYS_sendto || thread->nr == SYS_sendmsg) &&
	       command(thread) == PARSEC_CMD_REPLY;
}

/* Which point is a thread at that goes into a system call, or comes out of it? */
static enum point where(struct traced *thread)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, thread->tid, sizeof(info), &info) <= 0)
		return POINTS;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		thread->nr = info.entry.nr;
		thread->buffer = info.entry.args[1];
		if (thread->nr == SYS_sched_yield)
			return POINT_INSIDE;
		return sends(thread) ? POINT_AFTER : POINTS;
	}
	if (info.op != PTRACE_SYSCALL_INFO_EXIT || info.exit.rval <= 0)
		return POINTS;
	if (thread->nr == SYS_recvfrom && command(thread) == PARSEC_CMD_REQUEST)
		return POINT_BEFORE;
	return sends(thread) ? POINT_REPLY : POINTS;
}

/* A thread has stopped: stay there or go on */
static void go_on(struct trace *trace, struct traced *thread, int status)
{
	int signal = WSTOPSIG(status);

	if (signal == SYSCALL_STOP) {
		if (where(thread) == trace->wanted && !trace->held) {
			trace->held = thread->tid;
			return;
		}
		signal = 0;
	} else if (status >> 16) {	/* an event of ptrace's own */
		signal = 0;
	}
	ptrace(PTRACE_SYSCALL, thread->tid, NULL, (long)signal);
}

void trace_pump(struct trace *trace)
{
	size_t kept = 0;

	for (size_t i = 0; i < trace->count; i++) {
		struct traced *thread = &trace->threads[i];
		int status;
		pid_t pid = waitpid(thread->tid, &status, __WALL | WNOHANG);

		if (pid < 0 || (pid && !WIFSTOPPED(status)))
			continue;	/* it is no more */
		if (pid)
			go_on(trace, thread, status);
		trace->threads[kept++] = *thread;
	}
	trace->count = kept;
}

int trace_until(struct trace *trace, enum point point, int64_t ms)
{
	int64_t end = clock_ms() + ms;

	trace->wanted = point;
	while (!trace->held) {
		trace_pump(trace);
		if (!trace->count)
			return -ESRCH;
		if (clock_ms() > end)
			return -ETIME;
		sleep_ms(1);
	}
	return 0;
}

/* To be let go a thread has to be stopped */
static void detach(pid_t tid, bool held)
{
	int status = 0;

	if (!held) {
		if (ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) ||
		    waitpid(tid, &status, __WALL) != tid || !WIFSTOPPED(status))
			return;
	}
	/* A signal that was on its way gets there */
	if (WSTOPSIG(status) == SYSCALL_STOP || status >> 16)
		status = 0;
	ptrace(PTRACE_DETACH, tid, NULL, (long)WSTOPSIG(status));
}

void trace_end(struct trace *trace)
{
	for (size_t i = 0; i < trace->count; i++)
		detach(trace->threads[i].tid, trace->threads[i].tid == trace->held);
	*trace = (struct trace){ .wanted = POINTS };
}
