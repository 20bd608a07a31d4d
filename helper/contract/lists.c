// SPDX-License-Identifier: Apache-2.0
/*
 * Results of the core operations, which are more than some bytes. Lists are written
 * entry by entry: in protobuf, the encodings of two lists one after the other are the
 * encoding of the whole list.
 */
#include <string.h>

#include "helper/contract/codec.h"
#include "helper/contract/list_authenticators.pb-c.h"
#include "helper/contract/list_clients.pb-c.h"
#include "helper/contract/list_keys.pb-c.h"
#include "helper/contract/list_opcodes.pb-c.h"
#include "helper/contract/list_providers.pb-c.h"
#include "helper/contract/operations.h"
#include "helper/contract/ping.pb-c.h"

static enum parsec_status ping_get(const ProtobufCMessage *msg,
				   struct contract_result *result, struct arena *arena)
{
	const Ping__Result *from = (const Ping__Result *)msg;

	(void)arena;
	result->version[0] = from->wire_protocol_version_maj;
	result->version[1] = from->wire_protocol_version_min;
	return PARSEC_SUCCESS;
}

static enum parsec_status ping_put(const struct contract_result *result,
				   struct parsec_out *out)
{
	Ping__Result msg = PING__RESULT__INIT;

	msg.wire_protocol_version_maj = result->version[0];
	msg.wire_protocol_version_min = result->version[1];
	return codec_pack(&msg.base, out);
}

static enum parsec_status opcodes_get(const ProtobufCMessage *msg,
				      struct contract_result *result,
				      struct arena *arena)
{
	const ListOpcodes__Result *from = (const ListOpcodes__Result *)msg;

	(void)arena;
	result->opcodes = from->opcodes;
	result->count = from->n_opcodes;
	return PARSEC_SUCCESS;
}

static enum parsec_status opcodes_put(const struct contract_result *result,
				      struct parsec_out *out)
{
	ListOpcodes__Result msg = LIST_OPCODES__RESULT__INIT;

	msg.n_opcodes = result->count;
	msg.opcodes = (uint32_t *)(uintptr_t)result->opcodes;
	return codec_pack(&msg.base, out);
}

static enum parsec_status providers_get(const ProtobufCMessage *msg,
					struct contract_result *result,
					struct arena *arena)
{
	const ListProviders__Result *from = (const ListProviders__Result *)msg;
	struct contract_provider *list;
	size_t i;

	list = arena_alloc(arena, from->n_providers * sizeof(*list));
	if (!list)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	for (i = 0; i < from->n_providers; i++) {
		const ListProviders__ProviderInfo *info = from->providers[i];
		enum parsec_status status;

		status = codec_get_text(&info->uuid, arena, &list[i].uuid);
		if (!status)
			status = codec_get_text(&info->description, arena, &list[i].description);
		if (!status)
			status = codec_get_text(&info->vendor, arena, &list[i].vendor);
		if (status)
			return status;
		list[i].version[0] = info->version_maj;
		list[i].version[1] = info->version_min;
		list[i].version[2] = info->version_rev;
		list[i].id = info->id;
	}
	result->providers = list;
	result->count = from->n_providers;
	return PARSEC_SUCCESS;
}

static enum parsec_status providers_put(const struct contract_result *result,
					struct parsec_out *out)
{
	enum parsec_status status = PARSEC_SUCCESS;
	size_t i;

	for (i = 0; i < result->count; i++) {
		const struct contract_provider *from = &result->providers[i];
		ListProviders__ProviderInfo info = LIST_PROVIDERS__PROVIDER_INFO__INIT;
		ListProviders__Result msg = LIST_PROVIDERS__RESULT__INIT;

		info.uuid = codec_put_text(from->uuid);
		info.description = codec_put_text(from->description);
		info.vendor = codec_put_text(from->vendor);
		info.version_maj = from->version[0];
		info.version_min = from->version[1];
		info.version_rev = from->version[2];
		info.id = from->id;
		msg.n_providers = 1;
		msg.providers = (ListProviders__ProviderInfo *[]) { &info };
		status = codec_pack(&msg.base, out);
	}
	return status;
}

static enum parsec_status authenticators_get(const ProtobufCMessage *msg,
					     struct contract_result *result,
					     struct arena *arena)
{
	const ListAuthenticators__Result *from = (const ListAuthenticators__Result *)msg;
	struct contract_authenticator *list;
	size_t i;

