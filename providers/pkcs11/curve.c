// SPDX-License-Identifier: Apache-2.0
/*
 * Named curves over prime fields, and the forms that points of them have. Of Montgomery curves
 * there is one coordinate, little endian (RFC 7748).
 */
#include <string.h>

#include "providers/pkcs11/pkcs11.h"

#define OCTET_STRING	0x04
/* Lengths up to here are one byte; a point of the longest curve takes one byte more */
#define SHORT_LENGTH	127
#define LONG_LENGTH_1	0x81

#define CURVE(of, size, ...) { \
	.family = PARSEC_ECC_##of, .bits = size, .oid = { __VA_ARGS__ }, \
	.oid_len = sizeof((const uint8_t[]){ __VA_ARGS__ }) }

/* Missing is secp224k1: its order is longer than its field, which the contract has no form for */
const struct curve curves[] = {
	CURVE(SECP_R1, 192, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x01),
	CURVE(SECP_R1, 224, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x21),
	CURVE(SECP_R1, 256, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07),
	CURVE(SECP_R1, 384, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22),
	CURVE(SECP_R1, 521, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23),
	CURVE(SECP_K1, 192, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x1f),
	CURVE(SECP_K1, 256, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a),
	CURVE(BRAINPOOL_P_R1, 160,
	      0x06, 0x09, 0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x01),
	CURVE(BRAINPOOL_P_R1, 192,
	      0x06, 0x09, 0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x03),
	CURVE(BRAINPOOL_P_R1, 224,
	      0x06, 0x09, 0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x05),
	CURVE(BRAINPOOL_P_R1, 256,
	      0x06, 0x09, 0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x07),
	CURVE(BRAINPOOL_P_R1, 320,
	      0x06, 0x09, 0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x09),
	CURVE(BRAINPOOL_P_R1, 384,
	      0x06, 0x09, 0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0b),
	CURVE(BRAINPOOL_P_R1, 512,
	      0x06, 0x09, 0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0d),
	CURVE(MONTGOMERY, 255, 0x06, 0x03, 0x2b, 0x65, 0x6e),
	CURVE(MONTGOMERY, 448, 0x06, 0x03, 0x2b, 0x65, 0x6f),
};

const size_t curve_count = ELEMENTS(curves);

const struct curve *curve_find(uint8_t family, uint32_t bits)
{
	for (size_t i = 0; i < ELEMENTS(curves); i++) {
		if (curves[i].family == family && curves[i].bits == bits)
			return &curves[i];
	}
	return NULL;
}

/**
 * curve_mechanism() - what makes keys of this family
 *
 * Return: 0 when the token has none of them.
 */
CK_MECHANISM_TYPE curve_mechanism(const struct parsec_provider_ctx *ctx, uint8_t family)
{
	return family == PARSEC_ECC_MONTGOMERY ? ctx->montgomery : CKM_EC_KEY_PAIR_GEN;
}

/* CKA_KEY_TYPE of keys of this family */
CK_KEY_TYPE curve_key_type(const struct parsec_provider_ctx *ctx, uint8_t family)
{
	if (family != PARSEC_ECC_MONTGOMERY)
		return CKK_EC;
	return ctx->montgomery == CKM_EC_EDWARDS_KEY_PAIR_GEN ? CKK_EC_EDWARDS :
								CKK_EC_MONTGOMERY;
}

/**
 * point_unwrap() - the point in CKA_EC_POINT
 * @value:	an OCTET STRING around it, as it should be, or the point, as some have it
 * @family:	of its curve
 * @field:	bytes of a coordinate
 * @point:	part of @value
 *
 * The two cannot be confused: their lengths differ.
 */
bool point_unwrap(struct parsec_span value, uint8_t family, size_t field,
		  struct parsec_span *point)
{
	bool bare = family == PARSEC_ECC_MONTGOMERY;
	size_t len = bare ? field : 1 + 2 * field, head = len > SHORT_LENGTH ? 3 : 2;

	if (value.len == head + len && value.data[0] == OCTET_STRING &&
	    value.data[head - 1] == len && (head == 2 || value.data[1] == LONG_LENGTH_1)) {
		value.data += head;
		value.len = len;
	}
	*point = value;
	return value.len == len && (bare || value.data[0] == 4);
}

/* With an OCTET STRING around it; @to: 3 bytes more than @point */
struct parsec_span point_wrap(struct parsec_span point, uint8_t *to)
{
	size_t head = 0;

	to[head++] = OCTET_STRING;
	if (point.len > SHORT_LENGTH)
		to[head++] = LONG_LENGTH_1;
	to[head++] = (uint8_t)point.len;
	memcpy(to + head, point.data, point.len);
	return (struct parsec_span){ to, head + point.len };
}
