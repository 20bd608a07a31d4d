// SPDX-License-Identifier: Apache-2.0
/*
 * The stand-in for parsec-host.
 */
#include "selftests/unit/fake_host.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "helper/config.h"
#include "helper/supervisor.h"

static int events = -1;
static const char *name;

static void event(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void event(const char *format, ...)
{
	struct timespec now;
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	clock_gettime(CLOCK_MONOTONIC, &now);
	dprintf(events, "%s %s %lld\n", name, text,
		now.tv_sec * 1000LL + now.tv_nsec / 1000000);
}

static const char *argument(int argc, char **argv, const char *option)
{
	for (int i = 1; i + 1 < argc; i++)
		if (!strcmp(argv[i], option))
			return argv[i + 1];
	return "";
}

/* Tell what the supervisor gave us */
static void inspect(int argc, char **argv, const struct config *config)
{
	DIR *dir = opendir("/proc/self/fd");
	int death_signal = 0;
	sigset_t mask;
	char cwd[64];

	for (int i = 0; i < argc; i++)
		event("argument %s", argv[i]);
	for (char **variable = environ; *variable; variable++)
		event("environment %s", *variable);
	for (struct dirent *entry; (entry = readdir(dir));)
		if (*entry->d_name != '.' && atoi(entry->d_name) != dirfd(dir) &&
		    atoi(entry->d_name) != events)
			event("descriptor %s", entry->d_name);
	closedir(dir);
	for (size_t i = 0; i < config->provider_count; i++)
		for (size_t j = 0; j < config->providers[i].option_count; j++)
			event("option %s.%s in line %u", config->providers[i].name,
			      config->providers[i].options[j].name,
			      config->providers[i].options[j].line);
	prctl(PR_GET_PDEATHSIG, &death_signal);
	event("death signal %d", death_signal);
	event("session %s", getsid(0) == getpid() ? "own" : "inherited");
	event("folder %s", getcwd(cwd, sizeof(cwd)));
	sigprocmask(SIG_BLOCK, NULL, &mask);
	event("SIGTERM %s", sigismember(&mask, SIGTERM) ? "blocked" : "open");
	event("process %d", getpid());
}

static struct config *load(int fd)
{
	FILE *file = fdopen(fd, "r");
	struct config *config = file ? config_load(file, "fake", stderr) : NULL;

	/* It stays open, so that inspect() sees the descriptor as it came */
	if (!config)
		exit(HOST_EXIT_REFUSED);
	return config;
}

static void read_behaviour(const char *state_dir, char behaviour[static 16])
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", state_dir, name);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%15s", behaviour) != 1)
		strcpy(behaviour, "ready");
	if (file)
		fclose(file);
}

static volatile sig_atomic_t stopped;

static void on_term(int number)
{
	stopped = number;
}

static bool refuses_rules, answers_at_end;

static void take_rules(struct pollfd *line)
{
	static char text[CONFIG_TEXT_MAX];
	ssize_t len = recv(line->fd, text, sizeof(text), 0);
	struct config *config;

	if (len <= 0) {
		line->fd = -1;
		return;
	}
	config = config_load_text(text, (size_t)len, "fake", stderr);
	event("rules %zu", config ? config->rule_count : 0);
	if (!answers_at_end && write(line->fd, config && !refuses_rules ? "R" : "E", 1) != 1)
		event("unheard");
	config_free(config);
}

static void serve(int ready_fd)
{
	struct pollfd line = { .fd = ready_fd, .events = POLLIN };
	sigset_t term, old;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, &old);
	signal(SIGTERM, on_term);
	/* Before the byte, that the test's order of events is the true one */
	event("ready");
	if (write(ready_fd, "R", 1) != 1)
		event("unheard");
	while (!stopped)
		if (ppoll(&line, 1, NULL, &old) > 0)
			take_rules(&line);
	if (answers_at_end) {
		if (write(ready_fd, "R", 1) != 1)
			event("unheard");
		usleep(300000);
	}
	event("stop");
}

/* Exit status of a host that behaves like this */
static int behave(const char *behaviour, int argc, char **argv, const struct config *config)
{
	int ready_fd = atoi(argument(argc, argv, "--ready-fd"));

	event("start");
	if (!strcmp(behaviour, "die"))
		return 1;
	if (!strcmp(behaviour, "refuse"))
		return HOST_EXIT_REFUSED;
	if (!strcmp(behaviour, "nomodule"))
		return HOST_EXIT_NO_MODULE;
	if (!strcmp(behaviour, "inspect"))
		inspect(argc, argv, config);
	refuses_rules = !strcmp(behaviour, "fixed");
	answers_at_end = !strcmp(behaviour, "tardy");
	if (!strcmp(behaviour, "slow"))
		usleep(300000);
	if (!strcmp(behaviour, "stubborn")) {
		signal(SIGTERM, SIG_IGN);
		event("ready");
		if (write(ready_fd, "R", 1) == 1)
			pause();
	}
	if (!strcmp(behaviour, "brief"))
		return write(ready_fd, "R", 1) == 1;
	serve(ready_fd);
	return 0;
}

/* What is in NAME.uuid, if that is there; "hang" is to say nothing for ever */
static int say_uuid(const char *state_dir, int ready_fd)
{
	char path[256], uuid[64] = "";
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.uuid", state_dir, name);
	file = fopen(path, "r");
	if (!file || !fgets(uuid, sizeof(uuid), file))
		return HOST_EXIT_REFUSED;
	fclose(file);
	if (!strcmp(uuid, "hang"))
		pause();
	return write(ready_fd, uuid, strlen(uuid)) < 0;
}

int fake_host(int argc, char **argv)
{
	struct config *config;
	char behaviour[16];
	char path[256];
	int status;

	name = argument(argc, argv, "--provider");
	config = load(atoi(argument(argc, argv, "--config-fd")));
	if (!strcmp(argv[argc - 1], "--describe"))
		return say_uuid(config->state_dir, atoi(argument(argc, argv, "--ready-fd")));
	snprintf(path, sizeof(path), "%s/events", config->state_dir);
	events = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	read_behaviour(config->state_dir, behaviour);
	status = behave(behaviour, argc, argv, config);
	config_free(config);
	return status;
}
