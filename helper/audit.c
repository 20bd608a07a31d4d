// SPDX-License-Identifier: Apache-2.0
/*
 * The audit log of a host: where each event goes, and what becomes of the operation
 * when it cannot be written.
 *
 * Whoever is refused can ask again as often as they like, and must not be able to fill
 * the disk or to push older lines out of it: the same refusal is written at most every
 * ten seconds, and counted in between.
 */
#include "helper/audit.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "helper/audit_chain.h"
#include "helper/audit_line.h"
#include "helper/log.h"

/* Refusals remembered, and for how long */
#define REFUSALS	64
#define REFUSAL_SECONDS	10

/* A refusal that was written, and how often it has happened since */
struct refusal {
	enum audit_kind kind;
	struct identity *who;
	uint8_t opcode;
	const char *operation;
	enum parsec_status status;
	time_t written;		/* 0 = none here */
	uint64_t repeated;
};

/**
 * struct audit - see above
 * @name:	provider
 * @required:	what cannot be written must not be done
 * @lock:	of all that follows
 * @chain:	NULL: only the log is written
 * @failing:	the last line could not be written, which was said
 * @refusals:	see there, by a hash of what they are about
 * @text:	the line that is being made
 */
struct audit {
	const char *name;
	bool required;
	pthread_mutex_t lock;
	struct audit_chain *chain;
	bool failing;
	struct refusal refusals[REFUSALS];
	char text[AUDIT_LINE_ROOM];
};

static time_t now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return now.tv_sec + 1;	/* 0 is "never" */
}

static enum parsec_log_level level_of(enum audit_kind kind)
{
	switch (kind) {
	case AUDIT_BROKEN:
	case AUDIT_CORRUPT:
		return PARSEC_LOG_ERROR;
	case AUDIT_DENIED:
	case AUDIT_SWEEP:
	case AUDIT_UNDO:
		return PARSEC_LOG_WARNING;
	case AUDIT_START:
	case AUDIT_STOP:
		return PARSEC_LOG_DEBUG;
	default:
		return PARSEC_LOG_INFO;
	}
}

/* Say once that lines get lost, and once that it is over */
static void note_failure(struct audit *audit, int rc)
{
	if (rc && !audit->failing)
		log_error("the audit log cannot be written: %s%s", strerror(-rc),
			  audit->required ? "; keys cannot be made or removed until it can" :
			  "; events are missing in it");
	else if (!rc && audit->failing)
		log_warning("the audit log can be written again");
	audit->failing = rc;
}

/* With the lock held. Return: false when the chain does not have it */
static bool write_event(struct audit *audit, const struct audit_event *event,
			uint64_t repeated)
{
	size_t len = audit_line(event, audit->name, repeated, audit->text);
	unsigned long long number = 0;
	const char *mac = "-";
	int rc = 0;

	if (audit->chain) {
		rc = audit_chain_append(audit->chain, audit->text, len);
		note_failure(audit, rc);
		if (!rc)
			number = audit_chain_last(audit->chain, &mac);
	}
	/* Number and authenticator come first: the log may cut what is long */
	log_write(level_of(event->kind), "audit %llu %s {%s}", number, mac, audit->text);
	return !rc;
}

/* What happened since the line about it; somebody else's refusal needs the place */
static void write_repetition(struct audit *audit, struct refusal *refusal)
{
	const struct audit_event event = {
		.kind = refusal->kind,
		.who = refusal->who,
		.opcode = refusal->opcode,
		.operation = refusal->operation,
		.status = refusal->status,
	};

	if (refusal->repeated)
		write_event(audit, &event, refusal->repeated);
	identity_put(refusal->who);
	*refusal = (struct refusal){ 0 };
}

static bool is_same(const struct identity *a, const struct identity *b)
{
	return a == b || (a && b && a->auth_id == b->auth_id && a->app_len == b->app_len &&
			  !memcmp(a->app, b->app, a->app_len));
}

static struct refusal *refusal_place(struct audit *audit, const struct audit_event *event)
{
	uint64_t hash = 0xcbf29ce484222325;	/* FNV-1a */
	size_t i;

	for (i = 0; event->who && i < event->who->app_len; i++)
		hash = (hash ^ event->who->app[i]) * 0x100000001b3;
	hash = (hash ^ event->opcode) * 0x100000001b3;
	hash = (hash ^ event->status) * 0x100000001b3;
	return &audit->refusals[hash >> 32 & (REFUSALS - 1)];
}

