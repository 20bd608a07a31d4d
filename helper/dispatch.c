// SPDX-License-Identifier: Apache-2.0
/*
 * From a request to its answer. The table at the end says what each operation is and
 * needs; dispatch() is the one way through, in the contract's order of checks
 * (section 0, decision 5).
 */
#include "helper/dispatch.h"

#include <string.h>

#include "helper/audit_call.h"
#include "helper/log.h"
#include "helper/ops.h"
#include "helper/policy.h"
#include "providers/core.h"

/* Whose operation it is */
enum operation_class {
	CLASS_CORE,
	CLASS_CRYPTO,
	CLASS_SERVICE,	/* not in the contract; core's, and unknown anywhere else */
};

/* What an operation does with the key that its request names */
enum key_use {
	KEY_NONE,	/* names none */
	KEY_NAMED,	/* makes or removes it */
	KEY_USED,	/* needs it loaded */
};

/**
 * struct operation - a row of the table
 * @name:	as in the contract; NULL where no operation has this opcode
 * @class:	whose it is
 * @identity:	needs to know who is calling
 * @admin:	only for administrators
 * @anyone:	also for those who have no name, and whom a rule denies everything
 * @about:	tells about the service only: rules may deny it with everything else, but not
 *		by a list of operations
 * @twice:	may be performed twice when the first host died over it
 * @body:	writes the response body itself
 * @key:	what it does with a key
 * @usage:	flag that the key's policy must have, together with the algorithm of the
 *		request; 0 = no such check
 * @audit:	what the audit log says when it has been performed
 * @run:	performs it for an application
 * @peer:	performs it for the core host
 */
struct operation {
	const char *name;
	enum operation_class class;
	bool identity;
	bool admin;
	bool anyone;
	bool about;
	bool twice;
	bool body;
	enum key_use key;
	uint32_t usage;
	enum audit_kind audit;
	enum parsec_status (*run)(struct call *call);
	enum parsec_status (*peer)(struct call *call);
};

static const struct operation operations[OPCODE_COUNT];

static const struct operation *find_operation(uint8_t opcode)
{
	if (opcode >= OPCODE_COUNT || !operations[opcode].name)
		return NULL;
	return &operations[opcode];
}

/* Is this the place to ask? */
static enum parsec_status check_place(const struct call *call,
				      const struct operation *op)
{
	const struct host *host = call->host;
	bool crypto = op->class == CLASS_CRYPTO;

	if (call->transport == TRANSPORT_INNER)
		return op->peer ? PARSEC_SUCCESS : PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (op->class == CLASS_SERVICE)
		return host->core && call->provider == host->id ? PARSEC_SUCCESS :
								  PARSEC_OPCODE_DOES_NOT_EXIST;
	if (call->provider != host->id) {
		if (!host->core)
			return PARSEC_WRONG_PROVIDER_ID;
		return core_answer_for(host->core, call->provider, call->opcode, crypto);
	}
	return crypto == !host->core ? PARSEC_SUCCESS : PARSEC_PSA_ERROR_NOT_SUPPORTED;
}

/* Does the rule that the caller matches let it do this here? */
static bool rule_permits(const struct call *call, const struct operation *op)
{
	const struct rule *rule = call->identity->rule;

	if (!rule || op->anyone)
		return true;
	if (rule->deny == CONFIG_YES)
		return false;
	if (op->class == CLASS_CRYPTO && !rule_provider(rule, call->host->id))
		return false;
	return op->about || rule_operation(rule, call->opcode);
}

static enum parsec_status check_caller(struct call *call, const struct operation *op)
{
	/* Rules are for everything, also for what nobody needs a name for */
	if (!op->identity && (call->transport == TRANSPORT_INNER ||
			      rulebook_is_empty(call->host->book)))
		return PARSEC_SUCCESS;
	call->identity = call->identify(call->identify_arg);
	if (!call->identity ||
	    (call->identity->origin == ORIGIN_NONE && op->identity && !op->anyone))
		return PARSEC_AUTHENTICATION_ERROR;
	if (!rule_permits(call, op))
		return PARSEC_PSA_ERROR_NOT_PERMITTED;
	/* On the inner line the core host has seen to it */
	if (op->admin && !call->identity->admin && call->transport != TRANSPORT_INNER)
		return PARSEC_ADMIN_OPERATION;
	return PARSEC_SUCCESS;
}

