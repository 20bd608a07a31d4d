// SPDX-License-Identifier: Apache-2.0
/*
 * Keys of [rule NAME]: their types, which no other section has, and their table.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/device.h"
#include "helper/config_keys.h"

/* A number up to @max in front of @end. Return: false for anything else */
static bool take_number(const char **text, uint64_t max, uint64_t *number)
{
	unsigned long long value;
	char *end;

	if (!isdigit((unsigned char)**text))
		return false;
	errno = 0;
	value = strtoull(*text, &end, 10);
	if (errno || value > max)
		return false;
	*text = end;
	*number = value;
	return true;
}

/* Ranges of ids: 7, 1000-1999 */

static bool parse_range(const char *text, struct config_range *range)
{
	uint64_t first, last;

	if (!take_number(&text, PARSEC_ID_UNKNOWN - 1, &first))
		return false;
	last = first;
	if (*text == '-') {
		text++;
		if (!take_number(&text, PARSEC_ID_UNKNOWN - 1, &last))
			return false;
	}
	*range = (struct config_range){ (uint32_t)first, (uint32_t)last };
	return !*text && first <= last;
}

static void ranges_clear(void *field)
{
	struct config_ranges *ranges = field;

	free(ranges->items);
	*ranges = (struct config_ranges){ 0 };
}

static int ranges_set(const struct config_key *key, void *field, const char *value)
{
	struct config_ranges *ranges = field;
	struct config_list list = { 0 };
	int error = config_list_set(key, &list, value);

	if (!error && (!list.count || list.count > CONFIG_RANGES_MAX))
		error = -EINVAL;
	if (!error) {
		ranges_clear(ranges);
		ranges->items = calloc(list.count, sizeof(*ranges->items));
		if (!ranges->items)
			error = -ENOMEM;
	}
	for (size_t i = 0; !error && i < list.count; i++)
		if (!parse_range(list.items[i], &ranges->items[ranges->count++]))
			error = -EINVAL;
	config_list_clear(&list);
	return error;
}

static void ranges_print(const void *field, FILE *out)
{
	const struct config_ranges *ranges = field;

	for (size_t i = 0; i < ranges->count; i++) {
		const struct config_range *range = &ranges->items[i];

		fprintf(out, "%s%u", i ? ", " : "", range->first);
		if (range->last != range->first)
			fprintf(out, "-%u", range->last);
	}
}

static const struct config_type type_ranges = {
	ranges_set, ranges_print, NULL, ranges_clear
};

/* Files: 8:1:4711 */

static bool parse_inode(const char *text, struct config_inode *inode)
{
	uint64_t major, minor;

	if (!take_number(&text, DEVICE_MAJOR_MAX, &major) || *text++ != ':' ||
	    !take_number(&text, DEVICE_MINOR_MAX, &minor) || *text++ != ':' ||
	    !take_number(&text, UINT64_MAX, &inode->ino))
		return false;
	inode->dev = device_pack((unsigned int)major, (unsigned int)minor);
	return !*text && inode->ino;
}

static void inodes_clear(void *field)
{
	struct config_inodes *inodes = field;

	free(inodes->items);
	*inodes = (struct config_inodes){ 0 };
}

static int inodes_set(const struct config_key *key, void *field, const char *value)
{
	struct config_inodes *inodes = field;
	struct config_list list = { 0 };
	int error = config_list_set(key, &list, value);

	if (!error && (!list.count || list.count > CONFIG_RANGES_MAX))
		error = -EINVAL;
	if (!error) {
		inodes_clear(inodes);
		inodes->items = calloc(list.count, sizeof(*inodes->items));
		if (!inodes->items)
			error = -ENOMEM;
	}
	for (size_t i = 0; !error && i < list.count; i++)
		if (!parse_inode(list.items[i], &inodes->items[inodes->count++]))
			error = -EINVAL;
	config_list_clear(&list);
	return error;
}

static void inodes_print(const void *field, FILE *out)
{
	const struct config_inodes *inodes = field;

	for (size_t i = 0; i < inodes->count; i++)
		fprintf(out, "%s%u:%u:%llu", i ? ", " : "",
			device_major(inodes->items[i].dev),
			device_minor(inodes->items[i].dev),
			(unsigned long long)inodes->items[i].ino);
}

static const struct config_type type_inodes = {
	inodes_set, inodes_print, NULL, inodes_clear
};

/* Lists that are not empty, and those of paths or patterns for paths */

static int names_set(const struct config_key *key, void *field, const char *value)
{
	const struct config_list *list = field;
	int error = config_list_set(key, field, value);

	if (!error && (!list->count || list->count > CONFIG_IDS_MAX))
		error = -EINVAL;
	return error;
}

static int paths_set(const struct config_key *key, void *field, const char *value)
{
	const struct config_list *list = field;
	int error = names_set(key, field, value);

	for (size_t i = 0; !error && i < list->count; i++)
		if (list->items[i][0] != '/')
			error = -EINVAL;
	return error;
}

