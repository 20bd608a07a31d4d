// SPDX-License-Identifier: Apache-2.0
/*
 * Who is asking: from the kernel's facts to an application name.
 */
#include "helper/identity.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/contract/operations.h"

/* A cgroup path, a colon, a user id */
#define NAME_SIZE	(PATH_MAX + sizeof(":4294967295"))

static bool is_admin(const struct config *config, const char *app)
{
	size_t i;

	for (i = 0; i < config->admins.count; i++)
		if (!strcmp(config->admins.items[i], app))
			return true;
	return false;
}

static enum identity_origin find_origin(const struct parsec_facts *facts)
{
	if (facts->uid == PARSEC_ID_UNKNOWN)
		return ORIGIN_NONE;
	if (facts->init_pidns)
		return ORIGIN_USER;
	/* Its users are its own, unless it was given the root of this machine */
	if (!facts->init_userns && facts->uid)
		return ORIGIN_USER_NAMESPACE;
	if (facts->cgroup_path && facts->cgroup_path[0] == '/')
		return ORIGIN_CGROUP;
	return ORIGIN_NONE;
}

/*
 * A path that is not UTF-8, which no request could name: all but ASCII, and what makes
 * an escape, as escapes. The second slash at its start is in no other path.
 * Return: false when there is no room
 */
static bool escape_path(const char *path, char *text, size_t size)
{
	size_t len = 0;

	text[len++] = '/';
	for (; *path; path++) {
		uint8_t byte = (uint8_t)*path;

		if (size - len < sizeof("\\xff"))
			return false;
		if (byte >= 0x80 || byte == '\\')
			len += (size_t)snprintf(text + len, size - len, "\\x%02x", byte);
		else
			text[len++] = *path;
	}
	text[len] = '\0';
	return true;
}

/* Return: bytes of the name, 0 when the facts give none */
static size_t make_name(const struct parsec_facts *facts, enum identity_origin origin,
			char name[static NAME_SIZE])
{
	const char *path = facts->cgroup_path;
	char escaped[NAME_SIZE];
	int len;

	if (origin == ORIGIN_NONE)
		return 0;
	if (origin == ORIGIN_CGROUP) {
		if (!text_is_utf8((struct parsec_span){ (const uint8_t *)path, strlen(path) })) {
			if (!escape_path(path, escaped, sizeof(escaped)))
				return 0;
			path = escaped;
		}
		len = snprintf(name, NAME_SIZE, "%s:%u", path, facts->uid);
	} else {
		len = snprintf(name, NAME_SIZE, "%u", facts->uid);
	}
	return len > 0 && (size_t)len < NAME_SIZE ? (size_t)len : 0;
}

struct identity *identity_from_facts(const struct parsec_facts *facts, struct config *config)
{
	const struct rule *rule = rule_find(config, facts);
	enum identity_origin origin = find_origin(facts);
	char room[NAME_SIZE];
	const char *name = room;
	struct identity *identity;
	size_t len;

	if (rule && rule->application) {
		name = rule->application;
		len = strlen(name);
		origin = ORIGIN_RULE;
	} else {
		len = make_name(facts, origin, room);
	}
	identity = identity_new(AUTH_UNIX_PEER_CREDENTIALS,
				(struct parsec_span){ (const uint8_t *)name, len });
	if (!identity)
		return NULL;
	identity->origin = len ? origin : ORIGIN_NONE;
	if (len && rule && rule->admin != CONFIG_ANY)
		identity->admin = rule->admin == CONFIG_YES;
	else
		identity->admin = len && is_admin(config, (const char *)identity->app);
	identity->limits = rule_limits(config, facts);
	if (rule) {
		identity->rule = rule;
		identity->config = config_get(config);
	}
	return identity;
}

const char *identity_why(const struct identity *identity)
{
	static const char *const words[] = {
		[ORIGIN_NONE] = "a container with neither users nor a cgroup of its own",
		[ORIGIN_GIVEN] = "somebody else established it",
		[ORIGIN_USER] = "a process of this machine is its user id",
		[ORIGIN_USER_NAMESPACE] =
			"a container with its own user namespace is its user id on this machine",
		[ORIGIN_CGROUP] = "a container whose users are this machine's is its cgroup and user id",
		[ORIGIN_RULE] = "a rule says so",
	};

	return words[identity->origin];
}

struct identity *identity_new(uint32_t auth_id, struct parsec_span app)
{
	struct identity *identity = malloc(sizeof(*identity) + app.len + 1);

	if (!identity)
		return NULL;
	*identity = (struct identity){ .refs = 1, .auth_id = auth_id,
				       .origin = ORIGIN_GIVEN, .app_len = app.len };
	if (app.len)
		memcpy(identity->app, app.data, app.len);
	identity->app[app.len] = '\0';
	return identity;
}

struct identity *identity_get(struct identity *identity)
{
	__atomic_add_fetch(&identity->refs, 1, __ATOMIC_RELAXED);
	return identity;
}

void identity_put(struct identity *identity)
{
	if (!identity || __atomic_sub_fetch(&identity->refs, 1, __ATOMIC_ACQ_REL))
		return;
	config_free(identity->config);
	stats_app_put(identity->stats);
	free(identity);
}
