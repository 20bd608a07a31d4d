// SPDX-License-Identifier: Apache-2.0
/*
 * First process of the test machine: from bare kernel to a usable system in a fraction
 * of a second.
 *
 * The root is the host's, read-only over 9p, below an overlay in memory: the guest sees
 * the same programs, libraries and build results as the host and can change nothing.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

#define ROOT "/newroot"

struct user {
	const char *name;
	unsigned int id;
	const char *home;
	const char *shell;
};

/* The helper's own users and some ordinary ones for tests */
static const struct user users[] = {
	{ "parsec", 990, "/var/lib/parsec", "/usr/sbin/nologin" },
	{ "parsec-core", 991, "/var/lib/parsec", "/usr/sbin/nologin" },
	{ "parsec-openssl", 992, "/var/lib/parsec", "/usr/sbin/nologin" },
	{ "parsec-pkcs11", 993, "/var/lib/parsec", "/usr/sbin/nologin" },
	{ "parsec-tpm", 994, "/var/lib/parsec", "/usr/sbin/nologin" },
	{ "alice", 1000, "/home/alice", "/bin/sh" },
	{ "bob", 1001, "/home/bob", "/bin/sh" },
	{ "carol", 1002, "/home/carol", "/bin/sh" },
};

#define N_USERS (sizeof(users) / sizeof(users[0]))

static bool share_mounted;

static void power_off(void) __attribute__((noreturn));
static void power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	_exit(1);
}

static void write_status(const char *text)
{
	int fd = open(SHARE "/status", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		perror(SHARE "/status");
	if (fd >= 0)
		close(fd);
}

void fail(const char *fmt, ...)
{
	char text[1024] = "fail ";
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text + 5, sizeof(text) - 6, fmt, ap);
	va_end(ap);
	strcat(text, "\n");
	if (share_mounted)
		write_status(text);
	else
		fputs(text, stderr);
	power_off();
}

int load_module(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int ret = fd;

	if (fd >= 0) {
		ret = (int)syscall(SYS_finit_module, fd, "", 0);
		close(fd);
	}
	return ret;
}

char *read_file(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t size = 0;
	ssize_t n = -1;
	char *data = NULL;
	struct stat st;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st))
		data = malloc((size_t)st.st_size + 1);
	while (data && (n = read(fd, data + size, (size_t)st.st_size - size)) > 0)
		size += (size_t)n;
	close(fd);
	if (!data || n < 0) {
		free(data);
		return NULL;
	}
	data[size] = '\0';
	if (len)
		*len = size;
	return data;
}

static void mount_at(const char *type, const char *source, const char *target,
		     unsigned long flags, const char *options)
{
	mkdir(target, 0755);
	if (mount(source, target, type, flags, options))
		fail("mounting %s on %s: %s", type, target, strerror(errno));
}

/* Like mount_at(), for what a test may want and a given kernel may lack */
static void try_mount(const char *type, const char *target)
{
	mkdir(target, 0755);
	(void)mount(type, target, type, 0, NULL);
}

/* Modules for the kernel they were packed for; any other is expected to have all built in */
static void load_drivers(void)
{
	struct utsname un;
	char path[PATH_MAX];
	char *list;
	char *save;

	uname(&un);
	snprintf(path, sizeof(path), "/modules/%s/order", un.release);
	list = read_file(path, NULL);
	if (!list)
		return;
	for (char *name = strtok_r(list, "\n", &save); name; name = strtok_r(NULL, "\n", &save)) {
		snprintf(path, sizeof(path), "/modules/%s/%s", un.release, name);
		if (load_module(path) && errno != EEXIST)
			fail("loading %s: %s", path, strerror(errno));
	}
	free(list);
}

static void mount_root(void)
{
	static const char p9[] = "trans=virtio,version=9p2000.L,msize=262144,access=any,";
	char options[128];

	snprintf(options, sizeof(options), "%scache=loose", p9);
	mount_at("9p", "root", "/host", MS_RDONLY, options);
	mount_at("tmpfs", "memory", "/memory", 0, "mode=0755");
	mkdir("/memory/upper", 0755);
	mkdir("/memory/work", 0755);
	mount_at("overlay", "root", ROOT, 0,
		 "lowerdir=/host,upperdir=/memory/upper,workdir=/memory/work");
	mount_at("tmpfs", "run", ROOT "/run", MS_NOSUID | MS_NODEV, "mode=0755");
	snprintf(options, sizeof(options), "%scache=none", p9);
	mount_at("9p", "share", ROOT SHARE, 0, options);

	if (mount("/dev", ROOT "/dev", NULL, MS_MOVE, NULL) ||
	    mount("/proc", ROOT "/proc", NULL, MS_MOVE, NULL) ||
	    mount("/sys", ROOT "/sys", NULL, MS_MOVE, NULL) ||
	    chdir(ROOT) || mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/"))
		fail("changing the root: %s", strerror(errno));
	share_mounted = true;
}

static void link_device(const char *source, const char *target)
{
	if (symlink(source, target))
		fail("%s: %s", target, strerror(errno));
}

/* Groups of a test may have limits, where the kernel knows such */
static void enable_controller(const char *controller)
{
	int fd = open("/sys/fs/cgroup/cgroup.subtree_control", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, controller, strlen(controller)) < 0 && errno != EINVAL)
		fail("cgroup controller %s: %s", controller, strerror(errno));
	close(fd);
}

