// SPDX-License-Identifier: Apache-2.0
/*
 * Authenticated encryption of the software provider, against published vectors and,
 * with random input in both directions, against plain OpenSSL.
 */
#include "kselftest_harness.h"

#include "selftests/unit/openssl_symmetric.h"

#define AES	PARSEC_KEY_TYPE_AES
#define CHACHA20 PARSEC_KEY_TYPE_CHACHA20

FIXTURE(aead)
{
	struct parsec_provider_ctx *ctx;
};

FIXTURE_SETUP(aead)
{
	ASSERT_EQ(PARSEC_SUCCESS, ops->open(&quiet_host, NULL, 0, &self->ctx));
}

FIXTURE_TEARDOWN(aead)
{
	ops->close(self->ctx);
}

static enum parsec_status encrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				  struct parsec_alg alg, const struct bytes *nonce,
				  const struct bytes *additional, const struct bytes *text,
				  struct bytes *result)
{
	struct parsec_out out = { result->data, sizeof(result->data), 0 };
	enum parsec_status status;

	status = ops->aead_encrypt(ctx, key, &alg, span_of(nonce), span_of(additional),
				   span_of(text), &out);
	result->len = out.len;
	return status;
}

static enum parsec_status decrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				  struct parsec_alg alg, const struct bytes *nonce,
				  const struct bytes *additional, const struct bytes *text,
				  struct bytes *result)
{
	struct parsec_out out = { result->data, sizeof(result->data), 0 };
	enum parsec_status status;

	status = ops->aead_decrypt(ctx, key, &alg, span_of(nonce), span_of(additional),
				   span_of(text), &out);
	result->len = out.len;
	return status;
}

static const struct {
	uint8_t type, scheme;
	uint32_t tag;
	const char *key, *nonce, *additional, *text, *result;
} vectors[] = {
	/* The specification of GCM, test cases 2 and 4 */
	{ AES, PARSEC_AEAD_GCM, 0, "00000000000000000000000000000000",
	  "000000000000000000000000", "", "00000000000000000000000000000000",
	  "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf" },
	{ AES, PARSEC_AEAD_GCM, 0, "feffe9928665731c6d6a8f9467308308",
	  "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
	  "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
	  "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
	  "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
	  "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"
	  "5bc94fbc3221a5db94fae95ae7121a47" },
	/* SP 800-38C, examples 1 and 2 */
	{ AES, PARSEC_AEAD_CCM, 4, "404142434445464748494a4b4c4d4e4f", "10111213141516",
	  "0001020304050607", "20212223", "7162015b4dac255d" },
	{ AES, PARSEC_AEAD_CCM, 6, "404142434445464748494a4b4c4d4e4f", "1011121314151617",
	  "000102030405060708090a0b0c0d0e0f", "202122232425262728292a2b2c2d2e2f",
	  "d2a1f0e051ea5f62081a7792073d593d1fc64fbfaccd" },
	/* RFC 8439, 2.8.2 */
	{ CHACHA20, PARSEC_AEAD_CHACHA20_POLY1305, 0,
	  "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
	  "070000004041424344454647", "50515253c0c1c2c3c4c5c6c7",
	  "4c616469657320616e642047656e746c656d656e206f662074686520636c6173"
	  "73206f66202739393a204966204920636f756c64206f6666657220796f75206f"
	  "6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73"
	  "637265656e20776f756c642062652069742e",
	  "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
	  "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
	  "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
	  "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd060"
	  "0691" },
};

TEST_F(aead, published_vectors)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct parsec_alg alg = { .kind = PARSEC_ALG_AEAD,
					  .scheme = vectors[i].scheme,
					  .length = vectors[i].tag };
		struct bytes key_data = from_hex(vectors[i].key), got;
		struct bytes nonce = from_hex(vectors[i].nonce);
		struct bytes additional = from_hex(vectors[i].additional);
		struct bytes text = from_hex(vectors[i].text);
		struct bytes expected = from_hex(vectors[i].result);
		struct parsec_key *key;

		ASSERT_EQ(PARSEC_SUCCESS, import_for(self->ctx, vectors[i].type, alg,
						     &key_data, &key));
		ASSERT_EQ(PARSEC_SUCCESS, encrypt(self->ctx, key, alg, &nonce, &additional,
						  &text, &got));
		EXPECT_TRUE(same(&expected, &got)) TH_LOG("vector %zu", i);
		ASSERT_EQ(PARSEC_SUCCESS, decrypt(self->ctx, key, alg, &nonce, &additional,
						  &expected, &got));
		EXPECT_TRUE(same(&text, &got)) TH_LOG("vector %zu", i);
		ops->unload(self->ctx, key);
	}
}

