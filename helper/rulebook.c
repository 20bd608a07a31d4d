// SPDX-License-Identifier: Apache-2.0
/*
 * The rules in force.
 */
#include "helper/rulebook.h"

#include <pthread.h>
#include <stdlib.h>

struct rulebook {
	pthread_mutex_t lock;		/* of all that follows */
	struct config *config;
	unsigned int generation;
	bool empty;			/* also read without the lock */
};

struct rulebook *rulebook_new(struct config *config)
{
	struct rulebook *book = calloc(1, sizeof(*book));

	if (!book)
		return NULL;
	pthread_mutex_init(&book->lock, NULL);
	book->config = config_get(config);
	book->empty = !config->rule_count;
	return book;
}

void rulebook_free(struct rulebook *book)
{
	if (!book)
		return;
	config_free(book->config);
	pthread_mutex_destroy(&book->lock);
	free(book);
}

struct config *rulebook_get(struct rulebook *book, unsigned int *generation)
{
	struct config *config;

	pthread_mutex_lock(&book->lock);
	config = config_get(book->config);
	*generation = book->generation;
	pthread_mutex_unlock(&book->lock);
	return config;
}

unsigned int rulebook_set(struct rulebook *book, struct config *config)
{
	unsigned int generation;
	struct config *old;

	pthread_mutex_lock(&book->lock);
	old = book->config;
	book->config = config;
	generation = ++book->generation;
	__atomic_store_n(&book->empty, !config->rule_count, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&book->lock);
	config_free(old);
	return generation;
}

bool rulebook_is_empty(const struct rulebook *book)
{
	return !book || __atomic_load_n(&book->empty, __ATOMIC_RELAXED);
}
