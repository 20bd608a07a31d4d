// SPDX-License-Identifier: Apache-2.0
/*
 * Montgomery curves of a token, in the form that PKCS #11 3.0 gives them and in SoftHSM's, with
 * numbers of Wycheproof (X25519) and RFC 7748 (X448).
 */
#include "kselftest_harness.h"

#include "selftests/unit/hex.h"
#include "selftests/unit/pkcs11_token.h"

static const struct parsec_alg ecdh = { .kind = PARSEC_ALG_KEY_AGREEMENT,
					.scheme = PARSEC_AGREE_ECDH };

/* A key before it is clamped and after, its public part, that of somebody else, their secret */
static const struct agreement {
	uint32_t bits;
	const char *own, *clamped, *public, *peer, *secret;
} agreements[] = {
	{ 255,
	  "cfa9d5a91091ad851c668b0736c1c9a02936c0d3ad62670858088047ba0574f5",
	  "c8a9d5a91091ad851c668b0736c1c9a02936c0d3ad62670858088047ba057475",
	  "5f64b41cce8a6b3d6a38763088f615a4977d422288ae42b49ab3a57e2fcd6f6d",
	  "504a36999f489cd2fdbc08baff3d88fa00569ba986cba22548ffde80f9806829",
	  "436a2c040cf45fea9b29a0cb81b1f41458f863d0d61b453d0a982720d6d61320" },
	{ 448,
	  "9a8f4925d1519f5775cf46b04b5800d4ee9ee8bae8bc5565d498c28d"
	  "d9c9baf574a9419744897391006382a6f127ab1d9ac2d8c0a598726b",
	  "988f4925d1519f5775cf46b04b5800d4ee9ee8bae8bc5565d498c28d"
	  "d9c9baf574a9419744897391006382a6f127ab1d9ac2d8c0a59872eb",
	  "9b08f7cc31b7e3e67d22d5aea121074a273bd2b83de09c63faa73d2c"
	  "22c5d9bbc836647241d953d40c5b12da88120d53177f80e532c41fa0",
	  "3eb7a829b0cd20f5bcfc0b599b6feccf6da4627107bdb0d4f345b430"
	  "27d8b972fc3e34fb4232a13ca706dcb57aec3dae07bdc1c67bf33609",
	  "07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282b"
	  "b60c0b56fd2464c335543936521c24403085d59a449a5037514a879d" },
};

static const char *const forms[] = {
	"", "montgomery", "plain", "montgomery plain",
};

static bool equals(const char *text, const struct parsec_out *out)
{
	uint8_t room[HEX_MAX];
	struct parsec_span expected = hex(text, room);

	return out->len == expected.len && !memcmp(out->data, room, out->len);
}

/* @number: of the key */
static void init(struct item *item, uint8_t number, uint32_t bits)
{
	item_init(item, number, PARSEC_KEY_TYPE_ECC_KEY_PAIR, bits, ecdh);
	item->attrs.family = PARSEC_ECC_MONTGOMERY;
	item->attrs.usage |= PARSEC_USAGE_EXPORT;
}

/* In a token of this form */
static bool agrees(const struct agreement *known, const char *form)
{
	uint8_t own[HEX_MAX], peer[HEX_MAX], room[HEX_MAX];
	struct parsec_out out = { room, sizeof(room), 0 };
	struct parsec_provider_ctx *ctx;
	struct item item;
	bool good;

	setenv("TRAP", form, 1);
	if (START(&ctx) != PARSEC_SUCCESS)
		return false;
	init(&item, 1, 0);
	if (strstr(form, "plain"))
		item.attrs.usage &= ~(uint32_t)PARSEC_USAGE_EXPORT;
	good = item_import(ctx, &item, hex(known->own, own)) == PARSEC_SUCCESS &&
	       item.attrs.bits == known->bits &&
	       item_load(ctx, &item) == PARSEC_SUCCESS;
	if (good) {
		good = ops->export_public(ctx, item.key, &out) == PARSEC_SUCCESS &&
		       equals(known->public, &out) &&
		       ops->agree(ctx, item.key, &ecdh, hex(known->peer, peer), &out) ==
		       PARSEC_SUCCESS && equals(known->secret, &out);
		if (good && item.attrs.usage & PARSEC_USAGE_EXPORT)
			good = ops->export(ctx, item.key, &out) == PARSEC_SUCCESS &&
			       equals(known->clamped, &out);
		ops->unload(ctx, item.key);
	}
	good &= ops->destroy(ctx, &item.ref) == PARSEC_SUCCESS;
	ops->close(ctx);
	return good;
}

