// SPDX-License-Identifier: Apache-2.0
/*
 * What a key may do, against the whole table of the contract's section 10.
 */
#include "kselftest_harness.h"

#include "helper/policy.h"

/* One algorithm of each scheme, in the order of the letters in compatible[] */
static const struct parsec_alg schemes[] = {
	{ .kind = PARSEC_ALG_MAC, .scheme = PARSEC_MAC_HMAC, .hash = PARSEC_HASH_SHA_256 },
	{ .kind = PARSEC_ALG_MAC, .scheme = PARSEC_MAC_HMAC, .hash = PARSEC_HASH_SHA_256,
	  .length = 8 },
	{ .kind = PARSEC_ALG_MAC, .scheme = PARSEC_MAC_CBC_MAC },
	{ .kind = PARSEC_ALG_MAC, .scheme = PARSEC_MAC_CMAC, .length = 4 },
	{ .kind = PARSEC_ALG_CIPHER, .scheme = PARSEC_CIPHER_STREAM_CIPHER },
	{ .kind = PARSEC_ALG_CIPHER, .scheme = PARSEC_CIPHER_CTR },
	{ .kind = PARSEC_ALG_CIPHER, .scheme = PARSEC_CIPHER_CFB },
	{ .kind = PARSEC_ALG_CIPHER, .scheme = PARSEC_CIPHER_OFB },
	{ .kind = PARSEC_ALG_CIPHER, .scheme = PARSEC_CIPHER_XTS },
	{ .kind = PARSEC_ALG_CIPHER, .scheme = PARSEC_CIPHER_ECB_NO_PADDING },
	{ .kind = PARSEC_ALG_CIPHER, .scheme = PARSEC_CIPHER_CBC_NO_PADDING },
	{ .kind = PARSEC_ALG_CIPHER, .scheme = PARSEC_CIPHER_CBC_PKCS7 },
	{ .kind = PARSEC_ALG_AEAD, .scheme = PARSEC_AEAD_CCM },
	{ .kind = PARSEC_ALG_AEAD, .scheme = PARSEC_AEAD_GCM, .length = 12 },
	{ .kind = PARSEC_ALG_AEAD, .scheme = PARSEC_AEAD_CHACHA20_POLY1305 },
	{ .kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_RSA_PKCS1V15,
	  .hash = PARSEC_HASH_SHA_256 },
	{ .kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_RSA_PKCS1V15_RAW },
	{ .kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_RSA_PSS,
	  .hash = PARSEC_HASH_SHA_256 },
	{ .kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_ECDSA,
	  .hash = PARSEC_HASH_SHA_256 },
	{ .kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_ECDSA_ANY },
	{ .kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_DETERMINISTIC_ECDSA,
	  .hash = PARSEC_HASH_SHA_256 },
	{ .kind = PARSEC_ALG_ASYMMETRIC_ENCRYPTION, .scheme = PARSEC_CRYPT_RSA_PKCS1V15 },
	{ .kind = PARSEC_ALG_ASYMMETRIC_ENCRYPTION, .scheme = PARSEC_CRYPT_RSA_OAEP,
	  .hash = PARSEC_HASH_SHA_256 },
	{ .kind = PARSEC_ALG_KEY_AGREEMENT, .scheme = PARSEC_AGREE_FFDH },
	{ .kind = PARSEC_ALG_KEY_AGREEMENT, .scheme = PARSEC_AGREE_ECDH,
	  .kdf = PARSEC_KDF_HKDF, .hash = PARSEC_HASH_SHA_256 },
	{ .kind = PARSEC_ALG_KEY_DERIVATION, .scheme = PARSEC_KDF_HKDF,
	  .hash = PARSEC_HASH_SHA_256 },
	{ .kind = PARSEC_ALG_KEY_DERIVATION, .scheme = PARSEC_KDF_TLS12_PRF,
	  .hash = PARSEC_HASH_SHA_256 },
	{ .kind = PARSEC_ALG_KEY_DERIVATION, .scheme = PARSEC_KDF_TLS12_PSK_TO_MS,
	  .hash = PARSEC_HASH_SHA_256 },
	{ .kind = PARSEC_ALG_HASH, .hash = PARSEC_HASH_SHA_256 },
};

