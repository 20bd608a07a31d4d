// SPDX-License-Identifier: Apache-2.0
/*
 * What the answers of a PKCS #11 library mean, each of them: those that the contract names
 * have its status, all others are a failure of communication.
 */
#include "kselftest_harness.h"

#include <stdlib.h>
#include <string.h>

#include "providers/pkcs11/pkcs11.h"

#define HEADER	"/usr/include/p11-kit-1/p11-kit/pkcs11.h"

/* Section 6 of the contract */
static const struct {
	CK_RV rv;
	enum parsec_status status;
} named[] = {
	{ CKR_OK, PARSEC_SUCCESS },
	{ CKR_HOST_MEMORY, PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY },
	{ CKR_DEVICE_ERROR, PARSEC_PSA_ERROR_HARDWARE_FAILURE },
	{ CKR_DEVICE_REMOVED, PARSEC_PSA_ERROR_HARDWARE_FAILURE },
	{ CKR_TOKEN_NOT_PRESENT, PARSEC_PSA_ERROR_HARDWARE_FAILURE },
	{ CKR_TOKEN_NOT_RECOGNIZED, PARSEC_PSA_ERROR_HARDWARE_FAILURE },
	{ CKR_STATE_UNSAVEABLE, PARSEC_PSA_ERROR_HARDWARE_FAILURE },
	{ CKR_DEVICE_MEMORY, PARSEC_PSA_ERROR_INSUFFICIENT_STORAGE },
	{ CKR_SIGNATURE_INVALID, PARSEC_PSA_ERROR_INVALID_SIGNATURE },
	{ CKR_SIGNATURE_LEN_RANGE, PARSEC_PSA_ERROR_INVALID_SIGNATURE },
	{ CKR_RANDOM_NO_RNG, PARSEC_PSA_ERROR_INSUFFICIENT_ENTROPY },
	{ CKR_CURVE_NOT_SUPPORTED, PARSEC_PSA_ERROR_NOT_SUPPORTED },
	{ CKR_DOMAIN_PARAMS_INVALID, PARSEC_PSA_ERROR_NOT_SUPPORTED },
	{ CKR_FUNCTION_NOT_SUPPORTED, PARSEC_PSA_ERROR_NOT_SUPPORTED },
};

static enum parsec_status expected(CK_RV rv)
{
	for (size_t i = 0; i < ELEMENTS(named); i++) {
		if (named[i].rv == rv)
			return named[i].status;
	}
	return PARSEC_PSA_ERROR_COMMUNICATION_FAILURE;
}

static char told[256];

__attribute__((format(printf, 2, 3)))
static void hear(enum parsec_log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(told, sizeof(told), format, args);
	va_end(args);
}

/* Each code of the header has its name in the log, so none is missing in the table */
TEST(each_code_is_known_and_has_its_status)
{
	static const struct parsec_provider_host host = { .log = hear };
	struct parsec_provider_ctx ctx = { .host = &host };
	FILE *header = fopen(HEADER, "re");
	char line[256], name[64], number[64];
	int count = 0;

	ASSERT_NE(NULL, header);
	while (fgets(line, sizeof(line), header)) {
		CK_RV rv;

		if (sscanf(line, "#define %63[A-Z_]%*[ \t](%63[0-9a-fA-FxX]UL)", name,
			   number) != 2 || strncmp(name, "CKR_", 4))
			continue;
		count++;
		rv = strtoul(number, NULL, 0);
		EXPECT_EQ(expected(rv), status_of(rv)) {
			TH_LOG("%s", name);
		}
		told[0] = '\0';
		EXPECT_EQ(status_of(rv), failed(&ctx, "it", rv));
		if (rv != CKR_OK && !strstr(told, name))
			EXPECT_STREQ(name, told);
	}
	fclose(header);
	EXPECT_LE(90, count);
}

TEST(what_nobody_knows_is_a_failure_of_communication)
{
	static const CK_RV unknown[] = { 4, 0x13d, 0x7fffffff, CKR_VENDOR_DEFINED,
					 CKR_VENDOR_DEFINED + 7, ~0UL };

	for (size_t i = 0; i < ELEMENTS(unknown); i++)
		EXPECT_EQ(PARSEC_PSA_ERROR_COMMUNICATION_FAILURE, status_of(unknown[i]));
}

/* No answer is a success but the one */
TEST(only_ok_is_a_success)
{
	for (CK_RV rv = 1; rv < 0x1000; rv++)
		ASSERT_NE(PARSEC_SUCCESS, status_of(rv));
}

TEST_HARNESS_MAIN
