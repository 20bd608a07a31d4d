// SPDX-License-Identifier: Apache-2.0
/*
 * The core provider: what is known of the other providers, and the lists made of it.
 *
 * Answers of several providers are put together without taking them apart: the lists
 * of the contract are repeated fields, and two encoded messages one after the other
 * are the message with both lists.
 */
#include "providers/core.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct peer {
	struct core_peer config;
	pthread_mutex_t lock;		/* of all that follows */
	bool known;			/* @description is right or was */
	struct core_description description;
};

struct core {
	const struct core_link *link;
	void *arg;
	size_t count;
	struct peer peers[];
};

/*
 * Bring what is known of a peer up to date. A provider does not change while its
 * process lives, so it is asked once per process.
 *
 * Called with the peer's lock held. Return: false when nothing is known.
 */
static bool refresh(struct core *core, size_t index)
{
	struct peer *peer = &core->peers[index];
	struct core_description fresh;

	if (peer->known && core->link->is_same(core->arg, index))
		return true;
	if (!core->link->describe(core->arg, index, &fresh)) {
		peer->description = fresh;
		peer->known = true;
	}
	return peer->known;
}

struct core *core_new(const struct core_peer *peers, size_t count,
		      const struct core_link *link, void *arg)
{
	struct core *core = calloc(1, sizeof(*core) + count * sizeof(*core->peers));
	size_t i;

	if (!core)
		return NULL;
	core->link = link;
	core->arg = arg;
	core->count = count;
	for (i = 0; i < count; i++) {
		core->peers[i].config = peers[i];
		pthread_mutex_init(&core->peers[i].lock, NULL);
		refresh(core, i);
	}
	return core;
}

void core_free(struct core *core)
{
	size_t i;

	if (!core)
		return;
	for (i = 0; i < core->count; i++)
		pthread_mutex_destroy(&core->peers[i].lock);
	free(core);
}

/* Find a configured provider. Return: its index or core->count */
static size_t find(const struct core *core, uint32_t provider)
{
	size_t i;

	for (i = 0; i < core->count; i++)
		if (core->peers[i].config.id == provider)
			break;
	return i;
}

/* Status of a provider id that is not configured */
static enum parsec_status absent(uint32_t provider)
{
	switch (provider) {
	case PARSEC_PROVIDER_SOFTWARE:
	case PARSEC_PROVIDER_PKCS11:
	case PARSEC_PROVIDER_TPM:
		return PARSEC_PROVIDER_NOT_REGISTERED;
	}
	return PARSEC_PROVIDER_DOES_NOT_EXIST;
}

static bool has_opcode(const struct core_description *description, uint8_t opcode)
{
	return opcode / 32 < CORE_OPCODE_WORDS &&
	       description->opcodes[opcode / 32] & UINT32_C(1) << opcode % 32;
}

enum parsec_status core_answer_for(struct core *core, uint32_t provider, uint8_t opcode,
				   bool crypto)
{
	size_t index = find(core, provider);
	struct peer *peer = &core->peers[index];
	bool never;

	if (index == core->count)
		return absent(provider);
	if (!crypto)
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	pthread_mutex_lock(&peer->lock);
	never = peer->known && !has_opcode(&peer->description, opcode);
	pthread_mutex_unlock(&peer->lock);
	return never ? PARSEC_PSA_ERROR_NOT_SUPPORTED
		     : PARSEC_PSA_ERROR_COMMUNICATION_FAILURE;
}

static enum parsec_status append(struct parsec_out *answer, const uint8_t *data, size_t len)
{
	if (len > answer->size - answer->len)
		return PARSEC_RESPONSE_TOO_LARGE;
	memcpy(answer->data + answer->len, data, len);
	answer->len += len;
	return PARSEC_SUCCESS;
}

enum parsec_status core_list_providers(struct core *core, struct parsec_out *answer)
{
	enum parsec_status status = PARSEC_SUCCESS;
	size_t i;

	answer->len = 0;
	for (i = 0; i < core->count && !status; i++) {
		struct peer *peer = &core->peers[i];

		pthread_mutex_lock(&peer->lock);
		if (refresh(core, i))
			status = append(answer, peer->description.info,
					peer->description.info_len);
		pthread_mutex_unlock(&peer->lock);
	}
	return status;
}

enum parsec_status core_list_opcodes(struct core *core, uint32_t provider,
				     uint32_t opcodes[CORE_OPCODE_WORDS])
{
	size_t index = find(core, provider);
	struct peer *peer = &core->peers[index];
	bool known;

	if (index == core->count)
		return absent(provider);
	pthread_mutex_lock(&peer->lock);
	known = refresh(core, index);
	if (known)
		memcpy(opcodes, peer->description.opcodes,
		       sizeof(peer->description.opcodes));
	pthread_mutex_unlock(&peer->lock);
	return known ? PARSEC_SUCCESS : PARSEC_PSA_ERROR_COMMUNICATION_FAILURE;
}

enum parsec_status core_ask_all(struct core *core, uint8_t opcode,
				const struct core_caller *caller,
				struct parsec_out *answer)
{
	size_t i;

	answer->len = 0;
	for (i = 0; i < core->count; i++) {
		size_t before = answer->len;

		switch (core->link->ask(core->arg, i, opcode, caller, answer)) {
		case PARSEC_SUCCESS:
			break;
		case PARSEC_RESPONSE_TOO_LARGE:
			return PARSEC_RESPONSE_TOO_LARGE;
		default:
			answer->len = before;
		}
	}
	return PARSEC_SUCCESS;
}

void core_ask_each(struct core *core, uint8_t opcode, const struct core_caller *caller,
		   struct parsec_out *answer,
		   void (*failed)(void *arg, const struct core_peer *peer,
				  enum parsec_status status), void *arg)
{
	size_t i;

	for (i = 0; i < core->count; i++) {
		size_t before = answer->len;
		enum parsec_status status = core->link->ask(core->arg, i, opcode, caller, answer);

		if (!status)
			continue;
		answer->len = before;
		failed(arg, &core->peers[i].config, status);
	}
}
