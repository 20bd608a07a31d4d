// SPDX-License-Identifier: Apache-2.0
/*
 * Callers that do not stop asking until SIGTERM: threads that sign, others that make and
 * remove keys, ping and list. Says how many calls there were and which failed.
 *
 *	load SIGNERS OTHERS
 *
 * Exit status: 0, no call failed; 1, some did; 2, it could not begin.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tools/lib/parsec.h"

#define THREADS_MAX	256
#define KEY		"load"
/* Failures that are told one by one */
#define TOLD_MAX	20

/** enum kind - what a thread does; those that do not sign take turns */
enum kind { SIGN, GENERATE, PING, LIST, KINDS };

static const char *const kind_names[KINDS] = { "sign", "generate and destroy", "ping", "list" };

/** struct thread - and what became of its calls */
struct thread {
	pthread_t thread;
	enum kind kind;
	char key[32];
	unsigned int calls;
	unsigned int failed;
	long longest_ms;
};

static struct thread threads[THREADS_MAX];
static volatile bool stopping;
static unsigned int told;

static const struct parsec_alg ecdsa = {
	.kind = PARSEC_ALG_SIGNATURE,
	.scheme = PARSEC_SIGN_ECDSA,
	.hash = PARSEC_HASH_SHA_256,
};

static int make_key(struct parsec *ctx, const char *name)
{
	const struct parsec_key_attributes attrs = {
		.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR,
		.family = PARSEC_ECC_SECP_R1,
		.bits = 256,
		.usage = PARSEC_USAGE_SIGN_HASH | PARSEC_USAGE_VERIFY_HASH,
		.alg = ecdsa,
	};

	return parsec_psa_generate_key(ctx, name, &attrs);
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A signature is looked at now and then: one that came late has to be right, too */
static int sign(struct parsec *ctx, unsigned int nr)
{
	unsigned char hash[32] = { (unsigned char)nr }, signature[PARSEC_SIGNATURE_SIZE_MAX];
	size_t len = 0;
	int rc = parsec_psa_sign_hash(ctx, KEY, &ecdsa, hash, sizeof(hash), signature,
				      sizeof(signature), &len);

	if (rc || nr % 16)
		return rc;
	return parsec_psa_verify_hash(ctx, KEY, &ecdsa, hash, sizeof(hash), signature, len);
}

static int list(struct parsec *ctx)
{
	struct parsec_provider_info *list;
	size_t count;
	int rc = parsec_list_providers(ctx, &list, &count);

	if (!rc)
		parsec_free_providers(list);
	return rc;
}

static int call(struct thread *thread, struct parsec *ctx)
{
	uint32_t major, minor;

	switch (thread->kind) {
	case SIGN:
		return sign(ctx, thread->calls);
	case GENERATE:
		return thread->calls % 2 ? parsec_psa_destroy_key(ctx, thread->key)
					 : make_key(ctx, thread->key);
	case PING:
		return parsec_ping(ctx, &major, &minor);
	default:
		return list(ctx);
	}
}

static void tell(const struct thread *thread, int rc)
{
	if (__atomic_fetch_add(&told, 1, __ATOMIC_RELAXED) < TOLD_MAX)
		printf("%s failed: %s\n", kind_names[thread->kind], parsec_strerror(rc));
}

/* After a failure a key may be there or not: the thread has done its part */
static void *run(void *arg)
{
	struct thread *thread = arg;
	struct parsec *ctx;
	int rc = parsec_open(&ctx);

	if (rc) {
		thread->failed++;
		tell(thread, rc);
		return NULL;
	}
	while (!stopping && !thread->failed) {
		long start = now_ms(), ms;

		rc = call(thread, ctx);
		ms = now_ms() - start;
		if (ms > thread->longest_ms)
			thread->longest_ms = ms;
		thread->calls++;
		if (rc) {
			thread->failed++;
			tell(thread, rc);
		}
	}
	if (thread->kind == GENERATE && !thread->failed && thread->calls % 2)
		parsec_psa_destroy_key(ctx, thread->key);
	parsec_close(ctx);
	return NULL;
}

static void stop(int signal)
{
	(void)signal;
	stopping = true;
}

static bool begin(void)
{
	struct parsec *ctx;
	int rc = parsec_open(&ctx);

	if (rc) {
		fprintf(stderr, "load: %s\n", parsec_strerror(rc));
		return false;
	}
	parsec_psa_destroy_key(ctx, KEY);
	rc = make_key(ctx, KEY);
	parsec_close(ctx);
	if (rc)
		fprintf(stderr, "load: no key: %s\n", parsec_strerror(rc));
	return !rc;
}

/* A line for each kind; false if a call failed or a kind was never answered */
static bool report(unsigned int count)
{
	struct thread sum[KINDS] = { 0 };
	bool good = true;

	for (unsigned int i = 0; i < count; i++) {
		struct thread *of = &sum[threads[i].kind];

		of->calls += threads[i].calls;
		of->failed += threads[i].failed;
		if (threads[i].longest_ms > of->longest_ms)
			of->longest_ms = threads[i].longest_ms;
	}
	for (int kind = 0; kind < KINDS; kind++) {
		printf("%s: %u calls, %u failed, longest %ld ms\n", kind_names[kind],
		       sum[kind].calls, sum[kind].failed, sum[kind].longest_ms);
		good = good && !sum[kind].failed && sum[kind].calls;
	}
	return good;
}

int main(int argc, char **argv)
{
	const struct sigaction action = { .sa_handler = stop, .sa_flags = SA_RESTART };
	unsigned int signers = argc == 3 ? (unsigned int)atoi(argv[1]) : 0;
	unsigned int count = argc == 3 ? signers + (unsigned int)atoi(argv[2]) : 0;

	if (!signers || count > THREADS_MAX) {
		fputs("usage: load SIGNERS OTHERS\n", stderr);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigaction(SIGTERM, &action, NULL);
	if (!begin())
		return 2;
	for (unsigned int i = 0; i < count; i++) {
		struct thread *thread = &threads[i];

		thread->kind = i < signers ? SIGN : GENERATE + i % (KINDS - GENERATE);
		snprintf(thread->key, sizeof(thread->key), KEY "-%u", i);
		if (pthread_create(&thread->thread, NULL, run, thread))
			return 2;
	}
	puts("running");
	for (unsigned int i = 0; i < count; i++)
		pthread_join(threads[i].thread, NULL);
	return report(count) ? 0 : 1;
}
