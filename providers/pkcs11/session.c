// SPDX-License-Identifier: Apache-2.0
/*
 * Sessions are kept: to open one, log in and look for the key takes longer than to sign.
 * One is used by one thread at a time.
 */
#include "providers/pkcs11/pkcs11.h"

/* They are gone, or are going to be closed by somebody else */
void sessions_forget(struct token *token)
{
	pthread_mutex_lock(&token->lock);
	token->idle_count = 0;
	token->open_count = 0;
	pthread_mutex_unlock(&token->lock);
}

/* Milliseconds until it is tried whether the token takes more sessions than it last did */
#define TRY_MORE	1000

/*
 * With token->lock held: a new one is open, or may not be. Then whoever waits for one to come
 * back may wait for one that will never be, so they try themselves.
 */
static CK_RV open_more(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE *session)
{
	struct token *token = &ctx->token;
	CK_RV rv;

	token->open_count++;
	pthread_mutex_unlock(&token->lock);
	watch_enter(&ctx->watch);
	rv = cryptoki(ctx)->C_OpenSession(token->slot, CKF_SERIAL_SESSION | CKF_RW_SESSION,
					  NULL, NULL, session);
	watch_leave();
	pthread_mutex_lock(&token->lock);
	if (rv == CKR_OK)
		return rv;
	token->open_count--;
	pthread_cond_broadcast(&token->returned);
	return rv;
}

/* Others, which had the token's sessions, may have closed them */
static bool may_open(struct token *token)
{
	if (token->limit < token->limit_most && now_ms() - token->limited >= TRY_MORE)
		token->limit = token->limit_most;
	return token->open_count < token->limit;
}

static CK_RV session_get(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE *session)
{
	struct token *token = &ctx->token;
	CK_RV rv;

	pthread_mutex_lock(&token->lock);
	for (;;) {
		if (token->idle_count) {
			rv = CKR_OK;
			*session = token->idle[--token->idle_count];
			break;
		}
		if (may_open(token)) {
			rv = open_more(ctx, session);
			/* Others have them all: what we have is what we get */
			if (rv != CKR_SESSION_COUNT || !token->open_count)
				break;
			token->limit = token->open_count;
			token->limited = now_ms();
			continue;
		}
		pthread_cond_wait(&token->returned, &token->lock);
	}
	pthread_mutex_unlock(&token->lock);
	return rv;
}

/* After a failure nobody knows what it is still busy with */
static void session_put(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session, CK_RV rv)
{
	struct token *token = &ctx->token;
	bool keep = rv == CKR_OK || rv == CKR_SIGNATURE_INVALID ||
		    rv == CKR_SIGNATURE_LEN_RANGE;

	pthread_mutex_lock(&token->lock);
	keep = keep && token->idle_count < IDLE_SESSIONS;
	if (keep)
		token->idle[token->idle_count++] = session;
	pthread_mutex_unlock(&token->lock);
	if (!keep)
		cryptoki(ctx)->C_CloseSession(session);
	pthread_mutex_lock(&token->lock);
	token->open_count -= !keep;
	pthread_cond_signal(&token->returned);
	pthread_mutex_unlock(&token->lock);
}

static CK_RV run_once(struct parsec_provider_ctx *ctx, session_fn fn, void *arg, bool again,
		      uint64_t *generation)
{
	struct token *token = &ctx->token;
	CK_RV rv = CKR_TOKEN_NOT_PRESENT;
	CK_SESSION_HANDLE session;

	pthread_rwlock_rdlock(&token->use);
	*generation = token->generation;
	if (token->connected) {
		rv = session_get(ctx, &session);
		if (rv == CKR_OK) {
			watch_enter(&ctx->watch);
			rv = fn(ctx, session, arg, again);
			if (is_vague(rv) && !token_is_there(ctx, session))
				rv = CKR_TOKEN_NOT_PRESENT;
			session_put(ctx, session, rv);
			watch_leave();
		}
	}
	pthread_rwlock_unlock(&token->use);
	return rv;
}

/**
 * session_run() - do something with a session of a user who is logged in
 * @fn:		is called again when the token was lost meanwhile, and has come back
 */
CK_RV session_run(struct parsec_provider_ctx *ctx, session_fn fn, void *arg)
{
	uint64_t generation;
	CK_RV again, rv = run_once(ctx, fn, arg, false, &generation);

	/* Something was left undone in it; it is closed by now */
	if (rv == CKR_OPERATION_ACTIVE)
		rv = run_once(ctx, fn, arg, true, &generation);
	if (!is_lost(rv))
		return rv;
	again = token_reconnect(ctx, generation);
	return again == CKR_OK ? run_once(ctx, fn, arg, true, &generation) : again;
}
