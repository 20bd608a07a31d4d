// SPDX-License-Identifier: Apache-2.0
/*
 * Matching rules. The table says what a condition looks at; whether a rule has it, holds
 * it, and what there is to say about it all go over the table.
 */
#include "helper/rule.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "common/device.h"

/* At the end of a pattern: this cgroup and all below it */
#define BELOW	"/**"

static bool in_ranges(const struct config_ranges *ranges, uint32_t id)
{
	for (size_t i = 0; id != PARSEC_ID_UNKNOWN && i < ranges->count; i++)
		if (id >= ranges->items[i].first && id <= ranges->items[i].last)
			return true;
	return false;
}

static bool has_uid(const struct rule *rule)
{
	return rule->uid.count || rule->user.count;
}

static bool uid_holds(const struct rule *rule, const struct parsec_facts *facts)
{
	return in_ranges(&rule->uid, facts->uid);
}

static void tell_uid(const struct parsec_facts *facts, FILE *out)
{
	fprintf(out, "%u", facts->uid);
}

static bool has_gid(const struct rule *rule)
{
	return rule->gid.count;
}

static bool gid_holds(const struct rule *rule, const struct parsec_facts *facts)
{
	return in_ranges(&rule->gid, facts->gid);
}

static void tell_gid(const struct parsec_facts *facts, FILE *out)
{
	fprintf(out, "%u", facts->gid);
}

/* Patterns: systemd has backslashes in names of cgroups, which stand for themselves */
static bool cgroup_matches(const char *pattern, const char *path)
{
	size_t len = strlen(pattern), below = strlen(BELOW);
	char start[CONFIG_LINE_MAX + 1];

	if (len < below || strcmp(pattern + len - below, BELOW))
		return !fnmatch(pattern, path, FNM_NOESCAPE | FNM_PATHNAME);
	memcpy(start, pattern, len - below);
	start[len - below] = '\0';
	return !fnmatch(start, path, FNM_NOESCAPE | FNM_PATHNAME | FNM_LEADING_DIR);
}

static bool has_cgroup(const struct rule *rule)
{
	return rule->cgroup.count;
}

static bool cgroup_holds(const struct rule *rule, const struct parsec_facts *facts)
{
	for (size_t i = 0; facts->cgroup_path && i < rule->cgroup.count; i++)
		if (cgroup_matches(rule->cgroup.items[i], facts->cgroup_path))
			return true;
	return false;
}

static void tell_cgroup(const struct parsec_facts *facts, FILE *out)
{
	fputs(facts->cgroup_path ?: "not known", out);
}

static bool has_userns(const struct rule *rule)
{
	return rule->userns != CONFIG_ANY;
}

static bool userns_holds(const struct rule *rule, const struct parsec_facts *facts)
{
	return facts->init_userns == (rule->userns == CONFIG_YES);
}

static void tell_userns(const struct parsec_facts *facts, FILE *out)
{
	fputs(facts->init_userns ? "initial" : "other", out);
}

static bool has_owner(const struct rule *rule)
{
	return rule->userns_owner.count;
}

static bool owner_holds(const struct rule *rule, const struct parsec_facts *facts)
{
	return in_ranges(&rule->userns_owner, facts->userns_owner);
}

static void tell_owner(const struct parsec_facts *facts, FILE *out)
{
	if (facts->userns_owner == PARSEC_ID_UNKNOWN)
		fputs("not known", out);
	else
		fprintf(out, "%u", facts->userns_owner);
}

static bool has_container(const struct rule *rule)
{
	return rule->container != CONFIG_ANY;
}

static bool container_holds(const struct rule *rule, const struct parsec_facts *facts)
{
	return facts->init_pidns == (rule->container == CONFIG_NO);
}

static void tell_container(const struct parsec_facts *facts, FILE *out)
{
	fputs(facts->init_pidns ? "no" : "yes", out);
}

static bool has_lsm(const struct rule *rule)
{
	return rule->lsm.count;
}

static bool lsm_holds(const struct rule *rule, const struct parsec_facts *facts)
{
	for (size_t i = 0; facts->lsm && i < rule->lsm.count; i++)
		if (!fnmatch(rule->lsm.items[i], facts->lsm, FNM_NOESCAPE))
			return true;
	return false;
}

static void tell_lsm(const struct parsec_facts *facts, FILE *out)
{
	fputs(facts->lsm ?: "not known", out);
}

/* What the paths were when the configuration was read: a path can be made up */
static bool has_exe(const struct rule *rule)
{
	return rule->exe.count || rule->exe_id.count;
}

static bool exe_holds(const struct rule *rule, const struct parsec_facts *facts)
{
	for (size_t i = 0; facts->exe_ino && i < rule->exe_id.count; i++)
		if (rule->exe_id.items[i].dev == facts->exe_dev &&
		    rule->exe_id.items[i].ino == facts->exe_ino)
			return true;
	return false;
}

