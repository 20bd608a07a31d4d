// SPDX-License-Identifier: Apache-2.0
/*
 * A host that serves a provider which signs, after a fashion.
 */
#include "selftests/unit/signer.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/log.h"

struct signer_calls signer_calls;
_Atomic unsigned int signer_random_us;

struct parsec_key {
	struct parsec_key_attributes attrs;
};

static enum parsec_status put(struct parsec_out *out, const void *data, size_t len)
{
	if (len > out->size)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	memcpy(out->data, data, len);
	out->len = len;
	return PARSEC_SUCCESS;
}

static enum parsec_status open_provider(const struct parsec_provider_host *host,
					const struct parsec_option *options, size_t count,
					struct parsec_provider_ctx **ctx)
{
	(void)host;
	(void)options;
	(void)count;
	*ctx = NULL;
	return PARSEC_SUCCESS;
}

static void close_provider(struct parsec_provider_ctx *ctx)
{
	(void)ctx;
}

#define ECDSA_HASHES	(PARSEC_HASH_BIT(PARSEC_HASH_SHA_1) | \
			 PARSEC_HASH_BIT(PARSEC_HASH_SHA_256))

static void capabilities(struct parsec_provider_ctx *ctx, struct parsec_capabilities *caps)
{
	static const struct parsec_capability rows[] = {
		{
			.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR,
			.family = PARSEC_ECC_SECP_R1,
			.bits = { 256 },
			.alg_kind = PARSEC_ALG_SIGNATURE,
			.scheme = PARSEC_SIGN_ECDSA,
			.hashes = ECDSA_HASHES,
			.can = PARSEC_CAN_GENERATE | PARSEC_CAN_IMPORT | PARSEC_CAN_EXPORT |
			       PARSEC_CAN_EXPORT_PUBLIC | PARSEC_CAN_SIGN |
			       PARSEC_CAN_VERIFY,
		},
		{
			.type = PARSEC_KEY_TYPE_ECC_PUBLIC_KEY,
			.family = PARSEC_ECC_SECP_R1,
			.bits = { 256 },
			.alg_kind = PARSEC_ALG_SIGNATURE,
			.scheme = PARSEC_SIGN_ECDSA,
			.hashes = ECDSA_HASHES,
			.can = PARSEC_CAN_IMPORT | PARSEC_CAN_EXPORT_PUBLIC |
			       PARSEC_CAN_VERIFY,
		},
		{
			.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR,
			.family = PARSEC_ECC_SECP_R1,
			.bits = { 256 },
			.alg_kind = PARSEC_ALG_SIGNATURE,
			.scheme = PARSEC_SIGN_ECDSA_ANY,
			.can = PARSEC_CAN_GENERATE | PARSEC_CAN_SIGN | PARSEC_CAN_VERIFY,
		},
	};

	(void)ctx;
	*caps = (struct parsec_capabilities){
		rows, sizeof(rows) / sizeof(*rows), PARSEC_CONCURRENCY_FULL,
	};
}

static enum parsec_status create(struct parsec_provider_ctx *ctx,
				 const uint8_t id[PARSEC_BACKEND_ID_SIZE],
				 const struct parsec_key_attributes *attrs,
				 struct parsec_out *blob)
{
	(void)ctx;
	(void)id;
	(void)attrs;
	signer_calls.created++;
	return put(blob, "blob", 4);
}

static enum parsec_status import(struct parsec_provider_ctx *ctx,
				 const uint8_t id[PARSEC_BACKEND_ID_SIZE],
				 struct parsec_key_attributes *attrs,
				 struct parsec_span data, struct parsec_out *blob)
{
	(void)ctx;
	(void)id;
	signer_calls.imported++;
	if (data.len != 32 || (attrs->bits && attrs->bits != 256))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	attrs->bits = 256;
	return put(blob, "blob", 4);
}

static enum parsec_status destroy(struct parsec_provider_ctx *ctx,
				  const struct parsec_key_ref *ref)
{
	(void)ctx;
	(void)ref;
	signer_calls.destroyed++;
	return PARSEC_SUCCESS;
}

static enum parsec_status load(struct parsec_provider_ctx *ctx,
			       const struct parsec_key_ref *ref,
			       const struct parsec_key_attributes *attrs,
			       struct parsec_key **key)
{
	(void)ctx;
	(void)ref;
	*key = malloc(sizeof(**key));
	if (!*key)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	(*key)->attrs = *attrs;
	return PARSEC_SUCCESS;
}

static void unload(struct parsec_provider_ctx *ctx, struct parsec_key *key)
{
	(void)ctx;
	free(key);
}

static enum parsec_status export_public(struct parsec_provider_ctx *ctx,
					struct parsec_key *key, struct parsec_out *data)
{
	(void)ctx;
	(void)key;
	return put(data, "public", 6);
}

static enum parsec_status export(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				 struct parsec_out *data)
{
	(void)ctx;
	(void)key;
	return put(data, "private", 7);
}

