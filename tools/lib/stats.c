// SPDX-License-Identifier: Apache-2.0
/*
 * What the service has counted. The answer stays as it was decoded.
 */
#include "tools/lib/internal.h"

#include <stddef.h>
#include <stdlib.h>

/* Room for the answer: some providers and a hundred applications at the first attempt */
#define STATS_USUAL	(32 * 1024)

struct answer {
	struct parsec_stats stats;
	struct contract_result result;
};

int parsec_get_stats(struct parsec *ctx, const struct parsec_stats **stats)
{
	const struct contract_request req = { 0 };
	struct answer *answer = malloc(sizeof(*answer));
	int status;

	if (!answer)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	status = parsec_ask(ctx, PARSEC_PROVIDER_CORE, PARSEC_OP_GET_STATS, &req, STATS_USUAL,
			    &answer->result);
	if (status) {
		free(answer);
		return status;
	}
	answer->stats = *answer->result.stats;
	*stats = &answer->stats;
	return 0;
}

void parsec_free_stats(const struct parsec_stats *stats)
{
	struct answer *answer = (struct answer *)(uintptr_t)stats;

	if (!answer)
		return;
	contract_result_free(&answer->result);
	free(answer);
}
