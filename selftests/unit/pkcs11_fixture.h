/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests of the PKCS #11 provider: a token of SoftHSM in a folder of its own, behind
 * the library that is broken on demand.
 */
#ifndef UNIT_PKCS11_FIXTURE_H
#define UNIT_PKCS11_FIXTURE_H

#include <dlfcn.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "providers/pkcs11/pkcs11.h"

#define SOFTHSM	"/usr/lib/softhsm/libsofthsm2.so"

static const struct parsec_provider *const ops = &parsec_provider;

/* What SoftHSM and what it is written in keep to the end is theirs */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libsofthsm2\nleak:libstdc++\n";
}

static char hsm[64];
static char trap[PATH_MAX + 32];
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

static const struct parsec_provider_host host = {
	.abi = PARSEC_PROVIDER_ABI, .log = hear, .state_dir = hsm,
};

static bool run_command(const char *format, ...)
{
	char command[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	return system(command) == 0;
}

static bool add_token(const char *label)
{
	return run_command("softhsm2-util --init-token --free --label %s --pin 1234 "
			   "--so-pin 5678 >/dev/null", label);
}

/* A folder with a token, and where the library is */
static bool hsm_make(void)
{
	char path[PATH_MAX], self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	FILE *file;

	if (len < 0)
		return false;
	self[len] = '\0';
	*strstr(self, "/selftests/") = '\0';
	snprintf(trap, sizeof(trap), "%s/selftests/pkcs11/trap.so", self);
	snprintf(hsm, sizeof(hsm), "%s/pkcs11-test-XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(hsm))
		return false;
	snprintf(path, sizeof(path), "%s/softhsm2.conf", hsm);
	file = fopen(path, "we");
	if (!file)
		return false;
	fprintf(file, "directories.tokendir = %s\nlog.level = ERROR\n", hsm);
	fclose(file);
	setenv("SOFTHSM2_CONF", path, 1);
	setenv("TRAP", "", 1);
	said[0] = '\0';
	return add_token("parsec");
}

static void hsm_remove(void)
{
	run_command("rm -rf %s", hsm);
}

/* With options "name", "value", …, NULL besides the module */
static enum parsec_status start(struct parsec_provider_ctx **ctx, ...)
{
	struct parsec_option options[8] = { { "module", trap, 1 } };
	size_t count = 1;
	const char *name;
	va_list args;

	va_start(args, ctx);
	while ((name = va_arg(args, const char *))) {
		options[count].name = name;
		options[count].value = va_arg(args, const char *);
		options[count].line = (unsigned int)count + 1;
		count++;
	}
	va_end(args);
	return ops->open(&host, options, count, ctx);
}

#define START(ctx, ...) \
	start(ctx, "token_label", "parsec", "user_pin", "str:1234", ##__VA_ARGS__, NULL)

/**
 * struct item - a key of the provider
 * @attrs:	what it is
 * @ref:	id and blob
 * @blob:	of it
 * @key:	loaded, or NULL
 */
struct item {
	struct parsec_key_attributes attrs;
	struct parsec_key_ref ref;
	uint8_t blob[1024];
	struct parsec_key *key;
};

#define ECDSA \
	((struct parsec_alg){ .kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_ECDSA, \
			      .hash = PARSEC_HASH_SHA_256 })

static inline void item_init(struct item *item, uint8_t number, uint8_t type, uint32_t bits,
			     struct parsec_alg alg)
{
	memset(item, 0, sizeof(*item));
	item->ref.id[0] = 0x50;
	item->ref.id[15] = number;
	item->attrs = (struct parsec_key_attributes){ .type = type, .bits = bits, .alg = alg,
		.usage = PARSEC_USAGE_ALL & ~(uint32_t)PARSEC_USAGE_EXPORT,
		.family = type == PARSEC_KEY_TYPE_ECC_KEY_PAIR ||
			  type == PARSEC_KEY_TYPE_ECC_PUBLIC_KEY ? PARSEC_ECC_SECP_R1 : 0 };
}

static inline enum parsec_status item_create(struct parsec_provider_ctx *ctx,
					     struct item *item)
{
	struct parsec_out blob = { item->blob, sizeof(item->blob), 0 };
	enum parsec_status status = ops->create(ctx, item->ref.id, &item->attrs, &blob);

	item->ref.blob = (struct parsec_span){ item->blob, blob.len };
	return status;
}

static inline enum parsec_status item_import(struct parsec_provider_ctx *ctx,
					     struct item *item, struct parsec_span data)
{
	struct parsec_out blob = { item->blob, sizeof(item->blob), 0 };
	enum parsec_status status = ops->import(ctx, item->ref.id, &item->attrs, data, &blob);

	item->ref.blob = (struct parsec_span){ item->blob, blob.len };
	return status;
}

static inline enum parsec_status item_load(struct parsec_provider_ctx *ctx, struct item *item)
{
	return ops->load(ctx, &item->ref, &item->attrs, &item->key);
}

/* Signs, and verifies what it has signed */
static inline enum parsec_status item_sign(struct parsec_provider_ctx *ctx,
					   const struct item *item)
{
	const uint8_t hash[32] = { 1, 2, 3 };
	uint8_t signature[512];
	struct parsec_out out = { signature, sizeof(signature), 0 };
	const struct parsec_span text = { hash, sizeof(hash) };
	enum parsec_status status = ops->sign(ctx, item->key, &item->attrs.alg, text, &out);

	if (status != PARSEC_SUCCESS)
		return status;
	return ops->verify(ctx, item->key, &item->attrs.alg, text,
			   (struct parsec_span){ signature, out.len });
}

#endif /* UNIT_PKCS11_FIXTURE_H */
