// SPDX-License-Identifier: Apache-2.0
/*
 * The codec against encodings of encryption, MACs, key agreement, CanDoCrypto and the
 * admin operations, written by hand after the contract's section 11.
 */
#include "kselftest_harness.h"

#include "helper/contract/contract.h"
#include "selftests/unit/bodies.h"

#define ALG(kind_, scheme_, ...) \
	{ .kind = PARSEC_ALG_##kind_, .scheme = scheme_, ##__VA_ARGS__ }

static const struct {
	const char *name;
	uint8_t opcode;
	const char *body;
	struct parsec_alg alg;
	/* What must be in these members; NULL: nothing */
	const char *input, *reference, *nonce, *additional_data, *label, *client;
} requests[] = {
	{ "RSAES", PARSEC_OP_PSA_ASYMMETRIC_ENCRYPT,
	  "0a016b" "12020a00" "1a026869",
	  ALG(ASYMMETRIC_ENCRYPTION, PARSEC_CRYPT_RSA_PKCS1V15), .input = "hi" },
	{ "OAEP with a label", PARSEC_OP_PSA_ASYMMETRIC_DECRYPT,
	  "0a016b" "120412020807" "1a026869" "22016c",
	  ALG(ASYMMETRIC_ENCRYPTION, PARSEC_CRYPT_RSA_OAEP, .hash = PARSEC_HASH_SHA_256),
	  .input = "hi", .label = "l" },
	{ "GCM", PARSEC_OP_PSA_AEAD_ENCRYPT,
	  "0a016b" "12020802" "1a016e" "220161" "2a026869",
	  ALG(AEAD, PARSEC_AEAD_GCM),
	  .nonce = "n", .additional_data = "a", .input = "hi" },
	{ "CCM, tag of 8, nothing else authenticated", PARSEC_OP_PSA_AEAD_DECRYPT,
	  "0a016b" "1206120408011008" "1a016e" "2a026869",
	  ALG(AEAD, PARSEC_AEAD_CCM, .length = 8), .nonce = "n", .input = "hi" },
	{ "CTR", PARSEC_OP_PSA_CIPHER_ENCRYPT, "0a016b" "1002" "1a026869",
	  ALG(CIPHER, PARSEC_CIPHER_CTR), .input = "hi" },
	{ "CBC-PKCS7", PARSEC_OP_PSA_CIPHER_DECRYPT, "0a016b" "1008" "1a026869",
	  ALG(CIPHER, PARSEC_CIPHER_CBC_PKCS7), .input = "hi" },
	{ "HMAC", PARSEC_OP_PSA_MAC_COMPUTE, "0a016b" "12060a040a020807" "1a026869",
	  ALG(MAC, PARSEC_MAC_HMAC, .hash = PARSEC_HASH_SHA_256), .input = "hi" },
	{ "CMAC cut to 8", PARSEC_OP_PSA_MAC_VERIFY,
	  "0a016b" "12081206" "0a021a00" "1008" "1a026869" "22016d",
	  ALG(MAC, PARSEC_MAC_CMAC, .length = 8), .input = "hi", .reference = "m" },
	{ "ECDH", PARSEC_OP_PSA_RAW_KEY_AGREEMENT, "0802" "12016b" "1a0170",
	  ALG(KEY_AGREEMENT, PARSEC_AGREE_ECDH), .input = "p" },
	{ "DeleteClient", PARSEC_OP_DELETE_CLIENT, "0a0431303031", { 0 },
	  .client = "1001" },
	{ "DeleteClient of nobody", PARSEC_OP_DELETE_CLIENT, "", { 0 }, .client = "" },
};

static bool is(struct parsec_span span, const char *expected)
{
	return same(span, text(expected ? expected : ""));
}

TEST(requests_are_read)
{
	struct contract_request req;
	uint8_t room[HEX_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		ASSERT_EQ(PARSEC_SUCCESS,
			  contract_decode_request(requests[i].opcode,
						  hex(requests[i].body, room), &req))
			TH_LOG("%s", requests[i].name);
		EXPECT_EQ(0, memcmp(&req.alg, &requests[i].alg, sizeof(req.alg)))
			TH_LOG("%s", requests[i].name);
		EXPECT_TRUE(is(req.input, requests[i].input) &&
			    is(req.reference, requests[i].reference) &&
			    is(req.nonce, requests[i].nonce) &&
			    is(req.additional_data, requests[i].additional_data) &&
			    is(req.label, requests[i].label) &&
			    is(req.client, requests[i].client))
			TH_LOG("%s", requests[i].name);
		contract_request_free(&req);
	}
}

TEST(requests_are_written)
{
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
#define MEMBER(name) .name = text(requests[i].name ? requests[i].name : "")
		const struct contract_request req = {
			.key_name = text("k"), .alg = requests[i].alg,
			MEMBER(input), MEMBER(reference), MEMBER(nonce),
			MEMBER(additional_data), MEMBER(label), MEMBER(client),
		};
#undef MEMBER
		uint8_t body[256], room[HEX_MAX];
		struct parsec_out out = { body, sizeof(body), 0 };

		ASSERT_EQ(PARSEC_SUCCESS,
			  contract_encode_request(requests[i].opcode, &req, &out))
			TH_LOG("%s", requests[i].name);
		EXPECT_TRUE(same((struct parsec_span){ body, out.len },
				 hex(requests[i].body, room)))
			TH_LOG("%s", requests[i].name);
	}
}

