// SPDX-License-Identifier: Apache-2.0
/*
 * Reading the configuration: the lines go through inih, everything that it is
 * lenient about is an error here, and all errors are listed.
 */
#include "helper/config.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "helper/config_keys.h"

/* inih cuts a longer section name without a word */
#define SECTION_MAX	49

/**
 * struct parser - state of one reading
 * @config:	what is being filled in
 * @name:	of the file, for messages
 * @errors:	where messages go
 * @failed:	there was one
 * @rest:	text not yet read
 * @end:	of the text
 * @line:	number of the line that was read last
 * @announce:	that line was a section's: inih passes on keys only, so the next line it
 *		gets is one of ours, by which it tells the section's name
 * @announcing:	inih is working on that line
 * @in_section:	the first section has begun
 * @table:	keys of the section, NULL when the section is skipped
 * @object:	what @table's keys are stored in
 * @provider:	@object when it is a provider
 * @rule:	@object when it is a rule
 * @rule_set:	keys of that rule that the file has, as in its table
 * @core_seen:	there was a [core]
 * @core_set:	keys of [core] that the file has, as in its table
 * @set:	for each provider the keys that the file has
 */
struct parser {
	struct config *config;
	const char *name;
	FILE *errors;
	bool failed;
	const char *rest;
	const char *end;
	unsigned int line;
	bool announce;
	bool announcing;
	bool in_section;
	const struct config_key *table;
	void *object;
	struct provider_config *provider;
	struct rule *rule;
	unsigned int rule_set;
	bool core_seen;
	unsigned int core_set;
	unsigned int *set;
};

static void complain_at(struct parser *parser, unsigned int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void complain_at(struct parser *parser, unsigned int line, const char *format, ...)
{
	va_list args;

	parser->failed = true;
	fprintf(parser->errors, "%s:%u: ", parser->name, line);
	va_start(args, format);
	vfprintf(parser->errors, format, args);
	va_end(args);
	fputc('\n', parser->errors);
}

#define complain(parser, ...) complain_at(parser, (parser)->line, __VA_ARGS__)

static void free_provider(struct provider_config *provider)
{
	for (const struct config_key *key = config_provider_keys; key->name; key++)
		config_key_clear(key, provider);
	for (size_t i = 0; i < provider->option_count; i++) {
		char *value = (char *)(uintptr_t)provider->options[i].value;

		if (value)
			explicit_bzero(value, strlen(value));
		free(value);
		free((void *)(uintptr_t)provider->options[i].name);
	}
	free(provider->options);
	free(provider->name);
}

struct config *config_get(struct config *config)
{
	__atomic_add_fetch(&config->shares, 1, __ATOMIC_RELAXED);
	return config;
}

void config_free(struct config *config)
{
	if (!config || __atomic_fetch_sub(&config->shares, 1, __ATOMIC_ACQ_REL))
		return;
	for (const struct config_key *key = config_core_keys; key->name; key++)
		config_key_clear(key, config);
	for (size_t i = 0; i < config->provider_count; i++)
		free_provider(&config->providers[i]);
	free(config->providers);
	for (size_t i = 0; i < config->rule_count; i++)
		config_free_rule(&config->rules[i]);
	free(config->rules);
	free(config);
}

const struct provider_config *config_provider(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->provider_count; i++)
		if (!strcmp(config->providers[i].name, name))
			return &config->providers[i];
	return NULL;
}

static bool set_fallbacks(struct parser *parser, const struct config_key *key, void *object)
{
	for (; key->name; key++) {
		if (key->fallback && config_key_set(key, object, key->fallback)) {
			complain(parser, "out of memory");
			return false;
		}
	}
	return true;
}

/* Sections */

static void begin_core(struct parser *parser)
{
	if (parser->core_seen) {
		complain(parser, "second [core]");
		return;
	}
	parser->core_seen = true;
	parser->table = config_core_keys;
	parser->object = parser->config;
}

