// SPDX-License-Identifier: Apache-2.0
/*
 * The software provider as a whole: start, what it says it can do, random bytes,
 * use by several threads at once, and the meaning of OpenSSL's errors.
 */
#include "kselftest_harness.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

#include <openssl/err.h>
#include <openssl/evperr.h>

#include "providers/openssl/openssl.h"
#include "selftests/unit/openssl_provider.h"

static char last_line[256];

__attribute__((format(printf, 2, 3)))
static void keep_log(enum parsec_log_level level, const char *format, ...)
{
	va_list args;

	if (level != PARSEC_LOG_ERROR)
		return;
	va_start(args, format);
	vsnprintf(last_line, sizeof(last_line), format, args);
	va_end(args);
}

static const struct parsec_provider_host keeping_host = {
	.abi = PARSEC_PROVIDER_ABI, .log = keep_log, .state_dir = "/nonexistent",
};

TEST(unknown_option_is_refused_by_name_and_line)
{
	const struct parsec_option option = { "speed", "high", 17 };
	struct parsec_provider_ctx *ctx;

	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  ops->open(&keeping_host, &option, 1, &ctx));
	EXPECT_NE(NULL, strstr(last_line, "17"));
	EXPECT_NE(NULL, strstr(last_line, "speed"));
}

FIXTURE(provider)
{
	struct parsec_provider_ctx *ctx;
	struct parsec_capabilities caps;
};

FIXTURE_SETUP(provider)
{
	ASSERT_EQ(PARSEC_SUCCESS, ops->open(&quiet_host, NULL, 0, &self->ctx));
	ops->capabilities(self->ctx, &self->caps);
}

FIXTURE_TEARDOWN(provider)
{
	ops->close(self->ctx);
}

/* One operation of each kind, with lengths that all its algorithms take */
static enum parsec_status use_and_undo(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				       uint8_t type, struct parsec_alg alg, size_t hash_len)
{
	size_t iv_len = type == PARSEC_KEY_TYPE_DES ? 8 : type == PARSEC_KEY_TYPE_CHACHA20 ? 12 :
			16;
	struct bytes text = { .len = 32 }, made = { .len = 0 }, again = { .len = 0 }, public;
	struct parsec_span in = span_of(&text), iv = { text.data, iv_len };
	struct parsec_span nonce = { text.data, 12 }, none = { NULL, 0 };
	struct parsec_out out = { made.data, sizeof(made.data), 0 };
	struct parsec_out back = { again.data, sizeof(again.data), 0 };
	enum parsec_status status;

	switch (alg.kind) {
	case PARSEC_ALG_SIGNATURE:
		in.len = hash_len ?: 32;
		return ops->sign(ctx, key, &alg, in, &out) ?:
		       ops->verify(ctx, key, &alg, in,
				   (struct parsec_span){ made.data, out.len });
	case PARSEC_ALG_MAC:
		return ops->mac(ctx, key, &alg, in, &out);
	case PARSEC_ALG_KEY_AGREEMENT:
		public = exported(ctx, key, false);
		return ops->agree(ctx, key, &alg, span_of(&public), &out);
	case PARSEC_ALG_CIPHER:
		iv.len = alg.scheme == PARSEC_CIPHER_ECB_NO_PADDING ? 0 : iv_len;
		status = ops->cipher_encrypt(ctx, key, &alg, iv, in, &out) ?:
			 ops->cipher_decrypt(ctx, key, &alg, iv,
					     (struct parsec_span){ made.data, out.len }, &back);
		break;
	case PARSEC_ALG_AEAD:
		status = ops->aead_encrypt(ctx, key, &alg, nonce, none, in, &out) ?:
			 ops->aead_decrypt(ctx, key, &alg, nonce, none,
					   (struct parsec_span){ made.data, out.len }, &back);
		break;
	case PARSEC_ALG_ASYMMETRIC_ENCRYPTION:
		in.len = 1;
		status = ops->asymmetric_encrypt(ctx, key, &alg, none, in, &out) ?:
			 ops->asymmetric_decrypt(ctx, key, &alg, none,
						 (struct parsec_span){ made.data, out.len },
						 &back);
		break;
	default:
		return PARSEC_SUCCESS;
	}
	if (status == PARSEC_SUCCESS &&
	    (back.len != in.len || memcmp(back.data, in.data, in.len) != 0))
		return PARSEC_PSA_ERROR_CORRUPTION_DETECTED;
	return status;
}

