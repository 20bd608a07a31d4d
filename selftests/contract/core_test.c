// SPDX-License-Identifier: Apache-2.0
/*
 * The core's operations, and what is checked before an operation is reached.
 */
#include "kselftest_harness.h"

#include "selftests/contract/ask.h"

#define CORE_UUID	"47049873-2a43-4845-9d72-831eab668784"
#define SOFTWARE_UUID	"df93d95d-8086-43a7-a5dd-dc5ef3412819"

/* Operations of the contract, by class; admin ones among the core's */
static const uint8_t core_ops[] = { 1, 8, 9, 14, 26, 27, 28 };
static const uint8_t crypto_ops[] = {
	2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 30,
	31, 32,
};
/* Those that are not served */
static const struct {
	uint8_t opcode;
	const char *body;
} unserved[] = {
	{ 30, "0a016b" "1209" "0a07" "0a026262" "120173" },
	{ 31, "0a05" "0a03" "0a016b" },
};

/* Cut short, so that status 7 shows that it was decoded */
#define MALFORMED	hex("1122334455")

TEST(ping_answers_1_0)
{
	EXPECT_EQ(PARSEC_SUCCESS, ask(CORE, PARSEC_OP_PING, NOTHING));
	EXPECT_TRUE(same(hex("0801"), answer));
}

TEST(unknown_fields_are_no_reason_to_refuse)
{
	EXPECT_EQ(PARSEC_SUCCESS, ask(CORE, PARSEC_OP_PING, bytes(77, text("new"))));
}

TEST(opcodes_that_do_not_exist_are_9_whatever_else_is_wrong)
{
	static const uint8_t providers[] = { 0, 1, 2, 99 };
	unsigned int opcode;
	size_t i;

	for (opcode = 1; opcode <= 0x7f; opcode++) {
		if (opcode <= 32 && opcode != 29)
			continue;
		for (i = 0; i < ARRAY_SIZE(providers); i++) {
			/* Core has operations that are not in the contract */
			if (!providers[i] && opcode >= PARSEC_OP_WHO_AM_I)
				continue;
			EXPECT_EQ(PARSEC_OPCODE_DOES_NOT_EXIST,
				  ask(providers[i], opcode, MALFORMED))
				TH_LOG("opcode %u, provider %u", opcode, providers[i]);
		}
	}
}

TEST(providers_that_do_not_exist_are_6_before_the_class_of_the_operation)
{
	static const uint8_t ids[] = { 4, 5, 15, 16, 99, 255 };
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		for (j = 0; j < ARRAY_SIZE(core_ops); j++) {
			EXPECT_EQ(PARSEC_PROVIDER_DOES_NOT_EXIST,
				  ask(ids[i], core_ops[j], MALFORMED))
				TH_LOG("opcode %u, provider %u", core_ops[j], ids[i]);
		}
		for (j = 0; j < ARRAY_SIZE(crypto_ops); j++) {
			EXPECT_EQ(PARSEC_PROVIDER_DOES_NOT_EXIST,
				  ask(ids[i], crypto_ops[j], MALFORMED))
				TH_LOG("opcode %u, provider %u", crypto_ops[j], ids[i]);
		}
	}
}

TEST(providers_that_are_not_configured_are_5_before_the_class_of_the_operation)
{
	uint8_t id;
	size_t j;

	for (id = PARSEC_PROVIDER_PKCS11; id <= PARSEC_PROVIDER_TPM; id++) {
		for (j = 0; j < ARRAY_SIZE(core_ops); j++) {
			EXPECT_EQ(PARSEC_PROVIDER_NOT_REGISTERED,
				  ask(id, core_ops[j], MALFORMED))
				TH_LOG("opcode %u, provider %u", core_ops[j], id);
		}
		for (j = 0; j < ARRAY_SIZE(crypto_ops); j++) {
			EXPECT_EQ(PARSEC_PROVIDER_NOT_REGISTERED,
				  ask(id, crypto_ops[j], MALFORMED))
				TH_LOG("opcode %u, provider %u", crypto_ops[j], id);
		}
	}
}

TEST(operations_of_the_other_class_are_1134_before_they_are_decoded)
{
	size_t j;

	for (j = 0; j < ARRAY_SIZE(core_ops); j++) {
		EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
			  ask(SOFTWARE, core_ops[j], MALFORMED))
			TH_LOG("opcode %u", core_ops[j]);
	}
	for (j = 0; j < ARRAY_SIZE(crypto_ops); j++) {
		EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
			  ask(CORE, crypto_ops[j], MALFORMED))
			TH_LOG("opcode %u", crypto_ops[j]);
	}
}

TEST(admin_operations_are_21_before_they_are_decoded)
{
	EXPECT_EQ(PARSEC_ADMIN_OPERATION, ask(CORE, PARSEC_OP_LIST_CLIENTS, MALFORMED));
	EXPECT_EQ(PARSEC_ADMIN_OPERATION, ask(CORE, PARSEC_OP_DELETE_CLIENT, MALFORMED));
}

TEST(operations_that_are_not_served_are_1134)
{
	size_t j;

	for (j = 0; j < ARRAY_SIZE(unserved); j++) {
		EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
			  ask(SOFTWARE, unserved[j].opcode, hex(unserved[j].body)))
			TH_LOG("opcode %u", unserved[j].opcode);
	}
}

