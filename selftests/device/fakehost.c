// SPDX-License-Identifier: Apache-2.0
/*
 * A provider host that does as it is told: sockets, messages and requests.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include "fakehost.h"

#define RECEIVE_SIZE	(20 * 1024 * 1024)
#define BUFFER_SIZE	(16 * 1024 * 1024)

struct packet {
	struct nlmsghdr nlh;
	struct genlmsghdr genl;
	uint8_t attrs[];
};

const uint8_t *attr_data(const struct nlattr *attr)
{
	return (const uint8_t *)attr + NLA_HDRLEN;
}

size_t attr_len(const struct nlattr *attr)
{
	return attr->nla_len - NLA_HDRLEN;
}

/* The attribute after @attr of the @end - start bytes, the first one for NULL */
const struct nlattr *attr_next(const uint8_t *start, const uint8_t *end,
			       const struct nlattr *attr)
{
	const uint8_t *at = start;
	struct nlattr head;

	if (attr)
		at = (const uint8_t *)attr + NLA_ALIGN(attr->nla_len);
	if (at > end || (size_t)(end - at) < sizeof(head))
		return NULL;
	memcpy(&head, at, sizeof(head));
	if (head.nla_len < sizeof(head) || head.nla_len > (size_t)(end - at))
		return NULL;
	return (const struct nlattr *)at;
}

