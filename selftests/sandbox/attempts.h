/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways out of a provider host, as code that an intruder in it would run.
 */
#ifndef SANDBOX_ATTEMPTS_H
#define SANDBOX_ATTEMPTS_H

#include <stddef.h>

/**
 * struct attempt - one of them
 * @name:	by which tests choose it
 * @run:	try it. Return: 0 when it worked, else an errno
 */
struct attempt {
	const char *name;
	int (*run)(const char *target);
};

/* Ended by one without a name. What @target is, a path or a process, is said beside each */
extern const struct attempt attempts[];

/** attempt_run() - try one by name. Return: as its run(); ENOENT for an unknown name */
int attempt_run(const char *name, const char *target);

#endif /* SANDBOX_ATTEMPTS_H */
