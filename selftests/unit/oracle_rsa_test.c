// SPDX-License-Identifier: Apache-2.0
/*
 * RSA signatures and encryption against libgcrypt, in both directions.
 */
#include "kselftest_harness.h"

#include "selftests/unit/oracle_asymmetric.h"

#define TIMEOUT		600

FIXTURE(oracle)
{
	struct parsec_provider_ctx *ctx;
};

typedef FIXTURE_DATA(oracle) fixture;

FIXTURE_SETUP(oracle)
{
	oracle_begin();
	ASSERT_EQ(PARSEC_SUCCESS, ops->open(&quiet_host, NULL, 0, &self->ctx));
}

FIXTURE_TEARDOWN(oracle)
{
	ops->close(self->ctx);
}

/* An RSA key, made here, in both libraries */
struct rsa {
	struct parsec_key *key;
	size_t size;
	gcry_sexp_t private, public;
};

static void rsa_open(fixture *self, uint32_t bits, struct rsa *rsa)
{
	struct bytes data;
	BIGNUM *n = NULL, *e = NULL, *d = NULL;
	uint8_t room[3][512];
	EVP_PKEY *plain;
	size_t len[3];

	rsa->key = generate(self->ctx, PARSEC_KEY_TYPE_RSA_KEY_PAIR, bits);
	if (!rsa->key)
		abort();
	rsa->size = bits / 8;
	data = exported(self->ctx, rsa->key, true);
	plain = plain_rsa(&data, true);
	EVP_PKEY_get_bn_param(plain, OSSL_PKEY_PARAM_RSA_N, &n);
	EVP_PKEY_get_bn_param(plain, OSSL_PKEY_PARAM_RSA_E, &e);
	EVP_PKEY_get_bn_param(plain, OSSL_PKEY_PARAM_RSA_D, &d);
	len[0] = (size_t)BN_bn2bin(n, room[0]);
	len[1] = (size_t)BN_bn2bin(e, room[1]);
	len[2] = (size_t)BN_bn2bin(d, room[2]);
	for (size_t i = 0; i < 3; i++) {
		/* Not negative */
		if (room[i][0] & 0x80) {
			memmove(room[i] + 1, room[i], len[i]++);
			room[i][0] = 0;
		}
	}
	BUILD(&rsa->public, "(public-key(rsa(n %b)(e %b)))", (int)len[0], room[0], (int)len[1],
	      room[1]);
	BUILD(&rsa->private, "(private-key(rsa(n %b)(e %b)(d %b)))", (int)len[0], room[0],
	      (int)len[1], room[1], (int)len[2], room[2]);
	BN_free(n);
	BN_free(e);
	BN_free(d);
	EVP_PKEY_free(plain);
}

static void rsa_close(fixture *self, struct rsa *rsa)
{
	ops->unload(self->ctx, rsa->key);
	gcry_sexp_release(rsa->private);
	gcry_sexp_release(rsa->public);
}

/*
 * PKCS#1 v1.5 (RFC 8017, section 9.2) by hand: libgcrypt 1.10 has only the first byte of the
 * DigestInfo of SHA-3. The last number of its identifier is from 7 to 10.
 */
static gcry_sexp_t signed_sha3(size_t i, const struct bytes *hash, size_t size)
{
	const uint8_t info[] = {
		0x30, (uint8_t)(17 + hash->len), 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2,
		(uint8_t)(7 + hashes[i].hash - PARSEC_HASH_SHA3_224), 5, 0, 4, (uint8_t)hash->len,
	};
	struct bytes block = { .data = { 0, 1 }, .len = size };
	size_t text = sizeof(info) + hash->len;
	gcry_sexp_t data;

	memset(block.data + 2, 0xff, size - text - 3);
	memcpy(block.data + size - text, info, sizeof(info));
	memcpy(block.data + size - hash->len, hash->data, hash->len);
	BUILD(&data, "(data(flags raw)(value %b))", (int)size, block.data);
	return data;
}

