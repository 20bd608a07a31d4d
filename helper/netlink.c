// SPDX-License-Identifier: Apache-2.0
/*
 * One worker's line to the kernel.
 *
 * libnl resolves the family and takes rare messages apart. Requests and replies are
 * read and written in place, in buffers that are kept: a request costs one recvfrom()
 * and one send(), and no allocation.
 */
#include "helper/netlink.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "helper/log.h"
#include "helper/netlink_private.h"

/* A message with a body of some size, and what the kernel adds to it in its accounts */
#define SOCKET_BUFFER(body)	((body) / 2 * 5)
/* The kernel answers before send() returns; this is for a kernel that does not */
#define ANSWER_WAIT_MS	1000
/* BODY attributes in one reply: more than the module ever accepts */
#define CHUNKS_MAX	280

/* A reply up to its body, as it is on the wire */
struct reply_head {
	struct nlmsghdr nlh;
	struct genlmsghdr genl;
	struct nlattr id_attr;
	uint64_t id;
	struct nlattr status_attr;
	uint16_t status;
	uint16_t pad;
	struct nlattr body_attr;
} __attribute__((packed, aligned(4)));

#define HEAD_WITHOUT_BODY	offsetof(struct reply_head, body_attr)

int netlink_resolve(struct netlink_family *family)
{
	struct nl_sock *sk = nl_socket_alloc();
	int id, group;

	if (!sk)
		return -ENOMEM;
	id = genl_connect(sk);
	if (!id)
		id = genl_ctrl_resolve(sk, PARSEC_GENL_NAME);
	group = id < 0 ? id : genl_ctrl_resolve_grp(sk, "nlctrl", "notify");
	nl_socket_free(sk);
	if (id == -NLE_OBJ_NOTFOUND)
		return -ENOENT;
	if (id < 0 || group < 0) {
		log_error("generic netlink: %s", nl_geterror(id < 0 ? id : group));
		return -EIO;
	}
	*family = (struct netlink_family){ (uint16_t)id, (uint32_t)group };
	return 0;
}

int netlink_adopt(struct netlink *nl, int fd, const struct netlink_family *family)
{
	*nl = (struct netlink){ .fd = fd, .family = *family };
	if (buffer_map(&nl->in[0], SOCKET_BUFFER(NETLINK_BODY_DEFAULT)) &&
	    buffer_map(&nl->in[1], SOCKET_BUFFER(NETLINK_BODY_DEFAULT)))
		return 0;
	netlink_close(nl);
	return -ENOMEM;
}

static int set_option(int fd, int level, int option, unsigned int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) ? -errno : 0;
}

static int set_socket_buffers(int fd, size_t body)
{
	unsigned int size = (unsigned int)SOCKET_BUFFER(body);

	return set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, size) ?:
	       set_option(fd, SOL_SOCKET, SO_SNDBUFFORCE, size);
}

int netlink_open(struct netlink *nl, const struct netlink_family *family)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	int rc;

	if (fd < 0)
		return -errno;
	rc = netlink_adopt(nl, fd, family);
	if (rc)
		return rc;
	rc = set_option(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1) ?:
	     set_option(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1) ?:
	     set_socket_buffers(fd, NETLINK_BODY_DEFAULT) ?:
	     set_option(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, family->notify_group);
	if (!rc && connect(fd, (struct sockaddr *)&kernel, sizeof(kernel)))
		rc = -errno;
	if (!rc) {
		nl->control = nl_socket_alloc();
		if (!nl->control || genl_connect(nl->control))
			rc = -ENOMEM;
	}
	if (rc)
		netlink_close(nl);
	return rc;
}

void netlink_close(struct netlink *nl)
{
	if (nl->fd >= 0)
		close(nl->fd);
	nl->fd = -1;
	nl_socket_free(nl->control);
	nl->control = NULL;
	buffer_unmap(&nl->in[0]);
	buffer_unmap(&nl->in[1]);
	buffer_unmap(&nl->out);
}

void netlink_set_timeout(struct netlink *nl, unsigned int ms)
{
	struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000 };

	setsockopt(nl->fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
}

void netlink_trim(struct netlink *nl)
{
	buffer_trim(&nl->in[0]);
	buffer_trim(&nl->in[1]);
	buffer_trim(&nl->out);
}

