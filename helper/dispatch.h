/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a request to its answer: one table of operations and one straight line of
 * checks, the same for every provider and every transport.
 */
#ifndef PARSEC_DISPATCH_H
#define PARSEC_DISPATCH_H

#include <sys/types.h>

#include "helper/audit.h"
#include "helper/buffer.h"
#include "helper/config.h"
#include "helper/contract/contract.h"
#include "helper/hash.h"
#include "helper/identity.h"
#include "helper/keystore.h"
#include "helper/rulebook.h"

/* Opcodes are below this: as many as an ioctl number can carry */
#define OPCODE_COUNT	0x80

struct core;
struct device_nodes;
struct netlink_stats_sink;

/**
 * struct host - what one process serves; does not change while it serves
 * @config:	configuration; its rules are those of the start
 * @book:	the rules in force, NULL in hosts that identify nobody
 * @name:	the provider's name, as configured
 * @id:		its wire id
 * @plugin:	the provider, NULL in the core host
 * @store:	its keys, NULL in the core host
 * @audit:	its audit log, or NULL
 * @stats:	what it counts, or NULL
 * @core:	in the core host: the other providers; else NULL
 * @core_user:	who may ask over the inner line
 * @devices:	what the provider may open, NULL for no devices
 */
struct host {
	const struct config *config;
	struct rulebook *book;
	const char *name;
	uint8_t id;
	struct plugin *plugin;
	struct keystore *store;
	struct audit *audit;
	struct stats *stats;
	struct core *core;
	uid_t core_user;
	struct device_nodes *devices;
};

/**
 * struct scratch - memory that a thread keeps from call to call
 * @output:	where providers put their outputs: buffer_size_limit bytes
 * @hash:	for hash_compute()
 */
struct scratch {
	struct buffer output;
	struct hash_context *hash;
};

/** enum transport - where a request comes from */
enum transport {
	TRANSPORT_DEVICE,	/* an application, through the kernel */
	TRANSPORT_INNER,	/* the core host */
};

/**
 * struct call - a request on its way
 *
 * Filled in by the transport:
 * @host:	who serves it
 * @transport:	where it comes from
 * @provider:	provider that the caller named
 * @opcode:	operation
 * @session:	the caller's open file, 0 = none
 * @start:	when it came in, CLOCK_MONOTONIC ns
 * @deadline:	when nobody waits for it any more, likewise; 0 = never
 * @body:	request body
 * @identify:	who is calling; a reference, or NULL when that cannot be told. Called
 *		when an operation needs to know, at most once
 * @facts:	what the kernel says about the caller; strings are valid until dispatch()
 *		returns. Negative errno when that cannot be told; NULL: nobody can ask here
 * @kernel_stats: what the kernel has counted: netlink_stats(), or NULL
 * @identify_arg: for @identify, @facts and @kernel_stats
 * @scratch:	the thread's
 * @out:	room for the response body
 *
 * Filled in by dispatch(), and freed by dispatch_end():
 * @identity:	who is calling, when it was asked
 * @req:	the decoded request
 * @key:	the key in use
 * @attesting:	the key that attests it, when the request names one
 * @result:	what is to be encoded
 * @output_used: call_output() was called
 * @made_key:	a key was made: dispatch_undo() when nobody takes the answer
 * @backend_id:	which
 */
struct call {
	const struct host *host;
	enum transport transport;
	uint8_t provider;
	uint8_t opcode;
	uint64_t session;
	uint64_t start;
	uint64_t deadline;
	struct parsec_span body;
	struct identity *(*identify)(void *arg);
	int (*facts)(void *arg, struct parsec_facts *facts);
	int (*kernel_stats)(void *arg, const struct netlink_stats_sink *sink);
	void *identify_arg;
	struct scratch *scratch;
	struct parsec_out out;

	struct identity *identity;
	struct contract_request req;
	struct keystore_key *key;
	struct keystore_key *attesting;
	struct contract_result result;
	bool output_used;
	bool made_key;
	uint8_t backend_id[PARSEC_BACKEND_ID_SIZE];
};

/**
 * dispatch() - check, perform, encode
 *
 * With PARSEC_SUCCESS the response body is in @call->out; with any other status there
 * is none. dispatch_end() must follow.
 */
enum parsec_status dispatch(struct call *call);

/** dispatch_undo() - remove the key that the call has made: nobody took the answer */
void dispatch_undo(const struct call *call);

/** dispatch_end() - wipe and free what the call took */
void dispatch_end(struct call *call);

/** scratch_init() - Return: false without memory */
bool scratch_init(struct scratch *scratch, const struct config *config);
void scratch_free(struct scratch *scratch);

/** dispatch_replay() - which operations may run twice, for the kernel's REPLAY */
void dispatch_replay(uint8_t *bitmap, size_t size);

/** dispatch_serves() - does the host perform this operation? */
bool dispatch_serves(const struct host *host, uint8_t opcode);

/* For operations (ops.h) */

/** call_key() - the key that the request names */
struct key_identity call_key(const struct call *call);

/**
 * call_supported() - can the provider do this with a key like the one in use?
 * @can:	enum parsec_can bit of the primitive, with the algorithm of the request
 *
 * Return: PARSEC_SUCCESS or PARSEC_PSA_ERROR_NOT_SUPPORTED.
 */
enum parsec_status call_supported(const struct call *call, uint32_t can);

/** call_append() - encode a result behind what is in the response body already */
enum parsec_status call_append(struct call *call, const struct contract_result *result);

/** call_output() - room for an output of the provider */
struct parsec_out call_output(struct call *call);

#endif /* PARSEC_DISPATCH_H */
