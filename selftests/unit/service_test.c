// SPDX-License-Identifier: Apache-2.0
/*
 * Operations that are this service's own: their messages, and what libparsec makes of
 * them. The device is played here: open(), ioctl() and close() are wrapped.
 */
#include "kselftest_harness.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "selftests/unit/bodies.h"
#include "selftests/unit/wrapped_device.h"

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

static const uint32_t statuses[] = { 0, 1140 };
static const uint64_t counts[] = { 1ULL << 40, 3 };
static const struct parsec_stats_provider stats_providers[] = {
	{ 0, "core", 0, 1700000000, 2 }, { 16, "gone", 1145, 0, 0 },
};
static const struct parsec_stats_row rows[] = {
	{ .provider = 255, .callers = PARSEC_CALLERS_APPLICATION, .application = "/a\xff/b:0",
	  .in_flight = 2, .requests = (1ULL << 40) + 3, .errors = 3, .total_ns = 1ULL << 60,
	  .max_ns = 1ULL << 50, .p50_ns = 1, .p90_ns = 2, .p99_ns = 3, .p99_9_ns = 4,
	  .statuses = statuses, .counts = counts, .status_count = 2 },
	{ .callers = PARSEC_CALLERS_OTHERS, .application = "" },
};
static const struct parsec_stats_queue queues[] = {
	{ 255, 1, 2, 3, 4, 5, 6, 1ULL << 40, 8, 9, 10 },
};
static const struct parsec_stats_account accounts[] = {
	{ 1, 1ULL << 33, 1ULL << 34, "/x\xff", 2, 3, 4, 1ULL << 35, 5, 6, 7, 8 },
	{ .uid = 9 },
};
static const struct parsec_stats_device device = {
	1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
	1ULL << 40,
};
static const struct parsec_stats all_stats = {
	stats_providers, 2, rows, 2, queues, 1, accounts, 2, 77, &device,
};

static bool same_row(const struct parsec_stats_row *a, const struct parsec_stats_row *b)
{
	return a->provider == b->provider && a->callers == b->callers &&
	       same_text(a->application, b->application) && a->in_flight == b->in_flight &&
	       a->requests == b->requests && a->errors == b->errors &&
	       a->total_ns == b->total_ns && a->max_ns == b->max_ns && a->p50_ns == b->p50_ns &&
	       a->p90_ns == b->p90_ns && a->p99_ns == b->p99_ns && a->p99_9_ns == b->p99_9_ns &&
	       same_numbers(a->statuses, a->status_count, b->statuses, b->status_count) &&
	       (!a->status_count || !memcmp(a->counts, b->counts, a->status_count * 8));
}

static bool same_queue(const struct parsec_stats_queue *a, const struct parsec_stats_queue *b)
{
	return a->provider == b->provider && a->workers == b->workers &&
	       a->retired == b->retired && a->credits == b->credits && a->queued == b->queued &&
	       a->in_flight == b->in_flight && a->parked == b->parked && a->sent == b->sent &&
	       a->done == b->done && a->aborted == b->aborted && a->returned == b->returned;
}

static bool same_account(const struct parsec_stats_account *a,
			 const struct parsec_stats_account *b)
{
	return a->uid == b->uid && a->userns == b->userns && a->cgroup == b->cgroup &&
	       same_text(a->cgroup_path, b->cgroup_path) && a->sessions == b->sessions &&
	       a->waiting == b->waiting && a->running == b->running && a->done == b->done &&
	       a->refused == b->refused && a->max_waiting == b->max_waiting &&
	       a->max_running == b->max_running && a->max_open == b->max_open;
}

static bool same_stats(const struct parsec_stats *a, const struct parsec_stats *b)
{
	return a->provider_count == 2 && b->provider_count == 2 &&
	       same_text(a->providers[0].name, b->providers[0].name) &&
	       a->providers[0].start_time == b->providers[0].start_time &&
	       a->providers[0].workers == b->providers[0].workers &&
	       a->providers[1].id == b->providers[1].id &&
	       a->providers[1].status == b->providers[1].status &&
	       a->row_count == 2 && b->row_count == 2 && same_row(&a->rows[0], &b->rows[0]) &&
	       same_row(&a->rows[1], &b->rows[1]) && a->queue_count == 1 &&
	       b->queue_count == 1 && same_queue(a->queues, b->queues) &&
	       a->account_count == 2 && b->account_count == 2 &&
	       same_account(&a->accounts[0], &b->accounts[0]) &&
	       same_account(&a->accounts[1], &b->accounts[1]) &&
	       a->accounts_omitted == b->accounts_omitted && a->device && b->device &&
	       !memcmp(a->device, b->device, sizeof(*a->device));
}

