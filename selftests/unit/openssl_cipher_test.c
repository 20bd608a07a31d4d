// SPDX-License-Identifier: Apache-2.0
/*
 * Ciphers of the software provider, against published vectors and, with random input
 * in both directions, against plain OpenSSL.
 */
#include "kselftest_harness.h"

#include <pthread.h>

#include "selftests/unit/openssl_symmetric.h"

#define AES	PARSEC_KEY_TYPE_AES
#define DES	PARSEC_KEY_TYPE_DES
#define CAMELLIA PARSEC_KEY_TYPE_CAMELLIA
#define CHACHA20 PARSEC_KEY_TYPE_CHACHA20

FIXTURE(cipher)
{
	struct parsec_provider_ctx *ctx;
};

FIXTURE_SETUP(cipher)
{
	ASSERT_EQ(PARSEC_SUCCESS, ops->open(&quiet_host, NULL, 0, &self->ctx));
}

FIXTURE_TEARDOWN(cipher)
{
	ops->close(self->ctx);
}

static enum parsec_status encrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				  uint8_t scheme, const struct bytes *iv,
				  const struct bytes *text, struct bytes *result)
{
	struct parsec_alg alg = { .kind = PARSEC_ALG_CIPHER, .scheme = scheme };
	struct parsec_out out = { result->data, sizeof(result->data), 0 };
	enum parsec_status status;

	status = ops->cipher_encrypt(ctx, key, &alg, span_of(iv), span_of(text), &out);
	result->len = out.len;
	return status;
}

static enum parsec_status decrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				  uint8_t scheme, const struct bytes *iv,
				  const struct bytes *text, struct bytes *result)
{
	struct parsec_alg alg = { .kind = PARSEC_ALG_CIPHER, .scheme = scheme };
	struct parsec_out out = { result->data, sizeof(result->data), 0 };
	enum parsec_status status;

	status = ops->cipher_decrypt(ctx, key, &alg, span_of(iv), span_of(text), &out);
	result->len = out.len;
	return status;
}

/* SP 800-38A, F.1 to F.5: the message of each example */
#define NIST_TEXT \
	"6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51" \
	"30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
#define NIST_KEY	"2b7e151628aed2a6abf7158809cf4f3c"
#define NIST_IV		"000102030405060708090a0b0c0d0e0f"

static const struct {
	uint8_t type, scheme;
	const char *key, *iv, *text, *result;
} vectors[] = {
	{ AES, PARSEC_CIPHER_ECB_NO_PADDING, NIST_KEY, "", NIST_TEXT,
	  "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf"
	  "43b1cd7f598ece23881b00e3ed0306887b0c785e27e8ad3f8223207104725dd4" },
	{ AES, PARSEC_CIPHER_CBC_NO_PADDING, NIST_KEY, NIST_IV, NIST_TEXT,
	  "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
	  "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7" },
	{ AES, PARSEC_CIPHER_CFB, NIST_KEY, NIST_IV, NIST_TEXT,
	  "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b"
	  "26751f67a3cbb140b1808cf187a4f4dfc04b05357c5d1c0eeac4c66f9ff7f2e6" },
	{ AES, PARSEC_CIPHER_OFB, NIST_KEY, NIST_IV, NIST_TEXT,
	  "3b3fd92eb72dad20333449f8e83cfb4a7789508d16918f03f53c52dac54ed825"
	  "9740051e9c5fecf64344f7a82260edcc304c6528f659c77866a510d9c1d6ae5e" },
	{ AES, PARSEC_CIPHER_CTR, NIST_KEY, "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", NIST_TEXT,
	  "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
	  "5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee" },
	/* IEEE 1619, vector 2 */
	{ AES, PARSEC_CIPHER_XTS,
	  "1111111111111111111111111111111122222222222222222222222222222222",
	  "33333333330000000000000000000000",
	  "4444444444444444444444444444444444444444444444444444444444444444",
	  "c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0" },
	/* FIPS 197, C.2 and C.3 */
	{ AES, PARSEC_CIPHER_ECB_NO_PADDING,
	  "000102030405060708090a0b0c0d0e0f1011121314151617", "",
	  "00112233445566778899aabbccddeeff", "dda97ca4864cdfe06eaf70a0ec0d7191" },
	{ AES, PARSEC_CIPHER_ECB_NO_PADDING,
	  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "",
	  "00112233445566778899aabbccddeeff", "8ea2b7ca516745bfeafc49904b496089" },
	/* RFC 3713, appendix A */
	{ CAMELLIA, PARSEC_CIPHER_ECB_NO_PADDING, "0123456789abcdeffedcba9876543210", "",
	  "0123456789abcdeffedcba9876543210", "67673138549669730857065648eabe43" },
	{ CAMELLIA, PARSEC_CIPHER_ECB_NO_PADDING,
	  "0123456789abcdeffedcba98765432100011223344556677", "",
	  "0123456789abcdeffedcba9876543210", "b4993401b3e996f84ee5cee7d79b09b9" },
	{ CAMELLIA, PARSEC_CIPHER_ECB_NO_PADDING,
	  "0123456789abcdeffedcba987654321000112233445566778899aabbccddeeff", "",
	  "0123456789abcdeffedcba9876543210", "9acc237dff16d76c20ef7c919e3a7509" },
	/* FIPS 81 */
	{ DES, PARSEC_CIPHER_ECB_NO_PADDING, "0123456789abcdef", "",
	  "4e6f772069732074", "3fa40e8a984d4815" },
	{ DES, PARSEC_CIPHER_CBC_NO_PADDING, "0123456789abcdef", "1234567890abcdef",
	  "4e6f77206973207468652074696d6520", "e5c7cdde872bf27c43e934008c389c0f" },
	/* RFC 8439, A.1, vector 1: the key stream from block 0 */
	{ CHACHA20, PARSEC_CIPHER_STREAM_CIPHER,
	  "0000000000000000000000000000000000000000000000000000000000000000",
	  "000000000000000000000000", "00000000000000000000000000000000",
	  "76b8e0ada0f13d90405d6ae55386bd28" },
};

