/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The provider ABI: what a provider is to the host that loads it.
 *
 * A provider is a shared object with one exported symbol, parsec_provider, a
 * const table of primitives on backend keys. It never sees who is calling,
 * what a key is called, a request body or the key store: the host resolves
 * the name, checks the policy and the capability table, and calls a primitive
 * only when the request is one that the provider said it can do. A primitive
 * that is NULL is PsaErrorNotSupported, and the operations that need it are
 * missing from ListOpcodes. Hashing needs no primitive: the host does it, for
 * messages to be signed as for HashCompute.
 *
 * Keys. At create or import the provider is given a backend id, 16 bytes that
 * are unique for ever, and hands back a blob of its own choice (nothing, a
 * handle, a wrapped key, the key itself). Id and blob come back at every later
 * load. The host stores the blob encrypted and authenticated, so a provider
 * without a keystore of its own just puts the key there.
 *
 * Death. The host may die between any two calls. Afterwards it calls destroy()
 * for each id whose create or import did not end, with an empty blob, and
 * again for each destroy that did not end: destroy() of what is not there is
 * success. A provider that creates outside the blob must be able to find what
 * it created by the id alone.
 *
 * Results are contract statuses (<parsec/status.h>). Outputs are valid only
 * with PARSEC_SUCCESS. Secrets that leave the provider's hands are wiped by
 * the host; the provider wipes its own copies.
 */
#ifndef PARSEC_PROVIDER_H
#define PARSEC_PROVIDER_H

#include <parsec/status.h>
#include <parsec/types.h>

/* Changes whenever a table built for one value cannot serve another */
#define PARSEC_PROVIDER_ABI	2

/* The one symbol that a provider exports: const struct parsec_provider */
#define PARSEC_PROVIDER_SYMBOL	"parsec_provider"

#define PARSEC_BACKEND_ID_SIZE	16
/* Bytes of the longest blob a key may have */
#define PARSEC_BLOB_MAX		(64 * 1024)

/**
 * struct parsec_span - bytes that somebody else owns, valid during the call
 * @data:	may be NULL when @len is 0
 * @len:	bytes
 */
struct parsec_span {
	const uint8_t *data;
	size_t len;
};

/**
 * struct parsec_out - room for an output, owned by the host
 * @data:	@size bytes of room
 * @size:	bytes of room
 * @len:	set by the provider: bytes stored. An output that does not fit is
 *		PARSEC_PSA_ERROR_BUFFER_TOO_SMALL
 */
struct parsec_out {
	uint8_t *data;
	size_t size;
	size_t len;
};

/**
 * struct parsec_option - one line of the provider's configuration section
 * @name:	key
 * @value:	text after the equals sign, blanks trimmed
 * @line:	line number in the configuration file, for messages
 */
struct parsec_option {
	const char *name;
	const char *value;
	unsigned int line;
};

enum parsec_log_level {
	PARSEC_LOG_ERROR,
	PARSEC_LOG_WARNING,
	PARSEC_LOG_INFO,
	PARSEC_LOG_DEBUG,
};

/**
 * struct parsec_provider_host - what the host offers to a provider
 * @abi:	PARSEC_PROVIDER_ABI of the host
 * @log:	write a line to the service's log (printf-like, no newline). Never
 *		log key material, PINs or authorisation values
 * @state_dir:	directory that is the provider's own, mode 0700, kept across
 *		restarts; for what cannot live in blobs
 *
 * Valid until close() returns.
 */
struct parsec_provider_host {
	uint32_t abi;
	void (*log)(enum parsec_log_level level, const char *format, ...)
		__attribute__((format(printf, 2, 3)));
	const char *state_dir;
};

/**
 * enum parsec_concurrency - how many primitives the host may call at a time
 * @PARSEC_CONCURRENCY_NONE:	one
 * @PARSEC_CONCURRENCY_PER_KEY:	one per key, any number without a key
 * @PARSEC_CONCURRENCY_FULL:	any number
 *
 * The host enforces it; a provider needs no lock for the host's sake.
 */
enum parsec_concurrency {
	PARSEC_CONCURRENCY_NONE,
	PARSEC_CONCURRENCY_PER_KEY,
	PARSEC_CONCURRENCY_FULL,
};

