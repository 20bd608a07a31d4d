// SPDX-License-Identifier: Apache-2.0
/*
 * Encryption with a public key, decryption with its private key.
 */
#include "helper/ops.h"

typedef enum parsec_status (*crypt_fn)(struct parsec_provider_ctx *ctx,
				       struct parsec_key *key, const struct parsec_alg *alg,
				       struct parsec_span label, struct parsec_span input,
				       struct parsec_out *output);

static enum parsec_status crypt(struct call *call, crypt_fn fn, uint32_t can)
{
	struct plugin *plugin = call->host->plugin;
	const struct contract_request *req = &call->req;
	struct keystore_key *key = call->key;
	struct parsec_out output;
	enum parsec_status status;

	/* Only OAEP has a label */
	if (!req->input.len ||
	    (req->label.len && req->alg.scheme != PARSEC_CRYPT_RSA_OAEP))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	status = call_supported(call, can);
	if (status)
		return status;
	output = call_output(call);
	plugin_enter(plugin, &key->lock);
	status = fn(plugin->ctx, key->key, &req->alg, req->label, req->input, &output);
	plugin_leave(plugin, &key->lock);
	if (!status)
		call->result.data = (struct parsec_span){ output.data, output.len };
	return status;
}

enum parsec_status op_asymmetric_encrypt(struct call *call)
{
	return crypt(call, call->host->plugin->ops->asymmetric_encrypt, PARSEC_CAN_ENCRYPT);
}

enum parsec_status op_asymmetric_decrypt(struct call *call)
{
	return crypt(call, call->host->plugin->ops->asymmetric_decrypt, PARSEC_CAN_DECRYPT);
}
