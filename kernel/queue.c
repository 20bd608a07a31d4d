// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who is served when: one queue per provider, the workers that empty it, the
 * accounts that take turns in it.
 *
 * A request waits here, not in a socket, until a worker has a credit for it.
 * So a slow host delays only its own callers, no socket buffer overflows, and
 * turns go round the identities instead of the requests.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cred.h>
#include <linux/hash.h>
#include <linux/hashtable.h>
#include <linux/jiffies.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include <net/sock.h>

#include "parsec.h"
#include "trace.h"

/* Until another try when an idle worker's socket is full of something else */
#define RETRY_MS	100

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

DEFINE_SPINLOCK(parsec_lock);

/* All guarded by parsec_lock */
static struct parsec_queue *queues[U8_MAX + 1];
static DEFINE_HASHTABLE(workers, 6);		/* by port id */
static DEFINE_HASHTABLE(accounts, 8);		/* by account_hash() */
static unsigned int worker_count;

static u32 account_hash(const struct parsec_account *account)
{
	return hash_64(account->cgroup, 32) ^ __kuid_val(account->uid) ^
	       hash_ptr(account->user_ns, 32);
}

static struct parsec_account *account_find(const struct parsec_account *like)
{
	struct parsec_account *account;

	hash_for_each_possible(accounts, account, node, account_hash(like)) {
		if (uid_eq(account->uid, like->uid) &&
		    account->user_ns == like->user_ns &&
		    account->cgroup == like->cgroup)
			return account;
	}
	return NULL;
}

/**
 * parsec_account_get() - the account of an identity, for one more session
 * @who: the identity
 *
 * Return: the account, or NULL without memory.
 */
struct parsec_account *parsec_account_get(const struct parsec_identity *who)
{
	struct parsec_account *account, *fresh;

	fresh = kzalloc(sizeof(*fresh), GFP_KERNEL_ACCOUNT);
	if (!fresh)
		return NULL;
	INIT_LIST_HEAD(&fresh->groups);
	fresh->uid = who->cred->euid;
	fresh->user_ns = who->cred->user_ns;
	fresh->cgroup = who->cgroup;

	spin_lock(&parsec_lock);
	account = account_find(fresh);
	if (!account) {
		account = fresh;
		fresh = NULL;
		hash_add(accounts, &account->node, account_hash(account));
	}
	account->sessions++;
	spin_unlock(&parsec_lock);

	kfree(fresh);
	return account;
}

/**
 * parsec_account_put() - a session of the account ends
 * @account: the account; none of its last session's requests waits any more
 */
void parsec_account_put(struct parsec_account *account)
{
	struct parsec_group *group, *next;

	spin_lock(&parsec_lock);
	if (--account->sessions) {
		spin_unlock(&parsec_lock);
		return;
	}
	hash_del(&account->node);
	spin_unlock(&parsec_lock);

	list_for_each_entry_safe(group, next, &account->groups, account_node)
		kfree(group);
	kfree(account);
}

static struct parsec_group *group_find(const struct parsec_account *account,
				       const struct parsec_queue *queue)
{
	struct parsec_group *group;

	list_for_each_entry(group, &account->groups, account_node) {
		if (group->queue == queue)
			return group;
	}
	return NULL;
}

static void group_init(struct parsec_group *group, struct parsec_queue *queue,
		       struct parsec_account *account)
{
	INIT_LIST_HEAD(&group->turn);
	INIT_LIST_HEAD(&group->requests);
	group->queue = queue;
	list_add(&group->account_node, &account->groups);
}

/* NEW -> QUEUED */
static void enqueue(struct parsec_request *req, struct parsec_group *group)
{
	lockdep_assert_held(&parsec_lock);

	refcount_inc(&req->ref);
	req->group = group;
	req->session->account->waiting++;
	list_add_tail(&req->node, &group->requests);
	if (list_empty(&group->turn))
		list_add_tail(&group->turn, &group->queue->turns);
	WRITE_ONCE(req->state, PARSEC_QUEUED);
}

/* QUEUED -> in no list; the list's reference passes to the caller */
static void dequeue(struct parsec_request *req)
{
	lockdep_assert_held(&parsec_lock);

	list_del(&req->node);
	req->session->account->waiting--;
	if (list_empty(&req->group->requests))
		list_del_init(&req->group->turn);
}

