// SPDX-License-Identifier: Apache-2.0
/*
 * Rules: each condition, their order, what follows from them, and what is said of them.
 */
#include "kselftest_harness.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/device.h"
#include "helper/identity.h"

#define SOFTWARE	"[provider software]\nlibrary = x\nid = 1\n" \
			"[provider second]\nlibrary = y\nid = 16\n"

static struct config *load(const char *rules)
{
	char text[4096];

	snprintf(text, sizeof(text), SOFTWARE "%s", rules);
	return config_load_text(text, strlen(text), "x.conf", stderr);
}

/* Everything is known about it; each test is about one fact */
static struct parsec_facts some_process(void)
{
	return (struct parsec_facts){
		.uid = 1000, .gid = 100, .init_userns = true, .init_pidns = true,
		.loginuid = PARSEC_ID_UNKNOWN, .userns = 1, .userns_owner = 7, .pidns = 2,
		.cgroup_path = "/machine.slice/billing-1", .lsm = "web (enforce)",
		.exe = "/bin/x", .exe_dev = device_pack(8, 300), .exe_ino = 4711,
	};
}

static bool matches(const char *condition, const struct parsec_facts *facts)
{
	char text[512];
	struct config *config;
	bool found;

	snprintf(text, sizeof(text), "[rule r]\n%s\n", condition);
	config = load(text);
	if (!config)
		abort();
	found = rule_find(config, facts);
	config_free(config);
	return found;
}

static const struct {
	const char *condition;
	bool holds;
} conditions[] = {
	{ "", true },
	{ "uid = 1000", true }, { "uid = 999, 1001", false }, { "uid = 0-999, 1000-1999", true },
	{ "uid = 1001-4294967294", false },
	{ "gid = 100", true }, { "gid = 1000", false },
	{ "cgroup = /machine.slice/billing-*", true }, { "cgroup = /machine.slice/*", true },
	{ "cgroup = /*", false }, { "cgroup = /*/*", true }, { "cgroup = /machine.slice", false },
	{ "cgroup = /machine.slice/**", true }, { "cgroup = /machine.slice/billing-1/**", true },
	{ "cgroup = /machine.slice/billing/**", false }, { "cgroup = /machine/**", false },
	{ "cgroup = /**", true }, { "cgroup = /x, /machine.slice/billing-?", true },
	{ "userns = initial", true }, { "userns = other", false },
	{ "userns_owner = 7", true }, { "userns_owner = 8", false },
	{ "container = no", true }, { "container = yes", false },
	{ "lsm = web *", true }, { "lsm = web", false }, { "lsm = x, *(enforce)", true },
	{ "exe_id = 8:300:4711", true }, { "exe_id = 8:44:4711", false },
	{ "exe_id = 8:300:4712", false }, { "exe_id = 1:1:1, 8:300:4711", true },
	/* A path alone says nothing: it is looked up before, or nobody is meant */
	{ "exe = /bin/x", false },
	{ "user = root", false },
	{ "uid = 1000\ngid = 100\ncontainer = no", true },
	{ "uid = 1000\ngid = 101\ncontainer = no", false },
};

/* The kernel counts for user, user namespace and cgroup: not for programs */
static const char limiting[] =
	"[rule other]\nuid = 7\nmax_open = 1\nmax_waiting = 1\nmax_running = 1\n"
	"[rule program]\nexe_id = 8:300:4711\nmax_open = 20\nmax_waiting = 9\n"
	"[rule label]\nlsm = other\nmax_open = 10\n"
	"[rule group]\ngid = 5\nmax_open = 30\n"
	"[rule contained]\ncontainer = yes\nmax_waiting = 10\n"
	"[rule user]\nuid = 1000\nuserns = initial\ncgroup = /machine.slice/*\nuserns_owner = 7\n"
	"max_waiting = 8\n"
	"[rule beyond]\nmax_open = 2\nmax_running = 2\n";

