// SPDX-License-Identifier: Apache-2.0
/*
 * All options in one table: what they are called, what they take and where that goes.
 *
 * An option's id is a letter or a digit. A small letter is its short form as well; others
 * have a long form only. Commands list the ids that they take, and '!' behind one says
 * that it must be given.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "parsecctl.h"

/* Options of every command */
#define COMMON_IDS	"JDth"

enum kind {
	FLAG,
	TEXT,
	NUMBER,
	SECONDS,
};

struct option_info {
	char id;
	const char *name;
	enum kind kind;
	const char *value;
	size_t offset;		/* in struct args */
	uint64_t max;		/* of a NUMBER; the least is 1 */
	const char *help;
};

#define ARG(member)	offsetof(struct args, member)

/* Most bytes that generate-random makes in one go */
#define RANDOM_MAX	(64 * 1024 * 1024)

static const struct option_info option_infos[] = {
	{ 'k', "key-name", TEXT, "NAME", ARG(key_name), 0, "name of the key" },
	{ 'b', "bits", NUMBER, "N", ARG(bits), 65535, "size of the key in bits" },
	{ 's', "for-signing", FLAG, NULL, ARG(for_signing), 0,
	  "make a signing key, which is what is made anyway" },
	{ 'P', "pss", FLAG, NULL, ARG(pss), 0, "sign with RSA-PSS rather than PKCS#1 v1.5" },
	{ 'H', "hash", TEXT, "NAME", ARG(hash), 0, "hash algorithm, for example sha256" },
	{ 'G', "signature", TEXT, "FILE", ARG(signature), 0, "the signature to check" },
	{ 'M', "message", FLAG, NULL, ARG(message), 0,
	  "send the file itself; the service hashes it" },
	{ 'n', "nbytes", NUMBER, "N", ARG(nbytes), RANDOM_MAX, "how many bytes" },
	{ 'C', "compare", TEXT, "HEX", ARG(compare), 0, "check against this hash" },
	{ 'E', "der", FLAG, NULL, ARG(der), 0,
	  "in DER, as openssl wants an ECDSA signature" },
	{ 'B', "base64", FLAG, NULL, ARG(base64), 0, "base64 rather than binary data" },
	{ 'X', "hex", FLAG, NULL, ARG(hex), 0, "hexadecimal rather than binary data" },
	{ 'R', "raw", FLAG, NULL, ARG(raw), 0, "the contract's format rather than PEM" },
	{ 'Q', "pkcs1", FLAG, NULL, ARG(pkcs1), 0, "RSA: PEM of PKCS#1 (RSA PUBLIC KEY)" },
	{ 'S', "subject", TEXT, "NAME", ARG(subject), 0, "subject, like \"/CN=web/O=Example\"" },
	{ 'A', "san", TEXT, "NAMES", ARG(san), 0,
	  "alternative names, like \"DNS:example.com,IP:192.0.2.1\"" },
	{ 'T', "type", TEXT, "TYPE", ARG(type), 0,
	  "rsa, ecc, aes, camellia, chacha20, hmac, raw; rsa-public, ecc-public" },
	{ 'F', "family", TEXT, "NAME", ARG(family), 0,
	  "curve: secp-r1 (default), secp-k1, brainpool-p-r1, montgomery" },
	{ 'L', "algorithm", TEXT, "NAME", ARG(algorithm), 0,
	  "the one algorithm of the key, for example ecdh or rsa-oaep" },
	{ 'Y', "exportable", FLAG, NULL, ARG(exportable), 0, "export-key may read the key" },
	{ 'N', "nonce", TEXT, "HEX", ARG(nonce), 0, "AEAD: nonce, which is then not in the file" },
	{ 'I', "aad", TEXT, "HEX", ARG(aad), 0, "AEAD: what is authenticated beside the file" },
	{ '1', "label", TEXT, "HEX", ARG(label), 0, "RSA-OAEP: label" },
	{ 'Z', "verify", TEXT, "HEX", ARG(mac), 0, "check this MAC" },
	{ 'K', "peer", TEXT, "FILE", ARG(peer), 0, "public key of the other side" },
	{ 'W', "check", TEXT, "WHAT", ARG(check), 0,
	  "generate (default), import, use or derive" },
	{ '2', "client", TEXT, "NAME", ARG(client), 0, "a caller, as list-clients shows it" },
	{ '3', "yes", FLAG, NULL, ARG(yes), 0, "do it" },
	{ '4', "pid", NUMBER, "PID", ARG(pid), 1 << 22, "the process" },
	{ '5', "config", TEXT, "FILE", ARG(config), 0,
	  "configuration of the service (default: /etc/parsec/parsecd.conf)" },
	{ '6', "try", FLAG, NULL, ARG(try), 0, "make, use and remove a key in each provider" },
	{ 'O', "details", FLAG, NULL, ARG(details), 0,
	  "say which names have no key and which keys no name" },
	{ '7', "openmetrics", FLAG, NULL, ARG(openmetrics), 0, "print OpenMetrics text" },
	{ '8', "attesting-key", TEXT, "NAME", ARG(attesting_key), 0,
	  "key that attests (default: the provider's own)" },
	{ '9', "attesting-public", TEXT, "FILE", ARG(attesting_public), 0,
	  "write the attesting key's public part, PEM, to FILE" },
	{ 'U', "public-area", TEXT, "FILE", ARG(public_area), 0,
	  "write what the key is, TPMT_PUBLIC, to FILE" },
	{ 'o', "output", TEXT, "FILE", ARG(output), 0, "write to FILE" },
	{ 'p', "provider", TEXT, "ID|NAME", ARG(provider), 0,
	  "provider: id, name or UUID (default: the first one)" },
	{ 'J', "json", FLAG, NULL, ARG(json), 0, "print JSON" },
	{ 'D', "device", TEXT, "PATH", ARG(device), 0,
	  "device node (default: " PARSEC_DEVICE ")" },
	{ 't', "timeout", SECONDS, "SECONDS", ARG(timeout_ms), 0,
	  "give up after so long (default: never)" },
	{ 'V', "version", FLAG, NULL, ARG(version), 0, "print the version" },
	{ 'h', "help", FLAG, NULL, ARG(help), 0, "print this" },
};

