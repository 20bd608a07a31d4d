// SPDX-License-Identifier: Apache-2.0
/*
 * What the provider of stops.c has written down.
 */
#include "selftests/deaths/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_	80
#define KEYS_MAX	16

/* Backend ids of the keys that there are */
struct keys {
	char ids[KEYS_MAX][LINE_MAX_];
	unsigned int count;
};

static void add(struct keys *keys, const char *id)
{
	if (keys->count == KEYS_MAX)
		abort();
	strcpy(keys->ids[keys->count++], id);
}

static void drop(struct keys *keys, const char *id)
{
	for (unsigned int i = 0; i < keys->count; i++) {
		if (strcmp(keys->ids[i], id))
			continue;
		keys->count--;
		memmove(keys->ids[i], keys->ids[keys->count], sizeof(keys->ids[i]));
		return;
	}
}

void ledger_read(struct ledger *ledger, const char *provider)
{
	char path[300], what[LINE_MAX_], id[LINE_MAX_], line[LINE_MAX_];
	struct keys keys = { 0 };
	FILE *file;

	*ledger = (struct ledger){ 0 };
	snprintf(path, sizeof(path), "/var/lib/parsec/%s/calls", provider);
	file = fopen(path, "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		*id = 0;
		if (sscanf(line, "%79s %79s", what, id) < 1)
			continue;
		if (!strcmp(what, "create")) {
			ledger->created++;
			add(&keys, id);
		} else if (!strcmp(what, "destroy")) {
			ledger->destroyed++;
			drop(&keys, id);
		} else {
			ledger->signed_++;
		}
	}
	fclose(file);
	ledger->keys = keys.count;
}
