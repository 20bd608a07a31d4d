// SPDX-License-Identifier: Apache-2.0
/*
 * What the start of the PKCS #11 provider costs, counted in calls of the token's library: the
 * time of a start depends on the machine, and of a token's on the token. And what it does without
 * memory, and makes of sizes that tokens have.
 */
#include "kselftest_harness.h"

#include "selftests/unit/pkcs11_fixture.h"

#define FEW	500
#define MANY	2000

/**
 * struct cost - of a start
 * @calls:	of the library
 * @searches:	those that begin a search, for which it goes through all of the token
 */
struct cost {
	unsigned long calls;
	unsigned long searches;
};

FIXTURE(pkcs11_start)
{
	struct parsec_provider_ctx *ctx;
	struct parsec_key_ref refs[MANY];
	uint8_t blobs[MANY][16];
};

FIXTURE_SETUP(pkcs11_start)
{
	ASSERT_TRUE(hsm_make());
}

FIXTURE_TEARDOWN(pkcs11_start)
{
	if (self->ctx)
		ops->close(self->ctx);
	hsm_remove();
}

/* Secret keys, which are one object each and quickly made. Return: how many there are */
static size_t make_keys(struct parsec_provider_ctx *ctx, struct parsec_key_ref *refs,
			uint8_t blobs[][16], size_t first, size_t end)
{
	const struct parsec_key_attributes attrs = {
		.type = PARSEC_KEY_TYPE_AES, .bits = 128, .usage = PARSEC_USAGE_ENCRYPT,
		.alg = { .kind = PARSEC_ALG_CIPHER, .scheme = PARSEC_CIPHER_CBC_PKCS7 },
	};

	for (size_t i = first; i < end; i++) {
		struct parsec_out blob = { blobs[i], sizeof(blobs[i]), 0 };

		memcpy(refs[i].id, &i, sizeof(i));
		if (ops->create(ctx, refs[i].id, &attrs, &blob) != PARSEC_SUCCESS)
			return i;
		refs[i].blob = (struct parsec_span){ blobs[i], blob.len };
	}
	return end;
}

/* The library's counters; they begin anew when it is loaded anew */
static bool read_cost(struct cost *cost)
{
	void *handle = dlopen(trap, RTLD_NOW | RTLD_NOLOAD);
	const _Atomic unsigned long *calls, *searches;

	if (!handle)
		return false;
	calls = dlsym(handle, "trap_calls");
	searches = dlsym(handle, "trap_searches");
	*cost = (struct cost){ *calls, *searches };
	dlclose(handle);
	return true;
}

/* What a host does at its start: open, and ask for each key */
static bool starts(struct parsec_provider_ctx **ctx, const struct parsec_key_ref *refs,
		   size_t count, struct cost *cost)
{
	if (*ctx)
		ops->close(*ctx);
	*ctx = NULL;
	if (START(ctx) != PARSEC_SUCCESS)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (ops->exists(*ctx, &refs[i]) != PARSEC_SUCCESS)
			return false;
	}
	return read_cost(cost);
}

/* One listing whatever the number of keys, and no more than a few calls for each of them */
TEST_F_TIMEOUT(pkcs11_start, takes_calls_in_proportion_to_its_keys, 300)
{
	struct cost none, few, many;

	ASSERT_TRUE(starts(&self->ctx, self->refs, 0, &none));
	ASSERT_EQ((size_t)FEW, make_keys(self->ctx, self->refs, self->blobs, 0, FEW));
	ASSERT_TRUE(starts(&self->ctx, self->refs, FEW, &few));
	ASSERT_EQ((size_t)MANY, make_keys(self->ctx, self->refs, self->blobs, FEW, MANY));
	ASSERT_TRUE(starts(&self->ctx, self->refs, MANY, &many));
	TH_LOG("%lu calls without keys, %lu with %d, %lu with %d", none.calls, few.calls, FEW,
	       many.calls, MANY);
	EXPECT_LT(0, none.searches);
	EXPECT_EQ(none.searches, few.searches);
	EXPECT_EQ(few.searches, many.searches);
	EXPECT_LE(many.calls - none.calls, (many.calls - few.calls) * MANY / (MANY - FEW) + 16);
	EXPECT_LE(many.calls - none.calls, 3 * MANY);
}

/* The provider's callocs until there is no memory for one; negative: there is for all */
static int memory_for = -1;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
	if (!memory_for)
		return NULL;
	if (memory_for > 0)
		memory_for--;
	return __real_calloc(count, size);
}

