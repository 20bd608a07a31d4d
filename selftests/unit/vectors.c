// SPDX-License-Identifier: Apache-2.0
/*
 * The reader of vector files. A line is a name and a value; a value stays until it is
 * given again, so that a key needs to be written only once; "source" forgets all of them;
 * a verdict ends a record.
 */
#include "selftests/unit/vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	struct vector vector;
	uint8_t *room[VECTOR_FIELDS];
	bool given[VECTOR_FIELDS];
	size_t records;
};

struct name {
	const char *name;
	uint8_t value;
};

#define END	{ NULL, 0 }

static const struct name fields[] = {
	{ "key", VECTOR_KEY }, { "iv", VECTOR_IV }, { "aad", VECTOR_AAD },
	{ "label", VECTOR_LABEL }, { "input", VECTOR_INPUT }, { "output", VECTOR_OUTPUT }, END
};

static const struct name verdicts[] = {
	{ "valid", VERDICT_VALID }, { "invalid", VERDICT_INVALID },
	{ "acceptable", VERDICT_ACCEPTABLE }, END
};

static const struct name types[] = {
	{ "none", PARSEC_KEY_TYPE_NONE }, { "hmac", PARSEC_KEY_TYPE_HMAC },
	{ "raw", PARSEC_KEY_TYPE_RAW_DATA }, { "derive", PARSEC_KEY_TYPE_DERIVE },
	{ "aes", PARSEC_KEY_TYPE_AES }, { "des", PARSEC_KEY_TYPE_DES },
	{ "camellia", PARSEC_KEY_TYPE_CAMELLIA }, { "chacha20", PARSEC_KEY_TYPE_CHACHA20 },
	{ "rsa-public", PARSEC_KEY_TYPE_RSA_PUBLIC_KEY },
	{ "rsa-pair", PARSEC_KEY_TYPE_RSA_KEY_PAIR },
	{ "ecc-public", PARSEC_KEY_TYPE_ECC_PUBLIC_KEY },
	{ "ecc-pair", PARSEC_KEY_TYPE_ECC_KEY_PAIR },
	{ "dh-public", PARSEC_KEY_TYPE_DH_PUBLIC_KEY },
	{ "dh-pair", PARSEC_KEY_TYPE_DH_KEY_PAIR }, END
};

static const struct name families[] = {
	{ "secp-k1", PARSEC_ECC_SECP_K1 }, { "secp-r1", PARSEC_ECC_SECP_R1 },
	{ "sect-k1", PARSEC_ECC_SECT_K1 }, { "sect-r1", PARSEC_ECC_SECT_R1 },
	{ "sect-r2", PARSEC_ECC_SECT_R2 }, { "brainpool-p-r1", PARSEC_ECC_BRAINPOOL_P_R1 },
	{ "montgomery", PARSEC_ECC_MONTGOMERY }, { "rfc7919", PARSEC_DH_RFC7919 }, END
};

static const struct name hashes[] = {
	{ "md5", PARSEC_HASH_MD5 }, { "ripemd-160", PARSEC_HASH_RIPEMD160 },
	{ "sha-1", PARSEC_HASH_SHA_1 }, { "sha-224", PARSEC_HASH_SHA_224 },
	{ "sha-256", PARSEC_HASH_SHA_256 }, { "sha-384", PARSEC_HASH_SHA_384 },
	{ "sha-512", PARSEC_HASH_SHA_512 }, { "sha-512/224", PARSEC_HASH_SHA_512_224 },
	{ "sha-512/256", PARSEC_HASH_SHA_512_256 }, { "sha3-224", PARSEC_HASH_SHA3_224 },
	{ "sha3-256", PARSEC_HASH_SHA3_256 }, { "sha3-384", PARSEC_HASH_SHA3_384 },
	{ "sha3-512", PARSEC_HASH_SHA3_512 }, END
};

