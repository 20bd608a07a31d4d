// SPDX-License-Identifier: Apache-2.0
/*
 * The device without libparsec: what the library adds is the difference.
 */
#include <fcntl.h>
#include <linux/parsec.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "selftests/bench/bench.h"

#define PING	0x01

static const char *open_device(struct client *client)
{
	client->fd = open("/dev/parsec", O_RDWR | O_CLOEXEC);
	if (client->fd < 0)
		return "no device";
	return client->load->once(client) ? "the device does not answer" : NULL;
}

static void close_device(struct client *client)
{
	if (client->fd >= 0)
		close(client->fd);
}

static int once_info(struct client *client)
{
	struct parsec_info info;

	return ioctl(client->fd, PARSEC_IOC_INFO, &info);
}

const struct load load_info = {
	.name = "PARSEC_IOC_INFO: no helper in it",
	.open = open_device,
	.once = once_info,
	.close = close_device,
};

static int once_ping(struct client *client)
{
	struct parsec_op op = {
		.out_len = (uint32_t)client->out_size,
		.out = (uintptr_t)client->out,
	};

	return ioctl(client->fd, PARSEC_IOC_OP(PING), &op) || op.status;
}

const struct load load_device_ping = {
	.name = "Ping without libparsec",
	.open = open_device,
	.once = once_ping,
	.close = close_device,
};
