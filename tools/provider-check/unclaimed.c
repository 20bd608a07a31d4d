// SPDX-License-Identifier: Apache-2.0
/*
 * What no row claims is refused with 1134, and what one claims is not. What the host says
 * (policy.c, plugin.c) is compared with the rows as they are read here.
 */
#include <string.h>

#include "helper/policy.h"
#include "tools/provider-check/check.h"

#define SCHEMES		10
#define CANS		10

/* Sizes that are often keys' */
static const uint32_t usual[] = { 1, 8, 40, 56, 64, 80, 112, 128, 160, 163, 192, 224, 225, 233,
	239, 255, 256, 283, 320, 384, 409, 448, 512, 521, 571, 1024, 1536, 2048, 3072, 4096, 6144,
	8192, 16384, 65528, 65536, UINT32_MAX };

/* enum parsec_can bits that the rows have for a key, whatever its hash is when @hash is ANY */
static uint32_t claims(const struct parsec_capabilities *caps,
		       const struct parsec_key_attributes *attrs)
{
	uint32_t can = 0;

	for (size_t i = 0; i < caps->count; i++) {
		const struct parsec_capability *row = &caps->rows[i];
		const struct parsec_alg *alg = &attrs->alg;
		bool size = false;

		if (row->type != attrs->type || row->family != attrs->family)
			continue;
		if (row->bits_step)
			size = attrs->bits >= row->bits[0] && attrs->bits <= row->bits[1] &&
			       (attrs->bits - row->bits[0]) % row->bits_step == 0;
		for (size_t j = 0; !row->bits_step && row->bits[j]; j++)
			size |= row->bits[j] == attrs->bits;
		if (!size)
			continue;
		if (alg->kind != PARSEC_ALG_NONE) {
			bool hash = alg->hash == PARSEC_HASH_NONE ? !row->hashes :
				    alg->hash == PARSEC_HASH_ANY ? row->hashes :
				    alg->hash < 32 && row->hashes >> alg->hash & 1;

			if (row->alg_kind != alg->kind || row->scheme != alg->scheme || !hash)
				continue;
		}
		can |= row->can;
	}
	return can;
}

/* Is the size claimed for the row's type and family, by whatever row? */
bool claimed_size(const struct check *check, const struct parsec_capability *row, uint32_t bits)
{
	struct parsec_key_attributes attrs = { .type = row->type, .family = row->family,
		.bits = bits, .alg = { .kind = PARSEC_ALG_NONE } };

	return claims(&check->plugin.caps, &attrs);
}

/* The host's answers about one key: for each thing that it could do */
static bool agrees(const struct check *check, const struct parsec_key_attributes *attrs)
{
	const struct parsec_capabilities *caps = &check->plugin.caps;
	uint32_t can = claims(caps, attrs);
	enum parsec_status status, right;

	for (unsigned int i = 0; i < CANS; i++) {
		right = can >> i & 1 ? PARSEC_SUCCESS : PARSEC_PSA_ERROR_NOT_SUPPORTED;
		status = policy_supported(caps, attrs, UINT32_C(1) << i);
		if (status != right) {
			because("type %u family %u bits %u kind %u scheme %u hash %u can %#x: %d",
				attrs->type, attrs->family, attrs->bits, attrs->alg.kind,
				attrs->alg.scheme, attrs->alg.hash, 1U << i, status);
			return false;
		}
		/* All that is left for a key that nobody claims would be the same again */
		if (!can)
			break;
	}
	return true;
}

/* Is there a row of this type that differs in nothing but size, or hash? */
static bool is_near(const struct check *check, const struct parsec_key_attributes *attrs)
{
	for (size_t i = 0; i < check->plugin.caps.count; i++) {
		const struct parsec_capability *row = &check->plugin.caps.rows[i];

		if (row->type == attrs->type && row->family == attrs->family &&
		    row->alg_kind == attrs->alg.kind && row->scheme == attrs->alg.scheme)
			return true;
	}
	return false;
}

static bool all_hashes(const struct check *check, struct parsec_key_attributes attrs)
{
	static const uint8_t few[] = { PARSEC_HASH_NONE, PARSEC_HASH_SHA_256, PARSEC_HASH_ANY };
	bool good = true;

	if (!is_near(check, &attrs)) {
		for (size_t i = 0; i < ELEMENTS(few); i++) {
			attrs.alg.hash = few[i];
			good &= agrees(check, &attrs);
		}
		return good;
	}
	for (unsigned int hash = 0; hash <= UINT8_MAX; hash++) {
		attrs.alg.hash = (uint8_t)hash;
		good &= agrees(check, &attrs);
	}
	return good;
}

/* Sizes that are usual, and those just beside one that is claimed */
static bool all_sizes(const struct check *check, struct parsec_key_attributes attrs)
{
	const uint32_t bits = attrs.bits;
	bool good = true;

	if (bits) {
		for (uint32_t size = bits - 1; size <= bits + 1; size++) {
			attrs.bits = size;
			/* 0 is no size but any */
			good &= !size || all_hashes(check, attrs);
		}
		attrs.bits = bits + 8;
		return good && all_hashes(check, attrs);
	}
	for (size_t i = 0; i < ELEMENTS(usual); i++) {
		attrs.bits = usual[i];
		good &= all_hashes(check, attrs);
	}
	return good;
}

static bool all_algorithms(const struct check *check, struct parsec_key_attributes attrs)
{
	bool good = true;

	for (unsigned int kind = PARSEC_ALG_NONE; kind <= PARSEC_ALG_KEY_DERIVATION + 1; kind++) {
		for (unsigned int scheme = 0; scheme < SCHEMES; scheme++) {
			attrs.alg.kind = (uint8_t)kind;
			attrs.alg.scheme = (uint8_t)scheme;
			good &= all_sizes(check, attrs);
		}
	}
	return good;
}

