// SPDX-License-Identifier: GPL-2.0-only
/*
 * One request's life, as the task sees it that asked: build the message, hand
 * it to a queue, wait, take the answer or leave.
 */
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "parsec.h"
#include "trace.h"

static struct kmem_cache *requests;

static struct parsec_request *request_new(struct parsec_session *session,
					  const struct parsec_call *call)
{
	struct parsec_request *req;

	req = kmem_cache_zalloc(requests, PARSEC_GFP);
	if (!req)
		return NULL;

	refcount_set(&req->ref, 1);
	rcuwait_init(&req->wait);
	req->session = session;
	req->provider = call->provider;
	req->opcode = call->opcode;
	if (call->timeout_ms)
		req->deadline = ktime_get_ns() +
				(u64)call->timeout_ms * NSEC_PER_MSEC;
	return req;
}

/**
 * parsec_request_put() - drop a reference on a request
 * @req: the request
 */
void parsec_request_put(struct parsec_request *req)
{
	if (!refcount_dec_and_test(&req->ref))
		return;
	parsec_message_free(req->msg);
	kmem_cache_free(requests, req);
}

/**
 * parsec_request_settle() - give a request back to the task that waits for it
 * @req: a request in state QUEUED or SENT, in no list any more
 * @state: DONE with the answer filled in, ABORTED, or NEW to be submitted again
 * @error: negative errno if ABORTED, else 0
 *
 * The only way out of a wait other than the waiting task's own; parsec_lock
 * makes it happen once. The caller still has the list's reference, because the
 * task may be gone as soon as it sees the state.
 */
void parsec_request_settle(struct parsec_request *req, enum parsec_state state,
			   int error)
{
	lockdep_assert_held(&parsec_lock);

	req->error = error;
	/* Pairs with smp_load_acquire() in settled() */
	smp_store_release(&req->state, state);
	rcuwait_wake_up(&req->wait);
}

static bool settled(struct parsec_request *req)
{
	/* Pairs with smp_store_release() in parsec_request_settle() */
	u8 state = smp_load_acquire(&req->state);

	return state != PARSEC_QUEUED && state != PARSEC_SENT;
}

/* Killable, so that nobody hangs for good; freezable, so that a suspend does
 * not have to wait for a host that is frozen already.
 */
static int wait_settled(struct parsec_request *req)
{
	ktime_t expires = ns_to_ktime(req->deadline);
	int err = 0;

	prepare_to_rcuwait(&req->wait);
	for (;;) {
		set_current_state(TASK_KILLABLE | TASK_FREEZABLE);
		if (settled(req))
			break;
		if (fatal_signal_pending(current)) {
			err = -EINTR;
			break;
		}
		if (!schedule_hrtimeout(req->deadline ? &expires : NULL,
					HRTIMER_MODE_ABS)) {
			err = -ETIMEDOUT;
			break;
		}
	}
	finish_rcuwait(&req->wait);

	/* An answer that came at the last moment counts */
	if (err && !parsec_queue_withdraw(req, err))
		err = 0;
	return err;
}

/* Until the request is DONE or ABORTED: 0 or the negative errno of the latter */
static int carry(struct parsec_request *req, const struct parsec_call *call)
{
	int err;

	do {
		/* Perhaps the time that a dead host took was too much */
		if (fatal_signal_pending(current))
			return -EINTR;
		if (req->deadline && ktime_get_ns() >= req->deadline)
			return -ETIMEDOUT;

		/* Kept if it was never sent. A second copy is made from the
		 * caller's memory, so that nobody has to keep the first.
		 */
		if (!req->msg) {
			req->msg = parsec_message_new(req, call->in,
						      call->in_len);
			if (IS_ERR(req->msg)) {
				err = PTR_ERR(req->msg);
				req->msg = NULL;
				return err;
			}
		}
		trace_request_submit(req, call->in_len);

		err = parsec_queue_submit(req);
		if (!err)
			err = wait_settled(req);
		if (err)
			return err;
	} while (req->state == PARSEC_NEW);

	return req->error;
}

