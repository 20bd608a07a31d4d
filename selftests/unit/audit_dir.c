// SPDX-License-Identifier: Apache-2.0
/*
 * A directory with an audit chain in it, for tests.
 */
#include "selftests/unit/audit_dir.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const struct audit_limits audit_large = { .file_size = 1 << 30, .files = 2 };

/* No file here is larger */
#define ROOM	(64 * 1024)

static void *need(void *pointer)
{
	if (!pointer)
		abort();
	return pointer;
}

void audit_dir_make(char path[static 64])
{
	strcpy(path, "/dev/shm/parsec-audit.XXXXXX");
	if (mkdtemp(path))
		return;
	strcpy(path, "/tmp/parsec-audit.XXXXXX");
	need(mkdtemp(path));
}

static int is_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int is_lines(const struct dirent *entry)
{
	return !strncmp(entry->d_name, "audit-", 6);
}

static char *path_of(const char *path, const char *file)
{
	char *full;

	if (asprintf(&full, "%s/%s", path, file) < 0)
		abort();
	return full;
}

void audit_dir_remove(const char *path)
{
	struct dirent **entries;
	int count = scandir(path, &entries, is_file, alphasort), i;

	for (i = 0; i < count; i++) {
		char *full = path_of(path, entries[i]->d_name);

		unlink(full);
		free(full);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	rmdir(path);
}

const char *audit_dir_file(const char *path, int n)
{
	static char name[64];
	struct dirent **entries;
	int count = scandir(path, &entries, is_lines, alphasort), i;

	if (n < 0)
		n += count;
	if (n < 0 || n >= count)
		abort();
	for (i = 0; i < count; i++) {
		if (i == n)
			snprintf(name, sizeof(name), "%.60s", entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return name;
}

char *audit_dir_read(const char *path, const char *file)
{
	char *full = path_of(path, file), *text = need(calloc(1, ROOM));
	FILE *stream = need(fopen(full, "r"));

	if (fread(text, 1, ROOM - 1, stream) == ROOM - 1 || ferror(stream))
		abort();
	fclose(stream);
	free(full);
	return text;
}

static void write_bytes(const char *path, const char *file, const char *text, size_t len)
{
	char *full = path_of(path, file);
	FILE *stream;

	unlink(full);
	stream = need(fopen(full, "w"));
	if (fwrite(text, 1, len, stream) != len || fclose(stream) || chmod(full, 0600))
		abort();
	free(full);
}

void audit_dir_write(const char *path, const char *file, const char *text)
{
	write_bytes(path, file, text, strlen(text));
}

void audit_dir_copy(const char *from, const char *to)
{
	struct dirent **entries;
	int count = scandir(from, &entries, is_file, alphasort), i;

	for (i = 0; i < count; i++) {
		char *text = audit_dir_read(from, entries[i]->d_name);
		size_t len = strcmp(entries[i]->d_name, "audit.key") ? strlen(text) : 32;

		write_bytes(to, entries[i]->d_name, text, len);
		free(text);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

void audit_dir_append(const char *path, const struct audit_limits *limits, unsigned int lines)
{
	static const char members[] = "\"time\":\"now\",\"event\":\"create\"";
	struct audit_finding finding;
	struct audit_chain *chain;

	if (audit_chain_open(path, limits, &chain, &finding))
		abort();
	while (lines--)
		if (audit_chain_append(chain, members, sizeof(members) - 1))
			abort();
	audit_chain_close(chain);
}

bool audit_dir_is_sound(const char *path)
{
	struct audit_check check;

	audit_check(path, &check);
	if (check.error || check.broken)
		printf("# %s:%d: %s\n", check.file, (int)check.line,
		       check.error ? strerror(check.error) : check.what);
	return !check.error && !check.broken;
}
