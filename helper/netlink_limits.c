// SPDX-License-Identifier: Apache-2.0
/*
 * Telling the kernel how much an application may have.
 */
#include "helper/netlink_private.h"

static void add_limit(struct question *question, uint16_t type, uint32_t limit)
{
	if (limit != NETLINK_LIMIT_DEFAULT)
		netlink_add(question, type, &limit, sizeof(limit));
}

int netlink_set_limits(struct netlink *nl, uint64_t session,
		       const struct netlink_limits *limits)
{
	uint8_t small[SMALL_MESSAGE] __attribute__((aligned(4)));
	struct nlmsghdr *answer = NULL;
	struct question question;

	netlink_question(&question, nl, PARSEC_CMD_SET_LIMITS);
	question.nlh.nlmsg_flags |= NLM_F_ACK;
	netlink_add(&question, PARSEC_A_SESSION, &session, sizeof(session));
	add_limit(&question, PARSEC_A_MAX_WAITING, limits->waiting);
	add_limit(&question, PARSEC_A_MAX_RUNNING, limits->running);
	add_limit(&question, PARSEC_A_MAX_OPEN, limits->open);
	return netlink_ask(nl, &question, small, &answer);
}
