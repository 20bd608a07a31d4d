// SPDX-License-Identifier: Apache-2.0
/*
 * The OpenSSL calls that a signature and a hash end in, without the way there: a key in
 * the process's own memory, ready to use.
 */
#include <openssl/ec.h>
#include <openssl/evp.h>
#include "selftests/bench/bench.h"

static const char *open_key(struct client *client)
{
	client->key = EVP_EC_gen("P-256");
	if (!client->key)
		return "OpenSSL makes no key";
	return client->load->once(client) ? "OpenSSL does not sign" : NULL;
}

static int once_sign(struct client *client)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(client->key, NULL);
	size_t len = client->out_size;
	int ok = ctx && EVP_PKEY_sign_init(ctx) == 1 &&
		 EVP_PKEY_sign(ctx, client->out, &len, client->in, client->load->size) == 1;

	EVP_PKEY_CTX_free(ctx);
	return !ok;
}

static void close_key(struct client *client)
{
	EVP_PKEY_free(client->key);
}

const struct load load_openssl_sign = {
	.name = "OpenSSL in process, ECDSA P-256",
	.size = 32,
	.open = open_key,
	.once = once_sign,
	.close = close_key,
};

static const char *open_hash(struct client *client)
{
	return client->load->once(client) ? "OpenSSL does not hash" : NULL;
}

static int once_hash(struct client *client)
{
	return EVP_Digest(client->in, client->load->size, client->out, NULL, EVP_sha256(),
			  NULL) != 1;
}

static void close_hash(struct client *client)
{
	(void)client;
}

const struct load load_openssl_hash = {
	.name = "OpenSSL in process, SHA-256, 1 MiB",
	.size = 1024 * 1024 - 64,
	.open = open_hash,
	.once = once_hash,
	.close = close_hash,
};
