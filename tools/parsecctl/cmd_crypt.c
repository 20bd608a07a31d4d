// SPDX-License-Identifier: Apache-2.0
/*
 * encrypt and decrypt, mac, agree: how is what the policy of the key says.
 */
#include <string.h>
#include <sys/stat.h>

#include <openssl/rand.h>

#include "parsecctl.h"

/* Bytes of a nonce made here; every AEAD takes them */
#define NONCE_SIZE	12

/* More than any of them adds to its input: vector, padding and tag, or an RSA block */
#define EXTRA_MAX	PARSEC_SIGNATURE_SIZE_MAX

/**
 * struct crypt - one encryption or decryption
 * @attrs:	the key
 * @decrypt:	the other way round
 * @input:	the file
 * @output:	the result
 * @nonce:	AEAD: as --nonce gives it
 * @aad:	AEAD: additional data
 * @label:	RSA-OAEP
 */
struct crypt {
	struct parsec_key_attributes attrs;
	bool decrypt;
	struct bytes input;
	struct bytes output;
	struct bytes nonce;
	struct bytes aad;
	struct bytes label;
};

/* Decode a hexadecimal option, which is for one kind of algorithm only */
static int hex_option(struct ctl *ctl, const char *name, const char *text, bool fits,
		      struct bytes *data)
{
	if (!text)
		return EXIT_OK;
	if (!hex_decode(text, data))
		return usage_error(ctl, "--%s \"%s\" is not hexadecimal", name, text);
	if (!fits)
		return usage_error(ctl, "--%s makes no sense with this key", name);
	return EXIT_OK;
}

static int read_options(struct ctl *ctl, struct crypt *crypt)
{
	const struct parsec_alg *alg = &crypt->attrs.alg;
	bool aead = alg->kind == PARSEC_ALG_AEAD;
	bool oaep = alg->kind == PARSEC_ALG_ASYMMETRIC_ENCRYPTION &&
		    alg->scheme == PARSEC_CRYPT_RSA_OAEP;
	int code = hex_option(ctl, "nonce", ctl->args.nonce, aead, &crypt->nonce);

	if (!code)
		code = hex_option(ctl, "aad", ctl->args.aad, aead, &crypt->aad);
	if (!code)
		code = hex_option(ctl, "label", ctl->args.label, oaep, &crypt->label);
	return code;
}

/* The nonce stands in front of the ciphertext unless --nonce gave it */
static int run_aead(struct ctl *ctl, struct crypt *crypt, uint8_t *room, size_t size)
{
	const uint8_t *input = crypt->input.data;
	size_t len = crypt->input.len, front = 0;
	struct parsec_aead_input with = {
		.nonce = crypt->nonce.data,
		.nonce_len = crypt->nonce.len,
		.additional_data = crypt->aad.data,
		.additional_data_len = crypt->aad.len,
	};
	int error;

	if (!ctl->args.nonce) {
		with.nonce_len = NONCE_SIZE;
		if (crypt->decrypt && len < NONCE_SIZE)
			return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
		if (!crypt->decrypt && RAND_bytes(room, NONCE_SIZE) <= 0)
			return PARSEC_PSA_ERROR_INSUFFICIENT_ENTROPY;
		with.nonce = crypt->decrypt ? input : room;
		input += crypt->decrypt ? NONCE_SIZE : 0;
		len -= crypt->decrypt ? NONCE_SIZE : 0;
		front = crypt->decrypt ? 0 : NONCE_SIZE;
	}
	error = (crypt->decrypt ? parsec_psa_aead_decrypt : parsec_psa_aead_encrypt)
		(ctl->parsec, ctl->args.key_name, &crypt->attrs.alg, &with, input, len,
		 room + front, size - front, &crypt->output.len);
	crypt->output.len += front;
	return error;
}

static int run_crypt(struct ctl *ctl, struct crypt *crypt)
{
	const struct parsec_alg *alg = &crypt->attrs.alg;
	size_t size = crypt->input.len + EXTRA_MAX;
	uint8_t *room = bytes_room(&crypt->output, size);
	int error;

	if (!room)
		return local_error(ctl, "out of memory");
	switch (alg->kind) {
	case PARSEC_ALG_AEAD:
		error = run_aead(ctl, crypt, room, size);
		break;
	case PARSEC_ALG_CIPHER:
		error = (crypt->decrypt ? parsec_psa_cipher_decrypt : parsec_psa_cipher_encrypt)
			(ctl->parsec, ctl->args.key_name, alg->scheme, crypt->input.data,
			 crypt->input.len, room, size, &crypt->output.len);
		break;
	case PARSEC_ALG_ASYMMETRIC_ENCRYPTION:
		error = (crypt->decrypt ? parsec_psa_asymmetric_decrypt :
			 parsec_psa_asymmetric_encrypt)
			(ctl->parsec, ctl->args.key_name, alg, crypt->input.data,
			 crypt->input.len, crypt->label.data, crypt->label.len, room, size,
			 &crypt->output.len);
		break;
	default:
		error = PARSEC_PSA_ERROR_NOT_PERMITTED;
	}
	return error ? parsec_failure(ctl, error) : EXIT_OK;
}

