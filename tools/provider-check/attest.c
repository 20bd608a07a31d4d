// SPDX-License-Identifier: Apache-2.0
/*
 * Attestation, by the one who wants it: challenges that are for the key are answered, and
 * those that are not are refused, all with one status.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/rsa.h>

#include "tools/provider-check/check.h"

#define OUTPUTS		3
#define GUARD		0xa5
#define GUARD_BYTES	64
/* What the host has room for: the name, and each public part */
#define NAME_ROOM	(2 + PARSEC_HASH_SIZE_MAX)
#define PUBLIC_ROOM	4096
/* Bits below which nobody ought to believe an attesting key */
#define ATTESTING_BITS	2048

/* Each output is put behind those before, behind its length */
static enum parsec_status put(struct parsec_out *out, const struct parsec_out *part)
{
	if (part->len > UINT16_MAX || part->len + 2 > out->size - out->len)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	out->data[out->len++] = (uint8_t)(part->len >> 8);
	out->data[out->len++] = (uint8_t)part->len;
	memcpy(out->data + out->len, part->data, part->len);
	out->len += part->len;
	return PARSEC_SUCCESS;
}

static bool is_within(const struct parsec_out *part)
{
	for (size_t i = 0; i < GUARD_BYTES; i++) {
		if (part->data[part->size + i] != GUARD)
			return false;
	}
	return part->len <= part->size;
}

enum parsec_status call_prepare(struct check *check, struct parsec_key *key,
				const struct input *input, struct parsec_out *out)
{
	static const size_t enough[OUTPUTS] = { NAME_ROOM, PUBLIC_ROOM, PUBLIC_ROOM };
	uint8_t rooms[OUTPUTS][PUBLIC_ROOM + GUARD_BYTES];
	struct parsec_out parts[OUTPUTS];
	enum parsec_status status;

	memset(rooms, GUARD, sizeof(rooms));
	for (size_t i = 0; i < OUTPUTS; i++)
		parts[i] = (struct parsec_out){
			rooms[i], input->rooms[i] ? input->rooms[i] : enough[i], 0 };
	status = check->ops->attest_prepare(check->plugin.ctx, key, input->attesting, &parts[0],
					    &parts[1], &parts[2]);
	for (size_t i = 0; i < OUTPUTS; i++) {
		if (!is_within(&parts[i]))
			return PARSEC_PSA_ERROR_CORRUPTION_DETECTED;
	}
	for (size_t i = 0; i < OUTPUTS && !status; i++)
		status = put(out, &parts[i]);
	return status;
}

bool attestation_read(struct attestation *attestation, const uint8_t *bytes, size_t len)
{
	struct parsec_span *const parts[] = {
		&attestation->name, &attestation->public, &attestation->attesting,
	};

	for (size_t i = 0; i < OUTPUTS; i++) {
		size_t size;

		if (len < 2)
			return false;
		size = (size_t)bytes[0] << 8 | bytes[1];
		if (size > len - 2)
			return false;
		*parts[i] = (struct parsec_span){ bytes + 2, size };
		bytes += 2 + size;
		len -= 2 + size;
	}
	return !len;
}

/**
 * struct proof - an attestation under way
 * @check:	provider
 * @row:	of the key
 * @key:	that is attested
 * @attesting:	that attests, or NULL
 * @bytes:	what attest_prepare() has written
 * @info:	the same, taken apart
 */
struct proof {
	struct check *check;
	const struct parsec_capability *row;
	struct subject *key;
	struct parsec_key *attesting;
	uint8_t bytes[ROOM];
	struct attestation info;
};

static enum parsec_status prepare(struct proof *proof)
{
	const struct input input = { .attesting = proof->attesting };
	enum parsec_status status;
	size_t len;

	status = run(proof->check, proof->key, ATTEST_PREPARE, &input, proof->bytes,
		     sizeof(proof->bytes), &len);
	if (!status && !attestation_read(&proof->info, proof->bytes, len))
		abort();
	return status;
}

static enum parsec_status activate(const struct proof *proof, const struct challenge *challenge,
				   uint8_t *out, size_t size, size_t *len)
{
	const struct input input = {
		.text = { challenge->blob, challenge->blob_len },
		.first = { challenge->secret, challenge->secret_len },
		.attesting = proof->attesting,
	};

	return run(proof->check, proof->key, ATTEST_ACTIVATE, &input, out, size, len);
}

static bool same(struct parsec_span a, struct parsec_span b)
{
	return a.len == b.len && (!a.len || !memcmp(a.data, b.data, a.len));
}

