// SPDX-License-Identifier: Apache-2.0
/*
 * parsecd: the command line, and giving up what the supervisor does not need.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/config_file.h"
#include "helper/instance.h"
#include "helper/log.h"
#include "helper/privileges.h"
#include "helper/sandbox.h"
#include "helper/sd.h"
#include "helper/supervisor.h"
#include "helper/uuid_clash.h"

#define EXIT_MISUSE	2
#define HOST_PROGRAM	"parsec-host"

/* Hosts start with these: to make directories, to register, to become the user for good */
#define HOST_CAPABILITIES	(CAPABILITY(CAP_CHOWN) | CAPABILITY(CAP_NET_ADMIN) | \
				 CAPABILITY(CAP_SETGID) | CAPABILITY(CAP_SETPCAP) | \
				 CAPABILITY(CAP_SETUID))
/* The supervisor signals processes that are the user's by then */
#define OWN_CAPABILITIES	CAPABILITY(CAP_KILL)

/**
 * struct arguments - the command line
 * @config:	path of the configuration
 * @host:	path of parsec-host, NULL: not given
 * @provider_dir: NULL: not given
 * @check:	only say whether the configuration is good
 * @dump:	only write it
 */
struct arguments {
	const char *config;
	const char *host;
	const char *provider_dir;
	bool check;
	bool dump;
};

static const char usage[] =
	"usage: parsecd [OPTION]...\n"
	"\n"
	"Starts the processes that serve /dev/parsec and keeps them running.\n"
	"\n"
	"  --config FILE       configuration (default: " CONFIG_PATH_DEFAULT ")\n"
	"  --check-config      say what is wrong with the configuration and exit\n"
	"  --dump-config       write the configuration in effect and exit\n"
	"  --host FILE         the program parsec-host\n"
	"  --provider-dir DIR  where libraries of providers are\n"
	"  --version           write the version and exit\n"
	"  --help              write this and exit\n"
	"\n"
	"Signals: SIGHUP reads the configuration again, SIGTERM and SIGINT end.\n"
	"Exit status: 0 ended by a signal, 1 cannot run, 2 wrong usage.\n"
	"\n"
	"See parsecd(8) and parsecd.conf(5).\n";

static void __attribute__((noreturn)) misuse(const char *what, const char *argument)
{
	fprintf(stderr, "parsecd: %s %s (--help tells)\n", what, argument);
	exit(EXIT_MISUSE);
}

static void parse_arguments(struct arguments *arguments, int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check-config", no_argument, NULL, 'k' },
		{ "dump-config", no_argument, NULL, 'd' },
		{ "host", required_argument, NULL, 'H' },
		{ "provider-dir", required_argument, NULL, 'p' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	int option;

	*arguments = (struct arguments){ .config = CONFIG_PATH_DEFAULT };
	while ((option = getopt_long(argc, argv, "+:", options, NULL)) >= 0) {
		switch (option) {
		case 'c':
			arguments->config = optarg;
			break;
		case 'k':
			arguments->check = true;
			break;
		case 'd':
			arguments->dump = true;
			break;
		case 'H':
			arguments->host = optarg;
			break;
		case 'p':
			arguments->provider_dir = optarg;
			break;
		case 'V':
			puts("parsecd " PARSEC_VERSION);
			exit(EXIT_SUCCESS);
		case 'h':
			fputs(usage, stdout);
			exit(EXIT_SUCCESS);
		case ':':
			misuse("a value is missing after", argv[optind - 1]);
		default:
			misuse("unknown option", argv[optind - 1]);
		}
	}
	if (optind < argc)
		misuse("unexpected argument", argv[optind]);
	if (arguments->provider_dir && *arguments->provider_dir != '/')
		misuse("--provider-dir wants an absolute path, not", arguments->provider_dir);
}

/* Standard descriptors are taken, so that no other file becomes one of them */
static void open_standard_descriptors(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* parsec-host: as given, or else beside this program */
static const char *host_program(const char *given)
{
	static char path[PATH_MAX + sizeof(HOST_PROGRAM)];
	const char *program = realpath(given ?: "/proc/self/exe", path);

	if (program && !given)
		strcpy(strrchr(path, '/') + 1, HOST_PROGRAM);
	if (!program || access(path, X_OK)) {
		log_error("%s cannot be run: %m", program ? path : given ?: HOST_PROGRAM);
		return NULL;
	}
	return path;
}

/* What only a look into the libraries shows, and the same rights for it as in service */
static bool is_usable(const struct arguments *arguments, const struct config_file *file,
		      const char *program)
{
	return program &&
	       privileges_limit(HOST_CAPABILITIES | OWN_CAPABILITIES, OWN_CAPABILITIES) &&
	       sandbox_supervisor(file->config->sandbox) &&
	       uuids_are_distinct(file, program, arguments->provider_dir, stderr);
}

static int run(const struct arguments *arguments, struct config_file *file)
{
	const char *program;
	bool usable;

	log_init("parsecd", file->config->log_level, file->config->log_details);
	umask(077);
	program = host_program(arguments->host);
	memory_limit_lift();
	memory_lock();		/* as far as it can: its hosts say so when they cannot */
	usable = is_usable(arguments, file, program);
	if (usable && !arguments->check &&
	    instance_claim(file->config->state_dir, file->config->takeover)) {
		sd_init();
		return supervisor_run(file, program, arguments->provider_dir);
	}
	config_file_free(file);
	return usable && arguments->check ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int dump(struct config_file *file)
{
	config_dump(file->config, stdout);
	config_file_free(file);
	if (fflush(stdout)) {
		fprintf(stderr, "parsecd: standard output: %s\n", strerror(errno));
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct arguments arguments;
	struct config_file *file;

	open_standard_descriptors();
	parse_arguments(&arguments, argc, argv);
	file = config_file_read(arguments.config, stderr);
	if (!file)
		return EXIT_FAILURE;
	return arguments.dump ? dump(file) : run(&arguments, file);
}