static enum parsec_status sign(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			       const struct parsec_alg *alg, struct parsec_span hash,
			       struct parsec_out *signature)
{
	size_t i;

	(void)ctx;
	(void)key;
	(void)alg;
	signer_calls.signed_++;
	if (hash.len > signature->size)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	for (i = 0; i < hash.len; i++)
		signature->data[i] = (uint8_t)~hash.data[i];
	signature->len = hash.len;
	return PARSEC_SUCCESS;
}

static enum parsec_status verify(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				 const struct parsec_alg *alg, struct parsec_span hash,
				 struct parsec_span signature)
{
	size_t i;

	(void)ctx;
	(void)key;
	(void)alg;
	signer_calls.verified++;
	if (signature.len != hash.len)
		return PARSEC_PSA_ERROR_INVALID_SIGNATURE;
	for (i = 0; i < hash.len; i++)
		if ((signature.data[i] ^ hash.data[i]) != 0xff)
			return PARSEC_PSA_ERROR_INVALID_SIGNATURE;
	return PARSEC_SUCCESS;
}

static enum parsec_status fill(struct parsec_provider_ctx *ctx, struct parsec_out *out)
{
	(void)ctx;
	signer_calls.random++;
	usleep(signer_random_us);
	memset(out->data, 0xa5, out->size);
	out->len = out->size;
	return PARSEC_SUCCESS;
}

const struct parsec_provider signer_provider = {
	.abi = PARSEC_PROVIDER_ABI,
	.uuid = "f52c3c4d-8a3c-4b57-9d1e-1c1a5a3a6a11",
	.description = "signs, after a fashion",
	.vendor = "nobody",
	.version = { 1, 7, 3 },
	.open = open_provider,
	.close = close_provider,
	.capabilities = capabilities,
	.create = create,
	.import = import,
	.destroy = destroy,
	.load = load,
	.unload = unload,
	.export_public = export_public,
	.export = export,
	.sign = sign,
	.verify = verify,
	.random = fill,
};

const struct parsec_key_attributes signer_attributes = {
	.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR,
	.family = PARSEC_ECC_SECP_R1,
	.bits = 256,
	.usage = PARSEC_USAGE_SIGN_HASH | PARSEC_USAGE_SIGN_MESSAGE |
		 PARSEC_USAGE_VERIFY_HASH | PARSEC_USAGE_VERIFY_MESSAGE,
	.alg = { .kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_ECDSA,
		 .hash = PARSEC_HASH_SHA_256 },
};

void signer_open_with(struct signer *signer, const struct parsec_provider *provider)
{
	log_init("test", PARSEC_LOG_ERROR, false);
	memset(signer, 0, sizeof(*signer));
	snprintf(signer->dir, sizeof(signer->dir), "/dev/shm/parsec-signer.XXXXXX");
	if (!mkdtemp(signer->dir)) {
		snprintf(signer->dir, sizeof(signer->dir), "/tmp/parsec-signer.XXXXXX");
		if (!mkdtemp(signer->dir))
			abort();
	}
	signer->config.runtime_dir = signer->dir;
	signer->config.buffer_size_limit = 64 * 1024;
	if (plugin_open(&signer->plugin, provider, NULL, NULL, 0, signer->dir))
		abort();
	signer->host = (struct host){
		.config = &signer->config,
		.book = rulebook_new(&signer->config),
		.name = "signer",
		.id = SIGNER_ID,
		.plugin = &signer->plugin,
		.stats = stats_new(1),
		.core_user = geteuid(),
	};
	if (!signer->host.stats)
		abort();
	if (keystore_open(&signer->plugin, "signer", signer->dir, &signer->host.store))
		abort();
}

void signer_open(struct signer *signer)
{
	signer_open_with(signer, &signer_provider);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void signer_close(struct signer *signer)
{
	rulebook_free(signer->host.book);
	stats_free(signer->host.stats);
	keystore_close(signer->host.store);
	plugin_close(&signer->plugin);
	nftw(signer->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static struct key_identity identity(const char *app, const char *name)
{
	return (struct key_identity){
		.auth_id = AUTH_UNIX_PEER_CREDENTIALS,
		.app = { (const uint8_t *)app, strlen(app) },
		.name = { (const uint8_t *)name, strlen(name) },
	};
}

void signer_make_key(struct signer *signer, const char *app, const char *name)
{
	struct key_identity id = identity(app, name);
	uint8_t backend_id[PARSEC_BACKEND_ID_SIZE];

	if (keystore_create(signer->host.store, &id, &signer_attributes, backend_id))
		abort();
}

bool signer_has_key(struct signer *signer, const char *app, const char *name)
{
	struct key_identity id = identity(app, name);
	struct keystore_key *key;

	if (keystore_get(signer->host.store, &id, &key))
		return false;
	keystore_put(signer->host.store, key);
	return true;
}
