// SPDX-License-Identifier: Apache-2.0
/*
 * Encryption, MACs and CanDoCrypto through the dispatch, with the software provider
 * behind it: what the host does in front of every provider.
 */
#include "kselftest_harness.h"

#define FIXTURE_PROVIDER	parsec_provider
#include "selftests/unit/dispatch_fixture.h"

static const uint8_t secret[32] = "0123456789abcdef0123456789abcde";
static const uint8_t nonce[13] = "nonce nonce!";
static const uint8_t plain[64] = "sixty-four bytes of text, give or take some, padded with noughts";

#define SPAN(array, length)	((struct parsec_span){ array, length })

static enum parsec_status import(fixture *self, uint8_t type, size_t len,
				 struct parsec_alg alg)
{
	const struct contract_request req = {
		.key_name = text("k"),
		.attrs = { .type = type, .usage = PARSEC_USAGE_ALL, .alg = alg },
		.input = SPAN(secret, len),
	};

	return run_request(self, PARSEC_OP_PSA_IMPORT_KEY, &req);
}

static struct parsec_alg gcm(uint32_t tag)
{
	return (struct parsec_alg){ .kind = PARSEC_ALG_AEAD, .scheme = PARSEC_AEAD_GCM,
				    .length = tag };
}

static struct contract_request seal(struct parsec_alg alg)
{
	return (struct contract_request){
		.key_name = text("k"), .alg = alg, .nonce = SPAN(nonce, 12),
		.additional_data = text("header"), .input = SPAN(plain, sizeof(plain)),
	};
}

/* The one output, out of the response body: a field of less than 128 bytes */
static struct parsec_span output(fixture *self)
{
	return SPAN(self->out + 2, self->call.out.len - 2);
}

TEST_F(dispatch, aead_goes_there_and_back)
{
	struct contract_request req = seal(gcm(0));
	uint8_t sealed[80];

	ASSERT_EQ(PARSEC_SUCCESS, import(self, PARSEC_KEY_TYPE_AES, 16, gcm(0)));
	ASSERT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_AEAD_ENCRYPT, &req));
	ASSERT_EQ(sizeof(sealed), output(self).len);
	memcpy(sealed, output(self).data, sizeof(sealed));
	req.input = SPAN(sealed, sizeof(sealed));
	ASSERT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_AEAD_DECRYPT, &req));
	EXPECT_TRUE(same(SPAN(plain, sizeof(plain)), output(self)));
	sealed[3] ^= 1;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
		  run_request(self, PARSEC_OP_PSA_AEAD_DECRYPT, &req));
	EXPECT_EQ(0, self->call.out.len);
}

TEST_F(dispatch, aead_lengths_are_checked)
{
	struct contract_request req = seal(gcm(0));

	ASSERT_EQ(PARSEC_SUCCESS, import(self, PARSEC_KEY_TYPE_AES, 16, gcm(0)));
	req.nonce.len = 0;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  run_request(self, PARSEC_OP_PSA_AEAD_ENCRYPT, &req));
	req = seal(gcm(0));
	req.input.len = 0;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  run_request(self, PARSEC_OP_PSA_AEAD_ENCRYPT, &req));
	req.input.len = 16;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  run_request(self, PARSEC_OP_PSA_AEAD_DECRYPT, &req));
	req.input.len = 17;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
		  run_request(self, PARSEC_OP_PSA_AEAD_DECRYPT, &req));
}

TEST_F(dispatch, aead_tag_is_accepted_in_a_policy_and_refused_in_use)
{
	const struct contract_request req = seal(gcm(5));

	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST,
		  run_request(self, PARSEC_OP_PSA_AEAD_ENCRYPT, &req));
	ASSERT_EQ(PARSEC_SUCCESS, import(self, PARSEC_KEY_TYPE_AES, 16, gcm(5)));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  run_request(self, PARSEC_OP_PSA_AEAD_ENCRYPT, &req));
}

TEST_F(dispatch, ccm_nonce_is_7_to_13_bytes)
{
	const struct parsec_alg ccm = { .kind = PARSEC_ALG_AEAD,
					.scheme = PARSEC_AEAD_CCM };
	struct contract_request req = seal(ccm);

	ASSERT_EQ(PARSEC_SUCCESS, import(self, PARSEC_KEY_TYPE_AES, 16, ccm));
	req.nonce.len = 6;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  run_request(self, PARSEC_OP_PSA_AEAD_ENCRYPT, &req));
	req.nonce.len = 13;
	EXPECT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_AEAD_ENCRYPT, &req));
}

static struct parsec_alg cipher(uint8_t mode)
{
	return (struct parsec_alg){ .kind = PARSEC_ALG_CIPHER, .scheme = mode };
}

TEST_F(dispatch, cipher_has_a_fresh_iv_in_front)
{
	struct contract_request req = seal(cipher(PARSEC_CIPHER_CBC_PKCS7));
	uint8_t first[96];

	ASSERT_EQ(PARSEC_SUCCESS, import(self, PARSEC_KEY_TYPE_AES, 32, req.alg));
	ASSERT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_CIPHER_ENCRYPT, &req));
	ASSERT_EQ(sizeof(first), output(self).len);
	memcpy(first, output(self).data, sizeof(first));
	ASSERT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_CIPHER_ENCRYPT, &req));
	EXPECT_NE(0, memcmp(first, output(self).data, 16));
	req.input = SPAN(first, sizeof(first));
	ASSERT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_CIPHER_DECRYPT, &req));
	EXPECT_TRUE(same(SPAN(plain, sizeof(plain)), output(self)));
}

