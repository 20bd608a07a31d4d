// SPDX-License-Identifier: Apache-2.0
/*
 * Reading the configuration file from its path, and giving hosts their part of it.
 */
#include "helper/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Why root must not use this file, or NULL */
static const char *distrust(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "not a file";
	if (geteuid())
		return NULL;
	if (st.st_uid)
		return "does not belong to root: chown it";
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return "writable by others than root: chmod go-w it";
	return NULL;
}

/* Read @fd to its end, at most one byte more than a file may have */
static bool read_all(int fd, struct config_file *file)
{
	ssize_t got;

	file->text = malloc(CONFIG_SIZE_MAX + 1);
	if (!file->text)
		return false;
	do {
		got = read(fd, file->text + file->len, CONFIG_SIZE_MAX + 1 - file->len);
		if (got > 0)
			file->len += (size_t)got;
	} while (got > 0 || (got < 0 && errno == EINTR));
	return !got;
}

/* Rules with their users and executables as numbers */
static char *rules_text(const struct config *config, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	if (!out)
		return NULL;
	config_dump_rules(config, out);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

/*
 * Is each line of the rules short enough for hosts? Blanks after commas, and users and
 * executables as numbers, make it longer than the file's.
 */
static bool check_lines(const struct config_file *file, FILE *errors)
{
	const char *rest = file->rules, *rules_end = rest + file->rules_len, *end;
	const struct rule *rule = file->config->rules;

	for (; (end = memchr(rest, '\n', (size_t)(rules_end - rest))); rest = end + 1) {
		if (end - rest > CONFIG_LINE_MAX) {
			fprintf(errors,
				"%s:%u: [rule %s] %.*s is longer than %d bytes for hosts, with "
				"\", \" between values and all users and executables as numbers: "
				"make two rules of it\n",
				file->path, rule->line, rule->name, (int)strcspn(rest, " "), rest,
				CONFIG_LINE_MAX);
			return false;
		}
		/* An empty line is in front of each rule */
		rule += end == rest && rest != file->rules;
	}
	return true;
}

/* Whatever hosts would refuse is refused here, where it can be changed */
static bool check_for_hosts(const struct config_file *file, FILE *errors)
{
	size_t len;
	char *text = config_file_text(file, CONFIG_CORE_NAME, &len);
	struct config *config;
	bool good;

	if (!text) {
		fprintf(errors, "%s: %s\n", file->path, strerror(ENOMEM));
		return false;
	}
	config = config_load_text(text, len, file->path, errors);
	explicit_bzero(text, len);
	free(text);
	good = config;
	if (!good)
		fprintf(errors, "%s: hosts would refuse it; lines are those of the text for them\n",
			file->path);
	config_free(config);
	return good;
}

/* Check the text */
static bool parse(struct config_file *file, FILE *errors)
{
	if (file->len > CONFIG_SIZE_MAX) {
		fprintf(errors, "%s:1: longer than %d bytes\n", file->path, CONFIG_SIZE_MAX);
		return false;
	}
	file->config = config_load_text(file->text, file->len, file->path, errors);
	if (!file->config || !config_resolve(file->config, file->path, errors, errors))
		return false;
	file->rules = rules_text(file->config, &file->rules_len);
	if (!file->rules) {
		fprintf(errors, "%s: %s\n", file->path, strerror(ENOMEM));
		return false;
	}
	if (file->len + file->rules_len > CONFIG_TEXT_MAX) {
		fprintf(errors, "%s: longer than %d bytes with the users of its rules\n",
			file->path, CONFIG_TEXT_MAX);
		return false;
	}
	return check_lines(file, errors) && check_for_hosts(file, errors);
}

struct config_file *config_file_read(const char *path, FILE *errors)
{
	struct config_file *file = calloc(1, sizeof(*file));
	const char *reason;
	int fd = -1;

	if (!file) {
		fprintf(errors, "%s: %s\n", path, strerror(errno));
		return NULL;
	}
	file->path = path;
	/* Not to be held up by a FIFO */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	reason = fd < 0 ? strerror(errno) : distrust(fd);
	if (!reason && !read_all(fd, file))
		reason = strerror(errno);
	if (fd >= 0)
		close(fd);
	if (reason)
		fprintf(errors, "%s: %s\n", path, reason);
	if (reason || !parse(file, errors)) {
		config_file_free(file);
		return NULL;
	}
	return file;
}

void config_file_free(struct config_file *file)
{
	if (!file)
		return;
	config_free(file->config);
	if (file->text)
		explicit_bzero(file->text, file->len);
	free(file->text);
	free(file->rules);
	free(file);
}

/* Is there an option of another provider than @host in this line, or a rule? */
static bool is_foreign(const struct config *config, const char *host, unsigned int line)
{
	for (size_t i = 0; i < config->rule_count; i++)
		if (line >= config->rules[i].line && line <= config->rules[i].end)
			return true;
	for (size_t i = 0; i < config->provider_count; i++) {
		const struct provider_config *provider = &config->providers[i];

		for (size_t j = 0; j < provider->option_count; j++)
			if (provider->options[j].line == line)
				return strcmp(provider->name, host);
	}
	return false;
}

/* There may be an option behind it that is not used at the moment, such as another PIN */
static bool is_comment(const char *line, const char *end)
{
	static const char bom[] = "\xef\xbb\xbf";

	if ((size_t)(end - line) >= strlen(bom) && !memcmp(line, bom, strlen(bom)))
		line += strlen(bom);
	while (line < end && (*line == ' ' || *line == '\t'))
		line++;
	return line < end && (*line == '#' || *line == ';');
}

/* Copy the text, foreign lines and comments empty. Return: bytes of the copy */
static size_t copy_own(const struct config_file *file, const char *host, char *copy)
{
	const char *rest = file->text, *text_end = file->text + file->len;
	unsigned int line = 1;
	size_t len = 0;

	for (; rest < text_end; line++) {
		const char *end = memchr(rest, '\n', (size_t)(text_end - rest));
		size_t size = (size_t)((end ? end + 1 : text_end) - rest);

		if (!is_foreign(file->config, host, line) && !is_comment(rest, rest + size)) {
			memcpy(copy + len, rest, size);
			len += size;
		} else if (end) {
			copy[len++] = '\n';
		}
		rest += size;
	}
	return len;
}

char *config_file_text(const struct config_file *file, const char *host, size_t *len)
{
	/* A line end in case that the file has none, in front of the rules */
	char *text = malloc(file->len + 1 + file->rules_len);

	if (!text)
		return NULL;
	*len = copy_own(file, host, text);
	text[(*len)++] = '\n';
	memcpy(text + *len, file->rules, file->rules_len);
	*len += file->rules_len;
	return text;
}

static int sealed_memfd(const char *text, size_t len)
{
	int fd = memfd_create("parsecd.conf", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	if (write(fd, text, len) == (ssize_t)len && !lseek(fd, 0, SEEK_SET) &&
	    !fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE))
		return fd;
	close(fd);
	return -1;
}

int config_file_for_host(const struct config_file *file, const char *host)
{
	size_t len;
	char *text = config_file_text(file, host, &len);
	int fd;

	if (!text)
		return -1;
	fd = sealed_memfd(text, len);
	explicit_bzero(text, len);
	free(text);
	return fd;
}
