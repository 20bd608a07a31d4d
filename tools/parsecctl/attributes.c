// SPDX-License-Identifier: Apache-2.0
/*
 * What a new key is to be, out of --type, --family, --bits, --algorithm, --hash and
 * --exportable.
 */
#include <string.h>

#include "parsecctl.h"

/* RSA, which attests other keys and nothing else */
#define ATTESTING	"attesting"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *name;
	uint8_t type;
	uint16_t bits;		/* usual size; 0: none, or that of the hash */
} types[] = {
	{ "rsa",	PARSEC_KEY_TYPE_RSA_KEY_PAIR, 2048 },
	{ "rsa-public",	PARSEC_KEY_TYPE_RSA_PUBLIC_KEY, 0 },
	{ "ecc",	PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256 },
	{ "ecc-public",	PARSEC_KEY_TYPE_ECC_PUBLIC_KEY, 0 },
	{ "aes",	PARSEC_KEY_TYPE_AES, 256 },
	{ "camellia",	PARSEC_KEY_TYPE_CAMELLIA, 256 },
	{ "chacha20",	PARSEC_KEY_TYPE_CHACHA20, 256 },
	{ "hmac",	PARSEC_KEY_TYPE_HMAC, 256 },
	{ "raw",	PARSEC_KEY_TYPE_RAW_DATA, 256 },
};

static const struct {
	const char *name;
	uint8_t family;
} families[] = {
	{ "secp-r1",	PARSEC_ECC_SECP_R1 },
	{ "secp-k1",	PARSEC_ECC_SECP_K1 },
	{ "brainpool-p-r1", PARSEC_ECC_BRAINPOOL_P_R1 },
	{ "montgomery",	PARSEC_ECC_MONTGOMERY },
};

static const struct {
	const char *name;
	uint8_t kind;
	uint8_t scheme;
	bool hash;		/* has a hash */
} algorithms[] = {
	{ "none", PARSEC_ALG_NONE, 0, false },
	/* With a use that "none" does not have: Documentation/tpm-provider.rst */
	{ ATTESTING, PARSEC_ALG_NONE, 0, false },
	{ "ecdsa", PARSEC_ALG_SIGNATURE, PARSEC_SIGN_ECDSA, true },
	{ "ecdsa-deterministic", PARSEC_ALG_SIGNATURE, PARSEC_SIGN_DETERMINISTIC_ECDSA, true },
	{ "rsa-pkcs1", PARSEC_ALG_SIGNATURE, PARSEC_SIGN_RSA_PKCS1V15, true },
	{ "rsa-pss", PARSEC_ALG_SIGNATURE, PARSEC_SIGN_RSA_PSS, true },
	{ "rsa-oaep", PARSEC_ALG_ASYMMETRIC_ENCRYPTION, PARSEC_CRYPT_RSA_OAEP, true },
	{ "rsa-pkcs1-encryption", PARSEC_ALG_ASYMMETRIC_ENCRYPTION, PARSEC_CRYPT_RSA_PKCS1V15,
	  false },
	{ "ecdh", PARSEC_ALG_KEY_AGREEMENT, PARSEC_AGREE_ECDH, false },
	{ "gcm", PARSEC_ALG_AEAD, PARSEC_AEAD_GCM, false },
	{ "ccm", PARSEC_ALG_AEAD, PARSEC_AEAD_CCM, false },
	{ "chacha20-poly1305", PARSEC_ALG_AEAD, PARSEC_AEAD_CHACHA20_POLY1305, false },
	{ "stream", PARSEC_ALG_CIPHER, PARSEC_CIPHER_STREAM_CIPHER, false },
	{ "ctr", PARSEC_ALG_CIPHER, PARSEC_CIPHER_CTR, false },
	{ "cfb", PARSEC_ALG_CIPHER, PARSEC_CIPHER_CFB, false },
	{ "ofb", PARSEC_ALG_CIPHER, PARSEC_CIPHER_OFB, false },
	{ "xts", PARSEC_ALG_CIPHER, PARSEC_CIPHER_XTS, false },
	{ "ecb", PARSEC_ALG_CIPHER, PARSEC_CIPHER_ECB_NO_PADDING, false },
	{ "cbc", PARSEC_ALG_CIPHER, PARSEC_CIPHER_CBC_NO_PADDING, false },
	{ "cbc-pkcs7", PARSEC_ALG_CIPHER, PARSEC_CIPHER_CBC_PKCS7, false },
	{ "hmac", PARSEC_ALG_MAC, PARSEC_MAC_HMAC, true },
	{ "cmac", PARSEC_ALG_MAC, PARSEC_MAC_CMAC, false },
	{ "cbc-mac", PARSEC_ALG_MAC, PARSEC_MAC_CBC_MAC, false },
};

