// SPDX-License-Identifier: Apache-2.0
/*
 * RSA keys and ECDSA signatures in DER, as providers read and write them, against OpenSSL's
 * reading and writing.
 */
#include "kselftest_harness.h"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "providers/lib/ecdsa.h"
#include "providers/lib/rsa.h"
#include "selftests/unit/hex.h"

/* PKCS#1, as OpenSSL writes it */
static struct parsec_span pkcs1(EVP_PKEY *pkey, bool private, uint8_t **room)
{
	int len;

	*room = NULL;
	len = private ? i2d_PrivateKey(pkey, room) : i2d_PublicKey(pkey, room);
	return (struct parsec_span){ *room, len > 0 ? (size_t)len : 0 };
}

static bool number_is(const EVP_PKEY *pkey, const char *name, struct parsec_span number)
{
	BIGNUM *theirs = NULL, *ours = BN_bin2bn(number.data, (int)number.len, NULL);
	bool equal = EVP_PKEY_get_bn_param(pkey, name, &theirs) == 1 &&
		     !BN_cmp(theirs, ours) && (!number.len || number.data[0]);

	BN_free(theirs);
	BN_free(ours);
	return equal;
}

/* With not a byte of room too much, and then with one too little */
static bool written_again(const struct rsa_private *key, struct parsec_span der)
{
	uint8_t ours[1024];
	struct parsec_out out = { ours, der.len, 0 };
	bool equal = rsa_write_private(key, &out) == PARSEC_SUCCESS &&
		     same((struct parsec_span){ ours, out.len }, der);

	out.size--;
	ours[out.size] = 0xcc;
	return equal && rsa_write_private(key, &out) == PARSEC_PSA_ERROR_BUFFER_TOO_SMALL &&
	       ours[out.size] == 0xcc;
}

TEST(rsa_keys_of_openssl_are_read)
{
	EVP_PKEY *pkey = EVP_RSA_gen(1024);
	struct rsa_private key;
	struct rsa_public public;
	struct parsec_span der;
	uint8_t *room;

	ASSERT_NE(NULL, pkey);
	der = pkcs1(pkey, true, &room);
	ASSERT_TRUE(rsa_read_private(der, &key));
	EXPECT_TRUE(written_again(&key, der));
	EXPECT_TRUE(number_is(pkey, "n", key.public.n));
	EXPECT_TRUE(number_is(pkey, "e", key.public.e));
	EXPECT_TRUE(number_is(pkey, "d", key.d));
	EXPECT_TRUE(number_is(pkey, "rsa-factor1", key.p));
	EXPECT_TRUE(number_is(pkey, "rsa-factor2", key.q));
	EXPECT_TRUE(number_is(pkey, "rsa-exponent1", key.dp));
	EXPECT_TRUE(number_is(pkey, "rsa-exponent2", key.dq));
	EXPECT_TRUE(number_is(pkey, "rsa-coefficient1", key.qinv));
	EXPECT_EQ(1024, rsa_bits(&key.public));
	OPENSSL_free(room);

	ASSERT_TRUE(rsa_read_public(pkcs1(pkey, false, &room), &public));
	EXPECT_TRUE(number_is(pkey, "n", public.n));
	EXPECT_TRUE(number_is(pkey, "e", public.e));
	OPENSSL_free(room);
	EVP_PKEY_free(pkey);
}

/* A public key cut, lengthened or with any bit changed in what is not the numbers */
TEST(rsa_keys_that_are_not_whole_are_refused)
{
	EVP_PKEY *pkey = EVP_RSA_gen(1024);
	struct parsec_span der, part;
	uint8_t *room, longer[1024];
	struct rsa_private key;

	der = pkcs1(pkey, true, &room);
	ASSERT_GT(sizeof(longer), der.len);
	for (size_t len = 0; len < der.len; len++) {
		part = (struct parsec_span){ der.data, len };
		ASSERT_FALSE(rsa_read_private(part, &key));
	}
	memcpy(longer, der.data, der.len);
	longer[der.len] = 0;
	EXPECT_FALSE(rsa_read_private((struct parsec_span){ longer, der.len + 1 }, &key));
	/* Tag, length and version; the modulus begins behind them */
	for (size_t bit = 0; bit < 8 * 7; bit++) {
		longer[bit / 8] ^= 1 << bit % 8;
		ASSERT_FALSE(rsa_read_private((struct parsec_span){ longer, der.len }, &key));
		longer[bit / 8] ^= 1 << bit % 8;
	}
	OPENSSL_free(room);
	EVP_PKEY_free(pkey);
}

