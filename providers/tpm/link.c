// SPDX-License-Identifier: Apache-2.0
/*
 * The way to the TPM, and what is done when it does not answer as it should: it may be busy,
 * out of room, reset, or gone for a while.
 */
#include <stdlib.h>
#include <time.h>

#include <tss2/tss2_sys.h>
#include <tss2/tss2_tctildr.h>

#include "providers/tpm/tpm.h"

/* How often a step is tried and a link made in all; the first pause, each is twice the last */
#define ATTEMPTS	6
#define LINKS_MAX	2
#define FIRST_PAUSE_NS	(2 * 1000 * 1000)

/* What may help against an error */
enum remedy {
	REMEDY_NONE,
	REMEDY_AGAIN,
	REMEDY_WAIT,
	REMEDY_ROOM,
	REMEDY_LINK,
};

static enum remedy remedy_of_tpm(uint32_t base)
{
	switch (base) {
	case TPM2_RC_RETRY:
	case TPM2_RC_YIELDED:
	case TPM2_RC_TESTING:
	case TPM2_RC_NV_RATE:
		return REMEDY_WAIT;
	case TPM2_RC_MEMORY:
	case TPM2_RC_OBJECT_MEMORY:
	case TPM2_RC_OBJECT_HANDLES:
	case TPM2_RC_SESSION_MEMORY:
	case TPM2_RC_SESSION_HANDLES:
	case TPM2_RC_CONTEXT_GAP:
		return REMEDY_ROOM;
	/* What we had in the TPM is not there: it was reset */
	case TPM2_RC_INITIALIZE:
	case TPM2_RC_HANDLE:
	case TPM2_RC_REFERENCE_H0 ... TPM2_RC_REFERENCE_H6:
	case TPM2_RC_REFERENCE_S0 ... TPM2_RC_REFERENCE_S6:
		return REMEDY_LINK;
	default:
		return REMEDY_NONE;
	}
}

static enum remedy remedy_of(TSS2_RC rc)
{
	if (!rc || (rc & TSS2_RC_LAYER_MASK) == TPM_RC_LAYER_OURS)
		return REMEDY_NONE;
	if (tpm_rc_is_of_tpm(rc))
		return remedy_of_tpm(tpm_rc_base(rc));
	/* Esys had not yet begun, for want of memory for example */
	if ((rc & TSS2_RC_LAYER_MASK) == TSS2_ESAPI_RC_LAYER && rc != TSS2_ESYS_RC_BAD_SEQUENCE)
		return REMEDY_AGAIN;
	/* The software in between may be in the middle of something: it gets a new beginning */
	return REMEDY_LINK;
}

/*
 * Whatever of one kind is in the TPM. Behind the kernel's resource manager objects are ours alone,
 * and sessions of its other users are saved while ours are loaded; but one of somebody who uses
 * /dev/tpm0 beside it is in the list, and goes. A TPM that is connected directly has nobody else,
 * but may have what we could not remove before the last link broke.
 */
static void sweep(struct parsec_provider_ctx *ctx, TPM2_HT kind)
{
	TPMS_CAPABILITY_DATA *data;
	TSS2_SYS_CONTEXT *sys;
	TPMI_YES_NO more;

	if (Esys_GetCapability(ctx->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
			       TPM2_CAP_HANDLES, (UINT32)kind << TPM2_HR_SHIFT,
			       TPM2_MAX_CAP_HANDLES, &more, &data))
		return;
	for (UINT32 i = 0; i < data->data.handles.count &&
			   !Esys_GetSysContext(ctx->esys, &sys); i++)
		Tss2_Sys_FlushContext(sys, data->data.handles.handle[i]);
	Esys_Free(data);
}

/* There is no room, which nobody but we can have taken */
static bool is_full(TSS2_RC rc)
{
	uint32_t base = tpm_rc_base(rc);

	return base == TPM2_RC_OBJECT_MEMORY || base == TPM2_RC_SESSION_MEMORY ||
	       base == TPM2_RC_MEMORY;
}

static TSS2_RC prepare(struct parsec_provider_ctx *ctx)
{
	TSS2_RC rc = parent_create(ctx);

	if (!is_full(rc) && !ctx->crowded)
		return rc;
	/* With the parent, if it is there */
	sweep(ctx, TPM2_HT_TRANSIENT);
	sweep(ctx, TPM2_HT_LOADED_SESSION);
	if (ctx->parent != ESYS_TR_NONE)
		Esys_TR_Close(ctx->esys, &ctx->parent);
	ctx->parent = ESYS_TR_NONE;
	ctx->crowded = false;
	return parent_create(ctx);
}

