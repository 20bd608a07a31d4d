/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the OpenSSL provider share.
 */
#ifndef PARSEC_OPENSSL_H
#define PARSEC_OPENSSL_H

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include "providers/provider.h"

/* Prepared operations that a key keeps: one for each of this many threads */
#define IDLE_OPERATIONS	2

/* Ciphers and MACs of OpenSSL that are used: the tables of cipher.c and mac.c */
#define CIPHER_METHODS	44
#define MAC_METHODS	2

enum cipher_mode {
	CIPHER_MODE_NONE,
	CIPHER_MODE_CBC,
	CIPHER_MODE_CTR,
	CIPHER_MODE_GCM,
	CIPHER_MODE_CCM,
	CIPHER_MODE_CFB,
	CIPHER_MODE_OFB,
	CIPHER_MODE_ECB,
	CIPHER_MODE_XTS,
	CIPHER_MODE_STREAM,
	CIPHER_MODE_POLY1305,
};

/**
 * struct parsec_provider_ctx - the provider
 * @host:	what the host offers
 * @lib:	library context of its own: it has read no openssl.cnf, so that nothing
 *		on the machine but this library decides which algorithms there are,
 *		and keys that could be made yesterday can be used today
 * @algorithms:	OpenSSL's default provider in @lib
 * @ciphers:	cipher.c: what has been looked up so far
 * @macs:	mac.c: likewise
 */
struct parsec_provider_ctx {
	const struct parsec_provider_host *host;
	OSSL_LIB_CTX *lib;
	OSSL_PROVIDER *algorithms;
	EVP_CIPHER *_Atomic ciphers[CIPHER_METHODS];
	EVP_MAC *_Atomic macs[MAC_METHODS];
};

struct operation;	/* sign.c */
struct mac_state;	/* mac.c */

/**
 * struct parsec_key - a key, parsed once
 * @pkey:	OpenSSL's; NULL for a symmetric key
 * @secret:	symmetric key, in the form that ciphers take
 * @secret_room: bytes of @secret
 * @bits:	size; of a symmetric key, the bytes at the front of @secret that are it
 * @type:	enum parsec_key_type
 * @family:	curve or group
 * @field:	EC: bytes of a coordinate or scalar; RSA: bytes of the modulus
 * @idle:	prepared sign and verify operations that nobody uses now. Setting one
 *		up costs an eighth of a P-256 signature, so they are taken from here
 *		and put back
 * @spoiled:	@pkey is to be copied for each use: key_failed() says why
 * @mac:	a MAC that has taken in the key and nothing else, to be copied; made by
 *		the first that needs it
 */
struct parsec_key {
	EVP_PKEY *pkey;
	uint8_t *secret;
	size_t secret_room;
	uint32_t bits;
	uint8_t type;
	uint8_t family;
	size_t field;
	_Atomic bool spoiled;
	struct mac_state *_Atomic mac;
	struct operation *_Atomic idle[IDLE_OPERATIONS];
};

/* status.c */
void errors_clear(void);
enum parsec_status openssl_status_of(unsigned long error);
enum parsec_status openssl_status(const struct parsec_provider_ctx *ctx, const char *what);
enum parsec_status no_method(const struct parsec_provider_ctx *ctx);
enum parsec_status bad_input(const struct parsec_provider_ctx *ctx, const char *what,
			     enum parsec_status status);

/* caps.c */
bool caps_cover(uint8_t type, uint8_t family, uint32_t bits, const struct parsec_alg *alg,
		uint32_t can);
void provider_capabilities(struct parsec_provider_ctx *ctx, struct parsec_capabilities *caps);

/* digest.c */
extern const struct digest {
	const char *name;	/* OpenSSL's; NULL: not in the default provider */
	size_t size;
} digests[PARSEC_HASH_LAST + 1];

/* secret.c */
bool is_secret(uint8_t type);
enum parsec_status secret_create(struct parsec_provider_ctx *ctx,
				 const struct parsec_key_attributes *attrs,
				 struct parsec_out *blob);
enum parsec_status secret_import(struct parsec_key_attributes *attrs, struct parsec_span data,
				 struct parsec_out *blob);
enum parsec_status secret_load(struct parsec_key *key, struct parsec_span blob);
enum parsec_status secret_export(const struct parsec_key *key, struct parsec_out *data);

/* key.c */
void key_failed(struct parsec_key *key, enum parsec_status status);
EVP_PKEY *key_sound(const struct parsec_key *key);
enum parsec_status key_create(struct parsec_provider_ctx *ctx,
			      const uint8_t id[PARSEC_BACKEND_ID_SIZE],
			      const struct parsec_key_attributes *attrs,
			      struct parsec_out *blob);
