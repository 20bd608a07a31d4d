/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the codec: messages of the operations that are this service's own.
 */
#ifndef PARSEC_CONTRACT_SERVICE_H
#define PARSEC_CONTRACT_SERVICE_H

#include <parsec/identity.h>
#include <parsec/status.h>

#include "helper/contract/arena.h"
#include "helper/contract/service.pb-c.h"

/**
 * codec_get_bytes() - a string of the kernel's, copied to @arena: any bytes without NUL
 * @text:	NULL for an empty one, which is what is not known
 *
 * Return: PARSEC_SUCCESS, PARSEC_DESERIALIZING_BODY_FAILED for a NUL, or
 * PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY.
 */
enum parsec_status codec_get_bytes(const ProtobufCBinaryData *bytes, struct arena *arena,
				   const char **text);

/**
 * codec_get_facts() - message to struct; strings are in @arena
 *
 * Return: PARSEC_SUCCESS; PARSEC_INVALID_ENCODING without a message;
 * PARSEC_DESERIALIZING_BODY_FAILED for a string with a NUL;
 * PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY.
 */
enum parsec_status codec_get_facts(const Service__Facts *msg, struct arena *arena,
				   struct parsec_facts *facts);

/** codec_put_facts() - struct to message, whose strings are those of @facts */
void codec_put_facts(const struct parsec_facts *facts, Service__Facts *msg);

#endif /* PARSEC_CONTRACT_SERVICE_H */
