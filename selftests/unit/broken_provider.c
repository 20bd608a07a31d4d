// SPDX-License-Identifier: Apache-2.0
/*
 * A provider that is another one ($REAL) with one thing wrong ($FAULT), so that
 * parsec-provider-check has something to find. Of the rows only those for keys of one type
 * and kind of algorithm are left ($TYPE, $KIND), so that it does not take long. It may declare
 * another concurrency ($CONCURRENCY).
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
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

/* An input that is wrong, called by another name */
static enum parsec_status renamed(enum parsec_status status, enum parsec_status from)
{
	return status == from ? PARSEC_PSA_ERROR_GENERIC_ERROR : status;
}

/* Takes a signature that has a byte more */
static enum parsec_status long_verify(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				      const struct parsec_alg *alg, struct parsec_span hash,
				      struct parsec_span signature)
{
	signature.len &= ~(size_t)1;
	return real->verify(ctx, key, alg, hash, signature);
}

static enum parsec_status padding_asymmetric(struct parsec_provider_ctx *ctx,
					     struct parsec_key *key,
					     const struct parsec_alg *alg,
					     struct parsec_span label, struct parsec_span text,
					     struct parsec_out *out)
{
	return renamed(real->asymmetric_decrypt(ctx, key, alg, label, text, out),
		       PARSEC_PSA_ERROR_INVALID_PADDING);
}

/* Encrypts and decrypts as if there were no label */
static enum parsec_status any_label(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				    const struct parsec_alg *alg, struct parsec_span label,
				    struct parsec_span text, struct parsec_out *out)
{
	label.len = label.len == 6 && label.data[0] == 'o' ? 0 : label.len;
	return real->asymmetric_decrypt(ctx, key, alg, label, text, out);
}

static enum parsec_status padding_cipher(struct parsec_provider_ctx *ctx, struct parsec_key *key,
					 const struct parsec_alg *alg, struct parsec_span iv,
					 struct parsec_span text, struct parsec_out *out)
{
	return renamed(real->cipher_decrypt(ctx, key, alg, iv, text, out),
		       PARSEC_PSA_ERROR_INVALID_PADDING);
}

/* Takes an IV of any length for one of 16 bytes */
static enum parsec_status any_iv(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				 const struct parsec_alg *alg, struct parsec_span iv,
				 struct parsec_span text, struct parsec_out *out)
{
	static const uint8_t zeros[16];

	if (iv.len && iv.len < sizeof(zeros))
		iv = (struct parsec_span){ zeros, sizeof(zeros) };
	return real->cipher_encrypt(ctx, key, alg, iv, text, out);
}

static enum parsec_status any_tag(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				  const struct parsec_alg *alg, struct parsec_span nonce,
				  struct parsec_span additional, struct parsec_span text,
				  struct parsec_out *out)
{
	return renamed(real->aead_decrypt(ctx, key, alg, nonce, additional, text, out),
		       PARSEC_PSA_ERROR_INVALID_SIGNATURE);
}

/* Always the longest tag */
static enum parsec_status long_tag(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				   const struct parsec_alg *alg, struct parsec_span nonce,
				   struct parsec_span additional, struct parsec_span text,
				   struct parsec_out *out)
{
	struct parsec_alg full = *alg;

	full.length = 0;
	return real->aead_encrypt(ctx, key, &full, nonce, additional, text, out);
}

static enum parsec_status peer_agree(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				     const struct parsec_alg *alg, struct parsec_span peer,
				     struct parsec_out *out)
{
	return renamed(real->agree(ctx, key, alg, peer, out), PARSEC_PSA_ERROR_INVALID_ARGUMENT);
}

/* Takes longer keys than it says */
static enum parsec_status more_import(struct parsec_provider_ctx *ctx,
				      const uint8_t id[PARSEC_BACKEND_ID_SIZE],
				      struct parsec_key_attributes *attrs,
				      struct parsec_span data, struct parsec_out *blob)
{
	if (data.len == 160) {
		blob->len = 64;
		attrs->bits = 1280;
		return PARSEC_SUCCESS;
	}
	return real->import(ctx, id, attrs, data, blob);
}

