// SPDX-License-Identifier: Apache-2.0
/*
 * Providers that must be refused, each with one line that says why; and the gate that
 * holds callers to a provider's concurrency.
 */
#include "kselftest_harness.h"

#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/log.h"
#include "helper/plugin.h"

static struct parsec_capabilities given;
static struct parsec_capability row;
static enum parsec_status open_status;
static int opened;

static enum parsec_status fake_open(const struct parsec_provider_host *host,
				    const struct parsec_option *options, size_t count,
				    struct parsec_provider_ctx **ctx)
{
	*ctx = NULL;
	if (open_status == PARSEC_SUCCESS)
		opened++;
	return open_status;
}

static void fake_close(struct parsec_provider_ctx *ctx)
{
	opened--;
}

static void fake_capabilities(struct parsec_provider_ctx *ctx,
			      struct parsec_capabilities *caps)
{
	*caps = given;
}

/* Never called: only that they are there matters */
#define PRESENT(type)	((type)(uintptr_t)fake_close)

FIXTURE(plugin)
{
	struct parsec_provider table;
	struct plugin plugin;
	int errors;
	char log[4096];
};

FIXTURE_SETUP(plugin)
{
	int fds[2];

	log_init("test", PARSEC_LOG_ERROR, false);
	self->table = (struct parsec_provider){
		.abi = PARSEC_PROVIDER_ABI,
		.uuid = "0c7ed9ba-4f3f-4a8a-9c3b-0e2a1c6a7f10",
		.description = "Fake provider",
		.vendor = "Tests",
		.open = fake_open,
		.close = fake_close,
		.capabilities = fake_capabilities,
		.create = PRESENT(__typeof__(self->table.create)),
		.import = PRESENT(__typeof__(self->table.import)),
		.destroy = PRESENT(__typeof__(self->table.destroy)),
		.load = PRESENT(__typeof__(self->table.load)),
		.unload = PRESENT(__typeof__(self->table.unload)),
		.export_public = PRESENT(__typeof__(self->table.export_public)),
		.export = PRESENT(__typeof__(self->table.export)),
		.sign = PRESENT(__typeof__(self->table.sign)),
		.verify = PRESENT(__typeof__(self->table.verify)),
	};
	row = (struct parsec_capability){
		.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR,
		.family = PARSEC_ECC_SECP_R1,
		.bits = { 256 },
		.alg_kind = PARSEC_ALG_SIGNATURE,
		.scheme = PARSEC_SIGN_ECDSA,
		.hashes = PARSEC_HASH_BIT(PARSEC_HASH_SHA_256),
		.can = PARSEC_CAN_GENERATE | PARSEC_CAN_SIGN,
	};
	given = (struct parsec_capabilities){ &row, 1, PARSEC_CONCURRENCY_FULL };
	/* What is logged is read back */
	ASSERT_EQ(0, pipe(fds));
	dup2(fds[1], STDERR_FILENO);
	close(fds[1]);
	self->errors = fds[0];
}

FIXTURE_TEARDOWN(plugin)
{
	EXPECT_EQ(0, opened);
}

/* The one line logged, which must have @about in it and, after a semicolon, what to do */
#define EXPECT_LINE(about) do { \
	ssize_t got; \
	fflush(stderr); \
	close(STDERR_FILENO); \
	got = read(self->errors, self->log, sizeof(self->log) - 1); \
	dup2(STDOUT_FILENO, STDERR_FILENO); \
	self->log[got > 0 ? got : 0] = 0; \
	EXPECT_NE(NULL, strstr(self->log, about)) { \
		TH_LOG("logged: %s", self->log); \
	} \
	EXPECT_NE(NULL, strstr(self->log, "; ")) { \
		TH_LOG("logged: %s", self->log); \
	} \
	EXPECT_EQ(self->log + strlen(self->log) - 1, strchr(self->log, '\n')); \
} while (0)

#define OPEN()	plugin_open(&self->plugin, &self->table, NULL, NULL, 0, "/nonexistent")

#define EXPECT_REFUSED(about) do { \
	EXPECT_NE(PARSEC_SUCCESS, OPEN()); \
	EXPECT_LINE(about); \
} while (0)

TEST_F(plugin, complete_table_is_opened)
{
	ASSERT_EQ(PARSEC_SUCCESS, OPEN());
	EXPECT_EQ(1, self->plugin.caps.count);
	EXPECT_EQ(PARSEC_PROVIDER_ABI, self->plugin.host.abi);
	EXPECT_STREQ("/nonexistent", self->plugin.host.state_dir);
	plugin_close(&self->plugin);
}

