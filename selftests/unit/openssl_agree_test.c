// SPDX-License-Identifier: Apache-2.0
/*
 * All groups of the software provider: key formats, signatures and key agreement,
 * against published vectors and plain OpenSSL.
 */
#include "kselftest_harness.h"

#include <openssl/dh.h>

#include "selftests/unit/openssl_symmetric.h"

#define ECC_PAIR	PARSEC_KEY_TYPE_ECC_KEY_PAIR
#define ECC_PUBLIC	PARSEC_KEY_TYPE_ECC_PUBLIC_KEY
#define DH_PAIR		PARSEC_KEY_TYPE_DH_KEY_PAIR
#define DH_PUBLIC	PARSEC_KEY_TYPE_DH_PUBLIC_KEY

static const struct group {
	uint8_t family;
	uint32_t bits;
	const char *name;	/* OpenSSL's */
} curves[] = {
	{ PARSEC_ECC_SECP_R1, 192, "prime192v1" }, { PARSEC_ECC_SECP_R1, 224, "secp224r1" },
	{ PARSEC_ECC_SECP_R1, 256, "prime256v1" }, { PARSEC_ECC_SECP_R1, 384, "secp384r1" },
	{ PARSEC_ECC_SECP_R1, 521, "secp521r1" }, { PARSEC_ECC_SECP_K1, 192, "secp192k1" },
	{ PARSEC_ECC_SECP_K1, 256, "secp256k1" }, { PARSEC_ECC_SECT_K1, 163, "sect163k1" },
	{ PARSEC_ECC_SECT_K1, 233, "sect233k1" }, { PARSEC_ECC_SECT_K1, 239, "sect239k1" },
	{ PARSEC_ECC_SECT_K1, 283, "sect283k1" }, { PARSEC_ECC_SECT_K1, 409, "sect409k1" },
	{ PARSEC_ECC_SECT_K1, 571, "sect571k1" }, { PARSEC_ECC_SECT_R1, 163, "sect163r1" },
	{ PARSEC_ECC_SECT_R1, 233, "sect233r1" }, { PARSEC_ECC_SECT_R1, 283, "sect283r1" },
	{ PARSEC_ECC_SECT_R1, 409, "sect409r1" }, { PARSEC_ECC_SECT_R1, 571, "sect571r1" },
	{ PARSEC_ECC_SECT_R2, 163, "sect163r2" },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 160, "brainpoolP160r1" },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 192, "brainpoolP192r1" },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 224, "brainpoolP224r1" },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 256, "brainpoolP256r1" },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 320, "brainpoolP320r1" },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 384, "brainpoolP384r1" },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 512, "brainpoolP512r1" },
};

#define CURVES	(sizeof(curves) / sizeof(curves[0]))

FIXTURE(group)
{
	struct parsec_provider_ctx *ctx;
};

FIXTURE_SETUP(group)
{
	ASSERT_EQ(PARSEC_SUCCESS, ops->open(&quiet_host, NULL, 0, &self->ctx));
}

FIXTURE_TEARDOWN(group)
{
	ops->close(self->ctx);
}

/* Import, or generation when there is no @data; NULL for a failure, see @status */
static struct parsec_key *make(struct parsec_provider_ctx *ctx, uint8_t type, uint8_t family,
			       uint32_t bits, const struct bytes *data,
			       enum parsec_status *status)
{
	struct parsec_key_attributes attrs = { .type = type, .family = family, .bits = bits,
					       .alg.kind = PARSEC_ALG_NONE };
	struct bytes blob;
	struct parsec_out out = { blob.data, sizeof(blob.data), 0 };
	struct parsec_key_ref ref;
	struct parsec_key *key;

	*status = data ? ops->import(ctx, some_id, &attrs, span_of(data), &out) :
			 ops->create(ctx, some_id, &attrs, &out);
	if (*status != PARSEC_SUCCESS)
		return NULL;
	blob.len = out.len;
	ref = (struct parsec_key_ref){ .blob = span_of(&blob) };
	*status = ops->load(ctx, &ref, &attrs, &key);
	return *status == PARSEC_SUCCESS ? key : NULL;
}

