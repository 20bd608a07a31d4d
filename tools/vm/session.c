// SPDX-License-Identifier: Apache-2.0
/*
 * One run in the test machine: load the module, start the helper, run the command, take
 * everything down again and see that it goes down as it should.
 *
 * The command gets pipes, not the virtio ports behind them: a port can be opened by one
 * process only, and a command may want to open /dev/stdout.
 */

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

#define LOG SHARE "/parsecd.log"
#define NOTIFY "/run/parsecd-notify"
#define CONFIG "/etc/parsec/parsecd.conf"
#define READY_SECONDS 60
#define STOP_SECONDS 20

/* A stream of the command: what it writes to from goes to the port */
struct stream {
	int from;
	int port;
};

struct state {
	int signals;		/* signalfd for SIGCHLD */
	int notify;		/* what parsecd tells its service manager */
	pid_t helper;		/* 0 when it is not running */
	int helper_status;
	struct stream out[2];
};

static char **strings_of(const char *path)
{
	size_t len;
	char *data = read_file(path, &len);
	char **list;
	size_t n = 0;

	if (!data)
		fail("%s: %s", path, strerror(errno));
	list = calloc(len + 2, sizeof(*list));
	if (!list)
		fail("out of memory");
	for (char *p = data; p < data + len; p += strlen(p) + 1)
		list[n++] = p;
	return list;
}

static void sleep_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

/* The device's name begins with its number among all virtio devices: whichever that is */
static int open_port(int nr)
{
	char pattern[32];
	glob_t found;
	int fd = -1;

	snprintf(pattern, sizeof(pattern), "/dev/vport*p%d", nr);
	for (int tries = 0; fd < 0 && tries < 500; tries++) {
		if (!glob(pattern, 0, NULL, &found)) {
			fd = open(found.gl_pathv[0], O_WRONLY | O_CLOEXEC);
			globfree(&found);
		}
		if (fd < 0)
			sleep_ms(10);
	}
	if (fd < 0)
		fail("%s: %s", pattern, strerror(errno));
	return fd;
}

static void write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			fail("passing on the output: %s", strerror(errno));
		data += n;
		len -= (size_t)n;
	}
}

/* Pass on what there is; false at the end of the stream */
static bool pump(struct stream *s)
{
	static char data[65536];
	ssize_t n = read(s->from, data, sizeof(data));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return false;
	write_all(s->port, data, (size_t)n);
	return true;
}

/* Forget signals and mask: a child starts with a clean slate */
static void child_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool exists(const char *dir, const char *name, char *path, size_t size)
{
	snprintf(path, size, "%s/%s", dir, name);
	return !access(path, X_OK);
}

/*
 * Where an administrator has it, and root's own as parsecd demands: in the tree it is
 * whoever's the tree is.
 */
static void install_config(const struct session *s)
{
	char path[PATH_MAX];
	size_t len;
	char *text;
	int fd;

	snprintf(path, sizeof(path), "%s/tools/dist/parsecd.conf", s->dir);
	text = read_file(s->config ? s->config : path, &len);
	if (!text)
		fail("%s: %s", s->config ? s->config : path, strerror(errno));
	mkdir("/etc/parsec", 0755);
	unlink(CONFIG);
	fd = open(CONFIG, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		fail("%s: %s", CONFIG, strerror(errno));
	write_all(fd, text, len);
	close(fd);
	free(text);
}

/* In the child: become parsecd, run from the build folder and with its providers */
static void exec_helper(const struct session *s)
{
	char parsecd[PATH_MAX];
	char host[PATH_MAX];
	char providers[PATH_MAX];
	int log = open(LOG, O_WRONLY | O_CREAT | O_APPEND, 0644);

	exists(s->build, "helper/parsecd", parsecd, sizeof(parsecd));
	exists(s->build, "helper/parsec-host", host, sizeof(host));
	exists(s->build, "providers", providers, sizeof(providers));
	child_signals();
	setsid();
	if (log >= 0) {
		dup2(log, 1);
		dup2(log, 2);
	}
	setenv("NOTIFY_SOCKET", NOTIFY, 1);
	execl(parsecd, "parsecd", "--host", host, "--provider-dir", providers, NULL);
	perror(parsecd);
	_exit(127);
}

static bool reap(struct state *st, pid_t pid, int *status)
{
	bool found = false;
	int code;
	pid_t who;

	while ((who = waitpid(-1, &code, WNOHANG)) > 0) {
		if (who == st->helper) {
			st->helper = 0;
			st->helper_status = code;
		}
		if (who == pid) {
			*status = code;
			found = true;
		}
	}
	return found;
}

/* What an exit says in words, or NULL when it is a good one */
static const char *bad_end(int status)
{
	static char text[64];

	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return NULL;
	if (WIFEXITED(status))
		snprintf(text, sizeof(text), "exit status %d", WEXITSTATUS(status));
	else
		snprintf(text, sizeof(text), "signal %d", WTERMSIG(status));
	return text;
}

static int notify_socket(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX, .sun_path = NOTIFY };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || chmod(NOTIFY, 0666))
		fail("%s: %s", NOTIFY, strerror(errno));
	return fd;
}

