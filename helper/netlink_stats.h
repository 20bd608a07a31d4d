/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel counted: for the module, for each provider, for each account
 * (include/uapi/linux/parsec_netlink.h, GET_STATS, says what each number means). Members are
 * the PARSEC_A_STAT_*, PARSEC_A_PSTAT_* and PARSEC_A_ASTAT_* of the same name.
 */
#ifndef PARSEC_HELPER_NETLINK_STATS_H
#define PARSEC_HELPER_NETLINK_STATS_H

#include <parsec/stats.h>

#include "helper/netlink.h"

/**
 * struct netlink_stats_sink - who wants to know
 * @module:	called once
 * @provider:	called for each provider that ever had a worker
 * @account:	called for each account that there is; its path is valid during the call
 * @arg:	for them
 *
 * One that is NULL is not called.
 */
struct netlink_stats_sink {
	void (*module)(const struct parsec_stats_device *stats, void *arg);
	void (*provider)(const struct parsec_stats_queue *stats, void *arg);
	void (*account)(const struct parsec_stats_account *stats, void *arg);
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
