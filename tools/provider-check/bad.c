// SPDX-License-Identifier: Apache-2.0
/*
 * Bad input to a key in use: what must be refused with one certain status, and what only
 * must not be taken for good. The key is known, so that OpenSSL can make what is nearly right.
 */
#include <string.h>

#include <openssl/rsa.h>

#include "helper/policy.h"
#include "tools/provider-check/check.h"

#define ANY_ERROR	((enum parsec_status)-1)

static const uint8_t ones[ROOM / 2] = { [0 ... ROOM / 2 - 1] = 0xff };
static const uint8_t zeros[ROOM / 2];

/* The contract's statuses, of which a primitive has those of PSA Crypto */
bool is_status(enum parsec_status status)
{
	switch (status) {
#define CASE(number, constant, name, text) case PARSEC_##constant:
	PARSEC_STATUS_LIST(CASE)
#undef CASE
		return status == PARSEC_SUCCESS || status >= PARSEC_PSA_ERROR_GENERIC_ERROR;
	}
	return false;
}

/* @key is refused @input; @also is a second right answer, if not 0 */
static bool refuses(struct check *check, struct subject *key, enum primitive primitive,
		    const struct input *input, enum parsec_status right, enum parsec_status also,
		    const char *what)
{
	uint8_t out[ROOM];
	size_t len;
	enum parsec_status status = run(check, key, primitive, input, out, ROOM, &len);

	if (status == right || (also && status == also) ||
	    (right == ANY_ERROR && status && is_status(status)))
		return true;
	because("%s: %s: status %d", name_of_primitive(primitive), what, status);
	return false;
}

static bool bad_signature(struct check *check, struct subject *key, struct parsec_span hash,
			  const uint8_t *right, size_t len)
{
	const enum parsec_status no = PARSEC_PSA_ERROR_INVALID_SIGNATURE;
	struct input input = { .alg = key->attrs.alg, .text = hash };
	uint8_t wrong[ROOM], other[PARSEC_HASH_SIZE_MAX];
	bool good = true;

	memcpy(wrong, right, len);
	memset(wrong + len, 0, len);
	for (size_t bad_len = 0; bad_len <= 2 * len; bad_len += bad_len + 4 < len ? len / 4 : 1) {
		if (bad_len == len)
			continue;
		input.signature = (struct parsec_span){ wrong, bad_len };
		good &= refuses(check, key, VERIFY, &input, no, 0, "a signature of wrong length");
		if (bad_len > len + 2)
			bad_len = 2 * len;
	}
	/* Zeros in front change no number, but the format has a fixed width */
	memset(wrong, 0, len);
	memcpy(wrong + 1, right, len);
	input.signature = (struct parsec_span){ wrong, len + 1 };
	good &= refuses(check, key, VERIFY, &input, no, 0, "a zero in front of the signature");
	input.signature = (struct parsec_span){ zeros, len };
	good &= refuses(check, key, VERIFY, &input, no, 0, "zeros as the signature");
	input.signature = (struct parsec_span){ ones, len };
	good &= refuses(check, key, VERIFY, &input, no, 0, "ones as the signature");
	for (size_t at = 0; at < len; at += len / 4) {
		memcpy(wrong, right, len);
		wrong[at] ^= 1;
		input.signature = (struct parsec_span){ wrong, len };
		good &= refuses(check, key, VERIFY, &input, no, 0, "a changed signature");
	}
	memcpy(other, hash.data, hash.len);
	/* Of a long hash a short curve takes the beginning */
	other[0] ^= 1;
	input.text.data = other;
	input.signature = (struct parsec_span){ right, len };
	good &= refuses(check, key, VERIFY, &input, no, 0, "the signature of another hash");
	return good;
}

static bool bad_sign(struct check *check, struct subject *key,
		     const struct parsec_capability *row, struct plan *plan)
{
	struct input input = { .alg = key->attrs.alg };
	bool good = true;

	for (size_t i = 0; i < plan->count; i++) {
		const struct input *known = &plan->steps[i].input;

		if (plan->steps[i].primitive == VERIFY)
			good &= bad_signature(check, key, known->text, known->signature.data,
					      known->signature.len);
	}
	/* The host does not know how much a raw signature has room for */
	if (row->can & PARSEC_CAN_SIGN && row->scheme == PARSEC_SIGN_RSA_PKCS1V15_RAW) {
		input.text = (struct parsec_span){ ones, key->attrs.bits / 8 - 10 };
		good &= refuses(check, key, SIGN, &input, PARSEC_PSA_ERROR_INVALID_ARGUMENT, 0,
				"more than the padding leaves room for");
	}
	return good;
}

