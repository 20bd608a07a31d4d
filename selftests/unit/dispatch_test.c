// SPDX-License-Identifier: Apache-2.0
/*
 * The dispatch: which operation is whose, what is checked before a key is looked at,
 * and what needs no key.
 */
#include "kselftest_harness.h"

#include "helper/ops.h"
#include "providers/core.h"
#include "selftests/unit/dispatch_fixture.h"

/* Which operation, where */

TEST_F(dispatch, opcodes_of_the_contract_exist_and_no_others)
{
	bool known[256] = { false };
	unsigned int opcode;

#define KNOWN(number, constant, name) known[number] = true;
	PARSEC_OPCODE_LIST(KNOWN)
#undef KNOWN
	for (opcode = 0; opcode < 256; opcode++) {
		enum parsec_status status = run_hex(self, (uint8_t)opcode, "ff");

		EXPECT_EQ(!known[opcode], status == PARSEC_OPCODE_DOES_NOT_EXIST) {
			TH_LOG("opcode %u: status %u", opcode, status);
		}
	}
}

TEST_F(dispatch, unknown_opcode_comes_before_the_provider)
{
	self->signer.host.id = SIGNER_ID;
	run_hex(self, 29, "");
	self->call.provider = 9;
	EXPECT_EQ(PARSEC_OPCODE_DOES_NOT_EXIST, dispatch(&self->call));
}

TEST_F(dispatch, request_for_another_provider_is_refused)
{
	run_hex(self, PARSEC_OP_PSA_HASH_COMPUTE, "08071203616263");
	self->call.provider = SIGNER_ID + 1;
	EXPECT_EQ(PARSEC_WRONG_PROVIDER_ID, dispatch(&self->call));
}

TEST_F(dispatch, core_operations_are_not_for_providers)
{
	static const uint8_t opcodes[] = {
		PARSEC_OP_PING, PARSEC_OP_LIST_PROVIDERS, PARSEC_OP_LIST_OPCODES,
		PARSEC_OP_LIST_AUTHENTICATORS, PARSEC_OP_LIST_KEYS, PARSEC_OP_LIST_CLIENTS,
		PARSEC_OP_DELETE_CLIENT,
	};
	size_t i;

	for (i = 0; i < sizeof(opcodes); i++)
		EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED, run_hex(self, opcodes[i], ""));
	EXPECT_EQ(0, self->identified);
}

/* The core host, with one provider that is down */

static enum parsec_status is_down(void *arg, size_t peer,
				  struct core_description *description)
{
	(void)arg;
	(void)peer;
	(void)description;
	return PARSEC_PSA_ERROR_COMMUNICATION_FAILURE;
}

static enum parsec_status says_nothing(void *arg, size_t peer, uint8_t opcode,
				       const struct core_caller *caller,
				       struct parsec_out *answer)
{
	(void)arg;
	(void)peer;
	(void)opcode;
	(void)caller;
	(void)answer;
	return PARSEC_PSA_ERROR_COMMUNICATION_FAILURE;
}

static bool is_nobody(void *arg, size_t peer)
{
	(void)arg;
	(void)peer;
	return false;
}

static struct core *make_core_with(fixture *self,
				   enum parsec_status (*ask)(void *arg, size_t peer,
							     uint8_t opcode,
							     const struct core_caller *caller,
							     struct parsec_out *answer))
{
	static const struct core_peer peer = { "signer", SIGNER_ID };
	static struct core_link link;
	struct core *core;

	link = (struct core_link){ is_down, ask, is_nobody };
	core = core_new(&peer, 1, &link, NULL);

	self->signer.host.core = core;
	self->signer.host.id = PARSEC_PROVIDER_CORE;
	return core;
}

static struct core *make_core(fixture *self)
{
	return make_core_with(self, says_nothing);
}

TEST_F(dispatch, ping_is_answered_without_asking_who_it_is)
{
	struct core *core = make_core(self);

	EXPECT_EQ(PARSEC_SUCCESS, run_hex(self, PARSEC_OP_PING, ""));
	EXPECT_TRUE(answered(self, "0801"));
	EXPECT_EQ(0, self->identified);
	core_free(core);
}

TEST_F(dispatch, ping_with_a_body_that_is_none_is_refused)
{
	struct core *core = make_core(self);

	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED,
		  run_hex(self, PARSEC_OP_PING, "1122334455"));
	core_free(core);
}

