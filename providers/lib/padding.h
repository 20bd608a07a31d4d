/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The padding of PKCS#7.
 */
#ifndef PARSEC_PROVIDERS_PADDING_H
#define PARSEC_PROVIDERS_PADDING_H

#include <stddef.h>
#include <stdint.h>

/* padding.c */
size_t padding_size(const uint8_t *last, size_t block);

#endif /* PARSEC_PROVIDERS_PADDING_H */
