// SPDX-License-Identifier: Apache-2.0
/*
 * The key store used by several threads at once: one name, one winner; nobody meets a
 * key that its name no longer stands for; loaded keys stay bounded.
 */
#include "kselftest_harness.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/keystore_private.h"
#include "helper/log.h"
#include "selftests/unit/fake_provider.h"

#define THREADS	4
#define ROUNDS	60

FIXTURE(threads)
{
	char dir[64];
	struct plugin plugin;
	struct keystore *store;
};

FIXTURE_SETUP(threads)
{
	log_init("test", PARSEC_LOG_ERROR, false);
	make_dir(self->dir);
	ASSERT_EQ(PARSEC_SUCCESS,
		  plugin_open(&self->plugin, &fake_token, NULL, NULL, 0, self->dir));
	ASSERT_EQ(PARSEC_SUCCESS,
		  keystore_open(&self->plugin, "fake", self->dir, &self->store));
}

FIXTURE_TEARDOWN(threads)
{
	keystore_close(self->store);
	EXPECT_EQ(0, fake.loaded);
	plugin_close(&self->plugin);
	remove_dir(self->dir);
}

struct thread {
	pthread_t thread;
	struct keystore *store;
	pthread_barrier_t *barrier;
	unsigned int number;
	unsigned int wins;
	unsigned int wrong;
	atomic_bool *stop;
};

static void start(struct thread *threads, struct keystore *store, pthread_barrier_t *barrier,
		  atomic_bool *stop, void *(*run)(void *))
{
	pthread_barrier_init(barrier, NULL, THREADS);
	for (unsigned int i = 0; i < THREADS; i++) {
		threads[i] = (struct thread){ .store = store, .barrier = barrier, .number = i,
					      .stop = stop };
		if (pthread_create(&threads[i].thread, NULL, run, &threads[i]))
			abort();
	}
}

static unsigned int join(struct thread *threads, pthread_barrier_t *barrier)
{
	unsigned int wrong = 0;

	for (unsigned int i = 0; i < THREADS; i++) {
		pthread_join(threads[i].thread, NULL);
		wrong += threads[i].wrong;
	}
	pthread_barrier_destroy(barrier);
	return wrong;
}

/* All create the same names at the same time */
static void *race_to_create(void *arg)
{
	struct thread *self = arg;
	uint8_t backend[PARSEC_BACKEND_ID_SIZE];
	struct keystore_key *key;
	enum parsec_status status;
	char name[8];

	for (int round = 0; round < ROUNDS; round++) {
		struct key_identity id;

		snprintf(name, sizeof(name), "k%d", round);
		id = key_named("1000", name);
		pthread_barrier_wait(self->barrier);
		status = keystore_create(self->store, &id, &some_attributes, backend);
		if (status == PARSEC_SUCCESS) {
			self->wins++;
			/* The winner's key is the one of the name */
			if (keystore_get(self->store, &id, &key) != PARSEC_SUCCESS) {
				self->wrong++;
				continue;
			}
			self->wrong += !!memcmp(key->key->id, backend, sizeof(backend));
			keystore_put(self->store, key);
		} else if (status != PARSEC_PSA_ERROR_ALREADY_EXISTS) {
			self->wrong++;
		}
	}
	return NULL;
}

TEST_F(threads, one_of_several_creators_wins)
{
	struct thread threads[THREADS];
	pthread_barrier_t barrier;
	unsigned int wins = 0;

	start(threads, self->store, &barrier, NULL, race_to_create);
	EXPECT_EQ(0, join(threads, &barrier));
	for (unsigned int i = 0; i < THREADS; i++)
		wins += threads[i].wins;
	EXPECT_EQ(ROUNDS, wins);
	EXPECT_EQ(ROUNDS, fake_count(self->dir));
}

