// SPDX-License-Identifier: Apache-2.0
/*
 * Names of keys against what backends keep. The answer stays as it was decoded.
 */
#include "tools/lib/internal.h"

#include <stdlib.h>

/* Room for the answer: some providers, and a hundred details at the first attempt */
#define COMPARISON_USUAL	(8 * 1024)

struct answer {
	struct parsec_comparison comparison;
	struct contract_result result;
};

int parsec_compare_keys(struct parsec *ctx, bool details,
			const struct parsec_comparison **comparison)
{
	const struct contract_request req = { .details = details };
	struct answer *answer = malloc(sizeof(*answer));
	int status;

	if (!answer)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	status = parsec_ask(ctx, PARSEC_PROVIDER_CORE, PARSEC_OP_COMPARE_KEYS, &req,
			    COMPARISON_USUAL, &answer->result);
	if (status) {
		free(answer);
		return status;
	}
	answer->comparison = *answer->result.comparison;
	*comparison = &answer->comparison;
	return 0;
}

void parsec_free_comparison(const struct parsec_comparison *comparison)
{
	struct answer *answer = (struct answer *)(uintptr_t)comparison;

	if (!answer)
		return;
	contract_result_free(&answer->result);
	free(answer);
}
