/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration file as the supervisor holds it: checked, and still as text, of
 * which each host gets the part that concerns it.
 */
#ifndef PARSEC_CONFIG_FILE_H
#define PARSEC_CONFIG_FILE_H

#include "helper/config.h"

/**
 * struct config_file - a file that was read and found good
 * @path:	where it is; the caller's
 * @text:	its bytes
 * @len:	how many
 * @config:	what they mean
 * @rules:	its rules, users and executables as numbers, @rules_len bytes
 */
struct config_file {
	const char *path;
	char *text;
	size_t len;
	struct config *config;
	char *rules;
	size_t rules_len;
};

/**
 * config_file_read() - read and check a file
 * @path:	valid as long as the result
 * @errors:	gets a line for each thing that is wrong, and for what is only strange: an
 *		executable of a rule that is not there
 *
 * For root the file must be root's and not writable by others: it says what runs with
 * the keys.
 *
 * Return: the file, to be freed with config_file_free(), or NULL.
 */
struct config_file *config_file_read(const char *path, FILE *errors);
void config_file_free(struct config_file *file);

/**
 * config_file_text() - the file for one host, without the options of others
 * @host:	name of its provider, or CONFIG_CORE_NAME
 * @len:	bytes of it
 *
 * Lines keep their numbers, as messages name them. An option of another provider,
 * such as a PIN, is left out, and so are comments, which may have one in them. Rules are
 * at the end, in numbers.
 *
 * Return: text to be wiped and freed, or NULL without memory.
 */
char *config_file_text(const struct config_file *file, const char *host, size_t *len);

/**
 * config_file_for_host() - the same as a file
 *
 * Return: a sealed memfd at its start, close-on-exec, or -1 with errno.
 */
int config_file_for_host(const struct config_file *file, const char *host);

#endif /* PARSEC_CONFIG_FILE_H */
