/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Provider hosts' interface to the parsec module: a generic netlink family
 * over which the kernel hands out requests and takes back replies.
 *
 * The same facts, in machine-readable form: Documentation/netlink/specs/parsec.yaml.
 *
 *   REGISTER	 host -> kernel, needs CAP_NET_ADMIN in the initial user namespace
 *	PROVIDER	u8	provider id that this socket serves, 0 = core
 *	CREDITS		u32	requests it takes at a time, 1 to PARSEC_NL_CREDITS_MAX
 *	REPLAY		binary	bitmap of the opcodes that may run twice: opcode n
 *				is bit n % 8 of byte n / 8 (optional)
 *	TAKEOVER	flag	if another process serves the provider: its sockets
 *				get no more requests, and may answer those they have
 *   answer, same command:
 *	MAX_REQUEST	u32	bytes of request body that can come
 *	MAX_RESPONSE	u32	bytes of response body that are accepted
 *	errors: EPERM; EALREADY, this socket is registered; EBUSY, another process
 *	serves this provider, and no TAKEOVER; EINVAL, an attribute is missing or out of range;
 *	EOPNOTSUPP, a 32-bit process, to which netlink delivers long messages
 *	wrongly; ENOBUFS, the socket's buffer is full; ENOMEM
 *
 *   REQUEST	 kernel -> host, unicast to a registered socket with a free credit
 *	ID		u64	request number, never used again
 *	SESSION		u64	open file that asks
 *	PROVIDER	u8	provider id that the caller named; differs from the
 *				registered one only at core, which answers for ids
 *				without a host
 *	OPCODE		u8
 *	PID		u32	caller's thread group, in the initial pid namespace
 *	DEADLINE	u64	CLOCK_MONOTONIC ns at which nobody waits any more,
 *				0 = none
 *	BODY		binary	the body is all of these, in order; absent if empty
 *
 *   REPLY	 host -> kernel, only from the socket that got the request
 *	ID		u64
 *	STATUS		u16
 *	BODY		binary	as in REQUEST; each at most PARSEC_NL_BODY_MAX
 *	errors, and the answer to NLM_F_ACK: 0, somebody takes the answer; ENOENT,
 *	nobody waits any more (a key just created must be destroyed); EPERM, this
 *	socket does not have that request; EMSGSIZE, body above MAX_RESPONSE (the
 *	caller gets EIO): each of these gives the credit back, but for EPERM. EINVAL,
 *	no ID or STATUS, and what netlink itself refuses do not either.
 *
 *   GET_SESSION host -> kernel, from any registered socket
 *	SESSION		u64
 *   answer, same command:
 *	SESSION		u64
 *	IDENTITY	nest	PARSEC_A_ID_*
 *	MAX_WAITING	u32	as SET_LIMITS set them for its account; what is
 *	MAX_RUNNING	u32	absent is as the module parameter says
 *	MAX_OPEN	u32
 *	errors: EPERM, socket not registered; ENOENT, that file is closed; EINVAL, no
 *	SESSION; ENOMEM; EAGAIN, the socket has no room for the answer
 *
 *   SET_LIMITS	 host -> kernel, from any registered socket
 *	SESSION		u64	whose account: all files with its effective user, user
 *				namespace and cgroup
 *	MAX_WAITING	u32	requests that it may have waiting, 0 = no limit
 *	MAX_RUNNING	u32	requests that it may have at hosts
 *	MAX_OPEN	u32	files that it may have open
 *	Each is PARSEC_NL_LIMIT_MAX at most; what is absent is as the module
 *	parameter says. Valid until the last file of the account is closed.
 *	errors: EPERM, socket not registered; ENOENT, that file is closed; EINVAL,
 *	an attribute is missing or out of range
 *
 *   GET_STATS	 host -> kernel, NLM_F_DUMP, from any registered socket or with
 *		 CAP_NET_ADMIN in the initial user namespace
 *   answer, same command: one of these in each message
 *	MODULE_STATS	nest	PARSEC_A_STAT_*, one message
 *	PROVIDER_STATS	nest	PARSEC_A_PSTAT_*, for each provider that anybody wanted
 *				to serve
 *	ACCOUNT_STATS	nest	PARSEC_A_ASTAT_*, for each account that there is
 *	errors: EPERM
 *
 *   RETIRE	 host -> kernel, from any registered socket, without attributes
 *	Nothing more is sent to it. It may answer what it has. Done as soon as it is
 *	sent: after it the socket has all that there will ever be.
 *	errors: EPERM, socket not registered; EINVAL, there are attributes
 */
#ifndef _UAPI_LINUX_PARSEC_NETLINK_H
#define _UAPI_LINUX_PARSEC_NETLINK_H

#define PARSEC_GENL_NAME	"parsec"
#define PARSEC_GENL_VERSION	1

/* Payload bytes of one BODY attribute at most; nla_len has 16 bits */
#define PARSEC_NL_BODY_MAX	(60 * 1024)

