// SPDX-License-Identifier: Apache-2.0
/*
 * A provider host in a process of its own, which the request's opcode tells how to
 * behave, and the patterns that bodies are filled with.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "fakehost.h"

const uint8_t replay_all[PARSEC_NL_REPLAY_LEN] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
};

const uint8_t *replay_only(uint8_t opcode)
{
	static uint8_t bitmap[PARSEC_NL_REPLAY_LEN];

	memset(bitmap, 0, sizeof(bitmap));
	bitmap[opcode / 8] = (uint8_t)(1U << opcode % 8);
	return bitmap;
}

static uint8_t pattern_byte(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return (uint8_t)(*state >> 24);
}

void pattern_fill(uint8_t *data, size_t len, uint32_t seed)
{
	for (size_t i = 0; i < len; i++)
		data[i] = pattern_byte(&seed);
}

bool pattern_matches(const uint8_t *data, size_t len, uint32_t seed)
{
	for (size_t i = 0; i < len; i++)
		if (data[i] != pattern_byte(&seed))
			return false;
	return true;
}

static int reply_size(struct host *host, const struct host_request *req)
{
	uint32_t size = 0;
	uint8_t *body;
	int ret;

	memcpy(&size, req->body, req->len < sizeof(size) ? req->len : sizeof(size));
	body = malloc(size + 1UL);
	pattern_fill(body, size, size);
	ret = host_reply(host, req->id, 0, body, size);
	free(body);
	return ret;
}

static int reply_facts(struct host *host, const struct host_request *req)
{
	struct host_facts facts = {
		.session = req->session,
		.deadline = req->deadline,
		.pid = req->pid,
		.provider = req->provider,
		.opcode = req->opcode,
	};

	return host_reply(host, req->id, 0, &facts, sizeof(facts));
}

static void serve_one(struct host *host, const struct host_request *req)
{
	uint16_t status = 0;

	switch (req->opcode) {
	case OP_STATUS:
		memcpy(&status, req->body, req->len < 2 ? req->len : 2);
		host_reply(host, req->id, status, NULL, 0);
		break;
	case OP_SIZE:
		reply_size(host, req);
		break;
	case OP_DIE:
		raise(SIGKILL);
		break;
	case OP_FACTS:
		reply_facts(host, req);
		break;
	case OP_LOST:
		break;
	default:
		host_reply(host, req->id, 0, req->body, req->len);
		break;
	}
}

int host_serve(struct host *host, unsigned int requests)
{
	struct host_request *req;
	int ret;

	for (unsigned int done = 0; !requests || done < requests; done++) {
		do {
			ret = host_receive(host, &req, SOON);
		} while (ret == -ETIMEDOUT);
		if (ret)
			return ret;
		serve_one(host, req);
		host_request_free(req);
	}
	return 0;
}

/* A program of its own: a 32-bit test needs a 64-bit host */
static void exec_host(int ready, uint8_t provider, uint32_t credits, const uint8_t *replay)
{
	char numbers[2][12];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The parent's sockets must end when the parent closes them */
	dup2(ready, STDIN_FILENO);
	close_range(STDERR_FILENO + 1, ~0U, 0);
	snprintf(numbers[0], sizeof(numbers[0]), "%u", provider);
	snprintf(numbers[1], sizeof(numbers[1]), "%u", credits);
	execl(HOST, HOST, numbers[0], numbers[1], replay ? "replay" : NULL, NULL);
	_exit(1);
}

pid_t host_start(uint8_t provider, uint32_t credits, const uint8_t *replay)
{
	int ready[2];
	int verdict = -EIO;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid == 0)
		exec_host(ready[1], provider, credits, replay);
	close(ready[1]);
	if (read(ready[0], &verdict, sizeof(verdict)) < 0)
		verdict = -errno;
	close(ready[0]);
	if (verdict) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return verdict;
	}
	return pid;
}
