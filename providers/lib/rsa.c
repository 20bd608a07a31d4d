// SPDX-License-Identifier: Apache-2.0
/*
 * RSA keys, read and written. Whether the numbers of a key belong together is not looked
 * at here.
 */
#include "providers/lib/der.h"
#include "providers/lib/rsa.h"

static bool read_public(struct parsec_span *content, struct rsa_public *key)
{
	return der_read_number(content, &key->n) && der_read_number(content, &key->e) &&
	       key->n.len && key->e.len;
}

/**
 * rsa_read_public() - the numbers of an RSAPublicKey
 *
 * Return: false for what is not exactly one, written as DER wants it, and for a modulus or
 * exponent of 0.
 */
bool rsa_read_public(struct parsec_span der, struct rsa_public *key)
{
	struct parsec_span content;

	return der_read(&der, DER_SEQUENCE, &content) && !der.len &&
	       read_public(&content, key) && !content.len;
}

/**
 * rsa_read_private() - the numbers of an RSAPrivateKey of two primes
 *
 * Return: false for what is not exactly one, written as DER wants it, and when any of the
 * numbers is 0.
 */
bool rsa_read_private(struct parsec_span der, struct rsa_private *key)
{
	struct parsec_span *const parts[] = {
		&key->d, &key->p, &key->q, &key->dp, &key->dq, &key->qinv,
	};
	struct parsec_span content, version;

	/* Version 0 is the one of two primes */
	if (!der_read(&der, DER_SEQUENCE, &content) || der.len ||
	    !der_read_number(&content, &version) || version.len ||
	    !read_public(&content, &key->public))
		return false;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!der_read_number(&content, parts[i]) || !parts[i]->len)
			return false;
	}
	return !content.len;
}

/**
 * rsa_write_public() - RSAPublicKey of two numbers
 * @key:	its numbers may have zeros in front
 *
 * Return: PARSEC_SUCCESS or PARSEC_PSA_ERROR_BUFFER_TOO_SMALL.
 */
enum parsec_status rsa_write_public(const struct rsa_public *key, struct parsec_out *der)
{
	size_t content = der_number_size(key->n) + der_number_size(key->e);
	size_t len = der_header(DER_SEQUENCE, content, NULL);

	if (der->size < len + content)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	der_header(DER_SEQUENCE, content, der->data);
	len += der_number(key->n, der->data + len);
	len += der_number(key->e, der->data + len);
	der->len = len;
	return PARSEC_SUCCESS;
}

/* Bits of the modulus */
uint32_t rsa_bits(const struct rsa_public *key)
{
	struct parsec_span n = der_stripped(key->n);

	if (!n.len)
		return 0;
	return (uint32_t)(n.len * 8) - (uint32_t)(__builtin_clz(n.data[0]) - 24);
}
