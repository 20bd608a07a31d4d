// SPDX-License-Identifier: Apache-2.0
/*
 * The service's log: each message one line and one write on standard error.
 */
#include "helper/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Longer messages are cut; also one key name of full length would drown a log */
#define LINE_MAX_BYTES	1024

static struct {
	char ident[48];
	enum parsec_log_level level;
	bool details;
	bool journal;
} logger = { .level = PARSEC_LOG_INFO };

/* What stands in front of a line: for journald, and for everybody else */
static const struct {
	const char *journal;
	const char *plain;
} prefixes[] = {
	[PARSEC_LOG_ERROR]	= { "<3>", "error: " },
	[PARSEC_LOG_WARNING]	= { "<4>", "warning: " },
	[PARSEC_LOG_INFO]	= { "<6>", "" },
	[PARSEC_LOG_DEBUG]	= { "<7>", "" },
};

/* Is standard error the stream that systemd connected to the journal? */
static bool is_journal(void)
{
	const char *stream = secure_getenv("JOURNAL_STREAM");
	char id[48];
	struct stat st;

	if (!stream || fstat(STDERR_FILENO, &st))
		return false;
	snprintf(id, sizeof(id), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return !strcmp(stream, id);
}

void log_init(const char *ident, enum parsec_log_level level, bool details)
{
	snprintf(logger.ident, sizeof(logger.ident), "%s", ident);
	logger.level = level;
	logger.details = details;
	logger.journal = is_journal();
}

bool log_details(void)
{
	return logger.details;
}

/* A name that an application chose must not look like a line of its own */
static void mask_controls(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

void log_write(enum parsec_log_level level, const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	int saved_errno = errno;
	int start, len;
	va_list args;

	if (level > logger.level)
		return;

	start = snprintf(line, sizeof(line), "%s%s%s%s",
			 logger.journal ? prefixes[level].journal : "", logger.ident,
			 *logger.ident ? ": " : "",
			 logger.journal ? "" : prefixes[level].plain);
	va_start(args, format);
	errno = saved_errno;	/* for %m */
	len = vsnprintf(line + start, sizeof(line) - (size_t)start, format, args);
	va_end(args);
	if (len < 0)
		line[start] = '\0';
	mask_controls(line + start);

	len = (int)strlen(line);
	if (len == (int)sizeof(line) - 1)
		memcpy(line + len - 4, "...", 3);
	else
		len++;
	line[len - 1] = '\n';
	/* There is nobody to tell that the log cannot be written */
	if (write(STDERR_FILENO, line, (size_t)len) < 0)
		errno = 0;
	errno = saved_errno;
}
