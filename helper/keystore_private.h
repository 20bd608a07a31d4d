/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the key store share.
 */
#ifndef PARSEC_KEYSTORE_PRIVATE_H
#define PARSEC_KEYSTORE_PRIVATE_H

#include "helper/key_cache.h"
#include "helper/kim.h"
#include "helper/row_seal.h"

/* Loaded keys; one takes 2 to 4 kB in the software provider */
#define KEYSTORE_LOADED_MAX	1024
/* Rows to be tried again that are remembered; others wait for the next start */
#define KEYSTORE_UNFINISHED_MAX	64
/* Pause before rows are tried again */
#define KEYSTORE_RETRY_SECONDS	30

/**
 * struct keystore - a provider's keys
 * @plugin:	the provider
 * @kim:	rows
 * @seal:	encryption of blobs
 * @cache:	loaded keys
 * @name:	configured name of the provider
 * @backend_keeps: the provider has keys outside the blobs
 * @swept:	by keystore_sweep()
 * @lock:	guards the rest
 * @unfinished:	rows that could not be finished off, each known to no other thread
 * @unfinished_count: how many
 * @retry_at:	not before this second of the monotonic clock
 */
struct keystore {
	struct plugin *plugin;
	struct kim *kim;
	struct row_seal *seal;
	struct key_cache *cache;
	char *name;
	bool backend_keeps;
	struct keystore_swept swept;
	pthread_mutex_t lock;
	uint8_t unfinished[KEYSTORE_UNFINISHED_MAX][PARSEC_BACKEND_ID_SIZE];
	size_t unfinished_count;
	int64_t retry_at;
};

/*
 * Called between any two steps after which the state is another one. Only the object
 * that the crash test is linked with has it; the test kills the process there.
 */
#ifdef KEYSTORE_STEPS
void keystore_step(const char *done);
#else
static inline void keystore_step(const char *done)
{
	(void)done;
}
#endif

/* keystore_finish.c */
enum parsec_status keystore_exists(struct keystore *store, const struct kim_row *row);
enum parsec_status keystore_finish(struct keystore *store, const struct kim_row *row,
				   struct keystore_key *loaded);
void keystore_remember(struct keystore *store, const uint8_t id[PARSEC_BACKEND_ID_SIZE]);
bool keystore_retry(struct keystore *store, bool now);
enum parsec_status keystore_sweep(struct keystore *store);

#endif /* PARSEC_KEYSTORE_PRIVATE_H */
