/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of a host that serves with one worker, whose line to the module the test has.
 */
#ifndef UNIT_ONE_WORKER_H
#define UNIT_ONE_WORKER_H

#include "helper/netlink.h"
#include "helper/worker.h"

/**
 * one_worker_start() - serve what comes on the line
 * @pool:	set
 * @worker:	with a line of fake_kernel_adopt(), and nothing else
 * @host:	whose requests these are
 */
static inline bool one_worker_start(struct worker_pool *pool, struct worker *worker,
				    struct host *host)
{
	worker->pool = pool;
	*pool = (struct worker_pool){
		.host = host, .sessions = session_cache_new(), .count = 1, .workers = worker,
	};
	return pool->sessions && worker_pool_start(pool);
}

/** one_worker_stop() - and close the line */
static inline void one_worker_stop(struct worker_pool *pool)
{
	worker_pool_stop(pool);
	netlink_close(&pool->workers->nl);
	scratch_free(&pool->workers->scratch);
	session_cache_free(pool->sessions);
}

#endif /* UNIT_ONE_WORKER_H */
