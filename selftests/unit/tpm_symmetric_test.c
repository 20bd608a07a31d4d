// SPDX-License-Identifier: Apache-2.0
/*
 * HMAC and AES keys of the TPM provider with simulated TPMs: what comes out is what OpenSSL
 * computes, and what was published. Runs in the top folder.
 */
#include "kselftest_harness.h"

#include <sys/wait.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "selftests/unit/tpm_symmetric.h"
#include "selftests/unit/vectors.h"

static uint8_t wanted[ROOM];

/* Which call of Esys_SequenceUpdate() from now on fails, 0 for none; with what; then each one */
static int fail_at;
static bool go_on_failing;
static TSS2_RC fail_with;
TSS2_RC __real_Esys_SequenceUpdate(ESYS_CONTEXT *esys, ESYS_TR sequence, ESYS_TR session,
				   ESYS_TR second, ESYS_TR third, const TPM2B_MAX_BUFFER *buffer);
TSS2_RC __wrap_Esys_SequenceUpdate(ESYS_CONTEXT *esys, ESYS_TR sequence, ESYS_TR session,
				   ESYS_TR second, ESYS_TR third, const TPM2B_MAX_BUFFER *buffer)
{
	if (fail_at && !--fail_at) {
		fail_at = go_on_failing;
		return fail_with;
	}
	return __real_Esys_SequenceUpdate(esys, sequence, session, second, third, buffer);
}

/* The MAC of the beginning of the message, by OpenSSL; @hash: NULL for CMAC */
static size_t right_mac(const char *hash, struct parsec_span key, size_t len)
{
	size_t wanted_len = 0;
	const char *cipher = key.len == 32 ? "AES-256-CBC" : "AES-128-CBC";

	if (!EVP_Q_mac(NULL, hash ? "HMAC" : "CMAC", NULL, hash ? hash : cipher, NULL, key.data,
		       key.len, message, len, wanted, sizeof(wanted), &wanted_len))
		abort();
	return wanted_len;
}

/* Lengths around what goes into one command, up to the longest that is tried */
static const size_t lengths[] = { 0, 1, 16, 31, 48, 49, 200, 1023, 1024, 1025, 2048, 5000, 70001 };
static size_t longest = 5000;

static void compare_macs(struct __test_metadata *_metadata, FIXTURE_DATA(tpm) *self,
			 struct parsec_key_attributes attrs, const char *hash, size_t key_len)
{
	struct stored stored;
	uint8_t bytes[128];
	size_t len;

	ASSERT_EQ(1, RAND_bytes(bytes, sizeof(bytes)));
	ASSERT_EQ(PARSEC_SUCCESS, import(self, &stored, attrs,
					 (struct parsec_span){ bytes, key_len }));
	EXPECT_EQ(8 * key_len, stored.attrs.bits);
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored));
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]) && lengths[i] <= longest; i++) {
		size_t want = right_mac(hash, (struct parsec_span){ bytes, key_len }, lengths[i]);

		ASSERT_EQ(PARSEC_SUCCESS, mac(self, &stored, lengths[i], &len));
		ASSERT_EQ(want, len);
		ASSERT_EQ(0, memcmp(wanted, out, len));
	}
	ops->unload(self->ctx, stored.key);
}

TEST_F_TIMEOUT(tpm, macs_are_those_of_openssl, 300)
{
	static const struct {
		uint8_t hash;
		const char *name;
	} hashes[] = {
		{ PARSEC_HASH_SHA_1, "SHA1" }, { PARSEC_HASH_SHA_256, "SHA256" },
		{ PARSEC_HASH_SHA_384, "SHA384" }, { PARSEC_HASH_SHA_512, "SHA512" },
	};
	/* Around the block of a hash, beyond which HMAC takes the hash of the key */
	static const size_t sizes[] = { 1, 64, 65, 128 };

	ASSERT_EQ(1, RAND_bytes(message, sizeof(message)));
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		for (size_t j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++)
			compare_macs(_metadata, self, hmac_key(hashes[i].hash, 0),
				     hashes[i].name, sizes[j]);
	}
	for (size_t size = 16; size <= 32; size += 16)
		compare_macs(_metadata, self, aes_key(PARSEC_ALG_MAC, PARSEC_MAC_CMAC, 0), NULL,
			     size);
	longest = ROOM;
	compare_macs(_metadata, self, hmac_key(PARSEC_HASH_SHA_512, 0), "SHA512", 64);
	longest = 5000;
}

