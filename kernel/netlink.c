// SPDX-License-Identifier: GPL-2.0-only
/*
 * The messages exchanged with provider hosts: requests out; registrations,
 * replies and questions about sessions in.
 */
#include <linux/compat.h>
#include <linux/cred.h>
#include <linux/highmem.h>
#include <linux/netlink.h>
#include <linux/notifier.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/user_namespace.h>

#include <net/sock.h>

#include "genl.h"
#include "parsec.h"

static_assert(PARSEC_NL_REPLAY_LEN * BITS_PER_BYTE == PARSEC_OPCODES);
static_assert(PARSEC_NL_BODY_MAX % NLA_ALIGNTO == 0);

/* Everything in a REQUEST but the body */
#define REQUEST_SPACE	(NLMSG_HDRLEN + GENL_HDRLEN + \
			 3 * nla_total_size_64bit(sizeof(u64)) + \
			 nla_total_size(sizeof(u32)) + \
			 2 * nla_total_size(sizeof(u8)))

/* A message up to this long is one piece of a page; never more in one piece */
#define LINEAR_MAX	SKB_WITH_OVERHEAD(PAGE_SIZE)

static atomic64_t last_request = ATOMIC64_INIT(0);

/* All of a REQUEST but the body; there is REQUEST_SPACE for it */
static void put_request(struct sk_buff *skb, struct parsec_request *req)
{
	req->id = atomic64_inc_return(&last_request);

	genlmsg_put(skb, 0, 0, &parsec_family, 0, PARSEC_CMD_REQUEST);
	nla_put_u64_64bit(skb, PARSEC_A_ID, req->id, PARSEC_A_PAD);
	nla_put_u64_64bit(skb, PARSEC_A_SESSION, req->session->number,
			  PARSEC_A_PAD);
	nla_put_u8(skb, PARSEC_A_PROVIDER, req->provider);
	nla_put_u8(skb, PARSEC_A_OPCODE, req->opcode);
	nla_put_u32(skb, PARSEC_A_PID, task_tgid_nr(current));
	nla_put_u64_64bit(skb, PARSEC_A_DEADLINE, req->deadline, PARSEC_A_PAD);
}

static struct sk_buff *message_linear(struct parsec_request *req,
				      const void __user *body, u32 len)
{
	struct nlattr *attr;
	struct sk_buff *skb;

	skb = alloc_skb(REQUEST_SPACE + nla_total_size(len), GFP_KERNEL);
	if (!skb)
		return ERR_PTR(-ENOMEM);

	put_request(skb, req);
	if (len) {
		attr = nla_reserve(skb, PARSEC_A_BODY, len);
		if (copy_from_user(nla_data(attr), body, len)) {
			kfree_skb(skb);
			return ERR_PTR(-EFAULT);
		}
	}
	nlmsg_hdr(skb)->nlmsg_len = skb->len;
	return skb;
}

/* Room for @space bytes in one piece and a BODY attribute of @len bytes, which
 * is in single pages.
 */
static struct sk_buff *chunk_new(u32 space, u32 len)
{
	int err;

	return alloc_skb_with_frags(space + NLA_HDRLEN, NLA_ALIGN(len), 0, &err,
				    GFP_KERNEL_ACCOUNT);
}

/* Append the BODY attribute for which chunk_new() left room */
static int chunk_fill(struct sk_buff *skb, const void __user *body, u32 len)
{
	static const u8 zeros[NLA_ALIGNTO];
	struct nlattr *attr = skb_put(skb, NLA_HDRLEN);
	u32 padded = NLA_ALIGN(len);
	struct iov_iter from;

	attr->nla_type = PARSEC_A_BODY;
	attr->nla_len = nla_attr_size(len);

	skb->data_len = padded;
	skb->len += padded;
	iov_iter_ubuf(&from, ITER_SOURCE, (void __user *)body, len);
	if (skb_copy_datagram_from_iter(skb, skb_headlen(skb), &from, len))
		return -EFAULT;
	return skb_store_bits(skb, skb_headlen(skb) + len, zeros, padded - len);
}

