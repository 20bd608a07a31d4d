// SPDX-License-Identifier: Apache-2.0
/*
 * The core provider: which ids exist, what is said of providers that are down, and how
 * lists of several are put together.
 */
#include "kselftest_harness.h"

#include <stdio.h>
#include <string.h>

#include "providers/core.h"

/* Two providers that can be switched off */
static struct {
	bool up[2];
	bool same[2];
	enum parsec_status list_status[2];
	unsigned int described[2];
	uint8_t opcode;
	char app[32];
} world;

static enum parsec_status describe(void *arg, size_t peer,
				   struct core_description *description)
{
	(void)arg;
	if (!world.up[peer])
		return PARSEC_PSA_ERROR_COMMUNICATION_FAILURE;
	world.described[peer]++;
	world.same[peer] = true;
	*description = (struct core_description){ .info_len = 2 };
	description->info[0] = (uint8_t)('a' + peer);
	description->info[1] = (uint8_t)('0' + world.described[peer]);
	description->opcodes[0] = 1 << PARSEC_OP_PSA_SIGN_HASH;
	return PARSEC_SUCCESS;
}

static enum parsec_status ask(void *arg, size_t peer, uint8_t opcode,
			      const struct core_caller *caller, struct parsec_out *answer)
{
	(void)arg;
	world.opcode = opcode;
	memcpy(world.app, caller->app.data, caller->app.len);
	if (answer->size - answer->len < 3)
		return PARSEC_RESPONSE_TOO_LARGE;
	memset(answer->data + answer->len, (int)('x' + peer), 3);
	answer->len += 3;
	return world.list_status[peer];
}

static bool is_same(void *arg, size_t peer)
{
	(void)arg;
	return world.up[peer] && world.same[peer];
}

/* Where a failure is noted, too */
static struct parsec_out *self_out;

static const struct core_link link_to_world = { describe, ask, is_same };
/* Not in the order of their ids */
static const struct core_peer peers[] = { { "other", 20 }, { "software", 1 } };

FIXTURE(core)
{
	struct core *core;
	uint8_t room[16];
	struct parsec_out out;
};

FIXTURE_SETUP(core)
{
	memset(&world, 0, sizeof(world));
	world.up[0] = world.up[1] = true;
	self->core = core_new(peers, 2, &link_to_world, NULL);
	ASSERT_NE(NULL, self->core);
	self->out = (struct parsec_out){ self->room, sizeof(self->room), 0 };
}

FIXTURE_TEARDOWN(core)
{
	core_free(self->core);
}

#define IS(text)	(self->out.len == strlen(text) && \
			 !memcmp(self->room, text, self->out.len))

TEST_F(core, id_that_nothing_has_does_not_exist)
{
	static const uint32_t ids[] = { 4, 5, 15, 16, 19, 21, 255 };
	size_t i;

	for (i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		EXPECT_EQ(PARSEC_PROVIDER_DOES_NOT_EXIST,
			  core_answer_for(self->core, ids[i], PARSEC_OP_PSA_SIGN_HASH, true));
}

TEST_F(core, id_with_a_meaning_may_be_not_configured)
{
	EXPECT_EQ(PARSEC_PROVIDER_NOT_REGISTERED,
		  core_answer_for(self->core, PARSEC_PROVIDER_TPM, PARSEC_OP_PING, false));
	EXPECT_EQ(PARSEC_PROVIDER_NOT_REGISTERED,
		  core_answer_for(self->core, PARSEC_PROVIDER_PKCS11, PARSEC_OP_PING, false));
}

TEST_F(core, configured_provider_is_down)
{
	EXPECT_EQ(PARSEC_PSA_ERROR_COMMUNICATION_FAILURE,
		  core_answer_for(self->core, 20, PARSEC_OP_PSA_SIGN_HASH, true));
}

TEST_F(core, provider_that_is_down_never_did_what_it_cannot)
{
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  core_answer_for(self->core, 20, PARSEC_OP_PSA_GENERATE_KEY, true));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  core_answer_for(self->core, 20, PARSEC_OP_PING, false));
}

TEST_F(core, providers_are_listed_in_the_order_of_the_configuration)
{
	ASSERT_EQ(PARSEC_SUCCESS, core_list_providers(self->core, &self->out));
	EXPECT_TRUE(IS("a1b1"));
}

