// SPDX-License-Identifier: Apache-2.0
/*
 * The PKCS #11 provider's token by its URI.
 */
#include "kselftest_harness.h"

#include "selftests/unit/pkcs11_fixture.h"

FIXTURE(pkcs11_uri)
{
	char unused;
};

FIXTURE_SETUP(pkcs11_uri)
{
	ASSERT_TRUE(hsm_make());
}

FIXTURE_TEARDOWN(pkcs11_uri)
{
	hsm_remove();
}

/* Opened with this URI and an option more */
static enum parsec_status opens(const char *uri, const char *name, const char *value)
{
	struct parsec_provider_ctx *ctx = NULL;
	enum parsec_status status;

	said[0] = '\0';
	status = start(&ctx, "user_pin", "str:1234", "token", uri, name, value, NULL);
	if (ctx)
		ops->close(ctx);
	return status;
}

/* The serial number of the token with this label */
static bool read_serial(const char *label, char serial[17])
{
	char command[256];
	FILE *list;
	bool good;

	snprintf(command, sizeof(command), "pkcs11-tool --module %s --list-slots | "
		 "grep -A9 'token label *: %s$' | sed -n 's/^ *serial num *: //p' | head -n 1",
		 SOFTHSM, label);
	list = popen(command, "re");
	good = list && fgets(serial, 17, list);
	if (list)
		pclose(list);
	return good && strlen(serial) == 16;
}

TEST_F(pkcs11_uri, each_part_that_is_there_must_be_right)
{
	const enum parsec_status away = PARSEC_PSA_ERROR_HARDWARE_FAILURE;
	char serial[17], uri[256];

	/* The only one, whatever it is */
	EXPECT_EQ(PARSEC_SUCCESS, opens("pkcs11:", NULL, NULL));
	ASSERT_TRUE(add_token("second"));
	ASSERT_TRUE(add_token("'a token; with & ways'"));
	EXPECT_EQ(away, opens("pkcs11:", NULL, NULL));
	EXPECT_NE(NULL, strstr(said, "3 tokens may be meant"));
	EXPECT_EQ(PARSEC_SUCCESS, opens("pkcs11:token=parsec", NULL, NULL));
	EXPECT_EQ(PARSEC_SUCCESS, opens("pkcs11:token=a%20token%3B%20with%20%26%20ways", NULL,
					NULL));
	EXPECT_EQ(away, opens("pkcs11:token=parse", NULL, NULL));
	EXPECT_EQ(away, opens("pkcs11:token=", NULL, NULL));
	EXPECT_NE(NULL, strstr(said, "no initialised token is what"));
	ASSERT_TRUE(read_serial("second", serial));
	snprintf(uri, sizeof(uri), "pkcs11:serial=%s", serial);
	EXPECT_EQ(PARSEC_SUCCESS, opens(uri, NULL, NULL));
	snprintf(uri, sizeof(uri), "pkcs11:model=SoftHSM%%20v2;manufacturer=SoftHSM%%20project;"
		 "serial=%s;token=second", serial);
	EXPECT_EQ(PARSEC_SUCCESS, opens(uri, NULL, NULL));
	snprintf(uri, sizeof(uri), "pkcs11:serial=%s;token=parsec", serial);
	EXPECT_EQ(away, opens(uri, NULL, NULL));
	EXPECT_EQ(away, opens("pkcs11:token=parsec;model=other", NULL, NULL));
	EXPECT_EQ(away, opens("pkcs11:token=parsec;manufacturer=other", NULL, NULL));
}

/* With the line, and without what is in it */
static bool refuses(const char *uri, const char *reason)
{
	return opens(uri, NULL, NULL) == PARSEC_PSA_ERROR_INVALID_ARGUMENT &&
	       strstr(said, "line 3: token: ") && strstr(said, reason) && !strstr(said, "1234");
}

TEST_F(pkcs11_uri, what_is_no_uri_is_refused)
{
	static const char *const uris[] = {
		"", "parsec", "token=parsec", "http:token=parsec", "pkcs11:token",
		"pkcs11:token=%zz", "pkcs11:token=parsec%",
	};

	for (size_t i = 0; i < ELEMENTS(uris); i++) {
		EXPECT_TRUE(refuses(uris[i], "it must be a PKCS #11 URI")) {
			TH_LOG("%s", uris[i]);
		}
	}
}

/* A PIN would be shown with the URI; what else there can be in one is not heeded, so not taken */
TEST_F(pkcs11_uri, what_says_more_than_which_token_is_refused)
{
	static const char *const uris[] = {
		"pkcs11:token=parsec?pin-value=1234", "pkcs11:token=parsec;pin-value=1234",
		"pkcs11:token=parsec?pin-source=/1234", "pkcs11:token=parsec;pin-source=/1234",
		"pkcs11:token=parsec;pinfile=/1234", "pkcs11:token=parsec?module-name=softhsm2",
		"pkcs11:token=parsec?module-path=/1234", "pkcs11:token=parsec;module-path=/1234",
		"pkcs11:token=parsec?x-vendor=1234", "pkcs11:token=parsec;x-vendor=1234",
		"pkcs11:token=parsec;object=1234", "pkcs11:token=parsec;type=private",
		"pkcs11:token=parsec;id=%12%34", "pkcs11:token=parsec;slot-id=1234",
		"pkcs11:token=parsec;library-description=1234",
		/* Longer than it can be; any token's to p11-kit */
		"pkcs11:serial=01234567890123456", "pkcs11:token=%00",
	};

	for (size_t i = 0; i < ELEMENTS(uris); i++) {
		EXPECT_TRUE(refuses(uris[i], "and nothing else")) {
			TH_LOG("%s: %s", uris[i], said);
		}
	}
}

TEST_F(pkcs11_uri, two_ways_to_say_it_are_one_too_many)
{
	static const char *const others[][2] = {
		{ "token_label", "parsec" }, { "serial_number", "1" }, { "slot_number", "0" },
	};

	for (size_t i = 0; i < ELEMENTS(others); i++) {
		EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
			  opens("pkcs11:token=parsec", others[i][0], others[i][1]));
		EXPECT_NE(NULL, strstr(said, "remove one or the others"));
	}
	EXPECT_EQ(PARSEC_SUCCESS, opens("pkcs11:token=parsec", "allow_export", "false"));
	/* The last one counts, and the first one is not lost */
	EXPECT_EQ(PARSEC_SUCCESS, opens("pkcs11:token=other", "token", "pkcs11:token=parsec"));
}

TEST_HARNESS_MAIN
