// SPDX-License-Identifier: Apache-2.0
/*
 * HMAC and AES keys of the TPM provider: which there are, as a TPM says it, how they are made and
 * taken in, and what is done with those that are not right. Runs in the top folder.
 */
#include "kselftest_harness.h"

#include "selftests/unit/tpm_symmetric.h"

/* A command or an algorithm that the TPM is not to have said that it has */
static UINT32 hidden_command;
static TPM2_ALG_ID hidden_algorithm;
/* What it is to say of TPM2_PT_INPUT_BUFFER, 0 for the truth, 1 for nothing */
static UINT32 input_buffer;

static void hide(TPMS_CAPABILITY_DATA *data)
{
	TPML_CCA *commands = &data->data.command;
	TPML_ALG_PROPERTY *algorithms = &data->data.algorithms;

	for (UINT32 i = 0; data->capability == TPM2_CAP_COMMANDS && i < commands->count; i++) {
		if ((commands->commandAttributes[i] & TPMA_CC_COMMANDINDEX_MASK) ==
		    hidden_command)
			commands->commandAttributes[i--] =
				commands->commandAttributes[--commands->count];
	}
	for (UINT32 i = 0; data->capability == TPM2_CAP_ALGS && i < algorithms->count; i++) {
		if (algorithms->algProperties[i].alg == hidden_algorithm)
			algorithms->algProperties[i--] =
				algorithms->algProperties[--algorithms->count];
	}
	if (data->capability == TPM2_CAP_TPM_PROPERTIES && input_buffer == 1)
		data->data.tpmProperties.tpmProperty[0].property++;
	else if (data->capability == TPM2_CAP_TPM_PROPERTIES && input_buffer)
		data->data.tpmProperties.tpmProperty[0].value = input_buffer;
}

TSS2_RC __real_Esys_GetCapability(ESYS_CONTEXT *esys, ESYS_TR first, ESYS_TR second,
				  ESYS_TR third, TPM2_CAP what, UINT32 property, UINT32 count,
				  TPMI_YES_NO *more, TPMS_CAPABILITY_DATA **data);
TSS2_RC __wrap_Esys_GetCapability(ESYS_CONTEXT *esys, ESYS_TR first, ESYS_TR second,
				  ESYS_TR third, TPM2_CAP what, UINT32 property, UINT32 count,
				  TPMI_YES_NO *more, TPMS_CAPABILITY_DATA **data)
{
	TSS2_RC rc = __real_Esys_GetCapability(esys, first, second, third, what, property, count,
					       more, data);

	if (!rc)
		hide(*data);
	return rc;
}

/* How much goes into one command is the TPM's to say */
TEST_F(tpm, the_tpm_says_how_much_goes_into_a_command)
{
	static const UINT32 said_sizes[] = { 64, 16, 47, 1024, 4096, 1 };
	static const uint16_t used[] = { 64, 16, 32, 1024, 1024, 1024 };

	for (size_t i = 0; i < sizeof(used) / sizeof(used[0]); i++) {
		ops->close(self->ctx);
		input_buffer = said_sizes[i];
		ASSERT_EQ(PARSEC_SUCCESS, open_with(self, NULL, NULL));
		input_buffer = 0;
		EXPECT_EQ(used[i], self->ctx->abilities.buffer);
	}
}

/* One that takes less than a block at a time is of no use */
TEST_F(tpm, a_tpm_that_takes_too_little_is_not_used)
{
	ops->close(self->ctx);
	self->ctx = NULL;
	input_buffer = 15;
	EXPECT_EQ(PARSEC_PSA_ERROR_HARDWARE_FAILURE, open_with(self, NULL, NULL));
	input_buffer = 0;
}

