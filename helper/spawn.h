/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting a provider host: what it gets from the supervisor, and nothing else.
 */
#ifndef PARSEC_SPAWN_H
#define PARSEC_SPAWN_H

#include <sys/types.h>

#include "helper/config_file.h"

/**
 * struct spawn - how to start a host
 * @program:	parsec-host
 * @name:	of the provider, or CONFIG_CORE_NAME
 * @file:	the configuration, of which it gets its part
 * @provider_dir: overrides the configuration's; NULL: does not
 * @describe:	it is to say the UUID of its library and end, without a word in the log
 */
struct spawn {
	const char *program;
	const char *name;
	const struct config_file *file;
	const char *provider_dir;
	bool describe;
};

/**
 * spawn_host() - start a host
 * @spawn:	see above
 * @pid:	its process
 * @ready_fd:	a socket that is not waited for: the host writes a byte 'R' into the other
 *		end once it serves; and once for each configuration that it gets there
 *		later on, any other byte when it refuses it
 *
 * With @describe it writes the UUID instead, or nothing when it cannot.
 *
 * It has standard error (also as standard output), /dev/null as standard input, the
 * configuration as 3 and the other end as 4; a clean environment, a session of its
 * own, the root folder, and dies when the caller dies.
 *
 * Return: false after a log line; @pid and @ready_fd are as they were.
 */
bool spawn_host(const struct spawn *spawn, pid_t *pid, int *ready_fd);

#endif /* PARSEC_SPAWN_H */
