// SPDX-License-Identifier: Apache-2.0
/*
 * MACs of the software provider, against published vectors and plain OpenSSL.
 */
#include "kselftest_harness.h"

#include <pthread.h>

#include <openssl/hmac.h>

#include "selftests/unit/openssl_symmetric.h"

FIXTURE(mac)
{
	struct parsec_provider_ctx *ctx;
};

FIXTURE_SETUP(mac)
{
	ASSERT_EQ(PARSEC_SUCCESS, ops->open(&quiet_host, NULL, 0, &self->ctx));
}

FIXTURE_TEARDOWN(mac)
{
	ops->close(self->ctx);
}

static enum parsec_status compute(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				  struct parsec_alg alg, const struct bytes *input,
				  struct bytes *result)
{
	struct parsec_out out = { result->data, sizeof(result->data), 0 };
	enum parsec_status status = ops->mac(ctx, key, &alg, span_of(input), &out);

	result->len = out.len;
	return status;
}

#define CMAC_KEY "2b7e151628aed2a6abf7158809cf4f3c"
#define HMAC_KEY "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"
#define HI_THERE "4869205468657265"

static const struct {
	uint8_t type, scheme, hash;
	const char *key, *input, *mac;
} vectors[] = {
	/* RFC 4231, test case 1 */
	{ PARSEC_KEY_TYPE_HMAC, PARSEC_MAC_HMAC, PARSEC_HASH_SHA_224, HMAC_KEY, HI_THERE,
	  "896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22" },
	{ PARSEC_KEY_TYPE_HMAC, PARSEC_MAC_HMAC, PARSEC_HASH_SHA_256, HMAC_KEY, HI_THERE,
	  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
	{ PARSEC_KEY_TYPE_HMAC, PARSEC_MAC_HMAC, PARSEC_HASH_SHA_512, HMAC_KEY, HI_THERE,
	  "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
	  "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854" },
	/* RFC 2202, test case 2; RFC 2286, test case 2 */
	{ PARSEC_KEY_TYPE_HMAC, PARSEC_MAC_HMAC, PARSEC_HASH_MD5, "4a656665",
	  "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
	  "750c783e6ab0b503eaa86e310a5db738" },
	{ PARSEC_KEY_TYPE_HMAC, PARSEC_MAC_HMAC, PARSEC_HASH_SHA_1, "4a656665",
	  "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
	  "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
	{ PARSEC_KEY_TYPE_HMAC, PARSEC_MAC_HMAC, PARSEC_HASH_RIPEMD160, "4a656665",
	  "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
	  "dda6c0213a485a9e24f4742064a7f033b43c4069" },
	/* RFC 4493, examples 1, 2 and 3 */
	{ PARSEC_KEY_TYPE_AES, PARSEC_MAC_CMAC, 0, CMAC_KEY, "",
	  "bb1d6929e95937287fa37d129b756746" },
	{ PARSEC_KEY_TYPE_AES, PARSEC_MAC_CMAC, 0, CMAC_KEY,
	  "6bc1bee22e409f96e93d7e117393172a", "070a16b46b4d4144f79bdd9dd04a287c" },
	{ PARSEC_KEY_TYPE_AES, PARSEC_MAC_CMAC, 0, CMAC_KEY,
	  "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
	  "30c81c46a35ce411", "dfa66747de9ae63030ca32611497c827" },
	/* SP 800-38A, F.2.1: the last block of CBC, whose first one has IV xor text */
	{ PARSEC_KEY_TYPE_AES, PARSEC_MAC_CBC_MAC, 0, CMAC_KEY,
	  "6bc0bce12a459991e134741a7f9e1925ae2d8a571e03ac9c9eb76fac45af8e51",
	  "5086cb9b507219ee95db113a917678b2" },
};

TEST_F(mac, published_vectors)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct parsec_alg alg = { .kind = PARSEC_ALG_MAC, .scheme = vectors[i].scheme,
					  .hash = vectors[i].hash };
		struct bytes key_data = from_hex(vectors[i].key), got;
		struct bytes input = from_hex(vectors[i].input);
		struct bytes expected = from_hex(vectors[i].mac);
		struct parsec_key *key;

		ASSERT_EQ(PARSEC_SUCCESS, import_for(self->ctx, vectors[i].type, alg,
						     &key_data, &key));
		for (unsigned int again = 0; again < 3; again++) {
			ASSERT_EQ(PARSEC_SUCCESS, compute(self->ctx, key, alg, &input, &got));
			EXPECT_TRUE(same(&expected, &got)) TH_LOG("vector %zu", i);
		}
		ops->unload(self->ctx, key);
	}
}

