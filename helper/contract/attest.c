// SPDX-License-Identifier: Apache-2.0
/*
 * Messages of the attestation operations.
 */
#include "helper/contract/attest.h"

#include "helper/contract/operations.h"

enum parsec_status codec_check_attesting(struct parsec_span name)
{
	return name.len ? text_check_name(name) : PARSEC_SUCCESS;
}

static struct parsec_span get_bytes(ProtobufCBinaryData bytes)
{
	return (struct parsec_span){ bytes.data, bytes.len };
}

enum parsec_status codec_get_prepare(const PrepareKeyAttestation__Params *msg,
				     struct contract_request *req)
{
	const PrepareKeyAttestation__Params__Activation *from;
	enum parsec_status attested, attesting;

	/* Of the oneof there is only this one: not set is NULL */
	if (!msg || !msg->activate_credential)
		return PARSEC_INVALID_ENCODING;
	from = msg->activate_credential;
	req->key_name = get_bytes(from->attested_key_name);
	req->attesting_key = get_bytes(from->attesting_key_name);
	attested = text_check_name(req->key_name);
	attesting = codec_check_attesting(req->attesting_key);
	if (attested && attesting)
		return attested < attesting ? attested : attesting;
	return attested ? attested : attesting;
}

void codec_put_prepare(const struct contract_request *req, struct codec_prepare *msg)
{
	prepare_key_attestation__params__init(&msg->top);
	prepare_key_attestation__params__activation__init(&msg->activation);
	msg->top.mechanism_case =
		PREPARE_KEY_ATTESTATION__PARAMS__MECHANISM_ACTIVATE_CREDENTIAL;
	msg->top.activate_credential = &msg->activation;
	msg->activation.attested_key_name = codec_bytes(req->key_name);
	msg->activation.attesting_key_name = codec_bytes(req->attesting_key);
}

enum parsec_status codec_get_activation(const AttestKey__Params *msg,
					struct contract_request *req)
{
	if (!msg || !msg->activate_credential)
		return PARSEC_INVALID_ENCODING;
	req->input = get_bytes(msg->activate_credential->credential_blob);
	req->secret = get_bytes(msg->activate_credential->secret);
	return PARSEC_SUCCESS;
}

void codec_put_activation(const struct contract_request *req, struct codec_activation *msg)
{
	attest_key__params__init(&msg->top);
	attest_key__params__activation__init(&msg->activation);
	msg->top.mechanism_case = ATTEST_KEY__PARAMS__MECHANISM_ACTIVATE_CREDENTIAL;
	msg->top.activate_credential = &msg->activation;
	msg->activation.credential_blob = codec_bytes(req->input);
	msg->activation.secret = codec_bytes(req->secret);
}

static enum parsec_status prepared_get(const ProtobufCMessage *msg,
				       struct contract_result *result, struct arena *arena)
{
	const PrepareKeyAttestation__Result *from = (const PrepareKeyAttestation__Result *)msg;
	const PrepareKeyAttestation__Output__Activation *activation;

	(void)arena;
	if (!from->output || !from->output->activate_credential)
		return PARSEC_INVALID_ENCODING;
	activation = from->output->activate_credential;
	result->name = get_bytes(activation->name);
	result->data = get_bytes(activation->public_);
	result->attesting_public = get_bytes(activation->attesting_key_pub);
	return PARSEC_SUCCESS;
}

static enum parsec_status prepared_put(const struct contract_result *result,
				       struct parsec_out *out)
{
	PrepareKeyAttestation__Output__Activation activation =
		PREPARE_KEY_ATTESTATION__OUTPUT__ACTIVATION__INIT;
	PrepareKeyAttestation__Output output = PREPARE_KEY_ATTESTATION__OUTPUT__INIT;
	PrepareKeyAttestation__Result msg = PREPARE_KEY_ATTESTATION__RESULT__INIT;

	activation.name = codec_bytes(result->name);
	activation.public_ = codec_bytes(result->data);
	activation.attesting_key_pub = codec_bytes(result->attesting_public);
	output.mechanism_case = PREPARE_KEY_ATTESTATION__OUTPUT__MECHANISM_ACTIVATE_CREDENTIAL;
	output.activate_credential = &activation;
	msg.output = &output;
	return codec_pack(&msg.base, out);
}

const struct codec_list codec_prepared = { prepared_get, prepared_put };

static enum parsec_status attested_get(const ProtobufCMessage *msg,
				       struct contract_result *result, struct arena *arena)
{
	const AttestKey__Result *from = (const AttestKey__Result *)msg;

	(void)arena;
	if (!from->output || !from->output->activate_credential)
		return PARSEC_INVALID_ENCODING;
	result->data = get_bytes(from->output->activate_credential->credential);
	return PARSEC_SUCCESS;
}

static enum parsec_status attested_put(const struct contract_result *result,
				       struct parsec_out *out)
{
	AttestKey__Output__Activation activation = ATTEST_KEY__OUTPUT__ACTIVATION__INIT;
	AttestKey__Output output = ATTEST_KEY__OUTPUT__INIT;
	AttestKey__Result msg = ATTEST_KEY__RESULT__INIT;

	activation.credential = codec_bytes(result->data);
	output.mechanism_case = ATTEST_KEY__OUTPUT__MECHANISM_ACTIVATE_CREDENTIAL;
	output.activate_credential = &activation;
	msg.output = &output;
	return codec_pack(&msg.base, out);
}

const struct codec_list codec_attested = { attested_get, attested_put };
