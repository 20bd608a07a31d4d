// SPDX-License-Identifier: Apache-2.0
/*
 * Threads of a provider host.
 */
#include "helper/thread.h"

#include <string.h>

#include "helper/log.h"

/*
 * Enough for a provider's library that is careless with it. What is never touched
 * costs address space only.
 */
#define STACK_SIZE	(512 * 1024)

bool thread_start(pthread_t *thread, void *(*run)(void *), void *arg)
{
	pthread_attr_t attr;
	int rc;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	rc = pthread_create(thread, &attr, run, arg);
	pthread_attr_destroy(&attr);
	if (rc)
		log_error("cannot start a thread: %s", strerror(rc));
	return !rc;
}
