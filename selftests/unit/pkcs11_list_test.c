// SPDX-License-Identifier: Apache-2.0
/*
 * Which keys of this service the PKCS #11 provider finds on a token that others use as well.
 */
#include "kselftest_harness.h"

#include "selftests/unit/pkcs11_token.h"

/* What list() said: "50…01 50…02 ", in the order of the ids */
static char listed[1024];

static enum parsec_status hear_id(void *arg, const uint8_t id[PARSEC_BACKEND_ID_SIZE])
{
	(void)arg;
	for (size_t i = 0; i < PARSEC_BACKEND_ID_SIZE; i++)
		snprintf(listed + strlen(listed), 3, "%02x", id[i]);
	strcat(listed, " ");
	return PARSEC_SUCCESS;
}

static enum parsec_status list(struct parsec_provider_ctx *ctx)
{
	listed[0] = '\0';
	return ops->list(ctx, hear_id, NULL);
}

#define FIRST	"50000000000000000000000000000001"
#define SECOND	"50000000000000000000000000000002"
#define THIRD	"50000000000000000000000000000003"

/* Make a key with a tool: with this id and label */
static bool add_object(const char *id, const char *label)
{
	return run_command("pkcs11-tool --module %s --token-label parsec --login --pin 1234 "
			   "--keypairgen --key-type EC:prime256v1 --id %s --label '%s' "
			   ">/dev/null 2>&1", SOFTHSM, id, label);
}

static bool remove_object(const char *id, const char *type)
{
	return run_command("pkcs11-tool --module %s --token-label parsec --login --pin 1234 "
			   "--delete-object --type %s --id %s >/dev/null 2>&1", SOFTHSM, type,
			   id);
}

/* Label and id say whose an object is; a pair is one key, and so is what is left of one */
TEST_F(pkcs11_token, the_list_has_what_is_ours)
{
	struct parsec_alg gcm = { .kind = PARSEC_ALG_AEAD, .scheme = PARSEC_AEAD_GCM };
	struct item aes;

	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	EXPECT_EQ(PARSEC_SUCCESS, list(self->ctx));
	EXPECT_STREQ("", listed);
	item_init(&aes, 2, PARSEC_KEY_TYPE_AES, 128, gcm);
	ASSERT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &aes));
	item_init(&self->item, 1, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
	ASSERT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &self->item));
	/* Also what somebody else has put there since the token was listed */
	ASSERT_TRUE(add_object(THIRD, "parsec:" THIRD));
	EXPECT_EQ(PARSEC_SUCCESS, list(self->ctx));
	EXPECT_STREQ(FIRST " " SECOND " " THIRD " ", listed);
	ASSERT_TRUE(remove_object(THIRD, "privkey") && remove_object(FIRST, "pubkey"));
	EXPECT_EQ(PARSEC_SUCCESS, list(self->ctx));
	EXPECT_STREQ(FIRST " " SECOND " " THIRD " ", listed);
	ASSERT_TRUE(remove_object(THIRD, "pubkey"));
	EXPECT_EQ(PARSEC_SUCCESS, ops->destroy(self->ctx, &aes.ref));
	EXPECT_EQ(PARSEC_SUCCESS, list(self->ctx));
	EXPECT_STREQ(FIRST " ", listed);
}

/* Another label, the label of another id, an id that is none of ours */
TEST_F(pkcs11_token, the_list_has_nothing_of_others)
{
	ASSERT_TRUE(add_object(FIRST, "mine"));
	ASSERT_TRUE(add_object(SECOND, "parsec:" FIRST));
	ASSERT_TRUE(add_object(THIRD, "parsec:" THIRD "0"));
	ASSERT_TRUE(add_object("01", "parsec:01"));
	ASSERT_TRUE(run_command("pkcs11-tool --module %s --token-label parsec --login --pin 1234 "
				"--keypairgen --key-type EC:prime256v1 >/dev/null 2>&1", SOFTHSM));
	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	EXPECT_EQ(PARSEC_SUCCESS, list(self->ctx));
	EXPECT_STREQ("", listed);
}

/* What cannot be seen now is not left out of a list that is said to be whole */
TEST_F(pkcs11_token, a_list_is_whole_or_none)
{
	static const struct {
		const char *rules;
		enum parsec_status status;
	} cases[] = {
		{ "C_GetSessionInfo=lie", PARSEC_PSA_ERROR_HARDWARE_FAILURE },
		{ "C_FindObjectsInit=0x30", PARSEC_PSA_ERROR_HARDWARE_FAILURE },
		{ "C_FindObjects=lie", PARSEC_PSA_ERROR_COMMUNICATION_FAILURE },
		{ "C_FindObjects=0xb3 C_OpenSession=0xe0", PARSEC_PSA_ERROR_HARDWARE_FAILURE },
		{ "C_GetAttributeValue=0xb3 C_OpenSession=0xe0",
		  PARSEC_PSA_ERROR_HARDWARE_FAILURE },
	};

	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	item_init(&self->item, 1, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
	ASSERT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &self->item));
	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		setenv("TRAP", cases[i].rules, 1);
		EXPECT_EQ(cases[i].status, list(self->ctx)) {
			TH_LOG("%s", cases[i].rules);
		}
		EXPECT_STREQ("", listed);
		setenv("TRAP", "", 1);
		EXPECT_EQ(PARSEC_SUCCESS, list(self->ctx));
		EXPECT_STREQ(FIRST " ", listed);
	}
	/* Lost once, and there again at once */
	setenv("TRAP", "C_GetAttributeValue=0xb3!", 1);
	EXPECT_EQ(PARSEC_SUCCESS, list(self->ctx));
	EXPECT_STREQ(FIRST " ", listed);
}

TEST_HARNESS_MAIN
