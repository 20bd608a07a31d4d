// SPDX-License-Identifier: Apache-2.0
/*
 * The capability table, made of what the TPM says that it can do.
 */
#include <stdlib.h>

#include "providers/lib/capability.h"
#include "providers/tpm/tpm.h"

#define ROWS_MAX	40

#define PUBLIC	(PARSEC_CAN_IMPORT | PARSEC_CAN_EXPORT_PUBLIC)
#define PAIR	(PUBLIC | PARSEC_CAN_GENERATE)
#define MAC	(PARSEC_CAN_IMPORT | PARSEC_CAN_SIGN | PARSEC_CAN_VERIFY)
#define CIPHER	(PARSEC_CAN_IMPORT | PARSEC_CAN_ENCRYPT | PARSEC_CAN_DECRYPT)

static void add(struct parsec_provider_ctx *ctx, const struct parsec_capability *row)
{
	if (row->bits[0] && ctx->row_count < ROWS_MAX)
		ctx->rows[ctx->row_count++] = *row;
}

/* The rows of the pair and of the public key alone */
static void add_both(struct parsec_provider_ctx *ctx, struct parsec_capability row, uint32_t pair,
		     uint32_t public)
{
	bool rsa = row.type == PARSEC_KEY_TYPE_RSA_KEY_PAIR;

	row.can = pair;
	add(ctx, &row);
	row.type = rsa ? PARSEC_KEY_TYPE_RSA_PUBLIC_KEY : PARSEC_KEY_TYPE_ECC_PUBLIC_KEY;
	row.can = public;
	add(ctx, &row);
}

/* RSA keys of each size of the TPM */
static void add_rsa(struct parsec_provider_ctx *ctx, uint8_t kind, uint8_t scheme, bool hashes,
		    uint32_t pair, uint32_t public)
{
	const uint32_t long_hashes = PARSEC_HASH_BIT(PARSEC_HASH_SHA_512) |
				     PARSEC_HASH_BIT(PARSEC_HASH_SHA3_512);
	bool twice = kind == PARSEC_ALG_SIGNATURE ? scheme == PARSEC_SIGN_RSA_PSS :
						    scheme == PARSEC_CRYPT_RSA_OAEP;
	struct parsec_capability row = {
		.type = PARSEC_KEY_TYPE_RSA_KEY_PAIR, .alg_kind = kind, .scheme = scheme,
		.hashes = hashes ? ctx->abilities.hashes : 0,
	}, small = row;
	size_t count = 0;

	/* 1024 bits have no room for what PSS and OAEP need with a hash of 64 bytes */
	small.hashes &= ~long_hashes;
	for (const uint32_t *bits = ctx->abilities.rsa_bits; *bits; bits++) {
		if (twice && *bits == 1024)
			small.bits[0] = *bits;
		else
			row.bits[count++] = *bits;
	}
	add_both(ctx, row, pair, public);
	add_both(ctx, small, pair, public);
}

static void add_ecc(struct parsec_provider_ctx *ctx, uint8_t kind, uint8_t scheme, bool hashes,
		    uint32_t pair, uint32_t public)
{
	struct parsec_capability row = {
		.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR, .family = PARSEC_ECC_SECP_R1,
		.alg_kind = kind, .scheme = scheme,
		.hashes = hashes ? ctx->abilities.hashes : 0,
	};
	size_t count = 0;

	for (size_t i = 0; i < curve_count; i++) {
		if (ctx->abilities.curves & UINT32_C(1) << i)
			row.bits[count++] = curves[i].bits;
	}
	add_both(ctx, row, pair, public);
}

/* Keys of any size can be imported; the TPM makes them as long as the digest */
static void add_hmac(struct parsec_provider_ctx *ctx)
{
	static const uint32_t sizes[] = { 160, 256, 384, 512 };
	struct parsec_capability row = {
		.type = PARSEC_KEY_TYPE_HMAC, .bits = { 8, 8 * HMAC_KEY_MAX }, .bits_step = 8,
		.alg_kind = PARSEC_ALG_MAC, .scheme = PARSEC_MAC_HMAC,
		.hashes = ctx->abilities.hashes, .can = MAC,
	};

	add(ctx, &row);
	row.bits[1] = row.bits_step = 0;
	row.can |= PARSEC_CAN_GENERATE;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		row.bits[0] = sizes[i];
		row.hashes = 0;
		for (unsigned int hash = 1; hash <= PARSEC_HASH_LAST; hash++) {
			if (hash_size((uint8_t)hash) * 8 == sizes[i])
				row.hashes |= ctx->abilities.hashes & PARSEC_HASH_BIT(hash);
		}
		if (row.hashes)
			add(ctx, &row);
	}
}

