// SPDX-License-Identifier: Apache-2.0
/*
 * The device's fuzzer: applications and hosts that do what nobody should, are killed at any
 * time and started again, for so many seconds.
 *
 *	fuzz_device SECONDS [SEED]
 *
 * No call may take longer than its time plus a second (slow_ms()), every error must be one that is
 * documented, and when all is over nothing may be left. The kernel's complaints are for the
 * machine to see. TAP on standard output.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "../device/device.h"
#include "fuzz_device.h"

#define ROUND_MS	10000	/* then all end, and the module is loaded again */
#define LATE_MS		slow_ms(1000)	/* what a call may take longer than it was told */
#define DEATH_MS	slow_ms(10000)	/* what the end of a killed process may take */

struct shared *shared;

static pid_t process[APPS + HOSTS];
static uint64_t rnd;
static uint64_t seed, generation;
static unsigned int hung, undead, stuck, rounds, deaths;

uint32_t any(uint64_t *state)
{
	uint64_t x = *state += 0x9e3779b97f4a7c15;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return (uint32_t)((x ^ (x >> 31)) >> 16);
}

static void start(unsigned int nr)
{
	uint64_t number = (seed << 32) + generation++;
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGPIPE, SIG_IGN);
		if (nr < APPS)
			app_run(nr, number);
		host_run(nr - APPS, number);
	}
	process[nr] = pid;
}

static void end(unsigned int nr)
{
	int64_t until = clock_ms() + DEATH_MS;

	if (process[nr] <= 0)
		return;
	kill(process[nr], SIGKILL);
	deaths++;
	while (waitpid(process[nr], NULL, WNOHANG) == 0) {
		if (clock_ms() > until) {
			undead++;
			break;
		}
		sleep_ms(1);
	}
	process[nr] = 0;
	if (nr < APPS)
		memset(shared->lane[nr], 0, sizeof(shared->lane[nr]));
}

/* Does this thread wait, rather than not get a processor? */
static bool sleeps(pid_t pid, pid_t tid)
{
	char path[64], text[512];
	const char *at;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, tid);
	if (read_file(path, text, sizeof(text)) <= 0)
		return false;
	at = strrchr(text, ')');
	return at && (at[2] == 'D' || at[2] == 'S');
}

static void watch(void)
{
	for (unsigned int nr = 0; nr < APPS; nr++) {
		for (unsigned int i = 0; i < THREADS; i++) {
			struct lane *lane = &shared->lane[nr][i];
			pid_t tid = __atomic_load_n(&lane->tid, __ATOMIC_ACQUIRE);
			int64_t until = lane->until;

			if (!tid || !until || clock_ms() < until + LATE_MS ||
			    !sleeps(process[nr], tid))
				continue;
			/* Still the same call? */
			if (lane->tid != tid || lane->until != until)
				continue;
			hung++;
			printf("# process %u, thread %u: %" PRId64 " ms too late\n", nr, i,
			       clock_ms() - until);
			lane->until = 0;
		}
	}
}

static void load(void)
{
	static const unsigned int grace[] = { 0, 20, 300, 5000 };
	char params[100];

	snprintf(params, sizeof(params),
		 "grace_ms=%u max_waiting=%u max_request=%u max_response=%u",
		 grace[below(&rnd, 4)], one_in(&rnd, 2) ? 4 : 1024,
		 one_in(&rnd, 4) ? 1024 : PARSEC_BODY_MAX,
		 one_in(&rnd, 4) ? 1024 : PARSEC_BODY_MAX);
	if (module_load(params))
		stuck++;
}

/* What the last process held is released a moment after its end */
static void unload(void)
{
	int64_t until = clock_ms() + DEATH_MS;

	while (module_loaded() && module_unload() && clock_ms() < until)
		sleep_ms(5);
	if (module_loaded())
		stuck++;
}

static void run_round(int64_t until)
{
	load();
	for (unsigned int i = 0; i < APPS + HOSTS; i++)
		start(i);
	while (clock_ms() < until && !stuck) {
		sleep_ms(20 + below(&rnd, 100));
		watch();
		if (one_in(&rnd, 4)) {
			unsigned int victim = below(&rnd, APPS + HOSTS);

			end(victim);
			start(victim);
		}
	}
	for (unsigned int i = 0; i < APPS + HOSTS; i++)
		end(i);
	unload();
	rounds++;
}

static bool result(bool ok, const char *name)
{
	static unsigned int number;

	printf("%s %u - %s\n", ok ? "ok" : "not ok", ++number, name);
	return ok;
}

static void show(const char *what, const uint64_t *counts)
{
	printf("# %s:", what);
	for (int i = 0; i < ERRNOS; i++)
		if (counts[i])
			printf(" %s %" PRIu64, i ? strerrorname_np(i) : "success", counts[i]);
	printf("\n");
}

int main(int argc, char **argv)
{
	int64_t until, next;
	bool ok = true;

	if (argc < 2)
		return 2;
	seed = argc > 2 ? strtoull(argv[2], NULL, 0) : (uint64_t)time(NULL) % 1000000;
	rnd = seed;
	printf("TAP version 13\n# seed %" PRIu64 "\n", seed);
	fflush(stdout);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED)
		return 1;

	unload();
	for (until = clock_ms() + atoi(argv[1]) * 1000LL; clock_ms() < until && !stuck;) {
		next = clock_ms() + ROUND_MS;
		run_round(next < until ? next : until);
	}

	printf("# %u rounds, %u deaths, %" PRIu64 " files, %" PRIu64 " children, %" PRIu64
	       " messages, %" PRIu64 " requests delivered\n", rounds, deaths, shared->opens,
	       shared->children, shared->messages, shared->requests);
	show("calls", shared->calls);
	show("verdicts", shared->verdicts);
	if (shared->undocumented)
		printf("# %" PRIu64 " undocumented errors, the last of them %s\n",
		       shared->undocumented, strerrorname_np(shared->undocumented_errno));

	ok &= result(!hung, "no call takes longer than its time and a second");
	ok &= result(!undead, "whoever is killed dies");
	ok &= result(!shared->undocumented, "every error is a documented one");
	ok &= result(!shared->overwritten, "nothing is written beyond the room for the answer");
	ok &= result(!stuck, "nothing is left that the module could not be unloaded for");
	ok &= result(shared->calls[0] && shared->calls[ETIMEDOUT] && shared->requests,
		     "some requests are answered and some are not");
	printf("1..6\n");
	/* The module is there when the command ends, as it was in the beginning */
	load();
	return !ok;
}