/* Bytes in a socket stay under half of its buffer, so that acknowledgements
 * always fit; but one request is always let in.
 */
static bool has_room(const struct parsec_worker *worker,
		     const struct sk_buff *msg)
{
	int used = atomic_read(&worker->sk->sk_rmem_alloc);
	int size = READ_ONCE(worker->sk->sk_rcvbuf);

	if (!worker->in_flight)
		return used < size;
	return used + msg->truesize <= size / 2;
}

/* An idle worker if there is one, the last used first because its caches are
 * warm; else the one with the fewest requests.
 */
static struct parsec_worker *pick_worker(const struct parsec_queue *queue,
					 const struct sk_buff *msg)
{
	struct parsec_worker *worker, *best = NULL;

	list_for_each_entry(worker, &queue->workers, node) {
		if (worker->in_flight >= worker->credits ||
		    sock_flag(worker->sk, SOCK_DEAD) || !has_room(worker, msg))
			continue;
		if (!worker->in_flight)
			return worker;
		if (!best || worker->in_flight < best->in_flight)
			best = worker;
	}
	return best;
}

/* NEW or QUEUED -> SENT, or no change if the socket does not take it.
 *
 * Straight into the registered socket: a port id could belong to somebody else
 * by now, and a body must not be seen by a filter or a monitor either.
 */
static bool send(struct parsec_worker *worker, struct parsec_request *req)
{
	lockdep_assert_held(&parsec_lock);

	if (__sock_queue_rcv_skb(worker->sk, req->msg))
		return false;

	req->msg = NULL;
	req->unread = false;
	if (req->state == PARSEC_QUEUED)
		dequeue(req);
	else
		refcount_inc(&req->ref);
	list_add_tail(&req->node, &worker->sent);
	worker->in_flight++;
	WRITE_ONCE(req->state, PARSEC_SENT);
	trace_request_send(req, worker);
	return true;
}

static bool all_idle(const struct parsec_queue *queue)
{
	const struct parsec_worker *worker;

	list_for_each_entry(worker, &queue->workers, node) {
		if (worker->in_flight)
			return false;
	}
	return true;
}

/* Send as much as there are credits for, one request of each account in turn */
static void dispatch(struct parsec_queue *queue)
{
	struct parsec_worker *worker;
	struct parsec_request *req;
	struct parsec_group *group;

	lockdep_assert_held(&parsec_lock);

	while (!list_empty(&queue->turns)) {
		group = list_first_entry(&queue->turns, struct parsec_group,
					 turn);
		req = list_first_entry(&group->requests, struct parsec_request,
				       node);
		worker = pick_worker(queue, req->msg);
		if (!worker || !send(worker, req))
			break;
		if (!list_empty(&group->turn))
			list_move_tail(&group->turn, &queue->turns);
	}

	/* Otherwise a reply or a new worker goes on from here */
	if (!list_empty(&queue->turns) && !list_empty(&queue->workers) &&
	    all_idle(queue))
		mod_delayed_work(system_wq, &queue->work,
				 msecs_to_jiffies(RETRY_MS));
}

static bool is_served(const struct parsec_queue *queue)
{
	return queue && (queue->grace || !list_empty(&queue->workers));
}

/* Core answers for providers without a host */
static struct parsec_queue *route(u8 provider)
{
	if (is_served(queues[provider]))
		return queues[provider];
	return is_served(queues[0]) ? queues[0] : NULL;
}

/**
 * parsec_queue_submit() - hand a request to the worker or queue it belongs to
 * @req: in state NEW, with its message; in state SENT or QUEUED on success
 *
 * Return: 0, -ENOTCONN if nobody serves it, -EDQUOT if its account has as many
 * requests waiting as it may have, or -ENOMEM.
 */