#define PARSEC_NL_CREDITS_MAX	64
#define PARSEC_NL_REPLAY_LEN	16	/* bytes: PARSEC_OPCODE_MAX + 1 bits */
#define PARSEC_NL_LIMIT_MAX	65536	/* of each limit of an account */

enum parsec_cmd {
	PARSEC_CMD_UNSPEC,
	PARSEC_CMD_REGISTER,
	PARSEC_CMD_REQUEST,
	PARSEC_CMD_REPLY,
	PARSEC_CMD_GET_SESSION,
	PARSEC_CMD_SET_LIMITS,
	PARSEC_CMD_GET_STATS,
	PARSEC_CMD_RETIRE,

	/* private: */
	__PARSEC_CMD_MAX
};

#define PARSEC_CMD_MAX		(__PARSEC_CMD_MAX - 1)

enum parsec_attr {
	PARSEC_A_UNSPEC,
	PARSEC_A_PAD,
	PARSEC_A_ID,		/* u64 */
	PARSEC_A_SESSION,	/* u64 */
	PARSEC_A_PROVIDER,	/* u8 */
	PARSEC_A_OPCODE,	/* u8 */
	PARSEC_A_STATUS,	/* u16 */
	PARSEC_A_CREDITS,	/* u32 */
	PARSEC_A_REPLAY,	/* binary, PARSEC_NL_REPLAY_LEN */
	PARSEC_A_PID,		/* u32 */
	PARSEC_A_DEADLINE,	/* u64, CLOCK_MONOTONIC ns */
	PARSEC_A_MAX_REQUEST,	/* u32 */
	PARSEC_A_MAX_RESPONSE,	/* u32 */
	PARSEC_A_IDENTITY,	/* nest, enum parsec_id_attr */
	PARSEC_A_BODY,		/* binary, several in a row */
	PARSEC_A_TAKEOVER,	/* flag */
	PARSEC_A_MAX_WAITING,	/* u32 */
	PARSEC_A_MAX_RUNNING,	/* u32 */
	PARSEC_A_MAX_OPEN,	/* u32 */
	PARSEC_A_MODULE_STATS,	/* nest, enum parsec_stat_attr */
	PARSEC_A_PROVIDER_STATS, /* nest, enum parsec_pstat_attr */
	PARSEC_A_ACCOUNT_STATS,	/* nest, enum parsec_astat_attr */

	/* private: */
	__PARSEC_A_MAX
};

#define PARSEC_A_MAX		(__PARSEC_A_MAX - 1)

/* PARSEC_A_ID_FLAGS */
#define PARSEC_ID_INIT_USERNS	0x1	/* in the initial user namespace */
#define PARSEC_ID_INIT_PIDNS	0x2	/* in the initial pid namespace */

/* Who opened a session, as it was at open(). Ids are those of the initial user
 * namespace. A fact that the kernel does not have is absent.
 */
enum parsec_id_attr {
	PARSEC_A_ID_UNSPEC,
	PARSEC_A_ID_PAD,
	PARSEC_A_ID_UID,		/* u32, effective */
	PARSEC_A_ID_GID,		/* u32, effective */
	PARSEC_A_ID_FLAGS,		/* u32, PARSEC_ID_* */
	PARSEC_A_ID_PID,		/* u32, thread group, initial pid namespace */
	PARSEC_A_ID_START_TIME,		/* u64, CLOCK_BOOTTIME ns */
	PARSEC_A_ID_USERNS,		/* u64, inode */
	PARSEC_A_ID_USERNS_OWNER,	/* u32, uid */
	PARSEC_A_ID_USERNS_LEVEL,	/* u32, 0 = initial */
	PARSEC_A_ID_PIDNS,		/* u64, inode */
	PARSEC_A_ID_MNTNS,		/* u64, inode; no kernel so far gives it */
	PARSEC_A_ID_CGROUP,		/* u64, cgroup v2 id */
	PARSEC_A_ID_CGROUP_PATH,	/* string, from the root of the hierarchy */
	PARSEC_A_ID_LSM,		/* string, security context */
	PARSEC_A_ID_EXE,		/* string, path as the opener saw it: a hint,
					 * forgeable inside a container
					 */
	PARSEC_A_ID_EXE_DEV,		/* u64, new_encode_dev() */
	PARSEC_A_ID_EXE_INO,		/* u64 */
	PARSEC_A_ID_LOGINUID,		/* u32, audit login uid */

	/* private: */
	__PARSEC_A_ID_MAX
};

#define PARSEC_A_ID_MAX		(__PARSEC_A_ID_MAX - 1)

/* The module. u32: now; u64: since it was loaded. Ioctls that ended with an
 * errno are counted under its name.
 */
