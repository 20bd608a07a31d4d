// SPDX-License-Identifier: Apache-2.0
/*
 * Requests of processes that can be killed.
 */
#include "selftests/deaths/call.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/parsec.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "selftests/device/device.h"

/* Who is killed is gone after this; the machine may have much else to do */
#define KILLED_MS	5000
/* For requests of the test's own: a host may be on its way up */
#define NOW_MS		60000

/* The file stays open when a thread of its process is killed by another's execve(2) */
static int ask(const struct call *call, uint8_t *answer, uint32_t *len)
{
	int fd = open("/dev/parsec", O_RDWR);
	struct parsec_op op = {
		.provider = call->provider,
		.timeout_ms = call->timeout_ms,
		.in_len = call->len,
		.in = (uintptr_t)call->body,
		.out_len = CALL_ANSWER_MAX,
		.out = (uintptr_t)answer,
	};
	int result;

	if (fd < 0)
		return -errno;
	result = ioctl(fd, PARSEC_IOC_OP(call->opcode), &op) ? -errno : op.status;
	close(fd);
	if (len)
		*len = op.out_len;
	return result;
}

static void *ask_in_thread(void *arg)
{
	static uint8_t answer[CALL_ANSWER_MAX];
	struct call *call = arg;
	int64_t start = clock_ms();

	call->tid = gettid();
	call->result = ask(call, answer, NULL);
	call->ms = clock_ms() - start;
	call->finished = true;
	pause();
	return NULL;
}

static void __attribute__((noreturn)) be_caller(struct call *call, int order)
{
	pthread_t thread;
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (pthread_create(&thread, NULL, ask_in_thread, call))
		_exit(1);
	while (read(order, &byte, 1) < 0 && errno == EINTR)
		;
	execl("/proc/self/exe", "sleep", NULL);
	_exit(1);
}

static void fill(struct call *call, uint8_t provider, uint8_t opcode,
		 const struct contract_request *req)
{
	struct parsec_out out = { call->body, sizeof(call->body), 0 };

	if (contract_encode_request(opcode, req, &out))
		abort();
	call->provider = provider;
	call->opcode = opcode;
	call->len = (uint32_t)out.len;
}

struct call *call_start(uint8_t provider, uint8_t opcode, const struct contract_request *req,
			uint32_t timeout_ms)
{
	struct call *call = mmap(NULL, sizeof(*call), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int order[2];
	pid_t pid;

	if (call == MAP_FAILED || pipe2(order, O_CLOEXEC))
		abort();
	fill(call, provider, opcode, req);
	call->timeout_ms = timeout_ms;
	call->result = -EINPROGRESS;
	pid = fork();	/* not into memory that the child has, too */
	if (pid < 0)
		abort();
	if (!pid) {
		close(order[1]);
		be_caller(call, order[0]);
	}
	close(order[0]);
	call->pid = pid;
	call->order = order[1];
	return call;
}

bool call_waits(const struct call *call)
{
	char path[64], text[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", call->pid, call->tid);
	return call->tid && read_file(path, text, sizeof(text)) > 0 && atoi(text) == 16;
}

bool call_kill_process(struct call *call)
{
	int64_t end = clock_ms() + KILLED_MS;

	kill(call->pid, SIGKILL);
	while (waitpid(call->pid, NULL, WNOHANG) != call->pid) {
		if (clock_ms() > end)
			return false;
		sleep_ms(1);
	}
	call->pid = 0;
	return true;
}

/* The process is there, and nothing of it waits for an answer any more */
bool call_kill_thread(struct call *call)
{
	int64_t end = clock_ms() + KILLED_MS;
	char path[64];

	close(call->order);
	call->order = -1;
	snprintf(path, sizeof(path), "/proc/%d/task/%d", call->pid, call->tid);
	while (!access(path, F_OK)) {
		if (clock_ms() > end)
			return false;
		sleep_ms(1);
	}
	return !kill(call->pid, 0) && waitpid(call->pid, NULL, WNOHANG) == 0;
}

void call_end(struct call *call)
{
	if (!call)
		return;
	if (call->order >= 0)
		close(call->order);
	if (call->pid)
		call_kill_process(call);
	munmap(call, sizeof(*call));
}

int call_now(uint8_t provider, uint8_t opcode, const struct contract_request *req,
	     uint8_t *answer, uint32_t *len)
{
	static uint8_t room[CALL_ANSWER_MAX];
	struct call call = { .timeout_ms = NOW_MS };

	fill(&call, provider, opcode, req);
	return ask(&call, answer ?: room, len);
}
