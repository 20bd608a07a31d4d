// SPDX-License-Identifier: Apache-2.0
/*
 * Which application a session is.
 *
 * Sets of a few entries each, the most recently used first. The kernel counts
 * sessions up, so consecutive ones fall into consecutive sets and nothing needs to
 * be hashed.
 */
#include "helper/session.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define WAYS	4
#define SETS	(SESSION_CACHE_SIZE / WAYS)

struct entry {
	uint64_t session;
	struct identity *identity;	/* NULL: free */
};

struct session_cache {
	pthread_mutex_t lock;		/* of all that follows */
	unsigned int generation;	/* of the rules */
	struct entry sets[SETS][WAYS];
};

struct session_cache *session_cache_new(void)
{
	struct session_cache *cache = calloc(1, sizeof(*cache));

	if (cache)
		pthread_mutex_init(&cache->lock, NULL);
	return cache;
}

void session_cache_clear(struct session_cache *cache, unsigned int generation)
{
	size_t set, way;

	pthread_mutex_lock(&cache->lock);
	cache->generation = generation;
	for (set = 0; set < SETS; set++) {
		for (way = 0; way < WAYS; way++) {
			identity_put(cache->sets[set][way].identity);
			cache->sets[set][way].identity = NULL;
		}
	}
	pthread_mutex_unlock(&cache->lock);
}

void session_cache_free(struct session_cache *cache)
{
	if (!cache)
		return;
	session_cache_clear(cache, 0);
	pthread_mutex_destroy(&cache->lock);
	free(cache);
}

/* Put an entry in front of a set, over the one at @way */
static void move_to_front(struct entry *set, size_t way, struct entry entry)
{
	memmove(set + 1, set, way * sizeof(*set));
	set[0] = entry;
}

struct identity *session_find(struct session_cache *cache, uint64_t session)
{
	struct entry *set = cache->sets[session % SETS];
	struct identity *identity = NULL;
	size_t way;

	pthread_mutex_lock(&cache->lock);
	for (way = 0; way < WAYS; way++) {
		if (set[way].session != session || !set[way].identity)
			continue;
		identity = identity_get(set[way].identity);
		if (way)
			move_to_front(set, way, set[way]);
		break;
	}
	pthread_mutex_unlock(&cache->lock);
	return identity;
}

void session_remember(struct session_cache *cache, uint64_t session,
		      struct identity *identity, unsigned int generation)
{
	struct entry *set = cache->sets[session % SETS];
	struct identity *old;
	size_t way;

	pthread_mutex_lock(&cache->lock);
	if (generation != cache->generation) {
		pthread_mutex_unlock(&cache->lock);
		return;
	}
	/* Two workers may have asked for the same session at the same time */
	for (way = 0; way < WAYS - 1; way++)
		if (!set[way].identity || set[way].session == session)
			break;
	old = set[way].identity;
	move_to_front(set, way, (struct entry){ session, identity_get(identity) });
	pthread_mutex_unlock(&cache->lock);
	identity_put(old);
}
