/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the TPM provider share.
 *
 * The host lets one primitive in at a time, so nothing here has a lock.
 */
#ifndef PARSEC_TPM_H
#define PARSEC_TPM_H

#include <tss2/tss2_esys.h>

#include "providers/lib/option.h"
#include "providers/provider.h"

/* Bytes of the random value without which the TPM does not use a key of ours */
#define KEY_AUTH_SIZE	32

/* A TPM has room for three objects at least, as has each user of the kernel's resource manager */
#define OBJECT_SLOTS	3

/* Bytes of a coordinate of the largest curve, and of the largest modulus */
#define FIELD_MAX	66
#define MODULUS_MAX	512

/* Bytes of the longest key for HMAC */
#define HMAC_KEY_MAX	128

/* Bytes of a block of AES, and how many sizes its keys have */
#define AES_BLOCK	16
#define AES_SIZES	3

/* Errors of this provider where those of the TPM stack go: a layer that it has left free */
#define TPM_RC_LAYER_OURS	TSS2_RC_LAYER(0xff)
/* The key is of another TPM, or of what this one was before it was cleared */
#define TPM_RC_OTHER_TPM	(TPM_RC_LAYER_OURS | 1)

/**
 * struct tpm_abilities - what the TPM says that it can do
 * @hashes:	PARSEC_HASH_BIT() of each
 * @curves:	bit n: curve n of curves[]
 * @rsa_bits:	sizes of RSA keys, ended by a 0
 * @rsassa:	PKCS#1 v1.5 signatures
 * @rsapss:	PSS signatures
 * @pss_signs:	pss.c: those that it makes are as the contract wants them
 * @rsaes:	PKCS#1 v1.5 encryption
 * @oaep:	OAEP encryption
 * @ecdsa:	ECDSA
 * @ecdh:	ECDH
 * @attest:	ActivateCredential, and what it takes to use the endorsement key
 * @hmac:	HMAC of messages of any length
 * @cmac:	CMAC likewise: bit n: with AES keys of aes_bits[n]
 * @ciphers:	by enum parsec_cipher: bit n: with AES keys of aes_bits[n]
 * @buffer:	bytes of a message that go into one command; whole blocks of AES
 */
struct tpm_abilities {
	uint32_t hashes;
	uint32_t curves;
	uint32_t rsa_bits[5];
	bool rsassa;
	bool rsapss;
	bool pss_signs;
	bool rsaes;
	bool oaep;
	bool ecdsa;
	bool ecdh;
	bool attest;
	bool hmac;
	uint8_t cmac;
	uint8_t ciphers[PARSEC_CIPHER_CBC_PKCS7 + 1];
	uint16_t buffer;
};

/**
 * struct parsec_provider_ctx - the provider
 * @host:	what the host offers
 * @tcti:	where the TPM is, as the configuration says it
 * @owner:	authorisation of the owner hierarchy
 * @endorsement: authorisation of the endorsement hierarchy
 * @link:	link.c: the way to the TPM; NULL while there is none
 * @esys:	commands on @link; NULL together with it
 * @crowded:	link.c: the next link is to throw out what is in the TPM
 * @parent:	storage key above all keys of ours, while it is in the TPM
 * @parent_context: the same, as it is loaded into the TPM
 * @parent_name: its Name: what tells one TPM from another, and from itself before a clear
 * @parent_point: its public key
 * @endorsement_key: modulus of the endorsement key, as soon as it is known
 * @endorsement_context: the same, as it is loaded into the TPM
 * @remembered:	a TPM is remembered, be it this one
 * @session:	session.c: for the authorisation of keys; ESYS_TR_NONE for none yet
 * @session_uses: how often it has been used
 * @loaded:	cache.c: keys that are in the TPM, the last used first
 * @loaded_count: how many
 * @abilities:	of the TPM that was there at open()
 * @rows:	rows.c: capability table
 * @row_count:	rows of it
 */
