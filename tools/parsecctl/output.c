// SPDX-License-Identifier: Apache-2.0
/*
 * What parsecctl prints: text in which nothing can steer a terminal, and JSON.
 *
 * Key names and provider texts come from others and may hold anything that is
 * UTF-8. In text, control characters and those that reorder or hide what follows are
 * written as escapes; so is every byte that is not UTF-8.
 */
#include <string.h>

#include "parsecctl.h"

#define CODE_POINT_INVALID	UINT32_MAX

/* One code point of @text; *@used is its bytes, 1 for a byte that is not UTF-8 */
static uint32_t utf8_next(const uint8_t *text, size_t len, size_t *used)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = text[0] < 0x80 ? 1 : (text[0] & 0xe0) == 0xc0 ? 2 :
		   (text[0] & 0xf0) == 0xe0 ? 3 : (text[0] & 0xf8) == 0xf0 ? 4 : 0;
	uint32_t code;
	size_t i;

	*used = 1;
	if (n == 1)
		return text[0];
	if (n == 0 || n > len)
		return CODE_POINT_INVALID;
	code = text[0] & (0x7f >> n);
	for (i = 1; i < n; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return CODE_POINT_INVALID;
		code = code << 6 | (text[i] & 0x3f);
	}
	if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return CODE_POINT_INVALID;
	*used = n;
	return code;
}

/* Would it move the cursor, change the terminal or disguise the text around it? */
static bool steers(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xad ||
	       code == 0x61c || (code >= 0x200b && code <= 0x200f) ||
	       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) ||
	       code == 0xfeff || (code >= 0xfff9 && code <= 0xfffb) ||
	       (code >= 0xe0000 && code <= 0xe0fff);
}

/**
 * print_escaped() - print text of unknown origin so that it cannot do anything
 * @to:		where to
 * @text:	the text
 * @len:	bytes of it
 * @also:	further characters that get a backslash
 */
void print_escaped(FILE *to, const char *text, size_t len, const char *also)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t used;

	for (; len; p += used, len -= used) {
		uint32_t code = utf8_next(p, len, &used);

		if (code == '\n')
			fputs("\\n", to);
		else if (code == '\t')
			fputs("\\t", to);
		else if (code && code < 0x80 && strchr(also, (int)code))
			fprintf(to, "\\%c", (int)code);
		else if (code == CODE_POINT_INVALID || (code < 0x80 && steers(code)))
			fprintf(to, "\\x%02x", p[0]);
		else if (steers(code))
			fprintf(to, code > 0xffff ? "\\U%08x" : "\\u%04x", code);
		else
			fwrite(p, 1, used, to);
	}
}

/**
 * print_name() - print a key name, in quotes when it is not a plain word
 */
void print_name(FILE *to, const char *name, size_t len)
{
	bool plain = len > 0;
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)name[i] <= ' ' || strchr("\"'\\\x7f", name[i]))
			plain = false;
	if (!plain)
		fputc('"', to);
	print_escaped(to, name, len, "\"\\");
	if (!plain)
		fputc('"', to);
}

static void json_text(struct json *json, const char *text, size_t len)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t used;

	fputc('"', json->to);
	for (; len; p += used, len -= used) {
		uint32_t code = utf8_next(p, len, &used);

		if (code == CODE_POINT_INVALID)
			fputs("\\ufffd", json->to);
		else if (code == '"' || code == '\\')
			fprintf(json->to, "\\%c", (int)code);
		else if (code == '\n')
			fputs("\\n", json->to);
		else if (steers(code) && code <= 0xffff)
			fprintf(json->to, "\\u%04x", code);
		else if (steers(code))
			fprintf(json->to, "\\u%04x\\u%04x", 0xd7c0 + (code >> 10),
				0xdc00 + (code & 0x3ff));
		else
			fwrite(p, 1, used, json->to);
	}
	fputc('"', json->to);
}

/* Comma, line and name in front of the next value */
static void json_begin(struct json *json, const char *name)
{
	if (json->comma)
		fputc(',', json->to);
	if (json->depth && (json->comma || json->opened))
		fprintf(json->to, "\n%*s", 2 * json->depth, "");
	if (name) {
		json_text(json, name, strlen(name));
		fputs(": ", json->to);
	}
	json->comma = true;
	json->opened = false;
}

/**
 * json_open() - start an object ('{') or an array ('[')
 * @json:	document; all 0 but @to at its start
 * @name:	its name when it is a member of an object, else NULL
 */
void json_open(struct json *json, const char *name, char bracket)
{
	json_begin(json, name);
	fputc(bracket, json->to);
	json->depth++;
	json->comma = false;
	json->opened = true;
}

/**
 * json_close() - end what json_open() started ('}' or ']')
 */
void json_close(struct json *json, char bracket)
{
	json->depth--;
	if (!json->opened)
		fprintf(json->to, "\n%*s", 2 * json->depth, "");
	fputc(bracket, json->to);
	json->comma = true;
	json->opened = false;
	if (!json->depth)
		fputc('\n', json->to);
}

void json_string_len(struct json *json, const char *name, const char *text, size_t len)
{
	json_begin(json, name);
	json_text(json, text, len);
}

void json_string(struct json *json, const char *name, const char *text)
{
	json_string_len(json, name, text, strlen(text));
}

void json_number(struct json *json, const char *name, uint64_t number)
{
	json_begin(json, name);
	fprintf(json->to, "%llu", (unsigned long long)number);
}

void json_bool(struct json *json, const char *name, bool value)
{
	json_begin(json, name);
	fputs(value ? "true" : "false", json->to);
}