static size_t right_ciphertext(const char *mode, struct parsec_span key, const uint8_t *iv,
			       size_t len)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int first, last;
	char name[32];

	snprintf(name, sizeof(name), "AES-%zu-%s", 8 * key.len, mode);
	if (!ctx || !EVP_CipherInit_ex(ctx, EVP_get_cipherbyname(name), NULL, key.data, iv, 1) ||
	    !EVP_CIPHER_CTX_set_padding(ctx, len % 16 != 0 || !strcmp(mode, "CBC")) ||
	    !EVP_CipherUpdate(ctx, wanted, &first, message, (int)len) ||
	    !EVP_CipherFinal_ex(ctx, wanted + first, &last))
		abort();
	EVP_CIPHER_CTX_free(ctx);
	return (size_t)(first + last);
}

static const struct {
	uint8_t scheme;
	const char *name;
} modes[] = {
	{ PARSEC_CIPHER_CTR, "CTR" }, { PARSEC_CIPHER_CFB, "CFB" }, { PARSEC_CIPHER_OFB, "OFB" },
	{ PARSEC_CIPHER_ECB_NO_PADDING, "ECB" }, { PARSEC_CIPHER_CBC_NO_PADDING, "CBC" },
	{ PARSEC_CIPHER_CBC_PKCS7, "CBC" },
};

static bool needs_blocks(uint8_t scheme)
{
	return scheme == PARSEC_CIPHER_ECB_NO_PADDING || scheme == PARSEC_CIPHER_CBC_NO_PADDING;
}

static void compare_ciphers(struct __test_metadata *_metadata, FIXTURE_DATA(tpm) *self,
			    size_t mode, struct parsec_span key, const uint8_t *iv)
{
	const uint8_t scheme = modes[mode].scheme;
	const struct parsec_span start = { iv, scheme == PARSEC_CIPHER_ECB_NO_PADDING ? 0 : 16 };
	struct stored stored;

	ASSERT_EQ(PARSEC_SUCCESS, import(self, &stored, aes_key(PARSEC_ALG_CIPHER, scheme, 0),
					 key));
	EXPECT_EQ(8 * key.len, stored.attrs.bits);
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored));
	for (size_t i = 1; i < sizeof(lengths) / sizeof(lengths[0]) && lengths[i] <= longest; i++) {
		struct parsec_out sealed = { out, sizeof(out), 0 };
		struct parsec_out opened = { back, sizeof(back), 0 };
		size_t len = needs_blocks(scheme) ? (lengths[i] + 15) / 16 * 16 : lengths[i];
		size_t want = right_ciphertext(modes[mode].name, key, iv, len);

		/* OpenSSL has put a block behind that which is not for this one */
		if (needs_blocks(scheme))
			want = len;
		ASSERT_EQ(PARSEC_SUCCESS, cipher(self, &stored, false, start,
						(struct parsec_span){ message, len }, &sealed));
		ASSERT_EQ(want, sealed.len);
		ASSERT_EQ(0, memcmp(wanted, out, want));
		ASSERT_EQ(PARSEC_SUCCESS, cipher(self, &stored, true, start,
						(struct parsec_span){ out, want }, &opened));
		ASSERT_EQ(len, opened.len);
		ASSERT_EQ(0, memcmp(message, back, len));
	}
	ops->unload(self->ctx, stored.key);
}