/* With the lock held */
static void write_refusal(struct audit *audit, const struct audit_event *event)
{
	struct refusal *refusal = refusal_place(audit, event);
	time_t now = now_seconds();
	bool known = refusal->written && refusal->kind == event->kind &&
		     refusal->opcode == event->opcode && refusal->status == event->status &&
		     is_same(refusal->who, event->who);

	if (known && now - refusal->written < REFUSAL_SECONDS) {
		refusal->repeated++;
		return;
	}
	if (!known) {
		write_repetition(audit, refusal);
		*refusal = (struct refusal){
			.kind = event->kind,
			/* Counted by an atomic, so not really changed */
			.who = event->who ?
			       identity_get((struct identity *)(uintptr_t)event->who) : NULL,
			.opcode = event->opcode,
			.operation = event->operation,
			.status = event->status,
		};
	}
	write_event(audit, event, refusal->repeated);
	refusal->repeated = 0;
	refusal->written = now;
}

bool audit_begin(struct audit *audit)
{
	int rc = 0;

	if (!audit || !audit->required)
		return true;
	pthread_mutex_lock(&audit->lock);
	rc = audit_chain_reserve(audit->chain);
	if (rc)
		note_failure(audit, rc);
	pthread_mutex_unlock(&audit->lock);
	return !rc;
}

void audit_cancel(struct audit *audit)
{
	if (!audit || !audit->required)
		return;
	pthread_mutex_lock(&audit->lock);
	audit_chain_release(audit->chain);
	pthread_mutex_unlock(&audit->lock);
}

bool audit_write(struct audit *audit, const struct audit_event *event)
{
	bool done;

	if (!audit)
		return true;
	pthread_mutex_lock(&audit->lock);
	done = write_event(audit, event, 0);
	if (audit->required)
		audit_chain_release(audit->chain);
	pthread_mutex_unlock(&audit->lock);
	return done || !audit->required;
}

void audit_note(struct audit *audit, const struct audit_event *event)
{
	if (!audit)
		return;
	pthread_mutex_lock(&audit->lock);
	if (event->kind == AUDIT_DENIED || event->kind == AUDIT_CORRUPT)
		write_refusal(audit, event);
	else
		write_event(audit, event, 0);
	pthread_mutex_unlock(&audit->lock);
}

/* What the opening has found is the first thing to be written */
static void note_finding(struct audit *audit, const struct audit_finding *finding)
{
	const struct audit_event broken = { .kind = AUDIT_BROKEN, .reason = finding->broken };
	struct audit_event start = { .kind = AUDIT_START };

	if (*finding->broken)
		audit_note(audit, &broken);
	if (finding->torn)
		start.reason = "a line that was not finished when the service died was removed";
	audit_note(audit, &start);
}

bool audit_open(const struct config *config, const char *name, const char *dir,
		struct audit **result)
{
	const struct audit_limits limits = {
		.file_size = (uint64_t)config->audit_file_size * 1024,
		.files = config->audit_files,
		.sync = config->audit_sync,
	};
	struct audit *audit = calloc(1, sizeof(*audit));
	struct audit_finding finding = { 0 };
	int rc = 0;

	*result = NULL;
	if (!audit) {
		log_error("out of memory");
		return false;
	}
	pthread_mutex_init(&audit->lock, NULL);
	audit->name = name;
	audit->required = config->audit == CONFIG_AUDIT_REQUIRED;
	if (config->audit != CONFIG_AUDIT_OFF)
		rc = audit_chain_open(dir, &limits, &audit->chain, &finding);
	if (rc && audit->required) {
		audit_close(audit);
		return false;
	}
	note_finding(audit, &finding);
	*result = audit;
	return true;
}

void audit_close(struct audit *audit)
{
	const struct audit_event stop = { .kind = AUDIT_STOP };

	if (!audit)
		return;
	for (size_t i = 0; i < REFUSALS; i++)
		write_repetition(audit, &audit->refusals[i]);
	if (audit->chain)
		write_event(audit, &stop, 0);
	audit_chain_close(audit->chain);
	pthread_mutex_destroy(&audit->lock);
	free(audit);
}
