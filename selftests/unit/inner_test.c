// SPDX-License-Identifier: Apache-2.0
/*
 * The line between the core host and a provider host: both of its ends, what is asked
 * over it, and what happens to those who do not keep to the frame.
 */
#include "kselftest_harness.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper/core_link.h"
#include "helper/inner.h"
#include "helper/log.h"
#include "selftests/unit/signer.h"

FIXTURE(inner)
{
	struct signer signer;
	struct inner_server *server;
	struct inner_peer peer;
	char path[100];
	uint8_t room[4096];
	struct parsec_out out;
};

static struct inner_server *serve(const struct host *host)
{
	struct inner_server *server = inner_server_listen(host);

	return server && inner_server_start(server) ? server : NULL;
}

FIXTURE_SETUP(inner)
{
	signer_open(&self->signer);
	snprintf(self->path, sizeof(self->path), "%s/signer", self->signer.dir);
	ASSERT_EQ(0, mkdir(self->path, 0700));
	strcat(self->path, "/sock");
	self->server = serve(&self->signer.host);
	ASSERT_NE(NULL, self->server);
	ASSERT_TRUE(inner_peer_init(&self->peer, self->signer.dir, "signer", geteuid()));
	self->out = (struct parsec_out){ self->room, sizeof(self->room), 0 };
}

FIXTURE_TEARDOWN(inner)
{
	inner_peer_close(&self->peer);
	inner_server_stop(self->server);
	signer_close(&self->signer);
}

static enum parsec_status ask(struct inner_peer *peer, uint8_t opcode, const char *app,
			      struct parsec_out *out)
{
	return inner_ask(peer, opcode, &(struct core_caller){
			.auth_id = 3, .app = { (const uint8_t *)app, strlen(app) } }, out);
}

TEST_F(inner, provider_describes_itself)
{
	struct contract_result result;

	ASSERT_EQ(PARSEC_SUCCESS, ask(&self->peer, PARSEC_OP_LIST_PROVIDERS, "", &self->out));
	ASSERT_EQ(PARSEC_SUCCESS,
		  contract_decode_result(PARSEC_OP_LIST_PROVIDERS,
			(struct parsec_span){ self->room, self->out.len }, &result));
	ASSERT_EQ(1, result.count);
	EXPECT_STREQ(signer_provider.uuid, result.providers[0].uuid);
	EXPECT_STREQ(signer_provider.description, result.providers[0].description);
	EXPECT_EQ(SIGNER_ID, result.providers[0].id);
	EXPECT_EQ(7, result.providers[0].version[1]);
	contract_result_free(&result);
}

TEST_F(inner, provider_describes_itself_with_the_uuid_of_its_instance)
{
	static const char own[] = "4f0a1d5e-3a52-4c0b-9f0e-7f5b1f0c9a11";
	struct contract_result result;

	self->signer.plugin.uuid = own;
	ASSERT_EQ(PARSEC_SUCCESS, ask(&self->peer, PARSEC_OP_LIST_PROVIDERS, "", &self->out));
	ASSERT_EQ(PARSEC_SUCCESS,
		  contract_decode_result(PARSEC_OP_LIST_PROVIDERS,
			(struct parsec_span){ self->room, self->out.len }, &result));
	ASSERT_EQ(1, result.count);
	EXPECT_STREQ(own, result.providers[0].uuid);
	contract_result_free(&result);
}

TEST_F(inner, provider_lists_what_it_performs)
{
	struct contract_result result;
	bool signs = false, pings = false;
	size_t i;

	ASSERT_EQ(PARSEC_SUCCESS, ask(&self->peer, PARSEC_OP_LIST_OPCODES, "", &self->out));
	ASSERT_EQ(PARSEC_SUCCESS,
		  contract_decode_result(PARSEC_OP_LIST_OPCODES,
			(struct parsec_span){ self->room, self->out.len }, &result));
	for (i = 0; i < result.count; i++) {
		signs |= result.opcodes[i] == PARSEC_OP_PSA_SIGN_HASH;
		pings |= result.opcodes[i] == PARSEC_OP_PING;
	}
	EXPECT_TRUE(signs);
	EXPECT_FALSE(pings);
	contract_result_free(&result);
}

