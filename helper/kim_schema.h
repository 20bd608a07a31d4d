/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Versions of the key-info database: whose it is, and how one of an earlier version
 * becomes one of this version. For kim_sqlite.c only.
 */
#ifndef PARSEC_KIM_SCHEMA_H
#define PARSEC_KIM_SCHEMA_H

#include <stdbool.h>

#include <sqlite3.h>

/**
 * struct kim_steps - from an empty database to what this version works with
 * @count:	steps; the number of the version that the last one leads to
 * @sql:	statements: @sql[i] leads from version i to version i + 1
 */
struct kim_steps {
	unsigned int count;
	const char *const *sql;
};

/** kim_steps() - those of the helper (kim_steps.c); a test is linked with others */
const struct kim_steps *kim_steps(void);

/**
 * kim_schema_check() - can this version work with the database, and is it the provider's?
 * @path:	for messages
 * @uuid:	the provider's
 * @name:	its configured name
 * @version:	result; 0 for a database without tables
 *
 * Writes nothing. Return: false after a log line.
 */
bool kim_schema_check(sqlite3 *db, const char *path, const char *uuid, const char *name,
		      unsigned int *version);

/**
 * kim_schema_upgrade() - perform the steps that are missing, in one transaction
 * @version:	what kim_schema_check() found
 *
 * Return: false after a log line; the database is then as it was.
 */
bool kim_schema_upgrade(sqlite3 *db, const char *path, const char *uuid, const char *name,
			unsigned int version);

/** kim_schema_failed() - log why a database cannot be opened. Return: false */
bool kim_schema_failed(sqlite3 *db, const char *path);

#endif /* PARSEC_KIM_SCHEMA_H */
