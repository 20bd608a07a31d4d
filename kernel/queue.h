/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between queue.c, which knows who waits, and worker.c, which knows who works.
 */
#ifndef _PARSEC_KERNEL_QUEUE_H
#define _PARSEC_KERNEL_QUEUE_H

#include "parsec.h"

/**
 * struct parsec_queue - what waits for one provider
 * @workers: sockets that serve it; parsec_lock
 * @turns: struct parsec_group.turn, next one first; parsec_lock
 * @work: end of the grace period, or another try to send
 * @grace_end: jiffies; parsec_lock
 * @grace: the last worker vanished not long ago; parsec_lock
 * @provider: constant
 *
 * Made when a provider's first worker registers, there until the module goes.
 */
struct parsec_queue {
	struct list_head workers;
	struct list_head turns;
	struct delayed_work work;
	unsigned long grace_end;
	bool grace;
	u8 provider;
};

/**
 * struct parsec_group - one account's requests in one queue
 * @account_node: in the account's groups; parsec_lock
 * @turn: in the queue's turns while @requests is not empty; parsec_lock
 * @requests: oldest first; parsec_lock
 * @queue: constant
 */
struct parsec_group {
	struct list_head account_node;
	struct list_head turn;
	struct list_head requests;
	struct parsec_queue *queue;
};

struct parsec_queue *parsec_queue_obtain(u8 provider);
void parsec_queue_dispatch(struct parsec_queue *queue);
void parsec_queue_start_grace(struct parsec_queue *queue);

#endif /* _PARSEC_KERNEL_QUEUE_H */
