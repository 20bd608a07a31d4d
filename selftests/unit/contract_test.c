// SPDX-License-Identifier: Apache-2.0
/*
 * The codec against the contract's golden encodings, and each reason to refuse a body.
 */
#include "kselftest_harness.h"

#include "helper/contract/codec.h"
#include "helper/contract/contract.h"
#include "selftests/unit/hex.h"

#define AA8	"aaaaaaaaaaaaaaaa"
#define AA32	AA8 AA8 AA8 AA8

static const uint8_t aa32[32] = {
	0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
	0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
	0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
};

#define SIGN(scheme_, hash_) { \
	.kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_##scheme_, \
	.hash = PARSEC_HASH_##hash_, \
}

static const struct {
	const char *name, *body;
	struct parsec_alg alg;
} algorithms[] = {
	{ "none", "0a00", { .kind = PARSEC_ALG_NONE } },
	{ "hash SHA-256", "1007",
	  { .kind = PARSEC_ALG_HASH, .hash = PARSEC_HASH_SHA_256 } },
	{ "HMAC-SHA-256", "1a060a040a020807",
	  { .kind = PARSEC_ALG_MAC, .scheme = PARSEC_MAC_HMAC,
	    .hash = PARSEC_HASH_SHA_256 } },
	{ "CMAC cut to 8", "1a081206" "0a021a00" "1008",
	  { .kind = PARSEC_ALG_MAC, .scheme = PARSEC_MAC_CMAC, .length = 8 } },
	{ "CBC-PKCS7", "2008",
	  { .kind = PARSEC_ALG_CIPHER, .scheme = PARSEC_CIPHER_CBC_PKCS7 } },
	{ "GCM", "2a020802", { .kind = PARSEC_ALG_AEAD, .scheme = PARSEC_AEAD_GCM } },
	{ "CCM tag 8", "2a06120408011008",
	  { .kind = PARSEC_ALG_AEAD, .scheme = PARSEC_AEAD_CCM, .length = 8 } },
	{ "RSA PKCS1v1.5 SHA-256", "32060a040a021007", SIGN(RSA_PKCS1V15, SHA_256) },
	{ "RSA PKCS1v1.5 raw", "32021200", SIGN(RSA_PKCS1V15_RAW, NONE) },
	{ "RSA-PSS any hash", "32061a040a020a00", SIGN(RSA_PSS, ANY) },
	{ "ECDSA SHA-256", "320622040a021007", SIGN(ECDSA, SHA_256) },
	{ "ECDSA any", "32022a00", SIGN(ECDSA_ANY, NONE) },
	{ "deterministic ECDSA SHA-512", "320632040a021009",
	  SIGN(DETERMINISTIC_ECDSA, SHA_512) },
	{ "RSAES PKCS1v1.5", "3a020a00",
	  { .kind = PARSEC_ALG_ASYMMETRIC_ENCRYPTION,
	    .scheme = PARSEC_CRYPT_RSA_PKCS1V15 } },
	{ "OAEP SHA-256", "3a0412020807",
	  { .kind = PARSEC_ALG_ASYMMETRIC_ENCRYPTION, .scheme = PARSEC_CRYPT_RSA_OAEP,
	    .hash = PARSEC_HASH_SHA_256 } },
	{ "raw ECDH", "42020802",
	  { .kind = PARSEC_ALG_KEY_AGREEMENT, .scheme = PARSEC_AGREE_ECDH } },
	{ "ECDH with HKDF-SHA-256", "420a1208" "0802" "12040a020807",
	  { .kind = PARSEC_ALG_KEY_AGREEMENT, .scheme = PARSEC_AGREE_ECDH,
	    .kdf = PARSEC_KDF_HKDF, .hash = PARSEC_HASH_SHA_256 } },
	{ "TLS 1.2 PRF SHA-384", "4a0412020808",
	  { .kind = PARSEC_ALG_KEY_DERIVATION, .scheme = PARSEC_KDF_TLS12_PRF,
	    .hash = PARSEC_HASH_SHA_384 } },
};

