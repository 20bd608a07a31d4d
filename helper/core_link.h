/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the core provider reaches the other providers: struct core_link over the inner
 * sockets.
 */
#ifndef PARSEC_CORE_LINK_H
#define PARSEC_CORE_LINK_H

#include <sys/types.h>

#include "helper/config.h"
#include "providers/core.h"

struct core_peers;

/**
 * core_peers_new() - one for each configured provider
 * @users:	who each provider's host runs as, in the configuration's order
 *
 * Return: NULL after a log line.
 */
struct core_peers *core_peers_new(const struct config *config, const uid_t *users);

/** core_peers_free() - NULL is fine */
void core_peers_free(struct core_peers *peers);

/** core_link_start() - a core provider that uses @peers. Return: NULL without memory */
struct core *core_link_start(struct core_peers *peers, const struct config *config);

#endif /* PARSEC_CORE_LINK_H */
