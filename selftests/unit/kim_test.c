// SPDX-License-Identifier: Apache-2.0
/*
 * The key-info manager and the sealing of its rows by themselves: states, files, and
 * what is refused at start.
 */
#include "kselftest_harness.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "helper/kim.h"
#include "helper/log.h"
#include "helper/row_seal.h"
#include "selftests/unit/fake_provider.h"

#define UUID	"0c7ed9ba-4f3f-4a8a-9c3b-0e2a1c6a7f10"

static const uint8_t sealed[] = "sealed";

FIXTURE(kim)
{
	char dir[64];
	char path[96];
	struct kim *kim;
	struct kim_row row;
};

FIXTURE_SETUP(kim)
{
	int null = open("/dev/null", O_WRONLY);

	/* What is provoked here is also logged */
	dup2(null, STDERR_FILENO);
	close(null);
	log_init("test", PARSEC_LOG_ERROR, false);
	make_dir(self->dir);
	snprintf(self->path, sizeof(self->path), "%s/keys.sqlite", self->dir);
	ASSERT_EQ(PARSEC_SUCCESS, kim_open(self->dir, UUID, "fake", &self->kim));
}

FIXTURE_TEARDOWN(kim)
{
	kim_row_free(&self->row);
	kim_close(self->kim);
	remove_dir(self->dir);
}

static struct kim_row new_row(uint8_t number, const char *app, const char *name)
{
	return (struct kim_row){
		.id = { number }, .key = key_named(app, name), .attrs = some_attributes,
		.sealed = { sealed, sizeof(sealed) },
	};
}

static enum parsec_status reserve(struct kim *kim, uint8_t number, const char *name)
{
	struct kim_row row = new_row(number, "1000", name);

	return kim_reserve(kim, &row, true);
}

static enum parsec_status add(struct kim *kim, uint8_t number, const char *name)
{
	struct kim_row row = new_row(number, "1000", name);
	enum parsec_status status = kim_reserve(kim, &row, number % 2);

	return status == PARSEC_SUCCESS ? kim_commit(kim, &row) : status;
}

static enum parsec_status get(struct kim *kim, const char *name, struct kim_row *row)
{
	struct key_identity id = key_named("1000", name);

	kim_row_free(row);
	return kim_get(kim, &id, row);
}

TEST_F(kim, row_comes_back_as_it_was_stored)
{
	ASSERT_EQ(PARSEC_SUCCESS, add(self->kim, 1, "web"));
	ASSERT_EQ(PARSEC_SUCCESS, get(self->kim, "web", &self->row));
	EXPECT_EQ(1, self->row.id[0]);
	EXPECT_EQ(KIM_LIVE, self->row.state);
	EXPECT_EQ(3, self->row.key.auth_id);
	EXPECT_EQ(4, self->row.key.app.len);
	EXPECT_EQ(0, memcmp("1000", self->row.key.app.data, 4));
	EXPECT_EQ(3, self->row.key.name.len);
	EXPECT_EQ(0, memcmp("web", self->row.key.name.data, 3));
	EXPECT_EQ(0, memcmp(&some_attributes, &self->row.attrs, sizeof(some_attributes)));
	EXPECT_EQ(sizeof(sealed), self->row.sealed.len);
	EXPECT_EQ(0, memcmp(sealed, self->row.sealed.data, sizeof(sealed)));
}

TEST_F(kim, attributes_are_encoded_member_by_member)
{
	const struct parsec_key_attributes attrs = {
		.type = 1, .family = 2, .bits = 0x0a0b0c0d, .usage = 0x01020304,
		.alg = { 3, 4, 5, 6, 0x11121314 },
	};
	static const uint8_t expected[KIM_ATTRIBUTES_SIZE] = {
		1, 2, 3, 4, 5, 6, 0, 0, 0x0d, 0x0c, 0x0b, 0x0a, 4, 3, 2, 1,
		0x14, 0x13, 0x12, 0x11,
	};
	uint8_t data[KIM_ATTRIBUTES_SIZE];

	kim_encode_attributes(&attrs, data);
	EXPECT_EQ(0, memcmp(expected, data, sizeof(data)));
}

