// SPDX-License-Identifier: Apache-2.0
/*
 * Who a process is to the service: whoami, explain.
 */
#include <string.h>

#include "parsecctl.h"

/* The kernel's packing of a device's number, new_encode_dev() */
#define DEV_MAJOR(dev)	((unsigned int)((dev) >> 8 & 0xfff))
#define DEV_MINOR(dev)	((unsigned int)(((dev) & 0xff) | ((dev) >> 12 & 0xfff00)))

static void print_bytes(const char *label, const char *text)
{
	if (!text)
		return;
	printf("%-16s  ", label);
	print_escaped(stdout, text, strlen(text), "");
	printf("\n");
}

static void print_id(const char *label, uint32_t id)
{
	if (id == PARSEC_ID_UNKNOWN)
		printf("%-16s  none\n", label);
	else
		printf("%-16s  %u\n", label, id);
}

static void print_user_namespace(const struct parsec_facts *facts)
{
	printf("%-16s  %llu, ", "user namespace", (unsigned long long)facts->userns);
	if (facts->init_userns)
		printf("the initial one\n");
	else if (facts->userns_owner == PARSEC_ID_UNKNOWN)
		printf("level %u\n", facts->userns_level);
	else
		printf("level %u, owned by %u\n", facts->userns_level, facts->userns_owner);
}

static void print_facts(const struct parsec_facts *facts)
{
	print_id("uid", facts->uid);
	print_id("gid", facts->gid);
	print_id("login uid", facts->loginuid);
	if (facts->pid)
		printf("%-16s  %u\n", "pid", facts->pid);
	print_user_namespace(facts);
	printf("%-16s  %llu%s\n", "pid namespace", (unsigned long long)facts->pidns,
	       facts->init_pidns ? ", the initial one" : "");
	print_bytes("cgroup", facts->cgroup_path);
	print_bytes("label", facts->lsm);
	print_bytes("executable", facts->exe);
	if (facts->exe_ino)
		printf("%-16s  %u:%u:%llu\n", "  its inode", DEV_MAJOR(facts->exe_dev),
		       DEV_MINOR(facts->exe_dev), (unsigned long long)facts->exe_ino);
}

static void print_list(const char *label, bool some, const uint32_t *list, size_t count,
		       const char *(*name)(uint32_t number))
{
	printf("%-16s  ", label);
	for (size_t i = 0; some && i < count; i++) {
		const char *text = name(list[i]);

		printf("%s", i ? ", " : "");
		if (text)
			printf("%s", text);
		else
			printf("%u", list[i]);
	}
	printf("%s\n", !some ? "all" : count ? "" : "none");
}

static void print_limit(const char *label, uint32_t limit)
{
	if (limit)
		printf("%-16s  %u\n", label, limit);
}

static void print_decision(const struct parsec_decision *decision)
{
	printf("%-16s  ", "application");
	if (*decision->application)
		print_name(stdout, decision->application, strlen(decision->application));
	else
		printf("none");
	printf("\n");
	if (*decision->rule)
		print_bytes("rule", decision->rule);
	print_bytes("because", decision->why);
	printf("%-16s  %s\n", "administrator", decision->admin ? "yes" : "no");
	if (decision->denied) {
		printf("%-16s  everything\n", "denied");
		return;
	}
	print_list("providers", decision->some_providers, decision->providers,
		   decision->provider_count, provider_name);
	print_list("operations", decision->some_operations, decision->operations,
		   decision->operation_count, parsec_opcode_name);
	print_limit("waiting at most", decision->limits.max_waiting);
	print_limit("running at most", decision->limits.max_running);
	print_limit("open at most", decision->limits.max_open);
}

static void json_id(struct json *json, const char *name, uint32_t id)
{
	if (id != PARSEC_ID_UNKNOWN)
		json_number(json, name, id);
}

