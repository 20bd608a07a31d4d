// SPDX-License-Identifier: Apache-2.0
/*
 * Loaded keys by name. One lock guards everything; keys are unloaded outside it.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "helper/key_cache.h"

/* Chains stay short at the limit that the key store sets */
#define BUCKETS	2048

/**
 * struct key_cache - the cache
 * @plugin:	unloads keys
 * @lock:	guards all below, and what struct cached_key says is the cache's
 * @epoch:	counts changes of what names stand for
 * @seed:	makes hashes unpredictable, so that nobody can choose names that collide
 * @limit:	see key_cache_open()
 * @count:	keys in the cache
 * @newest:	most recently used
 * @oldest:	longest unused
 * @buckets:	chains by hash
 */
struct key_cache {
	struct plugin *plugin;
	pthread_mutex_t lock;
	uint64_t epoch;
	uint64_t seed;
	size_t limit;
	size_t count;
	struct cached_key *newest;
	struct cached_key *oldest;
	struct cached_key *buckets[BUCKETS];
};

/* FNV-1a */
static uint64_t hash_bytes(uint64_t hash, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ data[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static uint64_t hash_of(const struct key_cache *cache, const struct key_identity *id)
{
	uint64_t hash = cache->seed ^ id->auth_id;

	hash = hash_bytes(hash, id->app.data, id->app.len);
	hash = hash_bytes(hash ^ id->app.len, id->name.data, id->name.len);
	return hash ^ hash >> 32;
}

static bool is_key_of(const struct cached_key *key, uint64_t hash,
		      const struct key_identity *id)
{
	return key->hash == hash && key->auth_id == id->auth_id &&
	       key->app_len == id->app.len && key->name_len == id->name.len &&
	       (!id->app.len || !memcmp(key->names, id->app.data, id->app.len)) &&
	       (!id->name.len ||
		!memcmp(key->names + key->app_len, id->name.data, id->name.len));
}

/* The link that points to the key of a name, or the one at the end of its chain */
static struct cached_key **find(struct key_cache *cache, uint64_t hash,
				const struct key_identity *id)
{
	struct cached_key **link = &cache->buckets[hash % BUCKETS];

	while (*link && !is_key_of(*link, hash, id))
		link = &(*link)->chain;
	return link;
}

static void age_remove(struct key_cache *cache, struct cached_key *key)
{
	*(key->newer ? &key->newer->older : &cache->newest) = key->older;
	*(key->older ? &key->older->newer : &cache->oldest) = key->newer;
}

static void age_insert(struct key_cache *cache, struct cached_key *key)
{
	key->newer = NULL;
	key->older = cache->newest;
	*(cache->newest ? &cache->newest->newer : &cache->oldest) = key;
	cache->newest = key;
}

static void unlist(struct key_cache *cache, struct cached_key **link)
{
	struct cached_key *key = *link;

	*link = key->chain;
	age_remove(cache, key);
	cache->count--;
}

/*
 * Above the limit: unlist the longest unused key that is not in use. Nobody can start
 * to use it meanwhile, as that takes the lock.
 */
static struct cached_key *evict(struct key_cache *cache)
{
	struct cached_key *key = cache->oldest, **link;

	if (cache->count <= cache->limit)
		return NULL;
	while (key && atomic_load(&key->refs) > 1)
		key = key->newer;
	if (!key)
		return NULL;
	link = &cache->buckets[key->hash % BUCKETS];
	while (*link != key)
		link = &(*link)->chain;
	unlist(cache, link);
	return key;
}

struct key_cache *key_cache_open(size_t limit, struct plugin *plugin)
{
	struct key_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return NULL;
	cache->plugin = plugin;
	cache->limit = limit;
	if (getrandom(&cache->seed, sizeof(cache->seed), 0) < 0)
		cache->seed = (uintptr_t)cache;
	pthread_mutex_init(&cache->lock, NULL);
	return cache;
}

void key_cache_close(struct key_cache *cache)
{
	struct cached_key *key;

	if (!cache)
		return;
	while ((key = cache->newest)) {
		cache->newest = key->older;
		cached_key_free(cache, key);
	}
	pthread_mutex_destroy(&cache->lock);
	free(cache);
}

struct cached_key *cached_key_alloc(const struct key_identity *id)
{
	struct cached_key *key = calloc(1, sizeof(*key) + id->app.len + id->name.len);

	if (!key)
		return NULL;
	pthread_mutex_init(&key->key.lock, NULL);
	atomic_init(&key->refs, 1);
	key->auth_id = id->auth_id;
	key->app_len = id->app.len;
	key->name_len = id->name.len;
	if (id->app.len)
		memcpy(key->names, id->app.data, id->app.len);
	if (id->name.len)
		memcpy(key->names + id->app.len, id->name.data, id->name.len);
	return key;
}

void cached_key_free(struct key_cache *cache, struct cached_key *key)
{
	if (!key)
		return;
	if (key->key.key) {
		plugin_enter(cache->plugin, &key->key.lock);
		cache->plugin->ops->unload(cache->plugin->ctx, key->key.key);
		plugin_leave(cache->plugin, &key->key.lock);
	}
	pthread_mutex_destroy(&key->key.lock);
	free(key);
}

struct cached_key *key_cache_get(struct key_cache *cache, const struct key_identity *id,
				 uint64_t *epoch)
{
	uint64_t hash = hash_of(cache, id);
	struct cached_key *key;

	pthread_mutex_lock(&cache->lock);
	*epoch = cache->epoch;
	key = *find(cache, hash, id);
	if (key) {
		atomic_fetch_add(&key->refs, 1);
		if (key != cache->newest) {
			age_remove(cache, key);
			age_insert(cache, key);
		}
	}
	pthread_mutex_unlock(&cache->lock);
	return key;
}

struct cached_key *key_cache_add(struct key_cache *cache, struct cached_key *key,
				 uint64_t epoch)
{
	struct key_identity id = {
		.auth_id = key->auth_id,
		.app = { key->names, key->app_len },
		.name = { key->names + key->app_len, key->name_len },
	};
	struct cached_key *kept = NULL, *surplus = key, **link;

	key->hash = hash_of(cache, &id);
	pthread_mutex_lock(&cache->lock);
	if (epoch == cache->epoch) {
		link = find(cache, key->hash, &id);
		kept = *link;
		if (kept) {
			atomic_fetch_add(&kept->refs, 1);
		} else {
			kept = key;
			key->chain = NULL;
			*link = key;
			atomic_fetch_add(&key->refs, 1);
			cache->count++;
			age_insert(cache, key);
			surplus = evict(cache);
		}
	}
	pthread_mutex_unlock(&cache->lock);
	cached_key_free(cache, surplus);
	return kept;	/* counted: surplus is another, NOLINT(clang-analyzer-unix.Malloc) */
}

struct cached_key *key_cache_forget(struct key_cache *cache, const struct key_identity *id)
{
	uint64_t hash = hash_of(cache, id);
	struct cached_key **link, *key;

	pthread_mutex_lock(&cache->lock);
	cache->epoch++;
	link = find(cache, hash, id);
	key = *link;
	if (key)
		unlist(cache, link);
	pthread_mutex_unlock(&cache->lock);
	return key;
}

void key_cache_put(struct key_cache *cache, struct cached_key *key)
{
	if (key && atomic_fetch_sub(&key->refs, 1) == 1)
		cached_key_free(cache, key);
}
