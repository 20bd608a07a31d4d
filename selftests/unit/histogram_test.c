// SPDX-License-Identifier: Apache-2.0
/*
 * Durations in buckets: which one a value falls into, and how wrong what is read out is.
 */
#include "kselftest_harness.h"

#include <stdlib.h>
#include <string.h>

#include "helper/histogram.h"

#define VALUES	20001

static void put(struct histogram *histogram, uint64_t value)
{
	histogram->counts[histogram_bucket(value)]++;
}

TEST(buckets_follow_each_other_and_cover_all_values)
{
	unsigned int last = 0, bits;
	uint64_t small;

	for (small = 0; small < 1024; small++) {
		unsigned int bucket = histogram_bucket(small);

		ASSERT_EQ(true, bucket == last || bucket == last + 1);
		last = bucket;
	}
	for (bits = 10; bits < 64; bits++) {
		const uint64_t base = UINT64_C(1) << bits;

		for (uint64_t part = 0; part < 64; part++) {
			uint64_t value = base + (base >> 6) * part;
			unsigned int bucket = histogram_bucket(value);

			ASSERT_LE(last, bucket);
			ASSERT_GE(last + 1, bucket);
			ASSERT_GT(HISTOGRAM_BUCKETS, bucket);
			last = bucket;
		}
	}
	EXPECT_EQ(HISTOGRAM_BUCKETS - 1, last);
	EXPECT_EQ(0, histogram_bucket(0));
	EXPECT_EQ(HISTOGRAM_BUCKETS - 1, histogram_bucket(UINT64_MAX));
	EXPECT_EQ(HISTOGRAM_BUCKETS - 1,
		  histogram_bucket((UINT64_C(1) << HISTOGRAM_VALUE_BITS) - 1));
	EXPECT_EQ(HISTOGRAM_BUCKETS - 2,
		  histogram_bucket((UINT64_C(1) << HISTOGRAM_VALUE_BITS) / 16 * 15 - 1));
}

/* Any single value comes back within the bound, at both ends of each bucket */
TEST(value_is_right_within_the_bound)
{
	unsigned int bits;

	for (bits = 0; bits < HISTOGRAM_VALUE_BITS; bits++) {
		const uint64_t base = UINT64_C(1) << bits;

		for (uint64_t part = 0; part < 33; part++) {
			uint64_t value = base + part * base / 33;
			struct histogram histogram = { 0 };
			uint64_t read;

			put(&histogram, value);
			read = histogram_quantile(&histogram, 500, UINT64_MAX);
			if (histogram_bucket(value) == HISTOGRAM_BUCKETS - 1)
				continue;	/* that one has no other end */
			ASSERT_LE((read > value ? read - value : value - read) * HISTOGRAM_ERROR,
				  value);
		}
	}
}

static int compare(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

/* Against the sorted list of all values, of all sizes */
TEST(quantiles_are_right_within_the_bound)
{
	static const unsigned int permille[] = { 1, 10, 500, 900, 990, 999, 1000 };
	static uint64_t values[VALUES];
	struct histogram histogram = { 0 };
	uint64_t state = 4711;
	size_t i;

	for (i = 0; i < VALUES; i++) {
		state = state * 6364136223846793005 + 1442695040888963407;
		values[i] = (state >> 24) >> (state % 36);
		put(&histogram, values[i]);
	}
	qsort(values, VALUES, sizeof(*values), compare);
	for (i = 0; i < sizeof(permille) / sizeof(*permille); i++) {
		uint64_t value = values[(VALUES * permille[i] + 999) / 1000 - 1];
		uint64_t read = histogram_quantile(&histogram, permille[i], values[VALUES - 1]);

		EXPECT_LE((read > value ? read - value : value - read) * HISTOGRAM_ERROR, value);
	}
}

TEST(ranks_are_rounded_up)
{
	struct histogram histogram = { 0 };
	int i;

	for (i = 1; i <= 7; i++)
		put(&histogram, (uint64_t)i);
	EXPECT_EQ(1, histogram_quantile(&histogram, 1, 7));
	EXPECT_EQ(1, histogram_quantile(&histogram, 142, 7));
	EXPECT_EQ(2, histogram_quantile(&histogram, 143, 7));
	EXPECT_EQ(4, histogram_quantile(&histogram, 500, 7));
	EXPECT_EQ(7, histogram_quantile(&histogram, 999, 7));
	EXPECT_EQ(7, histogram_quantile(&histogram, 1000, 7));
}

TEST(nothing_is_zero)
{
	const struct histogram histogram = { 0 };

	EXPECT_EQ(0, histogram_quantile(&histogram, 500, 0));
	EXPECT_EQ(0, histogram_quantile(&histogram, 500, 77));
}

TEST(nothing_is_above_the_largest)
{
	struct histogram histogram = { 0 };

	put(&histogram, 970);
	EXPECT_EQ(970, histogram_quantile(&histogram, 999, 970));
	EXPECT_LT(970, histogram_quantile(&histogram, 999, 5000));
	/* The last bucket has no end: the largest is all that is known of it */
	put(&histogram, UINT64_MAX);
	EXPECT_EQ(UINT64_MAX, histogram_quantile(&histogram, 999, UINT64_MAX));
}

TEST(counts_near_the_end_do_not_overflow)
{
	struct histogram histogram = { 0 };

	histogram.counts[histogram_bucket(3)] = UINT64_MAX / 2;
	histogram.counts[histogram_bucket(5)] = UINT64_MAX / 2;
	EXPECT_EQ(3, histogram_quantile(&histogram, 499, 5));
	EXPECT_EQ(5, histogram_quantile(&histogram, 501, 5));
	EXPECT_EQ(5, histogram_quantile(&histogram, 999, 5));
}

TEST(merged_is_as_if_it_had_been_one)
{
	struct histogram one = { 0 }, two = { 0 }, both = { 0 };
	uint64_t value;

	for (value = 1; value < 100000; value += 37) {
		put(value % 3 ? &one : &two, value);
		put(&both, value);
	}
	histogram_merge(&one, &two);
	EXPECT_EQ(0, memcmp(&one, &both, sizeof(one)));
}

TEST_HARNESS_MAIN
