// SPDX-License-Identifier: Apache-2.0
/*
 * Operations that are this service's own: their messages, and what libparsec makes of
 * them. The device is played here: open(), ioctl() and close() are wrapped.
 */
#include "kselftest_harness.h"

#include <errno.h>
#include <linux/parsec.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "helper/contract/contract.h"
#include "selftests/unit/hex.h"
#include "tools/lib/parsec.h"

#define FD	4711

static const uint32_t providers[] = { 1, 16 }, operations[] = { 4, 300 };
static const struct parsec_verdict verdicts[] = {
	{ "first", false, "uid is 7" }, { "second", true, "" },
};

static const struct parsec_facts facts = {
	.uid = 100000, .gid = 5, .init_userns = true, .init_pidns = true, .pid = 77,
	.loginuid = PARSEC_ID_UNKNOWN, .userns = 4026531837, .userns_owner = 6,
	.userns_level = 2, .pidns = 4026531836, .start_time = 1ULL << 40, .cgroup = 9000,
	.exe_dev = 0x10302, .exe_ino = 1ULL << 33, .cgroup_path = "/a\xff/b",
	.lsm = "label (enforce)", .exe = "/bin/x\x01",
};

static const struct parsec_decision decision = {
	.application = "/a\xff/b:0", .rule = "second", .why = "so", .admin = true,
	.denied = true, .some_providers = true, .some_operations = true,
	.providers = providers, .provider_count = 2, .operations = operations,
	.operation_count = 2, .limits = { 1, 2, 3 },
};

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool same_facts(const struct parsec_facts *a, const struct parsec_facts *b)
{
	return a->uid == b->uid && a->gid == b->gid && a->init_userns == b->init_userns &&
	       a->init_pidns == b->init_pidns && a->pid == b->pid &&
	       a->loginuid == b->loginuid && a->userns == b->userns &&
	       a->userns_owner == b->userns_owner && a->userns_level == b->userns_level &&
	       a->pidns == b->pidns && a->start_time == b->start_time &&
	       a->cgroup == b->cgroup && a->exe_dev == b->exe_dev &&
	       a->exe_ino == b->exe_ino && same_text(a->cgroup_path, b->cgroup_path) &&
	       same_text(a->lsm, b->lsm) && same_text(a->exe, b->exe);
}

static bool same_numbers(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count)
{
	return a_count == b_count && (!a_count || !memcmp(a, b, a_count * sizeof(*a)));
}

static bool same_decision(const struct parsec_decision *a, const struct parsec_decision *b)
{
	return same_text(a->application, b->application) && same_text(a->rule, b->rule) &&
	       same_text(a->why, b->why) && a->admin == b->admin && a->denied == b->denied &&
	       a->some_providers == b->some_providers &&
	       a->some_operations == b->some_operations &&
	       same_numbers(a->providers, a->provider_count, b->providers, b->provider_count) &&
	       same_numbers(a->operations, a->operation_count, b->operations,
			    b->operation_count) &&
	       !memcmp(&a->limits, &b->limits, sizeof(a->limits));
}

TEST(facts_survive_a_request)
{
	const struct contract_request req = { .facts = facts };
	struct contract_request back;
	uint8_t body[512];
	struct parsec_out out = { body, sizeof(body), 0 };

	ASSERT_EQ(PARSEC_SUCCESS, contract_encode_request(PARSEC_OP_EXPLAIN, &req, &out));
	ASSERT_EQ(PARSEC_SUCCESS, contract_decode_request(PARSEC_OP_EXPLAIN,
			(struct parsec_span){ body, out.len }, &back));
	EXPECT_TRUE(same_facts(&facts, &back.facts));
	contract_request_free(&back);
}

static enum parsec_status decode(uint8_t opcode, const char *body)
{
	uint8_t room[HEX_MAX];
	struct contract_request req;
	enum parsec_status status;

	status = contract_decode_request(opcode, hex(body, room), &req);
	contract_request_free(&req);
	return status;
}

TEST(bad_requests_are_refused)
{
	EXPECT_EQ(PARSEC_SUCCESS, decode(PARSEC_OP_WHO_AM_I, ""));
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED, decode(PARSEC_OP_WHO_AM_I, "ff"));
	EXPECT_EQ(PARSEC_SUCCESS, decode(PARSEC_OP_EXPLAIN, "0a00"));
	EXPECT_EQ(PARSEC_INVALID_ENCODING, decode(PARSEC_OP_EXPLAIN, ""));
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED, decode(PARSEC_OP_EXPLAIN, "0aff"));
	/* A path with a NUL in it */
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED, decode(PARSEC_OP_EXPLAIN, "0a067a042f620061"));
	EXPECT_EQ(PARSEC_SUCCESS, decode(PARSEC_OP_EXPLAIN, "0a067a042f62ff61"));
}

