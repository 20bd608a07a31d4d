/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and writing whole frames on the inner socket, for both of its ends.
 */
#ifndef PARSEC_INNER_IO_H
#define PARSEC_INNER_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

/*
 * The other end is a process of this service: it answers soon or is broken. The list of
 * all the keys that an answer has room for takes seconds on a slow machine; given up too
 * early, a provider that is only slow would be missing from it.
 */
#define INNER_TIMEOUT_S	20

/** inner_io_path() - the socket of a provider host, malloc()ed; NULL: too long */
char *inner_io_path(const char *runtime_dir, const char *name);

/** inner_io_trust() - is the other end of this user? Sets the time limit, too */
bool inner_io_trust(int fd, uid_t user);

/**
 * inner_io_read() - exactly @len bytes
 * Return: false when they do not come, with errno: EAGAIN at the time limit
 */
bool inner_io_read(int fd, void *data, size_t len);

/** inner_io_write() - all of it; the vector is used up */
bool inner_io_write(int fd, struct iovec *iov, size_t count);

#endif /* PARSEC_INNER_IO_H */
