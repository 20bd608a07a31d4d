/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libparsec: encryption, message authentication and key agreement. Part of
 * <parsec/parsec.h>, which includes it and says what all functions have in common.
 */
#ifndef PARSEC_ENCRYPT_H
#define PARSEC_ENCRYPT_H

#include <parsec/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

struct parsec;

/*
 * Encryption
 */

/**
 * parsec_psa_asymmetric_encrypt() - encrypt with a public key
 * @ctx:	context
 * @name:	a key with PARSEC_USAGE_ENCRYPT
 * @alg:	encryption algorithm, the one that the key's policy permits
 * @plaintext:	not empty
 * @plaintext_len: bytes of it
 * @label:	label of OAEP; NULL with @label_len 0 for none
 * @label_len:	bytes of it
 * @ciphertext:	gets the result
 * @size:	room; PARSEC_SIGNATURE_SIZE_MAX is always enough
 * @len:	bytes stored
 *
 * Return: 0, PARSEC_PSA_ERROR_DOES_NOT_EXIST, PARSEC_PSA_ERROR_NOT_PERMITTED,
 * PARSEC_PSA_ERROR_INVALID_ARGUMENT, PARSEC_PSA_ERROR_NOT_SUPPORTED,
 * PARSEC_PSA_ERROR_BUFFER_TOO_SMALL, or a negative errno.
 */
int parsec_psa_asymmetric_encrypt(struct parsec *ctx, const char *name,
				  const struct parsec_alg *alg, const void *plaintext,
				  size_t plaintext_len, const void *label,
				  size_t label_len, void *ciphertext, size_t size,
				  size_t *len);

/**
 * parsec_psa_asymmetric_decrypt() - decrypt with a private key
 *
 * As parsec_psa_asymmetric_encrypt(), the other way round, with a key that has
 * PARSEC_USAGE_DECRYPT.
 *
 * Return: also PARSEC_PSA_ERROR_INVALID_PADDING. Do not tell others which: it would
 * help them to decrypt.
 */
int parsec_psa_asymmetric_decrypt(struct parsec *ctx, const char *name,
				  const struct parsec_alg *alg, const void *ciphertext,
				  size_t ciphertext_len, const void *label,
				  size_t label_len, void *plaintext, size_t size,
				  size_t *len);

/**
 * parsec_psa_cipher_encrypt() - encrypt with a symmetric key, unauthenticated
 * @ctx:	context
 * @name:	a key with PARSEC_USAGE_ENCRYPT
 * @cipher:	cipher mode, the one that the key's policy permits
 * @plaintext:	not empty
 * @plaintext_len: bytes of it
 * @ciphertext:	gets a fresh initialisation vector and the ciphertext behind it
 * @size:	room; 32 bytes more than @plaintext_len are always enough
 * @len:	bytes stored
 *
 * Return: as parsec_psa_asymmetric_encrypt().
 */
int parsec_psa_cipher_encrypt(struct parsec *ctx, const char *name,
			      enum parsec_cipher cipher, const void *plaintext,
			      size_t plaintext_len, void *ciphertext, size_t size,
			      size_t *len);

/**
 * parsec_psa_cipher_decrypt() - decrypt what parsec_psa_cipher_encrypt() returned
 *
 * As that, the other way round, with a key that has PARSEC_USAGE_DECRYPT.
 *
 * Return: also PARSEC_PSA_ERROR_INVALID_PADDING.
 */
int parsec_psa_cipher_decrypt(struct parsec *ctx, const char *name,
			      enum parsec_cipher cipher, const void *ciphertext,
			      size_t ciphertext_len, void *plaintext, size_t size,
			      size_t *len);

/**
 * struct parsec_aead_input - what goes into authenticated encryption beside the text
 * @nonce:	never to be used again with the same key
 * @nonce_len:	bytes of it: GCM 1 and more, 12 is best; CCM 7 to 13; ChaCha20-Poly1305 12
 * @additional_data: authenticated, not encrypted
 * @additional_data_len: bytes of it, may be 0
 */
