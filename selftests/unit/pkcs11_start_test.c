// SPDX-License-Identifier: Apache-2.0
/*
 * What the start of the PKCS #11 provider costs, counted in calls of the token's library: the
 * time of a start depends on the machine, and of a token's on the token.
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

TEST_HARNESS_MAIN
