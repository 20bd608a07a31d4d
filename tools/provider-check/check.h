/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of parsec-provider-check share: it drives a provider as a host does, and
 * compares each result with OpenSSL's.
 */
#ifndef PARSEC_PROVIDER_CHECK_H
#define PARSEC_PROVIDER_CHECK_H

#include <openssl/err.h>
#include <openssl/evp.h>

#include "helper/plugin.h"
#include "tools/provider-check/credential.h"

#define ELEMENTS(array)	(sizeof(array) / sizeof((array)[0]))
/* Bytes of the longest key material and of the longest output */
#define ROOM		16384

/**
 * struct census - calls of primitives that are under way at a time
 * @meet:	0, or how many should be: each waits until so many are there
 * @inside:	now
 * @most:	at most so far
 */
struct census {
	int meet;
	_Atomic int inside;
	_Atomic int most;
};

/**
 * struct check - the provider under test
 * @plugin:	open, but for a moment in the middle of the run
 * @ops:	its table
 * @library:	path of its library
 * @options:	its configuration
 * @option_count: how many
 * @state_dir:	its directory
 * @lossy:	memory that is lost when an allocation fails is not the provider's to find
 * @quick:	allocations do not fail, there are fewer rounds
 * @full:	take the time for everything
 * @keys:	how many are made for the check with many
 * @fault_command: what breaks and mends the backend, or NULL
 * @seed:	of the inputs
 * @census:	calls through the gate, while it is under test
 * @fail_at:	0, or which allocation of a primitive is to fail
 * @secret:	empty, or what must not be in an output together with an error
 */
struct check {
	struct plugin plugin;
	const struct parsec_provider *ops;
	const char *library;
	const struct parsec_option *options;
	size_t option_count;
	const char *state_dir;
	bool lossy;
	bool quick;
	bool full;
	size_t keys;
	const char *fault_command;
	uint64_t seed;
	struct census census;
	unsigned long fail_at;
	struct parsec_span secret;
};

/**
 * struct material - a key as its bytes are imported, and as OpenSSL has it
 * @bytes:	section 11.2 of the contract
 * @len:	of @bytes
 * @pkey:	asymmetric: the key, with its private part even when @bytes is the public one
 */
struct material {
	uint8_t bytes[ROOM];
	size_t len;
	EVP_PKEY *pkey;
};

/**
 * struct subject - a key of the provider
 * @attrs:	what it is
 * @id:		backend id
 * @blob:	what the provider handed back
 * @blob_len:	of @blob
 * @key:	loaded
 * @lock:	as the host has one for each key
 * @inside:	calls with it that are under way; only when they are counted
 * @most:	at most so far
 */
struct subject {
	struct parsec_key_attributes attrs;
	uint8_t id[PARSEC_BACKEND_ID_SIZE];
	uint8_t *blob;
	size_t blob_len;
	struct parsec_key *key;
	pthread_mutex_t lock;
	_Atomic int inside;
	_Atomic int most;
};

/* A primitive that uses a loaded key and has an output, or is verify() */
enum primitive {
	EXPORT,
	EXPORT_PUBLIC,
	SIGN,
	VERIFY,
	ASYMMETRIC_ENCRYPT,
	ASYMMETRIC_DECRYPT,
	CIPHER_ENCRYPT,
	CIPHER_DECRYPT,
	AEAD_ENCRYPT,
	AEAD_DECRYPT,
	MAC,
	AGREE,
	ATTEST_PREPARE,		/* its outputs one after the other, each behind its length */
	ATTEST_ACTIVATE,
};

/**
 * struct input - what a primitive is given
 * @alg:	algorithm of the request
 * @first:	label, IV, nonce, peer; secret of a challenge
 * @additional:	additional data
 * @text:	plaintext, ciphertext, hash, input; blob of a challenge
 * @signature:	of verify()
 * @attesting:	key that attests, or NULL for the backend's own
 * @rooms:	ATTEST_PREPARE: for each output, 0 for enough
 */
