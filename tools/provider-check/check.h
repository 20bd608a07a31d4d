/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of parsec-provider-check share: it drives a provider as a host does, and
 * compares each result with OpenSSL's.
 */
#ifndef PARSEC_PROVIDER_CHECK_H
#define PARSEC_PROVIDER_CHECK_H

#include <openssl/evp.h>

#include "helper/plugin.h"

#define ELEMENTS(array)	(sizeof(array) / sizeof((array)[0]))
/* Bytes of the longest key material and of the longest output */
#define ROOM		16384

/**
 * struct check - the provider under test
 * @plugin:	open, but for a moment in the middle of the run
 * @ops:	its table
 * @library:	path of its library
 * @options:	its configuration
 * @option_count: how many
 * @state_dir:	its directory
 * @full:	take the time for everything
 * @seed:	of the inputs
 */
struct check {
	struct plugin plugin;
	const struct parsec_provider *ops;
	const char *library;
	const struct parsec_option *options;
	size_t option_count;
	const char *state_dir;
	bool full;
	uint64_t seed;
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
 */
struct subject {
	struct parsec_key_attributes attrs;
	uint8_t id[PARSEC_BACKEND_ID_SIZE];
	uint8_t *blob;
	size_t blob_len;
	struct parsec_key *key;
	pthread_mutex_t lock;
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
};

/**
 * struct input - what a primitive is given
 * @alg:	algorithm of the request
 * @first:	label, IV, nonce, peer
 * @additional:	additional data
 * @text:	plaintext, ciphertext, hash, input
 * @signature:	of verify()
 */
struct input {
	struct parsec_alg alg;
	struct parsec_span first;
	struct parsec_span additional;
	struct parsec_span text;
	struct parsec_span signature;
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

/* material.c */
void fill(struct check *check, uint8_t *bytes, size_t len);
bool material_make(struct check *check, struct material *material, uint8_t type,
		   uint8_t family, uint32_t bits);
void material_free(struct material *material);
EVP_PKEY *material_public(uint8_t type, uint8_t family, uint32_t bits,
			  const uint8_t *bytes, size_t len);

/* oracle.c: the same by OpenSSL; -1 when it cannot */
long oracle_primitive(const struct material *key, const struct subject *subject,
		      enum primitive primitive, const struct input *input, uint8_t *out);
bool oracle_verify(EVP_PKEY *pkey, const struct subject *subject, const struct input *input);

/* run.c */
enum parsec_status subject_create(struct check *check, struct subject *subject);
enum parsec_status subject_import(struct check *check, struct subject *subject,
				  struct parsec_span data);
enum parsec_status subject_load(struct check *check, struct subject *subject);
void subject_unload(struct check *check, struct subject *subject);
enum parsec_status subject_destroy(struct check *check, struct subject *subject);
enum parsec_status run(struct check *check, struct subject *subject,
		       enum primitive primitive, const struct input *input, uint8_t *out,
		       size_t size, size_t *len);
bool reopen(struct check *check);

/* table.c, use.c, abuse.c, load.c: groups of facts */
void check_table(struct check *check);
void check_row(struct check *check, const struct parsec_capability *row);
void check_unclaimed(struct check *check);
void check_import_abuse(struct check *check, const struct parsec_capability *row,
			uint32_t bits);
bool check_bounds(struct check *check, struct subject *subject, enum primitive primitive,
		  const struct input *input, size_t len);
void check_random(struct check *check);
void check_many(struct check *check, const struct parsec_capability *row);
void check_threads(struct check *check, const struct parsec_capability *row);
struct parsec_alg alg_of(const struct parsec_capability *row);
size_t make_input(struct check *check, struct subject *subject, struct input *input,
		  uint8_t *buffer, size_t want);

#endif /* PARSEC_PROVIDER_CHECK_H */