/* The algorithm that suits a type */
static const char *usual_algorithm(const struct parsec_key_attributes *attrs)
{
	switch (attrs->type) {
	case PARSEC_KEY_TYPE_RSA_KEY_PAIR:
	case PARSEC_KEY_TYPE_RSA_PUBLIC_KEY:
		return "rsa-pkcs1";
	case PARSEC_KEY_TYPE_ECC_KEY_PAIR:
	case PARSEC_KEY_TYPE_ECC_PUBLIC_KEY:
		return attrs->family == PARSEC_ECC_MONTGOMERY ? "ecdh" : "ecdsa";
	case PARSEC_KEY_TYPE_AES:
	case PARSEC_KEY_TYPE_CAMELLIA:
		return "gcm";
	case PARSEC_KEY_TYPE_CHACHA20:
		return "chacha20-poly1305";
	case PARSEC_KEY_TYPE_HMAC:
		return "hmac";
	default:
		return "none";
	}
}

/* All that goes with the algorithm, and with the half of a pair that the key is */
static uint32_t usual_usage(const struct parsec_key_attributes *attrs)
{
	bool public = attrs->type == PARSEC_KEY_TYPE_RSA_PUBLIC_KEY ||
		      attrs->type == PARSEC_KEY_TYPE_ECC_PUBLIC_KEY;
	uint32_t verify = PARSEC_USAGE_VERIFY_HASH | PARSEC_USAGE_VERIFY_MESSAGE;

	switch (attrs->alg.kind) {
	case PARSEC_ALG_SIGNATURE:
		return public ? verify :
		       verify | PARSEC_USAGE_SIGN_HASH | PARSEC_USAGE_SIGN_MESSAGE;
	case PARSEC_ALG_MAC:
		return PARSEC_USAGE_SIGN_MESSAGE | PARSEC_USAGE_VERIFY_MESSAGE;
	case PARSEC_ALG_CIPHER:
	case PARSEC_ALG_AEAD:
	case PARSEC_ALG_ASYMMETRIC_ENCRYPTION:
		return public ? PARSEC_USAGE_ENCRYPT : PARSEC_USAGE_ENCRYPT | PARSEC_USAGE_DECRYPT;
	case PARSEC_ALG_KEY_AGREEMENT:
		return PARSEC_USAGE_DERIVE;
	default:
		return 0;
	}
}

/**
 * policy_asked_for() - what may a key of this type be used for?
 * @ctl:	context
 * @attrs:	type, family and bits are set; gets algorithm and usage
 *
 * Return: EXIT_OK, or EXIT_USAGE when it was said what is wrong.
 */
int policy_asked_for(struct ctl *ctl, struct parsec_key_attributes *attrs)
{
	const char *name = ctl->args.algorithm ? ctl->args.algorithm : usual_algorithm(attrs);
	size_t i = 0;

	while (i < COUNT(algorithms) && strcmp(algorithms[i].name, name))
		i++;
	if (i == COUNT(algorithms))
		return usage_error(ctl, "no --algorithm is called \"%s\"", name);
	if (ctl->args.hash && !algorithms[i].hash)
		return usage_error(ctl, "--hash makes no sense with %s", name);
	attrs->alg.kind = algorithms[i].kind;
	attrs->alg.scheme = algorithms[i].scheme;
	if (algorithms[i].hash)
		attrs->alg.hash = natural_hash(attrs);
	attrs->usage = usual_usage(attrs);
	if (!strcmp(name, ATTESTING)) {
		if (attrs->type != PARSEC_KEY_TYPE_RSA_KEY_PAIR)
			return usage_error(ctl, "a key that attests is of --type rsa");
		attrs->usage = PARSEC_USAGE_DECRYPT;
	}
	if (ctl->args.exportable)
		attrs->usage |= PARSEC_USAGE_EXPORT;
	if (ctl->args.hash && !strcmp(ctl->args.hash, "any") &&
	    attrs->alg.kind == PARSEC_ALG_SIGNATURE) {
		attrs->alg.hash = PARSEC_HASH_ANY;
		return EXIT_OK;
	}
	return hash_asked_for(ctl, &attrs->alg.hash);
}

/**
 * attributes_asked_for() - what is a key to be?
 * @ctl:	context; --type is given
 * @attrs:	gets type, family and bits, which are usual ones without --bits
 *
 * Return: EXIT_OK, or EXIT_USAGE when it was said what is wrong.
 */
int attributes_asked_for(struct ctl *ctl, struct parsec_key_attributes *attrs)
{
	const char *family = ctl->args.family ? ctl->args.family : families[0].name;
	size_t i = 0, f = 0;

	while (i < COUNT(types) && strcmp(types[i].name, ctl->args.type))
		i++;
	if (i == COUNT(types))
		return usage_error(ctl, "no --type is called \"%s\"", ctl->args.type);
	while (f < COUNT(families) && strcmp(families[f].name, family))
		f++;
	if (f == COUNT(families))
		return usage_error(ctl, "no --family is called \"%s\"", family);
	*attrs = (struct parsec_key_attributes){
		.type = types[i].type,
		.bits = ctl->args.bits ? (uint32_t)ctl->args.bits : types[i].bits,
	};
	if (key_is_ecc(attrs))
		attrs->family = families[f].family;
	else if (ctl->args.family)
		return usage_error(ctl, "--family is for elliptic curve keys");
	if (attrs->family == PARSEC_ECC_MONTGOMERY && !ctl->args.bits && attrs->bits)
		attrs->bits = 255;
	return EXIT_OK;
}
