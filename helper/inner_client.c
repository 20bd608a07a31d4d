// SPDX-License-Identifier: Apache-2.0
/*
 * The core host's end of the inner sockets: one connection to each provider host, kept.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "helper/inner.h"
#include "helper/inner_io.h"
#include "helper/log.h"

/* Seconds in which a host that did not answer in time counts as down */
#define PAUSE_S	10
/* Seconds that a host has to take a connection: its kernel does it as long as there is room */
#define CONNECT_S	1

bool inner_peer_init(struct inner_peer *peer, const char *runtime_dir, const char *name,
		     uid_t user)
{
	*peer = (struct inner_peer){ .name = name, .user = user, .fd = -1 };
	pthread_mutex_init(&peer->lock, NULL);
	peer->path = inner_io_path(runtime_dir, name);
	return peer->path;
}

static void disconnect(struct inner_peer *peer)
{
	if (peer->fd >= 0)
		close(peer->fd);
	peer->fd = -1;
}

void inner_peer_close(struct inner_peer *peer)
{
	disconnect(peer);
	free(peer->path);
	peer->path = NULL;
	pthread_mutex_destroy(&peer->lock);
}

static time_t now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return ts.tv_sec;
}

/* Called with the lock held */
static bool connect_to(struct inner_peer *peer)
{
	const struct timeval limit = { .tv_sec = CONNECT_S };
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	peer->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (peer->fd < 0)
		return false;
	strcpy(addr.sun_path, peer->path);	/* inner_io_path() has seen that it fits */
	if (setsockopt(peer->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) ||
	    connect(peer->fd, (struct sockaddr *)&addr, sizeof(addr))) {
		/* It hangs: connections that it has not taken fill its queue */
		if (errno == EAGAIN)
			peer->pause_end = now_s() + PAUSE_S;
	} else if (inner_io_trust(peer->fd, peer->user)) {
		if (!++peer->serial)	/* 0 is "none" */
			peer->serial = 1;
		return true;
	}
	disconnect(peer);
	return false;
}

/* Has the other side closed the connection? Called with the lock held */
static bool has_gone(const struct inner_peer *peer)
{
	char byte;

	/* Between questions there is nothing to read: bytes are as bad as an end */
	return recv(peer->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN;
}

static bool send_question(const struct inner_peer *peer, uint8_t opcode,
			  const struct core_caller *caller)
{
	struct inner_request frame = {
		.opcode = opcode,
		.auth_id = caller->auth_id,
		.app_len = (uint32_t)caller->app.len,
		.body_len = (uint32_t)caller->body.len,
	};
	struct iovec iov[3] = {
		{ &frame, sizeof(frame) },
		{ (uint8_t *)(uintptr_t)caller->app.data, caller->app.len },
		{ (uint8_t *)(uintptr_t)caller->body.data, caller->body.len },
	};

	return inner_io_write(peer->fd, iov, 3);
}

enum parsec_status inner_ask(struct inner_peer *peer, uint8_t opcode,
			     const struct core_caller *caller, struct parsec_out *answer)
{
	enum parsec_status status = PARSEC_PSA_ERROR_COMMUNICATION_FAILURE;
	struct inner_reply reply;

	pthread_mutex_lock(&peer->lock);
	if (peer->fd >= 0 && has_gone(peer))
		disconnect(peer);
	if (peer->fd < 0 && now_s() < peer->pause_end)
		goto out;
	if (peer->fd < 0 && !connect_to(peer)) {
		log_debug("%s: %m", peer->path);
		goto out;
	}
	if (!send_question(peer, opcode, caller) ||
	    !inner_io_read(peer->fd, &reply, sizeof(reply)))
		goto broken;
	if (reply.len > answer->size - answer->len) {
		/* Easier than reading it to throw it away */
		disconnect(peer);
		status = PARSEC_RESPONSE_TOO_LARGE;
		goto out;
	}
	if (!inner_io_read(peer->fd, answer->data + answer->len, reply.len))
		goto broken;
	answer->len += reply.len;
	status = reply.status;
	goto out;

broken:
	/* One that hangs, not one that has ended: parsecd starts that again at once */
	if (errno == EAGAIN)
		peer->pause_end = now_s() + PAUSE_S;
	log_warning("%s: its host does not answer", peer->name);
	disconnect(peer);
out:
	pthread_mutex_unlock(&peer->lock);
	return status;
}

unsigned int inner_serial(struct inner_peer *peer)
{
	unsigned int serial;

	pthread_mutex_lock(&peer->lock);
	if (peer->fd >= 0 && has_gone(peer))
		disconnect(peer);
	serial = peer->fd >= 0 ? peer->serial : 0;
	pthread_mutex_unlock(&peer->lock);
	return serial;
}
