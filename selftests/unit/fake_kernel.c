// SPDX-License-Identifier: Apache-2.0
/*
 * The kernel's side of the netlink family, over a socket pair.
 */
#include "selftests/unit/fake_kernel.h"

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGE_MAX	(192 * 1024)

struct message {
	size_t len;
	uint8_t data[MESSAGE_MAX] __attribute__((aligned(8)));
};

int fake_kernel_open(int *host)
{
	const int size = 1024 * 1024;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		abort();
	setsockopt(fds[0], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	setsockopt(fds[1], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	*host = fds[1];
	return fds[0];
}

static void take_attr(struct host_message *message, uint16_t type, const uint8_t *data,
		      size_t len)
{
	struct {
		void *to;
		size_t len;
	} const places[PARSEC_A_MAX + 1] = {
		[PARSEC_A_ID] = { &message->id, 8 },
		[PARSEC_A_SESSION] = { &message->session, 8 },
		[PARSEC_A_STATUS] = { &message->status, 2 },
		[PARSEC_A_PROVIDER] = { &message->provider, 1 },
		[PARSEC_A_CREDITS] = { &message->credits, 4 },
		[PARSEC_A_REPLAY] = { message->replay, PARSEC_NL_REPLAY_LEN },
		[PARSEC_A_MAX_WAITING] = { &message->max_waiting, 4 },
		[PARSEC_A_MAX_RUNNING] = { &message->max_running, 4 },
		[PARSEC_A_MAX_OPEN] = { &message->max_open, 4 },
	};

	message->attrs |= UINT32_C(1) << type;
	if (type == PARSEC_A_BODY) {
		memcpy(message->body + message->body_len, data, len);
		message->body_len += len;
		message->chunks++;
	} else if (type <= PARSEC_A_MAX && places[type].to && places[type].len == len) {
		memcpy(places[type].to, data, len);
	}
}

struct host_message *fake_kernel_read(int fd)
{
	static struct host_message message;
	static uint8_t data[MESSAGE_MAX] __attribute__((aligned(8)));
	const struct nlmsghdr *nlh = (struct nlmsghdr *)data;
	const struct genlmsghdr *genl = NLMSG_DATA(nlh);
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	size_t pos = NLMSG_HDRLEN + GENL_HDRLEN;
	ssize_t len;

	if (poll(&pfd, 1, 1000) != 1)
		return NULL;
	len = recv(fd, data, sizeof(data), 0);
	/* What the module's side would refuse is no message */
	if (len < (ssize_t)pos || nlh->nlmsg_len != (size_t)len ||
	    nlh->nlmsg_type != FAKE_FAMILY || !(nlh->nlmsg_flags & NLM_F_REQUEST) ||
	    genl->version != PARSEC_GENL_VERSION)
		return NULL;
	message = (struct host_message){ .cmd = genl->cmd, .flags = nlh->nlmsg_flags,
					 .seq = nlh->nlmsg_seq };
	while (pos + NLA_HDRLEN <= (size_t)len) {
		const struct nlattr *attr = (struct nlattr *)(data + pos);

		if (attr->nla_len < NLA_HDRLEN || attr->nla_len > (size_t)len - pos)
			return NULL;
		take_attr(&message, attr->nla_type, data + pos + NLA_HDRLEN,
			  attr->nla_len - NLA_HDRLEN);
		pos += NLA_ALIGN(attr->nla_len);
	}
	return &message;
}

static struct message *start(uint16_t type, uint8_t cmd, uint32_t seq)
{
	static __thread struct message message;
	struct nlmsghdr *nlh = (struct nlmsghdr *)message.data;
	struct genlmsghdr *genl = NLMSG_DATA(nlh);

	memset(message.data, 0, 64);
	nlh->nlmsg_type = type;
	nlh->nlmsg_seq = seq;
	genl->cmd = cmd;
	genl->version = 1;
	message.len = NLMSG_HDRLEN + GENL_HDRLEN;
	return &message;
}

static size_t put(struct message *message, uint16_t type, const void *data, size_t len)
{
	struct nlattr *attr = (struct nlattr *)(message->data + message->len);
	size_t start_of_attr = message->len;

	*attr = (struct nlattr){ (uint16_t)(NLA_HDRLEN + len), type };
	memset(message->data + message->len + NLA_HDRLEN, 0, NLA_ALIGN(len));
	if (len)
		memcpy(message->data + message->len + NLA_HDRLEN, data, len);
	message->len += NLA_HDRLEN + NLA_ALIGN(len);
	return start_of_attr;
}

static void finish(int fd, struct message *message)
{
	((struct nlmsghdr *)message->data)->nlmsg_len = (uint32_t)message->len;
	fake_kernel_raw(fd, message->data, message->len);
}

void fake_kernel_raw(int fd, const void *data, size_t len)
{
	if (send(fd, data, len, MSG_NOSIGNAL) != (ssize_t)len)
		abort();
}

void fake_kernel_request(int fd, const struct fake_request *req)
{
	struct message *message = start(FAKE_FAMILY, PARSEC_CMD_REQUEST, 0);
	const uint32_t pid = 4711;
	const uint8_t *body = req->body;
	size_t pos, piece;

	put(message, PARSEC_A_ID, &req->id, 8);
	put(message, PARSEC_A_SESSION, &req->session, 8);
	put(message, PARSEC_A_PROVIDER, &req->provider, 1);
	put(message, PARSEC_A_OPCODE, &req->opcode, 1);
	put(message, PARSEC_A_PID, &pid, 4);
	put(message, PARSEC_A_DEADLINE, &req->deadline, 8);
	for (pos = 0; pos < req->len; pos += piece) {
		piece = req->chunk && req->chunk < req->len - pos ? req->chunk
								  : req->len - pos;
		put(message, PARSEC_A_BODY, body + pos, piece);
	}
	finish(fd, message);
}

void fake_kernel_ack(int fd, uint32_t seq, int error)
{
	struct message *message = start(NLMSG_ERROR, 0, seq);
	const struct nlmsgerr err = { .error = error };

	memcpy(message->data + NLMSG_HDRLEN, &err, sizeof(err));
	message->len = NLMSG_LENGTH(sizeof(err));
	finish(fd, message);
}

void fake_kernel_registered(int fd, uint32_t seq, uint32_t max_response)
{
	struct message *message = start(FAKE_FAMILY, PARSEC_CMD_REGISTER, seq);

	put(message, PARSEC_A_MAX_REQUEST, &max_response, 4);
	put(message, PARSEC_A_MAX_RESPONSE, &max_response, 4);
	finish(fd, message);
}

static void put_limit(struct message *message, uint16_t type, uint32_t limit)
{
	if (limit)
		put(message, type, &limit, 4);
}

static void tell_session(int fd, uint32_t seq, uint64_t session, uint32_t uid, uint32_t flags,
			 const char *cgroup, const struct fake_limits *limits)
{
	struct message *message = start(FAKE_FAMILY, PARSEC_CMD_GET_SESSION, seq);
	size_t nest;

	put(message, PARSEC_A_SESSION, &session, 8);
	put_limit(message, PARSEC_A_MAX_WAITING, limits->waiting);
	put_limit(message, PARSEC_A_MAX_RUNNING, limits->running);
	put_limit(message, PARSEC_A_MAX_OPEN, limits->open);
	nest = put(message, PARSEC_A_IDENTITY | NLA_F_NESTED, NULL, 0);
	put(message, PARSEC_A_ID_UID, &uid, 4);
	put(message, PARSEC_A_ID_FLAGS, &flags, 4);
	if (cgroup)
		put(message, PARSEC_A_ID_CGROUP_PATH, cgroup, strlen(cgroup) + 1);
	((struct nlattr *)(message->data + nest))->nla_len = (uint16_t)(message->len - nest);
	finish(fd, message);
}

void fake_kernel_session(int fd, uint32_t seq, uint64_t session, uint32_t uid,
			 uint32_t flags, const char *cgroup)
{
	tell_session(fd, seq, session, uid, flags, cgroup, &(struct fake_limits){ 0 });
}

void fake_kernel_limited(int fd, uint32_t seq, uint64_t session, uint32_t uid,
			 const struct fake_limits *limits)
{
	tell_session(fd, seq, session, uid, PARSEC_ID_INIT_USERNS | PARSEC_ID_INIT_PIDNS, "/",
		     limits);
}

void fake_kernel_identity(int fd, uint32_t seq, uint64_t session, uint32_t number)
{
	static const uint16_t small[] = {
		PARSEC_A_ID_UID, PARSEC_A_ID_GID, PARSEC_A_ID_FLAGS, PARSEC_A_ID_PID,
		PARSEC_A_ID_USERNS_OWNER, PARSEC_A_ID_USERNS_LEVEL, PARSEC_A_ID_LOGINUID,
	};
	static const uint16_t large[] = {
		PARSEC_A_ID_START_TIME, PARSEC_A_ID_USERNS, PARSEC_A_ID_PIDNS,
		PARSEC_A_ID_CGROUP, PARSEC_A_ID_EXE_DEV, PARSEC_A_ID_EXE_INO,
	};
	struct message *message = start(FAKE_FAMILY, PARSEC_CMD_GET_SESSION, seq);
	size_t nest, i;

	put(message, PARSEC_A_SESSION, &session, 8);
	nest = put(message, PARSEC_A_IDENTITY | NLA_F_NESTED, NULL, 0);
	for (i = 0; i < sizeof(small) / sizeof(*small); i++) {
		uint32_t value = number + small[i];

		put(message, small[i], &value, 4);
	}
	for (i = 0; i < sizeof(large) / sizeof(*large); i++) {
		uint64_t value = (uint64_t)large[i] << 32 | number;

		put(message, large[i], &value, 8);
	}
	put(message, PARSEC_A_ID_CGROUP_PATH, "/c", 3);
	put(message, PARSEC_A_ID_LSM, "l", 2);
	put(message, PARSEC_A_ID_EXE, "/e", 3);
	((struct nlattr *)(message->data + nest))->nla_len = (uint16_t)(message->len - nest);
	finish(fd, message);
}

void fake_kernel_stats(int fd, uint32_t seq, uint16_t nest, const struct fake_stat *stats,
		       size_t count)
{
	struct message *message = start(FAKE_FAMILY, PARSEC_CMD_GET_STATS, seq);
	size_t at = put(message, nest | NLA_F_NESTED, NULL, 0);

	((struct nlmsghdr *)message->data)->nlmsg_flags = NLM_F_MULTI;
	for (size_t i = 0; i < count; i++)
		put(message, stats[i].type, stats[i].data, stats[i].len);
	((struct nlattr *)(message->data + at))->nla_len = (uint16_t)(message->len - at);
	finish(fd, message);
}

void fake_kernel_done(int fd, uint32_t seq)
{
	struct message *message = start(NLMSG_DONE, 0, seq);

	((struct nlmsghdr *)message->data)->nlmsg_flags = NLM_F_MULTI;
	finish(fd, message);
}

void fake_kernel_farewell(int fd, uint16_t family)
{
	struct message *message = start(GENL_ID_CTRL, CTRL_CMD_DELFAMILY, 0);

	put(message, CTRL_ATTR_FAMILY_NAME, PARSEC_GENL_NAME, sizeof(PARSEC_GENL_NAME));
	put(message, CTRL_ATTR_FAMILY_ID, &family, sizeof(family));
	finish(fd, message);
}

struct registration {
	int fd;
	uint32_t max_response;
};

static void *answer_register(void *arg)
{
	const struct registration *registration = arg;
	struct host_message *message = fake_kernel_read(registration->fd);

	if (message)
		fake_kernel_registered(registration->fd, message->seq,
				       registration->max_response);
	return NULL;
}

int fake_kernel_adopt(struct netlink *nl, uint32_t max_response)
{
	const struct netlink_family family = { .id = FAKE_FAMILY };
	const uint8_t replay[PARSEC_NL_REPLAY_LEN] = { 0 };
	struct registration registration = { .max_response = max_response };
	pthread_t thread;
	int host;

	registration.fd = fake_kernel_open(&host);
	if (netlink_adopt(nl, host, &family) ||
	    pthread_create(&thread, NULL, answer_register, &registration))
		abort();
	if (netlink_register(nl, 1, replay, false))
		abort();
	pthread_join(thread, NULL);
	return registration.fd;
}
