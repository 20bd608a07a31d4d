// SPDX-License-Identifier: Apache-2.0
/*
 * The attestation operations: their messages, written by hand after the contract's section
 * 11.7, and what libparsec makes of them. The device is played here: open(), ioctl() and
 * close() are wrapped.
 */
#include "kselftest_harness.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "selftests/unit/bodies.h"
#include "selftests/unit/wrapped_device.h"

/* Key "k", attested by the provider's own key or by "e"; blob "bb", secret "s" */
#define PREPARE		"0a05" "0a03" "0a016b"
#define PREPARE_NAMED	"0a08" "0a06" "0a016b" "120165"
#define PREPARED	"0a0c" "0a0a" "0a016e" "12027070" "1a0161"
#define ATTEST		"0a016b" "1209" "0a07" "0a026262" "120173"
#define ATTEST_NAMED	ATTEST "1a0165"
#define ATTESTED	"0a05" "0a03" "0a0163"

static const struct {
	uint8_t opcode;
	const char *body;
	const char *attesting, *blob, *secret;
} requests[] = {
	{ PARSEC_OP_PREPARE_KEY_ATTESTATION, PREPARE, "", "", "" },
	{ PARSEC_OP_PREPARE_KEY_ATTESTATION, PREPARE_NAMED, "e", "", "" },
	{ PARSEC_OP_ATTEST_KEY, ATTEST, "", "bb", "s" },
	{ PARSEC_OP_ATTEST_KEY, ATTEST_NAMED, "e", "bb", "s" },
};

TEST(requests_are_read)
{
	struct contract_request req;
	uint8_t room[HEX_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		ASSERT_EQ(PARSEC_SUCCESS,
			  contract_decode_request(requests[i].opcode,
						  hex(requests[i].body, room), &req));
		EXPECT_TRUE(same(text("k"), req.key_name));
		EXPECT_TRUE(same(text(requests[i].attesting), req.attesting_key));
		EXPECT_TRUE(same(text(requests[i].blob), req.input));
		EXPECT_TRUE(same(text(requests[i].secret), req.secret));
		contract_request_free(&req);
	}
}

TEST(requests_are_written)
{
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		const struct contract_request req = {
			.key_name = text("k"), .attesting_key = text(requests[i].attesting),
			.input = text(requests[i].blob), .secret = text(requests[i].secret),
		};
		uint8_t body[64], room[HEX_MAX];
		struct parsec_out out = { body, sizeof(body), 0 };

		ASSERT_EQ(PARSEC_SUCCESS,
			  contract_encode_request(requests[i].opcode, &req, &out));
		EXPECT_TRUE(same((struct parsec_span){ body, out.len },
				 hex(requests[i].body, room)));
	}
}

/* Name "n", public area "pp", attesting key "a"; credential "c" */
TEST(results_are_written_and_read)
{
	const struct contract_result prepared = {
		.name = text("n"), .data = text("pp"), .attesting_public = text("a"),
	}, attested = { .data = text("c") };
	uint8_t body[64], room[HEX_MAX];
	struct parsec_out out = { body, sizeof(body), 0 };
	struct contract_result back;

	ASSERT_EQ(PARSEC_SUCCESS,
		  contract_encode_result(PARSEC_OP_PREPARE_KEY_ATTESTATION, &prepared, &out));
	EXPECT_TRUE(same((struct parsec_span){ body, out.len }, hex(PREPARED, room)));
	ASSERT_EQ(PARSEC_SUCCESS,
		  contract_decode_result(PARSEC_OP_PREPARE_KEY_ATTESTATION,
					 (struct parsec_span){ body, out.len }, &back));
	EXPECT_TRUE(same(text("n"), back.name) && same(text("pp"), back.data) &&
		    same(text("a"), back.attesting_public));
	contract_result_free(&back);

	out.len = 0;
	ASSERT_EQ(PARSEC_SUCCESS,
		  contract_encode_result(PARSEC_OP_ATTEST_KEY, &attested, &out));
	EXPECT_TRUE(same((struct parsec_span){ body, out.len }, hex(ATTESTED, room)));
	ASSERT_EQ(PARSEC_SUCCESS,
		  contract_decode_result(PARSEC_OP_ATTEST_KEY,
					 (struct parsec_span){ body, out.len }, &back));
	EXPECT_TRUE(same(text("c"), back.data));
	contract_result_free(&back);
}

