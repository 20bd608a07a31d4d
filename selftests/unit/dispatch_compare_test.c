// SPDX-License-Identifier: Apache-2.0
/*
 * CompareKeys: what a provider host tells of its keys and of those in its backend, and what
 * the core host makes of that, for administrators only.
 */
#include "kselftest_harness.h"

#include <fcntl.h>
#include <unistd.h>

#include "selftests/unit/fake_provider.h"

#define FIXTURE_PROVIDER	fake_token
#include "selftests/unit/dispatch_fixture.h"
#include "providers/core.h"

/* One that compares, one that has nothing of its own, one that is down */
#define PEERS	3

static const struct core_peer peers[PEERS] = {
	{ "token", 2 }, { "software", 1 }, { "gone", 16 },
};

/* What the first provider was asked */
static struct {
	bool asked;
	bool details;
	uint32_t auth_id;
	enum parsec_status last;
} world;

static enum parsec_status describe(void *arg, size_t peer, struct core_description *description)
{
	(void)arg;
	(void)peer;
	(void)description;
	return PARSEC_PSA_ERROR_COMMUNICATION_FAILURE;
}

static enum parsec_status ask(void *arg, size_t peer, uint8_t opcode,
			      const struct core_caller *caller, struct parsec_out *answer)
{
	const struct parsec_comparison_provider provider = {
		.id = 2, .name = "token", .lists = true, .keys = 5, .strangers = 1,
	};
	const struct parsec_comparison comparison = { .providers = &provider,
						      .provider_count = 1 };
	const struct contract_result result = { .comparison = &comparison };
	struct parsec_out rest = { answer->data + answer->len, answer->size - answer->len, 0 };
	struct contract_request req;

	(void)arg;
	if (peer == 1)
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (peer == 2)
		return world.last;
	if (contract_decode_request(opcode, caller->body, &req))
		abort();
	world.asked = true;
	world.details = req.details;
	world.auth_id = caller->auth_id;
	contract_request_free(&req);
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

/* The host is asked by somebody, with so much room. The result is in *@result */
static enum parsec_status ask_host(fixture *self, enum transport transport, uint8_t provider,
				   const char *body, size_t room, struct contract_result *result)
{
	enum parsec_status status;

	dispatch_end(&self->call);
	self->call = (struct call){
		.host = &self->signer.host,
		.transport = transport,
		.provider = provider,
		.opcode = PARSEC_OP_COMPARE_KEYS,
		.body = hex(body, self->bytes),
		.identify = identify,
		.identify_arg = self,
		.scratch = &self->scratch,
		.out = { self->out, room, 0 },
	};
	status = dispatch(&self->call);
	if (!status)
		status = contract_decode_result(PARSEC_OP_COMPARE_KEYS,
			(struct parsec_span){ self->out, self->call.out.len }, result);
	return status;
}

static enum parsec_status ask_core(fixture *self, bool admin, const char *body, size_t room,
				   struct contract_result *result)
{
	static const struct core_link link = { describe, ask, is_same };
	struct core *core = core_new(peers, PEERS, &link, NULL);
	enum parsec_status status;

	self->signer.host.core = core;
	self->signer.host.id = PARSEC_PROVIDER_CORE;
	self->caller->admin = admin;
	world.asked = false;
	status = ask_host(self, TRANSPORT_DEVICE, PARSEC_PROVIDER_CORE, body, room, result);
	core_free(core);
	self->signer.host.core = NULL;
	return status;
}

TEST_F(dispatch, administrator_is_told_of_each_provider)
{
	const struct parsec_comparison *told;
	struct contract_result result;

	world.last = PARSEC_PSA_ERROR_COMMUNICATION_FAILURE;
	ASSERT_EQ(PARSEC_SUCCESS, ask_core(self, true, "", ROOM, &result));
	EXPECT_TRUE(world.asked);
	EXPECT_FALSE(world.details);
	EXPECT_EQ(AUTH_UNIX_PEER_CREDENTIALS, world.auth_id);
	told = result.comparison;
	ASSERT_EQ(3, told->provider_count);
	EXPECT_EQ(2, told->providers[0].id);
	EXPECT_EQ(5, told->providers[0].keys);
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED, told->providers[1].status);
	EXPECT_STREQ("software", told->providers[1].name);
	EXPECT_EQ(16, told->providers[2].id);
	EXPECT_EQ(PARSEC_PSA_ERROR_COMMUNICATION_FAILURE, told->providers[2].status);
	contract_result_free(&result);
	ASSERT_EQ(PARSEC_SUCCESS, ask_core(self, true, "0801", ROOM, &result));
	EXPECT_TRUE(world.details);
	contract_result_free(&result);
}

TEST_F(dispatch, nobody_else_is_told)
{
	struct contract_result result;

	EXPECT_EQ(PARSEC_ADMIN_OPERATION, ask_core(self, false, "", ROOM, &result));
	EXPECT_FALSE(world.asked);
	EXPECT_EQ(0, self->call.out.len);
	/* The caller's own bytes go no further */
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED, ask_core(self, true, "ff", ROOM, &result));
	EXPECT_FALSE(world.asked);
}

/* Nobody is left out of an answer without a word */
TEST_F(dispatch, an_answer_that_does_not_fit_is_refused)
{
	struct contract_result result;
	unsigned int good = 0;

	world.last = PARSEC_PSA_ERROR_COMMUNICATION_FAILURE;
	for (size_t room = 0; room < 80; room++) {
		enum parsec_status status = ask_core(self, true, "", room, &result);

		if (status) {
			ASSERT_EQ(PARSEC_RESPONSE_TOO_LARGE, status);
			continue;
		}
		good++;
		ASSERT_EQ(3, result.comparison->provider_count);
		contract_result_free(&result);
	}
	EXPECT_LT(10, good);
}

