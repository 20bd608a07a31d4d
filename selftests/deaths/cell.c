// SPDX-License-Identifier: Apache-2.0
/*
 * One cell of the matrix.
 */
#include "selftests/deaths/cell.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "selftests/deaths/call.h"
#include "selftests/deaths/ledger.h"
#include "selftests/deaths/service.h"
#include "selftests/device/device.h"

/* Until a request is where it is to be */
#define HOLD_MS		slow_ms(60000)
/* Of the requests: longer than a service takes to come back; where time itself is what
 * kills, as much as it takes to get them all to their points
 */
#define DEADLINE_MS	slow_ms(200000)
#define SHORT_MS	15000
/* How much later than its deadline a request may end */
#define LATE_MS		slow_ms(1000)

static const struct parsec_alg ecdsa = {
	.kind = PARSEC_ALG_SIGNATURE,
	.scheme = PARSEC_SIGN_ECDSA,
	.hash = PARSEC_HASH_SHA_256,
};

static const uint8_t hash[32] = { 1 };

/**
 * struct scene - what a cell's process has
 * @host:	process of the provider's host
 * @trace:	of it
 * @call:	the request
 * @other:	one that keeps the worker busy, or NULL
 * @ledger:	of the provider, as it was before
 */
struct scene {
	pid_t host;
	struct trace trace;
	struct call *call;
	struct call *other;
	struct ledger ledger;
};

static void __attribute__((format(printf, 2, 3))) wrong(struct cell *cell, const char *format, ...)
{
	va_list args;

	if (*cell->wrong)
		return;
	va_start(args, format);
	vsnprintf(cell->wrong, sizeof(cell->wrong), format, args);
	va_end(args);
}

static struct contract_request request(const struct cell *cell)
{
	return (struct contract_request){
		.key_name = { (const uint8_t *)cell->name, strlen(cell->name) },
		.attrs = {
			.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR,
			.family = PARSEC_ECC_SECP_R1,
			.bits = 256,
			.usage = PARSEC_USAGE_SIGN_HASH,
			.alg = ecdsa,
		},
		.alg = ecdsa,
		.input = { hash, sizeof(hash) },
	};
}

static int ask(const struct cell *cell, uint8_t opcode)
{
	const struct contract_request req = request(cell);

	return call_now(cell->provider, opcode, &req, NULL, NULL);
}

/* A hash: any host computes it, whatever its provider */
static const struct contract_request hashing = {
	.alg = { .kind = PARSEC_ALG_HASH, .hash = PARSEC_HASH_SHA_256 },
	.input = { hash, sizeof(hash) },
};

bool cell_serves(const struct cell *cell)
{
	static const struct contract_request nothing;

	return !call_now(PARSEC_PROVIDER_CORE, PARSEC_OP_PING, &nothing, NULL, NULL) &&
	       !call_now(cell->provider, PARSEC_OP_PSA_HASH_COMPUTE, &hashing, NULL, NULL);
}

static const uint8_t opcodes[OPERATIONS] = {
	[OP_SIGN] = PARSEC_OP_PSA_SIGN_HASH,
	[OP_GENERATE] = PARSEC_OP_PSA_GENERATE_KEY,
	[OP_DESTROY] = PARSEC_OP_PSA_DESTROY_KEY,
};

static uint32_t deadline(const struct cell *cell)
{
	return (uint32_t)(cell->victim == VICTIM_NOBODY ? SHORT_MS : DEADLINE_MS);
}

static bool prepare_key(struct cell *cell)
{
	int status = ask(cell, PARSEC_OP_PSA_DESTROY_KEY);

	if (status && status != PARSEC_PSA_ERROR_DOES_NOT_EXIST)
		wrong(cell, "the key cannot be removed first: %d", status);
	else if (cell->operation != OP_GENERATE &&
		 (status = ask(cell, PARSEC_OP_PSA_GENERATE_KEY)))
		wrong(cell, "the key cannot be made first: %d", status);
	return !*cell->wrong;
}

