// SPDX-License-Identifier: Apache-2.0
/*
 * What a host counts: who has which counters, and what they add up to.
 *
 * A thread writes to an application's counters while it performs a request whose identity
 * it holds, and the identity holds the application. So the counters of one that nobody
 * holds are at rest and can be given to another.
 */
#include "helper/stats.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct stats {
	size_t thread_count;
	struct stats_thread *threads;
	time_t start;
	struct stats_app unknown;
	struct stats_app others;
	pthread_mutex_t lock;		/* of all that follows */
	struct stats_cell gone;		/* of applications that have made room for others */
	uint64_t clock;			/* counts stats_app_get() */
	size_t app_count;
	struct stats_app *apps[STATS_APPS_MAX];
};

/* What rows are made of */
struct reading {
	struct stats_cell cell;
	uint32_t in_flight;
};

static void *alloc_aligned(size_t count, size_t size)
{
	void *memory = aligned_alloc(64, count * size);

	if (memory)
		memset(memory, 0, count * size);
	return memory;
}

static bool app_init(const struct stats *stats, struct stats_app *app,
		     enum parsec_callers callers)
{
	*app = (struct stats_app){ .callers = callers };
	app->cells = alloc_aligned(stats->thread_count, sizeof(*app->cells));
	return app->cells;
}

struct stats *stats_new(size_t threads)
{
	struct stats *stats = alloc_aligned(1, sizeof(*stats));

	if (!stats)
		return NULL;
	pthread_mutex_init(&stats->lock, NULL);
	stats->thread_count = threads;
	stats->threads = alloc_aligned(threads, sizeof(*stats->threads));
	if (!stats->threads || !app_init(stats, &stats->unknown, PARSEC_CALLERS_UNKNOWN) ||
	    !app_init(stats, &stats->others, PARSEC_CALLERS_OTHERS)) {
		stats_free(stats);
		return NULL;
	}
	for (size_t i = 0; i < threads; i++)
		stats->threads[i] = (struct stats_thread){ .index = i,
							   .unknown = &stats->unknown };
	time(&stats->start);
	return stats;
}

void stats_free(struct stats *stats)
{
	if (!stats)
		return;
	for (size_t i = 0; i < stats->app_count; i++) {
		free(stats->apps[i]->cells);
		free(stats->apps[i]->app);
		free(stats->apps[i]);
	}
	free(stats->unknown.cells);
	free(stats->others.cells);
	free(stats->threads);
	pthread_mutex_destroy(&stats->lock);
	free(stats);
}

struct stats_thread *stats_thread(struct stats *stats, size_t index)
{
	return &stats->threads[index];
}

static bool is_app(const struct stats_app *app, uint32_t auth_id, struct parsec_span name)
{
	return app->auth_id == auth_id && app->app_len == name.len &&
	       !memcmp(app->app, name.data, name.len);
}

static void merge(struct stats_cell *to, const struct stats_cell *from)
{
	uint64_t max = __atomic_load_n(&from->max_ns, __ATOMIC_RELAXED);

	to->total_ns += __atomic_load_n(&from->total_ns, __ATOMIC_RELAXED);
	if (max > to->max_ns)
		to->max_ns = max;
	for (size_t i = 0; i < STATS_STATUSES; i++)
		to->statuses[i] += __atomic_load_n(&from->statuses[i], __ATOMIC_RELAXED);
	histogram_merge(&to->durations, &from->durations);
}

/*
 * One that nobody holds, the longest ago; from here on it was one of the others. Called
 * with the lock held, which whoever takes hold needs.
 */
static struct stats_app *take_idle(struct stats *stats)
{
	struct stats_app *idle = NULL;

	for (size_t i = 0; i < stats->app_count; i++) {
		struct stats_app *app = stats->apps[i];

		if (!__atomic_load_n(&app->refs, __ATOMIC_ACQUIRE) &&
		    (!idle || app->used < idle->used))
			idle = app;
	}
	if (!idle)
		return NULL;
	for (size_t i = 0; i < stats->thread_count; i++)
		merge(&stats->gone, &idle->cells[i]);
	memset(idle->cells, 0, stats->thread_count * sizeof(*idle->cells));
	return idle;
}

/* Called with the lock held */
static struct stats_app *add_app(struct stats *stats)
{
	struct stats_app *app;

	if (stats->app_count == STATS_APPS_MAX)
		return take_idle(stats);
	app = malloc(sizeof(*app));
	if (!app || !app_init(stats, app, PARSEC_CALLERS_APPLICATION)) {
		free(app);
		return NULL;
	}
	stats->apps[stats->app_count++] = app;
	return app;
}

/* Called with the lock held. Return: NULL when there is no room */
static struct stats_app *find_app(struct stats *stats, uint32_t auth_id,
				  struct parsec_span name)
{
	struct stats_app *app;
	char *copy;

	for (size_t i = 0; i < stats->app_count; i++)
		if (is_app(stats->apps[i], auth_id, name))
			return stats->apps[i];
	copy = malloc(name.len + 1);
	if (!copy)
		return NULL;
	app = add_app(stats);
	if (!app) {
		free(copy);
		return NULL;
	}
	memcpy(copy, name.data, name.len);
	copy[name.len] = '\0';
	free(app->app);
	app->app = copy;
	app->app_len = name.len;
	app->auth_id = auth_id;
	return app;
}

struct stats_app *stats_app_get(struct stats *stats, uint32_t auth_id, struct parsec_span name)
{
	struct stats_app *app;

