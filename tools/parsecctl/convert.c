// SPDX-License-Identifier: Apache-2.0
/*
 * Between the contract's formats and those of other tools: PEM public keys, DER
 * signatures, base64 and hexadecimal. Functions return false on input that is not
 * what they convert, and without memory.
 */
#include <ctype.h>
#include <limits.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "parsecctl.h"

/**
 * bytes_add_bio() - add what was written to a memory BIO
 */
bool bytes_add_bio(struct bytes *bytes, BIO *bio)
{
	const char *data;
	long len = BIO_get_mem_data(bio, &data);
	uint8_t *room = len > 0 ? bytes_room(bytes, (size_t)len) : NULL;

	if (!room)
		return false;
	memcpy(room, data, (size_t)len);
	bytes->len += (size_t)len;
	return true;
}

/**
 * public_key_pem() - what parsec_psa_export_public_key() gives, for other tools
 * @attrs:	the key
 * @key:	its public part as the contract has it
 * @pkcs1:	RSA: "RSA PUBLIC KEY" (PKCS#1), not "PUBLIC KEY" (SubjectPublicKeyInfo)
 * @pem:	gets the text
 */
bool public_key_pem(const struct parsec_key_attributes *attrs, const struct bytes *key,
		    bool pkcs1, struct bytes *pem)
{
	EVP_PKEY *pkey = public_key(attrs, key);
	BIO *bio = BIO_new(BIO_s_mem());
	bool done = false;

	if (bio && pkey && pkcs1)
		done = PEM_write_bio(bio, "RSA PUBLIC KEY", "", key->data, (long)key->len) > 0;
	else if (bio && pkey)
		done = PEM_write_bio_PUBKEY(bio, pkey) > 0;
	done = done && bytes_add_bio(pem, bio);
	EVP_PKEY_free(pkey);
	BIO_free(bio);
	return done;
}

/**
 * ecdsa_to_der() - r and s side by side to the DER that other tools know
 */
bool ecdsa_to_der(const struct bytes *raw, struct bytes *der)
{
	int half = (int)(raw->len / 2);
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(raw->data, half, NULL);
	BIGNUM *s = BN_bin2bn(raw->data + half, half, NULL);
	unsigned char *out = bytes_room(der, raw->len + 16);
	int len = -1;

	if (sig && r && s && out && ECDSA_SIG_set0(sig, r, s)) {
		r = NULL;
		s = NULL;
		len = i2d_ECDSA_SIG(sig, &out);
	}
	if (len > 0)
		der->len += (size_t)len;
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(sig);
	return len > 0;
}

/**
 * ecdsa_from_der() - DER to r and s side by side, each as wide as a curve of @bits
 */
bool ecdsa_from_der(const struct bytes *der, size_t bits, struct bytes *raw)
{
	const unsigned char *in = der->data;
	int width = (int)((bits + 7) / 8);
	uint8_t *out = bytes_room(raw, 2 * (size_t)width);
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &in, (long)der->len);
	bool done = sig && out && in == der->data + der->len &&
		    BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, width) == width &&
		    BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + width, width) == width;

	if (done)
		raw->len += 2 * (size_t)width;
	ECDSA_SIG_free(sig);
	return done;
}

bool base64_encode(const struct bytes *data, struct bytes *text)
{
	size_t len = (data->len + 2) / 3 * 4;
	uint8_t *out = data->len <= INT_MAX ? bytes_room(text, len + 1) : NULL;

	if (!out)
		return false;
	text->len += (size_t)EVP_EncodeBlock(out, data->data, (int)data->len);
	return true;
}

/**
 * base64_decode() - base64 in lines of any length
 */
bool base64_decode(const struct bytes *text, struct bytes *data)
{
	EVP_ENCODE_CTX *ctx = EVP_ENCODE_CTX_new();
	uint8_t *out = text->len <= INT_MAX ? bytes_room(data, text->len + 1) : NULL;
	int len = 0, rest = 0;
	bool done;

	if (ctx)
		EVP_DecodeInit(ctx);
	done = ctx && out &&
	       EVP_DecodeUpdate(ctx, out, &len, text->data, (int)text->len) >= 0 &&
	       EVP_DecodeFinal(ctx, out + len, &rest) > 0;
	if (done)
		data->len += (size_t)(len + rest);
	EVP_ENCODE_CTX_free(ctx);
	return done;
}

bool hex_encode(const struct bytes *data, struct bytes *text)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t *out = bytes_room(text, 2 * data->len + 1);
	size_t i;

	if (!out)
		return false;
	for (i = 0; i < data->len; i++) {
		*out++ = (uint8_t)digits[data->data[i] >> 4];
		*out++ = (uint8_t)digits[data->data[i] & 15];
	}
	text->len += 2 * data->len;
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool hex_decode(const char *text, struct bytes *data)
{
	uint8_t *out = bytes_room(data, strlen(text) / 2 + 1);
	int high, low;

	for (; out && text[0] && text[1]; text += 2) {
		high = hex_digit(text[0]);
		low = hex_digit(text[1]);
		if (high < 0 || low < 0)
			return false;
		*out++ = (uint8_t)(high << 4 | low);
		data->len++;
	}
	return out && !text[0];
}
