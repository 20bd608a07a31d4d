// SPDX-License-Identifier: Apache-2.0
/*
 * What this token can do: what it says in its list of mechanisms, what it was seen to do
 * where that does not say enough (probe.c), and of that what is known here.
 */
#include <stdlib.h>

#include "providers/lib/capability.h"
#include "providers/pkcs11/pkcs11.h"

#define ROWS_MAX	80
/* A key has this many sizes at most, and a 0 behind them */
#define SIZES		(ELEMENTS(((struct parsec_capability *)0)->bits) - 1)
/* Bytes of an HMAC key where a token sets no limit, or none that means anything */
#define HMAC_BYTES_MAX	512

#define CAN_MAKE_PUBLIC	(PARSEC_CAN_IMPORT | PARSEC_CAN_EXPORT | PARSEC_CAN_EXPORT_PUBLIC)
/* 1024 bits have no room for what PSS and OAEP need with a hash of 64 bytes */
#define LONG_HASHES \
	(PARSEC_HASH_BIT(PARSEC_HASH_SHA_512) | PARSEC_HASH_BIT(PARSEC_HASH_SHA3_512))

/**
 * struct list - rows that are being written
 * @ctx:	the provider
 * @rows:	room for ROWS_MAX
 * @count:	how many there are
 */
struct list {
	struct parsec_provider_ctx *ctx;
	struct parsec_capability *rows;
	size_t count;
};

/* Has the token a mechanism that can all of @flags? @info: NULL or out */
static bool has(const struct list *list, CK_MECHANISM_TYPE type, CK_FLAGS flags,
		CK_MECHANISM_INFO *info)
{
	struct parsec_provider_ctx *ctx = list->ctx;
	CK_MECHANISM_INFO own;
	CK_RV rv;

	if (!info)
		info = &own;
	watch_enter(&ctx->watch);
	rv = cryptoki(ctx)->C_GetMechanismInfo(ctx->token.slot, type, info);
	watch_leave();
	return rv == CKR_OK && (info->flags & flags) == flags;
}

/* An ability that @type of @list gives for @flags */
static uint32_t can(const struct list *list, CK_MECHANISM_TYPE type, CK_FLAGS flags,
		    uint32_t ability)
{
	return has(list, type, flags, NULL) ? ability : 0;
}

/* Nothing is claimed of a size that is not there, nor without a use */
static void put(struct list *list, struct parsec_capability row)
{
	if (row.bits[0] && list->count < ROWS_MAX)
		list->rows[list->count++] = row;
}

/* Own keys can be made, and leave the token if the configuration says so */
static uint32_t makes(const struct list *list, CK_MECHANISM_TYPE generator, CK_FLAGS flag)
{
	return PARSEC_CAN_IMPORT | can(list, generator, flag, PARSEC_CAN_GENERATE) |
	       (list->ctx->settings.allow_export ? PARSEC_CAN_EXPORT : 0);
}

/* What can be done with a public key: by the token, or by the software provider */
static uint32_t public_uses(const struct list *list, CK_MECHANISM_TYPE type, CK_FLAGS flag,
			    uint32_t ability)
{
	return list->ctx->settings.software_public ? ability : can(list, type, flag, ability);
}

/* Those sizes of RSA keys that the token does not make are in a row of their own */
static void put_rsa_own(struct list *list, struct parsec_capability row)
{
	struct parsec_capability taken = row;
	CK_MECHANISM_INFO info;
	size_t made = 0, count = 0;

	if (!has(list, CKM_RSA_PKCS_KEY_PAIR_GEN, CKF_GENERATE_KEY_PAIR, &info) ||
	    info.ulMinKeySize > info.ulMaxKeySize || !info.ulMaxKeySize) {
		put(list, row);
		return;
	}
	taken.can &= ~(uint32_t)PARSEC_CAN_GENERATE;
	for (size_t i = 0; i < SIZES && taken.bits[i]; i++) {
		uint32_t bits = taken.bits[i];

		row.bits[i] = taken.bits[i] = 0;
		if (bits >= info.ulMinKeySize && bits <= info.ulMaxKeySize)
			row.bits[made++] = bits;
		else
			taken.bits[count++] = bits;
	}
	put(list, row);
	put(list, taken);
}

