// SPDX-License-Identifier: Apache-2.0
/*
 * Signatures. Messages are hashed here, so that a provider sees only hashes and every
 * provider that can sign can sign messages.
 */
#include "helper/ops.h"
#include "helper/policy.h"

static enum parsec_status sign(struct call *call, struct parsec_span hash)
{
	struct plugin *plugin = call->host->plugin;
	struct keystore_key *key = call->key;
	struct parsec_out signature = call_output(call);
	enum parsec_status status;

	status = call_supported(call, PARSEC_CAN_SIGN);
	if (status)
		return status;
	plugin_enter(plugin, &key->lock);
	status = plugin->ops->sign(plugin->ctx, key->key, &call->req.alg, hash, &signature);
	plugin_leave(plugin, &key->lock);
	if (!status)
		call->result.data = (struct parsec_span){ signature.data, signature.len };
	return status;
}

static enum parsec_status verify(struct call *call, struct parsec_span hash)
{
	struct plugin *plugin = call->host->plugin;
	struct keystore_key *key = call->key;
	enum parsec_status status;

	status = call_supported(call, PARSEC_CAN_VERIFY);
	if (status)
		return status;
	plugin_enter(plugin, &key->lock);
	status = plugin->ops->verify(plugin->ctx, key->key, &call->req.alg, hash,
				     call->req.reference);
	plugin_leave(plugin, &key->lock);
	return status;
}

enum parsec_status op_sign_hash(struct call *call)
{
	return policy_input_length(&call->req.alg, call->req.input.len) ?:
	       sign(call, call->req.input);
}

enum parsec_status op_verify_hash(struct call *call)
{
	return policy_input_length(&call->req.alg, call->req.input.len) ?:
	       verify(call, call->req.input);
}

/* Hash the message with the hash of the signature algorithm */
static enum parsec_status hash_message(struct call *call,
				       uint8_t digest[PARSEC_HASH_SIZE_MAX],
				       struct parsec_span *hash)
{
	const struct parsec_alg *alg = &call->req.alg;

	/* Schemes that sign whatever they are given have no hash of their own */
	*hash = (struct parsec_span){ digest, policy_hash_size(alg->hash) };
	if (!hash->len)
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	return hash_compute(&call->scratch->hash, alg->hash, call->req.input, digest);
}

enum parsec_status op_sign_message(struct call *call)
{
	uint8_t digest[PARSEC_HASH_SIZE_MAX];
	struct parsec_span hash;

	return hash_message(call, digest, &hash) ?: sign(call, hash);
}

enum parsec_status op_verify_message(struct call *call)
{
	uint8_t digest[PARSEC_HASH_SIZE_MAX];
	struct parsec_span hash;

	return hash_message(call, digest, &hash) ?: verify(call, hash);
}
