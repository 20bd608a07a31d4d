// SPDX-License-Identifier: Apache-2.0
/*
 * GetStats: who is told what, with providers that answer and others that do not, a kernel
 * that is played here, and answers that have no room.
 */
#include "kselftest_harness.h"

#include "selftests/unit/dispatch_fixture.h"
#include "helper/netlink_stats.h"
#include "providers/core.h"

#define PEERS	3

static const struct core_peer peers[PEERS] = {
	{ "one", 1 }, { "gone", 16 }, { "large", 17 },
};

/* What the providers were asked, and the kernel has to tell */
static struct {
	struct core_link link;
	char app[PEERS][16];
	uint32_t auth_id;
	size_t accounts;
	int kernel_error;
	unsigned int kernel_asked;
} world;

static enum parsec_status describe(void *arg, size_t peer,
				   struct core_description *description)
{
	(void)arg;
	(void)peer;
	(void)description;
	return PARSEC_PSA_ERROR_COMMUNICATION_FAILURE;
}

static enum parsec_status ask(void *arg, size_t peer, uint8_t opcode,
			      const struct core_caller *caller, struct parsec_out *answer)
{
	const struct parsec_stats_provider provider = { .id = 1, .name = "one", .workers = 4 };
	const struct parsec_stats stats = { .providers = &provider, .provider_count = 1 };
	const struct contract_result result = { .stats = &stats };
	struct parsec_out rest = { answer->data + answer->len, answer->size - answer->len, 0 };

	(void)arg;
	snprintf(world.app[peer], sizeof(world.app[peer]), "%.*s", (int)caller->app.len,
		 (const char *)caller->app.data);
	world.auth_id = caller->auth_id;
	if (peer == 1)
		return PARSEC_PSA_ERROR_COMMUNICATION_FAILURE;
	if (peer == 2) {
		answer->len = answer->size;	/* what was in it is not part of the answer */
		return PARSEC_RESPONSE_TOO_LARGE;
	}
	if (contract_encode_result(opcode, &result, &rest))
		return PARSEC_RESPONSE_TOO_LARGE;
	answer->len += rest.len;
	return PARSEC_SUCCESS;
}

static bool is_same(void *arg, size_t peer)
{
	(void)arg;
	(void)peer;
	return false;
}

/* Accounts of users from 1000 on */
static int kernel_stats(void *arg, const struct netlink_stats_sink *sink)
{
	const struct parsec_stats_device device = { .sessions = 7, .edquot = 5 };
	const struct parsec_stats_queue queue = { .provider = 16, .queued = 3, .credits = 8 };

	(void)arg;
	world.kernel_asked++;
	if (world.kernel_error)
		return world.kernel_error;
	sink->module(&device, sink->arg);
	sink->provider(&queue, sink->arg);
	for (size_t i = 0; i < world.accounts; i++)
		sink->account(&(struct parsec_stats_account){
			.uid = 1000 + (uint32_t)i, .userns = 5, .cgroup = 9,
			.cgroup_path = "/some/where/that/takes/room", .refused = i,
		}, sink->arg);
	return 0;
}

static int facts(void *arg, struct parsec_facts *facts)
{
	(void)arg;
	*facts = (struct parsec_facts){ .uid = 1001, .userns = 5, .cgroup = 9 };
	return 0;
}

/* One request of the caller, one of somebody else, one of nobody known */
static void count_some(fixture *self)
{
	struct stats *stats = self->signer.host.stats;
	struct stats_thread *thread = stats_thread(stats, 0);

	for (int i = 0; i < 3; i++) {
		stats_begin(thread);
		if (i < 2)
			stats_identified(thread, stats_app_get(stats, AUTH_UNIX_PEER_CREDENTIALS,
							       text(i ? "1000" : "1001")));
		stats_end(thread, PARSEC_SUCCESS, 1000);
	}
}

/* GetStats with so much room. The result is in *@result */
static enum parsec_status get_stats(fixture *self, bool admin, size_t room,
				    struct contract_result *result)
{
	struct core *core;
	enum parsec_status status;

	world.link = (struct core_link){ describe, ask, is_same };
	core = core_new(peers, PEERS, &world.link, NULL);
	self->signer.host.core = core;
	self->signer.host.id = PARSEC_PROVIDER_CORE;
	self->signer.config.buffer_size_limit = ROOM;
	self->caller->admin = admin;
	run_hex(self, PARSEC_OP_GET_STATS, "ff");
	dispatch_end(&self->call);
	self->call.identity = NULL;
	self->call.body.len = 0;
	self->call.kernel_stats = kernel_stats;
	self->call.facts = facts;
	self->call.out = (struct parsec_out){ self->out, room, 0 };
	world.kernel_asked = 0;
	status = dispatch(&self->call);
	core_free(core);
	if (!status)
		status = contract_decode_result(PARSEC_OP_GET_STATS,
			(struct parsec_span){ self->out, self->call.out.len }, result);
	return status;
}

static const struct parsec_stats_provider *provider(const struct parsec_stats *stats,
						    uint32_t id)
{
	for (size_t i = 0; i < stats->provider_count; i++)
		if (stats->providers[i].id == id)
			return &stats->providers[i];
	return NULL;
}