/* A row of pairs and one of public keys */
static void put_pair(struct list *list, struct parsec_capability row, uint32_t make,
		     uint32_t own, uint32_t public)
{
	bool rsa = row.type == PARSEC_KEY_TYPE_RSA_KEY_PAIR;

	if (own | public) {
		row.can = make | PARSEC_CAN_EXPORT_PUBLIC | own | public;
		if (rsa)
			put_rsa_own(list, row);
		else
			put(list, row);
	}
	if (public || row.alg_kind == PARSEC_ALG_KEY_AGREEMENT) {
		row.type = rsa ? PARSEC_KEY_TYPE_RSA_PUBLIC_KEY : PARSEC_KEY_TYPE_ECC_PUBLIC_KEY;
		row.can = CAN_MAKE_PUBLIC | public;
		put(list, row);
	}
}

static void put_agreement(struct list *list, struct parsec_capability row)
{
	row.alg_kind = PARSEC_ALG_KEY_AGREEMENT;
	row.scheme = PARSEC_AGREE_ECDH;
	if (has(list, CKM_ECDH1_DERIVE, CKF_DERIVE, NULL))
		put_pair(list, row, makes(list, curve_mechanism(list->ctx, row.family),
					  CKF_GENERATE_KEY_PAIR), PARSEC_CAN_DERIVE, 0);
}

static void put_curves(struct list *list, uint8_t family, const uint32_t *bits)
{
	struct parsec_capability row = { .type = PARSEC_KEY_TYPE_ECC_KEY_PAIR, .family = family };
	uint32_t make = makes(list, CKM_EC_KEY_PAIR_GEN, CKF_GENERATE_KEY_PAIR);
	uint32_t sign = can(list, CKM_ECDSA, CKF_SIGN, PARSEC_CAN_SIGN);
	uint32_t verify = public_uses(list, CKM_ECDSA, CKF_VERIFY, PARSEC_CAN_VERIFY);

	for (size_t i = 0; i < SIZES; i++)
		row.bits[i] = bits[i];
	if (family == PARSEC_ECC_MONTGOMERY) {
		put_agreement(list, row);
		return;
	}
	row.alg_kind = PARSEC_ALG_SIGNATURE;
	row.scheme = PARSEC_SIGN_ECDSA;
	/* The token sees a hash and not which one it is */
	for (unsigned int i = 0; i <= PARSEC_HASH_LAST; i++)
		row.hashes |= hashes[i].size ? PARSEC_HASH_BIT(i) : 0;
	put_pair(list, row, make, sign, verify);
	row.scheme = PARSEC_SIGN_ECDSA_ANY;
	row.hashes = 0;
	put_pair(list, row, make, sign, verify);
	put_agreement(list, row);
}

/* Of PKCS #11 3.0; before there was that, tokens had them with Edwards curves, as SoftHSM does */
static void find_montgomery(const struct list *list)
{
	static const CK_MECHANISM_TYPE types[] = { CKM_EC_MONTGOMERY_KEY_PAIR_GEN,
						   CKM_EC_EDWARDS_KEY_PAIR_GEN };

	for (size_t i = 0; i < ELEMENTS(types) && !list->ctx->montgomery; i++) {
		if (has(list, types[i], CKF_GENERATE_KEY_PAIR, NULL))
			list->ctx->montgomery = types[i];
	}
}

