// SPDX-License-Identifier: Apache-2.0
/*
 * Hashing, which the host does for every provider.
 */
#include "helper/hash.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

/* OpenSSL's names; what is missing here or there is not supported */
static const char *const names[PARSEC_HASH_LAST + 1] = {
	[PARSEC_HASH_MD2]		= "MD2",
	[PARSEC_HASH_MD4]		= "MD4",
	[PARSEC_HASH_MD5]		= "MD5",
	[PARSEC_HASH_RIPEMD160]		= "RIPEMD160",
	[PARSEC_HASH_SHA_1]		= "SHA1",
	[PARSEC_HASH_SHA_224]		= "SHA224",
	[PARSEC_HASH_SHA_256]		= "SHA256",
	[PARSEC_HASH_SHA_384]		= "SHA384",
	[PARSEC_HASH_SHA_512]		= "SHA512",
	[PARSEC_HASH_SHA_512_224]	= "SHA512-224",
	[PARSEC_HASH_SHA_512_256]	= "SHA512-256",
	[PARSEC_HASH_SHA3_224]		= "SHA3-224",
	[PARSEC_HASH_SHA3_256]		= "SHA3-256",
	[PARSEC_HASH_SHA3_384]		= "SHA3-384",
	[PARSEC_HASH_SHA3_512]		= "SHA3-512",
};

/* Looked up once: a fetch by name costs more than hashing a short message */
static EVP_MD *fetched[PARSEC_HASH_LAST + 1];
static pthread_mutex_t fetch_lock = PTHREAD_MUTEX_INITIALIZER;

struct hash_context {
	EVP_MD_CTX *md;
};

static const EVP_MD *fetch(uint8_t hash)
{
	EVP_MD *md = __atomic_load_n(&fetched[hash], __ATOMIC_ACQUIRE);

	if (md || !names[hash])
		return md;
	pthread_mutex_lock(&fetch_lock);
	md = fetched[hash];
	if (!md) {
		md = EVP_MD_fetch(NULL, names[hash], NULL);
		__atomic_store_n(&fetched[hash], md, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&fetch_lock);
	return md;
}

static struct hash_context *context_new(void)
{
	struct hash_context *context = calloc(1, sizeof(*context));

	if (!context)
		return NULL;
	context->md = EVP_MD_CTX_new();
	if (context->md)
		return context;
	free(context);
	return NULL;
}

void hash_context_free(struct hash_context *context)
{
	if (!context)
		return;
	EVP_MD_CTX_free(context->md);
	free(context);
}

enum parsec_status hash_compute(struct hash_context **context, uint8_t hash,
				struct parsec_span input,
				uint8_t digest[PARSEC_HASH_SIZE_MAX])
{
	const EVP_MD *md = hash <= PARSEC_HASH_LAST ? fetch(hash) : NULL;
	unsigned int len;

	if (!md) {
		ERR_clear_error();
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	}
	if (!*context)
		*context = context_new();
	if (!*context)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	if (EVP_DigestInit_ex2((*context)->md, md, NULL) &&
	    EVP_DigestUpdate((*context)->md, input.data, input.len) &&
	    EVP_DigestFinal_ex((*context)->md, digest, &len))
		return PARSEC_SUCCESS;
	ERR_clear_error();
	return PARSEC_PSA_ERROR_GENERIC_ERROR;
}