/* Finds a key where none was */
static enum parsec_status any_load(struct parsec_provider_ctx *ctx,
				   const struct parsec_key_ref *ref,
				   const struct parsec_key_attributes *attrs,
				   struct parsec_key **key)
{
	static const uint8_t zeros[64];
	struct parsec_key_ref other = *ref;

	if (!ref->blob.len)
		other.blob = (struct parsec_span){ zeros, attrs->bits / 8 };
	return real->load(ctx, &other, attrs, key);
}

/* Dies of, or here says nonsense about, a blob that is not its own */
static enum parsec_status odd_load(struct parsec_provider_ctx *ctx,
				   const struct parsec_key_ref *ref,
				   const struct parsec_key_attributes *attrs,
				   struct parsec_key **key)
{
	enum parsec_status status = real->load(ctx, ref, attrs, key);

	return status && ref->blob.len ? (enum parsec_status)4711 : status;
}

/* Everything is always there */
static enum parsec_status any_exists(struct parsec_provider_ctx *ctx,
				     const struct parsec_key_ref *ref)
{
	return PARSEC_SUCCESS;
}

/* Forgets what it has allocated: with each key, or only when it failed */
static enum parsec_status leaking_load(struct parsec_provider_ctx *ctx,
				       const struct parsec_key_ref *ref,
				       const struct parsec_key_attributes *attrs,
				       struct parsec_key **key)
{
	void *volatile lost = malloc(100);

	(void)lost;
	return real->load(ctx, ref, attrs, key);
}

static enum parsec_status leaking_failure(struct parsec_provider_ctx *ctx,
					  const struct parsec_key_ref *ref,
					  const struct parsec_key_attributes *attrs,
					  struct parsec_key **key)
{
	void *volatile mine = malloc(100);
	enum parsec_status status = mine ? real->load(ctx, ref, attrs, key) :
					   PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;

	if (!status)
		free(mine);
	return status;
}

/* A lack of memory is the key's fault, or nobody notices it */
static enum parsec_status blaming_load(struct parsec_provider_ctx *ctx,
				       const struct parsec_key_ref *ref,
				       const struct parsec_key_attributes *attrs,
				       struct parsec_key **key)
{
	enum parsec_status status = real->load(ctx, ref, attrs, key);

	return status == PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY ? PARSEC_PSA_ERROR_DOES_NOT_EXIST :
								status;
}

static enum parsec_status careless_mac(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				       const struct parsec_alg *alg, struct parsec_span input,
				       struct parsec_out *out)
{
	uint8_t *volatile copy = malloc(100);
	enum parsec_status status = real->mac(ctx, key, alg, input, out);

	if (!copy && !status)
		out->data[0] ^= 1;
	free(copy);
	return status;
}

/* Leaves the text where it was, though it says that it failed */
static enum parsec_status careless_decrypt(struct parsec_provider_ctx *ctx,
					   struct parsec_key *key,
					   const struct parsec_alg *alg, struct parsec_span iv,
					   struct parsec_span text, struct parsec_out *out)
{
	enum parsec_status status = real->cipher_decrypt(ctx, key, alg, iv, text, out);
	uint8_t *volatile copy = status ? NULL : malloc(100);

	if (!status && !copy)
		status = PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	free(copy);
	return status;
}

/* Leaves a file open, or something in memory, each time that it is opened */
static enum parsec_status open_file(const struct parsec_provider_host *host,
				    const struct parsec_option *options, size_t count,
				    struct parsec_provider_ctx **ctx)
{
	return dup(STDOUT_FILENO) < 0 ? PARSEC_PSA_ERROR_GENERIC_ERROR :
					real->open(host, options, count, ctx);
}