TEST_F(dispatch, authenticator_is_unix_peer_credentials)
{
	struct core *core = make_core(self);
	struct contract_result result;

	ASSERT_EQ(PARSEC_SUCCESS, run_hex(self, PARSEC_OP_LIST_AUTHENTICATORS, ""));
	ASSERT_EQ(PARSEC_SUCCESS,
		  contract_decode_result(PARSEC_OP_LIST_AUTHENTICATORS,
			(struct parsec_span){ self->out, self->call.out.len }, &result));
	ASSERT_EQ(1, result.count);
	EXPECT_EQ(3, result.authenticators[0].id);
	EXPECT_EQ(0, result.authenticators[0].version[0]);
	EXPECT_EQ(1, result.authenticators[0].version[1]);
	EXPECT_EQ(0, result.authenticators[0].version[2]);
	contract_result_free(&result);
	core_free(core);
}

TEST_F(dispatch, core_is_listed_last_and_lists_what_it_answers)
{
	struct core *core = make_core(self);
	struct contract_result result;
	size_t i;

	ASSERT_EQ(PARSEC_SUCCESS, run_hex(self, PARSEC_OP_LIST_PROVIDERS, ""));
	ASSERT_EQ(PARSEC_SUCCESS,
		  contract_decode_result(PARSEC_OP_LIST_PROVIDERS,
			(struct parsec_span){ self->out, self->call.out.len }, &result));
	ASSERT_LE(1, result.count);
	EXPECT_EQ(0, result.providers[result.count - 1].id);
	EXPECT_STREQ(CORE_UUID, result.providers[result.count - 1].uuid);
	contract_result_free(&result);

	ASSERT_EQ(PARSEC_SUCCESS, run_hex(self, PARSEC_OP_LIST_OPCODES, ""));
	ASSERT_EQ(PARSEC_SUCCESS,
		  contract_decode_result(PARSEC_OP_LIST_OPCODES,
			(struct parsec_span){ self->out, self->call.out.len }, &result));
	for (i = 0; i < result.count; i++)
		EXPECT_TRUE(dispatch_serves(&self->signer.host, (uint8_t)result.opcodes[i]));
	EXPECT_LE(5, result.count);
	contract_result_free(&result);
	core_free(core);
}

TEST_F(dispatch, opcodes_of_ids_that_are_not_there_are_refused)
{
	struct core *core = make_core(self);

	EXPECT_EQ(PARSEC_PROVIDER_NOT_REGISTERED,
		  run_hex(self, PARSEC_OP_LIST_OPCODES, "0803"));
	EXPECT_EQ(PARSEC_PROVIDER_DOES_NOT_EXIST,
		  run_hex(self, PARSEC_OP_LIST_OPCODES, "0809"));
	core_free(core);
}

TEST_F(dispatch, core_answers_for_providers_that_are_not_there)
{
	struct core *core = make_core(self);

	run_hex(self, PARSEC_OP_PSA_SIGN_HASH, "");
	self->call.provider = 9;
	EXPECT_EQ(PARSEC_PROVIDER_DOES_NOT_EXIST, dispatch(&self->call));
	self->call.provider = PARSEC_PROVIDER_TPM;
	EXPECT_EQ(PARSEC_PROVIDER_NOT_REGISTERED, dispatch(&self->call));
	self->call.provider = SIGNER_ID;
	EXPECT_EQ(PARSEC_PSA_ERROR_COMMUNICATION_FAILURE, dispatch(&self->call));
	self->call.opcode = PARSEC_OP_PING;
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED, dispatch(&self->call));
	self->call.provider = 9;
	self->call.opcode = 29;
	EXPECT_EQ(PARSEC_OPCODE_DOES_NOT_EXIST, dispatch(&self->call));
	EXPECT_EQ(0, self->identified);
	core_free(core);
}

TEST_F(dispatch, crypto_is_not_for_core)
{
	struct core *core = make_core(self);

	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  run_hex(self, PARSEC_OP_PSA_HASH_COMPUTE, "08071203616263"));
	core_free(core);
}

/* What the provider was asked for, and an answer to ListClients with a double */
static struct {
	uint8_t opcode;
	char app[32];
} asked;

static enum parsec_status says_clients(void *arg, size_t peer, uint8_t opcode,
				       const struct core_caller *caller,
				       struct parsec_out *answer)
{
	static const uint8_t clients[] = "\x0a\x02zz\x0a\x01" "b" "\x0a\x02zz\x0a\x02" "ab";

