// SPDX-License-Identifier: Apache-2.0
/*
 * A provider for the tests of the key store (fake_provider.h).
 */
#include "selftests/unit/fake_provider.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fake_control fake;

const struct parsec_key_attributes some_attributes = {
	.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR,
	.family = PARSEC_ECC_SECP_R1,
	.bits = 256,
	.usage = PARSEC_USAGE_SIGN_HASH | PARSEC_USAGE_SIGN_MESSAGE,
	.alg = { .kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_ECDSA,
		 .hash = PARSEC_HASH_SHA_256 },
};

static const struct parsec_capability row = {
	.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR,
	.family = PARSEC_ECC_SECP_R1,
	.bits = { 256 },
	.alg_kind = PARSEC_ALG_SIGNATURE,
	.scheme = PARSEC_SIGN_ECDSA,
	.hashes = PARSEC_HASH_BIT(PARSEC_HASH_SHA_256),
	.can = PARSEC_CAN_GENERATE | PARSEC_CAN_IMPORT,
};

struct parsec_provider_ctx {
	char dir[64];
};

static void effect(const char *what)
{
	if (fake.on_effect)
		fake.on_effect(what);
}

static enum parsec_status fake_open(const struct parsec_provider_host *host,
				    const struct parsec_option *options, size_t count,
				    struct parsec_provider_ctx **ctx)
{
	*ctx = calloc(1, sizeof(**ctx));
	snprintf((*ctx)->dir, sizeof((*ctx)->dir), "%s", host->state_dir);
	return PARSEC_SUCCESS;
}

static void fake_close(struct parsec_provider_ctx *ctx)
{
	free(ctx);
}

static void fake_capabilities(struct parsec_provider_ctx *ctx,
			      struct parsec_capabilities *caps)
{
	caps->rows = &row;
	caps->count = 1;
	caps->concurrency = PARSEC_CONCURRENCY_FULL;
}

static void path_of(struct parsec_provider_ctx *ctx, const uint8_t *id, char path[128])
{
	int len = snprintf(path, 128, "%s/", ctx->dir);

	for (size_t i = 0; i < PARSEC_BACKEND_ID_SIZE; i++)
		len += snprintf(path + len, 128 - (size_t)len, "%02x", id[i]);
}

/* Count a call. Return: what it is to fail with before, or after, it does something */
static enum parsec_status count_call(enum parsec_status *after)
{
	bool fails;

	fake.calls++;
	fails = fake.fail_call && (fake.fail_on ? fake.calls >= fake.fail_call :
						  fake.calls == fake.fail_call);
	*after = fails && fake.fail_after ? fake.fail_with : PARSEC_SUCCESS;
	return fails && !fake.fail_after ? fake.fail_with : PARSEC_SUCCESS;
}

/* The blob is the id, the key a file */
static enum parsec_status make(struct parsec_provider_ctx *ctx, const uint8_t *id,
			       enum parsec_status status, struct parsec_out *blob)
{
	enum parsec_status after, before = count_call(&after);
	char path[128];
	int fd;

	if (status != PARSEC_SUCCESS || before != PARSEC_SUCCESS)
		return status != PARSEC_SUCCESS ? status : before;
	path_of(ctx, id, path);
	effect("before making");
	fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
	if (fd < 0)
		return PARSEC_PSA_ERROR_STORAGE_FAILURE;
	close(fd);
	effect("after making");
	memcpy(blob->data, id, PARSEC_BACKEND_ID_SIZE);
	blob->len = fake.blob_len ? fake.blob_len : PARSEC_BACKEND_ID_SIZE;
	return after;
}

static enum parsec_status fake_create(struct parsec_provider_ctx *ctx,
				      const uint8_t id[PARSEC_BACKEND_ID_SIZE],
				      const struct parsec_key_attributes *attrs,
				      struct parsec_out *blob)
{
	return make(ctx, id, fake.create, blob);
}

static enum parsec_status fake_import(struct parsec_provider_ctx *ctx,
				      const uint8_t id[PARSEC_BACKEND_ID_SIZE],
				      struct parsec_key_attributes *attrs,
				      struct parsec_span data, struct parsec_out *blob)
{
	attrs->bits = (uint32_t)data.len * 8;
	return make(ctx, id, fake.import, blob);
}

static enum parsec_status fake_destroy(struct parsec_provider_ctx *ctx,
				       const struct parsec_key_ref *ref)
{
	enum parsec_status after, before = count_call(&after);
	char path[128];

	fake.destroys++;
	if (fake.destroy != PARSEC_SUCCESS || before != PARSEC_SUCCESS)
		return fake.destroy != PARSEC_SUCCESS ? fake.destroy : before;
	/* Nothing, or what make() handed back */
	if (ref->blob.len && (ref->blob.len != PARSEC_BACKEND_ID_SIZE ||
			      memcmp(ref->blob.data, ref->id, PARSEC_BACKEND_ID_SIZE)))
		abort();
	path_of(ctx, ref->id, path);
	effect("before destroying");
	unlink(path);
	effect("after destroying");
	return after;
}

