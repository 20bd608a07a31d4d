/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSA keys in the form of the contract, which is that of PKCS#1, as the numbers that they
 * are made of.
 */
#ifndef PARSEC_PROVIDERS_RSA_H
#define PARSEC_PROVIDERS_RSA_H

#include "providers/provider.h"

/**
 * struct rsa_public - RSAPublicKey
 * @n:	modulus
 * @e:	public exponent
 *
 * Here and below each number is without zeros in front; when it was read, it is a part of
 * what it was read from.
 */
struct rsa_public {
	struct parsec_span n;
	struct parsec_span e;
};

/**
 * struct rsa_private - RSAPrivateKey of two primes
 * @public:	modulus and public exponent
 * @d:		private exponent
 * @p:		prime
 * @q:		the other one
 * @dp:		@d modulo @p - 1
 * @dq:		@d modulo @q - 1
 * @qinv:	inverse of @q modulo @p
 */
struct rsa_private {
	struct rsa_public public;
	struct parsec_span d;
	struct parsec_span p;
	struct parsec_span q;
	struct parsec_span dp;
	struct parsec_span dq;
	struct parsec_span qinv;
};

/* rsa.c */
bool rsa_read_public(struct parsec_span der, struct rsa_public *key);
bool rsa_read_private(struct parsec_span der, struct rsa_private *key);
enum parsec_status rsa_write_public(const struct rsa_public *key, struct parsec_out *der);
enum parsec_status rsa_write_private(const struct rsa_private *key, struct parsec_out *der);
uint32_t rsa_bits(const struct rsa_public *key);

#endif /* PARSEC_PROVIDERS_RSA_H */
