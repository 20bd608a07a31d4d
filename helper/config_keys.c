// SPDX-License-Identifier: Apache-2.0
/*
 * The keys of the configuration file: what each may be, how it is written and
 * compared. The tables at the end are the summary.
 */
#include "helper/config_keys.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "helper/uuid_text.h"

/* The longest socket in it, /NAME/sock, still has to fit into a socket address */
#define RUNTIME_DIR_MAX		64

#define STRING_OF(number)	#number
#define NUMBER(low, high) \
	.min = (low), .max = (high), \
	.expects = "a number from " STRING_OF(low) " to " STRING_OF(high)

bool config_word_is_valid(const char *word)
{
	if (!isalnum((unsigned char)*word))
		return false;
	for (; *word; word++)
		if (!isalnum((unsigned char)*word) && !strchr("._-", *word))
			return false;
	return true;
}

bool config_key_is_secret(const char *name)
{
	static const char *const endings[] = { "pin", "auth", "password", "secret" };
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		size_t end = strlen(endings[i]);

		if (len >= end && !strcmp(name + len - end, endings[i]))
			return true;
	}
	return false;
}

/* Text */

void config_string_clear(void *field)
{
	char **string = field;

	if (*string)
		explicit_bzero(*string, strlen(*string));
	free(*string);
	*string = NULL;
}

int config_string_set(void *field, const char *value)
{
	char *copy = strdup(value);

	if (!copy)
		return -ENOMEM;
	config_string_clear(field);
	*(char **)field = copy;
	return 0;
}

static void string_print(const void *field, FILE *out)
{
	fputs(*(char *const *)field, out);
}

static bool string_equal(const void *a, const void *b)
{
	return !strcmp(*(char *const *)a, *(char *const *)b);
}

/* A user or group name of the system */
static int user_set(const struct config_key *key, void *field, const char *value)
{
	(void)key;
	if (*value != '_' && !config_word_is_valid(value))
		return -EINVAL;
	return config_string_set(field, value);
}

/* Nothing stands for [core]'s, config.c */
static int own_user_set(const struct config_key *key, void *field, const char *value)
{
	return *value ? user_set(key, field, value) : config_string_set(field, value);
}

static int directory_set(const struct config_key *key, void *field, const char *value)
{
	if (*value != '/' || (key->max && strlen(value) > key->max))
		return -EINVAL;
	return config_string_set(field, value);
}

/* A file of provider_dir, or an absolute path */
static int library_set(const struct config_key *key, void *field, const char *value)
{
	(void)key;
	if (!*value || (*value != '/' && strchr(value, '/')))
		return -EINVAL;
	return config_string_set(field, value);
}

static const struct config_type type_user = {
	user_set, string_print, string_equal, config_string_clear
};

static const struct config_type type_own_user = {
	own_user_set, string_print, string_equal, config_string_clear
};

static const struct config_type type_directory = {
	directory_set, string_print, string_equal, config_string_clear
};

static const struct config_type type_library = {
	library_set, string_print, string_equal, config_string_clear
};

/* Numbers */

static int number_parse(const struct config_key *key, const char *value, unsigned int *number)
{
	unsigned long parsed;
	char *end;

	if (!isdigit((unsigned char)*value))
		return -EINVAL;
	errno = 0;
	parsed = strtoul(value, &end, 10);
	if (errno || *end || parsed < key->min || parsed > key->max)
		return -EINVAL;
	*number = (unsigned int)parsed;
	return 0;
}

static int number_set(const struct config_key *key, void *field, const char *value)
{
	return number_parse(key, value, field);
}

static void number_print(const void *field, FILE *out)
{
	fprintf(out, "%u", *(const unsigned int *)field);
}

static bool number_equal(const void *a, const void *b)
{
	return *(const unsigned int *)a == *(const unsigned int *)b;
}

static void nothing_to_clear(void *field)
{
	(void)field;
}

static const struct config_type type_number = {
	number_set, number_print, number_equal, nothing_to_clear
};

/* Wire id of a provider */

static int id_set(const struct config_key *key, void *field, const char *value)
{
	unsigned int id;

	if (number_parse(key, value, &id) ||
	    (id > PARSEC_PROVIDER_TPM && id < PARSEC_PROVIDER_OTHER_MIN))
		return -EINVAL;
	*(uint8_t *)field = (uint8_t)id;
	return 0;
}

static void id_print(const void *field, FILE *out)
{
	fprintf(out, "%u", *(const uint8_t *)field);
}

static bool id_equal(const void *a, const void *b)
{
	return *(const uint8_t *)a == *(const uint8_t *)b;
}

static const struct config_type type_id = {
	id_set, id_print, id_equal, nothing_to_clear
};