/*
 * One datagram, which is one message or, of a dump, several. Return: its bytes, 0 for
 * one that is not the kernel's, negative errno
 */
static ssize_t receive_datagram(struct netlink *nl, void *data, size_t size, int flags)
{
	struct sockaddr_nl from = { 0 };
	socklen_t from_len = sizeof(from);
	ssize_t len = recvfrom(nl->fd, data, size, flags, (struct sockaddr *)&from,
			       &from_len);
	const struct nlmsghdr *nlh = data;

	if (len < 0)
		return -errno;
	/* A privileged process could send to this socket too */
	if (from.nl_pid)
		return 0;
	if ((size_t)len < sizeof(*nlh) || nlh->nlmsg_len < sizeof(*nlh) ||
	    nlh->nlmsg_len > (size_t)len)
		return -EBADMSG;
	return len;
}

/* One message. Return: as above */
static ssize_t receive(struct netlink *nl, void *data, size_t size, int flags)
{
	ssize_t len = receive_datagram(nl, data, size, flags);

	return len > 0 ? (ssize_t)((const struct nlmsghdr *)data)->nlmsg_len : len;
}

static uint64_t get_u64(const uint8_t *data)
{
	uint64_t value;

	memcpy(&value, data, sizeof(value));
	return value;
}

/* Append a piece of the body to the pieces before it, over the headers in between */
static void join_body(struct parsec_span *body, uint8_t **end, uint8_t *data, size_t len)
{
	if (!*end)
		body->data = *end = data;
	else
		memmove(*end, data, len);
	*end += len;
	body->len += len;
}

/* Return: false when the message is not a whole request */
static bool parse_request(uint8_t *message, size_t message_len,
			  struct netlink_request *req)
{
	static const uint8_t sizes[PARSEC_A_MAX + 1] = {
		[PARSEC_A_ID] = 8, [PARSEC_A_SESSION] = 8, [PARSEC_A_PROVIDER] = 1,
		[PARSEC_A_OPCODE] = 1, [PARSEC_A_DEADLINE] = 8,
	};
	const uint64_t wanted = 1 << PARSEC_A_ID | 1 << PARSEC_A_SESSION |
				1 << PARSEC_A_PROVIDER | 1 << PARSEC_A_OPCODE;
	size_t pos = NLMSG_HDRLEN + GENL_HDRLEN;
	uint8_t *body_end = NULL;
	uint64_t seen = 0;

	*req = (struct netlink_request){ 0 };
	while (pos + NLA_HDRLEN <= message_len) {
		const struct nlattr *attr = (struct nlattr *)(message + pos);
		unsigned int type = attr->nla_type & NLA_TYPE_MASK;
		uint8_t *data = message + pos + NLA_HDRLEN;
		size_t len = attr->nla_len;

		if (len < NLA_HDRLEN || len > message_len - pos)
			return false;
		pos += NLA_ALIGN(len);
		len -= NLA_HDRLEN;
		if (type > PARSEC_A_MAX)
			continue;
		if (len < sizes[type])
			return false;
		seen |= UINT64_C(1) << type;
		switch (type) {
		case PARSEC_A_ID:
			req->id = get_u64(data);
			break;
		case PARSEC_A_SESSION:
			req->session = get_u64(data);
			break;
		case PARSEC_A_PROVIDER:
			req->provider = *data;
			break;
		case PARSEC_A_OPCODE:
			req->opcode = *data;
			break;
		case PARSEC_A_DEADLINE:
			req->deadline = get_u64(data);
			break;
		case PARSEC_A_BODY:
			join_body(&req->body, &body_end, data, len);
			req->arrived = (size_t)(data + len - req->body.data);
			break;
		}
	}
	return (seen & wanted) == wanted;
}

static uint8_t command(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = NLMSG_DATA(nlh);

	return nlh->nlmsg_len >= NLMSG_HDRLEN + GENL_HDRLEN ? genl->cmd : 0;
}

static bool is_request(const struct netlink *nl, const struct nlmsghdr *nlh)
{
	return nlh->nlmsg_type == nl->family.id && command(nlh) == PARSEC_CMD_REQUEST;
}

