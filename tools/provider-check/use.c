// SPDX-License-Identifier: Apache-2.0
/*
 * What a capability row claims, done, and compared with what OpenSSL makes of it.
 */
#include <stdio.h>
#include <string.h>

#include "helper/policy.h"
#include "tools/provider-check/check.h"

struct parsec_alg alg_of(const struct parsec_capability *row)
{
	struct parsec_alg alg = { .kind = row->alg_kind, .scheme = row->scheme };

	if (row->hashes)
		alg.hash = (uint8_t)__builtin_ctz(row->hashes);
	return alg;
}

/* One key and what it is compared with */
struct trial {
	struct check *check;
	const struct parsec_capability *row;
	struct material *known;
	struct subject subject;
	EVP_PKEY *public;
};

static bool failed(const struct trial *trial, const char *what, int status)
{
	const char *hash = name_of_hash(trial->subject.attrs.alg.hash);

	because("%s%s%s: status %d", what, hash ? ", " : "", hash ? hash : "", status);
	return false;
}

/* The provider's result of @primitive is @expected, and it minds the room */
static bool gives(struct trial *trial, enum primitive primitive, const struct input *input,
		  const uint8_t *expected, long expected_len)
{
	uint8_t out[ROOM];
	size_t len = 0;
	enum parsec_status status = run(trial->check, &trial->subject, primitive, input, out,
					sizeof(out), &len);

	if (status != PARSEC_SUCCESS)
		return failed(trial, name_of_primitive(primitive), status);
	if (expected_len >= 0 &&
	    (len != (size_t)expected_len || memcmp(out, expected, len)))
		return failed(trial, "not the bytes of OpenSSL", status);
	return check_bounds(trial->check, &trial->subject, primitive, input, len);
}

static bool use_signature(struct trial *trial, struct input given)
{
	struct input *input = &given;
	static const uint8_t sha256_info[] = { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86,
		0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20 };
	uint8_t text[PARSEC_HASH_SIZE_MAX], signature[ROOM];
	size_t len = policy_hash_size(input->alg.hash);
	enum parsec_status status;
	long oracle;

	fill(trial->check, text, sizeof(text));
	if (trial->row->scheme == PARSEC_SIGN_RSA_PKCS1V15_RAW) {
		memcpy(text, sha256_info, sizeof(sha256_info));
		len = sizeof(sha256_info) + 32;
	}
	input->text = (struct parsec_span){ text, len ? len : 32 };
	if (trial->row->can & PARSEC_CAN_SIGN) {
		status = run(trial->check, &trial->subject, SIGN, input, signature, ROOM, &len);
		if (status)
			return failed(trial, "sign", status);
		input->signature = (struct parsec_span){ signature, len };
		if (trial->public && !oracle_verify(trial->public, &trial->subject, input))
			return failed(trial, "OpenSSL does not accept the signature", 0);
		if (!check_bounds(trial->check, &trial->subject, SIGN, input, len))
			return false;
	}
	if (!(trial->row->can & PARSEC_CAN_VERIFY) || !trial->known->pkey)
		return true;
	oracle = oracle_primitive(trial->known, &trial->subject, SIGN, input, signature);
	if (oracle <= 0)
		return failed(trial, "OpenSSL cannot sign this", 0);
	input->signature = (struct parsec_span){ signature, (size_t)oracle };
	status = run(trial->check, &trial->subject, VERIFY, input, NULL, 0, &len);
	if (status)
		return failed(trial, "OpenSSL's signature is not accepted", status);
	for (int i = 0; i < 3; i++) {
		if (i == 0)
			signature[oracle / 2] ^= 1;
		input->signature.len = i == 1 ? (size_t)oracle - 1 : i == 2 ? 0 : (size_t)oracle;
		status = run(trial->check, &trial->subject, VERIFY, input, NULL, 0, &len);
		if (status != PARSEC_PSA_ERROR_INVALID_SIGNATURE)
			return failed(trial, "a wrong signature is not 1149", status);
	}
	return true;
}

