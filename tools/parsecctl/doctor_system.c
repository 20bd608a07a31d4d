// SPDX-License-Identifier: Apache-2.0
/*
 * What the system says of an installation: module, device node, kernel log.
 */
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
