// SPDX-License-Identifier: Apache-2.0
/*
 * GetStats: what was counted, as hosts tell it to the core host, and as the core host
 * tells it to applications together with what it and the kernel have counted.
 *
 * Administrators are told everything, others what they have done themselves. The answer
 * is appended piece by piece. A host whose piece does not fit counts as one that could
 * not be asked; of accounts, of which there can be any number, there are as many as fit,
 * and it is told how many are missing.
 */
#include "helper/netlink_stats.h"
#include "helper/ops.h"
#include "providers/core.h"

/* Kept for what comes after the answers of other hosts, but for accounts */
#define ROOM_FOR_REST	(32 * 1024)

/* Kept for the number of accounts that are missing */
#define ROOM_FOR_NUMBER	16

/**
 * struct telling - an answer under construction
 * @call:	what it is for
 * @kept:	bytes of room that are kept for later
 * @admin:	the caller is an administrator
 * @facts:	otherwise: who it is to the kernel
 * @omitted:	accounts for which there was no room
 * @status:	first failure
 */
struct telling {
	struct call *call;
	size_t kept;
	bool admin;
	struct parsec_facts facts;
	uint64_t omitted;
	enum parsec_status status;
};

/* Keep so much of the room that is left, but no more than half of it */
static void keep_room(struct telling *telling, size_t room)
{
	struct parsec_out *out = &telling->call->out;
	size_t half;

	out->size += telling->kept;
	half = (out->size - out->len) / 2;
	telling->kept = room < half ? room : half;
	out->size -= telling->kept;
}

/* Return: false after a failure, then and ever after */
static bool append(struct telling *telling, const struct parsec_stats *piece)
{
	const struct contract_result result = { .stats = piece };

	if (!telling->status)
		telling->status = call_append(telling->call, &result);
	return !telling->status;
}

static bool add_row(void *arg, const struct parsec_stats_row *counted)
{
	struct telling *telling = arg;
	struct parsec_stats_row row = *counted;

	row.provider = telling->call->host->id;
	return append(telling, &(struct parsec_stats){ .rows = &row, .row_count = 1 });
}

/* What this host has counted: of one application or, without a name, of all */
static void add_host(struct telling *telling, uint32_t auth_id, struct parsec_span app)
{
	const struct host *host = telling->call->host;
	struct parsec_stats_provider self = { .id = host->id, .name = host->name };

	if (!host->stats) {
		telling->status = PARSEC_PSA_ERROR_NOT_SUPPORTED;
		return;
	}
	stats_describe(host->stats, &self);
	if (append(telling, &(struct parsec_stats){ .providers = &self, .provider_count = 1 }))
		stats_read(host->stats, auth_id, app, add_row, telling);
}

enum parsec_status op_peer_stats(struct call *call)
{
	const struct identity *who = call->identity;
	struct telling telling = { .call = call };

	add_host(&telling, who->auth_id, (struct parsec_span){ who->app, who->app_len });
	return telling.status;
}

static void add_absent(void *arg, const struct core_peer *peer, enum parsec_status status)
{
	const struct parsec_stats_provider absent = {
		.id = peer->id, .name = peer->name, .status = status,
	};
	struct telling *telling = arg;
	size_t kept = telling->kept;

	keep_room(telling, 0);
	append(telling, &(struct parsec_stats){ .providers = &absent, .provider_count = 1 });
	keep_room(telling, kept);
}

static void add_device(const struct parsec_stats_device *device, void *arg)
{
	struct telling *telling = arg;

	if (telling->admin)
		append(telling, &(struct parsec_stats){ .device = device });
}

static void add_queue(const struct parsec_stats_queue *queue, void *arg)
{
	struct telling *telling = arg;

	if (telling->admin)
		append(telling, &(struct parsec_stats){ .queues = queue, .queue_count = 1 });
}

static void add_account(const struct parsec_stats_account *account, void *arg)
{
	struct telling *telling = arg;
	const struct parsec_facts *facts = &telling->facts;

	if (telling->status)
		return;
	if (!telling->admin && (account->uid != facts->uid || account->userns != facts->userns ||
				account->cgroup != facts->cgroup))
		return;
	append(telling, &(struct parsec_stats){ .accounts = account, .account_count = 1 });
	if (telling->status == PARSEC_RESPONSE_TOO_LARGE) {
		telling->status = PARSEC_SUCCESS;
		telling->omitted++;
	}
}

/* Without it when the kernel cannot be asked: what hosts have counted is told all the same */
static void add_kernel(struct telling *telling)
{
	const struct netlink_stats_sink sink = { add_device, add_queue, add_account, telling };
	struct call *call = telling->call;

	if (!call->kernel_stats)
		return;
	if (!telling->admin &&
	    (!call->facts || call->facts(call->identify_arg, &telling->facts)))
		return;
	keep_room(telling, ROOM_FOR_NUMBER);
	call->kernel_stats(call->identify_arg, &sink);
	keep_room(telling, 0);
	if (telling->omitted)
		append(telling, &(struct parsec_stats){ .accounts_omitted = telling->omitted });
}

enum parsec_status op_get_stats(struct call *call)
{
	const struct identity *who = call->identity;
	const struct core_caller caller = {
		.auth_id = who->auth_id,
		.app = { who->app, who->admin ? 0 : who->app_len },
	};
	struct telling telling = { .call = call, .admin = who->admin };

	add_host(&telling, caller.auth_id, caller.app);
	keep_room(&telling, ROOM_FOR_REST);
	core_ask_each(call->host->core, call->opcode, &caller, &call->out, add_absent, &telling);
	keep_room(&telling, 0);
	add_kernel(&telling);
	return telling.status;
}
