// SPDX-License-Identifier: Apache-2.0
/*
 * CanDoCrypto: what the capability table of the provider says about a key that may not
 * exist (contract, section 11.7).
 */
#include "helper/ops.h"
#include "helper/policy.h"

/* Without one of these a key cannot be used in any operation that the check covers */
#define USAGES \
	(PARSEC_USAGE_ENCRYPT | PARSEC_USAGE_DECRYPT | \
	 PARSEC_USAGE_SIGN_HASH | PARSEC_USAGE_SIGN_MESSAGE | \
	 PARSEC_USAGE_VERIFY_HASH | PARSEC_USAGE_VERIFY_MESSAGE)

static enum parsec_status check_use(const struct parsec_capabilities *caps,
				    const struct parsec_key_attributes *attrs)
{
	if (attrs->alg.kind == PARSEC_ALG_NONE || !(attrs->usage & USAGES))
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	return policy_supported(caps, attrs, 0);
}

/* Can such a key be made, and is it then of the use that its policy names, if any? */
static enum parsec_status check_make(const struct parsec_capabilities *caps,
				     const struct parsec_key_attributes *attrs, bool generate)
{
	if (policy_new_key(attrs, false) ||
	    policy_supported(caps, attrs, generate ? PARSEC_CAN_GENERATE : PARSEC_CAN_IMPORT))
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	return attrs->alg.kind == PARSEC_ALG_NONE ? PARSEC_SUCCESS : check_use(caps, attrs);
}

enum parsec_status op_can_do_crypto(struct call *call)
{
	const struct parsec_capabilities *caps = &call->host->plugin->caps;
	const struct parsec_key_attributes *attrs = &call->req.attrs;

	switch (call->req.check) {
	case PARSEC_CHECK_USE:
		return check_use(caps, attrs);
	case PARSEC_CHECK_GENERATE:
		return check_make(caps, attrs, true);
	case PARSEC_CHECK_IMPORT:
		return check_make(caps, attrs, false);
	default:		/* no provider derives keys */
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	}
}