/* Decode the request and see whether its answer can be given at all */
static enum parsec_status check_request(struct call *call, const struct operation *op)
{
	const struct host *host = call->host;
	enum parsec_status status;

	status = contract_decode_request(call->opcode, call->body, &call->req);
	if (status)
		return status;
	if (op->class == CLASS_CRYPTO && !plugin_supports(host->plugin, call->opcode))
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	if (call->req.size > call->scratch->output.size)
		return PARSEC_RESPONSE_TOO_LARGE;
	return PARSEC_SUCCESS;
}

static enum parsec_status get_key(const struct call *call, const struct key_identity *id,
				  struct keystore_key **key)
{
	enum parsec_status status = keystore_get(call->host->store, id, key);

	if (status)
		*key = NULL;
	return status;
}

/* Load the key that the operation uses, with the one that attests it, and ask its policy */
static enum parsec_status check_key(struct call *call, const struct operation *op)
{
	struct key_identity id;
	enum parsec_status status;

	if (op->key != KEY_USED)
		return PARSEC_SUCCESS;
	id = call_key(call);
	status = get_key(call, &id, &call->key);
	if (!status && call->req.attesting_key.len) {
		id.name = call->req.attesting_key;
		status = get_key(call, &id, &call->attesting);
	}
	if (status)
		return status;
	if (!op->usage)
		return PARSEC_SUCCESS;
	return policy_permits(&call->key->attrs, op->usage, &call->req.alg);
}

static void undo(const struct call *call)
{
	struct key_identity id = call_key(call);

	keystore_undo(call->host->store, &id, call->backend_id);
}

static enum parsec_status perform(struct call *call, const struct operation *op)
{
	enum parsec_status status;

	/* The limit of the configuration holds for lists as it does for outputs */
	if (op->body && call->out.size > call->scratch->output.size)
		call->out.size = call->scratch->output.size;
	if (call->transport == TRANSPORT_INNER)
		status = op->peer(call);
	else
		status = op->run(call);
	if (status || op->body)
		return status;
	return contract_encode_result(call->opcode, &call->result, &call->out);
}

/* What is to be in the audit log is not done when it cannot be written there */
static enum parsec_status perform_audited(struct call *call, const struct operation *op)
{
	enum parsec_status status;

	if (op->audit && !audit_begin(call->host->audit))
		return PARSEC_PSA_ERROR_INSUFFICIENT_STORAGE;
	status = perform(call, op);
	if (status && call->made_key) {
		undo(call);
		call->made_key = false;
	}
	if (!op->audit || audit_call_done(call, op->audit, op->name, status))
		return status;
	if (call->made_key) {
		undo(call);
		call->made_key = false;
	}
	return PARSEC_PSA_ERROR_STORAGE_FAILURE;
}

static void log_call(const struct call *call, const struct operation *op,
		     enum parsec_status status)
{
	const struct identity *who = call->identity;

	log_info("%s for %.*s: status %u", op->name,
		 who ? (int)who->app_len : 6, who ? (const char *)who->app : "anyone",
		 status);
}

enum parsec_status dispatch(struct call *call)
{
	const struct operation *op = find_operation(call->opcode);
	enum parsec_status status;

	if (!op)
		return PARSEC_OPCODE_DOES_NOT_EXIST;
	status = check_place(call, op);
	if (!status)
		status = check_caller(call, op);
	if (!status)
		status = check_request(call, op);
	if (!status)
		status = check_key(call, op);
	if (!status)
		status = perform_audited(call, op);
	if (status)
		audit_call_refused(call, op->name, status);
	if (log_details())
		log_call(call, op, status);
	return status;
}

void dispatch_undo(const struct call *call)
{
	undo(call);
	audit_call_undone(call, operations[call->opcode].name);
}

