// SPDX-License-Identifier: Apache-2.0
/*
 * Operations that are this service's own, performed by the core host.
 */
#include <stdlib.h>

#include "helper/ops.h"

/* Room for what a decision points to */
struct lists {
	uint32_t providers[PARSEC_PROVIDER_MAX + 1];
	uint32_t operations[CONFIG_OPCODES];
};

static void add_rule(const struct rule *rule, struct parsec_decision *decision,
		     struct lists *lists)
{
	decision->rule = rule->name;
	decision->denied = rule->deny == CONFIG_YES;
	decision->some_providers = rule->providers.count;
	decision->some_operations = rule->operations.count;
	decision->providers = lists->providers;
	decision->operations = lists->operations;
	for (unsigned int id = 0; decision->some_providers && id <= PARSEC_PROVIDER_MAX; id++)
		if (rule_provider(rule, (uint8_t)id))
			lists->providers[decision->provider_count++] = id;
	for (unsigned int opcode = 0;
	     decision->some_operations && opcode < CONFIG_OPCODES; opcode++)
		if (rule_operation(rule, (uint8_t)opcode))
			lists->operations[decision->operation_count++] = opcode;
}

static struct parsec_decision describe(const struct identity *identity, struct lists *lists)
{
	struct parsec_decision decision = {
		.application = (const char *)identity->app,
		.why = identity_why(identity),
		.admin = identity->admin,
		.limits = identity->limits,
	};

	if (identity->rule)
		add_rule(identity->rule, &decision, lists);
	return decision;
}

enum parsec_status op_who_am_i(struct call *call)
{
	struct contract_result result = { 0 };
	struct lists lists = { 0 };

	if (!call->facts || call->facts(call->identify_arg, &result.facts))
		return PARSEC_PSA_ERROR_COMMUNICATION_FAILURE;
	result.decision = describe(call->identity, &lists);
	return contract_encode_result(call->opcode, &result, &call->out);
}

/* What each rule makes of the facts, up to the one that matches. Return: how many */
static size_t judge(const struct config *config, const struct parsec_facts *facts,
		    struct parsec_verdict *verdicts, char (*texts)[RULE_TEXT_MAX])
{
	for (size_t i = 0; i < config->rule_count; i++) {
		const struct rule *rule = &config->rules[i];

		verdicts[i].rule = rule->name;
		verdicts[i].matches = rule_explain(rule, facts, texts[i]);
		verdicts[i].reason = texts[i];
		if (verdicts[i].matches)
			return i + 1;
	}
	return config->rule_count;
}

static enum parsec_status explain(struct call *call, struct config *config)
{
	const struct parsec_facts *facts = &call->req.facts;
	size_t room = config->rule_count + 1;
	struct parsec_verdict *verdicts = calloc(room, sizeof(*verdicts));
	char (*texts)[RULE_TEXT_MAX] = calloc(room, sizeof(*texts));
	struct identity *identity = identity_from_facts(facts, config);
	struct contract_result result = { .verdicts = verdicts };
	enum parsec_status status = PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	struct lists lists = { 0 };

	if (verdicts && texts && identity) {
		result.decision = describe(identity, &lists);
		result.count = judge(config, facts, verdicts, texts);
		status = contract_encode_result(call->opcode, &result, &call->out);
	}
	identity_put(identity);
	free(texts);
	free(verdicts);
	return status;
}

enum parsec_status op_explain(struct call *call)
{
	unsigned int generation;
	struct config *config;
	enum parsec_status status;

	if (!call->host->book)
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	config = rulebook_get(call->host->book, &generation);
	status = explain(call, config);
	config_free(config);
	return status;
}
