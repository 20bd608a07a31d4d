// SPDX-License-Identifier: Apache-2.0
/*
 * Hashes, MACs, ciphers and authenticated encryption against libgcrypt, in both
 * directions: what one makes, the other must read.
 */
#include "kselftest_harness.h"

#include "helper/hash.h"
#include "selftests/unit/oracle.h"

#define ROUNDS		2000
/* A key is used for that many rounds */
#define KEY_ROUNDS	8
#define TIMEOUT		600

FIXTURE(oracle)
{
	struct parsec_provider_ctx *ctx;
	struct parsec_key *key;
	struct bytes secret;
};

typedef FIXTURE_DATA(oracle) fixture;

FIXTURE_SETUP(oracle)
{
	oracle_begin();
	ASSERT_EQ(PARSEC_SUCCESS, ops->open(&quiet_host, NULL, 0, &self->ctx));
}

FIXTURE_TEARDOWN(oracle)
{
	if (self->key)
		ops->unload(self->ctx, self->key);
	ops->close(self->ctx);
}

static const struct {
	uint8_t hash;
	int md, mac;
} hashes[] = {
	{ PARSEC_HASH_MD5, GCRY_MD_MD5, GCRY_MAC_HMAC_MD5 },
	{ PARSEC_HASH_RIPEMD160, GCRY_MD_RMD160, GCRY_MAC_HMAC_RMD160 },
	{ PARSEC_HASH_SHA_1, GCRY_MD_SHA1, GCRY_MAC_HMAC_SHA1 },
	{ PARSEC_HASH_SHA_224, GCRY_MD_SHA224, GCRY_MAC_HMAC_SHA224 },
	{ PARSEC_HASH_SHA_256, GCRY_MD_SHA256, GCRY_MAC_HMAC_SHA256 },
	{ PARSEC_HASH_SHA_384, GCRY_MD_SHA384, GCRY_MAC_HMAC_SHA384 },
	{ PARSEC_HASH_SHA_512, GCRY_MD_SHA512, GCRY_MAC_HMAC_SHA512 },
	{ PARSEC_HASH_SHA_512_224, GCRY_MD_SHA512_224, GCRY_MAC_HMAC_SHA512_224 },
	{ PARSEC_HASH_SHA_512_256, GCRY_MD_SHA512_256, GCRY_MAC_HMAC_SHA512_256 },
	{ PARSEC_HASH_SHA3_224, GCRY_MD_SHA3_224, GCRY_MAC_HMAC_SHA3_224 },
	{ PARSEC_HASH_SHA3_256, GCRY_MD_SHA3_256, GCRY_MAC_HMAC_SHA3_256 },
	{ PARSEC_HASH_SHA3_384, GCRY_MD_SHA3_384, GCRY_MAC_HMAC_SHA3_384 },
	{ PARSEC_HASH_SHA3_512, GCRY_MD_SHA3_512, GCRY_MAC_HMAC_SHA3_512 },
};

#define HASHES	(sizeof(hashes) / sizeof(hashes[0]))

TEST_F_TIMEOUT(oracle, hashes, TIMEOUT)
{
	struct hash_context *context = NULL;
	uint8_t ours[PARSEC_HASH_SIZE_MAX], theirs[PARSEC_HASH_SIZE_MAX];
	struct bytes text;

	for (size_t i = 0; i < HASHES; i++) {
		for (unsigned int round = oracle_rounds(ROUNDS); round; round--) {
			oracle_fill(&text, oracle_length());
			ASSERT_EQ(PARSEC_SUCCESS, hash_compute(&context, hashes[i].hash,
							       span_of(&text), ours));
			gcry_md_hash_buffer(hashes[i].md, theirs, text.data, text.len);
			ASSERT_EQ(0, memcmp(ours, theirs, gcry_md_get_algo_dlen(hashes[i].md)))
				TH_LOG("hash %u, %zu bytes", hashes[i].hash, text.len);
		}
	}
	hash_context_free(context);
}

/* A new key of @len bytes for @alg */
static bool new_key(fixture *self, uint8_t type, struct parsec_alg alg, size_t len)
{
	if (self->key)
		ops->unload(self->ctx, self->key);
	oracle_fill(&self->secret, len);
	for (size_t i = 0; type == PARSEC_KEY_TYPE_DES && i < len; i++) {
		uint8_t bits = self->secret.data[i] & 0xfe;

		self->secret.data[i] = bits | !(__builtin_popcount(bits) & 1);
	}
	return import_for(self->ctx, type, alg, &self->secret, &self->key) == PARSEC_SUCCESS;
}

