// SPDX-License-Identifier: Apache-2.0
/*
 * What two providers can do with each other, by the kind of a key's algorithm.
 */
#include <string.h>

#include "helper/policy.h"
#include "selftests/unit/cross.h"

/* Run a primitive that must work */
static bool works(struct side *side, struct subject *subject, enum primitive primitive,
		  const struct input *input, uint8_t *out, size_t *len)
{
	enum parsec_status status = run(&side->check, subject, primitive, input, out, ROOM, len);

	return !status || failed(side, name_of_primitive(primitive), status);
}

/* Run one that must not */
static bool refuses(struct side *side, struct subject *subject, enum primitive primitive,
		    const struct input *input, const char *what)
{
	uint8_t out[ROOM];
	size_t len;
	enum parsec_status status = run(&side->check, subject, primitive, input, out, ROOM, &len);

	return status == PARSEC_PSA_ERROR_INVALID_SIGNATURE || failed(side, what, status);
}

static bool same(struct side *side, const char *what, struct parsec_span wanted,
		 const uint8_t *out, size_t len)
{
	return (len && len == wanted.len && !memcmp(out, wanted.data, len)) ||
	       failed(side, what, 0);
}

/* A key, from @known or, without it, generated; not there after a failure */
static bool make(struct side *side, struct subject *subject,
		 const struct parsec_key_attributes *attrs, const struct parsec_span *known)
{
	enum parsec_status status;

	memset(subject, 0, sizeof(*subject));
	subject->attrs = *attrs;
	status = known ? subject_import(&side->check, subject, *known) :
			 subject_create(&side->check, subject);
	if (status)
		return failed(side, known ? "import" : "create", status);
	status = subject_load(&side->check, subject);
	if (!status && subject->attrs.bits == attrs->bits)
		return true;
	subject_destroy(&side->check, subject);
	return failed(side, "load", status);
}

static bool unmake(struct side *side, struct subject *subject)
{
	enum parsec_status status = subject_destroy(&side->check, subject);

	return !status || failed(side, "destroy", status);
}

/* A key pair: generated where that is quick, with its public part */
static bool make_pair(struct side *side, struct subject *subject,
		      const struct parsec_capability *row,
		      const struct parsec_key_attributes *attrs, uint8_t *public,
		      size_t *public_len)
{
	struct input none = { .alg = attrs->alg };
	static struct material known;
	struct parsec_span bytes;
	bool made;

	if (row->can & PARSEC_CAN_GENERATE && (!is_slow(row) || attrs->bits <= 1024)) {
		made = make(side, subject, attrs, NULL);
	} else {
		if (!material_make(&side->check, &known, row->type, row->family, attrs->bits))
			return failed(side, "OpenSSL has no such key", 0);
		bytes = (struct parsec_span){ known.bytes, known.len };
		made = make(side, subject, attrs, &bytes);
		material_free(&known);
	}
	if (!made)
		return false;
	if (works(side, subject, EXPORT_PUBLIC, &none, public, public_len))
		return true;
	unmake(side, subject);
	return false;
}

/* A key pair here, its public key there */
static bool split(struct meeting *meeting)
{
	struct parsec_key_attributes attrs = meeting->attrs;
	struct parsec_span public;

	if (!make_pair(meeting->here, &meeting->own, meeting->row, &attrs, meeting->public,
		       &meeting->public_len))
		return false;
	attrs.type = public_of(attrs.type);
	public = (struct parsec_span){ meeting->public, meeting->public_len };
	if (make(meeting->there, &meeting->other, &attrs, &public))
		return true;
	unmake(meeting->here, &meeting->own);
	return false;
}

