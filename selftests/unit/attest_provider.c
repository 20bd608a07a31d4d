// SPDX-License-Identifier: Apache-2.0
/*
 * A provider that attests its keys as a TPM would, in software: the software provider, with
 * the operations of a TPM that attestation takes. Its own attesting key is kept in its state
 * directory. $FAULT makes it do one thing wrong; with $TYPE it has keys of that type only.
 *
 * The one challenge that it answers is made by others, so what answers it is written anew
 * here and shares nothing with what makes it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "selftests/unit/attest_provider.h"

#define OAEP_LABEL	"IDENTITY"

static const struct openssl_provider *const real = &openssl_provider;

struct parsec_provider_ctx {
	struct parsec_provider_ctx *real;
	struct parsec_key *endorsement;
};

struct parsec_key {
	struct parsec_key *real;
	struct parsec_key_attributes attrs;
	bool imported;
};

static const struct parsec_alg oaep = {
	.kind = PARSEC_ALG_ASYMMETRIC_ENCRYPTION, .scheme = PARSEC_CRYPT_RSA_OAEP,
	.hash = PARSEC_HASH_SHA_256,
};

static const struct parsec_key_attributes endorsement_attrs = {
	.type = PARSEC_KEY_TYPE_RSA_KEY_PAIR, .bits = 2048, .usage = PARSEC_USAGE_DECRYPT,
	.alg = { .kind = PARSEC_ALG_ASYMMETRIC_ENCRYPTION, .scheme = PARSEC_CRYPT_RSA_OAEP,
		 .hash = PARSEC_HASH_SHA_256 },
};

/* With a fault: areas that others asked for */
static struct area seen[4];

bool fault(const char *name)
{
	const char *wanted = getenv("FAULT");

	return wanted && !strcmp(wanted, name);
}

/*
 * Its own attesting key: made once, in a file
 */

static bool read_blob(const char *path, uint8_t *blob, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, blob, PARSEC_BLOB_MAX);

	if (fd >= 0)
		close(fd);
	*len = got > 0 ? (size_t)got : 0;
	return got > 0 && !fault("new-endorsement");
}

static bool write_blob(const char *path, const uint8_t *blob, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool done = fd >= 0 && write(fd, blob, len) == (ssize_t)len;

	if (fd >= 0)
		close(fd);
	return done;
}

static enum parsec_status load_endorsement(const struct parsec_provider_host *host,
					   struct parsec_provider_ctx *ctx)
{
	struct parsec_key_ref ref = { .id = { 0 } };
	struct parsec_out out = { malloc(PARSEC_BLOB_MAX), PARSEC_BLOB_MAX, 0 };
	enum parsec_status status = PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	struct parsec_key_attributes attrs = endorsement_attrs;
	char path[256];

	if (!out.data)
		return status;
	if (fault("weak"))
		attrs.bits = 1024;
	snprintf(path, sizeof(path), "%s/endorsement", host->state_dir);
	status = PARSEC_SUCCESS;
	if (!read_blob(path, out.data, &out.len)) {
		status = real->create(ctx->real, ref.id, &attrs, &out);
		if (!status && !write_blob(path, out.data, out.len))
			status = PARSEC_PSA_ERROR_STORAGE_FAILURE;
	}
	ref.blob = (struct parsec_span){ out.data, out.len };
	if (!status)
		status = real->load(ctx->real, &ref, &attrs, &ctx->endorsement);
	free(out.data);
	return status;
}

static void attest_close(struct parsec_provider_ctx *ctx)
{
	if (ctx->endorsement)
		real->unload(ctx->real, ctx->endorsement);
	real->close(ctx->real);
	free(ctx);
}

static enum parsec_status attest_open(const struct parsec_provider_host *host,
				      const struct parsec_option *options, size_t count,
				      struct parsec_provider_ctx **ctx)
{
	struct parsec_provider_ctx *new = calloc(1, sizeof(*new));
	enum parsec_status status;

