// SPDX-License-Identifier: Apache-2.0
/*
 * The whole service with 100,000 keys: from the start of parsecd until it is ready, and
 * the keys of an application listed through the device. Runs in the test machine, prints a
 * table in reStructuredText; exit status 1 when a target is missed.
 *
 *   start STATE_DIR STORE PARSECD [ARGUMENT]...
 *
 * STORE is moved to STATE_DIR/software after a look at how long it takes without it. It is
 * what "scale --keep" leaves: of 100,000 keys 10,000 are of user 1000, the others of user
 * 1001, and the process that made them was killed over one more.
 */
#include <ctype.h>
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "selftests/bench/process.h"
#include "tools/lib/parsec.h"

#define NOTIFY		"/run/parsec-bench-notify"
#define ROUNDS		5
#define PATIENCE	120000	/* milliseconds until it has to be ready */
#define START_LIMIT	10000	/* and ought to be, with all its keys */
#define MEMORY_LIMIT	64	/* MiB of the host with the keys */
#define FEW_USER	1000
#define FEW_KEYS	10000
#define MANY_USER	1001

static bool missed;

static void __attribute__((noreturn)) fail(const char *what)
{
	fprintf(stderr, "start: %s\n", what);
	exit(EXIT_FAILURE);
}

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double median(double values[ROUNDS])
{
	qsort(values, ROUNDS, sizeof(*values), by_value);
	return values[ROUNDS / 2];
}

static void rule(void)
{
	puts("====================================================  ==========  ===========  ======");
}

/* A row of the table; @limit 0: there is no target */
static void row(const char *what, double figure, double limit)
{
	char target[32] = "-";

	if (limit > 0)
		snprintf(target, sizeof(target), "below %.0f", limit);
	printf("%-52s  %10.1f  %11s  %s\n", what, figure, target,
	       limit <= 0 ? "-" : figure < limit ? "met" : "missed");
	missed |= limit > 0 && figure >= limit;
}

/* The service */

static int open_notify(void)
{
	const struct sockaddr_un address = { AF_UNIX, NOTIFY };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	unlink(NOTIFY);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)))
		fail("no socket for readiness");
	setenv("NOTIFY_SOCKET", NOTIFY, 1);
	return fd;
}

/* Wait until it says that all hosts run */
static void wait_until_ready(int notify)
{
	struct pollfd ready = { .fd = notify, .events = POLLIN };
	char text[256];
	ssize_t len = 0;

	if (poll(&ready, 1, PATIENCE) == 1)
		len = recv(notify, text, sizeof(text) - 1, 0);
	text[len > 0 ? len : 0] = '\0';
	if (!strstr(text, "READY=1\nSTATUS=2 of 2 hosts are running"))
		fail(len > 0 ? text : "parsecd does not get ready");
}

/* Start the service. Return: milliseconds until it was ready */
static double start(char **command, int notify, pid_t *pid)
{
	double begin = now_ms();

	*pid = fork();
	if (*pid < 0)
		fail("no process");
	if (!*pid) {
		execv(command[0], command);
		perror(command[0]);
		_exit(127);
	}
	wait_until_ready(notify);
	return now_ms() - begin;
}

static void stop(pid_t pid, int notify)
{
	char text[256];
	int status;

	kill(pid, SIGTERM);
	if (waitpid(pid, &status, 0) != pid || status)
		fail("parsecd does not stop well");
	while (recv(notify, text, sizeof(text), MSG_DONTWAIT) > 0)
		;	/* that it stops */
}

static double start_often(char **command, int notify)
{
	double times[ROUNDS];
	pid_t pid;

	for (int i = 0; i < ROUNDS; i++) {
		times[i] = start(command, notify, &pid);
		stop(pid, notify);
	}
	return median(times);
}

/* Applications */

/**
 * struct listing - what became of ListKeys
 * @status:	its status
 * @keys:	that were listed
 * @time:	milliseconds that it took
 */
struct listing {
	int status;
	size_t keys;
	double time;
};

static struct listing list(void)
{
	struct parsec_key_info *keys = NULL;
	struct listing listing = { 0 };
	double times[ROUNDS];
	struct parsec *ctx;

	listing.status = parsec_open(&ctx);
	for (int i = 0; i < ROUNDS && !listing.status; i++) {
		double begin = now_ms();

		listing.status = parsec_list_keys(ctx, &keys, &listing.keys);
		times[i] = now_ms() - begin;
		parsec_free_keys(keys);
		keys = NULL;
		listing.time = times[i];
	}
	if (!listing.status)
		listing.time = median(times);
	return listing;
}

/* The same as a user, who opens the device */
static struct listing list_as(uid_t user)
{
	struct listing listing;
	int line[2], status;
	pid_t child;

	if (pipe(line) || (child = fork()) < 0)
		fail("no process");
	if (!child) {
		if (setresgid(user, user, user) || setresuid(user, user, user))
			_exit(1);
		listing = list();
		_exit(write(line[1], &listing, sizeof(listing)) != sizeof(listing));
	}
	close(line[1]);
	if (read(line[0], &listing, sizeof(listing)) != sizeof(listing) ||
	    waitpid(child, &status, 0) != child || status)
		fail("keys cannot be listed");
	close(line[0]);
	return listing;
}

static void measure_lists(void)
{
	struct listing few = list_as(FEW_USER), many = list_as(MANY_USER);

	if (few.status || few.keys != FEW_KEYS)
		fail("not all keys are listed");
	if (many.status != PARSEC_RESPONSE_TOO_LARGE)
		fail("a list that is too long is none");
	row("ListKeys of an application with 10,000 keys, ms", few.time, 0);
	row("ResponseTooLarge to one with 90,000, ms", many.time, 0);
}

static void measure_memory(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	double most = 0;
	char name[600];

	while (proc && (entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    !process_describe(entry->d_name, name, sizeof(name)) &&
		    !strcmp(name, "parsec-host software"))
			most = (double)process_peak(entry->d_name) / 1024;
	if (proc)
		closedir(proc);
	if (most <= 0)
		fail("there is no host");
	row("resident memory of the host with them at most, MiB", most, MEMORY_LIMIT);
}

int main(int argc, char **argv)
{
	char store[4096], empty[4096];
	char **command = argv + 3;
	int notify;
	pid_t pid;

	if (argc < 4)
		fail("usage: start STATE_DIR STORE PARSECD [ARGUMENT]...");
	snprintf(store, sizeof(store), "%s/software", argv[1]);
	snprintf(empty, sizeof(empty), "%s/empty", argv[1]);
	notify = open_notify();

	printf("The service with 100,000 keys of the software provider:\n\n");
	rule();
	printf("%-52s  %10s  %11s  %s\n", "what", "figure", "target", "result");
	rule();
	row("start without keys, ms", start_often(command, notify), 0);
	if (rename(store, empty) || rename(argv[2], store))
		fail("the store cannot be put into its place");
	row("start after a kill, with 100,000 keys, ms", start(command, notify, &pid),
	    START_LIMIT);
	stop(pid, notify);
	row("start with 100,000 keys, ms", start_often(command, notify), START_LIMIT);
	start(command, notify, &pid);
	measure_lists();
	measure_memory();
	stop(pid, notify);
	rule();
	puts("");
	return missed;
}
