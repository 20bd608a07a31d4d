// SPDX-License-Identifier: Apache-2.0
/*
 * The key-info manager on SQLite (kim.h; format in Documentation/key-store.rst).
 *
 * Write-ahead log with synchronous=FULL: a commit is one append and one fsync, and
 * is on the disk when it returns; a rollback journal takes four. The exclusive
 * lock keeps the log's index in memory and a second process out.
 *
 * One connection under one lock: everything here is off the path of a key that
 * is loaded already.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "helper/kim.h"
#include "helper/kim_schema.h"
#include "helper/log.h"

/* A host that is on its way out may hold the lock for a moment */
#define LOCK_TIMEOUT_MS		1000

/* Nothing that writes: what is there may be of another version, or not ours */
static const char first_settings[] =
	"PRAGMA locking_mode=EXCLUSIVE;"
	"PRAGMA cell_size_check=ON;"
	"PRAGMA trusted_schema=OFF;";

static const char settings[] =
	"PRAGMA journal_mode=WAL;"
	"PRAGMA synchronous=FULL;"
	"PRAGMA wal_autocheckpoint=256;"
	"PRAGMA cache_size=-512;"
	"PRAGMA secure_delete=ON;";

enum statement {
	RESERVE, COMMIT, GET, FIND, BURY, REMOVE, LIST, NEXT_APP, NEXT_LIVE, NEXT_UNFINISHED, ANY,
	GET_NOTE, SET_NOTE,
	STATEMENTS
};

#define COLUMNS	"position, id, state, auth_id, app, name, attributes, sealed"

static const char *const sql[STATEMENTS] = {
	[RESERVE] = "INSERT INTO key(id, state, auth_id, app, name, attributes, sealed) "
		"VALUES(?1, 0, ?2, ?3, ?4, ?5, x'')",
	[COMMIT] = "UPDATE key SET state = 1, attributes = ?2, sealed = ?3 "
		"WHERE id = ?1 AND state = 0",
	[GET] = "SELECT " COLUMNS " FROM key "
		"WHERE auth_id = ?1 AND app = ?2 AND name = ?3 AND state <> 2 AND state = 1",
	[FIND] = "SELECT " COLUMNS " FROM key WHERE id = ?1",
	[BURY] = "UPDATE key SET state = 2 WHERE id = ?1 AND state <> 2",
	[REMOVE] = "DELETE FROM key WHERE id = ?1 AND state <> 1",
	[LIST] = "SELECT " COLUMNS " FROM key "
		"WHERE auth_id = ?1 AND app = ?2 AND name > ?3 AND state <> 2 AND state = 1 "
		"ORDER BY name LIMIT 1",
	[NEXT_APP] = "SELECT " COLUMNS " FROM key "
		"WHERE auth_id = ?1 AND app > ?2 AND state <> 2 AND state = 1 "
		"ORDER BY app LIMIT 1",
	[NEXT_LIVE] = "SELECT " COLUMNS " FROM key "
		"WHERE position > ?1 AND state = 1 ORDER BY position LIMIT 1",
	[NEXT_UNFINISHED] = "SELECT " COLUMNS " FROM key INDEXED BY key_unfinished "
		"WHERE position > ?1 AND state <> 1 ORDER BY position LIMIT 1",
	[ANY] = "SELECT 1 FROM key LIMIT 1",
	[GET_NOTE] = "SELECT value FROM note WHERE name = ?1",
	[SET_NOTE] = "INSERT OR REPLACE INTO note(name, value) VALUES(?1, ?2)",
};

/**
 * struct kim - the database
 * @db:		connection
 * @lock:	guards everything here
 * @relaxed:	the connection is not to wait for the disk now
 * @prepared:	statements
 * @path:	for messages
 */
struct kim {
	sqlite3 *db;
	pthread_mutex_t lock;
	bool relaxed;
	sqlite3_stmt *prepared[STATEMENTS];
	char path[4096];
};

static enum parsec_status fail(struct kim *kim, const char *what)
{
	log_error("%s: %s: %s", kim->path, what,
		  kim->db ? sqlite3_errmsg(kim->db) : "out of memory");
	return PARSEC_KEY_INFO_MANAGER_ERROR;
}

void kim_encode_attributes(const struct parsec_key_attributes *attrs,
			   uint8_t data[KIM_ATTRIBUTES_SIZE])
{
	const uint32_t words[] = { attrs->bits, attrs->usage, attrs->alg.length };

	memset(data, 0, KIM_ATTRIBUTES_SIZE);
	data[0] = attrs->type;
	data[1] = attrs->family;
	data[2] = attrs->alg.kind;
	data[3] = attrs->alg.scheme;
	data[4] = attrs->alg.hash;
	data[5] = attrs->alg.kdf;
	for (size_t i = 0; i < 12; i++)
		data[8 + i] = (uint8_t)(words[i / 4] >> (8 * (i % 4)));
}

