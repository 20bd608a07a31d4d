/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The threads that serve the kernel.
 */
#ifndef PARSEC_WORKER_H
#define PARSEC_WORKER_H

#include "helper/dispatch.h"
#include "helper/netlink.h"
#include "helper/session.h"

/**
 * struct worker - a thread, its socket and its memory
 * @nl:		line to the kernel
 * @scratch:	for the dispatch
 * @stats:	what it counts
 * @pool:	the others
 * @thread:	running when @started
 * @started:	see @thread
 * @large:	a large message has left memory that is to be trimmed
 */
struct worker {
	struct netlink nl;
	struct scratch scratch;
	struct stats_thread *stats;
	struct worker_pool *pool;
	pthread_t thread;
	bool started;
	bool large;
};

/**
 * struct worker_pool - all workers of a host
 * @host:	what they serve
 * @sessions:	who has asked so far
 * @failure:	0, or why a worker cannot go on, a positive errno; the process gets a
 *		SIGTERM
 * @stopping:	no request is waited for any more
 * @unnamed_ns:	before this time of clock_ns() nothing is said of sessions without a name
 * @count:	workers
 * @workers:	see @count
 */
struct worker_pool {
	const struct host *host;
	struct session_cache *sessions;
	int failure;
	bool stopping;
	_Atomic uint64_t unnamed_ns;
	size_t count;
	struct worker *workers;
};

/**
 * worker_pool_open() - sockets and memory for a number of workers
 *
 * Needs CAP_NET_ADMIN.
 *
 * Return: 0; -ENOENT when the module is not loaded, without a log line; another
 * negative errno.
 */
int worker_pool_open(struct worker_pool *pool, size_t count);

/**
 * worker_pool_register() - from here on the kernel sends requests
 * @host:	what they are for; answered once the workers run. Its configuration says
 *		whether to replace another process that serves it
 *
 * Needs CAP_NET_ADMIN. Return: 0 or, after a log line, a negative errno.
 */
int worker_pool_register(struct worker_pool *pool, const struct host *host);

/** worker_pool_start() - Return: false after a log line */
bool worker_pool_start(struct worker_pool *pool);

/** worker_pool_stop() - finish what has been begun; threads are gone afterwards */
void worker_pool_stop(struct worker_pool *pool);

/** worker_pool_close() - close the sockets; the kernel sees it and knows */
void worker_pool_close(struct worker_pool *pool);

#endif /* PARSEC_WORKER_H */
