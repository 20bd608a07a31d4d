// SPDX-License-Identifier: Apache-2.0
/*
 * Who is asking: from the kernel's facts to an application name.
 */
#include "helper/identity.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A cgroup path, a colon, a user id */
#define NAME_SIZE	(PATH_MAX + sizeof(":4294967295"))

/* No user has this id: what the kernel says for "unknown" */
#define UID_INVALID	UINT32_MAX

static bool is_admin(const struct config *config, const char *app)
{
	size_t i;

	for (i = 0; i < config->admins.count; i++)
		if (!strcmp(config->admins.items[i], app))
			return true;
	return false;
}

/* Return: bytes of the name, 0 when the facts give none */
static size_t make_name(const struct identity_facts *facts, char *name, size_t size)
{
	int len;

	if (facts->uid == UID_INVALID)
		return 0;
	if (facts->init_pidns || !facts->init_userns)
		len = snprintf(name, size, "%u", facts->uid);
	else if (facts->cgroup && facts->cgroup[0] == '/')
		len = snprintf(name, size, "%s:%u", facts->cgroup, facts->uid);
	else
		return 0;
	return len > 0 && (size_t)len < size ? (size_t)len : 0;
}

struct identity *identity_from_facts(const struct identity_facts *facts,
				     const struct config *config)
{
	char name[NAME_SIZE];
	size_t len = make_name(facts, name, sizeof(name));
	struct identity *identity;

	if (!len)
		return NULL;
	identity = identity_new(AUTH_UNIX_PEER_CREDENTIALS,
				(struct parsec_span){ (const uint8_t *)name, len });
	if (identity)
		identity->admin = is_admin(config, name);
	return identity;
}

struct identity *identity_new(uint32_t auth_id, struct parsec_span app)
{
	struct identity *identity = malloc(sizeof(*identity) + app.len);

	if (!identity)
		return NULL;
	*identity = (struct identity){ .refs = 1, .auth_id = auth_id,
				       .app_len = app.len };
	memcpy(identity->app, app.data, app.len);
	return identity;
}

struct identity *identity_get(struct identity *identity)
{
	__atomic_add_fetch(&identity->refs, 1, __ATOMIC_RELAXED);
	return identity;
}

void identity_put(struct identity *identity)
{
	if (identity && !__atomic_sub_fetch(&identity->refs, 1, __ATOMIC_ACQ_REL))
		free(identity);
}