static enum parsec_status agree(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				uint8_t scheme, const struct bytes *peer, struct bytes *secret)
{
	struct parsec_alg alg = { .kind = PARSEC_ALG_KEY_AGREEMENT, .scheme = scheme };
	struct parsec_out out = { secret->data, sizeof(secret->data), 0 };
	enum parsec_status status = ops->agree(ctx, key, &alg, span_of(peer), &out);

	secret->len = out.len;
	return status;
}

/* A key of plain OpenSSL from its parts */
static EVP_PKEY *plain_key(const char *type, const char *name, const struct bytes *public,
			   const struct bytes *private)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	OSSL_PARAM_BLD *list = OSSL_PARAM_BLD_new();
	bool dh = !strcmp(type, "DH");
	BIGNUM *x = NULL, *y = NULL;
	EVP_PKEY *pkey = NULL;
	OSSL_PARAM *params;

	OSSL_PARAM_BLD_push_utf8_string(list, OSSL_PKEY_PARAM_GROUP_NAME, name, 0);
	if (dh) {
		y = BN_bin2bn(public->data, (int)public->len, NULL);
		OSSL_PARAM_BLD_push_BN(list, OSSL_PKEY_PARAM_PUB_KEY, y);
	} else {
		OSSL_PARAM_BLD_push_octet_string(list, OSSL_PKEY_PARAM_PUB_KEY, public->data,
						 public->len);
	}
	if (private) {
		x = BN_bin2bn(private->data, (int)private->len, NULL);
		OSSL_PARAM_BLD_push_BN(list, OSSL_PKEY_PARAM_PRIV_KEY, x);
	}
	params = OSSL_PARAM_BLD_to_param(list);
	EVP_PKEY_fromdata_init(ctx);
	EVP_PKEY_fromdata(ctx, &pkey, private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params);
	BN_free(x);
	BN_free(y);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(list);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

static struct bytes plain_agree(EVP_PKEY *own, EVP_PKEY *peer)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(own, NULL);
	struct bytes secret = { .len = 0 };
	size_t len = sizeof(secret.data);

	EVP_PKEY_derive_init(ctx);
	if (EVP_PKEY_get_base_id(own) == EVP_PKEY_DH)
		EVP_PKEY_CTX_set_dh_pad(ctx, 1);
	EVP_PKEY_derive_set_peer(ctx, peer);
	if (EVP_PKEY_derive(ctx, secret.data, &len) == 1)
		secret.len = len;
	EVP_PKEY_CTX_free(ctx);
	return secret;
}

TEST_F(group, keys_of_each_curve_are_of_its_width_and_come_back)
{
	enum parsec_status status;

	for (size_t i = 0; i < CURVES; i++) {
		size_t field = (curves[i].bits + 7) / 8;

		for (unsigned int round = 0; round < 5; round++) {
			struct parsec_key *key, *again;
			struct bytes scalar, point, copy;

			key = make(self->ctx, ECC_PAIR, curves[i].family, curves[i].bits, NULL,
				   &status);
			ASSERT_NE(NULL, key) TH_LOG("%s %d", curves[i].name, status);
			scalar = exported(self->ctx, key, true);
			point = exported(self->ctx, key, false);
			ASSERT_EQ(field, scalar.len);
			ASSERT_EQ(1 + 2 * field, point.len);
			again = make(self->ctx, ECC_PAIR, curves[i].family, curves[i].bits,
				     &scalar, &status);
			ASSERT_NE(NULL, again) TH_LOG("%s %d", curves[i].name, status);
			copy = exported(self->ctx, again, false);
			ASSERT_TRUE(same(&point, &copy));
			ops->unload(self->ctx, again);
			again = make(self->ctx, ECC_PUBLIC, curves[i].family, curves[i].bits,
				     &point, &status);
			ASSERT_NE(NULL, again) TH_LOG("%s %d", curves[i].name, status);
			copy = exported(self->ctx, again, true);
			ASSERT_TRUE(same(&point, &copy));
			ops->unload(self->ctx, again);
			point.data[point.len - 1] ^= 1;
			ASSERT_EQ(NULL, make(self->ctx, ECC_PUBLIC, curves[i].family,
					     curves[i].bits, &point, &status));
			ASSERT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, status);
			ops->unload(self->ctx, key);
		}
	}
}

