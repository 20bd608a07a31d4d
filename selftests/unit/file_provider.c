// SPDX-License-Identifier: Apache-2.0
/*
 * A provider with a backend of its own, which can be broken: HMAC keys as files in the folder
 * "keys" of its state directory, by id. $FAULT makes it do one thing wrong.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "providers/provider.h"

#define MAC_SIZE	32
#define KEY_SIZE_MAX	32

struct parsec_provider_ctx {
	char folder[256];
};

struct parsec_key {
	char name[2 * PARSEC_BACKEND_ID_SIZE + 1];
};

static const struct parsec_capability rows[] = {
	{
		.type = PARSEC_KEY_TYPE_HMAC,
		.bits = { 128, 256 },
		.alg_kind = PARSEC_ALG_MAC,
		.scheme = PARSEC_MAC_HMAC,
		.hashes = PARSEC_HASH_BIT(PARSEC_HASH_SHA_256),
		.can = PARSEC_CAN_GENERATE | PARSEC_CAN_IMPORT | PARSEC_CAN_EXPORT |
		       PARSEC_CAN_SIGN | PARSEC_CAN_VERIFY,
	},
};

/* Set while the backend was away: for the fault that outlives it */
static int was_away;

static int fault(const char *name)
{
	const char *wanted = getenv("FAULT");

	return wanted && !strcmp(wanted, name);
}

static void name_key(char *name, const uint8_t id[PARSEC_BACKEND_ID_SIZE])
{
	for (int i = 0; i < PARSEC_BACKEND_ID_SIZE; i++)
		snprintf(name + 2 * i, 3, "%02x", id[i]);
}

