// SPDX-License-Identifier: Apache-2.0
/*
 * Key material that is none, or is not what its attributes say.
 */
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/objects.h>

#include "tools/provider-check/check.h"

/* One kind of key, into which nothing here may be imported */
struct victim {
	struct check *check;
	const struct parsec_capability *row;
	uint32_t bits;
	const struct material *right;
};

/* Into a key of @bits, 0 for as the data says. @also: a second right answer, if not 0 */
static bool refused(const struct victim *victim, uint32_t bits, const uint8_t *bytes, size_t len,
		    enum parsec_status also, const char *what)
{
	struct subject subject;
	enum parsec_status status;

	subject_init(&subject, victim->row, bits);
	status = subject_import(victim->check, &subject, (struct parsec_span){ bytes, len });
	if (status == PARSEC_SUCCESS)
		subject_destroy(victim->check, &subject);
	if (status == PARSEC_PSA_ERROR_INVALID_ARGUMENT || (also && status == also))
		return true;
	because("import of %s: status %d", what, status);
	return false;
}

/* Of any length that is not the right one, and of another size than said */
static bool bad_lengths(const struct victim *victim)
{
	const struct material *right = victim->right;
	bool good = refused(victim, 0, NULL, 0, 0, "nothing");
	uint8_t bytes[ROOM];
	size_t step = right->len / 8 + 1;

	memcpy(bytes, right->bytes, right->len);
	bytes[right->len] = 0;
	good &= refused(victim, victim->bits + 8, bytes, right->len, 0, "another size than said");
	good &= refused(victim, victim->bits - 1, bytes, right->len, 0, "a bit more than said");
	good &= refused(victim, victim->bits, bytes, right->len + 1, 0, "more than a key");
	for (size_t len = right->len - 1; len; len = len > step ? len - step : 0)
		good &= refused(victim, victim->bits, bytes, len, 0, "a part");
	return good;
}

/* One number, from 0 to one less than @limit: what is not between is refused */
static bool bad_numbers(const struct victim *victim, const BIGNUM *least, const BIGNUM *limit)
{
	size_t len = victim->right->len;
	BIGNUM *number = BN_dup(limit);
	uint8_t bytes[ROOM] = { 0 };
	bool good = refused(victim, victim->bits, bytes, len, 0, "zero");

	if (least && BN_bn2binpad(least, bytes, (int)len) == (int)len)
		good &= refused(victim, victim->bits, bytes, len, 0, "one");
	if (BN_bn2binpad(number, bytes, (int)len) == (int)len)
		good &= refused(victim, victim->bits, bytes, len, 0, "the first number beyond");
	if (BN_add_word(number, 1) && BN_bn2binpad(number, bytes, (int)len) == (int)len)
		good &= refused(victim, victim->bits, bytes, len, 0, "a number beyond");
	memset(bytes, 0xff, len);
	good &= refused(victim, victim->bits, bytes, len, 0, "ones");
	BN_free(number);
	return good;
}

static bool bad_scalar(const struct victim *victim)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(
		OBJ_txt2nid(curve_of(victim->row->family, victim->bits)));
	bool good = !group || bad_numbers(victim, NULL, EC_GROUP_get0_order(group));

	EC_GROUP_free(group);
	return good;
}

static bool bad_point(const struct victim *victim)
{
	size_t len = victim->right->len;
	uint8_t bytes[ROOM];
	bool good = true;

	for (size_t at = len / 4; at < len; at += len / 4) {
		memcpy(bytes, victim->right->bytes, len);
		bytes[at] ^= 1;
		good &= refused(victim, victim->bits, bytes, len, 0, "a point beside the curve");
	}
	memcpy(bytes, victim->right->bytes, len);
	for (unsigned int form = 0; form <= 7; form++) {
		bytes[0] = (uint8_t)form;
		if (form != 4)
			good &= refused(victim, victim->bits, bytes, len, 0,
					"a point of another form");
	}
	bytes[0] = 2 + (bytes[len - 1] & 1);
	good &= refused(victim, victim->bits, bytes, (len + 1) / 2, 0, "a compressed point");
	bytes[0] = 0;
	good &= refused(victim, victim->bits, bytes, 1, 0, "the point at infinity");
	memset(bytes + 1, 0, len - 1);
	bytes[0] = 4;
	good &= refused(victim, victim->bits, bytes, len, 0, "the point 0, 0");
	memset(bytes + 1, 0xff, len - 1);
	return refused(victim, victim->bits, bytes, len, 0, "coordinates beyond the field") && good;
}

static bool bad_dh(const struct victim *victim)
{
	bool public = is_public(victim->row->type), good = true;
	BIGNUM *prime = NULL;

	if (EVP_PKEY_get_bn_param(victim->right->pkey, OSSL_PKEY_PARAM_FFC_P, &prime) != 1)
		return true;
	/* The public key of exponent 0 is 1, and p - 1 is of order 2 */
	if (public)
		BN_sub_word(prime, 1);
	good = bad_numbers(victim, public ? BN_value_one() : NULL, prime);
	BN_free(prime);
	return good;
}

