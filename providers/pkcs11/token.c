// SPDX-License-Identifier: Apache-2.0
/*
 * The connection to the token: found, logged in, and once more when it was away. What is
 * done with sessions in between is in session.c.
 */
#include <string.h>

#include "providers/pkcs11/pkcs11.h"

/* Sessions at a time when the token sets no limit of its own */
#define SESSIONS_MAX	64

void token_init(struct token *token)
{
	pthread_rwlockattr_t attr;

	/* Who connects anew is not to wait for all who come meanwhile */
	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&token->use, &attr);
	pthread_rwlockattr_destroy(&attr);
	pthread_mutex_init(&token->noting, NULL);
	pthread_mutex_init(&token->lock, NULL);
	pthread_cond_init(&token->returned, NULL);
}

void token_free(struct token *token)
{
	pthread_cond_destroy(&token->returned);
	pthread_mutex_destroy(&token->lock);
	pthread_mutex_destroy(&token->noting);
	pthread_rwlock_destroy(&token->use);
}

/**
 * token_is_there() - can all that is on the token be seen with @session?
 *
 * Without a login there is less, and a library may go on with what it remembers of a token
 * that is gone. Before that is known nothing may be said to be missing.
 */
bool token_is_there(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session)
{
	const CK_TOKEN_INFO *known = &ctx->token.info;
	CK_SESSION_INFO info;
	CK_TOKEN_INFO token;

	if (cryptoki(ctx)->C_GetSessionInfo(session, &info) != CKR_OK ||
	    cryptoki(ctx)->C_GetTokenInfo(ctx->token.slot, &token) != CKR_OK)
		return false;
	return (!ctx->settings.has_pin || info.state == CKS_RW_USER_FUNCTIONS) &&
	       token.flags & CKF_TOKEN_INITIALIZED &&
	       !memcmp(token.serialNumber, known->serialNumber, sizeof(token.serialNumber));
}

/*
 * A wrong PIN is tried once. Further attempts, after each restart, would lock the token, so
 * the last attempt that it leaves is left to people.
 */
static CK_RV log_in(struct parsec_provider_ctx *ctx)
{
	struct token *token = &ctx->token;
	struct secret *pin = &ctx->settings.pin;
	CK_RV rv;

	if (!ctx->settings.has_pin)
		return CKR_OK;
	if (token->pin_refused)
		return CKR_PIN_INCORRECT;
	if (token->info.flags & (CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED)) {
		ctx->host->log(PARSEC_LOG_ERROR, "the token takes no wrong PIN any more: see that "
			       "user_pin is right, and log in to it once by other means");
		token->pin_refused = true;
		return CKR_PIN_LOCKED;
	}
	rv = cryptoki(ctx)->C_Login(token->anchor, CKU_USER, pin->data, pin->len);
	if (rv == CKR_USER_ALREADY_LOGGED_IN)
		return CKR_OK;
	if (rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LEN_RANGE || rv == CKR_PIN_INVALID ||
	    rv == CKR_PIN_LOCKED || rv == CKR_PIN_EXPIRED) {
		ctx->host->log(PARSEC_LOG_ERROR, "the token does not take user_pin, and it is not "
			       "tried again: correct it");
		token->pin_refused = true;
	}
	return rv;
}

static size_t session_limit(const CK_TOKEN_INFO *info)
{
	CK_ULONG most = info->ulMaxRwSessionCount;

	if (!info->ulMaxSessionCount || info->ulMaxSessionCount == CK_UNAVAILABLE_INFORMATION)
		most = most == CK_UNAVAILABLE_INFORMATION ? 0 : most;
	else if (!most || most == CK_UNAVAILABLE_INFORMATION || most > info->ulMaxSessionCount)
		most = info->ulMaxSessionCount;
	/* One is the anchor */
	if (!most || most > SESSIONS_MAX)
		return SESSIONS_MAX;
	return most > 1 ? most - 1 : 1;
}

void token_disconnect(struct parsec_provider_ctx *ctx)
{
	struct token *token = &ctx->token;

	if (token->connected)
		cryptoki(ctx)->C_CloseAllSessions(token->slot);
	token->connected = false;
	sessions_forget(token);
	objects_clear(&ctx->objects);
}

/**
 * token_connect() - find the token, log in, and see what is on it
 *
 * Nobody else may be using the module.
 */
CK_RV token_connect(struct parsec_provider_ctx *ctx)
{
	const CK_FLAGS flags = CKF_SERIAL_SESSION | CKF_RW_SESSION;
	struct token *token = &ctx->token;
	CK_RV rv = slot_find(ctx, &token->slot, &token->info);

	if (rv == CKR_OK && !note_fits(ctx, &token->info))
		rv = CKR_TOKEN_NOT_RECOGNIZED;
	if (rv == CKR_OK)
		rv = cryptoki(ctx)->C_OpenSession(token->slot, flags, NULL, NULL,
						  &token->anchor);
	if (rv != CKR_OK)
		return rv;
	token->connected = true;
	token->told_missing = false;
	token->told_several = false;
	token->told_unread = false;
	token->told_other = false;
	token->told_foreign = false;
	token->generation++;
	token->limit_most = session_limit(&token->info);
	token->limit = token->limit_most;
	rv = log_in(ctx);
	if (rv == CKR_OK)
		rv = objects_list(ctx, token->anchor);
	if (rv != CKR_OK)
		token_disconnect(ctx);
	return rv;
}

/* A library may know the tokens of its start only: then it is started once more */
static CK_RV connect_anew(struct parsec_provider_ctx *ctx)
{
	CK_RV rv;

	token_disconnect(ctx);
	rv = token_connect(ctx);
	if (rv == CKR_OK || ctx->token.pin_refused)
		return rv;
	cryptoki(ctx)->C_Finalize(NULL);
	rv = module_start(ctx);
	return rv == CKR_OK ? token_connect(ctx) : rv;
}

/**
 * token_reconnect() - after the token was lost
 * @seen:	generation of the connection that was found to be lost
 *
 * The first of many does it for all.
 */
CK_RV token_reconnect(struct parsec_provider_ctx *ctx, uint64_t seen)
{
	CK_RV rv = CKR_OK;

	pthread_rwlock_wrlock(&ctx->token.use);
	if (!ctx->token.connected || ctx->token.generation == seen) {
		watch_enter(&ctx->watch);
		rv = connect_anew(ctx);
		watch_leave();
		if (rv == CKR_OK)
			ctx->host->log(PARSEC_LOG_INFO, "connected to the token again");
	}
	pthread_rwlock_unlock(&ctx->token.use);
	return rv;
}