TEST_F(cipher, published_vectors)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct bytes key_data = from_hex(vectors[i].key), iv = from_hex(vectors[i].iv);
		struct bytes text = from_hex(vectors[i].text), got;
		struct bytes expected = from_hex(vectors[i].result);
		struct parsec_alg alg = { .kind = PARSEC_ALG_CIPHER,
					  .scheme = vectors[i].scheme };
		struct parsec_key *key;

		ASSERT_EQ(PARSEC_SUCCESS, import_for(self->ctx, vectors[i].type, alg,
						     &key_data, &key));
		ASSERT_EQ(PARSEC_SUCCESS, encrypt(self->ctx, key, alg.scheme, &iv, &text, &got));
		EXPECT_TRUE(same(&expected, &got)) TH_LOG("vector %zu", i);
		ASSERT_EQ(PARSEC_SUCCESS,
			  decrypt(self->ctx, key, alg.scheme, &iv, &expected, &got));
		EXPECT_TRUE(same(&text, &got)) TH_LOG("vector %zu", i);
		ops->unload(self->ctx, key);
	}
}

/* What the provider is compared with: the same by its name in OpenSSL */
static const struct {
	uint8_t type, scheme;
	size_t key, iv, block;
	const char *name;
} modes[] = {
	{ AES, PARSEC_CIPHER_CTR, 16, 16, 1, "AES-128-CTR" },
	{ AES, PARSEC_CIPHER_CTR, 24, 16, 1, "AES-192-CTR" },
	{ AES, PARSEC_CIPHER_CTR, 32, 16, 1, "AES-256-CTR" },
	{ AES, PARSEC_CIPHER_CFB, 16, 16, 1, "AES-128-CFB" },
	{ AES, PARSEC_CIPHER_CFB, 24, 16, 1, "AES-192-CFB" },
	{ AES, PARSEC_CIPHER_CFB, 32, 16, 1, "AES-256-CFB" },
	{ AES, PARSEC_CIPHER_OFB, 16, 16, 1, "AES-128-OFB" },
	{ AES, PARSEC_CIPHER_OFB, 24, 16, 1, "AES-192-OFB" },
	{ AES, PARSEC_CIPHER_OFB, 32, 16, 1, "AES-256-OFB" },
	{ AES, PARSEC_CIPHER_XTS, 32, 16, 1, "AES-128-XTS" },
	{ AES, PARSEC_CIPHER_XTS, 64, 16, 1, "AES-256-XTS" },
	{ AES, PARSEC_CIPHER_ECB_NO_PADDING, 16, 0, 16, "AES-128-ECB" },
	{ AES, PARSEC_CIPHER_ECB_NO_PADDING, 24, 0, 16, "AES-192-ECB" },
	{ AES, PARSEC_CIPHER_ECB_NO_PADDING, 32, 0, 16, "AES-256-ECB" },
	{ AES, PARSEC_CIPHER_CBC_NO_PADDING, 16, 16, 16, "AES-128-CBC" },
	{ AES, PARSEC_CIPHER_CBC_NO_PADDING, 24, 16, 16, "AES-192-CBC" },
	{ AES, PARSEC_CIPHER_CBC_NO_PADDING, 32, 16, 16, "AES-256-CBC" },
	{ AES, PARSEC_CIPHER_CBC_PKCS7, 16, 16, 1, "AES-128-CBC" },
	{ AES, PARSEC_CIPHER_CBC_PKCS7, 24, 16, 1, "AES-192-CBC" },
	{ AES, PARSEC_CIPHER_CBC_PKCS7, 32, 16, 1, "AES-256-CBC" },
	{ CAMELLIA, PARSEC_CIPHER_CTR, 16, 16, 1, "CAMELLIA-128-CTR" },
	{ CAMELLIA, PARSEC_CIPHER_CTR, 24, 16, 1, "CAMELLIA-192-CTR" },
	{ CAMELLIA, PARSEC_CIPHER_CTR, 32, 16, 1, "CAMELLIA-256-CTR" },
	{ CAMELLIA, PARSEC_CIPHER_CFB, 16, 16, 1, "CAMELLIA-128-CFB" },
	{ CAMELLIA, PARSEC_CIPHER_CFB, 24, 16, 1, "CAMELLIA-192-CFB" },
	{ CAMELLIA, PARSEC_CIPHER_CFB, 32, 16, 1, "CAMELLIA-256-CFB" },
	{ CAMELLIA, PARSEC_CIPHER_OFB, 16, 16, 1, "CAMELLIA-128-OFB" },
	{ CAMELLIA, PARSEC_CIPHER_OFB, 24, 16, 1, "CAMELLIA-192-OFB" },
	{ CAMELLIA, PARSEC_CIPHER_OFB, 32, 16, 1, "CAMELLIA-256-OFB" },
	{ CAMELLIA, PARSEC_CIPHER_ECB_NO_PADDING, 16, 0, 16, "CAMELLIA-128-ECB" },
	{ CAMELLIA, PARSEC_CIPHER_ECB_NO_PADDING, 24, 0, 16, "CAMELLIA-192-ECB" },
	{ CAMELLIA, PARSEC_CIPHER_ECB_NO_PADDING, 32, 0, 16, "CAMELLIA-256-ECB" },
	{ CAMELLIA, PARSEC_CIPHER_CBC_NO_PADDING, 16, 16, 16, "CAMELLIA-128-CBC" },
	{ CAMELLIA, PARSEC_CIPHER_CBC_PKCS7, 24, 16, 1, "CAMELLIA-192-CBC" },
	{ CAMELLIA, PARSEC_CIPHER_CBC_PKCS7, 32, 16, 1, "CAMELLIA-256-CBC" },
	{ DES, PARSEC_CIPHER_CFB, 16, 8, 1, "DES-EDE-CFB" },
	{ DES, PARSEC_CIPHER_CFB, 24, 8, 1, "DES-EDE3-CFB" },
	{ DES, PARSEC_CIPHER_OFB, 16, 8, 1, "DES-EDE-OFB" },
	{ DES, PARSEC_CIPHER_OFB, 24, 8, 1, "DES-EDE3-OFB" },
	{ DES, PARSEC_CIPHER_ECB_NO_PADDING, 16, 0, 8, "DES-EDE" },
	{ DES, PARSEC_CIPHER_ECB_NO_PADDING, 24, 0, 8, "DES-EDE3" },
	{ DES, PARSEC_CIPHER_CBC_NO_PADDING, 16, 8, 8, "DES-EDE-CBC" },
	{ DES, PARSEC_CIPHER_CBC_NO_PADDING, 24, 8, 8, "DES-EDE3-CBC" },
	{ DES, PARSEC_CIPHER_CBC_PKCS7, 16, 8, 1, "DES-EDE-CBC" },
	{ DES, PARSEC_CIPHER_CBC_PKCS7, 24, 8, 1, "DES-EDE3-CBC" },
	{ CHACHA20, PARSEC_CIPHER_STREAM_CIPHER, 32, 12, 1, "ChaCha20" },
};

