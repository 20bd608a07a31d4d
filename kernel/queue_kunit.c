// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who is served when.
 */
#include <linux/prandom.h>

#include "fake_kunit.h"

#define ALICE	1000
#define BOB	1001
#define CAROL	1002

static bool given_back(const void *arg)
{
	const struct parsec_request *req = arg;

	/* Pairs with smp_store_release() in parsec_request_settle() */
	return smp_load_acquire(&req->state) == PARSEC_NEW;
}

/* Submit one that must be let in */
static struct parsec_request *submit(struct kunit *test,
				     struct parsec_session *session)
{
	struct parsec_request *req = fake_request(test, session, 1);

	KUNIT_ASSERT_EQ(test, parsec_queue_submit(req), 0);
	return req;
}

/* The host takes what it has to, which must be @req, and answers it */
static void serve(struct kunit *test, struct parsec_worker *worker,
		  struct parsec_request *req)
{
	u64 id = fake_receive(worker);

	KUNIT_EXPECT_EQ(test, id, req->id);
	KUNIT_EXPECT_EQ(test, fake_answer(worker, id), 0);
	KUNIT_EXPECT_EQ(test, req->state, PARSEC_DONE);
}

static void turns_go_round_the_accounts(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 1);
	struct parsec_session *who[] = {
		fake_session(test, ALICE),
		fake_session(test, BOB),
		fake_session(test, CAROL),
	};
	struct parsec_request *req[3][4];
	int i, turn;

	/* All of one, then all of the next: not the order in which they are served */
	for (i = 0; i < ARRAY_SIZE(who); i++) {
		for (turn = 0; turn < ARRAY_SIZE(req[i]); turn++)
			req[i][turn] = submit(test, who[i]);
	}

	/* Alice's first found an idle host and was her turn */
	for (turn = 0; turn < ARRAY_SIZE(req[0]); turn++) {
		for (i = 0; i < ARRAY_SIZE(who); i++)
			serve(test, worker, req[i][turn]);
	}
	KUNIT_EXPECT_EQ(test, fake_receive(worker), 0);
}

static void one_who_comes_late_is_the_next(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 1);
	struct parsec_session *alice = fake_session(test, ALICE);
	struct parsec_session *bob = fake_session(test, BOB);
	struct parsec_request *flood[20], *one;
	int i;

	for (i = 0; i < ARRAY_SIZE(flood); i++)
		flood[i] = submit(test, alice);
	one = submit(test, bob);
	serve(test, worker, flood[0]);
	serve(test, worker, one);
	serve(test, worker, flood[1]);
	serve(test, worker, flood[2]);
}

/* Two files of one user are one account */
static void files_of_one_account_share_a_turn(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 1);
	struct parsec_session *one = fake_session(test, ALICE);
	struct parsec_session *two = fake_session(test, ALICE);
	struct parsec_session *bob = fake_session(test, BOB);
	struct parsec_request *busy, *req[3];

	KUNIT_EXPECT_PTR_EQ(test, one->account, two->account);
	KUNIT_EXPECT_PTR_NE(test, one->account, bob->account);
	busy = submit(test, bob);
	req[0] = submit(test, one);
	req[1] = submit(test, two);
	req[2] = submit(test, bob);
	serve(test, worker, busy);
	serve(test, worker, req[0]);
	serve(test, worker, req[2]);
	serve(test, worker, req[1]);
}

static void a_worker_gets_no_more_than_its_credits(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 3);
	struct parsec_session *alice = fake_session(test, ALICE);
	struct parsec_request *req[7];
	int i;

	for (i = 0; i < ARRAY_SIZE(req); i++) {
		req[i] = submit(test, alice);
		KUNIT_EXPECT_EQ(test, req[i]->state,
				i < 3 ? PARSEC_SENT : PARSEC_QUEUED);
	}
	KUNIT_EXPECT_EQ(test, worker->in_flight, 3);
	KUNIT_EXPECT_EQ(test, alice->account->waiting, 4);

	for (i = 0; i < ARRAY_SIZE(req); i++) {
		serve(test, worker, req[i]);
		KUNIT_EXPECT_EQ(test, worker->in_flight, min(6 - i, 3));
		KUNIT_EXPECT_EQ(test, alice->account->waiting, max(3 - i, 0));
	}
}