TEST(the_smallest_limit_holds_for_all_that_are_counted_together)
{
	struct parsec_facts facts = some_process();
	struct config *config = load(limiting);
	struct parsec_limits limits;
	struct identity *identity;

	ASSERT_NE(NULL, config);
	for (unsigned int round = 0; round < 3; round++) {
		limits = rule_limits(config, &facts);
		EXPECT_EQ(10, limits.max_open);
		EXPECT_EQ(8, limits.max_waiting);
		EXPECT_EQ(0, limits.max_running);
		/* The same from whichever rule matches */
		facts.exe_ino = 1;
		facts.init_pidns = round != 1;
	}
	/* A rule that does not match limits, too */
	identity = identity_from_facts(&facts, config);
	ASSERT_NE(NULL, identity);
	EXPECT_STREQ("user", identity->rule->name);
	EXPECT_EQ(10, identity->limits.max_open);
	identity_put(identity);
	facts = some_process();
	facts.cgroup_path = "/user.slice";
	limits = rule_limits(config, &facts);
	EXPECT_EQ(2, limits.max_open);
	EXPECT_EQ(9, limits.max_waiting);
	EXPECT_EQ(2, limits.max_running);
	config_free(config);
}

TEST(each_condition_looks_at_its_fact)
{
	struct parsec_facts facts = some_process();

	for (size_t i = 0; i < ARRAY_SIZE(conditions); i++) {
		EXPECT_EQ(conditions[i].holds, matches(conditions[i].condition, &facts))
			TH_LOG("%s", conditions[i].condition);
	}
}

TEST(a_backslash_in_a_pattern_is_one)
{
	struct parsec_facts facts = some_process();

	facts.cgroup_path = "/machine.slice/machine-my\\x2dbox.scope";
	EXPECT_TRUE(matches("cgroup = /machine.slice/machine-my\\x2dbox.scope", &facts));
	EXPECT_TRUE(matches("cgroup = /machine.slice/machine-my\\x2dbox.scope/**", &facts));
	EXPECT_TRUE(matches("cgroup = /machine.slice/machine-my\\*", &facts));
	EXPECT_FALSE(matches("cgroup = /machine.slice/machine-myx2dbox.scope", &facts));
	facts.cgroup_path = "/machine.slice/machine-myx2dbox.scope";
	EXPECT_FALSE(matches("cgroup = /machine.slice/machine-my\\x2dbox.scope", &facts));
	facts.cgroup_path = "/a*";
	EXPECT_TRUE(matches("cgroup = /a[*]", &facts));
	facts.lsm = "a\\b";
	EXPECT_TRUE(matches("lsm = a\\b", &facts));
}

TEST(processes_of_containers_are_the_opposite)
{
	struct parsec_facts facts = some_process();

	facts.init_userns = false;
	facts.init_pidns = false;
	EXPECT_TRUE(matches("userns = other", &facts));
	EXPECT_FALSE(matches("userns = initial", &facts));
	EXPECT_TRUE(matches("container = yes", &facts));
	EXPECT_FALSE(matches("container = no", &facts));
}

TEST(what_is_not_known_matches_nothing)
{
	struct parsec_facts facts = some_process();

	facts.uid = facts.gid = facts.userns_owner = PARSEC_ID_UNKNOWN;
	facts.cgroup_path = facts.lsm = NULL;
	facts.exe_ino = 0;
	EXPECT_FALSE(matches("uid = 0-4294967294", &facts));
	EXPECT_FALSE(matches("gid = 0-4294967294", &facts));
	EXPECT_FALSE(matches("userns_owner = 0-4294967294", &facts));
	EXPECT_FALSE(matches("cgroup = /**", &facts));
	EXPECT_FALSE(matches("lsm = *", &facts));
	EXPECT_FALSE(matches("exe_id = 8:300:4711", &facts));
}

/* Who the process is with these rules; @admins of [core] first */
static struct identity *identify(const char *rules, const struct parsec_facts *facts)
{
	struct config *config = load(rules);
	struct identity *identity;

	if (!config)
		abort();
	identity = identity_from_facts(facts, config);
	/* It keeps what it needs */
	config_free(config);
	return identity;
}

static bool is(const char *rules, const struct parsec_facts *facts, const char *name,
	       const char *rule, bool admin)
{
	struct identity *identity = identify(rules, facts);
	bool right = !strcmp((char *)identity->app, name) && identity->admin == admin &&
		     (rule ? identity->rule && !strcmp(identity->rule->name, rule)
			   : !identity->rule);

	if (!right)
		printf("# %s, rule %s, admin %d\n", (char *)identity->app,
		       identity->rule ? identity->rule->name : "none", identity->admin);
	identity_put(identity);
	return right;
}

