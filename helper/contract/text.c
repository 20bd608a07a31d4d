// SPDX-License-Identifier: Apache-2.0
/*
 * Texts in messages: what counts as UTF-8 and as the name of a key, and strings.
 */
#include <string.h>

#include "helper/contract/operations.h"

/* Bytes of the character that starts here, 0 when none does */
static size_t character(const uint8_t *at, size_t len)
{
	uint8_t first = at[0], second_min = 0x80, second_max = 0xbf;
	size_t size, i;

	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	if (len < size)
		return 0;
	/* No longer forms than needed, no surrogates, nothing above U+10FFFF */
	if (first == 0xe0)
		second_min = 0xa0;
	else if (first == 0xed)
		second_max = 0x9f;
	else if (first == 0xf0)
		second_min = 0x90;
	else if (first == 0xf4)
		second_max = 0x8f;
	if (at[1] < second_min || at[1] > second_max)
		return 0;
	for (i = 2; i < size; i++)
		if (at[i] < 0x80 || at[i] > 0xbf)
			return 0;
	return size;
}

bool text_is_utf8(struct parsec_span text)
{
	size_t i = 0, size;

	while (i < text.len) {
		size = character(text.data + i, text.len - i);
		if (!size)
			return false;
		i += size;
	}
	return true;
}

enum parsec_status text_check_name(struct parsec_span name)
{
	if (!text_is_utf8(name))
		return PARSEC_DESERIALIZING_BODY_FAILED;
	if (!name.len || name.len > PARSEC_KEY_NAME_MAX ||
	    memchr(name.data, 0, name.len))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	return PARSEC_SUCCESS;
}

ProtobufCBinaryData codec_put_text(const char *text)
{
	struct parsec_span span = { (const uint8_t *)text, text ? strlen(text) : 0 };

	return codec_bytes(span);
}

enum parsec_status codec_get_text(const ProtobufCBinaryData *bytes, struct arena *arena,
				  const char **text)
{
	const struct parsec_span span = { bytes->data, bytes->len };
	char *copy;

	if (!text_is_utf8(span) || (span.len && memchr(span.data, 0, span.len)))
		return PARSEC_DESERIALIZING_BODY_FAILED;
	copy = arena_alloc(arena, span.len + 1);
	if (!copy)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	if (span.len)
		memcpy(copy, span.data, span.len);
	copy[span.len] = '\0';
	*text = copy;
	return PARSEC_SUCCESS;
}
