// SPDX-License-Identifier: Apache-2.0
/*
 * Ways out of a provider host. Each is tried for real, harmlessly: what it reaches is
 * looked at or told something that it ignores.
 */
#include "selftests/sandbox/attempts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* 0 or errno of what returns -1 when it fails */
static int outcome(long rc)
{
	return rc < 0 ? errno : 0;
}

/* The same of what returns a descriptor */
static int opened(long fd)
{
	int error = outcome(fd);

	if (fd >= 0)
		close((int)fd);
	return error;
}

/* A program, in place of this one: it ends with 0 */
static int run_program(const char *program)
{
	return outcome(execl(program, program, NULL));
}

static int make_process(const char *unused)
{
	pid_t pid = fork();

	(void)unused;
	if (!pid)
		_exit(0);
	return pid < 0 ? errno : outcome(waitpid(pid, NULL, 0));
}

/* A file */
static int read_file(const char *path)
{
	return opened(open(path, O_RDONLY | O_CLOEXEC));
}

/* A file, which stays as it is */
static int write_file(const char *path)
{
	return opened(open(path, O_WRONLY | O_CLOEXEC));
}

/* A file that is not there, and not afterwards either */
static int create_file(const char *path)
{
	int error = opened(open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));

	if (!error)
		unlink(path);
	return error;
}

/* A socket that is listened at */
static int connect_unix(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int error = 0;

	if (fd < 0)
		return errno;
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		error = errno;
	close(fd);
	return error;
}

static int open_inet(const char *unused)
{
	(void)unused;
	return opened(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int open_netlink(const char *unused)
{
	(void)unused;
	return opened(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC));
}

/* A process, here and below */
static int trace(const char *pid)
{
	int target = atoi(pid);

	if (ptrace(PTRACE_SEIZE, target, NULL, NULL))
		return errno;
	ptrace(PTRACE_DETACH, target, NULL, NULL);
	return 0;
}

static int send_signal(const char *pid)
{
	return outcome(kill(atoi(pid), SIGURG));
}

static int send_thread_signal(const char *pid)
{
	return outcome(syscall(SYS_tgkill, atoi(pid), atoi(pid), SIGURG));
}

static int read_memory(const char *pid)
{
	char byte;
	struct iovec here = { &byte, 1 };
	/* Not mapped: who may look gets that far */
	struct iovec there = { (void *)8, 1 };
	ssize_t len = syscall(SYS_process_vm_readv, atoi(pid), &here, 1, &there, 1, 0);

	return len < 0 && errno == EFAULT ? 0 : outcome(len);
}

static int read_proc_memory(const char *pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/mem", atoi(pid));
	return read_file(path);
}

static int open_process(const char *pid)
{
	return opened(syscall(SYS_pidfd_open, atoi(pid), 0));
}

static int become_root(const char *unused)
{
	(void)unused;
	return outcome(setresuid(0, 0, 0));
}

/* A directory */
static int mount_here(const char *directory)
{
	if (mount("none", directory, "tmpfs", 0, NULL))
		return errno;
	umount(directory);
	return 0;
}

static int new_namespace(const char *unused)
{
	(void)unused;
	return outcome(unshare(CLONE_NEWUSER));
}

/* No module either, but whether there is the right to load one is asked first */
static int load_module(const char *unused)
{
	(void)unused;
	return syscall(SYS_finit_module, -1, "", 0) && errno == EBADF ? 0 : errno;
}

static int load_bpf(const char *unused)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1,
	};

	(void)unused;
	return opened(syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)));
}

static int use_keyring(const char *unused)
{
	(void)unused;
	return outcome(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1));
}

static int use_ring(const char *unused)
{
	struct io_uring_params params = { 0 };

	(void)unused;
	return opened(syscall(SYS_io_uring_setup, 1, &params));
}

static int use_userfaultfd(const char *unused)
{
	(void)unused;
	return opened(syscall(SYS_userfaultfd, O_CLOEXEC));
}

static int use_perf(const char *unused)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK, .exclude_kernel = 1,
	};

	(void)unused;
	return opened(syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0));
}

static int allow_dumps(const char *unused)
{
	(void)unused;
	return outcome(prctl(PR_SET_DUMPABLE, 1));
}

/* What it is set to already, so that it needs no rights */
static int set_limit(const char *unused)
{
	struct rlimit limit;

	(void)unused;
	return outcome(getrlimit(RLIMIT_CORE, &limit) ?: setrlimit(RLIMIT_CORE, &limit));
}

static int write_code(const char *unused)
{
	void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)unused;
	if (code == MAP_FAILED)
		return errno;
	munmap(code, 4096);
	return 0;
}

static int run_data(const char *unused)
{
	void *data = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	int error;

	(void)unused;
	if (data == MAP_FAILED)
		return errno;
	error = outcome(mprotect(data, 4096, PROT_READ | PROT_EXEC));
	munmap(data, 4096);
	return error;
}

/* No device either: the call itself gets through or does not */
static int control_device(const char *unused)
{
	(void)unused;
	return ioctl(-1, TIOCSTI, "x") && errno == EBADF ? 0 : errno;
}

/* A device of a TPM: it is asked for eight random bytes */
static int ask_tpm(const char *path)
{
	static const unsigned char command[] = { 0x80, 0x01, 0, 0, 0, 12, 0, 0, 0x01, 0x7b, 0, 8 };
	static const unsigned char success[4];
	unsigned char answer[64];
	int fd = open(path, O_RDWR | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return errno;
	len = write(fd, command, sizeof(command));
	if (len == (ssize_t)sizeof(command))
		len = read(fd, answer, sizeof(answer));
	close(fd);
	return len == 20 && !memcmp(answer + 6, success, sizeof(success)) ? 0 : EIO;
}

const struct attempt attempts[] = {
	{ "run-program", run_program },
	{ "make-process", make_process },
	{ "read-file", read_file },
	{ "write-file", write_file },
	{ "create-file", create_file },
	{ "connect-unix", connect_unix },
	{ "open-inet", open_inet },
	{ "open-netlink", open_netlink },
	{ "trace", trace },
	{ "send-signal", send_signal },
	{ "send-thread-signal", send_thread_signal },
	{ "read-memory", read_memory },
	{ "read-proc-memory", read_proc_memory },
	{ "open-process", open_process },
	{ "become-root", become_root },
	{ "mount", mount_here },
	{ "new-namespace", new_namespace },
	{ "load-module", load_module },
	{ "load-bpf", load_bpf },
	{ "use-keyring", use_keyring },
	{ "use-ring", use_ring },
	{ "use-userfaultfd", use_userfaultfd },
	{ "use-perf", use_perf },
	{ "allow-dumps", allow_dumps },
	{ "set-limit", set_limit },
	{ "write-code", write_code },
	{ "run-data", run_data },
	{ "control-device", control_device },
	{ "ask-tpm", ask_tpm },
	{ NULL, NULL },
};

int attempt_run(const char *name, const char *target)
{
	for (const struct attempt *attempt = attempts; attempt->name; attempt++)
		if (!strcmp(attempt->name, name))
			return attempt->run(target);
	return ENOENT;
}
