// SPDX-License-Identifier: Apache-2.0
/*
 * Import into tokens that take no key as it is: they unwrap it with a key that they share
 * with us for the moment. If they do not take that one either, it goes to them under an RSA
 * key of theirs, and the token of which nothing can be had but its public key is served.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "providers/lib/der.h"
#include "providers/pkcs11/pkcs11.h"

#define KEK_SIZE	32
#define TRANSPORT_BITS	2048
/* Around a private key in PKCS #8, and around that by AES */
#define AROUND_MAX	128
/* RSAPrivateKey of 4096 bits has 2.4 kB */
#define WRAPPED_MAX	(4096 + AROUND_MAX)

/* Elements one after the other, as the content of another */
static size_t put(uint8_t tag, const struct parsec_span *parts, size_t count, uint8_t *to)
{
	size_t content = 0, at;

	for (size_t i = 0; i < count; i++)
		content += parts[i].len;
	at = der_header(tag, content, to);
	for (size_t i = 0; i < count; i++) {
		if (parts[i].len)
			memcpy(to + at, parts[i].data, parts[i].len);
		at += parts[i].len;
	}
	return at;
}

#define OCTET_STRING	0x04
#define BYTES(array)	{ array, sizeof(array) }

static const uint8_t version_0[] = { DER_INTEGER, 1, 0 };
static const uint8_t version_1[] = { DER_INTEGER, 1, 1 };

/* ECPrivateKey, without what can be computed */
static size_t put_scalar(struct parsec_span scalar, uint8_t *to)
{
	uint8_t octets[DER_HEADER_MAX + FIELD_MAX];
	const struct parsec_span parts[] = {
		BYTES(version_1), { octets, put(OCTET_STRING, &scalar, 1, octets) },
	};
	size_t len = put(DER_SEQUENCE, parts, ELEMENTS(parts), to);

	OPENSSL_cleanse(octets, sizeof(octets));
	return len;
}

/* PrivateKeyInfo of PKCS #8. @to: WRAPPED_MAX bytes */
static size_t put_pkcs8(const struct parsec_key_attributes *attrs, struct parsec_span data,
			uint8_t *to)
{
	static const uint8_t rsa[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01,
				       0x01, 0x05, 0x00 };
	static const uint8_t ec[] = { 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };
	const struct curve *curve = curve_find(attrs->family, attrs->bits);
	uint8_t algorithm[64], octets[WRAPPED_MAX], key[WRAPPED_MAX];
	struct parsec_span names[2] = { BYTES(rsa) }, parts[3] = { BYTES(version_0) };
	bool is_ec = attrs->type == PARSEC_KEY_TYPE_ECC_KEY_PAIR;
	size_t len;

	if (is_ec && curve) {
		names[0] = (struct parsec_span)BYTES(ec);
		names[1] = (struct parsec_span){ curve->oid, curve->oid_len };
		data.len = put_scalar(data, key);
		data.data = key;
	}
	parts[1] = (struct parsec_span){ algorithm, put(DER_SEQUENCE, names, is_ec ? 2 : 1,
							algorithm) };
	parts[2] = (struct parsec_span){ octets, put(OCTET_STRING, &data, 1, octets) };
	len = put(DER_SEQUENCE, parts, ELEMENTS(parts), to);
	OPENSSL_cleanse(octets, sizeof(octets));
	OPENSSL_cleanse(key, sizeof(key));
	return len;
}

static bool unwraps(const struct parsec_provider_ctx *ctx)
{
	CK_MECHANISM_INFO info;

	return cryptoki(ctx)->C_GetMechanismInfo(ctx->token.slot, CKM_AES_KEY_WRAP_PAD,
						 &info) == CKR_OK &&
	       info.flags & CKF_UNWRAP;
}

