// SPDX-License-Identifier: Apache-2.0
/*
 * Files that are made or replaced: whole, or not at all.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parsecctl.h"

/* Return: 0 or an errno */
static int write_all(int fd, const struct bytes *bytes)
{
	size_t done = 0;
	ssize_t n;

	while (done < bytes->len) {
		n = write(fd, bytes->data + done, bytes->len - done);
		if (n < 0 && errno != EINTR)
			return errno;
		done += n < 0 ? 0 : (size_t)n;
	}
	return 0;
}

/* A device, a pipe or a descriptor, even one of a file: there is nothing to take its place */
static int write_directly(const char *path, const struct bytes *bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
	int error;

	if (fd < 0)
		return errno;
	error = write_all(fd, bytes);
	if (close(fd) && !error)
		error = errno;
	return error;
}

/* A new file takes the place of @path, which is no link, when all is in it */
static int replace(const char *path, mode_t mode, const struct bytes *bytes)
{
	const char *slash = strrchr(path, '/');
	int error, fd;
	char *temp;

	if (asprintf(&temp, "%.*s.parsecctl-XXXXXX", slash ? (int)(slash + 1 - path) : 0, path) < 0)
		return ENOMEM;
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0) {
		error = errno;
		free(temp);
		return error;
	}
	error = write_all(fd, bytes);
	if (!error && (fchmod(fd, mode) || fsync(fd)))
		error = errno;
	if (close(fd) && !error)
		error = errno;
	if (!error && rename(temp, path))
		error = errno;
	if (error)
		unlink(temp);
	free(temp);
	return error;
}

/* Is it another name of an open descriptor? */
static bool is_descriptor(const char *path)
{
	static const char *const starts[] = { "/dev/std", "/dev/fd/", "/proc/" };

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (!strncmp(path, starts[i], strlen(starts[i])))
			return true;
	return false;
}

/* Where no file may be made, or @path is a mount: what is there gets other contents. It must be
 * as closed as a new one would be before a secret is in it.
 */
static int write_in_place(const char *path, mode_t mode, bool secret, const struct bytes *bytes)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int error = 0;

	if (fd < 0)
		return errno;
	if ((secret && fchmod(fd, mode)) || ftruncate(fd, 0))
		error = errno;
	if (!error)
		error = write_all(fd, bytes);
	if (close(fd) && !error)
		error = errno;
	return error;
}

static int replace_or_write(const char *path, mode_t mode, bool secret, const struct bytes *bytes)
{
	int error = replace(path, mode, bytes);

	if (error == EACCES || error == EPERM || error == EROFS || error == EBUSY)
		error = write_in_place(path, mode, secret, bytes);
	return error;
}

static int write_path(const char *path, const struct bytes *bytes)
{
	mode_t mask = umask(077);
	struct stat st;
	char *real;
	int error;

	umask(mask);
	if (is_descriptor(path))
		return write_directly(path, bytes);
	if (lstat(path, &st))
		return errno == ENOENT ? replace(path, 0666 & ~mask, bytes) : errno;
	/* What a link points to need not be there */
	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return write_directly(path, bytes);
	real = realpath(path, NULL);
	if (!real)
		return errno;
	error = replace_or_write(real, st.st_mode & 0777 & ~mask, mask == 077, bytes);
	free(real);
	return error;
}

/**
 * file_write() - make a file, or replace it by a new one
 * @ctl:	context
 * @path:	file
 * @bytes:	what it gets
 *
 * Return: EXIT_OK, or EXIT_LOCAL when it was said what failed.
 */
int file_write(const struct ctl *ctl, const char *path, const struct bytes *bytes)
{
	int error = write_path(path, bytes);

	return error ? local_error(ctl, "%s: %s", path, strerror(error)) : EXIT_OK;
}
