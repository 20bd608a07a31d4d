// SPDX-License-Identifier: Apache-2.0
/*
 * What the service has counted, as OpenMetrics text. All samples of a family of metrics are
 * together, below what describes it; the sum over a label counts nothing twice, so what is
 * about everybody together has families of its own.
 */
#include <inttypes.h>
#include <string.h>

#include "stats.h"

static void family(const char *name, const char *type, const char *unit, const char *help)
{
	printf("# TYPE parsec_%s %s\n", name, type);
	if (unit)
		printf("# UNIT parsec_%s %s\n", name, unit);
	printf("# HELP parsec_%s %s\n", name, help);
}

/* Names may hold anything; an escape that the format does not know stays as it is */
static void label(const char *separator, const char *name, const char *value)
{
	printf("%s%s=\"", separator, name);
	print_escaped(stdout, value, strlen(value), "\"\\");
	printf("\"");
}

static void print_seconds(uint64_t ns)
{
	printf(" %" PRIu64 ".%09" PRIu64 "\n", ns / 1000000000, ns % 1000000000);
}

static void provider_labels(uint32_t id)
{
	printf("{provider=\"%u\"", id);
}

static void row_labels(const struct parsec_stats_row *row)
{
	provider_labels(row->provider);
	if (row->callers == PARSEC_CALLERS_ALL)
		return;
	label(",", "callers", stats_callers(row->callers));
	label(",", "application", row->application);
}

static void print_hosts(const struct parsec_stats *stats)
{
	const struct parsec_stats_provider *end = stats->providers + stats->provider_count;
	const struct parsec_stats_provider *provider;

	family("host", "info", NULL, "Providers of this service");
	for (provider = stats->providers; provider < end; provider++) {
		printf("parsec_host_info");
		provider_labels(provider->id);
		label(",", "name", provider->name);
		printf("} 1\n");
	}
	family("host_up", "gauge", NULL, "Whether the host could be asked");
	for (provider = stats->providers; provider < end; provider++) {
		printf("parsec_host_up");
		provider_labels(provider->id);
		printf("} %d\n", !provider->status);
	}
	family("host_start_time_seconds", "gauge", "seconds",
	       "When the host began to count, since 1970");
	for (provider = stats->providers; provider < end; provider++) {
		if (provider->status)
			continue;
		printf("parsec_host_start_time_seconds");
		provider_labels(provider->id);
		printf("} %" PRIu64 "\n", provider->start_time);
	}
	family("host_workers", "gauge", NULL, "Requests that the host performs at a time");
	for (provider = stats->providers; provider < end; provider++) {
		if (provider->status)
			continue;
		printf("parsec_host_workers");
		provider_labels(provider->id);
		printf("} %u\n", provider->workers);
	}
}

static void print_quantile(const struct parsec_stats_row *row, const char *name,
			   const char *quantile, uint64_t ns)
{
	printf("parsec_%s", name);
	row_labels(row);
	printf(",quantile=\"%s\"}", quantile);
	print_seconds(ns);
}

static void print_summary(const struct parsec_stats_row *row, const char *name)
{
	/* Without requests there are no percentiles of them */
	if (row->requests) {
		print_quantile(row, name, "0.5", row->p50_ns);
		print_quantile(row, name, "0.9", row->p90_ns);
		print_quantile(row, name, "0.99", row->p99_ns);
		print_quantile(row, name, "0.999", row->p99_9_ns);
	}
	printf("parsec_%s_count", name);
	row_labels(row);
	printf("} %" PRIu64 "\n", row->requests);
	printf("parsec_%s_sum", name);
	row_labels(row);
	printf("}");
	print_seconds(row->total_ns);
}

