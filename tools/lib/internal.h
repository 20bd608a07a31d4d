/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside libparsec: a context, and the one way in which all functions ask.
 */
#ifndef PARSEC_LIB_INTERNAL_H
#define PARSEC_LIB_INTERNAL_H

#include <stdatomic.h>

#include "helper/contract/contract.h"
#include "tools/lib/parsec.h"

/**
 * struct parsec - a context
 * @fd:		the device
 * @timeout_ms:	of each call
 * @chosen:	provider of parsec_use_provider(); core: none
 * @preferred:	the service's first provider; core: not asked yet
 *
 * Nothing is locked, so a child made by fork() finds nothing locked.
 */
struct parsec {
	int fd;
	atomic_uint timeout_ms;
	atomic_uchar chosen;
	atomic_uchar preferred;
};

/**
 * parsec_ask() - perform an operation
 * @provider:	wire id
 * @opcode:	operation
 * @req:	members of that operation filled in
 * @room:	bytes of response that are likely, 0 if that is few
 * @result:	filled in, to be freed with contract_result_free() after success
 *
 * Return: a result of this library.
 */
int parsec_ask(struct parsec *ctx, uint8_t provider, uint8_t opcode,
	       const struct contract_request *req, size_t room,
	       struct contract_result *result);

/** parsec_ask_crypto() - the same, of the provider in use */
int parsec_ask_crypto(struct parsec *ctx, uint8_t opcode,
		      const struct contract_request *req, size_t room,
		      struct contract_result *result);

/** parsec_tell() - the same, for an operation whose result is empty */
int parsec_tell(struct parsec *ctx, uint8_t opcode, const struct contract_request *req);

/** parsec_fetch() - the same, for one whose result is some bytes */
int parsec_fetch(struct parsec *ctx, uint8_t opcode, const struct contract_request *req,
		 void *data, size_t size, size_t *len);

/** parsec_name() - the name of a key as bytes */
struct parsec_span parsec_name(const char *name);

static inline struct parsec_span parsec_bytes(const void *data, size_t len)
{
	return (struct parsec_span) { data, len };
}

#endif /* PARSEC_LIB_INTERNAL_H */
