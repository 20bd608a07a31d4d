// SPDX-License-Identifier: Apache-2.0
/*
 * A provider that is another one ($REAL) with one thing wrong ($FAULT), so that
 * parsec-provider-check has something to find.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The table is filled in while the library is loaded, so here it is not constant */
#define parsec_provider	real_provider
#include "providers/provider.h"
#undef parsec_provider

/* struct parsec_provider is called real_provider in this file */
__attribute__((visibility("default"))) struct real_provider parsec_provider;

static const struct real_provider *real;

static enum parsec_status spoil(enum parsec_status status, struct parsec_out *out)
{
	if (status == PARSEC_SUCCESS && out->len)
		out->data[out->len / 2] ^= 1;
	return status;
}

static enum parsec_status bad_mac(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				  const struct parsec_alg *alg, struct parsec_span input,
				  struct parsec_out *out)
{
	return spoil(real->mac(ctx, key, alg, input, out), out);
}

static enum parsec_status long_mac(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				   const struct parsec_alg *alg, struct parsec_span input,
				   struct parsec_out *out)
{
	struct parsec_out more = { out->data, 64, 0 };
	enum parsec_status status = real->mac(ctx, key, alg, input, &more);

	out->len = more.len;
	return status;
}

static enum parsec_status bad_sign(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				   const struct parsec_alg *alg, struct parsec_span hash,
				   struct parsec_out *out)
{
	return spoil(real->sign(ctx, key, alg, hash, out), out);
}

static enum parsec_status any_verify(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				     const struct parsec_alg *alg, struct parsec_span hash,
				     struct parsec_span signature)
{
	return PARSEC_SUCCESS;
}

static enum parsec_status bad_cipher(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				     const struct parsec_alg *alg, struct parsec_span iv,
				     struct parsec_span text, struct parsec_out *out)
{
	return spoil(real->cipher_encrypt(ctx, key, alg, iv, text, out), out);
}

static enum parsec_status bad_aead(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				   const struct parsec_alg *alg, struct parsec_span nonce,
				   struct parsec_span additional, struct parsec_span text,
				   struct parsec_out *out)
{
	return spoil(real->aead_encrypt(ctx, key, alg, nonce, additional, text, out), out);
}

static enum parsec_status bad_asymmetric(struct parsec_provider_ctx *ctx,
					 struct parsec_key *key, const struct parsec_alg *alg,
					 struct parsec_span label, struct parsec_span text,
					 struct parsec_out *out)
{
	return spoil(real->asymmetric_encrypt(ctx, key, alg, label, text, out), out);
}

static enum parsec_status bad_agree(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				    const struct parsec_alg *alg, struct parsec_span peer,
				    struct parsec_out *out)
{
	return spoil(real->agree(ctx, key, alg, peer, out), out);
}

static enum parsec_status bad_export(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				     struct parsec_out *out)
{
	return spoil(real->export(ctx, key, out), out);
}

static enum parsec_status other_status(struct parsec_provider_ctx *ctx,
				       const uint8_t id[PARSEC_BACKEND_ID_SIZE],
				       struct parsec_key_attributes *attrs,
				       struct parsec_span data, struct parsec_out *blob)
{
	enum parsec_status status = real->import(ctx, id, attrs, data, blob);

	return status ? PARSEC_PSA_ERROR_GENERIC_ERROR : status;
}

static enum parsec_status long_blob(struct parsec_provider_ctx *ctx,
				    const uint8_t id[PARSEC_BACKEND_ID_SIZE],
				    const struct parsec_key_attributes *attrs,
				    struct parsec_out *blob)
{
	blob->len = PARSEC_BLOB_MAX + 1;
	return PARSEC_SUCCESS;
}

static enum parsec_status no_destroy(struct parsec_provider_ctx *ctx,
				     const struct parsec_key_ref *ref)
{
	return ref->blob.len ? PARSEC_SUCCESS : PARSEC_PSA_ERROR_DOES_NOT_EXIST;
}

