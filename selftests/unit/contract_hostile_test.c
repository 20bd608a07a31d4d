// SPDX-License-Identifier: Apache-2.0
/*
 * Bodies that somebody wrote to do harm: cut, changed at random, or made to take
 * memory. Linked with malloc() and free() wrapped, which count and look for what
 * should have been wiped.
 */
#include "kselftest_harness.h"

#include <malloc.h>

#include "helper/contract/contract.h"
#include "selftests/unit/hex.h"

#define MIB	(1024 * 1024)

static size_t mallocs, bytes, leaks;

void *__real_malloc(size_t size);
void __real_free(void *memory);

void *__wrap_malloc(size_t size)
{
	mallocs++;
	bytes += size;
	return __real_malloc(size);
}

/* Secrets in these tests are runs of 0xaa */
void __wrap_free(void *memory)
{
	static const uint8_t secret[8] = {
		0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
	};

	if (memory && memmem(memory, malloc_usable_size(memory), secret, sizeof(secret)))
		leaks++;
	__real_free(memory);
}

#define AA8	"aaaaaaaaaaaaaaaa"
#define AA32	AA8 AA8 AA8 AA8

static const struct {
	uint8_t opcode;
	const char *body;
} bodies[] = {
	{ PARSEC_OP_PSA_GENERATE_KEY,
	  "0a016b121f0a045a0208021080021a140a0830013801400148011208320622040a021007" },
	{ PARSEC_OP_PSA_GENERATE_KEY,
	  "0a016b12150a0222001080011a0c0a042001280112042a020802" },
	{ PARSEC_OP_PSA_GENERATE_KEY,
	  "0a016b" "1219" "0a026a00" "1a130a020801" "120d420b1209" "0802" "12050a03088700" },
	{ PARSEC_OP_PSA_IMPORT_KEY,
	  "0a016b" "120e" "0a026a00" "1a080a020801" "12020a00" "1a20" AA32 },
	{ PARSEC_OP_PSA_SIGN_HASH, "0a016b120622040a0210071a20" AA32 },
	{ PARSEC_OP_PSA_VERIFY_HASH, "0a016b120622040a0210071a20" AA32 "2220" AA32 },
	{ PARSEC_OP_PSA_HASH_COMPARE, "080712036162631a20" AA32 },
	{ PARSEC_OP_PSA_GENERATE_RANDOM, "08ffffffffffffffffff01" },
	{ PARSEC_OP_LIST_OPCODES, "0803" },
	{ PARSEC_OP_LIST_KEYS, "0801110000000000000000" },
};

static bool is_answer(enum parsec_status status)
{
	return status == PARSEC_SUCCESS || status == PARSEC_DESERIALIZING_BODY_FAILED ||
	       status == PARSEC_INVALID_ENCODING ||
	       status == PARSEC_PSA_ERROR_INVALID_ARGUMENT;
}

/* A copy of its own, so that the address sanitizer sees each byte read beyond it, and
 * that small inputs are not left in the body
 */
static enum parsec_status decode(uint8_t opcode, struct parsec_span body,
				 struct contract_request *req)
{
	uint8_t *copy = __real_malloc(body.len);
	enum parsec_status status;

	memcpy(copy, body.data, body.len);
	status = contract_decode_request(opcode, (struct parsec_span) { copy, body.len },
					 req);
	__real_free(copy);
	return status;
}

TEST(a_body_cut_anywhere_gets_an_answer)
{
	uint8_t room[HEX_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bodies); i++) {
		struct parsec_span body = hex(bodies[i].body, room);
		struct contract_request req;

		EXPECT_EQ(PARSEC_SUCCESS, decode(bodies[i].opcode, body, &req))
			TH_LOG("row %zu", i);
		contract_request_free(&req);
		while (body.len--) {
			EXPECT_TRUE(is_answer(decode(bodies[i].opcode, body, &req)));
			contract_request_free(&req);
		}
	}
}

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* What was understood must survive being written and read again */
static bool round_trip(uint8_t opcode, const struct contract_request *req)
{
	uint8_t packed[2 * HEX_MAX];
	struct parsec_out out = { packed, sizeof(packed), 0 };
	struct contract_request again;
	bool ok;

	if (contract_encode_request(opcode, req, &out))
		return false;
	ok = !decode(opcode, (struct parsec_span) { packed, out.len }, &again) &&
	     same(req->key_name, again.key_name) && same(req->input, again.input) &&
	     same(req->reference, again.reference) &&
	     !memcmp(&req->attrs, &again.attrs, sizeof(req->attrs)) &&
	     !memcmp(&req->alg, &again.alg, sizeof(req->alg)) &&
	     req->size == again.size && req->provider_id == again.provider_id;
	contract_request_free(&again);
	return ok;
}