int parsec_queue_submit(struct parsec_request *req)
{
	struct parsec_account *account = req->session->account;
	struct parsec_group *group, *fresh = NULL;
	struct parsec_worker *worker;
	struct parsec_queue *queue;
	int err = 0;

	spin_lock(&parsec_lock);
again:
	queue = route(req->provider);
	if (!queue) {
		err = -ENOTCONN;
		goto unlock;
	}

	if (list_empty(&queue->turns)) {
		worker = pick_worker(queue, req->msg);
		if (worker && send(worker, req))
			goto unlock;
	}

	if (account->waiting >= READ_ONCE(parsec_max_waiting)) {
		err = -EDQUOT;
		goto unlock;
	}

	group = group_find(account, queue);
	if (!group && !fresh) {
		spin_unlock(&parsec_lock);
		fresh = kmalloc(sizeof(*fresh), GFP_KERNEL_ACCOUNT);
		if (!fresh)
			return -ENOMEM;
		spin_lock(&parsec_lock);
		goto again;
	}
	if (!group) {
		group = fresh;
		fresh = NULL;
		group_init(group, queue, account);
	}
	enqueue(req, group);
	dispatch(queue);
unlock:
	spin_unlock(&parsec_lock);
	kfree(fresh);
	return err;
}

/**
 * parsec_queue_withdraw() - the task that waits for a request leaves
 * @req: the request
 * @error: why, negative errno
 *
 * A request in a worker's hands stays there, parked, until the reply.
 *
 * Return: false if the request was DONE or ABORTED already, which then counts.
 */
bool parsec_queue_withdraw(struct parsec_request *req, int error)
{
	bool queued, settled;

	spin_lock(&parsec_lock);
	queued = req->state == PARSEC_QUEUED;
	settled = req->state == PARSEC_DONE || req->state == PARSEC_ABORTED;
	if (queued)
		dequeue(req);
	if (!settled) {
		req->error = error;
		WRITE_ONCE(req->state, PARSEC_ABORTED);
	}
	spin_unlock(&parsec_lock);

	if (queued)
		parsec_request_put(req);
	return !settled;
}

static struct parsec_worker *worker_find(const struct sock *sk, u32 portid)
{
	struct parsec_worker *worker;

	lockdep_assert_held(&parsec_lock);

	hash_for_each_possible(workers, worker, hash, portid) {
		if (worker->portid == portid && worker->sk == sk)
			return worker;
	}
	return NULL;
}

static struct parsec_request *sent_find(const struct parsec_worker *worker,
					u64 id)
{
	struct parsec_request *req;

	list_for_each_entry(req, &worker->sent, node) {
		if (req->id == id)
			return req;
	}
	return NULL;
}

/**
 * parsec_queue_answer() - a reply arrived
 * @sk: the socket that sent it
 * @portid: its port id
 * @answer: the reply
 *
 * Wakes who waits for it, then gives the worker its next request.
 *
 * Return: 0 if somebody takes the answer, with a reference on its message;
 * -ENOENT if nobody waits any more; -EMSGSIZE if it is too long, which ends
 * the request with EIO; -EPERM if the socket does not have that request.
 */
int parsec_queue_answer(const struct sock *sk, u32 portid,
			const struct parsec_answer *answer)
{
	struct parsec_worker *worker;
	struct parsec_request *req;
	int err = 0;

	spin_lock(&parsec_lock);
	worker = worker_find(sk, portid);
	req = worker ? sent_find(worker, answer->id) : NULL;
	if (!req) {
		spin_unlock(&parsec_lock);
		return -EPERM;
	}

	list_del(&req->node);
	worker->in_flight--;
	list_move(&worker->node, &worker->queue->workers);

	if (req->state != PARSEC_SENT) {
		err = -ENOENT;
	} else if (answer->len > parsec_max_response) {
		err = -EMSGSIZE;
		parsec_request_settle(req, PARSEC_ABORTED, -EIO);
	} else {
		req->reply = skb_get(answer->skb);
		req->reply_nlh = answer->nlh;
		req->reply_len = answer->len;
		req->status = answer->status;
		parsec_request_settle(req, PARSEC_DONE, 0);
	}

	dispatch(worker->queue);
	spin_unlock(&parsec_lock);

	parsec_request_put(req);
	return err;
}