TEST_F(pkcs11_token, imported_keys_agree_as_elsewhere)
{
	for (size_t i = 0; i < ELEMENTS(agreements); i++) {
		for (size_t j = 0; j < ELEMENTS(forms); j++) {
			EXPECT_TRUE(agrees(&agreements[i], forms[j])) {
				TH_LOG("%u bits, %s: %s", agreements[i].bits, forms[j], said);
			}
		}
	}
}

TEST_F(pkcs11_token, what_cannot_come_in_says_so)
{
	uint8_t own[HEX_MAX];

	setenv("TRAP", "no-private", 1);
	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	init(&self->item, 1, 255);
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  item_import(self->ctx, &self->item, hex(agreements[0].own, own)));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST, ops->exists(self->ctx, &self->item.ref));
}

/* One form of points says nothing of the other */
TEST_F(pkcs11_token, points_of_other_curves_stay_as_they_were)
{
	uint8_t peer[HEX_MAX], scalar[32] = { [31] = 0x34 };
	struct item public;

	setenv("TRAP", "montgomery", 1);
	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	init(&public, 1, 255);
	public.attrs.type = PARSEC_KEY_TYPE_ECC_PUBLIC_KEY;
	ASSERT_EQ(PARSEC_SUCCESS,
		  item_import(self->ctx, &public, hex(agreements[0].peer, peer)));
	item_init(&self->item, 2, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
	ASSERT_EQ(PARSEC_SUCCESS, item_import(self->ctx, &self->item,
					      (struct parsec_span){ scalar, sizeof(scalar) }));
	EXPECT_FALSE(self->ctx->raw_points);
	EXPECT_TRUE(self->ctx->raw_montgomery);
	ASSERT_EQ(PARSEC_SUCCESS, item_load(self->ctx, &self->item));
	EXPECT_EQ(PARSEC_SUCCESS, item_sign(self->ctx, &self->item));
}

/* As when the library is brought up to 3.0, and what was made before stays as it was; or back */
TEST_F(pkcs11_token, keys_of_the_other_form_stay_usable)
{
	static const CK_MECHANISM_TYPE types[] = { CKM_EC_MONTGOMERY_KEY_PAIR_GEN,
						   CKM_EC_EDWARDS_KEY_PAIR_GEN };
	uint8_t peer[HEX_MAX], room[HEX_MAX];
	struct parsec_out out = { room, sizeof(room), 0 };

	for (size_t i = 0; i < ELEMENTS(types); i++) {
		setenv("TRAP", i ? "montgomery" : "", 1);
		ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
		ASSERT_NE(types[i], self->ctx->montgomery);
		init(&self->item, (uint8_t)(1 + i), 255);
		ASSERT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &self->item));
		self->ctx->montgomery = types[i];
		ASSERT_EQ(PARSEC_SUCCESS, item_load(self->ctx, &self->item));
		EXPECT_EQ(PARSEC_SUCCESS, ops->agree(self->ctx, self->item.key, &ecdh,
						     hex(agreements[0].peer, peer), &out));
		ops->unload(self->ctx, self->item.key);
		self->item.key = NULL;
		ops->close(self->ctx);
		self->ctx = NULL;
	}
}

/* Each gives the same secret with any key: 0 */
TEST_F(pkcs11_token, points_of_small_order_are_refused)
{
	static const char *const points[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	};
	uint8_t peer[HEX_MAX], room[HEX_MAX];
	struct parsec_out out = { room, sizeof(room), 0 };

	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	init(&self->item, 1, 255);
	ASSERT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &self->item));
	ASSERT_EQ(PARSEC_SUCCESS, item_load(self->ctx, &self->item));
	for (size_t i = 0; i < ELEMENTS(points); i++) {
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
			  ops->agree(self->ctx, self->item.key, &ecdh, hex(points[i], peer),
				     &out)) {
			TH_LOG("%s", points[i]);
		}
	}
	EXPECT_EQ(PARSEC_SUCCESS, ops->agree(self->ctx, self->item.key, &ecdh,
					     hex(agreements[0].peer, peer), &out));
	/* Nor is a key of the other curve one of this */
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  ops->agree(self->ctx, self->item.key, &ecdh, hex(agreements[1].peer, peer),
			     &out));
}

TEST_HARNESS_MAIN
