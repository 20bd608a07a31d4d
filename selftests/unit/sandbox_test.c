// SPDX-License-Identifier: Apache-2.0
/*
 * Breaking out of the sandbox: each attempt is made by a process without it, where it
 * must work, and by one with it, where it must not. And what has to work in there.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper/log.h"
#include "helper/privileges.h"
#include "helper/sandbox.h"
#include "kselftest_harness.h"
#include "selftests/sandbox/attempts.h"

/* What run() returns besides an errno: ended by this signal */
#define SIGNAL(number)	(256 + (number))
#define KILLED		SIGNAL(SIGSYS)

/*
 * A host's surroundings: its own directories, those of others, a process beside it, a
 * socket that somebody listens at
 */
struct place {
	char dir[40];
	char own[64], sockets[64], library[64], code[80], other[64], secret[80], open[64],
		created[80], listener[64], sibling[16];
	pid_t pid;
	int fd;
	struct sandbox sandbox;
};

static void make_file(const char *path)
{
	close(open(path, O_CREAT | O_WRONLY, 0600));
}

static int listen_at(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 5))
		abort();
	return fd;
}

static void place_make(struct place *place)
{
	log_init("test", PARSEC_LOG_ERROR, false);
	strcpy(place->dir, "/tmp/sandbox-XXXXXX");
	if (!mkdtemp(place->dir))
		abort();
	snprintf(place->own, sizeof(place->own), "%s/own", place->dir);
	snprintf(place->sockets, sizeof(place->sockets), "%s/sockets", place->dir);
	snprintf(place->library, sizeof(place->library), "%s/library", place->dir);
	snprintf(place->code, sizeof(place->code), "%s/code.so", place->library);
	snprintf(place->other, sizeof(place->other), "%s/other", place->dir);
	snprintf(place->secret, sizeof(place->secret), "%s/secret", place->other);
	snprintf(place->open, sizeof(place->open), "%s/open", place->dir);
	snprintf(place->created, sizeof(place->created), "%s/new", place->open);
	snprintf(place->listener, sizeof(place->listener), "%s/listener", place->dir);
	mkdir(place->own, 0700);
	mkdir(place->sockets, 0700);
	mkdir(place->library, 0755);
	mkdir(place->other, 0700);
	mkdir(place->open, 0777);
	make_file(place->code);
	make_file(place->secret);
	place->fd = listen_at(place->listener);
	place->pid = fork();
	if (!place->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	snprintf(place->sibling, sizeof(place->sibling), "%d", place->pid);
	place->sandbox = (struct sandbox){
		.state_dir = place->own, .socket_dir = place->sockets,
		.library_dir = place->library,
	};
}

static void place_clear(struct place *place)
{
	char command[64];

	kill(place->pid, SIGKILL);
	waitpid(place->pid, NULL, 0);
	close(place->fd);
	snprintf(command, sizeof(command), "rm -rf '%s'", place->dir);
	if (system(command))
		abort();
}

/* As a host does it; aborts when it cannot */
static void enter(const struct sandbox *sandbox)
{
	if (!privileges_lock() || sandbox_files(sandbox) || !sandbox_calls(sandbox))
		abort();
}

/* In a process of its own: 0 when all of it worked, an errno, or SIGNAL() */
static int in_child(int (*what)(const struct place *place, const void *arg),
		    const struct place *place, const void *arg)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(what(place, arg));
	if (waitpid(pid, &status, 0) != pid)
		abort();
	return WIFSIGNALED(status) ? SIGNAL(WTERMSIG(status)) : WEXITSTATUS(status);
}

struct trial {
	const char *name;
	const char *target;
};

static int outside(const struct place *place, const void *arg)
{
	const struct trial *trial = arg;

	(void)place;
	return attempt_run(trial->name, trial->target);
}

static int inside(const struct place *place, const void *arg)
{
	const struct trial *trial = arg;

	enter(&place->sandbox);
	return attempt_run(trial->name, trial->target);
}

/* Each attempt; its target as an offset into struct place, or a path; how it ends */
#define AT(member)	offsetof(struct place, member)

FIXTURE(escape) {
	struct place place;
};

FIXTURE_VARIANT(escape) {
	const char *name;
	size_t at;
	const char *path;
	int end;
};

#define ESCAPE(title, ...) FIXTURE_VARIANT_ADD(escape, title) { __VA_ARGS__ }

