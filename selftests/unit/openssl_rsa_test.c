// SPDX-License-Identifier: Apache-2.0
/*
 * RSA keys in the software provider, against plain OpenSSL in both directions and
 * against a published signature.
 */
#include "kselftest_harness.h"

#include "selftests/unit/openssl_provider.h"
#include "selftests/unit/rsa_keys.h"

/* RFC 7515, A.2: the key, and the hash and signature of its example */
static const char published_modulus[] =
	"a1f8160ae2e3c9b465ce8d2d656263362b927dbe29e1f02477fc1625cc90a136"
	"e38bd93497c5b6ea63dd7711e67c7429f956b0fb8a8f089adc4b69893cc1333f"
	"53edd019b87784252fec914fe4857769594bea4280d32c0f55bf62944f130396"
	"bc6e9bdf6ebdd2bda3678eeca0c668f701b38dbffb38c8342ce2fe6d27fade4a"
	"5a4874979dd4b9cf9adec4c75b05852c2c0f5ef8a5c1750392f944e8ed64c110"
	"c6b647609aa4783aeb9c6c9ad755313050638b83665c6f6f7a82a396702a1f64"
	"1b82d3ebf2392219491fb686872c5716f50af8358d9a8b9d17c340728f7f87d8"
	"9a18d8fcab67ad84590c2ecf759339363c07034d6f606f9e21e05456cae5e9a1";
static const char published_hash[] =
	"c88a34847b4ffb12a9326e540f144b3dcc4d5515f18701e7d6e0ee7866c9c705";
static const char published_signature[] =
	"702e218943e88fd11eb5d82dbf7845f34106ae1b81fff7731116add1717d8365"
	"6d420afd3c96eedd73a2663e5166687b000b87226e0187ed1073f945e582adfc"
	"ef16d85a798ee8c66ddb3db8975b17d09402beedd5d9d97007108db28160d5f8"
	"040ca7445762b81fbe7ff9d92e0ae76f24f25b33bbe6f44ae61eb1040acb2004"
	"4d3ef9128ed40130795bd4bd3b41eecad066ab651981fde48df77f372dc38b9f"
	"afdd3befb18b5da3cc3c2eb02f9e3a41d612caad15911273a05f23b9e838faaf"
	"849d698429ef5a1e88798236c3d40e604522a544c8f27a7a2db80663d16cf7ca"
	"ea56de405cb2215a45b2c25566b55ac1a748a070dfc8a32a469543d019eefb47";

/* Keys of all sizes, once for all tests: each of them runs in a child of this process */
static struct bytes pairs[4];
static const uint32_t sizes[] = { 1024, 2048, 3072, 4096 };

__attribute__((constructor))
static void make_pairs(void)
{
	struct parsec_provider_ctx *ctx;

	if (ops->open(&quiet_host, NULL, 0, &ctx) != PARSEC_SUCCESS)
		abort();
	for (size_t i = 0; i < 2; i++) {
		struct parsec_key *key = generate(ctx, PARSEC_KEY_TYPE_RSA_KEY_PAIR, sizes[i]);

		pairs[i] = exported(ctx, key, true);
		ops->unload(ctx, key);
	}
	pairs[2] = from_pem(rsa_3072_pem);
	pairs[3] = from_pem(rsa_4096_pem);
	ops->close(ctx);
}

FIXTURE(rsa)
{
	struct parsec_provider_ctx *ctx;
	struct parsec_key *key;
	struct bytes public;
	uint8_t hash[64];
};

FIXTURE_VARIANT(rsa)
{
	unsigned int size;
};

FIXTURE_VARIANT_ADD(rsa, rsa1024) { .size = 0 };
FIXTURE_VARIANT_ADD(rsa, rsa2048) { .size = 1 };
FIXTURE_VARIANT_ADD(rsa, rsa3072) { .size = 2 };
FIXTURE_VARIANT_ADD(rsa, rsa4096) { .size = 3 };

FIXTURE_SETUP(rsa)
{
	ASSERT_EQ(PARSEC_SUCCESS, ops->open(&quiet_host, NULL, 0, &self->ctx));
	ASSERT_EQ(PARSEC_SUCCESS, load(self->ctx, PARSEC_KEY_TYPE_RSA_KEY_PAIR,
				       sizes[variant->size], &pairs[variant->size],
				       &self->key));
	self->public = exported(self->ctx, self->key, false);
	memset(self->hash, 0xa5, sizeof(self->hash));
}

FIXTURE_TEARDOWN(rsa)
{
	ops->unload(self->ctx, self->key);
	ops->close(self->ctx);
}

/* 64 bytes of hash, as many of salt and 2 more do not fit in 1024 bits */
static bool too_long(unsigned int size, bool pss, size_t hash_len)
{
	return pss && !size && hash_len == 64;
}

