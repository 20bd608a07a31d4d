// SPDX-License-Identifier: Apache-2.0
/*
 * The dispatch of operations on keys, over a real key store: whose key, its policy,
 * lengths, and in which order.
 */
#include "kselftest_harness.h"

#include <sys/mman.h>
#include <unistd.h>

#include "helper/log.h"
#include "selftests/unit/dispatch_fixture.h"

TEST_F(dispatch, unknown_key_comes_before_its_policy_and_lengths)
{
	struct contract_request req = valid();

	req.alg.hash = PARSEC_HASH_ANY;
	req.input.len = 1;
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST,
		  run_request(self, PARSEC_OP_PSA_SIGN_HASH, &req));
}

TEST_F(dispatch, key_of_somebody_else_does_not_exist)
{
	struct contract_request req = valid();

	signer_make_key(&self->signer, "1001", "k");
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST,
		  run_request(self, PARSEC_OP_PSA_SIGN_HASH, &req));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST,
		  run_request(self, PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, &req));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST,
		  run_request(self, PARSEC_OP_PSA_DESTROY_KEY, &req));
	EXPECT_TRUE(signer_has_key(&self->signer, "1001", "k"));
}

TEST_F(dispatch, policy_comes_before_lengths)
{
	struct contract_request req = valid();

	signer_make_key(&self->signer, "1000", "k");
	req.alg.hash = PARSEC_HASH_SHA_1;
	req.input.len = 1;
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED,
		  run_request(self, PARSEC_OP_PSA_SIGN_HASH, &req));
}

TEST_F(dispatch, lengths_come_before_the_provider)
{
	struct contract_request req = valid();

	signer_make_key(&self->signer, "1000", "k");
	req.input.len = 31;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  run_request(self, PARSEC_OP_PSA_SIGN_HASH, &req));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  run_request(self, PARSEC_OP_PSA_VERIFY_HASH, &req));
	EXPECT_EQ(0, signer_calls.signed_);
	EXPECT_EQ(0, signer_calls.verified);
}

TEST_F(dispatch, hash_that_the_provider_does_not_have_never_reaches_it)
{
	static const uint8_t hash[64];
	struct contract_request req = valid();

	req.attrs.alg.hash = PARSEC_HASH_ANY;
	ASSERT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_GENERATE_KEY, &req));
	req.alg.hash = PARSEC_HASH_SHA_512;
	req.input = (struct parsec_span){ hash, sizeof(hash) };
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  run_request(self, PARSEC_OP_PSA_SIGN_HASH, &req));
	EXPECT_EQ(0, signer_calls.signed_);
}

TEST_F(dispatch, hash_is_signed_and_verified)
{
	struct contract_request req = valid();
	uint8_t signature[32];

	signer_make_key(&self->signer, "1000", "k");
	ASSERT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_SIGN_HASH, &req));
	ASSERT_EQ(34, self->call.out.len);
	memcpy(signature, self->out + 2, 32);
	EXPECT_EQ(0x55, signature[0]);
	req.reference = (struct parsec_span){ signature, 32 };
	EXPECT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_VERIFY_HASH, &req));
	EXPECT_EQ(0, self->call.out.len);
	signature[31] ^= 1;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
		  run_request(self, PARSEC_OP_PSA_VERIFY_HASH, &req));
	req.reference.len = 31;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
		  run_request(self, PARSEC_OP_PSA_VERIFY_HASH, &req));
}

TEST_F(dispatch, message_is_hashed_before_it_is_signed)
{
	static const uint8_t abc_sha256[] = {
		0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde,
		0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
		0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
	};
	struct contract_request req = valid();
	uint8_t signature[32];
	size_t i;

	signer_make_key(&self->signer, "1000", "k");
	req.input = text("abc");
	ASSERT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_SIGN_MESSAGE, &req));
	ASSERT_EQ(34, self->call.out.len);
	memcpy(signature, self->out + 2, 32);
	for (i = 0; i < 32; i++)
		EXPECT_EQ(0xff, abc_sha256[i] ^ signature[i]);

	req.reference = (struct parsec_span){ signature, 32 };
	EXPECT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_VERIFY_MESSAGE, &req));
	req.input = text("abd");
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
		  run_request(self, PARSEC_OP_PSA_VERIFY_MESSAGE, &req));
	req.input = text("");
	EXPECT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_SIGN_MESSAGE, &req));
}

