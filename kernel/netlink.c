// SPDX-License-Identifier: GPL-2.0-only
/*
 * What provider hosts say: registrations, replies, questions about sessions,
 * limits of accounts, good-byes.
 */
#include <linux/capability.h>
#include <linux/compat.h>
#include <linux/cred.h>
#include <linux/netlink.h>
#include <linux/notifier.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/user_namespace.h>

#include <net/sock.h>

#include "genl.h"
#include "parsec.h"

static_assert(PARSEC_NL_REPLAY_LEN * BITS_PER_BYTE == PARSEC_OPCODES);

static struct sk_buff *register_answer(struct genl_info *info)
{
	struct sk_buff *skb;
	void *hdr;

	skb = genlmsg_new(2 * nla_total_size(sizeof(u32)), GFP_KERNEL);
	if (!skb)
		return NULL;
	hdr = genlmsg_put_reply(skb, info, &parsec_family, 0,
				PARSEC_CMD_REGISTER);
	if (!hdr ||
	    nla_put_u32(skb, PARSEC_A_MAX_REQUEST, parsec_max_request) ||
	    nla_put_u32(skb, PARSEC_A_MAX_RESPONSE, parsec_max_response)) {
		nlmsg_free(skb);
		return NULL;
	}
	genlmsg_end(skb, hdr);
	return skb;
}

static void set_replay(struct parsec_worker *worker, const struct nlattr *attr)
{
	const u8 *bytes = nla_data(attr);
	int i;

	for (i = 0; i < PARSEC_OPCODES; i++) {
		if (bytes[i / BITS_PER_BYTE] & BIT(i % BITS_PER_BYTE))
			__set_bit(i, worker->replay);
	}
}

static void refuse_register(struct genl_info *info, int err)
{
	parsec_count(PARSEC_COUNT_REGISTER_REFUSED);
	switch (err) {
	case -EALREADY:
		GENL_SET_ERR_MSG(info, "this socket serves a provider already");
		break;
	case -EBUSY:
		GENL_SET_ERR_MSG(info, "another process serves this provider");
		break;
	case -ENOBUFS:
		GENL_SET_ERR_MSG(info, "this socket's receive buffer is full");
		break;
	}
}

/* Registered or refused */
static int register_worker(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;
	struct parsec_worker *worker;
	struct sk_buff *welcome;
	u32 credits;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, PARSEC_A_PROVIDER) ||
	    GENL_REQ_ATTR_CHECK(info, PARSEC_A_CREDITS))
		return -EINVAL;
	credits = nla_get_u32(attrs[PARSEC_A_CREDITS]);
	if (!credits || credits > PARSEC_NL_CREDITS_MAX) {
		NL_SET_ERR_MSG_ATTR(info->extack, attrs[PARSEC_A_CREDITS],
				    "credits are out of range");
		return -EINVAL;
	}
	if (in_compat_syscall()) {
		GENL_SET_ERR_MSG(info, "a 32-bit process cannot be a host");
		return -EOPNOTSUPP;
	}

	worker = parsec_worker_new(NETLINK_CB(skb).sk, info->snd_portid);
	if (!worker)
		return -ENOMEM;
	worker->credits = credits;
	worker->takeover = nla_get_flag(attrs[PARSEC_A_TAKEOVER]);
	if (attrs[PARSEC_A_REPLAY])
		set_replay(worker, attrs[PARSEC_A_REPLAY]);

	welcome = register_answer(info);
	err = welcome ? parsec_worker_add(worker,
					  nla_get_u8(attrs[PARSEC_A_PROVIDER]),
					  welcome) : -ENOMEM;
	if (err) {
		nlmsg_free(welcome);
		parsec_worker_free(worker);
	}
	return err;
}

/**
 * parsec_nl_register_doit() - PARSEC_CMD_REGISTER
 * @skb: the message
 * @info: its attributes
 *
 * The answer is in the socket before the first request can be. The capability
 * is asked for here and not by GENL_ADMIN_PERM, so that attempts are counted.
 *
 * Return: 0; -EPERM; -EINVAL, an attribute is missing or out of range;
 * -EOPNOTSUPP, a 32-bit process, for which netlink delivers long messages
 * wrongly; -EALREADY, -EBUSY, -ENOBUFS or -ENOMEM as parsec_worker_add() says.
 */
