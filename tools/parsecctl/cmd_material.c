// SPDX-License-Identifier: Apache-2.0
/*
 * Keys of all types: create-key, import-key, export-key, and can-do, which asks
 * whether there can be such a key.
 */
#include <string.h>
#include <sys/stat.h>

#include "parsecctl.h"

int cmd_create_key(struct ctl *ctl)
{
	struct parsec_key_attributes attrs;
	int code = attributes_asked_for(ctl, &attrs);
	int error;

	if (!code)
		code = policy_asked_for(ctl, &attrs);
	if (!code)
		code = ctl_open(ctl, false);
	if (code)
		return code;
	error = parsec_psa_generate_key(ctl->parsec, ctl->args.key_name, &attrs);
	return error ? parsec_failure(ctl, error) : key_made(ctl, "created", &attrs);
}

/* Turn the file into the contract's format; *@attrs says what --type asked for, or not */
static int convert_file(struct ctl *ctl, const struct bytes *file,
			struct parsec_key_attributes *attrs, struct bytes *key)
{
	struct parsec_key_attributes found = {};

	if (!key_from_file(file, &found, key))
		return local_error(ctl, "the file is no key that can be read here: PEM or DER "
				   "without a password, or --raw and --type");
	if (ctl->args.type && (attrs->type != found.type ||
			       (ctl->args.family && attrs->family != found.family)))
		return local_error(ctl, "the file holds a key of another type");
	if (ctl->args.bits && ctl->args.bits != found.bits)
		return local_error(ctl, "the file holds a key of %u bits", found.bits);
	*attrs = found;
	return EXIT_OK;
}

/*
 * Bits of an elliptic curve key in the contract's format, which says what hash suits it. That of
 * 521 is the only curve whose size is not whole bytes and which has a hash of its own.
 */
static uint32_t raw_bits(const struct parsec_key_attributes *attrs, size_t len)
{
	if (attrs->type == PARSEC_KEY_TYPE_ECC_PUBLIC_KEY && attrs->family != PARSEC_ECC_MONTGOMERY)
		len = len / 2;
	return len > 65 ? 521 : (uint32_t)(8 * len);
}

static int read_material(struct ctl *ctl, struct parsec_key_attributes *attrs, bool raw,
			 struct bytes *key)
{
	struct bytes file = {};
	int code;

	if (raw) {
		code = ctl_read_input(ctl, key);
		if (!ctl->args.bits)
			attrs->bits = key_is_rsa(attrs) ? 0 : key_is_ecc(attrs) ?
				      raw_bits(attrs, key->len) : (uint32_t)(8 * key->len);
		return code;
	}
	code = ctl_read_input(ctl, &file);
	if (!code)
		code = convert_file(ctl, &file, attrs, key);
	bytes_free(&file);
	return code;
}

/* The key is there, even where the service does not tell what it has made of the file */
static int key_imported(struct ctl *ctl, struct parsec_key_attributes *asked)
{
	struct parsec_key_attributes attrs;
	int error = ctl_look_up_key(ctl, &attrs);

	if (error)
		parsec_warning(ctl, "the key is there, but not all about it is known", error);
	return key_made(ctl, "imported", error ? asked : &attrs);
}

int cmd_import_key(struct ctl *ctl)
{
	struct parsec_key_attributes attrs = {};
	struct bytes key = {};
	bool raw = ctl->args.raw;
	int code = EXIT_OK;
	int error;

	if (ctl->args.type) {
		code = attributes_asked_for(ctl, &attrs);
		raw = raw || (!key_is_ecc(&attrs) && !key_is_rsa(&attrs));
	} else if (raw || ctl->args.family) {
		code = usage_error(ctl, "--%s needs --type", raw ? "raw" : "family");
	}
	if (!code)
		code = ctl_open(ctl, false);
	if (!code)
		code = read_material(ctl, &attrs, raw, &key);
	if (!code)
		code = policy_asked_for(ctl, &attrs);
	if (raw && !ctl->args.bits && key_is_ecc(&attrs)) {
		/* The service finds out itself, also whether there is a curve of that size */
		attrs.bits = 0;
	}
	if (!code) {
		error = parsec_psa_import_key(ctl->parsec, ctl->args.key_name, &attrs, key.data,
					      key.len);
		code = error ? parsec_failure(ctl, error) : key_imported(ctl, &attrs);
	}
	bytes_free(&key);
	return code;
}

