// SPDX-License-Identifier: Apache-2.0
/*
 * CompareKeys: names against what backends keep, as provider hosts tell it to the core
 * host, and as the core host tells it to administrators. Numbers are told always, which ones
 * they are only to those who ask for it: among them are names of keys.
 */
#include <string.h>

#include "helper/ops.h"
#include "providers/core.h"

/* Less than core waits for a host; what is not done by then is not known */
#define SECONDS		10

/* Bytes of an answer that the details of one provider may take, and those kept for the rest */
#define DETAILS_MAX	(64 * 1024)
#define ROOM_FOR_REST	256

/* Bytes of a request body */
#define QUESTION_MAX	16

/**
 * struct telling - a provider's answer under construction
 * @call:	what it is for
 * @details:	say which ones
 * @room:	where details end
 */
struct telling {
	struct call *call;
	bool details;
	size_t room;
};

/* One that does not fit is left out: the numbers tell that there are more */
static void add_detail(const struct telling *telling, const struct parsec_comparison *detail)
{
	const struct contract_result result = { .comparison = detail };
	struct parsec_out *out = &telling->call->out;
	size_t size = out->size;

	out->size = telling->room;
	call_append(telling->call, &result);
	out->size = size;
}

/* Put a text behind what is in @room; neither names nor applications have a NUL in them */
static const char *to_text(struct parsec_span span, struct parsec_out *room)
{
	char *text = (char *)room->data + room->len;

	if (span.len >= room->size - room->len)
		return NULL;
	if (span.len)
		memcpy(text, span.data, span.len);
	text[span.len] = '\0';
	room->len += span.len + 1;
	return text;
}

static void add_missing(void *arg, const struct key_identity *id,
			const uint8_t backend_id[PARSEC_BACKEND_ID_SIZE])
{
	const struct telling *telling = arg;
	struct parsec_out room = call_output(telling->call);
	struct parsec_comparison_missing missing = {
		.provider = telling->call->host->id,
		.application = to_text(id->app, &room),
		.key_name = to_text(id->name, &room),
	};

	if (!telling->details || !missing.application || !missing.key_name)
		return;
	memcpy(missing.id, backend_id, sizeof(missing.id));
	add_detail(telling, &(struct parsec_comparison){ .missing = &missing,
							 .missing_count = 1 });
}

static void add_stranger(void *arg, const uint8_t backend_id[PARSEC_BACKEND_ID_SIZE])
{
	const struct telling *telling = arg;
	struct parsec_comparison_stranger stranger = { .provider = telling->call->host->id };

	if (!telling->details)
		return;
	memcpy(stranger.id, backend_id, sizeof(stranger.id));
	add_detail(telling, &(struct parsec_comparison){ .strangers = &stranger,
							 .stranger_count = 1 });
}

static size_t room_for_details(const struct parsec_out *out)
{
	size_t room = out->size > ROOM_FOR_REST ? out->size - ROOM_FOR_REST : 0;

	return room < DETAILS_MAX ? room : DETAILS_MAX;
}

enum parsec_status op_peer_compare(struct call *call)
{
	struct telling telling = {
		.call = call, .details = call->req.details,
		.room = room_for_details(&call->out),
	};
	const struct keystore_compare_sink sink = { add_missing, add_stranger, &telling };
	struct parsec_comparison_provider self = {
		.id = call->host->id, .name = call->host->name,
	};
	const struct parsec_comparison summary = { .providers = &self, .provider_count = 1 };
	const struct contract_result result = { .comparison = &summary };
	struct keystore_comparison found;
	enum parsec_status status;

	status = keystore_compare(call->host->store, SECONDS, &sink, &found);
	if (status)
		return status;
	self.lists = found.lists;
	self.keys = found.keys;
	self.missing = found.missing;
	self.strangers = found.strangers;
	self.unknown = found.unknown;
	return call_append(call, &result);
}

/**
 * struct asking - the whole answer under construction
 * @call:	what it is for
 * @status:	first failure
 */
struct asking {
	struct call *call;
	enum parsec_status status;
};

/* A provider that cannot compare, or be asked */
static void add_absent(void *arg, const struct core_peer *peer, enum parsec_status status)
{
	struct asking *asking = arg;
	const struct parsec_comparison_provider absent = {
		.id = peer->id, .name = peer->name, .status = status,
	};
	const struct parsec_comparison piece = { .providers = &absent, .provider_count = 1 };
	const struct contract_result result = { .comparison = &piece };

	if (!asking->status)
		asking->status = call_append(asking->call, &result);
}

enum parsec_status op_compare_keys(struct call *call)
{
	const struct contract_request question = { .details = call->req.details };
	const struct identity *who = call->identity;
	struct core_caller caller = {
		.auth_id = who->auth_id, .app = { who->app, who->app_len },
	};
	struct asking asking = { .call = call };
	uint8_t body[QUESTION_MAX];
	struct parsec_out out = { body, sizeof(body), 0 };

	/* Not the caller's own bytes: there may be any number of them */
	asking.status = contract_encode_request(call->opcode, &question, &out);
	if (asking.status)
		return asking.status;
	caller.body = (struct parsec_span){ body, out.len };
	core_ask_each(call->host->core, call->opcode, &caller, &call->out, add_absent, &asking);
	return asking.status;
}
