// SPDX-License-Identifier: GPL-2.0-only
/*
 * GET_STATS: what was counted, as a dump of one message for the module, one for
 * each provider that anybody wanted to serve and one for each account.
 */
#include <linux/capability.h>
#include <linux/netlink.h>
#include <linux/skbuff.h>
#include <linux/user_namespace.h>

#include <net/sock.h>

#include "genl.h"
#include "parsec.h"
#include "queue.h"

/* Room for an account with the longest path of a cgroup */
#define MESSAGE_MAX	(2 * PATH_MAX)

/* netlink_callback.args: what comes next */
enum {
	ARG_STAGE,
	ARG_AT,		/* a provider id, or the first of two for accounts */
	ARG_AT_TOO,
};

enum {
	STAGE_MODULE,
	STAGE_PROVIDERS,
	STAGE_ACCOUNTS,
	STAGE_END,
};

/**
 * struct dump - a piece of the answer under construction
 * @skb: it
 * @cb: the question
 */
struct dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
};

/**
 * struct entry - a message under construction
 * @hdr: its header
 * @nest: its only attribute
 */
struct entry {
	void *hdr;
	struct nlattr *nest;
};

static const u8 counter_attrs[PARSEC_COUNTERS] = {
	[PARSEC_COUNT_OPENED] = PARSEC_A_STAT_OPENED,
	[PARSEC_COUNT_OPEN_REFUSED] = PARSEC_A_STAT_OPEN_REFUSED,
	[PARSEC_COUNT_EPERM] = PARSEC_A_STAT_EPERM,
	[PARSEC_COUNT_ENOTCONN] = PARSEC_A_STAT_ENOTCONN,
	[PARSEC_COUNT_EOVERFLOW] = PARSEC_A_STAT_EOVERFLOW,
	[PARSEC_COUNT_EDQUOT] = PARSEC_A_STAT_EDQUOT,
	[PARSEC_COUNT_ETIMEDOUT] = PARSEC_A_STAT_ETIMEDOUT,
	[PARSEC_COUNT_EIO] = PARSEC_A_STAT_EIO,
	[PARSEC_COUNT_EINTR] = PARSEC_A_STAT_EINTR,
	[PARSEC_COUNT_ENOMEM] = PARSEC_A_STAT_ENOMEM,
	[PARSEC_COUNT_REPLAYED] = PARSEC_A_STAT_REPLAYED,
	[PARSEC_COUNT_REGISTERED] = PARSEC_A_STAT_REGISTERED,
	[PARSEC_COUNT_REGISTER_REFUSED] = PARSEC_A_STAT_REGISTER_REFUSED,
	[PARSEC_COUNT_REGISTER_UNPRIVILEGED] =
		PARSEC_A_STAT_REGISTER_UNPRIVILEGED,
	[PARSEC_COUNT_TAKEN_OVER] = PARSEC_A_STAT_TAKEN_OVER,
	[PARSEC_COUNT_QUERY_UNPRIVILEGED] = PARSEC_A_STAT_QUERY_UNPRIVILEGED,
	[PARSEC_COUNT_REPLY_UNREGISTERED] = PARSEC_A_STAT_REPLY_UNREGISTERED,
	[PARSEC_COUNT_REPLY_FORGED] = PARSEC_A_STAT_REPLY_FORGED,
	[PARSEC_COUNT_REPLY_DUPLICATE] = PARSEC_A_STAT_REPLY_DUPLICATE,
	[PARSEC_COUNT_REPLY_LATE] = PARSEC_A_STAT_REPLY_LATE,
	[PARSEC_COUNT_REPLY_INCOMPLETE] = PARSEC_A_STAT_REPLY_INCOMPLETE,
	[PARSEC_COUNT_REPLY_OVERSIZED] = PARSEC_A_STAT_REPLY_OVERSIZED,
};

