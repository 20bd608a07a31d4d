/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's side of the netlink family, over a socket pair: what the tests of the
 * host talk through instead of the module.
 */
#ifndef UNIT_FAKE_KERNEL_H
#define UNIT_FAKE_KERNEL_H

#include <linux/parsec_netlink.h>

#include "helper/netlink.h"

/* Message type of the family here */
#define FAKE_FAMILY	0x1d

/**
 * struct host_message - what the host sent, taken apart
 * @cmd, @flags, @seq: of its headers
 * @attrs:	bit n is set for an attribute of type n
 * @chunks:	BODY attributes
 * @id, @session, @status, @provider, @credits, @replay: its attributes
 * @max_waiting, @max_running, @max_open: its attributes too
 * @body:	the body put together, @body_len bytes
 */
struct host_message {
	uint8_t cmd;
	uint16_t flags;
	uint32_t seq;
	uint32_t attrs;
	unsigned int chunks;
	uint64_t id;
	uint64_t session;
	uint16_t status;
	uint8_t provider;
	uint32_t credits;
	uint8_t replay[PARSEC_NL_REPLAY_LEN];
	uint32_t max_waiting;
	uint32_t max_running;
	uint32_t max_open;
	uint8_t body[192 * 1024];
	size_t body_len;
};

/** fake_kernel_open() - Return: the kernel's end; @host is the other */
int fake_kernel_open(int *host);

/** fake_kernel_read() - the host's next message, in static memory; NULL: none in a second */
struct host_message *fake_kernel_read(int fd);

/** struct fake_request - a REQUEST; the body goes out in pieces of @chunk bytes */
struct fake_request {
	uint64_t id;
	uint64_t session;
	uint64_t deadline;
	uint8_t provider;
	uint8_t opcode;
	const void *body;
	size_t len;
	size_t chunk;
};

void fake_kernel_request(int fd, const struct fake_request *req);

/** fake_kernel_ack() - NLMSG_ERROR with a negative errno, or 0 */
void fake_kernel_ack(int fd, uint32_t seq, int error);

/** fake_kernel_registered() - the answer to REGISTER */
void fake_kernel_registered(int fd, uint32_t seq, uint32_t max_response);

/** fake_kernel_session() - the answer to GET_SESSION; @cgroup may be NULL */
void fake_kernel_session(int fd, uint32_t seq, uint64_t session, uint32_t uid,
			 uint32_t flags, const char *cgroup);

/* Of an account, as a host set them; 0 is none, which is not told */
struct fake_limits {
	uint32_t waiting, running, open;
};

/** fake_kernel_limited() - the same with limits, for a user of the host's namespaces */
void fake_kernel_limited(int fd, uint32_t seq, uint64_t session, uint32_t uid,
			 const struct fake_limits *limits);

/** fake_kernel_identity() - the same with all facts there are, of values as @number + type */
void fake_kernel_identity(int fd, uint32_t seq, uint64_t session, uint32_t number);
/* One attribute in a nest of an answer to GET_STATS */
struct fake_stat {
	uint16_t type;
	uint16_t len;
	const void *data;
};

/**
 * fake_kernel_stats() - a message of the answer to GET_STATS
 * @nest:	its attribute
 * @stats:	what is in there, @count of them
 */
void fake_kernel_stats(int fd, uint32_t seq, uint16_t nest, const struct fake_stat *stats,
		       size_t count);

/** fake_kernel_done() - the end of a dump */
void fake_kernel_done(int fd, uint32_t seq);

/** fake_kernel_farewell() - nlctrl: a family has gone */
void fake_kernel_farewell(int fd, uint16_t family);

/** fake_kernel_raw() - any bytes as a message */
void fake_kernel_raw(int fd, const void *data, size_t len);

/** fake_kernel_adopt() - open a pair and register @nl over it. Return: the kernel's end */
int fake_kernel_adopt(struct netlink *nl, uint32_t max_response);

#endif /* UNIT_FAKE_KERNEL_H */
