// SPDX-License-Identifier: Apache-2.0
/*
 * What the kernel counted, read by tables: which attribute goes into which member.
 */
#include "helper/netlink_stats.h"

#include <errno.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <string.h>
#include <sys/uio.h>

#include "helper/netlink_private.h"

/** struct place - a number: bytes of it, and where it goes */
struct place {
	uint8_t size;
	uint8_t offset;
};

#define PLACE(struct_name, member) \
	{ sizeof(((struct struct_name *)0)->member), offsetof(struct struct_name, member) }

#define IN_MODULE(member)	PLACE(parsec_stats_device, member)

static const struct place module_places[PARSEC_A_STAT_MAX + 1] = {
	[PARSEC_A_STAT_SESSIONS] = IN_MODULE(sessions),
	[PARSEC_A_STAT_ACCOUNTS] = IN_MODULE(accounts),
	[PARSEC_A_STAT_OPENED] = IN_MODULE(opened),
	[PARSEC_A_STAT_OPEN_REFUSED] = IN_MODULE(open_refused),
	[PARSEC_A_STAT_EPERM] = IN_MODULE(eperm),
	[PARSEC_A_STAT_ENOTCONN] = IN_MODULE(enotconn),
	[PARSEC_A_STAT_EOVERFLOW] = IN_MODULE(eoverflow),
	[PARSEC_A_STAT_EDQUOT] = IN_MODULE(edquot),
	[PARSEC_A_STAT_ETIMEDOUT] = IN_MODULE(etimedout),
	[PARSEC_A_STAT_EIO] = IN_MODULE(eio),
	[PARSEC_A_STAT_EINTR] = IN_MODULE(eintr),
	[PARSEC_A_STAT_ENOMEM] = IN_MODULE(enomem),
	[PARSEC_A_STAT_REPLAYED] = IN_MODULE(replayed),
	[PARSEC_A_STAT_REGISTERED] = IN_MODULE(registered),
	[PARSEC_A_STAT_REGISTER_REFUSED] = IN_MODULE(register_refused),
	[PARSEC_A_STAT_REGISTER_UNPRIVILEGED] = IN_MODULE(register_unprivileged),
	[PARSEC_A_STAT_TAKEN_OVER] = IN_MODULE(taken_over),
	[PARSEC_A_STAT_QUERY_UNPRIVILEGED] = IN_MODULE(query_unprivileged),
	[PARSEC_A_STAT_REPLY_UNREGISTERED] = IN_MODULE(reply_unregistered),
	[PARSEC_A_STAT_REPLY_FORGED] = IN_MODULE(reply_forged),
	[PARSEC_A_STAT_REPLY_DUPLICATE] = IN_MODULE(reply_duplicate),
	[PARSEC_A_STAT_REPLY_LATE] = IN_MODULE(reply_late),
	[PARSEC_A_STAT_REPLY_INCOMPLETE] = IN_MODULE(reply_incomplete),
	[PARSEC_A_STAT_REPLY_OVERSIZED] = IN_MODULE(reply_oversized),
};

#define IN_PROVIDER(member)	PLACE(parsec_stats_queue, member)

static const struct place provider_places[PARSEC_A_PSTAT_MAX + 1] = {
	[PARSEC_A_PSTAT_PROVIDER] = IN_PROVIDER(provider),
	[PARSEC_A_PSTAT_WORKERS] = IN_PROVIDER(workers),
	[PARSEC_A_PSTAT_RETIRED] = IN_PROVIDER(retired),
	[PARSEC_A_PSTAT_CREDITS] = IN_PROVIDER(credits),
	[PARSEC_A_PSTAT_QUEUED] = IN_PROVIDER(queued),
	[PARSEC_A_PSTAT_IN_FLIGHT] = IN_PROVIDER(in_flight),
	[PARSEC_A_PSTAT_PARKED] = IN_PROVIDER(parked),
	[PARSEC_A_PSTAT_SENT] = IN_PROVIDER(sent),
	[PARSEC_A_PSTAT_DONE] = IN_PROVIDER(done),
	[PARSEC_A_PSTAT_ABORTED] = IN_PROVIDER(aborted),
	[PARSEC_A_PSTAT_RETURNED] = IN_PROVIDER(returned),
};

#define IN_ACCOUNT(member)	PLACE(parsec_stats_account, member)

static const struct place account_places[PARSEC_A_ASTAT_MAX + 1] = {
	[PARSEC_A_ASTAT_UID] = IN_ACCOUNT(uid),
	[PARSEC_A_ASTAT_USERNS] = IN_ACCOUNT(userns),
	[PARSEC_A_ASTAT_CGROUP] = IN_ACCOUNT(cgroup),
	[PARSEC_A_ASTAT_SESSIONS] = IN_ACCOUNT(sessions),
	[PARSEC_A_ASTAT_WAITING] = IN_ACCOUNT(waiting),
	[PARSEC_A_ASTAT_RUNNING] = IN_ACCOUNT(running),
	[PARSEC_A_ASTAT_DONE] = IN_ACCOUNT(done),
	[PARSEC_A_ASTAT_REFUSED] = IN_ACCOUNT(refused),
	[PARSEC_A_ASTAT_MAX_WAITING] = IN_ACCOUNT(max_waiting),
	[PARSEC_A_ASTAT_MAX_RUNNING] = IN_ACCOUNT(max_running),
	[PARSEC_A_ASTAT_MAX_OPEN] = IN_ACCOUNT(max_open),
};