static const struct {
	uint8_t hash;
	const char *name;
} hashes[] = {
	{ PARSEC_HASH_MD5, "MD5" }, { PARSEC_HASH_RIPEMD160, "RIPEMD160" },
	{ PARSEC_HASH_SHA_1, "SHA1" }, { PARSEC_HASH_SHA_224, "SHA224" },
	{ PARSEC_HASH_SHA_256, "SHA256" }, { PARSEC_HASH_SHA_384, "SHA384" },
	{ PARSEC_HASH_SHA_512, "SHA512" }, { PARSEC_HASH_SHA_512_224, "SHA512-224" },
	{ PARSEC_HASH_SHA_512_256, "SHA512-256" }, { PARSEC_HASH_SHA3_224, "SHA3-224" },
	{ PARSEC_HASH_SHA3_256, "SHA3-256" }, { PARSEC_HASH_SHA3_384, "SHA3-384" },
	{ PARSEC_HASH_SHA3_512, "SHA3-512" },
};

TEST_F(mac, hmac_agrees_with_plain_openssl_on_random_input)
{
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		struct parsec_alg alg = MAC_ALG(HMAC, hashes[i].hash);

		for (unsigned int round = 0; round < 50; round++) {
			struct bytes key_data = random_data(1 + random_below(200)), got;
			struct bytes input = random_data(random_below(500)), expected;
			struct parsec_key *key;

			expected.len = 0;
			ASSERT_NE(NULL, EVP_Q_mac(NULL, "HMAC", NULL, hashes[i].name, NULL,
						  key_data.data, key_data.len, input.data,
						  input.len, expected.data,
						  sizeof(expected.data), &expected.len));
			ASSERT_EQ(PARSEC_SUCCESS, import_for(self->ctx, PARSEC_KEY_TYPE_HMAC,
							     alg, &key_data, &key));
			ASSERT_EQ(PARSEC_SUCCESS, compute(self->ctx, key, alg, &input, &got));
			ASSERT_TRUE(same(&expected, &got)) TH_LOG("%s", hashes[i].name);
			ops->unload(self->ctx, key);
		}
	}
}

static const struct {
	uint8_t type;
	uint32_t bits;
	size_t block;
	const char *cipher;
} ciphers[] = {
	{ PARSEC_KEY_TYPE_AES, 128, 16, "AES-128-CBC" },
	{ PARSEC_KEY_TYPE_AES, 192, 16, "AES-192-CBC" },
	{ PARSEC_KEY_TYPE_AES, 256, 16, "AES-256-CBC" },
	{ PARSEC_KEY_TYPE_CAMELLIA, 128, 16, "CAMELLIA-128-CBC" },
	{ PARSEC_KEY_TYPE_CAMELLIA, 192, 16, "CAMELLIA-192-CBC" },
	{ PARSEC_KEY_TYPE_CAMELLIA, 256, 16, "CAMELLIA-256-CBC" },
	{ PARSEC_KEY_TYPE_DES, 128, 8, "DES-EDE-CBC" },
	{ PARSEC_KEY_TYPE_DES, 192, 8, "DES-EDE3-CBC" },
};

TEST_F(mac, cmac_agrees_with_plain_openssl_on_random_input)
{
	for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++) {
		struct parsec_key *key = generate(self->ctx, ciphers[i].type, ciphers[i].bits);
		struct bytes key_data = exported(self->ctx, key, true), expected, got;

		for (unsigned int round = 0; round < 50; round++) {
			struct bytes input = random_data(random_below(500));

			expected.len = 0;
			ASSERT_NE(NULL, EVP_Q_mac(NULL, "CMAC", NULL, ciphers[i].cipher, NULL,
						  key_data.data, key_data.len, input.data,
						  input.len, expected.data,
						  sizeof(expected.data), &expected.len));
			ASSERT_EQ(PARSEC_SUCCESS, compute(self->ctx, key, MAC_ALG(CMAC, 0),
							  &input, &got));
			ASSERT_TRUE(same(&expected, &got)) TH_LOG("%s", ciphers[i].cipher);
		}
		ops->unload(self->ctx, key);
	}
}

