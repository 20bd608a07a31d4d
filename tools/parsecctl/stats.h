/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers that the service counts: what they are called and what they mean.
 */
#ifndef PARSECCTL_STATS_H
#define PARSECCTL_STATS_H

#include "parsecctl.h"

/**
 * struct stats_counter - a number in a struct
 * @name:	of its member
 * @help:	what it is
 * @offset:	of the member
 * @size:	of it
 */
struct stats_counter {
	const char *name;
	const char *help;
	size_t offset;
	size_t size;
};

/*
 * stats_counters.c: tables that end with a counter without a name. Gauges are now, counters
 * so far.
 */
extern const struct stats_counter stats_provider_gauges[], stats_queue_gauges[],
	stats_queue_counters[], stats_account_gauges[], stats_account_counters[],
	stats_device_gauges[], stats_device_counters[];

/** stats_value() - a number of a struct */
uint64_t stats_value(const void *from, const struct stats_counter *counter);

/** stats_callers() - a word for an enum parsec_callers */
const char *stats_callers(uint32_t callers);

/** stats_status() - the contract's name of a status */
const char *stats_status(uint32_t status);

/** stats_metrics() - print as OpenMetrics text (stats_metrics.c) */
void stats_metrics(const struct parsec_stats *stats);

#endif /* PARSECCTL_STATS_H */