TEST(parameters_and_mechanism_are_mandatory)
{
	EXPECT_EQ(PARSEC_INVALID_ENCODING, decode(PARSEC_OP_PREPARE_KEY_ATTESTATION, ""));
	EXPECT_EQ(PARSEC_INVALID_ENCODING, decode(PARSEC_OP_PREPARE_KEY_ATTESTATION, "0a00"));
	/* A mechanism that is not known */
	EXPECT_EQ(PARSEC_INVALID_ENCODING,
		  decode(PARSEC_OP_PREPARE_KEY_ATTESTATION, "0a05" "1203" "0a016b"));
	EXPECT_EQ(PARSEC_INVALID_ENCODING, decode(PARSEC_OP_ATTEST_KEY, "0a016b"));
	EXPECT_EQ(PARSEC_INVALID_ENCODING, decode(PARSEC_OP_ATTEST_KEY, "0a016b" "1200"));
	/* Before the name is looked at, but not before it is text */
	EXPECT_EQ(PARSEC_INVALID_ENCODING, decode(PARSEC_OP_ATTEST_KEY, ""));
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED, decode(PARSEC_OP_ATTEST_KEY, "0a01ff"));
}

TEST(names_are_checked)
{
	static const char *const empty[] = { "0a02" "0a00", "0a05" "0a03" "120165" };
	static const char *const nul[] = {
		"0a05" "0a03" "0a0100", "0a08" "0a06" "0a016b" "120100",
	};
	static const char *const broken[] = {
		"0a05" "0a03" "0a01ff", "0a08" "0a06" "0a016b" "1201ff",
		/* Each name has another fault: the worse one counts */
		"0a08" "0a06" "0a0100" "1201ff", "0a08" "0a06" "0a01ff" "120100",
	};
	const uint8_t prepare = PARSEC_OP_PREPARE_KEY_ATTESTATION;
	const uint8_t attest = PARSEC_OP_ATTEST_KEY;

	for (size_t i = 0; i < ARRAY_SIZE(empty); i++)
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, decode(prepare, empty[i]));
	for (size_t i = 0; i < ARRAY_SIZE(nul); i++)
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, decode(prepare, nul[i]));
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++)
		EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED, decode(prepare, broken[i]));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, decode(attest, "1202" "0a00"));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  decode(attest, "0a016b" "1202" "0a00" "1a0100"));
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED,
		  decode(attest, "0a016b" "1202" "0a00" "1a01ff"));
	/* What is in the mechanism is the provider's matter */
	EXPECT_EQ(PARSEC_SUCCESS, decode(attest, "0a016b" "1202" "0a00"));
}

/* Six bytes of them are keys and lengths */
TEST(parameters_have_at_most_16_kib)
{
	static uint8_t blob[16 * 1024 - 5], body[20 * 1024];

	for (size_t more = 0; more < 2; more++) {
		const struct contract_request req = {
			.key_name = text("k"), .input = { blob, sizeof(blob) - 1 + more },
		};
		struct parsec_out out = { body, sizeof(body), 0 };
		struct contract_request back;

		ASSERT_EQ(PARSEC_SUCCESS,
			  contract_encode_request(PARSEC_OP_ATTEST_KEY, &req, &out));
		EXPECT_EQ(more ? PARSEC_DESERIALIZING_BODY_FAILED : PARSEC_SUCCESS,
			  contract_decode_request(PARSEC_OP_ATTEST_KEY,
						  (struct parsec_span){ body, out.len }, &back));
		contract_request_free(&back);
	}
}

TEST(names_that_decoding_would_refuse_are_not_written)
{
	uint8_t body[64];
	struct parsec_out out = { body, sizeof(body), 0 };
	struct contract_request req = { .key_name = text("") };

	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  contract_encode_request(PARSEC_OP_PREPARE_KEY_ATTESTATION, &req, &out));
	req.key_name = text("k");
	req.attesting_key = text("\xff");
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  contract_encode_request(PARSEC_OP_PREPARE_KEY_ATTESTATION, &req, &out));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  contract_encode_request(PARSEC_OP_ATTEST_KEY, &req, &out));
}

TEST(answers_without_an_output_make_no_sense)
{
	static const uint8_t opcodes[] = {
		PARSEC_OP_PREPARE_KEY_ATTESTATION, PARSEC_OP_ATTEST_KEY,
	};

	for (size_t i = 0; i < ARRAY_SIZE(opcodes); i++) {
		EXPECT_EQ(PARSEC_INVALID_ENCODING, decode_answer(opcodes[i], ""));
		EXPECT_EQ(PARSEC_INVALID_ENCODING, decode_answer(opcodes[i], "0a00"));
		EXPECT_EQ(PARSEC_SUCCESS, decode_answer(opcodes[i], "0a02" "0a00"));
	}
}

/* libparsec */

static struct {
	unsigned int asked;
	uint8_t opcode;
	uint8_t body[256];
	size_t len;
	const char *answer;
} dev;

