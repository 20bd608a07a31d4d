// SPDX-License-Identifier: Apache-2.0
/*
 * The PKCS #11 provider besides what the conformance kit tries: its options, tokens that are
 * not the right one, tokens with ways of their own, objects that somebody else has put there.
 */
#include "kselftest_harness.h"

#include "selftests/unit/pkcs11_token.h"

/* An option that is wrong is named with its line */
static bool refuses(const char *name, const char *value, const char *reason)
{
	struct parsec_provider_ctx *ctx = NULL;

	said[0] = '\0';
	return start(&ctx, name, value, NULL) == PARSEC_PSA_ERROR_INVALID_ARGUMENT && !ctx &&
	       strstr(said, reason);
}

TEST_F(pkcs11_token, wrong_options_are_refused)
{
	EXPECT_TRUE(refuses("colour", "blue", "line 2: colour"));
	EXPECT_TRUE(refuses("module", "libsofthsm2.so", "line 2: module"));
	EXPECT_TRUE(refuses("module", "/nonexistent.so", "/nonexistent.so"));
	EXPECT_TRUE(refuses("module", "/usr/lib/x86_64-linux-gnu/libcrypto.so.3", "not a PKCS"));
	EXPECT_TRUE(refuses("serial_number", "12345678901234567", "line 2: serial_number"));
	EXPECT_TRUE(refuses("token_label", "", "line 2: token_label"));
	EXPECT_TRUE(refuses("slot_number", "-1", "line 2: slot_number"));
	EXPECT_TRUE(refuses("slot_number", "one", "line 2: slot_number"));
	EXPECT_TRUE(refuses("call_timeout", "1d", "line 2: call_timeout"));
	EXPECT_TRUE(refuses("allow_export", "maybe", "line 2: allow_export"));
	EXPECT_TRUE(refuses("user_pin", "hex:1", "line 2: user_pin"));
	said[0] = '\0';
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, ops->open(&host, NULL, 0, &self->ctx));
	EXPECT_NE(NULL, strstr(said, "module is missing"));
}

/* Serial number and slot of the token with this label, as the library has them */
static bool find_token(const char *label, CK_SLOT_ID *slot, char serial[17])
{
	void *handle = dlopen(trap, RTLD_NOW);
	CK_C_GetFunctionList get = (CK_C_GetFunctionList)(uintptr_t)dlsym(handle,
									    "C_GetFunctionList");
	CK_FUNCTION_LIST *call;
	CK_SLOT_ID slots[16];
	CK_ULONG count = 16;
	CK_TOKEN_INFO info;
	bool found = false;

	get(&call);
	call->C_Initialize(NULL);
	call->C_GetSlotList(CK_TRUE, slots, &count);
	for (CK_ULONG i = 0; i < count; i++) {
		call->C_GetTokenInfo(slots[i], &info);
		if (memcmp(info.label, label, strlen(label)))
			continue;
		*slot = slots[i];
		memcpy(serial, info.serialNumber, 16);
		serial[16] = '\0';
		found = true;
	}
	call->C_Finalize(NULL);
	dlclose(handle);
	return found;
}

static enum parsec_status opens(const char *name, const char *value, const char *other,
				const char *other_value)
{
	struct parsec_provider_ctx *ctx = NULL;
	enum parsec_status status;

	said[0] = '\0';
	status = start(&ctx, "user_pin", "1234", name, value, other, other_value, NULL);
	if (ctx)
		ops->close(ctx);
	return status;
}

TEST_F(pkcs11_token, the_token_is_the_one_that_is_meant)
{
	const enum parsec_status away = PARSEC_PSA_ERROR_HARDWARE_FAILURE;
	char serial[17], number[32], wrong[32];
	CK_SLOT_ID slot;

	/* The only one */
	EXPECT_EQ(PARSEC_SUCCESS, opens(NULL, NULL, NULL, NULL));
	ASSERT_TRUE(add_token("second"));
	ASSERT_TRUE(find_token("parsec", &slot, serial));
	snprintf(number, sizeof(number), "%lu", slot);
	snprintf(wrong, sizeof(wrong), "%lu", slot + 1);
	EXPECT_EQ(away, opens(NULL, NULL, NULL, NULL));
	EXPECT_NE(NULL, strstr(said, "2 tokens may be meant"));
	EXPECT_EQ(PARSEC_SUCCESS, opens("token_label", "parsec", NULL, NULL));
	EXPECT_EQ(PARSEC_SUCCESS, opens("serial_number", serial, NULL, NULL));
	EXPECT_EQ(PARSEC_SUCCESS, opens("slot_number", number, NULL, NULL));
	EXPECT_EQ(away, opens("slot_number", wrong, NULL, NULL));
	EXPECT_EQ(away, opens("token_label", "parse", NULL, NULL));
	EXPECT_EQ(away, opens("serial_number", serial, "token_label", "second"));
	/* The serial number counts, with a warning */
	EXPECT_EQ(PARSEC_SUCCESS, opens("serial_number", serial, "slot_number", wrong));
	EXPECT_NE(NULL, strstr(said, "remove it"));
	EXPECT_EQ(PARSEC_SUCCESS, opens("serial_number", serial, "slot_number", number));
	EXPECT_STREQ("", said);
}

