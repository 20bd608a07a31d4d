/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One worker's line to the kernel: requests come out of it, replies go back
 * (include/uapi/linux/parsec_netlink.h). A socket belongs to one thread.
 */
#ifndef PARSEC_HELPER_NETLINK_H
#define PARSEC_HELPER_NETLINK_H

#include <linux/parsec_netlink.h>

#include "helper/buffer.h"
#include "helper/identity.h"

/*
 * Requests that the kernel hands to one worker at a time. More would only wait in
 * the socket, where the kernel can no longer give them to a worker that is idle, nor
 * let another application's request go first.
 */
#define NETLINK_CREDITS	1

struct nl_sock;

/* Longest body, unless the module was loaded with other limits */
#define NETLINK_BODY_DEFAULT	(1024 * 1024)

/* The error that means: the module has been unloaded */
#define NETLINK_GONE	ENODEV

/**
 * struct netlink_family - numbers that the kernel gave the family
 * @id:		message type
 * @notify_group: multicast group that tells of families coming and going
 */
struct netlink_family {
	uint16_t id;
	uint32_t notify_group;
};

/**
 * struct netlink - a socket and its buffers
 * @fd:		socket, -1 when closed
 * @family:	the kernel's family
 * @control:	another socket, to look for the family again; NULL when there is none
 * @seq:	number of the last message that wants an answer
 * @max_response: longest response body that can be sent
 * @in:		received messages: the request that is being served, and what arrives
 *		meanwhile
 * @next:	index of the buffer that the next message goes to
 * @gone:	the module has been unloaded
 * @kept:	bytes of a request that arrived too early and waits there, 0 = none
 * @out:	message that is being made
 */
struct netlink {
	int fd;
	struct netlink_family family;
	struct nl_sock *control;
	uint32_t seq;
	size_t max_response;
	struct buffer in[2];
	unsigned int next;
	bool gone;
	size_t kept;
	struct buffer out;
};

/**
 * struct netlink_request - a request of the kernel's
 * @id:		its number
 * @session:	open file that asks
 * @deadline:	CLOCK_MONOTONIC ns at which nobody waits any more, 0 = none
 * @provider:	provider that the caller named
 * @opcode:	operation
 * @body:	in the worker's buffer until netlink_request_end()
 * @arrived:	bytes that the body took on its way, from its beginning on: more than it has
 *		when it came in pieces
 */
struct netlink_request {
	uint64_t id;
	uint64_t session;
	uint64_t deadline;
	uint8_t provider;
	uint8_t opcode;
	struct parsec_span body;
	size_t arrived;
};

/**
 * netlink_resolve() - find the module
 * Return: 0; -ENOENT when it is not loaded; another negative errno.
 */
int netlink_resolve(struct netlink_family *family);

/**
 * netlink_open() - open a worker's socket
 *
 * Needs CAP_NET_ADMIN for its large buffers.
 *
 * Return: 0 or a negative errno.
 */
int netlink_open(struct netlink *nl, const struct netlink_family *family);

/**
 * netlink_adopt() - use a socket that is connected to a kernel, or what plays one
 *
 * @fd belongs to @nl afterwards, also after a failure.
 *
 * Return: 0 or -ENOMEM.
 */
int netlink_adopt(struct netlink *nl, int fd, const struct netlink_family *family);

/** netlink_close() - may be called again */
void netlink_close(struct netlink *nl);

/**
 * netlink_register() - serve a provider from this socket
 * @provider:	wire id
 * @replay:	bitmap of the opcodes that may run twice
 * @takeover:	if another process serves the provider, replace it: it gets no more
 *		requests, and the kernel takes its answers to those that it has
 *
 * Needs CAP_NET_ADMIN. Requests may arrive from here on.
 *
 * Return: 0 or, after a log line, a negative errno: -EBUSY when another process
 * serves the provider and is not to be replaced, -EPERM without the capability.
 */
int netlink_register(struct netlink *nl, uint8_t provider,
		     const uint8_t replay[PARSEC_NL_REPLAY_LEN], bool takeover);

/**
 * netlink_receive() - the next request
 * @req:	filled in; end it with netlink_request_end()
 * @wait:	wait for one
 *
 * Return: 0; -EINTR after a signal; -EAGAIN when none is there or the time of
 * netlink_set_timeout() passed; -NETLINK_GONE; another negative errno.
 */
int netlink_receive(struct netlink *nl, struct netlink_request *req, bool wait);

/**
 * netlink_retire() - take no more requests
 *
 * Afterwards netlink_receive() gives those that have been handed out already, and then
 * nothing ever again.
 *
 * Return: 0 or a negative errno.
 */
int netlink_retire(struct netlink *nl);

/** netlink_request_end() - wipe a request and the answer to it, @answered bytes */
void netlink_request_end(struct netlink *nl, struct netlink_request *req,
			 size_t answered);

/** netlink_set_timeout() - how long netlink_receive() waits, 0 = for ever */
void netlink_set_timeout(struct netlink *nl, unsigned int ms);

/** netlink_trim() - give back memory that large messages took; no request is open */
void netlink_trim(struct netlink *nl);

/* In struct netlink_limits: as the module parameter says */
#define NETLINK_LIMIT_DEFAULT	UINT32_MAX

/**
 * struct netlink_limits - how much an account may have at a time
 * @waiting:	requests that wait for a worker
 * @running:	requests in workers' hands, of all providers
 * @open:	open files
 *
 * Each is 0 for no limit, up to PARSEC_NL_LIMIT_MAX, or NETLINK_LIMIT_DEFAULT.
 */
struct netlink_limits {
	uint32_t waiting;
	uint32_t running;
	uint32_t open;
};

/**
 * netlink_session() - ask who a session is
 * @facts:	filled in; strings are valid until the next message is received
 * @limits:	what netlink_set_limits() last said of its account, whoever called it; or NULL
 *
 * Return: 0; -ENOENT when it is closed; another negative errno.
 */
int netlink_session(struct netlink *nl, uint64_t session, struct parsec_facts *facts,
		    struct netlink_limits *limits);

/**
 * netlink_set_limits() - limit all who are like a session
 *
 * The account of a session are all files with its effective user, user namespace and
 * cgroup. The limits stay until the last of them is closed or others are set.
 *
 * Return: 0; -ENOENT when the session is closed; -EINVAL for a limit out of range;
 * another negative errno.
 */
int netlink_set_limits(struct netlink *nl, uint64_t session,
		       const struct netlink_limits *limits);

/** netlink_answer_room() - where the response body goes, max_response bytes */
uint8_t *netlink_answer_room(struct netlink *nl);

/**
 * netlink_reply() - answer a request
 * @status:	of the contract
 * @len:	bytes of response body in netlink_answer_room()
 * @confirm:	wait until the kernel says whether somebody took the answer
 *
 * An answer that cannot be sent is replaced by PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY.
 *
 * Return: 0; with @confirm -ENOENT when nobody got this answer; another negative errno
 * when that is not known.
 */
int netlink_reply(struct netlink *nl, const struct netlink_request *req,
		  uint16_t status, size_t len, bool confirm);

#endif /* PARSEC_HELPER_NETLINK_H */
