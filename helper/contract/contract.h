/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operation bodies: protobuf messages of the Parsec contract on one side, plain
 * structs on the other. Used in one direction by the helper, in the other by
 * libparsec; nothing else of the tree sees a protobuf message.
 *
 * One struct serves the requests of all operations and one their results; the
 * comments say which operation uses a member.
 */
#ifndef PARSEC_CONTRACT_H
#define PARSEC_CONTRACT_H

#include <parsec/comparison.h>
#include <parsec/identity.h>
#include <parsec/stats.h>
#include <parsec/status.h>
#include <parsec/types.h>
#include "providers/provider.h"

/**
 * struct contract_request - request of any operation
 * @key_name:	the key, checked to be UTF-8 (status 7) and 1 to
 *		PARSEC_KEY_NAME_MAX bytes without NUL (1135)
 * @attrs:	GenerateKey, ImportKey. Usage implied by other usage is set
 * @alg:	the algorithm of every operation that names one; HashCompute, HashCompare:
 *		kind HASH
 * @input:	what is hashed, signed, verified, imported, encrypted, decrypted or
 *		authenticated; RawKeyAgreement: the peer's public key; AttestKey: the
 *		credential blob
 * @reference:	VerifyHash, VerifyMessage: signature; HashCompare: hash; MacVerify: MAC
 * @nonce:	AeadEncrypt, AeadDecrypt
 * @additional_data: AeadEncrypt, AeadDecrypt
 * @label:	AsymmetricEncrypt, AsymmetricDecrypt: the contract's salt
 * @secret:	AttestKey
 * @attesting_key: AttestKey, PrepareKeyAttestation: its name, checked like @key_name but for
 *		empty, which is the provider's own
 * @client:	DeleteClient: application name, valid UTF-8
 * @check:	CanDoCrypto: enum parsec_check
 * @size:	GenerateRandom: bytes
 * @provider_id: ListOpcodes
 * @facts:	Explain
 * @details:	CompareKeys
 * @arena:	decoding: owns what the spans point to, but for large inputs
 */
struct contract_request {
	struct parsec_span key_name;
	struct parsec_key_attributes attrs;
	struct parsec_alg alg;
	struct parsec_span input;
	struct parsec_span reference;
	struct parsec_span nonce;
	struct parsec_span additional_data;
	struct parsec_span label;
	struct parsec_span secret;
	struct parsec_span attesting_key;
	struct parsec_span client;
	uint8_t check;
	uint64_t size;
	uint32_t provider_id;
	struct parsec_facts facts;
	bool details;
	void *arena;
};

/** struct contract_provider - ProviderInfo; strings are NUL-terminated */
struct contract_provider {
	const char *uuid;
	const char *description;
	const char *vendor;
	uint32_t version[3];
	uint32_t id;
};

/** struct contract_authenticator - AuthenticatorInfo */
struct contract_authenticator {
	const char *description;
	uint32_t version[3];
	uint32_t id;
};

/** struct contract_key - KeyInfo of ListKeys */
struct contract_key {
	uint32_t provider_id;
	struct parsec_span name;
	struct parsec_key_attributes attrs;
};

/**
 * struct contract_result - result of any operation
 * @version:	Ping: wire protocol, major and minor
 * @data:	the one output of the others: signature, hash, key, random bytes,
 *		ciphertext, plaintext, MAC, shared secret, credential
 * @opcodes:	ListOpcodes, @count of them
 * @providers:	ListProviders, @count
 * @authenticators: ListAuthenticators, @count
 * @keys:	ListKeys, @count
 * @clients:	ListClients, @count
 * @name:	PrepareKeyAttestation: name of the key; @data is its public area
 * @attesting_public: PrepareKeyAttestation
 * @facts:	WhoAmI
 * @decision:	WhoAmI, Explain
 * @verdicts:	Explain, @count of them
 * @stats:	GetStats
 * @comparison:	CompareKeys
 * @count:	see above
 * @arena:	decoding: owns what the pointers point to
 */
struct contract_result {
	uint32_t version[2];
	struct parsec_span data;
	const uint32_t *opcodes;
	const struct contract_provider *providers;
	const struct contract_authenticator *authenticators;
	const struct contract_key *keys;
	const struct parsec_span *clients;
	struct parsec_span name;
	struct parsec_span attesting_public;
	struct parsec_facts facts;
	struct parsec_decision decision;
	const struct parsec_verdict *verdicts;
	const struct parsec_stats *stats;
	const struct parsec_comparison *comparison;
	size_t count;
	void *arena;
};

/**
 * contract_decode_request() - request body to struct
 * @opcode:	an operation that this codec knows (contract_knows())
 * @body:	bytes as received; must stay until contract_request_free(), as large
 *		inputs are not copied
 * @req:	filled in; free with contract_request_free(), also after a failure
 *
 * Return: PARSEC_SUCCESS; PARSEC_DESERIALIZING_BODY_FAILED: not a valid protobuf
 * message of this operation (contract, section 7); PARSEC_INVALID_ENCODING:
 * something mandatory is missing or an enum value is not known;
 * PARSEC_PSA_ERROR_INVALID_ARGUMENT: key name too long, empty or with a NUL;
 * PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY.
 */
enum parsec_status contract_decode_request(uint8_t opcode, struct parsec_span body,
					   struct contract_request *req);

/** contract_request_free() - wipe and free what decoding allocated */
void contract_request_free(struct contract_request *req);

/**
 * contract_encode_result() - result struct to response body
 * @opcode:	operation
 * @result:	members of that operation filled in
 * @out:	where the body goes; @out->len is its size also when it does not fit
 *
 * Return: PARSEC_SUCCESS, PARSEC_RESPONSE_TOO_LARGE when it does not fit,
 * PARSEC_SERIALIZING_BODY_FAILED for values that have no encoding.
 */
enum parsec_status contract_encode_result(uint8_t opcode,
					  const struct contract_result *result,
					  struct parsec_out *out);

/**
 * contract_encode_request() - client side: request struct to body
 * @opcode:	operation
 * @req:	members of that operation filled in
 * @out:	where the body goes; @out->len is its size also when it does not fit.
 *		It may hold secrets: wipe it
 *
 * Return: PARSEC_SUCCESS; PARSEC_PSA_ERROR_BUFFER_TOO_SMALL when it does not fit;
 * PARSEC_PSA_ERROR_INVALID_ARGUMENT for a key name that decoding would refuse;
 * PARSEC_INVALID_ENCODING for values that have no encoding.
 */
enum parsec_status contract_encode_request(uint8_t opcode,
					   const struct contract_request *req,
					   struct parsec_out *out);

/**
 * contract_decode_result() - client side: response body to struct
 *
 * @opcode:	operation
 * @body:	bytes as received; not needed any more afterwards
 * @result:	filled in; free with contract_result_free(), also after a failure
 *
 * Return: as contract_decode_request().
 */
enum parsec_status contract_decode_result(uint8_t opcode, struct parsec_span body,
					  struct contract_result *result);

/** contract_result_free() - wipe and free what decoding allocated */
void contract_result_free(struct contract_result *result);

/** contract_knows() - does the codec know this operation? */
bool contract_knows(uint8_t opcode);

#endif /* PARSEC_CONTRACT_H */