static const struct config_type type_names = {
	names_set, config_list_print, NULL, config_list_clear
};

static const struct config_type type_paths = {
	paths_set, config_list_print, NULL, config_list_clear
};

/* Choices between two words */

static int choose(void *field, const char *value, const char *yes, const char *no)
{
	enum config_choice *choice = field;

	if (!strcmp(value, yes))
		*choice = CONFIG_YES;
	else if (!strcmp(value, no))
		*choice = CONFIG_NO;
	else
		return -EINVAL;
	return 0;
}

static void print_choice(const void *field, FILE *out, const char *yes, const char *no)
{
	enum config_choice choice = *(const enum config_choice *)field;

	if (choice != CONFIG_ANY)
		fputs(choice == CONFIG_YES ? yes : no, out);
}

static int choice_set(const struct config_key *key, void *field, const char *value)
{
	(void)key;
	return choose(field, value, "yes", "no");
}

static void choice_print(const void *field, FILE *out)
{
	print_choice(field, out, "yes", "no");
}

static int userns_set(const struct config_key *key, void *field, const char *value)
{
	(void)key;
	return choose(field, value, "initial", "other");
}

static void userns_print(const void *field, FILE *out)
{
	print_choice(field, out, "initial", "other");
}

static void nothing_to_clear(void *field)
{
	(void)field;
}

static const struct config_type type_choice = {
	choice_set, choice_print, NULL, nothing_to_clear
};

static const struct config_type type_userns = {
	userns_set, userns_print, NULL, nothing_to_clear
};

/*
 * The name of an application: never one that callers without a rule have, which are
 * digits or start with a slash, and one that admins can list.
 */
static int application_set(const struct config_key *key, void *field, const char *value)
{
	size_t len = strlen(value);

	(void)key;
	if (!len || len > CONFIG_APP_MAX || *value == '/' ||
	    strspn(value, "0123456789") == len)
		return -EINVAL;
	for (size_t i = 0; i < len; i++)
		if (value[i] < ' ' || value[i] > '~' || value[i] == ',')
			return -EINVAL;
	return config_string_set(field, value);
}

static void application_print(const void *field, FILE *out)
{
	const char *name = *(char *const *)field;

	if (name)
		fputs(name, out);
}

static const struct config_type type_application = {
	application_set, application_print, NULL, config_string_clear
};

/* Limits, of which there is none below 1 */

static int limit_set(const struct config_key *key, void *field, const char *value)
{
	uint64_t number;

	if (!take_number(&value, key->max, &number) || *value || number < key->min)
		return -EINVAL;
	*(uint32_t *)field = (uint32_t)number;
	return 0;
}

static void limit_print(const void *field, FILE *out)
{
	uint32_t limit = *(const uint32_t *)field;

	if (limit)
		fprintf(out, "%u", limit);
}

static const struct config_type type_limit = {
	limit_set, limit_print, NULL, nothing_to_clear
};

void config_print_rule(const struct rule *rule, FILE *out)
{
	fprintf(out, "\n[rule %s]\n", rule->name);
	for (const struct config_key *key = config_rule_keys; key->name; key++) {
		char *text = NULL;
		size_t len = 0;
		FILE *value = open_memstream(&text, &len);

		if (!value)
			continue;
		key->type->print((const char *)rule + key->offset, value);
		fclose(value);
		if (len)
			fprintf(out, "%s = %s\n", key->name, text);
		free(text);
	}
}

void config_dump_rules(const struct config *config, FILE *out)
{
	for (size_t i = 0; i < config->rule_count; i++)
		config_print_rule(&config->rules[i], out);
}

void config_free_rule(struct rule *rule)
{
	for (const struct config_key *key = config_rule_keys; key->name; key++)
		config_key_clear(key, rule);
	free(rule->name);
}

/* Names of operations */

static const struct {
	const char *name;
	uint8_t opcode;
} operations[] = {
#define OPERATION(number, constant, text) { #text, number },
	PARSEC_OPCODE_LIST(OPERATION)
	PARSEC_SERVICE_OPCODE_LIST(OPERATION)
#undef OPERATION
};

