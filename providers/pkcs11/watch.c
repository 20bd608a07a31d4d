// SPDX-License-Identifier: Apache-2.0
/*
 * A deadline for the module. What it has been asked cannot be taken back, so when a call
 * does not end, the process does: parsecd starts a new one, and the other providers have
 * their own.
 */
#include <stdlib.h>
#include <time.h>

#include "providers/pkcs11/pkcs11.h"

/* What this thread has asked the module for */
static _Thread_local struct watched mine;

int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static struct timespec time_of(int64_t ms)
{
	return (struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
}

static void give_up(const struct watch *watch)
{
	watch->host->log(PARSEC_LOG_ERROR, "the PKCS #11 library has not answered for %lld s: "
			 "this process ends, to be started anew; see call_timeout",
			 (long long)(watch->limit / 1000));
	abort();
}

/* The oldest call is the first; without any, to look again after the limit is soon enough */
static void *watch_run(void *arg)
{
	struct watch *watch = arg;

	pthread_mutex_lock(&watch->lock);
	while (!watch->stopping) {
		const struct watched *oldest = TAILQ_FIRST(&watch->calls);
		int64_t now = now_ms(), end = (oldest ? oldest->began : now) + watch->limit;
		struct timespec time = time_of(end);

		if (oldest && now >= end)
			give_up(watch);
		pthread_cond_timedwait(&watch->stop, &watch->lock, &time);
	}
	pthread_mutex_unlock(&watch->lock);
	return NULL;
}

/**
 * watch_start() - begin to watch
 * @seconds:	that a call may take; 0 for any
 *
 * Return: false when there is no thread to be had.
 */
bool watch_start(struct watch *watch, const struct parsec_provider_host *host,
		 unsigned int seconds)
{
	pthread_condattr_t attr;

	watch->host = host;
	watch->limit = seconds * INT64_C(1000);
	TAILQ_INIT(&watch->calls);
	pthread_mutex_init(&watch->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&watch->stop, &attr);
	pthread_condattr_destroy(&attr);
	if (seconds)
		watch->running = !pthread_create(&watch->thread, NULL, watch_run, watch);
	return watch->running || !seconds;
}

void watch_end(struct watch *watch)
{
	if (watch->running) {
		pthread_mutex_lock(&watch->lock);
		watch->stopping = true;
		pthread_cond_signal(&watch->stop);
		pthread_mutex_unlock(&watch->lock);
		pthread_join(watch->thread, NULL);
	}
	pthread_cond_destroy(&watch->stop);
	pthread_mutex_destroy(&watch->lock);
}

/**
 * watch_enter() - this thread is going to call the module
 *
 * Not to be done while it waits for other threads: they are what it would be blamed for.
 */
void watch_enter(struct watch *watch)
{
	mine.watch = watch;
	pthread_mutex_lock(&watch->lock);
	mine.began = now_ms();
	TAILQ_INSERT_TAIL(&watch->calls, &mine, link);
	pthread_mutex_unlock(&watch->lock);
}

/* The next call begins, so the one before has ended. Nothing if nobody watches this thread */
void watch_touch(void)
{
	struct watch *watch = mine.watch;

	if (!watch)
		return;
	pthread_mutex_lock(&watch->lock);
	mine.began = now_ms();
	TAILQ_REMOVE(&watch->calls, &mine, link);
	TAILQ_INSERT_TAIL(&watch->calls, &mine, link);
	pthread_mutex_unlock(&watch->lock);
}

void watch_leave(void)
{
	struct watch *watch = mine.watch;

	pthread_mutex_lock(&watch->lock);
	TAILQ_REMOVE(&watch->calls, &mine, link);
	pthread_mutex_unlock(&watch->lock);
	mine.watch = NULL;
}
