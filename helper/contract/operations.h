/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the codec: the table of operations, which says what each field of a message
 * is, and the lists that core operations return.
 */
#ifndef PARSEC_CONTRACT_OPERATIONS_H
#define PARSEC_CONTRACT_OPERATIONS_H

#include "helper/contract/arena.h"
#include "helper/contract/contract.h"

/* What a field of a request is: a member of struct contract_request */
enum role {
	ROLE_KEY_NAME = 1,
	ROLE_ATTRIBUTES,
	ROLE_SIGNATURE_ALG,	/* @alg */
	ROLE_HASH_ALG,		/* @alg */
	ROLE_MAC_ALG,		/* @alg */
	ROLE_CIPHER_ALG,	/* @alg */
	ROLE_AEAD_ALG,		/* @alg */
	ROLE_ENCRYPTION_ALG,	/* @alg */
	ROLE_AGREEMENT_ALG,	/* @alg, without key derivation */
	ROLE_INPUT,
	ROLE_REFERENCE,
	ROLE_NONCE,
	ROLE_ADDITIONAL_DATA,
	ROLE_LABEL,
	ROLE_ATTESTING_KEY,
	ROLE_PREPARE,		/* @key_name, @attesting_key */
	ROLE_ACTIVATION,	/* @input, @secret */
	ROLE_CLIENT,
	ROLE_CHECK,
	ROLE_SIZE,
	ROLE_PROVIDER_ID,
	ROLE_FACTS,
	ROLE_DETAILS,
};

#define ROLES_MAX	5

/**
 * struct codec_list - an operation whose result is more than some bytes
 * @get:	message to struct; memory comes from @arena
 * @put:	struct to message
 */
struct codec_list {
	enum parsec_status (*get)(const ProtobufCMessage *msg,
				  struct contract_result *result, struct arena *arena);
	enum parsec_status (*put)(const struct contract_result *result,
				  struct parsec_out *out);
};

/**
 * struct operation - the messages of an operation
 * @request:	description of the request
 * @roles:	enum role of the request's fields, in the order of their numbers
 * @result:	description of the result: no field, or one with bytes
 * @list:	or this
 */
struct operation {
	const ProtobufCMessageDescriptor *request;
	uint8_t roles[ROLES_MAX];
	const ProtobufCMessageDescriptor *result;
	const struct codec_list *list;
};

/* For packing only, which does not write to the bytes */
static inline ProtobufCBinaryData codec_bytes(struct parsec_span span)
{
	return (ProtobufCBinaryData) { span.len, (uint8_t *)(uintptr_t)span.data };
}

/** operation_find() - NULL when the codec does not know it */
const struct operation *operation_find(uint8_t opcode);

/* message.c */

/**
 * codec_unpack_request() - bytes to message
 * @arena:	set, also after a failure, when memory was needed
 * @msg:	result, NULL for a message without fields. Large inputs are in @body
 */
enum parsec_status codec_unpack_request(const ProtobufCMessageDescriptor *desc,
					struct parsec_span body, struct arena **arena,
					ProtobufCMessage **msg);

/** codec_unpack_result() - the same, without anything left in @body */
enum parsec_status codec_unpack_result(const ProtobufCMessageDescriptor *desc,
				       struct parsec_span body, struct arena **arena,
				       ProtobufCMessage **msg);

/** codec_pack() - message to bytes, after those that @out has; see contract.h */
enum parsec_status codec_pack(const ProtobufCMessage *msg, struct parsec_out *out);

/* text.c */

/** text_is_utf8() - strictly, as in RFC 3629 */
bool text_is_utf8(struct parsec_span text);

/** text_check_name() - PARSEC_SUCCESS, or what is wrong with a key's name */
enum parsec_status text_check_name(struct parsec_span name);

/** codec_put_text() - a string, NULL is an empty one, for packing */
ProtobufCBinaryData codec_put_text(const char *text);

/**
 * codec_get_text() - a string that is UTF-8, copied to @arena
 *
 * Return: PARSEC_SUCCESS, PARSEC_DESERIALIZING_BODY_FAILED for any other bytes, or
 * PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY.
 */
enum parsec_status codec_get_text(const ProtobufCBinaryData *bytes, struct arena *arena,
				  const char **text);

/*
 * A list of messages, @list of @from, to one of structs in @arena, @list and @count of @to; each by
 * get_NAME() of who uses it, into a struct PREFIX_NAME. Nothing is done unless @status is success.
 */
#define CODEC_GET_LIST(status, from, to, prefix, name, list, count, arena) \
	do { \
		struct prefix ## name *entries = \
			arena_alloc(arena, (from)->n_ ## list * sizeof(*entries)); \
\
		if (!(status) && !entries) \
			(status) = PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY; \
		for (size_t i = 0; !(status) && i < (from)->n_ ## list; i++) \
			(status) = get_ ## name((from)->list[i], arena, &entries[i]); \
		(to)->list = entries; \
		(to)->count = (from)->n_ ## list; \
	} while (0)

/* lists.c */

extern const struct codec_list codec_ping, codec_providers, codec_opcodes,
	codec_authenticators, codec_keys, codec_clients;

/* attest.c */

extern const struct codec_list codec_prepared, codec_attested;

/* service.c */

extern const struct codec_list codec_who_am_i, codec_explain;

/* stats.c */

extern const struct codec_list codec_stats;

/* comparison.c */

extern const struct codec_list codec_comparison;

#endif /* PARSEC_CONTRACT_OPERATIONS_H */