/* The same secret key on both sides */
static bool share(struct meeting *meeting)
{
	static struct material secret;
	struct parsec_span bytes;

	if (!material_make(&meeting->here->check, &secret, meeting->attrs.type, 0,
			   meeting->attrs.bits))
		return failed(meeting->here, "there is no such secret", 0);
	bytes = (struct parsec_span){ secret.bytes, secret.len };
	if (!make(meeting->here, &meeting->own, &meeting->attrs, &bytes))
		return false;
	if (make(meeting->there, &meeting->other, &meeting->attrs, &bytes))
		return true;
	unmake(meeting->here, &meeting->own);
	return false;
}

static bool part(struct meeting *meeting)
{
	bool good = unmake(meeting->here, &meeting->own);

	return unmake(meeting->there, &meeting->other) && good;
}

static bool sign_and_verify(struct meeting *meeting, const struct parsec_alg *alg)
{
	static const uint8_t sha256_info[] = { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86,
		0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20 };
	uint8_t hash[PARSEC_HASH_SIZE_MAX], signature[ROOM];
	size_t len = policy_hash_size(alg->hash), changed = 0;
	struct input input = { .alg = *alg };

	fill(&meeting->here->check, hash, sizeof(hash));
	if (meeting->row->scheme == PARSEC_SIGN_RSA_PKCS1V15_RAW) {
		memcpy(hash, sha256_info, sizeof(sha256_info));
		len = sizeof(sha256_info) + 32;
		changed = len - 1;
	}
	input.text = (struct parsec_span){ hash, len ? len : 32 };
	if (!works(meeting->here, &meeting->own, SIGN, &input, signature, &len))
		return false;
	input.signature = (struct parsec_span){ signature, len };
	if (!works(meeting->there, &meeting->other, VERIFY, &input, NULL, &len))
		return false;
	signature[input.signature.len - 1] ^= 1;
	if (!refuses(meeting->there, &meeting->other, VERIFY, &input, "a changed signature"))
		return false;
	signature[input.signature.len - 1] ^= 1;
	/* Of ECDSA the last bytes may be more than the curve has bits for */
	hash[changed] ^= 1;
	return refuses(meeting->there, &meeting->other, VERIFY, &input, "another hash");
}

/* Encrypted there, decrypted here */
static bool encrypt_and_decrypt(struct meeting *meeting)
{
	struct input input = { .alg = meeting->attrs.alg };
	uint8_t text[16], sealed[ROOM], opened[ROOM];
	const struct parsec_span plain = { text, sizeof(text) };
	size_t len;

	fill(&meeting->here->check, text, sizeof(text));
	input.text = plain;
	if (!works(meeting->there, &meeting->other, ASYMMETRIC_ENCRYPT, &input, sealed, &len))
		return false;
	input.text = (struct parsec_span){ sealed, len };
	return works(meeting->here, &meeting->own, ASYMMETRIC_DECRYPT, &input, opened, &len) &&
	       same(meeting->here, "decrypts to something else", plain, opened, len);
}

/* The same with a label, which not each backend can carry, but then it must say so */
static bool with_label(struct meeting *meeting)
{
	struct input input = { .alg = meeting->attrs.alg };
	uint8_t text[16], sealed[ROOM], opened[ROOM];
	const struct parsec_span plain = { text, sizeof(text) };
	enum parsec_status status;
	size_t len;

	fill(&meeting->here->check, text, sizeof(text));
	input.first = (struct parsec_span){ (const uint8_t *)"label", 6 };
	input.text = plain;
	status = run(&meeting->there->check, &meeting->other, ASYMMETRIC_ENCRYPT, &input, sealed,
		     ROOM, &len);
	if (status)
		return status == PARSEC_PSA_ERROR_NOT_SUPPORTED ||
		       failed(meeting->there, "encrypt with a label", status);
	input.text = (struct parsec_span){ sealed, len };
	status = run(&meeting->here->check, &meeting->own, ASYMMETRIC_DECRYPT, &input, opened,
		     ROOM, &len);
	if (status)
		return status == PARSEC_PSA_ERROR_NOT_SUPPORTED ||
		       failed(meeting->here, "decrypt with a label", status);
	return same(meeting->here, "decrypts to something else", plain, opened, len);
}

