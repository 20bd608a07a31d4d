// SPDX-License-Identifier: Apache-2.0
/*
 * Commands about keys: list-keys, create-ecc-key, create-rsa-key, export-public-key,
 * delete-key.
 */
#include <string.h>

#include "parsecctl.h"

#define TEXT_MAX	64

/* Usage in few words: "sign" is both hashes and messages */
static void usage_text(uint32_t usage, char *text, size_t size)
{
	static const struct {
		uint32_t both;
		const char *name;
	} pairs[] = {
		{ PARSEC_USAGE_SIGN_HASH | PARSEC_USAGE_SIGN_MESSAGE, "sign" },
		{ PARSEC_USAGE_VERIFY_HASH | PARSEC_USAGE_VERIFY_MESSAGE, "verify" },
	};
	unsigned int i;
	size_t n = 0;

	text[0] = '\0';
	for (i = 0; i < 2; i++) {
		if ((usage & pairs[i].both) != pairs[i].both)
			continue;
		n += (size_t)snprintf(text + n, size - n, "%s%s", n ? "," : "", pairs[i].name);
		usage &= ~pairs[i].both;
	}
	for (i = 0; usage_name(i) && n < size; i++)
		if (usage & 1u << i)
			n += (size_t)snprintf(text + n, size - n, "%s%s", n ? "," : "",
					      usage_name(i));
	if (!n)
		snprintf(text, size, "none");
}

static void print_key(const struct parsec_key_info *key)
{
	char type[TEXT_MAX], alg[TEXT_MAX], usage[2 * TEXT_MAX];

	key_type_text(&key->attrs, type, sizeof(type));
	alg_text(&key->attrs.alg, alg, sizeof(alg));
	usage_text(key->attrs.usage, usage, sizeof(usage));
	printf("%-8u  %-16s  %5u  %-24s  %-12s  ", key->provider, type, key->attrs.bits, alg,
	       usage);
	print_name(stdout, key->name, strlen(key->name));
	printf("\n");
}

static void json_attributes(struct json *json, const struct parsec_key_attributes *attrs)
{
	char text[TEXT_MAX];
	unsigned int i;

	key_type_text(attrs, text, sizeof(text));
	json_string(json, "type", text);
	json_number(json, "bits", attrs->bits);
	alg_text(&attrs->alg, text, sizeof(text));
	json_string(json, "algorithm", text);
	json_open(json, "usage", '[');
	for (i = 0; usage_name(i); i++)
		if (attrs->usage & 1u << i)
			json_string(json, NULL, usage_name(i));
	json_close(json, ']');
}

static void json_key(struct json *json, const struct parsec_key_info *key)
{
	json_open(json, NULL, '{');
	json_string(json, "name", key->name);
	json_number(json, "provider", key->provider);
	json_attributes(json, &key->attrs);
	json_close(json, '}');
}

int cmd_list_keys(struct ctl *ctl)
{
	struct json json = { .to = stdout };
	struct parsec_key_info *list;
	bool heading = false;
	int code, error;
	size_t count, i;

	code = ctl->args.provider ? ctl_open(ctl, true) : ctl_open_device(ctl);
	if (code)
		return code;
	error = parsec_list_keys(ctl->parsec, &list, &count);
	if (error)
		return parsec_failure(ctl, error);
	if (ctl->args.json)
		json_open(&json, NULL, '[');
	for (i = 0; i < count; i++) {
		if (ctl->args.provider && list[i].provider != ctl->provider)
			continue;
		if (ctl->args.json) {
			json_key(&json, &list[i]);
			continue;
		}
		if (!heading)
			printf("%-8s  %-16s  %5s  %-24s  %-12s  %s\n", "PROVIDER", "TYPE", "BITS",
			       "ALGORITHM", "USAGE", "NAME");
		heading = true;
		print_key(&list[i]);
	}
	if (ctl->args.json)
		json_close(&json, ']');
	parsec_free_keys(list);
	return EXIT_OK;
}

/**
 * key_made() - say that there is a new key
 * @ctl:	context
 * @done:	what was done to it: "created"
 * @attrs:	the key
 *
 * Return: EXIT_OK
 */
int key_made(struct ctl *ctl, const char *done, const struct parsec_key_attributes *attrs)
{
	const struct parsec_key_info key = { ctl->args.key_name, ctl->provider, *attrs };
	struct json json = { .to = stdout };
	char type[TEXT_MAX], alg[TEXT_MAX];

	if (ctl->args.json) {
		json_key(&json, &key);
		return EXIT_OK;
	}
	key_type_text(attrs, type, sizeof(type));
	alg_text(&attrs->alg, alg, sizeof(alg));
	printf("%s ", done);
	print_name(stdout, key.name, strlen(key.name));
	if (attrs->bits)
		printf(": %s, %u bits; %s; provider %u\n", type, attrs->bits, alg, key.provider);
	else
		printf(": %s; %s; provider %u\n", type, alg, key.provider);
	return EXIT_OK;
}

/**
 * json_key_start() - open the object that a command with a key prints
 * @ctl:	context
 * @json:	document, only @to set; the caller closes the object
 * @alg:	what the key was used for, NULL for nothing
 */