TEST_F(kim, pending_name_is_taken_and_not_usable)
{
	ASSERT_EQ(PARSEC_SUCCESS, reserve(self->kim, 1, "web"));
	EXPECT_EQ(PARSEC_PSA_ERROR_ALREADY_EXISTS, reserve(self->kim, 2, "web"));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, get(self->kim, "web", &self->row));
}

TEST_F(kim, only_a_pending_row_becomes_live)
{
	struct kim_row row = new_row(1, "1000", "web");

	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, kim_commit(self->kim, &row));
	ASSERT_EQ(PARSEC_SUCCESS, add(self->kim, 1, "web"));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, kim_commit(self->kim, &row));
	ASSERT_EQ(PARSEC_SUCCESS, kim_bury(self->kim, row.id));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, kim_commit(self->kim, &row));
}

TEST_F(kim, tombstone_has_no_name)
{
	struct kim_row row = new_row(1, "1000", "web");

	ASSERT_EQ(PARSEC_SUCCESS, add(self->kim, 1, "web"));
	ASSERT_EQ(PARSEC_SUCCESS, kim_bury(self->kim, row.id));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, kim_bury(self->kim, row.id));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, get(self->kim, "web", &self->row));
	ASSERT_EQ(PARSEC_SUCCESS, add(self->kim, 2, "web"));
	ASSERT_EQ(PARSEC_SUCCESS, kim_find(self->kim, row.id, &self->row));
	EXPECT_EQ(KIM_DYING, self->row.state);
	EXPECT_EQ(sizeof(sealed), self->row.sealed.len);
	/* Several of one name */
	ASSERT_EQ(PARSEC_SUCCESS, kim_bury(self->kim, new_row(2, "", "").id));
	ASSERT_EQ(PARSEC_SUCCESS, add(self->kim, 3, "web"));
}

TEST_F(kim, live_row_is_never_removed)
{
	struct kim_row row = new_row(1, "1000", "web");

	ASSERT_EQ(PARSEC_SUCCESS, add(self->kim, 1, "web"));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, kim_remove(self->kim, row.id));
	EXPECT_EQ(PARSEC_SUCCESS, get(self->kim, "web", &self->row));
}

TEST_F(kim, backend_id_is_unique_for_ever)
{
	ASSERT_EQ(PARSEC_SUCCESS, add(self->kim, 1, "web"));
	EXPECT_NE(PARSEC_SUCCESS, add(self->kim, 1, "mail"));
}

TEST_F(kim, sweep_finds_what_is_not_live_and_what_is)
{
	ASSERT_EQ(PARSEC_SUCCESS, add(self->kim, 1, "a"));
	ASSERT_EQ(PARSEC_SUCCESS, reserve(self->kim, 2, "b"));
	ASSERT_EQ(PARSEC_SUCCESS, add(self->kim, 3, "c"));
	ASSERT_EQ(PARSEC_SUCCESS, add(self->kim, 4, "d"));
	ASSERT_EQ(PARSEC_SUCCESS, kim_bury(self->kim, new_row(3, "", "").id));
	for (int live = 0; live < 2; live++) {
		static const uint8_t expected[2][2] = { { 2, 3 }, { 1, 4 } };
		struct kim_row row = { .position = 0 };

		for (int i = 0; i < 2; i++) {
			ASSERT_EQ(PARSEC_SUCCESS,
				  kim_next(self->kim, live, row.position, &row));
			EXPECT_EQ(expected[live][i], row.id[0]);
			kim_row_free(&row);
		}
		EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST,
			  kim_next(self->kim, live, row.position, &row));
	}
}

TEST_F(kim, emptiness_means_no_rows_at_all)
{
	bool empty;

	ASSERT_EQ(PARSEC_SUCCESS, kim_is_empty(self->kim, &empty));
	EXPECT_TRUE(empty);
	ASSERT_EQ(PARSEC_SUCCESS, add(self->kim, 1, "a"));
	ASSERT_EQ(PARSEC_SUCCESS, kim_bury(self->kim, new_row(1, "", "").id));
	ASSERT_EQ(PARSEC_SUCCESS, kim_is_empty(self->kim, &empty));
	EXPECT_FALSE(empty);
}