TEST(the_first_rule_that_matches_counts)
{
	struct parsec_facts facts = some_process();

	EXPECT_TRUE(is("[rule a]\nuid = 1\napplication = one\n"
		       "[rule b]\nuid = 1000\napplication = two\n"
		       "[rule c]\nuid = 1000\napplication = three\n", &facts, "two", "b", false));
	EXPECT_TRUE(is("[rule c]\nuid = 1000\napplication = three\n"
		       "[rule b]\nuid = 1000\napplication = two\n", &facts, "three", "c", false));
}

TEST(without_a_name_in_the_rule_the_usual_name_stays)
{
	struct parsec_facts facts = some_process();

	EXPECT_TRUE(is("[rule a]\nuid = 1\napplication = one\n", &facts, "1000", NULL, false));
	EXPECT_TRUE(is("[rule a]\nuid = 1000\nadmin = yes\n", &facts, "1000", "a", true));
	facts.init_pidns = false;
	EXPECT_TRUE(is("[rule a]\nuid = 1000\nmax_open = 3\n", &facts,
		       "/machine.slice/billing-1:1000", "a", false));
	facts.cgroup_path = NULL;
	EXPECT_TRUE(is("[rule a]\nuid = 1000\nadmin = yes\n", &facts, "", "a", false));
	EXPECT_TRUE(is("[rule a]\nuid = 1000\napplication = n\n", &facts, "n", "a", false));
}

TEST(a_rule_decides_who_is_an_administrator_before_the_list)
{
	struct parsec_facts facts = some_process();

	EXPECT_TRUE(is("[core]\nadmins = web, 1000\n[rule a]\nuid = 1000\napplication = web\n",
		       &facts, "web", "a", true));
	EXPECT_TRUE(is("[core]\nadmins = web\n[rule a]\nuid = 1000\napplication = web\nadmin = no\n",
		       &facts, "web", "a", false));
	EXPECT_TRUE(is("[core]\nadmins = 1000\n[rule a]\nuid = 1\n", &facts, "1000", NULL, true));
	/* The number is not this application's name any more */
	EXPECT_TRUE(is("[core]\nadmins = 1000\n[rule a]\nuid = 1000\napplication = web\n",
		       &facts, "web", "a", false));
}

TEST(lists_of_providers_and_operations_are_exact)
{
	struct config *config = load("[rule a]\nproviders = second\noperations = sign, Ping\n"
				     "[rule b]\n");
	const struct rule *rule;

	ASSERT_NE(NULL, config);
	rule = &config->rules[0];
	EXPECT_TRUE(rule_provider(rule, 16));
	EXPECT_FALSE(rule_provider(rule, 1));
	EXPECT_TRUE(rule_operation(rule, PARSEC_OP_PSA_SIGN_HASH));
	EXPECT_TRUE(rule_operation(rule, PARSEC_OP_PSA_SIGN_MESSAGE));
	EXPECT_TRUE(rule_operation(rule, PARSEC_OP_PING));
	EXPECT_FALSE(rule_operation(rule, PARSEC_OP_PSA_VERIFY_HASH));
	EXPECT_FALSE(rule_operation(rule, PARSEC_OP_PSA_GENERATE_KEY));
	EXPECT_FALSE(rule_operation(rule, 255));
	rule = &config->rules[1];
	for (unsigned int i = 0; i < 256; i++) {
		EXPECT_TRUE(rule_provider(rule, (uint8_t)i));
		EXPECT_TRUE(rule_operation(rule, (uint8_t)i));
	}
	config_free(config);
}

static void explain(const char *condition, const struct parsec_facts *facts,
		    char text[RULE_TEXT_MAX])
{
	char rules[512];
	struct config *config;

	snprintf(rules, sizeof(rules), "[rule r]\n%s\n", condition);
	config = load(rules);
	rule_explain(&config->rules[0], facts, text);
	config_free(config);
}