/* AES keys; @sizes: bit n: of aes_bits[n] */
static void add_aes(struct parsec_provider_ctx *ctx, uint8_t kind, uint8_t scheme, uint8_t sizes,
		    uint32_t can)
{
	struct parsec_capability row = {
		.type = PARSEC_KEY_TYPE_AES, .alg_kind = kind, .scheme = scheme,
		.can = can | PARSEC_CAN_GENERATE,
	};
	size_t count = 0;

	for (size_t i = 0; i < AES_SIZES; i++) {
		if (sizes & 1 << i)
			row.bits[count++] = aes_bits[i];
	}
	add(ctx, &row);
}

/* Make the table of what caps_read() has found */
enum parsec_status rows_make(struct parsec_provider_ctx *ctx)
{
	const struct tpm_abilities *can = &ctx->abilities;
	const uint32_t pair = PAIR | (can->attest ? PARSEC_CAN_ATTEST : 0);
	const uint32_t sign = PARSEC_CAN_SIGN | PARSEC_CAN_VERIFY;
	const uint32_t crypt = PARSEC_CAN_ENCRYPT | PARSEC_CAN_DECRYPT;
	/* What a key can still do that was made by somebody who did not look at the salt */
	const uint32_t old = PARSEC_CAN_EXPORT_PUBLIC | PARSEC_CAN_VERIFY;

	ctx->rows = calloc(ROWS_MAX, sizeof(*ctx->rows));
	if (!ctx->rows)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	if (can->ecdsa)
		add_ecc(ctx, PARSEC_ALG_SIGNATURE, PARSEC_SIGN_ECDSA, true, pair | sign,
			PUBLIC | PARSEC_CAN_VERIFY);
	if (can->rsassa)
		add_rsa(ctx, PARSEC_ALG_SIGNATURE, PARSEC_SIGN_RSA_PKCS1V15, true, pair | sign,
			PUBLIC | PARSEC_CAN_VERIFY);
	if (can->rsapss)
		add_rsa(ctx, PARSEC_ALG_SIGNATURE, PARSEC_SIGN_RSA_PSS, true,
			can->pss_signs ? pair | sign : old, PUBLIC | PARSEC_CAN_VERIFY);
	if (can->rsaes)
		add_rsa(ctx, PARSEC_ALG_ASYMMETRIC_ENCRYPTION, PARSEC_CRYPT_RSA_PKCS1V15, false,
			pair | crypt, PUBLIC | PARSEC_CAN_ENCRYPT);
	if (can->oaep)
		add_rsa(ctx, PARSEC_ALG_ASYMMETRIC_ENCRYPTION, PARSEC_CRYPT_RSA_OAEP, true,
			pair | crypt, PUBLIC | PARSEC_CAN_ENCRYPT);
	if (can->ecdh)
		add_ecc(ctx, PARSEC_ALG_KEY_AGREEMENT, PARSEC_AGREE_ECDH, false,
			pair | PARSEC_CAN_DERIVE, PUBLIC);
	if (can->hmac)
		add_hmac(ctx);
	add_aes(ctx, PARSEC_ALG_MAC, PARSEC_MAC_CMAC, can->cmac, MAC);
	for (size_t cipher = 0; cipher < sizeof(can->ciphers); cipher++)
		add_aes(ctx, PARSEC_ALG_CIPHER, (uint8_t)cipher, can->ciphers[cipher], CIPHER);
	if (ctx->row_count)
		return PARSEC_SUCCESS;
	ctx->host->log(PARSEC_LOG_ERROR, "there is nothing that this TPM can do");
	return PARSEC_PSA_ERROR_NOT_SUPPORTED;
}

/* Is a key of these attributes, whose size the host may not have known, in the table? */
bool rows_cover(const struct parsec_provider_ctx *ctx,
		const struct parsec_key_attributes *attrs, uint32_t can)
{
	return capability_covers(ctx->rows, ctx->row_count, attrs, can);
}

void provider_capabilities(struct parsec_provider_ctx *ctx, struct parsec_capabilities *caps)
{
	caps->rows = ctx->rows;
	caps->count = ctx->row_count;
	caps->concurrency = PARSEC_CONCURRENCY_NONE;
}
