// SPDX-License-Identifier: Apache-2.0
/*
 * The TPM provider with simulated TPMs that are stopped, started, reset and exchanged, and
 * that others have filled. Runs in the top folder.
 */
#include "kselftest_harness.h"

#include "selftests/unit/tpm_attest.h"

#define KEYS	7

/* How many calls of Esys_Sign() from now on are answered with what, and how many there were */
static unsigned int fail_count, sign_count;
static TSS2_RC fail_with;
TSS2_RC __real_Esys_Sign(ESYS_CONTEXT *esys, ESYS_TR key, ESYS_TR session, ESYS_TR second,
			 ESYS_TR third, const TPM2B_DIGEST *digest, const TPMT_SIG_SCHEME *scheme,
			 const TPMT_TK_HASHCHECK *ticket, TPMT_SIGNATURE **signature);
TSS2_RC __wrap_Esys_Sign(ESYS_CONTEXT *esys, ESYS_TR key, ESYS_TR session, ESYS_TR second,
			 ESYS_TR third, const TPM2B_DIGEST *digest, const TPMT_SIG_SCHEME *scheme,
			 const TPMT_TK_HASHCHECK *ticket, TPMT_SIGNATURE **signature)
{
	sign_count++;
	if (fail_count) {
		fail_count--;
		return fail_with;
	}
	return __real_Esys_Sign(esys, key, session, second, third, digest, scheme, ticket,
				signature);
}

/* Sign a hash and verify the signature, which takes two commands */
static enum parsec_status use(FIXTURE_DATA(tpm) *self, struct stored *stored)
{
	static const uint8_t hash[32] = { 1, 2, 3 };
	const struct parsec_span span = { hash, sizeof(hash) };
	uint8_t room[64];
	struct parsec_out signature = { room, sizeof(room), 0 };
	enum parsec_status status = ops->sign(self->ctx, stored->key, &stored->attrs.alg, span,
					      &signature);

	return status ? status : ops->verify(self->ctx, stored->key, &stored->attrs.alg, span,
					     (struct parsec_span){ room, signature.len });
}

TEST_F(tpm, keys_are_there_after_a_restart_of_either)
{
	struct stored stored;

	ASSERT_EQ(PARSEC_SUCCESS, make(self, &stored, signing_key()));
	ops->close(self->ctx);
	ASSERT_EQ(PARSEC_SUCCESS, open_with(self, NULL, NULL));
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored));
	EXPECT_EQ(PARSEC_SUCCESS, use(self, &stored));
	ops->unload(self->ctx, stored.key);
	ops->close(self->ctx);

	tpm_stop(self);
	tpm_start(self);
	ASSERT_EQ(PARSEC_SUCCESS, open_with(self, NULL, NULL));
	EXPECT_STREQ("", said);
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored));
	EXPECT_EQ(PARSEC_SUCCESS, use(self, &stored));
	ops->unload(self->ctx, stored.key);
}

TEST_F(tpm, a_reset_is_not_noticed)
{
	struct stored stored;

	ASSERT_EQ(PARSEC_SUCCESS, make(self, &stored, signing_key()));
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored));
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(PARSEC_SUCCESS, use(self, &stored));
		/* What was in the TPM is not there any more */
		shell("swtpm_ioctl -i --unix %s/tpm.ctrl", self->dir);
	}
	EXPECT_EQ(PARSEC_SUCCESS, use(self, &stored));
	EXPECT_STREQ("", said);
	ops->unload(self->ctx, stored.key);
}

TEST_F(tpm, a_tpm_that_is_gone_comes_back_by_itself)
{
	struct stored stored;
	uint8_t room[8];
	struct parsec_out random = { room, sizeof(room), 0 };

	ASSERT_EQ(PARSEC_SUCCESS, make(self, &stored, signing_key()));
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored));
	ASSERT_EQ(PARSEC_SUCCESS, use(self, &stored));
	tpm_stop(self);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(PARSEC_PSA_ERROR_COMMUNICATION_FAILURE, use(self, &stored));
		EXPECT_EQ(PARSEC_PSA_ERROR_COMMUNICATION_FAILURE,
			  ops->random(self->ctx, &random));
	}
	tpm_start(self);
	EXPECT_EQ(PARSEC_SUCCESS, use(self, &stored));
	EXPECT_EQ(PARSEC_SUCCESS, ops->random(self->ctx, &random));
	ops->unload(self->ctx, stored.key);
}

