// SPDX-License-Identifier: Apache-2.0
/*
 * Loading a provider and making sure that its table can be worked with, before
 * anything relies on it. Each refusal says what is wrong and what to do.
 */
#include <ctype.h>
#include <dlfcn.h>
#include <string.h>

#include <uuid/uuid.h>

#include "helper/log.h"
#include "helper/plugin.h"

#define ELEMENTS(array)	(sizeof(array) / sizeof((array)[0]))

static const struct {
	uint32_t can;
	const char *name;
} abilities[] = {
	{ PARSEC_CAN_GENERATE, "create" },
	{ PARSEC_CAN_IMPORT, "import" },
	{ PARSEC_CAN_EXPORT, "export" },
	{ PARSEC_CAN_EXPORT_PUBLIC, "export_public" },
	{ PARSEC_CAN_SIGN, "sign" },
	{ PARSEC_CAN_VERIFY, "verify" },
};

/* Highest scheme of each kind of algorithm that a capability row may name */
static const uint8_t last_scheme[] = {
	[PARSEC_ALG_MAC]		= PARSEC_MAC_CMAC,
	[PARSEC_ALG_CIPHER]		= PARSEC_CIPHER_CBC_PKCS7,
	[PARSEC_ALG_AEAD]		= PARSEC_AEAD_CHACHA20_POLY1305,
	[PARSEC_ALG_SIGNATURE]		= PARSEC_SIGN_DETERMINISTIC_ECDSA,
	[PARSEC_ALG_ASYMMETRIC_ENCRYPTION] = PARSEC_CRYPT_RSA_OAEP,
	[PARSEC_ALG_KEY_AGREEMENT]	= PARSEC_AGREE_ECDH,
	[PARSEC_ALG_KEY_DERIVATION]	= PARSEC_KDF_TLS12_PSK_TO_MS,
};

#define REBUILD	"build it against this <parsec/provider.h>"

static bool uuid_is_valid(const char *uuid)
{
	uuid_t parsed;

	/* uuid_parse() takes upper case, names of the same provider must be one string */
	for (const char *c = uuid; *c; c++) {
		if (isupper((unsigned char)*c))
			return false;
	}
	return !uuid_parse(uuid, parsed);
}

static bool has_primitive(const struct parsec_provider *ops, uint32_t can)
{
	switch (can) {
	case PARSEC_CAN_GENERATE:
		return ops->create;
	case PARSEC_CAN_IMPORT:
		return ops->import;
	case PARSEC_CAN_EXPORT:
		return ops->export;
	case PARSEC_CAN_EXPORT_PUBLIC:
		return ops->export_public;
	case PARSEC_CAN_SIGN:
		return ops->sign;
	case PARSEC_CAN_VERIFY:
		return ops->verify;
	default:
		return false;
	}
}

/* First thing that is missing in a table whose ABI is right, or NULL */
static const char *missing(const struct parsec_provider *ops)
{
	bool makes_keys = ops->create || ops->import;
	bool uses_keys = ops->export_public || ops->export || ops->sign || ops->verify;

	if (!ops->uuid)
		return "uuid";
	if (!ops->description)
		return "description";
	if (!ops->vendor)
		return "vendor";
	if (!ops->open)
		return "open()";
	if (!ops->close)
		return "close()";
	if (!ops->capabilities)
		return "capabilities()";
	if (makes_keys && !ops->destroy)
		return "destroy(), without which a key could not be removed,";
	if (ops->load && !ops->unload)
		return "unload(), which load() needs,";
	if (ops->load && !makes_keys)
		return "create() or import(), without which there is nothing to load,";
	if (uses_keys && !ops->load)
		return "load(), without which no key can be used,";
	return NULL;
}

/* @who is a path, or the description of a built-in provider */
static bool table_is_valid(const char *who, const struct parsec_provider *ops)
{
	const char *what;

	if (ops->abi != PARSEC_PROVIDER_ABI) {
		log_error("%s: provider ABI %u, but this helper has %u; " REBUILD, who,
			  ops->abi, PARSEC_PROVIDER_ABI);
		return false;
	}
	what = missing(ops);
	if (what) {
		log_error("%s: the provider's table has no %s but it is mandatory; "
			  "install a complete provider", who, what);
		return false;
	}
	if (!uuid_is_valid(ops->uuid)) {
		log_error("%s: \"%.64s\" is not a UUID of 36 characters in lower case; "
			  "install a corrected provider", who, ops->uuid);
		return false;
	}
	return true;
}

