// SPDX-License-Identifier: Apache-2.0
/*
 * The backend failing at every call, the store's disk at every write and sync, and both
 * at every pair of them, in everything that is done to keys and in the start itself. As
 * soon as both work again, without a start or after one, each name is usable or free,
 * no backend key is without a name, and no row is unfinished.
 *
 * The steps are counted in a run without failures, not written down.
 */
#include "selftests/unit/keystore_case.h"

#include "kselftest_harness.h"

#include <sqlite3.h>

/* For a machine that has much else to do */
#define SECONDS	300

/* One of each class: not now, not ever, not you, does not fit, and answers that mislead */
static const enum parsec_status backend_says[] = {
	PARSEC_PSA_ERROR_COMMUNICATION_FAILURE, PARSEC_PSA_ERROR_HARDWARE_FAILURE,
	PARSEC_PSA_ERROR_GENERIC_ERROR, PARSEC_PSA_ERROR_NOT_SUPPORTED,
	PARSEC_PSA_ERROR_NOT_PERMITTED, PARSEC_PSA_ERROR_INSUFFICIENT_STORAGE,
	PARSEC_PSA_ERROR_INVALID_ARGUMENT, PARSEC_PSA_ERROR_ALREADY_EXISTS,
	PARSEC_PSA_ERROR_DOES_NOT_EXIST, PARSEC_PSA_ERROR_DATA_CORRUPT,
	PARSEC_KEY_INFO_MANAGER_ERROR,
};

static const int disk_says[] = { SQLITE_FULL, SQLITE_IOERR, SQLITE_BUSY };

FIXTURE(fail)
{
	char base[64];	/* how the store is before */
	char dir[64];	/* a copy, in which it happens */
	int events;	/* of an operation without failures */
	int calls;
	int cases;
};

FIXTURE_VARIANT(fail)
{
	const struct parsec_provider *provider;
	enum operation operation;
};

#define VARIANT(provider_name, what) \
	FIXTURE_VARIANT_ADD(fail, provider_name##_##what) { \
		.provider = &fake_##provider_name, .operation = what, \
	}

VARIANT(token, CREATE);
VARIANT(token, IMPORT);
VARIANT(token, DESTROY);
VARIANT(token, UNDO);
VARIANT(token, SWEEP);
VARIANT(software, CREATE);
VARIANT(software, DESTROY);

/* What fails in one case */
struct failure {
	struct fault disk;
	int call;
	bool call_on;
	bool after;
	enum parsec_status status;
};

static void arm(const struct failure *failure)
{
	fault = failure->disk;
	fake.calls = 0;
	fake.fail_call = failure->call;
	fake.fail_on = failure->call_on;
	fake.fail_after = failure->after;
	fake.fail_with = failure->status;
}

/*
 * Open the store and operate; a sweep is the opening itself, which may then fail, and of
 * the others it is not part. Return: false when the store is not open.
 */
static bool run(struct opened *opened, const char *dir,
		const FIXTURE_VARIANT(fail) *variant, const struct failure *failure)
{
	static const struct failure none;
	bool open;

	arm(variant->operation == SWEEP ? failure : &none);
	open = open_store(opened, dir, variant->provider) == PARSEC_SUCCESS;
	if (variant->operation != SWEEP && open) {
		arm(failure);
		operate(opened->store, variant->operation);
	}
	return open;
}

FIXTURE_SETUP(fail)
{
	static const struct failure none;
	struct opened opened;

	case_setup(self->base, self->dir);
	prepare(self->base, self->dir, variant->provider, variant->operation);
	copy_dir(self->base, self->dir);
	ASSERT_TRUE(run(&opened, self->dir, variant, &none));
	self->events = fault.events;
	self->calls = fake.calls;
	close_store(&opened);
	EXPECT_GE(self->events, 3);
	EXPECT_GE(self->calls, 1);
}

FIXTURE_TEARDOWN(fail)
{
	TH_LOG("%d cases over %d events and %d calls of the backend", self->cases, self->events,
	       self->calls);
	remove_dir(self->base);
	remove_dir(self->dir);
}