/* One BODY attribute in the first buffer, one in each of its frag_list */
static struct sk_buff *message_paged(struct parsec_request *req,
				     const void __user *body, u32 len)
{
	u32 chunk = min_t(u32, len, PARSEC_NL_BODY_MAX);
	struct sk_buff *head, *skb, **tail;
	int err;

	head = chunk_new(REQUEST_SPACE, chunk);
	if (!head)
		return ERR_PTR(-ENOMEM);
	put_request(head, req);
	err = chunk_fill(head, body, chunk);
	if (err)
		goto free;

	tail = &skb_shinfo(head)->frag_list;
	while (len -= chunk) {
		body += chunk;
		chunk = min_t(u32, len, PARSEC_NL_BODY_MAX);

		skb = chunk_new(0, chunk);
		err = skb ? chunk_fill(skb, body, chunk) : -ENOMEM;
		if (err) {
			kfree_skb(skb);
			goto free;
		}
		*tail = skb;
		tail = &skb->next;
		head->len += skb->len;
		head->data_len += skb->len;
		head->truesize += skb->truesize;
	}
	nlmsg_hdr(head)->nlmsg_len = head->len;
	return head;

free:
	kfree_skb(head);
	return ERR_PTR(err);
}

/**
 * parsec_message_new() - make the message that carries a request
 * @req: the request, which gets a new id
 * @body: its body, in the memory of the current task
 * @len: bytes of it
 *
 * The body is copied once, straight into the message, and no more than a page
 * is ever needed in one piece. Long bodies are charged to the caller.
 *
 * Return: the message, or ERR_PTR() of -ENOMEM or -EFAULT.
 */
struct sk_buff *parsec_message_new(struct parsec_request *req,
				   const void __user *body, u32 len)
{
	if (REQUEST_SPACE + nla_total_size(len) <= LINEAR_MAX)
		return message_linear(req, body, len);
	return message_paged(req, body, len);
}

/**
 * parsec_message_id() - which request is this?
 * @skb: any message in a worker's socket
 *
 * Return: its id, 0 if it is none.
 */
u64 parsec_message_id(const struct sk_buff *skb)
{
	const struct nlmsghdr *nlh = nlmsg_hdr(skb);
	const struct genlmsghdr *hdr = nlmsg_data(nlh);

	/* Other processes may send to the socket whatever they like */
	if (NETLINK_CB(skb).portid ||
	    skb_headlen(skb) < REQUEST_SPACE - NLA_ALIGNTO ||
	    nlh->nlmsg_type != parsec_family.id ||
	    hdr->cmd != PARSEC_CMD_REQUEST)
		return 0;
	return nla_get_u64(nlmsg_find_attr(nlh, GENL_HDRLEN, PARSEC_A_ID));
}

/* One buffer's bytes, those in its pages too */
static void wipe(struct sk_buff *skb)
{
	const struct skb_shared_info *shared = skb_shinfo(skb);
	const skb_frag_t *frag;
	void *page;
	int i;

	memzero_explicit(skb->data, skb_headlen(skb));
	for (i = 0; i < shared->nr_frags; i++) {
		frag = &shared->frags[i];
		page = kmap_local_page(skb_frag_page(frag));
		memzero_explicit(page + skb_frag_off(frag), skb_frag_size(frag));
		kunmap_local(page);
	}
}

/**
 * parsec_message_free() - wipe and drop a message that was never sent
 * @skb: the message, or NULL
 */
void parsec_message_free(struct sk_buff *skb)
{
	struct sk_buff *part;

	if (!skb)
		return;
	wipe(skb);
	skb_walk_frags(skb, part)
		wipe(part);
	kfree_skb(skb);
}