TEST_F(rsa, plain_openssl_verifies_signatures_over_each_hash)
{
	EVP_PKEY *pkey = plain_rsa(&self->public, false);
	struct bytes signature;

	ASSERT_NE(NULL, pkey);
	for (size_t i = 0; i < 2 * HASH_COUNT; i++) {
		bool pss = i & 1;
		struct parsec_alg alg = HASH_ALG(pss ? PARSEC_SIGN_RSA_PSS :
						       PARSEC_SIGN_RSA_PKCS1V15,
						 all_hashes[i / 2].hash);
		struct parsec_span hash = { self->hash, all_hashes[i / 2].size };

		if (too_long(variant->size, pss, hash.len)) {
			EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
				  sign(self->ctx, self->key, alg, hash, &signature));
			continue;
		}
		ASSERT_EQ(PARSEC_SUCCESS, sign(self->ctx, self->key, alg, hash, &signature));
		ASSERT_EQ(sizes[variant->size] / 8, signature.len);
		EXPECT_TRUE(plain_verify(pkey, pss, all_hashes[i / 2].name, hash, &signature));
	}
	EVP_PKEY_free(pkey);
}

TEST_F(rsa, signatures_of_plain_openssl_verify)
{
	EVP_PKEY *pkey = plain_rsa(&pairs[variant->size], true);
	struct parsec_span hash = { self->hash, 32 };

	ASSERT_NE(NULL, pkey);
	for (int pss = 0; pss < 2; pss++) {
		struct parsec_alg alg = HASH_ALG(pss ? PARSEC_SIGN_RSA_PSS :
						       PARSEC_SIGN_RSA_PKCS1V15,
						 PARSEC_HASH_SHA3_256);
		struct bytes signature = plain_sign(pkey, pss, "SHA3-256", hash);

		EXPECT_EQ(PARSEC_SUCCESS, verify(self->ctx, self->key, alg, hash, &signature));
		/* The other scheme and another hash */
		alg.scheme = pss ? PARSEC_SIGN_RSA_PKCS1V15 : PARSEC_SIGN_RSA_PSS;
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
			  verify(self->ctx, self->key, alg, hash, &signature));
		alg = HASH_ALG(pss ? PARSEC_SIGN_RSA_PSS : PARSEC_SIGN_RSA_PKCS1V15,
			       PARSEC_HASH_SHA_256);
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
			  verify(self->ctx, self->key, alg, hash, &signature));
	}
	EVP_PKEY_free(pkey);
}

TEST_F(rsa, pkcs1_signature_is_the_one_that_plain_openssl_makes)
{
	struct parsec_alg alg = HASH_ALG(PARSEC_SIGN_RSA_PKCS1V15, PARSEC_HASH_SHA_256);
	EVP_PKEY *pkey = plain_rsa(&pairs[variant->size], true);
	struct parsec_span hash = { self->hash, 32 };
	struct bytes ours, plain = plain_sign(pkey, false, "SHA256", hash);

	ASSERT_EQ(PARSEC_SUCCESS, sign(self->ctx, self->key, alg, hash, &ours));
	EXPECT_EQ(plain.len, ours.len);
	EXPECT_EQ(0, memcmp(plain.data, ours.data, ours.len));
	EVP_PKEY_free(pkey);
}

TEST_F(rsa, changed_and_wrongly_long_signatures_are_refused)
{
	struct parsec_span hash = { self->hash, 32 };
	struct bytes signature;

	for (int pss = 0; pss < 2; pss++) {
		struct parsec_alg alg = HASH_ALG(pss ? PARSEC_SIGN_RSA_PSS :
						       PARSEC_SIGN_RSA_PKCS1V15,
						 PARSEC_HASH_SHA_256);

		ASSERT_EQ(PARSEC_SUCCESS, sign(self->ctx, self->key, alg, hash, &signature));
		for (size_t i = 0; i < signature.len; i += 31) {
			signature.data[i] ^= 0x81;
			EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
				  verify(self->ctx, self->key, alg, hash, &signature));
			signature.data[i] ^= 0x81;
		}
		self->hash[31] ^= 1;
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
			  verify(self->ctx, self->key, alg, hash, &signature));
		self->hash[31] ^= 1;
		signature.len--;
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
			  verify(self->ctx, self->key, alg, hash, &signature));
		signature.len += 2;
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
			  verify(self->ctx, self->key, alg, hash, &signature));
		signature.len = 0;
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
			  verify(self->ctx, self->key, alg, hash, &signature));
		memset(signature.data, 0xff, sizeof(signature.data));	/* above the modulus */
		signature.len = sizes[variant->size] / 8;
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
			  verify(self->ctx, self->key, alg, hash, &signature));
	}
}

