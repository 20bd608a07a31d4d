// SPDX-License-Identifier: Apache-2.0
/*
 * Workers between a kernel that is a socket pair and a provider that signs after a
 * fashion: requests in, replies out, and what happens when somebody is gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "helper/audit_call.h"
#include "helper/clock.h"
#include "selftests/unit/worker_case.h"

/* The linker puts the test between the worker and the audit log (--wrap) */
bool __real_audit_call_done(const struct call *call, enum audit_kind kind, const char *operation,
			    enum parsec_status status);
bool __wrap_audit_call_done(const struct call *call, enum audit_kind kind, const char *operation,
			    enum parsec_status status);

static _Atomic bool audit_fails;

bool __wrap_audit_call_done(const struct call *call, enum audit_kind kind, const char *operation,
			    enum parsec_status status)
{
	return !audit_fails && __real_audit_call_done(call, kind, operation, status);
}

TEST_F(worker, request_is_answered)
{
	struct host_message *reply;

	send_body(self, 1, PARSEC_OP_PSA_GENERATE_RANDOM, random_16);
	reply = read_reply(self);
	ASSERT_NE(NULL, reply);
	EXPECT_EQ(PARSEC_SUCCESS, reply->status);
	EXPECT_EQ(18, reply->body_len);
	EXPECT_EQ(0xa5, reply->body[17]);
	EXPECT_EQ(0, reply->flags & NLM_F_ACK);
}

TEST_F(worker, refusal_has_no_body)
{
	struct host_message *reply;

	send_body(self, 1, 29, random_16);
	reply = read_reply(self);
	ASSERT_NE(NULL, reply);
	EXPECT_EQ(PARSEC_OPCODE_DOES_NOT_EXIST, reply->status);
	EXPECT_EQ(0, reply->attrs & 1 << PARSEC_A_BODY);
}

static struct parsec_stats_row last_row;
static uint64_t last_counts[STATS_STATUSES];
static uint32_t last_statuses[STATS_STATUSES];

static bool take_row(void *arg, const struct parsec_stats_row *row)
{
	(void)arg;
	last_row = *row;
	memcpy(last_counts, row->counts, row->status_count * sizeof(*row->counts));
	memcpy(last_statuses, row->statuses, row->status_count * sizeof(*row->statuses));
	return true;
}

/* What is counted of an application, in last_row */
static bool counted(fixture *self, const char *app)
{
	last_row = (struct parsec_stats_row){ 0 };
	stats_read(self->signer.host.stats, AUTH_UNIX_PEER_CREDENTIALS, text(app), take_row, NULL);
	return last_row.callers == PARSEC_CALLERS_APPLICATION;
}

TEST_F(worker, requests_are_counted_before_they_are_answered)
{
	struct contract_request req = key("k");

	signer_make_key(&self->signer, "1000", "k");
	for (uint64_t i = 1; i <= 3; i++) {
		send_request(self, 5, PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, &req);
		if (i == 1) {
			ASSERT_TRUE(tell_who(self, 5, 1000));
		}
		ASSERT_NE(NULL, read_reply(self));
		ASSERT_TRUE(counted(self, "1000"));
		ASSERT_EQ(i, last_row.requests);
	}
	EXPECT_EQ(0, last_row.errors);
	EXPECT_LT(0, last_row.total_ns);
	EXPECT_LT(0, last_row.p50_ns);

	/* Of the same application, in another session, and refused */
	req = key("other");
	send_request(self, 6, PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, &req);
	ASSERT_TRUE(tell_who(self, 6, 1000));
	ASSERT_NE(NULL, read_reply(self));
	ASSERT_TRUE(counted(self, "1000"));
	EXPECT_EQ(4, last_row.requests);
	EXPECT_EQ(1, last_row.errors);
	ASSERT_EQ(2, last_row.status_count);
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, last_statuses[1]);
	EXPECT_EQ(1, last_counts[1]);
	EXPECT_FALSE(counted(self, "1001"));
}

