// SPDX-License-Identifier: GPL-2.0-only
/*
 * Applications and hosts that exist only inside the kernel, for unit tests.
 *
 * A host is a real netlink socket that nobody reads; the tests take out of its
 * receive queue what would have gone to a process.
 */
#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/net.h>
#include <linux/pid_namespace.h>
#include <linux/skbuff.h>

#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "fake_kunit.h"
#include "genl.h"

/* Above what netlink itself gives to processes or to sockets that have none */
#define FIRST_PORTID	0xfffe0000U

/**
 * fake_init() - for struct kunit_suite.init
 * @test: the test case
 *
 * Return: 0 or -ENOMEM.
 */
int fake_init(struct kunit *test)
{
	struct fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);

	if (!fake)
		return -ENOMEM;
	fake->max_waiting = parsec_max_waiting;
	fake->max_response = parsec_max_response;
	fake->grace_ms = parsec_grace_ms;
	/* A test that is not about it does not wait for it either */
	WRITE_ONCE(parsec_grace_ms, 0);
	test->priv = fake;
	return 0;
}

/**
 * fake_session() - an open file
 * @test: the test case
 * @uid: of whom; each has an account of its own
 *
 * Return: the session.
 */
struct parsec_session *fake_session(struct kunit *test, uid_t uid)
{
	struct fake *fake = test->priv;
	struct parsec_session *session;
	struct cred *cred;

	KUNIT_ASSERT_LT(test, fake->session_count, FAKE_SESSIONS);
	session = &fake->sessions[fake->session_count];

	cred = prepare_creds();
	KUNIT_ASSERT_NOT_NULL(test, cred);
	cred->euid = KUIDT_INIT(uid);
	session->identity.cred = cred;
	if (parsec_account_get(&session->identity, &session->account)) {
		put_cred(cred);
		KUNIT_FAIL(test, "no account");
		return NULL;
	}
	refcount_set(&session->ref, 1);
	session->number = 1000000 + uid;
	fake->session_count++;
	return session;
}

/**
 * fake_leave() - close the file that was opened last
 * @test: the test case; all requests of the file are answered
 */
void fake_leave(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct parsec_session *session;

	session = &fake->sessions[--fake->session_count];
	parsec_account_put(session->account);
	put_cred(session->identity.cred);
}

/**
 * fake_message() - give a request in state NEW its message, and with it an id
 * @test: the test case
 * @req: the request
 */
void fake_message(struct kunit *test, struct parsec_request *req)
{
	struct sk_buff *msg = parsec_message_new(req, NULL, 0);

	KUNIT_ASSERT_FALSE(test, IS_ERR(msg));
	req->msg = msg;
}

/**
 * fake_request() - a request in state NEW, ready for parsec_queue_submit()
 * @test: the test case
 * @session: who asks FAKE_PROVIDER
 * @opcode: what for
 *
 * Return: the request.
 */
struct parsec_request *fake_request(struct kunit *test,
				    struct parsec_session *session, u8 opcode)
{
	struct fake *fake = test->priv;
	struct parsec_request *req;

	KUNIT_ASSERT_NOT_NULL(test, session);
	KUNIT_ASSERT_LT(test, fake->request_count, FAKE_REQUESTS);
	req = kunit_kzalloc(test, sizeof(*req), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, req);

	/* The waiting task's, which is never dropped: this is not of the cache */
	refcount_set(&req->ref, 1);
	rcuwait_init(&req->wait);
	req->session = session;
	req->provider = FAKE_PROVIDER;
	req->opcode = opcode;
	fake->requests[fake->request_count++] = req;
	fake_message(test, req);
	return req;
}

/**
 * fake_worker_try() - register a socket of the current task
 * @test: the test case
 * @provider: what it serves
 * @credits: how much it takes
 * @to: the worker, if it was let in
 *
 * Return: what parsec_worker_add() says.
 */
int fake_worker_try(struct kunit *test, u8 provider, u32 credits,
		    struct parsec_worker **to)
{
	struct fake *fake = test->priv;
	struct parsec_worker *worker;
	struct sk_buff *welcome;
	struct socket *sock;
	unsigned int nr = fake->worker_count;
	int err;

	KUNIT_ASSERT_LT(test, nr, FAKE_WORKERS);
	err = sock_create_kern(&init_net, AF_NETLINK, SOCK_RAW, NETLINK_GENERIC,
			       &sock);
	KUNIT_ASSERT_EQ(test, err, 0);

	worker = parsec_worker_new(sock->sk, FIRST_PORTID + nr);
	welcome = alloc_skb(NLMSG_HDRLEN, GFP_KERNEL);
	if (!worker || !welcome) {
		err = -ENOMEM;
	} else {
		skb_put_zero(welcome, NLMSG_HDRLEN);
		worker->credits = credits;
		err = parsec_worker_add(worker, provider, welcome);
	}
	if (err) {
		kfree_skb(welcome);
		if (worker)
			parsec_worker_free(worker);
		sock_release(sock);
		return err;
	}

