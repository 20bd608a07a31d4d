// SPDX-License-Identifier: Apache-2.0
/*
 * Latency and throughput. The loads are measured in turns, several times, those with as
 * many clients next to each other: whatever else the machine does then hits all of them,
 * and medians hide it.
 *
 * Lines: "time", name, threads, p50 us, p99 us, requests per second, and that divided
 * by what as many clients of the Unix echo did in the same round.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "selftests/bench/bench.h"

#define ROUNDS		11
#define WINDOW_MS	100
#define SAMPLES_MAX	20000	/* of one thread */

enum { P50, P99, RATE, RATIO, FIGURES };

struct figures {
	double of[FIGURES];
};

/* One row of the table: a load with a number of threads */
struct row {
	const struct load *load;
	unsigned int threads;
	struct figures round[ROUNDS];
	const char *problem;
};

struct thread {
	pthread_t id;
	struct client client;
	uint32_t *samples;	/* ns */
	size_t count;
	bool failed;
};

static struct thread threads[THREADS_MAX];
static pthread_barrier_t start_line;
static atomic_bool stop;

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void *run(void *arg)
{
	struct thread *thread = arg;
	uint64_t then, now;

	pthread_barrier_wait(&start_line);
	then = now_ns();
	while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
		if (thread->client.load->once(&thread->client)) {
			thread->failed = true;
			break;
		}
		now = now_ns();
		if (thread->count < SAMPLES_MAX)
			thread->samples[thread->count] = (uint32_t)(now - then);
		thread->count++;
		then = now;
	}
	return NULL;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static const char *summarise(unsigned int count, double seconds, struct figures *figures)
{
	static uint32_t all[THREADS_MAX * SAMPLES_MAX];
	size_t samples = 0, requests = 0;

	for (unsigned int i = 0; i < count; i++) {
		struct thread *thread = &threads[i];
		size_t kept = thread->count < SAMPLES_MAX ? thread->count : SAMPLES_MAX;

		if (thread->failed)
			return "a request failed";
		memcpy(all + samples, thread->samples, kept * sizeof(all[0]));
		samples += kept;
		requests += thread->count;
	}
	if (!samples)
		return "no request was answered in time";
	qsort(all, samples, sizeof(all[0]), by_value);
	figures->of[P50] = all[samples / 2] / 1000.0;
	figures->of[P99] = all[samples - 1 - samples / 100] / 1000.0;
	figures->of[RATE] = (double)requests / seconds;
	return NULL;
}

static const char *run_all(unsigned int count, struct figures *figures)
{
	const struct timespec window = { 0, WINDOW_MS * 1000000L };
	uint64_t start;

	atomic_store(&stop, false);
	pthread_barrier_init(&start_line, NULL, count + 1);
	for (unsigned int i = 0; i < count; i++) {
		threads[i].count = 0;
		threads[i].failed = false;
		if (pthread_create(&threads[i].id, NULL, run, &threads[i]))
			abort();
	}
	pthread_barrier_wait(&start_line);
	start = now_ns();
	nanosleep(&window, NULL);
	atomic_store(&stop, true);
	for (unsigned int i = 0; i < count; i++)
		pthread_join(threads[i].id, NULL);
	pthread_barrier_destroy(&start_line);
	return summarise(count, (double)(now_ns() - start) / 1e9, figures);
}

static void measure(struct row *row, unsigned int round)
{
	unsigned int opened = 0;

	if (row->problem)
		return;
	while (opened < row->threads && !row->problem)
		row->problem = client_open(&threads[opened++].client, row->load);
	if (!row->problem)
		row->problem = run_all(row->threads, &row->round[round]);
	while (opened)
		client_close(&threads[--opened].client);
}

static double median(const struct row *row, unsigned int figure)
{
	double values[ROUNDS];

	for (unsigned int i = 0; i < ROUNDS; i++)
		values[i] = row->round[i].of[figure];
	qsort(values, ROUNDS, sizeof(values[0]), by_size);
	return values[ROUNDS / 2];
}

/* What the echo with as many clients did in each round; 0 if it was not measured */
static void compare(struct row *row, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (rows[i].load != &load_unix || rows[i].threads != row->threads ||
		    rows[i].problem)
			continue;
		for (unsigned int r = 0; r < ROUNDS; r++)
			row->round[r].of[RATIO] = row->round[r].of[RATE] /
						  rows[i].round[r].of[RATE];
	}
}

static int print(const struct row *row)
{
	if (row->problem) {
		printf("failed\t%s, %u clients\t%s\n", row->load->name, row->threads,
		       row->problem);
		return 1;
	}
	printf("time\t%s\t%u\t%.1f\t%.1f\t%.0f\t%.2f\n", row->load->name, row->threads,
	       median(row, P50), median(row, P99), median(row, RATE), median(row, RATIO));
	return 0;
}

int measure_time(const struct plan *plan, size_t count)
{
	static struct row rows[64];
	size_t used = 0;
	int failed = 0;

	for (size_t i = 0; i < count; i++)
		for (unsigned int j = 0; j < 8 && plan[i].threads[j]; j++)
			rows[used++] = (struct row){
				.load = plan[i].load, .threads = plan[i].threads[j],
			};
	for (unsigned int i = 0; i < THREADS_MAX; i++)
		threads[i].samples = malloc(SAMPLES_MAX * sizeof(uint32_t));
	for (unsigned int round = 0; round < ROUNDS; round++)
		for (unsigned int n = 1; n <= THREADS_MAX; n *= 2)
			for (size_t i = 0; i < used; i++)
				if (rows[i].threads == n)
					measure(&rows[i], round);
	for (size_t i = 0; i < used; i++) {
		compare(&rows[i], rows, used);
		failed |= print(&rows[i]);
	}
	return failed;
}
