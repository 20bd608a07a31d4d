// SPDX-License-Identifier: Apache-2.0
/*
 * For identity tests: a program that was given a descriptor of the device across
 * execve(). Usage: use_fd FD; prints nothing, exits with the errno of a ping, or 0.
 *                  use_fd hold: opens the device itself, says so and waits.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/parsec.h>

static int hold(void)
{
	struct parsec_info info;
	int fd = open("/dev/parsec", O_RDWR);

	if (fd < 0 || ioctl(fd, PARSEC_IOC_INFO, &info))
		return errno;
	if (write(STDOUT_FILENO, &info.session, sizeof(info.session)) < 0)
		return errno;
	pause();
	return 0;
}

int main(int argc, char **argv)
{
	struct parsec_op op = { 0 };

	if (argc != 2)
		return 2;
	if (!strcmp(argv[1], "hold"))
		return hold();
	return ioctl(atoi(argv[1]), PARSEC_IOC_OP(0x01), &op) ? errno : 0;
}
