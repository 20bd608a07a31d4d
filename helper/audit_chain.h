/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of which none can be lost, changed, moved or put in without it being found:
 * the file side of the audit log (format and argument in Documentation/audit.rst).
 *
 * A chain belongs to one thread at a time.
 */
#ifndef PARSEC_AUDIT_CHAIN_H
#define PARSEC_AUDIT_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a line at most, with everything */
#define AUDIT_LINE_MAX	(32 * 1024)

/* Hexadecimal digits of an authenticator, and a NUL */
#define AUDIT_MAC_SIZE	33

struct audit_chain;

/**
 * struct audit_limits - how a chain is kept
 * @file_size:	bytes of a file, approximately; then the next one begins
 * @files:	files that are kept, at least 2
 * @sync:	each line is on the disk before append() returns
 */
struct audit_limits {
	uint64_t file_size;
	unsigned int files;
	bool sync;
};

/**
 * struct audit_finding - what was wrong when a chain was opened
 * @broken:	what somebody has done to it, empty when nobody has
 * @torn:	bytes of a line that a death left unfinished; they are removed
 */
struct audit_finding {
	char broken[96];
	uint64_t torn;
};

/**
 * audit_chain_open() - go on with the chain in a directory, or begin one
 * @dir:	directory of the service's user
 * @limits:	copied
 * @chain:	result
 * @finding:	filled in. A chain that is broken is gone on with, in a new file
 *
 * Return: 0 or, after a log line, a negative errno; -EAGAIN when another process has it.
 */
int audit_chain_open(const char *dir, const struct audit_limits *limits,
		     struct audit_chain **chain, struct audit_finding *finding);

/** audit_chain_close() - NULL is fine */
void audit_chain_close(struct audit_chain *chain);

/**
 * audit_chain_reserve() - make sure that a line can be appended later
 *
 * As far as the file system can promise that. Give it back with audit_chain_release().
 *
 * Return: 0 or a negative errno, -ENOSPC when the disk is full.
 */
int audit_chain_reserve(struct audit_chain *chain);
void audit_chain_release(struct audit_chain *chain);

/**
 * audit_chain_append() - write a line
 * @members:	members of a JSON object, without a line end in them
 * @len:	bytes of it
 *
 * All of it or nothing; it is in the file when this returns.
 *
 * Return: 0 or a negative errno.
 */
int audit_chain_append(struct audit_chain *chain, const char *members, size_t len);

/** audit_chain_last() - number of the last line; *@mac: its authenticator */
uint64_t audit_chain_last(const struct audit_chain *chain, const char **mac);

#endif /* PARSEC_AUDIT_CHAIN_H */
