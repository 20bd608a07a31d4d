/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device that is there, for tests of libparsec that play it: open() and close() are wrapped
 * here, ioctl() by the test itself. Included once by a program.
 */
#ifndef SELFTESTS_UNIT_WRAPPED_DEVICE_H
#define SELFTESTS_UNIT_WRAPPED_DEVICE_H

#include <linux/parsec.h>
#include <string.h>

#include "tools/lib/parsec.h"

/* The descriptor of the device */
#define FD	4711

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_ioctl(int fd, unsigned long request, void *arg);

int __wrap_open(const char *path, int flags, ...)
{
	return strcmp(path, PARSEC_DEVICE) ? __real_open(path, flags) : FD;
}

int __wrap_close(int fd)
{
	return fd == FD ? 0 : __real_close(fd);
}

#endif /* SELFTESTS_UNIT_WRAPPED_DEVICE_H */
