// SPDX-License-Identifier: Apache-2.0
/*
 * What OpenSSL's errors mean in the terms of the contract: the only place where
 * they are translated. Total: what no row names is a generic error.
 */
#include <errno.h>

#include <openssl/asn1err.h>
#include <openssl/ecerr.h>
#include <openssl/err.h>
#include <openssl/evperr.h>
#include <openssl/proverr.h>
#include <openssl/rsaerr.h>

#include "providers/openssl/openssl.h"

/* Stands for every library, or for every reason; neither is ever 0 */
#define ANY	0

#define NO_MEMORY	PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY
#define NO_ENTROPY	PARSEC_PSA_ERROR_INSUFFICIENT_ENTROPY
#define UNSUPPORTED	PARSEC_PSA_ERROR_NOT_SUPPORTED
#define INVALID		PARSEC_PSA_ERROR_INVALID_ARGUMENT

/* The first match wins */
static const struct {
	int library;
	int reason;
	enum parsec_status status;
} table[] = {
	{ ANY, ERR_R_MALLOC_FAILURE, NO_MEMORY },
	{ ANY, ERR_R_UNSUPPORTED, UNSUPPORTED },
	{ ERR_LIB_RAND, ANY, NO_ENTROPY },
	{ ERR_LIB_PROV, PROV_R_ENTROPY_SOURCE_STRENGTH_TOO_WEAK, NO_ENTROPY },
	{ ERR_LIB_PROV, PROV_R_ERROR_INSTANTIATING_DRBG, NO_ENTROPY },
	{ ERR_LIB_PROV, PROV_R_ERROR_RETRIEVING_ENTROPY, NO_ENTROPY },
	{ ERR_LIB_PROV, PROV_R_ERROR_RETRIEVING_NONCE, NO_ENTROPY },
	{ ERR_LIB_PROV, PROV_R_GENERATE_ERROR, NO_ENTROPY },
	{ ERR_LIB_PROV, PROV_R_RESEED_ERROR, NO_ENTROPY },
	{ ERR_LIB_PROV, PROV_R_UNABLE_TO_RESEED, NO_ENTROPY },
	{ ERR_LIB_RSA, RSA_R_RANDOMNESS_SOURCE_STRENGTH_INSUFFICIENT, NO_ENTROPY },
	{ ERR_LIB_EVP, EVP_R_UNSUPPORTED_ALGORITHM, UNSUPPORTED },
	{ ERR_LIB_PROV, PROV_R_DIGEST_NOT_ALLOWED, UNSUPPORTED },
	{ ERR_LIB_PROV, PROV_R_INVALID_DIGEST, UNSUPPORTED },
	{ ERR_LIB_RSA, RSA_R_UNKNOWN_ALGORITHM_TYPE, UNSUPPORTED },
	{ ERR_LIB_EC, EC_R_UNKNOWN_GROUP, UNSUPPORTED },
	{ ERR_LIB_ASN1, ANY, INVALID },
	{ ERR_LIB_PROV, PROV_R_INVALID_DIGEST_LENGTH, INVALID },
	{ ERR_LIB_PROV, PROV_R_XTS_DUPLICATED_KEYS, INVALID },
	{ ERR_LIB_PROV, PROV_R_XTS_DATA_UNIT_IS_TOO_LARGE, INVALID },
	{ ERR_LIB_RSA, RSA_R_INVALID_DIGEST_LENGTH, INVALID },
	{ ERR_LIB_RSA, RSA_R_INVALID_MESSAGE_LENGTH, INVALID },
	{ ERR_LIB_RSA, RSA_R_DATA_TOO_LARGE_FOR_KEY_SIZE, INVALID },
	{ ERR_LIB_RSA, RSA_R_DIGEST_TOO_BIG_FOR_RSA_KEY, INVALID },
	{ ERR_LIB_RSA, RSA_R_KEY_SIZE_TOO_SMALL, INVALID },
	{ ERR_LIB_EC, EC_R_POINT_IS_NOT_ON_CURVE, INVALID },
	{ ERR_LIB_EC, EC_R_INVALID_ENCODING, INVALID },
	{ ERR_LIB_EC, EC_R_INVALID_PRIVATE_KEY, INVALID },
};

/**
 * openssl_status_of() - one error code of OpenSSL
 * @error:	as ERR_get_error() gives it; 0 is a failure that left no error behind
 *
 * Return: never PARSEC_SUCCESS.
 */
enum parsec_status openssl_status_of(unsigned long error)
{
	int library = ERR_GET_LIB(error), reason = ERR_GET_REASON(error);

	if (ERR_SYSTEM_ERROR(error))
		return reason == ENOMEM ? NO_MEMORY : PARSEC_PSA_ERROR_GENERIC_ERROR;

	for (size_t i = 0; error && i < sizeof(table) / sizeof(table[0]); i++) {
		if ((table[i].library == ANY || table[i].library == library) &&
		    (table[i].reason == ANY || table[i].reason == reason))
			return table[i].status;
	}
	return PARSEC_PSA_ERROR_GENERIC_ERROR;
}

/**
 * errors_clear() - forget the errors of others of this thread, before a primitive begins
 *
 * Not each failing allocation is an error in OpenSSL's queue, but malloc() leaves its mark
 * in errno.
 */
void errors_clear(void)
{
	ERR_clear_error();
	errno = 0;
}

/**
 * openssl_status() - status of the call that just failed; empties the error queue
 * @what:	what failed, for the log
 *
 * The error raised first is the cause, what callers add on the way out is not; so
 * the first one that has a meaning is taken, but for a lack of memory, which makes all
 * else meaningless. Each primitive calls errors_clear() before it begins.
 *
 * Return: never PARSEC_SUCCESS.
 */
enum parsec_status openssl_status(const struct parsec_provider_ctx *ctx, const char *what)
{
	bool no_memory = errno == ENOMEM;
	enum parsec_status status = PARSEC_PSA_ERROR_GENERIC_ERROR;
	unsigned long error;
	char text[256];

	while ((error = ERR_get_error())) {
		if (status == PARSEC_PSA_ERROR_GENERIC_ERROR)
			status = openssl_status_of(error);
		ERR_error_string_n(error, text, sizeof(text));
		ctx->host->log(PARSEC_LOG_DEBUG, "%s: %s", what, text);
	}
	return no_memory ? NO_MEMORY : status;
}

/* There is no implementation, or it could not be had */
enum parsec_status no_method(const struct parsec_provider_ctx *ctx)
{
	return ERR_peek_error() || errno == ENOMEM ?
		       openssl_status(ctx, "looking up an algorithm") :
		       PARSEC_PSA_ERROR_NOT_SUPPORTED;
}

/**
 * bad_input() - status of a failure that only the input can be the reason of
 * @status:	what to call it, unless memory ran out
 */
enum parsec_status bad_input(const struct parsec_provider_ctx *ctx, const char *what,
			     enum parsec_status status)
{
	return openssl_status(ctx, what) == NO_MEMORY ? NO_MEMORY : status;
}
