/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the service has counted. Shared by libparsec and the helper.
 *
 * Provider hosts count what they perform, each since it was started; the kernel counts
 * what it carries, since its module was loaded.
 */
#ifndef PARSEC_STATS_COUNTS_H
#define PARSEC_STATS_COUNTS_H

#include <stddef.h>
#include <stdint.h>

/** enum parsec_callers - whose requests a row is about */
enum parsec_callers {
	PARSEC_CALLERS_ALL,		/* everybody's, those of the other rows */
	PARSEC_CALLERS_APPLICATION,	/* one application's */
	PARSEC_CALLERS_UNKNOWN,		/* of which nobody had to know who is calling */
	PARSEC_CALLERS_OTHERS,		/* of applications that have no row of their own */
};

/**
 * struct parsec_stats_provider - a process that performs requests
 * @id:		wire id, 0 = core
 * @name:	as configured
 * @status:	0, or the status with which it could not be asked: it has no rows then
 * @start_time:	when it began to count, seconds since 1970
 * @workers:	requests that it performs at a time
 */
struct parsec_stats_provider {
	uint32_t id;
	const char *name;
	uint32_t status;
	uint64_t start_time;
	uint32_t workers;
};

/**
 * struct parsec_stats_row - requests to one provider
 * @provider:	its wire id
 * @callers:	enum parsec_callers: whose
 * @application: of PARSEC_CALLERS_APPLICATION; else ""
 * @in_flight:	being performed now
 * @requests:	performed, with whatever status
 * @errors:	of these, with another status than success
 * @total_ns:	time that they took in the process, all together
 * @max_ns:	time that the longest took
 * @p50_ns:	half of them took no longer; so do the others up to 99.9 %. All are right
 *		within one sixteenth
 * @p90_ns:	see @p50_ns
 * @p99_ns:	see @p50_ns
 * @p99_9_ns:	see @p50_ns
 * @statuses:	each status that there was, @status_count of them
 * @counts:	how many requests ended with it
 * @status_count: see @statuses
 */
struct parsec_stats_row {
	uint32_t provider;
	uint32_t callers;
	const char *application;
	uint32_t in_flight;
	uint64_t requests;
	uint64_t errors;
	uint64_t total_ns;
	uint64_t max_ns;
	uint64_t p50_ns;
	uint64_t p90_ns;
	uint64_t p99_ns;
	uint64_t p99_9_ns;
	const uint32_t *statuses;
	const uint64_t *counts;
	size_t status_count;
};

/**
 * struct parsec_stats_queue - a provider as the kernel sees it
 * @provider:	wire id
 * @workers:	sockets that requests are sent to
 * @retired:	sockets of a process that another one has taken over from
 * @credits:	requests that may be at workers at a time
 * @queued:	requests that wait for a worker
 * @in_flight:	requests at workers
 * @parked:	of these, whose caller has left
 * @sent:	requests that were sent to workers, so far
 * @done:	answers that a caller took
 * @aborted:	sent, but the caller left, or was told that the provider has died
 * @returned:	sent, and sent again as the worker died
 */
struct parsec_stats_queue {
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
 * struct parsec_stats_account - those who share limits: a user in a cgroup
 * @uid:	effective user, in the initial user namespace
 * @userns:	inode of the user namespace
 * @cgroup:	id of the cgroup v2
 * @cgroup_path: its path, or NULL
 * @sessions:	open files of the device
 * @waiting:	requests that wait for a worker
 * @running:	requests at workers
 * @done:	answers that were taken, since the first open file
 * @refused:	opens and requests that were refused, as there was one too many
 * @max_waiting: the limits in force, 0 = none
 * @max_running: see @max_waiting
 * @max_open:	see @max_waiting
 */
struct parsec_stats_account {
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
 * struct parsec_stats_device - the device as a whole
 * @sessions:	open files now
 * @accounts:	those who share limits, now
 * @opened:	opens that succeeded; so far, like all that follow
 * @open_refused: opens above a limit
 * @eperm:	requests that ended with this errno, and so on for the other errnos
 * @enotconn:	see @eperm
 * @eoverflow:	see @eperm
 * @edquot:	see @eperm
 * @etimedout:	see @eperm
 * @eio:	see @eperm
 * @eintr:	callers that were killed
 * @enomem:	see @eperm
 * @replayed:	requests given to a second process, as the first died
 * @registered:	sockets of hosts
 * @register_refused: of those who had the right to register
 * @register_unprivileged: of those who had not
 * @taken_over:	providers
 * @query_unprivileged: questions that only hosts may ask
 * @reply_unregistered: replies from a socket that is no worker
 * @reply_forged: to a request that the socket has not
 * @reply_duplicate: to the request that it answered last
 * @reply_late:	nobody waited any more
 * @reply_incomplete: without number or status
 * @reply_oversized: longer than an answer may be
 */
struct parsec_stats_device {
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

/**
 * struct parsec_stats - all that was counted
 * @providers:	processes, core among them; @provider_count of them
 * @rows:	what they have performed, @row_count of them
 * @queues:	the kernel's side of the providers, @queue_count of them
 * @accounts:	@account_count of them
 * @accounts_omitted: how many more there are, for which the answer had no room
 * @device:	NULL when it is not told
 * @provider_count: see @providers
 * @row_count:	see @rows
 * @queue_count: see @queues
 * @account_count: see @accounts
 *
 * Whoever is not an administrator gets its own rows and account, no queues and no
 * device.
 */
struct parsec_stats {
	const struct parsec_stats_provider *providers;
	size_t provider_count;
	const struct parsec_stats_row *rows;
	size_t row_count;
	const struct parsec_stats_queue *queues;
	size_t queue_count;
	const struct parsec_stats_account *accounts;
	size_t account_count;
	uint64_t accounts_omitted;
	const struct parsec_stats_device *device;
};

#endif /* PARSEC_STATS_COUNTS_H */