static void print_rows(const struct parsec_stats *stats)
{
	const struct parsec_stats_row *end = stats->rows + stats->row_count, *row;

	family("requests", "counter", NULL, "Requests performed, by how they ended");
	for (row = stats->rows; row < end; row++) {
		if (row->callers == PARSEC_CALLERS_ALL)
			continue;
		for (size_t i = 0; i < row->status_count; i++) {
			printf("parsec_requests_total");
			row_labels(row);
			label(",", "status", stats_status(row->statuses[i]));
			printf("} %" PRIu64 "\n", row->counts[i]);
		}
	}
	family("requests_in_flight", "gauge", NULL, "Requests being performed");
	for (row = stats->rows; row < end; row++) {
		if (row->callers == PARSEC_CALLERS_ALL)
			continue;
		printf("parsec_requests_in_flight");
		row_labels(row);
		printf("} %u\n", row->in_flight);
	}
	family("request_duration_seconds", "summary", "seconds",
	       "Time that requests took in the host, since it was started");
	for (row = stats->rows; row < end; row++)
		if (row->callers != PARSEC_CALLERS_ALL)
			print_summary(row, "request_duration_seconds");
	family("host_request_duration_seconds", "summary", "seconds",
	       "The same for all callers together");
	for (row = stats->rows; row < end; row++)
		if (row->callers == PARSEC_CALLERS_ALL)
			print_summary(row, "host_request_duration_seconds");
	family("host_request_duration_max_seconds", "gauge", "seconds",
	       "Time that the longest request took in the host, since it was started");
	for (row = stats->rows; row < end; row++) {
		if (row->callers != PARSEC_CALLERS_ALL)
			continue;
		printf("parsec_host_request_duration_max_seconds");
		row_labels(row);
		printf("}");
		print_seconds(row->max_ns);
	}
}

/* Each of the numbers of all structs in a list; @labels prints those of one */
static void print_list(const char *prefix, const struct stats_counter *counters, bool so_far,
		       const void *list, size_t count, size_t size,
		       void (*labels)(const void *entry))
{
	char name[64];

	for (; counters->name; counters++) {
		snprintf(name, sizeof(name), "%s_%s", prefix, counters->name);
		family(name, so_far ? "counter" : "gauge", NULL, counters->help);
		for (size_t i = 0; i < count; i++) {
			const char *entry = (const char *)list + i * size;

			printf("parsec_%s%s", name, so_far ? "_total" : "");
			labels(entry);
			printf(" %" PRIu64 "\n", stats_value(entry, counters));
		}
	}
}

static void queue_labels(const void *entry)
{
	const struct parsec_stats_queue *queue = entry;

	provider_labels(queue->provider);
	printf("}");
}

static void account_labels(const void *entry)
{
	const struct parsec_stats_account *account = entry;

	printf("{uid=\"%u\",userns=\"%" PRIu64 "\",cgroup=\"%" PRIu64 "\"", account->uid,
	       account->userns, account->cgroup);
	label(",", "cgroup_path", account->cgroup_path ?: "");
	printf("}");
}

static void no_labels(const void *entry)
{
	(void)entry;
}

void stats_metrics(const struct parsec_stats *stats)
{
	const size_t queue = sizeof(*stats->queues), account = sizeof(*stats->accounts);

	print_hosts(stats);
	print_rows(stats);
	if (stats->queue_count) {
		print_list("queue", stats_queue_gauges, false, stats->queues, stats->queue_count,
			   queue, queue_labels);
		print_list("queue", stats_queue_counters, true, stats->queues, stats->queue_count,
			   queue, queue_labels);
	}
	print_list("account", stats_account_gauges, false, stats->accounts, stats->account_count,
		   account, account_labels);
	print_list("account", stats_account_counters, true, stats->accounts,
		   stats->account_count, account, account_labels);
	family("accounts_omitted", "gauge", NULL, "Accounts for which the answer had no room");
	printf("parsec_accounts_omitted %" PRIu64 "\n", stats->accounts_omitted);
	if (stats->device) {
		print_list("device", stats_device_gauges, false, stats->device, 1,
			   sizeof(*stats->device), no_labels);
		print_list("device", stats_device_counters, true, stats->device, 1,
			   sizeof(*stats->device), no_labels);
	}
	printf("# EOF\n");
}
