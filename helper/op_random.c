// SPDX-License-Identifier: Apache-2.0
/*
 * Random bytes from the provider, a piece at a time. A TPM has 64 bytes for a command of some
 * 10 ms, so all that may be asked for would keep others from it for minutes. And nobody can take
 * back what the provider has been asked: only between two pieces it is seen that nobody waits.
 */
#include "helper/clock.h"
#include "helper/ops.h"

/* A TPM has this many in less than a second */
#define PIECE	1024

static enum parsec_status one_piece(struct plugin *plugin, struct parsec_out *piece)
{
	enum parsec_status status;

	plugin_enter(plugin, NULL);
	status = plugin->ops->random(plugin->ctx, piece);
	plugin_leave(plugin, NULL);
	/* What it left as it was is not random */
	return !status && piece->len != piece->size ? PARSEC_PSA_ERROR_GENERIC_ERROR : status;
}

enum parsec_status op_generate_random(struct call *call)
{
	struct parsec_out bytes = call_output(call);
	/* The table's limit check has seen that it fits */
	const size_t size = (size_t)call->req.size;
	enum parsec_status status = PARSEC_SUCCESS;

	while (!status && bytes.len < size) {
		size_t left = size - bytes.len;
		struct parsec_out piece = {
			bytes.data + bytes.len, left < PIECE ? left : PIECE, 0,
		};

		if (bytes.len && call->deadline && clock_ns() >= call->deadline)
			return PARSEC_PSA_ERROR_GENERIC_ERROR;
		status = one_piece(call->host->plugin, &piece);
		bytes.len += piece.size;
	}
	if (!status)
		call->result.data = (struct parsec_span){ bytes.data, size };
	return status;
}
