// SPDX-License-Identifier: Apache-2.0
/*
 * Fuzz target: the configuration. A refusal comes with a reason; what was accepted is the
 * same again after it has been written and read.
 */
#include <string.h>

#include "helper/config.h"
#include "selftests/fuzz/fuzz.h"

struct text {
	char *data;
	size_t len;
};

static struct config *load(const void *data, size_t size, struct text *errors)
{
	FILE *file = size ? fmemopen((void *)(uintptr_t)data, size, "r")
			  : fopen("/dev/null", "r");
	FILE *out = open_memstream(&errors->data, &errors->len);
	struct config *config;

	must(file && out);
	config = config_load(file, "fuzz", out);
	fclose(file);
	fclose(out);
	return config;
}

static struct text dump(const struct config *config)
{
	struct text text;
	FILE *out = open_memstream(&text.data, &text.len);

	must(out);
	config_dump(config, out);
	fclose(out);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text errors, first, second;
	struct config *config = load(data, size, &errors), *again;

	must(!config == (errors.len > 0));
	free(errors.data);
	if (!config)
		return 0;
	first = dump(config);
	/* What it adds, defaults, may make too much of a file that is nearly so */
	if (first.len <= CONFIG_SIZE_MAX) {
		again = load(first.data, first.len, &errors);
		must(again && config_core_equal(config, again));
		second = dump(again);
		must(first.len == second.len && !memcmp(first.data, second.data, first.len));
		free(errors.data);
		free(second.data);
		config_free(again);
	}
	free(first.data);
	config_free(config);
	return 0;
}
