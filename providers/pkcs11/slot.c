// SPDX-License-Identifier: Apache-2.0
/*
 * Which slot has the token that the configuration means (contract, section 17).
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "providers/pkcs11/pkcs11.h"

/* More slots than any module has, lest it says a number that nobody has memory for */
#define SLOTS_MAX	4096

/* A text of a fixed size, without the blanks that it is filled up with */
struct parsec_span padded_text(const unsigned char *text, size_t size)
{
	while (size && (text[size - 1] == ' ' || !text[size - 1]))
		size--;
	while (size && *text == ' ') {
		text++;
		size--;
	}
	return (struct parsec_span){ text, size };
}

static bool is_text(const unsigned char *field, size_t size, const char *text)
{
	struct parsec_span given = padded_text((const unsigned char *)text, strlen(text));
	struct parsec_span found = padded_text(field, size);

	return given.len == found.len && !memcmp(given.data, found.data, found.len);
}

/* Serial number and label both must be right when both are given; else the slot counts */
static bool is_meant(const struct settings *settings, CK_SLOT_ID slot,
		     const CK_TOKEN_INFO *info)
{
	if (!(info->flags & CKF_TOKEN_INITIALIZED))
		return false;
	if (settings->uri)
		return p11_kit_uri_match_token_info(settings->uri, info);
	if (settings->serial && !is_text(info->serialNumber, sizeof(info->serialNumber),
					 settings->serial))
		return false;
	if (settings->label && !is_text(info->label, sizeof(info->label), settings->label))
		return false;
	return settings->serial || settings->label || !settings->has_slot ||
	       settings->slot == slot;
}

static CK_RV list_slots(struct parsec_provider_ctx *ctx, CK_SLOT_ID **slots, CK_ULONG *count)
{
	CK_RV rv = cryptoki(ctx)->C_GetSlotList(CK_TRUE, NULL, count);

	*slots = NULL;
	if (rv != CKR_OK || !*count)
		return rv;
	/* With room for those that come up meanwhile */
	if (*count > SLOTS_MAX - 16)
		return CKR_LIE;
	*count += 16;
	*slots = calloc(*count, sizeof(**slots));
	if (!*slots)
		return CKR_HOST_MEMORY;
	rv = cryptoki(ctx)->C_GetSlotList(CK_TRUE, *slots, count);
	return rv == CKR_OK && *count > SLOTS_MAX ? CKR_LIE : rv;
}

static void warn(const struct parsec_provider_ctx *ctx, CK_SLOT_ID slot)
{
	const struct settings *settings = &ctx->settings;

	if ((settings->serial || settings->label) && settings->has_slot &&
	    settings->slot != slot)
		ctx->host->log(PARSEC_LOG_WARNING, "the token is in slot %lu and not in slot_number "
			       "%lu, which counts for nothing beside serial_number and "
			       "token_label: remove it", slot, settings->slot);
}

/**
 * slot_find() - the token of the configuration
 * @slot:	where it is
 * @info:	what it says about itself
 *
 * Return: CKR_OK; CKR_TOKEN_NOT_PRESENT when it is not there, CKR_TOKEN_NOT_RECOGNIZED when
 * there are several that may be meant, both with a line in the log, one until the token is
 * connected; what the module says.
 */
CK_RV slot_find(struct parsec_provider_ctx *ctx, CK_SLOT_ID *slot, CK_TOKEN_INFO *info)
{
	CK_ULONG count = 0, found = 0;
	CK_TOKEN_INFO token;
	CK_SLOT_ID *slots;
	CK_RV rv = list_slots(ctx, &slots, &count);

	for (CK_ULONG i = 0; rv == CKR_OK && i < count; i++) {
		/* One that cannot be asked is as good as not there */
		if (cryptoki(ctx)->C_GetTokenInfo(slots[i], &token) != CKR_OK ||
		    !is_meant(&ctx->settings, slots[i], &token))
			continue;
		found++;
		*slot = slots[i];
		*info = token;
	}
	free(slots);
	if (rv != CKR_OK)
		return rv;
	if (!found) {
		/* Once, not for each request that waits for it to come back */
		if (!atomic_exchange(&ctx->token.told_missing, true))
			ctx->host->log(PARSEC_LOG_ERROR, "no initialised token is what "
				       "token, serial_number, token_label or slot_number say");
		return CKR_TOKEN_NOT_PRESENT;
	}
	if (found > 1) {
		if (!atomic_exchange(&ctx->token.told_several, true))
			ctx->host->log(PARSEC_LOG_ERROR, "%lu tokens may be meant: give token, "
				       "serial_number, token_label or slot_number", found);
		return CKR_TOKEN_NOT_RECOGNIZED;
	}
	warn(ctx, *slot);
	return CKR_OK;
}