TEST_F(kim, files_are_the_owner_s_alone)
{
	struct stat st;
	char log[128];

	ASSERT_EQ(PARSEC_SUCCESS, add(self->kim, 1, "a"));
	ASSERT_EQ(0, stat(self->path, &st));
	EXPECT_EQ(0600, st.st_mode & 07777);
	snprintf(log, sizeof(log), "%s-wal", self->path);
	ASSERT_EQ(0, stat(log, &st));
	EXPECT_EQ(0600, st.st_mode & 07777);
}

static int open_again(const char *dir, const char *uuid, const char *name)
{
	struct kim *kim = NULL;
	int status = kim_open(dir, uuid, name, &kim);

	if (status == PARSEC_SUCCESS)
		kim_close(kim);
	return status;
}

#define REOPEN(uuid, name) ({ \
	kim_close(self->kim); \
	self->kim = NULL; \
	open_again(self->dir, uuid, name); \
})

static void change(const char *path, const char *sql)
{
	sqlite3 *db;

	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		abort();
	sqlite3_close(db);
}

TEST_F(kim, store_is_opened_again)
{
	EXPECT_EQ(PARSEC_SUCCESS, REOPEN(UUID, "fake"));
}

TEST_F(kim, store_of_another_provider_is_refused)
{
	EXPECT_EQ(PARSEC_KEY_INFO_MANAGER_ERROR,
		  REOPEN("df93d95d-8086-43a7-a5dd-dc5ef3412819", "fake"));
	EXPECT_EQ(PARSEC_KEY_INFO_MANAGER_ERROR, REOPEN(UUID, "other"));
}

TEST_F(kim, store_of_another_version_is_refused)
{
	kim_close(self->kim);
	self->kim = NULL;
	change(self->path, "UPDATE note SET value = x'32' WHERE name = 'schema_version'");
	EXPECT_EQ(PARSEC_KEY_INFO_MANAGER_ERROR, open_again(self->dir, UUID, "fake"));
	change(self->path, "DELETE FROM note WHERE name = 'schema_version'");
	EXPECT_EQ(PARSEC_KEY_INFO_MANAGER_ERROR, open_again(self->dir, UUID, "fake"));
}

TEST_F(kim, other_databases_and_files_are_refused)
{
	FILE *file;

	kim_close(self->kim);
	self->kim = NULL;
	change(self->path, "DROP TABLE key");
	EXPECT_EQ(PARSEC_KEY_INFO_MANAGER_ERROR, open_again(self->dir, UUID, "fake"));
	file = fopen(self->path, "w");
	for (int i = 0; i < 5000; i++)
		fputc('x', file);
	fclose(file);
	EXPECT_EQ(PARSEC_KEY_INFO_MANAGER_ERROR, open_again(self->dir, UUID, "fake"));
}

TEST_F(kim, file_that_others_can_open_is_refused)
{
	ASSERT_EQ(0, chmod(self->path, 0640));
	EXPECT_EQ(PARSEC_KEY_INFO_MANAGER_ERROR, REOPEN(UUID, "fake"));
}

TEST_F(kim, symbolic_link_is_refused)
{
	char target[128];

	kim_close(self->kim);
	self->kim = NULL;
	snprintf(target, sizeof(target), "%s/elsewhere", self->dir);
	ASSERT_EQ(0, rename(self->path, target));
	ASSERT_EQ(0, symlink(target, self->path));
	EXPECT_EQ(PARSEC_KEY_INFO_MANAGER_ERROR, open_again(self->dir, UUID, "fake"));
}

TEST_F(kim, second_process_is_refused)
{
	int status;
	pid_t child;

	ASSERT_EQ(PARSEC_SUCCESS, add(self->kim, 1, "a"));
	child = fork();
	if (!child)
		_exit(open_again(self->dir, UUID, "fake") == PARSEC_KEY_INFO_MANAGER_ERROR ?
			      0 : 1);
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
}

