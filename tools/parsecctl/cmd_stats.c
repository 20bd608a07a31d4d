// SPDX-License-Identifier: Apache-2.0
/*
 * What the service has counted, as tables and as JSON; as OpenMetrics in stats_metrics.c.
 */
#include <string.h>
#include <time.h>

#include "stats.h"

/* A duration in microseconds, as wide as its column */
static void print_us(uint64_t ns)
{
	if (ns < 100000)
		printf("  %9.1f", (double)ns / 1000);
	else
		printf("  %9llu", (unsigned long long)(ns / 1000));
}

static void print_callers(const struct parsec_stats_row *row)
{
	if (row->callers == PARSEC_CALLERS_APPLICATION)
		print_name(stdout, row->application, strlen(row->application));
	else
		printf("(%s)", stats_callers(row->callers));
	printf("\n");
}

static void print_row(const struct parsec_stats_row *row)
{
	printf("  %10llu  %8llu  %9u", (unsigned long long)row->requests,
	       (unsigned long long)row->errors, row->in_flight);
	print_us(row->p50_ns);
	print_us(row->p90_ns);
	print_us(row->p99_ns);
	print_us(row->p99_9_ns);
	print_us(row->max_ns);
	printf("  ");
	print_callers(row);
	for (size_t i = 0; i < row->status_count; i++)
		if (row->statuses[i])
			printf("  %10s  %8llu  %s\n", "",
			       (unsigned long long)row->counts[i],
			       stats_status(row->statuses[i]));
}

static void print_rows(const struct parsec_stats *stats, uint32_t provider)
{
	bool head = false;

	for (size_t i = 0; i < stats->row_count; i++) {
		if (stats->rows[i].provider != provider)
			continue;
		if (!head)
			printf("  %10s  %8s  %9s  %9s  %9s  %9s  %9s  %9s  %s\n", "requests",
			       "errors", "in flight", "p50 us", "p90 us", "p99 us", "p99.9 us",
			       "max us", "caller");
		head = true;
		print_row(&stats->rows[i]);
	}
}

static void print_queue(const struct parsec_stats *stats, uint32_t provider)
{
	for (size_t i = 0; i < stats->queue_count; i++) {
		const struct parsec_stats_queue *queue = &stats->queues[i];

		if (queue->provider == provider)
			printf("  %u waiting, %u at workers, %u at most at a time\n", queue->queued,
			       queue->in_flight, queue->credits);
	}
}

static void print_provider(const struct parsec_stats *stats,
			   const struct parsec_stats_provider *provider)
{
	const time_t start = (time_t)provider->start_time;
	struct tm tm;
	char text[32] = "";

	printf("provider %u, ", provider->id);
	print_escaped(stdout, provider->name, strlen(provider->name), "");
	if (provider->status) {
		printf(": cannot be asked, %s\n", parsec_strerror((int)provider->status));
	} else {
		if (localtime_r(&start, &tm))
			strftime(text, sizeof(text), "%F %T %z", &tm);
		printf(": %u workers, since %s\n", provider->workers, text);
	}
	print_queue(stats, provider->id);
	print_rows(stats, provider->id);
	printf("\n");
}

/* Now, and at most */
static void print_limited(const char *what, uint32_t now, uint32_t max)
{
	if (max)
		printf(", %u of %u %s", now, max, what);
	else
		printf(", %u %s", now, what);
}

static void print_account(const struct parsec_stats_account *account)
{
	printf("user %u", account->uid);
	if (account->cgroup_path) {
		printf(" in ");
		print_name(stdout, account->cgroup_path, strlen(account->cgroup_path));
	}
	print_limited("open", account->sessions, account->max_open);
	print_limited("waiting", account->waiting, account->max_waiting);
	print_limited("running", account->running, account->max_running);
	printf(", %llu done, %llu refused\n", (unsigned long long)account->done,
	       (unsigned long long)account->refused);
}

static void print_text(const struct parsec_stats *stats)
{
	const struct stats_counter *counter;
	size_t i;

	for (i = 0; i < stats->provider_count; i++)
		print_provider(stats, &stats->providers[i]);
	for (i = 0; i < stats->account_count; i++)
		print_account(&stats->accounts[i]);
	if (stats->accounts_omitted)
		printf("and %llu more\n", (unsigned long long)stats->accounts_omitted);
	if (!stats->device)
		return;
	printf("\ndevice: %u open files, %u accounts\n", stats->device->sessions,
	       stats->device->accounts);
	for (counter = stats_device_counters; counter->name; counter++)
		if (stats_value(stats->device, counter))
			printf("  %10llu  %s\n",
			       (unsigned long long)stats_value(stats->device, counter),
			       counter->help);
}

