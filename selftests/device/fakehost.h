/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A provider host that does as it is told: the netlink side of the device, for
 * tests. It speaks raw netlink, so that it can also say what no library would.
 *
 * All functions return 0 or a positive count on success and -errno on failure.
 */
#ifndef SELFTESTS_DEVICE_FAKEHOST_H
#define SELFTESTS_DEVICE_FAKEHOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <linux/parsec.h>
#include <linux/parsec_netlink.h>
#include "device.h"

struct nlattr;

/* How long the kernel may take for what it does at once, in milliseconds */
#define SOON	slow_ms(2000)
/* How long a test waits to see that nothing comes */
#define NEVER	60

/**
 * struct host - a netlink socket that is or can be a worker
 * @fd:		the socket
 * @family:	id of the parsec family
 * @seq:	last sequence number used
 * @max_request: from the answer to REGISTER
 * @max_response: from the answer to REGISTER
 * @overruns:	how often the kernel reported ENOBUFS
 * @buf:	last message received
 * @held:	requests that arrived while something else was awaited
 * @held_count:	how many of them
 */
struct host {
	int fd;
	uint16_t family;
	uint32_t seq;
	uint32_t max_request;
	uint32_t max_response;
	unsigned int overruns;
	uint8_t *buf;
	struct host_request *held[PARSEC_NL_CREDITS_MAX];
	unsigned int held_count;
};

/**
 * struct host_request - a REQUEST message
 * @seen:	bit n: attribute n was in it
 * @body:	all BODY attributes, joined
 * @len:	bytes of them
 */
struct host_request {
	uint32_t seen;
	uint64_t id;
	uint64_t session;
	uint64_t deadline;
	uint32_t pid;
	uint8_t provider;
	uint8_t opcode;
	size_t len;
	uint8_t *body;
};

/** struct host_identity - the answer to GET_SESSION */
struct host_identity {
	uint32_t seen;		/* bit n: PARSEC_A_ID_n was in it */
	uint32_t uid, gid, flags, pid, userns_owner, userns_level, loginuid;
	uint64_t session, start_time, userns, pidns, mntns, cgroup, exe_dev, exe_ino;
	uint32_t max_waiting, max_running, max_open;	/* LIMIT_DEFAULT: not in it */
	char cgroup_path[4096];
	char lsm[256];
	char exe[4096];
};

/** struct message - a netlink message under construction */
struct message {
	uint8_t *data;
	size_t len;
	size_t size;
};

int host_open(struct host *host);
/* The same with a port id of the test's choice */
int host_open_at(struct host *host, uint32_t portid);
uint32_t host_portid(const struct host *host);
void host_close(struct host *host);
void host_buffers(struct host *host, int bytes);

/* A message of the family with no attributes yet; host_transact() frees it */
void message_start(struct message *msg, struct host *host, uint8_t cmd);
void message_put(struct message *msg, uint16_t type, const void *data, size_t len);
void message_put_u8(struct message *msg, uint16_t type, uint8_t value);
void message_put_u16(struct message *msg, uint16_t type, uint16_t value);
void message_put_u32(struct message *msg, uint16_t type, uint32_t value);
void message_put_u64(struct message *msg, uint16_t type, uint64_t value);
void message_put_body(struct message *msg, const void *body, size_t len, size_t piece);

/* The attribute after @attr between @start and @end, the first one for NULL */
const struct nlattr *attr_next(const uint8_t *start, const uint8_t *end,
			       const struct nlattr *attr);
const uint8_t *attr_data(const struct nlattr *attr);
size_t attr_len(const struct nlattr *attr);
/* Numbers of any width up to 64 bits, host order */
uint64_t attr_number(const struct nlattr *attr);

/* Ask for a dump; @take gets the attributes of each message */
int host_dump(struct host *host, uint8_t cmd,
	      void (*take)(const uint8_t *at, const uint8_t *end, void *arg), void *arg);

/* Send, with or without a request for acknowledgement; wait for the verdict */
int host_transact(struct host *host, struct message *msg);
int host_send(struct host *host, struct message *msg);
/* The verdict on the last message alone */
int host_verdict(struct host *host);

int host_register(struct host *host, uint8_t provider, uint32_t credits,
		  const uint8_t *replay);
/* In place of another process that serves it */
int host_take_over(struct host *host, uint8_t provider, uint32_t credits,
		   const uint8_t *replay);
/* Get nothing more */
int host_retire(struct host *host);
int host_identity(struct host *host, uint64_t session, struct host_identity *identity);

/* What module parameters say */
#define LIMIT_DEFAULT	UINT32_MAX

int host_set_limits(struct host *host, uint64_t session, uint32_t waiting, uint32_t running,
		    uint32_t open);

/**
 * struct host_stats - the answer to GET_STATS, numbers by attribute
 * @module:	PARSEC_A_STAT_*
 * @provider:	PARSEC_A_PSTAT_*, by provider id
 * @account:	PARSEC_A_ASTAT_*, @accounts of them
 * @path:	their PARSEC_A_ASTAT_CGROUP_PATH
 */
struct host_stats {
	uint64_t module[PARSEC_A_STAT_MAX + 1];
	uint64_t provider[256][PARSEC_A_PSTAT_MAX + 1];
	uint64_t account[512][PARSEC_A_ASTAT_MAX + 1];
	char path[512][128];
	unsigned int modules, providers, accounts;
};

int host_stats(struct host *host, struct host_stats *stats);
/* The account of a user that is in the initial user namespace, or NULL */
const uint64_t *host_account(const struct host_stats *stats, uid_t uid);

/* -ETIMEDOUT when nothing came within @ms; free with host_request_free() */
int host_receive(struct host *host, struct host_request **req, int ms);
void host_request_free(struct host_request *req);

/* Answer; the kernel's verdict as the result. host_answer() also frees @req */
int host_reply(struct host *host, uint64_t id, uint16_t status, const void *body, size_t len);
int host_answer(struct host *host, struct host_request *req, uint16_t status);

/* What a host process of its own does with an opcode; others are echoed */
enum host_opcode {
	OP_ECHO		= 0x01,	/* status 0, the body comes back */
	OP_STATUS	= 0x02,	/* the u16 in the body is the status */
	OP_SIZE		= 0x03,	/* a pattern of as many bytes as the u32 in the body */
	OP_DIE		= 0x04,	/* the host is killed */
	OP_FACTS	= 0x05,	/* struct host_facts of the request comes back */
	OP_LOST		= 0x06,	/* never answered */
};

struct host_facts {
	uint64_t session;
	uint64_t deadline;
	uint32_t pid;
	uint8_t provider;
	uint8_t opcode;
	uint8_t reserved[2];
};

/* Start it and wait until it has registered: its process id, or -errno */
pid_t host_start(uint8_t provider, uint32_t credits, const uint8_t *replay);

/* Serve until the module goes away or @requests are answered (0: no limit) */
int host_serve(struct host *host, unsigned int requests);

/* The same bytes for the same length and seed, for checking bodies */
void pattern_fill(uint8_t *data, size_t len, uint32_t seed);
bool pattern_matches(const uint8_t *data, size_t len, uint32_t seed);

/* REPLAY bitmaps: every operation, and none but @opcode */
extern const uint8_t replay_all[PARSEC_NL_REPLAY_LEN];
const uint8_t *replay_only(uint8_t opcode);

#endif /* SELFTESTS_DEVICE_FAKEHOST_H */
