// SPDX-License-Identifier: Apache-2.0
/*
 * The smallest complete provider, made to be copied: keys for HMAC with SHA-256. The
 * numbered comments are the decisions that are yours; <parsec/provider.h> has the rules.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <parsec/provider.h>

#define MAC_SIZE	32
#define KEY_SIZE_MIN	16
#define KEY_SIZE_MAX	64

/*
 * 1. What your instance keeps between open() and close(): a session with a device, say.
 * Here it is only the way to the log.
 */
struct parsec_provider_ctx {
	const struct parsec_provider_host *host;
};

/* 2. What a key is while it is in use: a handle, or as here the key itself */
struct parsec_key {
	size_t len;
	uint8_t bytes[KEY_SIZE_MAX];
};

/*
 * 3. What it can do. The host answers everything else with PsaErrorNotSupported itself,
 * so what comes to the functions below is in this table. The sizes go from 128 bits to
 * 512 in steps of 8.
 */
static const struct parsec_capability rows[] = {
	{
		.type = PARSEC_KEY_TYPE_HMAC,
		.bits = { KEY_SIZE_MIN * 8, KEY_SIZE_MAX * 8 },
		.bits_step = 8,
		.alg_kind = PARSEC_ALG_MAC,
		.scheme = PARSEC_MAC_HMAC,
		.hashes = PARSEC_HASH_BIT(PARSEC_HASH_SHA_256),
		.can = PARSEC_CAN_GENERATE | PARSEC_CAN_IMPORT | PARSEC_CAN_EXPORT |
		       PARSEC_CAN_SIGN | PARSEC_CAN_VERIFY,
	},
};

/*
 * 4. Options are the lines of your section of parsecd.conf. Refuse what you do not know:
 * a misspelt option must not be silently without effect.
 */
static enum parsec_status template_open(const struct parsec_provider_host *host,
					const struct parsec_option *options, size_t count,
					struct parsec_provider_ctx **ctx)
{
	if (count) {
		host->log(PARSEC_LOG_ERROR, "line %u: %s: this provider has no such option",
			  options[0].line, options[0].name);
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	}
	*ctx = calloc(1, sizeof(**ctx));
	if (!*ctx)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	(*ctx)->host = host;
	return PARSEC_SUCCESS;
}

static void template_close(struct parsec_provider_ctx *ctx)
{
	free(ctx);
}

/*
 * 5. Nothing here is shared between calls, so any number may run at a time. A backend
 * that cannot take that says PARSEC_CONCURRENCY_NONE and needs no lock either.
 */
static void template_capabilities(struct parsec_provider_ctx *ctx,
				  struct parsec_capabilities *caps)
{
	(void)ctx;
	caps->rows = rows;
	caps->count = sizeof(rows) / sizeof(rows[0]);
	caps->concurrency = PARSEC_CONCURRENCY_FULL;
}

/*
 * 6. The blob is what you need to find the key again; the host keeps it encrypted, so
 * here it is the key. A device that keeps keys itself names the new one after @id.
 */
static enum parsec_status template_create(struct parsec_provider_ctx *ctx,
					  const uint8_t id[PARSEC_BACKEND_ID_SIZE],
					  const struct parsec_key_attributes *attrs,
					  struct parsec_out *blob)
{
	size_t len = attrs->bits / 8;

	(void)id;
	if (len > blob->size)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	if (RAND_priv_bytes(blob->data, (int)len) != 1) {
		ctx->host->log(PARSEC_LOG_ERROR, "no random bytes for a new key");
		return PARSEC_PSA_ERROR_INSUFFICIENT_ENTROPY;
	}
	blob->len = len;
	return PARSEC_SUCCESS;
}

