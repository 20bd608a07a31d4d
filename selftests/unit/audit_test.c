// SPDX-License-Identifier: Apache-2.0
/*
 * What is in the audit log: the life of keys and what was denied, no more than that, and
 * nothing in it that a name could forge.
 */
#include "kselftest_harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/audit_line.h"
#include "helper/log.h"
#include "selftests/unit/audit_dir.h"
#include "selftests/unit/dispatch_fixture.h"

FIXTURE(audit)
{
	fixture host;
	char dir[64];
	char *lines;
};

typedef FIXTURE_DATA(audit) audit_fixture;

/* By how much the clock is ahead */
static time_t ahead;

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	int rc = __real_clock_gettime(clock, now);

	now->tv_sec += ahead;
	return rc;
}

static void open_log(audit_fixture *self, enum config_audit mode)
{
	struct config *config = &self->host.signer.config;

	config->audit = mode;
	config->audit_file_size = 1024;
	config->audit_files = 2;
	if (!audit_open(config, "signer", self->dir, &self->host.signer.host.audit))
		abort();
}

/* All lines so far, without that of the start; the log is closed */
static const char *lines(audit_fixture *self)
{
	char *start;

	audit_close(self->host.signer.host.audit);
	self->host.signer.host.audit = NULL;
	free(self->lines);
	self->lines = audit_dir_read(self->dir, audit_dir_file(self->dir, 0));
	start = strchr(self->lines, '\n');
	return start ? start + 1 : "";
}

static unsigned int count(const char *text, const char *what)
{
	unsigned int found = 0;

	for (; (text = strstr(text, what)); text++)
		found++;
	return found;
}

FIXTURE_SETUP(audit)
{
	int null = open("/dev/null", O_WRONLY);

	dup2(null, STDERR_FILENO);
	close(null);
	dispatch_setup(_metadata, &self->host, NULL);
	audit_dir_make(self->dir);
	open_log(self, CONFIG_AUDIT_REQUIRED);
}

FIXTURE_TEARDOWN(audit)
{
	log_init("test", PARSEC_LOG_ERROR, false);
	audit_close(self->host.signer.host.audit);
	self->host.signer.host.audit = NULL;
	free(self->lines);
	dispatch_teardown(_metadata, &self->host, NULL);
	EXPECT_TRUE(audit_dir_is_sound(self->dir));
	audit_dir_remove(self->dir);
}

static enum parsec_status ask(audit_fixture *self, uint8_t opcode)
{
	const struct contract_request req = valid();

	return run_request(&self->host, opcode, &req);
}

TEST_F(audit, start_and_end_are_written)
{
	const char *end = lines(self);

	EXPECT_EQ(1, count(self->lines, "\"event\":\"start\""));
	EXPECT_EQ(1, count(end, "\n"));
	EXPECT_EQ(1, count(end, "\"event\":\"stop\""));
}

TEST_F(audit, the_life_of_a_key_is_written)
{
	const char *text;

	ASSERT_EQ(PARSEC_SUCCESS, ask(self, PARSEC_OP_PSA_GENERATE_KEY));
	ASSERT_EQ(PARSEC_SUCCESS, ask(self, PARSEC_OP_PSA_SIGN_HASH));
	ASSERT_EQ(PARSEC_SUCCESS, ask(self, PARSEC_OP_PSA_EXPORT_PUBLIC_KEY));
	ASSERT_EQ(PARSEC_SUCCESS, ask(self, PARSEC_OP_PSA_DESTROY_KEY));
	ASSERT_EQ(PARSEC_SUCCESS, ask(self, PARSEC_OP_PSA_IMPORT_KEY));
	text = lines(self);
	/* Its use is not */
	EXPECT_EQ(4, count(text, "\n"));
	EXPECT_EQ(1, count(text, "\"event\":\"create\",\"provider\":\"signer\","
				 "\"operation\":\"PsaGenerateKey\",\"opcode\":2,\"status\":0,"
				 "\"application\":\"1000\""));
	EXPECT_EQ(1, count(text, "\"event\":\"destroy\",\"provider\":\"signer\","
				 "\"operation\":\"PsaDestroyKey\",\"opcode\":3,\"status\":0"));
	EXPECT_EQ(1, count(text, "\"event\":\"import\""));
	EXPECT_EQ(0, count(text, "\"key\""));
}

