/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A loaded provider: the shared object, its checked table, its context, and the
 * gate that holds callers to the concurrency it declared.
 */
#ifndef PARSEC_PLUGIN_H
#define PARSEC_PLUGIN_H

#include <pthread.h>

#include "providers/provider.h"

/**
 * struct plugin - a provider that has been opened
 * @ops:	its table
 * @uuid:	the table's, unless the configuration gives this instance one of its own
 * @ctx:	its context
 * @caps:	what it can do
 * @host:	what the provider was given; it may use it until it is closed
 * @handle:	dlopen() handle; NULL for a table that was handed in
 * @lock:	held during a primitive when the provider wants one at a time
 * @turn:	held by the one that is next to have @lock
 */
struct plugin {
	const struct parsec_provider *ops;
	const char *uuid;
	struct parsec_provider_ctx *ctx;
	struct parsec_capabilities caps;
	struct parsec_provider_host host;
	void *handle;
	pthread_mutex_t lock;
	pthread_mutex_t turn;
};

/**
 * plugin_load() - load a provider's library and check its table
 * @path:	shared object; found without a search when it has a slash
 * @handle:	for plugin_open(), or dlclose()
 *
 * Every refusal is one log line that says what is wrong and what to do.
 *
 * Return: the table, or NULL. The library stays loaded until plugin_close() or exit.
 */
const struct parsec_provider *plugin_load(const char *path, void **handle);

/**
 * plugin_open() - check a table and open the provider
 * @plugin:	filled in
 * @ops:	table from plugin_load(), or a built-in one
 * @handle:	from plugin_load(), or NULL
 * @options:	the provider's own configuration
 * @count:	of @options
 * @state_dir:	the provider's own directory; kept by the caller until plugin_close()
 *
 * Return: PARSEC_SUCCESS or, after a log line, why not; @handle is then still the caller's.
 */
enum parsec_status plugin_open(struct plugin *plugin, const struct parsec_provider *ops,
			       void *handle, const struct parsec_option *options,
			       size_t count, const char *state_dir);

/** plugin_close() - close the provider and unload its library */
void plugin_close(struct plugin *plugin);

/**
 * plugin_enter() - before a primitive
 * @key_lock:	lock of the key in use, NULL for a primitive without a key
 *
 * Waits for whatever the provider's concurrency demands. plugin_leave() ends it, with
 * the same arguments. Without a key, who leaves and enters again lets in who waits.
 */
void plugin_enter(struct plugin *plugin, pthread_mutex_t *key_lock);
void plugin_leave(struct plugin *plugin, pthread_mutex_t *key_lock);

/**
 * plugin_enter_two() - before a primitive with two keys
 * @key_lock:	lock of the one
 * @other_lock:	lock of the other, NULL for none; they may be the same
 *
 * As plugin_enter(). plugin_leave_two() ends it, with the same arguments.
 */
void plugin_enter_two(struct plugin *plugin, pthread_mutex_t *key_lock,
		      pthread_mutex_t *other_lock);
void plugin_leave_two(struct plugin *plugin, pthread_mutex_t *key_lock,
		      pthread_mutex_t *other_lock);

/**
 * plugin_supports() - is the primitive behind this operation there?
 * @opcode:	a crypto operation
 *
 * What ListOpcodes of the provider is made of.
 */
bool plugin_supports(const struct plugin *plugin, uint8_t opcode);

#endif /* PARSEC_PLUGIN_H */
