/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stopping a provider host at a point of a request's way through it, by ptrace: the host is
 * the one that is installed.
 */
#ifndef SELFTESTS_DEATHS_TRACE_H
#define SELFTESTS_DEATHS_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Of a host */
#define TRACE_THREADS_MAX	16

/** enum point - where a request is */
enum point {
	POINT_QUEUED,	/* waits in the kernel; the one worker is busy */
	POINT_BEFORE,	/* the worker has received it */
	POINT_INSIDE,	/* the provider's primitive runs */
	POINT_AFTER,	/* the worker is about to send the reply */
	POINT_REPLY,	/* the kernel has the reply; the worker has not gone on */
	POINTS
};

/** struct traced - a thread, and the system call that it is in */
struct traced {
	pid_t tid;
	uint64_t nr;
	uint64_t buffer;
};

/**
 * struct trace - a traced process
 * @threads:	those that live
 * @count:	how many
 * @wanted:	where one of them is to be stopped, POINTS: nowhere
 * @held:	the one that is, 0: none
 */
struct trace {
	struct traced threads[TRACE_THREADS_MAX];
	size_t count;
	enum point wanted;
	pid_t held;
};

/** trace_begin() - Return: 0 or -errno */
int trace_begin(struct trace *trace, pid_t pid);

/** trace_pump() - let the threads do what they want to do; to be called again and again */
void trace_pump(struct trace *trace);

/** trace_until() - stop the thread that gets to a point. Return: 0, -ETIME, -ESRCH */
int trace_until(struct trace *trace, enum point point, int64_t ms);

/** trace_end() - let them go for good */
void trace_end(struct trace *trace);

#endif /* SELFTESTS_DEATHS_TRACE_H */
