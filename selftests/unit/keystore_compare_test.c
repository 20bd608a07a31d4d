// SPDX-License-Identifier: Apache-2.0
/*
 * Names against backend keys: each that is without the other is found, and none that has
 * just been made or removed.
 */
#include "kselftest_harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "helper/keystore_private.h"
#include "helper/log.h"
#include "selftests/unit/fake_provider.h"

/* More than a test lasts */
#define ENOUGH	600

FIXTURE(compare)
{
	char dir[64];
	struct plugin plugin;
	struct keystore *store;
	struct keystore_comparison is;
	uint8_t id[PARSEC_BACKEND_ID_SIZE];
};

/* What the sink was told: "-app/name" and "+id", and what hooks work on */
static struct {
	char told[512];
	struct keystore *store;
} world;

static void hex_of(const uint8_t id[PARSEC_BACKEND_ID_SIZE],
		   char hex[2 * PARSEC_BACKEND_ID_SIZE + 1])
{
	for (size_t i = 0; i < PARSEC_BACKEND_ID_SIZE; i++)
		sprintf(hex + 2 * i, "%02x", id[i]);
}

static void hear_missing(void *arg, const struct key_identity *id,
			 const uint8_t backend_id[PARSEC_BACKEND_ID_SIZE])
{
	char *end = world.told + strlen(world.told);

	(void)arg;
	(void)backend_id;
	snprintf(end, 64, "-%.*s/%.*s", (int)id->app.len, (const char *)id->app.data,
		 (int)id->name.len, (const char *)id->name.data);
}

static void hear_stranger(void *arg, const uint8_t backend_id[PARSEC_BACKEND_ID_SIZE])
{
	char hex[2 * PARSEC_BACKEND_ID_SIZE + 1];

	(void)arg;
	hex_of(backend_id, hex);
	snprintf(world.told + strlen(world.told), 64, "+%s", hex);
}

static const struct keystore_compare_sink sink = { hear_missing, hear_stranger, NULL };

static void start(struct __test_metadata *_metadata, FIXTURE_DATA(compare) *self,
		  const struct parsec_provider *provider)
{
	ASSERT_EQ(PARSEC_SUCCESS, plugin_open(&self->plugin, provider, NULL, NULL, 0, self->dir));
	ASSERT_EQ(PARSEC_SUCCESS, keystore_open(&self->plugin, "token", self->dir, &self->store));
	world.store = self->store;
}

static void stop(FIXTURE_DATA(compare) *self)
{
	keystore_close(self->store);
	plugin_close(&self->plugin);
}

FIXTURE_SETUP(compare)
{
	log_init("test", PARSEC_LOG_ERROR, false);
	make_dir(self->dir);
	world.told[0] = '\0';
	start(_metadata, self, &fake_token);
}

FIXTURE_TEARDOWN(compare)
{
	fake = (struct fake_control){ 0 };
	stop(self);
	remove_dir(self->dir);
}

static enum parsec_status create(struct keystore *store, const char *name)
{
	const struct key_identity id = key_named("app", name);
	uint8_t backend_id[PARSEC_BACKEND_ID_SIZE];

	return keystore_create(store, &id, &some_attributes, backend_id);
}

static void destroy(const char *name)
{
	const struct key_identity id = key_named("app", name);

	keystore_destroy(world.store, &id);
}

/* The file of a backend key: made, or removed behind the store's back */
static bool touch(const char *dir, const uint8_t id[PARSEC_BACKEND_ID_SIZE], bool there)
{
	char hex[2 * PARSEC_BACKEND_ID_SIZE + 1], path[128];
	int fd;

	hex_of(id, hex);
	snprintf(path, sizeof(path), "%s/%s", dir, hex);
	if (!there)
		return !unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return fd >= 0 && !close(fd);
}

/* The backend key of a name is removed behind the store's back */
static bool lose(FIXTURE_DATA(compare) *self, const char *name)
{
	const struct key_identity id = key_named("app", name);
	struct kim_row row;
	bool good = kim_get(self->store->kim, &id, &row) == PARSEC_SUCCESS &&
		    touch(self->dir, row.id, false);

	kim_row_free(&row);
	return good;
}

#define COMPARE()	keystore_compare(self->store, ENOUGH, &sink, &self->is)
#define COUNTS(k, m, s, u) do { \
	EXPECT_EQ(k, self->is.keys); \
	EXPECT_EQ(m, self->is.missing); \
	EXPECT_EQ(s, self->is.strangers); \
	EXPECT_EQ(u, self->is.unknown); \
} while (0)

TEST_F(compare, what_agrees_is_neither)
{
	ASSERT_EQ(PARSEC_SUCCESS, COMPARE());
	COUNTS(0, 0, 0, 0);
	EXPECT_TRUE(self->is.lists);
	ASSERT_EQ(PARSEC_SUCCESS, create(self->store, "one"));
	ASSERT_EQ(PARSEC_SUCCESS, create(self->store, "two"));
	destroy("one");
	ASSERT_EQ(PARSEC_SUCCESS, COMPARE());
	COUNTS(1, 0, 0, 0);
	EXPECT_STREQ("", world.told);
}

TEST_F(compare, a_name_without_a_key_is_missing)
{
	ASSERT_EQ(PARSEC_SUCCESS, create(self->store, "one"));
	ASSERT_EQ(PARSEC_SUCCESS, create(self->store, "two"));
	ASSERT_TRUE(lose(self, "two"));
	ASSERT_EQ(PARSEC_SUCCESS, COMPARE());
	COUNTS(2, 1, 0, 0);
	EXPECT_STREQ("-app/two", world.told);
	/* Nothing is changed */
	ASSERT_EQ(PARSEC_SUCCESS, COMPARE());
	COUNTS(2, 1, 0, 0);
}