TEST_F(group, each_curve_signs_and_agrees_as_plain_openssl_does)
{
	struct parsec_alg alg = HASH_ALG(PARSEC_SIGN_ECDSA, PARSEC_HASH_SHA_512);
	enum parsec_status status;

	for (size_t i = 0; i < CURVES; i++) {
		size_t field = (curves[i].bits + 7) / 8;

		for (unsigned int round = 0; round < 8; round++) {
			struct bytes hash = random_data(64), scalar[2], point[2], raw, der, secret;
			struct parsec_key *key[2];
			EVP_PKEY *plain[2];

			for (size_t k = 0; k < 2; k++) {
				key[k] = make(self->ctx, ECC_PAIR, curves[i].family,
					      curves[i].bits, NULL, &status);
				ASSERT_NE(NULL, key[k]);
				scalar[k] = exported(self->ctx, key[k], true);
				point[k] = exported(self->ctx, key[k], false);
				plain[k] = plain_key("EC", curves[i].name, &point[k],
						     &scalar[k]);
				ASSERT_NE(NULL, plain[k]);
			}
			ASSERT_EQ(PARSEC_SUCCESS,
				  sign(self->ctx, key[0], alg, span_of(&hash), &raw));
			ASSERT_EQ(2 * field, raw.len);
			der = der_from_raw(&raw);
			ASSERT_TRUE(plain_verify(plain[0], false, "SHA512", span_of(&hash),
						 &der)) TH_LOG("%s", curves[i].name);
			der = plain_sign(plain[0], false, "SHA512", span_of(&hash));
			raw = raw_from_der(&der, field);
			ASSERT_EQ(PARSEC_SUCCESS,
				  verify(self->ctx, key[0], alg, span_of(&hash), &raw));

			der = plain_agree(plain[0], plain[1]);
			ASSERT_EQ(field, der.len);
			ASSERT_EQ(PARSEC_SUCCESS, agree(self->ctx, key[0], PARSEC_AGREE_ECDH,
							&point[1], &secret));
			ASSERT_TRUE(same(&der, &secret)) TH_LOG("%s", curves[i].name);
			ASSERT_EQ(PARSEC_SUCCESS, agree(self->ctx, key[1], PARSEC_AGREE_ECDH,
							&point[0], &secret));
			ASSERT_TRUE(same(&der, &secret)) TH_LOG("%s", curves[i].name);
			for (size_t k = 0; k < 2; k++) {
				EVP_PKEY_free(plain[k]);
				ops->unload(self->ctx, key[k]);
			}
		}
	}
}

static const struct {
	uint8_t family;
	uint32_t bits;
	const char *private, *public, *peer, *secret;
} vectors[] = {
	/* RFC 7748, 6.1 and 6.2: Bob with Alice's key */
	{ PARSEC_ECC_MONTGOMERY, 255,
	  "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
	  "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
	  "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
	  "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742" },
	{ PARSEC_ECC_MONTGOMERY, 448,
	  "1c306a7ac2a0e2e0990b294470cba339e6453772b075811d8fad0d1d6927c120"
	  "bb5ee8972b0d3e21374c9c921b09d1b0366f10b65173992d",
	  "3eb7a829b0cd20f5bcfc0b599b6feccf6da4627107bdb0d4f345b43027d8b972"
	  "fc3e34fb4232a13ca706dcb57aec3dae07bdc1c67bf33609",
	  "9b08f7cc31b7e3e67d22d5aea121074a273bd2b83de09c63faa73d2c22c5d9bb"
	  "c836647241d953d40c5b12da88120d53177f80e532c41fa0",
	  "07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282bb60c0b56"
	  "fd2464c335543936521c24403085d59a449a5037514a879d" },
	/* NIST CAVP, ECC CDH primitive, P-256, count 0; the own public key is not checked */
	{ PARSEC_ECC_SECP_R1, 256,
	  "7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534", NULL,
	  "04700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287"
	  "db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac",
	  "46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b" },
	/* RFC 7027, A.1 */
	{ PARSEC_ECC_BRAINPOOL_P_R1, 256,
	  "81db1ee100150ff2ea338d708271be38300cb54241d79950f77b063039804f1d",
	  "0444106e913f92bc02a1705d9953a8414db95e1aaa49e81d9e85f929a8e3100be5"
	  "8ab4846f11caccb73ce49cbdd120f5a900a69fd32c272223f789ef10eb089bdc",
	  "048d2d688c6cf93e1160ad04cc4429117dc2c41825e1e9fca0addd34e6f1b39f7b"
	  "990c57520812be512641e47034832106bc7d3e8dd0e4c7f1136d7006547cec6a",
	  "89afc39d41d3b327814b80940b042590f96556ec91e6ae7939bce31f3a18bf2b" },
	/* SEC 2: the base point of secp256k1, which 1 agrees with as with itself */
	{ PARSEC_ECC_SECP_K1, 256,
	  "0000000000000000000000000000000000000000000000000000000000000001",
	  "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
	  "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8",
	  "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
	  "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8",
	  "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798" },
};

