// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accounts: who shares limits and turns, how much they have, how much they may.
 *
 * An account is an effective user in a user namespace in a cgroup. It may have
 * so many files open, so many requests waiting, and so many in workers' hands,
 * over all providers together. What is one too many to be opened or to wait is
 * refused; what is one too many to run waits, and is passed over meanwhile.
 */
#include <linux/cred.h>
#include <linux/hash.h>
#include <linux/hashtable.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>

#include "parsec.h"
#include "queue.h"

/* Both guarded by parsec_lock */
static DEFINE_HASHTABLE(accounts, 8);		/* by account_hash() */
static struct parsec_account_totals totals;

static u32 account_hash(kuid_t uid, const struct user_namespace *user_ns,
			u64 cgroup)
{
	return hash_64(cgroup, 32) ^ __kuid_val(uid) ^ hash_ptr(user_ns, 32);
}

static struct parsec_account *account_find(const struct parsec_identity *who)
{
	kuid_t uid = who->cred->euid;
	const struct user_namespace *user_ns = who->cred->user_ns;
	struct parsec_account *account;

	hash_for_each_possible(accounts, account, node,
			       account_hash(uid, user_ns, who->cgroup)) {
		if (uid_eq(account->uid, uid) && account->user_ns == user_ns &&
		    account->cgroup == who->cgroup)
			return account;
	}
	return NULL;
}

static const struct parsec_limits no_override = {
	.waiting = PARSEC_LIMIT_DEFAULT,
	.running = PARSEC_LIMIT_DEFAULT,
	.open = PARSEC_LIMIT_DEFAULT,
};

static struct parsec_account *account_new(const struct parsec_identity *who)
{
	struct parsec_account *account = kzalloc(sizeof(*account), PARSEC_GFP);

	if (!account)
		return NULL;
	if (who->cgroup_path) {
		account->cgroup_path = kstrdup(who->cgroup_path, PARSEC_GFP);
		if (!account->cgroup_path) {
			kfree(account);
			return NULL;
		}
	}
	INIT_LIST_HEAD(&account->groups);
	account->limits = no_override;
	account->uid = who->cred->euid;
	account->user_ns = get_user_ns(who->cred->user_ns);
	account->cgroup = who->cgroup;
	return account;
}

static void account_free(struct parsec_account *account)
{
	struct parsec_group *group, *next;

	if (!account)
		return;
	list_for_each_entry_safe(group, next, &account->groups, account_node)
		kfree(group);
	put_user_ns(account->user_ns);
	kfree(account->cgroup_path);
	kfree(account);
}

/* Unless there is still something to count */
static void account_end(struct parsec_account *account)
{
	lockdep_assert_held(&parsec_lock);

	if (account->sessions || account->running)
		return;
	hash_del(&account->node);
	totals.accounts--;
	account_free(account);
}

/**
 * parsec_account_get() - the account of an identity, for one more session
 * @who: the identity
 * @account: where to put it
 *
 * Return: 0; -EDQUOT, it has as many files open as it may have; -ENOMEM.
 */
int parsec_account_get(const struct parsec_identity *who,
		       struct parsec_account **account)
{
	struct parsec_account *found, *fresh = NULL;
	int err = 0;

	spin_lock(&parsec_lock);
	found = account_find(who);
	if (!found) {
		spin_unlock(&parsec_lock);
		fresh = account_new(who);
		if (!fresh)
			return -ENOMEM;
		spin_lock(&parsec_lock);
		found = account_find(who);
	}
	if (!found) {
		found = fresh;
		fresh = NULL;
		hash_add(accounts, &found->node,
			 account_hash(found->uid, found->user_ns,
				      found->cgroup));
		totals.accounts++;
	}
	if (parsec_under(found->sessions, found->limits.open,
			 &parsec_max_open)) {
		found->sessions++;
		totals.sessions++;
		*account = found;
	} else {
		found->refused++;
		parsec_count(PARSEC_COUNT_OPEN_REFUSED);
		err = -EDQUOT;
	}
	spin_unlock(&parsec_lock);

	account_free(fresh);
	return err;
}

/**
 * parsec_account_put() - a session of the account ends
 * @account: the account; none of its last session's requests waits any more
 *
 * With the last session goes what a host has set.
 */
void parsec_account_put(struct parsec_account *account)
{
	spin_lock(&parsec_lock);
	totals.sessions--;
	if (!--account->sessions) {
		account->limits = no_override;
		account_end(account);
	}
	spin_unlock(&parsec_lock);
}

/**
 * parsec_account_limit() - replace the limits of an account
 * @account: the account; the caller has a reference on one of its sessions
 * @limits: what it may have from now on. What it has already it keeps
 */
void parsec_account_limit(struct parsec_account *account,
			  const struct parsec_limits *limits)
{
	spin_lock(&parsec_lock);
	account->limits = *limits;
	parsec_account_resume(account);
	spin_unlock(&parsec_lock);
}