TEST_F(tpm, without_a_tpm_it_does_not_open_and_says_where_it_looked)
{
	char text[128];

	ops->close(self->ctx);
	self->ctx = NULL;
	tpm_stop(self);
	EXPECT_EQ(PARSEC_PSA_ERROR_COMMUNICATION_FAILURE, open_with(self, NULL, NULL));
	snprintf(text, sizeof(text), "there is no TPM at %s", self->tcti);
	EXPECT_STREQ(text, said);
	EXPECT_EQ(NULL, self->ctx);
	/* The host does not try this again */
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED, open_with(self, "skip_if_no_tpm", "true"));
	EXPECT_STREQ(text, said);
	tpm_start(self);
	EXPECT_EQ(PARSEC_SUCCESS, open_with(self, "skip_if_no_tpm", "true"));
}

TEST_F(tpm, keys_of_a_tpm_that_was_exchanged_say_so)
{
	struct stored old, new;

	ASSERT_EQ(PARSEC_SUCCESS, make(self, &old, signing_key()));
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &old));
	ASSERT_EQ(PARSEC_SUCCESS, use(self, &old));
	tpm_stop(self);
	shell("rm %s/tpm2-00.permall", self->dir);
	tpm_start(self);

	/* While it is in use, and after a new start */
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(PARSEC_PSA_ERROR_HARDWARE_FAILURE, use(self, &old));
		EXPECT_NE(NULL, strstr(said, "the TPM was cleared or exchanged"));
		ASSERT_EQ(PARSEC_SUCCESS, make(self, &new, signing_key()));
		ASSERT_EQ(PARSEC_SUCCESS, load(self, &new));
		EXPECT_EQ(PARSEC_SUCCESS, use(self, &new));
		EXPECT_EQ(PARSEC_PSA_ERROR_HARDWARE_FAILURE, use(self, &old));
		ops->unload(self->ctx, new.key);
		ops->unload(self->ctx, old.key);
		ops->close(self->ctx);
		ASSERT_EQ(PARSEC_SUCCESS, open_with(self, NULL, NULL));
		ASSERT_EQ(PARSEC_SUCCESS, load(self, &old));
	}
	ops->unload(self->ctx, old.key);
}

TEST_F(tpm, more_keys_are_used_in_turn_than_a_tpm_has_room_for)
{
	struct stored stored[KEYS];

	for (int i = 0; i < KEYS; i++) {
		ASSERT_EQ(PARSEC_SUCCESS, make(self, &stored[i], signing_key()));
		ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored[i]));
	}
	for (int i = 0; i < 3 * KEYS; i++)
		EXPECT_EQ(PARSEC_SUCCESS, use(self, &stored[i * 3 % KEYS]));
	for (int i = 0; i < KEYS; i++)
		ops->unload(self->ctx, stored[i].key);
}

/* The same key again and again is loaded into the TPM once */
TEST_F(tpm, a_key_stays_in_the_tpm_until_there_is_no_room)
{
	struct stored stored[3];
	ESYS_TR before;

	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(PARSEC_SUCCESS, make(self, &stored[i], signing_key()));
		ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored[i]));
	}
	ASSERT_EQ(PARSEC_SUCCESS, use(self, &stored[0]));
	before = stored[0].key->handle;
	ASSERT_EQ(PARSEC_SUCCESS, use(self, &stored[1]));
	ASSERT_EQ(PARSEC_SUCCESS, use(self, &stored[0]));
	EXPECT_EQ(before, stored[0].key->handle);
	/* The one that was used longest ago has to go */
	ASSERT_EQ(PARSEC_SUCCESS, use(self, &stored[2]));
	EXPECT_EQ(before, stored[0].key->handle);
	EXPECT_EQ(ESYS_TR_NONE, stored[1].key->handle);
	for (int i = 0; i < 3; i++)
		ops->unload(self->ctx, stored[i].key);
}

