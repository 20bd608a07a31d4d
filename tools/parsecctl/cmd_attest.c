// SPDX-License-Identifier: Apache-2.0
/*
 * Attestation: prepare-attestation for the one who has a key, attest-key to answer the
 * challenge of a verifier. Formats are those of tpm2-tools, with which the verifier can
 * make it.
 */
#include <string.h>

#include <openssl/crypto.h>

#include "parsecctl.h"

/* Head of the file that tpm2_makecredential writes: two numbers of 4 bytes */
static const uint8_t challenge_head[] = { 0xba, 0xdc, 0xc0, 0xde, 0, 0, 0, 1 };

/* More than the two parts, of at most 64 KiB each, and their head need */
#define CHALLENGE_MAX	(128 * 1024 + 64)

static int print_json(struct ctl *ctl, const struct bytes *name, const struct bytes *area,
		      const struct bytes *pem)
{
	struct bytes hex = {}, base64 = {};
	struct json json = { .to = ctl->result };
	int code = EXIT_OK;

	if (!hex_encode(name, &hex) || !base64_encode(area, &base64)) {
		code = local_error(ctl, "out of memory");
	} else {
		json_key_start(ctl, &json, NULL);
		json_string_len(&json, "name_hex", (char *)hex.data, hex.len);
		json_string_len(&json, "public_area_base64", (char *)base64.data, base64.len);
		json_string_len(&json, "attesting_pem", (char *)pem->data, pem->len);
		json_close(&json, '}');
	}
	bytes_free(&hex);
	bytes_free(&base64);
	return code;
}

static int print_attestation(struct ctl *ctl, const struct bytes *name,
			     const struct bytes *area, const struct bytes *pem)
{
	int code = EXIT_OK;

	if (ctl->args.public_area)
		code = file_write(ctl, ctl->args.public_area, area);
	if (!code && ctl->args.attesting_public)
		code = file_write(ctl, ctl->args.attesting_public, pem);
	if (code)
		return code;
	if (ctl->args.json)
		return print_json(ctl, name, area, pem);
	ctl->args.hex = true;
	return print_data(ctl, NULL, NULL, name);
}

int cmd_prepare_attestation(struct ctl *ctl)
{
	const struct parsec_key_attributes rsa = { .type = PARSEC_KEY_TYPE_RSA_PUBLIC_KEY };
	struct parsec_attestation *found;
	struct bytes name, area, key, pem = {};
	int code, error;

	code = ctl_open(ctl, false);
	if (code)
		return code;
	error = parsec_prepare_key_attestation(ctl->parsec, ctl->args.key_name,
					       ctl->args.attesting_key, &found);
	if (error)
		return parsec_failure(ctl, error);
	name = (struct bytes){ .data = (uint8_t *)(uintptr_t)found->name,
			       .len = found->name_len };
	area = (struct bytes){ .data = (uint8_t *)(uintptr_t)found->public_area,
			       .len = found->public_area_len };
	key = (struct bytes){ .data = (uint8_t *)(uintptr_t)found->attesting_key,
			      .len = found->attesting_key_len };
	if (public_key_pem(&rsa, &key, false, &pem))
		code = print_attestation(ctl, &name, &area, &pem);
	else
		code = local_error(ctl, "OpenSSL cannot read the attesting key");
	bytes_free(&pem);
	parsec_free_attestation(found);
	return code;
}

/* A part of a challenge: its length in two bytes, and itself */
static bool take_part(const struct bytes *file, size_t *at, const void **part, size_t *len)
{
	if (file->len - *at < 2)
		return false;
	*len = (size_t)file->data[*at] << 8 | file->data[*at + 1];
	*at += 2;
	if (file->len - *at < *len)
		return false;
	*part = file->data + *at;
	*at += *len;
	return true;
}

static bool read_challenge(const struct bytes *file, struct parsec_challenge *challenge)
{
	size_t at = sizeof(challenge_head);

	return file->len >= at && !memcmp(file->data, challenge_head, at) &&
	       take_part(file, &at, &challenge->blob, &challenge->blob_len) &&
	       take_part(file, &at, &challenge->secret, &challenge->secret_len) &&
	       at == file->len;
}

int cmd_attest_key(struct ctl *ctl)
{
	uint8_t room[PARSEC_CREDENTIAL_SIZE_MAX];
	struct bytes file = {}, credential = { .data = room };
	struct json json = { .to = ctl->result };
	struct parsec_challenge challenge;
	int code, error;

	code = ctl_open(ctl, false);
	if (!code)
		code = file_read(ctl, ctl->args.file, CHALLENGE_MAX, &file);
	if (!code && !read_challenge(&file, &challenge))
		code = local_error(ctl, "%s: no challenge as tpm2_makecredential writes it",
				   ctl->args.file ? ctl->args.file : "standard input");
	if (!code) {
		error = parsec_attest_key(ctl->parsec, ctl->args.key_name,
					  ctl->args.attesting_key, &challenge, room,
					  sizeof(room), &credential.len);
		code = error ? parsec_failure(ctl, error) : EXIT_OK;
	}
	if (!code) {
		if (ctl->args.json)
			json_key_start(ctl, &json, NULL);
		code = print_data(ctl, &json, "credential", &credential);
	}
	OPENSSL_cleanse(room, sizeof(room));
	bytes_free(&file);
	return code;
}
