// SPDX-License-Identifier: Apache-2.0
/*
 * The codec's results: what the helper writes is what the library reads.
 */
#include "kselftest_harness.h"

#include "helper/contract/contract.h"
#include "selftests/unit/hex.h"

static const struct parsec_key_attributes p256 = {
	.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR, .family = PARSEC_ECC_SECP_R1, .bits = 256,
	.usage = PARSEC_USAGE_SIGN_HASH | PARSEC_USAGE_SIGN_MESSAGE,
	.alg = { .kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_ECDSA,
		 .hash = PARSEC_HASH_SHA_256 },
};

static const struct parsec_key_attributes rsa = {
	.type = PARSEC_KEY_TYPE_RSA_PUBLIC_KEY, .bits = 2048,
	.alg = { .kind = PARSEC_ALG_NONE },
};

#define P256_HEX "1b" "0a045a020802" "108002" "1a10" "0a0430014001" "1208320622040a021007"
#define RSA_HEX	"0f" "0a024a00" "108010" "1a06" "0a00" "12020a00"

static const uint32_t opcodes[] = { 1, 8, 9, 14, 26 };
static const struct contract_provider providers[] = {
	{ "uuid", "what", "who", { 1, 2, 3 }, 1 }, { "", "", "", { 0 }, 0 },
};
static const struct contract_authenticator authenticators[] = {
	{ "peer", { 0, 1, 0 }, 3 },
};
static const struct contract_key keys[] = {
	{ 1, { (const uint8_t *)"k", 1 }, p256 }, { 3, { (const uint8_t *)"\xc3\xa9", 2 }, rsa },
};

static const struct {
	uint8_t opcode;
	const char *body;
	struct contract_result result;
} results[] = {
	{ PARSEC_OP_PING, "0801", { .version = { 1, 0 } } },
	{ PARSEC_OP_LIST_OPCODES, "0a050108090e1a", { .opcodes = opcodes, .count = 5 } },
	{ PARSEC_OP_LIST_OPCODES, "", { .count = 0 } },
	{ PARSEC_OP_LIST_PROVIDERS,
	  "0a19" "0a0475756964" "120477686174" "1a0377686f" "2001" "2802" "3003" "3801" "0a00",
	  { .providers = providers, .count = 2 } },
	{ PARSEC_OP_LIST_AUTHENTICATORS, "0a0a" "0a0470656572" "1801" "2803",
	  { .authenticators = authenticators, .count = 1 } },
	{ PARSEC_OP_LIST_KEYS,
	  "0a22" "0801" "12016b" "1a" P256_HEX "0a17" "0803" "1202c3a9" "1a" RSA_HEX,
	  { .keys = keys, .count = 2 } },
	{ PARSEC_OP_LIST_KEYS, "", { .count = 0 } },
	{ PARSEC_OP_PSA_GENERATE_KEY, "", { .count = 0 } },
	{ PARSEC_OP_PSA_IMPORT_KEY, "", { .count = 0 } },
	{ PARSEC_OP_PSA_DESTROY_KEY, "", { .count = 0 } },
	{ PARSEC_OP_PSA_VERIFY_HASH, "", { .count = 0 } },
	{ PARSEC_OP_PSA_VERIFY_MESSAGE, "", { .count = 0 } },
	{ PARSEC_OP_PSA_HASH_COMPARE, "", { .count = 0 } },
	{ PARSEC_OP_PSA_EXPORT_KEY, "0a026162", { .data = { (const uint8_t *)"ab", 2 } } },
	{ PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, "0a026162",
	  { .data = { (const uint8_t *)"ab", 2 } } },
	{ PARSEC_OP_PSA_SIGN_HASH, "0a026162", { .data = { (const uint8_t *)"ab", 2 } } },
	{ PARSEC_OP_PSA_SIGN_MESSAGE, "0a026162",
	  { .data = { (const uint8_t *)"ab", 2 } } },
	{ PARSEC_OP_PSA_HASH_COMPUTE, "0a026162",
	  { .data = { (const uint8_t *)"ab", 2 } } },
	{ PARSEC_OP_PSA_GENERATE_RANDOM, "0a026162",
	  { .data = { (const uint8_t *)"ab", 2 } } },
	{ PARSEC_OP_PSA_GENERATE_RANDOM, "", { .count = 0 } },
};

static bool equal_results(const struct contract_result *a, const struct contract_result *b)
{
	size_t i;

	if (a->version[0] != b->version[0] || a->version[1] != b->version[1] ||
	    !same(a->data, b->data) || a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++) {
		if (a->opcodes && a->opcodes[i] != b->opcodes[i])
			return false;
		if (a->providers &&
		    (strcmp(a->providers[i].uuid, b->providers[i].uuid) ||
		     strcmp(a->providers[i].description, b->providers[i].description) ||
		     strcmp(a->providers[i].vendor, b->providers[i].vendor) ||
		     memcmp(a->providers[i].version, b->providers[i].version, 12) ||
		     a->providers[i].id != b->providers[i].id))
			return false;
		if (a->authenticators &&
		    (strcmp(a->authenticators[i].description,
			    b->authenticators[i].description) ||
		     memcmp(a->authenticators[i].version, b->authenticators[i].version,
			    12) ||
		     a->authenticators[i].id != b->authenticators[i].id))
			return false;
		if (a->keys &&
		    (a->keys[i].provider_id != b->keys[i].provider_id ||
		     !same(a->keys[i].name, b->keys[i].name) ||
		     memcmp(&a->keys[i].attrs, &b->keys[i].attrs,
			    sizeof(a->keys[i].attrs))))
			return false;
	}
	return true;
}