	list = arena_alloc(arena, from->n_authenticators * sizeof(*list));
	if (!list)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	for (i = 0; i < from->n_authenticators; i++) {
		const ListAuthenticators__AuthenticatorInfo *info = from->authenticators[i];
		enum parsec_status status;

		status = codec_get_text(&info->description, arena, &list[i].description);
		if (status)
			return status;
		list[i].version[0] = info->version_maj;
		list[i].version[1] = info->version_min;
		list[i].version[2] = info->version_rev;
		list[i].id = info->id;
	}
	result->authenticators = list;
	result->count = from->n_authenticators;
	return PARSEC_SUCCESS;
}

static enum parsec_status authenticators_put(const struct contract_result *result,
					     struct parsec_out *out)
{
	enum parsec_status status = PARSEC_SUCCESS;
	size_t i;

	for (i = 0; i < result->count; i++) {
		const struct contract_authenticator *from = &result->authenticators[i];
		ListAuthenticators__AuthenticatorInfo info =
			LIST_AUTHENTICATORS__AUTHENTICATOR_INFO__INIT;
		ListAuthenticators__Result msg = LIST_AUTHENTICATORS__RESULT__INIT;

		info.description = codec_put_text(from->description);
		info.version_maj = from->version[0];
		info.version_min = from->version[1];
		info.version_rev = from->version[2];
		info.id = from->id;
		msg.n_authenticators = 1;
		msg.authenticators = (ListAuthenticators__AuthenticatorInfo *[]) { &info };
		status = codec_pack(&msg.base, out);
	}
	return status;
}

static enum parsec_status keys_get(const ProtobufCMessage *msg,
				   struct contract_result *result, struct arena *arena)
{
	const ListKeys__Result *from = (const ListKeys__Result *)msg;
	struct contract_key *list;
	size_t i;

	list = arena_alloc(arena, from->n_keys * sizeof(*list));
	if (!list)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	for (i = 0; i < from->n_keys; i++) {
		const ListKeys__KeyInfo *info = from->keys[i];
		enum parsec_status status;

		list[i].provider_id = info->provider_id;
		list[i].name = (struct parsec_span) { info->name.data, info->name.len };
		status = text_check_name(list[i].name);
		if (!status)
			status = codec_get_attributes(info->attributes, &list[i].attrs);
		if (status)
			return status;
	}
	result->keys = list;
	result->count = from->n_keys;
	return PARSEC_SUCCESS;
}

static enum parsec_status keys_put(const struct contract_result *result,
				   struct parsec_out *out)
{
	enum parsec_status status = PARSEC_SUCCESS;
	struct codec_attributes attrs;
	size_t i;

	for (i = 0; i < result->count; i++) {
		const struct contract_key *from = &result->keys[i];
		ListKeys__KeyInfo info = LIST_KEYS__KEY_INFO__INIT;
		ListKeys__Result msg = LIST_KEYS__RESULT__INIT;

		if (!codec_put_attributes(&from->attrs, &attrs))
			return PARSEC_SERIALIZING_BODY_FAILED;
		info.provider_id = from->provider_id;
		info.name = codec_bytes(from->name);
		info.attributes = &attrs.top;
		msg.n_keys = 1;
		msg.keys = (ListKeys__KeyInfo *[]) { &info };
		status = codec_pack(&msg.base, out);
	}
	return status;
}

static enum parsec_status clients_get(const ProtobufCMessage *msg,
				      struct contract_result *result,
				      struct arena *arena)
{
	const ListClients__Result *from = (const ListClients__Result *)msg;
	struct parsec_span *list;
	size_t i;

	list = arena_alloc(arena, from->n_clients * sizeof(*list));
	if (!list)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	for (i = 0; i < from->n_clients; i++) {
		list[i] = (struct parsec_span) { from->clients[i].data,
						 from->clients[i].len };
		if (!text_is_utf8(list[i]))
			return PARSEC_DESERIALIZING_BODY_FAILED;
	}
	result->clients = list;
	result->count = from->n_clients;
	return PARSEC_SUCCESS;
}

static enum parsec_status clients_put(const struct contract_result *result,
				      struct parsec_out *out)
{
	enum parsec_status status = PARSEC_SUCCESS;
	size_t i;

	for (i = 0; i < result->count; i++) {
		ProtobufCBinaryData client = codec_bytes(result->clients[i]);
		ListClients__Result msg = LIST_CLIENTS__RESULT__INIT;

		msg.n_clients = 1;
		msg.clients = &client;
		status = codec_pack(&msg.base, out);
	}
	return status;
}

const struct codec_list codec_ping = { ping_get, ping_put };
const struct codec_list codec_providers = { providers_get, providers_put };
const struct codec_list codec_opcodes = { opcodes_get, opcodes_put };
const struct codec_list codec_authenticators = {
	authenticators_get, authenticators_put,
};
const struct codec_list codec_keys = { keys_get, keys_put };
const struct codec_list codec_clients = { clients_get, clients_put };