/* UUID of a provider, or nothing */

static int uuid_set(const struct config_key *key, void *field, const char *value)
{
	(void)key;
	if (*value && uuid_text_fault(value))
		return -EINVAL;
	return config_string_set(field, value);
}

static const struct config_type type_uuid = {
	uuid_set, string_print, string_equal, config_string_clear
};

/* Switches */

static int bool_set(const struct config_key *key, void *field, const char *value)
{
	bool *flag = field;

	(void)key;
	if (!strcmp(value, "true"))
		*flag = true;
	else if (!strcmp(value, "false"))
		*flag = false;
	else
		return -EINVAL;
	return 0;
}

static void bool_print(const void *field, FILE *out)
{
	fputs(*(const bool *)field ? "true" : "false", out);
}

static bool bool_equal(const void *a, const void *b)
{
	return *(const bool *)a == *(const bool *)b;
}

static const struct config_type type_bool = {
	bool_set, bool_print, bool_equal, nothing_to_clear
};

/* One of a few words; their place in the table is the value */

/* Lists: members are separated by commas and may contain blanks */

void config_list_clear(void *field)
{
	struct config_list *list = field;

	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct config_list){ 0 };
}

static int list_add(struct config_list *list, const char *item, size_t len)
{
	char **items;

	while (len && isblank((unsigned char)*item))
		item++, len--;
	while (len && isblank((unsigned char)item[len - 1]))
		len--;
	if (!len)
		return -EINVAL;
	items = reallocarray(list->items, list->count + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	list->items = items;
	items[list->count] = strndup(item, len);
	if (!items[list->count])
		return -ENOMEM;
	list->count++;
	return 0;
}

int config_list_set(const struct config_key *key, void *field, const char *value)
{
	struct config_list list = { 0 };
	size_t len;
	int error = 0;

	(void)key;
	while (*value && !error) {
		len = strcspn(value, ",");
		error = list_add(&list, value, len);
		value += len;
		if (*value && !*++value)	/* a comma ends the line */
			error = error ?: -EINVAL;
	}
	if (error) {
		config_list_clear(&list);
		return error;
	}
	config_list_clear(field);
	*(struct config_list *)field = list;
	return 0;
}

void config_list_print(const void *field, FILE *out)
{
	const struct config_list *list = field;

	for (size_t i = 0; i < list->count; i++)
		fprintf(out, "%s%s", i ? ", " : "", list->items[i]);
}

static bool list_equal(const void *a, const void *b)
{
	const struct config_list *one = a, *two = b;

	if (one->count != two->count)
		return false;
	for (size_t i = 0; i < one->count; i++)
		if (strcmp(one->items[i], two->items[i]))
			return false;
	return true;
}

static const struct config_type type_list = {
	config_list_set, config_list_print, list_equal, config_list_clear
};

static int paths_set(const struct config_key *key, void *field, const char *value)
{
	struct config_list list = { 0 };
	int error = config_list_set(key, &list, value);

	for (size_t i = 0; i < list.count && !error; i++)
		if (*list.items[i] != '/')
			error = -EINVAL;
	if (error) {
		config_list_clear(&list);
		return error;
	}
	config_list_clear(field);
	*(struct config_list *)field = list;
	return 0;
}

static const struct config_type type_paths = {
	paths_set, config_list_print, list_equal, config_list_clear
};

/* Over the tables */

const struct config_key *config_key_find(const struct config_key *table, const char *name)
{
	for (; table->name; table++)
		if (!strcmp(table->name, name))
			return table;
	return NULL;
}

int config_key_set(const struct config_key *key, void *object, const char *value)
{
	return key->type->set(key, (char *)object + key->offset, value);
}

void config_key_clear(const struct config_key *key, void *object)
{
	key->type->clear((char *)object + key->offset);
}

static void print_keys(const struct config_key *key, const void *object, FILE *out)
{
	for (; key->name; key++) {
		fprintf(out, "%s = ", key->name);
		key->type->print((const char *)object + key->offset, out);
		fputc('\n', out);
	}
}

static bool keys_equal(const struct config_key *key, const void *a, const void *b)
{
	for (; key->name; key++)
		if (!key->live && !key->type->equal((const char *)a + key->offset,
				      (const char *)b + key->offset))
			return false;
	return true;
}

void config_dump(const struct config *config, FILE *out)
{
	fputs("[core]\n", out);
	print_keys(config_core_keys, config, out);
	for (size_t i = 0; i < config->provider_count; i++) {
		const struct provider_config *provider = &config->providers[i];

		fprintf(out, "\n[provider %s]\n", provider->name);
		print_keys(config_provider_keys, provider, out);
		for (size_t j = 0; j < provider->option_count; j++) {
			const struct parsec_option *option = &provider->options[j];

			fprintf(out, "%s = %s\n", option->name,
				config_key_is_secret(option->name) ? "********"
								   : option->value);
		}
	}
	config_dump_rules(config, out);
}

bool config_core_equal(const struct config *a, const struct config *b)
{
	return keys_equal(config_core_keys, a, b);
}

bool config_provider_equal(const struct provider_config *a, const struct provider_config *b)
{
	if (strcmp(a->name, b->name) || a->option_count != b->option_count ||
	    !keys_equal(config_provider_keys, a, b))
		return false;
	for (size_t i = 0; i < a->option_count; i++)
		if (strcmp(a->options[i].name, b->options[i].name) ||
		    strcmp(a->options[i].value, b->options[i].value))
			return false;
	return true;
}

bool config_provider_name_is_valid(const char *name)
{
	return strlen(name) <= CONFIG_NAME_MAX && config_word_is_valid(name);
}

#define CORE(name_, member, type_) \
	.name = name_, .type = &(type_), .offset = offsetof(struct config, member)
#define PROVIDER(name_, member, type_) \
	.name = name_, .type = &(type_), .offset = offsetof(struct provider_config, member)

const struct config_key config_core_keys[CONFIG_KEYS_MAX] = {
	{ CORE("user", user, type_user),
	  .fallback = "parsec", .expects = "the name of a user" },
	{ CORE("sandbox", sandbox, config_type_sandbox),
	  .fallback = "required", .expects = "required, best-effort or off" },
	{ CORE("state_dir", state_dir, type_directory),
	  .fallback = "/var/lib/parsec", .expects = "an absolute path" },
	{ CORE("runtime_dir", runtime_dir, type_directory),
	  .fallback = "/run/parsec", .max = RUNTIME_DIR_MAX,
	  .expects = "an absolute path of at most 64 bytes" },
	{ CORE("provider_dir", provider_dir, type_directory),
	  .fallback = PROVIDER_DIR, .expects = "an absolute path" },
	{ CORE("log_level", log_level, config_type_level),
	  .fallback = "info", .expects = "error, warning, info or debug" },
	{ CORE("log_error_details", log_details, type_bool),
	  .fallback = "false", .expects = "true or false" },
	{ CORE("allow_deprecated", allow_deprecated, type_bool),
	  .fallback = "false", .expects = "true or false" },
	{ CORE("buffer_size_limit", buffer_size_limit, type_number),
	  .fallback = "1048576", NUMBER(1, 1048576) },
	{ CORE("workers", workers, type_number),
	  .fallback = "2", NUMBER(1, 64) },
	{ CORE("takeover", takeover, type_bool),
	  .fallback = "false", .expects = "true or false" },
	{ CORE("audit", audit, config_type_audit),
	  .fallback = "required", .expects = "required, best-effort or off" },
	{ CORE("audit_sync", audit_sync, type_bool),
	  .fallback = "false", .expects = "true or false" },
	{ CORE("audit_file_size", audit_file_size, type_number),
	  .fallback = "16384", NUMBER(64, 1048576) },
	{ CORE("audit_files", audit_files, type_number),
	  .fallback = "8", NUMBER(2, 1000) },
	{ CORE("admins", admins, type_list),
	  .fallback = "", .live = true, .expects = "application names with commas between them" },
	{ .name = NULL }
};

const struct config_key config_provider_keys[CONFIG_KEYS_MAX] = {
	{ PROVIDER("library", library, type_library),
	  .expects = "a file name in provider_dir or an absolute path" },
	{ PROVIDER("id", id, type_id),
	  .min = 1, .max = PARSEC_PROVIDER_MAX,
	  .expects = "1 (software), 2 (PKCS#11), 3 (TPM) or 16 to 255" },
	{ PROVIDER("uuid", uuid, type_uuid),
	  .fallback = "",
	  .expects = "a UUID of 36 characters in lower case, not the nil one and not core's" },
	{ PROVIDER("workers", workers, type_number),
	  .fallback = "4", NUMBER(1, 64) },
	{ PROVIDER("user", user, type_own_user),
	  .fallback = "", .expects = "the name of a user" },
	{ PROVIDER("devices", devices, type_paths),
	  .fallback = "", .expects = "absolute paths with commas between them" },
	{ PROVIDER("paths", paths, type_paths),
	  .fallback = "", .expects = "absolute paths with commas between them" },
	{ PROVIDER("writable", writable, type_paths),
	  .fallback = "", .expects = "absolute paths with commas between them" },
	{ PROVIDER("network", network, config_type_network),
	  .fallback = "none", .expects = "none, unix or inet" },
	{ .name = NULL }
};