/* Does nlctrl say that the family has gone? It says so once, to whoever reads it */
static bool is_farewell(struct netlink *nl, struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	if (nlh->nlmsg_type != GENL_ID_CTRL || command(nlh) != CTRL_CMD_DELFAMILY)
		return false;
	attr = nlmsg_find_attr(nlh, GENL_HDRLEN, CTRL_ATTR_FAMILY_ID);
	nl->gone = nl->gone ||
		   (attr && nla_len(attr) >= 2 && nla_get_u16(attr) == nl->family.id);
	return nl->gone;
}

/*
 * Messages were lost. Was "the module is gone" among them? By a socket that is open
 * already: a host that serves can open no other.
 */
static int check_family(const struct netlink *nl)
{
	int id = nl->control ? genl_ctrl_resolve(nl->control, PARSEC_GENL_NAME) : nl->family.id;

	return id == -NLE_OBJ_NOTFOUND || (id >= 0 && id != nl->family.id) ? -NETLINK_GONE : 0;
}

/* The message in the next buffer is a request that is now going to be served */
static int take_request(struct netlink *nl, size_t len, struct netlink_request *req)
{
	if (!parse_request(nl->in[nl->next].data, len, req))
		return -EBADMSG;
	nl->next = !nl->next;
	return 0;
}

int netlink_receive(struct netlink *nl, struct netlink_request *req, bool wait)
{
	struct buffer *in = &nl->in[nl->next];

	if (nl->gone)
		return -NETLINK_GONE;
	if (nl->kept) {
		size_t len = nl->kept;

		nl->kept = 0;
		return take_request(nl, len, req);
	}
	for (;;) {
		ssize_t len = receive(nl, in->data, in->size, wait ? 0 : MSG_DONTWAIT);
		struct nlmsghdr *nlh = (struct nlmsghdr *)in->data;

		if (len == -ENOBUFS)
			len = check_family(nl);
		if (len < 0)
			return (int)len;
		if (!len)
			continue;
		if (is_request(nl, nlh))
			return take_request(nl, (size_t)len, req);
		if (is_farewell(nl, nlh))
			return -NETLINK_GONE;
		/* Anything else is a reply refused because its caller had gone */
	}
}

void netlink_request_end(struct netlink *nl, struct netlink_request *req,
			 size_t answered)
{
	if (req->arrived)
		explicit_bzero((uint8_t *)(uintptr_t)req->body.data, req->arrived);
	if (answered)
		explicit_bzero(netlink_answer_room(nl), answered);
	/* Use the same memory again, unless the next request is in the other already */
	if (!nl->kept)
		nl->next = !nl->next;
}

int netlink_send(const struct netlink *nl, struct iovec *iov, size_t count)
{
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = count };
	ssize_t len;

	do
		len = count == 1 ? send(nl->fd, iov->iov_base, iov->iov_len, 0)
				 : sendmsg(nl->fd, &msg, 0);
	while (len < 0 && errno == EINTR);
	return len < 0 ? -errno : 0;
}

int netlink_wait(struct netlink *nl, void *small, struct nlmsghdr **answer,
		 size_t *answer_len)
{
	struct pollfd pfd = { .fd = nl->fd, .events = POLLIN };

	for (;;) {
		bool full = nl->kept != 0;
		struct buffer *in = &nl->in[nl->next];
		void *data = full ? small : in->data;
		struct nlmsghdr *nlh = data;
		ssize_t len = receive_datagram(nl, data, full ? SMALL_MESSAGE : in->size,
					       MSG_DONTWAIT);

		if (len == -EAGAIN) {
			if (!poll(&pfd, 1, ANSWER_WAIT_MS))
				return -ETIMEDOUT;
			continue;
		}
		if (len == -EINTR || !len)
			continue;
		if (len < 0)
			return (int)len;
		if (is_request(nl, nlh)) {
			if (full)
				return -EPROTO;
			nl->kept = nlh->nlmsg_len;
		} else if (is_farewell(nl, nlh)) {
			return -NETLINK_GONE;
		} else if (nlh->nlmsg_seq == nl->seq) {
			*answer = nlh;
			*answer_len = (size_t)len;
			return 0;
		}
	}
}