/* A PIN is tried once, and never when it could lock the token */
TEST_F(pkcs11_token, a_wrong_pin_is_not_tried_again)
{
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  start(&self->ctx, "user_pin", "str:4321", NULL));
	EXPECT_NE(NULL, strstr(said, "does not take user_pin"));
	EXPECT_EQ(NULL, strstr(said, "4321"));
	said[0] = '\0';
	setenv("TRAP", "final-try", 1);
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, START(&self->ctx));
	EXPECT_NE(NULL, strstr(said, "takes no wrong PIN any more"));
	setenv("TRAP", "C_Login=0xa4", 1);
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, START(&self->ctx));
}

TEST_F(pkcs11_token, a_wrong_pin_on_reconnecting_is_not_tried_again)
{
	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	item_init(&self->item, 1, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
	ASSERT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &self->item));
	ASSERT_EQ(PARSEC_SUCCESS, item_load(self->ctx, &self->item));
	setenv("TRAP", "C_Sign=0xb3 C_Login=0xa0", 1);
	EXPECT_EQ(PARSEC_PSA_ERROR_COMMUNICATION_FAILURE, item_sign(self->ctx, &self->item));
	/* It would be taken now, but nobody knows */
	setenv("TRAP", "", 1);
	EXPECT_EQ(PARSEC_PSA_ERROR_COMMUNICATION_FAILURE, item_sign(self->ctx, &self->item));
}

/* The keys are on another token: nothing may be said to be missing */
TEST_F(pkcs11_token, another_token_is_not_taken_for_the_one_with_the_keys)
{
	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	item_init(&self->item, 1, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
	ASSERT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &self->item));
	ops->close(self->ctx);
	self->ctx = NULL;
	ASSERT_TRUE(add_token("second"));
	said[0] = '\0';
	EXPECT_EQ(PARSEC_PSA_ERROR_HARDWARE_FAILURE,
		  start(&self->ctx, "token_label", "second", "user_pin", "1234", NULL));
	EXPECT_NE(NULL, strstr(said, "but the keys are on"));
	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	EXPECT_EQ(PARSEC_SUCCESS, ops->exists(self->ctx, &self->item.ref));
}

/* Sessions, the login, the handles or the library may be gone; once is no failure */
TEST_F(pkcs11_token, what_is_lost_is_found_again)
{
	static const char *const losses[] = {
		"C_SignInit=0xb3!", "C_SignInit=0xb0!", "C_SignInit=0x101!", "C_SignInit=0x32!",
		"C_SignInit=0xe0!", "C_SignInit=0x30!", "C_SignInit=0x190!", "C_SignInit=0x60!",
		"C_SignInit=0x82!", "C_Sign=0xb3!", "C_VerifyInit=0x60!", "C_Verify=0x101!",
	};

	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	item_init(&self->item, 1, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
	ASSERT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &self->item));
	ASSERT_EQ(PARSEC_SUCCESS, item_load(self->ctx, &self->item));
	for (size_t i = 0; i < ELEMENTS(losses); i++) {
		setenv("TRAP", losses[i], 1);
		EXPECT_EQ(PARSEC_SUCCESS, item_sign(self->ctx, &self->item)) {
			TH_LOG("%s", losses[i]);
		}
		EXPECT_EQ(NULL, getenv("TRAP"));
	}
	setenv("TRAP", "C_GenerateKeyPair=0xb3!", 1);
	item_init(&self->item, 2, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
	EXPECT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &self->item));
}