static void begin_provider(struct parser *parser, const char *name)
{
	struct config *config = parser->config;
	const struct provider_config *other = config_provider(config, name);
	struct provider_config *provider;
	unsigned int *set;

	if (!strcmp(name, CONFIG_CORE_NAME) || !config_provider_name_is_valid(name)) {
		complain(parser,
			 "a provider's name is at most 32 letters, digits, '.', '_' and '-' and not 'core'");
		return;
	}
	if (other) {
		complain(parser, "second [provider %s], the first is in line %u", name,
			 other->line);
		return;
	}
	if (config->provider_count == CONFIG_PROVIDERS_MAX) {
		complain(parser, "more than %d providers", CONFIG_PROVIDERS_MAX);
		return;
	}

	set = reallocarray(parser->set, config->provider_count + 1, sizeof(*set));
	if (set)
		parser->set = set;
	provider = reallocarray(config->providers, config->provider_count + 1,
				sizeof(*provider));
	if (provider)
		config->providers = provider;
	if (!set || !provider) {
		complain(parser, "out of memory");
		return;
	}
	set[config->provider_count] = 0;
	provider += config->provider_count++;
	*provider = (struct provider_config){ .name = strdup(name), .line = parser->line };
	if (!provider->name) {
		config->provider_count--;
		complain(parser, "out of memory");
		return;
	}
	if (!set_fallbacks(parser, config_provider_keys, provider))
		return;
	parser->table = config_provider_keys;
	parser->object = provider;
	parser->provider = provider;
}

static const struct rule *find_rule(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->rule_count; i++)
		if (!strcmp(config->rules[i].name, name))
			return &config->rules[i];
	return NULL;
}

static void begin_rule(struct parser *parser, const char *name)
{
	struct config *config = parser->config;
	const struct rule *other = find_rule(config, name);
	struct rule *rule;

	if (!config_provider_name_is_valid(name)) {
		complain(parser, "a rule's name is at most %d letters, digits, '.', '_' and '-'",
			 CONFIG_NAME_MAX);
		return;
	}
	if (other) {
		complain(parser, "second [rule %s], the first is in line %u", name, other->line);
		return;
	}
	if (config->rule_count == CONFIG_RULES_MAX) {
		complain(parser, "more than %d rules", CONFIG_RULES_MAX);
		return;
	}
	rule = reallocarray(config->rules, config->rule_count + 1, sizeof(*rule));
	if (rule)
		config->rules = rule;
	name = strdup(name);
	if (!rule || !name) {
		complain(parser, "out of memory");
		free((void *)(uintptr_t)name);
		return;
	}
	rule += config->rule_count++;
	*rule = (struct rule){ .name = (char *)(uintptr_t)name, .line = parser->line,
			       .end = parser->line };
	parser->rule = rule;
	parser->rule_set = 0;
	parser->table = config_rule_keys;
	parser->object = rule;
}

static bool is_word(const char *section, size_t len, const char *word)
{
	return len == strlen(word) && !strncmp(section, word, len);
}

static void begin_section(struct parser *parser, const char *section)
{
	size_t word = strcspn(section, " \t");
	const char *name = section + word + strspn(section + word, " \t");

	if (!strcmp(section, CONFIG_CORE_NAME))
		begin_core(parser);
	else if (is_word(section, word, "provider") && *name)
		begin_provider(parser, name);
	else if (is_word(section, word, "rule") && *name)
		begin_rule(parser, name);
	else
		complain(parser,
			 "unknown section [%s]: there are [core], [provider NAME] and [rule NAME]",
			 section);
}

/* Keys */

static void add_option(struct parser *parser, const char *name, const char *value)
{
	struct provider_config *provider = parser->provider;
	struct parsec_option *option = provider->options;

	if (!config_word_is_valid(name)) {
		complain(parser, "'%s' cannot be the name of an option", name);
		return;
	}
	for (size_t i = 0; i < provider->option_count; i++) {
		if (!strcmp(option[i].name, name)) {
			complain(parser, "second %s, the first is in line %u", name,
				 option[i].line);
			return;
		}
	}

	option = reallocarray(option, provider->option_count + 1, sizeof(*option));
	if (!option) {
		complain(parser, "out of memory");
		return;
	}
	provider->options = option;
	option += provider->option_count++;
	option->name = strdup(name);
	option->value = strdup(value);
	option->line = parser->line;
	if (!option->name || !option->value)
		complain(parser, "out of memory");
}