TEST(results_survive)
{
	const struct contract_result result = {
		.facts = facts, .decision = decision, .verdicts = verdicts, .count = 2,
	};
	static const uint8_t opcodes[] = { PARSEC_OP_WHO_AM_I, PARSEC_OP_EXPLAIN };
	struct contract_result back;
	uint8_t body[512];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(opcodes); i++) {
		struct parsec_out out = { body, sizeof(body), 0 };
		bool explain = opcodes[i] == PARSEC_OP_EXPLAIN;

		ASSERT_EQ(PARSEC_SUCCESS, contract_encode_result(opcodes[i], &result, &out));
		ASSERT_EQ(PARSEC_SUCCESS, contract_decode_result(opcodes[i],
				(struct parsec_span){ body, out.len }, &back));
		EXPECT_TRUE(same_decision(&decision, &back.decision));
		EXPECT_TRUE(explain || same_facts(&facts, &back.facts));
		ASSERT_EQ(explain ? 2 : 0, back.count);
		if (explain) {
			EXPECT_STREQ("first", back.verdicts[0].rule);
			EXPECT_STREQ("uid is 7", back.verdicts[0].reason);
			EXPECT_FALSE(back.verdicts[0].matches);
			EXPECT_TRUE(back.verdicts[1].matches);
		}
		contract_result_free(&back);
		out = (struct parsec_out){ body, out.len - 1, 0 };
		EXPECT_EQ(PARSEC_RESPONSE_TOO_LARGE,
			  contract_encode_result(opcodes[i], &result, &out));
	}
}

/* libparsec */

static struct {
	uint8_t opcode;
	uint8_t provider;
	struct parsec_facts asked;
	struct contract_result result;
} dev;

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_ioctl(int fd, unsigned long request, void *arg);

int __wrap_open(const char *path, int flags, ...)
{
	return strcmp(path, PARSEC_DEVICE) ? __real_open(path, flags) : FD;
}

int __wrap_close(int fd)
{
	return fd == FD ? 0 : __real_close(fd);
}

int __wrap_ioctl(int fd, unsigned long request, void *arg)
{
	struct parsec_op *op = arg;
	struct parsec_out out;
	struct contract_request req;

	if (request == PARSEC_IOC_INFO)
		return 0;
	dev.opcode = (uint8_t)_IOC_NR(request);
	dev.provider = op->provider;
	if (contract_decode_request(dev.opcode, (struct parsec_span){
			(const void *)(uintptr_t)op->in, op->in_len }, &req))
		abort();
	dev.asked = req.facts;
	contract_request_free(&req);
	out = (struct parsec_out){ (void *)(uintptr_t)op->out, op->out_len, 0 };
	if (contract_encode_result(dev.opcode, &dev.result, &out))
		abort();
	op->out_len = (uint32_t)out.len;
	return 0;
}

TEST(who_am_i_tells_all)
{
	struct parsec_explanation *me;
	struct parsec *ctx;

	dev.result = (struct contract_result){ .facts = facts, .decision = decision };
	ASSERT_EQ(0, parsec_open(&ctx));
	parsec_use_provider(ctx, 7);
	ASSERT_EQ(0, parsec_who_am_i(ctx, &me));
	EXPECT_EQ(PARSEC_OP_WHO_AM_I, dev.opcode);
	EXPECT_EQ(PARSEC_PROVIDER_CORE, dev.provider);
	EXPECT_TRUE(same_facts(&facts, &me->facts));
	EXPECT_TRUE(same_decision(&decision, &me->decision));
	EXPECT_EQ(0, me->verdict_count);
	parsec_free_explanation(me);
	parsec_free_explanation(NULL);
	parsec_close(ctx);
}

TEST(who_am_i_may_have_little_to_tell)
{
	static const struct parsec_facts none;
	struct parsec_explanation *me;
	struct parsec *ctx;

	dev.result = (struct contract_result){ .facts = none };
	ASSERT_EQ(0, parsec_open(&ctx));
	ASSERT_EQ(0, parsec_who_am_i(ctx, &me));
	EXPECT_TRUE(same_facts(&none, &me->facts));
	EXPECT_STREQ("", me->decision.application);
	EXPECT_STREQ("", me->decision.rule);
	EXPECT_EQ(0, me->decision.provider_count);
	parsec_free_explanation(me);
	parsec_close(ctx);
}

TEST_HARNESS_MAIN
