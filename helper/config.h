/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration file, parsecd.conf(5): read once, checked as a whole.
 */
#ifndef PARSEC_CONFIG_H
#define PARSEC_CONFIG_H

#include <stdio.h>

#include <parsec/identity.h>

#include "providers/provider.h"

#define CONFIG_PATH_DEFAULT	"/etc/parsec/parsecd.conf"

/* Bytes of the file, and of one line without its end */
#define CONFIG_SIZE_MAX		(64 * 1024)
#define CONFIG_LINE_MAX		4096
#define CONFIG_PROVIDERS_MAX	32
#define CONFIG_RULES_MAX	256
/* Letters of the name of a provider or a rule */
#define CONFIG_NAME_MAX		32

/* Bytes of the name that a rule gives */
#define CONFIG_APP_MAX		255
/* Names, patterns or paths of one key of a rule */
#define CONFIG_IDS_MAX		64
/* Numbers, ranges or files of one key of a rule */
#define CONFIG_RANGES_MAX	(2 * CONFIG_IDS_MAX)
/* Bytes of the text for a host, in which names are numbers; one message of a socket */
#define CONFIG_TEXT_MAX		(160 * 1024)
/* Opcodes that a rule can name are below this */
#define CONFIG_OPCODES		128

/* What the core host is called; no provider may be */
#define CONFIG_CORE_NAME	"core"

/** struct config_list - several values of one key */
struct config_list {
	char **items;
	size_t count;
};

/** enum config_sandbox - what becomes of a host that cannot be locked in, sandbox.h */
enum config_sandbox {
	SANDBOX_REQUIRED,	/* it does not serve */
	SANDBOX_BEST_EFFORT,	/* it serves without what the kernel lacks */
	SANDBOX_OFF,		/* it is not locked in */
};

/** enum config_network - sockets that a provider may open */
enum config_network {
	NETWORK_NONE,
	NETWORK_UNIX,
	NETWORK_INET,	/* and Unix sockets */
};

/**
 * struct provider_config - one [provider NAME] section
 * @name:	NAME; never changes once keys exist, as they belong to it
 * @library:	path of the shared object; one without a slash is in provider_dir
 * @id:		wire id; 1 to 3 have a fixed meaning, others are 16 to 255
 * @uuid:	of this instance, "" = the library's; part of the keys as the name is
 * @workers:	requests that it handles at a time
 * @user:	that its host runs as; [core]'s when the file does not say
 * @devices:	device nodes that it may use
 * @paths:	files and directories that it may read
 * @writable:	and those that it may also write to
 * @network:	what it may talk to
 * @options:	what the provider itself understands
 * @option_count: how many
 * @line:	where the section starts
 */
struct provider_config {
	char *name;
	char *library;
	uint8_t id;
	char *uuid;
	unsigned int workers;
	char *user;
	struct config_list devices;
	struct config_list paths;
	struct config_list writable;
	enum config_network network;
	struct parsec_option *options;
	size_t option_count;
	unsigned int line;
};

/** enum config_audit - what becomes of an operation that cannot be audited, audit.h */
enum config_audit {
	CONFIG_AUDIT_OFF,		/* there is no audit file, only the log */
	CONFIG_AUDIT_BEST_EFFORT,	/* it takes place */
	CONFIG_AUDIT_REQUIRED,		/* it does not */
};

/** struct config_range - user or group ids */
struct config_range {
	uint32_t first;
	uint32_t last;
};

struct config_ranges {
	struct config_range *items;
	size_t count;
};

/** struct config_inode - a file: device as in struct parsec_facts, and inode */
struct config_inode {
	uint64_t dev;
	uint64_t ino;
};

struct config_inodes {
	struct config_inode *items;
	size_t count;
};

/** enum config_choice - what a key says, or that it does not */
enum config_choice {
	CONFIG_ANY,
	CONFIG_YES,	/* for userns: initial */
	CONFIG_NO,	/* for userns: other */
};