/* The table is a promise: keys of each row and size do what the row says with each hash */
TEST_F(provider, does_what_the_capability_table_says)
{
	static const size_t hash_sizes[] = { 0, 16, 16, 16, 20, 20, 28, 32, 48, 64, 28, 32,
					     28, 32, 48, 64 };

	for (size_t i = 0; i < self->caps.count; i++) {
		const struct parsec_capability *row = &self->caps.rows[i];

		for (size_t size = 0; size < 8 && row->bits[size]; size++) {
			struct parsec_key_attributes attrs = attributes(row->type,
									row->bits[size]);
			struct bytes blob = { .len = 0 };
			struct parsec_out out = { blob.data, sizeof(blob.data), 0 };
			struct parsec_key_ref ref;
			struct parsec_key *key;

			/* Large ones take long; the tests of their types have them */
			if (!(row->can & PARSEC_CAN_GENERATE) ||
			    (row->bits[size] > 1024 && !row->bits_step))
				continue;
			attrs.family = row->family;
			ASSERT_EQ(PARSEC_SUCCESS, ops->create(self->ctx, some_id, &attrs, &out));
			ref = (struct parsec_key_ref){ .blob = { blob.data, out.len } };
			ASSERT_EQ(PARSEC_SUCCESS, ops->load(self->ctx, &ref, &attrs, &key));
			for (uint8_t hash = 0; hash <= PARSEC_HASH_LAST; hash++) {
				struct parsec_alg alg = { .kind = row->alg_kind,
							  .scheme = row->scheme, .hash = hash };

				if (hash ? !(row->hashes & PARSEC_HASH_BIT(hash)) : row->hashes)
					continue;
				ASSERT_EQ(PARSEC_SUCCESS,
					  use_and_undo(self->ctx, key, row->type, alg,
						       hash_sizes[hash]))
					TH_LOG("row %zu, %u bits, hash %u", i, attrs.bits, hash);
			}
			ops->unload(self->ctx, key);
		}
	}
}

TEST_F(provider, random_fills_all_it_is_asked_for)
{
	static uint8_t a[100000], b[100000];
	struct parsec_out out = { a, sizeof(a), 0 };
	size_t equal = 0;

	ASSERT_EQ(PARSEC_SUCCESS, ops->random(self->ctx, &out));
	EXPECT_EQ(sizeof(a), out.len);
	out.data = b;
	ASSERT_EQ(PARSEC_SUCCESS, ops->random(self->ctx, &out));
	for (size_t i = 0; i < sizeof(a); i++)
		equal += a[i] == b[i];
	/* 391 expected, deviation 20 */
	EXPECT_LT(equal, 600);
	EXPECT_GT(equal, 200);
}

TEST_F(provider, random_of_nothing_is_nothing)
{
	struct parsec_out out = { NULL, 0, 1 };

	EXPECT_EQ(PARSEC_SUCCESS, ops->random(self->ctx, &out));
	EXPECT_EQ(0, out.len);
}

TEST_F(provider, random_does_not_write_past_the_end)
{
	uint8_t room[64] = { 0 };
	struct parsec_out out = { room, 33, 0 };

	ASSERT_EQ(PARSEC_SUCCESS, ops->random(self->ctx, &out));
	for (size_t i = 33; i < sizeof(room); i++)
		EXPECT_EQ(0, room[i]);
}

struct worker {
	struct parsec_provider_ctx *ctx;
	struct parsec_key *key;
	uint8_t hash;
	unsigned int failures;
};

static void *sign_and_verify(void *arg)
{
	struct worker *worker = arg;
	struct parsec_alg alg = HASH_ALG(PARSEC_SIGN_RSA_PSS, worker->hash);
	struct bytes signature;
	uint8_t digest[64];

	for (unsigned int i = 0; i < 100; i++) {
		struct parsec_span hash = { digest, worker->hash == PARSEC_HASH_SHA_256 ?
							    32 : 48 };

		memset(digest, (int)i, sizeof(digest));
		if (sign(worker->ctx, worker->key, alg, hash, &signature) != PARSEC_SUCCESS ||
		    verify(worker->ctx, worker->key, alg, hash, &signature) != PARSEC_SUCCESS)
			worker->failures++;
	}
	return NULL;
}

