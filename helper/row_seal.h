/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encryption at rest: what a provider keeps of a key, sealed under the store's
 * master key together with whose key it is and what it may do.
 */
#ifndef PARSEC_ROW_SEAL_H
#define PARSEC_ROW_SEAL_H

#include "helper/kim.h"

/* What sealing adds: version, nonce, tag */
#define ROW_SEAL_OVERHEAD	(1 + 12 + 16)

struct row_seal;

/**
 * row_seal_open() - get the master key
 * @dir:	where it is, in the file master.key
 * @create:	make one when there is none; else that is an error, as rows depend on it
 * @uuid:	the provider's, part of what is authenticated; kept by the caller
 * @name:	likewise its configured name
 * @seal:	result, to be wiped and freed with row_seal_close()
 *
 * Return: PARSEC_SUCCESS or, after a log line, PARSEC_KEY_INFO_MANAGER_ERROR.
 */
enum parsec_status row_seal_open(const char *dir, bool create, const char *uuid,
				 const char *name, struct row_seal **seal);
void row_seal_close(struct row_seal *seal);

/**
 * row_seal() - encrypt and authenticate
 * @row:	id, key and attrs are authenticated
 * @blob:	the secret
 * @sealed:	room for ROW_SEAL_OVERHEAD bytes more than @blob
 */
enum parsec_status row_seal(const struct row_seal *seal, const struct kim_row *row,
			    struct parsec_span blob, struct parsec_out *sealed);

/**
 * row_unseal() - the opposite
 * @row:	as read
 * @blob:	room for as many bytes as @row has sealed
 *
 * Return: PARSEC_SUCCESS, PARSEC_PSA_ERROR_DATA_CORRUPT: any part of the row is not what was
 * sealed.
 */
enum parsec_status row_unseal(const struct row_seal *seal, const struct kim_row *row,
			      struct parsec_out *blob);

#endif /* PARSEC_ROW_SEAL_H */
