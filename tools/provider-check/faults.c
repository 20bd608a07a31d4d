// SPDX-License-Identifier: Apache-2.0
/*
 * What a provider does when it cannot do what it should: with each allocation failing in
 * turn, and with a backend that is broken from outside.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/provider-check/check.h"

/* Allocations up to this one are tried one by one, those after it in growing steps */
#define EACH	40
#define AGAIN	4

/* A failure that blames neither the caller nor the key: nothing is wrong with these */
bool is_failure(enum parsec_status status)
{
	switch (status) {
	case PARSEC_PSA_ERROR_GENERIC_ERROR:
	case PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY:
	case PARSEC_PSA_ERROR_INSUFFICIENT_STORAGE:
	case PARSEC_PSA_ERROR_COMMUNICATION_FAILURE:
	case PARSEC_PSA_ERROR_STORAGE_FAILURE:
	case PARSEC_PSA_ERROR_HARDWARE_FAILURE:
	case PARSEC_PSA_ERROR_INSUFFICIENT_ENTROPY:
		return true;
	default:
		return false;
	}
}

static void quiet(enum parsec_log_level level, const char *format, ...)
{
	(void)level;
	(void)format;
}

/* What is done with a key, or to get one */
enum act { CREATE, IMPORT, LOAD, USE, EXISTS, LIST, DESTROY };

static const char *const acts[] = {
	"create", "import", "load", NULL, "exists", "list", "destroy"
};

/**
 * struct attempt - something that a primitive does, with or without a failure on the way
 * @act:	what
 * @row:	of the key
 * @subject:	the key
 * @material:	IMPORT
 * @plan:	USE: step
 * @step:	USE
 */
struct attempt {
	enum act act;
	const struct parsec_capability *row;
	struct subject *subject;
	const struct material *material;
	struct plan *plan;
	const struct step *step;
};

static const char *attempt_name(const struct attempt *attempt)
{
	return attempt->act == USE ? name_of_primitive(attempt->step->primitive) :
				     acts[attempt->act];
}

static bool is_secret(const struct subject *subject, enum primitive primitive)
{
	return (primitive == EXPORT && !is_public(subject->attrs.type)) || primitive == AGREE ||
	       primitive == ASYMMETRIC_DECRYPT || primitive == CIPHER_DECRYPT ||
	       primitive == AEAD_DECRYPT || primitive == ATTEST_ACTIVATE;
}

/* A new key is gone again afterwards, also one of which only the id is known */
static enum parsec_status attempt_new(struct check *check, const struct attempt *attempt,
				      unsigned long fail_at)
{
	const struct material *material = attempt->material;
	struct subject subject;
	enum parsec_status status, gone;

	subject_init(&subject, attempt->row, attempt->row->bits[0]);
	check->fail_at = fail_at;
	status = attempt->act == CREATE ? subject_create(check, &subject) :
		subject_import(check, &subject,
			       (struct parsec_span){ material->bytes, material->len });
	check->fail_at = 0;
	if (status)
		subject.blob_len = 0;
	gone = subject_destroy(check, &subject);
	if (gone)
		because("destroy after %s: status %d", acts[attempt->act], gone);
	return gone ? PARSEC_PSA_ERROR_CORRUPTION_DETECTED : status;
}

static enum parsec_status attempt_use(struct check *check, const struct attempt *attempt,
				      unsigned long fail_at)
{
	const struct step *step = attempt->step;
	enum parsec_status status;
	uint8_t out[ROOM];
	size_t len = 0;

	if (is_secret(attempt->subject, step->primitive))
		check->secret = (struct parsec_span){ step->expected, step->expected_len };
	check->fail_at = fail_at;
	status = run(check, attempt->subject, step->primitive, &step->input, out, ROOM, &len);
	check->fail_at = 0;
	check->secret.len = 0;
	if (!status && !step_is_right(check, attempt->plan, attempt->subject, step, out, len)) {
		because("%s: success with a wrong result", attempt_name(attempt));
		return PARSEC_PSA_ERROR_CORRUPTION_DETECTED;
	}
	return status;
}

/* Without memory it may fail, but what it says must be right */
static enum parsec_status attempt_list(struct check *check, const struct attempt *attempt,
				       unsigned long fail_at)
{
	enum parsec_status status;
	size_t times;

	check->fail_at = fail_at;
	status = times_listed(check, attempt->subject->id, &times);
	check->fail_at = 0;
	if (status || times == 1)
		return status;
	because("list: success without the key");
	return PARSEC_PSA_ERROR_CORRUPTION_DETECTED;
}

