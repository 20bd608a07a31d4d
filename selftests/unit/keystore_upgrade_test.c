// SPDX-License-Identifier: Apache-2.0
/*
 * Stores of other versions: one of an earlier version is upgraded in one step that a
 * death cannot part, one of a newer version is refused and left alone.
 *
 * Linked with steps of its own instead of those of the helper (kim_schema.h): the first
 * is the layout of version 1 as it is on disks.
 */
#include "selftests/unit/keystore_case.h"

#include "kselftest_harness.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "helper/kim_schema.h"

/* For a machine that has much else to do */
#define SECONDS	300

/* Outcomes of a power cut that are tried at each step; another one at each */
#define POWER_CUTS	1

#define COLUMNS \
	"position INTEGER PRIMARY KEY," \
	"id BLOB NOT NULL UNIQUE CHECK(length(id) = 16)," \
	"state INTEGER NOT NULL," \
	"auth_id INTEGER NOT NULL," \
	"app BLOB NOT NULL," \
	"name BLOB NOT NULL," \
	"attributes BLOB NOT NULL," \
	"sealed BLOB NOT NULL"
#define INDEXES \
	"CREATE UNIQUE INDEX key_name ON key(auth_id, app, name) WHERE state <> 2;" \
	"CREATE INDEX key_unfinished ON key(state) WHERE state <> 1;"

static const char *const sql[] = {
	"CREATE TABLE note(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;"
	"CREATE TABLE key(" COLUMNS ") STRICT;" INDEXES,
	/* One more column */
	"ALTER TABLE key ADD COLUMN made INTEGER NOT NULL DEFAULT 0;",
	/* A table made anew: every row is written */
	"ALTER TABLE key RENAME TO old;"
	"DROP INDEX key_name;"
	"DROP INDEX key_unfinished;"
	"CREATE TABLE key(" COLUMNS ", made INTEGER NOT NULL DEFAULT 0, used INTEGER) STRICT;"
	"INSERT INTO key SELECT *, NULL FROM old;"
	"DROP TABLE old;" INDEXES,
	/* A step that fails when everything before it has been done */
	"UPDATE key SET made = 1; UPDATE nothing SET there = 1;",
};

static struct kim_steps steps = { 1, sql };

const struct kim_steps *kim_steps(void)
{
	return &steps;
}

enum { OLD = 1, NEW = 3, FAILING = 4 };

FIXTURE(upgrade)
{
	char base[64];
	char dir[64];
};

FIXTURE_SETUP(upgrade)
{
	steps.count = OLD;
	case_setup(self->base, self->dir);
	/* Also with rows that are pending and dying */
	prepare(self->base, self->dir, &fake_token, SWEEP);
	copy_dir(self->base, self->dir);
}

FIXTURE_TEARDOWN(upgrade)
{
	remove_dir(self->base);
	remove_dir(self->dir);
}

/* The one number that a query answers; -1 for none */
static int query(const char *dir, const char *question)
{
	sqlite3_stmt *statement = NULL;
	char path[128];
	int answer = -1;
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/keys.sqlite", dir);
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, "unix") == SQLITE_OK &&
	    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, question, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		answer = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return answer;
}

#define VERSION_OF(dir)	\
	query(dir, "SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM note " \
	      "WHERE name = 'schema_version'")
#define COLUMNS_OF(dir)	query(dir, "SELECT count(*) FROM pragma_table_info('key')")

static bool opens(const char *dir)
{
	struct opened opened;

	if (open_store(&opened, dir, &fake_token) != PARSEC_SUCCESS)
		return false;
	close_store(&opened);
	return true;
}

TEST_F(upgrade, keys_of_an_earlier_version_are_usable)
{
	steps.count = NEW;
	EXPECT_EQ(NULL, check_after_start(self->dir, &fake_token, SWEEP));
	EXPECT_EQ(NEW, VERSION_OF(self->dir));
	EXPECT_EQ(10, COLUMNS_OF(self->dir));
	/* Once */
	EXPECT_TRUE(opens(self->dir));
}

TEST_F(upgrade, new_store_has_the_newest_version)
{
	remove_dir(self->dir);
	ASSERT_EQ(0, mkdir(self->dir, 0700));
	steps.count = NEW;
	EXPECT_TRUE(opens(self->dir));
	EXPECT_EQ(NEW, VERSION_OF(self->dir));
	EXPECT_EQ(10, COLUMNS_OF(self->dir));
}

