// SPDX-License-Identifier: Apache-2.0
/*
 * Messages of the operations that are this service's own: who a caller is, and why.
 */
#include "helper/contract/service.h"

#include <string.h>

#include "helper/contract/explain.pb-c.h"
#include "helper/contract/operations.h"
#include "helper/contract/who_am_i.pb-c.h"

enum parsec_status codec_get_bytes(const ProtobufCBinaryData *bytes, struct arena *arena,
				   const char **text)
{
	char *copy;

	*text = NULL;
	if (!bytes->len)
		return PARSEC_SUCCESS;
	if (memchr(bytes->data, 0, bytes->len))
		return PARSEC_DESERIALIZING_BODY_FAILED;
	copy = arena_alloc(arena, bytes->len + 1);
	if (!copy)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	memcpy(copy, bytes->data, bytes->len);
	copy[bytes->len] = '\0';
	*text = copy;
	return PARSEC_SUCCESS;
}

enum parsec_status codec_get_facts(const Service__Facts *msg, struct arena *arena,
				   struct parsec_facts *facts)
{
	enum parsec_status status;

	if (!msg)
		return PARSEC_INVALID_ENCODING;
	*facts = (struct parsec_facts){
		.uid = msg->uid,
		.gid = msg->gid,
		.init_userns = msg->init_userns,
		.init_pidns = msg->init_pidns,
		.pid = msg->pid,
		.loginuid = msg->loginuid,
		.userns = msg->userns,
		.userns_owner = msg->userns_owner,
		.userns_level = msg->userns_level,
		.pidns = msg->pidns,
		.start_time = msg->start_time,
		.cgroup = msg->cgroup,
		.exe_dev = msg->exe_dev,
		.exe_ino = msg->exe_ino,
	};
	status = codec_get_bytes(&msg->cgroup_path, arena, &facts->cgroup_path);
	if (!status)
		status = codec_get_bytes(&msg->lsm, arena, &facts->lsm);
	if (!status)
		status = codec_get_bytes(&msg->exe, arena, &facts->exe);
	return status;
}

void codec_put_facts(const struct parsec_facts *facts, Service__Facts *msg)
{
	service__facts__init(msg);
	msg->uid = facts->uid;
	msg->gid = facts->gid;
	msg->init_userns = facts->init_userns;
	msg->init_pidns = facts->init_pidns;
	msg->pid = facts->pid;
	msg->loginuid = facts->loginuid;
	msg->userns = facts->userns;
	msg->userns_owner = facts->userns_owner;
	msg->userns_level = facts->userns_level;
	msg->pidns = facts->pidns;
	msg->start_time = facts->start_time;
	msg->cgroup = facts->cgroup;
	msg->exe_dev = facts->exe_dev;
	msg->exe_ino = facts->exe_ino;
	msg->cgroup_path = codec_put_text(facts->cgroup_path);
	msg->lsm = codec_put_text(facts->lsm);
	msg->exe = codec_put_text(facts->exe);
}

static enum parsec_status get_decision(const Service__Decision *msg, struct arena *arena,
				       struct parsec_decision *decision)
{
	enum parsec_status status;

	if (!msg)
		return PARSEC_INVALID_ENCODING;
	*decision = (struct parsec_decision){
		.admin = msg->admin,
		.denied = msg->denied,
		.some_providers = msg->some_providers,
		.some_operations = msg->some_operations,
		.providers = msg->providers,
		.provider_count = msg->n_providers,
		.operations = msg->operations,
		.operation_count = msg->n_operations,
	};
	if (msg->limits)
		decision->limits = (struct parsec_limits){
			msg->limits->max_waiting, msg->limits->max_running,
			msg->limits->max_open,
		};
	/* It may be made of a path */
	status = codec_get_bytes(&msg->application, arena, &decision->application);
	if (!status && !decision->application)
		decision->application = "";
	if (!status)
		status = codec_get_text(&msg->rule, arena, &decision->rule);
	if (!status)
		status = codec_get_text(&msg->why, arena, &decision->why);
	return status;
}