/* Numbers of any width up to 64 bits, host order */
uint64_t attr_number(const struct nlattr *attr)
{
	uint64_t value = 0;

	memcpy(&value, attr_data(attr),
	       attr_len(attr) < sizeof(value) ? attr_len(attr) : sizeof(value));
	return value;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

void message_start(struct message *msg, struct host *host, uint8_t cmd)
{
	struct packet head = {
		.nlh = {
			.nlmsg_type = host->family,
			.nlmsg_flags = NLM_F_REQUEST,
			.nlmsg_seq = ++host->seq,
		},
		.genl = { .cmd = cmd, .version = PARSEC_GENL_VERSION },
	};

	msg->size = 1024;
	msg->data = calloc(1, msg->size);
	msg->len = sizeof(head);
	memcpy(msg->data, &head, sizeof(head));
}

void message_put(struct message *msg, uint16_t type, const void *data, size_t len)
{
	struct nlattr attr = { .nla_type = type, .nla_len = (uint16_t)(NLA_HDRLEN + len) };
	size_t need = msg->len + NLA_ALIGN(NLA_HDRLEN + len);

	if (need > msg->size) {
		msg->data = realloc(msg->data, 2 * need);
		memset(msg->data + msg->size, 0, 2 * need - msg->size);
		msg->size = 2 * need;
	}
	memcpy(msg->data + msg->len, &attr, sizeof(attr));
	if (len)
		memcpy(msg->data + msg->len + NLA_HDRLEN, data, len);
	msg->len = need;
}

void message_put_u8(struct message *msg, uint16_t type, uint8_t value)
{
	message_put(msg, type, &value, sizeof(value));
}

void message_put_u16(struct message *msg, uint16_t type, uint16_t value)
{
	message_put(msg, type, &value, sizeof(value));
}

void message_put_u32(struct message *msg, uint16_t type, uint32_t value)
{
	message_put(msg, type, &value, sizeof(value));
}

void message_put_u64(struct message *msg, uint16_t type, uint64_t value)
{
	message_put(msg, type, &value, sizeof(value));
}

void message_put_body(struct message *msg, const void *body, size_t len, size_t piece)
{
	const uint8_t *at = body;

	while (len) {
		size_t part = len < piece ? len : piece;

		message_put(msg, PARSEC_A_BODY, at, part);
		at += part;
		len -= part;
	}
}

static int send_message(struct host *host, struct message *msg, uint16_t flags)
{
	struct nlmsghdr nlh;
	ssize_t sent;

	memcpy(&nlh, msg->data, sizeof(nlh));
	nlh.nlmsg_len = (uint32_t)msg->len;
	nlh.nlmsg_flags |= flags;
	memcpy(msg->data, &nlh, sizeof(nlh));
	sent = send(host->fd, msg->data, msg->len, 0);
	free(msg->data);
	msg->data = NULL;
	return sent < 0 ? -errno : 0;
}

int host_send(struct host *host, struct message *msg)
{
	return send_message(host, msg, 0);
}

/* One message into host->buf: its length, or -errno */
static ssize_t receive(struct host *host, int64_t until)
{
	struct pollfd pfd = { .fd = host->fd, .events = POLLIN };
	ssize_t len;

	for (;;) {
		int64_t left = until - now_ms();

		if (poll(&pfd, 1, left > 0 ? (int)left : 0) == 0)
			return -ETIMEDOUT;
		len = recv(host->fd, host->buf, RECEIVE_SIZE, MSG_DONTWAIT | MSG_TRUNC);
		if (len > RECEIVE_SIZE)
			return -EMSGSIZE;
		if (len >= 0)
			return len;
		if (errno == ENOBUFS)
			host->overruns++;
		else if (errno != EINTR && errno != EAGAIN)
			return -errno;
	}
}

static struct host_request *parse_request(const uint8_t *at, const uint8_t *end)
{
	struct host_request *req = calloc(1, sizeof(*req));
	const struct nlattr *attr = NULL;

	req->body = malloc((size_t)(end - at) + 1);
	while ((attr = attr_next(at, end, attr))) {
		uint16_t type = attr->nla_type & NLA_TYPE_MASK;

		req->seen |= 1U << type;
		switch (type) {
		case PARSEC_A_ID:
			req->id = attr_number(attr);
			break;
		case PARSEC_A_SESSION:
			req->session = attr_number(attr);
			break;
		case PARSEC_A_PROVIDER:
			req->provider = (uint8_t)attr_number(attr);
			break;
		case PARSEC_A_OPCODE:
			req->opcode = (uint8_t)attr_number(attr);
			break;
		case PARSEC_A_PID:
			req->pid = (uint32_t)attr_number(attr);
			break;
		case PARSEC_A_DEADLINE:
			req->deadline = attr_number(attr);
			break;
		case PARSEC_A_BODY:
			memcpy(req->body + req->len, attr_data(attr), attr_len(attr));
			req->len += attr_len(attr);
			break;
		}
	}
	return req;
}

void host_request_free(struct host_request *req)
{
	if (req)
		free(req->body);
	free(req);
}

/* A REQUEST in host->buf joins those held; anything else is left to the caller */
static bool hold_request(struct host *host, ssize_t len)
{
	struct packet *packet = (struct packet *)host->buf;

	if (packet->nlh.nlmsg_type != host->family || packet->genl.cmd != PARSEC_CMD_REQUEST)
		return false;
	if (host->held_count == PARSEC_NL_CREDITS_MAX)
		abort();
	host->held[host->held_count++] = parse_request(packet->attrs, host->buf + len);
	return true;
}

int host_receive(struct host *host, struct host_request **req, int ms)
{
	int64_t until = now_ms() + ms;
	ssize_t len;

	*req = NULL;
	while (!host->held_count) {
		len = receive(host, until);
		if (len < 0)
			return (int)len;
		hold_request(host, len);
	}
	*req = host->held[0];
	host->held_count--;
	memmove(host->held, host->held + 1, host->held_count * sizeof(host->held[0]));
	return 0;
}

/* Until the verdict on our last message; a data message that came before it is
 * passed to @answer.
 */
static int await(struct host *host, void (*answer)(struct host *, ssize_t, void *), void *arg)
{
	int64_t until = now_ms() + SOON;
	struct nlmsghdr *nlh = (struct nlmsghdr *)host->buf;
	ssize_t len;

	for (;;) {
		len = receive(host, until);
		if (len < 0)
			return (int)len;
		if (hold_request(host, len) || nlh->nlmsg_seq != host->seq)
			continue;
		if (nlh->nlmsg_type == NLMSG_ERROR)
			return *(int *)NLMSG_DATA(nlh);
		if (answer)
			answer(host, len, arg);
	}
}

int host_dump(struct host *host, uint8_t cmd,
	      void (*take)(const uint8_t *at, const uint8_t *end, void *arg), void *arg)
{
	int64_t until = now_ms() + SOON;
	struct message msg;
	ssize_t len;
	int ret;

	message_start(&msg, host, cmd);
	ret = send_message(host, &msg, NLM_F_DUMP);
	if (ret)
		return ret;
	while ((len = receive(host, until)) >= 0) {
		struct nlmsghdr *nlh = (struct nlmsghdr *)host->buf;

		if (hold_request(host, len) || nlh->nlmsg_seq != host->seq)
			continue;
		for (; NLMSG_OK(nlh, (size_t)len); nlh = NLMSG_NEXT(nlh, len)) {
			if (nlh->nlmsg_type == NLMSG_DONE)
				return 0;
			if (nlh->nlmsg_type == NLMSG_ERROR)
				return *(int *)NLMSG_DATA(nlh);
			take(((struct packet *)nlh)->attrs,
			     (uint8_t *)nlh + nlh->nlmsg_len, arg);
		}
	}
	return (int)len;
}

int host_verdict(struct host *host)
{
	return await(host, NULL, NULL);
}

int host_transact(struct host *host, struct message *msg)
{
	int ret = send_message(host, msg, NLM_F_ACK);

	return ret ? ret : host_verdict(host);
}

static void take_family(struct host *host, ssize_t len, void *arg)
{
	struct packet *packet = (struct packet *)host->buf;
	const struct nlattr *attr = NULL;

	while ((attr = attr_next(packet->attrs, host->buf + len, attr)))
		if (attr->nla_type == CTRL_ATTR_FAMILY_ID)
			*(uint16_t *)arg = (uint16_t)attr_number(attr);
}

void host_buffers(struct host *host, int bytes)
{
	setsockopt(host->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	setsockopt(host->fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes));
}

int host_open(struct host *host)
{
	return host_open_at(host, 0);
}

uint32_t host_portid(const struct host *host)
{
	struct sockaddr_nl self;
	socklen_t len = sizeof(self);

	return getsockname(host->fd, (struct sockaddr *)&self, &len) ? 0 : self.nl_pid;
}

int host_open_at(struct host *host, uint32_t portid)
{
	struct sockaddr_nl self = { .nl_family = AF_NETLINK, .nl_pid = portid };
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct message msg;
	uint16_t family = 0;
	int on = 1;
	int ret;

	memset(host, 0, sizeof(*host));
	host->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (host->fd < 0)
		return -errno;
	host->buf = malloc(RECEIVE_SIZE);
	if (bind(host->fd, (struct sockaddr *)&self, sizeof(self))) {
		ret = -errno;
		host_close(host);
		return ret;
	}
	connect(host->fd, (struct sockaddr *)&kernel, sizeof(kernel));
	setsockopt(host->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	host_buffers(host, BUFFER_SIZE);

	host->family = GENL_ID_CTRL;
	message_start(&msg, host, CTRL_CMD_GETFAMILY);
	message_put(&msg, CTRL_ATTR_FAMILY_NAME, PARSEC_GENL_NAME, sizeof(PARSEC_GENL_NAME));
	ret = send_message(host, &msg, NLM_F_ACK);
	if (!ret)
		ret = await(host, take_family, &family);
	host->family = family;
	if (ret)
		host_close(host);
	return ret;
}

void host_close(struct host *host)
{
	while (host->held_count)
		host_request_free(host->held[--host->held_count]);
	if (host->fd >= 0)
		close(host->fd);
	free(host->buf);
	host->buf = NULL;
	host->fd = -1;
}

static void copy_string(char *to, size_t size, const struct nlattr *attr)
{
	size_t len = attr_len(attr);

	if (len >= size)
		len = size - 1;
	memcpy(to, attr_data(attr), len);
	to[len] = '\0';
}

static void take_limits(struct host *host, ssize_t len, void *arg)
{
	struct packet *packet = (struct packet *)host->buf;
	const struct nlattr *attr = NULL;

	(void)arg;
	if (packet->genl.cmd != PARSEC_CMD_REGISTER)
		return;
	while ((attr = attr_next(packet->attrs, host->buf + len, attr))) {
		if (attr->nla_type == PARSEC_A_MAX_REQUEST)
			host->max_request = (uint32_t)attr_number(attr);
		else if (attr->nla_type == PARSEC_A_MAX_RESPONSE)
			host->max_response = (uint32_t)attr_number(attr);
	}
}

static int register_host(struct host *host, uint8_t provider, uint32_t credits,
			 const uint8_t *replay, bool takeover)
{
	struct message msg;
	int ret;

	message_start(&msg, host, PARSEC_CMD_REGISTER);
	message_put_u8(&msg, PARSEC_A_PROVIDER, provider);
	message_put_u32(&msg, PARSEC_A_CREDITS, credits);
	if (replay)
		message_put(&msg, PARSEC_A_REPLAY, replay, PARSEC_NL_REPLAY_LEN);
	if (takeover)
		message_put(&msg, PARSEC_A_TAKEOVER, NULL, 0);
	ret = send_message(host, &msg, NLM_F_ACK);
	return ret ? ret : await(host, take_limits, NULL);
}

int host_register(struct host *host, uint8_t provider, uint32_t credits, const uint8_t *replay)
{
	return register_host(host, provider, credits, replay, false);
}

int host_take_over(struct host *host, uint8_t provider, uint32_t credits,
		   const uint8_t *replay)
{
	return register_host(host, provider, credits, replay, true);
}

int host_retire(struct host *host)
{
	struct message msg;

	message_start(&msg, host, PARSEC_CMD_RETIRE);
	return host_transact(host, &msg);
}

int host_set_limits(struct host *host, uint64_t session, uint32_t waiting, uint32_t running,
		    uint32_t open)
{
	struct message msg;

	message_start(&msg, host, PARSEC_CMD_SET_LIMITS);
	message_put_u64(&msg, PARSEC_A_SESSION, session);
	if (waiting != LIMIT_DEFAULT)
		message_put_u32(&msg, PARSEC_A_MAX_WAITING, waiting);
	if (running != LIMIT_DEFAULT)
		message_put_u32(&msg, PARSEC_A_MAX_RUNNING, running);
	if (open != LIMIT_DEFAULT)
		message_put_u32(&msg, PARSEC_A_MAX_OPEN, open);
	return host_transact(host, &msg);
}

static void take_fact(struct host_identity *id, const struct nlattr *attr)
{
	uint16_t type = attr->nla_type & NLA_TYPE_MASK;
	struct {
		uint16_t type;
		uint32_t *value;
	} const words[] = {
		{ PARSEC_A_ID_UID, &id->uid },
		{ PARSEC_A_ID_GID, &id->gid },
		{ PARSEC_A_ID_FLAGS, &id->flags },
		{ PARSEC_A_ID_PID, &id->pid },
		{ PARSEC_A_ID_USERNS_OWNER, &id->userns_owner },
		{ PARSEC_A_ID_USERNS_LEVEL, &id->userns_level },
		{ PARSEC_A_ID_LOGINUID, &id->loginuid },
	};
	struct {
		uint16_t type;
		uint64_t *value;
	} const longs[] = {
		{ PARSEC_A_ID_START_TIME, &id->start_time },
		{ PARSEC_A_ID_USERNS, &id->userns },
		{ PARSEC_A_ID_PIDNS, &id->pidns },
		{ PARSEC_A_ID_MNTNS, &id->mntns },
		{ PARSEC_A_ID_CGROUP, &id->cgroup },
		{ PARSEC_A_ID_EXE_DEV, &id->exe_dev },
		{ PARSEC_A_ID_EXE_INO, &id->exe_ino },
	};

	id->seen |= 1U << type;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].type == type && attr_len(attr) == sizeof(uint32_t))
			*words[i].value = (uint32_t)attr_number(attr);
	for (size_t i = 0; i < sizeof(longs) / sizeof(longs[0]); i++)
		if (longs[i].type == type && attr_len(attr) == sizeof(uint64_t))
			*longs[i].value = attr_number(attr);
	if (type == PARSEC_A_ID_CGROUP_PATH)
		copy_string(id->cgroup_path, sizeof(id->cgroup_path), attr);
	else if (type == PARSEC_A_ID_LSM)
		copy_string(id->lsm, sizeof(id->lsm), attr);
	else if (type == PARSEC_A_ID_EXE)
		copy_string(id->exe, sizeof(id->exe), attr);
}

