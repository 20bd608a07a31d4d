/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loaded keys by name, so that using a key takes no database and no parsing: one
 * lock and one hash lookup.
 *
 * The name of a key can come to stand for another key while a thread is loading
 * the old one. Whoever changes what a name stands for calls key_cache_forget()
 * after the change and before anybody is told of it; that also counts up an
 * epoch, and what was read from the store in an earlier epoch is not taken in.
 */
#ifndef PARSEC_KEY_CACHE_H
#define PARSEC_KEY_CACHE_H

#include <stdatomic.h>

#include "helper/keystore.h"

struct key_cache;

/**
 * struct cached_key - a loaded key
 * @key:	what users of the key see
 * @refs:	one for each use, and one of the cache while it is in there
 * Others:	the cache's
 */
struct cached_key {
	struct keystore_key key;
	atomic_uint refs;
	struct cached_key *chain;
	struct cached_key *newer;
	struct cached_key *older;
	uint64_t hash;
	uint32_t auth_id;
	size_t app_len;
	size_t name_len;
	uint8_t names[];
};

/**
 * key_cache_open() - an empty cache
 * @limit:	loaded keys that nobody uses are dropped, the longest unused first, when
 *		there are more
 * @plugin:	unloads keys
 */
struct key_cache *key_cache_open(size_t limit, struct plugin *plugin);
void key_cache_close(struct key_cache *cache);

/**
 * cached_key_alloc() - a key to be loaded, used once, not in the cache
 * Return: NULL when out of memory.
 */
struct cached_key *cached_key_alloc(const struct key_identity *id);

/** cached_key_free() - unload and free a key that nobody else has seen */
void cached_key_free(struct key_cache *cache, struct cached_key *key);

/**
 * key_cache_get() - the loaded key of a name
 * @epoch:	of this lookup; for key_cache_add()
 *
 * Return: with one more reference, or NULL.
 */
struct cached_key *key_cache_get(struct key_cache *cache, const struct key_identity *id,
				 uint64_t *epoch);

/**
 * key_cache_add() - take a loaded key in
 * @key:	belongs to the cache afterwards
 * @epoch:	from the lookup before the key was read from the store
 *
 * Return: the key to use, which is another one when somebody was faster; NULL when the
 * name may have come to mean something else: read the store again.
 */
struct cached_key *key_cache_add(struct key_cache *cache, struct cached_key *key,
				 uint64_t epoch);

/**
 * key_cache_forget() - what a name stands for has changed
 *
 * Return: the key that was loaded, with the cache's reference, or NULL.
 */
struct cached_key *key_cache_forget(struct key_cache *cache, const struct key_identity *id);

/** key_cache_put() - end a use; the last one of a key unloads it. NULL is fine */
void key_cache_put(struct key_cache *cache, struct cached_key *key);

#endif /* PARSEC_KEY_CACHE_H */
