// SPDX-License-Identifier: Apache-2.0
/*
 * Sixteen creators of one name at the same time, threads and processes: one of them has
 * made the key, the others are told that it exists, and it is a key like any other.
 */
#include "kselftest_harness.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/parsec.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "selftests/contract/ask.h"

#define CREATORS	16
#define ROUNDS		40
#define NAME		"race"
/* For a machine that has much else to do */
#define SECONDS		150

/**
 * struct race - what the creators share
 * @line:	all of them and the referee, before and after each round
 * @results:	statuses, or -errno
 */
struct race {
	pthread_barrier_t line;
	int results[CREATORS];
};

/* What a creator needs; made before there are several of them */
static struct race *race;
static struct parsec_span body;

FIXTURE(race)
{
	pthread_t threads[CREATORS];
};

FIXTURE_VARIANT(race)
{
	bool processes;
};

FIXTURE_VARIANT_ADD(race, threads) { .processes = false };
FIXTURE_VARIANT_ADD(race, processes) { .processes = true };

static int create(int fd)
{
	struct parsec_op op = {
		.provider = SOFTWARE,
		.in_len = (uint32_t)body.len,
		.in = (uintptr_t)body.data,
	};

	return ioctl(fd, PARSEC_IOC_OP(PARSEC_OP_PSA_GENERATE_KEY), &op) ? -errno : op.status;
}

/* An open file of its own for each */
static void *compete(void *arg)
{
	int *result = arg;
	int fd = open("/dev/parsec", O_RDWR | O_CLOEXEC), round;

	for (round = 0; round < ROUNDS; round++) {
		pthread_barrier_wait(&race->line);
		*result = create(fd);
		pthread_barrier_wait(&race->line);
	}
	close(fd);
	return NULL;
}

FIXTURE_SETUP(race)
{
	pthread_barrierattr_t shared;
	int i;

	race = mmap(NULL, sizeof(*race), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		    -1, 0);
	ASSERT_NE(MAP_FAILED, race);
	pthread_barrierattr_init(&shared);
	pthread_barrierattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&race->line, &shared, CREATORS + 1);
	body = join(bytes(1, text(NAME)), bytes(2, p256_attributes(ALL_SIGNING)));
	destroy(NAME);

	for (i = 0; i < CREATORS; i++) {
		if (!variant->processes) {
			ASSERT_EQ(0, pthread_create(&self->threads[i], NULL, compete,
						    &race->results[i]));
		} else if (!fork()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			compete(&race->results[i]);
			_exit(0);
		}
	}
}

FIXTURE_TEARDOWN(race)
{
	destroy(NAME);
}

/* How often ListKeys has the name */
static int listed(void)
{
	struct parsec_span rest, entry, value;
	int count = 0;
	uint64_t n;

	if (ask(CORE, PARSEC_OP_LIST_KEYS, NOTHING))
		return -1;
	rest = answer;
	while (next_field(&rest, &entry, &n) == 1)
		while (next_field(&entry, &value, &n))
			count += same(value, text(NAME));
	return count;
}

TEST_F_TIMEOUT(race, one_of_sixteen_creators_wins, SECONDS)
{
	struct parsec_span hash = filled(32, 7);
	int round, i, winners, losers;

	for (round = 0; round < ROUNDS; round++) {
		pthread_barrier_wait(&race->line);
		pthread_barrier_wait(&race->line);
		winners = 0;
		losers = 0;
		for (i = 0; i < CREATORS; i++) {
			winners += race->results[i] == PARSEC_SUCCESS;
			losers += race->results[i] == PARSEC_PSA_ERROR_ALREADY_EXISTS;
		}
		ASSERT_EQ(1, winners);
		ASSERT_EQ(CREATORS - 1, losers);
		ASSERT_EQ(1, listed());
		ASSERT_EQ(PARSEC_SUCCESS, sign_hash(NAME, ecdsa_sha256(), hash));
		ASSERT_EQ(PARSEC_SUCCESS, verify_hash(NAME, ecdsa_sha256(), hash,
						      answer_bytes()));
		ASSERT_EQ(PARSEC_SUCCESS, destroy(NAME));
	}
	for (i = 0; i < CREATORS; i++) {
		bool ended = variant->processes ? wait(NULL) > 0 :
						  !pthread_join(self->threads[i], NULL);

		ASSERT_TRUE(ended);
	}
}

TEST_HARNESS_MAIN
