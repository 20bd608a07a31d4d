// SPDX-License-Identifier: Apache-2.0
/*
 * What the PKCS #11 provider says while its token is away or another one is in its place, and
 * that it finds it again.
 */
#include "kselftest_harness.h"

#include "selftests/unit/pkcs11_token.h"

static const struct parsec_alg gcm = { .kind = PARSEC_ALG_AEAD, .scheme = PARSEC_AEAD_GCM };

static enum parsec_status decrypt(struct parsec_provider_ctx *ctx, const struct item *item,
				  struct parsec_span sealed)
{
	const uint8_t nonce[12] = { 0 };
	uint8_t text[64];
	struct parsec_out out = { text, sizeof(text), 0 };

	return ops->aead_decrypt(ctx, item->key, &gcm,
				 (struct parsec_span){ nonce, sizeof(nonce) },
				 (struct parsec_span){ NULL, 0 }, sealed, &out);
}

/* The answers that tokens have for a wrong tag are also those of one that was taken away */
TEST_F(pkcs11_token, a_token_that_goes_away_is_no_wrong_tag)
{
	static const CK_RV answers[] = {
		CKR_GENERAL_ERROR, CKR_FUNCTION_FAILED, CKR_DATA_INVALID, CKR_DATA_LEN_RANGE,
		CKR_ENCRYPTED_DATA_INVALID, CKR_ENCRYPTED_DATA_LEN_RANGE, CKR_SIGNATURE_INVALID,
	};
	const uint8_t nonce[12] = { 0 }, text[16] = { 1 };
	uint8_t room[64];
	struct parsec_out out = { room, sizeof(room), 0 };
	char rules[80];

	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	item_init(&self->item, 1, PARSEC_KEY_TYPE_AES, 128, gcm);
	ASSERT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &self->item));
	ASSERT_EQ(PARSEC_SUCCESS, item_load(self->ctx, &self->item));
	ASSERT_EQ(PARSEC_SUCCESS,
		  ops->aead_encrypt(self->ctx, self->item.key, &gcm,
				    (struct parsec_span){ nonce, sizeof(nonce) },
				    (struct parsec_span){ NULL, 0 },
				    (struct parsec_span){ text, sizeof(text) }, &out));
	for (size_t i = 0; i < ELEMENTS(answers); i++) {
		const struct parsec_span sealed = { room, out.len };

		snprintf(rules, sizeof(rules), "C_Decrypt=%#lx", answers[i]);
		setenv("TRAP", rules, 1);
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
			  decrypt(self->ctx, &self->item, sealed));
		/* Gone, and not back */
		strcat(rules, " C_GetTokenInfo=0xe0");
		setenv("TRAP", rules, 1);
		EXPECT_EQ(PARSEC_PSA_ERROR_HARDWARE_FAILURE,
			  decrypt(self->ctx, &self->item, sealed)) {
			TH_LOG("%s", rules);
		}
		setenv("TRAP", "", 1);
		EXPECT_EQ(PARSEC_SUCCESS, decrypt(self->ctx, &self->item, sealed));
		/* Back at once: nobody notices */
		strcat(rules, "!");
		setenv("TRAP", rules, 1);
		EXPECT_EQ(PARSEC_SUCCESS, decrypt(self->ctx, &self->item, sealed)) {
			TH_LOG("%s", rules);
		}
		EXPECT_EQ(NULL, getenv("TRAP"));
	}
}

static size_t count_said(const char *what)
{
	size_t count = 0;

	for (const char *at = said; (at = strstr(at, what)); at += strlen(what))
		count++;
	return count;
}

/* Requests while the wrong tokens are there: how often is it said? @loss: how that is noticed */
static size_t say(struct parsec_provider_ctx *ctx, const struct item *item, const char *loss,
		  const char *what)
{
	said[0] = '\0';
	setenv("TRAP", loss, 1);
	for (int i = 0; i < 3; i++) {
		if (item_sign(ctx, item) != PARSEC_PSA_ERROR_HARDWARE_FAILURE)
			return 0;
	}
	setenv("TRAP", "", 1);
	return count_said(what);
}

/* Once, until the token is connected again */
TEST_F(pkcs11_token, the_log_says_once_what_is_in_the_slot)
{
	static const char other[] = "but the keys are on", unread[] = "cannot be read";

	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	item_init(&self->item, 1, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
	ASSERT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &self->item));
	ASSERT_EQ(PARSEC_SUCCESS, item_load(self->ctx, &self->item));
	ASSERT_TRUE(run_command("mv %s/token %s/kept", hsm, hsm));
	for (int i = 0; i < 2; i++) {
		ASSERT_TRUE(run_command("echo other >%s/token", hsm));
		EXPECT_EQ(1, say(self->ctx, &self->item, "C_SignInit=0xe0!", other));
		ASSERT_TRUE(run_command("cp %s/kept %s/token", hsm, hsm));
		EXPECT_EQ(PARSEC_SUCCESS, item_sign(self->ctx, &self->item));
		ASSERT_TRUE(run_command("ln -sf kept %s/token", hsm));
		EXPECT_EQ(1, say(self->ctx, &self->item, "C_SignInit=0xe0!", unread));
		ASSERT_TRUE(run_command("rm %s/token && cp %s/kept %s/token", hsm, hsm, hsm));
		EXPECT_EQ(PARSEC_SUCCESS, item_sign(self->ctx, &self->item));
	}
}

TEST_F(pkcs11_token, the_log_says_once_that_there_are_several)
{
	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	item_init(&self->item, 1, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
	ASSERT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &self->item));
	ASSERT_EQ(PARSEC_SUCCESS, item_load(self->ctx, &self->item));
	ASSERT_TRUE(add_token("parsec"));
	/* SoftHSM knows the tokens of its start only */
	EXPECT_EQ(1, say(self->ctx, &self->item, "C_SignInit=0xe0 C_OpenSession=0xe0!",
			 "2 tokens may be meant"));
}

TEST_HARNESS_MAIN
