// SPDX-License-Identifier: Apache-2.0
/*
 * The message of GetStats. Numbers have the same names in messages and in structs; lists
 * are written entry by entry, as in lists.c.
 */
#include "helper/contract/get_stats.pb-c.h"
#include "helper/contract/operations.h"
#include "helper/contract/service.h"

#define COPY(member)	to->member = from->member;

#define ROW_NUMBERS(X) \
	X(provider) X(callers) X(in_flight) X(total_ns) X(max_ns) X(p50_ns) X(p90_ns) X(p99_ns) \
	X(p99_9_ns)
#define QUEUE_NUMBERS(X) \
	X(workers) X(retired) X(credits) X(queued) X(in_flight) X(parked) X(sent) X(done) \
	X(aborted) X(returned)
#define ACCOUNT_NUMBERS(X) \
	X(uid) X(userns) X(cgroup) X(sessions) X(waiting) X(running) X(done) X(refused) \
	X(max_waiting) X(max_running) X(max_open)
#define DEVICE_NUMBERS(X) \
	X(sessions) X(accounts) X(opened) X(open_refused) X(eperm) X(enotconn) X(eoverflow) \
	X(edquot) X(etimedout) X(eio) X(eintr) X(enomem) X(replayed) X(registered) \
	X(register_refused) X(register_unprivileged) X(taken_over) X(query_unprivileged) \
	X(reply_unregistered) X(reply_forged) X(reply_duplicate) X(reply_late) \
	X(reply_incomplete) X(reply_oversized)

static enum parsec_status get_provider(const GetStats__Provider *from, struct arena *arena,
				       struct parsec_stats_provider *to)
{
	to->id = from->id;
	to->status = from->status;
	to->start_time = from->start_time;
	to->workers = from->workers;
	if (from->id > PARSEC_PROVIDER_MAX)
		return PARSEC_INVALID_ENCODING;
	return codec_get_text(&from->name, arena, &to->name);
}

static enum parsec_status get_row(const GetStats__Row *from, struct arena *arena,
				  struct parsec_stats_row *to)
{
	enum parsec_status status = codec_get_bytes(&from->application, arena, &to->application);

	if (status)
		return status;
	if (from->provider > PARSEC_PROVIDER_MAX || from->callers > PARSEC_CALLERS_OTHERS ||
	    from->n_statuses != from->n_counts)
		return PARSEC_INVALID_ENCODING;
	ROW_NUMBERS(COPY)
	to->application = to->application ?: "";
	to->statuses = from->statuses;
	to->counts = from->counts;
	to->status_count = from->n_statuses;
	to->requests = 0;
	to->errors = 0;
	for (size_t i = 0; i < to->status_count; i++) {
		to->requests += to->counts[i];
		if (to->statuses[i] != PARSEC_SUCCESS)
			to->errors += to->counts[i];
	}
	return PARSEC_SUCCESS;
}

static enum parsec_status get_queue(const GetStats__Queue *from, struct arena *arena,
				    struct parsec_stats_queue *to)
{
	(void)arena;
	if (from->provider > PARSEC_PROVIDER_MAX)
		return PARSEC_INVALID_ENCODING;
	to->provider = (uint8_t)from->provider;
	QUEUE_NUMBERS(COPY)
	return PARSEC_SUCCESS;
}

static enum parsec_status get_account(const GetStats__Account *from, struct arena *arena,
				      struct parsec_stats_account *to)
{
	ACCOUNT_NUMBERS(COPY)
	return codec_get_bytes(&from->cgroup_path, arena, &to->cgroup_path);
}

static const struct parsec_stats_device *get_device(const GetStats__Device *from,
						    struct arena *arena)
{
	struct parsec_stats_device *to = arena_alloc(arena, sizeof(*to));

	if (to) {
		DEVICE_NUMBERS(COPY)
	}
	return to;
}

static enum parsec_status stats_get(const ProtobufCMessage *msg,
				    struct contract_result *result, struct arena *arena)
{
	const GetStats__Result *from = (const GetStats__Result *)msg;
	struct parsec_stats *stats = arena_alloc(arena, sizeof(*stats));
	enum parsec_status status = PARSEC_SUCCESS;