static bool our_mac(fixture *self, struct parsec_alg alg, const struct bytes *text,
		    struct bytes *mac)
{
	struct parsec_out out = { mac->data, sizeof(mac->data), 0 };
	enum parsec_status status = ops->mac(self->ctx, self->key, &alg, span_of(text), &out);

	mac->len = out.len;
	return status == PARSEC_SUCCESS;
}

static struct bytes their_mac(const struct bytes *key, int algorithm, const struct bytes *text)
{
	struct bytes mac = { .len = sizeof(mac.data) };
	gcry_mac_hd_t handle;

	if (gcry_mac_open(&handle, algorithm, 0, NULL) ||
	    gcry_mac_setkey(handle, key->data, key->len) ||
	    gcry_mac_write(handle, text->data, text->len) ||
	    gcry_mac_read(handle, mac.data, &mac.len))
		abort();
	gcry_mac_close(handle);
	return mac;
}

TEST_F_TIMEOUT(oracle, hmac, TIMEOUT)
{
	struct bytes text, ours, theirs;

	for (size_t i = 0; i < HASHES; i++) {
		struct parsec_alg alg = MAC_ALG(HMAC, hashes[i].hash);

		for (unsigned int round = oracle_rounds(ROUNDS); round; round--) {
			if (!(round % KEY_ROUNDS) || !self->key) {
				ASSERT_TRUE(new_key(self, PARSEC_KEY_TYPE_HMAC, alg,
						    1 + oracle_length()));
			}
			oracle_fill(&text, oracle_length());
			ASSERT_TRUE(our_mac(self, alg, &text, &ours));
			theirs = their_mac(&self->secret, hashes[i].mac, &text);
			ASSERT_TRUE(same(&ours, &theirs))
				TH_LOG("hash %u, key of %zu bytes, %zu bytes", hashes[i].hash,
				       self->secret.len, text.len);
		}
	}
}

static const struct block {
	uint8_t type;
	size_t size, block;
	int cipher;
} blocks[] = {
	{ PARSEC_KEY_TYPE_AES, 16, 16, GCRY_CIPHER_AES128 },
	{ PARSEC_KEY_TYPE_AES, 24, 16, GCRY_CIPHER_AES192 },
	{ PARSEC_KEY_TYPE_AES, 32, 16, GCRY_CIPHER_AES256 },
	{ PARSEC_KEY_TYPE_CAMELLIA, 16, 16, GCRY_CIPHER_CAMELLIA128 },
	{ PARSEC_KEY_TYPE_CAMELLIA, 24, 16, GCRY_CIPHER_CAMELLIA192 },
	{ PARSEC_KEY_TYPE_CAMELLIA, 32, 16, GCRY_CIPHER_CAMELLIA256 },
	{ PARSEC_KEY_TYPE_DES, 8, 8, GCRY_CIPHER_DES },
	{ PARSEC_KEY_TYPE_DES, 16, 8, GCRY_CIPHER_3DES },
	{ PARSEC_KEY_TYPE_DES, 24, 8, GCRY_CIPHER_3DES },
};

static const struct block xts_blocks[] = {
	{ PARSEC_KEY_TYPE_AES, 32, 16, GCRY_CIPHER_AES128 },
	{ PARSEC_KEY_TYPE_AES, 64, 16, GCRY_CIPHER_AES256 },
};

static const struct block chacha20 = {
	PARSEC_KEY_TYPE_CHACHA20, 32, 1, GCRY_CIPHER_CHACHA20
};

/* As libgcrypt takes it: the key of two-key triple DES in full, K1 K2 K1 */
static struct bytes their_key(const fixture *self, const struct block *block)
{
	struct bytes key = self->secret;

	if (block->type == PARSEC_KEY_TYPE_DES && key.len == 16) {
		memcpy(key.data + 16, key.data, 8);
		key.len = 24;
	}
	return key;
}

static gcry_cipher_hd_t open_cipher(const fixture *self, const struct block *block, int mode,
				    const struct bytes *iv)
{
	struct bytes key = their_key(self, block);
	gcry_cipher_hd_t handle;

	if (gcry_cipher_open(&handle, block->cipher, mode, 0) ||
	    gcry_cipher_setkey(handle, key.data, key.len) ||
	    (iv->len && (mode == GCRY_CIPHER_MODE_CTR ?
				 gcry_cipher_setctr(handle, iv->data, iv->len) :
				 gcry_cipher_setiv(handle, iv->data, iv->len))))
		abort();
	return handle;
}