static bool is_attesting_key(struct parsec_span der)
{
	const uint8_t *end = der.data;
	EVP_PKEY *pkey = d2i_PublicKey(EVP_PKEY_RSA, NULL, &end, (long)der.len);
	bool good = pkey && end == der.data + der.len &&
		    EVP_PKEY_get_bits(pkey) >= ATTESTING_BITS;

	EVP_PKEY_free(pkey);
	if (!good)
		because("attest_prepare: the attesting key is not the RSAPublicKey of at least "
			"%d bits", ATTESTING_BITS);
	return good;
}

static bool minds_rooms(struct proof *proof)
{
	const size_t lens[OUTPUTS] = {
		proof->info.name.len, proof->info.public.len, proof->info.attesting.len,
	};
	bool good = true;

	for (size_t i = 0; i < OUTPUTS; i++) {
		struct input input = { .attesting = proof->attesting };
		uint8_t out[ROOM];
		enum parsec_status status;
		size_t len;

		input.rooms[i] = lens[i] - 1;
		status = run(proof->check, proof->key, ATTEST_PREPARE, &input, out, ROOM, &len);
		if (status == PARSEC_PSA_ERROR_BUFFER_TOO_SMALL)
			continue;
		because("attest_prepare: no room for output %zu: status %d%s", i, status,
			status == PARSEC_PSA_ERROR_CORRUPTION_DETECTED ?
				", written beyond the room" : "");
		good = false;
	}
	return good;
}

/* What the verifier is told is true, and in the formats of the contract */
static bool tells_the_truth(struct proof *proof, EVP_PKEY *known)
{
	const struct parsec_capability *row = proof->row;
	const struct input none = { .attesting = NULL };
	EVP_PKEY *pkey = NULL;
	uint8_t out[ROOM];
	bool good;
	size_t len;

	if (row->can & PARSEC_CAN_EXPORT_PUBLIC &&
	    !run(proof->check, proof->key, EXPORT_PUBLIC, &none, out, ROOM, &len))
		pkey = material_public(row->type, row->family, proof->key->attrs.bits, out, len);
	good = public_area_is(&proof->info, proof->key, !known, pkey ? pkey : known);
	EVP_PKEY_free(pkey);
	return is_attesting_key(proof->info.attesting) & good && minds_rooms(proof);
}

/* A challenge with a credential of this length is answered */
static bool answers(const struct proof *proof, size_t credential_len)
{
	uint8_t credential[CREDENTIAL_MAX], out[ROOM];
	struct challenge challenge;
	struct input input;
	enum parsec_status status;
	size_t len = 0;

	fill(proof->check, credential, sizeof(credential));
	if (!challenge_make(proof->info.attesting, proof->info.name,
			    (struct parsec_span){ credential, credential_len }, &challenge))
		return false;
	status = activate(proof, &challenge, out, sizeof(out), &len);
	if (status || len != credential_len || memcmp(out, credential, len)) {
		because("attest_activate: a credential of %zu bytes: status %d, %zu bytes%s",
			credential_len, status, len,
			!status && len == credential_len ? " that are wrong" : "");
		return false;
	}
	input = (struct input){
		.text = { challenge.blob, challenge.blob_len },
		.first = { challenge.secret, challenge.secret_len },
		.attesting = proof->attesting,
	};
	return check_bounds(proof->check, proof->key, ATTEST_ACTIVATE, &input, len);
}

static bool refuses(const struct proof *proof, const struct challenge *challenge,
		    const char *what)
{
	uint8_t out[ROOM];
	size_t len;
	enum parsec_status status = activate(proof, challenge, out, sizeof(out), &len);

	if (status == PARSEC_PSA_ERROR_INVALID_ARGUMENT)
		return true;
	because("attest_activate: %s: status %d, not 1135", what, status);
	return false;
}

/* The parts of a good one: changed, cut short, too long, none */
static bool refuses_damage(const struct proof *proof, const struct challenge *right)
{
	const size_t stride = proof->check->quick ? 8 : 1;
	struct challenge wrong;
	bool good = true;

	for (size_t at = 0; at < right->blob_len; at += at < 2 ? 1 : 5 * stride) {
		wrong = *right;
		wrong.blob[at] ^= 0x40;
		good &= refuses(proof, &wrong, "a changed blob");
	}
	for (size_t len = 0; len < right->blob_len; len += len < 3 ? 1 : len > 31 ? stride : 7) {
		wrong = *right;
		wrong.blob_len = len;
		good &= refuses(proof, &wrong, "a blob cut short");
	}
	wrong = *right;
	wrong.blob[wrong.blob_len++] = 0;
	good &= refuses(proof, &wrong, "a byte behind the blob");
	wrong.blob_len = sizeof(wrong.blob);
	good &= refuses(proof, &wrong, "a blob that is too long");
	for (size_t at = 0; at < right->secret_len; at += right->secret_len / 4) {
		wrong = *right;
		wrong.secret[at] ^= 1;
		good &= refuses(proof, &wrong, "a changed secret");
	}
	for (size_t i = 0; i < 5; i++) {
		const size_t lens[] = { 0, 1, right->secret_len - 1, right->secret_len + 1,
					sizeof(wrong.secret) };

		wrong = *right;
		memset(wrong.secret + right->secret_len, 0, sizeof(wrong.secret) -
		       right->secret_len);
		wrong.secret_len = lens[i];
		good &= refuses(proof, &wrong, "a secret of wrong length");
	}
	memset(wrong.secret, 0xff, right->secret_len);
	wrong.secret_len = right->secret_len;
	return refuses(proof, &wrong, "a secret above the modulus") && good;
}

