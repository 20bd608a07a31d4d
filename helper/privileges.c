// SPDX-License-Identifier: Apache-2.0
/*
 * Giving up what a process of the service does not need.
 */
#include "helper/privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "helper/log.h"

#define PARENT_MODE	0755

bool user_lookup(const char *name, struct service_user *user)
{
	const struct passwd *entry;

	errno = 0;
	entry = getpwnam(name);
	if (!entry) {
		if (errno)
			log_error("user %s cannot be looked up: %m", name);
		else
			log_error("there is no user %s: create it, or configure another as user",
				  name);
		return false;
	}
	if (!entry->pw_uid) {
		log_error("user %s is root: configure one of the service's own as user",
			  name);
		return false;
	}
	*user = (struct service_user){ name, entry->pw_uid, entry->pw_gid };
	return true;
}

uid_t user_id(const char *name)
{
	const struct passwd *entry = getpwnam(name);

	return entry ? entry->pw_uid : (uid_t)-1;
}

/* Directories */

/* Open @name in @dir, made if it is missing; -1 with errno */
static int directory_open_made(int dir, const char *name, mode_t mode)
{
	mode_t mask = umask(0);
	int made = mkdirat(dir, name, mode);
	int error = errno;

	umask(mask);
	if (made && error != EEXIST) {
		errno = error;
		return -1;
	}
	/* O_PATH: one that is the user's cannot be read by a root without capabilities */
	return openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Open the directory that @path is in, with its parents made; -1 with errno */
static int parent_open(const char *path, size_t len)
{
	char parent[PATH_MAX];
	mode_t mask;

	if (len >= sizeof(parent)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(parent, path, len);
	parent[len] = '\0';
	/* One that fails, or is there already, shows at the open */
	mask = umask(0);
	for (char *slash = parent; (slash = strchr(slash + 1, '/')); *slash = '/') {
		*slash = '\0';
		mkdir(parent, PARENT_MODE);
	}
	mkdir(parent, PARENT_MODE);
	umask(mask);
	return open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Take over the directory @fd for @owner if nobody else could have prepared it */
static bool directory_take(int fd, const char *path, uid_t owner, gid_t group)
{
	struct stat st;

	if (fstat(fd, &st)) {
		log_error("%s: %m", path);
		return false;
	}
	if (st.st_mode & (S_IWGRP | S_IWOTH)) {
		log_error("%s is writable by others: chmod go-w it", path);
		return false;
	}
	if (st.st_uid == owner)
		return true;
	if (st.st_uid || geteuid()) {
		log_error("%s belongs to user %u, not to %u: chown it or remove it", path,
			  st.st_uid, owner);
		return false;
	}
	if (fchownat(fd, "", owner, group, AT_EMPTY_PATH)) {
		log_error("%s cannot be given to user %u: %m", path, owner);
		return false;
	}
	return true;
}

bool directory_make(const char *path, mode_t mode, const struct service_user *user)
{
	size_t len = strlen(path);
	uid_t owner = geteuid() ?: user->uid;
	gid_t group = geteuid() ? getegid() : user->gid;
	const char *name;
	int parent, fd;
	bool taken;

	while (len > 1 && path[len - 1] == '/')
		len--;
	name = memrchr(path, '/', len);
	if (*path != '/' || len == 1) {
		log_error("%s cannot be a directory of the service", path);
		return false;
	}

	parent = parent_open(path, name == path ? 1 : (size_t)(name - path));
	if (parent < 0) {
		log_error("the directory that %s is in cannot be opened: %m", path);
		return false;
	}
	fd = directory_open_made(parent, name + 1, mode);
	close(parent);
	if (fd < 0) {
		log_error("directory %s cannot be made or opened: %m", path);
		return false;
	}
	taken = directory_take(fd, path, owner, group);
	close(fd);
	return taken;
}

bool directory_share(const char *path, gid_t group)
{
	struct stat st;
	int fd;
	bool done;

	if (geteuid())
		return true;
	fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	done = fd >= 0 && !fstat(fd, &st) &&
	       (st.st_gid == group || !fchownat(fd, "", (uid_t)-1, group, AT_EMPTY_PATH));
	if (!done)
		log_error("%s cannot be given to group %u: %m", path, group);
	if (fd >= 0)
		close(fd);
	return done;
}

/* Capabilities. By system call, as capget() and capset() are in no header of libc */

static bool capabilities_get(uint64_t *permitted)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data)) {
		log_error("capabilities cannot be read: %m");
		return false;
	}
	*permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	return true;
}

