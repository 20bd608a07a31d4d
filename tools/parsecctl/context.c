// SPDX-License-Identifier: Apache-2.0
/*
 * The way to the service: the device, and the provider that was asked for.
 */
#include <stdlib.h>
#include <string.h>

#include "parsecctl.h"

const char *ctl_device(const struct ctl *ctl)
{
	return ctl->args.device ? ctl->args.device : PARSEC_DEVICE;
}

/**
 * ctl_open_device() - open the device
 *
 * Return: EXIT_OK, or another code when it was said what failed.
 */
int ctl_open_device(struct ctl *ctl)
{
	int error = parsec_open_device(ctl_device(ctl), &ctl->parsec);

	if (error)
		return parsec_failure(ctl, error);
	parsec_set_timeout(ctl->parsec, (unsigned int)ctl->args.timeout_ms);
	return EXIT_OK;
}

static int provider_by_uuid(struct ctl *ctl, int *id)
{
	struct parsec_provider_info *list;
	size_t count, i;
	int error;

	error = parsec_list_providers(ctl->parsec, &list, &count);
	if (error)
		return parsec_failure(ctl, error);
	for (i = 0; i < count; i++)
		if (!strcasecmp(list[i].uuid, ctl->args.provider))
			*id = (int)list[i].id;
	parsec_free_providers(list);
	return EXIT_OK;
}

/* --provider, which may be a number, a name or a UUID */
static int provider_asked_for(struct ctl *ctl, int *id)
{
	const char *text = ctl->args.provider;
	int code = EXIT_OK;
	char *end;
	long number;

	*id = provider_by_name(text);
	if (*id < 0 && text[0] && strspn(text, "0123456789") == strlen(text)) {
		number = strtol(text, &end, 10);
		*id = number <= PARSEC_PROVIDER_MAX ? (int)number : -1;
	}
	if (*id < 0)
		code = provider_by_uuid(ctl, id);
	if (!code && *id < 0)
		code = usage_error(ctl, "\"parsecctl list-providers\" shows no provider \"%s\"",
				   text);
	return code;
}

/**
 * hash_asked_for() - which hash does --hash name?
 * @ctl:	context
 * @hash:	its number; left alone without --hash
 *
 * Return: EXIT_OK, or EXIT_USAGE when it was said that there is none.
 */
int hash_asked_for(struct ctl *ctl, uint8_t *hash)
{
	if (!ctl->args.hash)
		return EXIT_OK;
	*hash = hash_by_name(ctl->args.hash);
	if (*hash)
		return EXIT_OK;
	return usage_error(ctl, "no hash is called \"%s\": try sha256, sha384 or sha512",
			   ctl->args.hash);
}

/**
 * ctl_open() - open the device and choose the provider
 * @ctl:	context
 * @core_too:	core is a sensible choice
 *
 * Return: EXIT_OK, or another code when it was said what failed.
 */
int ctl_open(struct ctl *ctl, bool core_too)
{
	int code = ctl_open_device(ctl);
	int id, error;

	if (code)
		return code;
	if (!ctl->args.provider) {
		error = parsec_current_provider(ctl->parsec, &ctl->provider);
		return error ? parsec_failure(ctl, error) : EXIT_OK;
	}
	code = provider_asked_for(ctl, &id);
	if (code)
		return code;
	if (id == PARSEC_PROVIDER_CORE && !core_too)
		return usage_error(ctl, "provider 0, core, does no cryptography: choose another");
	ctl->provider = (uint8_t)id;
	parsec_use_provider(ctl->parsec, ctl->provider);
	return EXIT_OK;
}

/*
 * The list leaves out the keys of a provider that does not answer. Asked for a key itself, a
 * provider that is not there says so, as does one that has no such key.
 */
static int why_not_found(const struct ctl *ctl)
{
	uint8_t public_key[PARSEC_PUBLIC_KEY_SIZE_MAX];
	size_t len;
	int error = parsec_psa_export_public_key(ctl->parsec, ctl->args.key_name, public_key,
						 sizeof(public_key), &len);

	/* Else it is back since the list was made */
	return error ? error : PARSEC_PSA_ERROR_COMMUNICATION_FAILURE;
}

/**
 * ctl_look_up_key() - what is the key that --key-name names?
 * @ctl:	open context
 * @attrs:	gets its attributes
 *
 * Return: 0, or the error of libparsec, which is not said.
 */
int ctl_look_up_key(const struct ctl *ctl, struct parsec_key_attributes *attrs)
{
	struct parsec_key_info *keys;
	size_t count, i;
	bool found = false;
	int error;

	error = parsec_list_keys(ctl->parsec, &keys, &count);
	if (error)
		return error;
	for (i = 0; i < count && !found; i++) {
		found = keys[i].provider == ctl->provider &&
			!strcmp(keys[i].name, ctl->args.key_name);
		if (found)
			*attrs = keys[i].attrs;
	}
	parsec_free_keys(keys);
	return found ? 0 : why_not_found(ctl);
}

/**
 * ctl_find_key() - the same, and say what failed
 *
 * Return: EXIT_OK, or another code when it was said what failed.
 */
int ctl_find_key(struct ctl *ctl, struct parsec_key_attributes *attrs)
{
	int error = ctl_look_up_key(ctl, attrs);

	return error ? parsec_failure(ctl, error) : EXIT_OK;
}

/**
 * ctl_read_input() - read the operand, which goes to the service in one request
 * @ctl:	open context
 * @input:	gets the file, or as much of it as shows that it is too large
 *
 * Return: EXIT_OK, or another code when it was said what failed.
 */
int ctl_read_input(struct ctl *ctl, struct bytes *input)
{
	struct parsec_device_info info;
	int error = parsec_device_info(ctl->parsec, &info);

	if (error)
		return parsec_failure(ctl, error);
	return file_read(ctl, ctl->args.file, info.max_request, input);
}
