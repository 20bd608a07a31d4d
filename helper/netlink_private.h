/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions to the kernel other than requests and replies. Private to helper/netlink*.c.
 */
#ifndef PARSEC_NETLINK_PRIVATE_H
#define PARSEC_NETLINK_PRIVATE_H

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "helper/netlink.h"

struct iovec;

/* Room for what can arrive while both buffers hold requests: acknowledgements */
#define SMALL_MESSAGE	4096

/* A question, up to its first attribute */
struct question {
	struct nlmsghdr nlh;
	struct genlmsghdr genl;
	uint8_t attrs[64];
};

/** netlink_question() - start a question */
void netlink_question(struct question *question, struct netlink *nl, uint8_t cmd);

/** netlink_add() - add an attribute; all of them have to fit */
void netlink_add(struct question *question, uint16_t type, const void *data, uint16_t len);

/**
 * netlink_ask() - ask
 * @small:	SMALL_MESSAGE bytes, used when both buffers hold requests
 * @answer:	in the next buffer or in @small
 *
 * Return: 0, the error that the kernel answered, or another negative errno.
 */
int netlink_ask(struct netlink *nl, struct question *question, void *small,
		struct nlmsghdr **answer);

/** netlink_send() - send all or nothing. Return: 0 or a negative errno */
int netlink_send(const struct netlink *nl, struct iovec *iov, size_t count);

/**
 * netlink_wait() - wait for the answer to the last question
 * @small:	SMALL_MESSAGE bytes, used when both buffers hold requests
 * @answer:	the message, or the first of several of a dump
 * @answer_len: bytes of all of them
 *
 * Requests that come first are kept for netlink_receive().
 *
 * Return: 0 or a negative errno.
 */
int netlink_wait(struct netlink *nl, void *small, struct nlmsghdr **answer,
		 size_t *answer_len);

/** netlink_answer_error() - what an NLMSG_ERROR says, 0 for any other message */
int netlink_answer_error(const struct nlmsghdr *nlh);

#endif /* PARSEC_NETLINK_PRIVATE_H */
