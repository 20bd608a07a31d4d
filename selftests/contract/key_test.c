// SPDX-License-Identifier: Apache-2.0
/*
 * Keys: what can be made and imported, and what comes out again.
 */
#include "kselftest_harness.h"

#include <sys/wait.h>

#include "selftests/contract/reference.h"

/* Made once, before the process of the first test: RSA keys take their time */
static EVP_PKEY *rsa_key;

__attribute__((constructor)) static void make_rsa_key(void)
{
	rsa_key = reference_rsa(2048);
}

static const uint32_t curves[] = { 256, 384, 521 };

static struct parsec_span ecc(uint8_t type, uint32_t bits, uint32_t usage)
{
	return attributes(key_type(type, PARSEC_ECC_SECP_R1), bits, usage,
			  signature_policy(PARSEC_SIGN_ECDSA, PARSEC_HASH_ANY));
}

static struct parsec_span rsa(uint8_t type, uint32_t bits, uint32_t usage)
{
	return attributes(key_type(type, 0), bits, usage,
			  signature_policy(PARSEC_SIGN_RSA_PSS, PARSEC_HASH_ANY));
}

/* ListKeys' entry for a key of the software provider: its attributes */
static struct parsec_span listed(const char *name)
{
	struct parsec_span rest, entry, value, found[4];
	uint32_t field;
	uint64_t n;

	if (ask(CORE, PARSEC_OP_LIST_KEYS, NOTHING))
		return NOTHING;
	rest = answer;
	while (next_field(&rest, &entry, &n) == 1) {
		memset(found, 0, sizeof(found));
		while ((field = next_field(&entry, &value, &n)))
			if (field < ARRAY_SIZE(found))
				found[field] = value;
		if (same(found[2], text(name)))
			return found[3];
	}
	return NOTHING;
}

TEST(generated_ecc_keys_have_a_point_on_their_curve)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(curves); i++) {
		uint32_t bits = curves[i];

		ASSERT_EQ(PARSEC_SUCCESS,
			  generate("k", ecc(PARSEC_KEY_TYPE_ECC_KEY_PAIR, bits,
					    ALL_SIGNING)));
		EXPECT_EQ(0, answer.len);
		ASSERT_EQ(PARSEC_SUCCESS, with_name(PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, "k"));
		EXPECT_EQ(1 + 2 * ((bits + 7) / 8), answer_bytes().len);
		EXPECT_EQ(0x04, answer_bytes().data[0]);
		EXPECT_NE(NULL, reference_from_public(bits, answer_bytes()));
		ASSERT_EQ(PARSEC_SUCCESS, destroy("k"));
		EXPECT_EQ(0, answer.len);
	}
}

TEST(generated_rsa_keys_have_a_pkcs1_public_part)
{
	static const uint32_t sizes[] = { 1024, 2048 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		EVP_PKEY *key;

		ASSERT_EQ(PARSEC_SUCCESS, generate("k", rsa(PARSEC_KEY_TYPE_RSA_KEY_PAIR,
							    sizes[i], ALL_SIGNING)));
		ASSERT_EQ(PARSEC_SUCCESS, with_name(PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, "k"));
		key = reference_from_public(0, answer_bytes());
		ASSERT_NE(NULL, key);
		EXPECT_EQ(sizes[i], EVP_PKEY_get_bits(key));
		ASSERT_EQ(PARSEC_SUCCESS, destroy("k"));
	}
}

TEST(imported_pairs_come_out_as_they_went_in)
{
	size_t i;

	for (i = 0; i <= ARRAY_SIZE(curves); i++) {
		bool is_rsa = i == ARRAY_SIZE(curves);
		EVP_PKEY *key = is_rsa ? rsa_key : reference_ecc(curves[i]);
		struct parsec_span attrs;

		/* The size is in the data */
		attrs = is_rsa ? rsa(PARSEC_KEY_TYPE_RSA_KEY_PAIR, 0, PARSEC_USAGE_EXPORT) :
				 ecc(PARSEC_KEY_TYPE_ECC_KEY_PAIR, curves[i],
				     PARSEC_USAGE_EXPORT);
		ASSERT_EQ(PARSEC_SUCCESS, import("k", attrs, reference_private(key)));
		ASSERT_EQ(PARSEC_SUCCESS, with_name(PARSEC_OP_PSA_EXPORT_KEY, "k"));
		EXPECT_TRUE(same(reference_private(key), answer_bytes()));
		ASSERT_EQ(PARSEC_SUCCESS, with_name(PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, "k"));
		EXPECT_TRUE(same(reference_public(key), answer_bytes()));
		ASSERT_EQ(PARSEC_SUCCESS, destroy("k"));
	}
}