	if (!new)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	status = real->open(host, options, count, &new->real);
	if (status) {
		free(new);
		return status;
	}
	status = load_endorsement(host, new);
	if (status)
		attest_close(new);
	else
		*ctx = new;
	return status;
}

/* Two kinds of keys are attested; those that decrypt may attest them */
static const struct parsec_capability rows[] = {
	{
		.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR, .family = PARSEC_ECC_SECP_R1,
		.bits = { 256, 384 },
		.alg_kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_ECDSA,
		.hashes = PARSEC_HASH_BIT(PARSEC_HASH_SHA_256),
		.can = PARSEC_CAN_GENERATE | PARSEC_CAN_IMPORT | PARSEC_CAN_EXPORT |
		       PARSEC_CAN_EXPORT_PUBLIC | PARSEC_CAN_SIGN | PARSEC_CAN_VERIFY |
		       PARSEC_CAN_ATTEST,
	}, {
		.type = PARSEC_KEY_TYPE_RSA_KEY_PAIR, .bits = { 1024 },
		.alg_kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_RSA_PKCS1V15,
		.hashes = PARSEC_HASH_BIT(PARSEC_HASH_SHA_256),
		.can = PARSEC_CAN_IMPORT | PARSEC_CAN_EXPORT_PUBLIC | PARSEC_CAN_SIGN |
		       PARSEC_CAN_VERIFY | PARSEC_CAN_ATTEST,
	}, {
		.type = PARSEC_KEY_TYPE_RSA_KEY_PAIR, .bits = { 2048 },
		.alg_kind = PARSEC_ALG_ASYMMETRIC_ENCRYPTION, .scheme = PARSEC_CRYPT_RSA_OAEP,
		.hashes = PARSEC_HASH_BIT(PARSEC_HASH_SHA_256),
		.can = PARSEC_CAN_GENERATE | PARSEC_CAN_IMPORT | PARSEC_CAN_EXPORT_PUBLIC |
		       PARSEC_CAN_ENCRYPT | PARSEC_CAN_DECRYPT,
	},
};

static void attest_capabilities(struct parsec_provider_ctx *ctx,
				struct parsec_capabilities *caps)
{
	static struct parsec_capability some_rows[sizeof(rows) / sizeof(*rows)];
	const char *type = getenv("TYPE");

	caps->rows = some_rows;
	caps->count = 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (!type || rows[i].type == atoi(type))
			some_rows[caps->count++] = rows[i];
	}
	caps->concurrency = PARSEC_CONCURRENCY_PER_KEY;
}

/*
 * Keys: a blob of the real provider's with a byte behind it that says where the key is from
 */

static enum parsec_status mark(enum parsec_status status, struct parsec_out *blob, bool imported)
{
	if (status)
		return status;
	if (blob->len >= blob->size)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	blob->data[blob->len++] = imported;
	return PARSEC_SUCCESS;
}

static enum parsec_status attest_create(struct parsec_provider_ctx *ctx,
					const uint8_t id[PARSEC_BACKEND_ID_SIZE],
					const struct parsec_key_attributes *attrs,
					struct parsec_out *blob)
{
	return mark(real->create(ctx->real, id, attrs, blob), blob, false);
}

/* The real provider takes more sizes */
static bool is_claimed(const struct parsec_key_attributes *attrs)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		for (size_t j = 0; rows[i].type == attrs->type && rows[i].bits[j]; j++) {
			if (rows[i].bits[j] == attrs->bits)
				return true;
		}
	}
	return false;
}

static enum parsec_status attest_import(struct parsec_provider_ctx *ctx,
					const uint8_t id[PARSEC_BACKEND_ID_SIZE],
					struct parsec_key_attributes *attrs,
					struct parsec_span data, struct parsec_out *blob)
{
	enum parsec_status status = real->import(ctx->real, id, attrs, data, blob);