static void an_account_may_not_have_more_waiting(struct kunit *test)
{
	struct parsec_worker *worker;
	struct parsec_session *alice = fake_session(test, ALICE);
	struct parsec_session *bob = fake_session(test, BOB);
	struct parsec_request *sent, *queued, *refused, *other;

	WRITE_ONCE(parsec_max_waiting, 2);
	worker = fake_worker(test, FAKE_PROVIDER, 1);
	sent = submit(test, alice);
	queued = submit(test, alice);
	submit(test, alice);

	refused = fake_request(test, alice, 1);
	KUNIT_EXPECT_EQ(test, parsec_queue_submit(refused), -EDQUOT);
	KUNIT_EXPECT_EQ(test, refused->state, PARSEC_NEW);
	KUNIT_EXPECT_EQ(test, alice->account->waiting, 2);

	/* That is hers alone, and what is sent waits no more */
	other = submit(test, bob);
	serve(test, worker, sent);
	serve(test, worker, other);
	KUNIT_EXPECT_EQ(test, alice->account->waiting, 1);
	submit(test, alice);
	KUNIT_EXPECT_EQ(test, parsec_queue_submit(refused), -EDQUOT);
	serve(test, worker, queued);
	KUNIT_EXPECT_EQ(test, alice->account->waiting, 1);
}

static void who_was_let_in_is_not_refused_later(struct kunit *test)
{
	struct parsec_worker *worker;
	struct parsec_session *alice = fake_session(test, ALICE);
	struct parsec_request *sent;

	WRITE_ONCE(parsec_max_waiting, 1);
	worker = fake_worker(test, FAKE_PROVIDER, 1);
	sent = submit(test, alice);
	submit(test, alice);
	KUNIT_EXPECT_EQ(test, parsec_queue_submit(fake_request(test, alice, 1)),
			-EDQUOT);

	/* Its host dies before it read it: again, whatever waits meanwhile */
	WRITE_ONCE(parsec_grace_ms, 60000);
	fake_close(test, worker);
	KUNIT_EXPECT_EQ(test, sent->state, PARSEC_NEW);
	fake_message(test, sent);
	KUNIT_EXPECT_EQ(test, parsec_queue_submit(sent), 0);
	KUNIT_EXPECT_EQ(test, alice->account->waiting, 2);
}

static void who_leaves_the_queue_leaves_no_gap(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 1);
	struct parsec_session *alice = fake_session(test, ALICE);
	struct parsec_session *bob = fake_session(test, BOB);
	struct parsec_request *busy, *req[3], *only;

	busy = submit(test, alice);
	req[0] = submit(test, alice);
	only = submit(test, bob);
	req[1] = submit(test, alice);
	req[2] = submit(test, alice);

	KUNIT_EXPECT_TRUE(test, parsec_queue_withdraw(req[0], -ETIMEDOUT));
	KUNIT_EXPECT_EQ(test, req[0]->state, PARSEC_ABORTED);
	KUNIT_EXPECT_EQ(test, req[0]->error, -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, refcount_read(&req[0]->ref), 1);
	KUNIT_EXPECT_TRUE(test, parsec_queue_withdraw(only, -EINTR));
	KUNIT_EXPECT_EQ(test, only->error, -EINTR);
	KUNIT_EXPECT_EQ(test, alice->account->waiting, 2);
	KUNIT_EXPECT_EQ(test, bob->account->waiting, 0);

	serve(test, worker, busy);
	serve(test, worker, req[1]);
	serve(test, worker, req[2]);
	KUNIT_EXPECT_EQ(test, fake_receive(worker), 0);
}

/* Its place in the host's hands is taken until the host says so */
static void who_leaves_later_stays_parked(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 1);
	struct parsec_session *alice = fake_session(test, ALICE);
	struct parsec_request *gone = submit(test, alice);
	struct parsec_request *next = submit(test, alice);

	KUNIT_EXPECT_TRUE(test, parsec_queue_withdraw(gone, -ETIMEDOUT));
	KUNIT_EXPECT_EQ(test, gone->state, PARSEC_ABORTED);
	KUNIT_EXPECT_EQ(test, worker->in_flight, 1);
	KUNIT_EXPECT_EQ(test, next->state, PARSEC_QUEUED);

	KUNIT_EXPECT_EQ(test, fake_receive(worker), gone->id);
	KUNIT_EXPECT_EQ(test, fake_answer(worker, gone->id), -ENOENT);
	KUNIT_EXPECT_NULL(test, gone->reply);
	KUNIT_EXPECT_EQ(test, refcount_read(&gone->ref), 1);
	serve(test, worker, next);
}