TEST(algorithms_are_read_as_the_contract_writes_them)
{
	uint8_t room[HEX_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(algorithms); i++) {
		struct parsec_span body = hex(algorithms[i].body, room);
		struct parsec_alg alg;
		PsaAlgorithm__Algorithm *msg;

		msg = psa_algorithm__algorithm__unpack(NULL, body.len, body.data);
		ASSERT_NE(NULL, msg) TH_LOG("%s", algorithms[i].name);
		EXPECT_EQ(PARSEC_SUCCESS, codec_get_algorithm(msg, &alg))
			TH_LOG("%s", algorithms[i].name);
		EXPECT_EQ(0, memcmp(&alg, &algorithms[i].alg, sizeof(alg)))
			TH_LOG("%s", algorithms[i].name);
		psa_algorithm__algorithm__free_unpacked(msg, NULL);
	}
}

TEST(algorithms_are_written_as_the_contract_writes_them)
{
	uint8_t room[HEX_MAX], packed[HEX_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(algorithms); i++) {
		struct parsec_span body = hex(algorithms[i].body, room);
		struct parsec_span result = { packed, 0 };
		struct codec_algorithm msg;

		ASSERT_TRUE(codec_put_algorithm(&algorithms[i].alg, &msg))
			TH_LOG("%s", algorithms[i].name);
		result.len = psa_algorithm__algorithm__pack(&msg.top, packed);
		EXPECT_TRUE(same(body, result)) TH_LOG("%s", algorithms[i].name);
	}
}

#define KEY(type_, family_, bits_, usage_, ...) { \
	.type = PARSEC_KEY_TYPE_##type_, .family = family_, .bits = bits_, \
	.usage = usage_, .alg = __VA_ARGS__, \
}
#define SIGNING		(PARSEC_USAGE_SIGN_MESSAGE | PARSEC_USAGE_VERIFY_MESSAGE | \
			 PARSEC_USAGE_SIGN_HASH | PARSEC_USAGE_VERIFY_HASH)
#define K		{ (const uint8_t *)"k", 1 }
#define SPAN_AA32	{ aa32, 32 }

static const struct {
	uint8_t opcode;
	const char *body;
	struct contract_request req;
} requests[] = {
	{ PARSEC_OP_PING, "", { .size = 0 } },
	{ PARSEC_OP_LIST_PROVIDERS, "", { .size = 0 } },
	{ PARSEC_OP_LIST_AUTHENTICATORS, "", { .size = 0 } },
	{ PARSEC_OP_LIST_KEYS, "", { .size = 0 } },
	{ PARSEC_OP_LIST_OPCODES, "", { .size = 0 } },
	{ PARSEC_OP_LIST_OPCODES, "0803", { .provider_id = 3 } },
	{ PARSEC_OP_PSA_GENERATE_KEY,
	  "0a016b121d0a0252001080081a140a083001380140014801120832060a040a021007",
	  { .key_name = K, .attrs = KEY(RSA_KEY_PAIR, 0, 1024, SIGNING,
					SIGN(RSA_PKCS1V15, SHA_256)) } },
	{ PARSEC_OP_PSA_GENERATE_KEY,
	  "0a016b121f0a045a0208021080021a140a0830013801400148011208320622040a021007",
	  { .key_name = K, .attrs = KEY(ECC_KEY_PAIR, PARSEC_ECC_SECP_R1, 256, SIGNING,
					SIGN(ECDSA, SHA_256)) } },
	{ PARSEC_OP_PSA_GENERATE_KEY,
	  "0a016b12150a0222001080011a0c0a042001280112042a020802",
	  { .key_name = K, .attrs = KEY(AES, 0, 128,
					PARSEC_USAGE_ENCRYPT | PARSEC_USAGE_DECRYPT,
					{ .kind = PARSEC_ALG_AEAD,
					  .scheme = PARSEC_AEAD_GCM }) } },
	{ PARSEC_OP_PSA_GENERATE_KEY,
	  "0a016b12170a045a0208021080021a0c0a001208320622040a021007",
	  { .key_name = K, .attrs = KEY(ECC_KEY_PAIR, PARSEC_ECC_SECP_R1, 256, 0,
					SIGN(ECDSA, SHA_256)) } },
	{ PARSEC_OP_PSA_IMPORT_KEY,
	  "0a016b" "120e" "0a026a00" "1a080a020801" "12020a00" "1a03616263",
	  { .key_name = K, .attrs = KEY(DH_KEY_PAIR, 0, 0, PARSEC_USAGE_EXPORT,
					{ .kind = PARSEC_ALG_NONE }),
	    .input = { (const uint8_t *)"abc", 3 } } },
	{ PARSEC_OP_PSA_DESTROY_KEY, "0a016b", { .key_name = K } },
	{ PARSEC_OP_PSA_EXPORT_KEY, "0a016b", { .key_name = K } },
	{ PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, "0a016b", { .key_name = K } },
	{ PARSEC_OP_PSA_SIGN_HASH, "0a016b120622040a0210071a20" AA32,
	  { .key_name = K, .alg = SIGN(ECDSA, SHA_256), .input = SPAN_AA32 } },
	{ PARSEC_OP_PSA_SIGN_MESSAGE, "0a016b120622040a0210071a20" AA32,
	  { .key_name = K, .alg = SIGN(ECDSA, SHA_256), .input = SPAN_AA32 } },
	{ PARSEC_OP_PSA_VERIFY_HASH, "0a016b120622040a0210071a20" AA32 "2220" AA32,
	  { .key_name = K, .alg = SIGN(ECDSA, SHA_256), .input = SPAN_AA32,
	    .reference = SPAN_AA32 } },
	{ PARSEC_OP_PSA_VERIFY_MESSAGE, "0a016b120622040a021007" "2220" AA32,
	  { .key_name = K, .alg = SIGN(ECDSA, SHA_256), .reference = SPAN_AA32 } },
	{ PARSEC_OP_PSA_HASH_COMPUTE, "08071203616263",
	  { .alg = { .kind = PARSEC_ALG_HASH, .hash = PARSEC_HASH_SHA_256 },
	    .input = { (const uint8_t *)"abc", 3 } } },
	{ PARSEC_OP_PSA_HASH_COMPARE, "080712036162631a20" AA32,
	  { .alg = { .kind = PARSEC_ALG_HASH, .hash = PARSEC_HASH_SHA_256 },
	    .input = { (const uint8_t *)"abc", 3 }, .reference = SPAN_AA32 } },
	{ PARSEC_OP_PSA_GENERATE_RANDOM, "0810", { .size = 16 } },
	{ PARSEC_OP_PSA_GENERATE_RANDOM, "08ffffffffffffffffff01",
	  { .size = UINT64_MAX } },
};