static enum parsec_status no_random(struct parsec_provider_ctx *ctx, struct parsec_out *out)
{
	out->len = out->size;
	return PARSEC_SUCCESS;
}

/* Keys that do not outlive the process: known by their number of opens */
static unsigned int opened;

static enum parsec_status forgetful_open(const struct parsec_provider_host *host,
					 const struct parsec_option *options, size_t count,
					 struct parsec_provider_ctx **ctx)
{
	if (getenv("OPENED"))
		opened = 1;
	setenv("OPENED", "1", 1);
	return real->open(host, options, count, ctx);
}

static enum parsec_status forgetful_load(struct parsec_provider_ctx *ctx,
					 const struct parsec_key_ref *ref,
					 const struct parsec_key_attributes *attrs,
					 struct parsec_key **key)
{
	return opened ? PARSEC_PSA_ERROR_DOES_NOT_EXIST : real->load(ctx, ref, attrs, key);
}

/* Keys that were made here do not do what imported ones do */
static enum parsec_status useless_create(struct parsec_provider_ctx *ctx,
					 const uint8_t id[PARSEC_BACKEND_ID_SIZE],
					 const struct parsec_key_attributes *attrs,
					 struct parsec_out *blob)
{
	enum parsec_status status = real->create(ctx, id, attrs, blob);

	blob->len -= !status;
	return status;
}

/* Room for fewer keys than anybody wants, or for fewer loads */
static enum parsec_status full_create(struct parsec_provider_ctx *ctx,
				      const uint8_t id[PARSEC_BACKEND_ID_SIZE],
				      const struct parsec_key_attributes *attrs,
				      struct parsec_out *blob)
{
	static _Atomic int count;

	return ++count > 500 ? PARSEC_PSA_ERROR_INSUFFICIENT_STORAGE :
			       real->create(ctx, id, attrs, blob);
}

static enum parsec_status tired_load(struct parsec_provider_ctx *ctx,
				     const struct parsec_key_ref *ref,
				     const struct parsec_key_attributes *attrs,
				     struct parsec_key **key)
{
	static _Atomic int loaded;

	return ++loaded > 500 ? PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY :
				real->load(ctx, ref, attrs, key);
}

/* Says that it takes any number of threads, and does not */
static enum parsec_status racing_mac(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				     const struct parsec_alg *alg, struct parsec_span input,
				     struct parsec_out *out)
{
	static _Atomic int inside;
	enum parsec_status status = PARSEC_PSA_ERROR_BAD_STATE;

	if (!inside++)
		status = real->mac(ctx, key, alg, input, out);
	usleep(1000);
	inside--;
	return status;
}

__attribute__((constructor)) static void break_it(void)
{
	const char *fault = getenv("FAULT"), *path = getenv("REAL");
	void *handle = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;

	real = handle ? dlsym(handle, PARSEC_PROVIDER_SYMBOL) : NULL;
	if (!real || !fault)
		return;
	parsec_provider = *real;
#define BREAK(name, entry, function) \
	if (!strcmp(fault, name)) \
		parsec_provider.entry = function
	BREAK("mac", mac, bad_mac);
	BREAK("bounds", mac, long_mac);
	BREAK("threads", mac, racing_mac);
	BREAK("sign", sign, bad_sign);
	BREAK("verify", verify, any_verify);
	BREAK("cipher", cipher_encrypt, bad_cipher);
	BREAK("aead", aead_encrypt, bad_aead);
	BREAK("asymmetric", asymmetric_encrypt, bad_asymmetric);
	BREAK("agree", agree, bad_agree);
	BREAK("export", export, bad_export);
	BREAK("import", import, other_status);
	BREAK("blob", create, long_blob);
	BREAK("destroy", destroy, no_destroy);
	BREAK("random", random, no_random);
	BREAK("generate", create, useless_create);
	BREAK("full", create, full_create);
	BREAK("tired", load, tired_load);
	BREAK("restart", load, forgetful_load);
	BREAK("restart", open, forgetful_open);
	BREAK("text", vendor, "two\nlines");
	BREAK("abi", abi, PARSEC_PROVIDER_ABI + 1);
}
