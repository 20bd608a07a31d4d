// SPDX-License-Identifier: Apache-2.0
/*
 * ECDSA signatures between their two forms.
 */
#include <string.h>

#include "providers/lib/ecdsa.h"

/**
 * number_pad() - a number in a width of its own
 * @number:	most significant byte first
 * @to:		@len bytes of room
 * @len:	bytes to fill, with zeros in front
 *
 * Return: false when @number is too large.
 */
bool number_pad(struct parsec_span number, uint8_t *to, size_t len)
{
	number = der_stripped(number);
	if (number.len > len)
		return false;
	memset(to, 0, len - number.len);
	if (number.len)
		memcpy(to + len - number.len, number.data, number.len);
	return true;
}

/**
 * ecdsa_from_der() - r and s side by side
 * @signature:	twice @field bytes of room
 * @field:	bytes of each of them
 *
 * Return: false for what is no signature, has something behind it, or does not fit.
 */
bool ecdsa_from_der(struct parsec_span der, uint8_t *signature, size_t field)
{
	struct parsec_span r, s, content;

	return der_read(&der, DER_SEQUENCE, &content) && !der.len &&
	       der_read_number(&content, &r) && der_read_number(&content, &s) &&
	       !content.len && number_pad(r, signature, field) &&
	       number_pad(s, signature + field, field);
}

/**
 * ecdsa_to_der() - the DER sequence of r and s
 * @field:	bytes of each of them, at most ECDSA_FIELD_MAX
 *
 * Return: bytes of @der.
 */
size_t ecdsa_to_der(const uint8_t *signature, size_t field, uint8_t der[ECDSA_DER_MAX])
{
	struct parsec_span r = { signature, field }, s = { signature + field, field };
	size_t len;

	len = der_header(DER_SEQUENCE, der_number_size(r) + der_number_size(s), der);
	len += der_number(r, der + len);
	return len + der_number(s, der + len);
}