struct parsec_provider_ctx {
	const struct parsec_provider_host *host;
	char *tcti;
	struct secret owner;
	struct secret endorsement;
	TSS2_TCTI_CONTEXT *link;
	ESYS_CONTEXT *esys;
	bool crowded;
	ESYS_TR parent;
	TPMS_CONTEXT parent_context;
	TPM2B_NAME parent_name;
	TPMS_ECC_POINT parent_point;
	TPM2B_PUBLIC_KEY_RSA endorsement_key;
	TPMS_CONTEXT endorsement_context;
	bool remembered;
	ESYS_TR session;
	unsigned int session_uses;
	struct parsec_key *loaded;
	unsigned int loaded_count;
	struct tpm_abilities abilities;
	struct parsec_capability *rows;
	size_t row_count;
};

/**
 * struct parsec_key - a key that the host has loaded; it may or may not be in the TPM
 * @attrs:	what it is
 * @field:	bytes of the modulus or of a coordinate; nothing of a symmetric key
 * @parent:	Name of the key that it is wrapped with; empty for a public key
 * @auth:	authorisation value; not of a public key
 * @public:	public area
 * @private:	private area, wrapped; empty for a public key
 * @handle:	in the TPM, or ESYS_TR_NONE
 * @next:	key in the TPM that was used before this one
 */
struct parsec_key {
	struct parsec_key_attributes attrs;
	size_t field;
	TPM2B_NAME parent;
	TPM2B_AUTH auth;
	TPM2B_PUBLIC public;
	TPM2B_PRIVATE private;
	ESYS_TR handle;
	struct parsec_key *next;
};

/* Part of a primitive that may be done again: all it needs is in @arg */
typedef TSS2_RC (*tpm_step)(struct parsec_provider_ctx *ctx, void *arg);

/* status.c */
enum parsec_status tpm_status_of(TSS2_RC rc);
enum parsec_status tpm_status(const struct parsec_provider_ctx *ctx, TSS2_RC rc,
			      const char *what);
uint32_t tpm_rc_base(TSS2_RC rc);
bool tpm_rc_is_of_tpm(TSS2_RC rc);
bool tpm_rc_blames_parameter(TSS2_RC rc);

/* link.c */
TSS2_RC link_open(struct parsec_provider_ctx *ctx);
void link_close(struct parsec_provider_ctx *ctx);
void tpm_flush(struct parsec_provider_ctx *ctx, ESYS_TR *handle);
TSS2_RC tpm_do(struct parsec_provider_ctx *ctx, tpm_step step, void *arg);
bool tpm_is_well(struct parsec_provider_ctx *ctx);

/* parent.c */
TSS2_RC parent_create(struct parsec_provider_ctx *ctx);
TSS2_RC parent_use(struct parsec_provider_ctx *ctx);
void parent_leave(struct parsec_provider_ctx *ctx);
enum parsec_status parent_compare(struct parsec_provider_ctx *ctx);
enum parsec_status parent_remember(struct parsec_provider_ctx *ctx);

/* session.c */
TSS2_RC session_begin_with(struct parsec_provider_ctx *ctx, ESYS_TR salt, TPM2_SE type,
			   ESYS_TR *session);
TSS2_RC session_begin(struct parsec_provider_ctx *ctx, TPM2_SE type, ESYS_TR *session);
TSS2_RC session_for(struct parsec_provider_ctx *ctx, TPMA_SESSION attributes, ESYS_TR *session);
void session_drop(struct parsec_provider_ctx *ctx);

/* cache.c */
TSS2_RC cache_use(struct parsec_provider_ctx *ctx, struct parsec_key *key);
void cache_reserve(struct parsec_provider_ctx *ctx, unsigned int slots,
		   const struct parsec_key *keep);
bool cache_remove(struct parsec_provider_ctx *ctx, struct parsec_key *key);
void cache_forget(struct parsec_provider_ctx *ctx);

/* caps.c */
TSS2_RC caps_read(struct parsec_provider_ctx *ctx);

/* rows.c */
enum parsec_status rows_make(struct parsec_provider_ctx *ctx);
bool rows_cover(const struct parsec_provider_ctx *ctx,
		const struct parsec_key_attributes *attrs, uint32_t can);
void provider_capabilities(struct parsec_provider_ctx *ctx, struct parsec_capabilities *caps);

/* words.c */
extern const struct curve {
	uint32_t bits;		/* of the family SECP_R1 */
	TPM2_ECC_CURVE id;
	int nid;
} curves[];
extern const size_t curve_count;
extern const uint16_t aes_bits[AES_SIZES];