TEST_F(inner, keys_are_those_of_the_application)
{
	struct contract_result result;

	signer_make_key(&self->signer, "1000", "mine");
	signer_make_key(&self->signer, "1001", "theirs");
	ASSERT_EQ(PARSEC_SUCCESS, ask(&self->peer, PARSEC_OP_LIST_KEYS, "1000", &self->out));
	ASSERT_EQ(PARSEC_SUCCESS,
		  contract_decode_result(PARSEC_OP_LIST_KEYS,
			(struct parsec_span){ self->room, self->out.len }, &result));
	ASSERT_EQ(1, result.count);
	EXPECT_EQ(SIGNER_ID, result.keys[0].provider_id);
	EXPECT_EQ(4, result.keys[0].name.len);
	EXPECT_EQ(0, memcmp("mine", result.keys[0].name.data, 4));
	EXPECT_EQ(256, result.keys[0].attrs.bits);
	contract_result_free(&result);
}

TEST_F(inner, applications_that_have_keys_are_listed_once)
{
	struct contract_result result;

	signer_make_key(&self->signer, "1001", "a");
	signer_make_key(&self->signer, "1000", "a");
	signer_make_key(&self->signer, "1000", "b");
	ASSERT_EQ(PARSEC_SUCCESS, ask(&self->peer, PARSEC_OP_LIST_CLIENTS, "", &self->out));
	ASSERT_EQ(PARSEC_SUCCESS,
		  contract_decode_result(PARSEC_OP_LIST_CLIENTS,
			(struct parsec_span){ self->room, self->out.len }, &result));
	ASSERT_EQ(2, result.count);
	EXPECT_EQ(0, memcmp("1000", result.clients[0].data, 4));
	EXPECT_EQ(0, memcmp("1001", result.clients[1].data, 4));
	contract_result_free(&result);
}

TEST_F(inner, all_keys_of_an_application_are_removed_and_no_others)
{
	signer_make_key(&self->signer, "1000", "a");
	signer_make_key(&self->signer, "1000", "b");
	signer_make_key(&self->signer, "1001", "a");
	ASSERT_EQ(PARSEC_SUCCESS,
		  ask(&self->peer, PARSEC_OP_DELETE_CLIENT, "1000", &self->out));
	EXPECT_FALSE(signer_has_key(&self->signer, "1000", "a"));
	EXPECT_FALSE(signer_has_key(&self->signer, "1000", "b"));
	EXPECT_TRUE(signer_has_key(&self->signer, "1001", "a"));
	EXPECT_EQ(PARSEC_SUCCESS,
		  ask(&self->peer, PARSEC_OP_DELETE_CLIENT, "nobody", &self->out));
}

TEST_F(inner, application_without_keys_has_an_empty_list)
{
	EXPECT_EQ(PARSEC_SUCCESS, ask(&self->peer, PARSEC_OP_LIST_KEYS, "x", &self->out));
	EXPECT_EQ(0, self->out.len);
}

TEST_F(inner, keys_are_appended_to_what_is_there)
{
	size_t len;

	signer_make_key(&self->signer, "1000", "mine");
	ask(&self->peer, PARSEC_OP_LIST_KEYS, "1000", &self->out);
	len = self->out.len;
	ask(&self->peer, PARSEC_OP_LIST_KEYS, "1000", &self->out);
	ASSERT_EQ(2 * len, self->out.len);
	EXPECT_EQ(0, memcmp(self->room, self->room + len, len));
}

TEST_F(inner, answer_without_room_is_too_large)
{
	signer_make_key(&self->signer, "1000", "mine");
	self->out.size = 10;
	EXPECT_EQ(PARSEC_RESPONSE_TOO_LARGE,
		  ask(&self->peer, PARSEC_OP_LIST_KEYS, "1000", &self->out));
	self->out.size = sizeof(self->room);
	EXPECT_EQ(PARSEC_SUCCESS,
		  ask(&self->peer, PARSEC_OP_LIST_KEYS, "1000", &self->out));
}

TEST_F(inner, other_operations_are_not_for_this_line)
{
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  ask(&self->peer, PARSEC_OP_PING, "", &self->out));
	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  ask(&self->peer, PARSEC_OP_PSA_SIGN_HASH, "1000", &self->out));
	EXPECT_EQ(PARSEC_OPCODE_DOES_NOT_EXIST, ask(&self->peer, 0, "", &self->out));
}