/* A block of RSA as it is after the padding, encrypted */
static size_t raw_rsa(EVP_PKEY *pkey, const uint8_t *block, size_t len, uint8_t *out)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
	size_t got = ROOM;
	bool done = ctx && EVP_PKEY_encrypt_init(ctx) == 1 &&
		    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1 &&
		    EVP_PKEY_encrypt(ctx, out, &got, block, len) == 1;

	EVP_PKEY_CTX_free(ctx);
	return done ? got : 0;
}

static bool bad_decryption(struct check *check, struct subject *key, EVP_PKEY *pkey)
{
	const enum parsec_status no = PARSEC_PSA_ERROR_INVALID_PADDING;
	const enum parsec_status invalid = PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	struct material known = { .pkey = pkey };
	struct input input = { .alg = key->attrs.alg };
	uint8_t block[1024] = { 0, 1, 0xff, 0xff }, sealed[ROOM];
	size_t len = key->attrs.bits / 8;
	bool oaep = input.alg.scheme == PARSEC_CRYPT_RSA_OAEP, good = true;

	if (len > sizeof(block))
		return true;
	for (size_t i = 0; i <= 4; i++) {
		const size_t lengths[] = { 0, 1, len - 1, len + 1, 2 * len };

		input.text = (struct parsec_span){ zeros, lengths[i] };
		good &= refuses(check, key, ASYMMETRIC_DECRYPT, &input, invalid, no,
				"a ciphertext of wrong length");
	}
	input.text = (struct parsec_span){ ones, len };
	good &= refuses(check, key, ASYMMETRIC_DECRYPT, &input, invalid, no,
			"a ciphertext above the modulus");
	input.text = (struct parsec_span){ sealed, raw_rsa(pkey, block, len, sealed) };
	good &= refuses(check, key, ASYMMETRIC_DECRYPT, &input, no, 0, "padding of type 1");
	memset(block + 1, 0xff, len - 1);
	block[1] = 2;
	input.text.len = raw_rsa(pkey, block, len, sealed);
	good &= refuses(check, key, ASYMMETRIC_DECRYPT, &input, no, 0, "padding without an end");
	block[5] = 0;
	input.text.len = raw_rsa(pkey, block, len, sealed);
	good &= refuses(check, key, ASYMMETRIC_DECRYPT, &input, no, 0,
			"padding of too few bytes");
	if (!oaep)
		return good;
	input.text = (struct parsec_span){ block, 16 };
	input.text.len = (size_t)oracle_primitive(&known, key, ASYMMETRIC_ENCRYPT, &input, sealed);
	input.text.data = sealed;
	/* It may be unable to carry a label at all */
	input.first = (struct parsec_span){ (const uint8_t *)"other", 6 };
	return refuses(check, key, ASYMMETRIC_DECRYPT, &input, no, PARSEC_PSA_ERROR_NOT_SUPPORTED,
		       "another label") && good;
}

static bool bad_asymmetric(struct check *check, struct subject *key,
			   const struct parsec_capability *row, EVP_PKEY *pkey)
{
	size_t hash = policy_hash_size(key->attrs.alg.hash);
	size_t around = row->scheme == PARSEC_CRYPT_RSA_OAEP ? 2 * hash + 2 : 11;
	struct input input = { .alg = key->attrs.alg };
	bool good = true;

	for (size_t more = 1; row->can & PARSEC_CAN_ENCRYPT && more <= 1000; more += 333) {
		input.text = (struct parsec_span){ ones, key->attrs.bits / 8 - around + more };
		good &= refuses(check, key, ASYMMETRIC_ENCRYPT, &input,
				PARSEC_PSA_ERROR_INVALID_ARGUMENT, 0, "a text that is too long");
	}
	return (!(row->can & PARSEC_CAN_DECRYPT) || bad_decryption(check, key, pkey)) && good;
}

/* Ends of a last block that are not PKCS#7 */
static void spoil_padding(uint8_t *last, size_t block, int how)
{
	static const uint8_t wrong[] = { 0, 17, 255, 2, 1 };

	memset(last, 0x55, block);
	last[block - 1] = wrong[how];
	/* 2 after 0x55 is wrong already; 1 is right, so the whole block says its length */
	if (how == 4) {
		memset(last, (int)block, block);
		last[0] ^= 1;
	}
}

