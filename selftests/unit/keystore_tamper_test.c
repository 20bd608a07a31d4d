// SPDX-License-Identifier: Apache-2.0
/*
 * Somebody writes into the database file: each way of it that can be detected makes the
 * one key unusable, is logged without its name, and harms no other; the ways that cannot
 * are here as well, with what they lead to (Documentation/key-store.rst, "What is
 * detected").
 */
#include "kselftest_harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <sqlite3.h>

#include "helper/keystore_private.h"
#include "helper/log.h"
#include "selftests/unit/fake_provider.h"

#define WEB	"name = CAST('web' AS BLOB)"
#define COPIED	"auth_id, app, name, attributes, sealed"

/* What a row is copied with, where other than its name is the same */
#define INSERT(key)	"INSERT INTO key(id, state, " COPIED ") SELECT " key " FROM other.key"

/* OpenSSL gets none */
static bool no_memory;

static void *get_memory(size_t size, const char *file, int line)
{
	return no_memory ? NULL : malloc(size);
}

static void *resize_memory(void *memory, size_t size, const char *file, int line)
{
	return no_memory ? NULL : realloc(memory, size);
}

static void free_memory(void *memory, const char *file, int line)
{
	free(memory);
}

/* Before OpenSSL has any */
__attribute__((constructor)) static void take_over_memory(void)
{
	if (!CRYPTO_set_mem_functions(get_memory, resize_memory, free_memory))
		abort();
}

FIXTURE(tamper)
{
	char dir[64];
	char other[64];		/* another store's directory */
	char log[96];		/* what was logged */
	struct plugin plugin;
	struct keystore *store;
	int words;		/* where the test's own words go */
};

FIXTURE_VARIANT(tamper)
{
	const struct parsec_provider *provider;
};

FIXTURE_VARIANT_ADD(tamper, token) { .provider = &fake_token };
FIXTURE_VARIANT_ADD(tamper, software) { .provider = &fake_software };

static struct keystore *open_store(struct plugin *plugin, const char *name, const char *dir)
{
	struct keystore *store = NULL;

	keystore_open(plugin, name, dir, &store);
	return store;
}

static enum parsec_status create(struct keystore *store, const char *name)
{
	struct key_identity id = key_named("1000", name);
	uint8_t backend[PARSEC_BACKEND_ID_SIZE];

	return keystore_create(store, &id, &some_attributes, backend);
}

static enum parsec_status use_of(struct keystore *store, const struct key_identity *id)
{
	struct keystore_key *key;
	enum parsec_status status = keystore_get(store, id, &key);

	if (status == PARSEC_SUCCESS)
		keystore_put(store, key);
	return status;
}

static enum parsec_status use(struct keystore *store, const char *name)
{
	struct key_identity id = key_named("1000", name);

	return use_of(store, &id);
}

/* The keys "web" and "mail", and a second store with a "web" of its own */
FIXTURE_SETUP(tamper)
{
	make_dir(self->dir);
	make_dir(self->other);
	log_init("test", PARSEC_LOG_WARNING, false);
	ASSERT_EQ(PARSEC_SUCCESS,
		  plugin_open(&self->plugin, variant->provider, NULL, NULL, 0, self->dir));
	self->store = open_store(&self->plugin, "token", self->dir);
	ASSERT_NE(NULL, self->store);
	ASSERT_EQ(PARSEC_SUCCESS, create(self->store, "web"));
	ASSERT_EQ(PARSEC_SUCCESS, create(self->store, "mail"));

	/* From here on what is logged is kept */
	snprintf(self->log, sizeof(self->log), "%s/log", self->other);
	self->words = dup(STDERR_FILENO);
	ASSERT_EQ(STDERR_FILENO, dup2(open(self->log, O_CREAT | O_RDWR | O_APPEND, 0600),
				      STDERR_FILENO));
}

FIXTURE_TEARDOWN(tamper)
{
	dup2(self->words, STDERR_FILENO);
	keystore_close(self->store);
	plugin_close(&self->plugin);
	remove_dir(self->dir);
	remove_dir(self->other);
}

/* Make a second store, with a key "web" of this application. Its name and master key */
static void make_other(FIXTURE_DATA(tamper) *self, const char *name, bool same_master_key)
{
	struct keystore *store;
	char command[256];

	if (same_master_key) {
		snprintf(command, sizeof(command), "cp -p %s/master.key %s", self->dir,
			 self->other);
		if (system(command))
			abort();
	}
	store = open_store(&self->plugin, name, self->other);
	if (!store || create(store, "web") != PARSEC_SUCCESS)
		abort();
	keystore_close(store);
}