TEST_F(rsa, pair_imports_and_exports_the_same_bytes)
{
	struct bytes data = pairs[variant->size], again;
	struct parsec_key *key;

	ASSERT_EQ(PARSEC_SUCCESS, import(self->ctx, PARSEC_KEY_TYPE_RSA_KEY_PAIR, 0, &data,
					 &key));
	again = exported(self->ctx, key, true);
	EXPECT_EQ(data.len, again.len);
	EXPECT_EQ(0, memcmp(data.data, again.data, data.len));
	ops->unload(self->ctx, key);
}

TEST_F(rsa, public_key_verifies_and_cannot_sign)
{
	struct parsec_alg alg = HASH_ALG(PARSEC_SIGN_RSA_PSS, PARSEC_HASH_SHA_256);
	struct parsec_key_attributes attrs = attributes(PARSEC_KEY_TYPE_RSA_PUBLIC_KEY, 0);
	struct parsec_span hash = { self->hash, 32 };
	struct bytes signature, again;
	struct parsec_out out = { again.data, sizeof(again.data), 0 };
	struct parsec_key *public;

	EXPECT_EQ(PARSEC_SUCCESS, ops->import(self->ctx, some_id, &attrs,
					      span_of(&self->public), &out));
	EXPECT_EQ(sizes[variant->size], attrs.bits);
	ASSERT_EQ(PARSEC_SUCCESS, import(self->ctx, PARSEC_KEY_TYPE_RSA_PUBLIC_KEY,
					 sizes[variant->size], &self->public, &public));
	ASSERT_EQ(PARSEC_SUCCESS, sign(self->ctx, self->key, alg, hash, &signature));
	EXPECT_EQ(PARSEC_SUCCESS, verify(self->ctx, public, alg, hash, &signature));
	EXPECT_NE(PARSEC_SUCCESS, sign(self->ctx, public, alg, hash, &again));
	for (int private = 0; private < 2; private++) {
		again = exported(self->ctx, public, private);
		EXPECT_EQ(self->public.len, again.len);
		EXPECT_EQ(0, memcmp(self->public.data, again.data, again.len));
	}
	ops->unload(self->ctx, public);
}

TEST_F(rsa, size_that_contradicts_the_data_is_an_invalid_argument)
{
	struct parsec_key *key;

	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  import(self->ctx, PARSEC_KEY_TYPE_RSA_PUBLIC_KEY,
			 sizes[(variant->size + 1) % 4], &self->public, &key));
}

TEST_F(rsa, output_that_does_not_fit_is_not_written)
{
	struct parsec_alg alg = HASH_ALG(PARSEC_SIGN_RSA_PSS, PARSEC_HASH_SHA_256);
	struct parsec_span hash = { self->hash, 32 };
	struct bytes room;
	struct parsec_out out = { room.data, sizes[variant->size] / 8 - 1, 0 };

	EXPECT_EQ(PARSEC_PSA_ERROR_BUFFER_TOO_SMALL,
		  ops->sign(self->ctx, self->key, &alg, hash, &out));
	EXPECT_EQ(PARSEC_PSA_ERROR_BUFFER_TOO_SMALL,
		  ops->export_public(self->ctx, self->key, &out));
	EXPECT_EQ(PARSEC_PSA_ERROR_BUFFER_TOO_SMALL, ops->export(self->ctx, self->key, &out));
}

FIXTURE(import)
{
	struct parsec_provider_ctx *ctx;
	struct parsec_key *key;
};

FIXTURE_SETUP(import)
{
	ASSERT_EQ(PARSEC_SUCCESS, ops->open(&quiet_host, NULL, 0, &self->ctx));
}

FIXTURE_TEARDOWN(import)
{
	ops->close(self->ctx);
}

#define EXPECT_INVALID(type, data) \
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, \
		  import(self->ctx, type, 0, data, &self->key))

TEST_F(import, generated_exponent_is_65537)
{
	EVP_PKEY *pkey = plain_rsa(&pairs[1], true);
	BIGNUM *e = NULL;

	ASSERT_EQ(1, EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e));
	EXPECT_EQ(65537, BN_get_word(e));
	EXPECT_EQ(2048, EVP_PKEY_get_bits(pkey));
	BN_free(e);
	EVP_PKEY_free(pkey);
}

TEST_F(import, published_signature_verifies)
{
	/* RSAPublicKey around the modulus, with exponent 65537 */
	struct bytes n = from_hex(published_modulus), key = from_hex("3082010a0282010100");
	struct bytes end = from_hex("0203010001"), hash = from_hex(published_hash);
	struct bytes signature = from_hex(published_signature);
	struct parsec_alg alg = HASH_ALG(PARSEC_SIGN_RSA_PKCS1V15, PARSEC_HASH_SHA_256);

	memcpy(key.data + key.len, n.data, n.len);
	memcpy(key.data + key.len + n.len, end.data, end.len);
	key.len += n.len + end.len;
	ASSERT_EQ(PARSEC_SUCCESS, import(self->ctx, PARSEC_KEY_TYPE_RSA_PUBLIC_KEY, 2048, &key,
					 &self->key));
	EXPECT_EQ(PARSEC_SUCCESS,
		  verify(self->ctx, self->key, alg, span_of(&hash), &signature));
	ops->unload(self->ctx, self->key);
}