TEST_F(pkcs11_start, without_memory_it_fails_and_no_more)
{
	enum parsec_status status = PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	int count;

	for (count = 0; status != PARSEC_SUCCESS && count < 100; count++) {
		memory_for = count;
		status = START(&self->ctx);
		memory_for = -1;
		if (status != PARSEC_SUCCESS)
			EXPECT_EQ(PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY, status) {
				TH_LOG("calloc %d", count);
			}
	}
	EXPECT_EQ(PARSEC_SUCCESS, status);
	EXPECT_LT(2, count);
}

/* Sum of the sizes of keys for a scheme that all of @can can be done with */
static uint32_t sum_of_sizes(struct parsec_provider_ctx *ctx, uint8_t type, uint8_t kind,
			     uint8_t scheme, uint32_t can)
{
	struct parsec_capabilities caps;
	uint32_t sum = 0;

	ops->capabilities(ctx, &caps);
	for (size_t i = 0; i < caps.count; i++) {
		const struct parsec_capability *row = &caps.rows[i];

		if (row->type != type || row->alg_kind != kind || row->scheme != scheme ||
		    (row->can & can) != can)
			continue;
		for (size_t j = 0; row->bits[j]; j++)
			sum += row->bits[j];
	}
	return sum;
}

static uint32_t aes_sizes(struct parsec_provider_ctx *ctx, uint8_t scheme)
{
	return sum_of_sizes(ctx, PARSEC_KEY_TYPE_AES, PARSEC_ALG_CIPHER, scheme, 0);
}

/* In bytes or bits, each for itself; all when nobody knows */
TEST_F(pkcs11_start, sizes_of_aes_keys_are_the_tokens)
{
	static const struct {
		const char *rule;
		uint32_t sum;
	} cases[] = {
		{ "aes-sizes=16,32", 576 }, { "aes-sizes=128,256", 576 },
		{ "aes-sizes=16,24", 320 }, { "aes-sizes=16,192", 320 },
		{ "aes-sizes=192,32", 448 }, { "aes-sizes=24,24", 192 },
		{ "aes-sizes=128,128", 128 }, { "aes-sizes=256,256", 256 },
		{ "aes-sizes=1,0xffffffff", 576 }, { "aes-sizes=0,0", 576 },
		{ "aes-sizes=0,16", 576 }, { "aes-sizes=32,16", 576 },
		{ "aes-sizes=0xffffffffffffffff,0xffffffffffffffff", 576 },
		{ "aes-sizes=8,8", 0 },
	};

	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		setenv("TRAP", cases[i].rule, 1);
		ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
		EXPECT_EQ(cases[i].sum, aes_sizes(self->ctx, PARSEC_CIPHER_CTR)) {
			TH_LOG("%s", cases[i].rule);
		}
		EXPECT_EQ(576, aes_sizes(self->ctx, PARSEC_CIPHER_CBC_PKCS7));
		ops->close(self->ctx);
		self->ctx = NULL;
	}
}

/* What a token uses it need not make */
TEST_F(pkcs11_start, sizes_of_rsa_keys_to_make_are_the_tokens)
{
	static const struct {
		const char *rule;
		uint32_t sum;
	} cases[] = {
		{ "rsa-sizes=2048,3072", 2048 + 3072 }, { "rsa-sizes=1024,1024", 1024 },
		{ "rsa-sizes=4096,16384", 4096 }, { "rsa-sizes=512,768", 0 },
		{ "rsa-sizes=0,0", 10240 }, { "rsa-sizes=4096,1024", 10240 },
		{ "rsa-sizes=0,0xffffffff", 10240 },
	};
	static const uint32_t made = PARSEC_CAN_GENERATE | PARSEC_CAN_IMPORT | PARSEC_CAN_SIGN;
	static const uint32_t used = PARSEC_CAN_IMPORT | PARSEC_CAN_SIGN;

	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		setenv("TRAP", cases[i].rule, 1);
		ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
		EXPECT_EQ(cases[i].sum, sum_of_sizes(self->ctx, PARSEC_KEY_TYPE_RSA_KEY_PAIR,
						     PARSEC_ALG_SIGNATURE,
						     PARSEC_SIGN_RSA_PKCS1V15, made)) {
			TH_LOG("%s", cases[i].rule);
		}
		EXPECT_EQ(10240, sum_of_sizes(self->ctx, PARSEC_KEY_TYPE_RSA_KEY_PAIR,
					      PARSEC_ALG_SIGNATURE, PARSEC_SIGN_RSA_PKCS1V15,
					      used));
		ops->close(self->ctx);
		self->ctx = NULL;
	}
}

TEST_HARNESS_MAIN
