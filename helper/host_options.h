/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of parsec-host.
 */
#ifndef PARSEC_HOST_OPTIONS_H
#define PARSEC_HOST_OPTIONS_H

#include <stdbool.h>

/**
 * struct host_options - what parsecd wants of a host
 * @config_fd:	where the configuration is read from
 * @config_name: what it is called
 * @provider:	name of the provider to serve
 * @provider_dir: overrides the configuration, or NULL
 * @ready_fd:	line to parsecd: gets a byte once requests are served, new rules come out;
 *		-1 = there is none
 * @describe:	say the UUID of the library and nothing else
 */
struct host_options {
	int config_fd;
	const char *config_name;
	const char *provider;
	const char *provider_dir;
	int ready_fd;
	bool describe;
};

/**
 * host_options_parse() - take the command line apart
 * @options:	result; its strings are those of @argv
 *
 * Return: false, after the usage on standard error, when something is wrong with it.
 */
bool host_options_parse(struct host_options *options, int argc, char **argv);

#endif /* PARSEC_HOST_OPTIONS_H */
