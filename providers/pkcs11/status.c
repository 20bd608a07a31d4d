// SPDX-License-Identifier: Apache-2.0
/*
 * What the module's answers mean in the terms of the contract (section 6): the only place
 * where they are translated. Total: what the table does not have, such as the codes of a
 * vendor, is a failure of communication.
 */
#include "providers/pkcs11/pkcs11.h"

#define NO_TALK		PARSEC_PSA_ERROR_COMMUNICATION_FAILURE
#define NO_HARDWARE	PARSEC_PSA_ERROR_HARDWARE_FAILURE
#define NO_MEMORY	PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY
#define NO_ROOM		PARSEC_PSA_ERROR_INSUFFICIENT_STORAGE
#define UNSUPPORTED	PARSEC_PSA_ERROR_NOT_SUPPORTED
#define NO_SIGNATURE	PARSEC_PSA_ERROR_INVALID_SIGNATURE

/* The connection is gone: connect anew, and try again */
#define LOST		1
/* The object is known by another handle, or gone: look for it, and try again */
#define STALE		2
/* Not like this: there may be another way */
#define REFUSAL		4
/* Nothing is said; maybe the token is not there any more */
#define VAGUE		8

/* All codes of PKCS #11 2.40, in the order of their numbers */
static const struct answer {
	CK_RV rv;
	enum parsec_status status;
	unsigned int kind;
	const char *name;
} answers[] = {
#define ANSWER(code, status, kind) { CKR_##code, status, kind, "CKR_" #code }
	ANSWER(OK, PARSEC_SUCCESS, 0),
	ANSWER(CANCEL, NO_TALK, 0),
	ANSWER(HOST_MEMORY, NO_MEMORY, 0),
	ANSWER(SLOT_ID_INVALID, NO_TALK, LOST),
	ANSWER(GENERAL_ERROR, NO_TALK, VAGUE),
	ANSWER(FUNCTION_FAILED, NO_TALK, VAGUE),
	ANSWER(ARGUMENTS_BAD, NO_TALK, 0),
	ANSWER(NO_EVENT, NO_TALK, 0),
	ANSWER(NEED_TO_CREATE_THREADS, NO_TALK, 0),
	ANSWER(CANT_LOCK, NO_TALK, 0),
	ANSWER(ATTRIBUTE_READ_ONLY, NO_TALK, REFUSAL),
	ANSWER(ATTRIBUTE_SENSITIVE, NO_TALK, REFUSAL),
	ANSWER(ATTRIBUTE_TYPE_INVALID, NO_TALK, REFUSAL),
	ANSWER(ATTRIBUTE_VALUE_INVALID, NO_TALK, REFUSAL),
	ANSWER(ACTION_PROHIBITED, NO_TALK, REFUSAL),
	ANSWER(DATA_INVALID, NO_TALK, 0),
	ANSWER(DATA_LEN_RANGE, NO_TALK, 0),
	ANSWER(DEVICE_ERROR, NO_HARDWARE, LOST),
	ANSWER(DEVICE_MEMORY, NO_ROOM, 0),
	ANSWER(DEVICE_REMOVED, NO_HARDWARE, LOST),
	ANSWER(ENCRYPTED_DATA_INVALID, NO_TALK, 0),
	ANSWER(ENCRYPTED_DATA_LEN_RANGE, NO_TALK, 0),
	ANSWER(FUNCTION_CANCELED, NO_TALK, 0),
	ANSWER(FUNCTION_NOT_PARALLEL, NO_TALK, 0),
	ANSWER(FUNCTION_NOT_SUPPORTED, UNSUPPORTED, REFUSAL),
	ANSWER(KEY_HANDLE_INVALID, NO_TALK, STALE | VAGUE),
	ANSWER(KEY_SIZE_RANGE, NO_TALK, 0),
	ANSWER(KEY_TYPE_INCONSISTENT, NO_TALK, 0),
	ANSWER(KEY_NOT_NEEDED, NO_TALK, 0),
	ANSWER(KEY_CHANGED, NO_TALK, 0),
	ANSWER(KEY_NEEDED, NO_TALK, 0),
	ANSWER(KEY_INDIGESTIBLE, NO_TALK, 0),
	ANSWER(KEY_FUNCTION_NOT_PERMITTED, NO_TALK, 0),
	ANSWER(KEY_NOT_WRAPPABLE, NO_TALK, 0),
	ANSWER(KEY_UNEXTRACTABLE, NO_TALK, 0),
	ANSWER(MECHANISM_INVALID, NO_TALK, REFUSAL),
	ANSWER(MECHANISM_PARAM_INVALID, NO_TALK, 0),
	ANSWER(OBJECT_HANDLE_INVALID, NO_TALK, STALE | VAGUE),
	ANSWER(OPERATION_ACTIVE, NO_TALK, 0),
	ANSWER(OPERATION_NOT_INITIALIZED, NO_TALK, 0),
	ANSWER(PIN_INCORRECT, NO_TALK, 0),
	ANSWER(PIN_INVALID, NO_TALK, 0),
	ANSWER(PIN_LEN_RANGE, NO_TALK, 0),
	ANSWER(PIN_EXPIRED, NO_TALK, 0),
	ANSWER(PIN_LOCKED, NO_TALK, 0),
	ANSWER(SESSION_CLOSED, NO_TALK, LOST),
	ANSWER(SESSION_COUNT, NO_TALK, 0),
	ANSWER(SESSION_HANDLE_INVALID, NO_TALK, LOST),
	ANSWER(SESSION_PARALLEL_NOT_SUPPORTED, NO_TALK, 0),
	ANSWER(SESSION_READ_ONLY, NO_TALK, 0),
	ANSWER(SESSION_EXISTS, NO_TALK, 0),
	ANSWER(SESSION_READ_ONLY_EXISTS, NO_TALK, 0),
	ANSWER(SESSION_READ_WRITE_SO_EXISTS, NO_TALK, 0),
	ANSWER(SIGNATURE_INVALID, NO_SIGNATURE, 0),
	ANSWER(SIGNATURE_LEN_RANGE, NO_SIGNATURE, 0),
	ANSWER(TEMPLATE_INCOMPLETE, NO_TALK, REFUSAL),
	ANSWER(TEMPLATE_INCONSISTENT, NO_TALK, REFUSAL),
	ANSWER(TOKEN_NOT_PRESENT, NO_HARDWARE, LOST),
	ANSWER(TOKEN_NOT_RECOGNIZED, NO_HARDWARE, LOST),
	ANSWER(TOKEN_WRITE_PROTECTED, NO_TALK, 0),
	ANSWER(UNWRAPPING_KEY_HANDLE_INVALID, NO_TALK, 0),
	ANSWER(UNWRAPPING_KEY_SIZE_RANGE, NO_TALK, 0),
	ANSWER(UNWRAPPING_KEY_TYPE_INCONSISTENT, NO_TALK, 0),
	ANSWER(USER_ALREADY_LOGGED_IN, NO_TALK, 0),
	ANSWER(USER_NOT_LOGGED_IN, NO_TALK, LOST),
	ANSWER(USER_PIN_NOT_INITIALIZED, NO_TALK, 0),
	ANSWER(USER_TYPE_INVALID, NO_TALK, 0),
	ANSWER(USER_ANOTHER_ALREADY_LOGGED_IN, NO_TALK, 0),
	ANSWER(USER_TOO_MANY_TYPES, NO_TALK, 0),
	ANSWER(WRAPPED_KEY_INVALID, NO_TALK, 0),
	ANSWER(WRAPPED_KEY_LEN_RANGE, NO_TALK, 0),
	ANSWER(WRAPPING_KEY_HANDLE_INVALID, NO_TALK, 0),
	ANSWER(WRAPPING_KEY_SIZE_RANGE, NO_TALK, 0),
	ANSWER(WRAPPING_KEY_TYPE_INCONSISTENT, NO_TALK, 0),
	ANSWER(RANDOM_SEED_NOT_SUPPORTED, NO_TALK, 0),
	ANSWER(RANDOM_NO_RNG, PARSEC_PSA_ERROR_INSUFFICIENT_ENTROPY, 0),
	ANSWER(DOMAIN_PARAMS_INVALID, UNSUPPORTED, REFUSAL),
	ANSWER(CURVE_NOT_SUPPORTED, UNSUPPORTED, REFUSAL),
	ANSWER(BUFFER_TOO_SMALL, NO_TALK, 0),
	ANSWER(SAVED_STATE_INVALID, NO_TALK, 0),
	ANSWER(INFORMATION_SENSITIVE, NO_TALK, 0),
	ANSWER(STATE_UNSAVEABLE, NO_HARDWARE, 0),
	ANSWER(CRYPTOKI_NOT_INITIALIZED, NO_TALK, LOST),
	ANSWER(CRYPTOKI_ALREADY_INITIALIZED, NO_TALK, 0),
	ANSWER(MUTEX_BAD, NO_TALK, 0),
	ANSWER(MUTEX_NOT_LOCKED, NO_TALK, 0),
	ANSWER(NEW_PIN_MODE, NO_TALK, 0),
	ANSWER(NEXT_OTP, NO_TALK, 0),
	ANSWER(EXCEEDED_MAX_ITERATIONS, NO_TALK, 0),
	ANSWER(FIPS_SELF_TEST_FAILED, NO_TALK, 0),
	ANSWER(LIBRARY_LOAD_FAILED, NO_TALK, 0),
	ANSWER(PIN_TOO_WEAK, NO_TALK, 0),
	ANSWER(PUBLIC_KEY_INVALID, NO_TALK, 0),
	ANSWER(FUNCTION_REJECTED, NO_TALK, REFUSAL),
	/* Those of this provider */
	ANSWER(LIE, NO_TALK, 0),
	ANSWER(FOREIGN, PARSEC_PSA_ERROR_CORRUPTION_DETECTED, 0),
	ANSWER(ID_TAKEN, PARSEC_PSA_ERROR_GENERIC_ERROR, 0),
#undef ANSWER
};

