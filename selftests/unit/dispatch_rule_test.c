// SPDX-License-Identifier: Apache-2.0
/*
 * The dispatch and rules: what a rule denies is denied before anything is read, and the
 * core host says what rules make of a process.
 */
#include "kselftest_harness.h"

#include "providers/core.h"
#include "selftests/unit/dispatch_fixture.h"

#define PROVIDERS	"[provider signer]\nlibrary = x\nid = 21\n" \
			"[provider other]\nlibrary = y\nid = 22\n"

/* The caller is uid 1000 of the machine, to these rules */
static void use_rules(fixture *self, const char *rules)
{
	const struct parsec_facts facts = { .uid = 1000, .init_userns = true, .init_pidns = true };
	char text[2048];
	struct config *config;

	snprintf(text, sizeof(text), PROVIDERS "%s", rules);
	config = config_load_text(text, strlen(text), "x.conf", stderr);
	if (!config)
		abort();
	identity_put(self->caller);
	self->caller = identity_from_facts(&facts, config);
	rulebook_set(self->signer.host.book, config);
}

/* The core host of a service whose providers are all down */
static enum parsec_status is_down(void *arg, size_t peer, struct core_description *description)
{
	(void)arg;
	(void)peer;
	(void)description;
	return PARSEC_PSA_ERROR_COMMUNICATION_FAILURE;
}

static struct core *make_core(fixture *self)
{
	static const struct core_link link = { .describe = is_down };

	self->signer.host.core = core_new(NULL, 0, &link, NULL);
	self->signer.host.id = PARSEC_PROVIDER_CORE;
	return self->signer.host.core;
}

#define MALFORMED	"1122334455"

TEST_F(dispatch, denied_operation_is_refused_before_it_is_decoded)
{
	struct contract_request req = valid();

	use_rules(self, "[rule a]\noperations = PsaGenerateKey, sign\n");
	EXPECT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_GENERATE_KEY, &req));
	EXPECT_EQ(PARSEC_SUCCESS, run_request(self, PARSEC_OP_PSA_SIGN_HASH, &req));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED,
		  run_hex(self, PARSEC_OP_PSA_DESTROY_KEY, MALFORMED));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED,
		  run_hex(self, PARSEC_OP_PSA_EXPORT_KEY, MALFORMED));
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED,
		  run_hex(self, PARSEC_OP_PSA_SIGN_HASH, MALFORMED));
	/* Nobody's name is needed for these, and still */
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED,
		  run_hex(self, PARSEC_OP_PSA_GENERATE_RANDOM, "0810"));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED,
		  run_hex(self, PARSEC_OP_PSA_HASH_COMPUTE, "08071203616263"));
}

TEST_F(dispatch, what_is_wrong_with_the_place_comes_first)
{
	use_rules(self, "[rule a]\ndeny = yes\n");
	EXPECT_EQ(PARSEC_OPCODE_DOES_NOT_EXIST, run_hex(self, 29, ""));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED, run_hex(self, PARSEC_OP_PING, ""));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED,
		  run_hex(self, PARSEC_OP_PSA_SIGN_HASH, MALFORMED));
}

TEST_F(dispatch, denied_provider_is_refused_and_another_rule_is_not_asked)
{
	use_rules(self, "[rule a]\nproviders = other\n[rule b]\nproviders = signer\n");
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED,
		  run_hex(self, PARSEC_OP_PSA_GENERATE_RANDOM, MALFORMED));
	use_rules(self, "[rule a]\nproviders = signer\n");
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED,
		  run_hex(self, PARSEC_OP_PSA_GENERATE_RANDOM, MALFORMED));
}

TEST_F(dispatch, every_operation_of_administrators_is_in_their_group)
{
	struct core *core = make_core(self);
	unsigned int found = 0;

	for (unsigned int opcode = 1; opcode <= UINT8_MAX; opcode++) {
		use_rules(self, "[rule a]\nadmin = no\n");
		if (run_hex(self, (uint8_t)opcode, MALFORMED) != PARSEC_ADMIN_OPERATION)
			continue;
		found++;
		use_rules(self, "[rule a]\nadmin = no\noperations = admin\n");
		EXPECT_EQ(PARSEC_ADMIN_OPERATION, run_hex(self, (uint8_t)opcode, MALFORMED))
			TH_LOG("operation %u is not", opcode);
	}
	EXPECT_LE(4, found);
	core_free(core);
}

TEST_F(dispatch, every_operation_is_in_a_group)
{
	static const char groups[] = "[rule a]\noperations = sign, verify, encrypt, decrypt, mac, "
				     "agree, attest, keyless, manage, admin\n";
	struct core *core;

	use_rules(self, groups);
	for (unsigned int opcode = 1; opcode <= UINT8_MAX; opcode++) {
		EXPECT_NE(PARSEC_PSA_ERROR_NOT_PERMITTED,
			  run_hex(self, (uint8_t)opcode, MALFORMED))
			TH_LOG("operation %u of a provider is not", opcode);
	}
	core = make_core(self);
	for (unsigned int opcode = 1; opcode <= UINT8_MAX; opcode++) {
		EXPECT_NE(PARSEC_PSA_ERROR_NOT_PERMITTED,
			  run_hex(self, (uint8_t)opcode, MALFORMED))
			TH_LOG("operation %u of the core is not", opcode);
	}
	core_free(core);
}

