/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of a worker between a kernel that is a socket pair and a provider that signs
 * after a fashion: the fixture, and what goes over the line.
 */
#ifndef UNIT_WORKER_CASE_H
#define UNIT_WORKER_CASE_H

#include "kselftest_harness.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "helper/worker.h"
#include "selftests/unit/fake_kernel.h"
#include "selftests/unit/hex.h"
#include "selftests/unit/one_worker.h"
#include "selftests/unit/signer.h"

#define MAX_RESPONSE	(150 * 1024)

FIXTURE(worker)
{
	struct signer signer;
	struct worker_pool pool;
	struct worker worker;
	int kernel;
	sigset_t stop;
	uint64_t last_id;
};

FIXTURE_SETUP(worker)
{
	sigemptyset(&self->stop);
	sigaddset(&self->stop, SIGTERM);
	sigprocmask(SIG_BLOCK, &self->stop, NULL);
	signer_open(&self->signer);
	self->signer.config.buffer_size_limit = 140 * 1024;
	self->kernel = fake_kernel_adopt(&self->worker.nl, MAX_RESPONSE);
	ASSERT_TRUE(one_worker_start(&self->pool, &self->worker, &self->signer.host));
}

FIXTURE_TEARDOWN(worker)
{
	one_worker_stop(&self->pool);
	close(self->kernel);
	signer_close(&self->signer);
}

typedef FIXTURE_DATA(worker) fixture;

static inline void send_body(fixture *self, uint64_t session, uint8_t opcode,
		      struct parsec_span body)
{
	const struct fake_request req = {
		.id = ++self->last_id,
		.session = session,
		.provider = SIGNER_ID,
		.opcode = opcode,
		.body = body.data,
		.len = body.len,
		.chunk = PARSEC_NL_BODY_MAX,
	};

	fake_kernel_request(self->kernel, &req);
}

static inline void send_request(fixture *self, uint64_t session, uint8_t opcode,
			 const struct contract_request *request)
{
	uint8_t body[1024];
	struct parsec_out out = { body, sizeof(body), 0 };

	if (contract_encode_request(opcode, request, &out))
		abort();
	send_body(self, session, opcode, (struct parsec_span){ body, out.len });
}

static const struct parsec_span random_16 = { (const uint8_t *)"\x08\x10", 2 };

static inline struct contract_request key(const char *name)
{
	return (struct contract_request){ .key_name = text(name),
					  .attrs = signer_attributes };
}

/* The worker asks who a session is: it is this user of the host */
static inline bool tell_limits(fixture *self, uint64_t session, uint32_t uid,
			const struct fake_limits *limits)
{
	struct host_message *message = fake_kernel_read(self->kernel);

	if (!message || message->cmd != PARSEC_CMD_GET_SESSION ||
	    message->session != session)
		return false;
	fake_kernel_limited(self->kernel, message->seq, session, uid, limits);
	return true;
}

static inline bool tell_who(fixture *self, uint64_t session, uint32_t uid)
{
	return tell_limits(self, session, uid, &(struct fake_limits){ 0 });
}

/* The reply to the last request, NULL when something else comes */
static inline struct host_message *read_reply(fixture *self)
{
	struct host_message *message = fake_kernel_read(self->kernel);

	if (!message || message->cmd != PARSEC_CMD_REPLY || message->id != self->last_id)
		return NULL;
	return message;
}

#endif /* UNIT_WORKER_CASE_H */