static struct bytes plain(size_t mode, bool encrypt, const struct bytes *key,
			  const struct bytes *iv, const struct bytes *text)
{
	EVP_CIPHER *method = EVP_CIPHER_fetch(NULL, modes[mode].name, NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t full[16] = { 0 };
	struct bytes result;
	int len, more;

	if (modes[mode].type == CHACHA20)
		memcpy(full + 4, iv->data, 12);
	else
		memcpy(full, iv->data, iv->len);
	EVP_CipherInit_ex2(ctx, method, key->data, full, encrypt, NULL);
	EVP_CIPHER_CTX_set_padding(ctx, modes[mode].scheme == PARSEC_CIPHER_CBC_PKCS7);
	EVP_CipherUpdate(ctx, result.data, &len, text->data, (int)text->len);
	if (EVP_CipherFinal_ex(ctx, result.data + len, &more) != 1)
		more = 1 << 20;
	result.len = (size_t)(len + more);
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(method);
	return result;
}

TEST_F(cipher, agrees_with_plain_openssl_on_random_input)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		uint8_t scheme = modes[i].scheme;
		struct parsec_key *key = generate(self->ctx, modes[i].type,
						  (uint32_t)modes[i].key * 8);
		struct bytes key_data = exported(self->ctx, key, true);

		for (unsigned int round = 0; round < 40; round++) {
			size_t least = scheme == PARSEC_CIPHER_XTS ? 16 : 1;
			size_t units = least + random_below(round < 20 ? 50 : 400);
			struct bytes text = random_data(units * modes[i].block);
			struct bytes iv = random_data(modes[i].iv), got, expected;

			expected = plain(i, true, &key_data, &iv, &text);
			ASSERT_EQ(PARSEC_SUCCESS,
				  encrypt(self->ctx, key, scheme, &iv, &text, &got));
			ASSERT_TRUE(same(&expected, &got)) TH_LOG("%s", modes[i].name);
			ASSERT_EQ(PARSEC_SUCCESS,
				  decrypt(self->ctx, key, scheme, &iv, &expected, &got));
			ASSERT_TRUE(same(&text, &got)) TH_LOG("%s", modes[i].name);
		}
		ops->unload(self->ctx, key);
	}
}