#define COUNT		(sizeof(option_infos) / sizeof(option_infos[0]))

static const struct option_info *option_by_id(int id)
{
	size_t i;

	for (i = 0; i < COUNT; i++)
		if (option_infos[i].id == id)
			return &option_infos[i];
	return NULL;
}

static bool has_short(const struct option_info *info)
{
	return info->id >= 'a';
}

static bool taken(const struct option_info *info, const char *ids)
{
	return strchr(ids, info->id) || strchr(COMMON_IDS, info->id);
}

/* What getopt_long() wants to know; @shorts has room for 3 * COUNT characters */
static void fill_getopt(const char *ids, struct option *longs, char *shorts)
{
	size_t i;

	for (i = 0; i < COUNT; i++) {
		const struct option_info *info = &option_infos[i];

		if (!taken(info, ids))
			continue;
		*longs++ = (struct option){
			.name = info->name,
			.has_arg = info->kind == FLAG ? no_argument : required_argument,
			.val = info->id,
		};
		if (!has_short(info))
			continue;
		*shorts++ = info->id;
		if (info->kind != FLAG)
			*shorts++ = ':';
	}
	*longs = (struct option){};
	*shorts = '\0';
}

static int set_number(const struct ctl *ctl, const struct option_info *info,
		      const char *text, uint64_t *value)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno || !number || number > info->max)
		return usage_error(ctl, "--%s \"%s\" is not a number from 1 to %llu", info->name,
				   text, (unsigned long long)info->max);
	*value = number;
	return EXIT_OK;
}