struct decision_message {
	Service__Decision top;
	Service__Limits limits;
};

static void put_decision(const struct parsec_decision *decision, struct decision_message *msg)
{
	const struct parsec_limits *limits = &decision->limits;

	service__decision__init(&msg->top);
	service__limits__init(&msg->limits);
	msg->top.application = codec_put_text(decision->application);
	msg->top.rule = codec_put_text(decision->rule);
	msg->top.why = codec_put_text(decision->why);
	msg->top.admin = decision->admin;
	msg->top.denied = decision->denied;
	msg->top.some_providers = decision->some_providers;
	msg->top.some_operations = decision->some_operations;
	msg->top.n_providers = decision->provider_count;
	msg->top.providers = (uint32_t *)(uintptr_t)decision->providers;
	msg->top.n_operations = decision->operation_count;
	msg->top.operations = (uint32_t *)(uintptr_t)decision->operations;
	msg->limits.max_waiting = limits->max_waiting;
	msg->limits.max_running = limits->max_running;
	msg->limits.max_open = limits->max_open;
	if (limits->max_waiting || limits->max_running || limits->max_open)
		msg->top.limits = &msg->limits;
}

static enum parsec_status who_am_i_get(const ProtobufCMessage *msg,
				       struct contract_result *result, struct arena *arena)
{
	const WhoAmI__Result *from = (const WhoAmI__Result *)msg;
	enum parsec_status status = codec_get_facts(from->facts, arena, &result->facts);

	return status ?: get_decision(from->decision, arena, &result->decision);
}

static enum parsec_status who_am_i_put(const struct contract_result *result,
				       struct parsec_out *out)
{
	WhoAmI__Result msg = WHO_AM_I__RESULT__INIT;
	struct decision_message decision;
	Service__Facts facts;

	codec_put_facts(&result->facts, &facts);
	put_decision(&result->decision, &decision);
	msg.facts = &facts;
	msg.decision = &decision.top;
	return codec_pack(&msg.base, out);
}

static enum parsec_status explain_get(const ProtobufCMessage *msg,
				      struct contract_result *result, struct arena *arena)
{
	const Explain__Result *from = (const Explain__Result *)msg;
	struct parsec_verdict *list;
	enum parsec_status status;

	list = arena_alloc(arena, from->n_verdicts * sizeof(*list));
	if (!list)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	status = get_decision(from->decision, arena, &result->decision);
	for (size_t i = 0; !status && i < from->n_verdicts; i++) {
		list[i].matches = from->verdicts[i]->matches;
		status = codec_get_text(&from->verdicts[i]->rule, arena, &list[i].rule);
		/* It may have a path in it */
		if (!status)
			status = codec_get_bytes(&from->verdicts[i]->reason, arena,
						 &list[i].reason);
		if (!status && !list[i].reason)
			list[i].reason = "";
	}
	result->verdicts = list;
	result->count = from->n_verdicts;
	return status;
}

/* The list entry by entry, as in lists.c */
static enum parsec_status explain_put(const struct contract_result *result,
				      struct parsec_out *out)
{
	Explain__Result msg = EXPLAIN__RESULT__INIT;
	struct decision_message decision;
	enum parsec_status status;

	put_decision(&result->decision, &decision);
	msg.decision = &decision.top;
	status = codec_pack(&msg.base, out);
	for (size_t i = 0; i < result->count; i++) {
		Explain__Verdict verdict = EXPLAIN__VERDICT__INIT;
		Explain__Result entry = EXPLAIN__RESULT__INIT;

		verdict.rule = codec_put_text(result->verdicts[i].rule);
		verdict.matches = result->verdicts[i].matches;
		verdict.reason = codec_put_text(result->verdicts[i].reason);
		entry.n_verdicts = 1;
		entry.verdicts = (Explain__Verdict *[]) { &verdict };
		status = codec_pack(&entry.base, out);
	}
	return status;
}

const struct codec_list codec_who_am_i = { who_am_i_get, who_am_i_put };
const struct codec_list codec_explain = { explain_get, explain_put };