TEST_F(inner, connection_is_kept)
{
	unsigned int serial;

	EXPECT_EQ(0, inner_serial(&self->peer));
	ask(&self->peer, PARSEC_OP_LIST_KEYS, "x", &self->out);
	serial = inner_serial(&self->peer);
	EXPECT_NE(0, serial);
	ask(&self->peer, PARSEC_OP_LIST_KEYS, "x", &self->out);
	EXPECT_EQ(serial, inner_serial(&self->peer));
}

TEST_F(inner, restarted_host_is_found_again)
{
	unsigned int serial;

	ask(&self->peer, PARSEC_OP_LIST_KEYS, "x", &self->out);
	serial = inner_serial(&self->peer);
	inner_server_stop(self->server);
	self->server = NULL;
	EXPECT_EQ(0, inner_serial(&self->peer));
	EXPECT_EQ(PARSEC_PSA_ERROR_COMMUNICATION_FAILURE,
		  ask(&self->peer, PARSEC_OP_LIST_KEYS, "x", &self->out));

	self->server = serve(&self->signer.host);
	ASSERT_NE(NULL, self->server);
	EXPECT_EQ(PARSEC_SUCCESS, ask(&self->peer, PARSEC_OP_LIST_KEYS, "x", &self->out));
	EXPECT_NE(serial, inner_serial(&self->peer));
}

/* The directory says who can come this far, be it another user */
TEST_F(inner, socket_is_open_to_those_who_can_enter_its_directory)
{
	struct stat st;

	ASSERT_EQ(0, stat(self->path, &st));
	EXPECT_EQ(0666, st.st_mode & 0777);
}

static int connect_to(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	return connect(fd, (struct sockaddr *)&addr, sizeof(addr)) ? -1 : fd;
}

/* Does the other side hang up, without a word? */
static bool is_hung_up(int fd)
{
	char byte;

	return recv(fd, &byte, 1, 0) <= 0;
}

TEST_F(inner, other_user_is_not_heard)
{
	pid_t child;
	int status;

	if (geteuid())
		SKIP(return, "only root can be somebody else");
	chmod(self->signer.dir, 0755);
	*strrchr(self->path, '/') = '\0';
	chmod(self->path, 0755);
	strcat(self->path, "/sock");
	child = fork();
	if (!child) {
		struct inner_request frame = { .opcode = PARSEC_OP_LIST_KEYS };
		int fd;

		if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
			_exit(2);
		fd = connect_to(self->path);
		if (fd < 0)
			_exit(3);
		send(fd, &frame, sizeof(frame), MSG_NOSIGNAL);
		_exit(!is_hung_up(fd));
	}
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(PARSEC_SUCCESS, ask(&self->peer, PARSEC_OP_LIST_KEYS, "x", &self->out));
}

/* Nor does core give away whose keys it asks for to who is not the provider's user */
TEST_F(inner, host_of_another_user_is_not_asked)
{
	self->peer.user = geteuid() + 1;
	EXPECT_EQ(PARSEC_PSA_ERROR_COMMUNICATION_FAILURE,
		  ask(&self->peer, PARSEC_OP_LIST_KEYS, "x", &self->out));
}

TEST_F(inner, user_of_core_is_heard_be_it_another_one)
{
	self->signer.host.core_user = geteuid() + 1;
	EXPECT_EQ(PARSEC_PSA_ERROR_COMMUNICATION_FAILURE,
		  ask(&self->peer, PARSEC_OP_LIST_KEYS, "x", &self->out));
	self->signer.host.core_user = geteuid();
	EXPECT_EQ(PARSEC_SUCCESS, ask(&self->peer, PARSEC_OP_LIST_KEYS, "x", &self->out));
}

/* Each of them is hung up on, and the host goes on serving others */
TEST_F(inner, frames_that_are_too_long_end_the_connection)
{
	static const struct inner_request frames[] = {
		{ .opcode = PARSEC_OP_LIST_KEYS, .app_len = INNER_APP_MAX + 1 },
		{ .opcode = PARSEC_OP_LIST_KEYS, .body_len = INNER_BODY_MAX + 1 },
		{ .opcode = PARSEC_OP_LIST_KEYS, .app_len = UINT32_MAX,
		  .body_len = UINT32_MAX },
		{ .opcode = PARSEC_OP_LIST_KEYS, .app_len = 1, .body_len = UINT32_MAX },
	};
	size_t i;

	for (i = 0; i < sizeof(frames) / sizeof(*frames); i++) {
		int fd = connect_to(self->path);

		ASSERT_LE(0, fd);
		ASSERT_EQ(sizeof(frames[i]), send(fd, &frames[i], sizeof(frames[i]), 0));
		EXPECT_TRUE(is_hung_up(fd));
		close(fd);
	}
	EXPECT_EQ(PARSEC_SUCCESS, ask(&self->peer, PARSEC_OP_LIST_KEYS, "x", &self->out));
}