struct input {
	struct parsec_alg alg;
	struct parsec_span first;
	struct parsec_span additional;
	struct parsec_span text;
	struct parsec_span signature;
	struct parsec_key *attesting;
	size_t rooms[3];
};

/**
 * struct step - one call of a primitive, and what its result must be
 * @primitive:	which
 * @input:	of it
 * @fixed:	the result is the same each time: @expected
 * @expected:	the right result
 * @expected_len: of @expected
 */
struct step {
	enum primitive primitive;
	struct input input;
	bool fixed;
	uint8_t expected[ROOM];
	size_t expected_len;
};

/**
 * struct plan - all that a key can be used for
 * @steps:	calls
 * @count:	how many
 * @can:	of the key's row
 * @pkey:	the key as OpenSSL has it, maybe only its public part, maybe NULL
 * @own_pkey:	the same when it belongs to the plan
 * @private:	@pkey has a private part
 * @peer:	of an agreement
 * @text:	what is signed, encrypted
 * @nonce:	IV, nonce, additional data
 * @sealed:	ciphertext, signature
 * @challenge:	for the backend's own attesting key
 */
struct plan {
	struct step steps[6];
	size_t count;
	uint32_t can;
	EVP_PKEY *pkey;
	EVP_PKEY *own_pkey;
	bool private;
	struct material peer;
	uint8_t text[64];
	uint8_t nonce[16];
	uint8_t sealed[ROOM];
	struct challenge challenge;
};

/**
 * struct holdings - what the process holds
 * @files:	file descriptors
 * @threads:	its own one included
 */
struct holdings {
	long files;
	long threads;
};

/* tap.c: one line for each thing that holds or does not; the end at the first, if so wished */
extern bool tap_bail;
bool fact(bool holds, const char *format, ...) __attribute__((format(printf, 2, 3)));
void because(const char *format, ...) __attribute__((format(printf, 1, 2)));
int tap_end(void);

/* names.c */
const char *name_of_key(const struct parsec_capability *row, uint32_t bits);
const char *name_of_hash(uint8_t hash);
const char *name_of_primitive(enum primitive primitive);
const char *curve_of(uint8_t family, uint32_t bits);
bool is_pair(uint8_t type);
bool is_public(uint8_t type);
uint8_t public_of(uint8_t type);
size_t block_size(uint8_t type);
size_t iv_size(const struct parsec_key_attributes *attrs);

/* material.c */
void fill(struct check *check, uint8_t *bytes, size_t len);
bool material_make(struct check *check, struct material *material, uint8_t type,
		   uint8_t family, uint32_t bits);
void material_free(struct material *material);
bool is_private(const EVP_PKEY *pkey);
EVP_PKEY *material_public(uint8_t type, uint8_t family, uint32_t bits,
			  const uint8_t *bytes, size_t len);

/* oracle.c: the same by OpenSSL; -1 when it cannot */
long oracle_primitive(const struct material *key, const struct subject *subject,
		      enum primitive primitive, const struct input *input, uint8_t *out);
bool oracle_verify(EVP_PKEY *pkey, const struct subject *subject, const struct input *input);

/* memory.c */
void memory_fail(unsigned long nth);
bool memory_has_failed(void);
long memory_blocks(void);

/* leaks.c */
void holdings_count(struct holdings *holdings);
bool holdings_equal(const struct holdings *a, const struct holdings *b);
void check_lost(void);

/* faults.c */
bool is_failure(enum parsec_status status);

/**
 * struct attestation - what ATTEST_PREPARE has written, in its output
 * @name:	of the key
 * @public:	its public area
 * @attesting:	public part of the attesting key
 */
struct attestation {
	struct parsec_span name;
	struct parsec_span public;
	struct parsec_span attesting;
};

/* attest.c */
enum parsec_status call_prepare(struct check *check, struct parsec_key *key,
				const struct input *input, struct parsec_out *out);