	if (!status && !is_claimed(attrs))
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	return mark(status, blob, !fault("origin"));
}

static enum parsec_status attest_destroy(struct parsec_provider_ctx *ctx,
					 const struct parsec_key_ref *ref)
{
	return real->destroy(ctx->real, ref);
}

static enum parsec_status attest_load(struct parsec_provider_ctx *ctx,
				      const struct parsec_key_ref *ref,
				      const struct parsec_key_attributes *attrs,
				      struct parsec_key **key)
{
	struct parsec_key_ref inner = *ref;
	struct parsec_key *new;
	enum parsec_status status;

	if (!ref->blob.len || ref->blob.data[ref->blob.len - 1] > 1)
		return PARSEC_PSA_ERROR_DATA_INVALID;
	inner.blob.len--;
	new = calloc(1, sizeof(*new));
	if (!new)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	new->attrs = *attrs;
	new->imported = ref->blob.data[inner.blob.len];
	status = real->load(ctx->real, &inner, attrs, &new->real);
	if (status)
		free(new);
	else
		*key = new;
	return status;
}

static void attest_unload(struct parsec_provider_ctx *ctx, struct parsec_key *key)
{
	real->unload(ctx->real, key->real);
	free(key);
}

static enum parsec_status attest_export_public(struct parsec_provider_ctx *ctx,
					       struct parsec_key *key, struct parsec_out *data)
{
	return real->export_public(ctx->real, key->real, data);
}

static enum parsec_status attest_export(struct parsec_provider_ctx *ctx,
					struct parsec_key *key, struct parsec_out *data)
{
	return real->export(ctx->real, key->real, data);
}

static enum parsec_status attest_sign(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				      const struct parsec_alg *alg, struct parsec_span hash,
				      struct parsec_out *signature)
{
	return real->sign(ctx->real, key->real, alg, hash, signature);
}

static enum parsec_status attest_verify(struct parsec_provider_ctx *ctx, struct parsec_key *key,
					const struct parsec_alg *alg, struct parsec_span hash,
					struct parsec_span signature)
{
	return real->verify(ctx->real, key->real, alg, hash, signature);
}

static enum parsec_status attest_encrypt(struct parsec_provider_ctx *ctx,
					 struct parsec_key *key, const struct parsec_alg *alg,
					 struct parsec_span label, struct parsec_span plaintext,
					 struct parsec_out *ciphertext)
{
	return real->asymmetric_encrypt(ctx->real, key->real, alg, label, plaintext, ciphertext);
}

static enum parsec_status attest_decrypt(struct parsec_provider_ctx *ctx,
					 struct parsec_key *key, const struct parsec_alg *alg,
					 struct parsec_span label, struct parsec_span ciphertext,
					 struct parsec_out *plaintext)
{
	return real->asymmetric_decrypt(ctx->real, key->real, alg, label, ciphertext, plaintext);
}

/*
 * Attestation
 */

static enum parsec_status make_area(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				    struct area *area)
{
	uint8_t public[1024];
	struct parsec_out out = { public, sizeof(public), 0 };
	enum parsec_status status = real->export_public(ctx->real, key->real, &out);

	if (status)
		return status;
	return area_make(area, &key->attrs, key->imported, (struct parsec_span){ public, out.len });
}

/* The real provider's key that attests, or NULL for one that cannot */
static struct parsec_key *attesting_key(const struct parsec_provider_ctx *ctx,
					const struct parsec_key *attesting)
{
	if (!attesting || fault("own-only"))
		return ctx->endorsement;
	if (attesting->attrs.type == PARSEC_KEY_TYPE_RSA_KEY_PAIR &&
	    attesting->attrs.alg.kind == PARSEC_ALG_ASYMMETRIC_ENCRYPTION)
		return attesting->real;
	return NULL;
}

static enum parsec_status put(struct parsec_out *out, const uint8_t *bytes, size_t len)
{
	if (len > out->size && !fault("prepare-room"))
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	memcpy(out->data, bytes, len);
	out->len = len;
	return PARSEC_SUCCESS;
}