/* Thread 0 creates and destroys one name over and over, the others use it */
static void *replace_and_use(void *arg)
{
	struct key_identity id = key_named("1000", "web");
	struct thread *self = arg;
	uint8_t backend[PARSEC_BACKEND_ID_SIZE];
	struct keystore_key *key;

	if (self->number) {
		while (!atomic_load(self->stop)) {
			if (keystore_get(self->store, &id, &key) != PARSEC_SUCCESS)
				continue;
			self->wrong += key->key->magic != FAKE_MAGIC;
			sched_yield();
			self->wrong += key->key->magic != FAKE_MAGIC;
			keystore_put(self->store, key);
		}
		return NULL;
	}
	for (int round = 0; round < 4 * ROUNDS; round++) {
		if (keystore_create(self->store, &id, &some_attributes, backend) !=
		    PARSEC_SUCCESS) {
			self->wrong++;
			continue;
		}
		for (int i = 0; i < 3; i++) {
			if (keystore_get(self->store, &id, &key) != PARSEC_SUCCESS) {
				self->wrong++;
				continue;
			}
			/* Never the one before */
			self->wrong += !!memcmp(key->key->id, backend, sizeof(backend));
			keystore_put(self->store, key);
		}
		self->wrong += keystore_destroy(self->store, &id) != PARSEC_SUCCESS;
		self->wrong += keystore_get(self->store, &id, &key) !=
			       PARSEC_PSA_ERROR_DOES_NOT_EXIST;
	}
	atomic_store(self->stop, true);
	return NULL;
}

TEST_F(threads, nobody_meets_a_key_that_was_replaced)
{
	struct thread threads[THREADS];
	pthread_barrier_t barrier;
	atomic_bool stop = false;

	/* Loading takes long, so that it overlaps with the replacement */
	fake.on_load = (void (*)(void))sched_yield;
	start(threads, self->store, &barrier, &stop, replace_and_use);
	EXPECT_EQ(0, join(threads, &barrier));
	EXPECT_EQ(0, fake_count(self->dir));
}

/* Everybody does everything to a few names */
static void *anything(void *arg)
{
	struct thread *self = arg;
	unsigned int random = self->number;
	uint8_t backend[PARSEC_BACKEND_ID_SIZE];
	static const char *const names[] = { "a", "b", "c" };
	struct keystore_key *key;

	for (int round = 0; round < 10 * ROUNDS; round++) {
		struct key_identity id;
		enum parsec_status status;

		id = key_named("1000", names[rand_r(&random) % 3]);
		switch (rand_r(&random) % 4) {
		case 0:
			status = keystore_create(self->store, &id, &some_attributes, backend);
			self->wrong += status != PARSEC_SUCCESS &&
				       status != PARSEC_PSA_ERROR_ALREADY_EXISTS;
			if (status == PARSEC_SUCCESS && rand_r(&random) % 2)
				keystore_undo(self->store, &id, backend);
			break;
		case 1:
			status = keystore_destroy(self->store, &id);
			self->wrong += status != PARSEC_SUCCESS &&
				       status != PARSEC_PSA_ERROR_DOES_NOT_EXIST;
			break;
		default:
			status = keystore_get(self->store, &id, &key);
			self->wrong += status != PARSEC_SUCCESS &&
				       status != PARSEC_PSA_ERROR_DOES_NOT_EXIST;
			if (status == PARSEC_SUCCESS) {
				self->wrong += key->key->magic != FAKE_MAGIC;
				keystore_put(self->store, key);
			}
		}
	}
	return NULL;
}

static enum parsec_status count_key(void *arg, struct parsec_span name,
				    const struct parsec_key_attributes *attrs)
{
	++*(int *)arg;
	return PARSEC_SUCCESS;
}

TEST_F(threads, names_and_backend_keys_agree_after_a_storm)
{
	struct key_identity all = key_named("1000", "");
	struct thread threads[THREADS];
	pthread_barrier_t barrier;
	struct kim_row row;
	int names = 0;

	start(threads, self->store, &barrier, NULL, anything);
	EXPECT_EQ(0, join(threads, &barrier));
	ASSERT_EQ(PARSEC_SUCCESS, keystore_list(self->store, &all, count_key, &names));
	EXPECT_EQ(names, fake_count(self->dir));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST,
		  kim_next(self->store->kim, false, 0, &row));
}

FIXTURE(cache)
{
	char dir[64];
	struct plugin plugin;
	struct key_cache *cache;
};

FIXTURE_SETUP(cache)
{
	make_dir(self->dir);
	ASSERT_EQ(PARSEC_SUCCESS,
		  plugin_open(&self->plugin, &fake_token, NULL, NULL, 0, self->dir));
	self->cache = key_cache_open(3, &self->plugin);
}

