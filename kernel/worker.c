// SPDX-License-Identifier: GPL-2.0-only
/*
 * Provider hosts' sockets: how they come and go, what is in their hands, and
 * what becomes of it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hashtable.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include <net/sock.h>

#include "parsec.h"
#include "queue.h"

/* Both guarded by parsec_lock */
static DEFINE_HASHTABLE(workers, 6);		/* by port id */
static unsigned int worker_count;

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

/* The caller has the list's reference afterwards */
static void take_back(struct parsec_worker *worker, struct parsec_request *req)
{
	struct parsec_queue *queue = worker->queue;

	list_del(&req->node);
	worker->in_flight--;
	if (req->state != PARSEC_SENT)
		queue->parked--;
	if (!worker->retired)
		req->group->running--;
	parsec_group_release(req->group);
}

/* A reply to a request that this socket does not have */
static void count_stray(const struct parsec_worker *worker, u64 id)
{
	if (!worker)
		parsec_count(PARSEC_COUNT_REPLY_UNREGISTERED);
	else if (id && worker->answered == id)
		parsec_count(PARSEC_COUNT_REPLY_DUPLICATE);
	else
		parsec_count(PARSEC_COUNT_REPLY_FORGED);
}

/**
 * parsec_worker_answer() - a reply arrived
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
int parsec_worker_answer(const struct sock *sk, u32 portid,
			 const struct parsec_answer *answer)
{
	struct parsec_worker *worker;
	struct parsec_request *req;
	struct parsec_queue *queue;
	int err = 0;

	spin_lock(&parsec_lock);
	worker = worker_find(sk, portid);
	req = worker ? sent_find(worker, answer->id) : NULL;
	if (!req) {
		count_stray(worker, answer->id);
		spin_unlock(&parsec_lock);
		return -EPERM;
	}
	queue = worker->queue;

	worker->answered = answer->id;
	if (!worker->retired)
		list_move(&worker->node, &queue->workers);

	if (req->state != PARSEC_SENT) {
		err = -ENOENT;
		parsec_count(PARSEC_COUNT_REPLY_LATE);
		take_back(worker, req);
	} else if (answer->len > parsec_max_response) {
		err = -EMSGSIZE;
		parsec_count(PARSEC_COUNT_REPLY_OVERSIZED);
		queue->aborted++;
		take_back(worker, req);
		parsec_request_settle(req, PARSEC_ABORTED, -EIO);
	} else {
		req->reply = skb_get(answer->skb);
		req->reply_nlh = answer->nlh;
		req->reply_len = answer->len;
		req->status = answer->status;
		queue->done++;
		req->group->account->done++;
		req->group->account->uncollected +=
			parsec_reply_weight(answer->len);
		take_back(worker, req);
		parsec_request_settle(req, PARSEC_DONE, 0);
	}

	parsec_queue_dispatch(queue);
	spin_unlock(&parsec_lock);

	parsec_request_put(req);
	return err;
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
		if (other->owner != worker->owner && !worker->takeover &&
		    !sock_flag(other->sk, SOCK_DEAD))
			return -EBUSY;
	}
	return 0;
}

static void remove_credits(struct parsec_worker *worker)
{
	worker->queue->credits -= worker->credits;
	WRITE_ONCE(worker_count, worker_count - 1);
}

/* Nothing more is sent to the worker. What it has it may answer, and if it ends
 * instead it is as with any other.
 */
static void retire(struct parsec_worker *worker)
{
	struct parsec_request *req;

	lockdep_assert_held(&parsec_lock);

	remove_credits(worker);
	worker->retired = true;
	/* No credit of those that are left is used for them */
	list_for_each_entry(req, &worker->sent, node)
		req->group->running--;
	list_move_tail(&worker->node, &worker->queue->retired);
}

/* The workers of another process retire */
static void take_over(struct parsec_queue *queue, const struct pid *owner)
{
	struct parsec_worker *worker, *next;
	bool any = false;

	list_for_each_entry_safe(worker, next, &queue->workers, node) {
		if (worker->owner == owner)
			continue;
		retire(worker);
		any = true;
	}
	if (any)
		parsec_count(PARSEC_COUNT_TAKEN_OVER);
}

/**
 * parsec_worker_add() - let a worker serve a provider
 * @worker: the worker, complete but for its queue; stays the caller's on error
 * @provider: provider id
 * @welcome: the answer to its registration, which goes into the socket before
 *	the first request; stays the caller's on error
 *
 * If it takes the provider over, the workers of other processes retire.
 *
 * Return: 0; -EALREADY, the socket is a worker; -EBUSY, another process serves
 * the provider; -ENOBUFS, the socket's buffer is full; -ENOMEM.
 */
