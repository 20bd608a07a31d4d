// SPDX-License-Identifier: Apache-2.0
/*
 * The salt of PSS with the TPM provider: what of others is taken, and what a TPM is used for that
 * salts otherwise. Runs in the top folder.
 */
#include "kselftest_harness.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "providers/lib/capability.h"
#include "selftests/unit/tpm_fixture.h"

#define SIZE	256

/* The salt of the TPM as it pretends to be; 0: as it is. What LoadExternal says */
static int tpm_salt;
static TSS2_RC load_answer;
/* The private key that it was given last */
static TPM2B_PUBLIC_KEY_RSA loaded_n;
static TPM2B_PRIVATE_KEY_RSA loaded_p;

static const uint8_t some_digest[64] = { 1, 2, 3 };

TSS2_RC __real_Esys_LoadExternal(ESYS_CONTEXT *esys, ESYS_TR first, ESYS_TR second,
				 ESYS_TR third, const TPM2B_SENSITIVE *private,
				 const TPM2B_PUBLIC *public, ESYS_TR hierarchy, ESYS_TR *handle);
TSS2_RC __wrap_Esys_LoadExternal(ESYS_CONTEXT *esys, ESYS_TR first, ESYS_TR second,
				 ESYS_TR third, const TPM2B_SENSITIVE *private,
				 const TPM2B_PUBLIC *public, ESYS_TR hierarchy, ESYS_TR *handle)
{
	if (load_answer)
		return load_answer;
	if (private) {
		loaded_n = public->publicArea.unique.rsa;
		loaded_p = private->sensitiveArea.sensitive.rsa;
	}
	return __real_Esys_LoadExternal(esys, first, second, third, private, public, hierarchy,
					handle);
}

/* A signature with a salt of so many bytes */
static void sign(EVP_PKEY *key, const EVP_MD *md, const uint8_t *digest, int salt,
		 uint8_t out[SIZE])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	size_t len = SIZE;

	if (EVP_PKEY_sign_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_signature_md(ctx, md) != 1 ||
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, salt) != 1 ||
	    EVP_PKEY_sign(ctx, out, &len, digest, (size_t)EVP_MD_get_size(md)) != 1 ||
	    len != SIZE)
		abort();
	EVP_PKEY_CTX_free(ctx);
}

static EVP_PKEY *loaded_key(void)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *n = BN_bin2bn(loaded_n.buffer, loaded_n.size, NULL);
	BIGNUM *p = BN_bin2bn(loaded_p.buffer, loaded_p.size, NULL);
	BIGNUM *q = BN_new(), *e = BN_new(), *d = BN_new(), *phi = BN_new();
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BN_CTX *numbers = BN_CTX_new();
	EVP_PKEY *key = NULL;
	OSSL_PARAM *params;

	BN_div(q, NULL, n, p, numbers);
	BN_sub(phi, n, p);
	BN_sub(phi, phi, q);
	BN_add_word(phi, 1);
	BN_set_word(e, RSA_F4);
	BN_mod_inverse(d, e, phi, numbers);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_D, d);
	params = OSSL_PARAM_BLD_to_param(build);
	if (EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) != 1)
		abort();
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	BN_CTX_free(numbers);
	BN_free(n);
	BN_free(p);
	BN_free(q);
	BN_free(e);
	BN_free(d);
	BN_free(phi);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

TSS2_RC __real_Esys_Sign(ESYS_CONTEXT *esys, ESYS_TR key, ESYS_TR session, ESYS_TR second,
			 ESYS_TR third, const TPM2B_DIGEST *hash, const TPMT_SIG_SCHEME *scheme,
			 const TPMT_TK_HASHCHECK *ticket, TPMT_SIGNATURE **signature);
TSS2_RC __wrap_Esys_Sign(ESYS_CONTEXT *esys, ESYS_TR key, ESYS_TR session, ESYS_TR second,
			 ESYS_TR third, const TPM2B_DIGEST *hash, const TPMT_SIG_SCHEME *scheme,
			 const TPMT_TK_HASHCHECK *ticket, TPMT_SIGNATURE **signature)
{
	TSS2_RC rc = __real_Esys_Sign(esys, key, session, second, third, hash, scheme, ticket,
				      signature);
	EVP_PKEY *pkey;

	if (rc || !tpm_salt)
		return rc;
	pkey = loaded_key();
	sign(pkey, EVP_sha256(), hash->buffer, tpm_salt,
	     (*signature)->signature.rsapss.sig.buffer);
	EVP_PKEY_free(pkey);
	return rc;
}

static struct parsec_key_attributes pss_key(uint8_t type, uint8_t hash)
{
	return (struct parsec_key_attributes){
		.type = type, .bits = 8 * SIZE,
		.alg = { PARSEC_ALG_SIGNATURE, PARSEC_SIGN_RSA_PSS, hash },
	};
}

static bool has_row(const FIXTURE_DATA(tpm) *self, uint8_t type, uint32_t can)
{
	const struct parsec_key_attributes attrs = pss_key(type, PARSEC_HASH_SHA_256);
	struct parsec_capabilities caps;

	ops->capabilities(self->ctx, &caps);
	return capability_covers(caps.rows, caps.count, &attrs, can);
}

