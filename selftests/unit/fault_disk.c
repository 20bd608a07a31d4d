// SPDX-License-Identifier: Apache-2.0
/*
 * A model of what is on the disk when the power goes (fault_disk.h).
 *
 * Each write that was not synced got there, did not, or got there in part: the first
 * bytes, or some of its sectors. Which ones did is independent of their order.
 */
#include "selftests/unit/fault_disk.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR	512

/**
 * struct change - a write or, without data, a truncation that was not synced
 * @next:	the one after it
 * @at:		where; the new length of a truncation
 * @len:	bytes
 * @truncates:	which of the two
 * @data:	what was written
 */
struct change {
	struct change *next;
	size_t at;
	size_t len;
	bool truncates;
	uint8_t data[];
};

/**
 * struct disk_file - a file
 * @next:	another one
 * @path:	its name
 * @data:	what was synced
 * @len:	bytes of it
 * @changes:	what was not
 * @last:	where the next change goes
 * @deleted:	it was deleted, which is not synced
 */
struct disk_file {
	struct disk_file *next;
	char path[320];
	uint8_t *data;
	size_t len;
	struct change *changes;
	struct change **last;
	bool deleted;
};

static struct disk_file *files;

static void *need(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

static void resize(struct disk_file *file, size_t len)
{
	file->data = need(realloc(file->data, len + 1));
	if (len > file->len)
		memset(file->data + file->len, 0, len - file->len);
	file->len = len;
}

static void put(struct disk_file *file, const uint8_t *data, size_t len, size_t at)
{
	if (!len)
		return;
	if (file->len < at + len)
		resize(file, at + len);
	memcpy(file->data + at, data, len);
}

static void apply(struct disk_file *file, const struct change *change)
{
	if (change->truncates)
		resize(file, change->at);
	else
		put(file, change->data, change->len, change->at);
}

void disk_sync(struct disk_file *file)
{
	struct change *change = file->changes, *next;

	for (; change; change = next) {
		next = change->next;
		apply(file, change);
		free(change);
	}
	file->changes = NULL;
	file->last = &file->changes;
}

static struct disk_file *find(const char *path)
{
	struct disk_file *file = files;

	while (file && strcmp(file->path, path))
		file = file->next;
	return file;
}

struct disk_file *disk_open(const char *path)
{
	struct disk_file *file = find(path);
	uint8_t buffer[4096];
	FILE *from;
	size_t len;

	if (file && !file->deleted)
		return file;
	if (!file) {
		file = need(calloc(1, sizeof(*file)));
		snprintf(file->path, sizeof(file->path), "%s", path);
		file->next = files;
		files = file;
	}
	disk_sync(file);
	resize(file, 0);
	file->deleted = false;
	/* SQLite has not locked it yet: closing it gives no lock away */
	from = fopen(path, "r");
	while (from && (len = fread(buffer, 1, sizeof(buffer), from)))
		put(file, buffer, len, file->len);
	if (from)
		fclose(from);
	return file;
}

static struct change *add(struct disk_file *file, size_t len, size_t at)
{
	struct change *change = need(calloc(1, sizeof(*change) + len));

	change->at = at;
	change->len = len;
	*file->last = change;
	file->last = &change->next;
	return change;
}

void disk_write(struct disk_file *file, const void *data, size_t len, size_t at)
{
	memcpy(add(file, len, at)->data, data, len);
}

void disk_truncate(struct disk_file *file, size_t len)
{
	add(file, 0, len)->truncates = true;
}

void disk_delete(const char *path)
{
	struct disk_file *file = find(path);

	if (file)
		file->deleted = true;
}

static unsigned int draw(unsigned int *state, unsigned int below)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state % below;
}

static void apply_some_sectors(struct disk_file *file, const struct change *change,
			       unsigned int *state)
{
	for (size_t done = 0; done < change->len; done += SECTOR) {
		size_t rest = change->len - done;

		if (draw(state, 2))
			put(file, change->data + done, rest < SECTOR ? rest : SECTOR,
			    change->at + done);
	}
}

static void apply_somehow(struct disk_file *file, const struct change *change,
			  unsigned int *state)
{
	unsigned int fate = draw(state, 4);

	if (fate == 0)
		apply(file, change);
	else if (fate == 1 && !change->truncates)
		put(file, change->data, draw(state, (unsigned int)change->len + 1), change->at);
	else if (fate == 2 && !change->truncates)
		apply_some_sectors(file, change, state);
}

void disk_cut(unsigned int seed)
{
	unsigned int state = seed * 2654435761u | 1;

	for (struct disk_file *file = files; file; file = file->next) {
		FILE *to;

		for (const struct change *change = file->changes; change; change = change->next)
			apply_somehow(file, change, &state);
		if (file->deleted && draw(&state, 2))
			continue;
		to = need(fopen(file->path, "w"));
		if (fwrite(file->data, 1, file->len, to) != file->len || fclose(to))
			abort();
		/* Also one that was deleted; the mode that the store wants */
		if (file->deleted && chmod(file->path, 0600))
			abort();
	}
}