enum parsec_status key_import(struct parsec_provider_ctx *ctx,
			      const uint8_t id[PARSEC_BACKEND_ID_SIZE],
			      struct parsec_key_attributes *attrs, struct parsec_span data,
			      struct parsec_out *blob);
enum parsec_status key_destroy(struct parsec_provider_ctx *ctx,
			       const struct parsec_key_ref *ref);
enum parsec_status key_load(struct parsec_provider_ctx *ctx, const struct parsec_key_ref *ref,
			    const struct parsec_key_attributes *attrs,
			    struct parsec_key **key);
void key_unload(struct parsec_provider_ctx *ctx, struct parsec_key *key);
enum parsec_status key_export_public(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				     struct parsec_out *data);
enum parsec_status key_export(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			      struct parsec_out *data);

/* curve.c */
struct curve {
	uint8_t family;
	uint32_t bits;
	int nid;
};

const struct curve *curve_find(uint8_t family, uint32_t bits, size_t field);
size_t curve_field(const struct curve *curve);

/* group.c */
EVP_PKEY *montgomery_generate(const struct parsec_provider_ctx *ctx, uint32_t bits);
bool montgomery_encode(const EVP_PKEY *pkey, bool pair, uint8_t *to, size_t len);
EVP_PKEY *montgomery_decode(const struct parsec_provider_ctx *ctx, bool pair,
			    struct parsec_span data, uint32_t *bits);
EVP_PKEY *dh_generate(const struct parsec_provider_ctx *ctx, uint32_t bits);
bool dh_encode(const EVP_PKEY *pkey, bool pair, bool of_pair, uint8_t *to, size_t len);
EVP_PKEY *dh_decode(const struct parsec_provider_ctx *ctx, bool pair, struct parsec_span data,
		    uint32_t *bits);

/* encoding.c */
bool is_pair(uint8_t type);
uint8_t public_type(uint8_t type);
enum parsec_status encode_key(const struct parsec_provider_ctx *ctx, const EVP_PKEY *pkey,
			      const struct parsec_key_attributes *of, uint8_t type,
			      struct parsec_out *out);
enum parsec_status decode_key(const struct parsec_provider_ctx *ctx,
			      const struct parsec_key_attributes *attrs,
			      struct parsec_span data, EVP_PKEY **pkey, uint32_t *bits);

/* sign.c */
enum parsec_status sign_hash(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			     const struct parsec_alg *alg, struct parsec_span hash,
			     struct parsec_out *signature);
enum parsec_status verify_hash(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			       const struct parsec_alg *alg, struct parsec_span hash,
			       struct parsec_span signature);
void operation_free(struct operation *op);

/* cipher.c */
const EVP_CIPHER *cipher_method(struct parsec_provider_ctx *ctx, const struct parsec_key *key,
				uint8_t mode);
enum parsec_status cipher_encrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				  const struct parsec_alg *alg, struct parsec_span iv,
				  struct parsec_span plaintext, struct parsec_out *ciphertext);
enum parsec_status cipher_decrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				  const struct parsec_alg *alg, struct parsec_span iv,
				  struct parsec_span ciphertext, struct parsec_out *plaintext);

/* aead.c */
enum parsec_status aead_encrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				const struct parsec_alg *alg, struct parsec_span nonce,
				struct parsec_span additional_data,
				struct parsec_span plaintext, struct parsec_out *ciphertext);
enum parsec_status aead_decrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				const struct parsec_alg *alg, struct parsec_span nonce,
				struct parsec_span additional_data,
				struct parsec_span ciphertext, struct parsec_out *plaintext);

/* mac.c */
enum parsec_status mac_compute(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			       const struct parsec_alg *alg, struct parsec_span input,
			       struct parsec_out *mac);
void mac_state_free(struct mac_state *state);

/* agree.c */
enum parsec_status key_agree(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			     const struct parsec_alg *alg, struct parsec_span peer,
			     struct parsec_out *secret);

/* asymmetric.c */
enum parsec_status asymmetric_encrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				      const struct parsec_alg *alg, struct parsec_span label,
				      struct parsec_span plaintext,
				      struct parsec_out *ciphertext);
enum parsec_status asymmetric_decrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				      const struct parsec_alg *alg, struct parsec_span label,
				      struct parsec_span ciphertext,
				      struct parsec_out *plaintext);

/* random.c */
enum parsec_status random_bytes(struct parsec_provider_ctx *ctx, struct parsec_out *out);

#endif /* PARSEC_OPENSSL_H */
