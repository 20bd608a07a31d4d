// SPDX-License-Identifier: Apache-2.0
/*
 * Fuzz target: the dispatch, with the software provider and a key store behind it. The
 * first byte is the opcode, with the top bit set for a request of the core host; the body
 * follows. There are always these keys: "k" signs, "r" is RSA for encryption, "a" is AES
 * for GCM, "c" for CBC, "h" for HMAC, "x" agrees, "s" signs with RSA.
 */
#include <string.h>

#include "selftests/fuzz/fuzz.h"
#include "selftests/unit/signer.h"

#define FROM_CORE	0x80
#define ROOM		(128 * 1024)
/* Larger keys take seconds to make */
#define BITS_MAX	1024

static struct signer signer;
static struct scratch scratch;
static struct identity *caller;

#define KEY(name_, type_, family_, bits_, ...) { \
	name_, { .type = PARSEC_KEY_TYPE_##type_, .family = family_, .bits = bits_, \
		 .usage = PARSEC_USAGE_ALL, .alg = __VA_ARGS__ } \
}
#define SIGNATURE(scheme_) \
	{ .kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_##scheme_, \
	  .hash = PARSEC_HASH_SHA_256 }

static const struct {
	const char *name;
	struct parsec_key_attributes attrs;
} keys[] = {
	KEY("k", ECC_KEY_PAIR, PARSEC_ECC_SECP_R1, 256, SIGNATURE(ECDSA)),
	KEY("s", RSA_KEY_PAIR, 0, 1024, SIGNATURE(RSA_PKCS1V15)),
	KEY("r", RSA_KEY_PAIR, 0, 1024,
	    { .kind = PARSEC_ALG_ASYMMETRIC_ENCRYPTION, .scheme = PARSEC_CRYPT_RSA_OAEP,
	      .hash = PARSEC_HASH_SHA_256 }),
	KEY("a", AES, 0, 128, { .kind = PARSEC_ALG_AEAD, .scheme = PARSEC_AEAD_GCM }),
	KEY("c", AES, 0, 128,
	    { .kind = PARSEC_ALG_CIPHER, .scheme = PARSEC_CIPHER_CBC_PKCS7 }),
	KEY("h", HMAC, 0, 256,
	    { .kind = PARSEC_ALG_MAC, .scheme = PARSEC_MAC_HMAC,
	      .hash = PARSEC_HASH_SHA_256 }),
	KEY("x", ECC_KEY_PAIR, PARSEC_ECC_SECP_R1, 256,
	    { .kind = PARSEC_ALG_KEY_AGREEMENT, .scheme = PARSEC_AGREE_ECDH }),
};

static void make_keys(void)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		const struct key_identity id = {
			.auth_id = caller->auth_id,
			.app = { caller->app, caller->app_len },
			.name = { (const uint8_t *)keys[i].name, 1 },
		};
		uint8_t backend_id[PARSEC_BACKEND_ID_SIZE];
		enum parsec_status status = keystore_create(signer.host.store, &id,
							    &keys[i].attrs, backend_id);

		must(!status || status == PARSEC_PSA_ERROR_ALREADY_EXISTS);
	}
}

static void end(void)
{
	identity_put(caller);
	scratch_free(&scratch);
	signer_close(&signer);
}

static void begin(void)
{
	static const uint8_t app[] = { '1', '0', '0', '0' };

	signer_open_with(&signer, &parsec_provider);
	must(scratch_init(&scratch, &signer.config));
	caller = identity_new(AUTH_UNIX_PEER_CREDENTIALS,
			      (struct parsec_span){ app, sizeof(app) });
	must(caller);
	make_keys();
	atexit(end);
}

static struct identity *identify(void *arg)
{
	(void)arg;
	return identity_get(caller);
}

static bool is_of_the_contract(enum parsec_status status)
{
	static const uint16_t statuses[] = {
#define NUMBER(number, ...) number,
		PARSEC_STATUS_LIST(NUMBER)
	};

	for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++)
		if (statuses[i] == (unsigned int)status)
			return true;
	return false;
}

static bool takes_long(uint8_t opcode, struct parsec_span body)
{
	struct contract_request req;
	bool is_long = false;

	if (opcode != PARSEC_OP_PSA_GENERATE_KEY)
		return false;
	if (!contract_decode_request(opcode, body, &req))
		is_long = req.attrs.bits > BITS_MAX;
	contract_request_free(&req);
	return is_long;
}

/* What the application gets is a response of this operation */
static void must_be_response(uint8_t opcode, struct parsec_span body)
{
	struct contract_result result;

	must(!contract_decode_result(opcode, body, &result));
	contract_result_free(&result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t out[ROOM];
	struct call call = {
		.host = &signer.host, .provider = SIGNER_ID, .identify = identify,
		.scratch = &scratch, .out = { out, sizeof(out), 0 },
	};
	enum parsec_status status;

	if (!size)
		return 0;
	if (!caller)
		begin();
	call.opcode = *data & ~FROM_CORE;
	call.transport = *data & FROM_CORE ? TRANSPORT_INNER : TRANSPORT_DEVICE;
	call.body = (struct parsec_span){ data + 1, size - 1 };
	if (takes_long(call.opcode, call.body))
		return 0;

	status = dispatch(&call);
	must(is_of_the_contract(status));
	must(call.out.len <= sizeof(out));
	if (!status && call.transport == TRANSPORT_DEVICE)
		must_be_response(call.opcode, (struct parsec_span){ out, call.out.len });
	if (call.made_key)
		dispatch_undo(&call);
	dispatch_end(&call);
	if (call.opcode == PARSEC_OP_PSA_DESTROY_KEY || call.opcode == PARSEC_OP_DELETE_CLIENT)
		make_keys();
	return 0;
}