static bool is_public(const char *text)
{
	struct rsa_public key;
	uint8_t room[HEX_MAX];

	return rsa_read_public(hex(text, room), &key);
}

TEST(only_der_is_read)
{
	EXPECT_TRUE(is_public("30060201050201" "03"));
	/* A number that is 0, negative, longer than it need be, or empty */
	EXPECT_FALSE(is_public("3006020100020103"));
	EXPECT_FALSE(is_public("3006020105020100"));
	EXPECT_FALSE(is_public("3006020185020103"));
	EXPECT_FALSE(is_public("300702020005020103"));
	EXPECT_FALSE(is_public("30050200020103"));
	/* A length that is longer than it need be, indefinite, or more than there is */
	EXPECT_FALSE(is_public("308106020105020103"));
	EXPECT_FALSE(is_public("30820006020105020103"));
	EXPECT_FALSE(is_public("30800201050201030000"));
	EXPECT_FALSE(is_public("3007020105020103"));
	EXPECT_FALSE(is_public("30ff020105020103"));
	EXPECT_FALSE(is_public("3084ffffffff020105020103"));
	EXPECT_FALSE(is_public("3085000000000620105020103"));
	/* Something between the numbers and the end, or behind it */
	EXPECT_FALSE(is_public("3009020105020103020101"));
	EXPECT_FALSE(is_public("300602010502010300"));
	EXPECT_FALSE(is_public("3003020105"));
	EXPECT_FALSE(is_public(""));
}

/* A number of OpenSSL as an element: bytes of it, and with @at the element itself */
static int put_integer(const BIGNUM *number, uint8_t **at)
{
	ASN1_INTEGER *integer = BN_to_ASN1_INTEGER(number, NULL);
	int len = i2d_ASN1_INTEGER(integer, at);

	ASN1_INTEGER_free(integer);
	return len;
}

static int openssl_public(const struct rsa_public *key, uint8_t *to)
{
	BIGNUM *n = BN_bin2bn(key->n.data, (int)key->n.len, NULL);
	BIGNUM *e = BN_bin2bn(key->e.data, (int)key->e.len, NULL);
	uint8_t *at = to;

	ASN1_put_object(&at, 1, put_integer(n, NULL) + put_integer(e, NULL), V_ASN1_SEQUENCE,
			V_ASN1_UNIVERSAL);
	put_integer(n, &at);
	put_integer(e, &at);
	BN_free(n);
	BN_free(e);
	return (int)(at - to);
}

/* Of lengths on both sides of where DER needs a byte more for them */
TEST(public_keys_are_written_as_openssl_writes_them)
{
	static const uint32_t lengths[] = { 1, 110, 119, 120, 127, 128, 129, 245, 246, 250, 255,
					    256, 257, 512 };
	static const uint8_t first[] = { 0x01, 0x7f, 0x80, 0xff };
	uint8_t n[513] = { 0 }, e[] = { 0, 1, 0, 1 }, ours[600];

	for (size_t i = 0; i < 4 * sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct rsa_public key = {
			/* Zeros in front make no difference */
			.n = { n, lengths[i / 4] + 1 }, .e = { e, sizeof(e) },
		}, again;
		struct parsec_out out = { ours, sizeof(ours), 0 };
		uint8_t theirs[600];
		int len;

		memset(n + 1, 0x5a, sizeof(n) - 1);
		n[1] = first[i % 4];
		EXPECT_EQ(8 * (lengths[i / 4] - 1) + (i % 4 ? i % 4 == 1 ? 7 : 8 : 1),
			  rsa_bits(&key));
		len = openssl_public(&key, theirs);
		ASSERT_EQ(PARSEC_SUCCESS, rsa_write_public(&key, &out));
		ASSERT_TRUE(same((struct parsec_span){ theirs, (size_t)len },
				 (struct parsec_span){ ours, out.len }));
		ASSERT_TRUE(rsa_read_public((struct parsec_span){ ours, out.len }, &again));
		ASSERT_EQ(key.n.len - 1, again.n.len);

		/* A byte too little, and nothing is written behind it */
		out.size = (size_t)len - 1;
		ours[out.size] = 0xcc;
		EXPECT_EQ(PARSEC_PSA_ERROR_BUFFER_TOO_SMALL, rsa_write_public(&key, &out));
		EXPECT_EQ(0xcc, ours[out.size]);
	}
}