static bool has_type(const struct check *check, uint8_t type)
{
	for (size_t i = 0; i < check->plugin.caps.count; i++) {
		if (check->plugin.caps.rows[i].type == type)
			return true;
	}
	return false;
}

static void check_keys(const struct check *check)
{
	const struct parsec_capabilities *caps = &check->plugin.caps;
	bool types = true, algorithms = true, sizes = true;

	for (unsigned int type = 1; type <= PARSEC_KEY_TYPE_LAST + 1; type++) {
		bool *good = has_type(check, (uint8_t)type) ? &algorithms : &types;

		for (unsigned int family = 0; family <= PARSEC_ECC_LAST + 1; family++) {
			struct parsec_key_attributes attrs = {
				.type = (uint8_t)type, .family = (uint8_t)family };

			*good &= all_algorithms(check, attrs);
		}
	}
	for (size_t i = 0; i < caps->count; i++) {
		const struct parsec_capability *row = &caps->rows[i];
		struct parsec_key_attributes attrs = { .type = row->type,
			.family = row->family, .alg = alg_of(row) };

		for (size_t j = 0; row->bits[j]; j++) {
			attrs.bits = row->bits[j];
			sizes &= all_sizes(check, attrs);
		}
	}
	fact(types, "key types that no row claims are not supported");
	fact(algorithms, "families, algorithms, hashes, uses that no row claims are not supported");
	fact(sizes, "sizes beside those that are claimed are not supported");
}

/* What the rows need for an operation that takes a key; 0 for others */
static const struct {
	uint8_t opcode;
	uint8_t kind;
	uint32_t can;
} operations[] = {
	{ PARSEC_OP_PSA_GENERATE_KEY, 0, PARSEC_CAN_GENERATE },
	{ PARSEC_OP_PSA_IMPORT_KEY, 0, PARSEC_CAN_IMPORT },
	{ PARSEC_OP_PSA_EXPORT_KEY, 0, PARSEC_CAN_EXPORT },
	{ PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, 0, PARSEC_CAN_EXPORT_PUBLIC },
	{ PARSEC_OP_PSA_SIGN_HASH, PARSEC_ALG_SIGNATURE, PARSEC_CAN_SIGN },
	{ PARSEC_OP_PSA_SIGN_MESSAGE, PARSEC_ALG_SIGNATURE, PARSEC_CAN_SIGN },
	{ PARSEC_OP_PSA_VERIFY_HASH, PARSEC_ALG_SIGNATURE, PARSEC_CAN_VERIFY },
	{ PARSEC_OP_PSA_VERIFY_MESSAGE, PARSEC_ALG_SIGNATURE, PARSEC_CAN_VERIFY },
	{ PARSEC_OP_PSA_ASYMMETRIC_ENCRYPT, PARSEC_ALG_ASYMMETRIC_ENCRYPTION,
	  PARSEC_CAN_ENCRYPT },
	{ PARSEC_OP_PSA_ASYMMETRIC_DECRYPT, PARSEC_ALG_ASYMMETRIC_ENCRYPTION,
	  PARSEC_CAN_DECRYPT },
	{ PARSEC_OP_PSA_CIPHER_ENCRYPT, PARSEC_ALG_CIPHER, PARSEC_CAN_ENCRYPT },
	{ PARSEC_OP_PSA_CIPHER_DECRYPT, PARSEC_ALG_CIPHER, PARSEC_CAN_DECRYPT },
	{ PARSEC_OP_PSA_AEAD_ENCRYPT, PARSEC_ALG_AEAD, PARSEC_CAN_ENCRYPT },
	{ PARSEC_OP_PSA_AEAD_DECRYPT, PARSEC_ALG_AEAD, PARSEC_CAN_DECRYPT },
	{ PARSEC_OP_PSA_MAC_COMPUTE, PARSEC_ALG_MAC, PARSEC_CAN_SIGN },
	{ PARSEC_OP_PSA_MAC_VERIFY, PARSEC_ALG_MAC, PARSEC_CAN_VERIFY },
	{ PARSEC_OP_PSA_RAW_KEY_AGREEMENT, PARSEC_ALG_KEY_AGREEMENT, PARSEC_CAN_DERIVE },
	{ PARSEC_OP_ATTEST_KEY, 0, PARSEC_CAN_ATTEST },
	{ PARSEC_OP_PREPARE_KEY_ATTESTATION, 0, PARSEC_CAN_ATTEST },
};

static void check_operations(const struct check *check)
{
	const struct parsec_capabilities *caps = &check->plugin.caps;
	bool good = true;

	for (size_t i = 0; i < ELEMENTS(operations); i++) {
		bool claimed = false, offered;

		for (size_t j = 0; j < caps->count; j++)
			claimed |= caps->rows[j].can & operations[i].can &&
				   (!operations[i].kind ||
				    caps->rows[j].alg_kind == operations[i].kind);
		offered = plugin_supports(&check->plugin, operations[i].opcode);
		if (offered != claimed)
			because("opcode %#x is %soffered", operations[i].opcode,
				offered ? "" : "not ");
		good &= offered == claimed;
	}
	good &= plugin_supports(&check->plugin, PARSEC_OP_PSA_GENERATE_RANDOM) ==
		!!check->ops->random;
	fact(good, "operations are offered that have a row or a primitive, and no others");
}

void check_unclaimed(struct check *check)
{
	check_keys(check);
	check_operations(check);
}
