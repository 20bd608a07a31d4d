/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes in tests, written as the contract writes them.
 */
#ifndef SELFTESTS_UNIT_HEX_H
#define SELFTESTS_UNIT_HEX_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "providers/provider.h"

#define HEX_MAX 512

/* Bytes of a hexadecimal text, up to HEX_MAX of them, in @room */
static inline struct parsec_span hex(const char *text, uint8_t room[HEX_MAX])
{
	struct parsec_span span = { room, 0 };
	unsigned int byte;

	while (span.len < HEX_MAX && sscanf(text, "%2x", &byte) == 1) {
		room[span.len++] = (uint8_t)byte;
		text += 2;
	}
	return span;
}

static inline struct parsec_span text(const char *string)
{
	return (struct parsec_span) { (const uint8_t *)string, strlen(string) };
}

static inline bool same(struct parsec_span a, struct parsec_span b)
{
	return a.len == b.len && (!a.len || !memcmp(a.data, b.data, a.len));
}

#endif /* SELFTESTS_UNIT_HEX_H */