static const char *const compatible[] = {
	/*				  MMMM CCCCCCCC AAA SSSSSS EE KK DDD H */
	[PARSEC_KEY_TYPE_RAW_DATA]	= "----" "--------" "---" "------" "--" "--" "---" "-",
	[PARSEC_KEY_TYPE_HMAC]		= "yy--" "--------" "---" "------" "--" "--" "---" "-",
	[PARSEC_KEY_TYPE_DERIVE]	= "----" "--------" "---" "------" "--" "--" "yyy" "-",
	[PARSEC_KEY_TYPE_AES]		= "--yy" "-yyyyyyy" "yy-" "------" "--" "--" "---" "-",
	[PARSEC_KEY_TYPE_DES]		= "--yy" "-yyyyyyy" "---" "------" "--" "--" "---" "-",
	[PARSEC_KEY_TYPE_CAMELLIA]	= "--yy" "-yyyyyyy" "yy-" "------" "--" "--" "---" "-",
	[PARSEC_KEY_TYPE_ARC4]		= "----" "y-------" "---" "------" "--" "--" "---" "-",
	[PARSEC_KEY_TYPE_CHACHA20]	= "----" "y-------" "--y" "------" "--" "--" "---" "-",
	[PARSEC_KEY_TYPE_RSA_PUBLIC_KEY] = "----" "--------" "---" "yyy---" "yy" "--" "---" "-",
	[PARSEC_KEY_TYPE_RSA_KEY_PAIR]	= "----" "--------" "---" "yyy---" "yy" "--" "---" "-",
	[PARSEC_KEY_TYPE_ECC_KEY_PAIR]	= "----" "--------" "---" "---yyy" "--" "-y" "---" "-",
	[PARSEC_KEY_TYPE_ECC_PUBLIC_KEY] = "----" "--------" "---" "---yyy" "--" "-y" "---" "-",
	[PARSEC_KEY_TYPE_DH_KEY_PAIR]	= "----" "--------" "---" "------" "--" "y-" "---" "-",
	[PARSEC_KEY_TYPE_DH_PUBLIC_KEY]	= "----" "--------" "---" "------" "--" "y-" "---" "-",
};

TEST(a_key_is_used_with_algorithms_of_its_type_only)
{
	uint8_t type;
	size_t i;

	for (type = 1; type <= PARSEC_KEY_TYPE_LAST; type++) {
		ASSERT_EQ(ARRAY_SIZE(schemes), strlen(compatible[type]));
		for (i = 0; i < ARRAY_SIZE(schemes); i++) {
			struct parsec_key_attributes attrs = {
				.type = type, .usage = PARSEC_USAGE_ALL,
				.alg = schemes[i],
			};
			bool yes = compatible[type][i] == 'y';

			EXPECT_EQ(yes ? PARSEC_SUCCESS : PARSEC_PSA_ERROR_NOT_PERMITTED,
				  policy_permits(&attrs, PARSEC_USAGE_ENCRYPT,
						 &schemes[i]))
				TH_LOG("type %u, scheme %zu", type, i);
			attrs.bits = 256;
			EXPECT_EQ(yes ? PARSEC_SUCCESS :
					PARSEC_PSA_ERROR_INVALID_ARGUMENT,
				  policy_new_key(&attrs, false))
				TH_LOG("type %u, scheme %zu", type, i);
		}
	}
}