	(void)arg;
	(void)peer;
	asked.opcode = opcode;
	memset(asked.app, 0, sizeof(asked.app));
	if (caller->app.len)
		memcpy(asked.app, caller->app.data, caller->app.len);
	if (opcode == PARSEC_OP_LIST_CLIENTS) {
		memcpy(answer->data + answer->len, clients, sizeof(clients) - 1);
		answer->len += sizeof(clients) - 1;
	}
	return PARSEC_SUCCESS;
}

TEST_F(dispatch, clients_are_sorted_and_listed_once)
{
	struct core *core = make_core_with(self, says_clients);

	self->caller->admin = true;
	ASSERT_EQ(PARSEC_SUCCESS, run_hex(self, PARSEC_OP_LIST_CLIENTS, ""));
	EXPECT_TRUE(answered(self, "0a026162" "0a0162" "0a027a7a"));
	core_free(core);
}

TEST_F(dispatch, a_client_is_deleted_by_its_name)
{
	struct core *core = make_core_with(self, says_clients);

	self->caller->admin = true;
	ASSERT_EQ(PARSEC_SUCCESS, run_hex(self, PARSEC_OP_DELETE_CLIENT, "0a0431303031"));
	EXPECT_EQ(PARSEC_OP_DELETE_CLIENT, asked.opcode);
	EXPECT_STREQ("1001", asked.app);
	EXPECT_TRUE(answered(self, ""));
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED,
		  run_hex(self, PARSEC_OP_DELETE_CLIENT, "0a01ff"));
	core_free(core);
}

TEST_F(dispatch, admin_operations_are_refused_before_their_body_is_read)
{
	struct core *core = make_core(self);

	EXPECT_EQ(PARSEC_ADMIN_OPERATION, run_hex(self, PARSEC_OP_LIST_CLIENTS, "1122334455"));
	EXPECT_EQ(PARSEC_ADMIN_OPERATION, run_hex(self, PARSEC_OP_DELETE_CLIENT, "1122334455"));
	self->caller->admin = true;
	EXPECT_NE(PARSEC_ADMIN_OPERATION, run_hex(self, PARSEC_OP_LIST_CLIENTS, "1122334455"));
	core_free(core);
}

TEST_F(dispatch, caller_without_a_name_is_refused)
{
	struct contract_request req = valid();

	identity_put(self->caller);
	self->caller = NULL;
	EXPECT_EQ(PARSEC_AUTHENTICATION_ERROR,
		  run_request(self, PARSEC_OP_PSA_SIGN_HASH, &req));
	/* Who it is comes before what is asked */
	EXPECT_EQ(PARSEC_AUTHENTICATION_ERROR, run_hex(self, PARSEC_OP_PSA_SIGN_HASH, "ff"));
}

/* Operations that the contract does not have */

static const struct parsec_facts who_facts = {
	.uid = 1000, .init_userns = true, .init_pidns = true, .cgroup_path = "/x",
};
static int facts_error;

static int tell(void *arg, struct parsec_facts *facts)
{
	*facts = who_facts;
	return facts_error;
}

static enum parsec_status who_am_i(fixture *self, struct contract_result *result)
{
	enum parsec_status status;

	run_hex(self, PARSEC_OP_WHO_AM_I, "");
	dispatch_end(&self->call);
	self->call.identity = NULL;
	self->call.facts = tell;
	self->call.out.len = 0;
	status = dispatch(&self->call);
	if (!status)
		status = contract_decode_result(PARSEC_OP_WHO_AM_I,
			(struct parsec_span){ self->out, self->call.out.len }, result);
	return status;
}

TEST_F(dispatch, core_tells_who_is_asking)
{
	struct core *core = make_core(self);
	struct contract_result result;

	self->caller->admin = true;
	self->caller->origin = ORIGIN_USER;
	ASSERT_EQ(PARSEC_SUCCESS, who_am_i(self, &result));
	EXPECT_STREQ("1000", result.decision.application);
	EXPECT_TRUE(result.decision.admin);
	EXPECT_STREQ("a process of this machine is its user id", result.decision.why);
	EXPECT_EQ(1000, result.facts.uid);
	EXPECT_STREQ("/x", result.facts.cgroup_path);
	contract_result_free(&result);
	facts_error = -5;
	EXPECT_EQ(PARSEC_PSA_ERROR_COMMUNICATION_FAILURE, who_am_i(self, &result));
	facts_error = 0;
	core_free(core);
}