TEST_F(worker, request_is_in_flight_for_whom_it_is)
{
	struct contract_request req = key("k");
	struct host_message *message;

	signer_make_key(&self->signer, "1000", "k");
	send_request(self, 5, PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, &req);
	message = fake_kernel_read(self->kernel);	/* it asks who that is, and waits */
	ASSERT_NE(NULL, message);
	stats_read(self->signer.host.stats, 0, text(""), take_row, NULL);
	EXPECT_EQ(PARSEC_CALLERS_UNKNOWN, last_row.callers);
	EXPECT_EQ(1, last_row.in_flight);
	fake_kernel_session(self->kernel, message->seq, 5, 1000,
			    PARSEC_ID_INIT_USERNS | PARSEC_ID_INIT_PIDNS, "/");
	ASSERT_NE(NULL, read_reply(self));
	ASSERT_TRUE(counted(self, "1000"));
	EXPECT_EQ(0, last_row.in_flight);
	EXPECT_EQ(1, last_row.requests);
}

TEST_F(worker, request_that_comes_too_late_is_not_counted)
{
	const struct fake_request late = {
		.id = ++self->last_id, .session = 1, .provider = SIGNER_ID, .deadline = 1,
		.opcode = PARSEC_OP_PSA_GENERATE_RANDOM, .body = random_16.data,
		.len = random_16.len, .chunk = 100,
	};

	fake_kernel_request(self->kernel, &late);
	ASSERT_NE(NULL, read_reply(self));
	stats_read(self->signer.host.stats, 0, text(""), take_row, NULL);
	EXPECT_EQ(PARSEC_CALLERS_ALL, last_row.callers);
	EXPECT_EQ(0, last_row.requests);
	EXPECT_EQ(0, last_row.in_flight);
}

static void generate(fixture *self, const char *name)
{
	struct contract_request req = key(name);

	send_request(self, 5, PARSEC_OP_PSA_GENERATE_KEY, &req);
	if (self->last_id == 1 && !tell_who(self, 5, 1000))
		abort();
}

TEST_F(worker, made_key_stays_when_somebody_takes_the_answer)
{
	struct host_message *reply;

	generate(self, "k");
	reply = read_reply(self);
	ASSERT_NE(NULL, reply);
	EXPECT_EQ(PARSEC_SUCCESS, reply->status);
	ASSERT_NE(0, reply->flags & NLM_F_ACK);
	fake_kernel_ack(self->kernel, reply->seq, 0);

	send_body(self, 5, PARSEC_OP_PSA_GENERATE_RANDOM, random_16);
	ASSERT_NE(NULL, read_reply(self));
	EXPECT_TRUE(signer_has_key(&self->signer, "1000", "k"));
}

TEST_F(worker, an_answer_that_is_not_given_is_wiped_as_well)
{
	struct contract_request req = key("k");
	struct host_message *reply;

	req.attrs.usage |= PARSEC_USAGE_EXPORT;
	send_request(self, 5, PARSEC_OP_PSA_GENERATE_KEY, &req);
	ASSERT_TRUE(tell_who(self, 5, 1000));
	reply = read_reply(self);
	ASSERT_NE(NULL, reply);
	fake_kernel_ack(self->kernel, reply->seq, 0);

	audit_fails = true;
	send_request(self, 5, PARSEC_OP_PSA_EXPORT_KEY, &req);
	reply = read_reply(self);
	audit_fails = false;
	ASSERT_NE(NULL, reply);
	EXPECT_EQ(PARSEC_PSA_ERROR_STORAGE_FAILURE, reply->status);
	EXPECT_EQ(0, reply->body_len);

	/* One without a body: what the export has left is gone by then, and not overwritten */
	send_body(self, 5, 29, random_16);
	ASSERT_NE(NULL, read_reply(self));
	EXPECT_EQ(NULL, memmem(self->worker.nl.out.data, self->worker.nl.out.size, "private", 7));
}

TEST_F(worker, made_key_is_undone_when_nobody_takes_the_answer)
{
	struct host_message *reply;

	generate(self, "k");
	reply = read_reply(self);
	ASSERT_NE(NULL, reply);
	/* As the kernel does it: the credit is back, so the next request comes first */
	send_body(self, 5, PARSEC_OP_PSA_GENERATE_RANDOM, random_16);
	fake_kernel_ack(self->kernel, reply->seq, -ENOENT);
	ASSERT_NE(NULL, read_reply(self));
	EXPECT_FALSE(signer_has_key(&self->signer, "1000", "k"));
}