/* What a capability covers: the primitive of that name, or the one named */
enum parsec_can {
	PARSEC_CAN_GENERATE		= 1 << 0,
	PARSEC_CAN_IMPORT		= 1 << 1,
	PARSEC_CAN_EXPORT		= 1 << 2,
	PARSEC_CAN_EXPORT_PUBLIC	= 1 << 3,
	PARSEC_CAN_SIGN			= 1 << 4,	/* sign(), mac() */
	PARSEC_CAN_VERIFY		= 1 << 5,	/* verify(), mac() */
	PARSEC_CAN_ENCRYPT		= 1 << 6,	/* the encrypt() of the row's kind */
	PARSEC_CAN_DECRYPT		= 1 << 7,	/* the decrypt() of the row's kind */
	PARSEC_CAN_DERIVE		= 1 << 8,	/* agree() */
	PARSEC_CAN_ATTEST		= 1 << 9,	/* attest_prepare(), attest_activate() */
};

/* Bit of a hash in struct parsec_capability.hashes */
#define PARSEC_HASH_BIT(hash)	(UINT32_C(1) << (hash))

/**
 * struct parsec_capability - a family of keys and what they can do
 * @type:	enum parsec_key_type
 * @family:	curve or group family, 0 for other key types
 * @bits:	sizes in bits, ended by a 0; with @bits_step, the smallest and the largest
 * @bits_step:	0, or the distance between the sizes from @bits[0] to @bits[1]
 * @alg_kind:	enum parsec_alg_kind that the policy may name. PARSEC_ALG_NONE, a key
 *		for no algorithm, is implied by every row
 * @scheme:	scheme of @alg_kind (struct parsec_alg)
 * @hashes:	PARSEC_HASH_BIT() of each hash that may go with it; 0 for a scheme
 *		without a hash. A policy may name "any hash" when it is not 0
 * @can:	enum parsec_can bits
 *
 * The host derives the checks before generate and import, CanDoCrypto and
 * ListOpcodes from these rows. What no row covers is PsaErrorNotSupported and
 * never reaches the provider.
 */
struct parsec_capability {
	uint8_t type;
	uint8_t family;
	uint32_t bits[8];
	uint32_t bits_step;
	uint8_t alg_kind;
	uint8_t scheme;
	uint32_t hashes;
	uint32_t can;
};

/**
 * struct parsec_capabilities - everything a provider can do
 * @rows:	keys
 * @count:	rows
 * @concurrency: how the primitives may be called
 */
struct parsec_capabilities {
	const struct parsec_capability *rows;
	size_t count;
	enum parsec_concurrency concurrency;
};

struct parsec_provider_ctx;	/* the provider's own: one per open() */
struct parsec_key;		/* the provider's own: one loaded key */

/**
 * struct parsec_key_ref - which backend key
 * @id:		backend id, chosen by the host, never reused
 * @blob:	what create() or import() handed back; empty when the host died before
 *		it could store it
 */
struct parsec_key_ref {
	uint8_t id[PARSEC_BACKEND_ID_SIZE];
	struct parsec_span blob;
};