static enum parsec_status attempt_make(struct check *check, const struct attempt *attempt,
				       unsigned long fail_at)
{
	struct subject copy = *attempt->subject;
	enum parsec_status status;

	switch (attempt->act) {
	case CREATE:
	case IMPORT:
		return attempt_new(check, attempt, fail_at);
	case USE:
		return attempt_use(check, attempt, fail_at);
	case LOAD:
		copy.key = NULL;
		check->fail_at = fail_at;
		status = subject_load(check, &copy);
		check->fail_at = 0;
		subject_unload(check, &copy);
		return status;
	case EXISTS:
		check->fail_at = fail_at;
		status = subject_exists(check, &copy);
		check->fail_at = 0;
		return status;
	case LIST:
		return attempt_list(check, attempt, fail_at);
	default:
		/* Of a key that never was, as it can be done more than once */
		fill(check, copy.id, sizeof(copy.id));
		copy.blob = NULL;
		copy.blob_len = 0;
		copy.key = NULL;
		check->fail_at = fail_at;
		status = subject_destroy(check, &copy);
		check->fail_at = 0;
		return status;
	}
}

/* Does each further attempt leave something behind? */
static bool leaks(struct check *check, const struct attempt *attempt, unsigned long fail_at)
{
	long before = memory_blocks(), now;

	for (int i = 0; i < AGAIN; i++) {
		attempt_make(check, attempt, fail_at);
		ERR_clear_error();
		now = memory_blocks();
		if (now <= before)
			return false;
		before = now;
	}
	because("%s: what it allocates is not freed, with allocation %lu failing",
		attempt_name(attempt), fail_at);
	return true;
}

/* Large primes take as long before the last of thousands of allocations as they take at all */
static bool looks_for_primes(const struct attempt *attempt)
{
	return is_slow(attempt->row) && (attempt->act == CREATE || attempt->act == IMPORT);
}

/* With allocation 1, 2, 3 and so on failing, until it gets along with those that succeed */
static bool survives(struct check *check, const struct attempt *attempt)
{
	unsigned long fail_at = 1;
	enum parsec_status status;
	bool good = true;

	while (good) {
		status = attempt_make(check, attempt, fail_at);
		if (!memory_has_failed())
			break;
		ERR_clear_error();
		if (status && !is_failure(status)) {
			because("%s: status %d, with allocation %lu failing",
				attempt_name(attempt), status, fail_at);
			good = false;
		}
		good = good && (check->lossy || !leaks(check, attempt, fail_at));
		fail_at += fail_at < EACH || (check->full && !looks_for_primes(attempt)) ?
				   1 : fail_at / 4;
	}
	if (good && status) {
		because("%s: status %d after failures", attempt_name(attempt), status);
		good = false;
	}
	memory_fail(0);
	return good;
}

/* To make and load keys is the same for all algorithms */
static bool type_was_tried(const struct check *check, const struct parsec_capability *row)
{
	for (const struct parsec_capability *r = check->plugin.caps.rows; r < row; r++) {
		if (r->type == row->type)
			return !check->full || is_slow(row);
	}
	return false;
}

static bool row_memory(struct check *check, const struct parsec_capability *row)
{
	bool tried = type_was_tried(check, row);
	static struct material material, known;
	struct subject subject;
	struct attempt attempt = { .row = row, .subject = &subject, .material = &material };
	struct plan *plan = NULL;
	bool good = true;

	if (!row_key(check, row, &subject, &known))
		return false;
	if (!subject_load(check, &subject))
		plan = plan_make(check, &subject, row, known.pkey);
	if (!plan) {
		subject_destroy(check, &subject);
		return false;
	}
	attempt.plan = plan;
	attempt.act = LOAD;
	good &= tried || survives(check, &attempt);
	attempt.act = USE;
	for (size_t i = 0; i < plan->count; i++) {
		attempt.step = &plan->steps[i];
		good &= survives(check, &attempt);
	}
	attempt.act = EXISTS;
	good &= !check->ops->exists || survives(check, &attempt);
	attempt.act = LIST;
	good &= !check->ops->list || survives(check, &attempt);
	attempt.act = DESTROY;
	good &= survives(check, &attempt);
	attempt.act = CREATE;
	if (row->can & PARSEC_CAN_GENERATE && !tried && (!is_slow(row) || check->full))
		good &= survives(check, &attempt);
	attempt.act = IMPORT;
	if (row->can & PARSEC_CAN_IMPORT && !tried &&
	    material_make(check, &material, row->type, row->family, row->bits[0])) {
		good &= survives(check, &attempt);
		material_free(&material);
	}
	good &= plan_run(check, plan, &subject);
	plan_free(plan);
	material_free(&known);
	return subject_destroy(check, &subject) == PARSEC_SUCCESS && good;
}

void check_memory(struct check *check)
{
	void (*log)(enum parsec_log_level level, const char *format, ...) =
		check->plugin.host.log;

	check->plugin.host.log = quiet;
	for (size_t i = 0; i < check->plugin.caps.count; i++) {
		const struct parsec_capability *row = &check->plugin.caps.rows[i];

		if (!like_before(check, i) || check->full)
			fact(row_memory(check, row), "%s: each allocation may fail",
			     name_of_key(row, row->bits[0]));
	}
	check->plugin.host.log = log;
}
