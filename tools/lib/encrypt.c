// SPDX-License-Identifier: Apache-2.0
/*
 * Operations that encrypt, authenticate and agree: each fills in a request.
 */
#include "tools/lib/internal.h"

int parsec_psa_asymmetric_encrypt(struct parsec *ctx, const char *name,
				  const struct parsec_alg *alg, const void *plaintext,
				  size_t plaintext_len, const void *label,
				  size_t label_len, void *ciphertext, size_t size,
				  size_t *len)
{
	const struct contract_request req = {
		.key_name = parsec_name(name),
		.alg = *alg,
		.input = parsec_bytes(plaintext, plaintext_len),
		.label = parsec_bytes(label, label_len),
	};

	return parsec_fetch(ctx, PARSEC_OP_PSA_ASYMMETRIC_ENCRYPT, &req, ciphertext, size,
			    len);
}

int parsec_psa_asymmetric_decrypt(struct parsec *ctx, const char *name,
				  const struct parsec_alg *alg, const void *ciphertext,
				  size_t ciphertext_len, const void *label,
				  size_t label_len, void *plaintext, size_t size,
				  size_t *len)
{
	const struct contract_request req = {
		.key_name = parsec_name(name),
		.alg = *alg,
		.input = parsec_bytes(ciphertext, ciphertext_len),
		.label = parsec_bytes(label, label_len),
	};

	return parsec_fetch(ctx, PARSEC_OP_PSA_ASYMMETRIC_DECRYPT, &req, plaintext, size,
			    len);
}

/* An enum of the caller's as the scheme of an algorithm; 0, which is none, if it is
 * out of range
 */
static struct parsec_alg scheme_alg(enum parsec_alg_kind kind, unsigned int scheme)
{
	return (struct parsec_alg) {
		.kind = (uint8_t)kind,
		.scheme = (uint8_t)(scheme <= UINT8_MAX ? scheme : 0),
	};
}

static int cipher(struct parsec *ctx, uint8_t opcode, const char *name,
		  enum parsec_cipher mode, struct parsec_span input, void *output,
		  size_t size, size_t *len)
{
	const struct contract_request req = {
		.key_name = parsec_name(name),
		.alg = scheme_alg(PARSEC_ALG_CIPHER, mode),
		.input = input,
	};

	return parsec_fetch(ctx, opcode, &req, output, size, len);
}

int parsec_psa_cipher_encrypt(struct parsec *ctx, const char *name,
			      enum parsec_cipher mode, const void *plaintext,
			      size_t plaintext_len, void *ciphertext, size_t size,
			      size_t *len)
{
	return cipher(ctx, PARSEC_OP_PSA_CIPHER_ENCRYPT, name, mode,
		      parsec_bytes(plaintext, plaintext_len), ciphertext, size, len);
}

int parsec_psa_cipher_decrypt(struct parsec *ctx, const char *name,
			      enum parsec_cipher mode, const void *ciphertext,
			      size_t ciphertext_len, void *plaintext, size_t size,
			      size_t *len)
{
	return cipher(ctx, PARSEC_OP_PSA_CIPHER_DECRYPT, name, mode,
		      parsec_bytes(ciphertext, ciphertext_len), plaintext, size, len);
}

static int aead(struct parsec *ctx, uint8_t opcode, const char *name,
		const struct parsec_alg *alg, const struct parsec_aead_input *with,
		struct parsec_span input, void *output, size_t size, size_t *len)
{
	const struct contract_request req = {
		.key_name = parsec_name(name),
		.alg = *alg,
		.nonce = parsec_bytes(with->nonce, with->nonce_len),
		.additional_data = parsec_bytes(with->additional_data,
						with->additional_data_len),
		.input = input,
	};

	return parsec_fetch(ctx, opcode, &req, output, size, len);
}

int parsec_psa_aead_encrypt(struct parsec *ctx, const char *name,
			    const struct parsec_alg *alg,
			    const struct parsec_aead_input *with, const void *plaintext,
			    size_t plaintext_len, void *ciphertext, size_t size,
			    size_t *len)
{
	return aead(ctx, PARSEC_OP_PSA_AEAD_ENCRYPT, name, alg, with,
		    parsec_bytes(plaintext, plaintext_len), ciphertext, size, len);
}

int parsec_psa_aead_decrypt(struct parsec *ctx, const char *name,
			    const struct parsec_alg *alg,
			    const struct parsec_aead_input *with, const void *ciphertext,
			    size_t ciphertext_len, void *plaintext, size_t size,
			    size_t *len)
{
	return aead(ctx, PARSEC_OP_PSA_AEAD_DECRYPT, name, alg, with,
		    parsec_bytes(ciphertext, ciphertext_len), plaintext, size, len);
}

int parsec_psa_mac_compute(struct parsec *ctx, const char *name,
			   const struct parsec_alg *alg, const void *input,
			   size_t input_len, void *mac, size_t size, size_t *len)
{
	const struct contract_request req = {
		.key_name = parsec_name(name),
		.alg = *alg,
		.input = parsec_bytes(input, input_len),
	};

	return parsec_fetch(ctx, PARSEC_OP_PSA_MAC_COMPUTE, &req, mac, size, len);
}

int parsec_psa_mac_verify(struct parsec *ctx, const char *name,
			  const struct parsec_alg *alg, const void *input,
			  size_t input_len, const void *mac, size_t len)
{
	const struct contract_request req = {
		.key_name = parsec_name(name),
		.alg = *alg,
		.input = parsec_bytes(input, input_len),
		.reference = parsec_bytes(mac, len),
	};

	return parsec_tell(ctx, PARSEC_OP_PSA_MAC_VERIFY, &req);
}

int parsec_psa_raw_key_agreement(struct parsec *ctx, const char *name,
				 enum parsec_key_agreement alg, const void *peer,
				 size_t peer_len, void *secret, size_t size, size_t *len)
{
	const struct contract_request req = {
		.key_name = parsec_name(name),
		.alg = scheme_alg(PARSEC_ALG_KEY_AGREEMENT, alg),
		.input = parsec_bytes(peer, peer_len),
	};

	return parsec_fetch(ctx, PARSEC_OP_PSA_RAW_KEY_AGREEMENT, &req, secret, size, len);
}

int parsec_can_do_crypto(struct parsec *ctx, enum parsec_check check,
			 const struct parsec_key_attributes *attrs)
{
	const unsigned int number = check;
	const struct contract_request req = {
		.check = (uint8_t)(number <= UINT8_MAX ? number : 0),
		.attrs = *attrs,
	};

	return parsec_tell(ctx, PARSEC_OP_CAN_DO_CRYPTO, &req);
}
