/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Montgomery curves as PKCS #11 3.0 has them, for a token that has them with Edwards curves.
 */
#ifndef TRAP_MONTGOMERY_H
#define TRAP_MONTGOMERY_H

#include <p11-kit/pkcs11.h>

CK_MECHANISM_TYPE montgomery_mechanism(CK_MECHANISM_TYPE type);
CK_RV montgomery_template(const CK_ATTRIBUTE *template, CK_ULONG count, CK_ATTRIBUTE *copy,
			  CK_KEY_TYPE *type, CK_BYTE *point);
void montgomery_attribute(CK_ATTRIBUTE *attribute);

#endif /* TRAP_MONTGOMERY_H */
