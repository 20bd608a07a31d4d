// SPDX-License-Identifier: Apache-2.0
/*
 * Asking the kernel who has opened a file of the device, and how much they may have.
 */
#include <errno.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "helper/netlink_private.h"

static uint32_t get_u32_or(const struct nlattr *attr, uint32_t fallback)
{
	return attr ? nla_get_u32(attr) : fallback;
}

static uint64_t get_u64_or_0(const struct nlattr *attr)
{
	return attr ? nla_get_u64(attr) : 0;
}

static const char *get_string_or_null(const struct nlattr *attr)
{
	return attr && *nla_get_string(attr) ? nla_get_string(attr) : NULL;
}

static struct parsec_facts get_facts(struct nlattr *ids[PARSEC_A_ID_MAX + 1])
{
	uint32_t flags = nla_get_u32(ids[PARSEC_A_ID_FLAGS]);

	return (struct parsec_facts){
		.uid = nla_get_u32(ids[PARSEC_A_ID_UID]),
		.gid = get_u32_or(ids[PARSEC_A_ID_GID], PARSEC_ID_UNKNOWN),
		.init_userns = flags & PARSEC_ID_INIT_USERNS,
		.init_pidns = flags & PARSEC_ID_INIT_PIDNS,
		.pid = get_u32_or(ids[PARSEC_A_ID_PID], 0),
		.loginuid = get_u32_or(ids[PARSEC_A_ID_LOGINUID], PARSEC_ID_UNKNOWN),
		.userns = get_u64_or_0(ids[PARSEC_A_ID_USERNS]),
		.userns_owner = get_u32_or(ids[PARSEC_A_ID_USERNS_OWNER], PARSEC_ID_UNKNOWN),
		.userns_level = get_u32_or(ids[PARSEC_A_ID_USERNS_LEVEL], 0),
		.pidns = get_u64_or_0(ids[PARSEC_A_ID_PIDNS]),
		.start_time = get_u64_or_0(ids[PARSEC_A_ID_START_TIME]),
		.cgroup = get_u64_or_0(ids[PARSEC_A_ID_CGROUP]),
		.exe_dev = get_u64_or_0(ids[PARSEC_A_ID_EXE_DEV]),
		.exe_ino = get_u64_or_0(ids[PARSEC_A_ID_EXE_INO]),
		.cgroup_path = get_string_or_null(ids[PARSEC_A_ID_CGROUP_PATH]),
		.lsm = get_string_or_null(ids[PARSEC_A_ID_LSM]),
		.exe = get_string_or_null(ids[PARSEC_A_ID_EXE]),
	};
}

static uint32_t get_limit(struct nlmsghdr *answer, int type)
{
	const struct nlattr *attr = nlmsg_find_attr(answer, GENL_HDRLEN, type);

	return attr && nla_len(attr) == sizeof(uint32_t) ? nla_get_u32(attr) :
							   NETLINK_LIMIT_DEFAULT;
}

int netlink_session(struct netlink *nl, uint64_t session, struct parsec_facts *facts,
		    struct netlink_limits *limits)
{
	static struct nla_policy policy[PARSEC_A_ID_MAX + 1] = {
		[PARSEC_A_ID_UID] = { .type = NLA_U32 },
		[PARSEC_A_ID_GID] = { .type = NLA_U32 },
		[PARSEC_A_ID_FLAGS] = { .type = NLA_U32 },
		[PARSEC_A_ID_PID] = { .type = NLA_U32 },
		[PARSEC_A_ID_START_TIME] = { .type = NLA_U64 },
		[PARSEC_A_ID_USERNS] = { .type = NLA_U64 },
		[PARSEC_A_ID_USERNS_OWNER] = { .type = NLA_U32 },
		[PARSEC_A_ID_USERNS_LEVEL] = { .type = NLA_U32 },
		[PARSEC_A_ID_PIDNS] = { .type = NLA_U64 },
		[PARSEC_A_ID_CGROUP] = { .type = NLA_U64 },
		[PARSEC_A_ID_CGROUP_PATH] = { .type = NLA_STRING },
		[PARSEC_A_ID_LSM] = { .type = NLA_STRING },
		[PARSEC_A_ID_EXE] = { .type = NLA_STRING },
		[PARSEC_A_ID_EXE_DEV] = { .type = NLA_U64 },
		[PARSEC_A_ID_EXE_INO] = { .type = NLA_U64 },
		[PARSEC_A_ID_LOGINUID] = { .type = NLA_U32 },
	};
	uint8_t small[SMALL_MESSAGE] __attribute__((aligned(4)));
	struct nlattr *ids[PARSEC_A_ID_MAX + 1];
	struct nlmsghdr *answer = NULL;
	struct question question;
	struct nlattr *nest;
	int rc;

	netlink_question(&question, nl, PARSEC_CMD_GET_SESSION);
	netlink_add(&question, PARSEC_A_SESSION, &session, sizeof(session));
	/* While a request is served no other can have been kept: @small is not used */
	rc = netlink_ask(nl, &question, small, &answer);
	if (rc)
		return rc;
	nest = nlmsg_find_attr(answer, GENL_HDRLEN, PARSEC_A_IDENTITY);
	if (!nest || nla_parse_nested(ids, PARSEC_A_ID_MAX, nest, policy) ||
	    !ids[PARSEC_A_ID_UID] || !ids[PARSEC_A_ID_FLAGS])
		return -EBADMSG;
	*facts = get_facts(ids);
	if (limits)
		*limits = (struct netlink_limits){
			.waiting = get_limit(answer, PARSEC_A_MAX_WAITING),
			.running = get_limit(answer, PARSEC_A_MAX_RUNNING),
			.open = get_limit(answer, PARSEC_A_MAX_OPEN),
		};
	return 0;
}
