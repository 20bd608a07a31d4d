/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is asking: from the facts that the kernel took when the device was opened to
 * the application name that keys belong to.
 */
#ifndef PARSEC_IDENTITY_H
#define PARSEC_IDENTITY_H

#include <parsec/identity.h>

#include "helper/rule.h"
#include "helper/stats.h"

/* The authenticator that vouches for names made here (contract, section 5) */
#define AUTH_UNIX_PEER_CREDENTIALS	3

/** enum identity_origin - where an application's name comes from */
enum identity_origin {
	ORIGIN_NONE,		/* there is no name */
	ORIGIN_GIVEN,		/* somebody else established it */
	ORIGIN_USER,		/* a process of this machine: its user */
	ORIGIN_USER_NAMESPACE,	/* a container with users of its own: its user */
	ORIGIN_CGROUP,		/* another container: its cgroup and user */
	ORIGIN_RULE,		/* a rule of the configuration */
};

/**
 * struct identity - an application; never changes, shared by counting
 * @refs:	how many hold it
 * @auth_id:	who vouches for the name
 * @admin:	may use admin operations
 * @origin:	where the name comes from
 * @rule:	the rule that matched, or NULL
 * @config:	where @rule is; a reference
 * @limits:	of all that the kernel counts with it, by rules
 * @stats:	where its requests are counted, NULL = nowhere; a reference
 * @app_len:	bytes of @app, 0 = nobody: has no keys
 * @app:	its name, and a NUL
 */
struct identity {
	unsigned int refs;
	uint32_t auth_id;
	bool admin;
	enum identity_origin origin;
	const struct rule *rule;
	struct config *config;
	struct parsec_limits limits;
	struct stats_app *stats;
	size_t app_len;
	uint8_t app[];
};

/**
 * identity_from_facts() - name an application
 * @facts:	the kernel's
 * @config:	has the rules, and says who is an administrator
 *
 * The first rule that matches gives the name, if it has one. Otherwise a process of the
 * host is its user id in decimal. So is a container with its own user namespace: its ids
 * are not those of anybody on the host. A container without one, or with one in which
 * the host's root is mapped, is its cgroup path, a colon and the user id, so that its root
 * is never the host's; the path starts with a slash, so the two forms never meet, and
 * names of rules meet neither. All names are UTF-8: of a path that is not, the name has
 * escapes, and a second slash at its start, as the name of no other path has.
 *
 * Facts that do not tell (a container that has neither users nor a cgroup of its own)
 * give an identity without a name.
 *
 * Return: NULL without memory.
 */
struct identity *identity_from_facts(const struct parsec_facts *facts,
				     struct config *config);

/** identity_why() - where the name comes from, in words */
const char *identity_why(const struct identity *identity);

/** identity_new() - an identity that somebody else established, not an admin */
struct identity *identity_new(uint32_t auth_id, struct parsec_span app);

struct identity *identity_get(struct identity *identity);

/** identity_put() - NULL is fine */
void identity_put(struct identity *identity);

#endif /* PARSEC_IDENTITY_H */
