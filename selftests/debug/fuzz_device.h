/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device's fuzzer: what its processes share.
 *
 * fuzz_device.c starts and kills them and watches; fuzz_app.c are applications, fuzz_host.c
 * hosts that lie. What each thread does follows from its seed alone; in which order the
 * threads do it does not.
 */
#ifndef SELFTESTS_DEBUG_FUZZ_DEVICE_H
#define SELFTESTS_DEBUG_FUZZ_DEVICE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define APPS		4	/* processes of applications */
#define HOSTS		3	/* processes of hosts */
#define THREADS		4	/* of each process */
#define ERRNOS		134	/* more than there are */

/* Providers that are asked for; hosts serve all but the last */
#define PROVIDERS	4

/** struct lane - what one thread is doing, for those who watch */
struct lane {
	pid_t tid;		/* 0: not in a call that may wait */
	int64_t until;		/* CLOCK_MONOTONIC ms when that must be over, 0 = never */
};

/** struct shared - memory of all processes; counters are added to atomically */
struct shared {
	struct lane lane[APPS][THREADS];
	uint64_t calls[ERRNOS];		/* results of ioctl(), 0 = success */
	uint64_t verdicts[ERRNOS];	/* the kernel's answers to well-formed messages */
	uint64_t opens;
	uint64_t children;
	uint64_t messages;		/* that hosts sent, malformed ones too */
	uint64_t requests;		/* that hosts received */
	uint64_t undocumented;		/* an errno that no table has */
	int undocumented_errno;
	uint64_t overwritten;		/* bytes after the room for the answer */
};

extern struct shared *shared;

/* Random numbers: the same for the same seed */
uint32_t any(uint64_t *state);
/* 0 to @n - 1 */
static inline uint32_t below(uint64_t *state, uint32_t n)
{
	return any(state) % n;
}

static inline bool one_in(uint64_t *state, uint32_t n)
{
	return below(state, n) == 0;
}

static inline void count(uint64_t *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

/* Never returns: an application, until it is killed */
void app_run(unsigned int nr, uint64_t seed) __attribute__((noreturn));
/* Never returns: a host, until it is killed or kills itself */
void host_run(unsigned int nr, uint64_t seed) __attribute__((noreturn));

#endif /* SELFTESTS_DEBUG_FUZZ_DEVICE_H */
