/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ECDSA signatures: the contract has r and s side by side, each as wide as the field of the
 * curve; OpenSSL has a DER sequence of the two.
 */
#ifndef PARSEC_PROVIDERS_ECDSA_H
#define PARSEC_PROVIDERS_ECDSA_H

#include "providers/lib/der.h"

/* SEQUENCE of two INTEGERs of up to 73 bytes, for the curves over 571 bits */
#define ECDSA_DER_MAX	(3 + 2 * (2 + 73))
#define ECDSA_FIELD_MAX	72

/* ecdsa.c */
bool number_pad(struct parsec_span number, uint8_t *to, size_t len);
bool ecdsa_from_der(struct parsec_span der, uint8_t *signature, size_t field);
size_t ecdsa_to_der(const uint8_t *signature, size_t field, uint8_t der[ECDSA_DER_MAX]);

#endif /* PARSEC_PROVIDERS_ECDSA_H */