static const struct {
	const char *name;
	uint8_t kind, scheme;
} algorithms[] = {
	{ "none", PARSEC_ALG_NONE, 0 },
	{ "hash", PARSEC_ALG_HASH, 0 },
	{ "hmac", PARSEC_ALG_MAC, PARSEC_MAC_HMAC },
	{ "cmac", PARSEC_ALG_MAC, PARSEC_MAC_CMAC },
	{ "cbc-mac", PARSEC_ALG_MAC, PARSEC_MAC_CBC_MAC },
	{ "stream", PARSEC_ALG_CIPHER, PARSEC_CIPHER_STREAM_CIPHER },
	{ "ctr", PARSEC_ALG_CIPHER, PARSEC_CIPHER_CTR },
	{ "cfb", PARSEC_ALG_CIPHER, PARSEC_CIPHER_CFB },
	{ "ofb", PARSEC_ALG_CIPHER, PARSEC_CIPHER_OFB },
	{ "xts", PARSEC_ALG_CIPHER, PARSEC_CIPHER_XTS },
	{ "ecb", PARSEC_ALG_CIPHER, PARSEC_CIPHER_ECB_NO_PADDING },
	{ "cbc", PARSEC_ALG_CIPHER, PARSEC_CIPHER_CBC_NO_PADDING },
	{ "cbc-pkcs7", PARSEC_ALG_CIPHER, PARSEC_CIPHER_CBC_PKCS7 },
	{ "ccm", PARSEC_ALG_AEAD, PARSEC_AEAD_CCM },
	{ "gcm", PARSEC_ALG_AEAD, PARSEC_AEAD_GCM },
	{ "chacha20-poly1305", PARSEC_ALG_AEAD, PARSEC_AEAD_CHACHA20_POLY1305 },
	{ "pkcs1", PARSEC_ALG_SIGNATURE, PARSEC_SIGN_RSA_PKCS1V15 },
	{ "pkcs1-raw", PARSEC_ALG_SIGNATURE, PARSEC_SIGN_RSA_PKCS1V15_RAW },
	{ "pss", PARSEC_ALG_SIGNATURE, PARSEC_SIGN_RSA_PSS },
	{ "ecdsa", PARSEC_ALG_SIGNATURE, PARSEC_SIGN_ECDSA },
	{ "ecdsa-any", PARSEC_ALG_SIGNATURE, PARSEC_SIGN_ECDSA_ANY },
	{ "rsaes", PARSEC_ALG_ASYMMETRIC_ENCRYPTION, PARSEC_CRYPT_RSA_PKCS1V15 },
	{ "oaep", PARSEC_ALG_ASYMMETRIC_ENCRYPTION, PARSEC_CRYPT_RSA_OAEP },
	{ "ecdh", PARSEC_ALG_KEY_AGREEMENT, PARSEC_AGREE_ECDH },
	{ "ffdh", PARSEC_ALG_KEY_AGREEMENT, PARSEC_AGREE_FFDH },
};

static void bad(const struct vector *vector, const char *what)
{
	fprintf(stderr, "%s:%u: %s\n", vector->path, vector->line, what);
	abort();
}

static bool find(const struct name *names, const char *name, uint8_t *value)
{
	for (; names->name; names++) {
		if (!strcmp(names->name, name)) {
			*value = names->value;
			return true;
		}
	}
	return false;
}

static uint8_t must_find(const struct vector *vector, const struct name *names,
			 const char *name)
{
	uint8_t value = 0;

	if (!find(names, name, &value))
		bad(vector, "unknown value");
	return value;
}

static uint32_t number(const struct vector *vector, const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!*text || *end || value > UINT16_MAX)
		bad(vector, "not a number");
	return (uint32_t)value;
}

/* "hmac sha-256": a scheme and, where it has one, a hash */
static void set_alg(struct vector *vector, char *text)
{
	char *hash = strchr(text, ' ');

	vector->attrs.alg = (struct parsec_alg){ .kind = PARSEC_ALG_UNSET };
	if (hash)
		*hash++ = 0;
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
		if (!strcmp(algorithms[i].name, text)) {
			vector->attrs.alg.kind = algorithms[i].kind;
			vector->attrs.alg.scheme = algorithms[i].scheme;
		}
	}
	if (vector->attrs.alg.kind == PARSEC_ALG_UNSET)
		bad(vector, "unknown algorithm");
	if (hash)
		vector->attrs.alg.hash = must_find(vector, hashes, hash);
}

static unsigned int digit(const struct vector *vector, char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	if (!at)
		bad(vector, "not hexadecimal");
	return (unsigned int)(at - digits);
}

