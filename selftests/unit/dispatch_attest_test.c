// SPDX-License-Identifier: Apache-2.0
/*
 * Attestation through the dispatch: whose keys, in which order what is wrong is said, and
 * what the provider is given. What a provider then does is parsec-provider-check's matter.
 */
#include "kselftest_harness.h"

#include "providers/provider.h"

/* The signer, which attests too */
static struct parsec_provider attester;

#define FIXTURE_PROVIDER	attester
#include "selftests/unit/dispatch_fixture.h"

#define PREPARE	PARSEC_OP_PREPARE_KEY_ATTESTATION
#define ATTEST	PARSEC_OP_ATTEST_KEY

/* What it was called with, and answers */
static struct {
	unsigned int calls;
	struct parsec_key *key, *attesting;
	enum parsec_status status;
} seen;

static enum parsec_status put(struct parsec_out *out, struct parsec_span bytes)
{
	if (bytes.len > out->size)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	memcpy(out->data, bytes.data, bytes.len);
	out->len = bytes.len;
	return PARSEC_SUCCESS;
}

static enum parsec_status prepare(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				  struct parsec_key *attesting, struct parsec_out *name,
				  struct parsec_out *public, struct parsec_out *attesting_public)
{
	seen.calls++;
	seen.key = key;
	seen.attesting = attesting;
	put(name, text("n"));
	put(public, text("pp"));
	put(attesting_public, text("a"));
	return seen.status;
}

/* The credential is the blob with the secret behind it */
static enum parsec_status activate(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				   struct parsec_key *attesting, struct parsec_span blob,
				   struct parsec_span secret, struct parsec_out *credential)
{
	seen.calls++;
	seen.key = key;
	seen.attesting = attesting;
	put(credential, blob);
	memcpy(credential->data + blob.len, secret.data, secret.len);
	credential->len += secret.len;
	return seen.status;
}

/* Those that sign are attested, public keys and those that decrypt are not */
static void capabilities(struct parsec_provider_ctx *ctx, struct parsec_capabilities *caps)
{
	static struct parsec_capability rows[2];

	signer_provider.capabilities(ctx, caps);
	memcpy(rows, caps->rows, sizeof(rows[0]));
	rows[0].can |= PARSEC_CAN_ATTEST;
	rows[1] = (struct parsec_capability){
		.type = PARSEC_KEY_TYPE_RSA_KEY_PAIR, .bits = { 2048 },
		.alg_kind = PARSEC_ALG_ASYMMETRIC_ENCRYPTION,
		.scheme = PARSEC_CRYPT_RSA_PKCS1V15, .can = PARSEC_CAN_GENERATE,
	};
	caps->rows = rows;
	caps->count = 2;
	caps->concurrency = PARSEC_CONCURRENCY_PER_KEY;
}

__attribute__((constructor)) static void make_attester(void)
{
	attester = signer_provider;
	attester.capabilities = capabilities;
	attester.attest_prepare = prepare;
	attester.attest_activate = activate;
}

static struct parsec_key *loaded(const struct keystore_key *key)
{
	return key ? key->key : NULL;
}

static void make_rsa(fixture *self, const char *name, uint32_t usage)
{
	const struct parsec_key_attributes attrs = {
		.type = PARSEC_KEY_TYPE_RSA_KEY_PAIR, .bits = 2048, .usage = usage,
		.alg = { .kind = PARSEC_ALG_ASYMMETRIC_ENCRYPTION,
			 .scheme = PARSEC_CRYPT_RSA_PKCS1V15 },
	};
	struct key_identity id = { .auth_id = AUTH_UNIX_PEER_CREDENTIALS, .app = text("1000"),
				   .name = text(name) };
	uint8_t backend_id[PARSEC_BACKEND_ID_SIZE];

	if (keystore_create(self->signer.host.store, &id, &attrs, backend_id))
		abort();
}

static struct contract_request attest(const char *attesting)
{
	return (struct contract_request){
		.key_name = text("k"), .attesting_key = text(attesting), .input = text("bb"),
		.secret = text("s"),
	};
}

TEST_F(dispatch, attestation_is_prepared_with_the_providers_own_key)
{
	const struct contract_request req = attest("");

	signer_make_key(&self->signer, "1000", "k");
	ASSERT_EQ(PARSEC_SUCCESS, run_request(self, PREPARE, &req));
	EXPECT_TRUE(answered(self, "0a0c" "0a0a" "0a016e" "12027070" "1a0161"));
	EXPECT_EQ(loaded(self->call.key), seen.key);
	EXPECT_EQ(NULL, seen.attesting);
}

TEST_F(dispatch, attestation_recovers_the_credential)
{
	const struct contract_request req = attest("");

	signer_make_key(&self->signer, "1000", "k");
	ASSERT_EQ(PARSEC_SUCCESS, run_request(self, ATTEST, &req));
	EXPECT_TRUE(answered(self, "0a07" "0a05" "0a03" "626273"));
	EXPECT_EQ(NULL, seen.attesting);
	/* It is a secret: nothing of it stays */
	dispatch_end(&self->call);
	EXPECT_EQ(0, self->scratch.output.data[0]);
	self->call = (struct call){ 0 };
}

