// SPDX-License-Identifier: Apache-2.0
/*
 * An audit event as text. Names come from applications: everything in them that is not
 * a printable ASCII character is written as an escape, so that no name can end a line,
 * look like another member or steer the terminal of a reader.
 */
#include "helper/audit_line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "helper/contract/operations.h"
#include "helper/log.h"

#define ELLIPSIS	"\\u2026"
#define NO_CHARACTER	"\\ufffd"

static const char *const kinds[] = {
	[AUDIT_CREATE]		= "create",
	[AUDIT_IMPORT]		= "import",
	[AUDIT_EXPORT]		= "export",
	[AUDIT_DESTROY]		= "destroy",
	[AUDIT_DELETE_CLIENT]	= "delete-client",
	[AUDIT_UNDO]		= "undo",
	[AUDIT_DENIED]		= "denied",
	[AUDIT_CORRUPT]		= "corrupt",
	[AUDIT_START]		= "start",
	[AUDIT_SWEEP]		= "sweep",
	[AUDIT_BROKEN]		= "broken",
	[AUDIT_STOP]		= "stop",
};

/* The text so far */
struct text {
	char *at;
	size_t left;
};

static void add(struct text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void add(struct text *text, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text->at, text->left, format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= text->left)
		len = 0;
	text->at += len;
	text->left -= (size_t)len;
	*text->at = '\0';
}

/* Decode a character of several bytes. Return: how many, 0 when it is none */
static size_t decode(const uint8_t *at, size_t len, uint32_t *code)
{
	size_t size = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;

	if (size > len || !text_is_utf8((struct parsec_span){ at, size }))
		return 0;
	*code = at[0] & (0x7f >> size);
	for (size_t i = 1; i < size; i++)
		*code = *code << 6 | (at[i] & 0x3f);
	return size;
}

/* Return: bytes of @at that were written */
static size_t add_character(struct text *text, const uint8_t *at, size_t len)
{
	uint32_t code = at[0];
	size_t size = 1;

	if (code >= 0x80) {
		size = decode(at, len, &code);
		if (!size) {
			add(text, NO_CHARACTER);
			return 1;
		}
	}
	if (code == '"' || code == '\\')
		add(text, "\\%c", (int)code);
	else if (code >= ' ' && code < 0x7f)
		add(text, "%c", (int)code);
	else if (code <= 0xffff)
		add(text, "\\u%04x", code);
	else
		add(text, "\\u%04x\\u%04x", 0xd7c0 + (code >> 10), 0xdc00 + (code & 0x3ff));
	return size;
}

static void add_name(struct text *text, const char *member, struct parsec_span name)
{
	size_t len = name.len < AUDIT_NAME_MAX ? name.len : AUDIT_NAME_MAX;

	add(text, ",\"%s\":\"", member);
	for (size_t i = 0; i < len;)
		i += add_character(text, name.data + i, len - i);
	add(text, "%s\"", len < name.len ? ELLIPSIS : "");
}

static void add_time(struct text *text)
{
	struct timespec now;
	struct tm tm;
	char date[32];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	add(text, "\"time\":\"%s.%06ldZ\"", date, now.tv_nsec / 1000);
}

/* What the kernel says about the caller */
static void add_facts(struct text *text, const struct audit_event *event)
{
	struct parsec_facts facts;

	if (!event->facts || event->facts(event->facts_arg, &facts))
		return;
	add(text, ",\"uid\":%u", facts.uid);
	if (facts.pid)
		add(text, ",\"pid\":%u", facts.pid);
	if (facts.cgroup_path)
		add_name(text, "cgroup", (struct parsec_span){
				(const uint8_t *)facts.cgroup_path, strlen(facts.cgroup_path) });
}

size_t audit_line(const struct audit_event *event, const char *provider, uint64_t repeated,
		  char *buffer)
{
	struct text text = { buffer, AUDIT_LINE_ROOM };

	add_time(&text);
	add(&text, ",\"event\":\"%s\",\"provider\":\"%s\"", kinds[event->kind], provider);
	if (event->operation)
		add(&text, ",\"operation\":\"%s\",\"opcode\":%u,\"status\":%u",
		    event->operation, event->opcode, event->status);
	if (event->who && event->who->app_len)
		add_name(&text, "application",
			 (struct parsec_span){ event->who->app, event->who->app_len });
	if (event->session)
		add(&text, ",\"session\":%llu", (unsigned long long)event->session);
	add_facts(&text, event);
	if (event->client.len)
		add_name(&text, "client", event->client);
	if (event->key.len && log_details())
		add_name(&text, "key", event->key);
	if (event->count)
		add(&text, ",\"count\":%llu", (unsigned long long)event->count);
	if (repeated)
		add(&text, ",\"repeated\":%llu", (unsigned long long)repeated);
	if (event->duration_ns)
		add(&text, ",\"duration_us\":%llu",
		    (unsigned long long)event->duration_ns / 1000);
	if (event->reason)
		add_name(&text, "reason", (struct parsec_span){ (const uint8_t *)event->reason,
								strlen(event->reason) });
	return (size_t)(text.at - buffer);
}
