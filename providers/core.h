/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The core provider: it holds no keys and knows the other providers. Built into the
 * host, which lends it a way to ask the others (struct core_link) and encodes what it
 * answers.
 */
#ifndef PARSEC_CORE_H
#define PARSEC_CORE_H

#include "providers/provider.h"

#define CORE_UUID		"47049873-2a43-4845-9d72-831eab668784"
#define CORE_DESCRIPTION	"Lists providers, operations and keys"
#define CORE_VENDOR		""

/* Bytes of an encoded ProviderInfo at most */
#define CORE_INFO_MAX		2048

/* Operations as bits: opcode n is bit n % 32 of word n / 32 */
#define CORE_OPCODE_WORDS	4

/**
 * struct core_peer - another provider, as configured
 * @name:	its name
 * @id:		its wire id
 */
struct core_peer {
	const char *name;
	uint8_t id;
};

/**
 * struct core_description - what a provider says about itself
 * @info:	body of a ListProviders answer with this provider alone
 * @info_len:	its bytes
 * @opcodes:	operations that it has
 */
struct core_description {
	uint8_t info[CORE_INFO_MAX];
	size_t info_len;
	uint32_t opcodes[CORE_OPCODE_WORDS];
};

/**
 * struct core_caller - on whose behalf is asked, and what
 * @auth_id:	authenticator that vouches for @app
 * @app:	application
 * @body:	request body of the question
 */
struct core_caller {
	uint32_t auth_id;
	struct parsec_span app;
	struct parsec_span body;
};

/**
 * struct core_link - how core reaches the others, lent by the host
 * @describe:	ask a provider about itself
 * @ask:	perform an operation on behalf of an application; appends the body of its
 *		answer to @answer. PARSEC_RESPONSE_TOO_LARGE when it does not fit
 * @is_same:	has the process that answered last been there ever since?
 *
 * @peer is an index into the peers given to core_new(). A provider that cannot be
 * asked is PARSEC_PSA_ERROR_COMMUNICATION_FAILURE.
 */
struct core_link {
	enum parsec_status (*describe)(void *arg, size_t peer,
				       struct core_description *description);
	enum parsec_status (*ask)(void *arg, size_t peer, uint8_t opcode,
				  const struct core_caller *caller,
				  struct parsec_out *answer);
	bool (*is_same)(void *arg, size_t peer);
};

struct core;

/**
 * core_new() - start
 * @peers:	the others, in order of preference
 * @link:	used until core_free(), with @arg
 *
 * Asks every peer about itself; one that does not answer is asked again later.
 *
 * Return: NULL without memory.
 */
struct core *core_new(const struct core_peer *peers, size_t count,
		      const struct core_link *link, void *arg);

/** core_free() - NULL is fine */
void core_free(struct core *core);

/**
 * core_answer_for() - the answer to a request for a provider that is not there
 * @provider:	id that the caller named, not core's
 * @opcode:	known operation
 * @crypto:	it is one that providers perform
 *
 * Return: PARSEC_PROVIDER_DOES_NOT_EXIST, PARSEC_PROVIDER_NOT_REGISTERED,
 * PARSEC_PSA_ERROR_NOT_SUPPORTED for what it could not do anyway, or
 * PARSEC_PSA_ERROR_COMMUNICATION_FAILURE.
 */
enum parsec_status core_answer_for(struct core *core, uint32_t provider, uint8_t opcode,
				   bool crypto);

/**
 * core_list_providers() - body of the ListProviders answer, without core itself
 *
 * One whose host is down is there as it was known last.
 */
enum parsec_status core_list_providers(struct core *core, struct parsec_out *answer);

/** core_list_opcodes() - operations of another provider */
enum parsec_status core_list_opcodes(struct core *core, uint32_t provider,
				     uint32_t opcodes[CORE_OPCODE_WORDS]);

/**
 * core_ask_all() - the same question to all providers
 * @opcode:	ListKeys, ListClients or DeleteClient
 * @answer:	bodies of their answers, one after the other: that is the body with all of
 *		their lists
 *
 * A provider that fails contributes nothing.
 *
 * Return: PARSEC_SUCCESS or PARSEC_RESPONSE_TOO_LARGE.
 */
enum parsec_status core_ask_all(struct core *core, uint8_t opcode,
				const struct core_caller *caller,
				struct parsec_out *answer);

/**
 * core_ask_each() - the same, where it matters which provider did not answer
 * @answer:	bodies of their answers, after what it has in it
 * @failed:	told of each provider that contributes nothing, with the status; may append
 *		to @answer itself
 */
void core_ask_each(struct core *core, uint8_t opcode, const struct core_caller *caller,
		   struct parsec_out *answer,
		   void (*failed)(void *arg, const struct core_peer *peer,
				  enum parsec_status status), void *arg);

#endif /* PARSEC_CORE_H */
