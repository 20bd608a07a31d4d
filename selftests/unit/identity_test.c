// SPDX-License-Identifier: Apache-2.0
/*
 * From the kernel's facts to an application name: who is who, and who is never taken
 * for whom.
 */
#include "kselftest_harness.h"

#include <string.h>

#include "helper/identity.h"

static char admin_zero[] = "0", admin_other[] = "1000";
static char *admins[] = { admin_zero, admin_other };
static struct config config = { .admins = { admins, 2 } };

/* A process of the host; tests change one fact at a time */
static struct parsec_facts host_process(uint32_t uid)
{
	return (struct parsec_facts){
		.uid = uid,
		.init_userns = true,
		.init_pidns = true,
		.cgroup_path = "/user.slice",
	};
}

static bool is_named(const struct parsec_facts *facts, const char *name)
{
	struct identity *identity = identity_from_facts(facts, &config);
	bool same = identity && identity->app_len == strlen(name) &&
		    !memcmp(identity->app, name, identity->app_len);

	identity_put(identity);
	return same;
}

static bool has_no_name(const struct parsec_facts *facts)
{
	struct identity *identity = identity_from_facts(facts, &config);
	bool none = identity && !identity->app_len && !identity->admin &&
		    identity->origin == ORIGIN_NONE;

	identity_put(identity);
	return none;
}

TEST(process_of_the_host_is_its_uid)
{
	struct parsec_facts facts = host_process(1000);

	EXPECT_TRUE(is_named(&facts, "1000"));
	facts.uid = 0;
	EXPECT_TRUE(is_named(&facts, "0"));
	facts.uid = 4294967294;
	EXPECT_TRUE(is_named(&facts, "4294967294"));
}

TEST(own_user_namespace_alone_changes_nothing)
{
	struct parsec_facts facts = host_process(1000);

	facts.init_userns = false;
	EXPECT_TRUE(is_named(&facts, "1000"));
}

TEST(container_with_its_own_user_namespace_is_its_kernel_uid)
{
	struct parsec_facts facts = host_process(100000);

	facts.init_userns = false;
	facts.init_pidns = false;
	EXPECT_TRUE(is_named(&facts, "100000"));
}

TEST(container_whose_user_namespace_maps_the_hosts_root_is_not_root)
{
	struct parsec_facts facts = host_process(0);

	facts.init_userns = false;
	facts.init_pidns = false;
	facts.cgroup_path = "/machine.slice/libpod-12";
	EXPECT_TRUE(is_named(&facts, "/machine.slice/libpod-12:0"));
}

TEST(container_without_user_namespace_is_its_cgroup_and_uid)
{
	struct parsec_facts facts = host_process(0);

	facts.init_pidns = false;
	facts.cgroup_path = "/machine.slice/libpod-12";
	EXPECT_TRUE(is_named(&facts, "/machine.slice/libpod-12:0"));
}

TEST(root_of_a_container_in_the_root_cgroup_is_not_root)
{
	struct parsec_facts facts = host_process(0);

	facts.init_pidns = false;
	facts.cgroup_path = "/";
	EXPECT_TRUE(is_named(&facts, "/:0"));
}

TEST(container_without_user_namespace_and_cgroup_is_nobody)
{
	struct parsec_facts facts = host_process(0);

	facts.init_pidns = false;
	facts.cgroup_path = NULL;
	EXPECT_TRUE(has_no_name(&facts));
	facts.cgroup_path = "";
	EXPECT_TRUE(has_no_name(&facts));
	facts.cgroup_path = "0";
	EXPECT_TRUE(has_no_name(&facts));
}

TEST(cgroup_path_that_is_too_long_is_nobody)
{
	struct parsec_facts facts = host_process(0);
	char path[8192];

	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	facts.init_pidns = false;
	facts.cgroup_path = path;
	EXPECT_TRUE(has_no_name(&facts));
}

/* A container names its cgroups as it likes; a name goes into lists for administrators */
TEST(name_of_a_cgroup_that_is_not_utf8_is_escaped_and_nobody_elses)
{
	struct parsec_facts facts = host_process(0);
	static char path[4096] = "/\xff";
	static const struct {
		const char *path;
		const char *name;
	} rows[] = {
		{ "/a/\xff", "//a/\\xff:0" },
		{ "/a/\\xff", "/a/\\xff:0" },
		{ "/a\\x2db/\xc3", "//a\\x5cx2db/\\xc3:0" },
		{ "/\xc3\xa4", "/\xc3\xa4:0" },
		{ "/\xc3\xa4\x80", "//\\xc3\\xa4\\x80:0" },
		/* No overlong slash either */
		{ "/a\xc0\xaf" "b", "//a\\xc0\\xaf" "b:0" },
	};

	facts.init_pidns = false;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		facts.cgroup_path = rows[i].path;
		EXPECT_TRUE(is_named(&facts, rows[i].name));
	}
	memset(path + 2, 'x', sizeof(path) - 10);
	facts.cgroup_path = path;
	EXPECT_FALSE(has_no_name(&facts));
	memset(path + 2, '\xff', 2000);
	EXPECT_TRUE(has_no_name(&facts));
}

TEST(invalid_uid_is_nobody)
{
	struct parsec_facts facts = host_process(UINT32_MAX);

	EXPECT_TRUE(has_no_name(&facts));
}

TEST(names_are_vouched_for_by_unix_peer_credentials)
{
	struct parsec_facts facts = host_process(7);
	struct identity *identity = identity_from_facts(&facts, &config);

	ASSERT_NE(NULL, identity);
	EXPECT_EQ(3, identity->auth_id);
	identity_put(identity);
}

static bool is_admin(const struct parsec_facts *facts)
{
	struct identity *identity = identity_from_facts(facts, &config);
	bool admin = identity && identity->admin;

	identity_put(identity);
	return admin;
}

TEST(admins_are_those_whose_whole_name_is_configured)
{
	struct parsec_facts facts = host_process(1000);

	EXPECT_TRUE(is_admin(&facts));
	facts.uid = 0;
	EXPECT_TRUE(is_admin(&facts));
	facts.uid = 100;
	EXPECT_FALSE(is_admin(&facts));
	facts.uid = 10000;
	EXPECT_FALSE(is_admin(&facts));
}

TEST(root_of_a_container_is_not_the_admin_that_root_is)
{
	struct parsec_facts facts = host_process(0);

	facts.init_pidns = false;
	EXPECT_FALSE(is_admin(&facts));
}

TEST(identity_made_from_a_name_is_not_an_admin)
{
	struct identity *identity = identity_new(3, (struct parsec_span){
		(const uint8_t *)admin_zero, 1 });

	ASSERT_NE(NULL, identity);
	EXPECT_FALSE(identity->admin);
	identity_put(identity);
}

TEST_HARNESS_MAIN
