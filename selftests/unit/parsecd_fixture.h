/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of the supervisor begin with: a folder, a parsecd that runs the test
 * itself as its hosts (fake_host.h), and what they said. Included once by each of them,
 * after the harness.
 */
#ifndef UNIT_PARSECD_FIXTURE_H
#define UNIT_PARSECD_FIXTURE_H

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "selftests/unit/fake_host.h"

#define PATIENCE	20000	/* milliseconds for something to happen */
#define SHOWS		400	/* in which something would have happened */

#define SOFTWARE	"[provider software]\nlibrary = x\nid = 1\n"
#define TPM		"[provider tpm]\nlibrary = y\nid = 3\n"

FIXTURE(parsecd) {
	char dir[32];
	char text[65536];
	pid_t pid;
	int notify;
};

typedef FIXTURE_DATA(parsecd) fixture;

FIXTURE_SETUP(parsecd)
{
	strcpy(self->dir, "/tmp/parsecd-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	self->notify = -1;
	/* Should this process die, parsecd goes too, and with it the hosts */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static inline int stop(fixture *self, int number)
{
	int status = -1;

	if (self->pid > 0) {
		kill(self->pid, number);
		waitpid(self->pid, &status, 0);
	}
	self->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

FIXTURE_TEARDOWN(parsecd)
{
	char command[64];
	int tries = 10;

	stop(self, SIGKILL);
	snprintf(command, sizeof(command), "rm -rf %s", self->dir);
	/* Hosts that are dying may still write there */
	while (system(command) && --tries)
		usleep(50000);
	EXPECT_LT(0, tries);
}

static inline void put(fixture *self, const char *name, const char *text)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", self->dir, name);
	file = fopen(path, "w");
	fputs(text, file);
	fchmod(fileno(file), 0600);
	fclose(file);
}

/* Configuration: [core] with our folder, then @text, which may go on with [core] */
static inline void configure(fixture *self, const char *text)
{
	char all[1024];

	snprintf(all, sizeof(all), "[core]\nstate_dir = %s\n%s", self->dir, text);
	put(self, "conf", all);
}

static inline const char *get(fixture *self, const char *name)
{
	char path[64];
	size_t len = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", self->dir, name);
	file = fopen(path, "r");
	if (file) {
		len = fread(self->text, 1, sizeof(self->text) - 1, file);
		fclose(file);
	}
	self->text[len] = '\0';
	return self->text;
}

static inline int count(const char *text, const char *part)
{
	int found = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		found++;
	return found;
}

static inline int events(fixture *self, const char *event)
{
	return count(get(self, "events"), event);
}

static inline int logged(fixture *self, const char *message)
{
	return count(get(self, "log"), message);
}

/* Wait until @name has @part @times */
static inline bool comes(fixture *self, const char *name, const char *part, int times)
{
	for (int i = 0; i < PATIENCE / 10; i++) {
		if (count(get(self, name), part) >= times)
			return true;
		usleep(10000);
	}
	return false;
}

static inline bool event_comes(fixture *self, const char *event, int times)
{
	return comes(self, "events", event, times);
}

/* Milliseconds of event number @nth, from 0 */
static inline long long time_of(fixture *self, const char *event, int nth)
{
	const char *found = get(self, "events") - 1;

	for (int i = 0; i <= nth && found; i++)
		found = strstr(found + 1, event);
	return found ? atoll(found + strlen(event)) : -1;
}

/* The process that @host, which inspects what it is given, had last; 0: none */
static inline pid_t last_process(fixture *self, const char *host)
{
	char event[64];
	pid_t pid = 0;

	snprintf(event, sizeof(event), "%s process ", host);
	for (const char *pos = get(self, "events"); (pos = strstr(pos, event));)
		pid = atoi(pos += strlen(event));
	return pid;
}

/*
 * The search for leaks traces the process that ends, and the filter of system calls ends
 * who does that. So there is none in hosts, which are this program with no environment
 * to tell them, nor in parsecd.
 */
#ifdef __SANITIZE_ADDRESS__
__attribute__((visibility("default"))) const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

static inline void run(fixture *self)
{
	char config[64], log[64], host[256];
	int fd;

	snprintf(config, sizeof(config), "%s/conf", self->dir);
	snprintf(log, sizeof(log), "%s/log", self->dir);
	self->pid = fork();
	if (self->pid)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	setenv("SECRET_OF_THE_SHELL", "1", 1);
	setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
	host[readlink("/proc/self/exe", host, sizeof(host) - 1)] = '\0';
	execl(PARSECD, PARSECD, "--config", config, "--host", host, NULL);
	_exit(126);
}

/* The harness's, but for hosts */
int main(int argc, char **argv)
{
	if (!strcmp(argv[0], "parsec-host"))
		return fake_host(argc, argv);
	return test_harness_run(argc, argv);
}

#endif /* UNIT_PARSECD_FIXTURE_H */