static bool algorithm_is_known(const struct parsec_capability *row)
{
	/* For what only keeps data */
	if (row->alg_kind == PARSEC_ALG_NONE)
		return !row->scheme;

	return row->alg_kind < ELEMENTS(last_scheme) && row->scheme &&
	       row->scheme <= last_scheme[row->alg_kind];
}

/* What is wrong with a capability row, or NULL */
static const char *row_fault(const struct parsec_capability *row)
{
	bool public = row->type == PARSEC_KEY_TYPE_RSA_PUBLIC_KEY ||
		      row->type == PARSEC_KEY_TYPE_ECC_PUBLIC_KEY ||
		      row->type == PARSEC_KEY_TYPE_DH_PUBLIC_KEY;
	bool ecc = row->type == PARSEC_KEY_TYPE_ECC_KEY_PAIR ||
		   row->type == PARSEC_KEY_TYPE_ECC_PUBLIC_KEY;
	uint32_t all = 0;

	for (size_t i = 0; i < ELEMENTS(abilities); i++)
		all |= abilities[i].can;

	if (row->type == PARSEC_KEY_TYPE_NONE || row->type > PARSEC_KEY_TYPE_LAST)
		return "an unknown key type";
	if (ecc ? !row->family || row->family > PARSEC_ECC_LAST : row->family)
		return "a family that its key type does not have";
	if (!row->bits[0])
		return "no key size";
	if (row->bits[ELEMENTS(row->bits) - 1])
		return "a list of key sizes without an end";
	if (!algorithm_is_known(row))
		return "an unknown algorithm";
	if (row->hashes & ~(PARSEC_HASH_BIT(PARSEC_HASH_LAST + 1) - 1) ||
	    row->hashes & PARSEC_HASH_BIT(PARSEC_HASH_NONE))
		return "an unknown hash";
	if (!row->can || row->can & ~all)
		return "nothing that it can do, or something unknown";
	if (public && row->can & (PARSEC_CAN_GENERATE | PARSEC_CAN_SIGN))
		return "a public key that is generated or signs";
	if (row->can & (PARSEC_CAN_SIGN | PARSEC_CAN_VERIFY) &&
	    row->alg_kind != PARSEC_ALG_SIGNATURE)
		return "signatures with an algorithm that is none";
	return NULL;
}

static bool capabilities_are_valid(const struct parsec_provider *ops,
				   const struct parsec_capabilities *caps)
{
	const char *fault;

	if (caps->concurrency > PARSEC_CONCURRENCY_FULL || (caps->count && !caps->rows)) {
		log_error("%s: capabilities() gave an unknown concurrency or no rows; "
			  "install a corrected provider", ops->description);
		return false;
	}
	for (size_t i = 0; i < caps->count; i++) {
		fault = row_fault(&caps->rows[i]);
		if (fault) {
			log_error("%s: capability row %zu has %s; install a corrected provider",
				  ops->description, i, fault);
			return false;
		}
		for (size_t j = 0; j < ELEMENTS(abilities); j++) {
			if (caps->rows[i].can & abilities[j].can &&
			    !has_primitive(ops, abilities[j].can)) {
				log_error("%s: capability row %zu needs %s(), which the table "
					  "does not have; install a corrected provider",
					  ops->description, i, abilities[j].name);
				return false;
			}
		}
	}
	return true;
}

const struct parsec_provider *plugin_load(const char *path, void **handle)
{
	const struct parsec_provider *ops;

	*handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!*handle) {
		/* dlerror() names the file */
		log_error("provider library cannot be loaded: %s; check \"library\" in the "
			  "configuration and that what it needs is installed", dlerror());
		return NULL;
	}
	ops = dlsym(*handle, PARSEC_PROVIDER_SYMBOL);
	if (!ops)
		log_error("%s: not a provider, it does not export \"%s\"; check \"library\" in "
			  "the configuration", path, PARSEC_PROVIDER_SYMBOL);
	if (!ops || !table_is_valid(path, ops)) {
		dlclose(*handle);
		*handle = NULL;
		return NULL;
	}
	return ops;
}

