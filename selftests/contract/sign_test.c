// SPDX-License-Identifier: Apache-2.0
/*
 * Signatures both ways: the service's are valid for OpenSSL, and OpenSSL's for the
 * service.
 */
#include "kselftest_harness.h"

#include "selftests/contract/reference.h"

/* Made once, before the process of the first test: RSA keys take their time */
static EVP_PKEY *rsa_keys[2];

__attribute__((constructor)) static void make_rsa_keys(void)
{
	rsa_keys[0] = reference_rsa(2048);
	rsa_keys[1] = reference_rsa(2048);
}

FIXTURE(sign) {
	EVP_PKEY *key;			/* the service's public key, here */
	EVP_PKEY *pair;			/* one of ours, whose public key is "theirs" */
	size_t len;			/* of a signature */
};

FIXTURE_VARIANT(sign) {
	uint8_t scheme;
	uint32_t bits;
};

FIXTURE_VARIANT_ADD(sign, p256) { PARSEC_SIGN_ECDSA, 256 };
FIXTURE_VARIANT_ADD(sign, p384) { PARSEC_SIGN_ECDSA, 384 };
FIXTURE_VARIANT_ADD(sign, p521) { PARSEC_SIGN_ECDSA, 521 };
FIXTURE_VARIANT_ADD(sign, rsa_pkcs1) { PARSEC_SIGN_RSA_PKCS1V15, 2048 };
FIXTURE_VARIANT_ADD(sign, rsa_pss) { PARSEC_SIGN_RSA_PSS, 2048 };

static const uint8_t hashes[] = {
	PARSEC_HASH_SHA_224, PARSEC_HASH_SHA_256, PARSEC_HASH_SHA_384, PARSEC_HASH_SHA_512,
};

FIXTURE_SETUP(sign)
{
	bool rsa = variant->scheme != PARSEC_SIGN_ECDSA;
	struct parsec_span policy = signature_policy(variant->scheme, PARSEC_HASH_ANY);
	struct parsec_span pair, public;

	pair = rsa ? key_type(PARSEC_KEY_TYPE_RSA_KEY_PAIR, 0) :
		     key_type(PARSEC_KEY_TYPE_ECC_KEY_PAIR, PARSEC_ECC_SECP_R1);
	public = rsa ? key_type(PARSEC_KEY_TYPE_RSA_PUBLIC_KEY, 0) :
		       key_type(PARSEC_KEY_TYPE_ECC_PUBLIC_KEY, PARSEC_ECC_SECP_R1);
	self->pair = rsa ? rsa_keys[0] : reference_ecc(variant->bits);
	self->len = (variant->bits + 7) / 8 * (rsa ? 1 : 2);
	pair = attributes(pair, variant->bits, ALL_SIGNING, policy);
	ASSERT_EQ(PARSEC_SUCCESS,
		  rsa ? import("ours", pair, reference_private(rsa_keys[1])) :
			generate("ours", pair));
	ASSERT_EQ(PARSEC_SUCCESS, with_name(PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, "ours"));
	self->key = reference_from_public(rsa ? 0 : variant->bits, answer_bytes());
	ASSERT_NE(NULL, self->key);
	ASSERT_EQ(PARSEC_SUCCESS,
		  import("theirs", attributes(public, variant->bits, ALL_SIGNING, policy),
			 reference_public(self->pair)));
}

FIXTURE_TEARDOWN(sign)
{
	EXPECT_EQ(PARSEC_SUCCESS, destroy("ours"));
	EXPECT_EQ(PARSEC_SUCCESS, destroy("theirs"));
}

TEST_F(sign, openssl_accepts_signatures_of_hashes)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hashes); i++) {
		struct parsec_span digest = reference_digest(hashes[i], text("message"));

		ASSERT_EQ(PARSEC_SUCCESS,
			  sign_hash("ours", signature_alg(variant->scheme, hashes[i]),
				    digest));
		EXPECT_EQ(self->len, answer_bytes().len);
		EXPECT_TRUE(reference_verify(self->key, variant->scheme, hashes[i], digest,
					     answer_bytes())) TH_LOG("hash %u", hashes[i]);
	}
}

TEST_F(sign, openssl_accepts_signatures_of_messages)
{
	static const size_t sizes[] = { 0, 1, 1000, 1024 * 1024 - 128 };
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(hashes); i++) {
		for (j = 0; j < ARRAY_SIZE(sizes); j++) {
			struct parsec_span message = filled(sizes[j], 'm');

			ASSERT_EQ(PARSEC_SUCCESS,
				  sign_message("ours", signature_alg(variant->scheme,
								     hashes[i]), message));
			EXPECT_TRUE(reference_verify(self->key, variant->scheme, hashes[i],
						     reference_digest(hashes[i], message),
						     answer_bytes()))
				TH_LOG("hash %u, %zu bytes", hashes[i], sizes[j]);
		}
	}
}