TEST_F(compare, a_key_without_a_name_is_a_stranger)
{
	const uint8_t id[PARSEC_BACKEND_ID_SIZE] = { 0xab, [15] = 0x01 };

	ASSERT_EQ(PARSEC_SUCCESS, create(self->store, "one"));
	ASSERT_TRUE(touch(self->dir, id, true));
	ASSERT_EQ(PARSEC_SUCCESS, COMPARE());
	COUNTS(1, 0, 1, 0);
	EXPECT_STREQ("+ab000000000000000000000000000001", world.told);
	EXPECT_EQ(2, fake_count(self->dir));
}

/* A row that waits for its end is one: its key is nobody's problem */
TEST_F(compare, a_key_that_is_being_removed_is_no_stranger)
{
	ASSERT_EQ(PARSEC_SUCCESS, create(self->store, "one"));
	fake.destroy = PARSEC_PSA_ERROR_STORAGE_FAILURE;
	destroy("one");
	ASSERT_EQ(1, fake_count(self->dir));
	ASSERT_EQ(PARSEC_SUCCESS, COMPARE());
	COUNTS(0, 0, 0, 0);
}

static void destroy_one(void)
{
	fake.on_list = NULL;
	fake.on_exists = NULL;
	destroy("one");
}

TEST_F(compare, a_key_that_goes_meanwhile_is_neither)
{
	ASSERT_EQ(PARSEC_SUCCESS, create(self->store, "one"));
	fake.on_list = destroy_one;
	ASSERT_EQ(PARSEC_SUCCESS, COMPARE());
	COUNTS(0, 0, 0, 0);
	ASSERT_EQ(PARSEC_SUCCESS, create(self->store, "one"));
	fake.on_exists = destroy_one;
	ASSERT_EQ(PARSEC_SUCCESS, COMPARE());
	COUNTS(0, 0, 0, 0);
	EXPECT_EQ(0, fake_count(self->dir));
}

static void create_one(void)
{
	fake.on_list = NULL;
	create(world.store, "one");
}

TEST_F(compare, a_key_that_comes_meanwhile_is_there)
{
	fake.on_list = create_one;
	ASSERT_EQ(PARSEC_SUCCESS, COMPARE());
	COUNTS(1, 0, 0, 0);
}

TEST_F(compare, what_the_backend_cannot_tell_is_unknown)
{
	const uint8_t id[PARSEC_BACKEND_ID_SIZE] = { 1 };

	ASSERT_EQ(PARSEC_SUCCESS, create(self->store, "one"));
	ASSERT_TRUE(touch(self->dir, id, true));
	fake.exists = PARSEC_PSA_ERROR_HARDWARE_FAILURE;
	ASSERT_EQ(PARSEC_SUCCESS, COMPARE());
	COUNTS(1, 0, 0, 2);
	fake.exists = PARSEC_SUCCESS;
	fake.list = PARSEC_PSA_ERROR_HARDWARE_FAILURE;
	fake.calls = 0;
	EXPECT_EQ(PARSEC_PSA_ERROR_HARDWARE_FAILURE, COMPARE());
	/* It was not asked about each key as well */
	EXPECT_EQ(0, fake.calls);
}

TEST_F(compare, what_is_not_done_in_time_is_unknown)
{
	const uint8_t id[PARSEC_BACKEND_ID_SIZE] = { 1 };

	ASSERT_EQ(PARSEC_SUCCESS, create(self->store, "one"));
	ASSERT_TRUE(touch(self->dir, id, true));
	fake.calls = 0;
	ASSERT_EQ(PARSEC_SUCCESS, keystore_compare(self->store, 0, &sink, &self->is));
	COUNTS(1, 0, 0, 2);
	EXPECT_EQ(0, fake.calls);
}

/* More than fit at first, and each of them once */
TEST_F(compare, many_are_told_apart)
{
	uint8_t id[PARSEC_BACKEND_ID_SIZE] = { 7 };
	char name[16];

	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "key %d", i);
		ASSERT_EQ(PARSEC_SUCCESS, create(self->store, name));
	}
	for (int i = 0; i < 5; i++) {
		id[1] = (uint8_t)i;
		ASSERT_TRUE(touch(self->dir, id, true));
		snprintf(name, sizeof(name), "key %d", 50 * i);
		ASSERT_TRUE(lose(self, name));
	}
	ASSERT_EQ(PARSEC_SUCCESS, COMPARE());
	COUNTS(300, 5, 5, 0);
}

TEST_F(compare, a_backend_that_cannot_list_has_no_strangers_to_tell)
{
	struct parsec_provider provider = fake_token;

	provider.list = NULL;
	stop(self);
	start(_metadata, self, &provider);
	ASSERT_EQ(PARSEC_SUCCESS, create(self->store, "one"));
	ASSERT_TRUE(lose(self, "one"));
	ASSERT_EQ(PARSEC_SUCCESS, COMPARE());
	COUNTS(1, 1, 0, 0);
	EXPECT_FALSE(self->is.lists);
	/* The table goes with this function */
	stop(self);
	start(_metadata, self, &fake_token);
}

TEST_F(compare, keys_in_blobs_cannot_be_anywhere_else)
{
	remove_dir(self->dir);
	stop(self);
	make_dir(self->dir);
	start(_metadata, self, &fake_software);
	ASSERT_EQ(PARSEC_SUCCESS, create(self->store, "one"));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED, COMPARE());
	EXPECT_EQ(0, self->is.keys);
}

TEST_HARNESS_MAIN
