/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service under a flood: held, and looked at with the module's counters.
 */
#ifndef SELFTESTS_FLOODS_WATCH_H
#define SELFTESTS_FLOODS_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "selftests/device/fakehost.h"

/* The software provider's id, and how many requests its host works on at a time */
#define SOFTWARE	1
#define WORKERS		4

/* For all that is waited for */
#define WAIT_MS		60000

/** watch_hold() - the software provider's host does nothing with what it gets */
bool watch_hold(void);

/** watch_release() - it goes on */
bool watch_release(void);

/** watch_stats() - what the module has counted; until the next question */
const struct host_stats *watch_stats(struct host *eye);

/** watch_account() - a number of a user now. Return: 0 also when it has no file open */
uint64_t watch_account(struct host *eye, uid_t uid, unsigned int attribute);

/** watch_await_account() - Return: whether it was this value within WAIT_MS */
bool watch_await_account(struct host *eye, uid_t uid, unsigned int attribute, uint64_t value);

/** watch_done() - answers that somebody took, of both hosts */
uint64_t watch_done(struct host *eye);

/** watch_await_idle() - Return: whether nothing waited or was at a host within WAIT_MS */
bool watch_await_idle(struct host *eye);

/**
 * watch_number() - a number out of a file of the kernel's
 * @path:	of it
 * @key:	what stands before the number, or NULL: it is the file's first
 *
 * Return: the number, -1: there is none.
 */
long watch_number(const char *path, const char *key);

/** watch_killed() - Return: how many processes the kernel has killed for memory since it began */
long watch_killed(void);

#endif /* SELFTESTS_FLOODS_WATCH_H */