TEST(imported_public_keys_come_out_without_the_export_flag)
{
	size_t i;

	for (i = 0; i <= ARRAY_SIZE(curves); i++) {
		bool is_rsa = i == ARRAY_SIZE(curves);
		EVP_PKEY *key = is_rsa ? rsa_key : reference_ecc(curves[i]);
		struct parsec_span attrs;

		attrs = is_rsa ? rsa(PARSEC_KEY_TYPE_RSA_PUBLIC_KEY, 2048, 0) :
				 ecc(PARSEC_KEY_TYPE_ECC_PUBLIC_KEY, curves[i], 0);
		ASSERT_EQ(PARSEC_SUCCESS, import("k", attrs, reference_public(key)));
		ASSERT_EQ(PARSEC_SUCCESS, with_name(PARSEC_OP_PSA_EXPORT_KEY, "k"));
		EXPECT_TRUE(same(reference_public(key), answer_bytes()));
		ASSERT_EQ(PARSEC_SUCCESS, with_name(PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, "k"));
		EXPECT_TRUE(same(reference_public(key), answer_bytes()));
		ASSERT_EQ(PARSEC_SUCCESS, destroy("k"));
	}
}

/* A coordinate with leading zeros keeps its width */
TEST(points_are_padded_on_the_left)
{
	uint8_t scalar[66];
	struct parsec_span public;
	EVP_PKEY *key;
	size_t i, width;

	for (i = 0; i < ARRAY_SIZE(curves); i++) {
		uint32_t bits = curves[i];
		unsigned int k = 1;

		width = (bits + 7) / 8;
		memset(scalar, 0, sizeof(scalar));
		do {
			scalar[width - 1] = (uint8_t)k;
			scalar[width - 2] = (uint8_t)(k >> 8);
			key = reference_scalar(bits, (struct parsec_span) { scalar, width });
			public = reference_public(key);
			k++;
			/* The top byte of P-521 is 0 or 1: the next one too must be 0 */
		} while (public.data[1] || (bits == 521 && public.data[2]));
		ASSERT_EQ(PARSEC_SUCCESS,
			  import("k", ecc(PARSEC_KEY_TYPE_ECC_KEY_PAIR, bits,
					  PARSEC_USAGE_EXPORT),
				 (struct parsec_span) { scalar, width }));
		ASSERT_EQ(PARSEC_SUCCESS, with_name(PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, "k"));
		EXPECT_TRUE(same(public, answer_bytes()));
		ASSERT_EQ(PARSEC_SUCCESS, with_name(PARSEC_OP_PSA_EXPORT_KEY, "k"));
		EXPECT_TRUE(same((struct parsec_span) { scalar, width }, answer_bytes()));
		ASSERT_EQ(PARSEC_SUCCESS, destroy("k"));
	}
}

TEST(attributes_are_listed_as_given_with_implied_usage)
{
	struct parsec_span expected = p256_attributes(
		PARSEC_USAGE_SIGN_HASH | PARSEC_USAGE_SIGN_MESSAGE | PARSEC_USAGE_COPY);

	ASSERT_EQ(PARSEC_SUCCESS, generate("k", p256_attributes(PARSEC_USAGE_SIGN_HASH |
								PARSEC_USAGE_COPY)));
	EXPECT_TRUE(same(expected, listed("k")));
	ASSERT_EQ(PARSEC_SUCCESS, destroy("k"));
	EXPECT_EQ(0, listed("k").len);
}

TEST(the_real_size_is_listed_for_a_key_imported_without_one)
{
	struct parsec_span public = reference_public(rsa_key);

	ASSERT_EQ(PARSEC_SUCCESS,
		  import("k", rsa(PARSEC_KEY_TYPE_RSA_PUBLIC_KEY, 0, 0), public));
	EXPECT_TRUE(same(rsa(PARSEC_KEY_TYPE_RSA_PUBLIC_KEY, 2048, 0), listed("k")));
	ASSERT_EQ(PARSEC_SUCCESS, destroy("k"));
	public = reference_public(reference_ecc(384));
	ASSERT_EQ(PARSEC_SUCCESS,
		  import("k", ecc(PARSEC_KEY_TYPE_ECC_PUBLIC_KEY, 0, 0), public));
	EXPECT_TRUE(same(ecc(PARSEC_KEY_TYPE_ECC_PUBLIC_KEY, 384, 0), listed("k")));
	ASSERT_EQ(PARSEC_SUCCESS, destroy("k"));
}

