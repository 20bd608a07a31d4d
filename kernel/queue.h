/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between account.c, which knows who may have how much, queue.c, which knows
 * who waits, worker.c, which knows who works, and stats.c, which looks at all.
 */
#ifndef _PARSEC_KERNEL_QUEUE_H
#define _PARSEC_KERNEL_QUEUE_H

#include "parsec.h"

/**
 * struct parsec_queue - what waits for one provider
 * @workers: sockets that serve it; parsec_lock
 * @retired: those that get nothing more, until they end; parsec_lock
 * @turns: struct parsec_group.turn, next one first; parsec_lock
 * @held: groups that are passed over, the same; parsec_lock
 * @credits: of all @workers; parsec_lock
 * @last_uid, @last_userns, @last_cgroup: of the account that used it last, which
 *	may be gone, the user namespace by its inode; parsec_lock
 * @used: there was one; parsec_lock
 * @shared_until: jiffies_64 until which a credit is kept for others;
 *	parsec_lock
 * @queued: requests in @turns and @held; parsec_lock
 * @parked: requests in workers' hands that nobody waits for; parsec_lock
 * @sent: requests that were sent; parsec_lock
 * @done: of @sent, those that were answered to somebody; parsec_lock
 * @aborted: of @sent, those whose caller got an error or was gone; parsec_lock
 * @returned: of @sent, those that a dead worker left and that were submitted
 *	again; parsec_lock
 * @work: end of the grace period, of @shared_until, or another try to send
 * @grace_end: jiffies; parsec_lock
 * @grace: the last worker vanished or retired not long ago; parsec_lock
 * @provider: constant
 *
 * Made when a provider's first worker wants to register, there until the module
 * goes.
 * @sent is @done + @aborted + @returned + what is in flight and not @parked.
 */
struct parsec_queue {
	struct list_head workers;
	struct list_head retired;
	struct list_head turns;
	struct list_head held;
	unsigned int credits;
	bool used;
	kuid_t last_uid;
	unsigned int last_userns;
	u64 last_cgroup;
	u64 shared_until;
	unsigned int queued;
	unsigned int parked;
	u64 sent;
	u64 done;
	u64 aborted;
	u64 returned;
	struct delayed_work work;
	unsigned long grace_end;
	bool grace;
	u8 provider;
};

/**
 * struct parsec_group - one account's requests in one queue
 * @account_node: in the account's groups; parsec_lock
 * @turn: in the queue's turns or held while @requests is not empty; parsec_lock
 * @requests: oldest first; parsec_lock
 * @running: requests in the hands of the queue's workers, but for those that
 *	have retired; parsec_lock
 * @held: @turn is in the queue's held; parsec_lock
 * @account: constant
 * @queue: constant
 */
struct parsec_group {
	struct list_head account_node;
	struct list_head turn;
	struct list_head requests;
	unsigned int running;
	bool held;
	struct parsec_account *account;
	struct parsec_queue *queue;
};

/**
 * struct parsec_account_totals - over all accounts
 * @accounts: how many
 * @sessions: open files
 */
struct parsec_account_totals {
	unsigned int accounts;
	unsigned int sessions;
};

/**
 * parsec_limit() - the limit in force
 * @limit: what a host has set
 * @param: the module parameter
 *
 * Return: the limit, 0 for none.
 */
static inline u32 parsec_limit(u32 limit, const unsigned int *param)
{
	return limit == PARSEC_LIMIT_DEFAULT ? READ_ONCE(*param) : limit;
}

/**
 * parsec_under() - may there be one more?
 * @used: how many there are
 * @limit: what a host has set
 * @param: the module parameter
 *
 * Return: whether there may be.
 */
static inline bool parsec_under(unsigned int used, u32 limit,
				const unsigned int *param)
{
	u32 most = parsec_limit(limit, param);

	return !most || used < most;
}

/* account.c */
struct parsec_account_totals parsec_account_totals(void);
bool parsec_account_visit(long at[2],
			  int (*visit)(const struct parsec_account *account,
				       void *arg), void *arg);
void parsec_account_resume(struct parsec_account *account);
struct parsec_group *parsec_group_find(const struct parsec_account *account,
				       const struct parsec_queue *queue);
void parsec_group_init(struct parsec_group *group,
		       struct parsec_account *account,
		       struct parsec_queue *queue);
void parsec_group_hold(struct parsec_group *group);
void parsec_group_resume(struct parsec_group *group);
void parsec_group_leave(struct parsec_group *group);
void parsec_group_release(struct parsec_group *group);

/* queue.c */
struct parsec_queue *parsec_queue_obtain(u8 provider);
const struct parsec_queue *parsec_queue_peek(u8 provider);
void parsec_queue_dispatch(struct parsec_queue *queue);
void parsec_queue_resume(struct parsec_queue *queue);
void parsec_queue_start_grace(struct parsec_queue *queue);

#endif /* _PARSEC_KERNEL_QUEUE_H */