int parsec_nl_register_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	if (!netlink_capable(skb, CAP_NET_ADMIN)) {
		parsec_count(PARSEC_COUNT_REGISTER_UNPRIVILEGED);
		return -EPERM;
	}
	err = register_worker(skb, info);
	if (err)
		refuse_register(info, err);
	return err;
}

/**
 * parsec_nl_reply_doit() - PARSEC_CMD_REPLY
 * @skb: the message
 * @info: its attributes
 *
 * Return: 0; -EINVAL, an attribute is missing; -EPERM, -ENOENT or -EMSGSIZE as
 * parsec_worker_answer() says.
 */
int parsec_nl_reply_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct parsec_answer answer = { .skb = skb, .nlh = info->nlhdr };
	const struct nlattr *attr;
	int rem, err;

	if (GENL_REQ_ATTR_CHECK(info, PARSEC_A_ID) ||
	    GENL_REQ_ATTR_CHECK(info, PARSEC_A_STATUS)) {
		parsec_count(PARSEC_COUNT_REPLY_INCOMPLETE);
		return -EINVAL;
	}

	answer.id = nla_get_u64(info->attrs[PARSEC_A_ID]);
	answer.status = nla_get_u16(info->attrs[PARSEC_A_STATUS]);
	/* The parsed attributes have only the last of several BODY */
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) == PARSEC_A_BODY)
			answer.len += nla_len(attr);
	}

	err = parsec_worker_answer(NETLINK_CB(skb).sk, info->snd_portid,
				   &answer);
	switch (err) {
	case -EPERM:
		GENL_SET_ERR_MSG(info, "this socket does not have that request");
		break;
	case -ENOENT:
		GENL_SET_ERR_MSG(info, "nobody waits for that answer any more");
		break;
	case -EMSGSIZE:
		GENL_SET_ERR_MSG(info, "body above max_response");
		break;
	}
	/* Nobody takes it, and netlink frees it as it is */
	if (err)
		parsec_reply_wipe(info->nlhdr);
	return err;
}

/* A string attribute if there is a string */
static int put_string(struct sk_buff *skb, int type, const char *string)
{
	return string ? nla_put_string(skb, type, string) : 0;
}

static int put_namespace(struct sk_buff *skb, const struct user_namespace *ns)
{
	return nla_put_u64_64bit(skb, PARSEC_A_ID_USERNS, ns->ns.inum,
				 PARSEC_A_ID_PAD) ||
	       nla_put_u32(skb, PARSEC_A_ID_USERNS_OWNER,
			   from_kuid(&init_user_ns, ns->owner)) ||
	       nla_put_u32(skb, PARSEC_A_ID_USERNS_LEVEL, ns->level);
}

static int put_exe(struct sk_buff *skb, const struct parsec_identity *who)
{
	if (!who->exe_ino)
		return 0;
	return put_string(skb, PARSEC_A_ID_EXE, who->exe) ||
	       nla_put_u64_64bit(skb, PARSEC_A_ID_EXE_DEV, who->exe_dev,
				 PARSEC_A_ID_PAD) ||
	       nla_put_u64_64bit(skb, PARSEC_A_ID_EXE_INO, who->exe_ino,
				 PARSEC_A_ID_PAD);
}

/* In the order of enum parsec_id_attr; not 0 if there is no room */
static int put_identity(struct sk_buff *skb, const struct parsec_identity *who)
{
	const struct cred *cred = who->cred;
	u32 flags = 0;

	if (cred->user_ns == &init_user_ns)
		flags |= PARSEC_ID_INIT_USERNS;
	if (who->pid_ns == &init_pid_ns)
		flags |= PARSEC_ID_INIT_PIDNS;

	return nla_put_u32(skb, PARSEC_A_ID_UID,
			   from_kuid(&init_user_ns, cred->euid)) ||
	       nla_put_u32(skb, PARSEC_A_ID_GID,
			   from_kgid(&init_user_ns, cred->egid)) ||
	       nla_put_u32(skb, PARSEC_A_ID_FLAGS, flags) ||
	       nla_put_u32(skb, PARSEC_A_ID_PID, who->tgid) ||
	       nla_put_u64_64bit(skb, PARSEC_A_ID_START_TIME, who->start_time,
				 PARSEC_A_ID_PAD) ||
	       put_namespace(skb, cred->user_ns) ||
	       nla_put_u64_64bit(skb, PARSEC_A_ID_PIDNS, who->pid_ns->ns.inum,
				 PARSEC_A_ID_PAD) ||
	       (who->cgroup &&
		nla_put_u64_64bit(skb, PARSEC_A_ID_CGROUP, who->cgroup,
				  PARSEC_A_ID_PAD)) ||
	       put_string(skb, PARSEC_A_ID_CGROUP_PATH, who->cgroup_path) ||
	       put_string(skb, PARSEC_A_ID_LSM, who->lsm) ||
	       put_exe(skb, who) ||
	       (uid_valid(who->loginuid) &&
		nla_put_u32(skb, PARSEC_A_ID_LOGINUID,
			    from_kuid(&init_user_ns, who->loginuid)));
}