TEST_F(plugin, failed_start_is_passed_on)
{
	open_status = PARSEC_PSA_ERROR_HARDWARE_FAILURE;
	EXPECT_EQ(PARSEC_PSA_ERROR_HARDWARE_FAILURE, OPEN());
	EXPECT_LINE("1147");
}

#define REFUSES(name, change, about) \
	TEST_F(plugin, refuses_##name) \
	{ \
		change; \
		EXPECT_REFUSED(about); \
	}

REFUSES(another_abi, self->table.abi++, "ABI")
REFUSES(missing_uuid, self->table.uuid = NULL, "uuid")
REFUSES(missing_description, self->table.description = NULL, "description")
REFUSES(missing_vendor, self->table.vendor = NULL, "vendor")
REFUSES(missing_open, self->table.open = NULL, "open()")
REFUSES(missing_close, self->table.close = NULL, "close()")
REFUSES(missing_capabilities, self->table.capabilities = NULL, "capabilities()")
REFUSES(creation_without_end, self->table.destroy = NULL, "destroy()")
REFUSES(list_without_exists, self->table.list = PRESENT(__typeof__(self->table.list)),
	"exists()")
REFUSES(load_without_unload, self->table.unload = NULL, "unload()")
REFUSES(use_without_load, self->table.load = NULL, "load()")
REFUSES(load_without_creation, self->table.create = NULL; self->table.import = NULL, "create()")
REFUSES(short_uuid, self->table.uuid = "0c7ed9ba-4f3f-4a8a-9c3b-0e2a1c6a7f1", "UUID")
REFUSES(upper_case_uuid, self->table.uuid = "0C7ED9BA-4f3f-4a8a-9c3b-0e2a1c6a7f10", "UUID")
REFUSES(uuid_with_other_digits, self->table.uuid = "0c7ed9ba-4f3f-4a8a-9c3b-0e2a1c6a7fxy",
	"UUID")
REFUSES(nil_uuid, self->table.uuid = "00000000-0000-0000-0000-000000000000", "nil UUID")
REFUSES(uuid_of_core, self->table.uuid = "47049873-2a43-4845-9d72-831eab668784", "UUID of core")
REFUSES(row_without_type, row.type = 0, "key type")
REFUSES(row_of_unknown_type, row.type = PARSEC_KEY_TYPE_LAST + 1, "key type")
REFUSES(row_without_family, row.family = 0, "family")
REFUSES(row_of_unknown_family, row.family = PARSEC_ECC_LAST + 1, "family")
REFUSES(rsa_row_with_family, row.type = PARSEC_KEY_TYPE_RSA_KEY_PAIR, "family")
REFUSES(row_without_size, row.bits[0] = 0, "key sizes")
REFUSES(row_of_endless_sizes, memset(row.bits, 1, sizeof(row.bits)), "key sizes")
REFUSES(row_of_steps_without_end, row.bits_step = 8, "key sizes")
REFUSES(row_of_steps_that_miss_the_end, row.bits[1] = 300; row.bits_step = 8, "key sizes")
REFUSES(row_of_steps_and_single_sizes, row.bits[1] = 512; row.bits[2] = 521; row.bits_step = 8,
	"key sizes")
REFUSES(row_of_hash_algorithm, row.alg_kind = PARSEC_ALG_HASH, "algorithm")
REFUSES(row_of_unknown_algorithm, row.alg_kind = PARSEC_ALG_KEY_DERIVATION + 1, "algorithm")
REFUSES(row_without_scheme, row.scheme = 0, "algorithm")
REFUSES(row_of_unknown_scheme, row.scheme = PARSEC_SIGN_DETERMINISTIC_ECDSA + 1, "algorithm")
REFUSES(row_with_hash_none, row.hashes |= 1, "hash")
REFUSES(row_with_unknown_hash, row.hashes |= UINT32_C(1) << 16, "hash")
REFUSES(row_that_can_nothing, row.can = 0, "nothing")
REFUSES(row_that_can_something_unknown, row.can |= 1 << 10, "cannot")
REFUSES(signing_row_that_encrypts, row.can |= PARSEC_CAN_ENCRYPT, "cannot")
REFUSES(public_key_that_signs, row.type = PARSEC_KEY_TYPE_ECC_PUBLIC_KEY, "public key")
REFUSES(signature_with_other_algorithm,
	row.alg_kind = PARSEC_ALG_KEY_AGREEMENT; row.scheme = PARSEC_AGREE_ECDH, "cannot")
REFUSES(row_without_its_primitive, self->table.sign = NULL, "sign()")
REFUSES(mac_row_without_its_primitive,
	row.type = PARSEC_KEY_TYPE_HMAC; row.family = 0; row.alg_kind = PARSEC_ALG_MAC;
	row.scheme = PARSEC_MAC_HMAC, "mac()")
REFUSES(no_rows_where_some_are_counted, given.rows = NULL, "no rows")
REFUSES(unknown_concurrency, given.concurrency = 3, "concurrency")

/* Libraries lie beside this program */
static const char *library(const char *name)
{
	static char path[PATH_MAX], dir[PATH_MAX / 2];
	ssize_t len = readlink("/proc/self/exe", dir, sizeof(dir) - 1);

	dir[len > 0 ? len : 0] = 0;
	snprintf(path, sizeof(path), "%s/%s", dirname(dir), name);
	return path;
}

TEST_F(plugin, library_is_loaded_and_opened)
{
	const struct parsec_provider *ops;
	void *handle;

	ops = plugin_load(library("plugin_fake0.so"), &handle);
	ASSERT_NE(NULL, ops);
	ASSERT_EQ(PARSEC_SUCCESS,
		  plugin_open(&self->plugin, ops, handle, NULL, 0, "/nonexistent"));
	EXPECT_STREQ("Fake provider", self->plugin.ops->description);
	plugin_close(&self->plugin);
}

#define REFUSES_LIBRARY(name, file, about) \
	TEST_F(plugin, refuses_##name) \
	{ \
		void *handle; \
		EXPECT_EQ(NULL, plugin_load(file, &handle)); \
		EXPECT_EQ(NULL, handle); \
		EXPECT_LINE(about); \
	}

REFUSES_LIBRARY(library_of_another_abi, library("plugin_fake1.so"), "ABI")
REFUSES_LIBRARY(library_with_incomplete_table, library("plugin_fake2.so"), "vendor")
REFUSES_LIBRARY(library_that_is_no_provider, library("plugin_fake3.so"), "not a provider")
REFUSES_LIBRARY(file_that_is_no_library, "/etc/passwd", "/etc/passwd")
REFUSES_LIBRARY(missing_file, "/nonexistent/x.so", "/nonexistent/x.so")

TEST_F(plugin, operations_follow_from_the_rows)
{
	row.can = PARSEC_CAN_GENERATE | PARSEC_CAN_VERIFY;
	ASSERT_EQ(PARSEC_SUCCESS, OPEN());
	for (unsigned int opcode = 0; opcode < 256; opcode++) {
		bool expected = opcode == PARSEC_OP_PSA_GENERATE_KEY ||
				opcode == PARSEC_OP_PSA_DESTROY_KEY ||
				opcode == PARSEC_OP_PSA_VERIFY_HASH ||
				opcode == PARSEC_OP_PSA_VERIFY_MESSAGE ||
				opcode == PARSEC_OP_PSA_HASH_COMPUTE ||
				opcode == PARSEC_OP_PSA_HASH_COMPARE ||
				opcode == PARSEC_OP_CAN_DO_CRYPTO;

		EXPECT_EQ(expected, plugin_supports(&self->plugin, (uint8_t)opcode)) {
			TH_LOG("opcode %u", opcode);
		}
	}
	plugin_close(&self->plugin);
}

TEST_F(plugin, range_of_sizes_is_accepted)
{
	row.bits[1] = 512;
	row.bits_step = 64;
	ASSERT_EQ(PARSEC_SUCCESS, OPEN());
	plugin_close(&self->plugin);
}

TEST_F(plugin, mac_row_is_no_signature)
{
	self->table.mac = PRESENT(__typeof__(self->table.mac));
	row.type = PARSEC_KEY_TYPE_HMAC;
	row.family = 0;
	row.alg_kind = PARSEC_ALG_MAC;
	row.scheme = PARSEC_MAC_HMAC;
	ASSERT_EQ(PARSEC_SUCCESS, OPEN());
	EXPECT_TRUE(plugin_supports(&self->plugin, PARSEC_OP_PSA_MAC_COMPUTE));
	EXPECT_FALSE(plugin_supports(&self->plugin, PARSEC_OP_PSA_SIGN_HASH));
	plugin_close(&self->plugin);
}

TEST_F(plugin, random_needs_its_primitive_only)
{
	self->table.random = PRESENT(__typeof__(self->table.random));
	ASSERT_EQ(PARSEC_SUCCESS, OPEN());
	EXPECT_TRUE(plugin_supports(&self->plugin, PARSEC_OP_PSA_GENERATE_RANDOM));
	plugin_close(&self->plugin);
}

struct caller {
	struct plugin *plugin;
	pthread_mutex_t *lock;
	atomic_int *inside;
	atomic_int *most;
	int patience;
};

static void *call(void *arg)
{
	struct caller *caller = arg;

	plugin_enter(caller->plugin, caller->lock);
	if (atomic_fetch_add(caller->inside, 1))
		atomic_store(caller->most, 2);
	for (int i = 0; i < caller->patience && atomic_load(caller->most) < 2; i++)
		usleep(1000);
	atomic_fetch_sub(caller->inside, 1);
	plugin_leave(caller->plugin, caller->lock);
	return NULL;
}

/*
 * Most callers at a time, of two with the given key locks. One who ought to get company
 * waits for it, on a busy machine too.
 */
static int callers_at_once(struct plugin *plugin, int wanted, pthread_mutex_t *a,
			   pthread_mutex_t *b)
{
	int patience = wanted > 1 ? 20000 : 50;
	atomic_int inside = 0, most = 1;
	struct caller callers[2] = {
		{ plugin, a, &inside, &most, patience },
		{ plugin, b, &inside, &most, patience },
	};
	pthread_t threads[2];

	for (int i = 0; i < 2; i++) {
		if (pthread_create(&threads[i], NULL, call, &callers[i]))
			abort();
	}
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return most;
}

TEST_F(plugin, gate_lets_in_what_the_provider_wants)
{
	pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
	static const struct {
		enum parsec_concurrency concurrency;
		int same_key, other_key, without_key;
	} expected[] = {
		{ PARSEC_CONCURRENCY_NONE, 1, 1, 1 },
		{ PARSEC_CONCURRENCY_PER_KEY, 1, 2, 2 },
		{ PARSEC_CONCURRENCY_FULL, 2, 2, 2 },
	};

	for (size_t i = 0; i < 3; i++) {
		given.concurrency = expected[i].concurrency;
		ASSERT_EQ(PARSEC_SUCCESS, OPEN());
		EXPECT_EQ(expected[i].same_key,
			  callers_at_once(&self->plugin, expected[i].same_key, &a, &a));
		EXPECT_EQ(expected[i].other_key,
			  callers_at_once(&self->plugin, expected[i].other_key, &a, &b));
		EXPECT_EQ(expected[i].without_key,
			  callers_at_once(&self->plugin, expected[i].without_key, NULL, NULL));
		plugin_close(&self->plugin);
	}
}

struct pair {
	struct plugin *plugin;
	pthread_mutex_t *lock, *other;
	atomic_bool was_in;
};

static void *enter_with_two(void *arg)
{
	struct pair *pair = arg;

	plugin_enter_two(pair->plugin, pair->lock, pair->other);
	pair->was_in = true;
	plugin_leave_two(pair->plugin, pair->lock, pair->other);
	return NULL;
}

/* Soon, on a busy machine too */
static bool is_taken(pthread_mutex_t *lock)
{
	for (int i = 0; i < 20000; i++) {
		if (pthread_mutex_trylock(lock))
			return true;
		pthread_mutex_unlock(lock);
		usleep(1000);
	}
	return false;
}

/* The same one first, in whatever order they are named: no two threads wait for each other */
TEST_F(plugin, two_keys_are_locked_in_one_order)
{
	pthread_mutex_t locks[2] = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER };
	pthread_t thread;

	given.concurrency = PARSEC_CONCURRENCY_PER_KEY;
	ASSERT_EQ(PARSEC_SUCCESS, OPEN());
	for (int i = 0; i < 2; i++) {
		struct pair pair = { &self->plugin, &locks[i], &locks[!i], false };

		pthread_mutex_lock(&locks[1]);
		ASSERT_EQ(0, pthread_create(&thread, NULL, enter_with_two, &pair));
		EXPECT_TRUE(is_taken(&locks[0]));
		EXPECT_FALSE(pair.was_in);
		pthread_mutex_unlock(&locks[1]);
		pthread_join(thread, NULL);
		EXPECT_TRUE(pair.was_in);
		/* Both are free again */
		EXPECT_EQ(0, pthread_mutex_trylock(&locks[0]));
		EXPECT_EQ(0, pthread_mutex_trylock(&locks[1]));
		pthread_mutex_unlock(&locks[0]);
		pthread_mutex_unlock(&locks[1]);
	}
	plugin_close(&self->plugin);
}

/* What is one lock, of the key or of the provider, is taken once */
TEST_F(plugin, two_keys_may_have_one_lock)
{
	pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;

	for (int i = PARSEC_CONCURRENCY_NONE; i <= PARSEC_CONCURRENCY_FULL; i++) {
		pthread_mutex_t *const others[] = { NULL, &a, &b };

		given.concurrency = (enum parsec_concurrency)i;
		ASSERT_EQ(PARSEC_SUCCESS, OPEN());
		for (size_t j = 0; j < ARRAY_SIZE(others); j++)
			enter_with_two(&(struct pair){ &self->plugin, &a, others[j], false });
		plugin_close(&self->plugin);
	}
}

TEST_HARNESS_MAIN
