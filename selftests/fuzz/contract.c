// SPDX-License-Identifier: Apache-2.0
/*
 * Fuzz target: the codec. The first byte is the opcode, with the top bit set for a
 * response; the body follows. What can be decoded can be encoded, and is the same again.
 */
#include <string.h>

#include "helper/contract/contract.h"
#include "selftests/fuzz/fuzz.h"

#define RESPONSE	0x80

static bool same(struct parsec_span a, struct parsec_span b)
{
	return a.len == b.len && (!a.len || !memcmp(a.data, b.data, a.len));
}

static struct parsec_span encode_request(uint8_t opcode, const struct contract_request *req)
{
	struct parsec_out out = { NULL, 0, 0 };
	enum parsec_status status = contract_encode_request(opcode, req, &out);

	must(status == (out.len ? PARSEC_PSA_ERROR_BUFFER_TOO_SMALL : PARSEC_SUCCESS));
	out = (struct parsec_out){ malloc(out.len + 1), out.len, 0 };
	must(out.data);
	must(!contract_encode_request(opcode, req, &out));
	must(out.len == out.size);
	return (struct parsec_span){ out.data, out.len };
}

static struct parsec_span encode_result(uint8_t opcode, const struct contract_result *result)
{
	struct parsec_out out = { NULL, 0, 0 };
	enum parsec_status status = contract_encode_result(opcode, result, &out);

	must(status == (out.len ? PARSEC_RESPONSE_TOO_LARGE : PARSEC_SUCCESS));
	out = (struct parsec_out){ malloc(out.len + 1), out.len, 0 };
	must(out.data);
	must(!contract_encode_result(opcode, result, &out));
	must(out.len == out.size);
	return (struct parsec_span){ out.data, out.len };
}

static void must_be_equal(const struct contract_request *a, const struct contract_request *b)
{
	must(same(a->key_name, b->key_name));
	must(same(a->input, b->input));
	must(same(a->reference, b->reference));
	must(same(a->nonce, b->nonce));
	must(same(a->additional_data, b->additional_data));
	must(same(a->label, b->label));
	must(same(a->secret, b->secret));
	must(same(a->attesting_key, b->attesting_key));
	must(same(a->client, b->client));
	must(!memcmp(&a->alg, &b->alg, sizeof(a->alg)));
	must(!memcmp(&a->attrs, &b->attrs, sizeof(a->attrs)));
	must(a->check == b->check && a->size == b->size && a->provider_id == b->provider_id);
}

static void try_request(uint8_t opcode, struct parsec_span body)
{
	struct contract_request req, again;

	if (!contract_decode_request(opcode, body, &req)) {
		struct parsec_span first = encode_request(opcode, &req), second;

		must(!contract_decode_request(opcode, first, &again));
		must_be_equal(&req, &again);
		second = encode_request(opcode, &again);
		must(same(first, second));
		contract_request_free(&again);
		free((void *)(uintptr_t)first.data);
		free((void *)(uintptr_t)second.data);
	}
	contract_request_free(&req);
}

static void try_result(uint8_t opcode, struct parsec_span body)
{
	struct contract_result result, again;

	if (!contract_decode_result(opcode, body, &result)) {
		struct parsec_span first = encode_result(opcode, &result), second;

		must(!contract_decode_result(opcode, first, &again));
		must(same(result.data, again.data) && result.count == again.count);
		second = encode_result(opcode, &again);
		must(same(first, second));
		contract_result_free(&again);
		free((void *)(uintptr_t)first.data);
		free((void *)(uintptr_t)second.data);
	}
	contract_result_free(&result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t opcode;

	if (!size)
		return 0;
	opcode = *data & ~RESPONSE;
	if (!contract_knows(opcode))
		return 0;
	if (*data & RESPONSE)
		try_result(opcode, (struct parsec_span){ data + 1, size - 1 });
	else
		try_request(opcode, (struct parsec_span){ data + 1, size - 1 });
	return 0;
}