TEST_F(dispatch, administrator_is_told_everything)
{
	const struct parsec_stats *stats;
	struct contract_result result;

	world.accounts = 3;
	world.kernel_error = 0;
	count_some(self);
	ASSERT_EQ(PARSEC_SUCCESS, get_stats(self, true, ROOM, &result));
	stats = result.stats;
	EXPECT_STREQ("", world.app[0]);
	EXPECT_EQ(AUTH_UNIX_PEER_CREDENTIALS, world.auth_id);
	ASSERT_EQ(4, stats->provider_count);
	ASSERT_NE(NULL, provider(stats, 0));
	EXPECT_EQ(0, provider(stats, 0)->status);
	EXPECT_LT(1700000000, provider(stats, 0)->start_time);
	EXPECT_EQ(4, provider(stats, 1)->workers);
	EXPECT_EQ(PARSEC_PSA_ERROR_COMMUNICATION_FAILURE, provider(stats, 16)->status);
	EXPECT_STREQ("gone", provider(stats, 16)->name);
	EXPECT_EQ(PARSEC_RESPONSE_TOO_LARGE, provider(stats, 17)->status);
	ASSERT_EQ(4, stats->row_count);
	EXPECT_EQ(PARSEC_CALLERS_ALL, stats->rows[0].callers);
	EXPECT_EQ(3, stats->rows[0].requests);
	ASSERT_EQ(1, stats->queue_count);
	EXPECT_EQ(16, stats->queues[0].provider);
	EXPECT_EQ(3, stats->queues[0].queued);
	ASSERT_EQ(3, stats->account_count);
	EXPECT_EQ(2, stats->accounts[2].refused);
	EXPECT_EQ(0, stats->accounts_omitted);
	ASSERT_NE(NULL, stats->device);
	EXPECT_EQ(5, stats->device->edquot);
	contract_result_free(&result);
}

TEST_F(dispatch, others_are_told_of_themselves)
{
	const struct parsec_stats *stats;
	struct contract_result result;

	world.accounts = 3;
	world.kernel_error = 0;
	count_some(self);
	ASSERT_EQ(PARSEC_SUCCESS, get_stats(self, false, ROOM, &result));
	stats = result.stats;
	EXPECT_STREQ("1000", world.app[0]);
	EXPECT_STREQ("1000", world.app[1]);
	ASSERT_EQ(1, stats->row_count);
	EXPECT_STREQ("1000", stats->rows[0].application);
	EXPECT_EQ(PARSEC_CALLERS_APPLICATION, stats->rows[0].callers);
	EXPECT_EQ(0, stats->queue_count);
	EXPECT_EQ(NULL, stats->device);
	/* The account is that of the facts */
	ASSERT_EQ(1, stats->account_count);
	EXPECT_EQ(1001, stats->accounts[0].uid);
	contract_result_free(&result);
}

TEST_F(dispatch, who_has_no_name_is_told_nothing)
{
	struct contract_result result;

	identity_put(self->caller);
	self->caller = identity_new(AUTH_UNIX_PEER_CREDENTIALS, text(""));
	self->caller->origin = ORIGIN_NONE;
	count_some(self);
	EXPECT_EQ(PARSEC_AUTHENTICATION_ERROR, get_stats(self, false, ROOM, &result));
	EXPECT_EQ(0, self->call.out.len);
	EXPECT_EQ(0, world.kernel_asked);
}

TEST_F(dispatch, kernel_that_does_not_answer_is_no_failure)
{
	struct contract_result result;

	world.kernel_error = -5;
	ASSERT_EQ(PARSEC_SUCCESS, get_stats(self, true, ROOM, &result));
	EXPECT_EQ(1, world.kernel_asked);
	EXPECT_EQ(NULL, result.stats->device);
	EXPECT_EQ(4, result.stats->provider_count);
	contract_result_free(&result);
}

TEST_F(dispatch, accounts_without_room_are_counted)
{
	struct contract_result result;

	world.accounts = 5000;
	world.kernel_error = 0;
	ASSERT_EQ(PARSEC_SUCCESS, get_stats(self, true, ROOM, &result));
	EXPECT_LT(1000, result.stats->account_count);
	EXPECT_LT(1000, result.stats->accounts_omitted);
	EXPECT_EQ(5000, result.stats->account_count + result.stats->accounts_omitted);
	EXPECT_EQ(4, result.stats->provider_count);
	EXPECT_NE(NULL, result.stats->device);
	contract_result_free(&result);
}

/* Whatever the room: an answer that can be read, or status 10, and nothing behind the room */
TEST_F(dispatch, any_room_will_do_or_is_too_small)
{
	struct contract_result result;
	unsigned int good = 0, bad = 0;
	size_t room;

	world.accounts = 40;
	world.kernel_error = 0;
	count_some(self);
	for (room = 0; room < 3000; room += 7) {
		enum parsec_status status;

		memset(self->out, 0xee, sizeof(self->out));
		status = get_stats(self, true, room, &result);
		for (size_t i = room; i < room + 64; i++)
			ASSERT_EQ(0xee, self->out[i]);
		if (status) {
			ASSERT_EQ(PARSEC_RESPONSE_TOO_LARGE, status);
			bad++;
			continue;
		}
		ASSERT_EQ(40, result.stats->account_count + result.stats->accounts_omitted);
		contract_result_free(&result);
		good++;
	}
	EXPECT_LT(20, good);
	EXPECT_LT(20, bad);
}

TEST_F(dispatch, a_provider_is_no_place_to_ask)
{
	EXPECT_EQ(PARSEC_OPCODE_DOES_NOT_EXIST, run_hex(self, PARSEC_OP_GET_STATS, ""));
}

TEST_F(dispatch, a_host_that_counts_nothing_says_so)
{
	struct stats *stats = self->signer.host.stats;
	struct contract_result result;

	self->signer.host.stats = NULL;
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED, get_stats(self, true, ROOM, &result));
	self->signer.host.stats = stats;
}

TEST_HARNESS_MAIN