static void tell_exe(const struct parsec_facts *facts, FILE *out)
{
	if (!facts->exe_ino) {
		fputs("not known", out);
		return;
	}
	fprintf(out, "%u:%u:%llu", device_major(facts->exe_dev),
		device_minor(facts->exe_dev), (unsigned long long)facts->exe_ino);
	if (facts->exe)
		fprintf(out, " (%s)", facts->exe);
}

/**
 * struct condition - something that a rule can look at
 * @name:	key in the configuration
 * @of_account:	it is the same for all that share the kernel's limits
 * @is_set:	does the rule look at it?
 * @holds:	is it as the rule wants it?
 * @tell:	what there is
 */
static const struct condition {
	const char *name;
	bool of_account;
	bool (*is_set)(const struct rule *rule);
	bool (*holds)(const struct rule *rule, const struct parsec_facts *facts);
	void (*tell)(const struct parsec_facts *facts, FILE *out);
} conditions[] = {
	{ "uid", true, has_uid, uid_holds, tell_uid },
	{ "gid", false, has_gid, gid_holds, tell_gid },
	{ "cgroup", true, has_cgroup, cgroup_holds, tell_cgroup },
	{ "userns", true, has_userns, userns_holds, tell_userns },
	{ "userns_owner", true, has_owner, owner_holds, tell_owner },
	{ "container", false, has_container, container_holds, tell_container },
	{ "lsm", false, has_lsm, lsm_holds, tell_lsm },
	{ "exe", false, has_exe, exe_holds, tell_exe },
};

#define CONDITIONS	(sizeof(conditions) / sizeof(*conditions))

static const struct condition *find_broken(const struct rule *rule,
					   const struct parsec_facts *facts)
{
	for (size_t i = 0; i < CONDITIONS; i++)
		if (conditions[i].is_set(rule) && !conditions[i].holds(rule, facts))
			return &conditions[i];
	return NULL;
}

bool rule_matches(const struct rule *rule, const struct parsec_facts *facts)
{
	return !find_broken(rule, facts);
}

const struct rule *rule_find(const struct config *config, const struct parsec_facts *facts)
{
	for (size_t i = 0; i < config->rule_count; i++)
		if (rule_matches(&config->rules[i], facts))
			return &config->rules[i];
	return NULL;
}

/* May the rule match a process of the account that these facts are of? */
static bool may_match(const struct rule *rule, const struct parsec_facts *facts)
{
	for (size_t i = 0; i < CONDITIONS; i++)
		if (conditions[i].of_account && conditions[i].is_set(rule) &&
		    !conditions[i].holds(rule, facts))
			return false;
	return true;
}

/* And if it may, does it match all of them? */
static bool tells_none_apart(const struct rule *rule)
{
	for (size_t i = 0; i < CONDITIONS; i++)
		if (!conditions[i].of_account && conditions[i].is_set(rule))
			return false;
	return true;
}

static void lower(uint32_t *limit, uint32_t other)
{
	if (other && (!*limit || other < *limit))
		*limit = other;
}

struct parsec_limits rule_limits(const struct config *config, const struct parsec_facts *facts)
{
	struct parsec_limits limits = { 0 };

	for (size_t i = 0; i < config->rule_count; i++) {
		const struct rule *rule = &config->rules[i];

		if (!may_match(rule, facts))
			continue;
		lower(&limits.max_waiting, rule->limits.max_waiting);
		lower(&limits.max_running, rule->limits.max_running);
		lower(&limits.max_open, rule->limits.max_open);
		if (tells_none_apart(rule))
			break;
	}
	return limits;
}

bool rule_explain(const struct rule *rule, const struct parsec_facts *facts,
		  char text[RULE_TEXT_MAX])
{
	const struct condition *broken = find_broken(rule, facts);
	const char *comma = "";
	FILE *out;

	text[0] = '\0';
	/* Its last byte is kept for the NUL */
	text[RULE_TEXT_MAX - 1] = '\0';
	out = fmemopen(text, RULE_TEXT_MAX - 1, "w");
	if (!out)
		return !broken;
	if (broken) {
		fprintf(out, "%s is ", broken->name);
		broken->tell(facts, out);
	}
	for (size_t i = 0; !broken && i < CONDITIONS; i++) {
		if (!conditions[i].is_set(rule))
			continue;
		fprintf(out, "%s%s", comma, conditions[i].name);
		comma = ", ";
	}
	if (!broken && !*comma)
		fputs("no condition", out);
	fclose(out);
	return !broken;
}

static bool has_bit(const uint32_t *words, unsigned int bit)
{
	return words[bit / 32] & UINT32_C(1) << bit % 32;
}

bool rule_provider(const struct rule *rule, uint8_t id)
{
	return !rule->providers.count || has_bit(rule->provider_ids, id);
}

bool rule_operation(const struct rule *rule, uint8_t opcode)
{
	return !rule->operations.count ||
	       (opcode < CONFIG_OPCODES && has_bit(rule->opcodes, opcode));
}
