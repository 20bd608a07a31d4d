/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From an event to the members of a JSON object, in ASCII and on one line.
 */
#ifndef PARSEC_AUDIT_LINE_H
#define PARSEC_AUDIT_LINE_H

#include "helper/audit.h"

/* Bytes of a name that are written; a longer one is cut, and ends in an ellipsis */
#define AUDIT_NAME_MAX	1024

/* Room that suffices for audit_line() */
#define AUDIT_LINE_ROOM	(28 * 1024)

/**
 * audit_line() - write an event
 * @event:	what happened
 * @provider:	where
 * @repeated:	how often it has happened since, without a line
 * @text:	AUDIT_LINE_ROOM bytes; gets a NUL, too
 *
 * Return: bytes written.
 */
size_t audit_line(const struct audit_event *event, const char *provider, uint64_t repeated,
		  char *text);

#endif /* PARSEC_AUDIT_LINE_H */