TEST_F(inner, frame_that_ends_early_ends_the_connection)
{
	const struct inner_request frame = { .opcode = PARSEC_OP_LIST_KEYS, .app_len = 9 };
	int fd = connect_to(self->path);

	ASSERT_LE(0, fd);
	ASSERT_EQ(sizeof(frame), send(fd, &frame, sizeof(frame), 0));
	shutdown(fd, SHUT_WR);
	EXPECT_TRUE(is_hung_up(fd));
	close(fd);
	fd = connect_to(self->path);
	ASSERT_EQ(3, send(fd, &frame, 3, 0));
	shutdown(fd, SHUT_WR);
	EXPECT_TRUE(is_hung_up(fd));
	close(fd);
	EXPECT_EQ(PARSEC_SUCCESS, ask(&self->peer, PARSEC_OP_LIST_KEYS, "x", &self->out));
}

TEST_F(inner, many_connections_do_not_keep_others_out)
{
	int i;

	for (i = 0; i < 20; i++)
		ASSERT_LE(0, connect_to(self->path));
	EXPECT_EQ(PARSEC_SUCCESS, ask(&self->peer, PARSEC_OP_LIST_KEYS, "x", &self->out));
}

TEST_F(inner, body_that_cannot_be_read_is_said_so)
{
	const struct inner_request frame = { .opcode = PARSEC_OP_LIST_KEYS, .body_len = 5 };
	struct inner_reply reply;
	int fd = connect_to(self->path);

	ASSERT_LE(0, fd);
	ASSERT_EQ(sizeof(frame), send(fd, &frame, sizeof(frame), 0));
	ASSERT_EQ(5, send(fd, "\x11\x22\x33\x44\x55", 5, 0));
	ASSERT_EQ(sizeof(reply), recv(fd, &reply, sizeof(reply), MSG_WAITALL));
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED, reply.status);
	EXPECT_EQ(0, reply.len);
	close(fd);
}

/* A host that hangs must not make everybody wait for it, again and again */
TEST_F(inner, host_that_hangs_counts_as_down_for_a_while)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct timespec begin, end;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inner_server_stop(self->server);
	self->server = NULL;
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", self->path);
	ASSERT_EQ(0, bind(fd, (struct sockaddr *)&addr, sizeof(addr)));
	ASSERT_EQ(0, listen(fd, 5));
	EXPECT_EQ(PARSEC_PSA_ERROR_COMMUNICATION_FAILURE,
		  ask(&self->peer, PARSEC_OP_LIST_KEYS, "x", &self->out));

	clock_gettime(CLOCK_MONOTONIC, &begin);
	EXPECT_EQ(PARSEC_PSA_ERROR_COMMUNICATION_FAILURE,
		  ask(&self->peer, PARSEC_OP_LIST_KEYS, "x", &self->out));
	clock_gettime(CLOCK_MONOTONIC, &end);
	EXPECT_GE(1, end.tv_sec - begin.tv_sec);
	close(fd);
}

/* Nor one that has hung for so long that its queue of connections is full */
TEST_F(inner, host_that_takes_no_more_connections_is_not_waited_for)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	inner_server_stop(self->server);
	self->server = NULL;
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", self->path);
	ASSERT_EQ(0, bind(listener, (struct sockaddr *)&addr, sizeof(addr)));
	ASSERT_EQ(0, listen(listener, 0));
	ASSERT_LE(0, connect_to(self->path));
	EXPECT_EQ(PARSEC_PSA_ERROR_COMMUNICATION_FAILURE,
		  ask(&self->peer, PARSEC_OP_LIST_KEYS, "x", &self->out));

	/* It counts as down, also when there is room in the queue again */
	ASSERT_LE(0, accept(listener, NULL, NULL));
	EXPECT_EQ(PARSEC_PSA_ERROR_COMMUNICATION_FAILURE,
		  ask(&self->peer, PARSEC_OP_LIST_KEYS, "x", &self->out));
	EXPECT_EQ(-1, accept(listener, NULL, NULL));
	close(listener);
}

