// SPDX-License-Identifier: Apache-2.0
/*
 * The key store over a provider that can be told to fail: what names mean, whose
 * they are, and what happens to loaded keys.
 */
#include "kselftest_harness.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/keystore_private.h"
#include "helper/log.h"
#include "selftests/unit/fake_provider.h"

FIXTURE(keystore)
{
	char dir[64];
	struct plugin plugin;
	struct keystore *store;
	uint8_t id[PARSEC_BACKEND_ID_SIZE];
	struct keystore_key *key;
	char list[256];
};

static enum parsec_status open_store(struct plugin *plugin, const char *dir,
				     struct keystore **store)
{
	if (!plugin->ops &&
	    plugin_open(plugin, &fake_token, NULL, NULL, 0, dir) != PARSEC_SUCCESS)
		return PARSEC_PSA_ERROR_GENERIC_ERROR;
	return keystore_open(plugin, "token", dir, store);
}

FIXTURE_SETUP(keystore)
{
	log_init("test", PARSEC_LOG_ERROR, false);
	make_dir(self->dir);
	ASSERT_EQ(PARSEC_SUCCESS, open_store(&self->plugin, self->dir, &self->store));
}

FIXTURE_TEARDOWN(keystore)
{
	keystore_close(self->store);
	EXPECT_EQ(0, fake.loaded);
	plugin_close(&self->plugin);
	remove_dir(self->dir);
}

#define KEY(app, name)	({ static struct key_identity k; k = key_named(app, name); &k; })
#define CREATE(app, name) \
	keystore_create(self->store, KEY(app, name), &some_attributes, self->id)
#define DESTROY(app, name)	keystore_destroy(self->store, KEY(app, name))
#define GET(app, name)	keystore_get(self->store, KEY(app, name), &self->key)
#define PUT()		keystore_put(self->store, self->key)
#define REOPEN() do { \
	keystore_close(self->store); \
	self->store = NULL; \
	ASSERT_EQ(PARSEC_SUCCESS, open_store(&self->plugin, self->dir, &self->store)); \
} while (0)

static enum parsec_status append(void *arg, struct parsec_span name,
				 const struct parsec_key_attributes *attrs)
{
	char *list = arg;

	if (attrs->bits != 256)
		return PARSEC_PSA_ERROR_GENERIC_ERROR;
	snprintf(list + strlen(list), 256 - strlen(list), "%.*s,", (int)name.len, name.data);
	return PARSEC_SUCCESS;
}

#define LIST(app) ({ \
	self->list[0] = 0; \
	EXPECT_EQ(PARSEC_SUCCESS, keystore_list(self->store, KEY(app, ""), append, \
						self->list)); \
	self->list; \
})

TEST_F(keystore, created_key_is_usable_with_its_attributes)
{
	ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
	ASSERT_EQ(PARSEC_SUCCESS, GET("1000", "web"));
	EXPECT_EQ(0, memcmp(&some_attributes, &self->key->attrs, sizeof(some_attributes)));
	EXPECT_EQ(0, memcmp(self->id, self->key->key->id, sizeof(self->id)));
	PUT();
}

TEST_F(keystore, key_outlives_the_process)
{
	ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
	REOPEN();
	ASSERT_EQ(PARSEC_SUCCESS, GET("1000", "web"));
	EXPECT_EQ(0, memcmp(self->id, self->key->key->id, sizeof(self->id)));
	PUT();
}

static unsigned int bytes_that_differ(const uint8_t *a, const uint8_t *b, size_t len)
{
	unsigned int count = 0;

	while (len--)
		count += a[len] != b[len];
	return count;
}

/* Whoever shares the backend cannot guess it, and the next one does not follow either */
TEST_F(keystore, id_in_the_backend_is_random)
{
	uint8_t ids[3][PARSEC_BACKEND_ID_SIZE];

	for (size_t i = 0; i < 3; i++) {
		ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
		memcpy(ids[i], self->id, sizeof(ids[i]));
		ASSERT_EQ(PARSEC_SUCCESS, DESTROY("1000", "web"));
	}
	EXPECT_LT(8, bytes_that_differ(ids[0], ids[1], sizeof(ids[0])));
	EXPECT_LT(8, bytes_that_differ(ids[1], ids[2], sizeof(ids[0])));
	EXPECT_LT(8, bytes_that_differ(ids[0], ids[2], sizeof(ids[0])));
}

#define SECRET	"what the key consists of"

static enum parsec_status create_with_secret(struct parsec_provider_ctx *ctx,
					     const uint8_t id[PARSEC_BACKEND_ID_SIZE],
					     const struct parsec_key_attributes *attrs,
					     struct parsec_out *blob)
{
	enum parsec_status status = fake_token.create(ctx, id, attrs, blob);

