// SPDX-License-Identifier: Apache-2.0
/*
 * The fake host as a program: host PROVIDER CREDITS [replay]. Writes the verdict on its
 * registration to descriptor 0, then serves as enum host_opcode says.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include "fakehost.h"

int main(int argc, char **argv)
{
	struct host host;
	int verdict;

	if (argc < 3)
		return 2;
	verdict = host_open(&host);
	if (!verdict)
		verdict = host_register(&host, (uint8_t)atoi(argv[1]), (uint32_t)atoi(argv[2]),
					argc > 3 ? replay_all : NULL);
	if (write(STDIN_FILENO, &verdict, sizeof(verdict)) < 0 || verdict)
		return 1;
	close(STDIN_FILENO);
	return host_serve(&host, 0) ? 1 : 0;
}