ESCAPE(run_a_program, "run-program", 0, "/bin/true", KILLED);
ESCAPE(make_a_process, "make-process", 0, NULL, KILLED);
ESCAPE(read_the_passwords, "read-file", 0, "/etc/shadow", EACCES);
ESCAPE(read_keys_of_another, "read-file", AT(secret), NULL, EACCES);
ESCAPE(read_processes, "read-file", 0, "/proc/1/cmdline", EACCES);
ESCAPE(write_keys_of_another, "write-file", AT(secret), NULL, EACCES);
ESCAPE(change_its_code, "write-file", AT(code), NULL, EACCES);
ESCAPE(leave_a_file, "create-file", AT(created), NULL, EACCES);
ESCAPE(talk_to_another, "connect-unix", AT(listener), NULL, EAFNOSUPPORT);
ESCAPE(use_the_network, "open-inet", 0, NULL, EAFNOSUPPORT);
ESCAPE(talk_to_the_kernel, "open-netlink", 0, NULL, EAFNOSUPPORT);
ESCAPE(trace_another, "trace", AT(sibling), NULL, KILLED);
ESCAPE(signal_another, "send-signal", AT(sibling), NULL, KILLED);
ESCAPE(signal_threads_of_another, "send-thread-signal", AT(sibling), NULL, KILLED);
ESCAPE(read_memory_of_another, "read-memory", AT(sibling), NULL, KILLED);
ESCAPE(read_memory_by_a_file, "read-proc-memory", AT(sibling), NULL, EACCES);
ESCAPE(hold_another, "open-process", AT(sibling), NULL, KILLED);
ESCAPE(become_root, "become-root", 0, NULL, KILLED);
ESCAPE(mount, "mount", AT(open), NULL, KILLED);
ESCAPE(new_namespace, "new-namespace", 0, NULL, KILLED);
ESCAPE(load_a_module, "load-module", 0, NULL, KILLED);
ESCAPE(load_bpf, "load-bpf", 0, NULL, KILLED);
ESCAPE(use_a_keyring, "use-keyring", 0, NULL, KILLED);
ESCAPE(use_a_ring, "use-ring", 0, NULL, KILLED);
ESCAPE(use_userfaultfd, "use-userfaultfd", 0, NULL, KILLED);
ESCAPE(use_perf, "use-perf", 0, NULL, KILLED);
ESCAPE(allow_dumps, "allow-dumps", 0, NULL, ENOSYS);
ESCAPE(set_a_limit, "set-limit", 0, NULL, ENOSYS);
ESCAPE(write_code, "write-code", 0, NULL, ENOSYS);
ESCAPE(run_data, "run-data", 0, NULL, ENOSYS);
ESCAPE(control_a_device, "control-device", 0, NULL, ENOSYS);

FIXTURE_SETUP(escape)
{
	place_make(&self->place);
}

FIXTURE_TEARDOWN(escape)
{
	place_clear(&self->place);
}

TEST_F(escape, works_outside_and_not_inside)
{
	const struct trial trial = {
		variant->name,
		variant->at ? (const char *)&self->place + variant->at : variant->path,
	};
	int control = in_child(outside, &self->place, &trial);

	EXPECT_EQ(variant->end, in_child(inside, &self->place, &trial));
	/* A kernel without it, or an ordinary user: nothing to keep anybody from */
	if (control && (control == ENOSYS || control == EPERM || control == EACCES))
		SKIP(return, "%s does not work here anyway: %s", variant->name,
		     strerrorname_np(control));
	EXPECT_EQ(0, control);
}

/* What works in there */

FIXTURE(sandbox) {
	struct place place;
};

FIXTURE_SETUP(sandbox)
{
	place_make(&self->place);
}

FIXTURE_TEARDOWN(sandbox)
{
	place_clear(&self->place);
}

static int keep_files(const struct place *place, const void *unused)
{
	char file[96], renamed[96], sub[96];
	int fd;

	snprintf(file, sizeof(file), "%s/a", place->own);
	snprintf(renamed, sizeof(renamed), "%s/b", place->own);
	snprintf(sub, sizeof(sub), "%s/c", place->own);
	enter(&place->sandbox);
	fd = open(file, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || write(fd, "x", 1) != 1 || ftruncate(fd, 0) || fsync(fd) || close(fd) ||
	    rename(file, renamed) || open(renamed, O_WRONLY | O_TRUNC) < 0 ||
	    unlink(renamed) || mkdir(sub, 0700) || rmdir(sub))
		return errno;
	return 0;
}

TEST_F(sandbox, own_files_are_kept)
{
	EXPECT_EQ(0, in_child(keep_files, &self->place, NULL));
}

static void *nothing(void *arg)
{
	return arg;
}

