// SPDX-License-Identifier: Apache-2.0
/*
 * Checks and simplifies protobuf bodies, after the description of the message that
 * the protobuf compiler generates.
 */
#include "helper/contract/wire.h"

#include <string.h>

/* Longest form of a key or length that is accepted, as in protobuf-c */
#define PREFIX_BYTES	5
#define VARINT_BYTES	10

struct field {
	uint32_t number;
	uint8_t wire_type;
	struct parsec_span whole;	/* with key and length */
	struct parsec_span value;	/* varint, fixed bytes, or what the length covers */
};

static bool take_varint(struct parsec_span *in, size_t max, uint64_t *value)
{
	size_t i;

	*value = 0;
	for (i = 0; i < in->len && i < max; i++) {
		uint8_t byte = in->data[i];

		if (i == VARINT_BYTES - 1 && byte > 1)
			return false;
		*value |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (byte & 0x80)
			continue;
		in->data += i + 1;
		in->len -= i + 1;
		return true;
	}
	return false;
}

static bool take_field(struct parsec_span *in, struct field *field)
{
	struct parsec_span rest = *in;
	uint64_t key, size;

	if (!take_varint(&rest, PREFIX_BYTES, &key) || key > UINT32_MAX || key < 8)
		return false;
	field->number = (uint32_t)(key >> 3);
	field->wire_type = key & 7;
	switch (field->wire_type) {
	case PROTOBUF_C_WIRE_TYPE_VARINT:
		field->value = rest;
		if (!take_varint(&rest, VARINT_BYTES, &size))
			return false;
		size = field->value.len - rest.len;
		rest = field->value;
		break;
	case PROTOBUF_C_WIRE_TYPE_64BIT:
		size = 8;
		break;
	case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
		if (!take_varint(&rest, PREFIX_BYTES, &size))
			return false;
		break;
	case PROTOBUF_C_WIRE_TYPE_32BIT:
		size = 4;
		break;
	default:
		return false;
	}
	if (size > rest.len)
		return false;
	field->value = (struct parsec_span) { rest.data, size };
	field->whole.data = in->data;
	field->whole.len = (size_t)(rest.data - in->data) + size;
	in->data += field->whole.len;
	in->len -= field->whole.len;
	return true;
}

/* Index in desc->fields, or desc->n_fields */
static unsigned int find(const ProtobufCMessageDescriptor *desc, uint32_t number)
{
	unsigned int i = number - 1;

	/* Nearly always: all our messages count from 1 without a gap */
	if (i < desc->n_fields && desc->fields[i].id == number)
		return i;
	for (i = 0; i < desc->n_fields; i++)
		if (desc->fields[i].id == number)
			break;
	return i;
}

