/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking into a table of capabilities.
 */
#ifndef PARSEC_PROVIDERS_CAPABILITY_H
#define PARSEC_PROVIDERS_CAPABILITY_H

#include "providers/provider.h"

/* capability.c */
bool capability_covers(const struct parsec_capability *rows, size_t count,
		       const struct parsec_key_attributes *attrs, uint32_t can);

#endif /* PARSEC_PROVIDERS_CAPABILITY_H */
