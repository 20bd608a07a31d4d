// SPDX-License-Identifier: Apache-2.0
/*
 * Loading a provider and making sure that its table can be worked with, before
 * anything relies on it. Each refusal says what is wrong and what to do.
 */
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "helper/log.h"
#include "helper/plugin.h"
#include "helper/uuid_text.h"

#define ELEMENTS(array)	(sizeof(array) / sizeof((array)[0]))

#define PRIMITIVE(name)	#name "()", offsetof(struct parsec_provider, name)

/* What each ability needs in the table, by the kind of the row's algorithm; 0 = any */
static const struct ability {
	uint32_t can;
	uint8_t kind;
	const char *name;
	size_t at;
} abilities[] = {
	{ PARSEC_CAN_GENERATE, 0, PRIMITIVE(create) },
	{ PARSEC_CAN_IMPORT, 0, PRIMITIVE(import) },
	{ PARSEC_CAN_EXPORT, 0, PRIMITIVE(export) },
	{ PARSEC_CAN_EXPORT_PUBLIC, 0, PRIMITIVE(export_public) },
	{ PARSEC_CAN_SIGN, PARSEC_ALG_SIGNATURE, PRIMITIVE(sign) },
	{ PARSEC_CAN_SIGN, PARSEC_ALG_MAC, PRIMITIVE(mac) },
	{ PARSEC_CAN_VERIFY, PARSEC_ALG_SIGNATURE, PRIMITIVE(verify) },
	{ PARSEC_CAN_VERIFY, PARSEC_ALG_MAC, PRIMITIVE(mac) },
	{ PARSEC_CAN_ENCRYPT, PARSEC_ALG_ASYMMETRIC_ENCRYPTION, PRIMITIVE(asymmetric_encrypt) },
	{ PARSEC_CAN_ENCRYPT, PARSEC_ALG_CIPHER, PRIMITIVE(cipher_encrypt) },
	{ PARSEC_CAN_ENCRYPT, PARSEC_ALG_AEAD, PRIMITIVE(aead_encrypt) },
	{ PARSEC_CAN_DECRYPT, PARSEC_ALG_ASYMMETRIC_ENCRYPTION, PRIMITIVE(asymmetric_decrypt) },
	{ PARSEC_CAN_DECRYPT, PARSEC_ALG_CIPHER, PRIMITIVE(cipher_decrypt) },
	{ PARSEC_CAN_DECRYPT, PARSEC_ALG_AEAD, PRIMITIVE(aead_decrypt) },
	{ PARSEC_CAN_DERIVE, PARSEC_ALG_KEY_AGREEMENT, PRIMITIVE(agree) },
	{ PARSEC_CAN_ATTEST, 0, PRIMITIVE(attest_prepare) },
	{ PARSEC_CAN_ATTEST, 0, PRIMITIVE(attest_activate) },
};

