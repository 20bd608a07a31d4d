/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is measured, and how: loads are things that a client does again and again.
 */
#ifndef SELFTESTS_BENCH_BENCH_H
#define SELFTESTS_BENCH_BENCH_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define THREADS_MAX	64

struct client;

/**
 * struct load - one kind of request
 * @name:	as it is in the tables
 * @size:	bytes of payload
 * @open:	prepare a client; called in the main thread. 0, or a message why not
 * @once:	one request and its answer: 0, or anything else that went wrong
 * @close:	undo @open, also after it failed
 */
struct load {
	const char *name;
	size_t size;
	const char *(*open)(struct client *client);
	int (*once)(struct client *client);
	void (*close)(struct client *client);
};

/**
 * struct client - who does it; a thread of its own
 * @load:	what it does
 * @in:		payload, @load->size bytes
 * @out:	room for the answer
 * @out_size:	bytes of it
 * @fd:		echoes: our end
 * @server:	echoes: the process at the other end
 * @handle:	the library's context
 * @key:	the library's key
 */
struct client {
	const struct load *load;
	uint8_t *in;
	uint8_t *out;
	size_t out_size;
	int fd;
	pid_t server;
	void *handle;
	void *key;
};

/* echo.c: the floors. What two processes on this machine pay to say hello */
extern const struct load load_unix;
extern const struct load load_netlink;

/* device.c: the device alone */
extern const struct load load_info;
extern const struct load load_device_ping;

/* parsec.c */
extern const struct load load_ping;
extern const struct load load_hash[6];
extern const struct load load_sign;

/* openssl.c: the same without asking anybody */
extern const struct load load_openssl_hash;
extern const struct load load_openssl_sign;

/* client.c */
const char *client_open(struct client *client, const struct load *load);
void client_close(struct client *client);

/* The loads that are measured, and with how many clients (0 ends the list) */
struct plan {
	const struct load *load;
	unsigned int threads[8];
};

int measure_time(const struct plan *plan, size_t count);
int measure_instructions(const struct plan *plan, size_t count);
int measure_memory(void);

#endif /* SELFTESTS_BENCH_BENCH_H */