static bool equal_requests(const struct contract_request *a,
			   const struct contract_request *b)
{
	return same(a->key_name, b->key_name) && same(a->input, b->input) &&
	       same(a->reference, b->reference) && a->size == b->size &&
	       a->provider_id == b->provider_id &&
	       !memcmp(&a->alg, &b->alg, sizeof(a->alg)) &&
	       !memcmp(&a->attrs, &b->attrs, sizeof(a->attrs));
}

TEST(requests_are_read_as_the_contract_writes_them)
{
	uint8_t room[HEX_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		struct contract_request req;

		EXPECT_EQ(PARSEC_SUCCESS,
			  contract_decode_request(requests[i].opcode,
						  hex(requests[i].body, room), &req))
			TH_LOG("row %zu, opcode %u", i, requests[i].opcode);
		EXPECT_TRUE(equal_requests(&requests[i].req, &req))
			TH_LOG("row %zu, opcode %u", i, requests[i].opcode);
		contract_request_free(&req);
	}
}

TEST(requests_are_written_as_the_contract_writes_them)
{
	uint8_t room[HEX_MAX], packed[HEX_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		struct parsec_span body = hex(requests[i].body, room);
		struct parsec_out out = { packed, sizeof(packed), 0 };

		EXPECT_EQ(PARSEC_SUCCESS, contract_encode_request(requests[i].opcode,
								  &requests[i].req, &out))
			TH_LOG("row %zu, opcode %u", i, requests[i].opcode);
		EXPECT_TRUE(same(body, (struct parsec_span) { packed, out.len }))
			TH_LOG("row %zu, opcode %u", i, requests[i].opcode);
	}
}

/* A body of SignHash whose parts can be changed one at a time */
#define NAME	"0a016b"
#define ALG	"120622040a021007"
#define HASH	"1a03616263"
#define ATTRS(type, policy)	"0a016b" type policy
#define P256	"0a045a020802"
#define ECDSA	"1208320622040a021007"