static int start_threads(const struct place *place, const void *unused)
{
	pthread_t thread;

	enter(&place->sandbox);
	return pthread_create(&thread, NULL, nothing, NULL) ?: pthread_join(thread, NULL) ?:
	       pthread_kill(pthread_self(), 0) ?: kill(getpid(), 0);
}

TEST_F(sandbox, threads_are_started_and_signalled)
{
	EXPECT_EQ(0, in_child(start_threads, &self->place, NULL));
}

static int load_library(const struct place *place, const void *unused)
{
	enter(&place->sandbox);
	return !dlopen("libsqlite3.so.0", RTLD_NOW);
}

TEST_F(sandbox, libraries_are_loaded_late)
{
	EXPECT_EQ(0, in_child(load_library, &self->place, NULL));
}

static int serve_socket(const struct place *place, const void *unused)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "%s/sock", place->sockets);
	if (!privileges_lock() || sandbox_files(&place->sandbox))
		return EPERM;
	fd = listen_at(path);
	if (!sandbox_calls(&place->sandbox))
		return EPERM;
	close(fd);
	return unlink(path) ? errno : 0;
}

TEST_F(sandbox, own_socket_is_made_and_removed)
{
	EXPECT_EQ(0, in_child(serve_socket, &self->place, NULL));
}

TEST_F(sandbox, configured_paths_are_read_and_not_written_to)
{
	struct config_list paths = { (char *[]){ self->place.other }, 1 };

	self->place.sandbox.paths = &paths;
	EXPECT_EQ(0, in_child(inside, &self->place,
			      &(struct trial){ "read-file", self->place.secret }));
	EXPECT_EQ(EACCES, in_child(inside, &self->place,
				   &(struct trial){ "write-file", self->place.secret }));
}

TEST_F(sandbox, configured_single_file_is_read)
{
	struct config_list paths = { (char *[]){ self->place.secret }, 1 };

	self->place.sandbox.paths = &paths;
	EXPECT_EQ(0, in_child(inside, &self->place,
			      &(struct trial){ "read-file", self->place.secret }));
}

TEST_F(sandbox, configured_places_are_written_to)
{
	struct config_list writable = { (char *[]){ self->place.open }, 1 };

	self->place.sandbox.writable = &writable;
	EXPECT_EQ(0, in_child(inside, &self->place,
			      &(struct trial){ "create-file", self->place.created }));
}

TEST_F(sandbox, configured_devices_are_used)
{
	struct config_list devices = { (char *[]){ (char[]){ "/dev/zero" } }, 1 };

	EXPECT_EQ(EACCES, in_child(inside, &self->place,
				   &(struct trial){ "write-file", "/dev/zero" }));
	self->place.sandbox.devices = &devices;
	EXPECT_EQ(0, in_child(inside, &self->place,
			      &(struct trial){ "write-file", "/dev/zero" }));
	EXPECT_EQ(0, in_child(inside, &self->place,
			      &(struct trial){ "control-device", NULL }));
}

TEST_F(sandbox, network_is_what_is_configured)
{
	const struct trial local = { "connect-unix", self->place.listener };
	const struct trial inet = { "open-inet", NULL };
	const struct trial netlink = { "open-netlink", NULL };

	self->place.sandbox.network = NETWORK_UNIX;
	EXPECT_EQ(0, in_child(inside, &self->place, &local));
	EXPECT_EQ(ENOSYS, in_child(inside, &self->place, &inet));
	EXPECT_EQ(ENOSYS, in_child(inside, &self->place, &netlink));
	self->place.sandbox.network = NETWORK_INET;
	EXPECT_EQ(0, in_child(inside, &self->place, &local));
	EXPECT_EQ(0, in_child(inside, &self->place, &inet));
	EXPECT_EQ(ENOSYS, in_child(inside, &self->place, &netlink));
}

static int enter_files(const struct place *place, const void *unused)
{
	return !privileges_lock() ? EPERM : -sandbox_files(&place->sandbox);
}

TEST_F(sandbox, configured_path_that_is_missing_is_an_error)
{
	struct config_list paths = { (char *[]){ self->place.created }, 1 };

	self->place.sandbox.paths = &paths;
	EXPECT_EQ(ENOENT, in_child(enter_files, &self->place, NULL));
}

/* It is the provider that knows whether it can do without */
TEST_F(sandbox, configured_device_that_is_missing_is_none)
{
	struct config_list devices = { (char *[]){ self->place.created }, 1 };

	self->place.sandbox.devices = &devices;
	EXPECT_EQ(0, in_child(enter_files, &self->place, NULL));
}