/* What belongs together, under a word; parsecd.conf(5) has the same list */
static const struct {
	const char *name;
	uint8_t opcodes[16];
} groups[] = {
	{ "sign", { PARSEC_OP_PSA_SIGN_HASH, PARSEC_OP_PSA_SIGN_MESSAGE,
		    PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, PARSEC_OP_LIST_KEYS } },
	{ "verify", { PARSEC_OP_PSA_VERIFY_HASH, PARSEC_OP_PSA_VERIFY_MESSAGE,
		      PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, PARSEC_OP_LIST_KEYS } },
	{ "encrypt", { PARSEC_OP_PSA_ASYMMETRIC_ENCRYPT, PARSEC_OP_PSA_AEAD_ENCRYPT,
		       PARSEC_OP_PSA_CIPHER_ENCRYPT, PARSEC_OP_LIST_KEYS } },
	{ "decrypt", { PARSEC_OP_PSA_ASYMMETRIC_DECRYPT, PARSEC_OP_PSA_AEAD_DECRYPT,
		       PARSEC_OP_PSA_CIPHER_DECRYPT, PARSEC_OP_LIST_KEYS } },
	{ "mac", { PARSEC_OP_PSA_MAC_COMPUTE, PARSEC_OP_PSA_MAC_VERIFY, PARSEC_OP_LIST_KEYS } },
	{ "agree", { PARSEC_OP_PSA_RAW_KEY_AGREEMENT, PARSEC_OP_LIST_KEYS } },
	{ "attest", { PARSEC_OP_PREPARE_KEY_ATTESTATION, PARSEC_OP_ATTEST_KEY,
		      PARSEC_OP_LIST_KEYS } },
	{ "keyless", { PARSEC_OP_PSA_HASH_COMPUTE, PARSEC_OP_PSA_HASH_COMPARE,
		       PARSEC_OP_PSA_GENERATE_RANDOM, PARSEC_OP_CAN_DO_CRYPTO } },
	{ "manage", { PARSEC_OP_PSA_GENERATE_KEY, PARSEC_OP_PSA_IMPORT_KEY,
		      PARSEC_OP_PSA_DESTROY_KEY, PARSEC_OP_PSA_EXPORT_KEY,
		      PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, PARSEC_OP_LIST_KEYS,
		      PARSEC_OP_CAN_DO_CRYPTO } },
	{ "admin", { PARSEC_OP_LIST_CLIENTS, PARSEC_OP_DELETE_CLIENT, PARSEC_OP_EXPLAIN,
		     PARSEC_OP_COMPARE_KEYS } },
};

static void set_bit(uint32_t *words, unsigned int bit)
{
	words[bit / 32] |= UINT32_C(1) << bit % 32;
}

static bool add_operation(struct rule *rule, const char *name)
{
	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++) {
		if (strcmp(operations[i].name, name))
			continue;
		set_bit(rule->opcodes, operations[i].opcode);
		return true;
	}
	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++) {
		if (strcmp(groups[i].name, name))
			continue;
		for (const uint8_t *opcode = groups[i].opcodes; *opcode; opcode++)
			set_bit(rule->opcodes, *opcode);
		return true;
	}
	return false;
}

const char *config_rule_fill(struct rule *rule, const struct config *config)
{
	for (size_t i = 0; i < rule->operations.count; i++)
		if (!add_operation(rule, rule->operations.items[i]))
			return rule->operations.items[i];
	for (size_t i = 0; i < rule->providers.count; i++) {
		const struct provider_config *provider =
			config_provider(config, rule->providers.items[i]);

		if (!provider)
			return rule->providers.items[i];
		set_bit(rule->provider_ids, provider->id);
	}
	return NULL;
}

#define RULE(name_, member, type_) \
	.name = name_, .type = &(type_), .offset = offsetof(struct rule, member)
#define IDS	.expects = "numbers and ranges of them, like 7, 1000-1999"
#define CHOICE	.expects = "yes or no"
#define LIMIT	.min = 1, .max = 65536, .expects = "a number from 1 to 65536"

const struct config_key config_rule_keys[CONFIG_KEYS_MAX] = {
	{ RULE("uid", uid, type_ranges), IDS },
	{ RULE("user", user, type_names), .expects = "names of users, at most 64" },
	{ RULE("gid", gid, type_ranges), IDS },
	{ RULE("cgroup", cgroup, type_paths),
	  .expects = "patterns of paths, each from the first / on, at most 64" },
	{ RULE("userns", userns, type_userns), .expects = "initial or other" },
	{ RULE("userns_owner", userns_owner, type_ranges), IDS },
	{ RULE("container", container, type_choice), CHOICE },
	{ RULE("lsm", lsm, type_names), .expects = "patterns of labels, at most 64" },
	{ RULE("exe", exe, type_paths), .expects = "absolute paths, at most 64" },
	{ RULE("exe_id", exe_id, type_inodes), .expects = "files as MAJOR:MINOR:INODE" },
	{ RULE("application", application, type_application),
	  .expects = "1 to 255 printable characters of ASCII, not only digits, no comma, "
		     "and not / first" },
	{ RULE("admin", admin, type_choice), CHOICE },
	{ RULE("deny", deny, type_choice), CHOICE },
	{ RULE("providers", providers, type_names), .expects = "names of providers" },
	{ RULE("operations", operations, type_names), .expects = "names of operations" },
	{ RULE("max_waiting", limits.max_waiting, type_limit), LIMIT },
	{ RULE("max_running", limits.max_running, type_limit), LIMIT },
	{ RULE("max_open", limits.max_open, type_limit), LIMIT },
	{ .name = NULL }
};