static const struct {
	uint8_t opcode;
	enum parsec_status status;
	const char *why, *body;
} refusals[] = {
	{ PARSEC_OP_PING, 7, "fixed field cut short", "1122334455" },
	{ PARSEC_OP_LIST_PROVIDERS, 7, "fixed field cut short", "1122334455" },
	{ PARSEC_OP_LIST_OPCODES, 7, "fixed field cut short", "1122334455" },
	{ PARSEC_OP_LIST_AUTHENTICATORS, 7, "fixed field cut short", "1122334455" },
	{ PARSEC_OP_LIST_KEYS, 7, "fixed field cut short", "1122334455" },
	{ PARSEC_OP_LIST_KEYS, 7, "field number 0", "00" "00" },
	{ PARSEC_OP_LIST_KEYS, 7, "field number 0 in a long form", "8000" "00" },
	{ PARSEC_OP_LIST_KEYS, 7, "group start", "0b" "0c" },
	{ PARSEC_OP_LIST_KEYS, 7, "group end", "0c" },
	{ PARSEC_OP_LIST_KEYS, 7, "wire type 6", "0e" },
	{ PARSEC_OP_LIST_KEYS, 7, "wire type 7", "0f" },
	{ PARSEC_OP_LIST_KEYS, 7, "varint of 11 bytes", "08ffffffffffffffffffff01" },
	{ PARSEC_OP_LIST_KEYS, 7, "varint above 64 bits", "08ffffffffffffffffff02" },
	{ PARSEC_OP_LIST_KEYS, 7, "key above 32 bits", "f8ffffff1f00" },
	{ PARSEC_OP_LIST_KEYS, 7, "length beyond the end", "0a0261" },
	{ PARSEC_OP_PSA_SIGN_HASH, 7, "varint for a name", "0801" ALG HASH },
	{ PARSEC_OP_PSA_SIGN_HASH, 7, "varint for a message", NAME "1001" HASH },
	{ PARSEC_OP_PSA_SIGN_HASH, 7, "fixed32 for bytes", NAME ALG "1d00000000" },
	{ PARSEC_OP_PSA_HASH_COMPUTE, 7, "bytes for an enum", "0a0107" },
	{ PARSEC_OP_PSA_GENERATE_RANDOM, 7, "fixed64 for a number",
	  "090000000000000000" },
	{ PARSEC_OP_PSA_GENERATE_RANDOM, 7, "packed for one number", "0a0101" },
	{ PARSEC_OP_PSA_GENERATE_KEY, 7, "bytes for a bool",
	  ATTRS("1219" P256, "10800" "21a0e" "0a020a00" ECDSA) },
	{ PARSEC_OP_PSA_GENERATE_KEY, 7, "group in a usage flag",
	  ATTRS("1219" P256, "10800" "21a0e" "0a023b3c" ECDSA) },
	{ PARSEC_OP_PSA_SIGN_HASH, 7, "field number 0 inside", NAME "12020000" HASH },
	{ PARSEC_OP_PSA_SIGN_HASH, 7, "name not UTF-8", "0a01ff" ALG HASH },
	{ PARSEC_OP_PSA_SIGN_HASH, 7, "name a surrogate", "0a03eda080" ALG HASH },
	{ PARSEC_OP_PSA_SIGN_HASH, 7, "name in a longer form", "0a02c1a1" ALG HASH },
	{ PARSEC_OP_PSA_SIGN_HASH, 7, "name above U+10FFFF", "0a04f4908080" ALG HASH },
	{ PARSEC_OP_PSA_SIGN_HASH, 7, "name cut in a character", "0a02e282" ALG HASH },
	{ PARSEC_OP_PSA_SIGN_HASH, 7, "before 16: bad name", "0a01ff" HASH },
	{ PARSEC_OP_PSA_SIGN_HASH, 16, "no algorithm", NAME HASH },
	{ PARSEC_OP_PSA_SIGN_HASH, 16, "empty algorithm", NAME "1200" HASH },
	{ PARSEC_OP_PSA_SIGN_HASH, 16, "no hash in ECDSA", NAME "12022200" HASH },
	{ PARSEC_OP_PSA_SIGN_HASH, 16, "empty hash", NAME "120422020a00" HASH },
	{ PARSEC_OP_PSA_SIGN_HASH, 16, "hash NONE", NAME "120622040a021000" HASH },
	{ PARSEC_OP_PSA_SIGN_HASH, 16, "hash 16", NAME "120622040a021010" HASH },
	{ PARSEC_OP_PSA_SIGN_HASH, 16, "hash -1",
	  NAME "120f220d0a0b10ffffffffffffffffff01" HASH },
	{ PARSEC_OP_PSA_SIGN_HASH, 16, "unknown scheme", NAME "12023a00" HASH },
	{ PARSEC_OP_PSA_SIGN_HASH, 16, "empty body", "" },
	{ PARSEC_OP_PSA_SIGN_HASH, 16, "before 1135: no name, no algorithm", HASH },
	{ PARSEC_OP_PSA_HASH_COMPUTE, 16, "hash NONE", "1203616263" },
	{ PARSEC_OP_PSA_HASH_COMPUTE, 16, "hash 16", "0810" },
	{ PARSEC_OP_PSA_HASH_COMPUTE, 16, "any hash", "08ff01" },
	{ PARSEC_OP_PSA_HASH_COMPARE, 16, "empty body", "" },
	{ PARSEC_OP_PSA_GENERATE_KEY, 16, "no attributes", NAME },
	{ PARSEC_OP_PSA_GENERATE_KEY, 16, "no type",
	  ATTRS("1211", "1080021a0c0a00" ECDSA) },
	{ PARSEC_OP_PSA_GENERATE_KEY, 16, "empty type",
	  ATTRS("12130a00", "1080021a0c0a00" ECDSA) },
	{ PARSEC_OP_PSA_GENERATE_KEY, 16, "unknown type",
	  ATTRS("12150a027a00", "1080021a0c0a00" ECDSA) },
	{ PARSEC_OP_PSA_GENERATE_KEY, 16, "no curve",
	  ATTRS("12150a025a00", "1080021a0c0a00" ECDSA) },
	{ PARSEC_OP_PSA_GENERATE_KEY, 16, "curve 10",
	  ATTRS("12170a045a02080a", "1080021a0c0a00" ECDSA) },
	{ PARSEC_OP_PSA_GENERATE_KEY, 16, "group 1",
	  ATTRS("12170a046a020801", "1080021a0c0a00" ECDSA) },
	{ PARSEC_OP_PSA_GENERATE_KEY, 16, "no policy", ATTRS("1209" P256, "108002") },
	{ PARSEC_OP_PSA_GENERATE_KEY, 16, "no usage flags",
	  ATTRS("1215" P256, "1080021a0a" ECDSA) },
	{ PARSEC_OP_PSA_GENERATE_KEY, 16, "no policy algorithm",
	  ATTRS("120d" P256, "1080021a020a00") },
	{ PARSEC_OP_PSA_GENERATE_KEY, 16, "empty policy algorithm",
	  ATTRS("120f" P256, "1080021a040a001200") },
	{ PARSEC_OP_PSA_GENERATE_KEY, 1135, "tag of no bytes",
	  ATTRS("1213" "0a022200", "1080011a0a0a00" "12062a0412020802") },
	{ PARSEC_OP_PSA_DESTROY_KEY, 1135, "no name", "" },
	{ PARSEC_OP_PSA_DESTROY_KEY, 1135, "empty name", "0a00" },
	{ PARSEC_OP_PSA_DESTROY_KEY, 1135, "NUL in the name", "0a03610062" },
};

