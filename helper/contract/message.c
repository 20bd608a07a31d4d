// SPDX-License-Identifier: Apache-2.0
/*
 * Bodies to protobuf messages and back: checked, in bounded memory, and with large
 * inputs left where they are.
 */
#include <string.h>

#include "helper/contract/operations.h"
#include "helper/contract/wire.h"

/* Bytes that decoding a request needs beside those of the body: messages in messages.
 * With a small body this is within what malloc() keeps at hand for each thread.
 */
#define REQUEST_EXTRA	640

/* Inputs from this size on stay where they are in the body. No name is as long */
#define INPUT_LARGE	(8 * 1024)

/* Memory for decoding is bounded by this many times the body, and ARENA_EXTRA. A
 * request is held twice at most, once made plain and once taken apart; an entry of a
 * list is attributes without end in few bytes.
 */
#define REQUEST_FACTOR	2
#define RESULT_FACTOR	32
#define ARENA_EXTRA	(8 * WIRE_NESTED_MAX)

/* Body to message, with the body taken apart in memory of its own */
static enum parsec_status unpack(const ProtobufCMessageDescriptor *desc,
				 struct parsec_span body, struct arena *arena,
				 ProtobufCMessage **msg)
{
	*msg = protobuf_c_message_unpack(desc, &arena->allocator, body.len, body.data);
	if (*msg)
		return PARSEC_SUCCESS;
	return arena->refused ? PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY :
				PARSEC_DESERIALIZING_BODY_FAILED;
}

static enum parsec_status unpack_any(const ProtobufCMessageDescriptor *desc,
				     struct parsec_span body, enum wire_form form,
				     size_t factor, struct arena **arena,
				     ProtobufCMessage **msg)
{
	*arena = arena_new(body.len + REQUEST_EXTRA, factor * body.len + ARENA_EXTRA);
	if (!*arena)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	if (form == WIRE_LOOSE && !wire_plain(desc, body, *arena, &body))
		return (*arena)->refused ? PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY :
					   PARSEC_DESERIALIZING_BODY_FAILED;
	return unpack(desc, body, *arena, msg);
}

/* With one input left where it is: what is around it is unpacked */
static enum parsec_status unpack_around(const ProtobufCMessageDescriptor *desc,
					struct parsec_span body,
					const struct wire_bytes *input,
					struct arena **arena, ProtobufCMessage **msg)
{
	const size_t before = (size_t)(input->whole.data - body.data);
	const size_t after = body.len - before - input->whole.len;
	enum parsec_status status;
	uint8_t *rest;

	*arena = arena_new(2 * (before + after) + REQUEST_EXTRA,
			   REQUEST_FACTOR * (before + after) + ARENA_EXTRA);
	if (!*arena)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	rest = arena_alloc(*arena, before + after);
	if (!rest)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	memcpy(rest, body.data, before);
	memcpy(rest + before, input->whole.data + input->whole.len, after);
	status = unpack(desc, (struct parsec_span) { rest, before + after }, *arena, msg);
	if (!status)
		*(ProtobufCBinaryData *)((uint8_t *)*msg +
					 desc->fields[input->index].offset) =
			codec_bytes(input->value);
	return status;
}

enum parsec_status codec_unpack_request(const ProtobufCMessageDescriptor *desc,
					struct parsec_span body, struct arena **arena,
					ProtobufCMessage **msg)
{
	enum wire_form form = wire_check(desc, body);
	struct wire_bytes input;

	*msg = NULL;
	if (form == WIRE_BAD)
		return PARSEC_DESERIALIZING_BODY_FAILED;
	if (!desc->n_fields)
		return PARSEC_SUCCESS;
	if (form == WIRE_PLAIN && wire_find_bytes(desc, body, INPUT_LARGE, &input))
		return unpack_around(desc, body, &input, arena, msg);
	return unpack_any(desc, body, form, REQUEST_FACTOR, arena, msg);
}

enum parsec_status codec_unpack_result(const ProtobufCMessageDescriptor *desc,
				       struct parsec_span body, struct arena **arena,
				       ProtobufCMessage **msg)
{
	enum wire_form form = wire_check(desc, body);

	*msg = NULL;
	if (form == WIRE_BAD)
		return PARSEC_DESERIALIZING_BODY_FAILED;
	if (!desc->n_fields)
		return PARSEC_SUCCESS;
	return unpack_any(desc, body, form, RESULT_FACTOR, arena, msg);
}

enum parsec_status codec_pack(const ProtobufCMessage *msg, struct parsec_out *out)
{
	size_t size = protobuf_c_message_get_packed_size(msg);

	if (out->len > out->size || size > out->size - out->len) {
		out->len += size;
		return PARSEC_RESPONSE_TOO_LARGE;
	}
	if (size)
		protobuf_c_message_pack(msg, out->data + out->len);
	out->len += size;
	return PARSEC_SUCCESS;
}