bool attestation_read(struct attestation *attestation, const uint8_t *bytes, size_t len);

/* public_area.c */
bool public_area_is(const struct attestation *attestation, const struct subject *subject,
		    bool generated, EVP_PKEY *pkey);

/* run.c */
enum parsec_status subject_create(struct check *check, struct subject *subject);
enum parsec_status subject_import(struct check *check, struct subject *subject,
				  struct parsec_span data);
enum parsec_status subject_load(struct check *check, struct subject *subject);
void subject_unload(struct check *check, struct subject *subject);
enum parsec_status subject_exists(struct check *check, struct subject *subject);
enum parsec_status subject_destroy(struct check *check, struct subject *subject);
enum parsec_status list_keys(struct check *check,
			     enum parsec_status (*each)(void *arg,
							const uint8_t id[PARSEC_BACKEND_ID_SIZE]),
			     void *arg);
enum parsec_status run(struct check *check, struct subject *subject,
		       enum primitive primitive, const struct input *input, uint8_t *out,
		       size_t size, size_t *len);
enum parsec_status open_again(struct check *check);
bool reopen(struct check *check);

/* plan.c: the uses of a key */
struct plan *plan_make(struct check *check, struct subject *subject,
		       const struct parsec_capability *row, EVP_PKEY *pkey);
void plan_free(struct plan *plan);
bool step_is_right(struct check *check, struct plan *plan, struct subject *subject,
		   const struct step *step, const uint8_t *out, size_t len);
bool plan_run(struct check *check, struct plan *plan, struct subject *subject);
bool exercise(struct check *check, struct subject *subject,
	      const struct parsec_capability *row, EVP_PKEY *pkey);

/* use.c: an imported key, compared with OpenSSL */
struct parsec_alg alg_of(const struct parsec_capability *row);
bool try_import(struct check *check, const struct parsec_capability *row,
		struct material *known, uint32_t bits, uint8_t hash);

/* list.c */
enum parsec_status times_listed(struct check *check, const uint8_t id[PARSEC_BACKEND_ID_SIZE],
				size_t *times);
bool all_listed(struct check *check, const struct subject *subjects, size_t count, bool there);

/* load.c */
const struct parsec_capability *cheap_row(const struct check *check);

/* unclaimed.c */
bool claimed_size(const struct check *check, const struct parsec_capability *row, uint32_t bits);

/* bad.c */
bool is_status(enum parsec_status status);

/* row.c */
void subject_init(struct subject *subject, const struct parsec_capability *row, uint32_t bits);
bool row_key(struct check *check, const struct parsec_capability *row, struct subject *subject,
	     struct material *known);
bool is_slow(const struct parsec_capability *row);
bool like_before(const struct check *check, size_t row);

struct provider_config;

/*
 * sandbox.c: the facts are about a process that is made here, before the provider is loaded;
 * @section, or NULL, has what is open to it. Without it there are no facts
 */
void sandbox_prepare(struct check *check, const struct provider_config *section);

/* Groups of facts, each in the file of its name or in the one before */
void check_table(struct check *check);
void check_row(struct check *check, const struct parsec_capability *row);
void check_unclaimed(struct check *check);
void check_import(struct check *check, const struct parsec_capability *row);
void check_attest(struct check *check);
void check_missing(struct check *check);
void check_list(struct check *check);
bool check_bounds(struct check *check, struct subject *subject, enum primitive primitive,
		  const struct input *input, size_t len);
void check_bad_input(struct check *check, const struct parsec_capability *row);
void check_random(struct check *check);
void check_restart(struct check *check);
void check_many(struct check *check);
void check_threads(struct check *check);
void check_gate(struct check *check);
void check_reopen(struct check *check);
void check_leaks(struct check *check);
void check_memory(struct check *check);
void check_backend(struct check *check);
void check_sandbox(struct check *check);

#endif /* PARSEC_PROVIDER_CHECK_H */