TEST(results_are_written_as_the_contract_writes_them)
{
	uint8_t room[HEX_MAX], packed[HEX_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(results); i++) {
		struct parsec_out out = { packed, sizeof(packed), 0 };

		EXPECT_EQ(PARSEC_SUCCESS, contract_encode_result(results[i].opcode,
								 &results[i].result, &out))
			TH_LOG("row %zu", i);
		EXPECT_TRUE(same(hex(results[i].body, room),
				 (struct parsec_span) { packed, out.len }))
			TH_LOG("row %zu", i);
	}
}

TEST(results_are_read_as_the_contract_writes_them)
{
	uint8_t room[HEX_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(results); i++) {
		struct contract_result result;

		EXPECT_EQ(PARSEC_SUCCESS,
			  contract_decode_result(results[i].opcode,
						 hex(results[i].body, room), &result))
			TH_LOG("row %zu", i);
		EXPECT_TRUE(equal_results(&results[i].result, &result))
			TH_LOG("row %zu", i);
		contract_result_free(&result);
	}
}

TEST(a_result_that_does_not_fit_says_how_long_it_is)
{
	uint8_t room[HEX_MAX], packed[HEX_MAX];
	size_t i, size;

	for (i = 0; i < ARRAY_SIZE(results); i++) {
		size_t need = hex(results[i].body, room).len;

		for (size = 0; size < need; size++) {
			struct parsec_out out = { packed, size, 0 };

			memset(packed, 0x5a, sizeof(packed));
			EXPECT_EQ(PARSEC_RESPONSE_TOO_LARGE,
				  contract_encode_result(results[i].opcode,
							 &results[i].result, &out));
			EXPECT_EQ(need, out.len);
			EXPECT_EQ(0x5a, packed[size]);
		}
	}
}

TEST(opcodes_are_read_from_an_unpacked_list_too)
{
	uint8_t room[HEX_MAX];
	struct contract_result result;

	ASSERT_EQ(PARSEC_SUCCESS,
		  contract_decode_result(PARSEC_OP_LIST_OPCODES,
					 hex("08010a0208090" "80e" "081a", room), &result));
	EXPECT_TRUE(equal_results(&(struct contract_result) { .opcodes = opcodes,
							      .count = 5 }, &result));
	contract_result_free(&result);
}

static const struct {
	uint8_t opcode;
	enum parsec_status status;
	const char *why, *body;
} refusals[] = {
	{ PARSEC_OP_LIST_OPCODES, 7, "packed number cut short", "0a0181" },
	{ PARSEC_OP_LIST_PROVIDERS, 7, "text not UTF-8", "0a03" "1201ff" },
	{ PARSEC_OP_LIST_PROVIDERS, 7, "NUL in a text", "0a03" "120100" },
	{ PARSEC_OP_LIST_AUTHENTICATORS, 7, "text not UTF-8", "0a03" "0a01ff" },
	{ PARSEC_OP_LIST_KEYS, 7, "name not UTF-8", "0a14" "1201ff" "1a" RSA_HEX },
	{ PARSEC_OP_LIST_KEYS, 16, "no attributes", "0a03" "12016b" },
	{ PARSEC_OP_PSA_SIGN_HASH, 7, "number for bytes", "0801" },
	{ PARSEC_OP_PSA_DESTROY_KEY, 7, "not a message", "ff" },
};

TEST(results_are_refused_for_the_right_reason)
{
	uint8_t room[HEX_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(refusals); i++) {
		struct contract_result result;

		EXPECT_EQ(refusals[i].status,
			  contract_decode_result(refusals[i].opcode,
						 hex(refusals[i].body, room), &result))
			TH_LOG("row %zu: %s", i, refusals[i].why);
		contract_result_free(&result);
	}
}

TEST(attributes_without_an_encoding_are_refused)
{
	struct contract_key key = keys[0];
	struct contract_result result = { .keys = &key, .count = 1 };
	uint8_t packed[HEX_MAX];
	struct parsec_out out = { packed, sizeof(packed), 0 };

	key.attrs.type = 0;
	EXPECT_EQ(PARSEC_SERIALIZING_BODY_FAILED,
		  contract_encode_result(PARSEC_OP_LIST_KEYS, &result, &out));
	key.attrs = p256;
	key.attrs.family = PARSEC_ECC_LAST + 1;
	EXPECT_EQ(PARSEC_SERIALIZING_BODY_FAILED,
		  contract_encode_result(PARSEC_OP_LIST_KEYS, &result, &out));
	key.attrs = p256;
	key.attrs.alg.hash = PARSEC_HASH_LAST + 1;
	EXPECT_EQ(PARSEC_SERIALIZING_BODY_FAILED,
		  contract_encode_result(PARSEC_OP_LIST_KEYS, &result, &out));
	key.attrs = p256;
	key.attrs.usage = PARSEC_USAGE_ALL + 1;
	EXPECT_EQ(PARSEC_SERIALIZING_BODY_FAILED,
		  contract_encode_result(PARSEC_OP_LIST_KEYS, &result, &out));
}

TEST(the_codec_knows_the_operations_of_the_contract)
{
	static const uint8_t known[] = {
		1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
		21, 22, 23, 24, 25, 26, 27, 28, 30, 31, 32, 0x70, 0x71, 0x72,
		0x73,
	};
	struct contract_request req;
	unsigned int opcode;
	size_t next = 0;

	for (opcode = 0; opcode < 256; opcode++) {
		bool is_known = next < ARRAY_SIZE(known) && known[next] == opcode;

		EXPECT_EQ(is_known, contract_knows((uint8_t)opcode));
		next += is_known;
		if (!is_known) {
			EXPECT_EQ(PARSEC_OPCODE_DOES_NOT_EXIST,
				  contract_decode_request((uint8_t)opcode, text(""), &req));
		}
	}
}

TEST_HARNESS_MAIN
