// SPDX-License-Identifier: Apache-2.0
/*
 * Everything that one key can be used for, as a list of calls whose right results are
 * known: to be made once, by many threads, after a restart, or while something fails.
 */
#include <stdlib.h>
#include <string.h>

#include "helper/policy.h"
#include "tools/provider-check/check.h"

#define TEXT	64
#define NONCE	12

static struct step *add(struct plan *plan, enum primitive primitive, const struct input *input)
{
	struct step *step = &plan->steps[plan->count++];

	step->primitive = primitive;
	step->input = *input;
	return step;
}

static bool failed(const char *what, enum primitive primitive, int status)
{
	because("%s: %s: status %d", name_of_primitive(primitive), what, status);
	return false;
}

/* Add a call whose result is the same each time: what it is now, unless that is known */
static bool add_fixed(struct check *check, struct plan *plan, struct subject *subject,
		      enum primitive primitive, const struct input *input)
{
	struct step *step = add(plan, primitive, input);
	enum parsec_status status = run(check, subject, primitive, input, step->expected, ROOM,
					&step->expected_len);

	step->fixed = true;
	return status == PARSEC_SUCCESS || failed("does not work", primitive, status);
}

static void add_known(struct plan *plan, enum primitive primitive, const struct input *input,
		      struct parsec_span expected)
{
	struct step *step = add(plan, primitive, input);

	memcpy(step->expected, expected.data, expected.len);
	step->expected_len = expected.len;
	step->fixed = true;
}

/* From the key itself, when nobody else knows it */
static void learn_public(struct check *check, struct plan *plan, struct subject *subject,
			 const struct parsec_capability *row)
{
	struct input none = { .alg = subject->attrs.alg };
	uint8_t out[ROOM];
	size_t len;

	if (plan->pkey || !(row->can & PARSEC_CAN_EXPORT_PUBLIC) ||
	    run(check, subject, EXPORT_PUBLIC, &none, out, ROOM, &len))
		return;
	plan->pkey = material_public(row->type, row->family, subject->attrs.bits, out, len);
	plan->own_pkey = plan->pkey;
}

static bool plan_signature(struct check *check, struct plan *plan, struct subject *subject,
			   struct input *input)
{
	static const uint8_t sha256_info[] = { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86,
		0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20 };
	size_t len = policy_hash_size(input->alg.hash);
	enum parsec_status status = PARSEC_SUCCESS;
	long oracle = -1;

	if (input->alg.scheme == PARSEC_SIGN_RSA_PKCS1V15_RAW) {
		memcpy(plan->text, sha256_info, sizeof(sha256_info));
		len = sizeof(sha256_info) + 32;
	}
	input->text = (struct parsec_span){ plan->text, len ? len : 32 };
	if (plan->can & PARSEC_CAN_SIGN) {
		status = run(check, subject, SIGN, input, plan->sealed, ROOM, &len);
		if (status)
			return failed("does not work", SIGN, status);
		add(plan, SIGN, input);
	} else if (plan->pkey) {
		oracle = oracle_primitive(&(struct material){ .pkey = plan->pkey }, subject, SIGN,
					  input, plan->sealed);
		len = oracle > 0 ? (size_t)oracle : 0;
	}
	if (!(plan->can & PARSEC_CAN_VERIFY) || (!(plan->can & PARSEC_CAN_SIGN) && oracle <= 0))
		return true;
	input->signature = (struct parsec_span){ plan->sealed, len };
	add(plan, VERIFY, input)->fixed = true;
	return true;
}

static bool plan_asymmetric(struct check *check, struct plan *plan, struct subject *subject,
			    struct input *input)
{
	const struct parsec_span text = { plan->text, 16 };
	struct material known = { .pkey = plan->pkey };
	enum parsec_status status;
	size_t len;
	long oracle;

	input->text = text;
	if (plan->can & PARSEC_CAN_ENCRYPT) {
		status = run(check, subject, ASYMMETRIC_ENCRYPT, input, plan->sealed, ROOM, &len);
		if (status)
			return failed("does not work", ASYMMETRIC_ENCRYPT, status);
		add(plan, ASYMMETRIC_ENCRYPT, input);
	} else {
		oracle = plan->pkey ? oracle_primitive(&known, subject, ASYMMETRIC_ENCRYPT, input,
						       plan->sealed) : -1;
		if (oracle < 0)
			return true;
		len = (size_t)oracle;
	}
	input->text = (struct parsec_span){ plan->sealed, len };
	if (plan->can & PARSEC_CAN_DECRYPT)
		add_known(plan, ASYMMETRIC_DECRYPT, input, text);
	return true;
}