/* A thread that the provider has started before the host is locked in */
static pthread_barrier_t barrier;

static void *early(void *arg)
{
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	*(int *)arg = attempt_run("open-inet", NULL);
	return NULL;
}

static int start_early(const struct place *place, const void *unused)
{
	pthread_t thread;
	int error = 0;

	pthread_barrier_init(&barrier, NULL, 2);
	if (!privileges_lock() || sandbox_files(&place->sandbox))
		return EPERM;
	if (pthread_create(&thread, NULL, early, &error))
		return EAGAIN;
	pthread_barrier_wait(&barrier);
	if (!sandbox_calls(&place->sandbox))
		return EPERM;
	pthread_barrier_wait(&barrier);
	pthread_join(thread, NULL);
	return error;
}

TEST_F(sandbox, threads_that_are_there_already_are_bound)
{
	EXPECT_EQ(EAFNOSUPPORT, in_child(start_early, &self->place, NULL));
}

/* A kernel that lacks something: as seen through a filter that hides it */

static bool hide(int call)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	bool done = !seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), call, 0) &&
		    !seccomp_load(filter);

	seccomp_release(filter);
	return done;
}

/* How far it gets without Landlock */
static int enter_without_files(const struct place *place, const void *unused)
{
	if (!privileges_lock() || !hide(SCMP_SYS(landlock_create_ruleset)))
		return EPERM;
	return -sandbox_files(&place->sandbox);
}

/* And without seccomp */
static int enter_without_calls(const struct place *place, const void *unused)
{
	if (!privileges_lock() || !hide(SCMP_SYS(seccomp)))
		return EPERM;
	return !sandbox_calls(&place->sandbox);
}

TEST_F(sandbox, what_the_kernel_lacks_is_required)
{
	EXPECT_EQ(EOPNOTSUPP, in_child(enter_without_files, &self->place, NULL));
	EXPECT_EQ(1, in_child(enter_without_calls, &self->place, NULL));
}

TEST_F(sandbox, what_the_kernel_lacks_is_left_out_at_best_effort)
{
	self->place.sandbox.mode = SANDBOX_BEST_EFFORT;
	EXPECT_EQ(0, in_child(enter_without_files, &self->place, NULL));
	EXPECT_EQ(0, in_child(enter_without_calls, &self->place, NULL));
}

TEST_F(sandbox, best_effort_is_all_that_there_is)
{
	self->place.sandbox.mode = SANDBOX_BEST_EFFORT;
	EXPECT_EQ(EACCES, in_child(inside, &self->place,
				   &(struct trial){ "read-file", self->place.secret }));
	EXPECT_EQ(KILLED, in_child(inside, &self->place,
				   &(struct trial){ "run-program", "/bin/true" }));
}

TEST_F(sandbox, off_is_off)
{
	self->place.sandbox.mode = SANDBOX_OFF;
	EXPECT_EQ(0, in_child(inside, &self->place,
			      &(struct trial){ "read-file", self->place.secret }));
	EXPECT_EQ(0, in_child(inside, &self->place,
			      &(struct trial){ "run-program", "/bin/true" }));
}

/* parsecd: it starts programs, and neither it nor they do what nobody needs */

static int supervise(const struct place *place, const void *arg)
{
	const struct trial *trial = arg;

	(void)place;
	if (!privileges_lock() || !sandbox_supervisor(SANDBOX_REQUIRED))
		return EPERM;
	return attempt_run(trial->name, trial->target);
}

TEST_F(sandbox, supervisor_is_kept_from_what_nobody_needs)
{
	const struct trial start = { "run-program", "/bin/true" };
	const struct trial signal = { "send-signal", self->place.sibling };
	const struct trial deadly[] = {
		{ "trace", self->place.sibling }, { "mount", self->place.open },
		{ "load-module", NULL }, { "load-bpf", NULL }, { "use-ring", NULL },
		{ "new-namespace", NULL }, { "use-keyring", NULL },
	};

	if (geteuid())
		SKIP(return, "root is needed");
	EXPECT_EQ(0, in_child(supervise, &self->place, &start));
	EXPECT_EQ(0, in_child(supervise, &self->place, &signal));
	for (size_t i = 0; i < sizeof(deadly) / sizeof(*deadly); i++) {
		EXPECT_EQ(KILLED, in_child(supervise, &self->place, &deadly[i])) {
			TH_LOG("%s", deadly[i].name);
		}
	}
}

TEST_HARNESS_MAIN
