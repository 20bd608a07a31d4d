// SPDX-License-Identifier: Apache-2.0
/*
 * The verifier's side of attestation, taken apart again step by step with nothing but HMAC,
 * AES and RSA. credential_tpm_test has a TPM do so.
 */
#include "kselftest_harness.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include "selftests/unit/hex.h"
#include "tools/provider-check/credential.h"

#define HASH	32

static const uint8_t name[34] = { 0x00, 0x0b, 1, 2, 3 };
static const uint8_t credential[HASH] = "thirty-two bytes, not any more.";

/* HMAC(key, counter, label, 0, context, bits), as the specification writes it down */
static void slow_kdfa(struct parsec_span key, const char *label, struct parsec_span context,
		      uint8_t *out, size_t len)
{
	uint8_t text[128] = { 0 }, hmac[HASH];
	size_t label_len = strlen(label) + 1, end = 4 + label_len + context.len;

	memcpy(text + 4, label, label_len);
	if (context.len)
		memcpy(text + 4 + label_len, context.data, context.len);
	text[end + 2] = (uint8_t)(len * 8 >> 8);
	text[end + 3] = (uint8_t)(len * 8);
	for (size_t at = 0; at < len; at += HASH) {
		text[3]++;
		HMAC(EVP_sha256(), key.data, (int)key.len, text, end + 4, hmac, NULL);
		memcpy(out + at, hmac, len - at < HASH ? len - at : HASH);
	}
}

TEST(kdfa_is_that_of_the_specification)
{
	static const size_t lens[] = { 1, 16, 31, 32, 33, 64, 100 };
	const struct parsec_span key = { credential, HASH }, none = { NULL, 0 };
	const struct parsec_span context = { name, sizeof(name) };
	uint8_t fast[100], slow[100];

	for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
		ASSERT_TRUE(kdfa(key, "STORAGE", context, fast, lens[i]));
		slow_kdfa(key, "STORAGE", context, slow, lens[i]);
		EXPECT_EQ(0, memcmp(fast, slow, lens[i])) TH_LOG("%zu bytes", lens[i]);
		ASSERT_TRUE(kdfa(key, "INTEGRITY", none, fast, lens[i]));
		slow_kdfa(key, "INTEGRITY", none, slow, lens[i]);
		EXPECT_EQ(0, memcmp(fast, slow, lens[i])) TH_LOG("%zu bytes", lens[i]);
	}
}

FIXTURE(challenge) {
	EVP_PKEY *pkey;
	uint8_t *der;
	struct parsec_span attesting;
	struct parsec_span name;
	struct challenge challenge;
};

FIXTURE_SETUP(challenge)
{
	int len;

	self->pkey = EVP_RSA_gen(2048);
	self->der = NULL;
	len = i2d_PublicKey(self->pkey, &self->der);
	ASSERT_LT(0, len);
	self->attesting = (struct parsec_span){ self->der, (size_t)len };
	self->name = (struct parsec_span){ name, sizeof(name) };
}

FIXTURE_TEARDOWN(challenge)
{
	OPENSSL_free(self->der);
	EVP_PKEY_free(self->pkey);
}

/* Bytes of the seed, 0 when it is not encrypted with this label */
static size_t open_seed(EVP_PKEY *pkey, const struct challenge *challenge, const char *label,
			uint8_t seed[256])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
	size_t len = 256, label_len = strlen(label) + 1;

	if (EVP_PKEY_decrypt_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) != 1 ||
	    EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, OPENSSL_memdup(label, label_len),
					     (int)label_len) != 1 ||
	    EVP_PKEY_decrypt(ctx, seed, &len, challenge->secret, challenge->secret_len) != 1)
		len = 0;
	EVP_PKEY_CTX_free(ctx);
	return len;
}

