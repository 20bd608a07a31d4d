// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bodies' way: from the caller's memory into the message for a host, from
 * the host's reply into the caller's memory, and out of all other memory.
 *
 * Who pays: all that a request allocates is charged to the caller's memory
 * cgroup (PARSEC_GFP). A reply is allocated where the host sends it, by
 * netlink, and charged to nobody. It lives until its caller runs, and no longer
 * if it is more than a page: see take_answer(). Of those an account has at most
 * one for each of its requests at a host and max_response bytes besides.
 */
#include <linux/highmem.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/skbuff.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/vmalloc.h>

#include <net/sock.h>

#include "genl.h"
#include "parsec.h"

static_assert(PARSEC_NL_BODY_MAX % NLA_ALIGNTO == 0);

/* Everything in a REQUEST but the body. Each has the same attributes, so they
 * are laid out here and written at once: nla_put() of one after the other is a
 * good part of what a small request costs. Nothing is padded to 64 bits.
 */
struct request_head {
	struct nlmsghdr nlh;
	struct genlmsghdr genl;
	struct nlattr id_attr;
	u64 id;
	struct nlattr session_attr;
	u64 session;
	struct nlattr provider_attr;
	u8 provider;
	u8 provider_pad[3];
	struct nlattr opcode_attr;
	u8 opcode;
	u8 opcode_pad[3];
	struct nlattr pid_attr;
	u32 pid;
	struct nlattr deadline_attr;
	u64 deadline;
} __packed __aligned(NLMSG_ALIGNTO);

static_assert(sizeof(struct request_head) % NLMSG_ALIGNTO == 0);
static_assert(sizeof(struct nlmsghdr) == NLMSG_HDRLEN);
static_assert(sizeof(struct genlmsghdr) == GENL_HDRLEN);
static_assert(sizeof(struct nlattr) == NLA_HDRLEN);

#define ATTR(type, member) { \
	.nla_len = NLA_HDRLEN + sizeof_field(struct request_head, member), \
	.nla_type = (type), \
}

/* A message up to this long is one piece of a page; never more in one piece */
#define LINEAR_MAX	SKB_WITH_OVERHEAD(PAGE_SIZE)

static atomic64_t last_request = ATOMIC64_INIT(0);

/* All of a REQUEST but the body and the length; there is room for it */
static void put_request(struct sk_buff *skb, struct parsec_request *req)
{
	struct request_head *head = skb_put(skb, sizeof(*head));

	req->id = atomic64_inc_return(&last_request);

	*head = (struct request_head){
		.nlh.nlmsg_type = parsec_family.id,
		.genl.cmd = PARSEC_CMD_REQUEST,
		.genl.version = PARSEC_GENL_VERSION,
		.id_attr = ATTR(PARSEC_A_ID, id),
		.id = req->id,
		.session_attr = ATTR(PARSEC_A_SESSION, session),
		.session = req->session->number,
		.provider_attr = ATTR(PARSEC_A_PROVIDER, provider),
		.provider = req->provider,
		.opcode_attr = ATTR(PARSEC_A_OPCODE, opcode),
		.opcode = req->opcode,
		.pid_attr = ATTR(PARSEC_A_PID, pid),
		.pid = task_tgid_nr(current),
		.deadline_attr = ATTR(PARSEC_A_DEADLINE, deadline),
		.deadline = req->deadline,
	};
}

static struct sk_buff *message_linear(struct parsec_request *req,
				      const void __user *body, u32 len)
{
	struct nlattr *attr;
	struct sk_buff *skb;

	skb = alloc_skb(sizeof(struct request_head) + nla_total_size(len),
			PARSEC_GFP);
	if (!skb)
		return ERR_PTR(-ENOMEM);

	put_request(skb, req);
	if (len) {
		attr = nla_reserve(skb, PARSEC_A_BODY, len);
		if (copy_from_user(nla_data(attr), body, len)) {
			parsec_message_free(skb);
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
				    PARSEC_GFP);
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

	head = chunk_new(sizeof(struct request_head), chunk);
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
			parsec_message_free(skb);
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
	parsec_message_free(head);
	return ERR_PTR(err);
}

/**
 * parsec_message_new() - make the message that carries a request
 * @req: the request, which gets a new id
 * @body: its body, in the memory of the current task
 * @len: bytes of it
 *
 * The body is copied once, straight into the message, and no more than a page
 * is ever needed in one piece.
 *
 * Return: the message, or ERR_PTR() of -ENOMEM or -EFAULT.
 */
struct sk_buff *parsec_message_new(struct parsec_request *req,
				   const void __user *body, u32 len)
{
	if (len <= PARSEC_NL_BODY_MAX &&
	    sizeof(struct request_head) + nla_total_size(len) <= LINEAR_MAX)
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
	const struct request_head *head = (const void *)skb->data;

	/* Other processes may send to the socket whatever they like */
	if (NETLINK_CB(skb).portid || skb_headlen(skb) < sizeof(*head) ||
	    head->nlh.nlmsg_type != parsec_family.id ||
	    head->genl.cmd != PARSEC_CMD_REQUEST)
		return 0;
	return head->id;
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
 * @nlh: the message
 * @to: address, with room for all of it
 *
 * Return: 0 or -EFAULT.
 */
int parsec_reply_to_user(const struct nlmsghdr *nlh, void __user *to)
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
 * parsec_reply_dup() - a copy of the body of a reply, which the current task
 * pays for
 * @nlh: the message
 * @len: bytes of the body
 *
 * Return: the copy, for kvfree_sensitive(), or NULL.
 */
void *parsec_reply_dup(const struct nlmsghdr *nlh, u32 len)
{
	void *copy = __vmalloc(len, PARSEC_GFP);
	const struct nlattr *attr;
	void *at = copy;
	int rem;

	if (!copy)
		return NULL;
	nlmsg_for_each_attr(attr, nlh, GENL_HDRLEN, rem) {
		if (nla_type(attr) != PARSEC_A_BODY)
			continue;
		memcpy(at, nla_data(attr), nla_len(attr));
		at += nla_len(attr);
	}
	return copy;
}

/**
 * parsec_reply_wipe() - wipe the body of a reply
 * @nlh: the message
 *
 * Only the body: netlink may still be looking at the headers.
 */
void parsec_reply_wipe(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;
	int rem;

	nlmsg_for_each_attr(attr, nlh, GENL_HDRLEN, rem) {
		if (nla_type(attr) == PARSEC_A_BODY)
			memzero_explicit(nla_data(attr), nla_len(attr));
	}
}

/**
 * parsec_reply_free() - wipe the body of a reply and drop the message
 * @skb: the message
 * @nlh: where in @skb
 */
void parsec_reply_free(struct sk_buff *skb, const struct nlmsghdr *nlh)
{
	parsec_reply_wipe(nlh);
	consume_skb(skb);
}
