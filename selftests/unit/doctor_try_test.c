// SPDX-License-Identifier: Apache-2.0
/*
 * Which key parsecctl doctor --try makes in a provider, and what it says of failures, with a
 * provider that is played here.
 */
#include "kselftest_harness.h"

#include <string.h>

#include "tools/parsecctl/doctor.h"

/* What the provider can make, which call of it fails how, and what was made and used */
static struct {
	uint32_t types[4];
	const char *fails;
	int error;
	bool garbles;
	uint32_t made;
	int used;
	int keys;
	uint8_t plaintext[64];
} world;

static int result(const char *call)
{
	return world.fails && !strcmp(world.fails, call) ? world.error : 0;
}

int parsec_can_do_crypto(struct parsec *ctx, enum parsec_check check,
			 const struct parsec_key_attributes *attrs)
{
	int error = result("can_do");

	if (error)
		return error;
	for (size_t i = 0; check == PARSEC_CHECK_GENERATE && i < 4; i++)
		if (world.types[i] == attrs->type)
			return 0;
	return PARSEC_PSA_ERROR_NOT_SUPPORTED;
}

int parsec_psa_generate_key(struct parsec *ctx, const char *name,
			    const struct parsec_key_attributes *attrs)
{
	world.made = attrs->type;
	world.keys += !result("generate");
	return result("generate");
}

int parsec_psa_destroy_key(struct parsec *ctx, const char *name)
{
	world.keys--;
	return result("destroy");
}

int parsec_psa_sign_hash(struct parsec *ctx, const char *name, const struct parsec_alg *alg,
			 const void *hash, size_t hash_len, void *signature, size_t size,
			 size_t *len)
{
	memset(signature, 7, *len = size < 256 ? size : 256);
	world.used += hash_len == 32;
	return result("use");
}

int parsec_psa_verify_hash(struct parsec *ctx, const char *name, const struct parsec_alg *alg,
			   const void *hash, size_t hash_len, const void *signature, size_t len)
{
	world.used++;
	return result("back");
}

int parsec_psa_mac_compute(struct parsec *ctx, const char *name, const struct parsec_alg *alg,
			   const void *input, size_t input_len, void *mac, size_t size,
			   size_t *len)
{
	memset(mac, 7, *len = 32);
	world.used += size >= 32;
	return result("use");
}

int parsec_psa_mac_verify(struct parsec *ctx, const char *name, const struct parsec_alg *alg,
			  const void *input, size_t input_len, const void *mac, size_t len)
{
	world.used++;
	return result("back");
}

int parsec_psa_aead_encrypt(struct parsec *ctx, const char *name, const struct parsec_alg *alg,
			    const struct parsec_aead_input *with, const void *plaintext,
			    size_t plaintext_len, void *ciphertext, size_t size, size_t *len)
{
	memcpy(world.plaintext, plaintext, plaintext_len);
	memset(ciphertext, 7, *len = plaintext_len + 16);
	world.used += size >= *len;
	return result("use");
}

int parsec_psa_aead_decrypt(struct parsec *ctx, const char *name, const struct parsec_alg *alg,
			    const struct parsec_aead_input *with, const void *ciphertext,
			    size_t ciphertext_len, void *plaintext, size_t size, size_t *len)
{
	memcpy(plaintext, world.plaintext, *len = ciphertext_len - 16);
	if (world.garbles)
		*(uint8_t *)plaintext ^= 1;
	world.used++;
	return result("back");
}

static int try(const char **step)
{
	*step = "";
	world.made = 0;
	world.used = world.keys = 0;
	return doctor_try(NULL, step);
}

TEST(each_kind_of_key_is_used_and_removed)
{
	static const uint32_t types[] = {
		PARSEC_KEY_TYPE_ECC_KEY_PAIR, PARSEC_KEY_TYPE_HMAC, PARSEC_KEY_TYPE_AES,
		PARSEC_KEY_TYPE_RSA_KEY_PAIR,
	};
	const char *step;

	memset(&world, 0, sizeof(world));
	for (size_t i = 0; i < 4; i++) {
		world.types[0] = types[i];
		EXPECT_EQ(0, try(&step));
		EXPECT_NE(NULL, step);
		EXPECT_EQ(types[i], world.made);
		EXPECT_EQ(2, world.used);
		EXPECT_EQ(0, world.keys);
	}
}

TEST(an_RSA_key_is_made_only_where_there_is_nothing_else)
{
	const char *step;

	memset(&world, 0, sizeof(world));
	world.types[0] = PARSEC_KEY_TYPE_RSA_KEY_PAIR;
	world.types[1] = PARSEC_KEY_TYPE_AES;
	EXPECT_EQ(0, try(&step));
	EXPECT_EQ(PARSEC_KEY_TYPE_AES, world.made);
}

TEST(where_no_kind_fits_nothing_is_tried)
{
	const char *step;

	memset(&world, 0, sizeof(world));
	EXPECT_EQ(0, try(&step));
	EXPECT_EQ(NULL, step);
	EXPECT_EQ(0, world.made);
}

TEST(what_fails_is_said_and_no_key_stays)
{
	static const struct {
		const char *call;
		const char *step;
	} rows[] = {
		{ "can_do", "say which keys it makes" }, { "generate", "make a key" },
		{ "use", "encrypt" }, { "back", "decrypt" }, { "destroy", "remove a key" },
	};
	const char *step;

	memset(&world, 0, sizeof(world));
	world.types[0] = PARSEC_KEY_TYPE_AES;
	world.error = PARSEC_PSA_ERROR_HARDWARE_FAILURE;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		world.fails = rows[i].call;
		EXPECT_EQ(PARSEC_PSA_ERROR_HARDWARE_FAILURE, try(&step));
		EXPECT_STREQ(rows[i].step, step);
		EXPECT_EQ(0, world.keys);
	}
}

TEST(what_is_decrypted_is_compared)
{
	const char *step;

	memset(&world, 0, sizeof(world));
	world.types[0] = PARSEC_KEY_TYPE_AES;
	world.garbles = true;
	EXPECT_EQ(PARSEC_PSA_ERROR_CORRUPTION_DETECTED, try(&step));
	EXPECT_STREQ("decrypt", step);
	EXPECT_EQ(0, world.keys);
}

TEST_HARNESS_MAIN
