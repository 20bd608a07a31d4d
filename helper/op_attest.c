// SPDX-License-Identifier: Apache-2.0
/*
 * Attestation: proof that a key is in the backend that another key is in.
 */
#include "helper/ops.h"
#include "helper/policy.h"

/* Rooms for what a challenge is made of; the ABI says so */
#define NAME_ROOM	(2 + PARSEC_HASH_SIZE_MAX)
#define PUBLIC_ROOM	4096

static struct parsec_key *attesting_key(const struct call *call)
{
	return call->attesting ? call->attesting->key : NULL;
}

static void enter(struct call *call)
{
	plugin_enter_two(call->host->plugin, &call->key->lock,
			 call->attesting ? &call->attesting->lock : NULL);
}

static void leave(struct call *call)
{
	plugin_leave_two(call->host->plugin, &call->key->lock,
			 call->attesting ? &call->attesting->lock : NULL);
}

static enum parsec_status supported(const struct call *call)
{
	return policy_supported(&call->host->plugin->caps, &call->key->attrs,
				PARSEC_CAN_ATTEST);
}

enum parsec_status op_prepare_key_attestation(struct call *call)
{
	struct plugin *plugin = call->host->plugin;
	uint8_t name[NAME_ROOM], public[PUBLIC_ROOM], attesting[PUBLIC_ROOM];
	struct parsec_out name_out = { name, sizeof(name), 0 };
	struct parsec_out public_out = { public, sizeof(public), 0 };
	struct parsec_out attesting_out = { attesting, sizeof(attesting), 0 };
	enum parsec_status status;

	status = supported(call);
	if (status)
		return status;
	enter(call);
	status = plugin->ops->attest_prepare(plugin->ctx, call->key->key, attesting_key(call),
					     &name_out, &public_out, &attesting_out);
	leave(call);
	if (status)
		return status;
	call->result.name = (struct parsec_span){ name, name_out.len };
	call->result.data = (struct parsec_span){ public, public_out.len };
	call->result.attesting_public = (struct parsec_span){ attesting, attesting_out.len };
	status = contract_encode_result(call->opcode, &call->result, &call->out);
	/* What it points to ends here */
	call->result = (struct contract_result){ 0 };
	return status;
}

enum parsec_status op_attest_key(struct call *call)
{
	struct plugin *plugin = call->host->plugin;
	const struct contract_request *req = &call->req;
	struct parsec_out credential;
	enum parsec_status status;

	/* The attesting key decrypts what is in the secret */
	if (call->attesting && !(call->attesting->attrs.usage & PARSEC_USAGE_DECRYPT))
		return PARSEC_PSA_ERROR_NOT_PERMITTED;
	if (!req->input.len || !req->secret.len)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	status = supported(call);
	if (status)
		return status;
	credential = call_output(call);
	enter(call);
	status = plugin->ops->attest_activate(plugin->ctx, call->key->key, attesting_key(call),
					      req->input, req->secret, &credential);
	leave(call);
	if (!status)
		call->result.data = (struct parsec_span){ credential.data, credential.len };
	return status;
}
