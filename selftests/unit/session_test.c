// SPDX-License-Identifier: Apache-2.0
/*
 * The memory of sessions: right, bounded, and never in the way of those who use what
 * it has forgotten.
 */
#include "kselftest_harness.h"

#include <pthread.h>
#include <stdlib.h>

#include "helper/session.h"

FIXTURE(session)
{
	struct session_cache *cache;
};

FIXTURE_SETUP(session)
{
	self->cache = session_cache_new();
	ASSERT_NE(NULL, self->cache);
}

FIXTURE_TEARDOWN(session)
{
	session_cache_free(self->cache);
}

/* Remember that a session is the application of the same number */
static void remember(struct session_cache *cache, uint64_t session)
{
	struct identity *identity = identity_new(3, (struct parsec_span){
		(const uint8_t *)&session, sizeof(session) });

	session_remember(cache, session, identity, 0);
	identity_put(identity);
}

/* Is it that, if it is remembered at all? */
static bool is_right(struct session_cache *cache, uint64_t session, bool *found)
{
	struct identity *identity = session_find(cache, session);
	bool right = !identity || *(uint64_t *)identity->app == session;

	*found = identity;
	identity_put(identity);
	return right;
}

TEST_F(session, unknown_session_is_not_found)
{
	EXPECT_EQ(NULL, session_find(self->cache, 1));
	remember(self->cache, 1);
	EXPECT_EQ(NULL, session_find(self->cache, 2));
	EXPECT_EQ(NULL, session_find(self->cache, 1 + SESSION_CACHE_SIZE));
	EXPECT_EQ(NULL, session_find(self->cache, 0));
}

TEST_F(session, consecutive_sessions_all_fit)
{
	bool found;
	uint64_t i;

	for (i = 1; i <= SESSION_CACHE_SIZE; i++)
		remember(self->cache, i);
	for (i = 1; i <= SESSION_CACHE_SIZE; i++) {
		ASSERT_TRUE(is_right(self->cache, i, &found));
		ASSERT_TRUE(found);
	}
}

TEST_F(session, old_ones_make_room_for_new_ones)
{
	bool found;
	uint64_t i;

	for (i = 1; i <= 3 * SESSION_CACHE_SIZE; i++)
		remember(self->cache, i);
	for (i = 1; i <= 2 * SESSION_CACHE_SIZE; i++)
		ASSERT_EQ(NULL, session_find(self->cache, i));
	for (; i <= 3 * SESSION_CACHE_SIZE; i++) {
		ASSERT_TRUE(is_right(self->cache, i, &found));
		ASSERT_TRUE(found);
	}
}

TEST_F(session, one_in_use_stays_while_others_come_and_go)
{
	bool found;
	uint64_t i;

	remember(self->cache, 1);
	for (i = 2; i <= 10 * SESSION_CACHE_SIZE; i++) {
		remember(self->cache, i);
		ASSERT_TRUE(is_right(self->cache, 1, &found));
		ASSERT_TRUE(found);
	}
}

TEST_F(session, identity_outlives_its_entry)
{
	struct identity *held;
	uint64_t i;

	remember(self->cache, 1);
	held = session_find(self->cache, 1);
	ASSERT_NE(NULL, held);
	for (i = 2; i <= 10 * SESSION_CACHE_SIZE; i++)
		remember(self->cache, i);
	EXPECT_EQ(NULL, session_find(self->cache, 1));
	EXPECT_EQ(1, *(uint64_t *)held->app);
	EXPECT_EQ(1, held->refs);
	identity_put(held);
}

TEST_F(session, remembered_twice_takes_one_place)
{
	bool found;
	uint64_t i;

	for (i = 0; i < 100; i++)
		remember(self->cache, 1);
	for (i = 0; i < 3; i++)
		remember(self->cache, 1 + (i + 1) * SESSION_CACHE_SIZE);
	EXPECT_TRUE(is_right(self->cache, 1, &found));
	EXPECT_TRUE(found);
}

static void *use(void *arg)
{
	struct session_cache *cache = arg;
	unsigned int seed = (unsigned int)(uintptr_t)&seed;
	bool right = true, found;
	int i;

	for (i = 0; i < 20000 && right; i++) {
		uint64_t session = (uint64_t)rand_r(&seed) % (2 * SESSION_CACHE_SIZE);

		right = is_right(cache, session, &found);
		if (!found)
			remember(cache, session);
	}
	return right ? arg : NULL;
}

TEST_F(session, threads_see_the_right_identities)
{
	pthread_t threads[4];
	void *right;
	int i;

	for (i = 0; i < 4; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, use, self->cache));
	for (i = 0; i < 4; i++) {
		pthread_join(threads[i], &right);
		EXPECT_NE(NULL, right);
	}
}

TEST_HARNESS_MAIN