static void json_facts(struct json *json, const struct parsec_facts *facts)
{
	json_open(json, "facts", '{');
	json_id(json, "uid", facts->uid);
	json_id(json, "gid", facts->gid);
	json_id(json, "loginuid", facts->loginuid);
	if (facts->pid)
		json_number(json, "pid", facts->pid);
	if (facts->start_time)
		json_number(json, "start_time", facts->start_time);
	json_number(json, "userns", facts->userns);
	json_bool(json, "init_userns", facts->init_userns);
	json_id(json, "userns_owner", facts->userns_owner);
	json_number(json, "userns_level", facts->userns_level);
	json_number(json, "pidns", facts->pidns);
	json_bool(json, "init_pidns", facts->init_pidns);
	if (facts->cgroup)
		json_number(json, "cgroup", facts->cgroup);
	if (facts->cgroup_path)
		json_string(json, "cgroup_path", facts->cgroup_path);
	if (facts->lsm)
		json_string(json, "lsm", facts->lsm);
	if (facts->exe)
		json_string(json, "exe", facts->exe);
	if (facts->exe_ino) {
		json_number(json, "exe_major", DEV_MAJOR(facts->exe_dev));
		json_number(json, "exe_minor", DEV_MINOR(facts->exe_dev));
		json_number(json, "exe_ino", facts->exe_ino);
	}
	json_close(json, '}');
}

static void json_decision(struct json *json, const struct parsec_decision *decision)
{
	const struct parsec_limits *limits = &decision->limits;

	json_string(json, "application", decision->application);
	if (*decision->rule)
		json_string(json, "rule", decision->rule);
	json_string(json, "why", decision->why);
	json_bool(json, "admin", decision->admin);
	json_bool(json, "denied", decision->denied);
	if (decision->some_providers) {
		json_open(json, "providers", '[');
		for (size_t i = 0; i < decision->provider_count; i++)
			json_number(json, NULL, decision->providers[i]);
		json_close(json, ']');
	}
	if (decision->some_operations) {
		json_open(json, "operations", '[');
		for (size_t i = 0; i < decision->operation_count; i++)
			json_number(json, NULL, decision->operations[i]);
		json_close(json, ']');
	}
	if (limits->max_waiting)
		json_number(json, "max_waiting", limits->max_waiting);
	if (limits->max_running)
		json_number(json, "max_running", limits->max_running);
	if (limits->max_open)
		json_number(json, "max_open", limits->max_open);
}

int cmd_whoami(struct ctl *ctl)
{
	struct parsec_explanation *me;
	struct json json = { .to = stdout };
	int code, error;

	code = ctl_open_device(ctl);
	if (code)
		return code;
	error = parsec_who_am_i(ctl->parsec, &me);
	if (error)
		return parsec_failure(ctl, error);
	if (ctl->args.json) {
		json_open(&json, NULL, '{');
		json_decision(&json, &me->decision);
		json_facts(&json, &me->facts);
		json_close(&json, '}');
	} else {
		print_decision(&me->decision);
		printf("\n");
		print_facts(&me->facts);
	}
	parsec_free_explanation(me);
	return EXIT_OK;
}

static void print_verdicts(const struct parsec_explanation *explanation)
{
	for (size_t i = 0; i < explanation->verdict_count; i++) {
		const struct parsec_verdict *verdict = &explanation->verdicts[i];

		printf("rule %s %s: ", verdict->rule, verdict->matches ? "matches" : "does not match");
		print_escaped(stdout, verdict->reason, strlen(verdict->reason), "");
		printf("\n");
	}
	if (explanation->verdict_count)
		printf("\n");
}

static void json_verdicts(struct json *json, const struct parsec_explanation *explanation)
{
	json_open(json, "rules", '[');
	for (size_t i = 0; i < explanation->verdict_count; i++) {
		json_open(json, NULL, '{');
		json_string(json, "rule", explanation->verdicts[i].rule);
		json_bool(json, "matches", explanation->verdicts[i].matches);
		json_string(json, "reason", explanation->verdicts[i].reason);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static int explain(struct ctl *ctl, const struct parsec_facts *facts)
{
	struct parsec_explanation *explanation;
	struct json json = { .to = stdout };
	int error = parsec_explain(ctl->parsec, facts, &explanation);

	if (error)
		return parsec_failure(ctl, error);
	if (ctl->args.json) {
		json_open(&json, NULL, '{');
		json_decision(&json, &explanation->decision);
		json_verdicts(&json, explanation);
		json_facts(&json, &explanation->facts);
		json_close(&json, '}');
	} else {
		print_verdicts(explanation);
		print_decision(&explanation->decision);
		printf("\n");
		print_facts(&explanation->facts);
	}
	parsec_free_explanation(explanation);
	return EXIT_OK;
}

int cmd_explain(struct ctl *ctl)
{
	struct process process;
	int code = process_facts(ctl, (uint32_t)ctl->args.pid, &process);

	if (code)
		return code;
	code = ctl_open_device(ctl);
	if (!code)
		code = explain(ctl, &process.facts);
	process_free(&process);
	return code;
}
