// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who serves, and what becomes of what is in their hands.
 */
#include <linux/kthread.h>

#include <net/sock.h>

#include "fake_kunit.h"

#define ALICE	1000

/* Submit one that goes straight to a worker */
static struct parsec_request *sent(struct kunit *test,
				   struct parsec_session *session, u8 opcode)
{
	struct parsec_request *req = fake_request(test, session, opcode);

	KUNIT_ASSERT_EQ(test, parsec_queue_submit(req), 0);
	KUNIT_ASSERT_EQ(test, req->state, PARSEC_SENT);
	return req;
}

static void an_answer_settles_the_request(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 4);
	struct parsec_session *alice = fake_session(test, ALICE);
	struct parsec_request *req = sent(test, alice, 1);

	KUNIT_EXPECT_EQ(test, fake_answer_long(worker, req->id, 1135, 77), 0);
	KUNIT_EXPECT_EQ(test, req->state, PARSEC_DONE);
	KUNIT_EXPECT_EQ(test, req->status, 1135);
	KUNIT_EXPECT_EQ(test, req->reply_len, 77);
	KUNIT_EXPECT_NOT_NULL(test, req->reply);
	KUNIT_EXPECT_EQ(test, worker->in_flight, 0);
	KUNIT_EXPECT_EQ(test, refcount_read(&req->ref), 1);
}

static void only_who_has_a_request_can_answer_it(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 4);
	struct parsec_worker *other = fake_worker(test, FAKE_OTHER, 4);
	struct parsec_session *alice = fake_session(test, ALICE);
	struct parsec_request *req = sent(test, alice, 1);
	struct parsec_answer answer = { .id = req->id };

	KUNIT_EXPECT_EQ(test, fake_answer(other, req->id), -EPERM);
	KUNIT_EXPECT_EQ(test, fake_answer(worker, req->id + 1), -EPERM);
	KUNIT_EXPECT_EQ(test, fake_answer(worker, 0), -EPERM);
	/* The right port id with a wrong socket, and the other way round */
	KUNIT_EXPECT_EQ(test, parsec_worker_answer(other->sk, worker->portid,
						   &answer), -EPERM);
	KUNIT_EXPECT_EQ(test, parsec_worker_answer(worker->sk, other->portid,
						   &answer), -EPERM);
	KUNIT_EXPECT_EQ(test, req->state, PARSEC_SENT);
	KUNIT_EXPECT_EQ(test, worker->in_flight, 1);

	KUNIT_EXPECT_EQ(test, fake_answer(worker, req->id), 0);
	KUNIT_EXPECT_EQ(test, fake_answer(worker, req->id), -EPERM);
	KUNIT_EXPECT_EQ(test, worker->in_flight, 0);
}

static void an_answer_that_is_too_long_ends_the_request(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 4);
	struct parsec_session *alice = fake_session(test, ALICE);
	struct parsec_request *req = sent(test, alice, 1);

	parsec_max_response = 1024;
	KUNIT_EXPECT_EQ(test, fake_answer_long(worker, req->id, 0, 1025),
			-EMSGSIZE);
	KUNIT_EXPECT_EQ(test, req->state, PARSEC_ABORTED);
	KUNIT_EXPECT_EQ(test, req->error, -EIO);
	KUNIT_EXPECT_NULL(test, req->reply);
	KUNIT_EXPECT_EQ(test, worker->in_flight, 0);

	req = sent(test, alice, 1);
	KUNIT_EXPECT_EQ(test, fake_answer_long(worker, req->id, 0, 1024), 0);
}

static void an_idle_worker_is_preferred_the_last_used_first(struct kunit *test)
{
	struct parsec_worker *one = fake_worker(test, FAKE_PROVIDER, 4);
	struct parsec_worker *two = fake_worker(test, FAKE_PROVIDER, 4);
	struct parsec_session *alice = fake_session(test, ALICE);
	struct parsec_request *req;

	req = sent(test, alice, 1);
	KUNIT_EXPECT_EQ(test, two->in_flight, 1);
	KUNIT_EXPECT_EQ(test, fake_answer(two, req->id), 0);
	sent(test, alice, 1);
	KUNIT_EXPECT_EQ(test, two->in_flight, 1);
	req = sent(test, alice, 1);
	KUNIT_EXPECT_EQ(test, one->in_flight, 1);
	KUNIT_EXPECT_EQ(test, fake_answer(one, req->id), 0);
	sent(test, alice, 1);
	KUNIT_EXPECT_EQ(test, one->in_flight, 1);
}

