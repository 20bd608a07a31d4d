// SPDX-License-Identifier: Apache-2.0
/*
 * The software provider with two things more, for tests of deaths: it writes down each call
 * that matters in the file "calls" of its state directory, and then makes a system call that
 * nobody else makes, at which a tracer can stop it in the middle of the operation.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "providers/openssl/openssl.h"

/* What providers/openssl/provider.c calls parsec_provider elsewhere */
extern const struct parsec_provider openssl_provider;

static int calls = -1;

static void note(const char *what, const uint8_t *id)
{
	char line[80];
	int len = snprintf(line, sizeof(line), "%s ", what);

	for (int i = 0; id && i < PARSEC_BACKEND_ID_SIZE; i++)
		len += snprintf(line + len, sizeof(line) - (size_t)len, "%02x", id[i]);
	line[len++] = '\n';
	if (write(calls, line, (size_t)len) != len)
		_exit(99);
	sched_yield();
}

static enum parsec_status stops_open(const struct parsec_provider_host *host,
				     const struct parsec_option *options, size_t count,
				     struct parsec_provider_ctx **ctx)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/calls", host->state_dir);
	calls = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (calls < 0)
		return PARSEC_PSA_ERROR_STORAGE_FAILURE;
	return openssl_provider.open(host, options, count, ctx);
}

static void stops_close(struct parsec_provider_ctx *ctx)
{
	openssl_provider.close(ctx);
	close(calls);
}

static void stops_capabilities(struct parsec_provider_ctx *ctx,
			       struct parsec_capabilities *caps)
{
	openssl_provider.capabilities(ctx, caps);
}

static enum parsec_status stops_create(struct parsec_provider_ctx *ctx,
				       const uint8_t id[PARSEC_BACKEND_ID_SIZE],
				       const struct parsec_key_attributes *attrs,
				       struct parsec_out *blob)
{
	note("create", id);
	return openssl_provider.create(ctx, id, attrs, blob);
}

static enum parsec_status stops_destroy(struct parsec_provider_ctx *ctx,
					const struct parsec_key_ref *ref)
{
	note("destroy", ref->id);
	return openssl_provider.destroy(ctx, ref);
}

static enum parsec_status stops_sign(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				     const struct parsec_alg *alg, struct parsec_span hash,
				     struct parsec_out *signature)
{
	note("sign", NULL);
	return openssl_provider.sign(ctx, key, alg, hash, signature);
}

__attribute__((visibility("default")))
const struct parsec_provider parsec_provider = {
	.abi		= PARSEC_PROVIDER_ABI,
	.uuid		= "0a1de1b6-7f0c-4c3f-9d55-1c6f2a9b7e48",
	.description	= "Software provider that can be stopped, for tests",
	.vendor		= "Tests",
	.open		= stops_open,
	.close		= stops_close,
	.capabilities	= stops_capabilities,
	.create		= stops_create,
	.destroy	= stops_destroy,
	.import		= key_import,
	.load		= key_load,
	.unload		= key_unload,
	.export_public	= key_export_public,
	.export		= key_export,
	.sign		= stops_sign,
	.verify		= verify_hash,
	.asymmetric_encrypt = asymmetric_encrypt,
	.asymmetric_decrypt = asymmetric_decrypt,
	.cipher_encrypt	= cipher_encrypt,
	.cipher_decrypt	= cipher_decrypt,
	.aead_encrypt	= aead_encrypt,
	.aead_decrypt	= aead_decrypt,
	.mac		= mac_compute,
	.agree		= key_agree,
	.random		= random_bytes,
};