int netlink_answer_error(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = NLMSG_DATA(nlh);

	if (nlh->nlmsg_type != NLMSG_ERROR)
		return 0;
	return nlh->nlmsg_len >= NLMSG_LENGTH(sizeof(*err)) ? err->error : -EBADMSG;
}

/* The words that the kernel gave to an error, or "" */
static const char *answer_text(struct nlmsghdr *nlh)
{
	const size_t skip = sizeof(struct nlmsgerr);	/* NETLINK_CAP_ACK: no payload */
	const struct nlattr *attr;
	const char *text;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) || nlh->nlmsg_len < NLMSG_LENGTH(skip))
		return "";
	attr = nlmsg_find_attr(nlh, (int)skip, NLMSGERR_ATTR_MSG);
	if (!attr || !nla_len(attr))
		return "";
	text = nla_data(attr);
	return text[nla_len(attr) - 1] ? "" : text;
}

void netlink_question(struct question *question, struct netlink *nl, uint8_t cmd)
{
	if (!++nl->seq)		/* 0 is on messages that want no answer */
		nl->seq = 1;
	*question = (struct question){
		.nlh = {
			.nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN,
			.nlmsg_type = nl->family.id,
			.nlmsg_flags = NLM_F_REQUEST,
			.nlmsg_seq = nl->seq,
		},
		.genl = { .cmd = cmd, .version = PARSEC_GENL_VERSION },
	};
}

void netlink_add(struct question *question, uint16_t type, const void *data, uint16_t len)
{
	uint8_t *pos = (uint8_t *)question + question->nlh.nlmsg_len;
	struct nlattr attr = { .nla_len = (uint16_t)(NLA_HDRLEN + len), .nla_type = type };

	memcpy(pos, &attr, NLA_HDRLEN);
	if (len)
		memcpy(pos + NLA_HDRLEN, data, len);
	question->nlh.nlmsg_len += NLA_ALIGN(attr.nla_len);
}

int netlink_ask(struct netlink *nl, struct question *question, void *small,
		struct nlmsghdr **answer)
{
	struct iovec iov = { question, question->nlh.nlmsg_len };
	size_t len;
	int rc = netlink_send(nl, &iov, 1) ?: netlink_wait(nl, small, answer, &len);

	return rc ?: netlink_answer_error(*answer);
}

/* The kernel has done it when send() returns: an answer would tell nothing */
int netlink_retire(struct netlink *nl)
{
	struct question question;
	struct iovec iov;

	netlink_question(&question, nl, PARSEC_CMD_RETIRE);
	iov = (struct iovec){ &question, question.nlh.nlmsg_len };
	return netlink_send(nl, &iov, 1);
}

static size_t get_limit(struct nlmsghdr *nlh, int type)
{
	const struct nlattr *attr = nlmsg_find_attr(nlh, GENL_HDRLEN, type);

	return attr && nla_len(attr) >= 4 ? nla_get_u32(attr) : NETLINK_BODY_DEFAULT;
}

/* Make room for what the module was loaded to accept */
static int take_limits(struct netlink *nl, size_t max_request, size_t max_response)
{
	static const size_t room_max = (size_t)CHUNKS_MAX * PARSEC_NL_BODY_MAX;
	size_t most = max_request > max_response ? max_request : max_response;

	nl->max_response = max_response < room_max ? max_response : room_max;
	if (!buffer_map(&nl->out, sizeof(struct reply_head) + nl->max_response))
		return -ENOMEM;
	if (most <= NETLINK_BODY_DEFAULT)
		return 0;
	if (!buffer_grow(&nl->in[0], SOCKET_BUFFER(max_request)) ||
	    !buffer_grow(&nl->in[1], SOCKET_BUFFER(max_request)))
		return -ENOMEM;
	return set_socket_buffers(nl->fd, most);
}

