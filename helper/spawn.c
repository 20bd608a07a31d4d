// SPDX-License-Identifier: Apache-2.0
/*
 * From fork to exec of a provider host.
 */
#include "helper/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "helper/log.h"

/* Descriptors of a host beside the three standard ones, see run_host() */
#define CONFIG_FD	3
#define READY_FD	4
#define FIRST_CLOSED_FD	5

#define EXIT_NOT_RUN	127	/* as a shell has it */

static bool arrange_descriptors(int config_fd, int ready_fd, bool quiet)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* Out of the way first: they may have each other's number */
	config_fd = fcntl(config_fd, F_DUPFD_CLOEXEC, FIRST_CLOSED_FD);
	ready_fd = fcntl(ready_fd, F_DUPFD_CLOEXEC, FIRST_CLOSED_FD);
	return null >= 0 && config_fd >= 0 && ready_fd >= 0 &&
	       dup2(null, STDIN_FILENO) >= 0 &&
	       (!quiet || dup2(null, STDERR_FILENO) >= 0) &&
	       dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 &&
	       dup2(config_fd, CONFIG_FD) >= 0 && dup2(ready_fd, READY_FD) >= 0 &&
	       !close_range(FIRST_CLOSED_FD, ~0u, 0);
}

static void __attribute__((noreturn)) run_host(const struct spawn *spawn, int config_fd,
					       int ready_fd, pid_t parent)
{
	const char *arguments[] = {
		"parsec-host", "--config-fd", "3", "--config-name", spawn->file->path,
		"--provider", spawn->name, "--ready-fd", "4", NULL, NULL, NULL, NULL
	};
	size_t count = 9;
	/* Only what lets the log tell a journal from a terminal is passed on */
	const char *stream = secure_getenv("JOURNAL_STREAM");
	char journal[80];
	const char *environment[] = {
		"PATH=/usr/sbin:/usr/bin:/sbin:/bin", stream ? journal : NULL, NULL
	};
	sigset_t none;

	if (spawn->describe)
		arguments[count++] = "--describe";
	if (spawn->provider_dir) {
		arguments[count++] = "--provider-dir";
		arguments[count] = spawn->provider_dir;
	}
	snprintf(journal, sizeof(journal), "JOURNAL_STREAM=%s", stream ?: "");
	sigemptyset(&none);
	/* A terminal's interrupt is for the supervisor, which stops hosts in order */
	if (setsid() < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) ||
	    sigprocmask(SIG_SETMASK, &none, NULL) || chdir("/") ||
	    !arrange_descriptors(config_fd, ready_fd, spawn->describe)) {
		log_error("host %s cannot be prepared: %m", spawn->name);
		_exit(EXIT_NOT_RUN);
	}
	/* The supervisor may have died before the death signal was set */
	if (getppid() != parent)
		_exit(EXIT_NOT_RUN);
	execve(spawn->program, (char **)(uintptr_t)arguments, (char **)(uintptr_t)environment);
	log_error("%s cannot be run: %m", spawn->program);
	_exit(EXIT_NOT_RUN);
}

/* A line to the process, of which it has the other end. Return: false with errno */
static bool open_line(int line[2])
{
	const int room = 2 * CONFIG_TEXT_MAX;	/* for one message, and what it costs */

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, line))
		return false;
	fcntl(line[0], F_SETFL, O_NONBLOCK);
	setsockopt(line[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	return true;
}

bool spawn_host(const struct spawn *spawn, pid_t *pid, int *ready_fd)
{
	int config_fd = config_file_for_host(spawn->file, spawn->name);
	pid_t parent = getpid(), child = -1;
	int line[2] = { -1, -1 };

	if (config_fd >= 0 && open_line(line))
		child = fork();
	if (!child)
		run_host(spawn, config_fd, line[1], parent);
	if (child < 0)
		log_error("host %s cannot be started: %m", spawn->name);
	if (config_fd >= 0)
		close(config_fd);
	if (line[1] >= 0)
		close(line[1]);
	if (child < 0) {
		if (line[0] >= 0)
			close(line[0]);
		return false;
	}
	*pid = child;
	*ready_fd = line[0];
	return true;
}