static void an_answer_that_came_first_counts(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 1);
	struct parsec_session *alice = fake_session(test, ALICE);
	struct parsec_request *req = submit(test, alice);

	serve(test, worker, req);
	KUNIT_EXPECT_FALSE(test, parsec_queue_withdraw(req, -ETIMEDOUT));
	KUNIT_EXPECT_EQ(test, req->state, PARSEC_DONE);
	KUNIT_EXPECT_EQ(test, req->error, 0);
}

static void without_a_host_nobody_waits(struct kunit *test)
{
	struct parsec_session *alice = fake_session(test, ALICE);
	struct parsec_request *req = fake_request(test, alice, 1);

	KUNIT_EXPECT_EQ(test, parsec_queue_submit(req), -ENOTCONN);
	KUNIT_EXPECT_EQ(test, req->state, PARSEC_NEW);
	KUNIT_EXPECT_EQ(test, alice->account->waiting, 0);
}

static void core_answers_for_providers_without_a_host(struct kunit *test)
{
	struct parsec_worker *core = fake_worker(test, 0, 4);
	struct parsec_session *alice = fake_session(test, ALICE);
	struct parsec_request *req = submit(test, alice);
	struct parsec_worker *own;

	KUNIT_EXPECT_EQ(test, fake_receive(core), req->id);
	KUNIT_EXPECT_EQ(test, fake_answer(core, req->id), 0);
	own = fake_worker(test, FAKE_PROVIDER, 4);
	serve(test, own, submit(test, alice));
	KUNIT_EXPECT_EQ(test, fake_receive(core), 0);
}

static void in_the_grace_period_requests_wait(struct kunit *test)
{
	struct parsec_worker *worker;
	struct parsec_session *alice = fake_session(test, ALICE);
	struct parsec_request *before, *within;

	WRITE_ONCE(parsec_grace_ms, 60000);
	worker = fake_worker(test, FAKE_PROVIDER, 1);
	submit(test, alice);
	before = submit(test, alice);
	fake_close(test, worker);
	KUNIT_EXPECT_EQ(test, before->state, PARSEC_QUEUED);
	within = submit(test, alice);
	KUNIT_EXPECT_EQ(test, within->state, PARSEC_QUEUED);

	worker = fake_worker(test, FAKE_PROVIDER, 1);
	serve(test, worker, before);
	serve(test, worker, within);
}

/* What becomes of them is up to those who wait: core may be there */
static void after_the_grace_period_they_are_given_back(struct kunit *test)
{
	struct parsec_worker *worker;
	struct parsec_session *alice = fake_session(test, ALICE);
	struct parsec_request *req;

	WRITE_ONCE(parsec_grace_ms, 20);
	worker = fake_worker(test, FAKE_PROVIDER, 1);
	submit(test, alice);
	req = submit(test, alice);
	fake_close(test, worker);
	KUNIT_EXPECT_TRUE(test, fake_wait(given_back, req));
	KUNIT_EXPECT_EQ(test, refcount_read(&req->ref), 1);
	KUNIT_EXPECT_EQ(test, alice->account->waiting, 0);
	KUNIT_EXPECT_EQ(test, parsec_queue_submit(req), -ENOTCONN);
}

/* Against a model: whatever happens in whatever order, every count is right */
struct model {
	struct kunit *test;
	struct rnd_state rnd;
	struct parsec_session *who[4];
	struct parsec_worker *worker[2];
	struct parsec_request *req[24];
};

static void check_model(struct model *m)
{
	unsigned int waiting[4] = {}, sent = 0, held = 0, spare = 0;
	struct kunit *test = m->test;
	struct parsec_request *req;
	int i, w;

	for (i = 0; i < ARRAY_SIZE(m->req); i++) {
		req = m->req[i];
		for (w = 0; req && w < ARRAY_SIZE(waiting); w++)
			waiting[w] += req->state == PARSEC_QUEUED &&
				      req->session == m->who[w];
		sent += req && req->state == PARSEC_SENT;
		if (req && req->state == PARSEC_QUEUED)
			KUNIT_ASSERT_NOT_NULL(test, req->msg);
	}
	for (w = 0; w < ARRAY_SIZE(waiting); w++)
		KUNIT_ASSERT_EQ(test, m->who[w]->account->waiting, waiting[w]);

	for (w = 0; w < ARRAY_SIZE(m->worker); w++) {
		if (!m->worker[w])
			continue;
		i = 0;
		list_for_each_entry(req, &m->worker[w]->sent, node) {
			held += req->state == PARSEC_SENT;
			i++;
		}
		KUNIT_ASSERT_EQ(test, m->worker[w]->in_flight, i);
		KUNIT_ASSERT_LE(test, m->worker[w]->in_flight,
				m->worker[w]->credits);
		spare += m->worker[w]->credits - m->worker[w]->in_flight;
	}
	/* Nobody waits while somebody could work; one credit may be kept */
	if (spare > 1)
		KUNIT_ASSERT_EQ(test, waiting[0] + waiting[1] + waiting[2] +
				waiting[3], 0);
	KUNIT_ASSERT_EQ(test, held, sent);
}