TEST_F(sign, the_service_accepts_signatures_of_openssl)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hashes); i++) {
		struct parsec_span alg = signature_alg(variant->scheme, hashes[i]);
		struct parsec_span digest = reference_digest(hashes[i], text("message"));
		struct parsec_span signature;

		signature = reference_sign(self->pair, variant->scheme, hashes[i], digest);
		EXPECT_EQ(PARSEC_SUCCESS, verify_hash("theirs", alg, digest, signature))
			TH_LOG("hash %u", hashes[i]);
		EXPECT_EQ(0, answer.len);
		EXPECT_EQ(PARSEC_SUCCESS,
			  verify_message("theirs", alg, text("message"), signature))
			TH_LOG("hash %u", hashes[i]);
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
			  verify_message("theirs", alg, text("massage"), signature));
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
			  verify_hash("ours", alg, digest, signature));
	}
}

TEST_F(sign, a_pair_verifies_what_it_signed)
{
	struct parsec_span alg = signature_alg(variant->scheme, PARSEC_HASH_SHA_256);
	struct parsec_span digest = reference_digest(PARSEC_HASH_SHA_256, text("message"));
	struct parsec_span signature;

	ASSERT_EQ(PARSEC_SUCCESS, sign_hash("ours", alg, digest));
	signature = join(answer_bytes());
	EXPECT_EQ(PARSEC_SUCCESS, verify_hash("ours", alg, digest, signature));
	EXPECT_EQ(PARSEC_SUCCESS, verify_message("ours", alg, text("message"), signature));
}

TEST_F(sign, a_signature_with_one_bit_changed_is_1149)
{
	struct parsec_span alg = signature_alg(variant->scheme, PARSEC_HASH_SHA_256);
	struct parsec_span digest = reference_digest(PARSEC_HASH_SHA_256, text("message"));
	struct parsec_span signature;
	size_t i;

	ASSERT_EQ(PARSEC_SUCCESS, sign_hash("ours", alg, digest));
	signature = join(answer_bytes());
	for (i = 0; i < signature.len; i += 7) {
		uint8_t *byte = (uint8_t *)(uintptr_t)signature.data + i;

		*byte ^= 1;
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
			  verify_hash("ours", alg, digest, signature))
			TH_LOG("byte %zu", i);
		*byte ^= 1;
	}
}

TEST_F(sign, a_signature_of_another_length_is_1149)
{
	struct parsec_span alg = signature_alg(variant->scheme, PARSEC_HASH_SHA_256);
	struct parsec_span digest = reference_digest(PARSEC_HASH_SHA_256, text("message"));
	struct parsec_span signature, shorter;

	ASSERT_EQ(PARSEC_SUCCESS, sign_hash("ours", alg, digest));
	signature = join(answer_bytes());
	shorter = signature;
	shorter.len--;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
		  verify_hash("ours", alg, digest, shorter));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
		  verify_hash("ours", alg, digest, join(signature, text("x"))));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
		  verify_hash("ours", alg, digest, NOTHING));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
		  verify_hash("ours", alg, digest, filled(signature.len, 0)));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
		  verify_hash("ours", alg, digest, filled(signature.len, 0xff)));
}

/* Of r and s, one in 256 begins with a zero byte, which must stay */
TEST(short_numbers_in_ecdsa_signatures_are_padded)
{
	struct parsec_span digest = reference_digest(PARSEC_HASH_SHA_256, text("message"));
	unsigned int i, zeros = 0;
	EVP_PKEY *key;

	ASSERT_EQ(PARSEC_SUCCESS, generate("k", p256_attributes(PARSEC_USAGE_SIGN_HASH)));
	ASSERT_EQ(PARSEC_SUCCESS, with_name(PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, "k"));
	key = reference_from_public(256, answer_bytes());
	/* 4 such numbers are here within some 500 signatures; 20000 would be bad luck */
	for (i = 0; i < 20000 && zeros < 4; i++) {
		ASSERT_EQ(PARSEC_SUCCESS, sign_hash("k", ecdsa_sha256(), digest));
		ASSERT_EQ(64, answer_bytes().len);
		if (answer_bytes().data[0] && answer_bytes().data[32])
			continue;
		zeros++;
		EXPECT_TRUE(reference_verify(key, PARSEC_SIGN_ECDSA, PARSEC_HASH_SHA_256,
					     digest, answer_bytes()));
	}
	EXPECT_EQ(4, zeros);
	EXPECT_EQ(PARSEC_SUCCESS, destroy("k"));
}

TEST_HARNESS_MAIN
