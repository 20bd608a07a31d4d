// SPDX-License-Identifier: Apache-2.0
/*
 * What OpenSSL says that the result should be.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/dh.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>

#include "tools/provider-check/check.h"

#define DES_KEY		24

static const char *block_name(const struct subject *key, const char *mode)
{
	static _Thread_local char name[32];
	uint32_t bits = key->attrs.bits;

	if (key->attrs.type == PARSEC_KEY_TYPE_DES)
		snprintf(name, sizeof(name), "DES-EDE3-%s", mode);
	else if (key->attrs.type == PARSEC_KEY_TYPE_CHACHA20)
		snprintf(name, sizeof(name), "%s", mode);
	else
		snprintf(name, sizeof(name), "%s-%u-%s",
			 key->attrs.type == PARSEC_KEY_TYPE_AES ? "AES" : "CAMELLIA",
			 strcmp(mode, "XTS") ? bits : bits / 2, mode);
	return name;
}

static EVP_CIPHER *fetch(const struct subject *subject, const struct parsec_alg *alg)
{
	static const char *const ciphers[] = {
		"", "ChaCha20", "CTR", "CFB", "OFB", "XTS", "ECB", "CBC", "CBC" };
	static const char *const aeads[] = { "", "CCM", "GCM", "ChaCha20-Poly1305" };
	const char *mode = alg->kind == PARSEC_ALG_AEAD ? aeads[alg->scheme] :
			   alg->kind == PARSEC_ALG_MAC ? "CBC" : ciphers[alg->scheme];

	return EVP_CIPHER_fetch(NULL, block_name(subject, mode), NULL);
}

/* DES of fewer than three keys repeats them */
static void key_bytes(const struct material *key, uint8_t bytes[64], uint8_t type)
{
	size_t want = type == PARSEC_KEY_TYPE_DES ? DES_KEY : key->len;

	for (size_t i = 0; i < want && i < 64; i++)
		bytes[i] = key->bytes[i % key->len];
}

static long crypt(const struct material *key, const struct subject *subject, bool encrypt,
		  const struct input *in, uint8_t *out)
{
	bool chacha = subject->attrs.type == PARSEC_KEY_TYPE_CHACHA20;
	EVP_CIPHER *method = fetch(subject, &in->alg);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t bytes[64], iv[32] = { 0 };
	int len = 0, more = 0;
	bool done;

	key_bytes(key, bytes, subject->attrs.type);
	if (in->first.len)
		memcpy(iv + (chacha ? 4 : 0), in->first.data, in->first.len);
	done = method && EVP_CipherInit_ex2(ctx, method, bytes, iv, encrypt, NULL) == 1 &&
	       EVP_CIPHER_CTX_set_padding(ctx, in->alg.kind == PARSEC_ALG_CIPHER &&
					       in->alg.scheme == PARSEC_CIPHER_CBC_PKCS7) &&
	       EVP_CipherUpdate(ctx, out, &len, in->text.data, (int)in->text.len) == 1 &&
	       EVP_CipherFinal_ex(ctx, out + len, &more) == 1;
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(method);
	return done ? len + more : -1;
}

static long seal(const struct material *key, const struct subject *subject,
		 const struct input *in, uint8_t *out)
{
	EVP_CIPHER *method = fetch(subject, &in->alg);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int tag = in->alg.length ? (int)in->alg.length : 16, len = 0, more = 0, ad;
	bool ccm = in->alg.scheme == PARSEC_AEAD_CCM, done;

	done = method && EVP_EncryptInit_ex2(ctx, method, NULL, NULL, NULL) == 1 &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, (int)in->first.len, NULL) == 1 &&
	       (!ccm || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, tag, NULL) == 1) &&
	       EVP_EncryptInit_ex2(ctx, NULL, key->bytes, in->first.data, NULL) == 1 &&
	       (!ccm || EVP_EncryptUpdate(ctx, NULL, &len, NULL, (int)in->text.len) == 1) &&
	       EVP_EncryptUpdate(ctx, NULL, &ad, in->additional.data,
				 (int)in->additional.len) == 1 &&
	       EVP_EncryptUpdate(ctx, out, &len, in->text.data, (int)in->text.len) == 1 &&
	       EVP_EncryptFinal_ex(ctx, out + len, &more) == 1 &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, tag, out + len + more) == 1;
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(method);
	return done ? len + more + tag : -1;
}

