/* SPDX-License-Identifier: Apache-2.0 */
/*
 * New rules for a host that serves: parsecd sends its configuration, the host takes
 * rules and administrators from it, and says so.
 */
#ifndef PARSEC_RELOAD_H
#define PARSEC_RELOAD_H

#include "helper/rulebook.h"
#include "helper/session.h"

/* Answers on the line to parsecd, one byte each */
#define RELOAD_TAKEN	'R'
#define RELOAD_REFUSED	'E'

struct reload;

/**
 * config_read_fd() - read a configuration that parsecd has prepared
 * @fd:		closed afterwards
 *
 * Return: the configuration, or NULL after a log line.
 */
struct config *config_read_fd(int fd, const char *name);

/**
 * reload_start() - take new rules from now on, in a thread of its own
 * @fd:		socket to parsecd: a message is a whole configuration. Closed by
 *		reload_stop()
 * @name:	of the configuration, for messages
 * @book:	gets the rules
 * @sessions:	forgets who is who
 *
 * Return: NULL after a log line.
 */
struct reload *reload_start(int fd, const char *name, struct rulebook *book,
			    struct session_cache *sessions);

/** reload_stop() - NULL is fine */
void reload_stop(struct reload *reload);

#endif /* PARSEC_RELOAD_H */