/* Is the curve within the sizes that the token says? Of Montgomery curves they mean little */
static bool has_size(const struct list *list, const struct curve *curve)
{
	CK_MECHANISM_TYPE type = curve_mechanism(list->ctx, curve->family);
	CK_MECHANISM_INFO info;

	if (!type || !has(list, type, CKF_GENERATE_KEY_PAIR, &info))
		return false;
	return curve->family == PARSEC_ECC_MONTGOMERY ||
	       (curve->bits >= info.ulMinKeySize && curve->bits <= info.ulMaxKeySize);
}

static void put_ecc(struct list *list)
{
	uint32_t bits[SIZES + 1] = { 0 };
	size_t count = 0;

	find_montgomery(list);
	for (size_t i = 0; i < curve_count; i++) {
		const struct curve *curve = &curves[i];

		if (has_size(list, curve) && count < SIZES && probe_curve(list->ctx, curve))
			bits[count++] = curve->bits;
		/* Curves of a family are next to each other */
		if (i + 1 < curve_count && curves[i + 1].family == curve->family)
			continue;
		put_curves(list, curve->family, bits);
		while (count)
			bits[--count] = 0;
	}
}

/* Sizes of RSA keys that the token takes for @type, from @least on */
static void set_sizes(const struct list *list, CK_MECHANISM_TYPE type, uint32_t least,
		      uint32_t most, struct parsec_capability *row)
{
	CK_MECHANISM_INFO info;
	size_t count = 0;

	for (size_t i = 0; i <= SIZES; i++)
		row->bits[i] = 0;
	if (!has(list, type, 0, &info))
		return;
	for (uint32_t bits = 1024; bits <= 4096; bits += 1024) {
		if (bits >= least && bits <= most && bits >= info.ulMinKeySize &&
		    bits <= info.ulMaxKeySize)
			row->bits[count++] = bits;
	}
}

/* With paddings that are made of hashes; the smallest size has no room for the longest */
static void put_padded(struct list *list, CK_MECHANISM_TYPE type, struct parsec_capability row,
		       uint32_t make, uint32_t own, uint32_t public)
{
	uint32_t all = row.hashes;

	if (!all)
		return;
	set_sizes(list, type, 2048, 4096, &row);
	put_pair(list, row, make, own, public);
	set_sizes(list, type, 1024, 1024, &row);
	row.hashes = all & ~LONG_HASHES;
	if (row.hashes)
		put_pair(list, row, make, own, public);
}

/* Hashes that the token has, by @pss or as such, and with a mask generation */
static uint32_t padded_hashes(const struct list *list, bool pss)
{
	uint32_t found = 0;

	for (unsigned int i = 0; i <= PARSEC_HASH_LAST; i++) {
		const struct hash *hash = &hashes[i];

		if (hash->mgf && (has(list, hash->digest, CKF_DIGEST, NULL) ||
				  (pss && has(list, hash->pss, CKF_SIGN, NULL))))
			found |= PARSEC_HASH_BIT(i);
	}
	return found;
}

static void put_rsa(struct list *list)
{
	struct parsec_capability row = { .type = PARSEC_KEY_TYPE_RSA_KEY_PAIR,
					 .alg_kind = PARSEC_ALG_SIGNATURE };
	uint32_t make = makes(list, CKM_RSA_PKCS_KEY_PAIR_GEN, CKF_GENERATE_KEY_PAIR);
	uint32_t sign = can(list, CKM_RSA_PKCS, CKF_SIGN, PARSEC_CAN_SIGN);
	uint32_t verify = public_uses(list, CKM_RSA_PKCS, CKF_VERIFY, PARSEC_CAN_VERIFY);

	set_sizes(list, CKM_RSA_PKCS, 1024, 4096, &row);
	row.scheme = PARSEC_SIGN_RSA_PKCS1V15;
	for (unsigned int i = 0; i <= PARSEC_HASH_LAST; i++)
		row.hashes |= hashes[i].info_len ? PARSEC_HASH_BIT(i) : 0;
	put_pair(list, row, make, sign, verify);
	row.scheme = PARSEC_SIGN_RSA_PKCS1V15_RAW;
	row.hashes = 0;
	put_pair(list, row, make, sign, verify);

	if (!has(list, CKM_RSA_PKCS_PSS, CKF_SIGN, NULL))
		return;
	row.scheme = PARSEC_SIGN_RSA_PSS;
	row.hashes = probe_hashes(list->ctx, CKM_RSA_PKCS_PSS, padded_hashes(list, true));
	put_padded(list, CKM_RSA_PKCS_PSS, row, make, PARSEC_CAN_SIGN,
		   public_uses(list, CKM_RSA_PKCS_PSS, CKF_VERIFY, PARSEC_CAN_VERIFY));
}

