/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verifier's side of attestation: what TPM2_MakeCredential does, without a TPM (TPM 2.0
 * Library, part 1, "Credential Protection"), for an attesting key of RSA with SHA-256 and
 * AES-128, as the default endorsement key is.
 */
#ifndef PARSEC_CREDENTIAL_H
#define PARSEC_CREDENTIAL_H

#include "providers/provider.h"

/* Bytes of the longest credential: a digest of the attesting key's hash */
#define CREDENTIAL_MAX		32
/* Bytes of the longest name: hash algorithm and digest */
#define CREDENTIAL_NAME_MAX	(2 + PARSEC_HASH_SIZE_MAX)
/* The label of the encrypted secret, with the NUL that belongs to it */
#define CREDENTIAL_LABEL	"IDENTITY"

/**
 * struct challenge - a credential, wrapped
 * @blob:	TPMS_ID_OBJECT: length and HMAC, and what is encrypted
 * @secret:	seed of both keys, encrypted with RSA-OAEP
 */
struct challenge {
	uint8_t blob[256];
	size_t blob_len;
	uint8_t secret[1024];
	size_t secret_len;
};

/**
 * kdfa() - KDFa of the TPM 2.0 Library, part 1, with HMAC-SHA-256
 * @key:	secret
 * @label:	purpose
 * @context:	contextU and contextV, one after the other
 * @out:	gets @len bytes
 *
 * Return: false when OpenSSL fails.
 */
bool kdfa(struct parsec_span key, const char *label, struct parsec_span context, uint8_t *out,
	  size_t len);

/**
 * struct wrapping - what is wrapped for whom
 * @attesting:	DER of RSAPublicKey
 * @name:	of the attested key: contents of TPM2B_NAME
 * @inner:	what is encrypted: TPM2B_DIGEST
 * @label:	of the secret, with its NUL: CREDENTIAL_LABEL
 */
struct wrapping {
	struct parsec_span attesting;
	struct parsec_span name;
	struct parsec_span inner;
	const char *label;
};

/**
 * challenge_wrap() - make a challenge, also one that nobody ought to answer
 *
 * Return: false when @attesting is no key, @inner is too long, or OpenSSL fails.
 */
bool challenge_wrap(const struct wrapping *wrapping, struct challenge *challenge);

/**
 * challenge_make() - make a challenge
 * @attesting:	DER of RSAPublicKey
 * @name:	of the attested key
 * @credential:	1 to CREDENTIAL_MAX bytes
 *
 * Return: as challenge_wrap().
 */
bool challenge_make(struct parsec_span attesting, struct parsec_span name,
		    struct parsec_span credential, struct challenge *challenge);

#endif /* PARSEC_CREDENTIAL_H */
