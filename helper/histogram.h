/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Durations, counted in buckets that grow with them: each power of two is cut into as many
 * of equal width, so that what is read out is right within HISTOGRAM_ERROR of itself,
 * whatever was put in, in memory that never grows.
 */
#ifndef PARSEC_HISTOGRAM_H
#define PARSEC_HISTOGRAM_H

#include <stdint.h>

/* Buckets of one power of two: 1 << this */
#define HISTOGRAM_SUB_BITS	3

/* Values from 1 << this on, 18 minutes in ns, all fall into the last bucket */
#define HISTOGRAM_VALUE_BITS	40

#define HISTOGRAM_BUCKETS \
	((HISTOGRAM_VALUE_BITS - HISTOGRAM_SUB_BITS + 1) << HISTOGRAM_SUB_BITS)

/* One in so many: half a bucket, from its middle */
#define HISTOGRAM_ERROR		(2 << HISTOGRAM_SUB_BITS)

/**
 * struct histogram - see above; 0 is empty
 * @counts:	values in each bucket
 */
struct histogram {
	uint64_t counts[HISTOGRAM_BUCKETS];
};

/** histogram_bucket() - where a value falls */
static inline unsigned int histogram_bucket(uint64_t value)
{
	unsigned int shift;

	if (value >> HISTOGRAM_VALUE_BITS)
		return HISTOGRAM_BUCKETS - 1;
	if (value >> HISTOGRAM_SUB_BITS == 0)
		return (unsigned int)value;
	shift = 63 - (unsigned int)__builtin_clzll(value) - HISTOGRAM_SUB_BITS;
	return (shift << HISTOGRAM_SUB_BITS) + (unsigned int)(value >> shift);
}

/** histogram_merge() - add what another one has; that one may be in use */
void histogram_merge(struct histogram *to, const struct histogram *from);

/**
 * histogram_quantile() - the value that so many per mille do not exceed
 * @permille:	1 to 1000
 * @max:	the largest value that was put in
 *
 * Return: 0 when it is empty.
 */
uint64_t histogram_quantile(const struct histogram *histogram, unsigned int permille,
			    uint64_t max);

#endif /* PARSEC_HISTOGRAM_H */