	memcpy(blob->data, SECRET, strlen(SECRET));
	blob->len = strlen(SECRET);
	return status;
}

/* Is this in a file of the store? */
static bool is_in_files(const char *path, const char *text)
{
	static char content[1 << 20];
	DIR *dir = opendir(path);
	bool found = false;

	if (!dir)
		abort();
	for (struct dirent *entry; (entry = readdir(dir));) {
		int fd = openat(dirfd(dir), entry->d_name, O_RDONLY);
		ssize_t len = read(fd, content, sizeof(content));

		found = found || (len > 0 && memmem(content, (size_t)len, text, strlen(text)));
		close(fd);
	}
	closedir(dir);
	return found;
}

TEST_F(keystore, what_a_key_consists_of_cannot_be_read_from_its_files)
{
	const struct parsec_provider *ops = self->plugin.ops;
	struct parsec_provider with_secret = *ops;
	enum parsec_status status;

	with_secret.create = create_with_secret;
	self->plugin.ops = &with_secret;
	status = CREATE("1000", "a name to be found");
	self->plugin.ops = ops;
	ASSERT_EQ(PARSEC_SUCCESS, status);
	EXPECT_TRUE(is_in_files(self->dir, "a name to be found"));
	EXPECT_FALSE(is_in_files(self->dir, SECRET));
	REOPEN();
	EXPECT_FALSE(is_in_files(self->dir, SECRET));
}

TEST_F(keystore, keys_are_those_of_the_uuid_they_were_made_under)
{
	const char *uuid = self->plugin.uuid;

	ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
	keystore_close(self->store);
	self->plugin.uuid = "4f0a1d5e-3a52-4c0b-9f0e-7f5b1f0c9a11";
	EXPECT_EQ(PARSEC_KEY_INFO_MANAGER_ERROR,
		  open_store(&self->plugin, self->dir, &self->store));
	self->plugin.uuid = uuid;
	ASSERT_EQ(PARSEC_SUCCESS, open_store(&self->plugin, self->dir, &self->store));
	ASSERT_EQ(PARSEC_SUCCESS, GET("1000", "web"));
	PUT();
}

TEST_F(keystore, taken_name_is_refused_and_nothing_changes)
{
	uint8_t first[PARSEC_BACKEND_ID_SIZE];

	ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
	memcpy(first, self->id, sizeof(first));
	EXPECT_EQ(PARSEC_PSA_ERROR_ALREADY_EXISTS, CREATE("1000", "web"));
	EXPECT_EQ(1, fake_count(self->dir));
	ASSERT_EQ(PARSEC_SUCCESS, GET("1000", "web"));
	EXPECT_EQ(0, memcmp(first, self->key->key->id, sizeof(first)));
	PUT();
}

TEST_F(keystore, applications_do_not_see_each_other)
{
	struct key_identity other = key_named("1000", "web");

	ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, GET("1001", "web"));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, GET("100", "0web"));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, DESTROY("1001", "web"));
	EXPECT_STREQ("", LIST("1001"));
	other.auth_id = 1;
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST,
		  keystore_get(self->store, &other, &self->key));
	EXPECT_EQ(PARSEC_SUCCESS, CREATE("1001", "web"));
	EXPECT_EQ(2, fake_count(self->dir));
}

TEST_F(keystore, names_are_bytes)
{
	static const char path[] = "../../etc/passwd", quoted[] = "a'b\"; DROP TABLE key; --";
	struct key_identity with_nul = {
		.auth_id = 3, .app = { (const uint8_t *)"a\0b", 3 },
		.name = { (const uint8_t *)"c\0d", 3 },
	};

	EXPECT_EQ(PARSEC_SUCCESS, CREATE("", path));
	EXPECT_EQ(PARSEC_SUCCESS, CREATE(quoted, quoted));
	EXPECT_EQ(PARSEC_SUCCESS, CREATE(path, "\xc3\xa4\xe2\x82\xac"));
	EXPECT_EQ(PARSEC_SUCCESS, keystore_create(self->store, &with_nul, &some_attributes,
						  self->id));
	with_nul.name.len = 1;
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST,
		  keystore_get(self->store, &with_nul, &self->key));
	ASSERT_EQ(PARSEC_SUCCESS, GET(quoted, quoted));
	PUT();
}

TEST_F(keystore, longest_name_works)
{
	static char name[PARSEC_KEY_NAME_MAX + 1];

	memset(name, 'n', PARSEC_KEY_NAME_MAX);
	ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", name));
	name[PARSEC_KEY_NAME_MAX - 1] = 'm';
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, GET("1000", name));
	name[PARSEC_KEY_NAME_MAX - 1] = 'n';
	ASSERT_EQ(PARSEC_SUCCESS, GET("1000", name));
	PUT();
}

