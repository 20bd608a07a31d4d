/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel counted: for the module, for each provider, for each account
 * (include/uapi/linux/parsec_netlink.h, GET_STATS, says what each number means).
 */
#ifndef PARSEC_HELPER_NETLINK_STATS_H
#define PARSEC_HELPER_NETLINK_STATS_H

#include "helper/netlink.h"

/**
 * struct netlink_module_stats - what was counted since the module was loaded
 * @sessions, @accounts: how many there are now
 *
 * The others are the PARSEC_A_STAT_* of the same name.
 */
struct netlink_module_stats {
	uint32_t sessions;
	uint32_t accounts;
	uint64_t opened;
	uint64_t open_refused;
	uint64_t eperm;
	uint64_t enotconn;
	uint64_t eoverflow;
	uint64_t edquot;
	uint64_t etimedout;
	uint64_t eio;
	uint64_t eintr;
	uint64_t enomem;
	uint64_t replayed;
	uint64_t registered;
	uint64_t register_refused;
	uint64_t register_unprivileged;
	uint64_t taken_over;
	uint64_t query_unprivileged;
	uint64_t reply_unregistered;
	uint64_t reply_forged;
	uint64_t reply_duplicate;
	uint64_t reply_late;
	uint64_t reply_incomplete;
	uint64_t reply_oversized;
};

/** struct netlink_provider_stats - the PARSEC_A_PSTAT_* of the same name */
struct netlink_provider_stats {
	uint8_t provider;
	uint32_t workers;
	uint32_t retired;
	uint32_t credits;
	uint32_t queued;
	uint32_t in_flight;
	uint32_t parked;
	uint64_t sent;
	uint64_t done;
	uint64_t aborted;
	uint64_t returned;
};

/**
 * struct netlink_account_stats - the PARSEC_A_ASTAT_* of the same name
 * @cgroup_path: NULL when the kernel has none; valid during the call only
 */
struct netlink_account_stats {
	uint32_t uid;
	uint64_t userns;
	uint64_t cgroup;
	const char *cgroup_path;
	uint32_t sessions;
	uint32_t waiting;
	uint32_t running;
	uint64_t done;
	uint64_t refused;
	uint32_t max_waiting;
	uint32_t max_running;
	uint32_t max_open;
};

/**
 * struct netlink_stats_sink - who wants to know
 * @module:	called once
 * @provider:	called for each provider that ever had a worker
 * @account:	called for each account that there is
 * @arg:	for them
 *
 * One that is NULL is not called.
 */
struct netlink_stats_sink {
	void (*module)(const struct netlink_module_stats *stats, void *arg);
	void (*provider)(const struct netlink_provider_stats *stats, void *arg);
	void (*account)(const struct netlink_account_stats *stats, void *arg);
	void *arg;
};

/**
 * netlink_stats() - ask what was counted
 *
 * The socket is registered, or the process has CAP_NET_ADMIN. May be called while a
 * request is served, like netlink_session(). A number that the kernel does not tell
 * is 0.
 *
 * Return: 0; -EPERM; -EBADMSG for an answer that cannot be read; another negative
 * errno.
 */
int netlink_stats(struct netlink *nl, const struct netlink_stats_sink *sink);

#endif /* PARSEC_HELPER_NETLINK_STATS_H */