/* As many zeros in front of r and s as the field has room for, as i says */
static void make_signature(uint8_t *signature, size_t field, unsigned int i)
{
	for (size_t at = 0; at < 2 * field; at++)
		signature[at] = (uint8_t)(0x7b + 31 * at + i);
	signature[0] = signature[field] = i & 1 ? 0x80 : 0x7f;
	memset(signature, 0, i % (field + 1));
	memset(signature + field, 0, (i / 3) % (field + 1));
}

TEST(ecdsa_signatures_are_written_and_read_as_openssl_does)
{
	static const size_t fields[] = { 20, 24, 32, 48, 66, 72 };

	for (size_t i = 0; i < 200 * sizeof(fields) / sizeof(fields[0]); i++) {
		const size_t field = fields[i / 200];
		uint8_t signature[2 * ECDSA_FIELD_MAX], again[2 * ECDSA_FIELD_MAX];
		uint8_t ours[ECDSA_DER_MAX], theirs[ECDSA_DER_MAX + 8], *at = theirs;
		ECDSA_SIG *sig = ECDSA_SIG_new();
		size_t len;
		int their_len;

		make_signature(signature, field, (unsigned int)i);
		ASSERT_EQ(1, ECDSA_SIG_set0(sig, BN_bin2bn(signature, (int)field, NULL),
					    BN_bin2bn(signature + field, (int)field, NULL)));
		their_len = i2d_ECDSA_SIG(sig, &at);
		len = ecdsa_to_der(signature, field, ours);
		ASSERT_TRUE(same((struct parsec_span){ theirs, (size_t)their_len },
				 (struct parsec_span){ ours, len }));
		ASSERT_TRUE(ecdsa_from_der((struct parsec_span){ ours, len }, again, field));
		ASSERT_FALSE(memcmp(signature, again, 2 * field));
		ECDSA_SIG_free(sig);
	}
}

TEST(ecdsa_signatures_that_do_not_fit_are_refused)
{
	uint8_t signature[2 * 32], der[ECDSA_DER_MAX + 1], again[2 * 32];
	size_t len;

	make_signature(signature, 32, 0);
	len = ecdsa_to_der(signature, 32, der);
	ASSERT_TRUE(ecdsa_from_der((struct parsec_span){ der, len }, again, 32));
	EXPECT_FALSE(ecdsa_from_der((struct parsec_span){ der, len }, again, 31));
	der[len] = 0;
	EXPECT_FALSE(ecdsa_from_der((struct parsec_span){ der, len + 1 }, again, 32));
	for (size_t i = 0; i < len; i++)
		ASSERT_FALSE(ecdsa_from_der((struct parsec_span){ der, i }, again, 32));
}

TEST(numbers_are_padded_to_a_width)
{
	const uint8_t number[] = { 0, 0, 1, 2 };
	uint8_t to[4] = { 9, 9, 9, 9 };

	EXPECT_TRUE(number_pad((struct parsec_span){ number, 4 }, to, 3));
	EXPECT_TRUE(same((struct parsec_span){ to, 4 },
			 (struct parsec_span){ (const uint8_t[]){ 0, 1, 2, 9 }, 4 }));
	EXPECT_FALSE(number_pad((struct parsec_span){ number, 4 }, to, 1));
	EXPECT_TRUE(number_pad((struct parsec_span){ NULL, 0 }, to, 2));
	EXPECT_EQ(0, to[0] | to[1]);
}

TEST_HARNESS_MAIN
