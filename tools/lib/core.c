// SPDX-License-Identifier: Apache-2.0
/*
 * Operations of the core: is the service there, and what does it have? A list is one
 * piece of memory, entries first and their texts behind them.
 */
#include "tools/lib/internal.h"

#include <stdlib.h>
#include <string.h>

/* Room for the answer of ListKeys: a hundred keys or so at the first attempt */
#define KEYS_USUAL	(16 * 1024)

static int ask_core(struct parsec *ctx, uint8_t opcode, uint32_t provider, size_t room,
		    struct contract_result *result)
{
	const struct contract_request req = { .provider_id = provider };

	return parsec_ask(ctx, PARSEC_PROVIDER_CORE, opcode, &req, room, result);
}

/* Copy a text to *end, and move *end behind it */
static const char *put_text(char **end, const void *text, size_t len)
{
	char *copy = *end;

	memcpy(copy, text, len);
	copy[len] = '\0';
	*end += len + 1;
	return copy;
}

static const char *put_string(char **end, const char *string)
{
	return put_text(end, string, strlen(string));
}

int parsec_ping(struct parsec *ctx, uint32_t *major, uint32_t *minor)
{
	struct contract_result result;
	int status = ask_core(ctx, PARSEC_OP_PING, 0, 0, &result);

	if (status)
		return status;
	*major = result.version[0];
	*minor = result.version[1];
	contract_result_free(&result);
	return 0;
}

static struct parsec_provider_info *copy_providers(const struct contract_result *from)
{
	size_t i, size = (from->count + 1) * sizeof(struct parsec_provider_info);
	struct parsec_provider_info *list;
	char *end;

	for (i = 0; i < from->count; i++)
		size += strlen(from->providers[i].uuid) +
			strlen(from->providers[i].description) +
			strlen(from->providers[i].vendor) + 3;
	list = malloc(size);
	if (!list)
		return NULL;
	end = (char *)&list[from->count];
	for (i = 0; i < from->count; i++) {
		const struct contract_provider *info = &from->providers[i];

		list[i].uuid = put_string(&end, info->uuid);
		list[i].description = put_string(&end, info->description);
		list[i].vendor = put_string(&end, info->vendor);
		memcpy(list[i].version, info->version, sizeof(list[i].version));
		list[i].id = info->id;
	}
	return list;
}

int parsec_list_providers(struct parsec *ctx, struct parsec_provider_info **list,
			  size_t *count)
{
	struct parsec_provider_info *copy;
	struct contract_result result;
	int status = ask_core(ctx, PARSEC_OP_LIST_PROVIDERS, 0, 0, &result);

	if (status)
		return status;
	copy = copy_providers(&result);
	if (copy) {
		*list = copy;
		*count = result.count;
	}
	contract_result_free(&result);
	return copy ? 0 : PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
}

void parsec_free_providers(struct parsec_provider_info *list)
{
	free(list);
}

int parsec_list_opcodes(struct parsec *ctx, uint8_t provider, uint32_t **list,
			size_t *count)
{
	struct contract_result result;
	int status = ask_core(ctx, PARSEC_OP_LIST_OPCODES, provider, 0, &result);
	uint32_t *copy;

	if (status)
		return status;
	copy = malloc((result.count + 1) * sizeof(*copy));
	if (copy) {
		if (result.count)
			memcpy(copy, result.opcodes, result.count * sizeof(*copy));
		*list = copy;
		*count = result.count;
	}
	contract_result_free(&result);
	return copy ? 0 : PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
}

void parsec_free_opcodes(uint32_t *list)
{
	free(list);
}

static struct parsec_authenticator_info *
copy_authenticators(const struct contract_result *from)
{
	size_t i, size = (from->count + 1) * sizeof(struct parsec_authenticator_info);
	struct parsec_authenticator_info *list;
	char *end;

	for (i = 0; i < from->count; i++)
		size += strlen(from->authenticators[i].description) + 1;
	list = malloc(size);
	if (!list)
		return NULL;
	end = (char *)&list[from->count];
	for (i = 0; i < from->count; i++) {
		const struct contract_authenticator *info = &from->authenticators[i];

		list[i].description = put_string(&end, info->description);
		memcpy(list[i].version, info->version, sizeof(list[i].version));
		list[i].id = info->id;
	}
	return list;
}

int parsec_list_authenticators(struct parsec *ctx,
			       struct parsec_authenticator_info **list, size_t *count)
{
	struct parsec_authenticator_info *copy;
	struct contract_result result;
	int status = ask_core(ctx, PARSEC_OP_LIST_AUTHENTICATORS, 0, 0, &result);

	if (status)
		return status;
	copy = copy_authenticators(&result);
	if (copy) {
		*list = copy;
		*count = result.count;
	}
	contract_result_free(&result);
	return copy ? 0 : PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
}

void parsec_free_authenticators(struct parsec_authenticator_info *list)
{
	free(list);
}

static struct parsec_key_info *copy_keys(const struct contract_result *from)
{
	size_t i, size = (from->count + 1) * sizeof(struct parsec_key_info);
	struct parsec_key_info *list;
	char *end;

	for (i = 0; i < from->count; i++)
		size += from->keys[i].name.len + 1;
	list = malloc(size);
	if (!list)
		return NULL;
	end = (char *)&list[from->count];
	for (i = 0; i < from->count; i++) {
		const struct contract_key *key = &from->keys[i];

		list[i].name = put_text(&end, key->name.data, key->name.len);
		list[i].provider = key->provider_id;
		list[i].attrs = key->attrs;
	}
	return list;
}

int parsec_list_keys(struct parsec *ctx, struct parsec_key_info **list, size_t *count)
{
	struct parsec_key_info *copy;
	struct contract_result result;
	int status = ask_core(ctx, PARSEC_OP_LIST_KEYS, 0, KEYS_USUAL, &result);

	if (status)
		return status;
	copy = copy_keys(&result);
	if (copy) {
		*list = copy;
		*count = result.count;
	}
	contract_result_free(&result);
	return copy ? 0 : PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
}

void parsec_free_keys(struct parsec_key_info *list)
{
	free(list);
}

static const char **copy_clients(const struct contract_result *from)
{
	size_t i, size = (from->count + 1) * sizeof(char *);
	const char **list;
	char *end;

	for (i = 0; i < from->count; i++)
		size += from->clients[i].len + 1;
	list = malloc(size);
	if (!list)
		return NULL;
	end = (char *)&list[from->count];
	for (i = 0; i < from->count; i++)
		list[i] = put_text(&end, from->clients[i].data, from->clients[i].len);
	return list;
}

int parsec_list_clients(struct parsec *ctx, const char ***list, size_t *count)
{
	const char **copy;
	struct contract_result result;
	int status = ask_core(ctx, PARSEC_OP_LIST_CLIENTS, 0, 0, &result);

	if (status)
		return status;
	copy = copy_clients(&result);
	if (copy) {
		*list = copy;
		*count = result.count;
	}
	contract_result_free(&result);
	return copy ? 0 : PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
}

void parsec_free_clients(const char **list)
{
	free(list);
}

int parsec_delete_client(struct parsec *ctx, const char *client)
{
	const struct contract_request req = { .client = parsec_name(client) };
	struct contract_result result;
	int status = parsec_ask(ctx, PARSEC_PROVIDER_CORE, PARSEC_OP_DELETE_CLIENT, &req, 0,
				&result);

	if (!status)
		contract_result_free(&result);
	return status;
}