/* NULL or what is wrong when @failure has passed */
static const char *fail_once(FIXTURE_DATA(fail) *self, const FIXTURE_VARIANT(fail) *variant,
			     const struct failure *failure, bool restart)
{
	const char *wrong = NULL;
	struct opened opened;
	bool open;

	self->cases++;
	copy_dir(self->base, self->dir);
	open = run(&opened, self->dir, variant, failure);
	arm(&(struct failure){ .call = 0 });
	if (open && !restart) {
		/* What was remembered is due */
		keystore_retry(opened.store, true);
		if (variant->operation == UNDO && is_usable(opened.store, "new"))
			wrong = "a key was not undone";
		else
			wrong = check(opened.store, self->dir, variant->operation);
	}
	if (open)
		close_store(&opened);
	return wrong ? wrong :
	       check_after_start(self->dir, variant->provider, variant->operation);
}

/* As fail_once(); what is wrong is logged */
static bool survives(struct __test_metadata *_metadata, FIXTURE_DATA(fail) *self,
		     const FIXTURE_VARIANT(fail) *variant, const struct failure *failure,
		     bool restart)
{
	const char *wrong = fail_once(self, variant, failure, restart);

	if (wrong)
		TH_LOG("event %d%s says %d, call %d%s says %d%s, %s a start: %s",
		       failure->disk.fail_at, failure->disk.fail_on ? " and on" : "",
		       failure->disk.fail_with, failure->call,
		       failure->call_on ? " and on" : "", failure->status,
		       failure->after ? " after the fact" : "", restart ? "after" : "without",
		       wrong);
	return !wrong;
}

TEST_F_TIMEOUT(fail, disk_at_every_event, SECONDS)
{
	struct failure failure = { .call = 0 };

	for (int at = 1; at <= self->events; at++) {
		for (int way = 0; way < 2 * (int)ARRAY_SIZE(disk_says); way++) {
			failure.disk = (struct fault){
				.fail_at = at, .fail_on = way % 2,
				.fail_with = disk_says[way / 2],
			};
			ASSERT_TRUE(survives(_metadata, self, variant, &failure,
					     (at + way / 2) % 2));
		}
	}
}

TEST_F_TIMEOUT(fail, backend_at_every_call, SECONDS)
{
	struct failure failure = { .call = 0 };

	for (failure.call = 1; failure.call <= self->calls; failure.call++) {
		for (size_t way = 0; way < 8 * ARRAY_SIZE(backend_says); way++) {
			failure.status = backend_says[way / 8];
			failure.call_on = way & 1;
			failure.after = way & 2;
			/* The names of keys that it says it has not are gone, and rightly so */
			if (variant->operation == SWEEP &&
			    failure.status == PARSEC_PSA_ERROR_DOES_NOT_EXIST)
				continue;
			ASSERT_TRUE(survives(_metadata, self, variant, &failure, way & 4));
		}
	}
}

/* Ways in turn: each pair has a part of them, each way meets many pairs */
TEST_F_TIMEOUT(fail, both_at_every_pair, SECONDS)
{
	struct failure failure = { .call = 0 };
	/* A failing call leads to steps that a run without failures does not have */
	int pairs = self->calls * (self->events + 4);

	for (int turn = 0; turn < 2 * pairs; turn++) {
		failure.call = 1 + turn / 2 % self->calls;
		failure.call_on = turn & 1;
		failure.after = turn & 4;
		failure.status = backend_says[turn % (int)ARRAY_SIZE(backend_says)];
		failure.disk = (struct fault){
			.fail_at = 1 + turn / 2 / self->calls,
			.fail_on = turn & 2,
			.fail_with = disk_says[turn % (int)ARRAY_SIZE(disk_says)],
		};
		if (variant->operation == SWEEP &&
		    failure.status == PARSEC_PSA_ERROR_DOES_NOT_EXIST)
			continue;
		ASSERT_TRUE(survives(_metadata, self, variant, &failure, turn & 8));
	}
}

TEST_HARNESS_MAIN
