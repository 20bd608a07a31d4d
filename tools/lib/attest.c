// SPDX-License-Identifier: Apache-2.0
/*
 * Attestation.
 */
#include "tools/lib/internal.h"

#include <stdlib.h>
#include <string.h>

/* Copy bytes to *end, and move *end behind them */
static const void *put(uint8_t **end, struct parsec_span bytes)
{
	uint8_t *copy = *end;

	if (bytes.len)
		memcpy(copy, bytes.data, bytes.len);
	*end += bytes.len;
	return copy;
}

static struct parsec_attestation *copy_attestation(const struct contract_result *from)
{
	struct parsec_attestation *copy;
	uint8_t *end;

	copy = malloc(sizeof(*copy) + from->name.len + from->data.len +
		      from->attesting_public.len);
	if (!copy)
		return NULL;
	end = (uint8_t *)(copy + 1);
	copy->name = put(&end, from->name);
	copy->name_len = from->name.len;
	copy->public_area = put(&end, from->data);
	copy->public_area_len = from->data.len;
	copy->attesting_key = put(&end, from->attesting_public);
	copy->attesting_key_len = from->attesting_public.len;
	return copy;
}

/* A name that is given must be one: an empty one would stand for the provider's own key */
static bool is_nameless(const char *attesting)
{
	return attesting && !*attesting;
}

int parsec_prepare_key_attestation(struct parsec *ctx, const char *name,
				   const char *attesting,
				   struct parsec_attestation **attestation)
{
	const struct contract_request req = {
		.key_name = parsec_name(name),
		.attesting_key = parsec_name(attesting),
	};
	struct parsec_attestation *copy;
	struct contract_result result;
	int status;

	if (is_nameless(attesting))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	status = parsec_ask_crypto(ctx, PARSEC_OP_PREPARE_KEY_ATTESTATION, &req, 0, &result);
	if (status)
		return status;
	copy = copy_attestation(&result);
	contract_result_free(&result);
	if (!copy)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	*attestation = copy;
	return 0;
}

void parsec_free_attestation(struct parsec_attestation *attestation)
{
	free(attestation);
}

int parsec_attest_key(struct parsec *ctx, const char *name, const char *attesting,
		      const struct parsec_challenge *challenge, void *credential,
		      size_t size, size_t *len)
{
	const struct contract_request req = {
		.key_name = parsec_name(name),
		.attesting_key = parsec_name(attesting),
		.input = parsec_bytes(challenge->blob, challenge->blob_len),
		.secret = parsec_bytes(challenge->secret, challenge->secret_len),
	};

	if (is_nameless(attesting))
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	return parsec_fetch(ctx, PARSEC_OP_ATTEST_KEY, &req, credential, size, len);
}