TEST_F(upgrade, step_that_fails_leaves_the_earlier_version)
{
	steps.count = FAILING;
	EXPECT_FALSE(opens(self->dir));
	EXPECT_EQ(OLD, VERSION_OF(self->dir));
	EXPECT_EQ(8, COLUMNS_OF(self->dir));
	steps.count = OLD;
	EXPECT_EQ(NULL, check_after_start(self->dir, &fake_token, SWEEP));
}

/* The contents of a directory, as one number */
static int digest(const char *dir)
{
	char command[256];
	unsigned int sum = 0;
	FILE *from;

	snprintf(command, sizeof(command), "cd %s && ls -l --time-style=full-iso && cat *", dir);
	from = popen(command, "r");
	for (int c; (c = fgetc(from)) != EOF;)
		sum = 31 * sum + (unsigned char)c;
	return pclose(from) ? -1 : (int)(sum >> 1);
}

/* Also with a log beside it, which an open database would take in when it is closed */
TEST_F(upgrade, newer_version_is_refused_and_untouched)
{
	int before;

	steps.count = NEW;
	ASSERT_FALSE(operate_in_child(self->dir, &fake_token, CREATE,
				      (struct fault){ .kill_at = 25 }));
	before = digest(self->dir);
	ASSERT_GE(before, 0);
	steps.count = OLD;
	EXPECT_FALSE(opens(self->dir));
	EXPECT_EQ(before, digest(self->dir));
	steps.count = NEW;
	EXPECT_EQ(NULL, check_after_start(self->dir, &fake_token, SWEEP));
}

TEST_F(upgrade, store_of_another_provider_is_not_upgraded)
{
	struct plugin plugin = { .ops = NULL };
	struct keystore *store;
	int before = digest(self->dir);

	steps.count = NEW;
	ASSERT_EQ(PARSEC_SUCCESS, plugin_open(&plugin, &fake_token, NULL, NULL, 0, self->dir));
	EXPECT_EQ(PARSEC_KEY_INFO_MANAGER_ERROR,
		  keystore_open(&plugin, "other", self->dir, &store));
	plugin_close(&plugin);
	EXPECT_EQ(before, digest(self->dir));
}

/*
 * What a death in the upgrade may leave: the old version or the new one, with all keys.
 * The helper that was there before must get on with the old one.
 */
static const char *check_halfway(const char *dir)
{
	int version = VERSION_OF(dir), columns = COLUMNS_OF(dir);

	if (!(version == OLD && columns == 8) && !(version == NEW && columns == 10))
		return "neither the old version nor the new one";
	steps.count = version == OLD && progress->events % 2 ? OLD : NEW;
	return check_after_start(dir, &fake_token, SWEEP);
}

TEST_F_TIMEOUT(upgrade, death_at_every_step_leaves_old_or_new, SECONDS)
{
	struct fault with = { .kill_at = 1 };
	int seen[2] = { 0 }, cases = 0;
	const char *wrong;
	bool finished;

	do {
		/* Without a power cut, then with some */
		for (with.power_seed = 0; with.power_seed <= POWER_CUTS; with.power_seed++) {
			copy_dir(self->base, self->dir);
			steps.count = NEW;
			finished = operate_in_child(self->dir, &fake_token, CLOSE, with);
			progress->events = with.kill_at;
			seen[VERSION_OF(self->dir) == NEW]++;
			wrong = check_halfway(self->dir);
			ASSERT_EQ(NULL, wrong) {
				TH_LOG("event %d, outcome %u: %s", with.kill_at, with.power_seed,
				       wrong);
			}
			cases++;
		}
		with.kill_at++;
	} while (!finished);
	EXPECT_GT(seen[0], 3);
	EXPECT_GT(seen[1], 3);
	TH_LOG("%d cases, %d of them with the old version", cases, seen[0]);
}

TEST_F_TIMEOUT(upgrade, write_torn_leaves_old_or_new, SECONDS)
{
	struct fault with = { .tear_at = 1 };
	const char *wrong;
	int cases = 0;
	bool finished;

	do {
		for (with.tear = FAULT_TEAR_ONE_BYTE; with.tear < FAULT_TEARS; with.tear++) {
			copy_dir(self->base, self->dir);
			steps.count = NEW;
			finished = operate_in_child(self->dir, &fake_token, SWEEP, with);
			progress->events = with.tear_at;
			wrong = check_halfway(self->dir);
			ASSERT_EQ(NULL, wrong) {
				TH_LOG("write %d, way %d: %s", with.tear_at, with.tear, wrong);
			}
			cases++;
		}
		with.tear_at++;
	} while (!finished);
	EXPECT_GT(cases, 20);
	TH_LOG("%d cases", cases);
}

TEST_HARNESS_MAIN
