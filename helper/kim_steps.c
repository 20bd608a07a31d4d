// SPDX-License-Identifier: Apache-2.0
/*
 * The steps that make and upgrade the key-info database (kim_schema.h; the format is in
 * Documentation/key-store.rst).
 *
 * A step that has been in a release never changes: what it made is on disks. A new
 * version is one more step at the end. It may move and add columns but has to keep the
 * bytes of those that are authenticated (row_seal.c), and leaves the table note with
 * schema_version alone, by which every version recognises every other.
 */
#include "helper/kim_schema.h"

/*
 * The name of a dying row stays, as it is authenticated together with the blob, but
 * no longer takes part in the index. STRICT: a changed column cannot change its type.
 */
static const char *const sql[] = {
	"CREATE TABLE note(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;"
	"CREATE TABLE key("
	"position INTEGER PRIMARY KEY,"
	"id BLOB NOT NULL UNIQUE CHECK(length(id) = 16),"
	"state INTEGER NOT NULL,"
	"auth_id INTEGER NOT NULL,"
	"app BLOB NOT NULL,"
	"name BLOB NOT NULL,"
	"attributes BLOB NOT NULL,"
	"sealed BLOB NOT NULL) STRICT;"
	"CREATE UNIQUE INDEX key_name ON key(auth_id, app, name) WHERE state <> 2;"
	"CREATE INDEX key_unfinished ON key(state) WHERE state <> 1;",
};

const struct kim_steps *kim_steps(void)
{
	static const struct kim_steps steps = { sizeof(sql) / sizeof(sql[0]), sql };

	return &steps;
}