struct parsec_aead_input {
	const void *nonce;
	size_t nonce_len;
	const void *additional_data;
	size_t additional_data_len;
};

/**
 * parsec_psa_aead_encrypt() - encrypt and authenticate
 * @ctx:	context
 * @name:	a key with PARSEC_USAGE_ENCRYPT
 * @alg:	AEAD algorithm, the one that the key's policy permits
 * @with:	nonce and additional data
 * @plaintext:	not empty
 * @plaintext_len: bytes of it
 * @ciphertext:	gets the ciphertext and the tag behind it
 * @size:	room; 16 bytes more than @plaintext_len are always enough
 * @len:	bytes stored
 *
 * Return: as parsec_psa_asymmetric_encrypt().
 */
int parsec_psa_aead_encrypt(struct parsec *ctx, const char *name,
			    const struct parsec_alg *alg,
			    const struct parsec_aead_input *with, const void *plaintext,
			    size_t plaintext_len, void *ciphertext, size_t size,
			    size_t *len);

/**
 * parsec_psa_aead_decrypt() - check and decrypt
 *
 * As parsec_psa_aead_encrypt(), the other way round, with a key that has
 * PARSEC_USAGE_DECRYPT.
 *
 * Return: also PARSEC_PSA_ERROR_INVALID_SIGNATURE; nothing is stored then.
 */
int parsec_psa_aead_decrypt(struct parsec *ctx, const char *name,
			    const struct parsec_alg *alg,
			    const struct parsec_aead_input *with, const void *ciphertext,
			    size_t ciphertext_len, void *plaintext, size_t size,
			    size_t *len);

/*
 * Message authentication and key agreement
 */

/**
 * parsec_psa_mac_compute() - authenticate a message
 * @ctx:	context
 * @name:	a key with PARSEC_USAGE_SIGN_MESSAGE
 * @alg:	MAC algorithm, the one that the key's policy permits
 * @input:	the message, may be empty where the algorithm allows it
 * @input_len:	bytes of it
 * @mac:	gets the MAC
 * @size:	room; PARSEC_HASH_SIZE_MAX is always enough
 * @len:	bytes stored
 *
 * Return: as parsec_psa_sign_hash().
 */
int parsec_psa_mac_compute(struct parsec *ctx, const char *name,
			   const struct parsec_alg *alg, const void *input,
			   size_t input_len, void *mac, size_t size, size_t *len);

/**
 * parsec_psa_mac_verify() - check the authenticity of a message
 * @ctx:	context
 * @name:	a key with PARSEC_USAGE_VERIFY_MESSAGE
 * @alg:	MAC algorithm
 * @input:	the message
 * @input_len:	bytes of it
 * @mac:	the MAC
 * @len:	bytes of it
 *
 * Return: 0, it is right; PARSEC_PSA_ERROR_INVALID_SIGNATURE, it is not; else as
 * parsec_psa_mac_compute().
 */
int parsec_psa_mac_verify(struct parsec *ctx, const char *name,
			  const struct parsec_alg *alg, const void *input,
			  size_t input_len, const void *mac, size_t len);

/**
 * parsec_psa_raw_key_agreement() - the secret shared with the owner of another key
 * @ctx:	context
 * @name:	a key pair with PARSEC_USAGE_DERIVE
 * @alg:	how
 * @peer:	the other public key, as parsec_psa_export_public_key() gives it
 * @peer_len:	bytes of it
 * @secret:	gets the secret. It is not evenly distributed: derive keys from it
 * @size:	room
 * @len:	bytes stored
 *
 * Return: as parsec_psa_sign_hash().
 */
int parsec_psa_raw_key_agreement(struct parsec *ctx, const char *name,
				 enum parsec_key_agreement alg, const void *peer,
				 size_t peer_len, void *secret, size_t size, size_t *len);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* PARSEC_ENCRYPT_H */
