// SPDX-License-Identifier: Apache-2.0
/*
 * Which token has the keys: a note in the provider's directory. Without it a token that was
 * cleared or exchanged would be one on which all keys are missing, and their names would be
 * removed.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "providers/pkcs11/pkcs11.h"

#define NOTE_SIZE	128

/* Serial numbers are unique for a model of a maker only */
static size_t describe(const CK_TOKEN_INFO *info, char text[NOTE_SIZE])
{
	struct parsec_span maker = padded_text(info->manufacturerID,
					       sizeof(info->manufacturerID));
	struct parsec_span model = padded_text(info->model, sizeof(info->model));
	struct parsec_span serial = padded_text(info->serialNumber,
						sizeof(info->serialNumber));
	int len = snprintf(text, NOTE_SIZE, "%.*s, %.*s, %.*s\n", (int)maker.len,
			   (const char *)maker.data, (int)model.len, (const char *)model.data,
			   (int)serial.len, (const char *)serial.data);

	return len > 0 ? (size_t)len : 0;
}

static bool note_path(const struct parsec_provider_ctx *ctx, const char *name,
		      char path[PATH_MAX])
{
	return snprintf(path, PATH_MAX, "%s/%s", ctx->host->state_dir, name) < PATH_MAX;
}

/**
 * note_fits() - is it the token that has the keys, or are there none yet?
 *
 * Return: false also when it cannot be told; there is a line in the log, one until the token
 * is connected and not one for each request.
 */
bool note_fits(struct parsec_provider_ctx *ctx, const CK_TOKEN_INFO *info)
{
	char path[PATH_MAX], noted[NOTE_SIZE + 1], text[NOTE_SIZE];
	size_t len = describe(info, text);
	ssize_t got;
	int fd;

	if (!note_path(ctx, "token", path))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT)
		return true;
	got = fd < 0 ? -1 : read(fd, noted, NOTE_SIZE);
	if (fd >= 0)
		close(fd);
	if (got < 0) {
		if (!atomic_exchange(&ctx->token.told_unread, true))
			ctx->host->log(PARSEC_LOG_ERROR, "%s cannot be read: %m", path);
		return false;
	}
	ctx->token.is_noted = true;
	if ((size_t)got == len && !memcmp(noted, text, len))
		return true;
	noted[got] = '\0';
	if (!atomic_exchange(&ctx->token.told_other, true))
		ctx->host->log(PARSEC_LOG_ERROR, "the token is \"%.*s\", but the keys are on "
			       "\"%.*s\": put that one back; or, to give its keys up, remove %s",
			       (int)strcspn(text, "\n"), text, (int)strcspn(noted, "\n"), noted,
			       path);
	return false;
}

static bool write_note(int fd, const char *text, size_t len)
{
	return write(fd, text, len) == (ssize_t)len && !fsync(fd);
}

/* With the connection held, so that it is the token of now */
static bool make_note(struct parsec_provider_ctx *ctx)
{
	char path[PATH_MAX], new_path[PATH_MAX], text[NOTE_SIZE];
	bool done;
	int fd;

	if (!note_path(ctx, "token", path) || !note_path(ctx, "token.new", new_path))
		return false;
	fd = open(new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	done = fd >= 0 && write_note(fd, text, describe(&ctx->token.info, text));
	if (fd >= 0)
		close(fd);
	done = done && !rename(new_path, path);
	if (!done)
		ctx->host->log(PARSEC_LOG_ERROR, "%s cannot be written: %m", path);
	return done;
}

/**
 * note_token() - make the note, before the first key
 *
 * Of several first keys one makes it, and the others wait.
 *
 * Return: false when it cannot be written.
 */
bool note_token(struct parsec_provider_ctx *ctx)
{
	struct token *token = &ctx->token;
	bool done;

	if (token->is_noted)
		return true;
	pthread_mutex_lock(&token->noting);
	pthread_rwlock_rdlock(&token->use);
	done = token->is_noted || make_note(ctx);
	token->is_noted = done;
	pthread_rwlock_unlock(&token->use);
	pthread_mutex_unlock(&token->noting);
	return done;
}
