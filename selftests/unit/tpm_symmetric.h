/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests of HMAC and AES keys of the TPM provider. To be included after the harness.
 */
#ifndef UNIT_TPM_SYMMETRIC_H
#define UNIT_TPM_SYMMETRIC_H

#include "providers/lib/capability.h"
#include "selftests/unit/tpm_fixture.h"

#define ROOM		(128 * 1024)
#define INVALID		PARSEC_PSA_ERROR_INVALID_ARGUMENT
#define UNSUPPORTED	PARSEC_PSA_ERROR_NOT_SUPPORTED

static uint8_t message[ROOM], out[ROOM], back[ROOM];

static struct parsec_key_attributes hmac_key(uint8_t hash, uint32_t bits)
{
	return (struct parsec_key_attributes){
		.type = PARSEC_KEY_TYPE_HMAC, .bits = bits,
		.alg = { .kind = PARSEC_ALG_MAC, .scheme = PARSEC_MAC_HMAC, .hash = hash },
	};
}

static struct parsec_key_attributes aes_key(uint8_t kind, uint8_t scheme, uint32_t bits)
{
	return (struct parsec_key_attributes){
		.type = PARSEC_KEY_TYPE_AES, .bits = bits,
		.alg = { .kind = kind, .scheme = scheme },
	};
}

static bool has_row(const FIXTURE_DATA(tpm) *self, struct parsec_key_attributes attrs,
		    uint32_t can)
{
	struct parsec_capabilities caps;

	ops->capabilities(self->ctx, &caps);
	return capability_covers(caps.rows, caps.count, &attrs, can);
}

static enum parsec_status mac(FIXTURE_DATA(tpm) *self, const struct stored *stored, size_t len,
			      size_t *mac_len)
{
	struct parsec_out room = { out, 64, 0 };
	enum parsec_status status = ops->mac(self->ctx, stored->key, &stored->attrs.alg,
					     (struct parsec_span){ message, len }, &room);

	*mac_len = room.len;
	return status;
}

static enum parsec_status cipher(FIXTURE_DATA(tpm) *self, const struct stored *stored, bool decrypt,
				struct parsec_span iv, struct parsec_span in,
				struct parsec_out *room)
{
	return (decrypt ? ops->cipher_decrypt : ops->cipher_encrypt)(self->ctx, stored->key,
								     &stored->attrs.alg, iv, in,
								     room);
}

#endif /* UNIT_TPM_SYMMETRIC_H */