TEST(bodies_are_refused_for_the_right_reason)
{
	uint8_t room[HEX_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(refusals); i++) {
		struct contract_request req;

		EXPECT_EQ(refusals[i].status,
			  contract_decode_request(refusals[i].opcode,
						  hex(refusals[i].body, room), &req))
			TH_LOG("row %zu: %s", i, refusals[i].why);
		contract_request_free(&req);
	}
}

/* What is unusual but valid */
static const struct {
	uint8_t opcode;
	const char *why, *body;
	struct contract_request req;
} oddities[] = {
	{ PARSEC_OP_PING, "unknown fields of each wire type",
	  "0801" "110000000000000000" "1a0161" "2500000000", { .size = 0 } },
	{ PARSEC_OP_PSA_DESTROY_KEY, "unknown field before and after",
	  "7a0161" "0a016b" "f8ffffff0f00", { .key_name = K } },
	{ PARSEC_OP_PSA_DESTROY_KEY, "the last name counts", "0a0178" "0a016b",
	  { .key_name = K } },
	{ PARSEC_OP_PSA_GENERATE_RANDOM, "the last number counts", "0805" "0810",
	  { .size = 16 } },
	{ PARSEC_OP_PSA_GENERATE_RANDOM, "a number in a longer form", "089000",
	  { .size = 16 } },
	{ PARSEC_OP_PSA_SIGN_HASH, "fields in another order", HASH ALG NAME,
	  { .key_name = K, .alg = SIGN(ECDSA, SHA_256),
	    .input = { (const uint8_t *)"abc", 3 } } },
	{ PARSEC_OP_PSA_SIGN_HASH, "the last member of a oneof counts",
	  NAME "120432021200" "120622040a021007",
	  { .key_name = K, .alg = SIGN(ECDSA, SHA_256) } },
	{ PARSEC_OP_PSA_SIGN_HASH, "the last scheme of one message counts",
	  NAME "120c" "1a040a021009" "22040a021007",
	  { .key_name = K, .alg = SIGN(ECDSA, SHA_256) } },
	{ PARSEC_OP_PSA_SIGN_HASH, "one scheme given twice is merged",
	  NAME "120622040a021007" "12022200",
	  { .key_name = K, .alg = SIGN(ECDSA, SHA_256) } },
	{ PARSEC_OP_PSA_SIGN_HASH, "the last hash counts across messages",
	  NAME "120622040a021009" "120622040a021007",
	  { .key_name = K, .alg = SIGN(ECDSA, SHA_256) } },
	{ PARSEC_OP_PSA_GENERATE_KEY, "attributes in two parts are merged",
	  NAME "1209" P256 "108002" "120e" "1a0c0a00" ECDSA,
	  { .key_name = K, .attrs = KEY(ECC_KEY_PAIR, PARSEC_ECC_SECP_R1, 256, 0,
					SIGN(ECDSA, SHA_256)) } },
	{ PARSEC_OP_PSA_GENERATE_KEY, "usage flags in two parts are merged",
	  NAME "1221" P256 "108002" "1a0c" "0a020801" "1206" "3204" "22020a00"
	  "1a08" "0a023001" "1202" "0a00",
	  { .key_name = K, .attrs = KEY(ECC_KEY_PAIR, PARSEC_ECC_SECP_R1, 256,
					PARSEC_USAGE_EXPORT | PARSEC_USAGE_SIGN_MESSAGE,
					{ .kind = PARSEC_ALG_NONE }) } },
	{ PARSEC_OP_PSA_GENERATE_KEY, "sign_hash brings sign_message",
	  NAME "1219" P256 "108002" "1a0e" "0a024001" ECDSA,
	  { .key_name = K, .attrs = KEY(ECC_KEY_PAIR, PARSEC_ECC_SECP_R1, 256,
					PARSEC_USAGE_SIGN_HASH | PARSEC_USAGE_SIGN_MESSAGE,
					SIGN(ECDSA, SHA_256)) } },
	{ PARSEC_OP_PSA_GENERATE_KEY, "a false flag is no flag",
	  NAME "1219" P256 "108002" "1a0e" "0a024000" ECDSA,
	  { .key_name = K, .attrs = KEY(ECC_KEY_PAIR, PARSEC_ECC_SECP_R1, 256, 0,
					SIGN(ECDSA, SHA_256)) } },
	{ PARSEC_OP_PSA_GENERATE_KEY, "a tag shortened to 16 is the default tag",
	  NAME "1215" "0a022200" "108001" "1a0c0a00" "12082a0612040802" "1010",
	  { .key_name = K, .attrs = KEY(AES, 0, 128, 0,
					{ .kind = PARSEC_ALG_AEAD,
					  .scheme = PARSEC_AEAD_GCM }) } },
};

TEST(unusual_bodies_mean_what_protobuf_says)
{
	uint8_t room[HEX_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(oddities); i++) {
		struct contract_request req;

		EXPECT_EQ(PARSEC_SUCCESS,
			  contract_decode_request(oddities[i].opcode,
						  hex(oddities[i].body, room), &req))
			TH_LOG("row %zu: %s", i, oddities[i].why);
		EXPECT_TRUE(equal_requests(&oddities[i].req, &req))
			TH_LOG("row %zu: %s", i, oddities[i].why);
		contract_request_free(&req);
	}
}

TEST_HARNESS_MAIN