static size_t string_size(const char *string)
{
	return string ? nla_total_size(strlen(string) + 1) : 0;
}

/* More than enough: each scalar as if it were 64 bits and padded */
static size_t identity_size(const struct parsec_identity *who)
{
	return PARSEC_A_ID_MAX * nla_total_size_64bit(sizeof(u64)) +
	       string_size(who->cgroup_path) + string_size(who->lsm) +
	       string_size(who->exe);
}

static bool is_set(u32 limit)
{
	return limit != PARSEC_LIMIT_DEFAULT;
}

/* Those that a host set, so that the next one can tell whether they still hold */
static bool put_set_limits(struct sk_buff *skb,
			   const struct parsec_limits *limits)
{
	return (is_set(limits->waiting) &&
		nla_put_u32(skb, PARSEC_A_MAX_WAITING, limits->waiting)) ||
	       (is_set(limits->running) &&
		nla_put_u32(skb, PARSEC_A_MAX_RUNNING, limits->running)) ||
	       (is_set(limits->open) &&
		nla_put_u32(skb, PARSEC_A_MAX_OPEN, limits->open));
}

static struct sk_buff *session_answer(struct genl_info *info,
				      const struct parsec_session *session)
{
	const struct parsec_identity *who = &session->identity;
	const struct parsec_limits limits =
		parsec_account_limits(session->account);
	struct nlattr *nest;
	struct sk_buff *skb;
	void *hdr;

	skb = genlmsg_new(nla_total_size_64bit(sizeof(u64)) +
			  3 * nla_total_size(sizeof(u32)) +
			  nla_total_size(identity_size(who)), GFP_KERNEL);
	if (!skb)
		return ERR_PTR(-ENOMEM);
	hdr = genlmsg_put_reply(skb, info, &parsec_family, 0,
				PARSEC_CMD_GET_SESSION);
	if (!hdr || nla_put_u64_64bit(skb, PARSEC_A_SESSION, session->number,
				      PARSEC_A_PAD) ||
	    put_set_limits(skb, &limits))
		goto free;

	nest = nla_nest_start(skb, PARSEC_A_IDENTITY);
	if (!nest || put_identity(skb, who))
		goto free;
	nla_nest_end(skb, nest);
	genlmsg_end(skb, hdr);
	return skb;

free:
	nlmsg_free(skb);
	return ERR_PTR(-EMSGSIZE);
}

static struct parsec_session *session_get(u64 number)
{
	struct parsec_session *session;

	if (number > ULONG_MAX)
		return NULL;

	/* A session that is still in the table has the file's reference */
	xa_lock(&parsec_sessions);
	session = xa_load(&parsec_sessions, number);
	if (session)
		refcount_inc(&session->ref);
	xa_unlock(&parsec_sessions);
	return session;
}

/* The session that a registered socket names, with a reference, or ERR_PTR() */
static struct parsec_session *named_session(struct sk_buff *skb,
					    struct genl_info *info)
{
	struct parsec_session *session;

	if (!parsec_worker_known(NETLINK_CB(skb).sk, info->snd_portid)) {
		parsec_count(PARSEC_COUNT_QUERY_UNPRIVILEGED);
		GENL_SET_ERR_MSG(info, "this socket is not registered");
		return ERR_PTR(-EPERM);
	}
	if (GENL_REQ_ATTR_CHECK(info, PARSEC_A_SESSION))
		return ERR_PTR(-EINVAL);