TEST_F(provider, one_key_serves_several_threads_and_algorithms)
{
	struct parsec_key *key = generate(self->ctx, PARSEC_KEY_TYPE_RSA_KEY_PAIR, 1024);
	struct worker workers[6];
	pthread_t threads[6];

	for (size_t i = 0; i < 6; i++) {
		workers[i] = (struct worker){ self->ctx, key, i % 2 ? PARSEC_HASH_SHA_256 :
							       PARSEC_HASH_SHA_384, 0 };
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, sign_and_verify, &workers[i]));
	}
	for (size_t i = 0; i < 6; i++) {
		pthread_join(threads[i], NULL);
		EXPECT_EQ(0, workers[i].failures);
	}
	ops->unload(self->ctx, key);
}

TEST_F(provider, destroying_what_is_not_there_succeeds)
{
	const struct parsec_key_ref ref = { .id = { 1 } };

	EXPECT_EQ(PARSEC_SUCCESS, ops->destroy(self->ctx, &ref));
}

static bool is_status(enum parsec_status status)
{
	switch (status) {
#define STATUS_CASE(number, constant, name, text) case PARSEC_##constant:
	PARSEC_STATUS_LIST(STATUS_CASE)
		return true;
	}
	return false;
}

TEST(every_error_of_openssl_is_a_failure_of_the_contract)
{
	for (int library = 0; library < 256; library++) {
		for (int reason = 0; reason < 512; reason++) {
			enum parsec_status status;

			status = openssl_status_of(ERR_PACK(library, 0, reason));
			ASSERT_TRUE(is_status(status));
			ASSERT_NE(PARSEC_SUCCESS, status);
			status = openssl_status_of(ERR_PACK(library, 0,
							    reason | ERR_RFLAG_COMMON));
			ASSERT_TRUE(is_status(status));
			ASSERT_NE(PARSEC_SUCCESS, status);
		}
	}
	for (unsigned long error = 0; error < 200; error++)
		EXPECT_NE(PARSEC_SUCCESS, openssl_status_of(ERR_SYSTEM_FLAG | error));
}

TEST(errors_with_a_meaning_keep_it)
{
	static const struct {
		int library, reason;
		enum parsec_status status;
	} expected[] = {
		{ ERR_LIB_EVP, ERR_R_MALLOC_FAILURE, PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY },
		{ ERR_LIB_RAND, 100, PARSEC_PSA_ERROR_INSUFFICIENT_ENTROPY },
		{ ERR_LIB_EVP, EVP_R_UNSUPPORTED_ALGORITHM, PARSEC_PSA_ERROR_NOT_SUPPORTED },
		{ ERR_LIB_EVP, ERR_R_UNSUPPORTED, PARSEC_PSA_ERROR_NOT_SUPPORTED },
		{ ERR_LIB_ASN1, 100, PARSEC_PSA_ERROR_INVALID_ARGUMENT },
		{ ERR_LIB_EVP, EVP_R_BAD_DECRYPT, PARSEC_PSA_ERROR_GENERIC_ERROR },
	};

	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		EXPECT_EQ(expected[i].status,
			  openssl_status_of(ERR_PACK(expected[i].library, 0,
						     expected[i].reason)));
	EXPECT_EQ(PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY,
		  openssl_status_of(ERR_SYSTEM_FLAG | ENOMEM));
	EXPECT_EQ(PARSEC_PSA_ERROR_GENERIC_ERROR, openssl_status_of(0));
}

TEST(cause_is_the_error_that_was_raised_first)
{
	const struct parsec_provider_ctx ctx = { .host = &quiet_host };

	ERR_raise(ERR_LIB_EVP, ERR_R_MALLOC_FAILURE);
	ERR_raise(ERR_LIB_ASN1, 100);
	EXPECT_EQ(PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY, openssl_status(&ctx, "test"));
	EXPECT_EQ(0, ERR_peek_error());
}

TEST_HARNESS_MAIN