TEST_F(dispatch, who_matches_no_rule_may_do_everything)
{
	use_rules(self, "[rule a]\nuid = 1\ndeny = yes\n");
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED,
		  run_hex(self, PARSEC_OP_PSA_GENERATE_RANDOM, MALFORMED));
	EXPECT_EQ(1, self->identified);
}

TEST_F(dispatch, with_rules_a_caller_that_cannot_be_told_is_refused)
{
	use_rules(self, "[rule a]\nuid = 1\n");
	identity_put(self->caller);
	self->caller = NULL;
	EXPECT_EQ(PARSEC_AUTHENTICATION_ERROR, run_hex(self, PARSEC_OP_PSA_GENERATE_RANDOM, "0810"));
}

TEST_F(dispatch, what_tells_about_the_service_is_denied_with_everything_only)
{
	static const uint8_t about[] = {
		PARSEC_OP_PING, PARSEC_OP_LIST_PROVIDERS, PARSEC_OP_LIST_OPCODES,
		PARSEC_OP_LIST_AUTHENTICATORS, PARSEC_OP_GET_STATS,
	};
	struct core *core = make_core(self);

	for (size_t i = 0; i < ARRAY_SIZE(about); i++) {
		use_rules(self, "[rule a]\noperations = PsaSignHash\nproviders = other\n");
		EXPECT_EQ(PARSEC_SUCCESS, run_hex(self, about[i], ""));
		use_rules(self, "[rule a]\ndeny = yes\n");
		EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED, run_hex(self, about[i], ""));
	}
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED,
		  run_hex(self, PARSEC_OP_WHO_AM_I, MALFORMED));
	use_rules(self, "[rule a]\noperations = PsaSignHash\n");
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED, run_hex(self, PARSEC_OP_LIST_KEYS, ""));
	use_rules(self, "[rule a]\nadmin = yes\noperations = PsaSignHash\n");
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED, run_hex(self, PARSEC_OP_LIST_CLIENTS, ""));
	core_free(core);
}

/* Explain */

static enum parsec_status explain(fixture *self, const struct parsec_facts *facts,
				  struct contract_result *result)
{
	const struct contract_request req = { .facts = *facts };
	enum parsec_status status = run_request(self, PARSEC_OP_EXPLAIN, &req);

	if (!status)
		status = contract_decode_result(PARSEC_OP_EXPLAIN,
			(struct parsec_span){ self->out, self->call.out.len }, result);
	return status;
}

TEST_F(dispatch, core_explains_who_a_process_is)
{
	const struct parsec_facts facts = {
		.uid = 7, .gid = 7, .init_userns = true, .cgroup_path = "/\xff",
	};
	struct core *core = make_core(self);
	struct contract_result result;

	use_rules(self, "[rule a]\nuid = 1000\nadmin = yes\n[rule b]\ncgroup = /x\n"
		  "[rule c]\nuid = 7\napplication = seven\nproviders = other, signer\n"
		  "operations = PsaSignHash\nmax_open = 4\n[rule d]\n");
	ASSERT_EQ(PARSEC_SUCCESS, explain(self, &facts, &result));
	EXPECT_STREQ("seven", result.decision.application);
	EXPECT_STREQ("c", result.decision.rule);
	EXPECT_STREQ("a rule says so", result.decision.why);
	ASSERT_EQ(2, result.decision.provider_count);
	EXPECT_EQ(SIGNER_ID, result.decision.providers[0]);
	EXPECT_EQ(22, result.decision.providers[1]);
	ASSERT_EQ(1, result.decision.operation_count);
	EXPECT_EQ(PARSEC_OP_PSA_SIGN_HASH, result.decision.operations[0]);
	EXPECT_EQ(4, result.decision.limits.max_open);
	ASSERT_EQ(3, result.count);
	EXPECT_STREQ("a", result.verdicts[0].rule);
	EXPECT_FALSE(result.verdicts[0].matches);
	EXPECT_STREQ("uid is 7", result.verdicts[0].reason);
	EXPECT_STREQ("cgroup is /\xff", result.verdicts[1].reason);
	EXPECT_TRUE(result.verdicts[2].matches);
	EXPECT_STREQ("uid", result.verdicts[2].reason);
	contract_result_free(&result);
	core_free(core);
}

TEST_F(dispatch, only_administrators_have_it_explained)
{
	struct core *core = make_core(self);

	use_rules(self, "[rule a]\n");
	EXPECT_EQ(PARSEC_ADMIN_OPERATION, run_hex(self, PARSEC_OP_EXPLAIN, MALFORMED));
	use_rules(self, "[rule a]\nadmin = yes\n");
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED, run_hex(self, PARSEC_OP_EXPLAIN, MALFORMED));
	EXPECT_EQ(PARSEC_INVALID_ENCODING, run_hex(self, PARSEC_OP_EXPLAIN, ""));
	core_free(core);
}

TEST_HARNESS_MAIN