static long mac(const struct material *key, const struct subject *subject,
		const struct input *in, uint8_t *out)
{
	uint8_t bytes[64], text[ROOM];
	size_t len = 0, block = subject->attrs.type == PARSEC_KEY_TYPE_DES ? 8 : 16;
	struct input zero_iv = *in;
	long done;

	if (in->alg.scheme == PARSEC_MAC_HMAC)
		return EVP_Q_mac(NULL, "HMAC", NULL, name_of_hash(in->alg.hash), NULL, key->bytes,
				 key->len, in->text.data, in->text.len, out, ROOM, &len) ?
			       (long)len : -1;
	key_bytes(key, bytes, subject->attrs.type);
	if (in->alg.scheme == PARSEC_MAC_CMAC)
		return EVP_Q_mac(NULL, "CMAC", NULL, block_name(subject, "CBC"), NULL, bytes,
				 block == 8 ? DES_KEY : key->len, in->text.data, in->text.len,
				 out, ROOM, &len) ? (long)len : -1;
	/* CBC-MAC is the last block of CBC */
	zero_iv.first.len = 0;
	done = crypt(key, subject, true, &zero_iv, text);
	if (done < (long)block)
		return -1;
	memcpy(out, text + done - block, block);
	return (long)block;
}

static bool prepare_rsa(EVP_PKEY_CTX *ctx, const struct parsec_alg *alg)
{
	EVP_MD *md = alg->hash ? EVP_MD_fetch(NULL, name_of_hash(alg->hash), NULL) : NULL;
	bool pss = alg->scheme == PARSEC_SIGN_RSA_PSS, done;

	done = EVP_PKEY_CTX_set_rsa_padding(ctx, pss ? RSA_PKCS1_PSS_PADDING :
						       RSA_PKCS1_PADDING) == 1 &&
	       (!md || EVP_PKEY_CTX_set_signature_md(ctx, md) == 1) &&
	       (!pss || EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1);
	EVP_MD_free(md);
	return done;
}

static long sign(EVP_PKEY *pkey, const struct subject *subject, const struct input *in,
		 uint8_t *out)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
	bool ecc = EVP_PKEY_get_base_id(pkey) == EVP_PKEY_EC, done;
	int field = ((int)subject->attrs.bits + 7) / 8;
	uint8_t der[ROOM];
	size_t len = sizeof(der);
	const uint8_t *at = der;
	ECDSA_SIG *pair;

	done = ctx && EVP_PKEY_sign_init(ctx) == 1 && (ecc || prepare_rsa(ctx, &in->alg)) &&
	       EVP_PKEY_sign(ctx, der, &len, in->text.data, in->text.len) == 1;
	EVP_PKEY_CTX_free(ctx);
	if (!done)
		return -1;
	if (!ecc) {
		memcpy(out, der, len);
		return (long)len;
	}
	pair = d2i_ECDSA_SIG(NULL, &at, (long)len);
	if (!pair)
		return -1;
	BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, field);
	BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + field, field);
	ECDSA_SIG_free(pair);
	return 2L * field;
}

