// SPDX-License-Identifier: Apache-2.0
/*
 * What parsecctl doctor says about names without keys and keys without names, with a service
 * that is played here.
 */
#include "kselftest_harness.h"

#include <stdarg.h>
#include <string.h>

#include "tools/parsecctl/doctor.h"

/* What the service tells, and what doctor said: a line for each finding */
static struct {
	int error;
	struct parsec_comparison comparison;
	bool details;
	int held;
	char said[2048];
} world;

int parsec_compare_keys(struct parsec *ctx, bool details,
			const struct parsec_comparison **comparison)
{
	world.details = details;
	*comparison = &world.comparison;
	world.held += !world.error;
	return world.error;
}

void parsec_free_comparison(const struct parsec_comparison *comparison)
{
	world.held -= comparison == &world.comparison;
}

const char *parsec_strerror(int error)
{
	return "some error";
}

void doctor_say(struct doctor *doctor, enum finding finding, const char *what,
		const char *advice, const char *format, ...)
{
	static const char *const words[] = { "ok", "PROBLEM", "unknown", "-" };
	size_t len = strlen(world.said);
	va_list args;

	doctor->problems += finding == FOUND_PROBLEM;
	len += (size_t)snprintf(world.said + len, sizeof(world.said) - len, "%s %s: ",
				words[finding], what);
	va_start(args, format);
	len += (size_t)vsnprintf(world.said + len, sizeof(world.said) - len, format, args);
	va_end(args);
	snprintf(world.said + len, sizeof(world.said) - len, "\n");
}

static const struct parsec_comparison_provider providers[] = {
	{ .id = 1, .name = "software", .status = PARSEC_PSA_ERROR_NOT_SUPPORTED },
	{ .id = 2, .name = "token", .lists = true, .keys = 5, .missing = 1, .strangers = 3 },
	{ .id = 16, .name = "other", .lists = true, .keys = 7 },
	{ .id = 17, .name = "mute", .keys = 8 },
	{ .id = 18, .name = "away", .status = PARSEC_PSA_ERROR_COMMUNICATION_FAILURE },
	{ .id = 19, .name = "slow", .lists = true, .keys = 9, .unknown = 4 },
};
static const struct parsec_comparison_missing missing[] = {
	{ 16, "1001", "of another", { 1 } }, { 2, "1000", "web", { 0xab, [15] = 1 } },
};
static const struct parsec_comparison_stranger strangers[] = {
	{ 2, { 0xcd } }, { 16, { 1 } }, { 2, { [15] = 0xef } },
};

/* Return: problems */
static unsigned int examine(const struct parsec_comparison *comparison, bool details, int error)
{
	struct ctl ctl = { .args.details = details };
	struct doctor doctor = { .ctl = &ctl };

	world.comparison = *comparison;
	world.error = error;
	world.said[0] = '\0';
	doctor_keys(&doctor);
	return doctor.problems;
}

TEST(numbers_are_said_of_each_provider)
{
	EXPECT_EQ(2, examine(&(struct parsec_comparison){ .providers = providers,
							  .provider_count = 6 }, false, 0));
	EXPECT_FALSE(world.details);
	EXPECT_EQ(0, world.held);
	EXPECT_STREQ("PROBLEM keys 2: token: 1 of 5 names have no key in the backend\n"
		     "PROBLEM keys 2: token: 3 keys in the backend have no name here\n"
		     "ok keys 16: other: 7, and nothing in the backend but these\n"
		     "ok keys 17: mute: 8, all in the backend, which cannot be asked for others\n"
		     "unknown keys 18: away: they cannot be compared: some error\n"
		     "unknown keys 19: slow: of 4 it cannot be told now\n", world.said);
}

/* Those of the provider, and how many there was no room for */
TEST(details_follow_their_problem)
{
	EXPECT_EQ(2, examine(&(struct parsec_comparison){ providers, 2, missing, 2,
							  strangers, 3 }, true, 0));
	EXPECT_TRUE(world.details);
	EXPECT_STREQ("PROBLEM keys 2: token: 1 of 5 names have no key in the backend\n"
		     "- keys 2: name web of 1000, id ab000000000000000000000000000001\n"
		     "PROBLEM keys 2: token: 3 keys in the backend have no name here\n"
		     "- keys 2: key cd000000000000000000000000000000\n"
		     "- keys 2: key 000000000000000000000000000000ef\n"
		     "- keys 2: and 1 more\n", world.said);
}

TEST(there_may_be_nothing_to_compare)
{
	EXPECT_EQ(0, examine(&(struct parsec_comparison){ providers, 1, .missing = NULL }, true,
			     0));
	EXPECT_STREQ("ok keys: no provider keeps any outside the key store\n", world.said);
}

TEST(who_is_not_told_has_no_problem)
{
	const struct parsec_comparison nothing = { 0 };

	EXPECT_EQ(0, examine(&nothing, true, PARSEC_ADMIN_OPERATION));
	EXPECT_STREQ("unknown keys: only an administrator of the service is told\n", world.said);
	EXPECT_EQ(0, examine(&nothing, false, PARSEC_OPCODE_DOES_NOT_EXIST));
	EXPECT_STREQ("unknown keys: some error\n", world.said);
	EXPECT_EQ(0, world.held);
}

TEST_HARNESS_MAIN