static bool use_mac(struct trial *trial, struct input given)
{
	struct input *input = &given;
	static const size_t lengths[] = { 16, 32, 1024, 7, 0 };
	uint8_t text[1024], expected[ROOM];
	bool good = true;

	fill(trial->check, text, sizeof(text));
	for (size_t i = 0; good && i < ELEMENTS(lengths); i++) {
		/* What CBC-MAC does with a part of a block is nowhere laid down */
		if (trial->row->scheme == PARSEC_MAC_CBC_MAC && lengths[i] < 16)
			continue;
		input->text = (struct parsec_span){ text, lengths[i] };
		good = gives(trial, MAC, input, expected,
			     oracle_primitive(trial->known, &trial->subject, MAC, input, expected));
	}
	return good;
}

/* Encryption must be OpenSSL's where that has it, and decryption its inverse */
static bool there_and_back(struct trial *trial, enum primitive encrypt, enum primitive decrypt,
			   struct input given)
{
	struct input *input = &given;
	uint8_t sealed[ROOM], wrong[ROOM];
	const struct parsec_span text = input->text;
	long len = oracle_primitive(trial->known, &trial->subject, encrypt, input, sealed);
	enum parsec_status status;
	size_t got = 0;

	if (trial->row->can & PARSEC_CAN_ENCRYPT) {
		if (!gives(trial, encrypt, input, sealed, len))
			return false;
		status = run(trial->check, &trial->subject, encrypt, input, sealed, ROOM, &got);
		if (status)
			return failed(trial, "encrypt", status);
		len = (long)got;
	}
	if (!(trial->row->can & PARSEC_CAN_DECRYPT) || len < 0)
		return true;
	input->text = (struct parsec_span){ sealed, (size_t)len };
	if (!gives(trial, decrypt, input, text.data, (long)text.len))
		return false;
	if (decrypt != AEAD_DECRYPT)
		return true;
	memcpy(wrong, sealed, (size_t)len);
	wrong[len - 1] ^= 1;
	input->text.data = wrong;
	status = run(trial->check, &trial->subject, decrypt, input, sealed, ROOM, &got);
	return status == PARSEC_PSA_ERROR_INVALID_SIGNATURE ||
	       failed(trial, "a wrong tag is not 1149", status);
}

static bool use_cipher(struct trial *trial, struct input given)
{
	struct input *input = &given;
	static const size_t lengths[] = { 16, 64, 1040, 33 };
	uint8_t text[1040], iv[16];
	uint8_t scheme = trial->row->scheme, type = trial->row->type;
	bool whole = scheme == PARSEC_CIPHER_ECB_NO_PADDING ||
		     scheme == PARSEC_CIPHER_CBC_NO_PADDING;
	bool good = true;

	fill(trial->check, text, sizeof(text));
	fill(trial->check, iv, sizeof(iv));
	input->first = (struct parsec_span){ iv, type == PARSEC_KEY_TYPE_DES ? 8 :
		type == PARSEC_KEY_TYPE_CHACHA20 ? 12 : 16 };
	if (scheme == PARSEC_CIPHER_ECB_NO_PADDING || type == PARSEC_KEY_TYPE_ARC4)
		input->first.len = 0;
	for (size_t i = 0; good && i < ELEMENTS(lengths); i++) {
		if (whole && lengths[i] % 16)
			continue;
		input->text = (struct parsec_span){ text, lengths[i] };
		good = there_and_back(trial, CIPHER_ENCRYPT, CIPHER_DECRYPT, *input);
	}
	return good;
}

/* Lengths that the contract allows: of tags, bit n for n bytes, and of nonces */
static const struct {
	uint32_t tags;
	size_t nonce_min, nonce_max;
} aead_lengths[] = {
	[PARSEC_AEAD_CCM] = { 0x15550, 7, 13 },
	[PARSEC_AEAD_GCM] = { 0x1f110, 1, 1000 },
	[PARSEC_AEAD_CHACHA20_POLY1305] = { 0x10000, 12, 12 },
};

/* Other than the usual ones a backend need not have, but then it must say so */
static bool use_aead_length(struct trial *trial, struct input input)
{
	uint8_t sealed[ROOM];
	size_t len;
	long oracle = oracle_primitive(trial->known, &trial->subject, AEAD_ENCRYPT, &input, sealed);
	enum primitive primitive = AEAD_ENCRYPT;

	if (!(trial->row->can & PARSEC_CAN_ENCRYPT)) {
		primitive = AEAD_DECRYPT;
		if (oracle >= 0)
			input.text = (struct parsec_span){ sealed, (size_t)oracle };
	}
	if (run(trial->check, &trial->subject, primitive, &input, sealed, ROOM, &len) ==
	    PARSEC_PSA_ERROR_NOT_SUPPORTED)
		return true;
	if (oracle < 0)
		return true;
	return there_and_back(trial, AEAD_ENCRYPT, AEAD_DECRYPT, input);
}

