/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of parsecctl share. A command gets the parsed command line, asks
 * libparsec and prints its answer through output.c; whatever fails is said by
 * error.c, which also decides the exit code.
 */
#ifndef PARSECCTL_H
#define PARSECCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <openssl/types.h>

#include "tools/lib/parsec.h"

/* Exit codes, as parsecctl(1) documents them */
enum exit_code {
	EXIT_OK		= 0,
	EXIT_REFUSED	= 1,	/* the service answered, and the answer is no */
	EXIT_USAGE	= 2,	/* the command line is wrong */
	EXIT_TRANSPORT	= 3,	/* the service could not be asked */
	EXIT_LOCAL	= 4,	/* a file or something else on this side failed */
};

/**
 * struct args - the command line; options not given are 0, NULL or false
 *
 * Strings are those of argv. @file is the operand: NULL or "-" is standard input; a
 * command that takes several has @words instead.
 */
struct args {
	/* every command */
	const char *device;
	const char *provider;
	uint64_t timeout_ms;
	bool json;
	bool help;
	bool version;
	char **words;
	size_t word_count;
	/* those that list them in their struct command */
	const char *key_name;
	const char *hash;
	const char *output;
	const char *signature;
	const char *compare;
	const char *file;
	const char *subject;
	const char *san;
	const char *type;
	const char *family;
	const char *algorithm;
	const char *nonce;
	const char *aad;
	const char *label;
	const char *mac;
	const char *peer;
	const char *check;
	const char *client;
	const char *config;
	const char *attesting_key;
	const char *attesting_public;
	const char *public_area;
	uint64_t bits;
	uint64_t nbytes;
	uint64_t pid;
	bool for_signing;
	bool pss;
	bool message;
	bool der;
	bool base64;
	bool hex;
	bool raw;
	bool pkcs1;
	bool exportable;
	bool yes;
	bool try;
	bool openmetrics;
	bool details;
};

struct ctl;

/**
 * struct command - a sub-command
 * @name:	as typed
 * @run:	does it; returns an enum exit_code
 * @summary:	one line for the list of commands
 * @options:	ids of the options it takes besides the common ones (options.c)
 * @operand:	what it takes besides options, NULL for nothing; several words when it ends
 *		in "..."
 * @details:	rest of its help, NULL for nothing
 */
struct command {
	const char *name;
	int (*run)(struct ctl *ctl);
	const char *summary;
	const char *options;
	const char *operand;
	const char *details;
};

/**
 * struct ctl - one run of parsecctl
 * @command:	what is run; NULL before that is known, and for the status page
 * @args:	command line
 * @parsec:	open device; NULL before ctl_open()
 * @provider:	id of args.provider, or of the default one; see ctl_open()
 * @result:	where a command that takes --output prints its JSON document
 */
struct ctl {
	const struct command *command;
	struct args args;
	struct parsec *parsec;
	uint8_t provider;
	FILE *result;
};

/**
 * struct bytes - a buffer that grows, and is wiped when it goes
 * @data:	OpenSSL's memory, NULL when nothing was ever put in
 * @len:	bytes in use
 * @size:	bytes allocated
 */
struct bytes {
	uint8_t *data;
	size_t len;
	size_t size;
};

/**
 * struct json - a JSON document being printed; zeroed but for @to at its start
 * @to:		where it goes
 * @depth:	objects and arrays open
 * @comma:	the next value comes after another one
 * @opened:	nothing is in the innermost object or array so far
 */
struct json {
	FILE *to;
	int depth;
	bool comma;
	bool opened;
};

/**
 * struct process - what can be found out about a process from outside
 * @facts:	as the kernel would tell them; its strings are the following
 */
struct process {
	struct parsec_facts facts;
	char *cgroup_path;
	char *lsm;
	char *exe;
};

/* cmd_info.c */
int cmd_ping(struct ctl *ctl);
int cmd_list_providers(struct ctl *ctl);
int cmd_list_opcodes(struct ctl *ctl);
int cmd_list_authenticators(struct ctl *ctl);

/* cmd_identity.c */
int cmd_whoami(struct ctl *ctl);
int cmd_explain(struct ctl *ctl);

/* process.c */
int process_facts(struct ctl *ctl, uint32_t pid, struct process *process);
void process_free(struct process *process);

/* cmd_status.c */
int cmd_status(struct ctl *ctl);

/* cmd_keys.c */
int cmd_list_keys(struct ctl *ctl);
int cmd_create_ecc_key(struct ctl *ctl);
int cmd_create_rsa_key(struct ctl *ctl);
int cmd_export_public_key(struct ctl *ctl);
int cmd_delete_key(struct ctl *ctl);
int key_made(struct ctl *ctl, const char *done, const struct parsec_key_attributes *attrs);
void json_key_start(struct ctl *ctl, struct json *json, const struct parsec_alg *alg);

/* cmd_material.c */
int cmd_create_key(struct ctl *ctl);
int cmd_import_key(struct ctl *ctl);
int cmd_export_key(struct ctl *ctl);
int cmd_can_do(struct ctl *ctl);

/* cmd_crypt.c */
int cmd_encrypt(struct ctl *ctl);
int cmd_decrypt(struct ctl *ctl);
int cmd_mac(struct ctl *ctl);
int cmd_agree(struct ctl *ctl);