static const struct answer *answer_of(CK_RV rv)
{
	for (size_t i = 0; i < ELEMENTS(answers); i++) {
		if (answers[i].rv == rv)
			return &answers[i];
	}
	return NULL;
}

/**
 * status_of() - status of an answer of the module
 *
 * An operation knows more about some: what a wrong padding looks like depends on what was
 * done.
 */
enum parsec_status status_of(CK_RV rv)
{
	const struct answer *answer = answer_of(rv);

	return answer ? answer->status : NO_TALK;
}

static bool is_kind(CK_RV rv, unsigned int kind)
{
	const struct answer *answer = answer_of(rv);

	return answer && answer->kind & kind;
}

/* Is it said when sessions or the login are gone, as after the token was taken away? */
bool is_lost(CK_RV rv)
{
	return is_kind(rv, LOST);
}

/* Is it said of an object that is not there under this handle any more? */
bool is_stale(CK_RV rv)
{
	return is_kind(rv, STALE);
}

/* Is it said when something is wrong that may be the token, too? */
bool is_vague(CK_RV rv)
{
	return is_kind(rv, VAGUE);
}

/* Is it said of something that this token just does not do, or not like this? */
bool is_refusal(CK_RV rv)
{
	return is_kind(rv, REFUSAL);
}

/**
 * failed() - log an answer, and translate it
 * @what:	what was tried
 */
enum parsec_status failed(const struct parsec_provider_ctx *ctx, const char *what, CK_RV rv)
{
	const struct answer *answer = answer_of(rv);

	if (rv != CKR_OK)
		ctx->host->log(PARSEC_LOG_DEBUG, "%s: %s (%#lx)", what,
			       answer ? answer->name : "an answer of the vendor's own", rv);
	return status_of(rv);
}
