/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit log: a line for each step in the life of a key and for each request that
 * was denied, in the log of the service and in a chain of its own (audit_chain.h).
 * Lines have no keys, no requests and no answers in them, and names of keys only where
 * the operator wants names.
 *
 * Safe to call from any number of threads. Without an audit (NULL) nothing is written.
 */
#ifndef PARSEC_AUDIT_H
#define PARSEC_AUDIT_H

#include "helper/config.h"
#include "helper/identity.h"

/** enum audit_kind - what has happened */
enum audit_kind {
	AUDIT_NONE,
	AUDIT_CREATE,		/* a key was made */
	AUDIT_IMPORT,
	AUDIT_EXPORT,		/* a secret has left */
	AUDIT_DESTROY,
	AUDIT_DELETE_CLIENT,	/* all keys of an application were removed */
	AUDIT_UNDO,		/* nobody took the answer, so the key was removed again */
	AUDIT_DENIED,		/* somebody may not do this */
	AUDIT_CORRUPT,		/* a key was changed from outside, and is not used */
	AUDIT_START,		/* the host begins to serve */
	AUDIT_SWEEP,		/* the start has finished what a death left */
	AUDIT_BROKEN,		/* somebody has changed the audit log */
	AUDIT_STOP,		/* the host ends as it should */
};

/**
 * struct audit_event - a line; what is 0 or NULL is left out
 * @kind:	what has happened
 * @who:	application that asked
 * @session:	its open file
 * @facts:	asks the kernel about that, as in struct call; only when a line is written
 * @facts_arg:	for @facts
 * @opcode:	what it asked for; with @operation
 * @operation:	name of that
 * @status:	how it was answered; always there with @operation
 * @duration_ns: how long it took
 * @key:	name of the key, written only where the operator wants names
 * @client:	whose keys are removed
 * @reason:	more about it, text of ours
 * @count:	how many keys
 */
struct audit_event {
	enum audit_kind kind;
	const struct identity *who;
	uint64_t session;
	int (*facts)(void *arg, struct parsec_facts *facts);
	void *facts_arg;
	uint8_t opcode;
	const char *operation;
	enum parsec_status status;
	uint64_t duration_ns;
	struct parsec_span key;
	struct parsec_span client;
	const char *reason;
	uint64_t count;
};

struct audit;

/**
 * audit_open() - open the audit log of a host
 * @config:	whether there is one, and how it is kept
 * @name:	provider
 * @dir:	where the chain is; the service's user's
 * @audit:	result
 *
 * Return: false after a log line, when the host must not serve without one.
 */
bool audit_open(const struct config *config, const char *name, const char *dir,
		struct audit **audit);

/** audit_close() - NULL is fine */
void audit_close(struct audit *audit);

/**
 * audit_begin() - before something that will have to be written
 *
 * With audit = required it makes sure that there is room for the line. audit_write() or
 * audit_cancel() must follow.
 *
 * Return: false: it cannot be written and must not be done.
 */
bool audit_begin(struct audit *audit);

/** audit_cancel() - it did not come to anything */
void audit_cancel(struct audit *audit);

/**
 * audit_write() - write what audit_begin() was for
 *
 * Return: false: with audit = required it could not be written in spite of all.
 */
bool audit_write(struct audit *audit, const struct audit_event *event);

/**
 * audit_note() - write something that happens anyway
 *
 * A refusal (AUDIT_DENIED, AUDIT_CORRUPT) that was written less than ten seconds ago is
 * counted; the next line about it says how often. One of those that are too many at a
 * time is counted, too, in a line about all of them. So however many there are, of
 * whomever, there are at most 130 lines about them in ten seconds, and at most 16 that
 * name the same application.
 */
void audit_note(struct audit *audit, const struct audit_event *event);

#endif /* PARSEC_AUDIT_H */