int netlink_register(struct netlink *nl, uint8_t provider,
		     const uint8_t replay[PARSEC_NL_REPLAY_LEN], bool takeover)
{
	const uint32_t credits = NETLINK_CREDITS;
	uint8_t small[SMALL_MESSAGE] __attribute__((aligned(4)));
	struct nlmsghdr *answer = NULL;
	struct question question;
	int rc;

	netlink_question(&question, nl, PARSEC_CMD_REGISTER);
	netlink_add(&question, PARSEC_A_PROVIDER, &provider, sizeof(provider));
	netlink_add(&question, PARSEC_A_CREDITS, &credits, sizeof(credits));
	netlink_add(&question, PARSEC_A_REPLAY, replay, PARSEC_NL_REPLAY_LEN);
	if (takeover)
		netlink_add(&question, PARSEC_A_TAKEOVER, NULL, 0);
	rc = netlink_ask(nl, &question, small, &answer);
	if (rc) {
		const char *text = answer ? answer_text(answer) : "";

		log_error("the kernel refuses to register: %s%s%s", strerror(-rc),
			  *text ? ": " : "", text);
		return rc;
	}
	return take_limits(nl, get_limit(answer, PARSEC_A_MAX_REQUEST),
			   get_limit(answer, PARSEC_A_MAX_RESPONSE));
}

uint8_t *netlink_answer_room(struct netlink *nl)
{
	return nl->out.data + sizeof(struct reply_head);
}

/*
 * A body longer than an attribute is a run of attributes. The first follows the head
 * in memory; the headers of the others are put between pieces of the body by the
 * kernel's gathering.
 */
static int send_reply(struct netlink *nl, struct reply_head *head, size_t len)
{
	struct nlattr attrs[CHUNKS_MAX];
	struct iovec iov[2 * CHUNKS_MAX];
	size_t first = len < PARSEC_NL_BODY_MAX ? len : PARSEC_NL_BODY_MAX;
	uint8_t *body = netlink_answer_room(nl);
	size_t total = len ? sizeof(*head) + len : HEAD_WITHOUT_BODY;
	size_t pos, count = 0;

	head->body_attr = (struct nlattr){ (uint16_t)(NLA_HDRLEN + first), PARSEC_A_BODY };
	iov[count++] = (struct iovec){ head, len ? sizeof(*head) + first : total };
	for (pos = first; pos < len; count += 2) {
		size_t piece = len - pos < PARSEC_NL_BODY_MAX ? len - pos
							      : PARSEC_NL_BODY_MAX;
		struct nlattr *attr = &attrs[count / 2];

		*attr = (struct nlattr){ (uint16_t)(NLA_HDRLEN + piece), PARSEC_A_BODY };
		iov[count] = (struct iovec){ attr, NLA_HDRLEN };
		iov[count + 1] = (struct iovec){ body + pos, piece };
		pos += piece;
		total += NLA_HDRLEN;
	}
	head->nlh.nlmsg_len = (uint32_t)total;
	return netlink_send(nl, iov, count);
}

int netlink_reply(struct netlink *nl, const struct netlink_request *req,
		  uint16_t status, size_t len, bool confirm)
{
	uint8_t small[SMALL_MESSAGE] __attribute__((aligned(4)));
	struct reply_head *head = (struct reply_head *)nl->out.data;
	struct nlmsghdr *answer;
	size_t answer_len;
	int rc;

	if (confirm && !++nl->seq)
		nl->seq = 1;
	*head = (struct reply_head){
		.nlh = {
			.nlmsg_type = nl->family.id,
			.nlmsg_flags = confirm ? NLM_F_REQUEST | NLM_F_ACK : NLM_F_REQUEST,
			.nlmsg_seq = confirm ? nl->seq : 0,
		},
		.genl = { .cmd = PARSEC_CMD_REPLY, .version = PARSEC_GENL_VERSION },
		.id_attr = { NLA_HDRLEN + sizeof(uint64_t), PARSEC_A_ID },
		.id = req->id,
		.status_attr = { NLA_HDRLEN + sizeof(uint16_t), PARSEC_A_STATUS },
		.status = status,
	};
	rc = send_reply(nl, head, len);
	if (rc) {
		head->nlh.nlmsg_flags = NLM_F_REQUEST;
		head->status = PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
		rc = send_reply(nl, head, 0);
		return rc ?: confirm ? -ENOENT : 0;
	}
	if (!confirm)
		return 0;
	rc = netlink_wait(nl, small, &answer, &answer_len);
	if (!rc && netlink_answer_error(answer))
		rc = -ENOENT;	/* whatever the reason, nobody got it */
	return rc;
}