TEST_F(core, provider_is_asked_once_while_it_lives)
{
	core_list_providers(self->core, &self->out);
	core_list_providers(self->core, &self->out);
	EXPECT_EQ(1, world.described[0]);
	world.same[0] = false;
	core_list_providers(self->core, &self->out);
	EXPECT_TRUE(IS("a2b1"));
}

TEST_F(core, provider_that_went_down_is_listed_as_it_was)
{
	uint32_t opcodes[CORE_OPCODE_WORDS];

	world.up[1] = false;
	core_list_providers(self->core, &self->out);
	EXPECT_TRUE(IS("a1b1"));
	EXPECT_EQ(PARSEC_SUCCESS, core_list_opcodes(self->core, 1, opcodes));
	EXPECT_EQ(1 << PARSEC_OP_PSA_SIGN_HASH, opcodes[0]);
}

TEST_F(core, provider_that_never_came_up_is_listed_once_it_does)
{
	uint32_t opcodes[CORE_OPCODE_WORDS];

	core_free(self->core);
	world.up[0] = false;
	self->core = core_new(peers, 2, &link_to_world, NULL);
	core_list_providers(self->core, &self->out);
	EXPECT_TRUE(IS("b2"));
	EXPECT_EQ(PARSEC_PSA_ERROR_COMMUNICATION_FAILURE,
		  core_list_opcodes(self->core, 20, opcodes));
	EXPECT_EQ(PARSEC_PSA_ERROR_COMMUNICATION_FAILURE,
		  core_answer_for(self->core, 20, PARSEC_OP_PSA_GENERATE_KEY, true));

	world.up[0] = true;
	core_list_providers(self->core, &self->out);
	EXPECT_TRUE(IS("a2b2"));
}

TEST_F(core, list_that_does_not_fit_is_refused)
{
	self->out.size = 3;
	EXPECT_EQ(PARSEC_RESPONSE_TOO_LARGE, core_list_providers(self->core, &self->out));
}

TEST_F(core, opcodes_of_an_id_that_is_no_byte_do_not_exist)
{
	uint32_t opcodes[CORE_OPCODE_WORDS];

	EXPECT_EQ(PARSEC_PROVIDER_DOES_NOT_EXIST,
		  core_list_opcodes(self->core, 256 + 20, opcodes));
	EXPECT_EQ(PARSEC_PROVIDER_DOES_NOT_EXIST,
		  core_list_opcodes(self->core, UINT32_MAX, opcodes));
}

static const struct core_caller caller = {
	.auth_id = 3, .app = { (const uint8_t *)"1000", 4 },
};

TEST_F(core, keys_of_all_providers_are_listed_for_the_caller)
{
	ASSERT_EQ(PARSEC_SUCCESS,
		  core_ask_all(self->core, PARSEC_OP_LIST_KEYS, &caller, &self->out));
	EXPECT_TRUE(IS("xxxyyy"));
	EXPECT_STREQ("1000", world.app);
	EXPECT_EQ(PARSEC_OP_LIST_KEYS, world.opcode);
}

TEST_F(core, provider_that_fails_contributes_no_keys)
{
	world.list_status[0] = PARSEC_KEY_INFO_MANAGER_ERROR;
	ASSERT_EQ(PARSEC_SUCCESS,
		  core_ask_all(self->core, PARSEC_OP_LIST_KEYS, &caller, &self->out));
	EXPECT_TRUE(IS("yyy"));
}

static void note_failure(void *arg, const struct core_peer *peer, enum parsec_status status)
{
	snprintf(arg, 32, "%s %u", peer->name, status);
	self_out->data[self_out->len++] = '-';
}

TEST_F(core, who_does_not_answer_is_told_in_its_place)
{
	char failed[32] = "";

	world.list_status[0] = PARSEC_PSA_ERROR_COMMUNICATION_FAILURE;
	self->out.data[self->out.len++] = '>';
	self_out = &self->out;
	core_ask_each(self->core, PARSEC_OP_GET_STATS, &caller, &self->out, note_failure, failed);
	EXPECT_TRUE(IS(">-yyy"));
	EXPECT_STREQ("other 1145", failed);
	EXPECT_EQ(PARSEC_OP_GET_STATS, world.opcode);
}

TEST_F(core, keys_that_do_not_fit_are_refused)
{
	self->out.size = 5;
	EXPECT_EQ(PARSEC_RESPONSE_TOO_LARGE,
		  core_ask_all(self->core, PARSEC_OP_LIST_KEYS, &caller, &self->out));
}

TEST_HARNESS_MAIN