static enum parsec_status attest_prepare(struct parsec_provider_ctx *ctx, struct parsec_key *key,
					 struct parsec_key *attesting, struct parsec_out *name,
					 struct parsec_out *public,
					 struct parsec_out *attesting_public)
{
	struct parsec_key *with = attesting_key(ctx, attesting);
	struct area area;
	enum parsec_status status;

	if (!with)
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	status = make_area(ctx, key, &area);
	if (!status)
		status = put(name, area.name, sizeof(area.name));
	if (!status)
		status = put(public, area.bytes, area.len);
	if (!status)
		status = real->export_public(ctx->real, with, attesting_public);
	if (!fault("any-key"))
		return status;
	memmove(&seen[1], &seen[0], sizeof(seen) - sizeof(seen[0]));
	seen[0] = area;
	return status;
}

/* The seed, or PARSEC_PSA_ERROR_INVALID_ARGUMENT whatever is wrong with it */
static enum parsec_status decrypt_seed(struct parsec_provider_ctx *ctx, struct parsec_key *with,
				       struct parsec_span secret, uint8_t *seed, size_t *len)
{
	struct parsec_span label = { (const uint8_t *)OAEP_LABEL, sizeof(OAEP_LABEL) };
	struct parsec_out out = { seed, SEED_MAX, 0 };
	enum parsec_status status;

	status = real->asymmetric_decrypt(ctx->real, with, &oaep, label, secret, &out);
	if (status && fault("label")) {
		label = (struct parsec_span){ (const uint8_t *)"DUPLICATE", 10 };
		status = real->asymmetric_decrypt(ctx->real, with, &oaep, label, secret, &out);
	}
	*len = out.len;
	if (status == PARSEC_PSA_ERROR_INVALID_PADDING && !fault("padding"))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	return status;
}

static enum parsec_status attest_activate(struct parsec_provider_ctx *ctx,
					  struct parsec_key *key, struct parsec_key *attesting,
					  struct parsec_span blob, struct parsec_span secret,
					  struct parsec_out *credential)
{
	struct parsec_key *with = attesting_key(ctx, attesting);
	struct area area;
	uint8_t seed[SEED_MAX];
	enum parsec_status status;
	size_t len = 0;

	if (!with)
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	status = make_area(ctx, key, &area);
	if (!status)
		status = decrypt_seed(ctx, with, secret, seed, &len);
	if (!status)
		status = area_unwrap(&area, (struct parsec_span){ seed, len }, blob, credential);
	for (size_t i = 0; i < 4 && status == PARSEC_PSA_ERROR_INVALID_ARGUMENT &&
	     fault("any-key"); i++)
		status = area_unwrap(&seen[i], (struct parsec_span){ seed, len }, blob,
				     credential);
	explicit_bzero(seed, sizeof(seed));
	return status;
}

/* struct parsec_provider is called openssl_provider here */
__attribute__((visibility("default")))
const struct openssl_provider parsec_provider = {
	.abi		= PARSEC_PROVIDER_ABI,
	.uuid		= "3f0a4c27-52d1-4b5e-9a3e-0d8c9b7a6e15",
	.description	= "Attests keys, for tests",
	.vendor		= "Tests",
	.open		= attest_open,
	.close		= attest_close,
	.capabilities	= attest_capabilities,
	.create		= attest_create,
	.import		= attest_import,
	.destroy	= attest_destroy,
	.load		= attest_load,
	.unload		= attest_unload,
	.export_public	= attest_export_public,
	.export		= attest_export,
	.sign		= attest_sign,
	.verify		= attest_verify,
	.asymmetric_encrypt = attest_encrypt,
	.asymmetric_decrypt = attest_decrypt,
	.attest_prepare	= attest_prepare,
	.attest_activate = attest_activate,
};