	session = session_get(nla_get_u64(info->attrs[PARSEC_A_SESSION]));
	if (!session) {
		GENL_SET_ERR_MSG(info, "that file is closed");
		return ERR_PTR(-ENOENT);
	}
	return session;
}

/**
 * parsec_nl_get_session_doit() - PARSEC_CMD_GET_SESSION
 * @skb: the message
 * @info: its attributes
 *
 * Return: 0; -EINVAL, an attribute is missing; -EPERM, the socket is not
 * registered; -ENOENT, that file is closed; -ENOMEM; or the negative errno of
 * genlmsg_reply().
 */
int parsec_nl_get_session_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct parsec_session *session;
	struct sk_buff *answer;

	session = named_session(skb, info);
	if (IS_ERR(session))
		return PTR_ERR(session);
	answer = session_answer(info, session);
	parsec_session_put(session);
	return IS_ERR(answer) ? PTR_ERR(answer) : genlmsg_reply(answer, info);
}

static int take_limit(struct genl_info *info, int type, u32 *limit)
{
	struct nlattr *attr = info->attrs[type];

	*limit = attr ? nla_get_u32(attr) : PARSEC_LIMIT_DEFAULT;
	if (!attr || *limit <= PARSEC_NL_LIMIT_MAX)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, attr, "limit is out of range");
	return -EINVAL;
}

/**
 * parsec_nl_set_limits_doit() - PARSEC_CMD_SET_LIMITS
 * @skb: the message
 * @info: its attributes
 *
 * Return: 0; -EINVAL, an attribute is missing or out of range; -EPERM, the
 * socket is not registered; -ENOENT, that file is closed.
 */
int parsec_nl_set_limits_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct parsec_session *session;
	struct parsec_limits limits;
	int err;

	session = named_session(skb, info);
	if (IS_ERR(session))
		return PTR_ERR(session);

	err = take_limit(info, PARSEC_A_MAX_WAITING, &limits.waiting) ?:
	      take_limit(info, PARSEC_A_MAX_RUNNING, &limits.running) ?:
	      take_limit(info, PARSEC_A_MAX_OPEN, &limits.open);
	if (!err)
		parsec_account_limit(session->account, &limits);
	parsec_session_put(session);
	return err;
}

/**
 * parsec_nl_retire_doit() - PARSEC_CMD_RETIRE
 * @skb: the message
 * @info: what came with it
 *
 * Return: 0; -EINVAL, there are attributes; -EPERM, the socket is not
 * registered.
 */
int parsec_nl_retire_doit(struct sk_buff *skb, struct genl_info *info)
{
	if (nlmsg_attrlen(info->nlhdr, GENL_HDRLEN)) {
		GENL_SET_ERR_MSG(info, "there is nothing more to say");
		return -EINVAL;
	}
	if (!parsec_worker_retire(NETLINK_CB(skb).sk, info->snd_portid)) {
		parsec_count(PARSEC_COUNT_QUERY_UNPRIVILEGED);
		GENL_SET_ERR_MSG(info, "this socket is not registered");
		return -EPERM;
	}
	return 0;
}

static int socket_event(struct notifier_block *nb, unsigned long event,
			void *data)
{
	const struct netlink_notify *notify = data;

	if (event == NETLINK_URELEASE &&
	    notify->protocol == NETLINK_GENERIC &&
	    net_eq(notify->net, &init_net))
		parsec_worker_released(notify->portid);
	return NOTIFY_DONE;
}

static struct notifier_block socket_notifier = {
	.notifier_call = socket_event,
};

/**
 * parsec_netlink_register() - let hosts in
 *
 * Return: 0 or the negative errno of what failed.
 */
int parsec_netlink_register(void)
{
	int err;

	/* ORDER: the end of a worker may not be missed */
	err = netlink_register_notifier(&socket_notifier);
	if (err)
		return err;
	err = genl_register_family(&parsec_family);
	if (err)
		netlink_unregister_notifier(&socket_notifier);
	return err;
}

/**
 * parsec_netlink_unregister() - no message is handled or looked at any more
 */
void parsec_netlink_unregister(void)
{
	genl_unregister_family(&parsec_family);
	netlink_unregister_notifier(&socket_notifier);
}