TEST(algorithm_that_is_missing_or_not_known_is_refused)
{
	static const uint8_t opcodes[] = {
		PARSEC_OP_PSA_ASYMMETRIC_ENCRYPT, PARSEC_OP_PSA_ASYMMETRIC_DECRYPT,
		PARSEC_OP_PSA_AEAD_ENCRYPT, PARSEC_OP_PSA_AEAD_DECRYPT,
		PARSEC_OP_PSA_CIPHER_ENCRYPT, PARSEC_OP_PSA_CIPHER_DECRYPT,
		PARSEC_OP_PSA_MAC_COMPUTE, PARSEC_OP_PSA_MAC_VERIFY,
	};

	for (size_t i = 0; i < ARRAY_SIZE(opcodes); i++) {
		EXPECT_EQ(PARSEC_INVALID_ENCODING, decode(opcodes[i], "0a016b"))
			TH_LOG("opcode %u", opcodes[i]);
	}
	EXPECT_EQ(PARSEC_INVALID_ENCODING, decode(PARSEC_OP_PSA_RAW_KEY_AGREEMENT, "12016b"));
	EXPECT_EQ(PARSEC_INVALID_ENCODING,
		  decode(PARSEC_OP_PSA_RAW_KEY_AGREEMENT, "0803" "12016b"));
	EXPECT_EQ(PARSEC_INVALID_ENCODING,
		  decode(PARSEC_OP_PSA_CIPHER_ENCRYPT, "0a016b" "1009"));
	/* Present, but its oneof is not set */
	EXPECT_EQ(PARSEC_INVALID_ENCODING,
		  decode(PARSEC_OP_PSA_MAC_COMPUTE, "0a016b" "1200"));
	EXPECT_EQ(PARSEC_INVALID_ENCODING,
		  decode(PARSEC_OP_PSA_AEAD_ENCRYPT, "0a016b" "12020804"));
}

TEST(tag_of_16_is_the_default_one)
{
	struct contract_request req;
	uint8_t room[HEX_MAX];

	ASSERT_EQ(PARSEC_SUCCESS,
		  contract_decode_request(PARSEC_OP_PSA_AEAD_ENCRYPT,
			hex("0a016b" "1206120408021010", room), &req));
	EXPECT_EQ(0, req.alg.length);
	contract_request_free(&req);
}

TEST(check_type_is_one_to_four)
{
	/* AES-128 for GCM, no flags */
	const char *attributes = "12110a0222001080011a080a0012042a020802";
	char body[64];

	for (unsigned int check = 0; check < 6; check++) {
		snprintf(body, sizeof(body), "08%02x%s", check, attributes);
		EXPECT_EQ(check < 1 || check > 4 ? PARSEC_INVALID_ENCODING : PARSEC_SUCCESS,
			  decode(PARSEC_OP_CAN_DO_CRYPTO, body)) TH_LOG("%u", check);
	}
	EXPECT_EQ(PARSEC_INVALID_ENCODING, decode(PARSEC_OP_CAN_DO_CRYPTO, "0801"));
}

TEST(client_is_text)
{
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED, decode(PARSEC_OP_DELETE_CLIENT, "0a01c0"));
	EXPECT_EQ(PARSEC_SUCCESS, decode(PARSEC_OP_DELETE_CLIENT, "0a02c3a9"));
}

TEST(clients_are_written_and_read)
{
	const struct parsec_span clients[] = { text("1000"), text("billing") };
	const struct contract_result result = { .clients = clients, .count = 2 };
	uint8_t body[64], room[HEX_MAX];
	struct parsec_out out = { body, sizeof(body), 0 };
	struct contract_result back;

	ASSERT_EQ(PARSEC_SUCCESS,
		  contract_encode_result(PARSEC_OP_LIST_CLIENTS, &result, &out));
	EXPECT_TRUE(same((struct parsec_span){ body, out.len },
			 hex("0a0431303030" "0a0762696c6c696e67", room)));
	ASSERT_EQ(PARSEC_SUCCESS,
		  contract_decode_result(PARSEC_OP_LIST_CLIENTS,
			(struct parsec_span){ body, out.len }, &back));
	ASSERT_EQ(2, back.count);
	EXPECT_TRUE(same(clients[1], back.clients[1]));
	contract_result_free(&back);
}

TEST(output_is_the_first_field)
{
	static const uint8_t opcodes[] = {
		PARSEC_OP_PSA_ASYMMETRIC_ENCRYPT, PARSEC_OP_PSA_ASYMMETRIC_DECRYPT,
		PARSEC_OP_PSA_AEAD_ENCRYPT, PARSEC_OP_PSA_AEAD_DECRYPT,
		PARSEC_OP_PSA_CIPHER_ENCRYPT, PARSEC_OP_PSA_CIPHER_DECRYPT,
		PARSEC_OP_PSA_MAC_COMPUTE, PARSEC_OP_PSA_RAW_KEY_AGREEMENT,
	};
	const struct contract_result result = { .data = text("xyz") };

	for (size_t i = 0; i < ARRAY_SIZE(opcodes); i++) {
		uint8_t body[16], room[HEX_MAX];
		struct parsec_out out = { body, sizeof(body), 0 };

		ASSERT_EQ(PARSEC_SUCCESS, contract_encode_result(opcodes[i], &result, &out));
		EXPECT_TRUE(same((struct parsec_span){ body, out.len },
				 hex("0a0378797a", room))) TH_LOG("opcode %u", opcodes[i]);
	}
}

TEST_HARNESS_MAIN
