// SPDX-License-Identifier: Apache-2.0
/*
 * Values of the configuration file that are one word of a few.
 */
#include "helper/config_keys.h"

#include <errno.h>
#include <string.h>

static void nothing_to_clear(void *field)
{
	(void)field;
}

static int word_set(const char *const *words, unsigned int *number, const char *value)
{
	for (unsigned int i = 0; words[i]; i++) {
		if (!strcmp(words[i], value)) {
			*number = i;
			return 0;
		}
	}
	return -EINVAL;
}

/* Log levels */

static const char *const levels[] = {
	[PARSEC_LOG_ERROR]	= "error",
	[PARSEC_LOG_WARNING]	= "warning",
	[PARSEC_LOG_INFO]	= "info",
	[PARSEC_LOG_DEBUG]	= "debug",
	NULL
};

static int level_set(const struct config_key *key, void *field, const char *value)
{
	unsigned int number;
	int rc = word_set(levels, &number, value);

	(void)key;
	if (!rc)
		*(enum parsec_log_level *)field = (enum parsec_log_level)number;
	return rc;
}

static void level_print(const void *field, FILE *out)
{
	fputs(levels[*(const enum parsec_log_level *)field], out);
}

static bool level_equal(const void *a, const void *b)
{
	return *(const enum parsec_log_level *)a == *(const enum parsec_log_level *)b;
}

const struct config_type config_type_level = {
	level_set, level_print, level_equal, nothing_to_clear
};

/* Audit */

static const char *const audits[] = {
	[CONFIG_AUDIT_OFF]		= "off",
	[CONFIG_AUDIT_BEST_EFFORT]	= "best-effort",
	[CONFIG_AUDIT_REQUIRED]		= "required",
	NULL
};

static int audit_set(const struct config_key *key, void *field, const char *value)
{
	unsigned int number;
	int rc = word_set(audits, &number, value);

	(void)key;
	if (!rc)
		*(enum config_audit *)field = (enum config_audit)number;
	return rc;
}

static void audit_print(const void *field, FILE *out)
{
	fputs(audits[*(const enum config_audit *)field], out);
}

static bool audit_equal(const void *a, const void *b)
{
	return *(const enum config_audit *)a == *(const enum config_audit *)b;
}

const struct config_type config_type_audit = {
	audit_set, audit_print, audit_equal, nothing_to_clear
};

/* What becomes of hosts that cannot be locked in */

static const char *const sandboxes[] = {
	[SANDBOX_REQUIRED]	= "required",
	[SANDBOX_BEST_EFFORT]	= "best-effort",
	[SANDBOX_OFF]		= "off",
	NULL
};

static int sandbox_set(const struct config_key *key, void *field, const char *value)
{
	unsigned int number;
	int rc = word_set(sandboxes, &number, value);

	(void)key;
	if (!rc)
		*(enum config_sandbox *)field = (enum config_sandbox)number;
	return rc;
}

static void sandbox_print(const void *field, FILE *out)
{
	fputs(sandboxes[*(const enum config_sandbox *)field], out);
}

static bool sandbox_equal(const void *a, const void *b)
{
	return *(const enum config_sandbox *)a == *(const enum config_sandbox *)b;
}

const struct config_type config_type_sandbox = {
	sandbox_set, sandbox_print, sandbox_equal, nothing_to_clear
};

/* What a provider may talk to */

static const char *const networks[] = {
	[NETWORK_NONE]	= "none",
	[NETWORK_UNIX]	= "unix",
	[NETWORK_INET]	= "inet",
	NULL
};

static int network_set(const struct config_key *key, void *field, const char *value)
{
	unsigned int number;
	int rc = word_set(networks, &number, value);

	(void)key;
	if (!rc)
		*(enum config_network *)field = (enum config_network)number;
	return rc;
}

static void network_print(const void *field, FILE *out)
{
	fputs(networks[*(const enum config_network *)field], out);
}

static bool network_equal(const void *a, const void *b)
{
	return *(const enum config_network *)a == *(const enum config_network *)b;
}

const struct config_type config_type_network = {
	network_set, network_print, network_equal, nothing_to_clear
};