/* Well made, but of what is no credential, or for a purpose that is another one */
static bool refuses_nonsense(const struct proof *proof)
{
	static const struct {
		const char *what;
		const char *label;
		size_t claimed;
		size_t len;
	} cases[] = {
		{ "a secret with another label", "DUPLICATE", 32, 32 },
		{ "a secret without a label", "", 32, 32 },
		{ "a credential that claims a byte more", CREDENTIAL_LABEL, 33, 32 },
		{ "a credential that claims far more", CREDENTIAL_LABEL, 0xffff, 32 },
		{ "a credential with something behind it", CREDENTIAL_LABEL, 31, 32 },
		{ "a credential longer than any hash", CREDENTIAL_LABEL, 65, 65 },
	};
	uint8_t inner[2 + 65];
	bool good = true;

	for (size_t i = 0; i < ELEMENTS(cases); i++) {
		const struct wrapping wrapping = {
			.attesting = proof->info.attesting, .name = proof->info.name,
			.inner = { inner, 2 + cases[i].len }, .label = cases[i].label,
		};
		struct challenge challenge;

		fill(proof->check, inner, sizeof(inner));
		inner[0] = (uint8_t)(cases[i].claimed >> 8);
		inner[1] = (uint8_t)cases[i].claimed;
		good &= challenge_wrap(&wrapping, &challenge) &&
			refuses(proof, &challenge, cases[i].what);
	}
	return good;
}

static bool refuses_name(const struct proof *proof, struct parsec_span name)
{
	static const uint8_t credential[CREDENTIAL_MAX] = { 1 };
	struct challenge challenge;

	return challenge_make(proof->info.attesting, name,
			      (struct parsec_span){ credential, sizeof(credential) },
			      &challenge) &&
	       refuses(proof, &challenge, "a challenge for another key");
}

/* Made once, for it takes long */
static EVP_PKEY *another_attesting_key(void)
{
	static EVP_PKEY *pkey;

	if (!pkey)
		pkey = EVP_RSA_gen(ATTESTING_BITS);
	return pkey;
}

/* Challenges for another name, or for a key that attests nothing here */
static bool refuses_others(const struct proof *proof, struct parsec_span name)
{
	const size_t name_len = proof->info.name.len;
	uint8_t changed[CREDENTIAL_NAME_MAX] = { 0 };
	static const uint8_t credential[CREDENTIAL_MAX] = { 1 };
	const struct parsec_span span = { credential, sizeof(credential) };
	EVP_PKEY *pkey = another_attesting_key();
	uint8_t *der = NULL;
	int len = pkey ? i2d_PublicKey(pkey, &der) : 0;
	struct challenge challenge;
	bool good;

	/* A key that is imported twice has one name */
	good = same(name, proof->info.name) || refuses_name(proof, name);
	memcpy(changed, proof->info.name.data, name_len);
	changed[name_len - 1] ^= 1;
	name = (struct parsec_span){ changed, name_len };
	good = refuses_name(proof, name) && good;
	good = len > 0 &&
	       challenge_make((struct parsec_span){ der, (size_t)len }, proof->info.name, span,
			      &challenge) &&
	       refuses(proof, &challenge, "a challenge for another attesting key") && good;
	OPENSSL_free(der);
	return good;
}

static bool refuses_all(const struct proof *proof, struct parsec_span other_name)
{
	static const uint8_t credential[CREDENTIAL_MAX] = { 1 };
	struct challenge right;
	bool good = challenge_make(proof->info.attesting, proof->info.name,
				   (struct parsec_span){ credential, sizeof(credential) },
				   &right) &&
		    refuses_damage(proof, &right);

	good &= refuses_nonsense(proof);
	good &= refuses_others(proof, other_name);
	return good && answers(proof, CREDENTIAL_MAX);
}

