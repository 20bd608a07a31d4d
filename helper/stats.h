/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a host counts: requests by application and status, and how long they took.
 *
 * Each thread that serves has counters of its own for each application, so counting is
 * a few stores and never waits; whoever wants to know adds up. Which counters are an
 * application's is found out once, when its identity is made.
 */
#ifndef PARSEC_HELPER_STATS_H
#define PARSEC_HELPER_STATS_H

#include <parsec/stats.h>
#include <parsec/status.h>
#include <stdbool.h>

#include "helper/histogram.h"
#include "providers/provider.h"

/* Applications that are counted by themselves */
#define STATS_APPS_MAX	64

/* Statuses of the service, then those of PSA Crypto */
#define STATS_PSA	(PARSEC_DEPRECATED_PRIMITIVE + 1)
#define STATS_STATUSES \
	(STATS_PSA + PARSEC_PSA_ERROR_DATA_INVALID - PARSEC_PSA_ERROR_GENERIC_ERROR + 1)

/**
 * struct stats_cell - what one thread counts of one application
 * @total_ns:	time that its requests took
 * @max_ns:	time that the longest took
 * @statuses:	how they ended
 * @durations:	how long they took
 *
 * Only that thread writes to it.
 */
struct stats_cell {
	uint64_t total_ns;
	uint64_t max_ns;
	uint64_t statuses[STATS_STATUSES];
	struct histogram durations;
} __attribute__((aligned(64)));

/**
 * struct stats_app - an application that is counted
 * @refs:	identities that point here
 * @used:	when one did so last, by counting
 * @callers:	what it stands for
 * @auth_id:	who vouches for its name
 * @app_len:	bytes of @app
 * @app:	its name, and a NUL
 * @cells:	of each thread
 */
struct stats_app {
	unsigned int refs;
	uint64_t used;
	enum parsec_callers callers;
	uint32_t auth_id;
	size_t app_len;
	char *app;
	struct stats_cell *cells;
};

struct stats;

/**
 * struct stats_thread - a thread that serves
 * @index:	which
 * @serving:	for whom just now, NULL for nobody
 * @unknown:	for requests of which nobody has asked yet for whom they are
 */
struct stats_thread {
	size_t index;
	struct stats_app *serving;
	struct stats_app *unknown;
} __attribute__((aligned(64)));

/** stats_new() - for so many threads. Return: NULL without memory */
struct stats *stats_new(size_t threads);

/** stats_free() - NULL is fine */
void stats_free(struct stats *stats);

/** stats_thread() - one of the threads, from 0 on */
struct stats_thread *stats_thread(struct stats *stats, size_t index);

/**
 * stats_app_get() - where to count an application
 *
 * When there are as many as there can be, the one that was not heard of for longest, and
 * has no identity left, becomes one of the others. Without such a one, and without
 * memory, this one is one of the others. The name is empty for who has none: unknown.
 *
 * Return: to be given back with stats_app_put(); never NULL.
 */
struct stats_app *stats_app_get(struct stats *stats, uint32_t auth_id,
				struct parsec_span app);

/** stats_app_put() - NULL is fine */
void stats_app_put(struct stats_app *app);

/** stats_begin() - a request has come in */
static inline void stats_begin(struct stats_thread *thread)
{
	__atomic_store_n(&thread->serving, thread->unknown, __ATOMIC_RELAXED);
}

/** stats_identified() - and it is this application's, which stays until stats_end() */
static inline void stats_identified(struct stats_thread *thread, struct stats_app *app)
{
	__atomic_store_n(&thread->serving, app, __ATOMIC_RELAXED);
}

/** stats_end() - it has been performed, and took so long */
void stats_end(struct stats_thread *thread, enum parsec_status status, uint64_t ns);

/**
 * typedef stats_take - somebody who wants to know
 * @row:	valid during the call
 *
 * Return: false to be told no more
 */
typedef bool stats_take(void *arg, const struct parsec_stats_row *row);

/**
 * stats_read() - what was counted: all together, then each application
 * @auth_id:	with @only: the one application to tell of
 * @only:	its name; empty: all of them
 * @take:	told of each row; its provider is not set
 *
 * Applications that never asked for anything are left out.
 */
void stats_read(struct stats *stats, uint32_t auth_id, struct parsec_span only,
		stats_take *take, void *arg);

/** stats_describe() - sets @provider's start_time and workers */
void stats_describe(const struct stats *stats, struct parsec_stats_provider *provider);

#endif /* PARSEC_HELPER_STATS_H */
