// SPDX-License-Identifier: Apache-2.0
/*
 * The audit chain, written by the service's code and read by parsecctl's: it goes on
 * over files and starts, and whatever somebody does to it is found.
 */
#include "kselftest_harness.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/log.h"
#include "selftests/unit/audit_dir.h"

/* Three lines in a file */
static const struct audit_limits small = { .file_size = 300, .files = 1000 };

FIXTURE(chain)
{
	char dir[64];
	char other[64];
	struct audit_check check;
};

FIXTURE_SETUP(chain)
{
	/* What is provoked here is also logged */
	int null = open("/dev/null", O_WRONLY);

	dup2(null, STDERR_FILENO);
	close(null);
	log_init("test", PARSEC_LOG_ERROR, false);
	audit_dir_make(self->dir);
	audit_dir_make(self->other);
}

FIXTURE_TEARDOWN(chain)
{
	audit_dir_remove(self->dir);
	audit_dir_remove(self->other);
}

typedef FIXTURE_DATA(chain) fixture;

/* Open and close, as a start of the service does. Return: what it found */
static struct audit_finding reopen(fixture *self)
{
	static const char members[] = "\"time\":\"now\",\"event\":\"broken\"";
	struct audit_finding finding;
	struct audit_chain *chain;

	if (audit_chain_open(self->dir, &audit_large, &chain, &finding))
		abort();
	if (*finding.broken && audit_chain_append(chain, members, sizeof(members) - 1))
		abort();
	audit_chain_close(chain);
	return finding;
}

TEST_F(chain, lines_are_in_order)
{
	audit_dir_append(self->dir, &audit_large, 5);
	audit_check(self->dir, &self->check);
	EXPECT_FALSE(self->check.broken);
	EXPECT_EQ(0, self->check.error);
	EXPECT_EQ(1, self->check.first);
	EXPECT_EQ(5, self->check.last);
	EXPECT_EQ(5, self->check.lines);
	EXPECT_EQ(1, self->check.files);
	EXPECT_EQ(0, self->check.torn);
}

TEST_F(chain, an_empty_chain_is_sound)
{
	audit_dir_append(self->dir, &audit_large, 0);
	EXPECT_TRUE(audit_dir_is_sound(self->dir));
	EXPECT_STREQ("", reopen(self).broken);
}

TEST_F(chain, goes_on_after_a_start)
{
	for (int i = 0; i < 4; i++)
		audit_dir_append(self->dir, &audit_large, 2);
	audit_check(self->dir, &self->check);
	EXPECT_FALSE(self->check.broken);
	EXPECT_EQ(8, self->check.last);
	EXPECT_EQ(1, self->check.files);
	EXPECT_STREQ("", reopen(self).broken);
}

TEST_F(chain, goes_on_over_files_and_drops_the_oldest)
{
	const struct audit_limits three = { .file_size = 300, .files = 3 };

	audit_dir_append(self->dir, &three, 30);
	audit_check(self->dir, &self->check);
	EXPECT_FALSE(self->check.broken);
	EXPECT_EQ(3, self->check.files);
	EXPECT_EQ(30, self->check.last);
	EXPECT_LT(20, self->check.first);
	audit_dir_append(self->dir, &three, 3);
	audit_check(self->dir, &self->check);
	EXPECT_FALSE(self->check.broken);
	EXPECT_EQ(33, self->check.last);
}

/* An operation that hangs, or others that overlap: there is always a promise */
TEST_F(chain, goes_on_over_files_while_a_line_is_promised)
{
	static const char members[] = "\"time\":\"now\",\"event\":\"create\"";
	const struct audit_limits three = { .file_size = 300, .files = 3 };
	struct audit_finding finding;
	struct audit_chain *chain;

	ASSERT_EQ(0, audit_chain_open(self->dir, &three, &chain, &finding));
	ASSERT_EQ(0, audit_chain_reserve(chain));
	for (int i = 0; i < 29; i++)
		ASSERT_EQ(0, audit_chain_append(chain, members, sizeof(members) - 1));
	audit_check(self->dir, &self->check);
	EXPECT_EQ(3, self->check.files);
	EXPECT_EQ(29, self->check.last);
	EXPECT_LT(20, self->check.first);
	EXPECT_EQ(0, audit_chain_append(chain, members, sizeof(members) - 1));
	audit_chain_release(chain);
	audit_chain_close(chain);
	audit_check(self->dir, &self->check);
	EXPECT_FALSE(self->check.broken);
	EXPECT_EQ(30, self->check.last);
}