static enum parsec_status open_leak(const struct parsec_provider_host *host,
				    const struct parsec_option *options, size_t count,
				    struct parsec_provider_ctx **ctx)
{
	void *volatile lost = malloc(100);

	(void)lost;
	return real->open(host, options, count, ctx);
}

/* Forgets something once only, so that nothing grows: the count of blocks cannot tell */
static enum parsec_status lost_open(const struct parsec_provider_host *host,
				    const struct parsec_option *options, size_t count,
				    struct parsec_provider_ctx **ctx)
{
	void *volatile lost = getenv("LOST") ? NULL : malloc(100);

	setenv("LOST", "1", 1);
	(void)lost;
	return real->open(host, options, count, ctx);
}

/* What a host does not let it do: to run a program, to read what its section does not list */
static enum parsec_status program_create(struct parsec_provider_ctx *ctx,
					 const uint8_t id[PARSEC_BACKEND_ID_SIZE],
					 const struct parsec_key_attributes *attrs,
					 struct parsec_out *blob)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		return PARSEC_PSA_ERROR_GENERIC_ERROR;
	return real->create(ctx, id, attrs, blob);
}

static enum parsec_status reading_load(struct parsec_provider_ctx *ctx,
				       const struct parsec_key_ref *ref,
				       const struct parsec_key_attributes *attrs,
				       struct parsec_key **key)
{
	int fd = open("/proc/version", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return PARSEC_PSA_ERROR_STORAGE_FAILURE;
	close(fd);
	return real->load(ctx, ref, attrs, key);
}

static struct parsec_capability some_rows[64];

static void some_capabilities(struct parsec_provider_ctx *ctx, struct parsec_capabilities *caps)
{
	const char *kind = getenv("KIND"), *type = getenv("TYPE");
	const char *concurrency = getenv("CONCURRENCY");
	size_t count = 0;

	real->capabilities(ctx, caps);
	for (size_t i = 0; i < caps->count && count < sizeof(some_rows) / sizeof(*some_rows); i++) {
		if ((!kind || caps->rows[i].alg_kind == atoi(kind)) &&
		    (!type || caps->rows[i].type == atoi(type)))
			some_rows[count++] = caps->rows[i];
	}
	if (concurrency)
		caps->concurrency = atoi(concurrency);
	caps->rows = some_rows;
	caps->count = count;
}

/* Says something else each time */
static void other_capabilities(struct parsec_provider_ctx *ctx, struct parsec_capabilities *caps)
{
	static bool again;

	some_capabilities(ctx, caps);
	caps->count -= again;
	again = true;
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
	parsec_provider.capabilities = some_capabilities;
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
	BREAK("constant", capabilities, other_capabilities);
	BREAK("verify-length", verify, long_verify);
	BREAK("rsa-padding", asymmetric_decrypt, padding_asymmetric);
	BREAK("label", asymmetric_decrypt, any_label);
	BREAK("padding", cipher_decrypt, padding_cipher);
	BREAK("iv", cipher_encrypt, any_iv);
	BREAK("tag", aead_decrypt, any_tag);
	BREAK("tag-length", aead_encrypt, long_tag);
	BREAK("peer", agree, peer_agree);
	BREAK("size", import, more_import);
	BREAK("never", load, any_load);
	BREAK("exists", exists, any_exists);
	BREAK("odd", load, odd_load);
	BREAK("leak", load, leaking_load);
	BREAK("failure-leak", load, leaking_failure);
	BREAK("blame", load, blaming_load);
	BREAK("careless", mac, careless_mac);
	BREAK("partial", cipher_decrypt, careless_decrypt);
	BREAK("open-file", open, open_file);
	BREAK("open-leak", open, open_leak);
	BREAK("lost", open, lost_open);
	BREAK("program", create, program_create);
	BREAK("reading", load, reading_load);
	BREAK("text", vendor, "two\nlines");
	BREAK("abi", abi, PARSEC_PROVIDER_ABI + 1);
}