/* Once or twice each of them is no failure; what does not help is given up after a while */
TEST_F(tpm, what_may_pass_is_tried_again)
{
	static const TSS2_RC passing[] = {
		TPM2_RC_RETRY, TPM2_RC_YIELDED, TPM2_RC_TESTING, TPM2_RC_NV_RATE, TPM2_RC_MEMORY,
		TPM2_RC_OBJECT_MEMORY, TPM2_RC_OBJECT_HANDLES, TPM2_RC_SESSION_MEMORY,
		TPM2_RC_SESSION_HANDLES, TPM2_RC_CONTEXT_GAP, TPM2_RC_REFERENCE_H0,
		TPM2_RC_REFERENCE_S0, TPM2_RC_HANDLE | TPM2_RC_1, TPM2_RC_INITIALIZE,
		/* As the kernel's resource manager and the software stack say it */
		TSS2_RESMGR_TPM_RC_LAYER | TPM2_RC_CONTEXT_GAP, TSS2_TCTI_RC_IO_ERROR,
		TSS2_ESYS_RC_MEMORY,
	};
	struct stored stored;

	ASSERT_EQ(PARSEC_SUCCESS, make(self, &stored, signing_key()));
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored));
	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++) {
		for (unsigned int times = 1; times <= 2; times++) {
			fail_with = passing[i];
			fail_count = times;
			sign_count = 0;
			EXPECT_EQ(PARSEC_SUCCESS, use(self, &stored)) {
				TH_LOG("%#x, %u times: %s", fail_with, times, said);
			}
			EXPECT_EQ(times + 1, sign_count);
		}
	}
	fail_count = 1000;
	fail_with = TPM2_RC_RETRY;
	EXPECT_EQ(PARSEC_PSA_ERROR_HARDWARE_FAILURE, use(self, &stored));
	EXPECT_GT(1000 - 5, fail_count);
	EXPECT_LT(1000 - 50, fail_count);
	/* What cannot pass is not */
	fail_count = 1000;
	fail_with = TPM2_RC_FAILURE;
	EXPECT_NE(PARSEC_SUCCESS, use(self, &stored));
	EXPECT_EQ(999, fail_count);
	fail_count = 0;
	EXPECT_EQ(PARSEC_SUCCESS, use(self, &stored));
	ops->unload(self->ctx, stored.key);
}

/* What others left in the TPM is thrown out: without a resource manager nobody else will */
TEST_F(tpm, a_full_tpm_is_made_room_in)
{
	struct stored stored;

	ASSERT_EQ(PARSEC_SUCCESS, make(self, &stored, signing_key()));
	ops->close(self->ctx);
	shell("for i in 1 2 3; do TPM2TOOLS_TCTI=%s tpm2_createprimary -c %s/$i.ctx "
	      ">/dev/null; done", self->tcti, self->dir);
	ASSERT_EQ(PARSEC_SUCCESS, open_with(self, NULL, NULL));
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored));
	EXPECT_EQ(PARSEC_SUCCESS, use(self, &stored));
	ops->unload(self->ctx, stored.key);
}

/* A resource manager moves all that is ours with each command: nothing that is not used is there */
TEST_F(tpm, only_keys_that_are_used_are_in_the_tpm)
{
	const UINT32 first = (UINT32)TPM2_HT_TRANSIENT << TPM2_HR_SHIFT;
	TPMS_CAPABILITY_DATA *data;
	struct stored stored;
	TPMI_YES_NO more;

	ASSERT_EQ(PARSEC_SUCCESS, make(self, &stored, signing_key()));
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored));
	ASSERT_EQ(PARSEC_SUCCESS, use(self, &stored));
	ASSERT_EQ(0, Esys_GetCapability(self->ctx->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
					TPM2_CAP_HANDLES, first, 8, &more, &data));
	EXPECT_EQ(1, data->data.handles.count);
	Esys_Free(data);
	ops->unload(self->ctx, stored.key);
}