TEST_F(group, published_agreements)
{
	enum parsec_status status;

	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct bytes private = from_hex(vectors[i].private), public, got;
		struct bytes peer = from_hex(vectors[i].peer);
		struct bytes secret = from_hex(vectors[i].secret);
		struct parsec_key *key = make(self->ctx, ECC_PAIR, vectors[i].family, 0, &private,
					      &status);

		ASSERT_NE(NULL, key) TH_LOG("vector %zu: %d", i, status);
		if (vectors[i].public) {
			public = from_hex(vectors[i].public);
			got = exported(self->ctx, key, false);
			EXPECT_TRUE(same(&public, &got)) TH_LOG("vector %zu", i);
		}
		ASSERT_EQ(PARSEC_SUCCESS,
			  agree(self->ctx, key, PARSEC_AGREE_ECDH, &peer, &got));
		EXPECT_TRUE(same(&secret, &got)) TH_LOG("vector %zu", i);
		ops->unload(self->ctx, key);
	}
}

TEST_F(group, montgomery_curves_agree_as_plain_openssl_does)
{
	enum parsec_status status;

	for (unsigned int round = 0; round < 200; round++) {
		uint32_t bits = round % 2 ? 255 : 448;
		size_t len = bits == 255 ? 32 : 56;
		EVP_PKEY *plain = EVP_PKEY_Q_keygen(NULL, NULL, bits == 255 ? "X25519" : "X448");
		EVP_PKEY *ours;
		struct bytes peer = { .len = 56 }, public, expected, got, private;
		struct parsec_key *key;

		EVP_PKEY_get_raw_public_key(plain, peer.data, &peer.len);
		key = make(self->ctx, ECC_PAIR, PARSEC_ECC_MONTGOMERY, bits, NULL, &status);
		ASSERT_NE(NULL, key);
		private = exported(self->ctx, key, true);
		ASSERT_EQ(len, private.len);
		public = exported(self->ctx, key, false);
		ASSERT_EQ(len, public.len);
		ours = EVP_PKEY_new_raw_public_key_ex(NULL, bits == 255 ? "X25519" : "X448",
						      NULL, public.data, public.len);
		expected = plain_agree(plain, ours);
		ASSERT_EQ(PARSEC_SUCCESS,
			  agree(self->ctx, key, PARSEC_AGREE_ECDH, &peer, &got));
		ASSERT_TRUE(same(&expected, &got));
		EVP_PKEY_free(plain);
		EVP_PKEY_free(ours);
		ops->unload(self->ctx, key);
	}
}

