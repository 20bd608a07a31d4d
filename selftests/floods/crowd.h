/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A crowd: a process of one identity whose threads ask the service again and again, by
 * libparsec as any application does, and note what became of each call.
 */
#ifndef SELFTESTS_FLOODS_CROWD_H
#define SELFTESTS_FLOODS_CROWD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Calls whose times are kept: enough for a 99th percentile */
#define CROWD_TIMES	1000
#define CROWD_ERRNOS	134

/** enum crowd_task - what its threads ask for */
enum crowd_task {
	CROWD_PING,
	CROWD_SIGN,		/* ECDSA with P-256 */
	CROWD_RSA_SIGN,		/* RSA with 2048 bits */
	CROWD_RSA_KEY,		/* RSA keys, made and destroyed in turn */
	CROWD_HASH,		/* SHA-256 of @bytes */
	CROWD_MIX,		/* what many want: ping, sign, list, hash, random */
};

/**
 * struct crowd_plan - who they are and what they do
 * @uid:	user that they are
 * @cgroup:	folder of the cgroup that they join, or NULL
 * @provider:	id of the provider that they ask, 0: that for keys in software
 * @task:	what they ask for
 * @threads:	how many ask at a time
 * @files:	open files of the device that they take turns with, 0: one for each thread
 * @calls:	of each thread, 0: until crowd_stop()
 * @pause_us:	of each thread before a call, in which it wants nothing
 * @bytes:	of a message
 * @bits:	of RSA keys that are made, 0: 2048
 * @locked:	all memory that they need themselves is there, and stays, before they begin
 */
struct crowd_plan {
	uid_t uid;
	const char *cgroup;
	uint8_t provider;
	enum crowd_task task;
	unsigned int threads;
	unsigned int files;
	unsigned int calls;
	unsigned int pause_us;
	size_t bytes;
	uint32_t bits;
	bool locked;
};

/**
 * struct crowd - what became of them, in memory shared with the process
 * @plan:	as given
 * @pid:	process
 * @go:		one end of a pipe: they begin when it is closed
 * @trouble:	why it could not begin: a status or -errno
 * @ready:	threads that could begin
 * @stopping:	no more calls
 * @begun:	calls
 * @answered:	of these, with success
 * @failed:	by errno
 * @refused:	with another status
 * @status:	the last of these
 * @opened:	files
 * @not_opened:	by errno
 * @times:	of the first calls, in ns
 */
struct crowd {
	struct crowd_plan plan;
	pid_t pid;
	int go;
	int trouble;
	unsigned int ready;
	bool stopping;
	unsigned int begun;
	unsigned int answered;
	unsigned int failed[CROWD_ERRNOS];
	unsigned int refused;
	int status;
	unsigned int opened;
	unsigned int not_opened[CROWD_ERRNOS];
	uint64_t times[CROWD_TIMES];
};

/**
 * crowd_prepare() - start it, up to where all threads could begin
 * @plan:	copied
 *
 * Return: the crowd, for crowd_end(); look at @trouble.
 */
struct crowd *crowd_prepare(const struct crowd_plan *plan);

/** crowd_go() - begin */
void crowd_go(struct crowd *crowd);

/** crowd_join() - Return: whether all calls have come to an end within so many ms */
bool crowd_join(struct crowd *crowd, int ms);

/** crowd_stop() - no more calls. Return: as crowd_join() */
bool crowd_stop(struct crowd *crowd, int ms);

/** crowd_await() - Return: whether a number of a crowd was so large within so many ms */
bool crowd_await(const unsigned int *number, unsigned int wanted, int ms);

/** crowd_end() - whatever it does; NULL is fine */
void crowd_end(struct crowd *crowd);

/** crowd_results() - calls that have come to an end, whichever */
unsigned int crowd_results(const struct crowd *crowd);

/** crowd_only() - was each call answered, or failed with one of these? 0 ends the list */
bool crowd_only(const struct crowd *crowd, const int *errnos);

/** crowd_percentile() - of the times of all calls, in ns. They must be over */
uint64_t crowd_percentile(struct crowd *crowd, unsigned int percent);

#endif /* SELFTESTS_FLOODS_CROWD_H */