static int set_seconds(const struct ctl *ctl, const struct option_info *info,
		       const char *text, uint64_t *ms)
{
	double seconds;
	char *end;

	seconds = strtod(text, &end);
	if (strspn(text, "0123456789.") != strlen(text) || end == text || *end ||
	    seconds < 0.001 || seconds > UINT_MAX / 1000)
		return usage_error(ctl, "--%s \"%s\" is not a number of seconds from 0.001 to %u",
				   info->name, text, UINT_MAX / 1000);
	*ms = (uint64_t)(seconds * 1000);
	return EXIT_OK;
}

static int set_option(struct ctl *ctl, const struct option_info *info, char *text)
{
	char *at = (char *)&ctl->args + info->offset;

	switch (info->kind) {
	case FLAG:
		*(bool *)at = true;
		return EXIT_OK;
	case TEXT:
		*(const char **)at = text;
		return EXIT_OK;
	case NUMBER:
		return set_number(ctl, info, text, (uint64_t *)at);
	case SECONDS:
		return set_seconds(ctl, info, text, (uint64_t *)at);
	}
	return EXIT_OK;
}

/* getopt_long() returned @result, which is no option */
static int option_error(const struct ctl *ctl, int result, char **argv)
{
	const struct option_info *info = option_by_id(optopt);
	const char *word = argv[optind - 1];

	if (result == ':' && info)
		return usage_error(ctl, "--%s needs a value, %s", info->name, info->value);
	if (!strncmp(word, "--", 2) && info)
		return usage_error(ctl, "--%s takes no value", info->name);
	if (!strncmp(word, "--", 2))
		return usage_error(ctl, "\"%s\" is no option here", word);
	return usage_error(ctl, "\"-%c\" is no option here", optopt);
}

static int check_required(const struct ctl *ctl, const char *ids)
{
	for (; *ids; ids++) {
		const struct option_info *info = option_by_id(*ids);
		const char *at;

		if (!info || ids[1] != '!')
			continue;
		at = (const char *)&ctl->args + info->offset;
		if (info->kind == TEXT ? !*(const char * const *)at : !*(const uint64_t *)at)
			return usage_error(ctl, "--%s %s is missing", info->name, info->value);
	}
	return EXIT_OK;
}

/**
 * options_parse() - read options
 * @ctl:	context; its command is NULL for what comes before a sub-command
 * @argc:	words, the first of which is no option
 * @argv:	words; those that are no options are moved to the end
 * @ids:	options taken besides the common ones
 * @used:	index of the first word that is no option
 *
 * Return: EXIT_OK, or EXIT_USAGE when it was said what is wrong.
 */
int options_parse(struct ctl *ctl, int argc, char **argv, const char *ids, int *used)
{
	struct option longs[COUNT + 1];
	char shorts[3 * COUNT + 3] = "+:";
	int result, code;

	/* Options end at the name of the sub-command, but not at its file */
	fill_getopt(ids, longs, shorts + (ctl->command ? 1 : 2));
	if (ctl->command)
		shorts[0] = ':';
	opterr = 0;
	optind = 0;
	while ((result = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (result == '?' || result == ':')
			return option_error(ctl, result, argv);
		code = set_option(ctl, option_by_id(result), optarg);
		if (code)
			return code;
	}
	*used = optind;
	return ctl->args.help ? EXIT_OK : check_required(ctl, ids);
}

static void print_option(const struct option_info *info)
{
	char text[64];

	snprintf(text, sizeof(text), "--%s%s%s", info->name, info->value ? " " : "",
		 info->value ? info->value : "");
	if (has_short(info))
		printf("  -%c, %-20s  %s\n", info->id, text, info->help);
	else
		printf("      %-20s  %s\n", text, info->help);
}

/**
 * options_help() - describe options
 * @ids:	those taken besides the common ones
 */
void options_help(const char *ids)
{
	size_t i;

	for (i = 0; i < COUNT; i++)
		if (taken(&option_infos[i], ids))
			print_option(&option_infos[i]);
}