/* What is signed, in the words of libgcrypt */
static gcry_sexp_t signed_data(uint8_t scheme, size_t i, const struct bytes *hash, size_t size)
{
	const char *name = gcry_md_algo_name(hashes[i].md);
	gcry_sexp_t data;

	if (scheme == PARSEC_SIGN_RSA_PSS)
		BUILD(&data, "(data(flags pss)(salt-length %u)(hash %s %b))",
		      (unsigned int)hash->len, name, (int)hash->len, hash->data);
	else if (hashes[i].hash >= PARSEC_HASH_SHA3_224)
		data = signed_sha3(i, hash, size);
	else
		BUILD(&data, "(data(flags pkcs1)(hash %s %b))", name, (int)hash->len,
		      hash->data);
	return data;
}

static bool rsa_signs(fixture *self, const struct rsa *rsa, uint8_t scheme, size_t i)
{
	struct parsec_alg alg = HASH_ALG(scheme, hashes[i].hash);
	struct bytes hash, ours, theirs = { .len = rsa->size };
	gcry_sexp_t data, signature;
	bool good;

	oracle_fill(&hash, hashes[i].size);
	data = signed_data(scheme, i, &hash, rsa->size);
	if (gcry_pk_sign(&signature, data, rsa->private))
		abort();
	put_named(theirs.data, rsa->size, signature, "s");
	gcry_sexp_release(signature);
	good = !verify(self->ctx, rsa->key, alg, span_of(&hash), &theirs) &&
	       !sign(self->ctx, rsa->key, alg, span_of(&hash), &ours);
	if (good) {
		/* There is just one signature of PKCS#1 v1.5 */
		if (scheme == PARSEC_SIGN_RSA_PKCS1V15)
			good = same(&ours, &theirs);
		BUILD(&signature, "(sig-val(rsa(s %b)))", (int)ours.len, ours.data);
		good = good && !gcry_pk_verify(signature, data, rsa->public);
		gcry_sexp_release(signature);
		theirs.data[oracle_below(theirs.len)] ^= (uint8_t)(1 << oracle_below(8));
		good = good && verify(self->ctx, rsa->key, alg, span_of(&hash), &theirs) ==
			       PARSEC_PSA_ERROR_INVALID_SIGNATURE;
	}
	gcry_sexp_release(data);
	return good;
}

TEST_F_TIMEOUT(oracle, rsa_signatures, TIMEOUT)
{
	static const uint8_t schemes[] = { PARSEC_SIGN_RSA_PKCS1V15, PARSEC_SIGN_RSA_PSS };
	struct rsa rsa;

	for (uint32_t bits = 1024; bits <= 2048; bits += 1024) {
		rsa_open(self, bits, &rsa);
		for (unsigned int round = oracle_rounds(bits == 1024 ? 312 : 52); round; round--) {
			size_t i = round % HASHES;
			uint8_t scheme = schemes[round / HASHES % 2];

			/* 1024 bits have no room for PSS with 64 bytes */
			if (bits == 1024 && scheme == PARSEC_SIGN_RSA_PSS && hashes[i].size == 64)
				continue;
			ASSERT_TRUE(rsa_signs(self, &rsa, scheme, i))
				TH_LOG("%u bits, scheme %u, hash %u", bits, scheme, hashes[i].hash);
		}
		rsa_close(self, &rsa);
	}
}

static enum parsec_status our_crypt(fixture *self, const struct rsa *rsa, struct parsec_alg alg,
				    bool encrypt, const struct bytes *label,
				    const struct bytes *in, struct bytes *text)
{
	struct parsec_out out = { text->data, sizeof(text->data), 0 };
	enum parsec_status status;

	status = (encrypt ? ops->asymmetric_encrypt : ops->asymmetric_decrypt)
			(self->ctx, rsa->key, &alg, span_of(label), span_of(in), &out);
	text->len = out.len;
	return status;
}