TEST_F(keystore, destroyed_key_is_gone_and_its_name_free)
{
	ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
	ASSERT_EQ(PARSEC_SUCCESS, GET("1000", "web"));
	PUT();
	EXPECT_EQ(PARSEC_SUCCESS, DESTROY("1000", "web"));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, GET("1000", "web"));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, DESTROY("1000", "web"));
	EXPECT_EQ(0, fake_count(self->dir));
	EXPECT_EQ(0, fake.loaded);
	EXPECT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
}

TEST_F(keystore, recreated_name_is_the_new_key)
{
	ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
	ASSERT_EQ(PARSEC_SUCCESS, GET("1000", "web"));
	PUT();
	ASSERT_EQ(PARSEC_SUCCESS, DESTROY("1000", "web"));
	ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
	ASSERT_EQ(PARSEC_SUCCESS, GET("1000", "web"));
	EXPECT_EQ(0, memcmp(self->id, self->key->key->id, sizeof(self->id)));
	PUT();
}

TEST_F(keystore, key_destroyed_in_use_stays_valid_until_it_is_put)
{
	ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
	ASSERT_EQ(PARSEC_SUCCESS, GET("1000", "web"));
	ASSERT_EQ(PARSEC_SUCCESS, DESTROY("1000", "web"));
	EXPECT_EQ(1, fake.loaded);
	EXPECT_EQ(FAKE_MAGIC, self->key->key->magic);
	PUT();
	EXPECT_EQ(0, fake.loaded);
}

TEST_F(keystore, import_stores_the_real_size)
{
	static const uint8_t data[32];
	struct parsec_key_attributes attrs = some_attributes;

	attrs.bits = 0;
	ASSERT_EQ(PARSEC_SUCCESS,
		  keystore_import(self->store, KEY("1000", "web"), &attrs,
				  (struct parsec_span){ data, sizeof(data) }, self->id));
	EXPECT_EQ(256, attrs.bits);
	EXPECT_STREQ("web,", LIST("1000"));
}

TEST_F(keystore, failed_create_leaves_the_name_free)
{
	fake.create = PARSEC_PSA_ERROR_NOT_SUPPORTED;
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED, CREATE("1000", "web"));
	fake.create = PARSEC_SUCCESS;
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, GET("1000", "web"));
	EXPECT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
	EXPECT_EQ(1, fake_count(self->dir));
}

TEST_F(keystore, failed_import_leaves_the_name_free)
{
	struct parsec_key_attributes attrs = some_attributes;

	fake.import = PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  keystore_import(self->store, KEY("1000", "web"), &attrs,
				  (struct parsec_span){ NULL, 0 }, self->id));
	EXPECT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
}

TEST_F(keystore, key_that_cannot_be_stored_is_taken_back)
{
	fake.blob_len = PARSEC_BLOB_MAX + 1;
	EXPECT_EQ(PARSEC_PSA_ERROR_GENERIC_ERROR, CREATE("1000", "web"));
	fake.blob_len = 0;
	EXPECT_EQ(0, fake_count(self->dir));
	EXPECT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
}

TEST_F(keystore, failed_destroy_frees_the_name_and_is_tried_again)
{
	ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
	fake.destroy = PARSEC_PSA_ERROR_COMMUNICATION_FAILURE;
	EXPECT_EQ(PARSEC_PSA_ERROR_COMMUNICATION_FAILURE, DESTROY("1000", "web"));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, GET("1000", "web"));
	EXPECT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
	EXPECT_EQ(2, fake_count(self->dir));

	/* Not at once */
	fake.destroys = 0;
	fake.destroy = PARSEC_SUCCESS;
	EXPECT_EQ(PARSEC_SUCCESS, CREATE("1000", "mail"));
	EXPECT_EQ(0, fake.destroys);
	/* After the pause */
	self->store->retry_at = 0;
	EXPECT_EQ(PARSEC_SUCCESS, CREATE("1000", "news"));
	EXPECT_EQ(1, fake.destroys);
	EXPECT_EQ(3, fake_count(self->dir));
	EXPECT_STREQ("mail,news,web,", LIST("1000"));
}

TEST_F(keystore, failed_destroy_is_tried_again_at_the_next_start)
{
	ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
	fake.destroy = PARSEC_PSA_ERROR_COMMUNICATION_FAILURE;
	EXPECT_EQ(PARSEC_PSA_ERROR_COMMUNICATION_FAILURE, DESTROY("1000", "web"));
	REOPEN();
	EXPECT_EQ(1, fake_count(self->dir));
	fake.destroy = PARSEC_SUCCESS;
	REOPEN();
	EXPECT_EQ(0, fake_count(self->dir));
}

TEST_F(keystore, undo_removes_the_key_that_was_made)
{
	ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
	keystore_undo(self->store, KEY("1000", "web"), self->id);
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, GET("1000", "web"));
	EXPECT_EQ(0, fake_count(self->dir));
}

