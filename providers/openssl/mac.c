// SPDX-License-Identifier: Apache-2.0
/*
 * Message authentication codes, whole: the host truncates and compares them.
 */
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include "providers/openssl/openssl.h"

/**
 * struct mac_state - a MAC that has taken in the key and nothing else
 * @scheme:	enum parsec_mac
 * @hash:	enum parsec_hash of HMAC
 * @ctx:	OpenSSL's; only ever copied, by any number of threads at a time
 *
 * For a short message, taking in the key is more than half of the work.
 */
struct mac_state {
	uint8_t scheme;
	uint8_t hash;
	EVP_MAC_CTX *ctx;
};

void mac_state_free(struct mac_state *state)
{
	if (!state)
		return;
	EVP_MAC_CTX_free(state->ctx);
	free(state);
}

static EVP_MAC *mac_method(struct parsec_provider_ctx *ctx, uint8_t scheme)
{
	size_t i = scheme == PARSEC_MAC_HMAC ? 0 : 1;
	EVP_MAC *method = atomic_load(&ctx->macs[i]), *none = NULL;

	if (method)
		return method;
	method = EVP_MAC_fetch(ctx->lib, i ? "CMAC" : "HMAC", NULL);
	if (!atomic_compare_exchange_strong(&ctx->macs[i], &none, method)) {
		EVP_MAC_free(method);
		return none;
	}
	return method;
}

/* A new state; NULL with an error in the queue or, where there is no cipher, without */
static struct mac_state *state_new(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				   const struct parsec_alg *alg)
{
	OSSL_PARAM params[2] = { OSSL_PARAM_construct_end(), OSSL_PARAM_construct_end() };
	struct mac_state *state = calloc(1, sizeof(*state));
	EVP_MAC *method = mac_method(ctx, alg->scheme);
	const EVP_CIPHER *cipher;
	const char *name = NULL;

	if (alg->scheme == PARSEC_MAC_HMAC) {
		name = digests[alg->hash].name;
	} else {
		cipher = cipher_method(ctx, key, CIPHER_MODE_CBC);
		name = cipher ? EVP_CIPHER_get0_name(cipher) : NULL;
	}
	if (!state)
		ERR_raise(ERR_LIB_EVP, ERR_R_MALLOC_FAILURE);
	if (!state || !method || !name)
		goto fail;
	/* OpenSSL's parameters are not const, but it only reads this one */
	params[0] = OSSL_PARAM_construct_utf8_string(alg->scheme == PARSEC_MAC_HMAC ?
							     OSSL_MAC_PARAM_DIGEST :
							     OSSL_MAC_PARAM_CIPHER,
						     (char *)(uintptr_t)name, 0);
	state->scheme = alg->scheme;
	state->hash = alg->hash;
	state->ctx = EVP_MAC_CTX_new(method);
	if (state->ctx &&
	    EVP_MAC_init(state->ctx, key->secret, key->secret_room, params) == 1)
		return state;
fail:
	mac_state_free(state);
	return NULL;
}

/* A MAC to go on with, ready for the message */
static EVP_MAC_CTX *begin(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			  const struct parsec_alg *alg)
{
	struct mac_state *state = atomic_load(&key->mac), *none = NULL;
	EVP_MAC_CTX *copy;

	if (state && state->scheme == alg->scheme && state->hash == alg->hash)
		return EVP_MAC_CTX_dup(state->ctx);
	state = state_new(ctx, key, alg);
	if (!state)
		return NULL;
	copy = EVP_MAC_CTX_dup(state->ctx);
	/* The policy of a key knows one algorithm, so the first is the one to keep */
	if (!atomic_compare_exchange_strong(&key->mac, &none, state))
		mac_state_free(state);
	return copy;
}

/*
 * Raw CBC-MAC: the last block of the encryption under an IV of zeros. It is good only
 * for messages of one length, as the contract's callers know.
 */
static enum parsec_status cbc_mac(struct parsec_provider_ctx *ctx, const struct parsec_key *key,
				  struct parsec_span input, struct parsec_out *mac)
{
	static const uint8_t zeros[EVP_MAX_IV_LENGTH];
	uint8_t chunk[1024 + EVP_MAX_BLOCK_LENGTH];
	const EVP_CIPHER *method = cipher_method(ctx, key, CIPHER_MODE_CBC);
	EVP_CIPHER_CTX *cipher;
	size_t block;
	int len = 0;
	bool done;

	if (!method)
		return no_method(ctx);
	block = (size_t)EVP_CIPHER_get_block_size(method);
	if (!input.len || input.len % block)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	if (mac->size < block)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;

	cipher = EVP_CIPHER_CTX_new();
	done = cipher && EVP_EncryptInit_ex2(cipher, method, key->secret, zeros, NULL) == 1 &&
	       EVP_CIPHER_CTX_set_padding(cipher, 0) == 1;
	while (done && input.len) {
		size_t part = input.len < 1024 ? input.len : 1024;

		done = EVP_EncryptUpdate(cipher, chunk, &len, input.data, (int)part) == 1 &&
		       (size_t)len == part;
		input.data += part;
		input.len -= part;
	}
	EVP_CIPHER_CTX_free(cipher);
	if (done) {
		memcpy(mac->data, chunk + (size_t)len - block, block);
		mac->len = block;
	}
	OPENSSL_cleanse(chunk, sizeof(chunk));
	return done ? PARSEC_SUCCESS : openssl_status(ctx, "CBC-MAC");
}

enum parsec_status mac_compute(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			       const struct parsec_alg *alg, struct parsec_span input,
			       struct parsec_out *mac)
{
	bool hmac = alg->scheme == PARSEC_MAC_HMAC;
	uint8_t whole[EVP_MAX_MD_SIZE];
	enum parsec_status status;
	EVP_MAC_CTX *state;
	size_t len = 0;

	if (alg->kind != PARSEC_ALG_MAC || hmac != (key->type == PARSEC_KEY_TYPE_HMAC) ||
	    !key->secret || alg->scheme > PARSEC_MAC_CMAC ||
	    (hmac && (alg->hash > PARSEC_HASH_LAST || !digests[alg->hash].name)))
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	errors_clear();
	if (alg->scheme == PARSEC_MAC_CBC_MAC)
		return cbc_mac(ctx, key, input, mac);

	state = begin(ctx, key, alg);
	if (!state)
		return no_method(ctx);
	if ((!input.len || EVP_MAC_update(state, input.data, input.len) == 1) &&
	    EVP_MAC_final(state, whole, &len, sizeof(whole)) == 1)
		status = len <= mac->size ? PARSEC_SUCCESS : PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	else
		status = openssl_status(ctx, "a MAC");
	if (status == PARSEC_SUCCESS) {
		memcpy(mac->data, whole, len);
		mac->len = len;
	}
	OPENSSL_cleanse(whole, sizeof(whole));
	EVP_MAC_CTX_free(state);
	return status;
}
