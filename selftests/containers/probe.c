// SPDX-License-Identifier: Apache-2.0
/*
 * Who may use an open file of the device: opens it, uses it, changes one thing about who
 * has it and says what using it is then. Runs inside and outside of containers, so it is
 * linked statically.
 *
 *   probe give SOCKET		send the file to whom runs "probe take SOCKET"
 *   probe take SOCKET
 *   probe setuid UID		become another user
 *   probe program FILE		execute a copy of this program that is another user's
 *   probe userns		go to a user namespace of one's own
 *   probe enter PID		go to the user and pid namespaces of a process
 *   probe moved FILE		make FILE.open, wait for FILE: somebody moves this process meanwhile
 *
 * Prints "OK", the name of the error, or "no: WHY" when the change cannot be made, and
 * exits with 1 when something else went wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/parsec.h>

#define PATIENCE	600	/* tenths of a second */

static void die(const char *what)
{
	fprintf(stderr, "probe: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void wait_a_moment(void)
{
	const struct timespec pause = { .tv_nsec = 100000000 };

	nanosleep(&pause, NULL);
}

/* Use the file and say what that is */
static int use(int fd)
{
	struct parsec_op ping = { 0 };

	/* There is no room for what Ping answers */
	if (ioctl(fd, PARSEC_IOC_OP(0x01), &ping) && errno != EOVERFLOW)
		puts(strerrorname_np(errno) ?: "unknown");
	else
		puts("OK");
	return 0;
}

/* The change cannot be made: because of @what, or of what errno says */
static int cannot(const char *what)
{
	printf("no: %s\n", what ?: strerrorname_np(errno) ?: "unknown");
	return 0;
}

/* It must be of use before the change, or the test says nothing */
static int open_device(int flags)
{
	struct parsec_info info;
	int fd = open("/dev/parsec", O_RDWR | flags);

	if (fd < 0)
		die("/dev/parsec");
	if (ioctl(fd, PARSEC_IOC_INFO, &info))
		die("asking the device");
	return fd;
}

static struct sockaddr_un address(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(addr.sun_path)) {
		errno = ENAMETOOLONG;
		die(path);
	}
	strcpy(addr.sun_path, path);
	return addr;
}

/* A message of one byte that carries a descriptor */
union control {
	char buf[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

static int give(const char *path)
{
	struct sockaddr_un addr = address(path);
	union control control = { 0 };
	char nothing = 0;
	struct iovec byte = { &nothing, 1 };
	struct msghdr msg = {
		.msg_iov = &byte, .msg_iovlen = 1,
		.msg_control = control.buf, .msg_controllen = sizeof(control.buf),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	int fd = open_device(O_CLOEXEC);
	int to = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char taken;

	for (int i = 0; connect(to, (struct sockaddr *)&addr, sizeof(addr)); i++) {
		if (i == PATIENCE)
			die(path);
		wait_a_moment();
	}
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(int));
	if (sendmsg(to, &msg, 0) != 1 || read(to, &taken, 1) != 1)
		die("sending");
	return use(fd);
}

static int receive(int from)
{
	union control control = { 0 };
	char byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.buf, .msg_controllen = sizeof(control.buf),
	};
	int fd;

	if (recvmsg(from, &msg, MSG_CMSG_CLOEXEC) != 1 || !CMSG_FIRSTHDR(&msg))
		die("receiving");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
	return fd;
}

static int take(const char *path)
{
	struct sockaddr_un addr = address(path);
	int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int from;

	unlink(path);
	if (bind(listening, (struct sockaddr *)&addr, sizeof(addr)) || chmod(path, 0666) ||
	    listen(listening, 1))
		die(path);
	from = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
	if (from < 0)
		die(path);
	use(receive(from));
	if (write(from, "", 1) != 1)
		die("answering");
	return 0;
}

static int become(const char *uid)
{
	int fd = open_device(O_CLOEXEC);
	uid_t id = (uid_t)atoi(uid);

	return setresuid(id, id, id) ? cannot(NULL) : use(fd);
}

static int program(const char *file)
{
	char fd[16];
	char was[16];

	snprintf(fd, sizeof(fd), "%d", open_device(0));
	snprintf(was, sizeof(was), "%u", geteuid());
	execl(file, "probe", "inherited", fd, was, NULL);
	die(file);
	return 1;
}

static int inherited(const char *fd, const char *was)
{
	if (geteuid() != (uid_t)atoi(was))
		return use(atoi(fd));
	return cannot("same user");
}

static int own_userns(void)
{
	int fd = open_device(O_CLOEXEC);

	return unshare(CLONE_NEWUSER) ? cannot(NULL) : use(fd);
}

/* Does a process have another namespace of this kind than this one? Gives that */
static int other_namespace(const char *pid, const char *kind)
{
	struct stat mine, theirs;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/ns/%s", kind);
	if (stat(path, &mine))
		die(path);
	snprintf(path, sizeof(path), "/proc/%s/ns/%s", pid, kind);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &theirs))
		die(path);
	return theirs.st_ino == mine.st_ino ? -1 : fd;
}

static int enter(const char *pid)
{
	int pidns = other_namespace(pid, "pid");
	int userns = other_namespace(pid, "user");
	int fd = open_device(O_CLOEXEC);
	int status;
	pid_t child;

	if (pidns < 0 && userns < 0)
		return cannot("same namespaces");
	if ((pidns >= 0 && setns(pidns, CLONE_NEWPID)) ||
	    (userns >= 0 && setns(userns, CLONE_NEWUSER)))
		die("setns");
	fflush(stdout);
	child = fork();
	if (!child)
		return use(fd);
	return waitpid(child, &status, 0) != child || status;
}

static int moved(const char *file)
{
	int fd = open_device(O_CLOEXEC);
	char mark[256];

	snprintf(mark, sizeof(mark), "%s.open", file);
	if (open(mark, O_CREAT | O_WRONLY | O_CLOEXEC, 0644) < 0)
		die(mark);
	for (int i = 0; access(file, F_OK); i++) {
		if (i == PATIENCE)
			die(file);
		wait_a_moment();
	}
	return use(fd);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const char *argument);
	} changes[] = {
		{ "give", give }, { "take", take }, { "setuid", become },
		{ "program", program }, { "enter", enter }, { "moved", moved },
	};

	if (argc == 4 && !strcmp(argv[1], "inherited"))
		return inherited(argv[2], argv[3]);
	if (argc == 2 && !strcmp(argv[1], "userns"))
		return own_userns();
	for (size_t i = 0; argc == 3 && i < sizeof(changes) / sizeof(changes[0]); i++)
		if (!strcmp(argv[1], changes[i].name))
			return changes[i].run(argv[2]);
	fputs("probe: see the beginning of selftests/containers/probe.c\n", stderr);
	return 2;
}
