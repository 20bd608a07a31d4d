/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libparsec: proof that a key is in the backend that another key is in. Included by
 * <parsec/parsec.h>, which says what all functions have in common.
 *
 * Whoever wants the proof knows the attesting key, as that of a genuine TPM for
 * example, and makes a challenge for both keys: a secret that comes out again only
 * where both are (TPM2_MakeCredential of the TPM 2.0 Library, part 3).
 *
 *	key's owner				verifier
 *	parsec_prepare_key_attestation() ->	checks both keys, makes a challenge
 *	parsec_attest_key()	<-		credential blob and secret
 *				->		is it what was wrapped?
 */
#ifndef PARSEC_ATTEST_H
#define PARSEC_ATTEST_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

struct parsec;

/* Room that holds any credential */
#define PARSEC_CREDENTIAL_SIZE_MAX	64

/**
 * struct parsec_attestation - what a challenge is made from
 * @name:		name of the key in its backend, made of @public_area: number of a
 *			hash algorithm, two bytes, and the hash
 * @name_len:		bytes of it
 * @public_area:	what the key is: TPMT_PUBLIC
 * @public_area_len:	bytes of it
 * @attesting_key:	public part of the attesting key, DER of RSAPublicKey
 * @attesting_key_len:	bytes of it
 */
struct parsec_attestation {
	const void *name;
	size_t name_len;
	const void *public_area;
	size_t public_area_len;
	const void *attesting_key;
	size_t attesting_key_len;
};

/**
 * parsec_prepare_key_attestation() - what does a challenge for this key take?
 * @ctx:	context
 * @name:	the key to be attested
 * @attesting:	the key that attests it; NULL: the provider's own, in a TPM its
 *		endorsement key
 * @attestation: the answer, to be freed with parsec_free_attestation()
 *
 * Return: 0, PARSEC_PSA_ERROR_DOES_NOT_EXIST, PARSEC_PSA_ERROR_NOT_SUPPORTED (such keys
 * are not attested, or not by that one), or a negative errno.
 */
int parsec_prepare_key_attestation(struct parsec *ctx, const char *name,
				   const char *attesting,
				   struct parsec_attestation **attestation);

/** parsec_free_attestation() - NULL is fine */
void parsec_free_attestation(struct parsec_attestation *attestation);

/**
 * struct parsec_challenge - what a verifier has made
 * @blob:	the credential, encrypted and authenticated for the attested key: contents
 *		of TPM2B_ID_OBJECT
 * @blob_len:	bytes of it
 * @secret:	what it takes to decrypt it, encrypted for the attesting key: contents of
 *		TPM2B_ENCRYPTED_SECRET
 * @secret_len:	bytes of it
 */
struct parsec_challenge {
	const void *blob;
	size_t blob_len;
	const void *secret;
	size_t secret_len;
};

/**
 * parsec_attest_key() - answer a challenge
 * @ctx:	context
 * @name:	the key to be attested
 * @attesting:	the key that attests it, which needs PARSEC_USAGE_DECRYPT; NULL: the
 *		provider's own
 * @challenge:	for these two keys
 * @credential:	gets what the verifier has wrapped
 * @size:	room; PARSEC_CREDENTIAL_SIZE_MAX is always enough
 * @len:	bytes stored
 *
 * Return: 0, PARSEC_PSA_ERROR_DOES_NOT_EXIST, PARSEC_PSA_ERROR_NOT_PERMITTED,
 * PARSEC_PSA_ERROR_INVALID_ARGUMENT (it is no challenge, or one for other keys),
 * PARSEC_PSA_ERROR_NOT_SUPPORTED, PARSEC_PSA_ERROR_BUFFER_TOO_SMALL, or a negative errno.
 */
int parsec_attest_key(struct parsec *ctx, const char *name, const char *attesting,
		      const struct parsec_challenge *challenge, void *credential,
		      size_t size, size_t *len);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* PARSEC_ATTEST_H */