static void wipe_output(const struct call *call)
{
	if (!call->output_used)
		return;
	if (call->result.data.data)
		explicit_bzero(call->scratch->output.data, call->result.data.len);
	else			/* who failed may have written anything before */
		buffer_discard(&call->scratch->output);
}

void dispatch_end(struct call *call)
{
	if (call->key)
		keystore_put(call->host->store, call->key);
	if (call->attesting)
		keystore_put(call->host->store, call->attesting);
	wipe_output(call);
	contract_request_free(&call->req);
	identity_put(call->identity);
}

bool scratch_init(struct scratch *scratch, const struct config *config)
{
	*scratch = (struct scratch){ 0 };
	return buffer_map(&scratch->output, config->buffer_size_limit);
}

void scratch_free(struct scratch *scratch)
{
	buffer_unmap(&scratch->output);
	hash_context_free(scratch->hash);
	scratch->hash = NULL;
}

struct key_identity call_key(const struct call *call)
{
	return (struct key_identity){
		.auth_id = call->identity->auth_id,
		.app = { call->identity->app, call->identity->app_len },
		.name = call->req.key_name,
	};
}

enum parsec_status call_supported(const struct call *call, uint32_t can)
{
	struct parsec_key_attributes use = call->key->attrs;

	use.alg = call->req.alg;
	return policy_supported(&call->host->plugin->caps, &use, can);
}

enum parsec_status call_append(struct call *call, const struct contract_result *result)
{
	struct parsec_out rest = {
		.data = call->out.data + call->out.len,
		.size = call->out.size - call->out.len,
	};
	enum parsec_status status = contract_encode_result(call->opcode, result, &rest);

	if (!status)
		call->out.len += rest.len;
	return status;
}

struct parsec_out call_output(struct call *call)
{
	call->output_used = true;
	return (struct parsec_out){
		.data = call->scratch->output.data,
		.size = call->scratch->output.size,
	};
}

void dispatch_replay(uint8_t *bitmap, size_t size)
{
	size_t opcode;

	memset(bitmap, 0, size);
	for (opcode = 0; opcode < OPCODE_COUNT && opcode / 8 < size; opcode++)
		if (operations[opcode].twice)
			bitmap[opcode / 8] |= (uint8_t)(1 << opcode % 8);
}

bool dispatch_serves(const struct host *host, uint8_t opcode)
{
	const struct operation *op = find_operation(opcode);

	if (!op)
		return false;
	if (host->core)
		return op->class == CLASS_CORE;
	return op->class == CLASS_CRYPTO && plugin_supports(host->plugin, opcode);
}