TEST(no_usage_and_no_algorithm_are_legal)
{
	struct parsec_span none = attributes(
		key_type(PARSEC_KEY_TYPE_ECC_KEY_PAIR, PARSEC_ECC_SECP_R1), 256, 0,
		bytes(PARSEC_ALG_NONE, NOTHING));

	ASSERT_EQ(PARSEC_SUCCESS, generate("k", none));
	EXPECT_TRUE(same(none, listed("k")));
	EXPECT_EQ(PARSEC_SUCCESS, with_name(PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, "k"));
	ASSERT_EQ(PARSEC_SUCCESS, destroy("k"));
}

TEST(names_are_any_utf8)
{
	static const char *const names[] = {
		"a", " ", "../../etc/passwd", "/", ".", "a\nb", "'; DROP TABLE keys; --",
		"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x94\x91", "%s%n",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		ASSERT_EQ(PARSEC_SUCCESS, generate(names[i], p256_attributes(0)))
			TH_LOG("name %s", names[i]);
		EXPECT_LT(0, listed(names[i]).len) TH_LOG("name %s", names[i]);
	}
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		EXPECT_EQ(PARSEC_SUCCESS, destroy(names[i])) TH_LOG("name %s", names[i]);
	}
}

TEST(names_have_up_to_4096_bytes)
{
	char name[PARSEC_KEY_NAME_MAX + 2];

	memset(name, 'n', sizeof(name));
	name[PARSEC_KEY_NAME_MAX + 1] = '\0';
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, generate(name, p256_attributes(0)));
	name[PARSEC_KEY_NAME_MAX] = '\0';
	ASSERT_EQ(PARSEC_SUCCESS, generate(name, p256_attributes(0)));
	EXPECT_LT(0, listed(name).len);
	EXPECT_EQ(PARSEC_SUCCESS, destroy(name));
}

TEST(a_destroyed_name_is_free_at_once)
{
	struct parsec_span first;

	ASSERT_EQ(PARSEC_SUCCESS, generate("k", p256_attributes(0)));
	ASSERT_EQ(PARSEC_SUCCESS, with_name(PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, "k"));
	first = join(answer);
	ASSERT_EQ(PARSEC_SUCCESS, destroy("k"));
	EXPECT_EQ(PARSEC_PSA_ERROR_DOES_NOT_EXIST,
		  with_name(PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, "k"));
	ASSERT_EQ(PARSEC_SUCCESS, generate("k", p256_attributes(0)));
	ASSERT_EQ(PARSEC_SUCCESS, with_name(PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, "k"));
	EXPECT_FALSE(same(first, answer));
	EXPECT_EQ(PARSEC_SUCCESS, destroy("k"));
}

/* What another user sees of the key "k": exit status of a process, 0 = nothing */
static int seen_by(uid_t uid)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (become(uid) || ask(CORE, PARSEC_OP_LIST_KEYS, NOTHING))
			_exit(1);
		if (answer.len)
			_exit(2);
		if (destroy("k") != PARSEC_PSA_ERROR_DOES_NOT_EXIST)
			_exit(3);
		if (with_name(PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, "k") !=
		    PARSEC_PSA_ERROR_DOES_NOT_EXIST)
			_exit(4);
		/* The same name is another key */
		if (generate("k", p256_attributes(0)))
			_exit(5);
		if (destroy("k"))
			_exit(6);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

TEST(keys_of_one_user_are_not_there_for_another)
{
	ASSERT_EQ(PARSEC_SUCCESS, generate("k", p256_attributes(0)));
	EXPECT_EQ(0, seen_by(1001));
	EXPECT_EQ(0, seen_by(1002));
	EXPECT_LT(0, listed("k").len);
	EXPECT_EQ(PARSEC_SUCCESS, destroy("k"));
}

TEST_HARNESS_MAIN