static void mount_system(void)
{
	mount_at("tmpfs", "shm", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777");
	mount_at("devpts", "devpts", "/dev/pts", 0, "ptmxmode=0666,gid=5,mode=620");
	mount_at("cgroup2", "cgroup", "/sys/fs/cgroup", 0, NULL);
	enable_controller("+memory");
	try_mount("securityfs", "/sys/kernel/security");
	try_mount("debugfs", "/sys/kernel/debug");
	try_mount("tracefs", "/sys/kernel/tracing");

	/* An installed Parsec of the host is not what is being tested */
	mount_at("tmpfs", "parsec", "/etc/parsec", 0, "mode=0755");
	mount_at("tmpfs", "parsec", "/var/lib/parsec", 0, "mode=0755");
	link_device("/proc/self/fd", "/dev/fd");
	link_device("/proc/self/fd/0", "/dev/stdin");
	link_device("/proc/self/fd/1", "/dev/stdout");
	link_device("/proc/self/fd/2", "/dev/stderr");
}

/* make_folders: path and all above it */
static void make_folders(const char *path)
{
	char part[PATH_MAX];

	snprintf(part, sizeof(part), "%s", path);
	for (char *p = part + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		mkdir(part, 0755);
		*p = '/';
	}
	mkdir(part, 0755);
}

/* A /tmp of the machine's own, except for the trees being tested, should they be there */
static void mount_tmp(const struct session *s)
{
	const char *keep[] = { s->dir, s->build, s->kernel };
	int fds[3];
	char source[64];

	for (int i = 0; i < 3; i++)
		fds[i] = keep[i] && !strncmp(keep[i], "/tmp/", 5) ?
			open(keep[i], O_PATH | O_CLOEXEC) : -1;
	mount_at("tmpfs", "tmp", "/tmp", 0, "mode=1777");
	for (int i = 0; i < 3; i++) {
		if (fds[i] < 0)
			continue;
		make_folders(keep[i]);
		snprintf(source, sizeof(source), "/proc/self/fd/%d", fds[i]);
		if (mount(source, keep[i], NULL, MS_BIND, NULL))
			fail("mounting %s: %s", keep[i], strerror(errno));
		close(fds[i]);
	}
}

/* A clone below a private home folder must be readable for the machine's own users */
static void open_up(const char *path)
{
	char part[PATH_MAX];
	struct stat st;

	snprintf(part, sizeof(part), "%s/", path);
	for (char *p = part + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (!stat(part, &st) && (st.st_mode & 0555) != 0555)
			chmod(part, (st.st_mode & 07777) | 0555);
		*p = '/';
	}
}

/* Copy a line of passwd or group unless it is about one of our users or their numbers */
static bool is_ours(const char *line)
{
	for (size_t i = 0; i < N_USERS; i++) {
		const char *colon = strchr(line, ':');

		if (!colon)
			return true;
		if (!strncmp(line, users[i].name, strlen(users[i].name)) &&
		    line[strlen(users[i].name)] == ':')
			return true;
		colon = strchr(colon + 1, ':');
		if (colon && strtoul(colon + 1, NULL, 10) == users[i].id)
			return true;
	}
	return false;
}

static FILE *rewrite(const char *path)
{
	char *old = read_file(path, NULL);
	FILE *file;
	char *save;

	unlink(path);
	file = fopen(path, "we");
	if (!file)
		fail("%s: %s", path, strerror(errno));
	for (char *line = old ? strtok_r(old, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save))
		if (!is_ours(line))
			fprintf(file, "%s\n", line);
	free(old);
	return file;
}

static void make_users(void)
{
	FILE *passwd = rewrite("/etc/passwd");
	FILE *group = rewrite("/etc/group");

	make_folders("/home");
	for (size_t i = 0; i < N_USERS; i++) {
		const struct user *u = &users[i];

		fprintf(passwd, "%s:*:%u:%u::%s:%s\n", u->name, u->id, u->id, u->home, u->shell);
		fprintf(group, "%s:*:%u:\n", u->name, u->id);
		/* One that is there is root's: the helper makes its own folders in it */
		if (!mkdir(u->home, 0700) && chown(u->home, u->id, u->id))
			fail("%s: %s", u->home, strerror(errno));
	}
	fclose(passwd);
	fclose(group);
}

static void start_network(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0) {
		(void)ioctl(fd, SIOCSIFFLAGS, &ifr);
		close(fd);
	}
}

