// SPDX-License-Identifier: Apache-2.0
/*
 * Authorisation values of the hierarchies of a TPM, and what somebody sees of them who listens on
 * the way to it. Runs in the top folder.
 */
#include "kselftest_harness.h"

#include "selftests/unit/tpm_attest.h"

/* What the listener looks for, how often it was seen, and how many messages there were */
static const char *wanted;
static unsigned int seen, heard;

static TSS2_TCTI_TRANSMIT_FCN send_on;
static TSS2_TCTI_RECEIVE_FCN receive_on;

static void listen_to(const uint8_t *message, size_t size)
{
	heard++;
	seen += wanted && memmem(message, size, wanted, strlen(wanted));
}

static TSS2_RC transmit(TSS2_TCTI_CONTEXT *tcti, size_t size, const uint8_t *command)
{
	listen_to(command, size);
	return send_on(tcti, size, command);
}

static TSS2_RC receive(TSS2_TCTI_CONTEXT *tcti, size_t *size, uint8_t *response, int32_t timeout)
{
	TSS2_RC rc = receive_on(tcti, size, response, timeout);

	if (!rc && response)
		listen_to(response, *size);
	return rc;
}

/* The linker puts the listener between the provider and the TPM (--wrap) */
TSS2_RC __real_Esys_Initialize(ESYS_CONTEXT **esys, TSS2_TCTI_CONTEXT *tcti,
			       TSS2_ABI_VERSION *version);
TSS2_RC __wrap_Esys_Initialize(ESYS_CONTEXT **esys, TSS2_TCTI_CONTEXT *tcti,
			       TSS2_ABI_VERSION *version)
{
	send_on = TSS2_TCTI_TRANSMIT(tcti);
	receive_on = TSS2_TCTI_RECEIVE(tcti);
	TSS2_TCTI_TRANSMIT(tcti) = transmit;
	TSS2_TCTI_RECEIVE(tcti) = receive;
	return __real_Esys_Initialize(esys, tcti, version);
}

/* Give the hierarchy "o" or "e" a value */
static void change(FIXTURE_DATA(tpm) *self, const char *hierarchy, const char *value)
{
	ops->close(self->ctx);
	self->ctx = NULL;
	shell("TPM2TOOLS_TCTI=%s tpm2_changeauth -c %s %s", self->tcti, hierarchy, value);
}

/* Sign and have the key attested, which is all that a hierarchy is needed for */
static void try_all(struct __test_metadata *_metadata, FIXTURE_DATA(tpm) *self,
		    enum parsec_status attested)
{
	static const uint8_t hash[32] = { 1, 2, 3 };
	uint8_t room[64];
	struct parsec_out signature = { room, sizeof(room), 0 };
	struct stored stored;

	ASSERT_EQ(PARSEC_SUCCESS, make(self, &stored, signing_key()));
	ASSERT_EQ(PARSEC_SUCCESS, load(self, &stored));
	EXPECT_EQ(attested, attest(self, stored.key, NULL, false));
	EXPECT_EQ(PARSEC_SUCCESS, ops->sign(self->ctx, stored.key, &stored.attrs.alg,
					    (struct parsec_span){ hash, 32 }, &signature));
	/* Once more, with all that has been lost in between */
	shell("swtpm_ioctl -i --unix %s/tpm.ctrl", self->dir);
	EXPECT_EQ(attested, attest(self, stored.key, NULL, false));
	ops->unload(self->ctx, stored.key);
}

static void expect_no_lockout(struct __test_metadata *_metadata, FIXTURE_DATA(tpm) *self)
{
	if (self->ctx)
		ops->close(self->ctx);
	self->ctx = NULL;
	EXPECT_EQ(0, property(self, TPM2_PT_LOCKOUT_COUNTER));
}

TEST_F(tpm, nobody_hears_the_value_of_the_owner)
{
	change(self, "o", "what-nobody-hears");
	wanted = "nobody-hears";
	EXPECT_EQ(PARSEC_PSA_ERROR_GENERIC_ERROR, open_with(self, NULL, NULL));
	heard = 0;
	ASSERT_EQ(PARSEC_SUCCESS, open_with(self, "owner_hierarchy_auth",
					    "str:what-nobody-hears"));
	EXPECT_STREQ("", said);
	try_all(_metadata, self, PARSEC_SUCCESS);
	EXPECT_LT(50, heard);
	EXPECT_EQ(0, seen);
	expect_no_lockout(_metadata, self);
}

TEST_F(tpm, nobody_hears_the_value_of_the_endorsement_hierarchy)
{
	change(self, "e", "what-nobody-hears");
	wanted = "nobody-hears";
	heard = 0;
	ASSERT_EQ(PARSEC_SUCCESS, open_with(self, "endorsement_hierarchy_auth",
					    "str:what-nobody-hears"));
	try_all(_metadata, self, PARSEC_SUCCESS);
	EXPECT_LT(50, heard);
	EXPECT_EQ(0, seen);
	expect_no_lockout(_metadata, self);
}

TEST_F(tpm, wrong_values_are_refused_and_not_heard)
{
	change(self, "e", "some");
	wanted = "a-wrong-one";
	EXPECT_EQ(PARSEC_PSA_ERROR_GENERIC_ERROR,
		  open_with(self, "owner_hierarchy_auth", "str:a-wrong-one"));
	EXPECT_STREQ("owner_hierarchy_auth: the TPM does not take it", said);
	ASSERT_EQ(PARSEC_SUCCESS, open_with(self, "endorsement_hierarchy_auth",
					    "str:a-wrong-one"));
	try_all(_metadata, self, PARSEC_PSA_ERROR_GENERIC_ERROR);
	EXPECT_EQ(0, seen);
	expect_no_lockout(_metadata, self);
}

/* A TPM keeps no zeros at the end of a value */
TEST_F(tpm, values_may_end_with_zeros)
{
	static const char *const values[] = { "hex:00ff10", "hex:00ff1000", "hex:00ff10000000" };

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		change(self, "o", values[i]);
		EXPECT_EQ(PARSEC_PSA_ERROR_GENERIC_ERROR, open_with(self, NULL, NULL));
		EXPECT_EQ(PARSEC_SUCCESS, open_with(self, "owner_hierarchy_auth", values[0]));
		ops->close(self->ctx);
		EXPECT_EQ(PARSEC_SUCCESS, open_with(self, "owner_hierarchy_auth", values[1]));
		ops->close(self->ctx);
		ASSERT_EQ(PARSEC_SUCCESS, open_with(self, "owner_hierarchy_auth", values[2]));
		ops->close(self->ctx);
		self->ctx = NULL;
		shell("TPM2TOOLS_TCTI=%s tpm2_changeauth -c o -p %s", self->tcti, values[0]);
		ASSERT_EQ(PARSEC_SUCCESS, open_with(self, "owner_hierarchy_auth", "hex:0000"));
	}
}

/* One that others have filled has room for what it takes to show that we know the value */
TEST_F(tpm, a_full_tpm_of_an_owner_with_a_value_is_made_room_in)
{
	change(self, "o", "some");
	shell("for i in 1 2 3; do TPM2TOOLS_TCTI=%s tpm2_createprimary -P some -c %s/$i.ctx "
	      ">/dev/null; done", self->tcti, self->dir);
	ASSERT_EQ(PARSEC_SUCCESS, open_with(self, "owner_hierarchy_auth", "str:some"));
	try_all(_metadata, self, PARSEC_SUCCESS);
}

TEST_HARNESS_MAIN