TEST_F(chain, files_are_for_the_service_alone)
{
	static const char *const names[] = { "audit.key", "audit.head", NULL };
	const mode_t mask = umask(0);
	char path[160];
	struct stat st;

	audit_dir_append(self->dir, &audit_large, 1);
	umask(mask);
	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", self->dir,
			 names[i] ?: audit_dir_file(self->dir, 0));
		ASSERT_EQ(0, stat(path, &st));
		EXPECT_EQ(0600, st.st_mode & 07777);
	}
}

TEST_F(chain, a_second_writer_is_refused)
{
	struct audit_finding finding;
	struct audit_chain *one, *two;

	ASSERT_EQ(0, audit_chain_open(self->dir, &audit_large, &one, &finding));
	EXPECT_EQ(-EAGAIN, audit_chain_open(self->dir, &audit_large, &two, &finding));
	audit_chain_close(one);
}

TEST_F(chain, a_key_that_others_can_read_is_refused)
{
	struct audit_finding finding;
	struct audit_chain *chain;
	char path[96];

	audit_dir_append(self->dir, &audit_large, 1);
	snprintf(path, sizeof(path), "%s/audit.key", self->dir);
	ASSERT_EQ(0, chmod(path, 0640));
	EXPECT_EQ(-EPERM, audit_chain_open(self->dir, &audit_large, &chain, &finding));
	ASSERT_EQ(0, truncate(path, 31));
	ASSERT_EQ(0, chmod(path, 0600));
	EXPECT_EQ(-EINVAL, audit_chain_open(self->dir, &audit_large, &chain, &finding));
}

TEST_F(chain, a_line_that_is_too_long_is_refused_and_changes_nothing)
{
	static char members[AUDIT_LINE_MAX];
	struct audit_finding finding;
	struct audit_chain *chain;

	memset(members, 'a', sizeof(members));
	ASSERT_EQ(0, audit_chain_open(self->dir, &audit_large, &chain, &finding));
	EXPECT_EQ(-EMSGSIZE, audit_chain_append(chain, members, sizeof(members)));
	EXPECT_EQ(-EMSGSIZE, audit_chain_append(chain, members, sizeof(members) - 80));
	audit_chain_close(chain);
	EXPECT_TRUE(audit_dir_is_sound(self->dir));
}

TEST_F(chain, an_unfinished_line_is_told_from_tampering)
{
	char *text, *more;

	audit_dir_append(self->dir, &audit_large, 3);
	text = audit_dir_read(self->dir, audit_dir_file(self->dir, 0));
	ASSERT_LT(0, asprintf(&more, "%s{\"seq\":4,\"pr", text));
	audit_dir_write(self->dir, audit_dir_file(self->dir, 0), more);
	free(more);
	free(text);

	audit_check(self->dir, &self->check);
	EXPECT_FALSE(self->check.broken);
	EXPECT_EQ(12, self->check.torn);
	EXPECT_EQ(3, self->check.last);
	EXPECT_EQ(12, reopen(self).torn);
	audit_dir_append(self->dir, &audit_large, 1);
	audit_check(self->dir, &self->check);
	EXPECT_FALSE(self->check.broken);
	EXPECT_EQ(4, self->check.last);
	EXPECT_EQ(0, self->check.torn);
}

TEST_F(chain, a_line_that_the_head_does_not_know_yet_is_fine)
{
	char *head;

	audit_dir_append(self->dir, &audit_large, 3);
	head = audit_dir_read(self->dir, "audit.head");
	audit_dir_append(self->dir, &audit_large, 1);
	audit_dir_write(self->dir, "audit.head", head);
	free(head);
	EXPECT_TRUE(audit_dir_is_sound(self->dir));
	EXPECT_STREQ("", reopen(self).broken);
	audit_dir_append(self->dir, &audit_large, 1);
	audit_check(self->dir, &self->check);
	EXPECT_FALSE(self->check.broken);
	EXPECT_EQ(5, self->check.last);
}

/* Tampering: each with a chain of 9 lines in several files */

/* Lines of the file that is changed, with their ends */
struct lines {
	char *at[16];
	size_t count;
};