TEST_F_TIMEOUT(tpm, ciphers_are_those_of_openssl, 300)
{
	uint8_t key[32], iv[16], ones[16];

	ASSERT_EQ(1, RAND_bytes(message, sizeof(message)));
	ASSERT_EQ(1, RAND_bytes(key, sizeof(key)));
	ASSERT_EQ(1, RAND_bytes(iv, sizeof(iv)));
	/* A counter that begins again with 0 at once */
	memset(ones, 0xff, sizeof(ones));
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		for (size_t size = 16; size <= 32; size += 16)
			compare_ciphers(_metadata, self, i, (struct parsec_span){ key, size }, iv);
	}
	compare_ciphers(_metadata, self, 0, (struct parsec_span){ key, 16 }, ones);
	longest = ROOM;
	compare_ciphers(_metadata, self, 5, (struct parsec_span){ key, 32 }, iv);
	longest = 5000;
}

/* However little goes into one command */
TEST_F_TIMEOUT(tpm, texts_are_split, 300)
{
	uint8_t key[16] = { 1 }, iv[16] = { 2 };

	ASSERT_EQ(1, RAND_bytes(message, sizeof(message)));
	longest = 200;
	self->ctx->abilities.buffer = 16;
	compare_ciphers(_metadata, self, 0, (struct parsec_span){ key, 16 }, iv);
	compare_ciphers(_metadata, self, 4, (struct parsec_span){ key, 16 }, iv);
	self->ctx->abilities.buffer = 48;
	compare_macs(_metadata, self, hmac_key(PARSEC_HASH_SHA_256, 0), "SHA256", 32);
	longest = 5000;
}

/* What was published; what this TPM has no row for is counted, too */
struct published {
	FIXTURE_DATA(tpm) *self;
	struct stored stored;
	uint8_t key[256];
	size_t key_len;
	unsigned int right, wrong, other;
};

static bool is_known(struct published *of, const struct vector *vector)
{
	const struct parsec_span *key = &vector->bytes[VECTOR_KEY];
	struct parsec_key_attributes attrs = vector->attrs;
	const struct parsec_span last = { of->key, of->key_len };

	attrs.bits = 8 * (uint32_t)key->len;
	if (key->len > sizeof(of->key) || !has_row(of->self, attrs, PARSEC_CAN_IMPORT))
		return false;
	if (of->stored.key && same(last, *key) &&
	    !memcmp(&of->stored.attrs.alg, &attrs.alg, sizeof(attrs.alg)))
		return true;
	if (of->stored.key)
		ops->unload(of->self->ctx, of->stored.key);
	memcpy(of->key, key->data, key->len);
	of->key_len = key->len;
	if (import(of->self, &of->stored, attrs, *key) || load(of->self, &of->stored))
		abort();
	return true;
}

static void try_published(void *arg, const struct vector *vector)
{
	const struct parsec_span *bytes = vector->bytes;
	struct parsec_out room = { out, sizeof(out), 0 };
	struct published *of = arg;
	enum parsec_status status;
	bool right;

	if (!is_known(of, vector)) {
		of->other++;
		return;
	}
	if (vector->attrs.alg.kind == PARSEC_ALG_MAC) {
		status = ops->mac(of->self->ctx, of->stored.key, &vector->attrs.alg,
				  bytes[VECTOR_INPUT], &room);
		/* A shorter one is the beginning, which the host takes */
		right = !status && bytes[VECTOR_OUTPUT].len <= room.len &&
			!memcmp(out, bytes[VECTOR_OUTPUT].data, bytes[VECTOR_OUTPUT].len);
		right = right == (vector->verdict == VERDICT_VALID);
	} else {
		status = cipher(of->self, &of->stored, true, bytes[VECTOR_IV],
			       bytes[VECTOR_OUTPUT], &room);
		right = status == vector->status;
		if (right && !status)
			right = same(bytes[VECTOR_INPUT], (struct parsec_span){ out, room.len });
	}
	if (!right)
		fprintf(stderr, "# %s:%u: status %d\n", vector->path, vector->line, status);
	of->right += right;
	of->wrong += !right;
}

