/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One cell of the matrix: somebody dies while one request of one operation is at one point.
 * Each has a provider of its own, so that all cells of a death can be looked at at once.
 */
#ifndef SELFTESTS_DEATHS_CELL_H
#define SELFTESTS_DEATHS_CELL_H

#include <stdbool.h>
#include <stdint.h>

#include "selftests/deaths/trace.h"

/** enum victim - who dies */
enum victim {
	VICTIM_THREAD,		/* of the caller */
	VICTIM_PROCESS,		/* of the caller */
	VICTIM_HOST,		/* of the provider */
	VICTIM_HOSTS,		/* all, core too */
	VICTIM_SUPERVISOR,	/* and is started again */
	VICTIM_SERVICE,		/* the same, and it is not */
	VICTIM_MODULE,		/* is loaded anew, for which the caller has to go first */
	VICTIM_NOBODY,		/* but time passes */
	VICTIMS
};

enum operation { OP_SIGN, OP_GENERATE, OP_DESTROY, OPERATIONS };

/* How far a cell is, and how far it may go: the test's main process says */
enum stage {
	STAGE_NONE,
	STAGE_PREPARE,	/* its request gets to the point */
	STAGE_DIE,	/* those that the cell kills itself */
	STAGE_RELEASE,	/* the host goes on, if there is one; the request ends */
	STAGE_CHECK,	/* the service is as it was: what came of it? */
	STAGE_OVER,
};

/**
 * struct cell - in memory shared with its process
 * @name:	of its provider and its key
 * @provider:	its id
 * @may:	the stage that it may be in
 * @done:	the one that it has been through
 * @wrong:	what must not be, empty: nothing
 * @result:	of the request: status, -errno, -EINPROGRESS: none as its caller was killed
 * @ms:		how long it took
 * @calls:	of the provider's primitive
 * @key:	is there a key of its name afterwards?
 */
struct cell {
	char name[32];
	uint8_t provider;
	enum point point;
	enum operation operation;
	enum victim victim;
	volatile enum stage may;
	volatile enum stage done;
	char wrong[200];
	int result;
	int64_t ms;
	unsigned int calls;
	bool key;
};

/** cell_run() - in a process of its own */
void cell_run(struct cell *cell);

/** cell_serves() - do core and its provider answer? */
bool cell_serves(const struct cell *cell);

#endif /* SELFTESTS_DEATHS_CELL_H */
