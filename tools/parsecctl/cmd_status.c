// SPDX-License-Identifier: Apache-2.0
/*
 * What parsecctl prints without a command: each step on the way to a working service,
 * and at the first one that does not work, what to do.
 */
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "parsecctl.h"

/**
 * struct status - what was found out, as far as it went
 * @module:	the module is loaded
 * @opened:	the device could be opened
 * @info:	of the device
 * @providers:	list, NULL when the service did not answer
 * @provider_count: their number
 * @me:		who the caller is, NULL when the service did not say
 * @keys:	the caller's keys, -1 when that is not known
 * @error:	of the first step that failed, as libparsec gives it
 */
struct status {
	bool module;
	bool opened;
	struct parsec_device_info info;
	struct parsec_provider_info *providers;
	size_t provider_count;
	struct parsec_explanation *me;
	int64_t keys;
	int error;
};

static void find_out(struct ctl *ctl, struct status *status)
{
	struct parsec_key_info *keys;
	size_t count;

	status->keys = -1;
	status->module = !access("/sys/module/parsec", F_OK);
	status->error = parsec_open_device(ctl_device(ctl), &ctl->parsec);
	if (status->error)
		return;
	status->opened = true;
	parsec_set_timeout(ctl->parsec, (unsigned int)ctl->args.timeout_ms);
	status->error = parsec_device_info(ctl->parsec, &status->info);
	if (status->error)
		return;
	status->error = parsec_who_am_i(ctl->parsec, &status->me);
	/* One that is older than this question is not broken */
	if (status->error && status->error != PARSEC_OPCODE_DOES_NOT_EXIST)
		return;
	/* A service whose hosts all come up now is there all the same */
	status->info.helper = true;
	status->error = parsec_list_providers(ctl->parsec, &status->providers,
					      &status->provider_count);
	if (status->error)
		return;
	status->error = parsec_list_keys(ctl->parsec, &keys, &count);
	if (status->error)
		return;
	status->keys = (int64_t)count;
	parsec_free_keys(keys);
}

static void print_application(const char *name)
{
	printf("your keys are those of application ");
	print_name(stdout, name, strlen(name));
	printf("\n");
}

static void print_caller(const struct status *status)
{
	const struct passwd *user = getpwuid(geteuid());

	printf("you         ");
	if (user) {
		print_escaped(stdout, user->pw_name, strlen(user->pw_name), "");
		printf(", ");
	}
	printf("uid %u; ", geteuid());
	if (!status->me)
		printf("the service says who that is\n");
	else if (status->me->decision.denied)
		printf("the service denies you everything\n");
	else if (!*status->me->decision.application)
		printf("the service has no name for you\n");
	else
		print_application(status->me->decision.application);
}

static void print_providers(const struct status *status)
{
	size_t i;

	for (i = 0; i < status->provider_count; i++) {
		const struct parsec_provider_info *info = &status->providers[i];

		printf("%-10s  %u, ", i ? "" : "providers", info->id);
		print_escaped(stdout, info->description, strlen(info->description), "");
		printf("%s\n", i || !info->id ? "" : " (default)");
	}
}

static void print_status(const struct ctl *ctl, const struct status *status)
{
	printf("module      %s\n", status->module ? "loaded" : "not loaded");
	printf("device      ");
	print_escaped(stdout, ctl_device(ctl), strlen(ctl_device(ctl)), "");
	if (status->opened && status->info.abi)
		printf(", interface %u, requests up to %u bytes\n", status->info.abi,
		       status->info.max_request);
	else
		printf("%s\n", status->opened ? "" : ", cannot be opened");
	if (status->opened)
		printf("service     %s\n", status->info.helper ? "connected" : "not connected");
	print_caller(status);
	print_providers(status);
	if (status->keys >= 0)
		printf("keys        %lld\n", (long long)status->keys);
}

static void json_status_providers(struct json *json, const struct status *status)
{
	size_t i;

	json_open(json, "providers", '[');
	for (i = 0; i < status->provider_count; i++) {
		json_open(json, NULL, '{');
		json_number(json, "id", status->providers[i].id);
		json_string(json, "uuid", status->providers[i].uuid);
		json_string(json, "description", status->providers[i].description);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void json_status(const struct ctl *ctl, const struct status *status)
{
	struct json json = { .to = stdout };

	json_open(&json, NULL, '{');
	json_bool(&json, "module", status->module);
	json_string(&json, "device", ctl_device(ctl));
	json_bool(&json, "opened", status->opened);
	json_bool(&json, "service", status->info.helper);
	if (status->info.abi) {
		json_number(&json, "abi", status->info.abi);
		json_number(&json, "max_request", status->info.max_request);
		json_number(&json, "max_response", status->info.max_response);
	}
	json_number(&json, "uid", geteuid());
	if (status->me)
		json_string(&json, "application", status->me->decision.application);
	json_status_providers(&json, status);
	if (status->keys >= 0)
		json_number(&json, "keys", (uint64_t)status->keys);
	json_bool(&json, "works", !status->error);
	if (status->error) {
		json_string(&json, "error", parsec_strerror(status->error));
		if (failure_advice(ctl, status->error))
			json_string(&json, "advice", failure_advice(ctl, status->error));
	}
	json_close(&json, '}');
}

int cmd_status(struct ctl *ctl)
{
	struct status status = {};
	bool json = ctl->args.json;
	int code = EXIT_OK;

	find_out(ctl, &status);
	if (json)
		json_status(ctl, &status);
	else
		print_status(ctl, &status);
	if (status.error) {
		/* The document above is the JSON; only the line is to follow */
		fflush(stdout);
		ctl->args.json = false;
		code = parsec_failure(ctl, status.error);
	}
	parsec_free_providers(status.providers);
	parsec_free_explanation(status.me);
	return code;
}
