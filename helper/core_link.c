// SPDX-License-Identifier: Apache-2.0
/*
 * How the core provider reaches the other providers.
 */
#include "helper/core_link.h"

#include <stdlib.h>

#include "helper/inner.h"
#include "helper/log.h"

/* An encoded ListOpcodes answer with every opcode there is */
#define OPCODES_BODY_MAX	512

/* Who asks what a provider is */
static const struct core_caller nobody;

struct core_peers {
	size_t count;
	struct {
		struct inner_peer inner;
		unsigned int described;	/* over which connection; core's lock */
		bool silent;		/* said once that it cannot be asked */
	} peers[];
};

struct core_peers *core_peers_new(const struct config *config, const uid_t *users)
{
	size_t count = config->provider_count;
	struct core_peers *peers = calloc(1, sizeof(*peers) + count * sizeof(*peers->peers));

	if (!peers) {
		log_error("out of memory");
		return NULL;
	}
	for (; peers->count < count; peers->count++) {
		if (inner_peer_init(&peers->peers[peers->count].inner, config->runtime_dir,
				    config->providers[peers->count].name,
				    users[peers->count]))
			continue;
		peers->count++;
		core_peers_free(peers);
		return NULL;
	}
	return peers;
}

void core_peers_free(struct core_peers *peers)
{
	size_t i;

	if (!peers)
		return;
	for (i = 0; i < peers->count; i++)
		inner_peer_close(&peers->peers[i].inner);
	free(peers);
}

static enum parsec_status ask_opcodes(struct inner_peer *inner,
				      uint32_t words[CORE_OPCODE_WORDS])
{
	uint8_t body[OPCODES_BODY_MAX];
	struct parsec_out out = { .data = body, .size = sizeof(body) };
	struct contract_result result;
	enum parsec_status status;
	size_t i;

	status = inner_ask(inner, PARSEC_OP_LIST_OPCODES, &nobody, &out);
	if (status)
		return status;
	status = contract_decode_result(PARSEC_OP_LIST_OPCODES,
					(struct parsec_span){ body, out.len }, &result);
	for (i = 0; !status && i < result.count; i++)
		if (result.opcodes[i] / 32 < CORE_OPCODE_WORDS)
			words[result.opcodes[i] / 32] |=
				UINT32_C(1) << result.opcodes[i] % 32;
	contract_result_free(&result);
	return status;
}

static enum parsec_status describe(void *arg, size_t peer,
				   struct core_description *description)
{
	struct core_peers *peers = arg;
	struct inner_peer *inner = &peers->peers[peer].inner;
	struct parsec_out info = {
		.data = description->info,
		.size = sizeof(description->info),
	};
	unsigned int serial;
	enum parsec_status status;

	status = inner_ask(inner, PARSEC_OP_LIST_PROVIDERS, &nobody, &info);
	if (status)
		return status;
	serial = inner_serial(inner);
	description->info_len = info.len;
	for (size_t i = 0; i < CORE_OPCODE_WORDS; i++)
		description->opcodes[i] = 0;
	status = ask_opcodes(inner, description->opcodes);
	if (!status)
		peers->peers[peer].described = serial;
	return status;
}

static enum parsec_status ask(void *arg, size_t peer, uint8_t opcode,
			      const struct core_caller *caller, struct parsec_out *answer)
{
	struct core_peers *peers = arg;
	struct inner_peer *inner = &peers->peers[peer].inner;
	enum parsec_status status;

	status = inner_ask(inner, opcode, caller, answer);
	/* One line, not one for each time that somebody asks */
	if (!__atomic_exchange_n(&peers->peers[peer].silent, status != PARSEC_SUCCESS,
				 __ATOMIC_RELAXED) && status)
		log_warning("%s: it cannot be asked (status %u)", inner->name, status);
	return status;
}

static bool is_same(void *arg, size_t peer)
{
	struct core_peers *peers = arg;
	unsigned int serial = inner_serial(&peers->peers[peer].inner);

	return serial && serial == peers->peers[peer].described;
}

struct core *core_link_start(struct core_peers *peers, const struct config *config)
{
	static const struct core_link link = {
		.describe = describe,
		.ask = ask,
		.is_same = is_same,
	};
	struct core_peer *list = calloc(config->provider_count, sizeof(*list));
	struct core *core = NULL;
	size_t i;

	if (!list)
		return NULL;
	for (i = 0; i < config->provider_count; i++)
		list[i] = (struct core_peer){ .name = config->providers[i].name,
					      .id = config->providers[i].id };
	core = core_new(list, config->provider_count, &link, peers);
	free(list);
	return core;
}
