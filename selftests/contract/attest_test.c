// SPDX-License-Identifier: Apache-2.0
/*
 * Attestation through the device, of a provider that attests its keys: by libparsec as an
 * application would, and in bytes for what is refused and in which order. selftests/helper/
 * attest.t starts the service for it.
 */
#include "kselftest_harness.h"

#include "selftests/contract/ask.h"
#include "tools/lib/parsec.h"
#include "tools/provider-check/credential.h"

/* The provider, in the configuration of attest.t */
#define ATTESTER	16
#define PREPARE		PARSEC_OP_PREPARE_KEY_ATTESTATION
#define ATTEST		PARSEC_OP_ATTEST_KEY
/* Policy of a key for RSA-OAEP with SHA-256 */
#define OAEP		hex("3a0412020807")

static const uint8_t credential[CREDENTIAL_MAX] = "what only both keys can tell";

static int make(const char *name, struct parsec_span attrs)
{
	return ask(ATTESTER, PARSEC_OP_PSA_GENERATE_KEY,
		   join(bytes(1, text(name)), bytes(2, attrs)));
}

static int make_rsa(const char *name, uint32_t usage)
{
	return make(name, attributes(key_type(PARSEC_KEY_TYPE_RSA_KEY_PAIR, 0), 2048, usage, OAEP));
}

static void unmake(const char *name)
{
	ask(ATTESTER, PARSEC_OP_PSA_DESTROY_KEY, bytes(1, text(name)));
}

/* A request in bytes; NULL: no attesting key is named */
static int prepare(const char *name, const char *attesting)
{
	struct parsec_span names = bytes(1, text(name));

	if (attesting)
		names = join(names, bytes(2, text(attesting)));
	return ask(ATTESTER, PREPARE, bytes(1, bytes(1, names)));
}

static int attest(const char *name, const char *attesting, struct parsec_span blob,
		  struct parsec_span secret)
{
	struct parsec_span activation = bytes(1, join(bytes(1, blob), bytes(2, secret)));
	struct parsec_span body = join(bytes(1, text(name)), bytes(2, activation));

	return ask(ATTESTER, ATTEST, attesting ? join(body, bytes(3, text(attesting))) : body);
}

FIXTURE(attestation) {
	struct parsec *ctx;
	struct parsec_attestation *info;
	struct challenge made;
	struct parsec_challenge challenge;
	uint8_t out[PARSEC_CREDENTIAL_SIZE_MAX];
	size_t len;
};

/* "key" is attested, "pair" decrypts and may attest, "mute" must not decrypt */
FIXTURE_SETUP(attestation)
{
	ASSERT_EQ(0, parsec_open(&self->ctx));
	parsec_use_provider(self->ctx, ATTESTER);
	ASSERT_EQ(PARSEC_SUCCESS, make("key", p256_attributes(ALL_SIGNING)));
	ASSERT_EQ(PARSEC_SUCCESS, make_rsa("pair", PARSEC_USAGE_DECRYPT));
	ASSERT_EQ(PARSEC_SUCCESS, make_rsa("mute", PARSEC_USAGE_ENCRYPT));
}

FIXTURE_TEARDOWN(attestation)
{
	parsec_free_attestation(self->info);
	parsec_close(self->ctx);
	unmake("key");
	unmake("pair");
	unmake("mute");
	unmake("other");
}

/* The verifier's part: a challenge for what it was told */
static bool challenge(FIXTURE_DATA(attestation) *self)
{
	const struct parsec_attestation *info = self->info;

	if (!challenge_make((struct parsec_span){ info->attesting_key, info->attesting_key_len },
			    (struct parsec_span){ info->name, info->name_len },
			    (struct parsec_span){ credential, sizeof(credential) }, &self->made))
		return false;
	self->challenge = (struct parsec_challenge){
		self->made.blob, self->made.blob_len, self->made.secret, self->made.secret_len,
	};
	return true;
}

static int answer_challenge(FIXTURE_DATA(attestation) *self, const char *name,
			    const char *attesting)
{
	return parsec_attest_key(self->ctx, name, attesting, &self->challenge, self->out,
				 sizeof(self->out), &self->len);
}

