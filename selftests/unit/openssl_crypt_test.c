// SPDX-License-Identifier: Apache-2.0
/*
 * RSA encryption, and the signature schemes that sign what they are given, in the
 * software provider, against plain OpenSSL in both directions.
 */
#include "kselftest_harness.h"

#include "selftests/unit/openssl_symmetric.h"
#include "selftests/unit/rsa_keys.h"

#define PKCS1	((struct parsec_alg){ .kind = PARSEC_ALG_ASYMMETRIC_ENCRYPTION, \
				      .scheme = PARSEC_CRYPT_RSA_PKCS1V15 })
#define OAEP(oaep_hash) \
	((struct parsec_alg){ .kind = PARSEC_ALG_ASYMMETRIC_ENCRYPTION, \
			      .scheme = PARSEC_CRYPT_RSA_OAEP, .hash = oaep_hash })

FIXTURE(crypt)
{
	struct parsec_provider_ctx *ctx;
	struct parsec_key *key, *public;
	EVP_PKEY *plain, *plain_public;
	size_t size;
};

FIXTURE_VARIANT(crypt)
{
	size_t size;
};

FIXTURE_VARIANT_ADD(crypt, rsa1024) { .size = 128 };
FIXTURE_VARIANT_ADD(crypt, rsa3072) { .size = 384 };

FIXTURE_SETUP(crypt)
{
	struct bytes data, point;

	self->size = variant->size;
	ASSERT_EQ(PARSEC_SUCCESS, ops->open(&quiet_host, NULL, 0, &self->ctx));
	if (variant->size == 128) {
		self->key = generate(self->ctx, PARSEC_KEY_TYPE_RSA_KEY_PAIR, 1024);
	} else {
		data = from_pem(rsa_3072_pem);
		ASSERT_EQ(PARSEC_SUCCESS, import(self->ctx, PARSEC_KEY_TYPE_RSA_KEY_PAIR, 0,
						 &data, &self->key));
	}
	ASSERT_NE(NULL, self->key);
	data = exported(self->ctx, self->key, true);
	point = exported(self->ctx, self->key, false);
	self->plain = plain_rsa(&data, true);
	self->plain_public = plain_rsa(&point, false);
	ASSERT_EQ(PARSEC_SUCCESS, import(self->ctx, PARSEC_KEY_TYPE_RSA_PUBLIC_KEY, 0, &point,
					 &self->public));
}

FIXTURE_TEARDOWN(crypt)
{
	EVP_PKEY_free(self->plain);
	EVP_PKEY_free(self->plain_public);
	ops->unload(self->ctx, self->key);
	ops->unload(self->ctx, self->public);
	ops->close(self->ctx);
}

static enum parsec_status encrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				  struct parsec_alg alg, const struct bytes *label,
				  const struct bytes *text, struct bytes *result)
{
	struct parsec_out out = { result->data, sizeof(result->data), 0 };
	enum parsec_status status;

	status = ops->asymmetric_encrypt(ctx, key, &alg, span_of(label), span_of(text), &out);
	result->len = out.len;
	return status;
}

static enum parsec_status decrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				  struct parsec_alg alg, const struct bytes *label,
				  const struct bytes *text, struct bytes *result)
{
	struct parsec_out out = { result->data, sizeof(result->data), 0 };
	enum parsec_status status;

	status = ops->asymmetric_decrypt(ctx, key, &alg, span_of(label), span_of(text), &out);
	result->len = out.len;
	return status;
}

/* Plain OpenSSL; @padding RSA_NO_PADDING for bad messages, @md for OAEP only */
static struct bytes plain(EVP_PKEY *pkey, bool encrypts, int padding, const char *md,
			  const struct bytes *label, const struct bytes *text)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
	struct bytes result = { .len = 0 };
	size_t len = sizeof(result.data);
	int done;

	done = encrypts ? EVP_PKEY_encrypt_init(ctx) : EVP_PKEY_decrypt_init(ctx);
	EVP_PKEY_CTX_set_rsa_padding(ctx, padding);
	if (md) {
		EVP_PKEY_CTX_set_rsa_oaep_md_name(ctx, md, NULL);
		EVP_PKEY_CTX_set_rsa_mgf1_md_name(ctx, md, NULL);
		if (label->len)
			EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, OPENSSL_memdup(label->data,
									     label->len),
							 (int)label->len);
	}
	if (done == 1 &&
	    (encrypts ? EVP_PKEY_encrypt : EVP_PKEY_decrypt)(ctx, result.data, &len, text->data,
							     text->len) == 1)
		result.len = len;
	EVP_PKEY_CTX_free(ctx);
	return result;
}

static const struct bytes no_label = { .len = 0 };