int __wrap_ioctl(int fd, unsigned long request, void *arg)
{
	struct parsec_op *op = arg;
	uint8_t room[HEX_MAX];
	struct parsec_span body;

	if (request == PARSEC_IOC_INFO)
		return 0;
	body = hex(dev.answer, room);
	if (op->in_len > sizeof(dev.body) || op->out_len < body.len)
		abort();
	dev.asked++;
	dev.opcode = (uint8_t)_IOC_NR(request);
	dev.len = op->in_len;
	memcpy(dev.body, (const void *)(uintptr_t)op->in, op->in_len);
	memcpy((void *)(uintptr_t)op->out, body.data, body.len);
	op->out_len = (uint32_t)body.len;
	return 0;
}

static bool body_is(const char *expected)
{
	uint8_t room[HEX_MAX];

	return same(hex(expected, room), (struct parsec_span){ dev.body, dev.len });
}

FIXTURE(client) {
	struct parsec *ctx;
	struct parsec_attestation *info;
	struct parsec_challenge challenge;
	uint8_t credential[PARSEC_CREDENTIAL_SIZE_MAX];
	size_t len;
};

FIXTURE_SETUP(client)
{
	ASSERT_EQ(0, parsec_open(&self->ctx));
	parsec_use_provider(self->ctx, 7);
	self->challenge = (struct parsec_challenge){ "bb", 2, "s", 1 };
}

FIXTURE_TEARDOWN(client)
{
	parsec_free_attestation(self->info);
	parsec_close(self->ctx);
}

TEST_F(client, prepares)
{
	dev.answer = PREPARED;
	ASSERT_EQ(0, parsec_prepare_key_attestation(self->ctx, "k", NULL, &self->info));
	EXPECT_EQ(PARSEC_OP_PREPARE_KEY_ATTESTATION, dev.opcode);
	EXPECT_TRUE(body_is(PREPARE));
	ASSERT_EQ(1, self->info->name_len);
	ASSERT_EQ(2, self->info->public_area_len);
	ASSERT_EQ(1, self->info->attesting_key_len);
	EXPECT_EQ(0, memcmp("n", self->info->name, 1));
	EXPECT_EQ(0, memcmp("pp", self->info->public_area, 2));
	EXPECT_EQ(0, memcmp("a", self->info->attesting_key, 1));
	parsec_free_attestation(self->info);
	self->info = NULL;
	ASSERT_EQ(0, parsec_prepare_key_attestation(self->ctx, "k", "e", &self->info));
	EXPECT_TRUE(body_is(PREPARE_NAMED));
}

TEST_F(client, attests)
{
	dev.answer = ATTESTED;
	ASSERT_EQ(0, parsec_attest_key(self->ctx, "k", NULL, &self->challenge,
				       self->credential, sizeof(self->credential), &self->len));
	EXPECT_EQ(PARSEC_OP_ATTEST_KEY, dev.opcode);
	EXPECT_TRUE(body_is(ATTEST));
	ASSERT_EQ(1, self->len);
	EXPECT_EQ('c', self->credential[0]);
	ASSERT_EQ(0, parsec_attest_key(self->ctx, "k", "e", &self->challenge,
				       self->credential, sizeof(self->credential), &self->len));
	EXPECT_TRUE(body_is(ATTEST_NAMED));
	EXPECT_EQ(PARSEC_PSA_ERROR_BUFFER_TOO_SMALL,
		  parsec_attest_key(self->ctx, "k", NULL, &self->challenge, self->credential, 0,
				    &self->len));
}

/* An empty name must not become the provider's own key */
TEST_F(client, refuses_names_and_lengths_without_asking)
{
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  parsec_prepare_key_attestation(self->ctx, "", NULL, &self->info));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  parsec_prepare_key_attestation(self->ctx, "k", "", &self->info));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  parsec_attest_key(self->ctx, "k", "", &self->challenge, self->credential, 64,
				    &self->len));
	self->challenge.secret_len = SIZE_MAX;
	EXPECT_EQ(PARSEC_BODY_SIZE_EXCEEDS_LIMIT,
		  parsec_attest_key(self->ctx, "k", NULL, &self->challenge, self->credential, 64,
				    &self->len));
	EXPECT_EQ(0, dev.asked);
}

TEST_F(client, does_not_believe_nonsense)
{
	dev.answer = "0a00";
	EXPECT_EQ(-EPROTO, parsec_prepare_key_attestation(self->ctx, "k", NULL, &self->info));
	EXPECT_EQ(-EPROTO, parsec_attest_key(self->ctx, "k", NULL, &self->challenge,
					     self->credential, 64, &self->len));
}

TEST_HARNESS_MAIN