/* 7. The caller's bytes: the only input that nobody has looked at before you */
static enum parsec_status template_import(struct parsec_provider_ctx *ctx,
					  const uint8_t id[PARSEC_BACKEND_ID_SIZE],
					  struct parsec_key_attributes *attrs,
					  struct parsec_span data, struct parsec_out *blob)
{
	(void)ctx;
	(void)id;
	if (data.len < KEY_SIZE_MIN || data.len > KEY_SIZE_MAX ||
	    (attrs->bits && attrs->bits != data.len * 8))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	if (data.len > blob->size)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	memcpy(blob->data, data.data, data.len);
	blob->len = data.len;
	attrs->bits = (uint32_t)data.len * 8;
	return PARSEC_SUCCESS;
}

/* 8. There is nothing outside the blob. To destroy what is not there is a success */
static enum parsec_status template_destroy(struct parsec_provider_ctx *ctx,
					   const struct parsec_key_ref *ref)
{
	(void)ctx;
	(void)ref;
	return PARSEC_SUCCESS;
}

/* 9. Do what is slow here: the host keeps loaded keys and loads each just once */
static enum parsec_status template_load(struct parsec_provider_ctx *ctx,
					const struct parsec_key_ref *ref,
					const struct parsec_key_attributes *attrs,
					struct parsec_key **key)
{
	(void)ctx;
	if (ref->blob.len < KEY_SIZE_MIN || ref->blob.len > KEY_SIZE_MAX ||
	    ref->blob.len * 8 != attrs->bits)
		return PARSEC_PSA_ERROR_DATA_INVALID;
	*key = calloc(1, sizeof(**key));
	if (!*key)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	(*key)->len = ref->blob.len;
	memcpy((*key)->bytes, ref->blob.data, ref->blob.len);
	return PARSEC_SUCCESS;
}

static void template_unload(struct parsec_provider_ctx *ctx, struct parsec_key *key)
{
	(void)ctx;
	OPENSSL_cleanse(key, sizeof(*key));
	free(key);
}

static enum parsec_status template_export(struct parsec_provider_ctx *ctx,
					  struct parsec_key *key, struct parsec_out *data)
{
	(void)ctx;
	if (key->len > data->size)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	memcpy(data->data, key->bytes, key->len);
	data->len = key->len;
	return PARSEC_SUCCESS;
}

/* 10. The operation. The host truncates, and compares when it has a MAC to verify */
static enum parsec_status template_mac(struct parsec_provider_ctx *ctx,
				       struct parsec_key *key, const struct parsec_alg *alg,
				       struct parsec_span input, struct parsec_out *mac)
{
	unsigned int len;

	(void)alg;
	if (mac->size < MAC_SIZE)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	if (!HMAC(EVP_sha256(), key->bytes, (int)key->len, input.data, input.len,
		  mac->data, &len)) {
		ctx->host->log(PARSEC_LOG_ERROR, "OpenSSL cannot compute an HMAC");
		return PARSEC_PSA_ERROR_GENERIC_ERROR;
	}
	mac->len = len;
	return PARSEC_SUCCESS;
}

/*
 * 11. Give your kind of provider a UUID of its own; /proc/sys/kernel/random/uuid makes
 * them. What is not named here is NULL, which the host takes for "cannot do that"; without
 * exists() it takes the blob for the key. With keys in a device, write exists() and list(),
 * so that parsecctl doctor finds those that have no name.
 */
__attribute__((visibility("default")))
const struct parsec_provider parsec_provider = {
	.abi		= PARSEC_PROVIDER_ABI,
	.uuid		= "8213d5c2-032b-4df7-a350-2aa1a146ab66",
	.description	= "Template: HMAC keys, encrypted in the key store",
	.vendor		= "/dev/parsec",
	.version	= { 0, 1, 0 },

	.open		= template_open,
	.close		= template_close,
	.capabilities	= template_capabilities,

	.create		= template_create,
	.import		= template_import,
	.destroy	= template_destroy,
	.load		= template_load,
	.unload		= template_unload,
	.export		= template_export,
	.mac		= template_mac,
};