static int entry_start(struct entry *entry, const struct dump *dump, int type)
{
	const struct netlink_callback *cb = dump->cb;

	entry->hdr = genlmsg_put(dump->skb, NETLINK_CB(cb->skb).portid,
				 cb->nlh->nlmsg_seq, &parsec_family,
				 NLM_F_MULTI, PARSEC_CMD_GET_STATS);
	if (!entry->hdr)
		return -EMSGSIZE;
	entry->nest = nla_nest_start(dump->skb, type);
	if (!entry->nest) {
		genlmsg_cancel(dump->skb, entry->hdr);
		return -EMSGSIZE;
	}
	return 0;
}

/* Keep it if all of it had room */
static int entry_end(const struct entry *entry, const struct dump *dump,
		     bool whole)
{
	if (!whole) {
		genlmsg_cancel(dump->skb, entry->hdr);
		return -EMSGSIZE;
	}
	nla_nest_end(dump->skb, entry->nest);
	genlmsg_end(dump->skb, entry->hdr);
	return 0;
}

static bool put_counters(struct sk_buff *skb)
{
	int i;

	for (i = 0; i < PARSEC_COUNTERS; i++) {
		if (nla_put_u64_64bit(skb, counter_attrs[i],
				      atomic64_read(&parsec_counters[i]),
				      PARSEC_A_STAT_PAD))
			return false;
	}
	return true;
}

static bool put_module(struct sk_buff *skb)
{
	struct parsec_account_totals totals = parsec_account_totals();

	return !nla_put_u32(skb, PARSEC_A_STAT_SESSIONS, totals.sessions) &&
	       !nla_put_u32(skb, PARSEC_A_STAT_ACCOUNTS, totals.accounts) &&
	       put_counters(skb);
}

static int dump_module(const struct dump *dump)
{
	struct entry entry;

	return entry_start(&entry, dump, PARSEC_A_MODULE_STATS) ?:
	       entry_end(&entry, dump, put_module(dump->skb));
}

static unsigned int list_size(const struct list_head *list,
			      unsigned int *in_flight)
{
	const struct parsec_worker *worker;
	unsigned int n = 0;

	list_for_each_entry(worker, list, node) {
		*in_flight += worker->in_flight;
		n++;
	}
	return n;
}

static bool put_provider(struct sk_buff *skb, const struct parsec_queue *queue)
{
	unsigned int workers, retired, in_flight = 0;

	workers = list_size(&queue->workers, &in_flight);
	retired = list_size(&queue->retired, &in_flight);

	return !nla_put_u8(skb, PARSEC_A_PSTAT_PROVIDER, queue->provider) &&
	       !nla_put_u32(skb, PARSEC_A_PSTAT_WORKERS, workers) &&
	       !nla_put_u32(skb, PARSEC_A_PSTAT_RETIRED, retired) &&
	       !nla_put_u32(skb, PARSEC_A_PSTAT_CREDITS, queue->credits) &&
	       !nla_put_u32(skb, PARSEC_A_PSTAT_QUEUED, queue->queued) &&
	       !nla_put_u32(skb, PARSEC_A_PSTAT_IN_FLIGHT, in_flight) &&
	       !nla_put_u32(skb, PARSEC_A_PSTAT_PARKED, queue->parked) &&
	       !nla_put_u64_64bit(skb, PARSEC_A_PSTAT_SENT, queue->sent,
				  PARSEC_A_PSTAT_PAD) &&
	       !nla_put_u64_64bit(skb, PARSEC_A_PSTAT_DONE, queue->done,
				  PARSEC_A_PSTAT_PAD) &&
	       !nla_put_u64_64bit(skb, PARSEC_A_PSTAT_ABORTED, queue->aborted,
				  PARSEC_A_PSTAT_PAD) &&
	       !nla_put_u64_64bit(skb, PARSEC_A_PSTAT_RETURNED,
				  queue->returned, PARSEC_A_PSTAT_PAD);
}

static int dump_providers(const struct dump *dump)
{
	const struct parsec_queue *queue;
	long *id = &dump->cb->args[ARG_AT];
	struct entry entry;
	int err;

	for (; *id <= U8_MAX; (*id)++) {
		queue = parsec_queue_peek(*id);
		if (!queue)
			continue;
		err = entry_start(&entry, dump, PARSEC_A_PROVIDER_STATS) ?:
		      entry_end(&entry, dump, put_provider(dump->skb, queue));
		if (err)
			return err;
	}
	*id = 0;
	return 0;
}

