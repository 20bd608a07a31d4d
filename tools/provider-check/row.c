// SPDX-License-Identifier: Apache-2.0
/*
 * Keys of a capability row: of each size that it claims, imported and generated.
 */
#include <string.h>

#include "tools/provider-check/check.h"

void subject_init(struct subject *subject, const struct parsec_capability *row, uint32_t bits)
{
	struct parsec_key_attributes *attrs = &subject->attrs;

	memset(subject, 0, sizeof(*subject));
	attrs->type = row->type;
	attrs->family = row->family;
	attrs->bits = bits;
	attrs->usage = PARSEC_USAGE_ALL;
	attrs->alg = alg_of(row);
}

/* Keys made of large primes */
bool is_slow(const struct parsec_capability *row)
{
	return row->type == PARSEC_KEY_TYPE_RSA_KEY_PAIR ||
	       row->type == PARSEC_KEY_TYPE_RSA_PUBLIC_KEY ||
	       row->type == PARSEC_KEY_TYPE_DH_KEY_PAIR ||
	       row->type == PARSEC_KEY_TYPE_DH_PUBLIC_KEY;
}

/* Has a row before this one the same type, algorithm and abilities? */
bool like_before(const struct check *check, size_t row)
{
	const struct parsec_capability *rows = check->plugin.caps.rows;

	for (size_t i = 0; i < row; i++) {
		if (rows[i].type == rows[row].type && rows[i].alg_kind == rows[row].alg_kind &&
		    rows[i].scheme == rows[row].scheme && rows[i].can == rows[row].can)
			return true;
	}
	return false;
}

/**
 * row_key() - a key of the row's first size, generated if that is possible
 * @known:	set: its @pkey is the key when that was imported; material_free() it
 *
 * Return: false, with the reason said, when there is none.
 */
bool row_key(struct check *check, const struct parsec_capability *row, struct subject *subject,
	     struct material *known)
{
	enum parsec_status status;

	memset(known, 0, sizeof(*known));
	subject_init(subject, row, row->bits[0]);
	if (row->can & PARSEC_CAN_GENERATE) {
		status = subject_create(check, subject);
	} else {
		if (!(row->can & PARSEC_CAN_IMPORT) ||
		    !material_make(check, known, row->type, row->family, row->bits[0]))
			return false;
		status = subject_import(check, subject,
					(struct parsec_span){ known->bytes, known->len });
	}
	if (!status)
		return true;
	because("%s: %s: status %d", name_of_key(row, row->bits[0]),
		row->can & PARSEC_CAN_GENERATE ? "create" : "import", status);
	material_free(known);
	return false;
}

static bool try_generate(struct check *check, const struct parsec_capability *row,
			 uint32_t bits)
{
	struct subject subject;
	enum parsec_status status;
	bool good;

	subject_init(&subject, row, bits);
	status = subject_create(check, &subject);
	if (status) {
		because("create: status %d", status);
		return false;
	}
	status = subject_load(check, &subject);
	if (status)
		because("load: status %d", status);
	good = !status && exercise(check, &subject, row, NULL);
	return subject_destroy(check, &subject) == PARSEC_SUCCESS && good;
}

/* Large primes take their time: once for each size */
static bool too_slow(struct check *check, const struct parsec_capability *row, uint32_t bits,
		     bool generate)
{
	static uint32_t made[8];

	if (!is_slow(row))
		return false;
	/* The smallest size at least is always tried */
	if (bits > 2048 && bits != row->bits[0] && !check->full)
		return true;
	for (size_t i = 0; generate && !check->full && i < ELEMENTS(made); i++) {
		if (made[i] == bits * 16 + row->type)
			return true;
		if (!made[i]) {
			made[i] = bits * 16 + row->type;
			return false;
		}
	}
	return false;
}

static void check_size(struct check *check, const struct parsec_capability *row, uint32_t bits)
{
	static struct material known;
	bool good = true;

	if (too_slow(check, row, bits, false))
		return;
	if (row->can & PARSEC_CAN_IMPORT &&
	    material_make(check, &known, row->type, row->family, bits)) {
		uint32_t hashes = row->hashes ? row->hashes : 1;

		for (unsigned int hash = 0; hash <= PARSEC_HASH_LAST; hash++) {
			if (hashes & PARSEC_HASH_BIT(hash))
				good &= try_import(check, row, &known, bits, (uint8_t)hash);
		}
		fact(good, "%s: imported, exported and used as by OpenSSL",
		     name_of_key(row, bits));
		material_free(&known);
	}
	if (row->can & PARSEC_CAN_GENERATE && !too_slow(check, row, bits, true)) {
		good = try_generate(check, row, bits);
		fact(good, "%s: generated and used", name_of_key(row, bits));
	}
}

void check_row(struct check *check, const struct parsec_capability *row)
{
	uint32_t first = row->bits[0], last = row->bits[1], step = row->bits_step;

	if (step) {
		check_size(check, row, first);
		check_size(check, row, first + (last - first) / step / 2 * step);
		check_size(check, row, last);
	} else {
		for (size_t i = 0; row->bits[i]; i++)
			check_size(check, row, row->bits[i]);
	}
	if (row->can & PARSEC_CAN_IMPORT) {
		check_bad_input(check, row);
		check_import(check, row);
	}
}