static struct lines split(char *text)
{
	struct lines lines = { 0 };
	char *end;

	for (; (end = strchr(text, '\n')); text = end + 1)
		lines.at[lines.count++] = strndup(text, (size_t)(end - text) + 1);
	return lines;
}

static void join(fixture *self, const char *file, const struct lines *lines)
{
	char text[8192] = "";

	for (size_t i = 0; i < lines->count; i++)
		strcat(text, lines->at[i]);
	audit_dir_write(self->dir, file, text);
	for (size_t i = 0; i < lines->count; i++)
		free(lines->at[i]);
}

static struct lines take(fixture *self, const char *file)
{
	char *text = audit_dir_read(self->dir, file);
	struct lines lines = split(text);

	free(text);
	return lines;
}

static void remove_file(fixture *self, const char *file)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", self->dir, file);
	if (unlink(path))
		abort();
}

static void change_line(fixture *self, const char *file, size_t which)
{
	struct lines lines = take(self, file);

	memcpy(strstr(lines.at[which], "create"), "import", 6);
	join(self, file, &lines);
}

static void change_first(fixture *self)
{
	change_line(self, audit_dir_file(self->dir, 0), 0);
}

static void change_last(fixture *self)
{
	change_line(self, audit_dir_file(self->dir, -1), 2);
}

static void change_mac(fixture *self)
{
	const char *file = audit_dir_file(self->dir, 1);
	struct lines lines = take(self, file);
	char *digit = strstr(lines.at[0], "\"mac\"") + 8;

	*digit = *digit == '0' ? '1' : '0';
	join(self, file, &lines);
}

static void drop(struct lines *lines, size_t which)
{
	free(lines->at[which]);
	lines->count--;
	memmove(&lines->at[which], &lines->at[which + 1],
		(lines->count - which) * sizeof(*lines->at));
}

static void remove_line(fixture *self)
{
	const char *file = audit_dir_file(self->dir, 1);
	struct lines lines = take(self, file);

	drop(&lines, 0);
	join(self, file, &lines);
}

static void remove_first(fixture *self)
{
	const char *file = audit_dir_file(self->dir, 0);
	struct lines lines = take(self, file);

	drop(&lines, 0);
	join(self, file, &lines);
}

static void remove_last(fixture *self)
{
	const char *file = audit_dir_file(self->dir, -1);
	struct lines lines = take(self, file);

	drop(&lines, lines.count - 1);
	join(self, file, &lines);
}

static void cut_last(fixture *self)
{
	const char *file = audit_dir_file(self->dir, -1);
	struct lines lines = take(self, file);

	lines.at[lines.count - 1][20] = '\0';
	join(self, file, &lines);
}

static void swap_lines(fixture *self)
{
	const char *file = audit_dir_file(self->dir, 0);
	struct lines lines = take(self, file);
	char *line = lines.at[0];

	lines.at[0] = lines.at[1];
	lines.at[1] = line;
	join(self, file, &lines);
}

static void repeat_line(fixture *self)
{
	const char *file = audit_dir_file(self->dir, -1);
	struct lines lines = take(self, file);

	lines.at[lines.count] = strdup(lines.at[lines.count - 1]);
	lines.count++;
	join(self, file, &lines);
}

static void insert_text(fixture *self)
{
	const char *file = audit_dir_file(self->dir, -1);
	struct lines lines = take(self, file);

	lines.at[lines.count++] = strdup("{\"seq\":10,\"prev\":\"\"}\n");
	join(self, file, &lines);
}

static void insert_empty(fixture *self)
{
	const char *file = audit_dir_file(self->dir, 0);
	struct lines lines = take(self, file);

	lines.at[lines.count++] = strdup("\n");
	join(self, file, &lines);
}

/* A line of a chain with another key, of the right number */
static void insert_foreign(fixture *self)
{
	const char *file = audit_dir_file(self->dir, -1);
	struct lines lines = take(self, file), foreign;
	char *text;

	audit_dir_append(self->other, &audit_large, 10);
	text = audit_dir_read(self->other, audit_dir_file(self->other, 0));
	foreign = split(text);
	free(text);
	lines.at[lines.count++] = strdup(foreign.at[9]);
	while (foreign.count)
		free(foreign.at[--foreign.count]);
	join(self, audit_dir_file(self->dir, -1), &lines);
}

