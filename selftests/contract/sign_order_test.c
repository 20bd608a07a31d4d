// SPDX-License-Identifier: Apache-2.0
/*
 * Signatures: each reason to refuse, and which one is said when there are several.
 */
#include "kselftest_harness.h"

#include "selftests/contract/reference.h"

/* An operation with a key: sign_hash() or one of the others */
static const struct operation {
	uint8_t opcode;
	uint32_t usage;
	bool verifies, hashes;	/* takes a signature; the service hashes */
} operations[] = {
	{ PARSEC_OP_PSA_SIGN_HASH, PARSEC_USAGE_SIGN_HASH, false, false },
	{ PARSEC_OP_PSA_VERIFY_HASH, PARSEC_USAGE_VERIFY_HASH, true, false },
	{ PARSEC_OP_PSA_SIGN_MESSAGE, PARSEC_USAGE_SIGN_MESSAGE, false, true },
	{ PARSEC_OP_PSA_VERIFY_MESSAGE, PARSEC_USAGE_VERIFY_MESSAGE, true, true },
};

static int perform(const struct operation *op, const char *name, struct parsec_span alg,
		   struct parsec_span input)
{
	return ask(SOFTWARE, op->opcode,
		   join(bytes(1, text(name)), bytes(2, alg), bytes(3, input)));
}

/* The answer of an operation that was reached: verifying nothing fails */
static int reached(const struct operation *op)
{
	return op->verifies ? PARSEC_PSA_ERROR_INVALID_SIGNATURE : PARSEC_SUCCESS;
}

#define DIGEST	filled(32, 0xaa)

TEST(usage_flags_are_needed_and_implied)
{
	uint32_t flag, implied;
	size_t i;

	for (flag = 1; flag <= PARSEC_USAGE_DERIVE; flag <<= 1) {
		implied = flag;
		if (flag == PARSEC_USAGE_SIGN_HASH)
			implied |= PARSEC_USAGE_SIGN_MESSAGE;
		if (flag == PARSEC_USAGE_VERIFY_HASH)
			implied |= PARSEC_USAGE_VERIFY_MESSAGE;
		ASSERT_EQ(PARSEC_SUCCESS, generate("k", p256_attributes(flag)));
		for (i = 0; i < ARRAY_SIZE(operations); i++) {
			const struct operation *op = &operations[i];

			EXPECT_EQ(op->usage & implied ? reached(op) :
							PARSEC_PSA_ERROR_NOT_PERMITTED,
				  perform(op, "k", ecdsa_sha256(), DIGEST))
				TH_LOG("opcode %u, usage %x", op->opcode, flag);
		}
		ASSERT_EQ(PARSEC_SUCCESS, destroy("k"));
	}
}

FIXTURE(sign_order) {
	int unused;
};

FIXTURE_SETUP(sign_order)
{
	ASSERT_EQ(PARSEC_SUCCESS, generate("k", p256_attributes(ALL_SIGNING)));
	ASSERT_EQ(PARSEC_SUCCESS, generate("useless", p256_attributes(0)));
}

FIXTURE_TEARDOWN(sign_order)
{
	EXPECT_EQ(PARSEC_SUCCESS, destroy("k"));
	EXPECT_EQ(PARSEC_SUCCESS, destroy("useless"));
}

TEST_F(sign_order, a_missing_algorithm_is_16_before_the_key_is_1140)
{
	const struct parsec_span algs[] = {
		NOTHING,
		bytes(PARSEC_SIGN_ECDSA, NOTHING),
		bytes(PARSEC_SIGN_ECDSA, bytes(1, NOTHING)),
		signature_alg(PARSEC_SIGN_ECDSA, 16),
		bytes(PARSEC_SIGN_ECDSA, bytes(1, number(2, 0))),
		bytes(7, NOTHING),
	};
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(operations); i++) {
		for (j = 0; j < ARRAY_SIZE(algs); j++) {
			EXPECT_EQ(PARSEC_INVALID_ENCODING,
				  perform(&operations[i], "free", algs[j], DIGEST))
				TH_LOG("opcode %u, row %zu", operations[i].opcode, j);
		}
		EXPECT_EQ(PARSEC_INVALID_ENCODING,
			  ask(SOFTWARE, operations[i].opcode, bytes(1, text("free"))));
		EXPECT_EQ(PARSEC_INVALID_ENCODING,
			  ask(SOFTWARE, operations[i].opcode, NOTHING));
	}
}

TEST_F(sign_order, a_bad_name_is_7_before_the_algorithm_is_16)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(operations); i++) {
		EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED,
			  ask(SOFTWARE, operations[i].opcode, hex("0a01ff")));
	}
}

TEST_F(sign_order, an_unknown_key_is_1140_whatever_the_algorithm)
{
	const struct parsec_span wrong = signature_alg(PARSEC_SIGN_RSA_PSS,
						       PARSEC_HASH_SHA_512);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(operations); i++) {
		EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST,
			  perform(&operations[i], "free", wrong, text("short")));
	}
}

