// SPDX-License-Identifier: Apache-2.0
/*
 * The provider's section of the configuration.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "providers/pkcs11/pkcs11.h"

/* Long enough to make an RSA key of 4096 bits in a small device */
#define CALL_TIMEOUT	120

static enum parsec_status read_number(const struct parsec_provider_host *host,
				      const struct parsec_option *option, unsigned long most,
				      unsigned long *number)
{
	char *end;

	errno = 0;
	*number = strtoul(option->value, &end, 0);
	if (!errno && end != option->value && !*end && option->value[0] != '-' &&
	    *number <= most)
		return PARSEC_SUCCESS;
	return option_bad(host, option, "it must be a number");
}

static enum parsec_status read_module(const struct parsec_provider_host *host,
				      const struct parsec_option *option,
				      struct settings *settings)
{
	if (option->value[0] != '/')
		return option_bad(host, option,
				  "it must be the absolute path of a PKCS #11 library");
	settings->module = option->value;
	return PARSEC_SUCCESS;
}

static enum parsec_status read_text(const struct parsec_provider_host *host,
				    const struct parsec_option *option, size_t room,
				    const char **text)
{
	size_t len = strlen(option->value);

	if (!len || len > room)
		return option_bad(host, option, "no token can have this: it is empty or too long");
	*text = option->value;
	return PARSEC_SUCCESS;
}

/* Has it more in it than which token it is? A PIN is not in anybody's hands then */
static bool has_more(P11KitUri *uri)
{
	const char *pin = p11_kit_uri_get_pin_value(uri);

	if (pin)
		OPENSSL_cleanse((char *)(uintptr_t)pin, strlen(pin));
	return pin || p11_kit_uri_get_pin_source(uri) || p11_kit_uri_get_module_name(uri) ||
	       p11_kit_uri_get_module_path(uri) || p11_kit_uri_any_unrecognized(uri);
}

/*
 * RFC 7512. What stands in one is shown and kept as no secret is, so it must not have a PIN.
 * A zero in a text would be an empty one to p11-kit, which is any token's.
 */
static enum parsec_status read_uri(const struct parsec_provider_host *host,
				   const struct parsec_option *option,
				   struct settings *settings)
{
	bool more = strchr(option->value, '?') || strstr(option->value, "%00");

	p11_kit_uri_free(settings->uri);
	settings->uri = p11_kit_uri_new();
	if (!settings->uri)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	if (!more && p11_kit_uri_parse(option->value, P11_KIT_URI_FOR_TOKEN, settings->uri))
		return option_bad(host, option,
				  "it must be a PKCS #11 URI, such as pkcs11:token=name");
	if (more || has_more(settings->uri))
		return option_bad(host, option, "it may have token, manufacturer, model and serial, "
				  "in the lengths that they can have, and nothing else; for PIN and "
				  "library there are user_pin and module");
	return PARSEC_SUCCESS;
}

static enum parsec_status read_option(const struct parsec_provider_host *host,
				      const struct parsec_option *option,
				      struct settings *settings)
{
	enum parsec_status status;
	unsigned long number;

	if (!strcmp(option->name, "module"))
		return read_module(host, option, settings);
	if (!strcmp(option->name, "token"))
		return read_uri(host, option, settings);
	if (!strcmp(option->name, "serial_number"))
		return read_text(host, option, sizeof(((CK_TOKEN_INFO *)0)->serialNumber),
				 &settings->serial);
	if (!strcmp(option->name, "token_label"))
		return read_text(host, option, sizeof(((CK_TOKEN_INFO *)0)->label),
				 &settings->label);
	if (!strcmp(option->name, "software_public_operations"))
		return option_bool(host, option, &settings->software_public);
	if (!strcmp(option->name, "allow_export"))
		return option_bool(host, option, &settings->allow_export);
	if (!strcmp(option->name, "user_pin")) {
		settings->has_pin = true;
		return option_secret(host, option, &settings->pin);
	}
	if (!strcmp(option->name, "slot_number")) {
		settings->has_slot = true;
		return read_number(host, option, ULONG_MAX, &settings->slot);
	}
	if (!strcmp(option->name, "call_timeout")) {
		status = read_number(host, option, 86400, &number);
		settings->call_timeout = (unsigned int)number;
		return status;
	}
	return option_unknown(host, option);
}

/**
 * settings_read() - read the section, and say what is wrong with it
 * @options:	their texts must last as long as @settings
 * @settings:	for settings_free(), also after a failure
 *
 * Return: PARSEC_SUCCESS, PARSEC_PSA_ERROR_INVALID_ARGUMENT.
 */
enum parsec_status settings_read(const struct parsec_provider_host *host,
				 const struct parsec_option *options, size_t count,
				 struct settings *settings)
{
	enum parsec_status status = PARSEC_SUCCESS;

	*settings = (struct settings){ .allow_export = true, .call_timeout = CALL_TIMEOUT };
	for (size_t i = 0; status == PARSEC_SUCCESS && i < count; i++)
		status = read_option(host, &options[i], settings);
	if (status == PARSEC_SUCCESS && !settings->module) {
		host->log(PARSEC_LOG_ERROR, "module is missing: give the path of the PKCS #11 "
			  "library of your token's maker");
		status = PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	}
	if (status == PARSEC_SUCCESS && settings->uri &&
	    (settings->serial || settings->label || settings->has_slot)) {
		host->log(PARSEC_LOG_ERROR, "token says which token it is, and so do serial_number, "
			  "token_label or slot_number: remove one or the others");
		status = PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	}
	return status;
}

void settings_free(struct settings *settings)
{
	p11_kit_uri_free(settings->uri);
	settings->uri = NULL;
	secret_wipe(&settings->pin);
}
