// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tables of the generic netlink family "parsec", in the order of
 * Documentation/netlink/specs/parsec.yaml; a test compares the two.
 */
#include <linux/module.h>

#include "genl.h"

/* PARSEC_CMD_REGISTER */
static const struct nla_policy register_policy[PARSEC_A_TAKEOVER + 1] = {
	[PARSEC_A_PROVIDER] = { .type = NLA_U8 },
	[PARSEC_A_CREDITS] = { .type = NLA_U32 },
	[PARSEC_A_REPLAY] = NLA_POLICY_EXACT_LEN(PARSEC_NL_REPLAY_LEN),
	[PARSEC_A_TAKEOVER] = { .type = NLA_FLAG },
};

/* PARSEC_CMD_REPLY */
static const struct nla_policy reply_policy[PARSEC_A_BODY + 1] = {
	[PARSEC_A_ID] = { .type = NLA_U64 },
	[PARSEC_A_STATUS] = { .type = NLA_U16 },
	[PARSEC_A_BODY] = { .type = NLA_BINARY, .len = PARSEC_NL_BODY_MAX },
};

/* PARSEC_CMD_GET_SESSION */
static const struct nla_policy get_session_policy[PARSEC_A_SESSION + 1] = {
	[PARSEC_A_SESSION] = { .type = NLA_U64 },
};

/* PARSEC_CMD_SET_LIMITS */
static const struct nla_policy set_limits_policy[PARSEC_A_MAX_OPEN + 1] = {
	[PARSEC_A_SESSION] = { .type = NLA_U64 },
	[PARSEC_A_MAX_WAITING] = { .type = NLA_U32 },
	[PARSEC_A_MAX_RUNNING] = { .type = NLA_U32 },
	[PARSEC_A_MAX_OPEN] = { .type = NLA_U32 },
};

static const struct genl_ops parsec_ops[] = {
	{
		.cmd = PARSEC_CMD_REGISTER,
		.doit = parsec_nl_register_doit,
		.policy = register_policy,
		.maxattr = PARSEC_A_TAKEOVER,
	},
	{
		.cmd = PARSEC_CMD_REPLY,
		.doit = parsec_nl_reply_doit,
		.policy = reply_policy,
		.maxattr = PARSEC_A_BODY,
	},
	{
		.cmd = PARSEC_CMD_GET_SESSION,
		.doit = parsec_nl_get_session_doit,
		.policy = get_session_policy,
		.maxattr = PARSEC_A_SESSION,
	},
	{
		.cmd = PARSEC_CMD_SET_LIMITS,
		.doit = parsec_nl_set_limits_doit,
		.policy = set_limits_policy,
		.maxattr = PARSEC_A_MAX_OPEN,
	},
	{
		.cmd = PARSEC_CMD_GET_STATS,
		.start = parsec_nl_get_stats_start,
		.dumpit = parsec_nl_get_stats_dumpit,
	},
	{
		.cmd = PARSEC_CMD_RETIRE,
		.doit = parsec_nl_retire_doit,
	},
};

/* No resv_start_op: every command is validated strictly. Handlers run in
 * parallel, and in the initial network namespace only.
 */
struct genl_family parsec_family __ro_after_init = {
	.name = PARSEC_GENL_NAME,
	.version = PARSEC_GENL_VERSION,
	.module = THIS_MODULE,
	.parallel_ops = true,
	.ops = parsec_ops,
	.n_ops = ARRAY_SIZE(parsec_ops),
};
