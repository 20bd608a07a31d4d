// SPDX-License-Identifier: Apache-2.0
/*
 * Elliptic curve keys in the software provider, against plain OpenSSL in both
 * directions and against published vectors.
 */
#include "kselftest_harness.h"

#include "selftests/unit/openssl_provider.h"

FIXTURE(ecc)
{
	struct parsec_provider_ctx *ctx;
	struct parsec_key *key;
	uint8_t hash[64];
};

FIXTURE_VARIANT(ecc)
{
	uint32_t bits;
	size_t field;
	uint8_t hash;
	size_t hash_len;
	const char *scalar, *x, *y, *r, *s;	/* RFC 6979, A.2.5 to A.2.7, "sample" */
};

FIXTURE_VARIANT_ADD(ecc, p256)
{
	.bits = 256, .field = 32, .hash = PARSEC_HASH_SHA_256, .hash_len = 32,
	.scalar = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
	.x = "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6",
	.y = "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299",
	.r = "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
	.s = "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
};

FIXTURE_VARIANT_ADD(ecc, p384)
{
	.bits = 384, .field = 48, .hash = PARSEC_HASH_SHA_384, .hash_len = 48,
	.scalar = "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D8"
		  "96D5724E4C70A825F872C9EA60D2EDF5",
	.x = "EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E06AAE5286B300C64"
	     "DEF8F0EA9055866064A254515480BC13",
	.y = "8015D9B72D7D57244EA8EF9AC0C621896708A59367F9DFB9F54CA84B3F1C9DB1"
	     "288B231C3AE0D4FE7344FD2533264720",
	.r = "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C"
	     "81A648152E44ACF96E36DD1E80FABE46",
	.s = "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94F"
	     "A329C145786E679E7B82C71A38628AC8",
};

FIXTURE_VARIANT_ADD(ecc, p521)
{
	.bits = 521, .field = 66, .hash = PARSEC_HASH_SHA_512, .hash_len = 64,
	.scalar = "00FAD06DAA62BA3B25D2FB40133DA757205DE67F5BB0018FEE8C86E1B68C7E75"
		  "CAA896EB32F1F47C70855836A6D16FCC1466F6D8FBEC67DB89EC0C08B0E996B8"
		  "3538",
	.x = "01894550D0785932E00EAA23B694F213F8C3121F86DC97A04E5A7167DB4E5BCD"
	     "371123D46E45DB6B5D5370A7F20FB633155D38FFA16D2BD761DCAC474B9A2F50"
	     "23A4",
	.y = "00493101C962CD4D2FDDF782285E64584139C2F91B47F87FF82354D6630F746A"
	     "28A0DB25741B5B34A828008B22ACC23F924FAAFBD4D33F81EA66956DFEAA2BFD"
	     "FCF5",
	.r = "00C328FAFCBD79DD77850370C46325D987CB525569FB63C5D3BC53950E6D4C5F"
	     "174E25A1EE9017B5D450606ADD152B534931D7D4E8455CC91F9B15BF05EC36E3"
	     "77FA",
	.s = "00617CCE7CF5064806C467F678D3B4080D6F1CC50AF26CA209417308281B68AF"
	     "282623EAA63E5B5C0723D8B8C37FF0777B1A20F8CCB1DCCC43997F1EE0E44DA4"
	     "A67A",
};

FIXTURE_SETUP(ecc)
{
	ASSERT_EQ(PARSEC_SUCCESS, ops->open(&quiet_host, NULL, 0, &self->ctx));
	self->key = generate(self->ctx, PARSEC_KEY_TYPE_ECC_KEY_PAIR, variant->bits);
	ASSERT_NE(NULL, self->key);
	memset(self->hash, 0x5a, sizeof(self->hash));
}

FIXTURE_TEARDOWN(ecc)
{
	ops->unload(self->ctx, self->key);
	ops->close(self->ctx);
}

TEST_F(ecc, public_key_is_an_uncompressed_point)
{
	struct bytes point = exported(self->ctx, self->key, false);

	EXPECT_EQ(1 + 2 * variant->field, point.len);
	EXPECT_EQ(4, point.data[0]);
}

TEST_F(ecc, private_key_is_a_scalar_that_plain_openssl_signs_with)
{
	struct bytes point = exported(self->ctx, self->key, false);
	struct bytes scalar = exported(self->ctx, self->key, true), der, raw;
	struct parsec_span hash = { self->hash, 32 };
	EVP_PKEY *pkey;

	ASSERT_EQ(variant->field, scalar.len);
	pkey = plain_ec(variant->bits, &point, &scalar);
	ASSERT_NE(NULL, pkey);
	der = plain_sign(pkey, false, "SHA256", hash);
	raw = raw_from_der(&der, variant->field);
	EXPECT_EQ(PARSEC_SUCCESS, verify(self->ctx, self->key,
					 HASH_ALG(PARSEC_SIGN_ECDSA, PARSEC_HASH_SHA_256),
					 hash, &raw));
	EVP_PKEY_free(pkey);
}

