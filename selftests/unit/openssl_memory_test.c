// SPDX-License-Identifier: Apache-2.0
/*
 * Keys of the software provider are loaded with each allocation of OpenSSL failing in turn:
 * neither the key nor the caller is to blame.
 */
#include "kselftest_harness.h"

#include "selftests/unit/openssl_provider.h"
#include "tools/provider-check/check.h"

FIXTURE(memory)
{
	struct parsec_provider_ctx *ctx;
	struct parsec_key_attributes attrs;
	uint8_t room[PARSEC_BLOB_MAX];
	struct parsec_out blob;
};

FIXTURE_SETUP(memory)
{
	ASSERT_EQ(PARSEC_SUCCESS, ops->open(&quiet_host, NULL, 0, &self->ctx));
	self->blob = (struct parsec_out){ self->room, sizeof(self->room), 0 };
}

FIXTURE_TEARDOWN(memory)
{
	ops->close(self->ctx);
}

FIXTURE_VARIANT(memory)
{
	uint8_t type;
	uint8_t family;
	uint32_t bits;
	uint8_t scheme;
};

FIXTURE_VARIANT_ADD(memory, rsa) {
	.type = PARSEC_KEY_TYPE_RSA_KEY_PAIR, .bits = 1024,
	.scheme = PARSEC_SIGN_RSA_PKCS1V15,
};

FIXTURE_VARIANT_ADD(memory, ecc) {
	.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR, .family = PARSEC_ECC_SECP_R1, .bits = 256,
	.scheme = PARSEC_SIGN_ECDSA,
};

/* Load the key with this allocation failing, and sign with it if that goes well all the same */
static enum parsec_status load_and_sign(FIXTURE_DATA(memory) *self, unsigned long fail_at)
{
	const struct parsec_key_ref ref = { .blob = { self->room, self->blob.len } };
	static const uint8_t hash[32];
	uint8_t room[512];
	struct parsec_out out = { room, sizeof(room), 0 };
	struct parsec_key *key = NULL;
	enum parsec_status status;

	memory_fail(fail_at);
	status = ops->load(self->ctx, &ref, &self->attrs, &key);
	memory_fail(0);
	if (status)
		return status;
	status = ops->sign(self->ctx, key, &self->attrs.alg,
			   (struct parsec_span){ hash, sizeof(hash) }, &out);
	ops->unload(self->ctx, key);
	return status;
}

TEST_F(memory, loading_a_key_without_memory_blames_nobody)
{
	enum parsec_status status;
	unsigned long fail_at = 0;

	self->attrs = (struct parsec_key_attributes){
		.type = variant->type, .family = variant->family, .bits = variant->bits,
		.usage = PARSEC_USAGE_SIGN_HASH,
		.alg = HASH_ALG(variant->scheme, PARSEC_HASH_SHA_256),
	};
	ASSERT_EQ(PARSEC_SUCCESS, ops->create(self->ctx, some_id, &self->attrs, &self->blob));
	do {
		status = load_and_sign(self, ++fail_at);
		EXPECT_TRUE(!status || status == PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY)
			TH_LOG("status %d, allocation %lu", status, fail_at);
	} while (memory_has_failed());
	EXPECT_EQ(PARSEC_SUCCESS, status);
}

TEST_HARNESS_MAIN
