/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a request is for the audit log.
 */
#ifndef PARSEC_AUDIT_CALL_H
#define PARSEC_AUDIT_CALL_H

#include "helper/dispatch.h"

/**
 * audit_call_done() - an operation of those that are audited has been performed
 * @kind:	what it does when it succeeds
 * @operation:	its name
 * @status:	its result
 *
 * audit_begin() came before it.
 *
 * Return: false when that cannot be written and had to be.
 */
bool audit_call_done(const struct call *call, enum audit_kind kind, const char *operation,
		     enum parsec_status status);

/** audit_call_refused() - a request was not granted; says so if it was for a right missing */
void audit_call_refused(const struct call *call, const char *operation,
			enum parsec_status status);

/** audit_call_undone() - the key that the call made was removed again */
void audit_call_undone(const struct call *call, const char *operation);

#endif /* PARSEC_AUDIT_CALL_H */