static struct bytes their_encrypt(const struct rsa *rsa, const char *hash,
				  const struct bytes *label, const struct bytes *text)
{
	struct bytes sealed = { .len = rsa->size };
	gcry_sexp_t data, answer;

	if (hash)
		BUILD(&data, "(data(flags oaep)(hash-algo %s)(label %b)(value %b))", hash,
		      (int)label->len, label->data, (int)text->len, text->data);
	else
		BUILD(&data, "(data(flags pkcs1)(value %b))", (int)text->len, text->data);
	if (gcry_pk_encrypt(&answer, data, rsa->public))
		abort();
	put_named(sealed.data, sealed.len, answer, "a");
	gcry_sexp_release(answer);
	gcry_sexp_release(data);
	return sealed;
}

static struct bytes their_decrypt(const struct rsa *rsa, const char *hash,
				  const struct bytes *label, const struct bytes *sealed)
{
	struct bytes text = { .len = 0 };
	gcry_sexp_t data, answer = NULL, value;
	const char *found;

	if (hash)
		BUILD(&data, "(enc-val(flags oaep)(hash-algo %s)(label %b)(rsa(a %b)))", hash,
		      (int)label->len, label->data, (int)sealed->len, sealed->data);
	else
		BUILD(&data, "(enc-val(flags pkcs1)(rsa(a %b)))", (int)sealed->len, sealed->data);
	if (!gcry_pk_decrypt(&answer, data, rsa->private)) {
		value = gcry_sexp_find_token(answer, "value", 0);
		found = gcry_sexp_nth_data(value, 1, &text.len);
		if (found)
			memcpy(text.data, found, text.len);
		gcry_sexp_release(value);
	}
	gcry_sexp_release(answer);
	gcry_sexp_release(data);
	return text;
}

/* @hash: which of them for OAEP, HASHES for PKCS#1 v1.5 */
static bool rsa_encrypts(fixture *self, const struct rsa *rsa, size_t hash)
{
	struct parsec_alg alg = { .kind = PARSEC_ALG_ASYMMETRIC_ENCRYPTION,
				  .scheme = PARSEC_CRYPT_RSA_PKCS1V15 };
	struct bytes label = { .len = 0 }, text, ours, theirs, again;
	const char *name = NULL;
	size_t around = 11;

	if (hash < HASHES) {
		alg.scheme = PARSEC_CRYPT_RSA_OAEP;
		alg.hash = hashes[hash].hash;
		around = 2 * hashes[hash].size + 2;
		name = gcry_md_algo_name(hashes[hash].md);
		oracle_fill(&label, oracle_below(2) ? 1 + oracle_below(60) : 0);
	}
	if (around >= rsa->size)
		return true;
	oracle_fill(&text, 1 + oracle_below(rsa->size - around));
	theirs = their_encrypt(rsa, name, &label, &text);
	if (our_crypt(self, rsa, alg, false, &label, &theirs, &again) || !same(&again, &text) ||
	    our_crypt(self, rsa, alg, true, &label, &text, &ours))
		return false;
	again = their_decrypt(rsa, name, &label, &ours);
	if (!same(&again, &text))
		return false;
	label.data[label.len++] = 'x';
	return !name || our_crypt(self, rsa, alg, false, &label, &theirs, &again) ==
			PARSEC_PSA_ERROR_INVALID_PADDING;
}

TEST_F_TIMEOUT(oracle, rsa_encryption, TIMEOUT)
{
	struct rsa rsa;

	for (uint32_t bits = 1024; bits <= 2048; bits += 1024) {
		rsa_open(self, bits, &rsa);
		for (unsigned int round = oracle_rounds(bits == 1024 ? 280 : 42); round; round--) {
			ASSERT_TRUE(rsa_encrypts(self, &rsa, round % (HASHES + 1)))
				TH_LOG("%u bits, hash number %zu", bits, round % (HASHES + 1));
		}
		rsa_close(self, &rsa);
	}
}

TEST_HARNESS_MAIN
