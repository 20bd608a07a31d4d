/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The line between the core host and a provider host: a Unix socket in the helper's
 * private runtime directory, and the same dispatch behind it. Each socket is in a
 * directory that nobody but its owner and core can enter, and each end makes sure that
 * the other is the user that it should be.
 */
#ifndef PARSEC_INNER_H
#define PARSEC_INNER_H

#include <pthread.h>
#include <time.h>

#include "helper/dispatch.h"
#include "providers/core.h"

/* Longest application name and request body that are taken */
#define INNER_APP_MAX	(8 * 1024)
#define INNER_BODY_MAX	(64 * 1024)

/**
 * struct inner_request - in front of a request
 *
 * Followed by @app_len bytes of application name and @body_len of request body.
 */
struct inner_request {
	uint32_t opcode;
	uint32_t auth_id;
	uint32_t app_len;
	uint32_t body_len;
};

/** struct inner_reply - in front of @len bytes of response body */
struct inner_reply {
	uint32_t status;
	uint32_t len;
};

/* Provider host */

struct inner_server;

/**
 * inner_server_listen() - open the socket, in a directory that is there
 * @host:	who answers
 *
 * Return: NULL after a log line.
 */
struct inner_server *inner_server_listen(const struct host *host);

/** inner_server_start() - serve, in a thread of its own. Return: false after a log line */
bool inner_server_start(struct inner_server *server);

/** inner_server_stop() - NULL is fine */
void inner_server_stop(struct inner_server *server);

/* Core host */

/**
 * struct inner_peer - a provider host as the core host sees it
 * @name:	its name
 * @path:	its socket
 * @user:	who it has to be
 * @lock:	of all that follows
 * @fd:		connection, -1 when there is none
 * @serial:	counts connections
 * @pause_end:	it did not answer in time: not to be asked again before this
 *		CLOCK_MONOTONIC second, as everybody who asks would wait
 */
struct inner_peer {
	const char *name;
	char *path;
	uid_t user;
	pthread_mutex_t lock;
	int fd;
	unsigned int serial;
	time_t pause_end;
};

/** inner_peer_init() - Return: false without memory */
bool inner_peer_init(struct inner_peer *peer, const char *runtime_dir, const char *name,
		     uid_t user);
void inner_peer_close(struct inner_peer *peer);

/**
 * inner_ask() - ask a provider host; connects when there is no connection
 * @opcode:	one that it serves here (operations with a peer entry)
 * @caller:	on whose behalf, and the request body, of at most INNER_BODY_MAX bytes
 * @answer:	the response body is appended
 *
 * Return: the answer's status; PARSEC_RESPONSE_TOO_LARGE when there is no room for it;
 * PARSEC_PSA_ERROR_COMMUNICATION_FAILURE when the host cannot be asked.
 */
enum parsec_status inner_ask(struct inner_peer *peer, uint8_t opcode,
			     const struct core_caller *caller, struct parsec_out *answer);

/** inner_serial() - which connection is up; 0 when the other side has gone */
unsigned int inner_serial(struct inner_peer *peer);

#endif /* PARSEC_INNER_H */