TEST(a_policy_permits_only_its_own_algorithm)
{
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(schemes); i++) {
		for (j = 0; j < ARRAY_SIZE(schemes); j++) {
			struct parsec_key_attributes attrs = {
				.usage = PARSEC_USAGE_ALL, .alg = schemes[i],
			};
			uint8_t type;
			bool permitted = false;

			for (type = 1; type <= PARSEC_KEY_TYPE_LAST; type++) {
				attrs.type = type;
				if (!policy_permits(&attrs, PARSEC_USAGE_COPY,
						    &schemes[j]))
					permitted = true;
			}
			EXPECT_EQ(i == j && schemes[i].kind != PARSEC_ALG_HASH, permitted)
				TH_LOG("policy %zu, request %zu", i, j);
		}
	}
}

static const struct parsec_key_attributes p256 = {
	.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR, .family = PARSEC_ECC_SECP_R1, .bits = 256,
	.usage = PARSEC_USAGE_SIGN_HASH,
	.alg = { .kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_ECDSA,
		 .hash = PARSEC_HASH_SHA_256 },
};

TEST(each_usage_flag_permits_itself_only)
{
	struct parsec_key_attributes attrs = p256;
	uint32_t has, asked;

	for (has = 1; has < PARSEC_USAGE_ALL; has <<= 1) {
		attrs.usage = has;
		for (asked = 1; asked < PARSEC_USAGE_ALL; asked <<= 1) {
			EXPECT_EQ(has == asked ? PARSEC_SUCCESS :
						 PARSEC_PSA_ERROR_NOT_PERMITTED,
				  policy_permits(&attrs, asked, &attrs.alg));
		}
	}
}

TEST(hash_usage_implies_message_usage)
{
	uint32_t flag;

	EXPECT_EQ(PARSEC_USAGE_SIGN_HASH | PARSEC_USAGE_SIGN_MESSAGE,
		  policy_imply_usage(PARSEC_USAGE_SIGN_HASH));
	EXPECT_EQ(PARSEC_USAGE_VERIFY_HASH | PARSEC_USAGE_VERIFY_MESSAGE,
		  policy_imply_usage(PARSEC_USAGE_VERIFY_HASH));
	for (flag = 1; flag < PARSEC_USAGE_ALL; flag <<= 1) {
		if (flag != PARSEC_USAGE_SIGN_HASH && flag != PARSEC_USAGE_VERIFY_HASH) {
			EXPECT_EQ(flag, policy_imply_usage(flag));
		}
	}
	EXPECT_EQ(0, policy_imply_usage(0));
}

TEST(any_hash_in_a_policy_permits_each_hash)
{
	struct parsec_key_attributes attrs = p256;
	struct parsec_alg alg = p256.alg;

	attrs.alg.hash = PARSEC_HASH_ANY;
	for (alg.hash = 1; alg.hash <= PARSEC_HASH_LAST; alg.hash++) {
		EXPECT_EQ(PARSEC_SUCCESS,
			  policy_permits(&attrs, PARSEC_USAGE_SIGN_HASH, &alg));
	}
}

TEST(any_hash_in_a_request_is_never_permitted)
{
	struct parsec_key_attributes attrs = p256;
	struct parsec_alg alg = p256.alg;

	alg.hash = PARSEC_HASH_ANY;
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED,
		  policy_permits(&attrs, PARSEC_USAGE_SIGN_HASH, &alg));
	attrs.alg.hash = PARSEC_HASH_ANY;
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED,
		  policy_permits(&attrs, PARSEC_USAGE_SIGN_HASH, &alg));
}

TEST(any_hash_does_not_reach_into_another_scheme)
{
	struct parsec_key_attributes attrs = p256;
	struct parsec_alg alg = p256.alg;

	attrs.alg.hash = PARSEC_HASH_ANY;
	alg.scheme = PARSEC_SIGN_DETERMINISTIC_ECDSA;
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED,
		  policy_permits(&attrs, PARSEC_USAGE_SIGN_HASH, &alg));
}

TEST(policy_none_permits_nothing)
{
	struct parsec_key_attributes attrs = p256;
	struct parsec_alg none = { .kind = PARSEC_ALG_NONE };

	attrs.alg = none;
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED,
		  policy_permits(&attrs, PARSEC_USAGE_SIGN_HASH, &p256.alg));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED,
		  policy_permits(&attrs, PARSEC_USAGE_SIGN_HASH, &none));
}