TEST(it_is_said_why_a_rule_matches_or_not)
{
	struct parsec_facts facts = some_process();
	char text[RULE_TEXT_MAX], path[2 * RULE_TEXT_MAX];

	explain("", &facts, text);
	EXPECT_STREQ("no condition", text);
	explain("container = no\nuid = 1000", &facts, text);
	EXPECT_STREQ("uid, container", text);
	explain("uid = 1", &facts, text);
	EXPECT_STREQ("uid is 1000", text);
	explain("uid = 1000\ncgroup = /x", &facts, text);
	EXPECT_STREQ("cgroup is /machine.slice/billing-1", text);
	explain("userns = other", &facts, text);
	EXPECT_STREQ("userns is initial", text);
	explain("container = yes", &facts, text);
	EXPECT_STREQ("container is no", text);
	explain("lsm = x", &facts, text);
	EXPECT_STREQ("lsm is web (enforce)", text);
	explain("exe = /bin/x", &facts, text);
	EXPECT_STREQ("exe is 8:300:4711 (/bin/x)", text);
	/* What is too long is cut */
	memset(path, 'p', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	facts.cgroup_path = path;
	explain("cgroup = /x", &facts, text);
	EXPECT_GT(RULE_TEXT_MAX, strlen(text));
	EXPECT_EQ(0, strncmp("cgroup is ppp", text, 13));
}

/* What is wrong with a rule, one mistake each */
static const struct {
	const char *text;
	const char *error;
} mistakes[] = {
	{ "uid = x", "x.conf:8: uid must be numbers and ranges of them, like 7, 1000-1999\n" },
	{ "uid = 4294967295", "x.conf:8: uid must be numbers and ranges of them, like 7, 1000-1999\n" },
	{ "uid = 5-4", "x.conf:8: uid must be numbers and ranges of them, like 7, 1000-1999\n" },
	{ "gid =", "x.conf:8: gid must be numbers and ranges of them, like 7, 1000-1999\n" },
	{ "userns_owner = 1,", "x.conf:8: userns_owner must be numbers and ranges of them, like 7, 1000-1999\n" },
	{ "cgroup = x", "x.conf:8: cgroup must be patterns of paths, each from the first / on, at most 64\n" },
	{ "userns = yes", "x.conf:8: userns must be initial or other\n" },
	{ "container = true", "x.conf:8: container must be yes or no\n" },
	{ "exe = bin/x", "x.conf:8: exe must be absolute paths, at most 64\n" },
	{ "exe_id = 1:2", "x.conf:8: exe_id must be files as MAJOR:MINOR:INODE\n" },
	{ "admin = 1", "x.conf:8: admin must be yes or no\n" },
	{ "deny = x", "x.conf:8: deny must be yes or no\n" },
	{ "max_open = 0", "x.conf:8: max_open must be a number from 1 to 65536\n" },
	{ "max_running = 1x", "x.conf:8: max_running must be a number from 1 to 65536\n" },
	{ "colour = blue", "x.conf:8: unknown key colour in [rule]\n" },
	{ "uid = 1\nuid = 2", "x.conf:9: second uid in this section\n" },
	{ "operations = PsaSign",
	  "x.conf:7: [rule r] names PsaSign, which is no provider, operation or group of them\n" },
	{ "providers = third",
	  "x.conf:7: [rule r] names third, which is no provider, operation or group of them\n" },
	{ "[rule r]", "x.conf:8: second [rule r], the first is in line 7\n" },
	{ "[rule a b]",
	  "x.conf:8: a rule's name is at most 32 letters, digits, '.', '_' and '-'\n" },
};

TEST(each_mistake_is_told_with_its_line)
{
	char text[1024];

	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
		char *errors = NULL;
		size_t len;
		FILE *out = open_memstream(&errors, &len);

		snprintf(text, sizeof(text), SOFTWARE "[rule r]\n%s\n", mistakes[i].text);
		EXPECT_EQ(NULL, config_load_text(text, strlen(text), "x.conf", out));
		fclose(out);
		EXPECT_STREQ(mistakes[i].error, errors);
		free(errors);
	}
}