void json_key_start(struct ctl *ctl, struct json *json, const struct parsec_alg *alg)
{
	char text[TEXT_MAX];

	json_open(json, NULL, '{');
	json_string(json, "name", ctl->args.key_name);
	json_number(json, "provider", ctl->provider);
	if (!alg)
		return;
	alg_text(alg, text, sizeof(text));
	json_string(json, "algorithm", text);
}

static int create(struct ctl *ctl, struct parsec_key_attributes *attrs)
{
	int code, error;

	if (ctl->args.hash && !strcmp(ctl->args.hash, "any")) {
		attrs->alg.hash = PARSEC_HASH_ANY;
	} else {
		code = hash_asked_for(ctl, &attrs->alg.hash);
		if (code)
			return code;
	}
	code = ctl_open(ctl, false);
	if (code)
		return code;
	error = parsec_psa_generate_key(ctl->parsec, ctl->args.key_name, attrs);
	if (error)
		return parsec_failure(ctl, error);
	return key_made(ctl, "created", attrs);
}

#define USAGE_SIGNING	(PARSEC_USAGE_SIGN_HASH | PARSEC_USAGE_SIGN_MESSAGE | \
			 PARSEC_USAGE_VERIFY_HASH | PARSEC_USAGE_VERIFY_MESSAGE)

int cmd_create_ecc_key(struct ctl *ctl)
{
	struct parsec_key_attributes attrs = {
		.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR,
		.family = PARSEC_ECC_SECP_R1,
		.bits = ctl->args.bits ? (uint32_t)ctl->args.bits : 256,
		.usage = USAGE_SIGNING,
		.alg = { .kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_ECDSA },
	};

	attrs.alg.hash = natural_hash(&attrs);
	return create(ctl, &attrs);
}

int cmd_create_rsa_key(struct ctl *ctl)
{
	struct parsec_key_attributes attrs = {
		.type = PARSEC_KEY_TYPE_RSA_KEY_PAIR,
		.bits = ctl->args.bits ? (uint32_t)ctl->args.bits : 2048,
		.usage = USAGE_SIGNING,
		.alg = {
			.kind = PARSEC_ALG_SIGNATURE,
			.scheme = ctl->args.pss ? PARSEC_SIGN_RSA_PSS : PARSEC_SIGN_RSA_PKCS1V15,
			.hash = PARSEC_HASH_SHA_256,
		},
	};

	return create(ctl, &attrs);
}

static int print_public_key(struct ctl *ctl, const struct parsec_key_attributes *attrs,
			    const struct bytes *key)
{
	struct bytes text = {};
	int code = EXIT_OK;

	if (ctl->args.raw && !ctl->args.json)
		return data_write(ctl, key, true);
	if (ctl->args.raw ? !base64_encode(key, &text) :
			    !public_key_pem(attrs, key, ctl->args.pkcs1, &text)) {
		code = local_error(ctl, "there is no PEM for such a key here: try --raw");
	} else if (ctl->args.json) {
		struct json json = { .to = ctl->result };

		json_open(&json, NULL, '{');
		json_string(&json, "name", ctl->args.key_name);
		json_number(&json, "provider", ctl->provider);
		json_attributes(&json, attrs);
		json_string_len(&json, ctl->args.raw ? "raw_base64" : "pem", (char *)text.data,
				text.len);
		json_close(&json, '}');
	} else {
		code = data_write(ctl, &text, false);
	}
	bytes_free(&text);
	return code;
}

int cmd_export_public_key(struct ctl *ctl)
{
	uint8_t data[PARSEC_PUBLIC_KEY_SIZE_MAX];
	struct bytes key = { .data = data };
	struct parsec_key_attributes attrs;
	int code, error;

	if (ctl->args.raw && ctl->args.pkcs1)
		return usage_error(ctl, "--raw and --pkcs1 exclude each other");
	code = ctl_open(ctl, false);
	if (!code)
		code = ctl_find_key(ctl, &attrs);
	if (code)
		return code;
	if (ctl->args.pkcs1 && !key_is_rsa(&attrs))
		return usage_error(ctl, "--pkcs1 is for RSA keys, and this is another");
	error = parsec_psa_export_public_key(ctl->parsec, ctl->args.key_name, data,
					     sizeof(data), &key.len);
	if (error)
		return parsec_failure(ctl, error);
	return print_public_key(ctl, &attrs, &key);
}

int cmd_delete_key(struct ctl *ctl)
{
	struct json json = { .to = stdout };
	int code, error;

	code = ctl_open(ctl, false);
	if (code)
		return code;
	error = parsec_psa_destroy_key(ctl->parsec, ctl->args.key_name);
	if (error)
		return parsec_failure(ctl, error);
	if (ctl->args.json) {
		json_open(&json, NULL, '{');
		json_string(&json, "name", ctl->args.key_name);
		json_number(&json, "provider", ctl->provider);
		json_bool(&json, "deleted", true);
		json_close(&json, '}');
	} else {
		printf("deleted ");
		print_name(stdout, ctl->args.key_name, strlen(ctl->args.key_name));
		printf("\n");
	}
	return EXIT_OK;
}