static const struct {
	uint8_t type, scheme;
	size_t key;
	const char *name;
} modes[] = {
	{ AES, PARSEC_AEAD_CCM, 16, "AES-128-CCM" },
	{ AES, PARSEC_AEAD_CCM, 24, "AES-192-CCM" },
	{ AES, PARSEC_AEAD_CCM, 32, "AES-256-CCM" },
	{ AES, PARSEC_AEAD_GCM, 16, "AES-128-GCM" },
	{ AES, PARSEC_AEAD_GCM, 24, "AES-192-GCM" },
	{ AES, PARSEC_AEAD_GCM, 32, "AES-256-GCM" },
	{ CHACHA20, PARSEC_AEAD_CHACHA20_POLY1305, 32, "ChaCha20-Poly1305" },
};

#define MODES	(sizeof(modes) / sizeof(modes[0]))

/* Ciphertext and tag as plain OpenSSL makes them */
static struct bytes plain(size_t mode, uint32_t tag, const struct bytes *key,
			  const struct bytes *nonce, const struct bytes *additional,
			  const struct bytes *text)
{
	EVP_CIPHER *method = EVP_CIPHER_fetch(NULL, modes[mode].name, NULL);
	bool ccm = modes[mode].scheme == PARSEC_AEAD_CCM;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	struct bytes result;
	int len;

	EVP_EncryptInit_ex2(ctx, method, NULL, NULL, NULL);
	EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, (int)nonce->len, NULL);
	if (ccm)
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, (int)tag, NULL);
	EVP_EncryptInit_ex2(ctx, NULL, key->data, nonce->data, NULL);
	if (ccm)
		EVP_EncryptUpdate(ctx, NULL, &len, NULL, (int)text->len);
	if (additional->len)
		EVP_EncryptUpdate(ctx, NULL, &len, additional->data, (int)additional->len);
	EVP_EncryptUpdate(ctx, result.data, &len, text->data, (int)text->len);
	EVP_EncryptFinal_ex(ctx, result.data + len, &len);
	EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, (int)tag, result.data + text->len);
	result.len = text->len + tag;
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(method);
	return result;
}

/* A tag and a nonce that the mode allows */
static void random_lengths(uint8_t scheme, uint32_t *tag, size_t *nonce)
{
	static const uint32_t gcm_tags[] = { 4, 8, 12, 13, 14, 15, 16 };

	*tag = 16;
	*nonce = 12;
	if (scheme == PARSEC_AEAD_CCM) {
		*tag = 4 + 2 * (uint32_t)random_below(7);
		*nonce = 7 + random_below(7);
	} else if (scheme == PARSEC_AEAD_GCM) {
		*tag = gcm_tags[random_below(7)];
		*nonce = 1 + random_below(40);
	}
}

TEST_F(aead, agrees_with_plain_openssl_on_random_input)
{
	for (size_t i = 0; i < MODES; i++) {
		struct parsec_key *key = generate(self->ctx, modes[i].type,
						  (uint32_t)modes[i].key * 8);
		struct bytes key_data = exported(self->ctx, key, true);

		for (unsigned int round = 0; round < 200; round++) {
			struct bytes text = random_data(1 + random_below(300));
			struct bytes additional = random_data(random_below(60));
			struct bytes nonce, expected, got;
			struct parsec_alg alg;
			size_t nonce_len;
			uint32_t tag;

			random_lengths(modes[i].scheme, &tag, &nonce_len);
			nonce = random_data(nonce_len);
			alg = (struct parsec_alg){ .kind = PARSEC_ALG_AEAD,
						   .scheme = modes[i].scheme,
						   .length = tag == 16 ? 0 : tag };
			expected = plain(i, tag, &key_data, &nonce, &additional, &text);
			ASSERT_EQ(PARSEC_SUCCESS, encrypt(self->ctx, key, alg, &nonce,
							  &additional, &text, &got));
			ASSERT_TRUE(same(&expected, &got)) TH_LOG("%s", modes[i].name);
			ASSERT_EQ(PARSEC_SUCCESS, decrypt(self->ctx, key, alg, &nonce,
							  &additional, &expected, &got));
			ASSERT_TRUE(same(&text, &got)) TH_LOG("%s", modes[i].name);
		}
		ops->unload(self->ctx, key);
	}
}