/* RFC 5649. Return: bytes of @to; 0 for a failure */
static size_t wrap(const uint8_t kek[KEK_SIZE], struct parsec_span text, uint8_t *to)
{
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
	int len = 0, last = 0;
	bool done;

	if (cipher)
		EVP_CIPHER_CTX_set_flags(cipher, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	done = cipher &&
	       EVP_EncryptInit_ex(cipher, EVP_aes_256_wrap_pad(), NULL, kek, NULL) == 1 &&
	       EVP_EncryptUpdate(cipher, to, &len, text.data, (int)text.len) == 1 &&
	       EVP_EncryptFinal_ex(cipher, to + len, &last) == 1;
	EVP_CIPHER_CTX_free(cipher);
	return done ? (size_t)len + (size_t)last : 0;
}

/* What both ways to give the token our key have in common */
static void put_kek(struct template *template, const CK_OBJECT_CLASS *class,
		    const CK_KEY_TYPE *type)
{
	template_put(template, CKA_CLASS, class, sizeof(*class));
	template_put(template, CKA_KEY_TYPE, type, sizeof(*type));
	template_flag(template, CKA_TOKEN, false);
	template_flag(template, CKA_UNWRAP, true);
}

/* The key that wraps, under an RSA key of the token */
static CK_RV send_kek(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		      CK_OBJECT_HANDLE public, CK_OBJECT_HANDLE private,
		      struct template *template, const uint8_t kek[KEK_SIZE],
		      CK_OBJECT_HANDLE *object)
{
	const struct parsec_key_attributes attrs = { .type = PARSEC_KEY_TYPE_RSA_PUBLIC_KEY,
						     .bits = TRANSPORT_BITS };
	const struct parsec_alg alg = { .kind = PARSEC_ALG_ASYMMETRIC_ENCRYPTION,
					.scheme = PARSEC_CRYPT_RSA_PKCS1V15 };
	const struct parsec_span text = { kek, KEK_SIZE }, no_label = { NULL, 0 };
	CK_MECHANISM mechanism = { CKM_RSA_PKCS, NULL, 0 };
	uint8_t room[PUBLIC_MAX], sealed[TRANSPORT_BITS / 8];
	struct parsec_out out = { room, sizeof(room), 0 }, to = { sealed, sizeof(sealed), 0 };
	struct parsec_key *key;
	CK_RV rv = public_read(ctx, session, public, &attrs, &out);

	if (rv != CKR_OK)
		return rv;
	if (public_load(ctx, &attrs, (struct parsec_span){ room, out.len }, &key))
		return CKR_HOST_MEMORY;
	if (openssl_provider.asymmetric_encrypt(ctx->software, key, &alg, no_label, text, &to))
		rv = CKR_HOST_MEMORY;
	openssl_provider.unload(ctx->software, key);
	return rv != CKR_OK ? rv :
	       cryptoki(ctx)->C_UnwrapKey(session, &mechanism, private, sealed, to.len,
					  template->list, template->count, object);
}

static CK_RV transport_kek(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
			   struct template *template, const uint8_t kek[KEK_SIZE],
			   CK_OBJECT_HANDLE *object)
{
	static const uint8_t exponent[] = { 1, 0, 1 };
	CK_MECHANISM mechanism = { CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0 };
	struct template public = { .count = 0 }, private = { .count = 0 };
	CK_OBJECT_HANDLE handles[2];
	const CK_ULONG bits = TRANSPORT_BITS;
	CK_RV rv;

	template_flag(&public, CKA_TOKEN, false);
	template_put(&public, CKA_MODULUS_BITS, &bits, sizeof(bits));
	template_put(&public, CKA_PUBLIC_EXPONENT, exponent, sizeof(exponent));
	template_flag(&private, CKA_TOKEN, false);
	template_flag(&private, CKA_UNWRAP, true);
	rv = cryptoki(ctx)->C_GenerateKeyPair(session, &mechanism, public.list, public.count,
					      private.list, private.count, &handles[0],
					      &handles[1]);
	if (rv != CKR_OK)
		return rv;
	rv = send_kek(ctx, session, handles[0], handles[1], template, kek, object);
	cryptoki(ctx)->C_DestroyObject(session, handles[0]);
	cryptoki(ctx)->C_DestroyObject(session, handles[1]);
	return rv;
}

static CK_RV share_kek(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		       const uint8_t kek[KEK_SIZE], CK_OBJECT_HANDLE *object)
{
	const CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	const CK_KEY_TYPE type = CKK_AES;
	struct template given = { .count = 0 }, sent = { .count = 0 };
	CK_RV rv;

	put_kek(&given, &class, &type);
	put_kek(&sent, &class, &type);
	template_put(&given, CKA_VALUE, kek, KEK_SIZE);
	rv = cryptoki(ctx)->C_CreateObject(session, given.list, given.count, object);
	return is_refusal(rv) ? transport_kek(ctx, session, &sent, kek, object) : rv;
}

/**
 * unwrap_key() - bring a private or secret key to the token, wrapped
 * @data:	in the format of the contract
 * @template:	of the object that it becomes
 * @object:	out
 *
 * Return: CKR_MECHANISM_INVALID when the token does not unwrap such keys.
 */
CK_RV unwrap_key(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		 const struct parsec_key_attributes *attrs, struct parsec_span data,
		 struct template *template, CK_OBJECT_HANDLE *object)
{
	uint8_t text[WRAPPED_MAX], wrapped[WRAPPED_MAX + AROUND_MAX], kek[KEK_SIZE];
	CK_MECHANISM mechanism = { CKM_AES_KEY_WRAP_PAD, NULL, 0 };
	CK_OBJECT_HANDLE with;
	CK_RV rv = CKR_HOST_MEMORY;
	size_t len;

	/* Of Montgomery curves: there was no token that does, to try it with */
	if (!unwraps(ctx) || attrs->family == PARSEC_ECC_MONTGOMERY)
		return CKR_MECHANISM_INVALID;
	if (data.len > WRAPPED_MAX - AROUND_MAX)
		return CKR_DATA_LEN_RANGE;
	if (is_pair(attrs->type)) {
		data.len = put_pkcs8(attrs, data, text);
		data.data = text;
	}
	len = RAND_priv_bytes(kek, sizeof(kek)) == 1 ? wrap(kek, data, wrapped) : 0;
	if (len)
		rv = share_kek(ctx, session, kek, &with);
	if (rv == CKR_OK) {
		rv = cryptoki(ctx)->C_UnwrapKey(session, &mechanism, with, wrapped, len,
						template->list, template->count, object);
		cryptoki(ctx)->C_DestroyObject(session, with);
	}
	OPENSSL_cleanse(text, sizeof(text));
	OPENSSL_cleanse(kek, sizeof(kek));
	return rv;
}