TEST_F(dispatch, attesting_key_may_be_named)
{
	const struct contract_request req = attest("e");

	signer_make_key(&self->signer, "1000", "k");
	make_rsa(self, "e", PARSEC_USAGE_DECRYPT);
	ASSERT_EQ(PARSEC_SUCCESS, run_request(self, PREPARE, &req));
	EXPECT_EQ(loaded(self->call.key), seen.key);
	EXPECT_EQ(loaded(self->call.attesting), seen.attesting);
	EXPECT_NE(NULL, seen.attesting);
	ASSERT_EQ(PARSEC_SUCCESS, run_request(self, ATTEST, &req));
	EXPECT_EQ(loaded(self->call.key), seen.key);
	EXPECT_EQ(loaded(self->call.attesting), seen.attesting);
}

/* Also the same one: its lock is taken once */
TEST_F(dispatch, a_key_may_be_named_twice)
{
	const struct contract_request req = attest("k");

	signer_make_key(&self->signer, "1000", "k");
	ASSERT_EQ(PARSEC_SUCCESS, run_request(self, PREPARE, &req));
	EXPECT_EQ(seen.key, seen.attesting);
}

TEST_F(dispatch, attested_and_attesting_key_must_be_there)
{
	struct contract_request req = attest("e");

	signer_make_key(&self->signer, "1001", "k");
	make_rsa(self, "e", 0);
	/* Also before policy and lengths */
	req.input.len = 0;
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, run_request(self, PREPARE, &req));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, run_request(self, ATTEST, &req));
	signer_make_key(&self->signer, "1000", "k");
	req.attesting_key = text("x");
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, run_request(self, PREPARE, &req));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, run_request(self, ATTEST, &req));
	EXPECT_EQ(0, seen.calls);
}

TEST_F(dispatch, attesting_key_must_be_one_that_decrypts)
{
	struct contract_request req = attest("e");

	signer_make_key(&self->signer, "1000", "k");
	make_rsa(self, "e", PARSEC_USAGE_ALL & ~PARSEC_USAGE_DECRYPT);
	/* Before lengths; to tell its public part it need not */
	req.input.len = 0;
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_PERMITTED, run_request(self, ATTEST, &req));
	EXPECT_EQ(0, seen.calls);
	EXPECT_EQ(PARSEC_SUCCESS, run_request(self, PREPARE, &req));
}

TEST_F(dispatch, challenge_is_not_empty)
{
	struct contract_request req = attest("");

	signer_make_key(&self->signer, "1000", "k");
	req.input.len = 0;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, run_request(self, ATTEST, &req));
	req = attest("");
	req.secret.len = 0;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, run_request(self, ATTEST, &req));
	EXPECT_EQ(0, seen.calls);
}

TEST_F(dispatch, keys_that_no_row_attests_never_reach_the_provider)
{
	struct contract_request req = attest("");

	make_rsa(self, "k", PARSEC_USAGE_ALL);
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED, run_request(self, PREPARE, &req));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED, run_request(self, ATTEST, &req));
	/* After the lengths */
	req.input.len = 0;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, run_request(self, ATTEST, &req));
	EXPECT_EQ(0, seen.calls);
}

TEST_F(dispatch, what_the_provider_says_of_a_challenge_is_answered)
{
	const struct contract_request req = attest("");

	signer_make_key(&self->signer, "1000", "k");
	seen.status = PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, run_request(self, ATTEST, &req));
	EXPECT_EQ(0, self->call.out.len);
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, run_request(self, PREPARE, &req));
	EXPECT_EQ(0, self->call.out.len);
}

/* The answer is within the limit to the byte */
TEST_F(dispatch, prepared_attestation_is_held_to_the_limit)
{
	const struct contract_request req = attest("");

	signer_make_key(&self->signer, "1000", "k");
	self->scratch.output.size = 14;
	EXPECT_EQ(PARSEC_SUCCESS, run_request(self, PREPARE, &req));
	self->scratch.output.size = 13;
	EXPECT_EQ(PARSEC_RESPONSE_TOO_LARGE, run_request(self, PREPARE, &req));
	self->scratch.output.size = self->signer.config.buffer_size_limit;
}

/* Its body is decoded all the same */
TEST_F(dispatch, provider_that_attests_nothing_says_so)
{
	const struct contract_request req = attest("");
	struct parsec_capability row = self->signer.plugin.caps.rows[1];

	self->signer.plugin.caps.rows = &row;
	self->signer.plugin.caps.count = 1;
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED, run_request(self, PREPARE, &req));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED, run_request(self, ATTEST, &req));
	EXPECT_EQ(PARSEC_INVALID_ENCODING, run_hex(self, PREPARE, ""));
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED, run_hex(self, ATTEST, "0a01ff"));
}

TEST_HARNESS_MAIN