TEST_F(ecc, plain_openssl_verifies_signatures_over_each_hash)
{
	struct bytes point = exported(self->ctx, self->key, false), raw, der;
	EVP_PKEY *pkey = plain_ec(variant->bits, &point, NULL);

	for (size_t i = 0; i < HASH_COUNT; i++) {
		struct parsec_alg alg = HASH_ALG(PARSEC_SIGN_ECDSA, all_hashes[i].hash);
		struct parsec_span hash = { self->hash, all_hashes[i].size };

		ASSERT_EQ(PARSEC_SUCCESS, sign(self->ctx, self->key, alg, hash, &raw));
		ASSERT_EQ(2 * variant->field, raw.len);
		der = der_from_raw(&raw);
		EXPECT_TRUE(plain_verify(pkey, false, all_hashes[i].name, hash, &der));
		EXPECT_EQ(PARSEC_SUCCESS, verify(self->ctx, self->key, alg, hash, &raw));
	}
	EVP_PKEY_free(pkey);
}

TEST_F(ecc, short_r_is_padded_on_the_left)
{
	struct parsec_alg alg = HASH_ALG(PARSEC_SIGN_ECDSA, PARSEC_HASH_SHA_256);
	struct bytes point = exported(self->ctx, self->key, false), raw, der;
	/* P-521's first byte has one bit, so there it is 0 every other time */
	size_t significant = variant->bits == 521 ? 1 : 0;
	EVP_PKEY *pkey = plain_ec(variant->bits, &point, NULL);
	struct parsec_span hash = { self->hash, 32 };

	do {
		ASSERT_EQ(PARSEC_SUCCESS, sign(self->ctx, self->key, alg, hash, &raw));
		self->hash[0]++;
		hash.data = self->hash;
	} while (raw.data[significant] || (significant && raw.data[0]));
	self->hash[0]--;

	ASSERT_EQ(2 * variant->field, raw.len);
	der = der_from_raw(&raw);
	EXPECT_TRUE(plain_verify(pkey, false, "SHA256", hash, &der));
	EXPECT_EQ(PARSEC_SUCCESS, verify(self->ctx, self->key, alg, hash, &raw));
	EVP_PKEY_free(pkey);
}

TEST_F(ecc, published_scalar_gives_published_point)
{
	struct bytes scalar = from_hex(variant->scalar), point;
	struct bytes x = from_hex(variant->x), y = from_hex(variant->y);
	struct parsec_key *key;

	ASSERT_EQ(PARSEC_SUCCESS, import(self->ctx, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 0, &scalar,
					 &key));
	point = exported(self->ctx, key, false);
	EXPECT_EQ(0, memcmp(point.data + 1, x.data, x.len));
	EXPECT_EQ(0, memcmp(point.data + 1 + x.len, y.data, y.len));
	ops->unload(self->ctx, key);
}

TEST_F(ecc, published_signature_verifies)
{
	struct parsec_alg alg = HASH_ALG(PARSEC_SIGN_ECDSA, variant->hash);
	struct bytes scalar = from_hex(variant->scalar), signature = from_hex(variant->r);
	struct bytes s = from_hex(variant->s);
	uint8_t digest[64];
	struct parsec_span hash = { digest, variant->hash_len };
	struct parsec_key *key;

	memcpy(signature.data + signature.len, s.data, s.len);
	signature.len += s.len;
	EVP_Digest("sample", 6, digest, NULL,
		   variant->bits == 256 ? EVP_sha256() :
		   variant->bits == 384 ? EVP_sha384() : EVP_sha512(), NULL);
	ASSERT_EQ(PARSEC_SUCCESS, import(self->ctx, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 0, &scalar,
					 &key));
	EXPECT_EQ(PARSEC_SUCCESS, verify(self->ctx, key, alg, hash, &signature));
	digest[0] ^= 1;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
		  verify(self->ctx, key, alg, hash, &signature));
	ops->unload(self->ctx, key);
}