static void remove_first_file(fixture *self)
{
	remove_file(self, audit_dir_file(self->dir, 0));
}

static void remove_middle_file(fixture *self)
{
	remove_file(self, audit_dir_file(self->dir, 1));
}

static void remove_last_file(fixture *self)
{
	remove_file(self, audit_dir_file(self->dir, -1));
}

static void remove_all_files(fixture *self)
{
	for (int i = 0; i < 3; i++)
		remove_file(self, audit_dir_file(self->dir, 0));
}

static void empty_last_file(fixture *self)
{
	audit_dir_write(self->dir, audit_dir_file(self->dir, -1), "");
}

static void cut_middle_file(fixture *self)
{
	const char *file = audit_dir_file(self->dir, 1);
	char *text = audit_dir_read(self->dir, file);

	text[strlen(text) - 1] = '\0';
	audit_dir_write(self->dir, file, text);
	free(text);
}

static void rename_file(fixture *self)
{
	char from[160], to[160];

	snprintf(from, sizeof(from), "%s/%s", self->dir, audit_dir_file(self->dir, 0));
	snprintf(to, sizeof(to), "%s/audit-%020d.log", self->dir, 2);
	if (rename(from, to))
		abort();
}

static void remove_head(fixture *self)
{
	remove_file(self, "audit.head");
}

static void change_head(fixture *self)
{
	char *head = audit_dir_read(self->dir, "audit.head");

	head[strlen("head 00000000000000000001 0000000000000000000")] = '1';
	audit_dir_write(self->dir, "audit.head", head);
	free(head);
}

static void remove_head_and_last(fixture *self)
{
	remove_head(self);
	remove_last(self);
}

static void remove_key(fixture *self)
{
	remove_file(self, "audit.key");
}

static void change_key(fixture *self)
{
	audit_dir_write(self->dir, "audit.key", "0123456789abcdef0123456789abcdef");
}

FIXTURE(tamper)
{
	fixture chain;
};

FIXTURE_VARIANT(tamper)
{
	void (*tamper)(fixture *self);
	bool seen;	/* the service sees it when it starts: its last lines, head, key */
};

#define TAMPER(name, is_seen) \
	FIXTURE_VARIANT_ADD(tamper, name) { .tamper = name, .seen = is_seen }

TAMPER(change_first, false);
TAMPER(change_last, true);
TAMPER(change_mac, false);
TAMPER(remove_line, false);
TAMPER(remove_first, false);
TAMPER(remove_last, true);
TAMPER(cut_last, true);
TAMPER(swap_lines, false);
TAMPER(repeat_line, false);
TAMPER(insert_text, true);
TAMPER(insert_empty, false);
TAMPER(insert_foreign, true);
TAMPER(remove_first_file, false);
TAMPER(remove_middle_file, false);
TAMPER(remove_last_file, true);
TAMPER(remove_all_files, true);
TAMPER(empty_last_file, true);
TAMPER(cut_middle_file, false);
TAMPER(rename_file, false);
TAMPER(remove_head, true);
TAMPER(change_head, true);
TAMPER(remove_head_and_last, true);
TAMPER(remove_key, true);
TAMPER(change_key, true);

FIXTURE_SETUP(tamper)
{
	chain_setup(_metadata, &self->chain, NULL);
	audit_dir_append(self->chain.dir, &small, 9);
	ASSERT_TRUE(audit_dir_is_sound(self->chain.dir));
}

FIXTURE_TEARDOWN(tamper)
{
	chain_teardown(_metadata, &self->chain, NULL);
}

TEST_F(tamper, is_found)
{
	struct audit_check *check = &self->chain.check;
	struct audit_finding finding;

	variant->tamper(&self->chain);
	audit_check(self->chain.dir, check);
	EXPECT_TRUE(check->broken);
	EXPECT_EQ(0, check->error);
	EXPECT_NE(0, *check->what);

	/* The service goes on, and does not cover it up */
	finding = reopen(&self->chain);
	EXPECT_EQ(variant->seen, !!*finding.broken) {
		TH_LOG("finding: \"%s\"", finding.broken);
	}
	audit_dir_append(self->chain.dir, &audit_large, 2);
	audit_check(self->chain.dir, check);
	EXPECT_TRUE(check->broken);
	EXPECT_EQ(0, check->error);
}

TEST_HARNESS_MAIN