/**
 * struct rule - one [rule NAME] section
 * @name:	NAME, for logs
 * @line:	where the section starts
 * @end:	last line of it
 *
 * Conditions; an empty one holds for everybody:
 * @uid:	effective user; those of @user too, after config_resolve()
 * @user:	names of users
 * @gid:	effective group
 * @cgroup:	patterns for the path
 * @userns:	user namespace: the initial one or another
 * @userns_owner: users who own the user namespace
 * @container:	in another pid namespace than the initial one
 * @lsm:	patterns for the security label
 * @exe:	paths of executables
 * @exe_id:	what they are, after config_resolve()
 *
 * What follows:
 * @application: name that keys belong to, "" = as without a rule
 * @admin:	may use operations of administrators; CONFIG_ANY: as [core] admins says
 * @deny:	may use none
 * @providers:	names of those that may be used, none = all
 * @provider_ids: their ids as a bitmap
 * @operations:	names of operations, or groups of them, that may be used, none = all
 * @opcodes:	their opcodes as a bitmap
 * @limits:	of the kernel
 */
struct rule {
	char *name;
	unsigned int line;
	unsigned int end;

	struct config_ranges uid;
	struct config_list user;
	struct config_ranges gid;
	struct config_list cgroup;
	enum config_choice userns;
	struct config_ranges userns_owner;
	enum config_choice container;
	struct config_list lsm;
	struct config_list exe;
	struct config_inodes exe_id;

	char *application;
	enum config_choice admin;
	enum config_choice deny;
	struct config_list providers;
	uint32_t provider_ids[256 / 32];
	struct config_list operations;
	uint32_t opcodes[CONFIG_OPCODES / 32];
	struct parsec_limits limits;
};

/**
 * struct config - everything in the file, defaults filled in
 * @user:	[core] user that the core host runs as, and hosts that have none of their own
 * @sandbox:	[core]
 * @state_dir:	[core] keys: a directory per provider, with its key-info database
 * @runtime_dir: [core] sockets between hosts
 * @provider_dir: [core] where libraries without a slash are
 * @log_level:	[core]
 * @log_details: [core] log_error_details: names may be logged
 * @allow_deprecated: [core] deprecated primitives may be generated
 * @buffer_size_limit: [core] bytes of a response body at most
 * @workers:	[core] workers of the core host
 * @takeover:	[core] replace others that serve the same; false: be refused
 * @audit:	[core]
 * @audit_sync:	[core] a line is on the disk before the operation is answered
 * @audit_file_size: [core] kB of an audit file
 * @audit_files: [core] how many are kept
 * @admins:	[core] application names of administrators
 * @providers:	in file order, which is the order of preference
 * @provider_count: how many, at least 1
 * @rules:	in file order: the first that matches counts
 * @rule_count:	how many
 * @shares:	references besides the first, config_get()
 */
struct config {
	char *user;
	enum config_sandbox sandbox;
	char *state_dir;
	char *runtime_dir;
	char *provider_dir;
	enum parsec_log_level log_level;
	bool log_details;
	bool allow_deprecated;
	uint32_t buffer_size_limit;
	unsigned int workers;
	bool takeover;
	enum config_audit audit;
	bool audit_sync;
	unsigned int audit_file_size;
	unsigned int audit_files;
	struct config_list admins;
	struct provider_config *providers;
	size_t provider_count;
	struct rule *rules;
	size_t rule_count;
	unsigned int shares;
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

/**
 * config_load_text() - the same, of a text that may be longer than a file
 * @text:	the text
 * @len:	bytes of it, at most CONFIG_TEXT_MAX
 */
struct config *config_load_text(const char *text, size_t len, const char *name,
				FILE *errors);

/** config_get() - another reference */
struct config *config_get(struct config *config);

/**
 * config_free() - give a reference back; the last one frees
 *
 * NULL is fine. Values that may be secrets are wiped.
 */
void config_free(struct config *config);

/**
 * config_resolve() - look up the users and files that rules name
 * @notes:	gets a line for each file that is not there: no executable is it
 *
 * A user that does not exist is an error.
 *
 * Return: false after a line on @errors.
 */
bool config_resolve(struct config *config, const char *name, FILE *errors, FILE *notes);

/** config_dump_rules() - write the rules only */
void config_dump_rules(const struct config *config, FILE *out);

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

/** config_core_equal() - do two configurations agree in [core], but for administrators? */
bool config_core_equal(const struct config *a, const struct config *b);

/** config_provider_equal() - do two sections agree, wherever in the file they are? */
bool config_provider_equal(const struct provider_config *a,
			   const struct provider_config *b);

#endif /* PARSEC_CONFIG_H */