/* Nothing is inheritable or ambient */
static bool capabilities_set(uint64_t permitted, uint64_t effective)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
		{ .permitted = (uint32_t)permitted, .effective = (uint32_t)effective },
		{ .permitted = (uint32_t)(permitted >> 32),
		  .effective = (uint32_t)(effective >> 32) },
	};

	if (syscall(SYS_capset, &header, data)) {
		log_error("capabilities cannot be given up: %m");
		return false;
	}
	return true;
}

/* Whatever is executed later can have no more than this. Needs CAP_SETPCAP */
static bool bounding_limit(uint64_t permitted)
{
	for (int i = 0; prctl(PR_CAPBSET_READ, i) >= 0; i++) {
		if (permitted & CAPABILITY(i) || !prctl(PR_CAPBSET_READ, i))
			continue;
		if (prctl(PR_CAPBSET_DROP, i)) {
			log_error("capability %d cannot be ruled out: %m", i);
			return false;
		}
	}
	return true;
}

/* No tracer and no core file gets at keys */
static bool hide_memory(void)
{
	const struct rlimit none = { 0, 0 };

	if (prctl(PR_SET_DUMPABLE, 0) || setrlimit(RLIMIT_CORE, &none)) {
		log_error("core dumps cannot be switched off: %m");
		return false;
	}
	return true;
}

static bool change_user(const struct service_user *user)
{
	pid_t parent = getppid();
	int death_signal = 0;

	if (prctl(PR_GET_PDEATHSIG, &death_signal) || prctl(PR_SET_KEEPCAPS, 1) ||
	    initgroups(user->name, user->gid) ||
	    setresgid(user->gid, user->gid, user->gid) ||
	    setresuid(user->uid, user->uid, user->uid)) {
		log_error("cannot become user %s: %m", user->name);
		return false;
	}
	if (!death_signal)
		return true;
	if (prctl(PR_SET_PDEATHSIG, death_signal)) {
		log_error("cannot follow the parent into its death: %m");
		return false;
	}
	/* It may have died while no signal was set */
	if (getppid() != parent)
		raise(death_signal);
	return true;
}

bool privileges_become(const struct service_user *user, uint64_t keep)
{
	uint64_t permitted;

	if (geteuid() && geteuid() != user->uid) {
		log_error("must be started as root, or as user %s", user->name);
		return false;
	}
	if (!capabilities_get(&permitted) ||
	    (!geteuid() && (!bounding_limit(0) || !change_user(user))))
		return false;
	keep &= permitted;
	return capabilities_set(keep, keep) && hide_memory();
}

bool privileges_lock(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
		log_error("new privileges cannot be ruled out: %m");
		return false;
	}
	return capabilities_set(0, 0) && hide_memory();
}

bool privileges_limit(uint64_t permitted, uint64_t effective)
{
	uint64_t have;

	if (geteuid())
		return true;
	if (!bounding_limit(permitted))
		return false;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
		log_error("new privileges cannot be ruled out: %m");
		return false;
	}
	return capabilities_get(&have) && capabilities_set(permitted & have, effective & have) &&
	       hide_memory();
}

void memory_limit_lift(void)
{
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_MEMLOCK, &none);
}

bool memory_lock(void)
{
	struct rlimit limit;

	return !getrlimit(RLIMIT_MEMLOCK, &limit) && limit.rlim_cur == RLIM_INFINITY &&
	       !mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}