TEST_F_TIMEOUT(tpm, generated_keys_are_of_the_tpm_alone_and_survive_it, 300)
{
	const TPMA_OBJECT own = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
				TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_NODA |
				TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_SIGN_ENCRYPT;
	const struct parsec_key_attributes kinds[] = {
		hmac_key(PARSEC_HASH_SHA_1, 160), hmac_key(PARSEC_HASH_SHA_256, 256),
		hmac_key(PARSEC_HASH_SHA_384, 384), hmac_key(PARSEC_HASH_SHA_512, 512),
		aes_key(PARSEC_ALG_MAC, PARSEC_MAC_CMAC, 128),
		aes_key(PARSEC_ALG_MAC, PARSEC_MAC_CMAC, 256),
	};
	const struct parsec_key_attributes aes = aes_key(PARSEC_ALG_CIPHER, PARSEC_CIPHER_CTR, 256);
	struct parsec_out sealed = { out, 20, 0 }, opened = { back, 20, 0 };
	const TPMT_PUBLIC *area;
	uint8_t first[64], iv[16] = { 1 };
	struct stored stored;
	size_t len;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		ASSERT_EQ(PARSEC_SUCCESS, make(self, &stored, kinds[i]));
		ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored));
		area = &stored.key->public.publicArea;
		EXPECT_EQ(own, area->objectAttributes);
		EXPECT_EQ(i < 4 ? hash_id(kinds[i].alg.hash) : TPM2_ALG_CMAC,
			  i < 4 ? area->parameters.keyedHashDetail.scheme.details.hmac.hashAlg :
				  area->parameters.symDetail.sym.mode.aes);
		ASSERT_EQ(PARSEC_SUCCESS, mac(self, &stored, 100, &len));
		memcpy(first, out, len);
		ops->unload(self->ctx, stored.key);
		ops->close(self->ctx);
		tpm_stop(self);
		tpm_start(self);
		ASSERT_EQ(PARSEC_SUCCESS, open_with(self, NULL, NULL));
		ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored));
		ASSERT_EQ(PARSEC_SUCCESS, mac(self, &stored, 100, &len));
		EXPECT_EQ(0, memcmp(first, out, len));
		ops->unload(self->ctx, stored.key);
	}
	ASSERT_EQ(PARSEC_SUCCESS, make(self, &stored, aes));
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored));
	EXPECT_EQ(own | TPMA_OBJECT_DECRYPT, stored.key->public.publicArea.objectAttributes);
	ASSERT_EQ(PARSEC_SUCCESS, cipher(self, &stored, false, (struct parsec_span){ iv, 16 },
					(struct parsec_span){ message, 20 }, &sealed));
	tpm_stop(self);
	tpm_start(self);
	ASSERT_EQ(PARSEC_SUCCESS, cipher(self, &stored, true, (struct parsec_span){ iv, 16 },
					(struct parsec_span){ out, sealed.len }, &opened));
	EXPECT_TRUE(same((struct parsec_span){ message, 20 },
			 (struct parsec_span){ back, opened.len }));
	ops->unload(self->ctx, stored.key);
}

/* Keys for no algorithm are kept, in all sizes that there are keys of */
TEST_F(tpm, keys_may_be_for_no_algorithm)
{
	static const uint32_t sizes[] = { 160, 256, 384, 512 };
	static const uint8_t bytes[128];
	struct parsec_key_attributes attrs = { .alg = { .kind = PARSEC_ALG_NONE } };
	struct stored stored;

	for (size_t i = 0; i < 4; i++) {
		attrs.type = PARSEC_KEY_TYPE_HMAC;
		attrs.bits = sizes[i];
		ASSERT_EQ(PARSEC_SUCCESS, make(self, &stored, attrs));
		ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored));
		ops->unload(self->ctx, stored.key);
	}
	for (uint32_t len = 1; len <= 128; len += len == 1 ? 62 : 1 + 63 * (len > 64)) {
		attrs.bits = 8 * len;
		ASSERT_EQ(PARSEC_SUCCESS, import(self, &stored, attrs,
						 (struct parsec_span){ bytes, len }));
	}
	attrs.type = PARSEC_KEY_TYPE_AES;
	attrs.bits = 128;
	ASSERT_EQ(PARSEC_SUCCESS, make(self, &stored, attrs));
	ASSERT_EQ(PARSEC_SUCCESS, import(self, &stored, attrs, (struct parsec_span){ bytes, 16 }));
}

TEST_F(tpm, keys_from_outside_are_looked_at)
{
	static const uint8_t bytes[130];
	struct parsec_key_attributes attrs = hmac_key(PARSEC_HASH_SHA_256, 0);
	struct stored stored;

	EXPECT_EQ(INVALID, import(self, &stored, attrs, (struct parsec_span){ bytes, 0 }));
	/* Longer than a TPM keeps */
	EXPECT_EQ(UNSUPPORTED, import(self, &stored, attrs, (struct parsec_span){ bytes, 129 }));
	attrs.bits = 8 * 129;
	EXPECT_EQ(UNSUPPORTED, import(self, &stored, attrs, (struct parsec_span){ bytes, 129 }));
	EXPECT_EQ(INVALID, import(self, &stored, attrs, (struct parsec_span){ bytes, 130 }));
	attrs.bits = 256;
	EXPECT_EQ(INVALID, import(self, &stored, attrs, (struct parsec_span){ bytes, 33 }));
	EXPECT_EQ(INVALID, import(self, &stored, attrs, (struct parsec_span){ bytes, 31 }));
	attrs.bits = 255;
	EXPECT_EQ(INVALID, import(self, &stored, attrs, (struct parsec_span){ bytes, 32 }));

	attrs = aes_key(PARSEC_ALG_CIPHER, PARSEC_CIPHER_CTR, 0);
	EXPECT_EQ(INVALID, import(self, &stored, attrs, (struct parsec_span){ bytes, 15 }));
	EXPECT_EQ(INVALID, import(self, &stored, attrs, (struct parsec_span){ bytes, 17 }));
	EXPECT_EQ(INVALID, import(self, &stored, attrs, (struct parsec_span){ bytes, 64 }));
	/* A size that this TPM has not got */
	EXPECT_EQ(UNSUPPORTED, import(self, &stored, attrs, (struct parsec_span){ bytes, 24 }));
	attrs.bits = 256;
	EXPECT_EQ(INVALID, import(self, &stored, attrs, (struct parsec_span){ bytes, 16 }));
}