const struct curve *curve_of(uint32_t bits);
const struct curve *curve_of_id(TPM2_ECC_CURVE id);
TPM2_ALG_ID hash_id(uint8_t hash);
uint8_t hash_of_id(TPM2_ALG_ID id);
uint8_t hash_of_size(size_t size);
size_t hash_size(uint8_t hash);
size_t hash_block(uint8_t hash);
const char *hash_name(uint8_t hash);
TPM2_ALG_ID mode_id(uint8_t cipher);

/* area.c */
bool is_pair(uint8_t type);
bool is_public(uint8_t type);
bool is_symmetric(uint8_t type);
bool is_rsa(uint8_t type);
bool area_describe(const struct parsec_key_attributes *attrs, TPMT_PUBLIC *area);
uint8_t area_hash(const struct parsec_key_attributes *attrs);
bool area_is_attesting(const struct parsec_key_attributes *attrs);
void area_make_attesting(TPMT_PUBLIC *area);
bool area_matches(const TPMT_PUBLIC *area, const struct parsec_key_attributes *attrs);
bool area_name(const TPMT_PUBLIC *area, TPM2B_NAME *name);

/* blob.c */
enum parsec_status blob_write(const struct parsec_key *key, struct parsec_out *blob);
bool blob_read(struct parsec_span blob, struct parsec_key *key);

/* material.c */
enum parsec_status material_read(struct parsec_key_attributes *attrs, struct parsec_span data,
				 TPMT_PUBLIC *area, TPMT_SENSITIVE *sensitive);
bool material_point(struct parsec_span data, size_t field, TPMS_ECC_POINT *point);

/* secret.c */
enum parsec_status secret_read(struct parsec_key_attributes *attrs, struct parsec_span data,
			       TPMT_PUBLIC *area, TPMT_SENSITIVE *sensitive);

/* wrap.c */
bool wrap(const struct parsec_provider_ctx *ctx, const TPMT_SENSITIVE *sensitive,
	  const TPM2B_NAME *name, TPM2B_PRIVATE *duplicate, TPM2B_ENCRYPTED_SECRET *seed);

/* key.c */
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

/* pss.c */
enum parsec_status pss_check(struct parsec_span modulus, uint8_t hash, struct parsec_span digest,
			     struct parsec_span signature);
TSS2_RC pss_try(struct parsec_provider_ctx *ctx);

/* sign.c */
enum parsec_status sign_hash(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			     const struct parsec_alg *alg, struct parsec_span hash,
			     struct parsec_out *signature);
enum parsec_status verify_hash(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			       const struct parsec_alg *alg, struct parsec_span hash,
			       struct parsec_span signature);

/* asymmetric.c */
enum parsec_status asymmetric_encrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				      const struct parsec_alg *alg, struct parsec_span label,
				      struct parsec_span plaintext,
				      struct parsec_out *ciphertext);
enum parsec_status asymmetric_decrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				      const struct parsec_alg *alg, struct parsec_span label,
				      struct parsec_span ciphertext,
				      struct parsec_out *plaintext);

/* cipher.c */
enum parsec_status cipher_encrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				  const struct parsec_alg *alg, struct parsec_span iv,
				  struct parsec_span plaintext, struct parsec_out *ciphertext);
enum parsec_status cipher_decrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				  const struct parsec_alg *alg, struct parsec_span iv,
				  struct parsec_span ciphertext, struct parsec_out *plaintext);

/* mac.c */
enum parsec_status mac_compute(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			       const struct parsec_alg *alg, struct parsec_span input,
			       struct parsec_out *mac);

/* agree.c */
enum parsec_status key_agree(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			     const struct parsec_alg *alg, struct parsec_span peer,
			     struct parsec_out *secret);

/* attest.c */
enum parsec_status attest_prepare(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				  struct parsec_key *attesting, struct parsec_out *name,
				  struct parsec_out *public, struct parsec_out *attesting_public);
enum parsec_status attest_activate(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				   struct parsec_key *attesting,
				   struct parsec_span credential_blob, struct parsec_span secret,
				   struct parsec_out *credential);

/* random.c */
enum parsec_status random_bytes(struct parsec_provider_ctx *ctx, struct parsec_out *out);

#endif /* PARSEC_TPM_H */
