// SPDX-License-Identifier: Apache-2.0
/*
 * Whose a request is: what a worker asks the kernel, remembers, and does about it.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "helper/log.h"
#include "selftests/unit/worker_case.h"

TEST_F(worker, session_is_asked_for_once)
{
	struct contract_request req = key("k");
	struct host_message *reply;

	signer_make_key(&self->signer, "1000", "k");
	send_request(self, 5, PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, &req);
	ASSERT_TRUE(tell_who(self, 5, 1000));
	reply = read_reply(self);
	ASSERT_NE(NULL, reply);
	EXPECT_EQ(PARSEC_SUCCESS, reply->status);

	send_request(self, 5, PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, &req);
	reply = read_reply(self);
	ASSERT_NE(NULL, reply);
	EXPECT_EQ(PARSEC_SUCCESS, reply->status);
}

static const char two_users[] = "[provider signer]\nlibrary = x\nid = 21\n"
	"[rule limited]\nuid = 1000\nmax_open = 3\n";

static unsigned int use_rules(fixture *self, const char *rules)
{
	struct config *config = config_load_text(rules, strlen(rules), "x.conf", stderr);

	if (!config)
		abort();
	return rulebook_set(self->signer.host.book, config);
}

/* The worker limits a session, in whichever way */
static bool limits_come(fixture *self, uint64_t session)
{
	struct host_message *message = fake_kernel_read(self->kernel);

	if (!message || message->cmd != PARSEC_CMD_SET_LIMITS || message->session != session)
		return false;
	fake_kernel_ack(self->kernel, message->seq, 0);
	return true;
}

TEST_F(worker, limits_of_a_rule_go_to_the_kernel_once)
{
	session_cache_clear(self->pool.sessions, use_rules(self, two_users));
	send_body(self, 5, PARSEC_OP_PSA_GENERATE_RANDOM, random_16);
	ASSERT_TRUE(tell_who(self, 5, 1000));
	ASSERT_TRUE(limits_come(self, 5));
	ASSERT_NE(NULL, read_reply(self));
	send_body(self, 5, PARSEC_OP_PSA_GENERATE_RANDOM, random_16);
	ASSERT_NE(NULL, read_reply(self));
	/* Another host may have set them before */
	send_body(self, 6, PARSEC_OP_PSA_GENERATE_RANDOM, random_16);
	ASSERT_TRUE(tell_limits(self, 6, 1000, &(struct fake_limits){ .open = 3 }));
	ASSERT_NE(NULL, read_reply(self));
	send_body(self, 7, PARSEC_OP_PSA_GENERATE_RANDOM, random_16);
	ASSERT_TRUE(tell_limits(self, 7, 1000, &(struct fake_limits){ .open = 4 }));
	ASSERT_TRUE(limits_come(self, 7));
	ASSERT_NE(NULL, read_reply(self));
}

TEST_F(worker, nobody_is_limited_by_rules_that_are_gone)
{
	session_cache_clear(self->pool.sessions, use_rules(self, two_users));
	send_body(self, 5, PARSEC_OP_PSA_GENERATE_RANDOM, random_16);
	ASSERT_TRUE(tell_limits(self, 5, 1001, &(struct fake_limits){ .running = 1 }));
	ASSERT_TRUE(limits_come(self, 5));
	ASSERT_NE(NULL, read_reply(self));
	send_body(self, 6, PARSEC_OP_PSA_GENERATE_RANDOM, random_16);
	ASSERT_TRUE(tell_who(self, 6, 1001));
	ASSERT_NE(NULL, read_reply(self));
}

/* In a container of which nothing is known */
static bool ask_without_name(fixture *self, uint64_t session)
{
	struct contract_request req = key("k");
	struct host_message *message;

	send_request(self, session, PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, &req);
	message = fake_kernel_read(self->kernel);
	if (!message || message->cmd != PARSEC_CMD_GET_SESSION)
		return false;
	fake_kernel_session(self->kernel, message->seq, session, 0, 0, NULL);
	message = read_reply(self);
	return message && message->status == PARSEC_AUTHENTICATION_ERROR;
}

TEST_F(worker, who_has_no_name_does_not_fill_the_log)
{
	int words = dup(STDERR_FILENO), log = memfd_create("log", MFD_CLOEXEC);
	unsigned int answered = 0, lines = 0;
	char said[4096] = "";

	log_init("test", PARSEC_LOG_WARNING, false);
	dup2(log, STDERR_FILENO);
	for (uint64_t session = 5; session < 25; session++)
		answered += ask_without_name(self, session);
	dup2(words, STDERR_FILENO);
	close(words);
	EXPECT_EQ(20, answered);
	EXPECT_LT(0, pread(log, said, sizeof(said) - 1, 0));
	close(log);
	for (const char *at = said; (at = strstr(at, "no name for user 0")); at++)
		lines++;
	EXPECT_EQ(1, lines) TH_LOG("%s", said);
}

TEST_F(worker, other_user_does_not_find_the_key)
{
	struct contract_request req = key("k");
	struct host_message *reply;

	signer_make_key(&self->signer, "1000", "k");
	send_request(self, 6, PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, &req);
	ASSERT_TRUE(tell_who(self, 6, 1001));
	reply = read_reply(self);
	ASSERT_NE(NULL, reply);
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, reply->status);
}

TEST_F(worker, closed_session_is_answered_all_the_same)
{
	struct contract_request req = key("k");
	struct host_message *message;

	send_request(self, 5, PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, &req);
	message = fake_kernel_read(self->kernel);
	ASSERT_NE(NULL, message);
	fake_kernel_ack(self->kernel, message->seq, -ENOENT);
	message = read_reply(self);
	ASSERT_NE(NULL, message);
	EXPECT_EQ(PARSEC_AUTHENTICATION_ERROR, message->status);
}

TEST_HARNESS_MAIN