/* The host asks only for what there is a row for: a mistake there does no harm here */
TEST_F(tpm, keys_are_used_for_what_they_are_made_for_only)
{
	const struct parsec_alg hmac = hmac_key(PARSEC_HASH_SHA_256, 0).alg;
	const struct parsec_alg other = hmac_key(PARSEC_HASH_SHA_1, 0).alg;
	const struct parsec_alg none = hmac_key(PARSEC_HASH_SHA_224, 0).alg;
	const struct parsec_alg cmac = aes_key(PARSEC_ALG_MAC, PARSEC_MAC_CMAC, 0).alg;
	const struct parsec_alg cbc_mac = aes_key(PARSEC_ALG_MAC, PARSEC_MAC_CBC_MAC, 0).alg;
	const struct parsec_alg ctr = aes_key(PARSEC_ALG_CIPHER, PARSEC_CIPHER_CTR, 0).alg;
	const struct parsec_alg xts = aes_key(PARSEC_ALG_CIPHER, PARSEC_CIPHER_XTS, 0).alg;
	const struct parsec_alg cbc = aes_key(PARSEC_ALG_CIPHER, PARSEC_CIPHER_CBC_PKCS7, 0).alg;
	const struct parsec_span input = { message, 32 }, iv = { message, 16 };
	const struct parsec_span nothing = { NULL, 0 };
	const struct parsec_alg ecdsa = signing_key().alg;
	struct parsec_out room = { out, 256, 0 }, small = { out, 31, 0 };
	struct stored a, b, c;

	ASSERT_EQ(PARSEC_SUCCESS, make(self, &a, hmac_key(PARSEC_HASH_SHA_256, 256)));
	ASSERT_EQ(PARSEC_SUCCESS, make(self, &b, aes_key(PARSEC_ALG_CIPHER, PARSEC_CIPHER_CTR,
							 128)));
	ASSERT_EQ(PARSEC_SUCCESS, make(self, &c, signing_key()));
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &a));
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &b));
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &c));

	EXPECT_EQ(UNSUPPORTED, ops->mac(self->ctx, a.key, &cmac, input, &room));
	EXPECT_EQ(UNSUPPORTED, ops->mac(self->ctx, a.key, &none, input, &room));
	EXPECT_EQ(UNSUPPORTED, ops->mac(self->ctx, a.key, &ctr, input, &room));
	EXPECT_EQ(UNSUPPORTED, ops->mac(self->ctx, b.key, &hmac, input, &room));
	EXPECT_EQ(UNSUPPORTED, ops->mac(self->ctx, b.key, &cbc_mac, input, &room));
	EXPECT_EQ(UNSUPPORTED, ops->mac(self->ctx, c.key, &hmac, input, &room));
	EXPECT_EQ(PARSEC_PSA_ERROR_BUFFER_TOO_SMALL,
		  ops->mac(self->ctx, a.key, &hmac, input, &small));
	/* The TPM itself holds them to one hash and one mode */
	EXPECT_NE(PARSEC_SUCCESS, ops->mac(self->ctx, a.key, &other, input, &room));
	EXPECT_NE(PARSEC_SUCCESS, ops->mac(self->ctx, b.key, &cmac, input, &room));
	EXPECT_NE(PARSEC_SUCCESS, ops->cipher_encrypt(self->ctx, b.key, &cbc, iv, input, &room));

	EXPECT_EQ(UNSUPPORTED, ops->cipher_encrypt(self->ctx, a.key, &ctr, iv, input, &room));
	EXPECT_EQ(UNSUPPORTED, ops->cipher_decrypt(self->ctx, c.key, &ctr, iv, input, &room));
	EXPECT_EQ(UNSUPPORTED, ops->cipher_encrypt(self->ctx, b.key, &xts, iv, input, &room));
	EXPECT_EQ(UNSUPPORTED, ops->cipher_encrypt(self->ctx, b.key, &cmac, iv, input, &room));
	EXPECT_EQ(INVALID, ops->cipher_encrypt(self->ctx, b.key, &ctr, input, input, &room));
	EXPECT_EQ(INVALID, ops->cipher_encrypt(self->ctx, b.key, &ctr, iv, nothing, &room));
	EXPECT_EQ(INVALID, ops->cipher_decrypt(self->ctx, b.key, &ctr, iv, nothing, &room));
	EXPECT_EQ(PARSEC_PSA_ERROR_BUFFER_TOO_SMALL,
		  ops->cipher_encrypt(self->ctx, b.key, &ctr, iv, input, &small));
	EXPECT_EQ(PARSEC_PSA_ERROR_BUFFER_TOO_SMALL,
		  ops->cipher_decrypt(self->ctx, b.key, &ctr, iv, input, &small));

	EXPECT_EQ(UNSUPPORTED, ops->sign(self->ctx, a.key, &ecdsa, input, &room));
	EXPECT_EQ(UNSUPPORTED, ops->verify(self->ctx, b.key, &ecdsa, input,
					   (struct parsec_span){ message, 64 }));
	EXPECT_EQ(UNSUPPORTED, ops->export_public(self->ctx, a.key, &room));
	EXPECT_EQ(UNSUPPORTED, ops->attest_prepare(self->ctx, b.key, NULL, &room, &room, &room));
	EXPECT_EQ(NULL, ops->export);
	ops->unload(self->ctx, c.key);
	ops->unload(self->ctx, b.key);
	ops->unload(self->ctx, a.key);
}

