// SPDX-License-Identifier: Apache-2.0
/*
 * A provider that somebody has broken into: asked to make a key, it tries to get out of
 * its host, in the way that a file in its directory says, and logs how that went. Random
 * bytes it gives like any other, so that one can see it live.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/provider.h"
#include "selftests/sandbox/attempts.h"

struct parsec_provider_ctx {
	const struct parsec_provider_host *host;
};

static enum parsec_status evil_open(const struct parsec_provider_host *host,
				    const struct parsec_option *options, size_t count,
				    struct parsec_provider_ctx **ctx)
{
	*ctx = calloc(1, sizeof(**ctx));
	if (!*ctx)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	(*ctx)->host = host;
	(void)options;
	(void)count;
	return PARSEC_SUCCESS;
}

static void evil_close(struct parsec_provider_ctx *ctx)
{
	free(ctx);
}

static void evil_capabilities(struct parsec_provider_ctx *ctx, struct parsec_capabilities *caps)
{
	static const struct parsec_capability rows[] = {
		{
			.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR,
			.family = PARSEC_ECC_SECP_R1,
			.bits = { 256 },
			.alg_kind = PARSEC_ALG_SIGNATURE,
			.scheme = PARSEC_SIGN_ECDSA,
			.hashes = PARSEC_HASH_BIT(PARSEC_HASH_SHA_256),
			.can = PARSEC_CAN_GENERATE,
		},
	};

	(void)ctx;
	*caps = (struct parsec_capabilities){ rows, 1, PARSEC_CONCURRENCY_FULL };
}

/* The file has the attempt in its first line and the target in its second */
static void read_line(FILE *file, char *line, int size)
{
	if (!fgets(line, size, file))
		*line = '\0';
	line[strcspn(line, "\n")] = '\0';
}

static enum parsec_status evil_create(struct parsec_provider_ctx *ctx,
				      const uint8_t id[PARSEC_BACKEND_ID_SIZE],
				      const struct parsec_key_attributes *attrs,
				      struct parsec_out *blob)
{
	char path[512], name[64], target[256];
	FILE *file;
	int error;

	(void)id;
	(void)attrs;
	(void)blob;
	snprintf(path, sizeof(path), "%s/attempt", ctx->host->state_dir);
	file = fopen(path, "r");
	if (!file)
		return PARSEC_PSA_ERROR_STORAGE_FAILURE;
	read_line(file, name, sizeof(name));
	read_line(file, target, sizeof(target));
	fclose(file);
	error = attempt_run(name, target);
	if (error)
		ctx->host->log(PARSEC_LOG_INFO, "%s: refused, %s", name, strerrorname_np(error));
	else
		ctx->host->log(PARSEC_LOG_INFO, "%s: worked", name);
	return PARSEC_PSA_ERROR_NOT_PERMITTED;
}

static enum parsec_status evil_destroy(struct parsec_provider_ctx *ctx,
				       const struct parsec_key_ref *ref)
{
	(void)ctx;
	(void)ref;
	return PARSEC_SUCCESS;
}

static enum parsec_status evil_random(struct parsec_provider_ctx *ctx, struct parsec_out *out)
{
	(void)ctx;
	memset(out->data, 0xe1, out->size);
	out->len = out->size;
	return PARSEC_SUCCESS;
}

__attribute__((visibility("default")))
const struct parsec_provider parsec_provider = {
	.abi		= PARSEC_PROVIDER_ABI,
	.uuid		= "2a1b7d0c-93f4-4f6e-8a55-0d1c9b1f6e13",
	.description	= "A provider that somebody has broken into",
	.vendor		= "Tests",
	.version	= { 0, 1, 0 },
	.open		= evil_open,
	.close		= evil_close,
	.capabilities	= evil_capabilities,
	.create		= evil_create,
	.destroy	= evil_destroy,
	.random		= evil_random,
};
