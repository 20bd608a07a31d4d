// SPDX-License-Identifier: Apache-2.0
/*
 * New rules for a host that serves: who is asked next is who the new rules say, and
 * nothing changes with rules that are refused.
 */
#include "kselftest_harness.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "helper/log.h"
#include "helper/reload.h"

#define PROVIDER	"[provider software]\nlibrary = x\nid = 1\n"

FIXTURE(reload)
{
	int line;
	struct rulebook *book;
	struct session_cache *sessions;
	struct reload *reload;
};

static struct config *load(const char *text)
{
	return config_load_text(text, strlen(text), "x.conf", stderr);
}

FIXTURE_SETUP(reload)
{
	struct config *config = load(PROVIDER);
	int ends[2];

	log_init("test", PARSEC_LOG_ERROR, false);
	ASSERT_NE(NULL, config);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
	self->line = ends[0];
	self->book = rulebook_new(config);
	config_free(config);
	self->sessions = session_cache_new();
	self->reload = reload_start(ends[1], "x.conf", self->book, self->sessions);
	ASSERT_NE(NULL, self->reload);
}

static struct identity *some_identity(void)
{
	return identity_new(3, (struct parsec_span){ (const uint8_t *)"x", 1 });
}

FIXTURE_TEARDOWN(reload)
{
	reload_stop(self->reload);
	rulebook_free(self->book);
	session_cache_free(self->sessions);
	close(self->line);
}

static char send_config(int line, const char *text)
{
	struct pollfd pfd = { .fd = line, .events = POLLIN };
	char answer;

	if (send(line, text, strlen(text), 0) != (ssize_t)strlen(text) ||
	    poll(&pfd, 1, 10000) != 1 || read(line, &answer, 1) != 1)
		return '?';
	return answer;
}

TEST_F(reload, new_rules_are_in_force_once_it_says_so)
{
	unsigned int first, second;
	struct config *old = rulebook_get(self->book, &first), *new;
	struct identity *identity = some_identity();

	session_remember(self->sessions, 5, identity, first);
	EXPECT_TRUE(rulebook_is_empty(self->book));
	ASSERT_EQ(RELOAD_TAKEN, send_config(self->line, PROVIDER "[rule a]\nuid = 1\n"));
	EXPECT_FALSE(rulebook_is_empty(self->book));
	EXPECT_EQ(NULL, session_find(self->sessions, 5));
	new = rulebook_get(self->book, &second);
	EXPECT_NE(first, second);
	EXPECT_EQ(1, new->rule_count);

	/* One who was looked up by the old rules is not remembered */
	session_remember(self->sessions, 5, identity, first);
	EXPECT_EQ(NULL, session_find(self->sessions, 5));
	session_remember(self->sessions, 5, identity, second);
	EXPECT_EQ(identity, session_find(self->sessions, 5));
	identity_put(identity);
	identity_put(identity);
	EXPECT_EQ(0, old->rule_count);
	config_free(old);
	config_free(new);
}

TEST_F(reload, rules_with_mistakes_change_nothing)
{
	unsigned int first, second;
	struct config *old = rulebook_get(self->book, &first), *now;
	struct identity *identity = some_identity();

	session_remember(self->sessions, 5, identity, first);
	identity_put(identity);
	EXPECT_EQ(RELOAD_REFUSED, send_config(self->line, PROVIDER "[rule a]\nuid = x\n"));
	now = rulebook_get(self->book, &second);
	EXPECT_EQ(old, now);
	EXPECT_EQ(first, second);
	identity = session_find(self->sessions, 5);
	EXPECT_NE(NULL, identity);
	identity_put(identity);
	config_free(old);
	config_free(now);
}

TEST_F(reload, the_longest_configuration_goes_through)
{
	char *text = malloc(CONFIG_TEXT_MAX + 1);

	memset(text, '\n', CONFIG_TEXT_MAX);
	memcpy(text, PROVIDER, strlen(PROVIDER));
	text[CONFIG_TEXT_MAX] = '\0';
	EXPECT_EQ(RELOAD_TAKEN, send_config(self->line, text));
	free(text);
}

TEST(a_configuration_is_read_from_a_descriptor)
{
	FILE *file = tmpfile();
	struct config *config;

	fputs(PROVIDER "[rule a]\n", file);
	fflush(file);
	rewind(file);
	config = config_read_fd(dup(fileno(file)), "x.conf");
	ASSERT_NE(NULL, config);
	EXPECT_EQ(1, config->rule_count);
	config_free(config);
	fclose(file);
	EXPECT_EQ(NULL, config_read_fd(-1, "x.conf"));
}

TEST_HARNESS_MAIN
