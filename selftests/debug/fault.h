/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failing every allocation and every copy from or to user memory of one system call, one
 * after the other, with the kernel's fault injection.
 */
#ifndef SELFTESTS_DEBUG_FAULT_H
#define SELFTESTS_DEBUG_FAULT_H

#include <stdbool.h>

/** struct fault_count - how often something was made to fail */
struct fault_count {
	unsigned int slab;
	unsigned int page;
	unsigned int usercopy;
	unsigned int failed;	/* how often the call failed for it */
};

/**
 * struct fault_call - a system call in which faults are injected
 * @prepare:	what is needed for it, each time; 0 or -errno
 * @call:	the system call and nothing else: no other system call, no memory not touched
 *		before; 0 or -errno
 * @settle:	what came of it, each time, from the result of @call: 0, or -errno of a failure
 *		as the interface has it; anything that must not be is for the callee to note
 * @allowed:	errnos that @settle may return, positive, ended by 0
 */
struct fault_call {
	int (*prepare)(void *arg);
	int (*call)(void *arg);
	int (*settle)(void *arg, int result);
	const int *allowed;
};

/* Prepare the kernel and this process: 0 or -errno */
int fault_start(void);

/*
 * Let the first fault happen, then the second, and so on until the call is over before the
 * next would have come: 0; -errno of a prepare() or of a call that nothing was done to, or
 * that failed with something that is not allowed. @nth tells at which fault it ended.
 */
int fault_each(const struct fault_call *call, void *arg, struct fault_count *count,
	       unsigned int *nth);

#endif /* SELFTESTS_DEBUG_FAULT_H */