static bool use_aead(struct trial *trial, struct input given)
{
	struct input *input = &given;
	static const size_t lengths[] = { 1, 16, 1000 };
	static const size_t nonces[] = { 1, 7, 8, 9, 10, 11, 12, 13, 16, 64, 128, 129, 1000 };
	uint8_t text[1000], nonce[1000], additional[40], scheme = trial->row->scheme;
	bool good = true;

	fill(trial->check, text, sizeof(text));
	fill(trial->check, nonce, sizeof(nonce));
	fill(trial->check, additional, sizeof(additional));
	input->first = (struct parsec_span){ nonce, 12 };
	for (size_t i = 0; good && i < ELEMENTS(lengths); i++) {
		input->text = (struct parsec_span){ text, lengths[i] };
		input->additional = (struct parsec_span){ additional, 20 * i };
		good = there_and_back(trial, AEAD_ENCRYPT, AEAD_DECRYPT, *input);
	}
	input->text.len = 20;
	for (uint32_t tag = 4; good && tag < 16; tag++) {
		input->alg.length = tag;
		if (aead_lengths[scheme].tags >> tag & 1)
			good = use_aead_length(trial, *input);
	}
	input->alg.length = 0;
	for (size_t i = 0; good && i < ELEMENTS(nonces); i++) {
		input->first.len = nonces[i];
		if (nonces[i] >= aead_lengths[scheme].nonce_min &&
		    nonces[i] <= aead_lengths[scheme].nonce_max)
			good = use_aead_length(trial, *input);
	}
	return good;
}

/* Random padding: each side decrypts what the other has encrypted */
static bool use_asymmetric(struct trial *trial, struct input given)
{
	struct input *input = &given;
	uint8_t text[16], sealed[ROOM], opened[ROOM];
	struct parsec_span plain = { text, sizeof(text) };
	enum parsec_status status;
	size_t got;
	long len;

	fill(trial->check, text, sizeof(text));
	if (!trial->known->pkey)
		return true;
	if (trial->row->scheme == PARSEC_CRYPT_RSA_OAEP)
		input->first = (struct parsec_span){ (const uint8_t *)"label", 6 };
	input->text = plain;
	if (trial->row->can & PARSEC_CAN_ENCRYPT) {
		status = run(trial->check, &trial->subject, ASYMMETRIC_ENCRYPT, input, sealed,
			     ROOM, &got);
		if (status == PARSEC_PSA_ERROR_NOT_SUPPORTED && input->first.len) {
			/* It may be unable to carry a label */
			input->first.len = 0;
			status = run(trial->check, &trial->subject, ASYMMETRIC_ENCRYPT, input,
				     sealed, ROOM, &got);
		}
		if (status)
			return failed(trial, "asymmetric_encrypt", status);
		if (!check_bounds(trial->check, &trial->subject, ASYMMETRIC_ENCRYPT, input, got))
			return false;
		input->text = (struct parsec_span){ sealed, got };
		len = oracle_primitive(trial->known, &trial->subject, ASYMMETRIC_DECRYPT, input,
				       opened);
		if (len != (long)plain.len || memcmp(opened, text, plain.len))
			return failed(trial, "OpenSSL cannot decrypt it", 0);
	}
	if (!(trial->row->can & PARSEC_CAN_DECRYPT))
		return true;
	input->text = plain;
	len = oracle_primitive(trial->known, &trial->subject, ASYMMETRIC_ENCRYPT, input, sealed);
	if (len < 0)
		return failed(trial, "OpenSSL cannot encrypt this", 0);
	input->text = (struct parsec_span){ sealed, (size_t)len };
	return gives(trial, ASYMMETRIC_DECRYPT, input, text, (long)plain.len);
}