TEST_F(dispatch, cipher_lengths_are_checked)
{
	struct contract_request req = seal(cipher(PARSEC_CIPHER_CBC_NO_PADDING));

	ASSERT_EQ(PARSEC_SUCCESS, import(self, PARSEC_KEY_TYPE_AES, 32, req.alg));
	req.input.len = 0;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  run_request(self, PARSEC_OP_PSA_CIPHER_ENCRYPT, &req));
	req.input.len = 17;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  run_request(self, PARSEC_OP_PSA_CIPHER_ENCRYPT, &req));
	req.input.len = 15;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  run_request(self, PARSEC_OP_PSA_CIPHER_DECRYPT, &req));
	req.input.len = 16;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  run_request(self, PARSEC_OP_PSA_CIPHER_DECRYPT, &req));
	req.input.len = 32;
	EXPECT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_CIPHER_DECRYPT, &req));
}

TEST_F(dispatch, mac_is_truncated_and_compared)
{
	const struct parsec_alg alg = { .kind = PARSEC_ALG_MAC, .scheme = PARSEC_MAC_HMAC,
					.hash = PARSEC_HASH_SHA_256, .length = 16 };
	struct contract_request req = { .key_name = text("k"), .alg = alg,
					.input = text("what is authenticated") };
	uint8_t mac[16];

	ASSERT_EQ(PARSEC_SUCCESS, import(self, PARSEC_KEY_TYPE_HMAC, 32, alg));
	ASSERT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_MAC_COMPUTE, &req));
	ASSERT_EQ(sizeof(mac), output(self).len);
	memcpy(mac, output(self).data, sizeof(mac));
	req.reference = SPAN(mac, sizeof(mac));
	EXPECT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_MAC_VERIFY, &req));
	req.reference.len = 15;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
		  run_request(self, PARSEC_OP_PSA_MAC_VERIFY, &req));
	req.reference.len = 16;
	mac[15] ^= 1;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
		  run_request(self, PARSEC_OP_PSA_MAC_VERIFY, &req));
	EXPECT_EQ(0, self->call.out.len);
}

TEST_F(dispatch, mac_longer_than_there_is_is_invalid)
{
	const struct parsec_alg alg = { .kind = PARSEC_ALG_MAC, .scheme = PARSEC_MAC_HMAC,
					.hash = PARSEC_HASH_SHA_256, .length = 33 };
	const struct contract_request req = { .key_name = text("k"), .alg = alg };

	ASSERT_EQ(PARSEC_SUCCESS, import(self, PARSEC_KEY_TYPE_HMAC, 32, alg));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  run_request(self, PARSEC_OP_PSA_MAC_COMPUTE, &req));
}

static enum parsec_status can(fixture *self, uint8_t check,
			      const struct parsec_key_attributes *attrs)
{
	const struct contract_request req = { .check = check, .attrs = *attrs };

	return run_request(self, PARSEC_OP_CAN_DO_CRYPTO, &req);
}

TEST_F(dispatch, can_do_crypto_follows_the_capabilities)
{
	struct parsec_key_attributes attrs = {
		.type = PARSEC_KEY_TYPE_AES, .bits = 128, .usage = PARSEC_USAGE_ENCRYPT,
		.alg = gcm(0),
	};

	EXPECT_EQ(PARSEC_SUCCESS, can(self, PARSEC_CHECK_USE, &attrs));
	EXPECT_EQ(PARSEC_SUCCESS, can(self, PARSEC_CHECK_GENERATE, &attrs));
	EXPECT_EQ(PARSEC_SUCCESS, can(self, PARSEC_CHECK_IMPORT, &attrs));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED, can(self, PARSEC_CHECK_DERIVE, &attrs));
	attrs.bits = 136;
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED, can(self, PARSEC_CHECK_USE, &attrs));
	attrs.bits = 0;
	EXPECT_EQ(PARSEC_SUCCESS, can(self, PARSEC_CHECK_USE, &attrs));
	attrs.usage = PARSEC_USAGE_DERIVE;
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED, can(self, PARSEC_CHECK_USE, &attrs));
	attrs.alg = (struct parsec_alg){ .kind = PARSEC_ALG_NONE };
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED, can(self, PARSEC_CHECK_USE, &attrs));
	EXPECT_EQ(PARSEC_SUCCESS, can(self, PARSEC_CHECK_GENERATE, &attrs));
	attrs.type = PARSEC_KEY_TYPE_RSA_PUBLIC_KEY;
	attrs.bits = 2048;
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED, can(self, PARSEC_CHECK_GENERATE, &attrs));
	EXPECT_EQ(PARSEC_SUCCESS, can(self, PARSEC_CHECK_IMPORT, &attrs));
	EXPECT_EQ(PARSEC_INVALID_ENCODING, run_hex(self, PARSEC_OP_CAN_DO_CRYPTO, "0800"));
}

TEST_HARNESS_MAIN