static struct bytes their_cipher(const fixture *self, const struct block *block, int mode,
				 bool encrypt, const struct bytes *iv, const struct bytes *in)
{
	gcry_cipher_hd_t handle = open_cipher(self, block, mode, iv);
	struct bytes out = { .len = in->len };

	if (in->len && (encrypt ? gcry_cipher_encrypt : gcry_cipher_decrypt)
			(handle, out.data, out.len, in->data, in->len))
		abort();
	gcry_cipher_close(handle);
	return out;
}

static bool our_cipher(fixture *self, struct parsec_alg alg, bool encrypt,
		       const struct bytes *iv, const struct bytes *in, struct bytes *text)
{
	struct parsec_out out = { text->data, sizeof(text->data), 0 };
	enum parsec_status status;

	status = (encrypt ? ops->cipher_encrypt : ops->cipher_decrypt)
			(self->ctx, self->key, &alg, span_of(iv), span_of(in), &out);
	text->len = out.len;
	return status == PARSEC_SUCCESS;
}

static const struct mode {
	uint8_t scheme;
	int mode;
	bool whole_blocks;
} modes[] = {
	{ PARSEC_CIPHER_CTR, GCRY_CIPHER_MODE_CTR, false },
	{ PARSEC_CIPHER_CFB, GCRY_CIPHER_MODE_CFB, false },
	{ PARSEC_CIPHER_OFB, GCRY_CIPHER_MODE_OFB, false },
	{ PARSEC_CIPHER_ECB_NO_PADDING, GCRY_CIPHER_MODE_ECB, true },
	{ PARSEC_CIPHER_CBC_NO_PADDING, GCRY_CIPHER_MODE_CBC, true },
	{ PARSEC_CIPHER_CBC_PKCS7, GCRY_CIPHER_MODE_CBC, false },
};

static const struct mode xts = { PARSEC_CIPHER_XTS, GCRY_CIPHER_MODE_XTS, false };
static const struct mode stream = { PARSEC_CIPHER_STREAM_CIPHER, GCRY_CIPHER_MODE_STREAM, false };

static size_t iv_size(const struct mode *mode, const struct block *block)
{
	if (mode->scheme == PARSEC_CIPHER_ECB_NO_PADDING)
		return 0;
	return mode->scheme == PARSEC_CIPHER_STREAM_CIPHER ? 12 : block->block;
}

/* One text there and back through both; false when they differ */
static bool both_ways(fixture *self, const struct mode *mode, const struct block *block)
{
	struct parsec_alg alg = { .kind = PARSEC_ALG_CIPHER, .scheme = mode->scheme };
	size_t len = 1 + oracle_length();
	struct bytes iv, text, padded, ours, theirs, again;

	if (mode->whole_blocks)
		len += -len % block->block;
	if (mode->scheme == PARSEC_CIPHER_XTS)
		len += 15;
	oracle_fill(&iv, iv_size(mode, block));
	/* Counters that overflow within the text, all 128 bits of them */
	if (mode->scheme == PARSEC_CIPHER_CTR && !oracle_below(4))
		memset(iv.data, 0xff, iv.len - oracle_below(2));
	oracle_fill(&text, len);
	padded = text;
	if (mode->scheme == PARSEC_CIPHER_CBC_PKCS7) {
		size_t pad = block->block - len % block->block;

		memset(padded.data + len, (int)pad, pad);
		padded.len += pad;
	}
	theirs = their_cipher(self, block, mode->mode, true, &iv, &padded);
	if (!our_cipher(self, alg, true, &iv, &text, &ours) || !same(&ours, &theirs) ||
	    !our_cipher(self, alg, false, &iv, &theirs, &again) || !same(&again, &text))
		return false;
	again = their_cipher(self, block, mode->mode, false, &iv, &ours);
	return same(&again, &padded);
}

static bool rounds_of(fixture *self, const struct mode *mode, const struct block *block,
		      size_t count)
{
	struct parsec_alg alg = { .kind = PARSEC_ALG_CIPHER, .scheme = mode->scheme };

	for (unsigned int round = oracle_rounds(ROUNDS); round; round--) {
		const struct block *this = block + round / KEY_ROUNDS % count;

		if (((round % KEY_ROUNDS == KEY_ROUNDS - 1 || !self->key) &&
		     !new_key(self, this->type, alg, this->size)) ||
		    !both_ways(self, mode, this)) {
			fprintf(stderr, "# type %u, %zu bytes of key, scheme %u, round %u\n",
				this->type, this->size, mode->scheme, round);
			return false;
		}
	}
	ops->unload(self->ctx, self->key);
	self->key = NULL;
	return true;
}