enum parsec_status plugin_open(struct plugin *plugin, const struct parsec_provider *ops,
			       void *handle, const struct parsec_option *options,
			       size_t count, const char *state_dir)
{
	enum parsec_status status;

	memset(plugin, 0, sizeof(*plugin));
	if (!table_is_valid("built-in provider", ops))
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;

	plugin->ops = ops;
	plugin->handle = handle;
	plugin->host.abi = PARSEC_PROVIDER_ABI;
	plugin->host.log = log_write;
	plugin->host.state_dir = state_dir;
	status = ops->open(&plugin->host, options, count, &plugin->ctx);
	if (status != PARSEC_SUCCESS) {
		log_error("%s: does not start (status %d); see the lines before this one",
			  ops->description, status);
		return status;
	}
	ops->capabilities(plugin->ctx, &plugin->caps);
	if (!capabilities_are_valid(ops, &plugin->caps)) {
		ops->close(plugin->ctx);
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	}
	pthread_mutex_init(&plugin->lock, NULL);
	return PARSEC_SUCCESS;
}

void plugin_close(struct plugin *plugin)
{
	plugin->ops->close(plugin->ctx);
	pthread_mutex_destroy(&plugin->lock);
	if (plugin->handle)
		dlclose(plugin->handle);
	memset(plugin, 0, sizeof(*plugin));
}

/* The lock that a primitive needs, or NULL */
static pthread_mutex_t *gate(struct plugin *plugin, pthread_mutex_t *key_lock)
{
	switch (plugin->caps.concurrency) {
	case PARSEC_CONCURRENCY_FULL:
		return NULL;
	case PARSEC_CONCURRENCY_PER_KEY:
		return key_lock;
	default:
		return &plugin->lock;
	}
}

void plugin_enter(struct plugin *plugin, pthread_mutex_t *key_lock)
{
	pthread_mutex_t *lock = gate(plugin, key_lock);

	if (lock)
		pthread_mutex_lock(lock);
}

void plugin_leave(struct plugin *plugin, pthread_mutex_t *key_lock)
{
	pthread_mutex_t *lock = gate(plugin, key_lock);

	if (lock)
		pthread_mutex_unlock(lock);
}

/* capabilities_are_valid() made sure that what a row can do is there */
static bool can(const struct plugin *plugin, uint32_t ability)
{
	for (size_t i = 0; i < plugin->caps.count; i++) {
		if (plugin->caps.rows[i].can & ability)
			return true;
	}
	return false;
}

bool plugin_supports(const struct plugin *plugin, uint8_t opcode)
{
	switch (opcode) {
	case PARSEC_OP_PSA_GENERATE_KEY:
		return can(plugin, PARSEC_CAN_GENERATE);
	case PARSEC_OP_PSA_IMPORT_KEY:
		return can(plugin, PARSEC_CAN_IMPORT);
	case PARSEC_OP_PSA_DESTROY_KEY:
		return can(plugin, PARSEC_CAN_GENERATE | PARSEC_CAN_IMPORT);
	case PARSEC_OP_PSA_EXPORT_KEY:
		return can(plugin, PARSEC_CAN_EXPORT);
	case PARSEC_OP_PSA_EXPORT_PUBLIC_KEY:
		return can(plugin, PARSEC_CAN_EXPORT_PUBLIC);
	case PARSEC_OP_PSA_SIGN_HASH:
	case PARSEC_OP_PSA_SIGN_MESSAGE:
		return can(plugin, PARSEC_CAN_SIGN);
	case PARSEC_OP_PSA_VERIFY_HASH:
	case PARSEC_OP_PSA_VERIFY_MESSAGE:
		return can(plugin, PARSEC_CAN_VERIFY);
	case PARSEC_OP_PSA_HASH_COMPUTE:
	case PARSEC_OP_PSA_HASH_COMPARE:
		/* The host itself */
		return true;
	case PARSEC_OP_PSA_GENERATE_RANDOM:
		return plugin->ops->random;
	default:
		return false;
	}
}
