// SPDX-License-Identifier: Apache-2.0
/*
 * Several threads and one token. The rules of the library in between are in a file here, as
 * the environment must not be changed while other threads read it.
 */
#include "kselftest_harness.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>

#include "selftests/unit/pkcs11_token.h"

#define THREADS	4

/**
 * struct signer - a thread that signs
 * @thread:	it
 * @ctx:	with this
 * @item:	and this key
 * @status:	what has come of it
 */
struct signer {
	pthread_t thread;
	struct parsec_provider_ctx *ctx;
	const struct item *item;
	enum parsec_status status;
};

static void *sign(void *arg)
{
	struct signer *signer = arg;

	signer->status = item_sign(signer->ctx, signer->item);
	return NULL;
}

static void start_signers(struct signer signers[THREADS], struct parsec_provider_ctx *ctx,
			  const struct item *item)
{
	for (size_t i = 0; i < THREADS; i++) {
		signers[i] = (struct signer){ .ctx = ctx, .item = item };
		pthread_create(&signers[i].thread, NULL, sign, &signers[i]);
	}
}

static void wait_ms(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

/* Rules for all threads, from one call of the library to the next; first before there are any */
static void set_rules(const char *rules)
{
	char path[PATH_MAX], new_path[PATH_MAX + 8];
	FILE *file;

	snprintf(path, sizeof(path), "%s/trap", hsm);
	snprintf(new_path, sizeof(new_path), "%s.new", path);
	file = fopen(new_path, "we");
	if (file) {
		fputs(rules, file);
		fclose(file);
	}
	rename(new_path, path);
	if (getenv("TRAP")) {
		setenv("TRAP_FILE", path, 1);
		unsetenv("TRAP");
	}
}

/* One has the only session, the others wait for it: none of them is forgotten */
TEST_F(pkcs11_token, who_waits_for_a_session_hears_that_the_token_is_gone)
{
	struct signer signers[THREADS];

	set_rules("two-sessions");
	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	ASSERT_EQ(1, self->ctx->token.limit);
	item_init(&self->item, 1, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
	ASSERT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &self->item));
	ASSERT_EQ(PARSEC_SUCCESS, item_load(self->ctx, &self->item));
	set_rules("two-sessions C_SignInit=500ms C_Sign=0xe0");
	start_signers(signers, self->ctx, &self->item);
	wait_ms(250);
	set_rules("two-sessions C_Sign=0xe0 C_SignInit=0xe0 C_OpenSession=0xe0");
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(signers[i].thread, NULL);
		EXPECT_EQ(PARSEC_PSA_ERROR_HARDWARE_FAILURE, signers[i].status);
	}
	set_rules("two-sessions");
	EXPECT_EQ(PARSEC_SUCCESS, item_sign(self->ctx, &self->item));
}

/* How many sessions are used at a time? */
static size_t use_sessions(struct parsec_provider_ctx *ctx, const struct item *item,
			   const char *rules)
{
	struct signer signers[THREADS];
	size_t most = 0;

	set_rules(rules);
	start_signers(signers, ctx, item);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(signers[i].thread, NULL);
	for (size_t i = 0; i < THREADS; i++)
		most += signers[i].status == PARSEC_SUCCESS;
	return most == THREADS ? ctx->token.open_count : 0;
}

/* Sessions that others had are ours once they are closed */
TEST_F(pkcs11_token, few_sessions_become_more)
{
	set_rules("");
	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	item_init(&self->item, 1, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
	ASSERT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &self->item));
	ASSERT_EQ(PARSEC_SUCCESS, item_load(self->ctx, &self->item));
	ASSERT_EQ(1, self->ctx->token.open_count);
	EXPECT_EQ(1, use_sessions(self->ctx, &self->item, "C_Sign=100ms C_OpenSession=0xb1"));
	EXPECT_EQ(1, self->ctx->token.limit);
	wait_ms(1100);
	EXPECT_LT(1, use_sessions(self->ctx, &self->item, "C_Sign=100ms"));
	EXPECT_LT(1, self->ctx->token.limit);
}