/* Fields of which only one can be there: bits of their indexes */
static uint32_t group(const ProtobufCMessageDescriptor *desc, unsigned int index)
{
	const ProtobufCFieldDescriptor *field = &desc->fields[index];
	uint32_t bits = UINT32_C(1) << index;
	unsigned int i;

	if (!(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
		return bits;
	for (i = 0; i < desc->n_fields; i++)
		if (desc->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF &&
		    desc->fields[i].quantifier_offset == field->quantifier_offset)
			bits |= UINT32_C(1) << i;
	return bits;
}

static bool is_number(ProtobufCType type)
{
	return type != PROTOBUF_C_TYPE_MESSAGE && type != PROTOBUF_C_TYPE_BYTES &&
	       type != PROTOBUF_C_TYPE_STRING;
}

/* All numbers of the contract are varints */
static bool fits(const ProtobufCFieldDescriptor *desc, const struct field *field)
{
	struct parsec_span list = field->value;
	uint64_t value;

	if (!is_number(desc->type))
		return field->wire_type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
	if (field->wire_type == PROTOBUF_C_WIRE_TYPE_VARINT)
		return true;
	if (field->wire_type != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED ||
	    desc->label != PROTOBUF_C_LABEL_REPEATED)
		return false;
	while (list.len)
		if (!take_varint(&list, VARINT_BYTES, &value))
			return false;
	return true;
}

enum wire_form wire_check(const ProtobufCMessageDescriptor *desc, struct parsec_span body)
{
	enum wire_form form = WIRE_PLAIN;
	uint32_t seen = 0;
	struct field field;

	while (body.len) {
		const ProtobufCFieldDescriptor *known;
		unsigned int index;
		uint32_t bits;

		if (!take_field(&body, &field))
			return WIRE_BAD;
		index = find(desc, field.number);
		if (index == desc->n_fields) {
			form = WIRE_LOOSE;
			continue;
		}
		known = &desc->fields[index];
		if (!fits(known, &field))
			return WIRE_BAD;
		if (known->type == PROTOBUF_C_TYPE_MESSAGE) {
			enum wire_form inner;

			if (field.value.len > WIRE_NESTED_MAX)
				return WIRE_BAD;
			inner = wire_check(known->descriptor, field.value);
			if (inner == WIRE_BAD)
				return WIRE_BAD;
			if (inner == WIRE_LOOSE)
				form = WIRE_LOOSE;
		}
		if (known->label == PROTOBUF_C_LABEL_REPEATED)
			continue;
		bits = group(desc, index);
		if (seen & bits)
			form = WIRE_LOOSE;
		seen |= bits;
	}
	return form;
}

bool wire_find_bytes(const ProtobufCMessageDescriptor *desc, struct parsec_span body,
		     size_t min, struct wire_bytes *found)
{
	struct field field;

	while (body.len >= min && take_field(&body, &field)) {
		unsigned int index = find(desc, field.number);

		if (field.value.len < min || index == desc->n_fields ||
		    desc->fields[index].type != PROTOBUF_C_TYPE_BYTES ||
		    desc->fields[index].label == PROTOBUF_C_LABEL_REPEATED)
			continue;
		*found = (struct wire_bytes) { index, field.whole, field.value };
		return true;
	}
	return false;
}

struct writer {
	uint8_t *data;
	size_t len;
};

static void put(struct writer *out, struct parsec_span bytes)
{
	memcpy(out->data + out->len, bytes.data, bytes.len);
	out->len += bytes.len;
}

static void put_varint(struct writer *out, uint64_t value)
{
	while (value >= 0x80) {
		out->data[out->len++] = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	out->data[out->len++] = (uint8_t)value;
}

static bool put_message(struct writer *out, const ProtobufCFieldDescriptor *field,
			struct parsec_span value, struct arena *arena)
{
	struct parsec_span plain;

	if (!wire_plain(field->descriptor, value, arena, &plain))
		return false;
	put_varint(out, (uint64_t)field->id << 3 | PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED);
	put_varint(out, plain.len);
	put(out, plain);
	return true;
}

/* A list: all of it */
static bool put_list(struct writer *out, const ProtobufCFieldDescriptor *field,
		     struct parsec_span body, struct arena *arena)
{
	struct field entry;

	while (body.len && take_field(&body, &entry)) {
		if (entry.number != field->id)
			continue;
		if (field->type != PROTOBUF_C_TYPE_MESSAGE)
			put(out, entry.whole);
		else if (!put_message(out, field, entry.value, arena))
			return false;
	}
	return true;
}

/* A value: the last one. A message: all since another of its group was there, in one,
 * which is how protobuf defines merging.
 */
static bool put_single(struct writer *out, const ProtobufCMessageDescriptor *desc,
		       unsigned int index, struct parsec_span body, struct arena *arena)
{
	const ProtobufCFieldDescriptor *field = &desc->fields[index];
	const uint32_t others = group(desc, index) & ~(UINT32_C(1) << index);
	struct parsec_span in = body, last = { 0 };
	struct writer merged = { 0 };
	struct field entry;
	size_t total = 0;

	while (in.len && take_field(&in, &entry)) {
		unsigned int i = find(desc, entry.number);

		if (i == index) {
			last = entry.whole;
			total += entry.value.len;
		} else if (i < desc->n_fields && others & UINT32_C(1) << i) {
			last = (struct parsec_span) { 0 };
			total = 0;
			body = in;
		}
	}
	if (!last.data)
		return true;
	if (field->type != PROTOBUF_C_TYPE_MESSAGE) {
		put(out, last);
		return true;
	}
	if (total > WIRE_NESTED_MAX)
		return false;
	merged.data = arena_alloc(arena, total);
	if (!merged.data)
		return false;
	while (body.len && take_field(&body, &entry))
		if (entry.number == field->id)
			put(&merged, entry.value);
	return put_message(out, field, (struct parsec_span) { merged.data, merged.len },
			   arena);
}

bool wire_plain(const ProtobufCMessageDescriptor *desc, struct parsec_span body,
		struct arena *arena, struct parsec_span *plain)
{
	struct writer out = { .data = arena_alloc(arena, body.len) };
	unsigned int i;
	bool ok = out.data;

	for (i = 0; ok && i < desc->n_fields; i++) {
		if (desc->fields[i].label == PROTOBUF_C_LABEL_REPEATED)
			ok = put_list(&out, &desc->fields[i], body, arena);
		else
			ok = put_single(&out, desc, i, body, arena);
	}
	*plain = (struct parsec_span) { out.data, out.len };
	return ok;
}
