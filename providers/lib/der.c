// SPDX-License-Identifier: Apache-2.0
/*
 * DER of sequences and numbers, read and written.
 */
#include <string.h>

#include "providers/lib/der.h"

/* Lengths from here on have bytes of their own; of these, as many as a key may need */
#define LONG_LENGTH	0x80
#define LENGTH_BYTES	4

/**
 * der_read() - take an element from the front
 * @at:		what there is to read; what is behind the element afterwards
 * @tag:	what the element must be
 * @content:	its content, a part of @at
 *
 * Return: false, with @at as it was, for anything but a whole element of this kind whose
 * length is written in the shortest way.
 */
bool der_read(struct parsec_span *at, uint8_t tag, struct parsec_span *content)
{
	size_t header = 2, len, bytes;

	if (at->len < header || at->data[0] != tag)
		return false;
	len = at->data[1];
	if (len >= LONG_LENGTH) {
		bytes = len - LONG_LENGTH;
		if (!bytes || bytes > LENGTH_BYTES || at->len - header < bytes)
			return false;
		len = 0;
		for (size_t i = 0; i < bytes; i++)
			len = len << 8 | at->data[header + i];
		if (len < LONG_LENGTH || !at->data[header])
			return false;
		header += bytes;
	}
	if (at->len - header < len)
		return false;
	content->data = at->data + header;
	content->len = len;
	at->data += header + len;
	at->len -= header + len;
	return true;
}

/**
 * der_read_number() - take a number from the front
 * @at:		as for der_read()
 * @number:	most significant byte first, without zeros in front; 0 has no bytes
 *
 * Return: false for what der_read() refuses, for a negative number, and for one that is
 * longer than it need be.
 */
bool der_read_number(struct parsec_span *at, struct parsec_span *number)
{
	struct parsec_span before = *at;

	if (!der_read(at, DER_INTEGER, number))
		return false;
	if (!number->len || number->data[0] & 0x80 ||
	    (number->len > 1 && !number->data[0] && !(number->data[1] & 0x80))) {
		*at = before;
		return false;
	}
	*number = der_stripped(*number);
	return true;
}

/* A number without zeros in front: 0 has no bytes */
struct parsec_span der_stripped(struct parsec_span number)
{
	while (number.len && !number.data[0]) {
		number.data++;
		number.len--;
	}
	return number;
}

/* A number of which the first bit is set gets a zero in front, as does the number 0 */
static size_t content_size(struct parsec_span number)
{
	return number.len + (!number.len || number.data[0] & 0x80);
}

/* Bytes of a length behind the first, which is all that a short one has */
static size_t length_bytes(size_t len)
{
	size_t bytes = 0;

	if (len < LONG_LENGTH)
		return 0;
	for (; len; len >>= 8)
		bytes++;
	return bytes;
}

/**
 * der_header() - tag and length of an element
 * @len:	bytes of its content, below 2^32
 * @to:		room for it; NULL to count only
 *
 * Return: bytes of it.
 */
size_t der_header(uint8_t tag, size_t len, uint8_t to[DER_HEADER_MAX])
{
	size_t bytes = length_bytes(len);

	if (!to)
		return 2 + bytes;
	to[0] = tag;
	to[1] = bytes ? (uint8_t)(LONG_LENGTH + bytes) : (uint8_t)len;
	for (size_t i = 0; i < bytes; i++)
		to[2 + i] = (uint8_t)(len >> 8 * (bytes - 1 - i));
	return 2 + bytes;
}

/* Bytes of a number as an element; it may have zeros in front, which are left out */
size_t der_number_size(struct parsec_span number)
{
	size_t len = content_size(der_stripped(number));

	return der_header(DER_INTEGER, len, NULL) + len;
}

/**
 * der_number() - write a number as an element
 * @number:	may have zeros in front, which are left out
 * @to:		der_number_size() bytes of room
 *
 * Return: der_number_size() of it.
 */
size_t der_number(struct parsec_span number, uint8_t *to)
{
	size_t len, at;

	number = der_stripped(number);
	len = content_size(number);
	at = der_header(DER_INTEGER, len, to);
	if (len > number.len)
		to[at] = 0;
	if (number.len)
		memcpy(to + at + len - number.len, number.data, number.len);
	return at + len;
}