static const struct {
	uint8_t hash;
	int size;
	const EVP_MD *(*md)(void);
} hashes[] = {
	{ PARSEC_HASH_SHA_1, 20, EVP_sha1 },
	{ PARSEC_HASH_SHA_256, 32, EVP_sha256 },
	{ PARSEC_HASH_SHA_512, 64, EVP_sha512 },
};

static const int salts[] = { 0, 1, 19, 20, 21, 31, 32, 33, 48, 64, RSA_PSS_SALTLEN_MAX };

#define COUNT(array)	(sizeof(array) / sizeof(*(array)))

/* The TPM itself takes them all */
TEST_F_TIMEOUT(tpm, a_salt_is_as_long_as_the_hash_or_the_signature_wrong, 300)
{
	EVP_PKEY *key = EVP_RSA_gen(8 * SIZE);
	uint8_t der[512], signature[SIZE], *at = der;
	const struct parsec_span span = { signature, SIZE };
	struct parsec_span public;
	struct stored stored;

	public = (struct parsec_span){ der, (size_t)i2d_PublicKey(key, &at) };
	for (size_t i = 0; i < COUNT(hashes); i++) {
		const struct parsec_span digest = { some_digest, (size_t)hashes[i].size };

		ASSERT_EQ(PARSEC_SUCCESS,
			  import(self, &stored, pss_key(PARSEC_KEY_TYPE_RSA_PUBLIC_KEY,
							hashes[i].hash), public));
		ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored));
		for (size_t j = 0; j < COUNT(salts); j++) {
			sign(key, hashes[i].md(), some_digest, salts[j], signature);
			EXPECT_EQ(salts[j] == hashes[i].size ? PARSEC_SUCCESS :
				  PARSEC_PSA_ERROR_INVALID_SIGNATURE,
				  ops->verify(self->ctx, stored.key, &stored.attrs.alg, digest,
					      span));
		}
		ops->unload(self->ctx, stored.key);
	}
	EVP_PKEY_free(key);
}

TEST_F(tpm, one_that_salts_as_the_contract_wants_signs)
{
	const uint32_t all = PARSEC_CAN_GENERATE | PARSEC_CAN_IMPORT | PARSEC_CAN_EXPORT_PUBLIC |
			     PARSEC_CAN_SIGN | PARSEC_CAN_VERIFY;

	EXPECT_TRUE(has_row(self, PARSEC_KEY_TYPE_RSA_KEY_PAIR, all));
	EXPECT_TRUE(has_row(self, PARSEC_KEY_TYPE_RSA_PUBLIC_KEY, PARSEC_CAN_VERIFY));
	EXPECT_STREQ("", said);
}

static void expect_verify_only(struct __test_metadata *_metadata, const FIXTURE_DATA(tpm) *self)
{
	const uint8_t pair = PARSEC_KEY_TYPE_RSA_KEY_PAIR, public = PARSEC_KEY_TYPE_RSA_PUBLIC_KEY;

	EXPECT_FALSE(has_row(self, pair, PARSEC_CAN_SIGN));
	EXPECT_FALSE(has_row(self, pair, PARSEC_CAN_GENERATE));
	EXPECT_FALSE(has_row(self, pair, PARSEC_CAN_IMPORT));
	EXPECT_TRUE(has_row(self, pair, PARSEC_CAN_EXPORT_PUBLIC | PARSEC_CAN_VERIFY));
	EXPECT_TRUE(has_row(self, public, PARSEC_CAN_IMPORT | PARSEC_CAN_VERIFY));
	EXPECT_NE(NULL, strstr(said, "another salt of PSS"));
}

TEST_F(tpm, one_that_salts_otherwise_verifies_only)
{
	static const int others[] = { RSA_PSS_SALTLEN_MAX, 31, 33, 20 };

	for (size_t i = 0; i < COUNT(others); i++) {
		ops->close(self->ctx);
		tpm_salt = others[i];
		ASSERT_EQ(PARSEC_SUCCESS, open_with(self, NULL, NULL));
		expect_verify_only(_metadata, self);
	}
	/* It is the salt that this depends on */
	ops->close(self->ctx);
	tpm_salt = 32;
	ASSERT_EQ(PARSEC_SUCCESS, open_with(self, NULL, NULL));
	EXPECT_TRUE(has_row(self, PARSEC_KEY_TYPE_RSA_KEY_PAIR, PARSEC_CAN_SIGN));
	EXPECT_STREQ("", said);
}

TEST_F(tpm, one_that_does_not_take_the_key_verifies_only)
{
	ops->close(self->ctx);
	load_answer = TPM2_RC_ATTRIBUTES | TPM2_RC_P | TPM2_RC_2;
	ASSERT_EQ(PARSEC_SUCCESS, open_with(self, NULL, NULL));
	expect_verify_only(_metadata, self);
}

TEST_HARNESS_MAIN
