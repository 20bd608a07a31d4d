/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registering with the kernel is the last thing that takes a capability, and cannot come
 * before the provider works. So a thread keeps the capability for it, which does
 * nothing else, and the rest of the process gives it up before it opens the provider:
 * no thread that the provider may start has ever had it.
 */
#ifndef PARSEC_REGISTRAR_H
#define PARSEC_REGISTRAR_H

#include <semaphore.h>

#include "helper/worker.h"

/**
 * struct registrar - the thread
 * @thread:	waits for @go, registers, ends
 * @go:		posted once
 * @pool:	whose sockets are registered
 * @host:	for what
 * @rc:		how it went
 */
struct registrar {
	pthread_t thread;
	sem_t go;
	struct worker_pool *pool;
	const struct host *host;
	int rc;
};

/** registrar_start() - with the capabilities that this thread has now. False after a log line */
bool registrar_start(struct registrar *registrar, struct worker_pool *pool);

/**
 * registrar_finish() - let it register, and end
 * @host:	as for worker_pool_register()
 *
 * Return: as worker_pool_register().
 */
int registrar_finish(struct registrar *registrar, const struct host *host);

#endif /* PARSEC_REGISTRAR_H */
