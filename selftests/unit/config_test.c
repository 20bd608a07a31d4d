// SPDX-License-Identifier: Apache-2.0
/*
 * The configuration file: defaults, strictness, and that what is dumped loads.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/config_file.h"
#include "kselftest_harness.h"

#define SOFTWARE	"[provider software]\nlibrary = openssl.so\nid = 1\n"
#define OWN_UUID	"uuid = 4f0a1d5e-3a52-4c0b-9f0e-7f5b1f0c9a11\n"
#define REMEDY		": give one of the two a uuid of its own before it has keys, uuidgen makes one\n"

FIXTURE(config) {
	struct config *config;
	char *errors;
	size_t errors_len;
};

FIXTURE_SETUP(config)
{
}

FIXTURE_TEARDOWN(config)
{
	config_free(self->config);
	free(self->errors);
}

static void load_bytes(FIXTURE_DATA(config) *self, const char *text, size_t len)
{
	FILE *errors = open_memstream(&self->errors, &self->errors_len);
	FILE *file = tmpfile();

	fwrite(text, 1, len, file);
	rewind(file);
	self->config = config_load(file, "x.conf", errors);
	fclose(file);
	fclose(errors);
}

static void load(FIXTURE_DATA(config) *self, const char *text)
{
	load_bytes(self, text, strlen(text));
}

TEST_F(config, defaults_are_filled_in)
{
	load(self, SOFTWARE);
	ASSERT_NE(NULL, self->config);
	EXPECT_STREQ("", self->errors);
	EXPECT_STREQ("parsec", self->config->user);
	EXPECT_STREQ("/var/lib/parsec", self->config->state_dir);
	EXPECT_STREQ("/run/parsec", self->config->runtime_dir);
	EXPECT_EQ('/', self->config->provider_dir[0]);
	EXPECT_EQ(PARSEC_LOG_INFO, self->config->log_level);
	EXPECT_FALSE(self->config->log_details);
	EXPECT_FALSE(self->config->allow_deprecated);
	EXPECT_EQ(1048576, self->config->buffer_size_limit);
	EXPECT_EQ(2, self->config->workers);
	EXPECT_EQ(0, self->config->admins.count);
	EXPECT_EQ(CONFIG_AUDIT_REQUIRED, self->config->audit);
	EXPECT_FALSE(self->config->audit_sync);
	EXPECT_FALSE(self->config->takeover);
	EXPECT_EQ(16384, self->config->audit_file_size);
	EXPECT_EQ(8, self->config->audit_files);
	ASSERT_EQ(1, self->config->provider_count);
	EXPECT_EQ(SANDBOX_REQUIRED, self->config->sandbox);
	EXPECT_EQ(4, self->config->providers[0].workers);
	EXPECT_STREQ("", self->config->providers[0].uuid);
	EXPECT_STREQ("parsec", self->config->providers[0].user);
	EXPECT_EQ(0, self->config->providers[0].devices.count);
	EXPECT_EQ(0, self->config->providers[0].paths.count);
	EXPECT_EQ(0, self->config->providers[0].writable.count);
	EXPECT_EQ(NETWORK_NONE, self->config->providers[0].network);
	EXPECT_EQ(0, self->config->providers[0].option_count);
}

/* Also of one that stands in front of [core] */
TEST_F(config, provider_without_a_user_has_the_one_of_core)
{
	load(self, SOFTWARE "[core]\nuser = them\n[provider b]\nlibrary=x\nid=2\nuser = me\n");
	ASSERT_NE(NULL, self->config);
	EXPECT_STREQ("them", self->config->providers[0].user);
	EXPECT_STREQ("me", self->config->providers[1].user);
}