static int do_crypt(struct ctl *ctl, bool decrypt)
{
	struct crypt crypt = { .decrypt = decrypt };
	struct json json = { .to = ctl->result };
	int code = ctl_open(ctl, false);

	if (!code)
		code = ctl_find_key(ctl, &crypt.attrs);
	if (!code)
		code = read_options(ctl, &crypt);
	if (!code)
		code = ctl_read_input(ctl, &crypt.input);
	if (!code)
		code = run_crypt(ctl, &crypt);
	if (!code) {
		if (ctl->args.json)
			json_key_start(ctl, &json, &crypt.attrs.alg);
		code = print_data(ctl, &json, decrypt ? "plaintext" : "ciphertext",
				  &crypt.output);
	}
	bytes_free(&crypt.input);
	bytes_free(&crypt.output);
	bytes_free(&crypt.nonce);
	bytes_free(&crypt.aad);
	bytes_free(&crypt.label);
	return code;
}

int cmd_encrypt(struct ctl *ctl)
{
	return do_crypt(ctl, false);
}

int cmd_decrypt(struct ctl *ctl)
{
	/* A file that is made is nobody else's to read */
	umask(077);
	return do_crypt(ctl, true);
}

static int mac_compute(struct ctl *ctl, const struct parsec_alg *alg,
		       const struct bytes *input)
{
	uint8_t mac[PARSEC_HASH_SIZE_MAX];
	struct json json = { .to = ctl->result };
	struct bytes data = { .data = mac };
	int error;

	error = parsec_psa_mac_compute(ctl->parsec, ctl->args.key_name, alg, input->data,
				       input->len, mac, sizeof(mac), &data.len);
	if (error)
		return parsec_failure(ctl, error);
	ctl->args.hex = !ctl->args.base64;
	if (ctl->args.json)
		json_key_start(ctl, &json, alg);
	return print_data(ctl, &json, "mac", &data);
}

static int mac_verify(struct ctl *ctl, const struct parsec_alg *alg,
		      const struct bytes *input, const struct bytes *mac)
{
	struct json json = { .to = ctl->result };
	int error;

	error = parsec_psa_mac_verify(ctl->parsec, ctl->args.key_name, alg, input->data,
				      input->len, mac->data, mac->len);
	if (error)
		return parsec_failure(ctl, error);
	if (ctl->args.json) {
		json_key_start(ctl, &json, alg);
		json_bool(&json, "valid", true);
		json_close(&json, '}');
	}
	return EXIT_OK;
}

int cmd_mac(struct ctl *ctl)
{
	struct bytes input = {}, mac = {};
	struct parsec_key_attributes attrs = {};
	int code = hex_option(ctl, "verify", ctl->args.mac, true, &mac);

	if (!code)
		code = ctl_open(ctl, false);
	if (!code)
		code = ctl_find_key(ctl, &attrs);
	if (!code && attrs.alg.kind != PARSEC_ALG_MAC)
		code = parsec_failure(ctl, PARSEC_PSA_ERROR_NOT_PERMITTED);
	if (!code)
		code = ctl_read_input(ctl, &input);
	if (!code && ctl->args.mac)
		code = mac_verify(ctl, &attrs.alg, &input, &mac);
	else if (!code)
		code = mac_compute(ctl, &attrs.alg, &input);
	bytes_free(&input);
	bytes_free(&mac);
	return code;
}

/* The public key of the other side, which need not be of the same kind: the service says */
static int read_peer(struct ctl *ctl, struct bytes *peer)
{
	struct parsec_key_attributes attrs = {};
	struct bytes file = {};
	int code;

	code = file_read(ctl, ctl->args.peer, 4 * PARSEC_PUBLIC_KEY_SIZE_MAX,
			 ctl->args.raw ? peer : &file);
	if (!code && !ctl->args.raw &&
	    (!key_from_file(&file, &attrs, peer) ||
	     attrs.type != PARSEC_KEY_TYPE_ECC_PUBLIC_KEY))
		code = local_error(ctl, "%s: no public elliptic curve key in PEM or DER",
				   ctl->args.peer);
	bytes_free(&file);
	return code;
}

int cmd_agree(struct ctl *ctl)
{
	uint8_t room[PARSEC_SIGNATURE_SIZE_MAX];
	struct bytes peer = {}, secret = { .data = room };
	struct json json = { .to = ctl->result };
	struct parsec_key_attributes attrs = {};
	int code, error;

	umask(077);
	code = ctl_open(ctl, false);
	if (!code)
		code = ctl_find_key(ctl, &attrs);
	if (!code && attrs.alg.kind != PARSEC_ALG_KEY_AGREEMENT)
		code = parsec_failure(ctl, PARSEC_PSA_ERROR_NOT_PERMITTED);
	if (!code)
		code = read_peer(ctl, &peer);
	if (!code) {
		error = parsec_psa_raw_key_agreement(ctl->parsec, ctl->args.key_name,
						     attrs.alg.scheme, peer.data, peer.len,
						     room, sizeof(room), &secret.len);
		code = error ? parsec_failure(ctl, error) : EXIT_OK;
	}
	if (!code) {
		if (ctl->args.json)
			json_key_start(ctl, &json, &attrs.alg);
		code = print_data(ctl, &json, "secret", &secret);
	}
	OPENSSL_cleanse(room, sizeof(room));
	bytes_free(&peer);
	return code;
}