TEST(a_key_of_any_type_may_be_made_for_no_algorithm)
{
	struct parsec_key_attributes attrs = {
		.bits = 256, .alg = { .kind = PARSEC_ALG_NONE },
	};

	for (attrs.type = 1; attrs.type <= PARSEC_KEY_TYPE_LAST; attrs.type++) {
		EXPECT_EQ(PARSEC_SUCCESS, policy_new_key(&attrs, false));
	}
}

TEST(public_keys_are_imported_but_not_generated)
{
	struct parsec_key_attributes attrs = p256;

	EXPECT_EQ(PARSEC_SUCCESS, policy_new_key(&attrs, true));
	attrs.type = PARSEC_KEY_TYPE_ECC_PUBLIC_KEY;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, policy_new_key(&attrs, true));
	EXPECT_EQ(PARSEC_SUCCESS, policy_new_key(&attrs, false));
	attrs.alg.kind = PARSEC_ALG_NONE;
	for (attrs.type = 1; attrs.type <= PARSEC_KEY_TYPE_LAST; attrs.type++) {
		bool public = attrs.type == PARSEC_KEY_TYPE_RSA_PUBLIC_KEY ||
			      attrs.type == PARSEC_KEY_TYPE_ECC_PUBLIC_KEY ||
			      attrs.type == PARSEC_KEY_TYPE_DH_PUBLIC_KEY;

		EXPECT_EQ(public ? PARSEC_PSA_ERROR_INVALID_ARGUMENT : PARSEC_SUCCESS,
			  policy_new_key(&attrs, true));
	}
}

TEST(a_size_is_needed_to_generate_and_not_to_import)
{
	struct parsec_key_attributes attrs = p256;

	attrs.bits = 0;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, policy_new_key(&attrs, true));
	EXPECT_EQ(PARSEC_SUCCESS, policy_new_key(&attrs, false));
}

static const size_t digest_bytes[PARSEC_HASH_LAST + 1] = {
	0, 16, 16, 16, 20, 20, 28, 32, 48, 64, 28, 32, 28, 32, 48, 64,
};

TEST(digests_have_the_length_of_their_hash)
{
	unsigned int hash;

	for (hash = 0; hash < 256; hash++) {
		EXPECT_EQ(hash <= PARSEC_HASH_LAST ? digest_bytes[hash] : 0,
			  policy_hash_size((uint8_t)hash));
	}
}

TEST(a_hash_to_sign_has_the_length_of_the_digest)
{
	struct parsec_alg alg = p256.alg;

	for (alg.hash = 1; alg.hash <= PARSEC_HASH_LAST; alg.hash++) {
		size_t len = digest_bytes[alg.hash];

		EXPECT_EQ(PARSEC_SUCCESS, policy_input_length(&alg, len));
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
			  policy_input_length(&alg, len - 1));
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
			  policy_input_length(&alg, len + 1));
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
			  policy_input_length(&alg, 0));
	}
}

TEST(schemes_without_a_hash_take_any_length)
{
	struct parsec_alg alg = {
		.kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_ECDSA_ANY,
	};

	EXPECT_EQ(PARSEC_SUCCESS, policy_input_length(&alg, 0));
	EXPECT_EQ(PARSEC_SUCCESS, policy_input_length(&alg, 51));
	alg.scheme = PARSEC_SIGN_RSA_PKCS1V15_RAW;
	EXPECT_EQ(PARSEC_SUCCESS, policy_input_length(&alg, 51));
}