static void json_row(struct json *json, const struct parsec_stats_row *row)
{
	json_open(json, NULL, '{');
	json_string(json, "callers", stats_callers(row->callers));
	if (row->callers == PARSEC_CALLERS_APPLICATION)
		json_string(json, "application", row->application);
	json_number(json, "requests", row->requests);
	json_number(json, "errors", row->errors);
	json_number(json, "in_flight", row->in_flight);
	json_open(json, "statuses", '{');
	for (size_t i = 0; i < row->status_count; i++)
		json_number(json, stats_status(row->statuses[i]), row->counts[i]);
	json_close(json, '}');
	json_number(json, "total_ns", row->total_ns);
	json_number(json, "max_ns", row->max_ns);
	json_number(json, "p50_ns", row->p50_ns);
	json_number(json, "p90_ns", row->p90_ns);
	json_number(json, "p99_ns", row->p99_ns);
	json_number(json, "p99_9_ns", row->p99_9_ns);
	json_close(json, '}');
}

static void json_counters(struct json *json, const struct stats_counter *counters,
			  const void *from)
{
	for (; counters->name; counters++)
		json_number(json, counters->name, stats_value(from, counters));
}

static void json_provider(struct json *json, const struct parsec_stats *stats,
			  const struct parsec_stats_provider *provider)
{
	size_t i;

	json_open(json, NULL, '{');
	json_number(json, "id", provider->id);
	json_string(json, "name", provider->name);
	json_bool(json, "up", !provider->status);
	if (provider->status)
		json_number(json, "status", provider->status);
	else
		json_counters(json, stats_provider_gauges, provider);
	for (i = 0; i < stats->queue_count; i++) {
		if (stats->queues[i].provider != provider->id)
			continue;
		json_open(json, "queue", '{');
		json_counters(json, stats_queue_gauges, &stats->queues[i]);
		json_counters(json, stats_queue_counters, &stats->queues[i]);
		json_close(json, '}');
	}
	json_open(json, "callers", '[');
	for (i = 0; i < stats->row_count; i++)
		if (stats->rows[i].provider == provider->id)
			json_row(json, &stats->rows[i]);
	json_close(json, ']');
	json_close(json, '}');
}

static void json_account(struct json *json, const struct parsec_stats_account *account)
{
	json_open(json, NULL, '{');
	json_number(json, "uid", account->uid);
	json_number(json, "userns", account->userns);
	json_number(json, "cgroup", account->cgroup);
	if (account->cgroup_path)
		json_string(json, "cgroup_path", account->cgroup_path);
	json_counters(json, stats_account_gauges, account);
	json_counters(json, stats_account_counters, account);
	json_close(json, '}');
}

static void print_json(const struct parsec_stats *stats)
{
	struct json json = { .to = stdout };
	size_t i;

	json_open(&json, NULL, '{');
	json_open(&json, "providers", '[');
	for (i = 0; i < stats->provider_count; i++)
		json_provider(&json, stats, &stats->providers[i]);
	json_close(&json, ']');
	json_open(&json, "accounts", '[');
	for (i = 0; i < stats->account_count; i++)
		json_account(&json, &stats->accounts[i]);
	json_close(&json, ']');
	json_number(&json, "accounts_omitted", stats->accounts_omitted);
	if (stats->device) {
		json_open(&json, "device", '{');
		json_counters(&json, stats_device_gauges, stats->device);
		json_counters(&json, stats_device_counters, stats->device);
		json_close(&json, '}');
	}
	json_close(&json, '}');
}

int cmd_stats(struct ctl *ctl)
{
	const struct parsec_stats *stats;
	int code, error;

	if (ctl->args.json && ctl->args.openmetrics)
		return usage_error(ctl, "--json and --openmetrics are two formats");
	code = ctl_open_device(ctl);
	if (code)
		return code;
	error = parsec_get_stats(ctl->parsec, &stats);
	if (error)
		return parsec_failure(ctl, error);
	if (ctl->args.openmetrics)
		stats_metrics(stats);
	else if (ctl->args.json)
		print_json(stats);
	else
		print_text(stats);
	parsec_free_stats(stats);
	return EXIT_OK;
}
