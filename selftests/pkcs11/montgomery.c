// SPDX-License-Identifier: Apache-2.0
/*
 * Montgomery curves as PKCS #11 3.0 has them, for SoftHSM, which has them with Edwards curves
 * and in an OCTET STRING.
 */
#include <string.h>

#include "selftests/pkcs11/montgomery.h"

/* Of 3.0 */
#define KEY_TYPE	0x41UL
#define GENERATOR	0x1056UL

/* X25519 and X448 */
#define POINT_25519	32
#define POINT_448	56

/* What the other library has for it. One that this one would not have is none */
CK_MECHANISM_TYPE montgomery_mechanism(CK_MECHANISM_TYPE type)
{
	if (type == GENERATOR)
		return CKM_EC_EDWARDS_KEY_PAIR_GEN;
	return type == CKM_EC_EDWARDS_KEY_PAIR_GEN ? CKM_VENDOR_DEFINED : type;
}

/**
 * montgomery_template() - a template as the other library wants it
 * @copy:	room for @count
 * @type:	room for the type
 * @point:	room for a point and 2 bytes
 */
CK_RV montgomery_template(const CK_ATTRIBUTE *template, CK_ULONG count, CK_ATTRIBUTE *copy,
			  CK_KEY_TYPE *type, CK_BYTE *point)
{
	memcpy(copy, template, count * sizeof(*copy));
	*type = 0;
	for (CK_ULONG i = 0; i < count; i++) {
		if (copy[i].type != CKA_KEY_TYPE)
			continue;
		memcpy(type, copy[i].pValue, sizeof(*type));
		if (*type == CKK_EC_EDWARDS)
			return CKR_ATTRIBUTE_VALUE_INVALID;
		if (*type == KEY_TYPE)
			*type = CKK_EC_EDWARDS;
		copy[i].pValue = type;
	}
	for (CK_ULONG i = 0; i < count; i++) {
		if (*type != CKK_EC_EDWARDS || copy[i].type != CKA_EC_POINT)
			continue;
		if (copy[i].ulValueLen != POINT_25519 && copy[i].ulValueLen != POINT_448)
			return CKR_ATTRIBUTE_VALUE_INVALID;
		point[0] = 0x04;
		point[1] = (CK_BYTE)copy[i].ulValueLen;
		memcpy(point + 2, copy[i].pValue, copy[i].ulValueLen);
		copy[i].pValue = point;
		copy[i].ulValueLen += 2;
	}
	return CKR_OK;
}

/* What the other library has said, as this one says it */
void montgomery_attribute(CK_ATTRIBUTE *attribute)
{
	CK_BYTE *value = attribute->pValue;
	CK_KEY_TYPE type;

	if (attribute->type == CKA_KEY_TYPE) {
		memcpy(&type, value, sizeof(type));
		if (type == CKK_EC_EDWARDS)
			type = KEY_TYPE;
		memcpy(value, &type, sizeof(type));
	}
	if (attribute->type == CKA_EC_POINT && (attribute->ulValueLen == 2 + POINT_25519 ||
						attribute->ulValueLen == 2 + POINT_448)) {
		attribute->ulValueLen -= 2;
		memmove(value, value + 2, attribute->ulValueLen);
	}
}
