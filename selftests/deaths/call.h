/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request, by a thread of a process of its own, either of which can be killed; and
 * requests that are just made.
 */
#ifndef SELFTESTS_DEATHS_CALL_H
#define SELFTESTS_DEATHS_CALL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "helper/contract/contract.h"

#define CALL_BODY_MAX	512
#define CALL_ANSWER_MAX	8192

/**
 * struct call - in memory shared with the process
 * @pid:	process
 * @tid:	its thread that asks
 * @order:	one end of a pipe: closing it has the process execute something else
 * @finished:	the answer is there
 * @result:	the contract's status, or -errno
 * @ms:		how long it took
 * @body:	of the request
 */
struct call {
	pid_t pid;
	volatile pid_t tid;
	int order;
	volatile bool finished;
	int result;
	int64_t ms;
	uint8_t provider;
	uint8_t opcode;
	uint32_t timeout_ms;
	uint32_t len;
	uint8_t body[CALL_BODY_MAX];
};

/** call_start() - Return: the call; the test ends when there cannot be one */
struct call *call_start(uint8_t provider, uint8_t opcode, const struct contract_request *req,
			uint32_t timeout_ms);

/** call_waits() - is it in the device, asleep? */
bool call_waits(const struct call *call);

/** call_kill_process() - Return: false when it is still there after a while */
bool call_kill_process(struct call *call);

/** call_kill_thread() - the thread only: another one of the process calls execve(2) */
bool call_kill_thread(struct call *call);

/** call_end() - whatever it does */
void call_end(struct call *call);

/**
 * call_now() - ask and wait
 * @answer:	room of CALL_ANSWER_MAX bytes, or NULL
 * @len:	bytes of it, or NULL
 *
 * Return: the contract's status, or -errno.
 */
int call_now(uint8_t provider, uint8_t opcode, const struct contract_request *req,
	     uint8_t *answer, uint32_t *len);

#endif /* SELFTESTS_DEATHS_CALL_H */