/* The first use that comes to mind; its result is in @out */
static enum parsec_status use(FIXTURE_DATA(tpm) *self, const struct stored *stored)
{
	const struct parsec_span iv = { message, 16 }, text = { message, 20 };
	struct parsec_out room = { out, ROOM, 0 };
	size_t len;

	return stored->attrs.alg.kind == PARSEC_ALG_MAC ?
		       mac(self, stored, 20, &len) :
		       cipher(self, stored, false, iv, text, &room);
}

/* Wherever a blob is changed, nothing is computed with another key */
static void spoil(struct __test_metadata *_metadata, FIXTURE_DATA(tpm) *self, struct stored *good)
{
	enum parsec_status status;
	struct stored bad;
	uint8_t first[20];

	ASSERT_EQ(PARSEC_SUCCESS, load(self, good));
	ASSERT_EQ(PARSEC_SUCCESS, use(self, good));
	memcpy(first, out, sizeof(first));
	for (size_t at = 0; at < good->len; at++) {
		bad = *good;
		bad.room[at] ^= 0x10;
		memset(out, 0, sizeof(first));
		status = load(self, &bad);
		if (!status) {
			status = use(self, &bad);
			ops->unload(self->ctx, bad.key);
		}
		/* Nobody looks at the length of what has a length itself */
		EXPECT_TRUE(status || at == 2);
		EXPECT_EQ(!status, !memcmp(first, out, sizeof(first)));
	}
	ops->unload(self->ctx, good->key);
	bad = *good;
	for (bad.len = 0; bad.len < good->len; bad.len += 7)
		EXPECT_EQ(PARSEC_PSA_ERROR_DATA_INVALID, load(self, &bad));
	bad.room[good->len] = 0;
	bad.len = good->len + 1;
	EXPECT_EQ(PARSEC_PSA_ERROR_DATA_INVALID, load(self, &bad));
}

TEST_F_TIMEOUT(tpm, changed_blobs_are_refused, 300)
{
	struct stored hmac, aes, other;

	ASSERT_EQ(PARSEC_SUCCESS, make(self, &hmac, hmac_key(PARSEC_HASH_SHA_256, 256)));
	spoil(_metadata, self, &hmac);
	ASSERT_EQ(PARSEC_SUCCESS, make(self, &aes, aes_key(PARSEC_ALG_CIPHER, PARSEC_CIPHER_CFB,
							   128)));
	spoil(_metadata, self, &aes);
	/* A blob of another key */
	other = aes;
	other.attrs = hmac.attrs;
	EXPECT_EQ(PARSEC_PSA_ERROR_DATA_INVALID, load(self, &other));
	other = hmac;
	other.attrs = aes.attrs;
	EXPECT_EQ(PARSEC_PSA_ERROR_DATA_INVALID, load(self, &other));
	other = aes;
	other.attrs.bits = 256;
	EXPECT_EQ(PARSEC_PSA_ERROR_DATA_INVALID, load(self, &other));
	other = aes;
	other.attrs = signing_key();
	EXPECT_EQ(PARSEC_PSA_ERROR_DATA_INVALID, load(self, &other));
}

