/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration file, parsecd.conf(5): read once, checked as a whole.
 */
#ifndef PARSEC_CONFIG_H
#define PARSEC_CONFIG_H

#include <stdio.h>

#include "providers/provider.h"

#define CONFIG_PATH_DEFAULT	"/etc/parsec/parsecd.conf"

/* Bytes of the file, and of one line without its end */
#define CONFIG_SIZE_MAX		(64 * 1024)
#define CONFIG_LINE_MAX		4096
#define CONFIG_PROVIDERS_MAX	32
/* Letters of a provider's name */
#define CONFIG_NAME_MAX		32

/* What the core host is called; no provider may be */
#define CONFIG_CORE_NAME	"core"

/**
 * struct provider_config - one [provider NAME] section
 * @name:	NAME; never changes once keys exist, as they belong to it
 * @library:	path of the shared object; one without a slash is in provider_dir
 * @id:		wire id; 1 to 3 have a fixed meaning, others are 16 to 255
 * @workers:	requests that it handles at a time
 * @options:	what the provider itself understands
 * @option_count: how many
 * @line:	where the section starts
 */
struct provider_config {
	char *name;
	char *library;
	uint8_t id;
	unsigned int workers;
	struct parsec_option *options;
	size_t option_count;
	unsigned int line;
};

/** struct config_list - several values of one key */
struct config_list {
	char **items;
	size_t count;
};

/** enum config_audit - what becomes of an operation that cannot be audited, audit.h */
enum config_audit {
	CONFIG_AUDIT_OFF,		/* there is no audit file, only the log */
	CONFIG_AUDIT_BEST_EFFORT,	/* it takes place */
	CONFIG_AUDIT_REQUIRED,		/* it does not */
};

/**
 * struct config - everything in the file, defaults filled in
 * @user:	[core] user that the hosts run as
 * @state_dir:	[core] keys: a directory per provider, with its key-info database
 * @runtime_dir: [core] sockets between hosts
 * @provider_dir: [core] where libraries without a slash are
 * @log_level:	[core]
 * @log_details: [core] log_error_details: names may be logged
 * @allow_deprecated: [core] deprecated primitives may be generated
 * @buffer_size_limit: [core] bytes of a response body at most
 * @workers:	[core] workers of the core host
 * @audit:	[core]
 * @audit_sync:	[core] a line is on the disk before the operation is answered
 * @audit_file_size: [core] kB of an audit file
 * @audit_files: [core] how many are kept
 * @admins:	[core] application names of administrators
 * @providers:	in file order, which is the order of preference
 * @provider_count: how many, at least 1
 */
struct config {
	char *user;
	char *state_dir;
	char *runtime_dir;
	char *provider_dir;
	enum parsec_log_level log_level;
	bool log_details;
	bool allow_deprecated;
	uint32_t buffer_size_limit;
	unsigned int workers;
	enum config_audit audit;
	bool audit_sync;
	unsigned int audit_file_size;
	unsigned int audit_files;
	struct config_list admins;
	struct provider_config *providers;
	size_t provider_count;
};

/**
 * config_load() - read and check a configuration
 * @file:	opened for reading, nothing read yet; its buffering is switched off so
 *		that secrets do not linger in the buffer
 * @name:	the file's name, for messages
 * @errors:	gets "NAME:LINE: what is wrong", one line per error
 *
 * Return: the configuration, to be freed with config_free(), or NULL after at least
 * one line on @errors.
 */
struct config *config_load(FILE *file, const char *name, FILE *errors);

/** config_free() - NULL is fine. Values that may be secrets are wiped */
void config_free(struct config *config);

/**
 * config_dump() - write the configuration in effect, as a file that could be loaded
 *
 * Values of provider options whose name ends in "pin", "auth", "password" or "secret"
 * are masked.
 */
void config_dump(const struct config *config, FILE *out);

/** config_provider() - section of a provider, or NULL */
const struct provider_config *config_provider(const struct config *config,
					      const char *name);

/** config_provider_name_is_valid() - can a provider be called this? */
bool config_provider_name_is_valid(const char *name);

/** config_core_equal() - do two configurations agree in [core]? */
bool config_core_equal(const struct config *a, const struct config *b);

/** config_provider_equal() - do two sections agree, wherever in the file they are? */
bool config_provider_equal(const struct provider_config *a,
			   const struct provider_config *b);

#endif /* PARSEC_CONFIG_H */