/* Its caller was killed, or else the module would be in use */
TEST_F(worker, made_key_is_undone_when_the_module_has_gone)
{
	const struct timespec limit = { .tv_sec = 5 };

	generate(self, "k");
	ASSERT_NE(NULL, read_reply(self));
	fake_kernel_farewell(self->kernel, FAKE_FAMILY);
	EXPECT_EQ(SIGTERM, sigtimedwait(&self->stop, NULL, &limit));
	EXPECT_EQ(NETLINK_GONE, self->pool.failure);
	EXPECT_FALSE(signer_has_key(&self->signer, "1000", "k"));
}

TEST_F(worker, refused_generate_needs_no_confirmation)
{
	struct host_message *reply;

	signer_make_key(&self->signer, "1000", "k");
	generate(self, "k");
	reply = read_reply(self);
	ASSERT_NE(NULL, reply);
	EXPECT_EQ(PARSEC_PSA_ERROR_ALREADY_EXISTS, reply->status);
	EXPECT_EQ(0, reply->flags & NLM_F_ACK);
}

TEST_F(worker, request_whose_time_is_over_is_not_performed)
{
	const struct fake_request req = {
		.id = ++self->last_id,
		.session = 1,
		.provider = SIGNER_ID,
		.opcode = PARSEC_OP_PSA_GENERATE_RANDOM,
		.deadline = 1,
		.body = random_16.data,
		.len = random_16.len,
	};
	struct host_message *reply;

	fake_kernel_request(self->kernel, &req);
	reply = read_reply(self);
	ASSERT_NE(NULL, reply);
	EXPECT_NE(PARSEC_SUCCESS, reply->status);
	EXPECT_EQ(0, signer_calls.random);
}

TEST_F(worker, request_whose_time_runs_out_is_not_finished)
{
	const struct fake_request req = {
		.id = ++self->last_id, .session = 1, .provider = SIGNER_ID, .chunk = 100,
		.opcode = PARSEC_OP_PSA_GENERATE_RANDOM, .deadline = clock_ns() + 50 * 1000000,
		.body = "\x08\x80\x80\x08", .len = 4,	/* 128 KiB */
	};

	signer_random_us = 2000;
	fake_kernel_request(self->kernel, &req);
	ASSERT_NE(NULL, read_reply(self));
	EXPECT_GT(128, signer_calls.random);
}

TEST_F(worker, large_answers_come_whole_and_small_ones_after_them)
{
	struct contract_request req = { .size = 140 * 1024 };
	struct host_message *reply;
	size_t i;

	for (i = 0; i < 3; i++) {
		send_request(self, 1, PARSEC_OP_PSA_GENERATE_RANDOM, &req);
		reply = read_reply(self);
		ASSERT_NE(NULL, reply);
		EXPECT_EQ(PARSEC_SUCCESS, reply->status);
		EXPECT_EQ(req.size + 4, reply->body_len);
	}
	send_body(self, 1, PARSEC_OP_PSA_GENERATE_RANDOM, random_16);
	reply = read_reply(self);
	ASSERT_NE(NULL, reply);
	EXPECT_EQ(18, reply->body_len);
}

/* With a module that takes less than the configuration would give */
TEST_F(worker, answer_that_does_not_fit_leaves_what_is_behind_the_room_for_it)
{
	struct contract_request req = { .size = 140 * 1024 };
	uint8_t *behind = netlink_answer_room(&self->worker.nl) + 64 * 1024;
	struct host_message *reply;

	self->worker.nl.max_response = 64 * 1024;
	memset(behind, 0x55, req.size - 64 * 1024);
	send_request(self, 1, PARSEC_OP_PSA_GENERATE_RANDOM, &req);
	reply = read_reply(self);
	ASSERT_NE(NULL, reply);
	EXPECT_EQ(PARSEC_RESPONSE_TOO_LARGE, reply->status);
	/* Whatever is done after the answer is over when the next one comes */
	send_body(self, 1, PARSEC_OP_PSA_GENERATE_RANDOM, random_16);
	ASSERT_NE(NULL, read_reply(self));
	EXPECT_EQ(NULL, memchr(behind, 0, req.size - 64 * 1024));
}