	/* The first message is the answer to the registration */
	consume_skb(skb_dequeue(&sock->sk->sk_receive_queue));
	fake->workers[nr] = worker;
	fake->sockets[nr] = sock;
	fake->worker_count++;
	*to = worker;
	return 0;
}

/**
 * fake_worker() - a host's socket
 * @test: the test case
 * @provider: what it serves
 * @credits: how much it takes
 *
 * Return: the worker.
 */
struct parsec_worker *fake_worker(struct kunit *test, u8 provider, u32 credits)
{
	struct parsec_worker *worker = NULL;

	KUNIT_ASSERT_EQ(test, fake_worker_try(test, provider, credits, &worker),
			0);
	return worker;
}

/**
 * fake_close() - the host closes its socket, or dies
 * @test: the test case
 * @worker: the worker, gone afterwards; or NULL
 */
void fake_close(struct kunit *test, struct parsec_worker *worker)
{
	struct fake *fake = test->priv;
	unsigned int i;

	for (i = 0; worker && i < fake->worker_count; i++) {
		if (fake->workers[i] != worker)
			continue;
		fake->workers[i] = NULL;
		sock_set_flag(fake->sockets[i]->sk, SOCK_DEAD);
		parsec_worker_released(FIRST_PORTID + i);
		sock_release(fake->sockets[i]);
		return;
	}
}

/**
 * fake_receive() - the host takes the next message out of its socket
 * @worker: the host
 *
 * Return: id of the request, 0 if there was none.
 */
u64 fake_receive(struct parsec_worker *worker)
{
	struct sk_buff *skb = skb_dequeue(&worker->sk->sk_receive_queue);
	u64 id;

	if (!skb)
		return 0;
	id = parsec_message_id(skb);
	consume_skb(skb);
	return id;
}

/**
 * fake_answer_long() - the host replies
 * @worker: the host
 * @id: to which request
 * @status: with what
 * @len: bytes of body
 *
 * Return: what parsec_worker_answer() says, -ENOMEM.
 */
int fake_answer_long(struct parsec_worker *worker, u64 id, u16 status, u32 len)
{
	struct parsec_answer answer = { .id = id, .len = len, .status = status };
	int err;

	answer.skb = genlmsg_new(nla_total_size(len), GFP_KERNEL);
	if (!answer.skb)
		return -ENOMEM;
	answer.nlh = nlmsg_hdr(answer.skb);
	genlmsg_put(answer.skb, 0, 0, &parsec_family, 0, 0);
	if (len)
		memset(nla_data(nla_reserve(answer.skb, PARSEC_A_BODY, len)), 0, len);
	nlmsg_hdr(answer.skb)->nlmsg_len = answer.skb->len;

	err = parsec_worker_answer(worker->sk, worker->portid, &answer);
	consume_skb(answer.skb);
	return err;
}

/**
 * fake_answer() - the host replies with success and no body
 * @worker: the host
 * @id: to which request
 *
 * Return: what parsec_worker_answer() says, -ENOMEM.
 */
int fake_answer(struct parsec_worker *worker, u64 id)
{
	return fake_answer_long(worker, id, 0, 0);
}

/* The next test begins without what this one left of a grace period, and with
 * a provider that nobody shared lately.
 */
static void forget(struct kunit *test, u8 provider)
{
	struct parsec_worker *worker;
	struct parsec_queue *queue;

	if (fake_worker_try(test, provider, 1, &worker))
		return;
	queue = worker->queue;
	fake_close(test, worker);
	flush_delayed_work(&queue->work);
	spin_lock(&parsec_lock);
	queue->used = false;
	queue->shared_until = get_jiffies_64() - 1;
	spin_unlock(&parsec_lock);
}

/**
 * fake_exit() - for struct kunit_suite.exit
 * @test: the test case
 */
void fake_exit(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct parsec_request *req;
	unsigned int i;

	if (!fake)
		return;
	for (i = 0; i < fake->request_count; i++)
		parsec_queue_withdraw(fake->requests[i], -EINTR);
	WRITE_ONCE(parsec_grace_ms, 0);
	for (i = 0; i < fake->worker_count; i++)
		fake_close(test, fake->workers[i]);
	fake->worker_count = 0;
	forget(test, 0);
	forget(test, FAKE_PROVIDER);
	forget(test, FAKE_OTHER);
	for (i = 0; i < fake->request_count; i++) {
		req = fake->requests[i];
		if (req->reply)
			parsec_reply_free(req->reply, req->reply_nlh);
		parsec_message_free(req->msg);
	}
	while (fake->session_count)
		fake_leave(test);
	WRITE_ONCE(parsec_max_waiting, fake->max_waiting);
	WRITE_ONCE(parsec_grace_ms, fake->grace_ms);
	parsec_max_response = fake->max_response;
}

/**
 * fake_wait() - until something is so
 * @is_so: asked again and again
 * @arg: for @is_so
 *
 * Return: whether it came to be so within ten seconds.
 */
bool fake_wait(bool (*is_so)(const void *arg), const void *arg)
{
	unsigned long end = jiffies + 10 * HZ;

	while (!is_so(arg)) {
		if (time_after(jiffies, end))
			return false;
		usleep_range(500, 1000);
	}
	return true;
}
