// SPDX-License-Identifier: Apache-2.0
/*
 * Files that a provider host can open, by Landlock. This is what holds when an intruder
 * has the rights of the host's user: files that the user could open, but has no business
 * with, and all that everybody can read or write.
 *
 * It is in force before the provider is opened, so that threads which the provider
 * starts are bound by it, too. Libraries of the system stay readable, for a backend may
 * load some of them at its first use.
 */
#include "helper/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "helper/log.h"

/* By number, as the kernel's header may be older than the kernel: bit and first ABI */
#define FS_REFER		(UINT64_C(1) << 13)	/* 2 */
#define FS_TRUNCATE		(UINT64_C(1) << 14)	/* 3 */
#define FS_IOCTL_DEV		(UINT64_C(1) << 15)	/* 5 */
#define NET_BIND_TCP		(UINT64_C(1) << 0)	/* 4 */
#define NET_CONNECT_TCP		(UINT64_C(1) << 1)	/* 4 */
#define SCOPE_ABSTRACT_UNIX	(UINT64_C(1) << 0)	/* 6 */
#define SCOPE_SIGNAL		(UINT64_C(1) << 1)	/* 6 */

#define FS_OF_ABI_1	(FS_REFER - 1)

/* What a rule allows; of a file that is no directory, what makes sense for one */
#define READ	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define USE	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_IOCTL_DEV)
#define KEEP	(READ | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE | FS_REFER | \
		 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR | \
		 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR)
#define LISTEN	(LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE)
#define OF_A_FILE (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | \
		   FS_TRUNCATE | FS_IOCTL_DEV)

/* What libraries and the C library open behind everybody's back, where it exists */
static const struct {
	const char *path;
	uint64_t access;
} common[] = {
	{ "/lib", READ },			/* libraries that are loaded late */
	{ "/lib64", READ },
	{ "/usr/lib", READ },
	{ "/usr/lib64", READ },
	{ "/usr/local/lib", READ },
	{ "/usr/share", READ },			/* time zones, p11-kit's modules */
	{ "/etc/ld.so.cache", READ },
	{ "/etc/localtime", READ },
	{ "/etc/nsswitch.conf", READ },		/* names of users */
	{ "/etc/passwd", READ },
	{ "/etc/group", READ },
	{ "/etc/ssl", READ },			/* openssl.cnf */
	{ "/etc/pki", READ },
	{ "/etc/crypto-policies", READ },
	{ "/dev/null", USE },
	{ "/dev/urandom", READ },
	{ "/dev/random", READ },
};

/* As the newest kernel knows it; an older one takes zeros for what it does not */
struct ruleset_attr {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

/* Return: false, with errno, when the rule cannot be made */
static bool allow(int ruleset, uint64_t handled, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = access & handled };
	int fd = open(path, O_PATH | O_CLOEXEC);
	struct stat st;
	bool done;

	if (fd < 0)
		return false;
	rule.parent_fd = fd;
	done = !fstat(fd, &st);
	if (done && !S_ISDIR(st.st_mode))
		rule.allowed_access &= OF_A_FILE;
	done = done && !syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
				&rule, 0);
	close(fd);
	return done;
}

/* One that the host cannot do without; NULL is none. Return: 0 or a negative errno */
static int allow_own(int ruleset, uint64_t handled, const char *path, uint64_t access)
{
	int error;

	if (!path || allow(ruleset, handled, path, access))
		return 0;
	error = errno;
	log_error("%s cannot be let into the sandbox: %m", path);
	return -error;
}

static int allow_list(int ruleset, uint64_t handled, const struct config_list *list,
		      uint64_t access)
{
	int rc = 0;

	for (size_t i = 0; list && i < list->count && !rc; i++)
		rc = allow_own(ruleset, handled, list->items[i], access);
	return rc;
}

/* One that is missing is the caller's business, whose provider may do without */
static int allow_devices(int ruleset, uint64_t handled, const struct config_list *devices)
{
	int rc = 0;

	for (size_t i = 0; devices && i < devices->count && !rc; i++) {
		if (access(devices->items[i], F_OK) && errno == ENOENT)
			continue;
		rc = allow_own(ruleset, handled, devices->items[i], USE);
	}
	return rc;
}

static int allow_all(int ruleset, uint64_t handled, const struct sandbox *sandbox)
{
	for (size_t i = 0; i < sizeof(common) / sizeof(*common); i++)
		allow(ruleset, handled, common[i].path, common[i].access);
	return allow_own(ruleset, handled, sandbox->state_dir, KEEP) ?:
	       allow_own(ruleset, handled, sandbox->socket_dir, LISTEN) ?:
	       allow_own(ruleset, handled, sandbox->library_dir, READ) ?:
	       allow_devices(ruleset, handled, sandbox->devices) ?:
	       allow_list(ruleset, handled, sandbox->paths, READ) ?:
	       allow_list(ruleset, handled, sandbox->writable, KEEP);
}

static struct ruleset_attr what_is_handled(long abi, enum config_network network)
{
	struct ruleset_attr attr = { .fs = FS_OF_ABI_1 };

	if (abi >= 2)
		attr.fs |= FS_REFER;
	if (abi >= 3)
		attr.fs |= FS_TRUNCATE;
	if (abi >= 4 && network != NETWORK_INET)
		attr.net = NET_BIND_TCP | NET_CONNECT_TCP;
	if (abi >= 5)
		attr.fs |= FS_IOCTL_DEV;
	if (abi >= 6)
		attr.scoped = SCOPE_SIGNAL | (network == NETWORK_NONE ? SCOPE_ABSTRACT_UNIX : 0);
	return attr;
}

static int is_missing(const struct sandbox *sandbox)
{
	if (sandbox->mode == SANDBOX_REQUIRED) {
		log_error("the kernel has no Landlock (%m): enable it (lsm=landlock,...), or set "
			  "sandbox = best-effort in [core]");
		return -EOPNOTSUPP;
	}
	log_warning("the kernel has no Landlock (%m): files are guarded by their modes alone");
	return 0;
}

int sandbox_files(const struct sandbox *sandbox)
{
	struct ruleset_attr attr;
	long abi, ruleset;
	int rc;

	if (sandbox->mode == SANDBOX_OFF)
		return 0;
	abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (abi < 1)
		return is_missing(sandbox);
	attr = what_is_handled(abi, sandbox->network);
	ruleset = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (ruleset < 0) {
		rc = -errno;
		log_error("the sandbox cannot be made: %m");
		return rc;
	}
	rc = allow_all((int)ruleset, attr.fs, sandbox);
	if (!rc && syscall(SYS_landlock_restrict_self, ruleset, 0)) {
		rc = -errno;
		log_error("the sandbox cannot be entered: %m");
	}
	close((int)ruleset);
	return rc;
}
