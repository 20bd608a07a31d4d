// SPDX-License-Identifier: Apache-2.0
/*
 * Commands of administrators: list-clients, delete-client.
 */
#include <string.h>

#include "parsecctl.h"

int cmd_list_clients(struct ctl *ctl)
{
	struct json json = { .to = stdout };
	const char **list;
	size_t count, i;
	int code, error;

	code = ctl_open_device(ctl);
	if (code)
		return code;
	error = parsec_list_clients(ctl->parsec, &list, &count);
	if (error)
		return parsec_failure(ctl, error);
	if (ctl->args.json)
		json_open(&json, NULL, '[');
	for (i = 0; i < count; i++) {
		if (ctl->args.json) {
			json_string(&json, NULL, list[i]);
			continue;
		}
		print_name(stdout, list[i], strlen(list[i]));
		printf("\n");
	}
	if (ctl->args.json)
		json_close(&json, ']');
	parsec_free_clients(list);
	return EXIT_OK;
}

/* Is it known that nobody of this name has a key? What cannot be asked is not known. */
static bool is_nobody(struct ctl *ctl, const char *client)
{
	bool found = false;
	const char **list;
	size_t count, i;

	if (parsec_list_clients(ctl->parsec, &list, &count))
		return false;
	for (i = 0; i < count && !found; i++)
		found = !strcmp(list[i], client);
	parsec_free_clients(list);
	return !found;
}

int cmd_delete_client(struct ctl *ctl)
{
	struct json json = { .to = stdout };
	const char *client = ctl->args.client;
	int code, error;

	if (!ctl->args.yes)
		return usage_error(ctl, "all keys of \"%s\" would be lost: if so, add --yes", client);
	code = ctl_open_device(ctl);
	if (code)
		return code;
	/* Else a name that is mistyped would look as if it were deleted */
	if (is_nobody(ctl, client)) {
		local_error(ctl, "\"%s\" has no keys; see \"parsecctl list-clients\"", client);
		return EXIT_REFUSED;
	}
	error = parsec_delete_client(ctl->parsec, client);
	if (error)
		return parsec_failure(ctl, error);
	if (ctl->args.json) {
		json_open(&json, NULL, '{');
		json_string(&json, "client", client);
		json_bool(&json, "deleted", true);
		json_close(&json, '}');
	} else {
		printf("deleted all keys of ");
		print_name(stdout, client, strlen(client));
		printf("\n");
	}
	return EXIT_OK;
}
