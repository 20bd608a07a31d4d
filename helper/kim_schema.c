// SPDX-License-Identifier: Apache-2.0
/*
 * Versions of the key-info database (kim_schema.h).
 */
#include "helper/kim_schema.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "helper/log.h"

/* Longest value of a note that is compared */
#define NOTE_MAX	512

bool kim_schema_failed(sqlite3 *db, const char *path)
{
	if (db && sqlite3_errcode(db) == SQLITE_BUSY)
		log_error("%s: in use by another process; is another helper running?", path);
	else
		log_error("%s: cannot be opened; restore it from a backup if it is damaged: %s",
			  path, db ? sqlite3_errmsg(db) : "out of memory");
	return false;
}

/* The first column of the first row as text, cut short; empty when there is no row */
static bool get_text(sqlite3 *db, const char *query, const char *argument,
		     char text[NOTE_MAX])
{
	sqlite3_stmt *statement;
	int rc = sqlite3_prepare_v2(db, query, -1, &statement, NULL);

	text[0] = 0;
	if (rc == SQLITE_OK && argument)
		rc = sqlite3_bind_text(statement, 1, argument, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(statement);
	if (rc == SQLITE_ROW)
		snprintf(text, NOTE_MAX, "%.*s", sqlite3_column_bytes(statement, 0),
			 (const char *)sqlite3_column_blob(statement, 0));
	sqlite3_finalize(statement);
	return rc == SQLITE_ROW || rc == SQLITE_DONE;
}

static bool get_note(sqlite3 *db, const char *name, char text[NOTE_MAX])
{
	return get_text(db, "SELECT value FROM note WHERE name = ?1", name, text);
}

/* As kim_schema_upgrade() writes it. Return: 0 for anything else */
static unsigned int parse_version(const char *text)
{
	unsigned int version = 0;

	if (text[0] == '0' || strlen(text) > 9)
		return 0;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return 0;
		version = 10 * version + (unsigned int)(*text - '0');
	}
	return version;
}

static bool check_version(sqlite3 *db, const char *path, unsigned int *version)
{
	const unsigned int newest = kim_steps()->count;
	char text[NOTE_MAX];

	if (!get_text(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'note'", NULL, text))
		return kim_schema_failed(db, path);
	if (!strcmp(text, "1") && !get_note(db, "schema_version", text))
		return kim_schema_failed(db, path);
	*version = parse_version(text);
	if (!*version) {
		log_error("%s: is not a key store, or is damaged; restore it from a backup, or "
			  "move it away to start without keys", path);
		return false;
	}
	if (*version > newest) {
		log_error("%s: made by a newer version of the helper: its schema has version %u, "
			  "this helper knows %u; install the newer one, or restore the backup "
			  "from before", path, *version, newest);
		return false;
	}
	return true;
}

static bool check_owner(sqlite3 *db, const char *path, const char *note, const char *expected)
{
	char text[NOTE_MAX];

	if (!get_note(db, note, text))
		return kim_schema_failed(db, path);
	if (!strcmp(text, expected))
		return true;
	log_error("%s: %s is \"%s\", not \"%s\"; it belongs to another provider, or "
		  "the library or uuid in the configuration is not the one from before", path, note,
		  text, expected);
	return false;
}

bool kim_schema_check(sqlite3 *db, const char *path, const char *uuid, const char *name,
		      unsigned int *version)
{
	char tables[NOTE_MAX];

	*version = 0;
	if (!get_text(db, "SELECT count(*) FROM sqlite_schema", NULL, tables))
		return kim_schema_failed(db, path);
	return !strcmp(tables, "0") ||
	       (check_version(db, path, version) &&
		check_owner(db, path, "provider_uuid", uuid) &&
		check_owner(db, path, "provider_name", name));
}

static bool set_note(sqlite3 *db, const char *name, const char *value)
{
	char *sql = sqlite3_mprintf("INSERT OR REPLACE INTO note VALUES(%Q, CAST(%Q AS BLOB))",
				    name, value);
	bool done = sql && sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;

	sqlite3_free(sql);
	return done;
}

bool kim_schema_upgrade(sqlite3 *db, const char *path, const char *uuid, const char *name,
			unsigned int version)
{
	const struct kim_steps *steps = kim_steps();
	char number[16];
	bool done;

	if (version == steps->count)
		return true;
	snprintf(number, sizeof(number), "%u", steps->count);

	done = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK;
	for (unsigned int i = version; done && i < steps->count; i++)
		done = sqlite3_exec(db, steps->sql[i], NULL, NULL, NULL) == SQLITE_OK;
	if (done && !version)
		done = set_note(db, "provider_uuid", uuid) && set_note(db, "provider_name", name);
	done = done && set_note(db, "schema_version", number) &&
	       sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
	/* Without the commit the database is closed next, which rolls back */
	if (!done)
		return kim_schema_failed(db, path);
	if (version)
		log_info("%s: upgraded from version %u of the schema to %u", path, version,
			 steps->count);
	return true;
}
