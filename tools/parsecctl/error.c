// SPDX-License-Identifier: Apache-2.0
/*
 * How parsecctl says that something failed: one line on standard error with the
 * number, its name, what it means and what to do. With --json the same goes to
 * standard output as well, as an object with one member, "error".
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "parsecctl.h"

#define SEE_LOG		"the service's log says more: \"journalctl -u parsecd\""

struct advice {
	int error;
	const char *text;
};

/* What to do about each failure; in a message this follows its meaning */
static const struct advice advices[] = {
	{ -ENOENT, "load the module: \"sudo modprobe parsec\"" },
	{ -ENODEV, "load the module: \"sudo modprobe parsec\"" },
	{ -ENXIO, "load the module: \"sudo modprobe parsec\"" },
	{ -EACCES, "the mode of the device node excludes you; an administrator can change it" },
	{ -EPERM, "a container needs the device among its allowed ones (\"--device\")" },
	{ -ENOTTY, "give the path of parsec's device, or leave out --device" },
	{ -ENOTCONN, "start the service: \"sudo systemctl start parsecd\"" },
	{ -EDQUOT, "too many requests of yours wait, or files are open: try again later" },
	{ -ETIMEDOUT, "allow more time with --timeout, or find out what keeps the provider busy" },
	{ -EIO, "look at what is there with \"parsecctl list-keys\", then try again" },
	{ -EPROTO, "parsecctl and the service do not fit together: update both" },
	{ PARSEC_PROVIDER_NOT_REGISTERED, "see what there is with \"parsecctl list-providers\"" },
	{ PARSEC_PROVIDER_DOES_NOT_EXIST, "see what there is with \"parsecctl list-providers\"" },
	{ PARSEC_OPCODE_DOES_NOT_EXIST, "the service is older than parsecctl: update it" },
	{ PARSEC_RESPONSE_TOO_LARGE,
	  "ask for less, or remove keys: an answer, also one that lists all keys, has at most "
	  "1 MiB, less with buffer_size_limit in parsecd.conf(5)" },
	{ PARSEC_KEY_INFO_MANAGER_ERROR, SEE_LOG },
	{ PARSEC_BODY_SIZE_EXCEEDS_LIMIT, "\"parsecctl\" shows how much the device takes" },
	{ PARSEC_ADMIN_OPERATION,
	  "put your application, as \"parsecctl whoami\" shows it, into admins in parsecd.conf(5)" },
	{ PARSEC_DEPRECATED_PRIMITIVE, "choose another size or hash" },
	{ PARSEC_PSA_ERROR_GENERIC_ERROR, SEE_LOG },
	{ PARSEC_PSA_ERROR_NOT_PERMITTED,
	  "see what your keys may do with \"parsecctl list-keys\", and you with \"parsecctl whoami\"" },
	{ PARSEC_PSA_ERROR_NOT_SUPPORTED,
	  "see what the provider can do with \"parsecctl list-opcodes\"" },
	{ PARSEC_PSA_ERROR_INVALID_ARGUMENT,
	  "check the size, and that the name is 1 to 4096 bytes of UTF-8" },
	{ PARSEC_PSA_ERROR_ALREADY_EXISTS,
	  "take another name, or remove that key with \"parsecctl delete-key\"" },
	{ PARSEC_PSA_ERROR_DOES_NOT_EXIST, "list yours with \"parsecctl list-keys\"" },
	{ PARSEC_PSA_ERROR_INSUFFICIENT_STORAGE, "make room, or remove keys" },
	{ PARSEC_PSA_ERROR_COMMUNICATION_FAILURE, SEE_LOG },
	{ PARSEC_PSA_ERROR_STORAGE_FAILURE, SEE_LOG },
	{ PARSEC_PSA_ERROR_HARDWARE_FAILURE, SEE_LOG },
	{ PARSEC_PSA_ERROR_CORRUPTION_DETECTED, SEE_LOG },
	{ PARSEC_PSA_ERROR_DATA_CORRUPT, SEE_LOG },
	{ PARSEC_PSA_ERROR_DATA_INVALID, SEE_LOG },
};

/* Start of each message: "parsecctl: sign: " */
static void print_prefix(const struct ctl *ctl)
{
	fprintf(stderr, "parsecctl: ");
	if (ctl->command)
		fprintf(stderr, "%s: ", ctl->command->name);
}

/**
 * usage_error() - the command line is wrong
 * @ctl:	context
 * @format:	what is wrong with it and how it should be
 *
 * Return: EXIT_USAGE
 */
int usage_error(const struct ctl *ctl, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (!text)
		return EXIT_USAGE;
	print_prefix(ctl);
	print_escaped(stderr, text, strlen(text), "");
	fprintf(stderr, "; see \"parsecctl %s%s--help\"\n", ctl->command ? ctl->command->name : "",
		ctl->command ? " " : "");
	free(text);
	return EXIT_USAGE;
}