TEST_F_TIMEOUT(oracle, ciphers, TIMEOUT)
{
	for (size_t first = 0; first < 9; first += 3) {
		for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
			if (blocks[first].type == PARSEC_KEY_TYPE_DES &&
			    modes[i].scheme == PARSEC_CIPHER_CTR)
				continue;
			ASSERT_TRUE(rounds_of(self, &modes[i], &blocks[first], 3));
		}
	}
	ASSERT_TRUE(rounds_of(self, &xts, xts_blocks, 2));
	ASSERT_TRUE(rounds_of(self, &stream, &chacha20, 1));
}

static int cmac_of(const struct block *block)
{
	return block->type == PARSEC_KEY_TYPE_AES ? GCRY_MAC_CMAC_AES :
	       block->type == PARSEC_KEY_TYPE_CAMELLIA ? GCRY_MAC_CMAC_CAMELLIA :
							 GCRY_MAC_CMAC_3DES;
}

/* Times x in the field of the CMAC of DES */
static void twice(uint8_t number[8])
{
	uint8_t carry = number[0] >> 7;

	for (size_t i = 0; i < 7; i++)
		number[i] = (uint8_t)(number[i] << 1 | number[i + 1] >> 7);
	number[7] = (uint8_t)(number[7] << 1 ^ (carry ? 0x1b : 0));
}

/* libgcrypt has DES, but no CMAC of it: NIST SP 800-38B, section 6.2 */
static struct bytes cmac_of_des(const fixture *self, const struct block *block,
				const struct bytes *text)
{
	static const struct bytes none = { .len = 0 }, zeros = { .len = 8 };
	struct bytes mask = their_cipher(self, block, GCRY_CIPHER_MODE_ECB, true, &none, &zeros);
	struct bytes padded = *text;

	twice(mask.data);
	if (!text->len || text->len % 8) {
		twice(mask.data);
		memset(padded.data + text->len, 0, 8);
		padded.data[text->len] = 0x80;
		padded.len += 8 - text->len % 8;
	}
	for (size_t i = 0; i < 8; i++)
		padded.data[padded.len - 8 + i] ^= mask.data[i];
	padded = their_cipher(self, block, GCRY_CIPHER_MODE_CBC, true, &zeros, &padded);
	memmove(padded.data, padded.data + padded.len - 8, 8);
	padded.len = 8;
	return padded;
}

TEST_F_TIMEOUT(oracle, cmac_and_cbc_mac, TIMEOUT)
{
	static const struct bytes zeros = { .len = 16 };
	struct bytes text, ours, theirs, key, iv = zeros;

	for (size_t i = 0; i < 9; i++) {
		const struct block *block = &blocks[i];
		bool single = block->size == 8;

		for (unsigned int round = oracle_rounds(ROUNDS); round; round--) {
			if (!(round % KEY_ROUNDS) || round == oracle_rounds(ROUNDS)) {
				ASSERT_TRUE(new_key(self, block->type, MAC_ALG(CMAC, 0),
						    block->size));
			}
			oracle_fill(&text, oracle_length());
			ASSERT_TRUE(our_mac(self, MAC_ALG(CMAC, 0), &text, &ours));
			key = their_key(self, block);
			theirs = single ? cmac_of_des(self, block, &text) :
					  their_mac(&key, cmac_of(block), &text);
			ASSERT_TRUE(same(&ours, &theirs)) TH_LOG("block cipher %zu", i);
			text.len += block->block - text.len % block->block;
			ASSERT_TRUE(our_mac(self, MAC_ALG(CBC_MAC, 0), &text, &ours));
			iv.len = block->block;
			theirs = their_cipher(self, block, GCRY_CIPHER_MODE_CBC, true, &iv,
					      &text);
			ASSERT_EQ(block->block, ours.len);
			ASSERT_EQ(0, memcmp(ours.data, theirs.data + text.len - ours.len,
					    ours.len)) TH_LOG("block cipher %zu", i);
		}
	}
}