TEST_F(config, every_key_is_read)
{
	load(self, "[core]\nuser = _svc\nsandbox = best-effort\n"
	     "state_dir = /s\nruntime_dir = /r\nprovider_dir = /p\n"
	     "log_level = debug\nlog_error_details = true\nallow_deprecated = true\n"
	     "buffer_size_limit = 4096\nworkers = 7\ntakeover = true\n"
	     "audit = best-effort\naudit_sync = true\n"
	     "audit_file_size = 64\naudit_files = 1000\nadmins = 0, some one ,1000\n"
	     "[provider soft.2]\nlibrary = /opt/x.so\nid = 16\nworkers = 64\n"
	     "user = them\ndevices = /dev/a, /dev/b\npaths = /c\nwritable = /d e\n"
	     "network = inet\n" OWN_UUID);
	ASSERT_NE(NULL, self->config);
	EXPECT_STREQ("_svc", self->config->user);
	EXPECT_STREQ("/s", self->config->state_dir);
	EXPECT_STREQ("/r", self->config->runtime_dir);
	EXPECT_STREQ("/p", self->config->provider_dir);
	EXPECT_EQ(PARSEC_LOG_DEBUG, self->config->log_level);
	EXPECT_TRUE(self->config->log_details);
	EXPECT_TRUE(self->config->allow_deprecated);
	EXPECT_EQ(4096, self->config->buffer_size_limit);
	EXPECT_EQ(7, self->config->workers);
	EXPECT_TRUE(self->config->takeover);
	EXPECT_EQ(CONFIG_AUDIT_BEST_EFFORT, self->config->audit);
	EXPECT_TRUE(self->config->audit_sync);
	EXPECT_EQ(64, self->config->audit_file_size);
	EXPECT_EQ(1000, self->config->audit_files);
	ASSERT_EQ(3, self->config->admins.count);
	EXPECT_STREQ("0", self->config->admins.items[0]);
	EXPECT_STREQ("some one", self->config->admins.items[1]);
	EXPECT_STREQ("1000", self->config->admins.items[2]);
	EXPECT_STREQ("soft.2", self->config->providers[0].name);
	EXPECT_STREQ("/opt/x.so", self->config->providers[0].library);
	EXPECT_EQ(16, self->config->providers[0].id);
	EXPECT_STREQ("4f0a1d5e-3a52-4c0b-9f0e-7f5b1f0c9a11", self->config->providers[0].uuid);
	EXPECT_EQ(64, self->config->providers[0].workers);
	EXPECT_EQ(SANDBOX_BEST_EFFORT, self->config->sandbox);
	EXPECT_STREQ("them", self->config->providers[0].user);
	ASSERT_EQ(2, self->config->providers[0].devices.count);
	EXPECT_STREQ("/dev/b", self->config->providers[0].devices.items[1]);
	ASSERT_EQ(1, self->config->providers[0].paths.count);
	EXPECT_STREQ("/c", self->config->providers[0].paths.items[0]);
	ASSERT_EQ(1, self->config->providers[0].writable.count);
	EXPECT_STREQ("/d e", self->config->providers[0].writable.items[0]);
	EXPECT_EQ(NETWORK_INET, self->config->providers[0].network);
	EXPECT_EQ(18, self->config->providers[0].line);
}

TEST_F(config, providers_keep_the_order_of_the_file)
{
	load(self, "[provider b]\nlibrary=x\nid=3\n[provider a]\nlibrary=y\nid=2\n");
	ASSERT_NE(NULL, self->config);
	ASSERT_EQ(2, self->config->provider_count);
	EXPECT_STREQ("b", self->config->providers[0].name);
	EXPECT_STREQ("a", self->config->providers[1].name);
	EXPECT_EQ(&self->config->providers[1], config_provider(self->config, "a"));
	EXPECT_EQ(NULL, config_provider(self->config, "c"));
}

TEST_F(config, a_library_serves_twice_under_two_uuids)
{
	load(self, SOFTWARE "[provider second]\nlibrary = openssl.so\nid = 16\n" OWN_UUID);
	ASSERT_NE(NULL, self->config) TH_LOG("%s", self->errors);
	EXPECT_STREQ("", self->config->providers[0].uuid);
	EXPECT_STREQ("4f0a1d5e-3a52-4c0b-9f0e-7f5b1f0c9a11", self->config->providers[1].uuid);
	EXPECT_EQ(0, self->config->providers[1].option_count);
}

TEST_F(config, other_keys_of_a_provider_are_its_options)
{
	load(self, SOFTWARE "\n# a comment\n tcti = device:/dev/tpmrm0\nuser_pin = 12 ; 34\nempty =\n");
	ASSERT_NE(NULL, self->config);
	ASSERT_EQ(3, self->config->providers[0].option_count);
	EXPECT_STREQ("tcti", self->config->providers[0].options[0].name);
	EXPECT_STREQ("device:/dev/tpmrm0", self->config->providers[0].options[0].value);
	EXPECT_EQ(6, self->config->providers[0].options[0].line);
	EXPECT_STREQ("12 ; 34", self->config->providers[0].options[1].value);
	EXPECT_STREQ("", self->config->providers[0].options[2].value);
}