/* DER of something else, and changed DER: which may be another key, but must do no harm */
static bool bad_rsa(const struct victim *victim)
{
	static struct material other;
	size_t len = victim->right->len;
	uint8_t bytes[ROOM];
	bool good = true;

	if (material_make(victim->check, &other, victim->row->type == PARSEC_KEY_TYPE_RSA_KEY_PAIR ?
				PARSEC_KEY_TYPE_RSA_PUBLIC_KEY : PARSEC_KEY_TYPE_RSA_KEY_PAIR,
			  0, victim->bits))
		good &= refused(victim, victim->bits, other.bytes, other.len, 0,
				"the other half of a pair");
	material_free(&other);
	memset(bytes, 0, len);
	good &= refused(victim, victim->bits, bytes, len, 0, "zeros");
	memset(bytes, 0xff, len);
	good &= refused(victim, victim->bits, bytes, len, 0, "ones");
	for (size_t i = 0; i < 64; i++) {
		struct subject subject;
		uint8_t at[2];

		memcpy(bytes, victim->right->bytes, len);
		fill(victim->check, at, sizeof(at));
		/* Heads of the encoding first, then anywhere */
		bytes[i < 12 ? i : (at[0] | at[1] << 8) % len] ^= (uint8_t)(1 << (at[0] & 7));
		subject_init(&subject, victim->row, victim->bits);
		if (!subject_import(victim->check, &subject, (struct parsec_span){ bytes, len })) {
			if (!subject_load(victim->check, &subject))
				subject_unload(victim->check, &subject);
			subject_destroy(victim->check, &subject);
			good &= i >= 2;
		}
	}
	return good;
}

/* Keys that are right, but of a size that no row claims */
static bool unclaimed_sizes(const struct victim *victim)
{
	static const uint32_t sizes[] = { 8, 40, 64, 72, 128, 192, 200, 256, 264, 384, 512, 521,
		1280, 2304 };
	static struct material other;
	bool good = true;

	for (size_t i = 0; i < ELEMENTS(sizes); i++) {
		if (claimed_size(victim->check, victim->row, sizes[i]))
			continue;
		/* Too small for OpenSSL as well, or too large to be made here */
		if (is_slow(victim->row) && sizes[i] < 512)
			continue;
		if (!material_make(victim->check, &other, victim->row->type, victim->row->family,
				   sizes[i]))
			continue;
		good &= refused(victim, 0, other.bytes, other.len, PARSEC_PSA_ERROR_NOT_SUPPORTED,
				"a key of an unclaimed size");
		material_free(&other);
	}
	return good;
}

/* What is no key of the type and family is none for any algorithm */
static bool was_tried(const struct check *check, const struct parsec_capability *row)
{
	for (const struct parsec_capability *r = check->plugin.caps.rows; r < row; r++) {
		if (r->type == row->type && r->family == row->family && r->can & PARSEC_CAN_IMPORT)
			return true;
	}
	return false;
}

void check_import(struct check *check, const struct parsec_capability *row)
{
	static struct material material;
	const struct victim victim = { .check = check, .row = row, .bits = row->bits[0],
				       .right = &material };
	bool good;

	if ((was_tried(check, row) && !check->full) ||
	    !material_make(check, &material, row->type, row->family, row->bits[0]))
		return;
	good = refused(&victim, 0, NULL, 0, 0, "nothing") &
	       refused(&victim, victim.bits + 8, material.bytes, material.len, 0,
		       "another size than said");
	if (is_pair(row->type) || is_public(row->type) || !row->bits_step)
		good &= bad_lengths(&victim);
	if (row->type == PARSEC_KEY_TYPE_RSA_KEY_PAIR ||
	    row->type == PARSEC_KEY_TYPE_RSA_PUBLIC_KEY)
		good &= bad_rsa(&victim);
	if (row->type == PARSEC_KEY_TYPE_DH_KEY_PAIR || row->type == PARSEC_KEY_TYPE_DH_PUBLIC_KEY)
		good &= bad_dh(&victim);
	if (row->family != PARSEC_ECC_MONTGOMERY && row->type == PARSEC_KEY_TYPE_ECC_KEY_PAIR)
		good &= bad_scalar(&victim);
	if (row->family != PARSEC_ECC_MONTGOMERY && row->type == PARSEC_KEY_TYPE_ECC_PUBLIC_KEY)
		good &= bad_point(&victim);
	fact(good, "%s: malformed material is refused with 1135", name_of_key(row, row->bits[0]));
	fact(unclaimed_sizes(&victim), "%s: keys of unclaimed sizes are refused",
	     name_of_key(row, row->bits[0]));
	material_free(&material);
}
