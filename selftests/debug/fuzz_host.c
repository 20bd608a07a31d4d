// SPDX-License-Identifier: Apache-2.0
/*
 * The fuzzer's hosts: sockets that register, take requests, and then answer, lie, babble or
 * go. Each thread has a socket of its own; all of a process are one host to the kernel.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "../device/device.h"
#include "../device/fakehost.h"
#include "fuzz_device.h"

#define HELD	PARSEC_NL_CREDITS_MAX

/** struct thread - one thread's own */
struct thread {
	uint64_t rnd;
	unsigned int nr;		/* of the process: what it serves first */
	struct host host;
	bool open;
	uint64_t id[HELD];		/* requests not answered yet */
	unsigned int ids;
	uint64_t last_id;		/* one that was */
	uint64_t session;		/* of some request */
};

static const int documented[] = {
	0, EPERM, EALREADY, EBUSY, EINVAL, ENOBUFS, ENOMEM, ENOENT, EMSGSIZE,
	ERANGE,			/* netlink itself: an attribute of a wrong length */
	ETIMEDOUT,		/* none came: what netlink takes for no message has no answer */
};

static void judge(int error)
{
	for (size_t i = 0; i < sizeof(documented) / sizeof(documented[0]); i++) {
		if (documented[i] == error) {
			count(&shared->verdicts[error]);
			return;
		}
	}
	shared->undocumented_errno = error;
	count(&shared->undocumented);
}

/* Requests that came on the way to an answer are not lost */
static void collect(struct thread *t, int ms)
{
	struct host_request *req;

	while (!host_receive(&t->host, &req, ms)) {
		count(&shared->requests);
		t->session = req->session;
		if (t->ids < HELD)
			t->id[t->ids++] = req->id;
		host_request_free(req);
		ms = 0;
	}
}

static void put_junk(struct thread *t, struct message *msg)
{
	uint8_t junk[300];
	size_t len = below(&t->rnd, sizeof(junk));

	for (size_t i = 0; i < len; i++)
		junk[i] = (uint8_t)any(&t->rnd);
	message_put(msg, (uint16_t)(one_in(&t->rnd, 3) ? any(&t->rnd) : below(&t->rnd, 24)),
		    junk, len);
}

/* Now and then not what it was: bits, lengths, the end */
static bool mutate(struct thread *t, struct message *msg)
{
	if (!one_in(&t->rnd, 6))
		return false;
	for (unsigned int i = 1 + below(&t->rnd, 3); i; i--) {
		/* The length at the beginning is put there when it is sent */
		size_t at = 4 + below(&t->rnd, (uint32_t)msg->len - 4);

		switch (below(&t->rnd, 4)) {
		case 0:
			msg->data[at] ^= (uint8_t)(1U << below(&t->rnd, 8));
			break;
		case 1:
			msg->data[at] = (uint8_t)any(&t->rnd);
			break;
		case 2:
			msg->len = at + 4;
			break;
		default:
			put_junk(t, msg);
		}
	}
	return true;
}

static void say(struct thread *t, struct message *msg)
{
	bool mutated = mutate(t, msg);
	int verdict;

	count(&shared->messages);
	if (mutated || one_in(&t->rnd, 8)) {
		host_send(&t->host, msg);
		return;
	}
	verdict = host_transact(&t->host, msg);
	judge(-verdict);
}

static void do_register(struct thread *t)
{
	static const uint32_t credits[] = { 1, 2, 3, 16, 64, 64, 0, 65, 0x80000000, 0xffffffff };
	uint8_t replay[PARSEC_NL_REPLAY_LEN + 1] = { 0xff };
	struct message msg;

	for (unsigned int i = 0; i < sizeof(replay); i++)
		replay[i] = (uint8_t)any(&t->rnd);
	message_start(&msg, &t->host, PARSEC_CMD_REGISTER);
	if (!one_in(&t->rnd, 20))
		message_put_u8(&msg, PARSEC_A_PROVIDER, (uint8_t)(t->nr % (PROVIDERS - 1)));
	if (!one_in(&t->rnd, 20))
		message_put_u32(&msg, PARSEC_A_CREDITS, credits[below(&t->rnd, 10)]);
	if (one_in(&t->rnd, 2))
		message_put(&msg, PARSEC_A_REPLAY, replay,
			    one_in(&t->rnd, 10) ? below(&t->rnd, sizeof(replay)) :
						  PARSEC_NL_REPLAY_LEN);
	if (one_in(&t->rnd, 20))
		put_junk(t, &msg);
	say(t, &msg);
}