TEST_F(keystore, undo_spares_another_key_of_the_name)
{
	uint8_t first[PARSEC_BACKEND_ID_SIZE];

	ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
	memcpy(first, self->id, sizeof(first));
	ASSERT_EQ(PARSEC_SUCCESS, DESTROY("1000", "web"));
	ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
	keystore_undo(self->store, KEY("1000", "web"), first);
	ASSERT_EQ(PARSEC_SUCCESS, GET("1000", "web"));
	PUT();
}

TEST_F(keystore, list_is_in_order_and_complete)
{
	char name[8];

	for (int i = 30; i > 0; i--) {
		snprintf(name, sizeof(name), "k%02d", i);
		ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", name));
	}
	ASSERT_EQ(PARSEC_SUCCESS, DESTROY("1000", "k15"));
	LIST("1000");
	EXPECT_EQ(29 * 4, strlen(self->list));
	EXPECT_EQ(0, strncmp("k01,k02,k03,", self->list, 12));
	EXPECT_EQ(NULL, strstr(self->list, "k15"));
}

static enum parsec_status refuse(void *arg, struct parsec_span name,
				 const struct parsec_key_attributes *attrs)
{
	++*(int *)arg;
	return PARSEC_RESPONSE_TOO_LARGE;
}

TEST_F(keystore, list_ends_when_it_is_told_to)
{
	int calls = 0;

	ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", "a"));
	ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", "b"));
	EXPECT_EQ(PARSEC_RESPONSE_TOO_LARGE,
		  keystore_list(self->store, KEY("1000", ""), refuse, &calls));
	EXPECT_EQ(1, calls);
}

TEST_F(keystore, loaded_key_is_loaded_once)
{
	ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
	for (int i = 0; i < 10; i++) {
		ASSERT_EQ(PARSEC_SUCCESS, GET("1000", "web"));
		PUT();
	}
	EXPECT_EQ(1, fake.loads);
}

TEST_F(keystore, failed_load_is_not_remembered)
{
	ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
	fake.load = PARSEC_PSA_ERROR_HARDWARE_FAILURE;
	EXPECT_EQ(PARSEC_PSA_ERROR_HARDWARE_FAILURE, GET("1000", "web"));
	fake.load = PARSEC_SUCCESS;
	ASSERT_EQ(PARSEC_SUCCESS, GET("1000", "web"));
	PUT();
}

TEST_F(keystore, names_whose_key_is_gone_are_removed_at_start)
{
	char command[128];

	ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
	snprintf(command, sizeof(command), "rm %s/????????????????????????????????", self->dir);
	ASSERT_EQ(0, system(command));
	ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", "mail"));
	REOPEN();
	EXPECT_STREQ("mail,", LIST("1000"));
	EXPECT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
}

TEST_F(keystore, names_stay_when_the_backend_cannot_tell)
{
	ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
	fake.exists = PARSEC_PSA_ERROR_COMMUNICATION_FAILURE;
	REOPEN();
	EXPECT_STREQ("web,", LIST("1000"));
}

TEST_F(keystore, missing_master_key_is_an_error_and_no_new_one_is_made)
{
	char path[96];

	ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
	keystore_close(self->store);
	snprintf(path, sizeof(path), "%s/master.key", self->dir);
	ASSERT_EQ(0, unlink(path));
	EXPECT_EQ(PARSEC_KEY_INFO_MANAGER_ERROR,
		  open_store(&self->plugin, self->dir, &self->store));
	EXPECT_EQ(-1, access(path, F_OK));
}

TEST_F(keystore, another_master_key_is_an_error)
{
	char path[96], random[32];
	int fd;

	ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
	keystore_close(self->store);
	snprintf(path, sizeof(path), "%s/master.key", self->dir);
	fd = open(path, O_WRONLY);
	memset(random, 7, sizeof(random));
	ASSERT_EQ(32, write(fd, random, sizeof(random)));
	close(fd);
	EXPECT_EQ(PARSEC_KEY_INFO_MANAGER_ERROR,
		  open_store(&self->plugin, self->dir, &self->store));
}

TEST_F(keystore, store_without_keys_may_get_a_new_master_key)
{
	char path[96];

	keystore_close(self->store);
	snprintf(path, sizeof(path), "%s/master.key", self->dir);
	ASSERT_EQ(0, unlink(path));
	ASSERT_EQ(PARSEC_SUCCESS, open_store(&self->plugin, self->dir, &self->store));
	ASSERT_EQ(PARSEC_SUCCESS, CREATE("1000", "web"));
	REOPEN();
	ASSERT_EQ(PARSEC_SUCCESS, GET("1000", "web"));
	PUT();
}

TEST_HARNESS_MAIN