/* Each answer of a library, where it is least expected: a failure, and then all is well */
TEST_F(pkcs11_token, each_answer_is_survived)
{
	static const char *const calls[] = { "C_SignInit", "C_Sign" };
	char rules[64];

	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	item_init(&self->item, 1, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
	ASSERT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &self->item));
	ASSERT_EQ(PARSEC_SUCCESS, item_load(self->ctx, &self->item));
	for (size_t i = 0; i < ELEMENTS(calls); i++) {
		for (CK_RV rv = 1; rv <= 0x201; rv++) {
			snprintf(rules, sizeof(rules), "%s=%#lx", calls[i], rv);
			setenv("TRAP", rules, 1);
			EXPECT_EQ(status_of(rv), item_sign(self->ctx, &self->item)) {
				TH_LOG("%s", rules);
			}
		}
		setenv("TRAP", "", 1);
		EXPECT_EQ(PARSEC_SUCCESS, item_sign(self->ctx, &self->item));
	}
}

/* Lengths and numbers that cannot be are not believed, and nothing is read there */
TEST_F(pkcs11_token, lies_are_not_believed)
{
	struct parsec_alg gcm = { .kind = PARSEC_ALG_AEAD, .scheme = PARSEC_AEAD_GCM };
	const enum parsec_status no = PARSEC_PSA_ERROR_COMMUNICATION_FAILURE;
	uint8_t text[16] = { 0 }, room[64];
	struct parsec_span some = { text, sizeof(text) }, nonce = { text, 12 };
	struct parsec_span sealed = { room, 0 };
	struct parsec_out out = { room, sizeof(room), 0 };
	struct parsec_key *aes;
	struct item item;

	setenv("TRAP", "C_GetSlotList=lie", 1);
	EXPECT_EQ(no, START(&self->ctx));
	setenv("TRAP", "C_FindObjects=lie", 1);
	EXPECT_EQ(no, START(&self->ctx));
	setenv("TRAP", "", 1);
	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	item_init(&item, 2, PARSEC_KEY_TYPE_AES, 128, gcm);
	ASSERT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &item));
	ASSERT_EQ(PARSEC_SUCCESS, item_load(self->ctx, &item));
	aes = item.key;
	item_init(&self->item, 1, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
	setenv("TRAP", "C_GetAttributeValue=lie", 1);
	EXPECT_EQ(no, item_create(self->ctx, &self->item));
	setenv("TRAP", "", 1);
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, ops->exists(self->ctx, &self->item.ref));
	ASSERT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &self->item));
	ASSERT_EQ(PARSEC_SUCCESS, item_load(self->ctx, &self->item));
	setenv("TRAP", "C_Sign=lie", 1);
	EXPECT_EQ(no, item_sign(self->ctx, &self->item));
	setenv("TRAP", "C_Encrypt=lie", 1);
	EXPECT_EQ(no, ops->aead_encrypt(self->ctx, aes, &gcm, nonce, some, some, &out));
	setenv("TRAP", "", 1);
	ASSERT_EQ(PARSEC_SUCCESS, ops->aead_encrypt(self->ctx, aes, &gcm, nonce, some, some,
						    &out));
	sealed.len = out.len;
	setenv("TRAP", "C_Decrypt=lie", 1);
	EXPECT_EQ(no, ops->aead_decrypt(self->ctx, aes, &gcm, nonce, some, sealed, &out));
	setenv("TRAP", "", 1);
	ops->unload(self->ctx, aes);
}

/* Nobody who is not logged in may say that a key is missing */
TEST_F(pkcs11_token, without_a_login_no_key_is_missing)
{
	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	item_init(&self->item, 1, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, ops->exists(self->ctx, &self->item.ref));
	setenv("TRAP", "C_GetSessionInfo=lie", 1);
	EXPECT_EQ(PARSEC_PSA_ERROR_HARDWARE_FAILURE,
		  ops->exists(self->ctx, &self->item.ref));
	EXPECT_EQ(PARSEC_PSA_ERROR_HARDWARE_FAILURE,
		  ops->destroy(self->ctx, &self->item.ref));
}

TEST_F(pkcs11_token, a_library_that_cannot_lock_is_called_by_one)
{
	struct parsec_capabilities caps;

	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	ops->capabilities(self->ctx, &caps);
	EXPECT_EQ(PARSEC_CONCURRENCY_FULL, caps.concurrency);
	ops->close(self->ctx);
	setenv("TRAP", "no-threads", 1);
	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	ops->capabilities(self->ctx, &caps);
	EXPECT_EQ(PARSEC_CONCURRENCY_NONE, caps.concurrency);
}

