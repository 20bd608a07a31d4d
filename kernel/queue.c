// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who is served when: one queue per provider, the accounts that take turns in
 * it, the worker that gets the next request.
 *
 * A request waits here, not in a socket, until a worker has a credit for it.
 * So a slow host delays only its own callers, no socket buffer overflows, and
 * turns go round the identities instead of the requests.
 *
 * Turns decide who gets the next worker that is done, not when that is. So one
 * account, however many threads it has, may not have all workers busy while
 * others use the queue: one credit stays free for them, and whoever has little
 * to do is served at once. While nobody else was there for a while the account
 * may have all of them, and the first request of another then waits for the
 * first worker that is done.
 *
 * All of this ends where a socket begins. A request that was sent to a worker
 * which is busy waits for that one, fair or not. A host therefore has one
 * credit in each socket if it serves each with a thread of its own; more are
 * for hosts that work on several requests of a socket at a time.
 */
#include <linux/jiffies.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include <net/sock.h>

#include "parsec.h"
#include "queue.h"
#include "trace.h"

/* Until another try when an idle worker's socket is full of something else */
#define RETRY_MS	100

DEFINE_SPINLOCK(parsec_lock);

/* A worker that is kept free for other accounts is kept for so long after two
 * of them have used the queue
 */
#define SHARED_MS	5000

/* Guarded by parsec_lock */
static struct parsec_queue *queues[U8_MAX + 1];

/* NEW -> QUEUED */
static void enqueue(struct parsec_request *req, struct parsec_group *group)
{
	lockdep_assert_held(&parsec_lock);

	refcount_inc(&req->ref);
	group->account->waiting++;
	group->queue->queued++;
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
	req->group->account->waiting--;
	req->group->queue->queued--;
	if (list_empty(&req->group->requests))
		parsec_group_leave(req->group);
}

/* Not by address: an account that is gone leaves it to another one, and comes
 * back at another one
 */
static void note_user(struct parsec_queue *queue,
		      const struct parsec_account *account)
{
	unsigned int userns = account->user_ns->ns.inum;

	if (likely(queue->used && queue->last_cgroup == account->cgroup &&
		   uid_eq(queue->last_uid, account->uid) &&
		   queue->last_userns == userns))
		return;
	if (queue->used)
		queue->shared_until = get_jiffies_64() +
				      msecs_to_jiffies(SHARED_MS);
	queue->used = true;
	queue->last_uid = account->uid;
	queue->last_userns = userns;
	queue->last_cgroup = account->cgroup;
}

static bool is_shared(const struct parsec_queue *queue)
{
	return time_before_eq64(get_jiffies_64(), queue->shared_until);
}

/* May it have one more in workers' hands? If not, it has one there, or answers
 * to collect.
 */