TEST_F_TIMEOUT(tpm, what_was_published_comes_out, 300)
{
	struct published *of = calloc(1, sizeof(*of));

	ASSERT_NE(NULL, of);
	of->self = self;
	vectors_read("selftests/vectors/mac.txt", try_published, of);
	EXPECT_LT(100, of->right);
	vectors_read("selftests/vectors/cipher.txt", try_published, of);
	EXPECT_EQ(0, of->wrong);
	fprintf(stderr, "# %u records, %u of which the TPM has no row for\n",
		of->right + of->other, of->other);
	EXPECT_LT(300, of->right);
	if (of->stored.key)
		ops->unload(self->ctx, of->stored.key);
	free(of);
}

/* Objects in the TPM that are neither keys of ours nor their parent */
static unsigned int strangers(FIXTURE_DATA(tpm) *self)
{
	TPMS_CAPABILITY_DATA *data;
	TPMI_YES_NO more;
	UINT32 count;

	if (Esys_GetCapability(self->ctx->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
			       TPM2_CAP_HANDLES, (UINT32)TPM2_HT_TRANSIENT << TPM2_HR_SHIFT, 16,
			       &more, &data))
		abort();
	count = data->data.handles.count;
	Esys_Free(data);
	return count - self->ctx->loaded_count - (self->ctx->parent != ESYS_TR_NONE);
}

TEST_F_TIMEOUT(tpm, a_sequence_that_is_cut_short_is_not_left_behind, 300)
{
	struct stored stored;
	size_t len, want;
	uint8_t key[32] = { 1 };

	ASSERT_EQ(PARSEC_SUCCESS, import(self, &stored, hmac_key(PARSEC_HASH_SHA_256, 0),
					 (struct parsec_span){ key, 32 }));
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored));
	want = right_mac("SHA256", (struct parsec_span){ key, 32 }, 10000);
	/* The TPM is busy, and the step begins again */
	for (fail_at = 1; fail_at < 9;) {
		int at = fail_at;

		fail_with = TPM2_RC_RETRY;
		ASSERT_EQ(PARSEC_SUCCESS, mac(self, &stored, 10000, &len));
		ASSERT_EQ(want, len);
		EXPECT_EQ(0, memcmp(wanted, out, len));
		EXPECT_EQ(0, fail_at);
		EXPECT_EQ(0, strangers(self));
		fail_at = at + 1;
	}
	/* It refuses */
	for (int i = 0; i < 5; i++) {
		fail_at = 3;
		fail_with = TPM2_RC_SIZE | TPM2_RC_P | TPM2_RC_1;
		EXPECT_EQ(PARSEC_PSA_ERROR_COMMUNICATION_FAILURE,
			  mac(self, &stored, 10000, &len));
		EXPECT_EQ(0, strangers(self));
	}
	/* It goes on being busy */
	go_on_failing = true;
	fail_at = 1;
	fail_with = TPM2_RC_RETRY;
	EXPECT_EQ(PARSEC_PSA_ERROR_HARDWARE_FAILURE, mac(self, &stored, 10000, &len));
	fail_at = go_on_failing = 0;
	EXPECT_EQ(0, strangers(self));
	EXPECT_EQ(PARSEC_SUCCESS, mac(self, &stored, 10000, &len));
	ops->unload(self->ctx, stored.key);
}

