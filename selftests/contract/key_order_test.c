// SPDX-License-Identifier: Apache-2.0
/*
 * Keys: each reason to refuse one, and which reason is said when there are several.
 */
#include "kselftest_harness.h"

#include "selftests/contract/reference.h"

#define PAIR		PARSEC_KEY_TYPE_ECC_KEY_PAIR
#define PUBLIC		PARSEC_KEY_TYPE_ECC_PUBLIC_KEY
#define SECP_R1		PARSEC_ECC_SECP_R1

/* Made once, before the process of the first test: RSA keys take their time */
static EVP_PKEY *rsa_key;

__attribute__((constructor)) static void make_rsa_key(void)
{
	rsa_key = reference_rsa(2048);
}

static struct parsec_span ecdsa(uint8_t hash)
{
	return signature_policy(PARSEC_SIGN_ECDSA, hash);
}

static struct parsec_span sha256_key(uint8_t type, uint8_t family, uint32_t bits)
{
	return attributes(key_type(type, family), bits, 0, ecdsa(PARSEC_HASH_SHA_256));
}

FIXTURE(key_order) {
	int unused;
};

/* "taken" is a name that is in use */
FIXTURE_SETUP(key_order)
{
	ASSERT_EQ(PARSEC_SUCCESS, generate("taken", p256_attributes(0)));
}

FIXTURE_TEARDOWN(key_order)
{
	EXPECT_EQ(PARSEC_SUCCESS, destroy("taken"));
}

TEST_F(key_order, a_name_in_use_is_1139)
{
	struct parsec_span before;

	ASSERT_EQ(PARSEC_SUCCESS, with_name(PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, "taken"));
	before = join(answer);
	EXPECT_EQ(PARSEC_PSA_ERROR_ALREADY_EXISTS, generate("taken", p256_attributes(0)));
	EXPECT_EQ(PARSEC_PSA_ERROR_ALREADY_EXISTS,
		  import("taken", sha256_key(PUBLIC, SECP_R1, 256),
			 reference_public(reference_ecc(256))));
	/* The key that had it is untouched */
	ASSERT_EQ(PARSEC_SUCCESS, with_name(PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, "taken"));
	EXPECT_TRUE(same(before, answer));
}

TEST_F(key_order, an_unknown_name_is_1140)
{
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, destroy("free"));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST,
		  with_name(PARSEC_OP_PSA_EXPORT_KEY, "free"));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST,
		  with_name(PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, "free"));
}

TEST_F(key_order, names_that_are_not_valid_are_7_or_1135)
{
	static const struct {
		const char *name;
		int status;
	} names[] = {
		{ "0a01ff", PARSEC_DESERIALIZING_BODY_FAILED },
		{ "0a03eda080", PARSEC_DESERIALIZING_BODY_FAILED },
		{ "0a00", PARSEC_PSA_ERROR_INVALID_ARGUMENT },
		{ "", PARSEC_PSA_ERROR_INVALID_ARGUMENT },
		{ "0a03610062", PARSEC_PSA_ERROR_INVALID_ARGUMENT },
	};
	static const uint8_t opcodes[] = {
		PARSEC_OP_PSA_DESTROY_KEY, PARSEC_OP_PSA_EXPORT_KEY,
		PARSEC_OP_PSA_EXPORT_PUBLIC_KEY,
	};
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		for (j = 0; j < ARRAY_SIZE(opcodes); j++) {
			EXPECT_EQ(names[i].status,
				  ask(SOFTWARE, opcodes[j], hex(names[i].name)))
				TH_LOG("opcode %u, name %s", opcodes[j], names[i].name);
		}
		EXPECT_EQ(names[i].status,
			  ask(SOFTWARE, PARSEC_OP_PSA_GENERATE_KEY,
			      join(hex(names[i].name), bytes(2, p256_attributes(0)))))
			TH_LOG("name %s", names[i].name);
	}
}