static bool change(const char *dir, const char *other, const char *sql)
{
	char path[128], attach[160];
	sqlite3 *db;
	int rc;

	snprintf(path, sizeof(path), "%s/keys.sqlite", dir);
	snprintf(attach, sizeof(attach), "ATTACH '%s/keys.sqlite' AS other", other);
	rc = sqlite3_open(path, &db);
	if (rc == SQLITE_OK && strstr(sql, "other."))
		rc = sqlite3_exec(db, attach, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
	sqlite3_close(db);
	return rc == SQLITE_OK;
}

/* Change the closed database and open it again */
#define TAMPER(sql) do { \
	keystore_close(self->store); \
	ASSERT_TRUE(change(self->dir, self->other, sql)); \
	self->store = open_store(&self->plugin, "token", self->dir); \
	ASSERT_NE(NULL, self->store); \
} while (0)

/* Is there a complaint, without the names of keys? Forgets what was logged */
static bool complained(FIXTURE_DATA(tamper) *self)
{
	char text[4096];
	int fd = open(self->log, O_RDWR);
	ssize_t len = read(fd, text, sizeof(text) - 1);

	text[len > 0 ? len : 0] = 0;
	if (ftruncate(fd, 0))
		abort();
	close(fd);
	return strstr(text, "changed from outside") && !strstr(text, "web") &&
	       !strstr(text, "mail");
}

static enum parsec_status append(void *arg, struct parsec_span name,
				 const struct parsec_key_attributes *attrs)
{
	char *list = arg;

	snprintf(list + strlen(list), 64, "%.*s,", (int)name.len, name.data);
	return PARSEC_SUCCESS;
}

static const char *list(struct keystore *store)
{
	static char names[256];
	struct key_identity all = key_named("1000", "");

	names[0] = 0;
	return keystore_list(store, &all, append, names) == PARSEC_SUCCESS ? names : "failed";
}

/* The key is refused, not listed, can be removed, and "mail" is as it was */
#define EXPECT_REFUSED(identity, expected_list, what) do { \
	const struct key_identity refused = identity; \
	\
	complained(self); \
	EXPECT_EQ(PARSEC_PSA_ERROR_DATA_CORRUPT, use_of(self->store, &refused)) { \
		dprintf(self->words, "# %s\n", what); \
	} \
	EXPECT_TRUE(complained(self)); \
	EXPECT_STREQ(expected_list, list(self->store)); \
	EXPECT_EQ(PARSEC_SUCCESS, use(self->store, "mail")); \
	/* The backend is not asked about an id that may lie */ \
	fake.destroys = 0; \
	EXPECT_EQ(PARSEC_PSA_ERROR_DATA_CORRUPT, keystore_destroy(self->store, &refused)); \
	EXPECT_TRUE(complained(self)); \
	EXPECT_EQ(0, fake.destroys); \
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, keystore_destroy(self->store, &refused)); \
	EXPECT_EQ(PARSEC_SUCCESS, use(self->store, "mail")); \
} while (0)

