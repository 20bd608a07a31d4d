// SPDX-License-Identifier: Apache-2.0
/*
 * The same way that an application takes: libparsec, the device, the helper.
 */
#include <string.h>
#include "selftests/bench/bench.h"
#include "tools/lib/parsec.h"

#define KEY	"bench"

static const char *open_context(struct client *client)
{
	struct parsec *ctx;
	int status = parsec_open(&ctx);

	if (status)
		return parsec_strerror(status);
	client->handle = ctx;
	parsec_use_provider(ctx, PARSEC_PROVIDER_SOFTWARE);
	return NULL;
}

/* One request, to see that there is an answer */
static const char *try_once(struct client *client)
{
	int status = client->load->once(client);

	return status ? parsec_strerror(status) : NULL;
}

static void close_context(struct client *client)
{
	parsec_close(client->handle);
}

static const char *open_plain(struct client *client)
{
	const char *problem = open_context(client);

	return problem ? problem : try_once(client);
}

static int once_ping(struct client *client)
{
	uint32_t major, minor;

	return parsec_ping(client->handle, &major, &minor);
}

const struct load load_ping = {
	.name = "Ping",
	.open = open_plain,
	.once = once_ping,
	.close = close_context,
};

static int once_hash(struct client *client)
{
	size_t len;

	return parsec_psa_hash_compute(client->handle, PARSEC_HASH_SHA_256, client->in,
				       client->load->size, client->out, client->out_size,
				       &len);
}

#define HASH_LOAD(text, bytes) {						\
	.name = "HashCompute SHA-256, " text,					\
	.size = (bytes),							\
	.open = open_plain,							\
	.once = once_hash,							\
	.close = close_context,							\
}

/* The largest leaves room for what the message adds to a body of 1 MiB */
const struct load load_hash[6] = {
	HASH_LOAD("64 B", 64),
	HASH_LOAD("1 KiB", 1024),
	HASH_LOAD("16 KiB", 16 * 1024),
	HASH_LOAD("64 KiB", 64 * 1024),
	HASH_LOAD("256 KiB", 256 * 1024),
	HASH_LOAD("1 MiB", 1024 * 1024 - 64),
};

static const struct parsec_alg ecdsa = {
	.kind = PARSEC_ALG_SIGNATURE,
	.scheme = PARSEC_SIGN_ECDSA,
	.hash = PARSEC_HASH_SHA_256,
};

/* All clients are one identity and share a key */
static const char *open_sign(struct client *client)
{
	const struct parsec_key_attributes attrs = {
		.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR,
		.family = PARSEC_ECC_SECP_R1,
		.bits = 256,
		.usage = PARSEC_USAGE_SIGN_HASH,
		.alg = ecdsa,
	};
	const char *problem = open_context(client);
	int status;

	if (problem)
		return problem;
	status = parsec_psa_generate_key(client->handle, KEY, &attrs);
	if (status && status != PARSEC_PSA_ERROR_ALREADY_EXISTS)
		return parsec_strerror(status);
	return try_once(client);
}

static int once_sign(struct client *client)
{
	size_t len;

	return parsec_psa_sign_hash(client->handle, KEY, &ecdsa, client->in,
				    client->load->size, client->out, client->out_size, &len);
}

const struct load load_sign = {
	.name = "SignHash, ECDSA P-256",
	.size = 32,
	.open = open_sign,
	.once = once_sign,
	.close = close_context,
};