TEST_F(config, windows_line_ends_a_byte_order_mark_and_no_final_newline_are_fine)
{
	load(self, "\xef\xbb\xbf[core]\r\nworkers = 3\r\n\r\n[provider a]\r\nid = 1\r\nlibrary = x");
	ASSERT_NE(NULL, self->config);
	EXPECT_EQ(3, self->config->workers);
	EXPECT_STREQ("x", self->config->providers[0].library);
}

TEST_F(config, what_is_dumped_loads_and_is_equal)
{
	struct config *first;
	char *dump = NULL;
	size_t len;
	FILE *out;

	load(self, "[core]\nlog_level = error\nadmins = a b, c\nworkers = 1\n" SOFTWARE
	     "colour = blue\n[provider two]\nid = 200\nlibrary = /a b/c.so\n" OWN_UUID);
	ASSERT_NE(NULL, self->config);
	first = self->config;
	out = open_memstream(&dump, &len);
	config_dump(first, out);
	fclose(out);

	free(self->errors);
	load(self, dump);
	ASSERT_NE(NULL, self->config) TH_LOG("%s", self->errors);
	EXPECT_TRUE(config_core_equal(first, self->config));
	ASSERT_EQ(2, self->config->provider_count);
	EXPECT_TRUE(config_provider_equal(&first->providers[0], &self->config->providers[0]));
	EXPECT_TRUE(config_provider_equal(&first->providers[1], &self->config->providers[1]));
	EXPECT_FALSE(config_provider_equal(&first->providers[0], &self->config->providers[1]));
	config_free(first);
	free(dump);
}

TEST(no_host_gets_comments)
{
	char text[] = "\xef\xbb\xbf#S3CRET\n" SOFTWARE "#user_pin = S3CRET\n \t; pin = S3CRET\n"
		      "pin = S3CRET#;\n# S3CRET";
	struct config_file file = { .text = text, .len = strlen(text), .rules = text };
	size_t len;
	char *copy;

	file.config = config_load_text(text, file.len, "x.conf", stderr);
	ASSERT_NE(NULL, file.config);
	copy = config_file_text(&file, "tpm", &len);
	ASSERT_NE(NULL, copy);
	EXPECT_EQ(NULL, memmem(copy, len, "S3CRET", 6));
	free(copy);
	copy = config_file_text(&file, "software", &len);
	ASSERT_NE(NULL, copy);
	EXPECT_EQ(strlen("\n" SOFTWARE "\n\npin = S3CRET#;\n\n"), len);
	EXPECT_EQ(0, memcmp("\n" SOFTWARE "\n\npin = S3CRET#;\n\n", copy, len));
	free(copy);
	config_free(file.config);
}

TEST_F(config, a_dump_shows_no_secret)
{
	char *dump = NULL;
	size_t len;
	FILE *out;

	load(self, SOFTWARE "user_pin = S3CR-A\nowner_hierarchy_auth = S3CR-B\n"
	     "password = S3CR-C\nclient_secret = S3CR-D\nspinning = shown\n");
	ASSERT_NE(NULL, self->config);
	out = open_memstream(&dump, &len);
	config_dump(self->config, out);
	fclose(out);
	EXPECT_EQ(NULL, strstr(dump, "S3CR")) TH_LOG("%s", dump);
	EXPECT_NE(NULL, strstr(dump, "user_pin = ****"));
	EXPECT_NE(NULL, strstr(dump, "spinning = shown"));
	free(dump);
}

