/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of deaths and failures have in common: a store over the fake provider,
 * something that is done to it, and what must hold whatever happens meanwhile.
 */
#ifndef UNIT_KEYSTORE_CASE_H
#define UNIT_KEYSTORE_CASE_H

#include <stdio.h>

/* The test's own words, while what is logged goes nowhere; before the harness */
extern FILE *case_words;
#define TH_LOG_STREAM	(case_words ? case_words : stderr)

#define KEYSTORE_STEPS
#include "helper/keystore_private.h"
#include "selftests/unit/fake_provider.h"
#include "selftests/unit/fault_vfs.h"

/*
 * What is done to a store that has the keys "keep" and "old"; a FIRST_START to none, a
 * SWEEP to what deaths have left in it. CLOSE is a CREATE and an orderly end after it.
 */
enum operation {
	FIRST_START, CREATE, IMPORT, FAIL_CREATE, DESTROY, FAIL_DESTROY, UNDO, SWEEP, CLOSE
};

struct opened {
	struct plugin plugin;
	struct keystore *store;
};

/**
 * struct progress - how far a child got; shared with it
 * @answered:	the operation was over
 * @status:	its result
 * @events:	events until then
 */
struct progress {
	bool answered;
	enum parsec_status status;
	int events;
};

extern struct progress *progress;

/* Quiet, events connected, and two directories; once in a test */
void case_setup(char base[64], char dir[64]);

enum parsec_status open_store(struct opened *opened, const char *dir,
			      const struct parsec_provider *provider);
void close_store(struct opened *opened);
enum parsec_status create(struct keystore *store, const char *name);
bool is_usable(struct keystore *store, const char *name);

/* The store that the operation is done to */
void prepare(const char *dir, const char *scratch, const struct parsec_provider *provider,
	     enum operation operation);

/* Make @to have the files of @from and no others */
void copy_dir(const char *from, const char *to);

enum parsec_status operate(struct keystore *store, enum operation operation);

/* Open and operate in a child that can be killed. True when it got to the end */
bool operate_in_child(const char *dir, const struct parsec_provider *provider,
		      enum operation operation, struct fault with);

/*
 * What must hold: each name usable or free, no backend key without a name, no row
 * unfinished, the database in order. NULL or what does not.
 */
const char *check(struct keystore *store, const char *dir, enum operation operation);
const char *check_after_start(const char *dir, const struct parsec_provider *provider,
			      enum operation operation);

/* After a child: also that what was answered is so */
const char *check_after_death(const char *dir, const struct parsec_provider *provider,
			      enum operation operation);

#endif /* UNIT_KEYSTORE_CASE_H */
