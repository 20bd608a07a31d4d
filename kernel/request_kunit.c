// SPDX-License-Identifier: GPL-2.0-only
/*
 * One request's life, as the task sees it that asked: here that is a kernel
 * thread, and the test plays the host.
 */
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>
#include <linux/skbuff.h>

#include <net/sock.h>

#include "fake_kunit.h"

#define ALICE	1000

/* How long a test waits to see that something does not happen */
#define NEVER_MS	50

/**
 * struct asker - a task that makes one request
 * @call: what it asks, and what it gets
 * @session: its file
 * @task: itself, with a reference
 * @over: it is done
 * @result: of parsec_request_run()
 */
struct asker {
	struct parsec_call call;
	struct parsec_session *session;
	struct task_struct *task;
	struct completion over;
	int result;
};

static int ask(void *arg)
{
	struct asker *asker = arg;

	allow_signal(SIGKILL);
	asker->result = parsec_request_run(asker->session, &asker->call);
	complete(&asker->over);
	return 0;
}

static struct asker *start(struct kunit *test, struct parsec_session *session,
			   u8 opcode, u32 timeout_ms)
{
	struct asker *asker = kunit_kzalloc(test, sizeof(*asker), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, asker);
	asker->session = session;
	asker->call.provider = FAKE_PROVIDER;
	asker->call.opcode = opcode;
	asker->call.timeout_ms = timeout_ms;
	init_completion(&asker->over);
	asker->task = kthread_create(ask, asker, "parsec-asker");
	KUNIT_ASSERT_FALSE(test, IS_ERR(asker->task));
	get_task_struct(asker->task);
	wake_up_process(asker->task);
	return asker;
}

/* Its result, once it has one */
static int join(struct asker *asker)
{
	bool in_time = wait_for_completion_timeout(&asker->over, 30 * HZ);

	/* Nobody hangs for good, not even a test */
	if (!in_time) {
		send_sig(SIGKILL, asker->task, 1);
		wait_for_completion(&asker->over);
	}
	put_task_struct(asker->task);
	return in_time ? asker->result : -ETIME;
}

static bool has_message(const void *arg)
{
	const struct parsec_worker *worker = arg;

	return !skb_queue_empty_lockless(&worker->sk->sk_receive_queue);
}

static bool is_waiting(const void *arg)
{
	const struct parsec_session *session = arg;

	return READ_ONCE(session->account->waiting);
}

/* The next request that the host gets */
static u64 receive(struct kunit *test, struct parsec_worker *worker)
{
	KUNIT_ASSERT_TRUE(test, fake_wait(has_message, worker));
	return fake_receive(worker);
}

static void the_answer_comes_back(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 1);
	struct parsec_session *alice = fake_session(test, ALICE);
	struct asker *asker = start(test, alice, 1, 0);
	u64 id = receive(test, worker);

	KUNIT_EXPECT_EQ(test, atomic_read(&alice->in_flight), 1);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&alice->done), 0);
	KUNIT_EXPECT_EQ(test, fake_answer_long(worker, id, 1134, 0), 0);
	KUNIT_EXPECT_EQ(test, join(asker), 0);
	KUNIT_EXPECT_EQ(test, asker->call.status, 1134);
	KUNIT_EXPECT_EQ(test, asker->call.out_len, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&alice->in_flight), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&alice->done), 1);
}

static void an_answer_without_room_tells_its_size(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 1);
	struct parsec_session *alice = fake_session(test, ALICE);
	struct asker *asker = start(test, alice, 1, 0);
	u64 id = receive(test, worker);

	KUNIT_EXPECT_EQ(test, fake_answer_long(worker, id, 0, 123), 0);
	KUNIT_EXPECT_EQ(test, join(asker), -EOVERFLOW);
	KUNIT_EXPECT_EQ(test, asker->call.out_len, 123);
}

static void without_a_host_it_ends_at_once(struct kunit *test)
{
	struct parsec_session *alice = fake_session(test, ALICE);

	KUNIT_EXPECT_EQ(test, join(start(test, alice, 1, 0)), -ENOTCONN);
	KUNIT_EXPECT_EQ(test, atomic_read(&alice->in_flight), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&alice->done), 1);
}

static void time_runs_out_in_the_hosts_hands(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 1);
	struct parsec_session *alice = fake_session(test, ALICE);
	struct asker *asker = start(test, alice, 1, 300);
	u64 id = receive(test, worker);

	KUNIT_EXPECT_EQ(test, join(asker), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, worker->in_flight, 1);
	KUNIT_EXPECT_EQ(test, fake_answer(worker, id), -ENOENT);
	KUNIT_EXPECT_EQ(test, worker->in_flight, 0);
}

static void time_runs_out_in_the_queue(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 1);
	struct parsec_session *alice = fake_session(test, ALICE);
	struct asker *busy = start(test, alice, 1, 0);
	u64 id = receive(test, worker);

	KUNIT_EXPECT_EQ(test, join(start(test, alice, 1, 20)), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, alice->account->waiting, 0);
	KUNIT_EXPECT_EQ(test, fake_answer(worker, id), 0);
	KUNIT_EXPECT_EQ(test, join(busy), 0);
	KUNIT_EXPECT_EQ(test, fake_receive(worker), 0);
}

static void time_runs_out_in_the_grace_period(struct kunit *test)
{
	struct parsec_session *alice = fake_session(test, ALICE);

	WRITE_ONCE(parsec_grace_ms, 60000);
	fake_close(test, fake_worker(test, FAKE_PROVIDER, 1));
	KUNIT_EXPECT_EQ(test, join(start(test, alice, 1, 20)), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, alice->account->waiting, 0);
}

