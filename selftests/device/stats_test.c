// SPDX-License-Identifier: Apache-2.0
/*
 * GET_STATS: every number is exact, and only those may ask who should.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "device.h"
#include "fakehost.h"
#include "kselftest_harness.h"

static struct host_stats before, now;

FIXTURE(stats) {
	struct host host;	/* serves provider 0 */
	struct host eye;	/* only looks */
	struct host_request *req;
};

FIXTURE_SETUP(stats)
{
	ASSERT_EQ(0, module_reload("max_waiting=1 max_open=8 grace_ms=50 max_response=1024"));
	ASSERT_EQ(0, host_open(&self->host));
	ASSERT_EQ(0, host_register(&self->host, 0, 2, replay_only(0x11)));
	ASSERT_EQ(0, host_open(&self->eye));
	ASSERT_EQ(0, host_stats(&self->eye, &before));
}

FIXTURE_TEARDOWN(stats)
{
	host_close(&self->host);
	host_close(&self->eye);
}

/* What changed since the test began: this number by N, or a gauge that is N now */
#define EXPECT_MODULE(n, name) \
	EXPECT_EQ((uint64_t)(n), now.module[PARSEC_A_STAT_##name] - \
				 before.module[PARSEC_A_STAT_##name]) TH_LOG(#name)
#define EXPECT_PROVIDER(n, id, name) \
	EXPECT_EQ((uint64_t)(n), now.provider[id][PARSEC_A_PSTAT_##name]) TH_LOG(#name)
#define LOOK() ASSERT_EQ(0, host_stats(&self->eye, &now))

#define EXPECT_SUM(id) \
	EXPECT_EQ(now.provider[id][PARSEC_A_PSTAT_SENT], \
		  now.provider[id][PARSEC_A_PSTAT_DONE] + \
		  now.provider[id][PARSEC_A_PSTAT_ABORTED] + \
		  now.provider[id][PARSEC_A_PSTAT_RETURNED] + \
		  now.provider[id][PARSEC_A_PSTAT_IN_FLIGHT] - \
		  now.provider[id][PARSEC_A_PSTAT_PARKED])

/* All other counters of the module are what they were */
static unsigned int changed(void)
{
	unsigned int n = 0;

	for (unsigned int i = PARSEC_A_STAT_OPENED; i <= PARSEC_A_STAT_MAX; i++)
		n += now.module[i] != before.module[i];
	return n;
}

static struct caller *ask(struct host *host, uid_t uid, unsigned int opcode,
			  struct host_request **req)
{
	struct caller *caller = caller_start(&(struct ask){ .uid = uid, .opcode = opcode });

	if (host_receive(host, req, SOON))
		*req = NULL;
	return caller;
}

TEST_F(stats, one_message_of_the_module_and_of_each_provider)
{
	EXPECT_EQ(1, before.modules);
	EXPECT_EQ(1, before.providers);
	EXPECT_EQ(0, before.accounts);
	EXPECT_EQ(0, before.module[PARSEC_A_STAT_SESSIONS]);
	EXPECT_EQ(1, before.module[PARSEC_A_STAT_REGISTERED]);
	EXPECT_EQ(1, before.provider[0][PARSEC_A_PSTAT_WORKERS]);
	EXPECT_EQ(2, before.provider[0][PARSEC_A_PSTAT_CREDITS]);
}

TEST_F(stats, a_request_that_is_answered)
{
	struct caller *caller = ask(&self->host, ALICE, 0x10, &self->req);
	const uint64_t *account;

	ASSERT_NE(NULL, self->req);
	LOOK();
	EXPECT_EQ(1, now.module[PARSEC_A_STAT_SESSIONS]);
	EXPECT_EQ(1, now.module[PARSEC_A_STAT_ACCOUNTS]);
	EXPECT_MODULE(1, OPENED);
	EXPECT_EQ(1, changed());
	EXPECT_PROVIDER(1, 0, SENT);
	EXPECT_PROVIDER(1, 0, IN_FLIGHT);
	EXPECT_PROVIDER(0, 0, DONE);
	EXPECT_SUM(0);
	account = host_account(&now, ALICE);
	ASSERT_NE(NULL, account);
	EXPECT_EQ(1, account[PARSEC_A_ASTAT_SESSIONS]);
	EXPECT_EQ(1, account[PARSEC_A_ASTAT_RUNNING]);
	EXPECT_EQ(0, account[PARSEC_A_ASTAT_WAITING]);
	EXPECT_EQ(0, account[PARSEC_A_ASTAT_DONE]);

	EXPECT_EQ(0, host_answer(&self->host, self->req, 0));
	EXPECT_EQ(0, caller_join(caller, SOON));
	LOOK();
	EXPECT_EQ(0, now.module[PARSEC_A_STAT_SESSIONS]);
	EXPECT_EQ(0, now.accounts);
	EXPECT_PROVIDER(1, 0, DONE);
	EXPECT_PROVIDER(0, 0, IN_FLIGHT);
	EXPECT_EQ(1, changed());
	EXPECT_SUM(0);
}

TEST_F(stats, an_account_says_who_it_is_and_what_it_has)
{
	struct host_identity who;
	const uint64_t *account;
	struct caller *caller[4];
	struct host_request *second;

	caller[0] = ask(&self->host, ALICE, 0x10, &self->req);
	caller[1] = ask(&self->host, ALICE, 0x10, &second);
	ASSERT_NE(NULL, second);
	caller[2] = caller_start(&(struct ask){ .uid = ALICE, .opcode = 0x10 });
	ASSERT_EQ(0, caller_settle(caller[2]));
	caller[3] = caller_start(&(struct ask){ .uid = ALICE, .opcode = 0x10 });
	EXPECT_EQ(-EDQUOT, caller_join(caller[3], SOON));
	ASSERT_EQ(0, host_identity(&self->host, self->req->session, &who));
	ASSERT_EQ(0, host_set_limits(&self->host, self->req->session, LIMIT_DEFAULT, 5, 6));
	LOOK();
	account = host_account(&now, ALICE);
	ASSERT_NE(NULL, account);
	EXPECT_EQ(who.userns, account[PARSEC_A_ASTAT_USERNS]);
	EXPECT_EQ(who.cgroup, account[PARSEC_A_ASTAT_CGROUP]);
	EXPECT_STREQ(who.cgroup_path, now.path[0]);
	EXPECT_EQ(3, account[PARSEC_A_ASTAT_SESSIONS]);
	EXPECT_EQ(2, account[PARSEC_A_ASTAT_RUNNING]);
	EXPECT_EQ(1, account[PARSEC_A_ASTAT_WAITING]);
	EXPECT_EQ(1, account[PARSEC_A_ASTAT_REFUSED]);
	EXPECT_EQ(1, account[PARSEC_A_ASTAT_MAX_WAITING]);
	EXPECT_EQ(5, account[PARSEC_A_ASTAT_MAX_RUNNING]);
	EXPECT_EQ(6, account[PARSEC_A_ASTAT_MAX_OPEN]);
	EXPECT_PROVIDER(1, 0, QUEUED);
	EXPECT_MODULE(4, OPENED);
	EXPECT_MODULE(1, EDQUOT);
	EXPECT_EQ(2, changed());
	EXPECT_EQ(0, host_answer(&self->host, self->req, 0));
	EXPECT_EQ(0, host_answer(&self->host, second, 0));
	LOOK();
	EXPECT_EQ(2, host_account(&now, ALICE)[PARSEC_A_ASTAT_DONE]);
	EXPECT_PROVIDER(0, 0, QUEUED);
	EXPECT_PROVIDER(3, 0, SENT);
	EXPECT_SUM(0);
	EXPECT_EQ(0, caller_kill(caller[2]));
}

static int open_too_many(void *arg)
{
	int n = 0;

	(void)arg;
	while (device_open() >= 0)
		n++;
	return n;
}

TEST_F(stats, opens_that_were_one_too_many)
{
	EXPECT_EQ(8, in_child(open_too_many, NULL, -1));
	EXPECT_EQ(8, in_child(open_too_many, NULL, -1));
	LOOK();
	EXPECT_MODULE(16, OPENED);
	EXPECT_MODULE(2, OPEN_REFUSED);
	EXPECT_EQ(2, changed());
}

static int use_anothers(void *arg)
{
	int fd = *(int *)arg;
	struct parsec_info info;

	if (become(ALICE))
		return 1;
	return device_ping(fd) == -EPERM && device_info(fd, &info) == -EPERM ? 0 : 2;
}

TEST_F(stats, callers_who_are_not_the_opener)
{
	int fd = device_open();

	EXPECT_EQ(0, in_child(use_anothers, &fd, fd));
	LOOK();
	EXPECT_MODULE(2, EPERM);
	EXPECT_MODULE(1, OPENED);
	EXPECT_EQ(2, changed());
}

TEST_F(stats, callers_who_left)
{
	struct caller *caller = ask(&self->host, 0, 0x10, &self->req);
	struct caller *late;
	struct host_request *second;

	late = caller_start(&(struct ask){ .opcode = 0x10, .timeout_ms = 20 });
	ASSERT_EQ(0, host_receive(&self->host, &second, SOON));
	EXPECT_EQ(-ETIMEDOUT, caller_join(late, SOON));
	EXPECT_EQ(0, caller_kill(caller));
	LOOK();
	EXPECT_MODULE(1, ETIMEDOUT);
	EXPECT_MODULE(1, EINTR);
	EXPECT_PROVIDER(2, 0, PARKED);
	EXPECT_PROVIDER(2, 0, IN_FLIGHT);
	EXPECT_PROVIDER(2, 0, ABORTED);
	EXPECT_SUM(0);
	/* No file is open, and still somebody runs something */
	EXPECT_EQ(0, now.module[PARSEC_A_STAT_SESSIONS]);
	ASSERT_EQ(1, now.accounts);
	EXPECT_EQ(2, now.account[0][PARSEC_A_ASTAT_RUNNING]);
	EXPECT_EQ(-ENOENT, host_answer(&self->host, self->req, 0));
	EXPECT_EQ(-ENOENT, host_answer(&self->host, second, 0));
	LOOK();
	EXPECT_MODULE(2, REPLY_LATE);
	EXPECT_MODULE(2, OPENED);
	EXPECT_EQ(4, changed());
	EXPECT_PROVIDER(0, 0, PARKED);
	EXPECT_PROVIDER(2, 0, ABORTED);
	EXPECT_EQ(0, now.accounts);
	EXPECT_SUM(0);
}

TEST_F(stats, replies_that_are_wrong_by_kind)
{
	struct caller *caller = ask(&self->host, 0, 0x10, &self->req);
	static uint8_t big[1025];
	struct message msg;

	/* Forged three times, incomplete twice, from a stranger once */
	EXPECT_EQ(-EPERM, host_reply(&self->host, self->req->id + 1, 0, NULL, 0));
	EXPECT_EQ(-EPERM, host_reply(&self->host, self->req->id - 1, 0, NULL, 0));
	EXPECT_EQ(-EPERM, host_reply(&self->host, 0, 0, NULL, 0));
	message_start(&msg, &self->host, PARSEC_CMD_REPLY);
	message_put_u64(&msg, PARSEC_A_ID, self->req->id);
	EXPECT_EQ(-EINVAL, host_transact(&self->host, &msg));
	message_start(&msg, &self->host, PARSEC_CMD_REPLY);
	EXPECT_EQ(-EINVAL, host_transact(&self->host, &msg));
	EXPECT_EQ(-EPERM, host_reply(&self->eye, self->req->id, 0, NULL, 0));
	LOOK();
	EXPECT_MODULE(3, REPLY_FORGED);
	EXPECT_MODULE(2, REPLY_INCOMPLETE);
	EXPECT_MODULE(1, REPLY_UNREGISTERED);

	EXPECT_EQ(-EMSGSIZE, host_reply(&self->host, self->req->id, 0, big, sizeof(big)));
	EXPECT_EQ(-EIO, caller_join(caller, SOON));
	EXPECT_EQ(-EPERM, host_reply(&self->host, self->req->id, 0, NULL, 0));
	EXPECT_EQ(-EPERM, host_reply(&self->host, self->req->id, 0, NULL, 0));
	LOOK();
	EXPECT_MODULE(1, REPLY_OVERSIZED);
	EXPECT_MODULE(2, REPLY_DUPLICATE);
	EXPECT_MODULE(1, EIO);
	EXPECT_MODULE(1, OPENED);
	EXPECT_EQ(7, changed());
	EXPECT_PROVIDER(1, 0, ABORTED);
	EXPECT_SUM(0);
}

TEST_F(stats, an_answer_that_does_not_fit)
{
	struct caller *caller = ask(&self->host, 0, 0x10, &self->req);

	EXPECT_EQ(0, host_reply(&self->host, self->req->id, 0, "abc", 3));
	EXPECT_EQ(-EOVERFLOW, caller_join(caller, SOON));
	LOOK();
	EXPECT_MODULE(1, EOVERFLOW);
	EXPECT_PROVIDER(1, 0, DONE);
}

/* Of two that it held, one may run twice */
TEST_F(stats, a_host_that_dies)
{
	struct caller *once = ask(&self->host, 0, 0x10, &self->req);
	struct host_request *second;
	struct caller *twice = ask(&self->host, 0, 0x11, &second);
	struct host other;

	ASSERT_EQ(0, host_open(&other));
	ASSERT_EQ(0, host_register(&other, 0, 1, NULL));
	host_close(&self->host);
	EXPECT_EQ(-EIO, caller_join(once, SOON));
	ASSERT_EQ(0, host_receive(&other, &second, SOON));
	EXPECT_EQ(0, host_answer(&other, second, 0));
	EXPECT_EQ(0, caller_join(twice, SOON));
	LOOK();
	EXPECT_MODULE(1, EIO);
	EXPECT_MODULE(1, REPLAYED);
	EXPECT_MODULE(1, REGISTERED);
	EXPECT_MODULE(2, OPENED);
	EXPECT_EQ(4, changed());
	EXPECT_PROVIDER(3, 0, SENT);
	EXPECT_PROVIDER(1, 0, DONE);
	EXPECT_PROVIDER(1, 0, ABORTED);
	EXPECT_PROVIDER(1, 0, RETURNED);
	EXPECT_PROVIDER(1, 0, WORKERS);
	EXPECT_PROVIDER(1, 0, CREDITS);
	EXPECT_SUM(0);
	host_close(&other);
	EXPECT_EQ(-ENOTCONN, caller_join(caller_start(&(struct ask){ .opcode = 0x10 }), SOON));
	LOOK();
	EXPECT_MODULE(1, ENOTCONN);
	EXPECT_PROVIDER(0, 0, WORKERS);
	EXPECT_PROVIDER(0, 0, CREDITS);
	ASSERT_EQ(0, host_open(&self->host));
}

TEST_F(stats, registrations_refused)
{
	EXPECT_EQ(-EALREADY, host_register(&self->host, 0, 1, NULL));
	EXPECT_EQ(-EINVAL, host_register(&self->eye, 0, 0, NULL));
	EXPECT_EQ(-EBUSY, host_start(0, 1, NULL));
	LOOK();
	EXPECT_MODULE(3, REGISTER_REFUSED);
	EXPECT_EQ(1, changed());
}

TEST_F(stats, a_provider_that_is_taken_over)
{
	pid_t old = host_start(3, 4, NULL);

	ASSERT_LT(0, old);
	ASSERT_EQ(0, host_take_over(&self->eye, 3, 2, NULL));
	LOOK();
	EXPECT_MODULE(2, REGISTERED);
	EXPECT_MODULE(1, TAKEN_OVER);
	EXPECT_EQ(2, changed());
	EXPECT_EQ(2, now.providers);
	EXPECT_PROVIDER(3, 3, PROVIDER);
	EXPECT_PROVIDER(1, 3, WORKERS);
	EXPECT_PROVIDER(1, 3, RETIRED);
	EXPECT_PROVIDER(2, 3, CREDITS);
	kill(old, SIGKILL);
	waitpid(old, NULL, 0);
	LOOK();
	EXPECT_PROVIDER(0, 3, RETIRED);
	EXPECT_PROVIDER(2, 3, CREDITS);
}

/* Everything that somebody without privileges can try, with a count of one each */
static int try_everything(void *arg)
{
	struct host_identity identity;
	static struct host_stats stats;
	struct host host;
	int ret = become(ALICE) ?: host_open(&host);

	(void)arg;
	if (ret)
		return ret;
	if (host_register(&host, 0, 1, NULL) != -EPERM)
		return 1;
	if (host_take_over(&host, 0, 1, NULL) != -EPERM)
		return 2;
	if (host_reply(&host, 1, 0, NULL, 0) != -EPERM)
		return 3;
	if (host_identity(&host, 1, &identity) != -EPERM)
		return 4;
	if (host_set_limits(&host, 1, 1, 1, 1) != -EPERM)
		return 5;
	if (host_stats(&host, &stats) != -EPERM)
		return 6;
	if (host_retire(&host) != -EPERM)
		return 7;
	return 0;
}

TEST_F(stats, those_who_may_not_are_refused_and_counted)
{
	EXPECT_EQ(0, in_child(try_everything, NULL, -1));
	LOOK();
	EXPECT_MODULE(2, REGISTER_UNPRIVILEGED);
	EXPECT_MODULE(1, REPLY_UNREGISTERED);
	EXPECT_MODULE(4, QUERY_UNPRIVILEGED);
	EXPECT_EQ(3, changed());
}

static int ask_as_root_of_a_namespace(void *arg)
{
	static struct host_stats stats;
	struct host host;

	(void)arg;
	if (become(ALICE) || prctl(PR_SET_DUMPABLE, 1) || unshare(CLONE_NEWUSER) ||
	    write_file("/proc/self/uid_map", "0 1001 1") < 0)
		return 1;
	return host_open(&host) ?: host_stats(&host, &stats);
}

TEST_F(stats, root_of_a_user_namespace_may_not_ask)
{
	EXPECT_EQ(-EPERM, in_child(ask_as_root_of_a_namespace, NULL, -1));
}

static int ask_as_a_host_without_privileges(void *arg)
{
	static struct host_stats stats;
	struct host host;

	(void)arg;
	return host_open(&host) ?: host_register(&host, 9, 1, NULL) ?: become(ALICE) ?:
	       host_stats(&host, &stats) ?: stats.providers == 2 ? 0 : 1;
}

TEST_F(stats, a_registered_host_needs_no_privileges)
{
	EXPECT_EQ(0, in_child(ask_as_a_host_without_privileges, NULL, -1));
}

/* An answer of many pieces: each account is in it once */
#define MANY 300

TEST_F(stats, each_of_many_accounts_is_told_once)
{
	unsigned int seen[MANY] = { 0 };
	int fds[MANY];

	for (uid_t i = 0; i < MANY; i++) {
		ASSERT_EQ(0, setresuid(-1, 5000 + i, -1));
		fds[i] = device_open();
		ASSERT_EQ(0, setresuid(-1, 0, -1));
		ASSERT_LE(0, fds[i]);
	}
	LOOK();
	EXPECT_EQ(MANY, now.accounts);
	EXPECT_EQ(MANY, now.module[PARSEC_A_STAT_ACCOUNTS]);
	EXPECT_EQ(MANY, now.module[PARSEC_A_STAT_SESSIONS]);
	for (unsigned int i = 0; i < now.accounts; i++) {
		uint64_t uid = now.account[i][PARSEC_A_ASTAT_UID];

		ASSERT_TRUE(uid >= 5000 && uid < 5000 + MANY);
		seen[uid - 5000]++;
	}
	for (unsigned int i = 0; i < MANY; i++) {
		EXPECT_EQ(1, seen[i]);
		close(fds[i]);
	}
	LOOK();
	EXPECT_EQ(0, now.accounts);
}

TEST_HARNESS_MAIN