TEST_F(config, a_changed_value_makes_a_section_unequal)
{
	static const char *const core[] = {
		"user = u", "state_dir = /x", "runtime_dir = /x", "provider_dir = /x",
		"log_level = debug", "log_error_details = true", "allow_deprecated = true",
		"buffer_size_limit = 5", "workers = 9", "takeover = true",
		"sandbox = off",
	};
	static const char *const provider[] = {
		"library = y\nid = 16", "library = x\nid = 17", "library = x\nid = 16\nworkers = 9",
		"library = x\nid = 16\no = 2", "library = x\nid = 16\no = 1\np = 1",
		"library = x\nid = 16", "library = x\nid = 16\no = 1\n" OWN_UUID,
		"library = x\nid = 16", "library = x\nid = 16\no = 1\nuser = u",
		"library = x\nid = 16\no = 1\ndevices = /dev/x",
		"library = x\nid = 16\no = 1\npaths = /x",
		"library = x\nid = 16\no = 1\nwritable = /x",
		"library = x\nid = 16\no = 1\nnetwork = unix",
	};
	struct config *first;
	char text[256];

	load(self, "[provider p]\nlibrary = x\nid = 16\no = 1\n");
	first = self->config;
	ASSERT_NE(NULL, first);
	for (size_t i = 0; i < sizeof(core) / sizeof(*core); i++) {
		free(self->errors);
		snprintf(text, sizeof(text), "[core]\n%s\n" SOFTWARE, core[i]);
		load(self, text);
		ASSERT_NE(NULL, self->config) TH_LOG("%s", self->errors);
		EXPECT_FALSE(config_core_equal(first, self->config)) TH_LOG("%s", core[i]);
		config_free(self->config);
	}
	for (size_t i = 0; i < sizeof(provider) / sizeof(*provider); i++) {
		free(self->errors);
		snprintf(text, sizeof(text), "[provider p]\n%s\n", provider[i]);
		load(self, text);
		ASSERT_NE(NULL, self->config) TH_LOG("%s", self->errors);
		EXPECT_FALSE(config_provider_equal(&first->providers[0],
						   &self->config->providers[0]));
		config_free(self->config);
	}
	self->config = first;
}

/* Each refused file with what must be said about it */
struct refusal {
	const char *label;
	const char *text;
	const char *error;
};

