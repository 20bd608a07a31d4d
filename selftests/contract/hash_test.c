// SPDX-License-Identifier: Apache-2.0
/*
 * Hashes and random bytes.
 */
#include "kselftest_harness.h"

#include "selftests/contract/reference.h"

#define LIMIT	(1024 * 1024)

static int hash_compute(uint8_t hash, struct parsec_span input)
{
	return ask(SOFTWARE, PARSEC_OP_PSA_HASH_COMPUTE,
		   join(number(1, hash), bytes(2, input)));
}

static int hash_compare(uint8_t hash, struct parsec_span input, struct parsec_span digest)
{
	return ask(SOFTWARE, PARSEC_OP_PSA_HASH_COMPARE,
		   join(number(1, hash), bytes(2, input), bytes(3, digest)));
}

static int generate_random(uint64_t size)
{
	return ask(SOFTWARE, PARSEC_OP_PSA_GENERATE_RANDOM, number(1, size));
}

/* Hashes that every provider has */
static const uint8_t hashes[] = {
	PARSEC_HASH_SHA_1, PARSEC_HASH_SHA_224, PARSEC_HASH_SHA_256, PARSEC_HASH_SHA_384,
	PARSEC_HASH_SHA_512, PARSEC_HASH_SHA_512_224, PARSEC_HASH_SHA_512_256,
	PARSEC_HASH_SHA3_224, PARSEC_HASH_SHA3_256, PARSEC_HASH_SHA3_384,
	PARSEC_HASH_SHA3_512,
};

TEST(hashes_are_those_of_openssl)
{
	static const size_t sizes[] = { 0, 1, 64, 127, 4096, 70000, LIMIT - 64 };
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(hashes); i++) {
		for (j = 0; j < ARRAY_SIZE(sizes); j++) {
			struct parsec_span input = filled(sizes[j], 'a');

			ASSERT_EQ(PARSEC_SUCCESS, hash_compute(hashes[i], input))
				TH_LOG("hash %u, %zu bytes", hashes[i], sizes[j]);
			EXPECT_TRUE(same(reference_digest(hashes[i], input),
					 answer_bytes()))
				TH_LOG("hash %u, %zu bytes", hashes[i], sizes[j]);
		}
	}
}

TEST(the_hash_of_the_golden_body_is_known)
{
	EXPECT_EQ(PARSEC_SUCCESS, ask(SOFTWARE, PARSEC_OP_PSA_HASH_COMPUTE,
				      hex("08071203616263")));
	EXPECT_TRUE(same(hex("0a20ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f"
			     "20015ad"), answer));
}

TEST(an_input_that_is_absent_is_empty)
{
	EXPECT_EQ(PARSEC_SUCCESS, ask(SOFTWARE, PARSEC_OP_PSA_HASH_COMPUTE, hex("0807")));
	EXPECT_TRUE(same(reference_digest(PARSEC_HASH_SHA_256, NOTHING), answer_bytes()));
}

TEST(each_hash_number_is_either_served_or_not_supported)
{
	unsigned int hash;

	for (hash = 1; hash <= PARSEC_HASH_LAST; hash++) {
		bool must = memchr(hashes, (int)hash, sizeof(hashes));
		int status = hash_compute((uint8_t)hash, text("abc"));

		EXPECT_TRUE(status == PARSEC_SUCCESS ||
			    (!must && status == PARSEC_PSA_ERROR_NOT_SUPPORTED))
			TH_LOG("hash %u: %d", hash, status);
	}
}

TEST(hash_numbers_that_do_not_exist_are_16)
{
	static const uint64_t numbers[] = { 0, 16, 255, 256 + 7, UINT32_MAX, UINT64_MAX };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		EXPECT_EQ(PARSEC_INVALID_ENCODING,
			  ask(SOFTWARE, PARSEC_OP_PSA_HASH_COMPUTE, number(1, numbers[i])));
		EXPECT_EQ(PARSEC_INVALID_ENCODING,
			  ask(SOFTWARE, PARSEC_OP_PSA_HASH_COMPARE, number(1, numbers[i])));
	}
	EXPECT_EQ(PARSEC_INVALID_ENCODING,
		  ask(SOFTWARE, PARSEC_OP_PSA_HASH_COMPUTE, NOTHING));
}

TEST(compare_tells_equal_from_different)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hashes); i++) {
		struct parsec_span input = text("abc");
		struct parsec_span digest = reference_digest(hashes[i], input);

		EXPECT_EQ(PARSEC_SUCCESS, hash_compare(hashes[i], input, digest));
		EXPECT_EQ(0, answer.len);
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
			  hash_compare(hashes[i], text("abd"), digest));
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
			  hash_compare(hashes[i], input, filled(digest.len, 0)));
	}
}

TEST(a_reference_of_another_length_is_1135)
{
	struct parsec_span digest = reference_digest(PARSEC_HASH_SHA_256, text("abc"));

	digest.len--;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  hash_compare(PARSEC_HASH_SHA_256, text("abc"), digest));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  hash_compare(PARSEC_HASH_SHA_256, text("abc"), filled(33, 0)));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  hash_compare(PARSEC_HASH_SHA_256, text("abc"), NOTHING));
}

TEST(random_bytes_are_as_many_as_asked_for)
{
	static const uint64_t sizes[] = { 1, 16, 33, 1000, 65536, LIMIT - 4 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		ASSERT_EQ(PARSEC_SUCCESS, generate_random(sizes[i]));
		EXPECT_EQ(sizes[i], answer_bytes().len);
	}
}

TEST(random_bytes_differ)
{
	uint8_t first[32];

	ASSERT_EQ(PARSEC_SUCCESS, generate_random(32));
	memcpy(first, answer_bytes().data, 32);
	ASSERT_EQ(PARSEC_SUCCESS, generate_random(32));
	EXPECT_NE(0, memcmp(first, answer_bytes().data, 32));
}

TEST(no_random_bytes_are_an_empty_answer)
{
	EXPECT_EQ(PARSEC_SUCCESS, generate_random(0));
	EXPECT_EQ(0, answer.len);
	EXPECT_EQ(PARSEC_SUCCESS, ask(SOFTWARE, PARSEC_OP_PSA_GENERATE_RANDOM, NOTHING));
	EXPECT_EQ(0, answer.len);
}

TEST(more_random_bytes_than_the_limit_are_10)
{
	EXPECT_EQ(PARSEC_RESPONSE_TOO_LARGE, generate_random(LIMIT + 1));
	EXPECT_EQ(PARSEC_RESPONSE_TOO_LARGE, generate_random(UINT32_MAX));
	EXPECT_EQ(PARSEC_RESPONSE_TOO_LARGE, generate_random((UINT64_C(1) << 32) + 1));
	EXPECT_EQ(PARSEC_RESPONSE_TOO_LARGE, generate_random(UINT64_MAX));
}

TEST_HARNESS_MAIN
