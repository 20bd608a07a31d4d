// SPDX-License-Identifier: Apache-2.0
/*
 * What the provider can do: what the TPM says that it can, as far as there is something in
 * the contract for it.
 */
#include <stdlib.h>

#include "providers/lib/capability.h"
#include "providers/tpm/tpm.h"

#define ROWS_MAX	32

#define PUBLIC	(PARSEC_CAN_IMPORT | PARSEC_CAN_EXPORT_PUBLIC)
#define PAIR	(PUBLIC | PARSEC_CAN_GENERATE)

/* Ask for one list; @property is where it begins */
static TSS2_RC list(struct parsec_provider_ctx *ctx, TPM2_CAP what, UINT32 property,
		    UINT32 count, TPMS_CAPABILITY_DATA **data)
{
	TPMI_YES_NO more;

	return Esys_GetCapability(ctx->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, what,
				  property, count, &more, data);
}

static TSS2_RC read_algorithms(struct parsec_provider_ctx *ctx)
{
	struct tpm_abilities *can = &ctx->abilities;
	TPMS_CAPABILITY_DATA *data;
	TSS2_RC rc = list(ctx, TPM2_CAP_ALGS, TPM2_ALG_FIRST, TPM2_MAX_CAP_ALGS, &data);

	if (rc)
		return rc;
	for (UINT32 i = 0; i < data->data.algorithms.count; i++) {
		TPM2_ALG_ID id = data->data.algorithms.algProperties[i].alg;
		uint8_t hash = hash_of_id(id);

		if (hash)
			can->hashes |= PARSEC_HASH_BIT(hash);
		can->rsassa |= id == TPM2_ALG_RSASSA;
		can->rsapss |= id == TPM2_ALG_RSAPSS;
		can->rsaes |= id == TPM2_ALG_RSAES;
		can->oaep |= id == TPM2_ALG_OAEP;
		can->ecdsa |= id == TPM2_ALG_ECDSA;
		can->ecdh |= id == TPM2_ALG_ECDH;
	}
	Esys_Free(data);
	return TSS2_RC_SUCCESS;
}

static TSS2_RC read_curves(struct parsec_provider_ctx *ctx)
{
	TPMS_CAPABILITY_DATA *data;
	TSS2_RC rc = list(ctx, TPM2_CAP_ECC_CURVES, 0, TPM2_MAX_ECC_CURVES, &data);

	if (rc)
		return rc;
	for (UINT32 i = 0; i < data->data.eccCurves.count; i++) {
		const struct curve *curve = curve_of_id(data->data.eccCurves.eccCurves[i]);

		if (curve)
			ctx->abilities.curves |= UINT32_C(1) << (curve - curves);
	}
	Esys_Free(data);
	return TSS2_RC_SUCCESS;
}

/* Commands that a use needs and that a TPM need not have */
static TSS2_RC read_commands(struct parsec_provider_ctx *ctx)
{
	bool sign = false, verify = false, encrypt = false, decrypt = false, zgen = false;
	bool activate = false, secret = false;
	TPMS_CAPABILITY_DATA *data;
	TSS2_RC rc = list(ctx, TPM2_CAP_COMMANDS, TPM2_CC_FIRST, TPM2_MAX_CAP_CC, &data);

	if (rc)
		return rc;
	for (UINT32 i = 0; i < data->data.command.count; i++) {
		UINT32 code = data->data.command.commandAttributes[i] & TPMA_CC_COMMANDINDEX_MASK;

		sign |= code == TPM2_CC_Sign;
		verify |= code == TPM2_CC_VerifySignature;
		encrypt |= code == TPM2_CC_RSA_Encrypt;
		decrypt |= code == TPM2_CC_RSA_Decrypt;
		zgen |= code == TPM2_CC_ECDH_ZGen;
		activate |= code == TPM2_CC_ActivateCredential;
		secret |= code == TPM2_CC_PolicySecret;
	}
	Esys_Free(data);
	ctx->abilities.rsassa &= sign && verify;
	ctx->abilities.rsapss &= sign && verify;
	ctx->abilities.ecdsa &= sign && verify;
	ctx->abilities.rsaes &= encrypt && decrypt;
	ctx->abilities.oaep &= encrypt && decrypt;
	ctx->abilities.ecdh &= zgen;
	ctx->abilities.attest = activate && secret;
	return TSS2_RC_SUCCESS;
}

/* There is no list of these: each size is asked for */
static TSS2_RC read_rsa_sizes(struct parsec_provider_ctx *ctx)
{
	static const uint16_t sizes[] = { 1024, 2048, 3072, 4096 };
	TPMT_PUBLIC_PARMS parms = {
		.type = TPM2_ALG_RSA,
		.parameters.rsaDetail = {
			.symmetric.algorithm = TPM2_ALG_NULL,
			.scheme.scheme = TPM2_ALG_NULL,
		},
	};
	size_t count = 0;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		TSS2_RC rc;

		parms.parameters.rsaDetail.keyBits = sizes[i];
		rc = Esys_TestParms(ctx->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &parms);
		if (!rc)
			ctx->abilities.rsa_bits[count++] = sizes[i];
		else if (!tpm_rc_blames_parameter(rc))
			return rc;
	}
	ctx->abilities.rsa_bits[count] = 0;
	return TSS2_RC_SUCCESS;
}

/* Ask the TPM what it can do */
TSS2_RC caps_read(struct parsec_provider_ctx *ctx)
{
	TSS2_RC rc;

	ctx->abilities = (struct tpm_abilities){ 0 };
	rc = read_algorithms(ctx);
	if (!rc)
		rc = read_curves(ctx);
	if (!rc)
		rc = read_commands(ctx);
	if (!rc)
		rc = read_rsa_sizes(ctx);
	return rc;
}

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

/* Make the table of what caps_read() has found */
enum parsec_status caps_make(struct parsec_provider_ctx *ctx)
{
	const struct tpm_abilities *can = &ctx->abilities;
	const uint32_t pair = PAIR | (can->attest ? PARSEC_CAN_ATTEST : 0);
	const uint32_t sign = PARSEC_CAN_SIGN | PARSEC_CAN_VERIFY;
	const uint32_t crypt = PARSEC_CAN_ENCRYPT | PARSEC_CAN_DECRYPT;

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
		add_rsa(ctx, PARSEC_ALG_SIGNATURE, PARSEC_SIGN_RSA_PSS, true, pair | sign,
			PUBLIC | PARSEC_CAN_VERIFY);
	if (can->rsaes)
		add_rsa(ctx, PARSEC_ALG_ASYMMETRIC_ENCRYPTION, PARSEC_CRYPT_RSA_PKCS1V15, false,
			pair | crypt, PUBLIC | PARSEC_CAN_ENCRYPT);
	if (can->oaep)
		add_rsa(ctx, PARSEC_ALG_ASYMMETRIC_ENCRYPTION, PARSEC_CRYPT_RSA_OAEP, true,
			pair | crypt, PUBLIC | PARSEC_CAN_ENCRYPT);
	if (can->ecdh)
		add_ecc(ctx, PARSEC_ALG_KEY_AGREEMENT, PARSEC_AGREE_ECDH, false,
			pair | PARSEC_CAN_DERIVE, PUBLIC);
	if (ctx->row_count)
		return PARSEC_SUCCESS;
	ctx->host->log(PARSEC_LOG_ERROR, "there is nothing that this TPM can do");
	return PARSEC_PSA_ERROR_NOT_SUPPORTED;
}

/* Is a key of these attributes, whose size the host may not have known, in the table? */
bool caps_cover(const struct parsec_provider_ctx *ctx,
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
