// SPDX-License-Identifier: Apache-2.0
/*
 * Operations of the providers: each fills in a request.
 */
#include "tools/lib/internal.h"

#include <errno.h>
#include <linux/parsec.h>
#include <string.h>

/* Bytes around random bytes in their message */
#define RANDOM_EXTRA	16

int parsec_psa_generate_key(struct parsec *ctx, const char *name,
			    const struct parsec_key_attributes *attrs)
{
	const struct contract_request req = {
		.key_name = parsec_name(name),
		.attrs = *attrs,
	};

	return parsec_tell(ctx, PARSEC_OP_PSA_GENERATE_KEY, &req);
}

int parsec_psa_import_key(struct parsec *ctx, const char *name,
			  const struct parsec_key_attributes *attrs, const void *data,
			  size_t len)
{
	const struct contract_request req = {
		.key_name = parsec_name(name),
		.attrs = *attrs,
		.input = parsec_bytes(data, len),
	};

	return parsec_tell(ctx, PARSEC_OP_PSA_IMPORT_KEY, &req);
}

int parsec_psa_destroy_key(struct parsec *ctx, const char *name)
{
	const struct contract_request req = { .key_name = parsec_name(name) };

	return parsec_tell(ctx, PARSEC_OP_PSA_DESTROY_KEY, &req);
}

int parsec_psa_export_key(struct parsec *ctx, const char *name, void *data, size_t size,
			  size_t *len)
{
	const struct contract_request req = { .key_name = parsec_name(name) };

	return parsec_fetch(ctx, PARSEC_OP_PSA_EXPORT_KEY, &req, data, size, len);
}

int parsec_psa_export_public_key(struct parsec *ctx, const char *name, void *data,
				 size_t size, size_t *len)
{
	const struct contract_request req = { .key_name = parsec_name(name) };

	return parsec_fetch(ctx, PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, &req, data, size, len);
}

static int sign(struct parsec *ctx, uint8_t opcode, const char *name,
		const struct parsec_alg *alg, struct parsec_span input, void *signature,
		size_t size, size_t *len)
{
	const struct contract_request req = {
		.key_name = parsec_name(name),
		.alg = *alg,
		.input = input,
	};

	return parsec_fetch(ctx, opcode, &req, signature, size, len);
}

static int verify(struct parsec *ctx, uint8_t opcode, const char *name,
		  const struct parsec_alg *alg, struct parsec_span input,
		  struct parsec_span signature)
{
	const struct contract_request req = {
		.key_name = parsec_name(name),
		.alg = *alg,
		.input = input,
		.reference = signature,
	};

	return parsec_tell(ctx, opcode, &req);
}

int parsec_psa_sign_hash(struct parsec *ctx, const char *name,
			 const struct parsec_alg *alg, const void *hash, size_t hash_len,
			 void *signature, size_t size, size_t *len)
{
	return sign(ctx, PARSEC_OP_PSA_SIGN_HASH, name, alg, parsec_bytes(hash, hash_len),
		    signature, size, len);
}

int parsec_psa_verify_hash(struct parsec *ctx, const char *name,
			   const struct parsec_alg *alg, const void *hash,
			   size_t hash_len, const void *signature, size_t len)
{
	return verify(ctx, PARSEC_OP_PSA_VERIFY_HASH, name, alg,
		      parsec_bytes(hash, hash_len), parsec_bytes(signature, len));
}

int parsec_psa_sign_message(struct parsec *ctx, const char *name,
			    const struct parsec_alg *alg, const void *message,
			    size_t message_len, void *signature, size_t size, size_t *len)
{
	return sign(ctx, PARSEC_OP_PSA_SIGN_MESSAGE, name, alg,
		    parsec_bytes(message, message_len), signature, size, len);
}

int parsec_psa_verify_message(struct parsec *ctx, const char *name,
			      const struct parsec_alg *alg, const void *message,
			      size_t message_len, const void *signature, size_t len)
{
	return verify(ctx, PARSEC_OP_PSA_VERIFY_MESSAGE, name, alg,
		      parsec_bytes(message, message_len), parsec_bytes(signature, len));
}

static struct parsec_alg hash_alg(enum parsec_hash hash)
{
	const unsigned int number = hash;

	/* What is out of range must not become a hash that exists */
	return (struct parsec_alg) {
		.kind = PARSEC_ALG_HASH,
		.hash = (uint8_t)(number <= PARSEC_HASH_LAST ? number : PARSEC_HASH_NONE),
	};
}

int parsec_psa_hash_compute(struct parsec *ctx, enum parsec_hash hash, const void *input,
			    size_t input_len, void *digest, size_t size, size_t *len)
{
	const struct contract_request req = {
		.alg = hash_alg(hash),
		.input = parsec_bytes(input, input_len),
	};

	return parsec_fetch(ctx, PARSEC_OP_PSA_HASH_COMPUTE, &req, digest, size, len);
}

int parsec_psa_hash_compare(struct parsec *ctx, enum parsec_hash hash, const void *input,
			    size_t input_len, const void *digest, size_t len)
{
	const struct contract_request req = {
		.alg = hash_alg(hash),
		.input = parsec_bytes(input, input_len),
		.reference = parsec_bytes(digest, len),
	};

	return parsec_tell(ctx, PARSEC_OP_PSA_HASH_COMPARE, &req);
}

int parsec_psa_generate_random(struct parsec *ctx, void *data, size_t len)
{
	const struct contract_request req = { .size = len };
	struct contract_result result;
	/* More than usual is refused by the service, or asked for again */
	const size_t room = len < PARSEC_BODY_MAX ? len : PARSEC_BODY_MAX;
	int status;

	status = parsec_ask_crypto(ctx, PARSEC_OP_PSA_GENERATE_RANDOM, &req,
				   room + RANDOM_EXTRA, &result);
	if (status)
		return status;
	if (result.data.len != len)
		status = -EPROTO;
	else if (len)
		memcpy(data, result.data.data, len);
	contract_result_free(&result);
	return status;
}
