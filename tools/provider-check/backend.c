// SPDX-License-Identifier: Apache-2.0
/*
 * A backend that is broken and mended from outside, by the command of --fault-command: while
 * it is broken what needs it fails and blames neither caller nor key, and afterwards all is
 * as it was before.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/provider-check/check.h"

/**
 * struct outage - keys of a row around the time without a backend
 * @row:	theirs
 * @used:	loaded before, and used
 * @removed:	tried to be destroyed
 * @made:	tried to be created and imported, if there is a type
 * @came:	was that a success?
 * @plan:	uses of @used
 * @failures:	calls that did not work
 * @gone:	to destroy @removed was a success
 * @good:	no call has given a wrong answer
 */
struct outage {
	const struct parsec_capability *row;
	struct subject used;
	struct subject removed;
	struct subject made[2];
	bool came[2];
	struct plan *plan;
	unsigned int failures;
	bool gone;
	bool good;
};

/* The command with a word more, or two, in a shell that has the state directory */
static bool command(const struct check *check, const char *word, const char *id)
{
	char text[4096];
	int len = snprintf(text, sizeof(text), "%s %s %s", check->fault_command, word, id);

	if (len < 0 || (size_t)len >= sizeof(text) || setenv("STATE_DIR", check->state_dir, 1))
		abort();
	fflush(stdout);
	if (system(text) == 0)
		return true;
	because("\"%s\" failed", text);
	return false;
}

/* An answer while there is no backend: of what did not need it, or a failure */
static void answered(struct outage *outage, const char *what, enum parsec_status status)
{
	outage->failures += status != PARSEC_SUCCESS;
	if (!status || is_failure(status))
		return;
	because("%s: status %d while the backend is broken", what, status);
	outage->good = false;
}

/* With @material import. What comes of it is destroyed later, when the backend is there */
static void try_new(struct check *check, struct outage *outage, const struct material *material)
{
	int which = material ? 1 : 0;
	struct subject *subject = &outage->made[which];
	enum parsec_status status;

	subject_init(subject, outage->row, outage->row->bits[0]);
	status = !material ? subject_create(check, subject) :
		 subject_import(check, subject,
				(struct parsec_span){ material->bytes, material->len });
	if (status)
		subject->blob_len = 0;
	outage->came[which] = !status;
	answered(outage, material ? "import" : "create", status);
}

static void try_uses(struct check *check, struct outage *outage)
{
	for (size_t i = 0; i < outage->plan->count; i++) {
		const struct step *step = &outage->plan->steps[i];
		const char *name = name_of_primitive(step->primitive);
		enum parsec_status status;
		uint8_t out[ROOM];
		size_t len = 0;

		status = run(check, &outage->used, step->primitive, &step->input, out, ROOM,
			     &len);
		answered(outage, name, status);
		if (!status && step->fixed &&
		    !step_is_right(check, outage->plan, &outage->used, step, out, len)) {
			because("%s: success with a wrong result", name);
			outage->good = false;
		}
	}
}

/* As subject_destroy(), but @subject keeps its blob, to be looked for once more */
static enum parsec_status try_destroy(struct check *check, const struct subject *subject)
{
	struct subject copy = *subject;

	copy.key = NULL;
	copy.blob = malloc(subject->blob_len + 1);
	if (!copy.blob)
		abort();
	memcpy(copy.blob, subject->blob, subject->blob_len);
	return subject_destroy(check, &copy);
}

/* Nobody may take what cannot be seen now for what is not there */
static void try_list(struct check *check, struct outage *outage)
{
	enum parsec_status status;
	size_t times;

	status = times_listed(check, outage->used.id, &times);
	answered(outage, "list", status);
	if (status || times == 1)
		return;
	because("list: success without a key that is there");
	outage->good = false;
}

static void try_all(struct check *check, struct outage *outage,
		    const struct material *material)
{
	struct subject copy = outage->used;
	enum parsec_status status;

	try_uses(check, outage);
	copy.key = NULL;
	answered(outage, "load", subject_load(check, &copy));
	subject_unload(check, &copy);
	if (check->ops->exists)
		answered(outage, "exists", subject_exists(check, &copy));
	if (check->ops->list)
		try_list(check, outage);
	if (outage->row->can & PARSEC_CAN_GENERATE)
		try_new(check, outage, NULL);
	if (material)
		try_new(check, outage, material);
	status = try_destroy(check, &outage->removed);
	answered(outage, "destroy", status);
	outage->gone = !status;
}

/* A key that may or may not have come into being can be removed, and nothing is left */
static bool is_undone(struct check *check, struct outage *outage, int which)
{
	struct subject *subject = &outage->made[which], copy = *subject;
	enum parsec_status status = PARSEC_SUCCESS;

	if (outage->came[which])
		status = subject_load(check, subject);
	if (status || (outage->came[which] && !exercise(check, subject, outage->row, NULL)))
		because("what was made meanwhile is no good: load: status %d", status);
	else
		outage->came[which] = false;
	status = subject_destroy(check, subject);
	if (status)
		because("destroy of what was tried to make: status %d", status);
	copy.blob = NULL;
	copy.blob_len = 0;
	if (!status && check->ops->exists) {
		status = subject_exists(check, &copy);
		if (status != PARSEC_PSA_ERROR_DOES_NOT_EXIST)
			because("exists after destroy: status %d", status);
		return status == PARSEC_PSA_ERROR_DOES_NOT_EXIST && !outage->came[which];
	}
	return !status && !outage->came[which];
}