/* As a kernel has it: the TPM answers again, and has forgotten all of ours */
TEST_F(tpm, a_reset_and_a_startup_by_others_are_not_noticed)
{
	struct stored stored[2];

	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(PARSEC_SUCCESS, make(self, &stored[i], signing_key()));
		ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored[i]));
	}
	ASSERT_EQ(PARSEC_SUCCESS, use(self, &stored[0]));
	shell("swtpm_ioctl -i --unix %s/tpm.ctrl", self->dir);
	ASSERT_EQ(0, Esys_Startup(self->ctx->esys, TPM2_SU_CLEAR));
	/* What is in the TPM by now is not the key that was there */
	EXPECT_EQ(PARSEC_SUCCESS, use(self, &stored[1]));
	EXPECT_EQ(PARSEC_SUCCESS, use(self, &stored[0]));
	EXPECT_STREQ("", said);
	for (int i = 0; i < 2; i++)
		ops->unload(self->ctx, stored[i].key);
}

/* The session is renewed in time, and a lost one is replaced */
TEST_F(tpm, sessions_come_and_go)
{
	struct stored stored;
	TSS2_SYS_CONTEXT *sys;
	TPM2_HANDLE handle;

	ASSERT_EQ(PARSEC_SUCCESS, make(self, &stored, signing_key()));
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored));
	ASSERT_EQ(PARSEC_SUCCESS, use(self, &stored));
	for (int i = 0; i < 3; i++) {
		self->ctx->session_uses = 4095;
		ASSERT_EQ(PARSEC_SUCCESS, use(self, &stored));
		ASSERT_EQ(PARSEC_SUCCESS, use(self, &stored));
		EXPECT_GT(4095, self->ctx->session_uses);
		ASSERT_EQ(0, Esys_TR_GetTpmHandle(self->ctx->esys, self->ctx->session, &handle));
		ASSERT_EQ(0, Esys_GetSysContext(self->ctx->esys, &sys));
		ASSERT_EQ(0, Tss2_Sys_FlushContext(sys, handle));
		ASSERT_EQ(PARSEC_SUCCESS, use(self, &stored));
	}
	ops->unload(self->ctx, stored.key);
}

/* A command that every object of a TPM needs its authorisation value for */
static TSS2_RC change_step(struct parsec_provider_ctx *ctx, void *arg)
{
	const TPM2B_AUTH auth = { 0 };
	struct parsec_key *key = arg;
	TPM2B_PRIVATE *private;
	ESYS_TR session;
	TSS2_RC rc = cache_use(ctx, key);

	if (!rc)
		rc = session_for(ctx, TPMA_SESSION_DECRYPT, &session);
	if (!rc)
		rc = parent_use(ctx);
	if (!rc)
		rc = Esys_ObjectChangeAuth(ctx->esys, key->handle, ctx->parent, session,
					   ESYS_TR_NONE, ESYS_TR_NONE, &auth, &private);
	parent_leave(ctx);
	if (!rc)
		Esys_Free(private);
	return rc;
}

/* A wrong authorisation value is refused, and does not count as an attempt to guess one */
static void try_wrong_value(struct __test_metadata *_metadata, FIXTURE_DATA(tpm) *self,
			    struct stored *stored)
{
	ASSERT_EQ(PARSEC_SUCCESS, load(self, stored));
	EXPECT_EQ(TSS2_RC_SUCCESS, tpm_do(self->ctx, change_step, stored->key));
	ops->unload(self->ctx, stored->key);
	/* The value is at the end of the blob */
	stored->room[stored->len - 1] ^= 1;
	ASSERT_EQ(PARSEC_SUCCESS, load(self, stored));
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(TPM2_RC_BAD_AUTH,
			  tpm_rc_base(tpm_do(self->ctx, change_step, stored->key)));
	EXPECT_TRUE(stored->key->public.publicArea.objectAttributes & TPMA_OBJECT_NODA);
	ops->unload(self->ctx, stored->key);
}