static void wait_until_it_waits(struct cell *cell, struct scene *scene)
{
	int64_t end = clock_ms() + HOLD_MS;

	while (!call_waits(scene->call) && !*cell->wrong) {
		trace_pump(&scene->trace);
		sleep_ms(1);
		if (clock_ms() > end)
			wrong(cell, "the request does not wait");
	}
}

static void hold(struct cell *cell, struct scene *scene)
{
	const struct contract_request req = request(cell);
	enum point point = cell->point;
	int rc;

	if (point == POINT_QUEUED) {
		scene->other = call_start(cell->provider, PARSEC_OP_PSA_HASH_COMPUTE, &hashing,
					  deadline(cell));
		point = POINT_BEFORE;
	} else {
		scene->call = call_start(cell->provider, opcodes[cell->operation], &req,
					 deadline(cell));
	}
	rc = trace_until(&scene->trace, point, HOLD_MS);
	if (rc)
		wrong(cell, "the request does not get there: %s", strerror(-rc));
	if (rc || scene->call)
		return;
	scene->call = call_start(cell->provider, opcodes[cell->operation], &req, deadline(cell));
	wait_until_it_waits(cell, scene);
}

static bool prepare(struct cell *cell, struct scene *scene)
{
	int rc;

	if (!prepare_key(cell))
		return false;
	ledger_read(&scene->ledger, cell->name);
	scene->host = service_host(cell->name);
	rc = scene->host ? trace_begin(&scene->trace, scene->host) : -ESRCH;
	if (rc)
		wrong(cell, "its host cannot be traced: %s", strerror(-rc));
	else
		hold(cell, scene);
	return !*cell->wrong;
}

/* Those of the dead that are the cell's own */
static void die(struct cell *cell, struct scene *scene)
{
	switch (cell->victim) {
	case VICTIM_THREAD:
		if (!call_kill_thread(scene->call))
			wrong(cell, "the thread cannot be killed");
		break;
	case VICTIM_PROCESS:
	case VICTIM_MODULE:
		if (!call_kill_process(scene->call) ||
		    (cell->victim == VICTIM_MODULE && scene->other &&
		     !call_kill_process(scene->other)))
			wrong(cell, "the process cannot be killed");
		break;
	case VICTIM_HOST:
		kill(scene->host, SIGKILL);
		break;
	default:
		break;
	}
}

static bool caller_was_killed(const struct cell *cell)
{
	return cell->victim == VICTIM_THREAD || cell->victim == VICTIM_PROCESS ||
	       cell->victim == VICTIM_MODULE;
}

static void wait_for_result(struct cell *cell, struct scene *scene)
{
	int64_t end = clock_ms() + deadline(cell) + 2 * LATE_MS;

	while (!scene->call->finished && !caller_was_killed(cell) && !*cell->wrong) {
		trace_pump(&scene->trace);
		sleep_ms(5);
		if (clock_ms() > end)
			wrong(cell, "the request does not end");
	}
	cell->result = scene->call->finished ? scene->call->result : -EINPROGRESS;
	cell->ms = scene->call->ms;
	if (cell->ms > deadline(cell) + LATE_MS)
		wrong(cell, "the request took %lld ms", (long long)cell->ms);
}

/* A host that is dead is one once its tracer has seen it */
static void release(struct cell *cell, struct scene *scene)
{
	/* Time does what others do by dying: before the host can go on */
	if (cell->victim == VICTIM_NOBODY)
		wait_for_result(cell, scene);
	if (caller_was_killed(cell) || cell->victim == VICTIM_NOBODY)
		trace_end(&scene->trace);
	if (cell->victim != VICTIM_NOBODY)
		wait_for_result(cell, scene);
	while (scene->trace.count) {
		trace_pump(&scene->trace);
		sleep_ms(5);
	}
}

static bool is_listed(struct cell *cell)
{
	static const struct contract_request nothing;
	uint8_t answer[CALL_ANSWER_MAX];
	uint32_t len = 0;
	int status = call_now(PARSEC_PROVIDER_CORE, PARSEC_OP_LIST_KEYS, &nothing, answer, &len);

	if (status)
		wrong(cell, "keys cannot be listed: %d", status);
	return !status && memmem(answer, len, cell->name, strlen(cell->name));
}

