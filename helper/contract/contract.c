// SPDX-License-Identifier: Apache-2.0
/*
 * The codec's entry points. An operation is a row of the table in operations.c; what
 * is done with its fields is here, once for all operations.
 */
#include "helper/contract/contract.h"

#include <string.h>

#include "helper/contract/attest.h"
#include "helper/contract/codec.h"
#include "helper/contract/operations.h"
#include "helper/contract/service.h"

/* Room for any request's message, which consists of the base and few fields */
union message {
	ProtobufCMessage base;
	uint8_t room[128];
};

bool contract_knows(uint8_t opcode)
{
	return operation_find(opcode);
}

static const void *member(const ProtobufCMessage *msg, unsigned int field)
{
	return (const uint8_t *)msg + msg->descriptor->fields[field].offset;
}

static struct parsec_span get_bytes(const void *from)
{
	const ProtobufCBinaryData *bytes = from;

	return (struct parsec_span) { bytes->data, bytes->len };
}

static enum parsec_status get_check(uint32_t value, uint8_t *check)
{
	if (value < PARSEC_CHECK_USE || value > PARSEC_CHECK_DERIVE)
		return PARSEC_INVALID_ENCODING;
	*check = (uint8_t)value;
	return PARSEC_SUCCESS;
}

static enum parsec_status get_field(enum role role, const void *from,
				    struct contract_request *req)
{
	const void *const *message = from;

	switch (role) {
	case ROLE_KEY_NAME:
		req->key_name = get_bytes(from);
		return text_check_name(req->key_name);
	case ROLE_ATTRIBUTES:
		return codec_get_attributes(*message, &req->attrs);
	case ROLE_SIGNATURE_ALG:
		return codec_get_signature(*message, &req->alg);
	case ROLE_HASH_ALG:
		req->alg.kind = PARSEC_ALG_HASH;
		return codec_get_hash(*(const uint32_t *)from, &req->alg.hash);
	case ROLE_MAC_ALG:
		return codec_get_mac(*message, &req->alg);
	case ROLE_CIPHER_ALG:
		return codec_get_cipher(*(const uint32_t *)from, &req->alg);
	case ROLE_AEAD_ALG:
		return codec_get_aead(*message, &req->alg);
	case ROLE_ENCRYPTION_ALG:
		return codec_get_encryption(*message, &req->alg);
	case ROLE_AGREEMENT_ALG:
		return codec_get_agreement(*(const uint32_t *)from, &req->alg);
	case ROLE_ATTESTING_KEY:
		req->attesting_key = get_bytes(from);
		return codec_check_attesting(req->attesting_key);
	case ROLE_PREPARE:
		return codec_get_prepare(*message, req);
	case ROLE_ACTIVATION:
		return codec_get_activation(*message, req);
	case ROLE_CLIENT:
		req->client = get_bytes(from);
		return text_is_utf8(req->client) ? PARSEC_SUCCESS :
						   PARSEC_DESERIALIZING_BODY_FAILED;
	case ROLE_CHECK:
		return get_check(*(const uint32_t *)from, &req->check);
	case ROLE_INPUT:
		req->input = get_bytes(from);
		break;
	case ROLE_REFERENCE:
		req->reference = get_bytes(from);
		break;
	case ROLE_NONCE:
		req->nonce = get_bytes(from);
		break;
	case ROLE_ADDITIONAL_DATA:
		req->additional_data = get_bytes(from);
		break;
	case ROLE_LABEL:
		req->label = get_bytes(from);
		break;
	case ROLE_SIZE:
		req->size = *(const uint64_t *)from;
		break;
	case ROLE_PROVIDER_ID:
		req->provider_id = *(const uint32_t *)from;
		break;
	case ROLE_DETAILS:
		req->details = *(const protobuf_c_boolean *)from;
		break;
	case ROLE_FACTS:
		return codec_get_facts(*message, req->arena, &req->facts);
	}
	return PARSEC_SUCCESS;
}

enum parsec_status contract_decode_request(uint8_t opcode, struct parsec_span body,
					   struct contract_request *req)
{
	const struct operation *op = operation_find(opcode);
	enum parsec_status status, worst = PARSEC_SUCCESS;
	struct arena *arena = NULL;
	ProtobufCMessage *msg;
	unsigned int i;