/* What the TPM does not say that it has there is no row for */
TEST_F(tpm, what_the_tpm_has_not_got_is_not_offered)
{
	static const struct {
		UINT32 command;
		TPM2_ALG_ID algorithm;
		bool hmac, cmac, ctr, cfb;
	} cases[] = {
		{ 0, 0, true, true, true, true },
		{ TPM2_CC_EncryptDecrypt2, 0, true, true, false, false },
		{ TPM2_CC_HMAC, 0, false, false, true, true },
		{ TPM2_CC_HMAC_Start, 0, false, false, true, true },
		{ TPM2_CC_SequenceUpdate, 0, false, false, true, true },
		{ TPM2_CC_SequenceComplete, 0, false, false, true, true },
		{ 0, TPM2_ALG_CMAC, true, false, true, true },
		{ 0, TPM2_ALG_HMAC, false, true, true, true },
		{ 0, TPM2_ALG_CTR, true, true, false, true },
		{ 0, TPM2_ALG_CFB, true, true, true, false },
	};
	const uint32_t use = PARSEC_CAN_GENERATE | PARSEC_CAN_IMPORT;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ops->close(self->ctx);
		hidden_command = cases[i].command;
		hidden_algorithm = cases[i].algorithm;
		ASSERT_EQ(PARSEC_SUCCESS, open_with(self, NULL, NULL));
		hidden_command = hidden_algorithm = 0;
		EXPECT_EQ(cases[i].hmac, has_row(self, hmac_key(PARSEC_HASH_SHA_256, 256), use));
		EXPECT_EQ(cases[i].cmac,
			  has_row(self, aes_key(PARSEC_ALG_MAC, PARSEC_MAC_CMAC, 128), use));
		EXPECT_EQ(cases[i].ctr,
			  has_row(self, aes_key(PARSEC_ALG_CIPHER, PARSEC_CIPHER_CTR, 128), use));
		EXPECT_EQ(cases[i].cfb,
			  has_row(self, aes_key(PARSEC_ALG_CIPHER, PARSEC_CIPHER_CFB, 256), use));
	}
	/* A hash that is not there is no hash of HMAC */
	ops->close(self->ctx);
	hidden_algorithm = TPM2_ALG_SHA512;
	ASSERT_EQ(PARSEC_SUCCESS, open_with(self, NULL, NULL));
	hidden_algorithm = 0;
	EXPECT_FALSE(has_row(self, hmac_key(PARSEC_HASH_SHA_512, 512), PARSEC_CAN_IMPORT));
	EXPECT_FALSE(has_row(self, hmac_key(PARSEC_HASH_SHA_512, 512), PARSEC_CAN_GENERATE));
	EXPECT_TRUE(has_row(self, hmac_key(PARSEC_HASH_SHA_384, 384), use));
}

/* Keys that the TPM would make of another size than was asked for */
TEST_F(tpm, keys_for_hmac_are_made_as_long_as_the_digest)
{
	EXPECT_TRUE(has_row(self, hmac_key(PARSEC_HASH_SHA_256, 512), PARSEC_CAN_IMPORT));
	EXPECT_FALSE(has_row(self, hmac_key(PARSEC_HASH_SHA_256, 512), PARSEC_CAN_GENERATE));
	EXPECT_FALSE(has_row(self, hmac_key(PARSEC_HASH_SHA_256, 128), PARSEC_CAN_GENERATE));
	EXPECT_FALSE(has_row(self, hmac_key(PARSEC_HASH_SHA_512, 256), PARSEC_CAN_GENERATE));
	EXPECT_TRUE(has_row(self, hmac_key(PARSEC_HASH_SHA_1, 160), PARSEC_CAN_GENERATE));
	EXPECT_FALSE(has_row(self, hmac_key(PARSEC_HASH_SHA_224, 224), PARSEC_CAN_IMPORT));
	EXPECT_FALSE(has_row(self, aes_key(PARSEC_ALG_CIPHER, PARSEC_CIPHER_CTR, 192),
			     PARSEC_CAN_IMPORT));
	EXPECT_FALSE(has_row(self, aes_key(PARSEC_ALG_CIPHER, PARSEC_CIPHER_XTS, 256),
			     PARSEC_CAN_IMPORT));
	EXPECT_FALSE(has_row(self, hmac_key(PARSEC_HASH_SHA_256, 256), PARSEC_CAN_EXPORT));
}

TEST_HARNESS_MAIN