	if (!name.len)
		return &stats->unknown;
	pthread_mutex_lock(&stats->lock);
	app = find_app(stats, auth_id, name);
	if (!app)
		app = &stats->others;
	app->used = ++stats->clock;
	__atomic_add_fetch(&app->refs, 1, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&stats->lock);
	return app;
}

void stats_app_put(struct stats_app *app)
{
	if (app && app->callers != PARSEC_CALLERS_UNKNOWN)
		__atomic_sub_fetch(&app->refs, 1, __ATOMIC_RELEASE);
}

/* One that the contract does not have is not told from an unspecified failure */
static size_t status_index(enum parsec_status status)
{
	if (status < STATS_PSA)
		return status;
	if (status < PARSEC_PSA_ERROR_GENERIC_ERROR || status > PARSEC_PSA_ERROR_DATA_INVALID)
		return STATS_PSA;
	return STATS_PSA + status - PARSEC_PSA_ERROR_GENERIC_ERROR;
}

static uint32_t status_at(size_t index)
{
	if (index < STATS_PSA)
		return (uint32_t)index;
	return (uint32_t)index - STATS_PSA + PARSEC_PSA_ERROR_GENERIC_ERROR;
}

/* Others read meanwhile, but nobody else writes */
static void add(uint64_t *counter, uint64_t value)
{
	__atomic_store_n(counter, *counter + value, __ATOMIC_RELAXED);
}

void stats_end(struct stats_thread *thread, enum parsec_status status, uint64_t ns)
{
	struct stats_cell *cell = &thread->serving->cells[thread->index];

	add(&cell->total_ns, ns);
	if (ns > cell->max_ns)
		__atomic_store_n(&cell->max_ns, ns, __ATOMIC_RELAXED);
	add(&cell->durations.counts[histogram_bucket(ns)], 1);
	add(&cell->statuses[status_index(status)], 1);
	__atomic_store_n(&thread->serving, NULL, __ATOMIC_RELAXED);
}

static void add_app_reading(const struct stats *stats, const struct stats_app *app,
			    struct reading *to)
{
	for (size_t i = 0; i < stats->thread_count; i++) {
		to->in_flight += __atomic_load_n(&stats->threads[i].serving,
						 __ATOMIC_RELAXED) == app;
		merge(&to->cell, &app->cells[i]);
	}
	if (app->callers == PARSEC_CALLERS_OTHERS)
		merge(&to->cell, &stats->gone);
}

/* Return: false when no more is wanted */
static bool tell(const struct reading *reading, struct parsec_stats_row *row,
		 stats_take *take, void *arg)
{
	const struct stats_cell *cell = &reading->cell;
	uint32_t statuses[STATS_STATUSES];
	uint64_t counts[STATS_STATUSES];

	for (size_t i = 0; i < STATS_STATUSES; i++) {
		if (!cell->statuses[i])
			continue;
		statuses[row->status_count] = status_at(i);
		counts[row->status_count++] = cell->statuses[i];
		row->requests += cell->statuses[i];
	}
	if (!row->requests && !reading->in_flight && row->callers != PARSEC_CALLERS_ALL)
		return true;
	row->errors = row->requests - cell->statuses[PARSEC_SUCCESS];
	row->statuses = statuses;
	row->counts = counts;
	row->in_flight = reading->in_flight;
	row->total_ns = cell->total_ns;
	row->max_ns = cell->max_ns;
	row->p50_ns = histogram_quantile(&cell->durations, 500, cell->max_ns);
	row->p90_ns = histogram_quantile(&cell->durations, 900, cell->max_ns);
	row->p99_ns = histogram_quantile(&cell->durations, 990, cell->max_ns);
	row->p99_9_ns = histogram_quantile(&cell->durations, 999, cell->max_ns);
	return take(arg, row);
}

static bool tell_app(const struct stats *stats, const struct stats_app *app,
		     stats_take *take, void *arg)
{
	struct parsec_stats_row row = { .callers = app->callers, .application = app->app ?: "" };
	struct reading reading = { 0 };

	add_app_reading(stats, app, &reading);
	return tell(&reading, &row, take, arg);
}

static bool tell_all(const struct stats *stats, stats_take *take, void *arg)
{
	struct parsec_stats_row row = { .callers = PARSEC_CALLERS_ALL, .application = "" };
	struct reading reading = { 0 };

	for (size_t i = 0; i < stats->app_count; i++)
		add_app_reading(stats, stats->apps[i], &reading);
	add_app_reading(stats, &stats->unknown, &reading);
	add_app_reading(stats, &stats->others, &reading);
	return tell(&reading, &row, take, arg);
}

void stats_read(struct stats *stats, uint32_t auth_id, struct parsec_span only,
		stats_take *take, void *arg)
{
	bool more = true;

	pthread_mutex_lock(&stats->lock);
	if (!only.len)
		more = tell_all(stats, take, arg);
	for (size_t i = 0; i < stats->app_count && more; i++)
		if (!only.len || is_app(stats->apps[i], auth_id, only))
			more = tell_app(stats, stats->apps[i], take, arg);
	if (!only.len && more)
		more = tell_app(stats, &stats->unknown, take, arg);
	if (!only.len && more)
		tell_app(stats, &stats->others, take, arg);
	pthread_mutex_unlock(&stats->lock);
}

void stats_describe(const struct stats *stats, struct parsec_stats_provider *provider)
{
	provider->start_time = (uint64_t)stats->start;
	provider->workers = (uint32_t)stats->thread_count;
}