TEST_F(attestation, challenge_for_a_key_is_answered)
{
	ASSERT_EQ(0, parsec_prepare_key_attestation(self->ctx, "key", NULL, &self->info));
	ASSERT_TRUE(challenge(self));
	ASSERT_EQ(0, answer_challenge(self, "key", NULL));
	ASSERT_EQ(sizeof(credential), self->len);
	EXPECT_EQ(0, memcmp(credential, self->out, self->len));
}

TEST_F(attestation, challenge_for_another_key_is_1135)
{
	ASSERT_EQ(PARSEC_SUCCESS, make("other", p256_attributes(ALL_SIGNING)));
	ASSERT_EQ(0, parsec_prepare_key_attestation(self->ctx, "other", NULL, &self->info));
	ASSERT_TRUE(challenge(self));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, answer_challenge(self, "key", NULL));
	EXPECT_EQ(0, answer_challenge(self, "other", NULL));
	self->made.blob[2] ^= 1;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, answer_challenge(self, "other", NULL));
}

TEST_F(attestation, another_key_attests)
{
	ASSERT_EQ(0, parsec_prepare_key_attestation(self->ctx, "key", "pair", &self->info));
	ASSERT_TRUE(challenge(self));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, answer_challenge(self, "key", NULL));
	ASSERT_EQ(0, answer_challenge(self, "key", "pair"));
	EXPECT_EQ(0, memcmp(credential, self->out, sizeof(credential)));
}

TEST_F(attestation, what_is_wrong_is_said_in_the_order_of_the_contract)
{
	const struct parsec_span blob = text("blob"), secret = text("secret");
	struct parsec_span empty = join(bytes(1, text("none")), bytes(2, NOTHING));

	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED, ask(ATTESTER, PREPARE, hex("0a010a")));
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED, ask(ATTESTER, ATTEST, hex("0a01ff")));
	EXPECT_EQ(PARSEC_INVALID_ENCODING, ask(ATTESTER, PREPARE, NOTHING));
	EXPECT_EQ(PARSEC_INVALID_ENCODING, ask(ATTESTER, PREPARE, hex("0a00")));
	EXPECT_EQ(PARSEC_INVALID_ENCODING, ask(ATTESTER, ATTEST, empty));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, prepare("", NULL));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, prepare("none", "mute"));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, prepare("key", "none"));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, attest("none", "mute", NOTHING, secret));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, attest("key", "none", NOTHING, secret));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED, attest("key", "mute", NOTHING, secret));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, attest("pair", "pair", NOTHING, secret));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, attest("pair", "pair", blob, NOTHING));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED, attest("pair", "pair", blob, secret));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED, prepare("pair", NULL));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED, prepare("key", "key"));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, attest("key", NULL, blob, secret));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  attest("key", "pair", filled(8000, 1), filled(8000, 2)));
	EXPECT_EQ(PARSEC_SUCCESS, prepare("key", "mute"));
}

TEST_F(attestation, keys_of_somebody_else_do_not_exist)
{
	pid_t child = fork();
	int status;

	if (!child) {
		if (become(4711) || prepare("key", NULL) != PARSEC_PSA_ERROR_DOES_NOT_EXIST)
			_exit(1);
		_exit(attest("key", "pair", text("b"), text("s")) !=
		      PARSEC_PSA_ERROR_DOES_NOT_EXIST);
	}
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
}

/* Who has it lists it; who has not says so of a good request */
TEST_F(attestation, opcodes_are_listed_where_they_are_served)
{
	static const uint8_t providers[] = { ATTESTER, SOFTWARE };

	for (size_t i = 0; i < ARRAY_SIZE(providers); i++) {
		unsigned int found = 0;
		uint32_t *list;
		size_t count;

		ASSERT_EQ(0, parsec_list_opcodes(self->ctx, providers[i], &list, &count));
		for (size_t j = 0; j < count; j++)
			found += list[j] == PREPARE || list[j] == ATTEST;
		parsec_free_opcodes(list);
		EXPECT_EQ(providers[i] == ATTESTER ? 2 : 0, found);
	}
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  ask(SOFTWARE, PREPARE, bytes(1, bytes(1, bytes(1, text("key"))))));
}

TEST_HARNESS_MAIN
