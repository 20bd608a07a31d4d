// SPDX-License-Identifier: Apache-2.0
/*
 * The command line of parsec-host. Only parsecd writes one, so all mistakes are one.
 */
#include "helper/host_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

/* Return: false when it is none */
static bool parse_fd(const char *text, int *fd)
{
	char *end;
	long number = strtol(text, &end, 10);

	if (end == text || *end || number < 0 || number > 1 << 20)
		return false;
	*fd = (int)number;
	return true;
}

static bool parse(struct host_options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{ "config-fd", required_argument, NULL, 'c' },
		{ "config-name", required_argument, NULL, 'n' },
		{ "provider", required_argument, NULL, 'p' },
		{ "provider-dir", required_argument, NULL, 'd' },
		{ "ready-fd", required_argument, NULL, 'r' },
		{ "describe", no_argument, NULL, 'D' },
		{ 0 },
	};
	bool good = true;
	int option;

	while (good && (option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 'c':
			good = parse_fd(optarg, &options->config_fd);
			break;
		case 'n':
			options->config_name = optarg;
			break;
		case 'p':
			options->provider = optarg;
			break;
		case 'd':
			options->provider_dir = optarg;
			break;
		case 'r':
			good = parse_fd(optarg, &options->ready_fd);
			break;
		case 'D':
			options->describe = true;
			break;
		default:
			good = false;
		}
	}
	return good && optind == argc && options->config_fd >= 0 && options->provider;
}

bool host_options_parse(struct host_options *options, int argc, char **argv)
{
	*options = (struct host_options){
		.config_fd = -1, .config_name = "configuration", .ready_fd = -1,
	};
	if (parse(options, argc, argv))
		return true;
	fputs("usage: parsec-host --config-fd FD --config-name FILE --provider NAME\n"
	      "                   [--provider-dir DIR] [--ready-fd FD] [--describe]\n"
	      "parsecd starts it; see parsecd(8)\n", stderr);
	return false;
}
