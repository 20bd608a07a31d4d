// SPDX-License-Identifier: Apache-2.0
/*
 * parsecd and its hosts, as a whole.
 */
#include "selftests/deaths/service.h"

#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "selftests/device/device.h"

static pid_t parsecd;

bool service_start(const char *config)
{
	parsecd = fork();
	if (parsecd)
		return parsecd > 0;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execl(BUILD_DIR "/helper/parsecd", "parsecd", "--config", config, "--provider-dir",
	      BUILD_DIR "/selftests/deaths", NULL);
	_exit(127);
}

bool service_stop(void)
{
	int status;

	return !kill(parsecd, SIGTERM) && waitpid(parsecd, &status, 0) == parsecd &&
	       WIFEXITED(status) && !WEXITSTATUS(status);
}

void service_kill(void)
{
	kill(parsecd, SIGKILL);
	waitpid(parsecd, NULL, 0);
}

/* Is it a host, and of this provider? NULL: of any */
static bool is_host(const char *pid, const char *provider)
{
	char path[300], line[1024] = "", wanted[80];
	int len, wanted_len;

	snprintf(path, sizeof(path), "/proc/%s/cmdline", pid);
	len = read_file(path, line, sizeof(line));
	if (len <= 0 || strcmp(line, "parsec-host"))
		return false;
	if (!provider)
		return true;
	wanted_len = snprintf(wanted, sizeof(wanted), "--provider%c%s", 0, provider) + 1;
	return memmem(line, (size_t)len, wanted, (size_t)wanted_len);
}

/* The next host in /proc, 0 at the end */
static pid_t next_host(DIR *dir, const char *provider)
{
	struct dirent *entry;

	while ((entry = readdir(dir)))
		if (isdigit((unsigned char)*entry->d_name) && is_host(entry->d_name, provider))
			return atoi(entry->d_name);
	return 0;
}

pid_t service_host(const char *provider)
{
	DIR *dir = opendir("/proc");
	pid_t pid = dir ? next_host(dir, provider) : 0;

	if (dir)
		closedir(dir);
	return pid;
}

int service_kill_hosts(void)
{
	DIR *dir = opendir("/proc");
	int count = 0;
	pid_t pid;

	if (!dir)
		return 0;
	while ((pid = next_host(dir, NULL)))
		count += !kill(pid, SIGKILL);
	closedir(dir);
	return count;
}