static const struct refusal refusals[] = {
	{ "empty file", "", "x.conf:1: no [provider NAME]" },
	{ "no provider", "[core]\nworkers = 1\n", "x.conf:2: no [provider NAME]" },
	{ "unknown section", SOFTWARE "[cores]\n", "x.conf:4: unknown section [cores]" },
	{ "provider without a name", SOFTWARE "[provider]\n", "x.conf:4: unknown section" },
	{ "nameless section", SOFTWARE "[]\nx = 1\n", "x.conf:4: unknown section" },
	{ "unclosed section", SOFTWARE "[core\n", "x.conf:4: no ']'" },
	{ "text after a section", SOFTWARE "[core] workers = 1\n", "x.conf:4: something follows" },
	{ "long section", SOFTWARE
	  "[provider aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]\n",
	  "x.conf:4: section name longer" },
	{ "key before a section", "workers = 1\n" SOFTWARE, "x.conf:1: workers stands in front" },
	{ "unknown key in core", "[core]\nworker = 1\n" SOFTWARE, "x.conf:2: unknown key worker" },
	{ "line without a value", "[core]\nworkers\n" SOFTWARE, "x.conf:2: neither a comment" },
	{ "line without a key", "[core]\n= 1\n" SOFTWARE, "x.conf:2: no key" },
	{ "key twice in core", "[core]\nworkers = 1\nworkers = 1\n" SOFTWARE,
	  "x.conf:3: second workers" },
	{ "key twice in a provider", SOFTWARE "id = 1\n", "x.conf:4: second id" },
	{ "option twice", SOFTWARE "a = 1\na = 1\n", "x.conf:5: second a, the first is in line 4" },
	{ "option with a blank", SOFTWARE "a b = 1\n", "x.conf:4: 'a b' cannot be" },
	{ "core twice", "[core]\n[core]\n" SOFTWARE, "x.conf:2: second [core]" },
	{ "provider twice", SOFTWARE SOFTWARE,
	  "x.conf:4: second [provider software], the first is in line 1" },
	{ "id twice", SOFTWARE "[provider b]\nid = 1\nlibrary = x\n",
	  "x.conf:4: [provider b] has the id of [provider software] in line 1: "
	  "give one of the two another, from 16 to 255\n" },
	{ "library twice", SOFTWARE "[provider b]\nid = 16\nlibrary = openssl.so\n",
	  "x.conf:4: [provider b] has the library and so the UUID of [provider software] in line 1"
	  REMEDY },
	{ "uuid of two", SOFTWARE OWN_UUID "[provider b]\nid = 16\nlibrary = x\n" OWN_UUID,
	  "x.conf:5: [provider b] has the uuid of [provider software] in line 1" REMEDY },
	{ "uuid twice in a provider", SOFTWARE OWN_UUID OWN_UUID, "x.conf:5: second uuid" },
	{ "uuid that is none", SOFTWARE "uuid = 1\n", "x.conf:4: uuid must be a UUID" },
	{ "long uuid", SOFTWARE "uuid = 4f0a1d5e-3a52-4c0b-9f0e-7f5b1f0c9a111\n",
	  "x.conf:4: uuid must be a UUID" },
	{ "uuid in upper case", SOFTWARE "uuid = 4F0A1D5E-3a52-4c0b-9f0e-7f5b1f0c9a11\n",
	  "x.conf:4: uuid must be a UUID" },
	{ "nil uuid", SOFTWARE "uuid = 00000000-0000-0000-0000-000000000000\n",
	  "x.conf:4: uuid must be a UUID" },
	{ "uuid of core", SOFTWARE "uuid = 47049873-2a43-4845-9d72-831eab668784\n",
	  "x.conf:4: uuid must be a UUID" },
	{ "no library", "[provider a]\nid = 1\n", "x.conf:1: [provider a] has no library" },
	{ "no id", "[provider a]\nlibrary = x\n", "x.conf:1: [provider a] has no id" },
	{ "provider called core", "[provider core]\nlibrary = x\nid = 1\n",
	  "x.conf:1: a provider's name" },
	{ "provider called ..", "[provider ..]\nlibrary = x\nid = 1\n",
	  "x.conf:1: a provider's name" },
	{ "provider with a slash", "[provider a/b]\nlibrary = x\nid = 1\n",
	  "x.conf:1: a provider's name" },
	{ "provider with a long name", "[provider aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]\n",
	  "x.conf:1: a provider's name" },
	{ "id of core", "[provider a]\nlibrary = x\nid = 0\n", "x.conf:3: id must be" },
	{ "id of a kind that is not ours", "[provider a]\nlibrary = x\nid = 4\n",
	  "x.conf:3: id must be" },
	{ "reserved id", "[provider a]\nlibrary = x\nid = 15\n", "x.conf:3: id must be" },
	{ "id above a byte", "[provider a]\nlibrary = x\nid = 256\n", "x.conf:3: id must be" },
	{ "id that is no number", "[provider a]\nlibrary = x\nid = 1x\n", "x.conf:3: id must be" },
	{ "negative number", "[core]\nworkers = -1\n" SOFTWARE, "x.conf:2: workers must be" },
	{ "audit that is none", "[core]\naudit = on\n" SOFTWARE,
	  "x.conf:2: audit must be required, best-effort or off" },
	{ "audit files too small", "[core]\naudit_file_size = 63\n" SOFTWARE,
	  "x.conf:2: audit_file_size must be a number from 64" },
	{ "one audit file", "[core]\naudit_files = 1\n" SOFTWARE, "x.conf:2: audit_files must be" },
{ "zero workers", "[core]\nworkers = 0\n" SOFTWARE, "x.conf:2: workers must be" },
	{ "too many workers", "[core]\nworkers = 65\n" SOFTWARE, "x.conf:2: workers must be" },
	{ "number out of any range", "[core]\nworkers = 99999999999999999999999\n" SOFTWARE,
	  "x.conf:2: workers must be" },
	{ "comment after a value", "[core]\nworkers = 1 ; one\n" SOFTWARE,
	  "x.conf:2: workers must be" },
	{ "limit too high", "[core]\nbuffer_size_limit = 1048577\n" SOFTWARE,
	  "x.conf:2: buffer_size_limit must be" },
	{ "unknown level", "[core]\nlog_level = trace\n" SOFTWARE, "x.conf:2: log_level must be" },
	{ "yes for true", "[core]\nallow_deprecated = yes\n" SOFTWARE,
	  "x.conf:2: allow_deprecated must be true or false" },
	{ "relative directory", "[core]\nstate_dir = lib\n" SOFTWARE,
	  "x.conf:2: state_dir must be an absolute path" },
	{ "long runtime directory", "[core]\nruntime_dir = /"
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n" SOFTWARE,
	  "x.conf:2: runtime_dir must be" },
	{ "relative library", "[provider a]\nlibrary = a/b.so\nid = 1\n",
	  "x.conf:2: library must be" },
	{ "empty library", "[provider a]\nlibrary =\nid = 1\n", "x.conf:2: library must be" },
	{ "bad user", "[core]\nuser = a b\n" SOFTWARE, "x.conf:2: user must be" },
	{ "bad user of a provider", SOFTWARE "user = a b\n", "x.conf:4: user must be" },
	{ "unknown sandbox", "[core]\nsandbox = no\n" SOFTWARE, "x.conf:2: sandbox must be" },
	{ "unknown network", SOFTWARE "network = all\n", "x.conf:4: network must be" },
	{ "relative device", SOFTWARE "devices = /dev/a, b\n", "x.conf:4: devices must be" },
	{ "relative path", SOFTWARE "paths = ../x\n", "x.conf:4: paths must be" },
	{ "empty path to write to", SOFTWARE "writable = /a,,/b\n",
	  "x.conf:4: writable must be" },
	{ "empty admin", "[core]\nadmins = a,,b\n" SOFTWARE, "x.conf:2: admins must be" },
	{ "comma at the end", "[core]\nadmins = a,\n" SOFTWARE, "x.conf:2: admins must be" },
	{ "control character", "[core]\nuser = a\x01\n" SOFTWARE, "x.conf:2: control character" },
};

