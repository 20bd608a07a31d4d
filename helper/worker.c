// SPDX-License-Identifier: Apache-2.0
/*
 * The threads that serve the kernel.
 *
 * Thread model. A worker is one thread with one netlink socket, and takes one request
 * at a time from receiving it to sending the answer. The kernel chooses the worker: it
 * hands a request to a socket that has a credit left, so workers share no queue and no
 * lock. What they do share is
 *
 *	struct host and the configuration	never change
 *	the rules, the session cache		own locks, held for a look-up
 *	the key store				own locks (keystore.h)
 *	the provider				what it declares (plugin_enter())
 *	what is counted				own counters of each thread (stats.h)
 *
 * A thread besides them takes the core host's questions (inner_server.c), and the main
 * thread waits for signals only. A worker ends when the main thread says so (@stopping,
 * and a signal to interrupt its wait) or when its socket is of no more use; the whole
 * process ends then.
 */
#include "helper/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "helper/clock.h"
#include "helper/device_nodes.h"
#include "helper/log.h"
#include "helper/netlink_stats.h"
#include "helper/thread.h"

/* Memory of large messages is kept this long for the next one */
#define TRIM_AFTER_MS	1000

/* Interrupts a worker's wait; its handler does nothing */
#define WAKE_SIGNAL	SIGUSR1

/* A worker may have missed the signal just before it began to wait: again after */
#define WAKE_AGAIN_NS	(10 * 1000 * 1000)

/* Instead of an errno: a new host can reach the provider's device, and this one can not */
#define DEVICE_CHANGED	4096

/* Who has no name may open the device as often as they like: how often it is said */
#define UNNAMED_EVERY_NS	(10 * 1000000000ULL)

/* For identify() and tell_facts() */
struct asker {
	struct worker *worker;
	uint64_t session;
};

static uint32_t limit_or_default(uint32_t limit)
{
	return limit ?: NETLINK_LIMIT_DEFAULT;
}

/*
 * Have the kernel limit the caller as @of says, if it does not do so already; hosts with other
 * rules may have limited it before
 */
static void set_limits(const struct asker *asker, const struct parsec_limits *of,
		       const struct netlink_limits *now)
{
	const struct netlink_limits limits = {
		.waiting = limit_or_default(of->max_waiting),
		.running = limit_or_default(of->max_running),
		.open = limit_or_default(of->max_open),
	};
	int rc;

	if (limits.waiting == now->waiting && limits.running == now->running &&
	    limits.open == now->open)
		return;
	rc = netlink_set_limits(&asker->worker->nl, asker->session, &limits);
	if (rc && rc != -ENOENT)
		log_error("session %llu: its limits cannot be set: %s",
			  (unsigned long long)asker->session, strerror(-rc));
}

/* From here on the request is this application's */
static struct identity *counted(const struct asker *asker, struct identity *identity)
{
	stats_identified(asker->worker->stats, identity->stats);
	return identity;
}

static void warn_of_unnamed(const struct asker *asker, const struct parsec_facts *facts)
{
	struct worker_pool *pool = asker->worker->pool;
	uint64_t now = clock_ns(), next = pool->unnamed_ns;

	if (now >= next &&
	    atomic_compare_exchange_strong(&pool->unnamed_ns, &next, now + UNNAMED_EVERY_NS))
		log_warning("session %llu: no name for user %u, cgroup %s",
			    (unsigned long long)asker->session, facts->uid,
			    facts->cgroup_path ?: "(none)");
}

/* Who has opened the device: from memory, or from the kernel */
static struct identity *identify(void *arg)
{
	const struct asker *asker = arg;
	struct worker_pool *pool = asker->worker->pool;
	struct identity *identity = session_find(pool->sessions, asker->session);
	struct netlink_limits limits;
	struct parsec_facts facts;
	unsigned int generation;
	struct config *config;
	int rc;

