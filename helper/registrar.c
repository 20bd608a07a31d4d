// SPDX-License-Identifier: Apache-2.0
/*
 * The thread that registers with the kernel.
 */
#include "helper/registrar.h"

#include "helper/thread.h"

static void *run(void *arg)
{
	struct registrar *registrar = arg;

	while (sem_wait(&registrar->go))
		;
	registrar->rc = worker_pool_register(registrar->pool, registrar->host);
	return NULL;
}

bool registrar_start(struct registrar *registrar, struct worker_pool *pool)
{
	registrar->pool = pool;
	sem_init(&registrar->go, 0, 0);
	return thread_start(&registrar->thread, run, registrar);
}

int registrar_finish(struct registrar *registrar, const struct host *host)
{
	registrar->host = host;
	sem_post(&registrar->go);
	pthread_join(registrar->thread, NULL);
	sem_destroy(&registrar->go);
	return registrar->rc;
}
