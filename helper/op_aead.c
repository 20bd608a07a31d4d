// SPDX-License-Identifier: Apache-2.0
/*
 * Authenticated encryption. Lengths are checked here, for every provider alike.
 */
#include "helper/ops.h"

#define TAG_DEFAULT		16
#define CHACHA20_NONCE		12
#define CCM_NONCE_MIN		7
#define CCM_NONCE_MAX		13

/* Tag lengths of a scheme: bit n stands for n bytes */
static const uint32_t tags[] = {
	[PARSEC_AEAD_CCM] = 1 << 4 | 1 << 6 | 1 << 8 | 1 << 10 | 1 << 12 | 1 << 14 | 1 << 16,
	[PARSEC_AEAD_GCM] = 1 << 4 | 1 << 8 | 1 << 12 | 1 << 13 | 1 << 14 | 1 << 15 | 1 << 16,
	[PARSEC_AEAD_CHACHA20_POLY1305] = 1 << 16,
};

static uint32_t tag_length(const struct parsec_alg *alg)
{
	return alg->length ? alg->length : TAG_DEFAULT;
}

static bool tag_fits(const struct parsec_alg *alg)
{
	uint32_t length = tag_length(alg);

	return alg->scheme < sizeof(tags) / sizeof(tags[0]) && length <= TAG_DEFAULT &&
	       tags[alg->scheme] & UINT32_C(1) << length;
}

static bool nonce_fits(const struct parsec_alg *alg, size_t length)
{
	switch (alg->scheme) {
	case PARSEC_AEAD_CCM:
		return length >= CCM_NONCE_MIN && length <= CCM_NONCE_MAX;
	case PARSEC_AEAD_CHACHA20_POLY1305:
		return length == CHACHA20_NONCE;
	default:
		return length;
	}
}

typedef enum parsec_status (*aead_fn)(struct parsec_provider_ctx *ctx,
				      struct parsec_key *key, const struct parsec_alg *alg,
				      struct parsec_span nonce,
				      struct parsec_span additional_data,
				      struct parsec_span input, struct parsec_out *output);

static enum parsec_status aead(struct call *call, aead_fn fn, uint32_t can)
{
	struct plugin *plugin = call->host->plugin;
	const struct contract_request *req = &call->req;
	struct keystore_key *key = call->key;
	struct parsec_out output;
	enum parsec_status status;

	if (!tag_fits(&req->alg) || !nonce_fits(&req->alg, req->nonce.len))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	status = call_supported(call, can);
	if (status)
		return status;
	output = call_output(call);
	plugin_enter(plugin, &key->lock);
	status = fn(plugin->ctx, key->key, &req->alg, req->nonce, req->additional_data,
		    req->input, &output);
	plugin_leave(plugin, &key->lock);
	if (!status)
		call->result.data = (struct parsec_span){ output.data, output.len };
	return status;
}

enum parsec_status op_aead_encrypt(struct call *call)
{
	if (!call->req.input.len)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	return aead(call, call->host->plugin->ops->aead_encrypt, PARSEC_CAN_ENCRYPT);
}

enum parsec_status op_aead_decrypt(struct call *call)
{
	if (call->req.input.len <= tag_length(&call->req.alg))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	return aead(call, call->host->plugin->ops->aead_decrypt, PARSEC_CAN_DECRYPT);
}