TEST_F(group, montgomery_scalars_are_clamped_at_import)
{
	struct bytes private = { .len = 32 }, got;
	enum parsec_status status;
	struct parsec_key *key;

	memset(private.data, 0xff, 32);
	key = make(self->ctx, ECC_PAIR, PARSEC_ECC_MONTGOMERY, 0, &private, &status);
	ASSERT_NE(NULL, key);
	got = exported(self->ctx, key, true);
	EXPECT_EQ(0xf8, got.data[0]);
	EXPECT_EQ(0x7f, got.data[31]);
	ops->unload(self->ctx, key);
	private.len = 56;
	memset(private.data, 0x03, 56);
	key = make(self->ctx, ECC_PAIR, PARSEC_ECC_MONTGOMERY, 448, &private, &status);
	ASSERT_NE(NULL, key);
	got = exported(self->ctx, key, true);
	EXPECT_EQ(0x00, got.data[0]);
	EXPECT_EQ(0x83, got.data[55]);
	ops->unload(self->ctx, key);
}

TEST_F(group, peers_that_are_no_keys_of_the_group_are_refused)
{
	struct parsec_key *p256, *p384, *x25519;
	struct bytes zero = { .len = 32 }, point, other, got;
	enum parsec_status status;

	x25519 = make(self->ctx, ECC_PAIR, PARSEC_ECC_MONTGOMERY, 255, NULL, &status);
	/* All that agree with 0 or 1 get 0 */
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  agree(self->ctx, x25519, PARSEC_AGREE_ECDH, &zero, &got));
	zero.data[0] = 1;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  agree(self->ctx, x25519, PARSEC_AGREE_ECDH, &zero, &got));
	zero.len = 31;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  agree(self->ctx, x25519, PARSEC_AGREE_ECDH, &zero, &got));
	p256 = make(self->ctx, ECC_PAIR, PARSEC_ECC_SECP_R1, 256, NULL, &status);
	p384 = make(self->ctx, ECC_PAIR, PARSEC_ECC_SECP_R1, 384, NULL, &status);
	point = exported(self->ctx, p256, false);
	other = exported(self->ctx, p384, false);
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  agree(self->ctx, p256, PARSEC_AGREE_ECDH, &other, &got));
	EXPECT_EQ(PARSEC_SUCCESS, agree(self->ctx, p256, PARSEC_AGREE_ECDH, &point, &got));
	point.data[40] ^= 1;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  agree(self->ctx, p256, PARSEC_AGREE_ECDH, &point, &got));
	point.data[0] = 0;
	point.len = 1;
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  agree(self->ctx, p256, PARSEC_AGREE_ECDH, &point, &got));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  agree(self->ctx, p256, PARSEC_AGREE_FFDH, &other, &got));
	ops->unload(self->ctx, x25519);
	ops->unload(self->ctx, p256);
	ops->unload(self->ctx, p384);
}

TEST_F(group, montgomery_keys_do_not_sign)
{
	struct bytes hash = random_data(32), raw;
	enum parsec_status status;
	struct parsec_key *key;

	key = make(self->ctx, ECC_PAIR, PARSEC_ECC_MONTGOMERY, 255, NULL, &status);
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  sign(self->ctx, key, HASH_ALG(PARSEC_SIGN_ECDSA, PARSEC_HASH_SHA_256),
		       span_of(&hash), &raw));
	ops->unload(self->ctx, key);
}

/* 30 bytes can be either of two curves of the family */
TEST_F(group, a_size_that_the_data_does_not_tell_must_be_given)
{
	struct bytes scalar = random_data(30);
	enum parsec_status status;
	struct parsec_key *key;

	scalar.data[0] = 0;
	EXPECT_EQ(NULL, make(self->ctx, ECC_PAIR, PARSEC_ECC_SECT_K1, 0, &scalar, &status));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, status);
	key = make(self->ctx, ECC_PAIR, PARSEC_ECC_SECT_K1, 239, &scalar, &status);
	ASSERT_NE(NULL, key);
	ops->unload(self->ctx, key);
}