static uint32_t get_word(const uint8_t *data)
{
	return (uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 |
	       (uint32_t)data[3] << 24;
}

static void decode_attributes(const uint8_t *data, struct parsec_key_attributes *attrs)
{
	attrs->type = data[0];
	attrs->family = data[1];
	attrs->alg.kind = data[2];
	attrs->alg.scheme = data[3];
	attrs->alg.hash = data[4];
	attrs->alg.kdf = data[5];
	attrs->bits = get_word(data + 8);
	attrs->usage = get_word(data + 12);
	attrs->alg.length = get_word(data + 16);
}

/* Lock and take a statement; end() gives both back */
static sqlite3_stmt *begin(struct kim *kim, enum statement which)
{
	pthread_mutex_lock(&kim->lock);
	return kim->prepared[which];
}

static void end(struct kim *kim, sqlite3_stmt *statement)
{
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	pthread_mutex_unlock(&kim->lock);
}

static bool bind_bytes(sqlite3_stmt *statement, int at, const void *data, size_t len)
{
	/* A NULL pointer would bind NULL, not an empty blob */
	return sqlite3_bind_blob64(statement, at, len ? data : "", len, SQLITE_STATIC) ==
	       SQLITE_OK;
}

static bool bind_name(sqlite3_stmt *statement, int at, const struct key_identity *key)
{
	return sqlite3_bind_int64(statement, at, key->auth_id) == SQLITE_OK &&
	       bind_bytes(statement, at + 1, key->app.data, key->app.len) &&
	       bind_bytes(statement, at + 2, key->name.data, key->name.len);
}

static bool bind_id(sqlite3_stmt *statement, const uint8_t *id)
{
	return bind_bytes(statement, 1, id, PARSEC_BACKEND_ID_SIZE);
}

/* SQLite reads this at the start of each transaction */
static bool set_relaxed(struct kim *kim, bool relaxed)
{
	if (kim->relaxed == relaxed)
		return true;
	if (sqlite3_exec(kim->db, relaxed ? "PRAGMA synchronous=NORMAL" :
			 "PRAGMA synchronous=FULL", NULL, NULL, NULL) != SQLITE_OK)
		return false;
	kim->relaxed = relaxed;
	return true;
}

static struct parsec_span get_span(sqlite3_stmt *statement, int column, uint8_t **to)
{
	const void *data = sqlite3_column_blob(statement, column);
	size_t len = (size_t)sqlite3_column_bytes(statement, column);
	struct parsec_span span = { *to, len };

	if (len)
		memcpy(*to, data, len);
	*to += len;
	return span;
}

/*
 * Copy the row that a statement stands on. A column of a wrong size is left zero:
 * the row then does not authenticate.
 */
static enum parsec_status read_row(struct kim *kim, sqlite3_stmt *statement,
				   struct kim_row *row)
{
	size_t size = 1;
	uint8_t *to;

	memset(row, 0, sizeof(*row));
	for (int column = 4; column < 8; column++)
		size += (size_t)sqlite3_column_bytes(statement, column);
	row->memory = to = malloc(size);
	if (!to)
		return fail(kim, "reading a key");

	row->position = sqlite3_column_int64(statement, 0);
	if (sqlite3_column_bytes(statement, 1) == PARSEC_BACKEND_ID_SIZE)
		memcpy(row->id, sqlite3_column_blob(statement, 1), PARSEC_BACKEND_ID_SIZE);
	row->state = (enum kim_state)sqlite3_column_int(statement, 2);
	row->key.auth_id = (uint32_t)sqlite3_column_int64(statement, 3);
	row->key.app = get_span(statement, 4, &to);
	row->key.name = get_span(statement, 5, &to);
	if (sqlite3_column_bytes(statement, 6) == KIM_ATTRIBUTES_SIZE)
		decode_attributes(sqlite3_column_blob(statement, 6), &row->attrs);
	row->sealed = get_span(statement, 7, &to);
	return PARSEC_SUCCESS;
}

/* The one row of a bound SELECT */
static enum parsec_status select_row(struct kim *kim, sqlite3_stmt *statement, bool bound,
				     struct kim_row *row)
{
	int rc = bound ? sqlite3_step(statement) : SQLITE_NOMEM;
	enum parsec_status status;

	if (rc == SQLITE_ROW)
		status = read_row(kim, statement, row);
	else if (rc == SQLITE_DONE)
		status = PARSEC_PSA_ERROR_DOES_NOT_EXIST;
	else
		status = fail(kim, "reading a key");
	end(kim, statement);
	return status;
}

/* A bound statement that must change exactly one row */
static enum parsec_status change_row(struct kim *kim, sqlite3_stmt *statement, bool bound,
				     const char *what)
{
	enum parsec_status status = PARSEC_SUCCESS;

	if (!bound || sqlite3_step(statement) != SQLITE_DONE)
		status = fail(kim, what);
	else if (sqlite3_changes(kim->db) != 1)
		status = PARSEC_PSA_ERROR_DOES_NOT_EXIST;
	end(kim, statement);
	return status;
}

enum parsec_status kim_reserve(struct kim *kim, const struct kim_row *row, bool durable)
{
	sqlite3_stmt *statement = begin(kim, RESERVE);
	enum parsec_status status = PARSEC_SUCCESS;
	uint8_t attributes[KIM_ATTRIBUTES_SIZE];
	bool bound;

	kim_encode_attributes(&row->attrs, attributes);
	bound = set_relaxed(kim, !durable) && bind_id(statement, row->id) &&
		bind_name(statement, 2, &row->key) &&
		bind_bytes(statement, 5, attributes, sizeof(attributes));
	if (!bound || sqlite3_step(statement) != SQLITE_DONE) {
		if (sqlite3_extended_errcode(kim->db) == SQLITE_CONSTRAINT_UNIQUE)
			status = PARSEC_PSA_ERROR_ALREADY_EXISTS;
		else
			status = fail(kim, "reserving a name");
	}
	end(kim, statement);
	return status;
}

enum parsec_status kim_commit(struct kim *kim, const struct kim_row *row)
{
	sqlite3_stmt *statement = begin(kim, COMMIT);
	uint8_t attributes[KIM_ATTRIBUTES_SIZE];
	bool bound;

	kim_encode_attributes(&row->attrs, attributes);
	bound = set_relaxed(kim, false) && bind_id(statement, row->id) &&
		bind_bytes(statement, 2, attributes, sizeof(attributes)) &&
		bind_bytes(statement, 3, row->sealed.data, row->sealed.len);
	return change_row(kim, statement, bound, "storing a key");
}

enum parsec_status kim_get(struct kim *kim, const struct key_identity *key,
			   struct kim_row *row)
{
	sqlite3_stmt *statement = begin(kim, GET);

	return select_row(kim, statement, bind_name(statement, 1, key), row);
}

enum parsec_status kim_find(struct kim *kim, const uint8_t id[PARSEC_BACKEND_ID_SIZE],
			    struct kim_row *row)
{
	sqlite3_stmt *statement = begin(kim, FIND);

	return select_row(kim, statement, bind_id(statement, id), row);
}

enum parsec_status kim_bury(struct kim *kim, const uint8_t id[PARSEC_BACKEND_ID_SIZE])
{
	sqlite3_stmt *statement = begin(kim, BURY);

	return change_row(kim, statement, set_relaxed(kim, false) && bind_id(statement, id),
			  "burying a key");
}

enum parsec_status kim_remove(struct kim *kim, const uint8_t id[PARSEC_BACKEND_ID_SIZE])
{
	sqlite3_stmt *statement = begin(kim, REMOVE);

	return change_row(kim, statement, set_relaxed(kim, true) && bind_id(statement, id),
			  "removing a key");
}

enum parsec_status kim_list(struct kim *kim, const struct key_identity *after,
			    struct kim_row *row)
{
	sqlite3_stmt *statement = begin(kim, LIST);

	return select_row(kim, statement, bind_name(statement, 1, after), row);
}

enum parsec_status kim_next_app(struct kim *kim, const struct key_identity *after,
				struct kim_row *row)
{
	sqlite3_stmt *statement = begin(kim, NEXT_APP);

	return select_row(kim, statement,
			  sqlite3_bind_int64(statement, 1, after->auth_id) == SQLITE_OK &&
			  bind_bytes(statement, 2, after->app.data, after->app.len), row);
}

enum parsec_status kim_next(struct kim *kim, bool live, int64_t after, struct kim_row *row)
{
	sqlite3_stmt *statement = begin(kim, live ? NEXT_LIVE : NEXT_UNFINISHED);

	return select_row(kim, statement,
			  sqlite3_bind_int64(statement, 1, after) == SQLITE_OK, row);
}

enum parsec_status kim_is_empty(struct kim *kim, bool *empty)
{
	sqlite3_stmt *statement = begin(kim, ANY);
	enum parsec_status status = PARSEC_SUCCESS;
	int rc = sqlite3_step(statement);

	*empty = rc == SQLITE_DONE;
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		status = fail(kim, "looking for keys");
	end(kim, statement);
	return status;
}

enum parsec_status kim_get_note(struct kim *kim, const char *name, uint8_t *value,
				size_t size, size_t *len)
{
	sqlite3_stmt *statement = begin(kim, GET_NOTE);
	enum parsec_status status = PARSEC_SUCCESS;
	int rc = SQLITE_NOMEM;

	if (sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC) == SQLITE_OK)
		rc = sqlite3_step(statement);
	*len = 0;
	if (rc == SQLITE_ROW) {
		*len = (size_t)sqlite3_column_bytes(statement, 0);
		if (*len > size)
			*len = size;
		if (*len)
			memcpy(value, sqlite3_column_blob(statement, 0), *len);
	} else if (rc == SQLITE_DONE) {
		status = PARSEC_PSA_ERROR_DOES_NOT_EXIST;
	} else {
		status = fail(kim, "reading a note");
	}
	end(kim, statement);
	return status;
}

