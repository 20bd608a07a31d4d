// SPDX-License-Identifier: Apache-2.0
/*
 * Reading and writing whole frames on the inner socket.
 */
#include "helper/inner_io.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "helper/log.h"

char *inner_io_path(const char *runtime_dir, const char *name)
{
	const size_t max = sizeof(((struct sockaddr_un *)NULL)->sun_path);
	char *path;

	if (asprintf(&path, "%s/%s/sock", runtime_dir, name) < 0)
		return NULL;
	for (size_t len = 0; len < max; len++)
		if (!path[len])
			return path;
	log_error("%s: longer than the name of a socket can be; choose a shorter runtime_dir",
		  path);
	free(path);
	return NULL;
}

bool inner_io_trust(int fd, uid_t user)
{
	const struct timeval limit = { .tv_sec = INNER_TIMEOUT_S };
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) || peer.uid != user)
		return false;
	return !setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) &&
	       !setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

bool inner_io_read(int fd, void *data, size_t len)
{
	uint8_t *pos = data;

	while (len) {
		ssize_t got = recv(fd, pos, len, MSG_WAITALL);

		if (got < 0 && errno == EINTR)
			continue;
		if (!got)
			errno = ECONNRESET;
		if (got <= 0)
			return false;
		pos += got;
		len -= (size_t)got;
	}
	return true;
}

bool inner_io_write(int fd, struct iovec *iov, size_t count)
{
	while (count) {
		struct msghdr msg = { .msg_iov = iov, .msg_iovlen = count };
		ssize_t sent = sendmsg(fd, &msg, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return false;
		while (count && (size_t)sent >= iov->iov_len) {
			sent -= (ssize_t)iov->iov_len;
			iov++;
			count--;
		}
		if (count) {
			iov->iov_base = (uint8_t *)iov->iov_base + sent;
			iov->iov_len -= (size_t)sent;
		}
	}
	return true;
}