static void set_key(struct parser *parser, const char *name, const char *value)
{
	const struct config_key *key = config_key_find(parser->table, name);
	unsigned int *set = &parser->core_set, bit;
	int error;

	if (parser->provider)
		set = &parser->set[parser->provider - parser->config->providers];
	else if (parser->rule)
		set = &parser->rule_set;
	if (!key && parser->provider) {
		add_option(parser, name, value);
		return;
	}
	if (!key) {
		complain(parser, "unknown key %s in [%s]", name, parser->rule ? "rule" : "core");
		return;
	}

	bit = 1u << (key - parser->table);
	if (*set & bit) {
		complain(parser, "second %s in this section", name);
		return;
	}
	*set |= bit;
	error = config_key_set(key, parser->object, value);
	if (error == -ENOMEM)
		complain(parser, "out of memory");
	else if (error)
		complain(parser, "%s must be %s", name, key->expects);
}

/* Called by inih for each key, and for each line of ours after a section's */
static int take_key(void *arg, const char *section, const char *name, const char *value)
{
	struct parser *parser = arg;

	if (parser->announcing) {
		parser->announcing = false;
		begin_section(parser, section);
	} else if (!value) {
		complain(parser, "neither a comment, a [section] nor a line of the form key = value");
	} else if (!*name) {
		complain(parser, "no key in front of '='");
	} else if (!parser->in_section) {
		complain(parser, "%s stands in front of the first section", name);
	} else if (parser->table) {
		set_key(parser, name, value);
	}
	return 1;
}

/* Lines */

/* Is this, a line that starts with '[', what inih takes it for and nothing else? */
static bool check_header(struct parser *parser, const char *line)
{
	const char *end = strchr(line, ']');

	if (!end) {
		complain(parser, "no ']' after the section's name");
		return false;
	}
	if (end - line - 1 > SECTION_MAX) {
		complain(parser, "section name longer than %d bytes", SECTION_MAX);
		return false;
	}
	for (end++; *end; end++) {
		if (!isspace((unsigned char)*end)) {
			complain(parser, "something follows the section's name");
			return false;
		}
	}
	return true;
}

/* The next line of the text, without its end, or an empty one if it cannot be used */
static void take_line(struct parser *parser, char *line)
{
	const char *end = memchr(parser->rest, '\n', (size_t)(parser->end - parser->rest));
	size_t len = (size_t)((end ?: parser->end) - parser->rest);

	parser->line++;
	if (parser->rule)
		parser->rule->end = parser->line;
	if (len > CONFIG_LINE_MAX) {
		complain(parser, "line longer than %d bytes", CONFIG_LINE_MAX);
		len = 0;
	}
	if (len && parser->rest[len - 1] == '\r')
		len--;
	memcpy(line, parser->rest, len);
	parser->rest = end ? end + 1 : parser->end;
	for (size_t i = 0; i < len; i++) {
		if (iscntrl((unsigned char)line[i]) && line[i] != '\t') {
			complain(parser, "control character in the line");
			len = 0;
		}
	}
	line[len] = '\0';
}

/* inih's reader; @size has room for the longest line, its end and a NUL */
static char *read_line(char *line, int size, void *arg)
{
	struct parser *parser = arg;
	const char *start = line;

	if (parser->announce) {
		parser->announce = false;
		parser->announcing = true;
		return strcpy(line, "=");
	}
	if (parser->rest == parser->end) {
		explicit_bzero(line, (size_t)size);
		return NULL;
	}
	take_line(parser, line);
	if (parser->line == 1 && !strncmp(start, "\xef\xbb\xbf", 3))
		start += 3;
	start += strspn(start, " \t");
	if (*start == '[') {
		parser->in_section = true;
		parser->table = NULL;
		parser->provider = NULL;
		if (parser->rule)
			parser->rule->end--;
		parser->rule = NULL;
		parser->announce = check_header(parser, start);
		/* The keys that follow go with the section, good or bad */
		if (!parser->announce)
			strcpy(line, "[?]");
	}
	return line;
}

/* The whole */

/* What shows without a look into the libraries; uuid_clash.h is about the rest */
static void check_pair(struct parser *parser, const struct provider_config *first,
		       const struct provider_config *second)
{
	const char *what = NULL, *remedy = CONFIG_UUID_REMEDY;

	if (second->id && first->id == second->id) {
		what = "id";
		remedy = "give one of the two another, from 16 to 255";
	} else if (!first->library || !second->library || strcmp(first->uuid, second->uuid)) {
		return;
	} else if (*second->uuid) {
		what = "uuid";
	} else if (!strcmp(first->library, second->library)) {
		what = "library and so the UUID";
	}
	if (what)
		complain_at(parser, second->line, "[provider %s] has the %s of [provider %s] in line %u: %s",
			    second->name, what, first->name, first->line, remedy);
}

