// SPDX-License-Identifier: Apache-2.0
/*
 * The message of CompareKeys. Lists are written entry by entry, as in lists.c.
 */
#include <string.h>

#include "helper/contract/compare_keys.pb-c.h"
#include "helper/contract/operations.h"
#include "helper/contract/service.h"

static enum parsec_status get_id(const ProtobufCBinaryData *from,
				 uint8_t to[PARSEC_COMPARISON_ID_SIZE])
{
	if (from->len != PARSEC_COMPARISON_ID_SIZE)
		return PARSEC_INVALID_ENCODING;
	memcpy(to, from->data, from->len);
	return PARSEC_SUCCESS;
}

static enum parsec_status get_provider(const CompareKeys__Provider *from, struct arena *arena,
				       struct parsec_comparison_provider *to)
{
	if (from->id > PARSEC_PROVIDER_MAX)
		return PARSEC_INVALID_ENCODING;
	*to = (struct parsec_comparison_provider){
		.id = from->id, .status = from->status, .lists = from->lists,
		.keys = from->keys, .missing = from->missing, .strangers = from->strangers,
		.unknown = from->unknown,
	};
	return codec_get_text(&from->name, arena, &to->name);
}

static enum parsec_status get_missing(const CompareKeys__Missing *from, struct arena *arena,
				      struct parsec_comparison_missing *to)
{
	enum parsec_status status;

	if (from->provider > PARSEC_PROVIDER_MAX)
		return PARSEC_INVALID_ENCODING;
	to->provider = from->provider;
	status = get_id(&from->id, to->id);
	/* It may be made of a path */
	if (!status)
		status = codec_get_bytes(&from->application, arena, &to->application);
	if (!status)
		status = codec_get_text(&from->key_name, arena, &to->key_name);
	to->application = to->application ?: "";
	return status;
}

static enum parsec_status get_stranger(const CompareKeys__Stranger *from, struct arena *arena,
				       struct parsec_comparison_stranger *to)
{
	(void)arena;
	if (from->provider > PARSEC_PROVIDER_MAX)
		return PARSEC_INVALID_ENCODING;
	to->provider = from->provider;
	return get_id(&from->id, to->id);
}

static enum parsec_status comparison_get(const ProtobufCMessage *msg,
					 struct contract_result *result, struct arena *arena)
{
	const CompareKeys__Result *from = (const CompareKeys__Result *)msg;
	struct parsec_comparison *to = arena_alloc(arena, sizeof(*to));
	enum parsec_status status = PARSEC_SUCCESS;

	if (!to)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	CODEC_GET_LIST(status, from, to, parsec_comparison_, provider,
		       providers, provider_count, arena);
	CODEC_GET_LIST(status, from, to, parsec_comparison_, missing,
		       missing, missing_count, arena);
	CODEC_GET_LIST(status, from, to, parsec_comparison_, stranger,
		       strangers, stranger_count, arena);
	result->comparison = to;
	return status;
}

static ProtobufCBinaryData id_bytes(const uint8_t id[PARSEC_COMPARISON_ID_SIZE])
{
	return codec_bytes((struct parsec_span){ id, PARSEC_COMPARISON_ID_SIZE });
}

static enum parsec_status put_provider(const struct parsec_comparison_provider *from,
				       struct parsec_out *out)
{
	CompareKeys__Provider entry = COMPARE_KEYS__PROVIDER__INIT;
	CompareKeys__Result msg = COMPARE_KEYS__RESULT__INIT;

	entry.id = from->id;
	entry.name = codec_put_text(from->name);
	entry.status = from->status;
	entry.lists = from->lists;
	entry.keys = from->keys;
	entry.missing = from->missing;
	entry.strangers = from->strangers;
	entry.unknown = from->unknown;
	msg.n_providers = 1;
	msg.providers = (CompareKeys__Provider *[]) { &entry };
	return codec_pack(&msg.base, out);
}

static enum parsec_status put_missing(const struct parsec_comparison_missing *from,
				      struct parsec_out *out)
{
	CompareKeys__Missing entry = COMPARE_KEYS__MISSING__INIT;
	CompareKeys__Result msg = COMPARE_KEYS__RESULT__INIT;

	entry.provider = from->provider;
	entry.application = codec_put_text(from->application);
	entry.key_name = codec_put_text(from->key_name);
	entry.id = id_bytes(from->id);
	msg.n_missing = 1;
	msg.missing = (CompareKeys__Missing *[]) { &entry };
	return codec_pack(&msg.base, out);
}

static enum parsec_status put_stranger(const struct parsec_comparison_stranger *from,
				       struct parsec_out *out)
{
	CompareKeys__Stranger entry = COMPARE_KEYS__STRANGER__INIT;
	CompareKeys__Result msg = COMPARE_KEYS__RESULT__INIT;

	entry.provider = from->provider;
	entry.id = id_bytes(from->id);
	msg.n_strangers = 1;
	msg.strangers = (CompareKeys__Stranger *[]) { &entry };
	return codec_pack(&msg.base, out);
}

/* What does not fit still counts in out->len, so all of it is gone through */
static enum parsec_status comparison_put(const struct contract_result *result,
					 struct parsec_out *out)
{
	const struct parsec_comparison *comparison = result->comparison;
	enum parsec_status status = PARSEC_SUCCESS;
	size_t i;

	for (i = 0; i < comparison->provider_count; i++)
		status = put_provider(&comparison->providers[i], out);
	for (i = 0; i < comparison->missing_count; i++)
		status = put_missing(&comparison->missing[i], out);
	for (i = 0; i < comparison->stranger_count; i++)
		status = put_stranger(&comparison->strangers[i], out);
	return status;
}

const struct codec_list codec_comparison = { comparison_get, comparison_put };