TEST_F(audit, nothing_is_written_of_what_came_to_nothing)
{
	const char *text;

	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, ask(self, PARSEC_OP_PSA_DESTROY_KEY));
	ASSERT_EQ(PARSEC_SUCCESS, ask(self, PARSEC_OP_PSA_GENERATE_KEY));
	EXPECT_EQ(PARSEC_PSA_ERROR_ALREADY_EXISTS, ask(self, PARSEC_OP_PSA_GENERATE_KEY));
	text = lines(self);
	EXPECT_EQ(2, count(text, "\n"));
}

TEST_F(audit, a_secret_that_leaves_is_written)
{
	struct contract_request req = valid();

	req.attrs.usage |= PARSEC_USAGE_EXPORT;
	ASSERT_EQ(PARSEC_SUCCESS, run_request(&self->host, PARSEC_OP_PSA_GENERATE_KEY, &req));
	ASSERT_EQ(PARSEC_SUCCESS, run_request(&self->host, PARSEC_OP_PSA_EXPORT_KEY, &req));
	EXPECT_EQ(1, count(lines(self), "\"event\":\"export\""));
	/* The secret is "private" */
	EXPECT_EQ(0, count(self->lines, "private"));
}

TEST_F(audit, keys_that_are_undone_are_written)
{
	ASSERT_EQ(PARSEC_SUCCESS, ask(self, PARSEC_OP_PSA_GENERATE_KEY));
	dispatch_undo(&self->host.call);
	EXPECT_EQ(1, count(lines(self), "\"event\":\"undo\",\"provider\":\"signer\","
					"\"operation\":\"PsaGenerateKey\""));
	EXPECT_FALSE(signer_has_key(&self->host.signer, "1000", "k"));
}

TEST_F(audit, denials_are_written_once_and_counted)
{
	struct contract_request req = valid();
	const char *text;

	ASSERT_EQ(PARSEC_SUCCESS, ask(self, PARSEC_OP_PSA_GENERATE_KEY));
	req.alg.hash = PARSEC_HASH_SHA_1;
	for (int i = 0; i < 10; i++)
		EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED,
			  run_request(&self->host, PARSEC_OP_PSA_SIGN_HASH, &req));
	/* Something else that is denied is something else */
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED, ask(self, PARSEC_OP_PSA_EXPORT_KEY));
	text = lines(self);
	EXPECT_EQ(2, count(text, "\"event\":\"denied\",\"provider\":\"signer\","
				 "\"operation\":\"PsaSignHash\",\"opcode\":4,\"status\":1133"));
	EXPECT_EQ(1, count(text, "\"repeated\":9"));
	EXPECT_EQ(1, count(text, "\"operation\":\"PsaExportKey\",\"opcode\":12,\"status\":1133"));
	EXPECT_EQ(1, count(text, "\"repeated\""));
}

/* Be refused so many times: as @apps applications by turns, then for other operations */
static void be_refused(audit_fixture *self, unsigned int times, unsigned int apps,
		       unsigned int operations)
{
	char name[16];

	for (unsigned int i = 0; i < times; i++) {
		struct audit_event event = {
			.kind = AUDIT_DENIED,
			.opcode = (uint8_t)(i / apps % operations),
			.operation = "Some",
			.status = PARSEC_PSA_ERROR_NOT_PERMITTED,
		};
		struct identity *who;

		snprintf(name, sizeof(name), "%u", 1000 + i % apps);
		who = identity_new(AUTH_UNIX_PEER_CREDENTIALS, text(name));
		event.who = who;
		audit_note(self->host.signer.host.audit, &event);
		identity_put(who);
	}
}

TEST_F(audit, refusals_by_turns_are_each_written_once_and_counted)
{
	const char *text;

	be_refused(self, 200, 1, 2);
	text = lines(self);
	EXPECT_EQ(5, count(text, "\n"));
	EXPECT_EQ(2, count(text, "\"opcode\":0,"));
	EXPECT_EQ(2, count(text, "\"opcode\":1,"));
	EXPECT_EQ(2, count(text, "\"repeated\":99"));
}

TEST_F(audit, refusals_of_one_application_leave_places_for_others)
{
	const char *text;

	be_refused(self, 400, 1, 40);
	be_refused(self, 2, 2, 1);
	text = lines(self);
	EXPECT_EQ(16, count(text, "\"application\":\"1000\""));
	EXPECT_EQ(1, count(text, "\"repeated\":10"));
	EXPECT_EQ(7, count(text, "\"repeated\":9"));
	EXPECT_EQ(1, count(text, "\"application\":\"1001\""));
	/* The rest in one line, and what came after that */
	EXPECT_EQ(2, count(text, "\"reason\":\"others"));
	EXPECT_EQ(1, count(text, "\"repeated\":319,\"reason\":\"others"));
}