static bool may_run(const struct parsec_group *group)
{
	const struct parsec_account *account = group->account;
	const struct parsec_queue *queue = group->queue;

	if (!parsec_under(account->running, account->limits.running,
			  &parsec_max_running) ||
	    account->uncollected > parsec_max_response)
		return false;
	return group->running + 1 < queue->credits || !group->running ||
	       !is_shared(queue);
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
	struct parsec_group *group = req->group;

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
	group->running++;
	group->account->running++;
	group->queue->sent++;
	note_user(group->queue, group->account);
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

/**
 * parsec_queue_dispatch() - send what there are credits for
 * @queue: the queue
 *
 * One request of each account in turn.
 */
void parsec_queue_dispatch(struct parsec_queue *queue)
{
	struct parsec_worker *worker;
	struct parsec_request *req;
	struct parsec_group *group;

	lockdep_assert_held(&parsec_lock);

	while (!list_empty(&queue->turns)) {
		group = list_first_entry(&queue->turns, struct parsec_group,
					 turn);
		/* A reply to the account goes on from there, or a caller that
		 * collects one
		 */
		if (!may_run(group)) {
			parsec_group_hold(group);
			continue;
		}
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
	else if (!list_empty(&queue->held) && is_shared(queue))
		schedule_delayed_work(&queue->work,
				      queue->shared_until + 1 -
				      get_jiffies_64());
}

/**
 * parsec_queue_resume() - those that were passed over may perhaps run now
 * @queue: the queue, which the caller dispatches
 */
void parsec_queue_resume(struct parsec_queue *queue)
{
	lockdep_assert_held(&parsec_lock);

	while (!list_empty(&queue->held))
		parsec_group_resume(list_first_entry(&queue->held,
						     struct parsec_group,
						     turn));
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

	group = parsec_group_find(account, queue);
	if (!group && !fresh) {
		spin_unlock(&parsec_lock);
		fresh = kmalloc(sizeof(*fresh), PARSEC_GFP);
		if (!fresh)
			return -ENOMEM;
		spin_lock(&parsec_lock);
		goto again;
	}
	if (!group) {
		group = fresh;
		fresh = NULL;
		parsec_group_init(group, account, queue);
	}
	req->group = group;
	note_user(queue, account);

	if (list_empty(&queue->turns) && list_empty(&group->requests) &&
	    may_run(group)) {
		worker = pick_worker(queue, req->msg);
		if (worker && send(worker, req))
			goto unlock;
	}

	/* Not again for a request that was let in already */
	if (!req->admitted && !parsec_under(account->waiting,
					    account->limits.waiting,
					    &parsec_max_waiting)) {
		account->refused++;
		err = -EDQUOT;
		goto unlock;
	}
	enqueue(req, group);
	parsec_queue_dispatch(queue);
unlock:
	req->admitted = !err;
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
	if (req->state == PARSEC_SENT) {
		req->group->queue->parked++;
		req->group->queue->aborted++;
	}
	if (!settled) {
		req->error = error;
		WRITE_ONCE(req->state, PARSEC_ABORTED);
	}
	spin_unlock(&parsec_lock);

	if (queued)
		parsec_request_put(req);
	return !settled;
}

/* Nobody serves the queue: its requests go to core, or end, as they like */
static void give_up(struct parsec_queue *queue)
{
	struct parsec_request *req;
	struct parsec_group *group;

	lockdep_assert_held(&parsec_lock);

	queue->grace = false;
	parsec_queue_resume(queue);
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
	if (!list_empty(&queue->workers)) {
		parsec_queue_resume(queue);
		parsec_queue_dispatch(queue);
	} else if (queue->grace && time_before(jiffies, queue->grace_end)) {
		mod_delayed_work(system_wq, &queue->work,
				 queue->grace_end - jiffies);
	} else {
		give_up(queue);
	}
	spin_unlock(&parsec_lock);
}

/**
 * parsec_queue_obtain() - the queue of a provider
 * @provider: provider id
 *
 * Return: the queue, made if it is the first time; NULL without memory.
 */
struct parsec_queue *parsec_queue_obtain(u8 provider)
{
	struct parsec_queue *queue, *fresh;

	fresh = kzalloc(sizeof(*fresh), GFP_KERNEL);
	if (!fresh)
		return NULL;
	INIT_LIST_HEAD(&fresh->workers);
	INIT_LIST_HEAD(&fresh->retired);
	INIT_LIST_HEAD(&fresh->turns);
	INIT_LIST_HEAD(&fresh->held);
	fresh->shared_until = get_jiffies_64() - 1;
	INIT_DELAYED_WORK(&fresh->work, queue_work_fn);
	fresh->provider = provider;

	spin_lock(&parsec_lock);
	queue = queues[provider];
	if (!queue) {
		queue = fresh;
		fresh = NULL;
		queues[provider] = queue;
	}
	spin_unlock(&parsec_lock);

	kfree(fresh);
	return queue;
}

/**
 * parsec_queue_peek() - look at the queue of a provider
 * @provider: provider id
 *
 * Return: the queue, NULL if nobody ever wanted to serve the provider.
 */
const struct parsec_queue *parsec_queue_peek(u8 provider)
{
	lockdep_assert_held(&parsec_lock);

	return queues[provider];
}

/**
 * parsec_queue_start_grace() - the last worker of a queue vanished
 * @queue: the queue, whose requests wait for another for a while
 */
void parsec_queue_start_grace(struct parsec_queue *queue)
{
	unsigned long delay = msecs_to_jiffies(READ_ONCE(parsec_grace_ms));

	lockdep_assert_held(&parsec_lock);

	queue->grace = true;
	queue->grace_end = jiffies + delay;
	mod_delayed_work(system_wq, &queue->work, delay);
}

/**
 * parsec_queue_exit() - free the queues; there are no workers and no requests
 */
void parsec_queue_exit(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(queues); i++) {
		if (!queues[i])
			continue;
		cancel_delayed_work_sync(&queues[i]->work);
		kfree(queues[i]);
	}
}