TEST_F(challenge, opens_with_the_private_key)
{
	const struct challenge *challenge = &self->challenge;
	const struct parsec_span none = { NULL, 0 };
	static const uint8_t iv[16];
	uint8_t seed[256], key[HASH], text[64 + sizeof(name)], hmac[HASH], inner[64];
	struct parsec_span span = { seed, HASH };
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int len = 0;

	ASSERT_TRUE(challenge_make(self->attesting, self->name,
				   (struct parsec_span){ credential, HASH }, &self->challenge));
	ASSERT_EQ(256, challenge->secret_len);
	ASSERT_EQ(HASH, open_seed(self->pkey, challenge, "IDENTITY", seed));
	ASSERT_EQ(2 + HASH + 2 + HASH, challenge->blob_len);
	EXPECT_EQ(0, challenge->blob[0]);
	EXPECT_EQ(HASH, challenge->blob[1]);
	/* HMAC of what is encrypted, and of the name */
	slow_kdfa(span, "INTEGRITY", none, key, HASH);
	memcpy(text, challenge->blob + 2 + HASH, 2 + HASH);
	memcpy(text + 2 + HASH, name, sizeof(name));
	HMAC(EVP_sha256(), key, HASH, text, 2 + HASH + sizeof(name), hmac, NULL);
	EXPECT_EQ(0, memcmp(hmac, challenge->blob + 2, HASH));
	slow_kdfa(span, "STORAGE", self->name, key, 16);
	ASSERT_EQ(1, EVP_DecryptInit_ex(ctx, EVP_aes_128_cfb128(), NULL, key, iv));
	ASSERT_EQ(1, EVP_DecryptUpdate(ctx, inner, &len, text, 2 + HASH));
	EVP_CIPHER_CTX_free(ctx);
	EXPECT_EQ(0, inner[0]);
	EXPECT_EQ(HASH, inner[1]);
	EXPECT_EQ(0, memcmp(credential, inner + 2, HASH));
}

/* The purpose is in the label: a secret for one is none for another */
TEST_F(challenge, has_the_label_that_is_wanted)
{
	uint8_t seed[256];
	const struct wrapping wrapping = {
		.attesting = self->attesting, .name = self->name,
		.inner = { credential, HASH }, .label = "DUPLICATE",
	};

	ASSERT_TRUE(challenge_wrap(&wrapping, &self->challenge));
	EXPECT_EQ(0, open_seed(self->pkey, &self->challenge, "IDENTITY", seed));
	EXPECT_EQ(HASH, open_seed(self->pkey, &self->challenge, "DUPLICATE", seed));
}

TEST_F(challenge, differs_each_time)
{
	const struct parsec_span span = { credential, HASH };
	struct challenge again;

	ASSERT_TRUE(challenge_make(self->attesting, self->name, span, &self->challenge));
	ASSERT_TRUE(challenge_make(self->attesting, self->name, span, &again));
	EXPECT_NE(0, memcmp(self->challenge.blob, again.blob, again.blob_len));
	EXPECT_NE(0, memcmp(self->challenge.secret, again.secret, again.secret_len));
}

TEST_F(challenge, is_not_made_of_what_is_too_long_or_no_key)
{
	uint8_t room[300] = { 0 };
	struct wrapping wrapping = {
		.attesting = self->attesting, .name = self->name,
		.inner = { room, 222 }, .label = "IDENTITY",
	};

	EXPECT_FALSE(challenge_make(self->attesting, self->name, (struct parsec_span){ room, 0 },
				    &self->challenge));
	EXPECT_TRUE(challenge_make(self->attesting, self->name,
				   (struct parsec_span){ room, CREDENTIAL_MAX }, &self->challenge));
	EXPECT_FALSE(challenge_make(self->attesting, self->name,
				    (struct parsec_span){ room, CREDENTIAL_MAX + 1 },
				    &self->challenge));
	EXPECT_TRUE(challenge_wrap(&wrapping, &self->challenge));
	wrapping.inner.len++;
	EXPECT_FALSE(challenge_wrap(&wrapping, &self->challenge));
	wrapping.inner.len--;
	wrapping.name = (struct parsec_span){ room, CREDENTIAL_NAME_MAX };
	EXPECT_TRUE(challenge_wrap(&wrapping, &self->challenge));
	wrapping.name.len++;
	EXPECT_FALSE(challenge_wrap(&wrapping, &self->challenge));
	wrapping.name.len--;
	wrapping.attesting.len--;
	EXPECT_FALSE(challenge_wrap(&wrapping, &self->challenge));
}

TEST_HARNESS_MAIN