TEST(bodies_changed_at_random_get_an_answer)
{
	uint32_t state = 20240229;
	unsigned int round, understood = 0;

	for (round = 0; round < 50000; round++) {
		size_t i = next_random(&state) % ARRAY_SIZE(bodies);
		unsigned int changes = 1 + next_random(&state) % 4;
		uint8_t room[HEX_MAX];
		struct parsec_span body = hex(bodies[i].body, room);
		struct contract_request req;
		enum parsec_status status;

		while (changes--) {
			size_t at = next_random(&state) % body.len;
			size_t from = next_random(&state) % body.len;
			size_t len = next_random(&state) % 16;

			switch (next_random(&state) % 4) {
			case 0:
				room[at] = (uint8_t)next_random(&state);
				break;
			case 1:
				room[at] ^= (uint8_t)(1 << next_random(&state) % 8);
				break;
			case 2:
				len = len > body.len - from ? body.len - from : len;
				len = len > HEX_MAX - at ? HEX_MAX - at : len;
				memmove(room + at, room + from, len);
				if (body.len < at + len)
					body.len = at + len;
				break;
			default:
				body.len = at + 1;
			}
		}
		status = decode(bodies[i].opcode, body, &req);
		EXPECT_TRUE(is_answer(status)) TH_LOG("round %u: %d", round, status);
		if (!status) {
			understood++;
			EXPECT_TRUE(round_trip(bodies[i].opcode, &req))
				TH_LOG("round %u", round);
		}
		contract_request_free(&req);
	}
	/* Else this tests less than it seems to */
	EXPECT_LT(1000, understood);
}

/* 1 MiB of one field again and again, after @start */
static struct parsec_span fill(const char *start, const char *field)
{
	uint8_t room[HEX_MAX], *body = __real_malloc(MIB);
	struct parsec_span part = hex(start, room);
	size_t len = part.len;

	memcpy(body, part.data, part.len);
	part = hex(field, room);
	while (len + part.len <= MIB) {
		memcpy(body + len, part.data, part.len);
		len += part.len;
	}
	return (struct parsec_span) { body, len };
}

static const struct {
	const char *why, *start, *field;
	enum parsec_status status;
} greedy[] = {
	{ "short unknown fields", "0a016b120622040a021007", "7800", 0 },
	{ "empty unknown fields", "0a016b120622040a021007", "7a00", 0 },
	{ "names", "120622040a021007", "0a016b", 0 },
	{ "empty algorithms", "0a016b120622040a021007", "1200", 0 },
	{ "algorithms", "0a016b120622040a021007", "120622040a021007", 7 },
	{ "hashes", "0a016b120622040a021007", "1a0161", 0 },
};

TEST(memory_is_bounded_whatever_the_body_says)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(greedy); i++) {
		struct parsec_span body = fill(greedy[i].start, greedy[i].field);
		struct contract_request req;

		bytes = 0;
		EXPECT_EQ(greedy[i].status,
			  contract_decode_request(PARSEC_OP_PSA_SIGN_HASH, body, &req))
			TH_LOG("%s", greedy[i].why);
		EXPECT_GT(2 * MIB + 256 * 1024, bytes) TH_LOG("%s", greedy[i].why);
		contract_request_free(&req);
		__real_free((void *)(uintptr_t)body.data);
	}
}

TEST(a_message_inside_another_is_not_endless)
{
	/* 32 KiB of unknown fields in the algorithm */
	struct parsec_span body = fill("0a016b12808002", "7800");
	struct contract_request req;

	body.len = 7 + 32768;
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED,
		  contract_decode_request(PARSEC_OP_PSA_SIGN_HASH, body, &req));
	contract_request_free(&req);
	__real_free((void *)(uintptr_t)body.data);
}

TEST(a_list_that_is_nearly_empty_entries_is_refused)
{
	struct parsec_span body = fill("", "0a00");
	struct contract_result result;

	bytes = 0;
	EXPECT_NE(PARSEC_SUCCESS,
		  contract_decode_result(PARSEC_OP_LIST_KEYS, body, &result));
	EXPECT_GT(34 * MIB, bytes);
	contract_result_free(&result);
	__real_free((void *)(uintptr_t)body.data);
}

