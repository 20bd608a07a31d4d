// SPDX-License-Identifier: Apache-2.0
/*
 * Durations in buckets: reading them out.
 */
#include "helper/histogram.h"

void histogram_merge(struct histogram *to, const struct histogram *from)
{
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++)
		to->counts[i] += __atomic_load_n(&from->counts[i], __ATOMIC_RELAXED);
}

/* The middle of a bucket */
static uint64_t middle(unsigned int bucket)
{
	const unsigned int subs = 1 << HISTOGRAM_SUB_BITS;
	unsigned int shift;

	if (bucket < subs)
		return bucket;
	shift = bucket / subs - 1;
	return ((uint64_t)(subs + bucket % subs) << shift) + (UINT64_C(1) << shift) / 2;
}

uint64_t histogram_quantile(const struct histogram *histogram, unsigned int permille,
			    uint64_t max)
{
	uint64_t total = 0, rank, seen = 0;
	unsigned int i;

	for (i = 0; i < HISTOGRAM_BUCKETS; i++)
		total += histogram->counts[i];
	if (!total)
		return 0;
	/* Rounded up, and without a product that overflows */
	rank = total - total / 1000 * (1000 - permille) -
	       total % 1000 * (1000 - permille) / 1000;
	for (i = 0; i < HISTOGRAM_BUCKETS - 1; i++) {
		seen += histogram->counts[i];
		if (seen >= rank)
			return middle(i) < max ? middle(i) : max;
	}
	return max;
}
