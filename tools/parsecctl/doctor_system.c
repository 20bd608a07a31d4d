// SPDX-License-Identifier: Apache-2.0
/*
 * What the system says of an installation: module, device node, processes, kernel log.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor.h"

/* Least important level of the kernel's log that is a complaint: errors */
#define KERN_ERR_LEVEL	3

static void check_node(struct doctor *doctor)
{
	const char *path = ctl_device(doctor->ctl);
	struct stat st;

	if (stat(path, &st))
		doctor_say(doctor, FOUND_PROBLEM, "device",
			   "load the module: \"sudo modprobe parsec\"", "%s: %s", path,
			   strerror(errno));
	else if (!S_ISCHR(st.st_mode))
		doctor_say(doctor, FOUND_PROBLEM, "device", "remove what is in its place",
			   "%s is not a device", path);
	else if ((st.st_mode & 0666) != 0666)
		doctor_say(doctor, FOUND_OK, "device", NULL,
			   "%s, mode %03o: not for everybody", path, st.st_mode & 0777);
	else
		doctor_say(doctor, FOUND_OK, "device", NULL, "%s, mode %03o", path,
			   st.st_mode & 0777);
}

void doctor_module(struct doctor *doctor)
{
	if (access("/sys/module/parsec", F_OK))
		doctor_say(doctor, FOUND_PROBLEM, "module",
			   "load it: \"sudo modprobe parsec\"", "not loaded");
	else
		doctor_say(doctor, FOUND_OK, "module", NULL, "loaded");
	check_node(doctor);
}

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

static bool read_file(const char *format, const char *pid, char *text, size_t size)
{
	char path[64];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), format, pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	got = read(fd, text, size - 1);
	close(fd);
	text[got > 0 ? got : 0] = '\0';
	return got > 0;
}

/* Return: false after saying what a host may do that it must not; counts in @filtered */
static bool check_host(struct doctor *doctor, const char *pid, unsigned int *filtered)
{
	unsigned long long caps, no_new, uid, seccomp;
	char status[4096];

	if (!read_file("/proc/%s/status", pid, status, sizeof(status)))
		return true;	/* it has just ended */
	if (!status_value(status, "CapPrm", &caps) ||
	    !status_value(status, "NoNewPrivs", &no_new) ||
	    !status_value(status, "Uid", &uid) ||
	    !status_value(status, "Seccomp", &seccomp))
		return true;
	if (!uid || caps || !no_new) {
		doctor_say(doctor, FOUND_PROBLEM, "hosts",
			   "restart the service, and look at its log",
			   "process %s runs with more rights than it needs", pid);
		return false;
	}
	*filtered += seccomp != 0;
	return true;
}

static int is_process(const struct dirent *entry)
{
	return isdigit((unsigned char)entry->d_name[0]);
}

void doctor_hosts(struct doctor *doctor)
{
	unsigned int hosts = 0, filtered = 0;
	struct dirent **entries;
	char comm[32];
	bool good = true;
	int count = scandir("/proc", &entries, is_process, alphasort);

	for (int i = 0; i < count; i++) {
		if (read_file("/proc/%s/comm", entries[i]->d_name, comm, sizeof(comm)) &&
		    !strcmp(comm, "parsec-host\n")) {
			hosts++;
			good = check_host(doctor, entries[i]->d_name, &filtered) && good;
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	if (!hosts)
		doctor_say(doctor, FOUND_UNKNOWN, "hosts", NULL, "no process of theirs is seen here");
	else if (good)
		doctor_say(doctor, FOUND_OK, "hosts", NULL, "%u processes without privileges, %u with a "
			   "filter of system calls", hosts, filtered);
}

void doctor_kernel_log(struct doctor *doctor)
{
	char record[8192], last[160] = "";
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	unsigned int complaints = 0;
	ssize_t got;

	if (fd < 0) {
		doctor_say(doctor, FOUND_UNKNOWN, "kernel log", NULL, "%s", strerror(errno));
		return;
	}
	/* EPIPE: some were overwritten before they were read */
	while ((got = read(fd, record, sizeof(record) - 1)) > 0 || errno == EPIPE) {
		char *text;

		if (got <= 0)
			continue;
		record[got] = '\0';
		text = strchr(record, ';');
		if (!text || (strtoul(record, NULL, 10) & 7) > KERN_ERR_LEVEL ||
		    !strstr(text, "parsec"))
			continue;
		complaints++;
		snprintf(last, sizeof(last), "%.*s", (int)strcspn(text + 1, "\n"), text + 1);
	}
	close(fd);
	if (complaints)
		doctor_say(doctor, FOUND_PROBLEM, "kernel log", "report it, with \"dmesg\"",
			   "%u complaints, the last one: %s", complaints, last);
	else
		doctor_say(doctor, FOUND_OK, "kernel log", NULL, "no complaints");
}