/* The numbers in a nest, into the members that they belong to */
static int take_numbers(struct nlattr *nest, const struct place *places, int max, void *to)
{
	struct nlattr *attr;
	int rem;

	nla_for_each_nested(attr, nest, rem) {
		int type = nla_type(attr);

		if (type > max || !places[type].size)
			continue;
		if (nla_len(attr) != places[type].size)
			return -EBADMSG;
		memcpy((uint8_t *)to + places[type].offset, nla_data(attr),
		       places[type].size);
	}
	return 0;
}

static int take_module(struct nlattr *nest, const struct netlink_stats_sink *sink)
{
	struct parsec_stats_device stats = { 0 };
	int rc = take_numbers(nest, module_places, PARSEC_A_STAT_MAX, &stats);

	if (!rc && sink->module)
		sink->module(&stats, sink->arg);
	return rc;
}

static int take_provider(struct nlattr *nest, const struct netlink_stats_sink *sink)
{
	struct parsec_stats_queue stats = { 0 };
	int rc = take_numbers(nest, provider_places, PARSEC_A_PSTAT_MAX, &stats);

	if (!rc && sink->provider)
		sink->provider(&stats, sink->arg);
	return rc;
}

static int take_account(struct nlattr *nest, const struct netlink_stats_sink *sink)
{
	struct parsec_stats_account stats = { 0 };
	int rc = take_numbers(nest, account_places, PARSEC_A_ASTAT_MAX, &stats);
	const struct nlattr *path = nla_find(nla_data(nest), nla_len(nest),
					     PARSEC_A_ASTAT_CGROUP_PATH);

	if (rc)
		return rc;
	if (path) {
		stats.cgroup_path = nla_data(path);
		if (!memchr(stats.cgroup_path, '\0', (size_t)nla_len(path)))
			return -EBADMSG;
	}
	if (sink->account)
		sink->account(&stats, sink->arg);
	return 0;
}

static int take_message(struct nlmsghdr *nlh, void *arg)
{
	const struct netlink_stats_sink *sink = arg;
	struct nlattr *attr;
	int rem, rc = 0;

	if (nlh->nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN)
		return -EBADMSG;
	nlmsg_for_each_attr(attr, nlh, GENL_HDRLEN, rem) {
		switch (nla_type(attr)) {
		case PARSEC_A_MODULE_STATS:
			rc = take_module(attr, sink);
			break;
		case PARSEC_A_PROVIDER_STATS:
			rc = take_provider(attr, sink);
			break;
		case PARSEC_A_ACCOUNT_STATS:
			rc = take_account(attr, sink);
			break;
		}
		if (rc)
			return rc;
	}
	return 0;
}

/* The messages of one datagram. Return: 1 after the last one of all, 0, an error */
static int take_messages(struct nlmsghdr *nlh, size_t len,
			 int (*take)(struct nlmsghdr *nlh, void *arg), void *arg)
{
	int left = (int)len;
	int rc;

	for (; nlmsg_ok(nlh, left); nlh = nlmsg_next(nlh, &left)) {
		if (nlh->nlmsg_type == NLMSG_ERROR)
			return netlink_answer_error(nlh) ?: -EBADMSG;
		if (nlh->nlmsg_type == NLMSG_DONE)
			return 1;
		rc = take(nlh, arg);
		if (rc)
			return rc < 0 ? rc : -EBADMSG;
	}
	return 0;
}

/* Ask a question that several messages answer */
static int dump(struct netlink *nl, uint8_t cmd,
		int (*take)(struct nlmsghdr *nlh, void *arg), void *arg)
{
	uint8_t small[SMALL_MESSAGE] __attribute__((aligned(4)));
	struct question question;
	struct nlmsghdr *answer;
	struct iovec iov = { &question, 0 };
	size_t len;
	int rc;

	netlink_question(&question, nl, cmd);
	question.nlh.nlmsg_flags |= NLM_F_DUMP;
	iov.iov_len = question.nlh.nlmsg_len;
	rc = netlink_send(nl, &iov, 1);
	while (!rc) {
		/* While a request is served no other can have been kept: not in @small */
		rc = netlink_wait(nl, small, &answer, &len);
		if (!rc)
			rc = take_messages(answer, len, take, arg);
	}
	return rc > 0 ? 0 : rc;
}

int netlink_stats(struct netlink *nl, const struct netlink_stats_sink *sink)
{
	return dump(nl, PARSEC_CMD_GET_STATS, take_message, (void *)(uintptr_t)sink);
}