TEST_F_TIMEOUT(tpm, the_dictionary_attack_counter_stays, 300)
{
	static const struct parsec_key_attributes kinds[] = {
		{ .type = PARSEC_KEY_TYPE_RSA_KEY_PAIR, .bits = 1024,
		  .alg = { PARSEC_ALG_SIGNATURE, PARSEC_SIGN_RSA_PSS, PARSEC_HASH_SHA_256 } },
		{ .type = PARSEC_KEY_TYPE_RSA_KEY_PAIR, .bits = 1024,
		  .alg = { PARSEC_ALG_ASYMMETRIC_ENCRYPTION, PARSEC_CRYPT_RSA_PKCS1V15 } },
		{ .type = PARSEC_KEY_TYPE_RSA_KEY_PAIR, .bits = 2048,
		  .usage = PARSEC_USAGE_DECRYPT },
		{ .type = PARSEC_KEY_TYPE_ECC_KEY_PAIR, .family = PARSEC_ECC_SECP_R1, .bits = 256,
		  .alg = { PARSEC_ALG_KEY_AGREEMENT, PARSEC_AGREE_ECDH } },
		{ .type = PARSEC_KEY_TYPE_HMAC, .bits = 256,
		  .alg = { PARSEC_ALG_MAC, PARSEC_MAC_HMAC, PARSEC_HASH_SHA_256 } },
		{ .type = PARSEC_KEY_TYPE_AES, .bits = 128,
		  .alg = { PARSEC_ALG_MAC, PARSEC_MAC_CMAC } },
		{ .type = PARSEC_KEY_TYPE_AES, .bits = 256,
		  .alg = { PARSEC_ALG_CIPHER, PARSEC_CIPHER_CTR } },
		{ .type = PARSEC_KEY_TYPE_AES, .bits = 256, .alg = { PARSEC_ALG_NONE } },
	};
	const struct parsec_span bytes = { (const uint8_t *)"0123456789abcdef", 16 };
	struct parsec_key_attributes aes = kinds[6];
	struct stored stored;

	ASSERT_EQ(PARSEC_SUCCESS, make(self, &stored, signing_key()));
	try_wrong_value(_metadata, self, &stored);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		ASSERT_EQ(PARSEC_SUCCESS, make(self, &stored, kinds[i]));
		try_wrong_value(_metadata, self, &stored);
	}
	aes.bits = 0;
	ASSERT_EQ(PARSEC_SUCCESS, import(self, &stored, aes, bytes));
	try_wrong_value(_metadata, self, &stored);

	/* The same where the contract is */
	ASSERT_EQ(PARSEC_SUCCESS, make(self, &stored, signing_key()));
	stored.room[stored.len - 1] ^= 1;
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored));
	EXPECT_EQ(PARSEC_PSA_ERROR_GENERIC_ERROR, use(self, &stored));
	ops->unload(self->ctx, stored.key);
	ops->close(self->ctx);
	self->ctx = NULL;
	EXPECT_EQ(0, property(self, TPM2_PT_LOCKOUT_COUNTER));
}

TEST_F(tpm, generated_keys_are_of_the_tpm_alone_and_imported_ones_are_not)
{
	const TPMA_OBJECT own = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
				TPMA_OBJECT_SENSITIVEDATAORIGIN;
	struct parsec_key_attributes attrs = signing_key();
	uint8_t scalar[32] = { 1 };
	struct stored stored;

	ASSERT_EQ(PARSEC_SUCCESS, make(self, &stored, signing_key()));
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored));
	EXPECT_EQ(own | TPMA_OBJECT_NODA | TPMA_OBJECT_SIGN_ENCRYPT | TPMA_OBJECT_USERWITHAUTH,
		  stored.key->public.publicArea.objectAttributes);
	ops->unload(self->ctx, stored.key);

	attrs.bits = 0;
	ASSERT_EQ(PARSEC_SUCCESS, import(self, &stored, attrs,
					 (struct parsec_span){ scalar, 32 }));
	EXPECT_EQ(256, stored.attrs.bits);
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored));
	EXPECT_EQ(PARSEC_SUCCESS, use(self, &stored));
	EXPECT_EQ(0, stored.key->public.publicArea.objectAttributes & own);
	ops->unload(self->ctx, stored.key);
}

TEST_F(tpm, the_endorsement_key_attests_also_after_a_reset)
{
	struct stored stored;

	ASSERT_EQ(PARSEC_SUCCESS, make(self, &stored, signing_key()));
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored));
	EXPECT_EQ(PARSEC_SUCCESS, attest(self, stored.key, NULL, false));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, attest(self, stored.key, NULL, true));
	shell("swtpm_ioctl -i --unix %s/tpm.ctrl", self->dir);
	EXPECT_EQ(PARSEC_SUCCESS, attest(self, stored.key, NULL, false));
	EXPECT_EQ(PARSEC_SUCCESS, use(self, &stored));
	ops->unload(self->ctx, stored.key);
}