/* What one application did is told without a word of others */
TEST_F(inner, what_was_counted_is_told_for_one_application_or_all)
{
	struct stats_thread *thread = stats_thread(self->signer.host.stats, 0);
	struct contract_result result;

	for (unsigned int i = 0; i < 5; i++) {
		stats_begin(thread);
		stats_identified(thread, stats_app_get(self->signer.host.stats, 3,
				(struct parsec_span){ (const uint8_t *)(i ? "1000" : "7"),
						      i ? 4 : 1 }));
		stats_end(thread, i ? PARSEC_SUCCESS : PARSEC_PSA_ERROR_NOT_PERMITTED, 10);
	}
	ASSERT_EQ(PARSEC_SUCCESS, ask(&self->peer, PARSEC_OP_GET_STATS, "1000", &self->out));
	ASSERT_EQ(PARSEC_SUCCESS,
		  contract_decode_result(PARSEC_OP_GET_STATS,
			(struct parsec_span){ self->room, self->out.len }, &result));
	ASSERT_EQ(1, result.stats->provider_count);
	EXPECT_STREQ("signer", result.stats->providers[0].name);
	EXPECT_EQ(SIGNER_ID, result.stats->providers[0].id);
	ASSERT_EQ(1, result.stats->row_count);
	EXPECT_STREQ("1000", result.stats->rows[0].application);
	EXPECT_EQ(4, result.stats->rows[0].requests);
	EXPECT_EQ(SIGNER_ID, result.stats->rows[0].provider);
	contract_result_free(&result);

	self->out.len = 0;
	ASSERT_EQ(PARSEC_SUCCESS, ask(&self->peer, PARSEC_OP_GET_STATS, "", &self->out));
	ASSERT_EQ(PARSEC_SUCCESS,
		  contract_decode_result(PARSEC_OP_GET_STATS,
			(struct parsec_span){ self->room, self->out.len }, &result));
	ASSERT_EQ(3, result.stats->row_count);
	EXPECT_EQ(5, result.stats->rows[0].requests);
	EXPECT_EQ(1, result.stats->rows[0].errors);
	contract_result_free(&result);
}

/* Also the body of a question: one that cannot be read is one that has come */
TEST_F(inner, questions_have_bodies)
{
	const uint8_t bad[] = { 0xff };
	struct core_caller caller = { .auth_id = 3, .app = { (const uint8_t *)"1000", 4 } };

	EXPECT_EQ(PARSEC_PSA_ERROR_NOT_SUPPORTED,
		  inner_ask(&self->peer, PARSEC_OP_COMPARE_KEYS, &caller, &self->out));
	caller.body = (struct parsec_span){ bad, sizeof(bad) };
	EXPECT_EQ(PARSEC_DESERIALIZING_BODY_FAILED,
		  inner_ask(&self->peer, PARSEC_OP_COMPARE_KEYS, &caller, &self->out));
	EXPECT_EQ(0, self->out.len);
}

/* The core provider over this line */
TEST_F(inner, core_knows_the_provider_also_when_it_is_down)
{
	struct provider_config section = { .name = (char[]){ "signer" }, .id = SIGNER_ID };
	struct config config = self->signer.config;
	uint32_t opcodes[CORE_OPCODE_WORDS] = { 0 };
	struct core_peers *peers;
	struct core *core;
	size_t len;

	config.providers = &section;
	config.provider_count = 1;
	peers = core_peers_new(&config, &self->peer.user);
	ASSERT_NE(NULL, peers);
	core = core_link_start(peers, &config);
	ASSERT_NE(NULL, core);
	ASSERT_EQ(PARSEC_SUCCESS, core_list_providers(core, &self->out));
	len = self->out.len;
	EXPECT_LT(40, len);
	ASSERT_EQ(PARSEC_SUCCESS, core_list_opcodes(core, SIGNER_ID, opcodes));
	EXPECT_NE(0, opcodes[0] & 1 << PARSEC_OP_PSA_SIGN_HASH);

	inner_server_stop(self->server);
	self->server = NULL;
	EXPECT_EQ(PARSEC_SUCCESS, core_list_providers(core, &self->out));
	EXPECT_EQ(len, self->out.len);
	core_free(core);
	core_peers_free(peers);
}

TEST_HARNESS_MAIN
