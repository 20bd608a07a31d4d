// SPDX-License-Identifier: Apache-2.0
/*
 * Asking the service in bytes.
 */
#include "selftests/contract/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/parsec.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ROOM	(2 * 1024 * 1024)

struct parsec_span answer;

static int fd = -1;

int become(uid_t uid)
{
	if (fd >= 0)
		close(fd);
	fd = -1;
	return setresgid(uid, uid, uid) || setresuid(uid, uid, uid) ? -errno : 0;
}

int ask(uint8_t provider, unsigned int opcode, struct parsec_span body)
{
	static uint8_t room[ROOM];
	struct parsec_op op = {
		.provider = provider,
		.timeout_ms = 60000,
		.in_len = (uint32_t)body.len,
		.in = (uintptr_t)body.data,
		.out_len = sizeof(room),
		.out = (uintptr_t)room,
	};

	if (fd < 0)
		fd = open("/dev/parsec", O_RDWR | O_CLOEXEC);
	answer = NOTHING;
	if (fd < 0 || ioctl(fd, PARSEC_IOC_OP(opcode), &op))
		return -errno;
	answer = (struct parsec_span) { room, op.out_len };
	return op.status && op.out_len ? -EBADMSG : op.status;
}

static uint8_t *room_for(size_t len)
{
	uint8_t *room = malloc(len + 1);

	if (!room)
		abort();
	return room;
}

struct parsec_span text(const char *string)
{
	return (struct parsec_span) { (const uint8_t *)string, strlen(string) };
}

struct parsec_span hex(const char *digits)
{
	size_t i, len = strlen(digits) / 2;
	uint8_t *room = room_for(len);

	for (i = 0; i < len; i++)
		if (sscanf(digits + 2 * i, "%2hhx", &room[i]) != 1)
			abort();
	return (struct parsec_span) { room, len };
}

struct parsec_span filled(size_t len, uint8_t with)
{
	uint8_t *room = room_for(len);

	memset(room, with, len);
	return (struct parsec_span) { room, len };
}

bool same(struct parsec_span a, struct parsec_span b)
{
	return a.len == b.len && (!a.len || !memcmp(a.data, b.data, a.len));
}

