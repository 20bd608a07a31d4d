// SPDX-License-Identifier: Apache-2.0
/*
 * The processes of the service: does each run as the configuration says, and without
 * what it does not need?
 *
 * The kernel shows everybody the rights of a process and whether its system calls are
 * filtered. It does not show what Landlock keeps it from; but a host that is to be locked
 * in enters the one after the other, so the filter tells of both, and the kernel tells
 * which level of Landlock it has.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "doctor.h"

/* struct host_process - one of a host: its number in /proc, the host, what the kernel says */
struct host_process {
	const char *pid;
	char what[80];
	const struct doctor_host *host;
	unsigned long long uid;
	unsigned long long capabilities;
	unsigned long long no_new_privs;
	unsigned long long seccomp;
};

/* A line of /proc/PID/status. Return: false when there is none */
static bool status_value(const char *status, const char *name, unsigned long long *value)
{
	size_t len = strlen(name);
	const char *line = status;

	while (line && (strncmp(line, name, len) || line[len] != ':')) {
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	if (!line)
		return false;
	*value = strtoull(line + len + 1, NULL, strncmp(name, "Cap", 3) ? 10 : 16);
	return true;
}

/* Return: how many bytes there are, before a '\0' */
static size_t read_file(const char *pid, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? 0 : read(fd, text, size - 1);
	if (fd >= 0)
		close(fd);
	if (got < 0)
		got = 0;
	text[got] = '\0';
	return (size_t)got;
}

/* Which host is it? That is in its arguments; in the configuration there may be none */
static void find_host(const struct doctor *doctor, struct host_process *process)
{
	char arguments[1024];
	const char *end = arguments + read_file(process->pid, "cmdline", arguments,
						sizeof(arguments));
	const char *name = "?";
	bool next = false;

	for (const char *word = arguments; word < end; word += strlen(word) + 1) {
		if (next)
			name = word;
		next = !strcmp(word, "--provider");
	}
	snprintf(process->what, sizeof(process->what), "host %.63s", name);
	for (size_t i = 0; i < doctor->host_count; i++)
		if (!strcmp(doctor->hosts[i].name, name))
			process->host = &doctor->hosts[i];
}

/* Return: false when the process has just ended */
static bool look_at(struct host_process *process)
{
	char status[4096];

	return read_file(process->pid, "status", status, sizeof(status)) &&
	       status_value(status, "Uid", &process->uid) &&
	       status_value(status, "CapPrm", &process->capabilities) &&
	       status_value(status, "NoNewPrivs", &process->no_new_privs) &&
	       status_value(status, "Seccomp", &process->seccomp);
}

/* It has what the configuration cannot give it: nothing to compare with */
static bool has_rights(struct doctor *doctor, const struct host_process *process)
{
	if (process->uid && !process->capabilities && process->no_new_privs)
		return false;
	doctor_say(doctor, FOUND_PROBLEM, process->what,
		   "restart the service, and look at its log",
		   "process %s runs with more rights than it needs", process->pid);
	return true;
}

static bool is_other_user(struct doctor *doctor, const struct host_process *process)
{
	const char *name = *process->host->user ? process->host->user : doctor->hosts[0].user;
	const struct passwd *user = getpwnam(name);

	if (user && user->pw_uid == process->uid)
		return false;
	doctor_say(doctor, FOUND_PROBLEM, process->what, "restart the service",
		   "process %s is of user %llu and not of %s, as configured", process->pid,
		   process->uid, name);
	return true;
}

static bool is_not_locked_in(struct doctor *doctor, const struct host_process *process)
{
	if (strcmp(doctor->sandbox, "required") || process->seccomp == SECCOMP_MODE_FILTER)
		return false;
	doctor_say(doctor, FOUND_PROBLEM, process->what, "restart the service",
		   "process %s is not locked in, as configured (sandbox = %s)", process->pid,
		   doctor->sandbox);
	return true;
}

/* What its sandbox consists of */
static const char *locks(const struct host_process *process, char *text, size_t size)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
			   LANDLOCK_CREATE_RULESET_VERSION);

	if (process->seccomp != SECCOMP_MODE_FILTER)
		snprintf(text, size, "not locked in");
	else if (abi < 1)
		snprintf(text, size, "system calls filtered, files not (no Landlock)");
	else
		snprintf(text, size, "system calls filtered, files by Landlock %ld", abi);
	return text;
}

static void check_process(struct doctor *doctor, const char *pid)
{
	struct host_process process = { .pid = pid };
	char text[64];

	if (!look_at(&process))
		return;
	find_host(doctor, &process);
	if (has_rights(doctor, &process) ||
	    (process.host && (is_other_user(doctor, &process) ||
			      is_not_locked_in(doctor, &process))))
		return;
	doctor_say(doctor, FOUND_OK, process.what, NULL, "user %llu, no privileges, %s",
		   process.uid, locks(&process, text, sizeof(text)));
}

static int is_process(const struct dirent *entry)
{
	return isdigit((unsigned char)entry->d_name[0]);
}

void doctor_hosts(struct doctor *doctor)
{
	struct dirent **entries;
	char comm[32];
	bool seen = false;
	int count = scandir("/proc", &entries, is_process, versionsort);

	for (int i = 0; i < count; i++) {
		if (read_file(entries[i]->d_name, "comm", comm, sizeof(comm)) &&
		    !strcmp(comm, "parsec-host\n")) {
			seen = true;
			check_process(doctor, entries[i]->d_name);
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	if (!seen)
		doctor_say(doctor, FOUND_UNKNOWN, "hosts", NULL,
			   "no process of theirs is seen here");
}