TEST_F(group, dh_agrees_as_plain_openssl_does_at_full_width)
{
	static const uint32_t sizes[] = { 2048, 3072, 4096 };
	enum parsec_status status;

	for (unsigned int round = 0; round < 9; round++) {
		uint32_t bits = sizes[round % 3];
		struct bytes x[2], y[2], expected, got;
		struct parsec_key *key[2], *public;
		EVP_PKEY *plain[2];
		char name[16];

		snprintf(name, sizeof(name), "ffdhe%u", bits);
		for (size_t k = 0; k < 2; k++) {
			key[k] = make(self->ctx, DH_PAIR, 0, bits, NULL, &status);
			ASSERT_NE(NULL, key[k]) TH_LOG("%d", status);
			x[k] = exported(self->ctx, key[k], true);
			y[k] = exported(self->ctx, key[k], false);
			ASSERT_EQ(bits / 8, x[k].len);
			ASSERT_EQ(bits / 8, y[k].len);
			plain[k] = plain_key("DH", name, &y[k], &x[k]);
			ASSERT_NE(NULL, plain[k]);
		}
		expected = plain_agree(plain[0], plain[1]);
		ASSERT_EQ(bits / 8, expected.len);
		ASSERT_EQ(PARSEC_SUCCESS,
			  agree(self->ctx, key[0], PARSEC_AGREE_FFDH, &y[1], &got));
		ASSERT_TRUE(same(&expected, &got));
		ASSERT_EQ(PARSEC_SUCCESS,
			  agree(self->ctx, key[1], PARSEC_AGREE_FFDH, &y[0], &got));
		ASSERT_TRUE(same(&expected, &got));
		public = make(self->ctx, DH_PUBLIC, 0, 0, &y[0], &status);
		ASSERT_NE(NULL, public);
		got = exported(self->ctx, public, false);
		EXPECT_TRUE(same(&y[0], &got));
		ops->unload(self->ctx, public);
		for (size_t k = 0; k < 2; k++) {
			EVP_PKEY_free(plain[k]);
			ops->unload(self->ctx, key[k]);
		}
	}
}

TEST_F(group, dh_numbers_outside_of_the_group_are_refused)
{
	struct parsec_key *key;
	struct bytes bad = { .len = 256 }, got;
	enum parsec_status status;

	key = make(self->ctx, DH_PAIR, 0, 2048, NULL, &status);
	ASSERT_NE(NULL, key);
	for (unsigned int kind = 0; kind < 5; kind++) {
		memset(bad.data, kind == 2 ? 0xff : 0, 256);
		bad.len = kind == 4 ? 255 : 256;
		if (kind == 1)
			bad.data[255] = 1;
		if (kind == 3) {
			/* p - 1, which has order 2 */
			struct bytes y = exported(self->ctx, key, false);
			EVP_PKEY *plain = plain_key("DH", "ffdhe2048", &y, NULL);
			BIGNUM *p = NULL;

			ASSERT_EQ(1, EVP_PKEY_get_bn_param(plain, OSSL_PKEY_PARAM_FFC_P, &p));
			BN_sub_word(p, 1);
			BN_bn2binpad(p, bad.data, 256);
			BN_free(p);
			EVP_PKEY_free(plain);
		}
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
			  agree(self->ctx, key, PARSEC_AGREE_FFDH, &bad, &got))
			TH_LOG("kind %u", kind);
		EXPECT_EQ(NULL, make(self->ctx, DH_PUBLIC, 0, 0, &bad, &status))
			TH_LOG("kind %u", kind);
	}
	ops->unload(self->ctx, key);
}

TEST_F(group, the_largest_dh_group_works)
{
	struct bytes x, y, got, other;
	struct parsec_key *a, *b;
	enum parsec_status status;

	a = make(self->ctx, DH_PAIR, 0, 8192, NULL, &status);
	b = make(self->ctx, DH_PAIR, 0, 8192, NULL, &status);
	ASSERT_NE(NULL, a);
	ASSERT_NE(NULL, b);
	x = exported(self->ctx, a, false);
	y = exported(self->ctx, b, false);
	ASSERT_EQ(PARSEC_SUCCESS, agree(self->ctx, a, PARSEC_AGREE_FFDH, &y, &got));
	ASSERT_EQ(PARSEC_SUCCESS, agree(self->ctx, b, PARSEC_AGREE_FFDH, &x, &other));
	EXPECT_EQ(1024, got.len);
	EXPECT_TRUE(same(&got, &other));
	ops->unload(self->ctx, a);
	ops->unload(self->ctx, b);
}

TEST_HARNESS_MAIN