TEST_F(dispatch, message_for_a_scheme_without_a_hash_is_refused)
{
	struct contract_request req = valid();

	req.attrs.alg.scheme = PARSEC_SIGN_ECDSA_ANY;
	req.attrs.alg.hash = 0;
	ASSERT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_GENERATE_KEY, &req));
	req.alg = req.attrs.alg;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  run_request(self, PARSEC_OP_PSA_SIGN_MESSAGE, &req));
	EXPECT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_SIGN_HASH, &req));
}

TEST_F(dispatch, generated_key_is_used_listed_and_destroyed)
{
	struct contract_request req = valid();

	EXPECT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_GENERATE_KEY, &req));
	EXPECT_TRUE(self->call.made_key);
	EXPECT_EQ(0, self->call.out.len);
	EXPECT_TRUE(signer_has_key(&self->signer, "1000", "k"));
	EXPECT_EQ(PARSEC_PSA_ERROR_ALREADY_EXISTS,
		  run_request(self, PARSEC_OP_PSA_GENERATE_KEY, &req));
	EXPECT_FALSE(self->call.made_key);
	EXPECT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_DESTROY_KEY, &req));
	EXPECT_FALSE(signer_has_key(&self->signer, "1000", "k"));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST,
		  run_request(self, PARSEC_OP_PSA_DESTROY_KEY, &req));
}

TEST_F(dispatch, key_that_nobody_was_told_of_is_undone)
{
	struct contract_request req = valid();

	ASSERT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_GENERATE_KEY, &req));
	dispatch_undo(&self->call);
	EXPECT_FALSE(signer_has_key(&self->signer, "1000", "k"));
	EXPECT_EQ(1, signer_calls.destroyed);
}

TEST_F(dispatch, undo_leaves_the_key_that_has_the_name_now)
{
	struct contract_request req = valid();
	struct call lost;

	ASSERT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_GENERATE_KEY, &req));
	lost = self->call;
	self->call = (struct call){ 0 };
	ASSERT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_DESTROY_KEY, &req));
	ASSERT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_GENERATE_KEY, &req));
	dispatch_undo(&lost);
	EXPECT_TRUE(signer_has_key(&self->signer, "1000", "k"));
	dispatch_end(&lost);
}

TEST_F(dispatch, deprecated_primitives_are_not_generated_unless_allowed)
{
	struct contract_request req = valid();

	req.attrs.alg.hash = PARSEC_HASH_SHA_1;
	EXPECT_EQ(PARSEC_DEPRECATED_PRIMITIVE,
		  run_request(self, PARSEC_OP_PSA_GENERATE_KEY, &req));
	/* Before anything that the provider would say */
	req.attrs.bits = 1;
	EXPECT_EQ(PARSEC_DEPRECATED_PRIMITIVE,
		  run_request(self, PARSEC_OP_PSA_GENERATE_KEY, &req));
	req.attrs.bits = 256;
	self->signer.config.allow_deprecated = true;
	EXPECT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_GENERATE_KEY, &req));
}

