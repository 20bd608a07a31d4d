/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor: which hosts there should be, and bringing that about.
 */
#ifndef PARSEC_SUPERVISOR_H
#define PARSEC_SUPERVISOR_H

#include "helper/config_file.h"

/* How parsec-host ends when starting it again at once is of no use */
#define HOST_EXIT_REFUSED	3	/* its configuration or its provider is no good */
#define HOST_EXIT_NO_MODULE	4	/* the kernel does not know the device */

/* Milliseconds */
#define SUPERVISOR_RETRY_MIN	100	/* before a host that died is started again */
#define SUPERVISOR_RETRY_MAX	10000
#define SUPERVISOR_UPDATE_TIME	10000	/* for a host to take new rules */
#ifndef SUPERVISOR_START_TIME		/* a test has less time */
#define SUPERVISOR_START_TIME	30000	/* for a host to get ready; twice that for the next */
#define SUPERVISOR_ALIVE	10000	/* of serving, after which it counts as well again */
#endif
#define SUPERVISOR_START_MAX	240000
/* For hosts to stop, first core, then the others. Twice this is less than the kernel's
 * grace period, within which a restarted helper goes on without a caller noticing
 */
#define SUPERVISOR_STOP_TIME	2000
/* Between looks for a module that is not there */
#define SUPERVISOR_MODULE_MIN	250
#define SUPERVISOR_MODULE_MAX	2000

/**
 * supervisor_run() - start the hosts and keep them running until told to stop
 * @file:	the configuration; taken over
 * @program:	parsec-host
 * @provider_dir: overrides the configuration's; NULL: does not
 *
 * Blocks the signals that it waits for: SIGTERM and SIGINT stop, SIGHUP reads the
 * configuration again.
 *
 * Return: exit status of the process.
 */
int supervisor_run(struct config_file *file, const char *program,
		   const char *provider_dir);

#endif /* PARSEC_SUPERVISOR_H */