/* Whose key it is, which, what it may do, and what it is */
TEST_F(tamper, changed_row_is_refused)
{
	static const struct {
		const char *sql;
		uint32_t auth_id;	/* where the key is then */
		const char *app, *name;
	} changes[] = {
		{ "UPDATE key SET auth_id = 4 WHERE " WEB, 4, "1000", "web" },
		{ "UPDATE key SET app = CAST('1001' AS BLOB) WHERE " WEB, 3, "1001", "web" },
		{ "UPDATE key SET name = CAST('new' AS BLOB) WHERE " WEB, 3, "1000", "new" },
		{ "UPDATE key SET id = randomblob(16) WHERE " WEB, 3, "1000", "web" },
		{ "UPDATE key SET sealed = randomblob(45) WHERE " WEB, 3, "1000", "web" },
		{ "UPDATE key SET sealed = x'' WHERE " WEB, 3, "1000", "web" },
		{ "UPDATE key SET sealed = substr(sealed, 1, 44) WHERE " WEB, 3, "1000", "web" },
		{ "UPDATE key SET sealed = (SELECT sealed FROM key "
		  "WHERE name = CAST('mail' AS BLOB)) WHERE " WEB, 3, "1000", "web" },
		{ "UPDATE key SET attributes = zeroblob(20) WHERE " WEB, 3, "1000", "web" },
		{ "UPDATE key SET attributes = x'' WHERE " WEB, 3, "1000", "web" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		struct key_identity id = key_named(changes[i].app, changes[i].name);

		id.auth_id = changes[i].auth_id;
		if (i)
			ASSERT_EQ(PARSEC_SUCCESS, create(self->store, "web"));
		TAMPER(changes[i].sql);
		EXPECT_REFUSED(id, "mail,", changes[i].sql);
	}
}

TEST_F(tamper, lack_of_memory_is_no_change_from_outside)
{
	enum parsec_status status;

	complained(self);
	no_memory = true;
	status = use(self->store, "web");
	no_memory = false;
	EXPECT_EQ(PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY, status);
	EXPECT_FALSE(complained(self));
	EXPECT_EQ(PARSEC_SUCCESS, use(self->store, "web"));
}

TEST_F(tamper, row_duplicated_under_another_name_is_refused)
{
	TAMPER("INSERT INTO key(id, state, " COPIED ") SELECT randomblob(16), 1, auth_id, app, "
	       "CAST('new' AS BLOB), attributes, sealed FROM key WHERE " WEB);
	EXPECT_REFUSED(key_named("1000", "new"), "mail,web,", "duplicate");
	EXPECT_EQ(PARSEC_SUCCESS, use(self->store, "web"));
}

/* Two rows with one backend id cannot be, unless the table is made anew */
TEST_F(tamper, row_duplicated_with_its_id_is_refused)
{
	keystore_close(self->store);
	self->store = NULL;
	EXPECT_FALSE(change(self->dir, self->other, "INSERT INTO key(id, state, " COPIED ") "
			    "SELECT id, 1, auth_id, app, CAST('new' AS BLOB), attributes, "
			    "sealed FROM key WHERE " WEB));
}

TEST_F(tamper, row_of_another_database_is_refused)
{
	make_other(self, "token", false);
	TAMPER("DELETE FROM key WHERE " WEB ";" INSERT("id, 1, " COPIED));
	EXPECT_REFUSED(key_named("1000", "web"), "mail,", "another database");
}

/* Also where both have the same master key */
TEST_F(tamper, row_of_another_provider_is_refused)
{
	make_other(self, "second", true);
	TAMPER("DELETE FROM key WHERE " WEB ";" INSERT("id, 1, " COPIED));
	EXPECT_REFUSED(key_named("1000", "web"), "mail,", "another provider");
}

/* A state is not authenticated: what it can say is what removing the row says */
TEST_F(tamper, row_made_pending_or_dying_is_a_key_removed)
{
	for (int i = 0; i < 2; i++) {
		if (i)
			ASSERT_EQ(PARSEC_SUCCESS, create(self->store, "web"));
		TAMPER(i ? "UPDATE key SET state = 0 WHERE " WEB :
			   "UPDATE key SET state = 2 WHERE " WEB);
		EXPECT_STREQ("mail,", list(self->store));
		EXPECT_EQ(1, fake_count(self->dir));
		EXPECT_EQ(PARSEC_SUCCESS, use(self->store, "mail"));
	}
}

TEST_F(tamper, row_in_a_state_that_does_not_exist_is_a_name_removed)
{
	TAMPER("UPDATE key SET state = 7 WHERE " WEB);
	EXPECT_STREQ("mail,", list(self->store));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, use(self->store, "web"));
	EXPECT_EQ(PARSEC_SUCCESS, create(self->store, "web"));
	EXPECT_EQ(PARSEC_SUCCESS, use(self->store, "mail"));
}

TEST_F(tamper, removed_row_is_a_name_removed)
{
	TAMPER("DELETE FROM key WHERE " WEB);
	EXPECT_STREQ("mail,", list(self->store));
	EXPECT_EQ(PARSEC_SUCCESS, create(self->store, "web"));
	EXPECT_EQ(PARSEC_SUCCESS, use(self->store, "mail"));
}

/*
 * A destroyed key's row put back: for a provider that keeps its keys itself it is a row
 * without a key, and removed; where the row is all there is of the key, the key is back.
 */
TEST_F(tamper, earlier_copy_of_a_row_is_what_it_was)
{
	struct key_identity web = key_named("1000", "web");
	bool keeps = variant->provider->exists;

	make_other(self, "token", false);
	TAMPER("DELETE FROM other.key; INSERT INTO other.key SELECT * FROM key WHERE " WEB);
	ASSERT_EQ(PARSEC_SUCCESS, keystore_destroy(self->store, &web));
	/* The fake provider without exists() stands for one whose keys are in the blob */
	fake.forgets_files = !keeps;
	TAMPER(INSERT("id, state, " COPIED));
	EXPECT_EQ(keeps ? PARSEC_PSA_ERROR_DOES_NOT_EXIST : PARSEC_SUCCESS,
		  use(self->store, "web"));
	EXPECT_STREQ(keeps ? "mail," : "mail,web,", list(self->store));
	/* A second time, under a name that is taken, it cannot be put */
	ASSERT_EQ(keeps ? PARSEC_SUCCESS : PARSEC_PSA_ERROR_ALREADY_EXISTS,
		  create(self->store, "web"));
	EXPECT_EQ(PARSEC_SUCCESS, use(self->store, "mail"));
	fake.forgets_files = false;
}

TEST_HARNESS_MAIN
