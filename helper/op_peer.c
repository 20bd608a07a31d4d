// SPDX-License-Identifier: Apache-2.0
/*
 * What a provider host tells the core host: the core provider's lists, with what this
 * provider adds to them.
 */
#include "helper/log.h"
#include "helper/ops.h"

enum parsec_status op_peer_describe(struct call *call)
{
	const struct plugin *plugin = call->host->plugin;
	const struct parsec_provider *ops = plugin->ops;
	const struct contract_provider self = {
		.uuid = plugin->uuid,
		.description = ops->description,
		.vendor = ops->vendor,
		.version = { ops->version[0], ops->version[1], ops->version[2] },
		.id = call->host->id,
	};
	enum parsec_status status;

	call->result.providers = &self;
	call->result.count = 1;
	status = contract_encode_result(call->opcode, &call->result, &call->out);
	call->result.providers = NULL;
	return status;
}

enum parsec_status op_peer_opcodes(struct call *call)
{
	uint32_t opcodes[OPCODE_COUNT];
	enum parsec_status status;
	unsigned int opcode;

	for (opcode = 0; opcode < OPCODE_COUNT; opcode++)
		if (dispatch_serves(call->host, (uint8_t)opcode))
			opcodes[call->result.count++] = opcode;
	call->result.opcodes = opcodes;
	status = contract_encode_result(call->opcode, &call->result, &call->out);
	call->result.opcodes = NULL;
	return status;
}

/*
 * Append a key to the response body. A list of keys is the encodings of lists of one
 * key, one after the other, so no list is held in memory.
 */
static enum parsec_status add_key(void *arg, struct parsec_span name,
				  const struct parsec_key_attributes *attrs)
{
	struct call *call = arg;
	const struct contract_key key = {
		.provider_id = call->host->id,
		.name = name,
		.attrs = *attrs,
	};
	const struct contract_result one = { .keys = &key, .count = 1 };

	return call_append(call, &one);
}

enum parsec_status op_peer_keys(struct call *call)
{
	struct key_identity id = call_key(call);

	return keystore_list(call->host->store, &id, add_key, call);
}

/* As add_key() */
static enum parsec_status add_client(void *arg, struct parsec_span app)
{
	struct call *call = arg;
	const struct contract_result one = { .clients = &app, .count = 1 };

	return call_append(call, &one);
}

enum parsec_status op_peer_clients(struct call *call)
{
	return keystore_list_apps(call->host->store, call->identity->auth_id, add_client,
				  call);
}

enum parsec_status op_peer_delete_client(struct call *call)
{
	const struct key_identity id = call_key(call);
	enum parsec_status status = keystore_destroy_all(call->host->store, &id);

	if (status)
		log_warning("not all keys of a client could be removed (status %u)", status);
	return status;
}
