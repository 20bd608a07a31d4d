/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests of the software provider: an opened provider, keys in it, and the
 * same keys in plain OpenSSL, which the provider is compared with.
 */
#ifndef UNIT_OPENSSL_PROVIDER_H
#define UNIT_OPENSSL_PROVIDER_H

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "providers/provider.h"

#define HASH_ALG(hash_scheme, alg_hash) \
	((struct parsec_alg){ .kind = PARSEC_ALG_SIGNATURE, .scheme = hash_scheme, \
			      .hash = alg_hash })

static const struct parsec_provider *const ops = &parsec_provider;
static const uint8_t some_id[PARSEC_BACKEND_ID_SIZE] = { 1 };

static const struct {
	uint8_t hash;
	const char *name;
	size_t size;
} all_hashes[] = {
	{ PARSEC_HASH_MD5, "MD5", 16 },
	{ PARSEC_HASH_RIPEMD160, "RIPEMD160", 20 },
	{ PARSEC_HASH_SHA_1, "SHA1", 20 },
	{ PARSEC_HASH_SHA_224, "SHA224", 28 },
	{ PARSEC_HASH_SHA_256, "SHA256", 32 },
	{ PARSEC_HASH_SHA_384, "SHA384", 48 },
	{ PARSEC_HASH_SHA_512, "SHA512", 64 },
	{ PARSEC_HASH_SHA_512_224, "SHA512-224", 28 },
	{ PARSEC_HASH_SHA_512_256, "SHA512-256", 32 },
	{ PARSEC_HASH_SHA3_224, "SHA3-224", 28 },
	{ PARSEC_HASH_SHA3_256, "SHA3-256", 32 },
	{ PARSEC_HASH_SHA3_384, "SHA3-384", 48 },
	{ PARSEC_HASH_SHA3_512, "SHA3-512", 64 },
};

#define HASH_COUNT	(sizeof(all_hashes) / sizeof(all_hashes[0]))

__attribute__((format(printf, 2, 3)))
static void no_log(enum parsec_log_level level, const char *format, ...)
{
	(void)level;
	(void)format;
}

static const struct parsec_provider_host quiet_host = {
	.abi = PARSEC_PROVIDER_ABI, .log = no_log, .state_dir = "/nonexistent",
};

/* A buffer of bytes and how many there are */
struct bytes {
	uint8_t data[8192];
	size_t len;
};

static inline struct parsec_span span_of(const struct bytes *bytes)
{
	return (struct parsec_span){ bytes->data, bytes->len };
}