static bool bad_padding(struct check *check, struct subject *key, const struct material *known)
{
	size_t block = block_size(key->attrs.type);
	uint8_t text[48], iv[16], sealed[ROOM];
	struct input input = { .alg = key->attrs.alg, .first = { iv, block } };
	bool good = true;
	long len;

	fill(check, iv, sizeof(iv));
	for (int how = 0; how < 5; how++) {
		fill(check, text, sizeof(text));
		spoil_padding(text + sizeof(text) - block, block, how);
		input.alg.scheme = PARSEC_CIPHER_CBC_NO_PADDING;
		input.text = (struct parsec_span){ text, sizeof(text) };
		len = oracle_primitive(known, key, CIPHER_ENCRYPT, &input, sealed);
		if (len <= 0)
			continue;
		input.alg.scheme = PARSEC_CIPHER_CBC_PKCS7;
		input.text = (struct parsec_span){ sealed, (size_t)len };
		good &= refuses(check, key, CIPHER_DECRYPT, &input,
				PARSEC_PSA_ERROR_INVALID_PADDING, 0, "wrong padding");
	}
	return good;
}

static bool bad_cipher(struct check *check, struct subject *key,
		       const struct parsec_capability *row, const struct material *known)
{
	uint8_t scheme = row->scheme;
	bool blocks = scheme == PARSEC_CIPHER_ECB_NO_PADDING ||
		      scheme == PARSEC_CIPHER_CBC_NO_PADDING, good = true;
	size_t block = block_size(row->type), iv = iv_size(&key->attrs);
	struct input input = { .alg = key->attrs.alg, .first = { zeros, iv } };

	/* The host keeps these away; a mistake there must not be one in the backend */
	for (int i = 0; i < 2; i++) {
		enum primitive primitive = i ? CIPHER_DECRYPT : CIPHER_ENCRYPT;

		if (!(row->can & (i ? PARSEC_CAN_DECRYPT : PARSEC_CAN_ENCRYPT)))
			continue;
		for (size_t len = 1; len < 2 * block; len++) {
			bool padded = scheme == PARSEC_CIPHER_CBC_PKCS7 && i;

			input.text = (struct parsec_span){ zeros, len };
			if (((blocks || padded) && len % block) ||
			    (scheme == PARSEC_CIPHER_XTS && len < 16))
				good &= refuses(check, key, primitive, &input, ANY_ERROR, 0,
						"a part of a block");
		}
		input.text = (struct parsec_span){ zeros, 2 * block };
		for (size_t len = 0; len <= 32; len++) {
			input.first.len = len;
			if (len != iv)
				good &= refuses(check, key, primitive, &input, ANY_ERROR, 0,
						"an IV of wrong length");
		}
		input.first.len = iv;
	}
	if (row->can & PARSEC_CAN_DECRYPT && scheme == PARSEC_CIPHER_CBC_PKCS7)
		good &= bad_padding(check, key, known);
	return good;
}

static bool bad_aead(struct check *check, struct subject *key,
		     const struct parsec_capability *row, const struct plan *plan)
{
	const enum parsec_status no = PARSEC_PSA_ERROR_INVALID_SIGNATURE;
	const struct step *right = NULL;
	struct input input;
	uint8_t wrong[ROOM];
	bool good = true;
	size_t len;

	for (size_t i = 0; i < plan->count; i++) {
		if (plan->steps[i].primitive == AEAD_DECRYPT)
			right = &plan->steps[i];
	}
	if (!(row->can & PARSEC_CAN_DECRYPT) || !right)
		return true;
	input = right->input;
	len = input.text.len;
	for (size_t at = 0; at < len; at += 5) {
		memcpy(wrong, right->input.text.data, len);
		wrong[at] ^= 0x80;
		input.text = (struct parsec_span){ wrong, len };
		good &= refuses(check, key, AEAD_DECRYPT, &input, no, 0, "a changed ciphertext");
	}
	input.text = (struct parsec_span){ right->input.text.data, len - 1 };
	good &= refuses(check, key, AEAD_DECRYPT, &input, no, 0, "a ciphertext cut short");
	input.text.len = 16;
	good &= refuses(check, key, AEAD_DECRYPT, &input, no, PARSEC_PSA_ERROR_INVALID_ARGUMENT,
			"a tag without text");
	for (input.text.len = 0; input.text.len < 16; input.text.len += 5)
		good &= refuses(check, key, AEAD_DECRYPT, &input, ANY_ERROR, 0, "less than a tag");
	input.text.len = len;
	memcpy(wrong, input.additional.data, input.additional.len);
	wrong[0] ^= 1;
	input.additional.data = wrong;
	good &= refuses(check, key, AEAD_DECRYPT, &input, no, 0, "changed additional data");
	input.additional.len--;
	good &= refuses(check, key, AEAD_DECRYPT, &input, no, 0, "additional data cut short");
	input.additional.len = 0;
	good &= refuses(check, key, AEAD_DECRYPT, &input, no, 0, "no additional data");
	input.additional = right->input.additional;
	memcpy(wrong, input.first.data, input.first.len);
	wrong[input.first.len - 1] ^= 1;
	input.first.data = wrong;
	return refuses(check, key, AEAD_DECRYPT, &input, no, 0, "another nonce") && good;
}