	memset(req, 0, sizeof(*req));
	if (!op)
		return PARSEC_OPCODE_DOES_NOT_EXIST;
	status = codec_unpack_request(op->request, body, &arena, &msg);
	req->arena = arena;
	if (status || !msg)
		return status;
	for (i = 0; i < op->request->n_fields; i++) {
		status = get_field(op->roles[i], member(msg, i), req);
		/* The contract's order: 7, then 16, then 1135, whichever field it is */
		if (status && (!worst || status < worst))
			worst = status;
	}
	return worst;
}

void contract_request_free(struct contract_request *req)
{
	arena_free(req->arena);
	memset(req, 0, sizeof(*req));
}

enum parsec_status contract_encode_result(uint8_t opcode,
					  const struct contract_result *result,
					  struct parsec_out *out)
{
	const struct operation *op = operation_find(opcode);
	union message msg;

	out->len = 0;
	if (!op)
		return PARSEC_SERIALIZING_BODY_FAILED;
	if (op->list)
		return op->list->put(result, out);
	if (!op->result->n_fields)
		return PARSEC_SUCCESS;
	protobuf_c_message_init(op->result, &msg);
	*(ProtobufCBinaryData *)(msg.room + op->result->fields[0].offset) =
		codec_bytes(result->data);
	return codec_pack(&msg.base, out);
}

/* What the messages inside a request are made of */
struct parts {
	struct codec_attributes attrs;
	struct codec_signature signature;
	struct codec_algorithm alg;
	Service__Facts facts;
	struct codec_prepare prepare;
	struct codec_activation activation;
};

/* An algorithm of a kind whose messages are nested in the message of all algorithms */
static enum parsec_status put_alg(const struct contract_request *req, uint8_t kind,
				  struct parts *parts)
{
	if (req->alg.kind != kind || !codec_put_algorithm(&req->alg, &parts->alg))
		return PARSEC_INVALID_ENCODING;
	return PARSEC_SUCCESS;
}

static enum parsec_status put_attestation(enum role role, const struct contract_request *req,
					  struct parts *parts, void *to)
{
	if (role == ROLE_ATTESTING_KEY) {
		*(ProtobufCBinaryData *)to = codec_bytes(req->attesting_key);
	} else if (role == ROLE_ACTIVATION) {
		*(void **)to = &parts->activation.top;
		codec_put_activation(req, &parts->activation);
		return PARSEC_SUCCESS;
	} else {
		*(void **)to = &parts->prepare.top;
		codec_put_prepare(req, &parts->prepare);
		if (text_check_name(req->key_name))
			return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	}
	return codec_check_attesting(req->attesting_key) ? PARSEC_PSA_ERROR_INVALID_ARGUMENT :
							   PARSEC_SUCCESS;
}

static void put_number(enum role role, const struct contract_request *req, void *to)
{
	if (role == ROLE_SIZE)
		*(uint64_t *)to = req->size;
	else if (role == ROLE_PROVIDER_ID)
		*(uint32_t *)to = req->provider_id;
	else
		*(protobuf_c_boolean *)to = req->details;
}

