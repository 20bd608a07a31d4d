// SPDX-License-Identifier: Apache-2.0
/*
 * How fast the processor's time stamp counter runs: kHz on standard output.
 *
 * QEMU hands the counter of this machine on to one that it emulates, whose kernel measures it
 * against a timer that QEMU emulates too. With much else to do here that goes wrong, and the
 * clock inside runs several times too fast, with all time limits. Here it is easily measured.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

#define NS 1000000000LL
#define TRIES 20
#define MEASURE_NS (NS / 20)

/* The same moment in both */
struct moment {
	int64_t ns;
	uint64_t ticks;
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS + now.tv_nsec;
}

/* Whoever is interrupted between two readings tries again, and the best try counts */
static struct moment look(void)
{
	struct moment best = { 0 };
	int64_t least = INT64_MAX;

	for (int i = 0; i < TRIES; i++) {
		int64_t before = now_ns();
		uint64_t ticks = __rdtsc();
		int64_t took = now_ns() - before;

		if (took >= least)
			continue;
		least = took;
		best = (struct moment){ before + took / 2, ticks };
	}
	return best;
}

int main(void)
{
	const struct timespec pause = { .tv_nsec = MEASURE_NS };
	struct moment first = look(), last;

	nanosleep(&pause, NULL);
	last = look();
	printf("%.0f\n", (double)(last.ticks - first.ticks) * 1e6 / (double)(last.ns - first.ns));
	return 0;
}
