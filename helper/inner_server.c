// SPDX-License-Identifier: Apache-2.0
/*
 * A provider host's end of the inner socket: one thread that takes the core host's
 * questions in turn.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "helper/clock.h"
#include "helper/inner.h"
#include "helper/inner_io.h"
#include "helper/log.h"
#include "helper/thread.h"

/* The core host has one connection; a new one may come before the old one is seen to go */
#define CONNECTIONS_MAX	4

struct inner_server {
	const struct host *host;
	char *path;
	int listener;
	pthread_t thread;
	bool started;
	struct scratch scratch;
	struct buffer in;
	struct buffer out;
	struct pollfd fds[1 + CONNECTIONS_MAX];	/* the listener and connections */
};

static struct identity *identify(void *arg)
{
	return identity_get(arg);
}

static bool answer(struct inner_server *server, int fd,
		   const struct inner_request *frame)
{
	struct identity *identity = identity_new(frame->auth_id,
			(struct parsec_span){ server->in.data, frame->app_len });
	struct call call = {
		.host = server->host,
		.start = clock_ns(),
		.transport = TRANSPORT_INNER,
		.provider = server->host->id,
		.opcode = (uint8_t)frame->opcode,
		.body = { server->in.data + frame->app_len, frame->body_len },
		.identify = identify,
		.identify_arg = identity,
		.scratch = &server->scratch,
		.out = { server->out.data, server->out.size, 0 },
	};
	struct inner_reply reply = { 0 };
	struct iovec iov[2] = { { &reply, sizeof(reply) } };
	bool sent;

	if (!identity)
		return false;
	reply.status = frame->opcode > UINT8_MAX ? PARSEC_OPCODE_DOES_NOT_EXIST
						 : dispatch(&call);
	reply.len = reply.status ? 0 : (uint32_t)call.out.len;
	iov[1] = (struct iovec){ server->out.data, reply.len };
	sent = inner_io_write(fd, iov, 2);
	dispatch_end(&call);
	identity_put(identity);
	if (reply.len > BUFFER_KEEP)
		buffer_trim(&server->out);
	return sent;
}

/* Take one question. Return: false when the connection is of no more use */
static bool serve(struct inner_server *server, int fd)
{
	struct inner_request frame;

	if (!inner_io_read(fd, &frame, sizeof(frame)))
		return false;
	if (frame.app_len > INNER_APP_MAX || frame.body_len > INNER_BODY_MAX)
		return false;
	if (!inner_io_read(fd, server->in.data, (size_t)frame.app_len + frame.body_len))
		return false;
	return answer(server, fd, &frame);
}

static void take_connection(struct inner_server *server)
{
	int fd = accept(server->listener, NULL, NULL);
	size_t i;

	if (fd < 0)
		return;
	if (!inner_io_trust(fd, server->host->core_user)) {
		log_warning("%s: somebody else's process wants to talk", server->path);
		close(fd);
		return;
	}
	for (i = 1; i < CONNECTIONS_MAX; i++)
		if (server->fds[i].fd < 0)
			break;
	if (server->fds[i].fd >= 0)
		close(server->fds[i].fd);
	server->fds[i] = (struct pollfd){ .fd = fd, .events = POLLIN };
}

static void *run(void *arg)
{
	struct inner_server *server = arg;
	struct pollfd *fds = server->fds;
	size_t i;

	for (;;) {
		if (poll(fds, 1 + CONNECTIONS_MAX, -1) < 0)
			continue;
		/* inner_server_stop() has shut the listener down */
		if (fds[0].revents & (POLLHUP | POLLERR))
			break;
		for (i = 1; i <= CONNECTIONS_MAX; i++) {
			if (fds[i].fd < 0 || !fds[i].revents)
				continue;
			if (!serve(server, fds[i].fd)) {
				close(fds[i].fd);
				fds[i].fd = -1;
			}
		}
		if (fds[0].revents)
			take_connection(server);
	}
	for (i = 1; i <= CONNECTIONS_MAX; i++)
		if (fds[i].fd >= 0)
			close(fds[i].fd);
	return NULL;
}

static int listen_at(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	mode_t mask;
	int rc;

	if (fd < 0)
		return -1;
	strcpy(addr.sun_path, path);	/* inner_io_path() has seen that it fits */
	unlink(path);
	/* Core may be another user; who else can come here, the directory decides */
	mask = umask(0111);
	rc = bind(fd, (struct sockaddr *)&addr, sizeof(addr));
	umask(mask);
	if (!rc && !listen(fd, CONNECTIONS_MAX))
		return fd;
	close(fd);
	return -1;
}

static void server_free(struct inner_server *server)
{
	if (server->listener >= 0) {
		unlink(server->path);
		close(server->listener);
	}
	free(server->path);
	scratch_free(&server->scratch);
	buffer_unmap(&server->in);
	buffer_unmap(&server->out);
	free(server);
}

struct inner_server *inner_server_listen(const struct host *host)
{
	struct inner_server *server = calloc(1, sizeof(*server));
	size_t i;

	if (!server)
		return NULL;
	server->host = host;
	server->listener = -1;
	server->path = inner_io_path(host->config->runtime_dir, host->name);
	if (!server->path || !scratch_init(&server->scratch, host->config) ||
	    !buffer_map(&server->in, INNER_APP_MAX + INNER_BODY_MAX) ||
	    !buffer_map(&server->out, host->config->buffer_size_limit))
		goto fail;
	server->listener = listen_at(server->path);
	if (server->listener < 0) {
		log_error("%s: %m", server->path);
		goto fail;
	}
	server->fds[0] = (struct pollfd){ .fd = server->listener, .events = POLLIN };
	for (i = 1; i <= CONNECTIONS_MAX; i++)
		server->fds[i].fd = -1;
	return server;

fail:
	server_free(server);
	return NULL;
}

bool inner_server_start(struct inner_server *server)
{
	server->started = thread_start(&server->thread, run, server);
	return server->started;
}

void inner_server_stop(struct inner_server *server)
{
	if (!server)
		return;
	shutdown(server->listener, SHUT_RDWR);
	if (server->started)
		pthread_join(server->thread, NULL);
	server_free(server);
}