/* What parsecd tells; false when that is nothing */
static bool hear(int notify, char *text, size_t size)
{
	ssize_t n = recv(notify, text, size - 1, MSG_DONTWAIT);

	text[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static void start_helper(struct state *st, const struct session *s)
{
	time_t end = time(NULL) + READY_SECONDS;
	char text[512];

	st->notify = notify_socket();
	install_config(s);
	st->helper = fork();
	if (st->helper < 0)
		fail("fork: %s", strerror(errno));
	if (!st->helper)
		exec_helper(s);
	for (;;) {
		struct pollfd fds[] = {
			{ st->notify, POLLIN, 0 },
			{ st->signals, POLLIN, 0 },
		};
		struct signalfd_siginfo si;

		poll(fds, 2, 1000);
		if (fds[1].revents && read(st->signals, &si, sizeof(si)) > 0)
			reap(st, -1, NULL);
		if (fds[0].revents && hear(st->notify, text, sizeof(text)) &&
		    strstr(text, "READY=1"))
			break;
		if (!st->helper)
			fail("parsecd did not start: %s", bad_end(st->helper_status) ?: "exit");
		if (time(NULL) > end)
			fail("parsecd was not ready within %d seconds", READY_SECONDS);
	}
}

/* The helper is to go by itself when asked; one that a test killed already is gone */
static void stop_helper(struct state *st)
{
	time_t end = time(NULL) + STOP_SECONDS;
	const char *how;

	if (!st->helper) {
		if (WIFSIGNALED(st->helper_status) &&
		    (WTERMSIG(st->helper_status) == SIGKILL ||
		     WTERMSIG(st->helper_status) == SIGTERM))
			return;
	} else {
		kill(st->helper, SIGTERM);
		while (st->helper) {
			reap(st, -1, NULL);
			if (time(NULL) > end)
				fail("parsecd did not stop within %d seconds", STOP_SECONDS);
			if (st->helper)
				sleep_ms(5);
		}
	}
	how = bad_end(st->helper_status);
	if (how)
		fail("parsecd ended with %s", how);
}

static void kill_rest(struct state *st)
{
	/* Nobody is left when there is nobody to signal */
	for (int tries = 0; tries < 200; tries++) {
		if (kill(-1, tries < 50 ? SIGTERM : SIGKILL))
			break;
		sleep_ms(2);
		reap(st, -1, NULL);
	}
}

static void load_parsec(const struct session *s)
{
	struct utsname un;
	char path[PATH_MAX];

	uname(&un);
	snprintf(path, sizeof(path), "%s/module-%s/parsec.ko", s->build, un.release);
	if (load_module(path))
		fail("loading %s: %s", path, strerror(errno));
}

static void unload_parsec(void)
{
	if (syscall(SYS_delete_module, "parsec", O_NONBLOCK) && errno != ENOENT)
		fail("unloading parsec: %s", strerror(errno));
}

/* In the child: become the command */
static void exec_command(const struct session *s)
{
	char **argv = strings_of(SHARE "/argv");
	int null = open("/dev/null", O_RDONLY);

	child_signals();
	setsid();
	dup2(null, 0);
	for (char **env = strings_of(SHARE "/env"); *env; env++)
		putenv(*env);
	if (!argv[0] || chdir(s->dir))
		fail("starting in %s: %s", s->dir, strerror(errno));
	execvp(argv[0], argv);
	fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static pid_t start_command(const struct session *s, struct state *st)
{
	int out[2];
	int err[2];
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		fail("pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		fail("fork: %s", strerror(errno));
	if (!pid) {
		dup2(out[1], 1);
		dup2(err[1], 2);
		exec_command(s);
	}
	close(out[1]);
	close(err[1]);
	st->out[0].from = out[0];
	st->out[1].from = err[0];
	return pid;
}

/* Until the command is gone: its children may keep the pipes open for longer */
static int wait_command(struct state *st, pid_t pid)
{
	struct pollfd fds[] = {
		{ st->out[0].from, POLLIN, 0 },
		{ st->out[1].from, POLLIN, 0 },
		{ st->signals, POLLIN, 0 },
		{ st->notify, POLLIN, 0 },
	};
	struct signalfd_siginfo si;
	char text[512];
	int status;

	for (;;) {
		poll(fds, 4, -1);
		for (int i = 0; i < 2; i++)
			if (fds[i].revents && !pump(&st->out[i]))
				fds[i].fd = -1;
		/* Each reload and stop: unread, they would fill the socket */
		while (fds[3].revents && hear(st->notify, text, sizeof(text)))
			;
		if (fds[2].revents && read(st->signals, &si, sizeof(si)) > 0 &&
		    reap(st, pid, &status))
			break;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void drain(struct state *st)
{
	for (int i = 0; i < 2; i++) {
		while (pump(&st->out[i]))
			;
		close(st->out[i].port);
	}
}

static void base_environment(const struct session *s)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/tools/parsecctl:%s", s->build,
		 "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	clearenv();
	setenv("PATH", path, 1);
	setenv("HOME", "/root", 1);
	setenv("USER", "root", 1);
	setenv("LOGNAME", "root", 1);
	setenv("LANG", "C.UTF-8", 1);
	setenv("PARSEC_BUILD", s->build, 1);
}

int run_session(const struct session *s)
{
	struct state st = { .notify = -1 };
	bool leaks = s->leaks && can_find_leaks();
	sigset_t child;
	int status;
	pid_t pid;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	st.signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	st.out[0].port = open_port(1);
	st.out[1].port = open_port(2);

	base_environment(s);
	if (s->module)
		load_parsec(s);
	if (s->helper) {
		start_helper(&st, s);
		setenv("PARSECD_LOG", LOG, 1);
	}
	pid = start_command(s, &st);
	status = wait_command(&st, pid);
	if (s->helper)
		stop_helper(&st);
	kill_rest(&st);
	drain(&st);
	/* As long as the module is there, what it leaked can be said with names */
	if (leaks)
		find_leaks(true);
	if (s->module)
		unload_parsec();
	if (leaks)
		find_leaks(false);
	return status;
}
