// SPDX-License-Identifier: Apache-2.0
/*
 * Operations that are this service's own. An explanation is one piece of memory: the
 * struct, its lists, and their texts behind them.
 */
#include "tools/lib/internal.h"

#include <stdlib.h>
#include <string.h>

/* Copies go here; without @at they are only counted */
struct copier {
	char *at;
	size_t size;
};

static const void *copy_bytes(struct copier *to, const void *data, size_t len)
{
	char *copy = to->at ? to->at + to->size : NULL;

	if (copy && len)
		memcpy(copy, data, len);
	to->size += len;
	return copy;
}

static void copy_text(struct copier *to, const char **text)
{
	if (*text)
		*text = copy_bytes(to, *text, strlen(*text) + 1);
}

/* Larger alignment comes first */
static void copy_explanation(struct copier *to, const struct contract_result *from,
			     struct parsec_explanation *copy)
{
	struct parsec_decision *decision = &copy->decision;
	struct parsec_verdict *verdicts;

	*copy = (struct parsec_explanation){ from->facts, from->decision, from->verdicts,
					     from->count };
	verdicts = (struct parsec_verdict *)(uintptr_t)
		copy_bytes(to, from->verdicts, from->count * sizeof(*verdicts));
	decision->providers = copy_bytes(to, decision->providers, decision->provider_count *
					 sizeof(*decision->providers));
	decision->operations = copy_bytes(to, decision->operations, decision->operation_count *
					  sizeof(*decision->operations));
	for (size_t i = 0; i < from->count; i++) {
		struct parsec_verdict verdict = from->verdicts[i];

		copy_text(to, &verdict.rule);
		copy_text(to, &verdict.reason);
		if (verdicts)
			verdicts[i] = verdict;
	}
	copy->verdicts = verdicts;
	copy_text(to, &copy->facts.cgroup_path);
	copy_text(to, &copy->facts.lsm);
	copy_text(to, &copy->facts.exe);
	copy_text(to, &decision->application);
	copy_text(to, &decision->rule);
	copy_text(to, &decision->why);
}

static int take_explanation(struct contract_result *result,
			    struct parsec_explanation **explanation)
{
	struct parsec_explanation *copy, counted;
	struct copier to = { 0 };

	copy_explanation(&to, result, &counted);
	copy = malloc(sizeof(*copy) + to.size);
	if (copy) {
		to = (struct copier){ .at = (char *)(copy + 1) };
		copy_explanation(&to, result, copy);
		*explanation = copy;
	}
	contract_result_free(result);
	return copy ? 0 : PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
}

int parsec_who_am_i(struct parsec *ctx, struct parsec_explanation **explanation)
{
	const struct contract_request req = { 0 };
	struct contract_result result;
	int status = parsec_ask(ctx, PARSEC_PROVIDER_CORE, PARSEC_OP_WHO_AM_I, &req, 0,
				&result);

	return status ?: take_explanation(&result, explanation);
}

int parsec_explain(struct parsec *ctx, const struct parsec_facts *facts,
		   struct parsec_explanation **explanation)
{
	const struct contract_request req = { .facts = *facts };
	struct contract_result result;
	int status = parsec_ask(ctx, PARSEC_PROVIDER_CORE, PARSEC_OP_EXPLAIN, &req, 0, &result);

	if (status)
		return status;
	result.facts = *facts;
	return take_explanation(&result, explanation);
}

void parsec_free_explanation(struct parsec_explanation *explanation)
{
	free(explanation);
}
