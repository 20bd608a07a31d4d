// SPDX-License-Identifier: Apache-2.0
/*
 * The log: levels, form of a line, and that a message cannot forge another.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/log.h"
#include "kselftest_harness.h"

FIXTURE(log) {
	int pipe[2];
	int stderr_fd;
	char text[4096];
};

FIXTURE_SETUP(log)
{
	unsetenv("JOURNAL_STREAM");
	ASSERT_EQ(0, pipe(self->pipe));
	self->stderr_fd = dup(STDERR_FILENO);
	ASSERT_LE(0, dup2(self->pipe[1], STDERR_FILENO));
}

FIXTURE_TEARDOWN(log)
{
}

/* What was written; standard error is the tester's again */
static const char *written(FIXTURE_DATA(log) *self)
{
	ssize_t len;

	dup2(self->stderr_fd, STDERR_FILENO);
	close(self->pipe[1]);
	len = read(self->pipe[0], self->text, sizeof(self->text) - 1);
	self->text[len < 0 ? 0 : len] = '\0';
	return self->text;
}

TEST_F(log, a_line_names_who_writes_it)
{
	log_init("software", PARSEC_LOG_INFO, false);
	log_info("hello %d", 7);
	EXPECT_STREQ("software: hello 7\n", written(self));
}

TEST_F(log, errors_and_warnings_say_so)
{
	log_init("x", PARSEC_LOG_DEBUG, false);
	log_error("a");
	log_warning("b");
	log_info("c");
	log_debug("d");
	EXPECT_STREQ("x: error: a\nx: warning: b\nx: c\nx: d\n", written(self));
}

TEST_F(log, lines_below_the_level_are_not_written)
{
	log_init("x", PARSEC_LOG_WARNING, false);
	log_warning("a");
	log_info("b");
	log_debug("c");
	EXPECT_STREQ("x: warning: a\n", written(self));
}

TEST_F(log, control_characters_cannot_start_another_line)
{
	log_init("x", PARSEC_LOG_INFO, false);
	log_info("key '%s'", "a\nx: error: forged\r\x1b[2J");
	EXPECT_STREQ("x: key 'a?x: error: forged??[2J'\n", written(self));
}

TEST_F(log, a_long_message_is_cut_and_still_one_line)
{
	char long_text[5000];
	const char *line;

	memset(long_text, 'a', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	log_init("x", PARSEC_LOG_INFO, false);
	log_info("%s", long_text);
	line = written(self);
	EXPECT_EQ(1023, strlen(line));
	EXPECT_STREQ("aaa...\n", line + strlen(line) - 7);
	EXPECT_EQ(line + strlen(line) - 1, strchr(line, '\n'));
}

TEST_F(log, the_journal_gets_priorities)
{
	char stream[64];
	struct stat st;

	ASSERT_EQ(0, fstat(STDERR_FILENO, &st));
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_init("x", PARSEC_LOG_INFO, false);
	log_error("a");
	log_info("b");
	EXPECT_STREQ("<3>x: a\n<6>x: b\n", written(self));
}

TEST_F(log, another_stream_than_the_journal_gets_none)
{
	setenv("JOURNAL_STREAM", "1:1", 1);
	log_init("x", PARSEC_LOG_INFO, false);
	log_info("b");
	EXPECT_STREQ("x: b\n", written(self));
}

TEST_F(log, errno_is_for_the_message_and_kept)
{
	log_init("x", PARSEC_LOG_INFO, false);
	errno = ENOENT;
	log_info("%m");
	EXPECT_EQ(ENOENT, errno);
	EXPECT_STREQ("x: No such file or directory\n", written(self));
}

TEST_F(log, details_are_what_was_asked_for)
{
	log_init("x", PARSEC_LOG_INFO, true);
	EXPECT_TRUE(log_details());
	log_init("x", PARSEC_LOG_INFO, false);
	EXPECT_FALSE(log_details());
	written(self);
}

TEST_HARNESS_MAIN