/**
 * struct parsec_provider - what a provider exports
 *
 * Entries marked * are mandatory. A provider that has load() must have
 * unload() and create() or import().
 *
 * @abi:	* PARSEC_PROVIDER_ABI
 * @uuid:	* UUID of this kind of provider, 36 characters, lower case
 * @description: * one line for people
 * @vendor:	* who made the backend
 * @version:	* major, minor, revision
 *
 * @open:	* start. Options are the provider's section of the configuration
 *		without the host's own keys; an unknown name or bad value is
 *		PARSEC_PSA_ERROR_INVALID_ARGUMENT after a log line that says which.
 *		Called once, before any other entry, by a process that runs as the
 *		service's own user, not root.
 * @close:	* stop; all keys have been unloaded
 * @capabilities: * fill in what this instance can do; constant after open()
 *
 * @create:	generate a key of these attributes (covered by a capability row with
 *		GENERATE) for backend id @id; store the blob in @blob
 * @import:	as create(), from material in the format of the contract's section
 *		11.2. @attrs->bits may be 0 and must be the real size afterwards;
 *		a size that contradicts the data, and malformed data, are
 *		PARSEC_PSA_ERROR_INVALID_ARGUMENT
 * @destroy:	remove the key from the backend; nothing there is success
 * @exists:	PARSEC_SUCCESS: the backend has the key; PARSEC_PSA_ERROR_DOES_NOT_EXIST:
 *		it has not (its name will be removed); anything else: cannot be told now
 *		(the name stays). NULL: the blob is the key, it exists
 * @list:	call @each once with the id of each key that the backend has now and that
 *		carries this service's mark, so that keys without a name are found; of a
 *		key of several objects one that is left is enough. Others' objects are not
 *		listed. A result of @each other than PARSEC_SUCCESS ends the listing and is
 *		the result. When not all keys can be seen now it fails, with whatever it
 *		has called @each with before. A provider that has it must have exists().
 *		NULL: nothing is kept outside the blobs, or it cannot be listed
 *
 * @load:	make a key ready for use. The host keeps loaded keys in a cache and
 *		passes them to the primitives below
 * @unload:	wipe and free a loaded key; nobody is using it
 *
 * @export_public: public part, format of the contract's section 11.2
 * @export:	the key itself, likewise
 * @sign:	sign @hash, whose length is the one of @alg's hash, or any for a scheme
 *		without one; signature in the format of section 11.3
 * @verify:	PARSEC_SUCCESS or PARSEC_PSA_ERROR_INVALID_SIGNATURE (also for a signature
 *		of a wrong length)
 *
 * @asymmetric_encrypt: encrypt @plaintext, which is not empty. @label is the OAEP label; one
 *		that the backend cannot carry is PARSEC_PSA_ERROR_NOT_SUPPORTED
 * @asymmetric_decrypt: inverse. Wrong padding is PARSEC_PSA_ERROR_INVALID_PADDING and takes
 *		the time that right padding takes
 * @cipher_encrypt: encrypt @plaintext under @iv, which the host made and puts in front of the
 *		result itself; empty for ECB. Lengths that the mode forbids never get here
 * @cipher_decrypt: inverse; wrong PKCS#7 padding is PARSEC_PSA_ERROR_INVALID_PADDING
 * @aead_encrypt: ciphertext and tag. @alg->length is the tag's length in bytes, 0 for the
 *		default of 16. Nonce and tag lengths that the contract forbids never get here;
 *		others that the backend cannot do are PARSEC_PSA_ERROR_NOT_SUPPORTED
 * @aead_decrypt: inverse; PARSEC_PSA_ERROR_INVALID_SIGNATURE, and no byte of plaintext, when
 *		the tag does not match
 * @mac:	the whole MAC of @input; the host truncates and compares
 * @agree:	shared secret with the owner of the public key @peer, in the format of section
 *		11.6; a @peer that is not a key of the same group is
 *		PARSEC_PSA_ERROR_INVALID_ARGUMENT
 *
 * @attest_prepare: what a verifier needs to make a challenge for @key, in the formats of section
 *		11.7: @name and @public of the key and @attesting_public, the public part of
 *		@attesting, or of the backend's own attesting key when that is NULL. It is
 *		the same each time. There is room for the longest name, and 4096 bytes for
 *		each of the others. An @attesting that cannot attest @key is
 *		PARSEC_PSA_ERROR_NOT_SUPPORTED, here and below
 * @attest_activate: recover the challenge from @credential_blob and @secret, which are not
 *		empty. Whatever is wrong with them, their lengths, padding, integrity or the key
 *		that they were made for, is PARSEC_PSA_ERROR_INVALID_ARGUMENT, and no byte of
 *		the challenge comes out: to tell which would help to decrypt others
 *
 * @random:	fill @out->size bytes, all of them, and set @out->len
 */
struct parsec_provider {
	uint32_t abi;
	const char *uuid;
	const char *description;
	const char *vendor;
	uint32_t version[3];

	enum parsec_status (*open)(const struct parsec_provider_host *host,
				   const struct parsec_option *options, size_t count,
				   struct parsec_provider_ctx **ctx);
	void (*close)(struct parsec_provider_ctx *ctx);
	void (*capabilities)(struct parsec_provider_ctx *ctx,
			     struct parsec_capabilities *caps);

	enum parsec_status (*create)(struct parsec_provider_ctx *ctx,
				     const uint8_t id[PARSEC_BACKEND_ID_SIZE],
				     const struct parsec_key_attributes *attrs,
				     struct parsec_out *blob);
	enum parsec_status (*import)(struct parsec_provider_ctx *ctx,
				     const uint8_t id[PARSEC_BACKEND_ID_SIZE],
				     struct parsec_key_attributes *attrs,
				     struct parsec_span data,
				     struct parsec_out *blob);
	enum parsec_status (*destroy)(struct parsec_provider_ctx *ctx,
				      const struct parsec_key_ref *ref);
	enum parsec_status (*exists)(struct parsec_provider_ctx *ctx,
				     const struct parsec_key_ref *ref);
	enum parsec_status (*list)(struct parsec_provider_ctx *ctx,
				   enum parsec_status (*each)(void *arg,
						const uint8_t id[PARSEC_BACKEND_ID_SIZE]),
				   void *arg);

