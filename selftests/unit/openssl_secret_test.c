// SPDX-License-Identifier: Apache-2.0
/*
 * Symmetric keys in the software provider: generation, import, export.
 */
#include "kselftest_harness.h"

#include "selftests/unit/openssl_symmetric.h"

static const struct parsec_alg no_alg = { .kind = PARSEC_ALG_NONE };

FIXTURE(secret)
{
	struct parsec_provider_ctx *ctx;
};

FIXTURE_SETUP(secret)
{
	ASSERT_EQ(PARSEC_SUCCESS, ops->open(&quiet_host, NULL, 0, &self->ctx));
}

FIXTURE_TEARDOWN(secret)
{
	ops->close(self->ctx);
}

static const struct {
	uint8_t type;
	uint32_t bits[6];
} sizes[] = {
	{ PARSEC_KEY_TYPE_RAW_DATA, { 8, 16, 128, 8000, 65528 } },
	{ PARSEC_KEY_TYPE_HMAC, { 8, 160, 256, 512, 65528 } },
	{ PARSEC_KEY_TYPE_DERIVE, { 8, 256, 65528 } },
	{ PARSEC_KEY_TYPE_AES, { 128, 192, 256, 512 } },
	{ PARSEC_KEY_TYPE_DES, { 64, 128, 192 } },
	{ PARSEC_KEY_TYPE_CAMELLIA, { 128, 192, 256 } },
	{ PARSEC_KEY_TYPE_CHACHA20, { 256 } },
};

TEST_F(secret, generated_keys_are_of_their_size_and_come_back_after_import)
{
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (const uint32_t *bits = sizes[i].bits; *bits; bits++) {
			struct parsec_key *key = generate(self->ctx, sizes[i].type, *bits);
			struct parsec_key *again;
			struct bytes data, copy;

			ASSERT_NE(NULL, key);
			data = exported(self->ctx, key, true);
			ASSERT_EQ(*bits / 8, data.len);
			ASSERT_EQ(PARSEC_SUCCESS, import_for(self->ctx, sizes[i].type, no_alg,
							     &data, &again));
			copy = exported(self->ctx, again, true);
			EXPECT_TRUE(same(&data, &copy));
			ops->unload(self->ctx, again);
			ops->unload(self->ctx, key);
		}
	}
}

TEST_F(secret, two_generated_keys_differ)
{
	struct parsec_key *a = generate(self->ctx, PARSEC_KEY_TYPE_AES, 128);
	struct parsec_key *b = generate(self->ctx, PARSEC_KEY_TYPE_AES, 128);
	struct bytes data_a = exported(self->ctx, a, true), data_b = exported(self->ctx, b, true);

	EXPECT_FALSE(same(&data_a, &data_b));
	ops->unload(self->ctx, a);
	ops->unload(self->ctx, b);
}

TEST_F(secret, import_fills_in_the_size)
{
	struct parsec_key_attributes attrs = { .type = PARSEC_KEY_TYPE_AES, .alg = no_alg };
	struct bytes data = random_data(24), blob;
	struct parsec_out out = { blob.data, sizeof(blob.data), 0 };

	ASSERT_EQ(PARSEC_SUCCESS,
		  ops->import(self->ctx, some_id, &attrs, span_of(&data), &out));
	EXPECT_EQ(192, attrs.bits);
}

TEST_F(secret, import_refuses_a_size_that_is_not_the_one_of_the_data)
{
	struct bytes data = random_data(16);
	struct parsec_key *key;

	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  import(self->ctx, PARSEC_KEY_TYPE_AES, 256, &data, &key));
}

TEST_F(secret, import_refuses_lengths_that_the_type_never_has)
{
	struct parsec_key *key;

	for (size_t len = 0; len < 80; len++) {
		struct bytes data = random_data(len);
		bool good = len == 16 || len == 24 || len == 32 || len == 64;

		ASSERT_EQ(good ? PARSEC_SUCCESS : PARSEC_PSA_ERROR_INVALID_ARGUMENT,
			  import_for(self->ctx, PARSEC_KEY_TYPE_AES, no_alg, &data, &key));
		if (key)
			ops->unload(self->ctx, key);
		good = len == 32;
		ASSERT_EQ(good ? PARSEC_SUCCESS : PARSEC_PSA_ERROR_INVALID_ARGUMENT,
			  import_for(self->ctx, PARSEC_KEY_TYPE_CHACHA20, no_alg, &data, &key));
		if (key)
			ops->unload(self->ctx, key);
	}
}

TEST_F(secret, import_refuses_a_size_that_the_algorithm_does_not_have)
{
	struct bytes data = random_data(16);
	struct parsec_key *key;

	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  import_for(self->ctx, PARSEC_KEY_TYPE_AES, CIPHER_ALG(XTS), &data, &key));
	data = random_data(64);
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  import_for(self->ctx, PARSEC_KEY_TYPE_AES, CIPHER_ALG(CTR), &data, &key));
}

TEST_F(secret, import_refuses_an_xts_key_of_two_equal_halves)
{
	struct bytes data = random_data(32);
	struct parsec_key *key;

	memcpy(data.data + 16, data.data, 16);
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  import_for(self->ctx, PARSEC_KEY_TYPE_AES, CIPHER_ALG(XTS), &data, &key));
}

TEST_F(secret, des_keys_have_odd_parity)
{
	struct parsec_key *key = generate(self->ctx, PARSEC_KEY_TYPE_DES, 192), *other;
	struct bytes data = exported(self->ctx, key, true);

	for (size_t i = 0; i < data.len; i++)
		EXPECT_EQ(1, __builtin_popcount(data.data[i]) % 2);
	for (size_t i = 0; i < data.len; i++) {
		data.data[i] ^= 1;
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
			  import_for(self->ctx, PARSEC_KEY_TYPE_DES, no_alg, &data, &other));
		data.data[i] ^= 1;
	}
	ops->unload(self->ctx, key);
}

TEST_F(secret, a_blob_of_another_size_is_not_loaded)
{
	struct bytes blob = random_data(16);
	struct parsec_key *key;

	EXPECT_EQ(PARSEC_PSA_ERROR_DATA_INVALID,
		  load(self->ctx, PARSEC_KEY_TYPE_AES, 256, &blob, &key));
}

TEST_F(secret, there_is_no_public_part)
{
	struct parsec_key *key = generate(self->ctx, PARSEC_KEY_TYPE_AES, 128);
	struct bytes data;
	struct parsec_out out = { data.data, sizeof(data.data), 0 };

	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  ops->export_public(self->ctx, key, &out));
	ops->unload(self->ctx, key);
}

TEST_F(secret, too_little_room_is_said)
{
	struct parsec_key *key = generate(self->ctx, PARSEC_KEY_TYPE_AES, 128);
	uint8_t room[15];
	struct parsec_out out = { room, sizeof(room), 0 };

	EXPECT_EQ(PARSEC_PSA_ERROR_BUFFER_TOO_SMALL, ops->export(self->ctx, key, &out));
	ops->unload(self->ctx, key);
}

TEST_HARNESS_MAIN