static uint64_t some_id(struct thread *t)
{
	unsigned int i;

	if (!t->ids || one_in(&t->rnd, 12))
		return one_in(&t->rnd, 2) ? t->last_id : any(&t->rnd) % 100000;
	i = below(&t->rnd, t->ids);
	t->last_id = t->id[i];
	/* Sometimes once more, later */
	if (!one_in(&t->rnd, 12))
		t->id[i] = t->id[--t->ids];
	return t->last_id;
}

static size_t reply_length(uint64_t *rnd)
{
	switch (below(rnd, 40)) {
	case 0:
		return PARSEC_BODY_MAX + below(rnd, 3) - 1;
	case 1:
		return 2 * PARSEC_BODY_MAX;
	case 2:
	case 3:
		return below(rnd, 200000);
	default:
		return below(rnd, 300);
	}
}

static void do_reply(struct thread *t)
{
	static const uint8_t body[2 * PARSEC_BODY_MAX + 3];
	struct message msg;

	message_start(&msg, &t->host, PARSEC_CMD_REPLY);
	if (!one_in(&t->rnd, 40))
		message_put_u64(&msg, PARSEC_A_ID, some_id(t));
	if (!one_in(&t->rnd, 40))
		message_put_u16(&msg, PARSEC_A_STATUS, (uint16_t)any(&t->rnd));
	message_put_body(&msg, body, reply_length(&t->rnd),
			 one_in(&t->rnd, 4) ? 1 + below(&t->rnd, 5000) : PARSEC_NL_BODY_MAX);
	if (one_in(&t->rnd, 20))
		put_junk(t, &msg);
	say(t, &msg);
}

static void do_get_session(struct thread *t)
{
	struct message msg;

	message_start(&msg, &t->host, PARSEC_CMD_GET_SESSION);
	message_put_u64(&msg, PARSEC_A_SESSION,
			one_in(&t->rnd, 4) ? any(&t->rnd) : t->session);
	say(t, &msg);
}

static void do_babble(struct thread *t)
{
	struct message msg;

	message_start(&msg, &t->host, (uint8_t)below(&t->rnd, 8));
	for (unsigned int i = below(&t->rnd, 6); i; i--)
		put_junk(t, &msg);
	count(&shared->messages);
	host_send(&t->host, &msg);
}

/* Nothing more comes, until the socket is another one */
static void do_retire(struct thread *t)
{
	struct message msg;

	message_start(&msg, &t->host, PARSEC_CMD_RETIRE);
	say(t, &msg);
}

static void close_socket(struct thread *t)
{
	if (t->open)
		host_close(&t->host);
	t->open = false;
	t->ids = 0;
}

static void open_socket(struct thread *t)
{
	/* A port id of a small choice: another's may just have gone */
	uint32_t port = one_in(&t->rnd, 2) ? 0 : 0x70000000 + below(&t->rnd, 8);

	close_socket(t);
	t->open = host_open_at(&t->host, port) == 0;
	if (t->open && one_in(&t->rnd, 4))
		host_buffers(&t->host, (int)(2048 << below(&t->rnd, 8)));
}

/* A thread that is nobody for a moment: its right to register is gone */
static void do_unprivileged(struct thread *t)
{
	struct host host;

	if (syscall(SYS_setresuid, -1, NOBODY, -1))
		return;
	if (!host_open(&host)) {
		if (host_register(&host, 0, 1, NULL) != -EPERM) {
			shared->undocumented_errno = EPERM;
			count(&shared->undocumented);
		}
		host_close(&host);
	}
	if (syscall(SYS_setresuid, -1, 0, -1))
		_exit(1);
	(void)t;
}

static void *thread_main(void *arg)
{
	struct thread *t = arg;

	for (;;) {
		uint32_t what = below(&t->rnd, 100);

		if (!t->open || what < 1) {
			open_socket(t);
			if (t->open)
				do_register(t);
			continue;
		}
		collect(t, (int)below(&t->rnd, 5));
		if (what < 5)
			do_register(t);
		else if (what < 75 && t->ids)
			do_reply(t);
		else if (what < 78)
			do_reply(t);
		else if (what < 85)
			do_get_session(t);
		else if (what < 88)
			do_babble(t);
		else if (what < 89)
			do_unprivileged(t);
		else if (what < 90 && one_in(&t->rnd, 4))
			do_retire(t);
		else if (what < 91)
			sleep_ms(below(&t->rnd, 100));
	}
	return NULL;
}

void host_run(unsigned int nr, uint64_t seed)
{
	static struct thread threads[THREADS];
	pthread_t thread;

	for (unsigned int i = 0; i < THREADS; i++) {
		threads[i].rnd = ~seed * THREADS + i;
		threads[i].nr = nr;
		if (pthread_create(&thread, NULL, thread_main, &threads[i]))
			_exit(1);
	}
	for (;;)
		pause();
}
