// SPDX-License-Identifier: Apache-2.0
/*
 * The key store killed at every step of everything it does, in the middle of each
 * write, and by a power cut that loses some of what was not synced. After the next
 * start each name is usable or free, no backend key is without a name, no row is
 * unfinished, and what was answered is so.
 */
#include "selftests/unit/keystore_case.h"

#include "kselftest_harness.h"

/* For a machine that has much else to do */
#define SECONDS	300

/* Outcomes of a power cut that are tried at each step; another one at each */
#define POWER_CUTS	1

FIXTURE(crash)
{
	char base[64];	/* how the store is before */
	char dir[64];	/* a copy, in which it happens */
};

FIXTURE_VARIANT(crash)
{
	const struct parsec_provider *provider;
	enum operation operation;
	bool writes;	/* tear them and lose them */
};

#define VARIANT(provider_name, what, differs) \
	FIXTURE_VARIANT_ADD(crash, provider_name##_##what) { \
		.provider = &fake_##provider_name, .operation = what, .writes = differs, \
	}

/* Where writes differ: an import writes what a create does */
VARIANT(token, FIRST_START, true);
VARIANT(token, CREATE, true);
VARIANT(token, IMPORT, false);
VARIANT(token, FAIL_CREATE, false);
VARIANT(token, DESTROY, true);
VARIANT(token, FAIL_DESTROY, false);
VARIANT(token, UNDO, false);
VARIANT(token, SWEEP, true);
VARIANT(token, CLOSE, true);
VARIANT(software, CREATE, true);
VARIANT(software, DESTROY, false);
VARIANT(software, UNDO, false);

FIXTURE_SETUP(crash)
{
	case_setup(self->base, self->dir);
	prepare(self->base, self->dir, variant->provider, variant->operation);
}

FIXTURE_TEARDOWN(crash)
{
	remove_dir(self->base);
	remove_dir(self->dir);
}

/* One death. Return: NULL or what is wrong afterwards */
static const char *die_once(FIXTURE_DATA(crash) *self, const FIXTURE_VARIANT(crash) *variant,
			    struct fault with, bool *finished)
{
	copy_dir(self->base, self->dir);
	*finished = operate_in_child(self->dir, variant->provider, variant->operation, with);
	return check_after_death(self->dir, variant->provider, variant->operation);
}

TEST_F_TIMEOUT(crash, killed_at_every_step, SECONDS)
{
	struct fault with = { .kill_at = 1 };
	const char *wrong;
	bool finished;

	do {
		wrong = die_once(self, variant, with, &finished);
		ASSERT_EQ(NULL, wrong) {
			TH_LOG("killed at event %d: %s", with.kill_at, wrong);
		}
		with.kill_at++;
	} while (!finished);
	/* The steps were really counted */
	EXPECT_GT(with.kill_at, 8);
	TH_LOG("%d cases", with.kill_at - 1);
}

TEST_F_TIMEOUT(crash, every_write_torn, SECONDS)
{
	struct fault with = { .tear_at = 1 };
	const char *wrong;
	int cases = 0;
	bool finished;

	if (!variant->writes)
		return;
	do {
		/* Dying before it, of which nothing is left then, is the test above */
		for (with.tear = FAULT_TEAR_ONE_BYTE; with.tear < FAULT_TEARS; with.tear++) {
			cases++;
			wrong = die_once(self, variant, with, &finished);
			ASSERT_EQ(NULL, wrong) {
				TH_LOG("write %d, way %d: %s", with.tear_at, with.tear, wrong);
			}
		}
		with.tear_at++;
	} while (!finished);
	EXPECT_GT(with.tear_at, 2);
	TH_LOG("%d cases", cases);
}

TEST_F_TIMEOUT(crash, power_cut_at_every_step, SECONDS)
{
	struct fault with = { .kill_at = 1 };
	const char *wrong;
	int cases = 0;
	bool finished;

	if (!variant->writes)
		return;
	do {
		for (with.power_seed = 1; with.power_seed <= POWER_CUTS; with.power_seed++) {
			wrong = die_once(self, variant, with, &finished);
			ASSERT_EQ(NULL, wrong) {
				TH_LOG("event %d, outcome %u: %s", with.kill_at, with.power_seed,
				       wrong);
			}
			cases++;
		}
		with.kill_at++;
	} while (!finished);
	EXPECT_GT(with.kill_at, 8);
	TH_LOG("%d cases", cases);
}

TEST_HARNESS_MAIN