TEST_F(cipher, padding_is_always_added)
{
	struct parsec_key *key = generate(self->ctx, AES, 128);
	struct bytes text = random_data(64), iv = random_data(16), got;

	ASSERT_EQ(PARSEC_SUCCESS,
		  encrypt(self->ctx, key, PARSEC_CIPHER_CBC_PKCS7, &iv, &text, &got));
	EXPECT_EQ(80, got.len);
	ops->unload(self->ctx, key);
}

/* Padding is right exactly when its last byte n is 1 to the block and there are n of it */
TEST_F(cipher, wrong_padding_is_found_and_leaves_nothing_behind)
{
	static const uint8_t clean[sizeof(((struct bytes *)0)->data)];
	struct parsec_key *key = generate(self->ctx, AES, 128);
	struct bytes iv = random_data(16), text, sealed, got;

	for (unsigned int round = 0; round < 2000; round++) {
		uint8_t last = (uint8_t)(round % 256), *end;
		bool good = last >= 1 && last <= 16;

		text = random_data(32);
		end = text.data + 32;
		for (unsigned int i = 1; i <= 16 && i <= last; i++)
			end[-(int)i] = last;
		end[-1] = last;
		if (good && round % 3 == 0 && last > 1) {
			end[-(int)(2 + random_below(last - 1u))] ^= 0x20;
			good = false;
		}
		ASSERT_EQ(PARSEC_SUCCESS, encrypt(self->ctx, key, PARSEC_CIPHER_CBC_NO_PADDING,
						  &iv, &text, &sealed));
		memset(&got, 0, sizeof(got));
		ASSERT_EQ(good ? PARSEC_SUCCESS : PARSEC_PSA_ERROR_INVALID_PADDING,
			  decrypt(self->ctx, key, PARSEC_CIPHER_CBC_PKCS7, &iv, &sealed, &got));
		if (good) {
			ASSERT_EQ(32u - last, got.len);
		} else {
			ASSERT_EQ(0, memcmp(got.data, clean, sizeof(got.data)));
		}
	}
	ops->unload(self->ctx, key);
}