TEST_F(config, each_mistake_is_refused_with_its_line)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		const struct refusal *refusal = &refusals[i];

		load(self, refusal->text);
		EXPECT_EQ(NULL, self->config) TH_LOG("accepted: %s", refusal->label);
		EXPECT_EQ(self->errors, strstr(self->errors, refusal->error))
			TH_LOG("%s: %s", refusal->label, self->errors);
		/* One line, so nothing is said twice and nothing follows from it */
		EXPECT_EQ(self->errors + self->errors_len - 1, strchr(self->errors, '\n'))
			TH_LOG("%s: %s", refusal->label, self->errors);
		config_free(self->config);
		self->config = NULL;
		free(self->errors);
		self->errors = NULL;
	}
}

TEST_F(config, all_errors_are_listed)
{
	load(self, "x = 1\n[core]\nfoo = 1\nworkers = x\n[what]\nid = x\n[provider a]\nid = 9\n");
	EXPECT_EQ(NULL, self->config);
	EXPECT_STREQ("x.conf:1: x stands in front of the first section\n"
		     "x.conf:3: unknown key foo in [core]\n"
		     "x.conf:4: workers must be a number from 1 to 64\n"
		     "x.conf:5: unknown section [what]: there are [core], [provider NAME] and [rule NAME]\n"
		     "x.conf:8: id must be 1 (software), 2 (PKCS#11), 3 (TPM) or 16 to 255\n"
		     "x.conf:7: [provider a] has no library\n", self->errors);
}

TEST_F(config, an_error_does_not_repeat_the_value)
{
	load(self, SOFTWARE "user_pin S3CRET\n[core]\nuser = S3 CRET\n");
	EXPECT_EQ(NULL, self->config);
	EXPECT_EQ(NULL, strstr(self->errors, "CRET")) TH_LOG("%s", self->errors);
}

TEST_F(config, a_nul_byte_is_refused)
{
	static const char text[] = "[core]\nuser = a\0b\n" SOFTWARE;

	load_bytes(self, text, sizeof(text) - 1);
	EXPECT_EQ(NULL, self->config);
	EXPECT_STREQ("x.conf:2: control character in the line\n", self->errors);
}

TEST_F(config, the_longest_line_is_read_and_a_longer_one_refused)
{
	char text[sizeof(SOFTWARE) + CONFIG_LINE_MAX + 16];
	size_t len = strlen(SOFTWARE);

	memset(text, 'a', sizeof(text));
	memcpy(text, SOFTWARE, len);
	text[len + 1] = '=';
	text[len + CONFIG_LINE_MAX] = '\n';
	load_bytes(self, text, len + CONFIG_LINE_MAX + 1);
	ASSERT_NE(NULL, self->config) TH_LOG("%s", self->errors);
	ASSERT_EQ(1, self->config->providers[0].option_count);
	EXPECT_EQ(CONFIG_LINE_MAX - 2, strlen(self->config->providers[0].options[0].value));
	config_free(self->config);
	free(self->errors);

	text[len + CONFIG_LINE_MAX] = 'a';
	text[len + CONFIG_LINE_MAX + 1] = '\n';
	load_bytes(self, text, len + CONFIG_LINE_MAX + 2);
	EXPECT_EQ(NULL, self->config);
	EXPECT_STREQ("x.conf:4: line longer than 4096 bytes\n", self->errors);
}