TEST_F(crypt, pkcs1_agrees_with_plain_openssl_on_random_input)
{
	for (unsigned int round = 0; round < 100; round++) {
		struct bytes text = random_data(1 + random_below(self->size - 11)), sealed, got;

		ASSERT_EQ(PARSEC_SUCCESS, encrypt(self->ctx, round % 2 ? self->key : self->public,
						  PKCS1, &no_label, &text, &sealed));
		ASSERT_EQ(self->size, sealed.len);
		got = plain(self->plain, false, RSA_PKCS1_PADDING, NULL, NULL, &sealed);
		ASSERT_TRUE(same(&text, &got));
		sealed = plain(self->plain_public, true, RSA_PKCS1_PADDING, NULL, NULL, &text);
		ASSERT_EQ(PARSEC_SUCCESS,
			  decrypt(self->ctx, self->key, PKCS1, &no_label, &sealed, &got));
		ASSERT_TRUE(same(&text, &got));
	}
}

TEST_F(crypt, oaep_agrees_with_plain_openssl_for_each_hash)
{
	for (size_t i = 0; i < HASH_COUNT; i++) {
		size_t around = 2 * all_hashes[i].size + 2;
		const char *name = all_hashes[i].name;
		struct parsec_alg alg = OAEP(all_hashes[i].hash);

		if (around >= self->size)
			continue;
		for (unsigned int round = 0; round < 20; round++) {
			struct bytes label = random_data(round % 2 ? random_below(100) : 0);
			struct bytes text, sealed, got;

			text = random_data(1 + random_below(self->size - around));
			ASSERT_EQ(PARSEC_SUCCESS, encrypt(self->ctx, self->public, alg, &label,
							  &text, &sealed));
			got = plain(self->plain, false, RSA_PKCS1_OAEP_PADDING, name, &label,
				    &sealed);
			ASSERT_TRUE(same(&text, &got)) TH_LOG("%s", name);
			sealed = plain(self->plain_public, true, RSA_PKCS1_OAEP_PADDING, name,
				       &label, &text);
			ASSERT_EQ(PARSEC_SUCCESS, decrypt(self->ctx, self->key, alg, &label,
							  &sealed, &got));
			ASSERT_TRUE(same(&text, &got)) TH_LOG("%s", name);
		}
	}
}

TEST_F(crypt, another_label_is_wrong_padding)
{
	struct parsec_alg alg = OAEP(PARSEC_HASH_SHA_256);
	struct bytes label = random_data(5), text = random_data(20), sealed, got;

	ASSERT_EQ(PARSEC_SUCCESS, encrypt(self->ctx, self->key, alg, &label, &text, &sealed));
	label.data[4] ^= 1;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_PADDING,
		  decrypt(self->ctx, self->key, alg, &label, &sealed, &got));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_PADDING,
		  decrypt(self->ctx, self->key, alg, &no_label, &sealed, &got));
}

TEST_F(crypt, longest_text_fits_and_one_byte_more_is_an_invalid_argument)
{
	struct parsec_alg algs[] = { PKCS1, OAEP(PARSEC_HASH_SHA_256), OAEP(PARSEC_HASH_SHA_1) };
	size_t around[] = { 11, 66, 42 };

	for (size_t i = 0; i < 3; i++) {
		struct bytes text = random_data(self->size - around[i]), sealed, got;

		ASSERT_EQ(PARSEC_SUCCESS, encrypt(self->ctx, self->public, algs[i], &no_label,
						  &text, &sealed));
		ASSERT_EQ(PARSEC_SUCCESS, decrypt(self->ctx, self->key, algs[i], &no_label,
						  &sealed, &got));
		EXPECT_TRUE(same(&text, &got));
		text.len++;
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
			  encrypt(self->ctx, self->public, algs[i], &no_label, &text, &sealed));
	}
}

TEST_F(crypt, each_kind_of_wrong_pkcs1_padding_is_found)
{
	for (unsigned int kind = 0; kind < 6; kind++) {
		struct bytes message = { .len = self->size }, sealed, got;

		memset(message.data, 0x55, self->size);
		message.data[0] = 0;
		message.data[1] = 2;
		message.data[self->size - 10] = 0;
		if (kind == 1)
			message.data[0] = 1;
		if (kind == 2)
			message.data[1] = 1;
		if (kind == 3)
			message.data[self->size - 10] = 1;	/* no separator */
		if (kind == 4)
			message.data[5] = 0;			/* padding is too short */
		if (kind == 5)
			message.data[2] = 0;			/* no padding */
		sealed = plain(self->plain_public, true, RSA_NO_PADDING, NULL, NULL, &message);
		ASSERT_EQ(self->size, sealed.len);
		EXPECT_EQ(kind ? PARSEC_PSA_ERROR_INVALID_PADDING : PARSEC_SUCCESS,
			  decrypt(self->ctx, self->key, PKCS1, &no_label, &sealed, &got));
		EXPECT_EQ(kind ? 0 : 9, got.len);
	}
}

TEST_F(crypt, changed_ciphertexts_are_wrong_padding)
{
	struct parsec_alg alg = OAEP(PARSEC_HASH_SHA_1);
	struct bytes text = random_data(20), sealed, got;

	for (unsigned int round = 0; round < 50; round++) {
		ASSERT_EQ(PARSEC_SUCCESS, encrypt(self->ctx, self->public, alg, &no_label, &text,
						  &sealed));
		sealed.data[1 + random_below(self->size - 1)] ^= 0x10;
		ASSERT_EQ(PARSEC_PSA_ERROR_INVALID_PADDING,
			  decrypt(self->ctx, self->key, alg, &no_label, &sealed, &got));
	}
}

