// SPDX-License-Identifier: Apache-2.0
/*
 * Many random bytes of a provider that is slow and does one thing at a time: others have their
 * turn meanwhile, and it ends when nobody waits any more.
 */
#include "kselftest_harness.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "helper/clock.h"
#include "providers/provider.h"

/* The signer, one thing at a time */
static struct parsec_provider slow;

#define FIXTURE_PROVIDER	slow
#include "selftests/unit/dispatch_fixture.h"

#define RANDOM	PARSEC_OP_PSA_GENERATE_RANDOM
#define OTHERS	3
#define TURNS	4
#define PATIENCE_NS	(200 * 1000 * 1000)

/* Other callers, and how often each was let in */
static struct other {
	struct plugin *plugin;
	_Atomic unsigned int entered;
} others[OTHERS];

/* How often it was called, and with what at most; how often although another was waiting before */
static unsigned int calls, overtaken, waited_for, left_out;
static size_t largest;
static uint64_t over;
static enum parsec_status answer;

static void wait_a_little(void)
{
	const struct timespec time = { .tv_nsec = 100 * 1000 };

	nanosleep(&time, NULL);
}

static unsigned int turns_had(void)
{
	unsigned int had = 0;

	for (int i = 0; i < OTHERS; i++)
		had += others[i].entered;
	return had;
}

/* Has another one come to the door, be it after a while? */
static bool is_waited_for(struct plugin *plugin)
{
	const uint64_t end = clock_ns() + PATIENCE_NS;

	while (turns_had() < OTHERS * TURNS && clock_ns() < end) {
		if (pthread_mutex_trylock(&plugin->turn))
			return true;
		pthread_mutex_unlock(&plugin->turn);
		wait_a_little();
	}
	return false;
}

static void look_at_others(void)
{
	static unsigned int before;
	static bool waiting;

	if (waiting && turns_had() == before)
		overtaken++;
	before = turns_had();
	waiting = others[0].plugin && is_waited_for(others[0].plugin);
	waited_for += waiting;
}

static enum parsec_status some_bytes(struct parsec_provider_ctx *ctx, struct parsec_out *out)
{
	(void)ctx;
	calls++;
	largest = out->size > largest ? out->size : largest;
	look_at_others();
	while (over && clock_ns() < over)
		wait_a_little();
	memset(out->data, (int)(calls % 255 + 1), out->size);
	out->len = out->size - left_out;
	return answer;
}

static void one_at_a_time(struct parsec_provider_ctx *ctx, struct parsec_capabilities *caps)
{
	signer_provider.capabilities(ctx, caps);
	caps->concurrency = PARSEC_CONCURRENCY_NONE;
}

__attribute__((constructor))
static void make_provider(void)
{
	slow = signer_provider;
	slow.random = some_bytes;
	slow.capabilities = one_at_a_time;
}

static enum parsec_status ask(fixture *self, size_t size)
{
	const struct contract_request req = { .size = size };

	return run_request(self, RANDOM, &req);
}

TEST_F(dispatch, all_of_the_bytes_come_in_small_pieces)
{
	static const size_t sizes[] = { 0, 1, 1023, 1024, 1025, 60000 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		calls = 0;
		ASSERT_EQ(PARSEC_SUCCESS, ask(self, sizes[i]));
		EXPECT_LE(sizes[i], self->call.out.len);
		EXPECT_EQ((sizes[i] + 1023) / 1024, calls);
		for (size_t j = self->call.out.len - sizes[i]; j < self->call.out.len; j++)
			ASSERT_NE(0, self->out[j]);
	}
	EXPECT_EQ(1024, largest);
}

TEST_F(dispatch, a_failure_ends_it)
{
	answer = PARSEC_PSA_ERROR_HARDWARE_FAILURE;
	EXPECT_EQ(answer, ask(self, 60000));
	EXPECT_EQ(1, calls);
	EXPECT_EQ(0, self->call.out.len);
}

TEST_F(dispatch, less_than_was_asked_for_is_a_failure)
{
	left_out = 1;
	EXPECT_EQ(PARSEC_PSA_ERROR_GENERIC_ERROR, ask(self, 60000));
	EXPECT_EQ(1, calls);
	EXPECT_EQ(0, self->call.out.len);
}

static void *come_and_go(void *arg)
{
	struct other *other = arg;

	for (int i = 0; i < TURNS; i++) {
		plugin_enter(other->plugin, NULL);
		other->entered++;
		plugin_leave(other->plugin, NULL);
	}
	return NULL;
}

/* They come in while it goes on, not when it is over */
TEST_F(dispatch, others_have_their_turn_between_two_pieces)
{
	pthread_t threads[OTHERS];

	for (int i = 0; i < OTHERS; i++)
		others[i].plugin = &self->signer.plugin;
	for (int i = 0; i < OTHERS; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, come_and_go, &others[i]));
	ASSERT_EQ(PARSEC_SUCCESS, ask(self, 60 * 1024));
	EXPECT_EQ(OTHERS * TURNS, turns_had());
	EXPECT_LT(0, waited_for);
	EXPECT_EQ(0, overtaken);
	for (int i = 0; i < OTHERS; i++)
		pthread_join(threads[i], NULL);
}

TEST_F(dispatch, it_ends_when_nobody_waits_any_more)
{
	const struct parsec_span body = hex("0880f403", self->bytes);	/* 64,000 */

	over = clock_ns() + PATIENCE_NS / 4;
	self->call = (struct call){
		.host = &self->signer.host, .transport = TRANSPORT_DEVICE,
		.provider = SIGNER_ID, .opcode = RANDOM, .deadline = over, .body = body,
		.identify = identify, .identify_arg = self, .scratch = &self->scratch,
		.out = { self->out, sizeof(self->out), 0 },
	};
	EXPECT_NE(PARSEC_SUCCESS, dispatch(&self->call));
	EXPECT_EQ(1, calls);
	/* The same without a deadline */
	dispatch_end(&self->call);
	over = calls = 0;
	EXPECT_EQ(PARSEC_SUCCESS, run(self, RANDOM, body));
	EXPECT_EQ(63, calls);
}

TEST_HARNESS_MAIN