TEST_F(audit, refusals_have_a_bound_however_many_applications_there_are)
{
	struct audit_check check;

	for (int i = 0; i < 10; i++) {
		be_refused(self, 2000, 500, 2);
		ahead += 11;
	}
	ahead = 0;
	audit_close(self->host.signer.host.audit);
	self->host.signer.host.audit = NULL;
	audit_check(self->dir, &check);
	EXPECT_FALSE(check.broken);
	/* Between start and end */
	EXPECT_LE(10 * 65, check.last - 2);
	EXPECT_GE(10 * 130, check.last - 2);
}

TEST_F(audit, a_refusal_is_written_again_after_a_while)
{
	const char *text;

	be_refused(self, 100, 1, 1);
	ahead += 11;
	be_refused(self, 100, 1, 1);
	ahead = 0;
	text = lines(self);
	EXPECT_EQ(4, count(text, "\n"));
	EXPECT_EQ(2, count(text, "\"repeated\":99"));
}

TEST_F(audit, callers_without_a_name_are_written)
{
	identity_put(self->host.caller);
	self->host.caller = NULL;
	EXPECT_EQ(PARSEC_AUTHENTICATION_ERROR, ask(self, PARSEC_OP_PSA_SIGN_HASH));
	EXPECT_EQ(1, count(lines(self), "\"event\":\"denied\",\"provider\":\"signer\","
					"\"operation\":\"PsaSignHash\",\"opcode\":4,\"status\":11"));
	EXPECT_EQ(0, count(self->lines, "\"application\""));
}

/* Names */

TEST_F(audit, names_of_keys_are_written_where_they_are_wanted)
{
	struct contract_request req = valid();

	req.key_name = text("the name");
	log_init("test", PARSEC_LOG_ERROR, true);
	ASSERT_EQ(PARSEC_SUCCESS, run_request(&self->host, PARSEC_OP_PSA_GENERATE_KEY, &req));
	EXPECT_EQ(1, count(lines(self), "\"key\":\"the name\""));
}

static const char *line_of(const char *name, size_t len, char *buffer)
{
	struct identity *who = identity_new(3, (struct parsec_span){ (const uint8_t *)name, len });
	const struct audit_event event = { .kind = AUDIT_DENIED, .who = who };
	size_t written = audit_line(&event, "p", 0, buffer);

	identity_put(who);
	if (written != strlen(buffer) || written >= AUDIT_LINE_ROOM)
		abort();
	return strstr(buffer, "\"application\"");
}

TEST(no_name_ends_a_line_or_steers_a_terminal)
{
	static char buffer[AUDIT_LINE_ROOM];
	static const struct {
		const char *name;
		const char *written;
	} rows[] = {
		{ "a\nb\r\t\x1b[2J\x7f", "a\\u000ab\\u000d\\u0009\\u001b[2J\\u007f" },
		{ "\",\"event\":\"create", "\\\",\\\"event\\\":\\\"create" },
		{ "back\\slash", "back\\\\slash" },
		{ "\xc2\x9b" "31m", "\\u009b31m" },			/* CSI */
		{ "\xe2\x80\xae" "txt", "\\u202etxt" },		/* right to left */
		{ "\xf0\x9f\x94\x91", "\\ud83d\\udd11" },
		{ "\xff\xfe|\xc3|\xe2\x80", "\\ufffd\\ufffd|\\ufffd|\\ufffd\\ufffd" },
		{ "/machine.slice/x:0", "/machine.slice/x:0" },
	};
	char wanted[128];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		snprintf(wanted, sizeof(wanted), "\"application\":\"%s\"", rows[i].written);
		EXPECT_STREQ(wanted, line_of(rows[i].name, strlen(rows[i].name), buffer));
	}
}

/* A process in a cgroup with the longest and ugliest name */
static int ugly_facts(void *arg, struct parsec_facts *facts)
{
	*facts = (struct parsec_facts){ .uid = UINT32_MAX, .pid = UINT32_MAX,
					.cgroup_path = arg };
	return 0;
}