static void else_the_one_with_the_fewest_requests(struct kunit *test)
{
	struct parsec_worker *one = fake_worker(test, FAKE_PROVIDER, 4);
	struct parsec_worker *two = fake_worker(test, FAKE_PROVIDER, 2);
	struct parsec_session *alice = fake_session(test, ALICE);
	struct parsec_request *req;
	int i;

	for (i = 0; i < 4; i++)
		sent(test, alice, 1);
	KUNIT_EXPECT_EQ(test, one->in_flight, 2);
	KUNIT_EXPECT_EQ(test, two->in_flight, 2);
	req = list_first_entry(&one->sent, struct parsec_request, node);
	KUNIT_EXPECT_EQ(test, fake_answer(one, req->id), 0);
	sent(test, alice, 1);
	sent(test, alice, 1);
	sent(test, alice, 1);
	KUNIT_EXPECT_EQ(test, one->in_flight, 4);
}

/* What the dead host had not read can go to the next, whatever it is */
static void what_a_dead_host_never_read_is_given_back(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 4);
	struct parsec_session *alice = fake_session(test, ALICE);
	struct parsec_request *req = sent(test, alice, 1);
	u64 id = req->id;
	int i;

	for (i = 0; i < 3; i++) {
		fake_close(test, worker);
		KUNIT_ASSERT_EQ(test, req->state, PARSEC_NEW);
		KUNIT_EXPECT_EQ(test, req->deaths, 0);
		KUNIT_EXPECT_EQ(test, refcount_read(&req->ref), 1);
		worker = fake_worker(test, FAKE_PROVIDER, 4);
		fake_message(test, req);
		KUNIT_EXPECT_NE(test, req->id, id);
		KUNIT_ASSERT_EQ(test, parsec_queue_submit(req), 0);
	}
	KUNIT_EXPECT_EQ(test, fake_answer(worker, id), -EPERM);
	KUNIT_EXPECT_EQ(test, fake_answer(worker, req->id), 0);
}

static void what_a_dead_host_read_ends_with_it(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 4);
	struct parsec_session *alice = fake_session(test, ALICE);
	struct parsec_request *req = sent(test, alice, 1);

	KUNIT_EXPECT_EQ(test, fake_receive(worker), req->id);
	fake_close(test, worker);
	KUNIT_EXPECT_EQ(test, req->state, PARSEC_ABORTED);
	KUNIT_EXPECT_EQ(test, req->error, -EIO);
	KUNIT_EXPECT_EQ(test, refcount_read(&req->ref), 1);
}

/* But for what may run twice; three times is too much */
static void what_may_run_twice_runs_twice_and_no_more(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 4);
	struct parsec_session *alice = fake_session(test, ALICE);
	struct parsec_request *may, *may_not;

	__set_bit(7, worker->replay);
	may = sent(test, alice, 7);
	may_not = sent(test, alice, 8);
	fake_receive(worker);
	fake_receive(worker);
	fake_close(test, worker);
	KUNIT_EXPECT_EQ(test, may->state, PARSEC_NEW);
	KUNIT_EXPECT_EQ(test, may->deaths, 1);
	KUNIT_EXPECT_EQ(test, may_not->state, PARSEC_ABORTED);
	KUNIT_EXPECT_EQ(test, may_not->error, -EIO);

	worker = fake_worker(test, FAKE_PROVIDER, 4);
	__set_bit(7, worker->replay);
	fake_message(test, may);
	KUNIT_ASSERT_EQ(test, parsec_queue_submit(may), 0);
	fake_receive(worker);
	fake_close(test, worker);
	KUNIT_EXPECT_EQ(test, may->state, PARSEC_ABORTED);
	KUNIT_EXPECT_EQ(test, may->error, -EIO);
}

static void who_left_before_the_host_died_hears_nothing(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 4);
	struct parsec_session *alice = fake_session(test, ALICE);
	struct parsec_request *req = sent(test, alice, 1);

	fake_receive(worker);
	KUNIT_EXPECT_TRUE(test, parsec_queue_withdraw(req, -ETIMEDOUT));
	fake_close(test, worker);
	KUNIT_EXPECT_EQ(test, req->state, PARSEC_ABORTED);
	KUNIT_EXPECT_EQ(test, req->error, -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, refcount_read(&req->ref), 1);
}

