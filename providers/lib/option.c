// SPDX-License-Identifier: Apache-2.0
/*
 * Values of options: switches, and secrets that stand in the configuration or in a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "providers/lib/option.h"

/**
 * option_bad() - say what is wrong with a value
 * @what:	what it should be
 *
 * Return: PARSEC_PSA_ERROR_INVALID_ARGUMENT, what open() returns then.
 */
enum parsec_status option_bad(const struct parsec_provider_host *host,
			      const struct parsec_option *option, const char *what)
{
	host->log(PARSEC_LOG_ERROR, "line %u: %s: %s", option->line, option->name, what);
	return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
}

/* An option that the provider does not have: a misspelt one must not be without effect */
enum parsec_status option_unknown(const struct parsec_provider_host *host,
				  const struct parsec_option *option)
{
	return option_bad(host, option, "this provider has no such option");
}

/* A switch, in the words of the host's own options */
enum parsec_status option_bool(const struct parsec_provider_host *host,
			       const struct parsec_option *option, bool *value)
{
	*value = !strcmp(option->value, "true");
	if (*value || !strcmp(option->value, "false"))
		return PARSEC_SUCCESS;
	return option_bad(host, option, "it must be true or false");
}

static int nibble(char digit)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *at = digit ? strchr(digits, digit) : NULL;
	int value = at ? (int)(at - digits) : -1;

	return value < 16 ? value : value - 6;
}

static const char *from_hex(const char *text, struct secret *secret)
{
	for (; *text; text += 2) {
		int high = nibble(text[0]), low = high < 0 ? -1 : nibble(text[1]);

		if (low < 0)
			return "behind hex: there must be pairs of hexadecimal digits";
		if (secret->len == SECRET_MAX)
			return "it is too long";
		secret->data[secret->len++] = (uint8_t)(high << 4 | low);
	}
	return NULL;
}

static const char *from_text(const char *text, struct secret *secret)
{
	size_t len = strlen(text);

	if (len > SECRET_MAX)
		return "it is too long";
	memcpy(secret->data, text, len);
	secret->len = len;
	return NULL;
}

/* One byte more than there may be, and the line end that editors put behind a text */
static const char *from_open_file(int fd, struct secret *secret)
{
	uint8_t room[SECRET_MAX + 2];
	const char *wrong = NULL;
	size_t len = 0;
	ssize_t part;

	do {
		part = read(fd, room + len, sizeof(room) - len);
		if (part > 0)
			len += (size_t)part;
	} while (part > 0 || (part < 0 && errno == EINTR));
	if (len && room[len - 1] == '\n')
		len--;
	if (part < 0)
		wrong = "its file cannot be read";
	else if (len > SECRET_MAX)
		wrong = "what its file has is too long";
	if (!wrong) {
		memcpy(secret->data, room, len);
		secret->len = len;
	}
	OPENSSL_cleanse(room, sizeof(room));
	return wrong;
}

static const char *from_file(const char *path, struct secret *secret)
{
	const char *wrong;
	struct stat st;
	int fd;

	if (path[0] != '/')
		return "behind file: there must be an absolute path";
	/* Not to wait for the other end of a pipe */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return "its file cannot be opened";
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		wrong = "its file is no regular file";
	else if (st.st_mode & (S_IRWXO | S_IWGRP))
		wrong = "its file may be read or written by others";
	else
		wrong = from_open_file(fd, secret);
	close(fd);
	return wrong;
}

/**
 * option_secret() - a PIN or an authorisation value
 * @option:	str: and the text, hex: and digits, file: and the path of a file that others
 *		may not read, which is one line or all of the bytes; anything else is the
 *		text itself
 * @secret:	to be wiped with secret_wipe(); nothing is in it after a failure
 *
 * Return: PARSEC_SUCCESS; PARSEC_PSA_ERROR_INVALID_ARGUMENT, with a line in the log.
 */
enum parsec_status option_secret(const struct parsec_provider_host *host,
				 const struct parsec_option *option, struct secret *secret)
{
	const char *value = option->value, *wrong;

	secret->len = 0;
	if (!strncmp(value, "str:", 4))
		wrong = from_text(value + 4, secret);
	else if (!strncmp(value, "hex:", 4))
		wrong = from_hex(value + 4, secret);
	else if (!strncmp(value, "file:", 5))
		wrong = from_file(value + 5, secret);
	else
		wrong = from_text(value, secret);
	if (!wrong)
		return PARSEC_SUCCESS;
	secret_wipe(secret);
	return option_bad(host, option, wrong);
}

void secret_wipe(struct secret *secret)
{
	OPENSSL_cleanse(secret, sizeof(*secret));
}