TEST_F(dispatch, only_a_deprecated_key_that_was_imported_is_warned_of)
{
	static const uint8_t scalar[32] = { 1 };
	int words = dup(STDERR_FILENO), log = memfd_create("log", MFD_CLOEXEC);
	struct contract_request req = valid();
	enum parsec_status without, with;
	off_t before, after;

	req.attrs.alg.hash = PARSEC_HASH_SHA_1;
	req.input.len = 0;
	log_init("test", PARSEC_LOG_WARNING, false);
	dup2(log, STDERR_FILENO);
	without = run_request(self, PARSEC_OP_PSA_IMPORT_KEY, &req);
	before = lseek(log, 0, SEEK_CUR);
	req.input = (struct parsec_span){ scalar, 32 };
	with = run_request(self, PARSEC_OP_PSA_IMPORT_KEY, &req);
	after = lseek(log, 0, SEEK_CUR);
	dup2(words, STDERR_FILENO);
	close(words);
	close(log);
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, without);
	EXPECT_EQ(0, before);
	EXPECT_EQ(PARSEC_SUCCESS, with);
	EXPECT_LT(0, after);
}

TEST_F(dispatch, keys_that_cannot_be_are_refused_before_the_provider)
{
	struct contract_request req = valid();

	req.attrs.type = PARSEC_KEY_TYPE_ECC_PUBLIC_KEY;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  run_request(self, PARSEC_OP_PSA_GENERATE_KEY, &req));
	req.attrs.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR;
	req.attrs.bits = 384;
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  run_request(self, PARSEC_OP_PSA_GENERATE_KEY, &req));
	EXPECT_EQ(0, signer_calls.created);
}

TEST_F(dispatch, imported_key_has_its_real_size)
{
	static const uint8_t scalar[32] = { 1 };
	struct contract_request req = valid();
	struct contract_result result;

	req.input = (struct parsec_span){ scalar, 32 };
	req.attrs.bits = 0;
	ASSERT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_IMPORT_KEY, &req));
	EXPECT_TRUE(self->call.made_key);

	run_hex(self, PARSEC_OP_LIST_KEYS, "");
	self->call.transport = TRANSPORT_INNER;
	ASSERT_EQ(PARSEC_SUCCESS, dispatch(&self->call));
	ASSERT_EQ(PARSEC_SUCCESS,
		  contract_decode_result(PARSEC_OP_LIST_KEYS,
			(struct parsec_span){ self->out, self->call.out.len }, &result));
	ASSERT_EQ(1, result.count);
	EXPECT_EQ(256, result.keys[0].attrs.bits);
	contract_result_free(&result);
}

TEST_F(dispatch, failed_import_leaves_the_name_free)
{
	struct contract_request req = valid();

	req.input = text("");
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  run_request(self, PARSEC_OP_PSA_IMPORT_KEY, &req));
	EXPECT_EQ(0, signer_calls.imported);
	req.input = text("too short");
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  run_request(self, PARSEC_OP_PSA_IMPORT_KEY, &req));
	EXPECT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_GENERATE_KEY, &req));
}

TEST_F(dispatch, public_part_is_always_exported)
{
	struct contract_request req = valid();

	signer_make_key(&self->signer, "1000", "k");
	EXPECT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, &req));
	EXPECT_TRUE(answered(self, "0a067075626c6963"));
}

TEST_F(dispatch, key_is_exported_only_with_the_flag)
{
	struct contract_request req = valid();

	signer_make_key(&self->signer, "1000", "k");
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED,
		  run_request(self, PARSEC_OP_PSA_EXPORT_KEY, &req));
	req.key_name = text("exportable");
	req.attrs.usage |= PARSEC_USAGE_EXPORT;
	ASSERT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_GENERATE_KEY, &req));
	EXPECT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_EXPORT_KEY, &req));
	EXPECT_TRUE(answered(self, "0a0770726976617465"));
}

TEST_F(dispatch, public_key_is_exported_without_the_flag)
{
	static const uint8_t point[32] = { 4 };
	struct contract_request req = valid();

	req.attrs.type = PARSEC_KEY_TYPE_ECC_PUBLIC_KEY;
	req.attrs.usage = PARSEC_USAGE_VERIFY_HASH;
	req.input = (struct parsec_span){ point, 32 };
	ASSERT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_IMPORT_KEY, &req));
	EXPECT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_EXPORT_KEY, &req));
	EXPECT_TRUE(answered(self, "0a067075626c6963"));
}

TEST_HARNESS_MAIN
