// SPDX-License-Identifier: Apache-2.0
/*
 * What the kernel would say about a process when it opened the device now, as far as
 * /proc shows it to others.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/device.h"
#include "parsecctl.h"

/* Inodes of the initial namespaces, which are the same on every kernel */
#define INIT_USER_NS	0xEFFFFFFDU
#define INIT_PID_NS	0xEFFFFFFCU

/* Namespaces are nested this deep at most */
#define LEVELS_MAX	33

/* A file of the process, of PROC_MAX bytes at most, without its last line end; or NULL */
#define PROC_MAX	(64 * 1024)

static char *read_proc(uint32_t pid, const char *name)
{
	char path[64], *text = malloc(PROC_MAX);
	size_t len;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%u/%s", pid, name);
	file = fopen(path, "re");
	len = file && text ? fread(text, 1, PROC_MAX - 1, file) : 0;
	if (!file || !text || ferror(file)) {
		free(text);
		text = NULL;
	} else {
		if (len && text[len - 1] == '\n')
			len--;
		text[len] = '\0';
	}
	if (file)
		fclose(file);
	return text;
}

static int open_proc(uint32_t pid, const char *name, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/%s", pid, name);
	return open(path, flags | O_CLOEXEC);
}

/* The effective one of the four numbers of a line of /proc/PID/status */
static bool status_id(const char *status, const char *name, uint32_t *id)
{
	const char *line = strstr(status, name);
	char *end;

	if (!line)
		return false;
	strtoul(line + strlen(name), &end, 10);		/* the real one */
	*id = (uint32_t)strtoul(end, &end, 10);
	return *end == '\t';
}

static void take_user_namespace(uint32_t pid, struct parsec_facts *facts)
{
	int fd = open_proc(pid, "ns/user", O_RDONLY), parent;
	struct stat st;
	uid_t owner;

	facts->userns_owner = PARSEC_ID_UNKNOWN;
	if (fd < 0)
		return;
	if (!fstat(fd, &st))
		facts->userns = st.st_ino;
	facts->init_userns = facts->userns == INIT_USER_NS;
	if (!ioctl(fd, NS_GET_OWNER_UID, &owner))
		facts->userns_owner = owner;
	/* Up to the initial one, which has no parent */
	for (; facts->userns_level < LEVELS_MAX; facts->userns_level++) {
		if (fstat(fd, &st) || st.st_ino == INIT_USER_NS)
			break;
		parent = ioctl(fd, NS_GET_PARENT);
		if (parent < 0)
			break;
		close(fd);
		fd = parent;
	}
	close(fd);
}

static void take_pid_namespace(uint32_t pid, struct parsec_facts *facts)
{
	int fd = open_proc(pid, "ns/pid", O_RDONLY);
	struct stat st;

	if (fd < 0)
		return;
	if (!fstat(fd, &st))
		facts->pidns = st.st_ino;
	facts->init_pidns = facts->pidns == INIT_PID_NS;
	close(fd);
}

static void take_cgroup(uint32_t pid, struct process *process)
{
	char *text = read_proc(pid, "cgroup"), *line = text ? strstr(text, "0::") : NULL;

	/* The hierarchy of number 0 is version 2; its line is the last one */
	while (line && line != text && line[-1] != '\n')
		line = strstr(line + 1, "0::");
	if (line)
		process->cgroup_path = strndup(line + 3, strcspn(line + 3, "\n"));
	process->facts.cgroup_path = process->cgroup_path;
	free(text);
}

static void take_exe(uint32_t pid, struct process *process)
{
	int fd = open_proc(pid, "exe", O_PATH);
	char path[64], target[4096];
	struct statx st;
	ssize_t len;

	if (fd < 0)
		return;
	if (!statx(fd, "", AT_EMPTY_PATH, STATX_INO, &st)) {
		process->facts.exe_dev = device_pack(st.stx_dev_major, st.stx_dev_minor);
		process->facts.exe_ino = st.stx_ino;
	}
	close(fd);
	snprintf(path, sizeof(path), "/proc/%u/exe", pid);
	len = readlink(path, target, sizeof(target));
	if (len > 0 && len < (ssize_t)sizeof(target))
		process->exe = strndup(target, (size_t)len);
	process->facts.exe = process->exe;
}

static void take_lsm(uint32_t pid, struct process *process)
{
	process->lsm = read_proc(pid, "attr/current");
	if (process->lsm && !*process->lsm) {
		free(process->lsm);
		process->lsm = NULL;
	}
	process->facts.lsm = process->lsm;
}

static void take_login(uint32_t pid, struct parsec_facts *facts)
{
	char *text = read_proc(pid, "loginuid");

	facts->loginuid = text && *text ? (uint32_t)strtoul(text, NULL, 10) : PARSEC_ID_UNKNOWN;
	free(text);
}

/**
 * process_facts() - find out about a process
 * @ctl:	context
 * @pid:	the process
 * @process:	filled in, to be freed with process_free()
 *
 * Return: EXIT_OK, or EXIT_LOCAL when it was said that there is no such process or that
 * not enough of it can be seen.
 */
int process_facts(struct ctl *ctl, uint32_t pid, struct process *process)
{
	char *status = read_proc(pid, "status");
	bool known;

	*process = (struct process){ .facts.pid = pid };
	if (!status)
		return local_error(ctl, "process %u: %s", pid, strerror(errno));
	known = status_id(status, "\nUid:", &process->facts.uid) &&
		status_id(status, "\nGid:", &process->facts.gid);
	free(status);
	take_user_namespace(pid, &process->facts);
	take_pid_namespace(pid, &process->facts);
	if (!known || !process->facts.userns || !process->facts.pidns)
		return local_error(ctl, "process %u cannot be seen: only root sees all processes",
				   pid);
	take_cgroup(pid, process);
	take_exe(pid, process);
	take_lsm(pid, process);
	take_login(pid, &process->facts);
	return EXIT_OK;
}

/**
 * process_free() - free what process_facts() allocated
 */
void process_free(struct process *process)
{
	free(process->cgroup_path);
	free(process->lsm);
	free(process->exe);
}
