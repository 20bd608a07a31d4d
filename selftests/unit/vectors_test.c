// SPDX-License-Identifier: Apache-2.0
/*
 * Published test vectors through the dispatch with the software provider behind it, so
 * that what is checked is the status that an application gets. Each record is done in
 * both directions where there are two.
 */
#include "kselftest_harness.h"

#include "helper/policy.h"

#define FIXTURE_PROVIDER	parsec_provider
#include "selftests/unit/dispatch_fixture.h"
#include "selftests/unit/vectors.h"

#define BODY_ROOM	(64 * 1024)
#define INVALID		PARSEC_PSA_ERROR_INVALID_ARGUMENT
#define WRONG		PARSEC_PSA_ERROR_INVALID_SIGNATURE
#define FOLDER		"selftests/vectors/"

FIXTURE_VARIANT(dispatch)
{
	const char *path;
};

#define FILE_OF(name) \
	FIXTURE_VARIANT_ADD(dispatch, name) { .path = FOLDER #name ".txt" }

FILE_OF(hash);
FILE_OF(mac);
FILE_OF(cipher);
FILE_OF(aead);
FILE_OF(rsa_sign);
FILE_OF(rsa_crypt);
FILE_OF(ecdsa);
FILE_OF(ecdh);
FILE_OF(montgomery);
FILE_OF(ffdh);
FILE_OF(import);

/* The file that is being run, and the key that is imported */
struct run {
	fixture *self;
	const struct vector *vector;
	struct parsec_key_attributes attrs;
	uint8_t key[8192];
	size_t key_len;
	enum parsec_status imported;
	unsigned int failures;
};

/* "run" is the parameter of most functions here */
static enum parsec_status run_body(fixture *self, uint8_t opcode, struct parsec_span body)
{
	return run(self, opcode, body);
}

static void fail(struct run *run, const char *what, unsigned int got)
{
	const struct vector *vector = run->vector;

	fprintf(stderr, "# %s:%u: %s, test %s: %s %u\n", vector->path, vector->line,
		vector->source, vector->test, what, got);
	run->failures++;
}

static void expect(struct run *run, const char *what, enum parsec_status wanted,
		   enum parsec_status got)
{
	if (wanted != got)
		fail(run, what, got);
}

/* Ask, and hand out the one output of the answer; it is valid until the next question */
static enum parsec_status ask(struct run *run, uint8_t opcode,
			      const struct contract_request *req, struct parsec_span *output)
{
	static uint8_t body[BODY_ROOM], kept[BODY_ROOM];
	struct parsec_out out = { body, sizeof(body), 0 };
	struct contract_result result;
	enum parsec_status status;

	*output = (struct parsec_span){ kept, 0 };
	if (contract_encode_request(opcode, req, &out))
		abort();
	status = run_body(run->self, opcode, (struct parsec_span){ body, out.len });
	if (status)
		return status;
	if (contract_decode_result(opcode,
				   (struct parsec_span){ run->self->out,
							 run->self->call.out.len }, &result) ||
	    result.data.len > sizeof(kept))
		abort();
	if (result.data.len)
		memcpy(kept, result.data.data, result.data.len);
	output->len = result.data.len;
	contract_result_free(&result);
	return status;
}

static void expect_output(struct run *run, uint8_t opcode, const struct contract_request *req,
			  enum parsec_status status, struct parsec_span wanted)
{
	struct parsec_span output;
	enum parsec_status got = ask(run, opcode, req, &output);

	if (got != status)
		fail(run, "status", got);
	else if (!status && !same(wanted, output))
		fail(run, "another output, from opcode", opcode);
}

static void expect_status(struct run *run, uint8_t opcode, const struct contract_request *req,
			  enum parsec_status status)
{
	struct parsec_span output;

	expect(run, "status", status, ask(run, opcode, req, &output));
}

static bool same_attrs(const struct parsec_key_attributes *a,
		       const struct parsec_key_attributes *b)
{
	return a->type == b->type && a->family == b->family && a->bits == b->bits &&
	       a->alg.kind == b->alg.kind && a->alg.scheme == b->alg.scheme &&
	       a->alg.hash == b->alg.hash && a->alg.length == b->alg.length;
}

/* The key of the record under the name "k"; that of the record before, if it is the same */
static enum parsec_status import(struct run *run)
{
	const struct vector *vector = run->vector;
	struct contract_request req = {
		.key_name = text("k"), .attrs = vector->attrs, .input = vector->bytes[VECTOR_KEY],
	};
	struct parsec_span none, last = { run->key, run->key_len };

	if (run->key_len && same(last, req.input) && same_attrs(&run->attrs, &vector->attrs))
		return run->imported;
	if (run->key_len && !run->imported)
		expect_status(run, PARSEC_OP_PSA_DESTROY_KEY, &req, PARSEC_SUCCESS);
	if (req.input.len > sizeof(run->key))
		abort();
	memcpy(run->key, req.input.data, req.input.len);
	run->key_len = req.input.len;
	run->attrs = vector->attrs;
	req.attrs.usage = PARSEC_USAGE_ALL;
	run->imported = ask(run, PARSEC_OP_PSA_IMPORT_KEY, &req, &none);
	return run->imported;
}

static struct contract_request request(const struct vector *vector)
{
	return (struct contract_request){
		.key_name = text("k"), .alg = vector->attrs.alg,
		.input = vector->bytes[VECTOR_INPUT], .nonce = vector->bytes[VECTOR_IV],
		.additional_data = vector->bytes[VECTOR_AAD],
		.label = vector->bytes[VECTOR_LABEL],
	};
}

static void run_hash(struct run *run)
{
	struct contract_request req = request(run->vector);

	if (run->vector->verdict == VERDICT_VALID)
		expect_output(run, PARSEC_OP_PSA_HASH_COMPUTE, &req, PARSEC_SUCCESS,
			      run->vector->bytes[VECTOR_OUTPUT]);
	req.reference = run->vector->bytes[VECTOR_OUTPUT];
	expect_status(run, PARSEC_OP_PSA_HASH_COMPARE, &req, run->vector->status);
}

static void run_mac(struct run *run)
{
	struct contract_request req = request(run->vector);

	if (run->vector->verdict == VERDICT_VALID)
		expect_output(run, PARSEC_OP_PSA_MAC_COMPUTE, &req, run->vector->status,
			      run->vector->bytes[VECTOR_OUTPUT]);
	req.reference = run->vector->bytes[VECTOR_OUTPUT];
	expect_status(run, PARSEC_OP_PSA_MAC_VERIFY, &req, run->vector->status);
}

/* The host makes the IV itself: what comes of a given one, only the provider can show */
static void encrypt_with_iv(struct run *run)
{
	static uint8_t room[BODY_ROOM];
	struct host *host = &run->self->signer.host;
	const struct vector *vector = run->vector;
	struct parsec_out out = { room, sizeof(room), 0 };
	const struct key_identity id = {
		.auth_id = AUTH_UNIX_PEER_CREDENTIALS, .app = text("1000"), .name = text("k"),
	};
	struct keystore_key *key;
	enum parsec_status status;

	if (keystore_get(host->store, &id, &key)) {
		fail(run, "no key", 0);
		return;
	}
	plugin_enter(host->plugin, &key->lock);
	status = host->plugin->ops->cipher_encrypt(host->plugin->ctx, key->key,
						   &vector->attrs.alg,
						   vector->bytes[VECTOR_IV],
						   vector->bytes[VECTOR_INPUT], &out);
	plugin_leave(host->plugin, &key->lock);
	keystore_put(host->store, key);
	if (!vector->bytes[VECTOR_INPUT].len)
		expect(run, "encryption of nothing", INVALID, status);
	else if (status)
		fail(run, "encryption", status);
	else if (!same(vector->bytes[VECTOR_OUTPUT], (struct parsec_span){ room, out.len }))
		fail(run, "another ciphertext", 0);
}

static void run_cipher(struct run *run)
{
	static uint8_t joined[BODY_ROOM];
	const struct vector *vector = run->vector;
	struct parsec_span iv = vector->bytes[VECTOR_IV], text = vector->bytes[VECTOR_OUTPUT];
	struct contract_request req = request(vector);

	if (iv.len + text.len > sizeof(joined))
		abort();
	if (iv.len)
		memcpy(joined, iv.data, iv.len);
	if (text.len)
		memcpy(joined + iv.len, text.data, text.len);
	req.input = (struct parsec_span){ joined, iv.len + text.len };
	expect_output(run, PARSEC_OP_PSA_CIPHER_DECRYPT, &req, vector->status,
		      vector->bytes[VECTOR_INPUT]);
	if (!vector->status)
		encrypt_with_iv(run);
}

static void run_aead(struct run *run)
{
	const struct vector *vector = run->vector;
	struct contract_request req = request(vector);

	if (vector->verdict == VERDICT_VALID)
		expect_output(run, PARSEC_OP_PSA_AEAD_ENCRYPT, &req, vector->status,
			      vector->bytes[VECTOR_OUTPUT]);
	req.input = vector->bytes[VECTOR_OUTPUT];
	expect_output(run, PARSEC_OP_PSA_AEAD_DECRYPT, &req, vector->status,
		      vector->bytes[VECTOR_INPUT]);
}

/* A signature of ours on the same message: the very one of the record, if there is just one */
static void sign_it(struct run *run, struct contract_request req, uint8_t opcode, uint8_t check)
{
	const struct parsec_alg *alg = &run->vector->attrs.alg;
	uint8_t signature[1024];
	struct parsec_span output;
	enum parsec_status status = ask(run, opcode, &req, &output);

	if (status || output.len > sizeof(signature)) {
		fail(run, "signing", status);
		return;
	}
	if ((alg->scheme == PARSEC_SIGN_RSA_PKCS1V15 ||
	     alg->scheme == PARSEC_SIGN_RSA_PKCS1V15_RAW) &&
	    !same(run->vector->bytes[VECTOR_OUTPUT], output))
		fail(run, "another signature", 0);
	memcpy(signature, output.data, output.len);
	req.reference = (struct parsec_span){ signature, output.len };
	expect_status(run, check, &req, PARSEC_SUCCESS);
}

static void run_signature(struct run *run)
{
	const struct vector *vector = run->vector;
	bool pair = vector->attrs.type == PARSEC_KEY_TYPE_RSA_KEY_PAIR ||
		    vector->attrs.type == PARSEC_KEY_TYPE_ECC_KEY_PAIR;
	struct contract_request req = request(vector);
	uint8_t digest[PARSEC_HASH_SIZE_MAX];
	struct parsec_span hash;

	req.reference = vector->bytes[VECTOR_OUTPUT];
	if (!req.alg.hash) {
		expect_status(run, PARSEC_OP_PSA_VERIFY_HASH, &req, vector->status);
		if (pair && !vector->status)
			sign_it(run, req, PARSEC_OP_PSA_SIGN_HASH, PARSEC_OP_PSA_VERIFY_HASH);
		return;
	}
	expect_status(run, PARSEC_OP_PSA_VERIFY_MESSAGE, &req, vector->status);
	if (pair && !vector->status)
		sign_it(run, req, PARSEC_OP_PSA_SIGN_MESSAGE, PARSEC_OP_PSA_VERIFY_MESSAGE);

	/* The same with a hash of the message */
	req.alg.kind = PARSEC_ALG_HASH;
	expect(run, "hash", PARSEC_SUCCESS, ask(run, PARSEC_OP_PSA_HASH_COMPUTE, &req, &hash));
	memcpy(digest, hash.data, hash.len);
	req.input = (struct parsec_span){ digest, hash.len };
	req.alg = vector->attrs.alg;
	expect_status(run, PARSEC_OP_PSA_VERIFY_HASH, &req, vector->status);
}

static void run_crypt(struct run *run)
{
	const struct vector *vector = run->vector;
	struct contract_request req = request(vector);
	uint8_t sealed[1024];
	struct parsec_span output;
	enum parsec_status status;

	req.input = vector->bytes[VECTOR_OUTPUT];
	expect_output(run, PARSEC_OP_PSA_ASYMMETRIC_DECRYPT, &req, vector->status,
		      vector->bytes[VECTOR_INPUT]);
	if (vector->verdict != VERDICT_VALID)
		return;

	/* Never the same twice, so it goes there and back */
	req.input = vector->bytes[VECTOR_INPUT];
	status = ask(run, PARSEC_OP_PSA_ASYMMETRIC_ENCRYPT, &req, &output);
	expect(run, "encryption", req.input.len ? vector->status : INVALID, status);
	if (status || output.len > sizeof(sealed))
		return;
	memcpy(sealed, output.data, output.len);
	req.input = (struct parsec_span){ sealed, output.len };
	expect_output(run, PARSEC_OP_PSA_ASYMMETRIC_DECRYPT, &req, PARSEC_SUCCESS,
		      vector->bytes[VECTOR_INPUT]);
}

static void run_agreement(struct run *run)
{
	const struct vector *vector = run->vector;
	const struct contract_request req = request(vector);

	expect_output(run, PARSEC_OP_PSA_RAW_KEY_AGREEMENT, &req, vector->status,
		      vector->bytes[VECTOR_OUTPUT]);
}

/* A key that is taken comes back as it went in; the output is its public part */
static void run_import(struct run *run)
{
	const struct vector *vector = run->vector;
	const struct contract_request req = { .key_name = text("k") };

	expect_output(run, PARSEC_OP_PSA_EXPORT_KEY, &req, PARSEC_SUCCESS,
		      vector->bytes[VECTOR_KEY]);
	if (vector->bytes[VECTOR_OUTPUT].len)
		expect_output(run, PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, &req, PARSEC_SUCCESS,
			      vector->bytes[VECTOR_OUTPUT]);
}

static void run_one(void *arg, const struct vector *vector)
{
	static void (*const kinds[])(struct run *run) = {
		[PARSEC_ALG_NONE]	= run_import,
		[PARSEC_ALG_HASH]	= run_hash,
		[PARSEC_ALG_MAC]	= run_mac,
		[PARSEC_ALG_CIPHER]	= run_cipher,
		[PARSEC_ALG_AEAD]	= run_aead,
		[PARSEC_ALG_SIGNATURE]	= run_signature,
		[PARSEC_ALG_ASYMMETRIC_ENCRYPTION] = run_crypt,
		[PARSEC_ALG_KEY_AGREEMENT] = run_agreement,
	};
	uint8_t kind = vector->attrs.alg.kind;
	struct run *run = arg;
	enum parsec_status status = PARSEC_SUCCESS;

	run->vector = vector;
	if (kind != PARSEC_ALG_HASH)
		status = import(run);
	/* A key that is refused is how its record fails */
	if (status || (kind == PARSEC_ALG_NONE && vector->status))
		expect(run, "import", vector->status, status);
	else
		kinds[kind](run);
}

/* Each record, through everything that an application's request goes through */
TEST_F_TIMEOUT(dispatch, each_vector_has_its_result, 600)
{
	struct run run = { .self = self };
	size_t records;

	self->signer.config.allow_deprecated = true;
	records = vectors_read(variant->path, run_one, &run);
	EXPECT_LT(0, records);
	EXPECT_EQ(0, run.failures);
}

#define ROWS_MAX	256

/* What some record with a result of its own has been seen for */
struct seen {
	const struct parsec_capabilities *caps;
	uint32_t bits[ROWS_MAX];	/* by index in bits[] of the row */
	uint32_t hashes[ROWS_MAX];
};

static uint8_t pair_of(uint8_t type)
{
	switch (type) {
	case PARSEC_KEY_TYPE_RSA_PUBLIC_KEY:
		return PARSEC_KEY_TYPE_RSA_KEY_PAIR;
	case PARSEC_KEY_TYPE_ECC_PUBLIC_KEY:
		return PARSEC_KEY_TYPE_ECC_KEY_PAIR;
	case PARSEC_KEY_TYPE_DH_PUBLIC_KEY:
		return PARSEC_KEY_TYPE_DH_KEY_PAIR;
	default:
		return type;
	}
}

static void see(void *arg, const struct vector *vector)
{
	const struct parsec_key_attributes *attrs = &vector->attrs;
	struct seen *seen = arg;

	if (vector->status)
		return;
	for (size_t i = 0; i < seen->caps->count; i++) {
		const struct parsec_capability *row = &seen->caps->rows[i];

		if (pair_of(row->type) != pair_of(attrs->type) ||
		    row->family != attrs->family || row->alg_kind != attrs->alg.kind ||
		    row->scheme != attrs->alg.scheme)
			continue;
		seen->hashes[i] |= PARSEC_HASH_BIT(attrs->alg.hash);
		for (size_t n = 0; n < 8; n++) {
			if (row->bits[n] && row->bits[n] == attrs->bits)
				seen->bits[i] |= UINT32_C(1) << n;
		}
	}
}

/* Keys that no operation uses are in the tests of import alone */
static bool has_operation(const struct parsec_capability *row)
{
	return row->can & (PARSEC_CAN_SIGN | PARSEC_CAN_VERIFY | PARSEC_CAN_ENCRYPT |
			   PARSEC_CAN_DECRYPT | PARSEC_CAN_DERIVE);
}

static const char *const paths[] = {
	FOLDER "mac.txt", FOLDER "cipher.txt", FOLDER "aead.txt", FOLDER "rsa_sign.txt",
	FOLDER "rsa_crypt.txt", FOLDER "ecdsa.txt", FOLDER "ecdh.txt", FOLDER "montgomery.txt",
	FOLDER "ffdh.txt",
};

TEST(each_capability_has_a_vector_for_each_size_and_each_hash)
{
	struct signer signer;
	struct seen seen = { NULL };

	signer_open_with(&signer, &parsec_provider);
	seen.caps = &signer.plugin.caps;
	ASSERT_GE(ROWS_MAX, seen.caps->count);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		vectors_read(paths[i], see, &seen);
	for (size_t i = 0; i < seen.caps->count; i++) {
		const struct parsec_capability *row = &seen.caps->rows[i];
		uint32_t sizes = 0;

		if (!has_operation(row))
			continue;
		for (size_t n = 0; !row->bits_step && n < 8 && row->bits[n]; n++)
			sizes |= UINT32_C(1) << n;
		if (sizes & ~seen.bits[i] || row->hashes & ~seen.hashes[i])
			TH_LOG("row %zu: type %u, family %u, kind %u, scheme %u: no vector for "
			       "sizes %x, hashes %x", i, row->type, row->family, row->alg_kind,
			       row->scheme, sizes & ~seen.bits[i],
			       row->hashes & ~seen.hashes[i]);
		EXPECT_EQ(0, sizes & ~seen.bits[i]);
		EXPECT_EQ(0, row->hashes & ~seen.hashes[i]);
	}
	signer_close(&signer);
}

static void see_hash(void *arg, const struct vector *vector)
{
	if (!vector->status)
		*(uint32_t *)arg |= PARSEC_HASH_BIT(vector->attrs.alg.hash);
}

/* All that the host can compute but MD2 and MD4, which OpenSSL has given up */
TEST(each_hash_has_a_vector)
{
	uint32_t hashes = 0;

	vectors_read(FOLDER "hash.txt", see_hash, &hashes);
	EXPECT_EQ((UINT32_C(1) << (PARSEC_HASH_LAST + 1)) - PARSEC_HASH_BIT(PARSEC_HASH_MD5),
		  hashes);
}

TEST_HARNESS_MAIN