/* Nobody serves the queue: its requests go to core, or end, as they like */
static void give_up(struct parsec_queue *queue)
{
	struct parsec_request *req;
	struct parsec_group *group;

	lockdep_assert_held(&parsec_lock);

	queue->grace = false;
	while (!list_empty(&queue->turns)) {
		group = list_first_entry(&queue->turns, struct parsec_group,
					 turn);
		req = list_first_entry(&group->requests, struct parsec_request,
				       node);
		dequeue(req);
		parsec_request_settle(req, PARSEC_NEW, 0);
		parsec_request_put(req);
	}
}

static void queue_work_fn(struct work_struct *work)
{
	struct parsec_queue *queue = container_of(to_delayed_work(work),
						  struct parsec_queue, work);

	spin_lock(&parsec_lock);
	if (!list_empty(&queue->workers))
		dispatch(queue);
	else if (queue->grace && time_before(jiffies, queue->grace_end))
		mod_delayed_work(system_wq, &queue->work,
				 queue->grace_end - jiffies);
	else
		give_up(queue);
	spin_unlock(&parsec_lock);
}

static struct parsec_queue *queue_new(u8 provider)
{
	struct parsec_queue *queue = kzalloc(sizeof(*queue), GFP_KERNEL);

	if (!queue)
		return NULL;
	INIT_LIST_HEAD(&queue->workers);
	INIT_LIST_HEAD(&queue->turns);
	INIT_DELAYED_WORK(&queue->work, queue_work_fn);
	queue->provider = provider;
	return queue;
}

/**
 * parsec_worker_new() - make a worker of a socket, owned by the current process
 * @sk: the socket
 * @portid: its port id
 *
 * Return: the worker, for parsec_worker_add() or parsec_worker_free(); NULL
 * without memory.
 */
struct parsec_worker *parsec_worker_new(struct sock *sk, u32 portid)
{
	struct parsec_worker *worker = kzalloc(sizeof(*worker), GFP_KERNEL);

	if (!worker)
		return NULL;
	INIT_LIST_HEAD(&worker->sent);
	worker->portid = portid;
	worker->owner = get_pid(task_tgid(current));
	sock_hold(sk);
	worker->sk = sk;
	return worker;
}

/**
 * parsec_worker_free() - free a worker that is not in use
 * @worker: the worker
 */
void parsec_worker_free(struct parsec_worker *worker)
{
	sock_put(worker->sk);
	put_pid(worker->owner);
	kfree(worker);
}

static int may_join(const struct parsec_worker *worker,
		    const struct parsec_queue *queue)
{
	const struct parsec_worker *other;

	if (worker_find(worker->sk, worker->portid))
		return -EALREADY;

	/* A dead socket is about to be released */
	list_for_each_entry(other, &queue->workers, node) {
		if (other->owner != worker->owner &&
		    !sock_flag(other->sk, SOCK_DEAD))
			return -EBUSY;
	}
	return 0;
}

/**
 * parsec_worker_add() - let a worker serve a provider
 * @worker: the worker, complete but for its queue; stays the caller's on error
 * @provider: provider id
 * @welcome: the answer to its registration, which goes into the socket before
 *	the first request; stays the caller's on error
 *
 * Return: 0; -EALREADY, the socket is a worker; -EBUSY, another process serves
 * the provider; -ENOBUFS, the socket's buffer is full; -ENOMEM.
 */
int parsec_worker_add(struct parsec_worker *worker, u8 provider,
		      struct sk_buff *welcome)
{
	struct parsec_queue *queue, *fresh = queue_new(provider);
	int err;

	if (!fresh)
		return -ENOMEM;

	spin_lock(&parsec_lock);
	queue = queues[provider] ?: fresh;
	err = may_join(worker, queue);
	if (!err && __sock_queue_rcv_skb(worker->sk, welcome))
		err = -ENOBUFS;
	if (!err) {
		if (queue == fresh) {
			queues[provider] = fresh;
			fresh = NULL;
		}
		worker->queue = queue;
		queue->grace = false;
		hash_add(workers, &worker->hash, worker->portid);
		list_add(&worker->node, &queue->workers);
		WRITE_ONCE(worker_count, worker_count + 1);
		dispatch(queue);
	}
	spin_unlock(&parsec_lock);

	kfree(fresh);
	return err;
}

/**
 * parsec_worker_known() - is this socket a worker's?
 * @sk: the socket
 * @portid: its port id
 *
 * Return: whether it is.
 */