/* With each hash that both have, or without one */
static bool with_hashes(struct meeting *meeting, bool (*once)(struct meeting *meeting,
							      const struct parsec_alg *alg))
{
	const struct kind *kind = &kinds[meeting->row->alg_kind];
	struct parsec_alg alg = meeting->attrs.alg;
	unsigned int tried = 0;

	for (unsigned int hash = 0; hash <= PARSEC_HASH_LAST; hash++) {
		if (!hash != !meeting->row->hashes || !both_have(meeting, kind, (uint8_t)hash))
			continue;
		alg.hash = (uint8_t)hash;
		if (!once(meeting, &alg)) {
			because("hash: %s", hash ? name_of_hash((uint8_t)hash) : "none");
			return false;
		}
		tried++;
	}
	if (!tried)
		because("the two have no hash in common");
	return tried;
}

static bool meet_signature(struct meeting *meeting)
{
	bool good;

	if (!split(meeting))
		return false;
	good = with_hashes(meeting, sign_and_verify);
	return part(meeting) && good;
}

static bool meet_encryption(struct meeting *meeting)
{
	bool good;

	if (!split(meeting))
		return false;
	good = encrypt_and_decrypt(meeting) &&
	       (meeting->row->scheme != PARSEC_CRYPT_RSA_OAEP || with_label(meeting));
	return part(meeting) && good;
}

static bool mac_equal(struct meeting *meeting)
{
	struct input input = { .alg = meeting->attrs.alg };
	uint8_t text[64], mac[ROOM], other[ROOM];
	size_t len, other_len;

	fill(&meeting->here->check, text, sizeof(text));
	input.text = (struct parsec_span){ text, sizeof(text) };
	return works(meeting->here, &meeting->own, MAC, &input, mac, &len) &&
	       works(meeting->there, &meeting->other, MAC, &input, other, &other_len) &&
	       same(meeting->there, "another MAC", (struct parsec_span){ mac, len }, other,
		    other_len);
}

static bool meet_mac(struct meeting *meeting)
{
	bool good;

	if (!share(meeting))
		return false;
	good = mac_equal(meeting);
	return part(meeting) && good;
}

/* Encrypted here, decrypted there; @sealed has room */
static bool there_again(struct meeting *meeting, enum primitive encrypt, enum primitive decrypt,
			struct input *input, uint8_t *sealed)
{
	const struct parsec_span text = input->text;
	uint8_t opened[ROOM];
	size_t len;

	if (!works(meeting->here, &meeting->own, encrypt, input, sealed, &len))
		return false;
	input->text = (struct parsec_span){ sealed, len };
	return works(meeting->there, &meeting->other, decrypt, input, opened, &len) &&
	       same(meeting->there, "decrypts to something else", text, opened, len);
}

static bool meet_cipher(struct meeting *meeting)
{
	/* Whole blocks, and not, for who can */
	static const size_t lengths[] = { 48, 33 };
	struct input input = { .alg = meeting->attrs.alg };
	uint8_t scheme = meeting->row->scheme, iv[16], text[48], sealed[ROOM];
	bool whole = scheme == PARSEC_CIPHER_ECB_NO_PADDING ||
		     scheme == PARSEC_CIPHER_CBC_NO_PADDING, good = true;

	if (!share(meeting))
		return false;
	fill(&meeting->here->check, iv, sizeof(iv));
	fill(&meeting->here->check, text, sizeof(text));
	input.first = (struct parsec_span){ iv, iv_size(&meeting->attrs) };
	for (size_t i = 0; good && i < ELEMENTS(lengths) - whole; i++) {
		input.text = (struct parsec_span){ text, lengths[i] };
		good = there_again(meeting, CIPHER_ENCRYPT, CIPHER_DECRYPT, &input, sealed);
	}
	return part(meeting) && good;
}