/* What makes an operation one that the provider offers: a row of this kind that can it */
static const struct {
	uint32_t can;
	uint8_t kind;
} operations[] = {
	[PARSEC_OP_PSA_GENERATE_KEY] = { PARSEC_CAN_GENERATE, 0 },
	[PARSEC_OP_PSA_IMPORT_KEY] = { PARSEC_CAN_IMPORT, 0 },
	[PARSEC_OP_PSA_DESTROY_KEY] = { PARSEC_CAN_GENERATE | PARSEC_CAN_IMPORT, 0 },
	[PARSEC_OP_PSA_EXPORT_KEY] = { PARSEC_CAN_EXPORT, 0 },
	[PARSEC_OP_PSA_EXPORT_PUBLIC_KEY] = { PARSEC_CAN_EXPORT_PUBLIC, 0 },
	[PARSEC_OP_PSA_SIGN_HASH] = { PARSEC_CAN_SIGN, PARSEC_ALG_SIGNATURE },
	[PARSEC_OP_PSA_SIGN_MESSAGE] = { PARSEC_CAN_SIGN, PARSEC_ALG_SIGNATURE },
	[PARSEC_OP_PSA_VERIFY_HASH] = { PARSEC_CAN_VERIFY, PARSEC_ALG_SIGNATURE },
	[PARSEC_OP_PSA_VERIFY_MESSAGE] = { PARSEC_CAN_VERIFY, PARSEC_ALG_SIGNATURE },
	[PARSEC_OP_PSA_ASYMMETRIC_ENCRYPT] = {
		PARSEC_CAN_ENCRYPT, PARSEC_ALG_ASYMMETRIC_ENCRYPTION },
	[PARSEC_OP_PSA_ASYMMETRIC_DECRYPT] = {
		PARSEC_CAN_DECRYPT, PARSEC_ALG_ASYMMETRIC_ENCRYPTION },
	[PARSEC_OP_PSA_CIPHER_ENCRYPT] = { PARSEC_CAN_ENCRYPT, PARSEC_ALG_CIPHER },
	[PARSEC_OP_PSA_CIPHER_DECRYPT] = { PARSEC_CAN_DECRYPT, PARSEC_ALG_CIPHER },
	[PARSEC_OP_PSA_AEAD_ENCRYPT] = { PARSEC_CAN_ENCRYPT, PARSEC_ALG_AEAD },
	[PARSEC_OP_PSA_AEAD_DECRYPT] = { PARSEC_CAN_DECRYPT, PARSEC_ALG_AEAD },
	[PARSEC_OP_PSA_MAC_COMPUTE] = { PARSEC_CAN_SIGN, PARSEC_ALG_MAC },
	[PARSEC_OP_PSA_MAC_VERIFY] = { PARSEC_CAN_VERIFY, PARSEC_ALG_MAC },
	[PARSEC_OP_PSA_RAW_KEY_AGREEMENT] = { PARSEC_CAN_DERIVE, PARSEC_ALG_KEY_AGREEMENT },
	[PARSEC_OP_ATTEST_KEY] = { PARSEC_CAN_ATTEST, 0 },
	[PARSEC_OP_PREPARE_KEY_ATTESTATION] = { PARSEC_CAN_ATTEST, 0 },
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

static bool has_primitive(const struct parsec_provider *ops, const struct ability *ability)
{
	void (*primitive)(void);

	memcpy(&primitive, (const uint8_t *)ops + ability->at, sizeof(primitive));
	return primitive;
}

static bool uses_keys(const struct parsec_provider *ops)
{
	for (size_t i = 0; i < ELEMENTS(abilities); i++) {
		if (!(abilities[i].can & (PARSEC_CAN_GENERATE | PARSEC_CAN_IMPORT)) &&
		    has_primitive(ops, &abilities[i]))
			return true;
	}
	return false;
}

/* First thing that is missing in a table whose ABI is right, or NULL */
static const char *missing(const struct parsec_provider *ops)
{
	bool makes_keys = ops->create || ops->import;

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
	if (ops->list && !ops->exists)
		return "exists(), without which what list() says could not be checked,";
	if (ops->load && !ops->unload)
		return "unload(), which load() needs,";
	if (ops->load && !makes_keys)
		return "create() or import(), without which there is nothing to load,";
	if (uses_keys(ops) && !ops->load)
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
	what = uuid_text_fault(ops->uuid);
	if (what) {
		log_error("%s: \"%.64s\" is %s; install a corrected provider", who, ops->uuid,
			  what);
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

static bool sizes_are_valid(const struct parsec_capability *row)
{
	const uint32_t *bits = row->bits;

	if (!row->bits_step)
		return bits[0] && !bits[ELEMENTS(row->bits) - 1];

	return bits[0] && bits[0] < bits[1] && !bits[2] &&
	       (bits[1] - bits[0]) % row->bits_step == 0;
}

/* What of @can the kind of the row's algorithm gives no meaning */
static uint32_t senseless(const struct parsec_capability *row)
{
	uint32_t can = row->can;

	for (size_t i = 0; i < ELEMENTS(abilities); i++) {
		if (!abilities[i].kind || abilities[i].kind == row->alg_kind)
			can &= ~abilities[i].can;
	}
	return can;
}

/* What is wrong with a capability row, or NULL */
static const char *row_fault(const struct parsec_capability *row)
{
	bool public = row->type == PARSEC_KEY_TYPE_RSA_PUBLIC_KEY ||
		      row->type == PARSEC_KEY_TYPE_ECC_PUBLIC_KEY ||
		      row->type == PARSEC_KEY_TYPE_DH_PUBLIC_KEY;
	bool ecc = row->type == PARSEC_KEY_TYPE_ECC_KEY_PAIR ||
		   row->type == PARSEC_KEY_TYPE_ECC_PUBLIC_KEY;

	if (row->type == PARSEC_KEY_TYPE_NONE || row->type > PARSEC_KEY_TYPE_LAST)
		return "an unknown key type";
	if (ecc ? !row->family || row->family > PARSEC_ECC_LAST : row->family)
		return "a family that its key type does not have";
	if (!sizes_are_valid(row))
		return "no proper list of key sizes";
	if (!algorithm_is_known(row))
		return "an unknown algorithm";
	if (row->hashes & ~(PARSEC_HASH_BIT(PARSEC_HASH_LAST + 1) - 1) ||
	    row->hashes & PARSEC_HASH_BIT(PARSEC_HASH_NONE))
		return "an unknown hash";
	if (!row->can || senseless(row))
		return "nothing that it can do, or what its algorithm cannot";
	if (public && row->can & (PARSEC_CAN_GENERATE | PARSEC_CAN_SIGN |
				  PARSEC_CAN_DECRYPT | PARSEC_CAN_DERIVE))
		return "a public key that does what takes a private one";
	return NULL;
}

/* A primitive that a row needs and the table does not have, or NULL */
static const char *row_lacks(const struct parsec_provider *ops,
			     const struct parsec_capability *row)
{
	for (size_t i = 0; i < ELEMENTS(abilities); i++) {
		const struct ability *ability = &abilities[i];

		if (row->can & ability->can &&
		    (!ability->kind || ability->kind == row->alg_kind) &&
		    !has_primitive(ops, ability))
			return ability->name;
	}
	return NULL;
}

static bool capabilities_are_valid(const struct parsec_provider *ops,
				   const struct parsec_capabilities *caps)
{
	const char *fault, *lacks;

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
		lacks = row_lacks(ops, &caps->rows[i]);
		if (lacks) {
			log_error("%s: capability row %zu needs %s, which the table does not "
				  "have; install a corrected provider", ops->description, i,
				  lacks);
			return false;
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
	plugin->uuid = ops->uuid;
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
	pthread_mutex_init(&plugin->turn, NULL);
	return PARSEC_SUCCESS;
}

void plugin_close(struct plugin *plugin)
{
	plugin->ops->close(plugin->ctx);
	pthread_mutex_destroy(&plugin->turn);
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
	const bool turns = lock == &plugin->lock;

	/* The mutex alone would often go to who has just let go of it */
	if (turns)
		pthread_mutex_lock(&plugin->turn);
	if (lock)
		pthread_mutex_lock(lock);
	if (turns)
		pthread_mutex_unlock(&plugin->turn);
}

void plugin_leave(struct plugin *plugin, pthread_mutex_t *key_lock)
{
	pthread_mutex_t *lock = gate(plugin, key_lock);

	if (lock)
		pthread_mutex_unlock(lock);
}

/* Is there a second lock to be held? */
static bool has_two(const struct plugin *plugin, const pthread_mutex_t *key_lock,
		    const pthread_mutex_t *other_lock)
{
	return plugin->caps.concurrency == PARSEC_CONCURRENCY_PER_KEY && other_lock &&
	       other_lock != key_lock;
}

void plugin_enter_two(struct plugin *plugin, pthread_mutex_t *key_lock,
		      pthread_mutex_t *other_lock)
{
	bool two = has_two(plugin, key_lock, other_lock);

	/* Always in the same order, so that two threads cannot wait for each other */
	if (two && (uintptr_t)other_lock < (uintptr_t)key_lock)
		plugin_enter(plugin, other_lock);
	plugin_enter(plugin, key_lock);
	if (two && (uintptr_t)other_lock > (uintptr_t)key_lock)
		plugin_enter(plugin, other_lock);
}

void plugin_leave_two(struct plugin *plugin, pthread_mutex_t *key_lock,
		      pthread_mutex_t *other_lock)
{
	plugin_leave(plugin, key_lock);
	if (has_two(plugin, key_lock, other_lock))
		plugin_leave(plugin, other_lock);
}

bool plugin_supports(const struct plugin *plugin, uint8_t opcode)
{
	/* The host hashes itself */
	if (opcode == PARSEC_OP_PSA_HASH_COMPUTE || opcode == PARSEC_OP_PSA_HASH_COMPARE)
		return true;
	/* It looks into the table of capabilities */
	if (opcode == PARSEC_OP_CAN_DO_CRYPTO)
		return true;
	if (opcode == PARSEC_OP_PSA_GENERATE_RANDOM)
		return plugin->ops->random;
	if (opcode >= ELEMENTS(operations))
		return false;

	/* What a row can do is there: capabilities_are_valid() made sure */
	for (size_t i = 0; i < plugin->caps.count; i++) {
		const struct parsec_capability *row = &plugin->caps.rows[i];

		if (row->can & operations[opcode].can &&
		    (!operations[opcode].kind || operations[opcode].kind == row->alg_kind))
			return true;
	}
	return false;
}