TEST_F(config, as_many_providers_as_allowed_and_no_more)
{
	char text[64 * (CONFIG_PROVIDERS_MAX + 1)];
	size_t len = 0, before = 0;

	for (int i = 0; i <= CONFIG_PROVIDERS_MAX; i++) {
		before = len;
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"[provider p%d]\nlibrary = x%d\nid = %d\n", i, i,
					16 + i);
	}
	load_bytes(self, text, before);
	ASSERT_NE(NULL, self->config) TH_LOG("%s", self->errors);
	EXPECT_EQ(CONFIG_PROVIDERS_MAX, self->config->provider_count);
	config_free(self->config);
	free(self->errors);
	load_bytes(self, text, len);
	EXPECT_EQ(NULL, self->config);
	EXPECT_STREQ("x.conf:97: more than 32 providers\n", self->errors);
}

TEST_F(config, a_file_over_the_limit_is_refused)
{
	char *text = malloc(CONFIG_SIZE_MAX + 1);

	memset(text, '\n', CONFIG_SIZE_MAX + 1);
	memcpy(text, SOFTWARE, strlen(SOFTWARE));
	load_bytes(self, text, CONFIG_SIZE_MAX);
	EXPECT_NE(NULL, self->config);
	config_free(self->config);
	free(self->errors);
	load_bytes(self, text, CONFIG_SIZE_MAX + 1);
	EXPECT_EQ(NULL, self->config);
	free(text);
}

/* What parsecd, which has a path and resolves rules, says about a file; "" when it takes it */
static const char *check_file(FIXTURE_DATA(config) *self, const char *text)
{
	FILE *errors = open_memstream(&self->errors, &self->errors_len);
	char path[] = "/tmp/config-XXXXXX";
	int fd = mkstemp(path);
	struct config_file *file = NULL;

	if (write(fd, text, strlen(text)) == (ssize_t)strlen(text))
		file = config_file_read(path, errors);
	unlink(path);
	close(fd);
	fclose(errors);
	if (!!file != !*self->errors)
		abort();
	config_file_free(file);
	/* The path differs each time */
	return *self->errors ? self->errors + strlen(path) : "";
}

/* @count values of a key, made from numbers, after SOFTWARE and the rule's first lines */
static void make_rule(char text[static 16384], const char *rule, const char *format,
		      unsigned int count)
{
	text += sprintf(text, SOFTWARE "[rule r]\n%s", rule);
	for (unsigned int i = 1; i <= count; i++) {
		text += sprintf(text, format, i);
		*text++ = i < count ? ',' : '\n';
	}
	*text = '\0';
}

TEST_F(config, a_rule_has_no_more_numbers_with_its_users_and_executables_than_hosts_take)
{
	char text[16384];

	make_rule(text, "user = root\nuid = ", "%u", CONFIG_RANGES_MAX - 1);
	EXPECT_STREQ("", check_file(self, text));
	free(self->errors);
	make_rule(text, "user = root\nuid = ", "%u", CONFIG_RANGES_MAX);
	EXPECT_STREQ(":4: [rule r] user root: too many for one rule, with the numbers that it "
		     "has: make two of it\n", check_file(self, text));
	free(self->errors);
	make_rule(text, "exe = /proc/self/exe\nexe_id = ", "1:1:%u", CONFIG_RANGES_MAX - 1);
	EXPECT_STREQ("", check_file(self, text));
	free(self->errors);
	make_rule(text, "exe = /proc/self/exe\nexe_id = ", "1:1:%u", CONFIG_RANGES_MAX);
	EXPECT_STREQ(":4: [rule r] exe /proc/self/exe: too many for one rule, with the numbers "
		     "that it has: make two of it\n", check_file(self, text));
}

/* 64 patterns with a comma after each fit a line, and with a blank after each comma do not */
TEST_F(config, a_line_that_is_too_long_for_hosts_is_refused)
{
	char text[16384];

	make_rule(text, "uid = 1\n[rule s]\ncgroup = ", "/%060u", 64);
	EXPECT_STREQ("", check_file(self, text));
	free(self->errors);
	make_rule(text, "uid = 1\n[rule s]\ncgroup = ", "/%061u", 64);
	EXPECT_STREQ(":6: [rule s] cgroup is longer than 4096 bytes for hosts, with \", \" "
		     "between values and all users and executables as numbers: make two rules "
		     "of it\n", check_file(self, text));
}

TEST_HARNESS_MAIN
