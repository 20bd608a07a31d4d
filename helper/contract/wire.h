/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What protobuf-c leaves open about bytes that strangers send: it takes wrong wire
 * types for a bool, a field number 0 in a long form, keeps all that it does not know
 * at twenty times its size, and merges only some of what is there twice. So bodies
 * are first checked here, and rewritten where they hold more than one plain encoding
 * of what they say.
 */
#ifndef PARSEC_CONTRACT_WIRE_H
#define PARSEC_CONTRACT_WIRE_H

#include "helper/contract/arena.h"
#include "providers/provider.h"

/* Bytes of a message inside a message: attributes, algorithms and list entries */
#define WIRE_NESTED_MAX		(16 * 1024)

enum wire_form {
	WIRE_BAD,	/* not an encoding of the message */
	WIRE_PLAIN,	/* known fields only, each once unless it is a list */
	WIRE_LOOSE,	/* the same, with more around it */
};

/**
 * wire_check() - is this an encoding of the message, and how plain?
 * @desc:	message
 * @body:	bytes
 *
 * The schema must have fewer than 32 fields in a message and no recursion.
 */
enum wire_form wire_check(const ProtobufCMessageDescriptor *desc,
			  struct parsec_span body);

/**
 * wire_plain() - rewrite a loose body as a plain one that means the same
 * @desc:	message
 * @body:	bytes for which wire_check() said WIRE_LOOSE
 * @arena:	owns the result
 * @plain:	the result, not longer than @body
 *
 * Unknown fields are left out, of values given twice the last one stays, messages
 * given twice are merged.
 *
 * Return: false when memory is short or messages given many times are more than
 * WIRE_NESTED_MAX together.
 */
bool wire_plain(const ProtobufCMessageDescriptor *desc, struct parsec_span body,
		struct arena *arena, struct parsec_span *plain);

/**
 * struct wire_bytes - a field of bytes in a body
 * @index:	in the description's fields
 * @whole:	with key and length
 * @value:	without
 */
struct wire_bytes {
	unsigned int index;
	struct parsec_span whole;
	struct parsec_span value;
};

/**
 * wire_find_bytes() - the first field of at least @min bytes in a plain body
 *
 * Return: false when there is none. Fields inside other messages are not looked at.
 */
bool wire_find_bytes(const ProtobufCMessageDescriptor *desc, struct parsec_span body,
		     size_t min, struct wire_bytes *found);

#endif /* PARSEC_CONTRACT_WIRE_H */