/**
 * local_error() - something failed that is not the service's
 * @ctl:	context
 * @format:	what
 *
 * Return: EXIT_LOCAL
 */
int local_error(const struct ctl *ctl, const char *format, ...)
{
	struct json json = { .to = stdout };
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (!text)
		return EXIT_LOCAL;
	print_prefix(ctl);
	print_escaped(stderr, text, strlen(text), "");
	fprintf(stderr, "\n");
	if (ctl->args.json) {
		json_open(&json, NULL, '{');
		json_open(&json, "error", '{');
		json_string(&json, "meaning", text);
		json_close(&json, '}');
		json_close(&json, '}');
	}
	free(text);
	return EXIT_LOCAL;
}

/* Does another provider have the key that this one has not? -1: no */
static int64_t other_provider(const struct ctl *ctl)
{
	struct parsec_key_info *keys;
	int64_t found = -1;
	size_t count, i;

	if (!ctl->args.key_name || parsec_list_keys(ctl->parsec, &keys, &count))
		return -1;
	for (i = 0; i < count; i++)
		if (!strcmp(keys[i].name, ctl->args.key_name) &&
		    keys[i].provider != ctl->provider)
			found = keys[i].provider;
	parsec_free_keys(keys);
	return found;
}

/**
 * failure_advice() - what to do about a failure, NULL when there is nothing to say
 */
const char *failure_advice(const struct ctl *ctl, int error)
{
	const struct args *args = &ctl->args;
	size_t i;

	if (error == PARSEC_PSA_ERROR_INVALID_SIGNATURE && args->signature && !args->der)
		return "a signature made with --der is also verified with --der";
	if (error == PARSEC_BODY_SIZE_EXCEEDS_LIMIT && args->message)
		return "without --message the file is hashed here and can be of any size";
	if (error == PARSEC_BODY_SIZE_EXCEEDS_LIMIT && args->hash)
		return "hash a file of this size with \"openssl dgst\"";
	if (error == PARSEC_PSA_ERROR_INVALID_ARGUMENT && args->compare)
		return "the hash given is too long or too short";
	if (error == -EPERM && ctl->parsec)
		return NULL;
	for (i = 0; i < sizeof(advices) / sizeof(advices[0]); i++)
		if (advices[i].error == error)
			return advices[i].text;
	return NULL;
}

static const char *failure_name(int error)
{
	const char *name = error < 0 ? strerrorname_np(-error) : parsec_status_name(error);

	return name ? name : "unknown error";
}

static void print_failure(const struct ctl *ctl, const char *name, int error,
			  const char *advice)
{
	print_prefix(ctl);
	if (error < 0) {
		print_escaped(stderr, ctl_device(ctl), strlen(ctl_device(ctl)), "");
		fprintf(stderr, ": ");
	} else if (ctl->args.key_name) {
		fprintf(stderr, "key \"");
		print_escaped(stderr, ctl->args.key_name, strlen(ctl->args.key_name), "\"\\");
		fprintf(stderr, "\": ");
	}
	fprintf(stderr, "%s (%d): %s%s%s\n", name, error < 0 ? -error : error,
		parsec_strerror(error), advice ? "; " : "", advice ? advice : "");
}

/**
 * parsec_failure() - a call of libparsec failed
 * @ctl:	context
 * @error:	what it returned, not 0
 *
 * Return: EXIT_REFUSED or EXIT_TRANSPORT
 */
int parsec_failure(const struct ctl *ctl, int error)
{
	const char *name = failure_name(error);
	const char *advice = failure_advice(ctl, error);
	struct json json = { .to = stdout };
	char elsewhere[80];
	int64_t other;

	if (error == PARSEC_PSA_ERROR_DOES_NOT_EXIST) {
		other = other_provider(ctl);
		if (other >= 0) {
			snprintf(elsewhere, sizeof(elsewhere),
				 "provider %d has one: add \"--provider %d\"", (int)other,
				 (int)other);
			advice = elsewhere;
		}
	}
	print_failure(ctl, name, error, advice);
	if (ctl->args.json) {
		json_open(&json, NULL, '{');
		json_open(&json, "error", '{');
		json_number(&json, error < 0 ? "errno" : "status",
			    (uint64_t)(error < 0 ? -error : error));
		json_string(&json, "name", name);
		json_string(&json, "meaning", parsec_strerror(error));
		if (advice)
			json_string(&json, "advice", advice);
		json_close(&json, '}');
		json_close(&json, '}');
	}
	return error < 0 ? EXIT_TRANSPORT : EXIT_REFUSED;
}

/**
 * parsec_warning() - a call of libparsec failed that the command could do without
 * @ctl:	context
 * @what:	what is not as it would be otherwise
 * @error:	what the call returned, not 0
 */
void parsec_warning(const struct ctl *ctl, const char *what, int error)
{
	print_prefix(ctl);
	fprintf(stderr, "%s: %s (%d): %s\n", what, failure_name(error), error < 0 ? -error : error,
		parsec_strerror(error));
}