/* Encryption is the same each time when nonce or IV are; decryption is its inverse */
static bool plan_symmetric(struct check *check, struct plan *plan, struct subject *subject,
			   struct input *input, enum primitive encrypt, enum primitive decrypt)
{
	const struct parsec_span text = { plan->text, 32 };
	struct step *step = &plan->steps[plan->count];

	input->text = text;
	if (!(plan->can & PARSEC_CAN_ENCRYPT))
		return true;
	if (!add_fixed(check, plan, subject, encrypt, input))
		return false;
	memcpy(plan->sealed, step->expected, step->expected_len);
	input->text = (struct parsec_span){ plan->sealed, step->expected_len };
	if (plan->can & PARSEC_CAN_DECRYPT)
		add_known(plan, decrypt, input, text);
	return true;
}

static bool plan_agreement(struct check *check, struct plan *plan, struct subject *subject,
			   struct input *input)
{
	uint8_t own[ROOM];
	struct parsec_span secret = { NULL, 0 };
	uint8_t *point = NULL, expected[ROOM];
	size_t own_len;
	long len;

	if (!(plan->can & PARSEC_CAN_DERIVE))
		return true;
	if (!material_make(check, &plan->peer, public_of(subject->attrs.type),
			   subject->attrs.family, subject->attrs.bits))
		return true;
	input->first = (struct parsec_span){ plan->peer.bytes, plan->peer.len };
	if (!plan->pkey)
		return add_fixed(check, plan, subject, AGREE, input);
	own_len = EVP_PKEY_get1_encoded_public_key(plan->pkey, &point);
	if (!own_len || own_len > ROOM)
		return false;
	memcpy(own, point, own_len);
	OPENSSL_free(point);
	input->text = (struct parsec_span){ own, own_len };
	len = oracle_primitive(&plan->peer, subject, AGREE, input, expected);
	input->text = (struct parsec_span){ NULL, 0 };
	if (len < 0)
		return add_fixed(check, plan, subject, AGREE, input);
	secret = (struct parsec_span){ expected, (size_t)len };
	add_known(plan, AGREE, input, secret);
	return true;
}

/* A challenge for this key, made once and answered each time */
static bool plan_attestation(struct check *check, struct plan *plan, struct subject *subject)
{
	const struct parsec_span credential = { plan->text, CREDENTIAL_MAX };
	struct step *step = &plan->steps[plan->count];
	struct input input = { .alg = subject->attrs.alg };
	struct attestation attestation;

	if (!add_fixed(check, plan, subject, ATTEST_PREPARE, &input))
		return false;
	if (!attestation_read(&attestation, step->expected, step->expected_len) ||
	    !challenge_make(attestation.attesting, attestation.name, credential,
			    &plan->challenge))
		return failed("no challenge can be made of this", ATTEST_PREPARE, 0);
	input.text = (struct parsec_span){ plan->challenge.blob, plan->challenge.blob_len };
	input.first = (struct parsec_span){ plan->challenge.secret, plan->challenge.secret_len };
	add_known(plan, ATTEST_ACTIVATE, &input, credential);
	return true;
}

static bool plan_alg(struct check *check, struct plan *plan, struct subject *subject,
		     struct input *input)
{
	switch (input->alg.kind) {
	case PARSEC_ALG_SIGNATURE:
		return plan_signature(check, plan, subject, input);
	case PARSEC_ALG_MAC:
		input->text = (struct parsec_span){ plan->text, 32 };
		return !(plan->can & (PARSEC_CAN_SIGN | PARSEC_CAN_VERIFY)) ||
		       add_fixed(check, plan, subject, MAC, input);
	case PARSEC_ALG_CIPHER:
		input->first = (struct parsec_span){ plan->nonce, iv_size(&subject->attrs) };
		return plan_symmetric(check, plan, subject, input, CIPHER_ENCRYPT,
				      CIPHER_DECRYPT);
	case PARSEC_ALG_AEAD:
		input->first = (struct parsec_span){ plan->nonce, NONCE };
		input->additional = (struct parsec_span){ plan->nonce, sizeof(plan->nonce) };
		return plan_symmetric(check, plan, subject, input, AEAD_ENCRYPT, AEAD_DECRYPT);
	case PARSEC_ALG_ASYMMETRIC_ENCRYPTION:
		return plan_asymmetric(check, plan, subject, input);
	case PARSEC_ALG_KEY_AGREEMENT:
		return plan_agreement(check, plan, subject, input);
	default:
		return true;
	}
}

