// SPDX-License-Identifier: Apache-2.0
/*
 * Files, standard input and output, and growing buffers.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "parsecctl.h"

#define CHUNK		(64 * 1024)

/**
 * bytes_room() - make room behind what is in a buffer
 * @bytes:	buffer
 * @len:	bytes of room; the caller adds what it used to bytes->len
 *
 * Return: the room, or NULL without memory.
 */
uint8_t *bytes_room(struct bytes *bytes, size_t len)
{
	size_t size = bytes->size ? bytes->size : 256;
	uint8_t *data;

	while (size - bytes->len < len)
		size *= 2;
	if (size != bytes->size) {
		data = OPENSSL_clear_realloc(bytes->data, bytes->size, size);
		if (!data)
			return NULL;
		bytes->data = data;
		bytes->size = size;
	}
	return bytes->data + bytes->len;
}

void bytes_free(struct bytes *bytes)
{
	OPENSSL_clear_free(bytes->data, bytes->size);
	*bytes = (struct bytes){};
}

static bool is_stdin(const char *path)
{
	return !path || !strcmp(path, "-");
}

static int file_error(const struct ctl *ctl, const char *path, int error)
{
	return local_error(ctl, "%s: %s", is_stdin(path) ? "standard input" : path,
			   strerror(error));
}

static int file_open(const struct ctl *ctl, const char *path, int *fd)
{
	*fd = is_stdin(path) ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	return *fd < 0 ? file_error(ctl, path, errno) : EXIT_OK;
}

static void file_close(int fd)
{
	if (fd != STDIN_FILENO)
		close(fd);
}

static ssize_t read_some(int fd, void *data, size_t size)
{
	ssize_t n;

	do {
		n = read(fd, data, size);
	} while (n < 0 && errno == EINTR);
	return n;
}

/**
 * file_read() - read a file that fits into memory
 * @ctl:	context
 * @path:	file; NULL or "-" for standard input
 * @limit:	read at most this and one byte more, which shows that there is more
 * @bytes:	its content is added here
 *
 * Return: EXIT_OK, or EXIT_LOCAL when it was said what failed.
 */
int file_read(const struct ctl *ctl, const char *path, size_t limit, struct bytes *bytes)
{
	int code, fd;
	ssize_t n;

	code = file_open(ctl, path, &fd);
	if (code)
		return code;
	do {
		size_t want = limit + 1 - bytes->len < CHUNK ? limit + 1 - bytes->len : CHUNK;
		uint8_t *room = bytes_room(bytes, want);

		if (!room) {
			code = file_error(ctl, path, ENOMEM);
			break;
		}
		n = read_some(fd, room, want);
		if (n < 0)
			code = file_error(ctl, path, errno);
		else
			bytes->len += (size_t)n;
	} while (!code && n > 0 && bytes->len <= limit);
	file_close(fd);
	return code;
}

static int hash_fd(const struct ctl *ctl, const char *path, int fd, EVP_MD_CTX *md,
		   struct bytes *digest)
{
	static uint8_t chunk[CHUNK];
	uint8_t *room = bytes_room(digest, EVP_MAX_MD_SIZE);
	unsigned int len;
	ssize_t n;

	while ((n = read_some(fd, chunk, sizeof(chunk))) > 0)
		if (!EVP_DigestUpdate(md, chunk, (size_t)n))
			return local_error(ctl, "OpenSSL failed to hash");
	if (n < 0)
		return file_error(ctl, path, errno);
	if (!room || !EVP_DigestFinal_ex(md, room, &len))
		return local_error(ctl, "OpenSSL failed to hash");
	digest->len += len;
	return EXIT_OK;
}

/**
 * file_hash() - hash a file of any size
 * @ctl:	context
 * @path:	file; NULL or "-" for standard input
 * @hash:	enum parsec_hash
 * @digest:	gets the hash
 *
 * Return: EXIT_OK, or EXIT_LOCAL when it was said what failed.
 */
int file_hash(const struct ctl *ctl, const char *path, uint8_t hash, struct bytes *digest)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_MD *type = hash_fetch(hash);
	int code, fd;

	if (!md || !type || !EVP_DigestInit_ex2(md, type, NULL)) {
		code = local_error(ctl, "OpenSSL cannot hash with %s", hash_name(hash));
	} else {
		code = file_open(ctl, path, &fd);
		if (!code) {
			code = hash_fd(ctl, path, fd, md, digest);
			file_close(fd);
		}
	}
	EVP_MD_free(type);
	EVP_MD_CTX_free(md);
	return code;
}

/**
 * output_end() - was everything on standard output written?
 *
 * Return: EXIT_OK, or EXIT_LOCAL when it was said what failed.
 */
int output_end(const struct ctl *ctl)
{
	if (fflush(stdout) || ferror(stdout)) {
		int error = errno;

		fprintf(stderr, "parsecctl: %s%sstandard output: %s\n",
			ctl->command ? ctl->command->name : "", ctl->command ? ": " : "",
			strerror(error));
		return EXIT_LOCAL;
	}
	return EXIT_OK;
}

/* Is the result for a file, rather than for standard output? */
static bool has_output(const struct ctl *ctl)
{
	return ctl->args.output && strcmp(ctl->args.output, "-");
}

/**
 * data_write() - write a result to --output or standard output
 * @ctl:	context
 * @bytes:	what to write
 * @binary:	it is not text: a terminal would not take it well
 *
 * Return: EXIT_OK, or another code when it was said what failed.
 */
int data_write(const struct ctl *ctl, const struct bytes *bytes, bool binary)
{
	if (has_output(ctl))
		return file_write(ctl, ctl->args.output, bytes);
	if (binary && isatty(STDOUT_FILENO))
		return usage_error(ctl, "binary data is not for a terminal: give --output FILE");
	if (bytes->len)
		fwrite(bytes->data, 1, bytes->len, stdout);
	return EXIT_OK;
}

static ssize_t add_text(void *cookie, const char *text, size_t size)
{
	struct bytes *document = cookie;
	uint8_t *room = bytes_room(document, size);

	if (!room)
		return 0;
	memcpy(room, text, size);
	document->len += size;
	return (ssize_t)size;
}

/**
 * result_begin() - get ready for the result of a command
 * @ctl:	context; gets where a JSON document goes
 * @document:	gets the document when it is for a file, which is made when all went well
 *
 * Return: false without memory.
 */
bool result_begin(struct ctl *ctl, struct bytes *document)
{
	ctl->result = stdout;
	if (!ctl->args.json || !has_output(ctl))
		return true;
	ctl->result = fopencookie(document, "w", (cookie_io_functions_t){ .write = add_text });
	if (!ctl->result)
		return false;
	/* It may be secret, and what stdio keeps is not wiped */
	setvbuf(ctl->result, NULL, _IONBF, 0);
	return true;
}

/**
 * result_end() - write the document that result_begin() has had kept
 * @ctl:	context
 * @code:	how the command ended
 * @document:	what it has printed, which is wiped
 *
 * Return: @code, or EXIT_LOCAL when it was said what failed.
 */
int result_end(struct ctl *ctl, int code, struct bytes *document)
{
	bool lost;

	if (ctl->result == stdout)
		return code;
	lost = ferror(ctl->result);
	if (fclose(ctl->result) || lost)
		code = code ? code : file_error(ctl, ctl->args.output, ENOMEM);
	else if (!code)
		code = file_write(ctl, ctl->args.output, document);
	bytes_free(document);
	return code;
}