/* The folder, or -1 when the backend is away */
static int backend(struct parsec_provider_ctx *ctx)
{
	int dir = open(ctx->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	was_away |= dir < 0;
	if (dir >= 0 && was_away && fault("stuck")) {
		close(dir);
		return -1;
	}
	return dir;
}

/* Made once for all: a folder that is missing later is away, not new */
static enum parsec_status file_open(const struct parsec_provider_host *host,
				    const struct parsec_option *options, size_t count,
				    struct parsec_provider_ctx **ctx)
{
	char mark[256];
	struct stat folder;
	int fd;

	*ctx = calloc(1, sizeof(**ctx));
	if (!*ctx)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	snprintf(mark, sizeof(mark), "%s/made", host->state_dir);
	snprintf((*ctx)->folder, sizeof((*ctx)->folder), "%s/keys", host->state_dir);
	fd = open(mark, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	if (fd >= 0 || fault("anew"))
		mkdir((*ctx)->folder, 0700);
	if (!stat((*ctx)->folder, &folder))
		return PARSEC_SUCCESS;
	free(*ctx);
	return fault("refuse") ? PARSEC_PSA_ERROR_INVALID_ARGUMENT :
				 PARSEC_PSA_ERROR_STORAGE_FAILURE;
}

static void file_close(struct parsec_provider_ctx *ctx)
{
	free(ctx);
}

static void file_capabilities(struct parsec_provider_ctx *ctx, struct parsec_capabilities *caps)
{
	caps->rows = rows;
	caps->count = 1;
	caps->concurrency = PARSEC_CONCURRENCY_FULL;
}

static enum parsec_status store(struct parsec_provider_ctx *ctx,
				const uint8_t id[PARSEC_BACKEND_ID_SIZE], const uint8_t *bytes,
				size_t len)
{
	char name[2 * PARSEC_BACKEND_ID_SIZE + 1];
	int dir = backend(ctx), fd;
	ssize_t written;

	if (dir < 0)
		return fault("made-up") ? PARSEC_SUCCESS : PARSEC_PSA_ERROR_STORAGE_FAILURE;
	name_key(name, id);
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	written = fd < 0 ? -1 : write(fd, bytes, len);
	if (fd >= 0 && (close(fd) || written != (ssize_t)len)) {
		unlinkat(dir, name, 0);
		written = -1;
	}
	close(dir);
	return written < 0 ? PARSEC_PSA_ERROR_STORAGE_FAILURE : PARSEC_SUCCESS;
}

/* @len: bytes read */
static enum parsec_status fetch(struct parsec_provider_ctx *ctx, const char *name,
				uint8_t bytes[KEY_SIZE_MAX], size_t *len)
{
	enum parsec_status status = PARSEC_PSA_ERROR_STORAGE_FAILURE;
	int dir = backend(ctx), fd;
	ssize_t got;

	if (dir < 0)
		return fault("blame") ? PARSEC_PSA_ERROR_INVALID_HANDLE : status;
	fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		status = PARSEC_PSA_ERROR_DOES_NOT_EXIST;
	got = fd < 0 ? -1 : read(fd, bytes, KEY_SIZE_MAX);
	if (fd >= 0)
		close(fd);
	close(dir);
	*len = got < 0 ? 0 : (size_t)got;
	return got < 0 ? status : PARSEC_SUCCESS;
}

static enum parsec_status file_create(struct parsec_provider_ctx *ctx,
				      const uint8_t id[PARSEC_BACKEND_ID_SIZE],
				      const struct parsec_key_attributes *attrs,
				      struct parsec_out *blob)
{
	uint8_t bytes[KEY_SIZE_MAX];
	size_t len = attrs->bits / 8;

	if (len > sizeof(bytes) || RAND_priv_bytes(bytes, (int)len) != 1)
		return PARSEC_PSA_ERROR_INSUFFICIENT_ENTROPY;
	blob->len = 0;
	return store(ctx, id, bytes, len);
}

static enum parsec_status file_import(struct parsec_provider_ctx *ctx,
				      const uint8_t id[PARSEC_BACKEND_ID_SIZE],
				      struct parsec_key_attributes *attrs,
				      struct parsec_span data, struct parsec_out *blob)
{
	if ((data.len != 16 && data.len != 32) || (attrs->bits && attrs->bits != data.len * 8))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	attrs->bits = (uint32_t)data.len * 8;
	blob->len = 0;
	return store(ctx, id, data.data, data.len);
}

static enum parsec_status file_destroy(struct parsec_provider_ctx *ctx,
				       const struct parsec_key_ref *ref)
{
	char name[2 * PARSEC_BACKEND_ID_SIZE + 1];
	int dir = backend(ctx), failed;

	if (dir < 0)
		return fault("sure") ? PARSEC_SUCCESS : PARSEC_PSA_ERROR_STORAGE_FAILURE;
	name_key(name, ref->id);
	failed = unlinkat(dir, name, 0) && errno != ENOENT;
	close(dir);
	return failed ? PARSEC_PSA_ERROR_STORAGE_FAILURE : PARSEC_SUCCESS;
}

static enum parsec_status file_exists(struct parsec_provider_ctx *ctx,
				      const struct parsec_key_ref *ref)
{
	char name[2 * PARSEC_BACKEND_ID_SIZE + 1];
	int dir = backend(ctx), missing, error;

	if (dir < 0)
		return fault("blind") ? PARSEC_PSA_ERROR_DOES_NOT_EXIST :
					PARSEC_PSA_ERROR_STORAGE_FAILURE;
	name_key(name, ref->id);
	missing = faccessat(dir, name, F_OK, 0);
	error = errno;
	close(dir);
	if (!missing || error != ENOENT)
		return missing ? PARSEC_PSA_ERROR_STORAGE_FAILURE : PARSEC_SUCCESS;
	return fault("stale") ? PARSEC_PSA_ERROR_STORAGE_FAILURE :
				PARSEC_PSA_ERROR_DOES_NOT_EXIST;
}

/* The id that a file is named after; false for other files */
static int id_of(const char *name, uint8_t id[PARSEC_BACKEND_ID_SIZE])
{
	if (strlen(name) != 2 * PARSEC_BACKEND_ID_SIZE)
		return 0;
	for (int i = 0; i < PARSEC_BACKEND_ID_SIZE; i++)
		if (sscanf(name + 2 * i, "%2hhx", &id[i]) != 1)
			return 0;
	return 1;
}

static enum parsec_status file_list(struct parsec_provider_ctx *ctx,
				    enum parsec_status (*each)(void *arg,
						const uint8_t id[PARSEC_BACKEND_ID_SIZE]),
				    void *arg)
{
	enum parsec_status status = PARSEC_SUCCESS;
	uint8_t id[PARSEC_BACKEND_ID_SIZE];
	int fd = backend(ctx), skip = fault("short-list");
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return fault("empty-list") ? PARSEC_SUCCESS : PARSEC_PSA_ERROR_STORAGE_FAILURE;
	}
	while (!status && (entry = readdir(dir))) {
		if (!id_of(entry->d_name, id) || skip-- > 0)
			continue;
		status = each(arg, id);
		if (!status && fault("double-list"))
			status = each(arg, id);
		if (fault("endless-list"))
			status = PARSEC_SUCCESS;
	}
	closedir(dir);
	return status;
}

static enum parsec_status file_load(struct parsec_provider_ctx *ctx,
				    const struct parsec_key_ref *ref,
				    const struct parsec_key_attributes *attrs,
				    struct parsec_key **key)
{
	uint8_t bytes[KEY_SIZE_MAX];
	char name[2 * PARSEC_BACKEND_ID_SIZE + 1];
	enum parsec_status status;
	size_t len;

	name_key(name, ref->id);
	status = fetch(ctx, name, bytes, &len);
	if (status)
		return status;
	if (len * 8 != attrs->bits)
		return PARSEC_PSA_ERROR_DATA_INVALID;
	*key = calloc(1, sizeof(**key));
	if (!*key)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	memcpy((*key)->name, name, sizeof(name));
	return PARSEC_SUCCESS;
}

static void file_unload(struct parsec_provider_ctx *ctx, struct parsec_key *key)
{
	free(key);
}

static enum parsec_status file_export(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				      struct parsec_out *data)
{
	uint8_t bytes[KEY_SIZE_MAX];
	size_t len;
	enum parsec_status status = fetch(ctx, key->name, bytes, &len);

	if (status)
		return status;
	if (len > data->size)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	memcpy(data->data, bytes, len);
	data->len = len;
	return PARSEC_SUCCESS;
}

static enum parsec_status file_mac(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				   const struct parsec_alg *alg, struct parsec_span input,
				   struct parsec_out *mac)
{
	uint8_t bytes[KEY_SIZE_MAX];
	size_t len;
	unsigned int mac_len = MAC_SIZE;
	enum parsec_status status;

	if (mac->size < MAC_SIZE)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	status = fetch(ctx, key->name, bytes, &len);
	if (status && fault("zeros")) {
		memset(mac->data, 0, MAC_SIZE);
		mac->len = MAC_SIZE;
		return PARSEC_SUCCESS;
	}
	if (status)
		return status;
	if (!HMAC(EVP_sha256(), bytes, (int)len, input.data, input.len, mac->data, &mac_len))
		return PARSEC_PSA_ERROR_GENERIC_ERROR;
	mac->len = mac_len;
	return PARSEC_SUCCESS;
}

__attribute__((visibility("default")))
const struct parsec_provider parsec_provider = {
	.abi		= PARSEC_PROVIDER_ABI,
	.uuid		= "5b2f6d0e-9c8a-4b07-8d0a-6f3c1e2a7b94",
	.description	= "Keys in files, for tests",
	.vendor		= "Tests",
	.open		= file_open,
	.close		= file_close,
	.capabilities	= file_capabilities,
	.create		= file_create,
	.import		= file_import,
	.destroy	= file_destroy,
	.exists		= file_exists,
	.list		= file_list,
	.load		= file_load,
	.unload		= file_unload,
	.export		= file_export,
	.mac		= file_mac,
};
