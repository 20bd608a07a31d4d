/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of the dispatch begin with: a host that signs after a fashion, an
 * application, and a way to ask. Included once by each of them, after the harness and,
 * for a host of another provider, the definition of FIXTURE_PROVIDER.
 */
#ifndef UNIT_DISPATCH_FIXTURE_H
#define UNIT_DISPATCH_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "selftests/unit/hex.h"
#include "selftests/unit/signer.h"

#define ROOM	(128 * 1024)

#ifndef FIXTURE_PROVIDER
#define FIXTURE_PROVIDER	signer_provider
#endif

FIXTURE(dispatch)
{
	struct signer signer;
	struct scratch scratch;
	struct identity *caller;
	unsigned int identified;
	struct call call;
	uint8_t bytes[HEX_MAX];
	uint8_t out[ROOM];
};

typedef FIXTURE_DATA(dispatch) fixture;

FIXTURE_SETUP(dispatch)
{
	signer_open_with(&self->signer, &FIXTURE_PROVIDER);
	ASSERT_TRUE(scratch_init(&self->scratch, &self->signer.config));
	self->caller = identity_new(AUTH_UNIX_PEER_CREDENTIALS, text("1000"));
	ASSERT_NE(NULL, self->caller);
}

FIXTURE_TEARDOWN(dispatch)
{
	dispatch_end(&self->call);
	identity_put(self->caller);
	scratch_free(&self->scratch);
	signer_close(&self->signer);
}

static inline struct identity *identify(void *arg)
{
	fixture *self = arg;

	self->identified++;
	return self->caller ? identity_get(self->caller) : NULL;
}

/* Perform an operation; the call stays until the next one, for a look at it */
static inline enum parsec_status run(fixture *self, uint8_t opcode, struct parsec_span body)
{
	dispatch_end(&self->call);
	self->call = (struct call){
		.host = &self->signer.host,
		.transport = TRANSPORT_DEVICE,
		.provider = self->signer.host.id,
		.opcode = opcode,
		.body = body,
		.identify = identify,
		.identify_arg = self,
		.scratch = &self->scratch,
		.out = { self->out, sizeof(self->out), 0 },
	};
	return dispatch(&self->call);
}

static inline enum parsec_status run_hex(fixture *self, uint8_t opcode, const char *body)
{
	return run(self, opcode, hex(body, self->bytes));
}

static inline enum parsec_status run_request(fixture *self, uint8_t opcode,
				      const struct contract_request *req)
{
	uint8_t body[1024];
	struct parsec_out out = { body, sizeof(body), 0 };

	if (contract_encode_request(opcode, req, &out))
		abort();
	return run(self, opcode, (struct parsec_span){ body, out.len });
}

/* A request about key "k" with SHA-256 and a hash of the right length; tests change it */
static inline struct contract_request valid(void)
{
	static const uint8_t hash[32] = { 0xaa };

	return (struct contract_request){
		.key_name = text("k"),
		.attrs = signer_attributes,
		.alg = signer_attributes.alg,
		.input = { hash, sizeof(hash) },
	};
}

static inline bool answered(fixture *self, const char *body)
{
	uint8_t expected[HEX_MAX];

	return same(hex(body, expected), (struct parsec_span){ self->out,
							       self->call.out.len });
}

#endif /* UNIT_DISPATCH_FIXTURE_H */