static void set_bytes(struct reader *reader, uint8_t field, const char *text)
{
	struct vector *vector = &reader->vector;
	size_t len = strlen(text);

	if (len % 2)
		bad(vector, "half a byte");
	/* Exactly as long as it is, so that the sanitizers see who reads beyond */
	free(reader->room[field]);
	reader->room[field] = malloc(len / 2 + !len);
	if (!reader->room[field])
		abort();
	for (size_t i = 0; i < len / 2; i++)
		reader->room[field][i] = (uint8_t)(digit(vector, text[2 * i]) << 4 |
						   digit(vector, text[2 * i + 1]));
	vector->bytes[field] = (struct parsec_span){ reader->room[field], len / 2 };
	reader->given[field] = true;
}

static void set_text(const struct vector *vector, char *to, size_t size, const char *text)
{
	if (strlen(text) >= size)
		bad(vector, "too long");
	strcpy(to, text);
}

static void new_source(struct reader *reader, const char *text)
{
	struct vector *vector = &reader->vector;

	vector->attrs = (struct parsec_key_attributes){ .type = PARSEC_KEY_TYPE_NONE };
	memset(vector->bytes, 0, sizeof(vector->bytes));
	memset(reader->given, 0, sizeof(reader->given));
	vector->test[0] = 0;
	set_text(vector, vector->source, sizeof(vector->source), text);
}

/* Whether a verdict may be passed: a field that was forgotten would be an empty one */
static void check_complete(const struct reader *reader)
{
	const struct vector *vector = &reader->vector;
	bool keyed = vector->attrs.alg.kind != PARSEC_ALG_HASH;

	if (!vector->source[0] || !vector->test[0])
		bad(vector, "a record without a source or a test");
	if (!vector->attrs.alg.kind || (keyed && !vector->attrs.type) ||
	    (keyed && !reader->given[VECTOR_KEY]))
		bad(vector, "a record without an algorithm or a key");
	if (vector->attrs.alg.kind != PARSEC_ALG_NONE &&
	    (!reader->given[VECTOR_INPUT] || !reader->given[VECTOR_OUTPUT]))
		bad(vector, "a record without input or output");
	if (vector->verdict == VERDICT_INVALID && !vector->status)
		bad(vector, "something invalid that succeeds");
}

static bool take(struct reader *reader, const char *name, char *value)
{
	struct vector *vector = &reader->vector;
	uint8_t which;

	if (find(fields, name, &which)) {
		set_bytes(reader, which, value);
	} else if (find(verdicts, name, &which)) {
		vector->verdict = which;
		vector->status = (enum parsec_status)number(vector, value);
		check_complete(reader);
		return true;
	} else if (!strcmp(name, "source")) {
		new_source(reader, value);
	} else if (!strcmp(name, "test")) {
		set_text(vector, vector->test, sizeof(vector->test), value);
	} else if (!strcmp(name, "type")) {
		vector->attrs.type = must_find(vector, types, value);
	} else if (!strcmp(name, "family")) {
		vector->attrs.family = must_find(vector, families, value);
	} else if (!strcmp(name, "bits")) {
		vector->attrs.bits = number(vector, value);
	} else if (!strcmp(name, "alg")) {
		set_alg(vector, value);
	} else if (!strcmp(name, "length")) {
		vector->attrs.alg.length = number(vector, value);
	} else {
		bad(vector, "unknown name");
	}
	return false;
}

size_t vectors_read(const char *path, void (*each)(void *arg, const struct vector *vector),
		    void *arg)
{
	struct reader reader = { .vector.path = path };
	FILE *file = fopen(path, "re");
	char *line = NULL, *value;
	size_t size = 0;
	ssize_t len;

	if (!file) {
		perror(path);
		abort();
	}
	while ((len = getline(&line, &size, file)) > 0) {
		reader.vector.line++;
		if (line[len - 1] == '\n')
			line[len - 1] = 0;
		if (!line[0] || line[0] == '#')
			continue;
		value = strchr(line, ' ');
		if (value)
			*value++ = 0;
		if (take(&reader, line, value ? value : line + strlen(line))) {
			reader.records++;
			each(arg, &reader.vector);
		}
	}
	free(line);
	fclose(file);
	for (size_t i = 0; i < VECTOR_FIELDS; i++)
		free(reader.room[i]);
	return reader.records;
}
