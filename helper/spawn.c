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

#include "helper/config.h"
#include "helper/log.h"

/* Descriptors of a host beside the three standard ones, see run_host() */
#define CONFIG_FD	3
#define READY_FD	4
#define FIRST_CLOSED_FD	5

#define EXIT_NOT_RUN	127	/* as a shell has it */

static bool arrange_descriptors(int config_fd, int ready_fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* Out of the way first: they may have each other's number */
	config_fd = fcntl(config_fd, F_DUPFD_CLOEXEC, FIRST_CLOSED_FD);
	ready_fd = fcntl(ready_fd, F_DUPFD_CLOEXEC, FIRST_CLOSED_FD);
	return null >= 0 && config_fd >= 0 && ready_fd >= 0 &&
	       dup2(null, STDIN_FILENO) >= 0 && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 &&
	       dup2(config_fd, CONFIG_FD) >= 0 && dup2(ready_fd, READY_FD) >= 0 &&
	       !close_range(FIRST_CLOSED_FD, ~0u, 0);
}

static void __attribute__((noreturn)) run_host(const struct spawn *spawn, int ready_fd,
					       pid_t parent)
{
	const char *arguments[] = {
		"parsec-host", "--config-fd", "3", "--config-name", spawn->config_name,
		"--provider", spawn->name, "--ready-fd", "4",
		spawn->provider_dir ? "--provider-dir" : NULL, spawn->provider_dir, NULL
	};
	/* Only what lets the log tell a journal from a terminal is passed on */
	const char *stream = secure_getenv("JOURNAL_STREAM");
	char journal[80];
	const char *environment[] = {
		"PATH=/usr/sbin:/usr/bin:/sbin:/bin", stream ? journal : NULL, NULL
	};
	sigset_t none;

	snprintf(journal, sizeof(journal), "JOURNAL_STREAM=%s", stream ?: "");
	sigemptyset(&none);
	/* A terminal's interrupt is for the supervisor, which stops hosts in order */
	if (setsid() < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) ||
	    sigprocmask(SIG_SETMASK, &none, NULL) || chdir("/") ||
	    !arrange_descriptors(spawn->config_fd, ready_fd)) {
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

pid_t spawn_host(const struct spawn *spawn, int *ready_fd)
{
	const int room = 2 * CONFIG_TEXT_MAX;	/* for one message, and what it costs */
	pid_t parent = getpid(), pid;
	int ready[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ready)) {
		log_error("host %s cannot be started: %m", spawn->name);
		return -1;
	}
	pid = fork();
	if (!pid)
		run_host(spawn, ready[1], parent);
	close(ready[1]);
	if (pid < 0) {
		log_error("host %s cannot be started: %m", spawn->name);
		close(ready[0]);
		return -1;
	}
	fcntl(ready[0], F_SETFL, O_NONBLOCK);
	setsockopt(ready[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	*ready_fd = ready[0];
	return pid;
}