	enum parsec_status (*load)(struct parsec_provider_ctx *ctx,
				   const struct parsec_key_ref *ref,
				   const struct parsec_key_attributes *attrs,
				   struct parsec_key **key);
	void (*unload)(struct parsec_provider_ctx *ctx, struct parsec_key *key);

	enum parsec_status (*export_public)(struct parsec_provider_ctx *ctx,
					    struct parsec_key *key,
					    struct parsec_out *data);
	enum parsec_status (*export)(struct parsec_provider_ctx *ctx,
				     struct parsec_key *key,
				     struct parsec_out *data);
	enum parsec_status (*sign)(struct parsec_provider_ctx *ctx,
				   struct parsec_key *key,
				   const struct parsec_alg *alg,
				   struct parsec_span hash,
				   struct parsec_out *signature);
	enum parsec_status (*verify)(struct parsec_provider_ctx *ctx,
				     struct parsec_key *key,
				     const struct parsec_alg *alg,
				     struct parsec_span hash,
				     struct parsec_span signature);

	enum parsec_status (*asymmetric_encrypt)(struct parsec_provider_ctx *ctx,
						 struct parsec_key *key,
						 const struct parsec_alg *alg,
						 struct parsec_span label,
						 struct parsec_span plaintext,
						 struct parsec_out *ciphertext);
	enum parsec_status (*asymmetric_decrypt)(struct parsec_provider_ctx *ctx,
						 struct parsec_key *key,
						 const struct parsec_alg *alg,
						 struct parsec_span label,
						 struct parsec_span ciphertext,
						 struct parsec_out *plaintext);
	enum parsec_status (*cipher_encrypt)(struct parsec_provider_ctx *ctx,
					     struct parsec_key *key,
					     const struct parsec_alg *alg,
					     struct parsec_span iv,
					     struct parsec_span plaintext,
					     struct parsec_out *ciphertext);
	enum parsec_status (*cipher_decrypt)(struct parsec_provider_ctx *ctx,
					     struct parsec_key *key,
					     const struct parsec_alg *alg,
					     struct parsec_span iv,
					     struct parsec_span ciphertext,
					     struct parsec_out *plaintext);
	enum parsec_status (*aead_encrypt)(struct parsec_provider_ctx *ctx,
					   struct parsec_key *key,
					   const struct parsec_alg *alg,
					   struct parsec_span nonce,
					   struct parsec_span additional_data,
					   struct parsec_span plaintext,
					   struct parsec_out *ciphertext);
	enum parsec_status (*aead_decrypt)(struct parsec_provider_ctx *ctx,
					   struct parsec_key *key,
					   const struct parsec_alg *alg,
					   struct parsec_span nonce,
					   struct parsec_span additional_data,
					   struct parsec_span ciphertext,
					   struct parsec_out *plaintext);
	enum parsec_status (*mac)(struct parsec_provider_ctx *ctx,
				  struct parsec_key *key,
				  const struct parsec_alg *alg,
				  struct parsec_span input,
				  struct parsec_out *mac);
	enum parsec_status (*agree)(struct parsec_provider_ctx *ctx,
				    struct parsec_key *key,
				    const struct parsec_alg *alg,
				    struct parsec_span peer,
				    struct parsec_out *secret);

	enum parsec_status (*attest_prepare)(struct parsec_provider_ctx *ctx,
					     struct parsec_key *key,
					     struct parsec_key *attesting,
					     struct parsec_out *name,
					     struct parsec_out *public,
					     struct parsec_out *attesting_public);
	enum parsec_status (*attest_activate)(struct parsec_provider_ctx *ctx,
					      struct parsec_key *key,
					      struct parsec_key *attesting,
					      struct parsec_span credential_blob,
					      struct parsec_span secret,
					      struct parsec_out *credential);

	enum parsec_status (*random)(struct parsec_provider_ctx *ctx,
				     struct parsec_out *out);
};

extern const struct parsec_provider parsec_provider;

#endif /* PARSEC_PROVIDER_H */