/* The trap is SIGSEGV or SIGABRT of a process of its own */
static int death_of(const char *rules, uint8_t number)
{
	pid_t pid = fork();
	int status = 0;

	if (!pid) {
		struct parsec_provider_ctx *ctx;
		struct item item;

		item_init(&item, number, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
		if (START(&ctx, "call_timeout", "1") || item_create(ctx, &item) ||
		    item_load(ctx, &item))
			_exit(1);
		setenv("TRAP", rules, 1);
		item_sign(ctx, &item);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

TEST_F(pkcs11_token, a_library_that_hangs_ends_its_process)
{
	EXPECT_EQ(0, death_of("", 1));
	EXPECT_EQ(SIGABRT, death_of("C_Sign=hang", 2));
	EXPECT_EQ(SIGSEGV, death_of("C_Sign=crash", 3));
}

/* What is not to leave the token cannot be made so that it could */
TEST_F(pkcs11_token, export_can_be_ruled_out)
{
	const uint8_t key[32] = { 1 };
	struct parsec_alg gcm = { .kind = PARSEC_ALG_AEAD, .scheme = PARSEC_AEAD_GCM };
	struct parsec_capabilities caps;

	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx, "allow_export", "false"));
	ops->capabilities(self->ctx, &caps);
	for (size_t i = 0; i < caps.count; i++)
		EXPECT_TRUE(is_public(caps.rows[i].type) ||
			    !(caps.rows[i].can & PARSEC_CAN_EXPORT));
	item_init(&self->item, 1, PARSEC_KEY_TYPE_AES, 256, gcm);
	EXPECT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &self->item));
	item_init(&self->item, 2, PARSEC_KEY_TYPE_AES, 256, gcm);
	self->item.attrs.usage |= PARSEC_USAGE_EXPORT;
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED, item_create(self->ctx, &self->item));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED,
		  item_import(self->ctx, &self->item, (struct parsec_span){ key, 32 }));
}

/* Of a key that is not for export the token itself says so */
TEST_F(pkcs11_token, what_is_not_for_export_stays)
{
	struct parsec_alg gcm = { .kind = PARSEC_ALG_AEAD, .scheme = PARSEC_AEAD_GCM };
	uint8_t room[32];
	struct parsec_out out = { room, sizeof(room), 0 };

	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	item_init(&self->item, 1, PARSEC_KEY_TYPE_AES, 256, gcm);
	ASSERT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &self->item));
	ASSERT_EQ(PARSEC_SUCCESS, item_load(self->ctx, &self->item));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED,
		  ops->export(self->ctx, self->item.key, &out));
}

/* Tokens with ways of their own: the same comes out */
static bool works_with(const char *quirk, bool imported)
{
	static const uint8_t scalar[32] = { [0] = 0x12, [31] = 0x34 };
	struct parsec_provider_ctx *ctx;
	enum parsec_status status;
	struct item item;
	bool good;

	setenv("TRAP", quirk, 1);
	if (START(&ctx) != PARSEC_SUCCESS)
		return false;
	item_init(&item, 1, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
	status = imported ? item_import(ctx, &item, (struct parsec_span){ scalar, 32 }) :
			    item_create(ctx, &item);
	good = status == PARSEC_SUCCESS && item_load(ctx, &item) == PARSEC_SUCCESS;
	if (good) {
		good = item_sign(ctx, &item) == PARSEC_SUCCESS;
		ops->unload(ctx, item.key);
	}
	good &= ops->destroy(ctx, &item.ref) == PARSEC_SUCCESS;
	ops->close(ctx);
	setenv("TRAP", "", 1);
	return good;
}

TEST_F(pkcs11_token, quirks_of_tokens_make_no_difference)
{
	static const char *const quirks[] = {
		"", "raw-points", "plain", "no-private", "no-secret", "no-private plain",
		"no-secret plain raw-points", "two-sessions", "no-threads",
	};

	for (size_t i = 0; i < ELEMENTS(quirks); i++) {
		EXPECT_TRUE(works_with(quirks[i], false)) {
			TH_LOG("generated: %s", quirks[i]);
		}
		EXPECT_TRUE(works_with(quirks[i], true)) {
			TH_LOG("imported: %s", quirks[i]);
		}
	}
}

/* Nothing comes in that is wrapped when nothing is unwrapped */
TEST_F(pkcs11_token, a_token_that_takes_no_private_key_says_so)
{
	static const uint8_t scalar[32] = { [31] = 0x34 };

	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	setenv("TRAP", "no-private no-wrap", 1);
	item_init(&self->item, 1, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  item_import(self->ctx, &self->item, (struct parsec_span){ scalar, 32 }));
	setenv("TRAP", "", 1);
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, ops->exists(self->ctx, &self->item.ref));
}

