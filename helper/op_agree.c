// SPDX-License-Identifier: Apache-2.0
/*
 * Key agreement.
 */
#include "helper/ops.h"

enum parsec_status op_raw_key_agreement(struct call *call)
{
	struct plugin *plugin = call->host->plugin;
	const struct contract_request *req = &call->req;
	struct keystore_key *key = call->key;
	struct parsec_out secret;
	enum parsec_status status;

	if (!req->input.len)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	status = call_supported(call, PARSEC_CAN_DERIVE);
	if (status)
		return status;
	secret = call_output(call);
	plugin_enter(plugin, &key->lock);
	status = plugin->ops->agree(plugin->ctx, key->key, &req->alg, req->input, &secret);
	plugin_leave(plugin, &key->lock);
	if (!status)
		call->result.data = (struct parsec_span){ secret.data, secret.len };
	return status;
}