/**
 * link_open() - reach the TPM and have it make the parent of our keys
 *
 * Return: what was wrong; there is no link then.
 */
TSS2_RC link_open(struct parsec_provider_ctx *ctx)
{
	TSS2_RC rc = Tss2_TctiLdr_Initialize(ctx->tcti, &ctx->link);

	if (rc) {
		ctx->link = NULL;
		return rc;
	}
	rc = Esys_Initialize(&ctx->esys, ctx->link, NULL);
	if (rc)
		ctx->esys = NULL;
	/* A kernel or a resource manager has done it; a TPM that is connected directly may not */
	if (!rc)
		rc = Esys_Startup(ctx->esys, TPM2_SU_CLEAR);
	if (tpm_rc_base(rc) == TPM2_RC_INITIALIZE ||
	    (rc & TSS2_RC_LAYER_MASK) == TSS2_RESMGR_RC_LAYER)
		rc = TSS2_RC_SUCCESS;
	if (!rc)
		rc = prepare(ctx);
	if (rc)
		link_close(ctx);
	return rc;
}

/* Have it no longer in the TPM; one that does not have it does not mind that we forget it */
void tpm_flush(struct parsec_provider_ctx *ctx, ESYS_TR *handle)
{
	if (*handle != ESYS_TR_NONE && Esys_FlushContext(ctx->esys, *handle))
		Esys_TR_Close(ctx->esys, handle);
	*handle = ESYS_TR_NONE;
}

/* What is in the TPM is flushed, as far as the TPM still answers */
void link_close(struct parsec_provider_ctx *ctx)
{
	if (ctx->esys) {
		cache_reserve(ctx, OBJECT_SLOTS, NULL);
		session_drop(ctx);
		tpm_flush(ctx, &ctx->parent);
		Esys_Finalize(&ctx->esys);
	}
	cache_forget(ctx);
	ctx->parent = ctx->session = ESYS_TR_NONE;
	ctx->endorsement_context.contextBlob.size = 0;
	ctx->parent_context.contextBlob.size = 0;
	if (ctx->link)
		Tss2_TctiLdr_Finalize(&ctx->link);
}

static void pause_before(unsigned int attempt)
{
	long wait = (long)FIRST_PAUSE_NS << attempt;
	struct timespec time = { .tv_nsec = wait };

	nanosleep(&time, NULL);
}

/**
 * tpm_do() - do a step, again where that may help
 * @step:	begins anew each time it is called
 *
 * Return: of the last time.
 */
TSS2_RC tpm_do(struct parsec_provider_ctx *ctx, tpm_step step, void *arg)
{
	unsigned int opened = 0;
	TSS2_RC rc = TSS2_RC_SUCCESS;

	for (unsigned int attempt = 0; attempt < ATTEMPTS; attempt++) {
		if (!ctx->esys) {
			/* With a new link an error is no longer due to the old one */
			if (opened++ == LINKS_MAX)
				return rc;
			rc = link_open(ctx);
			if (rc)
				return rc;
		}
		rc = step(ctx, arg);
		switch (remedy_of(rc)) {
		case REMEDY_NONE:
			return rc;
		case REMEDY_AGAIN:
			break;
		case REMEDY_WAIT:
			pause_before(attempt);
			break;
		case REMEDY_ROOM:
			cache_reserve(ctx, OBJECT_SLOTS, NULL);
			session_drop(ctx);
			pause_before(attempt);
			ctx->crowded = attempt > 0;
			if (ctx->crowded)
				link_close(ctx);
			break;
		case REMEDY_LINK:
			link_close(ctx);
			break;
		}
	}
	return rc;
}

static TSS2_RC test_step(struct parsec_provider_ctx *ctx, void *arg)
{
	TSS2_RC result = TPM2_RC_FAILURE, rc;
	TPM2B_MAX_BUFFER *data;

	(void)arg;
	rc = Esys_GetTestResult(ctx->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &data,
				&result);
	if (!rc)
		Esys_Free(data);
	return rc ? rc : result;
}

/**
 * tpm_is_well() - has the TPM failed, or does it only say so?
 *
 * Some answer TPM2_RC_FAILURE to what they cannot decrypt, and go on as before.
 */
bool tpm_is_well(struct parsec_provider_ctx *ctx)
{
	return !tpm_do(ctx, test_step, NULL);
}
