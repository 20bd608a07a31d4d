// SPDX-License-Identifier: Apache-2.0
/*
 * The audit log of a host: where each event goes, and what becomes of the operation
 * when it cannot be written.
 *
 * Whoever is refused can ask again as often as they like, in many ways and under many
 * names, and must not be able to fill the disk or to push older lines out of it. So the
 * same refusal is written at most every ten seconds, and counted in between. It keeps
 * its place for so long, and there are only so many places: a refusal that finds none is
 * counted with all others of its kind that do not.
 */
#include "helper/audit.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "helper/audit_chain.h"
#include "helper/audit_line.h"
#include "helper/log.h"

/* Places for refusals, those that one application may take, and for how long */
#define REFUSALS	64
#define REFUSALS_EACH	8
#define REFUSAL_SECONDS	10

/* A refusal that was written, and how often it has happened since */
struct refusal {
	struct audit_event event;	/* what is the same each time */
	struct identity *who;		/* the same as in @event; a reference */
	time_t written;			/* 0 = none here */
	uint64_t repeated;
};

/**
 * struct audit - see above
 * @name:	provider
 * @required:	what cannot be written must not be done
 * @lock:	of all that follows
 * @chain:	NULL: only the log is written
 * @failing:	the last line could not be written, which was said
 * @refusals:	see there
 * @others:	those that found no place: denied, corrupt
 * @text:	the line that is being made
 */
struct audit {
	const char *name;
	bool required;
	pthread_mutex_t lock;
	struct audit_chain *chain;
	bool failing;
	struct refusal refusals[REFUSALS];
	struct refusal others[2];
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

/* What happened since the line about it; another refusal needs the place */
static void write_repetition(struct audit *audit, struct refusal *refusal)
{
	if (refusal->repeated)
		write_event(audit, &refusal->event, refusal->repeated);
	identity_put(refusal->who);
	*refusal = (struct refusal){ 0 };
}

static bool is_same(const struct identity *a, const struct identity *b)
{
	return a == b || (a && b && a->auth_id == b->auth_id && a->app_len == b->app_len &&
			  !memcmp(a->app, b->app, a->app_len));
}

static bool is_about(const struct refusal *refusal, const struct audit_event *event)
{
	return refusal->written && refusal->event.kind == event->kind &&
	       refusal->event.opcode == event->opcode &&
	       refusal->event.status == event->status && is_same(refusal->who, event->who);
}

/* A second that has begun does not count as one */
static bool is_fresh(const struct refusal *refusal, time_t now)
{
	return refusal->written && now - refusal->written <= REFUSAL_SECONDS;
}

static struct refusal *older(struct refusal *a, struct refusal *b)
{
	return a && a->written <= b->written ? a : b;
}

/* Return: where a refusal is, or may be, remembered; NULL when it finds no place */
static struct refusal *refusal_place(struct audit *audit, const struct audit_event *event,
				     time_t now)
{
	struct refusal *oldest = NULL, *oldest_own = NULL;
	unsigned int own = 0;

	for (size_t i = 0; i < REFUSALS; i++) {
		struct refusal *refusal = &audit->refusals[i];

		if (is_about(refusal, event))
			return refusal;
		oldest = older(oldest, refusal);
		if (refusal->written && is_same(refusal->who, event->who)) {
			oldest_own = older(oldest_own, refusal);
			own++;
		}
	}
	if (own == REFUSALS_EACH)
		oldest = oldest_own;
	return is_fresh(oldest, now) ? NULL : oldest;
}

/* With the lock held */
static void write_refusal(struct audit *audit, const struct audit_event *event)
{
	const struct audit_event other = {
		.kind = event->kind,
		.reason = "others, too many at a time for a line each",
	};
	time_t now = now_seconds();
	struct refusal *refusal = refusal_place(audit, event, now);

	if (!refusal) {
		refusal = &audit->others[event->kind == AUDIT_CORRUPT];
		event = &other;
	}
	if (!is_about(refusal, event)) {
		write_repetition(audit, refusal);
		/* Counted by an atomic, so not really changed */
		if (event->who)
			refusal->who = identity_get((struct identity *)(uintptr_t)event->who);
		refusal->event = (struct audit_event){
			.kind = event->kind,
			.who = event->who,
			.opcode = event->opcode,
			.operation = event->operation,
			.status = event->status,
			.reason = event->reason,
		};
	} else if (is_fresh(refusal, now)) {
		refusal->repeated++;
		return;
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
	for (size_t i = 0; i < 2; i++)
		write_repetition(audit, &audit->others[i]);
	if (audit->chain)
		write_event(audit, &stop, 0);
	audit_chain_close(audit->chain);
	pthread_mutex_destroy(&audit->lock);
	free(audit);
}
