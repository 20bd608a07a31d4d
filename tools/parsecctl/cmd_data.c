// SPDX-License-Identifier: Apache-2.0
/*
 * Commands without a key: hash and generate-random.
 */
#include <string.h>

#include "parsecctl.h"

/* Bytes asked for at a time: well inside what one response holds */
#define RANDOM_CHUNK	(64 * 1024)

/**
 * print_data() - print a result as --json, --hex, --base64 or as it is
 * @ctl:	context
 * @json:	with --json, the open object, which ends with the data
 * @name:	what the data is called there
 * @data:	the data
 *
 * Return: EXIT_OK, or another code when it was said what failed.
 */
int print_data(struct ctl *ctl, struct json *json, const char *name,
	       const struct bytes *data)
{
	struct bytes text = {};
	bool hex = ctl->args.hex;
	int code = EXIT_OK;

	if (!hex && !ctl->args.base64 && !ctl->args.json)
		return data_write(ctl, data, true);
	if (hex ? !hex_encode(data, &text) : !base64_encode(data, &text)) {
		code = local_error(ctl, "out of memory");
	} else if (ctl->args.json) {
		char member[32];

		snprintf(member, sizeof(member), "%s_%s", name, hex ? "hex" : "base64");
		json_string_len(json, member, (char *)text.data, text.len);
		json_close(json, '}');
	} else {
		text.data[text.len++] = '\n';
		code = data_write(ctl, &text, false);
	}
	bytes_free(&text);
	return code;
}

static int hash_compute(struct ctl *ctl, uint8_t hash, const struct bytes *input)
{
	uint8_t digest[PARSEC_HASH_SIZE_MAX];
	struct json json = { .to = ctl->result };
	struct bytes data = { .data = digest };
	int error;

	error = parsec_psa_hash_compute(ctl->parsec, hash, input->data, input->len, digest,
					sizeof(digest), &data.len);
	if (error)
		return parsec_failure(ctl, error);
	ctl->args.hex = !ctl->args.base64;
	if (ctl->args.json) {
		json_open(&json, NULL, '{');
		json_number(&json, "provider", ctl->provider);
		json_string(&json, "algorithm", hash_name(hash));
	}
	return print_data(ctl, &json, "hash", &data);
}

static int hash_compare(struct ctl *ctl, uint8_t hash, const struct bytes *input)
{
	struct json json = { .to = ctl->result };
	struct bytes digest = {};
	int error;

	if (!hex_decode(ctl->args.compare, &digest)) {
		bytes_free(&digest);
		return usage_error(ctl, "--compare \"%s\" is not hexadecimal", ctl->args.compare);
	}
	error = parsec_psa_hash_compare(ctl->parsec, hash, input->data, input->len,
					digest.data, digest.len);
	bytes_free(&digest);
	if (error)
		return parsec_failure(ctl, error);
	if (ctl->args.json) {
		json_open(&json, NULL, '{');
		json_number(&json, "provider", ctl->provider);
		json_string(&json, "algorithm", hash_name(hash));
		json_bool(&json, "equal", true);
		json_close(&json, '}');
	}
	return EXIT_OK;
}

int cmd_hash(struct ctl *ctl)
{
	uint8_t hash = PARSEC_HASH_SHA_256;
	struct bytes input = {};
	int code;

	code = hash_asked_for(ctl, &hash);
	if (!code)
		code = ctl_open(ctl, false);
	if (code)
		return code;
	code = ctl_read_input(ctl, &input);
	if (!code && ctl->args.compare)
		code = hash_compare(ctl, hash, &input);
	else if (!code)
		code = hash_compute(ctl, hash, &input);
	bytes_free(&input);
	return code;
}

int cmd_generate_random(struct ctl *ctl)
{
	struct json json = { .to = ctl->result };
	struct bytes data = {};
	size_t rest;
	int code, error;

	code = ctl_open(ctl, false);
	if (code)
		return code;
	for (rest = ctl->args.nbytes; rest && !code; ) {
		size_t n = rest < RANDOM_CHUNK ? rest : RANDOM_CHUNK;
		uint8_t *room = bytes_room(&data, n);

		error = room ? parsec_psa_generate_random(ctl->parsec, room, n) : 0;
		if (!room)
			code = local_error(ctl, "out of memory");
		else if (error)
			code = parsec_failure(ctl, error);
		data.len += n;
		rest -= n;
	}
	if (!code && ctl->args.json) {
		json_open(&json, NULL, '{');
		json_number(&json, "provider", ctl->provider);
	}
	if (!code)
		code = print_data(ctl, &json, "bytes", &data);
	bytes_free(&data);
	return code;
}