	if (identity)
		return counted(asker, identity);
	rc = netlink_session(&asker->worker->nl, asker->session, &facts, &limits);
	if (rc) {
		/* Closed meanwhile: nobody waits for what is answered */
		if (rc != -ENOENT)
			log_error("session %llu: the kernel does not say who it is: %s",
				  (unsigned long long)asker->session, strerror(-rc));
		return NULL;
	}
	config = rulebook_get(pool->host->book, &generation);
	identity = identity_from_facts(&facts, config);
	config_free(config);
	if (!identity)
		return NULL;
	identity->stats = stats_app_get(pool->host->stats, identity->auth_id,
					(struct parsec_span){ identity->app, identity->app_len });
	if (identity->origin == ORIGIN_NONE)
		warn_of_unnamed(asker, &facts);
	set_limits(asker, &identity->limits, &limits);
	session_remember(pool->sessions, asker->session, identity, generation);
	return counted(asker, identity);
}

/* The same, but what the kernel says of it */
static int tell_facts(void *arg, struct parsec_facts *facts)
{
	const struct asker *asker = arg;

	return netlink_session(&asker->worker->nl, asker->session, facts, NULL);
}

/* What the kernel has counted */
static int tell_stats(void *arg, const struct netlink_stats_sink *sink)
{
	const struct asker *asker = arg;

	return netlink_stats(&asker->worker->nl, sink);
}

/* Keep memory of large messages only while large messages come */
static void note_size(struct worker *worker, size_t in, size_t out)
{
	if (worker->large || (in <= BUFFER_KEEP && out <= BUFFER_KEEP))
		return;
	worker->large = true;
	netlink_set_timeout(&worker->nl, TRIM_AFTER_MS);
}

static void trim(struct worker *worker)
{
	worker->large = false;
	netlink_set_timeout(&worker->nl, 0);
	netlink_trim(&worker->nl);
	buffer_trim(&worker->scratch.output);
}

/*
 * Return: 0; -DEVICE_CHANGED; or why the answer is lost: its caller waits until this host has
 * ended.
 */
static int serve(struct worker *worker, struct netlink_request *req)
{
	struct netlink *nl = &worker->nl;
	struct asker asker = { worker, req->session };
	struct call call = {
		.host = worker->pool->host,
		.transport = TRANSPORT_DEVICE,
		.provider = req->provider,
		.opcode = req->opcode,
		.session = req->session,
		.start = clock_ns(),
		.deadline = req->deadline,
		.body = req->body,
		.identify = identify,
		.facts = tell_facts,
		.kernel_stats = tell_stats,
		.identify_arg = &asker,
		.scratch = &worker->scratch,
		.out = { netlink_answer_room(nl), nl->max_response, 0 },
	};
	enum parsec_status status = PARSEC_PSA_ERROR_GENERIC_ERROR;
	size_t len;
	int rc;

	/* Nobody waits for one whose time is over: only its credit matters */
	if (!req->deadline || call.start < req->deadline) {
		stats_begin(worker->stats);
		status = dispatch(&call);
		/* Before the answer: who has it and asks how many there were finds it */
		stats_end(worker->stats, status, clock_ns() - call.start);
	}
	len = status ? 0 : call.out.len;
	rc = netlink_reply(nl, req, (uint16_t)status, len, call.made_key);
	/* A module that nobody waits in any more can be unloaded: nobody got this either */
	if (call.made_key && (rc == -ENOENT || rc == -NETLINK_GONE))
		dispatch_undo(&call);
	if (call.made_key && rc == -ENOENT)
		rc = 0;
	if (!rc && status == PARSEC_PSA_ERROR_COMMUNICATION_FAILURE &&
	    device_nodes_changed(call.host->devices))
		rc = -DEVICE_CHANGED;
	note_size(worker, req->body.len, len);
	dispatch_end(&call);
	/*
	 * Also an answer that was not given: a key whose export could not be audited. One that
	 * did not fit has the length that it would have had
	 */
	netlink_request_end(nl, req, call.out.len < nl->max_response ? call.out.len
								     : nl->max_response);
	return rc;
}