TEST_F(dispatch, who_has_no_name_may_ask_who_it_is_and_nothing_else)
{
	struct core *core = make_core(self);
	struct contract_result result;

	identity_put(self->caller);
	self->caller = identity_new(AUTH_UNIX_PEER_CREDENTIALS, text(""));
	self->caller->origin = ORIGIN_NONE;
	EXPECT_EQ(PARSEC_AUTHENTICATION_ERROR, run_hex(self, PARSEC_OP_LIST_KEYS, ""));
	ASSERT_EQ(PARSEC_SUCCESS, who_am_i(self, &result));
	EXPECT_STREQ("", result.decision.application);
	contract_result_free(&result);
	core_free(core);
}

TEST_F(dispatch, operations_of_the_service_are_unknown_to_others_and_in_lists)
{
	struct core *core;

	EXPECT_EQ(PARSEC_OPCODE_DOES_NOT_EXIST, run_hex(self, PARSEC_OP_WHO_AM_I, "ff"));
	core = make_core(self);
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED, run_hex(self, PARSEC_OP_WHO_AM_I, "ff"));
	self->call.provider = SIGNER_ID;
	EXPECT_EQ(PARSEC_OPCODE_DOES_NOT_EXIST, dispatch(&self->call));
	EXPECT_FALSE(dispatch_serves(&self->signer.host, PARSEC_OP_WHO_AM_I));
	core_free(core);
}

/* Decoding and limits */

TEST_F(dispatch, body_that_is_no_message_is_refused)
{
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED,
		  run_hex(self, PARSEC_OP_PSA_SIGN_HASH, "1122334455"));
}

TEST_F(dispatch, request_without_its_algorithm_is_refused)
{
	/* key name and hash only */
	EXPECT_EQ(PARSEC_INVALID_ENCODING,
		  run_hex(self, PARSEC_OP_PSA_SIGN_HASH, "0a016b1a01aa"));
}

TEST_F(dispatch, random_is_limited_before_anybody_is_asked)
{
	struct contract_request req = { .size = self->signer.config.buffer_size_limit + 1ull };

	EXPECT_EQ(PARSEC_RESPONSE_TOO_LARGE,
		  run_request(self, PARSEC_OP_PSA_GENERATE_RANDOM, &req));
	req.size = UINT64_MAX;
	EXPECT_EQ(PARSEC_RESPONSE_TOO_LARGE,
		  run_request(self, PARSEC_OP_PSA_GENERATE_RANDOM, &req));
	EXPECT_EQ(0, signer_calls.random);
}

TEST_F(dispatch, random_up_to_the_limit_is_given)
{
	struct contract_request req = { .size = self->signer.config.buffer_size_limit };

	EXPECT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_GENERATE_RANDOM, &req));
	EXPECT_LT(req.size, self->call.out.len);
	EXPECT_EQ(0xa5, self->out[self->call.out.len - 1]);
	req.size = 0;
	EXPECT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_GENERATE_RANDOM, &req));
	EXPECT_EQ(0, self->call.out.len);
}

TEST_F(dispatch, answer_that_does_not_fit_the_transport_is_too_large)
{
	struct contract_request req = { .size = 100 };

	run_request(self, PARSEC_OP_PSA_GENERATE_RANDOM, &req);
	self->call.out.size = 101;
	dispatch_end(&self->call);
	self->call.result = (struct contract_result){ 0 };
	self->call.req = (struct contract_request){ 0 };
	self->call.identity = NULL;
	self->call.body = hex("0864", self->bytes);
	EXPECT_EQ(PARSEC_RESPONSE_TOO_LARGE, dispatch(&self->call));
}

TEST_F(dispatch, output_is_wiped_when_the_call_ends)
{
	struct contract_request req = { .size = 100 };

	run_request(self, PARSEC_OP_PSA_GENERATE_RANDOM, &req);
	EXPECT_EQ(0xa5, self->scratch.output.data[99]);
	dispatch_end(&self->call);
	self->call = (struct call){ 0 };
	EXPECT_EQ(0, self->scratch.output.data[0]);
	EXPECT_EQ(0, self->scratch.output.data[99]);
}

/* Hashes of the host */

