// SPDX-License-Identifier: Apache-2.0
/*
 * The PKCS#11 provider and the token's own library, side by side in one process: signatures
 * with a session that is kept, and the start with few keys and with many. Prints a table in
 * reStructuredText; exit status 1 when a target is missed.
 *
 *   token MODULE LABEL PIN DIR	DIR is for the provider's notes
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "providers/pkcs11/pkcs11.h"

#define FEW	250
#define MANY	2000
#define ROUNDS	21
#define SIGNS	400

static struct parsec_provider_ctx *ctx;
static struct parsec_option options[3];
static struct parsec_provider_host host;
static struct parsec_key_ref keys[MANY];
static uint8_t blobs[MANY][128];
static size_t made;

static const struct parsec_key_attributes attributes = {
	.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR,
	.family = PARSEC_ECC_SECP_R1,
	.bits = 256,
	.usage = PARSEC_USAGE_SIGN_HASH,
	.alg = { .kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_ECDSA,
		 .hash = PARSEC_HASH_SHA_256 },
};

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "token: %s\n", what);
	exit(2);
}

__attribute__((format(printf, 2, 3)))
static void tell(enum parsec_log_level level, const char *format, ...)
{
	va_list args;

	if (level > PARSEC_LOG_WARNING)
		return;
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void open_provider(void)
{
	if (parsec_provider.open(&host, options, ELEMENTS(options), &ctx))
		fail("the provider does not open");
}

static void make_keys(size_t count)
{
	for (; made < count; made++) {
		struct parsec_out blob = { blobs[made], sizeof(blobs[made]), 0 };

		memcpy(keys[made].id, &made, sizeof(made));
		keys[made].id[PARSEC_BACKEND_ID_SIZE - 1] = 0xbe;
		if (parsec_provider.create(ctx, keys[made].id, &attributes, &blob))
			fail("a key cannot be made");
		keys[made].blob = (struct parsec_span){ blobs[made], blob.len };
	}
}

/* What the host does at its start: open, and ask for each key */
static double start(size_t count)
{
	double began;

	parsec_provider.close(ctx);
	began = now();
	open_provider();
	for (size_t i = 0; i < count; i++) {
		if (parsec_provider.exists(ctx, &keys[i]))
			fail("a key is missing");
	}
	return now() - began;
}

/* The library alone: one session, one handle */
static double sign_alone(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
	CK_MECHANISM mechanism = { .mechanism = CKM_ECDSA };
	uint8_t hash[32] = { 1 }, signature[64];
	double began = now();

	for (int i = 0; i < SIGNS; i++) {
		CK_ULONG len = sizeof(signature);

		if (ctx->module.call->C_SignInit(session, &mechanism, object) != CKR_OK ||
		    ctx->module.call->C_Sign(session, hash, sizeof(hash), signature,
					     &len) != CKR_OK)
			fail("the library does not sign");
	}
	return now() - began;
}

static double sign_provider(struct parsec_key *key)
{
	uint8_t hash[32] = { 1 }, signature[64];
	double began = now();

	for (int i = 0; i < SIGNS; i++) {
		struct parsec_out out = { signature, sizeof(signature), 0 };

		if (parsec_provider.sign(ctx, key, &attributes.alg,
					 (struct parsec_span){ hash, sizeof(hash) }, &out))
			fail("the provider does not sign");
	}
	return now() - began;
}

static int compare(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), compare);
	return values[ROUNDS / 2];
}

/* In turns, so that what else the machine does is shared. Return: of 1, how much is left */
static double compare_signs(double rates[2])
{
	CK_SESSION_HANDLE session;
	struct halves halves;
	struct parsec_key *key;
	double alone[ROUNDS], with[ROUNDS];

	if (parsec_provider.load(ctx, &keys[0], &attributes, &key) ||
	    ctx->module.call->C_OpenSession(ctx->token.slot, CKF_SERIAL_SESSION, NULL, NULL,
					    &session) != CKR_OK ||
	    objects_get(ctx, session, keys[0].id, &halves) != CKR_OK)
		fail("there is nothing to sign with");
	for (int i = 0; i < ROUNDS; i++) {
		alone[i] = sign_alone(session, halves.own);
		with[i] = sign_provider(key);
	}
	parsec_provider.unload(ctx, key);
	ctx->module.call->C_CloseSession(session);
	rates[0] = SIGNS / median(alone);
	rates[1] = SIGNS / median(with);
	return rates[1] / rates[0];
}

int main(int argc, char **argv)
{
	double few, many, share, rates[2];

	if (argc != 5)
		fail("MODULE LABEL PIN DIR");
	host = (struct parsec_provider_host){ PARSEC_PROVIDER_ABI, tell, argv[4] };
	options[0] = (struct parsec_option){ "module", argv[1], 1 };
	options[1] = (struct parsec_option){ "token_label", argv[2], 2 };
	options[2] = (struct parsec_option){ "user_pin", argv[3], 3 };
	open_provider();
	make_keys(FEW);
	few = start(FEW);
	share = compare_signs(rates);
	make_keys(MANY);
	many = start(MANY);
	parsec_provider.close(ctx);
	printf("==================================  ==========\n"
	       "library alone, ECDSA P-256          %6.0f/s\n"
	       "through the provider                %6.0f/s\n"
	       "share (at least 0.8)                %8.2f\n"
	       "start with %4d keys                %6.2f s\n"
	       "start with %4d keys (5 s at most)  %6.2f s\n"
	       "==================================  ==========\n", rates[0], rates[1], share,
	       FEW, few, MANY, many);
	/* Eight times the keys: twice that is for what else there is to do */
	return share < 0.8 || many > 5 || many > 16 * few;
}
