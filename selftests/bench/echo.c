// SPDX-License-Identifier: Apache-2.0
/*
 * The floors: 64 bytes to another process and back, through a Unix socket and through
 * netlink. The other process does nothing but send back what it got.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include "selftests/bench/bench.h"

#define SIZE 64

static void become_server(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void end_server(struct client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	if (client->server > 0) {
		kill(client->server, SIGKILL);
		waitpid(client->server, NULL, 0);
	}
}

static void serve_unix(int fd)
{
	char buf[SIZE];
	ssize_t len;

	while ((len = read(fd, buf, sizeof(buf))) > 0)
		if (write(fd, buf, (size_t)len) != len)
			break;
	_exit(1);
}

static const char *open_unix(struct client *client)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return "no pair of Unix sockets";
	client->fd = pair[0];
	client->server = fork();
	if (client->server == 0) {
		become_server();
		serve_unix(pair[1]);
	}
	close(pair[1]);
	return client->server < 0 ? "no process" : NULL;
}

static int once_unix(struct client *client)
{
	return write(client->fd, client->in, SIZE) != SIZE ||
	       read(client->fd, client->out, SIZE) != SIZE;
}

const struct load load_unix = {
	.name = "AF_UNIX echo, 64 B",
	.size = SIZE,
	.open = open_unix,
	.once = once_unix,
	.close = end_server,
};

#define MESSAGE_SIZE	NLMSG_LENGTH(GENL_HDRLEN + SIZE)

/* A port of generic netlink, and who it is */
static int netlink_socket(uint32_t *portid)
{
	struct sockaddr_nl self = { .nl_family = AF_NETLINK };
	socklen_t len = sizeof(self);
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);

	if (fd < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&self, len) ||
	    getsockname(fd, (struct sockaddr *)&self, &len)) {
		close(fd);
		return -1;
	}
	*portid = self.nl_pid;
	return fd;
}

static int netlink_peer(int fd, uint32_t portid)
{
	struct sockaddr_nl peer = { .nl_family = AF_NETLINK, .nl_pid = portid };

	return connect(fd, (struct sockaddr *)&peer, sizeof(peer));
}

static void serve_netlink(int fd)
{
	char buf[MESSAGE_SIZE];
	ssize_t len;

	while ((len = recv(fd, buf, sizeof(buf), 0)) > 0)
		if (send(fd, buf, (size_t)len, 0) != len)
			break;
	_exit(1);
}

static const char *open_netlink(struct client *client)
{
	struct nlmsghdr nlh = {
		.nlmsg_len = MESSAGE_SIZE,
		.nlmsg_type = NLMSG_MIN_TYPE,
		.nlmsg_flags = NLM_F_REQUEST,
	};
	uint32_t ours, theirs;
	int server;

	client->fd = netlink_socket(&ours);
	server = netlink_socket(&theirs);
	if (client->fd < 0 || server < 0)
		return "no netlink sockets";
	if (netlink_peer(client->fd, theirs) || netlink_peer(server, ours))
		return "netlink does not connect two processes";
	memcpy(client->out, &nlh, sizeof(nlh));
	client->server = fork();
	if (client->server == 0) {
		become_server();
		serve_netlink(server);
	}
	close(server);
	return client->server < 0 ? "no process" : NULL;
}

static int once_netlink(struct client *client)
{
	return send(client->fd, client->out, MESSAGE_SIZE, 0) != MESSAGE_SIZE ||
	       recv(client->fd, client->out, MESSAGE_SIZE, 0) != MESSAGE_SIZE;
}

const struct load load_netlink = {
	.name = "netlink echo, 64 B",
	.size = SIZE,
	.open = open_netlink,
	.once = once_netlink,
	.close = end_server,
};