TEST_F(tpm, a_key_that_was_made_for_it_attests_another)
{
	const struct parsec_key_attributes for_attesting = {
		.type = PARSEC_KEY_TYPE_RSA_KEY_PAIR, .bits = 2048,
		.usage = PARSEC_USAGE_DECRYPT, .alg.kind = PARSEC_ALG_NONE,
	};
	struct stored stored, attesting;

	ASSERT_EQ(PARSEC_SUCCESS, make(self, &stored, signing_key()));
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored));
	ASSERT_EQ(PARSEC_SUCCESS, make(self, &attesting, for_attesting));
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &attesting));
	EXPECT_EQ(PARSEC_SUCCESS, attest(self, stored.key, attesting.key, false));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  attest(self, stored.key, attesting.key, true));
	/* A key that signs does not */
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  attest(self, attesting.key, stored.key, false));
	ops->unload(self->ctx, attesting.key);
	ops->unload(self->ctx, stored.key);
}

/* A TPM wants a zero at the end of a label, and no other */
TEST_F(tpm, labels_that_cannot_be_carried_are_refused)
{
	static const struct {
		const char *label;
		size_t len;
		enum parsec_status status;
	} labels[] = {
		{ "", 0, PARSEC_SUCCESS },
		{ "label", 6, PARSEC_SUCCESS },
		{ "", 1, PARSEC_SUCCESS },
		{ "label", 5, PARSEC_PSA_ERROR_NOT_SUPPORTED },
		{ "la\0bel", 7, PARSEC_PSA_ERROR_NOT_SUPPORTED },
		{ "l\0", 3, PARSEC_PSA_ERROR_NOT_SUPPORTED },
		{ "0123456789012345678901234567890123456789012345678901234567890123456789", 71,
		  PARSEC_PSA_ERROR_NOT_SUPPORTED },
	};
	struct parsec_key_attributes attrs = {
		.type = PARSEC_KEY_TYPE_RSA_KEY_PAIR, .bits = 1024,
		.alg = { .kind = PARSEC_ALG_ASYMMETRIC_ENCRYPTION,
			 .scheme = PARSEC_CRYPT_RSA_OAEP, .hash = PARSEC_HASH_SHA_256 },
	};
	struct stored stored;
	uint8_t room[128], back[128];

	ASSERT_EQ(PARSEC_SUCCESS, make(self, &stored, attrs));
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored));
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		struct parsec_span label = { (const uint8_t *)labels[i].label, labels[i].len };
		struct parsec_out sealed = { room, sizeof(room), 0 };
		struct parsec_out opened = { back, sizeof(back), 0 };

		ASSERT_EQ(labels[i].status,
			  ops->asymmetric_encrypt(self->ctx, stored.key, &attrs.alg, label,
						  text("secret"), &sealed));
		sealed.len = sizeof(room);
		ASSERT_EQ(labels[i].status,
			  ops->asymmetric_decrypt(self->ctx, stored.key, &attrs.alg, label,
						  (struct parsec_span){ room, sealed.len },
						  &opened));
		if (!labels[i].status)
			EXPECT_TRUE(same(text("secret"),
					 (struct parsec_span){ back, opened.len }));
	}
	ops->unload(self->ctx, stored.key);
}

TEST_F(tpm, options_are_looked_at)
{
	struct parsec_provider_ctx *first = self->ctx;

	ops->close(first);
	self->ctx = NULL;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, open_with(self, "owner_auth", "str:x"));
	EXPECT_STREQ("line 2: owner_auth: this provider has no such option", said);
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  open_with(self, "owner_hierarchy_auth", "hex:1"));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  open_with(self, "endorsement_hierarchy_auth",
			    "str:12345678901234567890123456789012345678901234567890123456789012345"));
	EXPECT_STREQ("line 2: endorsement_hierarchy_auth: no TPM takes so long a value", said);
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, open_with(self, "skip_if_no_tpm", "yes"));
	EXPECT_EQ(PARSEC_PSA_ERROR_GENERIC_ERROR,
		  open_with(self, "owner_hierarchy_auth", "str:wrong"));
	EXPECT_STREQ("owner_hierarchy_auth: the TPM does not take it", said);
}

TEST_HARNESS_MAIN