TEST(broken_hashes_are_deprecated_wherever_they_stand)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(schemes); i++) {
		struct parsec_key_attributes attrs = {
			.type = PARSEC_KEY_TYPE_AES, .alg = schemes[i],
		};
		uint8_t hash;

		EXPECT_FALSE(policy_deprecated(&attrs));
		if (!attrs.alg.hash)
			continue;
		for (hash = 1; hash <= PARSEC_HASH_LAST; hash++) {
			attrs.alg.hash = hash;
			EXPECT_EQ(hash == PARSEC_HASH_MD2 || hash == PARSEC_HASH_MD4 ||
				  hash == PARSEC_HASH_MD5 || hash == PARSEC_HASH_SHA_1,
				  policy_deprecated(&attrs));
		}
		attrs.alg.hash = PARSEC_HASH_ANY;
		EXPECT_FALSE(policy_deprecated(&attrs));
	}
}

TEST(weak_key_types_are_deprecated)
{
	struct parsec_key_attributes attrs = { .bits = 1024 };

	for (attrs.type = 1; attrs.type <= PARSEC_KEY_TYPE_LAST; attrs.type++) {
		EXPECT_EQ(attrs.type == PARSEC_KEY_TYPE_DES ||
			  attrs.type == PARSEC_KEY_TYPE_ARC4, policy_deprecated(&attrs));
	}
}