FIXTURE_TEARDOWN(cache)
{
	key_cache_close(self->cache);
	EXPECT_EQ(0, fake.loaded);
	plugin_close(&self->plugin);
	remove_dir(self->dir);
}

static struct cached_key *loaded_key(const char *name)
{
	struct key_identity id = key_named("1000", name);
	struct cached_key *key = cached_key_alloc(&id);

	key->key.key = calloc(1, sizeof(*key->key.key));
	key->key.key->magic = FAKE_MAGIC;
	fake.loaded++;
	return key;
}

static struct cached_key *lookup(struct key_cache *cache, const char *name, uint64_t *epoch)
{
	struct key_identity id = key_named("1000", name);

	return key_cache_get(cache, &id, epoch);
}

static void add_unused(struct key_cache *cache, const char *name)
{
	uint64_t epoch;

	if (lookup(cache, name, &epoch))
		abort();
	key_cache_put(cache, key_cache_add(cache, loaded_key(name), epoch));
}

TEST_F(cache, longest_unused_key_is_dropped)
{
	uint64_t epoch;

	add_unused(self->cache, "a");
	add_unused(self->cache, "b");
	add_unused(self->cache, "c");
	key_cache_put(self->cache, lookup(self->cache, "a", &epoch));
	add_unused(self->cache, "d");
	EXPECT_EQ(3, fake.loaded);
	EXPECT_EQ(NULL, lookup(self->cache, "b", &epoch));
	for (int i = 0; i < 3; i++) {
		struct cached_key *key = lookup(self->cache, i ? i > 1 ? "d" : "c" : "a",
						&epoch);

		EXPECT_NE(NULL, key);
		key_cache_put(self->cache, key);
	}
}

TEST_F(cache, used_keys_are_never_dropped)
{
	struct cached_key *used[3], *key;
	uint64_t epoch;

	for (int i = 0; i < 3; i++) {
		char name[2] = { (char)('a' + i) };

		EXPECT_EQ(NULL, lookup(self->cache, name, &epoch));
		used[i] = key_cache_add(self->cache, loaded_key(name), epoch);
	}
	EXPECT_EQ(NULL, lookup(self->cache, "d", &epoch));
	key = key_cache_add(self->cache, loaded_key("d"), epoch);
	EXPECT_EQ(4, fake.loaded);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(FAKE_MAGIC, used[i]->key.key->magic);
		key_cache_put(self->cache, used[i]);
	}
	key_cache_put(self->cache, key);
}

TEST_F(cache, slower_of_two_loaders_gets_the_key_of_the_faster)
{
	struct cached_key *fast, *slow;
	uint64_t epoch;

	EXPECT_EQ(NULL, lookup(self->cache, "a", &epoch));
	fast = key_cache_add(self->cache, loaded_key("a"), epoch);
	slow = key_cache_add(self->cache, loaded_key("a"), epoch);
	EXPECT_EQ(fast, slow);
	EXPECT_EQ(1, fake.loaded);
	key_cache_put(self->cache, fast);
	key_cache_put(self->cache, slow);
}

TEST_F(cache, key_read_before_a_change_is_not_taken_in)
{
	struct key_identity id = key_named("1000", "a");
	uint64_t epoch;

	EXPECT_EQ(NULL, lookup(self->cache, "a", &epoch));
	EXPECT_EQ(NULL, key_cache_forget(self->cache, &id));
	EXPECT_EQ(NULL, key_cache_add(self->cache, loaded_key("a"), epoch));
	EXPECT_EQ(0, fake.loaded);
}

TEST_F(cache, forgotten_key_lives_until_its_last_use_ends)
{
	struct key_identity id = key_named("1000", "a");
	struct cached_key *key, *forgotten;
	uint64_t epoch;

	EXPECT_EQ(NULL, lookup(self->cache, "a", &epoch));
	key = key_cache_add(self->cache, loaded_key("a"), epoch);
	forgotten = key_cache_forget(self->cache, &id);
	EXPECT_EQ(key, forgotten);
	key_cache_put(self->cache, forgotten);
	EXPECT_EQ(1, fake.loaded);
	EXPECT_EQ(NULL, lookup(self->cache, "a", &epoch));
	key_cache_put(self->cache, key);
	EXPECT_EQ(0, fake.loaded);
}

TEST_HARNESS_MAIN
