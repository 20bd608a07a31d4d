// SPDX-License-Identifier: Apache-2.0
/*
 * Key management: make, remove and hand out keys.
 */
#include "helper/log.h"
#include "helper/ops.h"
#include "helper/policy.h"

enum parsec_status op_generate_key(struct call *call)
{
	const struct host *host = call->host;
	struct parsec_key_attributes *attrs = &call->req.attrs;
	struct key_identity id = call_key(call);
	enum parsec_status status;

	if (!host->config->allow_deprecated && policy_deprecated(attrs))
		return PARSEC_DEPRECATED_PRIMITIVE;
	status = policy_new_key(attrs, true);
	if (!status)
		status = policy_supported(&host->plugin->caps, attrs, PARSEC_CAN_GENERATE);
	if (!status)
		status = keystore_create(host->store, &id, attrs, call->backend_id);
	call->made_key = !status;
	return status;
}

enum parsec_status op_import_key(struct call *call)
{
	const struct host *host = call->host;
	struct parsec_key_attributes *attrs = &call->req.attrs;
	struct key_identity id = call_key(call);
	enum parsec_status status;

	status = policy_new_key(attrs, false);
	if (!status)
		status = policy_supported(&host->plugin->caps, attrs, PARSEC_CAN_IMPORT);
	if (!status && !call->req.input.len)
		status = PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	if (!status)
		status = keystore_import(host->store, &id, attrs, call->req.input,
					 call->backend_id);
	call->made_key = !status;
	if (!status && !host->config->allow_deprecated && policy_deprecated(attrs))
		log_warning("a key of a deprecated type or algorithm is imported");
	return status;
}

enum parsec_status op_destroy_key(struct call *call)
{
	struct key_identity id = call_key(call);

	return keystore_destroy(call->host->store, &id);
}

static bool is_public(const struct parsec_key_attributes *attrs)
{
	return attrs->type == PARSEC_KEY_TYPE_RSA_PUBLIC_KEY ||
	       attrs->type == PARSEC_KEY_TYPE_ECC_PUBLIC_KEY ||
	       attrs->type == PARSEC_KEY_TYPE_DH_PUBLIC_KEY;
}

static bool is_pair(const struct parsec_key_attributes *attrs)
{
	return attrs->type == PARSEC_KEY_TYPE_RSA_KEY_PAIR ||
	       attrs->type == PARSEC_KEY_TYPE_ECC_KEY_PAIR ||
	       attrs->type == PARSEC_KEY_TYPE_DH_KEY_PAIR;
}

typedef enum parsec_status (*export_fn)(struct parsec_provider_ctx *ctx,
					struct parsec_key *key, struct parsec_out *data);

static enum parsec_status export(struct call *call, export_fn fn, uint32_t can)
{
	struct plugin *plugin = call->host->plugin;
	struct keystore_key *key = call->key;
	struct parsec_out data = call_output(call);
	enum parsec_status status;

	status = policy_supported(&plugin->caps, &key->attrs, can);
	if (status)
		return status;
	plugin_enter(plugin, &key->lock);
	status = fn(plugin->ctx, key->key, &data);
	plugin_leave(plugin, &key->lock);
	if (!status)
		call->result.data = (struct parsec_span){ data.data, data.len };
	return status;
}

enum parsec_status op_export_public_key(struct call *call)
{
	const struct parsec_key_attributes *attrs = &call->key->attrs;

	if (!is_public(attrs) && !is_pair(attrs))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	return export(call, call->host->plugin->ops->export_public,
		      PARSEC_CAN_EXPORT_PUBLIC);
}

enum parsec_status op_export_key(struct call *call)
{
	const struct parsec_provider *ops = call->host->plugin->ops;

	/* A public key is nobody's secret */
	if (is_public(&call->key->attrs) && ops->export_public)
		return export(call, ops->export_public, PARSEC_CAN_EXPORT_PUBLIC);
	if (!(call->key->attrs.usage & PARSEC_USAGE_EXPORT))
		return PARSEC_PSA_ERROR_NOT_PERMITTED;
	return export(call, ops->export, PARSEC_CAN_EXPORT);
}
