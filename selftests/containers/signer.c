// SPDX-License-Identifier: Apache-2.0
/*
 * An application in a sandbox that allows signing only: signs with libparsec, then tries
 * what else there is.
 *
 *   signer KEY HASH SIGNATURE
 *
 * Signs what is in the file HASH, 32 bytes, writes the signature to the other file, and
 * prints the numbers of those ioctls of the device that are not refused with EPERM, 0 for
 * the one that asks about the device.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/parsec.h>

#include "tools/lib/parsec.h"

static void read_hash(const char *file, unsigned char hash[32])
{
	FILE *in = fopen(file, "re");

	if (!in || fread(hash, 1, 32, in) != 32) {
		perror(file);
		exit(1);
	}
	fclose(in);
}

static int sign(const char *key, const char *from, const char *file)
{
	static const struct parsec_alg ecdsa = {
		.kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_ECDSA,
		.hash = PARSEC_HASH_SHA_256,
	};
	unsigned char signature[PARSEC_SIGNATURE_SIZE_MAX], hash[32];
	struct parsec *parsec;
	size_t len;
	FILE *out;
	int error;

	read_hash(from, hash);
	error = parsec_open(&parsec);
	if (error) {
		fprintf(stderr, "signer: opening: %s\n", parsec_status_message(error));
		return error;
	}
	parsec_use_provider(parsec, 1);
	error = parsec_psa_sign_hash(parsec, key, &ecdsa, hash, sizeof(hash), signature,
				     sizeof(signature), &len);
	parsec_close(parsec);
	if (error) {
		fprintf(stderr, "signer: signing: %s\n", parsec_status_message(error));
		return error;
	}
	out = fopen(file, "we");
	if (!out || fwrite(signature, 1, len, out) != len || fclose(out)) {
		perror(file);
		return -EIO;
	}
	return 0;
}

/* Also with more bits than the number has: the kernel does not look at those */
static int is_refused(int fd, unsigned int nr, unsigned long above)
{
	struct parsec_op op = { .provider = 1 };
	unsigned long request = nr ? PARSEC_IOC_OP(nr) : PARSEC_IOC_INFO;

	return ioctl(fd, request | above, &op) && errno == EPERM;
}

int main(int argc, char **argv)
{
	int fd;

	if (argc != 4)
		return 2;
	if (sign(argv[1], argv[2], argv[3]))
		return 1;
	fd = open("/dev/parsec", O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		perror("/dev/parsec");
		return 1;
	}
	for (unsigned int nr = 0; nr <= PARSEC_OPCODE_MAX; nr++)
		if (!is_refused(fd, nr, 0) || (nr != 4 && !is_refused(fd, nr, 1UL << 32)))
			printf("%u\n", nr);
	return 0;
}
