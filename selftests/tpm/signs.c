// SPDX-License-Identifier: Apache-2.0
/*
 * Signatures in a row through the device, by the TPM provider:
 *
 *	signs COUNT
 *
 * Every now and then another of four keys signs, more than fit into a TPM, so that keys come and
 * go as well. Each hash is another one; every 16th signature is verified by OpenSSL. Ends with
 * the time that one took, or at the first that fails.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include "tools/lib/parsec.h"

#define KEYS		4
#define HASH_SIZE	32
#define COORDINATE	32
#define OTHER_EVERY	64
#define VERIFY_EVERY	16

static const char *const names[KEYS] = { "signs-0", "signs-1", "signs-2", "signs-3" };

static void check(int status, const char *what, unsigned long n)
{
	if (!status)
		return;
	fprintf(stderr, "%s, number %lu: %s\n", what, n, parsec_strerror(status));
	exit(1);
}

static EVP_PKEY *public_key(struct parsec *parsec, const char *name)
{
	OSSL_PARAM params[3] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
						 (char[]){ "prime256v1" }, 0),
	};
	uint8_t point[PARSEC_PUBLIC_KEY_SIZE_MAX];
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;
	size_t len;

	check(parsec_psa_export_public_key(parsec, name, point, sizeof(point), &len),
	      "exporting a public key", 0);
	params[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, len);
	params[2] = OSSL_PARAM_construct_end();
	if (!ctx || EVP_PKEY_fromdata_init(ctx) <= 0 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
		check(-EINVAL, "reading a public key", 0);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static void verify(EVP_PKEY *key, const uint8_t *hash, const uint8_t *signature, unsigned long n)
{
	ECDSA_SIG *numbers = ECDSA_SIG_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	unsigned char *der = NULL;
	int len;

	ECDSA_SIG_set0(numbers, BN_bin2bn(signature, COORDINATE, NULL),
		       BN_bin2bn(signature + COORDINATE, COORDINATE, NULL));
	len = i2d_ECDSA_SIG(numbers, &der);
	if (len <= 0 || !ctx || EVP_PKEY_verify_init(ctx) <= 0 ||
	    EVP_PKEY_verify(ctx, der, (size_t)len, hash, HASH_SIZE) != 1)
		check(PARSEC_PSA_ERROR_INVALID_SIGNATURE, "verifying", n);
	OPENSSL_free(der);
	ECDSA_SIG_free(numbers);
	EVP_PKEY_CTX_free(ctx);
}

static void sign(struct parsec *parsec, EVP_PKEY **keys, unsigned long n)
{
	const struct parsec_alg alg = {
		.kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_ECDSA,
		.hash = PARSEC_HASH_SHA_256,
	};
	size_t which = n % OTHER_EVERY ? 0 : n / OTHER_EVERY % KEYS;
	uint8_t signature[PARSEC_SIGNATURE_SIZE_MAX], hash[HASH_SIZE] = { 0 };
	size_t len;

	memcpy(hash, &n, sizeof(n));
	check(parsec_psa_sign_hash(parsec, names[which], &alg, hash, sizeof(hash), signature,
				   sizeof(signature), &len), "signing", n);
	if (len != 2 * COORDINATE)
		check(-EMSGSIZE, "signing", n);
	if (n % VERIFY_EVERY == 0)
		verify(keys[which], hash, signature, n);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	const struct parsec_key_attributes attrs = {
		.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR, .family = PARSEC_ECC_SECP_R1, .bits = 256,
		.usage = PARSEC_USAGE_SIGN_HASH,
		.alg = { .kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_ECDSA,
			 .hash = PARSEC_HASH_SHA_256 },
	};
	unsigned long count = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	EVP_PKEY *keys[KEYS];
	struct parsec *parsec;
	double start;

	if (!count) {
		fprintf(stderr, "usage: signs COUNT\n");
		return 2;
	}
	check(parsec_open(&parsec), "opening the device", 0);
	parsec_use_provider(parsec, PARSEC_PROVIDER_TPM);
	for (size_t i = 0; i < KEYS; i++) {
		check(parsec_psa_generate_key(parsec, names[i], &attrs), "making a key", i);
		keys[i] = public_key(parsec, names[i]);
	}
	start = now();
	for (unsigned long n = 0; n < count; n++)
		sign(parsec, keys, n);
	printf("%lu signatures, %.2f ms each\n", count, (now() - start) / (double)count * 1000);
	for (size_t i = 0; i < KEYS; i++) {
		check(parsec_psa_destroy_key(parsec, names[i]), "removing a key", i);
		EVP_PKEY_free(keys[i]);
	}
	parsec_close(parsec);
	return 0;
}