static enum parsec_status fake_exists(struct parsec_provider_ctx *ctx,
				      const struct parsec_key_ref *ref)
{
	enum parsec_status after, before = count_call(&after);
	char path[128];

	if (fake.on_exists)
		fake.on_exists();
	if (fake.exists != PARSEC_SUCCESS || before != PARSEC_SUCCESS || after != PARSEC_SUCCESS)
		return fake.exists != PARSEC_SUCCESS ? fake.exists : before ? before : after;
	path_of(ctx, ref->id, path);
	return access(path, F_OK) ? PARSEC_PSA_ERROR_DOES_NOT_EXIST : PARSEC_SUCCESS;
}

/* The id that a file is named after */
static bool id_of(const char *name, uint8_t id[PARSEC_BACKEND_ID_SIZE])
{
	if (strlen(name) != 2 * PARSEC_BACKEND_ID_SIZE)
		return false;
	for (size_t i = 0; i < PARSEC_BACKEND_ID_SIZE; i++)
		if (sscanf(name + 2 * i, "%2hhx", &id[i]) != 1)
			return false;
	return true;
}

static enum parsec_status fake_list(struct parsec_provider_ctx *ctx,
				    enum parsec_status (*each)(void *arg,
						const uint8_t id[PARSEC_BACKEND_ID_SIZE]),
				    void *arg)
{
	enum parsec_status status = fake.list;
	uint8_t id[PARSEC_BACKEND_ID_SIZE];
	DIR *dir = opendir(ctx->dir);
	struct dirent *entry;

	while (status == PARSEC_SUCCESS && (entry = readdir(dir)))
		if (id_of(entry->d_name, id))
			status = each(arg, id);
	closedir(dir);
	if (fake.on_list)
		fake.on_list();
	return status;
}

static enum parsec_status fake_load(struct parsec_provider_ctx *ctx,
				    const struct parsec_key_ref *ref,
				    const struct parsec_key_attributes *attrs,
				    struct parsec_key **key)
{
	char path[128];

	fake.loads++;
	if (fake.on_load)
		fake.on_load();
	if (fake.load != PARSEC_SUCCESS)
		return fake.load;
	path_of(ctx, ref->id, path);
	if (!fake.forgets_files && access(path, F_OK))
		return PARSEC_PSA_ERROR_DOES_NOT_EXIST;
	*key = calloc(1, sizeof(**key));
	memcpy((*key)->id, ref->id, PARSEC_BACKEND_ID_SIZE);
	(*key)->magic = FAKE_MAGIC;
	fake.loaded++;
	return PARSEC_SUCCESS;
}

static void fake_unload(struct parsec_provider_ctx *ctx, struct parsec_key *key)
{
	/* Twice would be seen */
	if (key->magic != FAKE_MAGIC)
		abort();
	key->magic = 0;
	free(key);
	fake.loaded--;
}

#define FAKE \
	.abi		= PARSEC_PROVIDER_ABI, \
	.uuid		= "0c7ed9ba-4f3f-4a8a-9c3b-0e2a1c6a7f10", \
	.description	= "Fake provider", \
	.vendor		= "Tests", \
	.open		= fake_open, \
	.close		= fake_close, \
	.capabilities	= fake_capabilities, \
	.create		= fake_create, \
	.import		= fake_import, \
	.destroy	= fake_destroy, \
	.load		= fake_load, \
	.unload		= fake_unload

const struct parsec_provider fake_token = {
	FAKE, .exists = fake_exists, .list = fake_list,
};
const struct parsec_provider fake_software = { FAKE };

int fake_count(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int count = 0;

	while ((entry = readdir(dir)))
		count += strlen(entry->d_name) == 2 * PARSEC_BACKEND_ID_SIZE;
	closedir(dir);
	return count;
}

void make_dir(char path[64])
{
	strcpy(path, "/dev/shm/parsec-test-XXXXXX");
	if (mkdtemp(path))
		return;
	strcpy(path, "/tmp/parsec-test-XXXXXX");
	if (!mkdtemp(path))
		abort();
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

void remove_dir(const char *path)
{
	nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

struct key_identity key_named(const char *app, const char *name)
{
	return (struct key_identity){
		.auth_id = 3,
		.app = { (const uint8_t *)app, strlen(app) },
		.name = { (const uint8_t *)name, strlen(name) },
	};
}