/**
 * parsec_account_limits() - what a host set
 * @account: the account; the caller has a reference on one of its sessions
 *
 * Return: the limits of the last parsec_account_limit().
 */
struct parsec_limits parsec_account_limits(const struct parsec_account *account)
{
	struct parsec_limits limits;

	spin_lock(&parsec_lock);
	limits = account->limits;
	spin_unlock(&parsec_lock);
	return limits;
}

/**
 * parsec_account_totals() - how many there are
 *
 * Return: the numbers.
 */
struct parsec_account_totals parsec_account_totals(void)
{
	lockdep_assert_held(&parsec_lock);

	return totals;
}

/**
 * parsec_account_visit() - go through the accounts, a few at a time
 * @at: two numbers that say where to go on, both 0 at first
 * @visit: called with each; not 0 to stop before it
 * @arg: for @visit
 *
 * parsec_lock may be released between calls; what comes and goes meanwhile may
 * be missed, or seen twice.
 *
 * Return: true when @visit stopped it.
 */
bool parsec_account_visit(long at[2],
			  int (*visit)(const struct parsec_account *account,
				       void *arg), void *arg)
{
	struct parsec_account *account;
	long i;

	lockdep_assert_held(&parsec_lock);

	for (; at[0] < HASH_SIZE(accounts); at[0]++, at[1] = 0) {
		i = 0;
		hlist_for_each_entry(account, &accounts[at[0]], node) {
			if (i++ < at[1])
				continue;
			if (visit(account, arg))
				return true;
			at[1]++;
		}
	}
	return false;
}

/**
 * parsec_group_find() - an account's requests in a queue
 * @account: the account
 * @queue: the queue
 *
 * Return: the group, or NULL if the account never used the queue.
 */
struct parsec_group *parsec_group_find(const struct parsec_account *account,
				       const struct parsec_queue *queue)
{
	struct parsec_group *group;

	lockdep_assert_held(&parsec_lock);

	list_for_each_entry(group, &account->groups, account_node) {
		if (group->queue == queue)
			return group;
	}
	return NULL;
}

/**
 * parsec_group_init() - the account uses a queue for the first time
 * @group: the group to be, the account's from now on
 * @account: the account
 * @queue: the queue
 */
void parsec_group_init(struct parsec_group *group,
		       struct parsec_account *account,
		       struct parsec_queue *queue)
{
	lockdep_assert_held(&parsec_lock);

	INIT_LIST_HEAD(&group->turn);
	INIT_LIST_HEAD(&group->requests);
	group->account = account;
	group->queue = queue;
	group->running = 0;
	group->held = false;
	list_add(&group->account_node, &account->groups);
}

/**
 * parsec_group_hold() - pass a group over until its account has less running
 * @group: the group, which is in its queue's turns
 */
void parsec_group_hold(struct parsec_group *group)
{
	lockdep_assert_held(&parsec_lock);

	group->held = true;
	group->account->held++;
	list_move_tail(&group->turn, &group->queue->held);
}

/**
 * parsec_group_resume() - give a group that was passed over its turns again
 * @group: the group, whose queue the caller dispatches
 */
void parsec_group_resume(struct parsec_group *group)
{
	lockdep_assert_held(&parsec_lock);

	group->held = false;
	group->account->held--;
	list_move_tail(&group->turn, &group->queue->turns);
}

/**
 * parsec_group_leave() - no request of a group waits any more
 * @group: the group
 */
void parsec_group_leave(struct parsec_group *group)
{
	lockdep_assert_held(&parsec_lock);

	if (group->held)
		group->account->held--;
	group->held = false;
	list_del_init(&group->turn);
}

/**
 * parsec_account_resume() - an account may perhaps have more running than now
 * @account: the account
 */
void parsec_account_resume(struct parsec_account *account)
{
	struct parsec_group *group;

	lockdep_assert_held(&parsec_lock);

	if (likely(!account->held))
		return;
	list_for_each_entry(group, &account->groups, account_node) {
		if (!group->held)
			continue;
		parsec_group_resume(group);
		parsec_queue_dispatch(group->queue);
	}
}

/**
 * parsec_account_collected() - callers have got answers
 * @account: the account
 * @bytes: parsec_reply_weight() of them
 */
void parsec_account_collected(struct parsec_account *account, u32 bytes)
{
	spin_lock(&parsec_lock);
	account->uncollected -= bytes;
	parsec_account_resume(account);
	spin_unlock(&parsec_lock);
}

/**
 * parsec_group_release() - a request of a group left its worker's hands
 * @group: the group, which may be gone afterwards with its account unless a
 *	task waits for one of the account's requests
 */
void parsec_group_release(struct parsec_group *group)
{
	struct parsec_account *account = group->account;

	lockdep_assert_held(&parsec_lock);

	account->running--;
	/* The last one to have its turn, if only one of the groups may run */
	list_move_tail(&group->account_node, &account->groups);
	parsec_account_resume(account);
	account_end(account);
}