/* What was destroyed is gone, what was not is still good */
static bool as_was_said(struct check *check, struct outage *outage)
{
	struct subject *removed = &outage->removed;
	enum parsec_status exists = PARSEC_SUCCESS, load = subject_load(check, removed);
	bool good;

	if (check->ops->exists)
		exists = subject_exists(check, removed);
	if (outage->gone)
		good = !check->ops->exists || exists == PARSEC_PSA_ERROR_DOES_NOT_EXIST;
	else
		good = !load && !exists && exercise(check, removed, outage->row, NULL);
	if (!good)
		because("destroy %s while the backend was broken; now: exists %d, load %d",
			outage->gone ? "succeeded" : "failed", exists, load);
	return subject_destroy(check, removed) == PARSEC_SUCCESS && good;
}

static bool as_before(struct check *check, struct outage *outage)
{
	struct subject *used = &outage->used;
	bool good = plan_run(check, outage->plan, used);

	subject_unload(check, used);
	good &= !subject_load(check, used) && plan_run(check, outage->plan, used);
	if (check->ops->exists && subject_exists(check, used)) {
		because("a key does not exist any more");
		good = false;
	}
	for (int i = 0; i < 2; i++)
		good &= !outage->made[i].attrs.type || is_undone(check, outage, i);
	return as_was_said(check, outage) & good;
}

static bool has_keys(struct check *check, struct outage *outage, struct material known[2])
{
	if (!row_key(check, outage->row, &outage->used, &known[0]))
		return false;
	if (!subject_load(check, &outage->used))
		outage->plan = plan_make(check, &outage->used, outage->row, known[0].pkey);
	if (outage->plan && row_key(check, outage->row, &outage->removed, &known[1]))
		return true;
	plan_free(outage->plan);
	subject_destroy(check, &outage->used);
	material_free(&known[0]);
	return false;
}

static void row_outage(struct check *check, const struct parsec_capability *row)
{
	static struct material known[2], material;
	struct outage outage = { .row = row, .good = true };
	const char *name = name_of_key(row, row->bits[0]);
	bool imports = row->can & PARSEC_CAN_IMPORT, good;

	if (!has_keys(check, &outage, known)) {
		fact(false, "%s: there are keys for the broken backend", name);
		return;
	}
	imports = imports && material_make(check, &material, row->type, row->family, row->bits[0]);
	if (command(check, "break", "")) {
		try_all(check, &outage, imports ? &material : NULL);
		fact(outage.good, "%s: failures while the backend is broken are clean", name);
		fact(outage.failures, "%s: there are some", name);
		good = command(check, "mend", "") && as_before(check, &outage);
		fact(good, "%s: all is as before when it is mended", name);
	} else {
		fact(false, "%s: the backend can be broken", name);
		subject_destroy(check, &outage.removed);
	}
	plan_free(outage.plan);
	subject_destroy(check, &outage.used);
	for (int i = 0; i < 2; i++)
		material_free(&known[i]);
	if (imports)
		material_free(&material);
}

/* To open it may fail then, but neither for good nor by its configuration */
static void start_without(struct check *check, const struct parsec_capability *row)
{
	static struct material known;
	struct subject subject;
	enum parsec_status status;
	bool good, mended;

	if (!row_key(check, row, &subject, &known))
		return;
	plugin_close(&check->plugin);
	good = command(check, "break", "");
	status = open_again(check);
	if (!status)
		plugin_close(&check->plugin);
	mended = command(check, "mend", "");
	if (status && !is_failure(status)) {
		because("open: status %d while the backend is broken", status);
		good = false;
	}
	if (!fact(mended && !open_again(check), "it opens when the backend is mended"))
		exit(tap_end());
	/* Rows are the provider's, and this is another one */
	row = cheap_row(check);
	good &= !subject_load(check, &subject) && exercise(check, &subject, row, known.pkey);
	good &= subject_destroy(check, &subject) == PARSEC_SUCCESS;
	fact(good, "to open it while the backend is broken does no harm");
	material_free(&known);
}

/* A key that the backend has lost is known to be gone, and its name can be removed */
static void lose(struct check *check, const struct parsec_capability *row)
{
	static struct material known;
	struct subject subject;
	enum parsec_status before, after, load, destroy;
	size_t times = 0;
	char id[2 * PARSEC_BACKEND_ID_SIZE + 1];
	bool good;

	if (!check->ops->exists || !row_key(check, row, &subject, &known))
		return;
	for (size_t i = 0; i < PARSEC_BACKEND_ID_SIZE; i++)
		snprintf(id + 2 * i, 3, "%02x", subject.id[i]);
	before = subject_exists(check, &subject);
	if (!command(check, "lose", id))
		before = PARSEC_PSA_ERROR_GENERIC_ERROR;
	after = subject_exists(check, &subject);
	if (check->ops->list && !times_listed(check, subject.id, &times) && times)
		because("it is still listed");
	load = subject_load(check, &subject);
	destroy = subject_destroy(check, &subject);
	good = !before && after == PARSEC_PSA_ERROR_DOES_NOT_EXIST && load && is_status(load) &&
	       !destroy && !times;
	if (!good)
		because("exists %d, lost: exists %d, load %d, destroy %d", before, after, load,
			destroy);
	fact(good, "a key that the backend has lost is gone");
	material_free(&known);
}

void check_backend(struct check *check)
{
	const struct parsec_capability *cheap = cheap_row(check);

	if (!check->fault_command)
		return;
	for (size_t i = 0; i < check->plugin.caps.count; i++) {
		if (!like_before(check, i) || check->full)
			row_outage(check, &check->plugin.caps.rows[i]);
	}
	if (!cheap)
		return;
	lose(check, cheap);
	start_without(check, cheap);
}
