// SPDX-License-Identifier: Apache-2.0
/*
 * From a request to its answer: encode, ask, decode. The usual small operation is one
 * system call, with bodies on the stack.
 */
#include "tools/lib/internal.h"

#include <errno.h>
#include <limits.h>
#include <linux/parsec.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

/* A request with a hash and a signature, or any answer but lists and long keys */
#define BODY_USUAL	1536

/* Bytes by which an output is longer than the input, and those of its message */
#define FETCH_EXTRA	64

/* Times that an answer may grow while it is being asked for again */
#define ATTEMPTS	8

/**
 * struct body - a request or response body
 * @data:	bytes: @usual, or memory of its own
 * @size:	room
 * @used:	bytes that may be secrets
 */
struct body {
	uint8_t *data;
	size_t size;
	size_t used;
	uint8_t usual[BODY_USUAL];
};

static void body_init(struct body *body)
{
	body->data = body->usual;
	body->size = sizeof(body->usual);
	body->used = 0;
}

static void body_free(struct body *body)
{
	explicit_bzero(body->data, body->used);
	if (body->data != body->usual)
		free(body->data);
	body_init(body);
}

static int body_grow(struct body *body, size_t size)
{
	if (size <= body->size)
		return 0;
	body_free(body);
	body->data = malloc(size);
	if (!body->data) {
		body_init(body);
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	}
	body->size = size;
	return 0;
}

/* A body has lengths of 32 bits; the device takes far less */
static bool is_huge(struct parsec_span part)
{
	return part.len > INT_MAX / 8;
}

static int encode(struct body *body, uint8_t opcode, const struct contract_request *req)
{
	struct parsec_out out = { body->data, body->size, 0 };
	int result;

	if (is_huge(req->input) || is_huge(req->reference) || is_huge(req->nonce) ||
	    is_huge(req->additional_data) || is_huge(req->label) || is_huge(req->secret))
		return PARSEC_BODY_SIZE_EXCEEDS_LIMIT;
	result = contract_encode_request(opcode, req, &out);
	if (result == PARSEC_PSA_ERROR_BUFFER_TOO_SMALL) {
		result = body_grow(body, out.len);
		if (result)
			return result;
		out = (struct parsec_out) { body->data, body->size, 0 };
		result = contract_encode_request(opcode, req, &out);
	}
	body->used = out.len;
	return result;
}

/* Would asking again change anything? */
static bool may_repeat(uint8_t opcode)
{
	return opcode != PARSEC_OP_PSA_GENERATE_KEY && opcode != PARSEC_OP_PSA_IMPORT_KEY &&
	       opcode != PARSEC_OP_PSA_DESTROY_KEY;
}

static int ask_once(struct parsec *ctx, uint8_t provider, uint8_t opcode,
		    const struct body *in, struct body *out, size_t *need)
{
	struct parsec_op op = {
		.provider = provider,
		.timeout_ms = atomic_load_explicit(&ctx->timeout_ms, memory_order_relaxed),
		.in_len = (uint32_t)in->used,
		.in = (uintptr_t)in->data,
		.out_len = out->size < UINT32_MAX ? (uint32_t)out->size : UINT32_MAX,
		.out = (uintptr_t)out->data,
	};

	out->used = 0;
	if (ioctl(ctx->fd, PARSEC_IOC_OP(opcode), &op)) {
		*need = op.out_len;
		return errno == EMSGSIZE ? PARSEC_BODY_SIZE_EXCEEDS_LIMIT : -errno;
	}
	if (op.out_len > out->size)
		return -EPROTO;
	out->used = op.out_len;
	return op.status;
}

static int decode(uint8_t opcode, const struct body *body, struct contract_result *result)
{
	enum parsec_status status;

	status = contract_decode_result(opcode, parsec_bytes(body->data, body->used),
					result);
	if (!status)
		return 0;
	contract_result_free(result);
	return status == PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY ? (int)status : -EPROTO;
}

int parsec_ask(struct parsec *ctx, uint8_t provider, uint8_t opcode,
	       const struct contract_request *req, size_t room,
	       struct contract_result *result)
{
	unsigned int attempt = 0;
	struct body in, out;
	size_t need = 0;
	int status;

	body_init(&in);
	body_init(&out);
	status = encode(&in, opcode, req);
	if (!status)
		status = body_grow(&out, room);
	if (status)
		goto done;
	status = ask_once(ctx, provider, opcode, &in, &out, &need);
	while (status == -EOVERFLOW && may_repeat(opcode) && ++attempt < ATTEMPTS) {
		/* A list may have grown when it is asked for again */
		status = body_grow(&out, need + need / 8);
		if (status)
			break;
		status = ask_once(ctx, provider, opcode, &in, &out, &need);
	}
	if (!status)
		status = decode(opcode, &out, result);
done:
	body_free(&in);
	body_free(&out);
	return status;
}

int parsec_ask_crypto(struct parsec *ctx, uint8_t opcode,
		      const struct contract_request *req, size_t room,
		      struct contract_result *result)
{
	uint8_t provider;
	int status = parsec_current_provider(ctx, &provider);

	if (status)
		return status;
	return parsec_ask(ctx, provider, opcode, req, room, result);
}

int parsec_tell(struct parsec *ctx, uint8_t opcode, const struct contract_request *req)
{
	struct contract_result result;
	int status = parsec_ask_crypto(ctx, opcode, req, 0, &result);

	if (!status)
		contract_result_free(&result);
	return status;
}

int parsec_fetch(struct parsec *ctx, uint8_t opcode, const struct contract_request *req,
		 void *data, size_t size, size_t *len)
{
	/* The answer is not much longer than what goes in, or of no use to the caller */
	const size_t likely = req->input.len < size ? req->input.len : size;
	struct contract_result result;
	int status;

	status = parsec_ask_crypto(ctx, opcode, req, likely + FETCH_EXTRA, &result);
	if (status)
		return status;
	*len = result.data.len;
	if (result.data.len > size)
		status = PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	else if (result.data.len)
		memcpy(data, result.data.data, result.data.len);
	contract_result_free(&result);
	return status;
}

struct parsec_span parsec_name(const char *name)
{
	return parsec_bytes(name, name ? strlen(name) : 0);
}
