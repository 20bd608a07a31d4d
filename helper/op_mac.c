// SPDX-License-Identifier: Apache-2.0
/*
 * Message authentication. Providers compute whole MACs; they are truncated and compared
 * here.
 */
#include <openssl/crypto.h>

#include "helper/ops.h"

/* The MAC of the request's input, in the output of the call */
static enum parsec_status compute(struct call *call, uint32_t can, struct parsec_span *mac)
{
	struct plugin *plugin = call->host->plugin;
	const struct contract_request *req = &call->req;
	struct keystore_key *key = call->key;
	struct parsec_out output;
	enum parsec_status status;

	status = call_supported(call, can);
	if (status)
		return status;
	output = call_output(call);
	plugin_enter(plugin, &key->lock);
	status = plugin->ops->mac(plugin->ctx, key->key, &req->alg, req->input, &output);
	plugin_leave(plugin, &key->lock);
	if (status)
		return status;
	if (req->alg.length > output.len)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	/* All of it is wiped in the end, not just the part that is used */
	call->result.data = (struct parsec_span){ output.data, output.len };
	*mac = call->result.data;
	if (req->alg.length)
		mac->len = req->alg.length;
	return PARSEC_SUCCESS;
}

enum parsec_status op_mac_compute(struct call *call)
{
	struct parsec_span mac;
	enum parsec_status status;

	status = compute(call, PARSEC_CAN_SIGN, &mac);
	if (status)
		return status;
	/* What is not given away must not stay behind either */
	OPENSSL_cleanse(call->scratch->output.data + mac.len, call->result.data.len - mac.len);
	call->result.data = mac;
	return PARSEC_SUCCESS;
}

enum parsec_status op_mac_verify(struct call *call)
{
	const struct parsec_span *reference = &call->req.reference;
	struct parsec_span mac;
	enum parsec_status status;

	status = compute(call, PARSEC_CAN_VERIFY, &mac);
	if (status)
		return status;
	if (reference->len != mac.len || CRYPTO_memcmp(reference->data, mac.data, mac.len))
		return PARSEC_PSA_ERROR_INVALID_SIGNATURE;
	return PARSEC_SUCCESS;
}