TEST_F(aead, any_changed_bit_is_found_and_leaves_nothing_behind)
{
	static const uint8_t clean[sizeof(((struct bytes *)0)->data)];

	for (size_t i = 0; i < MODES; i++) {
		struct parsec_alg alg = { .kind = PARSEC_ALG_AEAD, .scheme = modes[i].scheme };
		struct parsec_key *key = generate(self->ctx, modes[i].type,
						  (uint32_t)modes[i].key * 8);
		struct bytes text = random_data(40), additional = random_data(10);
		struct bytes nonce = random_data(12), sealed, got;

		ASSERT_EQ(PARSEC_SUCCESS, encrypt(self->ctx, key, alg, &nonce, &additional,
						  &text, &sealed));
		for (size_t bit = 0; bit < 8 * sealed.len; bit += 3) {
			memset(&got, 0, sizeof(got));
			sealed.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
			ASSERT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
				  decrypt(self->ctx, key, alg, &nonce, &additional, &sealed,
					  &got));
			ASSERT_EQ(0, memcmp(clean, got.data, sizeof(clean)));
			sealed.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		additional.data[3] ^= 1;
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
			  decrypt(self->ctx, key, alg, &nonce, &additional, &sealed, &got));
		additional.data[3] ^= 1;
		nonce.data[0] ^= 1;
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
			  decrypt(self->ctx, key, alg, &nonce, &additional, &sealed, &got));
		ops->unload(self->ctx, key);
	}
}

/* 13 bytes of nonce leave two for the length of the text */
TEST_F(aead, ccm_takes_as_long_a_text_as_the_nonce_allows_and_no_longer)
{
	struct parsec_key *key = generate(self->ctx, AES, 128);
	struct bytes nonce = random_data(13);
	static uint8_t text[65536], sealed[65536 + 16], opened[65536];
	struct parsec_out out = { sealed, sizeof(sealed), 0 };
	struct parsec_span none = { NULL, 0 };

	ASSERT_EQ(PARSEC_SUCCESS,
		  ops->aead_encrypt(self->ctx, key, &AEAD_ALG(CCM, 0), span_of(&nonce), none,
				    (struct parsec_span){ text, 65535 }, &out));
	ASSERT_EQ(65535 + 16, out.len);
	out = (struct parsec_out){ opened, sizeof(opened), 0 };
	EXPECT_EQ(PARSEC_SUCCESS,
		  ops->aead_decrypt(self->ctx, key, &AEAD_ALG(CCM, 0), span_of(&nonce), none,
				    (struct parsec_span){ sealed, 65535 + 16 }, &out));
	EXPECT_EQ(65535, out.len);
	out = (struct parsec_out){ sealed, sizeof(sealed), 0 };
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  ops->aead_encrypt(self->ctx, key, &AEAD_ALG(CCM, 0), span_of(&nonce), none,
				    (struct parsec_span){ text, 65536 }, &out));
	ops->unload(self->ctx, key);
}

TEST_F(aead, an_empty_text_is_sealed_and_opened)
{
	for (size_t i = 0; i < MODES; i++) {
		struct parsec_alg alg = { .kind = PARSEC_ALG_AEAD, .scheme = modes[i].scheme };
		struct parsec_key *key = generate(self->ctx, modes[i].type,
						  (uint32_t)modes[i].key * 8);
		struct bytes text = { .len = 0 }, additional = random_data(10), sealed, got;
		struct bytes nonce = random_data(12);

		ASSERT_EQ(PARSEC_SUCCESS, encrypt(self->ctx, key, alg, &nonce, &additional,
						  &text, &sealed));
		EXPECT_EQ(16, sealed.len);
		EXPECT_EQ(PARSEC_SUCCESS, decrypt(self->ctx, key, alg, &nonce, &additional,
						  &sealed, &got));
		sealed.data[5] ^= 1;
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
			  decrypt(self->ctx, key, alg, &nonce, &additional, &sealed, &got));
		ops->unload(self->ctx, key);
	}
}

TEST_F(aead, what_cannot_be_done_is_refused)
{
	struct parsec_key *key = generate(self->ctx, AES, 128);
	struct parsec_key *camellia = generate(self->ctx, PARSEC_KEY_TYPE_CAMELLIA, 128);
	struct bytes nonce = random_data(129), text = random_data(15), none = { .len = 0 }, got;

	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  encrypt(self->ctx, key, AEAD_ALG(GCM, 0), &nonce, &none, &text, &got));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  encrypt(self->ctx, key, AEAD_ALG(GCM, 0), &none, &none, &text, &got));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  encrypt(self->ctx, key, AEAD_ALG(GCM, 17), &text, &none, &text, &got));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  decrypt(self->ctx, key, AEAD_ALG(GCM, 0), &text, &none, &text, &got));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  encrypt(self->ctx, camellia, AEAD_ALG(GCM, 0), &text, &none, &text, &got));
	ops->unload(self->ctx, key);
	ops->unload(self->ctx, camellia);
}

TEST_HARNESS_MAIN