static void model_submit(struct model *m, struct parsec_request **req)
{
	u32 who = prandom_u32_state(&m->rnd) % ARRAY_SIZE(m->who);
	int err;

	if (*req && (*req)->state != PARSEC_NEW)
		return;
	if (*req && !(*req)->msg)
		fake_message(m->test, *req);
	if (!*req)
		*req = fake_request(m->test, m->who[who], 1);
	err = parsec_queue_submit(*req);
	KUNIT_ASSERT_TRUE(m->test, !err || err == -EDQUOT);
}

/* Reuse what is over, as if the caller had come again */
static void model_collect(struct parsec_request *req)
{
	if (!req || (req->state != PARSEC_DONE && req->state != PARSEC_ABORTED) ||
	    refcount_read(&req->ref) != 1)
		return;
	if (req->reply)
		parsec_reply_free(req->reply, req->reply_nlh);
	req->reply = NULL;
	req->deaths = 0;
	req->admitted = false;
	req->state = PARSEC_NEW;
}

static void model_answer(struct model *m, struct parsec_worker *worker)
{
	struct parsec_request *req;
	int err;

	if (list_empty(&worker->sent))
		return;
	fake_receive(worker);
	req = list_first_entry(&worker->sent, struct parsec_request, node);
	err = fake_answer(worker, req->id);
	KUNIT_ASSERT_TRUE(m->test, !err || err == -ENOENT);
}

static void model_revive(struct model *m, struct parsec_worker **worker)
{
	struct fake *fake = m->test->priv;

	/* Of the places for workers, as many as there are */
	if (fake->worker_count == FAKE_WORKERS)
		return;
	fake_close(m->test, *worker);
	*worker = fake_worker(m->test, FAKE_PROVIDER,
			      1 + prandom_u32_state(&m->rnd) % 5);
	bitmap_fill((*worker)->replay, PARSEC_OPCODES);
}

static void counts_are_right_in_any_order(struct kunit *test)
{
	struct model *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	struct parsec_request **req;
	u32 chance, i, step;

	KUNIT_ASSERT_NOT_NULL(test, m);
	m->test = test;
	prandom_seed_state(&m->rnd, 4711);
	WRITE_ONCE(parsec_max_waiting, 6);
	WRITE_ONCE(parsec_grace_ms, 60000);
	for (i = 0; i < ARRAY_SIZE(m->who); i++)
		m->who[i] = fake_session(test, 2000 + i);
	for (i = 0; i < ARRAY_SIZE(m->worker); i++)
		model_revive(m, &m->worker[i]);

	for (step = 0; step < 5000; step++) {
		chance = prandom_u32_state(&m->rnd);
		req = &m->req[chance / 1024 % ARRAY_SIZE(m->req)];
		if (step % 900 == 899)
			model_revive(m, &m->worker[chance % 2]);
		else if (chance % 8 < 4)
			model_submit(m, req);
		else if (chance % 8 < 6)
			model_answer(m, m->worker[chance / 8 % 2]);
		else if (chance % 8 == 6 && *req && (*req)->state != PARSEC_NEW)
			parsec_queue_withdraw(*req, -ETIMEDOUT);
		else
			model_collect(*req);
		check_model(m);
	}
}

static bool sent(const void *arg)
{
	const struct parsec_request *req = arg;

	/* Pairs with smp_store_release() in parsec_request_settle() */
	return smp_load_acquire(&req->state) == PARSEC_SENT;
}

static void a_worker_is_kept_free_for_a_while(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 2);
	struct parsec_session *alice = fake_session(test, ALICE);
	struct parsec_request *one, *two;

	serve(test, worker, submit(test, fake_session(test, BOB)));
	one = submit(test, alice);
	/* The rest of it, so that nobody has to wait long for it to end */
	spin_lock(&parsec_lock);
	worker->queue->shared_until = get_jiffies_64() + HZ / 10;
	spin_unlock(&parsec_lock);
	two = submit(test, alice);
	KUNIT_EXPECT_EQ(test, one->state, PARSEC_SENT);
	KUNIT_EXPECT_EQ(test, two->state, PARSEC_QUEUED);
	KUNIT_EXPECT_TRUE(test, fake_wait(sent, two));
}

