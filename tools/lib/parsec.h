/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libparsec: keep and use cryptographic keys by name through /dev/parsec.
 *
 * Results. Every function that talks to the service returns an int:
 *
 *	  0	done
 *	> 0	the service answered no: an enum parsec_status
 *	< 0	the service could not be asked: a negative errno, those of
 *		<linux/parsec.h> or of open(2); -EPROTO, the answer made no sense
 *
 * parsec_strerror() has a sentence for all of them. The statuses that each
 * function lists are those of its own; beside them any function may return
 * PARSEC_BODY_SIZE_EXCEEDS_LIMIT (the input is larger than the device takes),
 * PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY, PARSEC_PSA_ERROR_NOT_SUPPORTED (the
 * provider cannot do it), PARSEC_PROVIDER_NOT_REGISTERED,
 * PARSEC_PSA_ERROR_COMMUNICATION_FAILURE and what else a provider's backend
 * reports.
 *
 * Outputs. Memory is the caller's unless said otherwise, lengths are bytes, and
 * outputs are set only when the function returns 0. Where an output is a buffer
 * with a size, PARSEC_PSA_ERROR_BUFFER_TOO_SMALL says that it did not fit; the
 * length is then set to what is needed, and the call can be repeated.
 *
 * Threads. One context may be used by any number of threads at once; only
 * parsec_close() must not run together with anything else on its context.
 *
 * Processes. The identity of the caller is taken when the context is opened. A
 * child made by fork() may go on using the context: it is the same identity.
 * After setuid(), or in another namespace or cgroup, every call is -EPERM: open
 * a new context there. The descriptor does not survive execve().
 *
 * Names of keys are UTF-8, 1 to PARSEC_KEY_NAME_MAX bytes, and belong to the
 * caller's identity and to one provider. A name that is not valid is
 * PARSEC_PSA_ERROR_INVALID_ARGUMENT.
 */
#ifndef PARSEC_PARSEC_H
#define PARSEC_PARSEC_H

#include <parsec/status.h>
#include <parsec/types.h>

#include "attest.h"
#include "encrypt.h"
#include "service.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/* Where the device is */
#define PARSEC_DEVICE			"/dev/parsec"

/* Rooms that hold any signature, and the public part of any key, of the key
 * types that exist today
 */
#define PARSEC_SIGNATURE_SIZE_MAX	2048
#define PARSEC_PUBLIC_KEY_SIZE_MAX	4096

/* A connection to the service */
struct parsec;

/**
 * parsec_open() - connect to the service
 * @ctx:	new context, to be closed with parsec_close()
 *
 * Opening asks nothing of the service: it succeeds when the module is loaded. Where a
 * sandbox forbids to ask the device about itself, that is left out.
 *
 * Return: 0, -ENOENT (there is no device: the module is not loaded), -EACCES,
 * -EDQUOT (the identity has as many contexts open as it may have), -ENOMEM, or
 * another error of open(2).
 */
int parsec_open(struct parsec **ctx);

/**
 * parsec_open_device() - connect through a device node of another name
 * @path:	the device
 * @ctx:	new context, to be closed with parsec_close()
 *
 * Return: as parsec_open(); -ENOTTY when @path is something else.
 */
int parsec_open_device(const char *path, struct parsec **ctx);

/**
 * parsec_close() - end a connection
 * @ctx:	NULL is fine
 */
void parsec_close(struct parsec *ctx);

/**
 * parsec_set_timeout() - how long later calls may take
 * @ctx:	context
 * @ms:		milliseconds, 0 for as long as it takes (the default)
 *
 * A call that takes longer returns -ETIMEDOUT. A key that was being created or
 * imported is then removed again; a destroy may have taken place.
 */
void parsec_set_timeout(struct parsec *ctx, unsigned int ms);

/**
 * parsec_use_provider() - choose the provider of later calls
 * @ctx:	context
 * @id:		provider id; PARSEC_PROVIDER_CORE stands for the default again,
 *		which is the service's preferred one: the first that
 *		parsec_list_providers() names
 *
 * Nothing is asked; an id that does not exist shows when it is used.
 */
void parsec_use_provider(struct parsec *ctx, uint8_t id);

/**
 * parsec_current_provider() - which provider do calls go to?
 * @ctx:	context
 * @id:		its id
 *
 * Asks the service for the default when none was chosen and none was needed yet.
 *
 * Return: 0, or as parsec_list_providers(); PARSEC_PROVIDER_NOT_REGISTERED when the
 * service has only its core.
 */
int parsec_current_provider(struct parsec *ctx, uint8_t *id);

/**
 * struct parsec_device_info - what the device is
 * @abi:		level of the kernel's interface
 * @helper:		the service runs
 * @max_request:	bytes of a request's body
 * @max_response:	bytes of a response's body
 * @session:		number of this context in the service's log
 */