/* The name is usable or free, for all who ask and in the backend */
static void check_key(struct cell *cell, const struct ledger *ledger)
{
	int status = ask(cell, PARSEC_OP_PSA_SIGN_HASH);
	bool listed = is_listed(cell);

	cell->key = !status;
	if (status && status != PARSEC_PSA_ERROR_DOES_NOT_EXIST)
		wrong(cell, "the key cannot be used: %d", status);
	if (listed != cell->key)
		wrong(cell, "the key is%s listed and is%s there", listed ? "" : " not",
		      cell->key ? "" : " not");
	if (ledger->keys != cell->key)
		wrong(cell, "the backend has %u keys for %u", ledger->keys, cell->key);
	status = ask(cell, PARSEC_OP_PSA_GENERATE_KEY);
	if (status != (cell->key ? PARSEC_PSA_ERROR_ALREADY_EXISTS : PARSEC_SUCCESS))
		wrong(cell, "the name is neither taken nor free: %d", status);
	status = ask(cell, PARSEC_OP_PSA_DESTROY_KEY);
	if (status)
		wrong(cell, "the key cannot be removed: %d", status);
}

/* What the caller was told is true */
static void check_result(struct cell *cell)
{
	bool made = cell->operation != OP_DESTROY;

	switch (cell->result) {
	case 0:
		if (cell->key != made)
			wrong(cell, "it was answered, and that is not so");
		break;
	case -ETIMEDOUT:	/* a destroy may have taken place */
	case -EINPROGRESS:
		if (cell->operation == OP_GENERATE && cell->key)
			wrong(cell, "there is a key that nobody knows of");
		break;
	case -EIO:
	case -ENOTCONN:
		break;
	default:
		wrong(cell, "the result %d is not one that there is", cell->result);
	}
	if (cell->operation == OP_SIGN && !cell->key)
		wrong(cell, "the key is gone");
}

/* How often it ran. What was left is removed by the next host, again if need be */
static void check_calls(struct cell *cell, const struct ledger *before,
			const struct ledger *after)
{
	static const unsigned int most[OPERATIONS] = {
		[OP_SIGN] = 2, [OP_GENERATE] = 1, [OP_DESTROY] = 2,
	};
	const unsigned int counts[OPERATIONS] = {
		[OP_SIGN] = after->signed_ - before->signed_,
		[OP_GENERATE] = after->created - before->created,
		[OP_DESTROY] = after->destroyed - before->destroyed,
	};

	cell->calls = counts[cell->operation];
	if (cell->calls > most[cell->operation])
		wrong(cell, "the provider was called %u times", cell->calls);
}

static void check(struct cell *cell, struct scene *scene)
{
	struct ledger after;

	/* The one worker has taken back what it has to take back before it answers this */
	if (!cell_serves(cell))
		wrong(cell, "its provider does not answer");
	ledger_read(&after, cell->name);
	check_calls(cell, &scene->ledger, &after);
	check_key(cell, &after);
	check_result(cell);
}

/* Wait until the stage may begin; the host's threads go on meanwhile */
static void enter(struct cell *cell, struct scene *scene, enum stage stage)
{
	while (cell->may < stage) {
		trace_pump(&scene->trace);
		sleep_ms(5);
	}
}

void cell_run(struct cell *cell)
{
	struct scene scene = { .trace.wanted = POINTS };

	if (prepare(cell, &scene)) {
		cell->done = STAGE_PREPARE;
		enter(cell, &scene, STAGE_DIE);
		die(cell, &scene);
		cell->done = STAGE_DIE;
		enter(cell, &scene, STAGE_RELEASE);
		release(cell, &scene);
		cell->done = STAGE_RELEASE;
	} else {
		trace_end(&scene.trace);
	}
	call_end(scene.other);
	call_end(scene.call);
	if (!*cell->wrong) {
		enter(cell, &scene, STAGE_CHECK);
		check(cell, &scene);
	}
	cell->done = STAGE_OVER;
}