static void take_limit(struct host_identity *id, const struct nlattr *attr)
{
	uint32_t value = (uint32_t)attr_number(attr);

	if (attr->nla_type == PARSEC_A_MAX_WAITING)
		id->max_waiting = value;
	else if (attr->nla_type == PARSEC_A_MAX_RUNNING)
		id->max_running = value;
	else if (attr->nla_type == PARSEC_A_MAX_OPEN)
		id->max_open = value;
}

static void take_identity(struct host *host, ssize_t len, void *arg)
{
	struct packet *packet = (struct packet *)host->buf;
	const struct nlattr *attr = NULL, *fact = NULL;
	struct host_identity *id = arg;

	if (packet->genl.cmd != PARSEC_CMD_GET_SESSION)
		return;
	while ((attr = attr_next(packet->attrs, host->buf + len, attr))) {
		if (attr->nla_type == PARSEC_A_SESSION)
			id->session = attr_number(attr);
		take_limit(id, attr);
		if ((attr->nla_type & NLA_TYPE_MASK) != PARSEC_A_IDENTITY)
			continue;
		while ((fact = attr_next(attr_data(attr), attr_data(attr) + attr_len(attr), fact)))
			take_fact(id, fact);
	}
}

int host_identity(struct host *host, uint64_t session, struct host_identity *identity)
{
	struct message msg;
	int ret;

	memset(identity, 0, sizeof(*identity));
	identity->max_waiting = identity->max_running = identity->max_open = LIMIT_DEFAULT;
	message_start(&msg, host, PARSEC_CMD_GET_SESSION);
	message_put_u64(&msg, PARSEC_A_SESSION, session);
	ret = send_message(host, &msg, NLM_F_ACK);
	return ret ? ret : await(host, take_identity, identity);
}

int host_reply(struct host *host, uint64_t id, uint16_t status, const void *body, size_t len)
{
	struct message msg;

	message_start(&msg, host, PARSEC_CMD_REPLY);
	message_put_u64(&msg, PARSEC_A_ID, id);
	message_put_u16(&msg, PARSEC_A_STATUS, status);
	message_put_body(&msg, body, len, PARSEC_NL_BODY_MAX);
	return host_transact(host, &msg);
}

int host_answer(struct host *host, struct host_request *req, uint16_t status)
{
	int ret = host_reply(host, req->id, status, req->body, req->len);

	host_request_free(req);
	return ret;
}