static inline struct bytes from_hex(const char *hex)
{
	struct bytes bytes = { .len = strlen(hex) / 2 };

	for (size_t i = 0; i < bytes.len; i++) {
		char digits[3] = { hex[2 * i], hex[2 * i + 1], 0 };

		bytes.data[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return bytes;
}

static inline struct bytes from_pem(const char *text)
{
	BIO *bio = BIO_new_mem_buf(text, -1);
	char *name = NULL, *header = NULL;
	unsigned char *data = NULL;
	struct bytes bytes = { .len = 0 };
	long len = 0;

	if (PEM_read_bio(bio, &name, &header, &data, &len) == 1) {
		memcpy(bytes.data, data, (size_t)len);
		bytes.len = (size_t)len;
	}
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_free(data);
	BIO_free(bio);
	return bytes;
}

static inline struct parsec_key_attributes attributes(uint8_t type, uint32_t bits)
{
	bool ecc = type == PARSEC_KEY_TYPE_ECC_KEY_PAIR ||
		   type == PARSEC_KEY_TYPE_ECC_PUBLIC_KEY;

	return (struct parsec_key_attributes){
		.type = type, .bits = bits, .family = ecc ? PARSEC_ECC_SECP_R1 : 0,
		.alg.kind = PARSEC_ALG_NONE,
	};
}

static inline enum parsec_status load(struct parsec_provider_ctx *ctx, uint8_t type,
				      uint32_t bits, const struct bytes *blob,
				      struct parsec_key **key)
{
	struct parsec_key_attributes attrs = attributes(type, bits);
	struct parsec_key_ref ref = { .blob = span_of(blob) };

	return ops->load(ctx, &ref, &attrs, key);
}

/* Import; the blob of success is loaded, too */
static inline enum parsec_status import(struct parsec_provider_ctx *ctx, uint8_t type,
					uint32_t bits, const struct bytes *data,
					struct parsec_key **key)
{
	struct parsec_key_attributes attrs = attributes(type, bits);
	struct bytes blob = { .len = 0 };
	struct parsec_out out = { blob.data, sizeof(blob.data), 0 };
	enum parsec_status status;

	*key = NULL;
	status = ops->import(ctx, some_id, &attrs, span_of(data), &out);
	blob.len = out.len;
	return status == PARSEC_SUCCESS ? load(ctx, type, attrs.bits, &blob, key) : status;
}

static inline struct parsec_key *generate(struct parsec_provider_ctx *ctx, uint8_t type,
					  uint32_t bits)
{
	struct parsec_key_attributes attrs = attributes(type, bits);
	struct bytes blob;
	struct parsec_out out = { blob.data, sizeof(blob.data), 0 };
	struct parsec_key *key = NULL;

	if (ops->create(ctx, some_id, &attrs, &out) != PARSEC_SUCCESS)
		return NULL;
	blob.len = out.len;
	return load(ctx, type, bits, &blob, &key) == PARSEC_SUCCESS ? key : NULL;
}

static inline struct bytes exported(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				    bool private)
{
	struct bytes data = { .len = 0 };
	struct parsec_out out = { data.data, sizeof(data.data), 0 };

	if ((private ? ops->export : ops->export_public)(ctx, key, &out) == PARSEC_SUCCESS)
		data.len = out.len;
	return data;
}

static inline enum parsec_status sign(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				      struct parsec_alg alg, struct parsec_span hash,
				      struct bytes *signature)
{
	struct parsec_out out = { signature->data, sizeof(signature->data), 0 };
	enum parsec_status status = ops->sign(ctx, key, &alg, hash, &out);

	signature->len = out.len;
	return status;
}

static inline enum parsec_status verify(struct parsec_provider_ctx *ctx, struct parsec_key *key,
					struct parsec_alg alg, struct parsec_span hash,
					const struct bytes *signature)
{
	return ops->verify(ctx, key, &alg, hash, span_of(signature));
}

/* Plain OpenSSL, in its default library context */

static inline EVP_PKEY *plain_ec(uint32_t bits, const struct bytes *point,
				 const struct bytes *scalar)
{
	const char *curve = bits == 256 ? "P-256" : bits == 384 ? "P-384" : "P-521";
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	OSSL_PARAM_BLD *list = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params;
	EVP_PKEY *pkey = NULL;
	BIGNUM *number = NULL;

	OSSL_PARAM_BLD_push_utf8_string(list, OSSL_PKEY_PARAM_GROUP_NAME, curve, 0);
	OSSL_PARAM_BLD_push_octet_string(list, OSSL_PKEY_PARAM_PUB_KEY, point->data,
					 point->len);
	if (scalar) {
		number = BN_bin2bn(scalar->data, (int)scalar->len, NULL);
		OSSL_PARAM_BLD_push_BN(list, OSSL_PKEY_PARAM_PRIV_KEY, number);
	}
	params = OSSL_PARAM_BLD_to_param(list);
	EVP_PKEY_fromdata_init(ctx);
	EVP_PKEY_fromdata(ctx, &pkey, scalar ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params);
	BN_free(number);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(list);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

static inline EVP_PKEY *plain_rsa(const struct bytes *data, bool private)
{
	const unsigned char *at = data->data;

	return private ? d2i_PrivateKey(EVP_PKEY_RSA, NULL, &at, (long)data->len) :
			 d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, (long)data->len);
}

static inline EVP_PKEY_CTX *plain_ctx(EVP_PKEY *pkey, bool verify, bool pss, const char *md)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);

	if (verify)
		EVP_PKEY_verify_init(ctx);
	else
		EVP_PKEY_sign_init(ctx);
	if (EVP_PKEY_get_base_id(pkey) == EVP_PKEY_RSA)
		EVP_PKEY_CTX_set_rsa_padding(ctx, pss ? RSA_PKCS1_PSS_PADDING :
							RSA_PKCS1_PADDING);
	EVP_PKEY_CTX_set_signature_md(ctx, EVP_get_digestbyname(md));
	if (pss)
		EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST);
	return ctx;
}

/* As OpenSSL signs: DER for ECDSA */
static inline struct bytes plain_sign(EVP_PKEY *pkey, bool pss, const char *md,
				      struct parsec_span hash)
{
	EVP_PKEY_CTX *ctx = plain_ctx(pkey, false, pss, md);
	struct bytes signature = { .len = 0 };
	size_t len = sizeof(signature.data);

	if (EVP_PKEY_sign(ctx, signature.data, &len, hash.data, hash.len) == 1)
		signature.len = len;
	EVP_PKEY_CTX_free(ctx);
	return signature;
}

static inline bool plain_verify(EVP_PKEY *pkey, bool pss, const char *md,
				struct parsec_span hash, const struct bytes *signature)
{
	EVP_PKEY_CTX *ctx = plain_ctx(pkey, true, pss, md);
	bool good = EVP_PKEY_verify(ctx, signature->data, signature->len, hash.data,
				    hash.len) == 1;

	EVP_PKEY_CTX_free(ctx);
	return good;
}

static inline struct bytes der_from_raw(const struct bytes *raw)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	struct bytes der;
	uint8_t *to = der.data;
	int half = (int)raw->len / 2;

	ECDSA_SIG_set0(sig, BN_bin2bn(raw->data, half, NULL),
		       BN_bin2bn(raw->data + half, half, NULL));
	der.len = (size_t)i2d_ECDSA_SIG(sig, &to);
	ECDSA_SIG_free(sig);
	return der;
}

static inline struct bytes raw_from_der(const struct bytes *der, size_t field)
{
	const uint8_t *from = der->data;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &from, (long)der->len);
	struct bytes raw = { .len = 2 * field };

	BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw.data, (int)field);
	BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw.data + field, (int)field);
	ECDSA_SIG_free(sig);
	return raw;
}

#endif /* UNIT_OPENSSL_PROVIDER_H */