TEST_F(import, truncated_and_prolonged_data_is_invalid)
{
	struct bytes data = pairs[0];

	for (size_t len = 0; len < pairs[0].len; len += 7) {
		data.len = len;
		EXPECT_INVALID(PARSEC_KEY_TYPE_RSA_KEY_PAIR, &data);
	}
	data.len = pairs[0].len + 1;
	EXPECT_INVALID(PARSEC_KEY_TYPE_RSA_KEY_PAIR, &data);
	data.len = sizeof(data.data);
	EXPECT_INVALID(PARSEC_KEY_TYPE_RSA_KEY_PAIR, &data);
}

TEST_F(import, changed_pairs_are_invalid)
{
	for (size_t i = 0; i < pairs[0].len; i += 13) {
		struct bytes data = pairs[0];

		data.data[i] ^= 0x10;
		EXPECT_INVALID(PARSEC_KEY_TYPE_RSA_KEY_PAIR, &data) {
			TH_LOG("byte %zu", i);
		}
	}
}

TEST_F(import, other_containers_are_invalid)
{
	EVP_PKEY *pkey = plain_rsa(&pairs[1], true);
	struct bytes data;
	uint8_t *to = data.data;
	PKCS8_PRIV_KEY_INFO *pkcs8 = EVP_PKEY2PKCS8(pkey);

	data.len = (size_t)i2d_PUBKEY(pkey, &to);
	EXPECT_INVALID(PARSEC_KEY_TYPE_RSA_PUBLIC_KEY, &data);
	to = data.data;
	data.len = (size_t)i2d_PKCS8_PRIV_KEY_INFO(pkcs8, &to);
	EXPECT_INVALID(PARSEC_KEY_TYPE_RSA_KEY_PAIR, &data);
	memcpy(data.data, rsa_3072_pem, sizeof(rsa_3072_pem));
	data.len = strlen(rsa_3072_pem);
	EXPECT_INVALID(PARSEC_KEY_TYPE_RSA_KEY_PAIR, &data);
	PKCS8_PRIV_KEY_INFO_free(pkcs8);
	EVP_PKEY_free(pkey);
}

TEST_F(import, pair_is_no_public_key_and_the_other_way_round)
{
	struct bytes public;

	ASSERT_EQ(PARSEC_SUCCESS, load(self->ctx, PARSEC_KEY_TYPE_RSA_KEY_PAIR, 2048, &pairs[1],
				       &self->key));
	public = exported(self->ctx, self->key, false);
	ops->unload(self->ctx, self->key);
	EXPECT_INVALID(PARSEC_KEY_TYPE_RSA_PUBLIC_KEY, &pairs[1]);
	EXPECT_INVALID(PARSEC_KEY_TYPE_RSA_KEY_PAIR, &public);
}

TEST_F(import, even_modulus_and_bad_exponent_are_invalid)
{
	struct bytes data;

	ASSERT_EQ(PARSEC_SUCCESS, load(self->ctx, PARSEC_KEY_TYPE_RSA_KEY_PAIR, 2048, &pairs[1],
				       &self->key));
	data = exported(self->ctx, self->key, false);
	ops->unload(self->ctx, self->key);
	data.data[data.len - 1] ^= 1;	/* 65536 */
	EXPECT_INVALID(PARSEC_KEY_TYPE_RSA_PUBLIC_KEY, &data);
	data.data[data.len - 1] ^= 1;
	data.data[data.len - 6] ^= 1;	/* last byte of the modulus */
	EXPECT_INVALID(PARSEC_KEY_TYPE_RSA_PUBLIC_KEY, &data);
}

TEST_F(import, sizes_that_are_not_offered_are_not_supported)
{
	EVP_PKEY *pkey = EVP_RSA_gen(1536);
	struct bytes data;
	uint8_t *to = data.data;

	data.len = (size_t)i2d_PublicKey(pkey, &to);
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  import(self->ctx, PARSEC_KEY_TYPE_RSA_PUBLIC_KEY, 0, &data, &self->key));
	EVP_PKEY_free(pkey);
}

TEST_F(import, damaged_blob_is_invalid_data)
{
	struct bytes blob = pairs[0];

	blob.data[0] ^= 1;
	EXPECT_EQ(PARSEC_PSA_ERROR_DATA_INVALID,
		  load(self->ctx, PARSEC_KEY_TYPE_RSA_KEY_PAIR, 1024, &blob, &self->key));
}

TEST_HARNESS_MAIN