/* The provider host, as the core host asks it */

static enum parsec_status ask_provider(fixture *self, const char *body, size_t room,
				       struct contract_result *result)
{
	return ask_host(self, TRANSPORT_INNER, SIGNER_ID, body, room, result);
}

static bool add_stranger(fixture *self, unsigned int number)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/ab%030x", self->signer.dir, number);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return fd >= 0 && !close(fd);
}

/* A key whose file is removed */
static bool add_missing(fixture *self, const char *name)
{
	const struct key_identity id = key_named("some app", name);
	uint8_t backend_id[PARSEC_BACKEND_ID_SIZE];
	char path[128];
	int len;

	if (keystore_create(self->signer.host.store, &id, &some_attributes, backend_id))
		return false;
	len = snprintf(path, sizeof(path), "%s/", self->signer.dir);
	for (size_t i = 0; i < PARSEC_BACKEND_ID_SIZE; i++)
		len += sprintf(path + len, "%02x", backend_id[i]);
	return !unlink(path);
}

TEST_F(dispatch, a_provider_tells_numbers_and_no_names)
{
	const struct parsec_comparison *told;
	struct contract_result result;

	signer_make_key(&self->signer, "1000", "there");
	ASSERT_TRUE(add_missing(self, "secret name"));
	ASSERT_TRUE(add_stranger(self, 1));
	ASSERT_TRUE(add_stranger(self, 2));
	ASSERT_EQ(PARSEC_SUCCESS, ask_provider(self, "", ROOM, &result));
	told = result.comparison;
	ASSERT_EQ(1, told->provider_count);
	EXPECT_STREQ("signer", told->providers[0].name);
	EXPECT_EQ(SIGNER_ID, told->providers[0].id);
	EXPECT_EQ(0, told->providers[0].status);
	EXPECT_TRUE(told->providers[0].lists);
	EXPECT_EQ(2, told->providers[0].keys);
	EXPECT_EQ(1, told->providers[0].missing);
	EXPECT_EQ(2, told->providers[0].strangers);
	EXPECT_EQ(0, told->providers[0].unknown);
	EXPECT_EQ(0, told->missing_count);
	EXPECT_EQ(0, told->stranger_count);
	contract_result_free(&result);
	EXPECT_EQ(NULL, memmem(self->out, sizeof(self->out), "secret", 6));
}

TEST_F(dispatch, a_provider_tells_which_ones_when_it_is_asked)
{
	const uint8_t id[PARSEC_BACKEND_ID_SIZE] = { 0xab, [15] = 7 };
	const struct parsec_comparison *told;
	struct contract_result result;

	ASSERT_TRUE(add_missing(self, "secret name"));
	ASSERT_TRUE(add_stranger(self, 7));
	ASSERT_EQ(PARSEC_SUCCESS, ask_provider(self, "0801", ROOM, &result));
	told = result.comparison;
	ASSERT_EQ(1, told->provider_count);
	ASSERT_EQ(1, told->missing_count);
	EXPECT_EQ(SIGNER_ID, told->missing[0].provider);
	EXPECT_STREQ("some app", told->missing[0].application);
	EXPECT_STREQ("secret name", told->missing[0].key_name);
	ASSERT_EQ(1, told->stranger_count);
	EXPECT_EQ(SIGNER_ID, told->strangers[0].provider);
	EXPECT_EQ(0, memcmp(id, told->strangers[0].id, sizeof(id)));
	contract_result_free(&result);
}

/* However many there are, the numbers are right, and what does not fit is left out */
TEST_F(dispatch, details_end_where_their_room_does)
{
	struct contract_result result;

	for (unsigned int i = 0; i < 4000; i++)
		ASSERT_TRUE(add_stranger(self, i));
	ASSERT_EQ(PARSEC_SUCCESS, ask_provider(self, "0801", ROOM, &result));
	EXPECT_EQ(4000, result.comparison->providers[0].strangers);
	EXPECT_LT(1000, result.comparison->stranger_count);
	EXPECT_GT(4000, result.comparison->stranger_count);
	EXPECT_GE(64 * 1024 + 256, self->call.out.len);
	contract_result_free(&result);
	ASSERT_EQ(PARSEC_SUCCESS, ask_provider(self, "0801", 400, &result));
	EXPECT_EQ(4000, result.comparison->providers[0].strangers);
	EXPECT_LT(2, result.comparison->stranger_count);
	contract_result_free(&result);
	EXPECT_EQ(PARSEC_RESPONSE_TOO_LARGE, ask_provider(self, "0801", 8, &result));
}

TEST_F(dispatch, a_backend_that_is_away_is_no_empty_one)
{
	struct contract_result result;

	signer_make_key(&self->signer, "1000", "there");
	fake.list = PARSEC_PSA_ERROR_HARDWARE_FAILURE;
	EXPECT_EQ(PARSEC_PSA_ERROR_HARDWARE_FAILURE, ask_provider(self, "", ROOM, &result));
	fake.list = PARSEC_SUCCESS;
}

TEST_F(dispatch, applications_ask_no_provider)
{
	EXPECT_EQ(PARSEC_OPCODE_DOES_NOT_EXIST, run_hex(self, PARSEC_OP_COMPARE_KEYS, ""));
}

TEST_HARNESS_MAIN