	if (!stats)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	CODEC_GET_LIST(status, from, stats, parsec_stats_, provider,
		       providers, provider_count, arena);
	CODEC_GET_LIST(status, from, stats, parsec_stats_, row,
		       rows, row_count, arena);
	CODEC_GET_LIST(status, from, stats, parsec_stats_, queue,
		       queues, queue_count, arena);
	CODEC_GET_LIST(status, from, stats, parsec_stats_, account,
		       accounts, account_count, arena);
	stats->accounts_omitted = from->accounts_omitted;
	stats->device = NULL;
	if (!status && from->device) {
		stats->device = get_device(from->device, arena);
		if (!stats->device)
			return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	}
	result->stats = stats;
	return status;
}

static enum parsec_status put_provider(const struct parsec_stats_provider *from,
				       struct parsec_out *out)
{
	GetStats__Provider entry = GET_STATS__PROVIDER__INIT;
	GetStats__Result msg = GET_STATS__RESULT__INIT;

	entry.id = from->id;
	entry.name = codec_put_text(from->name);
	entry.status = from->status;
	entry.start_time = from->start_time;
	entry.workers = from->workers;
	msg.n_providers = 1;
	msg.providers = (GetStats__Provider *[]) { &entry };
	return codec_pack(&msg.base, out);
}

static enum parsec_status put_row(const struct parsec_stats_row *from, struct parsec_out *out)
{
	GetStats__Row entry = GET_STATS__ROW__INIT, *to = &entry;
	GetStats__Result msg = GET_STATS__RESULT__INIT;

	ROW_NUMBERS(COPY)
	to->application = codec_put_text(from->application);
	to->n_statuses = from->status_count;
	to->statuses = (uint32_t *)(uintptr_t)from->statuses;
	to->n_counts = from->status_count;
	to->counts = (uint64_t *)(uintptr_t)from->counts;
	msg.n_rows = 1;
	msg.rows = &to;
	return codec_pack(&msg.base, out);
}

static enum parsec_status put_queue(const struct parsec_stats_queue *from,
				    struct parsec_out *out)
{
	GetStats__Queue entry = GET_STATS__QUEUE__INIT, *to = &entry;
	GetStats__Result msg = GET_STATS__RESULT__INIT;

	to->provider = from->provider;
	QUEUE_NUMBERS(COPY)
	msg.n_queues = 1;
	msg.queues = &to;
	return codec_pack(&msg.base, out);
}

static enum parsec_status put_account(const struct parsec_stats_account *from,
				      struct parsec_out *out)
{
	GetStats__Account entry = GET_STATS__ACCOUNT__INIT, *to = &entry;
	GetStats__Result msg = GET_STATS__RESULT__INIT;

	ACCOUNT_NUMBERS(COPY)
	to->cgroup_path = codec_put_text(from->cgroup_path);
	msg.n_accounts = 1;
	msg.accounts = &to;
	return codec_pack(&msg.base, out);
}

static enum parsec_status put_rest(const struct parsec_stats *stats, struct parsec_out *out)
{
	const struct parsec_stats_device *from = stats->device;
	GetStats__Device entry = GET_STATS__DEVICE__INIT, *to = &entry;
	GetStats__Result msg = GET_STATS__RESULT__INIT;

	msg.accounts_omitted = stats->accounts_omitted;
	if (from) {
		DEVICE_NUMBERS(COPY)
		msg.device = to;
	}
	return codec_pack(&msg.base, out);
}

/* What does not fit still counts in out->len, so all of it is gone through */
static enum parsec_status stats_put(const struct contract_result *result,
				    struct parsec_out *out)
{
	const struct parsec_stats *stats = result->stats;
	size_t i;

	for (i = 0; i < stats->provider_count; i++)
		put_provider(&stats->providers[i], out);
	for (i = 0; i < stats->row_count; i++)
		put_row(&stats->rows[i], out);
	for (i = 0; i < stats->queue_count; i++)
		put_queue(&stats->queues[i], out);
	for (i = 0; i < stats->account_count; i++)
		put_account(&stats->accounts[i], out);
	return put_rest(stats, out);
}

const struct codec_list codec_stats = { stats_get, stats_put };