TEST(statistics_survive)
{
	const struct contract_result result = { .stats = &all_stats };
	struct contract_result back;
	uint8_t body[1024];
	struct parsec_out out = { body, sizeof(body), 0 };
	size_t len;

	ASSERT_EQ(PARSEC_SUCCESS, contract_encode_result(PARSEC_OP_GET_STATS, &result, &out));
	ASSERT_EQ(PARSEC_SUCCESS, contract_decode_result(PARSEC_OP_GET_STATS,
			(struct parsec_span){ body, out.len }, &back));
	EXPECT_TRUE(same_stats(&all_stats, back.stats));
	contract_result_free(&back);
	for (len = 0; len < out.len; len++) {
		struct parsec_out less = { body, len, 0 };

		ASSERT_EQ(PARSEC_RESPONSE_TOO_LARGE,
			  contract_encode_result(PARSEC_OP_GET_STATS, &result, &less));
		ASSERT_EQ(out.len, less.len);
	}
}

static enum parsec_status decode_stats(const char *body)
{
	uint8_t room[HEX_MAX];
	struct contract_result result;
	enum parsec_status status;

	status = contract_decode_result(PARSEC_OP_GET_STATS, hex(body, room), &result);
	contract_result_free(&result);
	return status;
}

TEST(bad_statistics_are_refused)
{
	EXPECT_EQ(PARSEC_SUCCESS, decode_stats(""));
	EXPECT_EQ(PARSEC_SUCCESS, decode_stats("0a00120210031a002200"));
	/* Cut off, a wrong type, a NUL in a name, a name that is not UTF-8 */
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED, decode_stats("0a"));
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED, decode_stats("1003"));
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED, decode_stats("12051a03610062"));
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED, decode_stats("0a031201ff"));
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED, decode_stats("220522032f0062"));
	/* Ids above 255, callers that there are not, a status without its number */
	EXPECT_EQ(PARSEC_SUCCESS, decode_stats("0a0308ff01"));
	EXPECT_EQ(PARSEC_INVALID_ENCODING, decode_stats("0a03088002"));
	EXPECT_EQ(PARSEC_INVALID_ENCODING, decode_stats("1203088002"));
	EXPECT_EQ(PARSEC_INVALID_ENCODING, decode_stats("1a03088002"));
	EXPECT_EQ(PARSEC_INVALID_ENCODING, decode_stats("12021004"));
	EXPECT_EQ(PARSEC_INVALID_ENCODING, decode_stats("12035a0101"));
	EXPECT_EQ(PARSEC_SUCCESS, decode_stats("12065a0101620105"));
}

static const struct parsec_comparison_provider compared[] = {
	{ .id = 2, .name = "token", .lists = true, .keys = 12, .missing = 3, .strangers = 4,
	  .unknown = 5 },
	{ .id = 255, .name = "gone", .status = PARSEC_PSA_ERROR_COMMUNICATION_FAILURE },
};
static const struct parsec_comparison_missing missing[] = {
	{ 2, "1000", "web", { 1, 2, 3 } }, { 2, "/a\xff/path:0", "\xc3\xa4", { [15] = 9 } },
};
static const struct parsec_comparison_stranger strangers[] = { { 2, { 7 } }, { 255, { 8 } } };
static const struct parsec_comparison comparison = {
	compared, 2, missing, 2, strangers, 2,
};

static bool same_compared(const struct parsec_comparison_provider *a,
			  const struct parsec_comparison_provider *b)
{
	return a->id == b->id && same_text(a->name, b->name) && a->status == b->status &&
	       a->lists == b->lists && a->keys == b->keys && a->missing == b->missing &&
	       a->strangers == b->strangers && a->unknown == b->unknown;
}

static bool same_missing(const struct parsec_comparison_missing *a,
			 const struct parsec_comparison_missing *b)
{
	return a->provider == b->provider && same_text(a->application, b->application) &&
	       same_text(a->key_name, b->key_name) && !memcmp(a->id, b->id, sizeof(a->id));
}

static bool same_comparison(const struct parsec_comparison *a, const struct parsec_comparison *b)
{
	return a->provider_count == 2 && b->provider_count == 2 && a->missing_count == 2 &&
	       b->missing_count == 2 && a->stranger_count == 2 && b->stranger_count == 2 &&
	       same_compared(&a->providers[0], &b->providers[0]) &&
	       same_compared(&a->providers[1], &b->providers[1]) &&
	       same_missing(&a->missing[0], &b->missing[0]) &&
	       same_missing(&a->missing[1], &b->missing[1]) &&
	       !memcmp(a->strangers, b->strangers, 2 * sizeof(*a->strangers));
}

TEST(comparisons_survive)
{
	const struct contract_result result = { .comparison = &comparison };
	struct contract_result back;
	uint8_t body[512];
	struct parsec_out out = { body, sizeof(body), 0 };

	ASSERT_EQ(PARSEC_SUCCESS, contract_encode_result(PARSEC_OP_COMPARE_KEYS, &result, &out));
	ASSERT_EQ(PARSEC_SUCCESS, contract_decode_result(PARSEC_OP_COMPARE_KEYS,
			(struct parsec_span){ body, out.len }, &back));
	EXPECT_TRUE(same_comparison(&comparison, back.comparison));
	contract_result_free(&back);
	for (size_t len = 0; len < out.len; len++) {
		struct parsec_out less = { body, len, 0 };

		ASSERT_EQ(PARSEC_RESPONSE_TOO_LARGE,
			  contract_encode_result(PARSEC_OP_COMPARE_KEYS, &result, &less));
		ASSERT_EQ(out.len, less.len);
	}
}

