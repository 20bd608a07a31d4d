/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The applications' side of the device, for tests: loading the module, requests in
 * processes of their own that can be watched and killed.
 *
 * Functions return 0 or a positive value on success and -errno on failure.
 */
#ifndef SELFTESTS_DEVICE_DEVICE_H
#define SELFTESTS_DEVICE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <linux/parsec.h>

#define DEVICE		"/dev/parsec"
#define PARAMETERS	"/sys/module/parsec/parameters"

/* Two ordinary users, and one who owns files */
#define ALICE	1001
#define BOB	1002
#define NOBODY	65534

/* The module that belongs to this kernel; @params as for insmod */
int module_load(const char *params);
int module_unload(void);
/* Unload, waiting for what the last test left behind to go, and load */
int module_reload(const char *params);
bool module_loaded(void);
/* Path of the module's file */
const char *module_path(void);

int device_open(void);
int device_info(int fd, struct parsec_info *info);
int device_op(int fd, unsigned int opcode, struct parsec_op *op);
/* A request without bodies to core: its result */
int device_ping(int fd);

/** struct ask - what a caller asks for */
struct ask {
	int fd;			/* an open file, or 0: the caller opens its own */
	uid_t uid;		/* who the caller becomes before that, 0: stays root */
	unsigned int opcode;
	uint8_t provider;
	uint32_t timeout_ms;
	const void *in;
	uint32_t in_len;
	uint32_t room;		/* at caller->out */
};

/**
 * struct caller - a process that makes one request, in memory shared with it
 * @pid:	process
 * @finished:	the ioctl returned
 * @result:	0 or -errno
 * @ms:		how long it took
 * @session:	number of the open file
 * @op:		as the kernel left it
 * @size:	bytes of this mapping
 * @out:	response body
 */
struct caller {
	pid_t pid;
	volatile int finished;
	int result;
	int64_t ms;
	uint64_t session;
	struct parsec_op op;
	size_t size;
	uint8_t out[];
};

struct caller *caller_start(const struct ask *ask);
/* Wait until it sleeps in the ioctl */
int caller_settle(struct caller *caller);
/* Wait for its end: its result, or -ETIME when it did not end within @ms */
int caller_join(struct caller *caller, int ms);
/* Kill it: 0 when it died at once, -ETIME when it could not be killed */
int caller_kill(struct caller *caller);
void caller_free(struct caller *caller);

/* Run @fn in a child that has no descriptors but @keep_fd (-1: none): what it
 * returned, -ETIME when it took more than 10 s (slow_ms()), -EFAULT when it crashed
 */
int in_child(int (*fn)(void *), void *arg, int keep_fd);
/* For use in such a child: become an ordinary user for good */
int become(uid_t uid);

/*
 * What has to be waited for, longer on a kernel that is slow because it looks for errors. Limits
 * of time, and times that a test has to be within, are to be said through this; those of
 * TEST_F_TIMEOUT() are longer there by themselves.
 */
int slow_ms(int ms);

int64_t clock_ms(void);
void sleep_ms(unsigned int ms);
/* A short file: bytes read (terminated), or bytes written */
int read_file(const char *path, char *buf, size_t size);
int write_file(const char *path, const char *text);

#endif /* SELFTESTS_DEVICE_DEVICE_H */
