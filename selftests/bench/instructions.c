// SPDX-License-Identifier: Apache-2.0
/*
 * Instructions per request, all processes and the kernel together: in a machine whose
 * clock counts instructions, that is the time which passes. It is nearly the same in every
 * run, so that small changes can be seen.
 *
 * Of several rounds the cheapest counts. What makes others dearer is not the request: the
 * scheduler, which now and then preempts whom it could let finish, and timers.
 *
 * Lines: "instructions", name, how many.
 */
#include <stdio.h>
#include <time.h>
#include "selftests/bench/bench.h"

#define ROUNDS	9

/* Of a round: enough that a tick of the timer does not matter, few where it takes long */
static unsigned int requests(const struct load *load)
{
	return load->size > 100000 ? 10 : 200;
}

/* Before the first: the scheduler gets used to two processes only after a while */
static unsigned int warm_up(const struct load *load)
{
	return load->size > 1000 ? 30 : 2000;
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static const char *count(struct client *client, uint64_t *result)
{
	unsigned int n = requests(client->load), warm = warm_up(client->load);
	uint64_t start, elapsed;

	for (unsigned int i = 0; i < warm; i++)
		if (client->load->once(client))
			return "a request failed";
	for (unsigned int r = 0; r < ROUNDS; r++) {
		start = now();
		for (unsigned int i = 0; i < n; i++)
			if (client->load->once(client))
				return "a request failed";
		elapsed = (now() - start) / n;
		if (!r || elapsed < *result)
			*result = elapsed;
	}
	return NULL;
}

int measure_instructions(const struct plan *plan, size_t loads)
{
	int failed = 0;

	for (size_t i = 0; i < loads; i++) {
		const struct load *load = plan[i].load;
		struct client client;
		uint64_t result = 0;
		const char *problem = client_open(&client, load);

		if (!problem)
			problem = count(&client, &result);
		client_close(&client);
		if (problem)
			printf("failed\t%s\t%s\n", load->name, problem);
		else
			printf("instructions\t%s\t%llu\n", load->name,
			       (unsigned long long)result);
		failed |= !!problem;
	}
	return failed;
}