/**
 * plan_make() - what a loaded key of this row can be used for
 * @pkey:	the key as OpenSSL has it, or NULL; stays the caller's
 *
 * Return: the list, or NULL, with the reason said, when one of the uses does not work.
 */
struct plan *plan_make(struct check *check, struct subject *subject,
		       const struct parsec_capability *row, EVP_PKEY *pkey)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	struct input input = { .alg = subject->attrs.alg };
	bool good = true;

	if (!plan)
		abort();
	plan->pkey = pkey;
	plan->private = pkey && is_private(pkey);
	plan->can = row->can;
	fill(check, plan->text, sizeof(plan->text));
	fill(check, plan->nonce, sizeof(plan->nonce));
	learn_public(check, plan, subject, row);
	if (row->can & PARSEC_CAN_EXPORT)
		good &= add_fixed(check, plan, subject, EXPORT, &input);
	if (row->can & PARSEC_CAN_EXPORT_PUBLIC)
		good &= add_fixed(check, plan, subject, EXPORT_PUBLIC, &input);
	if (row->can & PARSEC_CAN_ATTEST)
		good = good && plan_attestation(check, plan, subject);
	if (good && plan_alg(check, plan, subject, &input))
		return plan;
	plan_free(plan);
	return NULL;
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	EVP_PKEY_free(plan->own_pkey);
	material_free(&plan->peer);
	free(plan);
}

/* A result that differs each time: used the other way round, by OpenSSL if it can */
static bool is_inverse(struct check *check, struct plan *plan, struct subject *subject,
		       const struct step *step, const uint8_t *out, size_t len)
{
	struct material known = { .pkey = plan->pkey };
	struct input input = step->input;
	uint8_t text[ROOM];
	size_t got;

	if (step->primitive == SIGN) {
		input.signature = (struct parsec_span){ out, len };
		if (plan->pkey)
			return oracle_verify(plan->pkey, subject, &input);
		return !(plan->can & PARSEC_CAN_VERIFY) ||
		       !run(check, subject, VERIFY, &input, NULL, 0, &got);
	}
	input.text = (struct parsec_span){ out, len };
	if (plan->private)
		return oracle_primitive(&known, subject, ASYMMETRIC_DECRYPT, &input, text) ==
			       (long)step->input.text.len &&
		       !memcmp(text, plan->text, step->input.text.len);
	return !(plan->can & PARSEC_CAN_DECRYPT) ||
	       (!run(check, subject, ASYMMETRIC_DECRYPT, &input, text, ROOM, &got) &&
		got == step->input.text.len && !memcmp(text, plan->text, got));
}

bool step_is_right(struct check *check, struct plan *plan, struct subject *subject,
		   const struct step *step, const uint8_t *out, size_t len)
{
	if (step->primitive == VERIFY)
		return true;
	if (step->fixed)
		return len == step->expected_len && !memcmp(out, step->expected, len);
	return len && is_inverse(check, plan, subject, step, out, len);
}

/* Once through the list */
bool plan_run(struct check *check, struct plan *plan, struct subject *subject)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct step *step = &plan->steps[i];
		uint8_t out[ROOM];
		size_t len = 0;
		enum parsec_status status = run(check, subject, step->primitive, &step->input,
						out, ROOM, &len);

		if (status)
			return failed("does not work", step->primitive, status);
		if (!step_is_right(check, plan, subject, step, out, len))
			return failed("the result is wrong", step->primitive, status);
	}
	return true;
}

/* What a key of this row can be used for works, here and now */
bool exercise(struct check *check, struct subject *subject,
	      const struct parsec_capability *row, EVP_PKEY *pkey)
{
	struct plan *plan = plan_make(check, subject, row, pkey);
	bool good = plan && plan_run(check, plan, subject);

	plan_free(plan);
	return good;
}