TEST_F(key_order, incomplete_attributes_are_16)
{
	struct parsec_span type = key_type(PAIR, SECP_R1);
	struct parsec_span policy = bytes(3, join(bytes(1, NOTHING),
						  bytes(2, ecdsa(PARSEC_HASH_SHA_256))));
	const struct parsec_span incomplete[] = {
		NOTHING,
		join(number(2, 256), policy),				/* no type */
		join(bytes(1, NOTHING), number(2, 256), policy),	/* empty type */
		join(bytes(1, bytes(PAIR, NOTHING)), number(2, 256), policy),
		join(bytes(1, bytes(PAIR, number(1, 10))), number(2, 256), policy),
		join(bytes(1, bytes(15, NOTHING)), number(2, 256), policy),
		join(bytes(1, type), number(2, 256)),			/* no policy */
		join(bytes(1, type), number(2, 256), bytes(3, NOTHING)),
		join(bytes(1, type), number(2, 256),			/* no flags */
		     bytes(3, bytes(2, ecdsa(PARSEC_HASH_SHA_256)))),
		join(bytes(1, type), number(2, 256),			/* no algorithm */
		     bytes(3, bytes(1, NOTHING))),
		attributes(type, 256, 0, NOTHING),			/* an empty one */
		attributes(type, 256, 0, bytes(6, bytes(4, NOTHING))),	/* no hash */
		attributes(type, 256, 0, ecdsa(16)),			/* unknown hash */
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(incomplete); i++) {
		/* Also of a name in use: the body comes before the key */
		EXPECT_EQ(PARSEC_INVALID_ENCODING, generate("taken", incomplete[i]))
			TH_LOG("row %zu", i);
		EXPECT_EQ(PARSEC_INVALID_ENCODING,
			  import("free", incomplete[i], text("x"))) TH_LOG("row %zu", i);
	}
	EXPECT_EQ(PARSEC_INVALID_ENCODING, ask(SOFTWARE, PARSEC_OP_PSA_GENERATE_KEY,
					       bytes(1, text("free"))));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, destroy("free"));
}

TEST_F(key_order, public_keys_are_not_generated)
{
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  generate("free", sha256_key(PUBLIC, SECP_R1, 256)));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  generate("free", attributes(key_type(PARSEC_KEY_TYPE_RSA_PUBLIC_KEY, 0),
					      2048, 0, bytes(PARSEC_ALG_NONE, NOTHING))));
}

TEST_F(key_order, a_policy_of_another_type_is_1135)
{
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  generate("free", attributes(key_type(PAIR, SECP_R1), 256, 0,
					      signature_policy(PARSEC_SIGN_RSA_PSS,
							       PARSEC_HASH_SHA_256))));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  generate("free", attributes(key_type(PARSEC_KEY_TYPE_RSA_KEY_PAIR, 0),
					      2048, 0, ecdsa(PARSEC_HASH_SHA_256))));
}

TEST_F(key_order, what_the_provider_cannot_do_is_1134)
{
	const struct parsec_span attrs[] = {
		sha256_key(PAIR, SECP_R1, 257),
		sha256_key(PAIR, PARSEC_ECC_FRP, 256),
		sha256_key(PAIR, PARSEC_ECC_MONTGOMERY, 255),
		attributes(key_type(PARSEC_KEY_TYPE_AES, 0), 136, 0,
			   bytes(PARSEC_ALG_NONE, NOTHING)),
		attributes(key_type(PARSEC_KEY_TYPE_DH_KEY_PAIR, 0), 1024, 0,
			   bytes(PARSEC_ALG_NONE, NOTHING)),
		attributes(key_type(PAIR, SECP_R1), 256, 0,
			   signature_policy(PARSEC_SIGN_DETERMINISTIC_ECDSA,
					    PARSEC_HASH_SHA_256)),
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(attrs); i++) {
		EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED, generate("free", attrs[i]))
			TH_LOG("row %zu", i);
		EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
			  import("free", attrs[i], text("x"))) TH_LOG("row %zu", i);
	}
}

TEST_F(key_order, deprecated_primitives_are_22_before_all_else)
{
	/* A name in use, a public type, a size that nobody has: 22 all the same */
	EXPECT_EQ(PARSEC_DEPRECATED_PRIMITIVE,
		  generate("taken", attributes(key_type(PUBLIC, SECP_R1), 257, 0,
					       ecdsa(PARSEC_HASH_SHA_1))));
	EXPECT_EQ(PARSEC_DEPRECATED_PRIMITIVE,
		  generate("free", sha256_key(PAIR, PARSEC_ECC_SECP_R2, 160)));
	EXPECT_EQ(PARSEC_DEPRECATED_PRIMITIVE,
		  generate("free", sha256_key(PAIR, PARSEC_ECC_BRAINPOOL_P_R1, 160)));
	EXPECT_EQ(PARSEC_DEPRECATED_PRIMITIVE,
		  generate("free", attributes(key_type(PARSEC_KEY_TYPE_DES, 0), 64, 0,
					      bytes(PARSEC_ALG_NONE, NOTHING))));
}