/* What a child does with a provider whose calls may take a second: 0 if all is well */
static int use_slowly(const char *opening, const char *rules)
{
	static uint8_t bytes[1 << 20];
	struct parsec_out out = { bytes, sizeof(bytes), 0 };
	struct parsec_provider_ctx *ctx;
	struct item item;

	setenv("TRAP", opening, 1);
	if (START(&ctx, "call_timeout", "1"))
		return 1;
	setenv("TRAP", "", 1);
	item_init(&item, 1, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
	if (item_create(ctx, &item) || item_load(ctx, &item))
		return 2;
	set_rules(rules);
	if (strstr(rules, "C_GenerateRandom") && ops->random(ctx, &out))
		return 3;
	if (strstr(rules, "C_Sign") && use_sessions(ctx, &item, rules) != 1)
		return 4;
	ops->unload(ctx, item.key);
	if (ops->destroy(ctx, &item.ref))
		return 5;
	ops->close(ctx);
	return 0;
}

/* Return: the signal that has killed it, or minus what it has said */
static int end_of(const char *opening, const char *rules)
{
	pid_t pid = fork();
	int status = 0;

	if (!pid)
		_exit(use_slowly(opening, rules));
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

/* Only a call that does not end is one: many calls take longer, and so does waiting for others */
TEST_F(pkcs11_token, a_slow_library_is_not_one_that_hangs)
{
	EXPECT_EQ(0, end_of("", "C_GenerateRandom=6ms"));
	EXPECT_EQ(0, end_of("two-sessions", "C_Sign=400ms"));
	EXPECT_EQ(SIGABRT, end_of("", "C_GenerateRandom=hang"));
}

TEST_F(pkcs11_token, the_start_is_watched_call_by_call)
{
	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	for (uint8_t i = 2; i <= 9; i++) {
		item_init(&self->item, i, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
		ASSERT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &self->item));
	}
	ops->close(self->ctx);
	self->ctx = NULL;
	EXPECT_EQ(0, end_of("C_GetAttributeValue=100ms", ""));
	EXPECT_EQ(SIGABRT, end_of("C_GetMechanismInfo=hang", ""));
	EXPECT_EQ(SIGABRT, end_of("C_GetFunctionList=hang", ""));
	setenv("TRAP", "", 1);
	EXPECT_EQ(SIGABRT, end_of("", "C_Finalize=hang"));
}

static _Atomic int fsyncs;

int __real_fsync(int fd);
int __wrap_fsync(int fd);
/* As slow as a disk can be */
int __wrap_fsync(int fd)
{
	fsyncs++;
	wait_ms(100);
	return __real_fsync(fd);
}

/**
 * struct maker - a thread that makes a key
 * @thread:	it
 * @ctx:	with this
 * @item:	this one
 * @status:	what has come of it
 */
struct maker {
	pthread_t thread;
	struct parsec_provider_ctx *ctx;
	struct item item;
	enum parsec_status status;
};

static void *make_key(void *arg)
{
	struct maker *maker = arg;

	maker->status = item_create(maker->ctx, &maker->item);
	return NULL;
}

/* Which token has the keys is written down before the first: once, and for all that wait */
TEST_F(pkcs11_token, the_first_keys_share_one_note)
{
	struct maker makers[THREADS];

	set_rules("");
	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	fsyncs = 0;
	for (uint8_t i = 0; i < THREADS; i++) {
		makers[i].ctx = self->ctx;
		item_init(&makers[i].item, i, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
		pthread_create(&makers[i].thread, NULL, make_key, &makers[i]);
	}
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(makers[i].thread, NULL);
		EXPECT_EQ(PARSEC_SUCCESS, makers[i].status);
	}
	EXPECT_EQ(1, atomic_load(&fsyncs));
	EXPECT_STREQ("", said);
}

TEST_HARNESS_MAIN