struct parsec_device_info {
	uint32_t abi;
	bool helper;
	uint32_t max_request;
	uint32_t max_response;
	uint64_t session;
};

/**
 * parsec_device_info() - ask the kernel about the device
 * @ctx:	context
 * @info:	the answer
 *
 * Works without the service. Return: 0 or a negative errno.
 */
int parsec_device_info(struct parsec *ctx, struct parsec_device_info *info);

/*
 * About the service
 */

/**
 * parsec_ping() - is the service there?
 * @ctx:	context
 * @major:	version of the contract, 1
 * @minor:	version of the contract, 0
 *
 * Return: 0 or a negative errno: -ENOTCONN when the service does not run.
 */
int parsec_ping(struct parsec *ctx, uint32_t *major, uint32_t *minor);

/**
 * struct parsec_provider_info - a provider
 * @uuid:		what kind of provider it is
 * @description:	for people
 * @vendor:		who made its backend
 * @version:		major, minor, revision
 * @id:			number to use it by
 */
struct parsec_provider_info {
	const char *uuid;
	const char *description;
	const char *vendor;
	uint32_t version[3];
	uint32_t id;
};

/**
 * parsec_list_providers() - which providers are there?
 * @ctx:	context
 * @list:	the providers, preferred ones first, core last; to be freed with
 *		parsec_free_providers()
 * @count:	how many
 *
 * Return: 0, a status or a negative errno.
 */
int parsec_list_providers(struct parsec *ctx, struct parsec_provider_info **list,
			  size_t *count);
/** parsec_free_providers() - NULL is fine */
void parsec_free_providers(struct parsec_provider_info *list);

/**
 * parsec_list_opcodes() - what can a provider do?
 * @ctx:	context
 * @provider:	id of the provider asked about
 * @list:	enum parsec_opcode, and numbers that are newer than this library; to
 *		be freed with parsec_free_opcodes()
 * @count:	how many
 *
 * Return: 0, PARSEC_PROVIDER_DOES_NOT_EXIST, PARSEC_PROVIDER_NOT_REGISTERED, or a
 * negative errno.
 */
int parsec_list_opcodes(struct parsec *ctx, uint8_t provider, uint32_t **list,
			size_t *count);
/** parsec_free_opcodes() - NULL is fine */
void parsec_free_opcodes(uint32_t *list);

/**
 * struct parsec_authenticator_info - a way in which callers are identified
 * @description:	for people
 * @version:		major, minor, revision
 * @id:			its number: 3, Unix peer credentials
 */
struct parsec_authenticator_info {
	const char *description;
	uint32_t version[3];
	uint32_t id;
};

/**
 * parsec_list_authenticators() - how are callers identified?
 * @ctx:	context
 * @list:	to be freed with parsec_free_authenticators()
 * @count:	how many
 *
 * Return: 0, a status or a negative errno.
 */
int parsec_list_authenticators(struct parsec *ctx,
			       struct parsec_authenticator_info **list, size_t *count);
/** parsec_free_authenticators() - NULL is fine */
void parsec_free_authenticators(struct parsec_authenticator_info *list);

/**
 * struct parsec_key_info - a key of the caller
 * @name:	its name
 * @provider:	id of the provider that has it
 * @attrs:	what it is and what it may do
 */
struct parsec_key_info {
	const char *name;
	uint32_t provider;
	struct parsec_key_attributes attrs;
};

/**
 * parsec_list_keys() - which keys does the caller have?
 * @ctx:	context
 * @list:	keys of the caller in all providers; to be freed with
 *		parsec_free_keys()
 * @count:	how many
 *
 * A provider that cannot be reached now contributes nothing.
 *
 * Return: 0, PARSEC_RESPONSE_TOO_LARGE, another status or a negative errno.
 */
int parsec_list_keys(struct parsec *ctx, struct parsec_key_info **list, size_t *count);
/** parsec_free_keys() - NULL is fine */
void parsec_free_keys(struct parsec_key_info *list);

/**
 * parsec_list_clients() - who has keys? For administrators
 * @ctx:	context
 * @list:	names by which the service knows callers that have keys; to be freed with
 *		parsec_free_clients()
 * @count:	how many
 *
 * Return: 0, PARSEC_ADMIN_OPERATION, or a negative errno.
 */
int parsec_list_clients(struct parsec *ctx, const char ***list, size_t *count);
/** parsec_free_clients() - NULL is fine */
void parsec_free_clients(const char **list);

/**
 * parsec_delete_client() - remove all keys of a caller for ever. For administrators
 * @ctx:	context
 * @client:	name as parsec_list_clients() gives it
 *
 * Return: 0, also when the caller has none; PARSEC_ADMIN_OPERATION, or a negative errno.
 */
int parsec_delete_client(struct parsec *ctx, const char *client);