static enum parsec_status decode_comparison(const char *body)
{
	uint8_t room[HEX_MAX];
	struct contract_result result;
	enum parsec_status status;

	status = contract_decode_result(PARSEC_OP_COMPARE_KEYS, hex(body, room), &result);
	contract_result_free(&result);
	return status;
}

TEST(bad_comparisons_are_refused)
{
	const char *const id = "000102030405060708090a0b0c0d0e0f";
	char body[128];

	EXPECT_EQ(PARSEC_SUCCESS, decode_comparison(""));
	EXPECT_EQ(PARSEC_SUCCESS, decode_comparison("0a00"));
	/* Cut off, a wrong type, a name that is not UTF-8 */
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED, decode_comparison("0a"));
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED, decode_comparison("1003"));
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED, decode_comparison("0a031201ff"));
	/* Ids above 255, and ids of keys that are shorter, longer or missing */
	EXPECT_EQ(PARSEC_INVALID_ENCODING, decode_comparison("0a03088002"));
	EXPECT_EQ(PARSEC_INVALID_ENCODING, decode_comparison("1200"));
	EXPECT_EQ(PARSEC_INVALID_ENCODING, decode_comparison("1a00"));
	snprintf(body, sizeof(body), "1a121210%s", id);
	EXPECT_EQ(PARSEC_SUCCESS, decode_comparison(body));
	snprintf(body, sizeof(body), "1a131211%s00", id);
	EXPECT_EQ(PARSEC_INVALID_ENCODING, decode_comparison(body));
	snprintf(body, sizeof(body), "1a150880021210%s", id);
	EXPECT_EQ(PARSEC_INVALID_ENCODING, decode_comparison(body));
	snprintf(body, sizeof(body), "12122210%s", id);
	EXPECT_EQ(PARSEC_SUCCESS, decode_comparison(body));
	/* A NUL in the application, a key name that is not UTF-8 */
	snprintf(body, sizeof(body), "12152210%s120100", id);
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED, decode_comparison(body));
	snprintf(body, sizeof(body), "12152210%s1a01ff", id);
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED, decode_comparison(body));
}

TEST(details_survive_a_request)
{
	for (int details = 0; details < 2; details++) {
		const struct contract_request req = { .details = details };
		struct contract_request back;
		uint8_t body[16];
		struct parsec_out out = { body, sizeof(body), 0 };

		ASSERT_EQ(PARSEC_SUCCESS,
			  contract_encode_request(PARSEC_OP_COMPARE_KEYS, &req, &out));
		ASSERT_EQ(PARSEC_SUCCESS, contract_decode_request(PARSEC_OP_COMPARE_KEYS,
				(struct parsec_span){ body, out.len }, &back));
		EXPECT_EQ(details, back.details);
		contract_request_free(&back);
	}
}

/* libparsec */

static struct {
	uint8_t opcode;
	uint8_t provider;
	struct parsec_facts asked;
	bool details;
	struct contract_result result;
} dev;

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
	dev.details = req.details;
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

TEST(statistics_are_told_as_they_are)
{
	const struct parsec_stats *stats;
	struct parsec *ctx;

	dev.result = (struct contract_result){ .stats = &all_stats };
	ASSERT_EQ(0, parsec_open(&ctx));
	ASSERT_EQ(0, parsec_get_stats(ctx, &stats));
	EXPECT_EQ(PARSEC_OP_GET_STATS, dev.opcode);
	EXPECT_EQ(PARSEC_PROVIDER_CORE, dev.provider);
	EXPECT_TRUE(same_stats(&all_stats, stats));
	parsec_free_stats(stats);
	parsec_free_stats(NULL);
	parsec_close(ctx);
}

TEST(comparisons_are_told_as_they_are)
{
	const struct parsec_comparison *told;
	struct parsec *ctx;

	dev.result = (struct contract_result){ .comparison = &comparison };
	ASSERT_EQ(0, parsec_open(&ctx));
	ASSERT_EQ(0, parsec_compare_keys(ctx, true, &told));
	EXPECT_EQ(PARSEC_OP_COMPARE_KEYS, dev.opcode);
	EXPECT_EQ(PARSEC_PROVIDER_CORE, dev.provider);
	EXPECT_TRUE(dev.details);
	EXPECT_TRUE(same_comparison(&comparison, told));
	parsec_free_comparison(told);
	ASSERT_EQ(0, parsec_compare_keys(ctx, false, &told));
	EXPECT_FALSE(dev.details);
	parsec_free_comparison(told);
	parsec_free_comparison(NULL);
	parsec_close(ctx);
}

TEST_HARNESS_MAIN