static int export_key(struct ctl *ctl, struct bytes *key)
{
	size_t size = PARSEC_PUBLIC_KEY_SIZE_MAX;
	uint8_t *room;
	int error;

	do {
		room = bytes_room(key, size);
		if (!room)
			return local_error(ctl, "out of memory");
		error = parsec_psa_export_key(ctl->parsec, ctl->args.key_name, room, size,
					      &size);
	} while (error == PARSEC_PSA_ERROR_BUFFER_TOO_SMALL);
	if (error)
		return parsec_failure(ctl, error);
	key->len = size;
	return EXIT_OK;
}

static int print_pem(struct ctl *ctl, const struct parsec_key_attributes *attrs,
		     const struct bytes *key)
{
	bool pair = attrs->type == PARSEC_KEY_TYPE_RSA_KEY_PAIR ||
		    attrs->type == PARSEC_KEY_TYPE_ECC_KEY_PAIR;
	uint8_t data[PARSEC_PUBLIC_KEY_SIZE_MAX];
	struct json json = { .to = ctl->result };
	struct bytes public = { .data = data };
	struct bytes pem = {};
	int code = EXIT_OK;
	int error;

	if (pair) {
		error = parsec_psa_export_public_key(ctl->parsec, ctl->args.key_name, data,
						     sizeof(data), &public.len);
		if (error)
			return parsec_failure(ctl, error);
	}
	if (pair ? !private_key_pem(attrs, key, &public, &pem) :
		   !public_key_pem(attrs, key, false, &pem)) {
		code = local_error(ctl, "there is no PEM for such a key here: try --raw");
	} else if (ctl->args.json) {
		json_key_start(ctl, &json, &attrs->alg);
		json_string_len(&json, "pem", (char *)pem.data, pem.len);
		json_close(&json, '}');
	} else {
		code = data_write(ctl, &pem, false);
	}
	bytes_free(&pem);
	return code;
}

int cmd_export_key(struct ctl *ctl)
{
	bool raw = ctl->args.raw || ctl->args.hex || ctl->args.base64;
	struct json json = { .to = ctl->result };
	struct parsec_key_attributes attrs = {};
	struct bytes key = {};
	int code;

	/* A file that is made is nobody else's to read */
	umask(077);
	code = ctl_open(ctl, false);
	if (!code)
		code = ctl_find_key(ctl, &attrs);
	if (!code)
		code = export_key(ctl, &key);
	if (!code && !raw && (key_is_ecc(&attrs) || key_is_rsa(&attrs))) {
		code = print_pem(ctl, &attrs, &key);
	} else if (!code) {
		if (ctl->args.json)
			json_key_start(ctl, &json, &attrs.alg);
		code = print_data(ctl, &json, "raw", &key);
	}
	bytes_free(&key);
	return code;
}

static const struct {
	const char *name;
	enum parsec_check check;
} checks[] = {
	{ "generate", PARSEC_CHECK_GENERATE },
	{ "import", PARSEC_CHECK_IMPORT },
	{ "use", PARSEC_CHECK_USE },
	{ "derive", PARSEC_CHECK_DERIVE },
};

int cmd_can_do(struct ctl *ctl)
{
	const char *what = ctl->args.check ? ctl->args.check : checks[0].name;
	struct json json = { .to = stdout };
	struct parsec_key_attributes attrs;
	size_t i = 0;
	int code, error;

	while (i < sizeof(checks) / sizeof(checks[0]) && strcmp(checks[i].name, what))
		i++;
	if (i == sizeof(checks) / sizeof(checks[0]))
		return usage_error(ctl, "--check \"%s\" is not generate, import, use or derive",
				   what);
	code = attributes_asked_for(ctl, &attrs);
	if (!code)
		code = policy_asked_for(ctl, &attrs);
	if (!code)
		code = ctl_open(ctl, false);
	if (code)
		return code;
	attrs.bits = (uint32_t)ctl->args.bits;
	error = parsec_can_do_crypto(ctl->parsec, checks[i].check, &attrs);
	if (error)
		return parsec_failure(ctl, error);
	if (ctl->args.json) {
		json_open(&json, NULL, '{');
		json_number(&json, "provider", ctl->provider);
		json_bool(&json, "can", true);
		json_close(&json, '}');
	} else {
		printf("provider %u can\n", ctl->provider);
	}
	return EXIT_OK;
}
