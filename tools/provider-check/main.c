// SPDX-License-Identifier: Apache-2.0
/*
 * parsec-provider-check: tries a provider as its host would, without the service, and
 * says in TAP what holds.
 */
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/config.h"
#include "helper/log.h"
#include "tools/provider-check/check.h"

static const char usage[] =
	"Usage: parsec-provider-check --provider LIBRARY [--config FILE] [OPTION...]\n"
	"Tries a provider and prints TAP. FILE is as parsecd.conf: the options of the first\n"
	"provider in it are used.\n"
	"	--keys N	make so many at a time rather than 1000\n"
	"	--seed N	of the inputs\n"
	"	--fault-command CMD	shell command: \"CMD break\" breaks the backend, \"CMD mend\"\n"
	"			mends it, \"CMD lose ID\" removes a key behind the provider's back\n"
	"	--sandbox	have it work in the sandbox of a host as well, with what FILE opens\n"
	"	--lossy		libraries of the backend may lose memory when there is none left\n"
	"	--quick		let no allocation fail, and have fewer rounds\n"
	"	--full		take the time for large primes, and for every row in every check\n"
	"	--bail		stop at the first thing that does not hold\n"
	"The provider's state directory is a new one in $TMPDIR or /tmp, and stays if the provider\n"
	"leaves something in it.\n"
	"Exit status: 0 all holds, 1 something does not, 2 nothing could be tried.\n";

static struct config *read_options(const char *path, struct check *check)
{
	FILE *file = fopen(path, "re");
	struct config *config;

	if (!file) {
		perror(path);
		return NULL;
	}
	config = config_load(file, path, stderr);
	fclose(file);
	if (!config)
		return NULL;
	check->options = config->providers[0].options;
	check->option_count = config->providers[0].option_count;
	return config;
}

static void check_all(struct check *check)
{
	struct subject never = { .id = "never was there" };

	check_table(check);
	check_unclaimed(check);
	if (check->plugin.ops->destroy)
		fact(subject_destroy(check, &never) == PARSEC_SUCCESS,
		     "destroying what never was there succeeds");
	check_random(check);
	for (size_t i = 0; i < check->plugin.caps.count; i++)
		check_row(check, &check->plugin.caps.rows[i]);
	check_attest(check);
	check_missing(check);
	check_list(check);
	check_leaks(check);
	if (!check->quick)
		check_memory(check);
	check_backend(check);
	check_reopen(check);
	check_restart(check);
	check_gate(check);
	check_threads(check);
	check_many(check);
}

static int start(struct check *check)
{
	const char *library = check->library;
	void *handle = NULL;

	check->ops = plugin_load(library, &handle);
	fact(check->ops, "it is a provider of this ABI");
	if (!check->ops ||
	    !fact(plugin_open(&check->plugin, check->ops, handle, check->options,
			      check->option_count, check->state_dir) == PARSEC_SUCCESS,
		  "it opens and its capabilities make sense"))
		return tap_end();
	check_all(check);
	plugin_close(&check->plugin);
	check_sandbox(check);
	check_lost();
	return tap_end();
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "provider", required_argument, NULL, 'p' },
		{ "config", required_argument, NULL, 'c' },
		{ "seed", required_argument, NULL, 's' },
		{ "keys", required_argument, NULL, 'k' },
		{ "fault-command", required_argument, NULL, 'F' },
		{ "sandbox", no_argument, NULL, 'S' },
		{ "lossy", no_argument, NULL, 'l' },
		{ "quick", no_argument, NULL, 'q' },
		{ "full", no_argument, NULL, 'f' },
		{ "bail", no_argument, NULL, 'b' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	static char state_dir[PATH_MAX];
	static struct check check = { .seed = 1, .keys = 1000,
		.state_dir = state_dir };
	const char *tmp = getenv("TMPDIR"), *path = NULL;
	struct config *config = NULL;
	bool sandbox = false;
	int option, status = 2;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'p')
			check.library = optarg;
		else if (option == 'c')
			path = optarg;
		else if (option == 's')
			check.seed = strtoull(optarg, NULL, 0);
		else if (option == 'k')
			check.keys = strtoull(optarg, NULL, 0);
		else if (option == 'F')
			check.fault_command = optarg;
		else if (option == 'S')
			sandbox = true;
		else if (option == 'l')
			check.lossy = true;
		else if (option == 'q')
			check.quick = true;
		else if (option == 'f')
			check.full = true;
		else if (option == 'b')
			tap_bail = true;
		else
			return fputs(usage, option == 'h' ? stdout : stderr), option == 'h' ? 0 : 2;
	}
	if (!check.library || optind != argc)
		return fputs(usage, stderr), 2;
	log_init("provider", PARSEC_LOG_ERROR, false);
	if (path) {
		config = read_options(path, &check);
		if (!config)
			return 2;
	}
	snprintf(state_dir, sizeof(state_dir), "%s/parsec-provider-check-XXXXXX",
		 tmp && *tmp ? tmp : "/tmp");
	if (mkdtemp(state_dir)) {
		if (sandbox)
			sandbox_prepare(&check, config ? config->providers : NULL);
		status = start(&check);
		/* What a provider has left there stays, to be looked at */
		rmdir(state_dir);
	} else {
		perror(state_dir);
	}
	config_free(config);
	return status;
}
