/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests of the TPM provider: a simulated TPM in a folder of its own, with the provider
 * open. To be included after the harness.
 */
#ifndef UNIT_TPM_FIXTURE_H
#define UNIT_TPM_FIXTURE_H

#include <stdarg.h>
#include <stdlib.h>

#include "providers/tpm/tpm.h"
#include "selftests/unit/hex.h"

static const struct parsec_provider *const ops = &parsec_provider;
static char said[4096];

__attribute__((format(printf, 2, 3)))
static void hear(enum parsec_log_level level, const char *format, ...)
{
	size_t len = strlen(said);
	va_list args;

	if (level == PARSEC_LOG_DEBUG)
		return;
	va_start(args, format);
	vsnprintf(said + len, sizeof(said) - len, format, args);
	va_end(args);
}

/* A key as the host keeps it */
struct stored {
	struct parsec_key_attributes attrs;
	uint8_t room[4096];
	size_t len;
	struct parsec_key *key;
};

FIXTURE(tpm)
{
	char dir[64];
	char tcti[96];
	struct parsec_provider_host host;
	struct parsec_provider_ctx *ctx;
};

static void shell(const char *format, ...)
{
	char command[256];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	if (system(command))
		abort();
}

static void tpm_start(const FIXTURE_DATA(tpm) *self)
{
	shell("selftests/lib/swtpm-start %s", self->dir);
}

/* It removes its sockets last */
static inline void tpm_stop(const FIXTURE_DATA(tpm) *self)
{
	shell("swtpm_ioctl -s --unix %s/tpm.ctrl", self->dir);
}

static enum parsec_status open_with(FIXTURE_DATA(tpm) *self, const char *name, const char *value)
{
	const struct parsec_option options[] = {
		{ "tcti", self->tcti, 1 }, { name, value, 2 },
	};

	said[0] = 0;
	return ops->open(&self->host, options, name ? 2 : 1, &self->ctx);
}

FIXTURE_SETUP(tpm)
{
	strcpy(self->dir, "/tmp/tpm-test-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	snprintf(self->tcti, sizeof(self->tcti), "swtpm:path=%s/tpm", self->dir);
	self->host = (struct parsec_provider_host){ PARSEC_PROVIDER_ABI, hear, self->dir };
	tpm_start(self);
	ASSERT_EQ(PARSEC_SUCCESS, open_with(self, NULL, NULL));
	ASSERT_STREQ("", said);
}

FIXTURE_TEARDOWN(tpm)
{
	if (self->ctx)
		ops->close(self->ctx);
	shell("swtpm_ioctl -s --unix %s/tpm.ctrl 2>/dev/null; rm -rf %s", self->dir, self->dir);
}

static inline struct parsec_key_attributes signing_key(void)
{
	return (struct parsec_key_attributes){
		.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR, .family = PARSEC_ECC_SECP_R1, .bits = 256,
		.alg = { .kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_ECDSA,
			 .hash = PARSEC_HASH_SHA_256 },
	};
}

static inline enum parsec_status make(FIXTURE_DATA(tpm) *self, struct stored *stored,
				      struct parsec_key_attributes attrs)
{
	static const uint8_t id[PARSEC_BACKEND_ID_SIZE];
	struct parsec_out blob = { stored->room, sizeof(stored->room), 0 };
	enum parsec_status status;

	stored->attrs = attrs;
	status = ops->create(self->ctx, id, &stored->attrs, &blob);
	stored->len = blob.len;
	return status;
}

static inline enum parsec_status import(FIXTURE_DATA(tpm) *self, struct stored *stored,
					struct parsec_key_attributes attrs,
					struct parsec_span data)
{
	static const uint8_t id[PARSEC_BACKEND_ID_SIZE];
	struct parsec_out blob = { stored->room, sizeof(stored->room), 0 };
	enum parsec_status status;

	stored->attrs = attrs;
	status = ops->import(self->ctx, id, &stored->attrs, data, &blob);
	stored->len = blob.len;
	return status;
}

static enum parsec_status load(FIXTURE_DATA(tpm) *self, struct stored *stored)
{
	const struct parsec_key_ref ref = { .blob = { stored->room, stored->len } };

	return ops->load(self->ctx, &ref, &stored->attrs, &stored->key);
}

#endif /* UNIT_TPM_FIXTURE_H */