/* A key for export cannot be made where the token does not let us say so */
TEST_F(pkcs11_token, plain_tokens_make_no_keys_for_export)
{
	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	setenv("TRAP", "plain", 1);
	item_init(&self->item, 1, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
	self->item.attrs.usage |= PARSEC_USAGE_EXPORT;
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED, item_create(self->ctx, &self->item));
}

TEST_F(pkcs11_token, a_token_without_curves_claims_none)
{
	struct parsec_capabilities caps;

	setenv("TRAP", "no-curves", 1);
	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	ops->capabilities(self->ctx, &caps);
	EXPECT_NE(0, caps.count);
	for (size_t i = 0; i < caps.count; i++)
		EXPECT_EQ(0, caps.rows[i].family);
}

/* The peer in an OCTET STRING, and secrets with zeros in front, of which SoftHSM makes less */
TEST_F(pkcs11_token, an_agreement_gives_the_whole_secret)
{
	static const uint8_t one[32] = { [31] = 1 };
	struct parsec_alg ecdh = { .kind = PARSEC_ALG_KEY_AGREEMENT,
				   .scheme = PARSEC_AGREE_ECDH };
	uint8_t secret[32], point[65];
	bool zeros = false;
	struct parsec_out out = { secret, sizeof(secret), 0 };
	struct parsec_out public = { point, sizeof(point), 0 };
	struct item peer;

	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	/* With the scalar 1 the secret is the X of the peer */
	item_init(&self->item, 1, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ecdh);
	ASSERT_EQ(PARSEC_SUCCESS, item_import(self->ctx, &self->item,
					      (struct parsec_span){ one, sizeof(one) }));
	ASSERT_EQ(PARSEC_SUCCESS, item_load(self->ctx, &self->item));
	for (int i = 1; i < 3000 && !zeros; i++) {
		uint8_t scalar[32] = { [30] = (uint8_t)(i >> 8), [31] = (uint8_t)i };

		item_init(&peer, 2, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ecdh);
		ASSERT_EQ(PARSEC_SUCCESS, item_import(self->ctx, &peer,
						      (struct parsec_span){ scalar, 32 }));
		ASSERT_EQ(PARSEC_SUCCESS, item_load(self->ctx, &peer));
		ASSERT_EQ(PARSEC_SUCCESS, ops->export_public(self->ctx, peer.key, &public));
		ops->unload(self->ctx, peer.key);
		ASSERT_EQ(PARSEC_SUCCESS, ops->destroy(self->ctx, &peer.ref));
		setenv("TRAP", i == 1 ? "wrapped-peer" : "", 1);
		ASSERT_EQ(PARSEC_SUCCESS, ops->agree(self->ctx, self->item.key, &ecdh,
				(struct parsec_span){ point, sizeof(point) }, &out));
		setenv("TRAP", "", 1);
		ASSERT_EQ(0, memcmp(secret, point + 1, 32));
		zeros = !point[1];
	}
	EXPECT_TRUE(zeros);
}

/* With a key of a pair gone from the token, the other half is no reason for a failure */
TEST_F(pkcs11_token, a_missing_half_is_no_hindrance)
{
	struct parsec_out out;
	uint8_t room[65];

	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	item_init(&self->item, 1, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
	ASSERT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &self->item));
	ASSERT_TRUE(run_command("pkcs11-tool --module %s --token-label parsec --login --pin 1234 "
				"--delete-object --type pubkey "
				"--id 50000000000000000000000000000001 >/dev/null 2>&1", SOFTHSM));
	ASSERT_EQ(PARSEC_SUCCESS, item_load(self->ctx, &self->item));
	EXPECT_EQ(PARSEC_SUCCESS, item_sign(self->ctx, &self->item));
	out = (struct parsec_out){ room, sizeof(room), 0 };
	EXPECT_EQ(PARSEC_SUCCESS, ops->export_public(self->ctx, self->item.key, &out));
	EXPECT_EQ(PARSEC_SUCCESS, ops->exists(self->ctx, &self->item.ref));
	EXPECT_EQ(PARSEC_SUCCESS, ops->destroy(self->ctx, &self->item.ref));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, ops->exists(self->ctx, &self->item.ref));
	ops->unload(self->ctx, self->item.key);

	item_init(&self->item, 2, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
	ASSERT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &self->item));
	ASSERT_TRUE(run_command("pkcs11-tool --module %s --token-label parsec --login --pin 1234 "
				"--delete-object --type privkey "
				"--id 50000000000000000000000000000002 >/dev/null 2>&1", SOFTHSM));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, ops->exists(self->ctx, &self->item.ref));
	EXPECT_EQ(PARSEC_SUCCESS, ops->destroy(self->ctx, &self->item.ref));
	self->item.ref.blob.len = 0;
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, ops->exists(self->ctx, &self->item.ref));
}

