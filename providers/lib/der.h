/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The little of DER that keys and signatures are written in: sequences and numbers that
 * are not negative. Strict, so that bytes which are read and written again are the same.
 */
#ifndef PARSEC_PROVIDERS_DER_H
#define PARSEC_PROVIDERS_DER_H

#include "providers/provider.h"

#define DER_INTEGER	0x02
#define DER_SEQUENCE	0x30

/* Bytes that the tag and length of an element can have in front of it */
#define DER_HEADER_MAX	6

/* der.c */
bool der_read(struct parsec_span *at, uint8_t tag, struct parsec_span *content);
bool der_read_number(struct parsec_span *at, struct parsec_span *number);
struct parsec_span der_stripped(struct parsec_span number);
size_t der_number_size(struct parsec_span number);
size_t der_header(uint8_t tag, size_t len, uint8_t to[DER_HEADER_MAX]);
size_t der_number(struct parsec_span number, uint8_t *to);

#endif /* PARSEC_PROVIDERS_DER_H */
