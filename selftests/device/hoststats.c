// SPDX-License-Identifier: Apache-2.0
/*
 * What the module counted, for tests.
 */
#include <stdio.h>
#include <string.h>
#include <linux/netlink.h>
#include "fakehost.h"

static void take_numbers(const struct nlattr *nest, uint64_t *numbers, size_t max)
{
	const uint8_t *start = attr_data(nest);
	const struct nlattr *attr = NULL;

	while ((attr = attr_next(start, start + attr_len(nest), attr)))
		if (attr->nla_type <= max)
			numbers[attr->nla_type] = attr_number(attr);
}

static void take_account(const struct nlattr *nest, struct host_stats *stats)
{
	const uint8_t *start = attr_data(nest);
	const struct nlattr *attr = NULL;
	unsigned int i = stats->accounts;

	if (i == sizeof(stats->path) / sizeof(stats->path[0]))
		return;
	take_numbers(nest, stats->account[i], PARSEC_A_ASTAT_MAX);
	while ((attr = attr_next(start, start + attr_len(nest), attr)))
		if (attr->nla_type == PARSEC_A_ASTAT_CGROUP_PATH)
			snprintf(stats->path[i], sizeof(stats->path[i]), "%s",
				 (const char *)attr_data(attr));
	stats->accounts++;
}

static void take_stats(const uint8_t *at, const uint8_t *end, void *arg)
{
	struct host_stats *stats = arg;
	const struct nlattr *attr = NULL;
	uint64_t provider[PARSEC_A_PSTAT_MAX + 1] = { 0 };

	while ((attr = attr_next(at, end, attr))) {
		switch (attr->nla_type & NLA_TYPE_MASK) {
		case PARSEC_A_MODULE_STATS:
			take_numbers(attr, stats->module, PARSEC_A_STAT_MAX);
			stats->modules++;
			break;
		case PARSEC_A_PROVIDER_STATS:
			take_numbers(attr, provider, PARSEC_A_PSTAT_MAX);
			memcpy(stats->provider[provider[PARSEC_A_PSTAT_PROVIDER] & 0xff],
			       provider, sizeof(provider));
			stats->providers++;
			break;
		case PARSEC_A_ACCOUNT_STATS:
			take_account(attr, stats);
			break;
		}
	}
}

int host_stats(struct host *host, struct host_stats *stats)
{
	memset(stats, 0, sizeof(*stats));
	return host_dump(host, PARSEC_CMD_GET_STATS, take_stats, stats);
}

const uint64_t *host_account(const struct host_stats *stats, uid_t uid)
{
	for (unsigned int i = 0; i < stats->accounts; i++)
		if (stats->account[i][PARSEC_A_ASTAT_UID] == uid)
			return stats->account[i];
	return NULL;
}