static void who_is_killed_leaves(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 1);
	struct parsec_session *alice = fake_session(test, ALICE);
	struct asker *sent = start(test, alice, 1, 0), *queued;
	u64 id = receive(test, worker);

	queued = start(test, alice, 1, 0);
	KUNIT_EXPECT_TRUE(test, fake_wait(is_waiting, alice));
	send_sig(SIGKILL, queued->task, 1);
	KUNIT_EXPECT_EQ(test, join(queued), -EINTR);
	KUNIT_EXPECT_EQ(test, alice->account->waiting, 0);
	send_sig(SIGKILL, sent->task, 1);
	KUNIT_EXPECT_EQ(test, join(sent), -EINTR);
	KUNIT_EXPECT_EQ(test, fake_answer(worker, id), -ENOENT);
	KUNIT_EXPECT_EQ(test, atomic_read(&alice->in_flight), 0);
}

static void a_new_host_gets_what_the_dead_one_did_not_read(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 1);
	struct parsec_session *alice = fake_session(test, ALICE);
	struct asker *asker = start(test, alice, 1, 0);

	WRITE_ONCE(parsec_grace_ms, 60000);
	KUNIT_ASSERT_TRUE(test, fake_wait(has_message, worker));
	fake_close(test, worker);
	worker = fake_worker(test, FAKE_PROVIDER, 1);
	KUNIT_EXPECT_EQ(test, fake_answer(worker, receive(test, worker)), 0);
	KUNIT_EXPECT_EQ(test, join(asker), 0);
}

static void a_request_that_may_run_twice_survives_one_death(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 2);
	struct parsec_session *alice = fake_session(test, ALICE);
	struct asker *may, *may_not;

	WRITE_ONCE(parsec_grace_ms, 60000);
	__set_bit(7, worker->replay);
	may = start(test, alice, 7, 0);
	receive(test, worker);
	may_not = start(test, alice, 8, 0);
	receive(test, worker);
	fake_close(test, worker);
	KUNIT_EXPECT_EQ(test, join(may_not), -EIO);

	worker = fake_worker(test, FAKE_PROVIDER, 2);
	KUNIT_EXPECT_EQ(test, fake_answer(worker, receive(test, worker)), 0);
	KUNIT_EXPECT_EQ(test, join(may), 0);
}

static void after_the_grace_period_core_answers(struct kunit *test)
{
	struct parsec_worker *core = fake_worker(test, 0, 1);
	struct parsec_session *alice = fake_session(test, ALICE);
	struct asker *asker;

	WRITE_ONCE(parsec_grace_ms, NEVER_MS);
	fake_close(test, fake_worker(test, FAKE_PROVIDER, 1));
	asker = start(test, alice, 1, 0);
	KUNIT_EXPECT_EQ(test, fake_answer(core, receive(test, core)), 0);
	KUNIT_EXPECT_EQ(test, join(asker), 0);
}

/* Replies and deadlines at the same moment: each request ends in one way */
static void replies_and_deadlines_race(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 3);
	struct parsec_session *alice = fake_session(test, ALICE);
	unsigned int answered = 0, late = 0, won = 0, lost = 0, round, i;
	struct asker *asker[6];
	int err;
	u64 id;

	for (round = 0; round < 40; round++) {
		for (i = 0; i < ARRAY_SIZE(asker); i++)
			asker[i] = start(test, alice, 1, 1 + (round + i) % 5);
		for (i = 0; i < ARRAY_SIZE(asker); i++) {
			while (!completion_done(&asker[i]->over)) {
				id = fake_receive(worker);
				err = id ? fake_answer(worker, id) : 0;
				won += id && !err;
				lost += err == -ENOENT;
				KUNIT_ASSERT_TRUE(test, !err || err == -ENOENT);
				cond_resched();
			}
			err = join(asker[i]);
			answered += !err;
			late += err == -ETIMEDOUT;
		}
		while ((id = fake_receive(worker)))
			lost += fake_answer(worker, id) == -ENOENT;
		KUNIT_ASSERT_EQ(test, worker->in_flight, 0);
		KUNIT_ASSERT_EQ(test, alice->account->waiting, 0);
	}
	KUNIT_EXPECT_EQ(test, answered + late, 40 * ARRAY_SIZE(asker));
	/* An answer that was taken was also seen, and no other */
	KUNIT_EXPECT_EQ(test, answered, won);
	kunit_info(test, "%u answered, %u late, %u of these after sending",
		   answered, late, lost);
}

static struct kunit_case request_cases[] = {
	KUNIT_CASE(the_answer_comes_back),
	KUNIT_CASE(an_answer_without_room_tells_its_size),
	KUNIT_CASE(without_a_host_it_ends_at_once),
	KUNIT_CASE(time_runs_out_in_the_hosts_hands),
	KUNIT_CASE(time_runs_out_in_the_queue),
	KUNIT_CASE(time_runs_out_in_the_grace_period),
	KUNIT_CASE(who_is_killed_leaves),
	KUNIT_CASE(a_new_host_gets_what_the_dead_one_did_not_read),
	KUNIT_CASE(a_request_that_may_run_twice_survives_one_death),
	KUNIT_CASE(after_the_grace_period_core_answers),
	KUNIT_CASE(replies_and_deadlines_race),
	{}
};

/* The kernel runs the tests before it runs parsec_init() */
static int request_suite_init(struct kunit_suite *suite)
{
	return parsec_request_init();
}

static void request_suite_exit(struct kunit_suite *suite)
{
	parsec_request_exit();
}

static struct kunit_suite request_suite = {
	.name = "parsec_request",
	.suite_init = request_suite_init,
	.suite_exit = request_suite_exit,
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = request_cases,
};

kunit_test_suite(request_suite);
