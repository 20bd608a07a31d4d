/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys by name: every change of a key's state goes through here, in front of
 * every provider, so that whatever dies in between a name is either usable or
 * free and no backend key is without a name. Above it: the dispatch. Below it:
 * the key-info manager (kim.h) and a provider's primitives (plugin.h).
 *
 * Safe to call from any number of threads.
 */
#ifndef PARSEC_KEYSTORE_H
#define PARSEC_KEYSTORE_H

#include "plugin.h"

struct keystore;

/**
 * struct key_identity - which key (contract, section 0, decision 6); the provider
 * is the keystore's own
 * @auth_id:	authenticator that vouches for @app
 * @app:	application, not NUL-terminated
 * @name:	key name, not NUL-terminated; empty when all keys are meant
 */
struct key_identity {
	uint32_t auth_id;
	struct parsec_span app;
	struct parsec_span name;
};

/**
 * struct keystore_key - a loaded key that somebody uses
 * @attrs:	its attributes, real size filled in
 * @key:	the provider's; use between plugin_enter() and plugin_leave() with @lock
 * @lock:	serialises use of this key where the provider wants that
 *
 * Stays valid until keystore_put(), also when the key is destroyed meanwhile.
 */
struct keystore_key {
	struct parsec_key_attributes attrs;
	struct parsec_key *key;
	pthread_mutex_t lock;
};

/**
 * struct keystore_swept - what the opening has finished
 * @finished:	keys that were being made or removed when the helper ended
 * @gone:	names whose key the backend does not have any more
 * @corrupt:	keys that were changed from outside; they stay and cannot be used
 */
struct keystore_swept {
	size_t finished;
	size_t gone;
	size_t corrupt;
};

/**
 * keystore_open() - open or create a provider's store and finish what a death left
 * @plugin:	the provider, used until keystore_close()
 * @provider_name: configured name, part of each key's identity
 * @dir:	directory of the store, the service user's, mode 0700: key-info
 *		database and master key, both 0600
 * @store:	result
 *
 * Return: PARSEC_SUCCESS or, after a log line, PARSEC_KEY_INFO_MANAGER_ERROR.
 */
enum parsec_status keystore_open(struct plugin *plugin, const char *provider_name,
				 const char *dir, struct keystore **store);
void keystore_close(struct keystore *store);

/** keystore_swept() - what the opening has finished */
struct keystore_swept keystore_swept(const struct keystore *store);

/**
 * keystore_create() - generate a key under a name
 * @id:		free name
 * @attrs:	checked against policy and capabilities by the caller
 * @backend_id:	stored: what keystore_undo() needs
 *
 * Return: PARSEC_SUCCESS, PARSEC_PSA_ERROR_ALREADY_EXISTS, PARSEC_KEY_INFO_MANAGER_ERROR,
 * or what the provider says; the name is then free again.
 */
enum parsec_status keystore_create(struct keystore *store, const struct key_identity *id,
				   const struct parsec_key_attributes *attrs,
				   uint8_t backend_id[PARSEC_BACKEND_ID_SIZE]);

/** keystore_import() - as keystore_create(), from material; fills in @attrs->bits */
enum parsec_status keystore_import(struct keystore *store, const struct key_identity *id,
				   struct parsec_key_attributes *attrs,
				   struct parsec_span data,
				   uint8_t backend_id[PARSEC_BACKEND_ID_SIZE]);

/**
 * keystore_undo() - remove a key that was just made and whose maker is gone
 *
 * Does nothing when the name has meanwhile become another key.
 */
void keystore_undo(struct keystore *store, const struct key_identity *id,
		   const uint8_t backend_id[PARSEC_BACKEND_ID_SIZE]);

/**
 * keystore_destroy() - remove a key
 *
 * Return: PARSEC_SUCCESS, PARSEC_PSA_ERROR_DOES_NOT_EXIST, PARSEC_KEY_INFO_MANAGER_ERROR, or
 * what the provider says: the name is free also then, and the backend key is
 * destroyed later.
 */
enum parsec_status keystore_destroy(struct keystore *store,
				    const struct key_identity *id);

/**
 * keystore_get() - a key, ready for use
 * @key:	to be given back with keystore_put()
 *
 * Return: PARSEC_SUCCESS, PARSEC_PSA_ERROR_DOES_NOT_EXIST, PARSEC_PSA_ERROR_DATA_CORRUPT (the
 * row was changed from outside), PARSEC_KEY_INFO_MANAGER_ERROR, or what the provider says.
 */
enum parsec_status keystore_get(struct keystore *store, const struct key_identity *id,
				struct keystore_key **key);
void keystore_put(struct keystore *store, struct keystore_key *key);

/**
 * keystore_list() - keys of an application
 * @id:		application; the name is not looked at
 * @each:	called per key; a result other than PARSEC_SUCCESS ends the listing
 * @arg:	for @each
 */
enum parsec_status keystore_list(struct keystore *store, const struct key_identity *id,
				 enum parsec_status (*each)(void *arg, struct parsec_span name,
					const struct parsec_key_attributes *attrs),
				 void *arg);

/**
 * keystore_list_apps() - applications that have keys
 * @auth_id:	authenticator that vouches for them
 * @each:	called per application, in the order of their bytes; a result other than
 *		PARSEC_SUCCESS ends the listing
 * @arg:	for @each
 */
enum parsec_status keystore_list_apps(struct keystore *store, uint32_t auth_id,
				      enum parsec_status (*each)(void *arg,
								 struct parsec_span app),
				      void *arg);

/**
 * keystore_destroy_all() - remove all keys of an application
 * @id:		application; the name is not looked at
 *
 * Goes on when one cannot be removed.
 *
 * Return: PARSEC_SUCCESS, or the first failure.
 */
enum parsec_status keystore_destroy_all(struct keystore *store,
					const struct key_identity *id);

/**
 * struct keystore_comparison - what the store and the backend have
 * @keys:	names that stand for a key
 * @missing:	of these: those whose key the backend does not have
 * @strangers:	keys of the backend that carry this service's mark and are in no row
 * @unknown:	of both: those of which that cannot be told now
 * @lists:	the backend can be asked what it has; else nothing is known of @strangers
 */
struct keystore_comparison {
	uint64_t keys;
	uint64_t missing;
	uint64_t strangers;
	uint64_t unknown;
	bool lists;
};

/**
 * struct keystore_compare_sink - who is told which ones they are, as they are found
 * @missing:	a name without a key; what @id points to is valid during the call
 * @stranger:	a key without a name
 * @arg:	for both
 */
struct keystore_compare_sink {
	void (*missing)(void *arg, const struct key_identity *id,
			const uint8_t backend_id[PARSEC_BACKEND_ID_SIZE]);
	void (*stranger)(void *arg, const uint8_t backend_id[PARSEC_BACKEND_ID_SIZE]);
	void *arg;
};

/**
 * keystore_compare() - compare names with what the backend has; changes nothing
 * @seconds:	after so long the rest is not asked for and counts as unknown
 * @sink:	told of each one
 * @comparison:	result
 *
 * Keys that are made and removed meanwhile are neither missing nor strangers.
 *
 * Return: PARSEC_SUCCESS; PARSEC_PSA_ERROR_NOT_SUPPORTED when the backend keeps nothing of
 * its own; PARSEC_KEY_INFO_MANAGER_ERROR, PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY, or why the
 * provider cannot list its keys.
 */
enum parsec_status keystore_compare(struct keystore *store, unsigned int seconds,
				    const struct keystore_compare_sink *sink,
				    struct keystore_comparison *comparison);

#endif /* PARSEC_KEYSTORE_H */
