// SPDX-License-Identifier: Apache-2.0
/*
 * The command line of a host: all of it arrives, and what parsecd never writes is refused.
 */
#include "kselftest_harness.h"

#include <getopt.h>
#include <stdint.h>

#include "helper/host_options.h"

#define PARSE(options, ...) ({ \
	const char *argv[] = { "parsec-host", __VA_ARGS__, NULL }; \
	optind = 0; \
	host_options_parse(options, sizeof(argv) / sizeof(*argv) - 1, (char **)(uintptr_t)argv); \
})

TEST(everything_arrives)
{
	struct host_options options;

	ASSERT_TRUE(PARSE(&options, "--config-fd", "3", "--config-name", "conf", "--provider",
			  "software", "--provider-dir", "/lib/x", "--ready-fd", "4",
			  "--describe"));
	EXPECT_EQ(3, options.config_fd);
	EXPECT_STREQ("conf", options.config_name);
	EXPECT_STREQ("software", options.provider);
	EXPECT_STREQ("/lib/x", options.provider_dir);
	EXPECT_EQ(4, options.ready_fd);
	EXPECT_TRUE(options.describe);
}

TEST(what_need_not_be_there_is_known_to_be_missing)
{
	struct host_options options;

	ASSERT_TRUE(PARSE(&options, "--config-fd", "0", "--provider", "software"));
	EXPECT_EQ(0, options.config_fd);
	EXPECT_STREQ("configuration", options.config_name);
	EXPECT_EQ(NULL, options.provider_dir);
	EXPECT_EQ(-1, options.ready_fd);
	EXPECT_FALSE(options.describe);
}

TEST(mistakes_are_refused)
{
	struct host_options options;

	EXPECT_FALSE(PARSE(&options, "--provider", "software"));
	EXPECT_FALSE(PARSE(&options, "--config-fd", "3"));
	EXPECT_FALSE(PARSE(&options, "--config-fd", "3", "--provider", "software", "more"));
	EXPECT_FALSE(PARSE(&options, "--config-fd", "3", "--provider", "software", "--what"));
	EXPECT_FALSE(PARSE(&options, "--config-fd", "3", "--provider"));
	EXPECT_FALSE(PARSE(&options, "--config-fd", "", "--provider", "software"));
	EXPECT_FALSE(PARSE(&options, "--config-fd", "3x", "--provider", "software"));
	EXPECT_FALSE(PARSE(&options, "--config-fd", "-1", "--provider", "software"));
	EXPECT_FALSE(PARSE(&options, "--config-fd", "1048577", "--provider", "software"));
	EXPECT_FALSE(PARSE(&options, "--config-fd", "3", "--provider", "software",
			   "--ready-fd", "4294967296"));
}

TEST_HARNESS_MAIN