static void check_provider(struct parser *parser, size_t index)
{
	const struct provider_config *provider = &parser->config->providers[index];
	const struct config_key *key = config_provider_keys;

	for (; key->name; key++)
		if (!key->fallback &&
		    !(parser->set[index] & 1u << (key - config_provider_keys)))
			complain_at(parser, provider->line, "[provider %s] has no %s",
				    provider->name, key->name);

	for (size_t i = 0; i < index; i++)
		check_pair(parser, &parser->config->providers[i], provider);
}

static void check_rule(struct parser *parser, struct rule *rule)
{
	const char *unknown = config_rule_fill(rule, parser->config);

	if (unknown)
		complain_at(parser, rule->line,
			    "[rule %s] names %s, which is no provider, operation or group of them",
			    rule->name, unknown);
}

/* Hosts without a user of their own run as core's, wherever in the file that is said */
static void share_user(struct parser *parser)
{
	const struct config *config = parser->config;

	for (size_t i = 0; i < config->provider_count; i++) {
		char **user = &config->providers[i].user;

		if (*user && **user)
			continue;
		free(*user);
		*user = strdup(config->user);
		if (!*user)
			complain(parser, "out of memory");
	}
}

static void parse(struct parser *parser)
{
	/* inih's defaults depend on who built it */
	ini_max_line = CONFIG_LINE_MAX + 3;
	ini_initial_alloc = ini_max_line;
	ini_use_stack = false;
	ini_allow_realloc = false;
	ini_allow_multiline = false;
	ini_allow_bom = true;
	ini_allow_no_value = true;
	ini_allow_inline_comments = false;
	ini_stop_on_first_error = false;
	ini_start_comment_prefixes = (char *)(uintptr_t)";#";

	if (!set_fallbacks(parser, config_core_keys, parser->config))
		return;
	if (ini_parse_stream(read_line, parser, take_key, parser) && !parser->failed)
		complain(parser, "cannot be read");
	parser->line = parser->line ?: 1;
	for (size_t i = 0; i < parser->config->provider_count; i++)
		check_provider(parser, i);
	for (size_t i = 0; i < parser->config->rule_count; i++)
		check_rule(parser, &parser->config->rules[i]);
	share_user(parser);
	if (!parser->config->provider_count && !parser->failed)
		complain(parser, "no [provider NAME]: at least one is needed");
}

struct config *config_load_text(const char *text, size_t len, const char *name, FILE *errors)
{
	struct parser parser = { .name = name, .errors = errors, .line = 1 };

	parser.config = calloc(1, sizeof(*parser.config));
	if (!parser.config) {
		complain(&parser, "out of memory");
		return NULL;
	}
	if (len > CONFIG_TEXT_MAX) {
		complain(&parser, "longer than %d bytes", CONFIG_TEXT_MAX);
	} else {
		parser.rest = text;
		parser.end = text + len;
		parser.line = 0;
		parse(&parser);
	}
	free(parser.set);
	if (parser.failed) {
		config_free(parser.config);
		return NULL;
	}
	return parser.config;
}

struct config *config_load(FILE *file, const char *name, FILE *errors)
{
	char *text = malloc(CONFIG_SIZE_MAX + 1);
	struct config *config = NULL;
	size_t len = 0;

	setvbuf(file, NULL, _IONBF, 0);
	if (text)
		len = fread(text, 1, CONFIG_SIZE_MAX + 1, file);
	if (!text)
		fprintf(errors, "%s:1: out of memory\n", name);
	else if (ferror(file))
		fprintf(errors, "%s:1: %s\n", name, strerror(errno));
	else if (len > CONFIG_SIZE_MAX)
		fprintf(errors, "%s:1: longer than %d bytes\n", name, CONFIG_SIZE_MAX);
	else
		config = config_load_text(text, len, name, errors);
	if (text)
		explicit_bzero(text, CONFIG_SIZE_MAX + 1);
	free(text);
	return config;
}
