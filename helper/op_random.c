// SPDX-License-Identifier: Apache-2.0
/*
 * Random bytes from the provider.
 */
#include "helper/ops.h"

enum parsec_status op_generate_random(struct call *call)
{
	struct plugin *plugin = call->host->plugin;
	struct parsec_out bytes = call_output(call);
	enum parsec_status status;

	/* The table's limit check has seen that it fits */
	bytes.size = (size_t)call->req.size;
	if (!bytes.size)
		return PARSEC_SUCCESS;
	plugin_enter(plugin, NULL);
	status = plugin->ops->random(plugin->ctx, &bytes);
	plugin_leave(plugin, NULL);
	if (!status)
		call->result.data = (struct parsec_span){ bytes.data, bytes.len };
	return status;
}
