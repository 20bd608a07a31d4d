// SPDX-License-Identifier: Apache-2.0
/*
 * Commands about the service: ping, list-providers, list-opcodes,
 * list-authenticators.
 */
#include <stdlib.h>
#include <string.h>

#include "parsecctl.h"

static void print_text(const char *text)
{
	print_escaped(stdout, text, strlen(text), "");
}

int cmd_ping(struct ctl *ctl)
{
	struct json json = { .to = stdout };
	uint32_t major, minor;
	int code, error;

	code = ctl_open_device(ctl);
	if (code)
		return code;
	error = parsec_ping(ctl->parsec, &major, &minor);
	if (error)
		return parsec_failure(ctl, error);
	if (ctl->args.json) {
		json_open(&json, NULL, '{');
		json_number(&json, "wire_protocol_version_maj", major);
		json_number(&json, "wire_protocol_version_min", minor);
		json_close(&json, '}');
	} else {
		printf("the service answers, wire protocol version %u.%u\n", major, minor);
	}
	return EXIT_OK;
}

static void print_provider(const struct parsec_provider_info *info)
{
	printf("id %u", info->id);
	if (provider_name(info->id))
		printf(", %s", provider_name(info->id));
	printf("\n  description  ");
	print_text(info->description);
	printf("\n  vendor       ");
	print_text(info->vendor);
	printf("\n  version      %u.%u.%u\n  uuid         ", info->version[0], info->version[1],
	       info->version[2]);
	print_text(info->uuid);
	printf("\n");
}

static void json_version(struct json *json, const uint32_t version[3])
{
	char text[40];

	snprintf(text, sizeof(text), "%u.%u.%u", version[0], version[1], version[2]);
	json_string(json, "version", text);
}

static void json_provider(struct json *json, const struct parsec_provider_info *info)
{
	json_open(json, NULL, '{');
	json_number(json, "id", info->id);
	json_string(json, "uuid", info->uuid);
	json_string(json, "description", info->description);
	json_string(json, "vendor", info->vendor);
	json_version(json, info->version);
	json_close(json, '}');
}

int cmd_list_providers(struct ctl *ctl)
{
	struct parsec_provider_info *list;
	struct json json = { .to = stdout };
	int code, error;
	size_t count, i;

	code = ctl_open_device(ctl);
	if (code)
		return code;
	error = parsec_list_providers(ctl->parsec, &list, &count);
	if (error)
		return parsec_failure(ctl, error);
	if (ctl->args.json)
		json_open(&json, NULL, '[');
	for (i = 0; i < count; i++) {
		if (ctl->args.json)
			json_provider(&json, &list[i]);
		else
			print_provider(&list[i]);
	}
	if (ctl->args.json)
		json_close(&json, ']');
	parsec_free_providers(list);
	return EXIT_OK;
}

static void print_opcodes(const uint32_t *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const char *name = parsec_opcode_name(list[i]);

		printf("%2u  0x%02x  %s\n", list[i], list[i], name ? name : "unknown");
	}
}

static void json_opcodes(uint8_t provider, const uint32_t *list, size_t count)
{
	struct json json = { .to = stdout };
	size_t i;

	json_open(&json, NULL, '{');
	json_number(&json, "provider", provider);
	json_open(&json, "opcodes", '[');
	for (i = 0; i < count; i++) {
		const char *name = parsec_opcode_name(list[i]);

		json_open(&json, NULL, '{');
		json_number(&json, "opcode", list[i]);
		if (name)
			json_string(&json, "name", name);
		json_close(&json, '}');
	}
	json_close(&json, ']');
	json_close(&json, '}');
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

int cmd_list_opcodes(struct ctl *ctl)
{
	uint32_t *list;
	size_t count;
	int code, error;

	code = ctl_open(ctl, true);
	if (code)
		return code;
	error = parsec_list_opcodes(ctl->parsec, ctl->provider, &list, &count);
	if (error)
		return parsec_failure(ctl, error);
	qsort(list, count, sizeof(*list), by_number);
	if (ctl->args.json)
		json_opcodes(ctl->provider, list, count);
	else
		print_opcodes(list, count);
	parsec_free_opcodes(list);
	return EXIT_OK;
}

static void json_authenticators(const struct parsec_authenticator_info *list, size_t count)
{
	struct json json = { .to = stdout };
	size_t i;

	json_open(&json, NULL, '[');
	for (i = 0; i < count; i++) {
		json_open(&json, NULL, '{');
		json_number(&json, "id", list[i].id);
		json_string(&json, "description", list[i].description);
		json_version(&json, list[i].version);
		json_close(&json, '}');
	}
	json_close(&json, ']');
}

int cmd_list_authenticators(struct ctl *ctl)
{
	struct parsec_authenticator_info *list;
	int code, error;
	size_t count, i;

	code = ctl_open_device(ctl);
	if (code)
		return code;
	error = parsec_list_authenticators(ctl->parsec, &list, &count);
	if (error)
		return parsec_failure(ctl, error);
	if (ctl->args.json)
		json_authenticators(list, count);
	for (i = 0; i < count && !ctl->args.json; i++) {
		printf("id %u\n  description  ", list[i].id);
		print_text(list[i].description);
		printf("\n  version      %u.%u.%u\n", list[i].version[0], list[i].version[1],
		       list[i].version[2]);
	}
	parsec_free_authenticators(list);
	return EXIT_OK;
}
