// SPDX-License-Identifier: Apache-2.0
/*
 * The audit log: is it as the service wrote it?
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit_check.h"
#include "parsecctl.h"

/* Where the service keeps its state unless parsecd.conf says otherwise */
#define STATE_DIR	"/var/lib/parsec"

/**
 * struct result - of all directories
 * @json:	document, when one is printed
 * @found:	audit logs
 * @code:	the worst of the exit codes so far
 */
struct result {
	struct json json;
	size_t found;
	int code;
};

static void print_check(const char *directory, const struct audit_check *check)
{
	print_escaped(stdout, directory, strlen(directory), "");
	if (check->broken) {
		if (*check->file)
			printf("/%s", check->file);
		if (check->line)
			printf(":%" PRIu64, check->line);
		printf(": ");
		print_escaped(stdout, check->what, strlen(check->what), "");
	} else if (!check->lines) {
		printf(": OK, no lines");
	} else {
		printf(": OK, lines %" PRIu64 " to %" PRIu64 " in %" PRIu64 " file%s, %" PRIu64
		       " about denials", check->first, check->last, check->files,
		       check->files == 1 ? "" : "s", check->denied);
	}
	if (check->torn && !check->broken)
		printf("; the end of the last one is missing: the service died, or is writing it");
	printf("\n");
}

static void json_check(struct json *json, const char *directory,
		       const struct audit_check *check)
{
	json_open(json, NULL, '{');
	json_string(json, "directory", directory);
	json_bool(json, "ok", !check->error && !check->broken);
	json_number(json, "first", check->first);
	json_number(json, "last", check->last);
	json_number(json, "lines", check->lines);
	json_number(json, "denied", check->denied);
	json_number(json, "files", check->files);
	json_number(json, "torn", check->torn);
	if (check->error || check->broken) {
		json_open(json, "problem", '{');
		json_string(json, "what", check->error ? strerror(check->error) : check->what);
		if (*check->file)
			json_string(json, "file", check->file);
		if (check->line)
			json_number(json, "line", check->line);
		json_close(json, '}');
	}
	json_close(json, '}');
}

static void report(const struct ctl *ctl, struct result *result, const char *directory,
		   const struct audit_check *check)
{
	result->found++;
	if (ctl->args.json)
		json_check(&result->json, directory, check);
	else if (check->error)
		local_error(ctl, "%s%s%s: %s", directory, *check->file ? "/" : "", check->file,
			    strerror(check->error));
	else
		print_check(directory, check);
	if (check->error)
		result->code = EXIT_LOCAL;
	else if (check->broken && !result->code)
		result->code = EXIT_REFUSED;
}

static void verify_directory(const struct ctl *ctl, struct result *result,
			     const char *directory)
{
	struct audit_check check;

	audit_check(directory, &check);
	report(ctl, result, directory, &check);
}

/* One that cannot be looked into must not look as if nothing was there */
static int is_interesting(const char *directory)
{
	struct stat st;

	if (stat(directory, &st) || !S_ISDIR(st.st_mode))
		return false;
	return access(directory, R_OK | X_OK) || audit_is_there(directory);
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* A provider's directory, or the one that those of all providers are in */
static void verify_path(const struct ctl *ctl, struct result *result, const char *path)
{
	struct audit_check nothing = { .error = ENOENT, .file = "audit.key" };
	size_t before = result->found;
	struct dirent **entries;
	char *directory;
	int count, i;

	if (audit_is_there(path)) {
		verify_directory(ctl, result, path);
		return;
	}
	count = scandir(path, &entries, is_visible, alphasort);
	if (count < 0)
		nothing = (struct audit_check){ .error = errno };
	for (i = 0; i < count; i++) {
		if (asprintf(&directory, "%s/%s", path, entries[i]->d_name) < 0)
			directory = NULL;
		if (directory && is_interesting(directory))
			verify_directory(ctl, result, directory);
		free(directory);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	if (result->found == before)
		report(ctl, result, path, &nothing);
}

int cmd_audit(struct ctl *ctl)
{
	char *const standard[] = { (char *)(uintptr_t)STATE_DIR };
	struct result result = { .json = { .to = stdout } };
	char *const *paths = ctl->args.words;
	size_t count = ctl->args.word_count, i;

	if (!count || strcmp(paths[0], "verify"))
		return usage_error(ctl, "say \"audit verify\"");
	paths++;
	if (!--count) {
		paths = standard;
		count = 1;
	}
	if (ctl->args.json)
		json_open(&result.json, NULL, '[');
	for (i = 0; i < count; i++)
		verify_path(ctl, &result, paths[i]);
	if (ctl->args.json)
		json_close(&result.json, ']');
	return result.code;
}
