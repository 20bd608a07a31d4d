// SPDX-License-Identifier: Apache-2.0
/*
 * What the codes of a TPM and of the software in front of it mean in the terms of the
 * contract: the only place where they are translated. Total: what no row names is a failure
 * of the link to the TPM.
 */
#include "providers/tpm/tpm.h"

#define LAYER(rc)	((rc) & TSS2_RC_LAYER_MASK)
/* Codes of the second format say which parameter, handle or session is meant */
#define FORMAT_ONE	0x080
#define OF_PARAMETER	0x040
#define FORMAT_ONE_BASE	0x0bf


#define NO_MEMORY	PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY
#define UNSUPPORTED	PARSEC_PSA_ERROR_NOT_SUPPORTED
#define HARDWARE	PARSEC_PSA_ERROR_HARDWARE_FAILURE

static const struct {
	TSS2_RC rc;
	enum parsec_status status;
} table[] = {
	{ TSS2_RC_SUCCESS, PARSEC_SUCCESS },
	{ TPM2_RC_SIGNATURE, PARSEC_PSA_ERROR_INVALID_SIGNATURE },
	/* The TPM's own memory, and that of the programs in front of it */
	{ TPM2_RC_MEMORY, NO_MEMORY },
	{ TPM2_RC_OBJECT_MEMORY, NO_MEMORY },
	{ TPM2_RC_OBJECT_HANDLES, NO_MEMORY },
	{ TPM2_RC_SESSION_MEMORY, NO_MEMORY },
	{ TPM2_RC_SESSION_HANDLES, NO_MEMORY },
	{ TSS2_ESYS_RC_MEMORY, NO_MEMORY },
	{ TSS2_SYS_RC_INSUFFICIENT_CONTEXT, NO_MEMORY },
	{ TSS2_TCTI_RC_MEMORY, NO_MEMORY },
	{ TSS2_TCTI_RC_INSUFFICIENT_BUFFER, NO_MEMORY },
	{ TPM2_RC_NV_SPACE, PARSEC_PSA_ERROR_INSUFFICIENT_STORAGE },
	/* It goes on being busy, or will not be asked so often */
	{ TPM2_RC_RETRY, HARDWARE },
	{ TPM2_RC_YIELDED, HARDWARE },
	{ TPM2_RC_TESTING, HARDWARE },
	{ TPM2_RC_NV_RATE, HARDWARE },
	{ TPM2_RC_NV_UNAVAILABLE, HARDWARE },
	{ TPM2_RC_LOCKOUT, HARDWARE },
	{ TPM2_RC_FAILURE, HARDWARE },
	{ TPM_RC_OTHER_TPM, HARDWARE },
	{ TPM2_RC_NO_RESULT, PARSEC_PSA_ERROR_INVALID_ARGUMENT },
	/* What this TPM has not got */
	{ TPM2_RC_ASYMMETRIC, UNSUPPORTED },
	{ TPM2_RC_HASH, UNSUPPORTED },
	{ TPM2_RC_KEY_SIZE, UNSUPPORTED },
	{ TPM2_RC_MGF, UNSUPPORTED },
	{ TPM2_RC_MODE, UNSUPPORTED },
	{ TPM2_RC_KDF, UNSUPPORTED },
	{ TPM2_RC_SCHEME, UNSUPPORTED },
	{ TPM2_RC_SYMMETRIC, UNSUPPORTED },
	{ TPM2_RC_CURVE, UNSUPPORTED },
	{ TPM2_RC_COMMAND_CODE, UNSUPPORTED },
	{ TSS2_RESMGR_RC_LAYER | TPM2_RC_COMMAND_CODE, UNSUPPORTED },
	/* A wrapped key that is not what this TPM wrapped */
	{ TPM2_RC_INTEGRITY, PARSEC_PSA_ERROR_DATA_CORRUPT },
	{ TPM2_RC_ECC_POINT, PARSEC_PSA_ERROR_INVALID_ARGUMENT },
	/* The authorisation of a hierarchy */
	{ TPM2_RC_BAD_AUTH, PARSEC_PSA_ERROR_GENERIC_ERROR },
	{ TPM2_RC_AUTH_FAIL, PARSEC_PSA_ERROR_GENERIC_ERROR },
	{ TPM2_RC_HIERARCHY, PARSEC_PSA_ERROR_GENERIC_ERROR },
	{ TPM2_RC_DISABLED, PARSEC_PSA_ERROR_GENERIC_ERROR },
};

/* Did the TPM itself say it, be it through a resource manager? */
bool tpm_rc_is_of_tpm(TSS2_RC rc)
{
	return LAYER(rc) == TSS2_TPM_RC_LAYER || LAYER(rc) == TSS2_RESMGR_TPM_RC_LAYER;
}

/* Is it the value of a parameter that the TPM does not like? */
bool tpm_rc_blames_parameter(TSS2_RC rc)
{
	return tpm_rc_is_of_tpm(rc) && rc & FORMAT_ONE && rc & OF_PARAMETER;
}

/* Without the number of a parameter, handle or session, and without who passed it on */
uint32_t tpm_rc_base(TSS2_RC rc)
{
	if (!tpm_rc_is_of_tpm(rc))
		return rc;
	rc &= ~TSS2_RC_LAYER_MASK;
	return rc & FORMAT_ONE ? rc & FORMAT_ONE_BASE : rc;
}

/**
 * tpm_status_of() - one code
 * @rc:		of any layer
 *
 * Return: PARSEC_SUCCESS for TSS2_RC_SUCCESS only.
 */
enum parsec_status tpm_status_of(TSS2_RC rc)
{
	uint32_t base = tpm_rc_base(rc);

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (tpm_rc_base(table[i].rc) == base && (base || !rc))
			return table[i].status;
	}
	return PARSEC_PSA_ERROR_COMMUNICATION_FAILURE;
}

/**
 * tpm_status() - status of a command, with a line in the log for a failure
 * @what:	what was done
 */
enum parsec_status tpm_status(const struct parsec_provider_ctx *ctx, TSS2_RC rc,
			      const char *what)
{
	if (rc)
		ctx->host->log(PARSEC_LOG_DEBUG, "%s: the TPM's answer is 0x%x", what, rc);
	return tpm_status_of(rc);
}