static void read_session(struct session *s)
{
	char *text = read_file(SHARE "/session", NULL);
	char *save;

	if (!text)
		fail("the shared folder has no session file");
	for (char *name = strtok_r(text, "\n", &save); name; name = strtok_r(NULL, "\n", &save)) {
		char *value = strchr(name, '=');

		if (!value)
			continue;
		*value++ = '\0';
		if (!strcmp(name, "dir"))
			s->dir = value;
		else if (!strcmp(name, "build"))
			s->build = value;
		else if (!strcmp(name, "kernel"))
			s->kernel = value;
		else if (!strcmp(name, "config"))
			s->config = value;
		else if (!strcmp(name, "module"))
			s->module = *value == '1';
		else if (!strcmp(name, "helper"))
			s->helper = *value == '1';
		else if (!strcmp(name, "systemd"))
			s->systemd = *value == '1';
		else if (!strcmp(name, "leaks"))
			s->leaks = *value == '1';
	}
	if (!s->dir || !s->build)
		fail("the session file names no repository");
}

/* modprobe finds the modules of the kernel that runs, wherever the host keeps them */
static void mount_modules(const struct session *s)
{
	char source[PATH_MAX];
	char target[PATH_MAX];
	struct utsname un;

	uname(&un);
	snprintf(source, sizeof(source), "%s/lib/modules/%s", s->kernel, un.release);
	snprintf(target, sizeof(target), "/lib/modules/%s", un.release);
	if (access(source, F_OK))
		return;
	make_folders(target);
	if (mount(source, target, NULL, MS_BIND, NULL))
		fail("mounting %s: %s", target, strerror(errno));
}

/* A machine whose number is known is not at its first boot, when systemd enables all units */
static void write_machine_id(void)
{
	FILE *file;

	unlink("/etc/machine-id");
	file = fopen("/etc/machine-id", "we");
	if (!file || fprintf(file, "70617273656370617273656370617273\n") < 0)
		fail("/etc/machine-id: %s", strerror(errno));
	fclose(file);
}

/* Of what the host starts at boot only the journal is left: looking for devices takes minutes */
static void prepare_systemd(void)
{
	static const char *const folders[] = {
		"/etc/systemd/system",
		"/usr/lib/systemd/system-generators",
		"/usr/lib/systemd/system/sysinit.target.wants",
		"/usr/lib/systemd/system/sockets.target.wants",
		"/usr/lib/systemd/system/timers.target.wants",
		"/usr/lib/systemd/system/multi-user.target.wants",
	};

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		mount_at("tmpfs", "none", folders[i], 0, "mode=0755");
	mkdir("/etc/systemd/system/sysinit.target.wants", 0755);
	if (symlink("/usr/lib/systemd/system/systemd-journald.service",
		    "/etc/systemd/system/sysinit.target.wants/systemd-journald.service"))
		fail("enabling the journal: %s", strerror(errno));
	write_machine_id();
}

/* Until systemctl can ask; what is being started then is for the command to wait for */
static void await_systemd(void)
{
	const struct timespec pause = { .tv_nsec = 50000000 };

	for (int tries = 0; access("/run/systemd/private", F_OK); tries++) {
		if (tries == 1200)
			fail("systemd does not listen");
		nanosleep(&pause, NULL);
	}
}

/*
 * systemd is the first process from here on, with no more units than those that all
 * others depend on. A child returns, to go on with the session.
 */
static void hand_over(void)
{
	pid_t pid;

	prepare_systemd();
	pid = fork();
	if (pid < 0)
		fail("fork: %s", strerror(errno));
	if (!pid) {
		setsid();
		await_systemd();
		return;
	}
	execl("/lib/systemd/systemd", "systemd", "--system", "--unit=basic.target",
	      "--log-target=kmsg", "--log-level=warning", "--show-status=no", NULL);
	fail("starting systemd: %s", strerror(errno));
}

int main(void)
{
	struct session s = {};
	char text[32];
	int console;

	if (getpid() != 1) {
		fputs("this is for the test machine: see tools/vm/run\n", stderr);
		return 2;
	}
	umask(022);
	mount_at("devtmpfs", "dev", "/dev", MS_NOSUID, "mode=0755");
	console = open("/dev/console", O_RDWR);
	if (console >= 0) {
		dup2(console, 0);
		dup2(console, 1);
		dup2(console, 2);
	}
	/* Asked only whether a machine of this kind boots at all: the answer is yes */
	if (getenv("parsec_probe"))
		power_off();

	mount_at("proc", "proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	mount_at("sysfs", "sys", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	load_drivers();
	mount_root();
	mount_system();
	read_session(&s);
	if (s.kernel)
		mount_modules(&s);
	mount_tmp(&s);
	open_up(s.dir);
	open_up(s.build);
	make_users();
	start_network();
	if (sethostname("parsec-vm", 9))
		fail("naming the machine: %s", strerror(errno));
	if (s.systemd)
		hand_over();

	snprintf(text, sizeof(text), "exit %d\n", run_session(&s));
	write_status(text);
	power_off();
}