/* Resets in the middle of long messages: another beginning, or an error; never a wrong MAC */
TEST_F_TIMEOUT(tpm, a_reset_does_not_change_a_mac, 300)
{
	uint8_t key[32] = { 1 }, aes[16] = { 2 }, iv[16] = { 3 };
	struct stored stored, other;
	unsigned int right = 0;
	size_t len;
	pid_t pid;

	ASSERT_EQ(PARSEC_SUCCESS, import(self, &stored, hmac_key(PARSEC_HASH_SHA_384, 0),
					 (struct parsec_span){ key, 32 }));
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored));
	ASSERT_EQ(PARSEC_SUCCESS, import(self, &other,
					 aes_key(PARSEC_ALG_CIPHER, PARSEC_CIPHER_CTR, 0),
					 (struct parsec_span){ aes, 16 }));
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &other));
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		for (int i = 0; i < 10; i++) {
			usleep(100 * 1000);
			shell("swtpm_ioctl -i --unix %s/tpm.ctrl", self->dir);
		}
		_exit(0);
	}
	while (!waitpid(pid, NULL, WNOHANG)) {
		struct parsec_out sealed = { out, sizeof(out), 0 };
		size_t want = right_mac("SHA384", (struct parsec_span){ key, 32 }, ROOM);
		enum parsec_status status = mac(self, &stored, ROOM, &len);

		right += !status;
		if (!status) {
			ASSERT_EQ(want, len);
			ASSERT_EQ(0, memcmp(wanted, out, len));
		}
		want = right_ciphertext("CTR", (struct parsec_span){ aes, 16 }, iv, ROOM);
		status = cipher(self, &other, false, (struct parsec_span){ iv, 16 },
			       (struct parsec_span){ message, ROOM }, &sealed);
		right += !status;
		if (!status) {
			ASSERT_EQ(want, sealed.len);
			ASSERT_EQ(0, memcmp(wanted, out, want));
		}
	}
	EXPECT_LT(0, right);
	EXPECT_EQ(PARSEC_SUCCESS, mac(self, &stored, ROOM, &len));
	EXPECT_EQ(0, strangers(self));
	ops->unload(self->ctx, other.key);
	ops->unload(self->ctx, stored.key);
}

/* A sequence takes the place of a key, but not of the one that it is made with */
TEST_F_TIMEOUT(tpm, more_keys_make_sequences_than_a_tpm_has_room_for, 300)
{
	struct stored stored[5];
	uint8_t key[32] = { 0 };
	size_t len, want;

	for (int i = 0; i < 5; i++) {
		key[0] = (uint8_t)i;
		ASSERT_EQ(PARSEC_SUCCESS, import(self, &stored[i],
						 hmac_key(PARSEC_HASH_SHA_256, 0),
						 (struct parsec_span){ key, 32 }));
		ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored[i]));
	}
	for (int i = 0; i < 20; i++) {
		key[0] = (uint8_t)(i * 3 % 5);
		want = right_mac("SHA256", (struct parsec_span){ key, 32 }, 3000);
		ASSERT_EQ(PARSEC_SUCCESS, mac(self, &stored[i * 3 % 5], 3000, &len));
		ASSERT_EQ(want, len);
		ASSERT_EQ(0, memcmp(wanted, out, len));
	}
	for (int i = 0; i < 5; i++)
		ops->unload(self->ctx, stored[i].key);
}

/* Padding that is none, as the oracle of a cipher would want to know */
TEST_F(tpm, wrong_padding_is_told_and_nothing_else)
{
	const uint8_t ends[][2] = { { 0, 0 }, { 17, 17 }, { 255, 255 }, { 1, 2 }, { 2, 3 } };
	const struct parsec_span iv = { message, 16 };
	struct parsec_key_attributes plain = aes_key(PARSEC_ALG_CIPHER,
						     PARSEC_CIPHER_CBC_NO_PADDING, 0);
	struct parsec_key_attributes padded = aes_key(PARSEC_ALG_CIPHER,
						      PARSEC_CIPHER_CBC_PKCS7, 0);
	uint8_t key[16] = { 9 }, text[32] = { 0 };
	struct stored a, b;

	ASSERT_EQ(PARSEC_SUCCESS, import(self, &a, plain, (struct parsec_span){ key, 16 }));
	ASSERT_EQ(PARSEC_SUCCESS, import(self, &b, padded, (struct parsec_span){ key, 16 }));
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &a));
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &b));
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct parsec_out sealed = { out, sizeof(out), 0 };
		struct parsec_out opened = { back, sizeof(back), 0 };

		memcpy(text + 30, ends[i], 2);
		ASSERT_EQ(PARSEC_SUCCESS, cipher(self, &a, false, iv,
						(struct parsec_span){ text, 32 }, &sealed));
		memset(back, 0xaa, 32);
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_PADDING,
			  cipher(self, &b, true, iv, (struct parsec_span){ out, 32 }, &opened));
		for (size_t j = 0; j < 32; j++)
			EXPECT_EQ(0, back[j]);
	}
	ops->unload(self->ctx, b.key);
	ops->unload(self->ctx, a.key);
}

TEST_HARNESS_MAIN
