// SPDX-License-Identifier: Apache-2.0
/*
 * Names and words for what comes back.
 */
#include <errno.h>
#include <string.h>

#include "tools/lib/parsec.h"

const char *parsec_status_name(int status)
{
	switch (status) {
#define STATUS_NAME(number, constant, name, text) case number: return #name;
	PARSEC_STATUS_LIST(STATUS_NAME)
#undef STATUS_NAME
	default:
		return NULL;
	}
}

const char *parsec_status_message(int status)
{
	switch (status) {
#define STATUS_TEXT(number, constant, name, text) case number: return text;
	PARSEC_STATUS_LIST(STATUS_TEXT)
#undef STATUS_TEXT
	default:
		return NULL;
	}
}

const char *parsec_opcode_name(uint32_t opcode)
{
	switch (opcode) {
#define OPCODE_NAME(number, constant, name) case number: return #name;
	PARSEC_OPCODE_LIST(OPCODE_NAME)
	PARSEC_SERVICE_OPCODE_LIST(OPCODE_NAME)
#undef OPCODE_NAME
	default:
		return NULL;
	}
}

static const char *device_error(int error)
{
	switch (error) {
	case EACCES:
		return "no permission to open the device";
	case EDQUOT:
		return "this identity has too many requests waiting, or files open";
	case EIO:
		return "the provider died with the request; what it did is not known";
	case ENOENT:
		return "there is no device: the parsec module is not loaded";
	case ENOTCONN:
		return "the service does not run";
	case ENOTTY:
		return "not a parsec device";
	case EPERM:
		return "opened by another identity than the one that asks";
	case EPROTO:
		return "the answer of the service makes no sense";
	case ETIMEDOUT:
		return "no answer within the time given";
	default:
		return strerrordesc_np(error);
	}
}

const char *parsec_strerror(int result)
{
	const char *text;

	text = result < 0 ? device_error(-result) : parsec_status_message(result);
	return text ? text : "unknown result";
}
