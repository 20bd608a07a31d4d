/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The generic netlink family "parsec", between its tables and its handlers.
 */
#ifndef _PARSEC_KERNEL_GENL_H
#define _PARSEC_KERNEL_GENL_H

#include <net/genetlink.h>
#include <net/netlink.h>

#include <linux/parsec_netlink.h>

extern struct genl_family parsec_family;

int parsec_nl_register_doit(struct sk_buff *skb, struct genl_info *info);
int parsec_nl_reply_doit(struct sk_buff *skb, struct genl_info *info);
int parsec_nl_get_session_doit(struct sk_buff *skb, struct genl_info *info);
int parsec_nl_set_limits_doit(struct sk_buff *skb, struct genl_info *info);
int parsec_nl_retire_doit(struct sk_buff *skb, struct genl_info *info);
int parsec_nl_get_stats_start(struct netlink_callback *cb);
int parsec_nl_get_stats_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb);

#endif /* _PARSEC_KERNEL_GENL_H */
