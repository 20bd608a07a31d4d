/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of the configuration file as tables: reading, writing and comparing
 * a configuration all go over these. Private to helper/config*.c.
 */
#ifndef PARSEC_CONFIG_KEYS_H
#define PARSEC_CONFIG_KEYS_H

#include "helper/config.h"

struct config_key;

/* What to do about two providers with one UUID */
#define CONFIG_UUID_REMEDY	"give one of the two a uuid of its own before it has keys, " \
				"uuidgen makes one"

#define CONFIG_KEYS_MAX	32	/* keys in one table at most, and bits of a number */

/**
 * struct config_type - how one kind of value is handled
 * @set:	from text
 * @print:	to text; keys of rules that print nothing are not set
 * @equal:	compare; NULL for keys of rules, which nobody compares
 * @clear:	free what it points to
 *
 * @field is where the value is stored.
 */
struct config_type {
	int (*set)(const struct config_key *key, void *field, const char *value);
	void (*print)(const void *field, FILE *out);
	bool (*equal)(const void *a, const void *b);
	void (*clear)(void *field);
};

/**
 * struct config_key - one key
 * @name:	as in the file
 * @type:	how to read, write and compare its value
 * @offset:	where the value is in struct config, struct provider_config or struct rule
 * @min:	of a number
 * @max:	of a number
 * @fallback:	value when the file has none; NULL: the file must have one
 * @live:	hosts take another value as they run
 * @expects:	for messages: "NAME must be ..."
 */
struct config_key {
	const char *name;
	const struct config_type *type;
	size_t offset;
	unsigned int min;
	unsigned int max;
	const char *fallback;
	bool live;
	const char *expects;
};

/* Ended by a key without a name */
extern const struct config_key config_core_keys[CONFIG_KEYS_MAX];
extern const struct config_key config_provider_keys[CONFIG_KEYS_MAX];
extern const struct config_key config_rule_keys[CONFIG_KEYS_MAX];

/** config_key_find() - key of a table, or NULL */
const struct config_key *config_key_find(const struct config_key *table, const char *name);

/**
 * config_key_set() - give a value to a key
 * @object:	struct config or struct provider_config
 *
 * Return: 0, -EINVAL when the value is not what the key expects, or -ENOMEM.
 */
int config_key_set(const struct config_key *key, void *object, const char *value);

/** config_key_clear() - free the value; text is wiped, members of lists are not */
void config_key_clear(const struct config_key *key, void *object);

/* One word of a few, config_words.c */
extern const struct config_type config_type_level;
extern const struct config_type config_type_audit;
extern const struct config_type config_type_sandbox;
extern const struct config_type config_type_network;

/* Of the types text and list, for other types */
int config_string_set(void *field, const char *value);
void config_string_clear(void *field);
int config_list_set(const struct config_key *key, void *field, const char *value);
void config_list_print(const void *field, FILE *out);
void config_list_clear(void *field);

/**
 * config_rule_fill() - fill in what a rule's names of operations and providers stand for
 *
 * Return: NULL, or the name that stands for nothing.
 */
const char *config_rule_fill(struct rule *rule, const struct config *config);

/** config_print_rule() - write a rule as its section */
void config_print_rule(const struct rule *rule, FILE *out);

/** config_free_rule() - free all that it points to */
void config_free_rule(struct rule *rule);

/** config_key_is_secret() - is an option of this name not for other people's eyes? */
bool config_key_is_secret(const char *name);

/** config_word_is_valid() - is it letters, digits and "._-", the first no punctuation? */
bool config_word_is_valid(const char *word);

#endif /* PARSEC_CONFIG_KEYS_H */