static void fail(struct worker *worker, int rc)
{
	struct worker_pool *pool = worker->pool;
	int none = 0;

	if (rc != -NETLINK_GONE && rc != -DEVICE_CHANGED)
		log_error("the line to the kernel is broken: %s", strerror(-rc));
	__atomic_compare_exchange_n(&pool->failure, &none, -rc, false, __ATOMIC_RELEASE,
				    __ATOMIC_RELAXED);
	kill(getpid(), SIGTERM);	/* main() waits for it */
}

/*
 * Take what has been handed out to its end. Under load the next request comes with each
 * answer, so the kernel is told first that there is to be no other.
 */
static void drain(struct worker *worker)
{
	struct netlink_request req;

	if (netlink_retire(&worker->nl))
		return;
	while (!netlink_receive(&worker->nl, &req, false))
		if (serve(worker, &req))
			break;
}

static void *run(void *arg)
{
	struct worker *worker = arg;
	struct netlink_request req;
	int rc;

	while (!__atomic_load_n(&worker->pool->stopping, __ATOMIC_ACQUIRE)) {
		rc = netlink_receive(&worker->nl, &req, true);
		if (rc == -EAGAIN) {
			trim(worker);
			continue;
		}
		if (rc == -EINTR)
			continue;
		if (!rc)
			rc = serve(worker, &req);
		if (rc) {
			fail(worker, rc);
			return NULL;
		}
	}
	drain(worker);
	return NULL;
}

int worker_pool_open(struct worker_pool *pool, size_t count)
{
	struct netlink_family family;
	int rc = netlink_resolve(&family);

	*pool = (struct worker_pool){ 0 };
	if (rc)
		return rc;
	pool->sessions = session_cache_new();
	pool->workers = calloc(count, sizeof(*pool->workers));
	if (!pool->sessions || !pool->workers)
		return -ENOMEM;
	for (; pool->count < count; pool->count++) {
		struct worker *worker = &pool->workers[pool->count];

		worker->pool = pool;
		rc = netlink_open(&worker->nl, &family);
		if (rc) {
			log_error("cannot open a netlink socket: %s", strerror(-rc));
			return rc;
		}
	}
	return 0;
}

int worker_pool_register(struct worker_pool *pool, const struct host *host)
{
	uint8_t replay[PARSEC_NL_REPLAY_LEN];
	size_t i;

	pool->host = host;
	dispatch_replay(replay, sizeof(replay));
	for (i = 0; i < pool->count; i++) {
		int rc = netlink_register(&pool->workers[i].nl, host->id, replay,
					  host->config->takeover);

		if (rc)
			return rc;
	}
	return 0;
}

static void ignore(int signal)
{
	(void)signal;
}

bool worker_pool_start(struct worker_pool *pool)
{
	/* No SA_RESTART: the signal is there to end a wait */
	const struct sigaction action = { .sa_handler = ignore };
	size_t i;

	sigaction(WAKE_SIGNAL, &action, NULL);
	for (i = 0; i < pool->count; i++) {
		struct worker *worker = &pool->workers[i];

		worker->stats = stats_thread(pool->host->stats, i);
		if (!scratch_init(&worker->scratch, pool->host->config)) {
			log_error("out of memory");
			return false;
		}
		if (!thread_start(&worker->thread, run, worker))
			return false;
		worker->started = true;
	}
	return true;
}

static void join(struct worker *worker)
{
	struct timespec until;

	do {
		pthread_kill(worker->thread, WAKE_SIGNAL);
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += WAKE_AGAIN_NS;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
	} while (pthread_timedjoin_np(worker->thread, NULL, &until));
	worker->started = false;
}

void worker_pool_stop(struct worker_pool *pool)
{
	size_t i;

	__atomic_store_n(&pool->stopping, true, __ATOMIC_RELEASE);
	for (i = 0; i < pool->count; i++)
		if (pool->workers[i].started)
			join(&pool->workers[i]);
}

void worker_pool_close(struct worker_pool *pool)
{
	size_t i;

	for (i = 0; i < pool->count; i++) {
		netlink_close(&pool->workers[i].nl);
		scratch_free(&pool->workers[i].scratch);
	}
	free(pool->workers);
	session_cache_free(pool->sessions);
	*pool = (struct worker_pool){ 0 };
}
