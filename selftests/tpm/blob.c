// SPDX-License-Identifier: Apache-2.0
/*
 * What a thief has who got at the key store of the TPM provider and its master key: writes the
 * blob of a key into files, as tpm2-tools read them.
 *
 *	blob STORE APPLICATION NAME FOLDER
 *
 * makes "public" (TPM2B_PUBLIC), "private" (TPM2B_PRIVATE) and "auth" (the bytes alone) of a
 * blob as providers/tpm/blob.c has it.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/log.h"
#include "helper/row_seal.h"

#define UUID	"99bf319e-d3a6-4568-85bb-11795bef8341"
#define NAME	"tpm"

/* Unix peer credentials (contract, section 5) */
#define AUTH_ID	3

static void fail(const char *what)
{
	log_error("%s", what);
	exit(1);
}

static struct parsec_span span(const char *text)
{
	return (struct parsec_span){ (const uint8_t *)text, strlen(text) };
}

static void write_file(int folder, const char *name, struct parsec_span data)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, data.data, data.len) != (ssize_t)data.len || close(fd))
		fail(name);
}

/* The next part of the blob, which begins with its length in two bytes, and goes with it */
static struct parsec_span take(struct parsec_span *rest)
{
	struct parsec_span part = { rest->data, 0 };

	if (rest->len >= 2)
		part.len = 2 + (size_t)(rest->data[0] << 8 | rest->data[1]);
	if (!part.len || part.len > rest->len)
		fail("the blob is too short");
	rest->data += part.len;
	rest->len -= part.len;
	return part;
}

static void write_parts(int folder, struct parsec_span rest)
{
	struct parsec_span auth;

	/* The form, which is that of a pair */
	if (!rest.len || rest.data[0] != 1)
		fail("not a pair");
	rest.data++;
	rest.len--;
	write_file(folder, "public", take(&rest));
	write_file(folder, "private", take(&rest));
	take(&rest);
	auth = take(&rest);
	write_file(folder, "auth", (struct parsec_span){ auth.data + 2, auth.len - 2 });
}

int main(int argc, char **argv)
{
	struct row_seal *seal;
	struct kim_row row;
	struct kim *kim;
	uint8_t data[4096];
	struct parsec_out blob = { .data = data, .size = sizeof(data) };
	int folder;

	log_init("blob", PARSEC_LOG_INFO, true);
	if (argc != 5)
		fail("usage: blob STORE APPLICATION NAME FOLDER");
	const struct key_identity key = { AUTH_ID, span(argv[2]), span(argv[3]) };

	folder = open(argv[4], O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		fail(argv[4]);
	if (kim_open(argv[1], UUID, NAME, &kim) || kim_get(kim, &key, &row) ||
	    row_seal_open(argv[1], false, UUID, NAME, &seal) || row.sealed.len > sizeof(data) ||
	    row_unseal(seal, &row, &blob))
		fail("there is no such key");
	write_parts(folder, (struct parsec_span){ blob.data, blob.len });
	explicit_bzero(data, sizeof(data));
	row_seal_close(seal);
	kim_row_free(&row);
	kim_close(kim);
	return 0;
}