TEST(any_name_fits)
{
	static char buffer[AUDIT_LINE_ROOM];
	static uint8_t name[8192];
	struct identity *who;
	struct audit_event event = {
		.kind = AUDIT_DELETE_CLIENT, .session = UINT64_MAX, .opcode = 255,
		.operation = "PrepareKeyAttestation", .status = 1152,
		.duration_ns = UINT64_MAX, .count = UINT64_MAX,
		.key = { name, sizeof(name) }, .client = { name, sizeof(name) },
		.facts = ugly_facts, .facts_arg = name,
	};
	size_t len;

	memset(name, 1, sizeof(name) - 1);
	who = identity_new(3, (struct parsec_span){ name, sizeof(name) });
	event.who = who;
	log_init("test", PARSEC_LOG_ERROR, true);
	len = audit_line(&event, "p", UINT64_MAX, buffer);
	EXPECT_GT(AUDIT_LINE_ROOM - 1024, len);
	EXPECT_EQ(1, count(buffer, "\"uid\":4294967295,\"pid\":4294967295,\"cgroup\":\""));
	EXPECT_EQ(4, count(buffer, "\\u0001\\u2026\""));
	log_init("test", PARSEC_LOG_ERROR, false);
	identity_put(who);
}

/* When it cannot be written */

/* Nothing can be added to a file from here on */
static void fill_disk(bool full)
{
	const struct rlimit limit = { full ? 0 : RLIM_INFINITY, RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit))
		abort();
}

TEST_F(audit, what_cannot_be_written_is_not_done)
{
	ASSERT_EQ(PARSEC_SUCCESS, ask(self, PARSEC_OP_PSA_GENERATE_KEY));
	ASSERT_EQ(PARSEC_SUCCESS, ask(self, PARSEC_OP_PSA_DESTROY_KEY));
	signer_make_key(&self->host.signer, "1000", "old");
	/* Use up what was reserved */
	for (int i = 0; i < 400; i++)
		if (audit_begin(self->host.signer.host.audit))
			fill_disk(true);
	EXPECT_EQ(PARSEC_PSA_ERROR_INSUFFICIENT_STORAGE, ask(self, PARSEC_OP_PSA_GENERATE_KEY));
	fill_disk(false);
	EXPECT_FALSE(signer_has_key(&self->host.signer, "1000", "k"));
	EXPECT_EQ(PARSEC_SUCCESS, ask(self, PARSEC_OP_PSA_GENERATE_KEY));
}

TEST_F(audit, with_best_effort_it_is_done)
{
	struct audit *audit;

	audit_close(self->host.signer.host.audit);
	open_log(self, CONFIG_AUDIT_BEST_EFFORT);
	audit = self->host.signer.host.audit;
	EXPECT_TRUE(audit_begin(audit));
	fill_disk(true);
	EXPECT_TRUE(audit_begin(audit));
	EXPECT_TRUE(audit_write(audit, &(struct audit_event){ .kind = AUDIT_CREATE }));
	fill_disk(false);
	EXPECT_EQ(0, count(lines(self), "\"event\":\"create\""));
}

TEST_F(audit, a_directory_that_is_not_there_stops_the_start_or_not)
{
	struct config *config = &self->host.signer.config;
	struct audit *audit;

	config->audit = CONFIG_AUDIT_REQUIRED;
	EXPECT_FALSE(audit_open(config, "signer", "/nowhere", &audit));
	EXPECT_EQ(NULL, audit);
	config->audit = CONFIG_AUDIT_BEST_EFFORT;
	EXPECT_TRUE(audit_open(config, "signer", "/nowhere", &audit));
	EXPECT_TRUE(audit_write(audit, &(struct audit_event){ .kind = AUDIT_CREATE }));
	audit_close(audit);
	config->audit = CONFIG_AUDIT_OFF;
	EXPECT_TRUE(audit_open(config, "signer", "/nowhere", &audit));
	audit_note(audit, &(struct audit_event){ .kind = AUDIT_DENIED });
	audit_close(audit);
}

TEST_F(audit, a_break_is_written_and_stays_one)
{
	struct audit_check check;
	char path[96];

	lines(self);
	snprintf(path, sizeof(path), "%s/audit.head", self->dir);
	ASSERT_EQ(0, unlink(path));
	open_log(self, CONFIG_AUDIT_REQUIRED);
	ASSERT_EQ(PARSEC_SUCCESS, ask(self, PARSEC_OP_PSA_GENERATE_KEY));
	lines(self);
	audit_check(self->dir, &check);
	EXPECT_TRUE(check.broken);
	EXPECT_STREQ("the service found when it started: audit.head is missing or was changed",
		     check.what);
	/* The fixture wants an end that is sound */
	audit_dir_remove(self->dir);
	ASSERT_EQ(0, mkdir(self->dir, 0700));
	open_log(self, CONFIG_AUDIT_REQUIRED);
}

TEST_HARNESS_MAIN