static const struct operation operations[OPCODE_COUNT] = {
	[PARSEC_OP_PING] = {
		.name = "Ping", .class = CLASS_CORE, .about = true, .twice = true,
		.run = op_ping,
	},
	[PARSEC_OP_LIST_PROVIDERS] = {
		.name = "ListProviders", .class = CLASS_CORE, .about = true, .twice = true,
		.body = true,
		.run = op_list_providers, .peer = op_peer_describe,
	},
	[PARSEC_OP_LIST_OPCODES] = {
		.name = "ListOpcodes", .class = CLASS_CORE, .about = true, .twice = true,
		.body = true,
		.run = op_list_opcodes, .peer = op_peer_opcodes,
	},
	[PARSEC_OP_LIST_AUTHENTICATORS] = {
		.name = "ListAuthenticators", .class = CLASS_CORE, .about = true, .twice = true,
		.run = op_list_authenticators,
	},
	[PARSEC_OP_LIST_KEYS] = {
		.name = "ListKeys", .class = CLASS_CORE, .identity = true, .twice = true,
		.body = true,
		.run = op_list_keys, .peer = op_peer_keys,
	},
	[PARSEC_OP_LIST_CLIENTS] = {
		.name = "ListClients", .class = CLASS_CORE, .identity = true, .admin = true,
		.twice = true, .body = true,
		.run = op_list_clients, .peer = op_peer_clients,
	},
	[PARSEC_OP_DELETE_CLIENT] = {
		.name = "DeleteClient", .class = CLASS_CORE, .identity = true, .admin = true,
		.audit = AUDIT_DELETE_CLIENT,
		.run = op_delete_client, .peer = op_peer_delete_client,
	},

	[PARSEC_OP_PSA_GENERATE_KEY] = {
		.name = "PsaGenerateKey", .class = CLASS_CRYPTO, .identity = true,
		.key = KEY_NAMED,
		.audit = AUDIT_CREATE,
		.run = op_generate_key,
	},
	[PARSEC_OP_PSA_IMPORT_KEY] = {
		.name = "PsaImportKey", .class = CLASS_CRYPTO, .identity = true,
		.key = KEY_NAMED,
		.audit = AUDIT_IMPORT,
		.run = op_import_key,
	},
	[PARSEC_OP_PSA_DESTROY_KEY] = {
		.name = "PsaDestroyKey", .class = CLASS_CRYPTO, .identity = true,
		.key = KEY_NAMED,
		.audit = AUDIT_DESTROY,
		.run = op_destroy_key,
	},
	[PARSEC_OP_PSA_EXPORT_KEY] = {
		.name = "PsaExportKey", .class = CLASS_CRYPTO, .identity = true,
		.twice = true, .key = KEY_USED,
		.audit = AUDIT_EXPORT,
		.run = op_export_key,
	},
	[PARSEC_OP_PSA_EXPORT_PUBLIC_KEY] = {
		.name = "PsaExportPublicKey", .class = CLASS_CRYPTO, .identity = true,
		.twice = true, .key = KEY_USED,
		.run = op_export_public_key,
	},

	[PARSEC_OP_PSA_SIGN_HASH] = {
		.name = "PsaSignHash", .class = CLASS_CRYPTO, .identity = true,
		.twice = true, .key = KEY_USED, .usage = PARSEC_USAGE_SIGN_HASH,
		.run = op_sign_hash,
	},
	[PARSEC_OP_PSA_VERIFY_HASH] = {
		.name = "PsaVerifyHash", .class = CLASS_CRYPTO, .identity = true,
		.twice = true, .key = KEY_USED, .usage = PARSEC_USAGE_VERIFY_HASH,
		.run = op_verify_hash,
	},
	[PARSEC_OP_PSA_SIGN_MESSAGE] = {
		.name = "PsaSignMessage", .class = CLASS_CRYPTO, .identity = true,
		.twice = true, .key = KEY_USED, .usage = PARSEC_USAGE_SIGN_MESSAGE,
		.run = op_sign_message,
	},
	[PARSEC_OP_PSA_VERIFY_MESSAGE] = {
		.name = "PsaVerifyMessage", .class = CLASS_CRYPTO, .identity = true,
		.twice = true, .key = KEY_USED, .usage = PARSEC_USAGE_VERIFY_MESSAGE,
		.run = op_verify_message,
	},

	[PARSEC_OP_PSA_HASH_COMPUTE] = {
		.name = "PsaHashCompute", .class = CLASS_CRYPTO, .twice = true,
		.run = op_hash_compute,
	},
	[PARSEC_OP_PSA_HASH_COMPARE] = {
		.name = "PsaHashCompare", .class = CLASS_CRYPTO, .twice = true,
		.run = op_hash_compare,
	},
	[PARSEC_OP_PSA_GENERATE_RANDOM] = {
		.name = "PsaGenerateRandom", .class = CLASS_CRYPTO, .twice = true,
		.run = op_generate_random,
	},

	[PARSEC_OP_PSA_ASYMMETRIC_ENCRYPT] = {
		.name = "PsaAsymmetricEncrypt", .class = CLASS_CRYPTO, .identity = true,
		.twice = true, .key = KEY_USED, .usage = PARSEC_USAGE_ENCRYPT,
		.run = op_asymmetric_encrypt,
	},
	[PARSEC_OP_PSA_ASYMMETRIC_DECRYPT] = {
		.name = "PsaAsymmetricDecrypt", .class = CLASS_CRYPTO, .identity = true,
		.twice = true, .key = KEY_USED, .usage = PARSEC_USAGE_DECRYPT,
		.run = op_asymmetric_decrypt,
	},
	[PARSEC_OP_PSA_AEAD_ENCRYPT] = {
		.name = "PsaAeadEncrypt", .class = CLASS_CRYPTO, .identity = true,
		.twice = true, .key = KEY_USED, .usage = PARSEC_USAGE_ENCRYPT,
		.run = op_aead_encrypt,
	},
	[PARSEC_OP_PSA_AEAD_DECRYPT] = {
		.name = "PsaAeadDecrypt", .class = CLASS_CRYPTO, .identity = true,
		.twice = true, .key = KEY_USED, .usage = PARSEC_USAGE_DECRYPT,
		.run = op_aead_decrypt,
	},
	[PARSEC_OP_PSA_CIPHER_ENCRYPT] = {
		.name = "PsaCipherEncrypt", .class = CLASS_CRYPTO, .identity = true,
		.twice = true, .key = KEY_USED, .usage = PARSEC_USAGE_ENCRYPT,
		.run = op_cipher_encrypt,
	},
	[PARSEC_OP_PSA_CIPHER_DECRYPT] = {
		.name = "PsaCipherDecrypt", .class = CLASS_CRYPTO, .identity = true,
		.twice = true, .key = KEY_USED, .usage = PARSEC_USAGE_DECRYPT,
		.run = op_cipher_decrypt,
	},
	[PARSEC_OP_PSA_MAC_COMPUTE] = {
		.name = "PsaMacCompute", .class = CLASS_CRYPTO, .identity = true,
		.twice = true, .key = KEY_USED, .usage = PARSEC_USAGE_SIGN_MESSAGE,
		.run = op_mac_compute,
	},
	[PARSEC_OP_PSA_MAC_VERIFY] = {
		.name = "PsaMacVerify", .class = CLASS_CRYPTO, .identity = true,
		.twice = true, .key = KEY_USED, .usage = PARSEC_USAGE_VERIFY_MESSAGE,
		.run = op_mac_verify,
	},
	[PARSEC_OP_PSA_RAW_KEY_AGREEMENT] = {
		.name = "PsaRawKeyAgreement", .class = CLASS_CRYPTO, .identity = true,
		.twice = true, .key = KEY_USED, .usage = PARSEC_USAGE_DERIVE,
		.run = op_raw_key_agreement,
	},

	[PARSEC_OP_ATTEST_KEY] = {
		.name = "AttestKey", .class = CLASS_CRYPTO, .identity = true,
		.twice = true, .key = KEY_USED,
		.run = op_attest_key,
	},
	[PARSEC_OP_PREPARE_KEY_ATTESTATION] = {
		.name = "PrepareKeyAttestation", .class = CLASS_CRYPTO, .identity = true,
		.twice = true, .body = true, .key = KEY_USED,
		.run = op_prepare_key_attestation,
	},

	[PARSEC_OP_CAN_DO_CRYPTO] = {
		.name = "CanDoCrypto", .class = CLASS_CRYPTO, .identity = true,
		.twice = true,
		.run = op_can_do_crypto,
	},

	[PARSEC_OP_WHO_AM_I] = {
		.name = "WhoAmI", .class = CLASS_SERVICE, .identity = true,
		.anyone = true, .twice = true, .body = true,
		.run = op_who_am_i,
	},
	[PARSEC_OP_EXPLAIN] = {
		.name = "Explain", .class = CLASS_SERVICE, .identity = true, .admin = true,
		.twice = true, .body = true,
		.run = op_explain,
	},
	[PARSEC_OP_GET_STATS] = {
		.name = "GetStats", .class = CLASS_SERVICE, .identity = true, .about = true,
		.twice = true, .body = true,
		.run = op_get_stats, .peer = op_peer_stats,
	},
	[PARSEC_OP_COMPARE_KEYS] = {
		.name = "CompareKeys", .class = CLASS_SERVICE, .identity = true,
		.admin = true, .twice = true, .body = true,
		.run = op_compare_keys, .peer = op_peer_compare,
	},
};
