// SPDX-License-Identifier: Apache-2.0
/*
 * Operations that are this service's own, performed by the core host.
 */
#include "helper/ops.h"

static struct parsec_decision describe(const struct identity *identity)
{
	return (struct parsec_decision){
		.application = (const char *)identity->app,
		.why = identity_why(identity),
		.admin = identity->admin,
	};
}

enum parsec_status op_who_am_i(struct call *call)
{
	if (!call->facts || call->facts(call->identify_arg, &call->result.facts))
		return PARSEC_PSA_ERROR_COMMUNICATION_FAILURE;
	call->result.decision = describe(call->identity);
	return PARSEC_SUCCESS;
}
