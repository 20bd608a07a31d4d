// SPDX-License-Identifier: Apache-2.0
/*
 * A key for trying a provider: of the first kind in the table below that it can make. RSA is
 * the last one, as it takes a TPM long to make such a key.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"

/* What is signed, or encrypted */
static const uint8_t input[32] = "parsecctl doctor";

static int try_signature(struct parsec *parsec, const char *name, const struct parsec_alg *alg,
			 const char **step)
{
	uint8_t signature[PARSEC_SIGNATURE_SIZE_MAX];
	size_t len;
	int error;

	*step = "sign";
	error = parsec_psa_sign_hash(parsec, name, alg, input, sizeof(input), signature,
				     sizeof(signature), &len);
	if (error)
		return error;
	*step = "verify";
	return parsec_psa_verify_hash(parsec, name, alg, input, sizeof(input), signature, len);
}

static int try_mac(struct parsec *parsec, const char *name, const struct parsec_alg *alg,
		   const char **step)
{
	uint8_t mac[PARSEC_HASH_SIZE_MAX];
	size_t len;
	int error;

	*step = "make a MAC";
	error = parsec_psa_mac_compute(parsec, name, alg, input, sizeof(input), mac, sizeof(mac),
				       &len);
	if (error)
		return error;
	*step = "verify a MAC";
	return parsec_psa_mac_verify(parsec, name, alg, input, sizeof(input), mac, len);
}

static int try_aead(struct parsec *parsec, const char *name, const struct parsec_alg *alg,
		    const char **step)
{
	static const uint8_t nonce[12];
	const struct parsec_aead_input with = { .nonce = nonce, .nonce_len = sizeof(nonce) };
	uint8_t encrypted[sizeof(input) + 16], decrypted[sizeof(encrypted)];
	size_t len;
	int error;

	*step = "encrypt";
	error = parsec_psa_aead_encrypt(parsec, name, alg, &with, input, sizeof(input), encrypted,
					sizeof(encrypted), &len);
	if (error)
		return error;
	*step = "decrypt";
	error = parsec_psa_aead_decrypt(parsec, name, alg, &with, encrypted, len, decrypted,
					sizeof(decrypted), &len);
	if (!error && (len != sizeof(input) || memcmp(input, decrypted, len)))
		error = PARSEC_PSA_ERROR_CORRUPTION_DETECTED;
	return error;
}

static const struct {
	struct parsec_key_attributes attrs;
	int (*use)(struct parsec *parsec, const char *name, const struct parsec_alg *alg,
		   const char **step);
} kinds[] = {
	{ { .type = PARSEC_KEY_TYPE_ECC_KEY_PAIR, .family = PARSEC_ECC_SECP_R1, .bits = 256,
	    .usage = PARSEC_USAGE_SIGN_HASH | PARSEC_USAGE_VERIFY_HASH,
	    .alg = { .kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_ECDSA,
		     .hash = PARSEC_HASH_SHA_256 } }, try_signature },
	{ { .type = PARSEC_KEY_TYPE_HMAC, .bits = 256,
	    .usage = PARSEC_USAGE_SIGN_MESSAGE | PARSEC_USAGE_VERIFY_MESSAGE,
	    .alg = { .kind = PARSEC_ALG_MAC, .scheme = PARSEC_MAC_HMAC,
		     .hash = PARSEC_HASH_SHA_256 } }, try_mac },
	{ { .type = PARSEC_KEY_TYPE_AES, .bits = 256,
	    .usage = PARSEC_USAGE_ENCRYPT | PARSEC_USAGE_DECRYPT,
	    .alg = { .kind = PARSEC_ALG_AEAD, .scheme = PARSEC_AEAD_GCM } }, try_aead },
	{ { .type = PARSEC_KEY_TYPE_RSA_KEY_PAIR, .bits = 2048,
	    .usage = PARSEC_USAGE_SIGN_HASH | PARSEC_USAGE_VERIFY_HASH,
	    .alg = { .kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_RSA_PKCS1V15,
		     .hash = PARSEC_HASH_SHA_256 } }, try_signature },
};

#define KINDS	(sizeof(kinds) / sizeof(kinds[0]))

/**
 * doctor_try() - make a key, use it, remove it
 * @parsec:	context with the provider
 * @step:	gets at what it failed, NULL when no kind of key fits and so nothing was tried
 *
 * Return: 0, or why it failed.
 */
int doctor_try(struct parsec *parsec, const char **step)
{
	int error = PARSEC_PSA_ERROR_NOT_SUPPORTED, end;
	char name[64];
	size_t i;

	*step = "say which keys it makes";
	for (i = 0; i < KINDS && error == PARSEC_PSA_ERROR_NOT_SUPPORTED; i++)
		error = parsec_can_do_crypto(parsec, PARSEC_CHECK_GENERATE, &kinds[i].attrs);
	if (error == PARSEC_PSA_ERROR_NOT_SUPPORTED) {
		*step = NULL;
		return 0;
	}
	if (error)
		return error;
	i--;
	snprintf(name, sizeof(name), "parsecctl-doctor-%d-%llx", getpid(),
		 (unsigned long long)random());
	*step = "make a key";
	error = parsec_psa_generate_key(parsec, name, &kinds[i].attrs);
	if (error)
		return error;
	error = kinds[i].use(parsec, name, &kinds[i].attrs.alg, step);
	end = parsec_psa_destroy_key(parsec, name);
	if (error || !end)
		return error;
	*step = "remove a key";
	return end;
}