/**
 * parsec_reply_to_user() - copy the body of a reply to the current task
 * @skb: the message
 * @nlh: where in @skb
 * @to: address, with room for all of it
 *
 * Return: 0 or -EFAULT.
 */
int parsec_reply_to_user(struct sk_buff *skb, const struct nlmsghdr *nlh,
			 void __user *to)
{
	const struct nlattr *attr;
	int rem;

	nlmsg_for_each_attr(attr, nlh, GENL_HDRLEN, rem) {
		if (nla_type(attr) != PARSEC_A_BODY)
			continue;
		if (copy_to_user(to, nla_data(attr), nla_len(attr)))
			return -EFAULT;
		to += nla_len(attr);
	}
	return 0;
}

/**
 * parsec_reply_free() - wipe the body of a reply and drop the message
 * @skb: the message
 * @nlh: where in @skb
 *
 * Only the body: netlink may still be looking at the headers.
 */
void parsec_reply_free(struct sk_buff *skb, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;
	int rem;

	nlmsg_for_each_attr(attr, nlh, GENL_HDRLEN, rem) {
		if (nla_type(attr) == PARSEC_A_BODY)
			memzero_explicit(nla_data(attr), nla_len(attr));
	}
	consume_skb(skb);
}

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

static void explain_register(struct genl_info *info, int err)
{
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

/**
 * parsec_nl_register_doit() - PARSEC_CMD_REGISTER
 * @skb: the message
 * @info: its attributes
 *
 * The answer is in the socket before the first request can be.
 *
 * Return: 0; -EINVAL, an attribute is missing or out of range; -EOPNOTSUPP, a 32-bit process,
 * for which netlink delivers long messages wrongly; -EALREADY, -EBUSY, -ENOBUFS
 * or -ENOMEM as parsec_worker_add() says.
 */
int parsec_nl_register_doit(struct sk_buff *skb, struct genl_info *info)
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
	if (attrs[PARSEC_A_REPLAY])
		set_replay(worker, attrs[PARSEC_A_REPLAY]);

	welcome = register_answer(info);
	err = welcome ? parsec_worker_add(worker,
					  nla_get_u8(attrs[PARSEC_A_PROVIDER]),
					  welcome) : -ENOMEM;
	if (err) {
		explain_register(info, err);
		nlmsg_free(welcome);
		parsec_worker_free(worker);
	}
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
	    GENL_REQ_ATTR_CHECK(info, PARSEC_A_STATUS))
		return -EINVAL;

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

static struct sk_buff *session_answer(struct genl_info *info,
				      const struct parsec_session *session)
{
	const struct parsec_identity *who = &session->identity;
	struct nlattr *nest;
	struct sk_buff *skb;
	void *hdr;

	skb = genlmsg_new(nla_total_size_64bit(sizeof(u64)) +
			  nla_total_size(identity_size(who)), GFP_KERNEL);
	if (!skb)
		return ERR_PTR(-ENOMEM);
	hdr = genlmsg_put_reply(skb, info, &parsec_family, 0,
				PARSEC_CMD_GET_SESSION);
	if (!hdr || nla_put_u64_64bit(skb, PARSEC_A_SESSION, session->number,
				      PARSEC_A_PAD))
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

	if (GENL_REQ_ATTR_CHECK(info, PARSEC_A_SESSION))
		return -EINVAL;
	if (!parsec_worker_known(NETLINK_CB(skb).sk, info->snd_portid)) {
		GENL_SET_ERR_MSG(info, "this socket is not registered");
		return -EPERM;
	}

	session = session_get(nla_get_u64(info->attrs[PARSEC_A_SESSION]));
	if (!session) {
		GENL_SET_ERR_MSG(info, "that file is closed");
		return -ENOENT;
	}
	answer = session_answer(info, session);
	parsec_session_put(session);
	return IS_ERR(answer) ? PTR_ERR(answer) : genlmsg_reply(answer, info);
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
