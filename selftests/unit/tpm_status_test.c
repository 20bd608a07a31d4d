// SPDX-License-Identifier: Apache-2.0
/*
 * The TPM provider's table of statuses: every code that there can be has one, and those that
 * mean something have the right one, whichever parameter, handle or session they are about.
 */
#include "kselftest_harness.h"

#include "providers/tpm/tpm.h"

#define LAYERS	256

static bool is_status(enum parsec_status status)
{
	switch (status) {
#define CASE(number, constant, name, text) case PARSEC_##constant:
	PARSEC_STATUS_LIST(CASE)
#undef CASE
		return status >= PARSEC_PSA_ERROR_GENERIC_ERROR;
	}
	return false;
}

/* A layer and a code of 16 bits are all that there is */
TEST(every_code_is_a_failure_with_a_status_of_the_contract)
{
	for (uint32_t layer = 0; layer < LAYERS; layer++) {
		for (uint32_t code = 0; code <= 0xffff; code++) {
			TSS2_RC rc = TSS2_RC_LAYER(layer) | code;

			if (rc && !is_status(tpm_status_of(rc)))
				ASSERT_EQ(0, rc);
		}
	}
	EXPECT_EQ(PARSEC_SUCCESS, tpm_status_of(TSS2_RC_SUCCESS));
	EXPECT_TRUE(is_status(tpm_status_of(UINT32_MAX)));
}

static const struct {
	TSS2_RC rc;
	enum parsec_status status;
} meanings[] = {
	{ TPM2_RC_SIGNATURE, PARSEC_PSA_ERROR_INVALID_SIGNATURE },
	{ TPM2_RC_OBJECT_MEMORY, PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY },
	{ TPM2_RC_SESSION_MEMORY, PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY },
	{ TPM2_RC_MEMORY, PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY },
	{ TPM2_RC_RETRY, PARSEC_PSA_ERROR_HARDWARE_FAILURE },
	{ TPM2_RC_FAILURE, PARSEC_PSA_ERROR_HARDWARE_FAILURE },
	{ TPM2_RC_ASYMMETRIC, PARSEC_PSA_ERROR_NOT_SUPPORTED },
	{ TPM2_RC_HASH, PARSEC_PSA_ERROR_NOT_SUPPORTED },
	{ TPM2_RC_KEY_SIZE, PARSEC_PSA_ERROR_NOT_SUPPORTED },
	{ TPM2_RC_MGF, PARSEC_PSA_ERROR_NOT_SUPPORTED },
	{ TPM2_RC_MODE, PARSEC_PSA_ERROR_NOT_SUPPORTED },
	{ TPM2_RC_KDF, PARSEC_PSA_ERROR_NOT_SUPPORTED },
	{ TPM2_RC_SCHEME, PARSEC_PSA_ERROR_NOT_SUPPORTED },
	{ TPM2_RC_SYMMETRIC, PARSEC_PSA_ERROR_NOT_SUPPORTED },
	{ TPM2_RC_CURVE, PARSEC_PSA_ERROR_NOT_SUPPORTED },
	{ TPM2_RC_INTEGRITY, PARSEC_PSA_ERROR_DATA_CORRUPT },
	{ TPM2_RC_BAD_AUTH, PARSEC_PSA_ERROR_GENERIC_ERROR },
	{ TPM2_RC_SUCCESS + 0xfff, PARSEC_PSA_ERROR_COMMUNICATION_FAILURE },
};

TEST(codes_of_the_tpm_mean_what_they_say)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		EXPECT_EQ(meanings[i].status, tpm_status_of(meanings[i].rc));
	EXPECT_EQ(PARSEC_PSA_ERROR_HARDWARE_FAILURE, tpm_status_of(TPM_RC_OTHER_TPM));
	EXPECT_EQ(PARSEC_PSA_ERROR_COMMUNICATION_FAILURE,
		  tpm_status_of(TSS2_TCTI_RC_IO_ERROR));
	EXPECT_EQ(PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY, tpm_status_of(TSS2_ESYS_RC_MEMORY));
}

/* Bit 6 says parameter, else bit 11 says session or handle; the number is in bits 8 to 11 */
TEST(what_a_code_is_about_makes_no_difference)
{
	for (uint32_t about = 0; about < 16; about++) {
		for (uint32_t parameter = 0; parameter <= 0x40; parameter += 0x40) {
			TSS2_RC rc = TPM2_RC_CURVE | about << 8 | parameter;

			EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED, tpm_status_of(rc));
			EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
				  tpm_status_of(rc | TSS2_RESMGR_TPM_RC_LAYER));
			EXPECT_EQ(parameter != 0, tpm_rc_blames_parameter(rc));
		}
	}
	/* Codes of the first format have no such bits, and other layers no such codes */
	EXPECT_FALSE(tpm_rc_blames_parameter(TPM2_RC_FAILURE | 0x40));
	EXPECT_FALSE(tpm_rc_blames_parameter(TSS2_ESYS_RC_MEMORY | 0xc0));
	EXPECT_EQ(PARSEC_PSA_ERROR_COMMUNICATION_FAILURE,
		  tpm_status_of(TSS2_TCTI_RC_LAYER | TPM2_RC_CURVE));
}

TEST_HARNESS_MAIN
