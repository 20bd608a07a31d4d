/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock that requests and their deadlines go by.
 */
#ifndef PARSEC_CLOCK_H
#define PARSEC_CLOCK_H

#include <stdint.h>
#include <time.h>

/** clock_ns() - CLOCK_MONOTONIC */
static inline uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

#endif /* PARSEC_CLOCK_H */
