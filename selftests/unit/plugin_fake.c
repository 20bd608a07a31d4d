// SPDX-License-Identifier: Apache-2.0
/*
 * A provider's library for plugin_test, built with FAULT 0 to 3: right, of another
 * ABI, with a mandatory entry missing, and not a provider at all.
 */
#include "providers/provider.h"

#if FAULT < 3
static enum parsec_status fake_open(const struct parsec_provider_host *host,
				    const struct parsec_option *options, size_t count,
				    struct parsec_provider_ctx **ctx)
{
	*ctx = NULL;
	return PARSEC_SUCCESS;
}

static void fake_close(struct parsec_provider_ctx *ctx)
{
}

static void fake_capabilities(struct parsec_provider_ctx *ctx,
			      struct parsec_capabilities *caps)
{
}

__attribute__((visibility("default")))
const struct parsec_provider parsec_provider = {
	.abi		= PARSEC_PROVIDER_ABI + (FAULT == 1),
	.uuid		= "0c7ed9ba-4f3f-4a8a-9c3b-0e2a1c6a7f10",
	.description	= "Fake provider",
	.vendor		= FAULT == 2 ? NULL : "Tests",
	.open		= fake_open,
	.close		= fake_close,
	.capabilities	= fake_capabilities,
};
#else
__attribute__((visibility("default"))) const int something_else = 1;
#endif
