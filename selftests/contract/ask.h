/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking the service in bytes: bodies are put together here and not by the codec or
 * the library, so that they can be wrong, and so that an error of the codec is not
 * made twice.
 *
 * Memory of spans is never freed: a test's process is short.
 */
#ifndef SELFTESTS_CONTRACT_ASK_H
#define SELFTESTS_CONTRACT_ASK_H

#include <parsec/status.h>
#include <parsec/types.h>
#include <string.h>
#include <sys/types.h>

#include "providers/provider.h"

#define SOFTWARE	PARSEC_PROVIDER_SOFTWARE
#define CORE		PARSEC_PROVIDER_CORE
#define NOTHING		((struct parsec_span) { 0 })

/* The last answer's body */
extern struct parsec_span answer;

/* An operation: the status, or -errno. A status but success with a body is -EBADMSG */
int ask(uint8_t provider, unsigned int opcode, struct parsec_span body);

/* Go on as another user. Return: 0 or -errno */
int become(uid_t uid);

struct parsec_span text(const char *string);
struct parsec_span hex(const char *digits);
struct parsec_span filled(size_t len, uint8_t with);
bool same(struct parsec_span a, struct parsec_span b);

/* Fields of a message, always written, also when empty or 0 */
struct parsec_span number(uint32_t field, uint64_t value);
struct parsec_span bytes(uint32_t field, struct parsec_span value);
struct parsec_span join_all(const struct parsec_span *parts, size_t count);
#define join(...) join_all((const struct parsec_span[]) { __VA_ARGS__ }, \
	sizeof((const struct parsec_span[]) { __VA_ARGS__ }) / sizeof(struct parsec_span))

/*
 * Take the next field of a message: its number, or 0 at the end. @value of a field
 * that is a number is empty, and @n is it.
 */
uint32_t next_field(struct parsec_span *message, struct parsec_span *value, uint64_t *n);
/* The one field of the last answer: bytes */
struct parsec_span answer_bytes(void);

/* Messages of the contract */
struct parsec_span signature_alg(uint8_t scheme, uint8_t hash);
struct parsec_span signature_policy(uint8_t scheme, uint8_t hash);
struct parsec_span usage_flags(uint32_t usage);
struct parsec_span key_type(uint8_t type, uint8_t family);
struct parsec_span attributes(struct parsec_span type, uint32_t bits, uint32_t usage,
			      struct parsec_span alg);

/* Operations on a key of the software provider: the status */
int generate(const char *name, struct parsec_span attrs);
int import(const char *name, struct parsec_span attrs, struct parsec_span data);
int destroy(const char *name);
int sign_hash(const char *name, struct parsec_span alg, struct parsec_span hash);
int verify_hash(const char *name, struct parsec_span alg, struct parsec_span hash,
		struct parsec_span signature);
int sign_message(const char *name, struct parsec_span alg, struct parsec_span message);
int verify_message(const char *name, struct parsec_span alg, struct parsec_span message,
		   struct parsec_span signature);
int with_name(unsigned int opcode, const char *name);

/* A key of the usual kind: P-256, ECDSA with SHA-256, signs and verifies */
#define ALL_SIGNING	(PARSEC_USAGE_SIGN_HASH | PARSEC_USAGE_VERIFY_HASH | \
			 PARSEC_USAGE_SIGN_MESSAGE | PARSEC_USAGE_VERIFY_MESSAGE)
struct parsec_span p256_attributes(uint32_t usage);
struct parsec_span ecdsa_sha256(void);

#endif /* SELFTESTS_CONTRACT_ASK_H */