/* Those that say something about the service or about who is too greedy */
static void count_error(int err)
{
	switch (err) {
	case -ENOTCONN:
		parsec_count(PARSEC_COUNT_ENOTCONN);
		break;
	case -EDQUOT:
		parsec_count(PARSEC_COUNT_EDQUOT);
		break;
	case -ETIMEDOUT:
		parsec_count(PARSEC_COUNT_ETIMEDOUT);
		break;
	case -EIO:
		parsec_count(PARSEC_COUNT_EIO);
		break;
	case -EINTR:
		parsec_count(PARSEC_COUNT_EINTR);
		break;
	case -EOVERFLOW:
		parsec_count(PARSEC_COUNT_EOVERFLOW);
		break;
	case -ENOMEM:
		parsec_count(PARSEC_COUNT_ENOMEM);
		break;
	}
}

static int copy_if_there(const struct parsec_request *req, void __user *to)
{
	int err;

	pagefault_disable();
	err = parsec_reply_to_user(req->reply_nlh, to);
	pagefault_enable();
	return err;
}

/* Writing to the caller's memory may take as long as the caller likes: it can be
 * a mapping of a file system of its own. An answer must not be kept so long in
 * memory that nobody pays for. So the caller pays for a copy, unless what is
 * written to is there already, or the answer is small.
 */
static int take_answer(struct parsec_request *req, void __user *to, u32 room)
{
	u32 weight = parsec_reply_weight(req->reply_len);
	void *copy = NULL;
	int err = 0;

	if (req->reply_len > room) {
		err = -EOVERFLOW;
	} else if (!weight) {
		err = parsec_reply_to_user(req->reply_nlh, to);
	} else if (copy_if_there(req, to)) {
		copy = parsec_reply_dup(req->reply_nlh, req->reply_len);
		if (!copy)
			err = -ENOMEM;
	}
	parsec_reply_free(req->reply, req->reply_nlh);
	if (weight)
		parsec_account_collected(req->session->account, weight);

	if (copy && copy_to_user(to, copy, req->reply_len))
		err = -EFAULT;
	kvfree_sensitive(copy, req->reply_len);
	return err;
}

/**
 * parsec_request_run() - carry one operation to a host and the answer back
 * @session: who asks
 * @call: what for; status and out_len are set on 0 and -EOVERFLOW
 *
 * Return: 0 with the answer at @call->out;
 * -EOVERFLOW, the answer is longer than @call->out_len was;
 * -ENOTCONN, nobody serves it nor did within the grace period;
 * -EDQUOT, the identity has as many requests waiting as it may have;
 * -ETIMEDOUT, the time is over;
 * -EINTR, the task is being killed;
 * -EIO, the host died with it or its answer is too long;
 * -EFAULT, a body is not in the caller's memory;
 * -ENOMEM.
 * The last two also when the answer is there and cannot be handed over.
 */
int parsec_request_run(struct parsec_session *session, struct parsec_call *call)
{
	struct parsec_request *req;
	u32 room = call->out_len;
	int err;

	req = request_new(session, call);
	if (!req) {
		count_error(-ENOMEM);
		return -ENOMEM;
	}

	atomic_inc(&session->in_flight);
	err = carry(req, call);
	if (err) {
		trace_request_abort(req, err);
	} else {
		trace_request_done(req);
		call->status = req->status;
		call->out_len = req->reply_len;
		err = take_answer(req, call->out, room);
	}
	if (err)
		count_error(err);
	atomic_dec(&session->in_flight);
	atomic_long_inc(&session->done);

	parsec_request_put(req);
	return err;
}

/**
 * parsec_request_init() - make the cache of requests
 *
 * Return: 0 or -ENOMEM.
 */
int parsec_request_init(void)
{
	requests = KMEM_CACHE(parsec_request, SLAB_ACCOUNT);
	return requests ? 0 : -ENOMEM;
}

/**
 * parsec_request_exit() - free the cache of requests; none is left
 */
void parsec_request_exit(void)
{
	kmem_cache_destroy(requests);
}