FIXTURE(seal)
{
	char dir[64];
	char path[96];
	struct row_seal *seal;
	struct kim_row row;
	uint8_t data[64];
	struct parsec_out sealed;
};

static const uint8_t secret[] = "secret";

FIXTURE_SETUP(seal)
{
	int null = open("/dev/null", O_WRONLY);

	dup2(null, STDERR_FILENO);
	close(null);
	make_dir(self->dir);
	snprintf(self->path, sizeof(self->path), "%s/master.key", self->dir);
	ASSERT_EQ(PARSEC_SUCCESS, row_seal_open(self->dir, true, UUID, "fake", &self->seal));
	self->row = new_row(1, "1000", "web");
	self->sealed = (struct parsec_out){ self->data, sizeof(self->data), 0 };
	ASSERT_EQ(PARSEC_SUCCESS,
		  row_seal(self->seal, &self->row,
			   (struct parsec_span){ secret, sizeof(secret) }, &self->sealed));
	self->row.sealed = (struct parsec_span){ self->data, self->sealed.len };
}

FIXTURE_TEARDOWN(seal)
{
	row_seal_close(self->seal);
	remove_dir(self->dir);
}

static enum parsec_status unseal(const struct row_seal *seal, const struct kim_row *row)
{
	uint8_t room[64];
	struct parsec_out blob = { room, sizeof(room), 0 };
	enum parsec_status status = row_unseal(seal, row, &blob);

	if (status == PARSEC_SUCCESS &&
	    (blob.len != sizeof(secret) || memcmp(room, secret, sizeof(secret))))
		return PARSEC_PSA_ERROR_GENERIC_ERROR;
	return status;
}

TEST_F(seal, what_was_sealed_comes_back)
{
	EXPECT_EQ(sizeof(secret) + ROW_SEAL_OVERHEAD, self->sealed.len);
	EXPECT_EQ(NULL, memmem(self->data, self->sealed.len, secret, sizeof(secret)));
	EXPECT_EQ(PARSEC_SUCCESS, unseal(self->seal, &self->row));
}

TEST_F(seal, same_blob_is_never_sealed_the_same)
{
	uint8_t again[64];
	struct parsec_out out = { again, sizeof(again), 0 };

	ASSERT_EQ(PARSEC_SUCCESS,
		  row_seal(self->seal, &self->row,
			   (struct parsec_span){ secret, sizeof(secret) }, &out));
	EXPECT_NE(0, memcmp(again, self->data, out.len));
}