TEST_F(ecc, point_with_short_coordinate_is_padded_on_the_left)
{
	size_t significant = variant->bits == 521 ? 1 : 0;
	struct bytes scalar = { .len = variant->field }, point;
	struct parsec_key *key = NULL, *public;
	EVP_PKEY *pkey;

	for (unsigned int i = 1; !key; i++) {
		scalar.data[variant->field - 1] = (uint8_t)i;
		scalar.data[variant->field - 2] = (uint8_t)(i >> 8);
		ASSERT_EQ(PARSEC_SUCCESS, import(self->ctx, PARSEC_KEY_TYPE_ECC_KEY_PAIR,
						 variant->bits, &scalar, &key));
		point = exported(self->ctx, key, false);
		if (point.data[1] || point.data[1 + significant]) {
			ops->unload(self->ctx, key);
			key = NULL;
		}
	}
	EXPECT_EQ(1 + 2 * variant->field, point.len);
	pkey = plain_ec(variant->bits, &point, &scalar);
	EXPECT_NE(NULL, pkey);
	EVP_PKEY_free(pkey);
	ASSERT_EQ(PARSEC_SUCCESS, import(self->ctx, PARSEC_KEY_TYPE_ECC_PUBLIC_KEY, 0, &point,
					 &public));
	ops->unload(self->ctx, public);
	/* The scalar has leading zeros itself */
	EXPECT_EQ(variant->field, exported(self->ctx, key, true).len);
	ops->unload(self->ctx, key);
}

TEST_F(ecc, public_key_verifies_and_cannot_sign)
{
	struct parsec_alg alg = HASH_ALG(PARSEC_SIGN_ECDSA, PARSEC_HASH_SHA_256);
	struct bytes point = exported(self->ctx, self->key, false), raw, other;
	struct parsec_span hash = { self->hash, 32 };
	struct parsec_key *public;

	ASSERT_EQ(PARSEC_SUCCESS, import(self->ctx, PARSEC_KEY_TYPE_ECC_PUBLIC_KEY,
					 variant->bits, &point, &public));
	ASSERT_EQ(PARSEC_SUCCESS, sign(self->ctx, self->key, alg, hash, &raw));
	EXPECT_EQ(PARSEC_SUCCESS, verify(self->ctx, public, alg, hash, &raw));
	EXPECT_NE(PARSEC_SUCCESS, sign(self->ctx, public, alg, hash, &other));
	other = exported(self->ctx, public, true);
	EXPECT_EQ(0, memcmp(point.data, other.data, point.len));
	ops->unload(self->ctx, public);
}

TEST_F(ecc, real_size_is_deduced)
{
	struct parsec_key_attributes attrs = attributes(PARSEC_KEY_TYPE_ECC_PUBLIC_KEY, 0);
	struct bytes point = exported(self->ctx, self->key, false), blob;
	struct parsec_out out = { blob.data, sizeof(blob.data), 0 };

	EXPECT_EQ(PARSEC_SUCCESS, ops->import(self->ctx, some_id, &attrs, span_of(&point),
					      &out));
	EXPECT_EQ(variant->bits, attrs.bits);
}

TEST_F(ecc, every_changed_signature_is_refused)
{
	struct parsec_alg alg = HASH_ALG(PARSEC_SIGN_ECDSA, PARSEC_HASH_SHA_256);
	struct parsec_span hash = { self->hash, 32 };
	struct bytes raw;

	ASSERT_EQ(PARSEC_SUCCESS, sign(self->ctx, self->key, alg, hash, &raw));
	for (size_t i = 0; i < raw.len; i++) {
		raw.data[i] ^= 0x81;
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
			  verify(self->ctx, self->key, alg, hash, &raw));
		raw.data[i] ^= 0x81;
	}
	memset(raw.data, 0, variant->field);
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
		  verify(self->ctx, self->key, alg, hash, &raw));
}

TEST_F(ecc, signature_of_wrong_length_is_refused)
{
	struct parsec_alg alg = HASH_ALG(PARSEC_SIGN_ECDSA, PARSEC_HASH_SHA_256);
	struct parsec_span hash = { self->hash, 32 };
	struct bytes raw;

	ASSERT_EQ(PARSEC_SUCCESS, sign(self->ctx, self->key, alg, hash, &raw));
	for (size_t len = 0; len <= sizeof(raw.data); len += len < 140 ? 1 : 2017) {
		if (len == 2 * variant->field)
			continue;
		raw.len = len;
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
			  verify(self->ctx, self->key, alg, hash, &raw));
	}
}

TEST_F(ecc, signature_of_another_key_is_refused)
{
	struct parsec_alg alg = HASH_ALG(PARSEC_SIGN_ECDSA, PARSEC_HASH_SHA_256);
	struct parsec_key *other = generate(self->ctx, PARSEC_KEY_TYPE_ECC_KEY_PAIR,
					    variant->bits);
	struct parsec_span hash = { self->hash, 32 };
	struct bytes raw;

	ASSERT_EQ(PARSEC_SUCCESS, sign(self->ctx, other, alg, hash, &raw));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
		  verify(self->ctx, self->key, alg, hash, &raw));
	ops->unload(self->ctx, other);
}

