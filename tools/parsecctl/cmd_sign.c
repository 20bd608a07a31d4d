// SPDX-License-Identifier: Apache-2.0
/*
 * sign and verify: files of any size are hashed here and the service gets the hash;
 * --message, and a key that signs messages only, sends it the file.
 */
#include <string.h>

#include "parsecctl.h"

/**
 * struct job - what is to be signed or verified, and how
 * @attrs:	the key
 * @alg:	algorithm
 * @hash:	what the file is hashed with
 * @message:	@input is the file, not its hash
 * @input:	goes to the service
 * @signature:	in the contract's format
 */
struct job {
	struct parsec_key_attributes attrs;
	struct parsec_alg alg;
	uint8_t hash;
	bool message;
	struct bytes input;
	struct bytes signature;
};

static void job_end(struct job *job)
{
	bytes_free(&job->input);
	bytes_free(&job->signature);
}

/**
 * signing_algorithm() - what a key signs with
 * @ctl:	context
 * @attrs:	the key, whose policy says it
 * @asked:	hash that fills in an open choice, 0 for the one that suits the key
 * @alg:	gets the algorithm
 * @hash:	gets the hash, which @alg has not when the scheme goes without
 *
 * Return: EXIT_OK, or another code when it was said that the key does not sign.
 */
int signing_algorithm(struct ctl *ctl, const struct parsec_key_attributes *attrs,
		      uint8_t asked, struct parsec_alg *alg, uint8_t *hash)
{
	bool open_choice;

	*alg = attrs->alg;
	if (alg->kind != PARSEC_ALG_SIGNATURE)
		return parsec_failure(ctl, PARSEC_PSA_ERROR_NOT_PERMITTED);
	if (alg->scheme == PARSEC_SIGN_RSA_PKCS1V15_RAW)
		return parsec_failure(ctl, PARSEC_PSA_ERROR_NOT_SUPPORTED);
	open_choice = !alg->hash || alg->hash == PARSEC_HASH_ANY;
	*hash = open_choice ? natural_hash(attrs) : alg->hash;
	if (asked)
		*hash = asked;
	if (alg->hash)
		alg->hash = *hash;
	return EXIT_OK;
}

static int read_input(struct ctl *ctl, struct job *job, uint32_t hash_usage)
{
	/* Messages only when asked for, or when the key does nothing else */
	job->message = ctl->args.message || !(job->attrs.usage & hash_usage);
	if (!job->message)
		return file_hash(ctl, ctl->args.file, job->hash, &job->input);
	return ctl_read_input(ctl, &job->input);
}

static int job_start(struct ctl *ctl, struct job *job, uint32_t hash_usage)
{
	uint8_t asked = PARSEC_HASH_NONE;
	int code = hash_asked_for(ctl, &asked);

	if (!code)
		code = ctl_open(ctl, false);
	if (!code)
		code = ctl_find_key(ctl, &job->attrs);
	if (!code)
		code = signing_algorithm(ctl, &job->attrs, asked, &job->alg, &job->hash);
	if (!code)
		code = read_input(ctl, job, hash_usage);
	return code;
}

static void json_signature(const struct ctl *ctl, const struct job *job,
			   const struct bytes *base64)
{
	struct json json = { .to = ctl->result };
	char alg[64];

	alg_text(&job->alg, alg, sizeof(alg));
	json_open(&json, NULL, '{');
	json_string(&json, "name", ctl->args.key_name);
	json_number(&json, "provider", ctl->provider);
	json_string(&json, "algorithm", alg);
	json_string(&json, "hash", hash_name(job->hash));
	if (base64) {
		json_string(&json, "format", ctl->args.der && key_is_ecc(&job->attrs) ?
			    "der" : "raw");
		json_string_len(&json, "signature_base64", (char *)base64->data, base64->len);
	} else {
		json_bool(&json, "valid", true);
	}
	json_close(&json, '}');
}

static int write_signature(struct ctl *ctl, struct job *job)
{
	struct bytes der = {}, text = {};
	const struct bytes *data = &job->signature;
	int code;

	if (ctl->args.der && key_is_ecc(&job->attrs)) {
		if (!ecdsa_to_der(data, &der))
			return local_error(ctl, "OpenSSL cannot encode the signature");
		data = &der;
	}
	if (!ctl->args.base64 && !ctl->args.json) {
		code = data_write(ctl, data, true);
	} else if (!base64_encode(data, &text)) {
		code = local_error(ctl, "out of memory");
	} else if (ctl->args.json) {
		json_signature(ctl, job, &text);
		code = EXIT_OK;
	} else {
		text.data[text.len++] = '\n';
		code = data_write(ctl, &text, false);
	}
	bytes_free(&der);
	bytes_free(&text);
	return code;
}

int cmd_sign(struct ctl *ctl)
{
	struct job job = {};
	uint8_t *room = bytes_room(&job.signature, PARSEC_SIGNATURE_SIZE_MAX);
	int code, error;

	code = room ? job_start(ctl, &job, PARSEC_USAGE_SIGN_HASH) :
		      local_error(ctl, "out of memory");
	if (code)
		goto out;
	error = (job.message ? parsec_psa_sign_message : parsec_psa_sign_hash)
		(ctl->parsec, ctl->args.key_name, &job.alg, job.input.data, job.input.len,
		 room, PARSEC_SIGNATURE_SIZE_MAX, &job.signature.len);
	code = error ? parsec_failure(ctl, error) : write_signature(ctl, &job);
out:
	job_end(&job);
	return code;
}

/* Read --signature and turn it into what the contract wants */
static int read_signature(struct ctl *ctl, struct job *job)
{
	struct bytes file = {}, data = {};
	bool valid = true;
	int code;

	code = file_read(ctl, ctl->args.signature, 4 * PARSEC_SIGNATURE_SIZE_MAX, &file);
	if (!code && ctl->args.base64) {
		valid = base64_decode(&file, &data);
		bytes_free(&file);
	} else {
		data = file;
	}
	if (!code && valid && ctl->args.der && key_is_ecc(&job->attrs)) {
		valid = ecdsa_from_der(&data, job->attrs.bits, &job->signature);
		bytes_free(&data);
	} else {
		job->signature = data;
	}
	if (!code && !valid)
		code = parsec_failure(ctl, PARSEC_PSA_ERROR_INVALID_SIGNATURE);
	return code;
}

int cmd_verify(struct ctl *ctl)
{
	bool file_stdin = !ctl->args.file || !strcmp(ctl->args.file, "-");
	struct job job = {};
	int code, error;

	if (file_stdin && !strcmp(ctl->args.signature, "-"))
		return usage_error(ctl, "only one of FILE and --signature can be standard input");
	code = job_start(ctl, &job, PARSEC_USAGE_VERIFY_HASH);
	if (!code)
		code = read_signature(ctl, &job);
	if (code)
		goto out;
	error = (job.message ? parsec_psa_verify_message : parsec_psa_verify_hash)
		(ctl->parsec, ctl->args.key_name, &job.alg, job.input.data, job.input.len,
		 job.signature.data, job.signature.len);
	if (error)
		code = parsec_failure(ctl, error);
	else if (ctl->args.json)
		json_signature(ctl, &job, NULL);
	else
		printf("the signature is valid\n");
out:
	job_end(&job);
	return code;
}