/*
 * Keys
 */

/**
 * parsec_psa_generate_key() - make a key
 * @ctx:	context
 * @name:	a name that is free
 * @attrs:	what it shall be
 *
 * Return: 0, PARSEC_PSA_ERROR_ALREADY_EXISTS, PARSEC_PSA_ERROR_INVALID_ARGUMENT
 * (attributes that contradict each other), PARSEC_INVALID_ENCODING (an attribute is
 * missing or has no meaning), PARSEC_DEPRECATED_PRIMITIVE, or a negative errno. After
 * -EIO the name is either usable or free, parsec_list_keys() tells; after -ETIMEDOUT it
 * is free, or is about to be.
 */
int parsec_psa_generate_key(struct parsec *ctx, const char *name,
			    const struct parsec_key_attributes *attrs);

/**
 * parsec_psa_import_key() - make a key from its material
 * @ctx:	context
 * @name:	a name that is free
 * @attrs:	what it is; bits 0: as the data says
 * @data:	ECC: the private scalar, or the public point (0x04, X, Y); RSA: DER of
 *		PKCS#1 RSAPrivateKey or RSAPublicKey
 * @len:	bytes of it
 *
 * The library wipes its own copies of @data.
 *
 * Return: as parsec_psa_generate_key(); PARSEC_PSA_ERROR_INVALID_ARGUMENT also for
 * malformed data and for a size that contradicts it.
 */
int parsec_psa_import_key(struct parsec *ctx, const char *name,
			  const struct parsec_key_attributes *attrs,
			  const void *data, size_t len);

/**
 * parsec_psa_destroy_key() - remove a key for ever
 * @ctx:	context
 * @name:	a key
 *
 * Return: 0, PARSEC_PSA_ERROR_DOES_NOT_EXIST, or a negative errno.
 */
int parsec_psa_destroy_key(struct parsec *ctx, const char *name);

/**
 * parsec_psa_export_key() - get a key itself
 * @ctx:	context
 * @name:	a key with PARSEC_USAGE_EXPORT, or a public key
 * @data:	gets what parsec_psa_import_key() takes
 * @size:	room
 * @len:	bytes stored
 *
 * Return: 0, PARSEC_PSA_ERROR_DOES_NOT_EXIST, PARSEC_PSA_ERROR_NOT_PERMITTED,
 * PARSEC_PSA_ERROR_BUFFER_TOO_SMALL, or a negative errno.
 */
int parsec_psa_export_key(struct parsec *ctx, const char *name, void *data, size_t size,
			  size_t *len);

/**
 * parsec_psa_export_public_key() - get the public part of a key
 * @ctx:	context
 * @name:	a key pair or public key
 * @data:	gets the public point (0x04, X, Y) or the DER of RSAPublicKey
 * @size:	room; PARSEC_PUBLIC_KEY_SIZE_MAX is always enough
 * @len:	bytes stored
 *
 * Return: 0, PARSEC_PSA_ERROR_DOES_NOT_EXIST, PARSEC_PSA_ERROR_INVALID_ARGUMENT (a key
 * without a public part), PARSEC_PSA_ERROR_BUFFER_TOO_SMALL, or a negative errno.
 */
int parsec_psa_export_public_key(struct parsec *ctx, const char *name, void *data,
				 size_t size, size_t *len);

/*
 * Signatures. RSA: as long as the modulus. ECDSA: r and s, each as long as the order
 * of the curve (64 bytes for P-256), not DER.
 */

/**
 * parsec_psa_sign_hash() - sign a hash
 * @ctx:	context
 * @name:	a key with PARSEC_USAGE_SIGN_HASH
 * @alg:	signature algorithm, one that the key's policy permits
 * @hash:	the hash
 * @hash_len:	bytes of it: what the hash of @alg has
 * @signature:	gets the signature
 * @size:	room; PARSEC_SIGNATURE_SIZE_MAX is always enough
 * @len:	bytes stored
 *
 * Return: 0, PARSEC_PSA_ERROR_DOES_NOT_EXIST, PARSEC_PSA_ERROR_NOT_PERMITTED,
 * PARSEC_PSA_ERROR_INVALID_ARGUMENT, PARSEC_PSA_ERROR_BUFFER_TOO_SMALL, or a negative
 * errno.
 */
int parsec_psa_sign_hash(struct parsec *ctx, const char *name,
			 const struct parsec_alg *alg, const void *hash,
			 size_t hash_len, void *signature, size_t size, size_t *len);

/**
 * parsec_psa_verify_hash() - check the signature of a hash
 * @ctx:	context
 * @name:	a key with PARSEC_USAGE_VERIFY_HASH
 * @alg:	signature algorithm
 * @hash:	the hash
 * @hash_len:	bytes of it
 * @signature:	the signature
 * @len:	bytes of it
 *
 * Return: 0, it is valid; PARSEC_PSA_ERROR_INVALID_SIGNATURE, it is not; else as
 * parsec_psa_sign_hash().
 */
