/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who a caller is: what the kernel says about it, and what the service makes of that.
 * Shared by libparsec and the helper.
 */
#ifndef PARSEC_IDENTITY_FACTS_H
#define PARSEC_IDENTITY_FACTS_H

#include <parsec/types.h>

/* An id that nobody has: "not known" */
#define PARSEC_ID_UNKNOWN	UINT32_MAX

/**
 * struct parsec_facts - a process as the kernel sees it
 * @uid:	effective user id, in the initial user namespace
 * @gid:	effective group id, likewise
 * @init_userns: it is in the initial user namespace
 * @init_pidns:	it is in the initial pid namespace
 * @pid:	thread group, in the initial pid namespace; 0 = not known
 * @loginuid:	who logged in, according to audit; PARSEC_ID_UNKNOWN = nobody
 * @userns:	inode of its user namespace, 0 = not known
 * @userns_owner: uid of the namespace's owner, PARSEC_ID_UNKNOWN = not known
 * @userns_level: how deep it is nested, 0 = initial
 * @pidns:	inode of its pid namespace, 0 = not known
 * @start_time:	when it started, CLOCK_BOOTTIME ns; 0 = not known
 * @cgroup:	id of its cgroup v2, 0 = not known
 * @exe_dev:	device of its executable: major and minor as new_encode_dev() of the
 *		kernel packs them
 * @exe_ino:	inode of its executable, 0 = not known
 * @cgroup_path: of its cgroup, from the root of the hierarchy, or NULL
 * @lsm:	its security label, or NULL
 * @exe:	path of its executable as itself sees it, or NULL: anything can be there
 *		in a container
 *
 * Strings are without NUL, but not necessarily UTF-8.
 */
struct parsec_facts {
	uint32_t uid;
	uint32_t gid;
	bool init_userns;
	bool init_pidns;
	uint32_t pid;
	uint32_t loginuid;
	uint64_t userns;
	uint32_t userns_owner;
	uint32_t userns_level;
	uint64_t pidns;
	uint64_t start_time;
	uint64_t cgroup;
	uint64_t exe_dev;
	uint64_t exe_ino;
	const char *cgroup_path;
	const char *lsm;
	const char *exe;
};

/**
 * struct parsec_limits - how much one caller may have at a time
 * @max_waiting: requests that wait
 * @max_running: requests that are being performed
 * @max_open:	open files of the device
 *
 * 0 = the kernel's default.
 */
struct parsec_limits {
	uint32_t max_waiting;
	uint32_t max_running;
	uint32_t max_open;
};

/**
 * struct parsec_decision - what the service makes of a caller
 * @application: the name that its keys belong to, "" = none: it has no keys
 * @rule:	the rule of the configuration that matched, "" = none
 * @why:	where the name comes from, for people
 * @admin:	it may use operations of administrators
 * @denied:	it may use none
 * @some_providers: it may use no other providers than @providers
 * @some_operations: and perform no other operations than @operations
 * @providers:	ids, @provider_count of them
 * @operations:	opcodes, @operation_count of them
 * @limits:	of the rules, for all that the kernel counts together with it
 */
struct parsec_decision {
	const char *application;
	const char *rule;
	const char *why;
	bool admin;
	bool denied;
	bool some_providers;
	bool some_operations;
	const uint32_t *providers;
	size_t provider_count;
	const uint32_t *operations;
	size_t operation_count;
	struct parsec_limits limits;
};

/**
 * struct parsec_verdict - what one rule makes of a caller
 * @rule:	its name
 * @matches:	every condition holds
 * @reason:	the first condition that does not hold, or which conditions hold; for people
 */
struct parsec_verdict {
	const char *rule;
	bool matches;
	const char *reason;
};

#endif /* PARSEC_IDENTITY_FACTS_H */