bool oracle_verify(EVP_PKEY *pkey, const struct subject *subject, const struct input *in)
{
	bool ecc = EVP_PKEY_get_base_id(pkey) == EVP_PKEY_EC, done;
	int field = ((int)subject->attrs.bits + 7) / 8, len = (int)in->signature.len;
	uint8_t der[ROOM], *at = der;
	EVP_PKEY_CTX *ctx;
	ECDSA_SIG *pair;

	if (len > ROOM / 2 || (ecc && len != 2 * field))
		return false;
	if (ecc) {
		pair = ECDSA_SIG_new();
		ECDSA_SIG_set0(pair, BN_bin2bn(in->signature.data, field, NULL),
			       BN_bin2bn(in->signature.data + field, field, NULL));
		len = i2d_ECDSA_SIG(pair, &at);
		ECDSA_SIG_free(pair);
	} else {
		memcpy(der, in->signature.data, in->signature.len);
	}
	ctx = EVP_PKEY_CTX_new(pkey, NULL);
	done = EVP_PKEY_verify_init(ctx) == 1 && (ecc || prepare_rsa(ctx, &in->alg)) &&
	       EVP_PKEY_verify(ctx, der, (size_t)len, in->text.data, in->text.len) == 1;
	EVP_PKEY_CTX_free(ctx);
	return done;
}

static long asymmetric(EVP_PKEY *pkey, bool encrypt, const struct input *in, uint8_t *out)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
	bool oaep = in->alg.scheme == PARSEC_CRYPT_RSA_OAEP, done;
	EVP_MD *md = oaep ? EVP_MD_fetch(NULL, name_of_hash(in->alg.hash), NULL) : NULL;
	void *label = in->first.len ? OPENSSL_memdup(in->first.data, in->first.len) : NULL;
	size_t len = ROOM;

	done = (encrypt ? EVP_PKEY_encrypt_init(ctx) : EVP_PKEY_decrypt_init(ctx)) == 1 &&
	       EVP_PKEY_CTX_set_rsa_padding(ctx, oaep ? RSA_PKCS1_OAEP_PADDING :
							RSA_PKCS1_PADDING) == 1 &&
	       (!oaep || (EVP_PKEY_CTX_set_rsa_oaep_md(ctx, md) == 1 &&
			  EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md) == 1)) &&
	       (!label || EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, label, (int)in->first.len) == 1) &&
	       (encrypt ? EVP_PKEY_encrypt : EVP_PKEY_decrypt)(ctx, out, &len, in->text.data,
							       in->text.len) == 1;
	EVP_MD_free(md);
	EVP_PKEY_CTX_free(ctx);
	return done ? (long)len : -1;
}

/* @key is the peer here: the same secret from the other side */
static long agree(EVP_PKEY *peer, const struct subject *subject, const struct input *in,
		  uint8_t *out)
{
	EVP_PKEY *own = material_public(subject->attrs.type, subject->attrs.family,
					subject->attrs.bits, in->text.data, in->text.len);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(peer, NULL);
	size_t len = ROOM;
	bool done;

	done = own && EVP_PKEY_derive_init(ctx) == 1 &&
	       (in->alg.scheme != PARSEC_AGREE_FFDH || EVP_PKEY_CTX_set_dh_pad(ctx, 1) == 1) &&
	       EVP_PKEY_derive_set_peer(ctx, own) == 1 &&
	       EVP_PKEY_derive(ctx, out, &len) == 1;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(own);
	return done ? (long)len : -1;
}

long oracle_primitive(const struct material *key, const struct subject *subject,
		      enum primitive primitive, const struct input *in, uint8_t *out)
{
	switch (primitive) {
	case SIGN:
		return sign(key->pkey, subject, in, out);
	case ASYMMETRIC_ENCRYPT:
	case ASYMMETRIC_DECRYPT:
		return asymmetric(key->pkey, primitive == ASYMMETRIC_ENCRYPT, in, out);
	case CIPHER_ENCRYPT:
		return crypt(key, subject, true, in, out);
	case AEAD_ENCRYPT:
		return seal(key, subject, in, out);
	case MAC:
		return mac(key, subject, in, out);
	case AGREE:
		return agree(key->pkey, subject, in, out);
	default:
		return -1;
	}
}
