// SPDX-License-Identifier: Apache-2.0
/*
 * Options of providers: switches and secrets. Whatever is wrong is said with the line and
 * without the value.
 */
#include "kselftest_harness.h"

#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "providers/lib/option.h"
#include "selftests/unit/hex.h"

static char said[512];

static void hear(enum parsec_log_level level, const char *format, ...)
{
	va_list args;

	(void)level;
	va_start(args, format);
	vsnprintf(said, sizeof(said), format, args);
	va_end(args);
}

static const struct parsec_provider_host host = { .abi = PARSEC_PROVIDER_ABI, .log = hear };

static enum parsec_status read_secret(const char *value, struct secret *secret)
{
	const struct parsec_option option = { "some_auth", value, 17 };

	said[0] = 0;
	memset(secret, 0xee, sizeof(*secret));
	return option_secret(&host, &option, secret);
}

static bool is_wiped(const struct secret *secret)
{
	static const struct secret nothing;

	return !memcmp(secret, &nothing, sizeof(nothing));
}

static bool gives(const char *value, struct parsec_span expected)
{
	struct secret secret;

	return read_secret(value, &secret) == PARSEC_SUCCESS && !said[0] &&
	       same((struct parsec_span){ secret.data, secret.len }, expected);
}

/* Refused with this reason, and neither in the log nor in memory is what was given */
static bool refused(const char *value, const char *reason)
{
	struct secret secret;

	return read_secret(value, &secret) == PARSEC_PSA_ERROR_INVALID_ARGUMENT &&
	       is_wiped(&secret) && !strncmp(said, "line 17: some_auth: ", 20) &&
	       strstr(said, reason) && !strstr(said, "1234");
}

FIXTURE(file)
{
	char name[32];
	char value[48];
};

FIXTURE_SETUP(file)
{
	int fd;

	strcpy(self->name, "/tmp/option-XXXXXX");
	fd = mkstemp(self->name);
	ASSERT_LE(0, fd);
	close(fd);
	snprintf(self->value, sizeof(self->value), "file:%s", self->name);
}

FIXTURE_TEARDOWN(file)
{
	unlink(self->name);
}

static bool put(const FIXTURE_DATA(file) *self, const char *data, size_t len)
{
	FILE *file = fopen(self->name, "w");

	return fwrite(data, 1, len, file) == len && !fclose(file);
}

TEST(secrets_are_texts_or_digits)
{
	const uint8_t bytes[] = { 0x00, 0x12, 0xaf, 0xAF };

	EXPECT_TRUE(gives("str:1234", text("1234")));
	EXPECT_TRUE(gives("str:hex:11", text("hex:11")));
	EXPECT_TRUE(gives("str:", text("")));
	EXPECT_TRUE(gives("1234", text("1234")));
	EXPECT_TRUE(gives("", text("")));
	EXPECT_TRUE(gives("hex:0012aFAf", (struct parsec_span){ bytes, 4 }));
	EXPECT_TRUE(gives("hex:", text("")));
}

TEST(digits_that_are_none_are_refused)
{
	EXPECT_TRUE(refused("hex:1234f", "pairs of hexadecimal digits"));
	EXPECT_TRUE(refused("hex:1234fg", "pairs of hexadecimal digits"));
	EXPECT_TRUE(refused("hex:1234 5", "pairs of hexadecimal digits"));
	EXPECT_TRUE(refused("hex:0x1234", "pairs of hexadecimal digits"));
}

TEST(secrets_have_a_limit)
{
	char value[5 + 2 * SECRET_MAX + 3] = "str:";
	struct secret secret;

	memset(value + 4, '1', SECRET_MAX);
	EXPECT_EQ(PARSEC_SUCCESS, read_secret(value, &secret));
	EXPECT_EQ(SECRET_MAX, secret.len);
	value[4 + SECRET_MAX] = '1';
	EXPECT_TRUE(refused(value, "too long"));
	EXPECT_TRUE(refused(value + 3, "too long"));

	memcpy(value, "hex:", 4);
	memset(value + 4, '1', 2 * (size_t)SECRET_MAX);
	EXPECT_EQ(PARSEC_SUCCESS, read_secret(value, &secret));
	EXPECT_EQ(SECRET_MAX, secret.len);
	memset(value + 4, '1', 2 * (size_t)SECRET_MAX + 2);
	EXPECT_TRUE(refused(value, "too long"));
}

TEST_F(file, one_line_or_all_bytes_of_a_file_are_the_secret)
{
	char long_text[SECRET_MAX + 2];

	ASSERT_TRUE(put(self, "1234", 4));
	EXPECT_TRUE(gives(self->value, text("1234")));
	ASSERT_TRUE(put(self, "1234\n", 5));
	EXPECT_TRUE(gives(self->value, text("1234")));
	ASSERT_TRUE(put(self, "\0\n\n", 3));
	EXPECT_TRUE(gives(self->value, (struct parsec_span){ (const uint8_t *)"\0\n", 2 }));
	ASSERT_TRUE(put(self, "", 0));
	EXPECT_TRUE(gives(self->value, text("")));

	memset(long_text, '1', sizeof(long_text));
	ASSERT_TRUE(put(self, long_text, SECRET_MAX + 1));
	EXPECT_TRUE(refused(self->value, "too long"));
	long_text[SECRET_MAX] = '\n';
	ASSERT_TRUE(put(self, long_text, SECRET_MAX + 1));
	EXPECT_TRUE(gives(self->value, (struct parsec_span){ (uint8_t *)long_text, SECRET_MAX }));
	ASSERT_TRUE(put(self, long_text, SECRET_MAX + 2));
	EXPECT_TRUE(refused(self->value, "too long"));
}

TEST_F(file, a_file_that_others_may_read_or_write_is_refused)
{
	static const mode_t modes[] = { 0604, 0602, 0601, 0620, 0666 };

	ASSERT_TRUE(put(self, "1234", 4));
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		ASSERT_EQ(0, chmod(self->name, modes[i]));
		EXPECT_TRUE(refused(self->value, "others"));
	}
	ASSERT_EQ(0, chmod(self->name, 0640));
	EXPECT_TRUE(gives(self->value, text("1234")));
}

TEST_F(file, what_is_no_file_is_refused)
{
	ASSERT_EQ(0, unlink(self->name));
	EXPECT_TRUE(refused(self->value, "cannot be opened"));
	EXPECT_TRUE(refused("file:", "absolute path"));
	EXPECT_TRUE(refused("file:etc/1234", "absolute path"));
	EXPECT_TRUE(refused("file:/tmp", "no regular file"));
	/* It has no writer: that would be waited for */
	ASSERT_EQ(0, mkfifo(self->name, 0600));
	EXPECT_TRUE(refused(self->value, "no regular file"));
}

TEST(switches_are_true_or_false)
{
	struct parsec_option option = { "some_switch", "true", 3 };
	bool value = false;

	EXPECT_EQ(PARSEC_SUCCESS, option_bool(&host, &option, &value));
	EXPECT_TRUE(value);
	option.value = "false";
	EXPECT_EQ(PARSEC_SUCCESS, option_bool(&host, &option, &value));
	EXPECT_FALSE(value);
	option.value = "yes";
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, option_bool(&host, &option, &value));
	EXPECT_STREQ("line 3: some_switch: it must be true or false", said);
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, option_unknown(&host, &option));
	EXPECT_STREQ("line 3: some_switch: this provider has no such option", said);
}

TEST_HARNESS_MAIN
