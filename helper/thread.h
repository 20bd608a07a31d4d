/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads of a provider host.
 */
#ifndef PARSEC_THREAD_H
#define PARSEC_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/** thread_start() - Return: false after a log line */
bool thread_start(pthread_t *thread, void *(*run)(void *), void *arg);

#endif /* PARSEC_THREAD_H */
