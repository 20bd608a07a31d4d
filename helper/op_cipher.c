// SPDX-License-Identifier: Apache-2.0
/*
 * Encryption with a symmetric key. The initialisation vector is made here and stands in
 * front of the ciphertext.
 */
#include <openssl/rand.h>

#include "helper/ops.h"

#define DES_BLOCK	8
#define CIPHER_BLOCK	16
#define CHACHA20_NONCE	12

static size_t block_size(uint8_t type)
{
	return type == PARSEC_KEY_TYPE_DES ? DES_BLOCK : CIPHER_BLOCK;
}

static size_t iv_size(uint8_t type, uint8_t scheme)
{
	if (scheme == PARSEC_CIPHER_ECB_NO_PADDING)
		return 0;
	if (scheme != PARSEC_CIPHER_STREAM_CIPHER)
		return block_size(type);
	return type == PARSEC_KEY_TYPE_CHACHA20 ? CHACHA20_NONCE : 0;
}

/* Can @length bytes without their IV be encrypted, or be what encryption returned? */
static bool length_fits(uint8_t type, uint8_t scheme, size_t length, bool encrypt)
{
	if (!length)
		return false;
	switch (scheme) {
	case PARSEC_CIPHER_CBC_PKCS7:
		return encrypt || !(length % block_size(type));
	case PARSEC_CIPHER_ECB_NO_PADDING:
	case PARSEC_CIPHER_CBC_NO_PADDING:
		return !(length % block_size(type));
	case PARSEC_CIPHER_XTS:
		return length >= CIPHER_BLOCK;
	default:
		return true;
	}
}

enum parsec_status op_cipher_encrypt(struct call *call)
{
	struct plugin *plugin = call->host->plugin;
	const struct contract_request *req = &call->req;
	struct keystore_key *key = call->key;
	size_t iv_len = iv_size(key->attrs.type, req->alg.scheme);
	struct parsec_out output, rest;
	enum parsec_status status;

	if (!length_fits(key->attrs.type, req->alg.scheme, req->input.len, true))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	status = call_supported(call, PARSEC_CAN_ENCRYPT);
	if (status)
		return status;
	output = call_output(call);
	if (iv_len > output.size)
		return PARSEC_RESPONSE_TOO_LARGE;
	if (iv_len && RAND_bytes(output.data, (int)iv_len) != 1)
		return PARSEC_PSA_ERROR_INSUFFICIENT_ENTROPY;
	rest = (struct parsec_out){ output.data + iv_len, output.size - iv_len, 0 };
	plugin_enter(plugin, &key->lock);
	status = plugin->ops->cipher_encrypt(plugin->ctx, key->key, &req->alg,
					     (struct parsec_span){ output.data, iv_len },
					     req->input, &rest);
	plugin_leave(plugin, &key->lock);
	if (!status)
		call->result.data = (struct parsec_span){ output.data, iv_len + rest.len };
	return status;
}

enum parsec_status op_cipher_decrypt(struct call *call)
{
	struct plugin *plugin = call->host->plugin;
	const struct contract_request *req = &call->req;
	struct keystore_key *key = call->key;
	size_t iv_len = iv_size(key->attrs.type, req->alg.scheme);
	struct parsec_span iv = { req->input.data, iv_len }, rest;
	struct parsec_out output;
	enum parsec_status status;

	if (req->input.len < iv_len ||
	    !length_fits(key->attrs.type, req->alg.scheme, req->input.len - iv_len, false))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	status = call_supported(call, PARSEC_CAN_DECRYPT);
	if (status)
		return status;
	rest = (struct parsec_span){ req->input.data + iv_len, req->input.len - iv_len };
	output = call_output(call);
	plugin_enter(plugin, &key->lock);
	status = plugin->ops->cipher_decrypt(plugin->ctx, key->key, &req->alg, iv, rest,
					     &output);
	plugin_leave(plugin, &key->lock);
	if (!status)
		call->result.data = (struct parsec_span){ output.data, output.len };
	return status;
}