static bool bad_agreement(struct check *check, struct subject *key,
			  const struct parsec_capability *row, const struct plan *plan)
{
	const enum parsec_status no = PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	struct input input = { .alg = key->attrs.alg };
	size_t len = plan->peer.len;
	uint8_t wrong[ROOM];
	bool good = true;

	if (!(row->can & PARSEC_CAN_DERIVE) || !len)
		return true;
	memcpy(wrong, plan->peer.bytes, len);
	wrong[len] = 0;
	input.first.data = wrong;
	for (size_t i = 0; i < 5; i++) {
		input.first.len = i == 0 ? 1 : i == 1 ? len / 2 : i == 2 ? len - 1 : len + i - 2;
		good &= refuses(check, key, AGREE, &input, no, 0, "a peer of wrong length");
	}
	input.first = (struct parsec_span){ zeros, len };
	good &= refuses(check, key, AGREE, &input, no, 0, "zeros for a peer");
	if (row->family == PARSEC_ECC_MONTGOMERY)
		return good;
	input.first.data = ones;
	good &= refuses(check, key, AGREE, &input, no, 0, "ones for a peer");
	if (row->type != PARSEC_KEY_TYPE_ECC_KEY_PAIR)
		return good;
	input.first.data = wrong;
	wrong[len - 1] ^= 1;
	good &= refuses(check, key, AGREE, &input, no, 0, "a point that is not on the curve");
	wrong[len - 1] ^= 1;
	wrong[0] = 3;
	return refuses(check, key, AGREE, &input, no, 0, "another kind of point") && good;
}

/* A key of the row that is used wrongly, then rightly */
void check_bad_input(struct check *check, const struct parsec_capability *row)
{
	static struct material known;
	struct subject key;
	struct plan *plan = NULL;
	bool good = false;

	subject_init(&key, row, row->bits[0]);
	if (!(row->can & PARSEC_CAN_IMPORT) ||
	    !material_make(check, &known, row->type, row->family, row->bits[0]))
		return;
	if (!subject_import(check, &key, (struct parsec_span){ known.bytes, known.len })) {
		if (!subject_load(check, &key))
			plan = plan_make(check, &key, row, known.pkey);
		if (plan) {
			switch (row->alg_kind) {
			case PARSEC_ALG_SIGNATURE:
				good = bad_sign(check, &key, row, plan);
				break;
			case PARSEC_ALG_ASYMMETRIC_ENCRYPTION:
				good = bad_asymmetric(check, &key, row, known.pkey);
				break;
			case PARSEC_ALG_CIPHER:
				good = bad_cipher(check, &key, row, &known);
				break;
			case PARSEC_ALG_AEAD:
				good = bad_aead(check, &key, row, plan);
				break;
			case PARSEC_ALG_KEY_AGREEMENT:
				good = bad_agreement(check, &key, row, plan);
				break;
			default:
				good = true;
			}
			good = plan_run(check, plan, &key) && good;
		}
		plan_free(plan);
		good &= subject_destroy(check, &key) == PARSEC_SUCCESS;
	}
	material_free(&known);
	if (row->alg_kind == PARSEC_ALG_MAC || row->alg_kind == PARSEC_ALG_NONE ||
	    row->alg_kind == PARSEC_ALG_KEY_DERIVATION)
		return;
	fact(good, "%s: bad input is refused, and good input taken after it",
	     name_of_key(row, row->bits[0]));
}