/* The others of the same process go on */
static void the_rest_of_a_host_goes_on(struct kunit *test)
{
	struct parsec_worker *one = fake_worker(test, FAKE_PROVIDER, 1);
	struct parsec_worker *two = fake_worker(test, FAKE_PROVIDER, 1);
	struct parsec_session *alice = fake_session(test, ALICE);
	struct parsec_request *lost, *kept, *queued;

	lost = sent(test, alice, 1);
	kept = sent(test, alice, 1);
	queued = fake_request(test, alice, 1);
	KUNIT_ASSERT_EQ(test, parsec_queue_submit(queued), 0);
	KUNIT_EXPECT_EQ(test, fake_receive(two), lost->id);
	fake_close(test, two);
	KUNIT_EXPECT_EQ(test, lost->error, -EIO);
	KUNIT_EXPECT_EQ(test, queued->state, PARSEC_QUEUED);
	KUNIT_EXPECT_EQ(test, fake_answer(one, kept->id), 0);
	KUNIT_EXPECT_EQ(test, queued->state, PARSEC_SENT);
}

static void a_socket_registers_once(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 1);
	struct sk_buff *welcome = alloc_skb(NLMSG_HDRLEN, GFP_KERNEL);
	struct parsec_worker *again;

	KUNIT_ASSERT_NOT_NULL(test, welcome);
	KUNIT_EXPECT_TRUE(test, parsec_worker_known(worker->sk, worker->portid));
	KUNIT_EXPECT_FALSE(test, parsec_worker_known(worker->sk,
						     worker->portid + 1));
	again = parsec_worker_new(worker->sk, worker->portid);
	KUNIT_ASSERT_NOT_NULL(test, again);
	KUNIT_EXPECT_EQ(test, parsec_worker_add(again, FAKE_OTHER, welcome),
			-EALREADY);
	parsec_worker_free(again);
	kfree_skb(welcome);
}

/* A registration by another process */
struct attempt {
	struct kunit *test;
	struct completion over;
	int result;
};

static int attempt(void *arg)
{
	struct attempt *a = arg;
	struct parsec_worker *worker;

	a->result = fake_worker_try(a->test, FAKE_PROVIDER, 1, &worker);
	complete(&a->over);
	return 0;
}

static int from_another_process(struct kunit *test)
{
	struct attempt *a = kunit_kzalloc(test, sizeof(*a), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, a);
	a->test = test;
	init_completion(&a->over);
	KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(attempt, a, "parsec-host")));
	wait_for_completion(&a->over);
	return a->result;
}

static void one_process_serves_a_provider(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 1);

	KUNIT_EXPECT_EQ(test, from_another_process(test), -EBUSY);
	/* One that is as good as closed is no obstacle */
	sock_set_flag(worker->sk, SOCK_DEAD);
	KUNIT_EXPECT_EQ(test, from_another_process(test), 0);
}

static void a_socket_without_room_is_tried_again(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 4);
	struct parsec_session *alice = fake_session(test, ALICE);
	struct parsec_request *req = fake_request(test, alice, 1);
	int size = worker->sk->sk_rcvbuf;
	struct sk_buff *junk;

	/* Somebody else's messages fill it, and none of ours is under way */
	WRITE_ONCE(worker->sk->sk_rcvbuf, 1);
	junk = alloc_skb(64, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, junk);
	skb_set_owner_r(junk, worker->sk);
	KUNIT_EXPECT_EQ(test, parsec_queue_submit(req), 0);
	KUNIT_EXPECT_EQ(test, req->state, PARSEC_QUEUED);

	kfree_skb(junk);
	WRITE_ONCE(worker->sk->sk_rcvbuf, size);
	flush_delayed_work(&worker->queue->work);
	KUNIT_EXPECT_EQ(test, req->state, PARSEC_SENT);
}

static struct kunit_case worker_cases[] = {
	KUNIT_CASE(an_answer_settles_the_request),
	KUNIT_CASE(only_who_has_a_request_can_answer_it),
	KUNIT_CASE(an_answer_that_is_too_long_ends_the_request),
	KUNIT_CASE(an_idle_worker_is_preferred_the_last_used_first),
	KUNIT_CASE(else_the_one_with_the_fewest_requests),
	KUNIT_CASE(what_a_dead_host_never_read_is_given_back),
	KUNIT_CASE(what_a_dead_host_read_ends_with_it),
	KUNIT_CASE(what_may_run_twice_runs_twice_and_no_more),
	KUNIT_CASE(who_left_before_the_host_died_hears_nothing),
	KUNIT_CASE(the_rest_of_a_host_goes_on),
	KUNIT_CASE(a_socket_registers_once),
	KUNIT_CASE(one_process_serves_a_provider),
	KUNIT_CASE(a_socket_without_room_is_tried_again),
	{}
};

static struct kunit_suite worker_suite = {
	.name = "parsec_worker",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = worker_cases,
};

kunit_test_suite(worker_suite);
