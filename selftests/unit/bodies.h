/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of bodies that are written in hexadecimal, when only the verdict matters.
 */
#ifndef SELFTESTS_UNIT_BODIES_H
#define SELFTESTS_UNIT_BODIES_H

#include "helper/contract/contract.h"
#include "selftests/unit/hex.h"

static inline enum parsec_status decode(uint8_t opcode, const char *body)
{
	struct contract_request req;
	uint8_t room[HEX_MAX];
	enum parsec_status status;

	status = contract_decode_request(opcode, hex(body, room), &req);
	contract_request_free(&req);
	return status;
}

static inline enum parsec_status decode_answer(uint8_t opcode, const char *body)
{
	struct contract_result result;
	uint8_t room[HEX_MAX];
	enum parsec_status status;

	status = contract_decode_result(opcode, hex(body, room), &result);
	contract_result_free(&result);
	return status;
}

#endif /* SELFTESTS_UNIT_BODIES_H */
