/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of the configuration file as tables: reading, writing and comparing
 * a configuration all go over these. Private to helper/config*.c.
 */
#ifndef PARSEC_CONFIG_KEYS_H
#define PARSEC_CONFIG_KEYS_H

#include "helper/config.h"

#define CONFIG_KEYS_MAX	32	/* keys in one table at most */

/**
 * struct config_key - one key
 * @name:	as in the file
 * @type:	how to read, write and compare its value
 * @offset:	where the value is in struct config or struct provider_config
 * @min:	of a number
 * @max:	of a number
 * @fallback:	value when the file has none; NULL: the file must have one
 * @expects:	for messages: "NAME must be ..."
 */
struct config_key {
	const char *name;
	const struct config_type *type;
	size_t offset;
	unsigned int min;
	unsigned int max;
	const char *fallback;
	const char *expects;
};

/* Ended by a key without a name */
extern const struct config_key config_core_keys[CONFIG_KEYS_MAX];
extern const struct config_key config_provider_keys[CONFIG_KEYS_MAX];

/** config_key_find() - key of a table, or NULL */
const struct config_key *config_key_find(const struct config_key *table, const char *name);

/**
 * config_key_set() - give a value to a key
 * @object:	struct config or struct provider_config
 *
 * Return: 0, -EINVAL when the value is not what the key expects, or -ENOMEM.
 */
int config_key_set(const struct config_key *key, void *object, const char *value);

/** config_key_clear() - free the value, after wiping it */
void config_key_clear(const struct config_key *key, void *object);

/** config_key_is_secret() - is an option of this name not for other people's eyes? */
bool config_key_is_secret(const char *name);

/** config_word_is_valid() - is it letters, digits and "._-", the first no punctuation? */
bool config_word_is_valid(const char *word);

#endif /* PARSEC_CONFIG_KEYS_H */
