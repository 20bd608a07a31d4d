// SPDX-License-Identifier: Apache-2.0
/*
 * What of a request is for the audit log: what it did to a key, or that it was denied.
 * The use of a key is not: that is what stats are for.
 */
#include "helper/audit_call.h"

#include "helper/clock.h"

static uint64_t duration(const struct call *call)
{
	return call->start ? clock_ns() - call->start : 0;
}

static struct audit_event describe(const struct call *call, enum audit_kind kind,
				   const char *operation, enum parsec_status status)
{
	return (struct audit_event){
		.kind = kind,
		.who = call->identity,
		.session = call->session,
		.facts = call->facts,
		.facts_arg = call->identify_arg,
		.opcode = call->opcode,
		.operation = operation,
		.status = status,
		.duration_ns = duration(call),
		.key = call->req.key_name,
		.client = call->req.client,
	};
}

static bool is_secret(const struct parsec_key_attributes *attrs)
{
	return attrs->type != PARSEC_KEY_TYPE_RSA_PUBLIC_KEY &&
	       attrs->type != PARSEC_KEY_TYPE_ECC_PUBLIC_KEY &&
	       attrs->type != PARSEC_KEY_TYPE_DH_PUBLIC_KEY;
}

/* Did it come to what is to be written? */
static bool is_event(const struct call *call, enum audit_kind kind, enum parsec_status status)
{
	switch (kind) {
	case AUDIT_DESTROY:
		/*
		 * Also when the backend failed: the name is free then. And when the key
		 * store did, and the key is still there: whoever asked is not sure of it
		 */
		return status != PARSEC_PSA_ERROR_DOES_NOT_EXIST;
	case AUDIT_DELETE_CLIENT:
		return true;
	case AUDIT_EXPORT:
		return !status && is_secret(&call->key->attrs);
	default:
		return !status;
	}
}

bool audit_call_done(const struct call *call, enum audit_kind kind, const char *operation,
		     enum parsec_status status)
{
	struct audit_event event;

	if (!is_event(call, kind, status)) {
		audit_cancel(call->host->audit);
		return true;
	}
	event = describe(call, kind, operation, status);
	/* Who asked is in the core host's log; here there is only whose keys they are */
	if (call->transport == TRANSPORT_INNER) {
		event.client = (struct parsec_span){ call->identity->app,
						     call->identity->app_len };
		event.who = NULL;
	}
	return audit_write(call->host->audit, &event);
}

void audit_call_refused(const struct call *call, const char *operation,
			enum parsec_status status)
{
	struct audit_event event;

	switch (status) {
	case PARSEC_AUTHENTICATION_ERROR:
	case PARSEC_NOT_AUTHENTICATED:
	case PARSEC_ADMIN_OPERATION:
	case PARSEC_DEPRECATED_PRIMITIVE:
	case PARSEC_PSA_ERROR_NOT_PERMITTED:
		event = describe(call, AUDIT_DENIED, operation, status);
		break;
	case PARSEC_PSA_ERROR_DATA_CORRUPT:
		event = describe(call, AUDIT_CORRUPT, operation, status);
		break;
	default:
		return;
	}
	audit_note(call->host->audit, &event);
}

void audit_call_undone(const struct call *call, const char *operation)
{
	struct audit_event event = describe(call, AUDIT_UNDO, operation, PARSEC_SUCCESS);

	/* The caller has gone, and the line to the kernel may be busy with the next */
	event.facts = NULL;
	audit_note(call->host->audit, &event);
}