TEST(weak_curves_are_deprecated_for_pairs_and_public_keys)
{
	static const struct {
		uint8_t family;
		uint32_t bits;
		bool deprecated;
	} curves[] = {
		{ PARSEC_ECC_SECP_K1, 192, false }, { PARSEC_ECC_SECP_R1, 192, false },
		{ PARSEC_ECC_SECP_R1, 160, false }, { PARSEC_ECC_SECP_R2, 160, true },
		{ PARSEC_ECC_SECT_K1, 163, true }, { PARSEC_ECC_SECT_K1, 233, false },
		{ PARSEC_ECC_SECT_R1, 163, true }, { PARSEC_ECC_SECT_R1, 233, false },
		{ PARSEC_ECC_SECT_R2, 163, true },
		{ PARSEC_ECC_BRAINPOOL_P_R1, 160, true },
		{ PARSEC_ECC_BRAINPOOL_P_R1, 192, false },
		{ PARSEC_ECC_FRP, 256, false }, { PARSEC_ECC_MONTGOMERY, 255, false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(curves); i++) {
		struct parsec_key_attributes attrs = {
			.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR,
			.family = curves[i].family, .bits = curves[i].bits,
		};

		EXPECT_EQ(curves[i].deprecated, policy_deprecated(&attrs));
		attrs.type = PARSEC_KEY_TYPE_ECC_PUBLIC_KEY;
		EXPECT_EQ(curves[i].deprecated, policy_deprecated(&attrs));
	}
}

static const struct parsec_capability rows[] = {
	{ .type = PARSEC_KEY_TYPE_ECC_KEY_PAIR, .family = PARSEC_ECC_SECP_R1,
	  .bits = { 256, 384 }, .alg_kind = PARSEC_ALG_SIGNATURE,
	  .scheme = PARSEC_SIGN_ECDSA,
	  .hashes = PARSEC_HASH_BIT(PARSEC_HASH_SHA_256) |
		    PARSEC_HASH_BIT(PARSEC_HASH_SHA_384),
	  .can = PARSEC_CAN_GENERATE | PARSEC_CAN_SIGN },
	{ .type = PARSEC_KEY_TYPE_ECC_KEY_PAIR, .family = PARSEC_ECC_SECP_R1,
	  .bits = { 1, 2, 3, 4, 5, 6, 7, 8 }, .alg_kind = PARSEC_ALG_SIGNATURE,
	  .scheme = PARSEC_SIGN_ECDSA_ANY, .can = PARSEC_CAN_VERIFY },
};
static const struct parsec_capabilities caps = { rows, ARRAY_SIZE(rows), 0 };

#define SUPPORTED(attrs, can) (!policy_supported(&caps, &(attrs), can))

TEST(a_capability_covers_its_sizes)
{
	struct parsec_key_attributes attrs = p256;

	for (attrs.bits = 0; attrs.bits < 400; attrs.bits++) {
		EXPECT_EQ(attrs.bits == 0 || attrs.bits == 256 || attrs.bits == 384,
			  SUPPORTED(attrs, PARSEC_CAN_SIGN));
	}
}

TEST(a_capability_may_have_eight_sizes)
{
	struct parsec_key_attributes attrs = p256;

	attrs.alg.scheme = PARSEC_SIGN_ECDSA_ANY;
	attrs.alg.hash = 0;
	attrs.bits = 8;
	EXPECT_TRUE(SUPPORTED(attrs, PARSEC_CAN_VERIFY));
	attrs.bits = 9;
	EXPECT_FALSE(SUPPORTED(attrs, PARSEC_CAN_VERIFY));
}

TEST(a_capability_may_cover_a_range_of_sizes)
{
	static const struct parsec_capability row = {
		.type = PARSEC_KEY_TYPE_RAW_DATA, .bits = { 8, 64 }, .bits_step = 8,
		.alg_kind = PARSEC_ALG_NONE, .can = PARSEC_CAN_IMPORT,
	};
	const struct parsec_capabilities range = { &row, 1, 0 };
	struct parsec_key_attributes attrs = {
		.type = PARSEC_KEY_TYPE_RAW_DATA, .alg = { .kind = PARSEC_ALG_NONE },
	};

	for (attrs.bits = 0; attrs.bits < 100; attrs.bits++) {
		EXPECT_EQ(!(attrs.bits % 8) && attrs.bits <= 64,
			  !policy_supported(&range, &attrs, PARSEC_CAN_IMPORT))
			TH_LOG("%u bits", attrs.bits);
	}
}

TEST(a_capability_covers_its_hashes)
{
	struct parsec_key_attributes attrs = p256;
	unsigned int hash;

	for (hash = 0; hash < 256; hash++) {
		attrs.alg.hash = (uint8_t)hash;
		EXPECT_EQ(hash == PARSEC_HASH_SHA_256 || hash == PARSEC_HASH_SHA_384 ||
			  hash == PARSEC_HASH_ANY, SUPPORTED(attrs, PARSEC_CAN_SIGN))
			TH_LOG("hash %u", hash);
	}
}

TEST(all_that_is_needed_must_be_in_one_capability)
{
	struct parsec_key_attributes attrs = p256;

	EXPECT_TRUE(SUPPORTED(attrs, PARSEC_CAN_GENERATE | PARSEC_CAN_SIGN));
	EXPECT_FALSE(SUPPORTED(attrs, PARSEC_CAN_GENERATE | PARSEC_CAN_VERIFY));
	EXPECT_FALSE(SUPPORTED(attrs, PARSEC_CAN_SIGN | PARSEC_CAN_EXPORT));
}

TEST(type_family_and_scheme_must_be_those_of_the_capability)
{
	struct parsec_key_attributes attrs = p256;

	attrs.type = PARSEC_KEY_TYPE_ECC_PUBLIC_KEY;
	EXPECT_FALSE(SUPPORTED(attrs, PARSEC_CAN_SIGN));
	attrs = p256;
	attrs.family = PARSEC_ECC_SECP_K1;
	EXPECT_FALSE(SUPPORTED(attrs, PARSEC_CAN_SIGN));
	attrs = p256;
	attrs.alg.scheme = PARSEC_SIGN_DETERMINISTIC_ECDSA;
	EXPECT_FALSE(SUPPORTED(attrs, PARSEC_CAN_SIGN));
}

TEST(a_key_for_no_algorithm_is_covered_by_each_capability_of_its_size)
{
	struct parsec_key_attributes attrs = p256;

	attrs.alg = (struct parsec_alg) { .kind = PARSEC_ALG_NONE };
	EXPECT_TRUE(SUPPORTED(attrs, PARSEC_CAN_GENERATE));
	attrs.bits = 512;
	EXPECT_FALSE(SUPPORTED(attrs, PARSEC_CAN_GENERATE));
}

TEST_HARNESS_MAIN