static void put_rsa_crypt(struct list *list)
{
	struct parsec_capability row = { .type = PARSEC_KEY_TYPE_RSA_KEY_PAIR,
					 .alg_kind = PARSEC_ALG_ASYMMETRIC_ENCRYPTION };
	uint32_t make = makes(list, CKM_RSA_PKCS_KEY_PAIR_GEN, CKF_GENERATE_KEY_PAIR);

	set_sizes(list, CKM_RSA_PKCS, 1024, 4096, &row);
	row.scheme = PARSEC_CRYPT_RSA_PKCS1V15;
	put_pair(list, row, make, can(list, CKM_RSA_PKCS, CKF_DECRYPT, PARSEC_CAN_DECRYPT),
		 public_uses(list, CKM_RSA_PKCS, CKF_ENCRYPT, PARSEC_CAN_ENCRYPT));
	if (!has(list, CKM_RSA_PKCS_OAEP, CKF_DECRYPT, NULL))
		return;
	row.scheme = PARSEC_CRYPT_RSA_OAEP;
	row.hashes = probe_hashes(list->ctx, CKM_RSA_PKCS_OAEP, padded_hashes(list, false));
	list->ctx->oaep_labels = probe_labels(list->ctx);
	put_padded(list, CKM_RSA_PKCS_OAEP, row, make, PARSEC_CAN_DECRYPT,
		   public_uses(list, CKM_RSA_PKCS_OAEP, CKF_ENCRYPT, PARSEC_CAN_ENCRYPT));
}

/* Sizes are bytes, as the standard has them, but of some tokens bits, which no AES key is below */
static CK_ULONG aes_bits(CK_ULONG size)
{
	return size < 128 ? 8 * size : size;
}

/* Sizes of AES keys that the token takes for @type; all if it sets no limit that means anything */
static void set_aes_sizes(const struct list *list, CK_MECHANISM_TYPE type,
			  struct parsec_capability *row)
{
	CK_MECHANISM_INFO info = { 0 };
	CK_ULONG least, most;
	size_t count = 0;

	has(list, type, 0, &info);
	least = aes_bits(info.ulMinKeySize);
	most = aes_bits(info.ulMaxKeySize);
	if (!least || least == CK_UNAVAILABLE_INFORMATION || !most || least > most) {
		least = 0;
		most = CK_UNAVAILABLE_INFORMATION;
	}
	for (uint32_t bits = 128; bits <= 256; bits += 64) {
		if (bits >= least && bits <= most)
			row->bits[count++] = bits;
	}
}