/* cmd_csr.c */
int cmd_create_csr(struct ctl *ctl);

/* cmd_attest.c */
int cmd_prepare_attestation(struct ctl *ctl);
int cmd_attest_key(struct ctl *ctl);

/* cmd_clients.c */
int cmd_list_clients(struct ctl *ctl);
int cmd_delete_client(struct ctl *ctl);

/* cmd_audit.c */
int cmd_audit(struct ctl *ctl);

/* cmd_stats.c */
int cmd_stats(struct ctl *ctl);

/* cmd_doctor.c */
int cmd_doctor(struct ctl *ctl);

/* cmd_sign.c */
int cmd_sign(struct ctl *ctl);
int cmd_verify(struct ctl *ctl);
int signing_algorithm(struct ctl *ctl, const struct parsec_key_attributes *attrs,
		      uint8_t asked, struct parsec_alg *alg, uint8_t *hash);

/* cmd_data.c */
int cmd_hash(struct ctl *ctl);
int cmd_generate_random(struct ctl *ctl);
int print_data(struct ctl *ctl, struct json *json, const char *name,
	       const struct bytes *data);

/* context.c */
const char *ctl_device(const struct ctl *ctl);
int ctl_open_device(struct ctl *ctl);
int ctl_open(struct ctl *ctl, bool core_too);
int hash_asked_for(struct ctl *ctl, uint8_t *hash);
int ctl_look_up_key(const struct ctl *ctl, struct parsec_key_attributes *attrs);
int ctl_find_key(struct ctl *ctl, struct parsec_key_attributes *attrs);
int ctl_read_input(struct ctl *ctl, struct bytes *input);

/* options.c */
int options_parse(struct ctl *ctl, int argc, char **argv, const char *ids, int *used);
void options_help(const char *ids);

/* error.c */
int usage_error(const struct ctl *ctl, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int local_error(const struct ctl *ctl, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int parsec_failure(const struct ctl *ctl, int error);
void parsec_warning(const struct ctl *ctl, const char *what, int error);
const char *failure_advice(const struct ctl *ctl, int error);

/* names.c */
uint8_t hash_by_name(const char *name);
const char *hash_name(uint8_t hash);
EVP_MD *hash_fetch(uint8_t hash);
void alg_text(const struct parsec_alg *alg, char *text, size_t size);
void key_type_text(const struct parsec_key_attributes *attrs, char *text, size_t size);
bool key_is_ecc(const struct parsec_key_attributes *attrs);
bool key_is_rsa(const struct parsec_key_attributes *attrs);
uint8_t natural_hash(const struct parsec_key_attributes *attrs);
const char *usage_name(unsigned int bit);
int provider_by_name(const char *name);
const char *provider_name(uint32_t id);

/* attributes.c */
int attributes_asked_for(struct ctl *ctl, struct parsec_key_attributes *attrs);
int policy_asked_for(struct ctl *ctl, struct parsec_key_attributes *attrs);

/* convert_key.c */
EVP_PKEY *public_key(const struct parsec_key_attributes *attrs, const struct bytes *key);
bool key_from_file(const struct bytes *file, struct parsec_key_attributes *attrs,
		   struct bytes *key);
bool private_key_pem(const struct parsec_key_attributes *attrs, const struct bytes *key,
		     const struct bytes *public, struct bytes *pem);

/* convert.c */
bool bytes_add_bio(struct bytes *bytes, BIO *bio);
bool public_key_pem(const struct parsec_key_attributes *attrs, const struct bytes *key,
		    bool pkcs1, struct bytes *pem);
bool ecdsa_to_der(const struct bytes *raw, struct bytes *der);
bool ecdsa_from_der(const struct bytes *der, size_t bits, struct bytes *raw);
bool base64_encode(const struct bytes *data, struct bytes *text);
bool base64_decode(const struct bytes *text, struct bytes *data);
bool hex_encode(const struct bytes *data, struct bytes *text);
bool hex_decode(const char *text, struct bytes *data);

/* file.c */
uint8_t *bytes_room(struct bytes *bytes, size_t len);
void bytes_free(struct bytes *bytes);
int file_read(const struct ctl *ctl, const char *path, size_t limit, struct bytes *bytes);
int file_hash(const struct ctl *ctl, const char *path, uint8_t hash, struct bytes *digest);
int data_write(const struct ctl *ctl, const struct bytes *bytes, bool binary);
bool result_begin(struct ctl *ctl, struct bytes *document);
int result_end(struct ctl *ctl, int code, struct bytes *document);
int output_end(const struct ctl *ctl);

/* replace.c */
int file_write(const struct ctl *ctl, const char *path, const struct bytes *bytes);

/* output.c */
void print_escaped(FILE *to, const char *text, size_t len, const char *also);
void print_name(FILE *to, const char *name, size_t len);
void json_open(struct json *json, const char *name, char bracket);
void json_close(struct json *json, char bracket);
void json_string(struct json *json, const char *name, const char *text);
void json_string_len(struct json *json, const char *name, const char *text, size_t len);
void json_number(struct json *json, const char *name, uint64_t number);
void json_bool(struct json *json, const char *name, bool value);

#endif /* PARSECCTL_H */