TEST_F(sign_order, another_algorithm_is_1133_before_the_length_is_1135)
{
	const struct parsec_span algs[] = {
		signature_alg(PARSEC_SIGN_ECDSA, PARSEC_HASH_SHA_512),
		signature_alg(PARSEC_SIGN_ECDSA, PARSEC_HASH_ANY),
		signature_alg(PARSEC_SIGN_ECDSA_ANY, PARSEC_HASH_NONE),
		signature_alg(PARSEC_SIGN_DETERMINISTIC_ECDSA, PARSEC_HASH_SHA_256),
		signature_alg(PARSEC_SIGN_RSA_PSS, PARSEC_HASH_SHA_256),
		signature_alg(PARSEC_SIGN_RSA_PKCS1V15_RAW, PARSEC_HASH_NONE),
	};
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(operations); i++) {
		for (j = 0; j < ARRAY_SIZE(algs); j++) {
			EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED,
				  perform(&operations[i], "k", algs[j], text("short")))
				TH_LOG("opcode %u, row %zu", operations[i].opcode, j);
		}
	}
}

TEST_F(sign_order, a_flag_that_is_missing_is_1133_before_the_length_is_1135)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(operations); i++) {
		EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED,
			  perform(&operations[i], "useless", ecdsa_sha256(),
				  text("short")));
	}
}

TEST_F(sign_order, a_hash_of_another_length_is_1135)
{
	static const size_t sizes[] = { 0, 1, 31, 33, 64, 1000000 };
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(operations); i++) {
		const struct operation *op = &operations[i];

		for (j = 0; j < ARRAY_SIZE(sizes); j++) {
			EXPECT_EQ(op->hashes ? reached(op) :
					       PARSEC_PSA_ERROR_INVALID_ARGUMENT,
				  perform(op, "k", ecdsa_sha256(), filled(sizes[j], 1)))
				TH_LOG("opcode %u, %zu bytes", op->opcode, sizes[j]);
		}
	}
}

TEST_F(sign_order, a_policy_of_any_hash_takes_each_hash)
{
	static const uint8_t hashes[] = {
		PARSEC_HASH_SHA_224, PARSEC_HASH_SHA_256, PARSEC_HASH_SHA_384,
		PARSEC_HASH_SHA_512,
	};
	size_t i;

	ASSERT_EQ(PARSEC_SUCCESS,
		  generate("any", attributes(key_type(PARSEC_KEY_TYPE_ECC_KEY_PAIR,
						      PARSEC_ECC_SECP_R1), 256,
					     ALL_SIGNING,
					     signature_policy(PARSEC_SIGN_ECDSA,
							      PARSEC_HASH_ANY))));
	for (i = 0; i < ARRAY_SIZE(hashes); i++) {
		EXPECT_EQ(PARSEC_SUCCESS,
			  sign_message("any", signature_alg(PARSEC_SIGN_ECDSA, hashes[i]),
				       text("message")));
	}
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED,
		  sign_message("any", signature_alg(PARSEC_SIGN_ECDSA, PARSEC_HASH_ANY),
			       text("message")));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED,
		  sign_message("any", signature_alg(PARSEC_SIGN_DETERMINISTIC_ECDSA,
						    PARSEC_HASH_SHA_256), text("message")));
	EXPECT_EQ(PARSEC_SUCCESS, destroy("any"));
}

TEST_F(sign_order, a_policy_of_no_algorithm_permits_nothing)
{
	size_t i;

	ASSERT_EQ(PARSEC_SUCCESS,
		  generate("none", attributes(key_type(PARSEC_KEY_TYPE_ECC_KEY_PAIR,
						       PARSEC_ECC_SECP_R1), 256,
					      ALL_SIGNING,
					      bytes(PARSEC_ALG_NONE, NOTHING))));
	for (i = 0; i < ARRAY_SIZE(operations); i++) {
		EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED,
			  perform(&operations[i], "none", ecdsa_sha256(), DIGEST));
	}
	EXPECT_EQ(PARSEC_SUCCESS, destroy("none"));
}

TEST_F(sign_order, a_public_key_does_not_sign)
{
	int status;

	ASSERT_EQ(PARSEC_SUCCESS,
		  import("public", attributes(key_type(PARSEC_KEY_TYPE_ECC_PUBLIC_KEY,
						       PARSEC_ECC_SECP_R1), 256,
					      ALL_SIGNING,
					      signature_policy(PARSEC_SIGN_ECDSA,
							       PARSEC_HASH_SHA_256)),
			 reference_public(reference_ecc(256))));
	status = sign_hash("public", ecdsa_sha256(), DIGEST);
	EXPECT_TRUE(status == PARSEC_PSA_ERROR_INVALID_ARGUMENT ||
		    status == PARSEC_PSA_ERROR_NOT_SUPPORTED) TH_LOG("status %d", status);
	EXPECT_EQ(PARSEC_SUCCESS, destroy("public"));
}

TEST_F(sign_order, the_last_of_two_algorithms_counts)
{
	/* Messages given twice are merged, members of a oneof replace each other */
	EXPECT_EQ(PARSEC_SUCCESS,
		  ask(SOFTWARE, PARSEC_OP_PSA_SIGN_HASH,
		      join(bytes(1, text("free")), bytes(1, text("k")),
			   bytes(2, signature_alg(PARSEC_SIGN_RSA_PSS,
						  PARSEC_HASH_SHA_512)),
			   bytes(2, ecdsa_sha256()), bytes(3, text("no")),
			   bytes(3, DIGEST), bytes(99, text("unknown")))));
}

TEST_HARNESS_MAIN