TEST_F(crypt, what_is_no_ciphertext_of_the_key_is_an_invalid_argument)
{
	struct bytes short_one = random_data(self->size - 1), big = random_data(self->size), got;

	memset(big.data, 0xff, big.len);
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  decrypt(self->ctx, self->key, PKCS1, &no_label, &short_one, &got));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  decrypt(self->ctx, self->key, PKCS1, &no_label, &big, &got));
}

TEST_F(crypt, what_cannot_be_done_is_refused)
{
	struct parsec_key *aes = generate(self->ctx, PARSEC_KEY_TYPE_AES, 128);
	struct bytes label = random_data(4), text = random_data(16), got;

	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  encrypt(self->ctx, aes, PKCS1, &no_label, &text, &got));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  encrypt(self->ctx, self->key, OAEP(PARSEC_HASH_MD2), &no_label, &text, &got));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  encrypt(self->ctx, self->key, PKCS1, &label, &text, &got));
	text = random_data(self->size);
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  decrypt(self->ctx, self->public, PKCS1, &no_label, &text, &got));
	ops->unload(self->ctx, aes);
}

/* The DER of a DigestInfo of SHA-256, before the hash */
static const char digest_info[] = "3031300d060960864801650304020105000420";

TEST_F(crypt, raw_signature_of_a_digest_info_is_the_signature_of_the_hash)
{
	struct parsec_alg raw = HASH_ALG(PARSEC_SIGN_RSA_PKCS1V15_RAW, 0);
	struct parsec_alg hashed = HASH_ALG(PARSEC_SIGN_RSA_PKCS1V15, PARSEC_HASH_SHA_256);
	struct bytes info = from_hex(digest_info), hash = random_data(32), a, b;

	memcpy(info.data + info.len, hash.data, 32);
	info.len += 32;
	ASSERT_EQ(PARSEC_SUCCESS, sign(self->ctx, self->key, raw, span_of(&info), &a));
	ASSERT_EQ(PARSEC_SUCCESS, sign(self->ctx, self->key, hashed, span_of(&hash), &b));
	EXPECT_TRUE(same(&a, &b));
	EXPECT_TRUE(plain_verify(self->plain_public, false, "SHA256", span_of(&hash), &a));
	EXPECT_EQ(PARSEC_SUCCESS, verify(self->ctx, self->public, raw, span_of(&info), &b));
	info.data[25] ^= 1;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
		  verify(self->ctx, self->public, raw, span_of(&info), &b));
}

TEST_F(crypt, raw_signature_takes_what_the_padding_leaves_room_for)
{
	struct parsec_alg raw = HASH_ALG(PARSEC_SIGN_RSA_PKCS1V15_RAW, 0);
	struct bytes data = random_data(self->size - 11), signature;

	ASSERT_EQ(PARSEC_SUCCESS, sign(self->ctx, self->key, raw, span_of(&data), &signature));
	EXPECT_EQ(PARSEC_SUCCESS,
		  verify(self->ctx, self->public, raw, span_of(&data), &signature));
	data.len++;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  sign(self->ctx, self->key, raw, span_of(&data), &signature));
	data.len = 0;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  sign(self->ctx, self->key, raw, span_of(&data), &signature));
}

TEST(ecdsa_any_takes_the_bytes_that_the_order_has)
{
	struct parsec_alg any = HASH_ALG(PARSEC_SIGN_ECDSA_ANY, 0);
	struct parsec_provider_ctx *ctx;
	struct bytes point, raw, der;
	struct parsec_key *key;
	EVP_PKEY *pkey;

	ASSERT_EQ(PARSEC_SUCCESS, ops->open(&quiet_host, NULL, 0, &ctx));
	key = generate(ctx, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256);
	point = exported(ctx, key, false);
	pkey = plain_ec(256, &point, NULL);
	for (size_t len = 0; len < 100; len++) {
		struct bytes data = random_data(len), cut = data;
		struct parsec_alg sha256 = HASH_ALG(PARSEC_SIGN_ECDSA, PARSEC_HASH_SHA_256);
		EVP_PKEY_CTX *plain_verifier = EVP_PKEY_CTX_new(pkey, NULL);

		ASSERT_EQ(PARSEC_SUCCESS, sign(ctx, key, any, span_of(&data), &raw));
		ASSERT_EQ(64, raw.len);
		der = der_from_raw(&raw);
		EVP_PKEY_verify_init(plain_verifier);
		ASSERT_EQ(1, EVP_PKEY_verify(plain_verifier, der.data, der.len, data.data, len));
		EVP_PKEY_CTX_free(plain_verifier);
		EXPECT_EQ(PARSEC_SUCCESS, verify(ctx, key, any, span_of(&data), &raw));
		cut.len = 32;
		if (len >= 32) {
			EXPECT_EQ(PARSEC_SUCCESS, verify(ctx, key, sha256, span_of(&cut), &raw));
		}
	}
	EVP_PKEY_free(pkey);
	ops->unload(ctx, key);
	ops->close(ctx);
}

TEST_HARNESS_MAIN
