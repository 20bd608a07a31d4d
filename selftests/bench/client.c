// SPDX-License-Identifier: Apache-2.0
/*
 * Clients of a load, opened and closed.
 */
#include <stdlib.h>
#include <string.h>
#include "selftests/bench/bench.h"

/* The longest answer of any load but an echo: a signature */
#define ANSWER_SIZE 4096

const char *client_open(struct client *client, const struct load *load)
{
	memset(client, 0, sizeof(*client));
	client->load = load;
	client->fd = -1;
	client->in = malloc(load->size + 1);
	client->out_size = load->size + ANSWER_SIZE;
	client->out = malloc(client->out_size);
	if (!client->in || !client->out)
		return "out of memory";
	memset(client->in, 'x', load->size);
	return load->open(client);
}

void client_close(struct client *client)
{
	client->load->close(client);
	free(client->in);
	free(client->out);
}
