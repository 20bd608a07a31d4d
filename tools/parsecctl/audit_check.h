/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is an audit log as the service wrote it? (Documentation/audit.rst)
 */
#ifndef PARSECCTL_AUDIT_CHECK_H
#define PARSECCTL_AUDIT_CHECK_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct audit_check - what was found in a directory
 * @error:	0, or the errno that kept it from being read; @file tells which
 * @broken:	somebody has changed it; @what, @file and @line tell where at first
 * @file:	file of the directory, "" = none in particular
 * @line:	line of @file, 0 = none in particular
 * @what:	what is wrong, for people
 * @first:	number of the oldest line
 * @last:	number of the newest line, 0 = there is none
 * @lines:	lines that are in order
 * @files:	files that they are in
 * @denied:	lines about requests that were denied
 * @torn:	bytes of a line that has no end: the service died, or is writing it
 */
struct audit_check {
	int error;
	bool broken;
	char file[64];
	uint64_t line;
	char what[160];
	uint64_t first;
	uint64_t last;
	uint64_t lines;
	uint64_t files;
	uint64_t denied;
	uint64_t torn;
};

/** audit_is_there() - is something of an audit log in this directory? */
bool audit_is_there(const char *directory);

/** audit_check() - check the audit log in a directory, all of it or up to the first fault */
void audit_check(const char *directory, struct audit_check *check);

#endif /* PARSECCTL_AUDIT_CHECK_H */