static bool meet_aead(struct meeting *meeting)
{
	struct input input = { .alg = meeting->attrs.alg };
	uint8_t nonce[12], additional[20], text[33], sealed[ROOM];
	bool good;

	if (!share(meeting))
		return false;
	fill(&meeting->here->check, nonce, sizeof(nonce));
	fill(&meeting->here->check, additional, sizeof(additional));
	fill(&meeting->here->check, text, sizeof(text));
	input.first = (struct parsec_span){ nonce, sizeof(nonce) };
	input.additional = (struct parsec_span){ additional, sizeof(additional) };
	input.text = (struct parsec_span){ text, sizeof(text) };
	good = there_again(meeting, AEAD_ENCRYPT, AEAD_DECRYPT, &input, sealed);
	sealed[0] ^= 1;
	good = good && refuses(meeting->there, &meeting->other, AEAD_DECRYPT, &input,
			       "a changed ciphertext");
	return part(meeting) && good;
}

static bool agree_both(struct meeting *meeting, const uint8_t *other_public, size_t other_len)
{
	struct input input = { .alg = meeting->attrs.alg };
	uint8_t secret[ROOM], other[ROOM];
	size_t len, got;

	input.first = (struct parsec_span){ other_public, other_len };
	if (!works(meeting->here, &meeting->own, AGREE, &input, secret, &len))
		return false;
	input.first = (struct parsec_span){ meeting->public, meeting->public_len };
	return works(meeting->there, &meeting->other, AGREE, &input, other, &got) &&
	       same(meeting->there, "another secret", (struct parsec_span){ secret, len }, other,
		    got);
}

/* A pair on each side */
static bool meet_agreement(struct meeting *meeting)
{
	const struct parsec_capabilities *caps = &meeting->there->check.plugin.caps;
	struct parsec_capability row = *meeting->row;
	uint8_t public[ROOM];
	size_t len;
	bool good;

	if (policy_supported(caps, &meeting->attrs, PARSEC_CAN_GENERATE | PARSEC_CAN_DERIVE))
		row.can &= ~(uint32_t)PARSEC_CAN_GENERATE;
	if (!make_pair(meeting->there, &meeting->other, &row, &meeting->attrs, public, &len))
		return false;
	if (!make_pair(meeting->here, &meeting->own, meeting->row, &meeting->attrs,
		       meeting->public, &meeting->public_len)) {
		unmake(meeting->there, &meeting->other);
		return false;
	}
	good = agree_both(meeting, public, len);
	return part(meeting) && good;
}

#define IMPORT	PARSEC_CAN_IMPORT
#define HAS_PUBLIC	PARSEC_CAN_EXPORT_PUBLIC

const struct kind kinds[KINDS] = {
	[PARSEC_ALG_MAC] = { "MAC", IMPORT | PARSEC_CAN_SIGN, IMPORT | PARSEC_CAN_VERIFY, false,
			     meet_mac },
	[PARSEC_ALG_CIPHER] = { "cipher", IMPORT | PARSEC_CAN_ENCRYPT,
				IMPORT | PARSEC_CAN_DECRYPT, false, meet_cipher },
	[PARSEC_ALG_AEAD] = { "AEAD", IMPORT | PARSEC_CAN_ENCRYPT, IMPORT | PARSEC_CAN_DECRYPT,
			      false, meet_aead },
	[PARSEC_ALG_SIGNATURE] = { "signature", HAS_PUBLIC | PARSEC_CAN_SIGN,
				   IMPORT | PARSEC_CAN_VERIFY, true, meet_signature },
	[PARSEC_ALG_ASYMMETRIC_ENCRYPTION] = { "asymmetric encryption",
					       HAS_PUBLIC | PARSEC_CAN_DECRYPT,
					       IMPORT | PARSEC_CAN_ENCRYPT, true,
					       meet_encryption },
	[PARSEC_ALG_KEY_AGREEMENT] = { "key agreement", HAS_PUBLIC | PARSEC_CAN_DERIVE,
				       HAS_PUBLIC | PARSEC_CAN_DERIVE, true,
				       meet_agreement },
};