/* With another key that attests: as with the backend's own, or not at all */
static bool with_another(struct proof own, struct subject *other, bool *works)
{
	static struct proof proof;
	static const uint8_t credential[CREDENTIAL_MAX] = { 1 };
	const struct parsec_span span = { credential, sizeof(credential) };
	struct challenge challenge;
	enum parsec_status status;
	uint8_t out[ROOM];
	size_t len;

	proof = own;
	proof.attesting = other->key;
	status = prepare(&proof);
	*works = !status;
	if (!challenge_make(own.info.attesting, own.info.name, span, &challenge))
		return false;
	if (!status)
		return is_attesting_key(proof.info.attesting) && answers(&proof, CREDENTIAL_MAX) &&
		       refuses(&proof, &challenge, "a challenge for the backend's own key");
	if (status == PARSEC_PSA_ERROR_NOT_SUPPORTED)
		status = activate(&proof, &challenge, out, sizeof(out), &len);
	if (status == PARSEC_PSA_ERROR_NOT_SUPPORTED)
		return true;
	because("a key that cannot attest: status %d, not 1134", status);
	return false;
}

/* Whatever the row of the attesting key is; the first of each kind */
static bool with_others(const struct proof *own)
{
	struct check *check = own->check;
	bool good = true, works;

	for (size_t i = 0; i < check->plugin.caps.count; i++) {
		const struct parsec_capability *row = &check->plugin.caps.rows[i];
		static struct material known;
		struct subject other;

		if ((like_before(check, i) && !check->full) ||
		    !row_key(check, row, &other, &known))
			continue;
		if (subject_load(check, &other) || !with_another(*own, &other, &works)) {
			because("attesting key: %s", name_of_key(row, row->bits[0]));
			good = false;
		}
		subject_destroy(check, &other);
		material_free(&known);
	}
	return good;
}

/* The verifier knows the attesting key from before, so it is the same ever after */
static bool outlives_restart(struct check *check, size_t index, struct subject *key,
			     const struct proof *before)
{
	static struct proof proof;
	static const uint8_t credential[CREDENTIAL_MAX] = { 1 };
	struct challenge challenge;
	uint8_t out[ROOM];
	size_t len;

	if (!challenge_make(before->info.attesting, before->info.name,
			    (struct parsec_span){ credential, sizeof(credential) }, &challenge))
		return false;
	subject_unload(check, key);
	if (!reopen(check)) {
		fact(false, "it closes and opens again");
		exit(tap_end());
	}
	proof = (struct proof){ .check = check, .row = &check->plugin.caps.rows[index],
				.key = key };
	return !subject_load(check, key) && !prepare(&proof) &&
	       same(proof.info.attesting, before->info.attesting) &&
	       !activate(&proof, &challenge, out, sizeof(out), &len) &&
	       len == sizeof(credential) && !memcmp(out, credential, len);
}

static void try_row(struct check *check, size_t index, struct subject *keys, EVP_PKEY *known)
{
	static struct proof proof, other;
	const struct parsec_capability *row = &check->plugin.caps.rows[index];
	const char *name = name_of_key(row, row->bits[0]);
	enum parsec_status status;
	bool good = true;

	proof = (struct proof){ .check = check, .row = row, .key = &keys[0] };
	other = (struct proof){ .check = check, .row = row, .key = &keys[1] };
	status = prepare(&proof);
	if (!status)
		status = prepare(&other);
	if (status)
		because("attest_prepare: status %d", status);
	if (!fact(!status && tells_the_truth(&proof, known),
		  "%s: a challenge can be made for it", name))
		return;
	for (size_t len = 1; len <= CREDENTIAL_MAX; len += len < 16 ? 15 : 16)
		good &= answers(&proof, len);
	fact(good, "%s: its challenges are answered", name);
	fact(refuses_all(&proof, other.info.name), "%s: other challenges are refused", name);
	good = with_others(&proof);
	fact(good, "%s: other keys attest it, or say that they cannot",
	     name_of_key(row, row->bits[0]));
	subject_unload(check, &keys[1]);
	good = outlives_restart(check, index, &keys[0], &proof);
	row = &check->plugin.caps.rows[index];
	fact(good, "%s: a challenge from before a restart is answered after it",
	     name_of_key(row, row->bits[0]));
}

void check_attest(struct check *check)
{
	static struct material known[2];
	struct subject keys[2];

	for (size_t i = 0; i < check->plugin.caps.count; i++) {
		const struct parsec_capability *row = &check->plugin.caps.rows[i];
		size_t made = 0;
		bool loaded = true;

		if (!(row->can & PARSEC_CAN_ATTEST) || (like_before(check, i) && !check->full))
			continue;
		while (made < 2 && row_key(check, row, &keys[made], &known[made]))
			loaded &= !subject_load(check, &keys[made++]);
		if (made == 2 && loaded)
			try_row(check, i, keys, known[0].pkey);
		else
			fact(false, "%s: there are keys to attest",
			     name_of_key(row, row->bits[0]));
		while (made--) {
			subject_destroy(check, &keys[made]);
			material_free(&known[made]);
		}
	}
}