/* With another account, somewhere else, as long as somebody is where it was */
static void who_comes_again_is_nobody_else(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 2);
	struct parsec_request *req[2];
	struct parsec_session *alice;

	serve(test, worker, submit(test, fake_session(test, ALICE)));
	fake_leave(test);
	fake_session(test, BOB);
	alice = fake_session(test, ALICE);
	req[0] = submit(test, alice);
	req[1] = submit(test, alice);
	KUNIT_EXPECT_EQ(test, req[0]->state, PARSEC_SENT);
	KUNIT_EXPECT_EQ(test, req[1]->state, PARSEC_SENT);
}

/* In the place of the other's account, if the allocator gives it that one */
static void who_comes_after_another_is_not_that_one(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 2);
	struct parsec_request *req[2];
	struct parsec_session *alice;

	serve(test, worker, submit(test, fake_session(test, BOB)));
	fake_leave(test);
	alice = fake_session(test, ALICE);
	req[0] = submit(test, alice);
	req[1] = submit(test, alice);
	KUNIT_EXPECT_EQ(test, req[0]->state, PARSEC_SENT);
	KUNIT_EXPECT_EQ(test, req[1]->state, PARSEC_QUEUED);
}

static void who_does_not_collect_answers_gets_no_more(struct kunit *test)
{
	struct parsec_worker *worker = fake_worker(test, FAKE_PROVIDER, 4);
	struct parsec_session *alice = fake_session(test, ALICE);
	u32 large = 2 * PAGE_SIZE;
	struct parsec_request *req;
	int i;

	parsec_max_response = large;
	for (i = 0; i < 2; i++) {
		req = submit(test, alice);
		KUNIT_ASSERT_EQ(test, fake_receive(worker), req->id);
		KUNIT_ASSERT_EQ(test, fake_answer_long(worker, req->id, 0, large),
				0);
	}
	req = submit(test, alice);
	KUNIT_EXPECT_EQ(test, req->state, PARSEC_QUEUED);
	serve(test, worker, submit(test, fake_session(test, BOB)));
	KUNIT_EXPECT_EQ(test, req->state, PARSEC_QUEUED);
	parsec_account_collected(alice->account, large);
	KUNIT_EXPECT_EQ(test, req->state, PARSEC_SENT);

	/* Small ones are not worth it */
	serve(test, worker, req);
	for (i = 0; i < 30; i++) {
		req = submit(test, alice);
		KUNIT_ASSERT_EQ(test, fake_receive(worker), req->id);
		KUNIT_ASSERT_EQ(test, fake_answer_long(worker, req->id, 0, 128),
				0);
	}
}

static struct kunit_case queue_cases[] = {
	KUNIT_CASE(turns_go_round_the_accounts),
	KUNIT_CASE(one_who_comes_late_is_the_next),
	KUNIT_CASE(files_of_one_account_share_a_turn),
	KUNIT_CASE(a_worker_gets_no_more_than_its_credits),
	KUNIT_CASE(an_account_may_not_have_more_waiting),
	KUNIT_CASE(who_was_let_in_is_not_refused_later),
	KUNIT_CASE(who_leaves_the_queue_leaves_no_gap),
	KUNIT_CASE(who_leaves_later_stays_parked),
	KUNIT_CASE(an_answer_that_came_first_counts),
	KUNIT_CASE(without_a_host_nobody_waits),
	KUNIT_CASE(core_answers_for_providers_without_a_host),
	KUNIT_CASE(in_the_grace_period_requests_wait),
	KUNIT_CASE(after_the_grace_period_they_are_given_back),
	KUNIT_CASE(a_worker_is_kept_free_for_a_while),
	KUNIT_CASE(who_comes_again_is_nobody_else),
	KUNIT_CASE(who_comes_after_another_is_not_that_one),
	KUNIT_CASE(who_does_not_collect_answers_gets_no_more),
	KUNIT_CASE(counts_are_right_in_any_order),
	{}
};

static struct kunit_suite queue_suite = {
	.name = "parsec_queue",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = queue_cases,
};

kunit_test_suite(queue_suite);
