// SPDX-License-Identifier: Apache-2.0
/*
 * What the TPM says that it can do, as far as there is something in the contract for it.
 */
#include "providers/tpm/tpm.h"

/* What a TPM takes at a time that does not say how much */
#define BUFFER_USUAL	1024

#define CIPHERS		(sizeof(((struct tpm_abilities *)NULL)->ciphers))
/* All sizes of keys, as long as they have not been asked for */
#define AES_ANY		((1 << AES_SIZES) - 1)

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
		can->hmac |= id == TPM2_ALG_HMAC;
		if (id == TPM2_ALG_CMAC)
			can->cmac = AES_ANY;
		for (size_t j = 0; j < CIPHERS; j++) {
			if (id != TPM2_ALG_NULL && id == mode_id((uint8_t)j))
				can->ciphers[j] = AES_ANY;
		}
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
	bool activate = false, secret = false, cipher = false;
	bool mac = false, start = false, update = false, complete = false;
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
		/* The older TPM2_EncryptDecrypt cannot have its text encrypted on the way */
		cipher |= code == TPM2_CC_EncryptDecrypt2;
		mac |= code == TPM2_CC_HMAC;
		start |= code == TPM2_CC_HMAC_Start;
		update |= code == TPM2_CC_SequenceUpdate;
		complete |= code == TPM2_CC_SequenceComplete;
	}
	Esys_Free(data);
	ctx->abilities.rsassa &= sign && verify;
	ctx->abilities.rsapss &= sign && verify;
	ctx->abilities.ecdsa &= sign && verify;
	ctx->abilities.rsaes &= encrypt && decrypt;
	ctx->abilities.oaep &= encrypt && decrypt;
	ctx->abilities.ecdh &= zgen;
	ctx->abilities.attest = activate && secret;
	if (!mac || !start || !update || !complete) {
		ctx->abilities.hmac = false;
		ctx->abilities.cmac = 0;
	}
	for (size_t i = 0; i < CIPHERS && !cipher; i++)
		ctx->abilities.ciphers[i] = 0;
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

/* Take the sizes of AES keys away from @sizes that do not go with @mode */
static TSS2_RC read_aes_sizes(struct parsec_provider_ctx *ctx, TPM2_ALG_ID mode, uint8_t *sizes)
{
	TPMT_PUBLIC_PARMS parms = {
		.type = TPM2_ALG_SYMCIPHER,
		.parameters.symDetail.sym = { .algorithm = TPM2_ALG_AES, .mode.aes = mode },
	};
	TSS2_RC rc = TSS2_RC_SUCCESS;

	for (size_t i = 0; i < AES_SIZES && *sizes && !rc; i++) {
		parms.parameters.symDetail.sym.keyBits.aes = aes_bits[i];
		rc = Esys_TestParms(ctx->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &parms);
		if (!tpm_rc_blames_parameter(rc))
			continue;
		*sizes &= (uint8_t)~(1U << i);
		rc = TSS2_RC_SUCCESS;
	}
	return rc;
}

static TSS2_RC read_aes(struct parsec_provider_ctx *ctx)
{
	TSS2_RC rc = read_aes_sizes(ctx, TPM2_ALG_CMAC, &ctx->abilities.cmac);

	for (size_t i = 0; i < CIPHERS && !rc; i++)
		rc = read_aes_sizes(ctx, mode_id((uint8_t)i), &ctx->abilities.ciphers[i]);
	return rc;
}

static TSS2_RC read_buffer(struct parsec_provider_ctx *ctx)
{
	UINT32 size = BUFFER_USUAL, most = sizeof(((TPM2B_MAX_BUFFER *)NULL)->buffer);
	TPMS_CAPABILITY_DATA *data;
	TSS2_RC rc = list(ctx, TPM2_CAP_TPM_PROPERTIES, TPM2_PT_INPUT_BUFFER, 1, &data);

	if (rc)
		return rc;
	/* One that it has not got is answered with the next one */
	if (data->data.tpmProperties.count &&
	    data->data.tpmProperties.tpmProperty[0].property == TPM2_PT_INPUT_BUFFER)
		size = data->data.tpmProperties.tpmProperty[0].value;
	Esys_Free(data);
	size = size > most ? most : size;
	ctx->abilities.buffer = (uint16_t)(size - size % AES_BLOCK);
	return ctx->abilities.buffer ? TSS2_RC_SUCCESS : TPM2_RC_FAILURE;
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
	if (!rc)
		rc = read_aes(ctx);
	if (!rc)
		rc = read_buffer(ctx);
	return rc;
}