TEST_F(worker, memory_of_large_messages_is_given_back)
{
	struct contract_request req = { .size = 140 * 1024 };
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	int tries;

	send_request(self, 1, PARSEC_OP_PSA_GENERATE_RANDOM, &req);
	ASSERT_NE(NULL, read_reply(self));
	for (tries = 0; tries < 150; tries++) {
		nanosleep(&pause, NULL);
		if (tries > 10 && !__atomic_load_n(&self->worker.large, __ATOMIC_RELAXED))
			break;
	}
	EXPECT_GT(150, tries);
	send_body(self, 1, PARSEC_OP_PSA_GENERATE_RANDOM, random_16);
	EXPECT_NE(NULL, read_reply(self));
}

TEST_F(worker, unloaded_module_ends_the_process)
{
	const struct timespec limit = { .tv_sec = 5 };

	fake_kernel_farewell(self->kernel, FAKE_FAMILY);
	EXPECT_EQ(SIGTERM, sigtimedwait(&self->stop, NULL, &limit));
	EXPECT_EQ(NETLINK_GONE, self->pool.failure);
}

TEST_F(worker, line_that_breaks_ends_the_process)
{
	const struct timespec limit = { .tv_sec = 5 };
	const uint8_t junk[3] = { 1 };

	dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);	/* the line about it */
	fake_kernel_raw(self->kernel, junk, sizeof(junk));
	EXPECT_EQ(SIGTERM, sigtimedwait(&self->stop, NULL, &limit));
	EXPECT_EQ(EBADMSG, self->pool.failure);
}

/* The kernel then tells the caller that what happened is not known */
TEST_F(worker, lost_confirmation_ends_the_process)
{
	const struct timespec limit = { .tv_sec = 5 };

	dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);	/* the line about it */
	generate(self, "k");
	ASSERT_NE(NULL, read_reply(self));
	EXPECT_EQ(SIGTERM, sigtimedwait(&self->stop, NULL, &limit));
	EXPECT_EQ(ETIMEDOUT, self->pool.failure);
}

/* What was handed out before the end is answered. The kernel is told not to send more */
TEST_F(worker, stopping_finishes_what_is_in_the_socket)
{
	unsigned int answers = 0, retired = 0;
	struct host_message *message;

	for (int i = 0; i < 5; i++)
		send_body(self, 1, PARSEC_OP_PSA_GENERATE_RANDOM, random_16);
	worker_pool_stop(&self->pool);
	while (answers + retired < 6 && (message = fake_kernel_read(self->kernel))) {
		answers += message->cmd == PARSEC_CMD_REPLY && message->id == answers + 1;
		retired += message->cmd == PARSEC_CMD_RETIRE && !message->attrs;
	}
	EXPECT_EQ(5, answers);
	EXPECT_EQ(1, retired);
}

/* Also what came with the answer to a question */
TEST_F(worker, stopping_finishes_what_came_early)
{
	struct host_message *message;
	uint64_t made;

	generate(self, "k");
	message = read_reply(self);
	ASSERT_NE(NULL, message);
	made = self->last_id;
	send_body(self, 1, PARSEC_OP_PSA_GENERATE_RANDOM, random_16);
	__atomic_store_n(&self->pool.stopping, true, __ATOMIC_RELEASE);
	fake_kernel_ack(self->kernel, message->seq, 0);
	worker_pool_stop(&self->pool);
	message = fake_kernel_read(self->kernel);
	ASSERT_NE(NULL, message);
	EXPECT_EQ(PARSEC_CMD_RETIRE, message->cmd);
	message = read_reply(self);
	ASSERT_NE(NULL, message);
	EXPECT_EQ(made + 1, message->id);
}

TEST_F(worker, stopping_does_not_take_long)
{
	struct timespec begin, end;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	worker_pool_stop(&self->pool);
	clock_gettime(CLOCK_MONOTONIC, &end);
	EXPECT_GT(2, end.tv_sec - begin.tv_sec);
}

TEST_HARNESS_MAIN