TEST_F(dispatch, hash_is_computed_without_asking_who_it_is)
{
	EXPECT_EQ(PARSEC_SUCCESS,
		  run_hex(self, PARSEC_OP_PSA_HASH_COMPUTE, "08071203616263"));
	EXPECT_TRUE(answered(self, "0a20ba7816bf8f01cfea414140de5dae2223"
				   "b00361a396177a9cb410ff61f20015ad"));
	EXPECT_EQ(0, self->identified);
}

TEST_F(dispatch, every_hash_of_openssl_has_its_length)
{
	static const struct {
		uint8_t hash;
		size_t len;
	} hashes[] = {
		{ PARSEC_HASH_MD5, 16 }, { PARSEC_HASH_RIPEMD160, 20 },
		{ PARSEC_HASH_SHA_1, 20 }, { PARSEC_HASH_SHA_224, 28 },
		{ PARSEC_HASH_SHA_256, 32 }, { PARSEC_HASH_SHA_384, 48 },
		{ PARSEC_HASH_SHA_512, 64 }, { PARSEC_HASH_SHA_512_224, 28 },
		{ PARSEC_HASH_SHA_512_256, 32 }, { PARSEC_HASH_SHA3_224, 28 },
		{ PARSEC_HASH_SHA3_256, 32 }, { PARSEC_HASH_SHA3_384, 48 },
		{ PARSEC_HASH_SHA3_512, 64 },
	};
	struct contract_request req = { .alg.kind = PARSEC_ALG_HASH };
	size_t i;

	for (i = 0; i < sizeof(hashes) / sizeof(*hashes); i++) {
		req.alg.hash = hashes[i].hash;
		EXPECT_EQ(PARSEC_SUCCESS,
			  run_request(self, PARSEC_OP_PSA_HASH_COMPUTE, &req));
		EXPECT_EQ(2 + hashes[i].len, self->call.out.len);
	}
}

TEST_F(dispatch, hash_that_openssl_does_not_have_is_not_supported)
{
	struct contract_request req = { .alg = { .kind = PARSEC_ALG_HASH,
						 .hash = PARSEC_HASH_MD2 } };

	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  run_request(self, PARSEC_OP_PSA_HASH_COMPUTE, &req));
}

TEST_F(dispatch, hash_is_compared)
{
	struct contract_request req = {
		.alg = { .kind = PARSEC_ALG_HASH, .hash = PARSEC_HASH_SHA_256 },
		.input = text("abc"),
	};
	uint8_t digest[32];

	run_hex(self, PARSEC_OP_PSA_HASH_COMPUTE, "08071203616263");
	memcpy(digest, self->out + 2, 32);
	req.reference = (struct parsec_span){ digest, 32 };
	EXPECT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_HASH_COMPARE, &req));
	digest[0] ^= 1;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_SIGNATURE,
		  run_request(self, PARSEC_OP_PSA_HASH_COMPARE, &req));
	req.reference.len = 31;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  run_request(self, PARSEC_OP_PSA_HASH_COMPARE, &req));
}

/* What the kernel is told */

TEST_F(dispatch, what_changes_keys_does_not_run_twice)
{
	uint8_t bitmap[16];
	unsigned int opcode;

	dispatch_replay(bitmap, sizeof(bitmap));
	for (opcode = 0; opcode < 128; opcode++) {
		bool twice = bitmap[opcode / 8] & 1 << opcode % 8;

		switch (opcode) {
		case PARSEC_OP_PSA_GENERATE_KEY:
		case PARSEC_OP_PSA_IMPORT_KEY:
		case PARSEC_OP_PSA_DESTROY_KEY:
		case PARSEC_OP_DELETE_CLIENT:
			EXPECT_FALSE(twice);
			break;
		case PARSEC_OP_PING:
		case PARSEC_OP_PSA_SIGN_HASH:
		case PARSEC_OP_PSA_VERIFY_MESSAGE:
		case PARSEC_OP_LIST_KEYS:
			EXPECT_TRUE(twice);
			break;
		/* Not there for this host, which is not core */
		case PARSEC_OP_WHO_AM_I:
		case PARSEC_OP_EXPLAIN:
		case PARSEC_OP_GET_STATS:
		case PARSEC_OP_COMPARE_KEYS:
			EXPECT_TRUE(twice);
			break;
		default:
			/* What is not there may not run at all */
			if (run_hex(self, (uint8_t)opcode, "") == PARSEC_OPCODE_DOES_NOT_EXIST)
				EXPECT_FALSE(twice);
		}
	}
}

TEST_HARNESS_MAIN