static enum parsec_status put_field(enum role role, const struct contract_request *req,
				    struct parts *parts, void *to)
{
	switch (role) {
	case ROLE_KEY_NAME:
		*(ProtobufCBinaryData *)to = codec_bytes(req->key_name);
		if (text_check_name(req->key_name))
			return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
		break;
	case ROLE_ATTRIBUTES:
		*(void **)to = &parts->attrs.top;
		if (!codec_put_attributes(&req->attrs, &parts->attrs))
			return PARSEC_INVALID_ENCODING;
		break;
	case ROLE_SIGNATURE_ALG:
		*(void **)to = &parts->signature.top;
		if (req->alg.kind != PARSEC_ALG_SIGNATURE ||
		    !codec_put_signature(&req->alg, &parts->signature))
			return PARSEC_INVALID_ENCODING;
		break;
	case ROLE_HASH_ALG:
		*(uint32_t *)to = req->alg.hash;
		if (req->alg.kind != PARSEC_ALG_HASH || !req->alg.hash ||
		    req->alg.hash > PARSEC_HASH_LAST)
			return PARSEC_INVALID_ENCODING;
		break;
	case ROLE_MAC_ALG:
		*(void **)to = &parts->alg.mac;
		return put_alg(req, PARSEC_ALG_MAC, parts);
	case ROLE_CIPHER_ALG:
		*(uint32_t *)to = req->alg.scheme;
		return put_alg(req, PARSEC_ALG_CIPHER, parts);
	case ROLE_AEAD_ALG:
		*(void **)to = &parts->alg.aead;
		return put_alg(req, PARSEC_ALG_AEAD, parts);
	case ROLE_ENCRYPTION_ALG:
		*(void **)to = &parts->alg.encryption;
		return put_alg(req, PARSEC_ALG_ASYMMETRIC_ENCRYPTION, parts);
	case ROLE_AGREEMENT_ALG:
		*(uint32_t *)to = req->alg.scheme;
		if (req->alg.kdf)
			return PARSEC_INVALID_ENCODING;
		return put_alg(req, PARSEC_ALG_KEY_AGREEMENT, parts);
	case ROLE_ATTESTING_KEY:
	case ROLE_PREPARE:
	case ROLE_ACTIVATION:
		return put_attestation(role, req, parts, to);
	case ROLE_CLIENT:
		*(ProtobufCBinaryData *)to = codec_bytes(req->client);
		break;
	case ROLE_CHECK:
		*(uint32_t *)to = req->check;
		break;
	case ROLE_NONCE:
		*(ProtobufCBinaryData *)to = codec_bytes(req->nonce);
		break;
	case ROLE_ADDITIONAL_DATA:
		*(ProtobufCBinaryData *)to = codec_bytes(req->additional_data);
		break;
	case ROLE_LABEL:
		*(ProtobufCBinaryData *)to = codec_bytes(req->label);
		break;
	case ROLE_INPUT:
		*(ProtobufCBinaryData *)to = codec_bytes(req->input);
		break;
	case ROLE_REFERENCE:
		*(ProtobufCBinaryData *)to = codec_bytes(req->reference);
		break;
	case ROLE_SIZE:
	case ROLE_PROVIDER_ID:
	case ROLE_DETAILS:
		put_number(role, req, to);
		break;
	case ROLE_FACTS:
		*(void **)to = &parts->facts;
		codec_put_facts(&req->facts, &parts->facts);
		break;
	}
	return PARSEC_SUCCESS;
}

enum parsec_status contract_encode_request(uint8_t opcode,
					   const struct contract_request *req,
					   struct parsec_out *out)
{
	const struct operation *op = operation_find(opcode);
	enum parsec_status status;
	struct parts parts;
	union message msg;
	unsigned int i;

	out->len = 0;
	if (!op)
		return PARSEC_INVALID_ENCODING;
	if (!op->request->n_fields)
		return PARSEC_SUCCESS;
	protobuf_c_message_init(op->request, &msg);
	for (i = 0; i < op->request->n_fields; i++) {
		status = put_field(op->roles[i], req, &parts,
				   msg.room + op->request->fields[i].offset);
		if (status)
			return status;
	}
	if (codec_pack(&msg.base, out))
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	return PARSEC_SUCCESS;
}

enum parsec_status contract_decode_result(uint8_t opcode, struct parsec_span body,
					  struct contract_result *result)
{
	const struct operation *op = operation_find(opcode);
	struct arena *arena = NULL;
	enum parsec_status status;
	ProtobufCMessage *msg;

	memset(result, 0, sizeof(*result));
	if (!op)
		return PARSEC_OPCODE_DOES_NOT_EXIST;
	status = codec_unpack_result(op->result, body, &arena, &msg);
	result->arena = arena;
	if (status || !msg)
		return status;
	if (op->list)
		return op->list->get(msg, result, arena);
	result->data = get_bytes(member(msg, 0));
	return PARSEC_SUCCESS;
}

void contract_result_free(struct contract_result *result)
{
	arena_free(result->arena);
	memset(result, 0, sizeof(*result));
}