int parsec_psa_verify_hash(struct parsec *ctx, const char *name,
			   const struct parsec_alg *alg, const void *hash,
			   size_t hash_len, const void *signature, size_t len);

/**
 * parsec_psa_sign_message() - hash a message and sign the hash
 * @ctx:	context
 * @name:	a key with PARSEC_USAGE_SIGN_MESSAGE
 * @alg:	signature algorithm, one that the key's policy permits
 * @message:	the message, may be empty
 * @message_len: bytes of it
 * @signature:	gets the signature
 * @size:	room; PARSEC_SIGNATURE_SIZE_MAX is always enough
 * @len:	bytes stored
 *
 * Return: as parsec_psa_sign_hash().
 */
int parsec_psa_sign_message(struct parsec *ctx, const char *name,
			    const struct parsec_alg *alg, const void *message,
			    size_t message_len, void *signature, size_t size,
			    size_t *len);

/**
 * parsec_psa_verify_message() - check the signature of a message
 * @ctx:	context
 * @name:	a key with PARSEC_USAGE_VERIFY_MESSAGE
 * @alg:	signature algorithm
 * @message:	the message
 * @message_len: bytes of it
 * @signature:	the signature
 * @len:	bytes of it
 *
 * Return: as parsec_psa_verify_hash().
 */
int parsec_psa_verify_message(struct parsec *ctx, const char *name,
			      const struct parsec_alg *alg, const void *message,
			      size_t message_len, const void *signature, size_t len);

/*
 * Without a key
 */

/**
 * parsec_can_do_crypto() - can the provider make or use such a key?
 * @ctx:	context
 * @check:	what for
 * @attrs:	the key; 0 bits stand for any size
 *
 * Return: 0, it can; PARSEC_PSA_ERROR_NOT_SUPPORTED, it cannot; or a negative errno.
 */
int parsec_can_do_crypto(struct parsec *ctx, enum parsec_check check,
			 const struct parsec_key_attributes *attrs);

/**
 * parsec_psa_hash_compute() - hash a message
 * @ctx:	context
 * @hash:	hash algorithm
 * @input:	the message, may be empty
 * @input_len:	bytes of it
 * @digest:	gets the hash
 * @size:	room; PARSEC_HASH_SIZE_MAX is always enough
 * @len:	bytes stored
 *
 * Return: 0, PARSEC_INVALID_ENCODING (no such algorithm),
 * PARSEC_PSA_ERROR_BUFFER_TOO_SMALL, or a negative errno.
 */
int parsec_psa_hash_compute(struct parsec *ctx, enum parsec_hash hash, const void *input,
			    size_t input_len, void *digest, size_t size, size_t *len);

/**
 * parsec_psa_hash_compare() - hash a message and compare
 * @ctx:	context
 * @hash:	hash algorithm
 * @input:	the message, may be empty
 * @input_len:	bytes of it
 * @digest:	the hash expected
 * @len:	bytes of it
 *
 * Return: 0, it is equal; PARSEC_PSA_ERROR_INVALID_SIGNATURE, it is not;
 * PARSEC_PSA_ERROR_INVALID_ARGUMENT (wrong length), or a negative errno.
 */
int parsec_psa_hash_compare(struct parsec *ctx, enum parsec_hash hash, const void *input,
			    size_t input_len, const void *digest, size_t len);

/**
 * parsec_psa_generate_random() - random bytes from the provider
 * @ctx:	context
 * @data:	gets @len bytes, all of them
 * @len:	how many
 *
 * Return: 0, PARSEC_RESPONSE_TOO_LARGE, or a negative errno.
 */
int parsec_psa_generate_random(struct parsec *ctx, void *data, size_t len);

/*
 * Words for results. All strings are constants.
 */

/**
 * parsec_strerror() - what a result of this library means
 * @result:	0, a status or a negative errno
 */
const char *parsec_strerror(int result);

/**
 * parsec_status_name() - the contract's name of a status, e.g. "PsaErrorDoesNotExist"
 * @status:	a status
 *
 * Return: the name, or NULL when the contract has no such status.
 */
const char *parsec_status_name(int status);

/**
 * parsec_status_message() - a status in words
 * @status:	a status
 *
 * Return: the words, or NULL when the contract has no such status.
 */
const char *parsec_status_message(int status);

/**
 * parsec_opcode_name() - the contract's name of an operation, e.g. "PsaSignHash"
 * @opcode:	enum parsec_opcode
 *
 * Return: the name, or NULL when the contract has no such operation.
 */
const char *parsec_opcode_name(uint32_t opcode);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* PARSEC_PARSEC_H */
