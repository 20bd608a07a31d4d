/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting a provider host: what it gets from the supervisor, and nothing else.
 */
#ifndef PARSEC_SPAWN_H
#define PARSEC_SPAWN_H

#include <sys/types.h>

/**
 * struct spawn - how to start a host
 * @program:	parsec-host
 * @name:	of the provider, or CONFIG_CORE_NAME
 * @config_fd:	the configuration, from config_file_for_host()
 * @config_name: what the file is called in messages
 * @provider_dir: overrides the configuration's; NULL: does not
 */
struct spawn {
	const char *program;
	const char *name;
	int config_fd;
	const char *config_name;
	const char *provider_dir;
};

/**
 * spawn_host() - start a host
 * @spawn:	see above
 * @ready_fd:	a socket that is not waited for: the host writes a byte 'R' into the other
 *		end once it serves; and once for each configuration that it gets there
 *		later on, any other byte when it refuses it
 *
 * It has standard error (also as standard output), /dev/null as standard input, the
 * configuration as 3 and the other end as 4; a clean environment, a session of its
 * own, the root folder, and dies when the caller dies.
 *
 * Return: process id, or -1 after a log line.
 */
pid_t spawn_host(const struct spawn *spawn, int *ready_fd);

#endif /* PARSEC_SPAWN_H */