enum parsec_stat_attr {
	PARSEC_A_STAT_UNSPEC,
	PARSEC_A_STAT_PAD,
	PARSEC_A_STAT_SESSIONS,		/* u32, open files */
	PARSEC_A_STAT_ACCOUNTS,		/* u32 */
	PARSEC_A_STAT_OPENED,		/* u64, opens that succeeded */
	PARSEC_A_STAT_OPEN_REFUSED,	/* u64, opens above MAX_OPEN */
	PARSEC_A_STAT_EPERM,		/* u64, callers who are not the opener */
	PARSEC_A_STAT_ENOTCONN,		/* u64 */
	PARSEC_A_STAT_EOVERFLOW,	/* u64 */
	PARSEC_A_STAT_EDQUOT,		/* u64 */
	PARSEC_A_STAT_ETIMEDOUT,	/* u64 */
	PARSEC_A_STAT_EIO,		/* u64 */
	PARSEC_A_STAT_EINTR,		/* u64, callers that were killed */
	PARSEC_A_STAT_ENOMEM,		/* u64 */
	PARSEC_A_STAT_REPLAYED,		/* u64, requests given to a second host */
	PARSEC_A_STAT_REGISTERED,	/* u64, sockets */
	PARSEC_A_STAT_REGISTER_REFUSED,	/* u64, with the capability */
	PARSEC_A_STAT_REGISTER_UNPRIVILEGED, /* u64 */
	PARSEC_A_STAT_TAKEN_OVER,	/* u64, providers */
	PARSEC_A_STAT_QUERY_UNPRIVILEGED, /* u64, GET_SESSION, SET_LIMITS, GET_STATS
					   * of those who may not
					   */
	PARSEC_A_STAT_REPLY_UNREGISTERED, /* u64, from a socket that is no worker */
	PARSEC_A_STAT_REPLY_FORGED,	/* u64, to a request that the socket has not */
	PARSEC_A_STAT_REPLY_DUPLICATE,	/* u64, to the one that it answered last */
	PARSEC_A_STAT_REPLY_LATE,	/* u64, nobody waited any more */
	PARSEC_A_STAT_REPLY_INCOMPLETE,	/* u64, without ID or STATUS. What netlink
					 * cannot parse never gets to the module
					 */
	PARSEC_A_STAT_REPLY_OVERSIZED,	/* u64, body above MAX_RESPONSE */

	/* private: */
	__PARSEC_A_STAT_MAX
};

#define PARSEC_A_STAT_MAX	(__PARSEC_A_STAT_MAX - 1)

/* A provider. u32: now; u64: since the module was loaded. SENT is DONE + ABORTED +
 * RETURNED + (IN_FLIGHT - PARKED).
 */
enum parsec_pstat_attr {
	PARSEC_A_PSTAT_UNSPEC,
	PARSEC_A_PSTAT_PAD,
	PARSEC_A_PSTAT_PROVIDER,	/* u8 */
	PARSEC_A_PSTAT_WORKERS,		/* u32, sockets */
	PARSEC_A_PSTAT_RETIRED,		/* u32, sockets after a TAKEOVER or RETIRE */
	PARSEC_A_PSTAT_CREDITS,		/* u32, of all workers */
	PARSEC_A_PSTAT_QUEUED,		/* u32, requests that wait for a credit */
	PARSEC_A_PSTAT_IN_FLIGHT,	/* u32, requests at workers */
	PARSEC_A_PSTAT_PARKED,		/* u32, of these, whose caller has left */
	PARSEC_A_PSTAT_SENT,		/* u64, requests to workers */
	PARSEC_A_PSTAT_DONE,		/* u64, answers that somebody took */
	PARSEC_A_PSTAT_ABORTED,		/* u64, sent, but the caller left or got EIO */
	PARSEC_A_PSTAT_RETURNED,	/* u64, sent, and again as the worker died */

	/* private: */
	__PARSEC_A_PSTAT_MAX
};

#define PARSEC_A_PSTAT_MAX	(__PARSEC_A_PSTAT_MAX - 1)

/* An account: those who share limits. u32: now; u64: since it came to be */
enum parsec_astat_attr {
	PARSEC_A_ASTAT_UNSPEC,
	PARSEC_A_ASTAT_PAD,
	PARSEC_A_ASTAT_UID,		/* u32, effective, in the initial namespace */
	PARSEC_A_ASTAT_USERNS,		/* u64, inode */
	PARSEC_A_ASTAT_CGROUP,		/* u64, cgroup v2 id */
	PARSEC_A_ASTAT_CGROUP_PATH,	/* string, from the root of the hierarchy */
	PARSEC_A_ASTAT_SESSIONS,	/* u32, open files */
	PARSEC_A_ASTAT_WAITING,		/* u32, requests that wait for a credit */
	PARSEC_A_ASTAT_RUNNING,		/* u32, requests at workers */
	PARSEC_A_ASTAT_DONE,		/* u64, answers that were taken */
	PARSEC_A_ASTAT_REFUSED,		/* u64, EDQUOT of open() and ioctl() */
	PARSEC_A_ASTAT_MAX_WAITING,	/* u32, in force, 0 = no limit */
	PARSEC_A_ASTAT_MAX_RUNNING,	/* u32 */
	PARSEC_A_ASTAT_MAX_OPEN,	/* u32 */

	/* private: */
	__PARSEC_A_ASTAT_MAX
};

#define PARSEC_A_ASTAT_MAX	(__PARSEC_A_ASTAT_MAX - 1)

#endif /* _UAPI_LINUX_PARSEC_NETLINK_H */