bool parsec_worker_known(const struct sock *sk, u32 portid)
{
	bool known;

	spin_lock(&parsec_lock);
	known = worker_find(sk, portid);
	spin_unlock(&parsec_lock);
	return known;
}

/**
 * parsec_helper_connected() - does anybody serve anything?
 *
 * Return: whether a worker is registered.
 */
bool parsec_helper_connected(void)
{
	return READ_ONCE(worker_count);
}

/* What is still in the closed socket was never received, let alone run */
static void mark_unread(struct parsec_worker *worker)
{
	struct sk_buff_head *list = &worker->sk->sk_receive_queue;
	struct parsec_request *req;
	struct sk_buff *skb;
	unsigned long flags;

	spin_lock_irqsave(&list->lock, flags);
	skb_queue_walk(list, skb) {
		req = sent_find(worker, parsec_message_id(skb));
		if (req)
			req->unread = true;
	}
	spin_unlock_irqrestore(&list->lock, flags);
}

/* A request whose worker is gone */
static void bereave(struct parsec_worker *worker, struct parsec_request *req)
{
	if (req->state != PARSEC_SENT)
		return;

	if (!req->unread && ++req->deaths > 1)
		pr_warn_ratelimited("two hosts of provider %u ended with the same request, opcode %#x\n",
				    worker->queue->provider, req->opcode);

	if (req->unread ||
	    (req->deaths == 1 && test_bit(req->opcode, worker->replay)))
		parsec_request_settle(req, PARSEC_NEW, 0);
	else
		parsec_request_settle(req, PARSEC_ABORTED, -EIO);
}

/* The worker is gone; the caller frees it */
static void worker_end(struct parsec_worker *worker)
{
	struct parsec_queue *queue = worker->queue;
	struct parsec_request *req, *next;

	lockdep_assert_held(&parsec_lock);

	hash_del(&worker->hash);
	list_del(&worker->node);
	WRITE_ONCE(worker_count, worker_count - 1);

	mark_unread(worker);
	list_for_each_entry_safe(req, next, &worker->sent, node) {
		list_del(&req->node);
		bereave(worker, req);
		parsec_request_put(req);
	}

	if (!list_empty(&queue->workers)) {
		dispatch(queue);
		return;
	}
	queue->grace = true;
	queue->grace_end = jiffies +
			   msecs_to_jiffies(READ_ONCE(parsec_grace_ms));
	mod_delayed_work(system_wq, &queue->work,
			 queue->grace_end - jiffies);
}

/**
 * parsec_worker_released() - a socket was closed
 * @portid: its port id
 *
 * Another socket may have this port id by now, even as a worker; the one that
 * was closed is dead.
 */
void parsec_worker_released(u32 portid)
{
	struct parsec_worker *worker;
	struct hlist_node *next;
	HLIST_HEAD(ended);

	spin_lock(&parsec_lock);
	hash_for_each_possible_safe(workers, worker, next, hash, portid) {
		if (worker->portid != portid ||
		    !sock_flag(worker->sk, SOCK_DEAD))
			continue;
		worker_end(worker);
		hlist_add_head(&worker->hash, &ended);
	}
	spin_unlock(&parsec_lock);

	hlist_for_each_entry_safe(worker, next, &ended, hash)
		parsec_worker_free(worker);
}

static void queue_free(struct parsec_queue *queue)
{
	struct parsec_worker *worker, *next;
	LIST_HEAD(ended);

	spin_lock(&parsec_lock);
	list_for_each_entry_safe(worker, next, &queue->workers, node) {
		worker_end(worker);
		list_add(&worker->node, &ended);
	}
	spin_unlock(&parsec_lock);

	list_for_each_entry_safe(worker, next, &ended, node)
		parsec_worker_free(worker);
	cancel_delayed_work_sync(&queue->work);
	kfree(queue);
}

/**
 * parsec_queue_exit() - free queues and workers
 *
 * No file is open and nothing comes from a socket any more: what is left are
 * workers, idle or with parked requests.
 */
void parsec_queue_exit(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(queues); i++) {
		if (queues[i])
			queue_free(queues[i]);
	}
}
