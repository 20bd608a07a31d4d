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

static enum parsec_status write_numbers(const struct parsec_span *numbers, size_t count,
					struct parsec_out *der)
{
	size_t content = 0, len;

	for (size_t i = 0; i < count; i++)
		content += der_number_size(numbers[i]);
	len = der_header(DER_SEQUENCE, content, NULL);
	if (der->size < len + content)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	der_header(DER_SEQUENCE, content, der->data);
	for (size_t i = 0; i < count; i++)
		len += der_number(numbers[i], der->data + len);
	der->len = len;
	return PARSEC_SUCCESS;
}

/**
 * rsa_write_public() - RSAPublicKey of two numbers
 * @key:	its numbers may have zeros in front
 *
 * Return: PARSEC_SUCCESS or PARSEC_PSA_ERROR_BUFFER_TOO_SMALL.
 */
enum parsec_status rsa_write_public(const struct rsa_public *key, struct parsec_out *der)
{
	const struct parsec_span numbers[] = { key->n, key->e };

	return write_numbers(numbers, sizeof(numbers) / sizeof(numbers[0]), der);
}

/**
 * rsa_write_private() - RSAPrivateKey of two primes, likewise
 *
 * Return: PARSEC_SUCCESS or PARSEC_PSA_ERROR_BUFFER_TOO_SMALL.
 */
enum parsec_status rsa_write_private(const struct rsa_private *key, struct parsec_out *der)
{
	const struct parsec_span version = { NULL, 0 };
	const struct parsec_span numbers[] = {
		version, key->public.n, key->public.e, key->d, key->p, key->q, key->dp, key->dq,
		key->qinv,
	};

	return write_numbers(numbers, sizeof(numbers) / sizeof(numbers[0]), der);
}

/* Bits of the modulus */
uint32_t rsa_bits(const struct rsa_public *key)
{
	struct parsec_span n = der_stripped(key->n);

	if (!n.len)
		return 0;
	return (uint32_t)(n.len * 8) - (uint32_t)(__builtin_clz(n.data[0]) - 24);
}