TEST_F(mac, cbc_mac_is_the_last_block_of_cbc)
{
	for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++) {
		struct parsec_key *key = generate(self->ctx, ciphers[i].type, ciphers[i].bits);
		struct bytes zeros = { .len = ciphers[i].block }, got, text, sealed;

		for (unsigned int round = 0; round < 30; round++) {
			struct parsec_out out = { sealed.data, sizeof(sealed.data), 0 };

			text = random_data(ciphers[i].block * (1 + random_below(300)));
			ASSERT_EQ(PARSEC_SUCCESS,
				  ops->cipher_encrypt(self->ctx, key,
						      &CIPHER_ALG(CBC_NO_PADDING),
						      span_of(&zeros), span_of(&text), &out));
			ASSERT_EQ(PARSEC_SUCCESS, compute(self->ctx, key, MAC_ALG(CBC_MAC, 0),
							  &text, &got));
			ASSERT_EQ(ciphers[i].block, got.len);
			ASSERT_EQ(0, memcmp(got.data, sealed.data + out.len - got.len,
					    got.len));
		}
		ops->unload(self->ctx, key);
	}
}

TEST_F(mac, cbc_mac_needs_whole_blocks)
{
	struct parsec_key *key = generate(self->ctx, PARSEC_KEY_TYPE_AES, 128);
	struct bytes empty = { .len = 0 }, part = random_data(17), got;

	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  compute(self->ctx, key, MAC_ALG(CBC_MAC, 0), &empty, &got));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  compute(self->ctx, key, MAC_ALG(CBC_MAC, 0), &part, &got));
	ops->unload(self->ctx, key);
}

TEST_F(mac, what_does_not_go_with_the_key_is_not_supported)
{
	struct parsec_key *aes = generate(self->ctx, PARSEC_KEY_TYPE_AES, 128);
	struct parsec_key *hmac = generate(self->ctx, PARSEC_KEY_TYPE_HMAC, 128);
	struct parsec_key *chacha = generate(self->ctx, PARSEC_KEY_TYPE_CHACHA20, 256);
	struct bytes input = random_data(16), got;

	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  compute(self->ctx, aes, MAC_ALG(HMAC, PARSEC_HASH_SHA_256), &input, &got));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  compute(self->ctx, hmac, MAC_ALG(CMAC, 0), &input, &got));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  compute(self->ctx, hmac, MAC_ALG(HMAC, PARSEC_HASH_MD2), &input, &got));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  compute(self->ctx, chacha, MAC_ALG(CMAC, 0), &input, &got));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  compute(self->ctx, chacha, MAC_ALG(CBC_MAC, 0), &input, &got));
	ops->unload(self->ctx, aes);
	ops->unload(self->ctx, hmac);
	ops->unload(self->ctx, chacha);
}

struct worker {
	struct parsec_provider_ctx *ctx;
	struct parsec_key *key;
	struct bytes expected;
	unsigned int failures;
};

static void *compute_often(void *arg)
{
	struct worker *worker = arg;
	struct bytes input = from_hex(HI_THERE), got;

	for (unsigned int i = 0; i < 500; i++) {
		if (compute(worker->ctx, worker->key, MAC_ALG(HMAC, PARSEC_HASH_SHA_256), &input,
			    &got) != PARSEC_SUCCESS || !same(&got, &worker->expected))
			worker->failures++;
	}
	return NULL;
}

TEST_F(mac, one_key_serves_several_threads)
{
	struct bytes key_data = from_hex(HMAC_KEY);
	static struct worker workers[4];
	struct parsec_key *key;
	pthread_t threads[4];

	ASSERT_EQ(PARSEC_SUCCESS, import_for(self->ctx, PARSEC_KEY_TYPE_HMAC,
					     MAC_ALG(HMAC, PARSEC_HASH_SHA_256), &key_data,
					     &key));
	for (size_t i = 0; i < 4; i++) {
		workers[i] = (struct worker){ .ctx = self->ctx, .key = key,
					      .expected = from_hex(vectors[1].mac) };
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, compute_often, &workers[i]));
	}
	for (size_t i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		EXPECT_EQ(0, workers[i].failures);
	}
	ops->unload(self->ctx, key);
}

TEST_HARNESS_MAIN
