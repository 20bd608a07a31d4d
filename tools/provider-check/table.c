// SPDX-License-Identifier: Apache-2.0
/*
 * What the table says about itself.
 * plugin_open() has refused a table with an unusable row already.
 */
#include <string.h>

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
