/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the unit tests: applications and hosts that exist only inside the kernel.
 *
 * A test's helpers abort the test case when they cannot do what they are for;
 * fake_exit() releases all that was made since fake_init(), in any case.
 */
#ifndef _PARSEC_KERNEL_FAKE_KUNIT_H
#define _PARSEC_KERNEL_FAKE_KUNIT_H

#include <kunit/test.h>

#include "parsec.h"
#include "queue.h"

#define FAKE_SESSIONS	8
#define FAKE_WORKERS	8
#define FAKE_REQUESTS	64

/* Provider ids that no host of a test machine serves; core is 0 */
#define FAKE_PROVIDER	200
#define FAKE_OTHER	201

/**
 * struct fake - what one test case uses
 * @sessions: one of each account, by who opens it
 * @requests: as parsec_request_run() would make them, with one reference
 * @workers: registered ones; NULL once it was closed
 * @sockets: theirs
 * @session_count: entries of @sessions
 * @request_count: entries of @requests
 * @worker_count: entries of @workers
 * @max_waiting: the module parameter as it was
 * @max_response: the module parameter as it was
 * @grace_ms: the module parameter as it was
 */
struct fake {
	struct parsec_session sessions[FAKE_SESSIONS];
	struct parsec_request *requests[FAKE_REQUESTS];
	struct parsec_worker *workers[FAKE_WORKERS];
	struct socket *sockets[FAKE_WORKERS];
	unsigned int session_count;
	unsigned int request_count;
	unsigned int worker_count;
	unsigned int max_waiting;
	unsigned int max_response;
	unsigned int grace_ms;
};

int fake_init(struct kunit *test);
void fake_exit(struct kunit *test);

struct parsec_session *fake_session(struct kunit *test, uid_t uid);
void fake_leave(struct kunit *test);
struct parsec_request *fake_request(struct kunit *test,
				    struct parsec_session *session, u8 opcode);
void fake_message(struct kunit *test, struct parsec_request *req);

struct parsec_worker *fake_worker(struct kunit *test, u8 provider, u32 credits);
int fake_worker_try(struct kunit *test, u8 provider, u32 credits,
		    struct parsec_worker **worker);
void fake_close(struct kunit *test, struct parsec_worker *worker);
u64 fake_receive(struct parsec_worker *worker);
int fake_answer_long(struct parsec_worker *worker, u64 id, u16 status, u32 len);
int fake_answer(struct parsec_worker *worker, u64 id);

bool fake_wait(bool (*is_so)(const void *arg), const void *arg);

#endif /* _PARSEC_KERNEL_FAKE_KUNIT_H */