static void put_aes(struct list *list)
{
	static const struct {
		CK_MECHANISM_TYPE mechanism;
		uint8_t kind;
		uint8_t scheme;
	} modes[] = {
		{ CKM_AES_GCM, PARSEC_ALG_AEAD, PARSEC_AEAD_GCM },
		{ CKM_AES_CCM, PARSEC_ALG_AEAD, PARSEC_AEAD_CCM },
		{ CKM_AES_CTR, PARSEC_ALG_CIPHER, PARSEC_CIPHER_CTR },
		{ CKM_AES_CBC, PARSEC_ALG_CIPHER, PARSEC_CIPHER_CBC_PKCS7 },
		{ CKM_AES_CBC, PARSEC_ALG_CIPHER, PARSEC_CIPHER_CBC_NO_PADDING },
		{ CKM_AES_ECB, PARSEC_ALG_CIPHER, PARSEC_CIPHER_ECB_NO_PADDING },
		{ CKM_AES_CMAC, PARSEC_ALG_MAC, PARSEC_MAC_CMAC },
	};
	uint32_t make = makes(list, CKM_AES_KEY_GEN, CKF_GENERATE);

	for (size_t i = 0; i < ELEMENTS(modes); i++) {
		struct parsec_capability row = { .type = PARSEC_KEY_TYPE_AES,
			.alg_kind = modes[i].kind, .scheme = modes[i].scheme };

		row.can = modes[i].kind == PARSEC_ALG_MAC ?
			  can(list, modes[i].mechanism, CKF_SIGN,
			      PARSEC_CAN_SIGN | PARSEC_CAN_VERIFY) :
			  can(list, modes[i].mechanism, CKF_ENCRYPT, PARSEC_CAN_ENCRYPT) |
			  can(list, modes[i].mechanism, CKF_DECRYPT, PARSEC_CAN_DECRYPT);
		if (row.can) {
			row.can |= make;
			set_aes_sizes(list, modes[i].mechanism, &row);
			put(list, row);
		}
	}
}

/*
 * Sizes are bytes. The least is often that of the hash, as for keys of an HMAC it should be;
 * what is no limit at all, such as a 0 or a very large number, is not believed.
 */
static void put_hmac(struct list *list)
{
	uint32_t make = makes(list, CKM_GENERIC_SECRET_KEY_GEN, CKF_GENERATE);

	for (unsigned int i = 0; i <= PARSEC_HASH_LAST; i++) {
		struct parsec_capability row = { .type = PARSEC_KEY_TYPE_HMAC, .bits_step = 8,
			.alg_kind = PARSEC_ALG_MAC, .scheme = PARSEC_MAC_HMAC,
			.hashes = PARSEC_HASH_BIT(i),
			.can = make | PARSEC_CAN_SIGN | PARSEC_CAN_VERIFY };
		CK_MECHANISM_INFO info;

		if (!hashes[i].hmac || !has(list, hashes[i].hmac, CKF_SIGN, &info))
			continue;
		if (!info.ulMaxKeySize || info.ulMaxKeySize > HMAC_BYTES_MAX)
			info.ulMaxKeySize = HMAC_BYTES_MAX;
		if (!info.ulMinKeySize || info.ulMinKeySize >= info.ulMaxKeySize)
			info.ulMinKeySize = hashes[i].size;
		row.bits[0] = 8 * (uint32_t)info.ulMinKeySize;
		row.bits[1] = 8 * (uint32_t)info.ulMaxKeySize;
		put(list, row);
	}
}

/**
 * caps_read() - ask the token what it can do
 *
 * The host goes through the rows for each request, so what is used most comes first.
 */
enum parsec_status caps_read(struct parsec_provider_ctx *ctx)
{
	struct list list = { .ctx = ctx, .rows = calloc(ROWS_MAX, sizeof(*list.rows)) };

	if (!list.rows)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	put_ecc(&list);
	put_rsa(&list);
	put_rsa_crypt(&list);
	put_aes(&list);
	put_hmac(&list);
	ctx->rows = list.rows;
	ctx->row_count = list.count;
	return PARSEC_SUCCESS;
}

/* Is it in the table? For what the host cannot know before the size of a key is known */
bool caps_cover(const struct parsec_provider_ctx *ctx,
		const struct parsec_key_attributes *attrs, uint32_t abilities)
{
	return capability_covers(ctx->rows, ctx->row_count, attrs, abilities);
}

void provider_capabilities(struct parsec_provider_ctx *ctx, struct parsec_capabilities *caps)
{
	caps->rows = ctx->rows;
	caps->count = ctx->row_count;
	caps->concurrency = ctx->module.threads ? PARSEC_CONCURRENCY_FULL :
						  PARSEC_CONCURRENCY_NONE;
}
