/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What elliptic curves take of OpenSSL where the backend has only half of it.
 */
#ifndef PARSEC_PROVIDERS_EC_H
#define PARSEC_PROVIDERS_EC_H

#include <openssl/types.h>

#include "providers/provider.h"

/* ec.c */
bool ec_multiply(OSSL_LIB_CTX *lib, int nid, const BIGNUM *scalar, uint8_t *point, size_t len);
enum parsec_status ec_public(OSSL_LIB_CTX *lib, int nid, struct parsec_span scalar,
			     uint8_t *point, size_t len);
void ec_clamp(uint32_t bits, uint8_t *scalar);

#endif /* PARSEC_PROVIDERS_EC_H */