static bool use_agreement(struct trial *trial, struct input given)
{
	struct input *input = &given;
	static struct material peer;
	uint8_t own[ROOM], expected[ROOM], *point = NULL;
	size_t own_len = 0, got;
	enum parsec_status status;
	bool good;
	long len;

	if (!(trial->row->can & PARSEC_CAN_DERIVE))
		return true;
	own_len = EVP_PKEY_get1_encoded_public_key(trial->known->pkey, &point);
	memcpy(own, point, own_len);
	OPENSSL_free(point);
	if (!material_make(trial->check, &peer, trial->row->type == PARSEC_KEY_TYPE_DH_KEY_PAIR ?
			   PARSEC_KEY_TYPE_DH_PUBLIC_KEY : PARSEC_KEY_TYPE_ECC_PUBLIC_KEY,
			   trial->row->family, trial->subject.attrs.bits))
		return failed(trial, "OpenSSL has no such peer", 0);
	input->text = (struct parsec_span){ own, own_len };
	len = oracle_primitive(&peer, &trial->subject, AGREE, input, expected);
	input->first = (struct parsec_span){ peer.bytes, peer.len };
	good = gives(trial, AGREE, input, expected, len);
	input->first.len--;
	status = run(trial->check, &trial->subject, AGREE, input, expected, ROOM, &got);
	if (good && status != PARSEC_PSA_ERROR_INVALID_ARGUMENT)
		good = failed(trial, "a peer that is too short is not 1135", status);
	material_free(&peer);
	return good;
}

static bool use_alg(struct trial *trial)
{
	struct input input = { .alg = trial->subject.attrs.alg };

	switch (trial->row->alg_kind) {
	case PARSEC_ALG_SIGNATURE:
		return use_signature(trial, input);
	case PARSEC_ALG_MAC:
		return use_mac(trial, input);
	case PARSEC_ALG_CIPHER:
		return use_cipher(trial, input);
	case PARSEC_ALG_AEAD:
		return use_aead(trial, input);
	case PARSEC_ALG_ASYMMETRIC_ENCRYPTION:
		return use_asymmetric(trial, input);
	case PARSEC_ALG_KEY_AGREEMENT:
		return use_agreement(trial, input);
	default:
		return true;
	}
}

/* Formats of what comes out again */
static bool exports(struct trial *trial)
{
	const struct parsec_capability *row = trial->row;
	struct input none = { .alg = trial->subject.attrs.alg };
	uint8_t out[ROOM];
	bool good = true;
	size_t len = 0;

	if (row->can & PARSEC_CAN_EXPORT)
		good = gives(trial, EXPORT, &none, trial->known->bytes, (long)trial->known->len);
	if (!(row->can & PARSEC_CAN_EXPORT_PUBLIC) || !trial->known->pkey)
		return good;
	if (run(trial->check, &trial->subject, EXPORT_PUBLIC, &none, out, ROOM, &len))
		return failed(trial, "export_public", 0);
	EVP_PKEY_free(trial->public);
	trial->public = material_public(row->type, row->family, trial->subject.attrs.bits, out,
					len);
	if (!trial->public || EVP_PKEY_eq(trial->public, trial->known->pkey) != 1)
		return failed(trial, "export_public is not the public part", 0);
	return good && check_bounds(trial->check, &trial->subject, EXPORT_PUBLIC, &none, len);
}

/**
 * try_import() - a known key with one hash: in, out, used, gone
 * @known:	the key
 */
bool try_import(struct check *check, const struct parsec_capability *row,
		struct material *known, uint32_t bits, uint8_t hash)
{
	struct trial trial = { .check = check, .row = row, .known = known };
	struct parsec_span data = { known->bytes, known->len };
	enum parsec_status status;
	bool good;

	/* The size is in the data, but for two curves whose keys are equally long */
	subject_init(&trial.subject, row,
		     row->family == PARSEC_ECC_SECT_K1 && bits < 240 ? bits : 0);
	trial.subject.attrs.alg.hash = hash;
	status = subject_import(check, &trial.subject, data);
	if (status)
		return failed(&trial, "import", status);
	good = trial.subject.attrs.bits == bits || failed(&trial, "import: wrong size", 0);
	status = subject_load(check, &trial.subject);
	if (status)
		good = failed(&trial, "load", status);
	else
		good = exports(&trial) && use_alg(&trial) && good;
	EVP_PKEY_free(trial.public);
	return subject_destroy(check, &trial.subject) == PARSEC_SUCCESS && good;
}