/* Somebody with the PIN of the token puts a public key of their own in the place of ours */
TEST_F(pkcs11_token, the_public_key_of_somebody_else_is_not_used)
{
	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	item_init(&self->item, 1, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
	ASSERT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &self->item));
	ASSERT_TRUE(run_command("cd %s && M='pkcs11-tool --module %s --token-label parsec --login "
				"--pin 1234' && ID=50000000000000000000000000000001 && "
				"$M --delete-object --type pubkey --id $ID && "
				"openssl ecparam -name prime256v1 -genkey -noout -out other.pem && "
				"openssl ec -in other.pem -pubout -outform DER -out other.der && "
				"$M --write-object other.der --type pubkey --id $ID "
				">/dev/null", hsm, SOFTHSM));
	ASSERT_EQ(PARSEC_SUCCESS, item_load(self->ctx, &self->item));
	said[0] = '\0';
	EXPECT_EQ(PARSEC_PSA_ERROR_CORRUPTION_DETECTED, item_sign(self->ctx, &self->item));
	EXPECT_NE(NULL, strstr(said, "somebody else has put it there"));
}

/* A second private key of the same id: nobody knows which of the two is the right one */
TEST_F(pkcs11_token, of_two_keys_of_one_id_none_is_used)
{
	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	item_init(&self->item, 1, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
	ASSERT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &self->item));
	ASSERT_TRUE(run_command("pkcs11-tool --module %s --token-label parsec --login --pin 1234 "
				"--keypairgen --key-type EC:prime256v1 "
				"--id 50000000000000000000000000000001 >/dev/null 2>&1", SOFTHSM));
	/* The listed one is known to be right */
	ASSERT_EQ(PARSEC_SUCCESS, item_load(self->ctx, &self->item));
	EXPECT_EQ(PARSEC_SUCCESS, item_sign(self->ctx, &self->item));
	ops->unload(self->ctx, self->item.key);
	self->item.key = NULL;
	ops->close(self->ctx);
	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	EXPECT_EQ(PARSEC_SUCCESS, ops->exists(self->ctx, &self->item.ref));
	EXPECT_EQ(PARSEC_PSA_ERROR_CORRUPTION_DETECTED, item_load(self->ctx, &self->item));
	EXPECT_EQ(PARSEC_SUCCESS, ops->destroy(self->ctx, &self->item.ref));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, ops->exists(self->ctx, &self->item.ref));
}

/* The id of a new key is checked against the token */
TEST_F(pkcs11_token, an_id_that_is_taken_is_not_taken_over)
{
	struct item second;

	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	item_init(&self->item, 1, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
	ASSERT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &self->item));
	second = self->item;
	EXPECT_EQ(PARSEC_PSA_ERROR_GENERIC_ERROR, item_create(self->ctx, &second));
	EXPECT_NE(NULL, strstr(said, "has the id that a new key"));
	ASSERT_EQ(PARSEC_SUCCESS, item_load(self->ctx, &self->item));
	EXPECT_EQ(PARSEC_SUCCESS, item_sign(self->ctx, &self->item));
}

/* Then the token is not asked, and a signature is checked all the same */
TEST_F(pkcs11_token, public_keys_can_be_used_in_software)
{
	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx, "software_public_operations", "true"));
	item_init(&self->item, 1, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
	ASSERT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &self->item));
	ASSERT_EQ(PARSEC_SUCCESS, item_load(self->ctx, &self->item));
	setenv("TRAP", "C_VerifyInit=0x54", 1);
	EXPECT_EQ(PARSEC_SUCCESS, item_sign(self->ctx, &self->item));
	ops->close(self->ctx);
	self->item.key = NULL;
	ASSERT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED, ({
		setenv("TRAP", "", 1);
		ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
		ASSERT_EQ(PARSEC_SUCCESS, item_load(self->ctx, &self->item));
		setenv("TRAP", "C_VerifyInit=0x54", 1);
		item_sign(self->ctx, &self->item); }));
}

TEST_HARNESS_MAIN
