/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process of the service may do: become the service's user, make its
 * directories, give up what is no longer needed.
 *
 * A provider host calls, in this order and before it has threads (capabilities
 * and "no new privileges" belong to a thread):
 *
 *	user_lookup()			as root
 *	directory_make()		as root: state_dir/NAME and runtime_dir/NAME
 *	privileges_become()		now the user, with CAP_NET_ADMIN
 *	...				a thread that will register with the kernel
 *	privileges_lock()		now nothing but the user
 *
 * What follows then is in sandbox.h.
 *
 * Every function that fails has said why in one log line.
 */
#ifndef PARSEC_PRIVILEGES_H
#define PARSEC_PRIVILEGES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A set of capabilities, CAP_x of linux/capability.h */
#define CAPABILITY(number)	(UINT64_C(1) << (number))

/**
 * struct service_user - who the provider hosts run as
 * @name:	as configured; valid as long as what user_lookup() was given
 * @uid:	user, not root
 * @gid:	primary group
 */
struct service_user {
	const char *name;
	uid_t uid;
	gid_t gid;
};

/**
 * user_lookup() - find the configured user
 * Return: false when there is no such user or it is root.
 */
bool user_lookup(const char *name, struct service_user *user);

/** user_id() - of a user, (uid_t)-1 when there is none; says nothing */
uid_t user_id(const char *name);

/**
 * directory_make() - make a directory that is the user's
 * @path:	absolute; missing parents are made, as root's, mode 0755
 * @mode:	of one that is made, e.g. 0700
 * @user:	owner
 *
 * One that exists is taken when it is a directory (not a link to one), the user's or
 * root's, and only its owner can write to it. Called without root it makes and wants
 * the caller's.
 */
bool directory_make(const char *path, mode_t mode, const struct service_user *user);

/**
 * directory_share() - let a group into a directory that directory_make() made
 *
 * Does nothing without root.
 */
bool directory_share(const char *path, gid_t group);

/**
 * privileges_become() - become the user, with its groups
 * @user:	from user_lookup()
 * @keep:	capabilities that stay, permitted and effective
 *
 * The process cannot be traced or dump core from here on, and a parent-death signal
 * that was set is set again (the kernel clears it when the user changes). The bounding
 * set is empty, which takes CAP_SETPCAP. A caller that is already the user keeps of
 * @keep what it has; any other caller that is not root is refused.
 */
bool privileges_become(const struct service_user *user, uint64_t keep);

/**
 * privileges_lock() - give up every capability and the way to get new ones
 *
 * As privileges_become() leaves it: not traceable, no core dumps.
 */
bool privileges_lock(void);

/**
 * memory_limit_lift() - let this process and its children lock as much as they need
 *
 * Needs CAP_SYS_RESOURCE, or a limit that is lifted already; without, memory_lock()
 * fails.
 */
void memory_limit_lift(void);

/**
 * memory_lock() - keep all memory of this process out of the swap
 *
 * Now and in future. Pages count once they are used, so this costs nothing.
 *
 * Return: false, without a log line, where the limit is not lifted: one that is reached
 * later would make allocations fail.
 */
bool memory_lock(void);

/**
 * privileges_limit() - bound what this process and its children can ever have
 * @permitted:	what is left, also in the bounding set
 * @effective:	of these, what is in force in this process
 *
 * Children that stay root get @permitted. For the supervisor, whose hosts become
 * somebody else themselves. Does nothing without root.
 */
bool privileges_limit(uint64_t permitted, uint64_t effective);

#endif /* PARSEC_PRIVILEGES_H */