TEST_F(key_order, a_deprecated_policy_may_be_imported)
{
	EXPECT_EQ(PARSEC_SUCCESS,
		  import("free", attributes(key_type(PUBLIC, SECP_R1), 256, 0,
					    ecdsa(PARSEC_HASH_SHA_1)),
			 reference_public(reference_ecc(256))));
	EXPECT_EQ(PARSEC_SUCCESS, destroy("free"));
}

TEST_F(key_order, attributes_are_1135_and_1134_before_the_name_is_1139)
{
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  generate("taken", sha256_key(PUBLIC, SECP_R1, 256)));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  generate("taken", sha256_key(PAIR, SECP_R1, 257)));
}

TEST_F(key_order, data_that_is_no_key_is_1135_and_leaves_the_name_free)
{
	struct parsec_span point = reference_public(reference_ecc(256));
	struct parsec_span rsa_public = reference_public(rsa_key);
	struct parsec_span rsa_attrs = attributes(
		key_type(PARSEC_KEY_TYPE_RSA_PUBLIC_KEY, 0), 0, 0,
		signature_policy(PARSEC_SIGN_RSA_PSS, PARSEC_HASH_SHA_256));
	struct parsec_span off_curve = join(point), compressed = point;
	const struct parsec_span points[] = {
		NOTHING,
		text("x"),
		{ point.data, point.len - 1 },
		join(point, text("x")),
		off_curve,
		join(hex("02"), (struct parsec_span) { compressed.data + 1, 32 }),
		hex("00"),	/* the point at infinity */
		filled(65, 0),
	};
	const struct parsec_span rsa_keys[] = {
		NOTHING,
		text("x"),
		{ rsa_public.data, rsa_public.len - 1 },
		join(rsa_public, text("x")),
		filled(270, 0x30),
	};
	const struct parsec_span scalars[] = {
		NOTHING, filled(32, 0), filled(32, 0xff), filled(31, 1), filled(33, 1),
	};
	size_t i;

	((uint8_t *)(uintptr_t)off_curve.data)[64] ^= 1;
	for (i = 0; i < ARRAY_SIZE(points); i++) {
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
			  import("free", sha256_key(PUBLIC, SECP_R1, 256), points[i]))
			TH_LOG("point %zu", i);
	}
	for (i = 0; i < ARRAY_SIZE(rsa_keys); i++) {
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
			  import("free", rsa_attrs, rsa_keys[i])) TH_LOG("RSA key %zu", i);
	}
	for (i = 0; i < ARRAY_SIZE(scalars); i++) {
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
			  import("free", sha256_key(PAIR, SECP_R1, 256), scalars[i]))
			TH_LOG("scalar %zu", i);
	}
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, destroy("free"));
}

TEST_F(key_order, a_size_that_contradicts_the_data_is_1135)
{
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  import("free", sha256_key(PUBLIC, SECP_R1, 384),
			 reference_public(reference_ecc(256))));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  import("free",
			 attributes(key_type(PARSEC_KEY_TYPE_RSA_PUBLIC_KEY, 0), 3072, 0,
				    signature_policy(PARSEC_SIGN_RSA_PSS,
						     PARSEC_HASH_SHA_256)),
			 reference_public(rsa_key)));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, destroy("free"));
}

TEST_F(key_order, a_pair_is_exported_with_the_flag_only)
{
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED,
		  with_name(PARSEC_OP_PSA_EXPORT_KEY, "taken"));
	ASSERT_EQ(PARSEC_SUCCESS, generate("free", p256_attributes(PARSEC_USAGE_EXPORT)));
	EXPECT_EQ(PARSEC_SUCCESS, with_name(PARSEC_OP_PSA_EXPORT_KEY, "free"));
	EXPECT_EQ(32, answer_bytes().len);
	EXPECT_EQ(PARSEC_SUCCESS, destroy("free"));
}

TEST_HARNESS_MAIN