TEST_F(cipher, lengths_that_the_mode_forbids_are_refused)
{
	struct parsec_key *key = generate(self->ctx, AES, 256);
	struct bytes iv = random_data(16), text = random_data(15), empty = { .len = 0 }, got;

	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  encrypt(self->ctx, key, PARSEC_CIPHER_ECB_NO_PADDING, &empty, &text, &got));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  encrypt(self->ctx, key, PARSEC_CIPHER_CBC_NO_PADDING, &iv, &text, &got));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  decrypt(self->ctx, key, PARSEC_CIPHER_CBC_PKCS7, &iv, &text, &got));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  encrypt(self->ctx, key, PARSEC_CIPHER_XTS, &iv, &text, &got));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  encrypt(self->ctx, key, PARSEC_CIPHER_CTR, &iv, &empty, &got));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  encrypt(self->ctx, key, PARSEC_CIPHER_CTR, &empty, &text, &got));
	ops->unload(self->ctx, key);
}

TEST_F(cipher, a_mode_that_the_type_does_not_have_is_not_supported)
{
	struct parsec_key *key = generate(self->ctx, CAMELLIA, 256);
	struct bytes iv = random_data(16), text = random_data(32), got;

	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  encrypt(self->ctx, key, PARSEC_CIPHER_XTS, &iv, &text, &got));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  encrypt(self->ctx, key, PARSEC_CIPHER_STREAM_CIPHER, &iv, &text, &got));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  encrypt(self->ctx, key, 99, &iv, &text, &got));
	ops->unload(self->ctx, key);
}

struct worker {
	struct parsec_provider_ctx *ctx;
	struct parsec_key *key;
	unsigned int failures;
};

static void *encrypt_often(void *arg)
{
	struct worker *worker = arg;
	struct bytes iv = random_data(16), text = random_data(100), sealed, got;

	for (unsigned int i = 0; i < 100; i++) {
		uint8_t scheme = i % 2 ? PARSEC_CIPHER_CTR : PARSEC_CIPHER_CBC_PKCS7;

		if (encrypt(worker->ctx, worker->key, scheme, &iv, &text, &sealed) ||
		    decrypt(worker->ctx, worker->key, scheme, &iv, &sealed, &got) ||
		    !same(&text, &got))
			worker->failures++;
	}
	return NULL;
}

/* They also race for who looks up the cipher first */
TEST_F(cipher, one_key_serves_several_threads)
{
	struct parsec_key *key = generate(self->ctx, AES, 256);
	struct worker workers[4];
	pthread_t threads[4];

	for (size_t i = 0; i < 4; i++) {
		workers[i] = (struct worker){ self->ctx, key, 0 };
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, encrypt_often, &workers[i]));
	}
	for (size_t i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		EXPECT_EQ(0, workers[i].failures);
	}
	ops->unload(self->ctx, key);
}

TEST_F(cipher, too_little_room_is_said)
{
	struct parsec_key *key = generate(self->ctx, AES, 128);
	struct bytes iv = random_data(16), text = random_data(32);
	uint8_t room[47];
	struct parsec_out out = { room, sizeof(room), 0 };

	EXPECT_EQ(PARSEC_PSA_ERROR_BUFFER_TOO_SMALL,
		  ops->cipher_encrypt(self->ctx, key, &CIPHER_ALG(CBC_PKCS7), span_of(&iv),
				      span_of(&text), &out));
	out.size = 31;
	EXPECT_EQ(PARSEC_PSA_ERROR_BUFFER_TOO_SMALL,
		  ops->cipher_decrypt(self->ctx, key, &CIPHER_ALG(CTR), span_of(&iv),
				      span_of(&text), &out));
	ops->unload(self->ctx, key);
}

TEST_HARNESS_MAIN
