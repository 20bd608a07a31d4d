// SPDX-License-Identifier: Apache-2.0
/*
 * What the table says about itself, and that no more is offered than it claims.
 * plugin_open() has refused a table with an unusable row already.
 */
#include <string.h>

#include "helper/policy.h"
#include "tools/provider-check/check.h"

static bool is_one_line(const char *text)
{
	for (const char *c = text; *c; c++) {
		if ((unsigned char)*c < ' ')
			return false;
	}
	return *text && strlen(text) < 200;
}

static bool rows_equal(const struct parsec_capabilities *a, const struct parsec_capabilities *b)
{
	return a->count == b->count && a->concurrency == b->concurrency &&
	       !memcmp(a->rows, b->rows, a->count * sizeof(*a->rows));
}

void check_table(struct check *check)
{
	struct parsec_capabilities again = { 0 };
	const struct parsec_provider *ops = check->ops;

	fact(is_one_line(ops->description), "the description is one line: %s",
	     is_one_line(ops->description) ? ops->description : "");
	fact(is_one_line(ops->vendor), "the vendor is one line");
	fact(strlen(ops->uuid) == 36, "the UUID has 36 characters: %s", ops->uuid);
	ops->capabilities(check->plugin.ctx, &again);
	fact(rows_equal(&check->plugin.caps, &again), "capabilities are constant");
	fact(check->plugin.caps.count || ops->random, "it can do something");
}

/* What no row covers is refused by the host: 1134 and not listed */
void check_unclaimed(struct check *check)
{
	const struct parsec_capabilities *caps = &check->plugin.caps;
	uint32_t known = 0;
	bool refused = true;

	for (size_t i = 0; i < caps->count; i++)
		known |= UINT32_C(1) << caps->rows[i].type;
	for (unsigned int type = 1; type <= PARSEC_KEY_TYPE_LAST; type++) {
		struct parsec_key_attributes attrs = {
			.type = (uint8_t)type, .alg = { .kind = PARSEC_ALG_NONE } };

		if (!(known & UINT32_C(1) << type) &&
		    policy_supported(caps, &attrs, PARSEC_CAN_IMPORT) !=
			    PARSEC_PSA_ERROR_NOT_SUPPORTED)
			refused = false;
	}
	fact(refused, "key types without a row are not supported");
	fact(plugin_supports(&check->plugin, PARSEC_OP_PSA_GENERATE_RANDOM) ==
	     !!check->ops->random, "random numbers are offered if there are any");
}
