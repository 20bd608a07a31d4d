// SPDX-License-Identifier: Apache-2.0
/*
 * Is this installation in order? Each point is looked at, whatever the others gave.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"

/* The level of the kernel's interface that this program knows */
#define ABI	1

#define SERVICE_LOG	"look at \"journalctl -u parsecd\""

void doctor_say(struct doctor *doctor, enum finding finding, const char *what,
		const char *advice, const char *format, ...)
{
	static const char *const words[] = { "ok", "PROBLEM", "unknown", "" };
	static const char *const names[] = { "ok", "problem", "unknown", "detail" };
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (finding == FOUND_PROBLEM)
		doctor->problems++;
	else
		advice = NULL;
	if (doctor->ctl->args.json) {
		json_open(&doctor->json, NULL, '{');
		json_string(&doctor->json, "check", what);
		json_string(&doctor->json, "result", names[finding]);
		json_string(&doctor->json, "found", text ?: "");
		if (advice)
			json_string(&doctor->json, "advice", advice);
		json_close(&doctor->json, '}');
	} else {
		printf("%-7s  %-13s  ", words[finding], what);
		print_escaped(stdout, text ?: "", text ? strlen(text) : 0, "");
		printf("%s%s\n", advice ? "; " : "", advice ?: "");
	}
	free(text);
}

/* Return: false when there is nobody to ask */
static bool check_service(struct doctor *doctor)
{
	struct ctl *ctl = doctor->ctl;
	struct parsec_device_info info;
	uint32_t major, minor;
	int error;

	error = parsec_open_device(ctl_device(ctl), &ctl->parsec);
	if (error) {
		doctor_say(doctor, FOUND_PROBLEM, "interface", failure_advice(ctl, error),
			   "the device cannot be opened: %s", parsec_strerror(error));
		return false;
	}
	parsec_set_timeout(ctl->parsec, (unsigned int)ctl->args.timeout_ms);
	error = parsec_device_info(ctl->parsec, &info);
	if (error || info.abi != ABI) {
		doctor_say(doctor, FOUND_PROBLEM, "interface", "update module and parsecctl",
			   "%s", error ? parsec_strerror(error) : "of another level");
		return false;
	}
	doctor_say(doctor, FOUND_OK, "interface", NULL, "%u, requests up to %u bytes", info.abi,
		   info.max_request);
	/* One whose hosts are on their way up answers in a moment */
	error = parsec_ping(ctl->parsec, &major, &minor);
	if (error)
		doctor_say(doctor, FOUND_PROBLEM, "service", failure_advice(ctl, error),
			   "core does not answer: %s", parsec_strerror(error));
	else
		doctor_say(doctor, FOUND_OK, "service", NULL, "core answers");
	return !error;
}

static void check_identity(struct doctor *doctor)
{
	struct parsec_explanation *me;
	int error = parsec_who_am_i(doctor->ctl->parsec, &me);

	if (error) {
		doctor_say(doctor, FOUND_PROBLEM, "identity", failure_advice(doctor->ctl, error),
			   "%s", parsec_strerror(error));
		return;
	}
	if (me->decision.denied || !*me->decision.application)
		doctor_say(doctor, FOUND_PROBLEM, "identity",
			   "see \"parsecctl whoami\" and parsecd.conf(5)", "%s",
			   me->decision.denied ? "you may not use the service" :
			   "the service has no name for you, so you have no keys");
	else
		doctor_say(doctor, FOUND_OK, "identity", NULL, "application %s%s",
			   me->decision.application,
			   me->decision.admin ? ", administrator" : "");
	parsec_free_explanation(me);
}

static bool is_listed(const struct parsec_provider_info *list, size_t count, uint8_t id)
{
	while (count--)
		if (list[count].id == id)
			return true;
	return false;
}

static void check_provider(struct doctor *doctor, const struct parsec_provider_info *info)
{
	struct parsec *parsec = doctor->ctl->parsec;
	const char *step = "answer";
	char what[32];
	uint8_t byte;
	int error;

	snprintf(what, sizeof(what), "provider %u", info->id);
	parsec_use_provider(parsec, info->id);
	/* A refusal is an answer, too */
	error = parsec_psa_generate_random(parsec, &byte, 1);
	if (error == PARSEC_PSA_ERROR_NOT_SUPPORTED || error == PARSEC_PSA_ERROR_NOT_PERMITTED)
		error = 0;
	if (!error && doctor->ctl->args.try)
		error = doctor_try(parsec, &step);
	if (error)
		doctor_say(doctor, FOUND_PROBLEM, what, SERVICE_LOG, "%s: cannot %s: %s",
			   info->description, step, parsec_strerror(error));
	else if (!step)
		doctor_say(doctor, FOUND_UNKNOWN, what, NULL,
			   "%s: answers; not tried, as it makes no key of a kind that is tried",
			   info->description);
	else
		doctor_say(doctor, FOUND_OK, what, NULL, "%s: %s", info->description,
			   doctor->ctl->args.try ? "makes, uses and removes keys" : "answers");
}

static void check_providers(struct doctor *doctor)
{
	struct parsec_provider_info *list;
	char what[32];
	size_t count, i;
	int error = parsec_list_providers(doctor->ctl->parsec, &list, &count);

	if (error) {
		doctor_say(doctor, FOUND_PROBLEM, "providers", SERVICE_LOG, "%s",
			   parsec_strerror(error));
		return;
	}
	for (i = 0; i < count; i++)
		if (list[i].id)
			check_provider(doctor, &list[i]);
	for (i = 0; i < doctor->host_count; i++) {
		if (is_listed(list, count, doctor->hosts[i].id))
			continue;
		snprintf(what, sizeof(what), "provider %u", doctor->hosts[i].id);
		if (doctor->hosts[i].may_be_absent)
			doctor_say(doctor, FOUND_UNKNOWN, what, NULL,
				   "is not there, as skip_if_no_tpm allows");
		else
			doctor_say(doctor, FOUND_PROBLEM, what, SERVICE_LOG,
				   "is configured and not there");
	}
	parsec_free_providers(list);
}

int cmd_doctor(struct ctl *ctl)
{
	struct doctor doctor = { .ctl = ctl, .json = { .to = stdout } };

	/* To hang is a problem, too */
	if (!ctl->args.timeout_ms)
		ctl->args.timeout_ms = 60000;
	if (ctl->args.json)
		json_open(&doctor.json, NULL, '[');
	doctor_module(&doctor);
	doctor_configuration(&doctor);
	if (check_service(&doctor)) {
		check_identity(&doctor);
		check_providers(&doctor);
		doctor_counts(&doctor);
		doctor_keys(&doctor);
	}
	doctor_state(&doctor);
	doctor_audit(&doctor);
	doctor_hosts(&doctor);
	doctor_kernel_log(&doctor);
	if (ctl->args.json)
		json_close(&doctor.json, ']');
	return doctor.problems ? EXIT_REFUSED : EXIT_OK;
}
