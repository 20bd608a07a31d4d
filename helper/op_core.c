// SPDX-License-Identifier: Apache-2.0
/*
 * Operations of the core provider, as the core host performs them for applications.
 */
#include <stdlib.h>
#include <string.h>

#include "helper/inner.h"
#include "helper/ops.h"
#include "providers/core.h"

/* What this service calls the wire protocol; Ping's answer */
#define WIRE_PROTOCOL_MAJOR	1
#define WIRE_PROTOCOL_MINOR	0

enum parsec_status op_ping(struct call *call)
{
	call->result.version[0] = WIRE_PROTOCOL_MAJOR;
	call->result.version[1] = WIRE_PROTOCOL_MINOR;
	return PARSEC_SUCCESS;
}

/* "1.2.3" to three numbers */
static void split_version(uint32_t version[3])
{
	const char *text = PARSEC_VERSION;
	char *end;

	for (size_t i = 0; i < 3; i++) {
		version[i] = (uint32_t)strtoul(text, &end, 10);
		text = *end ? end + 1 : end;
	}
}

enum parsec_status op_list_providers(struct call *call)
{
	struct contract_provider self = {
		.uuid = CORE_UUID,
		.description = CORE_DESCRIPTION,
		.vendor = CORE_VENDOR,
		.id = PARSEC_PROVIDER_CORE,
	};
	enum parsec_status status;

	split_version(self.version);
	status = core_list_providers(call->host->core, &call->out);
	if (status)
		return status;
	call->result.providers = &self;
	call->result.count = 1;
	status = call_append(call, &call->result);
	call->result.providers = NULL;
	return status;
}

/* One of @words for each of the operations of @provider */
static enum parsec_status find_opcodes(struct call *call, uint32_t provider,
				       uint32_t words[CORE_OPCODE_WORDS])
{
	unsigned int opcode;

	if (provider != PARSEC_PROVIDER_CORE)
		return core_list_opcodes(call->host->core, provider, words);
	for (opcode = 0; opcode < OPCODE_COUNT; opcode++)
		if (dispatch_serves(call->host, (uint8_t)opcode))
			words[opcode / 32] |= UINT32_C(1) << opcode % 32;
	return PARSEC_SUCCESS;
}

enum parsec_status op_list_opcodes(struct call *call)
{
	uint32_t words[CORE_OPCODE_WORDS] = { 0 };
	uint32_t opcodes[OPCODE_COUNT];
	enum parsec_status status;
	unsigned int opcode;

	status = find_opcodes(call, call->req.provider_id, words);
	if (status)
		return status;
	for (opcode = 0; opcode < OPCODE_COUNT; opcode++)
		if (words[opcode / 32] & UINT32_C(1) << opcode % 32)
			opcodes[call->result.count++] = opcode;
	call->result.opcodes = opcodes;
	status = call_append(call, &call->result);
	call->result.opcodes = NULL;
	return status;
}

enum parsec_status op_list_authenticators(struct call *call)
{
	static const struct contract_authenticator unix_peer = {
		.description = "The user id that the kernel took when the device was opened",
		.version = { 0, 1, 0 },
		.id = AUTH_UNIX_PEER_CREDENTIALS,
	};

	call->result.authenticators = &unix_peer;
	call->result.count = 1;
	return PARSEC_SUCCESS;
}

enum parsec_status op_list_keys(struct call *call)
{
	const struct core_caller caller = {
		.auth_id = call->identity->auth_id,
		.app = { call->identity->app, call->identity->app_len },
	};

	return core_ask_all(call->host->core, call->opcode, &caller, &call->out);
}

static int compare_texts(const void *left, const void *right)
{
	const struct parsec_span *a = left, *b = right;
	int order = memcmp(a->data, b->data, a->len < b->len ? a->len : b->len);

	return order ?: (a->len > b->len) - (a->len < b->len);
}

/* Sort a list in place. Return: entries that are left without the doubles */
static size_t sort_unique(struct parsec_span *list, size_t count)
{
	size_t kept = 0, i;

	if (count)
		qsort(list, count, sizeof(*list), compare_texts);
	for (i = 0; i < count; i++)
		if (!kept || compare_texts(&list[kept - 1], &list[i]))
			list[kept++] = list[i];
	return kept;
}

enum parsec_status op_list_clients(struct call *call)
{
	const struct core_caller caller = { .auth_id = call->identity->auth_id };
	struct parsec_out all = call_output(call);
	struct contract_result clients;
	enum parsec_status status;

	status = core_ask_all(call->host->core, call->opcode, &caller, &all);
	if (status)
		return status;
	status = contract_decode_result(call->opcode,
					(struct parsec_span){ all.data, all.len }, &clients);
	if (!status) {
		/* The list was made for us by decoding */
		clients.count = sort_unique((struct parsec_span *)(uintptr_t)clients.clients,
					    clients.count);
		status = contract_encode_result(call->opcode, &clients, &call->out);
	}
	contract_result_free(&clients);
	return status;
}

enum parsec_status op_delete_client(struct call *call)
{
	const struct core_caller client = {
		.auth_id = call->identity->auth_id,
		.app = call->req.client,
	};
	struct parsec_out nothing = call_output(call);

	/* A longer name than any application has */
	if (client.app.len > INNER_APP_MAX)
		return PARSEC_SUCCESS;
	return core_ask_all(call->host->core, call->opcode, &client, &nothing);
}