TEST(malformed_bodies_are_7)
{
	static const char *const bodies[] = {
		"1122334455",	/* fixed64 cut short */
		"0b0c",		/* a group */
		"0a02",		/* length beyond the end */
		"08",		/* no value */
		"0000",		/* field number 0 */
		"ff",		/* key cut short */
	};
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(bodies); i++) {
		for (j = 0; j < ARRAY_SIZE(core_ops) - 2; j++) {
			EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED,
				  ask(CORE, core_ops[j], hex(bodies[i])))
				TH_LOG("opcode %u, body %s", core_ops[j], bodies[i]);
		}
		for (j = 0; j < ARRAY_SIZE(crypto_ops); j++) {
			EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED,
				  ask(SOFTWARE, crypto_ops[j], hex(bodies[i])))
				TH_LOG("opcode %u, body %s", crypto_ops[j], bodies[i]);
		}
	}
}

struct provider_info {
	struct parsec_span texts[4];	/* by field number */
	uint64_t version_major, id;
};

static void read_provider(struct parsec_span message, struct provider_info *info)
{
	struct parsec_span value;
	uint32_t field;
	uint64_t n;

	memset(info, 0, sizeof(*info));
	while ((field = next_field(&message, &value, &n))) {
		if (field <= 3)
			info->texts[field] = value;
		else if (field == 4)
			info->version_major = n;
		else if (field == 7)
			info->id = n;
	}
}

TEST(providers_are_listed_in_order_with_core_last)
{
	struct parsec_span rest, value;
	struct provider_info info;
	uint64_t n;

	ASSERT_EQ(PARSEC_SUCCESS, ask(CORE, PARSEC_OP_LIST_PROVIDERS, NOTHING));
	rest = answer;
	ASSERT_EQ(1, next_field(&rest, &value, &n));
	read_provider(value, &info);
	EXPECT_TRUE(same(text(SOFTWARE_UUID), info.texts[1]));
	EXPECT_LT(0, info.texts[2].len);
	EXPECT_EQ(SOFTWARE, info.id);
	ASSERT_EQ(1, next_field(&rest, &value, &n));
	read_provider(value, &info);
	EXPECT_TRUE(same(text(CORE_UUID), info.texts[1]));
	EXPECT_EQ(CORE, info.id);
	EXPECT_EQ(0, rest.len);
}

static uint64_t opcode_set(struct parsec_span list)
{
	struct parsec_span value;
	uint64_t n, set = 0;

	if (next_field(&list, &value, &n) != 1)
		return 0;
	/* Packed; opcodes are single bytes */
	while (value.len--)
		set |= UINT64_C(1) << *value.data++;
	return set;
}

static uint64_t set_of(const uint8_t *opcodes, size_t count)
{
	uint64_t set = 0;

	while (count--)
		set |= UINT64_C(1) << opcodes[count];
	return set;
}

TEST(opcodes_of_core_are_all_that_core_answers)
{
	static const uint8_t served[] = { 1, 8, 9, 14, 26, 27, 28 };

	ASSERT_EQ(PARSEC_SUCCESS, ask(CORE, PARSEC_OP_LIST_OPCODES, NOTHING));
	EXPECT_EQ(set_of(served, ARRAY_SIZE(served)), opcode_set(answer));
	ASSERT_EQ(PARSEC_SUCCESS, ask(CORE, PARSEC_OP_LIST_OPCODES, number(1, 0)));
	EXPECT_EQ(set_of(served, ARRAY_SIZE(served)), opcode_set(answer));
}

TEST(opcodes_of_a_provider_are_a_promise)
{
	static const uint8_t served[] = {
		2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
		32,
	};

	ASSERT_EQ(PARSEC_SUCCESS, ask(CORE, PARSEC_OP_LIST_OPCODES, number(1, SOFTWARE)));
	EXPECT_EQ(set_of(served, ARRAY_SIZE(served)), opcode_set(answer));
}

TEST(opcodes_of_absent_providers_are_5_or_6)
{
	EXPECT_EQ(PARSEC_PROVIDER_NOT_REGISTERED,
		  ask(CORE, PARSEC_OP_LIST_OPCODES, number(1, PARSEC_PROVIDER_TPM)));
	EXPECT_EQ(PARSEC_PROVIDER_DOES_NOT_EXIST,
		  ask(CORE, PARSEC_OP_LIST_OPCODES, number(1, 99)));
	EXPECT_EQ(PARSEC_PROVIDER_DOES_NOT_EXIST,
		  ask(CORE, PARSEC_OP_LIST_OPCODES, number(1, 256 + SOFTWARE)));
	EXPECT_EQ(PARSEC_PROVIDER_DOES_NOT_EXIST,
		  ask(CORE, PARSEC_OP_LIST_OPCODES, number(1, UINT32_MAX)));
}

TEST(the_authenticator_is_unix_peer_credentials)
{
	struct parsec_span rest, value, field;
	uint64_t n, id = 0;
	uint32_t number;

	ASSERT_EQ(PARSEC_SUCCESS, ask(CORE, PARSEC_OP_LIST_AUTHENTICATORS, NOTHING));
	rest = answer;
	ASSERT_EQ(1, next_field(&rest, &value, &n));
	EXPECT_EQ(0, rest.len);
	while ((number = next_field(&value, &field, &n)))
		if (number == 5)
			id = n;
	EXPECT_EQ(3, id);
}

TEST_HARNESS_MAIN
