// SPDX-License-Identifier: Apache-2.0
/*
 * What somebody who may write public objects of a token can try with the keys of others.
 */
#include "kselftest_harness.h"

#include <openssl/bn.h>

#include "selftests/unit/hex.h"
#include "selftests/unit/pkcs11_token.h"

/* P-256, all spelled out, up to its generator and behind it */
#define BEFORE	"3081f7020101302c06072a8648ce3d0101022100ffffffff00000001000000000000000000000000" \
		"ffffffffffffffffffffffff305b0420ffffffff00000001000000000000000000000000ffffffff" \
		"fffffffffffffffc04205ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2" \
		"604b031500c49d360886e704936a6678e1139d26b7819f7e90044104"
#define BEHIND	"022100" ORDER "020101"
#define ORDER	"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"

#define POINT	65

/* A public object with the point of a key, which is its generator as well, in place of ours */
static bool put_generator(struct parsec_provider_ctx *ctx, const struct item *item,
			  const uint8_t point[POINT])
{
	const CK_FUNCTION_LIST *call = ctx->module.call;
	const CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
	const CK_KEY_TYPE type = CKK_EC;
	struct template template = { .count = 0 };
	uint8_t params[HEX_MAX], room[HEX_MAX], wrapped[3 + POINT];
	struct parsec_span before = hex(BEFORE, params), behind = hex(BEHIND, room);
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE object;
	struct halves halves;

	memcpy(params + before.len, point + 1, POINT - 1);
	memcpy(params + before.len + POINT - 1, behind.data, behind.len);
	template_put(&template, CKA_CLASS, &class, sizeof(class));
	template_put(&template, CKA_KEY_TYPE, &type, sizeof(type));
	template_identity(&template, item->ref.id);
	template_public(&template, &item->attrs);
	template_put(&template, CKA_EC_PARAMS, params, before.len + POINT - 1 + behind.len);
	template_span(&template, CKA_EC_POINT,
		      point_wrap((struct parsec_span){ point, POINT }, wrapped));
	return objects_listed(&ctx->objects, item->ref.id, &halves) &&
	       call->C_OpenSession(ctx->token.slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL,
				   NULL, &session) == CKR_OK &&
	       call->C_DestroyObject(session, halves.public) == CKR_OK &&
	       call->C_CreateObject(session, template.list, template.count, &object) == CKR_OK &&
	       call->C_CloseSession(session) == CKR_OK;
}

/* With the public key as generator the private one is 1: r = x of it, s = hash + r */
static bool forge(const uint8_t point[POINT], const uint8_t hash[32], uint8_t signature[64])
{
	BIGNUM *order = NULL, *r = BN_bin2bn(point + 1, 32, NULL);
	BIGNUM *s = BN_bin2bn(hash, 32, NULL);
	BN_CTX *bn = BN_CTX_new();
	bool done = r && s && bn && BN_hex2bn(&order, ORDER) && BN_mod(r, r, order, bn) &&
		    BN_mod_add(s, s, r, order, bn) && BN_bn2binpad(r, signature, 32) == 32 &&
		    BN_bn2binpad(s, signature + 32, 32) == 32;

	BN_CTX_free(bn);
	BN_free(s);
	BN_free(r);
	BN_free(order);
	return done;
}

TEST_F(pkcs11_token, parameters_of_somebody_else_are_not_used)
{
	const uint8_t hash[32] = { 1, 2, 3 };
	uint8_t point[POINT], signature[64];
	struct parsec_out public = { point, sizeof(point), 0 };

	ASSERT_EQ(PARSEC_SUCCESS, START(&self->ctx));
	item_init(&self->item, 1, PARSEC_KEY_TYPE_ECC_KEY_PAIR, 256, ECDSA);
	ASSERT_EQ(PARSEC_SUCCESS, item_create(self->ctx, &self->item));
	ASSERT_EQ(PARSEC_SUCCESS, item_load(self->ctx, &self->item));
	EXPECT_EQ(PARSEC_SUCCESS, item_sign(self->ctx, &self->item));
	ASSERT_EQ(PARSEC_SUCCESS, ops->export_public(self->ctx, self->item.key, &public));
	ASSERT_TRUE(put_generator(self->ctx, &self->item, point));
	ASSERT_TRUE(forge(point, hash, signature));
	EXPECT_EQ(PARSEC_PSA_ERROR_CORRUPTION_DETECTED,
		  ops->verify(self->ctx, self->item.key, &self->item.attrs.alg,
			      (struct parsec_span){ hash, sizeof(hash) },
			      (struct parsec_span){ signature, sizeof(signature) }));
	EXPECT_NE(NULL, strstr(said, "somebody else has put it there"));
}

TEST_HARNESS_MAIN