TEST_F(seal, every_changed_bit_is_detected)
{
	for (size_t i = 0; i < 8 * self->sealed.len; i++) {
		self->data[i / 8] ^= (uint8_t)(1 << i % 8);
		EXPECT_EQ(PARSEC_PSA_ERROR_DATA_CORRUPT, unseal(self->seal, &self->row));
		self->data[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (; self->row.sealed.len; self->row.sealed.len--) {
		if (self->row.sealed.len < self->sealed.len)
			EXPECT_EQ(PARSEC_PSA_ERROR_DATA_CORRUPT,
				  unseal(self->seal, &self->row));
	}
}

TEST_F(seal, row_is_bound_to_whose_key_it_is)
{
	struct kim_row row = self->row;

#define EXPECT_BOUND(change) do { \
	row = self->row; \
	change; \
	EXPECT_EQ(PARSEC_PSA_ERROR_DATA_CORRUPT, unseal(self->seal, &row)) { \
		TH_LOG(#change); \
	} \
} while (0)
	EXPECT_BOUND(row.key.auth_id++);
	EXPECT_BOUND(row.key.app.len--);
	EXPECT_BOUND(row.key.app = row.key.name);
	EXPECT_BOUND(row.key.name.len--);
	EXPECT_BOUND(row.key.name = row.key.app);
	EXPECT_BOUND(row.id[15]++);
	EXPECT_BOUND(row.attrs.type++);
	EXPECT_BOUND(row.attrs.family++);
	EXPECT_BOUND(row.attrs.bits++);
	EXPECT_BOUND(row.attrs.usage |= PARSEC_USAGE_EXPORT);
	EXPECT_BOUND(row.attrs.alg.kind++);
	EXPECT_BOUND(row.attrs.alg.scheme++);
	EXPECT_BOUND(row.attrs.alg.hash++);
	EXPECT_BOUND(row.attrs.alg.kdf++);
	EXPECT_BOUND(row.attrs.alg.length++);
	EXPECT_EQ(PARSEC_SUCCESS, unseal(self->seal, &self->row));
}

TEST_F(seal, row_is_bound_to_the_provider)
{
	struct row_seal *other;

	ASSERT_EQ(PARSEC_SUCCESS, row_seal_open(self->dir, false, UUID, "other", &other));
	EXPECT_EQ(PARSEC_PSA_ERROR_DATA_CORRUPT, unseal(other, &self->row));
	row_seal_close(other);
	ASSERT_EQ(PARSEC_SUCCESS,
		  row_seal_open(self->dir, false, "df93d95d-8086-43a7-a5dd-dc5ef3412819",
				"fake", &other));
	EXPECT_EQ(PARSEC_PSA_ERROR_DATA_CORRUPT, unseal(other, &self->row));
	row_seal_close(other);
}

TEST_F(seal, master_key_is_kept_and_the_owner_s_alone)
{
	struct row_seal *again;
	struct stat st;

	ASSERT_EQ(0, stat(self->path, &st));
	EXPECT_EQ(0600, st.st_mode & 07777);
	EXPECT_EQ(32, st.st_size);
	ASSERT_EQ(PARSEC_SUCCESS, row_seal_open(self->dir, true, UUID, "fake", &again));
	EXPECT_EQ(PARSEC_SUCCESS, unseal(again, &self->row));
	row_seal_close(again);
}

TEST_F(seal, bad_master_keys_are_refused)
{
	struct row_seal *again;
	char target[128];

	ASSERT_EQ(0, chmod(self->path, 0604));
	EXPECT_EQ(PARSEC_KEY_INFO_MANAGER_ERROR,
		  row_seal_open(self->dir, true, UUID, "fake", &again));
	ASSERT_EQ(0, chmod(self->path, 0600));
	ASSERT_EQ(0, truncate(self->path, 31));
	EXPECT_EQ(PARSEC_KEY_INFO_MANAGER_ERROR,
		  row_seal_open(self->dir, true, UUID, "fake", &again));
	ASSERT_EQ(0, truncate(self->path, 33));
	EXPECT_EQ(PARSEC_KEY_INFO_MANAGER_ERROR,
		  row_seal_open(self->dir, true, UUID, "fake", &again));
	ASSERT_EQ(0, truncate(self->path, 32));
	snprintf(target, sizeof(target), "%s/elsewhere", self->dir);
	ASSERT_EQ(0, rename(self->path, target));
	ASSERT_EQ(0, symlink(target, self->path));
	EXPECT_EQ(PARSEC_KEY_INFO_MANAGER_ERROR,
		  row_seal_open(self->dir, true, UUID, "fake", &again));
	ASSERT_EQ(0, unlink(self->path));
	EXPECT_EQ(PARSEC_KEY_INFO_MANAGER_ERROR,
		  row_seal_open(self->dir, false, UUID, "fake", &again));
}

TEST_F(seal, half_written_master_key_of_a_crash_is_replaced)
{
	struct row_seal *again;
	char half[128];
	int fd;

	ASSERT_EQ(0, unlink(self->path));
	snprintf(half, sizeof(half), "%s.new", self->path);
	fd = open(half, O_CREAT | O_WRONLY, 0600);
	ASSERT_EQ(3, write(fd, "abc", 3));
	close(fd);
	ASSERT_EQ(PARSEC_SUCCESS, row_seal_open(self->dir, true, UUID, "fake", &again));
	row_seal_close(again);
	EXPECT_EQ(-1, access(half, F_OK));
}

TEST_HARNESS_MAIN