enum parsec_status kim_set_note(struct kim *kim, const char *name, struct parsec_span value)
{
	sqlite3_stmt *statement = begin(kim, SET_NOTE);
	bool bound;

	bound = set_relaxed(kim, false) &&
		sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC) == SQLITE_OK &&
		bind_bytes(statement, 2, value.data, value.len);
	return change_row(kim, statement, bound, "storing a note");
}

void kim_row_free(struct kim_row *row)
{
	free(row->memory);
	row->memory = NULL;
}

/* The file itself: SQLite gives its log the same mode */
static bool prepare_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct stat st;
	bool good = false;

	if (fd < 0 || fstat(fd, &st) < 0)
		log_error("%s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode) || st.st_mode & 077 || st.st_uid != geteuid())
		log_error("%s: must be a file of the service's user that nobody else can open; "
			  "chown it and chmod 600", path);
	else
		good = true;
	/* Closed before SQLite opens it: a later close() would drop SQLite's locks */
	if (fd >= 0)
		close(fd);
	return good;
}

/* When it is closed, the log becomes part of the database, or everything stays as it is */
static void write_at_close(struct kim *kim, bool write)
{
	sqlite3_db_config(kim->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !write, NULL);
}

static bool open_database(struct kim *kim, const char *uuid, const char *name)
{
	unsigned int version;

	/* Needs no lock of SQLite's own: struct kim has one */
	if (sqlite3_open_v2(kim->path, &kim->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK ||
	    sqlite3_busy_timeout(kim->db, LOCK_TIMEOUT_MS) != SQLITE_OK ||
	    sqlite3_exec(kim->db, first_settings, NULL, NULL, NULL) != SQLITE_OK)
		return kim_schema_failed(kim->db, kim->path);
	write_at_close(kim, false);
	if (!kim_schema_check(kim->db, kim->path, uuid, name, &version))
		return false;
	if (sqlite3_exec(kim->db, settings, NULL, NULL, NULL) != SQLITE_OK)
		return kim_schema_failed(kim->db, kim->path);
	if (!kim_schema_upgrade(kim->db, kim->path, uuid, name, version))
		return false;
	write_at_close(kim, true);
	for (size_t i = 0; i < STATEMENTS; i++) {
		if (sqlite3_prepare_v3(kim->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
				       &kim->prepared[i], NULL) != SQLITE_OK) {
			fail(kim, "is not a key store");
			return false;
		}
	}
	return true;
}

enum parsec_status kim_open(const char *dir, const char *uuid, const char *name,
			    struct kim **result)
{
	struct kim *kim = calloc(1, sizeof(*kim));
	int len;

	if (!kim)
		return PARSEC_KEY_INFO_MANAGER_ERROR;
	pthread_mutex_init(&kim->lock, NULL);
	len = snprintf(kim->path, sizeof(kim->path), "%s/keys.sqlite", dir);
	if (len >= (int)sizeof(kim->path) || !prepare_file(kim->path) ||
	    !open_database(kim, uuid, name)) {
		kim_close(kim);
		return PARSEC_KEY_INFO_MANAGER_ERROR;
	}
	*result = kim;
	return PARSEC_SUCCESS;
}

void kim_close(struct kim *kim)
{
	if (!kim)
		return;
	for (size_t i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(kim->prepared[i]);
	sqlite3_close(kim->db);
	pthread_mutex_destroy(&kim->lock);
	free(kim);
}
