// SPDX-License-Identifier: Apache-2.0
/*
 * make_credential LABEL ATTESTING-KEY NAME INNER: a challenge as tpm2-tools keep one in a
 * file, to standard output. The key is the DER of RSAPublicKey, NAME the contents of
 * TPM2B_NAME and INNER a TPM2B_DIGEST, each in a file.
 */
#include <stdio.h>

#include "tools/provider-check/credential.h"

static bool read_file(const char *path, uint8_t *room, size_t size, struct parsec_span *span)
{
	FILE *file = fopen(path, "rbe");

	if (!file)
		return false;
	*span = (struct parsec_span){ room, fread(room, 1, size, file) };
	fclose(file);
	return span->len;
}

static void put16(size_t value)
{
	putchar((int)(value >> 8 & 0xff));
	putchar((int)(value & 0xff));
}

static void put_sized(const uint8_t *bytes, size_t len)
{
	put16(len);
	fwrite(bytes, 1, len, stdout);
}

int main(int argc, char **argv)
{
	static uint8_t attesting[1024], name[CREDENTIAL_NAME_MAX], inner[256];
	struct wrapping wrapping = { .label = argv[1] };
	struct challenge challenge;

	if (argc != 5 || !read_file(argv[2], attesting, sizeof(attesting), &wrapping.attesting) ||
	    !read_file(argv[3], name, sizeof(name), &wrapping.name) ||
	    !read_file(argv[4], inner, sizeof(inner), &wrapping.inner) ||
	    !challenge_wrap(&wrapping, &challenge)) {
		fputs("no challenge can be made of this\n", stderr);
		return 1;
	}
	/* Magic number and version */
	put16(0xbadc);
	put16(0xc0de);
	put16(0);
	put16(1);
	put_sized(challenge.blob, challenge.blob_len);
	put_sized(challenge.secret, challenge.secret_len);
	return fflush(stdout) ? 1 : 0;
}