TEST(a_name_cannot_be_one_that_callers_have_without_a_rule)
{
	static const char *const bad[] = { "1000", "0", "/x:0", "/", "", "a,b", "\xc3\xa9" };
	static const char *const good[] = { "web", "1000x", "a b", "x/y:0", "-1" };
	char text[1024];

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char *errors = NULL;
		size_t len;
		FILE *out = open_memstream(&errors, &len);

		snprintf(text, sizeof(text), SOFTWARE "[rule r]\napplication = %s\n", bad[i]);
		EXPECT_EQ(NULL, config_load_text(text, strlen(text), "x.conf", out))
			TH_LOG("%s", bad[i]);
		fclose(out);
		EXPECT_NE(NULL, strstr(errors, "x.conf:8: application must be"));
		free(errors);
	}
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		struct config *config;

		snprintf(text, sizeof(text), "[rule r]\napplication = %s\n", good[i]);
		config = load(text);
		ASSERT_NE(NULL, config) TH_LOG("%s", good[i]);
		EXPECT_STREQ(good[i], config->rules[0].application);
		config_free(config);
	}
}

TEST(rules_that_are_written_are_read_as_the_same)
{
	static const char rules[] =
		"\n[rule all]\nuid = 0, 5-9\nuser = root\ngid = 3\ncgroup = /a, /b/**\n"
		"userns = other\nuserns_owner = 4\ncontainer = yes\nlsm = x*\nexe = /bin/sh\n"
		"exe_id = 8:300:4711\napplication = a b\nadmin = no\ndeny = yes\n"
		"providers = software\noperations = sign\nmax_waiting = 1\nmax_running = 2\n"
		"max_open = 3\n\n[rule none]\n";
	struct config *config = load(rules);
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	ASSERT_NE(NULL, config);
	config_dump_rules(config, out);
	fclose(out);
	EXPECT_STREQ(rules, text);
	free(text);
	config_free(config);
}

/* Users and files */

TEST(users_and_executables_are_looked_up)
{
	struct config *config = load("[rule r]\nuser = root, root\nexe = /bin/sh, /nonesuch\n");
	char *notes = NULL;
	size_t len;
	FILE *out = open_memstream(&notes, &len);

	ASSERT_NE(NULL, config);
	ASSERT_TRUE(config_resolve(config, "x.conf", stderr, out));
	fclose(out);
	ASSERT_EQ(1, config->rules[0].uid.count);
	EXPECT_EQ(0, config->rules[0].uid.items[0].first);
	EXPECT_EQ(1, config->rules[0].exe_id.count);
	EXPECT_STREQ("x.conf:7: [rule r] exe /nonesuch: No such file or directory: "
		     "nobody runs it until the file is read again\n", notes);
	free(notes);
	config_free(config);
}

/* Root of the tests has the right to look everywhere, parsecd in service does not */
TEST(an_executable_in_a_closed_folder_is_told_with_a_remedy)
{
	char dir[] = "/tmp/rule-test-XXXXXX", rules[128], *notes = NULL;
	struct config *config;
	uid_t user = geteuid();
	size_t len;
	FILE *out = open_memstream(&notes, &len);

	ASSERT_NE(NULL, mkdtemp(dir));
	ASSERT_EQ(0, chmod(dir, 0));
	snprintf(rules, sizeof(rules), "[rule r]\nexe = %s/x\n", dir);
	config = load(rules);
	ASSERT_NE(NULL, config);
	if (!user)
		ASSERT_EQ(0, seteuid(65534));
	EXPECT_TRUE(config_resolve(config, "x.conf", stderr, out));
	ASSERT_EQ(0, seteuid(user));
	rmdir(dir);
	fclose(out);
	EXPECT_EQ(0, config->rules[0].exe_id.count);
	EXPECT_NE(NULL, strstr(notes, "x: Permission denied: parsecd may not look there without "
				      "CAP_DAC_OVERRIDE: open the folders on the way to it, or "
				      "give exe_id\n")) TH_LOG("%s", notes);
	free(notes);
	config_free(config);
}

TEST(a_user_that_does_not_exist_is_a_mistake)
{
	struct config *config = load("[rule r]\nuser = nosuchuser\n");
	char *errors = NULL;
	size_t len;
	FILE *out = open_memstream(&errors, &len);

	ASSERT_NE(NULL, config);
	EXPECT_FALSE(config_resolve(config, "x.conf", out, stderr));
	fclose(out);
	EXPECT_STREQ("x.conf:7: [rule r] user nosuchuser: there is no such user\n", errors);
	free(errors);
	config_free(config);
}

TEST_HARNESS_MAIN
