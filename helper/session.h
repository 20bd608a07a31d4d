/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which application a session is: a bounded memory of what the kernel was asked.
 *
 * The kernel never uses a session number again, so an entry is right until there are
 * other rules, and leaves before that only to make room. Safe to call from any number of threads.
 */
#ifndef PARSEC_SESSION_H
#define PARSEC_SESSION_H

#include "helper/identity.h"

/* Sessions remembered at most */
#define SESSION_CACHE_SIZE	4096

struct session_cache;

/** session_cache_new() - Return: NULL without memory */
struct session_cache *session_cache_new(void);

/** session_cache_free() - NULL is fine */
void session_cache_free(struct session_cache *cache);

/**
 * session_find() - Return: the application, to be given back with identity_put(), or
 * NULL when it is not remembered
 */
struct identity *session_find(struct session_cache *cache, uint64_t session);

/**
 * session_remember() - takes a reference of its own
 * @generation:	of the rules that made the identity; it is not remembered when there have
 *		been others since
 */
void session_remember(struct session_cache *cache, uint64_t session,
		      struct identity *identity, unsigned int generation);

/** session_cache_clear() - forget all; from here on only @generation is remembered */
void session_cache_clear(struct session_cache *cache, unsigned int generation);

#endif /* PARSEC_SESSION_H */