static bool put_limits(struct sk_buff *skb, const struct parsec_limits *limits)
{
	return !nla_put_u32(skb, PARSEC_A_ASTAT_MAX_WAITING,
			    parsec_limit(limits->waiting,
					 &parsec_max_waiting)) &&
	       !nla_put_u32(skb, PARSEC_A_ASTAT_MAX_RUNNING,
			    parsec_limit(limits->running,
					 &parsec_max_running)) &&
	       !nla_put_u32(skb, PARSEC_A_ASTAT_MAX_OPEN,
			    parsec_limit(limits->open, &parsec_max_open));
}

static bool put_account(struct sk_buff *skb,
			const struct parsec_account *account)
{
	return !nla_put_u32(skb, PARSEC_A_ASTAT_UID,
			    from_kuid(&init_user_ns, account->uid)) &&
	       !nla_put_u64_64bit(skb, PARSEC_A_ASTAT_USERNS,
				  account->user_ns->ns.inum,
				  PARSEC_A_ASTAT_PAD) &&
	       !nla_put_u64_64bit(skb, PARSEC_A_ASTAT_CGROUP, account->cgroup,
				  PARSEC_A_ASTAT_PAD) &&
	       (!account->cgroup_path ||
		!nla_put_string(skb, PARSEC_A_ASTAT_CGROUP_PATH,
				account->cgroup_path)) &&
	       !nla_put_u32(skb, PARSEC_A_ASTAT_SESSIONS, account->sessions) &&
	       !nla_put_u32(skb, PARSEC_A_ASTAT_WAITING, account->waiting) &&
	       !nla_put_u32(skb, PARSEC_A_ASTAT_RUNNING, account->running) &&
	       !nla_put_u64_64bit(skb, PARSEC_A_ASTAT_DONE, account->done,
				  PARSEC_A_ASTAT_PAD) &&
	       !nla_put_u64_64bit(skb, PARSEC_A_ASTAT_REFUSED,
				  account->refused, PARSEC_A_ASTAT_PAD) &&
	       put_limits(skb, &account->limits);
}

static int dump_account(const struct parsec_account *account, void *arg)
{
	const struct dump *dump = arg;
	struct entry entry;

	return entry_start(&entry, dump, PARSEC_A_ACCOUNT_STATS) ?:
	       entry_end(&entry, dump, put_account(dump->skb, account));
}

static bool dump_stage(struct dump *dump)
{
	switch (dump->cb->args[ARG_STAGE]) {
	case STAGE_MODULE:
		return !dump_module(dump);
	case STAGE_PROVIDERS:
		return !dump_providers(dump);
	default:
		return !parsec_account_visit(&dump->cb->args[ARG_AT],
					     dump_account, dump);
	}
}

/**
 * parsec_nl_get_stats_start() - PARSEC_CMD_GET_STATS, before its answer
 * @cb: the question
 *
 * Return: 0; -EPERM, neither registered nor with the capability.
 */
int parsec_nl_get_stats_start(struct netlink_callback *cb)
{
	struct netlink_skb_parms *from = &NETLINK_CB(cb->skb);

	if (!parsec_worker_known(from->sk, from->portid) &&
	    !netlink_capable(cb->skb, CAP_NET_ADMIN)) {
		parsec_count(PARSEC_COUNT_QUERY_UNPRIVILEGED);
		return -EPERM;
	}
	cb->min_dump_alloc = MESSAGE_MAX;
	return 0;
}

/**
 * parsec_nl_get_stats_dumpit() - PARSEC_CMD_GET_STATS, a piece of its answer
 * @skb: where the piece goes
 * @cb: the question, and what is left of the answer
 *
 * Each message is consistent in itself.
 *
 * Return: bytes put into @skb, 0 at the end.
 */
int parsec_nl_get_stats_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb)
{
	struct dump dump = { .skb = skb, .cb = cb };

	spin_lock(&parsec_lock);
	while (cb->args[ARG_STAGE] != STAGE_END && dump_stage(&dump))
		cb->args[ARG_STAGE]++;
	spin_unlock(&parsec_lock);
	return skb->len;
}