TEST_F(ecc, hash_of_wrong_length_is_an_invalid_argument)
{
	struct parsec_alg alg = HASH_ALG(PARSEC_SIGN_ECDSA, PARSEC_HASH_SHA_256);
	struct bytes raw;

	for (size_t len = 0; len <= 64; len++) {
		struct parsec_span hash = { self->hash, len };

		EXPECT_EQ(len == 32 ? PARSEC_SUCCESS : PARSEC_PSA_ERROR_INVALID_ARGUMENT,
			  sign(self->ctx, self->key, alg, hash, &raw));
	}
}

TEST_F(ecc, schemes_of_other_keys_are_not_supported)
{
	struct parsec_span hash = { self->hash, 32 };
	struct bytes raw;

	for (uint8_t scheme = 0; scheme < 9; scheme++) {
		if (scheme == PARSEC_SIGN_ECDSA || scheme == PARSEC_SIGN_ECDSA_ANY)
			continue;
		EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
			  sign(self->ctx, self->key, HASH_ALG(scheme, PARSEC_HASH_SHA_256), hash,
			       &raw));
	}
	for (unsigned int h = 0; h < 256; h++) {
		if (h >= PARSEC_HASH_MD5 && h <= PARSEC_HASH_LAST)
			continue;
		EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
			  sign(self->ctx, self->key, HASH_ALG(PARSEC_SIGN_ECDSA, (uint8_t)h),
			       hash, &raw));
	}
}

TEST_F(ecc, output_that_does_not_fit_is_not_written)
{
	struct parsec_alg alg = HASH_ALG(PARSEC_SIGN_ECDSA, PARSEC_HASH_SHA_256);
	struct parsec_span hash = { self->hash, 32 };
	uint8_t room[1 + 2 * 66];
	struct parsec_out out = { room, 2 * variant->field - 1, 0 };

	EXPECT_EQ(PARSEC_PSA_ERROR_BUFFER_TOO_SMALL,
		  ops->sign(self->ctx, self->key, &alg, hash, &out));
	out.size = 2 * variant->field;
	EXPECT_EQ(PARSEC_PSA_ERROR_BUFFER_TOO_SMALL,
		  ops->export_public(self->ctx, self->key, &out));
	out.size = variant->field - 1;
	EXPECT_EQ(PARSEC_PSA_ERROR_BUFFER_TOO_SMALL, ops->export(self->ctx, self->key, &out));
}

TEST_F(ecc, bad_public_keys_are_invalid_arguments)
{
	struct bytes point = exported(self->ctx, self->key, false), bad;
	struct parsec_key *key;

	for (size_t len = 0; len < point.len + 3; len++) {
		bad = point;
		bad.len = len;
		if (len != point.len)
			EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
				  import(self->ctx, PARSEC_KEY_TYPE_ECC_PUBLIC_KEY, 0, &bad,
					 &key));
	}
	for (unsigned int form = 0; form < 256; form++) {
		bad = point;
		bad.data[0] = (uint8_t)form;
		if (form != 4)
			EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
				  import(self->ctx, PARSEC_KEY_TYPE_ECC_PUBLIC_KEY, 0, &bad,
					 &key));
	}
	bad = point;
	bad.data[point.len - 1] ^= 1;	/* not on the curve */
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  import(self->ctx, PARSEC_KEY_TYPE_ECC_PUBLIC_KEY, 0, &bad, &key));
	memset(bad.data + 1, 0xff, point.len - 1);	/* above the prime */
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  import(self->ctx, PARSEC_KEY_TYPE_ECC_PUBLIC_KEY, 0, &bad, &key));
}

TEST_F(ecc, bad_scalars_are_invalid_arguments)
{
	struct bytes scalar = { .len = variant->field };
	struct parsec_key *key;

	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  import(self->ctx, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 0, &scalar, &key));
	memset(scalar.data, 0xff, scalar.len);
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  import(self->ctx, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 0, &scalar, &key));
	scalar = exported(self->ctx, self->key, true);
	scalar.len--;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  import(self->ctx, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 0, &scalar, &key));
	scalar.len += 2;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  import(self->ctx, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 0, &scalar, &key));
}

TEST_F(ecc, size_that_contradicts_the_data_is_an_invalid_argument)
{
	struct bytes scalar = exported(self->ctx, self->key, true);
	struct parsec_key *key;

	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  import(self->ctx, PARSEC_KEY_TYPE_ECC_KEY_PAIR,
			 variant->bits == 256 ? 384 : 256, &scalar, &key));
}

TEST_HARNESS_MAIN
