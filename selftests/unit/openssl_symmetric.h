/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests of the software provider with symmetric keys.
 */
#ifndef UNIT_OPENSSL_SYMMETRIC_H
#define UNIT_OPENSSL_SYMMETRIC_H

#include <openssl/rand.h>

#include "selftests/unit/openssl_provider.h"

#define CIPHER_ALG(cipher) \
	((struct parsec_alg){ .kind = PARSEC_ALG_CIPHER, .scheme = PARSEC_CIPHER_##cipher })
#define AEAD_ALG(aead, tag) \
	((struct parsec_alg){ .kind = PARSEC_ALG_AEAD, .scheme = PARSEC_AEAD_##aead, \
			      .length = tag })
#define MAC_ALG(mac, mac_hash) \
	((struct parsec_alg){ .kind = PARSEC_ALG_MAC, .scheme = PARSEC_MAC_##mac, \
			      .hash = mac_hash })

static inline struct bytes random_data(size_t len)
{
	struct bytes data = { .len = len };

	RAND_bytes(data.data, (int)len);
	return data;
}

static inline bool same(const struct bytes *a, const struct bytes *b)
{
	return a->len == b->len && !memcmp(a->data, b->data, a->len);
}

/* A number below @limit */
static inline size_t random_below(size_t limit)
{
	uint32_t number;

	RAND_bytes((unsigned char *)&number, sizeof(number));
	return number % limit;
}

/* Import of a key for @alg; the key of success is loaded */
static inline enum parsec_status import_for(struct parsec_provider_ctx *ctx, uint8_t type,
					    struct parsec_alg alg, const struct bytes *data,
					    struct parsec_key **key)
{
	struct parsec_key_attributes attrs = { .type = type, .alg = alg };
	struct bytes blob = { .len = 0 };
	struct parsec_out out = { blob.data, sizeof(blob.data), 0 };
	struct parsec_key_ref ref;
	enum parsec_status status;

	*key = NULL;
	status = ops->import(ctx, some_id, &attrs, span_of(data), &out);
	if (status != PARSEC_SUCCESS)
		return status;
	blob.len = out.len;
	ref = (struct parsec_key_ref){ .blob = span_of(&blob) };
	return ops->load(ctx, &ref, &attrs, key);
}

#endif /* UNIT_OPENSSL_SYMMETRIC_H */
