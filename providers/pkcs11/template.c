// SPDX-License-Identifier: Apache-2.0
/*
 * Attributes of objects: those that keys are made with, and those that are read.
 */
#include <stdio.h>
#include <string.h>

#include "providers/pkcs11/pkcs11.h"

static const CK_BBOOL yes = CK_TRUE;
static const CK_BBOOL no = CK_FALSE;

/* @value must last as long as the template; PKCS #11 only reads it but does not say so */
void template_put(struct template *template, CK_ATTRIBUTE_TYPE type, const void *value,
		  size_t len)
{
	template->list[template->count++] = (CK_ATTRIBUTE){
		.type = type, .pValue = (void *)(uintptr_t)value, .ulValueLen = len,
	};
}

void template_span(struct template *template, CK_ATTRIBUTE_TYPE type, struct parsec_span value)
{
	template_put(template, type, value.data, value.len);
}

void template_flag(struct template *template, CK_ATTRIBUTE_TYPE type, bool value)
{
	template_put(template, type, value ? &yes : &no, sizeof(yes));
}

/* The label of the objects of a key */
void label_of(const uint8_t id[PARSEC_BACKEND_ID_SIZE], uint8_t label[LABEL_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t *to = label + sizeof(LABEL_PREFIX) - 1;

	memcpy(label, LABEL_PREFIX, sizeof(LABEL_PREFIX) - 1);
	for (size_t i = 0; i < PARSEC_BACKEND_ID_SIZE; i++) {
		*to++ = (uint8_t)digits[id[i] >> 4];
		*to++ = (uint8_t)digits[id[i] & 15];
	}
}

/* What an object is called: id and label make it possible to tell whose it is */
void template_identity(struct template *template, const uint8_t id[PARSEC_BACKEND_ID_SIZE])
{
	label_of(id, template->label);
	template_flag(template, CKA_TOKEN, true);
	template_put(template, CKA_ID, id, PARSEC_BACKEND_ID_SIZE);
	template_put(template, CKA_LABEL, template->label, LABEL_SIZE);
}

/* Usage flags that mean something for the algorithm of the key */
static uint32_t usage_of(const struct parsec_key_attributes *attrs)
{
	switch (attrs->alg.kind) {
	case PARSEC_ALG_MAC:
	case PARSEC_ALG_SIGNATURE:
		return attrs->usage & (PARSEC_USAGE_SIGN_HASH | PARSEC_USAGE_SIGN_MESSAGE |
				       PARSEC_USAGE_VERIFY_HASH | PARSEC_USAGE_VERIFY_MESSAGE);
	case PARSEC_ALG_CIPHER:
	case PARSEC_ALG_AEAD:
	case PARSEC_ALG_ASYMMETRIC_ENCRYPTION:
		return attrs->usage & (PARSEC_USAGE_ENCRYPT | PARSEC_USAGE_DECRYPT);
	case PARSEC_ALG_KEY_AGREEMENT:
		return attrs->usage & PARSEC_USAGE_DERIVE;
	default:
		return 0;
	}
}

static bool signs(uint32_t usage)
{
	return usage & (PARSEC_USAGE_SIGN_HASH | PARSEC_USAGE_SIGN_MESSAGE);
}

static bool verifies(uint32_t usage)
{
	return usage & (PARSEC_USAGE_VERIFY_HASH | PARSEC_USAGE_VERIFY_MESSAGE);
}

/* Is the private or secret key to leave the token? */
bool template_exports(const struct parsec_key_attributes *attrs)
{
	return attrs->usage & PARSEC_USAGE_EXPORT;
}

/**
 * template_own() - what a private or secret key may do
 * @plain:	do not say whether it can leave the token
 */
void template_own(struct template *template, const struct parsec_key_attributes *attrs,
		  bool plain)
{
	uint32_t usage = usage_of(attrs);

	template_flag(template, CKA_PRIVATE, true);
	if (!plain) {
		template_flag(template, CKA_SENSITIVE, !template_exports(attrs));
		template_flag(template, CKA_EXTRACTABLE, template_exports(attrs));
	}
	/* What verifies a MAC computes it, and compares */
	template_flag(template, CKA_SIGN, signs(usage) ||
		      (attrs->alg.kind == PARSEC_ALG_MAC && verifies(usage)));
	template_flag(template, CKA_DECRYPT, usage & PARSEC_USAGE_DECRYPT);
	if (is_pair(attrs->type)) {
		template_flag(template, CKA_DERIVE, usage & PARSEC_USAGE_DERIVE);
		return;
	}
	template_flag(template, CKA_VERIFY, false);
	template_flag(template, CKA_ENCRYPT, usage & PARSEC_USAGE_ENCRYPT);
}

/* Likewise of a public key */
void template_public(struct template *template, const struct parsec_key_attributes *attrs)
{
	uint32_t usage = usage_of(attrs);

	template_flag(template, CKA_PRIVATE, false);
	template_flag(template, CKA_VERIFY, verifies(usage));
	template_flag(template, CKA_ENCRYPT, usage & PARSEC_USAGE_ENCRYPT);
}

/**
 * attribute_get() - read an attribute
 * @value:	room for it
 *
 * Return: CKR_OK; CKR_LIE when it does not fit, as lengths are known here before; what the
 * module says.
 */
CK_RV attribute_get(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		    CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, struct parsec_out *value)
{
	CK_ATTRIBUTE attribute = { .type = type, .pValue = value->data,
				   .ulValueLen = value->size };
	CK_RV rv = cryptoki(ctx)->C_GetAttributeValue(session, object, &attribute, 1);

	value->len = 0;
	if (rv == CKR_BUFFER_TOO_SMALL || (rv == CKR_OK && attribute.ulValueLen > value->size))
		return CKR_LIE;
	if (rv == CKR_OK)
		value->len = attribute.ulValueLen;
	return rv;
}

CK_RV attribute_number(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		       CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, CK_ULONG *value)
{
	CK_ULONG number = 0;
	struct parsec_out out = { (uint8_t *)&number, sizeof(number), 0 };
	CK_RV rv = attribute_get(ctx, session, object, type, &out);

	*value = number;
	return rv == CKR_OK && out.len != sizeof(number) ? CKR_LIE : rv;
}