static size_t put_varint(uint8_t *room, uint64_t value)
{
	size_t len = 0;

	while (value >= 0x80) {
		room[len++] = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	room[len++] = (uint8_t)value;
	return len;
}

struct parsec_span number(uint32_t field, uint64_t value)
{
	uint8_t *room = room_for(20);
	size_t len = put_varint(room, field << 3);

	return (struct parsec_span) { room, len + put_varint(room + len, value) };
}

struct parsec_span bytes(uint32_t field, struct parsec_span value)
{
	uint8_t *room = room_for(value.len + 20);
	size_t len = put_varint(room, field << 3 | 2);

	len += put_varint(room + len, value.len);
	if (value.len)
		memcpy(room + len, value.data, value.len);
	return (struct parsec_span) { room, len + value.len };
}

struct parsec_span join_all(const struct parsec_span *parts, size_t count)
{
	size_t i, len = 0;
	uint8_t *room;

	for (i = 0; i < count; i++)
		len += parts[i].len;
	room = room_for(len);
	len = 0;
	for (i = 0; i < count; i++) {
		if (parts[i].len)
			memcpy(room + len, parts[i].data, parts[i].len);
		len += parts[i].len;
	}
	return (struct parsec_span) { room, len };
}

static uint64_t take_varint(struct parsec_span *message)
{
	uint64_t value = 0;
	unsigned int shift = 0;
	uint8_t byte;

	do {
		if (!message->len || shift > 63)
			abort();
		byte = *message->data;
		value |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
		message->data++;
		message->len--;
	} while (byte & 0x80);
	return value;
}

uint32_t next_field(struct parsec_span *message, struct parsec_span *value, uint64_t *n)
{
	uint64_t key;

	*value = NOTHING;
	*n = 0;
	if (!message->len)
		return 0;
	key = take_varint(message);
	*n = take_varint(message);
	if ((key & 7) == 2) {
		if (*n > message->len)
			abort();
		*value = (struct parsec_span) { message->data, (size_t)*n };
		message->data += *n;
		message->len -= (size_t)*n;
	} else if (key & 7) {
		abort();
	}
	return (uint32_t)(key >> 3);
}

struct parsec_span answer_bytes(void)
{
	struct parsec_span rest = answer, value;
	uint64_t n;

	return next_field(&rest, &value, &n) == 1 && !rest.len ? value : NOTHING;
}

struct parsec_span signature_alg(uint8_t scheme, uint8_t hash)
{
	if (hash == PARSEC_HASH_NONE)
		return bytes(scheme, NOTHING);
	if (hash == PARSEC_HASH_ANY)
		return bytes(scheme, bytes(1, bytes(1, NOTHING)));
	return bytes(scheme, bytes(1, number(2, hash)));
}

struct parsec_span signature_policy(uint8_t scheme, uint8_t hash)
{
	return bytes(PARSEC_ALG_SIGNATURE, signature_alg(scheme, hash));
}

struct parsec_span usage_flags(uint32_t usage)
{
	struct parsec_span flags = NOTHING;
	uint32_t field;

	for (field = 1; field <= 10; field++)
		if (usage & UINT32_C(1) << (field - 1))
			flags = join(flags, number(field, 1));
	return flags;
}

struct parsec_span key_type(uint8_t type, uint8_t family)
{
	return bytes(type, family ? number(1, family) : NOTHING);
}

struct parsec_span attributes(struct parsec_span type, uint32_t bits, uint32_t usage,
			      struct parsec_span alg)
{
	return join(bytes(1, type), number(2, bits),
		    bytes(3, join(bytes(1, usage_flags(usage)), bytes(2, alg))));
}

int generate(const char *name, struct parsec_span attrs)
{
	return ask(SOFTWARE, PARSEC_OP_PSA_GENERATE_KEY,
		   join(bytes(1, text(name)), bytes(2, attrs)));
}

int import(const char *name, struct parsec_span attrs, struct parsec_span data)
{
	return ask(SOFTWARE, PARSEC_OP_PSA_IMPORT_KEY,
		   join(bytes(1, text(name)), bytes(2, attrs), bytes(3, data)));
}

int with_name(unsigned int opcode, const char *name)
{
	return ask(SOFTWARE, opcode, bytes(1, text(name)));
}

int destroy(const char *name)
{
	return with_name(PARSEC_OP_PSA_DESTROY_KEY, name);
}

static int sign(unsigned int opcode, const char *name, struct parsec_span alg,
		struct parsec_span input)
{
	return ask(SOFTWARE, opcode,
		   join(bytes(1, text(name)), bytes(2, alg), bytes(3, input)));
}

static int verify(unsigned int opcode, const char *name, struct parsec_span alg,
		  struct parsec_span input, struct parsec_span signature)
{
	return ask(SOFTWARE, opcode, join(bytes(1, text(name)), bytes(2, alg),
					  bytes(3, input), bytes(4, signature)));
}

int sign_hash(const char *name, struct parsec_span alg, struct parsec_span hash)
{
	return sign(PARSEC_OP_PSA_SIGN_HASH, name, alg, hash);
}

int verify_hash(const char *name, struct parsec_span alg, struct parsec_span hash,
		struct parsec_span signature)
{
	return verify(PARSEC_OP_PSA_VERIFY_HASH, name, alg, hash, signature);
}

int sign_message(const char *name, struct parsec_span alg, struct parsec_span message)
{
	return sign(PARSEC_OP_PSA_SIGN_MESSAGE, name, alg, message);
}

int verify_message(const char *name, struct parsec_span alg, struct parsec_span message,
		   struct parsec_span signature)
{
	return verify(PARSEC_OP_PSA_VERIFY_MESSAGE, name, alg, message, signature);
}

struct parsec_span ecdsa_sha256(void)
{
	return signature_alg(PARSEC_SIGN_ECDSA, PARSEC_HASH_SHA_256);
}

struct parsec_span p256_attributes(uint32_t usage)
{
	return attributes(key_type(PARSEC_KEY_TYPE_ECC_KEY_PAIR, PARSEC_ECC_SECP_R1), 256,
			  usage, signature_policy(PARSEC_SIGN_ECDSA, PARSEC_HASH_SHA_256));
}