/* Seals with libgcrypt, the tag behind the text */
static struct bytes their_seal(const fixture *self, const struct block *block, int mode,
			       const struct bytes *nonce, const struct bytes *header,
			       const struct bytes *text, size_t tag)
{
	gcry_cipher_hd_t handle = open_cipher(self, block, mode, nonce);
	uint64_t lengths[3] = { text->len, header->len, tag };
	struct bytes out = { .len = text->len + tag };

	if ((mode == GCRY_CIPHER_MODE_CCM &&
	     gcry_cipher_ctl(handle, GCRYCTL_SET_CCM_LENGTHS, lengths, sizeof(lengths))) ||
	    gcry_cipher_authenticate(handle, header->data, header->len) ||
	    gcry_cipher_final(handle) ||
	    gcry_cipher_encrypt(handle, out.data, text->len, text->data, text->len) ||
	    gcry_cipher_gettag(handle, out.data + text->len, tag))
		abort();
	gcry_cipher_close(handle);
	return out;
}

static enum parsec_status our_aead(fixture *self, struct parsec_alg alg, bool encrypt,
				   const struct bytes *nonce, const struct bytes *header,
				   const struct bytes *in, struct bytes *text)
{
	struct parsec_out out = { text->data, sizeof(text->data), 0 };
	enum parsec_status status;

	status = (encrypt ? ops->aead_encrypt : ops->aead_decrypt)
			(self->ctx, self->key, &alg, span_of(nonce), span_of(header),
			 span_of(in), &out);
	text->len = out.len;
	return status;
}

static const struct aead {
	uint8_t scheme;
	int mode;
	const struct block *blocks;
	size_t count;
	uint8_t tags[8];
	size_t nonce_min, nonce_max;
} aeads[] = {
	{ PARSEC_AEAD_GCM, GCRY_CIPHER_MODE_GCM, blocks, 3, { 16, 16, 15, 14, 13, 12, 8, 4 },
	  1, 128 },
	{ PARSEC_AEAD_CCM, GCRY_CIPHER_MODE_CCM, blocks, 3, { 16, 16, 14, 12, 10, 8, 6, 4 },
	  7, 13 },
	{ PARSEC_AEAD_CHACHA20_POLY1305, GCRY_CIPHER_MODE_POLY1305, &chacha20, 1,
	  { 16, 16, 16, 16, 16, 16, 16, 16 }, 12, 12 },
};

static bool seal_both_ways(fixture *self, const struct aead *aead, const struct block *block,
			   uint8_t tag)
{
	struct parsec_alg alg = { .kind = PARSEC_ALG_AEAD, .scheme = aead->scheme,
				  .length = tag == 16 ? 0 : tag };
	struct bytes nonce, header, text, ours, theirs, again;

	/* GCM with the nonce that it is made for half of the time */
	oracle_fill(&nonce, aead->nonce_max > 12 && oracle_below(2) ?
			    12 : aead->nonce_min +
				 oracle_below(aead->nonce_max - aead->nonce_min + 1));
	oracle_fill(&header, oracle_below(3) ? oracle_length() : 0);
	oracle_fill(&text, 1 + oracle_length());
	theirs = their_seal(self, block, aead->mode, &nonce, &header, &text, tag);
	if (our_aead(self, alg, true, &nonce, &header, &text, &ours) || !same(&ours, &theirs) ||
	    our_aead(self, alg, false, &nonce, &header, &theirs, &again) || !same(&again, &text))
		return false;
	/* One bit, anywhere */
	theirs.data[oracle_below(theirs.len)] ^= (uint8_t)(1 << oracle_below(8));
	return our_aead(self, alg, false, &nonce, &header, &theirs, &again) ==
	       PARSEC_PSA_ERROR_INVALID_SIGNATURE;
}

TEST_F_TIMEOUT(oracle, authenticated_encryption, TIMEOUT)
{
	for (size_t i = 0; i < sizeof(aeads) / sizeof(aeads[0]); i++) {
		const struct aead *aead = &aeads[i];

		for (unsigned int round = oracle_rounds(ROUNDS); round; round--) {
			const struct block *block = &aead->blocks[round / KEY_ROUNDS %
								  aead->count];
			struct parsec_alg alg = { .kind = PARSEC_ALG_AEAD,
						  .scheme = aead->scheme };

			if (round % KEY_ROUNDS == KEY_ROUNDS - 1 ||
			    round == oracle_rounds(ROUNDS)) {
				ASSERT_TRUE(new_key(self, block->type, alg, block->size));
			}
			ASSERT_TRUE(seal_both_ways(self, aead, block, aead->tags[round % 8]))
				TH_LOG("scheme %u, round %u", aead->scheme, round);
		}
	}
}

TEST_HARNESS_MAIN