int parsec_worker_add(struct parsec_worker *worker, u8 provider,
		      struct sk_buff *welcome)
{
	struct parsec_queue *queue = parsec_queue_obtain(provider);
	int err;

	if (!queue)
		return -ENOMEM;

	spin_lock(&parsec_lock);
	err = may_join(worker, queue);
	if (!err && __sock_queue_rcv_skb(worker->sk, welcome))
		err = -ENOBUFS;
	if (!err) {
		if (worker->takeover)
			take_over(queue, worker->owner);
		worker->queue = queue;
		if (queue->grace)
			cancel_delayed_work(&queue->work);
		queue->grace = false;
		hash_add(workers, &worker->hash, worker->portid);
		list_add(&worker->node, &queue->workers);
		queue->credits += worker->credits;
		WRITE_ONCE(worker_count, worker_count + 1);
		parsec_count(PARSEC_COUNT_REGISTERED);
		parsec_queue_resume(queue);
		parsec_queue_dispatch(queue);
	}
	spin_unlock(&parsec_lock);
	return err;
}

/**
 * parsec_worker_retire() - a host is about to go
 * @sk: the socket that says so
 * @portid: its port id
 *
 * A host that just closes its socket loses no request that it has not received;
 * but one that receives for other reasons, while it works or for the answer to
 * a question, would have to take whatever comes with it.
 *
 * Return: whether the socket is a worker's.
 */
bool parsec_worker_retire(const struct sock *sk, u32 portid)
{
	struct parsec_worker *worker;

	spin_lock(&parsec_lock);
	worker = worker_find(sk, portid);
	if (worker && !worker->retired) {
		retire(worker);
		if (list_empty(&worker->queue->workers)) {
			parsec_queue_start_grace(worker->queue);
		} else {
			parsec_queue_resume(worker->queue);
			parsec_queue_dispatch(worker->queue);
		}
	}
	spin_unlock(&parsec_lock);
	return worker;
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
 * Return: whether a worker is registered that has not retired.
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

/* A request whose worker is gone; what becomes of it if a task waits for it */
static enum parsec_state bereave(const struct parsec_worker *worker,
				 struct parsec_request *req)
{
	if (req->unread)
		return PARSEC_NEW;
	if (++req->deaths > 1)
		pr_warn_ratelimited("two hosts of provider %u ended with the same request, opcode %#x\n",
				    worker->queue->provider, req->opcode);
	if (req->deaths > 1 || !test_bit(req->opcode, worker->replay))
		return PARSEC_ABORTED;
	parsec_count(PARSEC_COUNT_REPLAYED);
	return PARSEC_NEW;
}

static void lose(struct parsec_worker *worker, struct parsec_request *req)
{
	struct parsec_queue *queue = worker->queue;
	enum parsec_state state;

	if (req->state != PARSEC_SENT) {
		take_back(worker, req);
		return;
	}
	state = bereave(worker, req);
	if (state == PARSEC_NEW)
		queue->returned++;
	else
		queue->aborted++;
	take_back(worker, req);
	parsec_request_settle(req, state, state == PARSEC_NEW ? 0 : -EIO);
}

/* The worker is gone; the caller frees it */
static void worker_end(struct parsec_worker *worker)
{
	struct parsec_queue *queue = worker->queue;
	struct parsec_request *req, *next;

	lockdep_assert_held(&parsec_lock);

	hash_del(&worker->hash);
	list_del(&worker->node);
	if (!worker->retired)
		remove_credits(worker);

	mark_unread(worker);
	list_for_each_entry_safe(req, next, &worker->sent, node) {
		lose(worker, req);
		parsec_request_put(req);
	}

	/* One that retired was still the provider's until now */
	if (!list_empty(&queue->workers))
		parsec_queue_dispatch(queue);
	else if (!worker->retired || queue->grace)
		parsec_queue_start_grace(queue);
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

/**
 * parsec_worker_exit() - free the workers
 *
 * No file is open and nothing comes from a socket any more: what is left are
 * workers, idle or with parked requests.
 */
void parsec_worker_exit(void)
{
	struct parsec_worker *worker;
	struct hlist_node *next;
	int bucket;

	hash_for_each_safe(workers, bucket, next, worker, hash) {
		spin_lock(&parsec_lock);
		worker_end(worker);
		spin_unlock(&parsec_lock);
		parsec_worker_free(worker);
	}
}