TEST(a_full_list_of_the_shortest_keys_is_read)
{
	struct parsec_span body = fill("", "0a17" "12016b" "1a12" "0a020a00" "1a0c0a00"
				       "1208320622040a021007");
	struct contract_result result;

	ASSERT_EQ(PARSEC_SUCCESS,
		  contract_decode_result(PARSEC_OP_LIST_KEYS, body, &result));
	EXPECT_EQ(MIB / 25, result.count);
	contract_result_free(&result);
	__real_free((void *)(uintptr_t)body.data);
}

TEST(a_ping_costs_no_allocation)
{
	struct contract_result result = { .version = { 1, 0 } };
	struct contract_request req;
	uint8_t packed[8];
	struct parsec_out out = { packed, sizeof(packed), 0 };

	mallocs = 0;
	EXPECT_EQ(PARSEC_SUCCESS,
		  contract_decode_request(PARSEC_OP_PING, text(""), &req));
	EXPECT_EQ(PARSEC_SUCCESS, contract_encode_result(PARSEC_OP_PING, &result, &out));
	contract_request_free(&req);
	EXPECT_EQ(0, mallocs);
}

TEST(a_sign_costs_one_allocation)
{
	struct contract_request req;
	uint8_t room[HEX_MAX];

	mallocs = 0;
	EXPECT_EQ(PARSEC_SUCCESS,
		  contract_decode_request(PARSEC_OP_PSA_SIGN_HASH, hex(bodies[4].body, room),
					  &req));
	contract_request_free(&req);
	EXPECT_EQ(1, mallocs);
}

TEST(a_large_input_is_not_copied)
{
	struct parsec_span body = fill("0a016b120622040a0210071ae0ff3f", "61");
	struct contract_request req;

	body.len = 15 + 0xfffe0;
	mallocs = bytes = 0;
	ASSERT_EQ(PARSEC_SUCCESS,
		  contract_decode_request(PARSEC_OP_PSA_SIGN_MESSAGE, body, &req));
	EXPECT_EQ(0xfffe0, req.input.len);
	EXPECT_EQ(body.data + 15, req.input.data);
	EXPECT_TRUE(same(text("k"), req.key_name));
	EXPECT_EQ(PARSEC_SIGN_ECDSA, req.alg.scheme);
	contract_request_free(&req);
	EXPECT_GT(4096, bytes);
	EXPECT_EQ(1, mallocs);
	__real_free((void *)(uintptr_t)body.data);
}

TEST(what_stands_behind_a_large_input_is_read_too)
{
	struct parsec_span body = fill("12fcff0f", "61");
	struct contract_request req;

	/* An input of 262140 bytes, then the hash that it is compared with, its number */
	body.len = 4 + 262140;
	memcpy((uint8_t *)(uintptr_t)body.data + body.len, "\x1a\x02xy\x08\x07", 6);
	body.len += 6;
	ASSERT_EQ(PARSEC_SUCCESS,
		  contract_decode_request(PARSEC_OP_PSA_HASH_COMPARE, body, &req));
	EXPECT_EQ(262140, req.input.len);
	EXPECT_EQ(body.data + 4, req.input.data);
	EXPECT_TRUE(same(text("xy"), req.reference));
	EXPECT_EQ(PARSEC_HASH_SHA_256, req.alg.hash);
	contract_request_free(&req);
	/* With an unknown field the body is rewritten: the same comes out */
	memcpy((uint8_t *)(uintptr_t)body.data + body.len, "\x7a\x00", 2);
	body.len += 2;
	ASSERT_EQ(PARSEC_SUCCESS,
		  contract_decode_request(PARSEC_OP_PSA_HASH_COMPARE, body, &req));
	EXPECT_EQ(262140, req.input.len);
	EXPECT_TRUE(same(text("xy"), req.reference));
	contract_request_free(&req);
	__real_free((void *)(uintptr_t)body.data);
}

TEST(what_was_decoded_is_wiped)
{
	struct contract_request req;
	struct contract_result result;
	uint8_t room[HEX_MAX];
	size_t i;

	leaks = 0;
	for (i = 0; i < ARRAY_SIZE(bodies); i++) {
		contract_decode_request(bodies[i].opcode, hex(bodies[i].body, room), &req);
		contract_request_free(&req);
	}
	/* Once more through the rewriting of a loose body */
	contract_decode_request(PARSEC_OP_PSA_IMPORT_KEY,
				hex("7800" "1a20" AA32 "1a20" AA32, room), &req);
	contract_request_free(&req);
	contract_decode_result(PARSEC_OP_PSA_EXPORT_KEY, hex("0a20" AA32, room), &result);
	EXPECT_EQ(32, result.data.len);
	contract_result_free(&result);
	EXPECT_EQ(0, leaks);
}

TEST_HARNESS_MAIN
