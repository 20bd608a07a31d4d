/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenSSL in the test's own process, which the service's outputs are held against.
 */
#ifndef SELFTESTS_CONTRACT_REFERENCE_H
#define SELFTESTS_CONTRACT_REFERENCE_H

#include <openssl/evp.h>

#include "selftests/contract/ask.h"

/* Algorithm of a hash number of the contract, NULL when OpenSSL has none */
const EVP_MD *reference_md(uint8_t hash);
struct parsec_span reference_digest(uint8_t hash, struct parsec_span message);

/* Curve of so many bits */
const char *reference_curve(uint32_t bits);
/* A key pair: on the curve of so many bits, or RSA of so many bits */
EVP_PKEY *reference_ecc(uint32_t bits);
EVP_PKEY *reference_rsa(uint32_t bits);
/* The key pair with private scalar @scalar on that curve */
EVP_PKEY *reference_scalar(uint32_t bits, struct parsec_span scalar);

/* The public part, and the private one, in the contract's format */
struct parsec_span reference_public(EVP_PKEY *key);
struct parsec_span reference_private(EVP_PKEY *key);
/* A public key from the contract's format; NULL when it is none */
EVP_PKEY *reference_from_public(uint32_t ecc_bits, struct parsec_span data);

/* Signatures in the contract's format */
struct parsec_span reference_sign(EVP_PKEY *key, uint8_t scheme, uint8_t hash,
				  struct parsec_span digest);
bool reference_verify(EVP_PKEY *key, uint8_t scheme, uint8_t hash,
		      struct parsec_span digest, struct parsec_span signature);

#endif /* SELFTESTS_CONTRACT_REFERENCE_H */
