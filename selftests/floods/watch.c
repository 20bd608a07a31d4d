// SPDX-License-Identifier: Apache-2.0
/*
 * The service under a flood: held, and looked at.
 */
#include "selftests/floods/watch.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "selftests/deaths/service.h"
#include "selftests/device/device.h"

static struct host_stats stats;

/* All its threads have stopped, not only the signal sent */
static bool is_stopped(pid_t pid)
{
	char path[64], text[512];
	const char *state;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (read_file(path, text, sizeof(text)) <= 0)
		return false;
	state = strrchr(text, ')');
	return state && state[2] == 'T';
}

bool watch_hold(void)
{
	const int64_t end = clock_ms() + WAIT_MS;
	const pid_t host = service_host("software");

	if (!host || kill(host, SIGSTOP))
		return false;
	while (!is_stopped(host) && clock_ms() < end)
		sleep_ms(1);
	return is_stopped(host);
}

bool watch_release(void)
{
	const pid_t host = service_host("software");

	return host && !kill(host, SIGCONT);
}

const struct host_stats *watch_stats(struct host *eye)
{
	if (host_stats(eye, &stats))
		abort();
	return &stats;
}

uint64_t watch_account(struct host *eye, uid_t uid, unsigned int attribute)
{
	const uint64_t *of = host_account(watch_stats(eye), uid);

	return of ? of[attribute] : 0;
}

bool watch_await_account(struct host *eye, uid_t uid, unsigned int attribute, uint64_t value)
{
	const int64_t end = clock_ms() + WAIT_MS;

	while (watch_account(eye, uid, attribute) != value) {
		if (clock_ms() > end)
			return false;
		sleep_ms(5);
	}
	return true;
}

uint64_t watch_done(struct host *eye)
{
	uint64_t sum = 0;

	watch_stats(eye);
	for (unsigned int i = 0; i <= SOFTWARE; i++)
		sum += stats.provider[i][PARSEC_A_PSTAT_DONE];
	return sum;
}

static bool is_idle(struct host *eye)
{
	watch_stats(eye);
	for (unsigned int i = 0; i <= SOFTWARE; i++) {
		const uint64_t *of = stats.provider[i];

		if (of[PARSEC_A_PSTAT_IN_FLIGHT] || of[PARSEC_A_PSTAT_QUEUED])
			return false;
	}
	return true;
}

bool watch_await_idle(struct host *eye)
{
	const int64_t end = clock_ms() + WAIT_MS;

	while (!is_idle(eye)) {
		if (clock_ms() > end)
			return false;
		sleep_ms(5);
	}
	return true;
}

long watch_number(const char *path, const char *key)
{
	char text[8192], *at = text;

	if (read_file(path, text, sizeof(text)) < 0)
		return -1;
	if (key)
		at = strstr(text, key);
	return at ? atol(at + (key ? strlen(key) : 0)) : -1;
}

long watch_killed(void)
{
	return watch_number("/proc/vmstat", "oom_kill ");
}
